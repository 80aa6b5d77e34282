/*
 * Copyright (C) ngx_consent_module authors
 *
 * The compiler: recursive descent of bounded depth, by the grammar
 *
 *   or    = and *( "|" and )
 *   and   = unary *( "&" unary )
 *   unary = "!" unary / "(" or ")" / function / comparison
 */


#include "consent_expr.h"


typedef struct {
    const consent_mem_t   *mem;
    consent_str_t          text;
    size_t                 pos;
    unsigned               depth;
    unsigned               n;
    consent_expr_error_t  *error;
    consent_expr_op_t      ops[CONSENT_EXPR_OPS];
} expr_t;


static int expr_or(expr_t *e);
static int expr_and(expr_t *e);
static int expr_unary(expr_t *e);
static int expr_group(expr_t *e);
static int expr_function(expr_t *e, consent_str_t name);
static int expr_has(expr_t *e);
static int expr_cookie(expr_t *e);
static int expr_list(expr_t *e, consent_expr_e kind);
static int expr_argument(expr_t *e, consent_expr_e kind);
static int expr_comparison(expr_t *e, consent_expr_e within);
static int expr_literals(expr_t *e, consent_expr_op_t *op);
static int expr_literal(expr_t *e, consent_str_t *literal);
static int expr_goes_on(expr_t *e);
static int expr_number(expr_t *e, consent_expr_op_t *op);
static int expr_path(expr_t *e, consent_expr_op_t *op, unsigned glob);
static int expr_quoted(expr_t *e, consent_str_t *s);
static consent_str_t expr_word(expr_t *e, const char *ends,
    unsigned brackets);
static void expr_field(consent_expr_op_t *op);
static consent_expr_op_t *expr_push(expr_t *e, consent_expr_e kind,
    size_t at);
static int expr_close(expr_t *e);
static int expr_take(expr_t *e, uint8_t c);
static int expr_at(expr_t *e, size_t ahead, uint8_t c);
static void expr_spaces(expr_t *e);
static int expr_fail(expr_t *e, size_t at, const char *text);


/* what ends a word outside of quotes and brackets */

#define EXPR_ENDS          " \t\r\n|&!()=<>,\"'"
#define EXPR_LITERAL_ENDS  " \t\r\n|&()!,\"'"
#define EXPR_COOKIE_ENDS   " \t\r\n(),;=\"'"


int
consent_expr_compile(consent_expr_t *expr, const consent_mem_t *mem,
    consent_str_t text, consent_expr_error_t *error)
{
    expr_t  e;

    e.mem = mem;
    e.text = text;
    e.pos = 0;
    e.depth = 0;
    e.n = 0;
    e.error = error;

    if (expr_or(&e) != 0) {
        return -1;
    }

    if (e.pos < text.len) {
        return expr_fail(&e, e.pos, expr_at(&e, 0, ')')
                                    ? "there is no \"(\" for this \")\""
                                    : "expected \"&\", \"|\" or the end");
    }

    expr->ops = mem->alloc(mem->data, e.n * sizeof(consent_expr_op_t));
    if (expr->ops == NULL) {
        return expr_fail(&e, 0, "out of memory");
    }

    memcpy(expr->ops, e.ops, e.n * sizeof(consent_expr_op_t));

    expr->n = e.n;
    expr->text = text;

    return 0;
}


static int
expr_or(expr_t *e)
{
    if (expr_and(e) != 0) {
        return -1;
    }

    while (expr_take(e, '|')) {
        if (expr_and(e) != 0
            || expr_push(e, CONSENT_EXPR_OR, e->pos) == NULL)
        {
            return -1;
        }
    }

    return 0;
}


static int
expr_and(expr_t *e)
{
    if (expr_unary(e) != 0) {
        return -1;
    }

    while (expr_take(e, '&')) {
        if (expr_unary(e) != 0
            || expr_push(e, CONSENT_EXPR_AND, e->pos) == NULL)
        {
            return -1;
        }
    }

    return 0;
}


