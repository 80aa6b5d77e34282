/*
 * Copyright (C) ngx_consent_module authors
 *
 * The addresses that a script names: the same in all ways to search, of the
 * form that the URL parser is given, and never hidden by what stands before.
 */


#include "consent_mention.h"
#include "fuzz.h"
#include "tap.h"


#define NAMED  "\n fetch('//tracker.example/a');"


static void make_set(void);
static int names_it(const uint8_t *data, size_t size, unsigned way,
    uint64_t *digest, size_t room);
static void add(uint64_t *digest, consent_str_t s);


static consent_mention_set_t  *set;


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t     room;
    uint8_t   *text;
    uint64_t   first, other;
    unsigned   way;

    text = malloc(size + sizeof(NAMED));

    if (text == NULL) {
        abort();
    }

    if (size) {
        memcpy(text, data, size);
    }

    memcpy(text + size, NAMED, sizeof(NAMED));

    room = 64 + fuzz_hash(data, size) % 1024;

    if (set == NULL) {
        make_set();
    }

    FUZZ_CHECK(names_it(text, size + sizeof(NAMED) - 1, 0, &first, room));

    for (way = 1; consent_filter_nth(way) != NULL; way++) {
        FUZZ_CHECK(names_it(text, size + sizeof(NAMED) - 1, way, &other,
                            room));
        FUZZ_CHECK(first == other);
    }

    free(text);

    return 0;
}


/* every host there is */

static void
make_set(void)
{
    set = consent_mention_set_create(test_mem(), 0);

    if (set == NULL) {
        abort();
    }

    consent_mention_set_add_all(set);
    consent_mention_set_ready(set);
}


static int
names_it(const uint8_t *data, size_t size, unsigned way,
    uint64_t *digest, size_t room)
{
    int                 found;
    size_t              n;
    uint8_t            *buf, *copy;
    consent_str_t       url;
    consent_filter_t    filter;
    consent_mention_t   m;

    static const consent_str_t  named = consent_str("//tracker.example");

    buf = malloc(room);

    if (buf == NULL) {
        abort();
    }

    copy = fuzz_copy(data, size);
    found = 0;
    *digest = 0;

    consent_mention_init(&m, set, consent_str_make(copy, size));

    filter = *consent_mention_set_filter(set);
    filter.find = consent_filter_nth(way);
    m.scan.filter = &filter;

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
