/*
 * Copyright (C) ngx_consent_module authors
 *
 * The lines that delete cookies: for which places, in which order, and how
 * they share what room there is.
 */


#include <stdlib.h>

#include "consent_cookie.h"
#include "consent_expire.h"
#include "tap.h"


#define LINES_MAX  4096


typedef struct {
    const char  *what;
    const char  *host;
    const char  *path;
    const char  *lines[24];
} expire_case_t;


static consent_str_t str(const char *text);
static void start(const char *host, const char *path);
static void collect(void);
static void release(void);
static int has(const char *line);
static void is_lines(const char *const *want, const char *what);
static void test_places(void);
static void test_attributes(void);
static void test_prefixes(void);
static void test_names(void);
static void test_order(void);
static void test_room(void);
static void test_turns(void);
static void test_long(void);


static consent_site_t         *site;
static consent_str_t           names[CONSENT_EXPIRE_NAMES];
static consent_expire_conf_t   conf;
static char                   *lines[LINES_MAX];
static unsigned                nlines;
static size_t                  nbytes;


static const expire_case_t  expire_cases[] = {

    { "the registrable domain", "example.com", "/",
      { "a=; Max-Age=0; Path=/",
        "a=; Max-Age=0; Path=/; Domain=example.com" } },

    { "domains between", "a.b.example.co.uk", "/",
      { "a=; Max-Age=0; Path=/",
        "a=; Max-Age=0; Path=/; Domain=example.co.uk",
        "a=; Max-Age=0; Path=/; Domain=a.b.example.co.uk",
        "a=; Max-Age=0; Path=/; Domain=b.example.co.uk" } },

    { "a domain below a private suffix", "www.user.github.io", "/",
      { "a=; Max-Age=0; Path=/",
        "a=; Max-Age=0; Path=/; Domain=user.github.io",
        "a=; Max-Age=0; Path=/; Domain=www.user.github.io" } },

    { "upper case", "WWW.Example.COM", "/",
      { "a=; Max-Age=0; Path=/",
        "a=; Max-Age=0; Path=/; Domain=example.com",
        "a=; Max-Age=0; Path=/; Domain=www.example.com" } },

    { "an underscore", "a_b.example.com", "/",
      { "a=; Max-Age=0; Path=/",
        "a=; Max-Age=0; Path=/; Domain=example.com",
        "a=; Max-Age=0; Path=/; Domain=a_b.example.com" } },

    { "no more than 8 domains", "a.b.c.d.e.f.g.h.i.example.com", "/",
      { "a=; Max-Age=0; Path=/",
        "a=; Max-Age=0; Path=/; Domain=example.com",
        "a=; Max-Age=0; Path=/; Domain=a.b.c.d.e.f.g.h.i.example.com",
        "a=; Max-Age=0; Path=/; Domain=b.c.d.e.f.g.h.i.example.com",
        "a=; Max-Age=0; Path=/; Domain=c.d.e.f.g.h.i.example.com",
        "a=; Max-Age=0; Path=/; Domain=d.e.f.g.h.i.example.com",
        "a=; Max-Age=0; Path=/; Domain=e.f.g.h.i.example.com",
        "a=; Max-Age=0; Path=/; Domain=f.g.h.i.example.com" } },

    { "directories", "localhost", "/one/two/page.html?x=/y/",
      { "a=; Max-Age=0; Path=/",
        "a=; Max-Age=0; Path=/one",
        "a=; Max-Age=0; Path=/one/",
        "a=; Max-Age=0; Path=/one/two",
        "a=; Max-Age=0; Path=/one/two/",
        "a=; Max-Age=0; Path=/one/two/page.html" } },

    { "a directory itself", "localhost", "/one/",
      { "a=; Max-Age=0; Path=/",
        "a=; Max-Age=0; Path=/one",
        "a=; Max-Age=0; Path=/one/" } },

    { "one file", "localhost", "/one",
      { "a=; Max-Age=0; Path=/",
        "a=; Max-Age=0; Path=/one" } },

    { "slashes in a row", "localhost", "//a//b",
      { "a=; Max-Age=0; Path=/",
        "a=; Max-Age=0; Path=//",
        "a=; Max-Age=0; Path=//a",
        "a=; Max-Age=0; Path=//a/",
        "a=; Max-Age=0; Path=//a//",
        "a=; Max-Age=0; Path=//a//b" } },

    { "a path parameter", "localhost", "/shop/list;id=1/x",
      { "a=; Max-Age=0; Path=/",
        "a=; Max-Age=0; Path=/shop",
        "a=; Max-Age=0; Path=/shop/",
        "a=; Max-Age=0" } },

    { "a path parameter at the end", "localhost", "/shop/list;id=1?/",
      { "a=; Max-Age=0; Path=/",
        "a=; Max-Age=0; Path=/shop",
        "a=; Max-Age=0; Path=/shop/" } },

    { "bytes that no browser sends", "localhost", "/a/b\x01/c",
      { "a=; Max-Age=0; Path=/",
        "a=; Max-Age=0; Path=/a",
        "a=; Max-Age=0; Path=/a/",
        "a=; Max-Age=0" } },

    { "escapes stay as they are", "localhost", "/%2Fa%20b/",
      { "a=; Max-Age=0; Path=/",
        "a=; Max-Age=0; Path=/%2Fa%20b",
        "a=; Max-Age=0; Path=/%2Fa%20b/" } },

    { "no path", "localhost", "", { "a=; Max-Age=0; Path=/" } },
    { "another form of target", "localhost", "*",
      { "a=; Max-Age=0; Path=/" } },

    { "no host", "", "/", { "a=; Max-Age=0; Path=/" } },
    { "a single label", "intranet", "/", { "a=; Max-Age=0; Path=/" } },
    { "a public suffix", "co.uk", "/", { "a=; Max-Age=0; Path=/" } },
    { "a private suffix", "github.io", "/", { "a=; Max-Age=0; Path=/" } },
    { "IPv4", "127.0.0.1", "/", { "a=; Max-Age=0; Path=/" } },
    { "IPv4, short", "127.1", "/", { "a=; Max-Age=0; Path=/" } },
    { "IPv6", "[2001:db8::1]", "/", { "a=; Max-Age=0; Path=/" } },
    { "a port left on", "www.example.com:8080", "/",
      { "a=; Max-Age=0; Path=/" } },
    { "an attribute in the host", "x;secure.example.com", "/",
      { "a=; Max-Age=0; Path=/" } },
    { "a comma in the host", "x,y.example.com", "/",
      { "a=; Max-Age=0; Path=/" } },
    { "a blank in the host", "x y.example.com", "/",
      { "a=; Max-Age=0; Path=/" } },
    { "a dot at the end", "www.example.com.", "/",
      { "a=; Max-Age=0; Path=/" } },
    { "dots only", "...", "/", { "a=; Max-Age=0; Path=/" } }
};


