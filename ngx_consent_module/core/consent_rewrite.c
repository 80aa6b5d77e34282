/*
 * Copyright (C) ngx_consent_module authors
 *
 * Bytes are in one of three places: passed on; in rw->hold, if they came
 * with earlier input and may yet be changed; in the input being fed, from
 * rw->from on.  What is in hold goes out before anything else does.
 */


#include "consent_charref.h"
#include "consent_rewrite_private.h"
#include "consent_value.h"


static const consent_str_t  consent_rewrite_space = consent_str(" ");
static const consent_str_t  consent_rewrite_unknown = consent_str("x-");


static int consent_rewrite_event(consent_rewrite_t *rw, const uint8_t *p,
    consent_html_event_e event);
static int consent_rewrite_tag(consent_rewrite_t *rw, const uint8_t *p);
static int consent_rewrite_is_script(const consent_rewrite_t *rw);
static int consent_rewrite_judge(consent_rewrite_t *rw,
    consent_verdict_t *verdict, const consent_attrs_t *attrs);
static int consent_rewrite_attr(consent_rewrite_t *rw,
    consent_verdict_t *verdict, const consent_attr_t *attr,
    consent_load_e load);
static int consent_rewrite_policy(consent_rewrite_t *rw,
    consent_verdict_t *verdict, const consent_attr_t *attr);
static int consent_rewrite_srcdoc(consent_rewrite_t *rw, consent_str_t value,
    consent_edit_t *edit);
static void consent_rewrite_reuse(consent_rewrite_t *nested,
    const consent_rewrite_t *rw, const consent_sink_t *sink);
static void consent_rewrite_value(consent_rewrite_t *rw,
    consent_value_t *value);
static int consent_rewrite_is_removable(const consent_rewrite_t *rw,
    consent_str_t tag);
static void consent_rewrite_note_before(consent_rewrite_t *rw);
static int consent_rewrite_text(consent_rewrite_t *rw, const uint8_t *p);
static int consent_rewrite_long_tag(consent_rewrite_t *rw, const uint8_t *p);
static int consent_rewrite_long_start(consent_rewrite_t *rw);
static int consent_rewrite_long_end(consent_rewrite_t *rw, const uint8_t *p);
static int consent_rewrite_more(consent_rewrite_t *rw, const uint8_t *end);
static int consent_rewrite_text_end(consent_rewrite_t *rw, const uint8_t *p,
    consent_str_t tail);
static int consent_rewrite_tag_cut(consent_rewrite_t *rw, const uint8_t *p);
static int consent_rewrite_split(consent_rewrite_t *rw, const uint8_t *p);
static int consent_rewrite_finish(consent_rewrite_t *rw);
static int consent_rewrite_grow(consent_rewrite_t *rw, size_t needed);
static void *consent_rewrite_alloc(const consent_rewrite_t *rw, size_t size);
static int consent_rewrite_sink_value(void *data, const uint8_t *p,
    size_t len);


