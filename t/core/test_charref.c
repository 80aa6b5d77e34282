/*
 * Copyright (C) ngx_consent_module authors
 *
 * Character references in attribute values.
 */


#include "consent_charref.h"
#include "tap.h"


typedef struct {
    const char  *value;
    const char  *text;
} charref_case_t;


static size_t decode(uint8_t *dst, size_t size, const void *value,
    size_t len);
static const char *visible(const char *text);
static void test_cases(void);
static void test_names(void);
static void test_bytes(void);
static void test_sizes(void);
static void test_large(void);


static const charref_case_t  cases[] = {

    /* nothing to do */

    { "", "" },
    { "https://example.com/a?b=c;d", "https://example.com/a?b=c;d" },
    { "\u00fc#;", "\u00fc#;" },

    /* decimal and hexadecimal, with and without ";" */

    { "&#104;ttp", "http" },
    { "&#104ttp", "http" },
    { "&#0000104;ttp", "http" },
    { "&#x68;ttp", "http" },
    { "&#X68;ttp", "http" },
    { "&#x3A//", ":" "//" },
    { "&#x3a//", ":" "//" },
    { "&#x68", "h" },
    { "&#104", "h" },
    { "&#104=", "h=" },
    { "&#104;&#116;&#116;&#112;", "http" },
    { "&#104&#116&#116&#112", "http" },
    { "&#x2f;&#47", "//" },
    { "&#9;&#10;&#13;", "\t\n\r" },
    { "&#233;", "\u00e9" },
    { "&#xff45;", "\uff45" },
    { "&#x1F355;", "\U0001f355" },
    { "&#x10ffff;", "\U0010ffff" },
    { "&#38;#104;", "&#104;" },

    /* no digits */

    { "&#", "&#" },
    { "&#;", "&#;" },
    { "&#x", "&#x" },
    { "&#x;", "&#x;" },
    { "&#xg", "&#xg" },
    { "&#a;", "&#a;" },
    { "&# 104;", "&# 104;" },
    { "&##104;", "&##104;" },
    { "&#&#104;", "&#h" },

    /* no characters */

    { "&#0;", "\ufffd" },
    { "&#x0", "\ufffd" },
    { "&#xd800;", "\ufffd" },
    { "&#xDFFF;", "\ufffd" },
    { "&#xd7ff;", "\ud7ff" },
    { "&#xe000;", "\ue000" },
    { "&#x110000;", "\ufffd" },
    { "&#1114112;", "\ufffd" },
    { "&#4294967400;", "\ufffd" },
    { "&#18446744073709551720;", "\ufffd" },
    { "&#x100000068;", "\ufffd" },
    { "&#x10000000000000068;", "\ufffd" },

    /* windows-1252 */

    { "&#128;", "\u20ac" },
    { "&#x80", "\u20ac" },
    { "&#129;", "\302\201" },
    { "&#130;", "\u201a" },
    { "&#150;", "\u2013" },
    { "&#x99;", "\u2122" },
    { "&#159;", "\u0178" },
    { "&#160;", "\u00a0" },
    { "&#127;", "\177" },

    /* names */

    { "https&colon;&sol;&sol;example&period;com", "https://example.com" },
    { "a?b&amp;c", "a?b&c" },
    { "a?b&AMP;c", "a?b&c" },
    { "a&Tab;b&NewLine;c", "a\tb\nc" },
    { "&lt;&LT;&gt;&GT;&quot;&QUOT;&apos;", "<<>>\"\"'" },
    { "&bsol;&quest;&num;&commat;", "\\?#@" },
    { "&lowbar;&UnderBar;&Hat;&vert;", "__^|" },
    { "&lsqb;&lbrack;&rsqb;&rbrack;", "[[]]" },
    { "&percnt;2e", "%2e" },
    { "&fjlig;", "fj" },
    { "&shy;&ZeroWidthSpace;&NoBreak;", "\u00ad\u200b\u2060" },
    { "&zwj;&zwnj;&lrm;&rlm;", "\u200d\u200c\u200e\u200f" },
    { "&nbsp;&NonBreakingSpace;", "\u00a0\u00a0" },
    { "&NegativeThinSpace;&af;&it;", "\u200b\u2061\u2062" },
    { "&efr;xample", "\U0001d522xample" },
    { "&filig;", "\ufb01" },
    { "b&uuml;cher", "b\u00fccher" },
    { "&Zcaron;", "\u017d" },

    /* names without ";" in an attribute */

    { "&amp", "&" },
    { "&amp/", "&/" },
    { "a&amp&amp;b", "a&&b" },
    { "?a&amp=b", "?a&amp=b" },
    { "?a&ampb", "?a&ampb" },
    { "?a&amp1", "?a&amp1" },
    { "?a&lt.b", "?a<.b" },
    { "?a&copy=1", "?a&copy=1" },
    { "?a&copy", "?a\u00a9" },
    { "?a&copy&b", "?a\u00a9&b" },
    { "?a&reg-1", "?a\u00ae-1" },
    { "?a&not", "?a\u00ac" },
    { "?a&notit;", "?a&notit;" },
    { "?a&ampx;", "?a&ampx;" },
    { "goo&shy", "goo\u00ad" },
    { "goo&shygle", "goo&shygle" },

    /* these need it */

    { "&colon", "&colon" },
    { "&colon&colon;", "&colon:" },
    { "&Tab//", "&Tab//" },
    { "&apos", "&apos" },

    /* names are case-sensitive and whole */

    { "&Amp;", "&Amp;" },
    { "&tab;", "&tab;" },
    { "&newline;", "&newline;" },
    { "&TAB;", "&TAB;" },
    { "&Colon;", "&Colon;" },
    { "&col;", "&col;" },
    { "&colons;", "&colons;" },
    { "&;", "&;" },
    { "&", "&" },
    { "& amp;", "& amp;" },
    { "&&amp;", "&&" },
    { "&&&", "&&&" },
    { "&amp;amp;", "&amp;" },
    { "&amp;#104;", "&#104;" },
    { "&zzzz;", "&zzzz;" },
    { "&A;", "&A;" },
    { "&zwnjzwnjzwnjzwnjzwnjzwnj;", "&zwnjzwnjzwnjzwnjzwnjzwnj;" },
    { "&NegativeVeryThinSpaceXXX;", "&NegativeVeryThinSpaceXXX;" },
    { "&NegativeVeryThinSpaceXX;", "&NegativeVeryThinSpaceXX;" },

    /* line ends */

    { "a\rb", "a\nb" },
    { "a\r\nb", "a\nb" },
    { "a\n\rb", "a\n\nb" },
    { "\r\r\n\r", "\n\n\n" },
    { "\r&#10;", "\n\n" }
};


