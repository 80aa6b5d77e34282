/*
 * Copyright (C) ngx_consent_module authors
 *
 * The walk over a Cookie header field and what is left of it once some of
 * its pairs are taken out.  nginx's own helpers are of no use here: some
 * versions also split at "," and all compare names case-insensitively.
 */


#include "consent_cookie.h"


static int cookie_pair(consent_str_t *rest, consent_str_t *pair);
static void cookie_split(consent_str_t pair, consent_cookie_t *cookie);
static consent_str_t cookie_trim_left(consent_str_t s);
static consent_str_t cookie_trim_right(consent_str_t s);
static int cookie_is_blank(uint8_t c);


int
consent_cookie_next(consent_str_t *rest, consent_cookie_t *cookie)
{
    consent_str_t  pair;

    if (!cookie_pair(rest, &pair)) {
        return 0;
    }

    cookie_split(pair, cookie);

    return 1;
}


size_t
consent_cookie_filter(uint8_t *dst, consent_str_t header,
    consent_cookie_keep_pt keep, void *data, unsigned *removed)
{
    uint8_t           *p;
    consent_str_t      rest, pair;
    consent_cookie_t   cookie;

    p = dst;
    rest = header;
    *removed = 0;

    while (cookie_pair(&rest, &pair)) {
        cookie_split(pair, &cookie);

        if (!keep(data, &cookie)) {
            (*removed)++;
            continue;
        }

        /*
         * A pair takes no more room than it had: at most the ";" and one
         * blank that stood before it.  This is what bounds the result by
         * the length of the header.
         */

        if (p != dst) {
            *p++ = ';';

            if (cookie_is_blank(pair.data[-1])) {
                *p++ = ' ';
            }
        }

        memcpy(p, pair.data, pair.len);
        p += pair.len;
    }

    if (*removed == 0 && header.len) {
        memcpy(dst, header.data, header.len);
        return header.len;
    }

    return (size_t) (p - dst);
}


/* the text of the next pair that is not empty, trimmed */

static int
cookie_pair(consent_str_t *rest, consent_str_t *pair)
{
    size_t          len;
    const uint8_t  *end;

    while (rest->len) {
        end = memchr(rest->data, ';', rest->len);
        len = end ? (size_t) (end - rest->data) : rest->len;

        *pair = cookie_trim_left(consent_str_make(rest->data, len));
        *pair = cookie_trim_right(*pair);

        if (end) {
            len++;
        }

        rest->data += len;
        rest->len -= len;

        if (pair->len) {
            return 1;
        }
    }

    return 0;
}


/* of a pair that is trimmed */

static void
cookie_split(consent_str_t pair, consent_cookie_t *cookie)
{
    size_t          len;
    const uint8_t  *eq;

    eq = memchr(pair.data, '=', pair.len);

    if (eq == NULL) {
        cookie->name = consent_str_make(pair.data, 0);
        cookie->value = pair;
        return;
    }

    len = (size_t) (eq - pair.data);

    cookie->name = cookie_trim_right(consent_str_make(pair.data, len));
    cookie->value = cookie_trim_left(consent_str_make(eq + 1,
                                                      pair.len - len - 1));
}


static consent_str_t
cookie_trim_left(consent_str_t s)
{
    while (s.len && cookie_is_blank(s.data[0])) {
        s.data++;
        s.len--;
    }

    return s;
}


static consent_str_t
cookie_trim_right(consent_str_t s)
{
    while (s.len && cookie_is_blank(s.data[s.len - 1])) {
        s.len--;
    }

    return s;
}


static int
cookie_is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}
