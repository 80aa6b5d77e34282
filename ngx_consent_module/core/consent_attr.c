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

#define is_in(c, classes)  (consent_ch_class[c] & (classes))


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
consent_attrs_read(consent_attrs_t *attrs, consent_str_t text)
{
    attrs->rest = text.data;
    attrs->end = text.data + text.len;

    for (attrs->n = 0; attrs->n < CONSENT_ATTRS; attrs->n++) {
        if (!consent_attr_next(&attrs->list[attrs->n], &attrs->rest,
                               attrs->end))
        {
            break;
        }
    }
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
