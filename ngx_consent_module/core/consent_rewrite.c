/*
 * Copyright (C) ngx_consent_module authors
 *
 * What becomes of the tags and the texts that the scanner reports.
 */


#include <stddef.h>

#include "consent_rewrite_private.h"


static const consent_str_t  consent_rewrite_unknown = consent_str("x-");


static int consent_rewrite_event(consent_rewrite_t *rw, const uint8_t *p,
    consent_html_event_e event);
static int consent_rewrite_text_tag(consent_rewrite_t *rw, const uint8_t *p);
static int consent_rewrite_text_again(consent_rewrite_t *rw,
    const uint8_t *p);
static int consent_rewrite_tag(consent_rewrite_t *rw, const uint8_t *p);
static int consent_rewrite_frameset(consent_rewrite_t *rw, const uint8_t *p);
static int consent_rewrite_judged(consent_rewrite_t *rw, const uint8_t *p,
    consent_str_t tag, unsigned held, consent_verdict_t *verdict);
static int consent_rewrite_frame(const consent_rewrite_t *rw,
    const consent_verdict_t *verdict, consent_mark_frame_t *frame);
static int consent_rewrite_is_removable(const consent_rewrite_t *rw,
    consent_str_t tag);
static int consent_rewrite_text(consent_rewrite_t *rw, const uint8_t *p);
static int consent_rewrite_long_tag(consent_rewrite_t *rw, const uint8_t *p);
static int consent_rewrite_long_end(consent_rewrite_t *rw, const uint8_t *p);
static int consent_rewrite_text_end(consent_rewrite_t *rw, const uint8_t *p,
    consent_str_t tail);
static int consent_rewrite_finish(consent_rewrite_t *rw);


void
consent_rewrite_init(consent_rewrite_t *rw, const consent_rewrite_conf_t *conf,
    const consent_sink_t *sink)
{
    memset(rw, 0, offsetof(consent_rewrite_t, judge));

    rw->conf = conf;
    rw->sink = sink;
    rw->first = CONSENT_UNCLASSIFIED;

    consent_html_init(&rw->html, conf->xml);
    rw->html.limit = conf->judge.limit;

    consent_judge_init(&rw->judge, &conf->judge);

    rw->html.blind = (rw->judge.resources | rw->judge.inlines) == 0;

    if (conf->shared) {
        rw->judge.scratch = conf->shared;
        rw->values = conf->shared + conf->judge.limit;
    }

    rw->long_tag.judge = &rw->judge;
    rw->long_tag.markup = conf->judge.markup;
    rw->long_tag.sink = sink;
}


int
consent_rewrite_feed(consent_rewrite_t *rw, const uint8_t *in, size_t len,
    unsigned last)
{
    const uint8_t         *p, *end;
    consent_html_event_e   event;

    rw->from = in;
    rw->in = in;

    if (len) {
        p = in;
        end = in + len;

        do {
            rw->html.quiet = (rw->mode == RW_MARKUP);

            event = consent_html_scan(&rw->html, &p, end);

            if (consent_rewrite_event(rw, p, event) != 0) {
                return -1;
            }

        } while (event != CONSENT_HTML_MORE);

        rw->before = end[-1];
    }

    return last ? consent_rewrite_finish(rw) : 0;
}


