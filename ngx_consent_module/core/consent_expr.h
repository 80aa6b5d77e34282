/*
 * Copyright (C) ngx_consent_module authors
 *
 * Expressions over the tokens of a source, compiled to a postfix program:
 *
 *   token                  its value means yes
 *   token=value|value      its value is one of these, exactly
 *   token>=number
 *   has(token)             it is there and not empty
 *   cookie(name)           the request has this cookie, and not empty;
 *   cookie(name)=value     name* is the first cookie that begins so
 *   any(x,y)               one is yes
 *   all(x,y)               one is there, and each that is there is yes
 *   every(x,y)             all are there and yes
 *   x & y   x | y   !x   (x)
 *
 * "prefix*" in any(), all(), every() and has() is every token whose path
 * begins so.  A token or value with other characters stands in quotes.  A "|"
 * without blanks around it, behind "=", goes on with the values.
 *
 * Whatever is neither yes nor no stays unknown to the end, where only yes
 * counts; so the opposite of the unknown is unknown as well.
 */


#ifndef CONSENT_EXPR_H
#define CONSENT_EXPR_H


#include "consent_tcf.h"
#include "consent_token.h"


#define CONSENT_EXPR_OPS       256
#define CONSENT_EXPR_LITERALS  32
#define CONSENT_EXPR_DEPTH     16


typedef enum {
    CONSENT_EXPR_TRUTH = 0,
    CONSENT_EXPR_EQUALS,
    CONSENT_EXPR_AT_LEAST,
    CONSENT_EXPR_HAS,
    CONSENT_EXPR_COOKIE,
    CONSENT_EXPR_COOKIE_EQUALS,
    CONSENT_EXPR_NOT,           /* from here on, of what is on the stack */
    CONSENT_EXPR_AND,
    CONSENT_EXPR_OR,
    CONSENT_EXPR_ANY,
    CONSENT_EXPR_ALL,
    CONSENT_EXPR_EVERY
} consent_expr_e;


typedef struct {
    consent_expr_e        kind;
    unsigned              n;        /* operands, or literals */
    unsigned              glob:1;   /* path is a prefix */
    consent_expr_e        within;   /* glob: the function that it is in */
    consent_path_t        path;     /* or the name of a cookie */
    const consent_str_t  *literals;
    uint64_t              number;

    consent_tcf_field_t   tcf;      /* if the path is that of a field of a */
    consent_path_t        string;   /* TC string, which is this token */

    consent_str_t         text;     /* as it was written */
} consent_expr_op_t;


typedef struct {
    consent_expr_op_t    *ops;
    unsigned              n;        /* 0: not given */
    consent_str_t         text;
} consent_expr_t;


typedef struct {
    const char           *text;     /* what is wrong, and the remedy */
    size_t                at;       /* where in the expression */
} consent_expr_error_t;


/* what an expression is about */

typedef struct {
    const consent_tokens_t  *tokens;
    const consent_str_t     *lines;     /* values of Cookie headers */
    unsigned                 nlines;
} consent_facts_t;


/* text has to outlive expr; 0, or -1 */

int consent_expr_compile(consent_expr_t *expr, const consent_mem_t *mem,
    consent_str_t text, consent_expr_error_t *error);

consent_truth_e consent_expr_eval(const consent_expr_t *expr,
    const consent_facts_t *facts);

/* what it is compared with: the value of a token or cookie; 0: not there */

#define CONSENT_EXPR_DIGITS  20

int consent_expr_value(const consent_expr_op_t *op,
    const consent_facts_t *facts, consent_str_t *value,
    consent_token_e *kind, uint8_t digits[CONSENT_EXPR_DIGITS]);

/* the first cookie of that name, or with that prefix; 0: there is none */

int consent_facts_cookie(const consent_facts_t *facts, consent_str_t name,
    unsigned prefix, consent_str_t *value);


#endif /* CONSENT_EXPR_H */
