/*
 * Copyright (C) ngx_consent_module authors
 *
 * UTS 46, non-transitional, through libidn2.  That library also applies rules
 * of IDNA 2008 which browsers do not; what it refuses for these is worked out
 * here.  In doubt a name is taken rather than refused: one that no browser
 * fetches does no harm, one that is missed does.
 *
 * libidn2 allocates while it works; nothing of that outlives a call.
 */


#include <idn2.h>

#include "consent_idna.h"
#include "consent_utf8.h"


/* longer labels are in no DNS; "xn--" included */

#define CONSENT_IDNA_LABEL  63

/* what libidn2 returns at most */

#define CONSENT_IDNA_NAME   255

#define CONSENT_IDNA_NONE   0xffffffff


/* text being written, of limited size */

typedef struct {
    uint8_t        *data;
    size_t          len;
    size_t          size;
} consent_idna_text_t;


static int consent_idna_lookup(consent_idna_text_t *dst, const uint8_t *name,
    int flags);
static int consent_idna_labels(consent_idna_text_t *dst, consent_str_t name);
static int consent_idna_label(consent_idna_text_t *dst, consent_str_t label);
static int consent_idna_map(consent_idna_text_t *dst, consent_str_t label,
    int flags);
static int consent_idna_is_ascii(consent_str_t s);
static int consent_idna_has_deviation(consent_str_t label);
static uint32_t consent_idna_char(consent_str_t *rest);
static int consent_idna_copy(consent_idna_text_t *dst, const uint8_t *data,
    size_t len);
static int consent_idna_punycode(consent_idna_text_t *dst,
    consent_str_t label);
static uint32_t consent_idna_next_char(consent_str_t label, uint32_t least);
static int consent_idna_delta(consent_idna_text_t *dst, uint32_t delta,
    uint32_t bias);
static uint32_t consent_idna_adapt(uint32_t delta, uint32_t n, int first);


size_t
consent_idna_to_ascii(uint8_t *dst, size_t size, consent_str_t name)
{
    uint8_t              copy[CONSENT_IDNA_SIZE + 1];
    consent_idna_text_t  text;

    if (name.len > CONSENT_IDNA_SIZE) {
        return 0;
    }

    text.data = dst;
    text.len = 0;
    text.size = size;

    if (consent_idna_is_ascii(name)) {
        (void) consent_idna_copy(&text, name.data, name.len);

        return text.len;
    }

    memcpy(copy, name.data, name.len);
    copy[name.len] = '\0';

    if (consent_idna_lookup(&text, copy, IDN2_NONTRANSITIONAL) != 0
        && consent_idna_labels(&text, name) != 0)
    {
        return 0;
    }

    return text.len;
}


static int
consent_idna_lookup(consent_idna_text_t *dst, const uint8_t *name, int flags)
{
    int      rc;
    uint8_t  *out;

    out = NULL;

    if (idn2_lookup_u8(name, &out, flags | IDN2_NO_ALABEL_ROUNDTRIP)
        != IDN2_OK)
    {
        return -1;
    }

    rc = consent_idna_copy(dst, out, strlen((const char *) out));

    idn2_free(out);

    return rc;
}


/* label by label: one that libidn2 refuses must not hide the domain */

static int
consent_idna_labels(consent_idna_text_t *dst, consent_str_t name)
{
    size_t         pos;
    consent_str_t  label;

    label = consent_str_make(name.data, 0);

    for (pos = 0; pos <= name.len; pos++) {

        if (pos < name.len && name.data[pos] != '.') {
            label.len++;
            continue;
        }

        if (consent_idna_label(dst, label) != 0
            || (pos < name.len
                && consent_idna_copy(dst, name.data + pos, 1) != 0))
        {
            return -1;
        }

        label = consent_str_make(name.data + pos + 1, 0);
    }

    return 0;
}


/*
 * libidn2 refuses symbols and emoji by the rules of IDNA 2008, which UTS 46
 * and browsers do not apply.  Its transitional mode does not ask that, and
 * differs only in the four deviation characters.  A label that it refuses as
 * well is written as it stands, as browsers do with characters that are newer
 * than this libidn2.
 */

static int
consent_idna_label(consent_idna_text_t *dst, consent_str_t label)
{
    int                  flags;
    uint8_t              name[CONSENT_IDNA_SIZE + 1];
    uint8_t              mapped[CONSENT_IDNA_NAME];
    consent_idna_text_t  text;

    if (consent_idna_is_ascii(label)) {
        return consent_idna_copy(dst, label.data, label.len);
    }

    memcpy(name, label.data, label.len);
    name[label.len] = '\0';

    if (consent_idna_lookup(dst, name, IDN2_NONTRANSITIONAL) == 0) {
        return 0;
    }

    flags = IDN2_NONTRANSITIONAL;

    if (!consent_idna_has_deviation(label)) {
        flags = IDN2_TRANSITIONAL;

        if (consent_idna_lookup(dst, name, flags) == 0) {
            return 0;
        }
    }

    text.data = mapped;
    text.len = 0;
    text.size = sizeof(mapped);

    if (consent_idna_map(&text, label, flags) == 0) {
        label = consent_str_make(mapped, text.len);

        if (consent_idna_is_ascii(label)) {
            return consent_idna_copy(dst, label.data, label.len);
        }
    }

    return consent_idna_punycode(dst, label);
}


/*
 * The mapped characters of a label that libidn2 refuses for the place of its
 * hyphens: both modes ask for that, browsers do not.  Digits put before and
 * behind it, which nothing combines with, keep libidn2 content.
 */

