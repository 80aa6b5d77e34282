/*
 * Copyright (C) ngx_consent_module authors
 *
 * consent_own.h: whatever is wrong with our own cookie grants nothing.
 */


#include "tap.h"
#include "consent_own.h"


#define NOW       1700000000
#define MAX_AGE   86400
#define POLICY    3

#define LONG_LEN  8192

#define ID        "AAAAAAAAAAAAAAAAAAAAAA"
#define SIG       "BBBBBBBBBBBBBBBBBBBBBA"

/* made with another implementation of HMAC */

#define KEY       "0123456789abcdef0123456789abcdef"
#define SIGNED    "1.1700000000.3." ID ".functional+performance" \
                  ".52c5~zpAu4aDZ16zdjn6HdDi-Tw"

/* these two keys have the same kid */

#define TWIN_KEY  "same kid, other secret 127881"
#define OLD_KEY   "the other key of this test, rotated out"

#define nelts(table)  (sizeof(table) / sizeof((table)[0]))

#define text(literal)  { sizeof(literal) - 1, (const uint8_t *) (literal) }


enum {
    NECESSARY = 0,
    FUNCTIONAL,
    PERFORMANCE,
    TARGETING
};


/* accepted counts with CONSENT_REASON_OK only */

typedef struct {
    consent_str_t      value;
    consent_reason_e   reason;
    consent_mask_t     accepted;
} read_test_t;


#define F  (1 << FUNCTIONAL)
#define P  (1 << PERFORMANCE)
#define T  (1 << TARGETING)

#define OK         CONSENT_REASON_OK
#define MALFORMED  CONSENT_REASON_MALFORMED
#define POLICY_NO  CONSENT_REASON_POLICY
#define EXPIRED    CONSENT_REASON_EXPIRED
#define FUTURE     CONSENT_REASON_FUTURE


/* without a key */

