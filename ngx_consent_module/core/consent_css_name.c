/*
 * Copyright (C) ngx_consent_module authors
 *
 * Names, and what they make of what follows: functions whose strings are URLs,
 * and the brackets open in them.
 */


#include "consent_css_private.h"


/* what the strings in a function are */

enum {
    FUNCTION_OTHER = 0,         /* what they are around it */
    FUNCTION_URL,
    FUNCTION_URLS,
    FUNCTION_TEXT
};

static const struct {
    consent_str_t   name;
    uint8_t         kind;
} consent_css_functions[] = {
    { consent_str("url"), FUNCTION_URL },
    { consent_str("src"), FUNCTION_URLS },
    { consent_str("image"), FUNCTION_URLS },
    { consent_str("image-set"), FUNCTION_URLS },
    { consent_str("-webkit-image-set"), FUNCTION_URLS },
    { consent_str("type"), FUNCTION_TEXT },
    { consent_str("integrity"), FUNCTION_TEXT },
    { { 0, NULL }, FUNCTION_OTHER }
};

static const consent_str_t  consent_css_import = consent_str("import");
static const consent_str_t  consent_css_namespace = consent_str("namespace");


/* an element of the stack: the closing bracket, and this */

#define STACK_URLS  0x80


static consent_str_t consent_css_name_before(const uint8_t *start,
    const uint8_t *p);
static void consent_css_function(consent_css_t *css, consent_str_t name);
static uint8_t consent_css_kind(consent_str_t name);


const uint8_t *
consent_css_name(consent_css_t *css, const uint8_t *p, const uint8_t *end)
{
    uint8_t  c, before;

    while (p < end) {
        c = *p;

        if (css->escape) {

            if (css->escape == ESCAPE_START && (class_of(c) & CH_NEWLINE)) {

                /* it is none, but a "\" between two tokens */

                css->escape = ESCAPE_NONE;
                css->at = AT_NONE;
                css->state = ST_TEXT;
                return p;
            }

            before = css->escape;
            p += consent_css_escape(css, c);

            if (before != ESCAPE_CR && css->escape != ESCAPE_HEX) {
                consent_css_name_add(css, css->code);
            }

        } else if (class_of(c) & CH_NAME) {
            consent_css_name_add(css, c);
            p++;

        } else if (c == '\\') {
            css->escape = ESCAPE_START;
            p++;

        } else {
            return consent_css_name_end(css, p);
        }
    }

    return p;
}


const uint8_t *
consent_css_name_end(consent_css_t *css, const uint8_t *p)
{
    consent_str_t  name;

    name = consent_str_make(css->name, css->name_len);

    css->state = ST_TEXT;

    if (css->token == TOKEN_AT) {

        if (consent_str_eq(name, consent_css_import)) {
            css->at = AT_IMPORT;
            css->state = ST_PRELUDE;

        } else if (consent_str_eq(name, consent_css_namespace)) {
            css->at = AT_NAMESPACE;
            css->state = ST_PRELUDE;
        }

    } else if (css->token == TOKEN_WORD && *p == '(') {
        consent_css_function(css, name);
        return p + 1;

    } else if (css->at == AT_NAMESPACE) {
        css->state = ST_PRELUDE;
    }

    return p;
}


void
consent_css_name_begin(consent_css_t *css, uint8_t token)
{
    css->token = token;
    css->name_len = 0;
    css->state = ST_NAME;
}


/* too long a name stays as long as the buffer: none we look for is */

void
consent_css_name_add(consent_css_t *css, uint32_t c)
{
    if (css->name_len < CONSENT_CSS_MAX_NAME) {
        css->name[css->name_len++] = (c < 0x80) ? consent_lower((uint8_t) c)
                                                : 0x80;
    }
}


void
consent_css_name_take(consent_css_t *css, const uint8_t *start,
    const uint8_t *p)
{
    size_t         i;
    consent_str_t  name;

    name = consent_css_name_before(start, p);

    consent_css_name_begin(css, TOKEN_WORD);

    if (name.data > start && name.data[-1] == '#') {
        css->token = TOKEN_HASH;
    }

    for (i = 0; i < name.len; i++) {
        consent_css_name_add(css, name.data[i]);
    }
}


/* the last bytes of a longer name */

static consent_str_t
consent_css_name_before(const uint8_t *start, const uint8_t *p)
{
    const uint8_t  *name;

    if (p - start > CONSENT_CSS_MAX_NAME) {
        start = p - CONSENT_CSS_MAX_NAME;
    }

    name = p;

    while (name > start && (class_of(name[-1]) & CH_NAME)) {
        name--;
    }

    return consent_str_make(name, (size_t) (p - name));
}


/* behind the "(" */

static void
consent_css_function(consent_css_t *css, consent_str_t name)
{
    uint8_t  kind;

    kind = consent_css_kind(name);

    if (kind == FUNCTION_URL) {
        css->url = (css->at != AT_NAMESPACE);
        css->state = ST_URL_START;

    } else {
        consent_css_push(css, ')', kind == FUNCTION_URLS
                                   || (kind == FUNCTION_OTHER
                                       && consent_css_urls(css)));
    }

    css->at = AT_NONE;
}


static uint8_t
consent_css_kind(consent_str_t name)
{
    size_t  i;

    for (i = 0; consent_css_functions[i].name.len; i++) {

        if (consent_str_caseeq(name, consent_css_functions[i].name)) {
            break;
        }
    }

    return consent_css_functions[i].kind;
}


int
consent_css_urls(const consent_css_t *css)
{
    return css->lost
           || (css->depth && (css->stack[css->depth - 1] & STACK_URLS));
}


void
consent_css_push(consent_css_t *css, uint8_t closing, int urls)
{
    if (css->lost || (css->depth == 0 && !urls)) {
        return;
    }

    if (css->depth == CONSENT_CSS_MAX_DEPTH) {
        css->lost = 1;
        css->depth = 0;
        return;
    }

    css->stack[css->depth++] = urls ? (closing | STACK_URLS) : closing;
}


void
consent_css_bracket(consent_css_t *css, uint8_t c)
{
    if (c == '[') {
        consent_css_push(css, ']', consent_css_urls(css));

    } else if (c == '{') {
        consent_css_push(css, '}', consent_css_urls(css));

    } else if ((css->stack[css->depth - 1] & ~STACK_URLS) == c) {
        css->depth--;
    }
}
