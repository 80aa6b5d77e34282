/*
 * Copyright (C) ngx_consent_module authors
 *
 * Narrowing a policy.  Whatever the policy: every directive is still there,
 * each with a part of its sources, or 'none' and nothing else where there
 * were some; and what is left is left alone the next time.
 */


#include "rewrite_fixture.h"
#include "fuzz.h"

#include "consent_csp.h"


static size_t narrow(uint8_t *dst, const consent_rewrite_conf_t *conf,
    const uint8_t *data, size_t size, unsigned *removed);
static consent_str_t next_directive(consent_str_t *rest);
static consent_str_t next_word(consent_str_t *rest);
static unsigned compare(consent_str_t in, consent_str_t out);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t                   len, again;
    uint8_t                 *in, *out, *second;
    unsigned                 removed, gone;
    static int               ready;
    consent_str_t            old, new;
    consent_rewrite_conf_t   conf;

    if (!ready) {
        fixture_init();
        ready = 1;
    }

    fixture_conf(&conf, 1024);
    conf.judge.third_party = (fuzz_hash(data, size) & 1)
                             ? 0 : CONSENT_UNCLASSIFIED;

    in = fuzz_copy(data, size);
    out = malloc(CONSENT_CSP_ROOM(size));

    len = narrow(out, &conf, in, size, &removed);

    FUZZ_CHECK(removed || (len == size
                           && (len == 0 || memcmp(in, out, len) == 0)));

    old = consent_str_make(in, size);
    new = consent_str_make(out, len);
    gone = 0;

    for ( ;; ) {
        gone += compare(next_directive(&old), next_directive(&new));

        FUZZ_CHECK((old.data == NULL) == (new.data == NULL));

        if (old.data == NULL) {
            break;
        }
    }

    FUZZ_CHECK(gone == removed);

    second = malloc(CONSENT_CSP_ROOM(len));
    again = narrow(second, &conf, out, len, &removed);

    FUZZ_CHECK(removed == 0 && again == len);

    conf.judge.denied = 0;
    len = narrow(out, &conf, in, size, &removed);

    FUZZ_CHECK(removed == 0 && len == size);

    free(in);
    free(out);
    free(second);

    return 0;
}


static size_t
narrow(uint8_t *dst, const consent_rewrite_conf_t *conf, const uint8_t *data,
    size_t size, unsigned *removed)
{
    consent_judge_t  judge;

    consent_judge_init(&judge, &conf->judge);

    return consent_csp_narrow(dst, &judge, consent_str_make(data, size),
                              removed);
}


/* rest.data is NULL after the last one */

static consent_str_t
next_directive(consent_str_t *rest)
{
    size_t         i;
    consent_str_t  directive;

    for (i = 0; i < rest->len; i++) {
        if (rest->data[i] == ';' || rest->data[i] == ',') {
            directive = consent_str_make(rest->data, i);
            *rest = consent_str_make(rest->data + i + 1, rest->len - i - 1);

            return directive;
        }
    }

    directive = *rest;
    *rest = consent_str_make(NULL, 0);

    return directive;
}


static consent_str_t
next_word(consent_str_t *rest)
{
    consent_str_t  word;

    while (rest->len && consent_is_space(rest->data[0])) {
        rest->data++;
        rest->len--;
    }

    word = consent_str_make(rest->data, 0);

    while (rest->len && !consent_is_space(rest->data[0])) {
        rest->data++;
        rest->len--;
        word.len++;
    }

    return word;
}


/* how many sources of a directive are gone */

static unsigned
compare(consent_str_t in, consent_str_t out)
{
    unsigned             gone, kept;
    consent_str_t        was, is;
    const consent_str_t  none = consent_str("'none'");

    gone = 0;
    kept = 0;

    FUZZ_CHECK(consent_str_eq(next_word(&in), next_word(&out)));

    is = next_word(&out);

    for ( ;; ) {
        was = next_word(&in);

        if (was.len == 0) {
            break;
        }

        if (consent_str_eq(was, is)) {
            kept++;
            is = next_word(&out);

        } else {
            gone++;
        }
    }

    if (is.len) {
        FUZZ_CHECK(gone && kept == 0);
        FUZZ_CHECK(consent_str_eq(is, none));
        FUZZ_CHECK(next_word(&out).len == 0);

    } else {
        FUZZ_CHECK(gone == 0 || kept);
    }

    return gone;
}
