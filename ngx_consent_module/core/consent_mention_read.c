/*
 * Copyright (C) ngx_consent_module authors
 *
 * The address behind a sign: a host, a port and a path, with the escapes of
 * strings undone.
 */


#include "consent_mention_private.h"


const uint8_t  consent_mention_class[256] = {
     0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
     0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
    /* ! " # $ % & ' ( ) * + , - . / */
     0, 34, 12,  8, 10, 70, 34, 12, 50, 34, 34, 34, 34, 99, 99, 14,
    /* digits : ; < = > ? */
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 106, 34,  0, 50,  0, 42,
    /* @ letters */
    98, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    /* letters [ \ ] ^ _ */
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 50, 76, 34, 34, 99,
    /* ` letters */
    12, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    /* letters { | } ~ */
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 34, 34, 34, 34,  0,
    /* UTF-8 */
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99
};


static int consent_mention_host(consent_mention_copy_t *copy);
static const uint8_t *consent_mention_user(const consent_mention_copy_t *copy);
static int consent_mention_is_host(consent_str_t host, unsigned slashes);
static int consent_mention_is_top(consent_str_t label);
static int consent_mention_is_ip(consent_str_t host);
static void consent_mention_run(consent_mention_copy_t *copy, uint8_t class);
static size_t consent_mention_char(const consent_mention_copy_t *copy,
    uint8_t *c);
static size_t consent_mention_char_escaped(
    const consent_mention_copy_t *copy, uint8_t *c);
static int consent_mention_hex(const uint8_t *p);
static int consent_mention_digit(uint8_t c);


int
consent_mention_plain(consent_mention_copy_t *copy)
{
    size_t          len;
    const uint8_t  *p, *host;

    host = copy->in;

    if (*host == '.') {
        host++;
    }

    for (p = host; p < copy->end; p++) {
        if (!consent_mention_is(*p, CONSENT_MENTION_IN_HOST)) {
            break;
        }
    }

    if (p < copy->end && !consent_mention_is(*p, CONSENT_MENTION_BEHIND)) {
        return 0;
    }

    len = (size_t) (p - host);

    if (len > (size_t) (copy->last - copy->out) - 2
        || !consent_mention_is_host(consent_str_make(host, len), 0))
    {
        return 0;
    }

    *copy->out++ = '/';
    *copy->out++ = '/';

    memcpy(copy->out, host, len);

    copy->out += len;
    copy->in = p;

    return 1;
}


/*
 * A host behind two slashes, and behind a user name and password if they are
 * there.  What follows a host may not make it an expression in a comment.
 */

int
consent_mention_decoded(consent_mention_copy_t *copy)
{
    size_t          len;
    uint8_t        *host;
    const uint8_t  *behind;

    *copy->out++ = '/';
    *copy->out++ = '/';

    host = copy->out;

    do {
        copy->out = host;

        if (consent_mention_host(copy) != 0) {
            return 0;
        }

        behind = consent_mention_user(copy);

        if (behind != NULL) {
            copy->in = behind;
        }

    } while (behind != NULL);

    if (copy->in < copy->end
        && consent_mention_is(*copy->in, CONSENT_MENTION_CODE))
    {
        return 0;
    }

    len = (size_t) (copy->out - host);

    return consent_mention_is_host(consent_str_make(host, len), 1);
}


/* 0, or -1: it does not fit */

static int
consent_mention_host(consent_mention_copy_t *copy)
{
    size_t   len;
    uint8_t  c;

    for ( ;; ) {
        consent_mention_run(copy, CONSENT_MENTION_IN_HOST);

        if (copy->in == copy->end) {
            return 0;
        }

        len = consent_mention_char(copy, &c);

        if (len == 0 || !consent_mention_is(c, CONSENT_MENTION_IN_HOST)) {
            return 0;
        }

        if (copy->out == copy->last) {
            return -1;
        }

        *copy->out++ = c;
        copy->in += len;
    }
}


/* behind "@" or ":password@"; NULL: what was read is no user name */

static const uint8_t *
consent_mention_user(const consent_mention_copy_t *copy)
{
    const uint8_t  *p;

    p = copy->in;

    if (p < copy->end && *p == ':') {

        for (p++; p < copy->end; p++) {
            if (!consent_mention_is(*p, CONSENT_MENTION_IN_HOST)) {
                break;
            }
        }
    }

    return (p < copy->end && *p == '@') ? p + 1 : NULL;
}


static int
consent_mention_is_host(consent_str_t host, unsigned slashes)
{
    size_t  top;

    if (host.len > 0 && host.data[host.len - 1] == '.') {
        host.len--;
    }

    for (top = host.len; top > 0 && host.data[top - 1] != '.'; top--) {
        /* void */
    }

    if (top < 2
        || host.len > CONSENT_MENTION_HOST
        || host.data[0] == '.'
        || host.data[top - 2] == '.')
    {
        return 0;
    }

    return consent_mention_is_top(consent_str_make(host.data + top,
                                                   host.len - top))
           || (slashes && consent_mention_is_ip(host));
}


/* the last label of a name: letters, or Punycode of them */

