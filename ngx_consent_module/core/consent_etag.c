/*
 * Copyright (C) ngx_consent_module authors
 *
 * Entity-tags, see consent_etag.h.
 */


#include "consent_etag.h"


#define CONSENT_ETAG_MARK  "cn1."

/* "cn1." and "12345678.s." */

#define CONSENT_ETAG_MARK_LEN    (sizeof(CONSENT_ETAG_MARK) - 1)
#define CONSENT_ETAG_DIGITS      8
#define CONSENT_ETAG_PREFIX_LEN  (CONSENT_ETAG_MARK_LEN                       \
                                  + CONSENT_ETAG_DIGITS + 3)

/* W/ and quotes */

#define CONSENT_ETAG_AROUND_LEN  4


static int consent_etag_is_char(uint8_t c);
static int consent_etag_is_plain(consent_str_t s);
static int consent_etag_is_escaped(consent_str_t s);
static int consent_etag_needs_escape(uint8_t c);
static int consent_etag_has_meaning(consent_str_t value);
static int consent_etag_hex(uint8_t c, const char *digits);
static void consent_etag_parse(consent_etag_t *tag, const uint8_t *p,
    const uint8_t *end);
static const uint8_t *consent_etag_end(const uint8_t *p, const uint8_t *end);
static uint8_t consent_etag_kind(const consent_etag_t *tag);
static uint8_t *consent_etag_copy(uint8_t *dst, consent_str_t s);
static size_t consent_etag_unescape(uint8_t *dst, consent_str_t s);
static size_t consent_etag_open(uint8_t *dst, const consent_etag_t *tag,
    const consent_etag_conf_t *conf);


static const char  consent_etag_lower[] = "0123456789abcdef";
static const char  consent_etag_upper[] = "0123456789ABCDEF";


/* "etagc" of RFC 9110 */

static int
consent_etag_is_char(uint8_t c)
{
    return c > 0x20 && c != '"' && c != 0x7f;
}


static int
consent_etag_is_plain(consent_str_t s)
{
    size_t  i;

    for (i = 0; i < s.len; i++) {
        if (!consent_etag_is_char(s.data[i])) {
            return 0;
        }
    }

    return 1;
}


/* a comma would be taken for the end of the tag by simple readers of lists */

static int
consent_etag_needs_escape(uint8_t c)
{
    return !consent_etag_is_char(c) || c == '%' || c == ',';
}


/* "*" in a condition is any tag, whoever sent it */

static int
consent_etag_has_meaning(consent_str_t value)
{
    return value.len > 1 || (value.len == 1 && value.data[0] != '*');
}


static int
consent_etag_hex(uint8_t c, const char *digits)
{
    int  i;

    for (i = 0; i < 16; i++) {
        if (c == (uint8_t) digits[i]) {
            return i;
        }
    }

    return -1;
}


/*
 * Is it what consent_etag_wrap() writes?  Nobody else's bytes are opened:
 * least of all line ends, which would make headers of their own.
 */

static int
consent_etag_is_escaped(consent_str_t s)
{
    int      high, low;
    size_t   i;
    uint8_t  c;

    for (i = 0; i < s.len; i++) {

        if (s.data[i] != '%') {
            if (consent_etag_needs_escape(s.data[i])) {
                return 0;
            }

            continue;
        }

        if (s.len - i < 3) {
            return 0;
        }

        high = consent_etag_hex(s.data[i + 1], consent_etag_upper);
        low = consent_etag_hex(s.data[i + 2], consent_etag_upper);

        if (high < 0 || low < 0) {
            return 0;
        }

        c = (uint8_t) (high << 4 | low);

        if (!consent_etag_needs_escape(c)
            || c == '\0' || c == '\r' || c == '\n')
        {
            return 0;
        }

        i += 2;
    }

    return 1;
}


int
consent_etag_next(consent_str_t *list, consent_etag_t *tag)
{
    const uint8_t  *p, *end, *last;

    p = list->data;
    end = list->len ? p + list->len : p;

    while (p < end && (*p == ',' || *p == ' ' || *p == '\t')) {
        p++;
    }

    if (p == end) {
        list->len = 0;
        return 0;
    }

    last = consent_etag_end(p, end);

    list->data = last;
    list->len = (size_t) (end - last);

    while (last[-1] == ' ' || last[-1] == '\t') {
        last--;
    }

    consent_etag_parse(tag, p, last);

    return 1;
}


/* the comma after the member at p, or the end of the list */

