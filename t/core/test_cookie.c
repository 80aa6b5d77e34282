/*
 * Copyright (C) ngx_consent_module authors
 *
 * consent_cookie.h: the walk, the filter, Set-Cookie lines and dates.
 */


#include "tap.h"
#include "consent_cookie.h"

#include <time.h>


#define NOW        1700000000       /* Tue, 14 Nov 2023 22:13:20 GMT */
#define DAY        86400
#define TOMORROW   "Wed, 15 Nov 2023 22:13:20 GMT"

#define LONG_LEN   8192
#define ROUNDS     20000

#define nelts(table)  (sizeof(table) / sizeof((table)[0]))

/* texts of the tables may hold NULs */

#define text(literal)  { sizeof(literal) - 1, (const uint8_t *) (literal) }


typedef struct {
    consent_str_t   in;
    const char     *want;
} pair_test_t;


typedef struct {
    const char     *in;
    const char     *drop;       /* names between blanks */
    const char     *want;
    unsigned        removed;
} filter_test_t;


/* want is NULL where the line is to stay as it is */

typedef struct {
    const char     *line;
    const char     *want;
} line_test_t;


typedef struct {
    consent_str_t   in;
    int             rc;
    int64_t         want;
} date_test_t;


typedef size_t (*line_pt)(uint8_t *dst, consent_str_t line);


static const pair_test_t  walk_tests[] = {
    { text(""), "" },
    { text(";"), "" },
    { text(" \t ;; ; \t"), "" },
    { text("a=b"), "<a|b>" },
    { text("a=b; c=d"), "<a|b><c|d>" },
    { text("a=b;c=d"), "<a|b><c|d>" },
    { text(";a=b;;c=d;"), "<a|b><c|d>" },
    { text("  a=b  ;\t c=d\t"), "<a|b><c|d>" },
    { text("a = b"), "<a|b>" },
    { text("a\t=\tb"), "<a|b>" },
    { text("a=b=c"), "<a|b=c>" },
    { text("a=="), "<a|=>" },
    { text("a="), "<a|>" },
    { text("a= ; b=1"), "<a|><b|1>" },
    { text("=b"), "<|b>" },
    { text("="), "<|>" },
    { text("=="), "<|=>" },
    { text("_ga"), "<|_ga>" },
    { text("_ga; a=b"), "<|_ga><a|b>" },
    { text("A=1; a=2"), "<A|1><a|2>" },
    { text("a=1; a=2"), "<a|1><a|2>" },
    { text("a=1,consent=2"), "<a|1,consent=2>" },
    { text("a=1, consent=2; b=3"), "<a|1, consent=2><b|3>" },
    { text("a=\"b;c\"; d=e"), "<a|\"b><|c\"><d|e>" },
    { text("a=\"b\""), "<a|\"b\">" },
    { text("c={\"a\":1,\"b\":[!|]} x"), "<c|{\"a\":1,\"b\":[!|]} x>" },
    { text("a=\x80\xff\x01; b=\xc3\xa4"),
      "<a|\\x80\\xff\\x01><b|\\xc3\\xa4>" },
    { text("a b=c d"), "<a b|c d>" },
    { text("a=b\r\n; c=d"), "<a|b\\x0d\\x0a><c|d>" },
    { text("\fa=\vb"), "<\\x0ca|\\x0bb>" },
    { text("a\0b=c\0d; e=f"), "<a\\x00b|c\\x00d><e|f>" },
    { text("__Host-a=1; __Secure-b=2"), "<__Host-a|1><__Secure-b|2>" },
    { text("$Version=1; a=b; $Path=/"), "<$Version|1><a|b><$Path|/>" },
    { text("a%3Db=c"), "<a%3Db|c>" }
};


static const filter_test_t  filter_tests[] = {
    { "", "", "", 0 },
    { "a=1", "", "a=1", 0 },
    { "a=1", "a", "", 1 },
    { "a=1; b=2", "a", "b=2", 1 },
    { "a=1; b=2", "b", "a=1", 1 },
    { "a=1; b=2; c=3", "b", "a=1; c=3", 1 },
    { "a=1; b=2; c=3", "a c", "b=2", 2 },
    { "a=1; b=2; c=3", "a b c", "", 3 },
    { "a=1;b=2;c=3", "", "a=1;b=2;c=3", 0 },
    { "a=1;b=2;c=3", "a", "b=2;c=3", 1 },
    { "a=1;b=2;c=3;d=4;e=5;x", "-", "a=1;b=2;c=3;d=4;e=5", 1 },
    { ";; a=1 ;;  b=2 ;;", "", ";; a=1 ;;  b=2 ;;", 0 },
    { ";; a=1 ;;  b=2 ;; c=3 ;", "c", "a=1; b=2", 1 },
    { "a=1;\t\tb=2;\tc=3", "c", "a=1; b=2", 1 },
    { "  a=1  ; b=2  ", "a", "b=2", 1 },
    { "a = 1 = 2; b\t=\t2; c=3", "c", "a = 1 = 2; b\t=\t2", 1 },
    { "a=1; a=2; b=3; a=4", "a", "b=3", 3 },
    { "A=1; a=2", "a", "A=1", 1 },
    { "=x; a=1", "a", "=x", 1 },
    { "nameless; a=1", "a", "nameless", 1 },
    { "nameless; a=1; =other", "-", "a=1", 2 },
    { "a=\"x; b=2\"; c=3", "b", "a=\"x; c=3", 1 },
    { "a={\"k\": \"v, w\"}; b=2", "b", "a={\"k\": \"v, w\"}", 1 },
    { "a=\xff\xfe; b=2", "b", "a=\xff\xfe", 1 },
    { "a=1, b=2; c=3", "b", "a=1, b=2; c=3", 0 },
    { ";", "a", ";", 0 }
};


