/*
 * Copyright (C) ngx_consent_module authors
 *
 * Addresses in scripts.  Every text is searched in all ways there are and at
 * every place relative to the blocks of the fast ones, in memory of exactly
 * its size, so that the sanitizers see a byte read too many.
 */


#include <ctype.h>
#include <strings.h>

#include "tap.h"
#include "consent_mention.h"


#define BUFFER   1024
#define PLACES   67
#define RANDOM   20000


typedef struct {
    const char  *what;
    const char  *text;
    const char  *urls;      /* each with a blank behind */
} case_t;


static uint64_t                random_state = 88172645463325252U;

static consent_mention_set_t  *every;       /* host there is */
static consent_mention_set_t  *few;
static consent_mention_set_t  *set;         /* one of them */
static unsigned                ways;        /* to search */

/* those of few */

static const char *const  sought[] = {
    "example.net", "t.co", "xy.io", "cdn.tracker.com", "xn--bcher-kva.example",
    "192.0.2.1", "a-b.museum"
};

#define HOSTS  (sizeof(sought) / sizeof(sought[0]))


static const case_t  cases[] = {

    /* snippets as vendors hand them out */

    { "Google Tag Manager",
      "(function(w,d,s,l,i){w[l]=w[l]||[];w[l].push({'gtm.start':new Date()."
      "getTime(),event:'gtm.js'});j.async=true;j.src='https://www."
      "googletagmanager.com/gtm.js?id='+i+dl;f.parentNode.insertBefore(j,f);"
      "})(window,document,'script','dataLayer','GTM-XXXX');",
      "//gtm.start //gtm.js //www.googletagmanager.com/gtm.js?id= " },
    { "Analytics with ga.js",
      "ga.src = ('https:' == document.location.protocol ? 'https://ssl' : "
      "'http://www') + '.google-analytics.com/ga.js';",
      "//google-analytics.com/ga.js " },
    { "older Analytics with document.write",
      "var gaJsHost = ((\"https:\" == document.location.protocol) ? "
      "\"https://ssl.\" : \"http://www.\");document.write(unescape("
      "\"%3Cscript src='\" + gaJsHost + \"google-analytics.com/ga.js' "
      "type='text/javascript'%3E%3C/script%3E\"));",
      "//google-analytics.com/ga.js " },
    { "analytics.js",
      "(window,document,'script','//www.google-analytics.com/analytics.js',"
      "'ga');", "//www.google-analytics.com/analytics.js " },
    { "Facebook pixel",
      "(window, document,'script',\n'https://connect.facebook.net/en_US/"
      "fbevents.js');", "//connect.facebook.net/en_US/fbevents.js " },
    { "Facebook SDK", "js.src = \"//connect.facebook.net/en_US/all.js#xfbml=1"
      "&appId=1\";", "//connect.facebook.net/en_US/all.js " },
    { "Hotjar", "r.src=t+h._hjSettings.hjid+j;})(window,document,"
      "'https://static.hotjar.com/c/hotjar-','.js?sv=');",
      "//static.hotjar.com/c/hotjar- " },
    { "Twitter", "js.src=p+'://platform.twitter.com/widgets.js';",
      "//platform.twitter.com/widgets.js " },
    { "LinkedIn", "b.src = \"https://snap.licdn.com/li.lms-analytics/"
      "insight.min.js\";",
      "//snap.licdn.com/li.lms-analytics/insight.min.js " },
    { "Clarity", "t.src=\"https://www.clarity.ms/tag/\"+i;",
      "//www.clarity.ms/tag/ " },
    { "Matomo", "var u=\"//matomo.example/\";_paq.push(['setTrackerUrl', "
      "u+'matomo.php']);", "//matomo.example/ //matomo.php " },
    { "AdRoll without slashes", "var h=(p?'https://':'http://')+"
      "\"s.adroll.com/j/roundtrip.js\"", "//s.adroll.com/j/roundtrip.js " },
    { "Quantcast", "(document.location.protocol == \"https:\" ? "
      "\"https://secure\" : \"http://edge\") + \".quantserve.com/quant.js\"",
      "//quantserve.com/quant.js " },
    { "a key in front of the host", "Sentry.init({dsn:'https://0a1b2c@o12."
      "ingest.sentry.io/34'})", "//o12.ingest.sentry.io/34 " },
    { "a key and a password", "'https://a:b@sentry.io/1'", "//sentry.io/1 " },
    { "import map", "{\"imports\":{\"x\":\"https://esm.sh/x@1.2\","
      "\"y\":\"/js/y.js\"}}", "//esm.sh/x@1.2 " },
    { "speculation rules", "{\"prefetch\":[{\"urls\":[\"https:\\/\\/"
      "shop.example.com\\/next\"]}]}", "//shop.example.com/next " },

    /* slashes in all their spellings */

    { "JSON", "{\"u\":\"https:\\/\\/www.youtube.com\\/embed\\/x\"}",
      "//www.youtube.com/embed/x " },
    { "JSON in a string", "\"{\\\"u\\\":\\\"https:\\\\/\\\\/a.example\\\\/b"
      "\\\"}\"", "//a.example/b " },
    { "one slash escaped", "'https:/\\/a.example/b'", "//a.example/b " },
    { "the other one", "'https:\\//a.example/b'", "//a.example/b " },
    { "\\x2f", "'https:\\x2f\\x2fa.example\\x2fb'", "//a.example/b " },
    { "\\x2F", "'https:\\x2F\\x2Fa.example\\x2Fb'", "//a.example/b " },
    { "\\u002f", "'https:\\u002f\\u002fa.example\\u002fb'", "//a.example/b " },
    { "\\u002F twice escaped", "'https:\\\\u002F\\\\u002Fa.example\\\\u002Fb'",
      "//a.example/b " },
    { "%2F", "'u=https%3A%2F%2Fa.example%2Fb%3Fc%3D1%26d&e=2'",
      "//a.example/b?c=1&d&e=2 " },
    { "%2f up to an encoded quote", "unescape('%3Cimg src=%22%2f%2fa.example"
      "%2fb.gif%22%3E')", "//a.example/b.gif " },
    { "%2F in a path of plain slashes", "'//a.example/b%2Fc%22'",
      "//a.example/b%2Fc%22 " },
    { "escaped hyphens", "'https\\u003A//www.google\\u002Danalytics.com/x'",
      "//www.google-analytics.com/x " },
    { "encoded hyphens", "'%2F%2Fa%2Db.example%2F'", "//a-b.example/ " },
    { "escaped ampersand", "\"\\/\\/a.example\\/b?c=1\\u0026d=\\x32\"",
      "//a.example/b?c=1&d=2 " },
    { "escaped quote ends", "\"src=\\\"//a.example/b\\\" x\"",
      "//a.example/b " },
    { "encoded NUL ends", "'%2F%2Fa.example%2Fb%00c'", "//a.example/b " },
    { "escaped newline ends", "'//a.example/b\\nc'", "//a.example/b " },
    { "code point above ASCII ends", "'//a.example/b\\u00e9c'",
      "//a.example/b " },
    { "backslashes without end", "'/\\\\\\\\\\\\\\\\\\\\\\\\/a.example/b'",
      "" },
    { "half an escape", "'\\x2f\\x2'", "" },
    { "another escape", "'\\x3f\\x2fa.example/'", "" },
    { "three slashes", "'file:///a.example/b'", "//a.example/b " },

    /* strings in parts */

    { "slashes apart", "\"//\"+\"cdn.example.com/x\"",
      "//cdn.example.com/x " },
    { "scheme apart", "'https:'+'//cdn.example.com/x'",
      "//cdn.example.com/x " },
    { "scheme cut", "'ht'+'tps://cdn.example.com/x'",
      "//cdn.example.com/x " },
    { "dot in front", "s+'.example.com/x'", "//example.com/x " },
    { "template", "`https://cdn.example.com/${id}/x`",
      "//cdn.example.com/ " },
    { "template behind the host", "`https://cdn.example.com${path}`",
      "//cdn.example.com " },
    { "template without slashes", "`cdn.example.com${path}`",
      "//cdn.example.com " },
    { "template in the host", "`https://${sub}.example.com/`", "" },
    { "template at the end of the host", "`https://cdn.example.${top}/`",
      "//cdn.example. " },

    /* what ends a host */

    { "quote", "'a.example'", "//a.example " },
    { "question mark", "'a.example?b=c'", "//a.example?b=c " },
    { "number sign", "'a.example#b'", "//a.example " },
    { "port", "'a.example:8080/b'", "//a.example:8080/b " },
    { "encoded port", "'%2f%2fa.example%3A8080%2Fb'",
      "//a.example:8080/b " },
    { "no port", "'a.example:b'", "//a.example " },
    { "too long a port", "'a.example:123456/b'", "//a.example " },
    { "end of the text", "x='//a.example", "//a.example " },
    { "end in an escape", "x='//a.example\\", "//a.example " },
    { "end in a percent escape", "x='%2F%2Fa.example%2", "//a.example " },
    { "tag in a string", "'<img src=//a.example>'", "//a.example " },
    { "attributes in a string", "'<img src=//a.example/b alt>'",
      "//a.example/b " },
    { "style in a string", "'<b style=\"background:url(//a.example/b)\">'",
      "//a.example/b) " },
    { "comma", "'//a.example,//b.example'", "//a.example //b.example " },
    { "backslash", "\"a.example\\n\"", "//a.example " },

    /* what is a host */

    { "upper case", "'//A.EXAMPLE/B'", "//A.EXAMPLE/B " },
    { "underscore", "'my_x.example'", "//my_x.example " },
    { "hyphen", "'x-y.example'", "//x-y.example " },
    { "UTF-8", "'//b\xc3\xbc" "cher.example/'",
      "//b\xc3\xbc" "cher.example/ " },
    { "UTF-8 at the end", "'//x.\xd1\x80\xd1\x84/'",
      "//x.\xd1\x80\xd1\x84/ " },
    { "Punycode", "'//x.xn--p1ai/'", "//x.xn--p1ai/ " },
    { "IPv4", "'http://192.0.2.1:81/x'", "//192.0.2.1:81/x " },
    { "dot at the end", "'//a.example./b'", "//a.example./b " },

    /* another address inside */

    { "address in a query", "'//a.example/?u=https://b.example/c'",
      "//a.example/?u=https:/ //b.example/c " },
    { "encoded address in a query", "'//a.example/?u=%2F%2Fb.example%2Fc'",
      "//a.example/?u=%2F%2Fb.example%2Fc //b.example/c " },
    { "two slashes in the path", "'//a.example//b/c'", "//a.example/ " },

    /* what is none */

    { "nothing", "", "" },
    { "a quote", "'", "" },
    { "slashes", "//", "" },
    { "escaped slashes", "%2F%2F", "" },
    { "a name", "'example'", "" },
    { "a name behind slashes", "'//localhost/x'", "" },
    { "a number", "'1.5'", "" },
    { "a version behind slashes", "'//1.5/x'", "" },
    { "an address of numbers without slashes", "'192.0.2.1'", "" },
    { "one letter", "'a.b'", "" },
    { "digits in the last label", "'a.b1'", "" },
    { "two dots", "'a..bc'", "" },
    { "dots in front", "'..a.bc/d' '../a.bc'", "" },
    { "a dot alone", "'.' './x' '.x.'", "" },
    { "a class", "'.menu'", "" },
    { "a property", "x=window.location/2", "" },
    { "a property in a comment", "//console.log(1) //a.bc=1 //a.bc[0]", "" },
    { "a comment", "// see example.com for more", "" },
    { "a property of a string", "'a'+b.cd+'e'", "" },
    { "text", "'example.com is down'", "" },
    { "a mail address", "'someone@example.com'", "" },
    { "a list", "'a.example,b.example'", "" },
    { "an expression", "/^https?:\\/\\/(www\\.)?example\\.com/", "" },
    { "a relative address", "'/js/x.js'", "" },
    { "strings of slashes", "'//' '//'", "" }
};

