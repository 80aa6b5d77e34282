/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_transform.h"
#include "consent_tcf.h"


static int transform_one(const consent_transform_t *transform,
    consent_str_t *text, consent_scratch_t *scratch);
static int transform_base64(consent_str_t *text, consent_scratch_t *scratch);
static int transform_copy(consent_str_t *text, consent_scratch_t *scratch,
    uint8_t (*map)(uint8_t c));
static uint8_t transform_plus(uint8_t c);
static uint8_t transform_lower(uint8_t c);
static int transform_hex(uint8_t c);


static const struct {
    consent_str_t        name;
    unsigned             argument;
} transforms[] = {
    { consent_str("url"), 0 },
    { consent_str("plus"), 0 },
    { consent_str("unquote"), 0 },
    { consent_str("b64"), 0 },
    { consent_str("strip"), 1 },
    { consent_str("until"), 1 },
    { consent_str("after"), 1 },
    { consent_str("lower"), 0 }
};

#define TRANSFORMS  (sizeof(transforms) / sizeof(transforms[0]))


const char *
consent_transforms_add(consent_transforms_t *t, const consent_str_t *words,
    unsigned n, unsigned *at)
{
    size_t                kind;
    unsigned              i;
    consent_transform_t  *transform;

    for (i = 0; i < n; i++) {
        *at = i;

        for (kind = 0; kind < TRANSFORMS; kind++) {
            if (consent_str_eq(words[i], transforms[kind].name)) {
                break;
            }
        }

        if (kind == TRANSFORMS) {
            return "there is no such transform, use url, plus, unquote, b64, "
                   "strip TEXT, until TEXT, after TEXT or lower";
        }

        if (t->n == CONSENT_TRANSFORMS_MAX) {
            return "too many transforms, 8 are the most";
        }

        transform = &t->list[t->n];

        transform->kind = (consent_transform_e) kind;
        transform->argument = consent_str_make(NULL, 0);

        if (transforms[kind].argument) {

            if (i + 1 == n || words[i + 1].len == 0) {
                return "a text is missing behind it";
            }

            transform->argument = words[++i];
        }

        switch (transform->kind) {

        case CONSENT_TRANSFORM_URL:

            if (t->has_url) {
                return "\"url\" is there already, and undoes up to two "
                       "levels";
            }

            t->has_url = 1;
            t->url = t->n;
            break;

        case CONSENT_TRANSFORM_PLUS:
            t->plus = 1;
            break;

        case CONSENT_TRANSFORM_LOWER:
            t->lower = 1;
            break;

        case CONSENT_TRANSFORM_UNQUOTE:
        case CONSENT_TRANSFORM_BASE64:
        case CONSENT_TRANSFORM_STRIP:
        case CONSENT_TRANSFORM_UNTIL:
        case CONSENT_TRANSFORM_AFTER:
            break;
        }

        t->n++;
    }

    if (!t->has_url) {
        t->url = t->n;
    }

    return NULL;
}


int
consent_transforms_run(const consent_transforms_t *t, unsigned from,
    unsigned to, unsigned values, consent_str_t *text,
    consent_scratch_t *scratch)
{
    int       rc;
    unsigned  i;

    for (i = from; i < to; i++) {

        if (t->list[i].kind == CONSENT_TRANSFORM_URL
            || (values && t->list[i].kind == CONSENT_TRANSFORM_PLUS))
        {
            continue;
        }

        rc = transform_one(&t->list[i], text, scratch);

        if (rc != 1) {
            return rc;
        }
    }

    return 1;
}


static int
transform_one(const consent_transform_t *transform, consent_str_t *text,
    consent_scratch_t *scratch)
{
    size_t          len;
    const uint8_t  *found;

    len = transform->argument.len;

    switch (transform->kind) {

    case CONSENT_TRANSFORM_URL:
        return consent_transform_url(text, scratch) == 0 ? 1 : -1;

    case CONSENT_TRANSFORM_PLUS:
        return transform_copy(text, scratch, transform_plus);

    case CONSENT_TRANSFORM_LOWER:
        return transform_copy(text, scratch, transform_lower);

    case CONSENT_TRANSFORM_UNQUOTE:
        *text = consent_transform_unquote(*text);
        return 1;

    case CONSENT_TRANSFORM_BASE64:
        return transform_base64(text, scratch);

    case CONSENT_TRANSFORM_STRIP:

        if (text->len < len
            || memcmp(text->data, transform->argument.data, len) != 0)
        {
            return 0;
        }

        text->data += len;
        text->len -= len;
        return 1;

    case CONSENT_TRANSFORM_UNTIL:
    case CONSENT_TRANSFORM_AFTER:
        break;
    }

    found = consent_transform_find(*text, transform->argument);

    if (transform->kind == CONSENT_TRANSFORM_UNTIL) {

        if (found) {
            text->len = (size_t) (found - text->data);
        }

        return 1;
    }

    if (found == NULL) {
        return 0;
    }

    text->len -= (size_t) (found + len - text->data);
    text->data = found + len;

    return 1;
}


