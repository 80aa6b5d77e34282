/*
 * Copyright (C) ngx_consent_module authors
 *
 * What is counted, in memory that several processes share.  No locks: there
 * are several stripes of all values, so that processes do not fight for the
 * same cache lines, and where two share one they add atomically.
 *
 * Categories and sources have rows that are bound to their names: processes
 * that have read different configurations may count at the same time.
 */


#ifndef CONSENT_COUNTER_H
#define CONSENT_COUNTER_H


#include "consent_str.h"


/* what has no row: an index each */

typedef enum {
    CONSENT_COUNT_REQUESTS = 0,     /* by mode (report, enforce) and state */
    CONSENT_COUNT_DOCUMENTS = CONSENT_COUNT_REQUESTS + 6,
    CONSENT_COUNT_UNCLASSIFIED = CONSENT_COUNT_DOCUMENTS + 9,
    CONSENT_COUNT_REJECTED = CONSENT_COUNT_UNCLASSIFIED + 3,
    CONSENT_COUNT_OVERFLOWS = CONSENT_COUNT_REJECTED + 16,
    CONSENT_COUNT_LATE = CONSENT_COUNT_OVERFLOWS + 3,
    CONSENT_COUNT_LIMITED,
    CONSENT_COUNT_ENDPOINT,

    /* rows begin with a cache line */

    CONSENT_COUNTS = (CONSENT_COUNT_ENDPOINT + 12 + 7) & ~7
} consent_count_e;


/* the state of a request: what of that which can be refused is accepted */

typedef enum {
    CONSENT_STATE_NONE = 0,
    CONSENT_STATE_PARTIAL,
    CONSENT_STATE_ALL,
    CONSENT_STATES
} consent_state_e;


/* what becomes of a page */

typedef enum {
    CONSENT_DOCUMENT_FILTERED = 0,  /* something was blocked */
    CONSENT_DOCUMENT_UNCHANGED,
    CONSENT_DOCUMENT_UNREAD,        /* nothing can be refused in it */
    CONSENT_DOCUMENT_BLOCKED,       /* uninspectable, by three reasons */
    CONSENT_DOCUMENT_PASSED = CONSENT_DOCUMENT_BLOCKED + 3
} consent_document_e;


typedef enum {
    CONSENT_OVERFLOW_TAG = 0,
    CONSENT_OVERFLOW_SCRIPT,
    CONSENT_OVERFLOW_URL,
    CONSENT_OVERFLOWS
} consent_overflow_e;


/* of a category: what was done with its cookies, then its resources */

typedef enum {
    CONSENT_COOKIES_BLOCKED = 0,
    CONSENT_COOKIES_HIDDEN,
    CONSENT_COOKIES_EXPIRED,
    CONSENT_COOKIES_SHORTENED,
    CONSENT_COOKIES_ACTIONS
} consent_cookies_e;


/* what is blocked in a page; names are those of labels */

#define CONSENT_ELEMENTS_X(X)                                                \
    X(OTHER, "other")                                                        \
    X(SCRIPT, "script")                                                      \
    X(INLINE, "inline")                                                      \
    X(FRAME, "frame")                                                        \
    X(IMAGE, "image")                                                        \
    X(MEDIA, "media")                                                        \
    X(LINK, "link")                                                          \
    X(STYLE, "style")                                                        \
    X(OBJECT, "object")                                                      \
    X(META, "meta")                                                          \
    X(SVG, "svg")                                                            \
    X(HEADER, "header")

typedef enum {
#define CONSENT_X(id, name)  CONSENT_BLOCKED_ ## id,
    CONSENT_ELEMENTS_X(CONSENT_X)
#undef CONSENT_X
    CONSENT_BLOCKED_KINDS
} consent_blocked_e;

extern const char *const  consent_blocked_names[CONSENT_BLOCKED_KINDS];


/* of a source: the decisions that it made */

typedef enum {
    CONSENT_KIND_EXPLICIT = 0,
    CONSENT_KIND_IMPLIED,
    CONSENT_KIND_SIGNAL,
    CONSENT_KIND_DEFAULT,
    CONSENT_KINDS
} consent_kind_e;


/*
 * Rows; some more than a configuration can have at once.  It is the first ones
 * that are taken, and values of sources, who are few, stand before those of
 * categories: what is counted most is side by side.
 */

typedef enum {
    CONSENT_ROW_CATEGORY = 0,
    CONSENT_ROW_SOURCE,
    CONSENT_ROW_KINDS
} consent_row_e;

#define CONSENT_ROWS_CATEGORIES  80
#define CONSENT_ROWS_SOURCES     48

#define CONSENT_ROW_CATEGORY_VALUES                                          \
    (CONSENT_COOKIES_ACTIONS + CONSENT_BLOCKED_KINDS)
#define CONSENT_ROW_SOURCE_VALUES  CONSENT_KINDS

/* longer names of a row are cut; two that differ behind it share one */

#define CONSENT_ROW_NAME  55

#define CONSENT_COUNTER_STRIPES  8


typedef struct consent_counters_s  consent_counters_t;


/* bytes for that many stripes; aligned to 64 */

size_t consent_counters_size(unsigned stripes);

/* mem is zeroed and aligned to 64; now in seconds since the epoch */

consent_counters_t *consent_counters_init(void *mem, unsigned stripes,
    int64_t now);

/*
 * The rows of these names, new ones if need be, for a configuration that is
 * about to be used.  If all are taken, the ones that were not bound for the
 * longest time are taken away from their names.  The caller has a lock
 * against other calls of this function.  0; -1: more names than rows.
 */

int consent_counters_bind(consent_counters_t *c, consent_row_e kind,
    const consent_str_t *names, unsigned n, uint16_t *rows);

/* indices of values */


static inline unsigned
consent_count_source(unsigned row, consent_kind_e kind)
{
    return CONSENT_COUNTS + row * CONSENT_ROW_SOURCE_VALUES + kind;
}


static inline unsigned
consent_count_category(unsigned row, unsigned value)
{
    return CONSENT_COUNTS
           + CONSENT_ROWS_SOURCES * CONSENT_ROW_SOURCE_VALUES
           + row * CONSENT_ROW_CATEGORY_VALUES + value;
}


/* where a process counts */

typedef struct {
    uint64_t            *values;
    unsigned             alone;     /* nobody else counts there */
} consent_counter_stripe_t;


/*
 * By any process at any time.  process is a number that no other one has that
 * counts at the same time: as many as half of the stripes have one of their
 * own, all others share the other half.
 */

consent_counter_stripe_t consent_counters_stripe(consent_counters_t *c,
    unsigned process);

/* a call, not inline: it is made often where little of the code is cached */

void consent_counter_add_some(const consent_counter_stripe_t *stripe,
    unsigned index, uint64_t n);


static inline void
consent_counter_add(const consent_counter_stripe_t *stripe, unsigned index,
    uint64_t n)
{
    /* most of what there is to be counted was none */

    if (n) {
        consent_counter_add_some(stripe, index, n);
    }
}


uint64_t consent_counters_sum(const consent_counters_t *c, unsigned index);

/* since when is counted */

int64_t consent_counters_since(const consent_counters_t *c);

/* all that was counted, into counters that are new and of any size */

void consent_counters_copy(consent_counters_t *c,
    const consent_counters_t *from);


#endif /* CONSENT_COUNTER_H */
