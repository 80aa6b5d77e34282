/*
 * Copyright (C) ngx_consent_module authors
 *
 * The module's own cookie: nothing is accepted without a signature that
 * belongs to it, and what was written is read again, unless a byte changed.
 */


#include "consent_own.h"
#include "fuzz.h"


#define KEY      "0123456789abcdef0123456789abcdef"
#define ID       "AAAAAAAAAAAAAAAAAAAAAA"
#define NOW      1700000100
#define MAX_AGE  86400
#define POLICY   3
#define ALL      0x0e           /* all but the first, which is "always" */
#define FORM     (1 + CONSENT_KID_LEN + 1 + CONSENT_MAC_TEXT_LEN)


static void init(void);
static void read_one(consent_decision_t *d, const uint8_t *data, size_t size,
    unsigned nkeys);
static void check_signature(const uint8_t *data, size_t size);
static void check_signed(const uint8_t *data, size_t size);
static void check_written(const uint8_t *data, size_t size);


static consent_key_t       key;
static consent_policy_t    policy;
static consent_own_conf_t  conf;


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    consent_decision_t  d;

    if (policy.ncategories == 0) {
        init();
    }

    read_one(&d, data, size, 1);

    if (d.kind != CONSENT_DECISION_NONE) {
        check_signature(data, size);

        FUZZ_CHECK((d.accepted & ~(consent_mask_t) ALL) == 0);
        FUZZ_CHECK(d.policy == POLICY);
        FUZZ_CHECK(d.issued <= NOW + CONSENT_OWN_SKEW);
        FUZZ_CHECK(d.issued >= NOW - MAX_AGE);
        FUZZ_CHECK(d.id.len == CONSENT_OWN_ID_LEN);

    } else {
        FUZZ_CHECK(d.accepted == 0);
        FUZZ_CHECK(d.reason != CONSENT_REASON_OK);
    }

    check_signed(data, size);
    check_written(data, size);

    return 0;
}


static void
init(void)
{
    size_t                      i;
    static const consent_str_t  names[] = {
        consent_str("necessary"), consent_str("functional"),
        consent_str("performance"), consent_str("targeting")
    };

    FUZZ_CHECK(consent_key_init(&key, consent_str_make((const uint8_t *) KEY,
                                                       sizeof(KEY) - 1))
               == 0);

    policy.version = POLICY;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        policy.categories[i].name = names[i];
        policy.declared |= consent_bit(i);
    }

    policy.categories[0].always = 1;
    policy.always = consent_bit(0);
    policy.ncategories = sizeof(names) / sizeof(names[0]);

    conf.name = names[0];
    conf.max_age = MAX_AGE;
    conf.keys = &key;
}


static void
read_one(consent_decision_t *d, const uint8_t *data, size_t size,
    unsigned nkeys)
{
    consent_str_t  value;

    value = consent_str_make(data, size);
    conf.nkeys = nkeys;

    memset(d, 0, sizeof(consent_decision_t));
    consent_own_read(d, &conf, &policy, &value, 1, NOW);
}


/* text "." kid "~" sig: told by lengths from its end, and signed anew */

static void
check_signature(const uint8_t *data, size_t size)
{
    uint8_t         mac[CONSENT_MAC_TEXT_LEN];
    consent_str_t   text;

    FUZZ_CHECK(size > FORM);

    text = consent_str_make(data, size - FORM);

    FUZZ_CHECK(consent_sign(&key, text, mac) == 0);
    FUZZ_CHECK(data[text.len] == '.');
    FUZZ_CHECK(memcmp(data + text.len + 1, key.kid, CONSENT_KID_LEN) == 0);
    FUZZ_CHECK(data[text.len + 1 + CONSENT_KID_LEN] == '~');
    FUZZ_CHECK(memcmp(data + size - sizeof(mac), mac, sizeof(mac)) == 0);
}


/* a signature makes a value count, and nothing else of it */

static void
check_signed(const uint8_t *data, size_t size)
{
    uint8_t             *value, *p;
    consent_decision_t   bare, with;
    consent_own_value_t  parts;

    if (size > CONSENT_OWN_MAX_LEN - FORM
        || consent_own_parse(&parts, consent_str_make(data, size)) != 0
        || parts.kid.len)
    {
        return;
    }

    value = malloc(size + FORM);

    if (value == NULL) {
        abort();
    }

    memcpy(value, data, size);

    p = value + size;
    *p++ = '.';
    memcpy(p, key.kid, CONSENT_KID_LEN);
    p += CONSENT_KID_LEN;
    *p++ = '~';

    FUZZ_CHECK(consent_sign(&key, consent_str_make(data, size), p) == 0);

    read_one(&bare, data, size, 0);
    read_one(&with, value, size + FORM, 1);

    FUZZ_CHECK(bare.kind == with.kind);
    FUZZ_CHECK(bare.reason == with.reason);
    FUZZ_CHECK(bare.accepted == with.accepted);

    free(value);
}


static void
check_written(const uint8_t *data, size_t size)
{
    size_t              len, at;
    uint8_t             value[CONSENT_OWN_MAX_LEN], byte;
    uint32_t            rnd;
    consent_mask_t      accepted;
    consent_decision_t  d;

    rnd = fuzz_hash(data, size);
    accepted = fuzz_random(&rnd) & ALL;

    conf.nkeys = 1;
    len = consent_own_write(value, sizeof(value), &conf, &policy, accepted,
                            consent_str_make((const uint8_t *) ID,
                                             sizeof(ID) - 1), NOW);
    FUZZ_CHECK(len > 0);

    read_one(&d, value, len, 1);

    FUZZ_CHECK(d.kind == CONSENT_DECISION_EXPLICIT);
    FUZZ_CHECK(d.accepted == accepted);

    at = fuzz_random(&rnd) % len;
    byte = (uint8_t) fuzz_random(&rnd);

    if (byte != value[at]) {
        value[at] = byte;
        read_one(&d, value, len, 1);
        FUZZ_CHECK(d.kind == CONSENT_DECISION_NONE);
    }
}
