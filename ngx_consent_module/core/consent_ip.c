/*
 * Copyright (C) ngx_consent_module authors
 *
 * IP addresses in the host of a URL.  Browsers take far more spellings than
 * inet_pton() does ("0x7f.1" is 127.0.0.1), and write all of them one way.
 */


#include "consent_ip.h"


#define CONSENT_IPV4_PARTS   4
#define CONSENT_IPV6_PIECES  8

/* larger than every number that an address may hold */

#define CONSENT_IPV4_TOO_BIG  ((uint64_t) 1 << 32)


static consent_str_t consent_ipv4_last_label(consent_str_t host);
static int consent_ipv4_number(uint64_t *value, consent_str_t label);
static size_t consent_ipv4_split(uint64_t parts[CONSENT_IPV4_PARTS],
    consent_str_t host);
static size_t consent_ip_decimal(uint8_t *dst, unsigned value);
static int consent_ip_hex(uint8_t c);
static int consent_ipv6_read(uint16_t pieces[CONSENT_IPV6_PIECES],
    consent_str_t host);
static size_t consent_ipv6_piece(uint16_t *piece, consent_str_t rest);
static int consent_ipv6_dotted(uint16_t pieces[2], consent_str_t rest);
static void consent_ipv6_expand(uint16_t pieces[CONSENT_IPV6_PIECES],
    size_t n, size_t gap);
static size_t consent_ipv6_zeros(const uint16_t pieces[CONSENT_IPV6_PIECES],
    size_t *start);
static size_t consent_ip_hexadecimal(uint8_t *dst, unsigned value);


int
consent_ipv4_is(consent_str_t host)
{
    size_t         i;
    uint64_t       value;
    consent_str_t  label;

    label = consent_ipv4_last_label(host);

    if (label.len == 0 || !consent_is_digit(label.data[0])) {
        return 0;
    }

    /* "09" is no octal number, yet it makes the host an address: a bad one */

    for (i = 0; i < label.len && consent_is_digit(label.data[i]); i++) {
        /* void */
    }

    return i == label.len || consent_ipv4_number(&value, label) == 0;
}


/* one empty label at the end, the dot of the root, does not count */

static consent_str_t
consent_ipv4_last_label(consent_str_t host)
{
    size_t  start;

    if (host.len && host.data[host.len - 1] == '.') {
        host.len--;
    }

    for (start = host.len; start; start--) {
        if (host.data[start - 1] == '.') {
            break;
        }
    }

    return consent_str_make(host.data + start, host.len - start);
}


/* decimal, octal ("010") or hexadecimal ("0x8"; "0x" alone is zero) */

static int
consent_ipv4_number(uint64_t *value, consent_str_t label)
{
    int       digit;
    size_t    i;
    uint64_t  n;
    unsigned  radix;

    if (label.len == 0) {
        return -1;
    }

    i = 0;
    radix = 10;

    if (label.len >= 2 && label.data[0] == '0') {

        if (consent_lower(label.data[1]) == 'x') {
            radix = 16;
            i = 2;

        } else {
            radix = 8;
            i = 1;
        }
    }

    for (n = 0; i < label.len; i++) {
        digit = consent_ip_hex(label.data[i]);

        if (digit < 0 || (unsigned) digit >= radix) {
            return -1;
        }

        n = n * radix + (unsigned) digit;

        if (n > CONSENT_IPV4_TOO_BIG) {
            n = CONSENT_IPV4_TOO_BIG;
        }
    }

    *value = n;

    return 0;
}


