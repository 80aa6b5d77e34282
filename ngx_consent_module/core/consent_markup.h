/*
 * Copyright (C) ngx_consent_module authors
 *
 * How a blocked tag is written: the attributes that make it inert, name its
 * category and keep what it was, so that a script of the site can bring it
 * back to life.
 */


#ifndef CONSENT_MARKUP_H
#define CONSENT_MARKUP_H


#include "consent_element.h"
#include "consent_policy.h"


/* texts that outlive every request; each begins with a space */

typedef struct {
    consent_str_t           script;     /* type="text/plain" and category */
    consent_str_t           stub;       /* the same, and an empty src */
    consent_str_t           other;      /* category */
} consent_markup_category_t;


typedef struct {
    consent_str_t              prefix;  /* of attributes that are renamed */
    consent_markup_category_t  categories[CONSENT_MAX_CATEGORIES];
} consent_markup_t;


/* NULL: out of memory */

consent_markup_t *consent_markup_create(const consent_mem_t *mem,
    const consent_policy_t *policy);


/*
 * Put in front of a script's text this makes it a syntax error, so that none
 * of it runs, whether it lands in code, a comment, a string, a template or a
 * regular expression.
 */

extern const consent_str_t  consent_markup_spoiler;


#endif /* CONSENT_MARKUP_H */
