/*
 * Copyright (C) ngx_consent_module authors
 *
 * Offsets of fields are those of the IAB's specification of the string,
 * "Transparency and Consent String with Global Vendor List Format", core
 * string.
 */


#include "consent_tcf.h"


#define TCF_VERSION            2

#define TCF_VERSION_AT         0
#define TCF_CREATED_AT         6
#define TCF_UPDATED_AT         42
#define TCF_CMP_AT             78
#define TCF_VENDOR_LIST_AT     120
#define TCF_POLICY_AT          132
#define TCF_FEATURES_AT        140
#define TCF_PURPOSES_AT        152
#define TCF_PURPOSES_LI_AT     176
#define TCF_VENDORS_AT         213

#define TCF_FEATURES           12
#define TCF_PURPOSES           24
#define TCF_VENDORS            65535

/* base64 digits in front of the vendors */

#define TCF_FIXED_LEN          36

#define TCF_SEGMENT_TYPE       3
#define TCF_SEGMENT_DISCLOSED  1
#define TCF_SEGMENT_PUBLISHER  3
#define TCF_SEGMENTS           7

/* a range without its end, which is the least that an entry takes */

#define TCF_ENTRY              17


/* the part of a text that has fields of vendors */

typedef struct {
    consent_str_t   text;
    size_t          at;
} tcf_reader_t;


static consent_str_t tcf_core(consent_str_t text);
static int tcf_segment(consent_str_t text, unsigned type,
    consent_str_t *segment);
static int tcf_bit(consent_str_t text, size_t base, unsigned id, unsigned max,
    uint64_t *value);
static int tcf_number(consent_str_t text, size_t at, unsigned n,
    uint64_t *value);
static int tcf_vendor(consent_str_t core, unsigned id, unsigned li,
    uint64_t *value);
static int tcf_vendors(tcf_reader_t *reader, unsigned id, unsigned *found);
static int tcf_ranges(tcf_reader_t *reader, unsigned id, uint64_t max,
    unsigned *found);
static int tcf_take(tcf_reader_t *reader, unsigned n, uint64_t *bits);
static int tcf_in_segment(consent_str_t text,
    const consent_tcf_field_t *field, uint64_t *value);


const uint8_t  consent_base64_values[256] = {
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 62, 64, 62, 64, 63,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 64, 64, 64, 64, 64, 64,
    64,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 64, 64, 64, 64, 63,
    64, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64
};


int
consent_base64_bits(consent_str_t text, size_t offset, unsigned n,
    uint64_t *bits)
{
    size_t    i, first, last;
    uint8_t   digit;
    uint64_t  value;

    first = offset / 6;
    last = (offset + n - 1) / 6;

    if (last >= text.len) {
        return 0;
    }

    value = 0;

    for (i = first; i <= last; i++) {
        digit = consent_base64_values[text.data[i]];

        if (digit == 64) {
            return 0;
        }

        value = value << 6 | digit;
    }

    value >>= (last + 1) * 6 - offset - n;

    *bits = value & (((uint64_t) 1 << n) - 1);

    return 1;
}


int
consent_tcf_check(consent_str_t text)
{
    size_t         i;
    uint8_t        bad;
    uint64_t       version;
    consent_str_t  core;

    if (text.len > CONSENT_TCF_MAX_LEN) {
        return -1;
    }

    core = tcf_core(text);

    if (core.len < TCF_FIXED_LEN) {
        return -1;
    }

    bad = 0;

    for (i = 0; i < TCF_FIXED_LEN; i++) {
        bad |= consent_base64_values[core.data[i]] & 64;
    }

    if (bad || !tcf_number(core, TCF_VERSION_AT, 6, &version)) {
        return -1;
    }

    return version == TCF_VERSION ? 0 : -1;
}


