/*
 * Copyright (C) ngx_consent_module authors
 *
 * The candidates of a srcset or imagesrcset (HTML standard, "parse a srcset
 * attribute").
 */


#ifndef CONSENT_SRCSET_H
#define CONSENT_SRCSET_H


#include "consent_str.h"


typedef struct {
    consent_str_t   url;
    consent_str_t   candidate;      /* the URL and its descriptors as they are
                                       written, without white space and commas
                                       around them */
} consent_srcset_t;


/*
 * Takes the next candidate from rest, which is the value with character
 * references decoded.  Returns 1, or 0 if there are no more.  Candidates that
 * browsers drop because of their descriptors are returned as well: not all
 * browsers know the same ones.
 */

int consent_srcset_next(consent_srcset_t *c, consent_str_t *rest);


#endif /* CONSENT_SRCSET_H */
