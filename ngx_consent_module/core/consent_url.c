/*
 * Copyright (C) ngx_consent_module authors
 *
 * The basic URL parser.  The names in quotes are the states of the WHATWG
 * URL standard.  A URL is read once from left to right and written into the
 * caller's buffer as it is serialised; the buffer never gets the fragment or
 * user information.
 */


#include "consent_host.h"
#include "consent_url.h"
#include "consent_url_path.h"


/* the longest special scheme is "https" */

#define CONSENT_URL_SCHEME  5


typedef struct {
    consent_str_t   name;
    uint16_t        port;
} consent_url_scheme_t;


static int consent_url_scheme(consent_url_reader_t *reader,
    const consent_url_scheme_t **scheme);
static const consent_url_scheme_t *consent_url_find_scheme(
    const uint8_t *name, size_t len);
static int consent_url_with_scheme(const consent_url_t *url,
    const consent_url_scheme_t *scheme);
static size_t consent_url_slashes(const consent_url_reader_t *reader);
static void consent_url_pass_slashes(consent_url_reader_t *reader);
static int consent_url_absolute(consent_url_t *url,
    const consent_url_scheme_t *scheme, consent_url_reader_t *reader,
    uint8_t *buf, size_t size);
static int consent_url_relative(consent_url_t *url, const consent_url_t *base,
    consent_url_reader_t *reader, uint8_t *buf, size_t size);
static void consent_url_merge(consent_url_path_t *path, consent_str_t base,
    int c);
static void consent_url_authority(consent_url_reader_t *reader,
    consent_str_t *host, consent_url_reader_t *port);
static int consent_url_port(consent_url_reader_t *reader, uint8_t *text,
    size_t *len, uint16_t standard, uint16_t *port);
static uint8_t *consent_url_copy(uint8_t *dst, const uint8_t *data,
    size_t len);
static void consent_url_finish(consent_url_t *url,
    const consent_url_path_t *path, uint8_t *buf);


static const consent_url_scheme_t  consent_url_schemes[] = {
    { consent_str("https"), 443 },
    { consent_str("http"), 80 },
    { consent_str("wss"), 443 },
    { consent_str("ws"), 80 },
    { consent_str("ftp"), 21 }
};


/* what the bytes of a plain host are, and what ends it */

enum {
    HOST_OTHER = 0,
    HOST_LETTER,
    HOST_DOT,
    HOST_END
};

#define L  HOST_LETTER

#define LETTERS_5(c)                                                          \
    [c] = L, [c + 1] = L, [c + 2] = L, [c + 3] = L, [c + 4] = L

static const uint8_t  consent_url_host_byte[256] = {
    LETTERS_5('a'), LETTERS_5('f'), LETTERS_5('k'), LETTERS_5('p'),
    LETTERS_5('u'), ['z'] = L,
    LETTERS_5('0'), LETTERS_5('5'), ['-'] = L,
    ['.'] = HOST_DOT, ['/'] = HOST_END, ['?'] = HOST_END, ['#'] = HOST_END
};


int
consent_url_parse(consent_url_t *url, const consent_url_t *base,
    consent_str_t input, uint8_t *buf, size_t size)
{
    consent_url_reader_t         reader;
    const consent_url_scheme_t  *scheme;

    reader.pos = input.data;
    reader.end = input.data + input.len;

    while (reader.pos < reader.end && *reader.pos <= ' ') {
        reader.pos++;
    }

    while (reader.pos < reader.end && reader.end[-1] <= ' ') {
        reader.end--;
    }

    if (consent_url_scheme(&reader, &scheme) == 0) {

        if (base == NULL) {
            return CONSENT_URL_INVALID;
        }

        return consent_url_relative(url, base, &reader, buf, size);
    }

    if (scheme == NULL) {
        return CONSENT_URL_OPAQUE;
    }

    /* "special relative or authority": "https:page" of an https page */

    if (base && consent_url_with_scheme(base, scheme)
        && consent_url_slashes(&reader) < 2)
    {
        return consent_url_relative(url, base, &reader, buf, size);
    }

    return consent_url_absolute(url, scheme, &reader, buf, size);
}


/* a host whose last label begins with a letter is no IPv4 address */

