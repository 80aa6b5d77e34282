/*
 * Copyright (C) ngx_consent_module authors
 *
 * Link, Reporting-Endpoints, Speculation-Rules, Report-To and NEL: what stays
 * of their values.
 */


#include "rewrite_fixture.h"

#include "consent_field.h"


#define nelts(a)  (sizeof(a) / sizeof((a)[0]))


typedef struct {
    const char  *in;
    const char  *out;           /* NULL: the same */
    unsigned     removed;
} field_case_t;


static void test_cases(const char *what, consent_field_pt filter,
    const field_case_t *cases, size_t n);
static void test_groups(void);
static void test_third_party(void);
static void check(const char *what, consent_field_pt filter, const char *in,
    const char *out, unsigned removed);


static consent_rewrite_conf_t  conf;


static const field_case_t  links[] = {

    { "<" T "a.js>; rel=preload; as=script", "", 1 },
    { "<" OK "a.js>; rel=preload; as=script", NULL, 0 },
    { "</dir/own.js>; rel=preload", "", 1 },
    { "<own.js>;rel=modulepreload", "", 1 },
    { "<../dir/./own.js>;rel=modulepreload", "", 1 },
    { "<//tracker.example>; rel=preconnect", "", 1 },
    { "<HTTPS:\\\\TRACKER.example>; rel=dns-prefetch", "", 1 },
    { "<>; rel=preload", NULL, 0 },

    /* one of several */

    { "<" T ">; rel=preload, <" OK ">; rel=preload",
      "<" OK ">; rel=preload", 1 },
    { "<" OK ">; rel=preload, <" T ">; rel=preload",
      "<" OK ">; rel=preload", 1 },
    { "<" OK "1>; rel=preload , <" T ">; rel=preload\t,<" OK "2>; rel=preload",
      "<" OK "1>; rel=preload\t,<" OK "2>; rel=preload", 1 },
    { "<" T "1>; rel=preload,<" T "2>; rel=prefetch,<" T "3>; rel=preconnect",
      "", 3 },
    { " ,, <" T ">; rel=preload,, </>; rel=preload ,",
      "</>; rel=preload ,", 1 },
    { " ,, </>; rel=preload ,, ", NULL, 0 },
    { "<" OK "a,b>; rel=preload, <" T "a,b>; rel=preload",
      "<" OK "a,b>; rel=preload", 1 },

    /* the relation */

    { "<" T ">; rel=canonical", NULL, 0 },
    { "<" T ">", NULL, 0 },
    { "<" T ">; rel", NULL, 0 },
    { "<" T ">; rel=", NULL, 0 },
    { "<" T ">; rel=\"\"", NULL, 0 },
    { "<" T ">; rel*=preload", NULL, 0 },
    { "<" T ">; rev=preload", NULL, 0 },
    { "<" T ">; title=preload", NULL, 0 },
    { "<" T ">; REL=PreLoad", "", 1 },
    { "<" T ">;rel=\"preload\"", "", 1 },
    { "<" T "> ; rel = preload ; as", "", 1 },
    { "<" T ">; rel = \"next stylesheet\"", "", 1 },
    { "<" T ">; rel=next stylesheet", "", 1 },
    { "<" T ">; rel=canonical; rel=preload", NULL, 0 },
    { "<" T ">; rel=preload; rel=canonical", "", 1 },
    { "<" T ">;;; rel=preload;", "", 1 },
    { "<" T ">; as=font; crossorigin; rel=preload; type=\"font/woff2\"",
      "", 1 },
    { "<" T ">; anchor=\"/elsewhere\"; rel=preload", "", 1 },
    { "<" T ">; rel=http://x.example/preload", NULL, 0 },

    /* quotes */

    { "<" OK ">; title=\"a, b; rel=next\"; rel=preload", NULL, 0 },
    { "<" T ">; title=\"a, b; rel=next\"; rel=preload, </>; rel=next",
      "</>; rel=next", 1 },
    { "</>; title=\", " T ">; rel=preload\"", NULL, 0 },

    /* images */

    { "</a.png>; rel=preload; imagesrcset=\"/b.png 1x, " T "c.png 2x\"",
      "", 1 },
    { "</a.png>; rel=preload; imagesrcset=\"/b.png 1x, " OK "c.png 2x\"",
      NULL, 0 },
    { "</a.png>; rel=next; imagesrcset=\"" T "c.png 2x\"", NULL, 0 },

    /* not as it should be: all of the rest stays or goes */

    { "</a>; rel=preload, <" T "; rel=preload, </b>; rel=preload",
      "</a>; rel=preload", 1 },
    { "</a>; rel=preload, x <" T ">; rel=preload", "</a>; rel=preload", 1 },
    { "</a>; rel=preload x=\"<" T ">\"", "", 1 },
    { "<a>; title=\"<" T ">; rel=preload", "", 1 },
    { "<a>; title=\"\\\", <" T ">; rel=preload, \"", "", 1 },
    { "<a>; title='\", <" T ">; rel=preload, '\"", "", 1 },
    { "<a>; title=it's, <" T ">; rel=preload", "", 1 },
    { "<a<" T ">; rel=next", "", 1 },
    { "< " T ">; rel=next", "", 1 },
    { "<https://tracker.\texample>; rel=next", "", 1 },
    { "<https://tra cker.example>; rel=preload", "", 1 },
    { "<a> x; rel=preload; title=\"" T "\"", "", 1 },
    { "a; rel=preload, <" OK ">; rel=preload", NULL, 0 },
    { "<a; rel=preload, <" OK ">; rel=preload", NULL, 0 },
    { "<a>; title=\"it is <" OK ">\"; rel=preload", NULL, 0 },
    { "", "", 0 },
    { ",", NULL, 0 },
    { " ", NULL, 0 },
    { "<", NULL, 0 },
    { "<>", NULL, 0 },
    { "\"", NULL, 0 }
};


