/*
 * Copyright (C) ngx_consent_module authors
 *
 * Bit i of a mask stands for byte i of a block of 64.  Where double quotes
 * alternate, a prefix sum modulo 2 of their mask tells what is inside; the
 * first ">" outside ends the tag.  Anything for which that might not hold is
 * left to the states of consent_html.c.
 */


#include "consent_html_fast.h"


#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>


typedef struct {
    uint64_t  gt;
    uint64_t  dq;
    uint64_t  sq;
    uint64_t  eq;
    uint64_t  slash;
    uint64_t  space;        /* all up to U+0020 */
    uint64_t  control;      /* all below U+0020 */
    uint64_t  call;         /* "(" and "&" */
} consent_html_masks_t;


#define CONSENT_BLOCK  64


static inline uint64_t consent_html_inside(uint64_t quotes);
static inline int consent_html_fast_suspect(const uint8_t *tag,
    const uint8_t *eq);
static inline int consent_html_fast_odd(uint64_t control, const uint8_t *p);
static inline uint64_t consent_html_mask_sse2(__m128i a, __m128i b, __m128i c,
    __m128i d, char byte);
static inline void consent_html_masks_sse2(consent_html_masks_t *m,
    const uint8_t *p);
static inline uint64_t consent_html_mask_avx2(__m256i a, __m256i b, char byte);
static inline void consent_html_masks_avx2(consent_html_masks_t *m,
    const uint8_t *p);


static inline uint64_t
consent_html_inside(uint64_t quotes)
{
    quotes ^= quotes << 1;
    quotes ^= quotes << 2;
    quotes ^= quotes << 4;
    quotes ^= quotes << 8;
    quotes ^= quotes << 16;
    quotes ^= quotes << 32;

    return quotes;
}


/*
 * 1: ping, background, src, attributionsrc, http-equiv; 2: style; or a name
 * that ends like one
 */

static inline int
consent_html_fast_suspect(const uint8_t *tag, const uint8_t *eq)
{
    if (eq - tag < 7) {
        return 0;
    }

    switch (eq[-1] | 0x20) {

    case 'e':
        return ((eq[-2] | 0x20) == 'l' && (eq[-3] | 0x20) == 'y') ? 2 : 0;

    case 'g':
        return (eq[-2] | 0x20) == 'n' && (eq[-3] | 0x20) == 'i';

    case 'd':
        return (eq[-2] | 0x20) == 'n' && (eq[-3] | 0x20) == 'u';

    case 'c':
        return (eq[-2] | 0x20) == 'r' && (eq[-3] | 0x20) == 's';

    case 'v':
        return (eq[-2] | 0x20) == 'i' && (eq[-3] | 0x20) == 'u';

    default:
        return 0;
    }
}


/* is one of the control characters no white space? */

static inline int
consent_html_fast_odd(uint64_t control, const uint8_t *p)
{
    for ( /* void */ ; control; control &= control - 1) {
        if (!consent_is_space(p[__builtin_ctzll(control)])) {
            return 1;
        }
    }

    return 0;
}


/*
 * The same source for each instruction set: masks is inlined into it.  The
 * block that holds the end of the tag begins at most at end - 64.
 */

#define CONSENT_HTML_FAST(name_, target_, masks_)                             \
                                                                              \