static int
consent_rewrite_event(consent_rewrite_t *rw, const uint8_t *p,
    consent_html_event_e event)
{
    static const consent_str_t  script = consent_str("</script");
    static const consent_str_t  style = consent_str("</style");
    static const consent_str_t  noscript = consent_str("</noscript");

    switch (event) {

    case CONSENT_HTML_TAG:

        if (consent_rewrite_tag(rw, p) != 0) {
            return -1;
        }

        return rw->around ? consent_rewrite_text_again(rw, p) : 0;

    case CONSENT_HTML_RAW_END:
        return consent_rewrite_text_end(rw, p, (rw->mode == RW_STYLE)
                                               ? style : script);

    case CONSENT_HTML_RAW_CLOSED:

        if (rw->mode == RW_DROP) {
            rw->from = p;
            rw->mode = RW_MARKUP;
        }

        return 0;

    case CONSENT_HTML_RAW_CUT:

        if (rw->mode == RW_STYLE && !rw->tag.foreign) {
            return consent_rewrite_style_cut(rw, p, noscript);
        }

        if (consent_rewrite_text_end(rw, p, noscript) != 0) {
            return -1;
        }

        if (rw->mode == RW_DROP) {

            /*
             * The end tag is not of the element that is dropped; without
             * that, no browser sees anything else.
             */

            rw->from = p;
            rw->mode = RW_MARKUP;
            consent_html_join(&rw->html);

            return consent_sink_literal(rw->sink, noscript);
        }

        return 0;

    case CONSENT_HTML_TEXT_TAG:

        return consent_rewrite_text_tag(rw, p);

    case CONSENT_HTML_TAG_CUT:
        return consent_rewrite_tag_cut(rw, p);

    case CONSENT_HTML_SHADOW:
        return consent_rewrite_shadow(rw, p);

    case CONSENT_HTML_SHADOW_TAG:
        return consent_rewrite_shadow_tag(rw, p);

    case CONSENT_HTML_SHADOW_LOST:
        return consent_rewrite_shadow_lost(rw, p);

    case CONSENT_HTML_THIRD:
        return consent_rewrite_third(rw, p);

    case CONSENT_HTML_MORE:
    default:
        return consent_rewrite_more(rw, p);
    }
}


/* a start tag, whose "<" ends at p, stands in the text of svg or XML */

static int
consent_rewrite_text_tag(consent_rewrite_t *rw, const uint8_t *p)
{
    uint8_t                     mode;
    static const consent_str_t  lt = consent_str("<");

    mode = rw->mode;
    rw->stopped = 0;

    if (consent_rewrite_text_end(rw, p, lt) != 0) {
        return -1;
    }

    if (mode == RW_STYLE || (mode == RW_SCRIPT && !rw->stopped)) {
        rw->around = mode;
        rw->around_script = rw->tag.script;
    }

    /* the "<" may have been passed on before it was known for one */

    rw->headless = 1;
    rw->html.report = 1;

    return consent_rewrite_pass(rw, p);
}


/*
 * Behind the tag, which ends at p, the text goes on.  Only text counts for a
 * script, wherever it stands: what comes too late for its tag spoils it.
 */

static int
consent_rewrite_text_again(consent_rewrite_t *rw, const uint8_t *p)
{
    uint8_t  mode;

    mode = rw->around;
    rw->around = RW_MARKUP;

    if (rw->mode != RW_MARKUP || !consent_html_in_text(&rw->html)) {
        return 0;
    }

    rw->tag.script = rw->around_script;
    rw->tag_len = 0;

    if (mode == RW_SCRIPT) {
        (void) consent_judge_text_begin(&rw->judge, rw->tag.script, 0);

    } else {
        consent_rewrite_style_begin(rw);
    }

    rw->mode = mode;

    return consent_rewrite_pass(rw, p);
}


/* a start tag ends at p */

static int
consent_rewrite_tag(consent_rewrite_t *rw, const uint8_t *p)
{
    size_t             limit;
    unsigned           held, headless;
    consent_str_t      tag;
    consent_attrs_t    attrs;
    consent_verdict_t  verdict;

    headless = rw->headless;
    rw->headless = 0;

    limit = rw->conf->judge.limit;
    rw->has_end = consent_html_has_end(&rw->html) ? 1 : 0;
    rw->certain = !rw->html.forked && !rw->html.met;

    if (rw->mode == RW_LONG_TAG) {
        return consent_rewrite_long_end(rw, p);
    }

    /* its beginning may be in hold */

    held = (rw->html.tag == NULL);

    if (!held) {
        consent_rewrite_note_before(rw);

        if (consent_rewrite_pass(rw, rw->html.tag) != 0) {
            return -1;
        }
    }

    if (rw->hold_len + (size_t) (p - rw->from) > limit) {
        return consent_rewrite_long_tag(rw, p);
    }

    if (held && consent_rewrite_hold(rw, p) != 0) {
        return -1;
    }

    tag = held ? consent_str_make(rw->hold, rw->hold_len)
               : consent_str_make(rw->from, (size_t) (p - rw->from));

    rw->name_end = rw->html.view.name.len + !headless;
    rw->tag_len = tag.len;

    consent_attrs_read(&attrs, consent_str_make(tag.data + rw->name_end,
                                                tag.len - rw->name_end - 1),
                       rw->html.marks.n ? &rw->html.marks : NULL);

    consent_tag_read(&rw->tag, rw->html.view.element, &attrs,
                     (unsigned) consent_html_foreign(&rw->html));

    rw->judge.element = consent_rewrite_kind(rw->tag.element);

    if (consent_rewrite_judge(rw, &verdict, &attrs) != 0) {
        return -1;
    }

    if (verdict.overflow) {
        rw->hold_len = held ? tag.len : 0;
        rw->from = held ? p : tag.data;

        return consent_rewrite_long_tag(rw, p);
    }

    if (rw->bodiless && !rw->html.view.template && rw->tag.element
        && rw->tag.element->id == CONSENT_EL_FRAMESET)
    {
        return consent_rewrite_frameset(rw, p);
    }

    return consent_rewrite_judged(rw, p, tag, held, &verdict);
}


