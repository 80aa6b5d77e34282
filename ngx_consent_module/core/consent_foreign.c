/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_charref.h"
#include "consent_foreign.h"


enum {
    FT_TEXT = 0,
    FT_REF,             /* "&" */
    FT_LT,              /* "<" */
    FT_BANG,            /* "<!" */
    FT_DASH,            /* "<!-" */
    FT_COMMENT_START,
    FT_COMMENT,         /* matched: "-" that came last, at most two */
    FT_COMMENT_BANG,
    FT_BOGUS,
    FT_CDATA_NAME,
    FT_CDATA            /* matched: "]" that came last */
};


static unsigned consent_foreign_ref_end(consent_foreign_t *f, uint8_t c,
    unsigned *used);
static unsigned consent_foreign_open(consent_foreign_t *f, uint8_t c);
static size_t consent_foreign_ref(const consent_foreign_t *f, uint8_t *text);
static unsigned consent_foreign_comment(consent_foreign_t *f, uint8_t c);
static size_t consent_foreign_cdata(consent_foreign_t *f, uint8_t c,
    uint8_t *text);


const uint8_t *
consent_foreign_plain(const consent_foreign_t *f, const uint8_t *p,
    const uint8_t *end)
{
    if (f->state == FT_TEXT) {
        while (p < end && *p != '&' && *p != '<') {
            p++;
        }

    } else if (f->state == FT_CDATA && f->matched == 0) {
        while (p < end && *p != ']') {
            p++;
        }
    }

    return p;
}


size_t
consent_foreign_read(consent_foreign_t *f, uint8_t c,
    uint8_t text[CONSENT_FOREIGN_TEXT], unsigned *used)
{
    size_t  n;

    n = 0;
    *used = 1;

    switch (f->state) {

    case FT_TEXT:

        if (c == '&') {
            f->state = FT_REF;
            f->ref[0] = c;
            f->raw = 1;

        } else if (c == '<') {
            f->state = FT_LT;
            f->raw = 1;

        } else {
            text[n++] = c;
        }

        return n;

    case FT_REF:

        if (!consent_foreign_ref_end(f, c, used)) {
            return 0;
        }

        n = consent_foreign_ref(f, text);
        break;

    case FT_LT:

        if (c == '!') {
            f->state = FT_BANG;
            f->raw = 2;

            return 0;
        }

        if (c == '?') {
            f->state = FT_BOGUS;
            return 0;
        }

        text[n++] = '<';
        *used = 0;
        break;

    case FT_BANG:
    case FT_CDATA_NAME:

        *used = consent_foreign_open(f, c);
        return 0;

    case FT_CDATA:
        return consent_foreign_cdata(f, c, text);

    default: /* comments */

        if (!consent_foreign_comment(f, c)) {
            return 0;
        }

        break;
    }

    f->state = FT_TEXT;
    f->raw = 0;

    return n;
}


/* 1: the reference is complete, by c or, if that is not used, before it */

static unsigned
consent_foreign_ref_end(consent_foreign_t *f, uint8_t c, unsigned *used)
{
    if ((c == '#' || consent_is_alpha(c) || consent_is_digit(c))
        && f->raw < CONSENT_FOREIGN_REF - 1)
    {
        f->ref[f->raw++] = c;
        return 0;
    }

    if (c == ';') {
        f->ref[f->raw++] = c;

    } else {
        *used = 0;
    }

    return 1;
}


/* behind "<!": a comment, CDATA, or neither; 0: c is read again as what is */

static unsigned
consent_foreign_open(consent_foreign_t *f, uint8_t c)
{
    if (f->state == FT_BANG) {

        f->matched = 1;
        f->state = (c == '-') ? FT_DASH : (c == '[') ? FT_CDATA_NAME
                                                      : FT_BOGUS;

        return f->state != FT_BOGUS;
    }

    if (c != (uint8_t) "[CDATA["[f->matched]) {
        f->state = FT_BOGUS;
        return 0;
    }

    if (++f->matched == sizeof("[CDATA[") - 1) {
        f->state = FT_CDATA;
        f->matched = 0;
        f->raw = 0;
    }

    return 1;
}


/*
 * Without ";" a name may be followed by anything in a text: the longest
 * beginning of it that is one counts.
 */

static size_t
consent_foreign_ref(const consent_foreign_t *f, uint8_t *text)
{
    size_t         n, len;
    consent_str_t  name;

    for (len = f->raw; len > 1; len--) {

        name = consent_str_make(f->ref, len);
        n = consent_charref_decode(text, CONSENT_FOREIGN_REF, name);

        if (n != len || memcmp(text, f->ref, len) != 0) {
            memcpy(text + n, f->ref + len, f->raw - len);

            return n + f->raw - len;
        }
    }

    memcpy(text, f->ref, f->raw);

    return f->raw;
}


/* 1: c ends the comment */

static unsigned
consent_foreign_comment(consent_foreign_t *f, uint8_t c)
{
    switch (f->state) {

    case FT_BOGUS:
        return c == '>';

    case FT_DASH:

        f->state = (c == '-') ? FT_COMMENT_START : FT_BOGUS;
        f->matched = 2;

        return f->state == FT_BOGUS && c == '>';

    case FT_COMMENT_BANG:

        f->state = FT_COMMENT;
        f->matched = (c == '-');

        return c == '>';

    default: /* FT_COMMENT_START, FT_COMMENT */
        break;
    }

    if (c == '>') {

        if (f->matched == 2 || f->state == FT_COMMENT_START) {
            return 1;
        }

        f->matched = 0;

    } else if (c == '-') {

        /* "<!-->", "<!--->" end at once, "<!---->" does, too */

        if (f->state == FT_COMMENT_START && f->matched == 2) {
            f->matched = 1;
            return 0;
        }

        f->matched = (f->matched >= 1) ? 2 : 1;

    } else if (c == '!' && f->state == FT_COMMENT && f->matched == 2) {
        f->state = FT_COMMENT_BANG;
        return 0;

    } else {
        f->matched = 0;
    }

    f->state = FT_COMMENT;

    return 0;
}


static size_t
consent_foreign_cdata(consent_foreign_t *f, uint8_t c, uint8_t *text)
{
    size_t  n;

    if (c == ']') {

        /* the last two wait for ">" */

        if (f->matched < 2) {
            f->matched++;
            f->raw = f->matched;

            return 0;
        }

        text[0] = c;

        return 1;
    }

    if (c == '>' && f->matched == 2) {
        f->state = FT_TEXT;
        f->raw = 0;

        return 0;
    }

    for (n = 0; n < f->matched; n++) {
        text[n] = ']';
    }

    text[n++] = c;

    f->matched = 0;
    f->raw = 0;

    return n;
}


size_t
consent_foreign_decode(consent_foreign_t f, uint8_t *dst, size_t size,
    consent_str_t raw)
{
    size_t    i, n, len;
    uint8_t   text[CONSENT_FOREIGN_TEXT];
    unsigned  used;

    len = 0;

    for (i = 0; i < raw.len; i += used) {

        n = consent_foreign_read(&f, raw.data[i], text, &used);

        if (n > size - len) {
            n = size - len;
        }

        memcpy(dst + len, text, n);
        len += n;
    }

    /* what the end leaves open is text */

    if (f.state == FT_REF) {

        n = consent_foreign_ref(&f, text);

        if (n > size - len) {
            n = size - len;
        }

        memcpy(dst + len, text, n);
        len += n;
    }

    return len;
}
