/*
 * Copyright (C) ngx_consent_module authors
 *
 * Names of content codings and of encodings of text, byte order marks.
 */


#include "consent_charset.h"
#include "consent_coding.h"
#include "tap.h"


#define nelts(a)  (sizeof(a) / sizeof((a)[0]))


#ifdef CONSENT_BROTLI
#define BROTLI       CONSENT_CODING_BROTLI
#define BR           "br"
#define AND_BR       ", br"
#else
#define BROTLI       CONSENT_CODING_OTHER
#define BR           "identity"
#define AND_BR       ""
#endif

#ifdef CONSENT_ZSTD
#define ZSTD         CONSENT_CODING_ZSTD
#define AND_ZSTD     ", zstd"
#else
#define ZSTD         CONSENT_CODING_OTHER
#define AND_ZSTD     ""
#endif


typedef struct {
    const char        *first;
    const char        *second;          /* NULL: one line only */
    consent_coding_e   coding;
} coding_case_t;


typedef struct {
    const char        *value;
    const char        *accept;
} accept_case_t;


typedef struct {
    const char        *bytes;
    size_t             len;
    int                found;
} bom_case_t;


typedef struct {
    const char     *page;
    int             found;
} declared_case_t;


static void test_codings(void);
static void test_accept(void);
static void test_charsets(void);
static void test_declared(void);
static void test_boms(void);
static consent_str_t str(const char *text);


static const coding_case_t  codings[] = {
    { "", NULL, CONSENT_CODING_IDENTITY },
    { " , ,", NULL, CONSENT_CODING_IDENTITY },
    { "identity", NULL, CONSENT_CODING_IDENTITY },
    { "Identity", "IDENTITY", CONSENT_CODING_IDENTITY },
    { "gzip", NULL, CONSENT_CODING_GZIP },
    { " GZip\t", NULL, CONSENT_CODING_GZIP },
    { "x-gzip", NULL, CONSENT_CODING_GZIP },
    { "gzip,", NULL, CONSENT_CODING_GZIP },
    { "identity, gzip", NULL, CONSENT_CODING_GZIP },
    { "gzip", "identity", CONSENT_CODING_GZIP },
    { "deflate", "", CONSENT_CODING_DEFLATE },
    { "br", NULL, BROTLI },
    { "zstd", NULL, ZSTD },
    { "gzip, gzip", NULL, CONSENT_CODING_OTHER },
    { "gzip", "gzip", CONSENT_CODING_OTHER },
    { "gzip, br", NULL, CONSENT_CODING_OTHER },
    { "br", "gzip", CONSENT_CODING_OTHER },
    { "compress", NULL, CONSENT_CODING_OTHER },
    { "compress", "identity", CONSENT_CODING_OTHER },
    { "gzi", NULL, CONSENT_CODING_OTHER },
    { "gzipp", NULL, CONSENT_CODING_OTHER },
    { "gzip;q=1", NULL, CONSENT_CODING_OTHER },
    { "gzip br", NULL, CONSENT_CODING_OTHER },
    { "\"gzip\"", NULL, CONSENT_CODING_OTHER },
    { "dcb", NULL, CONSENT_CODING_OTHER },
    { "*", NULL, CONSENT_CODING_OTHER },
    { "none", NULL, CONSENT_CODING_OTHER }
};


static const accept_case_t  accepts[] = {
    { "", "identity" },
    { ",", "identity" },
    { "*", "identity" },
    { "compress, dcb;q=1", "identity" },
    { "gzip", "gzip" },
    { "gzip, deflate, br, zstd", "gzip, deflate" AND_BR AND_ZSTD },
    { "gzip,deflate", "gzip, deflate" },
    { "  GZIP ;q=0.5 , *;q=0.1", "GZIP ;q=0.5" },
    { "gzip;q=0, identity;q=0", "gzip;q=0, identity;q=0" },
    { "x-gzip, x-compress", "x-gzip" },
    { "sdch, dcz, br", BR },
    { "gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip",
      "gzip, gzip, gzip, gzip, gzip, gzip, gzip, gzip, gzip, gzip, gzip, "
      "gzip" }
};


