/*
 * Copyright (C) ngx_consent_module authors
 *
 * The module's own consent cookie, the built-in source "own":
 *
 *   1.<issued>.<policy>.<id>.<categories>[.<kid>~<sig>]
 *
 *   issued      seconds since the epoch, decimal, no leading zero
 *   policy      number of consent_policy, likewise
 *   id          22 base64url characters
 *   categories  accepted ones joined by "+", or "-" for none
 *   kid         4 hex digits naming the key
 *   sig         22 base64url characters: consent_sign() over all that
 *               precedes the dot before kid
 */


#ifndef CONSENT_OWN_H
#define CONSENT_OWN_H


#include "consent_source.h"
#include "consent_sign.h"


#define CONSENT_OWN_MAX_LEN  4096
#define CONSENT_OWN_ID_LEN   22

/* clocks of several servers may differ by that much, in seconds */

#define CONSENT_OWN_SKEW     5


typedef struct {
    consent_str_t         name;     /* of the cookie */
    int64_t               max_age;  /* of a decision, seconds */
    const consent_key_t  *keys;     /* the first signs, all verify */
    unsigned              nkeys;    /* 0: unsigned cookies are accepted */
} consent_own_conf_t;


/* the parts of a value of the right form; views into it */

typedef struct {
    uint64_t              policy;
    int64_t               issued;
    consent_str_t         id;
    consent_str_t         categories;   /* joined by "+"; empty: none */
    consent_str_t         text;         /* what a signature covers */
    consent_str_t         kid;          /* empty: unsigned */
    consent_str_t         sig;
} consent_own_value_t;


/* the form alone; 0, or -1: not a value of this format */

int consent_own_parse(consent_own_value_t *v, consent_str_t text);

/*
 * 1 if v is signed by one of the keys, else 0.  Keys may share a kid: all
 * that have it are tried.
 */

int consent_own_verify(const consent_own_value_t *v,
    const consent_key_t *keys, unsigned nkeys);


/*
 * Reads the decision out of the values of all cookies of that name, in the
 * order in which they came (nvalues may be 0).  Several that are equal count
 * as one, several that differ as none.  Unknown categories are ignored, as
 * are "always" ones.  Never fails: whatever is wrong is CONSENT_DECISION_NONE
 * with the reason, and nothing else is set then.  With keys, a value without
 * a valid signature is no decision; without keys, a signature is not looked
 * at but must have the right form.
 *
 * The first thing that is wrong is the reason, in this order: absent,
 * duplicate, malformed, signature, future, expired, policy.  So nothing of a
 * value is believed before its signature holds.
 */

void consent_own_read(consent_decision_t *d, const consent_own_conf_t *conf,
    const consent_policy_t *policy, const consent_str_t *values,
    unsigned nvalues, int64_t now);

/*
 * Writes a cookie value for a choice, signed if there is a key.  id has
 * CONSENT_OWN_ID_LEN characters.  Returns the length, or 0 if it does not
 * fit into size or CONSENT_OWN_MAX_LEN, id has not that form or signing
 * failed.
 */

size_t consent_own_write(uint8_t *dst, size_t size,
    const consent_own_conf_t *conf, const consent_policy_t *policy,
    consent_mask_t accepted, consent_str_t id, int64_t now);


#endif /* CONSENT_OWN_H */
