/*
 * Copyright (C) ngx_consent_module authors
 *
 * URLs as browsers read them: what consent_url_parse() makes of ordinary,
 * odd and hostile spellings.
 */


#include "consent_url.h"
#include "tap.h"


#define OK       CONSENT_URL_OK
#define OPAQUE   CONSENT_URL_OPAQUE
#define INVALID  CONSENT_URL_INVALID

#define PAGE     "https://example.com/a/b/c.html?q=1"
#define OTHER    "http://example.com:8080/d/"

/* the input of the size tests */

#define LARGE    (1024 * 1024)


typedef struct {
    const char  *input;
    const char  *base;
    int          rc;
    const char  *href;
    const char  *host;
} url_case_t;


static consent_str_t str(const char *text);
static int parse(consent_url_t *url, const consent_url_t *base,
    const void *input, size_t len, uint8_t *buf, size_t size);
static int parse_text(consent_url_t *url, const char *base, const char *text);
static const char *visible(const char *text);
static void test_cases(void);
static void test_members(void);
static void test_bytes(void);
static void test_hosts_that_do_not_fit(void);
static void test_ignored_without_end(void);
static void test_long_path(void);
static void test_cut_segments(void);
static void test_cut_base(void);
static void test_large(void);
static void test_every_prefix(void);
static void test_every_byte(void);


