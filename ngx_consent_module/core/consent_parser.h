/*
 * Copyright (C) ngx_consent_module authors
 *
 * The ways in which consent cookies are written.  A parser turns a text into
 * tokens, below a token if the text was the value of that one.
 *
 *   cookies              no text: each cookie is a token
 *   kv PAIRS VALUE       "a:1,b:0"        a, b
 *   list SEPARATORS      "a,b"            a, b, with the value 1
 *   fields SEPARATOR     "x_y"            f0, f1
 *   json                 {"a":{"b":[c]}}  a, a.b, a.b.0, a.b[c]
 *   tcf                  p1, li1, sf1, v1, ...: see consent_tcf.h
 *   gpp                  sid[7], sale, sharing, targeted, gpc; section 2 as
 *                        tcf, section 6 as fields ""
 */


#ifndef CONSENT_PARSER_H
#define CONSENT_PARSER_H


#include "consent_shape.h"
#include "consent_transform.h"


typedef enum {
    CONSENT_PARSER_NONE = 0,    /* not given */
    CONSENT_PARSER_COOKIES,
    CONSENT_PARSER_KV,
    CONSENT_PARSER_LIST,
    CONSENT_PARSER_FIELDS,
    CONSENT_PARSER_JSON,
    CONSENT_PARSER_TCF,
    CONSENT_PARSER_GPP
} consent_parser_e;


typedef enum {
    CONSENT_PARSED = 0,
    CONSENT_PARSED_MALFORMED,
    CONSENT_PARSED_SHAPE,       /* it looks like something else */
    CONSENT_PARSED_ABSENT,      /* there is nothing to read */
    CONSENT_PARSED_LIMIT        /* too many tokens, too deep, no memory */
} consent_parsed_e;


typedef struct {
    consent_parser_e        kind;
    consent_str_t           separator;  /* of pairs, items, fields */
    consent_str_t           equals;     /* kv */
    consent_transforms_t    transforms;
    const consent_shape_t  *shape;      /* NULL: any */
} consent_parser_t;


/* the most memory that a reading takes, with all of its tokens */

#define CONSENT_PARSER_SCRATCH  262144


/*
 * The words of a configuration: a parser with its arguments, and transforms
 * behind them.  NULL, or what is wrong with words[*at].
 */

const char *consent_parser_set(consent_parser_t *parser,
    const consent_str_t *words, unsigned n, unsigned *at);

/*
 * *urls is how often the text may be percent-decoded, and in the end how
 * often it still may be.  Unless it is CONSENT_PARSED, what was read of the
 * text is gone.
 */

consent_parsed_e consent_parser_run(const consent_parser_t *parser,
    consent_tokens_t *tokens, unsigned parent, consent_str_t text,
    unsigned *urls);


/* consent_parser_json.c: strict, or the dialect of consent_lenient.h */

consent_parsed_e consent_parser_json(consent_tokens_t *tokens,
    unsigned parent, consent_str_t text, unsigned *urls);


#endif /* CONSENT_PARSER_H */