static consent_str_t
str(const char *text)
{
    return consent_str_make((const uint8_t *) text, strlen(text));
}


static void
start(const char *host, const char *path)
{
    memset(&conf, 0, sizeof(conf));

    names[0] = str("a");

    conf.site = site;
    conf.host = str(host);
    conf.path = str(path);
    conf.names = names;
    conf.nnames = 1;
    conf.size = 1000000;
    conf.lines = LINES_MAX;
}


static void
collect(void)
{
    consent_expire_t       *e;
    consent_expire_line_t   line;

    release();

    e = malloc(sizeof(consent_expire_t));

    consent_expire_init(e, &conf);

    while (nlines < LINES_MAX && consent_expire_next(e, &line)) {
        lines[nlines] = malloc(line.len + 2);
        lines[nlines][line.len] = '\0';
        lines[nlines][line.len + 1] = '#';

        consent_expire_write((uint8_t *) lines[nlines], &conf, &line);

        nbytes += line.len + CONSENT_EXPIRE_OVERHEAD;

        if (lines[nlines][line.len] != '\0'
            || strlen(lines[nlines]) != line.len)
        {
            ok(0, "the length of \"%s\"", lines[nlines]);
        }

        nlines++;
    }

    free(e);
}


static void
release(void)
{
    while (nlines) {
        free(lines[--nlines]);
    }

    nbytes = 0;
}


