/*
 * Copyright (C) ngx_consent_module authors
 *
 * The matcher: every kind of pattern, precedence, conflicts, hostile
 * subjects, and random rule sets against a naive reading of the contract.
 *
 *     test_match [SEED]
 */


#include "tap.h"
#include "consent_match.h"


#define RULES     CONSENT_LAYER_RULES
#define DEFAULTS  CONSENT_LAYER_DEFAULTS

#define NONE      CONSENT_UNCLASSIFIED


/* the error of the last add_*() */

static consent_match_error_t  err;


static consent_str_t
str(const char *s)
{
    return consent_str_make((const uint8_t *) s, strlen(s));
}


static consent_match_t *
begin(void)
{
    consent_match_t  *m;

    m = consent_match_create(test_mem());

    if (m == NULL) {
        abort();
    }

    return m;
}


static void
finish(consent_match_t *m)
{
    consent_match_destroy(m);
    test_mem_free();
}


static int
add_to(consent_match_t *m, consent_rule_e kind, consent_layer_e layer,
    const char *pattern, int category, unsigned origin)
{
    return consent_match_add(m, kind, layer, str(pattern), category, origin,
                             &err);
}


/* rules that are good: origin 0, layer of the operator */

static void
add(consent_match_t *m, consent_rule_e kind, const char *pattern,
    int category)
{
    if (add_to(m, kind, RULES, pattern, category, 0) != 0) {
        ok(0, "add \"%s\"", pattern);
        diag("%s", err.text);
    }
}


static void
compile(consent_match_t *m)
{
    if (consent_match_compile(m) != 0) {
        ok(0, "compile");
        abort();
    }
}


static int
cookie(const consent_match_t *m, const char *name)
{
    return consent_match_cookie(m, str(name), NULL);
}


static consent_mask_t
script(const consent_match_t *m, const char *text, consent_mask_t wanted)
{
    return consent_match_inline(m, str(text), wanted, NULL);
}


/* takes a well-formed href apart; href has to outlive url */

static void
url_of(consent_url_t *url, const char *href)
{
    const char  *host, *path, *port;

    memset(url, 0, sizeof(consent_url_t));

    host = strstr(href, "://") + 3;
    path = strchr(host, '/');

    for (port = path; port > host && *port != ':' && *port != ']'; port--) {
        /* the last colon outside of brackets */
    }

    if (*port != ':') {
        port = path;
    }

    url->href = str(href);
    url->scheme = consent_str_make(url->href.data,
                                   (size_t) (host - 3 - href));
    url->host = consent_str_make(url->href.data + (host - href),
                                 (size_t) (port - host));
    url->port = (uint16_t) (port < path ? atoi(port + 1) : 0);
    url->path = str(path);
}


static int
resource_on(const consent_match_t *m, const char *href, unsigned own)
{
    consent_url_t  url;

    url_of(&url, href);

    return consent_match_resource(m, &url, own, NULL);
}


static int
resource(const consent_match_t *m, const char *href)
{
    return resource_on(m, href, 0);
}


static void
test_cookie_forms(void)
{
    consent_match_t  *m;

    m = begin();

    add(m, CONSENT_RULE_COOKIE, "_ga", 1);
    add(m, CONSENT_RULE_COOKIE, "_ga_*", 2);
    add(m, CONSENT_RULE_COOKIE, "*_sid", 3);
    add(m, CONSENT_RULE_COOKIE, "~^_hj[A-Z]", 4);
    add(m, CONSENT_RULE_COOKIE, "~*^csrf", 5);
    add(m, CONSENT_RULE_COOKIE, "~x$", 6);
    add(m, CONSENT_RULE_COOKIE, "a b", 7);
    add(m, CONSENT_RULE_COOKIE, "*~y", 8);
    add(m, CONSENT_RULE_COOKIE, "\xc3\xa9*", 9);
    compile(m);

    is_int(cookie(m, "_ga"), 1, "exact name");
    is_int(cookie(m, "_gat"), NONE, "exact name is not a prefix");
    is_int(cookie(m, "_g"), NONE, "part of a name");
    is_int(cookie(m, "_GA"), NONE, "names are case-sensitive");
    is_int(cookie(m, "_ga_"), 2, "prefix and nothing more");
    is_int(cookie(m, "_ga_G1"), 2, "prefix");
    is_int(cookie(m, "x_ga_G1"), NONE, "prefix is at the beginning");
    is_int(cookie(m, "_sid"), 3, "suffix and nothing more");
    is_int(cookie(m, "shop_sid"), 3, "suffix");
    is_int(cookie(m, "_sids"), NONE, "suffix is at the end");
    is_int(cookie(m, "_hjSession"), 4, "regular expression");
    is_int(cookie(m, "_hjsession"), NONE, "~ is case-sensitive");
    is_int(cookie(m, "a_hjS"), NONE, "anchored expression");
    is_int(cookie(m, "CsRfToken"), 5, "~* is not case-sensitive");
    is_int(cookie(m, "boxx"), 6, "$ is the end");
    is_int(cookie(m, "boxx\n"), NONE, "$ is not before a newline");
    is_int(cookie(m, "a b"), 7, "blank inside of a name");
    is_int(cookie(m, "z~y"), 8, "tilde behind the star is literal");
    is_int(cookie(m, "\xc3\xa9t"), 9, "bytes above 127");
    is_int(cookie(m, ""), NONE, "empty name");

    is_int((long long) consent_match_categories(m, CONSENT_RULE_COOKIE),
           0x3fe, "categories with cookie rules");
    is_int((long long) consent_match_categories(m, CONSENT_RULE_INLINE), 0,
           "categories without inline rules");

    finish(m);
}


/* both orders of declaration have to give the same, except for regexes */

static void
ladder(consent_rule_e kind, const char *const *patterns, int n, int reverse,
    consent_match_t *m)
{
    int  i, k;

    for (i = 0; i < n; i++) {
        k = reverse ? n - 1 - i : i;
        add(m, kind, patterns[k], k);
    }

    compile(m);
}


static void
test_cookie_ladder(void)
{
    int               reverse;
    consent_match_t  *m;

    static const char *const  patterns[] = {
        "abcdef", "abcde*", "*bcdef", "abc*", "*def", "*ef", "a*", "*z"
    };

    for (reverse = 0; reverse < 2; reverse++) {
        m = begin();
        ladder(CONSENT_RULE_COOKIE, patterns, 8, reverse, m);

        is_int(cookie(m, "abcdef"), 0, "exact first (%d)", reverse);
        is_int(cookie(m, "abcde"), 1, "longest prefix (%d)", reverse);
        is_int(cookie(m, "abcdeef"), 1, "prefix 5 over suffix 2 (%d)",
               reverse);
        is_int(cookie(m, "abcbcdef"), 2, "suffix 5 over prefix 3 (%d)",
               reverse);
        is_int(cookie(m, "abcdexbcdef"), 1, "prefix at same length (%d)",
               reverse);
        is_int(cookie(m, "abcdef "), 1, "no trimming (%d)", reverse);
        is_int(cookie(m, "axef"), 5, "suffix 2 over prefix 1 (%d)", reverse);
        is_int(cookie(m, "axz"), 6, "prefix 1 over suffix 1 (%d)", reverse);
        is_int(cookie(m, "xxz"), 7, "suffix alone (%d)", reverse);

        finish(m);
    }

    m = begin();

    add(m, CONSENT_RULE_COOKIE, "~b", 0);
    add(m, CONSENT_RULE_COOKIE, "~a", 1);
    add(m, CONSENT_RULE_COOKIE, "x*", 2);
    compile(m);

    is_int(cookie(m, "ab"), 0, "first expression wins");
    is_int(cookie(m, "xab"), 2, "a literal wins over expressions");

    finish(m);
}


