/*
 * Copyright (C) ngx_consent_module authors
 *
 * The URL of <meta http-equiv=refresh>.
 */


#include "consent_refresh.h"
#include "tap.h"


#define ROUNDS  20000

#define nelts(a)  (sizeof(a) / sizeof((a)[0]))


typedef struct {
    const char  *content;
    const char  *url;           /* NULL: none */
} refresh_case_t;


static void test_cases(void);
static void test_random(void);
static uint8_t *copy(consent_str_t s);
static uint32_t random_below(uint32_t n);
static consent_str_t str(const char *text);


static const refresh_case_t  cases[] = {

    /* the page itself */

    { "5", NULL },
    { "0", NULL },
    { " 5 ", NULL },
    { "5;", NULL },
    { "5,", NULL },
    { "5 ; ", NULL },
    { "5;url=", NULL },
    { "5; url = ", NULL },
    { "5;url=''", NULL },
    { "5;url=\"", NULL },
    { "5;''a", NULL },
    { "5;'", NULL },

    /* not valid */

    { "", NULL },
    { " ", NULL },
    { ";url=a", NULL },
    { "url=a", NULL },
    { "https://x", NULL },
    { "-1;url=a", NULL },
    { "+1;url=a", NULL },
    { "x;url=a", NULL },
    { "5url=a", NULL },
    { "5:url=a", NULL },
    { "5.x;url=a", NULL },
    { "5s;url=a", NULL },
    { "\v5;url=a", NULL },
    { "5\v;url=a", NULL },

    /* the time */

    { "0;url=a", "a" },
    { "007;url=a", "a" },
    { ".;url=a", "a" },
    { ".5;url=a", "a" },
    { "5.;url=a", "a" },
    { "1.2.3..;url=a", "a" },
    { "99999999999999999999999999;url=a", "a" },
    { "\t\n\f\r 5;url=a", "a" },

    /* what separates it */

    { "5;url=a", "a" },
    { "5,url=a", "a" },
    { "5 url=a", "a" },
    { "5\nurl=a", "a" },
    { "5 ; url=a", "a" },
    { "5 , url=a", "a" },
    { "5\t\n\f\r ;\t\n\f\r url=a", "a" },
    { "5;;url=a", ";url=a" },
    { "5,;url=a", ";url=a" },
    { "5; ;url=a", ";url=a" },

    /* "url =" */

    { "5;URL=a", "a" },
    { "5;uRl=a", "a" },
    { "5;url =\na", "a" },
    { "5;url\t=\t'a'", "a" },
    { "5;url==a", "=a" },
    { "5;url=url=a", "url=a" },

    /* without it, and what only begins like it */

    { "0;https://x", "https://x" },
    { "0 https://x", "https://x" },
    { "0;//x", "//x" },
    { "0;a b", "a b" },
    { "0;u", "u" },
    { "0;ur", "ur" },
    { "0;url", "url" },
    { "0;url ", "url " },
    { "0;url a=b", "url a=b" },
    { "0;urls=a", "urls=a" },
    { "0;ux'y'", "ux'y'" },
    { "0;ur'a'", "ur'a'" },
    { "0;url:'a'", "url:'a'" },
    { "0;uri=a", "uri=a" },
    { "0;src=a", "src=a" },

    /* quotes */

    { "0;url='a'", "a" },
    { "0;url=\"a\"", "a" },
    { "0;url='a' b", "a" },
    { "0;url='a", "a" },
    { "0;url=\"a'b\"c", "a'b" },
    { "0;url=' a '", " a " },
    { "0;url=a'b'", "a'b'" },
    { "0;'a'", "a" },
    { "0;'https://x';url=b", "https://x" },
    { "0;'url=a'", "url=a" },
    { "0;url='url=\"a\"'", "url=\"a\"" },

    /* the URL is taken as it is */

    { "0;url=https://x/?a;b,c=d#e ", "https://x/?a;b,c=d#e " },
    { "0;url=\\\\x\\a", "\\\\x\\a" },
    { "0;url=\xc3\xa9", "\xc3\xa9" },
    { "0;url=javascript:x('y')", "javascript:x('y')" }
};


static uint32_t  random_state = 20250307;


int
main(void)
{
    test_cases();
    test_random();

    return done_testing();
}


static void
test_cases(void)
{
    int                    found;
    size_t                 i;
    uint8_t               *data;
    consent_str_t          content, url;
    const refresh_case_t  *test;

    for (i = 0; i < nelts(cases); i++) {
        test = &cases[i];

        content = str(test->content);
        data = copy(content);
        content.data = data;

        found = consent_refresh_url(content, &url);

        if (test->url == NULL || !found) {
            is_int(found, test->url != NULL, "content %d", (int) i);

        } else {
            is_str(url.data, url.len, test->url, "content %d", (int) i);
        }

        free(data);
    }
}


/* a URL is never empty and within the content, whatever that is */

static void
test_random(void)
{
    int            i, wrong, found;
    size_t         j, n;
    uint8_t       *data, content[16];
    consent_str_t  url;

    static const char  alphabet[] = "00.;, \nuUrRlL=='\"a\0";

    wrong = 0;
    found = 0;

    for (i = 0; i < ROUNDS; i++) {
        n = 1 + random_below(sizeof(content));
        content[0] = '0';

        for (j = random_below(2); j < n; j++) {
            content[j] = (uint8_t)
                         alphabet[random_below(sizeof(alphabet) - 1)];
        }

        data = copy(consent_str_make(content, n));

        if (consent_refresh_url(consent_str_make(data, n), &url)) {
            found++;

            if (url.len == 0 || url.data <= data
                || url.data + url.len > data + n)
            {
                wrong++;
            }
        }

        free(data);
    }

    is_int(wrong, 0, "%d random values", ROUNDS);
    ok(found > ROUNDS / 20, "random values: many have a URL");
}


/* in memory of just its size */

static uint8_t *
copy(consent_str_t s)
{
    uint8_t  *data;

    data = malloc(s.len ? s.len : 1);

    if (data == NULL) {
        exit(1);
    }

    memcpy(data, s.data, s.len);

    return data;
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
