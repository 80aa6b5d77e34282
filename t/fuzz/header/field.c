/*
 * Copyright (C) ngx_consent_module authors
 *
 * Lists in headers.  Whatever the value: what is left is a part of it in the
 * same order, is the whole of it if nothing was removed, and is left alone
 * the next time.
 */


#include "rewrite_fixture.h"
#include "fuzz.h"

#include "consent_field.h"


static size_t run(consent_field_pt filter, uint8_t *dst,
    const consent_rewrite_conf_t *conf, const uint8_t *data, size_t size,
    unsigned *removed);
static void check(consent_field_pt filter, consent_rewrite_conf_t *conf,
    const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t                   half;
    uint8_t                 *copy;
    static int               ready;
    consent_rewrite_conf_t   conf;

    if (!ready) {
        fixture_init();
        ready = 1;
    }

    fixture_conf(&conf, 1024);
    conf.judge.third_party = (fuzz_hash(data, size) & 1)
                             ? 0 : CONSENT_UNCLASSIFIED;
    copy = fuzz_copy(data, size);

    check(consent_field_link, &conf, copy, size);
    check(consent_field_strings, &conf, copy, size);
    check(consent_field_report_to, &conf, copy, size);

    half = size / 2;

    (void) consent_field_has_group(consent_str_make(copy, half),
                                   consent_str_make(copy + half,
                                                    size - half));
    free(copy);

    return 0;
}


static void
check(consent_field_pt filter, consent_rewrite_conf_t *conf,
    const uint8_t *data, size_t size)
{
    size_t     i, len, again;
    uint8_t   *out, *second;
    unsigned   removed;

    out = fuzz_copy(data, size);
    len = run(filter, out, conf, data, size, &removed);

    FUZZ_CHECK(len <= size);
    FUZZ_CHECK(removed || (len == size
                           && (len == 0 || memcmp(data, out, len) == 0)));

    again = 0;

    for (i = 0; i < size && again < len; i++) {
        again += (data[i] == out[again]);
    }

    FUZZ_CHECK(again == len);

    second = fuzz_copy(out, len);
    again = run(filter, second, conf, out, len, &removed);

    FUZZ_CHECK(removed == 0 && again == len);

    conf->judge.denied = 0;
    len = run(filter, out, conf, data, size, &removed);

    FUZZ_CHECK(removed == 0 && len == size);
    FUZZ_CHECK(len == 0 || memcmp(data, out, len) == 0);

    conf->judge.denied = 1;

    free(out);
    free(second);
}


static size_t
run(consent_field_pt filter, uint8_t *dst, const consent_rewrite_conf_t *conf,
    const uint8_t *data, size_t size, unsigned *removed)
{
    consent_judge_t  judge;

    consent_judge_init(&judge, &conf->judge);

    return filter(dst, &judge, consent_str_make(data, size), removed);
}
