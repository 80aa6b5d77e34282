/*
 * Copyright (C) ngx_consent_module authors
 *
 * What the tree builder would tell the tokenizer (13.2.6), by tag names
 * alone: which element's text is raw, and where foreign content begins and
 * ends.  Where names do not decide, the scanner is forked.
 */


#include "consent_html_private.h"


static void consent_html_start_tag(consent_html_t *h, consent_html_view_t *v);
static void consent_html_foreign_start_tag(consent_html_view_t *v);
static int consent_html_is_namesake(const consent_html_view_t *v);
static void consent_html_enter_foreign_text(consent_html_view_t *v);
static void consent_html_enter_raw_text(consent_html_view_t *v);
static void consent_html_enter_text(consent_html_t *h, consent_html_view_t *v);
static void consent_html_fork_raw(consent_html_t *h, consent_html_view_t *v,
    const consent_html_view_t *markup);
static void consent_html_body_seen(consent_html_view_t *v);
static void consent_html_pop(consent_html_view_t *v, unsigned depth);
static int consent_html_closes_around(const consent_html_view_t *v);
static uint64_t consent_html_open_names(const consent_html_view_t *v);
static void consent_html_push(consent_html_view_t *v);
static void consent_html_pop_foreign(consent_html_view_t *v);


void
consent_html_tree_start(consent_html_t *h, consent_html_view_t *v)
{
    if (v->depth == 0) {

        /* the end of raw text is not counted, so neither is its beginning */

        if (v->element == NULL || v->element->text == CONSENT_TEXT_DATA) {
            consent_html_count_start(v->open, v->bucket);
        }

    } else if (!v->self_closing || !consent_html_tree_is_foreign(v)) {
        consent_html_count_start(v->inner, v->bucket);
    }

    consent_html_body_seen(v);

    if (v->element) {
        consent_html_start_tag(h, v);
    }
}


/* what the tree builder would tell the tokenizer, by name alone */

static void
consent_html_start_tag(consent_html_t *h, consent_html_view_t *v)
{
    consent_html_view_t       markup;
    const consent_element_t  *el;

    el = v->element;

    if (v->xml) {
        if (el->text >= CONSENT_TEXT_STYLE && !v->self_closing) {
            v->foreign_text = el;
        }

        return;
    }

    if (consent_html_tree_is_foreign(v)) {

        if (!(el->flags & CONSENT_EL_BREAKOUT)
            && !(el->id == CONSENT_EL_FONT && v->font))
        {
            consent_html_foreign_start_tag(v);

            if (!v->self_closing && el->text != CONSENT_TEXT_DATA
                && el->text != CONSENT_TEXT_PLAIN)
            {
                /* preload scanners take it for the element of HTML */

                markup = *v;
                consent_html_enter_raw_text(v);
                consent_html_fork_raw(h, v, &markup);
            }

            return;
        }

        consent_html_pop_foreign(v);
        v->breakout = 1;
    }

    switch (el->id) {

    case CONSENT_EL_MGLYPH:

        /* MathML, but in its text only */

        if (v->depth && !v->self_closing
            && (v->stack[v->depth - 1]->flags & CONSENT_EL_MATH_POINT))
        {
            consent_html_push(v);
        }

        return;

    case CONSENT_EL_SVG:
    case CONSENT_EL_MATH:

        if (v->self_closing) {
            return;
        }

        markup = *v;
        consent_html_push(v);

        if (v->select || v->frameset) {
            (void) consent_html_fork(h, v);
            *v = markup;
            v->either = 1;
        }

        return;

    case CONSENT_EL_NOSCRIPT:
        v->noscript = 1;
        return;

    case CONSENT_EL_SELECT:

        /* in a template there may be one within the one around it */

        v->select = !v->select || v->template;
        return;

    case CONSENT_EL_TEMPLATE:
        v->template = 1;
        v->col = 0;
        return;

    case CONSENT_EL_COL:
        v->col = v->template;
        return;

    case CONSENT_EL_FRAMESET:

        /* in a body that has begun it is dropped */

        v->frameset = v->frameset || !v->body;
        return;

    default:

        if (el->flags & CONSENT_EL_ENDS_SELECT) {
            v->select = 0;
        }

        consent_html_enter_text(h, v);
    }
}


/* does the tag, which is complete, keep a frameset from taking over? */

static void
consent_html_body_seen(consent_html_view_t *v)
{
    v->had_body = v->body;

    if (v->body) {
        return;
    }

    if (consent_html_tree_is_foreign(v)
        && !(v->element && (v->element->flags & CONSENT_EL_BREAKOUT)))
    {
        return;
    }

    if (v->element == NULL || (v->element->flags & CONSENT_EL_FOREIGN)) {
        v->body = (v->bucket == CONSENT_HTML_BODY);
        return;
    }

    switch (v->element->id) {

    case CONSENT_EL_EMBED:
    case CONSENT_EL_IFRAME:
    case CONSENT_EL_IMAGE:
    case CONSENT_EL_IMG:
    case CONSENT_EL_OBJECT:
    case CONSENT_EL_SELECT:
        v->body = 1;
        return;

    default:

        /* a textarea */

        v->body = (v->element->text == CONSENT_TEXT_RAW
                   && (v->element->flags & CONSENT_EL_ENDS_SELECT) != 0);
    }
}


