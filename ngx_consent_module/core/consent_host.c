/*
 * Copyright (C) ngx_consent_module authors
 *
 * The host parser.  Nearly all hosts are plain ASCII and take the first
 * loop only.
 */


#include "consent_host.h"
#include "consent_idna.h"
#include "consent_ip.h"
#include "consent_utf8.h"


/* the bytes of "[...]" with the longest IPv6 address anyone can spell */

#define CONSENT_HOST_IPV6_RAW  48


/* a host being read: the raw bytes, percent-encoding undone */

typedef struct {
    const uint8_t  *pos;
    const uint8_t  *end;
} consent_host_reader_t;


typedef struct {
    uint32_t        first;
    uint32_t        last;
} consent_host_range_t;


static size_t consent_host_plain(uint8_t *dst, consent_str_t raw);
static size_t consent_host_ipv6(uint8_t *dst, consent_str_t raw);
static size_t consent_host_domain(uint8_t *dst, consent_str_t raw);
static size_t consent_host_finish(uint8_t *dst, size_t len);
static size_t consent_host_read(uint8_t *name, size_t size,
    consent_str_t raw);
static int consent_host_byte(consent_host_reader_t *reader);
static int consent_host_hex(consent_host_reader_t *reader);
static void consent_host_skip(consent_host_reader_t *reader);
static uint32_t consent_host_char(consent_host_reader_t *reader, int first);
static uint32_t consent_host_fold(uint32_t c);
static int consent_host_ignored(uint32_t c);
static int consent_host_forbidden(uint32_t c);


/*
 * What UTS 46 drops, in ascending order: soft hyphen, zero width space,
 * variation selectors and other things that nobody sees.  More than libidn2
 * may know, because browsers follow newer versions of Unicode.
 */

static const consent_host_range_t  consent_host_dropped[] = {
    { 0x00ad, 0x00ad },
    { 0x034f, 0x034f },
    { 0x115f, 0x1160 },
    { 0x17b4, 0x17b5 },
    { 0x180b, 0x180f },
    { 0x200b, 0x200b },
    { 0x2060, 0x2064 },
    { 0x206a, 0x206f },
    { 0x3164, 0x3164 },
    { 0xfe00, 0xfe0f },
    { 0xfeff, 0xfeff },
    { 0xffa0, 0xffa0 },
    { 0x1bca0, 0x1bca3 },
    { 0x1d173, 0x1d17a },
    { 0xe0100, 0xe01ef }
};


size_t
consent_host_parse(uint8_t dst[CONSENT_HOST_SIZE], consent_str_t raw)
{
    size_t                 len;
    consent_host_reader_t  reader;

    if (raw.len == 0) {

        /* which may be nowhere */

        return 0;
    }

    len = consent_host_plain(dst, raw);

    if (len) {
        return consent_host_finish(dst, len);
    }

    reader.pos = raw.data;
    reader.end = raw.data + raw.len;
    consent_host_skip(&reader);

    if (reader.pos == reader.end) {
        return 0;
    }

    if (*reader.pos == '[') {
        return consent_host_ipv6(dst, raw);
    }

    return consent_host_domain(dst, raw);
}


/* 0: not only letters, digits, ".", "-" and "_" */

static size_t
consent_host_plain(uint8_t *dst, consent_str_t raw)
{
    size_t   i;
    uint8_t  c;

    if (raw.len > CONSENT_HOST_SIZE) {
        return 0;
    }

    for (i = 0; i < raw.len; i++) {
        c = raw.data[i];

        if (!consent_is_alpha(c) && !consent_is_digit(c) && c != '.'
            && c != '-' && c != '_')
        {
            return 0;
        }

        dst[i] = consent_lower(c);
    }

    return i;
}


static size_t
consent_host_ipv6(uint8_t *dst, consent_str_t raw)
{
    size_t                 len;
    uint8_t                text[CONSENT_HOST_IPV6_RAW];
    consent_host_reader_t  reader;

    reader.pos = raw.data;
    reader.end = raw.data + raw.len;

    for (len = 0; /* void */ ; len++) {
        consent_host_skip(&reader);

        if (reader.pos == reader.end) {
            break;
        }

        if (len == sizeof(text)) {
            return 0;
        }

        text[len] = *reader.pos++;
    }

    if (len < 2 || text[len - 1] != ']') {
        return 0;
    }

    return consent_ipv6_parse(dst, consent_str_make(text + 1, len - 2));
}


static size_t
consent_host_domain(uint8_t *dst, consent_str_t raw)
{
    size_t   i, len;
    uint8_t  name[CONSENT_IDNA_SIZE];

    len = consent_host_read(name, sizeof(name), raw);

    if (len == 0) {
        return 0;
    }

    len = consent_idna_to_ascii(dst, CONSENT_HOST_SIZE,
                                consent_str_make(name, len));

    for (i = 0; i < len; i++) {
        if (consent_host_forbidden(dst[i])) {
            return 0;
        }
    }

    return len ? consent_host_finish(dst, len) : 0;
}