static void
test_layers(void)
{
    consent_match_t  *m;

    m = begin();

    ok(add_to(m, CONSENT_RULE_COOKIE, DEFAULTS, "_ga", 1, 0) == 0
       && add_to(m, CONSENT_RULE_COOKIE, RULES, "_ga", 2, 0) == 0,
       "the same pattern may be in both layers");
    ok(add_to(m, CONSENT_RULE_COOKIE, DEFAULTS, "_gid", 1, 0) == 0
       && add_to(m, CONSENT_RULE_COOKIE, RULES, "~^_g", 3, 0) == 0
       && add_to(m, CONSENT_RULE_COOKIE, DEFAULTS, "fr", 4, 0) == 0,
       "two layers of cookies");
    ok(add_to(m, CONSENT_RULE_RESOURCE, DEFAULTS, "x.com/a/b", 1, 0) == 0
       && add_to(m, CONSENT_RULE_RESOURCE, RULES, ".com", 2, 0) == 0
       && add_to(m, CONSENT_RULE_RESOURCE, DEFAULTS, ".org", 3, 0) == 0,
       "two layers of resources");
    ok(add_to(m, CONSENT_RULE_INLINE, DEFAULTS, "gtag(", 1, 0) == 0
       && add_to(m, CONSENT_RULE_INLINE, DEFAULTS, "~fbq\\(", 4, 0) == 0
       && add_to(m, CONSENT_RULE_INLINE, RULES, "gtag('own'", 0, 0) == 0
       && add_to(m, CONSENT_RULE_INLINE, RULES, "~own\\d", 5, 0) == 0,
       "two layers of scripts");
    compile(m);

    is_int(cookie(m, "_ga"), 2, "a rule over a default");
    is_int(cookie(m, "_gid"), 3, "any rule over any default");
    is_int(cookie(m, "fr"), 4, "a default where there is no rule");
    is_int(resource(m, "https://x.com/a/b"), 2, "host over default path");
    is_int(resource(m, "https://x.org/a/b"), 3, "default host");

    is_int((long long) script(m, "gtag('js')", 2), 2, "default script");
    is_int((long long) script(m, "gtag('own')", 2), 0,
           "overruled by a rule of a category that is not wanted");
    is_int((long long) script(m, "gtag('own')", 3), 1,
           "the same, wanted: only the rule counts");
    is_int((long long) script(m, "fbq( gtag('own')", 16), 0,
           "default expression overruled by a literal");
    is_int((long long) script(m, "fbq( own7", 16), 0,
           "default expression overruled by an expression");
    is_int((long long) script(m, "fbq( own7", 16 | 32), 32,
           "default expression overruled by a wanted expression");
    is_int((long long) script(m, "gtag( own7", 2), 0,
           "default literal overruled by an expression");
    is_int((long long) script(m, "fbq( own", 16), 16,
           "default expression stands");
    is_int((long long) script(m, "gtag('own')", 1ULL << 63), 0,
           "nothing of the wanted category");

    finish(m);
}


static void
test_resource_forms(void)
{
    consent_match_t  *m;

    m = begin();

    add(m, CONSENT_RULE_RESOURCE, ".Google-Analytics.com", 1);
    add(m, CONSENT_RULE_RESOURCE, "www.googletagmanager.com/gtag/", 2);
    add(m, CONSENT_RULE_RESOURCE, "/assets/ga.js", 3);
    add(m, CONSENT_RULE_RESOURCE, "~^https://stats\\.", 4);
    add(m, CONSENT_RULE_RESOURCE, "~*\\.GIF$", 5);
    add(m, CONSENT_RULE_RESOURCE, "one.example", 6);
    add(m, CONSENT_RULE_RESOURCE, ".cdn.example/Lib/a?b=", 7);
    add(m, CONSENT_RULE_RESOURCE, "dot.example.", 8);
    add(m, CONSENT_RULE_RESOURCE, "root.example/", 9);
    add(m, CONSENT_RULE_RESOURCE, "[2001:DB8::1]", 10);
    add(m, CONSENT_RULE_RESOURCE, "[::1]:8080/x", 11);
    add(m, CONSENT_RULE_RESOURCE, "127.0.0.1", 12);
    add(m, CONSENT_RULE_RESOURCE, ".dots.example.:81/p", 13);
    add(m, CONSENT_RULE_RESOURCE, "xn--bcher-kva.example", 14);
    add(m, CONSENT_RULE_RESOURCE, "localhost/a://b", 15);
    compile(m);

    is_int(resource(m, "https://google-analytics.com/"), 1, ".host itself");
    is_int(resource(m, "https://a.b.google-analytics.com/x"), 1, "subdomain");
    is_int(resource(m, "https://xgoogle-analytics.com/"), NONE,
           "end of a label is no subdomain");
    is_int(resource(m, "https://google-analytics.com.evil.example/"), NONE,
           "host in the middle");
    is_int(resource(m, "https://www.googletagmanager.com/gtag/js?id=1"), 2,
           "path prefix");
    is_int(resource(m, "https://www.googletagmanager.com/gtag"), NONE,
           "path shorter than the prefix");
    is_int(resource(m, "https://www.googletagmanager.com/GTAG/"), NONE,
           "paths are case-sensitive");
    is_int(resource(m, "https://a.www.googletagmanager.com/gtag/"), NONE,
           "a host is not its subdomains");
    is_int(resource_on(m, "https://site.example/assets/ga.js", 1), 3,
           "path on the site");
    is_int(resource_on(m, "https://site.example/assets/ga.js?v=2", 1), 3,
           "path on the site with query");
    is_int(resource_on(m, "https://other.example/assets/ga.js", 0), NONE,
           "path on another site");
    is_int(resource_on(m, "https://site.example/x/assets/ga.js", 1), NONE,
           "path is from the beginning");
    is_int(resource(m, "https://stats.example/"), 4, "expression on the URL");
    is_int(resource(m, "http://stats.example/"), NONE, "scheme counts there");
    is_int(resource(m, "http://x.example/p.gif"), 5, "~* on the URL");
    is_int(resource(m, "http://one.example/"), 6, "host");
    is_int(resource(m, "http://one.example:8081/"), 6, "host on any port");
    is_int(resource(m, "http://two.one.example/"), NONE, "not its subdomain");
    is_int(resource(m, "http://a.cdn.example/Lib/a?b=1"), 7,
           "path with query");
    is_int(resource(m, "http://a.cdn.example/Lib/a?c=1"), NONE,
           "another query");
    is_int(resource(m, "http://dot.example/"), 8, "trailing dot of a pattern");
    is_int(resource(m, "http://root.example/any"), 9, "HOST/ is HOST");
    is_int(resource(m, "http://[2001:db8::1]/"), 10, "IPv6");
    is_int(resource(m, "http://[2001:db8::2]/"), NONE, "another IPv6");
    is_int(resource(m, "http://[::1]:8080/xy"), 11, "IPv6, port and path");
    is_int(resource(m, "http://[::1]/xy"), NONE, "IPv6, another port");
    is_int(resource(m, "http://127.0.0.1/"), 12, "IPv4");
    is_int(resource(m, "http://s.dots.example:81/p/q"), 13, ".host:port/path");
    is_int(resource(m, "http://s.dots.example:81/"), NONE,
           ".host:port without the path");
    is_int(resource(m, "http://xn--bcher-kva.example/"), 14, "IDN");
    is_int(resource(m, "http://localhost/a://b"), 15,
           "\"://\" in a path is no scheme");

    finish(m);
}


