/*
 * Copyright (C) ngx_consent_module authors
 *
 * What judging the inline scripts of real pages costs:
 *
 *     build/bench/script_bench [-n ROUNDS] -r RULES... FILE...
 *
 * RULES is a file as that of engine_bench.  Each set of rules is asked for
 * inline patterns alone, for named hosts alone, and for both, as the rewriter
 * does.  The engines take turns, and before each of them as much memory is
 * read as no cache holds, so that nothing of a page is near when it comes to
 * it.
 *
 * Prints lines of five columns with tabs: rules, what, and of the CPU time in
 * ns for 1024 bytes the median, least and most.
 */


#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "rewrite_fixture.h"


#define FLUSH         (96u << 20)
#define WINDOW        16384

#define MAX_ROUNDS    1000
#define MAX_ENGINES   24


typedef enum {
    KIND_MEMCHR = 0,
    KIND_PATTERNS,
    KIND_HOSTS,
    KIND_BOTH,
    KINDS
} kind_e;


static const char *const  kinds[KINDS] = {
    "memchr", "patterns", "hosts", "both"
};


typedef struct {
    const char             *name;
    consent_policy_t        policy;
    consent_rewrite_conf_t  conf;
    kind_e                  kind;
    unsigned                found;
    double                  times[MAX_ROUNDS];
} engine_t;


static consent_str_t  *texts;
static size_t          ntexts;
static size_t          total;

static engine_t        engines[MAX_ENGINES];
static int             nengines;
static int             rounds = 15;

static uint8_t        *flush;


static double
now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);

    return (double) ts.tv_sec * 1e9 + (double) ts.tv_nsec;
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
add_text(const char *start, const char *end)
{
    consent_str_t  *more;

    if (ntexts % 1024 == 0) {
        more = realloc(texts, (ntexts + 1024) * sizeof(consent_str_t));

        if (more == NULL) {
            perror("realloc");
            exit(2);
        }

        texts = more;
    }

    if (end - start > WINDOW) {
        end = start + WINDOW;
    }

    texts[ntexts++] = consent_str_make((const uint8_t *) start,
                                       (size_t) (end - start));
    total += (size_t) (end - start);
}


/* scripts without a src; that is near enough for a measurement */

static void
read_page(const char *name)
{
    long         len;
    FILE        *f;
    char        *page;
    const char  *tag, *start, *end;

    f = open_file(name);

    fseek(f, 0, SEEK_END);
    len = ftell(f);
    rewind(f);

    page = malloc((size_t) len + 1);

    if (fread(page, 1, (size_t) len, f) != (size_t) len) {
        perror(name);
        exit(2);
    }

    page[len] = '\0';
    fclose(f);

    for (tag = page; (tag = strstr(tag, "<script")) != NULL; tag = end) {
        start = strchr(tag, '>');
        end = start ? strstr(start, "</script") : NULL;

        if (end == NULL) {
            break;
        }

        if (memmem(tag, (size_t) (start - tag), "src=", 4) == NULL) {
            add_text(start + 1, end);
        }
    }
}


static void
read_rules(const char *name)
{
    FILE  *f;
    char   kind[16], pattern[256];

    f = open_file(name);

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
    kind_e     kind;

    fixture_policy();
    read_rules(name);
    fixture_ready();

    for (kind = KIND_MEMCHR; kind < KINDS; kind++) {

        if (nengines == MAX_ENGINES) {
            fprintf(stderr, "too many rule sets\n");
            exit(2);
        }

        e = &engines[nengines++];

        fixture_conf(&e->conf, WINDOW);

        e->name = name;
        e->kind = kind;
        e->policy = policy;
        e->conf.judge.policy = &e->policy;
    }
}


static unsigned
run_text(engine_t *e, consent_judge_t *judge, consent_str_t text)
{
    unsigned  found;

    /* the scanner has read it before to find its end */

    found = (memchr(text.data, '\0', text.len) != NULL);

    if (e->kind == KIND_MEMCHR) {
        return found;
    }

    return consent_judge_text(judge, text, e->kind == KIND_HOSTS)
           != CONSENT_UNCLASSIFIED;
}


static void
run(engine_t *e, int round)
{
    size_t                   i;
    double                   start;
    volatile uint8_t         sum;
    static consent_judge_t   judge;

    consent_judge_init(&judge, &e->conf.judge);

    if (e->kind == KIND_PATTERNS) {
        judge.resources = 0;

    } else if (e->kind == KIND_HOSTS) {
        judge.inlines = 0;
    }

    for (i = 0; i < FLUSH; i += 64) {
        sum = flush[i];
    }

    (void) sum;

    e->found = 0;
    start = now();

    for (i = 0; i < ntexts; i++) {
        e->found += run_text(e, &judge, texts[i]);
    }

    e->times[round] = (now() - start) * 1024 / (double) total;
}


static int
compare(const void *a, const void *b)
{
    double  x, y;

    x = *(const double *) a;
    y = *(const double *) b;

    return (x > y) - (x < y);
}


int
main(int argc, char **argv)
{
    int        i, k, option;
    engine_t  *e;

    while ((option = getopt(argc, argv, "n:r:")) != -1) {

        if (option == 'n') {
            rounds = atoi(optarg);

        } else if (option == 'r') {
            add_rules(optarg);

        } else {
            return 2;
        }
    }

    if (rounds < 1 || rounds > MAX_ROUNDS || nengines == 0 || optind == argc) {
        fprintf(stderr, "script_bench [-n ROUNDS] -r RULES... FILE...\n");
        return 2;
    }

    for (i = optind; i < argc; i++) {
        read_page(argv[i]);
    }

    flush = malloc(FLUSH);
    memset(flush, 1, FLUSH);

    for (i = -1; i < rounds; i++) {
        for (k = 0; k < nengines; k++) {
            run(&engines[k], i < 0 ? 0 : i);
        }
    }

    for (e = engines; e < engines + nengines; e++) {
        qsort(e->times, (size_t) rounds, sizeof(double), compare);

        printf("%s\t%s, finds %u of %zu\t%.0f\t%.0f\t%.0f\n", e->name,
               kinds[e->kind], e->found, ntexts, e->times[rounds / 2],
               e->times[0], e->times[rounds - 1]);
    }

    return 0;
}
