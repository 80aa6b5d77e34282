/*
 * Copyright (C) ngx_consent_module authors
 *
 * What a look-up costs with 10, 1,000 and 10,000 literal rules, half of the
 * subjects hits.  CPU time of the thread; rounds of the sizes take turns, so
 * that a busy machine disturbs all of them alike, and the median counts.
 */


#include <time.h>

#include "tap.h"
#include "consent_match.h"


#define ROUNDS    31
#define SIZES     3
#define SUBJECTS  4096
#define TEXT      16384
#define TEXTS     16

#define WANTED    0x6


typedef struct {
    unsigned          rules;
    consent_match_t  *m;
    size_t            memory;

    char              names[SUBJECTS][64];
    char              hrefs[SUBJECTS][160];
    consent_url_t     urls[SUBJECTS];
    char             *texts[2][TEXTS];
} set_t;


typedef double (*measure_pt)(const set_t *set);


static uint64_t  random_state = 88172645463325252U;
static size_t    allocated;

/* keeps the compiler from dropping what is measured */

static volatile uint64_t  sink;


static const char *const  words[] = {
    "google", "analytics", "track", "pixel", "ads", "cdn", "stat", "event",
    "session", "user", "visit", "consent", "tag", "manager", "social", "like",
    "share", "video", "player", "chat", "widget", "map", "font", "script",
    "load", "init", "config", "push", "data", "layer", "hot", "click", "heat",
    "survey", "test", "ab", "opt", "push", "mail", "news", "shop", "cart"
};

#define WORDS  (sizeof(words) / sizeof(words[0]))


/* of scripts in general: begins no literal */

static const char *const  plain[] = {
    "function", "return", "document", "window", "this", "getElementById",
    "createElement", "length", "null", "typeof", "undefined", "prototype",
    "apply", "arguments", "innerHTML", "addEventListener", "if", "else",
    "var e", "n", "t", "r", "for", "new Date", "async", "href", "location",
    "parentNode.insertBefore", "jQuery", "ready", "style", "className",
    "https", "true", "false", "0", "1", "16", "querySelector", "then"
};

#define PLAIN  (sizeof(plain) / sizeof(plain[0]))


static unsigned
pick(unsigned n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;

    return (unsigned) ((random_state >> 11) % n);
}


static void *
counting_alloc(void *data, size_t size)
{
    (void) data;
    allocated += size;

    return test_mem()->alloc(NULL, size);
}


static double
now(void)
{
    struct timespec  t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);

    return (double) t.tv_sec * 1e9 + (double) t.tv_nsec;
}


/* number i of a kind, the same in all sets */

static void
rule_cookie(char *to, size_t size, unsigned i, const char **form)
{
    static const char *const  forms[] = { "", "", "", "*", "^" };

    *form = forms[i % 5];
    snprintf(to, size, "_%s_%s%u", words[i % WORDS],
             words[i / WORDS % WORDS], i);
}


static void
rule_host(char *to, size_t size, unsigned i)
{
    snprintf(to, size, "%s-%s%u.example%u.com", words[i % WORDS],
             words[i / WORDS % WORDS], i, i % 7);
}


static void
rule_script(char *to, size_t size, unsigned i)
{
    snprintf(to, size, "%s.%s('%s%u'", words[i % WORDS],
             words[i / WORDS % WORDS], words[i % 13], i);
}


