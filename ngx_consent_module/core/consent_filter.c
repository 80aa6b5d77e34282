/*
 * Copyright (C) ngx_consent_module authors
 *
 * The buckets of a byte are looked up by its two halves, which SIMD does for
 * a whole block at once; a place whose four bytes have a bucket in common is
 * a hit.  Halves of different bytes mix, so a hit is looked at once more by
 * the bytes themselves.
 */


#include "consent_filter.h"


#define CONSENT_FILTER_BEHIND  (CONSENT_FILTER_PLACES - 1)

/* what a block takes to be searched */

#define CONSENT_FILTER_LEAST   (CONSENT_FILTER_BLOCK + CONSENT_FILTER_BEHIND)


static inline int consent_filter_is(const consent_filter_t *filter,
    const uint8_t *p);
static inline uint32_t consent_filter_check(const consent_filter_t *filter,
    const uint8_t *block, uint32_t hits);
static void consent_filter_portable(consent_filter_scan_t *scan);


void
consent_filter_init(consent_filter_t *filter)
{
    memset(filter, 0, sizeof(consent_filter_t));
}


void
consent_filter_allow(consent_filter_t *filter, unsigned place, uint8_t byte,
    uint8_t buckets)
{
    filter->fits[place][byte] |= buckets;
}


void
consent_filter_allow_any(consent_filter_t *filter, unsigned place,
    uint8_t buckets)
{
    unsigned  byte;

    for (byte = 0; byte < 256; byte++) {
        filter->fits[place][byte] |= buckets;
    }
}


void
consent_filter_ready(consent_filter_t *filter)
{
    unsigned  place, byte;

    for (place = 0; place < CONSENT_FILTER_PLACES; place++) {
        for (byte = 0; byte < 256; byte++) {
            filter->low[place][byte & 15] |= filter->fits[place][byte];
            filter->high[place][byte >> 4] |= filter->fits[place][byte];
        }
    }

    filter->find = consent_filter_nth(0);
}


int
consent_filter_fits(const consent_filter_t *filter, const uint8_t *p,
    const uint8_t *end)
{
    unsigned  place, buckets;

    if (end - p >= CONSENT_FILTER_PLACES) {
        return consent_filter_is(filter, p);
    }

    buckets = ~0U;

    for (place = 0; place < CONSENT_FILTER_PLACES; place++) {
        buckets &= filter->fits[place][(p < end) ? *p++ : 0];
    }

    return buckets != 0;
}


static inline int
consent_filter_is(const consent_filter_t *filter, const uint8_t *p)
{
    return (filter->fits[0][p[0]] & filter->fits[1][p[1]]
            & filter->fits[2][p[2]] & filter->fits[3][p[3]])
           != 0;
}


/* those of the hits in a block that are some, by the bytes themselves */

static inline uint32_t
consent_filter_check(const consent_filter_t *filter, const uint8_t *block,
    uint32_t hits)
{
    uint32_t  left, sure;

    sure = 0;

    for (left = hits; left; left &= left - 1) {
        if (consent_filter_is(filter, block + __builtin_ctz(left))) {
            sure |= left & (0 - left);
        }
    }

    return sure;
}


static void
consent_filter_portable(consent_filter_scan_t *scan)
{
    unsigned                 i;
    const uint8_t           *p;
    const consent_filter_t  *filter;

    filter = scan->filter;
    p = scan->next;

    /* most bytes are of no string */

    while (scan->end - p > CONSENT_FILTER_BEHIND
           && (filter->fits[0][p[0]] & filter->fits[1][p[1]]
               & filter->fits[2][p[2]])
              == 0)
    {
        p++;
    }

    scan->block = p;
    scan->hits = 0;

    for (i = 0; i < CONSENT_FILTER_BLOCK && p < scan->end; i++, p++) {
        if (filter->fits[0][*p] && consent_filter_fits(filter, p, scan->end)) {
            scan->hits |= 1U << i;
        }
    }

    scan->next = p;
}


#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>


/* in registers while a text is searched */

typedef struct {
    unsigned  two;
    __m128i   low[CONSENT_FILTER_PLACES];
    __m128i   high[CONSENT_FILTER_PLACES];
} consent_filter_ssse3_t;


typedef struct {
    unsigned  two;
    __m256i   low[CONSENT_FILTER_PLACES];
    __m256i   high[CONSENT_FILTER_PLACES];
} consent_filter_avx2_t;


static inline void consent_filter_load_ssse3(consent_filter_ssse3_t *t,
    const consent_filter_t *filter);
