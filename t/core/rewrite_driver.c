/*
 * Copyright (C) ngx_consent_module authors
 *
 * The rewriter for tests in other languages: documents on standard input,
 * what a visitor gets of them on standard output.  No test by itself.
 *
 *   request   a block of options and a block with the document
 *   answer    a block of figures and a block with the output
 *
 * A block is its length, four bytes with the lowest first, and as many bytes.
 * Options and figures are lines of a word, mostly with a value behind it:
 *
 *   rule CATEGORY resource|inline PATTERN
 *                   in place of the rules of rewrite_fixture.h; CATEGORY is
 *                   performance or functional
 *   accept CATEGORY performance is denied if there is no such line, and both
 *                   with "accept none"
 *   third-party CATEGORY
 *                   of hosts without a rule
 *   url URL         of the page
 *   remove          in place of mark
 *   xml             application/xhtml+xml
 *   limit BYTES     consent_buffer
 *   cut whole | bytes | SEED | every
 *                   how the document is fed; every: once whole, then in all
 *                   ways there are if it is short, in some if it is long,
 *                   and a way that gives another output is a problem
 *
 *   blocked N       tags and scripts
 *   late N          of them found out late
 *   held N          bytes, the most at a time
 *   problem TEXT    if there is one
 */


#include "request_mem.h"
#include "rewrite_fixture.h"


#define DEFAULT_LIMIT   16384
#define SHORT_DOCUMENT  2000
#define RANDOM_CUTS     20
#define MAX_BLOCK       (256u << 20)


typedef enum {
    CUT_WHOLE = 0,
    CUT_BYTES,
    CUT_RANDOM,
    CUT_EVERY
} cut_e;


typedef struct {
    char                    *text;      /* as it came */
    size_t                   len;

    consent_rewrite_conf_t   conf;
    cut_e                    cut;
    uint32_t                 seed;
} options_t;


typedef struct {
    collector_t              out;
    unsigned                 blocked;
    unsigned                 late;
    size_t                   held;
    char                     problem[128];
} answer_t;


static int read_block(char **data, size_t *len);
static void write_block(const void *data, size_t len);
static void fail(const char *what, const char *line);
static void options_init(options_t *opt);
static void options_set(options_t *opt, char *text, size_t len);
static void options_line(options_t *opt, char *line, unsigned *rules);
static int category_of(const char *name);
static void add_rule(char *value);
static void set_page(const char *url);
static void set_cut(options_t *opt, const char *value);
static void answer_make(answer_t *answer, const options_t *opt,
    const uint8_t *in, size_t len);
static void run(answer_t *answer, const options_t *opt, const uint8_t *in,
    size_t len, cut_pt cut, void *data);
static void run_every(answer_t *answer, const options_t *opt,
    const uint8_t *in, size_t len);
static int compare(answer_t *answer, const options_t *opt, const uint8_t *in,
    size_t len, cut_pt cut, void *data);


int
main(void)
{
    char      *in, *text, figures[256];
    size_t     len, text_len;
    answer_t   answer;
    options_t  opt;

    options_init(&opt);

    while (read_block(&text, &text_len)) {

        if (!read_block(&in, &len)) {
            fail("no document behind the options", text);
        }

        options_set(&opt, text, text_len);
        answer_make(&answer, &opt, (uint8_t *) in, len);

        len = (size_t) snprintf(figures, sizeof(figures),
                                "blocked %u\nlate %u\nheld %zu\n%s",
                                answer.blocked, answer.late, answer.held,
                                answer.problem);

        write_block(figures, len);
        write_block(answer.out.data, answer.out.len);

        free(answer.out.data);
        free(in);
    }

    free(opt.text);

    consent_match_destroy(policy.match);
    consent_site_destroy(site);
    test_mem_free();

    return 0;
}


/* NUL-terminated; 0: there is no other */

static int
read_block(char **data, size_t *len)
{
    uint8_t  head[4];

    if (fread(head, 1, 4, stdin) != 4) {
        return 0;
    }

    *len = (size_t) head[0] | (size_t) head[1] << 8 | (size_t) head[2] << 16
           | (size_t) head[3] << 24;

    if (*len > MAX_BLOCK) {
        fail("a block is too long", "");
    }

    *data = malloc(*len + 1);

    if (*data == NULL || fread(*data, 1, *len, stdin) != *len) {
        fail("a block is cut off", "");
    }

    (*data)[*len] = '\0';

    return 1;
}