static const uint8_t *
consent_etag_end(const uint8_t *p, const uint8_t *end)
{
    const uint8_t  *quote, *comma;

    quote = p;

    if (end - p > 2 && p[0] == 'W' && p[1] == '/') {
        quote += 2;
    }

    if (*quote == '"') {
        quote = (end - quote > 1)
                ? memchr(quote + 1, '"', (size_t) (end - quote - 1)) : NULL;

        if (quote != NULL) {
            p = quote + 1;
        }
    }

    if (p == end) {
        return end;
    }

    comma = memchr(p, ',', (size_t) (end - p));

    return comma ? comma : end;
}


static void
consent_etag_parse(consent_etag_t *tag, const uint8_t *p, const uint8_t *end)
{
    tag->raw = consent_str_make(p, (size_t) (end - p));
    tag->weak = 0;
    tag->odd = 0;

    if (end - p > 2 && p[0] == 'W' && p[1] == '/') {
        tag->weak = 1;
        p += 2;
    }

    if (end - p >= 2 && p[0] == '"' && end[-1] == '"') {
        tag->opaque = consent_str_make(p + 1, (size_t) (end - p - 2));

        if (consent_etag_is_plain(tag->opaque)) {
            return;
        }
    }

    tag->opaque = tag->raw;
    tag->weak = 0;
    tag->odd = 1;
}


consent_etag_origin_e
consent_etag_origin(const consent_etag_t *tag, uint32_t variant)
{
    int             digit;
    size_t          i;
    uint32_t        value;
    consent_str_t   original;
    const uint8_t  *p;

    if (tag->odd
        || tag->opaque.len < CONSENT_ETAG_PREFIX_LEN
        || memcmp(tag->opaque.data, CONSENT_ETAG_MARK, CONSENT_ETAG_MARK_LEN)
           != 0)
    {
        return CONSENT_ETAG_FOREIGN;
    }

    p = tag->opaque.data + CONSENT_ETAG_MARK_LEN;
    value = 0;

    for (i = 0; i < CONSENT_ETAG_DIGITS; i++) {

        digit = consent_etag_hex(*p++, consent_etag_lower);
        if (digit < 0) {
            return CONSENT_ETAG_FOREIGN;
        }

        value = value << 4 | (uint32_t) digit;
    }

    if (p[0] != '.' || p[2] != '.') {
        return CONSENT_ETAG_FOREIGN;
    }

    original = consent_str_make(p + 3,
                                tag->opaque.len - CONSENT_ETAG_PREFIX_LEN);

    switch (consent_etag_kind(tag)) {

    case 's':
    case 'w':
        break;

    case 'o':
        if (!consent_etag_has_meaning(original)
            || !consent_etag_is_escaped(original))
        {
            return CONSENT_ETAG_FOREIGN;
        }

        break;

    default:
        return CONSENT_ETAG_FOREIGN;
    }

    return (value == variant) ? CONSENT_ETAG_CURRENT : CONSENT_ETAG_STALE;
}


static uint8_t
consent_etag_kind(const consent_etag_t *tag)
{
    return tag->opaque.data[CONSENT_ETAG_PREFIX_LEN - 2];
}


size_t
consent_etag_wrap_size(consent_str_t value)
{
    size_t          i, len;
    consent_etag_t  tag;

    len = CONSENT_ETAG_AROUND_LEN + CONSENT_ETAG_PREFIX_LEN + value.len;

    if (!consent_etag_has_meaning(value) || len > CONSENT_ETAG_MAX) {
        return 0;
    }

    consent_etag_parse(&tag, value.data,
                       value.len ? value.data + value.len : value.data);

    if (tag.odd) {
        for (i = 0; i < value.len; i++) {
            if (consent_etag_needs_escape(value.data[i])) {
                len += 2;
            }
        }
    }

    return (len > CONSENT_ETAG_MAX) ? 0 : len;
}


