/*
 * Copyright (C) ngx_consent_module authors
 *
 * Where something that nobody has classified may belong, by what the rules
 * say of its relatives.  A guess to be shown to people: nothing is ever
 * blocked by it.
 */


#ifndef CONSENT_GUESS_H
#define CONSENT_GUESS_H


#include "consent_match.h"
#include "consent_site.h"


typedef struct {
    int            category;    /* or CONSENT_UNCLASSIFIED */
    consent_str_t  by;          /* the pattern of a rule; empty: what the
                                   cookie looks like */
} consent_guess_t;


/*
 * What rules say of this very cookie or host, with the most specific pattern,
 * or with the name itself for want of one; of hosts only what holds for all
 * paths.  The policy is that of a catalogue: its rules judge nothing.
 */

consent_guess_t consent_guess_known_cookie(const consent_policy_t *policy,
    consent_str_t name);
consent_guess_t consent_guess_known_host(const consent_policy_t *policy,
    consent_str_t host);


/* of a cookie; flags as in consent_cookie.h */

consent_guess_t consent_guess_cookie(const consent_policy_t *policy,
    consent_str_t name, uint32_t flags);

/* of a third-party host; a rule for another host of its domain */

consent_guess_t consent_guess_host(const consent_policy_t *policy,
    const consent_site_t *site, consent_str_t host);


#endif /* CONSENT_GUESS_H */
