/*
 * Copyright (C) ngx_consent_module authors
 *
 * The streaming rewriter: input in pieces cut anywhere, output through a
 * sink.  Bytes outside blocked tags pass unchanged, and the output does not
 * depend on where the input was cut.
 *
 * What is held back is one unfinished tag, an inline script being judged or a
 * URL in a style sheet, and never more than the limit (consent_buffer):
 *   a longer tag     goes on attribute by attribute (consent_long_tag.h);
 *   a longer script  is judged through a window of that size which moves on
 *                    by half of itself; if it is found out after its
 *                    beginning has been passed on, consent_markup_spoiler
 *                    is put in, so that no part of it runs;
 *   a longer URL     is judged by its beginning.
 */


#ifndef CONSENT_REWRITE_H
#define CONSENT_REWRITE_H


#include "consent_css.h"
#include "consent_foreign.h"
#include "consent_html.h"
#include "consent_judge.h"
#include "consent_long_tag.h"
#include "consent_mark.h"
#include "consent_sink.h"


/*
 * Bytes of memory that a rewriter needs within a call only, with that limit:
 * for values decoded and values written
 */

#define CONSENT_REWRITE_VALUES         4    /* of one tag, in limits */
#define CONSENT_REWRITE_SHARED(limit)  ((1 + CONSENT_REWRITE_VALUES) * (limit))


/* what was blocked or, in a report, would be */

typedef struct {
    consent_mask_t           categories;    /* of which there was any: only
                                               these have numbers */
    uint32_t                 n[][CONSENT_BLOCKED_KINDS];
} consent_rewrite_tally_t;

/* its bytes, of which the mask is to be zeroed */

#define CONSENT_REWRITE_TALLY(ncategories)                                   \
    (sizeof(consent_rewrite_tally_t)                                         \
     + (ncategories) * CONSENT_BLOCKED_KINDS * sizeof(uint32_t))


typedef struct {
    consent_judge_conf_t     judge;
    consent_rewrite_tally_t  *tally;        /* of all documents with this
                                               configuration; NULL: none */
    uint8_t                 *shared;        /* by all rewriters of a thread;
                                               NULL: each allocates it */
    unsigned                 remove:1;      /* consent_block remove */
    unsigned                 xml:1;         /* application/xhtml+xml */
    unsigned                 csp:1;         /* consent_csp narrow */

    /* what a blocked frame shows */

    const consent_str_t     *frames;        /* for each category a path,
                                               escaped; NULL: nothing */
    consent_str_t            frame_origin;  /* "//host", put in front of it
                                               where a <base> may lead away;
                                               empty: nothing is shown then */
} consent_rewrite_conf_t;


typedef struct consent_rewrite_s  consent_rewrite_t;

struct consent_rewrite_s {
    const consent_rewrite_conf_t  *conf;
    const consent_sink_t          *sink;

    consent_long_tag_t       long_tag;
    consent_css_t            css;

    uint8_t                  mode;
    uint8_t                  style;         /* of a style sheet's URL */
    uint8_t                  depth;         /* of documents in srcdoc */

    consent_foreign_t        style_text;    /* of svg and XML: where it is */
    consent_foreign_t        style_start;   /* ... where its URL began */

    uint8_t                 *hold;          /* grows up to limit and a byte */
    size_t                   hold_size;
    size_t                   hold_len;      /* of earlier input, not passed */
    const uint8_t           *from;          /* of this input, not passed */
    const uint8_t           *in;            /* where this input begins */
    uint8_t                  before;        /* the byte before it */
    uint8_t                  before_tag;    /* the byte before the held tag */

    /* the start tag that was judged last */

    consent_tag_t            tag;
    size_t                   name_end;      /* length of "<" and the name */
    unsigned                 headless;      /* its "<" was passed on */
    uint8_t                  around;        /* the mode of the text that it
                                               stands in, if that passes */
    consent_script_e         around_script; /* ... of a script */
    unsigned                 stopped;       /* the script will not run */
    size_t                   cut_len;       /* of the tag awaited that was cut
                                               by noscript, up to there; 0: it
                                               is none that was cut */
    size_t                   tag_len;       /* 0: it was passed on */
    unsigned                 has_end;       /* its text ends by itself */
    unsigned                 certain;       /* ... and in one way only */
    unsigned                 bodiless;      /* the first content of the body
                                               was removed */

    /* values that take the place of others, made when needed */

    uint8_t                 *values;
    size_t                   values_len;
    consent_rewrite_t       *nested;        /* for srcdoc */

    /* results */

    unsigned                 blocked;       /* tags, inline scripts, URLs of
                                               style sheets */
    unsigned                 late;          /* of them found out late */
    unsigned                 overflows[CONSENT_OVERFLOWS];  /* longer than
                                               the limit */
    unsigned                 narrowed;      /* policies; not blocked */
    int                      first;         /* category of the first */

    /* these have functions of their own that make them ready */

    consent_judge_t          judge;
    consent_html_t           html;
};


/* conf and sink must live as long as rw */

void consent_rewrite_init(consent_rewrite_t *rw,
    const consent_rewrite_conf_t *conf, const consent_sink_t *sink);

/*
 * Feeds len bytes; last marks the end of the document.  in need not outlive
 * the call, but for what was given to sink->pass().  Returns 0, or -1 if the
 * sink failed or memory was short; then rw must not be fed again.
 */

int consent_rewrite_feed(consent_rewrite_t *rw, const uint8_t *in, size_t len,
    unsigned last);


#endif /* CONSENT_REWRITE_H */
