/*
 * Copyright (C) ngx_consent_module authors
 *
 * The candidates of srcset.
 */


#include "consent_srcset.h"
#include "tap.h"


#define ROUNDS  20000

#define nelts(a)  (sizeof(a) / sizeof((a)[0]))


typedef struct {
    const char  *value;
    const char  *urls;          /* each behind a "|" */
    const char  *candidates;    /* likewise; NULL: the same as urls */
} srcset_case_t;


typedef struct {
    char         data[256];
    size_t       len;
} list_t;


static void test_cases(void);
static void test_random(void);
static int round_trip(consent_str_t value);
static int good_candidate(const consent_srcset_t *c, consent_str_t value);
static void append(list_t *list, const char *separator, consent_str_t s);
static uint8_t *copy(consent_str_t s);
static uint32_t random_below(uint32_t n);
static consent_str_t str(const char *text);


static const srcset_case_t  cases[] = {

    /* nothing */

    { "", "", NULL },
    { " ", "", NULL },
    { "\t\n\f\r ", "", NULL },
    { ",", "", NULL },
    { " , ,,\n,", "", NULL },

    /* a URL alone, and what is around it */

    { "a", "|a", NULL },
    { " a ", "|a", NULL },
    { "\t\n\f\ra\t\n\f\r", "|a", NULL },
    { ",a", "|a", NULL },
    { " ,, , a", "|a", NULL },
    { "a,", "|a", NULL },
    { "a ,", "|a", NULL },
    { "a,,,", "|a", NULL },
    { "a, , ,", "|a", NULL },
    { "\va", "|\va", NULL },
    { "\xc2\xa0" "a", "|\xc2\xa0" "a", NULL },

    /* separators */

    { "a, b", "|a|b", NULL },
    { "a ,b", "|a|b", NULL },
    { "a , b", "|a|b", NULL },
    { "a,\nb", "|a|b", NULL },
    { "a,,, b", "|a|b", NULL },
    { "a ,,, b", "|a|b", NULL },
    { "a, ,b, ,c", "|a|b|c", NULL },

    /* commas that are part of the URL */

    { "a,b", "|a,b", NULL },
    { "a,b,c, d,e", "|a,b,c|d,e", NULL },
    { "a,,b 1x,c 2x", "|a,,b|c", "|a,,b 1x|c 2x" },
    { "data:,a ( , data:,b 1x, ), data:,c", "|data:,a|data:,c",
      "|data:,a ( , data:,b 1x, )|data:,c" },
    { "data:image/gif;base64,R0lGOD 1x, b 2x",
      "|data:image/gif;base64,R0lGOD|b",
      "|data:image/gif;base64,R0lGOD 1x|b 2x" },
    { "data:, a", "|data:|a", NULL },
    { "data:,, 1x", "|data:|1x", NULL },
    { "//x/w_1,h_2/a.png 1x,//y/b.png 2x", "|//x/w_1,h_2/a.png|//y/b.png",
      "|//x/w_1,h_2/a.png 1x|//y/b.png 2x" },

    /* descriptors */

    { "a 1x", "|a", "|a 1x" },
    { "a 1x, b 2x", "|a|b", "|a 1x|b 2x" },
    { "a 1x,b 2x", "|a|b", "|a 1x|b 2x" },
    { "a 1x ,b 2x ", "|a|b", "|a 1x|b 2x" },
    { "a\n1x\n,\nb\t2x\n", "|a|b", "|a\n1x|b\t2x" },
    { "a 100w, b 200w 50h", "|a|b", "|a 100w|b 200w 50h" },
    { "a  100w   50h  , b", "|a|b", "|a  100w   50h|b" },
    { "a 1x,,b 2x", "|a|b", "|a 1x|b 2x" },
    { "a 1.5x, b 1e3x, c .5x", "|a|b|c", "|a 1.5x|b 1e3x|c .5x" },

    /* descriptors that browsers do not like */

    { "a 1x 2x, b", "|a|b", "|a 1x 2x|b" },
    { "a foo, b 1q", "|a|b", "|a foo|b 1q" },
    { "a -1x, b 0w, c +1x", "|a|b|c", "|a -1x|b 0w|c +1x" },
    { "a b, c", "|a|c", "|a b|c" },
    { "a https://x/b c, d", "|a|d", "|a https://x/b c|d" },
    { "a 50h", "|a", "|a 50h" },

    /* parentheses: no comma in them separates, and they do not nest */

    { "a (b, c), d", "|a|d", "|a (b, c)|d" },
    { "a x(b, c)d, e", "|a|e", "|a x(b, c)d|e" },
    { "a ((b, c), d), e", "|a|d)|e", "|a ((b, c)|d)|e" },
    { "a ((), b), c", "|a|b)|c", "|a (()|b)|c" },
    { "a ) , b", "|a|b", "|a )|b" },
    { "a (b, c", "|a", "|a (b, c" },
    { "a (b, c ", "|a", "|a (b, c" },
    { "a (, b (, c), d", "|a|d", "|a (, b (, c)|d" },
    { "a(b, c), d", "|a(b|c)|d", NULL },
    { "(a, b)", "|(a|b)", NULL }
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
    size_t                i;
    list_t                urls, candidates;
    uint8_t              *data;
    consent_str_t         value;
    consent_srcset_t      c;
    const srcset_case_t  *test;

    for (i = 0; i < nelts(cases); i++) {
        test = &cases[i];

        value = str(test->value);
        data = copy(value);
        value.data = data;

        urls.len = 0;
        candidates.len = 0;

        while (consent_srcset_next(&c, &value)) {
            append(&urls, "|", c.url);
            append(&candidates, "|", c.candidate);
        }

        is_str(urls.data, urls.len, test->urls, "URLs %d", (int) i);
        is_str(candidates.data, candidates.len,
               test->candidates ? test->candidates : test->urls,
               "candidates %d", (int) i);

        ok(value.len == 0 && !consent_srcset_next(&c, &value),
           "end %d", (int) i);

        free(data);
    }
}


