/*
 * Copyright (C) ngx_consent_module authors
 *
 * Layouts: the IAB's "Global Privacy Platform", "Consent String
 * Specification" and the sections of the states.
 */


#include "consent_gpp.h"
#include "consent_tcf.h"


#define GPP_TYPE          3
#define GPP_VERSION       1

#define GPP_TCF           2
#define GPP_USP           6
#define GPP_US_FIRST      7
#define GPP_US_LAST       27

/* a subsection with the signal of Global Privacy Control */

#define GPP_SUB_GPC       1

/* ids of sections, which grow by what the code of a number can say */

#define GPP_ID_MAX        4095


typedef struct {
    consent_str_t   text;
    size_t          at;
} gpp_reader_t;


/* the first bits of the fields, 0: the section has none */

typedef struct {
    uint8_t         sale;
    uint8_t         sharing;
    uint8_t         targeted;
    uint8_t         gpc;            /* it may have that subsection */
} gpp_layout_t;


static int gpp_header(consent_gpp_t *gpp, consent_str_t header);
static int gpp_ids(consent_gpp_t *gpp, unsigned from, unsigned to);
static int gpp_fibonacci(gpp_reader_t *reader, unsigned *number);
static int gpp_section(consent_gpp_t *gpp, unsigned id, consent_str_t text);
static int gpp_us(consent_gpp_t *gpp, const gpp_layout_t *layout,
    consent_str_t text);
static int gpp_field(consent_str_t text, unsigned at, consent_gpp_e *field);
static void gpp_subsection(consent_gpp_t *gpp, consent_str_t text);
static consent_str_t gpp_part(consent_str_t *rest, uint8_t separator);


/* what other subsections say has no type in front */

static const gpp_layout_t  gpp_layouts[] = {
    { 18, 20, 22, 1 },      /*  7 usnat */
    { 12, 14,  0, 1 },      /*  8 usca */
    { 12,  0, 14, 0 },      /*  9 usva */
    { 12,  0, 14, 1 },      /* 10 usco */
    { 14,  0, 16, 0 },      /* 11 usut */
    { 12,  0, 14, 1 },      /* 12 usct */
    { 12,  0, 14, 1 },      /* 13 usfl */
    { 12,  0, 14, 1 },      /* 14 usmt */
    { 12,  0, 14, 1 },      /* 15 usor */
    { 12,  0, 14, 1 },      /* 16 ustx */
    { 12,  0, 14, 1 },      /* 17 usde */
    { 14,  0, 16, 1 },      /* 18 usia */
    { 12,  0, 14, 1 },      /* 19 usne */
    { 12,  0, 14, 1 },      /* 20 usnh */
    { 12,  0, 14, 1 },      /* 21 usnj */
    { 12,  0, 14, 1 },      /* 22 ustn */
    { 12,  0, 14, 1 },      /* 23 usmn */
    { 16,  0, 18, 1 },      /* 24 usmd */
    { 16,  0, 18, 0 },      /* 25 usin */
    { 16,  0, 18, 0 },      /* 26 usky */
    { 16,  0, 18, 0 }       /* 27 usri */
};


int
consent_gpp_parse(consent_gpp_t *gpp, consent_str_t text)
{
    unsigned       i;
    consent_str_t  rest;

    memset(gpp, 0, sizeof(consent_gpp_t));

    if (text.len == 0 || text.len > CONSENT_GPP_MAX_LEN) {
        return -1;
    }

    rest = text;

    if (gpp_header(gpp, gpp_part(&rest, '~')) != 0) {
        return -1;
    }

    for (i = 0; i < gpp->n; i++) {

        if (rest.data == NULL
            || gpp_section(gpp, gpp->ids[i], gpp_part(&rest, '~')) != 0)
        {
            return -1;
        }
    }

    /* exactly one for each id */

    return rest.data == NULL ? 0 : -1;
}


