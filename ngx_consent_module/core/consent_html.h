/*
 * Copyright (C) ngx_consent_module authors
 *
 * The scanner: follows the tokenizer of the HTML standard (13.2.5) over input
 * that comes in pieces cut anywhere, and reports the start tags somebody
 * wants to see.  It keeps no bytes, allocates nothing and changes nothing.
 *
 * There is no tree.  What the tree builder tells the tokenizer (raw text
 * elements, foreign content) is followed by tag names alone.  Where names do
 * not decide, or a browser without scripting reads on differently, the
 * scanner goes on with two views of the document at once until they agree
 * again: one whose tags are reported, and a shadow, of which it says where it
 * sees a tag that the other one does not.
 */


#ifndef CONSENT_HTML_H
#define CONSENT_HTML_H


#include "consent_html_skip.h"


typedef enum {
    CONSENT_HTML_MORE = 0,      /* the input is used up */
    CONSENT_HTML_TAG,           /* a start tag ended that is judged, or has
                                   an attribute to be judged; *pos is behind
                                   its ">" */
    CONSENT_HTML_RAW_END,       /* the text of a script, style sheet or raw
                                   text element ended; *pos is behind the name
                                   of its end tag, "</script" */
    CONSENT_HTML_RAW_CLOSED,    /* ... and *pos is behind the ">" of it */
    CONSENT_HTML_RAW_CUT,       /* "</noscript" ended the text; *pos is
                                   behind it */
    CONSENT_HTML_TEXT_TAG,      /* a start tag is in the text of a script or
                                   style sheet in svg or XML; *pos is behind
                                   its "<".  CONSENT_HTML_TAG follows, and
                                   then, as consent_html_in_text() says, more
                                   of the text */
    CONSENT_HTML_TAG_CUT,       /* "</noscript" in the start tag that is held:
                                   with scripting it ends noscript; *pos is
                                   behind it.  The tag goes on in the shadow,
                                   if consent_html_await() is called; or it is
                                   made to end here in both readings, and
                                   consent_html_join() is */
    CONSENT_HTML_SHADOW,        /* the shadow sees a start tag whose name
                                   begins at *pos, and *pos is inside of
                                   something else.  consent_html_await() or
                                   consent_html_split() is called */
    CONSENT_HTML_SHADOW_TAG,    /* the start tag that was awaited: *pos is at
                                   its ">" */
    CONSENT_HTML_SHADOW_LOST,   /* ... *pos is at a "<" in it: what it is in
                                   the other reading is not known any more */
    CONSENT_HTML_THIRD          /* a third reading would begin at *pos, or one
                                   that is not followed would end there.
                                   consent_html_keep() is called */
} consent_html_event_e;


#define CONSENT_HTML_MAX_DEPTH  32


/* one reading of the document */

typedef struct {
    uint8_t                   state;
    uint8_t                   text_state;   /* to return to from an end tag
                                               that was none */
    uint8_t                   matched;      /* bytes of what is looked for */
    uint8_t                   cut;          /* bytes of "</noscript" */

    /* each 0 or 1 */

    uint8_t                   xml;          /* application/xhtml+xml */
    uint8_t                   end_tag;
    uint8_t                   self_closing;
    uint8_t                   raw;          /* the end tag is of raw text */
    uint8_t                   suspect;      /* an attribute of any element */
    uint8_t                   noscript;
    uint8_t                   select;
    uint8_t                   body;         /* has begun */
    uint8_t                   had_body;     /* ... before this tag */
    uint8_t                   frameset;
    uint8_t                   breakout;     /* this tag left svg or math */
    uint8_t                   either;       /* there are two views: what means
                                               something in svg or math does */
    uint8_t                   in_text;      /* ... stands in foreign_text */
    uint8_t                   template;
    uint8_t                   col;          /* ... with columns */
    uint8_t                   font;         /* an attribute of that */

    uint64_t                  around;       /* names that may be open around
                                               an integration point */
    uint64_t                  unread;       /* elements whose text is raw in a
                                               reading that is not followed */

    consent_tag_name_t        name;         /* data is set if it matters */
    consent_tag_name_t        attr;
    const consent_element_t  *element;      /* of the tag, NULL: other */
    const consent_element_t  *text;         /* whose text is read */
    const consent_element_t  *foreign_text; /* the same in svg or XML, where
                                               it is read as markup */
    const consent_element_t  *cut_text;     /* such a text that goes on behind
                                               the tag in it */

    /* open elements, so far as their number can be told without a tree */

    uint32_t                  bucket;       /* of the name of the tag */
    consent_html_open_t       open;
    consent_html_open_t       inner;        /* within svg and math */

    /* foreign content: open svg, math and integration points */

    unsigned                  depth;
    unsigned                  deeper;       /* svg and math beyond it */
    const consent_element_t  *stack[CONSENT_HTML_MAX_DEPTH];
} consent_html_view_t;


