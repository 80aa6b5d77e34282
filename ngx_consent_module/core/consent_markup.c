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


static const consent_str_t  consent_markup_names[] = {
    consent_str("data-consent"),
    consent_str("type")             /* of scripts only: the last one */
};


static int consent_markup_texts(const consent_mem_t *mem,
    consent_markup_category_t *category, consent_str_t name);
static consent_markup_line_t *consent_markup_line(const consent_mem_t *mem,
    const consent_policy_t *policy, const consent_markup_t *markup,
    unsigned script);
static uint8_t *consent_markup_add(uint8_t *p, consent_str_t s);


consent_markup_t *
consent_markup_create(const consent_mem_t *mem, const consent_policy_t *policy)
{
    unsigned                      i;
    consent_markup_t             *markup;
    const consent_markup_line_t  *script, *other;

    markup = mem->alloc(mem->data, sizeof(consent_markup_t));
    if (markup == NULL) {
        return NULL;
    }

    memset(markup, 0, sizeof(consent_markup_t));

    markup->prefix = consent_markup_data;
    markup->own = markup;

    for (i = 0; i < policy->ncategories; i++) {
        if (consent_markup_texts(mem, &markup->categories[i],
                                 policy->categories[i].name)
            != 0)
        {
            return NULL;
        }
    }

    script = consent_markup_line(mem, policy, markup, 1);
    other = consent_markup_line(mem, policy, markup, 0);

    if (script == NULL || other == NULL) {
        return NULL;
    }

    markup->lines[CONSENT_MARK_SCRIPT] = script;
    markup->lines[CONSENT_MARK_INLINE] = script;
    markup->lines[CONSENT_MARK_OTHER] = other;

    markup->modules[CONSENT_MARK_SCRIPT] = script;
    markup->modules[CONSENT_MARK_INLINE] = script;

    return markup;
}


static int
consent_markup_texts(const consent_mem_t *mem,
    consent_markup_category_t *category, consent_str_t name)
{
    size_t    type, src, len;
    uint8_t  *p, *start;

    /* src type name: the shorter texts are the tails of the longest */

    type = consent_markup_type.len;
    src = consent_markup_src.len;
    len = src + type + consent_markup_name.len + name.len + 1;

    start = mem->alloc(mem->data, len);
    if (start == NULL) {
        return -1;
    }

    p = consent_markup_add(start, consent_markup_src);
    p = consent_markup_add(p, consent_markup_type);
    p = consent_markup_add(p, consent_markup_name);
    p = consent_markup_add(p, name);
    *p = '"';

    category->empty = consent_str_make(start, len);
    category->script = consent_str_make(start + src, len - src);
    category->other = consent_str_make(start + src + type, len - src - type);

    return 0;
}


static consent_markup_line_t *
consent_markup_line(const consent_mem_t *mem, const consent_policy_t *policy,
    const consent_markup_t *markup, unsigned script)
{
    unsigned                          i;
    consent_markup_line_t            *line;
    consent_markup_text_t            *texts;
    const consent_markup_category_t  *category;

    line = mem->alloc(mem->data, sizeof(consent_markup_line_t));
    texts = mem->alloc(mem->data, sizeof(consent_markup_text_t)
                                  * CONSENT_MAX_CATEGORIES);

    if (line == NULL || texts == NULL) {
        return NULL;
    }

    memset(line, 0, sizeof(consent_markup_line_t));
    memset(texts, 0, sizeof(consent_markup_text_t) * CONSENT_MAX_CATEGORIES);

    line->texts = texts;
    line->nnames = script ? 2 : 1;

    memcpy(line->names, consent_markup_names,
           line->nnames * sizeof(consent_str_t));

    for (i = 0; i < policy->ncategories; i++) {
        category = &markup->categories[i];
        texts[i].attrs = script ? category->script : category->other;
    }

    return line;
}


static uint8_t *
consent_markup_add(uint8_t *p, consent_str_t s)
{
    memcpy(p, s.data, s.len);

    return p + s.len;
}


int
consent_markup_is_loader(const consent_markup_t *markup,
    const consent_url_t *url, unsigned own_site)
{
    return markup->loaders != NULL
           && consent_match_resource(markup->loaders, url, own_site, NULL)
              != CONSENT_UNCLASSIFIED;
}