static int
expr_unary(expr_t *e)
{
    size_t         start;
    consent_str_t  name;

    expr_spaces(e);

    start = e->pos;

    if (e->depth == CONSENT_EXPR_DEPTH) {
        return expr_fail(e, start, "too many \"!\" and parentheses in one "
                                   "another");
    }

    if (expr_at(e, 0, '!') || expr_at(e, 0, '(')) {
        return expr_group(e);
    }

    name = expr_word(e, EXPR_ENDS, 0);

    if (name.len && expr_at(e, 0, '(')) {
        return expr_function(e, name);
    }

    e->pos = start;

    return expr_comparison(e, CONSENT_EXPR_TRUTH);
}


static int
expr_group(expr_t *e)
{
    int     rc;
    size_t  start;

    start = e->pos;
    e->depth++;

    if (expr_take(e, '!')) {
        rc = expr_unary(e);

        if (rc == 0 && expr_push(e, CONSENT_EXPR_NOT, start) == NULL) {
            rc = -1;
        }

    } else {
        e->pos++;
        rc = expr_or(e);

        if (rc == 0) {
            rc = expr_close(e);
        }
    }

    e->depth--;

    return rc;
}


static int
expr_function(expr_t *e, consent_str_t name)
{
    int       rc;
    size_t    i, start;
    unsigned  op;

    static const struct {
        consent_str_t   name;
        consent_expr_e  kind;
    } functions[] = {
        { consent_str("has"), CONSENT_EXPR_HAS },
        { consent_str("cookie"), CONSENT_EXPR_COOKIE },
        { consent_str("any"), CONSENT_EXPR_ANY },
        { consent_str("all"), CONSENT_EXPR_ALL },
        { consent_str("every"), CONSENT_EXPR_EVERY }
    };

    start = e->pos - name.len;

    for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        if (consent_str_eq(name, functions[i].name)) {
            break;
        }
    }

    if (i == sizeof(functions) / sizeof(functions[0])) {
        return expr_fail(e, start, "there is no such function, use has, "
                                   "cookie, any, all or every");
    }

    e->pos++;
    e->depth++;

    op = e->n;

    if (functions[i].kind == CONSENT_EXPR_HAS) {
        rc = expr_has(e);

    } else if (functions[i].kind == CONSENT_EXPR_COOKIE) {
        rc = expr_cookie(e);

    } else {
        rc = expr_list(e, functions[i].kind);
        op = e->n - 1;
    }

    e->depth--;

    if (rc == 0) {
        e->ops[op].text = consent_str_make(e->text.data + start,
                                           e->pos - start);
    }

    return rc;
}


static int
expr_has(expr_t *e)
{
    consent_expr_op_t  *op;

    expr_spaces(e);

    op = expr_push(e, CONSENT_EXPR_HAS, e->pos);

    if (op == NULL || expr_path(e, op, 1) != 0) {
        return -1;
    }

    op->within = CONSENT_EXPR_ANY;

    return expr_close(e);
}


static int
expr_cookie(expr_t *e)
{
    size_t              start;
    consent_str_t       name;
    consent_expr_op_t  *op;

    expr_spaces(e);

    start = e->pos;

    op = expr_push(e, CONSENT_EXPR_COOKIE, start);
    if (op == NULL) {
        return -1;
    }

    if (!expr_quoted(e, &name)) {
        name = expr_word(e, EXPR_COOKIE_ENDS, 0);

        if (name.len > 1 && name.data[name.len - 1] == '*') {
            op->glob = 1;
            name.len--;
        }
    }

    if (name.len == 0) {
        return expr_fail(e, start, "the name of a cookie is missing");
    }

    op->path.text = name;

    if (expr_close(e) != 0) {
        return -1;
    }

    if (!expr_at(e, 0, '=')) {
        return 0;
    }

    op->kind = CONSENT_EXPR_COOKIE_EQUALS;

    return expr_literals(e, op);
}


static int
expr_list(expr_t *e, consent_expr_e kind)
{
    size_t              start;
    unsigned            n;
    consent_expr_op_t  *op;

    start = e->pos;
    n = 0;

    do {
        if (expr_argument(e, kind) != 0) {
            return -1;
        }

        n++;

    } while (expr_take(e, ','));

    if (expr_close(e) != 0) {
        return -1;
    }

    op = expr_push(e, kind, start);
    if (op == NULL) {
        return -1;
    }

    op->n = n;

    return 0;
}


/* an expression, or "prefix*", which is one only here */

