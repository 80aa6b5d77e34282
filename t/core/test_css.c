/*
 * Copyright (C) ngx_consent_module authors
 *
 * URLs in CSS.  Every style sheet is read whole, byte by byte, cut in two at
 * every place and cut at random, each piece in memory of just its size.
 */


#include "consent_css.h"
#include "tap.h"


#define MAX_URLS  64
#define ROUNDS    20000

#define nelts(a)  (sizeof(a) / sizeof((a)[0]))


typedef struct {
    const char  *css;
    const char  *urls;          /* their text as it is written, each behind
                                   a "|"; "$" if the end ends the last one */
} css_case_t;

typedef struct {
    const char  *text;
    const char  *url;
} unescape_case_t;

typedef struct {
    size_t       start;
    size_t       end;
} place_t;

typedef struct {
    size_t       n;
    unsigned     open;          /* at the end */
    unsigned     wrong;         /* events in an order that cannot be */
    place_t      place[MAX_URLS];
} found_t;


static void test_cases(void);
static void check_case(int n, const css_case_t *test);
static void test_nul(void);
static void test_depth(void);
static void test_long(void);
static void test_random(void);
static void test_unescape(void);
static void test_unescape_sizes(void);
static void test_unescape_long(void);
static void scan(found_t *found, consent_str_t text, size_t first,
    size_t most);
static void note(found_t *found, consent_css_event_e event, size_t at);
static int same(const found_t *a, const found_t *b);
static size_t replace(uint8_t *dst, consent_str_t text,
    const found_t *found);
static int replaced(consent_str_t text, const found_t *found);
static size_t random_css(char *dst);
static uint32_t random_below(uint32_t n);
static consent_str_t str(const char *text);


