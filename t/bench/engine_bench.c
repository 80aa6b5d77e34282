/*
 * Copyright (C) ngx_consent_module authors
 *
 * The rewriter over real pages, in pieces of 16 KB, beside memchr() finding
 * every "<" of the same bytes:
 *
 *     build/bench/engine_bench [-n ROUNDS] -r RULES... FILE...
 *
 * RULES is a file of lines "resource PATTERN" or "inline PATTERN"; several
 * rule sets are compared with the first.  t/bench/run makes such files, or
 * take t/bench/trackers.txt.
 *
 * Nothing is warm: the pages are cut into groups, and the engines take turns
 * group by group, each at another place of the collection.  When an engine
 * comes to a page, neither the page nor anything about it is in a cache or in
 * the branch predictor.  The engines' CPU times of each round are compared.
 *
 * Prints lines of five columns with tabs: engine, figure, median, least, most.
 */


#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "rewrite_fixture.h"


#define PIECE         16384
#define GROUP         16        /* pages; long enough for the clock */
#define ARENA         (1 << 20)

#define MAX_ROUNDS    1000
#define MAX_ENGINES   8


typedef struct {
    uint8_t                *data;
    size_t                  len;
} page_t;


/* the first one is memchr(), the others are rule sets */

typedef struct {
    const char             *name;
    consent_policy_t        policy;
    consent_rewrite_conf_t  conf;
    unsigned                blocked;
    double                  times[MAX_ROUNDS];
} engine_t;


static page_t     *pages;
static int         npages;
static size_t      total;

static engine_t    engines[MAX_ENGINES];
static int         nengines = 1;
static int         rounds = 15;

static uint8_t     arena[ARENA];
static size_t      arena_len;


/* as the pool of a request: memory that was in use a moment ago */

static void *
arena_alloc(void *data, size_t size)
{
    void  *p;

    (void) data;

    size = (size + 15) & ~(size_t) 15;

    if (size > ARENA - arena_len) {
        return NULL;
    }

    p = arena + arena_len;
    arena_len += size;

    return p;
}


static double
now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);

    return (double) ts.tv_sec + (double) ts.tv_nsec / 1e9;
}


static FILE *
open_file(const char *name)
{
    FILE  *f;

    f = fopen(name, "rb");

    if (f == NULL) {
        perror(name);
        exit(2);
    }

    return f;
}


static void
read_page(page_t *page, const char *name)
{
    long   len;
    FILE  *f;

    f = open_file(name);

    fseek(f, 0, SEEK_END);
    len = ftell(f);
    rewind(f);

    page->len = (size_t) len;
    page->data = malloc((size_t) len + 1);

    if (fread(page->data, 1, page->len, f) != page->len) {
        perror(name);
        exit(2);
    }

    fclose(f);
    total += page->len;
}


static void
read_rules(const char *name)
{
    FILE  *f;
    char   kind[16], pattern[256];

    f = open_file(name);

    /* comments and blank lines have no such two words */

    while (fscanf(f, "%15s %255[^\n]", kind, pattern) == 2) {

        if (strcmp(kind, "resource") == 0) {
            fixture_rule(CONSENT_RULE_RESOURCE, pattern, 0);
        }

        if (strcmp(kind, "inline") == 0) {
            fixture_rule(CONSENT_RULE_INLINE, pattern, 0);
        }
    }

    fclose(f);
}


static void
add_rules(const char *name)
{
    engine_t  *e;

    if (nengines == MAX_ENGINES) {
        fprintf(stderr, "too many rule sets\n");
        exit(2);
    }

    e = &engines[nengines++];

    fixture_policy();
    read_rules(name);
    fixture_ready();
    fixture_conf(&e->conf, PIECE);

    e->name = name;
    e->policy = policy;
    e->conf.judge.policy = &e->policy;
    e->conf.judge.alloc = arena_alloc;
}


