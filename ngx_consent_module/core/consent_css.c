/*
 * Copyright (C) ngx_consent_module authors
 *
 * Most bytes of a style sheet can be skipped without knowing which token they
 * belong to, because a name is looked at only where it ends: at the "(" of a
 * function.  Then it is read backwards, which works since no number, hash or
 * other token can end in the middle of a run of name bytes.  Where that
 * cannot be done (the input is cut in a name, or it has an escape) the name is
 * read forwards, ST_NAME.
 */


#include "consent_css_private.h"


#define BLANK    (CH_SPACE|CH_URL)
#define LINE     (CH_SPACE|CH_URL|CH_STRING|CH_NEWLINE)
#define QUOTE    (CH_TEXT|CH_STRING|CH_URL)
#define HEX      (CH_NAME|CH_HEX)

#define EACH_8(c, class)                                                      \
    [c] = class,     [c + 1] = class, [c + 2] = class, [c + 3] = class,       \
    [c + 4] = class, [c + 5] = class, [c + 6] = class, [c + 7] = class

#define EACH_16(c, class)  EACH_8(c, class), EACH_8(c + 8, class)

/* those that are not printable are none in url(); NUL is read as U+FFFD */

const uint8_t  consent_css_class[256] = {
    [0x00] = CH_NAME,
    [0x01] = CH_URL, [0x02] = CH_URL, [0x03] = CH_URL, [0x04] = CH_URL,
    [0x05] = CH_URL, [0x06] = CH_URL, [0x07] = CH_URL, [0x08] = CH_URL,
    ['\t'] = BLANK,  ['\n'] = LINE,   [0x0b] = CH_URL, ['\f'] = LINE,
    ['\r'] = LINE,   [0x0e] = CH_URL, [0x0f] = CH_URL,
    EACH_16(0x10, CH_URL),

    [' '] = BLANK, ['"'] = QUOTE, ['\''] = QUOTE,
    ['('] = CH_TEXT|CH_BRACKET|CH_URL, [')'] = CH_BRACKET|CH_URL,
    ['['] = CH_BRACKET, [']'] = CH_BRACKET,
    ['{'] = CH_BRACKET, ['}'] = CH_BRACKET,
    ['/'] = CH_TEXT, ['<'] = CH_TEXT, ['@'] = CH_TEXT,
    ['\\'] = CH_TEXT|CH_STRING|CH_URL,

    ['-'] = CH_NAME, ['_'] = CH_NAME,
    EACH_8('0', HEX), ['8'] = HEX, ['9'] = HEX,
    ['A'] = HEX, ['B'] = HEX, ['C'] = HEX, ['D'] = HEX, ['E'] = HEX,
    ['F'] = HEX, ['G'] = CH_NAME, EACH_16('H', CH_NAME), ['X'] = CH_NAME,
    ['Y'] = CH_NAME, ['Z'] = CH_NAME,
    ['a'] = HEX, ['b'] = HEX, ['c'] = HEX, ['d'] = HEX, ['e'] = HEX,
    ['f'] = HEX, ['g'] = CH_NAME, EACH_16('h', CH_NAME), ['x'] = CH_NAME,
    ['y'] = CH_NAME, ['z'] = CH_NAME,
    [0x7f] = CH_URL,

    EACH_16(0x80, CH_NAME), EACH_16(0x90, CH_NAME), EACH_16(0xa0, CH_NAME),
    EACH_16(0xb0, CH_NAME), EACH_16(0xc0, CH_NAME), EACH_16(0xd0, CH_NAME),
    EACH_16(0xe0, CH_NAME), EACH_16(0xf0, CH_NAME)
};


static const uint8_t *consent_css_text(consent_css_t *css, const uint8_t *p,
    const uint8_t *end);
static const uint8_t *consent_css_prelude(consent_css_t *css,
    const uint8_t *p, const uint8_t *end);
static const uint8_t *consent_css_mark(consent_css_t *css, const uint8_t *p);
static const uint8_t *consent_css_comment(consent_css_t *css,
    const uint8_t *p, const uint8_t *end);


void
consent_css_init(consent_css_t *css)
{
    memset(css, 0, sizeof(consent_css_t));
}


