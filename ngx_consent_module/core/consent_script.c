/*
 * Copyright (C) ngx_consent_module authors
 *
 * A script keeps data if it has nothing but assignments of literals to names,
 * and literals pushed to lists: no call but push() and JSON.parse(), no
 * function, no template.
 *
 * What a slash begins depends on the token before it.  Where that takes more
 * than one token to know, behind ")" and "}", it is taken for a division, and
 * comments count as code from there on.
 */


#include "consent_script.h"


enum {
    SCRIPT_CODE = 0,
    SCRIPT_WORD,
    SCRIPT_SLASH,           /* begins a comment or something else */
    SCRIPT_LESS,            /* begins "<!--" or something else */
    SCRIPT_STRING,
    SCRIPT_TEMPLATE,
    SCRIPT_DOLLAR,          /* in a template */
    SCRIPT_LINE,            /* comments */
    SCRIPT_HTML,            /* what counts all the same */
    SCRIPT_BLOCK,
    SCRIPT_STAR,
    SCRIPT_REGEX,
    SCRIPT_REGEX_CLASS
};


/* the token before */

enum {
    SCRIPT_NOTHING = 0,     /* an operator, or the start of a statement */
    SCRIPT_VALUE,
    SCRIPT_DOT,
    SCRIPT_MEMBER,          /* a name behind a dot that takes data in */
    SCRIPT_CLOSED           /* ")" or "}" */
};


/* what a byte may be part of, or end */

enum {
    SCRIPT_CH_OTHER = 0,
    SCRIPT_CH_WORD,         /* part of it */
    SCRIPT_CH_STRING        /* matters in it */
};

#define W           SCRIPT_CH_WORD

#define EACH_4(c)   [c] = W, [c + 1] = W, [c + 2] = W, [c + 3] = W
#define EACH_16(c)  EACH_4(c), EACH_4(c + 4), EACH_4(c + 8), EACH_4(c + 12)

static const uint8_t  consent_script_class[256] = {
    EACH_4('a'), EACH_4('e'), EACH_4('i'), EACH_4('m'), EACH_4('q'),
    EACH_4('u'), ['y'] = W, ['z'] = W,
    EACH_4('A'), EACH_4('E'), EACH_4('I'), EACH_4('M'), EACH_4('Q'),
    EACH_4('U'), ['Y'] = W, ['Z'] = W,
    EACH_4('0'), EACH_4('4'), ['8'] = W, ['9'] = W, ['_'] = W, ['$'] = W,
    EACH_16(0x80), EACH_16(0x90), EACH_16(0xa0), EACH_16(0xb0),
    EACH_16(0xc0), EACH_16(0xd0), EACH_16(0xe0), EACH_16(0xf0),

    ['\\'] = SCRIPT_CH_STRING, ['\n'] = SCRIPT_CH_STRING,
    ['\r'] = SCRIPT_CH_STRING
};


static const uint8_t *consent_script_step(consent_script_t *s,
    const uint8_t *p, const uint8_t *end);
static const uint8_t *consent_script_skip(consent_script_t *s,
    const uint8_t *p, const uint8_t *end);
static const uint8_t *consent_script_word(consent_script_t *s,
    const uint8_t *p, const uint8_t *end);
static void consent_script_string(consent_script_t *s, uint8_t c);
static void consent_script_template(consent_script_t *s, uint8_t c);
static void consent_script_regex(consent_script_t *s, uint8_t c);
static int consent_script_slash(consent_script_t *s, uint8_t c);
static int consent_script_less(consent_script_t *s, uint8_t c);
static void consent_script_code(consent_script_t *s, uint8_t c);
static void consent_script_punctuator(consent_script_t *s, uint8_t c);
static int consent_script_keeps_data(const consent_script_t *s, uint8_t c);
static void consent_script_word_end(consent_script_t *s);
static int consent_script_word_is(const consent_script_t *s,
    const consent_str_t *words);
static void consent_script_open(consent_script_t *s, uint8_t c);
static void consent_script_close(consent_script_t *s, uint8_t c);
static inline int consent_script_in_word(uint8_t c);
static int consent_script_compares(consent_str_t text,
    const uint8_t *parenthesis);


void
consent_script_init(consent_script_t *s)
{
    memset(s, 0, sizeof(consent_script_t));
}


void
consent_script_give_up(consent_script_t *s)
{
    s->code = 1;
    s->unsure = 1;
}


int
consent_script_in_comment(const consent_script_t *s)
{
    return !s->unsure
           && (s->state == SCRIPT_LINE || s->state == SCRIPT_BLOCK
               || s->state == SCRIPT_STAR);
}


int
consent_script_in_literal(const consent_script_t *s)
{
    return !s->code && s->literals != 0;
}


