/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_markup.h"


/*
 * The first newline may be escaped by a backslash before it, the second ends
 * any string, regular expression or line comment.  "*" "/" ends a block
 * comment; elsewhere it leaves an unterminated regular expression.  "\x" is
 * no identifier, and no escape of an untagged template; the backquote
 * leaves a tagged one, or enters one, where "\x" follows once more.
 */

const consent_str_t  consent_markup_spoiler =
    consent_str("\n\n*/\n\\x`\n\\x");


static const consent_str_t  consent_markup_data = consent_str("data-consent-");
static const consent_str_t  consent_markup_type =
    consent_str(" type=\"text/plain\"");
static const consent_str_t  consent_markup_src = consent_str(" src=\"\"");
static const consent_str_t  consent_markup_name =
    consent_str(" data-consent=\"");


static uint8_t *consent_markup_add(uint8_t *p, consent_str_t s);


consent_markup_t *
consent_markup_create(const consent_mem_t *mem, const consent_policy_t *policy)
{
    size_t                      type, src, len;
    uint8_t                    *p, *start;
    unsigned                    i;
    consent_markup_t           *markup;
    consent_markup_category_t  *category;

    markup = mem->alloc(mem->data, sizeof(consent_markup_t));
    if (markup == NULL) {
        return NULL;
    }

    memset(markup, 0, sizeof(consent_markup_t));

    markup->prefix = consent_markup_data;

    type = consent_markup_type.len;
    src = consent_markup_src.len;

    for (i = 0; i < policy->ncategories; i++) {

        /* src type name: the shorter texts are the tails of the longest */

        category = &markup->categories[i];

        len = src + type + consent_markup_name.len
              + policy->categories[i].name.len + 1;

        start = mem->alloc(mem->data, len);
        if (start == NULL) {
            return NULL;
        }

        p = consent_markup_add(start, consent_markup_src);
        p = consent_markup_add(p, consent_markup_type);
        p = consent_markup_add(p, consent_markup_name);
        p = consent_markup_add(p, policy->categories[i].name);
        *p = '"';

        category->stub = consent_str_make(start, len);
        category->script = consent_str_make(start + src, len - src);
        category->other = consent_str_make(start + src + type,
                                           len - src - type);
    }

    return markup;
}


static uint8_t *
consent_markup_add(uint8_t *p, consent_str_t s)
{
    memcpy(p, s.data, s.len);

    return p + s.len;
}
