/*
 * Copyright (C) ngx_consent_module authors
 *
 * What a visitor without consent gets of a page: each case whole, byte by
 * byte, cut in two at every place and cut at random.
 */


#include "rewrite_fixture.h"


typedef struct {
    const char  *name;
    const char  *in;
    const char  *out;           /* NULL: unchanged */
} case_t;


static const case_t  mark_cases[] = {

    /* scripts */

    { "script", "a<script src=\"" T "a.js\"></script>b",
      "a<script" SCRIPT " " PRE "src=\"" T "a.js\"></script>b" },
    { "script, type kept",
      "<script type=module src='" T "'>x</script>",
      "<script" SCRIPT " " PRE "type=module " PRE "src='" T "'>x</script>" },
    { "script of an accepted category", "<script src='" OK "'></script>",
      NULL },
    { "script without a rule", "<script src='https://other.example/'>"
      "</script>", NULL },
    { "script unquoted", "<script src=" T "a.js async></script>",
      "<script" SCRIPT " " PRE "src=" T "a.js async></script>" },
    { "script upper case", "<SCRIPT SRC='HTTPS://TRACKER.EXAMPLE/'></SCRIPT>",
      "<SCRIPT" SCRIPT " " PRE "SRC='HTTPS://TRACKER.EXAMPLE/'></SCRIPT>" },
    { "script with slashes", "<script/src=" T "/defer/></script>",
      "<script" SCRIPT "/" PRE "src=" T "/defer/></script>" },
    { "script, newlines", "<script\n\tsrc\n=\n'" T "'\n></script>",
      "<script" SCRIPT "\n\t" PRE "src\n=\n'" T "'\n></script>" },
    { "script, character references",
      "<script src='&#x68;ttps&colon;//tr&#97cker.example/?a&amp;b'></script>",
      "<script" SCRIPT " " PRE
      "src='&#x68;ttps&colon;//tr&#97cker.example/?a&amp;b'></script>" },
    { "script, scheme-relative", "<script src=//x.tracker.example></script>",
      "<script" SCRIPT " " PRE "src=//x.tracker.example></script>" },
    { "script, backslashes", "<script src='\\\\tracker.example'></script>",
      "<script" SCRIPT " " PRE "src='\\\\tracker.example'></script>" },
    { "script, tab in the scheme", "<script src='ht\ttps://tracker.example'>"
      "</script>", "<script" SCRIPT " " PRE
      "src='ht\ttps://tracker.example'></script>" },
    { "script, duplicate src: the first counts",
      "<script src='" OK "' src='" T "'></script>", NULL },
    { "script, duplicate src: all are renamed",
      "<script src='" T "' src='" OK "'></script>",
      "<script" SCRIPT " " PRE "src='" T "' " PRE "src='" OK "'></script>" },
    { "script, own path", "<script src='own.js?v=1'></script>",
      "<script" SCRIPT " " PRE "src='own.js?v=1'></script>" },
    { "script, own path by dots", "<script src='/x/../dir/%2e/own.js'>"
      "</script>", "<script" SCRIPT " " PRE
      "src='/x/../dir/%2e/own.js'></script>" },
    { "script, the same path elsewhere",
      "<script src='//other.example/dir/own.js'></script>", NULL },
    { "script, host and path", "<script src='//cdn.example/track/a'></script>",
      "<script" SCRIPT " " PRE "src='//cdn.example/track/a'></script>" },
    { "script, host and other path",
      "<script src='//cdn.example/lib/a'></script>", NULL },
    { "script, JSON data block",
      "<script type='application/ld+json' src='" T "'>evil()</script>", NULL },
    { "script, blocked by a CMP already",
      "<script type='text/plain' src='" T "'></script>", NULL },
    { "script, empty type", "<script type='' src=" T "></script>",
      "<script" SCRIPT " " PRE "type='' " PRE "src=" T "></script>" },
    { "script, type with white space",
      "<script type=' Text/JavaScript\n' src=" T "></script>",
      "<script" SCRIPT " " PRE "type=' Text/JavaScript\n' " PRE "src=" T
      "></script>" },
    { "script, type with a parameter is a data block",
      "<script type='text/javascript;charset=utf-8' src=" T "></script>",
      NULL },
    { "script, language", "<script language=JavaScript src=" T "></script>",
      "<script" SCRIPT " language=JavaScript " PRE "src=" T "></script>" },
    { "script, other language", "<script language=VBScript src=" T
      "></script>", NULL },
    { "script, base", "<base href='" T "'><script src=a.js></script>",
      "<base href='" T "'><script" SCRIPT " " PRE "src=a.js></script>" },
    { "script, second base", "<base href='" OK "'><base href='" T "'>"
      "<script src=a.js></script>", NULL },
    { "script, self-closing in HTML is not closed",
      "<script src=" OK " /><img src=" T "></script><img src=" T ">",
      "<script src=" OK " /><img src=" T "></script><img" OTHER " " PRE "src="
      T ">" },

    /* inline scripts */

    { "inline", "<p><script>evil(1)</script><p>",
      "<p><script" SCRIPT ">evil(1)</script><p>" },
    { "inline, attributes", "<script nonce=n type=text/javascript> x;evil(1)"
      "</script >", "<script" SCRIPT " nonce=n " PRE
      "type=text/javascript> x;evil(1)</script >" },
    { "inline, regular expression", "<script>\n start_tracking()</script>",
      "<script" SCRIPT ">\n start_tracking()</script>" },
    { "inline, regular expression does not match",
      "<script>x;start_tracking()</script>", NULL },
    { "inline, accepted", "<script>harmless(1)</script>", NULL },
    { "inline, none", "<script>var a = '<img src=" OK ">';</script>", NULL },
    { "inline, names a denied host only",
      "<script>var a = '<img src=" T ">';</script>",
      "<script" SCRIPT ">var a = '<img src=" T ">';</script>" },
    { "import map that names a denied host",
      "<script type=importmap>{\"imports\":{\"a\":\"" T "a.js\"}}</script>",
      "<script" SCRIPT " " PRE "type=importmap>{\"imports\":{\"a\":\"" T
      "a.js\"}}</script>" },
    { "import map that names none",
      "<script type=importmap>{\"imports\":{\"a\":\"/a.js\"}}</script>",
      NULL },
    { "speculation rules",
      "<script type=speculationrules>{\"prefetch\":[{\"urls\":[\"" T
      "\"]}]}</script>",
      "<script" SCRIPT " " PRE "type=speculationrules>{\"prefetch\":[{\"urls"
      "\":[\"" T "\"]}]}</script>" },
    { "inline, pattern in the tag only", "<script id='evil('>1</script>",
      NULL },
    { "inline, empty", "<script></script>x", NULL },
    { "inline, pattern behind it", "<script>a</script>evil(1)", NULL },
    { "inline, escaped", "<script><!-- <script> evil( </script> --> "
      "</script><img src=" T ">",
      "<script" SCRIPT "><!-- <script> evil( </script> --> "
      "</script><img" OTHER " " PRE "src=" T ">" },
    { "inline, escape ends", "<script><!-- x --></script><img src=" T ">",
      "<script><!-- x --></script><img" OTHER " " PRE "src=" T ">" },
    { "inline, <!-->", "<script><!--><script></script><img src=" T ">",
      "<script><!--><script></script><img" OTHER " " PRE "src=" T ">" },
    { "inline, escaped but not doubly",
      "<script><!-- <scripty> </script><img src=" T ">",
      "<script><!-- <scripty> </script><img" OTHER " " PRE "src=" T ">" },
    { "inline, doubly escaped to the end",
      "<script><!-- <script> </script> <img src=" OK ">", NULL },
    { "inline, no end tag", "<script>evil(1)",
      "<script" SCRIPT ">evil(1)" },
    { "inline, end tag is a longer name",
      "<script>1</scripts><img src=" OK "></script>", NULL },
    { "inline, data block", "<script type=text/template>evil(1)</script>",
      NULL },

    /* other elements */

    { "img", "<img alt=a src=" T ">", "<img" OTHER " alt=a " PRE "src=" T
      ">" },
    { "img, self-closing", "<img src='" T "'/>",
      "<img" OTHER " " PRE "src='" T "'/>" },
    { "img, data URL", "<img src='data:image/gif;base64,R0lGODlhAQABAAAA'>",
      NULL },
    { "iframe", "<iframe src=" T "><img src=" T "></iframe>",
      "<iframe" OTHER " " PRE "src=" T "><img src=" T "></iframe>" },
    { "link, stylesheet", "<link href='" T "' rel='x StyleSheet'>",
      "<link" OTHER " " PRE "href='" T "' rel='x StyleSheet'>" },
    { "link, preconnect", "<link rel=preconnect href=//tracker.example>",
      "<link" OTHER " rel=preconnect " PRE "href=//tracker.example>" },
    { "link, canonical", "<link rel=canonical href=" T ">", NULL },
    { "link, no rel", "<link href=" T ">", NULL },
    { "a", "<a href=" T " src=" T ">", NULL },
    { "imgs is no img", "<imgs src=" T ">", NULL },

    /* where tags are and are not */

    { "comment", "<!-- <img src=" T "> -->", NULL },
    { "comment, ends at once", "<!--><img src=" T ">-->",
      "<!--><img" OTHER " " PRE "src=" T ">-->" },
    { "comment, ends at once 2", "<!---><img src=" T ">-->",
      "<!---><img" OTHER " " PRE "src=" T ">-->" },
    { "comment, --!>", "<!-- a --!><img src=" T ">",
      "<!-- a --!><img" OTHER " " PRE "src=" T ">" },
    { "comment, <!--!> is not its end", "<!--!><img src=" T ">-->", NULL },
    { "comment, --->", "<!-- a ---><img src=" T ">",
      "<!-- a ---><img" OTHER " " PRE "src=" T ">" },
    { "comment, nested", "<!-- <!-- a --><img src=" T ">",
      "<!-- <!-- a --><img" OTHER " " PRE "src=" T ">" },
    { "comment, - > is not its end", "<!-- - ><img src=" T "> -->", NULL },
    { "bogus comments", "<? <img src=" T "><img src=" T "></ <img src=" T
      "><!x <img src=" T "><img src=" T ">",
      "<? <img src=" T "><img" OTHER " " PRE "src=" T "></ <img src=" T
      "><!x <img src=" T "><img" OTHER " " PRE "src=" T ">" },
    { "</>", "</><img src=" T ">", "</><img" OTHER " " PRE "src=" T ">" },
    { "<! and >", "<!><img src=" T ">",
      "<!><img" OTHER " " PRE "src=" T ">" },
    { "<!->", "<!-><img src=" T ">", "<!-><img" OTHER " " PRE "src=" T ">" },
    { "DOCTYPE", "<!DOCTYPE html PUBLIC \"<img src=" T ">\"><img src=" T ">",
      "<!DOCTYPE html PUBLIC \"<img src=" T ">\"><img" OTHER " " PRE "src=" T
      ">" },
    { "CDATA in HTML is a comment", "<![CDATA[ ><img src=" T ">]]>",
      "<![CDATA[ ><img" OTHER " " PRE "src=" T ">]]>" },
    { "CDATA in svg, which preload scanners do not know",
      "<svg><![CDATA[ ><img src=" T ">]] ]>]]></svg><img src=" T ">",
      "<svg><![CDATA[ >< img src=" T ">]] ]>]]></svg><img" OTHER " " PRE
      "src=" T ">" },
    { "less-than signs", "a < b <1 <<img src=" T "> <",
      "a < b <1 <<img" OTHER " " PRE "src=" T "> <" },
    { "in an attribute", "<p title='<img src=" T ">' x=\"<img src=" T ">\">",
      NULL },
    { "quotes in an unquoted value", "<p a=b'><img src=" T ">'",
      "<p a=b'><img" OTHER " " PRE "src=" T ">'" },
    { "quotes in an attribute name", "<p a'b\"><img src=" T ">",
      "<p a'b\"><img" OTHER " " PRE "src=" T ">" },
    { "= begins a name", "<p =\"><img src=" T ">",
      "<p =\"><img" OTHER " " PRE "src=" T ">" },
    { "= begins a name 2", "<img =src=" OK " src=" T ">",
      "<img" OTHER " =src=" OK " " PRE "src=" T ">" },
    { "no value", "<img src= ><img src=" T ">",
      "<img src= ><img" OTHER " " PRE "src=" T ">" },
    { "end tag with attributes", "</p a='>'><img src=" T ">",
      "</p a='>'><img" OTHER " " PRE "src=" T ">" },
    { "title", "<title><img src=" T "></titl></title><img src=" T ">",
      "<title><img src=" T "></titl></title><img" OTHER " " PRE "src=" T ">" },
    { "textarea", "<textarea><!-- </textarea><img src=" T ">",
      "<textarea><!-- </textarea><img" OTHER " " PRE "src=" T ">" },
    { "style", "<style>a{}<img src=" T "></style/><img src=" T ">",
      "<style>a{}<img src=" T "></style/><img" OTHER " " PRE "src=" T ">" },
    { "xmp, noembed, noframes", "<xmp><img src=" T "></xmp><noembed><img src="
      T "></noembed><noframes><img src=" T "></noframes>", NULL },
    { "plaintext", "<plaintext><img src=" T "></plaintext><img src=" T ">",
      NULL },
    { "style in svg is markup", "<svg><style><img src=" T "></style></svg>",
      "<svg><style><img" OTHER " " PRE "src=" T "></style></svg>" },
    { "self-closing title in svg", "<svg><title/></svg><img src=" T ">",
      "<svg><title/></svg><img" OTHER " " PRE "src=" T ">" },
    { "title of svg holds HTML", "<svg><title><style><img src=" T
      "></style></title></svg>", NULL },
    { "style behind svg is raw again", "<svg/><style><img src=" T "></style>",
      NULL },
    { "HTML breaks out of svg", "<svg><p><style><img src=" T "></style>",
      NULL },
    { "an end tag closes an open svg", "<div><svg><g></div><title><img src=x>"
      "</title><script href=" T ">a()</script>",
      "<div><svg><g></div><title><img src=x></title><script" SCRIPT " " PRE
      "href=" T ">a()</script>" },
    { "... unless its element was closed",
      "<div><svg><g></div><title><img src=" T "></title>",
      "<div><svg><g></div><title>< img src=" T "></title>" },
    { "script in svg", "<svg><script href=" T "></script></svg>",
      "<svg><script" SCRIPT " " PRE "href=" T "></script></svg>" },
    { "script in svg, xlink", "<svg><script xlink:href=" T " /></svg>",
      "<svg><script" SCRIPT " " PRE "xlink:href=" T " /></svg>" },
    { "script href in HTML", "<script href=" T "></script>", NULL },
    { "style in a select may be dropped", "<select><style><img src=" T
      "></style></select>",
      "<select><style><img" OTHER " " PRE "src=" T "></style></select>" },
    { "noscript is markup", "<noscript><img src=" T "></noscript>",
      "<noscript><img" OTHER " " PRE "src=" T "></noscript>" },
    { "noscript ends in a comment", "<noscript><!-- </noscript><img src=" T
      ">", "<noscript><!-- </noscript><img" OTHER " " PRE "src=" T ">" },
    { "noscript ends in raw text", "<noscript><iframe></noscript><img src=" T
      "></iframe>",
      "<noscript><iframe></noscript><img" OTHER " " PRE "src=" T
      "></iframe>" },
    { "noscript ends in a script",
      "<noscript><script>evil(</noscript><img src=" T ">",
      "<noscript><script" SCRIPT ">evil(</noscript><img" OTHER " " PRE
      "src=" T ">" },
    { "noscripty does not end it", "<noscript><!-- </noscripty><img src=" T
      ">--></noscript>", NULL },
    { "template", "<template><script src=" T "></script></template>",
      "<template><script" SCRIPT " " PRE "src=" T "></script></template>" },
    { "unfinished tag at the end", "<p><img src=" T, NULL },
    { "unfinished value at the end", "<p><img src='" T, NULL },
    { "an end of nothing", "<", NULL },
    { "an empty document", "", NULL },
    { "other bytes", "\xef\xbb\xbf<p>\xff\xfe\x01<img src=" T ">\xc3",
      "\xef\xbb\xbf<p>\xff\xfe\x01<img" OTHER " " PRE "src=" T ">\xc3" },

    { NULL, NULL, NULL }
};