size_t
consent_ipv4_parse(uint8_t dst[CONSENT_IPV4_SIZE], consent_str_t host)
{
    size_t    i, len, n;
    uint64_t  address, parts[CONSENT_IPV4_PARTS];

    n = consent_ipv4_split(parts, host);

    if (n == 0) {
        return 0;
    }

    /* the last part fills all bytes that the others left: "127.1" */

    address = parts[n - 1];

    if (address >> (8 * (CONSENT_IPV4_PARTS + 1 - n))) {
        return 0;
    }

    for (i = 0; i < n - 1; i++) {

        if (parts[i] > 255) {
            return 0;
        }

        address |= parts[i] << (8 * (CONSENT_IPV4_PARTS - 1 - i));
    }

    for (len = 0, i = 0; i < CONSENT_IPV4_PARTS; i++) {

        if (i) {
            dst[len++] = '.';
        }

        len += consent_ip_decimal(dst + len,
                                  (unsigned) (address >> (24 - 8 * i)) & 255);
    }

    return len;
}


/* the number of parts, 0 if there are too many or one is no number */

static size_t
consent_ipv4_split(uint64_t parts[CONSENT_IPV4_PARTS], consent_str_t host)
{
    size_t         n, pos;
    consent_str_t  label;

    if (host.len && host.data[host.len - 1] == '.') {
        host.len--;
    }

    n = 0;
    label = consent_str_make(host.data, 0);

    for (pos = 0; pos <= host.len; pos++) {

        if (pos < host.len && host.data[pos] != '.') {
            label.len++;
            continue;
        }

        if (n == CONSENT_IPV4_PARTS
            || consent_ipv4_number(&parts[n], label) != 0)
        {
            return 0;
        }

        n++;
        label = consent_str_make(label.data + label.len + 1, 0);
    }

    return n;
}


static size_t
consent_ip_decimal(uint8_t *dst, unsigned value)
{
    size_t  len;

    len = 0;

    if (value >= 100) {
        dst[len++] = (uint8_t) ('0' + value / 100);
    }

    if (value >= 10) {
        dst[len++] = (uint8_t) ('0' + value / 10 % 10);
    }

    dst[len++] = (uint8_t) ('0' + value % 10);

    return len;
}


static int
consent_ip_hex(uint8_t c)
{
    if (consent_is_digit(c)) {
        return c - '0';
    }

    c = consent_lower(c);

    return (c >= 'a' && c <= 'f') ? c - 'a' + 10 : -1;
}


size_t
consent_ipv6_parse(uint8_t dst[CONSENT_IPV6_SIZE], consent_str_t host)
{
    size_t    i, len, start, zeros;
    uint16_t  pieces[CONSENT_IPV6_PIECES];

    if (consent_ipv6_read(pieces, host) != 0) {
        return 0;
    }

    zeros = consent_ipv6_zeros(pieces, &start);

    len = 0;
    dst[len++] = '[';

    for (i = 0; i < CONSENT_IPV6_PIECES; i++) {

        if (zeros > 1 && i == start) {
            dst[len++] = ':';

            if (i == 0) {
                dst[len++] = ':';
            }

            i += zeros - 1;
            continue;
        }

        len += consent_ip_hexadecimal(dst + len, pieces[i]);

        if (i < CONSENT_IPV6_PIECES - 1) {
            dst[len++] = ':';
        }
    }

    dst[len++] = ']';

    return len;
}


static int
consent_ipv6_read(uint16_t pieces[CONSENT_IPV6_PIECES], consent_str_t host)
{
    size_t         digits, gap, n, pos;
    consent_str_t  rest;

    n = 0;
    pos = 0;
    gap = CONSENT_IPV6_PIECES + 1;      /* no "::" seen */

    while (pos < host.len) {

        if (host.data[pos] == ':') {

            /* a second colon belongs to "::", and there is one of these */

            if (gap <= CONSENT_IPV6_PIECES) {
                return -1;
            }

            if (pos == 0) {

                if (host.len < 2 || host.data[1] != ':') {
                    return -1;
                }

                pos++;
            }

            pos++;
            gap = n;
            continue;
        }

        if (n == CONSENT_IPV6_PIECES) {
            return -1;
        }

        rest = consent_str_make(host.data + pos, host.len - pos);
        digits = consent_ipv6_piece(&pieces[n], rest);

        if (digits < rest.len && rest.data[digits] == '.') {

            if (n > CONSENT_IPV6_PIECES - 2
                || consent_ipv6_dotted(&pieces[n], rest) != 0)
            {
                return -1;
            }

            n += 2;
            break;
        }

        if (digits == 0) {
            return -1;
        }

        n++;
        pos += digits;

        if (pos == host.len) {
            break;
        }

        /* a colon after a piece has to have something behind it */

        if (host.data[pos] != ':' || pos + 1 == host.len) {
            return -1;
        }

        pos++;
    }

    if (gap > CONSENT_IPV6_PIECES) {
        return (n == CONSENT_IPV6_PIECES) ? 0 : -1;
    }

    if (n == CONSENT_IPV6_PIECES) {
        return -1;
    }

    consent_ipv6_expand(pieces, n, gap);

    return 0;
}


