/*
 * Copyright (C) ngx_consent_module authors
 *
 * Entity-tags: lists, the envelope and back, byte for byte.
 */


#include "consent_etag.h"
#include "tap.h"


#define VARIANT  0x0badcafe
#define OTHER    0x0badcaff
#define ROUNDS   20000

#define nelts(a)  (sizeof(a) / sizeof((a)[0]))

/* texts of the tables may hold NULs */

#define text(literal)  { sizeof(literal) - 1, (const uint8_t *) (literal) }


typedef struct {
    const char     *list;
    const char     *want;       /* <weak><odd>raw, each in angle brackets */
} walk_test_t;


typedef struct {
    consent_str_t   value;
    const char     *unchanged;  /* the envelope around the same body */
    const char     *changed;    /* NULL: the same */
} wrap_test_t;


typedef struct {
    const char     *list;
    const char     *keep;       /* If-None-Match, other tags are kept */
    const char     *drop;       /* and dropped */
    const char     *match;      /* If-Match, of a change */
} list_test_t;


static void test_walk(void);
static void test_wrap(void);
static void test_wrap_limits(void);
static void test_origin(void);
static void test_match(void);
static void test_list(void);
static void test_count(void);
static void test_random(void);
static size_t list_of(uint8_t *dst, const char *list, unsigned any,
    unsigned strong, unsigned keep);
static consent_str_t random_tag(uint8_t *dst);
static consent_str_t str(const char *text);
static uint32_t random_below(uint32_t n);


static const walk_test_t  walk_tests[] = {
    { "", "" },
    { " ", "" },
    { ",", "" },
    { " , ,\t,", "" },
    { "\"a\"", "<\"a\">" },
    { "W/\"a\"", "<W \"a\">" },
    { "\"a\",\"b\"", "<\"a\"><\"b\">" },
    { "\"a\" , W/\"b\"\t,", "<\"a\"><W \"b\">" },
    { ",, \"a\"", "<\"a\">" },
    { "\"\"", "<\"\">" },
    { "W/\"\"", "<W \"\">" },
    { "\"a,b\", \"c\"", "<\"a,b\"><\"c\">" },
    { "\"a\\\", \"b\"", "<\"a\\\"><\"b\">" },
    { "\"\xc3\xa9\"", "<\"\xc3\xa9\">" },

    /* no entity-tags, but sent as if they were */

    { "*", "<? *>" },
    { "a", "<? a>" },
    { "a, \"b\"", "<? a><\"b\">" },
    { " a b ,c", "<? a b><? c>" },
    { "w/\"a\"", "<? w/\"a\">" },
    { "W /\"a\"", "<? W /\"a\">" },
    { "W/", "<? W/>" },
    { "W/a", "<? W/a>" },
    { "W/\"", "<? W/\">" },
    { "W/W/\"a\"", "<? W/W/\"a\">" },
    { "\"", "<? \">" },
    { "\"a", "<? \"a>" },
    { "\"a, b", "<? \"a><? b>" },
    { "a\"", "<? a\">" },
    { "\"a\"b, \"c\"", "<? \"a\"b><\"c\">" },
    { "\"a\" \"b\", c", "<? \"a\" \"b\"><? c>" },
    { "\"a b\", c", "<? \"a b\"><? c>" },
    { "\"a\tb\"", "<? \"a\tb\">" },
    { "'a'", "<? 'a'>" },
};


