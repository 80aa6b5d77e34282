/*
 * Copyright (C) ngx_consent_module authors
 *
 * Text for Prometheus and for a configuration of nginx; and what is guessed
 * of names.
 */


#include "consent_cookie.h"
#include "consent_guess.h"
#include "consent_quote.h"
#include "tap.h"


typedef size_t (*quote_pt)(uint8_t *dst, consent_str_t text);


static consent_str_t str(const char *text);
static void is_quoted(quote_pt quote, const char *text, const char *want);
static void is_cookie(const char *name, unsigned cut, const char *want);
static void is_guess(const char *name, uint32_t flags, int category,
    const char *by);
static void add(consent_rule_e kind, const char *pattern, int category);
static void is_shadow(consent_rule_e kind, const char *pattern,
    const char *by, unsigned same);
static void test_labels(void);
static void test_names(void);
static void test_guesses(void);
static void test_shadows(void);


static consent_mem_t     mem;
static consent_policy_t  policy;


static consent_str_t
str(const char *text)
{
    return consent_str_make((const uint8_t *) text, strlen(text));
}


static void
is_quoted(quote_pt quote, const char *text, const char *want)
{
    size_t   len;
    uint8_t  buf[1024];

    len = quote(buf, str(text));

    is_str(buf, len, want, "%s", want);
    ok(quote(NULL, str(text)) == len, "its length");
}


static void
is_cookie(const char *name, unsigned cut, const char *want)
{
    size_t   len;
    uint8_t  buf[1024];

    len = consent_quote_cookie(buf, str(name), cut);

    is_str(buf, len, want, "cookie %s", want);
    ok(consent_quote_cookie(NULL, str(name), cut) == len, "its length");
}


static void
test_labels(void)
{
    is_quoted(consent_quote_label, "plain", "plain");
    is_quoted(consent_quote_label, "a\"b\\c\nd", "a\\\"b\\\\c\\nd");
    is_quoted(consent_quote_label, "caf\xc3\xa9", "caf\xc3\xa9");
    is_quoted(consent_quote_label, "x\xff\xfey", "x\xef\xbf\xbd\xef\xbf\xbdy");
    is_quoted(consent_quote_label, "\xc3", "\xef\xbf\xbd");
    is_quoted(consent_quote_label, "", "");
}


static void
test_names(void)
{
    is_cookie("_ga", 0, "_ga");
    is_cookie("a.b-c|d", 0, "a.b-c|d");
    is_cookie("long", 1, "long*");
    is_cookie("", 0, "\"~^$\"");
    is_cookie("a*b", 0, "\"~^a\\\\x2ab$\"");
    is_cookie("~x", 0, "\"~^\\\\x7ex$\"");
    is_cookie("a b", 1, "\"~^a\\\\x20b\"");
    is_cookie("x;}", 0, "\"~^x\\\\x3b\\\\x7d$\"");
    is_cookie("q\"'", 0, "\"~^q\\\\x22\\\\x27$\"");
    is_cookie("$v\\", 0, "\"~^\\\\x24v\\\\x5c$\"");
    is_cookie("caf\xc3\xa9", 0, "\"~^caf\\\\xc3\\\\xa9$\"");

    is_quoted(consent_quote_host, "a.example.net", "a.example.net");
    is_quoted(consent_quote_host, ".example.net", ".example.net");
    is_quoted(consent_quote_host, "[2001:db8::1]", "[2001:db8::1]");
    is_quoted(consent_quote_host, "a;}x",
              "\"~^[a-z]+://a\\\\x3b\\\\x7dx[:/]\"");
    is_quoted(consent_quote_host, ".a$x",
              "\"~^[a-z]+://[^/:]+\\\\x2ea\\\\x24x[:/]\"");
}


static void
add(consent_rule_e kind, const char *pattern, int category)
{
    consent_match_error_t  err;

    if (consent_match_add(policy.match, kind, CONSENT_LAYER_RULES,
                          str(pattern), category, 0, &err)
        != 0)
    {
        diag("%s", err.text);
        exit(1);
    }
}


static void
is_guess(const char *name, uint32_t flags, int category, const char *by)
{
    consent_guess_t  guess;

    guess = consent_guess_cookie(&policy, str(name), flags);

    ok(guess.category == category, "%s belongs to %d (%d)", name, category,
       guess.category);
    is_str(guess.by.data, guess.by.len, by, "because of %s", by);
}