#define CASES  (sizeof(cases) / sizeof(cases[0]))


static unsigned
pick(unsigned n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;

    return (unsigned) ((random_state >> 11) % n);
}


/* text behind so many blanks, with nothing behind it */

static uint8_t *
place(const char *text, size_t len, size_t before)
{
    uint8_t  *p;

    p = malloc(before + len ? before + len : 1);
    if (p == NULL) {
        exit(2);
    }

    memset(p, ' ', before);
    memcpy(p + before, text, len);

    return p;
}


/* all addresses, each with a blank behind; the bytes of them */

static size_t
collect(char *to, size_t room, const uint8_t *text, size_t len, size_t size,
    unsigned way)
{
    size_t              total;
    uint8_t            *buf;
    consent_str_t       url;
    consent_filter_t    filter;
    consent_mention_t   m;

    buf = malloc(size ? size : 1);
    if (buf == NULL) {
        exit(2);
    }

    consent_mention_init(&m, set, consent_str_make(text, len));

    filter = *consent_mention_set_filter(set);
    filter.find = consent_filter_nth(way % ways);
    m.scan.filter = &filter;

    total = 0;

    while (consent_mention_next(&m, buf, size, &url)) {

        if (url.data != buf || url.len > size) {
            free(buf);
            snprintf(to, room, "(out of the buffer)");
            return total;
        }

        total += url.len;

        if (url.len + 2 <= room) {
            memcpy(to, url.data, url.len);
            to += url.len;
            *to++ = ' ';
            room -= url.len + 1;
        }
    }

    if (consent_mention_next(&m, buf, size, &url)) {
        snprintf(to, room, "(more behind the end)");
        to += strlen(to);
    }

    *to = '\0';
    free(buf);

    return total;
}


