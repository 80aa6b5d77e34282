/*
 * Copyright (C) ngx_consent_module authors
 *
 * What is posted to the endpoint, where a request comes from, and texts for
 * the places where they are written.
 */


#include "consent_escape.h"
#include "consent_form.h"
#include "consent_origin.h"
#include "consent_url.h"
#include "tap.h"


#define nelts(a)  (sizeof(a) / sizeof((a)[0]))

#define A  1
#define B  2


typedef struct {
    const char        *body;
    int                rc;
    consent_choice_e   choice;
    consent_mask_t     accept;
    const char        *back;    /* NULL: none */
    unsigned           unknown;
    unsigned           conflict;
} form_test_t;


typedef struct {
    const char        *fetch_site;
    const char        *origin;
    const char        *referer;
    const char        *host;
    consent_origin_e   want;
} origin_test_t;


static void make_policy(consent_policy_t *policy);
static consent_str_t str(const char *text);
static void test_forms(const form_test_t *tests, size_t n, unsigned json);
static void test_form_edges(void);
static void test_local(void);
static void test_field(void);
static void test_origins(void);
static void test_paths(void);
static void test_escapes(void);


static const form_test_t  form_tests[] = {
    { "", 0, CONSENT_CHOICE_MISSING, 0, NULL, 0, 0 },
    { "choice=all", 0, CONSENT_CHOICE_ALL, 0, NULL, 0, 0 },
    { "choice=none", 0, CONSENT_CHOICE_NONE, 0, NULL, 0, 0 },
    { "choice=withdraw", 0, CONSENT_CHOICE_WITHDRAW, 0, NULL, 0, 0 },
    { "choice=add&accept=b", 0, CONSENT_CHOICE_ADD, B, NULL, 0, 0 },
    { "choice=some&accept=a&accept=b", 0, CONSENT_CHOICE_SOME, A|B, NULL,
      0, 0 },
    { "accept=always", 0, CONSENT_CHOICE_MISSING, 0, NULL, 0, 0 },
    { "accept=A", 0, CONSENT_CHOICE_MISSING, 0, NULL, 1, 0 },
    { "accept=", 0, CONSENT_CHOICE_MISSING, 0, NULL, 1, 0 },
    { "accept", 0, CONSENT_CHOICE_MISSING, 0, NULL, 1, 0 },
    { "accept=a+", 0, CONSENT_CHOICE_MISSING, 0, NULL, 1, 0 },
    { "choice=all&choice=none", 0, CONSENT_CHOICE_NONE, 0, NULL, 0, 1 },
    { "choice=x", 0, CONSENT_CHOICE_UNKNOWN, 0, NULL, 0, 0 },
    { "choice=x&choice=y", 0, CONSENT_CHOICE_UNKNOWN, 0, NULL, 0, 0 },
    { "%63hoice=%61ll", 0, CONSENT_CHOICE_ALL, 0, NULL, 0, 0 },
    { "return=%2Fa+b&return=/c", 0, CONSENT_CHOICE_MISSING, 0, "/a b", 0, 0 },
    { "return=", 0, CONSENT_CHOICE_MISSING, 0, "", 0, 0 },
    { "return=a=b", 0, CONSENT_CHOICE_MISSING, 0, "a=b", 0, 0 },
    { "=all&==&&&x", 0, CONSENT_CHOICE_MISSING, 0, NULL, 0, 0 },
    { "choice=all%", -1, CONSENT_CHOICE_MISSING, 0, NULL, 0, 0 },
    { "choice=all%4", -1, CONSENT_CHOICE_MISSING, 0, NULL, 0, 0 },
    { "choice=all%4g", -1, CONSENT_CHOICE_MISSING, 0, NULL, 0, 0 },
    { "choice=%00", -1, CONSENT_CHOICE_MISSING, 0, NULL, 0, 0 },
    { "x=%&choice=all", -1, CONSENT_CHOICE_MISSING, 0, NULL, 0, 0 },
};


static const form_test_t  json_tests[] = {
    { "{}", 0, CONSENT_CHOICE_MISSING, 0, NULL, 0, 0 },
    { " {\"choice\":\"all\"}\n", 0, CONSENT_CHOICE_ALL, 0, NULL, 0, 0 },
    { "{\"accept\":[\"b\",\"\\u0061\"],\"choice\":\"some\"}", 0,
      CONSENT_CHOICE_SOME, A|B, NULL, 0, 0 },
    { "{\"accept\":[]}", 0, CONSENT_CHOICE_MISSING, 0, NULL, 0, 0 },
    { "{\"accept\":[\"x\"]}", 0, CONSENT_CHOICE_MISSING, 0, NULL, 1, 0 },
    { "{\"return\":\"\\/a\",\"choice\":\"none\"}", 0, CONSENT_CHOICE_NONE, 0,
      "/a", 0, 0 },
    { "{\"return\":\"\\ud83c\\udf6a\"}", 0, CONSENT_CHOICE_MISSING, 0,
      "\360\237\215\252", 0, 0 },
    { "", -1, CONSENT_CHOICE_MISSING, 0, NULL, 0, 0 },
    { "{", -1, CONSENT_CHOICE_MISSING, 0, NULL, 0, 0 },
    { "[]", -1, CONSENT_CHOICE_MISSING, 0, NULL, 0, 0 },
    { "{\"choice\":null}", -1, CONSENT_CHOICE_MISSING, 0, NULL, 0, 0 },
    { "{\"choice\":\"all\",}", -1, CONSENT_CHOICE_MISSING, 0, NULL, 0, 0 },
    { "{\"choice\":\"all\\u0000\"}", -1, CONSENT_CHOICE_MISSING, 0, NULL, 0,
      0 },
    { "{choice:\"all\"}", -1, CONSENT_CHOICE_MISSING, 0, NULL, 0, 0 },
    { "{\"choice\":\"all\"}}", -1, CONSENT_CHOICE_MISSING, 0, NULL, 0, 0 },
};