static const wrap_test_t  wrap_tests[] = {

    { text("\"v1\""), "\"cn1.0badcafe.s.v1\"", "W/\"cn1.0badcafe.s.v1\"" },
    { text("W/\"v1\""), "W/\"cn1.0badcafe.w.v1\"", NULL },
    { text("\"\""), "\"cn1.0badcafe.s.\"", "W/\"cn1.0badcafe.s.\"" },
    { text("W/\"\""), "W/\"cn1.0badcafe.w.\"", NULL },
    { text("\"a,b\""), "\"cn1.0badcafe.s.a,b\"",
      "W/\"cn1.0badcafe.s.a,b\"" },
    { text("\"100%\""), "\"cn1.0badcafe.s.100%\"",
      "W/\"cn1.0badcafe.s.100%\"" },
    { text("\"\xc3\xa9\""), "\"cn1.0badcafe.s.\xc3\xa9\"",
      "W/\"cn1.0badcafe.s.\xc3\xa9\"" },

    /* odd ones */

    { text("v1"), "\"cn1.0badcafe.o.v1\"", "W/\"cn1.0badcafe.o.v1\"" },
    { text("v 1"), "\"cn1.0badcafe.o.v%201\"",
      "W/\"cn1.0badcafe.o.v%201\"" },
    { text("50%"), "\"cn1.0badcafe.o.50%25\"",
      "W/\"cn1.0badcafe.o.50%25\"" },
    { text("a,b"), "\"cn1.0badcafe.o.a%2Cb\"",
      "W/\"cn1.0badcafe.o.a%2Cb\"" },
    { text("\"a\"b\""), "\"cn1.0badcafe.o.%22a%22b%22\"",
      "W/\"cn1.0badcafe.o.%22a%22b%22\"" },
    { text("\""), "\"cn1.0badcafe.o.%22\"", "W/\"cn1.0badcafe.o.%22\"" },
    { text("w/\"a\""), "\"cn1.0badcafe.o.w/%22a%22\"",
      "W/\"cn1.0badcafe.o.w/%22a%22\"" },
    { text("W/a"), "\"cn1.0badcafe.o.W/a\"", "W/\"cn1.0badcafe.o.W/a\"" },
    { text("\"a b\""), "\"cn1.0badcafe.o.%22a%20b%22\"",
      "W/\"cn1.0badcafe.o.%22a%20b%22\"" },
    { text("\x01\x7f\xff"), "\"cn1.0badcafe.o.%01%7F\xff\"",
      "W/\"cn1.0badcafe.o.%01%7F\xff\"" },
    { text("\"a\", \"b\""), "\"cn1.0badcafe.o.%22a%22%2C%20%22b%22\"",
      "W/\"cn1.0badcafe.o.%22a%22%2C%20%22b%22\"" },

    /* the envelope of a server behind this one */

    { text("W/\"cn1.12345678.s.v1\""),
      "W/\"cn1.0badcafe.w.cn1.12345678.s.v1\"", NULL },
    { text("\"cn1.0badcafe.s.v1\""),
      "\"cn1.0badcafe.s.cn1.0badcafe.s.v1\"",
      "W/\"cn1.0badcafe.s.cn1.0badcafe.s.v1\"" },
};


/* no envelope of ours, whatever the variant */

static const char  *foreign_tests[] = {
    "\"v1\"",
    "\"cn1\"",
    "\"cn1.\"",
    "\"cn1.0badcafe\"",
    "\"cn1.0badcafe.s\"",
    "\"cn1.0badcafe.x.v1\"",
    "\"cn1.0badcafe.S.v1\"",
    "\"cn1.0badcafe-s-v1\"",
    "\"cn1.0BADCAFE.s.v1\"",
    "\"cn1.0badcaf.s.v1\"",
    "\"cn1.0badcafe0.s.v1\"",
    "\"cn2.0badcafe.s.v1\"",
    "\"CN1.0badcafe.s.v1\"",
    "cn1.0badcafe.s.v1",
    "\"cn1.0badcafe.s.v1",
    "w/\"cn1.0badcafe.s.v1\"",
    "\"cn1.0badcafe.s.a b\"",
    "\"cn1.0badcafe.o.\"",
    "\"cn1.0badcafe.o.*\"",
    "\"cn1.0badcafe.o.%2A\"",
    "\"cn1.0badcafe.o.%\"",
    "\"cn1.0badcafe.o.%2\"",
    "\"cn1.0badcafe.o.%2c\"",
    "\"cn1.0badcafe.o.%2X\"",
    "\"cn1.0badcafe.o.%41\"",
    "\"cn1.0badcafe.o.a,b\"",
    "\"cn1.0badcafe.o.a%00\"",
    "\"cn1.0badcafe.o.a%0D%0AX-Injected:%201\"",
    "\"cn1.0badcafe.o.a%0A\"",
    "\"cn1.0badcafe.o.a%0D\"",
    "*",
    "Mon, 01 Jan 2024 00:00:00 GMT",
};


