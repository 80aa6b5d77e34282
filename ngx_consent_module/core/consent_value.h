/*
 * Copyright (C) ngx_consent_module authors
 *
 * New values for attributes of which only a part is denied.
 */


#ifndef CONSENT_VALUE_H
#define CONSENT_VALUE_H


#include "consent_judge.h"


/* a value being written, escaped for an attribute in double quotes */

typedef struct {
    uint8_t        *data;
    size_t          len;
    size_t          size;
    unsigned        full:1;     /* it did not fit and is of no use */
    unsigned        no_lt:1;    /* "<" must not stand in it either */
} consent_value_t;


void consent_value_add(consent_value_t *v, const uint8_t *p, size_t len);

/*
 * All take a value as it stands in the tag.  srcset: the candidates that may
 * be fetched; css: the denied URLs replaced by consent_value_nothing.
 */

void consent_value_srcset(consent_value_t *v, consent_judge_t *judge,
    consent_str_t value);
void consent_value_css(consent_value_t *v, consent_judge_t *judge,
    consent_str_t value);


/* a policy without the sources that are denied; returns how many were */

unsigned consent_value_policy(consent_value_t *v, consent_judge_t *judge,
    consent_str_t value);


/* a URL that fetches nothing, wherever one can stand in a style sheet */

extern const consent_str_t  consent_value_nothing;


#endif /* CONSENT_VALUE_H */
