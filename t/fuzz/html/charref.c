/*
 * Copyright (C) ngx_consent_module authors
 *
 * Character references: the result has a bound, a short buffer gets the
 * beginning of it, and text without references stays as it is.
 */


#include "consent_charref.h"
#include "fuzz.h"


#define MAX_GROWTH  3           /* a NUL is three bytes in the end */


static int is_plain(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t          len, cut, room;
    uint8_t        *full, *part;
    consent_str_t   value;

    value = consent_str_make(data, size);
    full = malloc(MAX_GROWTH * size + 1);

    if (full == NULL) {
        abort();
    }

    len = consent_charref_decode(full, MAX_GROWTH * size + 1, value);

    FUZZ_CHECK(len <= MAX_GROWTH * size);

    if (is_plain(data, size)) {
        FUZZ_CHECK(len == size);
        FUZZ_CHECK(len == 0 || memcmp(full, data, len) == 0);
    }

    room = fuzz_hash(data, size) % (len + 1);
    part = malloc(room ? room : 1);

    if (part == NULL) {
        abort();
    }

    cut = consent_charref_decode(part, room, value);

    FUZZ_CHECK(cut <= room);
    FUZZ_CHECK(memcmp(part, full, cut) == 0);
    FUZZ_CHECK(room < len || cut == len);

    free(part);
    free(full);

    return 0;
}


static int
is_plain(const uint8_t *data, size_t size)
{
    size_t  i;

    for (i = 0; i < size; i++) {
        if (data[i] == '&' || data[i] == '\r' || data[i] == '\0') {
            return 0;
        }
    }

    return 1;
}
