/*
 * Copyright (C) ngx_consent_module authors
 *
 * URLs as browsers read them: the basic URL parser of the WHATWG URL
 * standard for special schemes, so far as it decides where a request goes.
 */


#ifndef CONSENT_URL_H
#define CONSENT_URL_H


#include "consent_str.h"


/*
 * A parsed URL.  All members point into the buffer given to
 * consent_url_parse().  User information and fragment are left out.
 */

typedef struct {
    consent_str_t  href;        /* scheme "://" host [":" port] path [query],
                                   serialised as the standard says */
    consent_str_t  scheme;      /* lower case, without ":" */
    consent_str_t  host;        /* lower case ASCII; IPv4 dotted decimal, IPv6
                                   in brackets; without one trailing dot */
    uint16_t       port;        /* 0: the default port of the scheme */
    consent_str_t  path;        /* path and query, begins with "/" */

    unsigned       truncated:1; /* path did not fit and was cut */
} consent_url_t;


#define CONSENT_URL_OK        0
#define CONSENT_URL_OPAQUE    1 /* data:, blob:, javascript:, about:, ...:
                                   nothing that is fetched over the network */
#define CONSENT_URL_INVALID  -1 /* a browser gives up and fetches nothing */

/* enough for every host; longer paths are cut */

#define CONSENT_URL_MIN_BUFFER  1024


/*
 * Parses input (bytes of an attribute, character references decoded already)
 * against base, which may be NULL only if input is absolute.  Leading and
 * trailing C0 controls and spaces, tabs and newlines anywhere, "\" as "/",
 * missing or extra slashes, user information, upper case, percent-encoded,
 * full-width and non-ASCII hosts (UTS 46), IPv4 in any base, IPv6, default
 * ports and dot segments are read as the standard says.
 *
 * buf is scratch memory of size >= CONSENT_URL_MIN_BUFFER; it must not be the
 * memory of base or input.
 */

int consent_url_parse(consent_url_t *url, const consent_url_t *base,
    consent_str_t input, uint8_t *buf, size_t size);


/*
 * The host of an absolute URL as most are written: "http://", "https://" or
 * "//", letters in lower case, digits, "-" and "." and then "/", "?" or "#".
 * For these it is the very host that consent_url_parse() finds.  0: it takes
 * that to tell.
 */

int consent_url_plain_host(consent_str_t url, consent_str_t *host);


#endif /* CONSENT_URL_H */
