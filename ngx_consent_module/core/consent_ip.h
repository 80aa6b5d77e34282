/*
 * Copyright (C) ngx_consent_module authors
 *
 * IP addresses in the host of a URL: the IPv4 and IPv6 parsers and
 * serialisers of the WHATWG URL standard.
 */


#ifndef CONSENT_IP_H
#define CONSENT_IP_H


#include "consent_str.h"


/* "255.255.255.255"; brackets and 8 groups of 4 digits with 7 colons */

#define CONSENT_IPV4_SIZE  15
#define CONSENT_IPV6_SIZE  41


/*
 * Whether the last label of a lower case ASCII host is a number, so that the
 * whole host can only be an IPv4 address.
 */

int consent_ipv4_is(consent_str_t host);

/*
 * Read host, write the canonical form to dst and return its length; 0 if
 * the address is malformed.  IPv6 is read without brackets and written with
 * them.  dst may be the memory of host.
 */

size_t consent_ipv4_parse(uint8_t dst[CONSENT_IPV4_SIZE], consent_str_t host);
size_t consent_ipv6_parse(uint8_t dst[CONSENT_IPV6_SIZE], consent_str_t host);


#endif /* CONSENT_IP_H */
