/*
 * Copyright (C) ngx_consent_module authors
 *
 * Media types in Content-Type.  Each has two names around a slash, lies in the
 * value behind the one before, and reads as the same alone.
 */


#include "consent_media.h"
#include "fuzz.h"


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t          i;
    uint8_t        *copy;
    unsigned        slashes;
    consent_str_t   rest, type, alone, again;
    const uint8_t  *last;

    copy = fuzz_copy(data, size);
    rest = consent_str_make(copy, size);
    last = copy;

    while (consent_media_next(&rest, &type)) {

        FUZZ_CHECK(type.len >= 3);
        FUZZ_CHECK(type.data >= last && type.data + type.len <= copy + size);

        last = type.data + type.len;
        slashes = 0;

        for (i = 0; i < type.len; i++) {
            FUZZ_CHECK(type.data[i] != ',' && type.data[i] != ';'
                       && type.data[i] != '"'
                       && !consent_is_space(type.data[i]));

            slashes += (type.data[i] == '/');
        }

        FUZZ_CHECK(slashes == 1);

        alone = type;

        FUZZ_CHECK(consent_media_next(&alone, &again) == 1);
        FUZZ_CHECK(consent_str_eq(type, again) && alone.len == 0);

        (void) consent_media_is_xml(type);
    }

    FUZZ_CHECK(rest.len == 0);

    free(copy);

    return 0;
}
