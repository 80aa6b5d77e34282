/*
 * Copyright (C) ngx_consent_module authors
 *
 * What the files of the tokenizer of CSS share.  Nobody else includes it.
 */


#ifndef CONSENT_CSS_PRIVATE_H
#define CONSENT_CSS_PRIVATE_H


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


/* what ends a run of bytes */

#define CH_TEXT     0x01        /* may begin a token that matters */
#define CH_BRACKET  0x02
#define CH_STRING   0x04        /* in a string */
#define CH_URL      0x08        /* in url(), not quoted */
#define CH_SPACE    0x10
#define CH_NEWLINE  0x20
#define CH_NAME     0x40        /* part of a name */
#define CH_HEX      0x80

extern const uint8_t  consent_css_class[256];

#define class_of(c)  consent_css_class[c]


/*
 * Each goes on from p in the state of its name, and returns where it stopped:
 * at end, at an event, or where another state begins.
 */

/* consent_css_name.c */

const uint8_t *consent_css_name(consent_css_t *css, const uint8_t *p,
    const uint8_t *end);

/* p is at what ended the name */

const uint8_t *consent_css_name_end(consent_css_t *css,
    const uint8_t *p);

void consent_css_name_begin(consent_css_t *css, uint8_t token);
void consent_css_name_add(consent_css_t *css, uint32_t c);

/* what has been skipped from start to p may end in the middle of a name */

void consent_css_name_take(consent_css_t *css, const uint8_t *start,
    const uint8_t *p);

/* is a string a URL here? */

int consent_css_urls(const consent_css_t *css);

/* brackets around the outermost function that matters do not */

void consent_css_push(consent_css_t *css, uint8_t closing, int urls);

/* a closing bracket that does not match the innermost one closes nothing */

void consent_css_bracket(consent_css_t *css, uint8_t c);


/* consent_css_url.c */

const uint8_t *consent_css_string_start(consent_css_t *css,
    const uint8_t *p, consent_css_event_e *event);
const uint8_t *consent_css_string(consent_css_t *css,
    const uint8_t *p, const uint8_t *end, consent_css_event_e *event);
const uint8_t *consent_css_url_start(consent_css_t *css,
    const uint8_t *p, const uint8_t *end, consent_css_event_e *event);
const uint8_t *consent_css_url(consent_css_t *css, const uint8_t *p,
    const uint8_t *end, consent_css_event_e *event);
const uint8_t *consent_css_url_after(consent_css_t *css,
    const uint8_t *p, const uint8_t *end);
const uint8_t *consent_css_bad_url(consent_css_t *css,
    const uint8_t *p, const uint8_t *end);

/* behind the quote that begins a string */

void consent_css_quote(consent_css_t *css, uint8_t quote, int url);

/*
 * The next byte of an escape.  Returns 0 if it does not belong to it.  When
 * css->escape is neither ESCAPE_START nor ESCAPE_HEX any more, css->code is
 * the character, or the first byte of it.
 */

int consent_css_escape(consent_css_t *css, uint8_t c);


/* nearly all time is spent here: four steps at once are half as fast again */

static inline const uint8_t *
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


#endif /* CONSENT_CSS_PRIVATE_H */
