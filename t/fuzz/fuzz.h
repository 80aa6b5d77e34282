/*
 * Copyright (C) ngx_consent_module authors
 *
 * What the fuzz targets share.  A target is one file t/fuzz/FAMILY/NAME.c
 * with LLVMFuzzerTestOneInput(); tokens.dict beside it and the seeds in
 * t/fuzz/corpus/FAMILY belong to all targets of the family.
 */


#ifndef FUZZ_H
#define FUZZ_H


#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consent_str.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* a property that has to hold whatever the input is */

#define FUZZ_CHECK(property)                                                  \
    do {                                                                      \
        if (!(property)) {                                                    \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__,           \
                    __LINE__, #property);                                     \
            abort();                                                          \
        }                                                                     \
    } while (0)


/*
 * Choices that are no part of the input: they follow from all of it, so that
 * an input alone tells what was done with it.
 */

__attribute__((unused))
static uint32_t
fuzz_hash(const uint8_t *data, size_t size)
{
    size_t    i;
    uint32_t  hash;

    hash = 2166136261u;

    for (i = 0; i < size; i++) {
        hash = (hash ^ data[i]) * 16777619u;
    }

    return hash ^ hash >> 15;
}


__attribute__((unused))
static uint32_t
fuzz_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;

    return *state >> 8;
}


/* memory of exactly that size, so that a sanitizer sees what is beyond */

__attribute__((unused))
static uint8_t *
fuzz_copy(const uint8_t *data, size_t size)
{
    uint8_t  *copy;

    copy = malloc(size ? size : 1);

    if (copy == NULL) {
        abort();
    }

    if (size) {
        memcpy(copy, data, size);
    }

    return copy;
}


#endif /* FUZZ_H */
