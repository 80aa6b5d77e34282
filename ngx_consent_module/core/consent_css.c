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


#include "consent_css.h"


enum {
    ST_TEXT = 0,                /* at the beginning of a token */
    ST_PRELUDE,                 /* ... behind "@import" or "@namespace" */
    ST_NAME,
    ST_SLASH,
    ST_LT,
    ST_LT_BANG,
    ST_LT_BANG_DASH,
    ST_COMMENT,
    ST_COMMENT_STAR,
    ST_STRING_START,
    ST_STRING,
    ST_URL_START,
    ST_URL,
    ST_URL_AFTER,
    ST_BAD_URL
};


/* whose name is being read */

enum {
    TOKEN_WORD = 0,             /* an ident or a function */
    TOKEN_HASH,
    TOKEN_AT
};


enum {
    AT_NONE = 0,
    AT_IMPORT,
    AT_NAMESPACE
};


enum {
    ESCAPE_NONE = 0,
    ESCAPE_START,               /* behind "\" */
    ESCAPE_HEX,
    ESCAPE_CR                   /* a CR ended it: a LF belongs to that */
};

#define ESCAPE_MAX_DIGITS  6


/* what the strings in a function are */

enum {
    FUNCTION_OTHER = 0,         /* what they are around it */
    FUNCTION_URL,
    FUNCTION_URLS,
    FUNCTION_TEXT
};

static const struct {
    consent_str_t   name;
    uint8_t         kind;
} consent_css_functions[] = {
    { consent_str("url"), FUNCTION_URL },
    { consent_str("src"), FUNCTION_URLS },
    { consent_str("image"), FUNCTION_URLS },
    { consent_str("image-set"), FUNCTION_URLS },
    { consent_str("-webkit-image-set"), FUNCTION_URLS },
    { consent_str("type"), FUNCTION_TEXT },
    { consent_str("integrity"), FUNCTION_TEXT },
    { { 0, NULL }, FUNCTION_OTHER }
};

static const consent_str_t  consent_css_import = consent_str("import");
static const consent_str_t  consent_css_namespace = consent_str("namespace");


/* an element of the stack: the closing bracket, and this */

#define STACK_URLS  0x80


/* what ends a run of bytes */

#define CH_TEXT     0x01        /* may begin a token that matters */
#define CH_BRACKET  0x02
#define CH_STRING   0x04        /* in a string */
#define CH_URL      0x08        /* in url(), not quoted */
#define CH_SPACE    0x10
#define CH_NEWLINE  0x20
#define CH_NAME     0x40        /* part of a name */
#define CH_HEX      0x80

#define BLANK    (CH_SPACE|CH_URL)
#define LINE     (CH_SPACE|CH_URL|CH_STRING|CH_NEWLINE)
#define QUOTE    (CH_TEXT|CH_STRING|CH_URL)
#define HEX      (CH_NAME|CH_HEX)

#define EACH_8(c, class)                                                      \
    [c] = class,     [c + 1] = class, [c + 2] = class, [c + 3] = class,       \
    [c + 4] = class, [c + 5] = class, [c + 6] = class, [c + 7] = class

#define EACH_16(c, class)  EACH_8(c, class), EACH_8(c + 8, class)

/* those that are not printable are none in url(); NUL is read as U+FFFD */