static int
expr_argument(expr_t *e, consent_expr_e kind)
{
    size_t         start;
    consent_str_t  word;

    expr_spaces(e);

    start = e->pos;
    word = expr_word(e, EXPR_ENDS, 1);
    e->pos = start;

    if (word.len && word.data[word.len - 1] == '*') {
        return expr_comparison(e, kind);
    }

    return expr_or(e);
}


static int
expr_comparison(expr_t *e, consent_expr_e within)
{
    consent_expr_op_t  *op;

    static const consent_str_t  self = consent_str("self");

    op = expr_push(e, CONSENT_EXPR_TRUTH, e->pos);
    if (op == NULL) {
        return -1;
    }

    if (expr_at(e, 0, '=')) {
        consent_path_set(&op->path, self);

    } else if (expr_path(e, op, within != CONSENT_EXPR_TRUTH) != 0) {
        return -1;
    }

    op->within = within;

    op->text.len = e->pos - (size_t) (op->text.data - e->text.data);

    expr_spaces(e);

    if (expr_at(e, 0, '>') && expr_at(e, 1, '=')) {
        e->pos += 2;
        return expr_number(e, op);
    }

    if (expr_at(e, 0, '=')) {
        op->kind = CONSENT_EXPR_EQUALS;
        return expr_literals(e, op);
    }

    return 0;
}


static int
expr_literals(expr_t *e, consent_expr_op_t *op)
{
    consent_str_t  *list, literals[CONSENT_EXPR_LITERALS];

    e->pos++;
    expr_spaces(e);

    do {
        if (op->n == CONSENT_EXPR_LITERALS) {
            return expr_fail(e, e->pos, "too many values, 32 are the most");
        }

        if (expr_literal(e, &literals[op->n]) != 0) {
            return -1;
        }

        op->n++;

    } while (expr_goes_on(e));

    list = e->mem->alloc(e->mem->data, op->n * sizeof(consent_str_t));
    if (list == NULL) {
        return expr_fail(e, e->pos, "out of memory");
    }

    memcpy(list, literals, op->n * sizeof(consent_str_t));

    op->literals = list;
    op->text.len = e->pos - (size_t) (op->text.data - e->text.data);

    return 0;
}


static int
expr_literal(expr_t *e, consent_str_t *literal)
{
    if (expr_quoted(e, literal)) {
        return 0;
    }

    *literal = expr_word(e, EXPR_LITERAL_ENDS, 0);

    if (literal->len == 0) {
        return expr_fail(e, e->pos, "a value is missing here, write '' for "
                                    "the empty one");
    }

    return 0;
}


/* "|" and another value, both without a blank, which is not an operand */

static int
expr_goes_on(expr_t *e)
{
    int            rc;
    size_t         start;
    consent_str_t  word;

    start = e->pos;

    if (!expr_at(e, 0, '|')) {
        return 0;
    }

    e->pos++;

    if (!expr_quoted(e, &word)) {
        word = expr_word(e, EXPR_LITERAL_ENDS, 0);
    }

    rc = word.len && !expr_at(e, 0, '(')
         && memchr(word.data, '=', word.len) == NULL;

    expr_spaces(e);

    if (expr_at(e, 0, '=') || (expr_at(e, 0, '>') && expr_at(e, 1, '='))) {
        rc = 0;
    }

    e->pos = rc ? start + 1 : start;

    return rc;
}


static int
expr_number(expr_t *e, consent_expr_op_t *op)
{
    size_t  start;

    op->kind = CONSENT_EXPR_AT_LEAST;

    expr_spaces(e);

    start = e->pos;

    while (e->pos < e->text.len && consent_is_digit(e->text.data[e->pos])
           && e->pos - start < 18)
    {
        op->number = op->number * 10
                     + (uint64_t) (e->text.data[e->pos] - '0');
        e->pos++;
    }

    if (e->pos == start
        || (e->pos < e->text.len && consent_is_digit(e->text.data[e->pos])))
    {
        return expr_fail(e, start, "expected a whole number of up to 18 "
                                   "digits");
    }

    op->text.len = e->pos - (size_t) (op->text.data - e->text.data);

    return 0;
}


