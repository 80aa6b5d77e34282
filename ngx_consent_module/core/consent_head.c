/*
 * Copyright (C) ngx_consent_module authors
 *
 * A scanner of its own, since the one of consent_html.h knows no tree, which
 * decides here, and passes over what this one has to see.  It reads no more
 * than the head, and only where something is to be put behind it.
 */


#include "consent_head.h"


typedef enum {
    ST_START = 0,
    ST_DATA,
    ST_LT,                      /* held from here to the end of a name */
    ST_LT_SLASH,
    ST_TAG_NAME,
    ST_BEFORE_ATTR,
    ST_ATTR_NAME,
    ST_AFTER_ATTR,
    ST_BEFORE_VALUE,
    ST_VALUE,
    ST_BANG,
    ST_BANG_DASH,
    ST_COMMENT,
    ST_BOGUS,
    ST_TEXT,
    ST_TEXT_LT
} head_state_e;


typedef enum {
    EL_OTHER = 0,
    EL_HTML,
    EL_HEAD,
    EL_BODY,
    EL_BR,
    EL_FRAMESET,
    EL_TEMPLATE,
    EL_BASE,
    EL_META,
    EL_VOID,                    /* others that are allowed in a head */
    EL_TITLE,                   /* from here on with text that is none */
    EL_STYLE,
    EL_SCRIPT,
    EL_NOSCRIPT,
    EL_NOFRAMES,
    EL_TEXTAREA,                /* from here on in templates only */
    EL_IFRAME,
    EL_NOEMBED,
    EL_XMP
} head_element_e;


typedef struct {
    consent_str_t   name;
    uint8_t         element;
} head_name_t;


static consent_head_e head_byte(consent_head_t *h, uint8_t c);
static consent_head_e head_data(consent_head_t *h, uint8_t c);
static consent_head_e head_open(consent_head_t *h, uint8_t c);
static consent_head_e head_named(consent_head_t *h, uint8_t c);
static consent_head_e head_attrs(consent_head_t *h, uint8_t c);
static void head_attr(consent_head_t *h);
static consent_head_e head_tag_end(consent_head_t *h);
static consent_head_e head_markup(consent_head_t *h, uint8_t c);
static consent_head_e head_comment(consent_head_t *h, uint8_t c);
static consent_head_e head_text(consent_head_t *h, uint8_t c);
static consent_head_e head_text_word(consent_head_t *h, uint8_t c);
static consent_head_e head_implied(const consent_head_t *h);
static head_element_e head_element(consent_str_t name);
static int head_is_held(const consent_head_t *h);
static int head_is(const uint8_t *p, uint8_t len, const char *text);


static const uint8_t  head_bom[] = { 0xef, 0xbb, 0xbf };


static const head_name_t  head_names[] = {
    { consent_str("html"), EL_HTML },
    { consent_str("head"), EL_HEAD },
    { consent_str("body"), EL_BODY },
    { consent_str("br"), EL_BR },
    { consent_str("frameset"), EL_FRAMESET },
    { consent_str("template"), EL_TEMPLATE },
    { consent_str("base"), EL_BASE },
    { consent_str("meta"), EL_META },
    { consent_str("link"), EL_VOID },
    { consent_str("basefont"), EL_VOID },
    { consent_str("bgsound"), EL_VOID },
    { consent_str("title"), EL_TITLE },
    { consent_str("style"), EL_STYLE },
    { consent_str("script"), EL_SCRIPT },
    { consent_str("noscript"), EL_NOSCRIPT },
    { consent_str("noframes"), EL_NOFRAMES },
    { consent_str("textarea"), EL_TEXTAREA },
    { consent_str("iframe"), EL_IFRAME },
    { consent_str("noembed"), EL_NOEMBED },
    { consent_str("xmp"), EL_XMP }
};


void
consent_head_init(consent_head_t *h)
{
    memset(h, 0, sizeof(consent_head_t));
}


