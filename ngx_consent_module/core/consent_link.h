/*
 * Copyright (C) ngx_consent_module authors
 *
 * The links of a Link header (RFC 8288, section 3 and appendix B).
 */


#ifndef CONSENT_LINK_H
#define CONSENT_LINK_H


#include "consent_str.h"


typedef struct {
    consent_str_t   text;           /* as it is written, without white space
                                       and commas around it */
    consent_str_t   target;         /* between "<" and ">" */
    consent_str_t   rel;            /* of the first rel; data NULL: none */
    consent_str_t   imagesrcset;    /* the same */

    unsigned        odd:1;          /* not as the standard has it, or such that
                                       not everybody reads it in the same way:
                                       nothing but text is set, and text goes
                                       to the end of the value */
} consent_link_t;


/* takes the next link from rest; 1, or 0 if there are no more */

int consent_link_next(consent_link_t *link, consent_str_t *rest);


#endif /* CONSENT_LINK_H */
