/*
 * Copyright (C) ngx_consent_module authors
 *
 * Dates of cookies: what is read, written and read again is the same time.
 */


#include "consent_cookie.h"
#include "fuzz.h"


#define FIRST  (-11644473600)   /* 1601-01-01 */
#define LAST   253402300799     /* 9999-12-31 23:59:59 */


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t   time, again;
    uint8_t   text[CONSENT_COOKIE_DATE_LEN];

    if (consent_cookie_date(consent_str_make(data, size), &time) != 0) {
        return 0;
    }

    FUZZ_CHECK(time >= FIRST && time <= LAST);

    consent_cookie_date_write(text, time);

    FUZZ_CHECK(consent_cookie_date(consent_str_make(text, sizeof(text)),
                                   &again)
               == 0);
    FUZZ_CHECK(time == again);

    return 0;
}