void
consent_rewrite_init(consent_rewrite_t *rw, const consent_rewrite_conf_t *conf,
    const consent_sink_t *sink)
{
    memset(rw, 0, sizeof(consent_rewrite_t));

    rw->conf = conf;
    rw->sink = sink;
    rw->first = CONSENT_UNCLASSIFIED;

    consent_html_init(&rw->html, conf->xml);
    rw->html.limit = conf->judge.limit;

    consent_judge_init(&rw->judge, &conf->judge);

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
    static const consent_str_t  lt = consent_str("<");

    switch (event) {

    case CONSENT_HTML_TAG:
        return consent_rewrite_tag(rw, p);

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

        if (consent_rewrite_text_end(rw, p, noscript) != 0) {
            return -1;
        }

        if (rw->mode == RW_DROP) {

            /* the end tag is not of the element that is dropped */

            rw->from = p;
            rw->mode = RW_MARKUP;

            return consent_sink_literal(rw->sink, noscript);
        }

        return 0;

    case CONSENT_HTML_TEXT_TAG:

        if (consent_rewrite_text_end(rw, p, lt) != 0) {
            return -1;
        }

        /* the "<" may have been passed on before it was known for one */

        rw->headless = 1;
        rw->html.report = 1;

        return consent_rewrite_pass(rw, p);

    case CONSENT_HTML_TAG_CUT:
        return consent_rewrite_tag_cut(rw, p);

    case CONSENT_HTML_SPLIT:
        return (rw->judge.resources | rw->judge.inlines)
               ? consent_rewrite_split(rw, p) : 0;

    case CONSENT_HTML_MORE:
    default:
        return consent_rewrite_more(rw, p);
    }
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
    rw->certain = !rw->html.forked;

    if (rw->mode == RW_LONG_TAG) {
        return consent_rewrite_long_end(rw, p);
    }

    if (rw->html.tag == NULL) {

        /* its beginning is in hold */

        if (rw->hold_len + (size_t) (p - rw->from) > limit) {
            return consent_rewrite_long_tag(rw, p);
        }

        if (consent_rewrite_hold(rw, p) != 0) {
            return -1;
        }

        held = 1;
        tag = consent_str_make(rw->hold, rw->hold_len);

    } else {
        consent_rewrite_note_before(rw);

        if (consent_rewrite_pass(rw, rw->html.tag) != 0) {
            return -1;
        }

        if ((size_t) (p - rw->from) > limit) {
            return consent_rewrite_long_tag(rw, p);
        }

        held = 0;
        tag = consent_str_make(rw->from, (size_t) (p - rw->from));
    }

    rw->name_end = rw->html.view.name.len + !headless;
    rw->tag_len = tag.len;

    consent_attrs_read(&attrs, consent_str_make(tag.data + rw->name_end,
                                                tag.len - rw->name_end - 1));

    consent_tag_read(&rw->tag, rw->html.view.element, &attrs,
                     (unsigned) consent_html_foreign(&rw->html));

    if (consent_rewrite_judge(rw, &verdict, &attrs) != 0) {
        return -1;
    }

    if (verdict.overflow) {
        rw->hold_len = held ? tag.len : 0;
        rw->from = held ? p : tag.data;

        return consent_rewrite_long_tag(rw, p);
    }

    if (rw->bodiless && rw->tag.element
        && rw->tag.element->id == CONSENT_EL_FRAMESET)
    {
        /* what was removed would have kept it from taking over */

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

    if (verdict.nedits == 0) {

        /* a script with a src has no text */

        return verdict.source ? 0 : consent_rewrite_text(rw, p);
    }

    rw->blocked += verdict.tags;

    if (consent_rewrite_is_script(rw) && !verdict.source) {

        /* once its tag is written, its text cannot be blocked any more */

        verdict.main = 1;
    }

    if (consent_rewrite_block(rw, tag, held, &verdict) != 0) {
        return -1;
    }

    rw->hold_len = 0;
    rw->from = p;
    rw->tag_len = 0;

    return (rw->mode == RW_DROP || verdict.main || verdict.source)
           ? 0 : consent_rewrite_text(rw, p);
}


/* and no data block */

static int
consent_rewrite_is_script(const consent_rewrite_t *rw)
{
    return rw->tag.element
           && rw->tag.element->id == CONSENT_EL_SCRIPT
           && rw->tag.script != CONSENT_SCRIPT_NONE;
}


/* which attributes are to be changed; category is set if there are any */

static int
consent_rewrite_judge(consent_rewrite_t *rw, consent_verdict_t *verdict,
    const consent_attrs_t *attrs)
{
    unsigned               i, nseen;
    consent_str_t          seen[CONSENT_REWRITE_LOADS];
    consent_edit_t        *edit;
    consent_load_e         load;
    consent_attrs_walk_t   walk;
    const consent_attr_t  *attr;

    verdict->nedits = 0;
    verdict->category = CONSENT_UNCLASSIFIED;
    verdict->tags = 0;
    verdict->main = 0;
    verdict->source = 0;
    verdict->passed = 0;
    verdict->overflow = 0;

    rw->values_len = 0;

    if (rw->tag.element && rw->tag.element->id == CONSENT_EL_BASE) {
        consent_judge_base(&rw->judge, attrs);
    }

    nseen = 0;
    memset(&walk, 0, sizeof(consent_attrs_walk_t));

    while ((attr = consent_attrs_next(attrs, &walk)) != NULL) {

        load = consent_load_of(&rw->tag, attr);

        if (load == CONSENT_LOAD_NONE) {
            continue;
        }

        /* of attributes of one name the first counts */

        for (i = 0; i < nseen; i++) {
            if (consent_str_caseeq(seen[i], attr->name)) {
                break;
            }
        }

        if (i == nseen) {

            if (nseen < CONSENT_REWRITE_LOADS) {
                seen[nseen++] = attr->name;
            }

            if (verdict->nedits == CONSENT_REWRITE_EDITS) {
                verdict->overflow = 1;
                return 0;
            }

            if (consent_rewrite_attr(rw, verdict, attr, load) != 0) {
                return -1;
            }

            continue;
        }

        /* ... so a second one must not take the place of a renamed first */

        for (i = 0; i < verdict->nedits; i++) {
            if (consent_str_caseeq(verdict->edits[i].attr.name,
                                   attr->name)
                && verdict->edits[i].value.data == NULL)
            {
                break;
            }
        }

        if (i == verdict->nedits) {
            continue;
        }

        if (verdict->nedits == CONSENT_REWRITE_EDITS) {
            verdict->overflow = 1;
            return 0;
        }

        edit = &verdict->edits[verdict->nedits++];

        edit->attr = *attr;
        edit->value = consent_str_make(NULL, 0);
        edit->keep = 0;
    }

    return 0;
}


static int
consent_rewrite_attr(consent_rewrite_t *rw, consent_verdict_t *verdict,
    const consent_attr_t *attr, consent_load_e load)
{
    int              category;
    unsigned         counts;
    consent_edit_t  *edit;
    consent_value_t  value;

    counts = (load != CONSENT_LOAD_CSS && load != CONSENT_LOAD_POLICY);

    if (consent_rewrite_is_script(rw)
        && consent_load_is_main(&rw->tag, attr))
    {
        verdict->source = 1;
    }

    edit = &verdict->edits[verdict->nedits];

    edit->attr = *attr;
    edit->value = consent_str_make(NULL, 0);
    edit->keep = 0;

    if (load == CONSENT_LOAD_POLICY) {
        return consent_rewrite_policy(rw, verdict, attr);
    }

    if (load == CONSENT_LOAD_HTML) {
        category = consent_rewrite_srcdoc(rw, attr->value, edit);

    } else {
        category = consent_judge_attr(&rw->judge, load, attr->value, 0);
    }

    if (category == CONSENT_UNCLASSIFIED) {

        /* only policies of a document in it may have been narrowed */

        verdict->nedits += (edit->value.data != NULL);
        verdict->passed += counts;
        return 0;
    }

    if (load == CONSENT_LOAD_SRCSET || load == CONSENT_LOAD_CSS) {

        /* what is not denied goes on under the old name */

        consent_rewrite_value(rw, &value);

        if (value.data == NULL) {
            return -1;
        }

        if (load == CONSENT_LOAD_SRCSET) {
            consent_value_srcset(&value, &rw->judge, attr->value);

        } else {
            consent_value_css(&value, &rw->judge, attr->value);
        }

        if (!value.full && value.len) {
            edit->value = consent_str_make(value.data, value.len);
            edit->keep = 1;

            rw->values_len += value.len;
            verdict->passed += counts;
        }
    }

    verdict->nedits++;

    if (verdict->category == CONSENT_UNCLASSIFIED) {
        verdict->category = category;
    }

    if (load != CONSENT_LOAD_HTML || edit->value.data == NULL) {
        verdict->tags = 1;
    }

    if (consent_load_is_main(&rw->tag, attr)) {
        verdict->main = 1;
    }

    return 0;
}


/*
 * A policy is narrowed where it stands.  The tag is not blocked, and a policy
 * that cannot be narrowed stays: without it more would be allowed.
 */

static int
consent_rewrite_policy(consent_rewrite_t *rw, consent_verdict_t *verdict,
    const consent_attr_t *attr)
{
    consent_edit_t   *edit;
    consent_value_t   value;

    if (!rw->conf->csp || rw->judge.resources == 0) {
        return 0;
    }

    consent_rewrite_value(rw, &value);

    if (value.data == NULL) {
        return -1;
    }

    if (consent_value_policy(&value, &rw->judge, attr->value) == 0
        || value.full)
    {
        return 0;
    }

    rw->values_len += value.len;
    rw->narrowed++;

    edit = &verdict->edits[verdict->nedits++];

    edit->attr = *attr;
    edit->value = consent_str_make(value.data, value.len);
    edit->keep = 0;

    return 0;
}


/*
 * A document within the document.  Returns its first denied category, with
 * the rewritten document in edit; if that is not possible, all of it is
 * denied.
 */

static int
consent_rewrite_srcdoc(consent_rewrite_t *rw, consent_str_t text,
    consent_edit_t *edit)
{
    uint8_t                       *html;
    size_t                         len;
    consent_sink_t                 sink;
    consent_value_t                value;
    consent_rewrite_t             *nested;
    const consent_judge_conf_t    *conf;

    conf = &rw->conf->judge;

    if (rw->depth == CONSENT_REWRITE_DEPTH) {
        return consent_judge_first_denied(&rw->judge);
    }

    if (rw->nested == NULL) {
        rw->nested = consent_rewrite_alloc(rw, sizeof(consent_rewrite_t)
                                               + conf->limit);
        if (rw->nested == NULL) {
            return consent_judge_first_denied(&rw->judge);
        }

        memset(rw->nested, 0, sizeof(consent_rewrite_t));
    }

    nested = rw->nested;
    html = (uint8_t *) (nested + 1);
    len = consent_charref_decode(html, conf->limit, text);

    consent_rewrite_value(rw, &value);

    if (value.data == NULL) {
        return consent_judge_first_denied(&rw->judge);
    }

    sink.pass = consent_rewrite_sink_value;
    sink.copy = consent_rewrite_sink_value;
    sink.literal = consent_rewrite_sink_value;
    sink.data = &value;

    consent_rewrite_reuse(nested, rw, &sink);

    if (consent_rewrite_feed(nested, html, len, 1) != 0 || value.full) {
        return consent_judge_first_denied(&rw->judge);
    }

    rw->judge.unclassified += nested->judge.unclassified;
    rw->judge.limited |= nested->judge.limited;
    rw->late += nested->late;

    if (nested->blocked == 0 && nested->narrowed == 0) {
        return CONSENT_UNCLASSIFIED;
    }

    rw->blocked += nested->blocked;
    rw->narrowed += nested->narrowed;
    rw->values_len += value.len;

    edit->value = consent_str_make(value.data, value.len);

    return nested->first;
}


/* made ready for one more document, with the memory it has already */

static void
consent_rewrite_reuse(consent_rewrite_t *nested, const consent_rewrite_t *rw,
    const consent_sink_t *sink)
{
    size_t              hold_size;
    uint8_t            *hold, *values, *scratch, *long_hold;
    consent_rewrite_t  *deeper;

    hold = nested->hold;
    hold_size = nested->hold_size;
    values = nested->values;
    deeper = nested->nested;
    scratch = nested->judge.scratch;
    long_hold = nested->long_tag.hold;

    consent_rewrite_init(nested, rw->conf, sink);

    /* what is shared is in use by the document around this one */

    nested->hold = hold;
    nested->hold_size = hold_size;
    nested->values = values;
    nested->nested = deeper;
    nested->judge.scratch = scratch;
    nested->long_tag.hold = long_hold;

    nested->depth = rw->depth + 1;
    nested->html.view.xml = 0;

    if (rw->judge.has_base) {
        nested->judge.parent = &rw->judge.base;

    } else {
        nested->judge.parent = rw->judge.parent;
    }
}


/* what is free of the memory for new values */

static void
consent_rewrite_value(consent_rewrite_t *rw, consent_value_t *value)
{
    size_t  size;

    size = CONSENT_REWRITE_VALUES * rw->conf->judge.limit;

    if (rw->values == NULL) {
        rw->values = consent_rewrite_alloc(rw, size);
    }

    value->data = rw->values ? rw->values + rw->values_len : NULL;
    value->len = 0;
    value->size = size - rw->values_len;
    value->full = 0;
    value->xml = rw->html.view.xml & 1;
}


int
consent_rewrite_block(consent_rewrite_t *rw, consent_str_t tag, unsigned held,
    consent_verdict_t *verdict)
{
    consent_mark_e  kind;

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
        rw->bodiless |= !rw->html.view.had_body;

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

    return consent_mark_tag(rw->conf->judge.markup, rw->sink, kind,
                            verdict->category, tag, rw->name_end, held,
                            verdict->edits, verdict->nedits);
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

    /* "<" and what follows the tag would make another one */

    return rw->before_tag != '<';
}


/* the byte before the tag that begins in this input */

static void
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
            rw->style = STYLE_TEXT;
            consent_css_init(&rw->css);

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
    if (consent_rewrite_long_start(rw) != 0) {
        return -1;
    }

    if (!rw->html.held) {
        return consent_rewrite_long_end(rw, p);
    }

    return consent_rewrite_more(rw, p);
}


