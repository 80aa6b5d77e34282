/*
 * Copyright (C) ngx_consent_module authors
 *
 * The host parser of the WHATWG URL standard for special schemes: what
 * stands between "//" and the port, as the name that is looked up.
 */


#ifndef CONSENT_HOST_H
#define CONSENT_HOST_H


#include "consent_str.h"


/* twice what DNS allows */

#define CONSENT_HOST_SIZE  512


/*
 * Writes the host that raw means to dst and returns its length; 0 if a
 * browser would give up on it or it does not fit.  The result is lower case
 * ASCII, an IPv4 address in dotted decimal, or an IPv6 address in brackets.
 * A dot at the end of a name is kept.  TAB, LF and CR are passed over.
 *
 * Names that only strict rules forbid (hyphens in odd places, wrong or
 * unknown Punycode, characters newer than libidn2) are let through: a host
 * that is never fetched does no harm, one that is missed does.
 */

size_t consent_host_parse(uint8_t dst[CONSENT_HOST_SIZE], consent_str_t raw);


/* 1: host is the domain itself or in it; both as in consent_url_t */

static inline int
consent_host_is_in(consent_str_t host, consent_str_t domain)
{
    size_t  rest;

    if (host.len < domain.len) {
        return 0;
    }

    rest = host.len - domain.len;

    return memcmp(host.data + rest, domain.data, domain.len) == 0
           && (rest == 0 || host.data[rest - 1] == '.');
}


#endif /* CONSENT_HOST_H */