static const uint8_t  consent_css_class[256] = {
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

#define class_of(c)  consent_css_class[c]


static const uint8_t *consent_css_text(consent_css_t *css, const uint8_t *p,
    const uint8_t *end);
static const uint8_t *consent_css_prelude(consent_css_t *css,
    const uint8_t *p, const uint8_t *end);
static const uint8_t *consent_css_name(consent_css_t *css, const uint8_t *p,
    const uint8_t *end);
static const uint8_t *consent_css_name_end(consent_css_t *css,
    const uint8_t *p);
static const uint8_t *consent_css_mark(consent_css_t *css, const uint8_t *p);
static const uint8_t *consent_css_comment(consent_css_t *css,
    const uint8_t *p, const uint8_t *end);
static const uint8_t *consent_css_string_start(consent_css_t *css,
    const uint8_t *p, consent_css_event_e *event);
static const uint8_t *consent_css_string(consent_css_t *css,
    const uint8_t *p, const uint8_t *end, consent_css_event_e *event);
static const uint8_t *consent_css_url_start(consent_css_t *css,
    const uint8_t *p, const uint8_t *end, consent_css_event_e *event);
static const uint8_t *consent_css_url(consent_css_t *css, const uint8_t *p,
    const uint8_t *end, consent_css_event_e *event);
static const uint8_t *consent_css_url_after(consent_css_t *css,
    const uint8_t *p, const uint8_t *end);
static const uint8_t *consent_css_bad_url(consent_css_t *css,
    const uint8_t *p, const uint8_t *end);

static void consent_css_begin(consent_css_t *css, consent_css_event_e *event);
static void consent_css_end(consent_css_t *css, consent_css_event_e *event);
static void consent_css_quote(consent_css_t *css, uint8_t quote, int url);
static void consent_css_name_begin(consent_css_t *css, uint8_t token);
static void consent_css_name_add(consent_css_t *css, uint32_t c);
static void consent_css_name_take(consent_css_t *css, const uint8_t *start,
    const uint8_t *p);
static consent_str_t consent_css_name_before(const uint8_t *start,
    const uint8_t *p);
static void consent_css_function(consent_css_t *css, consent_str_t name);
static uint8_t consent_css_kind(consent_str_t name);
static int consent_css_urls(const consent_css_t *css);
static void consent_css_push(consent_css_t *css, uint8_t closing, int urls);
static void consent_css_bracket(consent_css_t *css, uint8_t c);
static int consent_css_escape(consent_css_t *css, uint8_t c);
static uint32_t consent_css_digit(uint8_t c);
static const uint8_t *consent_css_skip(const uint8_t *p, const uint8_t *end,
    unsigned class);


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


static const uint8_t *
consent_css_name(consent_css_t *css, const uint8_t *p, const uint8_t *end)
{
    uint8_t  c, before;

    while (p < end) {
        c = *p;

        if (css->escape) {

            if (css->escape == ESCAPE_START && (class_of(c) & CH_NEWLINE)) {

                /* it is none, but a "\" between two tokens */

                css->escape = ESCAPE_NONE;
                css->at = AT_NONE;
                css->state = ST_TEXT;
                return p;
            }

            before = css->escape;
            p += consent_css_escape(css, c);

            if (before != ESCAPE_CR && css->escape != ESCAPE_HEX) {
                consent_css_name_add(css, css->code);
            }

        } else if (class_of(c) & CH_NAME) {
            consent_css_name_add(css, c);
            p++;

        } else if (c == '\\') {
            css->escape = ESCAPE_START;
            p++;

        } else {
            return consent_css_name_end(css, p);
        }
    }

    return p;
}


/* p is at what ended the name */

static const uint8_t *
consent_css_name_end(consent_css_t *css, const uint8_t *p)
{
    consent_str_t  name;

    name = consent_str_make(css->name, css->name_len);

    css->state = ST_TEXT;

    if (css->token == TOKEN_AT) {

        if (consent_str_eq(name, consent_css_import)) {
            css->at = AT_IMPORT;
            css->state = ST_PRELUDE;

        } else if (consent_str_eq(name, consent_css_namespace)) {
            css->at = AT_NAMESPACE;
            css->state = ST_PRELUDE;
        }

    } else if (css->token == TOKEN_WORD && *p == '(') {
        consent_css_function(css, name);
        return p + 1;

    } else if (css->at == AT_NAMESPACE) {
        css->state = ST_PRELUDE;
    }

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


static const uint8_t *
consent_css_string_start(consent_css_t *css, const uint8_t *p,
    consent_css_event_e *event)
{
    css->state = ST_STRING;

    if (*p != css->quote && !(class_of(*p) & CH_NEWLINE)) {
        consent_css_begin(css, event);
    }

    return p;
}


static const uint8_t *
consent_css_string(consent_css_t *css, const uint8_t *p, const uint8_t *end,
    consent_css_event_e *event)
{
    if (css->escape) {
        return p + consent_css_escape(css, *p);
    }

    p = consent_css_skip(p, end, CH_STRING);

    if (p == end) {
        return p;
    }

    if (*p == '\\') {
        css->escape = ESCAPE_START;
        return p + 1;
    }

    if (*p != css->quote && !(class_of(*p) & CH_NEWLINE)) {
        return p + 1;
    }

    if (css->open) {

        /* the next call comes here again */

        consent_css_end(css, event);
        return p;
    }

    css->state = ST_TEXT;

    return p + 1;
}


static const uint8_t *
consent_css_url_start(consent_css_t *css, const uint8_t *p,
    const uint8_t *end, consent_css_event_e *event)
{
    while (p < end && (class_of(*p) & CH_SPACE)) {
        p++;
    }

    if (p == end) {
        return p;
    }

    if (*p == '"' || *p == '\'') {
        consent_css_push(css, ')', 0);
        consent_css_quote(css, *p, css->url);
        return p + 1;
    }

    if (*p == ')') {
        css->state = ST_TEXT;
        return p + 1;
    }

    css->state = ST_URL;

    if (*p == '\\' || !(class_of(*p) & CH_URL)) {
        consent_css_begin(css, event);
    }

    return p;
}


static const uint8_t *
consent_css_url(consent_css_t *css, const uint8_t *p, const uint8_t *end,
    consent_css_event_e *event)
{
    if (css->escape == ESCAPE_START && (class_of(*p) & CH_NEWLINE)) {
        css->escape = ESCAPE_NONE;

    } else if (css->escape) {
        return p + consent_css_escape(css, *p);
    }

    p = consent_css_skip(p, end, CH_URL);

    if (p == end) {
        return p;
    }

    if (*p == '\\') {
        css->escape = ESCAPE_START;
        return p + 1;
    }

    css->state = ST_URL_AFTER;
    consent_css_end(css, event);

    return p;
}


static const uint8_t *
consent_css_url_after(consent_css_t *css, const uint8_t *p,
    const uint8_t *end)
{
    while (p < end && (class_of(*p) & CH_SPACE)) {
        p++;
    }

    if (p == end) {
        return p;
    }

    if (*p == ')') {
        css->state = ST_TEXT;
        return p + 1;
    }

    css->state = ST_BAD_URL;

    return p;
}


/* "consume the remnants of a bad url": only an escaped ")" does not end it */

static const uint8_t *
consent_css_bad_url(consent_css_t *css, const uint8_t *p, const uint8_t *end)
{
    if (css->escape) {
        css->escape = ESCAPE_NONE;
        return p + 1;
    }

    while (p < end && *p != ')' && *p != '\\') {
        p++;
    }

    if (p == end) {
        return p;
    }

    if (*p == ')') {
        css->state = ST_TEXT;

    } else {
        css->escape = ESCAPE_START;
    }

    return p + 1;
}


static void
consent_css_begin(consent_css_t *css, consent_css_event_e *event)
{
    if (css->url) {
        css->open = 1;
        *event = CONSENT_CSS_URL_BEGIN;
    }
}


static void
consent_css_end(consent_css_t *css, consent_css_event_e *event)
{
    if (css->open) {
        css->open = 0;
        *event = CONSENT_CSS_URL_END;
    }
}


static void
consent_css_quote(consent_css_t *css, uint8_t quote, int url)
{
    css->at = AT_NONE;
    css->quote = quote;
    css->url = url ? 1 : 0;
    css->state = url ? ST_STRING_START : ST_STRING;
}


static void
consent_css_name_begin(consent_css_t *css, uint8_t token)
{
    css->token = token;
    css->name_len = 0;
    css->state = ST_NAME;
}


/* too long a name stays as long as the buffer: none we look for is */

static void
consent_css_name_add(consent_css_t *css, uint32_t c)
{
    if (css->name_len < CONSENT_CSS_MAX_NAME) {
        css->name[css->name_len++] = (c < 0x80) ? consent_lower((uint8_t) c)
                                                : 0x80;
    }
}


/* what has been skipped from start to p may end in the middle of a name */

static void
consent_css_name_take(consent_css_t *css, const uint8_t *start,
    const uint8_t *p)
{
    size_t         i;
    consent_str_t  name;

    name = consent_css_name_before(start, p);

    consent_css_name_begin(css, TOKEN_WORD);

    if (name.data > start && name.data[-1] == '#') {
        css->token = TOKEN_HASH;
    }

    for (i = 0; i < name.len; i++) {
        consent_css_name_add(css, name.data[i]);
    }
}


/* the last bytes of a longer name */

static consent_str_t
consent_css_name_before(const uint8_t *start, const uint8_t *p)
{
    const uint8_t  *name;

    if (p - start > CONSENT_CSS_MAX_NAME) {
        start = p - CONSENT_CSS_MAX_NAME;
    }

    name = p;

    while (name > start && (class_of(name[-1]) & CH_NAME)) {
        name--;
    }

    return consent_str_make(name, (size_t) (p - name));
}


/* behind the "(" */

static void
consent_css_function(consent_css_t *css, consent_str_t name)
{
    uint8_t  kind;

    kind = consent_css_kind(name);

    if (kind == FUNCTION_URL) {
        css->url = (css->at != AT_NAMESPACE);
        css->state = ST_URL_START;

    } else {
        consent_css_push(css, ')', kind == FUNCTION_URLS
                                   || (kind == FUNCTION_OTHER
                                       && consent_css_urls(css)));
    }

    css->at = AT_NONE;
}


static uint8_t
consent_css_kind(consent_str_t name)
{
    size_t  i;

    for (i = 0; consent_css_functions[i].name.len; i++) {

        if (consent_str_caseeq(name, consent_css_functions[i].name)) {
            break;
        }
    }

    return consent_css_functions[i].kind;
}


/* is a string a URL here? */

static int
consent_css_urls(const consent_css_t *css)
{
    return css->lost
           || (css->depth && (css->stack[css->depth - 1] & STACK_URLS));
}


/* brackets around the outermost function that matters do not */

static void
consent_css_push(consent_css_t *css, uint8_t closing, int urls)
{
    if (css->lost || (css->depth == 0 && !urls)) {
        return;
    }

    if (css->depth == CONSENT_CSS_MAX_DEPTH) {
        css->lost = 1;
        css->depth = 0;
        return;
    }

    css->stack[css->depth++] = urls ? (closing | STACK_URLS) : closing;
}


/* a closing bracket that does not match the innermost one closes nothing */

static void
consent_css_bracket(consent_css_t *css, uint8_t c)
{
    if (c == '[') {
        consent_css_push(css, ']', consent_css_urls(css));

    } else if (c == '{') {
        consent_css_push(css, '}', consent_css_urls(css));

    } else if ((css->stack[css->depth - 1] & ~STACK_URLS) == c) {
        css->depth--;
    }
}


/*
 * The next byte of an escape.  Returns 0 if it does not belong to it.  When
 * css->escape is neither ESCAPE_START nor ESCAPE_HEX any more, css->code is
 * the character, or the first byte of it.
 */

static int
consent_css_escape(consent_css_t *css, uint8_t c)
{
    if (css->escape == ESCAPE_CR) {
        css->escape = ESCAPE_NONE;
        return c == '\n';
    }

    if (css->escape == ESCAPE_START) {
        css->code = 0;
        css->digits = 0;
    }

    if ((class_of(c) & CH_HEX) && css->digits < ESCAPE_MAX_DIGITS) {
        css->code = css->code << 4 | consent_css_digit(c);
        css->digits++;
        css->escape = ESCAPE_HEX;
        return 1;
    }

    if (css->digits == 0) {
        css->code = c;
    }

    css->escape = (c == '\r') ? ESCAPE_CR : ESCAPE_NONE;

    return css->digits == 0 || (class_of(c) & CH_SPACE);
}


static uint32_t
consent_css_digit(uint8_t c)
{
    return (uint32_t) (consent_is_digit(c) ? c - '0'
                                           : consent_lower(c) - 'a' + 10);
}


/* nearly all time is spent here: four steps at once are half as fast again */

static const uint8_t *
consent_css_skip(const uint8_t *p, const uint8_t *end, unsigned class)
{
    while (end - p >= 4) {

        if (class_of(p[0]) & class) {
            return p;
        }

        if (class_of(p[1]) & class) {
            return p + 1;
        }

        if (class_of(p[2]) & class) {
            return p + 2;
        }

        if (class_of(p[3]) & class) {
            return p + 3;
        }

        p += 4;
    }

    while (p < end && !(class_of(*p) & class)) {
        p++;
    }

    return p;
}