static void
test_ports(void)
{
    consent_match_t  *m;

    m = begin();

    add(m, CONSENT_RULE_RESOURCE, "x.com", 1);
    add(m, CONSENT_RULE_RESOURCE, "x.com:8443", 2);
    add(m, CONSENT_RULE_RESOURCE, "y.com:443", 3);
    add(m, CONSENT_RULE_RESOURCE, "z.com:80", 4);
    add(m, CONSENT_RULE_RESOURCE, ".z.com:8443/a", 5);
    compile(m);

    is_int(resource(m, "https://x.com/"), 1, "no port in pattern and URL");
    is_int(resource(m, "https://x.com:99/"), 1, "any port");
    is_int(resource(m, "https://x.com:8443/"), 2, "named port before any");
    is_int(resource(m, "https://y.com/"), 3, "443 is that of https");
    is_int(resource(m, "wss://y.com/"), 3, "443 is that of wss");
    is_int(resource(m, "http://y.com/"), NONE, "443 is not that of http");
    is_int(resource(m, "http://y.com:443/"), 3, "443 by number");
    is_int(resource(m, "http://z.com/"), 4, "80 is that of http");
    is_int(resource(m, "ws://z.com/"), 4, "80 is that of ws");
    is_int(resource(m, "https://z.com/"), NONE, "80 is not that of https");
    is_int(resource(m, "https://q.z.com:8443/ab"), 5, "subdomain and port");
    is_int(resource(m, "https://q.z.com:8444/ab"), NONE, "another port");

    finish(m);
}


static void
test_resource_ladder(void)
{
    int               reverse;
    consent_match_t  *m;

    static const char *const  patterns[] = {
        ".com/a/b/c", "/a/b", "www.x.com/a", ".www.x.com/a", ".x.com/a",
        "www.x.com:81", "www.x.com", ".www.x.com", ".x.com:81", ".x.com",
        ".com"
    };

    for (reverse = 0; reverse < 2; reverse++) {
        m = begin();
        ladder(CONSENT_RULE_RESOURCE, patterns, 11, reverse, m);

        is_int(resource_on(m, "http://www.x.com/a/b/c", 1), 0,
               "longer path before anything (%d)", reverse);
        is_int(resource_on(m, "http://www.x.com/a/b/", 1), 1,
               "longer path on the site before host (%d)", reverse);
        is_int(resource_on(m, "http://www.x.com/a/b/", 0), 2,
               "host and path (%d)", reverse);
        is_int(resource(m, "http://m.www.x.com/a"), 3,
               "longer suffix at the same path (%d)", reverse);
        is_int(resource(m, "http://m.x.com/a"), 4, "suffix and path (%d)",
               reverse);
        is_int(resource(m, "http://www.x.com:81/"), 5,
               "exact host with port (%d)", reverse);
        is_int(resource(m, "http://www.x.com/"), 6, "exact host (%d)",
               reverse);
        is_int(resource(m, "http://m.www.x.com:81/"), 7,
               "longer suffix before port (%d)", reverse);
        is_int(resource(m, "http://x.com:81/"), 8, "suffix with port (%d)",
               reverse);
        is_int(resource(m, "http://x.com/"), 9, "suffix (%d)", reverse);
        is_int(resource(m, "http://com/"), 10, "shortest suffix (%d)",
               reverse);

        finish(m);
    }

    m = begin();

    add(m, CONSENT_RULE_RESOURCE, "/ab", 0);
    add(m, CONSENT_RULE_RESOURCE, ".com/ab", 1);
    add(m, CONSENT_RULE_RESOURCE, "~x\\.com", 2);
    add(m, CONSENT_RULE_RESOURCE, "~^http", 3);
    compile(m);

    is_int(resource_on(m, "http://x.com/abc", 1), 1,
           "a path with a host before the same path on the site");
    is_int(resource_on(m, "http://x.org/abc", 1), 0, "path before expression");
    is_int(resource_on(m, "http://x.com/b", 1), 2, "first expression");
    is_int(resource_on(m, "http://y.com/b", 1), 3, "second expression");

    finish(m);
}


static void
test_inline(void)
{
    consent_match_t  *m;

    m = begin();

    add(m, CONSENT_RULE_INLINE, "he", 0);
    add(m, CONSENT_RULE_INLINE, "she", 1);
    add(m, CONSENT_RULE_INLINE, "his", 2);
    add(m, CONSENT_RULE_INLINE, "hers", 3);
    add(m, CONSENT_RULE_INLINE, "~hj\\(\\s*'init", 4);
    add(m, CONSENT_RULE_INLINE, "~*GTAG", 5);
    add(m, CONSENT_RULE_INLINE, "\xff\x80", 6);
    add(m, CONSENT_RULE_INLINE, "a much longer literal", 63);
    compile(m);

    is_int((long long) script(m, "ushers", 0xff), 0xb, "overlapping literals");
    is_int((long long) script(m, "ushers", 8), 8, "only the wanted one");
    is_int((long long) script(m, "ushers", 4), 0, "wanted, not there");
    is_int((long long) script(m, "ahishe", 0xff), 7, "suffix links");
    is_int((long long) script(m, "h", 0xff), 0, "shorter than any literal");
    is_int((long long) script(m, "", ~0ULL), 0, "empty text");
    is_int((long long) script(m, "hj(  'init", ~0ULL), 16, "expression");
    is_int((long long) script(m, "hj('init", 1), 0, "expression not wanted");
    is_int((long long) script(m, "gTag", ~0ULL), 32, "~* expression");
    is_int((long long) script(m, "x\xff\x80y", ~0ULL), 64, "any byte");
    is_int((long long) script(m, "a much longer litera", ~0ULL), 0,
           "end of the text inside a literal");
    ok(script(m, "a much longer literal", ~0ULL) == 1ULL << 63,
       "the last category");
    is_int((long long) consent_match_inline(m,
               consent_str_make((const uint8_t *) "sh\0she", 6), 3, NULL), 3,
           "text with NUL");

    finish(m);

    m = begin();
    compile(m);

    is_int((long long) script(m, "she", ~0ULL), 0, "no rules: script");
    is_int(cookie(m, "she"), NONE, "no rules: cookie");
    is_int(resource_on(m, "http://a/b", 1), NONE, "no rules: resource");

    finish(m);
}


static void
test_inline_all_bytes(void)
{
    int               i;
    uint8_t           text[256];
    consent_match_t  *m;

    for (i = 0; i < 256; i++) {
        text[i] = (uint8_t) i;
    }

    m = begin();

    is_int(consent_match_add(m, CONSENT_RULE_INLINE, RULES,
                             consent_str_make(text, 256), 1, 0, &err), 0,
           "a literal of all bytes");
    compile(m);

    is_int((long long) consent_match_inline(m, consent_str_make(text, 256),
                                            2, NULL), 2, "it is found");
    is_int((long long) consent_match_inline(m, consent_str_make(text, 255),
                                            2, NULL), 0, "not all of it");

    finish(m);
}


/* literals so many and long that most states have no full row */

static void
test_inline_deep(void)
{
    int               i, k, right;
    char              text[128];
    consent_match_t  *m;

    m = begin();

    for (i = 0; i < 2000; i++) {
        for (k = 0; k < 100; k++) {
            text[k] = (char) ('!' + (i * 7919 + k * (i % 89 + 1)) % 90);
        }

        text[100] = '\0';
        add(m, CONSENT_RULE_INLINE, text, i % 64);
    }

    add(m, CONSENT_RULE_INLINE, "needle", 5);
    compile(m);

    right = 0;

    for (i = 0; i < 2000; i++) {
        for (k = 0; k < 100; k++) {
            text[k + 10] = (char) ('!' + (i * 7919 + k * (i % 89 + 1)) % 90);
        }

        memset(text, 'n', 10);
        text[110] = '\0';

        right += (script(m, text, ~0ULL) & (1ULL << (i % 64))) != 0;

        text[109] = '\x7f';
        right += (script(m, text, 1ULL << (i % 64)) == 0);
    }

    is_int(right, 4000, "long literals are found, cut ones are not");

    finish(m);
}