static const field_case_t  strings[] = {

    { "a=\"" T "r\"", "", 1 },
    { "a=\"" OK "r\"", NULL, 0 },
    { "a=\"/dir/own.js\"", "", 1 },
    { "a=\"" T "\", b=\"" OK "\"", "b=\"" OK "\"", 1 },
    { "a=\"" OK "\", b=\"" T "\"", "a=\"" OK "\"", 1 },
    { "a=\"" OK "\" ,b=\"" T "\";x, c=\"/r\"; y=1",
      "a=\"" OK "\", c=\"/r\"; y=1", 1 },
    { "a=\"" OK "\", a=\"" T "\"", "a=\"" OK "\"", 1 },
    { "a=\"https:\\\\\\\\tracker.example\"", "", 1 },
    { "a=\"\\\"," T "\", b=\"/r\"", NULL, 0 },
    { "a=1, b=?0, c=x, d=:YQ==:, e=(\"" OK "\" \"" T "\")",
      "a=1, b=?0, c=x, d=:YQ==:", 1 },
    { "\"" T "rules.json\"", "", 1 },
    { "\"/rules.json\", \"" T "rules.json\"", "\"/rules.json\"", 1 },
    { "a=\"" T, "", 1 },
    { "a=\"" OK ", b=\"" T "\"", NULL, 0 },
    { "a=" T, NULL, 0 },
    { "", "", 0 },
    { " , ", NULL, 0 },
    { "\"", NULL, 0 },
    { "\"\\", NULL, 0 }
};


#define URL(url)  "{\"url\":\"" url "\"}"

static const field_case_t  report_to[] = {

    { "{\"group\":\"g\",\"max_age\":1,\"endpoints\":[" URL(T) "]}", "", 1 },
    { "{\"group\":\"g\",\"max_age\":1,\"endpoints\":[" URL(OK) "]}",
      NULL, 0 },
    { "{\"endpoints\":[" URL(T) "," URL(OK) "],\"max_age\":1}",
      "{\"endpoints\":[" URL(OK) "],\"max_age\":1}", 1 },
    { "{\"endpoints\": [ " URL(OK) " , " URL(T) " ] }",
      "{\"endpoints\": [ " URL(OK) " ] }", 1 },
    { "{\"endpoints\":[" URL(OK) "," URL(T) "," URL("/r") "]}",
      "{\"endpoints\":[" URL(OK) "," URL("/r") "]}", 1 },
    { "{\"endpoints\":[" URL(T) "," URL(T "2") "]}", "", 1 },
    { "{\"endpoints\":[{\"priority\":1,\"url\":\"" T "\",\"weight\":2}]}",
      "", 1 },

    /* several groups */

    { "{\"group\":\"a\",\"endpoints\":[" URL(T) "]}, "
      "{\"group\":\"b\",\"endpoints\":[" URL(OK) "]}",
      "{\"group\":\"b\",\"endpoints\":[" URL(OK) "]}", 1 },
    { "{\"group\":\"a\",\"endpoints\":[" URL(OK) "]} , "
      "{\"group\":\"b\",\"endpoints\":[" URL(T) "]}",
      "{\"group\":\"a\",\"endpoints\":[" URL(OK) "]}", 1 },
    { "{\"endpoints\":[" URL(T) "]}, {\"endpoints\":[" URL(T) "," URL(OK)
      "]}, {\"endpoints\":[" URL(OK) "," URL(T) "]}",
      "{\"endpoints\":[" URL(OK) "]}, {\"endpoints\":[" URL(OK) "]}", 3 },

    /* a member that comes twice */

    { "{\"endpoints\":[" URL(OK) "," URL(T) "],"
      "\"endpoints\":[" URL(T) "," URL("/r") "]}",
      "{\"endpoints\":[" URL(OK) "],\"endpoints\":[" URL("/r") "]}", 2 },
    { "{\"endpoints\":[" URL(OK) "],\"endpoints\":[" URL(T) "]}", "", 1 },
    { "{\"endpoints\":[{\"url\":\"" OK "\",\"url\":\"" T "\"}]}", "", 1 },

    /* escapes */

    { "{\"\\u0065ndpoints\":[{\"\\u0075rl\":\"https:\\/\\/\\u0074racker"
      ".example\"}]}", "", 1 },

    /* what has no endpoint */

    { "{\"endpoints\":[]}", NULL, 0 },
    { "{\"endpoints\":{\"url\":\"" T "\"}}", NULL, 0 },
    { "{\"endpoints\":[\"" T "\",1,null,{\"url\":1},{\"x\":\"" T "\"}]}",
      NULL, 0 },
    { "{\"x\":[" URL(T) "]}", NULL, 0 },
    { "[" URL(T) "]", NULL, 0 },
    { "1, null, true, false, -1.5e+3, \"x\"", NULL, 0 },
    { "", "", 0 },
    { " ", NULL, 0 },

    /* no JSON: all or nothing */

    { "{\"endpoints\":[" URL(T) "]},", "", 1 },
    { "{\"endpoints\":[" URL(OK) "]}, {\"endpoints\":[" URL(T) "]", "", 1 },
    { "{\"endpoints\":[{'url':\"" T "\"}]}", "", 1 },
    { "{\"endpoints\":[{'url':\"" OK "\"}]}", NULL, 0 },
    { "{\"endpoints\":[" URL(OK) ",]}", NULL, 0 },
    { "nonsense", NULL, 0 }
};


