/*
 * Copyright (C) ngx_consent_module authors
 *
 * Blocks of bytes with SSSE3, the same functions as in consent_simd_avx2.h.
 */


#ifndef CONSENT_SIMD_SSSE3_H
#define CONSENT_SIMD_SSSE3_H


#include <immintrin.h>

#include "consent_str.h"


#define CONSENT_SIMD_TARGET  __attribute__((target("ssse3,popcnt")))


/*
 * One byte to compare with, and a set of ASCII characters of which no two have
 * the same low four bits: at the place of these bits is the character, or one
 * that has other low bits if there is none.
 */

typedef uint8_t  consent_simd_byte_t[16] __attribute__((aligned(16)));
typedef uint8_t  consent_simd_set_t[16] __attribute__((aligned(16)));

#define consent_simd_byte(c)                                                  \
    { c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c }

#define consent_simd_set(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)      \
    { a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p }


/* 64 bytes */

typedef struct {
    __m128i  part[4];
} consent_simd_t;


CONSENT_SIMD_TARGET
static inline consent_simd_t
consent_simd_load(const uint8_t *p)
{
    consent_simd_t   x;
    const __m128i   *part;

    part = (const __m128i *) (const void *) p;

    x.part[0] = _mm_loadu_si128(part);
    x.part[1] = _mm_loadu_si128(part + 1);
    x.part[2] = _mm_loadu_si128(part + 2);
    x.part[3] = _mm_loadu_si128(part + 3);

    return x;
}


CONSENT_SIMD_TARGET
static inline uint64_t
consent_simd_mask(consent_simd_t x)
{
    return (uint64_t) (uint32_t) _mm_movemask_epi8(x.part[0])
           | (uint64_t) (uint32_t) _mm_movemask_epi8(x.part[1]) << 16
           | (uint64_t) (uint32_t) _mm_movemask_epi8(x.part[2]) << 32
           | (uint64_t) (uint32_t) _mm_movemask_epi8(x.part[3]) << 48;
}


CONSENT_SIMD_TARGET
static inline uint64_t
consent_simd_eq(consent_simd_t x, const consent_simd_byte_t c)
{
    int      i;
    __m128i  y;

    y = _mm_load_si128((const __m128i *) (const void *) c);

    for (i = 0; i < 4; i++) {
        x.part[i] = _mm_cmpeq_epi8(x.part[i], y);
    }

    return consent_simd_mask(x);
}


/* ASCII characters above c */

CONSENT_SIMD_TARGET
static inline uint64_t
consent_simd_above(consent_simd_t x, const consent_simd_byte_t c)
{
    int      i;
    __m128i  y;

    y = _mm_load_si128((const __m128i *) (const void *) c);

    for (i = 0; i < 4; i++) {
        x.part[i] = _mm_cmpgt_epi8(x.part[i], y);
    }

    return consent_simd_mask(x);
}


/* bytes of the set */

CONSENT_SIMD_TARGET
static inline uint64_t
consent_simd_in(consent_simd_t x, const consent_simd_set_t set)
{
    int      i;
    __m128i  y;

    y = _mm_load_si128((const __m128i *) (const void *) set);

    for (i = 0; i < 4; i++) {
        x.part[i] = _mm_cmpeq_epi8(_mm_shuffle_epi8(y, x.part[i]), x.part[i]);
    }

    return consent_simd_mask(x);
}


/* letters in lower case, other bytes as they may come */

CONSENT_SIMD_TARGET
static inline consent_simd_t
consent_simd_lower(consent_simd_t x)
{
    int      i;
    __m128i  y;

    y = _mm_set1_epi8(0x20);

    for (i = 0; i < 4; i++) {
        x.part[i] = _mm_or_si128(x.part[i], y);
    }

    return x;
}


/* 64 bytes of flags: all bits of a byte are equal */

CONSENT_SIMD_TARGET
static inline consent_simd_t
consent_simd_is(consent_simd_t x, const consent_simd_byte_t c)
{
    int      i;
    __m128i  y;

    y = _mm_load_si128((const __m128i *) (const void *) c);

    for (i = 0; i < 4; i++) {
        x.part[i] = _mm_cmpeq_epi8(x.part[i], y);
    }

    return x;
}