static const url_case_t  cases[] = {
    /* plain */

    { "https://example.com/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://example.com", NULL, OK, "https://example.com/", "example.com" },
    { "https://EXAMPLE.Com/Path", NULL, OK,
      "https://example.com/Path", "example.com" },
    { "HTTPS://example.com/", NULL, OK,
      "https://example.com/", "example.com" },
    { "http://www.google-analytics.com/analytics.js", NULL, OK,
      "http://www.google-analytics.com/analytics.js",
      "www.google-analytics.com" },
    { "ws://example.com/s", NULL, OK, "ws://example.com/s", "example.com" },
    { "wss://example.com/s", NULL, OK, "wss://example.com/s", "example.com" },
    { "ftp://example.com/f", NULL, OK, "ftp://example.com/f", "example.com" },
    { "https://a_b.example.com/", NULL, OK,
      "https://a_b.example.com/", "a_b.example.com" },
    { "https://example.com/a?b=c&d=e", NULL, OK,
      "https://example.com/a?b=c&d=e", "example.com" },
    { "https://example.com?q", NULL, OK,
      "https://example.com/?q", "example.com" },
    { "https://example.com#f", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://example.com/#", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://example.com/?", NULL, OK,
      "https://example.com/?", "example.com" },
    { "https://example.com/a#b?c", NULL, OK,
      "https://example.com/a", "example.com" },
    { "https://localhost/", NULL, OK, "https://localhost/", "localhost" },

    /* blanks, tabs and newlines */

    { "  https://example.com/  ", NULL, OK,
      "https://example.com/", "example.com" },
    { "\001\037https://example.com/", NULL, OK,
      "https://example.com/", "example.com" },
    { "\nhttps://example.com/\r", NULL, OK,
      "https://example.com/", "example.com" },
    { "ht\ntps://example.com/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https:\t//example.com/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https:/\n/example.com/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://exa\tmple.com/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://example.com:4\r\n43/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://example.com/a\tb?c\nd", NULL, OK,
      "https://example.com/ab?cd", "example.com" },
    { "\t/\n/\ttracker.test/x", PAGE, OK,
      "https://tracker.test/x", "tracker.test" },
    { " ", PAGE, OK, "https://example.com/a/b/c.html?q=1", "example.com" },
    { "https ://example.com/", PAGE, OK,
      "https://example.com/a/b/https%20://example.com/", "example.com" },
    { "https://example.com/ a ", NULL, OK,
      "https://example.com/%20a", "example.com" },

    /* slashes */

    { "https:example.com/x", NULL, OK,
      "https://example.com/x", "example.com" },
    { "https:/example.com/x", NULL, OK,
      "https://example.com/x", "example.com" },
    { "https:///example.com/x", NULL, OK,
      "https://example.com/x", "example.com" },
    { "https:////example.com/x", NULL, OK,
      "https://example.com/x", "example.com" },
    { "https:\\\\example.com\\x", NULL, OK,
      "https://example.com/x", "example.com" },
    { "https:/\\example.com/x", NULL, OK,
      "https://example.com/x", "example.com" },
    { "https:\\/example.com/x", NULL, OK,
      "https://example.com/x", "example.com" },
    { "http:tracker.test/x", PAGE, OK,
      "http://tracker.test/x", "tracker.test" },
    { "http:/tracker.test/x", PAGE, OK,
      "http://tracker.test/x", "tracker.test" },
    { "https:tracker.test/x", PAGE, OK,
      "https://example.com/a/b/tracker.test/x", "example.com" },
    { "https:/tracker.test/x", PAGE, OK,
      "https://example.com/tracker.test/x", "example.com" },
    { "https://tracker.test/x", PAGE, OK,
      "https://tracker.test/x", "tracker.test" },
    { "https:\\\\tracker.test/x", PAGE, OK,
      "https://tracker.test/x", "tracker.test" },
    { "https:", PAGE, OK,
      "https://example.com/a/b/c.html?q=1", "example.com" },
    { "https:#f", PAGE, OK,
      "https://example.com/a/b/c.html?q=1", "example.com" },
    { "https:?q", PAGE, OK,
      "https://example.com/a/b/c.html?q", "example.com" },
    { "//tracker.test/x", PAGE, OK, "https://tracker.test/x", "tracker.test" },
    { "\\\\tracker.test/x", PAGE, OK,
      "https://tracker.test/x", "tracker.test" },
    { "/\\tracker.test/x", PAGE, OK,
      "https://tracker.test/x", "tracker.test" },
    { "\\/tracker.test/x", PAGE, OK,
      "https://tracker.test/x", "tracker.test" },
    { "///tracker.test/x", PAGE, OK,
      "https://tracker.test/x", "tracker.test" },
    { "/\\/\\tracker.test/x", PAGE, OK,
      "https://tracker.test/x", "tracker.test" },
    { "//TRACKER.test", OTHER, OK, "http://tracker.test/", "tracker.test" },
    { "//", PAGE, INVALID, NULL, NULL },
    { "///", PAGE, INVALID, NULL, NULL },
    { "https://", NULL, INVALID, NULL, NULL },

    /* relative */

    { "", PAGE, OK, "https://example.com/a/b/c.html?q=1", "example.com" },
    { "#f", PAGE, OK, "https://example.com/a/b/c.html?q=1", "example.com" },
    { "?x", PAGE, OK, "https://example.com/a/b/c.html?x", "example.com" },
    { "?", PAGE, OK, "https://example.com/a/b/c.html?", "example.com" },
    { "?x#f", PAGE, OK, "https://example.com/a/b/c.html?x", "example.com" },
    { "d", PAGE, OK, "https://example.com/a/b/d", "example.com" },
    { "d/e?f#g", PAGE, OK, "https://example.com/a/b/d/e?f", "example.com" },
    { "./d", PAGE, OK, "https://example.com/a/b/d", "example.com" },
    { "../d", PAGE, OK, "https://example.com/a/d", "example.com" },
    { "../../../d", PAGE, OK, "https://example.com/d", "example.com" },
    { ".", PAGE, OK, "https://example.com/a/b/", "example.com" },
    { "..", PAGE, OK, "https://example.com/a/", "example.com" },
    { "/", PAGE, OK, "https://example.com/", "example.com" },
    { "/d", PAGE, OK, "https://example.com/d", "example.com" },
    { "\\d", PAGE, OK, "https://example.com/d", "example.com" },
    { "./d:e", PAGE, OK, "https://example.com/a/b/d:e", "example.com" },
    { "1:x", PAGE, OK, "https://example.com/a/b/1:x", "example.com" },
    { ":x", PAGE, OK, "https://example.com/a/b/:x", "example.com" },
    { "x y", PAGE, OK, "https://example.com/a/b/x%20y", "example.com" },
    { "%2e%2e/d", PAGE, OK, "https://example.com/a/d", "example.com" },
    { "..\\d", PAGE, OK, "https://example.com/a/d", "example.com" },
    { "d", "https://example.com", OK, "https://example.com/d", "example.com" },
    { "d", OTHER, OK, "http://example.com:8080/d/d", "example.com" },
    { "/e", OTHER, OK, "http://example.com:8080/e", "example.com" },
    { "", OTHER, OK, "http://example.com:8080/d/", "example.com" },
    { "?x", "http://example.com/?y", OK,
      "http://example.com/?x", "example.com" },
    { "d", "https://example.com/a/?x=/y/z", OK,
      "https://example.com/a/d", "example.com" },
    { "", "https://example.com/?", OK,
      "https://example.com/?", "example.com" },
    { "", "https://example.com./x", OK,
      "https://example.com./x", "example.com" },
    { "d", "https://[::1]:8443/x/y", OK, "https://[::1]:8443/x/d", "[::1]" },
    { "//u:p@tracker.test/", PAGE, OK,
      "https://tracker.test/", "tracker.test" },
    { "example.com", NULL, INVALID, NULL, NULL },
    { "/x", NULL, INVALID, NULL, NULL },
    { "//example.com/", NULL, INVALID, NULL, NULL },
    { "", NULL, INVALID, NULL, NULL },

    /* schemes that fetch nothing, or not over the network */

    { "data:text/javascript,1", NULL, OPAQUE, NULL, NULL },
    { "javascript:alert(1)", NULL, OPAQUE, NULL, NULL },
    { "about:blank", NULL, OPAQUE, NULL, NULL },
    { "blob:https://example.com/1", NULL, OPAQUE, NULL, NULL },
    { "mailto:a@example.com", NULL, OPAQUE, NULL, NULL },
    { "file:///etc/passwd", NULL, OPAQUE, NULL, NULL },
    { "FILE:/x", PAGE, OPAQUE, NULL, NULL },
    { "x-y+z.1:a", PAGE, OPAQUE, NULL, NULL },
    { "java\nscript:1", PAGE, OPAQUE, NULL, NULL },
    { "httpsx://example.com/", NULL, OPAQUE, NULL, NULL },
    { "http2://example.com/", NULL, OPAQUE, NULL, NULL },
    { "h://example.com/", NULL, OPAQUE, NULL, NULL },
    { "view-source:https://example.com/", NULL, OPAQUE, NULL, NULL },

    /* user information */

    { "https://u@tracker.test/", NULL, OK,
      "https://tracker.test/", "tracker.test" },
    { "https://u:p@tracker.test:8443/", NULL, OK,
      "https://tracker.test:8443/", "tracker.test" },
    { "https://example.com@tracker.test/", NULL, OK,
      "https://tracker.test/", "tracker.test" },
    { "https://example.com:443@tracker.test/", NULL, OK,
      "https://tracker.test/", "tracker.test" },
    { "https://a@b@tracker.test/", NULL, OK,
      "https://tracker.test/", "tracker.test" },
    { "https://@tracker.test/", NULL, OK,
      "https://tracker.test/", "tracker.test" },
    { "https://:@tracker.test/", NULL, OK,
      "https://tracker.test/", "tracker.test" },
    { "https://example.com\\@tracker.test/", NULL, OK,
      "https://example.com/@tracker.test/", "example.com" },
    { "https://example.com/@tracker.test/", NULL, OK,
      "https://example.com/@tracker.test/", "example.com" },
    { "https://example.com?@tracker.test/", NULL, OK,
      "https://example.com/?@tracker.test/", "example.com" },
    { "https://example.com#@tracker.test/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://[@tracker.test/", NULL, OK,
      "https://tracker.test/", "tracker.test" },
    { "https://u@/", NULL, INVALID, NULL, NULL },
    { "https://u@", NULL, INVALID, NULL, NULL },
    { "https://u@:80/", NULL, INVALID, NULL, NULL },
    { "https://u%40tracker.test/", NULL, INVALID, NULL, NULL },

    /* ports */

    { "https://example.com:443/", NULL, OK,
      "https://example.com/", "example.com" },
    { "http://example.com:80/", NULL, OK,
      "http://example.com/", "example.com" },
    { "ws://example.com:80/", NULL, OK, "ws://example.com/", "example.com" },
    { "wss://example.com:443/", NULL, OK,
      "wss://example.com/", "example.com" },
    { "ftp://example.com:21/", NULL, OK, "ftp://example.com/", "example.com" },
    { "https://example.com:/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://example.com:8443/", NULL, OK,
      "https://example.com:8443/", "example.com" },
    { "https://example.com:80/", NULL, OK,
      "https://example.com:80/", "example.com" },
    { "http://example.com:443/", NULL, OK,
      "http://example.com:443/", "example.com" },
    { "https://example.com:00443/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://example.com:0/", NULL, OK,
      "https://example.com:0/", "example.com" },
    { "https://example.com:65535/", NULL, OK,
      "https://example.com:65535/", "example.com" },
    { "https://example.com:65536/", NULL, INVALID, NULL, NULL },
    { "https://example.com:4294967739/", NULL, INVALID, NULL, NULL },
    { "https://example.com:18446744073709552059/", NULL, INVALID, NULL, NULL },
    { "https://example.com:80a/", NULL, INVALID, NULL, NULL },
    { "https://example.com:-1/", NULL, INVALID, NULL, NULL },
    { "https://example.com: 80/", NULL, INVALID, NULL, NULL },
    { "https://example.com:80:80/", NULL, INVALID, NULL, NULL },
    { "https://example.com:%38/", NULL, INVALID, NULL, NULL },
    { "https://:443/", NULL, INVALID, NULL, NULL },
    { "https://example.com:443?q", NULL, OK,
      "https://example.com/?q", "example.com" },
    { "https://example.com:8443#f", NULL, OK,
      "https://example.com:8443/", "example.com" },
    { "https://example.com:8443\\x", NULL, OK,
      "https://example.com:8443/x", "example.com" },

    /* paths */

    { "https://h.test/a/./b", NULL, OK, "https://h.test/a/b", "h.test" },
    { "https://h.test/a/../b", NULL, OK, "https://h.test/b", "h.test" },
    { "https://h.test/a/b/..", NULL, OK, "https://h.test/a/", "h.test" },
    { "https://h.test/a/b/.", NULL, OK, "https://h.test/a/b/", "h.test" },
    { "https://h.test/../../x", NULL, OK, "https://h.test/x", "h.test" },
    { "https://h.test/a/%2e/b", NULL, OK, "https://h.test/a/b", "h.test" },
    { "https://h.test/a/%2E%2e/b", NULL, OK, "https://h.test/b", "h.test" },
    { "https://h.test/a/.%2e/b", NULL, OK, "https://h.test/b", "h.test" },
    { "https://h.test/a/%2e./b", NULL, OK, "https://h.test/b", "h.test" },
    { "https://h.test/a/%2e%2e%2e/b", NULL, OK,
      "https://h.test/a/%2e%2e%2e/b", "h.test" },
    { "https://h.test/a/.\t./b", NULL, OK, "https://h.test/b", "h.test" },
    { "https://h.test/a/%\n2e./b", NULL, OK, "https://h.test/b", "h.test" },
    { "https://h.test/a/...", NULL, OK, "https://h.test/a/...", "h.test" },
    { "https://h.test/a/.b", NULL, OK, "https://h.test/a/.b", "h.test" },
    { "https://h.test/a/.b/..", NULL, OK, "https://h.test/a/", "h.test" },
    { "https://h.test/a/..b", NULL, OK, "https://h.test/a/..b", "h.test" },
    { "https://h.test/a//../b", NULL, OK, "https://h.test/a/b", "h.test" },
    { "https://h.test//a//", NULL, OK, "https://h.test//a//", "h.test" },
    { "https://h.test/a\\b\\..\\c", NULL, OK, "https://h.test/a/c", "h.test" },
    { "https://h.test/..?x", NULL, OK, "https://h.test/?x", "h.test" },
    { "https://h.test/a/..#f", NULL, OK, "https://h.test/", "h.test" },
    { "https://h.test/a?/../b", NULL, OK, "https://h.test/a?/../b", "h.test" },
    { "https://h.test/a b\"<>`{}^|", NULL, OK,
      "https://h.test/a%20b%22%3C%3E%60%7B%7D%5E|", "h.test" },
    { "https://h.test/?a b\"<>'`{}^|", NULL, OK,
      "https://h.test/?a%20b%22%3C%3E%27`{}^|", "h.test" },
    { "https://h.test/!$&'()*+,-.:;=@[]_~", NULL, OK,
      "https://h.test/!$&'()*+,-.:;=@[]_~", "h.test" },
    { "https://h.test/%zz%4", NULL, OK, "https://h.test/%zz%4", "h.test" },
    { "https://h.test/%41%2f", NULL, OK, "https://h.test/%41%2f", "h.test" },
    { "https://h.test/\u00e9?\u00e9", NULL, OK,
      "https://h.test/%C3%A9?%C3%A9", "h.test" },
    { "https://h.test/\177\001?\177\001", NULL, OK,
      "https://h.test/%7F%01?%7F", "h.test" },
    { "https://h.test/C|/../x", NULL, OK, "https://h.test/x", "h.test" },
    { "https://h.test/..;/x", NULL, OK, "https://h.test/..;/x", "h.test" },
    { "https://h.test/a?b?c", NULL, OK, "https://h.test/a?b?c", "h.test" },

    /* hosts that are written otherwise */

    { "https://%65xample.com/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://example%2ecom/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://example%2Ecom/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://ex%61mpl%65%2E%63om/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45\uff0e\uff43"
      "\uff4f\uff4d/",
      NULL, OK,
      "https://example.com/", "example.com" },
    { "https://\uff25\uff38\uff21\uff2d\uff30\uff2c\uff25.com/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://example\u3002com/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://example\uff61com/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://exam\u00adple.com/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://exam\u200bple.com/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://exam\u2060ple.com/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://exam\ufe0fple.com/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://\ufeffexample.com/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://exam%C2%ADple.com/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://exam%c2%\tadple.com/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://%EF%BD%85xample.com/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://\u212fxample.com/", NULL, OK,
      "https://example.com/", "example.com" },
    { "https://\U0001d522\U0001d535\U0001d51e\U0001d52a\U0001d52d"
      "\U0001d529\U0001d522.com/",
      NULL, OK,
      "https://example.com/", "example.com" },
    { "https://\ufb01ne.test/", NULL, OK, "https://fine.test/", "fine.test" },
    { "https://\u2460.test/", NULL, OK, "https://1.test/", "1.test" },
    { "https://example.com./", NULL, OK,
      "https://example.com./", "example.com" },
    { "https://example%2ecom%2e/x", NULL, OK,
      "https://example.com./x", "example.com" },
    { "https://example.com../", NULL, OK,
      "https://example.com../", "example.com." },
    { "https://a..b/", NULL, OK, "https://a..b/", "a..b" },
    { "https://.a/", NULL, OK, "https://.a/", ".a" },

    /* international hosts */

    { "https://fa\u00df.de/", NULL, OK,
      "https://xn--fa-hia.de/", "xn--fa-hia.de" },
    { "https://FA\u00df.de/", NULL, OK,
      "https://xn--fa-hia.de/", "xn--fa-hia.de" },
    { "https://FA\u1e9e.de/", NULL, OK,
      "https://xn--fa-hia.de/", "xn--fa-hia.de" },
    { "https://b\u00fccher.example/", NULL, OK,
      "https://xn--bcher-kva.example/", "xn--bcher-kva.example" },
    { "https://B\u00dcCHER.example/", NULL, OK,
      "https://xn--bcher-kva.example/", "xn--bcher-kva.example" },
    { "https://bu\u0308cher.example/", NULL, OK,
      "https://xn--bcher-kva.example/", "xn--bcher-kva.example" },
    { "https://b%C3%BCcher.example/", NULL, OK,
      "https://xn--bcher-kva.example/", "xn--bcher-kva.example" },
    { "https://xn--bcher-kva.example/", NULL, OK,
      "https://xn--bcher-kva.example/", "xn--bcher-kva.example" },
    { "https://XN--BCHER-KVA.example/", NULL, OK,
      "https://xn--bcher-kva.example/", "xn--bcher-kva.example" },
    { "https://\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444/", NULL, OK,
      "https://xn--e1afmkfd.xn--p1ai/", "xn--e1afmkfd.xn--p1ai" },
    { "https://\u4f8b\u3048\u3002\u30c6\u30b9\u30c8/", NULL, OK,
      "https://xn--r8jz45g.xn--zckzah/", "xn--r8jz45g.xn--zckzah" },
    { "https://\u03c2\u03af\u03c3\u03c5\u03c6\u03bf\u03c2.gr/", NULL, OK,
      "https://xn--kxa6ahcdmh.gr/", "xn--kxa6ahcdmh.gr" },
    { "https://\u0130.test/", NULL, OK,
      "https://xn--i-9bb.test/", "xn--i-9bb.test" },
    { "https://\u2603.test/", NULL, OK,
      "https://xn--n3h.test/", "xn--n3h.test" },
    { "https://\U0001f355.ws/", NULL, OK,
      "https://xn--vi8h.ws/", "xn--vi8h.ws" },
    { "https://ab--\u00fc.test/", NULL, OK,
      "https://xn--ab---3ra.test/", "xn--ab---3ra.test" },
    { "https://-\u00dc-.test/", NULL, OK,
      "https://xn-----xka.test/", "xn-----xka.test" },
    { "https://r3---sn-\ufb01.test/", NULL, OK,
      "https://r3---sn-fi.test/", "r3---sn-fi.test" },
    { "https://a.\u00fc..b/", NULL, OK,
      "https://a.xn--tda..b/", "a.xn--tda..b" },
    { "https://\u00df\u2603.test/", NULL, OK,
      "https://xn--zca031q.test/", "xn--zca031q.test" },
    { "https://\U00031350.test/", NULL, OK,
      "https://xn--8o8n.test/", "xn--8o8n.test" },

    /* characters newer than many a libidn2 */

    { "https://\U0001ccd6\U0001ccef\U0001ccf0.test/", NULL, OK,
      "https://az0.test/", "az0.test" },
    { "https://a\U0001ccf9/", NULL, OK, "https://a9/", "a9" },
    { "https://\U0001ccf3/", NULL, OK, "https://0.0.0.3/", "0.0.0.3" },
    { "https://track\u206aer.test/", NULL, OK,
      "https://tracker.test/", "tracker.test" },

    /* hosts that browsers refuse by rules that we need not know */

    { "https://1\u05d0.test/", NULL, OK,
      "https://xn--1-0hc.test/", "xn--1-0hc.test" },
    { "https://xn--a.test/", NULL, OK, "https://xn--a.test/", "xn--a.test" },
    { "https://xn--a.\u00fc.test/", NULL, OK,
      "https://xn--a.xn--tda.test/", "xn--a.xn--tda.test" },
    { "https://\u0301a.test/", NULL, OK,
      "https://xn--a-wbb.test/", "xn--a-wbb.test" },

    /* nothing but the root */

    { "https://./", NULL, INVALID, NULL, NULL },
    { "https://\u3002/", NULL, INVALID, NULL, NULL },

    /* hosts that are none */

    { "https://exa mple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa%20mple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa<mple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa>mple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa^mple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa|mple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa%mple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa%25mple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa%2fmple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa%3ample.com/", NULL, INVALID, NULL, NULL },
    { "https://exa%40mple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa%00mple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa%09mple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa%7fmple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa\177mple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa\037mple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa]mple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa[mple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa\uff05mple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa\uff0fmple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa\uff1fmple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa\uff20mple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa\u2100mple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa\ufffdmple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa%ffmple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa%C3mple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa%C0%AEmple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa%ED%A0%80mple.com/", NULL, INVALID, NULL, NULL },
    { "https://exa%F4%90%80%80mple.com/", NULL, INVALID, NULL, NULL },
    { "https://%C3/", NULL, INVALID, NULL, NULL },
    { "https://\u00ad/", NULL, INVALID, NULL, NULL },
    { "https://?x", NULL, INVALID, NULL, NULL },
    { "https://#x", NULL, INVALID, NULL, NULL },
    { "https:///", NULL, INVALID, NULL, NULL },
    { "https://a!$&'()*+,;=\"`{}~b/", NULL, OK,
      "https://a!$&'()*+,;=\"`{}~b/", "a!$&'()*+,;=\"`{}~b" },

    /* IPv4 */

    { "http://127.0.0.1/", NULL, OK, "http://127.0.0.1/", "127.0.0.1" },
    { "http://127.0.0.1./", NULL, OK, "http://127.0.0.1/", "127.0.0.1" },
    { "http://0x7f.0.0.1/", NULL, OK, "http://127.0.0.1/", "127.0.0.1" },
    { "http://0X7F.1/", NULL, OK, "http://127.0.0.1/", "127.0.0.1" },
    { "http://0177.0.0.1/", NULL, OK, "http://127.0.0.1/", "127.0.0.1" },
    { "http://017700000001/", NULL, OK, "http://127.0.0.1/", "127.0.0.1" },
    { "http://2130706433/", NULL, OK, "http://127.0.0.1/", "127.0.0.1" },
    { "http://127.1/", NULL, OK, "http://127.0.0.1/", "127.0.0.1" },
    { "http://127.0.1/", NULL, OK, "http://127.0.0.1/", "127.0.0.1" },
    { "http://1.2.65535/", NULL, OK, "http://1.2.255.255/", "1.2.255.255" },
    { "http://1.2.65536/", NULL, INVALID, NULL, NULL },
    { "http://1.16777215/", NULL, OK,
      "http://1.255.255.255/", "1.255.255.255" },
    { "http://1.16777216/", NULL, INVALID, NULL, NULL },
    { "http://4294967295/", NULL, OK,
      "http://255.255.255.255/", "255.255.255.255" },
    { "http://4294967296/", NULL, INVALID, NULL, NULL },
    { "http://99999999999999999999999/", NULL, INVALID, NULL, NULL },
    { "http://256.1.1.1/", NULL, INVALID, NULL, NULL },
    { "http://1.2.3.256/", NULL, INVALID, NULL, NULL },
    { "http://1.2.3.4.5/", NULL, INVALID, NULL, NULL },
    { "http://1.2.3.08/", NULL, INVALID, NULL, NULL },
    { "http://08/", NULL, INVALID, NULL, NULL },
    { "http://0x/", NULL, OK, "http://0.0.0.0/", "0.0.0.0" },
    { "http://0x./", NULL, OK, "http://0.0.0.0/", "0.0.0.0" },
    { "http://0xg/", NULL, OK, "http://0xg/", "0xg" },
    { "http://a.0x1/", NULL, INVALID, NULL, NULL },
    { "http://a.1/", NULL, INVALID, NULL, NULL },
    { "http://1..2/", NULL, INVALID, NULL, NULL },
    { "http://1.2.3./", NULL, OK, "http://1.2.0.3/", "1.2.0.3" },
    { "http://1./", NULL, OK, "http://0.0.0.1/", "0.0.0.1" },
    { "http://1../", NULL, OK, "http://1../", "1." },
    { "http://0000000000000000000000000000001/", NULL, OK,
      "http://0.0.0.1/", "0.0.0.1" },
    { "http://\uff11\uff12\uff17\u3002\uff10.0.1/", NULL, OK,
      "http://127.0.0.1/", "127.0.0.1" },
    { "http://%31%32%37.1/", NULL, OK, "http://127.0.0.1/", "127.0.0.1" },
    { "http://1.2.3.4a/", NULL, OK, "http://1.2.3.4a/", "1.2.3.4a" },
    { "http://1.2.3.0xff/", NULL, OK, "http://1.2.3.255/", "1.2.3.255" },

    /* IPv6 */

    { "http://[::1]/", NULL, OK, "http://[::1]/", "[::1]" },
    { "http://[::]/", NULL, OK, "http://[::]/", "[::]" },
    { "http://[1::]/", NULL, OK, "http://[1::]/", "[1::]" },
    { "http://[1:2:3:4:5:6:7:8]/", NULL, OK,
      "http://[1:2:3:4:5:6:7:8]/", "[1:2:3:4:5:6:7:8]" },
    { "http://[0001:0:0:0:0:0:0:ABCD]/", NULL, OK,
      "http://[1::abcd]/", "[1::abcd]" },
    { "http://[1:0:0:2:0:0:0:3]/", NULL, OK,
      "http://[1:0:0:2::3]/", "[1:0:0:2::3]" },
    { "http://[1:0:0:2:0:0:3:4]/", NULL, OK,
      "http://[1::2:0:0:3:4]/", "[1::2:0:0:3:4]" },
    { "http://[0:1:0:1:0:1:0:1]/", NULL, OK,
      "http://[0:1:0:1:0:1:0:1]/", "[0:1:0:1:0:1:0:1]" },
    { "http://[1:2:3:4:5:6:7::]/", NULL, OK,
      "http://[1:2:3:4:5:6:7:0]/", "[1:2:3:4:5:6:7:0]" },
    { "http://[::2:3:4:5:6:7:8]/", NULL, OK,
      "http://[0:2:3:4:5:6:7:8]/", "[0:2:3:4:5:6:7:8]" },
    { "http://[::ffff:192.0.2.1]/", NULL, OK,
      "http://[::ffff:c000:201]/", "[::ffff:c000:201]" },
    { "http://[1:2:3:4:5:6:192.0.2.1]/", NULL, OK,
      "http://[1:2:3:4:5:6:c000:201]/", "[1:2:3:4:5:6:c000:201]" },
    { "http://[::1]:8080/", NULL, OK, "http://[::1]:8080/", "[::1]" },
    { "http://[::1]:80/", NULL, OK, "http://[::1]/", "[::1]" },
    { "http://u@[::1]/", NULL, OK, "http://[::1]/", "[::1]" },
    { "http://[:\t:1]/", NULL, OK, "http://[::1]/", "[::1]" },
    { "http://[::1%25eth0]/", NULL, INVALID, NULL, NULL },
    { "http://[::1%eth0]/", NULL, INVALID, NULL, NULL },
    { "http://[::1/", NULL, INVALID, NULL, NULL },
    { "http://::1]/", NULL, INVALID, NULL, NULL },
    { "http://[::1]x/", NULL, INVALID, NULL, NULL },
    { "http://[]/", NULL, INVALID, NULL, NULL },
    { "http://[:]/", NULL, INVALID, NULL, NULL },
    { "http://[:1]/", NULL, INVALID, NULL, NULL },
    { "http://[1:]/", NULL, INVALID, NULL, NULL },
    { "http://[1::2::3]/", NULL, INVALID, NULL, NULL },
    { "http://[1:::2]/", NULL, INVALID, NULL, NULL },
    { "http://[12345::]/", NULL, INVALID, NULL, NULL },
    { "http://[1:2:3:4:5:6:7]/", NULL, INVALID, NULL, NULL },
    { "http://[1:2:3:4:5:6:7:8:9]/", NULL, INVALID, NULL, NULL },
    { "http://[1:2:3:4:5:6:7:8::]/", NULL, INVALID, NULL, NULL },
    { "http://[::g]/", NULL, INVALID, NULL, NULL },
    { "http://[1:2:3:4:5:6:7:1.2.3.4]/", NULL, INVALID, NULL, NULL },
    { "http://[::1.2.3]/", NULL, INVALID, NULL, NULL },
    { "http://[::1.2.3.4.5]/", NULL, INVALID, NULL, NULL },
    { "http://[::1.2.3.256]/", NULL, INVALID, NULL, NULL },
    { "http://[::1.2.3.04]/", NULL, INVALID, NULL, NULL },
    { "http://[::1.2.3.4:5]/", NULL, INVALID, NULL, NULL },
    { "http://[::.1.2.3]/", NULL, INVALID, NULL, NULL },
    { "http://[%3a%3a1]/", NULL, INVALID, NULL, NULL },
    { "http://%5B::1]/", NULL, INVALID, NULL, NULL }
};


