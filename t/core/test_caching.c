/*
 * Copyright (C) ngx_consent_module authors
 *
 * Headers for caches: their names, Cache-Control, Vary.
 */


#include "consent_caching.h"
#include "tap.h"


#define nelts(a)  (sizeof(a) / sizeof((a)[0]))


typedef struct {
    const char               *name;
    consent_caching_field_e   want;
} field_test_t;


typedef struct {
    const char               *value;
    const char               *want;
} control_test_t;


typedef struct {
    const char               *value;
    int                       want;
} vary_test_t;


static void test_fields(void);
static void test_control(void);
static void test_lines(void);
static void test_vary(void);
static consent_str_t str(const char *text);


static const field_test_t  field_tests[] = {
    { "Cache-Control", CONSENT_CACHING_CONTROL },
    { "cache-control", CONSENT_CACHING_CONTROL },
    { "Expires", CONSENT_CACHING_EXPIRES },
    { "EXPIRES", CONSENT_CACHING_EXPIRES },
    { "Vary", CONSENT_CACHING_VARY },
    { "Surrogate-Control", CONSENT_CACHING_TARGETED },
    { "Edge-Control", CONSENT_CACHING_TARGETED },
    { "X-Accel-Expires", CONSENT_CACHING_TARGETED },
    { "CDN-Cache-Control", CONSENT_CACHING_TARGETED },
    { "cdn-cache-control", CONSENT_CACHING_TARGETED },
    { "Cloudflare-CDN-Cache-Control", CONSENT_CACHING_TARGETED },
    { "Akamai-Cache-Control", CONSENT_CACHING_TARGETED },
    { "X-LiteSpeed-Cache-Control", CONSENT_CACHING_TARGETED },
    { "X-Cache-Control", CONSENT_CACHING_TARGETED },
    { "", CONSENT_CACHING_NONE },
    { "E", CONSENT_CACHING_NONE },
    { "ETag", CONSENT_CACHING_NONE },
    { "Very", CONSENT_CACHING_NONE },
    { "Expired", CONSENT_CACHING_NONE },
    { "Pragma", CONSENT_CACHING_NONE },
    { "Edge-Controls", CONSENT_CACHING_NONE },
    { "edge_control", CONSENT_CACHING_NONE },
    { "Content-Type", CONSENT_CACHING_NONE },
    { "Last-Modified", CONSENT_CACHING_NONE },
    { "-Cache-Control", CONSENT_CACHING_NONE },
    { "XCache-Control", CONSENT_CACHING_NONE },
    { "Surrogate-Key-1234", CONSENT_CACHING_NONE },
    { "Cache-Control-Header", CONSENT_CACHING_NONE },
};


static const control_test_t  control_tests[] = {
    { "", "private, no-cache" },
    { "public, max-age=60, s-maxage=3600, immutable", "private, no-cache" },
    { "private", "private, no-cache" },
    { "private, max-age=60", "private, no-cache" },
    { "stale-while-revalidate=60, stale-if-error=60", "private, no-cache" },
    { "no-cache=\"set-cookie\"", "private, no-cache" },
    { "no-store", "private, no-cache, no-store" },
    { "NO-STORE", "private, no-cache, no-store" },
    { "no-store=1", "private, no-cache, no-store" },
    { " ,, max-age=0 ,\tno-store ,", "private, no-cache, no-store" },
    { "no-store,no-transform,must-revalidate,must-understand,max-age=1",
      "private, no-cache, no-store, no-transform, must-revalidate, "
      "must-understand" },
    { "must-revalidate, no-transform",
      "private, no-cache, no-transform, must-revalidate" },
    { "no-storm", "private, no-cache" },
    { "no store", "private, no-cache" },
    { "x-no-store", "private, no-cache" },

    /* in an argument it is no directive */

    { "private=\"a, no-store, b\"", "private, no-cache" },
    { "private=\"a\\\", no-store\", no-transform",
      "private, no-cache, no-transform" },
    { "private=\"a\", no-store", "private, no-cache, no-store" },
    { "private=\"a, no-store", "private, no-cache" },
    { "=no-store", "private, no-cache" },
};


static const vary_test_t  vary_tests[] = {
    { "", 0 },
    { "Cookie", 1 },
    { "cookie", 1 },
    { "Accept-Encoding", 0 },
    { "Accept-Encoding, Cookie", 1 },
    { "Accept-Encoding,cookie,X", 1 },
    { " , Cookie ,", 1 },
    { "Cookies, X-Cookie, Cooki", 0 },
    { "*", 1 },
    { "Accept, *", 1 },
    { "**", 0 },
};


static void
test_fields(void)
{
    size_t  i;

    for (i = 0; i < nelts(field_tests); i++) {
        is_int(consent_caching_field(str(field_tests[i].name)),
               field_tests[i].want, "field: \"%s\"", field_tests[i].name);
    }
}


static void
test_control(void)
{
    size_t    i, len;
    uint8_t   dst[CONSENT_CACHING_SIZE];
    unsigned  kept;

    for (i = 0; i < nelts(control_tests); i++) {

        kept = 0;
        consent_caching_read(&kept, str(control_tests[i].value));
        len = consent_caching_private(dst, kept);

        is_str(dst, len, control_tests[i].want, "private: \"%s\"",
               control_tests[i].value);
    }

    ok(consent_caching_private(dst, ~0u) <= sizeof(dst), "room for all");
}


static void
test_lines(void)
{
    size_t    len;
    uint8_t   dst[CONSENT_CACHING_SIZE];
    unsigned  kept;

    kept = 0;

    consent_caching_read(&kept, str("no-transform, max-age=60"));
    consent_caching_read(&kept, str("public"));
    consent_caching_read(&kept, str("no-store"));

    len = consent_caching_private(dst, kept);

    is_str(dst, len, "private, no-cache, no-store, no-transform",
           "lines add up");
}


static void
test_vary(void)
{
    size_t  i;

    for (i = 0; i < nelts(vary_tests); i++) {
        is_int(consent_caching_varies(str(vary_tests[i].value),
                                      str("Cookie")),
               vary_tests[i].want, "vary: \"%s\"", vary_tests[i].value);
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
    test_fields();
    test_control();
    test_lines();
    test_vary();

    return done_testing();
}