consent_css_event_e
consent_css_scan(consent_css_t *css, const uint8_t **pos, const uint8_t *end)
{
    const uint8_t        *p;
    consent_css_event_e   event;

    p = *pos;
    event = CONSENT_CSS_MORE;

    while (p < end && event == CONSENT_CSS_MORE) {

        switch (css->state) {

        case ST_TEXT:
            p = consent_css_text(css, p, end);
            break;

        case ST_PRELUDE:
            p = consent_css_prelude(css, p, end);
            break;

        case ST_NAME:
            p = consent_css_name(css, p, end);
            break;

        case ST_SLASH:
        case ST_LT:
        case ST_LT_BANG:
        case ST_LT_BANG_DASH:
            p = consent_css_mark(css, p);
            break;

        case ST_COMMENT:
        case ST_COMMENT_STAR:
            p = consent_css_comment(css, p, end);
            break;

        case ST_STRING_START:
            p = consent_css_string_start(css, p, &event);
            break;

        case ST_STRING:
            p = consent_css_string(css, p, end, &event);
            break;

        case ST_URL_START:
            p = consent_css_url_start(css, p, end, &event);
            break;

        case ST_URL:
            p = consent_css_url(css, p, end, &event);
            break;

        case ST_URL_AFTER:
            p = consent_css_url_after(css, p, end);
            break;

        default: /* ST_BAD_URL */
            p = consent_css_bad_url(css, p, end);
        }
    }

    *pos = p;

    return event;
}


int
consent_css_finish(const consent_css_t *css)
{
    return css->open;
}


static const uint8_t *
consent_css_text(consent_css_t *css, const uint8_t *p, const uint8_t *end)
{
    const uint8_t  *start;

    start = p;
    p = consent_css_skip(p, end, css->depth ? CH_TEXT|CH_BRACKET : CH_TEXT);

    if (p == end) {
        consent_css_name_take(css, start, p);
        return p;
    }

    switch (*p) {

    case '"':
    case '\'':
        consent_css_quote(css, *p, consent_css_urls(css));
        break;

    case '(':
        consent_css_name_take(css, start, p);
        return consent_css_name_end(css, p);

    case '/':
        css->state = ST_SLASH;
        break;

    case '<':
        css->state = ST_LT;
        break;

    case '@':
        consent_css_name_begin(css, TOKEN_AT);
        break;

    case '\\':
        consent_css_name_take(css, start, p);
        css->state = ST_NAME;
        css->escape = ESCAPE_START;
        break;

    default:
        consent_css_bracket(css, *p);
    }

    return p + 1;
}


/*
 * Between "@import" and its URL, or "@namespace" and the one that is a mere
 * name there.  A prefix may come before the latter.
 */

static const uint8_t *
consent_css_prelude(consent_css_t *css, const uint8_t *p, const uint8_t *end)
{
    while (p < end && (class_of(*p) & CH_SPACE)) {
        p++;
    }

    if (p == end) {
        return p;
    }

    if (*p == '/') {
        css->state = ST_SLASH;
        return p + 1;
    }

    if (*p == '"' || *p == '\'') {
        consent_css_quote(css, *p, css->at == AT_IMPORT
                                   || consent_css_urls(css));
        return p + 1;
    }

    if (css->at == AT_NAMESPACE && ((class_of(*p) & CH_NAME) || *p == '\\')) {
        consent_css_name_begin(css, TOKEN_WORD);
        return p;
    }

    css->at = AT_NONE;
    css->state = ST_TEXT;

    return p;
}


/* comments, and "<!--": without it, "--" would begin a name */

static const uint8_t *
consent_css_mark(consent_css_t *css, const uint8_t *p)
{
    if (css->state == ST_SLASH && *p == '*') {
        css->state = ST_COMMENT;

    } else if (css->state == ST_LT && *p == '!') {
        css->state = ST_LT_BANG;

    } else if (css->state == ST_LT_BANG && *p == '-') {
        css->state = ST_LT_BANG_DASH;

    } else if (css->state == ST_LT_BANG_DASH && *p == '-') {
        css->state = ST_TEXT;

    } else if (css->state == ST_LT_BANG_DASH) {
        consent_css_name_begin(css, TOKEN_WORD);
        consent_css_name_add(css, '-');
        return p;

    } else {
        css->at = AT_NONE;
        css->state = ST_TEXT;
        return p;
    }

    return p + 1;
}


static const uint8_t *
consent_css_comment(consent_css_t *css, const uint8_t *p, const uint8_t *end)
{
    if (css->state == ST_COMMENT) {
        p = memchr(p, '*', (size_t) (end - p));

        if (p == NULL) {
            return end;
        }

        css->state = ST_COMMENT_STAR;
        return p + 1;
    }

    if (*p == '/') {
        css->state = css->at ? ST_PRELUDE : ST_TEXT;

    } else if (*p != '*') {
        css->state = ST_COMMENT;
    }

    return p + 1;
}
