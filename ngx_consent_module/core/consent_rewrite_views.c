/*
 * Copyright (C) ngx_consent_module authors
 *
 * Where browsers read a document in two ways: the tags that only one of them
 * sees.  What is done to such a tag must mean nothing to the other reading, so
 * it is not marked, but made none.
 *
 * It is held until it ends and judged like any other, if the other reading is
 * in something meanwhile that passes as it is, and there is no other "<".
 * Otherwise what it may fetch is not known in time, and it counts as denied.
 */


#include "consent_rewrite_private.h"


#define NOSCRIPT_LEN  (sizeof("</noscript") - 1)


static int consent_rewrite_shadow_denied(consent_rewrite_t *rw,
    consent_str_t tag, int *category);
static int consent_rewrite_shadow_refuse(consent_rewrite_t *rw,
    int category);
static int consent_rewrite_shadow_break(consent_rewrite_t *rw,
    const uint8_t *p);
static int consent_rewrite_put_in(consent_rewrite_t *rw, const uint8_t *p,
    uint8_t c);
static int consent_rewrite_style_put_in(consent_rewrite_t *rw,
    const uint8_t *p, consent_str_t breaker);
static int consent_rewrite_long_cut(consent_rewrite_t *rw, const uint8_t *p);


/*
 * In the start tag that is held up to p, a browser with scripting sees the
 * end of noscript, and one without a tag that goes on.  With scripting that
 * beginning of a tag is text in noscript, which nobody sees; so it can go.
 */

int
consent_rewrite_tag_cut(consent_rewrite_t *rw, const uint8_t *p)
{
    size_t  len;

    rw->around = RW_MARKUP;

    if (rw->mode == RW_LONG_TAG) {
        return consent_rewrite_long_cut(rw, p);
    }

    if (rw->html.tag && consent_rewrite_pass(rw, rw->html.tag) != 0) {
        return -1;
    }

    len = rw->hold_len + (size_t) (p - rw->from);

    if (len > rw->conf->judge.limit) {
        consent_rewrite_long_start(rw, &rw->html.shadow);
        return consent_rewrite_long_cut(rw, p);
    }

    if (rw->html.blind) {
        rw->headless = 0;
        return consent_rewrite_pass(rw, p);
    }

    rw->cut_len = len - NOSCRIPT_LEN;
    consent_html_await(&rw->html);

    return consent_rewrite_hold(rw, p);
}


int
consent_rewrite_shadow(consent_rewrite_t *rw, const uint8_t *p)
{
    if (rw->mode == RW_SCRIPT && consent_rewrite_more(rw, p) != 0) {
        return -1;
    }

    if (rw->mode != RW_MARKUP || rw->html.held
        || !consent_html_is_hidden(&rw->html))
    {
        return consent_rewrite_shadow_break(rw, p);
    }

    rw->cut_len = 0;
    consent_html_await(&rw->html);

    return consent_rewrite_pass(rw, p);
}


/* the tag that was awaited ends at p, before its ">" */

int
consent_rewrite_shadow_tag(consent_rewrite_t *rw, const uint8_t *p)
{
    int            category;
    consent_str_t  tag;

    if (rw->hold_len + (size_t) (p - rw->from) > rw->conf->judge.limit) {
        return consent_rewrite_shadow_lost(rw, p);
    }

    if (rw->hold_len && consent_rewrite_hold(rw, p) != 0) {
        return -1;
    }

    tag = rw->hold_len ? consent_str_make(rw->hold, rw->hold_len)
                       : consent_str_make(rw->from, (size_t) (p - rw->from));

    if (consent_rewrite_shadow_denied(rw, tag, &category) != 0) {
        return -1;
    }

    if (category != CONSENT_UNCLASSIFIED
        && consent_rewrite_shadow_refuse(rw, category) != 0)
    {
        return -1;
    }

    return consent_rewrite_pass(rw, p);
}


int
consent_rewrite_shadow_lost(consent_rewrite_t *rw, const uint8_t *p)
{
    rw->judge.element = CONSENT_BLOCKED_OTHER;

    if (consent_rewrite_shadow_refuse(rw,
                              consent_judge_first_denied(&rw->judge)) != 0)
    {
        return -1;
    }

    return consent_rewrite_pass(rw, p);
}


int
consent_rewrite_shadow_more(consent_rewrite_t *rw, const uint8_t *end)
{
    if (rw->hold_len + (size_t) (end - rw->from) > rw->conf->judge.limit) {
        return consent_rewrite_shadow_lost(rw, end);
    }

    return consent_rewrite_hold(rw, end);
}


/* the category of what the tag, whose ">" follows, may not do */

static int
consent_rewrite_shadow_denied(consent_rewrite_t *rw, consent_str_t tag,
    int *category)
{
    consent_attrs_t             attrs;
    consent_verdict_t           verdict;
    const consent_element_t    *el;
    const consent_html_view_t  *v;

    v = &rw->html.shadow;
    el = v->element;

    rw->name_end = v->name.len + (rw->cut_len && !rw->headless);
    rw->judge.element = consent_rewrite_kind(el);

    *category = consent_judge_first_denied(&rw->judge);

    if (el && el->id == CONSENT_EL_BASE) {

        /* in one reading it leads elsewhere, and in the other not */

        return 0;
    }

    consent_attrs_read(&attrs, consent_str_make(tag.data + rw->name_end,
                                                tag.len - rw->name_end),
                       NULL);

    consent_tag_read(&rw->tag, el, &attrs,
                     (unsigned) consent_html_foreign(&rw->html));

    if (consent_rewrite_judge(rw, &verdict, &attrs) != 0) {
        return -1;
    }

    /*
     * The text of a script or style sheet cannot be waited for; without
     * scripting, no script runs.
     */

    if (verdict.overflow
        || (consent_rewrite_is_script(rw) && !verdict.source
            && (rw->cut_len == 0 || v->depth))
        || (el && el->id == CONSENT_EL_STYLE))
    {
        return 0;
    }

    *category = verdict.category;

    return 0;
}


