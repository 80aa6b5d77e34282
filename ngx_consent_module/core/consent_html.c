/*
 * Copyright (C) ngx_consent_module authors
 *
 * The states carry the names of the HTML standard, 13.2.5.  States that
 * differ only in what they would emit are one here.
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


static consent_html_event_e consent_html_run(consent_html_t *h,
    const uint8_t **pos, const uint8_t *end);
static int consent_html_cut(consent_html_t *h, const uint8_t *p);
static const uint8_t *consent_html_markup(consent_html_t *h,
    const uint8_t *p, const uint8_t *end, consent_html_event_e *event);
static const uint8_t *consent_html_comment(consent_html_t *h,
    const uint8_t *p, const uint8_t *end);
static const uint8_t *consent_html_cdata(consent_html_t *h,
    const uint8_t *p, const uint8_t *end);
static const uint8_t *consent_html_rawtext(consent_html_t *h,
    const uint8_t *p, const uint8_t *end, consent_html_event_e *event);
static const uint8_t *consent_html_script(consent_html_t *h,
    const uint8_t *p, const uint8_t *end);
static void consent_html_name_done(consent_html_t *h);
static consent_html_event_e consent_html_tag_done(consent_html_t *h);
static void consent_html_start_tag(consent_html_t *h);
static void consent_html_enter_text(consent_html_t *h);
static void consent_html_end_tag(consent_html_t *h);
static void consent_html_push(consent_html_t *h);
static const uint8_t *consent_html_find(const uint8_t *p, const uint8_t *end,
    uint8_t c);


void
consent_html_init(consent_html_t *h, unsigned xml)
{
    memset(h, 0, sizeof(consent_html_t));

    h->state = ST_DATA;
    h->xml = xml ? 1 : 0;
}


consent_html_event_e
consent_html_scan(consent_html_t *h, const uint8_t **pos, const uint8_t *end)
{
    const uint8_t         *p;
    consent_html_event_e   event;

    h->tag = NULL;

    for ( ;; ) {

        if (!h->noscript || h->state < ST_HIDDEN) {
            event = consent_html_run(h, pos, end);

            if (event != CONSENT_HTML_MORE || *pos == end) {
                return event;
            }

            continue;
        }

        /*
         * With scripting, noscript is raw text and ends at "</noscript"
         * whatever a comment or another raw text inside says; without, it is
         * markup.  It is read as markup, and its end is looked for in all
         * that would hide it.
         */

        p = *pos;

        if (p == end) {
            return CONSENT_HTML_MORE;
        }

        if (consent_html_cut(h, p)) {
            return CONSENT_HTML_RAW_CUT;
        }

        event = consent_html_run(h, pos, p + 1);

        if (event != CONSENT_HTML_MORE) {
            return event;
        }
    }
}


int
consent_html_foreign(const consent_html_t *h)
{
    const consent_element_t  *top;

    if (h->xml) {
        return 1;
    }

    if (h->depth == 0) {
        return 0;
    }

    top = h->stack[h->depth - 1];

    return top->id == CONSENT_EL_SVG || top->id == CONSENT_EL_MATH;
}


/*
 * Counts how much of "</noscript" has been seen before p.  Returns 1 if *p is
 * what ends the name.
 */

static int
consent_html_cut(consent_html_t *h, const uint8_t *p)
{
    if (h->cut == NOSCRIPT_LEN && (class_of(*p) & CH_NAME_END)) {
        h->cut = 0;
        h->noscript = 0;
        h->end_tag = 1;
        h->raw = 0;
        h->self_closing = 0;
        h->element = NULL;
        h->text = NULL;
        h->state = ST_BEFORE_ATTR_NAME;

        return 1;
    }

    if (h->cut < NOSCRIPT_LEN
        && consent_lower(*p) == (uint8_t) consent_html_noscript[h->cut])
    {
        h->cut++;

    } else {
        h->cut = (*p == '<');
    }

    return 0;
}


