/*
 * Copyright (C) ngx_consent_module authors
 *
 * Bytes are in one of three places: passed on; in rw->hold, if they came
 * with earlier input and may yet be changed; in the input being fed, from
 * rw->from on.  What is in hold goes out before anything else does.
 */


#include "consent_load.h"
#include "consent_rewrite.h"


enum {
    RW_MARKUP = 0,
    RW_LONG_TAG,        /* consent_long_tag passes on the bytes */
    RW_SCRIPT,          /* an inline script is being judged */
    RW_DROP             /* the text of a removed element */
};


static const consent_str_t  consent_rewrite_noscript =
    consent_str("</noscript");


static int consent_rewrite_tag(consent_rewrite_t *rw, const uint8_t *p);
static int consent_rewrite_long_tag(consent_rewrite_t *rw, const uint8_t *p);
static int consent_rewrite_long_end(consent_rewrite_t *rw, const uint8_t *p);
static int consent_rewrite_block(consent_rewrite_t *rw, consent_str_t tag,
    unsigned held, int category);
static int consent_rewrite_mark(consent_rewrite_t *rw, consent_str_t tag,
    unsigned held, int category);
static int consent_rewrite_more(consent_rewrite_t *rw, const uint8_t *end);
static int consent_rewrite_text_end(consent_rewrite_t *rw, const uint8_t *p,
    consent_html_event_e event);
static int consent_rewrite_script(consent_rewrite_t *rw, const uint8_t *p,
    unsigned final, size_t tail);
static int consent_rewrite_found(consent_rewrite_t *rw, size_t len,
    int category);
static int consent_rewrite_spoil(consent_rewrite_t *rw, size_t len);
static int consent_rewrite_release(consent_rewrite_t *rw, size_t len);
static int consent_rewrite_finish(consent_rewrite_t *rw);
static int consent_rewrite_pass(consent_rewrite_t *rw, const uint8_t *p);
static int consent_rewrite_hold(consent_rewrite_t *rw, const uint8_t *p);


void
consent_rewrite_init(consent_rewrite_t *rw, const consent_rewrite_conf_t *conf,
    const consent_sink_t *sink)
{
    memset(rw, 0, sizeof(consent_rewrite_t));

    rw->conf = conf;
    rw->sink = sink;

    consent_html_init(&rw->html, conf->xml);
    consent_judge_init(&rw->judge, &conf->judge);

    rw->long_tag.judge = &rw->judge;
    rw->long_tag.markup = conf->markup;
    rw->long_tag.sink = sink;
}


int
consent_rewrite_feed(consent_rewrite_t *rw, const uint8_t *in, size_t len,
    unsigned last)
{
    int                    rc;
    const uint8_t         *p, *end;
    consent_html_event_e   event;

    rw->from = in;

    if (len) {
        p = in;
        end = in + len;

        do {
            event = consent_html_scan(&rw->html, &p, end);

            switch (event) {

            case CONSENT_HTML_TAG:
                rc = consent_rewrite_tag(rw, p);
                break;

            case CONSENT_HTML_RAW_END:
            case CONSENT_HTML_RAW_CLOSED:
            case CONSENT_HTML_RAW_CUT:
                rc = consent_rewrite_text_end(rw, p, event);
                break;

            case CONSENT_HTML_MORE:
            default:
                rc = consent_rewrite_more(rw, end);
                break;
            }

            if (rc != 0) {
                return -1;
            }

        } while (event != CONSENT_HTML_MORE);
    }

    return last ? consent_rewrite_finish(rw) : 0;
}


/* a start tag ends at p */

