/*
 * Copyright (C) ngx_consent_module authors
 *
 * Consent sources: parsers and their tokens, transforms, limits, expressions.
 * Whole presets are tested by t/sources.t.
 */


#include "source_fixture.h"
#include "tap.h"


#define nelts(a)  (sizeof(a) / sizeof((a)[0]))


typedef struct {
    const char  *block;         /* without "cookie c" and a grant */
    const char  *value;
    const char  *tokens;        /* "path=value" between line feeds, all of
                                   them in order; NULL: not read */
} parse_case_t;


typedef struct {
    const char  *expr;
    int          holds;
} expr_case_t;


static void test_parsers(void);
static void test_expressions(void);
static void test_order(void);
static void test_limits(void);
static void test_names(void);
static void test_truth(void);
static void test_errors(void);
static char *list_tokens(void);
static consent_reading_t read_value(const char *block, const char *value);
static int holds(const char *block, const char *value, const char *expr);
static char *repeat(const char *start, const char *part, unsigned n,
    const char *end);


static const parse_case_t  parse_cases[] = {

    /* pairs */

    { "parse kv & =", "a=1&b=2&&c&d=e=f& g = h ",
      "a=1\nb=2\nd=e=f\ng=h\n" },
    { "parse kv & =", "a=1&a=2", "a=1\n" },
    { "parse kv & =", "nothing", NULL },
    { "parse kv & =", "", NULL },
    { "parse kv & =", "\"a=1\"", "a=1\n" },
    { "parse kv , :", "a:1,b:,c:yes", "a=1\nb=\nc=yes\n" },
    { "parse kv || ::", "a::1||b::2|c", "a=1\nb=2|c\n" },
    { "transform url plus\nparse kv & =", "a=x+y%2B%26z&b=%zz%4",
      "a=x y+&z\nb=%zz%4\n" },
    { "transform url\nparse kv & =", "a%3D1%26b%3D2", "a=1\nb=2\n" },
    { "transform url\nparse kv & =", "a%253D%2531", "a=1\n" },
    { "transform url\nparse kv & =", "a%25253D1", NULL },
    { "transform url\nparse kv & =", "x=%26b%3D2", "x=&b=2\n" },
    { "transform url\nparse kv & =", "x%3D%2526b%253D2", "x=&b=2\n" },
    { "parse kv & =\ntransform lower", "A=X%2B", "a=x%2b\n" },
    { "transform url lower\nparse kv & =", "A=%41", "a=a\n" },

    /* lists */

    { "parse list ,", ",a, b ,,a,c", "a=1\nb=1\nc=1\n" },
    { "parse list ,|", "a,b|c", "a=1\nb=1\nc=1\n" },
    { "parse list ``", "aBa", "a=1\nB=1\n" },
    { "parse list ,", "", "" },
    { "transform url\nparse list ,", "%2Ca%2Cb%2C", "a=1\nb=1\n" },
    { "transform url\nparse list ,", "a,%2Cb", "a=1\n%2Cb=1\n" },

    /* fields */

    { "parse fields _", "a__b", "f0=a\nf1=\nf2=b\n" },
    { "parse fields :", "a", "f0=a\n" },
    { "parse fields ``", "1YN", "f0=1\nf1=Y\nf2=N\n" },
    { "transform url\nparse fields :", "a%3Ab", "f0=a\nf1=b\n" },

    /* JSON */

    { "parse json", "{\"a\":{\"b\":[\"c\",true,2]},\"d\":null,\"e\":\"\"}",
      "a=1\na.b=3\na.b.0=c\na.b[c]=1\na.b.1=true\na.b[true]=1\na.b.2=2\n"
      "a.b[2]=1\nd=\ne=\n" },
    { "parse json", "[1,[\"x\"],{}]",
      "0=1\n[1]=1\n1=1\n1.0=x\n1[x]=1\n2=0\n" },
    { "parse json", "{\"a\":1,\"a\":2}", "a=2\n" },
    { "parse json", "{\"a\":{\"x\":1,\"y\":2},\"a\":{\"z\":3}}",
      "a=1\na.z=3\n" },
    { "parse json", "{\"a\":{\"x\":1},\"a\":4}", "a=4\n" },
    { "parse json", "{\"\\u0061\\n\\\"\":\"\\u00e9\"}", "a\n\"=\xc3\xa9\n" },
    { "parse json", "{a:'x',\"b\":'it\\'s \"',c:yes,d:true,e:-1,}",
      "a=x\nb=it's \"\nc=yes\nd=true\ne=-1\n" },
    { "parse json", "{a:01,b:-,c:1.5}", "a=01\nb=-\nc=1.5\n" },
    { "parse json", "[a,b,]", "0=a\n[a]=1\n1=b\n[b]=1\n" },
    { "parse json", "{$$x:true,y-z:1}", "$$x=true\ny-z=1\n" },
    { "parse json", "\"{\\\"a\\\":true}\"", "a=true\n" },
    { "parse json", "\"{\"a\":true}\"", "a=true\n" },
    { "parse json", "\"text\"", "self=text\n" },
    { "parse json", "0", "self=0\n" },
    { "parse json", "-1", "self=-1\n" },
    { "parse json", "true", "self=true\n" },
    { "transform url\nparse json", "%7B%22a%22%3A1%7D", "a=1\n" },
    { "transform url\nparse json", "%257B%2522a%2522%253A1%257D", "a=1\n" },
    { "transform url\nparse json", "%25257B%252522a%252522%25253A1%25257D",
      NULL },
    { "transform url\nparse json", "{a:%27x%27%2Cb:1}", "a=x\nb=1\n" },
    { "transform url\nparse json", "{\"a\":\"%22,%22b%22:true,%22\"}",
      "a=%22,%22b%22:true,%22\n" },
    { "transform url\nparse json", "\"%7B%22a%22%3Atrue%7D\"", "a=true\n" },
    { "parse json", "%7B%7D", NULL },
    { "parse json", "{\"a\":1", NULL },
    { "parse json", "{\"a\":1}}", NULL },
    { "parse json", "{\"a\":1} x", NULL },
    { "parse json", "{'a:1}", NULL },
    { "parse json", "{a b:1}", NULL },
    { "parse json", "a", NULL },
    { "parse json", "", NULL },
    { "transform url b64\nparse json", "eyJhIjp0cnVlfQ==", "a=true\n" },
    { "transform url b64\nparse json", "eyJhIjp0cnVlfQ%3D%3D", "a=true\n" },
    { "transform b64\nparse json", "eyJhIjoiPz8_Pz4-In0", "a=???\?>>\n" },
    { "transform b64\nparse json", "eyJhIjoiPz8/Pz4+In0=", "a=???\?>>\n" },
    { "transform b64\nparse json", "eyJhIjp0cnVlfQ=x", NULL },
    { "transform b64\nparse json", "eyJhI", NULL },

    /* other transforms */

    { "transform strip ab\nparse fields _", "abc_d", "f0=c\nf1=d\n" },
    { "transform strip ab\nparse fields _", "xabc", NULL },
    { "transform until .\nparse list ``", "ab.c", "a=1\nb=1\n" },
    { "transform until .\nparse list ``", "ab", "a=1\nb=1\n" },
    { "transform after v1\nparse kv & =", "xv1a=b", "a=b\n" },
    { "transform after v1\nparse kv & =", "a=b", NULL },
    { "transform unquote\nparse json", "\"1\"", "self=1\n" },

    /* values that are parsed once more */

    { "parse kv & =\ninto g kv , : lower", "g=A:1,B:0&h=1",
      "g=A:1,B:0\nh=1\ng.a=1\ng.b=0\n" },
    { "parse json\ninto c json", "{\"c\":\"[\\\"x\\\"]\"}",
      "c=[\"x\"]\nc.0=x\nc[x]=1\n" },
    { "parse json\ninto c json", "{\"c\":[\"x\"]}", "c=1\nc.0=x\nc[x]=1\n" },
    { "parse json\ninto c json", "{\"d\":1}", "d=1\n" },
    { "parse json\ninto c json", "{\"c\":\"[\"}", NULL },
    { "parse fields :\ninto f0 list ,", "0,1:",
      "f0=0,1\nf1=\nf0[0]=1\nf0[1]=1\n" },
    { "parse kv & =\ninto a fields _\ninto a.f1 list ,", "a=x_y,z",
      "a=x_y,z\na.f0=x\na.f1=y,z\na.f1[y]=1\na.f1[z]=1\n" },

    /* shapes, of the text that is parsed */

    { "shape a=\nparse kv & =", "b=1", NULL },
    { "shape ^\\{\nparse json", "{\"a\":1}", "a=1\n" },
    { "transform url\nshape ^\\{\nparse json", "%7B%22a%22:1}", "a=1\n" },
    { "transform url\nshape b=\nparse kv & =", "a=b%3D1", NULL }
};


