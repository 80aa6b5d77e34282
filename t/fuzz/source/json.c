/*
 * Copyright (C) ngx_consent_module authors
 *
 * JSON, strict and lenient, as the value of a cookie.  The lenient reader
 * writes the same into whatever room is enough, and nothing into less; and an
 * object or array that was cut is no decision.
 */


#include "consent_lenient.h"
#include "fuzz.h"
#include "source_fixture.h"


static void check_lenient(consent_str_t text, uint32_t *rnd);
static void check_cut(const uint8_t *data, size_t size, uint32_t *rnd);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t    len;
    uint8_t  *copy;
    uint32_t  rnd;

    /* seeds of the family are cookies */

    if (size >= 2 && data[0] == 'c' && data[1] == '=') {
        data += 2;
        size -= 2;
    }

    for (len = 0; len < size && data[len] != ';'; len++) {
        /* void */
    }

    rnd = fuzz_hash(data, len);
    copy = malloc(len + 2);

    if (copy == NULL) {
        abort();
    }

    memcpy(copy, "c=", 2);

    if (len) {
        memcpy(copy + 2, data, len);
    }

    check_lenient(consent_str_make(copy + 2, len), &rnd);
    check_cut(copy, len + 2, &rnd);

    free(copy);

    return 0;
}


static void
check_lenient(consent_str_t text, uint32_t *rnd)
{
    size_t    len, room;
    uint8_t  *all, *some;

    room = text.len * 8 + 16;
    all = malloc(room);

    if (all == NULL) {
        abort();
    }

    len = consent_lenient_json(all, room, text);

    FUZZ_CHECK(len <= room);

    room = len ? len - 1 + fuzz_random(rnd) % 2 : 0;
    some = malloc(room ? room : 1);

    if (some == NULL) {
        abort();
    }

    if (room < len) {
        FUZZ_CHECK(consent_lenient_json(some, room, text) == 0);

    } else {
        FUZZ_CHECK(consent_lenient_json(some, room, text) == len);
        FUZZ_CHECK(len == 0 || memcmp(all, some, len) == 0);
    }

    free(some);
    free(all);
}


static void
check_cut(const uint8_t *data, size_t size, uint32_t *rnd)
{
    size_t                          end, cut;
    uint8_t                        *part;
    consent_reading_t               reading;
    static const consent_source_t  *source;

    if (source == NULL) {
        source = source_compile("cookie c\nparse json\n"
                                "grant functional any(a.*)");
        if (source == NULL) {
            abort();
        }
    }

    reading = source_read(source, consent_str_make(data, size));

    if (reading.kind == CONSENT_DECISION_NONE) {
        FUZZ_CHECK(reading.accepted == 0);
        return;
    }

    if (data[2] != '{' && data[2] != '[') {
        return;
    }

    /* the last byte that is no blank closes it */

    for (end = size; data[end - 1] != '}' && data[end - 1] != ']'; end--) {
        /* void */
    }

    cut = 2 + fuzz_random(rnd) % (end - 2);
    part = fuzz_copy(data, cut);

    reading = source_read(source, consent_str_make(part, cut));

    FUZZ_CHECK(reading.kind == CONSENT_DECISION_NONE);

    free(part);
}
