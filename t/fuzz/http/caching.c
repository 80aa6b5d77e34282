/*
 * Copyright (C) ngx_consent_module authors
 *
 * Cache-Control and Vary.  What is written for a page never lets a shared
 * cache have it, keeps what was there before to be kept, and reads as the
 * same again; lines mean the same joined and apart.
 */


#include "consent_caching.h"
#include "fuzz.h"


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t          len, half;
    uint8_t         dst[CONSENT_CACHING_SIZE], *copy;
    unsigned        kept, again;
    consent_str_t   s;

    static const consent_str_t  cookie = consent_str("Cookie");
    static const consent_str_t  private = consent_str("private");

    copy = fuzz_copy(data, size);
    s = consent_str_make(copy, size);

    (void) consent_caching_field(s);

    kept = 0;
    consent_caching_read(&kept, s);

    len = consent_caching_private(dst, kept);

    FUZZ_CHECK(len <= sizeof(dst));
    FUZZ_CHECK(consent_caching_varies(consent_str_make(dst, len), private));

    again = 0;
    consent_caching_read(&again, consent_str_make(dst, len));

    FUZZ_CHECK(again == kept);

    /* cut at a comma outside of quotes, which any without quotes are */

    for (half = 0; half < size && copy[half] != ','; half++) { /* void */ }

    if (half < size && memchr(copy, '"', size) == NULL) {
        again = 0;
        consent_caching_read(&again, consent_str_make(copy, half));
        consent_caching_read(&again, consent_str_make(copy + half,
                                                      size - half));
        FUZZ_CHECK(again == kept);

        FUZZ_CHECK(consent_caching_varies(s, cookie)
                   == (consent_caching_varies(consent_str_make(copy, half),
                                              cookie)
                       || consent_caching_varies(
                              consent_str_make(copy + half, size - half),
                              cookie)));
    }

    free(copy);

    return 0;
}