static int
consent_rewrite_tag(consent_rewrite_t *rw, const uint8_t *p)
{
    int                 category;
    unsigned            held;
    consent_str_t       tag, attrs;
    consent_verdict_e   verdict;

    rw->raw = (rw->html.text != NULL);

    if (rw->mode == RW_LONG_TAG) {
        return consent_rewrite_long_end(rw, p);
    }

    if (rw->html.tag == NULL) {

        /* its beginning is in hold */

        if (rw->hold_len + (size_t) (p - rw->from) > rw->conf->judge.limit) {
            return consent_rewrite_long_tag(rw, p);
        }

        if (consent_rewrite_hold(rw, p) != 0) {
            return -1;
        }

        held = 1;
        tag = consent_str_make(rw->hold, rw->hold_len);

    } else {

        if (consent_rewrite_pass(rw, rw->html.tag) != 0) {
            return -1;
        }

        if ((size_t) (p - rw->from) > rw->conf->judge.limit) {
            return consent_rewrite_long_tag(rw, p);
        }

        held = 0;
        tag = consent_str_make(rw->from, (size_t) (p - rw->from));
    }

    rw->element = rw->html.element;
    rw->name_end = 1 + rw->html.name.len;
    rw->foreign = (unsigned) consent_html_foreign(&rw->html);
    rw->tag_len = tag.len;

    attrs = consent_str_make(tag.data + rw->name_end,
                             tag.len - rw->name_end - 1);

    verdict = consent_judge_tag(&rw->judge, rw->element, attrs, rw->foreign,
                                &category);

    switch (verdict) {

    case CONSENT_VERDICT_BLOCK:

        if (consent_rewrite_block(rw, tag, held, category) != 0) {
            return -1;
        }

        rw->hold_len = 0;
        rw->from = p;

        return 0;

    case CONSENT_VERDICT_INLINE:

        if (rw->raw) {
            rw->mode = RW_SCRIPT;
        }

        return 0;

    case CONSENT_VERDICT_PASS:
    default:
        return 0;
    }
}


/* the tag in hold and up to p, where it ends, is too long */

static int
consent_rewrite_long_tag(consent_rewrite_t *rw, const uint8_t *p)
{
    size_t  len;

    len = rw->hold_len;
    rw->hold_len = 0;

    consent_long_tag_start(&rw->long_tag, rw->html.element,
                           (unsigned) consent_html_foreign(&rw->html));

    rw->mode = RW_LONG_TAG;

    if (len
        && consent_long_tag_feed(&rw->long_tag, rw->hold, rw->hold + len, 1)
           != 0)
    {
        return -1;
    }

    return rw->html.held ? consent_rewrite_more(rw, p)
                         : consent_rewrite_long_end(rw, p);
}


static int
consent_rewrite_long_end(consent_rewrite_t *rw, const uint8_t *p)
{
    consent_long_tag_t  *lt;

    lt = &rw->long_tag;

    if (consent_long_tag_feed(lt, rw->from, p, 0) != 0) {
        return -1;
    }

    rw->from = p;
    rw->mode = RW_MARKUP;

    if (lt->category != CONSENT_UNCLASSIFIED) {
        rw->blocked++;

    } else if (lt->element->id == CONSENT_EL_SCRIPT && !lt->has_url
               && lt->runs && rw->raw && rw->judge.inlines)
    {
        /* its start tag is out of reach, but its text is not */

        rw->mode = RW_SCRIPT;
        rw->tag_len = 0;
    }

    return 0;
}


static int
consent_rewrite_block(consent_rewrite_t *rw, consent_str_t tag, unsigned held,
    int category)
{
    rw->blocked++;

    if (!rw->conf->remove || rw->foreign) {

        /*
         * In foreign content and XML there is no telling where the element
         * ends, and an end tag left over would break the document.
         */

        return consent_rewrite_mark(rw, tag, held, category);
    }

    if (rw->raw) {
        rw->mode = RW_DROP;
    }

    return 0;
}


static int
consent_rewrite_mark(consent_rewrite_t *rw, consent_str_t tag, unsigned held,
    int category)
{
    const uint8_t                    *p, *from, *end;
    consent_str_t                     text;
    consent_attr_t                    attr;
    const consent_sink_t             *sink;
    const consent_element_t          *el;
    const consent_markup_category_t  *texts;

    sink = rw->sink;
    el = rw->element;

    from = tag.data;
    end = tag.data + tag.len;
    p = from + rw->name_end;

    texts = &rw->conf->markup->categories[category];
    text = (el->id == CONSENT_EL_SCRIPT) ? texts->script : texts->other;

    if (consent_sink_bytes(sink, from, p, held) != 0
        || consent_sink_literal(sink, text) != 0)
    {
        return -1;
    }

    from = p;

    while (consent_attr_next(&attr, &p, end - 1)) {

        if (!consent_load_is_renamed(el, &attr, rw->foreign)) {
            continue;
        }

        if (consent_sink_bytes(sink, from, attr.name.data, held) != 0
            || consent_sink_literal(sink, rw->conf->markup->prefix) != 0)
        {
            return -1;
        }

        from = attr.name.data;
    }

    return consent_sink_bytes(sink, from, end, held);
}


