/*
 * Copyright (C) ngx_consent_module authors
 *
 * What a parser reads out of a consent cookie: tokens, each with a path such
 * as "purposes.enabled[ads]" and a value.  A token knows the last step of its
 * path and the token before it, so that no path is ever written out.
 */


#ifndef CONSENT_TOKEN_H
#define CONSENT_TOKEN_H


#include "consent_str.h"


/* of one source; more is no decision */

#define CONSENT_TOKENS_MAX     512

/* at least twice as many, a power of two */

#define CONSENT_TOKENS_PLACES  1024

/* arrays and objects in one another */

#define CONSENT_TOKENS_DEPTH   8


/*
 * Memory of the caller for the time of one reading: nothing is given back
 * before all of it is.
 */

typedef struct {
    uint8_t        *pos;
    uint8_t        *end;
} consent_scratch_t;


/* NULL: it is used up */

uint8_t *consent_scratch_alloc(consent_scratch_t *scratch, size_t size);

/* the same, aligned for any type */

void *consent_scratch_struct(consent_scratch_t *scratch, size_t size);


typedef enum {
    CONSENT_TOKEN_TEXT = 0,
    CONSENT_TOKEN_NUMBER,       /* of JSON, or a count of members */
    CONSENT_TOKEN_NULL,
    CONSENT_TOKEN_TCF           /* has tokens of its own, in its text */
} consent_token_e;


typedef struct {
    consent_str_t   name;       /* the last step of the path */
    consent_str_t   value;
    uint32_t        hash;       /* of the whole path */
    uint16_t        parent;     /* index + 1, 0: none */
    uint16_t        kind;       /* consent_token_e */
    unsigned        item:1;     /* the step is "[name]", not ".name" */
    unsigned        dead:1;     /* replaced by a later one */
} consent_token_t;


typedef struct {
    consent_token_t    *list;
    uint16_t           *table;  /* index + 1 of a token, by its hash */
    consent_scratch_t  *scratch;
    unsigned            n;
    consent_str_t       tcf;    /* a TC string whose tokens have no prefix */
} consent_tokens_t;


/* a path as an expression names it */

typedef struct {
    consent_str_t   text;
    uint32_t        hash;
} consent_path_t;


/* 0, or -1: no memory left */

int consent_tokens_init(consent_tokens_t *tokens, consent_scratch_t *scratch);

/* forgets all but the first n */

void consent_tokens_cut(consent_tokens_t *tokens, unsigned n);

/*
 * What is to happen to a path that is there already: the one that came first
 * stays, or it goes with all that is below it.
 */

typedef enum {
    CONSENT_TOKEN_FIRST = 0,
    CONSENT_TOKEN_LAST
} consent_token_wins_e;

/*
 * Adds a token below parent (0: none); name and value are views.  Returns the
 * index + 1, that of the one which stays, or 0: too many.
 */

unsigned consent_tokens_add(consent_tokens_t *tokens, unsigned parent,
    consent_str_t name, unsigned item, consent_token_wins_e wins);

void consent_path_set(consent_path_t *path, consent_str_t text);

/* NULL: there is none */

const consent_token_t *consent_tokens_find(const consent_tokens_t *tokens,
    const consent_path_t *path);

/* the path of a token begins with that text */

int consent_token_is_below(const consent_tokens_t *tokens,
    const consent_token_t *token, consent_str_t prefix);

/* writes the path, cut at size; returns its length */

size_t consent_token_path(const consent_tokens_t *tokens,
    const consent_token_t *token, uint8_t *dst, size_t size);


/* what a token says about a choice */

typedef enum {
    CONSENT_TRUTH_ABSENT = 0,
    CONSENT_TRUTH_UNKNOWN,
    CONSENT_TRUTH_NO,
    CONSENT_TRUTH_YES
} consent_truth_e;

consent_truth_e consent_truth(consent_str_t value, consent_token_e kind);


#endif /* CONSENT_TOKEN_H */
