/*
 * Copyright (C) ngx_consent_module authors
 *
 * Character references in attribute values.  The names in quotes are the
 * states of the tokenizer of the HTML standard.
 */


#include "consent_charref.h"
#include "consent_charref_names.h"
#include "consent_utf8.h"


/* more than the last code point of Unicode */

#define CONSENT_CHARREF_TOO_BIG  0x110000


/* see consent_charref_plain() */

#define CONSENT_CHARREF_PLAIN  128


/* what is being written; nothing more once something did not fit */

typedef struct {
    uint8_t        *data;
    size_t          len;
    size_t          size;
} consent_charref_text_t;


static size_t consent_charref_plain(consent_str_t rest);
static size_t consent_charref_one(consent_charref_text_t *dst,
    consent_str_t rest);
static size_t consent_charref_numeric(consent_charref_text_t *dst,
    consent_str_t rest);
static uint32_t consent_charref_digit(uint8_t c, unsigned radix);
static uint32_t consent_charref_code(uint32_t c);
static size_t consent_charref_named(consent_charref_text_t *dst,
    consent_str_t rest);
static void consent_charref_put(consent_charref_text_t *dst, uint32_t c);
static void consent_charref_append(consent_charref_text_t *dst,
    const uint8_t *data, size_t len);


/* what the references &#128; to &#159; mean: windows-1252, or themselves */

static const uint16_t  consent_charref_c1[32] = {
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d, 0x017d, 0x008f,
    0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178
};


size_t
consent_charref_decode(uint8_t *dst, size_t size, consent_str_t value)
{
    size_t                  n;
    consent_charref_text_t  text;

    text.data = dst;
    text.len = 0;
    text.size = size;

    while (value.len && text.len < text.size) {
        n = consent_charref_plain(value);

        if (n) {
            if (n > text.size - text.len) {
                n = text.size - text.len;
            }

            consent_charref_append(&text, value.data, n);

        } else {
            n = consent_charref_one(&text, value);
        }

        value.data += n;
        value.len -= n;
    }

    return text.len;
}


/*
 * How many bytes stand for themselves, or so many that it pays to copy them;
 * they are nearly always all.  What is looked at is bounded, since it is
 * looked at again behind each of the others.
 */

static size_t
consent_charref_plain(consent_str_t rest)
{
    size_t          len;
    const uint8_t  *p;

    len = (rest.len < CONSENT_CHARREF_PLAIN) ? rest.len
                                             : CONSENT_CHARREF_PLAIN;

    p = memchr(rest.data, '&', len);
    len = p ? (size_t) (p - rest.data) : len;

    p = memchr(rest.data, '\r', len);
    len = p ? (size_t) (p - rest.data) : len;

    p = memchr(rest.data, '\0', len);

    return p ? (size_t) (p - rest.data) : len;
}


/* NUL, a line end, or "&"; returns how many bytes are dealt with */

static size_t
consent_charref_one(consent_charref_text_t *dst, consent_str_t rest)
{
    size_t  n;

    if (rest.data[0] == '\0') {
        consent_charref_put(dst, CONSENT_UTF8_REPLACEMENT);
        return 1;
    }

    if (rest.data[0] == '\r') {
        consent_charref_put(dst, '\n');

        return (rest.len > 1 && rest.data[1] == '\n') ? 2 : 1;
    }

    if (rest.len > 1 && rest.data[1] == '#') {
        n = consent_charref_numeric(dst, rest);

    } else {
        n = consent_charref_named(dst, rest);
    }

    if (n == 0) {
        consent_charref_put(dst, '&');
        n = 1;
    }

    return n;
}


/* "numeric character reference"; 0: there is no digit */

static size_t
consent_charref_numeric(consent_charref_text_t *dst, consent_str_t rest)
{
    size_t    i, start;
    uint32_t  c, digit;
    unsigned  radix;

    radix = 10;
    start = 2;

    if (rest.len > start && consent_lower(rest.data[start]) == 'x') {
        radix = 16;
        start++;
    }

    c = 0;

    for (i = start; i < rest.len; i++) {
        digit = consent_charref_digit(rest.data[i], radix);

        if (digit >= radix) {
            break;
        }

        c = c * radix + digit;

        if (c > CONSENT_CHARREF_TOO_BIG) {
            c = CONSENT_CHARREF_TOO_BIG;
        }
    }

    if (i == start) {
        return 0;
    }

    if (i < rest.len && rest.data[i] == ';') {
        i++;
    }

    consent_charref_put(dst, consent_charref_code(c));

    return i;
}


static uint32_t
consent_charref_digit(uint8_t c, unsigned radix)
{
    if (consent_is_digit(c)) {
        return (uint32_t) (c - '0');
    }

    c = consent_lower(c);

    return (c >= 'a' && c <= 'f') ? (uint32_t) (c - 'a' + 10) : radix;
}


/* "numeric character reference end" */

static uint32_t
consent_charref_code(uint32_t c)
{
    if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
        return CONSENT_UTF8_REPLACEMENT;
    }

    if (c >= 0x80 && c <= 0x9f) {
        return consent_charref_c1[c - 0x80];
    }

    return c;
}


/*
 * "named character reference" in an attribute; 0: it stays as it is.
 *
 * Without ";" a name counts only if neither "=" nor a letter or digit comes
 * next ("?a&copy=1" is no sign), so that the whole run of letters and digits
 * has to be the name, although the standard looks for the longest one.
 */

static size_t
consent_charref_named(consent_charref_text_t *dst, consent_str_t rest)
{
    int          legacy;
    size_t       len;
    const char  *text;

    if (rest.len > 4 && memcmp(rest.data, "&amp;", 5) == 0) {

        /* nearly all of them in URLs */

        consent_charref_put(dst, '&');
        return 5;
    }

    for (len = 1; len < rest.len; len++) {
        if (!consent_is_alpha(rest.data[len])
            && !consent_is_digit(rest.data[len]))
        {
            break;
        }
    }

    text = consent_charref_find(consent_str_make(rest.data + 1, len - 1),
                                &legacy);

    if (text == NULL) {
        return 0;
    }

    if (len < rest.len && rest.data[len] == ';') {
        len++;

    } else if (!legacy || (len < rest.len && rest.data[len] == '=')) {
        return 0;
    }

    consent_charref_append(dst, (const uint8_t *) text, strlen(text));

    return len;
}


static void
consent_charref_put(consent_charref_text_t *dst, uint32_t c)
{
    size_t   len;
    uint8_t  out[CONSENT_UTF8_SIZE];

    len = consent_utf8_encode(out, c);
    consent_charref_append(dst, out, len);
}


/* a character that does not fit whole ends the text */

static void
consent_charref_append(consent_charref_text_t *dst, const uint8_t *data,
    size_t len)
{
    if (len > dst->size - dst->len) {
        dst->size = dst->len;
        return;
    }

    memcpy(dst->data + dst->len, data, len);
    dst->len += len;
}