static void
consent_html_foreign_start_tag(consent_html_view_t *v)
{
    const consent_element_t  *el;

    if (v->self_closing) {
        return;
    }

    el = v->element;

    if (el->id == CONSENT_EL_SVG || el->id == CONSENT_EL_MATH) {

        if (!consent_html_is_namesake(v)) {
            consent_html_push(v);
        }

    } else if (el->id == CONSENT_EL_NOSCRIPT) {

        /* of no meaning here, but for preload scanners */

        v->noscript = 1;

    } else if (v->stack[v->depth - 1]->id == CONSENT_EL_SVG) {

        if (el->flags & CONSENT_EL_SVG_POINT) {
            consent_html_push(v);

        } else {
            consent_html_enter_foreign_text(v);
        }

    } else if (el->flags & CONSENT_EL_MATH_POINT) {
        consent_html_push(v);

    } else {

        /* HTML in an annotation-xml, maybe */

        consent_html_enter_foreign_text(v);
    }
}


/* 1: an element of svg that is named math, or the other way round */

static int
consent_html_is_namesake(const consent_html_view_t *v)
{
    unsigned  i;

    if (v->element->id == CONSENT_EL_SVG
        && v->inner[CONSENT_HTML_ANNOTATION_XML] != 0)
    {
        return 0;
    }

    /* an end tag would be that of the one around it */

    for (i = 0; i < v->depth; i++) {
        if (v->stack[i] == v->element) {
            return 0;
        }
    }

    return 1;
}


static void
consent_html_enter_foreign_text(consent_html_view_t *v)
{
    if (v->element->text == CONSENT_TEXT_STYLE
        || v->element->text == CONSENT_TEXT_SCRIPT)
    {
        v->foreign_text = v->element;
    }
}


static void
consent_html_enter_raw_text(consent_html_view_t *v)
{
    switch (v->element->text) {

    case CONSENT_TEXT_PLAIN:
        v->state = ST_PLAINTEXT;
        return;

    case CONSENT_TEXT_SCRIPT:
        v->state = ST_SCRIPT;
        break;

    default:
        v->state = ST_RAWTEXT;
        break;
    }

    v->text = v->element;
}


static void
consent_html_enter_text(consent_html_t *h, consent_html_view_t *v)
{
    consent_html_view_t       markup;
    const consent_element_t  *el;

    el = v->element;

    if (el->text == CONSENT_TEXT_DATA) {
        return;
    }

    if (!v->frameset && !v->col
        && !(v->select && (el->flags & CONSENT_EL_NOT_SELECT)))
    {
        consent_html_enter_raw_text(v);
        return;
    }

    /* the tree builder may drop the tag, and then markup follows */

    markup = *v;
    consent_html_enter_raw_text(v);
    consent_html_fork_raw(h, v, &markup);

    consent_html_enter_foreign_text(v);
}


/*
 * The view is in raw text, and reads markup in the other reading.  If that
 * dropped a tag before, which left the shadow in raw text, there is no third.
 */

static void
consent_html_fork_raw(consent_html_t *h, consent_html_view_t *v,
    const consent_html_view_t *markup)
{
    int  followed;

    followed = consent_html_fork(h, v) || v->state == ST_PLAINTEXT
               || (v == &h->view && !v->template
                   && (h->shadow.select || h->shadow.frameset)
                   && h->shadow.state >= ST_RAWTEXT);

    *v = *markup;
    v->either = 1;

    if (!followed) {
        v->unread |= (uint64_t) 1 << v->element->id;
    }
}


