/*
 * Copyright (C) ngx_consent_module authors
 *
 * The two views of a document: where they part, and both of them at once.
 */


#include "consent_html_private.h"


static const char  consent_html_noscript[] = "</noscript";

#define NOSCRIPT_LEN  (sizeof(consent_html_noscript) - 1)


/* so many bytes are put in at once, at most: three in a row never were */

#define CONSENT_HTML_KEPT  3

/* what of "</" has been read of an end tag */

enum {
    ENDING_NONE = 0,
    ENDING_LT,
    ENDING_NAME
};


static int consent_html_is_third(consent_html_t *h, uint8_t c);
static int consent_html_parts_cdata(const consent_html_view_t *v,
    const consent_html_view_t *other);
static int consent_html_parts_tag(const consent_html_t *h,
    consent_html_view_t *v, const consent_html_view_t *other);
static int consent_html_hides_end(consent_html_t *h);
static const consent_element_t *consent_html_ending(const consent_html_t *h);
static unsigned consent_html_sees_end(const consent_html_view_t *v,
    const consent_element_t *el);
static void consent_html_follow_end(consent_html_t *h, uint8_t c);
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

            if (v->state <= ST_TAG_NAME) {

                /* it is the end tag itself, whatever its attributes say */

                v->cut = 0;
                v->noscript = 0;
                goto run;
            }

            /* an end tag is not held */

            event = (v->state < ST_HIDDEN && !v->end_tag)
                    ? CONSENT_HTML_TAG_CUT : CONSENT_HTML_RAW_CUT;

            v->either = 1;

            h->shadow = *v;
            h->shadow.noscript = 0;
            h->forked = 1;
            h->scriptless = 1;
            h->ahead = 0;
            h->awaited = 0;
            h->ending = 0;

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

            /* another name may be that of what else is open */

            if (h->kept < CONSENT_HTML_KEPT && !h->blind
                && consent_html_is_third(h, *p))
            {
                h->kept++;
                return CONSENT_HTML_THIRD;
            }

            h->kept = 0;
            consent_html_follow_end(h, *p);

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


/*
 * There are more than two readings where two reasons for them come together.
 * A third one is not followed; c, the next byte, is where it would part from
 * the two, and what is put in before it keeps it from doing so.
 *
 * Such a reading has raw text where others have markup.  It sees nothing in
 * it, and reads on as they do behind its end: unless that stands in something
 * that hides it from them.
 */

static int
consent_html_is_third(consent_html_t *h, uint8_t c)
{
    if (c == '[') {
        return consent_html_parts_cdata(&h->view, &h->shadow)
               || consent_html_parts_cdata(&h->shadow, &h->view);
    }

    if (!(class_of(c) & CH_NAME_END)) {
        return 0;
    }

    if (consent_html_parts_tag(h, &h->view, &h->shadow)
        || consent_html_parts_tag(h, &h->shadow, &h->view))
    {
        return 1;
    }

    return h->ending == ENDING_NAME && consent_html_hides_end(h);
}


/*
 * There are no CDATA sections in HTML in an annotation-xml, and none for
 * preload scanners, unless they are in raw text.
 */

static int
consent_html_parts_cdata(const consent_html_view_t *v,
    const consent_html_view_t *other)
{
    if (v->state != ST_MARKUP_DECLARATION
        || !consent_html_tree_is_foreign(v)
        || (other->state == ST_MARKUP_DECLARATION
            && !consent_html_tree_is_foreign(other)))
    {
        return 0;
    }

    return v->inner[CONSENT_HTML_ANNOTATION_XML] != 0
           || (v->unread == 0
               && (other->state < ST_RAWTEXT || other->state == ST_PLAINTEXT));
}


/* its name is complete: a tag that svg or math may begin with, or end */