static const list_test_t  list_tests[] = {

    /* not ours */

    { "", "", "", "" },
    { "*", "*", "", "*" },
    { "\"v1\"", "\"v1\"", "", "\"v1\"" },
    { "\"v1\",W/\"v2\" , v3", "\"v1\", W/\"v2\", v3", "",
      "\"v1\", W/\"v2\", v3" },

    /* ours, of this variant */

    { "\"cn1.0badcafe.s.v1\"", "\"v1\"", "\"v1\"", "\"v1\"" },
    { "W/\"cn1.0badcafe.s.v1\"", "\"v1\"", "\"v1\"", "W/\"v1\"" },
    { "W/\"cn1.0badcafe.w.v1\"", "W/\"v1\"", "W/\"v1\"", "W/\"v1\"" },
    { "\"cn1.0badcafe.w.v1\"", "W/\"v1\"", "W/\"v1\"", "W/\"v1\"" },
    { "\"cn1.0badcafe.o.v%201\"", "v 1", "v 1", "v 1" },
    { "W/\"cn1.0badcafe.o.v%201\"", "v 1", "v 1",
      "W/\"cn1.0badcafe.o.v%201\"" },
    { "W/\"cn1.0badcafe.s.\"", "\"\"", "\"\"", "W/\"\"" },

    /* of another one: a change does not care about that */

    { "\"cn1.00000000.s.v1\"", "\"cn1.00000000.s.v1\"", "", "\"v1\"" },
    { "W/\"cn1.00000000.s.v1\"", "W/\"cn1.00000000.s.v1\"", "",
      "W/\"v1\"" },
    { "W/\"cn1.00000000.w.v1\"", "W/\"cn1.00000000.w.v1\"", "",
      "W/\"v1\"" },

    /* all kinds together */

    { "\"a\", W/\"cn1.0badcafe.s.v1\",\"cn1.00000000.s.v2\", *",
      "\"a\", \"v1\", \"cn1.00000000.s.v2\", *", "\"v1\"",
      "\"a\", W/\"v1\", \"v2\", *" },
    { "W/\"cn1.0badcafe.s.v1\", \"b\", W/\"cn1.0badcafe.s.v2\", \"c\"",
      "\"v1\", \"b\", \"v2\", \"c\"", "\"v1\", \"v2\"",
      "W/\"v1\", \"b\", W/\"v2\", \"c\"" },
    { "a,b,c,d,e", "a, b, c, d, e", "", "a, b, c, d, e" },
};


static void
test_walk(void)
{
    size_t          i, len;
    char            got[256];
    consent_str_t   list;
    consent_etag_t  tag;

    for (i = 0; i < nelts(walk_tests); i++) {

        list = str(walk_tests[i].list);
        len = 0;
        got[0] = '\0';

        while (consent_etag_next(&list, &tag)) {

            consent_str_t  shown = tag.odd ? tag.raw : tag.opaque;

            len += (size_t) snprintf(got + len, sizeof(got) - len,
                                     tag.odd ? "<%s%.*s>" : "<%s\"%.*s\">",
                                     tag.odd ? "? " : tag.weak ? "W " : "",
                                     (int) shown.len,
                                     (const char *) shown.data);
        }

        is_str(got, len, walk_tests[i].want, "walk: %s", walk_tests[i].list);
    }
}


