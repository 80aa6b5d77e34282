/*
 * Copyright (C) ngx_consent_module authors
 *
 * A Cookie header and sources with each parser, transform and re-entry.
 * Whatever the header is, nothing is accepted without a decision, what was
 * read fits into its memory, and the same is read a second time, also behind
 * other cookies and if the markers of a decision are gone.
 */


#include "source_fixture.h"
#include "fuzz.h"


#define SOURCES  (sizeof(blocks) / sizeof(blocks[0]))


static const char  *const blocks[] = {
    "cookie OptanonConsent\ntransform url plus\nparse kv & =\n"
    "into groups kv , : lower\n"
    "decided cookie(Closed)&!(AwaitingReconsent)\nimplied has(groups)\n"
    "grant functional groups.c0003|groups.3\n"
    "grant performance `any(groups.*=1,groups.2)`\n"
    "grant targeting all(groups.c0004,groups.c0005)",

    "cookie c* !*-no\ntransform url\nshape ^[{\\[\"0-9%]\nparse json\n"
    "decided has(a)|b>=2\nreset `!(a.b=1|2)`\ngrant functional a.b[c]\n"
    "grant targeting every(a,b.0)\ninto a.j json\ninto a.t tcf",

    "cookie c\ntransform url b64 until }x lower\nparse json\n"
    "grant functional any(a.*)\ngrant targeting `all(*)&has(self)`",

    "cookie c*\nparse cookies url plus lower\ninto cookie(j) json url\n"
    "decided has(a)\ngrant functional a=yes|no\ngrant targeting j.a&j[b]",

    "cookie c d\ntransform url after 1 strip 2\nparse fields _\n"
    "into f0 list `` until .\ninto f1 list , url\ngrant functional f0[A]\n"
    "grant targeting f1[b]\ndeny performance f2=y",

    "cookie *c !*cc\nparse list ,| url\ngrant functional a&!b",

    "cookie c\nparse tcf url\ngrant functional p1&p5&v7&!vli9\n"
    "grant performance pub.p1|dv3|seg1&created>=1\n"
    "grant targeting policy>=4&sf1",

    "cookie c\nparse gpp url\ngrant functional p1\n"
    "deny targeting sale=1|sharing=1|targeted=1|gpc=1|f2=Y\n"
    "grant performance sid[7]"
};


static void check(const consent_source_t *source, const uint8_t *data,
    size_t size);
static int is_inside(const uint8_t *p, size_t len, const uint8_t *data,
    size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t                          i;
    uint8_t                        *copy;
    static const consent_source_t  *sources[SOURCES];

    for (i = 0; i < SOURCES && sources[i] == NULL; i++) {
        sources[i] = source_compile(blocks[i]);

        if (sources[i] == NULL) {
            fprintf(stderr, "%s\n", source_error.text);
            abort();
        }
    }

    copy = fuzz_copy(data, size);

    for (i = 0; i < SOURCES; i++) {
        check(sources[i], copy, size);
    }

    free(copy);

    return 0;
}


static void
check(const consent_source_t *source, const uint8_t *data, size_t size)
{
    uint8_t                 path[512];
    unsigned                i;
    consent_str_t           lines[2];
    consent_facts_t         facts;
    consent_tokens_t        tokens;
    consent_reading_t       reading, again;
    const consent_token_t  *token;

    static const char  other[] = "sid=1; zz=; =x; q";

    reading = source_read(source, consent_str_make(data, size));

    FUZZ_CHECK(reading.kind != CONSENT_DECISION_NONE
               || reading.accepted == 0);
    FUZZ_CHECK((reading.kind == CONSENT_DECISION_NONE)
               == (reading.reason != CONSENT_REASON_OK));
    FUZZ_CHECK((reading.accepted & ~(consent_mask_t) 0xe) == 0);
    FUZZ_CHECK(source_tokens.n <= CONSENT_TOKENS_MAX);
    FUZZ_CHECK(is_inside(reading.cookie.data, reading.cookie.len, data,
                         size));

    for (i = 0; i < source_tokens.n; i++) {
        token = &source_tokens.list[i];

        FUZZ_CHECK(token->parent <= i);
        FUZZ_CHECK(consent_token_path(&source_tokens, token, path,
                                      sizeof(path))
                   <= sizeof(path));
    }

    /* in a second line, behind others */

    lines[0] = consent_str_make((const uint8_t *) other, sizeof(other) - 1);
    lines[1] = consent_str_make(data, size);

    facts.lines = lines;
    facts.nlines = 2;

    consent_source_read(&again, source, &facts, &tokens, source_memory);

    FUZZ_CHECK(again.kind == reading.kind);
    FUZZ_CHECK(again.accepted == reading.accepted);
    FUZZ_CHECK(again.denied == reading.denied);
}


static int
is_inside(const uint8_t *p, size_t len, const uint8_t *data, size_t size)
{
    return len == 0
           || (p >= data && len <= size && (size_t) (p - data) <= size - len);
}
