/*
 * Copyright (C) ngx_consent_module authors
 *
 * Where in a text one of many short strings may be: a filter in front of what
 * looks closely.  Of each string the first four bytes count, and at each of
 * them any of a set of bytes may be wanted.  Strings share eight buckets, and
 * the fewer sets a bucket mixes, the fewer places are met for nothing.
 */


#ifndef CONSENT_FILTER_H
#define CONSENT_FILTER_H


#include "consent_str.h"


#define CONSENT_FILTER_PLACES   4
#define CONSENT_FILTER_BUCKETS  8
#define CONSENT_FILTER_BLOCK    32


typedef struct consent_filter_s       consent_filter_t;
typedef struct consent_filter_scan_s  consent_filter_scan_t;

/* sets next, block and hits for the next block that has any, or the last */

typedef void (*consent_filter_find_pt)(consent_filter_scan_t *scan);


struct consent_filter_s {
    /* the buckets that a byte fits into, at each place */

    uint8_t                  fits[CONSENT_FILTER_PLACES][256];

    /* the same of its halves, for SIMD: a byte that fits has both */

    uint8_t                  low[CONSENT_FILTER_PLACES][16];
    uint8_t                  high[CONSENT_FILTER_PLACES][16];

    consent_filter_find_pt   find;

    /*
     * 1: the first two places are met so rarely that it takes less time to
     * look closely at once
     */

    unsigned                 two;
};


struct consent_filter_scan_s {
    const consent_filter_t  *filter;
    const uint8_t           *start;
    const uint8_t           *next;      /* not searched yet */
    const uint8_t           *end;
    const uint8_t           *block;
    uint32_t                 hits;      /* bit i: byte i of the block */
};


/* nothing fits */

void consent_filter_init(consent_filter_t *filter);

/* buckets is a mask of them */

void consent_filter_allow(consent_filter_t *filter, unsigned place,
    uint8_t byte, uint8_t buckets);
void consent_filter_allow_any(consent_filter_t *filter, unsigned place,
    uint8_t buckets);

/* after the last of them */

void consent_filter_ready(consent_filter_t *filter);


/*
 * The ways to search there are on this machine, fastest first, for
 * filter->find; NULL behind the last one.  They find the same.
 */

consent_filter_find_pt consent_filter_nth(unsigned n);


/* whether what is at p fits; what is behind the end are zeros */

int consent_filter_fits(const consent_filter_t *filter, const uint8_t *p,
    const uint8_t *end);


static inline void
consent_filter_start(consent_filter_scan_t *scan,
    const consent_filter_t *filter, consent_str_t text)
{
    scan->filter = filter;
    scan->start = text.data;
    scan->next = text.data;
    scan->end = text.data + text.len;
    scan->block = text.data;
    scan->hits = 0;
}


/* the next place that fits, in order; NULL: no more */

static inline const uint8_t *
consent_filter_next(consent_filter_scan_t *scan)
{
    const uint8_t  *p;

    while (scan->hits == 0) {

        if (scan->next == scan->end) {
            return NULL;
        }

        scan->filter->find(scan);
    }

    p = scan->block + __builtin_ctz(scan->hits);
    scan->hits &= scan->hits - 1;

    return p;
}


#endif /* CONSENT_FILTER_H */