/* of both alphabets, padded or not; 0: it is something else */

static int
transform_base64(consent_str_t *text, consent_scratch_t *scratch)
{
    size_t    i, len;
    uint8_t  *p, *dst, digit;
    uint32_t  bits;

    len = text->len;

    while (len && text->len - len < 2 && text->data[len - 1] == '=') {
        len--;
    }

    if (len == 0 || len % 4 == 1) {
        return 0;
    }

    dst = consent_scratch_alloc(scratch, len / 4 * 3 + 3);
    if (dst == NULL) {
        return -1;
    }

    p = dst;
    bits = 0;

    for (i = 0; i < len; i++) {
        digit = consent_base64_values[text->data[i]];

        if (digit == 64) {
            return 0;
        }

        bits = bits << 6 | digit;

        if (i % 4) {
            *p++ = (uint8_t) (bits >> (6 - i % 4 * 2));
        }
    }

    *text = consent_str_make(dst, (size_t) (p - dst));

    return 1;
}


static int
transform_copy(consent_str_t *text, consent_scratch_t *scratch,
    uint8_t (*map)(uint8_t c))
{
    size_t    i;
    uint8_t  *dst;

    dst = consent_scratch_alloc(scratch, text->len);
    if (dst == NULL) {
        return -1;
    }

    for (i = 0; i < text->len; i++) {
        dst[i] = map(text->data[i]);
    }

    text->data = dst;

    return 1;
}


static uint8_t
transform_plus(uint8_t c)
{
    return c == '+' ? ' ' : c;
}


static uint8_t
transform_lower(uint8_t c)
{
    return consent_lower(c);
}


int
consent_transform_value(const consent_transforms_t *t, unsigned urls,
    consent_str_t *value, consent_scratch_t *scratch)
{
    if (t->plus && value->len && memchr(value->data, '+', value->len)
        && transform_copy(value, scratch, transform_plus) < 0)
    {
        return -1;
    }

    while (t->has_url && urls && consent_transform_has_escape(*value)) {

        if (consent_transform_url(value, scratch) != 0) {
            return -1;
        }

        urls--;
    }

    if (t->lower && transform_copy(value, scratch, transform_lower) < 0) {
        return -1;
    }

    return 0;
}


int
consent_transform_lower(consent_str_t *text, consent_scratch_t *scratch)
{
    return transform_copy(text, scratch, transform_lower) < 0 ? -1 : 0;
}


int
consent_transform_has_escape(consent_str_t text)
{
    const uint8_t  *p, *end;

    p = text.data;
    end = text.data + text.len;

    while (end - p >= 3) {
        p = memchr(p, '%', (size_t) (end - p) - 2);

        if (p == NULL) {
            return 0;
        }

        if (transform_hex(p[1]) >= 0 && transform_hex(p[2]) >= 0) {
            return 1;
        }

        p++;
    }

    return 0;
}


int
consent_transform_url(consent_str_t *text, consent_scratch_t *scratch)
{
    int             high, low;
    uint8_t        *p, *dst;
    const uint8_t  *from, *end;

    dst = consent_scratch_alloc(scratch, text->len);
    if (dst == NULL) {
        return -1;
    }

    p = dst;
    from = text->data;
    end = text->data + text->len;

    while (from < end) {

        if (*from == '%' && end - from > 2) {
            high = transform_hex(from[1]);
            low = transform_hex(from[2]);

            if (high >= 0 && low >= 0) {
                *p++ = (uint8_t) (high << 4 | low);
                from += 3;
                continue;
            }
        }

        *p++ = *from++;
    }

    *text = consent_str_make(dst, (size_t) (p - dst));

    return 0;
}


static int
transform_hex(uint8_t c)
{
    if (consent_is_digit(c)) {
        return c - '0';
    }

    c = consent_lower(c);

    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}


const uint8_t *
consent_transform_find(consent_str_t text, consent_str_t what)
{
    const uint8_t  *p, *end;

    if (what.len == 0 || what.len > text.len) {
        return NULL;
    }

    p = text.data;
    end = text.data + text.len - what.len + 1;

    while (p < end) {
        p = memchr(p, what.data[0], (size_t) (end - p));

        if (p == NULL || memcmp(p, what.data, what.len) == 0) {
            return p;
        }

        p++;
    }

    return NULL;
}


consent_str_t
consent_transform_unquote(consent_str_t text)
{
    if (text.len >= 2 && text.data[0] == '"'
        && text.data[text.len - 1] == '"')
    {
        text.data++;
        text.len -= 2;
    }

    return text;
}


consent_str_t
consent_transform_trim(consent_str_t text)
{
    while (text.len && (text.data[0] == ' ' || text.data[0] == '\t')) {
        text.data++;
        text.len--;
    }

    while (text.len && (text.data[text.len - 1] == ' '
                        || text.data[text.len - 1] == '\t'))
    {
        text.len--;
    }

    return text;
}