static const read_test_t  read_tests[] = {
    { text("1.1700000000.3." ID ".-"), OK, 0 },
    { text("1.1700000000.3." ID ".functional"), OK, F },
    { text("1.1700000000.3." ID ".functional+performance"), OK, F|P },
    { text("1.1700000000.3." ID ".targeting+performance+functional"), OK,
      F|P|T },
    { text("1.1700000000.3." ID ".functional+functional"), OK, F },
    { text("1.1700000000.3." ID ".necessary"), OK, 0 },
    { text("1.1700000000.3." ID ".necessary+functional"), OK, F },
    { text("1.1700000000.3." ID ".unknown"), OK, 0 },
    { text("1.1700000000.3." ID ".unknown+targeting+other_1"), OK, T },
    { text("1.1700000000.3." ID ".Functional+FUNCTIONAL"), OK, 0 },
    { text("1.1700000000.3." ID ".func"), OK, 0 },
    { text("1.1700000000.3." ID ".functional_"), OK, 0 },
    { text("1.1700000000.3.-_azAZ09AAAAAAAAAAAAAA.functional"), OK, F },
    { text("1.1700000000.3." ID ".functional.0af9~" SIG), OK, F },
    { text("1.1700000000.3." ID ".-.0af9~" SIG), OK, 0 },

    /* time */
    { text("1.1700000005.3." ID ".functional"), OK, F },
    { text("1.1700000006.3." ID ".functional"), FUTURE, 0 },
    { text("1.9223372036854775807.3." ID ".functional"), FUTURE, 0 },
    { text("1.1699913600.3." ID ".functional"), OK, F },
    { text("1.1699913599.3." ID ".functional"), EXPIRED, 0 },
    { text("1.0.3." ID ".functional"), EXPIRED, 0 },

    /* policy */
    { text("1.1700000000.2." ID ".functional"), POLICY_NO, 0 },
    { text("1.1700000000.4." ID ".functional"), POLICY_NO, 0 },
    { text("1.1700000000.0." ID ".functional"), POLICY_NO, 0 },
    { text("1.1700000000.18446744073709551615." ID ".-"), POLICY_NO, 0 },
    { text("1.1700000000.18446744073709551616." ID ".-"), MALFORMED, 0 },
    { text("1.1700000000.18446744073709551619." ID ".-"), MALFORMED, 0 },
    { text("1.1700000000.99999999999999999999999." ID ".-"), MALFORMED, 0 },

    /* version */
    { text(""), MALFORMED, 0 },
    { text("."), MALFORMED, 0 },
    { text("1"), MALFORMED, 0 },
    { text("2.1700000000.3." ID ".functional"), MALFORMED, 0 },
    { text("01.1700000000.3." ID ".functional"), MALFORMED, 0 },
    { text("11.1700000000.3." ID ".functional"), MALFORMED, 0 },
    { text(".1700000000.3." ID ".functional"), MALFORMED, 0 },

    /* numbers */
    { text("1..3." ID ".functional"), MALFORMED, 0 },
    { text("1.01700000000.3." ID ".functional"), MALFORMED, 0 },
    { text("1.00.3." ID ".functional"), MALFORMED, 0 },
    { text("1.+1700000000.3." ID ".functional"), MALFORMED, 0 },
    { text("1.-1.3." ID ".functional"), MALFORMED, 0 },
    { text("1. 1700000000.3." ID ".functional"), MALFORMED, 0 },
    { text("1.1700000000 .3." ID ".functional"), MALFORMED, 0 },
    { text("1.0x6553f100.3." ID ".functional"), MALFORMED, 0 },
    { text("1.17e8.3." ID ".functional"), MALFORMED, 0 },
    { text("1.9223372036854775808.3." ID ".functional"), MALFORMED, 0 },
    { text("1.18446744075409551616.3." ID ".functional"), MALFORMED, 0 },
    { text("1.1700000000.." ID ".functional"), MALFORMED, 0 },
    { text("1.1700000000.03." ID ".functional"), MALFORMED, 0 },
    { text("1.1700000000.3x." ID ".functional"), MALFORMED, 0 },

    /* id */
    { text("1.1700000000.3..functional"), MALFORMED, 0 },
    { text("1.1700000000.3.AAAAAAAAAAAAAAAAAAAAA.-"), MALFORMED, 0 },
    { text("1.1700000000.3.AAAAAAAAAAAAAAAAAAAAAAA.-"), MALFORMED, 0 },
    { text("1.1700000000.3.AAAAAAAAAAAAAAAAAAAAA=.-"), MALFORMED, 0 },
    { text("1.1700000000.3.AAAAAAAAAAAAAAAAAAAAA+.-"), MALFORMED, 0 },
    { text("1.1700000000.3.AAAAAAAAAAAAAAAAAAAAA/.-"), MALFORMED, 0 },
    { text("1.1700000000.3.AAAAAAAAAAAAAAAAAAAAA\0.-"), MALFORMED, 0 },

    /* categories */
    { text("1.1700000000.3." ID), MALFORMED, 0 },
    { text("1.1700000000.3." ID "."), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".+"), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".+functional"), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".functional+"), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".functional++targeting"), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".functional,targeting"), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".functional targeting"), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".functional%2Btargeting"), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".functional+-"), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".-+functional"), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".--"), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".functional\0"), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".functional\0+targeting"), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".f\xc3\xb6n"), MALFORMED, 0 },

    /* signature */
    { text("1.1700000000.3." ID ".functional."), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".functional.0af9"), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".functional.0af9~"), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".functional.~" SIG), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".functional." SIG), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".functional.0af~" SIG "A"), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".functional.0af9." SIG), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".functional.0AF9~" SIG), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".functional.0afg~" SIG), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".functional.0af9~" SIG "A"), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".functional.0af9~" SIG "."), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".functional.0af9~" SIG "=="), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".functional.0af9~BBBBBBBBBBBBBBBBBBBBB+"),
      MALFORMED, 0 },

    /* around it */
    { text(" 1.1700000000.3." ID ".functional"), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".functional "), MALFORMED, 0 },
    { text("\"1.1700000000.3." ID ".functional\""), MALFORMED, 0 },
    { text("1.1700000000.3." ID ".functional\n"), MALFORMED, 0 },
    { text("1%2E1700000000.3." ID ".functional"), MALFORMED, 0 },
    { text("{\"functional\":true}"), MALFORMED, 0 },
    { text("\xff\xfe\xfd"), MALFORMED, 0 }
};


static consent_policy_t    policy;
static consent_own_conf_t  unsigned_conf;
static consent_own_conf_t  signed_conf;
static consent_key_t       key, twin_key, old_key;