static int
consent_html_parts_tag(const consent_html_t *h, consent_html_view_t *v,
    const consent_html_view_t *other)
{
    if (v->state != ST_TAG_NAME) {
        return 0;
    }

    consent_html_named(v, v->name.data, v->name.len);

    if (v->end_tag) {

        /* the shadow may be there because of such an end tag, and leaves */

        return v == &h->view && consent_html_tree_may_leave(v);
    }

    /* it may be the other one that begins svg or math, or is in raw text */

    if (other->state == v->state
        ? !(other->select || other->frameset)
        : (other->state >= ST_RAWTEXT && !v->template
           && (other->select || other->frameset)))
    {
        return 0;
    }

    return v->element
           && (v->element->id == CONSENT_EL_SVG
               || v->element->id == CONSENT_EL_MATH)
           && (v->select || v->frameset)
           && !consent_html_tree_is_foreign(v) && other->depth == 0;
}


/* the end tag with this name: does it end raw text of a third reading? */

static int
consent_html_hides_end(consent_html_t *h)
{
    uint64_t                  bit;
    unsigned                  view, shadow, seen_view, seen_shadow;
    const consent_element_t  *el;

    el = consent_html_ending(h);

    if (el == NULL) {
        return 0;
    }

    bit = (uint64_t) 1 << el->id;

    view = (h->view.unread & bit) != 0;
    shadow = (h->shadow.unread & bit) != 0;

    if (el->id == CONSENT_EL_NOSCRIPT) {
        view |= h->view.noscript;
        shadow |= h->shadow.noscript && !h->scriptless;
    }

    seen_view = consent_html_sees_end(&h->view, el);
    seen_shadow = consent_html_sees_end(&h->shadow, el);

    if (!h->scriptless && (seen_view || seen_shadow)) {

        /* it reads on as one of the two */

        seen_view = 1;
        seen_shadow = 1;
    }

    if ((view && !seen_view) || (shadow && !seen_shadow)) {
        return 1;
    }

    h->view.unread &= ~bit;
    h->shadow.unread &= ~bit;

    return 0;
}


static const consent_element_t *
consent_html_ending(const consent_html_t *h)
{
    const uint8_t          *name;
    consent_element_key_t   key;

    name = h->end_name.data;

    if (h->end_name.len > CONSENT_EL_MAX_NAME) {
        return NULL;
    }

    key = consent_element_key(CONSENT_ELEMENT_START(name[0], name[1], name[2],
                                                    name[3]),
                              h->end_name.len);

    return consent_element_find(key, CONSENT_ELEMENT_BUCKET(key), name, 0);
}


/* the name of an end tag is complete; el is what it says */

static unsigned
consent_html_sees_end(const consent_html_view_t *v,
    const consent_element_t *el)
{
    return (v->state == ST_TAG_NAME && v->end_tag)
           || (v->state == ST_RAWTEXT_END_TAG_NAME && v->text == el
               && v->matched == el->len);
}


/* c is read: is it of what may be an end tag in any reading? */

static void
consent_html_follow_end(consent_html_t *h, uint8_t c)
{
    if (c == '<') {
        h->ending = ENDING_LT;
        h->end_name.len = 0;

    } else if (h->ending == ENDING_LT && c == '/') {
        h->ending = ENDING_NAME;

    } else if (h->ending == ENDING_NAME && !(class_of(c) & CH_NAME_END)) {
        consent_tag_name_add(&h->end_name, c);

    } else {
        h->ending = ENDING_NONE;
    }
}


uint8_t
consent_html_keep(consent_html_t *h)
{
    const uint8_t  *p;
    const uint8_t   c = '_';

    h->ending = ENDING_NONE;

    p = &c;
    (void) consent_html_run(h, &h->view, &p, p + 1);

    p = &c;
    (void) consent_html_run(h, &h->shadow, &p, p + 1);

    return c;
}


static int
consent_html_agree(const consent_html_t *h)
{
    const consent_html_view_t  *v, *s;

    v = &h->view;
    s = &h->shadow;

    return v->state == ST_DATA && s->state == ST_DATA
           && (v->unread | s->unread) == 0
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
