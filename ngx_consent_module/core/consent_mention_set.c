/*
 * Copyright (C) ngx_consent_module authors
 *
 * In scripts nearly all dots stand before names of members.  A filter finds
 * those before the last labels of hosts, as few as the set has of them.  Then
 * eight bytes around the dot, without case, are looked up by their hash; of a
 * short label only those that it has.  What is written with an escape is not
 * read here, and let through.
 */


#include "consent_mention_set.h"


#define CONSENT_SET_BEFORE    4
#define CONSENT_SET_AFTER     3

/* labels before the dot count with 1, 2 or 4 bytes, others with 1, 2 or 3 */

#define CONSENT_SET_KINDS     9

/* so much room for each host, and logarithms of sizes within limits */

#define CONSENT_SET_ROOM      64
#define CONSENT_SET_BITS_MIN  10
#define CONSENT_SET_BITS_MAX  22

#define CONSENT_SET_FACTOR    0x9e3779b97f4a7c15U
#define CONSENT_SET_CASE      0x2020202020202020U

/* an escape that ends among the bytes before the dot begins within these */

#define CONSENT_SET_ESCAPE    12

/* buckets */

#define CONSENT_SET_LABELS    4         /* that many for last labels */
#define CONSENT_SET_DOT       (1 << 4)  /* an escaped dot */
#define CONSENT_SET_FIRST     (1 << 5)  /* the first byte is escaped */
#define CONSENT_SET_SECOND    (1 << 6)
#define CONSENT_SET_THIRD     (1 << 7)


struct consent_mention_set_s {
    consent_filter_t   filter;

    uint64_t           masks[CONSENT_SET_KINDS];
    unsigned           nmasks;
    unsigned           all:1;
    unsigned           digits:1;    /* an address is among them */

    uint32_t          *bits;
    unsigned           shift;
};


static void consent_mention_set_label(consent_mention_set_t *set,
    consent_str_t label);
static void consent_mention_set_letter(consent_mention_set_t *set,
    unsigned place, uint8_t c, uint8_t buckets);
static void consent_mention_set_end(consent_mention_set_t *set,
    unsigned place, uint8_t buckets);
static void consent_mention_set_escapes(consent_mention_set_t *set,
    unsigned place, uint8_t buckets);
static uint64_t consent_mention_set_mask(size_t before, size_t after);
static uint64_t consent_mention_set_key(consent_str_t text,
    const uint8_t *dot);
static inline uint32_t consent_mention_set_place(
    const consent_mention_set_t *set, uint64_t key);
static int consent_mention_set_is_plain(consent_str_t text,
    const uint8_t *dot);
static inline int consent_mention_set_has_escape(uint64_t bytes);
static inline uint64_t consent_mention_set_eight(const uint8_t *p);


consent_mention_set_t *
consent_mention_set_create(const consent_mem_t *mem, size_t n)
{
    unsigned                log;
    consent_mention_set_t  *set;

    set = mem->alloc(mem->data, sizeof(consent_mention_set_t));
    if (set == NULL) {
        return NULL;
    }

    memset(set, 0, sizeof(consent_mention_set_t));

    for (log = CONSENT_SET_BITS_MIN; log < CONSENT_SET_BITS_MAX; log++) {
        if (((size_t) 1 << log) / CONSENT_SET_ROOM >= n) {
            break;
        }
    }

    set->shift = 64 - log;
    set->bits = mem->alloc(mem->data, ((size_t) 1 << log) / 8);

    if (set->bits == NULL) {
        return NULL;
    }

    memset(set->bits, 0, ((size_t) 1 << log) / 8);

    consent_filter_init(&set->filter);

    return set;
}


void
consent_mention_set_add(consent_mention_set_t *set, consent_str_t host)
{
    size_t         dot, label;
    uint32_t       place;
    uint64_t       mask;
    unsigned       i;
    consent_str_t  last;

    for (dot = host.len; dot > 0 && host.data[dot - 1] != '.'; dot--) {
        /* void */
    }

    if (dot < 2 || dot == host.len) {
        return;
    }

    last = consent_str_make(host.data + dot, host.len - dot);
    dot--;

    for (label = dot; label > 0 && host.data[label - 1] != '.'; label--) {
        /* void */
    }

    mask = consent_mention_set_mask(dot - label, last.len);

    for (i = 0; i < set->nmasks && set->masks[i] != mask; i++) {
        /* void */
    }

    if (i == set->nmasks) {
        set->masks[set->nmasks++] = mask;
    }

    place = consent_mention_set_place(set, mask
                           & consent_mention_set_key(host, host.data + dot));
    set->bits[place >> 5] |= 1U << (place & 31);

    consent_mention_set_label(set, last);
}


