/*
 * Copyright (C) ngx_consent_module authors
 *
 * What the core needs to know to judge URLs of a response: the rules and
 * settings of the location, and the URL of the page.
 */


#include "ngx_http_consent.h"


#define NGX_HTTP_CONSENT_DOCUMENT  2048


static void *ngx_http_consent_judge_alloc(void *data, size_t size);


static ngx_str_t  ngx_http_consent_fetch_site = ngx_string("sec-fetch-site");


void
ngx_http_consent_judge_conf(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_judge_conf_t *conf)
{
    ngx_http_consent_loc_conf_t   *clf;
    ngx_http_consent_main_conf_t  *mcf;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);
    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    ngx_memzero(conf, sizeof(consent_judge_conf_t));

    conf->policy = &mcf->policy;
    conf->site = mcf->site;
    conf->first_party = clf->first_party;
    conf->denied = ctx->denied;
    conf->third_party = (int) clf->unclassified_third_party;
    conf->markup = clf->markup;
    conf->limit = clf->buffer;
    conf->no_inline = !clf->inlines;

    if (mcf->zone) {
        conf->seen = ngx_http_consent_note_host;
        conf->watcher = r;
    }

    conf->alloc = ngx_http_consent_judge_alloc;
    conf->data = r->pool;
}


ngx_int_t
ngx_http_consent_document(ngx_http_request_t *r, consent_url_t *url)
{
    size_t          len;
    u_char         *p, *buf, *scratch;
    ngx_str_t       scheme, host;
    consent_str_t   input;

    static const consent_str_t  nowhere = consent_str("http://site.invalid/");

    /* browsers send the header to secure origins only, balancer or not */

    if (ngx_http_consent_is_secure(r)
        || ngx_http_consent_request_header(r, &ngx_http_consent_fetch_site)
           .data)
    {
        ngx_str_set(&scheme, "https://");

    } else {
        ngx_str_set(&scheme, "http://");
    }

    ngx_str_null(&host);

    if (r->headers_in.host) {
        host = r->headers_in.host->value;

    } else if (r->headers_in.server.len) {
        host = r->headers_in.server;
    }

    scratch = ngx_pnalloc(r->pool, NGX_HTTP_CONSENT_DOCUMENT);
    if (scratch == NULL) {
        return NGX_ERROR;
    }

    if (host.len) {
        len = scheme.len + host.len + r->unparsed_uri.len;

        buf = ngx_pnalloc(r->pool, len);
        if (buf == NULL) {
            return NGX_ERROR;
        }

        p = ngx_cpymem(buf, scheme.data, scheme.len);
        p = ngx_cpymem(p, host.data, host.len);
        ngx_memcpy(p, r->unparsed_uri.data, r->unparsed_uri.len);

        input = consent_str_make(buf, len);

        if (consent_url_parse(url, NULL, input, scratch,
                              NGX_HTTP_CONSENT_DOCUMENT)
            == CONSENT_URL_OK)
        {
            return NGX_OK;
        }
    }

    /* every host is another's then */

    (void) consent_url_parse(url, NULL, nowhere, scratch,
                             NGX_HTTP_CONSENT_DOCUMENT);

    return NGX_OK;
}


static void *
ngx_http_consent_judge_alloc(void *data, size_t size)
{
    return ngx_palloc(data, size);
}
