/*
 * Copyright (C) ngx_consent_module authors
 *
 * The hosts that somebody looks for in texts, as little of them as it takes
 * to pass over nearly all others: of the last label and the one before it a
 * few bytes next to the dot between them.
 */


#ifndef CONSENT_MENTION_SET_H
#define CONSENT_MENTION_SET_H


#include "consent_filter.h"


typedef struct consent_mention_set_s  consent_mention_set_t;


/* for n hosts at most; NULL: no memory */

consent_mention_set_t *consent_mention_set_create(const consent_mem_t *mem,
    size_t n);

/* in lower case; one without a dot is not found in texts anyway */

void consent_mention_set_add(consent_mention_set_t *set, consent_str_t host);

/* each host there is */

void consent_mention_set_add_all(consent_mention_set_t *set);

/* after the last of them */

void consent_mention_set_ready(consent_mention_set_t *set);

/* what all dots before last labels fit */

const consent_filter_t *consent_mention_set_filter(
    const consent_mention_set_t *set);

/* 0: the dot is not that of one of the hosts; 1: it may be */

int consent_mention_set_has(const consent_mention_set_t *set,
    consent_str_t text, const uint8_t *dot);


#endif /* CONSENT_MENTION_SET_H */
