/*
 * Copyright (C) ngx_consent_module authors
 *
 * TC strings and GPP strings whose meaning is known: examples of the
 * specifications and real ones, checked with two other decoders.  Random ones
 * are made by the IAB's libraries in t/iab.t.
 */


#include "consent_gpp.h"
#include "consent_tcf.h"
#include "tap.h"


#define nelts(a)  (sizeof(a) / sizeof((a)[0]))

#define S1  "CQSbk4AQSbk4ANwAAAENAwCgAAAAAAAAAAYgACPAAAAA.IDKQA4AAgAKAGQAygAAA"
#define S2  "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA"
#define S3  "CP4mi7gP4mi7gAcABBENAjEgAAAAAAAAACiQAAAAAAAA.YAAAAAAAAAAA"
#define S4  "COv_eg6Ov_eg6AOADBENAaCgAP_AAH_AACiQAVEUQQoAIQAqIoghAAQgAA."     \
            "YAAAAAAAAAAAAAAAAAA"


static void test_fields(void);
static void test_vendors(void);
static void test_cut(void);
static void test_bad(void);
static void test_gpp(void);
static consent_str_t str(const char *text);
static int get(consent_str_t text, const char *name);


typedef struct {
    const char  *text;
    const char  *field;
    int          value;         /* -1: it has none */
} field_case_t;


static const field_case_t  field_cases[] = {
    { S1, "cmp", 880 }, { S1, "gvl", 48 }, { S1, "policy", 2 },
    { S1, "p1", 0 }, { S1, "p24", 0 }, { S1, "v1", 1 }, { S1, "v4", 1 },
    { S1, "v5", 0 }, { S1, "vli1", 0 }, { S1, "seg1", 1 }, { S1, "seg3", 0 },
    { S1, "dv1", 1 }, { S1, "dv5", 1 }, { S1, "dv6", 0 }, { S1, "dv100", 1 },
    { S1, "dv404", 1 }, { S1, "dv403", 0 }, { S1, "dv405", 0 },
    { S1, "pub.p1", -1 }, { S1, "created", 1748908800 },
    { S1, "updated", 1748908800 },

    { S2, "cmp", 31 }, { S2, "gvl", 126 }, { S2, "policy", 2 },
    { S2, "p1", 0 }, { S2, "v1", 0 }, { S2, "seg1", 0 }, { S2, "dv1", -1 },
    { S2, "created", 1650492000 },

    { S3, "cmp", 28 }, { S3, "gvl", 35 }, { S3, "policy", 4 },
    { S3, "p1", 0 }, { S3, "seg3", 1 }, { S3, "pub.p1", 0 },
    { S3, "pub.li24", 0 }, { S3, "created", 1705575600 },

    { S4, "cmp", 14 }, { S4, "gvl", 26 }, { S4, "p1", 1 }, { S4, "p10", 1 },
    { S4, "p11", 0 }, { S4, "li1", 0 }, { S4, "li2", 1 }, { S4, "li10", 1 },
    { S4, "li11", 0 }, { S4, "sf1", 0 }, { S4, "sf12", 0 },
    { S4, "created", 1583755474 },

    { S4, "p0", -2 }, { S4, "p25", -2 }, { S4, "p", -2 }, { S4, "p01", -2 },
    { S4, "sf13", -2 }, { S4, "v0", -2 }, { S4, "v65536", -2 },
    { S4, "v99999999", -2 }, { S4, "policy1", -2 }, { S4, "x1", -2 },
    { S4, "", -2 }, { S4, "1", -2 }
};


int
main(void)
{
    test_fields();
    test_vendors();
    test_cut();
    test_bad();
    test_gpp();

    return done_testing();
}


static void
test_fields(void)
{
    size_t               i;
    const field_case_t  *c;

    for (i = 0; i < nelts(field_cases); i++) {
        c = &field_cases[i];

        is_int(get(str(c->text), c->field), c->value, "%.8s: \"%s\"",
               c->text, c->field);
    }
}


static void
test_vendors(void)
{
    int       wrong;
    char      name[16];
    unsigned  i, id;

    static const unsigned  consent[] = { 2, 6, 8, 12, 18, 23, 25, 37, 42 };

    wrong = 0;

    for (id = 1; id <= 100; id++) {

        for (i = 0; i < nelts(consent) && consent[i] != id; i++) {
            /* void */
        }

        snprintf(name, sizeof(name), "v%u", id);
        wrong += (get(str(S4), name) != (i < nelts(consent)));

        /* the same but 25 */

        snprintf(name, sizeof(name), "vli%u", id);
        wrong += (get(str(S4), name) != (i < nelts(consent) && id != 25));
    }

    is_int(wrong, 0, "vendors of a bitfield");
}


/* purposes are there from 36 digits on, vendors only if all of them are */

static void
test_cut(void)
{
    int            wrong;
    size_t         len;
    consent_str_t  text;

    wrong = 0;

    for (len = 0; len <= sizeof(S4) - 1; len++) {
        text = consent_str_make((const uint8_t *) S4, len);

        if (len < 36) {
            wrong += (consent_tcf_check(text) == 0);
            continue;
        }

        wrong += (consent_tcf_check(text) != 0);
        wrong += (get(text, "p10") != 1 || get(text, "p11") != 0);
        wrong += (get(text, "v2") == 1 && len < 45);
        wrong += (get(text, "vli25") == 1 || get(text, "v3") == 1);
    }

    is_int(wrong, 0, "cut at every digit");
}