consent_head_e
consent_head_scan(consent_head_t *h, const uint8_t **pos, const uint8_t *end)
{
    unsigned         before;
    const uint8_t   *p, *lt;
    consent_head_e   rc;

    h->released = 0;

    if (*pos == end) {
        return CONSENT_HEAD_MORE;
    }

    before = h->hold_len;       /* held of earlier input */
    lt = *pos;                  /* held of this one, from there on */

    for (p = *pos; p < end; p++) {

        if (*p == '<' && !head_is_held(h)) {
            lt = p;
        }

        rc = head_byte(h, *p);

        if (rc == CONSENT_HEAD_HERE && h->state != ST_DATA) {

            /* the place is before this byte, or before what is held */

            if (before && !h->released) {
                return CONSENT_HEAD_BEFORE;
            }

            *pos = head_is_held(h) ? lt : p;

            return CONSENT_HEAD_HERE;
        }

        if (rc != CONSENT_HEAD_MORE) {
            h->released = 1;
            *pos = p + 1;

            return rc;
        }

        if (!head_is_held(h)) {
            h->released = 1;
            h->hold_len = 0;
        }
    }

    if (!head_is_held(h)) {
        *pos = end;
        return CONSENT_HEAD_MORE;
    }

    /* a name that is too long was decided on before it filled the memory */

    *pos = (before && !h->released) ? *pos : lt;

    memcpy(h->hold + h->hold_len, *pos, (size_t) (end - *pos));
    h->hold_len = (uint8_t) (h->hold_len + (end - *pos));

    return CONSENT_HEAD_MORE;
}


consent_head_e
consent_head_end(const consent_head_t *h)
{
    return (h->state == ST_DATA && h->document && h->templates == 0)
           ? CONSENT_HEAD_HERE : CONSENT_HEAD_NONE;
}


/*
 * HERE in the state "data": behind this byte, which ends <body>; in others:
 * before what has begun with the last "<", or before this byte
 */

static consent_head_e
head_byte(consent_head_t *h, uint8_t c)
{
    switch (h->state) {

    case ST_START:
    case ST_DATA:
        return head_data(h, c);

    case ST_LT:
    case ST_LT_SLASH:
        return head_open(h, c);

    case ST_TAG_NAME:

        if (c != '>' && c != '/' && !consent_is_space(c)) {

            if (h->name_len == CONSENT_HEAD_HOLD - 2) {
                return head_named(h, c);
            }

            h->name[h->name_len++] = consent_lower(c);

            return CONSENT_HEAD_MORE;
        }

        return head_named(h, c);

    case ST_BANG:
    case ST_BANG_DASH:
    case ST_BOGUS:
        return head_markup(h, c);

    case ST_COMMENT:
        return head_comment(h, c);

    case ST_TEXT:
        return head_text(h, c);

    case ST_TEXT_LT:
        return head_text_word(h, c);

    default:
        return head_attrs(h, c);
    }
}


static consent_head_e
head_data(consent_head_t *h, uint8_t c)
{
    if (h->state == ST_START) {

        if (h->bom < sizeof(head_bom) && c == head_bom[h->bom]) {
            h->bom++;
            return CONSENT_HEAD_MORE;
        }

        h->state = ST_DATA;
    }

    if (c == '<') {
        h->state = ST_LT;
        h->end_tag = 0;
        h->name_len = 0;

        return CONSENT_HEAD_MORE;
    }

    if (consent_is_space(c) || h->templates) {
        return CONSENT_HEAD_MORE;
    }

    /* text; not in "data", so that the place is before it */

    h->state = ST_TEXT;

    return head_implied(h);
}


static consent_head_e
head_open(consent_head_t *h, uint8_t c)
{
    if (consent_is_alpha(c)) {
        h->end_tag = (h->state == ST_LT_SLASH);
        h->state = ST_TAG_NAME;
        h->name[h->name_len++] = consent_lower(c);

        return CONSENT_HEAD_MORE;
    }

    if (h->state == ST_LT_SLASH) {
        h->state = (c == '>') ? ST_DATA : ST_BOGUS;
        return CONSENT_HEAD_MORE;
    }

    switch (c) {

    case '/':
        h->state = ST_LT_SLASH;
        return CONSENT_HEAD_MORE;

    case '!':
        h->state = ST_BANG;
        return CONSENT_HEAD_MORE;

    case '?':
        h->state = ST_BOGUS;
        return CONSENT_HEAD_MORE;

    default:
        break;
    }

    if (h->templates) {
        h->state = ST_DATA;
        return head_data(h, c);
    }

    return head_implied(h);
}


/* the name of a tag is complete, and c is behind it */