static int
consent_mention_is_top(consent_str_t label)
{
    size_t  i;

    if (label.len < 2) {
        return 0;
    }

    if (label.len > 4
        && consent_lower(label.data[0]) == 'x'
        && consent_lower(label.data[1]) == 'n'
        && memcmp(label.data + 2, "--", 2) == 0)
    {
        return 1;
    }

    for (i = 0; i < label.len; i++) {
        if (!consent_is_alpha(label.data[i]) && label.data[i] < 0x80) {
            return 0;
        }
    }

    return 1;
}


static int
consent_mention_is_ip(consent_str_t host)
{
    size_t    i;
    unsigned  dots;

    dots = 0;

    for (i = 0; i < host.len; i++) {

        if (host.data[i] == '.') {
            dots++;

        } else if (!consent_is_digit(host.data[i])) {
            return 0;
        }
    }

    return dots == 3;
}


void
consent_mention_port(consent_mention_copy_t *copy)
{
    size_t   len, n;
    uint8_t  c, port[1 + CONSENT_MENTION_PORT];

    for (n = 0; copy->in < copy->end; n++) {
        len = consent_mention_char(copy, &c);

        if (len == 0 || (n == 0 ? c != ':' : !consent_is_digit(c))) {
            break;
        }

        if (n == sizeof(port)) {
            n = 0;
            break;
        }

        port[n] = c;
        copy->in += len;
    }

    if (n > 1 && n <= (size_t) (copy->last - copy->out)) {
        memcpy(copy->out, port, n);
        copy->out += n;
    }
}


void
consent_mention_path(consent_mention_copy_t *copy)
{
    size_t   len;
    uint8_t  c;

    if (copy->in == copy->end || copy->out == copy->last) {
        return;
    }

    len = consent_mention_char(copy, &c);

    if (c != '/' && c != '?') {
        return;
    }

    do {
        *copy->out++ = c;
        copy->in += len;

        consent_mention_run(copy, CONSENT_MENTION_SIMPLE);

        if (copy->in == copy->end || copy->out == copy->last) {
            return;
        }

        len = consent_mention_char(copy, &c);

    } while (len
             && consent_mention_is(c, CONSENT_MENTION_IN_PATH)
             && (c != '/' || copy->out[-1] != '/'));
}


/* copies bytes of a class, none of which begins an escape */

static void
consent_mention_run(consent_mention_copy_t *copy, uint8_t class)
{
    size_t          len;
    const uint8_t  *p, *end;

    end = copy->end;

    if (end - copy->in > copy->last - copy->out) {
        end = copy->in + (copy->last - copy->out);
    }

    for (p = copy->in; p < end && consent_mention_is(*p, class); p++) {
        /* void */
    }

    len = (size_t) (p - copy->in);
    memcpy(copy->out, copy->in, len);

    copy->in = p;
    copy->out += len;
}


/* the character at copy->in and its length; 0: it belongs to no address */

static size_t
consent_mention_char(const consent_mention_copy_t *copy, uint8_t *c)
{
    int             value;
    const uint8_t  *p;

    p = copy->in;
    *c = *p;

    if (*p == '\\') {
        return consent_mention_char_escaped(copy, c);
    }

    if (*p == '%' && copy->percent && copy->end - p >= 3) {
        value = consent_mention_hex(p + 1);

        if (value >= 0) {
            *c = (uint8_t) value;
            return 3;
        }
    }

    if (*p == '$' && copy->end - p >= 2 && p[1] == '{') {
        return 0;
    }

    return 1;
}


/* "\/", "\x2f" and "\u002f", with as many backslashes as JSON in JSON has */

static size_t
consent_mention_char_escaped(const consent_mention_copy_t *copy, uint8_t *c)
{
    int             value;
    unsigned        n;
    const uint8_t  *p;

    p = copy->in;

    for (n = 0; n < CONSENT_MENTION_NESTED && p < copy->end; n++) {

        if (*p != '\\') {
            break;
        }

        p++;
    }

    if (p < copy->end && *p == '/') {
        *c = '/';
        return (size_t) (p + 1 - copy->in);
    }

    if (copy->end - p >= 5 && memcmp(p, "u00", 3) == 0) {
        p += 3;

    } else if (copy->end - p >= 3 && *p == 'x') {
        p++;

    } else {
        return 0;
    }

    value = consent_mention_hex(p);

    /* a code point above is no byte of UTF-8 */

    if (value < 0 || value > 0x7f) {
        return 0;
    }

    *c = (uint8_t) value;

    return (size_t) (p + 2 - copy->in);
}


/* of two digits; -1: they are none */

static int
consent_mention_hex(const uint8_t *p)
{
    int  high, low;

    high = consent_mention_digit(p[0]);
    low = consent_mention_digit(p[1]);

    return (high < 0 || low < 0) ? -1 : high * 16 + low;
}


static int
consent_mention_digit(uint8_t c)
{
    if (consent_is_digit(c)) {
        return c - '0';
    }

    c = consent_lower(c);

    return (c >= 'a' && c <= 'f') ? c - 'a' + 10 : -1;
}
