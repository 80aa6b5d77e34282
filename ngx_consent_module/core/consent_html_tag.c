/*
 * Copyright (C) ngx_consent_module authors
 *
 * A tag as a whole, and its attributes.
 */


#include "consent_html_private.h"


static const uint8_t *consent_html_attrs(consent_html_view_t *v,
    const uint8_t *p, const uint8_t *end);
static int consent_html_suspect(const uint8_t *name, size_t len);


const uint8_t *
consent_html_whole_tag(consent_html_view_t *v, const uint8_t *p,
    const uint8_t *end)
{
    unsigned        end_tag;
    const uint8_t  *name, *tag;

    /* of a name at least four bytes are looked at */

    if (end - p < 6) {
        return NULL;
    }

    end_tag = (p[1] == '/');
    name = p + 1 + end_tag;

    if (!(class_of(*name) & CH_ALPHA) || v->foreign_text) {
        return NULL;
    }

    tag = p;

    consent_html_tag_begin(v, end_tag);

    for (p = name + 1; p < end && !(class_of(*p) & CH_NAME_END); p++) {
        /* void */
    }

    if (p == end) {
        return NULL;
    }

    consent_html_named(v, name, (size_t) (p - name));

    p = (*p == '>') ? p + 1 : consent_html_attrs(v, p, end);

    if (v->noscript && p && memchr(tag + 1, '<', (size_t) (p - tag - 1))) {

        /* that could be the end of noscript, see consent_html_watch() */

        return NULL;
    }

    return p;
}


/* attributes up to ">"; NULL: it is not in the input */

static const uint8_t *
consent_html_attrs(consent_html_view_t *v, const uint8_t *p,
    const uint8_t *end)
{
    uint8_t         c;
    const uint8_t  *name;

    for ( ;; ) {

        /* before attribute name, self-closing start tag */

        while (p < end && (class_of(*p) & CH_SPACE)) {
            p++;
        }

        if (p == end) {
            return NULL;
        }

        name = p;
        c = *p++;

        if (c == '>') {
            return p;
        }

        if (c == '/') {
            v->self_closing = (p < end && *p == '>');
            continue;
        }

        /* attribute name */

        while (p < end && !(class_of(*p) & CH_ATTR_END)) {
            p++;
        }

        consent_html_attr_done(v, name, (size_t) (p - name));

        /* after attribute name */

        while (p < end && (class_of(*p) & CH_SPACE)) {
            p++;
        }

        if (p == end) {
            return NULL;
        }

        if (*p != '=') {
            continue;
        }

        /* before attribute value */

        for (p++; p < end && (class_of(*p) & CH_SPACE); p++) { /* void */ }

        if (p == end) {
            return NULL;
        }

        c = *p;

        if (c == '"' || c == '\'') {
            p++;
            p = memchr(p, c, (size_t) (end - p));

            if (p == NULL) {
                return NULL;
            }

            p++;
            continue;
        }

        while (p < end && !(class_of(*p) & CH_UNQUOTED_END)) {
            p++;
        }
    }
}


void
consent_html_attr_done(consent_html_view_t *v, const uint8_t *name, size_t len)
{
    if (consent_html_suspect(name, len)) {
        v->suspect = 1;
    }

    if ((v->depth | v->either) == 0) {
        return;
    }

    /* in svg many attributes may hold url() */

    v->suspect = 1;

    if (len == 4 || len == 5) {

        /* color, face and size let a font element break out of svg */

        v->font |= ((name[0] | 0x20) == 'c' || (name[0] | 0x20) == 'f'
                    || (name[0] | 0x20) == 's');
    }
}


/*
 * Attributes that fetch on whatever element they are, and those that tell
 * the few inputs and metas that fetch from all the others; a name that is
 * like one of them does no harm.
 */

static int
consent_html_suspect(const uint8_t *name, size_t len)
{
    switch (len) {

    case 3:
        return (name[0] | 0x20) == 's' && (name[2] | 0x20) == 'c';

    case 4:
        return (name[0] | 0x20) == 'p' && (name[1] | 0x20) == 'i'
               && (name[2] | 0x20) == 'n' && (name[3] | 0x20) == 'g';

    case 5:
        return (name[0] | 0x20) == 's' && (name[1] | 0x20) == 't'
               && (name[2] | 0x20) == 'y' && (name[3] | 0x20) == 'l'
               && (name[4] | 0x20) == 'e';

    case 10:
        return ((name[0] | 0x20) == 'b' && (name[9] | 0x20) == 'd')
               || ((name[0] | 0x20) == 'h' && (name[9] | 0x20) == 'v');

    case 14:
        return (name[0] | 0x20) == 'a' && (name[13] | 0x20) == 'c';

    default:
        return 0;
    }
}


void
consent_html_tag_begin(consent_html_view_t *v, unsigned end_tag)
{
    v->name.len = 0;
    v->end_tag = end_tag ? 1 : 0;
    v->raw = 0;
    v->self_closing = 0;
    v->suspect = 0;
    v->font = 0;
    v->breakout = 0;
    v->in_text = 0;
    v->element = NULL;
}


void
consent_html_named(consent_html_view_t *v, const uint8_t *name, size_t len)
{
    consent_element_key_t  key;

    key = consent_element_key(CONSENT_ELEMENT_START(name[0], name[1], name[2],
                                                    name[3]), len);

    v->name.len = len;
    v->bucket = CONSENT_ELEMENT_BUCKET(key);
    v->element = consent_element_find(key, v->bucket, name,
                                      (v->depth | v->either) != 0);
}
