/*
 * Copyright (C) ngx_consent_module authors
 *
 * A consent_source block as a whole: both layers become one source.
 */


#include "consent_source_private.h"


static const block_layer_t *block_layer(const consent_block_t *block,
    unsigned what);
static int block_compile_cookies(consent_block_t *block,
    consent_block_error_t *error);
static int block_compile_parser(consent_block_t *block,
    consent_block_error_t *error);
static int block_compile_transforms(consent_block_t *block,
    consent_block_error_t *error);
static int block_compile_intos(consent_block_t *block,
    consent_block_error_t *error);
static int block_compile_rules(consent_block_t *block,
    const consent_policy_t *policy, consent_block_error_t *error);
static int block_is_overruled(const consent_block_t *block,
    const block_rule_t *rule);
static int block_category(const block_rule_t *rule, unsigned layer,
    const consent_policy_t *policy, consent_block_error_t *error);
static int block_compile_own(consent_block_t *block,
    consent_block_error_t *error);
static int block_own_cookies(consent_block_t *block,
    const consent_expr_t *expr);


const consent_source_t *
consent_block_compile(consent_block_t *block, const consent_policy_t *policy,
    consent_block_error_t *error)
{
    consent_source_t  *source;

    error->text[0] = '\0';
    error->origin = block->origin;

    source = &block->source;

    source->decided = block_layer(block, BLOCK_DECIDED)->exprs[BLOCK_DECIDED];
    source->implied = block_layer(block, BLOCK_IMPLIED)->exprs[BLOCK_IMPLIED];
    source->reset = block_layer(block, BLOCK_RESET)->exprs[BLOCK_RESET];

    if (block_compile_cookies(block, error) != 0
        || block_compile_parser(block, error) != 0
        || block_compile_intos(block, error) != 0
        || block_compile_rules(block, policy, error) != 0
        || block_compile_own(block, error) != 0)
    {
        return NULL;
    }

    return source;
}


static const block_layer_t *
block_layer(const consent_block_t *block, unsigned what)
{
    return block->layers[CONSENT_LAYER_RULES].origins[what]
           ? &block->layers[CONSENT_LAYER_RULES]
           : &block->layers[CONSENT_LAYER_DEFAULTS];
}


static int
block_compile_cookies(consent_block_t *block, consent_block_error_t *error)
{
    unsigned                       i;
    consent_str_t                  part;
    const consent_source_names_t  *names;

    names = &block->layers[CONSENT_LAYER_RULES].cookies;

    if (names->n == 0) {
        names = &block->layers[CONSENT_LAYER_DEFAULTS].cookies;
    }

    block->source.cookies = *names;

    for (i = 0; i < names->n; i++) {
        if (!names->list[i].except) {
            return 0;
        }
    }

    part = consent_block_text("it names no cookie: add \"cookie NAME\", or "
                              "include the file of the folder \"sources\" "
                              "that it is to change");

    return consent_block_fail(error, block->origin, &part, 1);
}


static int
block_compile_parser(consent_block_t *block, consent_block_error_t *error)
{
    consent_str_t          part;
    const block_layer_t   *layer;

    layer = block_layer(block, BLOCK_PARSE);

    block->source.parser = layer->parser;

    if (layer->parser.kind == CONSENT_PARSER_NONE) {
        part = consent_block_text("it does not say how its cookie is "
                                  "written: add \"parse\" with cookies, kv, "
                                  "list, fields, json, tcf or gpp");

        return consent_block_fail(error, block->origin, &part, 1);
    }

    block->source.parser.shape = block_layer(block, BLOCK_SHAPE)->shape;

    return block_compile_transforms(block, error);
}


/* those of "transform", then those behind "parse" */

static int
block_compile_transforms(consent_block_t *block, consent_block_error_t *error)
{
    unsigned               i;
    consent_str_t          part;
    const block_layer_t   *layer;
    consent_transforms_t  *t, behind;

    t = &block->source.parser.transforms;
    behind = *t;

    layer = block_layer(block, BLOCK_TRANSFORM);

    *t = layer->transforms;

    if (t->n + behind.n > CONSENT_TRANSFORMS_MAX
        || (t->has_url && behind.has_url))
    {
        part = consent_block_text("too many transforms: \"transform\" and "
                                  "those behind \"parse\" are 8 together at "
                                  "most, with one \"url\"");

        return consent_block_fail(error, layer->origins[BLOCK_TRANSFORM],
                                  &part, 1);
    }

    if (behind.has_url) {
        t->url = t->n + behind.url;
    }

    for (i = 0; i < behind.n; i++) {
        t->list[t->n++] = behind.list[i];
    }

    t->has_url |= behind.has_url;
    t->plus |= behind.plus;
    t->lower |= behind.lower;

    if (!t->has_url) {
        t->url = t->n;
    }

    if (block->source.parser.kind != CONSENT_PARSER_COOKIES) {
        return 0;
    }

    if (block->source.parser.shape
        || t->n != (unsigned) (t->has_url + t->plus + t->lower))
    {
        part = consent_block_text("it reads each cookie as it is, by "
                                  "\"parse cookies\": remove \"shape\", and "
                                  "all transforms but url, plus and lower");

        return consent_block_fail(error, block->origin, &part, 1);
    }

    return 0;
}


