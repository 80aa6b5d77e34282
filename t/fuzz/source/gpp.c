/*
 * Copyright (C) ngx_consent_module authors
 *
 * GPP strings: as many sections as there is room for, and what is said of
 * sections 2 and 6 is within the text.
 */


#include "consent_gpp.h"
#include "fuzz.h"


static int is_inside(consent_str_t part, consent_str_t text);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int            rc;
    uint8_t       *copy;
    unsigned       i;
    consent_gpp_t  gpp, again;
    consent_str_t  text;

    if (size >= 2 && data[0] == 'c' && data[1] == '=') {
        data += 2;
        size -= 2;
    }

    copy = fuzz_copy(data, size);
    text = consent_str_make(copy, size);

    rc = consent_gpp_parse(&gpp, text);

    FUZZ_CHECK(rc == consent_gpp_parse(&again, text));

    if (rc == 0) {
        FUZZ_CHECK(gpp.n <= CONSENT_GPP_SECTIONS);
        FUZZ_CHECK(gpp.n || gpp.sale == CONSENT_GPP_MISSING);

        for (i = 1; i < gpp.n; i++) {
            FUZZ_CHECK(gpp.ids[i] > gpp.ids[i - 1]);
        }

        FUZZ_CHECK(is_inside(gpp.tcf, text) && is_inside(gpp.usp, text));
        FUZZ_CHECK(gpp.sale <= CONSENT_GPP_OPTED_OUT);
        FUZZ_CHECK(gpp.sharing <= CONSENT_GPP_OPTED_OUT);
        FUZZ_CHECK(gpp.targeted <= CONSENT_GPP_OPTED_OUT);
        FUZZ_CHECK(gpp.has_gpc || !gpp.gpc);
        FUZZ_CHECK(gpp.n == again.n && gpp.sale == again.sale
                   && gpp.gpc == again.gpc);
    }

    free(copy);

    return 0;
}


static int
is_inside(consent_str_t part, consent_str_t text)
{
    return part.len == 0
           || (part.data >= text.data && part.len <= text.len
               && (size_t) (part.data - text.data) <= text.len - part.len);
}
