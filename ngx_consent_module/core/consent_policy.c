/*
 * Copyright (C) ngx_consent_module authors
 *
 * Categories by name.
 */


#include "consent_policy.h"


int
consent_policy_category(const consent_policy_t *policy, consent_str_t name)
{
    unsigned  i;

    for (i = 0; i < policy->ncategories; i++) {
        if (consent_str_eq(policy->categories[i].name, name)) {
            return (int) i;
        }
    }

    return CONSENT_UNCLASSIFIED;
}