static const css_case_t  cases[] = {

    /* url() without quotes */

    { "a{background:url(https://x/a.png)}", "|https://x/a.png" },
    { "url(a)url(b) url(c)", "|a|b|c" },
    { "URL(a) Url(b) uRL(c)", "|a|b|c" },
    { "url( a )", "|a" },
    { "url(\t\n\f\r a\t\n\f\r )", "|a" },
    { "url()url( )url('')url(\"\")url( '' )", "" },
    { "url(a\\)b)", "|a\\)b" },
    { "url(a\\\"b\\(c)", "|a\\\"b\\(c" },
    { "url(\\61 b)", "|\\61 b" },
    { "url(\\61  )url(c)", "|\\61 |c" },
    { "url(\\61\r\nb)", "|\\61\r\nb" },
    { "url(\\61\r\n\n)url(c)", "|\\61\r\n|c" },
    { "url(\\000061bc)", "|\\000061bc" },
    { "url(\\0000619 b)url(c)", "|\\0000619|c" },
    { "url(/*a*/)", "|/*a*/" },
    { "url(//x/y//z)", "|//x/y//z" },
    { "url(a,b;c{d}[e]@import<!--)", "|a,b;c{d}[e]@import<!--" },
    { "url(a#b?c=url)", "|a#b?c=url" },
    { "url(\xc3\xa9)", "|\xc3\xa9" },
    { "url(data:image/gif;base64,R0lGOD/+==)",
      "|data:image/gif;base64,R0lGOD/+==" },

    /* bad ones: what has begun is reported, and ")" ends them */

    { "url(a b)url(c)", "|a|c" },
    { "url(a\"b)url(c)\"", "|a|c" },
    { "url(a'b)url(c)'", "|a|c" },
    { "url(a(b)url(c))", "|a|c" },
    { "url((a)url(c)", "|c" },
    { "url(\x01" "a)url(c)", "|c" },
    { "url(a\x7f)url(c)", "|a|c" },
    { "url(a\x0b)url(c)", "|a|c" },
    { "url(a \\) \" ')url(c)", "|a|c" },
    { "url(a\\\nb)url(c)", "|a\\|c" },
    { "url(a\\\n)url(c)", "|a\\|c" },
    { "url(a \\\n)url(c)", "|a|c" },
    { "url(/**/'a')url(c)", "|/**/|c" },

    /* url() with quotes */

    { "url('a')url(\"b\")", "|a|b" },
    { "url( \n'a'\t )url(b)", "|a|b" },
    { "url('a b(c)\"d')", "|a b(c)\"d" },
    { "url(\"a\\\"b'\")", "|a\\\"b'" },
    { "url('a\\\nb\\\r\nc\\\rd\\\fe')", "|a\\\nb\\\r\nc\\\rd\\\fe" },
    { "url('\\61\nb')", "|\\61\nb" },
    { "url('\\61\r\nb')", "|\\61\r\nb" },
    { "url('\\000061\nb')", "|\\000061\nb" },
    { "url('\\0000610\nb)url(c)", "|\\0000610|c" },
    { "url('\\')')", "|\\')" },
    { "url('\\\\')url(b)", "|\\\\|b" },
    { "url('a'b 'c' format('d'))'e'", "|a" },
    { "url('a' crossorigin(x) integrity('b'))", "|a" },

    /* a newline ends a string that is none */

    { "url('a\n)url(b)", "|a|b" },
    { "url('a\rurl(b)", "|a|b" },
    { "url(\"a\f)'url(b)'", "|a" },
    { "content:'a\nurl(b)", "|b" },
    { "url('\n)url(b)", "|b" },

    /* the end of the style sheet */

    { "url(a", "|a$" },
    { "url(a ", "|a" },
    { "url(a\\", "|a\\$" },
    { "url(a\\6", "|a\\6$" },
    { "url(a\\6 ", "|a\\6 $" },
    { "url('a", "|a$" },
    { "url('a\\", "|a\\$" },
    { "url('a'", "|a" },
    { "url(", "" },
    { "url('", "" },
    { "url ", "" },
    { "@import 'a", "|a$" },
    { "image-set('a", "|a$" },
    { "url(a b", "|a" },
    { "'a", "" },
    { "/*url(a", "" },
    { "\\", "" },
    { "@", "" },
    { "", "" },

    /* the name */

    { "u\\72 l(a)", "|a" },
    { "\\75rl(a)\\75 rl(b)\\000075rl(c)", "|a|b|c" },
    { "\\55 RL(a)", "|a" },
    { "ur\\l(a)\\u\\r\\l(b)", "|a|b" },
    { "\\75\nrl(a)\\75\r\nrl(b)\\75\trl(c)", "|a|b|c" },
    { "\\75  rl(a)", "" },
    { "\\75\r\n\nrl(a)", "" },
    { "url\\28 a)", "" },
    { "url\\(a)", "" },
    { "ur\\6c\\\n(a)", "" },
    { "u\\\nrl(a)", "" },
    { "\\\nurl(a)", "|a" },
    { "url (a)", "" },
    { "url/**/(a)", "" },
    { "u/**/rl(a)", "" },
    { "/**/url(a)", "|a" },
    { "my-url(a)_url(b)xurl(c)-url(d)--url(e)", "" },
    { "url-prefix(a)urls(b)url2(c)", "" },
    { "\xc3\xa9url(a)url\xc3\xa9(b)", "" },
    { "\\e9url(a)", "" },
    { "\\e9 url(a)\\url(b)", "|b" },
    { "#url(a)", "" },
    { "#\\75rl(a)", "" },
    { "#/**/url(a)", "|a" },
    { "# url(a)", "|a" },
    { "\\#url(a)", "" },
    { "@url(a)", "" },
    { "@/**/url(a)", "|a" },
    { ".url(a):url(b)+url(c)>url(d)~url(e)*url(f)!url(g)=url(h)",
      "|a|b|c|d|e|f|g|h" },
    { "<!--url(a)-->url(b)", "|a|b" },
    { "<!-url(a)", "" },
    { "<!- -url(a)", "" },
    { "<!url(a)<url(b)<!-\\75rl(c)", "|a|b" },
    { "a\\<!--url(a)", "" },

    /* behind a number it may be the unit */

    { "1url(a)1.5url(b)+1url(c)-1url(d).5url(e)1e3url(f)1e+3url(g)", "" },
    { "1\\75rl(a)", "" },
    { "1-url(a)1--url(b)", "" },
    { "50%url(a)", "|a" },
    { "1.url(a)", "|a" },
    { "1e+url(a)", "|a" },
    { "1/url(a)", "|a" },

    /* comments and strings */

    { "/*url(a)*/url(b)/**url(c)**/url(d)/***/url(e)/*/url(f)*/", "|b|d|e" },
    { "/*'*/url(a)/*'*/", "|a" },
    { "'/*'url(a)'*/'", "|a" },
    { "'url(a)'\"url(b)\"", "" },
    { "'\\'url(a)'url(b)", "|b" },
    { "/url(a)*/", "|a" },

    /* strings that are no URLs */

    { "[href='https://x']{content:\"https://x\"}", "" },
    { "@charset 'a';@namespace 'b';@layer 'c'", "" },
    { "@namespace url(a);", "" },
    { "@namespace url('a');", "" },
    { "@namespace svg url(a);url(b)", "|b" },
    { "@namespace/**/svg/**/url( 'a' )", "" },
    { "@NameSpace s\\76g\nurl(a)", "" },
    { "@namespace;url(a)", "|a" },
    { "@namespace{url(a)", "|a" },
    { "@namespace x('a')url(b)", "|b" },
    { "@namespace 'a' url(b)", "|b" },
    { "@font-face{font-family:'a';src:local('b'),url('c')format('d')}",
      "|c" },
    { "counters(a,'b')format('c')attr(d,'e')", "" },

    /* @import */

    { "@import 'a';@import\"b\";@IMPORT\n'c';", "|a|b|c" },
    { "@import url(a);@import url('b')", "|a|b" },
    { "@import/**/'a'", "|a" },
    { "@import /*'b'*/ /**/ 'a'", "|a" },
    { "@import'a'layer('b')supports(c:'d')'e'", "|a" },
    { "@import 'a' layer(b) supports(display:grid) screen and (x:y);",
      "|a" },
    { "@import url(a) supports(background:image-set('b' 1x)) print", "|a|b" },
    { "@\\69mport 'a';@\\69 mport'b';@i\\6dport 'c';@\\import 'd'",
      "|a|b|c|d" },
    { "@\\49MPORT 'a'", "|a" },
    { "@import\\20 'a'", "" },
    { "@import\\\n'a'", "" },
    { "@imports 'a';@-import 'b';@import- 'c'", "" },
    { "@ import 'a'", "" },
    { "@/**/import 'a'", "" },
    { "@@import 'a';#@import 'b'", "|a|b" },
    { "@import x 'a'", "" },
    { "@import;'a'", "" },
    { "@import('a')", "" },
    { "@import / 'a'", "" },
    { "@import <!-- 'a'", "" },
    { "@import src('a')", "|a" },
    { "@import 'a\n';'b'", "|a" },
    { "<!--@import 'a'", "|a" },
    { "import 'a'", "" },

    /* functions with strings */

    { "src('a')SRC( /**/ \"b\" )", "|a|b" },
    { "image('a',red)image(rtl 'b')", "|a|b" },
    { "image-set('a' 1x, url(b) 2x,\"c\" type('image/png'))", "|a|b|c" },
    { "-webkit-image-set(url(a) 1x,'b' 2x)", "|a|b" },
    { "-WebKit-Image-Set('a')im\\61ge-set('b')", "|a|b" },
    { "x-image-set('a')image-sets('b')-image('c')1src('d')#image('e')", "" },
    { "image-set(/**/'a'/*'b'*/1x,/**/'c'/**/)'d'", "|a|c" },
    { "image-set('a'type('b')'c')'d'", "|a|c" },
    { "image-set(var(--x,'a') 1x)'b'", "|a" },
    { "src(var(--x,env(y,'a')))'b'", "|a" },
    { "image-set(type(('a'))'b')", "|b" },
    { "image-set(url('a' 'b')'c')'d'", "|a|c" },
    { "image-set(({[)]}'a'})'b')'c'", "|a|b" },
    { "image-set(]}'a')'b'", "|a" },
    { "image-set([)'a'])'b'", "|a" },
    { "image-set(url(a b)'c')'d'", "|a|c" },
    { "image-set('a' 1x}b;content:'c')'d'", "|a|c" },
    { "cross-fade(url(a),'b')", "|a" },
    { "cross-fade(image-set('a')50%,'b')", "|a" },
    { "foo(bar(image-set('a')'b')'c')", "|a" },
    { "image-set('')image-set('a')", "|a" },
    { "image-set(@import 'a')", "|a" },
    { "image-set('a\n'b')'c'", "|a|b" },

    { "(((((url(a))))))){}[]", "|a" },
    { "a{b:url(c);d:url('e')}@media x{f{g:url(h)}}", "|c|e|h" }
};


