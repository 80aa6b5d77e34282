/*
 * Copyright (C) ngx_consent_module authors
 *
 * Blocks of bytes with AVX2.  consent_simd_ssse3.h has the same functions; a
 * source file includes one of them, and is only run where the processor has
 * what CONSENT_SIMD_TARGET names.
 *
 * Bit i of a mask stands for byte i of the block.
 */


#ifndef CONSENT_SIMD_AVX2_H
#define CONSENT_SIMD_AVX2_H


#include <immintrin.h>

#include "consent_str.h"


#define CONSENT_SIMD_TARGET                                                   \
    __attribute__((target("avx2,bmi,bmi2,popcnt,pclmul")))


/*
 * One byte to compare with, and a set of ASCII characters of which no two have
 * the same low four bits: at the place of these bits is the character, or one
 * that has other low bits if there is none.
 */

typedef uint8_t  consent_simd_byte_t[32] __attribute__((aligned(32)));
typedef uint8_t  consent_simd_set_t[32] __attribute__((aligned(32)));

#define consent_simd_byte(c)                                                  \
    { c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c,                         \
      c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c }

#define consent_simd_set(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)      \
    { a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p,                         \
      a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p }


/* 64 bytes */

typedef struct {
    __m256i  low;
    __m256i  high;
} consent_simd_t;


CONSENT_SIMD_TARGET
static inline uint64_t
consent_simd_mask(__m256i low, __m256i high)
{
    return (uint64_t) (uint32_t) _mm256_movemask_epi8(low)
           | (uint64_t) (uint32_t) _mm256_movemask_epi8(high) << 32;
}


CONSENT_SIMD_TARGET
static inline consent_simd_t
consent_simd_load(const uint8_t *p)
{
    consent_simd_t  x;

    x.low = _mm256_loadu_si256((const __m256i *) (const void *) p);
    x.high = _mm256_loadu_si256((const __m256i *) (const void *) (p + 32));

    return x;
}


CONSENT_SIMD_TARGET
static inline uint64_t
consent_simd_eq(consent_simd_t x, const consent_simd_byte_t c)
{
    __m256i  y;

    y = _mm256_load_si256((const __m256i *) (const void *) c);

    return consent_simd_mask(_mm256_cmpeq_epi8(x.low, y),
                             _mm256_cmpeq_epi8(x.high, y));
}


/* ASCII characters above c */

CONSENT_SIMD_TARGET
static inline uint64_t
consent_simd_above(consent_simd_t x, const consent_simd_byte_t c)
{
    __m256i  y;

    y = _mm256_load_si256((const __m256i *) (const void *) c);

    return consent_simd_mask(_mm256_cmpgt_epi8(x.low, y),
                             _mm256_cmpgt_epi8(x.high, y));
}


/* bytes of the set */

CONSENT_SIMD_TARGET
static inline uint64_t
consent_simd_in(consent_simd_t x, const consent_simd_set_t set)
{
    __m256i  y;

    y = _mm256_load_si256((const __m256i *) (const void *) set);

    return consent_simd_mask(
               _mm256_cmpeq_epi8(_mm256_shuffle_epi8(y, x.low), x.low),
               _mm256_cmpeq_epi8(_mm256_shuffle_epi8(y, x.high), x.high));
}


/* letters in lower case, other bytes as they may come */

CONSENT_SIMD_TARGET
static inline consent_simd_t
consent_simd_lower(consent_simd_t x)
{
    __m256i  y;

    y = _mm256_set1_epi8(0x20);

    x.low = _mm256_or_si256(x.low, y);
    x.high = _mm256_or_si256(x.high, y);

    return x;
}


/* 64 bytes of flags: all bits of a byte are equal */

CONSENT_SIMD_TARGET
static inline consent_simd_t
consent_simd_is(consent_simd_t x, const consent_simd_byte_t c)
{
    __m256i  y;

    y = _mm256_load_si256((const __m256i *) (const void *) c);

    x.low = _mm256_cmpeq_epi8(x.low, y);
    x.high = _mm256_cmpeq_epi8(x.high, y);

    return x;
}


