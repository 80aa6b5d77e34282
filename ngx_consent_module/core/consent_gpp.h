/*
 * Copyright (C) ngx_consent_module authors
 *
 * The string of the IAB's Global Privacy Platform: a header that lists the
 * sections, and the sections behind it.  Of those of the United States only
 * what says that somebody opted out is read.
 */


#ifndef CONSENT_GPP_H
#define CONSENT_GPP_H


#include "consent_str.h"


#define CONSENT_GPP_MAX_LEN   4096
#define CONSENT_GPP_SECTIONS  64


/* of a field of two bits, by the section in which it says most */

typedef enum {
    CONSENT_GPP_MISSING = 0,        /* no section has it */
    CONSENT_GPP_NOT_APPLICABLE,
    CONSENT_GPP_NOT_OPTED_OUT,
    CONSENT_GPP_OPTED_OUT
} consent_gpp_e;


typedef struct {
    unsigned        ids[CONSENT_GPP_SECTIONS];
    unsigned        n;

    consent_str_t   tcf;            /* section 2; empty: there is none */
    consent_str_t   usp;            /* section 6 */

    /* of sections 7 to 27 */

    consent_gpp_e   sale;
    consent_gpp_e   sharing;
    consent_gpp_e   targeted;
    unsigned        gpc:1;
    unsigned        has_gpc:1;
} consent_gpp_t;


/* views into text; 0, or -1: it is no such string */

int consent_gpp_parse(consent_gpp_t *gpp, consent_str_t text);


#endif /* CONSENT_GPP_H */