static void
bad(consent_rule_e kind, const char *pattern, const char *remedy)
{
    size_t            len;
    consent_match_t  *m;

    m = begin();

    is_int(add_to(m, kind, RULES, pattern, 1, 7), -1, "refused, kind %d",
           (int) kind);
    ok(strstr(err.text, remedy) != NULL, "its remedy: %s", remedy);

    len = strlen(err.text);

    ok(len > 20 && len < sizeof(err.text) - 1
       && err.text[0] >= 'a' && err.text[0] <= 'z'
       && strchr(err.text, '\n') == NULL
       && err.other == CONSENT_UNCLASSIFIED,
       "its form: %s", err.text);

    finish(m);
}


static void
test_errors(void)
{
    char              text[600];
    consent_match_t  *m;

    bad(CONSENT_RULE_COOKIE, "", "write a cookie name");
    bad(CONSENT_RULE_COOKIE, "*", "\"prefix*\"");
    bad(CONSENT_RULE_COOKIE, "~", "\"~^name\"");
    bad(CONSENT_RULE_COOKIE, "~*", "\"~*^name\"");
    bad(CONSENT_RULE_COOKIE, ".", "\".example.com\"");
    bad(CONSENT_RULE_COOKIE, "**", "write a regular expression");
    bad(CONSENT_RULE_COOKIE, "a*b", "write a regular expression");
    bad(CONSENT_RULE_COOKIE, "*a*", "write a regular expression");
    bad(CONSENT_RULE_COOKIE, "a=b", "without its value");
    bad(CONSENT_RULE_COOKIE, "a;b", "without its value");
    bad(CONSENT_RULE_COOKIE, "a\nb", "control character");
    bad(CONSENT_RULE_COOKIE, " a", "white space");
    bad(CONSENT_RULE_COOKIE, "a\t", "white space");
    bad(CONSENT_RULE_COOKIE, "~a(b", "at offset 3");
    bad(CONSENT_RULE_COOKIE, "~*[", "correct it");
    bad(CONSENT_RULE_COOKIE, "~(*UTF)a", "correct it");

    bad(CONSENT_RULE_RESOURCE, "", "a host, a path");
    bad(CONSENT_RULE_RESOURCE, "/", "write a longer path");
    bad(CONSENT_RULE_RESOURCE, ".", "\".example.com\"");
    bad(CONSENT_RULE_RESOURCE, "*", "write");
    bad(CONSENT_RULE_RESOURCE, "~", "\"~^name\"");
    bad(CONSENT_RULE_RESOURCE, "*.x.com", "write \".x.com\"");
    bad(CONSENT_RULE_RESOURCE, "a.*.x.com", "write \".example.com\"");
    bad(CONSENT_RULE_RESOURCE, "*x.com/a", "write \".x.com\"");
    bad(CONSENT_RULE_RESOURCE, "https://x", "write it without");
    bad(CONSENT_RULE_RESOURCE, "HTTP://x/y", "write it without");
    bad(CONSENT_RULE_RESOURCE, "//x.com", "write \"www.example.com\"");
    bad(CONSENT_RULE_RESOURCE, "./a", "write \"www.example.com\"");
    bad(CONSENT_RULE_RESOURCE, "..x.com", "write \"www.example.com\"");
    bad(CONSENT_RULE_RESOURCE, "x..com", "write \"www.example.com\"");
    bad(CONSENT_RULE_RESOURCE, "x com", "write \"www.example.com\"");
    bad(CONSENT_RULE_RESOURCE, "user@x.com", "write \"www.example.com\"");
    bad(CONSENT_RULE_RESOURCE, "x.com?q", "write \"www.example.com\"");
    bad(CONSENT_RULE_RESOURCE, "b\xc3\xbc" "cher.example",
        "xn--bcher-kva.example");
    bad(CONSENT_RULE_RESOURCE, "x.com:", "1 to 65535");
    bad(CONSENT_RULE_RESOURCE, "x.com:0", "1 to 65535");
    bad(CONSENT_RULE_RESOURCE, "x.com:65536", "1 to 65535");
    bad(CONSENT_RULE_RESOURCE, "x.com:000080", "1 to 65535");
    bad(CONSENT_RULE_RESOURCE, "x.com:8a/", "1 to 65535");
    bad(CONSENT_RULE_RESOURCE, "127.1", "write it as \"127.0.0.1\"");
    bad(CONSENT_RULE_RESOURCE, "[0:0::1]", "write it as \"[::1]\"");
    bad(CONSENT_RULE_RESOURCE, "[::1", "write");
    bad(CONSENT_RULE_RESOURCE, "[::g]", "write \"www.example.com\"");
    bad(CONSENT_RULE_RESOURCE, ".[::1]", "write \"[::1]\"");
    bad(CONSENT_RULE_RESOURCE, ".127.0.0.1", "write \"127.0.0.1\"");
    bad(CONSENT_RULE_RESOURCE, "x.com/a*", "leave it out");
    bad(CONSENT_RULE_RESOURCE, "/a#b", "leave out \"#\"");
    bad(CONSENT_RULE_RESOURCE, "/a b", "two hex digits");
    bad(CONSENT_RULE_RESOURCE, "/\xc3\xa9", "two hex digits");
    bad(CONSENT_RULE_RESOURCE, "/a\\b", "write \"/\"");
    bad(CONSENT_RULE_RESOURCE, "/a/../b", "write the path that results");
    bad(CONSENT_RULE_RESOURCE, "x.com/./b", "write the path that results");
    bad(CONSENT_RULE_RESOURCE, "~(?<n", "correct it");

    bad(CONSENT_RULE_INLINE, "", "a part of a script");
    bad(CONSENT_RULE_INLINE, "~*", "no regular expression");
    bad(CONSENT_RULE_INLINE, "~a{2,1}", "correct it");

    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';

    bad(CONSENT_RULE_RESOURCE, text, "\"/path\" on the site");

    text[1] = '*';
    bad(CONSENT_RULE_COOKIE, text, "\"~^a.*b$\"");
    bad(CONSENT_RULE_RESOURCE, text, "or a regular expression");

    text[0] = '~';
    text[1] = '(';
    bad(CONSENT_RULE_INLINE, text, "literal character");

    memset(text, '\x01', 100);
    bad(CONSENT_RULE_COOKIE, text, "without it");

    m = begin();

    is_int(add_to(m, CONSENT_RULE_COOKIE, RULES, "~(", 1, 0), -1,
           "a bad expression");
    is_int(add_to(m, CONSENT_RULE_COOKIE, RULES, "~(", 1, 0), -1,
           "is refused again");
    is_int((long long) consent_match_categories(m, CONSENT_RULE_COOKIE), 0,
           "and leaves no category");

    finish(m);
}


static void
conflict(consent_rule_e kind, const char *first, const char *second)
{
    consent_match_t  *m;

    m = begin();

    add_to(m, kind, RULES, first, 3, 41);

    is_int(add_to(m, kind, RULES, second, 3, 42), 0,
           "\"%s\", \"%s\": same category", first, second);
    is_int(add_to(m, kind, RULES, second, 4, 43), -1,
           "\"%s\", \"%s\": two categories", first, second);
    is_int(err.other, 3, "the other category");
    is_int(err.origin, 41, "the origin of the first");
    ok(strstr(err.text, "keep it in one of them") != NULL, "remedy: %s",
       err.text);
    is_int(add_to(m, kind, DEFAULTS, second, 4, 44), 0,
           "but not in the other layer");

    finish(m);
}