static uint8_t  base_buf[4096];
static uint8_t  url_buf[4096];


static consent_str_t
str(const char *text)
{
    return consent_str_make((const uint8_t *) text, strlen(text));
}


/* the input gets memory of exactly its size: nothing behind it may be read */

static int
parse(consent_url_t *url, const consent_url_t *base, const void *input,
    size_t len, uint8_t *buf, size_t size)
{
    int       rc;
    uint8_t  *copy;

    copy = malloc(len ? len : 1);

    if (copy == NULL) {
        abort();
    }

    memcpy(copy, input, len);
    rc = consent_url_parse(url, base, consent_str_make(copy, len), buf, size);
    free(copy);

    return rc;
}


static int
parse_text(consent_url_t *url, const char *base, const char *text)
{
    consent_url_t  page;

    if (base == NULL) {
        return parse(url, NULL, text, strlen(text), url_buf, sizeof(url_buf));
    }

    if (consent_url_parse(&page, NULL, str(base), base_buf, sizeof(base_buf))
        != OK)
    {
        abort();
    }

    return parse(url, &page, text, strlen(text), url_buf, sizeof(url_buf));
}


/* for the names of tests, which stay on one line; "#" means something there */

static const char *
visible(const char *text)
{
    size_t       i;
    static char  out[256];

    for (i = 0; text[i] && i < sizeof(out) - 1; i++) {
        out[i] = (text[i] > ' ' && text[i] < 0x7f && text[i] != '#') ? text[i]
                                                                     : '_';
    }

    out[i] = '\0';

    return out;
}


