/*
 * Copyright (C) ngx_consent_module authors
 *
 * Attributes of a start tag that is at hand as a whole.  The scanner of
 * consent_html.c finds the end of the tag by the same rules, byte by byte.
 */


#include "consent_attr.h"


#define A           CONSENT_CH_ALPHA

#define ALPHA_13(c)                                                           \
    [c] = A,      [c + 1] = A,  [c + 2] = A,  [c + 3] = A,  [c + 4] = A,      \
    [c + 5] = A,  [c + 6] = A,  [c + 7] = A,  [c + 8] = A,  [c + 9] = A,      \
    [c + 10] = A, [c + 11] = A, [c + 12] = A

const uint8_t  consent_ch_class[256] = {
    ['\t'] = CONSENT_CH_SPACE, ['\n'] = CONSENT_CH_SPACE,
    ['\f'] = CONSENT_CH_SPACE, ['\r'] = CONSENT_CH_SPACE,
    [' '] = CONSENT_CH_SPACE, ['/'] = CONSENT_CH_SLASH,
    ['>'] = CONSENT_CH_GT, ['='] = CONSENT_CH_EQUALS,
    ALPHA_13('a'), ALPHA_13('n'), ALPHA_13('A'), ALPHA_13('N')
};

/*
 * The names by a hash of the first four letters and the last four, of short
 * names two.  The compiler refuses two names in one place, and another factor
 * is needed then.
 */

#define CONSENT_ATTR_PLACES  64
#define CONSENT_ATTR_HASH    4053439841u

#define four(a, b, c, d)                                                      \
    ((uint32_t) (a) | (uint32_t) (b) << 8 | (uint32_t) (c) << 16              \
     | (uint32_t) (d) << 24)

#define two(a, b)  four(a, b, 0, 0)

#define place_of(first, last)                                                 \
    ((((first) + 3 * (last)) * CONSENT_ATTR_HASH) >> 26)