static consent_head_e
head_named(consent_head_t *h, uint8_t c)
{
    h->element = (uint8_t) head_element(consent_str_make(h->name,
                                                         h->name_len));

    if (h->templates == 0) {

        switch (h->element) {

        case EL_HTML:
        case EL_HEAD:
        case EL_BODY:

            if (h->end_tag && h->element != EL_HEAD) {
                return head_implied(h);
            }

            h->document = 1;
            break;

        case EL_BR:
            return head_implied(h);

        case EL_FRAMESET:

            if (!h->end_tag) {
                return CONSENT_HEAD_NONE;
            }

            break;

        default:

            if (!h->end_tag && (h->element == EL_OTHER
                                || h->element >= EL_TEXTAREA))
            {
                return head_implied(h);
            }
        }
    }

    h->state = ST_BEFORE_ATTR;
    h->attr_len = 0;
    h->value_len = 0;

    return head_attrs(h, c);
}


static consent_head_e
head_attrs(consent_head_t *h, uint8_t c)
{
    if (h->state == ST_VALUE && h->quote) {

        if (c == h->quote) {
            head_attr(h);

        } else if (h->value_len < CONSENT_HEAD_NAME) {
            h->value[h->value_len++] = c;
        }

        return CONSENT_HEAD_MORE;
    }

    if (c == '>') {
        head_attr(h);
        return head_tag_end(h);
    }

    if (consent_is_space(c)) {

        if (h->state == ST_ATTR_NAME) {
            h->state = ST_AFTER_ATTR;

        } else if (h->state == ST_VALUE) {
            head_attr(h);
        }

        return CONSENT_HEAD_MORE;
    }

    if (h->state == ST_BEFORE_VALUE) {
        h->state = ST_VALUE;

        if (c == '"' || c == '\'') {
            h->quote = c;
            return CONSENT_HEAD_MORE;
        }

        h->quote = 0;
    }

    if (h->state == ST_VALUE) {

        if (h->value_len < CONSENT_HEAD_NAME) {
            h->value[h->value_len++] = c;
        }

        return CONSENT_HEAD_MORE;
    }

    if (c == '/') {
        head_attr(h);
        return CONSENT_HEAD_MORE;
    }

    if (c == '=' && h->state != ST_BEFORE_ATTR) {
        h->state = ST_BEFORE_VALUE;
        return CONSENT_HEAD_MORE;
    }

    if (h->state != ST_ATTR_NAME) {
        head_attr(h);
        h->state = ST_ATTR_NAME;
    }

    if (h->attr_len < CONSENT_HEAD_NAME) {
        h->attr[h->attr_len++] = consent_lower(c);
    }

    return CONSENT_HEAD_MORE;
}


/* an attribute is complete, if there was one */

static void
head_attr(consent_head_t *h)
{
    if (!h->end_tag) {

        if (h->element == EL_HTML || h->element == EL_BODY) {
            h->own |= head_is(h->attr, h->attr_len, "data-consent-banner")
                      ? 1u : 0u;

        } else if (h->element == EL_META) {
            h->own |= (head_is(h->attr, h->attr_len, "name")
                       && head_is(h->value, h->value_len, "consent-banner"))
                      ? 1u : 0u;

        } else if (h->element == EL_BASE) {
            h->base |= head_is(h->attr, h->attr_len, "href") ? 1u : 0u;
        }
    }

    h->state = ST_BEFORE_ATTR;
    h->attr_len = 0;
    h->value_len = 0;
}


static consent_head_e
head_tag_end(consent_head_t *h)
{
    h->state = ST_DATA;

    if (h->own) {
        return CONSENT_HEAD_NONE;
    }

    if (h->end_tag) {

        if (h->element == EL_TEMPLATE && h->templates) {
            h->templates--;
        }

        return CONSENT_HEAD_MORE;
    }

    if (h->element == EL_BODY && h->templates == 0) {
        return CONSENT_HEAD_HERE;
    }

    if (h->element == EL_TEMPLATE) {
        h->templates++;

    } else if (h->element >= EL_TITLE) {
        h->state = ST_TEXT;
        h->text = h->element;
        h->escaped = 0;
        h->dashes = 0;
    }

    return CONSENT_HEAD_MORE;
}


/* "<!" and what is not a comment */

