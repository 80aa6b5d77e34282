/*
 * Copyright (C) ngx_consent_module authors
 *
 * What it costs to read a consent cookie: the whole of what is done for a
 * request, from its Cookie header to the categories.  CPU time of the thread;
 * the median of the rounds counts.
 *
 *     build/bench/source_bench
 */


#include <time.h>

#include "tap.h"
#include "consent_source_block.h"


#define ROUNDS  31
#define READS   20000
#define LINES   16


typedef struct {
    const char              *name;
    const char              *header;
    const char              *lines[LINES];
    double                   limit;         /* microseconds, 0: none */
    const consent_source_t  *source;
} bench_t;


static uint8_t            memory[CONSENT_PARSER_SCRATCH];
static consent_policy_t   policy;

/* keeps the compiler from dropping what is measured */

static volatile uint64_t  sink;


#define ONETRUST_LINES                                                        \
    { "cookie OptanonConsent", "transform url plus", "parse kv & =",          \
      "into groups kv , : lower",                                             \
      "decided cookie(OptanonAlertBoxClosed)&!(AwaitingReconsent)",           \
      "implied has(groups)", "grant functional groups.c0003|groups.3",        \
      "grant performance groups.c0002|groups.2",                              \
      "grant targeting all(groups.c0004,groups.c0005)" }

#define JSON_LINES                                                            \
    { "cookie cc_cookie", "transform url", "parse json",                      \
      "decided has(consentId)&has(consentTimestamp)",                         \
      "grant functional any(categories[functionality],"                       \
          "categories[preferences])",                                         \
      "grant performance categories[analytics]",                              \
      "grant targeting any(categories[marketing],categories[ads])" }

#define TCF_LINES                                                             \
    { "cookie euconsent-v2", "parse tcf", "grant functional p1&p5&p6",        \
      "grant performance p1&p8", "grant targeting p1&p2&p7" }


static bench_t  benches[] = {

    { "no cookie of the source", "sid=0123456789abcdef; theme=dark",
      ONETRUST_LINES, 0, NULL },

    { "OneTrust, 300 bytes", "OptanonAlertBoxClosed=2024-07-15T07:20:51.814Z;"
      " OptanonConsent=isGpcEnabled=0&datestamp=Wed+Feb+01+2023+12%3A35%3A32"
      "+GMT%2B0100&version=202209.1.0&isIABGlobal=false&hosts=&consentId="
      "7f3cf16d-b3e1-4781-8db1-61482d0a9dff&interactionCount=1&landingPath="
      "NotLandingPage&groups=C0001%3A1%2CC0002%3A0%2CC0003%3A1%2CC0004%3A1"
      "%2CC0005%3A1&geolocation=AT%3B9",
      ONETRUST_LINES, 2, NULL },

    { "JSON, 300 bytes, encoded", "cc_cookie=%7B%22categories%22%3A%5B%22"
      "necessary%22%2C%22analytics%22%5D%2C%22revision%22%3A0%2C%22data%22"
      "%3Anull%2C%22consentTimestamp%22%3A%222025-03-01T10%3A00%3A00.000Z%22"
      "%2C%22consentId%22%3A%2200000000-0000-4000-8000-000000000000%22%2C%22"
      "languageCode%22%3A%22en%22%7D",
      JSON_LINES, 2, NULL },

    { "JSON, 300 bytes, not encoded", "cc_cookie={\"categories\":[\"necessary"
      "\",\"analytics\"],\"revision\":0,\"data\":null,\"consentTimestamp\":"
      "\"2025-03-01T10:00:00.000Z\",\"consentId\":\"00000000-0000-4000-8000-"
      "000000000000\",\"services\":{\"necessary\":[],\"analytics\":[\"ga\"]},"
      "\"languageCode\":\"en\",\"lastConsentTimestamp\":\"2025-03-01T10:00:00"
      ".000Z\",\"expirationTime\":1756634400000}",
      JSON_LINES, 2, NULL },

    { "TCF, purposes", "euconsent-v2=COv_eg6Ov_eg6AOADBENAaCgAP_AAH_AACiQAVEU"
      "QQoAIQAqIoghAAQgAA.YAAAAAAAAAAAAAAAAAA",
      TCF_LINES, 1, NULL },

    { "TCF, vendors in a field", "euconsent-v2=COv_eg6Ov_eg6AOADBENAaCgAP_AAH"
      "_AACiQAVEUQQoAIQAqIoghAAQgAA.YAAAAAAAAAAAAAAAAAA",
      { "cookie euconsent-v2", "parse tcf", "grant targeting v2&v8&v42" },
      0, NULL }
};