static const case_t  remove_cases[] = {
    { "script", "a<script src='" T "'>x</script\n>b", "ab" },
    { "inline script", "a<script>evil(</script>b", "ab" },
    { "inline script, no end tag", "a<script>evil(", "a" },
    { "iframe", "a<iframe src='" T "'>x<p></iframe>b", "ab" },
    { "img and link", "a<img src=" T ">b<link rel=icon href=" T ">c", "abc" },
    { "what is kept", "<script>x</script><img src=" OK ">", NULL },
    { "in svg it is marked", "<svg><script href=" T ">x</script></svg>",
      "<svg><script" SCRIPT " " PRE "href=" T ">x</script></svg>" },
    { "iframe cut off by noscript", "<noscript>a<iframe src=" T ">b</noscript>"
      "c", "<noscript>a</noscript>c" },
    { "behind a <, which the next bytes would join",
      "<p><<img src=" T ">img src=" T ">",
      "<p><<img" OTHER " " PRE "src=" T ">img src=" T ">" },
    { "a frameset that was dropped stays dropped",
      "<img src=" T "><frameset><p><frameset>", "<p>" },
    { "what breaks out of svg", "<p><svg><img src=" T "><style>",
      "<p><svg><img" OTHER " " PRE "src=" T "><style>" },
    { NULL, NULL, NULL }
};