static consent_str_t
str_of(const char *s)
{
    return consent_str_make((const uint8_t *) s, strlen(s));
}


static void
add_category(const char *name, unsigned always)
{
    consent_category_t  *category;

    category = &policy.categories[policy.ncategories];
    category->name = str_of(name);
    category->always = always & 1;

    policy.declared |= consent_bit(policy.ncategories);

    if (always) {
        policy.always |= consent_bit(policy.ncategories);
    }

    policy.ncategories++;
}


static void
set_up(void)
{
    policy.version = POLICY;

    add_category("necessary", 1);
    add_category("functional", 0);
    add_category("performance", 0);
    add_category("targeting", 0);

    ok(consent_key_init(&key, str_of(KEY)) == 0
       && consent_key_init(&twin_key, str_of(TWIN_KEY)) == 0
       && consent_key_init(&old_key, str_of(OLD_KEY)) == 0, "keys");

    ok(memcmp(key.kid, twin_key.kid, CONSENT_KID_LEN) == 0
       && memcmp(key.kid, old_key.kid, CONSENT_KID_LEN) != 0,
       "two of them have the same kid");

    unsigned_conf.name = str_of("consent");
    unsigned_conf.max_age = MAX_AGE;

    signed_conf = unsigned_conf;
    signed_conf.keys = &key;
    signed_conf.nkeys = 1;
}


static consent_reason_e
read_one(consent_decision_t *d, const consent_own_conf_t *conf,
    consent_str_t value)
{
    memset(d, 0xff, sizeof(consent_decision_t));

    consent_own_read(d, conf, &policy, &value, 1, NOW);

    return d->reason;
}


/* whether d grants nothing and says nothing but why */

static int
grants_nothing(const consent_decision_t *d)
{
    return d->kind == CONSENT_DECISION_NONE
           && d->reason != CONSENT_REASON_OK
           && d->accepted == 0
           && d->policy == 0
           && d->issued == 0
           && d->id.len == 0;
}


static void
test_read(void)
{
    size_t               i;
    uint8_t             *copy;
    consent_str_t        value;
    consent_decision_t   d;
    const read_test_t   *t;

    for (i = 0; i < nelts(read_tests); i++) {
        t = &read_tests[i];

        /* memory of the very size, for the sanitizers */

        copy = malloc(t->value.len ? t->value.len : 1);
        memcpy(copy, t->value.data, t->value.len);
        value = consent_str_make(copy, t->value.len);

        is_int(read_one(&d, &unsigned_conf, value), t->reason,
               "read %d: %s", (int) i, consent_reason_text(t->reason));

        if (t->reason == CONSENT_REASON_OK) {
            ok(d.kind == CONSENT_DECISION_EXPLICIT
               && d.accepted == t->accepted, "read %d: accepted", (int) i);

        } else {
            ok(grants_nothing(&d), "read %d: grants nothing", (int) i);
        }

        free(copy);
    }
}


static void
test_fields(void)
{
    consent_str_t        value;
    consent_decision_t   d;
    consent_own_value_t  v;

    value = str_of(SIGNED);

    is_int(read_one(&d, &signed_conf, value), CONSENT_REASON_OK,
           "signed: valid");
    is_int(d.kind, CONSENT_DECISION_EXPLICIT, "signed: explicit");
    is_int((long long) d.accepted, F|P, "signed: accepted");
    is_int((long long) d.policy, POLICY, "signed: policy");
    is_int(d.issued, NOW, "signed: issued");
    is_str(d.id.data, d.id.len, ID, "signed: id");
    ok(d.id.data > value.data && d.id.data < value.data + value.len,
       "signed: id is a view");

    is_int(consent_own_parse(&v, value), 0, "parse");
    is_str(v.categories.data, v.categories.len, "functional+performance",
           "parse: categories");
    is_str(v.kid.data, v.kid.len, "52c5", "parse: kid");
    is_str(v.sig.data, v.sig.len, "zpAu4aDZ16zdjn6HdDi-Tw", "parse: sig");
    is_str(v.text.data, v.text.len,
           "1.1700000000.3." ID ".functional+performance", "parse: text");

    value = str_of("1.1700000000.3." ID ".-");

    is_int(consent_own_parse(&v, value), 0, "parse unsigned");
    is_int((long long) v.categories.len, 0, "parse unsigned: no categories");
    is_int((long long) v.kid.len, 0, "parse unsigned: no kid");
    is_int((long long) v.text.len, (long long) value.len,
           "parse unsigned: text");
    ok(!consent_own_verify(&v, &key, 1), "unsigned does not verify");

    is_int(consent_own_parse(&v, consent_str_make(NULL, 0)), -1,
           "parse nothing at all");
}


