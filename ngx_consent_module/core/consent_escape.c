/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_escape.h"
#include "consent_utf8.h"


static size_t escape_put(uint8_t *dst, size_t at, const uint8_t *p,
    size_t len);
static size_t escape_reference(uint8_t *dst, size_t at, uint32_t c);
static size_t escape_json_byte(uint8_t *dst, size_t at, uint8_t c);


static const uint8_t  escape_hex[] = "0123456789ABCDEF";


size_t
consent_escape_html(uint8_t *dst, consent_str_t text)
{
    size_t   i, n;
    uint8_t  c;

    n = 0;

    for (i = 0; i < text.len; i++) {
        c = text.data[i];

        switch (c) {

        case '&':
        case '<':
        case '>':
        case '"':
        case '\'':
            n = escape_reference(dst, n, c);
            break;

        default:
            n = escape_put(dst, n, &c, 1);
        }
    }

    return n;
}


size_t
consent_escape_json(uint8_t *dst, consent_str_t text)
{
    size_t    len, n;
    uint32_t  c;
    uint8_t   replacement[CONSENT_UTF8_SIZE];

    n = 0;

    while (text.len) {
        len = consent_utf8_decode(&c, text);

        if (len == 0) {
            n = escape_put(dst, n, replacement,
                           consent_utf8_encode(replacement,
                                               CONSENT_UTF8_REPLACEMENT));
            len = 1;

        } else if (len == 1) {
            n = escape_json_byte(dst, n, text.data[0]);

        } else {
            n = escape_put(dst, n, text.data, len);
        }

        text.data += len;
        text.len -= len;
    }

    return n;
}


size_t
consent_escape_query(uint8_t *dst, consent_str_t text)
{
    size_t   i, n;
    uint8_t  c, code[3];

    n = 0;

    for (i = 0; i < text.len; i++) {
        c = text.data[i];

        if (consent_is_alpha(c) || consent_is_digit(c)
            || c == '-' || c == '.' || c == '_' || c == '~' || c == '/')
        {
            n = escape_put(dst, n, &c, 1);
            continue;
        }

        code[0] = '%';
        code[1] = escape_hex[c >> 4];
        code[2] = escape_hex[c & 0xf];

        n = escape_put(dst, n, code, 3);
    }

    return n;
}


size_t
consent_escape_ascii(uint8_t *dst, consent_str_t html)
{
    size_t    len, n;
    uint32_t  c;

    n = 0;

    while (html.len) {
        len = consent_utf8_decode(&c, html);

        if (len == 1) {
            n = escape_put(dst, n, html.data, 1);

        } else if (len) {
            n = escape_reference(dst, n, c);

        } else {
            len = 1;
        }

        html.data += len;
        html.len -= len;
    }

    return n;
}


static size_t
escape_put(uint8_t *dst, size_t at, const uint8_t *p, size_t len)
{
    if (dst) {
        memcpy(dst + at, p, len);
    }

    return at + len;
}


/* a decimal one, which every parser of HTML and XML knows */

static size_t
escape_reference(uint8_t *dst, size_t at, uint32_t c)
{
    size_t   i;
    uint8_t  text[sizeof("&#1114111;")];

    i = sizeof(text);
    text[--i] = ';';

    do {
        text[--i] = (uint8_t) ('0' + c % 10);
        c /= 10;
    } while (c);

    text[--i] = '#';
    text[--i] = '&';

    return escape_put(dst, at, text + i, sizeof(text) - i);
}


/* "<" as well, so that JSON is safe within a script */

static size_t
escape_json_byte(uint8_t *dst, size_t at, uint8_t c)
{
    uint8_t  text[6];

    if (c == '"' || c == '\\') {
        text[0] = '\\';
        text[1] = c;

        return escape_put(dst, at, text, 2);
    }

    if (c >= ' ' && c != 0x7f && c != '<') {
        return escape_put(dst, at, &c, 1);
    }

    memcpy(text, "\\u00", 4);
    text[4] = escape_hex[c >> 4];
    text[5] = escape_hex[c & 0xf];

    return escape_put(dst, at, text, 6);
}
