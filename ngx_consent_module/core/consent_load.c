/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_charref.h"
#include "consent_load.h"


/* longer types and link types are none that anybody knows */

#define CONSENT_LOAD_MAX_TYPE  64
#define CONSENT_LOAD_MAX_REL   512


/* element and attribute; a new load is a line here */

static const struct {
    uint8_t        id;
    uint8_t        foreign;     /* in svg and XML only */
    const char    *attr;
} consent_load_urls[] = {
    { CONSENT_EL_SCRIPT, 0, "src" },
    { CONSENT_EL_SCRIPT, 1, "href" },
    { CONSENT_EL_SCRIPT, 1, "xlink:href" },
    { CONSENT_EL_IFRAME, 0, "src" },
    { CONSENT_EL_IMG,    0, "src" },
    { CONSENT_EL_LINK,   0, "href" },
    { CONSENT_EL_OTHER,  0, NULL }
};


/* JavaScript MIME type essences (MIME Sniffing standard), and modules */

static const consent_str_t  consent_load_script_types[] = {
    consent_str("application/ecmascript"),
    consent_str("application/javascript"),
    consent_str("application/x-ecmascript"),
    consent_str("application/x-javascript"),
    consent_str("module"),
    consent_str("text/ecmascript"),
    consent_str("text/javascript"),
    consent_str("text/javascript1.0"),
    consent_str("text/javascript1.1"),
    consent_str("text/javascript1.2"),
    consent_str("text/javascript1.3"),
    consent_str("text/javascript1.4"),
    consent_str("text/javascript1.5"),
    consent_str("text/jscript"),
    consent_str("text/livescript"),
    consent_str("text/x-ecmascript"),
    consent_str("text/x-javascript"),
    { 0, NULL }
};


static const consent_str_t  consent_load_rels[] = {
    consent_str("apple-touch-icon"),
    consent_str("apple-touch-icon-precomposed"),
    consent_str("apple-touch-startup-image"),
    consent_str("compression-dictionary"),
    consent_str("dns-prefetch"),
    consent_str("fluid-icon"),
    consent_str("icon"),
    consent_str("import"),
    consent_str("manifest"),
    consent_str("mask-icon"),
    consent_str("modulepreload"),
    consent_str("preconnect"),
    consent_str("prefetch"),
    consent_str("preload"),
    consent_str("prerender"),
    consent_str("search"),
    consent_str("stylesheet"),
    consent_str("subresource"),
    { 0, NULL }
};


static int consent_load_listed(const consent_str_t *list, consent_str_t word);
static consent_str_t consent_load_trim(consent_str_t s);


int
consent_load_is_url(const consent_element_t *el, const consent_attr_t *attr,
    unsigned foreign)
{
    unsigned  i;

    for (i = 0; consent_load_urls[i].attr; i++) {
        if (consent_load_urls[i].id == el->id
            && (foreign || !consent_load_urls[i].foreign)
            && consent_attr_is(attr, consent_load_urls[i].attr))
        {
            return 1;
        }
    }

    return 0;
}


int
consent_load_is_renamed(const consent_element_t *el,
    const consent_attr_t *attr, unsigned foreign)
{
    if (el->id == CONSENT_EL_SCRIPT && consent_attr_is(attr, "type")) {
        return 1;
    }

    return consent_load_is_url(el, attr, foreign);
}


int
consent_load_script_runs(const consent_str_t *type,
    const consent_str_t *language)
{
    size_t         len;
    uint8_t        buf[CONSENT_LOAD_MAX_TYPE];
    consent_str_t  word;

    if (type == NULL && language == NULL) {
        return 1;
    }

    if (type) {
        len = consent_charref_decode(buf, sizeof(buf), *type);

        if (len == 0) {
            return 1;
        }

        if (len == sizeof(buf)) {

            /* there may be a type behind much white space */

            return 1;
        }

        word = consent_load_trim(consent_str_make(buf, len));

        return consent_load_listed(consent_load_script_types, word);
    }

    if (language->len == 0) {
        return 1;
    }

    memcpy(buf, "text/", 5);
    len = 5 + consent_charref_decode(buf + 5, sizeof(buf) - 5, *language);

    return consent_load_listed(consent_load_script_types,
                               consent_str_make(buf, len));
}


int
consent_load_rel_fetches(consent_str_t rel)
{
    size_t         i, start, len;
    uint8_t        buf[CONSENT_LOAD_MAX_REL];
    consent_str_t  word;

    len = consent_charref_decode(buf, sizeof(buf), rel);

    if (len == sizeof(buf)) {

        /* more than can be looked through: the link may fetch */

        return 1;
    }

    for (i = 0; i < len; /* void */ ) {

        while (i < len && consent_is_space(buf[i])) {
            i++;
        }

        start = i;

        while (i < len && !consent_is_space(buf[i])) {
            i++;
        }

        word = consent_str_make(buf + start, i - start);

        if (word.len && consent_load_listed(consent_load_rels, word)) {
            return 1;
        }
    }

    return 0;
}


static int
consent_load_listed(const consent_str_t *list, consent_str_t word)
{
    for ( /* void */ ; list->data; list++) {
        if (consent_str_caseeq(*list, word)) {
            return 1;
        }
    }

    return 0;
}


static consent_str_t
consent_load_trim(consent_str_t s)
{
    while (s.len && consent_is_space(s.data[0])) {
        s.data++;
        s.len--;
    }

    while (s.len && consent_is_space(s.data[s.len - 1])) {
        s.len--;
    }

    return s;
}
