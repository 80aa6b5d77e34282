/*
 * Copyright (C) ngx_consent_module authors
 *
 * The lines of a consent_source block, one by one.
 */


#include "consent_source_private.h"


/* a line that is being read */

typedef struct {
    consent_block_t         *block;
    block_layer_t           *layer;
    const consent_str_t     *words;
    unsigned                 n;
    unsigned                 origin;
    unsigned                 what;              /* of the table of lines */
    consent_block_error_t   *error;
} block_line_t;


typedef int (*block_line_pt)(block_line_t *line);


static int block_names(block_line_t *line);
static int block_name(block_line_t *line, consent_source_names_t *names,
    consent_str_t word);
static int block_transform(block_line_t *line);
static int block_shape(block_line_t *line);
static int block_parse(block_line_t *line);
static int block_into(block_line_t *line);
static void block_into_token(consent_source_into_t *into, consent_str_t word);
static int block_expr(block_line_t *line);
static int block_rule(block_line_t *line);
static int block_compile_expr(block_line_t *line, consent_expr_t *expr,
    unsigned from);
static consent_str_t block_join(block_line_t *line, unsigned from);
static int block_grants_nothing(const consent_expr_t *expr);
static int block_once(block_line_t *line, unsigned what);
static int block_twice(block_line_t *line, unsigned origin,
    consent_str_t what);
static void *block_grow(const consent_mem_t *mem, void *list, unsigned n,
    unsigned *room, size_t size);
static int block_wrong(block_line_t *line, const char *wrong,
    consent_str_t word);
static int block_wrong_expr(block_line_t *line, consent_str_t text,
    const consent_expr_error_t *wrong);
static consent_str_t block_digits(uint8_t digits[20], size_t n);


static const struct {
    block_line_pt    read;
    const char      *usage;
    consent_str_t    name;
    unsigned         least;         /* words behind it */
    unsigned         once;          /* block_once_e */
} block_lines[] = {
    { block_names, "the name of a cookie is missing",
      consent_str("cookie"), 1, BLOCK_ONCE },
    { block_names, "the name of a cookie is missing",
      consent_str("own"), 1, BLOCK_ONCE },
    { block_transform, "a transform is missing",
      consent_str("transform"), 1, BLOCK_TRANSFORM },
    { block_shape, "a regular expression is missing",
      consent_str("shape"), 1, BLOCK_SHAPE },
    { block_parse, "a parser is missing",
      consent_str("parse"), 1, BLOCK_PARSE },
    { block_into, "write the name of a token and a parser for its value",
      consent_str("into"), 2, BLOCK_ONCE },
    { block_expr, "an expression is missing",
      consent_str("decided"), 1, BLOCK_DECIDED },
    { block_expr, "an expression is missing",
      consent_str("implied"), 1, BLOCK_IMPLIED },
    { block_expr, "an expression is missing",
      consent_str("reset"), 1, BLOCK_RESET },
    { block_rule, "write the name of a category and an expression",
      consent_str("grant"), 2, BLOCK_ONCE },
    { block_rule, "write the name of a category and an expression",
      consent_str("deny"), 2, BLOCK_ONCE }
};

/* characters of an expression that a message shows */

#define BLOCK_QUOTE  80

#define BLOCK_LINES  (sizeof(block_lines) / sizeof(block_lines[0]))


consent_block_t *
consent_block_create(const consent_mem_t *mem, consent_str_t name)
{
    consent_block_t  *block;

    block = mem->alloc(mem->data, sizeof(consent_block_t));
    if (block == NULL) {
        return NULL;
    }

    memset(block, 0, sizeof(consent_block_t));

    block->mem = *mem;
    block->source.name = name;

    return block;
}


void
consent_block_destroy(consent_block_t *block)
{
    unsigned  i;

    for (i = 0; i < CONSENT_LAYERS; i++) {
        if (block->layers[i].shape) {
            consent_shape_destroy(block->layers[i].shape);
            block->layers[i].shape = NULL;
        }
    }
}


