/*
 * Copyright (C) ngx_consent_module authors
 *
 * Registrable domains, and the hosts that count as the site's own.
 */


#include "consent_site.h"
#include "tap.h"


typedef struct {
    const char  *host;
    const char  *domain;
} site_case_t;


typedef struct {
    const char  *host;
    int          match;
} hosts_case_t;


static consent_str_t str(const char *text);
static void *no_alloc(void *data, size_t size);
static void *one_alloc(void *data, size_t size);
static void test_registrable(void);
static void test_memo(void);
static void test_no_list(void);
static void test_patterns(void);
static void test_malformed(void);
static void test_match(void);
static void test_many(void);
static void test_memory(void);


static const site_case_t  site_cases[] = {
    { "example.com", "example.com" },
    { "www.example.com", "example.com" },
    { "a.b.c.example.com", "example.com" },
    { "example.co.uk", "example.co.uk" },
    { "www.example.co.uk", "example.co.uk" },
    { "a.www.example.co.uk", "example.co.uk" },
    { "xn--bcher-kva.example.de", "example.de" },
    { "www.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn" },

    /* public suffixes */

    { "com", "com" },
    { "co.uk", "co.uk" },
    { "github.io", "github.io" },
    { "user.github.io", "user.github.io" },
    { "www.user.github.io", "user.github.io" },

    /* wildcards and exceptions of the list */

    { "ck", "ck" },
    { "test.ck", "test.ck" },
    { "b.test.ck", "b.test.ck" },
    { "a.b.test.ck", "b.test.ck" },
    { "www.ck", "www.ck" },
    { "a.www.ck", "www.ck" },

    /* a top-level domain that nobody listed */

    { "a.b.unlisted-tld", "b.unlisted-tld" },

    /* names and addresses without a domain */

    { "localhost", "localhost" },
    { "intranet", "intranet" },
    { "127.0.0.1", "127.0.0.1" },
    { "192.0.2.1", "192.0.2.1" },
    { "[::1]", "[::1]" },
    { "[2001:db8::1]", "[2001:db8::1]" },
    { "", "" },

    /* odd dots */

    { ".", "." },
    { "example.com.", "example.com." },
    { "a.example.com..", "a.example.com.." }
};


static consent_str_t
str(const char *text)
{
    return consent_str_make((const uint8_t *) text, strlen(text));
}


static void *
no_alloc(void *data, size_t size)
{
    (void) data;
    (void) size;

    return NULL;
}


/* succeeds as often as data says */

static void *
one_alloc(void *data, size_t size)
{
    int  *left;

    left = data;

    if (*left == 0) {
        return NULL;
    }

    (*left)--;

    return test_mem()->alloc(test_mem()->data, size);
}


static void
test_registrable(void)
{
    char             large[600];
    size_t           i;
    consent_str_t    domain, host;
    consent_site_t  *site;

    site = consent_site_create(test_mem());

    if (!ok(site != NULL, "there is a public suffix list")) {
        return;
    }

    for (i = 0; i < sizeof(site_cases) / sizeof(site_cases[0]); i++) {
        host = str(site_cases[i].host);
        domain = consent_site_registrable(site, host);

        is_str(domain.data, domain.len, site_cases[i].domain,
               "domain of \"%s\"", site_cases[i].host);
        ok(domain.data + domain.len == host.data + host.len,
           "the domain of \"%s\" is a view", site_cases[i].host);
    }

    domain = consent_site_domain(site, str("www.example.co.uk"));
    is_str(domain.data, domain.len, "example.co.uk", "a domain for cookies");

    domain = consent_site_domain(site, str("co.uk"));
    is_int((long long) domain.len, 0, "a public suffix has none");
    domain = consent_site_domain(site, str("localhost"));
    is_int((long long) domain.len, 0, "a single label has none");
    domain = consent_site_domain(site, str("192.0.2.1"));
    is_int((long long) domain.len, 0, "an address has none");
    domain = consent_site_domain(NULL, str("www.example.com"));
    is_int((long long) domain.len, 0, "nothing has without a list");

    /* a view of a longer text: what is behind it does not count */

    host = consent_str_make((const uint8_t *) "www.example.com.evil.test", 15);
    domain = consent_site_registrable(site, host);
    is_str(domain.data, domain.len, "example.com", "a host inside a text");

    memset(large, 'a', sizeof(large));
    memcpy(large + sizeof(large) - 12, ".example.com", 12);

    host = consent_str_make((const uint8_t *) large, sizeof(large));
    domain = consent_site_registrable(site, host);
    is_int((long long) domain.len, sizeof(large),
           "a host that no URL has is its own site");

    consent_site_destroy(site);
    consent_site_destroy(NULL);
}