static void
test_guesses(void)
{
    consent_guess_t   guess;
    consent_site_t   *site;

    policy.match = consent_match_create(&mem);
    policy.always = 1;

    add(CONSENT_RULE_COOKIE, "PHPSESSID", 0);
    add(CONSENT_RULE_COOKIE, "_hjSession_*", 1);
    add(CONSENT_RULE_COOKIE, "_hjid", 1);
    add(CONSENT_RULE_COOKIE, "~^zz", 2);
    add(CONSENT_RULE_RESOURCE, "~^https://www\\.found\\.example/", 1);
    add(CONSENT_RULE_RESOURCE, ".stats.example/path", 2);
    add(CONSENT_RULE_RESOURCE, "/own", 1);

    is_guess("phpsessid", 0, 0, "PHPSESSID");
    is_guess("_hjSessionUser", 0, 1, "_hjSession_*");
    is_guess("zzz", 0, CONSENT_UNCLASSIFIED, "");
    is_guess("p", 0, CONSENT_UNCLASSIFIED, "");
    is_guess("", 0, CONSENT_UNCLASSIFIED, "");
    is_guess("my_sess", CONSENT_COOKIE_HTTPONLY, 0, "");
    is_guess("my_sess", 0, CONSENT_UNCLASSIFIED, "");

    site = consent_site_create(&mem);

    guess = consent_guess_host(&policy, site, str("cdn.stats.example"));
    ok(guess.category == 2, "a host of a domain that a rule names");
    is_str(guess.by.data, guess.by.len, ".stats.example/path", "which");

    guess = consent_guess_host(&policy, site, str("other.example"));
    ok(guess.category == CONSENT_UNCLASSIFIED, "of another one");

    guess = consent_guess_host(&policy, site, str("mystats.example"));
    ok(guess.category == CONSENT_UNCLASSIFIED, "whose name ends so");

    consent_site_destroy(site);
    consent_match_destroy(policy.match);
}


static void
is_known(consent_rule_e kind, const char *name, int category, const char *by)
{
    consent_guess_t  guess;

    guess = (kind == CONSENT_RULE_COOKIE)
            ? consent_guess_known_cookie(&policy, str(name))
            : consent_guess_known_host(&policy, str(name));

    ok(guess.category == category, "%s is of %d (%d)", name, category,
       guess.category);
    is_str(guess.by.data, guess.by.len, by, "by %s", by);
}


static void
test_known(void)
{
    policy.match = consent_match_create(&mem);

    add(CONSENT_RULE_COOKIE, "_hj*", 1);
    add(CONSENT_RULE_COOKIE, "_hjid", 2);
    add(CONSENT_RULE_COOKIE, "_hjS*", 1);
    add(CONSENT_RULE_COOKIE, "*_session", 0);
    add(CONSENT_RULE_COOKIE, "~^zz", 2);
    add(CONSENT_RULE_RESOURCE, ".stats.example", 1);
    add(CONSENT_RULE_RESOURCE, "a.stats.example", 2);
    add(CONSENT_RULE_RESOURCE, ".paths.example/ads/", 2);
    add(CONSENT_RULE_RESOURCE, ".both.example", 1);
    add(CONSENT_RULE_RESOURCE, ".both.example/ads/", 2);

    consent_match_compile(policy.match);

    is_known(CONSENT_RULE_COOKIE, "_hj", 1, "_hj*");
    is_known(CONSENT_RULE_COOKIE, "_hjid", 2, "_hjid");
    is_known(CONSENT_RULE_COOKIE, "_hjSession", 1, "_hjS*");
    is_known(CONSENT_RULE_COOKIE, "_h", CONSENT_UNCLASSIFIED, "");
    is_known(CONSENT_RULE_COOKIE, "", CONSENT_UNCLASSIFIED, "");
    is_known(CONSENT_RULE_COOKIE, "a_session", 0, "*_session");
    is_known(CONSENT_RULE_COOKIE, "zzz", 2, "zzz");

    is_known(CONSENT_RULE_RESOURCE, "stats.example", 1, ".stats.example");
    is_known(CONSENT_RULE_RESOURCE, "b.stats.example", 1, ".stats.example");
    is_known(CONSENT_RULE_RESOURCE, ".b.stats.example", 1, ".stats.example");
    is_known(CONSENT_RULE_RESOURCE, "a.stats.example", 2, "a.stats.example");
    is_known(CONSENT_RULE_RESOURCE, "mystats.example", CONSENT_UNCLASSIFIED,
             "");
    is_known(CONSENT_RULE_RESOURCE, "paths.example", CONSENT_UNCLASSIFIED,
             "");
    is_known(CONSENT_RULE_RESOURCE, "both.example", CONSENT_UNCLASSIFIED, "");
    is_known(CONSENT_RULE_RESOURCE, "", CONSENT_UNCLASSIFIED, "");

    consent_match_destroy(policy.match);
}