CONSENT_SIMD_TARGET
static inline consent_simd_t
consent_simd_among(const consent_simd_set_t set, consent_simd_t x)
{
    __m256i  y;

    y = _mm256_load_si256((const __m256i *) (const void *) set);

    x.low = _mm256_cmpeq_epi8(_mm256_shuffle_epi8(y, x.low), x.low);
    x.high = _mm256_cmpeq_epi8(_mm256_shuffle_epi8(y, x.high), x.high);

    return x;
}


/* bytes that are no ASCII, and those below c */

CONSENT_SIMD_TARGET
static inline consent_simd_t
consent_simd_below(consent_simd_t x, const consent_simd_byte_t c)
{
    __m256i  y;

    y = _mm256_load_si256((const __m256i *) (const void *) c);

    x.low = _mm256_cmpgt_epi8(y, x.low);
    x.high = _mm256_cmpgt_epi8(y, x.high);

    return x;
}


/* of a table of 16 bytes below 128, by the low four bits of ASCII */

CONSENT_SIMD_TARGET
static inline consent_simd_t
consent_simd_from(const consent_simd_set_t table, consent_simd_t x)
{
    __m256i  y;

    y = _mm256_load_si256((const __m256i *) (const void *) table);

    x.low = _mm256_shuffle_epi8(y, x.low);
    x.high = _mm256_shuffle_epi8(y, x.high);

    return x;
}


/* where such a byte is not 0 */

CONSENT_SIMD_TARGET
static inline consent_simd_t
consent_simd_any(consent_simd_t x)
{
    x.low = _mm256_cmpgt_epi8(x.low, _mm256_setzero_si256());
    x.high = _mm256_cmpgt_epi8(x.high, _mm256_setzero_si256());

    return x;
}


CONSENT_SIMD_TARGET
static inline consent_simd_t
consent_simd_and(consent_simd_t x, consent_simd_t y)
{
    x.low = _mm256_and_si256(x.low, y.low);
    x.high = _mm256_and_si256(x.high, y.high);

    return x;
}


CONSENT_SIMD_TARGET
static inline consent_simd_t
consent_simd_or(consent_simd_t x, consent_simd_t y)
{
    x.low = _mm256_or_si256(x.low, y.low);
    x.high = _mm256_or_si256(x.high, y.high);

    return x;
}


CONSENT_SIMD_TARGET
static inline uint64_t
consent_simd_bits(consent_simd_t x)
{
    return consent_simd_mask(x.low, x.high);
}


/* the place of the lowest bit; some place, if there is none */

CONSENT_SIMD_TARGET
static inline unsigned
consent_simd_lowest(uint64_t mask)
{
    return (unsigned) _tzcnt_u64(mask);
}


/* the first n of four bytes, or all of them; n is below 32 */

CONSENT_SIMD_TARGET
static inline uint32_t
consent_simd_first(uint32_t bytes, unsigned n)
{
    return _bzhi_u32(bytes, 8 * n);
}


/* 32 bytes */

typedef __m256i  consent_simd_32_t;


CONSENT_SIMD_TARGET
static inline consent_simd_32_t
consent_simd_load_32(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *) (const void *) p);
}


CONSENT_SIMD_TARGET
static inline uint32_t
consent_simd_in_32(consent_simd_32_t x, const consent_simd_set_t set)
{
    __m256i  y;

    y = _mm256_load_si256((const __m256i *) (const void *) set);

    return (uint32_t) _mm256_movemask_epi8(
                          _mm256_cmpeq_epi8(_mm256_shuffle_epi8(y, x), x));
}


/*
 * The same pointer.  The compiler then takes vectors from where it points to,
 * instead of making each of them anew with three instructions.
 */

static inline const void *
consent_simd_hide(const void *p)
{
    __asm__ ("" : "+r" (p));

    return p;
}


/* bit i: whether the number of bits up to i is odd */

CONSENT_SIMD_TARGET
static inline uint64_t
consent_simd_parity(uint64_t mask)
{
    return (uint64_t) _mm_cvtsi128_si64(
                          _mm_clmulepi64_si128(
                              _mm_set_epi64x(0, (long long) mask),
                              _mm_set1_epi8(-1), 0));
}


#endif /* CONSENT_SIMD_AVX2_H */