static void
test_signature(void)
{
    consent_decision_t  d;

    is_int(read_one(&d, &signed_conf,
                    str_of("1.1700000000.3." ID ".functional")),
           CONSENT_REASON_SIGNATURE, "unsigned, but there is a key");
    ok(grants_nothing(&d), "and grants nothing");

    is_int(read_one(&d, &signed_conf,
                    str_of("1.1700000000.3." ID ".functional.ffff~" SIG)),
           CONSENT_REASON_SIGNATURE, "a kid that no key has");
    ok(grants_nothing(&d), "and grants nothing");

    is_int(read_one(&d, &signed_conf,
                    str_of("1.1700000000.3." ID ".functional.52c5~" SIG)),
           CONSENT_REASON_SIGNATURE, "a wrong signature");
    ok(grants_nothing(&d), "and grants nothing");

    is_int(read_one(&d, &signed_conf,
                    str_of("1.1700000000.3." ID ".functional+performance"
                           ".88e8~zpAu4aDZ16zdjn6HdDi-Tw")),
           CONSENT_REASON_SIGNATURE, "a right signature, but another kid");
    ok(grants_nothing(&d), "and grants nothing");

    is_int(read_one(&d, &signed_conf,
                    str_of("1.1700000000.3." ID ".functional+performance"
                           ".52c5~zpAu4aDZ16zdjn6HdDi-Tx")),
           CONSENT_REASON_SIGNATURE, "spare bits that are not zero");
    ok(grants_nothing(&d), "and grants nothing");

    is_int(read_one(&d, &signed_conf,
                    str_of("1.9900000000.9." ID ".-.52c5~" SIG)),
           CONSENT_REASON_SIGNATURE, "nothing is believed before that");
}


static void
test_truncated(void)
{
    size_t              len;
    uint8_t            *copy;
    unsigned            granted;
    consent_str_t       value;
    consent_decision_t  d;

    value = str_of(SIGNED);
    granted = 0;

    for (len = 0; len < value.len; len++) {
        copy = malloc(len ? len : 1);
        memcpy(copy, value.data, len);

        read_one(&d, &signed_conf, consent_str_make(copy, len));
        granted += !grants_nothing(&d);

        read_one(&d, &signed_conf,
                 consent_str_make(value.data + len + 1, value.len - len - 1));
        granted += !grants_nothing(&d);

        free(copy);
    }

    is_int(granted, 0, "cut at each byte, from both ends: grants nothing");
}


static void
test_changed(void)
{
    size_t              i, j;
    uint8_t             copy[sizeof(SIGNED)], was;
    unsigned            c, granted, refused;
    consent_str_t       value;
    consent_decision_t  d;

    value = consent_str_make(copy, sizeof(SIGNED) - 1);
    memcpy(copy, SIGNED, sizeof(SIGNED));
    granted = 0;
    refused = 0;

    for (i = 0; i < value.len; i++) {
        was = copy[i];

        for (c = 0; c < 256; c++) {
            if (c == was) {
                continue;
            }

            copy[i] = (uint8_t) c;
            read_one(&d, &signed_conf, value);

            if (grants_nothing(&d)) {
                refused++;

            } else {
                granted++;
            }
        }

        copy[i] = was;
    }

    is_int(granted, 0, "each byte changed to each other: grants nothing");
    is_int(refused, (long long) value.len * 255, "all of them were tried");

    granted = 0;

    for (i = 0; i < value.len; i++) {
        for (j = i + 1; j < value.len; j++) {

            if (copy[i] == copy[j]) {
                continue;
            }

            was = copy[i];
            copy[i] = copy[j];
            copy[j] = was;

            read_one(&d, &signed_conf, value);
            granted += !grants_nothing(&d);

            copy[j] = copy[i];
            copy[i] = was;
        }
    }

    is_int(granted, 0, "any two bytes swapped: grants nothing");
    is_int(read_one(&d, &signed_conf, value), CONSENT_REASON_OK,
           "unchanged it is still valid");
}