static const case_t  xml_cases[] = {
    { "script is closed", "<script src='" T "'/><img src='" T "'/>",
      "<script" SCRIPT " " PRE "src='" T "'/><img" OTHER " " PRE "src='" T
      "'/>" },
    { "title is no raw text", "<title/><img src='" T "'/>",
      "<title/><img" OTHER " " PRE "src='" T "'/>" },
    { "CDATA", "<p><![CDATA[><img src='" T "'/>]]></p>", NULL },
    { NULL, NULL, NULL }
};


static int
differs(const consent_rewrite_conf_t *conf, const char *in, size_t len,
    const char *want, size_t want_len, const char *how, cut_pt cut, void *data)
{
    int                differ;
    collector_t        out;
    consent_rewrite_t  rw;

    fixture_run(&rw, conf, &out, (const uint8_t *) in, len, cut, data);

    differ = (out.len != want_len
              || (want_len && memcmp(out.data, want, want_len) != 0));

    if (differ) {
        diag("%s", how);
        diag("     got: \"%.*s\"", (int) out.len, (const char *) out.data);
        diag("expected: \"%.*s\"", (int) want_len, want);
    }

    if (out.stray) {
        diag("%s: bytes passed that are not of the input", how);
        differ = 1;
    }

    free(out.data);

    return differ;
}


