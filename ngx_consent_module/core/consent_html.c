/*
 * Copyright (C) ngx_consent_module authors
 *
 * The states carry the names of the HTML standard, 13.2.5.  States that
 * differ only in what they would emit are one here.
 *
 * A tag that is in the input as a whole is read at once; all else goes
 * through the states, byte by byte where it must.
 */


#include "consent_html.h"


enum {
    /* markup */

    ST_DATA = 0,
    ST_TAG_OPEN,
    ST_END_TAG_OPEN,
    ST_TAG_NAME,
    ST_BEFORE_ATTR_NAME,
    ST_SELF_CLOSING,
    ST_ATTR_NAME,
    ST_AFTER_ATTR_NAME,
    ST_BEFORE_ATTR_VALUE,
    ST_ATTR_VALUE_DOUBLE,
    ST_ATTR_VALUE_SINGLE,
    ST_ATTR_VALUE_UNQUOTED,
    ST_MARKUP_DECLARATION,
    ST_MARKUP_DASH,
    ST_MARKUP_CDATA,

    /* nothing in these is a tag: ST_HIDDEN is the first of them */

    ST_BOGUS_COMMENT,
    ST_COMMENT_START,
    ST_COMMENT_START_DASH,
    ST_COMMENT,
    ST_COMMENT_END_DASH,
    ST_COMMENT_END,
    ST_COMMENT_END_BANG,
    ST_CDATA,
    ST_CDATA_BRACKET,
    ST_CDATA_END,

    /* RCDATA and RAWTEXT */

    ST_RAWTEXT,
    ST_RAWTEXT_LT,
    ST_RAWTEXT_END_TAG_NAME,

    ST_SCRIPT,
    ST_SCRIPT_LT,
    ST_SCRIPT_ESCAPE_START,
    ST_SCRIPT_ESCAPE_START_DASH,
    ST_SCRIPT_ESCAPED,
    ST_SCRIPT_ESCAPED_DASH,
    ST_SCRIPT_ESCAPED_DASH_DASH,
    ST_SCRIPT_ESCAPED_LT,
    ST_SCRIPT_DOUBLE_ESCAPE_START,
    ST_SCRIPT_DOUBLE_ESCAPED,
    ST_SCRIPT_DOUBLE_ESCAPED_DASH,
    ST_SCRIPT_DOUBLE_ESCAPED_DASH_DASH,
    ST_SCRIPT_DOUBLE_ESCAPED_LT,
    ST_SCRIPT_DOUBLE_ESCAPE_END,

    ST_PLAINTEXT
};

#define ST_HIDDEN  ST_BOGUS_COMMENT


/* what ends a run of bytes inside a tag */

#define CH_SPACE   0x01
#define CH_SLASH   0x02
#define CH_GT      0x04
#define CH_EQUALS  0x08
#define CH_ALPHA   0x10

#define CH_NAME_END      (CH_SPACE|CH_SLASH|CH_GT)
#define CH_ATTR_END      (CH_SPACE|CH_SLASH|CH_GT|CH_EQUALS)
#define CH_UNQUOTED_END  (CH_SPACE|CH_GT)

#define ALPHA_13(c)                                                           \
    [c] = CH_ALPHA,      [c + 1] = CH_ALPHA,  [c + 2] = CH_ALPHA,             \
    [c + 3] = CH_ALPHA,  [c + 4] = CH_ALPHA,  [c + 5] = CH_ALPHA,             \
    [c + 6] = CH_ALPHA,  [c + 7] = CH_ALPHA,  [c + 8] = CH_ALPHA,             \
    [c + 9] = CH_ALPHA,  [c + 10] = CH_ALPHA, [c + 11] = CH_ALPHA,            \
    [c + 12] = CH_ALPHA

static const uint8_t  consent_html_class[256] = {
    ['\t'] = CH_SPACE, ['\n'] = CH_SPACE, ['\f'] = CH_SPACE,
    ['\r'] = CH_SPACE, [' '] = CH_SPACE,
    ['/'] = CH_SLASH, ['>'] = CH_GT, ['='] = CH_EQUALS,
    ALPHA_13('a'), ALPHA_13('n'), ALPHA_13('A'), ALPHA_13('N')
};

