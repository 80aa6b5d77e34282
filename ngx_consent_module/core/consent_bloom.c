/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_bloom.h"


/* bits of one thing */

#define BLOOM_BITS  3


static size_t bloom_bit(size_t bytes, uint64_t hash, unsigned n);


uint64_t
consent_bloom_hash(uint64_t hash, consent_str_t text)
{
    size_t  i;

    for (i = 0; i < text.len; i++) {
        hash = (hash ^ text.data[i]) * 0x100000001b3U;
    }

    /* so that "ab" and "c" differ from "a" and "bc" */

    hash = (hash ^ text.len) * 0x9e3779b97f4a7c15U;

    return hash ^ hash >> 29;
}


void
consent_bloom_set(uint8_t *bits, size_t bytes, uint64_t hash)
{
    size_t    bit;
    unsigned  n;

    for (n = 0; n < BLOOM_BITS; n++) {
        bit = bloom_bit(bytes, hash, n);
        (void) __atomic_fetch_or(&bits[bit / 8], (uint8_t) (1U << bit % 8),
                                 __ATOMIC_RELAXED);
    }
}


int
consent_bloom_has(const uint8_t *bits, size_t bytes, uint64_t hash)
{
    size_t    bit;
    unsigned  n;

    for (n = 0; n < BLOOM_BITS; n++) {
        bit = bloom_bit(bytes, hash, n);

        if ((__atomic_load_n(&bits[bit / 8], __ATOMIC_RELAXED)
             & (1U << bit % 8))
            == 0)
        {
            return 0;
        }
    }

    return 1;
}


/* the low bits of a hash are its bit in any of them */

void
consent_bloom_copy(uint8_t *bits, size_t bytes, const uint8_t *from,
    size_t from_bytes)
{
    size_t  i, n;

    n = (bytes > from_bytes) ? bytes : from_bytes;

    for (i = 0; i < n; i++) {
        bits[i & (bytes - 1)] |= __atomic_load_n(&from[i & (from_bytes - 1)],
                                                 __ATOMIC_RELAXED);
    }
}


/* Kirsch and Mitzenmacher: two halves of a hash make any number of them */

static size_t
bloom_bit(size_t bytes, uint64_t hash, unsigned n)
{
    return (size_t) ((hash & UINT32_MAX) + n * (hash >> 32 | 1))
           & (bytes * 8 - 1);
}