static int
has(const char *line)
{
    unsigned  i;

    for (i = 0; i < nlines; i++) {
        if (strcmp(lines[i], line) == 0) {
            return 1;
        }
    }

    return 0;
}


static void
is_lines(const char *const *want, const char *what)
{
    unsigned  i;

    for (i = 0; i < nlines && want[i]; i++) {
        if (strcmp(lines[i], want[i]) != 0) {
            break;
        }
    }

    if (!ok(i == nlines && want[i] == NULL, "%s", what)) {
        diag("line %u, got: %s", i, i < nlines ? lines[i] : "nothing");
        diag("expected: %s", want[i] ? want[i] : "nothing");
    }
}


static void
test_places(void)
{
    size_t  i;

    for (i = 0; i < sizeof(expire_cases) / sizeof(expire_cases[0]); i++) {
        start(expire_cases[i].host, expire_cases[i].path);
        collect();
        is_lines(expire_cases[i].lines, expire_cases[i].what);
    }

    start("www.example.com", "/");
    conf.site = NULL;
    collect();
    is_int(nlines, 1, "without a list of suffixes: host-only");
}


static void
test_attributes(void)
{
    static const char *const  secure[] = {
        "a=; Max-Age=0; Path=/; Secure", NULL
    };

    static const char *const  trusted[] = {
        "a=; Max-Age=0; Path=/",
        "a=; Max-Age=0; Path=/; Secure; Partitioned", NULL
    };

    static const char *const  both[] = {
        "a=; Max-Age=0; Path=/; Secure",
        "a=; Max-Age=0; Path=/; Secure; Partitioned",
        "a=; Max-Age=0; Path=/x; Secure",
        "a=; Max-Age=0; Path=/x; Secure; Partitioned", NULL
    };

    static const char *const  embedded[] = {
        "a=; Max-Age=0; Path=/; Secure; SameSite=None",
        "a=; Max-Age=0; Path=/; Secure; SameSite=None; Partitioned", NULL
    };

    start("localhost", "/");
    conf.secure = 1;
    collect();
    is_lines(secure, "https");

    start("localhost", "/");
    conf.trusted = 1;
    collect();
    is_lines(trusted, "a browser that takes Secure lines");

    start("localhost", "/x");
    conf.secure = 1;
    conf.trusted = 1;
    collect();
    is_lines(both, "both, with a path");

    start("localhost", "/");
    conf.trusted = 1;
    conf.embedded = 1;
    collect();
    is_lines(embedded, "in another site");
}


static void
test_prefixes(void)
{
    static const char *const  want[] = {
        "__Host-a=; Max-Age=0; Path=/; Secure",
        "__HOST-HTTP-a=; Max-Age=0; Path=/; Secure; HttpOnly",
        "__Secure-a=; Max-Age=0; Path=/; Secure",
        "__Http-a=; Max-Age=0; Path=/; Secure; HttpOnly",
        "__Hostess=; Max-Age=0; Path=/",
        "__Secure-a=; Max-Age=0; Path=/; Domain=example.com; Secure",
        "__Http-a=; Max-Age=0; Path=/; Domain=example.com; Secure; HttpOnly",
        "__Hostess=; Max-Age=0; Path=/; Domain=example.com", NULL
    };

    start("example.com", "/");

    names[0] = str("__Host-a");
    names[1] = str("__HOST-HTTP-a");
    names[2] = str("__Secure-a");
    names[3] = str("__Http-a");
    names[4] = str("__Hostess");
    conf.nnames = 5;

    collect();
    is_lines(want, "prefixes of names");

    start("www.example.com", "/a/b/c");
    names[0] = str("__Host-a");
    conf.trusted = 1;
    collect();
    is_int(nlines, 2, "__Host-: at one place, and partitioned");
}


