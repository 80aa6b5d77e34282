/*
 * Copyright (C) ngx_consent_module authors
 *
 * A start tag that is longer than may be held back.  It passes as it comes;
 * only one attribute at a time is held and judged, on its first bytes if it
 * is itself too long.  Where what was already passed might have changed the
 * verdict, the attribute is taken for one that fetches.
 */


#ifndef CONSENT_LONG_TAG_H
#define CONSENT_LONG_TAG_H


#include "consent_judge.h"
#include "consent_markup.h"
#include "consent_sink.h"


/* more attributes that fetch than any element has */

#define CONSENT_LONG_TAG_LOADS  16


typedef struct {
    consent_judge_t          *judge;
    const consent_markup_t   *markup;
    const consent_sink_t     *sink;

    consent_tag_t             tag;          /* so far as it is known */

    uint8_t                   state;
    uint8_t                   quote;

    unsigned                  holding:1;    /* the attribute in hold */
    unsigned                  has_url:1;    /* that it is there for */
    unsigned                  learned:1;    /* what the tag is was said */
    unsigned                  inserted:1;   /* category and type are out */
    unsigned                  cut:1;        /* hold has only its beginning */

    /* attributes that were judged: the first of a name counts */

    consent_tag_name_t        seen[CONSENT_LONG_TAG_LOADS];
    uint8_t                   denied[CONSENT_LONG_TAG_LOADS];
    unsigned                  nseen;

    int                       category;     /* blocked as, or
                                               CONSENT_UNCLASSIFIED */
    uint8_t                  *hold;         /* limit bytes */
    size_t                    hold_len;
} consent_long_tag_t;


/* judge, markup and sink are set by the caller once; hold stays */

void consent_long_tag_start(consent_long_tag_t *lt,
    const consent_element_t *el, unsigned foreign);

/*
 * The next bytes of the tag, from "<" on.  held: they are not of the input
 * being fed.  0, or -1 as the sink or the memory says.
 */

int consent_long_tag_feed(consent_long_tag_t *lt, const uint8_t *p,
    const uint8_t *end, unsigned held);

/* ends the tag here, with what closes it */

int consent_long_tag_end(consent_long_tag_t *lt);

/* passes on what is held, when the input ends inside the tag */

int consent_long_tag_flush(consent_long_tag_t *lt);


#endif /* CONSENT_LONG_TAG_H */
