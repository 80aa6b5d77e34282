/*
 * Copyright (C) ngx_consent_module authors
 *
 * From the cookies of a request to what a source says.
 */


#include "consent_source_block.h"
#include "consent_cookie.h"


typedef struct {
    const consent_source_t  *source;
    consent_facts_t         *facts;
    consent_tokens_t        *tokens;
    consent_reading_t       *reading;
    consent_scratch_t       *scratch;
    uint8_t                 *memory;
    consent_str_t            tried[CONSENT_SOURCE_TRIES];
    unsigned                 ntried;
} reader_t;


static consent_parsed_e read_cookies(reader_t *r);
static consent_parsed_e read_cookie(reader_t *r,
    const consent_source_name_t *pattern, const consent_cookie_t *cookie);
static int read_token(consent_tokens_t *tokens, consent_str_t name,
    consent_str_t value);
static consent_parsed_e read_first(reader_t *r);
static consent_parsed_e read_named(reader_t *r,
    const consent_source_name_t *name);
static consent_parsed_e read_undecided(reader_t *r,
    const consent_cookie_t *cookie, consent_parsed_e best);
static int read_is_undecided(reader_t *r);
static consent_parsed_e read_value(reader_t *r, consent_str_t value);
static consent_parsed_e read_intos(reader_t *r, unsigned urls);
static int read_into(reader_t *r, const consent_source_into_t *into,
    unsigned *token);
static const consent_source_name_t *read_pattern(
    const consent_source_t *source, consent_str_t name);
static int read_is_excluded(const consent_source_t *source,
    consent_str_t name);
static int read_was_tried(reader_t *r, consent_str_t name);
static int name_matches(const consent_source_name_t *pattern,
    consent_str_t name);
static void read_decision(reader_t *r);
static consent_mask_t read_rules(const consent_source_rule_t *rules,
    unsigned n, const consent_facts_t *facts);
static int read_holds(const consent_expr_t *expr,
    const consent_facts_t *facts);


void
consent_source_read(consent_reading_t *reading,
    const consent_source_t *source, consent_facts_t *facts,
    consent_tokens_t *tokens, uint8_t *memory)
{
    reader_t           r;
    consent_parsed_e   parsed;
    consent_scratch_t  scratch;

    memset(reading, 0, sizeof(consent_reading_t));
    memset(tokens, 0, sizeof(consent_tokens_t));

    reading->kind = CONSENT_DECISION_NONE;
    reading->reason = CONSENT_REASON_ABSENT;

    scratch.pos = memory;
    scratch.end = memory + CONSENT_PARSER_SCRATCH;

    facts->tokens = tokens;

    r.source = source;
    r.facts = facts;
    r.tokens = tokens;
    r.reading = reading;
    r.scratch = &scratch;
    r.memory = memory;
    r.ntried = 0;

    tokens->scratch = &scratch;

    if (source->parser.kind == CONSENT_PARSER_COOKIES) {
        parsed = read_cookies(&r);

    } else {
        parsed = read_first(&r);
    }

    tokens->scratch = NULL;

    switch (parsed) {

    case CONSENT_PARSED:
        read_decision(&r);
        return;

    case CONSENT_PARSED_MALFORMED:
        reading->reason = CONSENT_REASON_MALFORMED;
        break;

    case CONSENT_PARSED_SHAPE:
        reading->reason = CONSENT_REASON_SHAPE;
        break;

    case CONSENT_PARSED_LIMIT:
        reading->reason = CONSENT_REASON_LIMIT;
        break;

    case CONSENT_PARSED_ABSENT:
        break;
    }

    tokens->n = 0;
    tokens->tcf = consent_str_make(NULL, 0);
}


/* each cookie is a token, named as it is, or by what "*" stands for */

static consent_parsed_e
read_cookies(reader_t *r)
{
    unsigned                      i;
    consent_str_t                 rest;
    consent_parsed_e              parsed;
    consent_cookie_t              cookie;
    const consent_source_name_t  *pattern;

    for (i = 0; i < r->facts->nlines; i++) {
        rest = r->facts->lines[i];

        while (consent_cookie_next(&rest, &cookie)) {
            pattern = read_pattern(r->source, cookie.name);

            if (pattern == NULL) {
                continue;
            }

            parsed = read_cookie(r, pattern, &cookie);

            if (parsed != CONSENT_PARSED) {
                return parsed;
            }
        }
    }

    return r->tokens->list ? read_intos(r, CONSENT_TRANSFORM_URLS)
                           : CONSENT_PARSED_ABSENT;
}


