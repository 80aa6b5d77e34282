/*
 * Copyright (C) ngx_consent_module authors
 *
 * Counters in shared memory: rows that keep their names, values that several
 * processes add to; and the Bloom filter of rules that have matched.
 */


#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "consent_bloom.h"
#include "consent_counter.h"
#include "tap.h"


#define ADDS  200000
#define PROCESSES  4u


static consent_counters_t *create(unsigned stripes);
static consent_str_t name_of(char *buf, const char *prefix, unsigned i);
static uint16_t bind_one(consent_counters_t *c, const char *name);
static void test_values(void);
static void test_rows(void);
static void test_recycled(void);
static void test_copy(void);
static void test_processes(void);
static void test_bloom(void);


static consent_counters_t *
create(unsigned stripes)
{
    void  *mem;

    mem = mmap(NULL, consent_counters_size(stripes), PROT_READ|PROT_WRITE,
               MAP_SHARED|MAP_ANONYMOUS, -1, 0);

    return consent_counters_init(mem, stripes, 1000);
}


static consent_str_t
name_of(char *buf, const char *prefix, unsigned i)
{
    int  len;

    len = snprintf(buf, 64, "%s%u", prefix, i);

    return consent_str_make((const uint8_t *) buf, (size_t) len);
}


static uint16_t
bind_one(consent_counters_t *c, const char *name)
{
    uint16_t       row;
    consent_str_t  s;

    s = consent_str_make((const uint8_t *) name, strlen(name));
    row = UINT16_MAX;

    (void) consent_counters_bind(c, CONSENT_ROW_CATEGORY, &s, 1, &row);

    return row;
}


static void
add(consent_counters_t *c, unsigned process, unsigned index, uint64_t n)
{
    consent_counter_stripe_t  stripe;

    stripe = consent_counters_stripe(c, process);
    consent_counter_add(&stripe, index, n);
}


static void
test_values(void)
{
    unsigned             i;
    consent_counters_t  *c;

    c = create(4);

    ok(consent_counters_since(c) == 1000, "since when is counted");
    ok(consent_counters_sum(c, CONSENT_COUNT_LATE) == 0, "zero at first");

    for (i = 0; i < 11; i++) {
        add(c, i, CONSENT_COUNT_LATE, 3);
    }

    ok(consent_counters_sum(c, CONSENT_COUNT_LATE) == 33,
       "what all stripes have, any number of them");
    ok(consent_counters_sum(c, CONSENT_COUNT_LATE - 1) == 0
       && consent_counters_sum(c, CONSENT_COUNT_LATE + 1) == 0,
       "and no other value");

    add(c, 0, CONSENT_COUNT_LATE, UINT64_MAX / 2);

    ok(consent_counters_sum(c, CONSENT_COUNT_LATE) == UINT64_MAX / 2 + 33,
       "64 bits");
}


static void
test_rows(void)
{
    uint16_t             a, b, rows[2];
    consent_str_t        names[2] = { consent_str("b"), consent_str("a") };
    consent_counters_t  *c;

    c = create(1);

    a = bind_one(c, "a");
    add(c, 0, consent_count_category(a, 2), 5);

    b = bind_one(c, "b");
    ok(a != b, "two names, two rows");

    ok(consent_counters_bind(c, CONSENT_ROW_CATEGORY, names, 2, rows) == 0
       && rows[0] == b && rows[1] == a,
       "another order of names, the same rows");
    ok(consent_counters_sum(c, consent_count_category(rows[1], 2)) == 5,
       "and values");

    ok(consent_counters_bind(c, CONSENT_ROW_SOURCE, names, 1, rows) == 0
       && consent_counters_sum(c, consent_count_source(rows[0],
                                                   CONSENT_KIND_EXPLICIT))
          == 0,
       "rows of sources are others");
}