static void
test_conflicts(void)
{
    consent_match_t  *m;

    conflict(CONSENT_RULE_COOKIE, "_ga", "_ga");
    conflict(CONSENT_RULE_COOKIE, "_ga*", "_ga*");
    conflict(CONSENT_RULE_COOKIE, "*_ga", "*_ga");
    conflict(CONSENT_RULE_COOKIE, "~^_ga", "~^_ga");
    conflict(CONSENT_RULE_RESOURCE, "X.example", "x.EXAMPLE");
    conflict(CONSENT_RULE_RESOURCE, ".x.example", ".X.example.");
    conflict(CONSENT_RULE_RESOURCE, "x.example", "x.example/");
    conflict(CONSENT_RULE_RESOURCE, "x.example:80/a", "X.example:80/a");
    conflict(CONSENT_RULE_RESOURCE, "/a/b", "/a/b");
    conflict(CONSENT_RULE_RESOURCE, "~*a", "~*a");
    conflict(CONSENT_RULE_INLINE, "gtag(", "gtag(");
    conflict(CONSENT_RULE_INLINE, "~gtag", "~gtag");

    m = begin();

    ok(add_to(m, CONSENT_RULE_COOKIE, RULES, "a", 0, 0) == 0
       && add_to(m, CONSENT_RULE_COOKIE, RULES, "a*", 1, 0) == 0
       && add_to(m, CONSENT_RULE_COOKIE, RULES, "*a", 2, 0) == 0
       && add_to(m, CONSENT_RULE_COOKIE, RULES, "~a", 3, 0) == 0
       && add_to(m, CONSENT_RULE_COOKIE, RULES, "~*a", 4, 0) == 0
       && add_to(m, CONSENT_RULE_COOKIE, RULES, "A", 5, 0) == 0
       && add_to(m, CONSENT_RULE_INLINE, RULES, "a", 6, 0) == 0,
       "forms of one literal are different patterns: cookies");
    ok(add_to(m, CONSENT_RULE_RESOURCE, RULES, "a", 0, 0) == 0
       && add_to(m, CONSENT_RULE_RESOURCE, RULES, ".a", 1, 0) == 0
       && add_to(m, CONSENT_RULE_RESOURCE, RULES, "a:80", 2, 0) == 0
       && add_to(m, CONSENT_RULE_RESOURCE, RULES, "a/x", 3, 0) == 0
       && add_to(m, CONSENT_RULE_RESOURCE, RULES, "/x", 4, 0) == 0
       && add_to(m, CONSENT_RULE_RESOURCE, RULES, "a/X", 5, 0) == 0,
       "forms of one literal are different patterns: resources");

    finish(m);
}


static void
test_hostile(void)
{
    uint8_t          *name;
    consent_url_t     url;
    consent_match_t  *m;

    enum { LEN = 8192 };

    name = malloc(LEN);
    if (name == NULL) {
        abort();
    }

    m = begin();

    add(m, CONSENT_RULE_COOKIE, "a*", 1);
    add(m, CONSENT_RULE_COOKIE, "*zz", 2);
    add(m, CONSENT_RULE_COOKIE, "exact", 3);
    add(m, CONSENT_RULE_COOKIE, "~\\x00$", 4);
    add(m, CONSENT_RULE_COOKIE, "~^$", 5);
    add(m, CONSENT_RULE_RESOURCE, ".x", 1);
    add(m, CONSENT_RULE_RESOURCE, "/pp", 2);
    compile(m);

    memset(name, 'a', LEN);
    is_int(consent_match_cookie(m, consent_str_make(name, LEN), NULL), 1,
           "name of 8 KB, prefix");

    memset(name, 'z', LEN);
    is_int(consent_match_cookie(m, consent_str_make(name, LEN), NULL), 2,
           "name of 8 KB, suffix");

    memset(name, 0xff, LEN);
    is_int(consent_match_cookie(m, consent_str_make(name, LEN), NULL), NONE,
           "name of 8 KB of high bytes");

    memset(name, 0, LEN);
    is_int(consent_match_cookie(m, consent_str_make(name, LEN), NULL), 4,
           "name of 8 KB of NUL");

    is_int(consent_match_cookie(m, consent_str_make(NULL, 0), NULL), 5,
           "no name at all");
    is_int(consent_match_cookie(m,
               consent_str_make((const uint8_t *) "exact\0", 6), NULL), 4,
           "NUL does not end a name");

    memset(&url, 0, sizeof(url));
    is_int(consent_match_resource(m, &url, 1, NULL), NONE, "an empty URL");

    memset(name, '.', LEN);
    url.host = consent_str_make(name, LEN);
    is_int(consent_match_resource(m, &url, 1, NULL), NONE,
           "a host of 8 K dots");

    name[LEN - 1] = 'x';
    is_int(consent_match_resource(m, &url, 1, NULL), 1,
           "a host of 8 K empty labels");

    memset(name, 'p', LEN);
    name[0] = '/';
    url.host = str("y");
    url.path = consent_str_make(name, LEN);
    is_int(consent_match_resource(m, &url, 1, NULL), 2, "a path of 8 KB");

    is_int((long long) consent_match_inline(m, consent_str_make(NULL, 0), ~0U,
                                            NULL), 0, "no script at all");

    free(name);
    finish(m);
}


static void
test_limits(void)
{
    char             *text;
    unsigned          limited;
    consent_url_t     url;
    consent_match_t  *m;

    enum { LEN = 65536 };

    text = malloc(LEN + 1);
    if (text == NULL) {
        abort();
    }

    memset(text, 'a', LEN);
    text[LEN] = '\0';
    text[60] = '!';

    m = begin();

    add(m, CONSENT_RULE_COOKIE, "~^(a+)+$", 1);
    add(m, CONSENT_RULE_RESOURCE, "~(a+)+$", 2);
    add(m, CONSENT_RULE_INLINE, "~(?:a|b)*[0-9]", 3);
    add(m, CONSENT_RULE_INLINE, "~b.*c", 4);
    add(m, CONSENT_RULE_INLINE, "~(*NO_JIT)(?:a|b)*[0-9]", 6);
    ok(add_to(m, CONSENT_RULE_INLINE, DEFAULTS, "!", 5, 0) == 0, "a default");
    compile(m);

    limited = 0;
    is_int(consent_match_cookie(m, str("aaaa"), &limited), 1, "a match");
    is_int(consent_match_cookie(m, str("aaa!"), &limited), NONE, "no match");
    is_int(limited, 0, "within the limit");

    is_int(consent_match_cookie(m, consent_str_make((uint8_t *) text, 61),
                                &limited), 1,
           "what exceeds the limit counts as a match: cookie");
    is_int(limited, 1, "and is reported");

    is_int(consent_match_cookie(m, consent_str_make((uint8_t *) text, 61),
                                NULL), 1, "limited may be NULL");

    limited = 0;
    url_of(&url, "http://x/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");
    is_int(consent_match_resource(m, &url, 0, &limited), 2,
           "what exceeds the limit counts as a match: resource");
    is_int(limited, 1, "and is reported");

    limited = 0;
    is_int((long long) script(m, text, 1U << 4), 0, "not asked: not limited");
    is_int((long long) consent_match_inline(m, str(text), 1U << 3, &limited),
           1U << 3, "no search is quadratic: script");
    is_int(limited, 1, "but limited");

    limited = 0;
    is_int((long long) consent_match_inline(m, str(text), 1U << 6, &limited),
           1U << 6, "nor in the interpreter");
    is_int(limited, 1, "but limited");

    limited = 0;
    is_int((long long) consent_match_inline(m, str(text), 1U << 5, &limited),
           1U << 5, "what exceeds the limit does not overrule a default");
    is_int(limited, 1, "and is reported");

    limited = 0;
    memset(text, 'a', LEN);
    text[100] = 'b';
    text[LEN - 100] = 'b';
    is_int((long long) consent_match_inline(m, str(text), 1U << 4, &limited),
           0, "a long way from few positions is within the limit");
    text[LEN - 1] = 'c';
    is_int((long long) consent_match_inline(m, str(text), 1U << 4, &limited),
           1U << 4, "also if it matches");
    is_int(limited, 0, "not limited");

    free(text);
    finish(m);
}


/* an expression is found wherever the windows of a search begin and end */