static uint8_t  out[4096];


/* both sides get memory of exactly their size */

static size_t
decode(uint8_t *dst, size_t size, const void *value, size_t len)
{
    size_t    n;
    uint8_t  *from, *to;

    from = malloc(len ? len : 1);
    to = malloc(size ? size : 1);

    if (from == NULL || to == NULL) {
        abort();
    }

    memcpy(from, value, len);
    n = consent_charref_decode(to, size, consent_str_make(from, len));
    memcpy(dst, to, n);

    free(from);
    free(to);

    return n;
}


/* for the names of tests, which stay on one line; "#" means something there */

static const char *
visible(const char *text)
{
    size_t       i;
    static char  name[64];

    for (i = 0; text[i] && i < sizeof(name) - 1; i++) {
        name[i] = (text[i] > ' ' && text[i] < 0x7f && text[i] != '#')
                  ? text[i] : '_';
    }

    name[i] = '\0';

    return name;
}


static void
test_cases(void)
{
    size_t  i, n;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        n = decode(out, sizeof(out), cases[i].value, strlen(cases[i].value));

        is_str(out, n, cases[i].text, "%s", visible(cases[i].value));
    }
}


/* the search has to reach both ends of its table, and all between */

static void
test_names(void)
{
    int                 c, found;
    char                value[8];
    size_t              i, n;
    static const char  *kinds[] = { "fr", "opf", "scr" };

    found = 0;

    for (i = 0; i < 3; i++) {

        for (c = 'a'; c <= 'z'; c++) {
            snprintf(value, sizeof(value), "&%c%s;", c, kinds[i]);
            n = decode(out, sizeof(out), value, strlen(value));

            found += (n < strlen(value) && out[0] != '&');
        }
    }

    is_int(found, 78, "all fraktur, double-struck and script letters");

    n = decode(out, sizeof(out), "&AElig;&zwnj;", 13);
    is_str(out, n, "\u00c6\u200c", "first and last name of the table");
}