static void
test_cases(void)
{
    int                rc;
    size_t             i;
    consent_url_t      url;
    const url_case_t  *c;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        c = &cases[i];

        rc = parse_text(&url, c->base, c->input);

        if (rc != OK || c->rc != OK) {
            is_int(rc, c->rc, "%s: result", visible(c->input));
            continue;
        }

        is_str(url.href.data, url.href.len, c->href, "%s: href",
               visible(c->input));
        is_str(url.host.data, url.host.len, c->host, "%s: host",
               visible(c->input));
    }
}


static void
test_members(void)
{
    consent_url_t  url;

    parse_text(&url, NULL, "HTTP://u:p@Example.COM.:8080/a/../b?c#d");

    is_str(url.href.data, url.href.len, "http://example.com.:8080/b?c",
           "href keeps the dot of the root");
    is_str(url.scheme.data, url.scheme.len, "http", "scheme");
    is_str(url.host.data, url.host.len, "example.com", "host without the dot");
    is_int(url.port, 8080, "port");
    is_str(url.path.data, url.path.len, "/b?c", "path has the query");
    is_int(url.truncated, 0, "nothing was cut");

    ok(url.href.data == url_buf && url.scheme.data == url_buf,
       "scheme is in the buffer");
    ok(url.host.data == url_buf + 7, "host is in the buffer");
    ok(url.path.data + url.path.len == url.href.data + url.href.len,
       "the path ends href");

    parse_text(&url, NULL, "https://example.com:443/");
    is_int(url.port, 0, "default port");

    parse_text(&url, "http://u@example.com.:8080/x/y", "z");

    is_str(url.href.data, url.href.len, "http://example.com.:8080/x/z",
           "relative: href");
    is_str(url.scheme.data, url.scheme.len, "http", "relative: scheme");
    is_str(url.host.data, url.host.len, "example.com", "relative: host");
    is_int(url.port, 8080, "relative: port");
    ok(url.host.data == url_buf + 7 && url.scheme.data == url_buf,
       "relative: nothing points to the base");

    parse_text(&url, "http://example.com:8080/x/y", "//tracker.test/");
    is_int(url.port, 0, "the port of the base belongs to its host only");
}


