/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_coding.h"


typedef struct {
    consent_str_t       name;
    consent_coding_e    coding;
} consent_coding_name_t;


static consent_coding_e consent_coding_named(consent_str_t name);
static consent_str_t consent_coding_element(consent_str_t *list);


static const consent_coding_name_t  consent_coding_names[] = {
    { consent_str("identity"), CONSENT_CODING_IDENTITY },
    { consent_str("gzip"), CONSENT_CODING_GZIP },
    { consent_str("x-gzip"), CONSENT_CODING_GZIP },
    { consent_str("deflate"), CONSENT_CODING_DEFLATE },
#ifdef CONSENT_BROTLI
    { consent_str("br"), CONSENT_CODING_BROTLI },
#endif
#ifdef CONSENT_ZSTD
    { consent_str("zstd"), CONSENT_CODING_ZSTD },
#endif
};


consent_coding_e
consent_coding_add(consent_coding_e coding, consent_str_t value)
{
    consent_str_t     name;
    consent_coding_e  more;

    while (value.len) {
        name = consent_coding_element(&value);

        if (name.len == 0) {
            continue;
        }

        more = consent_coding_named(name);

        if (more == CONSENT_CODING_IDENTITY) {
            continue;
        }

        coding = (coding == CONSENT_CODING_IDENTITY) ? more
                                                     : CONSENT_CODING_OTHER;
    }

    return coding;
}


size_t
consent_coding_accept(uint8_t *dst, consent_str_t value)
{
    size_t         i;
    uint8_t       *p;
    consent_str_t  element, name;

    static const consent_str_t  identity = consent_str("identity");

    p = dst;

    while (value.len) {
        element = consent_coding_element(&value);

        for (i = 0; i < element.len && element.data[i] != ';'; i++) {
            /* void */
        }

        name = consent_str_trim(consent_str_make(element.data, i));

        if (name.len == 0
            || consent_coding_named(name) == CONSENT_CODING_OTHER)
        {
            continue;
        }

        if (p != dst) {
            *p++ = ',';
            *p++ = ' ';
        }

        memcpy(p, element.data, element.len);
        p += element.len;
    }

    if (p == dst) {
        memcpy(p, identity.data, identity.len);
        p += identity.len;
    }

    return (size_t) (p - dst);
}


static consent_coding_e
consent_coding_named(consent_str_t name)
{
    size_t  i;

    for (i = 0;
         i < sizeof(consent_coding_names) / sizeof(consent_coding_name_t);
         i++)
    {
        if (consent_str_caseeq(name, consent_coding_names[i].name)) {
            return consent_coding_names[i].coding;
        }
    }

    return CONSENT_CODING_OTHER;
}


/* takes an element off a list that commas separate; it may be empty */

static consent_str_t
consent_coding_element(consent_str_t *list)
{
    size_t         len;
    consent_str_t  element;

    for (len = 0; len < list->len && list->data[len] != ','; len++) {
        /* void */
    }

    element = consent_str_trim(consent_str_make(list->data, len));

    if (len < list->len) {
        len++;
    }

    list->data += len;
    list->len -= len;

    return element;
}