static void
test_windows(void)
{
    int               at, wrong;
    char             *text;
    unsigned          limited;
    consent_match_t  *m;

    enum { LEN = 20000 };

    text = malloc(LEN + 1);
    if (text == NULL) {
        abort();
    }

    m = begin();

    add(m, CONSENT_RULE_INLINE, "~(?<=y)x[a-c]{40,50}d\\b|z.*[0-9]", 0);
    add(m, CONSENT_RULE_INLINE, "~q$", 1);
    add(m, CONSENT_RULE_INLINE, "~^y", 2);
    compile(m);

    wrong = 0;
    limited = 0;

    for (at = 1; at + 44 < LEN; at += (at > 3900 && at < 4300) ? 1 : 97) {
        memset(text, 'x', LEN);
        text[LEN] = '\0';

        wrong += script(m, text, 7) != 0;

        /* a way from here to the end, that leads nowhere */

        text[(at * 7) % (LEN - 1)] = 'z';

        text[at - 1] = 'y';
        memset(text + at + 1, 'b', 42);
        text[at + 43] = 'd';
        text[at + 44] = ' ';
        text[LEN - 1] = 'q';

        wrong += consent_match_inline(m, str(text), 7, &limited)
                 != (at == 1 ? 7U : 3U);
    }

    is_int(wrong, 0, "matches at all places");
    is_int(limited, 0, "none of them limited");

    free(text);
    finish(m);
}


static void
test_many_paths(void)
{
    int               i, right;
    char              text[400];
    consent_match_t  *m;

    m = begin();

    /* each a prefix of the next */

    memset(text, 'p', sizeof(text));
    memcpy(text, "h.example/", 10);

    for (i = 11; i < 300; i++) {
        text[i] = '\0';
        add(m, CONSENT_RULE_RESOURCE, text, i % 64);
        text[i] = 'p';
    }

    compile(m);

    memcpy(text, "http://h.example/", 17);
    right = 0;

    for (i = 11; i < 300; i++) {
        text[i + 7] = '\0';
        right += resource(m, text) == i % 64;
        text[i + 7] = 'q';
        text[i + 8] = '\0';
        right += resource(m, text) == i % 64;
        text[i + 7] = 'p';
        text[i + 8] = 'p';
    }

    is_int(right, 578, "the longest of many paths");

    finish(m);
}


static void
test_policy(void)
{
    consent_policy_t  policy;

    memset(&policy, 0, sizeof(policy));

    is_int(consent_policy_category(&policy, str("a")), NONE, "no category");

    policy.ncategories = 2;
    policy.categories[0].name = str("necessary");
    policy.categories[1].name = str("performance");

    is_int(consent_policy_category(&policy, str("necessary")), 0, "first");
    is_int(consent_policy_category(&policy, str("performance")), 1, "second");
    is_int(consent_policy_category(&policy, str("Performance")), NONE,
           "names are exact");
    is_int(consent_policy_category(&policy, str("perf")), NONE, "not a part");
    is_int(consent_policy_category(&policy, str("")), NONE, "not empty");
}


static void *
failing_alloc(void *data, size_t size)
{
    int  *left = data;

    if (*left == 0) {
        return NULL;
    }

    (*left)--;

    return test_mem()->alloc(NULL, size);
}


/* memory that ends at each possible place */

static void
test_no_memory(void)
{
    int               budget, left, rc, n;
    consent_mem_t     mem;
    consent_match_t  *m;

    static const char *const  cookies[] = { "a", "b*", "*c", "~d" };
    static const char *const  resources[] = { "a.b/c", ".d:8", "/e", "~f" };
    static const char *const  scripts[] = { "she", "he", "~h", "his" };

    mem.alloc = failing_alloc;
    mem.data = &left;

    for (budget = 0, rc = -1; rc != 0 && budget < 1000; budget++) {
        left = budget;

        m = consent_match_create(&mem);
        if (m == NULL) {
            continue;
        }

        for (n = 0, rc = 0; n < 4 && rc == 0; n++) {
            rc |= add_to(m, CONSENT_RULE_COOKIE, RULES, cookies[n], n, 0);
            rc |= add_to(m, CONSENT_RULE_RESOURCE, RULES, resources[n], n, 0);
            rc |= add_to(m, CONSENT_RULE_INLINE, RULES, scripts[n], n, 0);
        }

        if (rc != 0 && strstr(err.text, "not enough memory") == NULL) {
            ok(0, "memory is what is missing");
        }

        if (rc == 0) {
            rc = consent_match_compile(m);
        }

        if (rc == 0) {
            is_int(cookie(m, "bb"), 1, "works with %d allocations", budget);
        }

        finish(m);
    }

    ok(budget > 20 && budget < 1000, "fails cleanly before (%d)", budget);
}


/*
 * The contract once more, with nothing but loops: rules in an array, each
 * pattern read again for each subject.
 */

typedef struct {
    consent_rule_e   kind;
    consent_layer_e  layer;
    int              category;
    unsigned         origin;
    char             pattern[64];
    char             normal[64];    /* equal if the patterns are */
} naive_rule_t;


typedef struct {
    naive_rule_t    *rules;
    int              n;
} naive_t;


static uint64_t  random_state;


static unsigned
pick(unsigned n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;

    return (unsigned) ((random_state >> 11) % n);
}


static int
naive_lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
}


/* expressions of "^", "$", "." and characters that stand for themselves */

static int
naive_regex(const char *pattern, const char *subject)
{
    int     caseless, from_start, to_end;
    size_t  n, i, k, len;

    caseless = pattern[1] == '*';
    pattern += 1 + caseless;

    from_start = pattern[0] == '^';
    pattern += from_start;

    n = strlen(pattern);
    to_end = n > 0 && pattern[n - 1] == '$';
    n -= (size_t) to_end;

    len = strlen(subject);

    for (i = 0; i + n <= len && !(from_start && i > 0); i++) {

        for (k = 0; k < n; k++) {
            if (pattern[k] == '.' || pattern[k] == subject[i + k]
                || (caseless && naive_lower(pattern[k])
                                == naive_lower(subject[i + k])))
            {
                continue;
            }

            break;
        }

        if (k == n && (!to_end || i + n == len)) {
            return 1;
        }
    }

    return 0;
}


static int
naive_cookie(const naive_t *naive, const char *name)
{
    int                  layer, i, rank, best, category;
    size_t               n, len;
    const char          *p;
    const naive_rule_t  *rule;

    len = strlen(name);

    for (layer = 0; layer < CONSENT_LAYERS; layer++) {
        best = -1;
        category = NONE;

        for (i = 0; i < naive->n; i++) {
            rule = &naive->rules[i];
            p = rule->pattern;
            n = strlen(p);

            if (rule->kind != CONSENT_RULE_COOKIE
                || (int) rule->layer != layer)
            {
                continue;
            }

            if (p[0] == '~') {
                rank = naive_regex(p, name) ? 0 : -1;

            } else if (p[n - 1] == '*') {
                rank = strncmp(p, name, n - 1) == 0 ? (int) (2 * n + 1) : -1;

            } else if (p[0] == '*') {
                rank = len >= n - 1 && strcmp(p + 1, name + len - n + 1) == 0
                       ? (int) (2 * n) : -1;

            } else {
                rank = strcmp(p, name) == 0 ? 1000 : -1;
            }

            if (rank > best) {
                best = rank;
                category = rule->category;
            }
        }

        if (best >= 0) {
            return category;
        }
    }

    return NONE;
}


/* -1: no match; else more for what is more specific */

