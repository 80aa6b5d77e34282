/*
 * Copyright (C) ngx_consent_module authors
 *
 * Finding addresses in a script takes two steps.  First the last dot of a
 * host is searched, fast.  Before it, with nothing but bytes of a host between
 * them, has to be a sign: a quote, a second slash or what begins an escaped
 * one.  From there the address is read, and all that counts is decided there.
 *
 * Every byte is read a few times at most, whatever the text: hosts end where
 * others may begin, and so do paths.
 */


#include "consent_mention.h"


/* as many as DNS allows */

#define CONSENT_MENTION_HOST     253

#define CONSENT_MENTION_PORT     5

/* a JSON text in a string in a string ... */

#define CONSENT_MENTION_NESTED   8

#define CONSENT_MENTION_IN_HOST  1
#define CONSENT_MENTION_IN_PATH  2
#define CONSENT_MENTION_SIGN     4
#define CONSENT_MENTION_BEHIND   8      /* a host that a quote begins */
#define CONSENT_MENTION_CODE     16     /* behind what is no host */
#define CONSENT_MENTION_SIMPLE   32     /* in a path, begins no escape */
#define CONSENT_MENTION_BETWEEN  64     /* a sign and the end of a host */


/* where an address is read and written */

typedef struct {
    const uint8_t  *in;
    const uint8_t  *end;

    const uint8_t  *behind;         /* the host */

    uint8_t        *start;
    uint8_t        *out;
    uint8_t        *last;

    unsigned        percent:1;      /* %2F is a slash */
    unsigned        slashes:1;      /* "//" stands in front, no quote */
} consent_mention_copy_t;


static inline int consent_mention_is(uint8_t c, uint8_t class);
static const uint8_t *consent_mention_find(consent_mention_t *m);
static const uint8_t *consent_mention_dot(consent_mention_t *m);
static inline int consent_mention_promises(const consent_mention_t *m,
    const uint8_t *sign);
static int consent_mention_read(const consent_mention_t *m,
    const uint8_t *sign, consent_mention_copy_t *copy);
static const uint8_t *consent_mention_slashes(const consent_mention_t *m,
    const uint8_t *second);
static const uint8_t *consent_mention_escaped(const consent_mention_t *m,
    const uint8_t *second);
static const uint8_t *consent_mention_backslashed(
    const consent_mention_t *m, const uint8_t *back);
static const uint8_t *consent_mention_escape(const consent_mention_t *m,
    const uint8_t *p);
static const uint8_t *consent_mention_backslashes(const consent_mention_t *m,
    const uint8_t *p);
static int consent_mention_plain(consent_mention_copy_t *copy);
static int consent_mention_decoded(consent_mention_copy_t *copy);
static int consent_mention_host(consent_mention_copy_t *copy);
static const uint8_t *consent_mention_user(const consent_mention_copy_t *copy);
static int consent_mention_is_host(consent_str_t host, unsigned slashes);
static int consent_mention_is_top(consent_str_t label);
static int consent_mention_is_ip(consent_str_t host);
static void consent_mention_port(consent_mention_copy_t *copy);
static void consent_mention_path(consent_mention_copy_t *copy);
static void consent_mention_run(consent_mention_copy_t *copy, uint8_t class);
static size_t consent_mention_char(const consent_mention_copy_t *copy,
    uint8_t *c);
static size_t consent_mention_char_escaped(
    const consent_mention_copy_t *copy, uint8_t *c);
static int consent_mention_hex(const uint8_t *p);
static int consent_mention_digit(uint8_t c);


