/*
 * Copyright (C) ngx_consent_module authors
 *
 * Bodies and queries of the endpoint.  Texts stay within the body, only
 * categories that may be refused are accepted, and what is escaped has
 * nothing in it that would end the place where it stands.
 */


#include "consent_escape.h"
#include "consent_form.h"
#include "consent_origin.h"
#include "consent_url.h"
#include "fuzz.h"


static void check_text(consent_str_t text, const uint8_t *body, size_t size);
static void check_form(const uint8_t *data, size_t size, unsigned json);
static void check_escapes(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t        *dst, buf[CONSENT_URL_MIN_BUFFER];
    consent_str_t   text, value;

    static const consent_str_t  name = consent_str("return");
    static const consent_str_t  host = consent_str("a.example");

    check_form(data, size, 0);
    check_form(data, size, 1);
    check_escapes(data, size);

    dst = fuzz_copy(data, size);
    text = consent_str_make(data, size);

    if (consent_form_field(&value, dst, text, name) == 0) {
        FUZZ_CHECK(value.len <= size);
    }

    text = consent_origin_path(text, host, buf, sizeof(buf));

    FUZZ_CHECK(text.len == 0 || text.data[0] == '/');

    free(dst);

    return 0;
}


static void
check_form(const uint8_t *data, size_t size, unsigned json)
{
    int                rc;
    uint8_t           *body;
    consent_form_t     f;
    consent_policy_t   policy;

    static const consent_str_t  names[] = {
        consent_str("a"), consent_str("b"), consent_str("always")
    };

    memset(&policy, 0, sizeof(consent_policy_t));

    policy.ncategories = 3;
    policy.categories[0].name = names[0];
    policy.categories[1].name = names[1];
    policy.categories[2].name = names[2];
    policy.always = 4;

    body = fuzz_copy(data, size);

    rc = json ? consent_form_read_json(&f, &policy, body, size)
              : consent_form_read(&f, &policy, body, size);

    if (rc == 0) {
        FUZZ_CHECK((f.accept & ~(consent_mask_t) 3) == 0);
        FUZZ_CHECK(f.accept == 0 || f.named);

        check_text(f.back, body, size);
        check_text(f.source, body, size);
        check_text(f.token, body, size);
    }

    free(body);
}


static void
check_text(consent_str_t text, const uint8_t *body, size_t size)
{
    if (text.data == NULL) {
        return;
    }

    FUZZ_CHECK(text.data >= body && text.data + text.len <= body + size);
    FUZZ_CHECK(text.len == 0 || memchr(text.data, 0, text.len) == NULL);

    if (consent_form_is_local(text)) {
        FUZZ_CHECK(text.data[0] == '/');
        FUZZ_CHECK(text.len == 1 || text.data[1] != '/');
        FUZZ_CHECK(memchr(text.data, '\\', text.len) == NULL);
    }
}


static void
check_escapes(const uint8_t *data, size_t size)
{
    size_t          i, k, len;
    uint8_t        *dst;
    consent_str_t   text;

    static size_t (*const  escapes[])(uint8_t *dst, consent_str_t text) = {
        consent_escape_html, consent_escape_json, consent_escape_query,
        consent_escape_ascii
    };

    text = consent_str_make(data, size);

    for (i = 0; i < 4; i++) {
        len = escapes[i](NULL, text);
        dst = fuzz_copy(NULL, 0);
        dst = realloc(dst, len + 1);

        FUZZ_CHECK(dst != NULL);
        FUZZ_CHECK(escapes[i](dst, text) == len);

        for (k = 0; k < len; k++) {
            FUZZ_CHECK(i != 0 || (dst[k] != '<' && dst[k] != '"'
                                  && dst[k] != '\''));
            FUZZ_CHECK(i != 1 || (dst[k] != '<' && dst[k] >= ' '));
            FUZZ_CHECK(i != 2 || (dst[k] > ' ' && dst[k] < 0x7f
                                  && dst[k] != '"' && dst[k] != '&'));
            FUZZ_CHECK(i != 3 || dst[k] < 0x80);
        }

        free(dst);
    }
}