int
consent_block_line(consent_block_t *block, consent_layer_e layer,
    const consent_str_t *words, unsigned n, unsigned origin,
    consent_block_error_t *error)
{
    unsigned       i;
    block_line_t   line;
    consent_str_t  parts[3];

    error->text[0] = '\0';
    error->origin = 0;

    line.block = block;
    line.layer = &block->layers[layer];
    line.words = words;
    line.n = n;
    line.origin = origin;
    line.error = error;

    if (block->origin == 0) {
        block->origin = origin;
    }

    for (i = 0; i < BLOCK_LINES; i++) {

        if (!consent_str_eq(words[0], block_lines[i].name)) {
            continue;
        }

        line.what = i;

        if (n <= block_lines[i].least) {
            return block_wrong(&line, block_lines[i].usage, words[0]);
        }

        return block_lines[i].read(&line);
    }

    parts[0] = consent_block_text("unknown \"");
    parts[1] = words[0];
    parts[2] = consent_block_text("\" in \"consent_source\", use cookie, "
                                  "transform, shape, parse, into, decided, "
                                  "implied, reset, grant, deny or own");

    return consent_block_fail(error, 0, parts, 3);
}


static int
block_names(block_line_t *line)
{
    unsigned                 i;
    consent_source_names_t  *names;

    static const consent_str_t  own = consent_str("own");

    names = consent_str_eq(line->words[0], own) ? &line->layer->own
                                                : &line->layer->cookies;

    for (i = 1; i < line->n; i++) {
        if (block_name(line, names, line->words[i]) != 0) {
            return -1;
        }
    }

    return 0;
}


static int
block_name(block_line_t *line, consent_source_names_t *names,
    consent_str_t word)
{
    consent_str_t          text;
    consent_source_name_t  name;

    memset(&name, 0, sizeof(consent_source_name_t));

    text = word;

    if (text.len && text.data[0] == '!' && names == &line->layer->cookies) {
        name.except = 1;
        text.data++;
        text.len--;
    }

    if (text.len && text.data[0] == '*') {
        name.suffix = 1;
        text.data++;
        text.len--;

    } else if (text.len && text.data[text.len - 1] == '*') {
        name.prefix = 1;
        text.len--;
    }

    if (text.len == 0) {
        return block_wrong(line, "write a name, or the beginning of one and "
                           "\"*\"", word);
    }

    if (memchr(text.data, '*', text.len)) {
        return block_wrong(line, "\"*\" may stand at one end of a name",
                           word);
    }

    if (memchr(text.data, ';', text.len) || memchr(text.data, '=', text.len)) {
        return block_wrong(line, "no cookie has such a name", word);
    }

    name.text = text;

    return consent_block_add_name(&line->block->mem, names, &name) == 0
           ? 0 : consent_block_nomem(line->error);
}


static int
block_transform(block_line_t *line)
{
    unsigned     at;
    const char  *wrong;

    if (block_once(line, BLOCK_TRANSFORM) != 0) {
        return -1;
    }

    wrong = consent_transforms_add(&line->layer->transforms, line->words + 1,
                                   line->n - 1, &at);

    return wrong ? block_wrong(line, wrong, line->words[1 + at]) : 0;
}


static int
block_shape(block_line_t *line)
{
    char  error[160];

    if (block_once(line, BLOCK_SHAPE) != 0) {
        return -1;
    }

    if (line->n > 2) {
        return block_wrong(line, "one regular expression is enough, put it "
                           "in quotes", line->words[2]);
    }

    if (line->words[1].len == 0) {
        return block_wrong(line, "the regular expression is empty",
                           line->words[1]);
    }

    line->layer->shape = consent_shape_create(&line->block->mem,
                                              line->words[1], error,
                                              sizeof(error));

    return line->layer->shape ? 0 : block_wrong(line, error, line->words[1]);
}


static int
block_parse(block_line_t *line)
{
    unsigned     at;
    const char  *wrong;

    if (block_once(line, BLOCK_PARSE) != 0) {
        return -1;
    }

    wrong = consent_parser_set(&line->layer->parser, line->words + 1,
                               line->n - 1, &at);

    return wrong ? block_wrong(line, wrong, line->words[1 + at]) : 0;
}


static int
block_into(block_line_t *line)
{
    unsigned                at, i;
    const char             *wrong;
    block_layer_t          *layer;
    consent_source_into_t  *into, named;

    layer = line->layer;

    memset(&named, 0, sizeof(consent_source_into_t));
    block_into_token(&named, line->words[1]);

    for (i = 0; i < layer->nintos; i++) {
        if (layer->intos[i].cookie == named.cookie
            && consent_str_eq(layer->intos[i].token.text, named.token.text))
        {
            return block_twice(line, layer->into_origins[i], line->words[1]);
        }
    }

    if (layer->nintos == CONSENT_SOURCE_INTOS) {
        return block_wrong(line, "too many of them, 8 are the most",
                           line->words[1]);
    }

    into = &layer->intos[layer->nintos];
    *into = named;

    wrong = consent_parser_set(&into->parser, line->words + 2, line->n - 2,
                               &at);
    if (wrong) {
        return block_wrong(line, wrong, line->words[2 + at]);
    }

    if (into->parser.kind == CONSENT_PARSER_COOKIES) {
        return block_wrong(line, "this parser reads cookies, not a value",
                           line->words[2]);
    }

    layer->into_origins[layer->nintos++] = line->origin;

    return 0;
}


