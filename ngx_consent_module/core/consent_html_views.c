/*
 * Copyright (C) ngx_consent_module authors
 *
 * The two views of a document: where they part, and both of them at once.
 */


#include "consent_html_private.h"


static const char  consent_html_noscript[] = "</noscript";

#define NOSCRIPT_LEN  (sizeof(consent_html_noscript) - 1)


static int consent_html_agree(const consent_html_t *h);
static int consent_html_tag_ends(consent_html_view_t *v, uint8_t c);


/*
 * With scripting, noscript is raw text and ends at "</noscript" whatever a
 * comment, an attribute or another raw text inside says; without, it is
 * markup.  It is read as markup, and its end is looked for in all that would
 * hide it.  What would hide it goes on in the shadow, the view without
 * scripting.
 */

consent_html_event_e
consent_html_watch(consent_html_t *h, const uint8_t **pos, const uint8_t *end)
{
    const uint8_t         *p;
    consent_html_view_t   *v;
    consent_html_event_e   event;

    v = &h->view;

    while (*pos < end && v->noscript && v->state != ST_DATA && !h->forked) {

        p = *pos;

        if (v->cut == NOSCRIPT_LEN && (class_of(*p) & CH_NAME_END)) {

            event = CONSENT_HTML_RAW_CUT;

            if (v->state < ST_HIDDEN) {

                if (v->state <= ST_TAG_NAME || v->end_tag) {

                    /* it is the end tag itself */

                    v->cut = 0;
                    goto run;
                }

                event = CONSENT_HTML_TAG_CUT;
            }

            v->either = 1;

            h->shadow = *v;
            h->shadow.noscript = 0;
            h->forked = 1;
            h->ahead = 0;
            h->awaited = 0;

            consent_html_tag_begin(v, 1);

            v->cut = 0;
            v->noscript = 0;
            v->text = NULL;
            v->cut_text = NULL;
            v->state = ST_BEFORE_ATTR_NAME;

            h->held = 0;
            h->report = 0;

            return event;
        }

        if (v->cut < NOSCRIPT_LEN
            && consent_lower(*p) == (uint8_t) consent_html_noscript[v->cut])
        {
            v->cut++;

        } else {
            v->cut = (*p == '<');
        }

    run:

        do {
            event = consent_html_run(h, v, pos, p + 1);
        } while (event == CONSENT_HTML_MORE && *pos == p);

        if (event != CONSENT_HTML_MORE) {

            if (*pos == p) {

                /* the byte comes once more */

                v->cut = 0;
            }

            return event;
        }
    }

    return CONSENT_HTML_MORE;
}


consent_html_event_e
consent_html_both(consent_html_t *h, const uint8_t **pos, const uint8_t *end)
{
    const uint8_t         *p, *q;
    consent_html_event_e   event;

    while (*pos < end && h->forked) {

        p = *pos;

        if (!h->ahead) {

            if (h->blind) {

                /* void */

            } else if (h->awaited) {

                if (*p == '<') {
                    return CONSENT_HTML_SHADOW_LOST;
                }

                if (consent_html_tag_ends(&h->shadow, *p)) {
                    h->awaited = 0;
                    return CONSENT_HTML_SHADOW_TAG;
                }

            } else if (h->shadow.state == ST_TAG_OPEN
                       && (class_of(*p) & CH_ALPHA)
                       && h->view.state != ST_TAG_OPEN)
            {
                return CONSENT_HTML_SHADOW;
            }

            for (q = p; q == p; /* void */ ) {
                (void) consent_html_run(h, &h->shadow, &q, p + 1);
            }

            h->ahead = 1;
        }

        event = consent_html_run(h, &h->view, pos, p + 1);

        if (*pos != p) {
            h->ahead = 0;

            if (consent_html_agree(h)) {
                consent_html_join(h);
                h->met = 1;
            }
        }

        if (event != CONSENT_HTML_MORE) {
            return event;
        }

        h->met = 0;
    }

    return CONSENT_HTML_MORE;
}


static int
consent_html_agree(const consent_html_t *h)
{
    const consent_html_view_t  *v, *s;

    v = &h->view;
    s = &h->shadow;

    return v->state == ST_DATA && s->state == ST_DATA
           && v->depth == s->depth
           && v->select == s->select && v->frameset == s->frameset
           && v->noscript == s->noscript
           && (v->depth == 0
               || memcmp(v->stack, s->stack,
                      v->depth * sizeof(const consent_element_t *))
                  == 0);
}


/* 1: its start tag ends with c; then its name is known */

static int
consent_html_tag_ends(consent_html_view_t *v, uint8_t c)
{
    if (c != '>' || v->state == ST_ATTR_VALUE_DOUBLE
        || v->state == ST_ATTR_VALUE_SINGLE)
    {
        return 0;
    }

    if (v->state == ST_TAG_NAME) {
        consent_html_named(v, v->name.data, v->name.len);
    }

    return 1;
}


void
consent_html_break(consent_html_t *h)
{
    h->awaited = 0;
    h->shadow.state = ST_DATA;
}


uint8_t
consent_html_split(consent_html_t *h)
{
    uint8_t               c;
    const uint8_t        *p;
    consent_html_view_t  *v;

    v = &h->view;

    c = (v->state < ST_HIDDEN && v->state != ST_ATTR_VALUE_DOUBLE
         && v->state != ST_ATTR_VALUE_SINGLE)
        ? '_' : ' ';

    consent_html_break(h);

    /* the other reading has it in its text, too */

    p = &c;
    (void) consent_html_run(h, v, &p, p + 1);

    return c;
}


int
consent_html_is_hidden(const consent_html_t *h)
{
    return h->view.state >= ST_HIDDEN
           && (h->view.state < ST_SCRIPT || h->view.state == ST_PLAINTEXT);
}