static void
run_memchr(const page_t *page)
{
    volatile size_t  hits;
    const uint8_t   *p, *end, *piece, *last;

    hits = 0;
    piece = page->data;
    last = piece + page->len;

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


static int
sink_count(void *data, const uint8_t *p, size_t len)
{
    size_t  *n = data;

    (void) p;
    *n += len;

    return 0;
}


static unsigned
run_rewrite(const page_t *page, const consent_rewrite_conf_t *conf)
{
    size_t                    out, n;
    consent_sink_t            sink;
    static consent_rewrite_t  rw;
    const uint8_t            *p, *last;

    sink.pass = sink_count;
    sink.copy = sink_count;
    sink.literal = sink_count;
    sink.data = &out;

    out = 0;
    arena_len = 0;

    consent_rewrite_init(&rw, conf, &sink);

    p = page->data;
    last = p + page->len;

    for ( /* void */ ; p < last; p += n) {
        n = (last - p > PIECE) ? PIECE : (size_t) (last - p);

        if (consent_rewrite_feed(&rw, p, n, p + n == last) != 0) {
            fprintf(stderr, "the rewriter failed\n");
            exit(2);
        }
    }

    return rw.blocked;
}


static void
run_group(engine_t *e, int group, int round)
{
    int     i, last;
    double  start;

    last = (group + 1) * GROUP;

    if (last > npages) {
        last = npages;
    }

    start = now();

    for (i = group * GROUP; i < last; i++) {

        if (e == &engines[0]) {
            run_memchr(&pages[i]);

        } else {
            e->blocked += run_rewrite(&pages[i], &e->conf);
        }
    }

    e->times[round] += now() - start;
}


static void
run_round(int round)
{
    int  i, k, ngroups;

    ngroups = (npages + GROUP - 1) / GROUP;

    for (i = 0; i < ngroups; i++) {
        for (k = 0; k < nengines; k++) {
            run_group(&engines[k], (i + k * ngroups / nengines) % ngroups,
                      round);
        }
    }
}


static int
compare(const void *a, const void *b)
{
    double  x, y;

    x = *(const double *) a;
    y = *(const double *) b;

    return (x > y) - (x < y);
}


static void
print_figure(const char *name, const char *figure, double *values)
{
    qsort(values, (size_t) rounds, sizeof(double), compare);

    printf("%s\t%s\t%.4f\t%.4f\t%.4f\n", name, figure, values[rounds / 2],
           values[0], values[rounds - 1]);
}


static void
print_engine(const engine_t *e)
{
    int     i;
    double  values[MAX_ROUNDS] = { 0 };

    for (i = 0; i < rounds; i++) {
        values[i] = (double) total / 1e6 / e->times[i];
    }

    print_figure(e->name, "speed", values);

    if (e == &engines[0]) {
        return;
    }

    for (i = 0; i < rounds; i++) {
        values[i] = engines[0].times[i] / e->times[i];
    }

    print_figure(e->name, "memchr", values);

    for (i = 0; i < rounds; i++) {
        values[i] = e->times[i] / engines[1].times[i];
    }

    print_figure(e->name, "first", values);

    for (i = 0; i < rounds; i++) {
        values[i] = (double) e->blocked / rounds;
    }

    print_figure(e->name, "blocked", values);
}


int
main(int argc, char **argv)
{
    int  i, opt;

    engines[0].name = "memchr";

    while ((opt = getopt(argc, argv, "n:r:")) != -1) {

        switch (opt) {

        case 'n':
            rounds = atoi(optarg);
            break;

        case 'r':
            add_rules(optarg);
            break;

        default:
            return 2;
        }
    }

    if (optind == argc || nengines == 1 || rounds < 1 || rounds > MAX_ROUNDS)
    {
        fprintf(stderr, "usage: %s [-n ROUNDS] -r RULES... FILE...\n",
                argv[0]);
        return 2;
    }

    npages = argc - optind;
    pages = calloc((size_t) npages, sizeof(page_t));

    for (i = 0; i < npages; i++) {
        read_page(&pages[i], argv[optind + i]);
    }

    for (i = 0; i < rounds; i++) {
        run_round(i);
    }

    for (i = 0; i < nengines; i++) {
        print_engine(&engines[i]);
    }

    return 0;
}