void
consent_html_tree_end(consent_html_t *h, consent_html_view_t *v)
{
    unsigned                  i;
    const consent_element_t  *el;

    el = v->element;

    if (el && el->id == CONSENT_EL_NOSCRIPT) {
        v->noscript = 0;

    } else if (el && el->id == CONSENT_EL_SELECT) {
        v->select &= v->template;

    } else if (el && el->id == CONSENT_EL_TEMPLATE) {
        v->template = 0;
        v->col = 0;
    }

    if (v->depth == 0) {
        (void) consent_html_count_end(v->open, v->bucket);
        return;
    }

    if (el && v->deeper
        && (el->id == CONSENT_EL_SVG || el->id == CONSENT_EL_MATH))
    {
        v->deeper--;
        return;
    }

    if (el) {
        for (i = v->depth; i > 0; i--) {
            if (v->stack[i - 1] == el) {
                consent_html_pop(v, i - 1);
                return;
            }
        }
    }

    if (consent_html_closes_around(v)) {

        /* if nothing else is open in the integration point */

        (void) consent_html_count_end(v->inner, v->bucket);

        if (consent_html_fork(h, v)) {
            do {
                consent_html_pop(v, v->depth - 1);
            } while (!consent_html_tree_is_foreign(v));
        }

        return;
    }

    if (consent_html_count_end(v->inner, v->bucket)) {
        return;
    }

    if (!consent_html_tree_is_foreign(v)) {
        return;
    }

    /*
     * If an element around the svg or math ends, that ends with it; if there
     * is none, nothing happens, but </p> and </br> leave foreign content.
     */

    if (el && (el->flags & CONSENT_EL_CLOSES)) {
        (void) consent_html_count_end(v->open, v->bucket);
        consent_html_pop_foreign(v);

    } else if (consent_html_count_end(v->open, v->bucket)) {

        /* ... unless something had closed it, or it is one without an end */

        (void) consent_html_fork(h, v);
        consent_html_pop_foreign(v);
    }
}


int
consent_html_tree_may_leave(const consent_html_view_t *v)
{
    unsigned  i;

    if (consent_html_closes_around(v)) {
        return 1;
    }

    if (!consent_html_tree_is_foreign(v) || v->depth == 0
        || v->inner[v->bucket] != 0 || v->open[v->bucket] == 0)
    {
        return 0;
    }

    if (v->element == NULL) {
        return 1;
    }

    if ((v->element->id == CONSENT_EL_NOSCRIPT && v->noscript)
        || (v->element->id == CONSENT_EL_SELECT && v->select))
    {
        /* it is known to be open */

        return 0;
    }

    for (i = 0; i < v->depth; i++) {
        if (v->stack[i] == v->element) {
            return 0;
        }
    }

    return !(v->element->flags & CONSENT_EL_CLOSES);
}


/*
 * An end tag directly in an integration point is read by the rules of svg and
 * math: 1 if it may be of an element around that one.
 */

static int
consent_html_closes_around(const consent_html_view_t *v)
{
    unsigned  i;

    if (v->depth == 0 || consent_html_tree_is_foreign(v)
        || v->inner[v->bucket] == 0
        || (v->around & ((uint64_t) 1 << (v->bucket & 63))) == 0
        || (v->element && (v->element->flags & CONSENT_EL_BREAKOUT)))
    {
        return 0;
    }

    for (i = 0; i < v->depth; i++) {
        if (v->stack[i] == v->element) {
            return 0;
        }
    }

    return 1;
}


static uint64_t
consent_html_open_names(const consent_html_view_t *v)
{
    unsigned  i;
    uint64_t  names;

    names = 0;

    for (i = 0; i < CONSENT_ELEMENT_BUCKETS; i++) {
        names |= (uint64_t) (v->inner[i] != 0) << (i & 63);
    }

    return names;
}


static void
consent_html_push(consent_html_view_t *v)
{
    if (v->element->flags & (CONSENT_EL_SVG_POINT|CONSENT_EL_MATH_POINT)) {

        /* without that of its own */

        (void) consent_html_count_end(v->inner, v->bucket);
        v->around = consent_html_open_names(v);
        consent_html_count_start(v->inner, v->bucket);
    }

    if (v->depth < CONSENT_HTML_MAX_DEPTH) {
        v->stack[v->depth++] = v->element;

    } else if (v->element->id == CONSENT_EL_SVG
               || v->element->id == CONSENT_EL_MATH)
    {
        v->deeper++;
    }
}


static void
consent_html_pop(consent_html_view_t *v, unsigned depth)
{
    v->depth = depth;
    v->deeper = 0;

    if (depth == 0) {
        memset(v->inner, 0, sizeof(v->inner));
    }
}


static void
consent_html_pop_foreign(consent_html_view_t *v)
{
    unsigned  depth;

    depth = v->depth;

    do {
        consent_html_pop(v, --depth);
    } while (consent_html_tree_is_foreign(v));
}


int
consent_html_tree_is_foreign(const consent_html_view_t *v)
{
    const consent_element_t  *top;

    if (v->xml) {
        return 1;
    }

    if (v->depth == 0) {
        return 0;
    }

    top = v->stack[v->depth - 1];

    return top->id == CONSENT_EL_SVG || top->id == CONSENT_EL_MATH
           || top->id == CONSENT_EL_MGLYPH;
}


int
consent_html_fork(consent_html_t *h, const consent_html_view_t *v)
{
    if (v != &h->view || h->forked) {
        return 0;
    }

    h->view.either = 1;
    h->shadow = *v;
    h->forked = 1;
    h->ahead = 0;
    h->ending = 0;
    h->scriptless = 0;

    return 1;
}