static void
write_block(const void *data, size_t len)
{
    uint8_t  head[4];

    head[0] = (uint8_t) len;
    head[1] = (uint8_t) (len >> 8);
    head[2] = (uint8_t) (len >> 16);
    head[3] = (uint8_t) (len >> 24);

    if (fwrite(head, 1, 4, stdout) != 4
        || (len && fwrite(data, 1, len, stdout) != len)
        || fflush(stdout) != 0)
    {
        fail("cannot write", "");
    }
}


static void
fail(const char *what, const char *line)
{
    fprintf(stderr, "rewrite_driver: %s: %s\n", what, line);
    exit(2);
}


static void
options_init(options_t *opt)
{
    memset(opt, 0, sizeof(options_t));

    fixture_init();
    fixture_conf(&opt->conf, DEFAULT_LIMIT);
    opt->conf.judge.alloc = request_alloc;
}


/* most documents come with the options of the one before */

static void
options_set(options_t *opt, char *text, size_t len)
{
    char      *lines, *line, *end;
    unsigned   rules;

    if (opt->text && opt->len == len && memcmp(opt->text, text, len) == 0) {
        free(text);
        return;
    }

    free(opt->text);

    consent_match_destroy(policy.match);
    consent_site_destroy(site);
    test_mem_free();

    options_init(opt);

    opt->text = text;
    opt->len = len;

    lines = strdup(text);
    rules = 0;

    for (line = lines; *line; line = end + 1) {
        end = strchr(line, '\n');

        if (end == NULL) {
            fail("a line is cut off", line);
        }

        *end = '\0';

        options_line(opt, line, &rules);
    }

    free(lines);

    if (rules && consent_match_compile(policy.match) != 0) {
        fail("cannot compile the rules", "");
    }
}


static void
options_line(options_t *opt, char *line, unsigned *rules)
{
    char                   *value;
    consent_rewrite_conf_t *conf = &opt->conf;

    value = line + strcspn(line, " ");

    if (*value) {
        *value++ = '\0';
    }

    if (strcmp(line, "rule") == 0) {

        if ((*rules)++ == 0) {
            consent_match_destroy(policy.match);
            policy.match = consent_match_create(test_mem());
        }

        add_rule(value);

    } else if (strcmp(line, "accept") == 0) {
        conf->judge.denied = (strcmp(value, "none") == 0) ? 3
                             : conf->judge.denied
                               & ~((consent_mask_t) 1 << category_of(value));

    } else if (strcmp(line, "third-party") == 0) {
        conf->judge.third_party = category_of(value);

    } else if (strcmp(line, "url") == 0) {
        set_page(value);

    } else if (strcmp(line, "remove") == 0) {
        conf->remove = 1;

    } else if (strcmp(line, "xml") == 0) {
        conf->xml = 1;

    } else if (strcmp(line, "limit") == 0) {
        conf->judge.limit = (size_t) atol(value);

    } else if (strcmp(line, "cut") == 0) {
        set_cut(opt, value);

    } else {
        fail("no such option", line);
    }
}


static int
category_of(const char *name)
{
    unsigned  i;

    for (i = 0; i < policy.ncategories; i++) {
        if (strlen(name) == policy.categories[i].name.len
            && memcmp(name, policy.categories[i].name.data, strlen(name)) == 0)
        {
            return (int) i;
        }
    }

    fail("no such category", name);

    return 0;
}


static void
add_rule(char *value)
{
    char            *kind, *pattern;
    consent_rule_e   rule;

    kind = strchr(value, ' ');
    pattern = kind ? strchr(kind + 1, ' ') : NULL;

    if (pattern == NULL) {
        fail("not CATEGORY resource|inline PATTERN", value);
    }

    *kind++ = '\0';
    *pattern++ = '\0';

    if (strcmp(kind, "resource") == 0) {
        rule = CONSENT_RULE_RESOURCE;

    } else if (strcmp(kind, "inline") == 0) {
        rule = CONSENT_RULE_INLINE;

    } else {
        fail("no such kind of rule", kind);
    }

    fixture_rule(rule, pattern, category_of(value));
}


