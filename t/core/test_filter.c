/*
 * Copyright (C) ngx_consent_module authors
 *
 * The filter in front of searches: each way to search finds all that fits
 * and nothing else, in texts of every length and in memory of exactly their
 * size.
 */


#include "tap.h"
#include "consent_filter.h"


#define SETS     300
#define TEXT     150
#define STRINGS  20


static uint64_t  random_state = 88172645463325252U;


static unsigned
pick(unsigned n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;

    return (unsigned) ((random_state >> 11) % n);
}


static void
make_filter(consent_filter_t *filter)
{
    uint8_t   bucket;
    unsigned  i, place, len;

    consent_filter_init(filter);

    for (i = 1 + pick(STRINGS); i > 0; i--) {
        bucket = (uint8_t) (1U << pick(CONSENT_FILTER_BUCKETS));
        len = 1 + pick(CONSENT_FILTER_PLACES);

        for (place = 0; place < CONSENT_FILTER_PLACES; place++) {

            if (place < len) {
                consent_filter_allow(filter, place, (uint8_t) ('a' + pick(9)),
                                     bucket);
            } else {
                consent_filter_allow_any(filter, place, bucket);
            }
        }
    }

    consent_filter_ready(filter);
}


/* the number of places where the way finds other than is there */

static unsigned
search(const consent_filter_t *filter, const uint8_t *text, size_t len)
{
    unsigned                wrong;
    const uint8_t          *p, *found;
    consent_filter_scan_t   scan;

    wrong = 0;

    consent_filter_start(&scan, filter, consent_str_make(text, len));

    found = consent_filter_next(&scan);

    for (p = text; p < text + len; p++) {

        if (consent_filter_fits(filter, p, text + len)) {

            if (found != p) {
                wrong++;
                continue;
            }

            found = consent_filter_next(&scan);
        }
    }

    return wrong + (found != NULL);
}


int
main(void)
{
    size_t             len, i;
    uint8_t           *text;
    unsigned           way, set, wrong;
    consent_filter_t   filter;

    for (way = 0; consent_filter_nth(way) != NULL; way++) {
        wrong = 0;

        for (set = 0; set < SETS; set++) {
            make_filter(&filter);
            filter.find = consent_filter_nth(way);

            for (len = 1; len < TEXT; len++) {
                text = malloc(len);
                if (text == NULL) {
                    exit(2);
                }

                for (i = 0; i < len; i++) {
                    text[i] = (uint8_t) (pick(3) ? 'a' + pick(12) : pick(256));
                }

                wrong += search(&filter, text, len);
                free(text);
            }
        }

        is_int((long long) wrong, 0, "way %u finds all that fits", way);
    }

    ok(way > 0, "there are %u ways", way);

    return done_testing();
}
