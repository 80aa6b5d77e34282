/*
 * Copyright (C) ngx_consent_module authors
 *
 * The scanner: its events and their places do not depend on the cuts, and
 * each call either reports something or uses up its input.
 */


#include "consent_html.h"
#include "fuzz.h"


/* a number for all events so far, and how many they were */

typedef struct {
    uint64_t      digest;
    unsigned      n;
} events_t;


static void scan(events_t *events, const uint8_t *data, size_t size,
    unsigned xml, uint32_t *cuts);
static size_t feed(events_t *events, consent_html_t *h, const uint8_t *piece,
    size_t len, size_t before);
static void add(events_t *events, uint64_t value);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned  xml;
    uint32_t  cuts;
    events_t  whole, cut;

    cuts = fuzz_hash(data, size);
    xml = (cuts & 7) == 0;

    scan(&whole, data, size, xml, NULL);
    scan(&cut, data, size, xml, &cuts);

    FUZZ_CHECK(whole.n == cut.n);
    FUZZ_CHECK(whole.digest == cut.digest);

    return 0;
}


static void
scan(events_t *events, const uint8_t *data, size_t size, unsigned xml,
    uint32_t *cuts)
{
    size_t          n, pos;
    uint8_t        *piece;
    consent_html_t  h;

    memset(events, 0, sizeof(events_t));

    consent_html_init(&h, xml);

    for (pos = 0; pos < size; pos += n) {
        n = size - pos;

        if (cuts && fuzz_random(cuts) % 40 < n) {
            n = 1 + fuzz_random(cuts) % n % 40;
        }

        piece = fuzz_copy(data + pos, n);

        FUZZ_CHECK(feed(events, &h, piece, n, pos) == n);

        free(piece);
    }

    add(events, h.held);
    add(events, (uint64_t) consent_html_foreign(&h));
}


static size_t
feed(events_t *events, consent_html_t *h, const uint8_t *piece, size_t len,
    size_t before)
{
    unsigned              n;
    const uint8_t        *pos;
    consent_html_event_e  event;

    pos = piece;

    /* several events may be at one place, but not many */

    for (n = 0; n < 4 * len + 4; n++) {
        event = consent_html_scan(h, &pos, piece + len);

        FUZZ_CHECK(pos >= piece && pos <= piece + len);

        if (event == CONSENT_HTML_MORE) {
            FUZZ_CHECK(h->tag == NULL || !h->held
                       || (h->tag >= piece && h->tag < piece + len));
            break;
        }

        events->n++;
        add(events, (uint64_t) event);
        add(events, before + (size_t) (pos - piece));
        add(events, (uint64_t) consent_html_foreign(h));
    }

    return (size_t) (pos - piece);
}


static void
add(events_t *events, uint64_t value)
{
    events->digest = (events->digest ^ value) * 1099511628211u;
}
