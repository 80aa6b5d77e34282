/*
 * Copyright (C) ngx_consent_module authors
 *
 * What is undone of the value of a cookie before it is parsed, in the order
 * in which a configuration names it.  "url" is tried only as long as the text
 * is not understood without it: how often a value is encoded differs from
 * site to site.
 */


#ifndef CONSENT_TRANSFORM_H
#define CONSENT_TRANSFORM_H


#include "consent_token.h"


#define CONSENT_TRANSFORMS_MAX  8

/* a value is percent-decoded that often at most */

#define CONSENT_TRANSFORM_URLS  2


typedef enum {
    CONSENT_TRANSFORM_URL = 0,  /* percent-encoding */
    CONSENT_TRANSFORM_PLUS,     /* "+" is a space */
    CONSENT_TRANSFORM_UNQUOTE,  /* one pair of double quotes around it */
    CONSENT_TRANSFORM_BASE64,
    CONSENT_TRANSFORM_STRIP,    /* a prefix that has to be there */
    CONSENT_TRANSFORM_UNTIL,    /* what precedes a text, or all */
    CONSENT_TRANSFORM_AFTER,    /* what follows a text that has to be there */
    CONSENT_TRANSFORM_LOWER     /* ASCII letters */
} consent_transform_e;


typedef struct {
    consent_transform_e   kind;
    consent_str_t         argument;
} consent_transform_t;


typedef struct {
    consent_transform_t   list[CONSENT_TRANSFORMS_MAX];
    unsigned              n;
    unsigned              url;          /* its place, or n */
    unsigned              has_url:1;
    unsigned              plus:1;
    unsigned              lower:1;
} consent_transforms_t;


/*
 * Appends the words of a configuration, which are kept as views.  NULL, or
 * what is wrong with words[*at].
 */

const char *consent_transforms_add(consent_transforms_t *t,
    const consent_str_t *words, unsigned n, unsigned *at);


/*
 * Those from ... to - 1 of the list, without "url"; with "values", "plus" is
 * left to consent_transform_value().  1; 0: one of them cannot be undone; -1:
 * no memory left.
 */

int consent_transforms_run(const consent_transforms_t *t, unsigned from,
    unsigned to, unsigned values, consent_str_t *text,
    consent_scratch_t *scratch);

/* "plus", up to that many times "url", "lower"; 0, or -1: no memory left */

int consent_transform_value(const consent_transforms_t *t, unsigned urls,
    consent_str_t *value, consent_scratch_t *scratch);


int consent_transform_lower(consent_str_t *text, consent_scratch_t *scratch);

/* there is "%" with two hexadecimal digits */

int consent_transform_has_escape(consent_str_t text);

/* other "%" stay; 0, or -1: no memory left */

int consent_transform_url(consent_str_t *text, consent_scratch_t *scratch);

/* a string in another one; NULL: it is not there */

const uint8_t *consent_transform_find(consent_str_t text, consent_str_t what);

/* without one pair of double quotes, if there is one */

consent_str_t consent_transform_unquote(consent_str_t text);

/* without spaces and tabs at its ends */

consent_str_t consent_transform_trim(consent_str_t text);


#endif /* CONSENT_TRANSFORM_H */
