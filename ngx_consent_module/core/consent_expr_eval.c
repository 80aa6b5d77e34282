/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_expr.h"
#include "consent_cookie.h"


static consent_truth_e eval_leaf(const consent_expr_op_t *op,
    const consent_facts_t *facts);
static consent_truth_e eval_glob(const consent_expr_op_t *op,
    const consent_facts_t *facts);
static consent_truth_e eval_value(const consent_expr_op_t *op,
    consent_str_t value, consent_token_e kind);
static consent_truth_e eval_at_least(const consent_expr_op_t *op,
    consent_str_t value);
static consent_truth_e eval_not(consent_truth_e x);
static consent_truth_e eval_join(consent_expr_e kind,
    const uint8_t *truths, unsigned n);
static int eval_field(const consent_expr_op_t *op,
    const consent_facts_t *facts, uint64_t *number);


consent_truth_e
consent_expr_eval(const consent_expr_t *expr, const consent_facts_t *facts)
{
    uint8_t                   stack[CONSENT_EXPR_OPS];
    unsigned                  i, n, operands;
    const consent_expr_op_t  *op;

    n = 0;

    for (i = 0; i < expr->n; i++) {
        op = &expr->ops[i];

        switch (op->kind) {

        case CONSENT_EXPR_NOT:
            operands = 1;
            break;

        case CONSENT_EXPR_AND:
        case CONSENT_EXPR_OR:
            operands = 2;
            break;

        case CONSENT_EXPR_ANY:
        case CONSENT_EXPR_ALL:
        case CONSENT_EXPR_EVERY:
            operands = op->n;
            break;

        case CONSENT_EXPR_TRUTH:
        case CONSENT_EXPR_EQUALS:
        case CONSENT_EXPR_AT_LEAST:
        case CONSENT_EXPR_HAS:
        case CONSENT_EXPR_COOKIE:
        case CONSENT_EXPR_COOKIE_EQUALS:
        default:
            stack[n++] = (uint8_t) eval_leaf(op, facts);
            continue;
        }

        /* the compiler has seen to it */

        if (operands > n) {
            return CONSENT_TRUTH_ABSENT;
        }

        n -= operands;
        stack[n] = (uint8_t) eval_join(op->kind, stack + n, operands);
        n++;
    }

    return n ? (consent_truth_e) stack[0] : CONSENT_TRUTH_ABSENT;
}


static consent_truth_e
eval_leaf(const consent_expr_op_t *op, const consent_facts_t *facts)
{
    int              found;
    uint8_t          digits[CONSENT_EXPR_DIGITS];
    consent_str_t    value;
    consent_token_e  kind;

    if (op->glob && op->kind < CONSENT_EXPR_COOKIE) {
        return eval_glob(op, facts);
    }

    found = consent_expr_value(op, facts, &value, &kind, digits);

    if (op->kind == CONSENT_EXPR_HAS || op->kind == CONSENT_EXPR_COOKIE) {
        return found && value.len ? CONSENT_TRUTH_YES : CONSENT_TRUTH_NO;
    }

    return found ? eval_value(op, value, kind) : CONSENT_TRUTH_ABSENT;
}


static consent_truth_e
eval_glob(const consent_expr_op_t *op, const consent_facts_t *facts)
{
    unsigned                n, i, truth, counts[CONSENT_TRUTH_YES + 1];
    uint8_t                 truths[CONSENT_TRUTH_YES + 1];
    const consent_token_t  *token;

    memset(counts, 0, sizeof(counts));

    for (i = 0; i < facts->tokens->n; i++) {
        token = &facts->tokens->list[i];

        if (token->dead
            || !consent_token_is_below(facts->tokens, token, op->path.text))
        {
            continue;
        }

        truth = eval_value(op, token->value, (consent_token_e) token->kind);
        counts[truth]++;
    }

    /* how many there are of each makes no difference */

    n = 0;

    for (i = 0; i <= CONSENT_TRUTH_YES; i++) {
        if (counts[i]) {
            truths[n++] = (uint8_t) i;
        }
    }

    return n ? eval_join(op->within, truths, n) : CONSENT_TRUTH_ABSENT;
}


static consent_truth_e
eval_value(const consent_expr_op_t *op, consent_str_t value,
    consent_token_e kind)
{
    unsigned  i;

    if (op->kind == CONSENT_EXPR_TRUTH) {
        return consent_truth(value, kind);
    }

    if (kind == CONSENT_TOKEN_NULL) {
        return CONSENT_TRUTH_ABSENT;
    }

    if (op->kind == CONSENT_EXPR_AT_LEAST) {
        return eval_at_least(op, value);
    }

    if (op->kind == CONSENT_EXPR_HAS) {
        return value.len ? CONSENT_TRUTH_YES : CONSENT_TRUTH_NO;
    }

    for (i = 0; i < op->n; i++) {
        if (consent_str_eq(value, op->literals[i])) {
            return CONSENT_TRUTH_YES;
        }
    }

    return CONSENT_TRUTH_NO;
}


/* a whole number; more digits than the limit has are more than it */