int
consent_url_plain_host(consent_str_t url, consent_str_t *host)
{
    uint8_t         kind;
    const uint8_t  *p, *end, *start, *label;

    p = url.data;
    end = p + url.len;

    if (url.len > 8 && memcmp(p, "http", 4) == 0) {
        p += (p[4] == 's') ? 5 : 4;

        if (*p++ != ':') {
            return 0;
        }
    }

    if (end - p < 3 || p[0] != '/' || p[1] != '/') {
        return 0;
    }

    p += 2;
    start = p;
    label = p;

    for ( /* void */ ; p < end; p++) {
        kind = consent_url_host_byte[*p];

        if (kind == HOST_LETTER) {
            continue;
        }

        if (kind != HOST_DOT || p == label) {
            break;
        }

        label = p + 1;
    }

    if (p == end || p == label || consent_url_host_byte[*p] != HOST_END
        || !consent_is_alpha(*label))
    {
        return 0;
    }

    *host = consent_str_make(start, (size_t) (p - start));

    return 1;
}


/*
 * "scheme start", "scheme": 1 and the input behind the colon if there is a
 * scheme; it is NULL if it is not one of those that name a host.
 */

static int
consent_url_scheme(consent_url_reader_t *reader,
    const consent_url_scheme_t **scheme)
{
    int                   c;
    size_t                len;
    uint8_t               name[CONSENT_URL_SCHEME];
    consent_url_reader_t  ahead;

    ahead = *reader;

    for (len = 0; /* void */ ; len++) {
        c = consent_url_peek(&ahead);

        if (c < 0) {
            return 0;
        }

        ahead.pos++;

        if (c == ':' && len) {
            break;
        }

        if (!consent_is_alpha((uint8_t) c)
            && (len == 0
                || (!consent_is_digit((uint8_t) c)
                    && c != '+' && c != '-' && c != '.')))
        {
            return 0;
        }

        if (len < sizeof(name)) {
            name[len] = consent_lower((uint8_t) c);
        }
    }

    *reader = ahead;
    *scheme = consent_url_find_scheme(name, len);

    return 1;
}


static const consent_url_scheme_t *
consent_url_find_scheme(const uint8_t *name, size_t len)
{
    size_t                       i, n;
    const consent_url_scheme_t  *scheme;

    n = sizeof(consent_url_schemes) / sizeof(consent_url_schemes[0]);

    for (i = 0; i < n; i++) {
        scheme = &consent_url_schemes[i];

        if (scheme->name.len == len
            && memcmp(scheme->name.data, name, len) == 0)
        {
            return scheme;
        }
    }

    return NULL;
}


static int
consent_url_with_scheme(const consent_url_t *url,
    const consent_url_scheme_t *scheme)
{
    return consent_str_eq(url->scheme, scheme->name);
}


/* how many slashes of either kind the input begins with: 0, 1, or 2 or more */

static size_t
consent_url_slashes(const consent_url_reader_t *reader)
{
    size_t                n;
    consent_url_reader_t  ahead;

    ahead = *reader;

    for (n = 0; n < 2 && consent_url_is_slash(consent_url_peek(&ahead)); n++) {
        ahead.pos++;
    }

    return n;
}


static void
consent_url_pass_slashes(consent_url_reader_t *reader)
{
    while (consent_url_is_slash(consent_url_peek(reader))) {
        reader->pos++;
    }
}


/* "special authority ignore slashes" and what follows it */

static int
consent_url_absolute(consent_url_t *url, const consent_url_scheme_t *scheme,
    consent_url_reader_t *reader, uint8_t *buf, size_t size)
{
    size_t                len;
    uint8_t              *p;
    consent_str_t         host;
    consent_url_path_t    path;
    consent_url_reader_t  port;

    consent_url_pass_slashes(reader);
    consent_url_authority(reader, &host, &port);

    p = consent_url_copy(buf, scheme->name.data, scheme->name.len);
    url->scheme = consent_str_make(buf, scheme->name.len);

    p = consent_url_copy(p, (const uint8_t *) "://", 3);

    len = consent_host_parse(p, host);

    if (len == 0) {
        return CONSENT_URL_INVALID;
    }

    url->host = consent_str_make(p, len);

    if (p[len - 1] == '.') {
        url->host.len--;
    }

    if (url->host.len == 0) {
        return CONSENT_URL_INVALID;
    }

    p += len;

    if (consent_url_port(&port, p, &len, scheme->port, &url->port) != 0) {
        return CONSENT_URL_INVALID;
    }

    p += len;

    consent_url_path_init(&path, p, buf + size);

    if (consent_url_is_slash(consent_url_peek(reader))) {
        reader->pos++;
    }

    consent_url_path_read(&path, reader);
    consent_url_path_query(&path, reader);
    consent_url_finish(url, &path, buf);

    return CONSENT_URL_OK;
}


/* "relative", "relative slash" */

