/*
 * Copyright (C) ngx_consent_module authors
 *
 * The CSS scanner: its events and their places do not depend on the cuts,
 * begins and ends alternate, and unescaped text has a bound.
 */


#include "consent_css.h"
#include "fuzz.h"


#define MAX_EVENTS  4096
#define MAX_GROWTH  3           /* a NUL is three bytes in the end */


typedef struct {
    size_t          pos;
    int             event;
} event_t;


typedef struct {
    event_t         list[MAX_EVENTS];
    size_t          n;
    int             finish;
} events_t;


static void scan(events_t *events, const uint8_t *data, size_t size,
    uint32_t *cuts);
static void feed(events_t *events, consent_css_t *css, const uint8_t *piece,
    size_t len, size_t before);
static void check_urls(const events_t *events, const uint8_t *data,
    size_t size);
static void check_unescape(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t           i;
    uint32_t         cuts;
    static events_t  whole, cut;

    if (size >= MAX_EVENTS / 2) {
        return 0;
    }

    cuts = fuzz_hash(data, size);

    scan(&whole, data, size, NULL);
    scan(&cut, data, size, &cuts);

    FUZZ_CHECK(whole.n == cut.n);
    FUZZ_CHECK(whole.finish == cut.finish);

    for (i = 0; i < whole.n; i++) {
        FUZZ_CHECK(whole.list[i].pos == cut.list[i].pos);
        FUZZ_CHECK(whole.list[i].event == cut.list[i].event);
    }

    check_urls(&whole, data, size);

    return 0;
}


static void
scan(events_t *events, const uint8_t *data, size_t size, uint32_t *cuts)
{
    size_t         n, pos;
    uint8_t       *piece;
    consent_css_t  css;

    events->n = 0;

    consent_css_init(&css);

    for (pos = 0; pos < size; pos += n) {
        n = size - pos;

        if (cuts && n > 1) {
            n = 1 + fuzz_random(cuts) % n % 12;
        }

        piece = fuzz_copy(data + pos, n);
        feed(events, &css, piece, n, pos);
        free(piece);
    }

    events->finish = consent_css_finish(&css);
}


static void
feed(events_t *events, consent_css_t *css, const uint8_t *piece, size_t len,
    size_t before)
{
    const uint8_t        *pos;
    consent_css_event_e   event;

    pos = piece;

    for ( ;; ) {
        event = consent_css_scan(css, &pos, piece + len);

        FUZZ_CHECK(pos >= piece && pos <= piece + len);

        if (event == CONSENT_CSS_MORE) {
            FUZZ_CHECK(pos == piece + len);
            return;
        }

        FUZZ_CHECK(events->n < MAX_EVENTS);

        events->list[events->n].pos = before + (size_t) (pos - piece);
        events->list[events->n].event = (int) event;
        events->n++;
    }
}


static void
check_urls(const events_t *events, const uint8_t *data, size_t size)
{
    size_t          i, begin;
    const event_t  *e;

    begin = 0;

    for (i = 0; i < events->n; i++) {
        e = &events->list[i];

        FUZZ_CHECK(e->event == (i % 2 ? CONSENT_CSS_URL_END
                                      : CONSENT_CSS_URL_BEGIN));
        FUZZ_CHECK(e->pos <= size && e->pos >= begin);

        if (i % 2) {
            FUZZ_CHECK(e->pos > begin);
            check_unescape(data + begin, e->pos - begin);
        }

        begin = e->pos;
    }

    FUZZ_CHECK((events->n % 2) == (events->finish != 0));
}


static void
check_unescape(const uint8_t *data, size_t size)
{
    size_t    len, room;
    uint8_t  *full, *part;

    full = malloc(MAX_GROWTH * size + 1);
    room = size / 2;
    part = malloc(room + 1);

    if (full == NULL || part == NULL) {
        abort();
    }

    len = consent_css_unescape(full, MAX_GROWTH * size + 1,
                               consent_str_make(data, size));
    FUZZ_CHECK(len <= MAX_GROWTH * size);

    len = consent_css_unescape(part, room, consent_str_make(data, size));
    FUZZ_CHECK(len <= room);
    FUZZ_CHECK(memcmp(part, full, len) == 0);

    free(part);
    free(full);
}