/* the tag that was awaited is not to be one; it is held up to where it is */

static int
consent_rewrite_shadow_refuse(consent_rewrite_t *rw, int category)
{
    static const consent_str_t  space = consent_str(" ");

    consent_rewrite_count(rw, category, rw->judge.element);

    if (rw->first == CONSENT_UNCLASSIFIED) {
        rw->first = category;
    }

    rw->headless = 0;

    if (rw->cut_len == 0) {
        consent_html_break(&rw->html);
        return consent_sink_literal(rw->sink, space);
    }

    consent_html_join(&rw->html);

    rw->hold_len -= rw->cut_len;
    memmove(rw->hold, rw->hold + rw->cut_len, rw->hold_len);

    return 0;
}


/*
 * The tag that would begin at p stands in something that is not passed as it
 * is: it is broken at once.
 */

static int
consent_rewrite_shadow_break(consent_rewrite_t *rw, const uint8_t *p)
{
    return consent_rewrite_put_in(rw, p, consent_html_split(&rw->html));
}


/* what would begin or end a third reading is made not to */

int
consent_rewrite_third(consent_rewrite_t *rw, const uint8_t *p)
{
    return consent_rewrite_put_in(rw, p, consent_html_keep(&rw->html));
}


/* p is in the middle of whatever it is */

static int
consent_rewrite_put_in(consent_rewrite_t *rw, const uint8_t *p, uint8_t c)
{
    consent_str_t  breaker;

    breaker = consent_str_make(&c, 1);

    if (rw->mode == RW_DROP) {
        return 0;
    }

    consent_rewrite_count(rw, consent_judge_first_denied(&rw->judge),
                          CONSENT_BLOCKED_OTHER);

    if (rw->mode != RW_LONG_TAG && consent_rewrite_more(rw, p) != 0) {
        return -1;
    }

    if (rw->mode == RW_LONG_TAG) {

        /* it may have become one just now */

        return (consent_rewrite_long_feed(rw, p, 0) != 0)
               ? -1 : consent_long_tag_feed(&rw->long_tag, breaker.data,
                                            breaker.data + 1, 1);
    }

    if (rw->mode == RW_STYLE) {
        return consent_rewrite_style_put_in(rw, p, breaker);
    }

    if (rw->hold_len == 0 || rw->hold_len > rw->conf->judge.limit) {
        return rw->sink->copy(rw->sink->data, breaker.data, breaker.len);
    }

    /* within what is held; there is one byte more than the limit */

    if (rw->hold_len >= rw->hold_size
        && consent_rewrite_grow(rw, rw->hold_len + 1) != 0)
    {
        return -1;
    }

    rw->hold[rw->hold_len++] = c;
    rw->html.tag = NULL;

    return 0;
}


/* the text of a style sheet goes on with it, though it is not of the input */

static int
consent_rewrite_style_put_in(consent_rewrite_t *rw, const uint8_t *p,
    consent_str_t breaker)
{
    int                    rc;
    consent_sink_t         copying;
    const consent_sink_t  *sink;

    sink = rw->sink;

    copying = *sink;
    copying.pass = sink->copy;

    rw->sink = &copying;
    rw->from = breaker.data;

    rc = consent_rewrite_style(rw, breaker.data + breaker.len);

    rw->from = p;
    rw->sink = sink;

    return rc;
}


/*
 * Too much of the tag has been passed on to let it go.  It is ended, with its
 * element, before the end of noscript: for a browser with scripting this is
 * text in noscript as well.
 */

static int
consent_rewrite_long_cut(consent_rewrite_t *rw, const uint8_t *p)
{
    consent_str_t               name;
    const consent_element_t    *el;
    static const consent_str_t  open = consent_str("</");
    static const consent_str_t  close = consent_str(">");

    if (rw->html.blind) {

        if (consent_rewrite_long_feed(rw, p, 0) != 0) {
            return -1;
        }

        rw->mode = RW_MARKUP;

        return consent_long_tag_flush(&rw->long_tag);
    }

    if (consent_rewrite_long_feed(rw, p, NOSCRIPT_LEN) != 0
        || consent_long_tag_end(&rw->long_tag) != 0)
    {
        return -1;
    }

    el = rw->html.shadow.element;

    if (el) {
        name = consent_str_make((const uint8_t *) el->name, el->len);

        if (consent_sink_literal(rw->sink, open) != 0
            || consent_sink_literal(rw->sink, name) != 0
            || consent_sink_literal(rw->sink, close) != 0)
        {
            return -1;
        }
    }

    consent_html_join(&rw->html);
    consent_rewrite_long_done(rw);

    return consent_rewrite_pass(rw, p);
}