/* what a C string cannot hold, or is no UTF-8 */

static void
test_bytes(void)
{
    consent_url_t  url;

    is_int(parse(&url, NULL, "https://exam\0ple.com/", 21, url_buf,
                 sizeof(url_buf)),
           INVALID, "NUL in a host");

    parse(&url, NULL, "\0 https://example.com/a\0b?\0\0", 29, url_buf,
          sizeof(url_buf));
    is_str(url.href.data, url.href.len, "https://example.com/a%00b?",
           "NUL around and in the path");

    parse_text(&url, NULL, "https://example.com/\377\300?\200");
    is_str(url.href.data, url.href.len, "https://example.com/%FF%C0?%80",
           "bytes that are no UTF-8, in path and query");

    is_int(parse_text(&url, NULL, "https://ex\377ample.com/"), INVALID,
           "a byte that is no UTF-8 in a host");
    is_int(parse_text(&url, NULL, "https://example.com\342\200/"), INVALID,
           "half a character at the end of a host");
    is_int(parse_text(&url, NULL, "https://ex\355\240\200.com/"), INVALID,
           "a surrogate in a host");

    parse_text(&url, "http://\\example.com\\a\\", "\377");
    is_str(url.href.data, url.href.len, "http://example.com/a/%FF",
           "a relative URL that is no UTF-8");
}