static void
test_bytes(void)
{
    size_t  n;

    n = decode(out, sizeof(out), "a\0b", 3);
    is_str(out, n, "a\ufffd" "b", "NUL");

    n = decode(out, sizeof(out), "&amp\0", 5);
    is_str(out, n, "&\ufffd", "NUL behind a name");

    n = decode(out, sizeof(out), "&am\0p;", 6);
    is_str(out, n, "&am\ufffdp;", "NUL in a name");

    n = decode(out, sizeof(out), "&#\0", 3);
    is_str(out, n, "&#\ufffd", "NUL for a digit");

    n = decode(out, sizeof(out), "\377\300&#65;\200", 8);
    is_str(out, n, "\377\300A\200", "what is no UTF-8 stays");
}


static void
test_sizes(void)
{
    int                wrong;
    size_t             i, n, size, whole;
    uint8_t            full[64];
    static const char  value[] = "a&#x1f355;b&auml;c&fjlig;\r\n&zz;d&amp";

    is_int((long long) decode(out, 0, "&amp;", 5), 0, "no room");
    is_int((long long) decode(out, 3, "&#x1f355;a", 10), 0,
           "a character that does not fit, and nothing behind it");

    n = decode(out, 2, "abc", 3);
    is_str(out, n, "ab", "plain text is cut");

    whole = decode(full, sizeof(full), value, sizeof(value) - 1);
    wrong = 0;

    for (size = 0; size <= whole; size++) {
        n = decode(out, size, value, sizeof(value) - 1);

        if (n > size || (size - n > 3) || memcmp(out, full, n) != 0) {
            wrong++;
        }
    }

    is_int(wrong, 0, "every size gives the beginning of the whole");

    /* no prefix reads behind its end; ASAN looks */

    for (i = 0; i < sizeof(value); i++) {
        decode(out, sizeof(out), value, i);
    }
}


static void
test_large(void)
{
    size_t              i, j, len;
    uint8_t            *dst, *value;
    static const char  *fills[] = { "&", "a", "&a", "&#1", "&#", "&amp;" };

    len = 1024 * 1024;
    dst = malloc(3 * len);
    value = malloc(len);

    if (dst == NULL || value == NULL) {
        abort();
    }

    for (i = 0; i < sizeof(fills) / sizeof(fills[0]); i++) {

        for (j = 0; j < len; j++) {
            value[j] = (uint8_t) fills[i][j % strlen(fills[i])];
        }

        ok(consent_charref_decode(dst, 3 * len, consent_str_make(value, len))
           <= len, "a megabyte of fill %d", (int) i);
    }

    memset(value, 'a', len);
    value[0] = '&';

    is_int((long long) consent_charref_decode(dst, 3 * len,
                                              consent_str_make(value, len)),
           (long long) len, "a name of a megabyte");

    memset(value, '9', len);
    memcpy(value, "&#", 2);

    is_int((long long) consent_charref_decode(dst, 3 * len,
                                              consent_str_make(value, len)),
           3, "a number of a megabyte");

    free(dst);
    free(value);
}


int
main(void)
{
    test_cases();
    test_names();
    test_bytes();
    test_sizes();
    test_large();

    return done_testing();
}
