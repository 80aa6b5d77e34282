/*
 * Copyright (C) ngx_consent_module authors
 *
 * What a script does with the text at hand, as far as its tokens tell: is it
 * in a comment, is it in a literal of a script that does nothing but keep
 * data, is it only compared or listed.  Reads JavaScript in pieces; where it
 * cannot tell, it says that the text counts.
 */


#ifndef CONSENT_SCRIPT_H
#define CONSENT_SCRIPT_H


#include "consent_str.h"


/* brackets in brackets; what is deeper is code that nobody understands */

#define CONSENT_SCRIPT_DEPTH      64
#define CONSENT_SCRIPT_TEMPLATES  8
#define CONSENT_SCRIPT_WORD       12


typedef struct {
    uint8_t    state;
    uint8_t    quote;           /* of a string */
    uint8_t    escape;          /* a backslash stands before */
    uint8_t    html;            /* how much of "<!--" was read */
    uint8_t    last;            /* the byte before, in code */

    uint8_t    before;          /* what the token before was */
    uint8_t    word[CONSENT_SCRIPT_WORD];
    uint8_t    word_len;        /* longer ones are of no interest */

    /* brackets that are open, the innermost in the lowest bit */

    uint8_t    depth;
    uint8_t    literals;        /* of them, those around data */
    uint64_t   square;          /* "[" */
    uint64_t   round;           /* "(" */
    uint64_t   literal;

    /* depths at which "}" is back in a template */

    uint8_t    templates;
    uint8_t    template[CONSENT_SCRIPT_TEMPLATES];

    unsigned   json:1;          /* the word before was JSON */
    unsigned   sink:1;          /* ... a member that fetches what it is set */
    unsigned   code:1;          /* it does more than keep data */
    unsigned   unsure:1;        /* what is a comment is not known any more */
} consent_script_t;


void consent_script_init(consent_script_t *s);

/* what comes is code, and what of it is a comment is not known */

void consent_script_give_up(consent_script_t *s);

/* reads what follows */

void consent_script_feed(consent_script_t *s, const uint8_t *p,
    const uint8_t *end);

/* the same, but no further than it is known to be code; returns how far */

const uint8_t *consent_script_feed_data(consent_script_t *s, const uint8_t *p,
    const uint8_t *end);

/* 1: what follows is in a comment */

int consent_script_in_comment(const consent_script_t *s);

/* 1: what follows is in an object or an array, or in JSON that is parsed */

int consent_script_in_literal(const consent_script_t *s);

/*
 * For a string that is nothing but the name of a host, from its quote to its
 * quote within text, s having read up to the first one.  1: it is compared,
 * a name of a property or an element of a list.
 */

int consent_script_only_names(const consent_script_t *s, consent_str_t text,
    const uint8_t *from, const uint8_t *to);


#endif /* CONSENT_SCRIPT_H */