static void
test_hosts_that_do_not_fit(void)
{
    char           text[8 + 2048];
    consent_url_t  url;

    memcpy(text, "https://", 8);
    memset(text + 8, 'a', 2048);

    is_int(parse(&url, NULL, text, 8 + 512, url_buf, CONSENT_URL_MIN_BUFFER),
           OK, "host of 512 bytes");
    is_int((long long) url.host.len, 512, "host of 512 bytes is whole");
    is_int(url.truncated, 0, "host of 512 bytes with its path");

    is_int(parse(&url, NULL, text, 8 + 513, url_buf, CONSENT_URL_MIN_BUFFER),
           INVALID, "host of 513 bytes");
    is_int(parse(&url, NULL, text, sizeof(text), url_buf,
                 CONSENT_URL_MIN_BUFFER),
           INVALID, "host of 2 KB");

    memcpy(text + 8, "%C3%BC", 6);
    is_int(parse(&url, NULL, text, sizeof(text), url_buf,
                 CONSENT_URL_MIN_BUFFER),
           INVALID, "international label of 2 KB");

    memcpy(text + 8, "u:p@[::1]:65535", 15);
    memset(text + 23, '0', 100);
    is_int(parse(&url, NULL, text, 8 + 15 + 100, url_buf,
                 CONSENT_URL_MIN_BUFFER),
           INVALID, "port without end");

    memset(text + 8, 'a', 512);
    memcpy(text + 8 + 512, ":65535/path", 11);
    is_int(parse(&url, NULL, text, 8 + 512 + 11, url_buf,
                 CONSENT_URL_MIN_BUFFER),
           OK, "longest host with the longest port");
    is_str(url.path.data, url.path.len, "/path", "and a path");
}


