/*
 * Copyright (C) ngx_consent_module authors
 *
 * What a visitor's browser posts to the consent endpoint: a form
 * (application/x-www-form-urlencoded, WHATWG URL section 5.1) or JSON.
 *
 * Fields: choice (all, none, some, add, withdraw), accept (a category, any
 * number of times; an array in JSON), return (where to go), source (what was
 * used to choose) and token.  Others are ignored.
 */


#ifndef CONSENT_FORM_H
#define CONSENT_FORM_H


#include "consent_policy.h"


typedef enum {
    CONSENT_CHOICE_MISSING = 0,
    CONSENT_CHOICE_ALL,
    CONSENT_CHOICE_NONE,
    CONSENT_CHOICE_SOME,        /* those named by accept and no others */
    CONSENT_CHOICE_ADD,         /* those named by accept as well */
    CONSENT_CHOICE_WITHDRAW,    /* as if there had been no choice */
    CONSENT_CHOICE_UNKNOWN
} consent_choice_e;


/* text: views into the body, decoded; data is NULL where there is none */

typedef struct {
    consent_choice_e   choice;
    consent_mask_t     accept;      /* without "always" ones */
    consent_str_t      back;        /* the field "return" */
    consent_str_t      source;
    consent_str_t      token;

    unsigned           named:1;     /* there was an accept */
    unsigned           unknown:1;   /* a category that does not exist */
    unsigned           conflict:1;  /* choices that differ */
} consent_form_t;


/*
 * Reads a body of len bytes, which is decoded in place.  0; -1: it is not of
 * that form (a "%" without two hex digits, a zero byte; not JSON, or another
 * type than the field has).  Then nothing of f may be used.
 */

int consent_form_read(consent_form_t *f, const consent_policy_t *policy,
    uint8_t *body, size_t len);
int consent_form_read_json(consent_form_t *f, const consent_policy_t *policy,
    uint8_t *body, size_t len);

/*
 * The first field of that name in a query or a form, decoded into dst of at
 * least text.len bytes.  0; -1: there is none, or it is malformed.
 */

int consent_form_field(consent_str_t *value, uint8_t *dst, consent_str_t text,
    consent_str_t name);


/* longer paths are not gone back to */

#define CONSENT_LOCAL_PATH_MAX  1024

/*
 * 1: a path, perhaps with a query, that leads to this site whatever page it
 * stands in: "/" and not "//", printable ASCII without "\", no longer than
 * CONSENT_LOCAL_PATH_MAX.
 */

int consent_form_is_local(consent_str_t path);


#endif /* CONSENT_FORM_H */