static consent_reason_e
read_values(consent_decision_t *d, const char *const *texts, unsigned n)
{
    unsigned       i;
    consent_str_t  values[8];

    for (i = 0; i < n; i++) {
        values[i] = str_of(texts[i]);
    }

    memset(d, 0xff, sizeof(consent_decision_t));

    consent_own_read(d, &signed_conf, &policy, values, n, NOW);

    return d->reason;
}


static void
test_duplicates(void)
{
    consent_decision_t  d;

    static const char *const  same[] = { SIGNED, SIGNED, SIGNED };
    static const char *const  last[] = { SIGNED, SIGNED, SIGNED "x" };
    static const char *const  first[] = { "", SIGNED, SIGNED };
    static const char *const  broken[] = { "x", "x" };

    is_int(read_values(&d, same, 0), CONSENT_REASON_ABSENT, "no cookie");
    ok(grants_nothing(&d), "and grants nothing");

    is_int(read_values(&d, same, 3), CONSENT_REASON_OK, "three times equal");
    is_int((long long) d.accepted, F|P, "count as one");

    is_int(read_values(&d, last, 3), CONSENT_REASON_DUPLICATE,
           "the last one differs");
    ok(grants_nothing(&d), "and grants nothing");

    is_int(read_values(&d, first, 3), CONSENT_REASON_DUPLICATE,
           "the first one differs");
    ok(grants_nothing(&d), "and grants nothing");

    is_int(read_values(&d, broken, 2), CONSENT_REASON_MALFORMED,
           "equal, but malformed");
    ok(grants_nothing(&d), "and grants nothing");
}


static void
test_length(void)
{
    size_t              len;
    uint8_t             value[LONG_LEN];
    consent_decision_t  d;

    static const char  head[] = "1.1700000000.3." ID ".functional+";

    len = sizeof(head) - 1;

    memcpy(value, head, len);
    memset(value + len, 'x', sizeof(value) - len);

    is_int(read_one(&d, &unsigned_conf,
                    consent_str_make(value, CONSENT_OWN_MAX_LEN)),
           CONSENT_REASON_OK, "as long as allowed");
    is_int((long long) d.accepted, F, "what is known in it is accepted");

    is_int(read_one(&d, &unsigned_conf,
                    consent_str_make(value, CONSENT_OWN_MAX_LEN + 1)),
           CONSENT_REASON_MALFORMED, "one byte longer");
    ok(grants_nothing(&d), "and grants nothing");

    is_int(read_one(&d, &unsigned_conf, consent_str_make(value, LONG_LEN)),
           CONSENT_REASON_MALFORMED, "8 KB");
    ok(grants_nothing(&d), "and grants nothing");

    memset(value, 0, sizeof(value));
    is_int(read_one(&d, &unsigned_conf, consent_str_make(value, LONG_LEN)),
           CONSENT_REASON_MALFORMED, "8 KB of NULs");

    memset(value, '.', sizeof(value));
    is_int(read_one(&d, &unsigned_conf,
                    consent_str_make(value, CONSENT_OWN_MAX_LEN)),
           CONSENT_REASON_MALFORMED, "4 KB of dots");
}


static void
test_clock(void)
{
    consent_str_t       value;
    consent_decision_t  d;
    consent_own_conf_t  conf;

    value = str_of(SIGNED);
    conf = signed_conf;

    consent_own_read(&d, &conf, &policy, &value, 1, INT64_MAX);
    is_int(d.reason, CONSENT_REASON_EXPIRED, "clock: the end of time");

    consent_own_read(&d, &conf, &policy, &value, 1, INT64_MIN);
    is_int(d.reason, CONSENT_REASON_FUTURE, "clock: the beginning of time");

    consent_own_read(&d, &conf, &policy, &value, 1, NOW + MAX_AGE);
    is_int(d.reason, CONSENT_REASON_OK, "clock: the last second");

    consent_own_read(&d, &conf, &policy, &value, 1, NOW + MAX_AGE + 1);
    is_int(d.reason, CONSENT_REASON_EXPIRED, "clock: a second later");

    consent_own_read(&d, &conf, &policy, &value, 1, NOW - CONSENT_OWN_SKEW);
    is_int(d.reason, CONSENT_REASON_OK, "clock: a server that is late");

    consent_own_read(&d, &conf, &policy, &value, 1,
                     NOW - CONSENT_OWN_SKEW - 1);
    is_int(d.reason, CONSENT_REASON_FUTURE, "clock: too late");

    conf.max_age = INT64_MAX;
    consent_own_read(&d, &conf, &policy, &value, 1, INT64_MAX);
    is_int(d.reason, CONSENT_REASON_OK, "clock: a decision for ever");

    value = str_of("1.1600000000.9." ID ".functional");
    consent_own_read(&d, &unsigned_conf, &policy, &value, 1, NOW);
    is_int(d.reason, CONSENT_REASON_EXPIRED, "expired comes before policy");
}