static void
add(consent_match_t *m, consent_rule_e kind, const char *pattern,
    unsigned i)
{
    consent_str_t          s;
    consent_match_error_t  err;

    s = consent_str_make((const uint8_t *) pattern, strlen(pattern));

    if (consent_match_add(m, kind, CONSENT_LAYER_RULES, s, (int) (i % 4), i,
                          &err)
        != 0)
    {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
}


static void
add_rules(set_t *set)
{
    char         name[64], pattern[128];
    unsigned     i;
    const char  *form;

    /* three in five with subdomains, two in five with a path */

    static const char *const  before[] = { ".", ".", "", "", "." };
    static const char *const  behind[] = { "", "", "", "/lib/v2/",
                                           "/js/tag.js" };

    for (i = 0; i < set->rules; i++) {
        rule_cookie(name, sizeof(name), i, &form);
        snprintf(pattern, sizeof(pattern), "%s%s%s",
                 form[0] == '^' ? "*" : "", name, form[0] == '*' ? "*" : "");
        add(set->m, CONSENT_RULE_COOKIE, pattern, i);

        rule_host(name, sizeof(name), i);
        snprintf(pattern, sizeof(pattern), "%s%s%s", before[i % 5], name,
                 behind[i % 5]);
        add(set->m, CONSENT_RULE_RESOURCE, pattern, i);

        rule_script(pattern, sizeof(pattern), i);
        add(set->m, CONSENT_RULE_INLINE, pattern, i);
    }
}


static void
make_url(set_t *set, unsigned k)
{
    char           *href;
    char            host[128];
    consent_url_t  *url;

    href = set->hrefs[k];
    url = &set->urls[k];

    rule_host(host, sizeof(host), k % 2 ? pick(set->rules)
                                        : 1000000 + pick(100000));
    snprintf(href, sizeof(set->hrefs[k]), "https://%s%s%s",
             pick(2) ? "www." : "", host,
             pick(2) ? "/lib/v2/main.js?id=1" : "/js/tag.js");

    memset(url, 0, sizeof(consent_url_t));

    url->href = consent_str_make((uint8_t *) href, strlen(href));
    url->scheme = consent_str_make((uint8_t *) href, 5);
    url->host.data = url->href.data + 8;
    url->host.len = (size_t) (strchr(href + 8, '/') - (href + 8));
    url->path.data = url->host.data + url->host.len;
    url->path.len = url->href.len - 8 - url->host.len;
}


/*
 * One word in dense is one that literals begin with; each second text holds
 * a literal.
 */

static char *
make_text(const set_t *set, unsigned k, unsigned dense)
{
    char        *text;
    size_t       len;
    const char  *word;

    static const char *const  joints[] = {
        ".", "(", "', '", " = ", ");\n    ", "{", "; var ", "_"
    };

    text = malloc(TEXT + 128);
    if (text == NULL) {
        exit(1);
    }

    for (len = 0; len < TEXT; len += strlen(text + len)) {
        word = pick(dense) ? plain[pick(PLAIN)] : words[pick(WORDS)];
        snprintf(text + len, 64, "%s%s", word, joints[pick(8)]);
    }

    if (k % 2) {
        rule_script(text + TEXT / 2, 64, pick(set->rules));
        text[strlen(text)] = ' ';
    }

    return text;
}


static void
make_subjects(set_t *set)
{
    char         name[48];
    unsigned     k;
    const char  *form;

    for (k = 0; k < SUBJECTS; k++) {
        rule_cookie(name, sizeof(name), k % 2 ? pick(set->rules)
                                              : 1000000 + pick(100000),
                    &form);
        snprintf(set->names[k], sizeof(set->names[k]), "%s%s%s",
                 form[0] == '^' ? "ab" : "", name,
                 form[0] == '*' ? "12" : "");

        make_url(set, k);
    }

    for (k = 0; k < TEXTS; k++) {
        set->texts[0][k] = make_text(set, k, 10);
        set->texts[1][k] = make_text(set, k, 1);
    }
}


static void
make_set(set_t *set, unsigned rules)
{
    consent_mem_t  mem;

    mem.alloc = counting_alloc;
    mem.data = NULL;

    allocated = 0;

    set->rules = rules;
    set->m = consent_match_create(&mem);

    if (set->m == NULL) {
        exit(1);
    }

    add_rules(set);

    if (consent_match_compile(set->m) != 0) {
        exit(1);
    }

    set->memory = allocated;

    make_subjects(set);
}


static double
measure_cookie(const set_t *set)
{
    double         t;
    unsigned       k;
    uint64_t       sum;
    consent_str_t  name;

    sum = 0;
    t = now();

    for (k = 0; k < SUBJECTS; k++) {
        name.data = (const uint8_t *) set->names[k];
        name.len = strlen(set->names[k]);
        sum += (uint64_t) consent_match_cookie(set->m, name, NULL);
    }

    sink = sum;

    return (now() - t) / SUBJECTS;
}


static double
measure_resource(const set_t *set)
{
    double    t;
    unsigned  k;
    uint64_t  sum;

    sum = 0;
    t = now();

    for (k = 0; k < SUBJECTS; k++) {
        sum += (uint64_t) consent_match_resource(set->m, &set->urls[k],
                                                 k & 1, NULL);
    }

    sink = sum;

    return (now() - t) / SUBJECTS;
}


static double
measure_texts(const set_t *set, char *const *texts)
{
    double         t;
    unsigned       k;
    uint64_t       sum;
    consent_str_t  text;

    sum = 0;
    t = now();

    for (k = 0; k < TEXTS; k++) {
        text.data = (const uint8_t *) texts[k];
        text.len = TEXT;
        sum += consent_match_inline(set->m, text, WANTED, NULL);
    }

    sink = sum;

    return (now() - t) * 1024 / ((double) TEXTS * TEXT);
}


static double
measure_script(const set_t *set)
{
    return measure_texts(set, set->texts[0]);
}


static double
measure_hostile(const set_t *set)
{
    return measure_texts(set, set->texts[1]);
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
report(const char *what, measure_pt measure, const set_t *sets)
{
    double    times[SIZES][ROUNDS];
    unsigned  i, round;

    for (round = 0; round < ROUNDS; round++) {
        for (i = 0; i < SIZES; i++) {
            times[i][round] = measure(&sets[i]);
        }
    }

    printf("%-24s", what);

    for (i = 0; i < SIZES; i++) {
        qsort(times[i], ROUNDS, sizeof(double), compare);
        printf("%12.1f", times[i][ROUNDS / 2]);
    }

    printf("%16.2f\n", times[SIZES - 1][ROUNDS / 2] / times[0][ROUNDS / 2]);
}


int
main(void)
{
    set_t     *sets;
    unsigned   i, k;

    static const unsigned  sizes[SIZES] = { 10, 1000, 10000 };

    sets = malloc(SIZES * sizeof(set_t));
    if (sets == NULL) {
        return 1;
    }

    for (i = 0; i < SIZES; i++) {
        make_set(&sets[i], sizes[i]);
    }

    printf("%-24s%12u%12u%12u%16s\n", "rules of each kind", sizes[0],
           sizes[1], sizes[2], "largest/least");

    report("cookie, ns", measure_cookie, sets);
    report("resource, ns", measure_resource, sets);
    report("script, ns per KB", measure_script, sets);
    report("hostile script, the same", measure_hostile, sets);

    printf("%-24s%12zu%12zu%12zu\n", "memory, KB", sets[0].memory / 1024,
           sets[1].memory / 1024, sets[2].memory / 1024);

    for (i = 0; i < SIZES; i++) {
        consent_match_destroy(sets[i].m);

        for (k = 0; k < TEXTS; k++) {
            free(sets[i].texts[0][k]);
            free(sets[i].texts[1][k]);
        }
    }

    free(sets);
    test_mem_free();

    return 0;
}