static const uint8_t  consent_mention_class[256] = {
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


void
consent_mention_init(consent_mention_t *m,
    const consent_mention_set_t *set, consent_str_t text)
{
    static const uint8_t  nothing[1] = { 0 };

    if (text.len == 0) {
        text.data = nothing;
    }

    m->set = set;
    m->start = text.data;
    m->end = text.data + text.len;
    m->next = text.data;
    m->dot = NULL;

    consent_filter_start(&m->scan, consent_mention_set_filter(set), text);
}


int
consent_mention_next(consent_mention_t *m, uint8_t *buf, size_t size,
    consent_str_t *url)
{
    const uint8_t           *sign;
    consent_mention_copy_t   copy;

    /* the shortest is "//a.bc" */

    if (size < 6) {
        return 0;
    }

    copy.end = m->end;
    copy.start = buf;
    copy.last = buf + size;

    while ((sign = consent_mention_find(m)) != NULL) {

        if (consent_mention_read(m, sign, &copy)) {
            *url = consent_str_make(buf, (size_t) (copy.out - buf));
            m->sign = sign;
            m->behind = copy.behind;
            m->next = copy.behind;
            return 1;
        }
    }

    return 0;
}


int
consent_mention_is_bare(const consent_mention_t *m)
{
    return m->behind < m->end && *m->sign == *m->behind
           && (*m->sign == '"' || *m->sign == '\'' || *m->sign == '`');
}


static inline int
consent_mention_is(uint8_t c, uint8_t class)
{
    return (consent_mention_class[c] & class) != 0;
}


/*
 * The next sign that may stand before the host whose last dot is m->dot, or
 * before that of a dot behind it.  Between them are bytes of hosts, escapes
 * and user names only.
 */

static const uint8_t *
consent_mention_find(consent_mention_t *m)
{
    const uint8_t  *p, *dot;

    for ( ;; ) {

        if (m->dot == NULL) {

            dot = consent_mention_dot(m);

            if (dot == NULL) {
                return NULL;
            }

            for (p = dot; p > m->next; p--) {
                if (!consent_mention_is(p[-1], CONSENT_MENTION_BETWEEN)) {
                    p--;
                    break;
                }
            }

            m->next = p;
            m->dot = dot;
        }

        for (p = m->next; p < m->dot; p++) {

            if (consent_mention_is(*p, CONSENT_MENTION_SIGN)
                && consent_mention_promises(m, p))
            {
                m->next = p + 1;
                return p;
            }
        }

        m->next = (m->next > m->dot) ? m->next : m->dot;
        m->dot = NULL;
    }
}


/* the next last dot of a host of the set, behind all that was read */

static const uint8_t *
consent_mention_dot(consent_mention_t *m)
{
    const uint8_t  *dot;
    consent_str_t   text;

    text = consent_str_make(m->start, (size_t) (m->end - m->start));

    do {
        dot = consent_filter_next(&m->scan);

    } while (dot != NULL
             && (dot < m->next
                 || !consent_mention_set_has(m->set, text, dot)));

    return dot;
}


/* whether a sign has a neighbour that it needs */

static inline int
consent_mention_promises(const consent_mention_t *m, const uint8_t *sign)
{
    uint8_t  next;

    next = m->end - sign < 2 ? 0 : sign[1];

    switch (*sign) {

    case '/':
        return sign > m->start && (sign[-1] == '/' || sign[-1] == '\\');

    case '%':
        return next == '2';

    case '\\':
        return next == 'x' || next == 'u';

    default:
        return consent_mention_is(next, CONSENT_MENTION_IN_HOST);
    }
}


/* the address behind a sign; 0: there is none */

static int
consent_mention_read(const consent_mention_t *m, const uint8_t *sign,
    consent_mention_copy_t *copy)
{
    int  host;

    copy->out = copy->start;
    copy->percent = 0;
    copy->slashes = 0;

    switch (*sign) {

    case '/':
        copy->in = consent_mention_slashes(m, sign);
        copy->slashes = 1;
        break;

    case '%':
        copy->in = consent_mention_escaped(m, sign + 1);
        copy->slashes = 1;
        copy->percent = 1;
        break;

    case '\\':
        copy->in = consent_mention_backslashed(m, sign);
        copy->slashes = 1;
        break;

    default:
        copy->in = sign + 1;
        break;
    }

    if (copy->in == NULL || copy->in == m->end) {
        return 0;
    }

    host = copy->slashes ? consent_mention_decoded(copy)
                         : consent_mention_plain(copy);
    if (!host) {
        return 0;
    }

    copy->behind = copy->in;

    consent_mention_port(copy);
    consent_mention_path(copy);

    return 1;
}


/* what follows "//" or "\/\/", given its end; NULL: it is none */

static const uint8_t *
consent_mention_slashes(const consent_mention_t *m, const uint8_t *second)
{
    const uint8_t  *p;

    p = consent_mention_backslashes(m, second);

    return (p > m->start && p[-1] == '/') ? second + 1 : NULL;
}


/* the same for "%2F%2F" and the like, given the second "2" */

static const uint8_t *
consent_mention_escaped(const consent_mention_t *m, const uint8_t *second)
{
    const uint8_t  *p;

    p = consent_mention_escape(m, second);

    if (p == NULL
        || p - m->start < 2
        || consent_mention_escape(m, p - 2) == NULL)
    {
        return NULL;
    }

    return second + 2;
}


/* for "\x2f\x2f" and "\u002f\u002f", given the last backslash */

static const uint8_t *
consent_mention_backslashed(const consent_mention_t *m, const uint8_t *back)
{
    if (m->end - back < 2) {
        return NULL;
    }

    switch (back[1]) {

    case 'x':
        return consent_mention_escaped(m, back + 2);

    case 'u':
        return m->end - back < 4 ? NULL : consent_mention_escaped(m, back + 4);

    default:
        return NULL;
    }
}


/* where the escape begins of which p is the "2" of "2f"; NULL: it is none */

static const uint8_t *
consent_mention_escape(const consent_mention_t *m, const uint8_t *p)
{
    ptrdiff_t  before;

    if (m->end - p < 2 || p[0] != '2' || consent_lower(p[1]) != 'f') {
        return NULL;
    }

    before = p - m->start;

    if (before >= 1 && p[-1] == '%') {
        return p - 1;
    }

    if (before >= 2 && memcmp(p - 2, "\\x", 2) == 0) {
        return consent_mention_backslashes(m, p - 2);
    }

    if (before >= 4 && memcmp(p - 4, "\\u00", 4) == 0) {
        return consent_mention_backslashes(m, p - 4);
    }

    return NULL;
}


/* the first of the backslashes before p, or p */

static const uint8_t *
consent_mention_backslashes(const consent_mention_t *m, const uint8_t *p)
{
    unsigned  n;

    for (n = 0; n < CONSENT_MENTION_NESTED; n++) {

        if (p == m->start || p[-1] != '\\') {
            break;
        }

        p--;
    }

    return p;
}


/* a host right behind a quote: no escapes, and little may follow */

static int
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

static int
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


/* a port that does not fit is left out: a cut one would be another */

static void
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


static void
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