#define class_of(c)  consent_html_class[c]


static const char  consent_html_noscript[] = "</noscript";

#define NOSCRIPT_LEN  (sizeof(consent_html_noscript) - 1)


static consent_html_event_e consent_html_watch(consent_html_t *h,
    const uint8_t **pos, const uint8_t *end);
static consent_html_event_e consent_html_both(consent_html_t *h,
    const uint8_t **pos, const uint8_t *end);
static int consent_html_agree(const consent_html_t *h);
static void consent_html_fork(consent_html_t *h, consent_html_view_t *v);
static consent_html_event_e consent_html_run(consent_html_t *h,
    consent_html_view_t *v, const uint8_t **pos, const uint8_t *end);
static const uint8_t *consent_html_markup(consent_html_t *h,
    consent_html_view_t *v, const uint8_t *p, const uint8_t *end,
    consent_html_event_e *event);
static const uint8_t *consent_html_whole_tag(const consent_html_t *h,
    consent_html_view_t *v, const uint8_t *p, const uint8_t *end);
static const uint8_t *consent_html_attrs(consent_html_view_t *v,
    const uint8_t *p, const uint8_t *end);
static void consent_html_attr_done(consent_html_view_t *v,
    const uint8_t *name, size_t len);
static int consent_html_suspect(const uint8_t *name, size_t len);
static const uint8_t *consent_html_comment(consent_html_view_t *v,
    const uint8_t *p, const uint8_t *end);
static const uint8_t *consent_html_cdata(consent_html_view_t *v,
    const uint8_t *p, const uint8_t *end);
static const uint8_t *consent_html_rawtext(consent_html_view_t *v,
    const uint8_t *p, const uint8_t *end, consent_html_event_e *event);
static const uint8_t *consent_html_script(consent_html_view_t *v,
    const uint8_t *p, const uint8_t *end);
static void consent_html_tag_begin(consent_html_view_t *v, unsigned end_tag);
static consent_html_event_e consent_html_name_done(consent_html_view_t *v);
static consent_html_event_e consent_html_tag_done(consent_html_t *h,
    consent_html_view_t *v);
static void consent_html_start_tag(consent_html_t *h, consent_html_view_t *v);
static void consent_html_foreign_start_tag(consent_html_view_t *v);
static void consent_html_enter_foreign_text(consent_html_view_t *v);
static void consent_html_enter_raw_text(consent_html_view_t *v);
static void consent_html_enter_text(consent_html_t *h, consent_html_view_t *v);
static void consent_html_end_tag(consent_html_view_t *v);
static size_t consent_html_bucket(const consent_html_view_t *v);
static void consent_html_count(uint8_t *n);
static void consent_html_body_seen(consent_html_view_t *v);
static void consent_html_text_seen(consent_html_view_t *v, const uint8_t *p,
    const uint8_t *end);
static void consent_html_pop(consent_html_view_t *v, unsigned depth);
static void consent_html_push(consent_html_view_t *v);
static void consent_html_pop_foreign(consent_html_view_t *v);
static int consent_html_is_foreign(const consent_html_view_t *v);
static const uint8_t *consent_html_find(const uint8_t *p, const uint8_t *end,
    uint8_t c);


void
consent_html_init(consent_html_t *h, unsigned xml)
{
    memset(h, 0, sizeof(consent_html_t));

    h->fast = consent_html_fast();
    h->limit = SIZE_MAX;
    h->view.state = ST_DATA;
    h->view.xml = xml ? 1 : 0;
}


consent_html_event_e
consent_html_scan(consent_html_t *h, const uint8_t **pos, const uint8_t *end)
{
    consent_html_event_e  event;

    h->tag = NULL;

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

    return CONSENT_HTML_MORE;
}


int
consent_html_foreign(const consent_html_t *h)
{
    return consent_html_is_foreign(&h->view)
           || (h->forked && consent_html_is_foreign(&h->shadow));
}


