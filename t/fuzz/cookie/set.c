/*
 * Copyright (C) ngx_consent_module authors
 *
 * Set-Cookie lines: a rewritten one sets the same cookie, has a bound, and is
 * not rewritten again.
 */


#include "consent_cookie.h"
#include "fuzz.h"


#define NOW      1700000000
#define MAX_AGE  (30 * 86400)


static void check(const uint8_t *out, size_t len, consent_str_t line);
static uint8_t *room(size_t len);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t          len;
    uint8_t        *dst, *again;
    consent_str_t   line, out;

    line = consent_str_make(data, size);
    dst = room(size);

    len = consent_set_cookie_session(dst, line, NOW);

    if (len) {
        check(dst, len, line);

        out = consent_str_make(dst, len);
        again = room(len);
        FUZZ_CHECK(consent_set_cookie_session(again, out, NOW) == 0);
        free(again);
    }

    len = consent_set_cookie_cap(dst, line, NOW, MAX_AGE);

    if (len) {
        check(dst, len, line);

        out = consent_str_make(dst, len);
        again = room(len);
        FUZZ_CHECK(consent_set_cookie_cap(again, out, NOW, MAX_AGE) == 0);
        free(again);
    }

    free(dst);

    return 0;
}


static void
check(const uint8_t *out, size_t len, consent_str_t line)
{
    consent_cookie_t  before, after;

    FUZZ_CHECK(len <= line.len + CONSENT_SET_COOKIE_EXTRA);

    consent_set_cookie_parse(line, &before);
    consent_set_cookie_parse(consent_str_make(out, len), &after);

    FUZZ_CHECK(consent_str_eq(before.name, after.name));
    FUZZ_CHECK(consent_str_eq(before.value, after.value));
}


static uint8_t *
room(size_t len)
{
    uint8_t  *p;

    p = malloc(len + CONSENT_SET_COOKIE_EXTRA);

    if (p == NULL) {
        abort();
    }

    return p;
}