/* the name of a token, or cookie(NAME) */

static void
block_into_token(consent_source_into_t *into, consent_str_t word)
{
    static const consent_str_t  cookie = consent_str("cookie(");

    if (word.len > cookie.len + 1 && word.data[word.len - 1] == ')'
        && memcmp(word.data, cookie.data, cookie.len) == 0)
    {
        into->cookie = 1;
        word.data += cookie.len;
        word.len -= cookie.len + 1;
    }

    consent_path_set(&into->token, word);
}


/* decided, implied, reset */

static int
block_expr(block_line_t *line)
{
    unsigned  what;

    what = block_lines[line->what].once;

    if (block_once(line, what) != 0) {
        return -1;
    }

    return block_compile_expr(line, &line->layer->exprs[what], 1);
}


/* grant, deny */

static int
block_rule(block_line_t *line)
{
    unsigned        i;
    block_rule_t   *rule, *list;
    block_layer_t  *layer;
    consent_expr_t  expr;
    unsigned        deny;

    static const consent_str_t  word = consent_str("deny");

    layer = line->layer;
    deny = (unsigned) consent_str_eq(line->words[0], word);

    for (i = 0; i < layer->nrules; i++) {
        rule = &layer->rules[i];

        if (rule->deny == deny
            && consent_str_eq(rule->category, line->words[1]))
        {
            return block_twice(line, rule->origin, line->words[1]);
        }
    }

    if (block_compile_expr(line, &expr, 2) != 0) {
        return -1;
    }

    if (!deny && !block_grants_nothing(&expr)) {
        return block_wrong(line, "this holds for a visitor of whom nothing "
                           "is known, say what has to be there", expr.text);
    }

    list = block_grow(&line->block->mem, layer->rules, layer->nrules,
                      &layer->room, sizeof(block_rule_t));
    if (list == NULL) {
        return consent_block_nomem(line->error);
    }

    layer->rules = list;
    rule = &list[layer->nrules++];

    rule->category = line->words[1];
    rule->expr = expr;
    rule->origin = line->origin;
    rule->deny = deny & 1;

    return 0;
}


static int
block_compile_expr(block_line_t *line, consent_expr_t *expr, unsigned from)
{
    consent_str_t         text;
    consent_expr_error_t  wrong;

    text = block_join(line, from);

    if (text.data == NULL) {
        return consent_block_nomem(line->error);
    }

    if (consent_expr_compile(expr, &line->block->mem, text, &wrong) != 0) {
        return block_wrong_expr(line, text, &wrong);
    }

    return 0;
}


/* an expression without quotes around it comes in several words */

static consent_str_t
block_join(block_line_t *line, unsigned from)
{
    size_t    len;
    uint8_t  *p, *text;
    unsigned  i;

    if (line->n == from + 1) {
        return line->words[from];
    }

    len = 0;

    for (i = from; i < line->n; i++) {
        len += line->words[i].len + 1;
    }

    text = line->block->mem.alloc(line->block->mem.data, len);
    if (text == NULL) {
        return consent_str_make(NULL, 0);
    }

    p = text;

    for (i = from; i < line->n; i++) {

        if (i > from) {
            *p++ = ' ';
        }

        memcpy(p, line->words[i].data, line->words[i].len);
        p += line->words[i].len;
    }

    return consent_str_make(text, (size_t) (p - text));
}


/* without any token and cookie */

static int
block_grants_nothing(const consent_expr_t *expr)
{
    uint16_t          table[CONSENT_TOKENS_PLACES];
    consent_facts_t   facts;
    consent_tokens_t  tokens;

    memset(table, 0, sizeof(table));
    memset(&facts, 0, sizeof(consent_facts_t));
    memset(&tokens, 0, sizeof(consent_tokens_t));

    tokens.table = table;
    facts.tokens = &tokens;

    return consent_expr_eval(expr, &facts) != CONSENT_TRUTH_YES;
}


