/*
 * Copyright (C) ngx_consent_module authors
 *
 * Directives end at ";" and policies at ","; for what is taken out here both
 * are the same.  A policy in an element is not split at commas by every
 * browser: a source with a comma in it is then none, before and after.
 */


#include "consent_csp.h"


/* longer sources are left alone */

#define CONSENT_CSP_SOURCE  2048


/* a source, taken apart but not yet read */

typedef struct {
    consent_str_t  scheme;      /* empty: that of the page */
    consent_str_t  host;
    consent_str_t  port;        /* empty: that of the scheme */
    consent_str_t  path;        /* empty: all */
} consent_csp_source_t;


static size_t consent_csp_directive(uint8_t *dst, consent_judge_t *judge,
    consent_str_t directive, unsigned *removed);
static int consent_csp_fetches(consent_str_t directive, size_t *name_end);
static int consent_csp_is_denied(consent_judge_t *judge,
    consent_str_t source);
static int consent_csp_split(consent_csp_source_t *source,
    consent_str_t text);
static int consent_csp_host(consent_str_t host);
static int consent_csp_port(consent_str_t port);
static int consent_csp_judge(consent_judge_t *judge,
    const consent_csp_source_t *source, consent_str_t scheme);
static uint8_t *consent_csp_add(uint8_t *p, const uint8_t *data, size_t len);


/* fetch directives (CSP Level 3, section 6.1), former and proposed ones too */

static const consent_str_t  consent_csp_directives[] = {
    consent_str("child-src"),
    consent_str("connect-src"),
    consent_str("default-src"),
    consent_str("fenced-frame-src"),
    consent_str("font-src"),
    consent_str("frame-src"),
    consent_str("img-src"),
    consent_str("manifest-src"),
    consent_str("media-src"),
    consent_str("object-src"),
    consent_str("prefetch-src"),
    consent_str("script-src"),
    consent_str("script-src-attr"),
    consent_str("script-src-elem"),
    consent_str("style-src"),
    consent_str("style-src-attr"),
    consent_str("style-src-elem"),
    consent_str("worker-src"),
    { 0, NULL }
};


static const consent_str_t  consent_csp_http = consent_str("http");
static const consent_str_t  consent_csp_https = consent_str("https");
static const consent_str_t  consent_csp_ws = consent_str("ws");
static const consent_str_t  consent_csp_wss = consent_str("wss");


size_t
consent_csp_narrow(uint8_t *dst, consent_judge_t *judge,
    consent_str_t policies, unsigned *removed)
{
    uint8_t        *out;
    const uint8_t  *p, *start, *end;

    *removed = 0;

    out = dst;
    start = policies.data;
    end = start + policies.len;

    for (p = start; /* void */ ; p++) {

        if (p < end && *p != ';' && *p != ',') {
            continue;
        }

        out += consent_csp_directive(out, judge,
                                     consent_str_make(start,
                                                      (size_t) (p - start)),
                                     removed);
        if (p == end) {
            break;
        }

        *out++ = *p;
        start = p + 1;
    }

    return (size_t) (out - dst);
}


static size_t
consent_csp_directive(uint8_t *dst, consent_judge_t *judge,
    consent_str_t directive, unsigned *removed)
{
    size_t          i, from, start;
    uint8_t        *out;
    unsigned        gone, kept;
    consent_str_t   source;

    if (!consent_csp_fetches(directive, &i)) {
        consent_csp_add(dst, directive.data, directive.len);
        return directive.len;
    }

    out = consent_csp_add(dst, directive.data, i);
    gone = 0;
    kept = 0;

    for ( ;; ) {

        /* a source goes with the white space in front of it */

        from = i;

        while (i < directive.len && consent_is_space(directive.data[i])) {
            i++;
        }

        start = i;

        while (i < directive.len && !consent_is_space(directive.data[i])) {
            i++;
        }

        if (i == start) {
            break;
        }

        source = consent_str_make(directive.data + start, i - start);

        if (consent_csp_is_denied(judge, source)) {
            gone++;
            continue;
        }

        kept++;
        out = consent_csp_add(out, directive.data + from, i - from);
    }

    if (gone && kept == 0) {
        out = consent_csp_add(out, (const uint8_t *) " 'none'", 7);
    }

    *removed += gone;

    out = consent_csp_add(out, directive.data + from, i - from);

    return (size_t) (out - dst);
}


/*
 * 1 if it is a fetch directive.  One that is not ASCII is ignored by browsers,
 * and must not become one that is not.
 */

static int
consent_csp_fetches(consent_str_t directive, size_t *name_end)
{
    size_t                i, start;
    consent_str_t         name;
    const consent_str_t  *known;

    for (i = 0; i < directive.len; i++) {
        if (directive.data[i] >= 0x80) {
            return 0;
        }
    }

    for (i = 0; i < directive.len && consent_is_space(directive.data[i]); i++)
    {
        /* void */
    }

    start = i;

    while (i < directive.len && !consent_is_space(directive.data[i])) {
        i++;
    }

    *name_end = i;

    name = consent_str_make(directive.data + start, i - start);

    for (known = consent_csp_directives; known->len; known++) {
        if (consent_str_caseeq(*known, name)) {
            return 1;
        }
    }

    return 0;
}


/*
 * A source for http allows https as well, and one without a scheme what the
 * page was loaded by or better.  Rules that name the scheme name https.
 */

