/*
 * Copyright (C) ngx_consent_module authors
 *
 * JSON that is read in place.
 */


#include "consent_json.h"
#include "tap.h"


#define nelts(a)  (sizeof(a) / sizeof((a)[0]))


typedef struct {
    const char  *text;
    const char  *decoded;       /* NULL: no string */
} string_case_t;


static void test_values(void);
static void test_elements(void);
static void test_depth(void);
static void test_strings(void);
static void test_size(void);
static int is_json(const char *text, size_t len);
static consent_str_t str(const char *text);


/* each of them is an element of an array, or is not */

static const char  *const valid[] = {
    "0", "-0", "7", "10", "-1.5", "1e9", "1E+9", "1.25e-3", "true", "false",
    "null", "\"\"", "\"a\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"",
    "\"\xc3\xa9\"", "\"\x7f\"", "[]", "[ ]", "{}", "{ }", "[1]", "[1,[2],{}]",
    "{\"a\":1}", "{\"a\":{\"b\":[null]},\"c\":\"\"}",
    "\r\n\t { \"a\" : [ 1 , 2 ] , \"b\" : 3 } \n", "{\"\":0}",
    "{\"a\":1,\"a\":2}", "\"\\ud83d\\ude00\"", "\"\\ud83d\""
};


static const char  *const invalid[] = {
    "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "1a", "--1", "1-",
    "True", "nul", "nulll", "undefined", "NaN", "'a'", "\"", "\"a", "\"\\\"",
    "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\", "\"a\nb\"", "\"\x01\"",
    "[", "]", "[1", "[1,]", "[,1]", "[1 2]", "[1,,2]", "[1}", "{", "}",
    "{1}", "{a:1}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\" 1}",
    "{\"a\":1 \"b\":2}", "{\"a\":1]", "1 2", ",1", "1,", "1,,2", "{}{}",
    "/* a */1", "1//a", "\f1", "\357\273\2771", "a", ":", "\\"
};


static const string_case_t  strings[] = {
    { "\"\"", "" },
    { "\"abc\"", "abc" },
    { "\"a\\\"b\\\\c\\/d\"", "a\"b\\c/d" },
    { "\"\\b\\f\\n\\r\\t\"", "\b\f\n\r\t" },
    { "\"\\u0041\\u00e9\\u20AC\"", "A\xc3\xa9\xe2\x82\xac" },
    { "\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80" },
    { "\"\\ud83dx\"", "\xef\xbf\xbdx" },
    { "\"\\ud83d\\u0041\"", "\357\277\275A" },
    { "\"\\ude00\"", "\xef\xbf\xbd" },
    { "1", NULL },
    { "[]", NULL },
    { "\"", NULL },
    { "", NULL }
};


int
main(void)
{
    test_values();
    test_elements();
    test_depth();
    test_strings();
    test_size();

    return done_testing();
}


static void
test_values(void)
{
    size_t  i;

    for (i = 0; i < nelts(valid); i++) {
        ok(is_json(valid[i], strlen(valid[i])), "valid: %s", valid[i]);
    }

    for (i = 0; i < nelts(invalid); i++) {
        ok(!is_json(invalid[i], strlen(invalid[i])), "not: %s", invalid[i]);
    }

    ok(is_json("", 0), "nothing at all is a list of nothing");
    ok(!is_json("\"a\0b\"", 5), "not: a zero byte");
}


/* memory of exactly the size, for the sanitizers */

static int
is_json(const char *text, size_t len)
{
    int                  rc;
    uint8_t             *copy;
    consent_json_t       element;
    consent_json_list_t  list;

    copy = malloc(len ? len : 1);
    memcpy(copy, text, len);

    consent_json_start(&list, consent_str_make(copy, len));

    do {
        rc = consent_json_next(&element, &list);
    } while (rc == 1);

    free(copy);

    return rc == 0;
}


static void
test_elements(void)
{
    consent_str_t        text;
    consent_json_t       element;
    consent_json_list_t  list, inner;

    text = str(" {\"a\" : [1, \"x\"] ,\"b\":{}} , 2 ");

    consent_json_start(&list, text);

    is_int(consent_json_next(&element, &list), 1, "the first element");
    is_str(element.text.data, element.text.len, "{\"a\" : [1, \"x\"] ,"
           "\"b\":{}}", "its text");
    is_int((long long) element.key.len, 0, "it has no key");

    ok(!consent_json_enter(&inner, element.value, '['), "it is no array");
    ok(consent_json_enter(&inner, element.value, '{'), "it is an object");

    is_int(consent_json_next(&element, &inner), 1, "the first member");
    is_str(element.text.data, element.text.len, "\"a\" : [1, \"x\"]",
           "its text");
    is_str(element.key.data, element.key.len, "\"a\"", "its key");
    is_str(element.value.data, element.value.len, "[1, \"x\"]", "its value");
    ok(consent_json_is(element.key, "a"), "the key is a");
    ok(!consent_json_is(element.key, "ab"), "and not ab");

    is_int(consent_json_next(&element, &inner), 1, "the second member");
    ok(consent_json_is(element.key, "b"), "its key");
    is_int(consent_json_next(&element, &inner), 0, "and no more");

    is_int(consent_json_next(&element, &list), 1, "the second element");
    is_str(element.value.data, element.value.len, "2", "its value");
    is_int(consent_json_next(&element, &list), 0, "and no more");
    is_int(consent_json_next(&element, &list), 0, "there is never more");
}


static void
test_depth(void)
{
    size_t  depth;
    char    text[4 * CONSENT_JSON_DEPTH];

    for (depth = CONSENT_JSON_DEPTH - 1; depth <= CONSENT_JSON_DEPTH + 1;
         depth++)
    {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);

        is_int(is_json(text, 2 * depth), depth <= CONSENT_JSON_DEPTH,
               "%d arrays in one another", (int) depth);
    }

    memset(text, '[', sizeof(text));
    ok(!is_json(text, sizeof(text)), "arrays that never end");
}


static void
test_strings(void)
{
    int            rc;
    size_t         i;
    uint8_t        buf[64];
    consent_str_t  text;

    for (i = 0; i < nelts(strings); i++) {
        rc = consent_json_string(buf, sizeof(buf), str(strings[i].text),
                                 &text);

        if (strings[i].decoded == NULL) {
            is_int(rc, -1, "no string: %s", strings[i].text);
            continue;
        }

        is_str(text.data, rc ? 0 : text.len, strings[i].decoded,
               "string: %s", strings[i].text);
    }
}


static void
test_size(void)
{
    uint8_t        buf[4];
    consent_str_t  text;

    is_int(consent_json_string(buf, 4, str("\"abcd\""), &text), 0,
           "a string that fits");
    is_int(consent_json_string(buf, 4, str("\"abcde\""), &text), -1,
           "one that does not");
    is_int(consent_json_string(buf, 4, str("\"ab\\u20ac\""), &text), -1,
           "one that does not with its last character");
}


static consent_str_t
str(const char *text)
{
    return consent_str_make((const uint8_t *) text, strlen(text));
}