__attribute__((target(target_)))                                              \
static const uint8_t *                                                        \
name_(consent_html_fast_t *fast, const uint8_t *tag, const uint8_t *name,     \
    const uint8_t *end)                                                       \
{                                                                             \
    uint64_t               inside, outside, ends, below, eq, carry, last_eq;  \
    uint64_t               odd, calls;                                        \
    const uint8_t         *p, *q;                                             \
    consent_html_masks_t   m;                                                 \
                                                                              \
    p = name;                                                                 \
                                                                              \
    if (end - p < CONSENT_BLOCK) {                                            \
        return NULL;                                                          \
    }                                                                         \
                                                                              \
    masks_(&m, p);                                                            \
                                                                              \
    ends = m.gt | m.slash | m.space;                                          \
                                                                              \
    if (ends == 0) {                                                          \
        return NULL;                                                          \
    }                                                                         \
                                                                              \
    fast->name_len = (size_t) __builtin_ctzll(ends);                          \
    fast->suspect = 0;                                                        \
                                                                              \
    /* nothing in the name counts */                                          \
                                                                              \
    below = (ends & -ends) - 1;                                               \
    m.dq &= ~below;                                                           \
    m.sq &= ~below;                                                           \
    m.eq &= ~below;                                                           \
                                                                              \
    carry = 0;                                                                \
    last_eq = 0;                                                              \
    odd = 1;                                                                  \
    calls = 0;                                                                \
                                                                              \
    for ( ;; ) {                                                              \
        inside = consent_html_inside(m.dq) ^ carry;                           \
        outside = m.gt & ~inside;                                             \
        below = outside ? (outside & -outside) - 1 : ~(uint64_t) 0;           \
                                                                              \
        eq = m.eq & ~inside & below;                                          \
                                                                              \
        /*                                                                    \
         * Single quotes outside; a double quote that opens without "=", and  \
         * "=" without one that opens; "=" which may begin a name             \
         */                                                                   \
                                                                              \
        if ((m.sq & ~inside & below)                                          \
            | (((m.dq & inside & below) ^ ((eq << 1) | last_eq)) & below)     \
            | (eq & (((m.space | m.slash | m.dq | m.eq) << 1) | odd))         \
            || consent_html_fast_odd(m.control & below, p))                   \
        {                                                                     \
            return NULL;                                                      \
        }                                                                     \
                                                                              \
        for (ends = eq; ends; ends &= ends - 1) {                             \
            fast->suspect |= (unsigned) consent_html_fast_suspect(tag,        \
                                        p + __builtin_ctzll(ends));           \
        }                                                                     \
                                                                              \
        if (outside) {                                                        \
            q = p + __builtin_ctzll(outside);                                 \
            fast->self_closing = (q[-1] == '/');                              \
                                                                              \
            /* a style attribute fetches by a function only */                \
                                                                              \
            if (fast->suspect == 2 && ((m.call & below) | calls) == 0) {      \
                fast->suspect = 0;                                            \
            }                                                                 \
                                                                              \
            return q + 1;                                                     \
        }                                                                     \
                                                                              \
        calls |= m.call;                                                      \
        carry = 0 - (inside >> 63);                                           \
        last_eq = eq >> 63;                                                   \
        odd = (m.space | m.slash | m.dq | m.eq) >> 63;                        \
                                                                              \
        p += CONSENT_BLOCK;                                                   \
                                                                              \
        if (end - p < CONSENT_BLOCK) {                                        \
            return NULL;                                                      \
        }                                                                     \
                                                                              \
        masks_(&m, p);                                                        \
    }                                                                         \
}


__attribute__((target("sse2")))
static inline uint64_t
consent_html_mask_sse2(__m128i a, __m128i b, __m128i c, __m128i d, char byte)
{
    __m128i  x;

    x = _mm_set1_epi8(byte);

    return (uint64_t) (uint32_t) _mm_movemask_epi8(_mm_cmpeq_epi8(a, x))
           | (uint64_t) (uint32_t) _mm_movemask_epi8(_mm_cmpeq_epi8(b, x))
             << 16
           | (uint64_t) (uint32_t) _mm_movemask_epi8(_mm_cmpeq_epi8(c, x))
             << 32
           | (uint64_t) (uint32_t) _mm_movemask_epi8(_mm_cmpeq_epi8(d, x))
             << 48;
}


