/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_lenient.h"


typedef struct {
    uint8_t        *p;
    uint8_t        *end;
    const uint8_t  *pos;
    const uint8_t  *last;
    unsigned        full:1;
} lenient_t;


static int lenient_next(lenient_t *l);
static int lenient_string(lenient_t *l, uint8_t quote);
static void lenient_word(lenient_t *l);
static int lenient_is_value(consent_str_t word);
static int lenient_is_word(uint8_t c);
static void lenient_spaces(lenient_t *l);
static void lenient_put(lenient_t *l, uint8_t c);


size_t
consent_lenient_json(uint8_t *dst, size_t size, consent_str_t text)
{
    lenient_t  l;

    l.p = dst;
    l.end = dst + size;
    l.pos = text.data;
    l.last = text.data + text.len;
    l.full = 0;

    for ( ;; ) {
        lenient_spaces(&l);

        if (l.pos == l.last) {
            return l.full ? 0 : (size_t) (l.p - dst);
        }

        if (!lenient_next(&l) || l.full) {
            return 0;
        }
    }
}


static int
lenient_next(lenient_t *l)
{
    uint8_t  c;

    c = *l->pos;

    switch (c) {

    case '"':
    case '\'':
        return lenient_string(l, c);

    case '{':
    case '}':
    case '[':
    case ']':
    case ':':
        l->pos++;
        lenient_put(l, c);
        return 1;

    case ',':
        l->pos++;
        lenient_spaces(l);

        if (l->pos == l->last || (*l->pos != '}' && *l->pos != ']')) {
            lenient_put(l, c);
        }

        return 1;

    default:

        if (!lenient_is_word(c)) {
            return 0;
        }

        lenient_word(l);
        return 1;
    }
}


static int
lenient_string(lenient_t *l, uint8_t quote)
{
    uint8_t  c;

    l->pos++;
    lenient_put(l, '"');

    while (l->pos < l->last) {
        c = *l->pos++;

        if (c == quote) {
            lenient_put(l, '"');
            return 1;
        }

        if (c == '\\' && l->pos < l->last) {

            if (*l->pos != '\'') {
                lenient_put(l, c);
            }

            c = *l->pos++;

        } else if (c == '"') {
            lenient_put(l, '\\');
        }

        lenient_put(l, c);
    }

    return 0;
}


/* a key, a value of JSON, or a string without quotes */

static void
lenient_word(lenient_t *l)
{
    unsigned       quotes;
    consent_str_t  word;

    word.data = l->pos;

    while (l->pos < l->last && lenient_is_word(*l->pos)) {
        l->pos++;
    }

    word.len = (size_t) (l->pos - word.data);

    lenient_spaces(l);

    quotes = (l->pos < l->last && *l->pos == ':') || !lenient_is_value(word);

    if (quotes) {
        lenient_put(l, '"');
    }

    for ( /* void */ ; word.len; word.len--) {
        lenient_put(l, *word.data++);
    }

    if (quotes) {
        lenient_put(l, '"');
    }
}


/* numbers are integers here */

static int
lenient_is_value(consent_str_t word)
{
    size_t  i;

    static const consent_str_t  yes = consent_str("true");
    static const consent_str_t  no = consent_str("false");
    static const consent_str_t  null = consent_str("null");

    if (consent_str_eq(word, yes) || consent_str_eq(word, no)
        || consent_str_eq(word, null))
    {
        return 1;
    }

    i = (word.data[0] == '-');

    if (i == word.len || (word.data[i] == '0' && word.len > i + 1)) {
        return 0;
    }

    while (i < word.len && consent_is_digit(word.data[i])) {
        i++;
    }

    return i == word.len;
}


static int
lenient_is_word(uint8_t c)
{
    return consent_is_alpha(c) || consent_is_digit(c)
           || c == '_' || c == '-' || c == '$' || c == '.';
}


static void
lenient_spaces(lenient_t *l)
{
    while (l->pos < l->last && consent_is_space(*l->pos)) {
        l->pos++;
    }
}


static void
lenient_put(lenient_t *l, uint8_t c)
{
    if (l->p == l->end) {
        l->full = 1;
        return;
    }

    *l->p++ = c;
}