static long
naive_resource_rank(const char *pattern, const consent_url_t *url,
    unsigned own)
{
    int          port, is;
    char         host[64], wanted[64];
    size_t       n, m;
    const char  *path;

    if (pattern[0] == '~') {
        return naive_regex(pattern, (const char *) url->href.data) ? 0 : -1;
    }

    path = strchr(pattern, '/');
    path = path ? path : "";
    n = strlen(pattern) - strlen(path);

    memcpy(wanted, pattern, n);
    wanted[n] = '\0';

    path = strcmp(path, "/") == 0 ? "" : path;

    if (strncmp((const char *) url->path.data, path, strlen(path)) != 0) {
        return -1;
    }

    if (n == 0) {
        return own ? (long) strlen(path) * 10000 + 1 : -1;
    }

    port = 0;

    if (strchr(wanted, ':')) {
        port = atoi(strchr(wanted, ':') + 1);
        *strchr(wanted, ':') = '\0';
    }

    is = url->port;

    if (is == 0) {
        is = memcmp(url->href.data, "https", 5) == 0
             || memcmp(url->href.data, "wss", 3) == 0 ? 443 : 80;
    }

    if (port && port != is) {
        return -1;
    }

    n = strlen(wanted);

    if (wanted[n - 1] == '.') {
        wanted[--n] = '\0';
    }

    for (m = 0; m < n; m++) {
        wanted[m] = (char) naive_lower(wanted[m]);
    }

    /* ".host" is at the end of ".www.host" */

    host[0] = '.';
    memcpy(host + 1, url->host.data, url->host.len);
    host[url->host.len + 1] = '\0';
    m = url->host.len + 1;

    if (wanted[0] == '.') {
        if (m < n || strcmp(host + m - n, wanted) != 0) {
            return -1;
        }

        return (long) strlen(path) * 10000 + (long) n * 2 + (port != 0) + 1;
    }

    if (strcmp(host + 1, wanted) != 0) {
        return -1;
    }

    return (long) strlen(path) * 10000 + 5000 + (port != 0);
}


static int
naive_resource(const naive_t *naive, const consent_url_t *url, unsigned own)
{
    int                  layer, i, category;
    long                 rank, best;
    const naive_rule_t  *rule;

    for (layer = 0; layer < CONSENT_LAYERS; layer++) {
        best = -1;
        category = NONE;

        for (i = 0; i < naive->n; i++) {
            rule = &naive->rules[i];

            if (rule->kind != CONSENT_RULE_RESOURCE
                || (int) rule->layer != layer)
            {
                continue;
            }

            rank = naive_resource_rank(rule->pattern, url, own);

            if (rank > best) {
                best = rank;
                category = rule->category;
            }
        }

        if (best >= 0) {
            return category;
        }
    }

    return NONE;
}


static consent_mask_t
naive_inline(const naive_t *naive, const char *text, consent_mask_t wanted)
{
    int                  layer, i, match;
    consent_mask_t       found;
    const naive_rule_t  *rule;

    for (layer = 0; layer < CONSENT_LAYERS; layer++) {
        found = 0;

        for (i = 0; i < naive->n; i++) {
            rule = &naive->rules[i];

            if (rule->kind != CONSENT_RULE_INLINE
                || (int) rule->layer != layer)
            {
                continue;
            }

            match = rule->pattern[0] == '~'
                    ? naive_regex(rule->pattern, text)
                    : strstr(text, rule->pattern) != NULL;

            if (match) {
                found |= consent_bit(rule->category);
            }
        }

        if (found) {
            return found & wanted;
        }
    }

    return 0;
}


/* how a set of random rules is made */

typedef struct {
    unsigned         rules;
    unsigned         letters;       /* of the alphabet */
    unsigned         length;        /* most of a literal */
    unsigned         regexes;       /* one of so many rules */
    unsigned         lookups;
} plan_t;


static char *
random_word(char *p, const plan_t *plan, unsigned min, unsigned max)
{
    unsigned  n;

    for (n = min + pick(max - min + 1); n > 0; n--) {
        *p++ = (char) ('a' + pick(plan->letters));
    }

    return p;
}


static char *
random_regex(char *p, const plan_t *plan)
{
    char  *word;

    *p++ = '~';

    if (pick(3) == 0) {
        *p++ = '*';
    }

    if (pick(2)) {
        *p++ = '^';
    }

    word = p;
    p = random_word(p, plan, 1, plan->length);

    while (word < p) {

        if (pick(6) == 0) {
            *word = '.';

        } else if (pick(6) == 0) {
            *word = (char) (*word - 32);
        }

        word++;
    }

    if (pick(3) == 0) {
        *p++ = '$';
    }

    return p;
}


static char *
random_host(char *p, const plan_t *plan)
{
    unsigned  n;

    for (n = pick(4); ; n--) {
        p = random_word(p, plan, 1, 1 + plan->length / 4);

        if (n == 0) {
            return p;
        }

        *p++ = '.';
    }
}


static char *
random_path(char *p, const plan_t *plan)
{
    unsigned  n;

    for (n = pick(3); ; n--) {
        *p++ = '/';
        p = random_word(p, plan, 1, 1 + plan->length / 4);

        if (n == 0) {
            break;
        }
    }

    if (pick(5) == 0) {
        *p++ = '?';
        p = random_word(p, plan, 0, 2);
    }

    return p;
}


static char *
random_port(char *p)
{
    static const char *const  ports[] = { ":80", ":443", ":8443" };

    strncpy(p, ports[pick(3)], 6);

    return p + strlen(p);
}


static char *
random_resource(char *p, const plan_t *plan)
{
    char  *host;

    if (pick(5) == 0) {
        return random_path(p, plan);
    }

    if (pick(2)) {
        *p++ = '.';
    }

    host = p;
    p = random_host(p, plan);

    if (pick(8) == 0) {
        *host = (char) (*host - 32);
    }

    if (pick(10) == 0) {
        *p++ = '.';
    }

    if (pick(5) == 0) {
        p = random_port(p);
    }

    switch (pick(6)) {
    case 0:
        *p++ = '/';
        return p;
    case 1:
    case 2:
    case 3:
        return random_path(p, plan);
    default:
        return p;
    }
}


static void
random_rule(naive_rule_t *rule, const plan_t *plan)
{
    char  *p;

    p = rule->pattern;

    rule->kind = (consent_rule_e) pick(3);
    rule->layer = (consent_layer_e) pick(2);
    rule->category = (int) pick(64);

    if (pick(plan->regexes) == 0) {
        p = random_regex(p, plan);

    } else if (rule->kind == CONSENT_RULE_RESOURCE) {
        p = random_resource(p, plan);

    } else if (rule->kind == CONSENT_RULE_COOKIE) {

        switch (pick(3)) {
        case 0:
            *p++ = '*';
            p = random_word(p, plan, 1, plan->length);
            break;
        case 1:
            p = random_word(p, plan, 1, plan->length);
            *p++ = '*';
            break;
        default:
            p = random_word(p, plan, 1, plan->length + 1);
        }

    } else {
        p = random_word(p, plan, 2, plan->length + 2);
    }

    *p = '\0';
}


/* hosts in lower case without trailing dot, "/" alone is no path */

static void
naive_normalize(naive_rule_t *rule)
{
    int          in_host;
    char        *to;
    const char  *p;

    to = rule->normal;
    in_host = rule->kind == CONSENT_RULE_RESOURCE && rule->pattern[0] != '~';

    for (p = rule->pattern; *p; p++) {

        if (in_host && *p == '/') {
            in_host = 0;

            if (p[1] == '\0') {
                break;
            }
        }

        if (in_host && *p == '.' && p > rule->pattern
            && (p[1] == '\0' || p[1] == '/' || p[1] == ':'))
        {
            continue;
        }

        *to++ = (char) (in_host ? naive_lower(*p) : *p);
    }

    *to = '\0';
}


static const naive_rule_t *
naive_find(const naive_t *naive, const naive_rule_t *rule)
{
    int  i;

    for (i = 0; i < naive->n; i++) {
        if (naive->rules[i].kind == rule->kind
            && naive->rules[i].layer == rule->layer
            && strcmp(naive->rules[i].normal, rule->normal) == 0)
        {
            return &naive->rules[i];
        }
    }

    return NULL;
}


/* both sides take the rule, or refuse it for the same reason */