/* what is remembered of hosts: short and long, with a domain and without */

static void
test_memo(void)
{
    int              i, round;
    char             host[160], domain[32];
    unsigned         wrong;
    consent_str_t    got;
    consent_site_t  *site;

    site = consent_site_create(test_mem());

    if (site == NULL) {
        return;
    }

    wrong = 0;

    for (round = 0; round < 3; round++) {
        for (i = 0; i < 1000; i++) {
            snprintf(host, sizeof(host), "%.*swww.site%d.%s", i % 5 ? 0 : 50,
                     "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.",
                     i, i % 3 ? "co.uk" : "test");
            snprintf(domain, sizeof(domain), "site%d.%s", i,
                     i % 3 ? "co.uk" : "test");

            got = consent_site_domain(site, str(host));

            if (!consent_str_eq(got, str(domain))
                || got.data + got.len
                   != (const uint8_t *) host + strlen(host))
            {
                wrong++;
            }

            snprintf(host, sizeof(host), "10.0.%d.%d", i / 256, i % 256);

            if (consent_site_domain(site, str(host)).len != 0) {
                wrong++;
            }
        }
    }

    is_int((long long) wrong, 0, "many hosts, asked for again and again");

    consent_site_destroy(site);
}


static void
test_no_list(void)
{
    consent_mem_t  none = { no_alloc, NULL };
    consent_str_t  domain;

    ok(consent_site_create(&none) == NULL, "no memory for a site");

    domain = consent_site_registrable(NULL, str("www.example.com"));
    is_str(domain.data, domain.len, "www.example.com",
           "without a list every host is its own site");
}


static void
test_patterns(void)
{
    size_t                      i;
    consent_hosts_t            *hosts;
    static const char          *patterns[] = {
        "exact.test", ".suffix.test", "UPPER.test", ".Mixed.Test",
        "b\u00fccher.example", ".both.test", "both.test", "dot.test.",
        "192.0.2.1", "[2001:DB8:0:0::1]", "intranet", "a.deep.suffix.test",
        "under_score.test"
    };
    static const hosts_case_t   cases[] = {
        { "exact.test", 1 },
        { "www.exact.test", 0 },
        { "notexact.test", 0 },
        { "exact.test.evil.test", 0 },
        { "xact.test", 0 },
        { "test", 0 },

        { "suffix.test", 1 },
        { "www.suffix.test", 1 },
        { "a.b.suffix.test", 1 },
        { "notsuffix.test", 0 },
        { ".suffix.test", 1 },
        { "suffix.test.evil.test", 0 },
        { "a.deep.suffix.test", 1 },

        { "upper.test", 1 },
        { "www.mixed.test", 1 },
        { "xn--bcher-kva.example", 1 },
        { "www.both.test", 1 },
        { "both.test", 1 },
        { "dot.test", 1 },
        { "192.0.2.1", 1 },
        { "192.0.2.2", 0 },
        { "[2001:db8::1]", 1 },
        { "intranet", 1 },
        { "a.intranet", 0 },
        { "under_score.test", 1 },
        { "", 0 },
        { ".", 0 },
        { "..", 0 }
    };

    hosts = consent_hosts_create(test_mem());

    for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        is_int(consent_hosts_add(hosts, str(patterns[i])), 0, "add pattern %d",
               (int) i);
    }

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        is_int(consent_hosts_match(hosts, str(cases[i].host)), cases[i].match,
               "match \"%s\"", cases[i].host);
    }
}