static const pair_test_t  set_cookie_tests[] = {
    { text("a=b"), "<a|b>" },
    { text("a=b; Path=/"), "<a|b>" },
    { text("a=b;Path=/"), "<a|b>" },
    { text("  a  =  b  ;"), "<a|b>" },
    { text("\ta\t=\tb\t; x"), "<a|b>" },
    { text("a=b=c; Path=/"), "<a|b=c>" },
    { text("a=\"b c\"; Path=/"), "<a|\"b c\">" },
    { text("a=\"b;c\""), "<a|\"b>" },
    { text("a="), "<a|>" },
    { text("a=; Max-Age=0"), "<a|>" },
    { text("=b"), "<|b>" },
    { text("b; Path=/"), "<|b>" },
    { text("b"), "<|b>" },
    { text(""), "<|>" },
    { text(";"), "<|>" },
    { text("; a=b"), "<|>" },
    { text("  ; a=b"), "<|>" },
    { text("="), "<|>" },
    { text("==a"), "<|=a>" },
    { text("__Host-id=1; Secure"), "<__Host-id|1>" },
    { text("a,b=c,d=e; f=g"), "<a,b|c,d=e>" },
    { text("_GA=1"), "<_GA|1>" },
    { text("a\0b=c\0; d"), "<a\\x00b|c\\x00>" },
    { text("a\x01=b\x7f"), "<a\\x01|b\\x7f>" },
    { text("expires=Thu, 01 Jan 2099; Path=/"),
      "<expires|Thu, 01 Jan 2099>" }
};


