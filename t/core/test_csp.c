/*
 * Copyright (C) ngx_consent_module authors
 *
 * Content-Security-Policy without what is denied.
 */


#include "rewrite_fixture.h"

#include "consent_csp.h"


#define nelts(a)  (sizeof(a) / sizeof((a)[0]))


typedef struct {
    const char  *in;
    const char  *out;           /* NULL: the same */
} csp_case_t;


static void init(void);
static void add(consent_layer_e layer, const char *pattern, int category);
static void test_cases(const char *what, const csp_case_t *cases, size_t n);
static void test_third_party(void);
static void test_http_page(void);
static void page(consent_url_t *url, const char *text,
    uint8_t buf[CONSENT_URL_MIN_BUFFER]);
static void test_nothing_denied(void);
static void test_room(void);
static void narrow(const char *in, const char *out, const char *what);


static consent_rewrite_conf_t  conf;


static const csp_case_t  sources[] = {

    { "script-src 'self' https://tracker.example", "script-src 'self'" },
    { "script-src https://tracker.example 'self'", "script-src 'self'" },
    { "script-src 'self' https://tracker.example https://fine.example",
      "script-src 'self' https://fine.example" },
    { "img-src a.tracker.example  *.fine.example",
      "img-src  *.fine.example" },

    /* every form of a denied host */

    { "img-src 'self' tracker.example", "img-src 'self'" },
    { "img-src 'self' TRACKER.Example", "img-src 'self'" },
    { "img-src 'self' HTTPS://tracker.example", "img-src 'self'" },
    { "img-src 'self' http://tracker.example", "img-src 'self'" },
    { "img-src 'self' wss://tracker.example ws://tracker.example",
      "img-src 'self'" },
    { "img-src 'self' https://tracker.example/", "img-src 'self'" },
    { "img-src 'self' https://tracker.example/a/b.js", "img-src 'self'" },
    { "img-src 'self' tracker.example/a/", "img-src 'self'" },
    { "img-src 'self' https://tracker.example:443", "img-src 'self'" },
    { "img-src 'self' tracker.example:8080", "img-src 'self'" },
    { "img-src 'self' tracker.example:*", "img-src 'self'" },
    { "img-src 'self' https://tracker.example?q", "img-src 'self'" },
    { "img-src 'self' https://tracker.example/#f", "img-src 'self'" },
    { "img-src 'self' https://tracker.example.", "img-src 'self'" },
    { "img-src 'self' https://*.tracker.example", "img-src 'self'" },
    { "img-src 'self' *.a.tracker.example", "img-src 'self'" },
    { "img-src 'self' *.tracker.example:*", "img-src 'self'" },

    /* what is no host, and other hosts */

    { "img-src * data: blob: https: http: wss: 'self'", NULL },
    { "img-src https://* *:* http://*:8080", NULL },
    { "script-src 'unsafe-inline' 'unsafe-eval' 'strict-dynamic' 'none'",
      NULL },
    { "script-src 'nonce-tracker.example' 'sha256-tracker.example='", NULL },
    { "img-src https://fine.example other.example nottracker.example", NULL },
    { "img-src tracker.example.org tracker", NULL },
    { "img-src https:tracker.example", NULL },
    { "img-src https:/tracker.example", NULL },
    { "img-src //tracker.example", NULL },
    { "img-src https://u@tracker.example", NULL },
    { "img-src chrome-extension://tracker.example", NULL },
    { "img-src ftp://tracker.example", NULL },
    { "img-src https://tracker.example:x", NULL },
    { "img-src https://tracker.example:", NULL },
    { "img-src https://", NULL },
    { "img-src .tracker.example **.tracker.example", NULL },
    { "img-src *tracker.example a.*.tracker.example", NULL }
};