int
main(void)
{
    fixture_init();
    fixture_conf(&conf, 1024);

    test_cases("link", consent_field_link, links, nelts(links));
    test_cases("strings", consent_field_strings, strings, nelts(strings));
    test_cases("report-to", consent_field_report_to, report_to,
               nelts(report_to));

    test_groups();
    test_third_party();

    consent_match_destroy(policy.match);
    consent_site_destroy(site);
    test_mem_free();

    return done_testing();
}


static void
test_cases(const char *what, consent_field_pt filter,
    const field_case_t *cases, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        check(what, filter, cases[i].in,
              cases[i].out ? cases[i].out : cases[i].in, cases[i].removed);
    }

    /* with everything accepted nothing changes */

    conf.judge.denied = 0;

    for (i = 0; i < n; i++) {
        check(what, filter, cases[i].in, cases[i].in, 0);
    }

    conf.judge.denied = 1;
}


static void
test_groups(void)
{
    size_t  i;

    static const struct {
        const char  *groups;
        const char  *nel;
        int          has;
    } cases[] = {
        { "{\"group\":\"a\"}", "{\"report_to\":\"a\"}", 1 },
        { "{\"group\":\"a\"}", "{\"report_to\":\"b\"}", 0 },
        { "{\"group\":\"b\"}, {\"group\":\"a\"}",
          "{\"max_age\":1,\"report_to\":\"a\"}", 1 },
        { "{\"group\":\"b\",\"group\":\"a\"}", "{\"report_to\":\"b\"}", 0 },
        { "{\"group\":\"\\u0061\"}", "{\"report_to\":\"a\"}", 1 },
        { "{\"max_age\":1}", "{\"report_to\":\"default\"}", 1 },
        { "{\"max_age\":1}", "{\"report_to\":\"a\"}", 0 },
        { "{\"group\":\"a\"}", "{\"max_age\":1}", 0 },
        { "{\"group\":\"a\"}", "{\"report_to\":1}", 0 },
        { "{\"group\":\"a\"}", "\"a\"", 0 },
        { "{\"group\":\"a\"}", "nonsense", 0 },
        { "{\"group\":\"a\"}", "", 0 },
        { "nonsense", "{\"report_to\":\"a\"}", 0 },
        { "", "{\"report_to\":\"a\"}", 0 }
    };

    for (i = 0; i < nelts(cases); i++) {
        is_int(consent_field_has_group(
                   consent_str_make((const uint8_t *) cases[i].groups,
                                    strlen(cases[i].groups)),
                   consent_str_make((const uint8_t *) cases[i].nel,
                                    strlen(cases[i].nel))),
               cases[i].has, "%s of %s", cases[i].nel, cases[i].groups);
    }
}


static void
test_third_party(void)
{
    conf.judge.third_party = 0;

    check("third party", consent_field_link,
          "<https://unknown.test/>; rel=preload, </>; rel=preload",
          "</>; rel=preload", 1);
    check("third party", consent_field_strings,
          "a=\"https://unknown.test/\"", "", 1);
    check("third party", consent_field_report_to,
          "{\"endpoints\":[" URL("https://unknown.test") "]}", "", 1);

    conf.judge.third_party = CONSENT_UNCLASSIFIED;
}


static void
check(const char *what, consent_field_pt filter, const char *in,
    const char *out, unsigned expected)
{
    size_t           len;
    uint8_t         *dst, *copy;
    unsigned         removed;
    consent_judge_t  judge;

    consent_judge_init(&judge, &conf.judge);

    /* memory of exactly the size, for the sanitizers */

    len = strlen(in);
    copy = malloc(len ? len : 1);
    dst = malloc(len ? len : 1);
    memcpy(copy, in, len);

    len = filter(dst, &judge, consent_str_make(copy, len), &removed);

    is_str(dst, len, out, "%s: %s", what, in);
    is_int(removed, expected, "%s: removed", what);

    free(copy);
    free(dst);
}