static const char  *readable[] = {
    "", "utf-8", "UTF-8", "iso-8859-1", "windows-1252", "shift_jis", "gb18030",
    "unicode-1-1-utf-8", "utf8", "euc-jp", "x-user-defined", "\"utf-8\"",
    "\"\"", "\\", "utf-8; utf-16", "x-utf-16",
    "a-name-that-is-longer-than-any-label-and-ends-in-utf-16"
};


static const char  *not_readable[] = {
    "utf-16", "UTF-16", "utf-16le", "utf-16BE", "utf16", "utf-32", "UTF-32BE",
    "ucs-2", "ISO-10646-UCS-2", "csUnicode", "utf-7", "UTF7",
    "unicode-1-1-utf-7", "iso-2022-jp", "ISO-2022-JP-2", "iso-2022-kr",
    "csISO2022JP", "hz-gb-2312", "HZ-GB-2312", "unicodeFFFE", "unicodefeff",
    "unicode", "Unicode", "\"unicode\"", "unicode;x=y", " utf-16",
    "\"utf-16\"", "\" utf-16 \"", "'utf-16'", "\"\\u\\t\\f\\-\\1\\6\"",
    "utf-16;x", "utf-16,"
};


static const char  *readable_types[] = {
    "", "text/html", "text/html; charset", "text/html; charset=",
    "text/html; charset =", "text/html; charset=\"", "charset",
    "text/html; charset=utf-8", "text/html; charset=utf-8; x=utf-16",
    "text/html; xcharset=utf-16", "text/html; charset-x=utf-16",
    "text/html; charset:utf-16"
};


static const char  *not_readable_types[] = {
    "charset=utf-16", "text/html;charset=utf-16", "text/html;\tCharset=UTF-16",
    "text/html; charset =utf-16", "text/html; charset= \"utf-16\"",
    "text/html; charset=utf-8; charset=utf-16",
    "text/html; charset=charset=utf-16",
    "text/html; x=\"a;charset=utf-8\"; charset=utf-16",
    "text/html; x=\";charset=utf-16\"", "text/html; charset=unicode"
};


#define ESC  "\x1b$B"

static const declared_case_t  declared[] = {
    { "", 0 },
    { "<meta charset=iso-2022-jp>", 1 },
    { "<META\tCharset = \" ISO-2022-JP \" />", 1 },
    { "<meta/charset=csISO2022JP/>", 1 },
    { "<p><meta http-equiv=content-type "
      "content='text/html; charset=iso-2022-jp'>", 1 },
    { "<meta charset=utf-8><meta charset=iso-2022-jp>", 1 },
    { "<!-- <meta charset=iso-2022-jp> -->", 1 },
    { "<?xml version='1.0' encoding='iso-2022-jp'?>", 1 },
    { "<meta charset=iso-2022-jp", 0 },
    { "<meta charset=iso-2022-jp-2>", 0 },
    { "<meta charset=iso-2022-kr>", 0 },
    { "<meta charset=utf-16>", 0 },
    { "<meta content='iso-2022-jp'>", 0 },
    { "<metacharset>iso-2022-jp", 0 },
    { "<p charset=iso-2022-jp>", 0 },
    { "<p><?xml encoding='iso-2022-jp'?>", 0 },
    { "\xef\xbb\xbf<meta charset=iso-2022-jp>" ESC, 0 },
    { "<p>" ESC, 1 },
    { "<p>\x1b(J", 1 },
    { "<p>\x1b[1m", 0 },
    { "<p>\x1b", 0 },
    { "<meta charset=utf-8>" ESC, 0 },
    { ESC "<meta charset=Shift_JIS>", 0 },
    { ESC "<meta http-equiv=content-type content=text/html;charset=utf-8>",
      0 },
    { "<meta charset=bogus>" ESC, 1 },
    { ESC "<meta charset=utf-8", 1 },
    { "<?xml version='1.0' encoding='utf-8'?>" ESC, 0 }
};