/* candidates in new order of white space and commas are the same ones */

static void
test_random(void)
{
    int            i, wrong;
    size_t         j, n;
    uint8_t       *data, value[24];
    consent_str_t  s;

    static const char  alphabet[] = "aab1,,,   \n()\xc3\0";

    wrong = 0;

    for (i = 0; i < ROUNDS; i++) {
        n = 1 + random_below(sizeof(value));

        for (j = 0; j < n; j++) {
            value[j] = (uint8_t) alphabet[random_below(sizeof(alphabet) - 1)];
        }

        data = copy(consent_str_make(value, n));
        s = consent_str_make(data, n);

        if (!round_trip(s)) {
            diag("round %d: \"%.*s\"", i, (int) n, value);
            wrong++;
        }

        free(data);
    }

    is_int(wrong, 0, "%d random values", ROUNDS);
}


static int
round_trip(consent_str_t value)
{
    list_t            joined;
    consent_str_t     rest, again;
    consent_srcset_t  c, d;

    joined.len = 0;
    rest = value;

    while (consent_srcset_next(&c, &rest)) {

        if (!good_candidate(&c, value)) {
            return 0;
        }

        append(&joined, joined.len ? ", " : "", c.candidate);
    }

    rest = value;
    again = consent_str_make((uint8_t *) joined.data, joined.len);

    while (consent_srcset_next(&c, &rest)) {

        if (!consent_srcset_next(&d, &again)
            || !consent_str_eq(c.url, d.url)
            || !consent_str_eq(c.candidate, d.candidate))
        {
            return 0;
        }
    }

    return !consent_srcset_next(&d, &again);
}


static int
good_candidate(const consent_srcset_t *c, consent_str_t value)
{
    const uint8_t  *last;

    last = c->candidate.data + c->candidate.len - 1;

    return c->url.len > 0
           && c->url.data == c->candidate.data
           && c->url.len <= c->candidate.len
           && c->candidate.data >= value.data
           && last < value.data + value.len
           && !consent_is_space(*c->url.data) && *c->url.data != ','
           && c->url.data[c->url.len - 1] != ','
           && !consent_is_space(*last);
}


static void
append(list_t *list, const char *separator, consent_str_t s)
{
    size_t  n;

    n = strlen(separator);

    if (n + s.len > sizeof(list->data) - list->len) {
        return;
    }

    memcpy(list->data + list->len, separator, n);
    memcpy(list->data + list->len + n, s.data, s.len);

    list->len += n + s.len;
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
