/*
 * Copyright (C) ngx_consent_module authors
 *
 * Finds the URLs in CSS that a browser would fetch: the text of a style
 * sheet, or of a style attribute with character references decoded, in
 * pieces cut anywhere.  It follows the tokenizer of CSS Syntax Level 3,
 * keeps no text, allocates nothing and changes nothing.
 *
 * A URL is what url() holds, the string behind @import, and the strings in
 * src(), image() and image-set().  It is judged by token alone: an @import
 * counts wherever it stands, and a url() that turns out to be a bad one when
 * it has already begun is reported as well.
 */


#ifndef CONSENT_CSS_H
#define CONSENT_CSS_H


#include "consent_str.h"


typedef enum {
    CONSENT_CSS_MORE = 0,       /* the input is used up */
    CONSENT_CSS_URL_BEGIN,      /* *pos is at the first byte of a URL */
    CONSENT_CSS_URL_END         /* *pos is behind the last byte of it: at a
                                   quote, a ")", or what may not follow */
} consent_css_event_e;


#define CONSENT_CSS_MAX_NAME   20
#define CONSENT_CSS_MAX_DEPTH  32


typedef struct {
    uint8_t         state;
    uint8_t         token;      /* what the name being read belongs to */
    uint8_t         at;         /* the at-rule whose URL comes next */
    uint8_t         quote;

    unsigned        url:1;      /* this string or url() is fetched */
    unsigned        open:1;     /* between URL_BEGIN and URL_END */
    unsigned        lost:1;     /* nested too deep: all strings are URLs */

    uint8_t         escape;     /* how far an escape is read */
    uint8_t         digits;
    uint32_t        code;

    uint8_t         name_len;
    uint8_t         name[CONSENT_CSS_MAX_NAME];

    /* brackets that are open in a function whose strings are URLs */

    uint8_t         depth;
    uint8_t         stack[CONSENT_CSS_MAX_DEPTH];
} consent_css_t;


void consent_css_init(consent_css_t *css);

/*
 * Scans from *pos to end and moves *pos.  After any event but MORE it is
 * called again with the rest of the same input.  Empty URLs are not reported.
 * The events do not depend on where the input is cut.
 */

consent_css_event_e consent_css_scan(consent_css_t *css, const uint8_t **pos,
    const uint8_t *end);

/* at the end of the style sheet: 1 if that ends a URL */

int consent_css_finish(const consent_css_t *css);

/*
 * Decodes the escapes in the text of a URL into dst as UTF-8 and returns the
 * length written, at most size.  dst may not overlap text.  What does not fit
 * is cut.
 */

size_t consent_css_unescape(uint8_t *dst, size_t size, consent_str_t text);


#endif /* CONSENT_CSS_H */