CONSENT_SIMD_TARGET
static inline consent_simd_t
consent_simd_among(const consent_simd_set_t set, consent_simd_t x)
{
    int      i;
    __m128i  y;

    y = _mm_load_si128((const __m128i *) (const void *) set);

    for (i = 0; i < 4; i++) {
        x.part[i] = _mm_cmpeq_epi8(_mm_shuffle_epi8(y, x.part[i]), x.part[i]);
    }

    return x;
}


/* bytes that are no ASCII, and those below c */

CONSENT_SIMD_TARGET
static inline consent_simd_t
consent_simd_below(consent_simd_t x, const consent_simd_byte_t c)
{
    int      i;
    __m128i  y;

    y = _mm_load_si128((const __m128i *) (const void *) c);

    for (i = 0; i < 4; i++) {
        x.part[i] = _mm_cmpgt_epi8(y, x.part[i]);
    }

    return x;
}


/* of a table of 16 bytes below 128, by the low four bits of ASCII */

CONSENT_SIMD_TARGET
static inline consent_simd_t
consent_simd_from(const consent_simd_set_t table, consent_simd_t x)
{
    int      i;
    __m128i  y;

    y = _mm_load_si128((const __m128i *) (const void *) table);

    for (i = 0; i < 4; i++) {
        x.part[i] = _mm_shuffle_epi8(y, x.part[i]);
    }

    return x;
}


/* where such a byte is not 0 */

CONSENT_SIMD_TARGET
static inline consent_simd_t
consent_simd_any(consent_simd_t x)
{
    int  i;

    for (i = 0; i < 4; i++) {
        x.part[i] = _mm_cmpgt_epi8(x.part[i], _mm_setzero_si128());
    }

    return x;
}


CONSENT_SIMD_TARGET
static inline consent_simd_t
consent_simd_and(consent_simd_t x, consent_simd_t y)
{
    int  i;

    for (i = 0; i < 4; i++) {
        x.part[i] = _mm_and_si128(x.part[i], y.part[i]);
    }

    return x;
}


CONSENT_SIMD_TARGET
static inline consent_simd_t
consent_simd_or(consent_simd_t x, consent_simd_t y)
{
    int  i;

    for (i = 0; i < 4; i++) {
        x.part[i] = _mm_or_si128(x.part[i], y.part[i]);
    }

    return x;
}


CONSENT_SIMD_TARGET
static inline uint64_t
consent_simd_bits(consent_simd_t x)
{
    return consent_simd_mask(x);
}


/* the place of the lowest bit; some place, if there is none */

static inline unsigned
consent_simd_lowest(uint64_t mask)
{
    return (unsigned) __builtin_ctzll(mask | (uint64_t) 1 << 63);
}


/* the first n of four bytes, or all of them */

static inline uint32_t
consent_simd_first(uint32_t bytes, unsigned n)
{
    return (n < 4) ? bytes & (((uint32_t) 1 << 8 * n) - 1) : bytes;
}


/* 32 bytes */

typedef struct {
    __m128i  low;
    __m128i  high;
} consent_simd_32_t;


CONSENT_SIMD_TARGET
static inline consent_simd_32_t
consent_simd_load_32(const uint8_t *p)
{
    consent_simd_32_t  x;

    x.low = _mm_loadu_si128((const __m128i *) (const void *) p);
    x.high = _mm_loadu_si128((const __m128i *) (const void *) (p + 16));

    return x;
}


CONSENT_SIMD_TARGET
static inline uint32_t
consent_simd_in_32(consent_simd_32_t x, const consent_simd_set_t set)
{
    __m128i  y;

    y = _mm_load_si128((const __m128i *) (const void *) set);

    x.low = _mm_cmpeq_epi8(_mm_shuffle_epi8(y, x.low), x.low);
    x.high = _mm_cmpeq_epi8(_mm_shuffle_epi8(y, x.high), x.high);

    return (uint32_t) _mm_movemask_epi8(x.low)
           | (uint32_t) _mm_movemask_epi8(x.high) << 16;
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
    mask ^= mask << 1;
    mask ^= mask << 2;
    mask ^= mask << 4;
    mask ^= mask << 8;
    mask ^= mask << 16;
    mask ^= mask << 32;

    return mask;
}


#endif /* CONSENT_SIMD_SSSE3_H */