static int
gpp_header(consent_gpp_t *gpp, consent_str_t header)
{
    unsigned      from, to, id;
    uint64_t      bits, n, i, is_group;
    gpp_reader_t  reader;

    if (!consent_base64_bits(header, 0, 24, &bits)
        || bits >> 18 != GPP_TYPE
        || (bits >> 12 & 0x3f) != GPP_VERSION)
    {
        return -1;
    }

    n = bits & 0xfff;
    id = 0;

    reader.text = header;
    reader.at = 24;

    for (i = 0; i < n; i++) {

        if (!consent_base64_bits(header, reader.at, 1, &is_group)) {
            return -1;
        }

        reader.at++;

        if (!gpp_fibonacci(&reader, &from)) {
            return -1;
        }

        from += id;
        to = from;

        if (is_group) {

            if (!gpp_fibonacci(&reader, &to)) {
                return -1;
            }

            to += from;
        }

        if (gpp_ids(gpp, from, to) != 0) {
            return -1;
        }

        id = to;
    }

    return 0;
}


static int
gpp_ids(consent_gpp_t *gpp, unsigned from, unsigned to)
{
    if (to > GPP_ID_MAX || to - from >= CONSENT_GPP_SECTIONS - gpp->n) {
        return -1;
    }

    while (from <= to) {
        gpp->ids[gpp->n++] = from++;
    }

    return 0;
}


/* weights 1, 2, 3, 5, 8, ..., the lowest first; two ones in a row end it */

static int
gpp_fibonacci(gpp_reader_t *reader, unsigned *number)
{
    unsigned  weight, next, last;
    uint64_t  bit;

    *number = 0;
    weight = 1;
    next = 2;
    last = 0;

    while (weight <= GPP_ID_MAX) {

        if (!consent_base64_bits(reader->text, reader->at, 1, &bit)) {
            return 0;
        }

        reader->at++;

        if (bit && last) {
            return 1;
        }

        if (bit) {
            *number += weight;
        }

        last = (unsigned) bit;

        next += weight;
        weight = next - weight;
    }

    return 0;
}


static int
gpp_section(consent_gpp_t *gpp, unsigned id, consent_str_t text)
{
    if (id == GPP_TCF) {
        gpp->tcf = text;
        return 0;
    }

    if (id == GPP_USP) {
        gpp->usp = text;
        return 0;
    }

    if (id < GPP_US_FIRST || id > GPP_US_LAST) {
        return 0;
    }

    return gpp_us(gpp, &gpp_layouts[id - GPP_US_FIRST], text);
}


static int
gpp_us(consent_gpp_t *gpp, const gpp_layout_t *layout, consent_str_t text)
{
    consent_str_t  rest, core;

    rest = text;
    core = gpp_part(&rest, '.');

    if (gpp_field(core, layout->sale, &gpp->sale) != 0
        || gpp_field(core, layout->sharing, &gpp->sharing) != 0
        || gpp_field(core, layout->targeted, &gpp->targeted) != 0)
    {
        return -1;
    }

    while (layout->gpc && rest.data) {
        gpp_subsection(gpp, gpp_part(&rest, '.'));
    }

    return 0;
}


/* whoever opted out in one section did so */

static int
gpp_field(consent_str_t text, unsigned at, consent_gpp_e *field)
{
    uint64_t       bits;
    consent_gpp_e  value;

    if (at == 0) {
        return 0;
    }

    if (!consent_base64_bits(text, at, 2, &bits)) {
        return -1;
    }

    switch (bits) {

    case 0:
        value = CONSENT_GPP_NOT_APPLICABLE;
        break;

    case 1:
        value = CONSENT_GPP_OPTED_OUT;
        break;

    default:
        value = CONSENT_GPP_NOT_OPTED_OUT;
        break;
    }

    if (value > *field) {
        *field = value;
    }

    return 0;
}


static void
gpp_subsection(consent_gpp_t *gpp, consent_str_t text)
{
    uint64_t  bits;

    if (!consent_base64_bits(text, 0, 3, &bits)
        || bits >> 1 != GPP_SUB_GPC)
    {
        return;
    }

    gpp->has_gpc = 1;

    if (bits & 1) {
        gpp->gpc = 1;
    }
}


/* what precedes the next separator or the end, behind which data is NULL */

static consent_str_t
gpp_part(consent_str_t *rest, uint8_t separator)
{
    consent_str_t   part;
    const uint8_t  *end;

    part = *rest;
    end = rest->len ? memchr(rest->data, separator, rest->len) : NULL;

    if (end == NULL) {
        *rest = consent_str_make(NULL, 0);
        return part;
    }

    part.len = (size_t) (end - rest->data);

    rest->data = end + 1;
    rest->len -= part.len + 1;

    return part;
}
