/*
 * Copyright (C) ngx_consent_module authors
 *
 * The states carry the names of the HTML standard, 13.2.5.  States that
 * differ only in what they would emit are one here.
 *
 * What the tree builder would say comes from consent_html_tree.c.
 *
 * A tag that is in the input as a whole is read at once, by consent_html_skip
 * or consent_html_tag.c; all else goes through the states, byte by byte where
 * it must.
 */


#include <stddef.h>

#include "consent_html_private.h"


static const uint8_t *consent_html_data(consent_html_t *h,
    consent_html_view_t *v, const uint8_t *p, const uint8_t *end,
    consent_html_event_e *event);
static const uint8_t *consent_html_markup(consent_html_t *h,
    consent_html_view_t *v, const uint8_t *p, const uint8_t *end,
    consent_html_event_e *event);
static int consent_html_may_skip(const consent_html_t *h,
    const consent_html_view_t *v);
static void consent_html_run_skip(consent_html_t *h, const uint8_t **pos,
    const uint8_t *end);
static consent_html_event_e consent_html_name_done(consent_html_view_t *v);
static consent_html_event_e consent_html_tag_end(consent_html_t *h,
    consent_html_view_t *v, const uint8_t *p);
static consent_html_event_e consent_html_tag_done(consent_html_t *h,
    consent_html_view_t *v);


void
consent_html_init(consent_html_t *h, unsigned xml)
{
    memset(h, 0, offsetof(consent_html_t, index));

    h->index.end = NULL;
    h->skip = consent_html_skip();
    h->limit = SIZE_MAX;
    h->view.state = ST_DATA;
    h->view.xml = xml ? 1 : 0;
}


consent_html_event_e
consent_html_scan(consent_html_t *h, const uint8_t **pos, const uint8_t *end)
{
    consent_html_event_e  event;

    h->tag = NULL;
    h->met = 0;

    while (*pos < end) {

        if (h->forked) {
            event = consent_html_both(h, pos, end);

        } else if (h->view.noscript && h->view.state != ST_DATA) {
            event = consent_html_watch(h, pos, end);

        } else {
            event = consent_html_run(h, &h->view, pos, end);
        }

        if (event != CONSENT_HTML_MORE) {
            return event;
        }
    }

    h->index.end = NULL;

    return CONSENT_HTML_MORE;
}


int
consent_html_is_foreign(const consent_html_t *h)
{
    return consent_html_tree_is_foreign(&h->view)
           || (h->forked && consent_html_tree_is_foreign(&h->shadow));
}


int
consent_html_in_head(const consent_html_t *h)
{
    return !h->view.had_body && h->view.open[CONSENT_HTML_HEAD] != 0;
}


int
consent_html_in_text(const consent_html_t *h)
{
    return h->view.in_text;
}


consent_html_event_e
consent_html_run(consent_html_t *h, consent_html_view_t *v,
    const uint8_t **pos, const uint8_t *end)
{
    unsigned               watch, forked;
    const uint8_t         *p;
    consent_html_event_e   event;

    p = *pos;
    event = CONSENT_HTML_MORE;

    watch = v->noscript;
    forked = h->forked;

    while (p < end) {

        if (v->state == ST_DATA) {
            p = consent_html_data(h, v, p, end, &event);

        } else if (v->state < ST_HIDDEN) {
            p = consent_html_markup(h, v, p, end, &event);

        } else if (v->state < ST_CDATA) {
            p = consent_html_comment(v, p, end);

        } else if (v->state < ST_RAWTEXT) {
            p = consent_html_cdata(v, p, end);

        } else if (v->state < ST_SCRIPT) {
            p = consent_html_rawtext(v, p, end, &event);

            if (event == CONSENT_HTML_RAW_END && h->quiet) {
                event = CONSENT_HTML_MORE;
            }

        } else if (v->state < ST_PLAINTEXT) {
            p = consent_html_script(v, p, end);

        } else {
            p = end;
        }

        if (event != CONSENT_HTML_MORE
            || h->forked != forked || v->noscript || watch)
        {
            /* consent_html_scan() knows how to go on */

            break;
        }
    }

    *pos = p;

    return event;
}


/* data, and a tag that is there as a whole; returns where it stopped */

static const uint8_t *
consent_html_data(consent_html_t *h, consent_html_view_t *v, const uint8_t *p,
    const uint8_t *end, consent_html_event_e *event)
{
    const uint8_t  *q;

    if (consent_html_may_skip(h, v)) {
        consent_html_run_skip(h, &p, end);

        if (h->tag) {
            *event = consent_html_tag_end(h, v, p);
            return p;
        }
    }

    q = p;
    p = consent_html_find(p, end, '<');

    if (!v->body) {
        v->body = consent_html_is_text(q, p) & 1;
    }

    if (p == end) {
        return p;
    }

    if (v == &h->view) {
        h->marks.n = 0;
        h->tag = p;

        if (!h->portable) {
            q = consent_html_whole_tag(v, p, end);

            if (q) {
                *event = consent_html_tag_end(h, v, q);
                return q;
            }
        }

        h->held = 1;
    }

    v->state = ST_TAG_OPEN;
    v->cut = 1;

    return p + 1;
}


