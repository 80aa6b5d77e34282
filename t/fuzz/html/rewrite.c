/*
 * Copyright (C) ngx_consent_module authors
 *
 * The rewriter.  Whatever the document: no cut changes the output, little is
 * held back, with everything accepted nothing changes, and what was written
 * is left alone when it is read again: nothing denied is left in it.
 */


#include "request_mem.h"
#include "rewrite_fixture.h"
#include "fuzz.h"


static void run(consent_rewrite_t *rw, const consent_rewrite_conf_t *conf,
    collector_t *out, const uint8_t *in, size_t len, cut_pt cut, void *data);
static void same(const collector_t *a, const uint8_t *data, size_t len);
static void check_cuts(const consent_rewrite_conf_t *conf,
    const collector_t *whole, unsigned blocked, const uint8_t *in, size_t len);
static void check_accepted(const consent_rewrite_conf_t *conf,
    const uint8_t *in, size_t len);
static void check_again(const consent_rewrite_conf_t *conf,
    const collector_t *out);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t                 hash;
    collector_t              out;
    static int               ready;
    consent_rewrite_t        rw;
    consent_rewrite_conf_t   conf;

    static const size_t      limits[] = { 16384, 16384, 64, 257 };

    if (!ready) {
        fixture_init();
        ready = 1;
    }

    hash = fuzz_hash(data, size);

    fixture_conf(&conf, limits[hash & 3]);
    conf.judge.alloc = request_alloc;
    conf.remove = hash >> 2 & 1;
    conf.xml = (hash >> 3 & 7) == 0;

    run(&rw, &conf, &out, data, size, cut_none, NULL);

    check_cuts(&conf, &out, rw.blocked, data, size);
    check_accepted(&conf, data, size);

    /* a tag that is passed on in parts may never end and counts for nothing */

    if (rw.blocked == 0 && rw.narrowed == 0 && size <= conf.judge.limit) {
        same(&out, data, size);
    }

    /* longer tags and scripts are read as parts, which may differ then */

    if (out.len <= conf.judge.limit) {
        check_again(&conf, &out);
    }

    free(out.data);

    return 0;
}


static void
run(consent_rewrite_t *rw, const consent_rewrite_conf_t *conf,
    collector_t *out, const uint8_t *in, size_t len, cut_pt cut, void *data)
{
    fixture_run(rw, conf, out, in, len, cut, data);
    request_free();

    FUZZ_CHECK(out->stray == 0);
}


static void
same(const collector_t *a, const uint8_t *data, size_t len)
{
    FUZZ_CHECK(a->len == len);
    FUZZ_CHECK(len == 0 || memcmp(a->data, data, len) == 0);
}


static void
check_cuts(const consent_rewrite_conf_t *conf, const collector_t *whole,
    unsigned blocked, const uint8_t *in, size_t len)
{
    uint32_t           seed;
    collector_t        out;
    consent_rewrite_t  rw;

    run(&rw, conf, &out, in, len, cut_bytes, NULL);
    same(&out, whole->data, whole->len);
    FUZZ_CHECK(rw.blocked == blocked);

    /*
     * What is dropped counts as held here: elements, and the rest of a long
     * URL in a style sheet.
     */

    FUZZ_CHECK(conf->remove || blocked || out.held <= 2 * conf->judge.limit);
    free(out.data);

    seed = fuzz_hash(in, len);
    run(&rw, conf, &out, in, len, cut_random, &seed);
    same(&out, whole->data, whole->len);
    free(out.data);
}


static void
check_accepted(const consent_rewrite_conf_t *conf, const uint8_t *in,
    size_t len)
{
    uint32_t                seed;
    collector_t             out;
    consent_rewrite_t       rw;
    consent_rewrite_conf_t  all;

    all = *conf;
    all.judge.denied = 0;
    seed = (uint32_t) len;

    run(&rw, &all, &out, in, len, cut_random, &seed);
    same(&out, in, len);
    FUZZ_CHECK(rw.blocked == 0);
    free(out.data);
}


static void
check_again(const consent_rewrite_conf_t *conf, const collector_t *out)
{
    collector_t        again;
    consent_rewrite_t  rw;

    run(&rw, conf, &again, out->data, out->len, cut_none, NULL);
    same(&again, out->data, out->len);
    FUZZ_CHECK(rw.blocked == 0);
    free(again.data);
}