__attribute__((target("sse2")))
static inline void
consent_html_masks_sse2(consent_html_masks_t *m, const uint8_t *p)
{
    __m128i  a, b, c, d, x;

    a = _mm_loadu_si128((const __m128i *) (const void *) p);
    b = _mm_loadu_si128((const __m128i *) (const void *) (p + 16));
    c = _mm_loadu_si128((const __m128i *) (const void *) (p + 32));
    d = _mm_loadu_si128((const __m128i *) (const void *) (p + 48));

    m->gt = consent_html_mask_sse2(a, b, c, d, '>');
    m->dq = consent_html_mask_sse2(a, b, c, d, '"');
    m->sq = consent_html_mask_sse2(a, b, c, d, '\'');
    m->eq = consent_html_mask_sse2(a, b, c, d, '=');
    m->slash = consent_html_mask_sse2(a, b, c, d, '/');
    m->call = consent_html_mask_sse2(a, b, c, d, '(')
              | consent_html_mask_sse2(a, b, c, d, '&');

    /* what does not change when it is capped at 0x20 */

    x = _mm_set1_epi8(0x20);

    m->control = ~consent_html_mask_sse2(a, b, c, d, ' ');

    a = _mm_cmpeq_epi8(_mm_min_epu8(a, x), a);
    b = _mm_cmpeq_epi8(_mm_min_epu8(b, x), b);
    c = _mm_cmpeq_epi8(_mm_min_epu8(c, x), c);
    d = _mm_cmpeq_epi8(_mm_min_epu8(d, x), d);

    m->space = (uint64_t) (uint32_t) _mm_movemask_epi8(a)
               | (uint64_t) (uint32_t) _mm_movemask_epi8(b) << 16
               | (uint64_t) (uint32_t) _mm_movemask_epi8(c) << 32
               | (uint64_t) (uint32_t) _mm_movemask_epi8(d) << 48;
    m->control &= m->space;
}


__attribute__((target("avx2")))
static inline uint64_t
consent_html_mask_avx2(__m256i a, __m256i b, char byte)
{
    __m256i  x;

    x = _mm256_set1_epi8(byte);

    return (uint64_t) (uint32_t)
               _mm256_movemask_epi8(_mm256_cmpeq_epi8(a, x))
           | (uint64_t) (uint32_t)
               _mm256_movemask_epi8(_mm256_cmpeq_epi8(b, x)) << 32;
}


__attribute__((target("avx2")))
static inline void
consent_html_masks_avx2(consent_html_masks_t *m, const uint8_t *p)
{
    __m256i  a, b, x;

    a = _mm256_loadu_si256((const __m256i *) (const void *) p);
    b = _mm256_loadu_si256((const __m256i *) (const void *) (p + 32));

    m->gt = consent_html_mask_avx2(a, b, '>');
    m->dq = consent_html_mask_avx2(a, b, '"');
    m->sq = consent_html_mask_avx2(a, b, '\'');
    m->eq = consent_html_mask_avx2(a, b, '=');
    m->slash = consent_html_mask_avx2(a, b, '/');
    m->call = consent_html_mask_avx2(a, b, '(')
              | consent_html_mask_avx2(a, b, '&');

    x = _mm256_set1_epi8(0x20);

    m->control = ~consent_html_mask_avx2(a, b, ' ');

    a = _mm256_cmpeq_epi8(_mm256_min_epu8(a, x), a);
    b = _mm256_cmpeq_epi8(_mm256_min_epu8(b, x), b);

    m->space = (uint64_t) (uint32_t) _mm256_movemask_epi8(a)
               | (uint64_t) (uint32_t) _mm256_movemask_epi8(b) << 32;
    m->control &= m->space;
}


CONSENT_HTML_FAST(consent_html_fast_sse2, "sse2", consent_html_masks_sse2)


CONSENT_HTML_FAST(consent_html_fast_avx2, "avx2,bmi", consent_html_masks_avx2)


consent_html_fast_pt
consent_html_fast(void)
{
    return (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi"))
           ? consent_html_fast_avx2 : consent_html_fast_sse2;
}


consent_html_fast_pt
consent_html_fast_nth(unsigned n)
{
    if (n == 0) {
        return consent_html_fast_sse2;
    }

    return (n == 1 && consent_html_fast() == consent_html_fast_avx2)
           ? consent_html_fast_avx2 : NULL;
}


#else /* the states do it all */


consent_html_fast_pt
consent_html_fast(void)
{
    return NULL;
}


consent_html_fast_pt
consent_html_fast_nth(unsigned n)
{
    (void) n;

    return NULL;
}

#endif