static void
test_case(const case_t *test)
{
    char      got[BUFFER];
    size_t    len, before;
    uint8_t  *text;
    unsigned  way;

    len = strlen(test->text);

    for (before = 0; before < PLACES; before++) {
        text = place(test->text, len, before);

        for (way = 0; way < ways; way++) {
            collect(got, sizeof(got), text, before + len, BUFFER, way);

            if (strcmp(got, test->urls) != 0) {
                is_str(got, strlen(got), test->urls, "%s, %u bytes in, way %u",
                       test->what, (unsigned) before, way);
                free(text);
                return;
            }
        }

        free(text);
    }

    ok(1, "%s", test->what);
}


/* what is cut off anywhere behind a host does not change the host */

static void
test_sizes(void)
{
    char                got[BUFFER];
    size_t              size;
    unsigned            wrong;

    static const char   text[] = "'//cdn.example.com:8080/a/b?c' '%2F%2F"
                                 "b-c.example%2Fd' 's.example/e'";
    static const char  *full[] = { "//cdn.example.com:8080/a/b?c",
                                   "//b-c.example/d", "//s.example/e" };
    static const size_t  hosts[] = { 17, 13, 11 };

    wrong = 0;

    for (size = 0; size < 64; size++) {
        char      want[BUFFER];
        size_t    len, cut;
        unsigned  i;

        for (len = 0, i = 0; i < 3; i++) {
            cut = strlen(full[i]);

            if (size < hosts[i]) {
                continue;
            }

            cut = cut < size ? cut : size;

            memcpy(want + len, full[i], cut);

            /* no part of a port, but the path */

            if (i == 0 && cut < 22) {
                memcpy(want + len + 17, "/a/b", cut - 17);
            }

            len += cut;
            want[len++] = ' ';
        }

        want[len] = '\0';

        for (i = 0; i < 2; i++) {
            collect(got, sizeof(got), (const uint8_t *) text,
                    sizeof(text) - 1, size, i);

            if (strcmp(got, want) != 0) {
                wrong++;
                diag("size %u: \"%s\", not \"%s\"", (unsigned) size, got,
                     want);
            }
        }
    }

    is_int((long long) wrong, 0, "every size of the buffer");
}