/*
 * Tags and markup declarations.  Returns where it stopped: at end, at an event
 * or where a state of another function begins.
 */

static const uint8_t *
consent_html_markup(consent_html_t *h, consent_html_view_t *v,
    const uint8_t *p, const uint8_t *end, consent_html_event_e *event)
{
    uint8_t  c;

    while (p < end) {

        switch (v->state) {

        case ST_TAG_OPEN:

            c = *p;

            if (class_of(c) & CH_ALPHA) {
                consent_html_tag_begin(v, 0);
                v->state = ST_TAG_NAME;

                if (v->foreign_text) {
                    v->cut_text = v->foreign_text;
                    v->foreign_text = NULL;
                    *event = CONSENT_HTML_TEXT_TAG;

                    return p;
                }

                break;
            }

            if (v == &h->view) {
                h->held = 0;
            }

            if (c == '/') {
                v->state = ST_END_TAG_OPEN;
                p++;

            } else if (c == '!') {
                v->state = ST_MARKUP_DECLARATION;
                p++;

            } else if (c == '?') {
                v->state = ST_BOGUS_COMMENT;
                return p;

            } else {
                v->state = ST_DATA;
            }

            break;

        case ST_END_TAG_OPEN:

            c = *p;

            if (class_of(c) & CH_ALPHA) {
                consent_html_tag_begin(v, 1);
                v->state = ST_TAG_NAME;

            } else if (c == '>') {
                v->state = ST_DATA;
                p++;

            } else {
                v->state = ST_BOGUS_COMMENT;
                return p;
            }

            break;

        case ST_TAG_NAME:

            while (p < end && !(class_of(*p) & CH_NAME_END)) {
                consent_tag_name_add(&v->name, *p++);
            }

            if (p == end) {
                return p;
            }

            v->state = ST_BEFORE_ATTR_NAME;
            *event = consent_html_name_done(v);

            if (*event != CONSENT_HTML_MORE) {
                return p;
            }

            break;

        case ST_BEFORE_ATTR_NAME:

            while (p < end && (class_of(*p) & CH_SPACE)) {
                p++;
            }

            if (p == end) {
                return p;
            }

            c = *p++;

            if (c == '>') {
                goto tag_done;
            }

            if (c == '/') {
                v->self_closing = 1;
                v->state = ST_SELF_CLOSING;
                break;
            }

            v->attr.len = 0;
            consent_tag_name_add(&v->attr, c);
            v->state = ST_ATTR_NAME;
            break;

        case ST_SELF_CLOSING:

            if (*p == '>') {
                p++;
                goto tag_done;
            }

            v->self_closing = 0;
            v->state = ST_BEFORE_ATTR_NAME;
            break;

        case ST_ATTR_NAME:

            while (p < end && !(class_of(*p) & CH_ATTR_END)) {
                consent_tag_name_add(&v->attr, *p++);
            }

            if (p == end) {
                return p;
            }

            if (v->attr.len <= CONSENT_EL_MAX_NAME) {
                consent_html_attr_done(v, v->attr.data, v->attr.len);
            }

            v->state = ST_AFTER_ATTR_NAME;
            break;

        case ST_AFTER_ATTR_NAME:

            while (p < end && (class_of(*p) & CH_SPACE)) {
                p++;
            }

            if (p == end) {
                return p;
            }

            if (*p == '=') {
                v->state = ST_BEFORE_ATTR_VALUE;
                p++;

            } else {
                v->state = ST_BEFORE_ATTR_NAME;
            }

            break;

        case ST_BEFORE_ATTR_VALUE:

            while (p < end && (class_of(*p) & CH_SPACE)) {
                p++;
            }

            if (p == end) {
                return p;
            }

            if (*p == '"') {
                v->state = ST_ATTR_VALUE_DOUBLE;
                p++;

            } else if (*p == '\'') {
                v->state = ST_ATTR_VALUE_SINGLE;
                p++;

            } else {

                /* ">" is a missing value: it ends the tag as below */

                v->state = ST_ATTR_VALUE_UNQUOTED;
            }

            break;

        case ST_ATTR_VALUE_DOUBLE:
        case ST_ATTR_VALUE_SINGLE:

            c = (v->state == ST_ATTR_VALUE_DOUBLE) ? '"' : '\'';

            p = consent_html_find(p, end, c);

            if (p == end) {
                return p;
            }

            v->state = ST_BEFORE_ATTR_NAME;
            p++;
            break;

        case ST_ATTR_VALUE_UNQUOTED:

            while (p < end && !(class_of(*p) & CH_UNQUOTED_END)) {
                p++;
            }

            if (p == end) {
                return p;
            }

            v->state = ST_BEFORE_ATTR_NAME;
            break;

        case ST_MARKUP_DECLARATION:

            c = *p;

            if (c == '-') {
                v->state = ST_MARKUP_DASH;
                p++;

            } else if (c == '[' && consent_html_tree_is_foreign(v)) {
                v->state = ST_MARKUP_CDATA;
                v->matched = 1;
                p++;

            } else {

                /* a DOCTYPE, too, ends at the first ">" */

                v->state = ST_BOGUS_COMMENT;
                return p;
            }

            break;

        case ST_MARKUP_DASH:

            if (*p != '-') {
                v->state = ST_BOGUS_COMMENT;
                return p;
            }

            v->state = ST_COMMENT_START;
            return p + 1;

        case ST_MARKUP_CDATA:

            if (*p != (uint8_t) "[CDATA["[v->matched]) {
                v->state = ST_BOGUS_COMMENT;
                return p;
            }

            p++;

            if (++v->matched == sizeof("[CDATA[") - 1) {

                /* preload scanners see a comment that ends at ">" */

                if (!v->xml) {
                    v->state = ST_BOGUS_COMMENT;
                    (void) consent_html_fork(h, v);
                }

                v->state = ST_CDATA;

                return p;
            }

            break;

        default:
            return p;
        }

        continue;

    tag_done:

        *event = consent_html_tag_end(h, v, p);
        return p;
    }

    return p;
}


