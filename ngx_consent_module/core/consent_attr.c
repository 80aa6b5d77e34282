/*
 * Copyright (C) ngx_consent_module authors
 *
 * Attributes of a start tag that is at hand as a whole.  The scanner of
 * consent_html.c finds the end of the tag by the same rules, byte by byte.
 */


#include "consent_attr.h"


int
consent_attr_next(consent_attr_t *attr, const uint8_t **pos,
    const uint8_t *end)
{
    uint8_t         quote;
    const uint8_t  *p, *q;

    p = *pos;

    /* before attribute name, self-closing start tag */

    while (p < end && (consent_is_space(*p) || *p == '/')) {
        p++;
    }

    if (p == end) {
        *pos = p;
        return 0;
    }

    /* attribute name: a "=" that comes first belongs to the name */

    q = p++;

    while (p < end && !consent_is_space(*p) && *p != '/' && *p != '=') {
        p++;
    }

    attr->name = consent_str_make(q, (size_t) (p - q));
    attr->value = consent_str_make(p, 0);
    attr->end = p;

    /* after attribute name */

    for (q = p; q < end && consent_is_space(*q); q++) { /* void */ }

    if (q == end || *q != '=') {
        *pos = p;
        return 1;
    }

    /* before attribute value */

    for (q++; q < end && consent_is_space(*q); q++) { /* void */ }

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

        for (p = q; p < end && !consent_is_space(*p); p++) { /* void */ }

        attr->value = consent_str_make(q, (size_t) (p - q));
    }

    attr->end = p;
    *pos = p;

    return 1;
}


int
consent_attr_is(const consent_attr_t *attr, const char *name)
{
    size_t  i;

    for (i = 0; i < attr->name.len; i++) {
        if (name[i] == '\0'
            || consent_lower(attr->name.data[i]) != (uint8_t) name[i])
        {
            return 0;
        }
    }

    return name[i] == '\0';
}