const uint8_t *
consent_script_feed_data(consent_script_t *s, const uint8_t *p,
    const uint8_t *end)
{
    while (p < end && !s->code) {
        p = consent_script_step(s, p, end);
    }

    return p;
}


void
consent_script_feed(consent_script_t *s, const uint8_t *p,
    const uint8_t *end)
{
    while (p < end && !s->unsure) {
        p = consent_script_step(s, p, end);
    }
}


/* reads a byte, and before it those that do not matter */

static const uint8_t *
consent_script_step(consent_script_t *s, const uint8_t *p,
    const uint8_t *end)
{
    p = consent_script_skip(s, p, end);

    if (p == end) {
        return p;
    }

    switch (s->state) {

    case SCRIPT_STRING:
        consent_script_string(s, *p);
        break;

    case SCRIPT_TEMPLATE:
    case SCRIPT_DOLLAR:
        consent_script_template(s, *p);
        break;

    case SCRIPT_LINE:
    case SCRIPT_HTML:

        if (*p == '\n' || *p == '\r') {
            s->state = SCRIPT_CODE;
        }

        break;

    case SCRIPT_BLOCK:
    case SCRIPT_STAR:
        s->state = (*p == '/' && s->state == SCRIPT_STAR) ? SCRIPT_CODE
                   : (*p == '*') ? SCRIPT_STAR : SCRIPT_BLOCK;
        break;

    case SCRIPT_REGEX:
    case SCRIPT_REGEX_CLASS:
        consent_script_regex(s, *p);
        break;

    case SCRIPT_SLASH:

        if (!consent_script_slash(s, *p)) {
            consent_script_code(s, *p);
        }

        break;

    case SCRIPT_LESS:

        if (!consent_script_less(s, *p)) {
            consent_script_code(s, *p);
        }

        break;

    default: /* SCRIPT_CODE, SCRIPT_WORD */
        consent_script_code(s, *p);
        break;
    }

    return p + 1;
}


/* the first byte that matters to a string or a comment */

static const uint8_t *
consent_script_skip(consent_script_t *s, const uint8_t *p,
    const uint8_t *end)
{
    switch (s->state) {

    case SCRIPT_CODE:
    case SCRIPT_WORD:
        return consent_script_word(s, p, end);

    case SCRIPT_STRING:

        if (s->escape) {
            return p;
        }

        while (p < end && *p != s->quote
               && consent_script_class[*p] != SCRIPT_CH_STRING)
        {
            p++;
        }

        return p;

    case SCRIPT_BLOCK:
        p = memchr(p, '*', (size_t) (end - p));

        return p ? p : end;

    default:
        return p;
    }
}


/* behind those bytes of a word that are there */

static const uint8_t *
consent_script_word(consent_script_t *s, const uint8_t *p, const uint8_t *end)
{
    size_t          len;
    const uint8_t  *start;

    start = p;

    while (p < end && consent_script_in_word(*p)) {
        p++;
    }

    if (p == start) {
        return p;
    }

    if (s->state != SCRIPT_WORD) {
        s->state = SCRIPT_WORD;
        s->word_len = 0;
    }

    len = s->word_len + (size_t) (p - start);

    if (len > CONSENT_SCRIPT_WORD) {
        s->word_len = CONSENT_SCRIPT_WORD + 1;

    } else {
        memcpy(s->word + s->word_len, start, (size_t) (p - start));
        s->word_len = (uint8_t) len;
    }

    s->last = p[-1];

    return p;
}


static void
consent_script_string(consent_script_t *s, uint8_t c)
{
    if (s->escape) {
        s->escape = 0;

    } else if (c == '\\') {
        s->escape = 1;

    } else if (c == s->quote) {
        s->state = SCRIPT_CODE;
        s->before = SCRIPT_VALUE;

    } else if (c == '\n' || c == '\r') {

        /* no string goes on there, so this was not read as it is */

        consent_script_give_up(s);
    }
}


static void
consent_script_template(consent_script_t *s, uint8_t c)
{
    if (s->escape) {
        s->escape = 0;

    } else if (c == '\\') {
        s->escape = 1;

    } else if (c == '`') {
        s->state = SCRIPT_CODE;
        s->before = SCRIPT_VALUE;

    } else if (c == '{' && s->state == SCRIPT_DOLLAR) {

        if (s->templates == CONSENT_SCRIPT_TEMPLATES) {
            consent_script_give_up(s);
            return;
        }

        s->template[s->templates++] = s->depth;
        s->state = SCRIPT_CODE;

        consent_script_open(s, c);

    } else {
        s->state = (c == '$') ? SCRIPT_DOLLAR : SCRIPT_TEMPLATE;
    }
}