int
consent_html_has_end(const consent_html_t *h)
{
    const consent_html_view_t  *v;

    v = &h->view;

    return v->element != NULL
           && (v->text == v->element || v->foreign_text == v->element);
}


/*
 * With scripting, noscript is raw text and ends at "</noscript" whatever a
 * comment, an attribute or another raw text inside says; without, it is
 * markup.  It is read as markup, and its end is looked for in all that would
 * hide it.  What would hide it goes on in the shadow, the view without
 * scripting.
 */

static consent_html_event_e
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

                if (v->element && (v->element->flags & CONSENT_EL_JUDGED)) {
                    event = CONSENT_HTML_TAG_CUT;
                }
            }

            h->shadow = *v;
            h->shadow.noscript = 0;
            h->shadow.element = (event == CONSENT_HTML_TAG_CUT) ? NULL
                                                                : v->element;
            h->forked = 1;
            h->ahead = 0;

            consent_html_tag_begin(v, 1);

            v->cut = 0;
            v->noscript = 0;
            v->text = NULL;
            v->state = ST_BEFORE_ATTR_NAME;

            h->held = 0;

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


/* both views, byte by byte */

static consent_html_event_e
consent_html_both(consent_html_t *h, const uint8_t **pos, const uint8_t *end)
{
    const uint8_t         *p, *q;
    consent_html_event_e   event;

    while (*pos < end && h->forked) {

        p = *pos;

        if (!h->ahead) {

            if (h->shadow.state == ST_TAG_OPEN && (class_of(*p) & CH_ALPHA)
                && h->view.state != ST_TAG_OPEN)
            {
                h->shadow.state = ST_DATA;
                return CONSENT_HTML_SPLIT;
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
                h->forked = 0;
            }
        }

        if (event != CONSENT_HTML_MORE) {
            return event;
        }
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
               || memcmp(v->stack, s->stack, v->depth * sizeof(v->stack[0]))
                  == 0);
}


/* the view is about to change; what it was goes on in the shadow */

static void
consent_html_fork(consent_html_t *h, consent_html_view_t *v)
{
    if (v != &h->view || h->forked) {
        return;
    }

    h->shadow = *v;
    h->forked = 1;
    h->ahead = 0;
}