static void
check(const consent_rewrite_conf_t *conf, const char *set, const char *name,
    const char *in, size_t len, const char *want, size_t want_len)
{
    int       bad;
    size_t    i, at;
    uint32_t  seed, n;
    char      how[64];

    bad = differs(conf, in, len, want, want_len, "whole", cut_none, NULL);

    if (!bad) {
        bad = differs(conf, in, len, want, want_len, "byte by byte",
                      cut_bytes, NULL);
    }

    for (i = 1; i < len && len < 2000 && !bad; i++) {
        at = i;
        snprintf(how, sizeof(how), "cut at %zu", i);
        bad = differs(conf, in, len, want, want_len, how, cut_at, &at);
    }

    for (n = 0; n < 20 && !bad; n++) {
        seed = n * 7919 + 1;
        snprintf(how, sizeof(how), "random cuts, seed %u", seed);
        bad = differs(conf, in, len, want, want_len, how, cut_random, &seed);
    }

    ok(!bad, "%s: %s", set, name);
}


static void
run_cases(const consent_rewrite_conf_t *conf, const char *set,
    const case_t *cases)
{
    const char              *want;
    consent_rewrite_conf_t   all;

    for ( /* void */ ; cases->name; cases++) {
        want = cases->out ? cases->out : cases->in;

        check(conf, set, cases->name, cases->in, strlen(cases->in), want,
              strlen(want));
    }

    /* with everything accepted not a byte changes */

    all = *conf;
    all.judge.denied = 0;

    for (cases = mark_cases; cases->name; cases++) {
        if (differs(&all, cases->in, strlen(cases->in), cases->in,
                    strlen(cases->in), "accepted", cut_bytes, NULL))
        {
            break;
        }
    }

    ok(cases->name == NULL, "%s: nothing changes when all is accepted", set);
}