static consent_html_event_e
consent_html_run(consent_html_t *h, const uint8_t **pos, const uint8_t *end)
{
    const uint8_t         *p;
    consent_html_event_e   event;

    p = *pos;
    event = CONSENT_HTML_MORE;

    while (p < end) {

        if (h->state < ST_HIDDEN) {
            p = consent_html_markup(h, p, end, &event);

            if (h->noscript && h->state >= ST_HIDDEN) {

                /* consent_html_scan() goes on byte by byte */

                h->cut = 0;
                break;
            }

        } else if (h->state < ST_CDATA) {
            p = consent_html_comment(h, p, end);

        } else if (h->state < ST_RAWTEXT) {
            p = consent_html_cdata(h, p, end);

        } else if (h->state < ST_SCRIPT) {
            p = consent_html_rawtext(h, p, end, &event);

        } else if (h->state < ST_PLAINTEXT) {
            p = consent_html_script(h, p, end);

        } else {
            p = end;
        }

        if (event != CONSENT_HTML_MORE) {
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
consent_html_markup(consent_html_t *h, const uint8_t *p, const uint8_t *end,
    consent_html_event_e *event)
{
    uint8_t  c;

    while (p < end) {

        switch (h->state) {

        case ST_DATA:

            p = consent_html_find(p, end, '<');

            if (p == end) {
                return p;
            }

            h->tag = p;
            h->held = 1;
            h->state = ST_TAG_OPEN;
            p++;
            break;

        case ST_TAG_OPEN:

            c = *p;

            if (class_of(c) & CH_ALPHA) {
                h->name.len = 0;
                h->end_tag = 0;
                h->raw = 0;
                h->self_closing = 0;
                h->element = NULL;
                h->state = ST_TAG_NAME;
                break;
            }

            h->held = 0;

            if (c == '/') {
                h->state = ST_END_TAG_OPEN;
                p++;

            } else if (c == '!') {
                h->state = ST_MARKUP_DECLARATION;
                p++;

            } else if (c == '?') {
                h->state = ST_BOGUS_COMMENT;
                return p;

            } else {
                h->state = ST_DATA;
            }

            break;

        case ST_END_TAG_OPEN:

            c = *p;

            if (class_of(c) & CH_ALPHA) {
                h->name.len = 0;
                h->end_tag = 1;
                h->raw = 0;
                h->self_closing = 0;
                h->element = NULL;
                h->state = ST_TAG_NAME;

            } else if (c == '>') {
                h->state = ST_DATA;
                p++;

            } else {
                h->state = ST_BOGUS_COMMENT;
                return p;
            }

            break;

        case ST_TAG_NAME:

            while (p < end && !(class_of(*p) & CH_NAME_END)) {
                consent_tag_name_add(&h->name, *p++);
            }

            if (p == end) {
                return p;
            }

            h->state = ST_BEFORE_ATTR_NAME;
            consent_html_name_done(h);
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

            h->self_closing = (c == '/');
            h->state = (c == '/') ? ST_SELF_CLOSING : ST_ATTR_NAME;
            break;

        case ST_SELF_CLOSING:

            if (*p == '>') {
                p++;
                goto tag_done;
            }

            h->self_closing = 0;
            h->state = ST_BEFORE_ATTR_NAME;
            break;

        case ST_ATTR_NAME:

            while (p < end && !(class_of(*p) & CH_ATTR_END)) {
                p++;
            }

            h->state = ST_AFTER_ATTR_NAME;

            if (p == end) {
                h->state = ST_ATTR_NAME;
                return p;
            }

            break;

        case ST_AFTER_ATTR_NAME:

            while (p < end && (class_of(*p) & CH_SPACE)) {
                p++;
            }

            if (p == end) {
                return p;
            }

            if (*p == '=') {
                h->state = ST_BEFORE_ATTR_VALUE;
                p++;

            } else {
                h->state = ST_BEFORE_ATTR_NAME;
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
                h->state = ST_ATTR_VALUE_DOUBLE;
                p++;

            } else if (*p == '\'') {
                h->state = ST_ATTR_VALUE_SINGLE;
                p++;

            } else {

                /* ">" is a missing value: it ends the tag as below */

                h->state = ST_ATTR_VALUE_UNQUOTED;
            }

            break;

        case ST_ATTR_VALUE_DOUBLE:
        case ST_ATTR_VALUE_SINGLE:

            c = (h->state == ST_ATTR_VALUE_DOUBLE) ? '"' : '\'';

            p = consent_html_find(p, end, c);

            if (p == end) {
                return p;
            }

            h->state = ST_BEFORE_ATTR_NAME;
            p++;
            break;

        case ST_ATTR_VALUE_UNQUOTED:

            while (p < end && !(class_of(*p) & CH_UNQUOTED_END)) {
                p++;
            }

            if (p == end) {
                return p;
            }

            h->state = ST_BEFORE_ATTR_NAME;
            break;

        case ST_MARKUP_DECLARATION:

            c = *p;

            if (c == '-') {
                h->state = ST_MARKUP_DASH;
                p++;

            } else if (c == '[' && consent_html_foreign(h)) {
                h->state = ST_MARKUP_CDATA;
                h->matched = 1;
                p++;

            } else {

                /* a DOCTYPE, too, ends at the first ">" */

                h->state = ST_BOGUS_COMMENT;
                return p;
            }

            break;

        case ST_MARKUP_DASH:

            if (*p != '-') {
                h->state = ST_BOGUS_COMMENT;
                return p;
            }

            h->state = ST_COMMENT_START;
            return p + 1;

        case ST_MARKUP_CDATA:

            if (*p != (uint8_t) "[CDATA["[h->matched]) {
                h->state = ST_BOGUS_COMMENT;
                return p;
            }

            p++;

            if (++h->matched == sizeof("[CDATA[") - 1) {
                h->state = ST_CDATA;
                return p;
            }

            break;

        default:
            return p;
        }

        continue;

    tag_done:

        *event = consent_html_tag_done(h);

        if (*event != CONSENT_HTML_MORE || h->state != ST_DATA) {
            return p;
        }
    }

    return p;
}


static const uint8_t *
consent_html_comment(consent_html_t *h, const uint8_t *p, const uint8_t *end)
{
    uint8_t  c;

    while (p < end) {

        switch (h->state) {

        case ST_BOGUS_COMMENT:

            p = consent_html_find(p, end, '>');

            if (p == end) {
                return p;
            }

            h->state = ST_DATA;
            return p + 1;

        case ST_COMMENT:

            p = consent_html_find(p, end, '-');

            if (p == end) {
                return p;
            }

            h->state = ST_COMMENT_END_DASH;
            p++;
            break;

        case ST_COMMENT_START:
        case ST_COMMENT_START_DASH:

            c = *p++;

            if (c == '>') {
                h->state = ST_DATA;
                return p;
            }

            if (c != '-') {
                h->state = ST_COMMENT;

            } else {
                h->state = (h->state == ST_COMMENT_START)
                           ? ST_COMMENT_START_DASH : ST_COMMENT_END;
            }

            break;

        case ST_COMMENT_END_DASH:

            h->state = (*p++ == '-') ? ST_COMMENT_END : ST_COMMENT;
            break;

        case ST_COMMENT_END:

            c = *p++;

            if (c == '>') {
                h->state = ST_DATA;
                return p;
            }

            if (c == '!') {
                h->state = ST_COMMENT_END_BANG;

            } else if (c != '-') {
                h->state = ST_COMMENT;
            }

            break;

        default: /* ST_COMMENT_END_BANG */

            c = *p++;

            if (c == '>') {
                h->state = ST_DATA;
                return p;
            }

            h->state = (c == '-') ? ST_COMMENT_END_DASH : ST_COMMENT;
            break;
        }
    }

    return p;
}


static const uint8_t *
consent_html_cdata(consent_html_t *h, const uint8_t *p, const uint8_t *end)
{
    uint8_t  c;

    while (p < end) {

        switch (h->state) {

        case ST_CDATA:

            p = consent_html_find(p, end, ']');

            if (p == end) {
                return p;
            }

            h->state = ST_CDATA_BRACKET;
            p++;
            break;

        case ST_CDATA_BRACKET:

            h->state = (*p++ == ']') ? ST_CDATA_END : ST_CDATA;
            break;

        default: /* ST_CDATA_END */

            c = *p++;

            if (c == '>') {
                h->state = ST_DATA;
                return p;
            }

            if (c != ']') {
                h->state = ST_CDATA;
            }

            break;
        }
    }

    return p;
}


/* RCDATA, RAWTEXT, and the end tags of script data */

static const uint8_t *
consent_html_rawtext(consent_html_t *h, const uint8_t *p, const uint8_t *end,
    consent_html_event_e *event)
{
    while (p < end) {

        switch (h->state) {

        case ST_RAWTEXT:

            p = consent_html_find(p, end, '<');

            if (p == end) {
                return p;
            }

            h->state = ST_RAWTEXT_LT;
            p++;
            break;

        case ST_RAWTEXT_LT:

            if (*p != '/') {
                h->state = ST_RAWTEXT;
                break;
            }

            h->state = ST_RAWTEXT_END_TAG_NAME;
            h->text_state = ST_RAWTEXT;
            h->matched = 0;
            p++;
            break;

        case ST_RAWTEXT_END_TAG_NAME:

            if (h->matched == h->text->len) {

                if (class_of(*p) & CH_NAME_END) {
                    h->end_tag = 1;
                    h->raw = 1;
                    h->self_closing = 0;
                    h->element = NULL;
                    h->state = ST_BEFORE_ATTR_NAME;
                    *event = CONSENT_HTML_RAW_END;

                    return p;
                }

            } else if (consent_lower(*p)
                       == (uint8_t) h->text->name[h->matched])
            {
                h->matched++;
                p++;
                break;
            }

            h->state = h->text_state;
            return p;

        default:
            return p;
        }
    }

    return p;
}


static const uint8_t *
consent_html_script(consent_html_t *h, const uint8_t *p, const uint8_t *end)
{
    uint8_t  c;

    while (p < end) {

        c = *p;

        switch (h->state) {

        case ST_SCRIPT:

            p = consent_html_find(p, end, '<');

            if (p == end) {
                return p;
            }

            h->state = ST_SCRIPT_LT;
            p++;
            break;

        case ST_SCRIPT_LT:

            if (c == '/') {
                h->state = ST_RAWTEXT_END_TAG_NAME;
                h->text_state = ST_SCRIPT;
                h->matched = 0;
                return p + 1;
            }

            if (c == '!') {
                h->state = ST_SCRIPT_ESCAPE_START;
                p++;

            } else {
                h->state = ST_SCRIPT;
            }

            break;

        case ST_SCRIPT_ESCAPE_START:
        case ST_SCRIPT_ESCAPE_START_DASH:

            if (c != '-') {
                h->state = ST_SCRIPT;
                break;
            }

            h->state = (h->state == ST_SCRIPT_ESCAPE_START)
                       ? ST_SCRIPT_ESCAPE_START_DASH
                       : ST_SCRIPT_ESCAPED_DASH_DASH;
            p++;
            break;

        case ST_SCRIPT_ESCAPED:
        case ST_SCRIPT_ESCAPED_DASH:
        case ST_SCRIPT_ESCAPED_DASH_DASH:

            if (c == '-') {
                h->state = (h->state == ST_SCRIPT_ESCAPED)
                           ? ST_SCRIPT_ESCAPED_DASH
                           : ST_SCRIPT_ESCAPED_DASH_DASH;

            } else if (c == '<') {
                h->state = ST_SCRIPT_ESCAPED_LT;

            } else if (c == '>' && h->state == ST_SCRIPT_ESCAPED_DASH_DASH) {
                h->state = ST_SCRIPT;

            } else {
                h->state = ST_SCRIPT_ESCAPED;
            }

            p++;
            break;

        case ST_SCRIPT_ESCAPED_LT:

            if (c == '/') {
                h->state = ST_RAWTEXT_END_TAG_NAME;
                h->text_state = ST_SCRIPT_ESCAPED;
                h->matched = 0;
                return p + 1;
            }

            h->name.len = 0;
            h->state = (class_of(c) & CH_ALPHA)
                       ? ST_SCRIPT_DOUBLE_ESCAPE_START : ST_SCRIPT_ESCAPED;
            break;

        case ST_SCRIPT_DOUBLE_ESCAPED:
        case ST_SCRIPT_DOUBLE_ESCAPED_DASH:
        case ST_SCRIPT_DOUBLE_ESCAPED_DASH_DASH:

            if (c == '-') {
                h->state = (h->state == ST_SCRIPT_DOUBLE_ESCAPED)
                           ? ST_SCRIPT_DOUBLE_ESCAPED_DASH
                           : ST_SCRIPT_DOUBLE_ESCAPED_DASH_DASH;

            } else if (c == '<') {
                h->state = ST_SCRIPT_DOUBLE_ESCAPED_LT;

            } else if (c == '>'
                       && h->state == ST_SCRIPT_DOUBLE_ESCAPED_DASH_DASH)
            {
                h->state = ST_SCRIPT;

            } else {
                h->state = ST_SCRIPT_DOUBLE_ESCAPED;
            }

            p++;
            break;

        case ST_SCRIPT_DOUBLE_ESCAPED_LT:

            if (c != '/') {
                h->state = ST_SCRIPT_DOUBLE_ESCAPED;
                break;
            }

            h->name.len = 0;
            h->state = ST_SCRIPT_DOUBLE_ESCAPE_END;
            p++;
            break;

        default: /* ST_SCRIPT_DOUBLE_ESCAPE_START, _END */

            if (class_of(c) & CH_ALPHA) {
                consent_tag_name_add(&h->name, c);
                p++;
                break;
            }

            if ((class_of(c) & CH_NAME_END) && h->name.len == 6
                && memcmp(h->name.data, "script", 6) == 0)
            {
                h->state = (h->state == ST_SCRIPT_DOUBLE_ESCAPE_START)
                           ? ST_SCRIPT_DOUBLE_ESCAPED : ST_SCRIPT_ESCAPED;
                p++;
                break;
            }

            h->state = (h->state == ST_SCRIPT_DOUBLE_ESCAPE_START)
                       ? ST_SCRIPT_ESCAPED : ST_SCRIPT_DOUBLE_ESCAPED;
            break;
        }
    }

    return p;
}


/* the name of a tag is complete */

static void
consent_html_name_done(consent_html_t *h)
{
    h->element = consent_element_find(&h->name);

    if (!h->end_tag) {
        h->held = h->element && (h->element->flags & CONSENT_EL_JUDGED);
    }
}


/* the ">" of a tag was read */

static consent_html_event_e
consent_html_tag_done(consent_html_t *h)
{
    unsigned  held;

    held = h->held;

    h->held = 0;
    h->state = ST_DATA;

    if (h->end_tag) {

        if (h->raw) {
            h->raw = 0;
            h->text = NULL;

            return CONSENT_HTML_RAW_CLOSED;
        }

        if (h->element) {
            consent_html_end_tag(h);
        }

        return CONSENT_HTML_MORE;
    }

    if (h->element) {
        consent_html_start_tag(h);
    }

    return held ? CONSENT_HTML_TAG : CONSENT_HTML_MORE;
}


/* what the tree builder would tell the tokenizer, by name alone */

static void
consent_html_start_tag(consent_html_t *h)
{
    const consent_element_t  *el;

    el = h->element;

    if (h->xml) {
        return;
    }

    if (consent_html_foreign(h)) {

        if (el->flags & CONSENT_EL_BREAKOUT) {

            do {
                h->depth--;
            } while (consent_html_foreign(h));

        } else {

            if (h->self_closing) {
                return;
            }

            if (el->id == CONSENT_EL_SVG || el->id == CONSENT_EL_MATH) {
                consent_html_push(h);

            } else if (h->stack[h->depth - 1]->id == CONSENT_EL_SVG) {

                if (el->flags & CONSENT_EL_SVG_POINT) {
                    consent_html_push(h);
                }

            } else if (el->flags & CONSENT_EL_MATH_POINT) {
                consent_html_push(h);
            }

            return;
        }
    }

    switch (el->id) {

    case CONSENT_EL_SVG:
    case CONSENT_EL_MATH:

        if (!h->self_closing) {
            consent_html_push(h);
        }

        return;

    case CONSENT_EL_NOSCRIPT:
        h->noscript = 1;
        return;

    case CONSENT_EL_SELECT:
        h->select = !h->select;
        return;

    case CONSENT_EL_FRAMESET:
        h->frameset = 1;
        return;

    default:

        if (el->flags & CONSENT_EL_ENDS_SELECT) {
            h->select = 0;
        }

        consent_html_enter_text(h);
    }
}


static void
consent_html_enter_text(consent_html_t *h)
{
    const consent_element_t  *el;

    el = h->element;

    if ((h->select || h->frameset) && (el->flags & CONSENT_EL_NOT_SELECT)) {

        /* the tree builder may drop the tag, and then markup follows */

        return;
    }

    switch (el->text) {

    case CONSENT_TEXT_RAW:
        h->text = el;
        h->state = ST_RAWTEXT;
        break;

    case CONSENT_TEXT_SCRIPT:
        h->text = el;
        h->state = ST_SCRIPT;
        break;

    case CONSENT_TEXT_PLAIN:
        h->state = ST_PLAINTEXT;
        break;

    default:
        break;
    }
}


static void
consent_html_end_tag(consent_html_t *h)
{
    unsigned                  i;
    const consent_element_t  *el;

    el = h->element;

    if (el->id == CONSENT_EL_NOSCRIPT) {
        h->noscript = 0;

    } else if (el->id == CONSENT_EL_SELECT) {
        h->select = 0;
    }

    if (h->depth == 0) {
        return;
    }

    if (consent_html_foreign(h) && (el->flags & CONSENT_EL_CLOSES)) {

        /* an element around the svg ends, and the svg with it */

        do {
            h->depth--;
        } while (consent_html_foreign(h));

        return;
    }

    for (i = h->depth; i > 0; i--) {
        if (h->stack[i - 1] == el) {
            h->depth = i - 1;
            return;
        }
    }
}


static void
consent_html_push(consent_html_t *h)
{
    if (h->depth < CONSENT_HTML_MAX_DEPTH) {
        h->stack[h->depth++] = h->element;
    }
}


/* memchr() that returns end if there is none */

static const uint8_t *
consent_html_find(const uint8_t *p, const uint8_t *end, uint8_t c)
{
    const uint8_t  *q;

    q = memchr(p, c, (size_t) (end - p));

    return q ? q : end;
}
