/*
 * Copyright (C) ngx_consent_module authors
 *
 * Takes what is denied out of a Content-Security-Policy (CSP Level 3).
 *
 * A source goes if all that it allows is denied: a host, a wildcard of whose
 * subdomains none may be fetched, a path.  Keywords, nonces, hashes, schemes
 * and "*" stay, and so does every directive: without one, default-src or
 * nothing would take its place.  A list that becomes empty gets 'none'.  Thus
 * the new policy never allows what the old one did not.
 */


#ifndef CONSENT_CSP_H
#define CONSENT_CSP_H


#include "consent_judge.h"


/* how long the new policies may be: "img-src a;" becomes "img-src 'none';" */

#define CONSENT_CSP_ROOM(len)  ((len) + (len) / 2 + 8)


/*
 * Writes policies, separated by commas as in a header, to dst, which has
 * CONSENT_CSP_ROOM(policies.len) bytes, and returns their length.  *removed
 * is how many sources were taken out; if none was, the bytes are the same.
 */

size_t consent_csp_narrow(uint8_t *dst, consent_judge_t *judge,
    consent_str_t policies, unsigned *removed);


#endif /* CONSENT_CSP_H */