/* count times text, between before and after */

static char *
repeat(const char *before, const char *text, size_t count, const char *after)
{
    char    *s, *p;
    size_t   first, len, last;

    first = strlen(before);
    len = strlen(text);
    last = strlen(after);

    s = malloc(first + len * count + last + 1);

    memcpy(s, before, first);
    p = s + first;

    while (count--) {
        memcpy(p, text, len);
        p += len;
    }

    memcpy(p, after, last + 1);

    return s;
}


typedef struct {
    const char  *name;
    const char  *before;
    const char  *text;          /* repeated to 5000 bytes or so */
    const char  *after;
    const char  *out_before;
    const char  *out_after;
} long_case_t;


static const long_case_t  long_cases[] = {
    { "img with a long data URL", "<img src='data:image/png;base64,", "AAAA",
      "'><img src=" T ">", NULL, "'><img" OTHER " " PRE "src=" T ">" },
    { "img, src behind a long attribute", "<img alt='", "alt ", "' src=" T ">",
      NULL, "' " OTHER " " PRE "src=" T ">" },
    { "img, src before a long attribute", "<img src=" T " alt='", "alt ", "'>",
      "<img " OTHER " " PRE "src=" T " alt='", NULL },
    { "img, long URL", "<img src=" T, "path", ">",
      "<img " OTHER " " PRE "src=" T, NULL },
    { "img, host hidden behind white space", "<img src='\n", "\n\t \n", T
      "'>", "<img " OTHER " " PRE "src='\n", NULL },
    { "img, host hidden behind user information", "<img src='https://", "user",
      "@tracker.example'>", "<img " OTHER " " PRE "src='https://", NULL },
    { "img, white space before =", "<img src", "    ", "=" T ">", NULL,
      "=" T ">" },
    { "img, long attribute name", "<img ", "name", "=1 src=" T ">", NULL,
      "=1 " OTHER " " PRE "src=" T ">" },
    { "img, many attributes", "<img", " a=b", " src=" T ">", NULL,
      " " OTHER " " PRE "src=" T ">" },
    { "script, type later", "<script data='", "data", "' src=" T
      " type=x></script>", NULL,
      "' " EMPTY " " PRE "src=" T " type=x></script>" },
    { "script, a data block", "<script type=a/b data='", "data", "' src=" T
      "></script>", NULL, NULL },
    { "script, duplicate src", "<script data='", "data", "' src=" T " src="
      OK "></script>", NULL, "' " EMPTY " " PRE "src=" T " " PRE "src=" OK
      "></script>" },
    { "link that is canonical", "<link rel=canonical a='", "data", "' href="
      T ">", NULL, NULL },
    { "link, rel later", "<link a='", "data", "' href=" T " rel=canonical>",
      NULL, "' " OTHER " " PRE "href=" T " rel=canonical>" },
    { "meta that describes", "<meta name=description content='", "data",
      "'><img src=" T ">", NULL, "'><img" OTHER " " PRE "src=" T ">" },
    { "meta refresh, URL behind white space", "<meta content='0;", "    ",
      "url=" T "' http-equiv=refresh>",
      "<meta " OTHER " " PRE "content='0;", NULL },
    { "a tag nobody cares about", "<p a='", "data", "'><img src=" T ">", NULL,
      "'><img" OTHER " " PRE "src=" T ">" },
    { "a long tag name", "<img", "x", " src=" T ">", NULL, NULL },
    { "a tag that never ends", "<img a='", "data", "<img src=" T ">", NULL,
      NULL },
    { "script, evil in the first window", "<script>evil(1);", "code",
      "</script>", "<script" SCRIPT ">evil(1);", NULL },
    { "a long harmless script", "<script>", "code", "</script><img src=" T
      ">", NULL, "</script><img" OTHER " " PRE "src=" T ">" },
    { NULL, NULL, NULL, NULL, NULL, NULL }
};