static void
set_page(const char *url)
{
    consent_str_t  s;

    s = consent_str_make((const uint8_t *) url, strlen(url));

    if (consent_url_parse(&document, NULL, s, document_buf,
                          sizeof(document_buf))
        != CONSENT_URL_OK)
    {
        fail("not a URL", url);
    }
}


static void
set_cut(options_t *opt, const char *value)
{
    if (strcmp(value, "whole") == 0) {
        opt->cut = CUT_WHOLE;

    } else if (strcmp(value, "bytes") == 0) {
        opt->cut = CUT_BYTES;

    } else if (strcmp(value, "every") == 0) {
        opt->cut = CUT_EVERY;

    } else {
        opt->cut = CUT_RANDOM;
        opt->seed = (uint32_t) strtoul(value, NULL, 10);
    }
}


static void
answer_make(answer_t *answer, const options_t *opt, const uint8_t *in,
    size_t len)
{
    uint32_t  seed;

    memset(answer, 0, sizeof(answer_t));

    switch (opt->cut) {

    case CUT_WHOLE:
        run(answer, opt, in, len, cut_none, NULL);
        break;

    case CUT_BYTES:
        run(answer, opt, in, len, cut_bytes, NULL);
        break;

    case CUT_RANDOM:
        seed = opt->seed;
        run(answer, opt, in, len, cut_random, &seed);
        break;

    case CUT_EVERY:
        run_every(answer, opt, in, len);
        break;
    }
}


static void
run(answer_t *answer, const options_t *opt, const uint8_t *in, size_t len,
    cut_pt cut, void *data)
{
    consent_rewrite_t  rw;

    fixture_run(&rw, &opt->conf, &answer->out, in, len, cut, data);

    answer->blocked = rw.blocked;
    answer->late = rw.late;
    answer->held = answer->out.held;

    if (answer->out.stray) {
        snprintf(answer->problem, sizeof(answer->problem),
                 "problem bytes are passed that are not of the input\n");
    }

    request_free();
}


static void
run_every(answer_t *answer, const options_t *opt, const uint8_t *in,
    size_t len)
{
    size_t    i, at;
    uint32_t  n, seed;

    run(answer, opt, in, len, cut_none, NULL);

    if (answer->problem[0]) {
        return;
    }

    if (compare(answer, opt, in, len, cut_bytes, NULL)) {
        snprintf(answer->problem, sizeof(answer->problem),
                 "problem byte by byte it is another output\n");
        return;
    }

    for (i = 1; i < len && len <= SHORT_DOCUMENT; i++) {
        at = i;

        if (compare(answer, opt, in, len, cut_at, &at)) {
            snprintf(answer->problem, sizeof(answer->problem),
                     "problem cut at %zu it is another output\n", i);
            return;
        }
    }

    for (n = 1; n <= RANDOM_CUTS; n++) {
        seed = n * 7919;

        if (compare(answer, opt, in, len, cut_random, &seed)) {
            snprintf(answer->problem, sizeof(answer->problem),
                     "problem cut by seed %u it is another output\n",
                     n * 7919);
            return;
        }
    }
}


/* 1: fed this way the document is another one; that is the answer then */

static int
compare(answer_t *answer, const options_t *opt, const uint8_t *in, size_t len,
    cut_pt cut, void *data)
{
    size_t    held;
    answer_t  other;

    memset(&other, 0, sizeof(answer_t));

    run(&other, opt, in, len, cut, data);

    held = (answer->held > other.held) ? answer->held : other.held;

    if (other.problem[0] == '\0'
        && other.blocked == answer->blocked
        && other.out.len == answer->out.len
        && (other.out.len == 0
            || memcmp(other.out.data, answer->out.data, other.out.len) == 0))
    {
        free(other.out.data);
        answer->held = held;

        return 0;
    }

    free(answer->out.data);
    *answer = other;
    answer->held = held;

    return 1;
}
