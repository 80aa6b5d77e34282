/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_srcset.h"


static const uint8_t *consent_srcset_descriptors(const uint8_t *p,
    const uint8_t *end);
static consent_str_t consent_srcset_view(const uint8_t *start,
    const uint8_t *end);


int
consent_srcset_next(consent_srcset_t *c, consent_str_t *rest)
{
    const uint8_t  *p, *end, *start, *last;

    if (rest->len == 0) {
        return 0;
    }

    p = rest->data;
    end = p + rest->len;

    while (p < end && (consent_is_space(*p) || *p == ',')) {
        p++;
    }

    if (p == end) {
        *rest = consent_srcset_view(end, end);
        return 0;
    }

    /* commas are part of a URL, except at its end, and there they separate */

    start = p;

    while (p < end && !consent_is_space(*p)) {
        p++;
    }

    last = p;

    while (last[-1] == ',') {
        last--;
    }

    c->url = consent_srcset_view(start, last);

    if (last == p) {
        p = consent_srcset_descriptors(p, end);
        last = p;

        while (consent_is_space(last[-1])) {
            last--;
        }
    }

    c->candidate = consent_srcset_view(start, last);
    *rest = consent_srcset_view(p, end);

    return 1;
}


/* to the comma that ends the candidate: one that is not in parentheses */

static const uint8_t *
consent_srcset_descriptors(const uint8_t *p, const uint8_t *end)
{
    int  parens;

    parens = 0;

    while (p < end && (parens || *p != ',')) {

        /* they do not nest */

        if (*p == '(') {
            parens = 1;

        } else if (*p == ')') {
            parens = 0;
        }

        p++;
    }

    return p;
}


static consent_str_t
consent_srcset_view(const uint8_t *start, const uint8_t *end)
{
    return consent_str_make(start, (size_t) (end - start));
}