static int
expr_path(expr_t *e, consent_expr_op_t *op, unsigned glob)
{
    size_t         start;
    consent_str_t  path;

    start = e->pos;

    if (expr_quoted(e, &path)) {

        if (path.len == 0) {
            return expr_fail(e, start, "the name of a token is empty");
        }

        consent_path_set(&op->path, path);

        return 0;
    }

    path = expr_word(e, EXPR_ENDS, 1);

    if (path.len == 0) {
        return expr_fail(e, start, "a token or a function is missing here");
    }

    if (path.data[path.len - 1] == '*') {

        if (!glob) {
            return expr_fail(e, start, "say with any(), all() or every() "
                                       "what is to hold for all tokens "
                                       "that begin so");
        }

        op->glob = 1;
        path.len--;
    }

    if (path.len && memchr(path.data, '*', path.len)) {
        return expr_fail(e, start, "\"*\" may stand at the end only");
    }

    consent_path_set(&op->path, path);
    expr_field(op);

    return 0;
}


static int
expr_quoted(expr_t *e, consent_str_t *s)
{
    uint8_t         quote;
    const uint8_t  *start, *end;

    if (!expr_at(e, 0, '"') && !expr_at(e, 0, '\'')) {
        return 0;
    }

    quote = e->text.data[e->pos];
    start = e->text.data + e->pos + 1;
    end = e->text.len - e->pos > 1
          ? memchr(start, quote, e->text.len - e->pos - 1) : NULL;

    if (end == NULL) {
        return 0;
    }

    *s = consent_str_make(start, (size_t) (end - start));
    e->pos += s->len + 2;

    return 1;
}


/* with brackets, anything may stand between "[" and "]" */

static consent_str_t
expr_word(expr_t *e, const char *ends, unsigned brackets)
{
    uint8_t         c;
    size_t          start;
    const uint8_t  *end;

    start = e->pos;

    while (e->pos < e->text.len) {
        c = e->text.data[e->pos];

        if (brackets && c == '[') {
            end = memchr(e->text.data + e->pos, ']', e->text.len - e->pos);

            if (end) {
                e->pos = (size_t) (end - e->text.data) + 1;
                continue;
            }
        }

        if (c == '\0' || strchr(ends, c)) {
            break;
        }

        e->pos++;
    }

    return consent_str_make(e->text.data + start, e->pos - start);
}


/* "p1" is a field of the text itself, "a.p1" one of the TC string in "a" */

static void
expr_field(consent_expr_op_t *op)
{
    size_t         i;
    consent_str_t  path, none = consent_str("");

    path = op->path.text;

    if (consent_tcf_field(&op->tcf, path)) {
        consent_path_set(&op->string, none);
        return;
    }

    for (i = 0; i < path.len; i++) {

        if (path.data[i] == '.'
            && consent_tcf_field(&op->tcf,
                                 consent_str_make(path.data + i + 1,
                                                  path.len - i - 1)))
        {
            consent_path_set(&op->string, consent_str_make(path.data, i));
            return;
        }
    }
}


static consent_expr_op_t *
expr_push(expr_t *e, consent_expr_e kind, size_t at)
{
    consent_expr_op_t  *op;

    if (e->n == CONSENT_EXPR_OPS) {
        (void) expr_fail(e, at, "the expression is too long, 256 tokens and "
                                "operators are the most");
        return NULL;
    }

    op = &e->ops[e->n++];

    memset(op, 0, sizeof(consent_expr_op_t));

    op->kind = kind;
    op->text = consent_str_make(e->text.data + at, 0);

    return op;
}


static int
expr_close(expr_t *e)
{
    if (expr_take(e, ')')) {
        return 0;
    }

    return expr_fail(e, e->pos, "expected \")\"");
}


/* with the blanks in front of it */

static int
expr_take(expr_t *e, uint8_t c)
{
    expr_spaces(e);

    if (!expr_at(e, 0, c)) {
        return 0;
    }

    e->pos++;

    return 1;
}


static int
expr_at(expr_t *e, size_t ahead, uint8_t c)
{
    return ahead < e->text.len - e->pos
           && e->text.data[e->pos + ahead] == c;
}


static void
expr_spaces(expr_t *e)
{
    while (e->pos < e->text.len && consent_is_space(e->text.data[e->pos])) {
        e->pos++;
    }
}


static int
expr_fail(expr_t *e, size_t at, const char *text)
{
    e->error->text = text;
    e->error->at = at;

    return -1;
}
