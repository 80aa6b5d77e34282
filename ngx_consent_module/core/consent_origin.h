/*
 * Copyright (C) ngx_consent_module authors
 *
 * Did a page of this site send the request?  By Sec-Fetch-Site (Fetch
 * Metadata), else by Origin (RFC 6454), else by Referer.
 */


#ifndef CONSENT_ORIGIN_H
#define CONSENT_ORIGIN_H


#include "consent_str.h"


typedef enum {
    CONSENT_ORIGIN_SAME = 0,    /* or the visitor, without a page */
    CONSENT_ORIGIN_OTHER,
    CONSENT_ORIGIN_UNKNOWN      /* none of the headers is there */
} consent_origin_e;


/* values of headers; data is NULL where there is no such header */

typedef struct {
    consent_str_t      fetch_site;
    consent_str_t      origin;
    consent_str_t      referer;
    consent_str_t      host;
} consent_origin_t;


/*
 * The scheme of an origin is not compared: behind a balancer that terminates
 * TLS it is not known here.  Its port is, with the default one left out.
 */

consent_origin_e consent_origin_check(const consent_origin_t *o);

/*
 * The path and query of an absolute URL on that host, in buf of size >=
 * CONSENT_URL_MIN_BUFFER; len 0: it is on another host, or does not fit.
 */

consent_str_t consent_origin_path(consent_str_t url, consent_str_t host,
    uint8_t *buf, size_t size);


#endif /* CONSENT_ORIGIN_H */