/* the input ends at end, in the middle of whatever it is */

static int
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

    case RW_LONG_TAG:

        if (consent_long_tag_feed(&rw->long_tag, rw->from, end, 0) != 0) {
            return -1;
        }

        rw->from = end;
        return 0;

    default: /* RW_MARKUP */
        break;
    }

    if (!rw->html.held) {
        return consent_rewrite_pass(rw, end);
    }

    if (rw->html.tag && consent_rewrite_pass(rw, rw->html.tag) != 0) {
        return -1;
    }

    if (rw->hold_len + (size_t) (end - rw->from) <= rw->conf->judge.limit) {
        return consent_rewrite_hold(rw, end);
    }

    if (rw->html.element == NULL) {

        /* no name is that long: nobody's element */

        return consent_rewrite_pass(rw, end);
    }

    return consent_rewrite_long_tag(rw, end);
}


/* an element's text ends, or the end tag behind it */

static int
consent_rewrite_text_end(consent_rewrite_t *rw, const uint8_t *p,
    consent_html_event_e event)
{
    size_t  tail;

    if (rw->mode == RW_SCRIPT && event != CONSENT_HTML_RAW_CLOSED) {

        tail = (event == CONSENT_HTML_RAW_END) ? sizeof("</script") - 1
                                               : consent_rewrite_noscript.len;

        if (consent_rewrite_script(rw, p, 1, tail) != 0) {
            return -1;
        }
    }

    if (rw->mode != RW_DROP) {
        return 0;
    }

    if (event == CONSENT_HTML_RAW_CLOSED) {
        rw->from = p;
        rw->mode = RW_MARKUP;

    } else if (event == CONSENT_HTML_RAW_CUT) {

        /* the end tag is not of the element that is dropped */

        rw->from = p;
        rw->mode = RW_MARKUP;

        return consent_sink_literal(rw->sink, consent_rewrite_noscript);
    }

    return 0;
}


/*
 * Judges the script in hold and up to p; final: it ends there, with tail
 * bytes that are not its text.  The window is the limit wide, and where it
 * stands does not depend on how the input was cut.
 */

static int
consent_rewrite_script(consent_rewrite_t *rw, const uint8_t *p, unsigned final,
    size_t tail)
{
    int             category;
    size_t          len, limit;
    unsigned        whole;
    consent_str_t   text;

    limit = rw->conf->judge.limit;

    for ( ;; ) {

        len = rw->hold_len + (size_t) (p - rw->from);

        if (len <= limit && !final) {
            return consent_rewrite_hold(rw, p);
        }

        whole = (len <= limit);

        if (!whole) {
            len = limit;
        }

        if (rw->hold_len
            && consent_rewrite_hold(rw, rw->from + (len - rw->hold_len)) != 0)
        {
            return -1;
        }

        text.data = rw->hold_len ? rw->hold : rw->from;
        text.data += rw->tag_len;
        text.len = len - rw->tag_len;

        if (whole) {
            text.len -= (tail < text.len) ? tail : text.len;
        }

        category = consent_judge_text(&rw->judge, text);

        if (category != CONSENT_UNCLASSIFIED) {
            return consent_rewrite_found(rw, len, category);
        }

        if (whole) {

            /* it may pass, with whatever follows */

            rw->mode = RW_MARKUP;
            return 0;
        }

        /* a spoiler must come behind the start tag as a whole */

        len = (rw->tag_len > limit / 2) ? rw->tag_len : limit / 2;

        if (consent_rewrite_release(rw, len) != 0) {
            return -1;
        }

        rw->tag_len = 0;
    }
}