static void
test_wrap(void)
{
    int              weak;
    size_t           i, len, size;
    uint8_t          dst[256], back[256];
    const char      *want;
    consent_str_t    list;
    consent_etag_t   tag;

    for (i = 0; i < nelts(wrap_tests); i++) {

        for (weak = 0; weak <= 1; weak++) {

            want = (weak && wrap_tests[i].changed) ? wrap_tests[i].changed
                                                   : wrap_tests[i].unchanged;

            size = consent_etag_wrap_size(wrap_tests[i].value);
            len = consent_etag_wrap(dst, wrap_tests[i].value, VARIANT, weak);

            ok(len <= size, "wrap %zu: fits", i);
            is_str(dst, len, want, "wrap %zu: %s", i, want);

            list = consent_str_make(dst, len);

            ok(consent_etag_next(&list, &tag) && list.len == 0,
               "wrap %zu: one tag", i);
            is_int(consent_etag_origin(&tag, VARIANT), CONSENT_ETAG_CURRENT,
                   "wrap %zu: of this variant", i);
            is_int(consent_etag_origin(&tag, OTHER), CONSENT_ETAG_STALE,
                   "wrap %zu: not of another", i);

            len = consent_etag_unwrap(back, &tag);

            ok(consent_str_eq(consent_str_make(back, len),
                              wrap_tests[i].value), "wrap %zu: and back", i);
        }
    }
}


static void
test_wrap_limits(void)
{
    size_t          len, size;
    uint8_t        *value, *dst;
    consent_str_t   s;

    is_int((long long) consent_etag_wrap_size(str("")), 0, "empty: no tag");
    is_int((long long) consent_etag_wrap_size(str("*")), 0, "any: no tag");
    ok(consent_etag_wrap_size(str("**")) > 0, "two of it: a tag");

    value = malloc(CONSENT_ETAG_MAX);
    dst = malloc(CONSENT_ETAG_MAX);

    if (value == NULL || dst == NULL) {
        exit(1);
    }

    memset(value, 'x', CONSENT_ETAG_MAX);

    for (len = CONSENT_ETAG_MAX; len > 0; len--) {
        value[0] = '"';
        value[len - 1] = '"';

        s = consent_str_make(value, len);
        size = consent_etag_wrap_size(s);

        if (size) {
            break;
        }

        value[len - 1] = 'x';
    }

    ok(size <= CONSENT_ETAG_MAX && size > CONSENT_ETAG_MAX - 8,
       "the longest tag: %zu bytes", len);
    ok(consent_etag_wrap(dst, s, VARIANT, 1) <= size, "and it fits");

    memset(value, ' ', len);

    is_int((long long) consent_etag_wrap_size(s), 0,
           "too long when it is odd");

    s.len = CONSENT_ETAG_MAX / 3 - 10;
    size = consent_etag_wrap_size(s);

    ok(size > 0 && consent_etag_wrap(dst, s, VARIANT, 1) <= size,
       "a third as long fits");

    free(value);
    free(dst);
}


static void
test_origin(void)
{
    size_t          i;
    consent_str_t   list;
    consent_etag_t  tag;

    for (i = 0; i < nelts(foreign_tests); i++) {

        list = str(foreign_tests[i]);

        ok(consent_etag_next(&list, &tag)
           && consent_etag_origin(&tag, VARIANT) == CONSENT_ETAG_FOREIGN,
           "not ours: %s", foreign_tests[i]);
    }
}


static void
test_match(void)
{
    ok(consent_etag_match(str("\"a\""), str("\"a\"")), "match: strong");
    ok(consent_etag_match(str("W/\"a\""), str("\"a\"")), "match: weak");
    ok(consent_etag_match(str("W/\"a\""), str("W/\"a\"")), "match: both weak");
    ok(consent_etag_match(str("\"\""), str("W/\"\"")), "match: empty");
    ok(consent_etag_match(str("a"), str("a")), "match: odd");
    ok(!consent_etag_match(str("\"a\""), str("\"b\"")), "no match: other");
    ok(!consent_etag_match(str("\"a\""), str("a")), "no match: odd");
    ok(!consent_etag_match(str("\"a\""), str("w/\"a\"")),
       "no match: lower case");
    ok(!consent_etag_match(str(""), str("")), "no match: nothing");
}


