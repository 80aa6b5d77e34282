/*
 * Copyright (C) ngx_consent_module authors
 *
 * A consent_source block: how to read the consent cookie of a consent
 * platform, compiled from the lines of a configuration.  There is no code for
 * any platform.
 *
 *   cookie      NAME PREFIX* *SUFFIX ... !NAME (not these)
 *   transform   url plus ...            see consent_transform.h
 *   shape       REGEX
 *   parse       PARSER ARGUMENTS TRANSFORMS     see consent_parser.h
 *   into        TOKEN PARSER ARGUMENTS TRANSFORMS   parses a token's value,
 *                                       or that of another cookie(NAME), which
 *                                       becomes a token of that name
 *   decided     EXPRESSION              see consent_expr.h
 *   implied     EXPRESSION
 *   reset       EXPRESSION
 *   grant       CATEGORY EXPRESSION
 *   deny        CATEGORY EXPRESSION     taken from what others grant
 *   own         NAME PREFIX* ...        cookies of the platform itself
 *
 * Blocks of one name merge in two layers, as everywhere: what an ordinary
 * block says wins over the "defaults", and "own" adds up.
 */


#ifndef CONSENT_SOURCE_BLOCK_H
#define CONSENT_SOURCE_BLOCK_H


#include "consent_expr.h"
#include "consent_match.h"
#include "consent_parser.h"
#include "consent_source.h"


#define CONSENT_SOURCE_INTOS      8
#define CONSENT_SOURCE_NAME_MAX   128   /* of a cookie that is read */
#define CONSENT_SOURCE_VALUE_MAX  8192
#define CONSENT_SOURCE_TRIES      8     /* cookies that are tried */


/* of cookie names */

typedef struct {
    consent_str_t       text;
    unsigned            prefix:1;       /* text* */
    unsigned            suffix:1;       /* *text */
    unsigned            except:1;       /* !text */
} consent_source_name_t;


typedef struct {
    consent_source_name_t  *list;
    unsigned                n;
    unsigned                room;
} consent_source_names_t;


typedef struct {
    consent_path_t      token;
    consent_parser_t    parser;
    unsigned            cookie:1;       /* token is the name of one */
} consent_source_into_t;


typedef struct {
    consent_mask_t      bit;
    consent_expr_t      expr;
} consent_source_rule_t;


typedef struct {
    consent_str_t                  name;
    consent_source_names_t         cookies;
    consent_parser_t               parser;

    consent_source_into_t          intos[CONSENT_SOURCE_INTOS];
    unsigned                       nintos;

    consent_expr_t                 decided;     /* not given: always */
    consent_expr_t                 implied;     /* not given: never */
    consent_expr_t                 reset;       /* the same */

    consent_source_rule_t         *grants;
    unsigned                       ngrants;
    consent_source_rule_t         *denials;
    unsigned                       ndenials;

    consent_source_names_t         own;         /* in both layers, beside
                                                   "cookies" */
} consent_source_t;


/* what is wrong with a line or a block */

typedef struct {
    char                text[512];      /* NUL-terminated */
    unsigned            origin;         /* compile: of the line; else of the
                                           line that it contradicts, or 0 */
} consent_block_error_t;


typedef struct consent_block_s  consent_block_t;


/* name has to outlive the block; NULL: out of memory */

consent_block_t *consent_block_create(const consent_mem_t *mem,
    consent_str_t name);

/* what libraries have allocated; the rest belongs to mem */

void consent_block_destroy(consent_block_t *block);

/*
 * One line: its name and what follows, which have to outlive the block.
 * origin is opaque and not 0.  0, or -1.
 */

int consent_block_line(consent_block_t *block, consent_layer_e layer,
    const consent_str_t *words, unsigned n, unsigned origin,
    consent_block_error_t *error);

/*
 * After the last line, when all categories are known.  A category that does
 * not exist is an error, but in the defaults, where it is left out.  The
 * source belongs to the block.  NULL: error says why.
 */

const consent_source_t *consent_block_compile(consent_block_t *block,
    const consent_policy_t *policy, consent_block_error_t *error);


/*
 * What a source says.  Categories that are denied are to be refused whatever
 * other sources say, and whether or not this one has a decision.
 */

typedef struct {
    consent_decision_e  kind;
    consent_reason_e    reason;
    consent_mask_t      accepted;
    consent_mask_t      denied;
    consent_str_t       cookie;         /* its name, a view; empty: several
                                           or none */
} consent_reading_t;


/*
 * Reads the cookies of a request.  memory of CONSENT_PARSER_SCRATCH bytes is
 * used for the time of the call, and facts->tokens, which is set here, is in
 * it.  Never fails: what cannot be read is no decision.
 */

void consent_source_read(consent_reading_t *reading,
    const consent_source_t *source, consent_facts_t *facts,
    consent_tokens_t *tokens, uint8_t *memory);

/* a cookie that is never hidden, dropped or deleted */

int consent_source_owns(const consent_source_t *source, consent_str_t name);


#endif /* CONSENT_SOURCE_BLOCK_H */