/* c: { t: true, f: false, u: "perhaps", e: "", n: null, o: "1", z: "0" } */

static const char  expr_value[] =
    "{\"t\":true,\"f\":false,\"u\":\"perhaps\",\"e\":\"\",\"n\":null,"
    "\"o\":\"1\",\"z\":\"0\",\"five\":5,\"minus\":-1,\"zero\":0,"
    "\"list\":[\"a\",\"b\"],\"none\":[],\"m\":{\"x\":true,\"y\":true},"
    "\"w\":{\"x\":true,\"y\":false},\"v\":{\"x\":true,\"y\":\"?\"},"
    "\"a b\":\"c d\",\"x=y\":\"GRANTED\"}";


static const expr_case_t  expr_cases[] = {
    { "t", 1 }, { "f", 0 }, { "u", 0 }, { "e", 0 }, { "n", 0 }, { "o", 1 },
    { "z", 0 }, { "absent", 0 }, { "five", 1 }, { "zero", 0 },
    { "minus", 0 }, { "list", 1 }, { "none", 0 }, { "list[a]", 1 },
    { "list[c]", 0 }, { "list.0=a", 1 }, { "'x=y'", 1 },

    { "!f & t", 1 }, { "!absent & t", 1 }, { "!u & t", 0 }, { "!t | t", 1 },
    { "!!t", 1 }, { "!!u", 0 }, { "!e & t", 1 }, { "!n & t", 1 },

    { "t & f", 0 }, { "t | f", 1 }, { "f | t & f", 0 }, { "t | t & f", 1 },
    { "(t | t) & f", 0 }, { "u | t", 1 }, { "u & t", 0 }, { "t&t|f", 1 },
    { "!(u | f) & t", 0 }, { "!(u & f) & t", 1 }, { "!(absent & t) & t", 1 },

    { "five=5", 1 }, { "five=4|5", 1 }, { "five=4|6", 0 }, { "u=perhaps", 1 },
    { "u=Perhaps", 0 }, { "u='perhaps'", 1 }, { "e=''", 1 }, { "n=''", 0 },
    { "absent=''", 0 }, { "u=x|y | t", 1 }, { "u=x|t", 0 },
    { "u=x|t=true", 1 },
    { "u=x|has(t)", 1 }, { "'a b'='c d'", 1 }, { "!(absent=1) & t", 1 },
    { "minus=-1", 1 }, { "list=2", 1 }, { "none=0", 1 },

    { "five>=5", 1 }, { "five >= 6", 0 }, { "five>=4 & t", 1 },
    { "u>=0", 0 }, { "minus>=0", 0 }, { "absent>=0", 0 }, { "e>=0", 0 },

    { "has(u)", 1 }, { "has(e)", 0 }, { "has(n)", 0 }, { "has(f)", 1 },
    { "has(none)", 1 }, { "has(absent)", 0 }, { "has(list.*)", 1 },
    { "!has(absent) & t", 1 }, { "has(x*)", 1 }, { "has(q*)", 0 },

    { "any(f,t)", 1 }, { "any(f,u)", 0 }, { "any(absent,t)", 1 },
    { "all(t,o)", 1 }, { "all(t,f)", 0 }, { "all(t,u)", 0 },
    { "all(t,absent)", 1 }, { "all(absent,gone)", 0 }, { "all(t,e)", 0 },
    { "all(t,n)", 1 }, { "every(t,o)", 1 }, { "every(t,absent)", 0 },
    { "every(t,u)", 0 }, { "every(t,f)", 0 }, { "all(m.*)", 1 },
    { "all(w.*)", 0 }, { "all(v.*)", 0 }, { "any(w.*)", 1 },
    { "every(m.*)", 1 }, { "every(q.*)", 0 }, { "any(m.*=true)", 1 },
    { "all(w.*=true)", 0 }, { "any(w.*=false)", 1 }, { "all(m.*,t)", 1 },
    { "any(t & f, o)", 1 }, { "any(u=x|perhaps,f)", 1 },

    { "cookie(other)", 1 }, { "cookie(empty)", 0 }, { "cookie(no)", 0 },
    { "cookie(other)=x|y", 1 }, { "cookie(other)=x", 0 },
    { "cookie(oth*)=y", 1 }, { "cookie(quoted)=q", 1 },
    { "cookie(twice)=1", 1 }, { "cookie(Other)", 0 },
    { "t & !(cookie(no)=1)", 1 }
};