static void
run_long_cases(const consent_rewrite_conf_t *conf)
{
    char               *in, *want;
    size_t              n;
    const long_case_t  *c;

    for (c = long_cases; c->name; c++) {
        n = 5000 / strlen(c->text);

        in = repeat(c->before, c->text, n, c->after);
        want = repeat(c->out_before ? c->out_before : c->before, c->text, n,
                      c->out_after ? c->out_after : c->after);

        check(conf, "long", c->name, in, strlen(in), want, strlen(want));

        free(in);
        free(want);
    }
}


/*
 * A script found out late is spoiled somewhere before the pattern; nothing
 * else of the document changes, wherever the input is cut.
 */

static void
run_late(const consent_rewrite_conf_t *conf)
{
    char               *in, *before, *p;
    size_t              at;
    uint32_t            seed;
    collector_t         whole, cut;
    consent_rewrite_t   rw;

    before = repeat("<p><script>", "a = 'b';\n", 600, "evil(1);");
    in = repeat(before, "c = 'd';\n", 600, "</script><img src=" OK ">");

    fixture_run(&rw, conf, &whole, (const uint8_t *) in, strlen(in), cut_none,
                NULL);

    is_int(rw.blocked, 1, "late: counted");
    is_int(rw.late, 1, "late: counted as late");

    p = memmem(whole.data, whole.len, consent_markup_spoiler.data,
               consent_markup_spoiler.len);

    ok(p != NULL, "late: spoiled");

    at = p ? (size_t) ((uint8_t *) p - whole.data) : 0;

    ok(at > strlen("<p><script>") && at < strlen(before),
       "late: in the script");
    is_int((long long) whole.len,
           (long long) (strlen(in) + consent_markup_spoiler.len),
           "late: nothing else is added");
    ok(at && memcmp(whole.data, in, at) == 0
       && memcmp(whole.data + at + consent_markup_spoiler.len, in + at,
                 strlen(in) - at) == 0,
       "late: nothing else changes");

    fixture_run(&rw, conf, &cut, (const uint8_t *) in, strlen(in), cut_bytes,
                NULL);
    ok(cut.len == whole.len && memcmp(cut.data, whole.data, cut.len) == 0,
       "late: byte by byte");
    free(cut.data);

    seed = 5;
    fixture_run(&rw, conf, &cut, (const uint8_t *) in, strlen(in), cut_random,
                &seed);
    ok(cut.len == whole.len && memcmp(cut.data, whole.data, cut.len) == 0,
       "late: random cuts");
    free(cut.data);

    free(whole.data);
    free(in);
    free(before);
}