static int
consent_idna_map(consent_idna_text_t *dst, consent_str_t label, int flags)
{
    int                   rc;
    char                 *out;
    size_t                len;
    uint8_t               padded[CONSENT_IDNA_SIZE + 5];
    uint8_t               puny[CONSENT_IDNA_NAME + 1];
    consent_idna_text_t   text;

    memcpy(padded, "000", 3);
    memcpy(padded + 3, label.data, label.len);
    memcpy(padded + 3 + label.len, "0", 2);

    text.data = puny;
    text.len = 0;
    text.size = CONSENT_IDNA_NAME;

    if (consent_idna_lookup(&text, padded, flags) != 0
        || memchr(puny, '.', text.len))
    {
        return -1;
    }

    puny[text.len] = '\0';
    out = NULL;

    if (idn2_to_unicode_8z8z((const char *) puny, &out, 0) != IDN2_OK) {
        return -1;
    }

    len = strlen(out);
    rc = -1;

    if (len > 4 && memcmp(out, "000", 3) == 0 && out[len - 1] == '0') {
        rc = consent_idna_copy(dst, (const uint8_t *) out + 3, len - 4);
    }

    idn2_free(out);

    return rc;
}


static int
consent_idna_is_ascii(consent_str_t s)
{
    size_t  i;

    for (i = 0; i < s.len; i++) {
        if (s.data[i] >= 0x80) {
            return 0;
        }
    }

    return 1;
}


/* sharp s, final sigma, zero width joiner and non-joiner */

static int
consent_idna_has_deviation(consent_str_t label)
{
    uint32_t  c;

    while (label.len) {
        c = consent_idna_char(&label);

        if (c == 0xdf || c == 0x3c2 || c == 0x200c || c == 0x200d) {
            return 1;
        }
    }

    return 0;
}


/* takes the first character off; there is one */

static uint32_t
consent_idna_char(consent_str_t *rest)
{
    size_t    n;
    uint32_t  c;

    n = consent_utf8_decode(&c, *rest);

    if (n == 0) {
        n = 1;
        c = CONSENT_UTF8_REPLACEMENT;
    }

    rest->data += n;
    rest->len -= n;

    return c;
}


static int
consent_idna_copy(consent_idna_text_t *dst, const uint8_t *data, size_t len)
{
    if (len > dst->size - dst->len) {
        return -1;
    }

    if (len) {
        memcpy(dst->data + dst->len, data, len);
        dst->len += len;
    }

    return 0;
}


/*
 * RFC 3492: "xn--", the ASCII characters, then where the others go.  The
 * time is the product of both lengths, hence the limit on what is written.
 */

static int
consent_idna_punycode(consent_idna_text_t *dst, consent_str_t label)
{
    size_t               i;
    uint8_t              out[CONSENT_IDNA_LABEL];
    uint32_t             c, bias, delta, done, first, n, next;
    consent_str_t        rest;
    consent_idna_text_t  puny;

    puny.data = out;
    puny.len = 0;
    puny.size = sizeof(out);

    if (consent_idna_copy(&puny, (const uint8_t *) "xn--", 4) != 0) {
        return -1;
    }

    done = 0;

    for (i = 0; i < label.len; i++) {

        if (label.data[i] < 0x80) {

            if (consent_idna_copy(&puny, label.data + i, 1) != 0) {
                return -1;
            }

            done++;
        }
    }

    if (done && consent_idna_copy(&puny, (const uint8_t *) "-", 1) != 0) {
        return -1;
    }

    n = 0x80;
    bias = 72;
    delta = 0;
    first = done;

    for (next = consent_idna_next_char(label, n);
         next != CONSENT_IDNA_NONE;
         next = consent_idna_next_char(label, n))
    {
        /* no overflow: done stays below 64, and characters have 21 bits */

        delta += (next - n) * (done + 1);
        n = next;

        for (rest = label; rest.len; /* void */ ) {
            c = consent_idna_char(&rest);

            if (c < n) {
                delta++;
            }

            if (c != n) {
                continue;
            }

            if (consent_idna_delta(&puny, delta, bias) != 0) {
                return -1;
            }

            done++;
            bias = consent_idna_adapt(delta, done, done == first + 1);
            delta = 0;
        }

        delta++;
        n++;
    }

    return consent_idna_copy(dst, out, puny.len);
}


/* the smallest character of label that is not below least */

static uint32_t
consent_idna_next_char(consent_str_t label, uint32_t least)
{
    uint32_t  c, next;

    next = CONSENT_IDNA_NONE;

    while (label.len) {
        c = consent_idna_char(&label);

        if (c >= least && c < next) {
            next = c;
        }
    }

    return next;
}


static int
consent_idna_delta(consent_idna_text_t *dst, uint32_t delta, uint32_t bias)
{
    uint8_t               digit;
    uint32_t              k, t;
    static const uint8_t  digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";

    for (k = 36; /* void */ ; k += 36) {

        t = (k <= bias) ? 1 : (k >= bias + 26) ? 26 : k - bias;

        if (delta < t) {
            break;
        }

        digit = digits[t + (delta - t) % (36 - t)];
        delta = (delta - t) / (36 - t);

        if (consent_idna_copy(dst, &digit, 1) != 0) {
            return -1;
        }
    }

    return consent_idna_copy(dst, &digits[delta], 1);
}


static uint32_t
consent_idna_adapt(uint32_t delta, uint32_t n, int first)
{
    uint32_t  k;

    delta = first ? delta / 700 : delta / 2;
    delta += delta / n;

    for (k = 0; delta > 455; k += 36) {
        delta /= 35;
    }

    return k + 36 * delta / (delta + 38);
}