int
main(void)
{
    test_parsers();
    test_expressions();
    test_order();
    test_limits();
    test_names();
    test_truth();
    test_errors();

    source_free();

    return done_testing();
}


static void
test_parsers(void)
{
    size_t               i;
    char                *list;
    consent_reading_t    reading;
    const parse_case_t  *c;

    for (i = 0; i < nelts(parse_cases); i++) {
        c = &parse_cases[i];
        reading = read_value(c->block, c->value);

        if (c->tokens == NULL) {
            source_free();
            ok(reading.kind == CONSENT_DECISION_NONE
               && reading.reason != CONSENT_REASON_ABSENT
               && source_tokens.n == 0, "not read: %s", c->value);
            continue;
        }

        list = list_tokens();
        is_str(list, strlen(list), c->tokens, "read: %s", c->value);
        free(list);
        source_free();
    }

    source_free();
}


static void
test_expressions(void)
{
    size_t              i;
    const expr_case_t  *c;

    for (i = 0; i < nelts(expr_cases); i++) {
        c = &expr_cases[i];

        ok(holds("parse json", expr_value, c->expr) == c->holds, "%s: %s",
           c->expr, c->holds ? "holds" : "does not");
        source_free();
    }
}


/* reset, decided, implied, grant */

static void
test_order(void)
{
    size_t             i;
    consent_reading_t  r;

    static const char  block[] =
        "cookie c\nparse kv & =\nreset r\ndecided d=yes\nimplied i\n"
        "grant functional f\ngrant performance p\ndeny targeting t";

    static const struct {
        const char          *value;
        consent_decision_e   kind;
        consent_reason_e     reason;
        consent_mask_t       accepted;
        consent_mask_t       denied;
    } cases[] = {
        { "c=d=yes&f=1", CONSENT_DECISION_EXPLICIT, CONSENT_REASON_OK,
          FUNCTIONAL, 0 },
        { "c=d=yes&i=1&f=1&p=1", CONSENT_DECISION_EXPLICIT,
          CONSENT_REASON_OK, FUNCTIONAL | PERFORMANCE, 0 },
        { "c=i=1&f=1", CONSENT_DECISION_IMPLIED, CONSENT_REASON_OK,
          FUNCTIONAL, 0 },
        { "c=f=1", CONSENT_DECISION_NONE, CONSENT_REASON_UNDECIDED, 0, 0 },
        { "c=d=no&f=1", CONSENT_DECISION_NONE, CONSENT_REASON_UNDECIDED, 0,
          0 },
        { "c=r=1&d=yes&i=1&f=1", CONSENT_DECISION_NONE, CONSENT_REASON_RESET,
          0, 0 },
        { "c=r=perhaps&d=yes&f=1", CONSENT_DECISION_NONE,
          CONSENT_REASON_RESET, 0, 0 },
        { "c=r=0&d=yes&f=1&t=1", CONSENT_DECISION_EXPLICIT,
          CONSENT_REASON_OK, FUNCTIONAL, TARGETING },
        { "c=r=1&t=1", CONSENT_DECISION_NONE, CONSENT_REASON_RESET, 0,
          TARGETING },
        { "c=x", CONSENT_DECISION_NONE, CONSENT_REASON_MALFORMED, 0, 0 },
        { "b=d=yes", CONSENT_DECISION_NONE, CONSENT_REASON_ABSENT, 0, 0 },
        { "", CONSENT_DECISION_NONE, CONSENT_REASON_ABSENT, 0, 0 }
    };

    for (i = 0; i < nelts(cases); i++) {
        r = source_read(source_compile(block), source_str(cases[i].value));

        ok(r.kind == cases[i].kind && r.reason == cases[i].reason
           && r.accepted == cases[i].accepted
           && r.denied == cases[i].denied, "order: %s", cases[i].value);
        source_free();
    }
}