/* up to four hexadecimal digits; returns how many there are */

static size_t
consent_ipv6_piece(uint16_t *piece, consent_str_t rest)
{
    int       digit;
    size_t    i;
    unsigned  value;

    value = 0;

    for (i = 0; i < rest.len && i < 4; i++) {
        digit = consent_ip_hex(rest.data[i]);

        if (digit < 0) {
            break;
        }

        value = value * 16 + (unsigned) digit;
    }

    *piece = (uint16_t) value;

    return i;
}


/* the last two pieces as "192.0.2.1": four decimals without leading zeros */

static int
consent_ipv6_dotted(uint16_t pieces[2], consent_str_t rest)
{
    size_t    digits, i, pos;
    unsigned  value, bytes[CONSENT_IPV4_PARTS];

    pos = 0;

    for (i = 0; i < CONSENT_IPV4_PARTS; i++) {

        if (i) {
            if (pos == rest.len || rest.data[pos] != '.') {
                return -1;
            }

            pos++;
        }

        value = 0;

        for (digits = 0; digits < 4 && pos < rest.len; digits++, pos++) {

            if (!consent_is_digit(rest.data[pos])) {
                break;
            }

            if (digits && value == 0) {
                return -1;
            }

            value = value * 10 + (unsigned) (rest.data[pos] - '0');
        }

        if (digits == 0 || value > 255) {
            return -1;
        }

        bytes[i] = value;
    }

    pieces[0] = (uint16_t) (bytes[0] << 8 | bytes[1]);
    pieces[1] = (uint16_t) (bytes[2] << 8 | bytes[3]);

    return (pos == rest.len) ? 0 : -1;
}


/* moves the pieces behind "::" to the end and fills the gap with zeros */

static void
consent_ipv6_expand(uint16_t pieces[CONSENT_IPV6_PIECES], size_t n,
    size_t gap)
{
    size_t  i, moved;

    moved = n - gap;

    for (i = 0; i < moved; i++) {
        pieces[CONSENT_IPV6_PIECES - 1 - i] = pieces[n - 1 - i];
    }

    for (i = gap; i < CONSENT_IPV6_PIECES - moved; i++) {
        pieces[i] = 0;
    }
}


/* the length of the first longest run of zeros, which "::" stands for */

static size_t
consent_ipv6_zeros(const uint16_t pieces[CONSENT_IPV6_PIECES], size_t *start)
{
    size_t  best, i, run;

    best = 0;
    run = 0;
    *start = 0;

    for (i = 0; i < CONSENT_IPV6_PIECES; i++) {

        run = (pieces[i] == 0) ? run + 1 : 0;

        if (run > best) {
            best = run;
            *start = i + 1 - run;
        }
    }

    return best;
}


static size_t
consent_ip_hexadecimal(uint8_t *dst, unsigned value)
{
    int                   shift;
    size_t                len;
    static const uint8_t  digits[] = "0123456789abcdef";

    len = 0;

    for (shift = 12; shift >= 0; shift -= 4) {

        if (len || shift == 0 || value >> shift) {
            dst[len++] = digits[value >> shift & 15];
        }
    }

    return len;
}