size_t
consent_etag_wrap(uint8_t *dst, consent_str_t value, uint32_t variant,
    int weak)
{
    int              i;
    size_t           n;
    uint8_t         *p;
    consent_etag_t   tag;

    consent_etag_parse(&tag, value.data,
                       value.len ? value.data + value.len : value.data);

    p = dst;

    if (weak || tag.weak) {
        *p++ = 'W';
        *p++ = '/';
    }

    *p++ = '"';

    memcpy(p, CONSENT_ETAG_MARK, CONSENT_ETAG_MARK_LEN);
    p += CONSENT_ETAG_MARK_LEN;

    for (i = 28; i >= 0; i -= 4) {
        *p++ = (uint8_t) consent_etag_lower[variant >> i & 0xf];
    }

    *p++ = '.';
    *p++ = (uint8_t) (tag.odd ? 'o' : tag.weak ? 'w' : 's');
    *p++ = '.';

    if (!tag.odd) {
        p = consent_etag_copy(p, tag.opaque);
        value.len = 0;
    }

    for (n = 0; n < value.len; n++) {

        if (!consent_etag_needs_escape(value.data[n])) {
            *p++ = value.data[n];
            continue;
        }

        *p++ = '%';
        *p++ = (uint8_t) consent_etag_upper[value.data[n] >> 4];
        *p++ = (uint8_t) consent_etag_upper[value.data[n] & 0xf];
    }

    *p++ = '"';

    return (size_t) (p - dst);
}


static uint8_t *
consent_etag_copy(uint8_t *dst, consent_str_t s)
{
    if (s.len) {
        memcpy(dst, s.data, s.len);
    }

    return dst + s.len;
}


size_t
consent_etag_unwrap(uint8_t *dst, const consent_etag_t *tag)
{
    uint8_t        *p;
    consent_str_t   original;

    original = consent_str_make(tag->opaque.data + CONSENT_ETAG_PREFIX_LEN,
                                tag->opaque.len - CONSENT_ETAG_PREFIX_LEN);
    p = dst;

    switch (consent_etag_kind(tag)) {

    case 'o':
        return consent_etag_unescape(dst, original);

    case 'w':
        *p++ = 'W';
        *p++ = '/';
        break;

    default:
        break;
    }

    *p++ = '"';
    p = consent_etag_copy(p, original);
    *p++ = '"';

    return (size_t) (p - dst);
}


static size_t
consent_etag_unescape(uint8_t *dst, consent_str_t s)
{
    size_t    i;
    uint8_t  *p;

    p = dst;

    for (i = 0; i < s.len; i++) {

        if (s.data[i] != '%') {
            *p++ = s.data[i];
            continue;
        }

        *p++ = (uint8_t)
               (consent_etag_hex(s.data[i + 1], consent_etag_upper) << 4
                | consent_etag_hex(s.data[i + 2], consent_etag_upper));
        i += 2;
    }

    return (size_t) (p - dst);
}


int
consent_etag_match(consent_str_t a, consent_str_t b)
{
    consent_etag_t  first, second;

    if (a.len == 0 || b.len == 0) {
        return 0;
    }

    consent_etag_parse(&first, a.data, a.data + a.len);
    consent_etag_parse(&second, b.data, b.data + b.len);

    if (first.odd || second.odd) {
        return consent_str_eq(a, b);
    }

    return consent_str_eq(first.opaque, second.opaque);
}


size_t
consent_etag_list(uint8_t *dst, consent_str_t list,
    const consent_etag_conf_t *conf, consent_etag_count_t *count)
{
    size_t           len;
    uint8_t         *p;
    consent_etag_t   tag;

    p = dst;

    while (consent_etag_next(&list, &tag)) {

        if (p != dst) {
            *p++ = ',';
            *p++ = ' ';
        }

        len = consent_etag_open(p, &tag, conf);

        if (len) {
            if (count->opened == 0) {
                count->first = tag.raw;
            }

            count->opened++;
            p += len;
            continue;
        }

        if (conf->keep) {
            count->kept++;
            p = consent_etag_copy(p, tag.raw);
            continue;
        }

        count->dropped++;

        if (p != dst) {
            p -= 2;
        }
    }

    return (size_t) (p - dst);
}


/* 0: it is not to be opened */

static size_t
consent_etag_open(uint8_t *dst, const consent_etag_t *tag,
    const consent_etag_conf_t *conf)
{
    size_t                 len;
    consent_etag_origin_e  origin;

    origin = consent_etag_origin(tag, conf->variant);

    if (origin == CONSENT_ETAG_FOREIGN
        || (origin == CONSENT_ETAG_STALE && !conf->any))
    {
        return 0;
    }

    len = consent_etag_unwrap(dst, tag);

    if (!conf->strong || !tag->weak || consent_etag_kind(tag) == 'w') {
        return len;
    }

    /* it was strong, but what the client has is not what it stood for */

    if (consent_etag_kind(tag) == 'o') {
        return 0;
    }

    memmove(dst + 2, dst, len);

    dst[0] = 'W';
    dst[1] = '/';

    return len + 2;
}
