/*
 * Copyright (C) ngx_consent_module authors
 *
 * The fast way of the scanner: over text and ordinary tags that nobody wants
 * to see, blocks of bytes at a time.  It knows no states.  Where it meets
 * anything of which it is not sure, the states of consent_html.c read on.
 */


#ifndef CONSENT_HTML_SKIP_H
#define CONSENT_HTML_SKIP_H


#include "consent_attr.h"
#include "consent_element.h"


/* open elements by the buckets of their names, see consent_html_tree.c */

typedef uint8_t  consent_html_open_t[CONSENT_ELEMENT_BUCKETS];


static inline void
consent_html_count_start(consent_html_open_t open, uint32_t bucket)
{
    open[bucket] = (uint8_t) (open[bucket] + (open[bucket] != UINT8_MAX));
}


/* 0: there was none */

static inline unsigned
consent_html_count_end(consent_html_open_t open, uint32_t bucket)
{
    unsigned  was;

    was = open[bucket] != 0;
    open[bucket] = (uint8_t) (open[bucket] - was);

    return was;
}


/*
 * Where the next "<" are.  They are looked for in so many bytes at once, and
 * there is room for what is written too much.
 */

#define CONSENT_HTML_WINDOW  512

typedef struct {
    const uint8_t            *end;          /* of the input; NULL: there is
                                               no index for it yet */
    const uint8_t            *base;
    const uint8_t            *covered;
    unsigned                  n;
    unsigned                  next;
    uint16_t                  at[CONSENT_HTML_WINDOW + 4];
} consent_html_index_t;


typedef struct {
    /* set by the caller */

    consent_html_index_t     *index;        /* kept for the same input */
    uint8_t                  *open;         /* consent_html_open_t */
    size_t                    limit;        /* of an uninteresting tag */
    unsigned                  foreign;      /* in svg or math: open counts
                                               what is in it, and an end tag
                                               of what is not is reported */
    unsigned                  text;         /* 1: all the same; set if there
                                               was more than white space
                                               and NUL */

    unsigned                  slow;         /* for the skip itself */

    /* the tag that ended the run */

    const uint8_t            *tag;          /* its "<"; NULL: there is none */
    size_t                    name_len;
    uint32_t                  bucket;
    const consent_element_t  *element;      /* may be NULL */
    unsigned                  end_tag;
    unsigned                  self_closing;
    unsigned                  suspect;      /* an attribute may be one that
                                               fetches on any element */
    consent_attr_marks_t     *marks;        /* set by the caller; n is 0: there
                                               are none */
} consent_html_skip_t;


/*
 * Reads on from p, which is in the data state, passes comments, and counts
 * open elements.  Returns where it stopped: behind a tag to be looked at, if
 * skip->tag is set; otherwise at text, or at a "<" that begins something else,
 * is odd, or is near end.
 */

typedef const uint8_t *(*consent_html_skip_pt)(consent_html_skip_t *skip,
    const uint8_t *p, const uint8_t *end);


const uint8_t *consent_html_skip_avx2(consent_html_skip_t *skip,
    const uint8_t *p, const uint8_t *end);
const uint8_t *consent_html_skip_ssse3(consent_html_skip_t *skip,
    const uint8_t *p, const uint8_t *end);


/* the best that this processor can, or NULL: the states do it all */

consent_html_skip_pt consent_html_skip(void);

/* for tests: number n of all that this processor can, NULL behind the last */

consent_html_skip_pt consent_html_skip_nth(unsigned n);


#endif /* CONSENT_HTML_SKIP_H */
