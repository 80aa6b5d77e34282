/*
 * Copyright (C) ngx_consent_module authors
 *
 * The addresses that a script names: the same with and without SIMD, of the
 * form that the URL parser is given, and never hidden by what stands before.
 */


#include "consent_mention.h"
#include "fuzz.h"


#define NAMED  "\n fetch('//tracker.example/a');"


static int names_it(const uint8_t *data, size_t size, unsigned portable,
    uint64_t *digest, size_t room);
static void add(uint64_t *digest, consent_str_t s);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t     room;
    uint8_t   *text;
    uint64_t   simd, portable;

    text = malloc(size + sizeof(NAMED));

    if (text == NULL) {
        abort();
    }

    if (size) {
        memcpy(text, data, size);
    }

    memcpy(text + size, NAMED, sizeof(NAMED));

    room = 64 + fuzz_hash(data, size) % 1024;

    FUZZ_CHECK(names_it(text, size + sizeof(NAMED) - 1, 0, &simd, room));
    FUZZ_CHECK(names_it(text, size + sizeof(NAMED) - 1, 1, &portable, room));
    FUZZ_CHECK(simd == portable);

    free(text);

    return 0;
}


static int
names_it(const uint8_t *data, size_t size, unsigned portable,
    uint64_t *digest, size_t room)
{
    int                 found;
    size_t              n;
    uint8_t            *buf, *copy;
    consent_str_t       url;
    consent_mention_t   m;

    static const consent_str_t  named = consent_str("//tracker.example");

    buf = malloc(room);

    if (buf == NULL) {
        abort();
    }

    copy = fuzz_copy(data, size);
    found = 0;
    *digest = 0;

    consent_mention_init(&m, consent_str_make(copy, size));
    m.portable = portable & 1;

    for (n = 0; consent_mention_next(&m, buf, room, &url); n++) {

        FUZZ_CHECK(n <= size);
        FUZZ_CHECK(url.data == buf && url.len <= room);
        FUZZ_CHECK(url.len > 2 && memcmp(url.data, "//", 2) == 0);

        add(digest, url);

        if (url.len >= named.len
            && memcmp(url.data, named.data, named.len) == 0)
        {
            found = 1;
        }
    }

    free(copy);
    free(buf);

    return found;
}


static void
add(uint64_t *digest, consent_str_t s)
{
    size_t  i;

    for (i = 0; i < s.len; i++) {
        *digest = (*digest ^ s.data[i]) * 1099511628211u;
    }

    *digest = (*digest ^ s.len) * 1099511628211u;
}
