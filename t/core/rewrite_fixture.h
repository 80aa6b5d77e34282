/*
 * Copyright (C) ngx_consent_module authors
 *
 * A policy, a page URL and a sink that collects, for tests of the rewriter.
 */


#ifndef REWRITE_FIXTURE_H
#define REWRITE_FIXTURE_H


#include "tap.h"

#include "consent_rewrite.h"


/* what mark inserts for the denied category */

#define OTHER   " data-consent=\"performance\""
#define SCRIPT  " type=\"text/plain\"" OTHER
#define EMPTY    " src=\"\"" SCRIPT
#define PRE     "data-consent-"

#define T       "https://tracker.example/"
#define OK      "https://fine.example/"


typedef struct {
    uint8_t                *data;
    size_t                  len;
    size_t                  size;
    const uint8_t          *in;         /* of the current feed */
    const uint8_t          *in_end;
    unsigned                stray;      /* pass() of other bytes */
    size_t                  held;       /* most bytes not put out yet */
} collector_t;


static consent_policy_t        policy;
static consent_site_t         *site;
static const consent_markup_t *markup;
static consent_url_t           document;
static uint8_t                 document_buf[CONSENT_URL_MIN_BUFFER];


__attribute__((unused))
static void
collect(collector_t *out, const uint8_t *p, size_t len)
{
    if (out->len + len > out->size) {
        out->size = 2 * (out->len + len);
        out->data = realloc(out->data, out->size);
    }

    memcpy(out->data + out->len, p, len);
    out->len += len;
}


__attribute__((unused))
static int
collect_pass(void *data, const uint8_t *p, size_t len)
{
    collector_t  *out = data;

    if (p < out->in || p + len > out->in_end) {
        out->stray++;
    }

    collect(out, p, len);

    return 0;
}


__attribute__((unused))
static int
collect_copy(void *data, const uint8_t *p, size_t len)
{
    collect(data, p, len);

    return 0;
}


__attribute__((unused))
static void *
fixture_alloc(void *data, size_t size)
{
    (void) data;

    return test_mem()->alloc(NULL, size);
}


static void
fixture_rule(consent_rule_e kind, const char *pattern, int category)
{
    consent_str_t          s;
    consent_match_error_t  err;

    s = consent_str_make((const uint8_t *) pattern, strlen(pattern));

    if (consent_match_add(policy.match, kind, CONSENT_LAYER_RULES, s,
                          category, 0, &err)
        != 0)
    {
        diag("%s: %s", pattern, err.text);
        exit(1);
    }
}


/* two categories and no rules yet */

__attribute__((unused))
static void
fixture_policy(void)
{
    policy.version = 1;
    policy.ncategories = 2;
    policy.categories[0].name =
        consent_str_make((const uint8_t *) "performance", 11);
    policy.categories[1].name =
        consent_str_make((const uint8_t *) "functional", 10);
    policy.declared = 3;

    policy.match = consent_match_create(test_mem());
}


/* after the last rule */

__attribute__((unused))
static void
fixture_ready(void)
{
    const char  *url = "https://www.site.example/dir/page?q";

    if (consent_match_compile(policy.match) != 0) {
        exit(1);
    }

    site = consent_site_create(test_mem());
    markup = consent_markup_create(test_mem(), &policy);

    consent_url_parse(&document, NULL,
                      consent_str_make((const uint8_t *) url, strlen(url)),
                      document_buf, sizeof(document_buf));
}


__attribute__((unused))
static void
fixture_init(void)
{
    fixture_policy();

    fixture_rule(CONSENT_RULE_RESOURCE, ".tracker.example", 0);
    fixture_rule(CONSENT_RULE_RESOURCE, ".fine.example", 1);
    fixture_rule(CONSENT_RULE_RESOURCE, "/dir/own.js", 0);
    fixture_rule(CONSENT_RULE_RESOURCE, "cdn.example/track/", 0);
    fixture_rule(CONSENT_RULE_INLINE, "evil(", 0);
    fixture_rule(CONSENT_RULE_INLINE, "~^\\s*start_tracking\\b", 0);
    fixture_rule(CONSENT_RULE_INLINE, "harmless(", 1);

    fixture_ready();
}


static uint8_t  fixture_shared[CONSENT_REWRITE_SHARED(16384)];


__attribute__((unused))
static void
fixture_conf(consent_rewrite_conf_t *conf, size_t limit)
{
    memset(conf, 0, sizeof(consent_rewrite_conf_t));

    conf->judge.policy = &policy;
    conf->judge.site = site;
    conf->judge.denied = 1;
    conf->judge.third_party = CONSENT_UNCLASSIFIED;
    conf->judge.document = &document;
    conf->judge.limit = limit;
    conf->judge.alloc = fixture_alloc;
    conf->judge.markup = markup;

    /* with memory for the time of a call, as nginx has it, or without */

    if (CONSENT_REWRITE_SHARED(limit) <= sizeof(fixture_shared)
        && limit % 2 == 0)
    {
        conf->shared = fixture_shared;
    }
    conf->csp = 1;
}


/* cuts: how many bytes the next piece gets, of what is left */

typedef size_t (*cut_pt)(void *data, size_t left);


/*
 * Each piece is fed from memory of exactly its size, so that a sanitizer sees
 * any byte read beyond it, and that is gone when the next one comes.
 */

__attribute__((unused))
static void
fixture_run(consent_rewrite_t *rw, const consent_rewrite_conf_t *conf,
    collector_t *out, const uint8_t *in, size_t len, cut_pt cut, void *data)
{
    size_t          n, pos;
    uint8_t        *piece;
    consent_sink_t  sink;

    memset(out, 0, sizeof(collector_t));

    sink.pass = collect_pass;
    sink.copy = collect_copy;
    sink.literal = collect_copy;
    sink.data = out;

    consent_rewrite_init(rw, conf, &sink);

    for (pos = 0; pos < len; pos += n) {
        n = cut(data, len - pos);

        piece = malloc(n);
        memcpy(piece, in + pos, n);

        out->in = piece;
        out->in_end = piece + n;

        if (consent_rewrite_feed(rw, piece, n, 0) != 0) {
            diag("feed failed");
            exit(1);
        }

        free(piece);

        if (pos + n > out->len && pos + n - out->len > out->held) {
            out->held = pos + n - out->len;
        }
    }

    if (consent_rewrite_feed(rw, NULL, 0, 1) != 0) {
        diag("feed failed");
        exit(1);
    }
}


__attribute__((unused))
static size_t
cut_none(void *data, size_t left)
{
    (void) data;

    return left;
}


__attribute__((unused))
static size_t
cut_bytes(void *data, size_t left)
{
    (void) left;
    (void) data;

    return 1;
}


/* the first piece has *data bytes */

__attribute__((unused))
static size_t
cut_at(void *data, size_t left)
{
    size_t  n, *first = data;

    n = *first;
    *first = 0;

    return (n && n < left) ? n : left;
}


__attribute__((unused))
static size_t
cut_random(void *data, size_t left)
{
    size_t     n;
    uint32_t  *seed = data;

    *seed = *seed * 1664525 + 1013904223;

    n = 1 + (*seed >> 16) % ((*seed >> 8 & 3) ? 9 : 200);

    return (n < left) ? n : left;
}


#endif /* REWRITE_FIXTURE_H */