static int
consent_csp_is_denied(consent_judge_t *judge, consent_str_t text)
{
    consent_csp_source_t  source;

    if (!consent_csp_split(&source, text)) {
        return 0;
    }

    if (consent_str_caseeq(source.scheme, consent_csp_wss)) {
        return consent_csp_judge(judge, &source, consent_csp_wss);
    }

    if (consent_str_caseeq(source.scheme, consent_csp_ws)) {
        return consent_csp_judge(judge, &source, consent_csp_wss)
               || consent_csp_judge(judge, &source, consent_csp_ws);
    }

    if (consent_csp_judge(judge, &source, consent_csp_https)) {
        return 1;
    }

    return (consent_str_caseeq(source.scheme, consent_csp_http)
            || (source.scheme.len == 0
                && consent_str_eq(judge->conf->document->scheme,
                                  consent_csp_http)))
           && consent_csp_judge(judge, &source, consent_csp_http);
}


/* "host-source"; 0: it is something else, or nothing that a browser reads */

static int
consent_csp_split(consent_csp_source_t *source, consent_str_t text)
{
    size_t         i;
    consent_str_t  rest;

    memset(source, 0, sizeof(consent_csp_source_t));

    if (text.len > CONSENT_CSP_SOURCE || text.data[0] == '\'') {
        return 0;
    }

    rest = text;

    for (i = 0; i + 2 < text.len; i++) {

        if (text.data[i] == '/') {
            break;
        }

        if (text.data[i] == ':' && text.data[i + 1] == '/'
            && text.data[i + 2] == '/')
        {
            source->scheme = consent_str_make(text.data, i);
            rest.data += i + 3;
            rest.len -= i + 3;
            break;
        }
    }

    if (source->scheme.data
        && !consent_str_caseeq(source->scheme, consent_csp_http)
        && !consent_str_caseeq(source->scheme, consent_csp_https)
        && !consent_str_caseeq(source->scheme, consent_csp_ws)
        && !consent_str_caseeq(source->scheme, consent_csp_wss))
    {
        return 0;
    }

    /* what begins a query or a fragment is no part of a source */

    for (i = 0; i < rest.len; i++) {
        if (rest.data[i] == '?' || rest.data[i] == '#') {
            rest.len = i;
        }
    }

    for (i = 0; i < rest.len && rest.data[i] != '/'; i++) {
        if (rest.data[i] == ':') {
            break;
        }
    }

    source->host = consent_str_make(rest.data, i);

    if (i < rest.len && rest.data[i] == ':') {
        source->port.data = rest.data + ++i;

        while (i < rest.len && rest.data[i] != '/') {
            source->port.len++;
            i++;
        }

        if (!consent_csp_port(source->port)) {
            return 0;
        }
    }

    source->path = consent_str_make(rest.data + i, rest.len - i);

    return consent_csp_host(source->host);
}


/* what browsers take for a host; nothing else allows anything */

static int
consent_csp_host(consent_str_t host)
{
    size_t   i;
    uint8_t  c;

    if (host.len > 2 && host.data[0] == '*' && host.data[1] == '.') {
        host.data += 2;
        host.len -= 2;
    }

    for (i = 0; i < host.len; i++) {
        c = host.data[i];

        if (!consent_is_alpha(c) && !consent_is_digit(c)
            && c != '-' && c != '_' && c != '.')
        {
            return 0;
        }
    }

    return host.len > 0 && host.data[0] != '.';
}


static int
consent_csp_port(consent_str_t port)
{
    size_t  i;

    if (port.len == 1 && port.data[0] == '*') {
        return 1;
    }

    for (i = 0; i < port.len; i++) {
        if (!consent_is_digit(port.data[i])) {
            return 0;
        }
    }

    return port.len > 0;
}


static int
consent_csp_judge(consent_judge_t *judge, const consent_csp_source_t *source,
    consent_str_t scheme)
{
    uint8_t         *p, text[CONSENT_CSP_SOURCE + 16];
    uint8_t          buf[CONSENT_CSP_SOURCE + CONSENT_URL_MIN_BUFFER];
    consent_str_t    path;
    consent_area_t   area;

    path = source->path;

    memset(&area, 0, sizeof(consent_area_t));

    area.any_port = source->port.len && source->port.data[0] == '*';

    /* a path that ends in "/" is the beginning of others */

    area.whole_path = path.len && path.data[path.len - 1] != '/';

    p = consent_csp_add(text, scheme.data, scheme.len);
    p = consent_csp_add(p, (const uint8_t *) "://", 3);
    p = consent_csp_add(p, source->host.data, source->host.len);

    if (source->port.len && !area.any_port) {
        *p++ = ':';
        p = consent_csp_add(p, source->port.data, source->port.len);
    }

    p = consent_csp_add(p, path.data, path.len);

    if (consent_url_parse(&area.url, NULL,
                          consent_str_make(text, (size_t) (p - text)), buf,
                          sizeof(buf))
        != CONSENT_URL_OK
        || area.url.truncated)
    {
        return 0;
    }

    return consent_judge_area(judge, &area) != CONSENT_UNCLASSIFIED;
}


static uint8_t *
consent_csp_add(uint8_t *p, const uint8_t *data, size_t len)
{
    if (len) {
        memcpy(p, data, len);
    }

    return p + len;
}