static const csp_case_t  partly[] = {

    /* of a host or a domain only a part is denied */

    { "img-src mixed.example", NULL },
    { "img-src https://mixed.example/", NULL },
    { "img-src https://mixed.example/good/", NULL },
    { "img-src https://mixed.example/good/a.js", NULL },
    { "img-src https://mixed.example/bad/ 'self'", "img-src 'self'" },
    { "img-src https://mixed.example/bad.js 'self'", "img-src 'self'" },
    { "img-src https://mixed.example/goo 'self'", "img-src 'self'" },
    { "img-src https://mixed.example/q.js", NULL },
    { "img-src pathonly.example", NULL },
    { "img-src pathonly.example/other/", NULL },
    { "img-src pathonly.example/track/ 'self'", "img-src 'self'" },
    { "img-src pathonly.example/track/a.js 'self'", "img-src 'self'" },
    { "img-src pathonly.example/tra", NULL },
    { "img-src *.pathonly.example", NULL },

    /* a wildcard */

    { "img-src *.wide.example", NULL },
    { "img-src wide.example 'self'", "img-src 'self'" },
    { "img-src ok.wide.example", NULL },
    { "img-src *.ok.wide.example 'self'", "img-src 'self'" },
    { "img-src a.ok.wide.example 'self'", "img-src 'self'" },
    { "img-src other.wide.example 'self'", "img-src 'self'" },
    { "img-src *.exact.example", NULL },
    { "img-src exact.example 'self'", "img-src 'self'" },
    { "img-src *.example", NULL },
    { "img-src *.deep.example", NULL },

    /* ports */

    { "img-src port.example", NULL },
    { "img-src https://port.example:443", NULL },
    { "img-src port.example:8443 'self'", "img-src 'self'" },
    { "img-src port.example:*", NULL },
    { "img-src two.example 'self'", "img-src 'self'" },
    { "img-src two.example:8443", NULL },
    { "img-src two.example:*", NULL },
    { "img-src *.two.example:*", NULL },

    /* regular expressions see the host alone */

    { "img-src https://stats.one.example 'self'", "img-src 'self'" },
    { "img-src stats.one.example 'self'", "img-src 'self'" },
    { "img-src http://stats.one.example 'self'", "img-src 'self'" },
    { "img-src http://plain.one.example 'self'", "img-src 'self'" },
    { "img-src https://plain.one.example", NULL },
    { "img-src wss://stats.one.example", NULL },

    /* a rule goes before the catalogue, for all that it matches */

    { "img-src a.catalog.example 'self'", "img-src 'self'" },
    { "img-src www.catalog.example", NULL },
    { "img-src *.catalog.example", NULL },
    { "img-src catalog.example/free/", NULL },
    { "img-src over.example 'self'", "img-src 'self'" },

    /* the site itself */

    { "img-src www.site.example https://www.site.example/dir/", NULL },
    { "img-src https://www.site.example/dir/own.js 'self'",
      "img-src 'self'" }
};


static const csp_case_t  directives[] = {

    { "script-src https://tracker.example", "script-src 'none'" },
    { "default-src https://tracker.example; img-src *",
      "default-src 'none'; img-src *" },
    { "default-src *; script-src https://tracker.example tracker.example",
      "default-src *; script-src 'none'" },
    { "img-src 'none' https://tracker.example", "img-src 'none'" },
    { "img-src 'report-sample' https://tracker.example",
      "img-src 'report-sample'" },

    { "child-src tracker.example;connect-src tracker.example;"
      "fenced-frame-src tracker.example;font-src tracker.example;"
      "frame-src tracker.example;manifest-src tracker.example;"
      "media-src tracker.example;object-src tracker.example;"
      "prefetch-src tracker.example;script-src-attr tracker.example;"
      "script-src-elem tracker.example;style-src tracker.example;"
      "style-src-attr tracker.example;style-src-elem tracker.example;"
      "worker-src tracker.example",
      "child-src 'none';connect-src 'none';"
      "fenced-frame-src 'none';font-src 'none';"
      "frame-src 'none';manifest-src 'none';"
      "media-src 'none';object-src 'none';"
      "prefetch-src 'none';script-src-attr 'none';"
      "script-src-elem 'none';style-src 'none';"
      "style-src-attr 'none';style-src-elem 'none';"
      "worker-src 'none'" },

    { "frame-ancestors tracker.example; form-action tracker.example; "
      "base-uri tracker.example; report-uri https://tracker.example/r; "
      "report-to tracker.example; sandbox; navigate-to tracker.example; "
      "plugin-types a/b; tracker.example; require-trusted-types-for x", NULL },

    /* written in any way */

    { "IMG-Src tracker.example", "IMG-Src 'none'" },
    { " ;; img-src tracker.example ; ", " ;; img-src 'none' ; " },
    { "img-src\ttracker.example\t;", "img-src 'none'\t;" },
    { "\timg-src\r\n\ttracker.example\f'self'", "\timg-src\f'self'" },
    { "img-src", NULL },
    { "img-src;img-src ;", NULL },
    { "", NULL },
    { ";", NULL },
    { ",", NULL },
    { " ", NULL },

    /* the first counts, and the others are no longer than before */

    { "img-src 'self'; img-src tracker.example",
      "img-src 'self'; img-src 'none'" },

    /* browsers ignore what is not ASCII */

    { "img-src tracker.example \xc3\xa9.example; font-src tracker.example",
      "img-src tracker.example \xc3\xa9.example; font-src 'none'" },
    { "img-src\xc2\xa0tracker.example", NULL },

    /* several policies */

    { "img-src tracker.example,script-src tracker.example , default-src *",
      "img-src 'none',script-src 'none' , default-src *" },
    { "img-src tracker.example, , img-src 'self' tracker.example",
      "img-src 'none', , img-src 'self'" },

    /* in an element all of this is one source, which allows nothing */

    { "img-src tracker.example,'self'", "img-src 'none','self'" }
};