static void
test_names(void)
{
    char           large[4002];
    consent_str_t  name;

    static const char *const  want[] = {
        "=0; Max-Age=0; Path=/", NULL
    };

    ok(consent_expire_name_is_safe(str("_ga")), "an ordinary name");
    ok(consent_expire_name_is_safe(str("a b,c\"(d)")), "other characters");
    ok(consent_expire_name_is_safe(str("\xc3\xa4\xff")), "more than ASCII");
    ok(consent_expire_name_is_safe(str("")), "no name");

    ok(!consent_expire_name_is_safe(str("a;b")), "a semicolon");
    ok(!consent_expire_name_is_safe(str("a=b")), "an equals sign");
    ok(!consent_expire_name_is_safe(str("a\r\nb")), "a line break");
    ok(!consent_expire_name_is_safe(str("a\tb")), "a tab");
    ok(!consent_expire_name_is_safe(str("a\x7f")), "a delete character");
    ok(!consent_expire_name_is_safe(consent_str_make(
                                        (const uint8_t *) "a\0b", 3)),
       "a zero byte");
    ok(!consent_expire_name_is_safe(str(" a")), "a blank in front");
    ok(!consent_expire_name_is_safe(str("a ")), "a blank behind");

    memset(large, 'a', sizeof(large));

    name = consent_str_make((uint8_t *) large, 4000);
    ok(consent_expire_name_is_safe(name), "the longest name");

    name.len++;
    ok(!consent_expire_name_is_safe(name), "a longer one");

    start("localhost", "/");
    names[0] = str("");
    collect();
    is_lines(want, "a cookie without a name");
}


/* all cookies get the line that is most likely the right one first */

static void
test_order(void)
{
    static const char *const  want[] = {
        "a=; Max-Age=0; Path=/",
        "b=; Max-Age=0; Path=/",
        "a=; Max-Age=0; Path=/; Domain=example.com",
        "b=; Max-Age=0; Path=/; Domain=example.com",
        "a=; Max-Age=0; Path=/; Secure; Partitioned",
        "b=; Max-Age=0; Path=/; Secure; Partitioned",
        "a=; Max-Age=0; Path=/; Domain=example.com; Secure; Partitioned",
        "b=; Max-Age=0; Path=/; Domain=example.com; Secure; Partitioned",
        "a=; Max-Age=0; Path=/x",
        "b=; Max-Age=0; Path=/x",
        "a=; Max-Age=0; Path=/x; Secure; Partitioned",
        "b=; Max-Age=0; Path=/x; Secure; Partitioned",
        "a=; Max-Age=0; Path=/x; Domain=example.com",
        "b=; Max-Age=0; Path=/x; Domain=example.com",
        "a=; Max-Age=0; Path=/x; Domain=example.com; Secure; Partitioned",
        "b=; Max-Age=0; Path=/x; Domain=example.com; Secure; Partitioned",
        NULL
    };

    start("example.com", "/x");
    names[1] = str("b");
    conf.nnames = 2;
    conf.trusted = 1;
    collect();
    is_lines(want, "the order");

    conf.turn = 12345;
    collect();
    is_lines(want, "the same in any turn if there is room");

    conf.nnames = 0;
    collect();
    is_int(nlines, 0, "no cookies, no lines");
}