static void
test_recycled(void)
{
    char                 buf[CONSENT_ROWS_CATEGORIES + 1][64];
    uint16_t             row, rows[CONSENT_ROWS_CATEGORIES + 1];
    unsigned             i;
    consent_str_t        names[CONSENT_ROWS_CATEGORIES + 1];
    consent_counters_t  *c;

    c = create(2);

    row = bind_one(c, "old");
    add(c, 0, consent_count_category(row, 0), 7);
    add(c, 1, consent_count_category(row, 0), 7);

    for (i = 0; i < CONSENT_ROWS_CATEGORIES + 1; i++) {
        names[i] = name_of(buf[i], "n", i);
    }

    ok(consent_counters_bind(c, CONSENT_ROW_CATEGORY, names,
                             CONSENT_ROWS_CATEGORIES + 1, rows)
       == -1,
       "more names than rows");

    ok(consent_counters_bind(c, CONSENT_ROW_CATEGORY, names,
                             CONSENT_ROWS_CATEGORIES - 1, rows)
       == 0
       && bind_one(c, "old") == row
       && consent_counters_sum(c, consent_count_category(row, 0)) == 14,
       "names that are not bound keep their rows while there are others");

    ok(consent_counters_bind(c, CONSENT_ROW_CATEGORY, names,
                             CONSENT_ROWS_CATEGORIES, rows)
       == 0,
       "and lose them when there are none");

    for (i = 0; i < CONSENT_ROWS_CATEGORIES && rows[i] != row; i++) {
        /* who has it now */
    }

    ok(i < CONSENT_ROWS_CATEGORIES
       && consent_counters_sum(c, consent_count_category(row, 0)) == 0,
       "what is in them is not another's");
}


static void
test_copy(void)
{
    uint16_t             row;
    consent_counters_t  *c, *larger;

    c = create(1);
    row = bind_one(c, "kept");

    add(c, 0, consent_count_category(row, 1), 9);
    add(c, 0, CONSENT_COUNT_REQUESTS, 4);

    larger = create(8);
    consent_counters_copy(larger, c);

    ok(bind_one(larger, "kept") == row
       && consent_counters_sum(larger, consent_count_category(row, 1)) == 9
       && consent_counters_sum(larger, CONSENT_COUNT_REQUESTS) == 4
       && consent_counters_since(larger) == 1000,
       "all of it, into another number of stripes");
}


/* every one of the additions counts, from one stripe or from several */

static void
test_processes(void)
{
    int                  status;
    unsigned             i, j, n;
    consent_counters_t  *c;

    for (n = 1; n <= 4; n++) {
        c = create(n);

        for (i = 0; i < PROCESSES; i++) {

            if (fork() == 0) {
                for (j = 0; j < ADDS; j++) {
                    add(c, i, CONSENT_COUNT_REQUESTS, 1);
                }

                _exit(0);
            }
        }

        while (wait(&status) > 0) {
            ok(status == 0, "a process has counted");
        }

        ok(consent_counters_sum(c, CONSENT_COUNT_REQUESTS)
           == PROCESSES * ADDS,
           "%u processes, %u stripes: nothing is lost", PROCESSES, n);
    }
}


static void
test_bloom(void)
{
    char      buf[64];
    uint8_t   small[64], bits[1024], large[4096];
    unsigned  i, missed, extra;
    uint64_t  hash;

    memset(bits, 0, sizeof(bits));
    memset(small, 0, sizeof(small));
    memset(large, 0, sizeof(large));

    for (i = 0; i < 300; i++) {
        hash = consent_bloom_hash(CONSENT_BLOOM_START, name_of(buf, "r", i));
        consent_bloom_set(bits, sizeof(bits), hash);
    }

    missed = 0;
    extra = 0;

    for (i = 0; i < 6000; i++) {
        hash = consent_bloom_hash(CONSENT_BLOOM_START, name_of(buf, "r", i));

        if (i < 300) {
            missed += !consent_bloom_has(bits, sizeof(bits), hash);

        } else {
            extra += (unsigned) consent_bloom_has(bits, sizeof(bits), hash);
        }
    }

    ok(missed == 0, "what was seen is found");
    ok(extra < 30, "what was not is not, but for a few (%u of 5700)", extra);

    consent_bloom_copy(large, sizeof(large), bits, sizeof(bits));
    consent_bloom_copy(small, sizeof(small), bits, sizeof(bits));

    for (i = 0; i < 300; i++) {
        hash = consent_bloom_hash(CONSENT_BLOOM_START, name_of(buf, "r", i));
        missed += !consent_bloom_has(large, sizeof(large), hash);
        missed += !consent_bloom_has(small, sizeof(small), hash);
    }

    ok(missed == 0, "also in a copy of another size");

    hash = consent_bloom_hash(CONSENT_BLOOM_START, name_of(buf, "x", 1));
    ok(!consent_bloom_has(large, sizeof(large), hash),
       "and not everything is found in a larger one");
}


int
main(void)
{
    test_values();
    test_rows();
    test_recycled();
    test_copy();
    test_processes();
    test_bloom();

    return done_testing();
}