static const origin_test_t  origin_tests[] = {
    { "same-origin", NULL, NULL, "a.example", CONSENT_ORIGIN_SAME },
    { "none", NULL, NULL, "a.example", CONSENT_ORIGIN_SAME },
    { "same-site", NULL, NULL, "a.example", CONSENT_ORIGIN_OTHER },
    { "cross-site", "http://a.example", NULL, "a.example",
      CONSENT_ORIGIN_OTHER },
    { "", "http://a.example", NULL, "a.example", CONSENT_ORIGIN_OTHER },
    { NULL, "http://a.example", NULL, "a.example", CONSENT_ORIGIN_SAME },
    { NULL, "https://a.example", NULL, "a.example:443", CONSENT_ORIGIN_SAME },
    { NULL, "https://a.example", NULL, "a.example:80", CONSENT_ORIGIN_OTHER },
    { NULL, "http://a.example:8080", NULL, "a.example:8080",
      CONSENT_ORIGIN_SAME },
    { NULL, "http://a.example:8080", NULL, "a.example",
      CONSENT_ORIGIN_OTHER },
    { NULL, "http://b.a.example", NULL, "a.example", CONSENT_ORIGIN_OTHER },
    { NULL, "http://[::1]:80", NULL, "[::1]", CONSENT_ORIGIN_SAME },
    { NULL, "http://xn--bcher-kva.example", NULL, "b\303\274cher.example",
      CONSENT_ORIGIN_SAME },
    { NULL, "null", NULL, "null", CONSENT_ORIGIN_OTHER },
    { NULL, "ftp://a.example", NULL, "a.example", CONSENT_ORIGIN_OTHER },
    { NULL, "", "http://a.example/", "a.example", CONSENT_ORIGIN_OTHER },
    { NULL, NULL, "http://a.example/x", "a.example", CONSENT_ORIGIN_SAME },
    { NULL, NULL, "http://b.example/x", "a.example", CONSENT_ORIGIN_OTHER },
    { NULL, NULL, "http://a.example/x", "", CONSENT_ORIGIN_OTHER },
    { NULL, NULL, "http://a.example/x", NULL, CONSENT_ORIGIN_OTHER },
    { NULL, NULL, "http://a.example/x", "a.example/../b",
      CONSENT_ORIGIN_SAME },
    { NULL, NULL, NULL, "a.example", CONSENT_ORIGIN_UNKNOWN },
};


int
main(void)
{
    test_forms(form_tests, nelts(form_tests), 0);
    test_forms(json_tests, nelts(json_tests), 1);
    test_form_edges();
    test_local();
    test_field();
    test_origins();
    test_paths();
    test_escapes();

    return done_testing();
}


static void
make_policy(consent_policy_t *policy)
{
    static const consent_str_t  names[] = {
        consent_str("a"), consent_str("b"), consent_str("always")
    };

    memset(policy, 0, sizeof(consent_policy_t));

    policy->ncategories = 3;
    policy->categories[0].name = names[0];
    policy->categories[1].name = names[1];
    policy->categories[2].name = names[2];
    policy->declared = 7;
    policy->always = 4;
}


static consent_str_t
str(const char *text)
{
    return consent_str_make((const uint8_t *) text, text ? strlen(text) : 0);
}


static void
test_forms(const form_test_t *tests, size_t n, unsigned json)
{
    int                 rc;
    size_t              i;
    uint8_t             body[256];
    consent_form_t      f;
    consent_policy_t    policy;
    const form_test_t  *t;

    make_policy(&policy);

    for (i = 0; i < n; i++) {
        t = &tests[i];

        memcpy(body, t->body, strlen(t->body));

        rc = json ? consent_form_read_json(&f, &policy, body, strlen(t->body))
                  : consent_form_read(&f, &policy, body, strlen(t->body));

        is_int(rc, t->rc, "'%s': result", t->body);

        if (rc != 0) {
            continue;
        }

        is_int((int) f.choice, (int) t->choice, "'%s': choice", t->body);
        is_int((long) f.accept, (long) t->accept, "'%s': accept", t->body);
        is_int(f.unknown, t->unknown, "'%s': unknown", t->body);
        is_int(f.conflict, t->conflict, "'%s': conflict", t->body);
        ok((f.back.data != NULL) == (t->back != NULL)
           && (t->back == NULL || consent_str_eq(f.back, str(t->back))),
           "'%s': return", t->body);
    }
}