/* host names as long as DNS has them, and longer */

static void
test_long(void)
{
    char      got[BUFFER], text[BUFFER];
    size_t    len, n;
    unsigned  form, right;

    right = 0;

    for (n = 240; n < 270; n++) {
        for (form = 0; form < 2; form++) {
            len = (size_t) snprintf(text, sizeof(text), "%s",
                                    form ? "'//" : "'");
            memset(text + len, 'a', n);
            memcpy(text + len + n - 8, ".example", 8);
            len += n;
            text[len++] = '\'';

            collect(got, sizeof(got), (uint8_t *) text, len, BUFFER, form);

            right += (n <= 253) ? strlen(got) == n + 3 : got[0] == '\0';
        }
    }

    is_int((long long) right, 60, "hosts up to 253 bytes");
}


/* a text out of what matters to the search */

static size_t
random_text(char *to, size_t room)
{
    size_t       len, n;
    unsigned     pieces;
    const char  *piece;

    static const char *const  all[] = {
        "'", "\"", "`", "/", "//", "\\/", "\\/\\/", "%2F", "%2f%2F", "\\x2f",
        "\\u002F", "\\", "%", "2f", ".", ".", "a", "bc", "x-y", "_", "com",
        "a.example", "cdn.example.com", "/p/q", "?", "#", ":", ":80", "(",
        "=", " ", "[", "]", "${", "}", "@", ",", "\n", "\xc3\xbc", "\x80",
        "1", "192.0.2.1", "function", "return document.body", "https:"
    };

    len = 0;

    for (pieces = pick(60); pieces > 0; pieces--) {
        piece = all[pick(sizeof(all) / sizeof(all[0]))];
        n = strlen(piece);

        if (len + n > room) {
            break;
        }

        memcpy(to + len, piece, n);
        len += n;
    }

    return len;
}


