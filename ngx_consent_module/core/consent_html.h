/*
 * Copyright (C) ngx_consent_module authors
 *
 * The scanner: follows the tokenizer of the HTML standard (13.2.5) over input
 * that comes in pieces cut anywhere, and reports the start tags somebody
 * wants to see.  It keeps no bytes, allocates nothing and changes nothing.
 *
 * There is no tree.  What the tree builder tells the tokenizer (raw text
 * elements, foreign content) is followed by tag names alone; where that is
 * ambiguous the text is read as markup.
 */


#ifndef CONSENT_HTML_H
#define CONSENT_HTML_H


#include "consent_element.h"


typedef enum {
    CONSENT_HTML_MORE = 0,      /* the input is used up */
    CONSENT_HTML_TAG,           /* a start tag with CONSENT_EL_JUDGED ended;
                                   *pos is behind its ">" */
    CONSENT_HTML_RAW_END,       /* the text of a script or raw text element
                                   ended; *pos is behind the name of its end
                                   tag, "</script" */
    CONSENT_HTML_RAW_CLOSED,    /* ... and *pos is behind the ">" of it */
    CONSENT_HTML_RAW_CUT        /* "</noscript" ended the text; *pos is
                                   behind it */
} consent_html_event_e;


#define CONSENT_HTML_MAX_DEPTH  32


typedef struct {
    uint8_t                   state;
    uint8_t                   text_state;   /* to return to from an end tag
                                               that was none */
    uint8_t                   matched;      /* bytes of what is looked for */
    uint8_t                   cut;          /* bytes of "</noscript" */

    unsigned                  xml:1;        /* application/xhtml+xml */
    unsigned                  end_tag:1;
    unsigned                  self_closing:1;
    unsigned                  held:1;       /* in a tag that may be judged */
    unsigned                  raw:1;        /* the end tag is of raw text */
    unsigned                  noscript:1;
    unsigned                  select:1;
    unsigned                  frameset:1;

    const uint8_t            *tag;          /* "<" of the held tag, or NULL
                                               if it came in earlier input */

    consent_tag_name_t        name;
    const consent_element_t  *element;      /* of the tag, NULL: other */
    const consent_element_t  *text;         /* whose text is read */

    /* foreign content: open svg, math and integration points */

    unsigned                  depth;
    const consent_element_t  *stack[CONSENT_HTML_MAX_DEPTH];
} consent_html_t;


void consent_html_init(consent_html_t *h, unsigned xml);

/*
 * Scans from *pos to end and moves *pos.  After any event but MORE it is
 * called again with the rest of the same input.  While h->held is set after
 * MORE, the bytes from h->tag on (or all of this input, if that is NULL)
 * belong to a tag that may yet be reported.
 */

consent_html_event_e consent_html_scan(consent_html_t *h,
    const uint8_t **pos, const uint8_t *end);


/* inside svg, math or XML: no raw text elements, but CDATA sections */

int consent_html_foreign(const consent_html_t *h);


#endif /* CONSENT_HTML_H */