static inline __m128i consent_filter_place_ssse3(__m128i low, __m128i high,
    const uint8_t *p);
static inline uint32_t consent_filter_part_ssse3(
    const consent_filter_ssse3_t *t, const uint8_t *p);
static inline uint32_t consent_filter_block_ssse3(
    const consent_filter_ssse3_t *t, const uint8_t *p);
static void consent_filter_ssse3(consent_filter_scan_t *scan);

static inline void consent_filter_load_avx2(consent_filter_avx2_t *t,
    const consent_filter_t *filter);
static inline __m256i consent_filter_place_avx2(__m256i low, __m256i high,
    const uint8_t *p);
static inline uint32_t consent_filter_block_avx2(
    const consent_filter_avx2_t *t, const uint8_t *p);
static void consent_filter_avx2(consent_filter_scan_t *scan);


/*
 * The same source for each instruction set: load_ and block_ are inlined into
 * it.  The last block overlaps the one before, whose hits are known, and ends
 * with the text; what follows fewer bytes than a string has is for scalars.
 */

#define CONSENT_FILTER_FIND(name_, target_, tables_, load_, block_)           \
                                                                              \
__attribute__((target(target_)))                                              \
static void                                                                   \
name_(consent_filter_scan_t *scan)                                            \
{                                                                             \
    size_t          left;                                                     \
    tables_         tables;                                                   \
    uint32_t        hits;                                                     \
    const uint8_t  *p;                                                        \
                                                                              \
    p = scan->next;                                                           \
    left = (size_t) (scan->end - p);                                          \
                                                                              \
    if (left <= CONSENT_FILTER_BEHIND                                         \
        || (size_t) (scan->end - scan->start) < CONSENT_FILTER_LEAST)         \
    {                                                                         \
        consent_filter_portable(scan);                                        \
        return;                                                               \
    }                                                                         \
                                                                              \
    load_(&tables, scan->filter);                                             \
    tables.two = scan->filter->two;                                           \
                                                                              \
    for ( /* void */ ; left >= CONSENT_FILTER_LEAST;                          \
         left -= CONSENT_FILTER_BLOCK)                                        \
    {                                                                         \
        hits = block_(&tables, p);                                            \
        p += CONSENT_FILTER_BLOCK;                                            \
                                                                              \
        if (hits) {                                                           \
            hits = consent_filter_check(scan->filter,                         \
                                        p - CONSENT_FILTER_BLOCK, hits);      \
        }                                                                     \
                                                                              \
        if (hits) {                                                           \
            scan->block = p - CONSENT_FILTER_BLOCK;                           \
            scan->hits = hits;                                                \
            scan->next = p;                                                   \
            return;                                                           \
        }                                                                     \
    }                                                                         \
                                                                              \
    if (left <= CONSENT_FILTER_BEHIND) {                                      \
        scan->next = p;                                                       \
        return;                                                               \
    }                                                                         \
                                                                              \
    scan->block = scan->end - CONSENT_FILTER_LEAST;                           \
    scan->next = scan->end - CONSENT_FILTER_BEHIND;                           \
                                                                              \
    hits = block_(&tables, scan->block)                                       \
           & (UINT32_MAX << (CONSENT_FILTER_LEAST - left));                   \
                                                                              \
    scan->hits = consent_filter_check(scan->filter, scan->block, hits);       \
}


__attribute__((target("ssse3")))
static inline void
consent_filter_load_ssse3(consent_filter_ssse3_t *t,
    const consent_filter_t *filter)
{
    t->low[0] = _mm_loadu_si128((const void *) filter->low[0]);
    t->high[0] = _mm_loadu_si128((const void *) filter->high[0]);
    t->low[1] = _mm_loadu_si128((const void *) filter->low[1]);
    t->high[1] = _mm_loadu_si128((const void *) filter->high[1]);
    t->low[2] = _mm_loadu_si128((const void *) filter->low[2]);
    t->high[2] = _mm_loadu_si128((const void *) filter->high[2]);
    t->low[3] = _mm_loadu_si128((const void *) filter->low[3]);
    t->high[3] = _mm_loadu_si128((const void *) filter->high[3]);
}


/* the buckets of each byte */

__attribute__((target("ssse3")))
static inline __m128i
consent_filter_place_ssse3(__m128i low, __m128i high, const uint8_t *p)
{
    __m128i  c, half;

    c = _mm_loadu_si128((const void *) p);
    half = _mm_set1_epi8(15);

    low = _mm_shuffle_epi8(low, _mm_and_si128(c, half));
    c = _mm_and_si128(_mm_srli_epi16(c, 4), half);

    return _mm_and_si128(low, _mm_shuffle_epi8(high, c));
}