static const unescape_case_t  unescape_cases[] = {
    { "", "" },
    { "https://x/a?b#c", "https://x/a?b#c" },
    { "\\61", "a" },
    { "\\61 b", "ab" },
    { "\\61  b", "a b" },
    { "\\61\r\nb\\61\nc\\61\td\\61\fe\\61\rf", "abacadaeaf" },
    { "\\61\n\nb", "a\nb" },
    { "\\000061b", "ab" },
    { "\\0000061", "\x06" "1" },
    { "\\68ttps", "http" "s" },
    { "\\68\\74\\74\\70 :\\2f/", "http" "://" },
    { "\\4A\\4a", "JJ" },
    { "\\x\\y\\'\\\"\\(\\)\\\\\\ z", "xy'\"()\\ z" },
    { "a\\\nb\\\r\nc\\\rd\\\fe", "abcde" },
    { "a\\", "a" },
    { "\\e9", "\xc3\xa9" },
    { "\\20ac x", "\xe2\x82\xac" "x" },
    { "\\1f355 ", "\xf0\x9f\x8d\x95" },
    { "\\10ffff", "\xf4\x8f\xbf\xbf" },
    { "\\110000", "\xef\xbf\xbd" },
    { "\\ffffffa", "\xef\xbf\xbd" "a" },
    { "\\d800 \\dfff \\0 ", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
    { "\\d7ff \\e000", "\xed\x9f\xbf\xee\x80\x80" },
    { "\\\xc3\xa9\xc3\xa9", "\xc3\xa9\xc3\xa9" },
    { "\xff\\\xfe", "\xff\xfe" },
    { "\\g", "g" },
    { "\\ag", "\ng" }
};


/* of these random style sheets are made */

static const char  *fragments[] = {
    "url(", "URL(", "u", "rl(", "\\75", "\\75 ", "\\000075", "\\72\n", "\"",
    "'", "\"", "'", "(", ")", ")", ")", "[", "]", "{", "}", "@import",
    "@import ", "@\\69mport", "@namespace ", "@media", "/*", "*/", "/**/",
    "/", "*", "\n", " ", " ", "\f", "\r\n", "\r", "\\", "\\\n", "\\\r\n",
    "image-set(", "-webkit-image-set(", "src(", "type(", "var(",
    "https://x", "a.png", "x", "#", "#fff", "<", "!", "-", "--", "<!--",
    "-->", "1", "1e3", ".5", "+", "e", "%", "10px", ",", ";", ":", "@",
    "\xc3\xa9", "\\e9 ", "\x01", "my-url(", "url", "import", "svg", "\\)",
    "\\(", "\\28", "\\110000 ", "a-very-long-name-of-a-function-"
};

#define MAX_FRAGMENTS  16
#define MAX_RANDOM     1024


static uint32_t  random_state = 20250307;


int
main(void)
{
    test_cases();
    test_nul();
    test_depth();
    test_long();
    test_random();
    test_unescape();
    test_unescape_sizes();
    test_unescape_long();

    return done_testing();
}


static void
test_cases(void)
{
    size_t  i;

    for (i = 0; i < nelts(cases); i++) {
        check_case((int) i, &cases[i]);
    }
}


static void
check_case(int n, const css_case_t *test)
{
    char           urls[256];
    size_t         i, len, size, differ;
    found_t        whole, other;
    consent_str_t  text;

    text = str(test->css);
    scan(&whole, text, 0, 0);

    len = 0;

    for (i = 0; i < whole.n; i++) {
        size = whole.place[i].end - whole.place[i].start;

        if (size + 3 > sizeof(urls) - len) {
            break;
        }

        urls[len++] = '|';
        memcpy(urls + len, text.data + whole.place[i].start, size);
        len += size;
    }

    if (whole.open) {
        urls[len++] = '$';
    }

    is_str(urls, len, test->urls, "css %d", n);

    scan(&other, text, 0, 1);
    differ = !same(&whole, &other);

    for (i = 1; i < text.len; i++) {
        scan(&other, text, i, 0);
        differ += !same(&whole, &other);
    }

    ok(differ == 0, "css %d, cut anywhere", n);
    ok(replaced(text, &whole), "css %d, URLs replaced", n);
}


/* NUL is read as U+FFFD, which may be in a name */

static void
test_nul(void)
{
    found_t        found;
    consent_str_t  text;

    static const uint8_t  css[] = "\0url(a)url\0(b)url(\0)url('\0')url(c)";

    text = consent_str_make(css, sizeof(css) - 1);
    scan(&found, text, 0, 0);

    is_int((long long) found.n, 3, "NUL: URLs");
    is_int((long long) found.place[0].start, 18, "NUL in url()");
    is_int((long long) found.place[1].start, 25, "NUL in a string");
    is_int((long long) found.place[2].start, 32, "behind NULs");
}


static void
test_depth(void)
{
    char      css[256];
    size_t    i, len;
    found_t   found;

    /* the string is in as many functions as the stack can hold */

    for (i = 31; i <= 33; i++) {
        len = 0;

        memcpy(css, "image-set(", 10);
        len += 10;

        memset(css + len, '(', i - 1);
        len += i - 1;

        memcpy(css + len, "'a'", 3);
        len += 3;

        memset(css + len, ')', i);
        len += i;

        memcpy(css + len, "'b'", 4);

        scan(&found, str(css), 0, 0);

        is_int((long long) found.n, i <= CONSENT_CSS_MAX_DEPTH ? 1 : 2,
               "%d brackets deep", (int) i);
    }

    /* brackets outside of such functions have no limit */

    memset(css, '(', sizeof(css) - 1);
    memcpy(css + 200, "'a'image-set('b')'c'{[", 22);
    css[sizeof(css) - 1] = '\0';

    scan(&found, str(css), 0, 0);

    is_int((long long) found.n, 1, "brackets without end");
}


/* a URL of a megabyte, and as much around it */

static void
test_long(void)
{
    char           *css;
    size_t          len;
    found_t         found;
    consent_str_t   text;

    static const char  start[] = "url('data:";
    static const char  end[] = "')/*";

    len = 1024 * 1024;

    css = malloc(3 * len);
    if (css == NULL) {
        ok(0, "no memory");
        return;
    }

    memset(css, 'a', 3 * len);
    memcpy(css + len - 1, " ", 1);
    memcpy(css + len, start, sizeof(start) - 1);
    memcpy(css + 2 * len, end, sizeof(end) - 1);

    text = consent_str_make((uint8_t *) css, 3 * len);
    scan(&found, text, 0, 4096);

    ok(found.n == 1 && found.place[0].start == len + 5
       && found.place[0].end == 2 * len && !found.wrong, "long URL");

    free(css);
}


static void
test_random(void)
{
    int            i, wrong, urls;
    char           css[MAX_RANDOM];
    found_t        whole, other;
    consent_str_t  text;

    wrong = 0;
    urls = 0;

    for (i = 0; i < ROUNDS; i++) {
        text = consent_str_make((uint8_t *) css, random_css(css));

        scan(&whole, text, 0, 0);
        urls += (int) whole.n;

        scan(&other, text, 0, 1);
        wrong += !same(&whole, &other);

        scan(&other, text, 0, 5);
        wrong += !same(&whole, &other);

        scan(&other, text, 0, 40);
        wrong += !same(&whole, &other);

        wrong += !replaced(text, &whole);

        if (wrong) {
            diag("round %d: %.*s", i, (int) text.len, css);
            break;
        }
    }

    is_int(wrong, 0, "%d random style sheets, cut and replaced", ROUNDS);
    ok(urls > ROUNDS / 10, "random style sheets: many have URLs");
}


static void
test_unescape(void)
{
    size_t                  i, len;
    uint8_t                 url[64];
    const unescape_case_t  *test;

    static const uint8_t  nul[] = "a\0\\\0b";

    for (i = 0; i < nelts(unescape_cases); i++) {
        test = &unescape_cases[i];

        len = consent_css_unescape(url, sizeof(url), str(test->text));

        is_str(url, len, test->url, "unescape %d", (int) i);
    }

    len = consent_css_unescape(url, sizeof(url),
                               consent_str_make(nul, sizeof(nul) - 1));

    is_str(url, len, "a\xef\xbf\xbd\xef\xbf\xbd" "b", "unescape NUL");
}


/* what does not fit is cut, and never in the middle of an escape */

static void
test_unescape_sizes(void)
{
    size_t    size, len;
    uint8_t  *url;

    static const size_t  want[] = { 0, 1, 1, 1, 4, 5, 5, 5, 5, 9, 9 };

    for (size = 0; size < nelts(want); size++) {

        /* at least a byte, so that NULL is a failure */

        url = malloc(size ? size : 1);
        if (url == NULL) {
            ok(0, "no memory");
            return;
        }

        len = consent_css_unescape(url, size, str("a\\20ac b\\1f355"));

        ok(len == want[size] && memcmp(url, "a\xe2\x82\xac" "b\xf0\x9f\x8d"
                                       "\x95", len) == 0,
           "unescape into %d bytes", (int) size);

        free(url);
    }
}


/* escapes cut anywhere, in memory of just their size */

static void
test_unescape_long(void)
{
    int       i, wrong;
    size_t    j, n, len;
    uint8_t  *text, url[32];

    static const char  alphabet[] = "\\\\\\\\0169afg \r\n\t\"\xc3";

    wrong = 0;

    for (i = 0; i < ROUNDS; i++) {
        n = 1 + random_below(12);

        text = malloc(n);
        if (text == NULL) {
            ok(0, "no memory");
            return;
        }

        for (j = 0; j < n; j++) {
            text[j] = (uint8_t) alphabet[random_below(sizeof(alphabet))];
        }

        len = consent_css_unescape(url, sizeof(url),
                                   consent_str_make(text, n));

        /* "\0" is the longest for what it takes, and NUL alone */

        wrong += (len > 3 * n);

        free(text);
    }

    is_int(wrong, 0, "unescape: %d random texts", ROUNDS);
}


/*
 * The first piece is of length first if that is not 0; others are of random
 * length up to most, or one is all the rest if that is 0.
 */

static void
scan(found_t *found, consent_str_t text, size_t first, size_t most)
{
    size_t                pos, n;
    uint8_t              *piece;
    consent_css_t         css;
    const uint8_t        *p;
    consent_css_event_e   event;

    memset(found, 0, sizeof(found_t));
    consent_css_init(&css);

    for (pos = 0; pos < text.len; pos += n) {

        n = text.len - pos;

        if (first) {
            n = first;
            first = 0;

        } else if (most) {
            n = 1 + random_below((uint32_t) most);
        }

        if (n > text.len - pos) {
            n = text.len - pos;
        }

        piece = malloc(n);
        if (piece == NULL) {
            found->wrong = 1;
            return;
        }

        memcpy(piece, text.data + pos, n);
        p = piece;

        for ( ;; ) {
            event = consent_css_scan(&css, &p, piece + n);

            if (event == CONSENT_CSS_MORE) {
                break;
            }

            note(found, event, pos + (size_t) (p - piece));
        }

        if (p != piece + n) {
            found->wrong = 1;
        }

        free(piece);
    }

    if (consent_css_finish(&css) != (int) found->open) {
        found->wrong = 1;
    }

    if (found->open) {
        found->place[found->n++].end = text.len;
    }
}


static void
note(found_t *found, consent_css_event_e event, size_t at)
{
    if (found->n == MAX_URLS - 1
        || found->open != (event == CONSENT_CSS_URL_END))
    {
        found->wrong = 1;
        return;
    }

    if (event == CONSENT_CSS_URL_BEGIN) {
        found->open = 1;
        found->place[found->n].start = at;

    } else {
        found->open = 0;
        found->place[found->n].end = at;

        if (found->place[found->n++].start >= at) {
            found->wrong = 1;
        }
    }
}


static int
same(const found_t *a, const found_t *b)
{
    return !a->wrong && !b->wrong && a->n == b->n && a->open == b->open
           && memcmp(a->place, b->place, a->n * sizeof(place_t)) == 0;
}


/*
 * Puts another URL in the place of each: then the scanner must find as many,
 * so that nothing behind one is read in another way than before.
 */

static int
replaced(consent_str_t text, const found_t *found)
{
    size_t          i, len;
    found_t         now;
    uint8_t        *css;
    const place_t  *place;

    css = malloc(text.len + MAX_URLS * 6 + 1);
    if (css == NULL) {
        return 0;
    }

    len = replace(css, text, found);
    scan(&now, consent_str_make(css, len), 0, 0);

    for (i = 0; i < now.n; i++) {
        place = &now.place[i];

        if (place->end - place->start != 6
            || memcmp(css + place->start, "data:,", 6) != 0)
        {
            now.wrong = 1;
        }
    }

    free(css);

    return !now.wrong && now.n == found->n && now.open == found->open;
}


static size_t
replace(uint8_t *dst, consent_str_t text, const found_t *found)
{
    size_t  i, n, len, from;

    len = 0;
    from = 0;

    for (i = 0; i < found->n; i++) {
        n = found->place[i].start - from;

        memcpy(dst + len, text.data + from, n);
        len += n;

        memcpy(dst + len, "data:,", 6);
        len += 6;

        from = found->place[i].end;
    }

    memcpy(dst + len, text.data + from, text.len - from);

    return len + text.len - from;
}


static size_t
random_css(char *dst)
{
    size_t       len, n;
    uint32_t     i, parts;
    const char  *part;

    len = 0;
    parts = 1 + random_below(MAX_FRAGMENTS);

    for (i = 0; i < parts; i++) {
        part = fragments[random_below(nelts(fragments))];
        n = strlen(part);

        memcpy(dst + len, part, n);
        len += n;
    }

    return len;
}


static uint32_t
random_below(uint32_t n)
{
    random_state = random_state * 1664525 + 1013904223;

    return (random_state >> 8) % n;
}


static consent_str_t
str(const char *text)
{
    return consent_str_make((const uint8_t *) text, strlen(text));
}