/* the frameset that ends at p: what was removed would have kept it from taking
   over */

static int
consent_rewrite_frameset(consent_rewrite_t *rw, const uint8_t *p)
{
    rw->html.view.frameset = 0;
    rw->html.view.body = 1;

    if (rw->before_tag != '<') {
        rw->hold_len = 0;
        rw->from = p;

        return 0;
    }

    if (consent_rewrite_hold(rw, p) != 0
        || consent_rewrite_release(rw, 1) != 0
        || consent_sink_literal(rw->sink, consent_rewrite_unknown) != 0)
    {
        return -1;
    }

    return consent_rewrite_pass(rw, p);
}


/* the tag that ends at p, and is in hold or not, has its verdict */

static int
consent_rewrite_judged(consent_rewrite_t *rw, const uint8_t *p,
    consent_str_t tag, unsigned held, consent_verdict_t *verdict)
{
    if (verdict->nedits == 0) {

        /* a script with a src has no text */

        return verdict->source ? 0 : consent_rewrite_text(rw, p);
    }

    if (verdict->tags) {
        consent_rewrite_count(rw, verdict->category, rw->judge.element);
    }

    if (consent_rewrite_is_script(rw) && !verdict->source) {

        /* once its tag is written, its text cannot be blocked any more */

        verdict->main = 1;
    }

    if (consent_rewrite_block(rw, tag, held, verdict) != 0) {
        return -1;
    }

    rw->hold_len = 0;
    rw->from = p;
    rw->tag_len = 0;

    return (rw->mode == RW_DROP || verdict->main || verdict->source)
           ? 0 : consent_rewrite_text(rw, p);
}


int
consent_rewrite_block(consent_rewrite_t *rw, consent_str_t tag, unsigned held,
    consent_verdict_t *verdict)
{
    int                   has_frame;
    consent_mark_e        kind;
    consent_mark_frame_t  frame;

    if (verdict->category == CONSENT_UNCLASSIFIED && verdict->nedits) {
        return consent_mark_values(rw->sink, tag, held, verdict->edits,
                                   verdict->nedits);
    }

    if (rw->first == CONSENT_UNCLASSIFIED) {
        rw->first = verdict->category;
    }

    if (rw->conf->remove && verdict->main && verdict->passed == 0
        && consent_rewrite_is_removable(rw, tag))
    {
        rw->bodiless |= rw->html.view.body && !rw->html.view.had_body
                        && !rw->html.view.frameset;

        if (rw->has_end) {
            rw->mode = RW_DROP;
        }

        return 0;
    }

    kind = CONSENT_MARK_OTHER;

    if (rw->tag.element && rw->tag.element->id == CONSENT_EL_SCRIPT
        && verdict->main)
    {
        kind = verdict->nedits ? CONSENT_MARK_SCRIPT : CONSENT_MARK_INLINE;
    }

    has_frame = consent_rewrite_frame(rw, verdict, &frame);

    return consent_mark_tag(rw->conf->judge.markup, rw->sink, kind,
                            verdict->category, tag, rw->name_end, held,
                            verdict->edits, verdict->nedits,
                            has_frame ? &frame : NULL);
}


/* 1: a blocked frame shows something in the place of what it was to load */