static size_t
write_value(uint8_t *dst, size_t size, const consent_own_conf_t *conf,
    consent_mask_t accepted)
{
    return consent_own_write(dst, size, conf, &policy, accepted, str_of(ID),
                             NOW);
}


static void
test_write(void)
{
    size_t    n, size;
    uint8_t   value[256], *dst;
    unsigned  short_ones;

    n = write_value(value, sizeof(value), &signed_conf, F|P);
    is_str(value, n, SIGNED, "write: signed");

    n = write_value(value, sizeof(value), &unsigned_conf, 0);
    is_str(value, n, "1.1700000000.3." ID ".-", "write: none");

    n = write_value(value, sizeof(value), &unsigned_conf, ~0ULL);
    is_str(value, n, "1.1700000000.3." ID
           ".functional+performance+targeting",
           "write: neither necessary nor undeclared ones");

    n = consent_own_write(value, sizeof(value), &unsigned_conf, &policy, 0,
                          str_of(ID), 0);
    is_str(value, n, "1.0.3." ID ".-", "write: at the epoch");

    short_ones = 0;

    for (size = 0; size < sizeof(SIGNED) - 1; size++) {
        dst = malloc(size ? size : 1);
        short_ones += (write_value(dst, size, &signed_conf, F|P) != 0);
        free(dst);
    }

    is_int(short_ones, 0, "write: does not fit into any smaller size");
    is_int((long long) write_value(value, sizeof(SIGNED) - 1, &signed_conf,
                                   F|P),
           sizeof(SIGNED) - 1, "write: fits exactly");

    is_int((long long) consent_own_write(value, sizeof(value), &signed_conf,
                                         &policy, F, str_of("AAAA"), NOW),
           0, "write: an id too short");
    is_int((long long) consent_own_write(value, sizeof(value), &signed_conf,
                                         &policy, F,
                                         str_of("AAAAAAAAAAA.AAAAAAAAAA"),
                                         NOW),
           0, "write: an id with a dot");
    is_int((long long) consent_own_write(value, sizeof(value), &signed_conf,
                                         &policy, F, str_of(ID), -1),
           0, "write: before the epoch");
}


static void
test_round_trip(void)
{
    size_t              n;
    uint8_t             value[256];
    unsigned            wrong;
    consent_mask_t      mask;
    consent_decision_t  d;

    wrong = 0;

    for (mask = 0; mask < 16; mask++) {
        n = write_value(value, sizeof(value), &signed_conf, mask);
        read_one(&d, &signed_conf, consent_str_make(value, n));

        wrong += (d.kind != CONSENT_DECISION_EXPLICIT
                  || d.accepted != (mask & (F|P|T))
                  || d.issued != NOW
                  || d.policy != POLICY);

        n = write_value(value, sizeof(value), &unsigned_conf, mask);
        read_one(&d, &unsigned_conf, consent_str_make(value, n));

        wrong += (d.accepted != (mask & (F|P|T)));
    }

    is_int(wrong, 0, "what is written is read: all sets of categories");

    policy.version = UINT64_MAX;
    n = consent_own_write(value, sizeof(value), &signed_conf, &policy, T,
                          str_of("-_-_-_-_-_-_-_-_-_-_-_"), INT64_MAX);
    consent_own_read(&d, &signed_conf, &policy, &(consent_str_t) {
                         n, value }, 1, INT64_MAX);
    policy.version = POLICY;

    ok(d.reason == CONSENT_REASON_OK && d.policy == UINT64_MAX
       && d.issued == INT64_MAX, "what is written is read: largest numbers");
    is_str(d.id.data, d.id.len, "-_-_-_-_-_-_-_-_-_-_-_",
           "what is written is read: id");
}