static consent_head_e
head_markup(consent_head_t *h, uint8_t c)
{
    if (h->state == ST_BANG) {

        if (c == '-') {
            h->state = ST_BANG_DASH;
            return CONSENT_HEAD_MORE;
        }

        if (consent_lower(c) == 'd') {
            h->document = 1;
        }

    } else if (h->state == ST_BANG_DASH && c == '-') {
        h->state = ST_COMMENT;
        h->dashes = 2;
        h->inner = 0;
        h->bang = 0;

        return CONSENT_HEAD_MORE;
    }

    h->state = (c == '>') ? ST_DATA : ST_BOGUS;

    return CONSENT_HEAD_MORE;
}


/* "<!-->" and "<!--->" are whole comments; "--!>" ends one, too */

static consent_head_e
head_comment(consent_head_t *h, uint8_t c)
{
    if (c == '-') {
        h->bang = 0;

        if (h->dashes < 2) {
            h->dashes++;
        }

        if (h->inner < 2) {
            h->inner++;
        }

        return CONSENT_HEAD_MORE;
    }

    if (c == '>' && (h->bang || h->dashes == 2)) {
        h->state = ST_DATA;
        return CONSENT_HEAD_MORE;
    }

    h->bang = (c == '!' && h->inner == 2);
    h->dashes = 0;
    h->inner = 0;

    return CONSENT_HEAD_MORE;
}


static consent_head_e
head_text(consent_head_t *h, uint8_t c)
{
    if (c == '<') {
        h->state = ST_TEXT_LT;
        h->name_len = 0;
        h->dashes = 0;

        return CONSENT_HEAD_MORE;
    }

    if (c == '-') {

        if (h->dashes < 2) {
            h->dashes++;
        }

        return CONSENT_HEAD_MORE;
    }

    if (c == '>' && h->dashes == 2) {
        h->escaped = 0;
    }

    h->dashes = 0;

    return CONSENT_HEAD_MORE;
}


/* behind a "<" in text: is it the end tag, or does a script escape itself? */

static consent_head_e
head_text_word(consent_head_t *h, uint8_t c)
{
    unsigned       slash;
    consent_str_t  word;

    if ((consent_is_alpha(c)
         || (c == '/' && h->name_len == 0)
         || (c == '!' && h->name_len == 0)
         || (c == '-' && h->name_len && h->name[0] == '!'))
        && h->name_len < CONSENT_HEAD_HOLD)
    {
        h->name[h->name_len++] = consent_lower(c);

        if (head_is(h->name, h->name_len, "!--")) {
            h->state = ST_TEXT;
            h->dashes = 2;

            if (h->text == EL_SCRIPT && h->escaped == 0) {
                h->escaped = 1;
            }
        }

        return CONSENT_HEAD_MORE;
    }

    h->state = ST_TEXT;

    if (c != '>' && c != '/' && !consent_is_space(c)) {
        return head_text(h, c);
    }

    slash = (h->name_len && h->name[0] == '/');
    word = consent_str_make(h->name + slash, h->name_len - slash);

    if (head_element(word) != (head_element_e) h->text) {
        return head_text(h, c);
    }

    if (!slash) {

        if (h->text == EL_SCRIPT && h->escaped == 1) {
            h->escaped = 2;
        }

        return head_text(h, c);
    }

    if (h->escaped == 2) {
        h->escaped = 1;
        return head_text(h, c);
    }

    h->element = h->text;
    h->end_tag = 1;
    h->state = ST_BEFORE_ATTR;
    h->attr_len = 0;
    h->value_len = 0;

    return head_attrs(h, c);
}


static consent_head_e
head_implied(const consent_head_t *h)
{
    return h->document ? CONSENT_HEAD_HERE : CONSENT_HEAD_NONE;
}


static head_element_e
head_element(consent_str_t name)
{
    size_t  i;

    for (i = 0; i < sizeof(head_names) / sizeof(head_names[0]); i++) {
        if (consent_str_eq(head_names[i].name, name)) {
            return (head_element_e) head_names[i].element;
        }
    }

    return EL_OTHER;
}


static int
head_is_held(const consent_head_t *h)
{
    return h->state == ST_LT || h->state == ST_LT_SLASH
           || h->state == ST_TAG_NAME;
}


static int
head_is(const uint8_t *p, uint8_t len, const char *text)
{
    uint8_t  i;

    for (i = 0; i < len; i++) {
        if (text[i] == '\0' || consent_lower(p[i]) != (uint8_t) text[i]) {
            return 0;
        }
    }

    return text[i] == '\0';
}
