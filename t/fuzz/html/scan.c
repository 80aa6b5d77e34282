/*
 * Copyright (C) ngx_consent_module authors
 *
 * The scanner: its events and their places do not depend on the cuts, nor on
 * the fast ways through tags that are there as a whole, which leave out no
 * attribute that fetches; and each call either reports something or uses up
 * its input.
 */


#include "consent_html.h"
#include "consent_load.h"
#include "fuzz.h"


/* behind the input, so that the fast ways do not leave it to the states */

#define PADDING  160


/* a number for all events so far, and how many they were */

typedef struct {
    uint64_t      digest;
    unsigned      n;

    /* the same for tags of other elements with an attribute that fetches */

    uint64_t      loads;
    unsigned      nloads;
} events_t;


/* how tags are read */

typedef enum {
    STATES = 0,
    WHOLE,
    SKIP            /* and the number of the skip */
} way_e;


static void scan(events_t *events, const uint8_t *data, size_t size,
    unsigned xml, unsigned way, uint32_t *cuts);
static size_t feed(events_t *events, consent_html_t *h, const uint8_t *piece,
    size_t len, size_t before);
static void answer(consent_html_t *h, consent_html_event_e event, size_t at);
static int is_judged(const consent_html_t *h);
static int is_load(const consent_html_t *h, const uint8_t *end);
static void add(events_t *events, uint64_t value);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned  xml, way;
    uint8_t  *padded;
    uint32_t  cuts;
    events_t  states, cut, other;

    cuts = fuzz_hash(data, size);
    xml = (cuts & 7) == 0;

    scan(&states, data, size, xml, STATES, NULL);
    scan(&cut, data, size, xml, SKIP, &cuts);

    FUZZ_CHECK(states.n == cut.n);
    FUZZ_CHECK(states.digest == cut.digest);

    padded = malloc(size + PADDING);
    FUZZ_CHECK(padded != NULL);

    memcpy(padded, data, size);
    memset(padded + size, ' ', PADDING);

    scan(&states, padded, size + PADDING, xml, STATES, NULL);

    for (way = WHOLE; way == WHOLE || consent_html_skip_nth(way - SKIP); way++)
    {
        scan(&other, padded, size + PADDING, xml, way, NULL);

        FUZZ_CHECK(states.n == other.n);
        FUZZ_CHECK(states.digest == other.digest);
        FUZZ_CHECK(states.nloads == other.nloads);
        FUZZ_CHECK(states.loads == other.loads);
    }

    free(padded);

    return 0;
}


static void
scan(events_t *events, const uint8_t *data, size_t size, unsigned xml,
    unsigned way, uint32_t *cuts)
{
    size_t          n, pos;
    uint8_t        *piece;
    consent_html_t  h;

    memset(events, 0, sizeof(events_t));

    consent_html_init(&h, xml);
    h.portable = (way == STATES);
    h.skip = (way < SKIP) ? NULL : consent_html_skip_nth(way - SKIP);

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

            if (h->tag && is_load(h, pos)) {
                events->nloads++;
                events->loads = (events->loads
                                 ^ (before + (size_t) (pos - piece)))
                                * 1099511628211u;
            }

            continue;
        }

        answer(h, event, before + (size_t) (pos - piece));

        events->n++;
        add(events, (uint64_t) event);
        add(events, before + (size_t) (pos - piece));
        add(events, (uint64_t) consent_html_foreign(h));
    }

    return (size_t) (pos - piece);
}


/* some tags of the shadow are waited for, some are broken */

static void
answer(consent_html_t *h, consent_html_event_e event, size_t at)
{
    unsigned  wait;

    wait = at & 1;

    if (event == CONSENT_HTML_SHADOW) {
        if (wait) {
            consent_html_await(h);

        } else {
            (void) consent_html_split(h);
        }

    } else if (event == CONSENT_HTML_SHADOW_LOST
               || (event == CONSENT_HTML_SHADOW_TAG && !wait))
    {
        consent_html_break(h);

    } else if (event == CONSENT_HTML_THIRD) {
        (void) consent_html_keep(h);

    } else if (event == CONSENT_HTML_TAG_CUT) {
        if (wait) {
            consent_html_await(h);

        } else {
            consent_html_join(h);
        }
    }
}


/* other tags may be reported for an attribute, or not, if it has no value */

static int
is_judged(const consent_html_t *h)
{
    const consent_element_t  *el = h->view.element;

    return el != NULL && (el->flags & CONSENT_EL_JUDGED);
}


static int
is_load(const consent_html_t *h, const uint8_t *end)
{
    consent_tag_t          tag;
    consent_load_e         load;
    const uint8_t         *p;
    consent_attrs_t        attrs;
    consent_attrs_walk_t   walk;
    const consent_attr_t  *attr;

    p = h->tag + 1 + h->view.name.len;
    consent_attrs_read(&attrs, consent_str_make(p, (size_t) (end - p) - 1),
                       h->marks.n ? &h->marks : NULL);

    consent_tag_read(&tag, h->view.element, &attrs,
                     (unsigned) consent_html_foreign(h));

    memset(&walk, 0, sizeof(consent_attrs_walk_t));

    while ((attr = consent_attrs_next(&attrs, &walk)) != NULL) {
        load = consent_load_of(&tag, attr);

        if (load == CONSENT_LOAD_NONE || attr->value.len == 0) {
            continue;
        }

        if (load != CONSENT_LOAD_CSS
            || memchr(attr->value.data, '(', attr->value.len)
            || memchr(attr->value.data, '&', attr->value.len))
        {
            return 1;
        }
    }

    return 0;
}


static void
add(events_t *events, uint64_t value)
{
    events->digest = (events->digest ^ value) * 1099511628211u;
}