static consent_html_event_e
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

        if (v->state < ST_HIDDEN) {
            p = consent_html_markup(h, v, p, end, &event);

        } else if (v->state < ST_CDATA) {
            p = consent_html_comment(v, p, end);

        } else if (v->state < ST_RAWTEXT) {
            p = consent_html_cdata(v, p, end);

        } else if (v->state < ST_SCRIPT) {
            p = consent_html_rawtext(v, p, end, &event);

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


/*
 * Data, tags and markup declarations.  Returns where it stopped: at end, at
 * an event or where a state of another function begins.
 */

static const uint8_t *
consent_html_markup(consent_html_t *h, consent_html_view_t *v,
    const uint8_t *p, const uint8_t *end, consent_html_event_e *event)
{
    uint8_t         c;
    const uint8_t  *q;

    while (p < end) {

        switch (v->state) {

        case ST_DATA:

            q = p;
            p = consent_html_find(p, end, '<');

            if (!v->body) {
                consent_html_text_seen(v, q, p);
            }

            if (p == end) {
                return p;
            }

            if (v == &h->view) {

                if (!h->portable) {
                    q = consent_html_whole_tag(h, v, p, end);

                    if (q) {
                        h->tag = p;
                        p = q;
                        goto tag_done;
                    }
                }

                h->tag = p;
                h->held = 1;
            }

            v->state = ST_TAG_OPEN;
            v->cut = 1;
            p++;

            if (v->noscript) {
                return p;
            }

            break;

        case ST_TAG_OPEN:

            c = *p;

            if (class_of(c) & CH_ALPHA) {
                consent_html_tag_begin(v, 0);
                v->state = ST_TAG_NAME;

                if (v->foreign_text) {
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
                v->last = *p | 0x20;
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

            } else if (c == '[' && consent_html_is_foreign(v)) {
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
                    consent_html_fork(h, v);
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

        if (v == &h->view && h->tag && (size_t) (p - h->tag) > h->limit) {
            v->suspect = 1;
        }

        *event = consent_html_tag_done(h, v);

        if (*event != CONSENT_HTML_MORE || v->state != ST_DATA || h->forked
            || v->noscript)
        {
            return p;
        }
    }

    return p;
}


/*
 * The tag that begins at p, if it ends before end; otherwise NULL, and all of
 * it goes through the states.
 */

static const uint8_t *
consent_html_whole_tag(const consent_html_t *h, consent_html_view_t *v,
    const uint8_t *p, const uint8_t *end)
{
    size_t                i, len;
    unsigned              end_tag;
    const uint8_t        *name, *q;
    consent_html_fast_t   fast;

    if (end - p < 4) {
        return NULL;
    }

    end_tag = (p[1] == '/');
    name = p + 1 + end_tag;

    if (!(class_of(*name) & CH_ALPHA) || v->noscript || v->foreign_text) {
        return NULL;
    }

    consent_html_tag_begin(v, end_tag);

    if (h->fast && v->depth == 0) {
        q = h->fast(&fast, p, name, end);

        if (q) {
            v->self_closing = fast.self_closing ? 1 : 0;
            v->suspect = fast.suspect ? 1 : 0;
            len = fast.name_len;
            p = q;

            goto named;
        }
    }

    for (p = name + 1; p < end && !(class_of(*p) & CH_NAME_END); p++) {
        /* void */
    }

    if (p == end) {
        return NULL;
    }

    len = (size_t) (p - name);

    if (*p == '>') {
        p++;

    } else {
        p = consent_html_attrs(v, p, end);

        if (p == NULL) {
            return NULL;
        }
    }

named:

    v->name.len = len;
    v->first = name[0] | 0x20;
    v->second = name[len > 1] | 0x20;
    v->last = name[len - 1] | 0x20;

    if (consent_element_begins(*name) || v->depth) {

        for (i = 0; i < len && i < CONSENT_EL_MAX_NAME; i++) {
            v->name.data[i] = consent_lower(name[i]);
        }

        v->element = consent_element_find(&v->name, v->depth);
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


static void
consent_html_attr_done(consent_html_view_t *v, const uint8_t *name, size_t len)
{
    if (consent_html_suspect(name, len)) {
        v->suspect = 1;
    }

    if (v->depth == 0) {
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


static const uint8_t *
consent_html_comment(consent_html_view_t *v, const uint8_t *p, const uint8_t *end)
{
    uint8_t  c;

    while (p < end) {

        switch (v->state) {

        case ST_BOGUS_COMMENT:

            p = consent_html_find(p, end, '>');

            if (p == end) {
                return p;
            }

            v->state = ST_DATA;
            return p + 1;

        case ST_COMMENT:

            p = consent_html_find(p, end, '-');

            if (p == end) {
                return p;
            }

            v->state = ST_COMMENT_END_DASH;
            p++;
            break;

        case ST_COMMENT_START:
        case ST_COMMENT_START_DASH:

            c = *p++;

            if (c == '>') {
                v->state = ST_DATA;
                return p;
            }

            if (c != '-') {
                v->state = ST_COMMENT;

            } else {
                v->state = (v->state == ST_COMMENT_START)
                           ? ST_COMMENT_START_DASH : ST_COMMENT_END;
            }

            break;

        case ST_COMMENT_END_DASH:

            v->state = (*p++ == '-') ? ST_COMMENT_END : ST_COMMENT;
            break;

        case ST_COMMENT_END:

            c = *p++;

            if (c == '>') {
                v->state = ST_DATA;
                return p;
            }

            if (c == '!') {
                v->state = ST_COMMENT_END_BANG;

            } else if (c != '-') {
                v->state = ST_COMMENT;
            }

            break;

        default: /* ST_COMMENT_END_BANG */

            c = *p++;

            if (c == '>') {
                v->state = ST_DATA;
                return p;
            }

            v->state = (c == '-') ? ST_COMMENT_END_DASH : ST_COMMENT;
            break;
        }
    }

    return p;
}


static const uint8_t *
consent_html_cdata(consent_html_view_t *v, const uint8_t *p, const uint8_t *end)
{
    uint8_t  c;

    while (p < end) {

        switch (v->state) {

        case ST_CDATA:

            p = consent_html_find(p, end, ']');

            if (p == end) {
                return p;
            }

            v->state = ST_CDATA_BRACKET;
            p++;
            break;

        case ST_CDATA_BRACKET:

            v->state = (*p++ == ']') ? ST_CDATA_END : ST_CDATA;
            break;

        default: /* ST_CDATA_END */

            c = *p++;

            if (c == '>') {
                v->state = ST_DATA;
                return p;
            }

            if (c != ']') {
                v->state = ST_CDATA;
            }

            break;
        }
    }

    return p;
}


/* RCDATA, RAWTEXT, and the end tags of script data */

static const uint8_t *
consent_html_rawtext(consent_html_view_t *v, const uint8_t *p, const uint8_t *end,
    consent_html_event_e *event)
{
    while (p < end) {

        switch (v->state) {

        case ST_RAWTEXT:

            p = consent_html_find(p, end, '<');

            if (p == end) {
                return p;
            }

            v->state = ST_RAWTEXT_LT;
            p++;
            break;

        case ST_RAWTEXT_LT:

            if (*p != '/') {
                v->state = ST_RAWTEXT;
                break;
            }

            v->state = ST_RAWTEXT_END_TAG_NAME;
            v->text_state = ST_RAWTEXT;
            v->matched = 0;
            p++;
            break;

        case ST_RAWTEXT_END_TAG_NAME:

            if (v->matched == v->text->len) {

                if (class_of(*p) & CH_NAME_END) {
                    v->end_tag = 1;
                    v->raw = 1;
                    v->self_closing = 0;
                    v->element = NULL;
                    v->state = ST_BEFORE_ATTR_NAME;
                    *event = CONSENT_HTML_RAW_END;

                    return p;
                }

            } else if (consent_lower(*p)
                       == (uint8_t) v->text->name[v->matched])
            {
                v->matched++;
                p++;
                break;
            }

            v->state = v->text_state;
            return p;

        default:
            return p;
        }
    }

    return p;
}


static const uint8_t *
consent_html_script(consent_html_view_t *v, const uint8_t *p, const uint8_t *end)
{
    uint8_t  c;

    while (p < end) {

        c = *p;

        switch (v->state) {

        case ST_SCRIPT:

            p = consent_html_find(p, end, '<');

            if (p == end) {
                return p;
            }

            v->state = ST_SCRIPT_LT;
            p++;
            break;

        case ST_SCRIPT_LT:

            if (c == '/') {
                v->state = ST_RAWTEXT_END_TAG_NAME;
                v->text_state = ST_SCRIPT;
                v->matched = 0;
                return p + 1;
            }

            if (c == '!') {
                v->state = ST_SCRIPT_ESCAPE_START;
                p++;

            } else {
                v->state = ST_SCRIPT;
            }

            break;

        case ST_SCRIPT_ESCAPE_START:
        case ST_SCRIPT_ESCAPE_START_DASH:

            if (c != '-') {
                v->state = ST_SCRIPT;
                break;
            }

            v->state = (v->state == ST_SCRIPT_ESCAPE_START)
                       ? ST_SCRIPT_ESCAPE_START_DASH
                       : ST_SCRIPT_ESCAPED_DASH_DASH;
            p++;
            break;

        case ST_SCRIPT_ESCAPED:
        case ST_SCRIPT_ESCAPED_DASH:
        case ST_SCRIPT_ESCAPED_DASH_DASH:

            if (c == '-') {
                v->state = (v->state == ST_SCRIPT_ESCAPED)
                           ? ST_SCRIPT_ESCAPED_DASH
                           : ST_SCRIPT_ESCAPED_DASH_DASH;

            } else if (c == '<') {
                v->state = ST_SCRIPT_ESCAPED_LT;

            } else if (c == '>' && v->state == ST_SCRIPT_ESCAPED_DASH_DASH) {
                v->state = ST_SCRIPT;

            } else {
                v->state = ST_SCRIPT_ESCAPED;
            }

            p++;
            break;

        case ST_SCRIPT_ESCAPED_LT:

            if (c == '/') {
                v->state = ST_RAWTEXT_END_TAG_NAME;
                v->text_state = ST_SCRIPT_ESCAPED;
                v->matched = 0;
                return p + 1;
            }

            v->name.len = 0;
            v->state = (class_of(c) & CH_ALPHA)
                       ? ST_SCRIPT_DOUBLE_ESCAPE_START : ST_SCRIPT_ESCAPED;
            break;

        case ST_SCRIPT_DOUBLE_ESCAPED:
        case ST_SCRIPT_DOUBLE_ESCAPED_DASH:
        case ST_SCRIPT_DOUBLE_ESCAPED_DASH_DASH:

            if (c == '-') {
                v->state = (v->state == ST_SCRIPT_DOUBLE_ESCAPED)
                           ? ST_SCRIPT_DOUBLE_ESCAPED_DASH
                           : ST_SCRIPT_DOUBLE_ESCAPED_DASH_DASH;

            } else if (c == '<') {
                v->state = ST_SCRIPT_DOUBLE_ESCAPED_LT;

            } else if (c == '>'
                       && v->state == ST_SCRIPT_DOUBLE_ESCAPED_DASH_DASH)
            {
                v->state = ST_SCRIPT;

            } else {
                v->state = ST_SCRIPT_DOUBLE_ESCAPED;
            }

            p++;
            break;

        case ST_SCRIPT_DOUBLE_ESCAPED_LT:

            if (c != '/') {
                v->state = ST_SCRIPT_DOUBLE_ESCAPED;
                break;
            }

            v->name.len = 0;
            v->state = ST_SCRIPT_DOUBLE_ESCAPE_END;
            p++;
            break;

        default: /* ST_SCRIPT_DOUBLE_ESCAPE_START, _END */

            if (class_of(c) & CH_ALPHA) {
                consent_tag_name_add(&v->name, c);
                p++;
                break;
            }

            if ((class_of(c) & CH_NAME_END) && v->name.len == 6
                && memcmp(v->name.data, "script", 6) == 0)
            {
                v->state = (v->state == ST_SCRIPT_DOUBLE_ESCAPE_START)
                           ? ST_SCRIPT_DOUBLE_ESCAPED : ST_SCRIPT_ESCAPED;
                p++;
                break;
            }

            v->state = (v->state == ST_SCRIPT_DOUBLE_ESCAPE_START)
                       ? ST_SCRIPT_ESCAPED : ST_SCRIPT_DOUBLE_ESCAPED;
            break;
        }
    }

    return p;
}


static void
consent_html_tag_begin(consent_html_view_t *v, unsigned end_tag)
{
    v->name.len = 0;
    v->end_tag = end_tag ? 1 : 0;
    v->raw = 0;
    v->self_closing = 0;
    v->suspect = 0;
    v->font = 0;
    v->breakout = 0;
    v->element = NULL;
}


/* the name of a tag is complete */

static consent_html_event_e
consent_html_name_done(consent_html_view_t *v)
{
    v->element = consent_element_find(&v->name, v->depth);

    v->first = v->name.data[0] | 0x20;
    v->second = v->name.data[v->name.len > 1] | 0x20;

    if (v->end_tag && v->element && v->element == v->foreign_text) {
        v->foreign_text = NULL;
        v->raw = 1;

        return CONSENT_HTML_RAW_END;
    }

    return CONSENT_HTML_MORE;
}


/* the ">" of a tag was read */

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

            return CONSENT_HTML_RAW_CLOSED;
        }

        consent_html_end_tag(v);

        return CONSENT_HTML_MORE;
    }

    if (v->depth == 0) {

        /* the end of raw text is not counted, so neither is its beginning */

        if (v->element == NULL || v->element->text == CONSENT_TEXT_DATA) {
            consent_html_count(&v->open[consent_html_bucket(v)]);
        }

    } else if (!v->self_closing || !consent_html_is_foreign(v)) {
        consent_html_count(&v->inner[consent_html_bucket(v)]);
    }

    consent_html_body_seen(v);

    if (v->element) {
        consent_html_start_tag(h, v);

        if (v->element->flags & CONSENT_EL_JUDGED) {
            return CONSENT_HTML_TAG;
        }
    }

    return (v->suspect || report) ? CONSENT_HTML_TAG : CONSENT_HTML_MORE;
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

    if (consent_html_is_foreign(v)) {

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
                consent_html_fork(h, v);
                *v = markup;
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
            consent_html_fork(h, v);
            *v = markup;
        }

        return;

    case CONSENT_EL_NOSCRIPT:
        v->noscript = 1;
        return;

    case CONSENT_EL_SELECT:
        v->select = !v->select;
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

        v->frameset = !v->body;
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

    if (v->element == NULL) {
        v->body = (v->first == 'b' && v->last == 'y' && v->name.len == 4);
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


/* text begins a body, too */

static void
consent_html_text_seen(consent_html_view_t *v, const uint8_t *p,
    const uint8_t *end)
{
    for ( /* void */ ; p < end; p++) {
        if (!consent_is_space(*p)) {
            v->body = 1;
            return;
        }
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
        consent_html_push(v);

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

    markup = *v;
    consent_html_enter_raw_text(v);

    if (v->frameset || v->col
        || (v->select && (el->flags & CONSENT_EL_NOT_SELECT)))
    {
        /* the tree builder may drop the tag, and then markup follows */

        consent_html_fork(h, v);
        *v = markup;
        consent_html_enter_foreign_text(v);
    }
}


/*
 * Elements are counted by the length of their names and the letters at both
 * ends: near enough to know whether an end tag can be of an open element.
 */

static size_t
consent_html_bucket(const consent_html_view_t *v)
{
    uint32_t  key;

    key = (uint32_t) v->first << 24 | (uint32_t) v->second << 16
          | (uint32_t) v->last << 8 | (uint32_t) (v->name.len & 0xff);

    return key * 2654435761u >> 23;
}


static void
consent_html_count(uint8_t *n)
{
    *n = (uint8_t) (*n + (*n != UINT8_MAX));
}


static void
consent_html_end_tag(consent_html_view_t *v)
{
    size_t                    bucket;
    unsigned                  i;
    const consent_element_t  *el;

    el = v->element;
    bucket = consent_html_bucket(v);

    if (el && el->id == CONSENT_EL_NOSCRIPT) {
        v->noscript = 0;

    } else if (el && el->id == CONSENT_EL_SELECT) {
        v->select = 0;

    } else if (el && el->id == CONSENT_EL_TEMPLATE) {
        v->template = 0;
        v->col = 0;
    }

    if (v->depth == 0) {
        v->open[bucket] = (uint8_t) (v->open[bucket] - !!v->open[bucket]);
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

    if (v->inner[bucket]) {
        v->inner[bucket]--;
        return;
    }

    /*
     * If an element around the svg or math ends, that ends with it; if there
     * is none, nothing happens, but </p> and </br> leave foreign content.
     */

    if (consent_html_is_foreign(v)
        && (v->open[bucket] || (el && (el->flags & CONSENT_EL_CLOSES))))
    {
        v->open[bucket] = (uint8_t) (v->open[bucket] - !!v->open[bucket]);
        consent_html_pop_foreign(v);
    }
}


static void
consent_html_push(consent_html_view_t *v)
{
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
    } while (consent_html_is_foreign(v));
}


static int
consent_html_is_foreign(const consent_html_view_t *v)
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


/* memchr() that returns end if there is none */

static const uint8_t *
consent_html_find(const uint8_t *p, const uint8_t *end, uint8_t c)
{
    const uint8_t  *q;

    q = memchr(p, c, (size_t) (end - p));

    return q ? q : end;
}