static consent_truth_e
eval_at_least(const consent_expr_op_t *op, consent_str_t value)
{
    size_t    i;
    uint64_t  number;

    number = 0;

    for (i = 0; i < value.len; i++) {

        if (!consent_is_digit(value.data[i]) || i == 18) {
            return CONSENT_TRUTH_UNKNOWN;
        }

        number = number * 10 + (uint64_t) (value.data[i] - '0');
    }

    if (value.len == 0) {
        return CONSENT_TRUTH_UNKNOWN;
    }

    return number >= op->number ? CONSENT_TRUTH_YES : CONSENT_TRUTH_NO;
}


/* what is not there does not hold; what is not understood stays so */

static consent_truth_e
eval_not(consent_truth_e x)
{
    switch (x) {

    case CONSENT_TRUTH_YES:
        return CONSENT_TRUTH_NO;

    case CONSENT_TRUTH_NO:
    case CONSENT_TRUTH_ABSENT:
        return CONSENT_TRUTH_YES;

    case CONSENT_TRUTH_UNKNOWN:
        break;
    }

    return CONSENT_TRUTH_UNKNOWN;
}


static consent_truth_e
eval_join(consent_expr_e kind, const uint8_t *truths, unsigned n)
{
    unsigned  i, seen;

    if (kind == CONSENT_EXPR_NOT) {
        return eval_not((consent_truth_e) truths[0]);
    }

    seen = 0;

    for (i = 0; i < n; i++) {
        seen |= 1U << truths[i];
    }

#define seen(truth)  (seen & 1U << (truth))

    if (kind == CONSENT_EXPR_OR || kind == CONSENT_EXPR_ANY) {

        if (seen(CONSENT_TRUTH_YES)) {
            return CONSENT_TRUTH_YES;
        }

        if (seen(CONSENT_TRUTH_UNKNOWN)) {
            return CONSENT_TRUTH_UNKNOWN;
        }

        return seen(CONSENT_TRUTH_NO) ? CONSENT_TRUTH_NO
                                      : CONSENT_TRUTH_ABSENT;
    }

    if (seen(CONSENT_TRUTH_NO)) {
        return CONSENT_TRUTH_NO;
    }

    if (seen(CONSENT_TRUTH_UNKNOWN)) {
        return CONSENT_TRUTH_UNKNOWN;
    }

    if (seen(CONSENT_TRUTH_ABSENT) && kind != CONSENT_EXPR_ALL) {
        return CONSENT_TRUTH_ABSENT;
    }

    return seen(CONSENT_TRUTH_YES) ? CONSENT_TRUTH_YES : CONSENT_TRUTH_ABSENT;

#undef seen
}


int
consent_expr_value(const consent_expr_op_t *op, const consent_facts_t *facts,
    consent_str_t *value, consent_token_e *kind,
    uint8_t digits[CONSENT_EXPR_DIGITS])
{
    size_t                  i;
    uint64_t                number;
    const consent_token_t  *token;

    *kind = CONSENT_TOKEN_TEXT;

    if (op->kind == CONSENT_EXPR_COOKIE
        || op->kind == CONSENT_EXPR_COOKIE_EQUALS)
    {
        return consent_facts_cookie(facts, op->path.text, op->glob, value);
    }

    token = consent_tokens_find(facts->tokens, &op->path);

    if (token) {
        *value = token->value;
        *kind = (consent_token_e) token->kind;
        return 1;
    }

    if (op->tcf.kind == CONSENT_TCF_NONE || !eval_field(op, facts, &number)) {
        return 0;
    }

    i = CONSENT_EXPR_DIGITS;

    do {
        digits[--i] = (uint8_t) ('0' + number % 10);
        number /= 10;
    } while (number);

    *value = consent_str_make(digits + i, CONSENT_EXPR_DIGITS - i);
    *kind = CONSENT_TOKEN_NUMBER;

    return 1;
}


static int
eval_field(const consent_expr_op_t *op, const consent_facts_t *facts,
    uint64_t *number)
{
    consent_str_t           text;
    const consent_token_t  *token;

    text = facts->tokens->tcf;

    if (op->string.text.len) {
        token = consent_tokens_find(facts->tokens, &op->string);

        if (token == NULL || token->kind != CONSENT_TOKEN_TCF) {
            return 0;
        }

        text = token->value;
    }

    return text.data && consent_tcf_get(text, &op->tcf, number);
}


int
consent_facts_cookie(const consent_facts_t *facts, consent_str_t name,
    unsigned prefix, consent_str_t *value)
{
    unsigned          i;
    consent_str_t     rest, start;
    consent_cookie_t  cookie;

    for (i = 0; i < facts->nlines; i++) {
        rest = facts->lines[i];

        while (consent_cookie_next(&rest, &cookie)) {
            start = cookie.name;

            if (prefix && start.len > name.len) {
                start.len = name.len;
            }

            if (consent_str_eq(start, name)) {
                *value = cookie.value;

                if (value->len >= 2 && value->data[0] == '"'
                    && value->data[value->len - 1] == '"')
                {
                    value->data++;
                    value->len -= 2;
                }

                return 1;
            }
        }
    }

    return 0;
}
