/*
 * Copyright (C) ngx_consent_module authors
 *
 * The lines of a consent_source block: any of them is accepted or refused
 * with a message, and a block that compiles reads cookies without granting
 * anything to a request that has none.
 */


#include "source_fixture.h"
#include "fuzz.h"


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t                   i, used;
    unsigned                 n, line, origin;
    consent_str_t            words[32], rest;
    consent_block_t         *block;
    consent_mem_t            mem;
    consent_reading_t        reading;
    const uint8_t           *end;
    const consent_source_t  *source;

    static const char  *first[] = { "cookie", "own", "transform", "shape",
        "parse", "into", "decided", "implied", "reset", "grant", "deny" };

    mem.alloc = source_alloc;
    mem.data = NULL;

    source = source_compile("cookie c\nparse json\ngrant functional a");
    block = source_block(&mem, "fuzz");

    if (source == NULL) {
        abort();
    }

    rest = consent_str_make(data, size);
    origin = 0;

    /* the first byte of a line is the directive, blanks separate words */

    for (line = 0; line < 24 && rest.len; line++) {
        end = memchr(rest.data, '\n', rest.len);
        used = end ? (size_t) (end - rest.data) : rest.len;

        words[0] = source_str(first[rest.data[0] % 11]);
        n = 1;

        for (i = 1; i < used && n < 32; n++) {
            words[n].data = rest.data + i;

            while (i < used && rest.data[i] != ' ') {
                i++;
            }

            words[n].len = (size_t) (rest.data + i - words[n].data);
            i++;
        }

        if (used && consent_block_line(block, (line & 1)
                                              ? CONSENT_LAYER_DEFAULTS
                                              : CONSENT_LAYER_RULES,
                                       words, n, ++origin, &source_error)
                    != 0)
        {
            FUZZ_CHECK(source_error.text[0] != '\0');
            FUZZ_CHECK(source_error.origin < origin);
        }

        used += (end != NULL);
        rest.data += used;
        rest.len -= used;
    }

    source = consent_block_compile(block, &source_policy, &source_error);

    if (source == NULL) {
        FUZZ_CHECK(source_error.text[0] != '\0');

    } else {
        reading = source_read(source, source_str("other=1; x=yes"));
        FUZZ_CHECK(reading.reason == CONSENT_REASON_OK
                   || reading.accepted == 0);

        reading = source_read(source, source_str(""));
        FUZZ_CHECK(reading.accepted == 0);
    }

    source_free();

    return 0;
}