#define name(first, last, text, id)                                           \
    [place_of(first, last)] = { first, last, text, sizeof(text) - 1,          \
                                CONSENT_ATTR_ ## id }

static const struct {
    uint32_t     first;
    uint32_t     last;
    const char  *name;
    uint8_t      len;
    uint8_t      id;
} consent_attr_names[CONSENT_ATTR_PLACES] = {
    name(four('a', 't', 't', 'r'), four('n', 's', 'r', 'c'),
         "attributionsrc", ATTRIBUTIONSRC),
    name(four('b', 'a', 'c', 'k'), four('o', 'u', 'n', 'd'),
         "background", BACKGROUND),
    name(two('b', 'y'), two('b', 'y'),
         "by", BY),
    name(four('c', 'l', 'i', 'p'), four('p', 'a', 't', 'h'),
         "clip-path", CLIP_PATH),
    name(four('c', 'o', 'd', 'e'), four('b', 'a', 's', 'e'),
         "codebase", CODEBASE),
    name(four('c', 'o', 'n', 't'), four('t', 'e', 'n', 't'),
         "content", CONTENT),
    name(four('c', 'u', 'r', 's'), four('r', 's', 'o', 'r'),
         "cursor", CURSOR),
    name(four('d', 'a', 't', 'a'), four('d', 'a', 't', 'a'),
         "data", DATA),
    name(four('f', 'i', 'l', 'l'), four('f', 'i', 'l', 'l'),
         "fill", FILL),
    name(four('f', 'i', 'l', 't'), four('l', 't', 'e', 'r'),
         "filter", FILTER),
    name(four('f', 'r', 'o', 'm'), four('f', 'r', 'o', 'm'),
         "from", FROM),
    name(four('h', 'r', 'e', 'f'), four('h', 'r', 'e', 'f'),
         "href", HREF),
    name(four('h', 't', 't', 'p'), four('q', 'u', 'i', 'v'),
         "http-equiv", HTTP_EQUIV),
    name(four('i', 'm', 'a', 'g'), four('c', 's', 'e', 't'),
         "imagesrcset", IMAGESRCSET),
    name(four('l', 'a', 'n', 'g'), four('u', 'a', 'g', 'e'),
         "language", LANGUAGE),
    name(four('l', 'o', 'w', 's'), four('w', 's', 'r', 'c'),
         "lowsrc", LOWSRC),
    name(four('m', 'a', 'r', 'k'), four('r', 'k', 'e', 'r'),
         "marker", MARKER),
    name(four('m', 'a', 'r', 'k'), four('-', 'e', 'n', 'd'),
         "marker-end", MARKER_END),
    name(four('m', 'a', 'r', 'k'), four('-', 'm', 'i', 'd'),
         "marker-mid", MARKER_MID),
    name(four('m', 'a', 'r', 'k'), four('t', 'a', 'r', 't'),
         "marker-start", MARKER_START),
    name(four('m', 'a', 's', 'k'), four('m', 'a', 's', 'k'),
         "mask", MASK),
    name(four('n', 'a', 'm', 'e'), four('n', 'a', 'm', 'e'),
         "name", NAME),
    name(four('p', 'i', 'n', 'g'), four('p', 'i', 'n', 'g'),
         "ping", PING),
    name(four('p', 'o', 's', 't'), four('s', 't', 'e', 'r'),
         "poster", POSTER),
    name(two('r', 'e'), two('e', 'l'),
         "rel", REL),
    name(two('s', 'r'), two('r', 'c'),
         "src", SRC),
    name(four('s', 'r', 'c', 'd'), four('c', 'd', 'o', 'c'),
         "srcdoc", SRCDOC),
    name(four('s', 'r', 'c', 's'), four('c', 's', 'e', 't'),
         "srcset", SRCSET),
    name(four('s', 't', 'r', 'o'), four('r', 'o', 'k', 'e'),
         "stroke", STROKE),
    name(four('s', 't', 'y', 'l'), four('t', 'y', 'l', 'e'),
         "style", STYLE),
    name(two('t', 'o'), two('t', 'o'),
         "to", TO),
    name(four('t', 'y', 'p', 'e'), four('t', 'y', 'p', 'e'),
         "type", TYPE),
    name(four('v', 'a', 'l', 'u'), four('a', 'l', 'u', 'e'),
         "value", VALUE),
    name(four('v', 'a', 'l', 'u'), four('l', 'u', 'e', 's'),
         "values", VALUES),
    name(four('x', 'l', 'i', 'n'), four('h', 'r', 'e', 'f'),
         "xlink:href", XLINK_HREF)
};

#define is_in(c, classes)  (consent_ch_class[c] & (classes))


static int consent_attrs_marked(consent_attrs_t *attrs, consent_str_t text,
    const consent_attr_marks_t *marks);
static int consent_attr_separates(const uint8_t *p, const uint8_t *end);
static inline uint32_t consent_attr_four(const uint8_t *p);
static inline uint32_t consent_attr_two(const uint8_t *p);


int
consent_attr_next(consent_attr_t *attr, const uint8_t **pos,
    const uint8_t *end)
{
    uint8_t         quote;
    const uint8_t  *p, *q;

    p = *pos;

    /* before attribute name, self-closing start tag */

    while (p < end && is_in(*p, CONSENT_CH_SPACE|CONSENT_CH_SLASH)) {
        p++;
    }

    if (p == end) {
        *pos = p;
        return 0;
    }

    /* attribute name: a "=" that comes first belongs to the name */

    q = p++;

    while (p < end && !is_in(*p, CONSENT_CH_SPACE|CONSENT_CH_SLASH
                                 |CONSENT_CH_EQUALS))
    {
        p++;
    }

    attr->name = consent_str_make(q, (size_t) (p - q));
    attr->id = consent_attr_id(attr->name);
    attr->value = consent_str_make(p, 0);
    attr->end = p;

    /* after attribute name */

    for (q = p; q < end && is_in(*q, CONSENT_CH_SPACE); q++) { /* void */ }

    if (q == end || *q != '=') {
        *pos = p;
        return 1;
    }

    /* before attribute value */

    for (q++; q < end && is_in(*q, CONSENT_CH_SPACE); q++) { /* void */ }

    if (q < end && (*q == '"' || *q == '\'')) {
        quote = *q++;

        p = memchr(q, quote, (size_t) (end - q));

        if (p == NULL) {
            p = end;
        }

        attr->value = consent_str_make(q, (size_t) (p - q));

        if (p < end) {
            p++;
        }

    } else {

        for (p = q; p < end && !is_in(*p, CONSENT_CH_SPACE); p++) {
            /* void */
        }

        attr->value = consent_str_make(q, (size_t) (p - q));
    }

    attr->end = p;
    *pos = p;

    return 1;
}


void
consent_attrs_read(consent_attrs_t *attrs, consent_str_t text,
    const consent_attr_marks_t *marks)
{
    unsigned  n;

    attrs->rest = text.data;
    attrs->end = text.data + text.len;

    if (marks && consent_attrs_marked(attrs, text, marks)) {
        return;
    }

    for (n = 0; n < CONSENT_ATTRS; /* void */ ) {

        if (!consent_attr_next(&attrs->list[n], &attrs->rest, attrs->end)) {
            break;
        }

        n += (attrs->list[n].id != CONSENT_ATTR_OTHER);
    }

    attrs->n = n;
}


/* 0: it has attributes without a value, or too many of them */

static int
consent_attrs_marked(consent_attrs_t *attrs, consent_str_t text,
    const consent_attr_marks_t *marks)
{
    uint8_t          id;
    uint64_t         names, values;
    unsigned         i, k, n;
    consent_str_t    name;
    const uint8_t   *p, *close;
    consent_attr_t  *attr;

    n = 0;
    k = 0;
    values = marks->values[0];
    p = text.data;

    for (i = 0; i < marks->n; i++) {

        for (names = marks->names[i]; names; names &= names - 1) {

            while (values == 0) {
                values = marks->values[++k];
            }

            close = marks->base + 64 * k + __builtin_ctzll(values);
            values &= values - 1;

            while (is_in(*p, CONSENT_CH_SPACE|CONSENT_CH_SLASH)) {
                p++;
            }

            name.data = p;
            name.len = (size_t) (marks->base + 64 * i
                                 + __builtin_ctzll(names) - p);

            id = consent_attr_id(name);
            p = close + 1;

            if (id == CONSENT_ATTR_OTHER) {

                if (consent_attr_separates(name.data, name.data + name.len)) {
                    return 0;
                }

                continue;
            }

            if (n == CONSENT_ATTRS) {
                return 0;
            }

            attr = &attrs->list[n++];

            attr->name = name;
            attr->value.data = name.data + name.len + 2;
            attr->value.len = (size_t) (close - attr->value.data);
            attr->end = p;
            attr->id = id;
        }
    }

    for ( /* void */ ; p < attrs->end; p++) {
        if (!is_in(*p, CONSENT_CH_SPACE|CONSENT_CH_SLASH)) {
            return 0;
        }
    }

    attrs->rest = p;
    attrs->n = n;

    return 1;
}


static int
consent_attr_separates(const uint8_t *p, const uint8_t *end)
{
    for ( /* void */ ; p < end; p++) {
        if (is_in(*p, CONSENT_CH_SPACE|CONSENT_CH_SLASH)) {
            return 1;
        }
    }

    return 0;
}


uint8_t
consent_attr_id(consent_str_t name)
{
    size_t    i;
    uint32_t  first, last;
    unsigned  place;

    if (name.len >= 4) {
        first = consent_attr_four(name.data);
        last = consent_attr_four(name.data + name.len - 4);

    } else if (name.len >= 2) {
        first = consent_attr_two(name.data);
        last = consent_attr_two(name.data + name.len - 2);

    } else {
        return CONSENT_ATTR_OTHER;
    }

    place = place_of(first, last);

    if (consent_attr_names[place].first != first
        || consent_attr_names[place].last != last
        || consent_attr_names[place].len != name.len)
    {
        return CONSENT_ATTR_OTHER;
    }

    /* up to eight letters are compared */

    for (i = (name.len <= 8) ? name.len : 0; i < name.len; i++) {
        if (consent_lower(name.data[i])
            != (uint8_t) consent_attr_names[place].name[i])
        {
            return CONSENT_ATTR_OTHER;
        }
    }

    return consent_attr_names[place].id;
}


/* letters in lower case */

static inline uint32_t
consent_attr_four(const uint8_t *p)
{
    return four(p[0], p[1], p[2], p[3]) | 0x20202020u;
}


static inline uint32_t
consent_attr_two(const uint8_t *p)
{
    return two(p[0], p[1]) | 0x2020u;
}


int
consent_attr_same(const consent_attr_t *attr, const char *name)
{
    size_t  i;

    for (i = 0; i < attr->name.len; i++) {
        if (consent_lower(attr->name.data[i]) != (uint8_t) name[i]) {
            return 0;
        }
    }

    return 1;
}
