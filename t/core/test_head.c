/*
 * Copyright (C) ngx_consent_module authors
 *
 * Where the body begins, at every cut of the input and byte by byte: "@" in
 * the expected text.
 */


#include "consent_head.h"
#include "tap.h"


#define nelts(a)  (sizeof(a) / sizeof((a)[0]))

#define HEAD  "<!doctype html><title>t</title>"


typedef struct {
    char      text[1024];
    size_t    len;
} out_t;


typedef struct {
    const char    *html;        /* the same without "@" is the input */
    unsigned       base;
} head_test_t;


static void put(out_t *out, const uint8_t *p, size_t len);
static void run(out_t *out, const char *html, size_t size,
    const size_t *cuts, size_t ncuts, unsigned *base);
static void test_case(const head_test_t *t);


static const head_test_t  head_tests[] = {

    /* <body> */

    { "<!doctype html><html><head></head><body>@<p>x", 0 },
    { "<html><body class=\"a>b\" id='c>d' x=e/>@x", 0 },
    { "<BODY\n onload=x >@x", 0 },
    { "<body/>@x", 0 },
    { "<body =a>@x", 0 },
    { "<body a='\">'>@x", 0 },
    { "\357\273\277<body>@x", 0 },
    { HEAD "<!-- <body> --><body>@x", 0 },
    { HEAD "<!--><body>@-->", 0 },
    { HEAD "<!---><body>@-->", 0 },
    { HEAD "<!--!><body>--><body>@x", 0 },
    { HEAD "<!----!><body>@-->", 0 },
    { HEAD "<!-- --!-> <body> --><body>@x", 0 },
    { HEAD "<!-- - -> <body> --><body>@x", 0 },
    { HEAD "<?xml <body>@?><body>x", 0 },
    { HEAD "<! <body>@x<body>x", 0 },
    { HEAD "<!- <body>@x<body>x", 0 },
    { HEAD "</ <body>@x<body>x", 0 },
    { HEAD "</><body>@x", 0 },
    { HEAD "</p></div x=\"<body>\"></longlonglonglong><body>@x", 0 },
    { HEAD "<script>'<body>'</script ><body>@x", 0 },
    { HEAD "<script>'</scrip<body>'</SCRIPT/><body>@x", 0 },
    { HEAD "<script><!-- <script> </script> <body> --></script><body>@x",
      0 },
    { HEAD "<script><!--> <script> </script><body>@x", 0 },
    { HEAD "<script><!-- </script><body>@x", 0 },
    { HEAD "<script><!-- <script --> </script><body>@x", 0 },
    { HEAD "<script> <script> </script><body>@x", 0 },
    { HEAD "<style><body></style><body>@x", 0 },
    { HEAD "<noscript><body><p></noscript><body>@x", 0 },
    { HEAD "<title><body></titl></title><body>@x", 0 },
    { HEAD "<template><body><p>x</template><body>@x", 0 },
    { HEAD "<template><template></template><p></template><body>@x", 0 },
    { HEAD "<template>a < b<textarea></template></textarea></template>"
      "<body>@x", 0 },
    { HEAD "<template><script></template></script></template><body>@x", 0 },
    { HEAD "<link rel=x><meta a=b><base target=_top><body>@x", 0 },
    { HEAD "<base href=/x><body>@x", 1 },
    { HEAD "<BASE HREF><body>@x", 1 },
    { "<html>\n<head>\n<basefont><bgsound><body>@x", 0 },

    /* implied */

    { HEAD "@<p>x", 0 },
    { HEAD "\n @x", 0 },
    { HEAD "@<x-very-long-name-of-an-element>", 0 },
    { HEAD "@<b>", 0 },
    { HEAD "@<5", 0 },
    { HEAD "@<<body>", 0 },
    { HEAD "@&nbsp;<body>", 0 },
    { HEAD "@\303\251", 0 },
    { HEAD "@</body>", 0 },
    { HEAD "@</br>", 0 },
    { HEAD "@</html>x", 0 },
    { HEAD "@<bodyx>", 0 },
    { HEAD "@<textarea>", 0 },
    { HEAD "@<iframe>", 0 },
    { HEAD "@<svg>", 0 },
    { HEAD "<base href=x>@<img>", 1 },
    { "<head></head>@<div>", 0 },
    { "<html>@text", 0 },

    /* the end of the document */

    { HEAD "@", 0 },
    { HEAD " \n@", 0 },
    { "<html>@</html>", 0 },

    /* nowhere */

    { "", 0 },
    { "x", 0 },
    { "<p>x<body>", 0 },
    { "<div><!doctype html><body>", 0 },
    { "<title>t</title><p>x", 0 },
    { "<script>x</script><li>x", 0 },
    { "  <tr><td>x", 0 },
    { "{\"a\":\"<body>\"}", 0 },
    { "\357\273\276<body>", 0 },
    { "<!doctype html><frameset><frame></frameset>", 0 },
    { "<html><head></head><frameset>", 0 },
    { HEAD "<script>x", 0 },
    { HEAD "<script><!-- <script> </script><body>x", 0 },
    { HEAD "<!-- <body>", 0 },
    { HEAD "<template><body>", 0 },
    { HEAD "<bod", 0 },
    { HEAD "<", 0 },
    { HEAD "</", 0 },
    { HEAD "<body class=\"", 0 },
    { "<!doctype html><body data-consent-banner>x", 0 },
    { "<!doctype html><html DATA-Consent-Banner=x><body>x", 0 },
    { HEAD "<meta content=x name=Consent-Banner><body>x", 0 },
    { HEAD "<meta name=\"consent-banner\"><p>x", 0 },

    /* ... but these say nothing */

    { HEAD "<meta name=consent-banners><body>@x", 0 },
    { HEAD "<meta property=consent-banner><body>@x", 0 },
    { "<!doctype html><body data-consent-banner-x>@x", 0 },
    { HEAD "<link data-consent-banner><body>@x", 0 },
};