static int
block_once(block_line_t *line, unsigned what)
{
    if (line->layer->origins[what]) {
        return block_twice(line, line->layer->origins[what], line->words[0]);
    }

    line->layer->origins[what] = line->origin;

    return 0;
}


static int
block_twice(block_line_t *line, unsigned origin, consent_str_t what)
{
    consent_str_t  parts[5];

    parts[0] = consent_block_text("\"");
    parts[1] = what;
    parts[2] = consent_block_text("\" of source \"");
    parts[3] = line->block->source.name;
    parts[4] = consent_block_text("\" is given twice, remove one of them");

    return consent_block_fail(line->error, origin, parts, 5);
}


int
consent_block_add_name(const consent_mem_t *mem, consent_source_names_t *names,
    const consent_source_name_t *name)
{
    consent_source_name_t  *list;

    list = block_grow(mem, names->list, names->n, &names->room,
                      sizeof(consent_source_name_t));
    if (list == NULL) {
        return -1;
    }

    names->list = list;
    names->list[names->n++] = *name;

    return 0;
}


/* room for one more; what was there before is not released */

static void *
block_grow(const consent_mem_t *mem, void *list, unsigned n, unsigned *room,
    size_t size)
{
    void  *bigger;

    if (n < *room) {
        return list;
    }

    bigger = mem->alloc(mem->data, (*room ? *room * 2 : 4) * size);
    if (bigger == NULL) {
        return NULL;
    }

    if (n) {
        memcpy(bigger, list, n * size);
    }

    *room = *room ? *room * 2 : 4;

    return bigger;
}


int
consent_block_fail(consent_block_error_t *error, unsigned origin,
    const consent_str_t *parts, unsigned n)
{
    size_t    len, part;
    unsigned  i;

    len = 0;

    for (i = 0; i < n; i++) {
        part = sizeof(error->text) - 1 - len;
        part = parts[i].len < part ? parts[i].len : part;

        if (part) {
            memcpy(error->text + len, parts[i].data, part);
            len += part;
        }
    }

    error->text[len] = '\0';
    error->origin = origin;

    return -1;
}


int
consent_block_nomem(consent_block_error_t *error)
{
    consent_str_t  text = consent_str("out of memory");

    return consent_block_fail(error, error->origin, &text, 1);
}


static int
block_wrong(block_line_t *line, const char *wrong, consent_str_t word)
{
    consent_str_t  parts[6];

    parts[0] = consent_block_text("invalid \"");
    parts[1] = word;
    parts[2] = consent_block_text("\" in \"");
    parts[3] = line->words[0];
    parts[4] = consent_block_text("\": ");
    parts[5] = consent_block_text(wrong);

    return consent_block_fail(line->error, 0, parts, 6);
}


/* says at which character, and what stands there */

static int
block_wrong_expr(block_line_t *line, consent_str_t text,
    const consent_expr_error_t *wrong)
{
    uint8_t        digits[20];
    consent_str_t  parts[10], rest;

    rest = consent_str_make(text.data + wrong->at, text.len - wrong->at);

    rest.len = rest.len < BLOCK_QUOTE ? rest.len : BLOCK_QUOTE;
    text.len = text.len < 2 * BLOCK_QUOTE ? text.len : 2 * BLOCK_QUOTE;

    parts[0] = consent_block_text("invalid expression \"");
    parts[1] = text;
    parts[2] = consent_block_text("\" in \"");
    parts[3] = line->words[0];
    parts[4] = consent_block_text("\", at character ");
    parts[5] = block_digits(digits, wrong->at + 1);

    if (rest.len) {
        parts[6] = consent_block_text(" where \"");
        parts[7] = rest;
        parts[8] = consent_block_text("\" begins: ");

    } else {
        parts[6] = consent_block_text(", its end");
        parts[7] = rest;
        parts[8] = consent_block_text(": ");
    }

    parts[9] = consent_block_text(wrong->text);

    return consent_block_fail(line->error, 0, parts, 10);
}


static consent_str_t
block_digits(uint8_t digits[20], size_t n)
{
    size_t  i;

    i = 20;

    do {
        digits[--i] = (uint8_t) ('0' + n % 10);
        n /= 10;
    } while (n);

    return consent_str_make(digits + i, 20 - i);
}


consent_str_t
consent_block_text(const char *text)
{
    return consent_str_make((const uint8_t *) text, strlen(text));
}