static void
consent_script_regex(consent_script_t *s, uint8_t c)
{
    if (s->escape) {
        s->escape = 0;

    } else if (c == '\\') {
        s->escape = 1;

    } else if (c == '[') {
        s->state = SCRIPT_REGEX_CLASS;

    } else if (c == ']') {
        s->state = SCRIPT_REGEX;

    } else if (c == '/' && s->state == SCRIPT_REGEX) {
        s->state = SCRIPT_CODE;
        s->before = SCRIPT_VALUE;

    } else if (c == '\n' || c == '\r') {
        consent_script_give_up(s);
    }
}


/* what a slash began; 0: c is yet to be read */

static int
consent_script_slash(consent_script_t *s, uint8_t c)
{
    if (c == '/') {

        /* "https://..." outside of strings is no comment that anybody means */

        s->state = (s->last == ':') ? SCRIPT_HTML : SCRIPT_LINE;
        return 1;
    }

    if (c == '*') {
        s->state = SCRIPT_BLOCK;
        return 1;
    }

    s->code = 1;

    switch (s->before) {

    case SCRIPT_NOTHING:
        s->state = SCRIPT_REGEX;
        consent_script_regex(s, c);
        return 1;

    case SCRIPT_CLOSED:
        s->unsure = 1;
        break;

    default:
        break;
    }

    s->state = SCRIPT_CODE;
    s->before = SCRIPT_NOTHING;

    return 0;
}


/* the same for "<" */

static int
consent_script_less(consent_script_t *s, uint8_t c)
{
    static const char  comment[] = "<!--";

    if (c == (uint8_t) comment[s->html]) {

        if (++s->html == sizeof(comment) - 1) {
            s->state = SCRIPT_HTML;
        }

        return 1;
    }

    s->code = 1;
    s->state = SCRIPT_CODE;
    s->before = SCRIPT_NOTHING;

    return 0;
}


static void
consent_script_code(consent_script_t *s, uint8_t c)
{
    if (consent_script_in_word(c)) {
        (void) consent_script_word(s, &c, &c + 1);
        return;
    }

    if (s->state == SCRIPT_WORD) {
        consent_script_word_end(s);
        s->state = SCRIPT_CODE;
    }

    if (c != '/') {
        s->last = c;
    }

    if (consent_is_space(c)) {
        return;
    }

    switch (c) {

    case '"':
    case '\'':
        s->state = SCRIPT_STRING;
        s->quote = c;
        return;

    case '`':
        s->state = SCRIPT_TEMPLATE;
        s->code = 1;
        return;

    case '/':
        s->state = SCRIPT_SLASH;
        return;

    case '<':
        s->state = SCRIPT_LESS;
        s->html = 1;
        return;

    default:
        consent_script_punctuator(s, c);
        return;
    }
}


static void
consent_script_punctuator(consent_script_t *s, uint8_t c)
{
    if (!s->code && !consent_script_keeps_data(s, c)) {
        s->code = 1;
    }

    switch (c) {

    case '(':
    case '[':
    case '{':
        consent_script_open(s, c);
        break;

    case ')':
    case ']':
    case '}':
        consent_script_close(s, c);
        break;

    case '.':
        s->before = SCRIPT_DOT;
        return;

    default:
        s->before = SCRIPT_NOTHING;
        break;
    }

    s->json = 0;
    s->sink = 0;
}


static int
consent_script_keeps_data(const consent_script_t *s, uint8_t c)
{
    switch (c) {

    case '(':

        /* a call, unless it takes data in or nothing stands before */

        return s->before == SCRIPT_MEMBER || s->before == SCRIPT_NOTHING;

    case '=':
        return s->literals == 0 && !s->sink;

    case ';':
    case '|':
    case '&':
        return s->literals == 0;

    default:
        return c != '\0' && strchr("[]{}).,:+-!?", c) != NULL;
    }
}


static void
consent_script_word_end(consent_script_t *s)
{
    unsigned  dot;

    static const consent_str_t  operators[] = {
        consent_str("return"), consent_str("typeof"), consent_str("case"),
        consent_str("in"), consent_str("of"), consent_str("delete"),
        consent_str("void"), consent_str("throw"), consent_str("do"),
        consent_str("else"), consent_str("instanceof"), consent_str("yield"),
        consent_str("await"), { 0, NULL }
    };

    static const consent_str_t  runs[] = {
        consent_str("function"), consent_str("new"), consent_str("import"),
        consent_str("export"), consent_str("class"), consent_str("async"),
        { 0, NULL }
    };

    static const consent_str_t  sinks[] = {
        consent_str("src"), consent_str("srcset"), consent_str("srcdoc"),
        consent_str("href"), consent_str("location"), consent_str("innerHTML"),
        consent_str("outerHTML"), consent_str("cssText"), { 0, NULL }
    };

    static const consent_str_t  push[] = {
        consent_str("push"), { 0, NULL }
    };

    static const consent_str_t  parse[] = {
        consent_str("parse"), { 0, NULL }
    };

    static const consent_str_t  json[] = {
        consent_str("JSON"), { 0, NULL }
    };

    dot = (s->before == SCRIPT_DOT);

    s->before = SCRIPT_VALUE;

    if (!dot && consent_script_word_is(s, operators)) {
        s->before = SCRIPT_NOTHING;
        s->code = 1;
        return;
    }

    if (s->code) {
        return;
    }

    if (dot && (consent_script_word_is(s, push)
                || (s->json && consent_script_word_is(s, parse))))
    {
        s->before = SCRIPT_MEMBER;

    } else if (!dot && consent_script_word_is(s, runs)) {
        s->code = 1;
    }

    s->json = (!dot && consent_script_word_is(s, json)) ? 1 : 0;
    s->sink = consent_script_word_is(s, sinks) ? 1 : 0;
}


