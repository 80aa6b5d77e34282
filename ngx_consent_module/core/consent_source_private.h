/*
 * Copyright (C) ngx_consent_module authors
 *
 * A consent_source block in the making, private to consent_source_block.c
 * (its lines) and consent_source_compile.c (the whole of it).
 */


#ifndef CONSENT_SOURCE_PRIVATE_H
#define CONSENT_SOURCE_PRIVATE_H


#include "consent_source_block.h"


/* what is given once in a layer */

typedef enum {
    BLOCK_TRANSFORM = 0,
    BLOCK_SHAPE,
    BLOCK_PARSE,
    BLOCK_DECIDED,
    BLOCK_IMPLIED,
    BLOCK_RESET,
    BLOCK_ONCE
} block_once_e;


typedef struct {
    consent_str_t            category;
    consent_expr_t           expr;
    unsigned                 origin;
    unsigned                 deny:1;
} block_rule_t;


typedef struct {
    unsigned                 origins[BLOCK_ONCE];   /* 0: not given */

    consent_source_names_t   cookies;
    consent_source_names_t   own;

    consent_transforms_t     transforms;
    consent_shape_t         *shape;
    consent_parser_t         parser;
    consent_expr_t           exprs[BLOCK_ONCE];

    consent_source_into_t    intos[CONSENT_SOURCE_INTOS];
    unsigned                 into_origins[CONSENT_SOURCE_INTOS];
    unsigned                 nintos;

    block_rule_t            *rules;
    unsigned                 nrules;
    unsigned                 room;
} block_layer_t;


struct consent_block_s {
    consent_mem_t            mem;
    block_layer_t            layers[CONSENT_LAYERS];
    unsigned                 origin;            /* of the first line */
    consent_source_t         source;
};


/* 0, or -1: out of memory */

int consent_block_add_name(const consent_mem_t *mem,
    consent_source_names_t *names,
    const consent_source_name_t *name);

/* the parts one behind the other, cut where it has to be; -1 */

int consent_block_fail(consent_block_error_t *error, unsigned origin,
    const consent_str_t *parts, unsigned n);

int consent_block_nomem(consent_block_error_t *error);

consent_str_t consent_block_text(const char *text);


#endif /* CONSENT_SOURCE_PRIVATE_H */