static const line_test_t  session_tests[] = {
    /* nothing to remove */
    { "", NULL },
    { ";", NULL },
    { "a=b", NULL },
    { "a=b;", NULL },
    { "a=b; Path=/; Secure; HttpOnly; SameSite=Lax", NULL },
    { "expires=Thu, 01 Jan 2099 00:00:00 GMT; Path=/", NULL },
    { "max-age=3600", NULL },
    { "a=max-age=3600; Path=/", NULL },
    { "a=expires=Thu, 01 Jan 2099 00:00:00 GMT", NULL },
    { "a=b; xmax-age=3600; expiresx=1; max-ag=1; max_age=2", NULL },
    { "a=b; Path=/Max-Age=3600", NULL },
    { "a=b; Max-Age", NULL },
    { "a=b; Expires;", NULL },
    { "a=b; =Max-Age=3600", NULL },

    /* deletions */
    { "a=b; Max-Age=0", NULL },
    { "a=b; Max-Age=-1", NULL },
    { "a=b; Max-Age=-0", NULL },
    { "a=b; Max-Age=000", NULL },
    { "a=b; Max-Age=-99999999999999999999999", NULL },
    { "a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT", NULL },
    { "a=b; Expires=Tue, 14 Nov 2023 22:13:20 GMT", NULL },
    { "a=b; Expires=Thu, 01-Jan-70 00:00:01 GMT; Path=/", NULL },
    { "a=b; Max-Age=0; Expires=Thu, 01 Jan 2099 00:00:00 GMT", NULL },
    { "a=b; Expires=Thu, 01 Jan 2099 00:00:00 GMT; Max-Age=0", NULL },
    { "a=b; Max-Age=3600; Max-Age=0", NULL },
    { "a=b; Max-Age=0; Max-Age=x", NULL },
    { "a=b; Expires=1 Jan 2099 0:0:0; Expires=1 Jan 1999 0:0:0", NULL },
    { "a=b; Max-Age=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT", NULL },

    /* removals */
    { "a=b; Max-Age=3600", "a=b" },
    { "a=b;Max-Age=3600", "a=b" },
    { "a=b; Max-Age=3600;", "a=b;" },
    { "a=b; Max-Age=3600; Path=/", "a=b; Path=/" },
    { "a=b; Path=/; Max-Age=3600", "a=b; Path=/" },
    { "a=b; mAX-aGE=3600; Path=/", "a=b; Path=/" },
    { "a=b; \t Max-Age \t = \t 3600 \t ;Path=/", "a=b;Path=/" },
    { "a=b; Expires=Thu, 01 Jan 2099 00:00:00 GMT", "a=b" },
    { "a=b; EXPIRES=Thu, 01 Jan 2099 00:00:00 GMT; Secure", "a=b; Secure" },
    { "a=b; Expires=Thu, 01-Jan-2099 00:00:00 GMT;Secure", "a=b;Secure" },
    { "a=b; Max-Age=60; Expires=Thu, 01 Jan 2099 00:00:00 GMT; Path=/",
      "a=b; Path=/" },
    { "a=b; Max-Age=60; Path=/; Max-Age=70; Secure; Max-Age=80",
      "a=b; Path=/; Secure" },
    { "a=b; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "a=b" },
    { "a=b; Max-Age=0; Max-Age=60", "a=b" },
    { "a=b; Expires=1 Jan 1999 0:0:0; Expires=1 Jan 2099 0:0:0", "a=b" },
    { "a=b; Max-Age=99999999999999999999999999", "a=b" },
    { "a=b; Max-Age=+3600; Path=/", "a=b; Path=/" },
    { "a=b; Max-Age=3600x; Path=/", "a=b; Path=/" },
    { "a=b; Expires=tomorrow; Path=/", "a=b; Path=/" },
    { "a=b; Expires=; Path=/", "a=b; Path=/" },
    { "a=b; Max-Age=; Path=/", "a=b; Path=/" },
    { "a=b; Max-Age=-; Path=/", "a=b; Path=/" },
    { "a=b;;; Max-Age=1;;; Path=/;", "a=b;;;;; Path=/;" },
    { " a = b ; Max-Age=1 ; Path = /  ", " a = b ; Path = /  " },
    { "a=\xff\"x, y\"; Max-Age=1; Foo=\x80", "a=\xff\"x, y\"; Foo=\x80" },
    { "max-age=1; max-age=1", "max-age=1" },
    { "nameless; Max-Age=1", "nameless" },
    { "=; Max-Age=1", "=" },
    { "a=b; Domain=example.org; Max-Age=1; Priority=High; Partitioned",
      "a=b; Domain=example.org; Priority=High; Partitioned" }
};


/* the limit is one day */

static const line_test_t  cap_tests[] = {
    /* session cookies */
    { "", NULL },
    { "a=b", NULL },
    { "a=b; Path=/; Secure", NULL },
    { "expires=Thu, 01 Jan 2099 00:00:00 GMT; Path=/", NULL },
    { "a=max-age=999999999", NULL },
    { "a=b; Max-Age=x", NULL },
    { "a=b; Max-Age=", NULL },
    { "a=b; Max-Age=-", NULL },
    { "a=b; Max-Age=--999999", NULL },
    { "a=b; Max-Age=+999999", NULL },
    { "a=b; Max-Age=999999.5", NULL },
    { "a=b; Max-Age=9 99999", NULL },
    { "a=b; Max-Age=\"999999\"", NULL },
    { "a=b; Max-Age=0x999999", NULL },
    { "a=b; Expires=2099", NULL },
    { "a=b; Expires=Thu, 31 Feb 2099 00:00:00 GMT", NULL },
    { "a=b; Expires=Thu, 01 Jan 1600 00:00:00 GMT", NULL },

    /* short enough */
    { "a=b; Max-Age=86400", NULL },
    { "a=b; Max-Age=1", NULL },
    { "a=b; Max-Age=00000000000000000000000000001", NULL },
    { "a=b; Expires=" TOMORROW, NULL },
    { "a=b; Expires=Tue, 14 Nov 2023 22:13:21 GMT", NULL },
    { "a=b; Max-Age=5; Expires=" TOMORROW "; Path=/", NULL },

    /* deletions */
    { "a=b; Max-Age=0; Expires=Thu, 01 Jan 2099 00:00:00 GMT", NULL },
    { "a=b; Max-Age=-5; Max-Age=x", NULL },
    { "a=b; Max-Age=999999; Max-Age=0", NULL },
    { "a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT", NULL },

    /* too long */
    { "a=b; Max-Age=86401", "a=b; Max-Age=86400" },
    { "a=b;max-age=99999999;Path=/", "a=b;max-age=86400;Path=/" },
    { "a=b; Max-Age=0000999999", "a=b; Max-Age=86400" },
    { "a=b; Max-Age=99999999999999999999999999999; Path=/",
      "a=b; Max-Age=86400; Path=/" },
    { "a=b; Max-Age=9223372036854775808", "a=b; Max-Age=86400" },
    { "a=b; \tMAX-AGE\t = \t999999\t ; Path=/",
      "a=b; \tMAX-AGE\t = \t86400\t ; Path=/" },
    { "a=b; Expires=Thu, 01 Jan 2099 00:00:00 GMT",
      "a=b; Expires=" TOMORROW },
    { "a=b; expires = Thu, 01-Jan-2099 00:00:00 GMT ;Secure",
      "a=b; expires = " TOMORROW " ;Secure" },
    { "a=b; Expires=Wed, 15 Nov 2023 22:13:21 GMT; HttpOnly",
      "a=b; Expires=" TOMORROW "; HttpOnly" },
    { "a=b; Expires=1 jan 69 0:0:0", "a=b; Expires=" TOMORROW },
    { "a=b; Expires=Fri Jan  2 00:00:00 2099; Path=/",
      "a=b; Expires=" TOMORROW "; Path=/" },
    { "a=b; Max-Age=999999; Expires=Thu, 01 Jan 2099 00:00:00 GMT",
      "a=b; Max-Age=86400; Expires=" TOMORROW },
    { "a=b; Max-Age=60; Expires=Thu, 01 Jan 2099 00:00:00 GMT; Path=/",
      "a=b; Max-Age=60; Expires=" TOMORROW "; Path=/" },
    { "a=b; Max-Age=999999; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
      "a=b; Max-Age=86400; Expires=Thu, 01 Jan 1970 00:00:00 GMT" },
    { "a=b; Max-Age=999999; Expires=never", "a=b; Max-Age=86400; "
      "Expires=never" },
    { "a=b; Max-Age=; Expires=1 Jan 2099 0:0:0",
      "a=b; Max-Age=; Expires=" TOMORROW },
    { "a=b; Max-Age=-; Expires=1 Jan 2099 0:0:0",
      "a=b; Max-Age=-; Expires=" TOMORROW },
    { "a=b; Max-Age=x; Expires=1 Jan 2099 0:0:0",
      "a=b; Max-Age=x; Expires=" TOMORROW },
    { "a=b; Max-Age=0; Path=/; Max-Age=999999",
      "a=b; Max-Age=0; Path=/; Max-Age=86400" },
    { "a=b; Max-Age=999999; Path=/; Max-Age=999998",
      "a=b; Path=/; Max-Age=86400" },
    { "a=b; Max-Age=999999; Path=/; Max-Age=5", "a=b; Path=/; Max-Age=5" },
    { "a=b; Max-Age=999999; Max-Age=x", "a=b; Max-Age=86400; Max-Age=x" },
    { "a=b; Expires=1 Jan 2098 0:0:0; Secure; Expires=1 Jan 2099 0:0:0",
      "a=b; Secure; Expires=" TOMORROW },
    { "a=b; Max-Age=100000;;", "a=b; Max-Age=86400;;" },
    { " a = b ; x ; Max-Age=100000 ", " a = b ; x ; Max-Age=86400 " },
    { "max-age=999999; max-age=999999", "max-age=999999; max-age=86400" }
};


static const date_test_t  date_tests[] = {
    /* the forms of RFC 9110 and Netscape */
    { text("Sun, 06 Nov 1994 08:49:37 GMT"), 0, 784111777 },
    { text("Sunday, 06-Nov-94 08:49:37 GMT"), 0, 784111777 },
    { text("Sun Nov  6 08:49:37 1994"), 0, 784111777 },
    { text("Sun, 06-Nov-1994 08:49:37 GMT"), 0, 784111777 },
    { text("Sun, 06-Nov-94 08:49:37 GMT"), 0, 784111777 },

    /* edges of years */
    { text("Thu, 01 Jan 1970 00:00:00 GMT"), 0, 0 },
    { text("Wed, 31 Dec 1969 23:59:59 GMT"), 0, -1 },
    { text("31 Dec 69 23:59:59"), 0, 3155759999LL },
    { text("1 Jan 70 00:00:00"), 0, 0 },
    { text("1 Jan 30 00:00:00"), 0, 1893456000 },
    { text("1 Jan 030 00:00:00"), 0, 1893456000 },
    { text("1 Jan 0030 00:00:00"), 0, 1893456000 },
    { text("Fri, 31 Dec 9999 23:59:59 GMT"), 0, 253402300799LL },
    { text("Tue, 19 Jan 2038 03:14:08 GMT"), 0, 2147483648LL },
    { text("1 Jan 1601 0:0:0"), 0, -11644473600LL },
    { text("31 Dec 1600 23:59:59"), -1, 0 },
    { text("1 Jan 0100 0:0:0"), -1, 0 },
    { text("1 Jan 100 0:0:0"), -1, 0 },
    { text("1 Jan 10000 0:0:0"), -1, 0 },
    { text("1 Jan 2 0:0:0"), -1, 0 },

    /* leap years and the ends of months */
    { text("29 Feb 2024 12:00:00"), 0, 1709208000 },
    { text("29 Feb 2000 00:00:00"), 0, 951782400 },
    { text("1 Mar 2004 00:00:00"), 0, 1078099200 },
    { text("1 Mar 2100 00:00:00"), 0, 4107542400LL },
    { text("1 Mar 1900 00:00:00"), 0, -2203891200LL },
    { text("29 Feb 1900 00:00:00"), -1, 0 },
    { text("29 Feb 2023 00:00:00"), -1, 0 },
    { text("30 Feb 2024 00:00:00"), -1, 0 },
    { text("31 Feb 2024 00:00:00"), -1, 0 },
    { text("31 Apr 2024 00:00:00"), -1, 0 },
    { text("31 Dec 2024 23:59:59"), 0, 1735689599 },
    { text("0 Jan 2024 00:00:00"), -1, 0 },
    { text("32 Jan 2024 00:00:00"), -1, 0 },

    /* time */
    { text("1 Jan 2030 0:0:0"), 0, 1893456000 },
    { text("1 Jan 2030 24:00:00"), -1, 0 },
    { text("1 Jan 2030 00:60:00"), -1, 0 },
    { text("1 Jan 2030 00:00:60"), -1, 0 },
    { text("1 Jan 2030 00:00"), -1, 0 },
    { text("1 Jan 2030 00:00:"), -1, 0 },
    { text("1 Jan 2030 000:00:00"), -1, 0 },
    { text("1 Jan 2030 00:00:000"), -1, 0 },
    { text("1 Jan 2030 00:00:00.999"), 0, 1893456000 },
    { text("1 Jan 2030 00:00:00z99"), 0, 1893456000 },
    { text("1 Jan 2030 :00:00:00"), -1, 0 },
    { text("1 Jan 2030"), -1, 0 },

    /* tokens in any order, with all delimiters */
    { text("2015 21 Oct 07:28:00"), 0, 1445412480 },
    { text("07:28:00 2015 Oct 21"), 0, 1445412480 },
    { text("Oct 21 2015 07:28:00"), 0, 1445412480 },
    { text("\t/-21@Oct;2015{07:28:00}~"), 0, 1445412480 },
    { text("21`october_2015[07:28:00]"), 0, 1445412480 },
    { text("21 OCTx 2015 07:28:00"), 0, 1445412480 },
    { text("21th oct 2015ad 07:28:00"), 0, 1445412480 },
    { text("21 Oct 2015 07:28:00 22 Nov 2016 08:29:01"), 0, 1445412480 },
    { text("21 Oct 2015 07:28:00 GMT+0200"), 0, 1445412480 },
    { text("21\xff Oct 2015 07:28:00"), 0, 1445412480 },
    { text("70 21 Oct 07:28:00 2015"), -1, 0 },
    { text("21 07:28:00 Oct 15"), 0, 1445412480 },
    { text("07:28:00 08:28:00 Oct 15"), 0, 1444289280 },

    /* no dates */
    { text(""), -1, 0 },
    { text(" "), -1, 0 },
    { text("0"), -1, 0 },
    { text("-1"), -1, 0 },
    { text("never"), -1, 0 },
    { text("2015-10-21T07:28:00Z"), -1, 0 },
    { text("1445412480"), -1, 0 },
    { text("21 Okt 2015 07:28:00"), -1, 0 },
    { text("21 Oc 2015 07:28:00"), -1, 0 },
    { text("21 10 2015 07:28:00"), -1, 0 },
    { text("21 Oct 20155 07:28:00"), -1, 0 },
    { text("021 Oct 2015 07:28:00"), -1, 0 },
    { text("21 Oct\0 2015 07:28:00"), 0, 1445412480 },
    { text("21\0Oct 2015 07:28:00"), -1, 0 },
    { text("21\nOct 2015 07:28:00"), -1, 0 }
};


static uint32_t  random_state = 20240229;


static uint32_t
random_below(uint32_t n)
{
    random_state = random_state * 1664525 + 1013904223;

    return (random_state >> 8) % n;
}


static consent_str_t
str_of(const char *s)
{
    return consent_str_make((const uint8_t *) s, strlen(s));
}


static size_t
put(uint8_t *p, const char *s)
{
    size_t  len;

    len = strlen(s);
    memcpy(p, s, len);

    return len;
}


/* memory of the very size, so that a sanitizer sees one byte too many */

static uint8_t *
exactly(size_t size)
{
    uint8_t  *p;

    p = malloc(size ? size : 1);

    if (p == NULL) {
        exit(2);
    }

    return p;
}


static consent_str_t
copy_of(consent_str_t s)
{
    uint8_t  *p;

    p = exactly(s.len);

    if (s.len) {
        memcpy(p, s.data, s.len);
    }

    return consent_str_make(p, s.len);
}


static void
release(consent_str_t s)
{
    free((void *) (uintptr_t) s.data);
}


/* bytes that would spoil the output of a test are written as \xNN */

static size_t
show(char *p, consent_str_t s)
{
    size_t   i, n;
    uint8_t  c;

    static const char  hex[] = "0123456789abcdef";

    n = 0;

    for (i = 0; i < s.len; i++) {
        c = s.data[i];

        if (c >= 0x20 && c < 0x7f) {
            p[n++] = (char) c;
            continue;
        }

        p[n++] = '\\';
        p[n++] = 'x';
        p[n++] = hex[c >> 4];
        p[n++] = hex[c & 0x0f];
    }

    return n;
}


static const char *
shown(consent_str_t s)
{
    static char  buf[1024];

    buf[show(buf, s)] = '\0';

    return buf;
}


static size_t
show_cookie(char *p, const consent_cookie_t *cookie)
{
    size_t  n;

    n = 0;

    p[n++] = '<';
    n += show(p + n, cookie->name);
    p[n++] = '|';
    n += show(p + n, cookie->value);
    p[n++] = '>';

    return n;
}


static void
test_walk(void)
{
    char              got[256];
    size_t            i, n;
    consent_str_t     in, rest;
    consent_cookie_t  cookie;

    for (i = 0; i < nelts(walk_tests); i++) {
        in = copy_of(walk_tests[i].in);
        rest = in;
        n = 0;

        while (consent_cookie_next(&rest, &cookie)) {
            n += show_cookie(got + n, &cookie);
        }

        is_str(got, n, walk_tests[i].want, "walk %d: %s", (int) i,
               walk_tests[i].want);

        release(in);
    }

    rest = consent_str_make(NULL, 0);
    ok(!consent_cookie_next(&rest, &cookie), "walk: nothing at all");
}


static int
keep_not_listed(void *data, const consent_cookie_t *cookie)
{
    size_t       len;
    const char  *p;

    p = data;

    /* "-" lists the nameless */

    if (cookie->name.len == 0) {
        return strchr(p, '-') == NULL;
    }

    while (*p) {
        len = strcspn(p, " ");

        if (len == cookie->name.len
            && memcmp(p, cookie->name.data, len) == 0)
        {
            return 0;
        }

        p += len;
        p += strspn(p, " ");
    }

    return 1;
}


static void
test_filter(void)
{
    size_t                i, n;
    uint8_t              *dst;
    unsigned              removed;
    consent_str_t         in;
    const filter_test_t  *t;

    for (i = 0; i < nelts(filter_tests); i++) {
        t = &filter_tests[i];
        in = copy_of(str_of(t->in));
        dst = exactly(in.len);

        n = consent_cookie_filter(dst, in, keep_not_listed,
                                  (void *) (uintptr_t) t->drop, &removed);

        is_str(dst, n, t->want, "filter %d: \"%s\" without \"%s\"", (int) i,
               shown(in), t->drop);
        is_int(removed, t->removed, "filter %d: number removed", (int) i);

        free(dst);
        release(in);
    }

    n = consent_cookie_filter(NULL, consent_str_make(NULL, 0),
                              keep_not_listed, NULL, &removed);
    ok(n == 0 && removed == 0, "filter: nothing at all");
}


static void
test_filter_long(void)
{
    size_t         i, n, len;
    uint8_t       *in, *dst;
    unsigned       removed;
    consent_str_t  header;

    static char  drop[] = "x";

    in = exactly(LONG_LEN);
    dst = exactly(LONG_LEN);

    put(in, "x=1; a=");

    for (i = 7; i < LONG_LEN; i++) {
        in[i] = (uint8_t) (i % 256 == ';' ? 0 : i % 256);
    }

    in[LONG_LEN - 1] = 'z';
    header = consent_str_make(in, LONG_LEN);

    n = consent_cookie_filter(dst, header, keep_not_listed, drop, &removed);

    ok(n == LONG_LEN - 5 && removed == 1 && memcmp(dst, in + 5, n) == 0,
       "filter: a value of 8 KB with every byte but \";\"");

    /* many short pairs without a blank: joining them must not need room */

    for (i = 0; i < LONG_LEN; i++) {
        in[i] = (i & 1) ? ';' : 'a';
    }

    in[LONG_LEN - 2] = '=';
    len = 0;

    n = consent_cookie_filter(dst, header, keep_not_listed, drop, &removed);
    ok(n == LONG_LEN && removed == 0, "filter: 4096 pairs stay");

    in[0] = 'x';
    in[1] = '=';

    for (i = 2; i < LONG_LEN; i++) {
        in[i] = (i & 1) ? ';' : 'a';
    }

    n = consent_cookie_filter(dst, header, keep_not_listed, drop, &removed);

    for (i = 0; i < n; i++) {
        len += (dst[i] == ';');
    }

    is_int(removed, 1, "filter: one of 4095 pairs goes");
    is_int((long long) n, LONG_LEN - 5, "filter: the length of the others");
    is_int((long long) len, 4093, "filter: the others are joined");

    free(in);
    free(dst);
}


/*
 * The filter once more, as slow and as plain as can be: a mark for each byte
 * says to which pair it belongs, 0 to none.
 */

static size_t
naive_filter(uint8_t *dst, consent_str_t h, const char *drop,
    unsigned *removed)
{
    size_t            i, n, first, last;
    unsigned          blank;
    consent_cookie_t  cookie;

    n = 0;
    *removed = 0;

    for (i = 0; i <= h.len; i = last + 1) {
        last = i;

        while (last < h.len && h.data[last] != ';') {
            last++;
        }

        first = i;

        while (first < last
               && (h.data[first] == ' ' || h.data[first] == '\t'))
        {
            first++;
        }

        blank = first > i;
        i = last;

        while (i > first && (h.data[i - 1] == ' ' || h.data[i - 1] == '\t')) {
            i--;
        }

        if (i == first) {
            continue;
        }

        /* names in this test are one letter, right in front of "=" */

        cookie.name = consent_str_make(h.data + first, 0);
        cookie.value = cookie.name;

        while (cookie.name.len < i - first
               && cookie.name.data[cookie.name.len] != '=')
        {
            cookie.name.len++;
        }

        if (cookie.name.len == i - first) {
            cookie.name.len = 0;
        }

        while (cookie.name.len
               && (cookie.name.data[cookie.name.len - 1] == ' '
                   || cookie.name.data[cookie.name.len - 1] == '\t'))
        {
            cookie.name.len--;
        }

        if (!keep_not_listed((void *) (uintptr_t) drop, &cookie)) {
            (*removed)++;
            continue;
        }

        if (n) {
            dst[n++] = ';';

            if (blank) {
                dst[n++] = ' ';
            }
        }

        while (first < i) {
            dst[n++] = h.data[first++];
        }
    }

    if (*removed == 0) {
        memcpy(dst, h.data, h.len);
        n = h.len;
    }

    return n;
}


static void
test_filter_random(void)
{
    size_t         i, n, want_len;
    uint8_t        in[64], want[64], *dst;
    unsigned       removed, want_removed, wrong, dropped;
    uint32_t       round;
    consent_str_t  header;

    static const char  alphabet[] = "aaab;;;;=== \t";
    static char        drop[] = "a b";

    wrong = 0;
    dropped = 0;

    for (round = 0; round < ROUNDS; round++) {
        n = 1 + random_below(sizeof(in) - 1);

        for (i = 0; i < n; i++) {
            in[i] = (uint8_t) alphabet[random_below(sizeof(alphabet) - 1)];
        }

        header = consent_str_make(in, n);
        dst = exactly(n);

        want_len = naive_filter(want, header, drop, &want_removed);
        n = consent_cookie_filter(dst, header, keep_not_listed, drop,
                                  &removed);

        if (n != want_len || removed != want_removed
            || memcmp(dst, want, n) != 0)
        {
            diag("filter differs in round %u: \"%.*s\"", (unsigned) round,
                 (int) header.len, (const char *) in);
            wrong++;
        }

        dropped += removed;
        free(dst);
    }

    is_int(wrong, 0, "filter: %d random headers as the reference", ROUNDS);
    ok(dropped > ROUNDS / 10, "filter: they had something to remove");
}


static void
test_set_cookie_parse(void)
{
    char              got[256];
    size_t            i, n;
    consent_str_t     in;
    consent_cookie_t  cookie;

    for (i = 0; i < nelts(set_cookie_tests); i++) {
        in = copy_of(set_cookie_tests[i].in);

        consent_set_cookie_parse(in, &cookie);
        n = show_cookie(got, &cookie);

        is_str(got, n, set_cookie_tests[i].want, "Set-Cookie %d: %s",
               (int) i, set_cookie_tests[i].want);

        release(in);
    }

    consent_set_cookie_parse(consent_str_make(NULL, 0), &cookie);
    ok(cookie.name.len == 0 && cookie.value.len == 0,
       "Set-Cookie: nothing at all");
}


static size_t
to_session(uint8_t *dst, consent_str_t line)
{
    return consent_set_cookie_session(dst, line, NOW);
}


static size_t
to_day(uint8_t *dst, consent_str_t line)
{
    return consent_set_cookie_cap(dst, line, NOW, DAY);
}


static void
test_lines(const char *what, line_pt change, const line_test_t *tests,
    size_t ntests)
{
    size_t         i, n;
    uint8_t       *dst;
    consent_str_t  in;

    for (i = 0; i < ntests; i++) {
        in = copy_of(str_of(tests[i].line));
        dst = exactly(in.len + CONSENT_SET_COOKIE_EXTRA);

        n = change(dst, in);

        is_str(dst, n, tests[i].want ? tests[i].want : "", "%s %d: %s", what,
               (int) i, shown(in));

        free(dst);
        release(in);
    }
}


static void
test_line_edges(void)
{
    size_t         i, n;
    uint8_t       *in, *dst;
    consent_str_t  line;

    in = exactly(LONG_LEN);
    dst = exactly(LONG_LEN + CONSENT_SET_COOKIE_EXTRA);

    line = str_of("a=b; Max-Age=5; Expires=1 Jan 2099 0:0:0");

    is_int((long long) consent_set_cookie_cap(dst, line, NOW, -1), 0,
           "cap: without a limit nothing changes");

    n = consent_set_cookie_cap(dst, line, NOW, 0);
    is_str(dst, n, "a=b; Max-Age=0; Expires=Tue, 14 Nov 2023 22:13:20 GMT",
           "cap: of zero");

    n = consent_set_cookie_cap(dst, line, NOW, INT64_MAX);
    is_int((long long) n, 0, "cap: the largest limit");

    n = consent_set_cookie_cap(dst, consent_str_make(NULL, 0), NOW, DAY);
    is_int((long long) n, 0, "cap: nothing at all");

    n = consent_set_cookie_session(dst, consent_str_make(NULL, 0), NOW);
    is_int((long long) n, 0, "session: nothing at all");

    /* browsers do not look at values of more than 1024 bytes */

    memset(in, '0', LONG_LEN);
    put(in, "a=b; Max-Age=");
    put(in + 13 + 1024 - 6, "999999");

    line = consent_str_make(in, 13 + 1024);
    n = consent_set_cookie_cap(dst, line, NOW, DAY);
    is_str(dst, n, "a=b; Max-Age=86400", "cap: a value of 1024 bytes");

    line.len++;
    n = consent_set_cookie_cap(dst, line, NOW, DAY);
    is_int((long long) n, 0, "cap: a value of 1025 bytes does not count");

    /* short dates become longer, but only one of them stays */

    for (i = 0; i + 24 <= LONG_LEN; i += 24) {
        put(in + i, ";Expires=1 jan 69 0:0:0 ");
    }

    line = consent_str_make(in, i);
    n = consent_set_cookie_cap(dst, line, NOW, DAY);
    is_str(dst, n, ";Expires=" TOMORROW " ", "cap: hundreds of short dates");

    /* NULs are bytes like others */

    line = consent_str_make((const uint8_t *) "a\0=b\0; Max-Age=9\0; Max-Age=9"
                            ";\0x", 31);
    n = consent_set_cookie_session(dst, line, NOW);
    ok(n == 8 && memcmp(dst, "a\0=b\0;\0x", 8) == 0, "session: NULs");

    free(in);
    free(dst);
}


static void
random_line(consent_str_t *line, uint8_t *in, size_t size)
{
    size_t       n, len;
    const char  *part;

    static const char *const  parts[] = {
        ";", "; ", "=", " ", "\t", "a", "Max-Age", "max-AGE=", "Expires=",
        "expires", "Max-Age=5", "Max-Age=99999999", "Max-Age=-1", "Max-Age=0",
        "Expires=1 Jan 2099 0:0:0", "Expires=1 Jan 1999 0:0:0",
        "Expires=Wed, 15 Nov 2023 22:13:20 GMT", "Max-Age=x", "Path=/", "9",
        "; Max-Age=86401"
    };

    n = put(in, "a=b");

    for ( ;; ) {
        part = parts[random_below(nelts(parts))];
        len = strlen(part);

        if (n + len > size || random_below(12) == 0) {
            break;
        }

        memcpy(in + n, part, len);
        n += len;
    }

    *line = consent_str_make(in, n);
}


/* what has been changed once must need no change again */

static void
test_lines_random(void)
{
    size_t         n, again;
    uint8_t        in[256], more[512], *dst;
    unsigned       wrong, changed;
    uint32_t       round;
    consent_str_t  line, copy;

    wrong = 0;
    changed = 0;

    for (round = 0; round < ROUNDS; round++) {
        random_line(&line, in, sizeof(in));

        copy = copy_of(line);
        dst = exactly(copy.len + CONSENT_SET_COOKIE_EXTRA);

        n = to_day(dst, copy);
        again = n ? to_day(more, consent_str_make(dst, n)) : 0;

        changed += (n != 0);
        wrong += (again != 0);

        n = to_session(dst, copy);
        again = n ? to_session(more, consent_str_make(dst, n)) : 0;

        changed += (n != 0);
        wrong += (again != 0 || n > copy.len);

        free(dst);
        release(copy);
    }

    is_int(wrong, 0, "%d random lines: what was changed is right", ROUNDS);
    ok(changed > ROUNDS / 4, "random lines: many were changed");
}


static void
test_dates(void)
{
    int                 rc;
    size_t              i;
    int64_t             got;
    consent_str_t       in;
    const date_test_t  *t;

    for (i = 0; i < nelts(date_tests); i++) {
        t = &date_tests[i];
        in = copy_of(t->in);

        got = 0;
        rc = consent_cookie_date(in, &got);

        ok(rc == t->rc, "date %d: \"%s\" is %s", (int) i, shown(in),
           t->rc ? "no date" : "a date");
        is_int(got, t->want, "date %d: its value", (int) i);

        release(in);
    }

    ok(consent_cookie_date(consent_str_make(NULL, 0), &got) == -1,
       "date: nothing at all");
}


static void
test_date_write(void)
{
    char       want[64];
    time_t     t;
    int64_t    time, back;
    uint8_t    got[CONSENT_COOKIE_DATE_LEN];
    unsigned   wrong;
    uint32_t   round;
    struct tm  tm;

    consent_cookie_date_write(got, 0);
    is_str(got, sizeof(got), "Thu, 01 Jan 1970 00:00:00 GMT", "write 0");

    consent_cookie_date_write(got, -1);
    is_str(got, sizeof(got), "Wed, 31 Dec 1969 23:59:59 GMT", "write -1");

    consent_cookie_date_write(got, 1709208000);
    is_str(got, sizeof(got), "Thu, 29 Feb 2024 12:00:00 GMT", "write leap");

    consent_cookie_date_write(got, INT64_MAX);
    is_str(got, sizeof(got), "Fri, 31 Dec 9999 23:59:59 GMT",
           "write: no year after 9999");

    consent_cookie_date_write(got, INT64_MIN);
    is_str(got, sizeof(got), "Mon, 01 Jan 1601 00:00:00 GMT",
           "write: no year before 1601");

    wrong = 0;

    for (round = 0; round < ROUNDS; round++) {
        time = (int64_t) random_below(1 << 24) * 15789
               + (int64_t) random_below(DAY) - 11644473600LL;

        t = (time_t) time;
        gmtime_r(&t, &tm);
        strftime(want, sizeof(want), "%a, %d %b %Y %H:%M:%S GMT", &tm);

        consent_cookie_date_write(got, time);

        if (strlen(want) != sizeof(got)
            || memcmp(got, want, sizeof(got)) != 0
            || consent_cookie_date(consent_str_make(got, sizeof(got)), &back)
               != 0
            || back != time)
        {
            diag("differs: %lld, %s", (long long) time, want);
            wrong++;
        }
    }

    is_int(wrong, 0, "write: %d random times as libc, and back", ROUNDS);
}


int
main(void)
{
    test_walk();
    test_filter();
    test_filter_long();
    test_filter_random();
    test_set_cookie_parse();
    test_lines("session", to_session, session_tests, nelts(session_tests));
    test_lines("cap", to_day, cap_tests, nelts(cap_tests));
    test_line_edges();
    test_lines_random();
    test_dates();
    test_date_write();

    return done_testing();
}
