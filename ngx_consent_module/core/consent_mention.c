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


#include "consent_mention_private.h"


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