static int
consent_script_word_is(const consent_script_t *s, const consent_str_t *words)
{
    for ( /* void */ ; words->len; words++) {

        if (words->len == s->word_len && words->data[0] == s->word[0]
            && memcmp(words->data, s->word, words->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static void
consent_script_open(consent_script_t *s, uint8_t c)
{
    unsigned  literal;

    if (s->depth == CONSENT_SCRIPT_DEPTH) {
        consent_script_give_up(s);
        return;
    }

    /* a bracket behind a value is not of a literal, that in a call is */

    literal = (c == '(') ? s->before == SCRIPT_MEMBER
              : s->before != SCRIPT_VALUE;

    s->depth++;
    s->literals += (uint8_t) literal;
    s->square = s->square << 1 | (c == '[');
    s->round = s->round << 1 | (c == '(');
    s->literal = s->literal << 1 | literal;

    s->before = SCRIPT_NOTHING;
}


static void
consent_script_close(consent_script_t *s, uint8_t c)
{
    if (s->depth == 0
        || (c == ']') != (s->square & 1) || (c == ')') != (s->round & 1))
    {
        consent_script_give_up(s);
        return;
    }

    s->depth--;
    s->literals -= (uint8_t) (s->literal & 1);
    s->square >>= 1;
    s->round >>= 1;
    s->literal >>= 1;

    s->before = (c == ']') ? SCRIPT_VALUE : SCRIPT_CLOSED;

    if (c == '}' && s->templates
        && s->template[s->templates - 1] == s->depth)
    {
        s->templates--;
        s->state = SCRIPT_TEMPLATE;
    }
}


static inline int
consent_script_in_word(uint8_t c)
{
    return consent_script_class[c] == SCRIPT_CH_WORD;
}


int
consent_script_only_names(const consent_script_t *s, consent_str_t text,
    const uint8_t *from, const uint8_t *to)
{
    uint8_t         before, after;
    const uint8_t  *p, *q, *end;

    if (s->state == SCRIPT_STRING || s->state == SCRIPT_TEMPLATE) {

        /* quotes in a string: whatever is made of it, no address is */

        return 1;
    }

    end = text.data + text.len;

    for (p = from; p > text.data && consent_is_space(p[-1]); p--) {
        /* void */
    }

    for (q = to + 1; q < end && consent_is_space(*q); q++) {
        /* void */
    }

    before = (p > text.data) ? p[-1] : 0;
    after = (q < end) ? *q : 0;

    switch (before) {

    case '=':
        return p - text.data > 1 && (p[-2] == '=' || p[-2] == '!');

    case '(':
        return (after == ')' || after == ',')
               && consent_script_compares(text, p - 1);

    case '[':
        return after == ',' || after == ']';

    case '{':
        return after == ':';

    case ',':

        if (after == ':') {
            return 1;
        }

        return (after == ',' || after == ']') && s->depth && (s->square & 1);

    default:
        break;
    }

    if ((after == '=' || after == '!') && end - q > 1 && q[1] == '=') {
        return 1;
    }

    return p - text.data > 4 && memcmp(p - 4, "case", 4) == 0;
}


/* whether it opens the arguments of a method that looks for its argument */

static int
consent_script_compares(consent_str_t text, const uint8_t *parenthesis)
{
    unsigned        i;
    consent_str_t   word;
    const uint8_t  *p;

    static const consent_str_t  methods[] = {
        consent_str("indexOf"), consent_str("lastIndexOf"),
        consent_str("includes"), consent_str("match"), consent_str("search"),
        consent_str("test"), consent_str("startsWith"),
        consent_str("endsWith"), consent_str("contains"), consent_str("has"),
        consent_str("inArray")
    };

    for (p = parenthesis; p > text.data && consent_script_in_word(p[-1]); p--)
    {
        /* void */
    }

    word = consent_str_make(p, (size_t) (parenthesis - p));

    for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (consent_str_eq(word, methods[i])) {
            return 1;
        }
    }

    return 0;
}
