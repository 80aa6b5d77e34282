/*
 * Copyright (C) ngx_consent_module authors
 *
 * Which of many things have been seen, in few bits that several processes
 * share: a Bloom filter.  What was seen is always found; of what was not, a
 * few are found as well, the fewer the more bits there are for it.
 */


#ifndef CONSENT_BLOOM_H
#define CONSENT_BLOOM_H


#include "consent_str.h"


/* of a thing: several strings in turn, from CONSENT_BLOOM_START on */

#define CONSENT_BLOOM_START  0xcbf29ce484222325U

uint64_t consent_bloom_hash(uint64_t hash, consent_str_t text);

/* bits: bytes of them are a power of two, all zero at first */

void consent_bloom_set(uint8_t *bits, size_t bytes, uint64_t hash);
int consent_bloom_has(const uint8_t *bits, size_t bytes, uint64_t hash);

/* all that was seen by others, of any number of bits */

void consent_bloom_copy(uint8_t *bits, size_t bytes, const uint8_t *from,
    size_t from_bytes);


#endif /* CONSENT_BLOOM_H */