static void
is_shadow(consent_rule_e kind, const char *pattern, const char *by,
    unsigned same)
{
    size_t                       i;
    unsigned                     got;
    const consent_match_rule_t  *rule, *shadow;

    for (i = 0; (rule = consent_match_rule(policy.match, i)) != NULL; i++) {

        if (rule->kind != kind || !consent_str_eq(rule->pattern,
                                                  str(pattern)))
        {
            continue;
        }

        shadow = consent_match_shadow(policy.match, i, &got);

        if (by == NULL) {
            ok(shadow == NULL, "%s counts", pattern);
            return;
        }

        ok(shadow && consent_str_eq(shadow->pattern, str(by)) && got == same,
           "%s never counts because of %s", pattern, by);
        return;
    }

    ok(0, "there is no rule %s", pattern);
}


static void
test_shadows(void)
{
    static const char  *cookies[] = {
        "_ga", "_ga_*", "_ga_x", "_gb_*", "_gb_y", "~^_ga_z", "~^_ga",
        "~^_ga$",
        "~^_gat", "~*^_gc", "~^_gcd", "~*^_gcd", "~^a|b", "~^_gax?$", NULL
    };
    static const char  *resources[] = {
        ".wide.example", "a.wide.example", "b.wide.example", "wide.example",
        ".sub.wide.example", "~^https?://c\\.wide\\.example/x",
        "~^https?://c\\.wide\\.examplex/x", "host.example/path",
        "~^https://host\\.example/path", NULL
    };

    int  i;

    policy.match = consent_match_create(&mem);

    for (i = 0; cookies[i]; i++) {
        add(CONSENT_RULE_COOKIE, cookies[i],
            strcmp(cookies[i], "_gb_y") == 0 ? 1 : 0);
    }

    for (i = 0; resources[i]; i++) {
        add(CONSENT_RULE_RESOURCE, resources[i],
            strcmp(resources[i], "b.wide.example") == 0 ? 1 : 0);
    }

    add(CONSENT_RULE_INLINE, "track(", 0);
    add(CONSENT_RULE_INLINE, "x=track('y')", 0);
    add(CONSENT_RULE_INLINE, "track('z')", 1);

    if (consent_match_compile(policy.match) != 0) {
        exit(1);
    }

    is_shadow(CONSENT_RULE_COOKIE, "_ga", NULL, 0);
    is_shadow(CONSENT_RULE_COOKIE, "_ga_x", "_ga_*", 1);
    is_shadow(CONSENT_RULE_COOKIE, "_gb_y", NULL, 0);
    is_shadow(CONSENT_RULE_COOKIE, "~^_ga_z", "_ga_*", 0);
    is_shadow(CONSENT_RULE_COOKIE, "~^_ga", NULL, 0);
    is_shadow(CONSENT_RULE_COOKIE, "~^_ga$", "_ga", 0);
    is_shadow(CONSENT_RULE_COOKIE, "~^_gat", "~^_ga", 0);
    is_shadow(CONSENT_RULE_COOKIE, "~^_gcd", "~*^_gc", 0);
    is_shadow(CONSENT_RULE_COOKIE, "~*^_gcd", "~*^_gc", 0);
    is_shadow(CONSENT_RULE_COOKIE, "~^a|b", NULL, 0);
    is_shadow(CONSENT_RULE_COOKIE, "~^_gax?$", "~^_ga", 0);

    is_shadow(CONSENT_RULE_RESOURCE, ".wide.example", NULL, 0);
    is_shadow(CONSENT_RULE_RESOURCE, "a.wide.example", ".wide.example", 1);
    is_shadow(CONSENT_RULE_RESOURCE, "b.wide.example", NULL, 0);
    is_shadow(CONSENT_RULE_RESOURCE, "wide.example", ".wide.example", 1);
    is_shadow(CONSENT_RULE_RESOURCE, ".sub.wide.example", ".wide.example",
              1);
    is_shadow(CONSENT_RULE_RESOURCE, "~^https?://c\\.wide\\.example/x",
              ".wide.example", 0);
    is_shadow(CONSENT_RULE_RESOURCE, "~^https?://c\\.wide\\.examplex/x", NULL,
              0);
    is_shadow(CONSENT_RULE_RESOURCE, "~^https://host\\.example/path", NULL,
              0);

    is_shadow(CONSENT_RULE_INLINE, "track(", NULL, 0);
    is_shadow(CONSENT_RULE_INLINE, "x=track('y')", "track(", 1);
    is_shadow(CONSENT_RULE_INLINE, "track('z')", NULL, 0);

    consent_match_destroy(policy.match);
}


int
main(void)
{
    mem = *test_mem();

    test_labels();
    test_names();
    test_guesses();
    test_known();
    test_shadows();

    test_mem_free();

    return done_testing();
}