void
consent_mention_set_add_all(consent_mention_set_t *set)
{
    unsigned  c;
    uint8_t   any;

    set->all = 1;
    any = 1;

    for (c = 0; c < 256; c++) {
        if (consent_is_alpha((uint8_t) c) || consent_is_digit((uint8_t) c)
            || c >= 0x80 || c == '\\' || c == '%')
        {
            consent_filter_allow(&set->filter, 1, (uint8_t) c, any);
        }
    }

    consent_filter_allow(&set->filter, 0, '.', any);
    consent_filter_allow_any(&set->filter, 2, any);
    consent_filter_allow_any(&set->filter, 3, any);
}


/* labels that begin alike share a bucket */

static void
consent_mention_set_label(consent_mention_set_t *set, consent_str_t label)
{
    uint8_t   bucket;
    unsigned  i;

    bucket = (uint8_t) (1U << (label.data[0] % CONSENT_SET_LABELS));

    consent_filter_allow(&set->filter, 0, '.', bucket);

    if (consent_is_digit(label.data[0])) {

        /* there are many ways to write a number */

        set->digits = 1;

        for (i = '0'; i <= '9'; i++) {
            consent_filter_allow(&set->filter, 1, (uint8_t) i, bucket);
        }

        consent_filter_allow_any(&set->filter, 2, bucket);
        consent_filter_allow_any(&set->filter, 3, bucket);

        return;
    }

    for (i = 0; i < CONSENT_SET_AFTER; i++) {

        if (i < label.len) {
            consent_mention_set_letter(set, i + 1, label.data[i], bucket);

        } else if (i == label.len) {
            consent_mention_set_end(set, i + 1, bucket);

        } else {
            consent_filter_allow_any(&set->filter, i + 1, bucket);
        }
    }

    consent_mention_set_letter(set, 1, label.data[0],
                               CONSENT_SET_SECOND | CONSENT_SET_THIRD);

    if (label.len > 1) {
        consent_mention_set_letter(set, 2, label.data[1], CONSENT_SET_THIRD);
    }
}


static void
consent_mention_set_letter(consent_mention_set_t *set, unsigned place,
    uint8_t c, uint8_t buckets)
{
    consent_filter_allow(&set->filter, place, c, buckets);

    if (c >= 'a' && c <= 'z') {
        consent_filter_allow(&set->filter, place, (uint8_t) (c & ~0x20),
                             buckets);
    }
}


/* what may follow a label */

static void
consent_mention_set_end(consent_mention_set_t *set, unsigned place,
    uint8_t buckets)
{
    unsigned  c;

    for (c = 0; c < 0x80; c++) {
        if (!consent_is_alpha((uint8_t) c) && !consent_is_digit((uint8_t) c)
            && c != '-' && c != '_')
        {
            consent_filter_allow(&set->filter, place, (uint8_t) c, buckets);
        }
    }
}


/* a letter may be written as an escape or as another letter of Unicode */

static void
consent_mention_set_escapes(consent_mention_set_t *set, unsigned place,
    uint8_t buckets)
{
    unsigned  c;

    consent_filter_allow(&set->filter, place, '\\', buckets);
    consent_filter_allow(&set->filter, place, '%', buckets);

    for (c = 0x80; c < 256; c++) {
        consent_filter_allow(&set->filter, place, (uint8_t) c, buckets);
    }
}


void
consent_mention_set_ready(consent_mention_set_t *set)
{
    consent_filter_t  *filter;

    filter = &set->filter;

    /* the ends of "\x2e", "\u002e" and "%2e" */

    consent_filter_allow(filter, 0, 'x', CONSENT_SET_DOT);
    consent_filter_allow(filter, 0, '0', CONSENT_SET_DOT);
    consent_filter_allow(filter, 0, '%', CONSENT_SET_DOT);
    consent_filter_allow(filter, 1, '2', CONSENT_SET_DOT);
    consent_filter_allow(filter, 2, 'e', CONSENT_SET_DOT);
    consent_filter_allow(filter, 2, 'E', CONSENT_SET_DOT);
    consent_filter_allow_any(filter, 3, CONSENT_SET_DOT);

    consent_filter_allow(filter, 0, '.', CONSENT_SET_FIRST
                                         | CONSENT_SET_SECOND
                                         | CONSENT_SET_THIRD);
    consent_mention_set_escapes(set, 1, CONSENT_SET_FIRST);
    consent_filter_allow_any(filter, 2, CONSENT_SET_FIRST);

    consent_mention_set_escapes(set, 2, CONSENT_SET_SECOND);
    consent_filter_allow_any(filter, 3, CONSENT_SET_FIRST
                                        | CONSENT_SET_SECOND);

    consent_mention_set_escapes(set, 3, CONSENT_SET_THIRD);

    /* they are a dot, mostly, and the first letter behind it */

    filter->two = 1;

    consent_filter_ready(filter);
}