int
main(void)
{
    size_t  i;

    for (i = 0; i < nelts(head_tests); i++) {
        test_case(&head_tests[i]);
    }

    return done_testing();
}


static void
test_case(const head_test_t *t)
{
    char         html[512];
    const char  *s;
    out_t        out;
    size_t       n, i, all[512];
    unsigned     good, base;

    n = 0;

    for (s = t->html; *s; s++) {
        if (*s != '@') {
            html[n++] = *s;
        }
    }

    for (i = 0; i < n; i++) {
        all[i] = i;
    }

    good = 1;

    for (i = 0; i <= n + 1; i++) {

        /* at each byte, and at all of them */

        run(&out, html, n, (i <= n) ? &i : all, (i <= n) ? 1 : n, &base);

        if (out.len != strlen(t->html)
            || memcmp(out.text, t->html, out.len) != 0
            || (base != t->base && strchr(t->html, '@')))
        {
            good = 0;
            diag("cut at %d: %.*s", (int) i, (int) out.len, out.text);
            break;
        }
    }

    ok((int) good, "%s", t->html);
}


static void
put(out_t *out, const uint8_t *p, size_t len)
{
    if (len) {
        memcpy(out->text + out->len, p, len);
        out->len += len;
    }
}


/* as the body filter does it */

static void
run(out_t *out, const char *html, size_t size, const size_t *cuts,
    size_t ncuts, unsigned *base)
{
    size_t           i, from, to, nheld;
    uint8_t          held[CONSENT_HEAD_HOLD], piece[512];
    unsigned         done;
    const uint8_t   *pos;
    consent_head_t   h;
    consent_head_e   rc;

    static const uint8_t  mark[] = "@";

    consent_head_init(&h);

    out->len = 0;
    done = 0;
    from = 0;

    for (i = 0; i <= ncuts; i++) {
        to = (i < ncuts) ? cuts[i] : size;

        memcpy(piece, html + from, to - from);

        if (done) {
            put(out, piece, to - from);
            from = to;
            continue;
        }

        nheld = h.hold_len;
        memcpy(held, h.hold, nheld);

        pos = piece;
        rc = consent_head_scan(&h, &pos, piece + (to - from));

        if (rc == CONSENT_HEAD_BEFORE) {
            put(out, mark, 1);
        }

        if (rc != CONSENT_HEAD_MORE || h.released) {
            put(out, held, nheld);
        }

        put(out, piece, (size_t) (pos - piece));

        if (rc == CONSENT_HEAD_HERE) {
            put(out, mark, 1);
        }

        if (rc != CONSENT_HEAD_MORE) {
            put(out, pos, (to - from) - (size_t) (pos - piece));
            done = 1;
        }

        from = to;
    }

    if (!done) {
        put(out, h.hold, h.hold_len);

        if (consent_head_end(&h) == CONSENT_HEAD_HERE) {
            put(out, mark, 1);
        }
    }

    *base = h.base;
}