static void
test_limits(void)
{
    char               *text;
    consent_reading_t   r;

    static const char  json[] = "cookie c\nparse json\ngrant functional a";
    static const char  list[] = "cookie c\nparse list ,\ngrant functional a";

    text = repeat("c=", "[", 8, "]]]]]]]]");
    r = source_read(source_compile(json), source_str(text));
    is_int(r.reason, CONSENT_REASON_OK, "8 arrays in one another");
    free(text);

    text = repeat("c=", "[", 9, "]]]]]]]]]");
    r = source_read(source_compile(json), source_str(text));
    is_int(r.reason, CONSENT_REASON_LIMIT, "9 of them");
    free(text);

    text = repeat("c=", "{a:", 9, "}}}}}}}}}");
    r = source_read(source_compile(json), source_str(text));
    is_int(r.reason, CONSENT_REASON_LIMIT, "9 objects");
    free(text);

    /* two tokens for each */

    text = repeat("c=[1", ",1", 254, "]");
    r = source_read(source_compile(json), source_str(text));
    is_int(r.reason, CONSENT_REASON_OK, "255 members");
    free(text);

    text = repeat("c=[1", ",\"\"", 511, "]");
    r = source_read(source_compile(json), source_str(text));
    is_int(r.reason, CONSENT_REASON_LIMIT, "more than 512 tokens");
    free(text);

    text = repeat("c=a", "x", 8190, "");
    r = source_read(source_compile(list), source_str(text));
    is_int(r.reason, CONSENT_REASON_OK, "a value of 8191 bytes");
    free(text);

    text = repeat("c=a", "x", 8192, "");
    r = source_read(source_compile(list), source_str(text));
    is_int(r.reason, CONSENT_REASON_LIMIT, "of 8193 bytes");
    free(text);

    text = repeat("c=", "%5B", 2700, "");
    r = source_read(source_compile("cookie c\ntransform url\nparse json\n"
                                   "grant functional a"), source_str(text));
    ok(r.kind == CONSENT_DECISION_NONE, "a long value that is nothing");
    free(text);

    text = repeat("c={a:'", "\\\\", 4080, "'}");
    r = source_read(source_compile(json), source_str(text));
    is_int(r.reason, CONSENT_REASON_OK, "a long string of escapes");
    free(text);

    text = repeat("c={", "a:b,", 2040, "}");
    r = source_read(source_compile(json), source_str(text));
    is_int(r.kind, CONSENT_DECISION_NONE, "a long text that grows");
    free(text);

    text = repeat("n", "x", 128, "=1");
    r = source_read(source_compile("cookie n*\nparse cookies\n"
                                   "grant functional xx"), source_str(text));
    is_int(r.reason, CONSENT_REASON_LIMIT, "a name of 129 bytes");
    free(text);
}