const consent_filter_t *
consent_mention_set_filter(const consent_mention_set_t *set)
{
    return &set->filter;
}


/* of a key, in which the dot is byte 4: those bytes that labels have */

static uint64_t
consent_mention_set_mask(size_t before, size_t after)
{
    uint64_t  mask;

    before = (before >= CONSENT_SET_BEFORE) ? CONSENT_SET_BEFORE
                                            : (before >= 2) ? 2 : 1;
    after = (after >= CONSENT_SET_AFTER) ? CONSENT_SET_AFTER : after;

    mask = UINT64_MAX << 8 * (CONSENT_SET_BEFORE - before);

    return mask & UINT64_MAX >> 8 * (CONSENT_SET_AFTER - after);
}


/* zeros where there is no text */

static uint64_t
consent_mention_set_key(consent_str_t text, const uint8_t *dot)
{
    size_t    i, before, after;
    uint8_t   bytes[8];

    before = (size_t) (dot - text.data);
    after = text.len - before - 1;

    if (before >= CONSENT_SET_BEFORE && after >= CONSENT_SET_AFTER) {
        return consent_mention_set_eight(dot - CONSENT_SET_BEFORE)
               | CONSENT_SET_CASE;
    }

    memset(bytes, 0, sizeof(bytes));

    for (i = 0; i < CONSENT_SET_BEFORE && i < before; i++) {
        bytes[CONSENT_SET_BEFORE - 1 - i] = dot[-1 - (ptrdiff_t) i];
    }

    for (i = 0; i <= CONSENT_SET_AFTER && i <= after; i++) {
        bytes[CONSENT_SET_BEFORE + i] = dot[i];
    }

    return consent_mention_set_eight(bytes) | CONSENT_SET_CASE;
}


static inline uint32_t
consent_mention_set_place(const consent_mention_set_t *set, uint64_t key)
{
    return (uint32_t) (key * CONSENT_SET_FACTOR >> set->shift);
}


int
consent_mention_set_has(const consent_mention_set_t *set, consent_str_t text,
    const uint8_t *dot)
{
    uint64_t  key;
    uint32_t  place;
    unsigned  i;

    if (set->all
        || *dot != '.'
        || (set->digits && (size_t) (dot - text.data) + 1 < text.len
            && consent_is_digit(dot[1]))
        || !consent_mention_set_is_plain(text, dot))
    {
        return 1;
    }

    key = consent_mention_set_key(text, dot);

    for (i = 0; i < set->nmasks; i++) {
        place = consent_mention_set_place(set, key & set->masks[i]);

        if ((set->bits[place >> 5] >> (place & 31)) & 1) {
            return 1;
        }
    }

    return 0;
}


/* whether what is read of the key is written as it is */

static int
consent_mention_set_is_plain(consent_str_t text, const uint8_t *dot)
{
    size_t          before, after;
    const uint8_t  *p, *end;

    before = (size_t) (dot - text.data);
    after = text.len - before - 1;

    if (before >= CONSENT_SET_ESCAPE && after >= CONSENT_SET_AFTER
        && !consent_mention_set_has_escape(
               consent_mention_set_eight(dot - CONSENT_SET_ESCAPE))
        && !consent_mention_set_has_escape(
               consent_mention_set_eight(dot - CONSENT_SET_BEFORE)))
    {
        return 1;
    }

    before = (before < CONSENT_SET_ESCAPE) ? before : CONSENT_SET_ESCAPE;
    after = (after < CONSENT_SET_AFTER) ? after : CONSENT_SET_AFTER;
    end = dot + after + 1;

    for (p = dot - before; p < end; p++) {

        if (*p >= 0x80 || *p == '%') {
            return 0;
        }

        if (*p == '\\' && (p > dot || p[1] == 'x' || p[1] == 'u')) {
            return 0;
        }
    }

    return 1;
}


/* whether one of the bytes is "\", "%" or none of ASCII */

static inline int
consent_mention_set_has_escape(uint64_t bytes)
{
    uint64_t  back, percent;

    back = bytes ^ 0x5c5c5c5c5c5c5c5cU;
    percent = bytes ^ 0x2525252525252525U;

    /* a byte is zero if it borrows; a false alarm does no harm */

    back = (back - 0x0101010101010101U) & ~back;
    percent = (percent - 0x0101010101010101U) & ~percent;

    return ((back | percent | bytes) & 0x8080808080808080U) != 0;
}


/* the first in the low bits, on every machine */

static inline uint64_t
consent_mention_set_eight(const uint8_t *p)
{
    return p[0] | (uint64_t) p[1] << 8 | (uint64_t) p[2] << 16
           | (uint64_t) p[3] << 24 | (uint64_t) p[4] << 32
           | (uint64_t) p[5] << 40 | (uint64_t) p[6] << 48
           | (uint64_t) p[7] << 56;
}