static void
test_bad(void)
{
    char      text[sizeof(S4)];
    size_t    i;
    unsigned  wrong;

    static const char  *bad[] = { "", ".", "C", "B" S2, "DPXxRfAPXxRfAAfKABEN"
        "B-CgAAAAAAAAAAYgAAAAAAAA", "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAA YgA",
        "." S4 };

    for (i = 0; i < nelts(bad); i++) {
        is_int(consent_tcf_check(str(bad[i])), -1, "bad: \"%s\"", bad[i]);
    }

    wrong = 0;

    for (i = 0; i < 36; i++) {
        memcpy(text, S4, sizeof(S4));
        text[i] = '!';
        wrong += (consent_tcf_check(str(text)) == 0);
    }

    is_int(wrong, 0, "another character in front of the vendors");

    memcpy(text, S4, sizeof(S4));
    text[50] = '!';

    is_int(consent_tcf_check(str(text)), 0, "behind them");
    is_int(get(str(text), "p1"), 1, "purposes are read");
    is_int(get(str(text), "vli2"), -1, "and no vendors");
}


static void
test_gpp(void)
{
    size_t         i;
    consent_gpp_t  gpp;

    static const struct {
        const char     *text;
        unsigned        n;
        unsigned        first;
        consent_gpp_e   sale;
        consent_gpp_e   targeted;
        int             gpc;        /* -1: not said */
        const char     *usp;
    } cases[] = {
        { "DBACNYA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA~1YNN", 2, 2,
          CONSENT_GPP_MISSING, CONSENT_GPP_MISSING, -1, "1YNN" },
        { "DBABLA~BVQqAAAAAgA.QA", 1, 7, CONSENT_GPP_NOT_OPTED_OUT,
          CONSENT_GPP_NOT_OPTED_OUT, 0, "" },
        { "DBABLA~BVQqAAAAAgA.YA", 1, 7, CONSENT_GPP_NOT_OPTED_OUT,
          CONSENT_GPP_NOT_OPTED_OUT, 1, "" },
        { "DBABTA~1YYN", 1, 6, CONSENT_GPP_MISSING, CONSENT_GPP_MISSING, -1,
          "1YYN" },
        { "DBABM~" S2, 1, 2, CONSENT_GPP_MISSING, CONSENT_GPP_MISSING, -1,
          "" },
        { "DBABMA~" S2, 1, 2, CONSENT_GPP_MISSING, CONSENT_GPP_MISSING, -1,
          "" },
        { "DBAA", 0, 0, CONSENT_GPP_MISSING, CONSENT_GPP_MISSING, -1, "" }
    };

    static const struct {
        const char  *header;
        unsigned     ids[8];
        unsigned     n;
    } headers[] = {
        { "DBABTA", { 6 }, 1 }, { "DBABLA", { 7 }, 1 }, { "DBABBg", { 8 }, 1 },
        { "DBABRg", { 9 }, 1 }, { "DBABFg", { 11 }, 1 },
        { "DBABzw", { 6, 7 }, 2 }, { "DBABrw", { 7, 8 }, 2 },
        { "DBACLMA", { 7, 9 }, 2 }, { "DBABjw", { 5, 6 }, 2 },
        { "DBABrGA", { 7, 8, 9, 10, 11, 12 }, 6 }
    };

    static const char  *bad[] = { "", "~", "DBAC", "CBAA", "DCAA", "DBABLA",
        "DBABLA~", "DBABLA~B", "DBABTA~1YYN~1YYN", "DBACNYA~1YNN", "DBABAA",
        "DBP_________________", "DBAB!A~1YYN" };

    for (i = 0; i < nelts(cases); i++) {
        ok(consent_gpp_parse(&gpp, str(cases[i].text)) == 0
           && gpp.n == cases[i].n
           && (gpp.n == 0 || gpp.ids[0] == cases[i].first)
           && gpp.sale == cases[i].sale && gpp.targeted == cases[i].targeted
           && (gpp.has_gpc ? (int) gpp.gpc : -1) == cases[i].gpc,
           "GPP: %s", cases[i].text);
        is_str(gpp.usp.data, gpp.usp.len, cases[i].usp, "section 6");
    }

    for (i = 0; i < nelts(headers); i++) {
        char      text[128];
        size_t    len;
        unsigned  j, same;

        len = (size_t) snprintf(text, sizeof(text), "%s", headers[i].header);

        for (j = 0; j < headers[i].n; j++) {
            len += (size_t) snprintf(text + len, sizeof(text) - len,
                                     "~BVQqAAAAAgA");
        }

        same = (consent_gpp_parse(&gpp, str(text)) == 0
                && gpp.n == headers[i].n);

        for (j = 0; j < headers[i].n; j++) {
            same &= (gpp.ids[j] == headers[i].ids[j]);
        }

        ok((int) same, "sections of %s", headers[i].header);
    }

    for (i = 0; i < nelts(bad); i++) {
        is_int(consent_gpp_parse(&gpp, str(bad[i])), -1, "bad: \"%s\"",
               bad[i]);
    }
}


static consent_str_t
str(const char *text)
{
    return consent_str_make((const uint8_t *) text, strlen(text));
}


/* -1: the string does not have it; -2: no such field */

static int
get(consent_str_t text, const char *name)
{
    uint64_t             value;
    consent_tcf_field_t  field;

    if (!consent_tcf_field(&field, str(name))) {
        return -2;
    }

    return consent_tcf_get(text, &field, &value) ? (int) value : -1;
}