static int
random_add(consent_match_t *m, naive_t *naive, const plan_t *plan,
    unsigned origin)
{
    int                  rc;
    naive_rule_t        *rule;
    const naive_rule_t  *other;

    rule = &naive->rules[naive->n];
    random_rule(rule, plan);
    naive_normalize(rule);
    rule->origin = origin;

    other = naive_find(naive, rule);

    rc = add_to(m, rule->kind, rule->layer, rule->pattern, rule->category,
                origin);

    if (other == NULL) {
        naive->n++;
        return rc == 0;
    }

    if (other->category == rule->category) {
        return rc == 0;
    }

    return rc == -1 && err.other == other->category
           && err.origin == other->origin;
}


static int
random_cookie(const consent_match_t *m, const naive_t *naive,
    const plan_t *plan, int *hit)
{
    int   want, got;
    char  name[64], *p;

    memset(name, 0, sizeof(name));

    p = random_word(name, plan, 0, plan->length + 2);
    *p = '\0';

    if (p > name && pick(8) == 0) {
        name[0] = (char) (name[0] - 32);
    }

    want = naive_cookie(naive, name);
    got = cookie(m, name);
    *hit = want != NONE;

    if (want != got) {
        diag("cookie %s: %d, expected %d", name, got, want);
    }

    return want == got;
}


static int
random_url(const consent_match_t *m, const naive_t *naive, const plan_t *plan,
    int *hit)
{
    int            want, got;
    char           href[128], *p;
    unsigned       own;
    consent_url_t  url;

    static const char *const  schemes[] = {
        "https://", "http://", "wss://", "ws://"
    };

    strncpy(href, schemes[pick(4)], 16);
    p = random_host(href + strlen(href), plan);

    if (pick(4) == 0) {
        p = random_port(p);
    }

    p = random_path(p, plan);
    *p = '\0';

    own = pick(2);
    url_of(&url, href);

    want = naive_resource(naive, &url, own);
    got = consent_match_resource(m, &url, own, NULL);
    *hit = want != NONE;

    if (want != got) {
        diag("resource %s (own %u): %d, expected %d", href, own, got, want);
    }

    return want == got;
}


static int
random_script(const consent_match_t *m, const naive_t *naive,
    const plan_t *plan, int *hit)
{
    char            text[64], *p;
    consent_mask_t  wanted, want, got;

    memset(text, 0, sizeof(text));

    p = random_word(text, plan, 0, plan->length * 3);
    *p = '\0';

    wanted = 0;

    while (pick(4)) {
        wanted |= consent_bit(pick(64));
    }

    wanted = pick(4) ? wanted : ~wanted;

    want = naive_inline(naive, text, wanted);
    got = script(m, text, wanted);
    *hit = want != 0;

    if (want != got) {
        diag("script %s (%llx): %llx, expected %llx", text,
             (unsigned long long) wanted, (unsigned long long) got,
             (unsigned long long) want);
    }

    return want == got;
}


static void
random_set(const plan_t *plan, int hits[3])
{
    int               hit, wrong[3];
    naive_t           naive;
    unsigned          i, bad_adds;
    consent_match_t  *m;

    m = begin();

    naive.n = 0;
    naive.rules = malloc((plan->rules + 1) * sizeof(naive_rule_t));

    if (naive.rules == NULL) {
        abort();
    }

    bad_adds = 0;
    memset(wrong, 0, sizeof(wrong));

    for (i = 0; i < plan->rules; i++) {
        bad_adds += !random_add(m, &naive, plan, i + 1);
    }

    compile(m);

    for (i = 0; i < plan->lookups; i++) {
        wrong[0] += !random_cookie(m, &naive, plan, &hit);
        hits[0] += hit;
        wrong[1] += !random_url(m, &naive, plan, &hit);
        hits[1] += hit;
        wrong[2] += !random_script(m, &naive, plan, &hit);
        hits[2] += hit;
    }

    is_int(bad_adds, 0, "%d of %u rules kept, the others refused alike",
           naive.n, plan->rules);
    is_int(wrong[0], 0, "%u cookies", plan->lookups);
    is_int(wrong[1], 0, "%u resources", plan->lookups);
    is_int(wrong[2], 0, "%u scripts", plan->lookups);

    free(naive.rules);
    finish(m);
}


/* a word of a and b, with little else, so that nearly all nearly matches */

static size_t
word_ab(char *to, unsigned least, unsigned most)
{
    size_t  i, len;

    len = least + pick(most - least + 1);

    for (i = 0; i < len; i++) {
        to[i] = pick(12) ? (char) ('a' + pick(2)) : '-';
    }

    to[len] = '\0';

    return len;
}


/*
 * Literals of so many bytes at least: the scan takes other ways for long and
 * for short ones, and for both together.
 */

static void
test_inline_lengths(void)
{
    char              literals[12][32], text[128];
    size_t            len, at;
    uint8_t          *exact;
    unsigned          least, set, n, i, k, wrong, hits;
    consent_mask_t    want;
    consent_match_t  *m;

    for (least = 1; least < 13; least++) {
        wrong = 0;
        hits = 0;

        for (set = 0; set < 60; set++) {
            m = begin();
            n = 1 + pick(12);

            for (i = 0; i < n; i++) {
                word_ab(literals[i], least, least + pick(9));

                for (k = 0; k < i; k++) {
                    if (strcmp(literals[i], literals[k]) == 0) {
                        break;
                    }
                }

                if (k < i) {
                    literals[i][0] = '\0';
                    continue;
                }

                add(m, CONSENT_RULE_INLINE, literals[i], (int) i);
            }

            compile(m);

            for (k = 0; k < 60; k++) {
                len = word_ab(text, 32, 90);
                i = pick(n);
                at = pick((unsigned) (len - strlen(literals[i]) + 1));

                if (k % 2) {
                    memcpy(text + at, literals[i], strlen(literals[i]));
                }

                want = 0;

                for (i = 0; i < n; i++) {
                    if (literals[i][0] && strstr(text, literals[i])) {
                        want |= 1ULL << i;
                    }
                }

                /* no byte behind the text */

                exact = malloc(len ? len : 1);
                memcpy(exact, text, len);

                wrong += consent_match_inline(m, consent_str_make(exact, len),
                                              ~0ULL, NULL)
                         != want;
                hits += want != 0;

                free(exact);
            }

            finish(m);
        }

        is_int((long long) wrong, 0,
               "literals of %u bytes and more, %u texts have some", least,
               hits);
    }
}


static void
test_random(void)
{
    int       hits[3], lookups;
    plan_t    plan;
    unsigned  i;

    static const plan_t  large[] = {
        { 10000, 4, 8, 100, 600 },
        { 10000, 8, 5, 10, 300 },
        { 10000, 20, 12, 1000, 600 },
        { 10000, 3, 14, 50, 400 }
    };

    lookups = 0;
    memset(hits, 0, sizeof(hits));

    for (i = 0; i < 30; i++) {
        plan.rules = 1 + pick(60);
        plan.letters = 2 + pick(3);
        plan.length = 3 + pick(4);
        plan.regexes = 2 + pick(30);
        plan.lookups = 400;
        random_set(&plan, hits);
        lookups += 400;
    }

    for (i = 0; i < sizeof(large) / sizeof(large[0]); i++) {
        random_set(&large[i], hits);
        lookups += (int) large[i].lookups;
    }

    for (i = 0; i < 3; i++) {
        ok(hits[i] > lookups / 10 && hits[i] < lookups,
           "kind %u: %d hits in %d look-ups", i, hits[i], lookups);
    }
}


int
main(int argc, char **argv)
{
    random_state = argc > 1 ? strtoull(argv[1], NULL, 10) : 20240229;
    random_state |= 1;

    test_policy();
    test_cookie_forms();
    test_cookie_ladder();
    test_layers();
    test_resource_forms();
    test_ports();
    test_resource_ladder();
    test_inline();
    test_inline_all_bytes();
    test_inline_deep();
    test_errors();
    test_conflicts();
    test_hostile();
    test_limits();
    test_windows();
    test_many_paths();
    test_no_memory();
    test_inline_lengths();
    test_random();

    return done_testing();
}
