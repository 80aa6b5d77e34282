/*
 * Copyright (C) ngx_consent_module authors
 *
 * What a consent source says: the decision of one consent cookie.  Each way
 * to read a cookie (consent_own.h) fills the same structure.
 */


#ifndef CONSENT_SOURCE_H
#define CONSENT_SOURCE_H


#include "consent_policy.h"


typedef enum {
    CONSENT_DECISION_NONE = 0,  /* the source has no decision */
    CONSENT_DECISION_IMPLIED,
    CONSENT_DECISION_EXPLICIT
} consent_decision_e;


/* why a source has no decision; for the log, see consent_reason_text() */

typedef enum {
    CONSENT_REASON_OK = 0,
    CONSENT_REASON_ABSENT,
    CONSENT_REASON_MALFORMED,
    CONSENT_REASON_DUPLICATE,   /* several cookies that differ */
    CONSENT_REASON_SIGNATURE,   /* unsigned, unknown key or wrong signature */
    CONSENT_REASON_POLICY,      /* given for another policy version */
    CONSENT_REASON_EXPIRED,
    CONSENT_REASON_FUTURE,      /* issued in the future */
    CONSENT_REASON_SHAPE,       /* of something else with that name */
    CONSENT_REASON_LIMIT,       /* too long, too deep, too many parts */
    CONSENT_REASON_RESET,       /* the visitor is to be asked again */
    CONSENT_REASON_UNDECIDED    /* written before any choice */
} consent_reason_e;


typedef struct {
    consent_decision_e  kind;
    consent_reason_e    reason;
    consent_mask_t      accepted;   /* 0 unless kind is set */
    uint64_t            policy;     /* version the decision was given for */
    int64_t             issued;     /* seconds since the epoch, 0: unknown */
    consent_str_t       id;         /* view into the cookie; may be empty */
} consent_decision_t;


const char *consent_reason_text(consent_reason_e reason);


#endif /* CONSENT_SOURCE_H */