/* held bytes are bounded, and text is not held at all */

static void
run_memory(const consent_rewrite_conf_t *conf)
{
    char               *in;
    collector_t         out;
    consent_rewrite_t   rw;

    in = repeat("<script>", "code", 50000, "</script>");
    fixture_run(&rw, conf, &out, (const uint8_t *) in, strlen(in), cut_bytes,
                NULL);
    ok(out.held <= conf->judge.limit, "memory: a script, %zu held", out.held);
    free(out.data);
    free(in);

    in = repeat("<img src='data:,", "code", 50000, "'>");
    fixture_run(&rw, conf, &out, (const uint8_t *) in, strlen(in), cut_bytes,
                NULL);
    ok(out.held <= 2 * conf->judge.limit, "memory: a tag, %zu held", out.held);
    free(out.data);
    free(in);

    in = repeat("<p>", "text ", 5000, "<b>");
    fixture_run(&rw, conf, &out, (const uint8_t *) in, strlen(in), cut_bytes,
                NULL);
    ok(out.held <= 2, "memory: text, %zu held", out.held);
    free(out.data);
    free(in);
}


/* what was blocked, by category and kind, in the pages of srcdoc as well */

static void
run_tally(const consent_rewrite_conf_t *given)
{
    size_t                    size;
    unsigned                  i, all;
    collector_t               out;
    consent_rewrite_t         rw;
    consent_rewrite_conf_t    conf;
    consent_rewrite_tally_t  *tally;

    static const char  page[] =
        "<script src=" T "></script><script>evil(1)</script>"
        "<img src=" T "><img src=" OK "><img src=" T ">"
        "<iframe srcdoc='&lt;img src=" T ">'></iframe>"
        "<style>a{b:url(" T ")}</style>";

    conf = *given;
    size = CONSENT_REWRITE_TALLY(policy.ncategories);
    tally = malloc(size);

    /* numbers of categories that are not in the mask are never read */

    memset(tally, 0xa5, size);
    tally->categories = 0;

    conf.tally = tally;

    fixture_run(&rw, &conf, &out, (const uint8_t *) page, sizeof(page) - 1,
                cut_bytes, NULL);

    is_int((long long) tally->categories, (long long) conf.judge.denied,
           "tally: the category that is denied");

    all = 0;

    for (i = 0; i < CONSENT_BLOCKED_KINDS; i++) {
        all += tally->n[0][i];
    }

    is_int(all, rw.blocked, "tally: all that was blocked");
    is_int(tally->n[0][CONSENT_BLOCKED_SCRIPT], 1, "tally: scripts");
    is_int(tally->n[0][CONSENT_BLOCKED_INLINE], 1, "tally: inline scripts");
    is_int(tally->n[0][CONSENT_BLOCKED_IMAGE], 3, "tally: images");
    is_int(tally->n[0][CONSENT_BLOCKED_STYLE], 1, "tally: style sheets");

    free(out.data);
    free(tally);
}