/* what is passed over may not use up the room for the host */

static void
test_ignored_without_end(void)
{
    char           *text, *p;
    size_t          i;
    consent_url_t   url;

    text = malloc(LARGE + 64);

    if (text == NULL) {
        abort();
    }

    p = text;
    memcpy(p, "https://track", 13);
    p += 13;

    for (i = 0; i < LARGE / 8; i++) {
        memcpy(p, "%c2%ad\n\t", 8);
        p += 8;
    }

    memcpy(p, "er.test/x", 9);
    p += 9;

    is_int(parse(&url, NULL, text, (size_t) (p - text), url_buf,
                 CONSENT_URL_MIN_BUFFER),
           OK, "a host in a megabyte of soft hyphens");
    is_str(url.href.data, url.href.len, "https://tracker.test/x", "is found");

    free(text);
}


static void
test_long_path(void)
{
    char           text[4096];
    consent_url_t  url;

    memset(text, 'a', sizeof(text));
    memcpy(text, "https://example.com/", 20);

    is_int(parse(&url, NULL, text, CONSENT_URL_MIN_BUFFER, url_buf,
                 CONSENT_URL_MIN_BUFFER),
           OK, "path that just fits");
    is_int(url.truncated, 0, "is whole");
    is_int((long long) url.href.len, CONSENT_URL_MIN_BUFFER,
           "fills the buffer");

    is_int(parse(&url, NULL, text, CONSENT_URL_MIN_BUFFER + 1, url_buf,
                 CONSENT_URL_MIN_BUFFER),
           OK, "path of one byte more");
    is_int(url.truncated, 1, "is cut");
    is_str(url.host.data, url.host.len, "example.com", "its host is not");
    is_int((long long) url.href.len, CONSENT_URL_MIN_BUFFER,
           "and the buffer is full");

    text[1022] = ' ';
    parse(&url, NULL, text, sizeof(text), url_buf, CONSENT_URL_MIN_BUFFER);
    is_int(url.truncated, 1, "an escape that does not fit");
    is_int((long long) url.href.len, 1022, "is left out whole");

    text[1022] = 'a';
    text[1024] = '?';
    parse(&url, NULL, text, sizeof(text), url_buf, CONSENT_URL_MIN_BUFFER);
    is_int(url.truncated, 1, "a query that does not fit");
    is_int((long long) url.href.len, CONSENT_URL_MIN_BUFFER,
           "leaves the whole path");

    text[500] = '?';
    parse(&url, NULL, text, sizeof(text), url_buf, CONSENT_URL_MIN_BUFFER);
    is_int(url.truncated, 1, "a query that fits in part");
    is_int((long long) url.href.len, CONSENT_URL_MIN_BUFFER,
           "fills the buffer");

    text[500] = '#';
    parse(&url, NULL, text, sizeof(text), url_buf, CONSENT_URL_MIN_BUFFER);
    is_int(url.truncated, 0, "a long fragment cuts nothing");
    is_int((long long) url.href.len, 500, "and is not kept");
}


/* ".." takes away segments that did not fit */

static void
test_cut_segments(void)
{
    char           text[8192], *p;
    size_t         i;
    consent_url_t  url;

    memset(text, 'a', sizeof(text));
    memcpy(text, "https://example.com/k/", 22);
    memcpy(text + 4096, "/../x?y", 7);

    parse(&url, NULL, text, 4096 + 7, url_buf, CONSENT_URL_MIN_BUFFER);
    is_str(url.href.data, url.href.len, "https://example.com/k/x?y",
           "a long segment that goes again");
    is_int(url.truncated, 0, "leaves nothing cut");

    /* segments of two bytes, then as many ".." and one more */

    p = text + 22;

    for (i = 0; i < 1000; i++) {
        memcpy(p, "b/", 2);
        p += 2;
    }

    for (i = 0; i < 1001; i++) {
        memcpy(p, "../", 3);
        p += 3;
    }

    memcpy(p, "z", 1);
    p += 1;

    parse(&url, NULL, text, (size_t) (p - text), url_buf,
          CONSENT_URL_MIN_BUFFER);
    is_str(url.href.data, url.href.len, "https://example.com/z",
           "a thousand segments and back");
    is_int(url.truncated, 0, "a thousand segments: nothing cut");

    parse(&url, NULL, text, (size_t) (p - text) - 7, url_buf,
          CONSENT_URL_MIN_BUFFER);
    is_str(url.href.data, url.href.len, "https://example.com/k/b/",
           "a thousand segments and nearly back");

    parse(&url, NULL, text, (size_t) (p - text) - 3 * 200, url_buf,
          CONSENT_URL_MIN_BUFFER);
    is_int(url.truncated, 0, "back into the part that fits");
    is_int((long long) url.path.len, 3 + 2 * 200 - 1 - 1,
           "as many segments as are left");
}