static int
consent_rewrite_frame(const consent_rewrite_t *rw,
    const consent_verdict_t *verdict, consent_mark_frame_t *frame)
{
    unsigned                       i;
    const consent_str_t            none = { 0, NULL };
    const consent_rewrite_conf_t  *conf;

    conf = rw->conf;

    if (conf->frames == NULL || rw->tag.element == NULL || rw->tag.foreign
        || (rw->tag.element->id != CONSENT_EL_IFRAME
            && rw->tag.element->id != CONSENT_EL_FRAME))
    {
        return 0;
    }

    for (i = 0; i < verdict->nedits; i++) {
        if (consent_attr_is(&verdict->edits[i].attr, "src")) {
            break;
        }
    }

    if (i == verdict->nedits) {
        return 0;
    }

    frame->origin = none;
    frame->path = conf->frames[verdict->category];

    if (rw->judge.has_base || rw->depth) {
        frame->origin = conf->frame_origin;

        return frame->origin.len != 0;
    }

    return 1;
}


/*
 * Without the tag the rest of the document has to be read as it was with it.
 */

static int
consent_rewrite_is_removable(const consent_rewrite_t *rw, consent_str_t tag)
{
    const consent_html_view_t  *v;

    v = &rw->html.view;

    /*
     * In foreign content and XML there is no telling where the element ends,
     * and what leaves foreign content has to be there to do so.
     */

    if (rw->tag.foreign || v->depth || v->breakout || *tag.data != '<'
        || !rw->certain)
    {
        return 0;
    }

    /* what is first in a template decides what of a table may follow */

    if (v->template) {
        return 0;
    }

    /* what leaves the head has to be there to do so, in noscript, too */

    if (consent_html_in_head(&rw->html)
        && rw->tag.element->id != CONSENT_EL_SCRIPT
        && rw->tag.element->id != CONSENT_EL_LINK
        && rw->tag.element->id != CONSENT_EL_META)
    {
        return 0;
    }

    /* "<" and what follows the tag would make another one */

    return rw->before_tag != '<';
}


/* the byte before the tag that begins in this input */

void
consent_rewrite_note_before(consent_rewrite_t *rw)
{
    rw->before_tag = (rw->html.tag > rw->in) ? rw->html.tag[-1] : rw->before;
}


/* the start tag that ends at p may pass; scripts and style sheets are read */

static int
consent_rewrite_text(consent_rewrite_t *rw, const uint8_t *p)
{
    if (!rw->has_end || rw->tag.element == NULL) {
        return 0;
    }

    switch (rw->tag.element->id) {

    case CONSENT_EL_SCRIPT:

        if (consent_judge_text_begin(&rw->judge, rw->tag.script,
                                     !rw->tag.foreign))
        {
            rw->mode = RW_SCRIPT;
        }

        return 0;

    case CONSENT_EL_STYLE:

        if (rw->judge.resources) {
            rw->mode = RW_STYLE;
            consent_rewrite_style_begin(rw);

            return consent_rewrite_pass(rw, p);
        }

        return 0;

    default:
        return 0;
    }
}


/* the tag in hold and up to p, where it ends or the input does, is too long */

static int
consent_rewrite_long_tag(consent_rewrite_t *rw, const uint8_t *p)
{
    consent_rewrite_long_start(rw, &rw->html.view);

    if (!rw->html.held) {
        return consent_rewrite_long_end(rw, p);
    }

    return consent_rewrite_more(rw, p);
}


void
consent_rewrite_long_start(consent_rewrite_t *rw,
    const consent_html_view_t *view)
{
    consent_long_tag_start(&rw->long_tag, view->element,
                           (unsigned) consent_html_foreign(&rw->html));

    rw->mode = RW_LONG_TAG;
    rw->judge.element = consent_rewrite_kind(view->element);
    rw->overflows[CONSENT_OVERFLOW_TAG]++;
}


/* all up to p, but for the last bytes of it, is of the long tag */

int
consent_rewrite_long_feed(consent_rewrite_t *rw, const uint8_t *p,
    size_t keep)
{
    size_t               len, held;
    consent_long_tag_t  *lt;

    lt = &rw->long_tag;

    len = rw->hold_len + (size_t) (p - rw->from) - keep;
    held = (len < rw->hold_len) ? len : rw->hold_len;

    if (held) {

        if (consent_long_tag_feed(lt, rw->hold, rw->hold + held, 1) != 0) {
            return -1;
        }

        rw->hold_len -= held;
        memmove(rw->hold, rw->hold + held, rw->hold_len);
    }

    if (rw->hold_len == 0) {

        if (consent_long_tag_feed(lt, rw->from, p - keep, 0) != 0) {
            return -1;
        }

        rw->from = p - keep;
    }

    return consent_rewrite_hold(rw, p);
}