static int
consent_rewrite_long_start(consent_rewrite_t *rw)
{
    size_t  len;

    len = rw->hold_len;
    rw->hold_len = 0;

    consent_long_tag_start(&rw->long_tag, rw->html.view.element,
                           (unsigned) consent_html_foreign(&rw->html));

    rw->mode = RW_LONG_TAG;

    if (len == 0) {
        return 0;
    }

    return consent_long_tag_feed(&rw->long_tag, rw->hold, rw->hold + len, 1);
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

        if (rw->first == CONSENT_UNCLASSIFIED) {
            rw->first = lt->category;
        }
    }

    if (lt->has_url) {
        return 0;
    }

    /* its start tag is out of reach, but its text is not */

    rw->tag = lt->tag;
    rw->tag_len = 0;

    return consent_rewrite_text(rw, p);
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

    case RW_STYLE:
        return consent_rewrite_style(rw, end);

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


/*
 * In the tag that is held up to p, a browser with scripting sees the end of
 * noscript, and one without a tag that goes on.  It is made one of an unknown
 * element for that.
 */

static int
consent_rewrite_tag_cut(consent_rewrite_t *rw, const uint8_t *p)
{
    if (rw->mode != RW_LONG_TAG) {

        if (rw->html.tag && consent_rewrite_pass(rw, rw->html.tag) != 0) {
            return -1;
        }

        if (rw->hold_len + (size_t) (p - rw->from) <= rw->conf->judge.limit) {

            if ((rw->judge.resources | rw->judge.inlines) == 0) {
                return consent_rewrite_pass(rw, p);
            }

            rw->blocked++;

            if (consent_rewrite_hold(rw, p) != 0
                || consent_rewrite_release(rw, 1) != 0
                || consent_sink_literal(rw->sink, consent_rewrite_unknown)
                   != 0)
            {
                return -1;
            }

            return consent_rewrite_pass(rw, p);
        }

        if (consent_rewrite_long_start(rw) != 0) {
            return -1;
        }
    }

    /* what of it was passed on cannot be undone */

    rw->mode = RW_MARKUP;
    rw->html.report = 0;

    if (consent_long_tag_feed(&rw->long_tag, rw->from, p, 0) != 0) {
        return -1;
    }

    rw->from = p;

    return consent_long_tag_flush(&rw->long_tag);
}