/*
 * Both searches agree; blanks in front change nothing, and what stands
 * before or behind hides no address.
 */

static void
test_random(void)
{
    char      text[1100], simd[BUFFER * 4], other[BUFFER * 4];
    size_t    len, before;
    uint8_t  *p;
    unsigned  i, differ, moved, lost, found;

    static const char  address[] = " 'https://t.example.net/z' ";

    differ = 0;
    moved = 0;
    lost = 0;
    found = 0;

    for (i = 0; i < RANDOM; i++) {
        len = random_text(text, 500);
        p = place(text, len, 0);

        collect(simd, sizeof(simd), p, len, 64, 0);
        collect(other, sizeof(other), p, len, 64, ways - 1);
        free(p);

        differ += strcmp(simd, other) != 0;
        found += simd[0] != '\0';

        before = pick(130);
        p = place(text, len, before);
        collect(other, sizeof(other), p, before + len, 64, i);
        free(p);

        moved += strcmp(simd, other) != 0;

        memcpy(text + len, address, sizeof(address) - 1);
        len += sizeof(address) - 1;
        len += random_text(text + len, 500);
        p = place(text, len, 0);
        collect(other, sizeof(other), p, len, 64, i);
        free(p);

        lost += strstr(other, "//t.example.net/z ") == NULL;
    }

    is_int((long long) differ, 0, "with and without SIMD the same");
    is_int((long long) moved, 0, "the same behind blanks");
    is_int((long long) lost, 0, "found whatever stands around it");
    ok(found > RANDOM / 10, "the random texts name addresses");
}


/* any bytes at all: for the sanitizers, and both searches agree */

static void
test_noise(void)
{
    char      a[BUFFER * 8], b[BUFFER * 8];
    size_t    len, k;
    uint8_t  *p;
    unsigned  i, differ;

    differ = 0;

    for (i = 0; i < RANDOM / 4; i++) {
        len = pick(300);
        p = place("", 0, len);

        for (k = 0; k < len; k++) {
            p[k] = (uint8_t) (pick(3) ? "'/.ab\\%2Fxu0\"@:"[pick(15)]
                                      : (char) pick(256));
        }

        collect(a, sizeof(a), p, len, pick(300), 0);
        collect(b, sizeof(b), p, len, 300, ways - 1);
        collect(a, sizeof(a), p, len, 300, 0);
        free(p);

        differ += strcmp(a, b) != 0;
    }

    is_int((long long) differ, 0, "noise, with and without SIMD the same");
}


/* what is written for a text is little more than the text, however made */

static void
test_linear(void)
{
    char       *text, *got;
    size_t      len, n, most;
    unsigned    i, way;

    static const char *const  hostile[] = {
        "//a.bc", "'a.bc/", "%2F%2Fa.bc", "//a.bc/%2F%2Fa.bc/",
        "\\u002f\\u002fa.bc", "\\/\\/a.bc\\/", "'.a.bc/x", "a@//a.bc",
        "//a.bc/?", "`a.bc${", "\\x2f\\x2fa.bc/%2f%2fa.bc"
    };

    len = 65536;
    text = malloc(len);
    got = malloc(len * 4);

    if (text == NULL || got == NULL) {
        exit(2);
    }

    for (i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        n = strlen(hostile[i]);
        most = 0;

        for (way = 0; way < ways; way++) {
            size_t  k, total;

            for (k = 0; k < len; k++) {
                text[k] = hostile[i][k % n];
            }

            total = collect(got, len * 4, (uint8_t *) text, len, 4096,
                            way);
            most = total > most ? total : most;
        }

        ok(most > 0 && most <= 2 * len, "%s... again and again: %u bytes",
           hostile[i], (unsigned) most);
    }

    free(text);
    free(got);
}