/* the long tag has ended */

void
consent_rewrite_long_done(consent_rewrite_t *rw)
{
    const consent_long_tag_t  *lt;

    lt = &rw->long_tag;
    rw->mode = RW_MARKUP;

    if (lt->category == CONSENT_UNCLASSIFIED) {
        return;
    }

    consent_rewrite_count(rw, lt->category,
                          consent_rewrite_kind(lt->tag.element));

    if (rw->first == CONSENT_UNCLASSIFIED) {
        rw->first = lt->category;
    }
}


static int
consent_rewrite_long_end(consent_rewrite_t *rw, const uint8_t *p)
{
    consent_long_tag_t  *lt;

    lt = &rw->long_tag;

    if (consent_rewrite_long_feed(rw, p, 0) != 0) {
        return -1;
    }

    consent_rewrite_long_done(rw);

    if (lt->has_url) {
        return 0;
    }

    /* its start tag is out of reach, but its text is not */

    rw->tag = lt->tag;
    rw->tag_len = 0;

    return consent_rewrite_text(rw, p);
}


/* the input ends at end, in the middle of whatever it is */

int
consent_rewrite_more(consent_rewrite_t *rw, const uint8_t *end)
{
    switch (rw->mode) {

    case RW_DROP:
        rw->from = end;
        return 0;

    case RW_SCRIPT:

        if (consent_rewrite_script(rw, end, 0, 0) != 0) {
            return -1;
        }

        /* if it is found out, what follows passes or is dropped */

        return (rw->mode == RW_SCRIPT) ? 0 : consent_rewrite_more(rw, end);

    case RW_STYLE:
        return consent_rewrite_style(rw, end);

    case RW_LONG_TAG:

        /* what may become "</noscript" is not passed on before it is known */

        return consent_rewrite_long_feed(rw, end, rw->html.forked ? 0
                                                  : rw->html.view.cut);

    default: /* RW_MARKUP */
        break;
    }

    if (rw->html.awaited) {
        return consent_rewrite_shadow_more(rw, end);
    }

    if (!rw->html.held) {
        return consent_rewrite_pass(rw, end);
    }

    if (rw->html.tag) {
        consent_rewrite_note_before(rw);

        if (consent_rewrite_pass(rw, rw->html.tag) != 0) {
            return -1;
        }
    }

    /* whether the tag is a long one shows at its end */

    rw->html.report = 1;

    if (rw->hold_len + (size_t) (end - rw->from) <= rw->conf->judge.limit) {
        return consent_rewrite_hold(rw, end);
    }

    return consent_rewrite_long_tag(rw, end);
}


/*
 * An element's text ends at p, which is behind tail: that much of an end tag,
 * or of the tag that follows.
 */

static int
consent_rewrite_text_end(consent_rewrite_t *rw, const uint8_t *p,
    consent_str_t tail)
{
    if (rw->mode == RW_STYLE) {
        if (consent_rewrite_style_end(rw, p, tail) != 0) {
            return -1;
        }

    } else if (rw->mode == RW_SCRIPT) {
        if (consent_rewrite_script(rw, p, 1, tail.len) != 0) {
            return -1;
        }
    }

    return 0;
}


/* the document is over; a browser drops what it leaves open */

static int
consent_rewrite_finish(consent_rewrite_t *rw)
{
    static const consent_str_t  nothing = { 0, NULL };

    if (rw->mode == RW_LONG_TAG) {
        return (consent_long_tag_flush(&rw->long_tag) != 0)
               ? -1 : consent_rewrite_pass(rw, rw->from);
    }

    if (rw->mode == RW_SCRIPT
        && consent_rewrite_script(rw, rw->from, 1, 0) != 0)
    {
        return -1;
    }

    if (rw->mode == RW_STYLE
        && consent_rewrite_style_end(rw, rw->from, nothing) != 0)
    {
        return -1;
    }

    return consent_rewrite_pass(rw, rw->from);
}
