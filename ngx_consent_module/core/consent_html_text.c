/*
 * Copyright (C) ngx_consent_module authors
 *
 * The states in which nothing is a tag: comments, CDATA sections, raw text
 * and script data.
 */


#include "consent_html_private.h"


static const uint8_t *consent_html_find_end(consent_html_view_t *v,
    const uint8_t *p, const uint8_t *end, uint8_t special);
static const uint8_t *consent_html_match(consent_html_view_t *v,
    const uint8_t *p, const uint8_t *end);
static const uint8_t *consent_html_find_in_comment(const uint8_t *p,
    const uint8_t *end);


const uint8_t *
consent_html_comment(consent_html_view_t *v, const uint8_t *p,
    const uint8_t *end)
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


const uint8_t *
consent_html_cdata(consent_html_view_t *v, const uint8_t *p,
    const uint8_t *end)
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

const uint8_t *
consent_html_rawtext(consent_html_view_t *v, const uint8_t *p,
    const uint8_t *end, consent_html_event_e *event)
{
    const uint8_t  *q;

    while (p < end) {

        switch (v->state) {

        case ST_RAWTEXT:
            p = consent_html_find_end(v, p, end, 0);
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

            } else {
                q = consent_html_match(v, p, end);

                if (q != p) {
                    p = q;
                    break;
                }
            }

            v->state = v->text_state;
            return p;

        default:
            return p;
        }
    }

    return p;
}


/*
 * From raw text or script data to its end tag, if that is there up to what
 * follows its name; to the end of the input; or behind a "<" that begins
 * something else or is near that end.  Most of them are operators and tags in
 * strings, of which nothing but "<" and special comes.
 */

static const uint8_t *
consent_html_find_end(consent_html_view_t *v, const uint8_t *p,
    const uint8_t *end, uint8_t special)
{
    size_t  len;

    len = v->text->len;

    for ( ;; ) {
        p = consent_html_find(p, end, '<');

        if (p == end) {
            return p;
        }

        p++;

        if ((size_t) (end - p) < len + 2 || (special && *p == special)) {
            v->state = special ? ST_SCRIPT_LT : ST_RAWTEXT_LT;
            return p;
        }

        if (*p != '/') {
            continue;
        }

        v->matched = 0;

        if (consent_html_match(v, p + 1, end) == p + 1 + len
            && (class_of(p[1 + len]) & CH_NAME_END))
        {
            v->text_state = v->state;
            v->state = ST_RAWTEXT_END_TAG_NAME;

            return p + 1 + len;
        }
    }
}


/* behind those letters that the name of the end tag has */

static const uint8_t *
consent_html_match(consent_html_view_t *v, const uint8_t *p,
    const uint8_t *end)
{
    uint8_t      matched, len;
    const char  *name;

    name = v->text->name;
    len = v->text->len;

    for (matched = v->matched; matched < len && p < end; matched++, p++) {
        if (consent_lower(*p) != (uint8_t) name[matched]) {
            break;
        }
    }

    v->matched = matched;

    return p;
}


const uint8_t *
consent_html_script(consent_html_view_t *v, const uint8_t *p,
    const uint8_t *end)
{
    uint8_t  c;

    while (p < end) {

        c = *p;

        switch (v->state) {

        case ST_SCRIPT:

            p = consent_html_find_end(v, p, end, '!');

            if (v->state == ST_RAWTEXT_END_TAG_NAME) {
                return p;
            }

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

            p = consent_html_find_in_comment(p, end);

            if (p == end) {
                return p;
            }

            v->state = (*p == '-') ? ST_SCRIPT_ESCAPED_DASH
                                   : ST_SCRIPT_ESCAPED_LT;
            p++;
            break;

        case ST_SCRIPT_ESCAPED_DASH:
        case ST_SCRIPT_ESCAPED_DASH_DASH:

            if (c == '-') {
                v->state = ST_SCRIPT_ESCAPED_DASH_DASH;

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

            p = consent_html_find_in_comment(p, end);

            if (p == end) {
                return p;
            }

            v->state = (*p == '-') ? ST_SCRIPT_DOUBLE_ESCAPED_DASH
                                   : ST_SCRIPT_DOUBLE_ESCAPED_LT;
            p++;
            break;

        case ST_SCRIPT_DOUBLE_ESCAPED_DASH:
        case ST_SCRIPT_DOUBLE_ESCAPED_DASH_DASH:

            if (c == '-') {
                v->state = ST_SCRIPT_DOUBLE_ESCAPED_DASH_DASH;

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


/* what may end a comment in a script, or the script; end if there is none */

static const uint8_t *
consent_html_find_in_comment(const uint8_t *p, const uint8_t *end)
{
    uint64_t  eight, dash, lt;

    /* a byte is zero if it borrows */

    for ( /* void */ ; end - p >= 8; p += 8) {
        memcpy(&eight, p, 8);

        dash = eight ^ 0x2d2d2d2d2d2d2d2dU;
        lt = eight ^ 0x3c3c3c3c3c3c3c3cU;

        dash = (dash - 0x0101010101010101U) & ~dash;
        lt = (lt - 0x0101010101010101U) & ~lt;

        if ((dash | lt) & 0x8080808080808080U) {
            break;
        }
    }

    while (p < end && *p != '-' && *p != '<') {
        p++;
    }

    return p;
}