static void
test_names(void)
{
    consent_reading_t        r;
    const consent_source_t  *source;

    source = source_compile("cookie a b* !*-not\nparse kv & =\n"
                            "grant functional x\nown o* p *q\n"
                            "decided cookie(mark)|cookie(m2*)|x");

    r = source_read(source, source_str("b2=x=1; b1=x=0"));
    is_int(r.accepted, FUNCTIONAL, "the first of a prefix");
    is_str(r.cookie.data, r.cookie.len, "b2", "which is named");

    r = source_read(source, source_str("b2=broken; b1=x=1"));
    is_int(r.accepted, FUNCTIONAL, "the next if it cannot be read");

    r = source_read(source, source_str("b2=broken; b2=x=1"));
    is_int(r.accepted, 0, "but not one of the same name");

    r = source_read(source, source_str("b2=x=1; a=x=0"));
    is_int(r.accepted, 0, "names in the order of the configuration");

    r = source_read(source, source_str("b-not=x=1; A=x=1"));
    is_int(r.reason, CONSENT_REASON_ABSENT, "not those excluded");

    ok(consent_source_owns(source, source_str("o1"))
       && consent_source_owns(source, source_str("p"))
       && consent_source_owns(source, source_str("xq"))
       && consent_source_owns(source, source_str("a"))
       && consent_source_owns(source, source_str("b7"))
       && consent_source_owns(source, source_str("mark"))
       && consent_source_owns(source, source_str("m22")), "own cookies");

    ok(!consent_source_owns(source, source_str("p1"))
       && !consent_source_owns(source, source_str("q1"))
       && !consent_source_owns(source, source_str("O1"))
       && !consent_source_owns(source, source_str("b-not"))
       && !consent_source_owns(source, source_str("")), "others are not");

    source = source_compile("cookie x* !x2\nparse cookies lower\n"
                            "into cookie(more) json url\n"
                            "grant functional a&more[z]\n"
                            "grant performance A");

    r = source_read(source, source_str("xA=YES; x2=1; more=%5B%22z%22%5D"));
    is_int(r.accepted, FUNCTIONAL, "cookies as tokens, and another cookie");
    ok(source_token("2") == NULL, "without the one that is excluded");

    (void) source_read(source, source_str("xa=yes; xa=no"));
    is_str(source_token("a")->value.data, source_token("a")->value.len,
           "yes", "the first of two counts");

    source = source_compile("cookie *_s !n_s\nparse kv & =\n"
                            "grant functional x");

    r = source_read(source, source_str("n_s=x=0; a=x=0; b_s=broken; c_s=x=1"));
    is_int(r.accepted, FUNCTIONAL, "the first of a suffix that can be read");
    is_str(r.cookie.data, r.cookie.len, "c_s", "which is named");

    ok(consent_source_owns(source, source_str("any_s"))
       && !consent_source_owns(source, source_str("n_s"))
       && !consent_source_owns(source, source_str("c_st")), "and its own");

    source = source_compile("cookie b*\nparse kv & =\ndecided d\n"
                            "implied i\nreset n\ngrant functional x\n"
                            "deny targeting y");

    r = source_read(source, source_str("b1=x=1; b2=d=1&x=1; b3=d=1&x=0"));
    is_int(r.accepted, FUNCTIONAL, "the first with a decision");
    is_str(r.cookie.data, r.cookie.len, "b2", "which is named");

    r = source_read(source, source_str("b1=y=1; b2=z"));
    is_int(r.reason, CONSENT_REASON_UNDECIDED, "of none with a decision");
    is_int(r.denied, TARGETING, "what the first one says");
    is_str(r.cookie.data, r.cookie.len, "b1", "which is named, too");

    r = source_read(source, source_str("b1=n=1; b2=d=1&x=1"));
    is_int(r.reason, CONSENT_REASON_RESET, "who is to be asked again is");

    r = source_read(source, source_str("b1=i=1; b2=d=1&x=1"));
    is_int(r.kind, CONSENT_DECISION_IMPLIED, "an implied one is one");

    r = source_read(source, source_str("b1=z=1; b2=z=1; b3=z=1; b4=z=1; "
                                       "b5=z=1; b6=z=1; b7=z=1; b8=z=1; "
                                       "b9=z=1; ba=d=1&x=1"));
    is_int(r.reason, CONSENT_REASON_UNDECIDED, "of no more than some");
    is_str(r.cookie.data, r.cookie.len, "b1", "and then the first");

    source = source_compile("cookie *_s\nparse cookies\n"
                            "grant functional a&!has(self)");

    r = source_read(source, source_str("a_s=yes; b=yes"));
    is_int(r.accepted, FUNCTIONAL, "tokens named by what precedes it");
}