int
consent_tcf_field(consent_tcf_field_t *field, consent_str_t name)
{
    size_t    len;
    unsigned  i, id, digits;

    static const struct {
        consent_str_t  name;
        consent_tcf_e  kind;
        unsigned       max;     /* of the number behind it, 0: none */
    } names[] = {
        { consent_str("p"), CONSENT_TCF_PURPOSE, TCF_PURPOSES },
        { consent_str("li"), CONSENT_TCF_PURPOSE_LI, TCF_PURPOSES },
        { consent_str("sf"), CONSENT_TCF_FEATURE, TCF_FEATURES },
        { consent_str("v"), CONSENT_TCF_VENDOR, TCF_VENDORS },
        { consent_str("vli"), CONSENT_TCF_VENDOR_LI, TCF_VENDORS },
        { consent_str("dv"), CONSENT_TCF_DISCLOSED, TCF_VENDORS },
        { consent_str("pub.p"), CONSENT_TCF_PUBLISHER, TCF_PURPOSES },
        { consent_str("pub.li"), CONSENT_TCF_PUBLISHER_LI, TCF_PURPOSES },
        { consent_str("seg"), CONSENT_TCF_SEGMENT, TCF_SEGMENTS },
        { consent_str("policy"), CONSENT_TCF_POLICY, 0 },
        { consent_str("created"), CONSENT_TCF_CREATED, 0 },
        { consent_str("updated"), CONSENT_TCF_UPDATED, 0 },
        { consent_str("cmp"), CONSENT_TCF_CMP, 0 },
        { consent_str("gvl"), CONSENT_TCF_VENDOR_LIST, 0 }
    };

    len = name.len;
    digits = 0;

    while (len && consent_is_digit(name.data[len - 1]) && digits < 5) {
        len--;
        digits++;
    }

    id = 0;

    for (i = 0; i < digits; i++) {
        id = id * 10 + (unsigned) (name.data[len + i] - '0');
    }

    /* a leading zero is another name */

    if (digits && name.data[len] == '0') {
        return 0;
    }

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {

        if (consent_str_eq(names[i].name, consent_str_make(name.data, len))
            && (names[i].max ? id >= 1 && id <= names[i].max : digits == 0))
        {
            field->kind = names[i].kind;
            field->id = id;
            return 1;
        }
    }

    return 0;
}


int
consent_tcf_get(consent_str_t text, const consent_tcf_field_t *field,
    uint64_t *value)
{
    consent_str_t  core;

    core = tcf_core(text);

    switch (field->kind) {

    case CONSENT_TCF_PURPOSE:
        return tcf_bit(core, TCF_PURPOSES_AT, field->id, TCF_PURPOSES, value);

    case CONSENT_TCF_PURPOSE_LI:
        return tcf_bit(core, TCF_PURPOSES_LI_AT, field->id, TCF_PURPOSES,
                       value);

    case CONSENT_TCF_FEATURE:
        return tcf_bit(core, TCF_FEATURES_AT, field->id, TCF_FEATURES, value);

    case CONSENT_TCF_VENDOR:
        return tcf_vendor(core, field->id, 0, value);

    case CONSENT_TCF_VENDOR_LI:
        return tcf_vendor(core, field->id, 1, value);

    case CONSENT_TCF_DISCLOSED:
    case CONSENT_TCF_PUBLISHER:
    case CONSENT_TCF_PUBLISHER_LI:
    case CONSENT_TCF_SEGMENT:
        return tcf_in_segment(text, field, value);

    case CONSENT_TCF_POLICY:
        return tcf_number(core, TCF_POLICY_AT, 6, value);

    case CONSENT_TCF_CREATED:
    case CONSENT_TCF_UPDATED:

        /* in tenths of a second */

        if (!tcf_number(core, field->kind == CONSENT_TCF_CREATED
                              ? TCF_CREATED_AT : TCF_UPDATED_AT, 36, value))
        {
            return 0;
        }

        *value /= 10;
        return 1;

    case CONSENT_TCF_CMP:
        return tcf_number(core, TCF_CMP_AT, 12, value);

    case CONSENT_TCF_VENDOR_LIST:
        return tcf_number(core, TCF_VENDOR_LIST_AT, 12, value);

    case CONSENT_TCF_NONE:
        break;
    }

    return 0;
}


/* the core string comes first, and is never left out */

static consent_str_t
tcf_core(consent_str_t text)
{
    const uint8_t  *dot;

    dot = text.len ? memchr(text.data, '.', text.len) : NULL;

    if (dot) {
        text.len = (size_t) (dot - text.data);
    }

    return text;
}


/* of several segments of a type the first */

static int
tcf_segment(consent_str_t text, unsigned type, consent_str_t *segment)
{
    uint64_t       found;
    consent_str_t  rest;

    segment->len = tcf_core(text).len;
    rest = text;

    for ( ;; ) {

        if (segment->len >= rest.len) {
            return 0;
        }

        rest.data += segment->len + 1;
        rest.len -= segment->len + 1;

        *segment = tcf_core(rest);

        if (consent_base64_bits(*segment, 0, TCF_SEGMENT_TYPE, &found)
            && found == type)
        {
            return 1;
        }
    }
}