__attribute__((target("ssse3")))
static inline uint32_t
consent_filter_part_ssse3(const consent_filter_ssse3_t *t, const uint8_t *p)
{
    __m128i  fits;

    fits = consent_filter_place_ssse3(t->low[0], t->high[0], p);
    fits = _mm_and_si128(fits,
               consent_filter_place_ssse3(t->low[1], t->high[1], p + 1));

    if (!t->two) {
        fits = _mm_and_si128(fits,
                   consent_filter_place_ssse3(t->low[2], t->high[2], p + 2));
        fits = _mm_and_si128(fits,
                   consent_filter_place_ssse3(t->low[3], t->high[3], p + 3));
    }

    fits = _mm_cmpeq_epi8(fits, _mm_setzero_si128());

    return (uint32_t) (~_mm_movemask_epi8(fits) & 0xffff);
}


__attribute__((target("ssse3")))
static inline uint32_t
consent_filter_block_ssse3(const consent_filter_ssse3_t *t, const uint8_t *p)
{
    return consent_filter_part_ssse3(t, p)
           | consent_filter_part_ssse3(t, p + 16) << 16;
}


CONSENT_FILTER_FIND(consent_filter_ssse3, "ssse3", consent_filter_ssse3_t,
                    consent_filter_load_ssse3, consent_filter_block_ssse3)


__attribute__((target("avx2")))
static inline void
consent_filter_load_avx2(consent_filter_avx2_t *t,
    const consent_filter_t *filter)
{
#define CONSENT_TWICE(from)                                                   \
    _mm256_broadcastsi128_si256(_mm_loadu_si128((const void *) (from)))

    t->low[0] = CONSENT_TWICE(filter->low[0]);
    t->high[0] = CONSENT_TWICE(filter->high[0]);
    t->low[1] = CONSENT_TWICE(filter->low[1]);
    t->high[1] = CONSENT_TWICE(filter->high[1]);
    t->low[2] = CONSENT_TWICE(filter->low[2]);
    t->high[2] = CONSENT_TWICE(filter->high[2]);
    t->low[3] = CONSENT_TWICE(filter->low[3]);
    t->high[3] = CONSENT_TWICE(filter->high[3]);

#undef CONSENT_TWICE
}


/* the buckets of each byte */

__attribute__((target("avx2")))
static inline __m256i
consent_filter_place_avx2(__m256i low, __m256i high, const uint8_t *p)
{
    __m256i  c, half;

    c = _mm256_loadu_si256((const void *) p);
    half = _mm256_set1_epi8(15);

    low = _mm256_shuffle_epi8(low, _mm256_and_si256(c, half));
    c = _mm256_and_si256(_mm256_srli_epi16(c, 4), half);

    return _mm256_and_si256(low, _mm256_shuffle_epi8(high, c));
}


__attribute__((target("avx2")))
static inline uint32_t
consent_filter_block_avx2(const consent_filter_avx2_t *t, const uint8_t *p)
{
    __m256i  fits;

    fits = consent_filter_place_avx2(t->low[0], t->high[0], p);
    fits = _mm256_and_si256(fits,
               consent_filter_place_avx2(t->low[1], t->high[1], p + 1));

    if (!t->two) {
        fits = _mm256_and_si256(fits,
                   consent_filter_place_avx2(t->low[2], t->high[2], p + 2));
        fits = _mm256_and_si256(fits,
                   consent_filter_place_avx2(t->low[3], t->high[3], p + 3));
    }

    fits = _mm256_cmpeq_epi8(fits, _mm256_setzero_si256());

    return (uint32_t) ~_mm256_movemask_epi8(fits);
}


CONSENT_FILTER_FIND(consent_filter_avx2, "avx2", consent_filter_avx2_t,
                    consent_filter_load_avx2, consent_filter_block_avx2)


consent_filter_find_pt
consent_filter_nth(unsigned n)
{
    if (__builtin_cpu_supports("avx2") && n-- == 0) {
        return consent_filter_avx2;
    }

    if (__builtin_cpu_supports("ssse3") && n-- == 0) {
        return consent_filter_ssse3;
    }

    return (n == 0) ? consent_filter_portable : NULL;
}


#else


consent_filter_find_pt
consent_filter_nth(unsigned n)
{
    return (n == 0) ? consent_filter_portable : NULL;
}

#endif