static int
consent_url_relative(consent_url_t *url, const consent_url_t *base,
    consent_url_reader_t *reader, uint8_t *buf, size_t size)
{
    int                          c;
    size_t                       len;
    uint8_t                     *p;
    consent_url_path_t           path;
    const consent_url_scheme_t  *scheme;

    if (consent_url_slashes(reader) == 2) {
        scheme = consent_url_find_scheme(base->scheme.data, base->scheme.len);

        return scheme ? consent_url_absolute(url, scheme, reader, buf, size)
                      : CONSENT_URL_INVALID;
    }

    *url = *base;

    /* up to the path, which is the last part of href */

    len = base->href.len - base->path.len;
    p = consent_url_copy(buf, base->href.data, len);

    url->scheme.data = buf;
    url->host.data = buf + (base->host.data - base->href.data);

    consent_url_path_init(&path, p, buf + size);

    c = consent_url_peek(reader);

    if (consent_url_is_slash(c)) {
        reader->pos++;
        consent_url_path_read(&path, reader);

    } else {
        path.truncated = base->truncated;
        consent_url_merge(&path, base->path, c);

        if (c >= 0 && c != '?' && c != '#') {
            consent_url_path_read(&path, reader);
        }
    }

    consent_url_path_query(&path, reader);
    consent_url_finish(url, &path, buf);

    return CONSENT_URL_OK;
}


/*
 * Takes from the path of the base what an input that begins with c keeps:
 * all, if nothing or only a fragment follows; the path without its query; or
 * only its directory.
 */

static void
consent_url_merge(consent_url_path_t *path, consent_str_t base, int c)
{
    const uint8_t         *query;
    consent_url_reader_t   reader;

    reader.pos = base.data + 1;
    reader.end = base.data + base.len;

    if (c >= 0 && c != '?' && c != '#') {
        query = memchr(base.data, '?', base.len);

        if (query) {
            reader.end = query;
        }

        while (reader.end[-1] != '/') {
            reader.end--;
        }
    }

    consent_url_path_read(path, &reader);

    if (c < 0 || c == '#') {
        consent_url_path_query(path, &reader);
    }
}


/*
 * "authority", "host": splits the input up to the path; what precedes the
 * last "@" is user information.  The port is what follows the first colon
 * that is not part of an IPv6 address.
 */

static void
consent_url_authority(consent_url_reader_t *reader, consent_str_t *host,
    consent_url_reader_t *port)
{
    int             bracket;
    const uint8_t  *colon, *p, *start;

    bracket = 0;
    colon = NULL;
    start = reader->pos;

    for (p = start; p < reader->end; p++) {

        if (consent_url_is_slash(*p) || *p == '?' || *p == '#') {
            break;
        }

        switch (*p) {

        case '@':
            bracket = 0;
            colon = NULL;
            start = p + 1;
            break;

        case '[':
            bracket = 1;
            break;

        case ']':
            bracket = 0;
            break;

        case ':':
            if (!bracket && colon == NULL) {
                colon = p;
            }

            break;

        default:
            break;
        }
    }

    *host = consent_str_make(start, (size_t) ((colon ? colon : p) - start));

    port->pos = colon ? colon + 1 : p;
    port->end = p;

    reader->pos = p;
}


/* "port": writes nothing for the one that the scheme has anyway */

static int
consent_url_port(consent_url_reader_t *reader, uint8_t *text, size_t *len,
    uint16_t standard, uint16_t *port)
{
    int       c;
    size_t    digits;
    unsigned  rest, value;

    value = standard;

    for (digits = 0; /* void */ ; digits++) {
        c = consent_url_peek(reader);

        if (c < 0) {
            break;
        }

        if (!consent_is_digit((uint8_t) c)) {
            return -1;
        }

        value = (digits ? value * 10 : 0) + (unsigned) (c - '0');

        if (value > 65535) {
            return -1;
        }

        reader->pos++;
    }

    *len = 0;
    *port = 0;

    if (value == standard) {
        return 0;
    }

    *port = (uint16_t) value;

    digits = 1;

    for (rest = value; rest > 9; rest /= 10) {
        digits++;
    }

    *len = digits + 1;
    text[0] = ':';

    for ( /* void */ ; digits; digits--) {
        text[digits] = (uint8_t) ('0' + value % 10);
        value /= 10;
    }

    return 0;
}


static uint8_t *
consent_url_copy(uint8_t *dst, const uint8_t *data, size_t len)
{
    memcpy(dst, data, len);

    return dst + len;
}


static void
consent_url_finish(consent_url_t *url, const consent_url_path_t *path,
    uint8_t *buf)
{
    url->path = consent_str_make(path->root,
                                 (size_t) (path->pos - path->root));
    url->href = consent_str_make(buf, (size_t) (path->pos - buf));
    url->truncated = (path->truncated || path->cut) ? 1 : 0;
}