/* random soup of the pieces that matter: no cut changes the output */

static void
run_soup(void)
{
    static const char  *const pieces[] = {
        "<", ">", "/", "!", "-", "--", "<!--", "-->", "<script", "</script",
        "<script>", "</script>", "<img ", "src=", "'", "\"", T, OK, " ", "=",
        "<svg>", "</svg>", "<![CDATA[", "]]>", "<title>", "</title>", "evil(",
        "<noscript>", "</noscript>", "<iframe ", "</iframe>", "<style>",
        "</style>", "a", "\n", "type=module", "<select>", "<math>", "<p>",
        "<textarea>", "</textarea>", "<link rel=icon href=", "\0"
    };

    char                     buf[700];
    size_t                   len, n;
    uint32_t                 seed, i, rnd, bad;
    collector_t              whole, cut;
    const char              *piece;
    consent_rewrite_t        rw;
    consent_rewrite_conf_t   conf;

    fixture_conf(&conf, 64);

    bad = 0;

    for (i = 1; i <= 3000 && !bad; i++) {
        rnd = i * 2654435761u;

        for (len = 0; len < 600; len += n) {
            rnd = rnd * 1664525 + 1013904223;
            piece = pieces[(rnd >> 10) % (sizeof(pieces) / sizeof(char *))];
            n = *piece ? strlen(piece) : 1;
            memcpy(buf + len, piece, n);
        }

        fixture_run(&rw, &conf, &whole, (const uint8_t *) buf, len, cut_none,
                    NULL);

        seed = i;
        fixture_run(&rw, &conf, &cut, (const uint8_t *) buf, len,
                    (i & 1) ? cut_bytes : cut_random, &seed);

        if (cut.len != whole.len
            || memcmp(cut.data, whole.data, cut.len) != 0)
        {
            diag("seed %u: \"%.*s\"", i, (int) len, buf);
            diag("whole: \"%.*s\"", (int) whole.len, (char *) whole.data);
            diag("  cut: \"%.*s\"", (int) cut.len, (char *) cut.data);
            bad = 1;
        }

        free(whole.data);
        free(cut.data);

        if (i % 100 == 0) {

            /* what the rewriter allocated; the fixture is made anew */

            consent_match_destroy(policy.match);
            consent_site_destroy(site);
            test_mem_free();
            fixture_init();
            fixture_conf(&conf, 64);
        }
    }

    ok(!bad, "soup: no cut changes the output");
}


int
main(void)
{
    consent_rewrite_conf_t  conf;

    fixture_init();

    fixture_conf(&conf, 16384);
    run_cases(&conf, "mark", mark_cases);

    conf.remove = 1;
    run_cases(&conf, "remove", remove_cases);

    conf.remove = 0;
    conf.xml = 1;
    run_cases(&conf, "xml", xml_cases);

    fixture_conf(&conf, 1024);
    run_cases(&conf, "mark, small buffer", mark_cases);
    run_long_cases(&conf);
    run_late(&conf);
    run_memory(&conf);
    run_tally(&conf);

    run_soup();

    consent_match_destroy(policy.match);
    consent_site_destroy(site);
    test_mem_free();

    return done_testing();
}
