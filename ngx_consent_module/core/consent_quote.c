/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_quote.h"
#include "consent_utf8.h"


static size_t quote_put(uint8_t *dst, size_t at, const void *p, size_t len);
static size_t quote_codes(uint8_t *dst, size_t at, consent_str_t text);
static int quote_is_plain(consent_str_t name);
static int quote_is_pattern(consent_str_t name);


size_t
consent_quote_label(uint8_t *dst, consent_str_t text)
{
    size_t    len, n;
    uint32_t  c;
    uint8_t   replacement[CONSENT_UTF8_SIZE];

    n = 0;

    while (text.len) {
        len = consent_utf8_decode(&c, text);

        if (len == 0) {
            n = quote_put(dst, n, replacement,
                          consent_utf8_encode(replacement,
                                              CONSENT_UTF8_REPLACEMENT));
            len = 1;

        } else if (text.data[0] == '\n') {
            n = quote_put(dst, n, "\\n", 2);

        } else {

            if (text.data[0] == '"' || text.data[0] == '\\') {
                n = quote_put(dst, n, "\\", 1);
            }

            n = quote_put(dst, n, text.data, len);
        }

        text.data += len;
        text.len -= len;
    }

    return n;
}


size_t
consent_quote_cookie(uint8_t *dst, consent_str_t name, unsigned cut)
{
    size_t  n;

    if (quote_is_plain(name) && !quote_is_pattern(name)) {
        n = quote_put(dst, 0, name.data, name.len);
        return cut ? quote_put(dst, n, "*", 1) : n;
    }

    n = quote_put(dst, 0, "\"~^", 3);
    n = quote_codes(dst, n, name);

    return cut ? quote_put(dst, n, "\"", 1) : quote_put(dst, n, "$\"", 2);
}


size_t
consent_quote_host(uint8_t *dst, consent_str_t host)
{
    size_t    i, n;
    uint8_t   c;
    unsigned  plain;

    plain = host.len != 0;

    for (i = 0; i < host.len; i++) {
        c = host.data[i];
        plain &= (consent_is_alpha(c) || consent_is_digit(c) || c == '.'
                  || c == '-' || c == '_' || c == '[' || c == ']'
                  || c == ':');
    }

    if (plain) {
        return quote_put(dst, 0, host.data, host.len);
    }

    /* browsers allow more in a host than anybody has in a name */

    if (host.len && host.data[0] == '.') {
        n = quote_put(dst, 0, "\"~^[a-z]+://[^/:]+", 18);

    } else {
        n = quote_put(dst, 0, "\"~^[a-z]+://", 12);
    }

    n = quote_codes(dst, n, host);

    return quote_put(dst, n, "[:/]\"", 5);
}


/* for a regular expression in quotes: nginx takes a backslash off each pair */

static size_t
quote_codes(uint8_t *dst, size_t at, consent_str_t text)
{
    size_t                i;
    uint8_t               c, code[5];
    static const uint8_t  hex[] = "0123456789abcdef";

    for (i = 0; i < text.len; i++) {
        c = text.data[i];

        if (consent_is_alpha(c) || consent_is_digit(c)
            || c == '_' || c == '-')
        {
            at = quote_put(dst, at, &c, 1);
            continue;
        }

        memcpy(code, "\\\\x", 3);
        code[3] = hex[c >> 4];
        code[4] = hex[c & 0xf];

        at = quote_put(dst, at, code, 5);
    }

    return at;
}


/* it may stand in a configuration as it is, and means itself there */

static int
quote_is_plain(consent_str_t name)
{
    size_t   i;
    uint8_t  c;

    for (i = 0; i < name.len; i++) {
        c = name.data[i];

        if (c <= ' ' || c >= 0x7f || c == '"' || c == '\'' || c == '\\'
            || c == '{' || c == '}' || c == ';' || c == '#' || c == '$')
        {
            return 0;
        }
    }

    return name.len != 0;
}


static int
quote_is_pattern(consent_str_t name)
{
    return name.data[0] == '~' || memchr(name.data, '*', name.len) != NULL;
}


static size_t
quote_put(uint8_t *dst, size_t at, const void *p, size_t len)
{
    if (dst) {
        memcpy(dst + at, p, len);
    }

    return at + len;
}
