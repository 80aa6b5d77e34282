/*
 * Copyright (C) ngx_consent_module authors
 *
 * The scanner: its events and their places do not depend on the cuts, nor on
 * the fast way through pieces that hold a whole tag, and each call either
 * reports something or uses up its input.
 */


#include "consent_html.h"
#include "fuzz.h"


/* a number for all events so far, and how many they were */

typedef struct {
    uint64_t      digest;
    unsigned      n;
} events_t;


static void scan(events_t *events, const uint8_t *data, size_t size,
    unsigned xml, unsigned portable, uint32_t *cuts);
static size_t feed(events_t *events, consent_html_t *h, const uint8_t *piece,
    size_t len, size_t before);
static int is_judged(const consent_html_t *h);
static void add(events_t *events, uint64_t value);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned  xml;
    uint32_t  cuts;
    events_t  whole, portable, cut;

    cuts = fuzz_hash(data, size);
    xml = (cuts & 7) == 0;

    scan(&whole, data, size, xml, 0, NULL);
    scan(&portable, data, size, xml, 1, NULL);
    scan(&cut, data, size, xml, 0, &cuts);

    FUZZ_CHECK(whole.n == portable.n);
    FUZZ_CHECK(whole.digest == portable.digest);
    FUZZ_CHECK(whole.n == cut.n);
    FUZZ_CHECK(whole.digest == cut.digest);

    return 0;
}


static void
scan(events_t *events, const uint8_t *data, size_t size, unsigned xml,
    unsigned portable, uint32_t *cuts)
{
    size_t          n, pos;
    uint8_t        *piece;
    consent_html_t  h;

    memset(events, 0, sizeof(events_t));

    consent_html_init(&h, xml);
    h.portable = portable & 1;

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

        if (event == CONSENT_HTML_TAG && !is_judged(h)) {
            continue;
        }

        events->n++;
        add(events, (uint64_t) event);
        add(events, before + (size_t) (pos - piece));
        add(events, (uint64_t) consent_html_foreign(h));
    }

    return (size_t) (pos - piece);
}


/* other tags may be reported for an attribute, or not, if it has no value */

static int
is_judged(const consent_html_t *h)
{
    const consent_element_t  *el = h->view.element;

    return el != NULL && (el->flags & CONSENT_EL_JUDGED);
}


static void
add(events_t *events, uint64_t value)
{
    events->digest = (events->digest ^ value) * 1099511628211u;
}
