/*
 * Copyright (C) ngx_consent_module authors
 *
 * Entity-tags.  Any list is walked to its end, in order; what is opened of it
 * would have been a header of the client's own as well; and any value of an
 * ETag field comes back from its envelope byte for byte.
 */


#include "consent_etag.h"
#include "fuzz.h"


#define VARIANT  0x00c0ffee


static void check_walk(consent_str_t list);
static void check_list(consent_str_t list, unsigned how);
static void check_round_trip(consent_str_t value);
static int has_line_end(consent_str_t s);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned        how;
    uint8_t        *copy;
    consent_str_t   s;

    copy = fuzz_copy(data, size);
    s = consent_str_make(copy, size);

    check_walk(s);

    for (how = 0; how < 8; how++) {
        check_list(s, how);
    }

    if (!has_line_end(s)) {
        check_round_trip(s);
    }

    free(copy);

    return 0;
}


static void
check_walk(consent_str_t list)
{
    consent_etag_t   tag;
    const uint8_t   *last;

    last = list.data;

    while (consent_etag_next(&list, &tag)) {
        FUZZ_CHECK(tag.raw.len > 0);
        FUZZ_CHECK(tag.raw.data >= last);
        last = tag.raw.data + tag.raw.len;
        FUZZ_CHECK(list.data >= last);

        if (tag.odd) {
            FUZZ_CHECK(consent_etag_origin(&tag, VARIANT)
                       == CONSENT_ETAG_FOREIGN);
            continue;
        }

        FUZZ_CHECK(tag.opaque.len + 2 + (tag.weak ? 2 : 0) == tag.raw.len);
    }

    FUZZ_CHECK(list.len == 0);
}


static void
check_list(consent_str_t list, unsigned how)
{
    size_t                 len, i;
    uint8_t               *dst;
    consent_str_t          rest;
    consent_etag_t         tag;
    consent_etag_conf_t    conf;
    consent_etag_count_t   count;

    memset(&conf, 0, sizeof(conf));
    memset(&count, 0, sizeof(count));

    conf.variant = VARIANT;
    conf.any = how & 1;
    conf.strong = how >> 1 & 1;
    conf.keep = how >> 2 & 1;

    dst = malloc(2 * list.len + 1);

    if (dst == NULL) {
        abort();
    }

    len = consent_etag_list(dst, list, &conf, &count);

    FUZZ_CHECK(len <= 2 * list.len);
    FUZZ_CHECK((len == 0) == (count.opened + count.kept == 0));

    if (!has_line_end(list)) {
        for (i = 0; i < len; i++) {
            FUZZ_CHECK(dst[i] != '\0' && dst[i] != '\r' && dst[i] != '\n');
        }
    }

    if (count.opened) {
        rest = count.first;
        FUZZ_CHECK(consent_etag_next(&rest, &tag));
        FUZZ_CHECK(consent_etag_origin(&tag, VARIANT)
                   != CONSENT_ETAG_FOREIGN);
    }

    free(dst);
}


static void
check_round_trip(consent_str_t value)
{
    int              weak;
    size_t           size, len;
    uint8_t         *dst, *back;
    consent_str_t    list;
    consent_etag_t   tag;

    size = consent_etag_wrap_size(value);

    if (size == 0) {
        return;
    }

    FUZZ_CHECK(size <= CONSENT_ETAG_MAX);

    dst = malloc(size);
    back = malloc(size);

    if (dst == NULL || back == NULL) {
        abort();
    }

    for (weak = 0; weak <= 1; weak++) {

        len = consent_etag_wrap(dst, value, VARIANT, weak);

        FUZZ_CHECK(len <= size);

        list = consent_str_make(dst, len);

        FUZZ_CHECK(consent_etag_next(&list, &tag));
        FUZZ_CHECK(list.len == 0 && tag.raw.len == len && !tag.odd);
        FUZZ_CHECK(tag.weak || !weak);
        FUZZ_CHECK(consent_etag_origin(&tag, VARIANT)
                   == CONSENT_ETAG_CURRENT);
        FUZZ_CHECK(consent_etag_origin(&tag, VARIANT + 1)
                   == CONSENT_ETAG_STALE);

        len = consent_etag_unwrap(back, &tag);

        FUZZ_CHECK(len <= tag.raw.len);
        FUZZ_CHECK(consent_str_eq(consent_str_make(back, len), value));
    }

    free(dst);
    free(back);
}


/* what no header value can have */

static int
has_line_end(consent_str_t s)
{
    size_t  i;

    for (i = 0; i < s.len; i++) {
        if (s.data[i] == '\0' || s.data[i] == '\r' || s.data[i] == '\n') {
            return 1;
        }
    }

    return 0;
}