int
main(void)
{
    init();

    test_cases("source", sources, nelts(sources));
    test_cases("part", partly, nelts(partly));
    test_cases("directive", directives, nelts(directives));

    test_third_party();
    test_http_page();
    test_nothing_denied();
    test_room();

    consent_match_destroy(policy.match);
    consent_site_destroy(site);
    test_mem_free();

    return done_testing();
}


static void
init(void)
{
    fixture_policy();

    add(CONSENT_LAYER_RULES, ".tracker.example", 0);
    add(CONSENT_LAYER_RULES, ".fine.example", 1);
    add(CONSENT_LAYER_RULES, "/dir/own.js", 0);

    add(CONSENT_LAYER_RULES, "mixed.example", 0);
    add(CONSENT_LAYER_RULES, "mixed.example/good/", 1);
    add(CONSENT_LAYER_RULES, "mixed.example/q.js?ok", 1);
    add(CONSENT_LAYER_RULES, "pathonly.example/track/", 0);

    add(CONSENT_LAYER_RULES, ".wide.example", 0);
    add(CONSENT_LAYER_RULES, "ok.wide.example", 1);
    add(CONSENT_LAYER_RULES, "exact.example", 0);
    add(CONSENT_LAYER_RULES, ".deep.example", 0);
    add(CONSENT_LAYER_RULES, "a.b.c.deep.example/x", 1);

    add(CONSENT_LAYER_RULES, "port.example:8443", 0);
    add(CONSENT_LAYER_RULES, ".two.example", 0);
    add(CONSENT_LAYER_RULES, ".two.example:8443", 1);

    add(CONSENT_LAYER_RULES, "~^https://stats\\.", 0);
    add(CONSENT_LAYER_RULES, "~^http://plain\\.", 0);

    add(CONSENT_LAYER_DEFAULTS, ".catalog.example", 0);
    add(CONSENT_LAYER_RULES, "www.catalog.example", 1);
    add(CONSENT_LAYER_RULES, "catalog.example/free/", 1);
    add(CONSENT_LAYER_DEFAULTS, "over.example/free/", 1);
    add(CONSENT_LAYER_RULES, "over.example", 0);

    fixture_ready();
    fixture_conf(&conf, 1024);
}


static void
add(consent_layer_e layer, const char *pattern, int category)
{
    consent_str_t          s;
    consent_match_error_t  err;

    s = consent_str_make((const uint8_t *) pattern, strlen(pattern));

    if (consent_match_add(policy.match, CONSENT_RULE_RESOURCE, layer, s,
                          category, 0, &err)
        != 0)
    {
        diag("%s: %s", pattern, err.text);
        exit(1);
    }
}


static void
test_cases(const char *what, const csp_case_t *cases, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        narrow(cases[i].in, cases[i].out ? cases[i].out : cases[i].in, what);
    }
}


/* hosts that no rule names belong to a denied category */

