/*
 * Copyright (C) ngx_consent_module authors
 *
 * Prints how a source was read: its tokens, and what its rules make of them.
 */


#include "consent_explain.h"

#include <ctype.h>
#include <stdio.h>


#define TOOL_PATH        256        /* of a token, as it is shown */


static void tool_tokens(const consent_tokens_t *tokens);
static void tool_fields(consent_str_t text, const char *prefix);
static void tool_expr(const char *what, consent_str_t category,
    const consent_expr_t *expr, const consent_facts_t *facts);
static void tool_leaf(const consent_expr_op_t *op,
    const consent_facts_t *facts);
static void tool_show(consent_str_t s);


static const char  *const truths[] = { "not there", "unknown", "no", "yes" };


void
tool_explain(const tool_source_t *s, const consent_reading_t *reading,
    const consent_facts_t *facts)
{
    unsigned                      i;
    consent_str_t                 none = consent_str("");
    const consent_category_t     *category;
    const consent_source_rule_t  *rule;

    printf("source %s: ", s->name);

    switch (reading->kind) {

    case CONSENT_DECISION_EXPLICIT:
        printf("an explicit decision\n");
        break;

    case CONSENT_DECISION_IMPLIED:
        printf("an implied decision\n");
        break;

    case CONSENT_DECISION_NONE:
        printf("no decision, %s\n", consent_reason_text(reading->reason));
        break;
    }

    if (reading->cookie.len) {
        printf("  cookie    ");
        tool_show(reading->cookie);
        putchar('\n');
    }

    if (facts->tokens->n == 0 && facts->tokens->tcf.data == NULL) {
        return;
    }

    tool_tokens(facts->tokens);

    tool_expr("reset", none, &s->source->reset, facts);
    tool_expr("decided", none, &s->source->decided, facts);
    tool_expr("implied", none, &s->source->implied, facts);

    for (i = 0; i < s->source->ngrants; i++) {
        rule = &s->source->grants[i];
        category = &tool_conf.policy.categories[consent_mask_first(rule->bit)];

        tool_expr("grant", category->name, &rule->expr, facts);
    }

    for (i = 0; i < s->source->ndenials; i++) {
        rule = &s->source->denials[i];
        category = &tool_conf.policy.categories[consent_mask_first(rule->bit)];

        tool_expr("deny", category->name, &rule->expr, facts);
    }
}


static void
tool_tokens(const consent_tokens_t *tokens)
{
    size_t                  len;
    uint8_t                 path[TOOL_PATH];
    unsigned                i;
    const consent_token_t  *token;

    for (i = 0; i < tokens->n; i++) {
        token = &tokens->list[i];

        if (token->dead) {
            continue;
        }

        len = consent_token_path(tokens, token, path, sizeof(path));

        printf("  token     ");
        tool_show(consent_str_make(path, len));
        printf(" = ");

        if (token->kind == CONSENT_TOKEN_NULL) {
            printf("null\n");
            continue;
        }

        putchar('"');
        tool_show(token->value);
        printf("\", %s\n", truths[consent_truth(token->value,
                                                (consent_token_e)
                                                token->kind)]);

        if (token->kind == CONSENT_TOKEN_TCF) {
            path[len < sizeof(path) ? len : sizeof(path) - 1] = '\0';
            tool_fields(token->value, (const char *) path);
        }
    }

    if (tokens->tcf.data) {
        tool_fields(tokens->tcf, "");
    }
}


/* those of a TC string, but for its vendors, which are too many */

static void
tool_fields(consent_str_t text, const char *prefix)
{
    size_t               i;
    unsigned             id, max;
    uint64_t             value;
    const char          *dot;
    consent_tcf_field_t  field;

    static const struct {
        const char     *name;
        consent_tcf_e   kind;
        unsigned        max;
    } fields[] = {
        { "policy", CONSENT_TCF_POLICY, 0 },
        { "created", CONSENT_TCF_CREATED, 0 },
        { "updated", CONSENT_TCF_UPDATED, 0 },
        { "cmp", CONSENT_TCF_CMP, 0 },
        { "gvl", CONSENT_TCF_VENDOR_LIST, 0 },
        { "p", CONSENT_TCF_PURPOSE, 24 },
        { "li", CONSENT_TCF_PURPOSE_LI, 24 },
        { "sf", CONSENT_TCF_FEATURE, 12 },
        { "pub.p", CONSENT_TCF_PUBLISHER, 24 },
        { "pub.li", CONSENT_TCF_PUBLISHER_LI, 24 },
        { "seg", CONSENT_TCF_SEGMENT, 7 }
    };

    dot = prefix[0] ? "." : "";

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        field.kind = fields[i].kind;
        max = fields[i].max ? fields[i].max : 1;

        for (id = 1; id <= max; id++) {
            field.id = id;

            if (!consent_tcf_get(text, &field, &value)
                || (fields[i].max && value == 0))
            {
                continue;
            }

            printf("  token     ");
            tool_show(tool_str(prefix));

            if (fields[i].max) {
                printf("%s%s%u = \"1\", yes\n", dot, fields[i].name, id);

            } else {
                printf("%s%s = \"%llu\"\n", dot, fields[i].name,
                       (unsigned long long) value);
            }
        }
    }
}


static void
tool_expr(const char *what, consent_str_t category,
    const consent_expr_t *expr, const consent_facts_t *facts)
{
    unsigned  i;

    if (expr->n == 0) {
        return;
    }

    printf("  %-9s ", what);

    if (category.len) {
        tool_show(category);
        putchar(' ');
    }

    printf("%s: ", truths[consent_expr_eval(expr, facts)]);
    tool_show(expr->text);
    putchar('\n');

    for (i = 0; i < expr->n; i++) {
        if (expr->ops[i].kind < CONSENT_EXPR_NOT) {
            tool_leaf(&expr->ops[i], facts);
        }
    }
}


static void
tool_leaf(const consent_expr_op_t *op, const consent_facts_t *facts)
{
    uint8_t            digits[CONSENT_EXPR_DIGITS];
    consent_str_t      value;
    consent_expr_t     one;
    consent_token_e    kind;
    consent_expr_op_t  copy;

    copy = *op;

    one.ops = &copy;
    one.n = 1;
    one.text = op->text;

    printf("              ");
    tool_show(op->text);
    printf(" is %s", truths[consent_expr_eval(&one, facts)]);

    if (!(op->glob && op->kind < CONSENT_EXPR_COOKIE)
        && consent_expr_value(op, facts, &value, &kind, digits))
    {
        printf(", the value is \"");
        tool_show(value);
        putchar('"');
    }

    putchar('\n');
}


void
tool_categories(consent_mask_t mask, const char *none)
{
    unsigned  i, n;

    n = 0;

    for (i = 0; i < tool_conf.policy.ncategories; i++) {
        if (mask & consent_bit(i)) {
            printf("%s", n++ ? "," : "");
            tool_show(tool_conf.policy.categories[i].name);
        }
    }

    if (n == 0) {
        printf("%s", none);
    }
}


/* what comes from a client does not reach a terminal as it is */

static void
tool_show(consent_str_t s)
{
    size_t  i;

    for (i = 0; i < s.len; i++) {
        if (s.data[i] < ' ' || s.data[i] == 0x7f) {
            printf("\\x%02x", s.data[i]);

        } else {
            putchar(s.data[i]);
        }
    }
}
