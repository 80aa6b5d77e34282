/*
 * Copyright (C) ngx_consent_module authors
 *
 * The TC string of the IAB's Transparency and Consent Framework, versions 2.0
 * to 2.3: bits are read where they stand in the base64url text, and nothing
 * is read that nobody asks for.  What stands in front of the vendors is
 * readable even if the rest is damaged, as it is in real cookies.
 */


#ifndef CONSENT_TCF_H
#define CONSENT_TCF_H


#include "consent_str.h"


#define CONSENT_TCF_MAX_LEN  4096


typedef enum {
    CONSENT_TCF_NONE = 0,
    CONSENT_TCF_PURPOSE,        /* p1: consent to a purpose */
    CONSENT_TCF_PURPOSE_LI,     /* li1: legitimate interest shown */
    CONSENT_TCF_FEATURE,        /* sf1: special feature */
    CONSENT_TCF_VENDOR,         /* v1: consent to a vendor */
    CONSENT_TCF_VENDOR_LI,      /* vli1 */
    CONSENT_TCF_DISCLOSED,      /* dv1: the vendor was shown at all */
    CONSENT_TCF_PUBLISHER,      /* pub.p1: consent to the publisher itself */
    CONSENT_TCF_PUBLISHER_LI,   /* pub.li1 */
    CONSENT_TCF_SEGMENT,        /* seg1: there is a segment of this type */
    CONSENT_TCF_POLICY,         /* numbers, without an id */
    CONSENT_TCF_CREATED,        /* seconds since the epoch */
    CONSENT_TCF_UPDATED,
    CONSENT_TCF_CMP,
    CONSENT_TCF_VENDOR_LIST
} consent_tcf_e;


typedef struct {
    consent_tcf_e   kind;
    unsigned        id;
} consent_tcf_field_t;


/* 0; -1: not a TC string of version 2 of which the purposes can be read */

int consent_tcf_check(consent_str_t text);

/* the last steps of a path, such as "p1" or "pub.li2"; 1, 0: no field */

int consent_tcf_field(consent_tcf_field_t *field, consent_str_t name);

/*
 * One field of a text that passed consent_tcf_check().  1: *value is set, to
 * 0 or 1 if it is a bit; 0: the string does not have it, or is damaged there.
 */

int consent_tcf_get(consent_str_t text, const consent_tcf_field_t *field,
    uint64_t *value);


/* base64 of both alphabets: the value of a digit, or 64 */

extern const uint8_t  consent_base64_values[256];

/*
 * Bits in a base64 text, the first one highest; n is at most 36.  1, or 0:
 * the text ends before, or has another character.
 */

int consent_base64_bits(consent_str_t text, size_t offset, unsigned n,
    uint64_t *bits);


#endif /* CONSENT_TCF_H */
