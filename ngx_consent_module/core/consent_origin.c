/*
 * Copyright (C) ngx_consent_module authors
 *
 * The first of the headers that is there decides alone: what a browser says
 * in the newer one is what the older ones try to tell.
 */


#include "consent_origin.h"
#include "consent_url.h"


/* longer values are of no site */

#define ORIGIN_MAX  2048

/* "https://", and what a Host header may have */

#define ORIGIN_HOST_MAX  512


static int origin_is_here(consent_url_t *url, consent_str_t text,
    consent_str_t host, uint8_t *buf, size_t size);


consent_origin_e
consent_origin_check(const consent_origin_t *o)
{
    uint8_t        buf[CONSENT_URL_MIN_BUFFER];
    consent_str_t  text;
    consent_url_t  url;

    static const consent_str_t  same = consent_str("same-origin");
    static const consent_str_t  none = consent_str("none");

    if (o->fetch_site.data) {
        return (consent_str_eq(o->fetch_site, same)
                || consent_str_eq(o->fetch_site, none))
               ? CONSENT_ORIGIN_SAME : CONSENT_ORIGIN_OTHER;
    }

    text = o->origin.data ? o->origin : o->referer;

    if (text.data == NULL) {
        return CONSENT_ORIGIN_UNKNOWN;
    }

    return origin_is_here(&url, text, o->host, buf, sizeof(buf))
           ? CONSENT_ORIGIN_SAME : CONSENT_ORIGIN_OTHER;
}


consent_str_t
consent_origin_path(consent_str_t url, consent_str_t host, uint8_t *buf,
    size_t size)
{
    consent_url_t  parsed;

    if (!origin_is_here(&parsed, url, host, buf, size) || parsed.truncated) {
        return consent_str_make(NULL, 0);
    }

    return parsed.path;
}


static int
origin_is_here(consent_url_t *url, consent_str_t text, consent_str_t host,
    uint8_t *buf, size_t size)
{
    size_t         n;
    uint8_t        here[ORIGIN_HOST_MAX], own[CONSENT_URL_MIN_BUFFER];
    consent_url_t  site;

    static const consent_str_t  http = consent_str("http");
    static const consent_str_t  https = consent_str("https");

    if (text.len > ORIGIN_MAX
        || host.len == 0 || host.len > ORIGIN_HOST_MAX - 8
        || consent_url_parse(url, NULL, text, buf, size) != CONSENT_URL_OK
        || (!consent_str_eq(url->scheme, http)
            && !consent_str_eq(url->scheme, https)))
    {
        return 0;
    }

    /* the default port of whatever scheme the page has */

    n = url->scheme.len;

    memcpy(here, url->scheme.data, n);
    memcpy(here + n, "://", 3);
    memcpy(here + n + 3, host.data, host.len);

    if (consent_url_parse(&site, NULL,
                          consent_str_make(here, n + 3 + host.len),
                          own, sizeof(own))
        != CONSENT_URL_OK)
    {
        return 0;
    }

    return site.port == url->port && consent_str_eq(site.host, url->host);
}
