/*
 * Copyright (C) ngx_consent_module authors
 *
 * A request's Cookie field: kept whole it is the same bytes, otherwise it is
 * no longer than before and holds the kept cookies and no other.
 */


#include "consent_cookie.h"
#include "fuzz.h"


static int keep_all(void *data, const consent_cookie_t *cookie);
static int keep_some(void *data, const consent_cookie_t *cookie);
static void check_kept(const uint8_t *out, size_t len, consent_str_t header,
    unsigned removed);
static int next_kept(consent_str_t *rest, consent_cookie_t *cookie,
    unsigned *dropped);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t          len;
    uint8_t        *dst;
    unsigned        removed;
    consent_str_t   header;

    header = consent_str_make(data, size);
    dst = malloc(size ? size : 1);

    if (dst == NULL) {
        abort();
    }

    len = consent_cookie_filter(dst, header, keep_all, NULL, &removed);

    FUZZ_CHECK(removed == 0);
    FUZZ_CHECK(len == size);
    FUZZ_CHECK(len == 0 || memcmp(dst, data, len) == 0);

    len = consent_cookie_filter(dst, header, keep_some, NULL, &removed);

    FUZZ_CHECK(len <= size);
    check_kept(dst, len, header, removed);

    free(dst);

    return 0;
}


static int
keep_all(void *data, const consent_cookie_t *cookie)
{
    (void) data;
    (void) cookie;

    return 1;
}


static int
keep_some(void *data, const consent_cookie_t *cookie)
{
    (void) data;

    return (cookie->name.len == 0) ? cookie->value.len & 1
                                   : cookie->name.data[0] & 1;
}


static void
check_kept(const uint8_t *out, size_t len, consent_str_t header,
    unsigned removed)
{
    unsigned          dropped;
    consent_str_t     left;
    consent_cookie_t  want, got;

    left = consent_str_make(out, len);
    dropped = 0;

    while (next_kept(&header, &want, &dropped)) {
        FUZZ_CHECK(consent_cookie_next(&left, &got));
        FUZZ_CHECK(consent_str_eq(got.name, want.name));
        FUZZ_CHECK(consent_str_eq(got.value, want.value));
    }

    FUZZ_CHECK(!consent_cookie_next(&left, &got));
    FUZZ_CHECK(dropped == removed);
}


static int
next_kept(consent_str_t *rest, consent_cookie_t *cookie, unsigned *dropped)
{
    while (consent_cookie_next(rest, cookie)) {
        if (keep_some(NULL, cookie)) {
            return 1;
        }

        (*dropped)++;
    }

    return 0;
}