static void
test_third_party(void)
{
    size_t            i;
    uint8_t           buf[CONSENT_URL_MIN_BUFFER];
    consent_url_t     url;
    consent_hosts_t  *hosts;

    static const csp_case_t  cases[] = {
        { "img-src unknown.test 'self'", "img-src 'self'" },
        { "img-src *.unknown.test 'self'", "img-src 'self'" },
        { "img-src https://*.unknown.test:* 'self'", "img-src 'self'" },
        { "img-src other.fine.example", NULL },
        { "img-src *.fine.example", NULL },
        { "img-src site.example *.site.example a.site.example", NULL },
        { "img-src *.www.site.example *.example *", NULL },
        { "img-src *.mine.test", NULL },
        { "img-src a.mine.test", NULL },
        { "img-src b.mine.test 'self'", "img-src 'self'" },
        { "img-src *.a.mine.test 'self'", "img-src 'self'" },
        { "img-src *.all.test all.test *.b.all.test", NULL },
        { "img-src *.pathonly.example 'self'", "img-src 'self'" },
        { "img-src pathonly.example 'self'", "img-src 'self'" },
        { "img-src port.example:* 'self'", "img-src 'self'" }
    };

    hosts = consent_hosts_create(test_mem());

    consent_hosts_add(hosts, consent_str_make((const uint8_t *) "a.mine.test",
                                              11));
    consent_hosts_add(hosts, consent_str_make((const uint8_t *) ".all.test",
                                              9));

    conf.judge.third_party = 0;
    conf.judge.first_party = hosts;

    for (i = 0; i < nelts(cases); i++) {
        narrow(cases[i].in, cases[i].out ? cases[i].out : cases[i].in,
               "third party");
    }

    page(&url, "https://www.site.lonely/", buf);

    narrow("img-src *.lonely 'self'", "img-src *.lonely 'self'",
           "a domain around the site");
    narrow("img-src *.other.lonely 'self'", "img-src 'self'",
           "a domain beside the site");

    conf.judge.document = &document;
    conf.judge.third_party = 1;

    narrow("img-src unknown.test", "img-src unknown.test",
           "third parties that are accepted");

    conf.judge.third_party = CONSENT_UNCLASSIFIED;
    conf.judge.first_party = NULL;
}


static void
test_http_page(void)
{
    uint8_t        buf[CONSENT_URL_MIN_BUFFER];
    consent_url_t  url;

    page(&url, "http://www.site.example/", buf);

    narrow("img-src plain.one.example 'self'", "img-src 'self'",
           "a page of http");
    narrow("img-src https://plain.one.example",
           "img-src https://plain.one.example", "a page of http");

    conf.judge.document = &document;

    narrow("img-src plain.one.example", "img-src plain.one.example",
           "a page of https");
}


static void
page(consent_url_t *url, const char *text, uint8_t buf[CONSENT_URL_MIN_BUFFER])
{
    consent_url_parse(url, NULL,
                      consent_str_make((const uint8_t *) text, strlen(text)),
                      buf, CONSENT_URL_MIN_BUFFER);

    conf.judge.document = url;
}


static void
test_nothing_denied(void)
{
    conf.judge.denied = 0;
    narrow("img-src tracker.example", "img-src tracker.example",
           "all accepted");

    conf.judge.denied = 3;
    narrow("img-src mixed.example fine.example", "img-src 'none'",
           "all denied");

    conf.judge.denied = 1;
}


/* the worst there is: the shortest directives, and nothing is left of them */

static void
test_room(void)
{
    size_t           i, len, got;
    uint8_t         *in, *out;
    unsigned         removed;
    consent_judge_t  judge;

    static const char  directive[] = "img-src a;";

    consent_match_destroy(policy.match);
    consent_site_destroy(site);

    fixture_policy();
    fixture_rule(CONSENT_RULE_RESOURCE, "a", 0);
    fixture_ready();
    fixture_conf(&conf, 1024);

    consent_judge_init(&judge, &conf.judge);

    len = 1000 * (sizeof(directive) - 1);
    in = malloc(len);
    out = malloc(CONSENT_CSP_ROOM(len));

    for (i = 0; i < 1000; i++) {
        memcpy(in + i * (sizeof(directive) - 1), directive,
               sizeof(directive) - 1);
    }

    got = consent_csp_narrow(out, &judge, consent_str_make(in, len),
                             &removed);

    is_int((long long) got, 15000, "a thousand empty lists");
    is_int(removed, 1000, "a thousand sources");

    free(in);
    free(out);
}


static void
narrow(const char *in, const char *out, const char *what)
{
    size_t           len, again;
    uint8_t         *dst, *copy, *second;
    unsigned         removed;
    consent_judge_t  judge;

    consent_judge_init(&judge, &conf.judge);

    /* memory of exactly the size, for the sanitizers */

    len = strlen(in);
    copy = malloc(len ? len : 1);
    dst = malloc(CONSENT_CSP_ROOM(len));
    memcpy(copy, in, len);

    len = consent_csp_narrow(dst, &judge, consent_str_make(copy, len),
                             &removed);

    is_str(dst, len, out, "%s: %s", what, in);

    ok((removed != 0) == (strcmp(in, out) != 0), "%u removed", removed);

    second = malloc(CONSENT_CSP_ROOM(len));
    again = consent_csp_narrow(second, &judge, consent_str_make(dst, len),
                               &removed);

    is_str(second, again, out, "the same when narrowed again");

    free(copy);
    free(dst);
    free(second);
}
