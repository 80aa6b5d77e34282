/*
 * Copyright (C) ngx_consent_module authors
 *
 * The URL parser: what it writes it reads back as the same, its parts are of
 * the form its users rely on, and white space that browsers take out changes
 * nothing.
 */


#include "consent_url.h"
#include "fuzz.h"


#define BASE       "https://www.site.example:8443/dir/page?query"
#define MAX_LEN  4096


typedef struct {
    consent_url_t  url;
    int            status;
    uint8_t        buf[4 * MAX_LEN];
} parsed_t;


static void parse(parsed_t *p, const consent_url_t *base, const uint8_t *data,
    size_t size, size_t room);
static void check_form(const parsed_t *p);
static void check_again(const parsed_t *p);
static void check_spaced(const parsed_t *p, const consent_url_t *base,
    const uint8_t *data, size_t size);
static void check_cut(const parsed_t *p, const consent_url_t *base,
    const uint8_t *data, size_t size);
static void same(const parsed_t *a, const parsed_t *b);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static parsed_t  base, url;

    if (size > MAX_LEN) {
        return 0;
    }

    if (base.url.host.len == 0) {
        parse(&base, NULL, (const uint8_t *) BASE, sizeof(BASE) - 1,
              sizeof(base.buf));
    }

    parse(&url, &base.url, data, size, sizeof(url.buf));

    if (url.status == CONSENT_URL_OK) {
        check_form(&url);
        check_again(&url);
        check_cut(&url, &base.url, data, size);
    }

    check_spaced(&url, &base.url, data, size);

    return 0;
}


static void
parse(parsed_t *p, const consent_url_t *base, const uint8_t *data,
    size_t size, size_t room)
{
    memset(&p->url, 0, sizeof(consent_url_t));

    p->status = consent_url_parse(&p->url, base, consent_str_make(data, size),
                                  p->buf, room);
}


static void
check_form(const parsed_t *p)
{
    size_t                i;
    const consent_url_t  *url = &p->url;

    FUZZ_CHECK(url->scheme.len > 0);
    FUZZ_CHECK(url->path.len > 0 && url->path.data[0] == '/');
    FUZZ_CHECK(url->href.len > url->scheme.len + 3 + url->host.len);
    FUZZ_CHECK(memcmp(url->href.data, url->scheme.data, url->scheme.len) == 0);

    for (i = 0; i < url->host.len; i++) {
        FUZZ_CHECK(url->host.data[i] > 0x20 && url->host.data[i] < 0x7f);
        FUZZ_CHECK(consent_lower(url->host.data[i]) == url->host.data[i]);
    }

    for (i = 0; i < url->href.len; i++) {
        FUZZ_CHECK(url->href.data[i] > 0x20 && url->href.data[i] < 0x7f);
        FUZZ_CHECK(url->href.data[i] != '#');
    }
}


static void
check_again(const parsed_t *p)
{
    static parsed_t  again;

    parse(&again, NULL, p->url.href.data, p->url.href.len,
          sizeof(again.buf));

    same(p, &again);
}


static void
check_spaced(const parsed_t *p, const consent_url_t *base,
    const uint8_t *data, size_t size)
{
    size_t           at;
    uint8_t         *spaced;
    static parsed_t  other;

    spaced = malloc(size + 4);

    if (spaced == NULL) {
        abort();
    }

    at = fuzz_hash(data, size) % (size + 1);

    spaced[0] = ' ';
    spaced[1] = 0x01;

    if (size) {
        memcpy(spaced + 2, data, at);
        memcpy(spaced + 3 + at, data + at, size - at);
    }

    spaced[2 + at] = (at & 1) ? '\n' : '\t';
    spaced[3 + size] = ' ';

    parse(&other, base, spaced, size + 4, sizeof(other.buf));
    same(p, &other);

    free(spaced);
}


/* a short buffer cuts the path and nothing else */

static void
check_cut(const parsed_t *p, const consent_url_t *base, const uint8_t *data,
    size_t size)
{
    static parsed_t  cut;

    parse(&cut, base, data, size, CONSENT_URL_MIN_BUFFER);

    FUZZ_CHECK(cut.status == CONSENT_URL_OK);
    FUZZ_CHECK(consent_str_eq(p->url.host, cut.url.host));
    FUZZ_CHECK(cut.url.path.len <= p->url.path.len);

    if (!cut.url.truncated) {
        same(p, &cut);
    }
}


static void
same(const parsed_t *a, const parsed_t *b)
{
    FUZZ_CHECK(a->status == b->status);

    if (a->status != CONSENT_URL_OK) {
        return;
    }

    FUZZ_CHECK(consent_str_eq(a->url.href, b->url.href));
    FUZZ_CHECK(consent_str_eq(a->url.scheme, b->url.scheme));
    FUZZ_CHECK(consent_str_eq(a->url.host, b->url.host));
    FUZZ_CHECK(consent_str_eq(a->url.path, b->url.path));
    FUZZ_CHECK(a->url.port == b->url.port);
}
