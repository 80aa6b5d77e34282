/*
 * Copyright (C) ngx_consent_module authors
 *
 * Media types in Content-Type.
 */


#include "consent_media.h"
#include "tap.h"


#define nelts(a)  (sizeof(a) / sizeof((a)[0]))


typedef struct {
    const char  *value;
    const char  *types;                 /* all, joined by "|" */
} type_test_t;


typedef struct {
    const char  *type;
    int          xml;
} xml_test_t;


static void test_types(void);
static void test_xml(void);
static consent_str_t str(const char *text);


static const type_test_t  type_tests[] = {
    { "text/html", "text/html" },
    { "Text/HTML", "Text/HTML" },
    { " \ttext/html \t", "text/html" },
    { "text/html;charset=utf-8", "text/html" },
    { "text/html \t;charset=utf-8", "text/html" },
    { "text/html charset=utf-8", "text/html" },
    { "text/html(comment)", "text/html" },
    { "application/xhtml+xml; q=1", "application/xhtml+xml" },
    { "text/plain, text/html", "text/plain|text/html" },
    { ",, text/plain ,text/html,", "text/plain|text/html" },
    { "a/b;c=\"x, text/html\", d/e", "a/b|d/e" },
    { "a/b;c=\"x\\\", text/html\", d/e", "a/b|d/e" },
    { "a/b;c=\"x, text/html", "a/b" },
    { "a/b;c=\"x\\", "a/b" },
    { "a/b;c=x\\, d/e", "a/b|d/e" },
    { "!#$%&'*+-.^_`|~09azAZ/x", "!#$%&'*+-.^_`|~09azAZ/x" },

    /* nothing that a browser goes by */

    { "", "" },
    { " ", "" },
    { ",", "" },
    { ";", "" },
    { ";charset=utf-8", "" },
    { "html", "" },
    { "text/", "" },
    { "/html", "" },
    { "text /html", "" },
    { "text/html/x", "" },
    { "text//html", "" },
    { "\"text/html\"", "" },
    { "text/h\x7fml", "" },
    { "text/h\xc3\xa9", "" },
    { "text/html\v", "" },
    { "text/{html}", "" },
    { "text=html", "" },
    { "*/*", "" },
    { "*/* ; q=1", "" },
    { "Unknown/Unknown", "" },
    { "application/unknown;x", "" },
    { "*/*, unknown/unknown, text/css", "text/css" },
};


static const xml_test_t  xml_tests[] = {
    { "application/xhtml+xml", 1 },
    { "image/SVG+XML", 1 },
    { "text/xml", 1 },
    { "Application/XML", 1 },
    { "text/html", 0 },
    { "application/xml-dtd", 0 },
    { "a/xml", 0 },
    { "+xml", 0 },
    { "", 0 },
};


static void
test_types(void)
{
    size_t         i, n;
    char           all[256];
    consent_str_t  rest, type;

    for (i = 0; i < nelts(type_tests); i++) {
        rest = str(type_tests[i].value);
        n = 0;

        while (consent_media_next(&rest, &type)) {

            if (n) {
                all[n++] = '|';
            }

            memcpy(all + n, type.data, type.len);
            n += type.len;
        }

        is_str(all, n, type_tests[i].types, "types: \"%s\"",
               type_tests[i].value);
    }
}


static void
test_xml(void)
{
    size_t  i;

    for (i = 0; i < nelts(xml_tests); i++) {
        is_int(consent_media_is_xml(str(xml_tests[i].type)), xml_tests[i].xml,
               "XML: \"%s\"", xml_tests[i].type);
    }
}


static consent_str_t
str(const char *text)
{
    return consent_str_make((const uint8_t *) text, strlen(text));
}


int
main(void)
{
    test_types();
    test_xml();

    return done_testing();
}
