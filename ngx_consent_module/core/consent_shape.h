/*
 * Copyright (C) ngx_consent_module authors
 *
 * What a text has to look like to be that of a source: a regular expression
 * (PCRE2), for cookie names that unrelated software uses as well.
 */


#ifndef CONSENT_SHAPE_H
#define CONSENT_SHAPE_H


#include "consent_str.h"


typedef struct consent_shape_s  consent_shape_t;


/*
 * pattern has to outlive the shape.  NULL: error (of that size) says what is
 * wrong, and is NUL-terminated.
 */

consent_shape_t *consent_shape_create(const consent_mem_t *mem,
    consent_str_t pattern, char *error, size_t size);

/* what PCRE2 has allocated */

void consent_shape_destroy(consent_shape_t *shape);

/* a limit that is exceeded is no match; one thread at a time */

int consent_shape_match(const consent_shape_t *shape, consent_str_t text);


#endif /* CONSENT_SHAPE_H */