typedef struct {
    consent_html_view_t       view;

    consent_html_skip_pt      skip;         /* may be NULL */
    consent_attr_marks_t      marks;        /* of the tag that is reported, if
                                               n is not 0 */
    size_t                    limit;        /* set by the caller: longer start
                                               tags are reported in any case */

    unsigned                  portable:1;   /* states only, for tests */
    unsigned                  quiet:1;      /* set by the caller: it does not
                                               want to know of the ends of raw
                                               text, RAW_END and RAW_CLOSED */
    unsigned                  blind:1;      /* set by the caller: ... nor of
                                               tags in the shadow */
    unsigned                  forked:1;     /* there is a shadow */
    unsigned                  ahead:1;      /* it has read the next byte */
    unsigned                  awaited:1;    /* the end of its start tag is */
    unsigned                  met:1;        /* there was one before the tag
                                               that is reported */
    unsigned                  scriptless:1; /* it is without scripting, and the
                                               view is with it */
    unsigned                  kept:2;       /* so much was put in before the
                                               next byte */
    unsigned                  ending:2;     /* "<" and "/" of an end tag that
                                               may be one in another reading */
    consent_tag_name_t        end_name;     /* ... and its name so far */

    unsigned                  held:1;       /* in a start tag */
    unsigned                  report:1;     /* set by the caller: report the
                                               end of this tag in any case */
    const uint8_t            *tag;          /* its "<", or NULL if that came
                                               in earlier input */

    /* from here on nothing is set at the beginning but the index' end */

    consent_html_index_t      index;        /* for skip */
    consent_html_view_t       shadow;
} consent_html_t;


void consent_html_init(consent_html_t *h, unsigned xml);

/*
 * Scans from *pos to end and moves *pos.  After any event but MORE it is
 * called again with the rest of the same input.  While h->held is set after
 * MORE, the bytes from h->tag on (or all of this input, if that is NULL)
 * belong to a start tag that may yet be reported.
 */

consent_html_event_e consent_html_scan(consent_html_t *h,
    const uint8_t **pos, const uint8_t *end);


int consent_html_is_foreign(const consent_html_t *h);


/* inside svg, math or XML: no raw text elements, but CDATA sections */

static inline int
consent_html_foreign(const consent_html_t *h)
{
    /* nearly nothing is */

    return (h->view.depth | h->view.xml | h->forked) != 0
           && consent_html_is_foreign(h);
}


/* 1: the end of the text behind the tag that was reported will be, too */

static inline int
consent_html_has_end(const consent_html_t *h)
{
    const consent_html_view_t  *v;

    v = &h->view;

    return v->element != NULL
           && (v->text == v->element
               || (v->foreign_text == v->element && !v->in_text));
}

/*
 * 1: the tag that was reported stands in a head that is open, so far as can be
 * told; with scripting it may be in a noscript there
 */

int consent_html_in_head(const consent_html_t *h);

/* 1: the text around the tag that was reported goes on */

int consent_html_in_text(const consent_html_t *h);


/* the start tag in the shadow is to be reported when it ends */

static inline void
consent_html_await(consent_html_t *h)
{
    h->awaited = 1;
}


/* both readings are the same again */

static inline void
consent_html_join(consent_html_t *h)
{
    h->forked = 0;
    h->awaited = 0;
    h->view.either = 0;
}


/* the start tag that was awaited is none: something is put in behind "<" */

void consent_html_break(consent_html_t *h);

/*
 * The same at CONSENT_HTML_SHADOW.  Returns what is to be put in: white space,
 * or, within a tag of the other reading, what does not end anything there.
 */

uint8_t consent_html_split(consent_html_t *h);

/*
 * At CONSENT_HTML_THIRD: makes the name before it another one.  Returns what
 * is to be put in.
 */

uint8_t consent_html_keep(consent_html_t *h);

/*
 * 1: the start tag in the shadow stands in what is neither a script nor a tag
 * in the other reading
 */

int consent_html_is_hidden(const consent_html_t *h);


#endif /* CONSENT_HTML_H */
