/*
 * Copyright (C) ngx_consent_module authors
 *
 * One character of UTF-8 at a time.
 */


#ifndef CONSENT_UTF8_H
#define CONSENT_UTF8_H


#include "consent_str.h"


#define CONSENT_UTF8_SIZE         4     /* bytes of the longest character */
#define CONSENT_UTF8_REPLACEMENT  0xfffd


/* c has to be a Unicode scalar value; returns how many bytes it takes */

static inline size_t
consent_utf8_encode(uint8_t dst[CONSENT_UTF8_SIZE], uint32_t c)
{
    if (c < 0x80) {
        dst[0] = (uint8_t) c;
        return 1;
    }

    if (c < 0x800) {
        dst[0] = (uint8_t) (0xc0 | c >> 6);
        dst[1] = (uint8_t) (0x80 | (c & 0x3f));
        return 2;
    }

    if (c < 0x10000) {
        dst[0] = (uint8_t) (0xe0 | c >> 12);
        dst[1] = (uint8_t) (0x80 | (c >> 6 & 0x3f));
        dst[2] = (uint8_t) (0x80 | (c & 0x3f));
        return 3;
    }

    dst[0] = (uint8_t) (0xf0 | c >> 18);
    dst[1] = (uint8_t) (0x80 | (c >> 12 & 0x3f));
    dst[2] = (uint8_t) (0x80 | (c >> 6 & 0x3f));
    dst[3] = (uint8_t) (0x80 | (c & 0x3f));

    return 4;
}


/*
 * How many bytes the first character of text takes; 0: none, incomplete, or
 * no UTF-8 (overlong forms and surrogates included).
 */

static inline size_t
consent_utf8_decode(uint32_t *c, consent_str_t text)
{
    size_t    i, n;
    uint8_t   lead;
    uint32_t  least, value;

    if (text.len == 0) {
        return 0;
    }

    lead = text.data[0];

    if (lead < 0x80) {
        *c = lead;
        return 1;
    }

    if (lead >= 0xc2 && lead < 0xe0) {
        n = 2;
        least = 0x80;
        value = lead & 0x1f;

    } else if (lead >= 0xe0 && lead < 0xf0) {
        n = 3;
        least = 0x800;
        value = lead & 0x0f;

    } else if (lead >= 0xf0 && lead < 0xf5) {
        n = 4;
        least = 0x10000;
        value = lead & 0x07;

    } else {
        return 0;
    }

    if (text.len < n) {
        return 0;
    }

    for (i = 1; i < n; i++) {

        if ((text.data[i] & 0xc0) != 0x80) {
            return 0;
        }

        value = value << 6 | (text.data[i] & 0x3f);
    }

    if (value < least || value > 0x10ffff
        || (value >= 0xd800 && value <= 0xdfff))
    {
        return 0;
    }

    *c = value;

    return n;
}


#endif /* CONSENT_UTF8_H */