/*
 * Another view of the document has a tag whose name begins at p.  It is none
 * with a space before its name.
 */

static int
consent_rewrite_split(consent_rewrite_t *rw, const uint8_t *p)
{
    size_t  limit;

    limit = rw->conf->judge.limit;

    if (rw->mode == RW_DROP) {
        return 0;
    }

    rw->blocked++;

    if (rw->mode == RW_LONG_TAG) {

        if (consent_long_tag_feed(&rw->long_tag, rw->from, p, 0) != 0) {
            return -1;
        }

        rw->from = p;

        return consent_long_tag_feed(&rw->long_tag,
                                     consent_rewrite_space.data,
                                     consent_rewrite_space.data + 1, 1);
    }

    if (consent_rewrite_more(rw, p) != 0) {
        return -1;
    }

    if (rw->hold_len == 0 || rw->hold_len > limit) {
        return consent_sink_literal(rw->sink, consent_rewrite_space);
    }

    /* within what is held; there is one byte more than the limit */

    if (rw->hold_len >= rw->hold_size
        && consent_rewrite_grow(rw, rw->hold_len + 1) != 0)
    {
        return -1;
    }

    rw->hold[rw->hold_len++] = ' ';
    rw->html.tag = NULL;

    return 0;
}


/* passes on the first len bytes of what is in hold and in the input */

