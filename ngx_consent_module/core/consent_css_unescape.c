/*
 * Copyright (C) ngx_consent_module authors
 *
 * Escapes in the text of a URL in CSS, which is here as a whole.
 */


#include "consent_css.h"
#include "consent_utf8.h"


#define CONSENT_CSS_MAX_DIGITS  6
#define CONSENT_CSS_NO_DIGIT    16


static size_t consent_css_unescape_one(uint8_t out[CONSENT_UTF8_SIZE],
    consent_str_t *text);
static uint32_t consent_css_unescape_hex(consent_str_t *text);
static void consent_css_unescape_crlf(consent_str_t *text, uint8_t c);
static uint8_t consent_css_unescape_take(consent_str_t *text);
static uint32_t consent_css_unescape_digit(uint8_t c);


size_t
consent_css_unescape(uint8_t *dst, size_t size, consent_str_t text)
{
    size_t   n, len;
    uint8_t  out[CONSENT_UTF8_SIZE];

    len = 0;

    while (text.len) {
        n = consent_css_unescape_one(out, &text);

        if (n > size - len) {
            break;
        }

        memcpy(dst + len, out, n);
        len += n;
    }

    return len;
}


/*
 * Takes one character, or a byte of one, from text.  Returns its length,
 * which is 0 if it stands for nothing.
 */

static size_t
consent_css_unescape_one(uint8_t out[CONSENT_UTF8_SIZE], consent_str_t *text)
{
    uint8_t  c;

    c = consent_css_unescape_take(text);

    if (c == '\\') {

        /* at the end of the style sheet a string goes without it */

        if (text->len == 0) {
            return 0;
        }

        if (consent_css_unescape_digit(text->data[0])
            != CONSENT_CSS_NO_DIGIT)
        {
            return consent_utf8_encode(out, consent_css_unescape_hex(text));
        }

        c = consent_css_unescape_take(text);

        if (c == '\n' || c == '\r' || c == '\f') {
            consent_css_unescape_crlf(text, c);
            return 0;
        }
    }

    if (c == '\0') {
        return consent_utf8_encode(out, CONSENT_UTF8_REPLACEMENT);
    }

    /* of a longer character the other bytes stand for themselves */

    out[0] = c;

    return 1;
}


static uint32_t
consent_css_unescape_hex(consent_str_t *text)
{
    unsigned  n;
    uint32_t  c, digit;

    c = 0;

    for (n = 0; n < CONSENT_CSS_MAX_DIGITS && text->len; n++) {
        digit = consent_css_unescape_digit(text->data[0]);

        if (digit == CONSENT_CSS_NO_DIGIT) {
            break;
        }

        c = c << 4 | digit;
        consent_css_unescape_take(text);
    }

    if (text->len && consent_is_space(text->data[0])) {
        consent_css_unescape_crlf(text, consent_css_unescape_take(text));
    }

    if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
        return CONSENT_UTF8_REPLACEMENT;
    }

    return c;
}


/* CR and LF are one newline */

static void
consent_css_unescape_crlf(consent_str_t *text, uint8_t c)
{
    if (c == '\r' && text->len && text->data[0] == '\n') {
        consent_css_unescape_take(text);
    }
}


static uint8_t
consent_css_unescape_take(consent_str_t *text)
{
    text->len--;

    return *text->data++;
}


static uint32_t
consent_css_unescape_digit(uint8_t c)
{
    if (consent_is_digit(c)) {
        return (uint32_t) (c - '0');
    }

    c = consent_lower(c);

    return (c >= 'a' && c <= 'f') ? (uint32_t) (c - 'a' + 10)
                                  : CONSENT_CSS_NO_DIGIT;
}