/* in XML, too, depth is 0 */

static int
consent_html_may_skip(const consent_html_t *h, const consent_html_view_t *v)
{
    return h->skip && !h->portable && v == &h->view
           && !v->noscript && v->foreign_text == NULL
           && (v->depth == 0
               || (v->body && consent_html_tree_is_foreign(v)));
}


/* stops behind a tag that is in the view, if it sets h->tag */

static void
consent_html_run_skip(consent_html_t *h, const uint8_t **pos,
    const uint8_t *end)
{
    consent_html_skip_t   skip;
    consent_html_view_t  *v;

    v = &h->view;

    skip.index = &h->index;
    skip.marks = &h->marks;
    skip.open = v->depth ? v->inner : v->open;
    skip.foreign = (v->depth != 0);
    skip.text = v->body;
    skip.limit = h->limit;

    *pos = h->skip(&skip, *pos, end);

    h->tag = skip.tag;

    if (!v->body) {
        v->body = (skip.text || v->open[CONSENT_HTML_BODY]) & 1;
    }

    if (skip.tag) {
        consent_html_tag_begin(v, skip.end_tag);

        v->self_closing = skip.self_closing ? 1 : 0;
        v->suspect = skip.suspect ? 1 : 0;
        v->name.len = skip.name_len;
        v->bucket = skip.bucket;
        v->element = skip.element;
    }
}


/* the name of a tag is complete */

static consent_html_event_e
consent_html_name_done(consent_html_view_t *v)
{
    consent_html_named(v, v->name.data, v->name.len);

    if (v->end_tag && v->element && v->element == v->foreign_text) {
        v->foreign_text = NULL;
        v->raw = 1;

        return CONSENT_HTML_RAW_END;
    }

    return CONSENT_HTML_MORE;
}


/* the tag ends before p */

static consent_html_event_e
consent_html_tag_end(consent_html_t *h, consent_html_view_t *v,
    const uint8_t *p)
{
    if (v == &h->view && h->tag && (size_t) (p - h->tag) > h->limit) {
        v->suspect = 1;
    }

    return consent_html_tag_done(h, v);
}


static consent_html_event_e
consent_html_tag_done(consent_html_t *h, consent_html_view_t *v)
{
    unsigned  report;

    v->state = ST_DATA;
    report = 0;

    if (v == &h->view) {
        report = h->report;

        h->held = 0;
        h->report = 0;
    }

    if (v->end_tag) {

        if (v->raw) {
            v->raw = 0;
            v->text = NULL;

            return h->quiet ? CONSENT_HTML_MORE : CONSENT_HTML_RAW_CLOSED;
        }

        consent_html_tree_end(h, v);

        return CONSENT_HTML_MORE;
    }

    consent_html_tree_start(h, v);

    if (v->cut_text) {

        /* a text of its own, or a tag that leaves svg, ends that around it */

        if (v->foreign_text == NULL && v->text == NULL && !v->breakout
            && (consent_html_tree_is_foreign(v) || h->forked))
        {
            v->foreign_text = v->cut_text;
            v->in_text = 1;
        }

        v->cut_text = NULL;
    }

    if (v->element && (v->element->flags & CONSENT_EL_JUDGED)) {
        return CONSENT_HTML_TAG;
    }

    return (v->suspect || report) ? CONSENT_HTML_TAG : CONSENT_HTML_MORE;
}