static int
block_compile_intos(consent_block_t *block, consent_block_error_t *error)
{
    unsigned              i, j, n;
    consent_source_t     *source;
    const block_layer_t  *rules, *defaults;

    source = &block->source;

    rules = &block->layers[CONSENT_LAYER_RULES];
    defaults = &block->layers[CONSENT_LAYER_DEFAULTS];

    n = 0;

    for (i = 0; i < defaults->nintos; i++) {

        for (j = 0; j < rules->nintos; j++) {
            if (defaults->intos[i].cookie == rules->intos[j].cookie
                && consent_str_eq(defaults->intos[i].token.text,
                                  rules->intos[j].token.text))
            {
                break;
            }
        }

        if (j == rules->nintos) {
            source->intos[n++] = defaults->intos[i];
        }
    }

    for (j = 0; j < rules->nintos; j++) {

        if (n == CONSENT_SOURCE_INTOS) {
            consent_str_t  part = consent_block_text("too many \"into\", 8 "
                                                     "are the most");

            return consent_block_fail(error, rules->into_origins[j], &part, 1);
        }

        source->intos[n++] = rules->intos[j];
    }

    source->nintos = n;

    return 0;
}


static int
block_compile_rules(consent_block_t *block, const consent_policy_t *policy,
    consent_block_error_t *error)
{
    int                     category;
    unsigned                i, layer, n;
    block_rule_t           *rule;
    consent_source_t       *source;
    consent_source_rule_t  *to;

    source = &block->source;

    n = block->layers[CONSENT_LAYER_RULES].nrules
        + block->layers[CONSENT_LAYER_DEFAULTS].nrules;

    to = block->mem.alloc(block->mem.data,
                          (n + 1) * 2 * sizeof(consent_source_rule_t));
    if (to == NULL) {
        return consent_block_nomem(error);
    }

    source->grants = to;
    source->denials = to + n;

    for (layer = 0; layer < CONSENT_LAYERS; layer++) {

        for (i = 0; i < block->layers[layer].nrules; i++) {
            rule = &block->layers[layer].rules[i];

            if (layer == CONSENT_LAYER_DEFAULTS
                && block_is_overruled(block, rule))
            {
                continue;
            }

            category = block_category(rule, layer, policy, error);

            if (category == CONSENT_UNCLASSIFIED) {

                if (layer == CONSENT_LAYER_DEFAULTS) {
                    continue;
                }

                return -1;
            }

            to = rule->deny ? &source->denials[source->ndenials++]
                            : &source->grants[source->ngrants++];

            to->bit = consent_bit(category);
            to->expr = rule->expr;
        }
    }

    return 0;
}


static int
block_is_overruled(const consent_block_t *block, const block_rule_t *rule)
{
    unsigned              i;
    const block_layer_t  *rules;

    rules = &block->layers[CONSENT_LAYER_RULES];

    for (i = 0; i < rules->nrules; i++) {
        if (rules->rules[i].deny == rule->deny
            && consent_str_eq(rules->rules[i].category, rule->category))
        {
            return 1;
        }
    }

    return 0;
}


/* its index; of none, and of one that cannot be refused, error says why */

static int
block_category(const block_rule_t *rule, unsigned layer,
    const consent_policy_t *policy, consent_block_error_t *error)
{
    int            category;
    consent_str_t  parts[3];

    category = consent_policy_category(policy, rule->category);

    if (category == CONSENT_UNCLASSIFIED && layer == CONSENT_LAYER_RULES) {
        parts[0] = consent_block_text("unknown category \"");
        parts[1] = rule->category;
        parts[2] = consent_block_text("\": declare it with "
                                      "\"consent_category\" or correct the "
                                      "name");

        (void) consent_block_fail(error, rule->origin, parts, 3);

    } else if (category != CONSENT_UNCLASSIFIED && rule->deny
               && (policy->always & consent_bit(category)))
    {
        parts[0] = consent_block_text("category \"");
        parts[1] = rule->category;
        parts[2] = consent_block_text("\" has \"always on\" and cannot be "
                                      "refused: remove this \"deny\"");

        (void) consent_block_fail(error, rule->origin, parts, 3);

        return CONSENT_UNCLASSIFIED;
    }

    return category;
}


/* other cookies that are read belong to the platform as well */

static int
block_compile_own(consent_block_t *block, consent_block_error_t *error)
{
    int                            rc;
    unsigned                       i, j;
    consent_source_t              *source;
    consent_source_name_t          name;
    const consent_source_names_t  *names;

    source = &block->source;
    rc = 0;

    for (i = 0; i < CONSENT_LAYERS; i++) {
        names = &block->layers[i].own;

        for (j = 0; j < names->n; j++) {
            rc |= consent_block_add_name(&block->mem, &source->own,
                                         &names->list[j]);
        }
    }

    for (i = 0; i < source->nintos; i++) {

        if (source->intos[i].cookie) {
            memset(&name, 0, sizeof(consent_source_name_t));
            name.text = source->intos[i].token.text;

            rc |= consent_block_add_name(&block->mem, &source->own, &name);
        }
    }

    rc |= block_own_cookies(block, &source->decided);
    rc |= block_own_cookies(block, &source->implied);
    rc |= block_own_cookies(block, &source->reset);

    for (i = 0; i < source->ngrants; i++) {
        rc |= block_own_cookies(block, &source->grants[i].expr);
    }

    for (i = 0; i < source->ndenials; i++) {
        rc |= block_own_cookies(block, &source->denials[i].expr);
    }

    return rc == 0 ? 0 : consent_block_nomem(error);
}


static int
block_own_cookies(consent_block_t *block, const consent_expr_t *expr)
{
    int                       rc;
    unsigned                  i;
    consent_source_name_t     name;
    const consent_expr_op_t  *op;

    rc = 0;

    for (i = 0; i < expr->n; i++) {
        op = &expr->ops[i];

        if (op->kind != CONSENT_EXPR_COOKIE
            && op->kind != CONSENT_EXPR_COOKIE_EQUALS)
        {
            continue;
        }

        memset(&name, 0, sizeof(consent_source_name_t));

        name.text = op->path.text;
        name.prefix = op->glob;

        rc |= consent_block_add_name(&block->mem, &block->source.own, &name);
    }

    return rc;
}