/* a base that was cut, or is longer than the buffer of the URL */

static void
test_cut_base(void)
{
    char           text[4096];
    uint8_t        buf[CONSENT_URL_MIN_BUFFER];
    consent_url_t  base, url;

    memset(text, 'a', sizeof(text));
    memcpy(text, "https://example.com/", 20);

    parse(&base, NULL, text, sizeof(text), base_buf, sizeof(base_buf));
    is_int(base.truncated, 0, "long base");

    parse(&url, &base, "x", 1, buf, sizeof(buf));
    is_str(url.href.data, url.href.len, "https://example.com/x",
           "beside a long base");
    is_int(url.truncated, 0, "which is not used");

    parse(&url, &base, "", 0, buf, sizeof(buf));
    is_int(url.truncated, 1, "a long base that is used is cut");
    is_int((long long) url.href.len, sizeof(buf), "to the buffer");

    text[4000] = '/';
    parse(&base, NULL, text, sizeof(text), base_buf, sizeof(base_buf));

    parse(&url, &base, "../x", 4, buf, sizeof(buf));
    is_str(url.href.data, url.href.len, "https://example.com/x",
           "above a directory that does not fit");
    is_int(url.truncated, 0, "nothing of it is cut");

    parse(&base, NULL, text, sizeof(text), base_buf, 1024);
    is_int(base.truncated, 1, "base that is cut");

    parse(&url, &base, "x", 1, url_buf, sizeof(url_buf));
    is_int(url.truncated, 1, "its directory cannot be known");

    parse(&url, &base, "/x", 2, url_buf, sizeof(url_buf));
    is_str(url.href.data, url.href.len, "https://example.com/x",
           "its host is known");
    is_int(url.truncated, 0, "and needs no directory");
}


static void
test_large(void)
{
    size_t              i, n;
    uint8_t            *text;
    consent_url_t       url, base;
    static const char  *fills[] = { "/", "a", "..", "/..", "%", "@", ":", "[",
                                    "\t", " ", "\\", "\303\274", "%2e/", "?",
                                    "." };

    consent_url_parse(&base, NULL, str(PAGE), base_buf, sizeof(base_buf));

    text = malloc(LARGE);

    if (text == NULL) {
        abort();
    }

    for (i = 0; i < sizeof(fills) / sizeof(fills[0]); i++) {

        for (n = 0; n < LARGE; n++) {
            text[n] = (uint8_t) fills[i][n % strlen(fills[i])];
        }

        ok(parse(&url, &base, text, LARGE, url_buf, CONSENT_URL_MIN_BUFFER)
           <= OPAQUE, "a megabyte of fill %d", (int) i);

        memcpy(text, "https://tracker.test/", 21);
        parse(&url, &base, text, LARGE, url_buf, CONSENT_URL_MIN_BUFFER);
        is_str(url.host.data, url.host.len, "tracker.test",
               "in the path behind a host");

        memcpy(text, "https://tracker.test-", 21);
        parse(&url, &base, text, LARGE, url_buf, CONSENT_URL_MIN_BUFFER);
    }

    free(text);
}


static void
test_every_prefix(void)
{
    int            rc, wrong;
    size_t         i, len;
    consent_url_t  base, url;

    wrong = 0;
    consent_url_parse(&base, NULL, str(PAGE), base_buf, sizeof(base_buf));

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {

        for (len = 0; len <= strlen(cases[i].input); len++) {
            rc = parse(&url, &base, cases[i].input, len, url_buf,
                       CONSENT_URL_MIN_BUFFER);

            if (rc == OK
                && (url.host.len == 0 || url.path.len == 0
                    || url.path.data[0] != '/'
                    || url.path.data + url.path.len
                       != url.href.data + url.href.len))
            {
                wrong++;
                diag("prefix of %d bytes of %s", (int) len,
                     visible(cases[i].input));
            }
        }
    }

    is_int(wrong, 0, "every prefix of every input is sound");
}


/* every byte in every place of a URL; what is read is read again the same */

static void
test_every_byte(void)
{
    int                 c, rc, wrong;
    char                text[64];
    size_t              i;
    uint8_t             again_buf[CONSENT_URL_MIN_BUFFER];
    consent_url_t       again, url;
    static const char   plain[] = "https://u@exa-mple.test:81/a/..?b#c";

    wrong = 0;

    for (i = 0; i < sizeof(plain) - 1; i++) {

        for (c = 0; c < 256; c++) {
            memcpy(text, plain, sizeof(plain));
            text[i] = (char) c;

            rc = parse(&url, NULL, text, sizeof(plain) - 1, url_buf,
                       CONSENT_URL_MIN_BUFFER);

            if (rc != OK) {
                continue;
            }

            rc = consent_url_parse(&again, NULL, url.href, again_buf,
                                   sizeof(again_buf));

            if (rc != OK || !consent_str_eq(url.href, again.href)
                || !consent_str_eq(url.host, again.host))
            {
                wrong++;
                diag("byte %d at %d", c, (int) i);
            }
        }
    }

    is_int(wrong, 0, "a serialised URL is read as itself");
}


int
main(void)
{
    test_cases();
    test_members();
    test_bytes();
    test_hosts_that_do_not_fit();
    test_ignored_without_end();
    test_long_path();
    test_cut_segments();
    test_cut_base();
    test_large();
    test_every_prefix();
    test_every_byte();

    return done_testing();
}
