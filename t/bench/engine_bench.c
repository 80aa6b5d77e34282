/*
 * Copyright (C) ngx_consent_module authors
 *
 * The rewriter over real pages, in pieces of 16 KB, beside memchr() finding
 * every "<" of the same bytes:
 *
 *     build/bench/engine_bench FILE...
 *
 * Pages are taken in turn, so that neither cache nor branch predictor is warm
 * for any of them; both engines run each round, the medians of their CPU time
 * are compared.
 */


#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "rewrite_fixture.h"


#define PIECE    16384
#define ROUNDS   9


typedef struct {
    uint8_t  *data;
    size_t    len;
} page_t;


static page_t   *pages;
static int       npages;
static size_t    total;


static double
now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);

    return (double) ts.tv_sec + (double) ts.tv_nsec / 1e9;
}


static void
read_pages(int n, char **names)
{
    int      i;
    long     len;
    FILE    *f;

    pages = calloc((size_t) n, sizeof(page_t));

    for (i = 0; i < n; i++) {
        f = fopen(names[i], "rb");
        if (f == NULL) {
            perror(names[i]);
            exit(2);
        }

        fseek(f, 0, SEEK_END);
        len = ftell(f);
        rewind(f);

        pages[i].len = (size_t) len;
        pages[i].data = malloc((size_t) len + 1);

        if (fread(pages[i].data, 1, (size_t) len, f) != (size_t) len) {
            perror(names[i]);
            exit(2);
        }

        fclose(f);
        total += (size_t) len;
    }

    npages = n;
}


static double
run_memchr(void)
{
    int              i;
    double           start;
    volatile size_t  hits;
    const uint8_t   *p, *end, *piece, *last;

    start = now();
    hits = 0;

    for (i = 0; i < npages; i++) {
        piece = pages[i].data;
        last = piece + pages[i].len;

        for ( /* void */ ; piece < last; piece = end) {
            end = (last - piece > PIECE) ? piece + PIECE : last;
            p = piece;

            while (p < end
                   && (p = memchr(p, '<', (size_t) (end - p))) != NULL)
            {
                hits++;
                p++;
            }
        }
    }

    return now() - start;
}


static int
sink_count(void *data, const uint8_t *p, size_t len)
{
    size_t  *n = data;

    (void) p;
    *n += len;

    return 0;
}


static double
run_rewrite(const consent_rewrite_conf_t *conf, unsigned *blocked)
{
    int                       i;
    size_t                    out, n;
    double                    start;
    consent_sink_t            sink;
    static consent_rewrite_t  rw;
    const uint8_t            *p, *last;

    sink.pass = sink_count;
    sink.copy = sink_count;
    sink.literal = sink_count;
    sink.data = &out;

    *blocked = 0;
    out = 0;

    start = now();

    for (i = 0; i < npages; i++) {
        consent_rewrite_init(&rw, conf, &sink);

        p = pages[i].data;
        last = p + pages[i].len;

        for ( /* void */ ; p < last; p += n) {
            n = (last - p > PIECE) ? PIECE : (size_t) (last - p);

            if (consent_rewrite_feed(&rw, p, n, p + n == last) != 0) {
                exit(2);
            }
        }

        *blocked += rw.blocked;
    }

    return now() - start;
}


static int
compare(const void *a, const void *b)
{
    double  x, y;

    memcpy(&x, a, sizeof(double));
    memcpy(&y, b, sizeof(double));

    return (x > y) - (x < y);
}


int
main(int argc, char **argv)
{
    int                     round, n;
    char                    rule[64];
    double                  base[ROUNDS], ours[ROUNDS], ratio[ROUNDS];
    unsigned                blocked;
    consent_rewrite_conf_t  conf;

    static const char  *const real[] = {
        ".google-analytics.com", ".googletagmanager.com",
        ".doubleclick.net", ".googlesyndication.com", ".facebook.net",
        ".facebook.com", ".twitter.com", ".scorecardresearch.com",
        ".quantserve.com", ".youtube.com", ".chartbeat.com", ".addthis.com",
        ".optimizely.com", ".hotjar.com", ".outbrain.com", ".taboola.com"
    };

    static const char  *const inlines[] = {
        "google-analytics.com/ga.js", "gtag(", "_gaq.push", "fbq(",
        "GoogleAnalyticsObject", "chartbeat", "quantserve", "hj("
    };

    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE...\n", argv[0]);
        return 2;
    }

    read_pages(argc - 1, argv + 1);

    fixture_policy();

    for (n = 0; n < (int) (sizeof(real) / sizeof(real[0])); n++) {
        fixture_rule(CONSENT_RULE_RESOURCE, real[n], 0);
    }

    for (n = 0; n < (int) (sizeof(inlines) / sizeof(inlines[0])); n++) {
        fixture_rule(CONSENT_RULE_INLINE, inlines[n], 0);
    }

    for (n = 0; n < 10000; n++) {
        snprintf(rule, sizeof(rule), ".tracker%d.example%d.com", n, n % 97);
        fixture_rule(CONSENT_RULE_RESOURCE, rule, 0);
    }

    fixture_ready();
    fixture_conf(&conf, 16384);

    for (round = 0; round < ROUNDS; round++) {
        base[round] = run_memchr();
        ours[round] = run_rewrite(&conf, &blocked);
        ratio[round] = base[round] / ours[round];
    }

    qsort(base, ROUNDS, sizeof(double), compare);
    qsort(ours, ROUNDS, sizeof(double), compare);
    qsort(ratio, ROUNDS, sizeof(double), compare);

    printf("%d pages, %.1f MB, %u tags blocked, 10,000 rules\n", npages,
           (double) total / 1e6, blocked);
    printf("memchr  %7.0f MB/s\n", (double) total / 1e6 / base[ROUNDS / 2]);
    printf("rewrite %7.0f MB/s\n", (double) total / 1e6 / ours[ROUNDS / 2]);
    printf("ratio   %7.3f (%.3f to %.3f)\n", ratio[ROUNDS / 2], ratio[0],
           ratio[ROUNDS - 1]);

    return 0;
}