static void
test_write_limit(void)
{
    size_t              i, n;
    char                name[80];
    uint8_t             value[LONG_LEN];
    consent_policy_t    big;
    consent_decision_t  d;
    consent_str_t       text;

    static char  names[CONSENT_MAX_CATEGORIES][80];

    memset(&big, 0, sizeof(big));
    memset(name, 'c', sizeof(name));

    big.version = POLICY;
    big.ncategories = CONSENT_MAX_CATEGORIES;
    big.declared = ~(consent_mask_t) 0;

    for (i = 0; i < CONSENT_MAX_CATEGORIES; i++) {
        memcpy(names[i], name, sizeof(name));
        names[i][0] = (char) ('A' + i % 26);
        names[i][1] = (char) ('A' + i / 26);

        big.categories[i].name =
            consent_str_make((const uint8_t *) names[i], 50);
    }

    n = consent_own_write(value, sizeof(value), &signed_conf, &big,
                          big.declared, str_of(ID), NOW);
    text = consent_str_make(value, n);
    consent_own_read(&d, &signed_conf, &big, &text, 1, NOW);

    ok(n > 0 && d.accepted == big.declared, "64 categories are read back");

    for (i = 0; i < CONSENT_MAX_CATEGORIES; i++) {
        big.categories[i].name.len = 80;
    }

    n = consent_own_write(value, sizeof(value), &signed_conf, &big,
                          big.declared, str_of(ID), NOW);

    is_int((long long) n, 0, "what could not be read is not written");
}


static void
test_rotation(void)
{
    size_t              n;
    uint8_t             value[256];
    consent_key_t       keys[3];
    consent_str_t       old;
    consent_decision_t  d;
    consent_own_conf_t  before, after;

    before = unsigned_conf;
    before.keys = &old_key;
    before.nkeys = 1;

    keys[0] = key;
    keys[1] = twin_key;
    keys[2] = old_key;

    after = unsigned_conf;
    after.keys = keys;
    after.nkeys = 3;

    n = write_value(value, sizeof(value), &before, T);
    old = consent_str_make(value, n);

    is_int(read_one(&d, &after, old), CONSENT_REASON_OK,
           "rotation: the old key still verifies");
    is_int((long long) d.accepted, T, "rotation: and the choice counts");

    after.nkeys = 2;
    is_int(read_one(&d, &after, old), CONSENT_REASON_SIGNATURE,
           "rotation: not once the old key is gone");
    ok(grants_nothing(&d), "rotation: it grants nothing then");

    n = write_value(value, sizeof(value), &after, F|P);
    is_str(value, n, SIGNED, "rotation: the first key signs");

    before.keys = &twin_key;
    n = write_value(value, sizeof(value), &before, P);

    is_int(read_one(&d, &after, consent_str_make(value, n)),
           CONSENT_REASON_OK, "rotation: the second key of that kid");
    is_int(read_one(&d, &signed_conf, consent_str_make(value, n)),
           CONSENT_REASON_SIGNATURE, "rotation: the kid alone is not enough");
}


static void
test_reasons(void)
{
    unsigned     i, j, wrong;
    const char  *text;

    wrong = 0;

    for (i = CONSENT_REASON_OK; i <= CONSENT_REASON_FUTURE; i++) {
        text = consent_reason_text((consent_reason_e) i);

        if (text == NULL || *text == '\0') {
            wrong++;
            continue;
        }

        for (j = CONSENT_REASON_OK; j < i; j++) {
            wrong += (strcmp(text, consent_reason_text((consent_reason_e) j))
                      == 0);
        }
    }

    is_int(wrong, 0, "each reason has a text of its own");
}


int
main(void)
{
    set_up();
    test_read();
    test_fields();
    test_signature();
    test_truncated();
    test_changed();
    test_duplicates();
    test_length();
    test_clock();
    test_write();
    test_round_trip();
    test_write_limit();
    test_rotation();
    test_reasons();

    return done_testing();
}
