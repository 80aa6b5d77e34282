/*
 * Copyright (C) ngx_consent_module authors
 *
 * TC strings: a field is there or it is not, a bit is 0 or 1, and a string
 * that was cut says yes to nothing that the whole one did not.
 */


#include "consent_tcf.h"
#include "fuzz.h"


static int is_yes(consent_str_t text, const consent_tcf_field_t *field);
static void check(consent_str_t whole, consent_str_t part, const char *name,
    unsigned id);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t         i, cut;
    uint8_t       *copies[2];
    uint32_t       rnd;
    unsigned       id;
    consent_str_t  whole, part;

    static const char  *const names[] = { "p", "li", "sf", "v", "vli", "dv",
        "pub.p", "pub.li", "seg" };

    if (size >= 2 && data[0] == 'c' && data[1] == '=') {
        data += 2;
        size -= 2;
    }

    rnd = fuzz_hash(data, size);
    cut = fuzz_random(&rnd) % (size + 1);

    copies[0] = fuzz_copy(data, size);
    copies[1] = fuzz_copy(data, cut);

    whole = consent_str_make(copies[0], size);
    part = consent_str_make(copies[1], cut);

    if (consent_tcf_check(whole) == 0) {

        for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {

            for (id = 1; id <= 24; id++) {
                check(whole, part, names[i], id);
            }

            check(whole, part, names[i], 1 + fuzz_random(&rnd) % 1200);
        }
    }

    free(copies[0]);
    free(copies[1]);

    return 0;
}


static void
check(consent_str_t whole, consent_str_t part, const char *name, unsigned id)
{
    char                 text[32];
    int                  len;
    consent_tcf_field_t  field;

    len = snprintf(text, sizeof(text), "%s%u", name, id);

    if (!consent_tcf_field(&field, consent_str_make((uint8_t *) text,
                                                    (size_t) len)))
    {
        return;
    }

    if (!is_yes(whole, &field) && consent_tcf_check(part) == 0) {
        FUZZ_CHECK(!is_yes(part, &field));
    }
}


static int
is_yes(consent_str_t text, const consent_tcf_field_t *field)
{
    uint64_t  value, again;

    if (!consent_tcf_get(text, field, &value)) {
        return 0;
    }

    FUZZ_CHECK(value <= 1);
    FUZZ_CHECK(consent_tcf_get(text, field, &again) && again == value);

    return (int) value;
}