static void
test_room(void)
{
    unsigned  n, root;

    start("www.example.com", "/one/two/three/four");
    names[1] = str("b");
    conf.nnames = 2;
    conf.trusted = 1;

    collect();
    n = nlines;

    for (conf.lines = 0; conf.lines <= n; conf.lines++) {
        collect();

        if (nlines > conf.lines) {
            break;
        }
    }

    is_int(conf.lines, n + 1, "never more lines than allowed");

    conf.lines = n;

    for (conf.size = 0; conf.size < 8000; conf.size += 7) {
        collect();

        if (nbytes > conf.size) {
            break;
        }
    }

    ok(conf.size >= 8000, "never more bytes than allowed");

    conf.size = 1024;
    conf.lines = 32;
    collect();
    ok(nlines > 8 && nbytes > 1024 - 120, "the room is used");

    /* many cookies do not keep directories from their share */

    for (n = 0; n < CONSENT_EXPIRE_NAMES; n++) {
        names[n] = str("cookie");
    }

    conf.nnames = CONSENT_EXPIRE_NAMES;
    conf.size = 3000;
    collect();

    root = 0;

    for (n = 0; n < nlines; n++) {
        root += (strstr(lines[n], "Path=/o") == NULL);
    }

    ok(root > nlines / 2, "most lines are for the path \"/\"");
    ok(root < nlines, "some are for the others");
}


/* each line comes sooner or later, whatever does not fit */

static void
test_turns(void)
{
    char      *all[LINES_MAX];
    unsigned   i, n, left;
    uint32_t   random;

    start("www.example.com", "/one/two/three/four/five/six");
    names[1] = str("b");
    names[2] = str("__Host-c");
    names[3] = str("a-name-that-is-much-longer-than-all-the-others-are");
    conf.nnames = 4;
    conf.secure = 1;
    conf.trusted = 1;

    collect();
    n = nlines;

    for (i = 0; i < n; i++) {
        all[i] = strdup(lines[i]);
    }

    conf.size = 1024;
    conf.lines = 32;
    left = n;
    random = 1;

    for (i = 0; i < 2000 && left; i++) {
        unsigned  j;

        random = random * 1664525 + 1013904223;
        conf.turn = random >> 7;
        collect();

        for (j = 0; j < n; j++) {
            if (all[j] && has(all[j])) {
                free(all[j]);
                all[j] = NULL;
                left--;
            }
        }
    }

    ok(n > 100, "%u lines", n);
    is_int(left, 0, "all of them came in %u turns", i);

    for (i = 0; i < n; i++) {
        free(all[i]);
    }
}


static void
test_long(void)
{
    char    *path;
    size_t   i;

    path = malloc(40001);

    for (i = 0; i < 40000; i++) {
        path[i] = (i % 2) ? 'a' : '/';
    }

    path[40000] = '\0';

    start("localhost", path);
    collect();
    is_int(nlines, CONSENT_EXPIRE_PATHS, "a very deep path");

    memset(path + 1, 'a', 39999);

    start("localhost", path);
    collect();
    is_int(nlines, 1, "a very long one is not tried");

    path[1024] = '\0';
    start("localhost", path);
    collect();
    is_int(nlines, 2, "the longest that browsers accept");

    path[1024] = '/';
    path[1025] = '\0';
    start("localhost", path);
    collect();
    is_int(nlines, 2, "the same without its slash");

    path[1025] = 'a';
    path[1026] = '/';
    path[1027] = '\0';
    start("localhost", path);
    collect();
    ok(nlines == 3 && has("a=; Max-Age=0"),
       "a longer directory, by a line without a Path");

    free(path);
}


int
main(void)
{
    site = consent_site_create(test_mem());

    if (site == NULL) {
        ok(0, "there is a public suffix list");
        return done_testing();
    }

    test_places();
    test_attributes();
    test_prefixes();
    test_names();
    test_order();
    test_room();
    test_turns();
    test_long();

    release();

    consent_site_destroy(site);
    test_mem_free();

    return done_testing();
}