/* of a list of addresses those on one of the few hosts */

static void
select_few(char *list)
{
    char    *to, *p, *end, *host;
    size_t   i, len, n;

    to = list;

    for (p = list; (end = strchr(p, ' ')) != NULL; p = end + 1) {
        host = p + 2;
        len = strcspn(host, ":/? ");
        len -= (len && host[len - 1] == '.');

        for (i = 0; i < HOSTS; i++) {
            n = strlen(sought[i]);

            if (len >= n && strncasecmp(host + len - n, sought[i], n) == 0
                && (len == n || host[len - n - 1] == '.'))
            {
                break;
            }
        }

        if (i < HOSTS) {
            n = (size_t) (end + 1 - p);
            memmove(to, p, n);
            to += n;
        }
    }

    *to = '\0';
}


/* a byte in one of its spellings */

static size_t
spell(char *to, char c)
{
    int  byte;

    byte = (unsigned char) c;

    switch (pick(48)) {

    case 0:
        return (size_t) snprintf(to, 8, "\\x%02x", byte);

    case 1:
        return (size_t) snprintf(to, 8, "\\u%04x", byte);

    case 2:
        return (size_t) snprintf(to, 8, "\\\\u%04X", byte);

    case 3:
        return (size_t) snprintf(to, 8, "%%%02X", byte);

    case 4:
        *to = (char) toupper(byte);
        return 1;

    default:
        *to = c;
        return 1;
    }
}


/* what is looked for alone is found as among all others */

static void
test_few(void)
{
    char         text[4096], all[BUFFER * 8], some[BUFFER * 8];
    size_t       len;
    uint8_t     *p;
    unsigned     i, k, differ, found;
    const char  *host;

    static const char *const  fronts[] = { "'", "'.", "//", "'https://www.",
                                           "\\/\\/", "%2F%2Fwww%2E",
                                           "\\x2f\\x2f", "//u:p@" };
    static const char *const  backs[] = { "'", "/a.js'", ".'", "?x'", ":80/'",
                                          "%2Fa", "\\/a'", "x'", "-y.com'" };

    differ = 0;
    found = 0;

    for (i = 0; i < RANDOM; i++) {
        len = 0;

        for (k = pick(6); k > 0; k--) {
            len += random_text(text + len, 100);
            len += (size_t) snprintf(text + len, 32, " %s",
                                     fronts[pick(8)]);

            for (host = sought[pick(HOSTS)]; *host; host++) {
                len += spell(text + len, *host);
            }

            len += (size_t) snprintf(text + len, 32, "%s",
                                     backs[pick(9)]);
        }

        p = place(text, len, 0);

        set = every;
        collect(all, sizeof(all), p, len, 200, 0);
        select_few(all);

        set = few;
        collect(some, sizeof(some), p, len, 200, i);
        select_few(some);
        set = every;

        free(p);

        found += all[0] != '\0';

        if (strcmp(all, some) != 0 && differ++ == 0) {
            diag("in \"%.*s\"\n", (int) len, text);
            diag("among all: %s", all);
            diag("alone:     %s", some);
        }
    }

    is_int((long long) differ, 0, "few hosts are found as among all");
    ok(found > RANDOM / 2, "the random texts name them");
}


static void
make_sets(void)
{
    size_t  i;

    every = consent_mention_set_create(test_mem(), 0);
    few = consent_mention_set_create(test_mem(), HOSTS);

    if (every == NULL || few == NULL) {
        exit(2);
    }

    for (i = 0; i < HOSTS; i++) {
        consent_mention_set_add(few, consent_str_make(
                          (const uint8_t *) sought[i], strlen(sought[i])));
    }

    consent_mention_set_add_all(every);
    consent_mention_set_ready(every);
    consent_mention_set_ready(few);

    set = every;

    while (consent_filter_nth(ways) != NULL) {
        ways++;
    }
}


int
main(void)
{
    size_t  i;

    make_sets();

    for (i = 0; i < CASES; i++) {
        test_case(&cases[i]);
    }

    test_sizes();
    test_long();
    test_random();
    test_noise();
    test_linear();
    test_few();

    test_mem_free();

    return done_testing();
}
