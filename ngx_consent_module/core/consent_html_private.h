/*
 * Copyright (C) ngx_consent_module authors
 *
 * What consent_html.c, the tokenizer, and the files that do a part of its
 * work share.  Nobody else includes it.
 */


#ifndef CONSENT_HTML_PRIVATE_H
#define CONSENT_HTML_PRIVATE_H


#include "consent_attr.h"
#include "consent_html.h"


/* the states of HTML standard, 13.2.5 */

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

#define CH_SPACE         CONSENT_CH_SPACE
#define CH_SLASH         CONSENT_CH_SLASH
#define CH_GT            CONSENT_CH_GT
#define CH_EQUALS        CONSENT_CH_EQUALS
#define CH_ALPHA         CONSENT_CH_ALPHA

#define CH_NAME_END      (CH_SPACE|CH_SLASH|CH_GT)
#define CH_ATTR_END      (CH_SPACE|CH_SLASH|CH_GT|CH_EQUALS)
#define CH_UNQUOTED_END  (CH_SPACE|CH_GT)

#define class_of(c)      consent_ch_class[c]


/* memchr() that returns end if there is none */

static inline const uint8_t *
consent_html_find(const uint8_t *p, const uint8_t *end, uint8_t c)
{
    const uint8_t  *q;

    q = memchr(p, c, (size_t) (end - p));

    return q ? q : end;
}


/* 1: there is more than white space and NUL, which is dropped */

static inline unsigned
consent_html_is_text(const uint8_t *p, const uint8_t *end)
{
    while (p < end) {
        if (!consent_is_space(*p) && *p != '\0') {
            return 1;
        }

        p++;
    }

    return 0;
}


/* consent_html.c: the states, over input of one view */

consent_html_event_e consent_html_run(consent_html_t *h,
    consent_html_view_t *v, const uint8_t **pos, const uint8_t *end);


/* consent_html_views.c: as consent_html_scan(), until it is not so any more */

/* in noscript, and in what would hide the end of it */

consent_html_event_e consent_html_watch(consent_html_t *h,
    const uint8_t **pos, const uint8_t *end);

/* both views, byte by byte */

consent_html_event_e consent_html_both(consent_html_t *h,
    const uint8_t **pos, const uint8_t *end);


/* consent_html_tag.c */

/*
 * The tag that begins at p, if it ends before end: reads it into the view and
 * returns where it ends.  Otherwise NULL, and all of it goes through the
 * states.
 */

const uint8_t *consent_html_whole_tag(consent_html_view_t *v,
    const uint8_t *p, const uint8_t *end);

void consent_html_tag_begin(consent_html_view_t *v, unsigned end_tag);

/* at least four bytes of name, and all of a name that may matter, are there */

void consent_html_named(consent_html_view_t *v, const uint8_t *name,
    size_t len);

void consent_html_attr_done(consent_html_view_t *v, const uint8_t *name,
    size_t len);


/*
 * consent_html_text.c: each goes on from p in the state of the view, and
 * returns where it stopped: at end, at an event, or where a state of another
 * function begins.  Raw text includes the end tags of script data.
 */

const uint8_t *consent_html_comment(consent_html_view_t *v, const uint8_t *p,
    const uint8_t *end);
const uint8_t *consent_html_cdata(consent_html_view_t *v, const uint8_t *p,
    const uint8_t *end);
const uint8_t *consent_html_rawtext(consent_html_view_t *v, const uint8_t *p,
    const uint8_t *end, consent_html_event_e *event);
const uint8_t *consent_html_script(consent_html_view_t *v, const uint8_t *p,
    const uint8_t *end);


/* consent_html_tree.c */

#define CONSENT_HTML_BODY                                                     \
    CONSENT_ELEMENT_BUCKET(                                                   \
        CONSENT_ELEMENT_KEY(CONSENT_ELEMENT_START('b', 'o', 'd', 'y'), 4))

#define CONSENT_HTML_HEAD                                                     \
    CONSENT_ELEMENT_BUCKET(                                                   \
        CONSENT_ELEMENT_KEY(CONSENT_ELEMENT_START('h', 'e', 'a', 'd'), 4))

#define CONSENT_HTML_ANNOTATION_XML                                           \
    CONSENT_ELEMENT_BUCKET(                                                   \
        CONSENT_ELEMENT_KEY(CONSENT_ELEMENT_START('a', 'n', 'n', 'o'), 14))

/* the ">" of a start tag or an end tag was read; v->element may be NULL */

void consent_html_tree_start(consent_html_t *h, consent_html_view_t *v);
void consent_html_tree_end(consent_html_t *h, consent_html_view_t *v);

int consent_html_tree_is_foreign(const consent_html_view_t *v);

/* 1: the end tag that is being read may leave svg or math, or not */

int consent_html_tree_may_leave(const consent_html_view_t *v);

/*
 * The view is about to change; what it is now goes on in the shadow.  Returns
 * 0 if there is a shadow already: that reading is not followed.
 */

int consent_html_fork(consent_html_t *h, const consent_html_view_t *v);


#endif /* CONSENT_HTML_PRIVATE_H */