static void
test_form_edges(void)
{
    uint8_t           zero[] = { 'x', '=', 0 };
    consent_form_t    f;
    consent_policy_t  policy;

    make_policy(&policy);

    is_int(consent_form_read(&f, &policy, zero, sizeof(zero)), -1,
           "a zero byte");
    is_int(consent_form_read_json(&f, &policy, zero, sizeof(zero)), -1,
           "a zero byte is no JSON");
}


static void
test_local(void)
{
    char     path[CONSENT_LOCAL_PATH_MAX + 2];
    size_t   i;

    static const char  *good[] = {
        "/", "/a", "/a?b=c#d", "/.//a", "/%2F/a", "/a//b", "/@a", "/:80"
    };

    static const char  *bad[] = {
        "", "a", "//", "//a", "/\\a", "/a\\", "/ a", "/\t", "/a\n", "/\177",
        "/\303\251", "\\", "?a", "#", "http:/a", "javascript:a"
    };

    for (i = 0; i < nelts(good); i++) {
        ok(consent_form_is_local(str(good[i])), "'%s' is local", good[i]);
    }

    for (i = 0; i < nelts(bad); i++) {
        ok(!consent_form_is_local(str(bad[i])), "'%s' is not", bad[i]);
    }

    memset(path, 'a', sizeof(path));
    path[0] = '/';

    ok(consent_form_is_local(consent_str_make((uint8_t *) path,
                                              CONSENT_LOCAL_PATH_MAX)),
       "the longest path");
    ok(!consent_form_is_local(consent_str_make((uint8_t *) path,
                                               CONSENT_LOCAL_PATH_MAX + 1)),
       "a longer one");
}


static void
test_field(void)
{
    uint8_t        buf[64];
    consent_str_t  value;

    is_int(consent_form_field(&value, buf, str("a=1&b=%2f+x&b=2"), str("b")),
           0, "a field");
    ok(consent_str_eq(value, str("/ x")), "its value");
    is_int(consent_form_field(&value, buf, str("a=1"), str("b")), -1,
           "no field");
    is_int(consent_form_field(&value, buf, str("%x=1&b=2"), str("b")), 0,
           "behind a malformed name");
    is_int(consent_form_field(&value, buf, str("b=%x"), str("b")), -1,
           "a malformed value");
    is_int(consent_form_field(&value, buf, str(NULL), str("b")), -1,
           "an empty query");
}


static void
test_origins(void)
{
    size_t                i;
    consent_origin_t      o;
    const origin_test_t  *t;

    for (i = 0; i < nelts(origin_tests); i++) {
        t = &origin_tests[i];

        o.fetch_site = str(t->fetch_site);
        o.origin = str(t->origin);
        o.referer = str(t->referer);
        o.host = str(t->host);

        is_int((int) consent_origin_check(&o), (int) t->want,
               "site %s, origin %s, referer %s, host %s",
               t->fetch_site ? t->fetch_site : "-",
               t->origin ? t->origin : "-", t->referer ? t->referer : "-",
               t->host ? t->host : "-");
    }
}


static void
test_paths(void)
{
    uint8_t  buf[CONSENT_URL_MIN_BUFFER];

    ok(consent_str_eq(consent_origin_path(str("https://a.example/b?c#d"),
                                          str("a.example"), buf,
                                          sizeof(buf)),
                      str("/b?c")), "path of a URL");
    is_int((long) consent_origin_path(str("https://b.example/b"),
                                      str("a.example"), buf,
                                      sizeof(buf)).len,
           0, "of another host");
}


static void
test_escapes(void)
{
    size_t          i, len;
    uint8_t         dst[128];
    consent_str_t   text, want;

    static const struct {
        size_t     (*escape)(uint8_t *dst, consent_str_t text);
        const char  *text;
        const char  *want;
    } tests[] = {
        { consent_escape_html, "a<b>&\"'", "a&#60;b&#62;&#38;&#34;&#39;" },
        { consent_escape_html, "\303\251", "\303\251" },
        { consent_escape_json, "a\"\\\n\177<", "a\\\"\\\\\\u000A\\u007F"
                                               "\\u003C" },
        { consent_escape_json, "\303\251\303", "\303\251\357\277\275" },
        { consent_escape_query, "/a b?c=d&e%\303", "/a%20b%3Fc%3Dd%26e%25"
                                                   "%C3" },
        { consent_escape_ascii, "<b>\303\251\360\237\215\252\377</b>",
          "<b>&#233;&#127850;</b>" },
        { consent_escape_ascii, "\355\240\200\300\200x", "x" },
        { consent_escape_html, "", "" },
    };

    for (i = 0; i < nelts(tests); i++) {
        text = str(tests[i].text);
        want = str(tests[i].want);

        len = tests[i].escape(NULL, text);
        is_int((long) len, (long) want.len, "'%s': length", tests[i].text);

        len = tests[i].escape(dst, text);
        ok(consent_str_eq(consent_str_make(dst, len), want),
           "'%s': is '%s'", tests[i].text, tests[i].want);
    }
}