static consent_parsed_e
read_cookie(reader_t *r, const consent_source_name_t *pattern,
    const consent_cookie_t *cookie)
{
    consent_str_t                name, value;
    const consent_transforms_t  *t;

    static const consent_str_t  self = consent_str("self");

    if (cookie->name.len > CONSENT_SOURCE_NAME_MAX
        || cookie->value.len > CONSENT_SOURCE_VALUE_MAX
        || (r->tokens->list == NULL
            && consent_tokens_init(r->tokens, r->tokens->scratch) != 0))
    {
        return CONSENT_PARSED_LIMIT;
    }

    t = &r->source->parser.transforms;
    name = cookie->name;
    value = consent_transform_unquote(cookie->value);

    if (pattern->prefix || pattern->suffix) {
        name.data += pattern->prefix ? pattern->text.len : 0;
        name.len -= pattern->text.len;
    }

    if (consent_transform_value(t, CONSENT_TRANSFORM_URLS, &value,
                                r->tokens->scratch)
        != 0
        || (t->lower
            && consent_transform_lower(&name, r->tokens->scratch) != 0)
        || !read_token(r->tokens, name, value))
    {
        return CONSENT_PARSED_LIMIT;
    }

    /* where there is one name, its value needs none */

    if (!pattern->prefix && !pattern->suffix
        && !read_token(r->tokens, self, value))
    {
        return CONSENT_PARSED_LIMIT;
    }

    return CONSENT_PARSED;
}


static int
read_token(consent_tokens_t *tokens, consent_str_t name, consent_str_t value)
{
    unsigned  n, token;

    n = tokens->n;
    token = consent_tokens_add(tokens, 0, name, 0, CONSENT_TOKEN_FIRST);

    if (tokens->n > n) {
        tokens->list[token - 1].value = value;
    }

    return token != 0;
}


/*
 * The first cookie that can be read, in the order of the configuration, and
 * of those that begin or end alike the first with a decision: a site may have
 * one for each language.  Of several with one name only the first counts.
 */

static consent_parsed_e
read_first(reader_t *r)
{
    unsigned                      i;
    consent_parsed_e              parsed, best;
    const consent_source_name_t  *name;

    best = CONSENT_PARSED_ABSENT;

    for (i = 0; i < r->source->cookies.n; i++) {
        name = &r->source->cookies.list[i];

        if (name->except) {
            continue;
        }

        parsed = read_named(r, name);

        if (parsed == CONSENT_PARSED) {
            return parsed;
        }

        if (best == CONSENT_PARSED_ABSENT) {
            best = parsed;
        }
    }

    return best;
}


static consent_parsed_e
read_named(reader_t *r, const consent_source_name_t *name)
{
    unsigned          i, alike;
    consent_str_t     rest;
    consent_parsed_e  parsed, best;
    consent_cookie_t  cookie, undecided;

    best = CONSENT_PARSED_ABSENT;
    alike = name->prefix || name->suffix;
    memset(&undecided, 0, sizeof(consent_cookie_t));

    for (i = 0; i < r->facts->nlines; i++) {
        rest = r->facts->lines[i];

        while (consent_cookie_next(&rest, &cookie)) {

            if (!name_matches(name, cookie.name)
                || read_is_excluded(r->source, cookie.name)
                || read_was_tried(r, cookie.name))
            {
                continue;
            }

            r->reading->cookie = cookie.name;

            parsed = cookie.name.len > CONSENT_SOURCE_NAME_MAX
                     ? CONSENT_PARSED_LIMIT : read_value(r, cookie.value);

            if (parsed == CONSENT_PARSED) {

                if (!alike || !read_is_undecided(r)) {
                    return parsed;
                }

                if (undecided.name.data == NULL) {
                    undecided = cookie;
                }

            } else {
                best = parsed;
            }

            if (!alike || r->ntried == CONSENT_SOURCE_TRIES) {
                return read_undecided(r, &undecided, best);
            }

            r->tried[r->ntried++] = cookie.name;
        }
    }

    return read_undecided(r, &undecided, best);
}


/* none has a decision: what the first one says that could be read, if any */

static consent_parsed_e
read_undecided(reader_t *r, const consent_cookie_t *cookie,
    consent_parsed_e best)
{
    if (cookie->name.data == NULL) {
        return best;
    }

    r->reading->cookie = cookie->name;

    return read_value(r, cookie->value);
}


static int
read_is_undecided(reader_t *r)
{
    read_decision(r);

    return r->reading->reason == CONSENT_REASON_UNDECIDED;
}


static consent_parsed_e
read_value(reader_t *r, consent_str_t value)
{
    unsigned          urls;
    consent_parsed_e  parsed;

    if (value.len > CONSENT_SOURCE_VALUE_MAX) {
        return CONSENT_PARSED_LIMIT;
    }

    r->scratch->pos = r->memory;

    if (consent_tokens_init(r->tokens, r->scratch) != 0) {
        return CONSENT_PARSED_LIMIT;
    }

    urls = CONSENT_TRANSFORM_URLS;

    parsed = consent_parser_run(&r->source->parser, r->tokens, 0, value,
                                &urls);

    return parsed == CONSENT_PARSED ? read_intos(r, urls) : parsed;
}


/* each value that is parsed once more, in the order of the configuration */