static const bom_case_t  boms[] = {
    { "", 0, -1 },
    { "\xfe", 1, -1 },
    { "\xfe\xff", 2, 1 },
    { "\xff", 1, -1 },
    { "\xff\xfe", 2, 1 },
    { "\xff\xfe<\0", 4, 1 },
    { "\xff\xff", 2, 0 },
    { "\xfe<", 2, 0 },
    { "\xef", 1, 0 },
    { "\xef\xbb\xbf<", 4, 0 },
    { "<", 1, -1 },
    { "<h", 2, 0 },
    { "<!do", 4, 0 },
    { "<\0", 2, -1 },
    { "<\0?", 3, -1 },
    { "<\0?\0", 4, 1 },
    { "<\0h\0", 4, 0 },
    { "<\0\0\0", 4, 1 },
    { "\0", 1, -1 },
    { "\0<", 2, -1 },
    { "\0<\0?", 4, 1 },
    { "\0<\0h", 4, 0 },
    { "\0\0\xfe\xff", 4, 1 },
    { "\0\0\0<", 4, 1 },
    { "\0\0\0\0", 4, 0 },
    { "\x4c\x6f\xa7\x94", 4, 1 },
    { "Lorem", 5, 0 }
};


int
main(void)
{
    test_codings();
    test_accept();
    test_charsets();
    test_declared();
    test_boms();

    return done_testing();
}


static void
test_codings(void)
{
    size_t            i;
    consent_coding_e  coding;

    for (i = 0; i < nelts(codings); i++) {
        coding = consent_coding_add(CONSENT_CODING_IDENTITY,
                                    str(codings[i].first));

        if (codings[i].second) {
            coding = consent_coding_add(coding, str(codings[i].second));
        }

        is_int((int) coding, (int) codings[i].coding, "coding \"%s\", \"%s\"",
               codings[i].first, codings[i].second ? codings[i].second : "");
    }
}


static void
test_accept(void)
{
    size_t    i, len, room;
    uint8_t  *dst;

    for (i = 0; i < nelts(accepts); i++) {
        room = CONSENT_CODING_ACCEPT(strlen(accepts[i].value));

        dst = malloc(room);
        if (dst == NULL) {
            abort();
        }

        len = consent_coding_accept(dst, str(accepts[i].value));

        is_str(dst, len, accepts[i].accept, "accept \"%s\"",
               accepts[i].value);
        ok(len <= room, "there is room for it");

        free(dst);
    }
}


static void
test_charsets(void)
{
    size_t  i;

    for (i = 0; i < nelts(readable); i++) {
        ok(consent_charset_readable(str(readable[i])), "charset \"%s\"",
           readable[i]);
    }

    for (i = 0; i < nelts(not_readable); i++) {
        ok(!consent_charset_readable(str(not_readable[i])),
           "charset \"%s\" is not readable", not_readable[i]);
    }

    for (i = 0; i < nelts(readable_types); i++) {
        ok(consent_charset_type_readable(str(readable_types[i])),
           "type \"%s\"", readable_types[i]);
    }

    for (i = 0; i < nelts(not_readable_types); i++) {
        ok(!consent_charset_type_readable(str(not_readable_types[i])),
           "type \"%s\" is not readable", not_readable_types[i]);
    }
}


static void
test_declared(void)
{
    size_t         i, len;
    consent_str_t  page;

    for (i = 0; i < nelts(declared); i++) {
        page = str(declared[i].page);

        is_int(consent_charset_declared(page.data, page.len, 1),
               declared[i].found, "declared by \"%s\"", declared[i].page);

        /* no beginning of it says what all of it does not */

        for (len = 0; len < page.len; len++) {
            if (consent_charset_declared(page.data, len, 0)) {
                break;
            }
        }

        ok(len == page.len || declared[i].found, "... nor by a part of it");
    }
}


static void
test_boms(void)
{
    size_t  i;

    for (i = 0; i < nelts(boms); i++) {
        is_int(consent_charset_bom((const uint8_t *) boms[i].bytes,
                                   boms[i].len),
               boms[i].found, "byte order mark, case %d", (int) i);
    }
}


static consent_str_t
str(const char *text)
{
    return consent_str_make((const uint8_t *) text, strlen(text));
}