#define BENCHES  (sizeof(benches) / sizeof(benches[0]))


static consent_str_t
str(const char *text)
{
    return consent_str_make((const uint8_t *) text, strlen(text));
}


/* words between blanks */

static void
add_line(consent_block_t *block, const char *text)
{
    size_t                 len;
    unsigned               n;
    consent_str_t          words[16];
    consent_block_error_t  err;

    for (n = 0; *text; n++) {
        len = strcspn(text, " ");
        words[n] = consent_str_make((const uint8_t *) text, len);
        text += len + (text[len] == ' ');
    }

    if (consent_block_line(block, CONSENT_LAYER_RULES, words, n, 1, &err) != 0)
    {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
}


static void
compile(bench_t *bench)
{
    unsigned               i;
    consent_block_t       *block;
    consent_block_error_t  err;

    block = consent_block_create(test_mem(), str("bench"));

    for (i = 0; i < LINES && bench->lines[i]; i++) {
        add_line(block, bench->lines[i]);
    }

    bench->source = consent_block_compile(block, &policy, &err);

    if (bench->source == NULL) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
}


static double
now(void)
{
    struct timespec  t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);

    return (double) t.tv_sec * 1e6 + (double) t.tv_nsec / 1e3;
}


static consent_reading_t
read_once(const consent_source_t *source, const consent_str_t *line)
{
    consent_facts_t    facts;
    consent_tokens_t   tokens;
    consent_reading_t  reading;

    facts.lines = line;
    facts.nlines = 1;

    consent_source_read(&reading, source, &facts, &tokens, memory);

    return reading;
}


static int
compare(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}


static double
measure(const consent_source_t *source, consent_str_t line)
{
    double    start, times[ROUNDS];
    unsigned  i, j;

    for (i = 0; i < ROUNDS; i++) {
        start = now();

        for (j = 0; j < READS; j++) {
            sink += read_once(source, &line).accepted;
        }

        times[i] = (now() - start) / READS;
    }

    qsort(times, ROUNDS, sizeof(double), compare);

    return times[ROUNDS / 2];
}


/* a value of that length: an object with as many members as fit */

static void
growth(void)
{
    char               *p, *text;
    size_t              len, size;
    double              us;
    unsigned            i;
    consent_str_t       line;
    consent_reading_t   reading;

    printf("\nlength of a JSON value, microseconds, nanoseconds a byte\n");

    for (size = 250; size <= 8000; size *= 2) {
        text = malloc(size + 64);

        if (text == NULL) {
            exit(1);
        }

        p = text + snprintf(text, size, "cc_cookie={\"consentId\":\"x\","
                                        "\"consentTimestamp\":\"x\"");

        for (i = 0; (size_t) (p - text) + 40 < size; i++) {
            p += snprintf(p, 64, ",\"service%04u\":\"%016u\"", i, i);
        }

        *p++ = '}';
        len = (size_t) (p - text);

        line = consent_str_make((uint8_t *) text, len);
        reading = read_once(benches[2].source, &line);
        us = measure(benches[2].source, line);

        printf("  %5zu  %8.2f  %6.2f%s\n", len, us, us * 1e3 / (double) len,
               reading.kind == CONSENT_DECISION_NONE ? "  NOT READ" : "");
        free(text);
    }
}


int
main(void)
{
    double             us;
    unsigned           i;
    consent_str_t      line;
    consent_reading_t  reading;

    static const char  *names[] = { "necessary", "functional", "performance",
                                    "targeting" };

    for (i = 0; i < 4; i++) {
        policy.categories[i].name = str(names[i]);
        policy.declared |= consent_bit(i);
        policy.ncategories++;
    }

    for (i = 0; i < BENCHES; i++) {
        compile(&benches[i]);

        line = str(benches[i].header);
        reading = read_once(benches[i].source, &line);
        us = measure(benches[i].source, line);

        printf("%-30s %4zu bytes  %6.3f us", benches[i].name, line.len, us);

        if (benches[i].limit > 0) {
            printf("  (%.0f allowed)%s", benches[i].limit,
                   us > benches[i].limit ? "  TOO SLOW" : "");
        }

        printf("  accepted %llx%s\n", (unsigned long long) reading.accepted,
               i && reading.kind == CONSENT_DECISION_NONE ? "  NOT READ" : "");
    }

    growth();
    test_mem_free();

    return 0;
}