static int
tcf_bit(consent_str_t text, size_t base, unsigned id, unsigned max,
    uint64_t *value)
{
    return id >= 1 && id <= max
           && consent_base64_bits(text, base + id - 1, 1, value);
}


static int
tcf_number(consent_str_t text, size_t at, unsigned n, uint64_t *value)
{
    return consent_base64_bits(text, at, n, value);
}


static int
tcf_vendor(consent_str_t core, unsigned id, unsigned li, uint64_t *value)
{
    unsigned      found;
    tcf_reader_t  reader;

    reader.text = core;
    reader.at = TCF_VENDORS_AT;

    if (!tcf_vendors(&reader, id, &found)
        || (li && !tcf_vendors(&reader, id, &found)))
    {
        return 0;
    }

    *value = found;

    return 1;
}


/*
 * A list of vendors, and the reader behind it.  0: it is damaged, or is not
 * all there, and says nothing about anybody.
 */

static int
tcf_vendors(tcf_reader_t *reader, unsigned id, unsigned *found)
{
    size_t    i;
    uint64_t  max, is_range, bit;

    if (!tcf_take(reader, 16, &max) || !tcf_take(reader, 1, &is_range)) {
        return 0;
    }

    if (is_range) {
        return tcf_ranges(reader, id, max, found);
    }

    /* all of them have to be there */

    if ((reader->at + max + 5) / 6 > reader->text.len) {
        return 0;
    }

    for (i = reader->at / 6; i < (reader->at + max + 5) / 6; i++) {
        if (consent_base64_values[reader->text.data[i]] == 64) {
            return 0;
        }
    }

    *found = 0;

    if (id <= max) {

        if (!consent_base64_bits(reader->text, reader->at + id - 1, 1, &bit))
        {
            return 0;
        }

        *found = (unsigned) bit;
    }

    reader->at += max;

    return 1;
}


static int
tcf_ranges(tcf_reader_t *reader, unsigned id, uint64_t max, unsigned *found)
{
    uint64_t  i, n, is_range, start, end;

    *found = 0;

    if (!tcf_take(reader, 12, &n)
        || n * TCF_ENTRY > reader->text.len * 6 - reader->at)
    {
        return 0;
    }

    for (i = 0; i < n; i++) {

        if (!tcf_take(reader, 1, &is_range) || !tcf_take(reader, 16, &start)) {
            return 0;
        }

        end = start;

        if (is_range && !tcf_take(reader, 16, &end)) {
            return 0;
        }

        if (start == 0 || end < start) {
            return 0;
        }

        /* beyond the highest id nobody was asked about */

        if (id >= start && id <= end && id <= max) {
            *found = 1;
        }
    }

    return 1;
}


static int
tcf_take(tcf_reader_t *reader, unsigned n, uint64_t *bits)
{
    if (!consent_base64_bits(reader->text, reader->at, n, bits)) {
        return 0;
    }

    reader->at += n;

    return 1;
}


static int
tcf_in_segment(consent_str_t text, const consent_tcf_field_t *field,
    uint64_t *value)
{
    size_t         at;
    unsigned       found;
    tcf_reader_t   reader;
    consent_str_t  segment;

    if (field->kind == CONSENT_TCF_SEGMENT) {
        *value = (uint64_t) tcf_segment(text, field->id, &segment);
        return 1;
    }

    if (field->kind == CONSENT_TCF_DISCLOSED) {

        if (!tcf_segment(text, TCF_SEGMENT_DISCLOSED, &segment)) {
            return 0;
        }

        reader.text = segment;
        reader.at = TCF_SEGMENT_TYPE;

        if (!tcf_vendors(&reader, field->id, &found)) {
            return 0;
        }

        *value = found;
        return 1;
    }

    at = TCF_SEGMENT_TYPE;

    if (field->kind == CONSENT_TCF_PUBLISHER_LI) {
        at += TCF_PURPOSES;
    }

    return tcf_segment(text, TCF_SEGMENT_PUBLISHER, &segment)
           && tcf_bit(segment, at, field->id, TCF_PURPOSES, value);
}