/* the script whose window is the next len bytes is denied */

static int
consent_rewrite_found(consent_rewrite_t *rw, size_t len, int category)
{
    unsigned       held;
    consent_str_t  tag;

    rw->mode = RW_MARKUP;

    if (rw->tag_len == 0) {
        return consent_rewrite_spoil(rw, len);
    }

    held = (rw->hold_len != 0);

    tag = consent_str_make(held ? rw->hold : rw->from, rw->tag_len);

    if (consent_rewrite_block(rw, tag, held, category) != 0) {
        return -1;
    }

    if (held) {
        rw->hold_len -= tag.len;
        memmove(rw->hold, rw->hold + tag.len, rw->hold_len);

    } else {
        rw->from += tag.len;
    }

    len -= tag.len;

    if (rw->mode == RW_DROP) {

        if (held) {
            rw->hold_len = 0;

        } else {
            rw->from += len;
        }

        return 0;
    }

    return consent_rewrite_release(rw, len);
}


/*
 * The spoiler must not come between bytes that mean something together to the
 * tokenizer ("-->", "</script") or to the character decoder.
 */

static int
consent_rewrite_spoil(consent_rewrite_t *rw, size_t len)
{
    size_t          i;
    const uint8_t  *text;

    rw->blocked++;
    rw->late++;

    text = rw->hold_len ? rw->hold : rw->from;

    for (i = 0; i < len; i++) {
        if (text[i] == ' ' || text[i] == '\n' || text[i] == ';'
            || text[i] == ',' || text[i] == ')')
        {
            break;
        }
    }

    i = (i < len) ? i + 1 : 0;

    if (consent_rewrite_release(rw, i) != 0
        || consent_sink_literal(rw->sink, consent_markup_spoiler) != 0)
    {
        return -1;
    }

    return consent_rewrite_release(rw, len - i);
}


/* passes on the first len bytes of what is in hold and in the input */

static int
consent_rewrite_release(consent_rewrite_t *rw, size_t len)
{
    const uint8_t  *p;

    if (rw->hold_len == 0) {
        p = rw->from;
        rw->from += len;

        return consent_sink_bytes(rw->sink, p, p + len, 0);
    }

    /* the window is in hold as a whole */

    if (consent_sink_bytes(rw->sink, rw->hold, rw->hold + len, 1) != 0) {
        return -1;
    }

    rw->hold_len -= len;
    memmove(rw->hold, rw->hold + len, rw->hold_len);

    return 0;
}


/* the document is over; a browser drops what it leaves open */

static int
consent_rewrite_finish(consent_rewrite_t *rw)
{
    if (rw->mode == RW_LONG_TAG) {
        return consent_long_tag_flush(&rw->long_tag);
    }

    if (rw->mode == RW_SCRIPT
        && consent_rewrite_script(rw, rw->from, 1, 0) != 0)
    {
        return -1;
    }

    return consent_rewrite_pass(rw, rw->from);
}


/* passes on all up to p */

static int
consent_rewrite_pass(consent_rewrite_t *rw, const uint8_t *p)
{
    size_t          len;
    const uint8_t  *from;

    len = rw->hold_len;
    from = rw->from;

    rw->hold_len = 0;
    rw->from = p;

    if (len
        && consent_sink_bytes(rw->sink, rw->hold, rw->hold + len, 1) != 0)
    {
        return -1;
    }

    return consent_sink_bytes(rw->sink, from, p, 0);
}


/* moves all up to p into hold; the caller has seen that it fits */

static int
consent_rewrite_hold(consent_rewrite_t *rw, const uint8_t *p)
{
    size_t                       len;
    const consent_judge_conf_t  *conf;

    len = (size_t) (p - rw->from);

    if (len == 0) {
        return 0;
    }

    if (rw->hold == NULL) {
        conf = &rw->conf->judge;

        rw->hold = conf->alloc(conf->data, conf->limit);
        if (rw->hold == NULL) {
            return -1;
        }
    }

    memcpy(rw->hold + rw->hold_len, rw->from, len);

    rw->hold_len += len;
    rw->from = p;

    return 0;
}