static void
test_truth(void)
{
    size_t  i;

    static const char  *yes[] = { "1", "true", "yes", "allow", "allowed",
        "accept", "accepted", "granted", "on", "ON", "True" };
    static const char  *no[] = { "0", "false", "no", "deny", "denied",
        "reject", "rejected", "revoked", "refused", "off", "", "OFF" };
    static const char  *unknown[] = { "2", "11", "y", "ok", " 1", "true ",
        "-1", "null", "wait", "dismiss" };

    for (i = 0; i < nelts(yes); i++) {
        is_int(consent_truth(source_str(yes[i]), CONSENT_TOKEN_TEXT),
               CONSENT_TRUTH_YES, "yes: \"%s\"", yes[i]);
    }

    for (i = 0; i < nelts(no); i++) {
        is_int(consent_truth(source_str(no[i]), CONSENT_TOKEN_TEXT),
               CONSENT_TRUTH_NO, "no: \"%s\"", no[i]);
    }

    for (i = 0; i < nelts(unknown); i++) {
        is_int(consent_truth(source_str(unknown[i]), CONSENT_TOKEN_TEXT),
               CONSENT_TRUTH_UNKNOWN, "unknown: \"%s\"", unknown[i]);
    }

    is_int(consent_truth(source_str("0.01"), CONSENT_TOKEN_NUMBER),
           CONSENT_TRUTH_YES, "a number above 0");
    is_int(consent_truth(source_str("0.0e9"), CONSENT_TOKEN_NUMBER),
           CONSENT_TRUTH_NO, "0");
    is_int(consent_truth(source_str("-0.5"), CONSENT_TOKEN_NUMBER),
           CONSENT_TRUTH_UNKNOWN, "below 0");
}