static void
test_malformed(void)
{
    char                 large[600];
    size_t               i;
    consent_hosts_t     *hosts;
    static const char   *patterns[] = {
        "", ".", "..", "..example.com", "example..com", "*", "*.example.com",
        ".*.example.com", "www.*.com", "https://example.com", "//example.com",
        "example.com/", "example.com/path", "/path", "example.com:443",
        "user@example.com", "exa mple.com", "example.com?q", "example.com#f",
        "exa%2fmple.com", "[::1", "1.2.3.256", "~^example", "example\\com"
    };

    hosts = consent_hosts_create(test_mem());

    for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        is_int(consent_hosts_add(hosts, str(patterns[i])), -1,
               "refuse \"%s\"", patterns[i][0] ? patterns[i] : "nothing");
    }

    memset(large, 'a', sizeof(large));
    is_int(consent_hosts_add(hosts, consent_str_make((uint8_t *) large, 600)),
           -1, "refuse 600 bytes");
    is_int(consent_hosts_match(hosts, str("example.com")), 0,
           "nothing of that matches");
}


static void
test_match(void)
{
    consent_hosts_t  *hosts;

    is_int(consent_hosts_match(NULL, str("example.com")), 0, "no hosts");

    hosts = consent_hosts_create(test_mem());
    is_int(consent_hosts_match(hosts, str("example.com")), 0, "empty hosts");

    consent_hosts_add(hosts, str(".com"));
    is_int(consent_hosts_match(hosts, str("example.com")), 1,
           "a whole top-level domain");
    is_int(consent_hosts_match(hosts,
                               consent_str_make((const uint8_t *) "a.com.net",
                                                5)),
           1, "a host inside a text");
}


/* enough to grow several times */

static void
test_many(void)
{
    int               i, wrong;
    char              text[64];
    consent_hosts_t  *hosts;

    hosts = consent_hosts_create(test_mem());
    wrong = 0;

    for (i = 0; i < 5000; i++) {
        snprintf(text, sizeof(text), "%shost-%d.test", i % 2 ? "." : "", i);
        wrong += (consent_hosts_add(hosts, str(text)) != 0);
    }

    is_int(wrong, 0, "add 5000 patterns");

    for (i = 0; i < 5000; i++) {
        snprintf(text, sizeof(text), "host-%d.test", i);
        wrong += (consent_hosts_match(hosts, str(text)) != 1);

        snprintf(text, sizeof(text), "www.host-%d.test", i);
        wrong += (consent_hosts_match(hosts, str(text)) != i % 2);

        snprintf(text, sizeof(text), "host-%d.test", i + 5000);
        wrong += (consent_hosts_match(hosts, str(text)) != 0);
    }

    is_int(wrong, 0, "match 5000 patterns");
}


static void
test_memory(void)
{
    int               left, needed;
    char              text[32];
    consent_mem_t     mem = { one_alloc, &left };
    consent_hosts_t  *hosts;

    left = 0;
    ok(consent_hosts_create(&mem) == NULL, "no memory for hosts");

    left = 1;
    hosts = consent_hosts_create(&mem);
    is_int(consent_hosts_add(hosts, str("a.test")), -1,
           "no memory for the table");

    left = 1;
    is_int(consent_hosts_add(hosts, str("a.test")), -1,
           "no memory for the name");
    is_int(consent_hosts_match(hosts, str("a.test")), 0, "it is not there");

    left = 1;
    is_int(consent_hosts_add(hosts, str("a.test")), 0, "it is added later");

    for (needed = 0; needed < 100; needed++) {
        left = 1;
        snprintf(text, sizeof(text), "b%d.test", needed);

        if (consent_hosts_add(hosts, str(text)) != 0) {
            break;
        }
    }

    ok(needed > 0 && needed < 100, "no memory to grow");
    is_int(consent_hosts_match(hosts, str("a.test")), 1,
           "what was there stays");
}


int
main(void)
{
    test_registrable();
    test_memo();
    test_no_list();
    test_patterns();
    test_malformed();
    test_match();
    test_many();
    test_memory();

    test_mem_free();

    return done_testing();
}