static size_t
consent_host_finish(uint8_t *dst, size_t len)
{
    consent_str_t  host;

    host = consent_str_make(dst, len);

    if (consent_ipv4_is(host)) {
        return consent_ipv4_parse(dst, host);
    }

    return len;
}


/*
 * The host as UTF-8, with the mappings done that need no table.  They make
 * most disguised hosts plain ASCII, and they are done here, before anything
 * is stored, so that no number of ignored characters can make a host too
 * long.
 */

static size_t
consent_host_read(uint8_t *name, size_t size, consent_str_t raw)
{
    int                    byte;
    size_t                 len;
    uint32_t               c;
    consent_host_reader_t  reader;

    reader.pos = raw.data;
    reader.end = raw.data + raw.len;

    for (len = 0; /* void */ ; /* void */ ) {
        byte = consent_host_byte(&reader);

        if (byte < 0) {
            return len;
        }

        c = consent_host_char(&reader, byte);

        if (consent_host_ignored(c)) {
            continue;
        }

        c = consent_host_fold(c);

        if (consent_host_forbidden(c) || size - len < CONSENT_UTF8_SIZE) {
            return 0;
        }

        len += consent_utf8_encode(name + len, c);
    }
}


/* the next byte, or -1; "%" that begins no valid sequence stands for itself */

static int
consent_host_byte(consent_host_reader_t *reader)
{
    int                    c, high, low;
    consent_host_reader_t  ahead;

    consent_host_skip(reader);

    if (reader->pos == reader->end) {
        return -1;
    }

    c = *reader->pos++;

    if (c != '%') {
        return c;
    }

    ahead = *reader;
    high = consent_host_hex(&ahead);
    low = consent_host_hex(&ahead);

    if (high < 0 || low < 0) {
        return c;
    }

    *reader = ahead;

    return high << 4 | low;
}


static int
consent_host_hex(consent_host_reader_t *reader)
{
    uint8_t  c;

    consent_host_skip(reader);

    if (reader->pos == reader->end) {
        return -1;
    }

    c = consent_lower(*reader->pos++);

    if (consent_is_digit(c)) {
        return c - '0';
    }

    return (c >= 'a' && c <= 'f') ? c - 'a' + 10 : -1;
}


static void
consent_host_skip(consent_host_reader_t *reader)
{
    uint8_t  c;

    while (reader->pos < reader->end) {
        c = *reader->pos;

        if (c != '\t' && c != '\n' && c != '\r') {
            return;
        }

        reader->pos++;
    }
}


/* the character that begins with the byte first, which is read already */

static uint32_t
consent_host_char(consent_host_reader_t *reader, int first)
{
    int       byte;
    size_t    n;
    uint8_t   bytes[CONSENT_UTF8_SIZE];
    uint32_t  c;

    byte = first;

    for (n = 0; n < CONSENT_UTF8_SIZE; /* void */ ) {
        bytes[n++] = (uint8_t) byte;

        if (consent_utf8_decode(&c, consent_str_make(bytes, n))) {
            return c;
        }

        byte = consent_host_byte(reader);

        if (byte < 0x80 || byte > 0xbf) {
            break;
        }
    }

    return CONSENT_UTF8_REPLACEMENT;
}


/*
 * Lower case, full-width forms and the other dots; and what libidn2 does not
 * map, or not as browsers do, if it is older than they are: outlined letters
 * and digits, capital sharp s, a raised S.
 */

static uint32_t
consent_host_fold(uint32_t c)
{
    if (c < 0x80) {
        return consent_lower((uint8_t) c);
    }

    if (c >= 0xff01 && c <= 0xff5e) {
        return consent_lower((uint8_t) (c - 0xff01 + '!'));
    }

    if (c == 0x3002 || c == 0xff61) {
        return '.';
    }

    if (c >= 0x1ccd6 && c <= 0x1ccef) {
        return c - 0x1ccd6 + 'a';
    }

    if (c >= 0x1ccf0 && c <= 0x1ccf9) {
        return c - 0x1ccf0 + '0';
    }

    if (c == 0x1e9e) {
        return 0xdf;
    }

    return (c == 0xa7f1) ? 's' : c;
}


static int
consent_host_ignored(uint32_t c)
{
    size_t  i;

    for (i = 0; i < sizeof(consent_host_dropped)
                    / sizeof(consent_host_dropped[0]); i++)
    {
        if (c <= consent_host_dropped[i].last) {
            return c >= consent_host_dropped[i].first;
        }
    }

    return 0;
}


/*
 * "forbidden domain code point" of the standard, and what stands for bytes
 * that are no UTF-8, which is disallowed everywhere
 */

static int
consent_host_forbidden(uint32_t c)
{
    if (c <= ' ' || c == 0x7f || c == CONSENT_UTF8_REPLACEMENT) {
        return 1;
    }

    return c < 0x80 && strchr("#%/:<>?@[\\]^|", (int) c) != NULL;
}
