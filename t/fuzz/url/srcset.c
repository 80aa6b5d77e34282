/*
 * Copyright (C) ngx_consent_module authors
 *
 * The candidates of a srcset: they come in order and out of the value, and
 * joined by commas they are the same candidates again, which is what the
 * rewriter does with those that may be fetched.
 */


#include "consent_srcset.h"
#include "fuzz.h"


#define MAX_CANDIDATES  1024


static size_t read_all(consent_srcset_t *list, const uint8_t *data,
    size_t size);
static void check_one(const consent_srcset_t *c, const uint8_t *from,
    const uint8_t *end);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t                   i, n, len;
    uint8_t                 *joined, *p;
    static consent_srcset_t  list[MAX_CANDIDATES], again[MAX_CANDIDATES];

    n = read_all(list, data, size);

    joined = malloc(size + 2 * n + 1);

    if (joined == NULL) {
        abort();
    }

    p = joined;

    for (i = 0; i < n; i++) {
        if (i) {
            *p++ = ',';
            *p++ = ' ';
        }

        memcpy(p, list[i].candidate.data, list[i].candidate.len);
        p += list[i].candidate.len;
    }

    len = (size_t) (p - joined);

    FUZZ_CHECK(read_all(again, joined, len) == n);

    for (i = 0; i < n; i++) {
        FUZZ_CHECK(consent_str_eq(list[i].url, again[i].url));
        FUZZ_CHECK(consent_str_eq(list[i].candidate, again[i].candidate));
    }

    free(joined);

    return 0;
}


static size_t
read_all(consent_srcset_t *list, const uint8_t *data, size_t size)
{
    size_t          n;
    consent_str_t   rest;
    const uint8_t  *from;

    rest = consent_str_make(data, size);
    from = data;

    for (n = 0; n < MAX_CANDIDATES; n++) {
        if (!consent_srcset_next(&list[n], &rest)) {
            break;
        }

        check_one(&list[n], from, data + size);

        from = list[n].candidate.data + list[n].candidate.len;

        FUZZ_CHECK(rest.len == 0 || rest.data >= from);
        FUZZ_CHECK(rest.len == 0 || rest.data + rest.len == data + size);
    }

    return n;
}


static void
check_one(const consent_srcset_t *c, const uint8_t *from, const uint8_t *end)
{
    uint8_t  first, last;

    FUZZ_CHECK(c->url.len > 0);
    FUZZ_CHECK(c->url.data >= from);
    FUZZ_CHECK(c->url.data == c->candidate.data);
    FUZZ_CHECK(c->candidate.len >= c->url.len);
    FUZZ_CHECK(c->candidate.data + c->candidate.len <= end);

    first = c->url.data[0];
    last = c->url.data[c->url.len - 1];

    FUZZ_CHECK(!consent_is_space(first) && first != ',');
    FUZZ_CHECK(!consent_is_space(last) && last != ',');
}
