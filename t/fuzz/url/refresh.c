/*
 * Copyright (C) ngx_consent_module authors
 *
 * The URL in the content of a meta refresh: a part of it, without white space
 * around it, and the same whatever white space is in front.
 */


#include "consent_refresh.h"
#include "fuzz.h"


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int             found, again;
    uint8_t        *spaced;
    consent_str_t   url, other;

    found = consent_refresh_url(consent_str_make(data, size), &url);

    if (found) {
        FUZZ_CHECK(url.data >= data && url.data + url.len <= data + size);
    }

    spaced = malloc(size + 2);

    if (spaced == NULL) {
        abort();
    }

    spaced[0] = '\n';
    spaced[1] = ' ';

    if (size) {
        memcpy(spaced + 2, data, size);
    }

    again = consent_refresh_url(consent_str_make(spaced, size + 2), &other);

    FUZZ_CHECK(found == again);
    FUZZ_CHECK(!found || consent_str_eq(url, other));

    free(spaced);

    return 0;
}