static void
test_list(void)
{
    size_t              i, len;
    uint8_t             dst[512];
    const list_test_t  *t;

    for (i = 0; i < nelts(list_tests); i++) {
        t = &list_tests[i];

        len = list_of(dst, t->list, 0, 0, 1);
        is_str(dst, len, t->keep, "kept: %s", t->list);

        len = list_of(dst, t->list, 0, 0, 0);
        is_str(dst, len, t->drop, "dropped: %s", t->list);

        len = list_of(dst, t->list, 1, 1, 1);
        is_str(dst, len, t->match, "matched: %s", t->list);
    }
}


static size_t
list_of(uint8_t *dst, const char *list, unsigned any, unsigned strong,
    unsigned keep)
{
    consent_etag_conf_t   conf;
    consent_etag_count_t  count;

    memset(&conf, 0, sizeof(conf));
    memset(&count, 0, sizeof(count));

    conf.variant = VARIANT;
    conf.any = any & 1;
    conf.strong = strong & 1;
    conf.keep = keep & 1;

    return consent_etag_list(dst, str(list), &conf, &count);
}


static void
test_count(void)
{
    uint8_t               dst[512];
    consent_etag_conf_t   conf;
    consent_etag_count_t  count;

    static const char  list[] = "\"a\", W/\"cn1.0badcafe.s.v1\","
        " \"cn1.00000000.s.v2\", \"cn1.0badcafe.s.v3\"";

    memset(&conf, 0, sizeof(conf));
    memset(&count, 0, sizeof(count));

    conf.variant = VARIANT;

    (void) consent_etag_list(dst, str(list), &conf, &count);

    is_int(count.opened, 2, "two opened");
    is_int(count.dropped, 2, "two dropped");
    is_int(count.kept, 0, "none kept");
    is_str(count.first.data, count.first.len, "W/\"cn1.0badcafe.s.v1\"",
           "the first one");

    conf.keep = 1;

    (void) consent_etag_list(dst, str("\"x\""), &conf, &count);

    is_int(count.opened + count.dropped, 4, "counts are added to");
    is_int(count.kept, 1, "one kept");
}


/* any bytes that a header can have come back, alone and in lists */

static void
test_random(void)
{
    int             wrong, n;
    size_t          len, i;
    uint8_t         value[64], list[1024], back[2048], *p;
    consent_str_t   tag;
    uint8_t         want[1024], *w;

    wrong = 0;

    for (n = 0; n < ROUNDS; n++) {
        p = list;
        w = want;

        for (i = 0; i <= random_below(3); i++) {

            if (p != list) {
                *p++ = ',';
                *w++ = ',';
                *w++ = ' ';
            }

            tag = random_tag(value);

            p += consent_etag_wrap(p, tag, VARIANT, (int) random_below(2));

            memcpy(w, tag.data, tag.len);
            w += tag.len;
        }

        *p = '\0';

        len = list_of(back, (char *) list, 0, 0, 0);

        if (len != (size_t) (w - want) || memcmp(back, want, len) != 0) {
            diag("differs: %s", list);
            wrong++;
        }
    }

    is_int(wrong, 0, "%d lists of random tags and back", ROUNDS);
}


static consent_str_t
random_tag(uint8_t *dst)
{
    size_t   len, i;
    uint8_t  c;

    static const char  often[] = "\"\"W//,%* \tax";

    do {
        len = 1 + random_below(20);

        for (i = 0; i < len; i++) {
            do {
                c = (uint8_t) (random_below(3)
                               ? (uint8_t) often[random_below(sizeof(often)
                                                              - 1)]
                               : random_below(256));

            } while (c == '\0' || c == '\r' || c == '\n');

            dst[i] = c;
        }

    } while (consent_etag_wrap_size(consent_str_make(dst, len)) == 0);

    return consent_str_make(dst, len);
}


static consent_str_t
str(const char *text)
{
    return consent_str_make((const uint8_t *) text, strlen(text));
}


static uint32_t
random_below(uint32_t n)
{
    static uint32_t  state = 4;

    state = state * 1664525 + 1013904223;

    return (state >> 8) % n;
}


int
main(void)
{
    test_walk();
    test_wrap();
    test_wrap_limits();
    test_origin();
    test_match();
    test_list();
    test_count();
    test_random();

    return done_testing();
}