int
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
    static const consent_str_t  nothing = { 0, NULL };

    if (rw->mode == RW_LONG_TAG) {
        return consent_long_tag_flush(&rw->long_tag);
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


/* passes on all up to p */

int
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

int
consent_rewrite_hold(consent_rewrite_t *rw, const uint8_t *p)
{
    size_t  len;

    len = (size_t) (p - rw->from);

    if (len == 0) {
        return 0;
    }

    if (rw->hold_len + len > rw->hold_size
        && consent_rewrite_grow(rw, rw->hold_len + len) != 0)
    {
        return -1;
    }

    memcpy(rw->hold + rw->hold_len, rw->from, len);

    rw->hold_len += len;
    rw->from = p;

    return 0;
}


/* what was allocated before is left to its owner: a third of it in all */

static int
consent_rewrite_grow(consent_rewrite_t *rw, size_t needed)
{
    size_t    size, most;
    uint8_t  *hold;

    most = rw->conf->judge.limit + 1;
    size = rw->hold_size ? 4 * rw->hold_size : CONSENT_REWRITE_HOLD;

    while (size < needed) {
        size *= 2;
    }

    if (size > most) {
        size = most;
    }

    hold = consent_rewrite_alloc(rw, size);
    if (hold == NULL) {
        return -1;
    }

    if (rw->hold_len) {
        memcpy(hold, rw->hold, rw->hold_len);
    }

    rw->hold = hold;
    rw->hold_size = size;

    return 0;
}


static void *
consent_rewrite_alloc(const consent_rewrite_t *rw, size_t size)
{
    const consent_judge_conf_t  *conf;

    conf = &rw->conf->judge;

    return conf->alloc(conf->data, size);
}


/* output of a nested document */

static int
consent_rewrite_sink_value(void *data, const uint8_t *p, size_t len)
{
    consent_value_add(data, p, len);

    return 0;
}