static consent_parsed_e
read_intos(reader_t *r, unsigned urls)
{
    unsigned                      i, token, left;
    consent_parsed_e              parsed;
    const consent_source_into_t  *into;

    for (i = 0; i < r->source->nintos; i++) {
        into = &r->source->intos[i];
        left = into->cookie ? CONSENT_TRANSFORM_URLS : urls;

        if (!read_into(r, into, &token)) {
            return CONSENT_PARSED_LIMIT;
        }

        if (token == 0) {
            continue;
        }

        parsed = consent_parser_run(&into->parser, r->tokens, token,
                                    r->tokens->list[token - 1].value, &left);

        if (parsed != CONSENT_PARSED) {
            return parsed;
        }
    }

    return CONSENT_PARSED;
}


/* *token is 0 if it is not there, or has parts already; 0: over a limit */

static int
read_into(reader_t *r, const consent_source_into_t *into, unsigned *token)
{
    consent_str_t           value;
    const consent_token_t  *found;

    *token = 0;

    if (into->cookie) {

        if (!consent_facts_cookie(r->facts, into->token.text, 0, &value)) {
            return 1;
        }

        if (value.len > CONSENT_SOURCE_VALUE_MAX
            || !read_token(r->tokens, into->token.text, value))
        {
            return 0;
        }
    }

    found = consent_tokens_find(r->tokens, &into->token);

    if (found && found->kind == CONSENT_TOKEN_TEXT && found->value.len) {
        *token = (unsigned) (found - r->tokens->list) + 1;
    }

    return 1;
}


static const consent_source_name_t *
read_pattern(const consent_source_t *source, consent_str_t name)
{
    unsigned                      i;
    const consent_source_name_t  *pattern;

    for (i = 0; i < source->cookies.n; i++) {
        pattern = &source->cookies.list[i];

        if (!pattern->except && name_matches(pattern, name)) {
            return read_is_excluded(source, name) ? NULL : pattern;
        }
    }

    return NULL;
}


static int
read_is_excluded(const consent_source_t *source, consent_str_t name)
{
    unsigned  i;

    for (i = 0; i < source->cookies.n; i++) {
        if (source->cookies.list[i].except
            && name_matches(&source->cookies.list[i], name))
        {
            return 1;
        }
    }

    return 0;
}


static int
read_was_tried(reader_t *r, consent_str_t name)
{
    unsigned  i;

    for (i = 0; i < r->ntried; i++) {
        if (consent_str_eq(r->tried[i], name)) {
            return 1;
        }
    }

    return 0;
}


static int
name_matches(const consent_source_name_t *pattern, consent_str_t name)
{
    if (pattern->prefix || pattern->suffix) {

        if (name.len < pattern->text.len) {
            return 0;
        }

        if (pattern->suffix) {
            name.data += name.len - pattern->text.len;
        }

        name.len = pattern->text.len;
    }

    return consent_str_eq(pattern->text, name);
}


int
consent_source_owns(const consent_source_t *source, consent_str_t name)
{
    unsigned  i;

    for (i = 0; i < source->own.n; i++) {
        if (name_matches(&source->own.list[i], name)) {
            return 1;
        }
    }

    return read_pattern(source, name) != NULL;
}


static void
read_decision(reader_t *r)
{
    consent_reading_t       *reading;
    const consent_source_t  *source;

    reading = r->reading;
    source = r->source;

    reading->denied = read_rules(source->denials, source->ndenials,
                                 r->facts);

    if (source->ngrants == 0) {
        reading->reason = CONSENT_REASON_UNDECIDED;
        return;
    }

    if (source->reset.n && read_holds(&source->reset, r->facts) != 0) {
        reading->reason = CONSENT_REASON_RESET;
        return;
    }

    if (source->decided.n == 0 || read_holds(&source->decided, r->facts) > 0)
    {
        reading->kind = CONSENT_DECISION_EXPLICIT;

    } else if (source->implied.n && read_holds(&source->implied, r->facts) > 0)
    {
        reading->kind = CONSENT_DECISION_IMPLIED;

    } else {
        reading->reason = CONSENT_REASON_UNDECIDED;
        return;
    }

    reading->reason = CONSENT_REASON_OK;
    reading->accepted = read_rules(source->grants, source->ngrants,
                                   r->facts);
}


static consent_mask_t
read_rules(const consent_source_rule_t *rules, unsigned n,
    const consent_facts_t *facts)
{
    unsigned        i;
    consent_mask_t  mask;

    mask = 0;

    for (i = 0; i < n; i++) {
        if (read_holds(&rules[i].expr, facts) > 0) {
            mask |= rules[i].bit;
        }
    }

    return mask;
}


/* 1: yes; 0: no, or there is nothing; -1: unknown */

static int
read_holds(const consent_expr_t *expr, const consent_facts_t *facts)
{
    switch (consent_expr_eval(expr, facts)) {

    case CONSENT_TRUTH_YES:
        return 1;

    case CONSENT_TRUTH_UNKNOWN:
        return -1;

    case CONSENT_TRUTH_NO:
    case CONSENT_TRUTH_ABSENT:
        break;
    }

    return 0;
}
