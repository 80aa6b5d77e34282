/*
 * Copyright (C) ngx_consent_module authors
 *
 * What the operator declared: the categories and, through consent_match.h,
 * the rules that put cookies, resources and inline scripts into them.
 * Built once while the configuration is read, constant afterwards.
 */


#ifndef CONSENT_POLICY_H
#define CONSENT_POLICY_H


#include "consent_str.h"


#define CONSENT_MAX_CATEGORIES  64

/* an index into categories[], or nothing at all */

#define CONSENT_UNCLASSIFIED    (-1)


/* bit i stands for categories[i] */

typedef uint64_t  consent_mask_t;

#define consent_bit(category)  ((consent_mask_t) 1 << (category))


typedef struct consent_match_s  consent_match_t;


typedef enum {
    CONSENT_ON_DENY_DROP = 0,
    CONSENT_ON_DENY_SESSION
} consent_on_deny_e;


typedef struct {
    consent_str_t       name;       /* [A-Za-z0-9_]+ */
    consent_str_t       title;      /* for visitors; may be empty */
    consent_str_t       about;

    consent_on_deny_e   on_deny;    /* what becomes of a denied Set-Cookie */
    int64_t             max_age;    /* cap in seconds, -1: none */

    unsigned            always:1;   /* cannot be refused */
} consent_category_t;


typedef struct {
    uint64_t            version;    /* consent_policy */

    unsigned            ncategories;
    consent_category_t  categories[CONSENT_MAX_CATEGORIES];

    consent_mask_t      declared;   /* bits of all categories */
    consent_mask_t      always;     /* bits of those with always */

    consent_match_t    *match;
} consent_policy_t;


/* the index of a category, or CONSENT_UNCLASSIFIED; names are exact */

int consent_policy_category(const consent_policy_t *policy,
    consent_str_t name);


/* of several the one that was declared first, or CONSENT_UNCLASSIFIED */

static inline int
consent_mask_first(consent_mask_t mask)
{
    return mask ? __builtin_ctzll(mask) : CONSENT_UNCLASSIFIED;
}


#endif /* CONSENT_POLICY_H */