/* what messages point at; their texts are tested in nginx */

static void
test_errors(void)
{
    size_t  i;

    static const struct {
        const char  *line;
        const char  *message;
    } cases[] = {
        { "decided `a & & b`",
          "invalid expression \"a & & b\" in \"decided\", at character 5 "
          "where \"& b\" begins: a token or a function is missing here" },
        { "decided a & b )",
          "invalid expression \"a & b )\" in \"decided\", at character 7 "
          "where \")\" begins: there is no \"(\" for this \")\"" },
        { "grant functional `!x`",
          "invalid \"!x\" in \"grant\": this holds for a visitor of whom "
          "nothing is known, say what has to be there" },
        { "grant functional `!cookie(x)`",
          "invalid \"!cookie(x)\" in \"grant\": this holds for a visitor of "
          "whom nothing is known, say what has to be there" },
        { "decided `a='b`",
          "invalid expression \"a='b\" in \"decided\", at character 3 where "
          "\"'b\" begins: a value is missing here, write '' for the empty "
          "one" },
        { "decided `cookie()`",
          "invalid expression \"cookie()\" in \"decided\", at character 8 "
          "where \")\" begins: the name of a cookie is missing" }
    };

    for (i = 0; i < nelts(cases); i++) {
        ok(source_compile(cases[i].line) == NULL, "wrong: %s", cases[i].line);
        is_str(source_error.text, strlen(source_error.text),
               cases[i].message, "which is said");
    }
}


/* in the order in which they were read */

static char *
list_tokens(void)
{
    char                   *text, *p;
    size_t                  len;
    uint8_t                 path[256];
    unsigned                i;
    const consent_token_t  *token;

    text = malloc(65536);

    if (text == NULL) {
        abort();
    }

    p = text;

    for (i = 0; i < source_tokens.n; i++) {
        token = &source_tokens.list[i];

        if (!token->dead) {
            len = consent_token_path(&source_tokens, token, path,
                                     sizeof(path));

            p += snprintf(p, (size_t) (text + 65536 - p), "%.*s=%.*s\n",
                          (int) len, (char *) path, (int) token->value.len,
                          (const char *) token->value.data);
        }
    }

    *p = '\0';

    return text;
}


static consent_reading_t
read_value(const char *block, const char *value)
{
    char                     header[1024], text[1024];
    static char              kept[1024];
    const consent_source_t  *source;

    snprintf(text, sizeof(text), "cookie c\ngrant functional a\n%s", block);
    snprintf(header, sizeof(header), "x=1; c=%s; y=2", value);
    memcpy(kept, header, sizeof(kept));

    source = source_compile(text);

    if (source == NULL) {
        diag("%s", source_error.text);
        abort();
    }

    return source_read(source, source_str(kept));
}


static int
holds(const char *block, const char *value, const char *expr)
{
    char                     header[2048], text[1024];
    const consent_source_t  *source;

    snprintf(text, sizeof(text), "cookie c\ngrant functional `t&(%s)`\n%s",
             expr, block);
    snprintf(header, sizeof(header), "other=y; empty=; c=%s; quoted=\"q\"; "
             "twice=1; twice=2", value);

    source = source_compile(text);

    if (source == NULL) {
        diag("%s", source_error.text);
        return -1;
    }

    return source_read(source, source_str(header)).accepted == FUNCTIONAL;
}


static char *
repeat(const char *start, const char *part, unsigned n, const char *end)
{
    char      *text, *p;
    size_t     len;
    unsigned   i;

    len = strlen(part);
    text = malloc(strlen(start) + len * n + strlen(end) + 1);

    if (text == NULL) {
        abort();
    }

    p = text;

    memcpy(p, start, strlen(start));
    p += strlen(start);

    for (i = 0; i < n; i++) {
        memcpy(p, part, len);
        p += len;
    }

    memcpy(p, end, strlen(end) + 1);

    return text;
}
