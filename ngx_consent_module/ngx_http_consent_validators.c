/*
 * Copyright (C) ngx_consent_module authors
 *
 * Keeps copies of HTML in browser caches from outliving a consent state:
 * pages are sent without validators, and the conditions that a browser
 * remembers from elsewhere are made to fail.  So no 304 and no range ever
 * joins two states of one page.
 *
 * If-Match and If-Unmodified-Since protect changes that a client makes and
 * are not touched.
 */


#include "ngx_http_consent.h"


static ngx_uint_t ngx_http_consent_fetch_dest(ngx_http_request_t *r,
    ngx_str_t **dest);
static void ngx_http_consent_hide_response_header(ngx_http_request_t *r,
    ngx_str_t *name);


static ngx_str_t  ngx_http_consent_sec_fetch_dest =
    ngx_string("sec-fetch-dest");
static ngx_str_t  ngx_http_consent_accept = ngx_string("accept");


static ngx_str_t  ngx_http_consent_documents[] = {
    ngx_string("document"),
    ngx_string("iframe"),
    ngx_string("frame"),
    ngx_string("embed"),
    ngx_string("object"),
    ngx_string("fencedframe"),
    ngx_null_string
};


/* each is valid, and can neither match nor be understood */

static ngx_str_t  ngx_http_consent_if_none_match_name =
    ngx_string("if-none-match");
static ngx_str_t  ngx_http_consent_if_none_match_value =
    ngx_string("\"consent-none\"");
static ngx_str_t  ngx_http_consent_if_modified_since_name =
    ngx_string("if-modified-since");
static ngx_str_t  ngx_http_consent_if_modified_since_value =
    ngx_string("Thu, 01 Jan 1970 00:00:00 GMT");
static ngx_str_t  ngx_http_consent_range_name = ngx_string("range");
static ngx_str_t  ngx_http_consent_range_value = ngx_string("none");


static ngx_str_t  ngx_http_consent_etag = ngx_string("etag");
static ngx_str_t  ngx_http_consent_last_modified =
    ngx_string("last-modified");
static ngx_str_t  ngx_http_consent_accept_ranges =
    ngx_string("accept-ranges");


ngx_int_t
ngx_http_consent_neutralise_conditions(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    if (ngx_http_consent_edit_headers(r, ctx,
                                     &ngx_http_consent_if_none_match_name,
                                     &ngx_http_consent_if_none_match_value)
        != NGX_OK
        || ngx_http_consent_edit_headers(r, ctx,
                                  &ngx_http_consent_if_modified_since_name,
                                  &ngx_http_consent_if_modified_since_value)
           != NGX_OK
        || ngx_http_consent_edit_headers(r, ctx,
                                         &ngx_http_consent_range_name,
                                         &ngx_http_consent_range_value)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* If-Range may stay in the list, where it means nothing without Range */

    ctx->if_none_match = r->headers_in.if_none_match;
    ctx->if_modified_since = r->headers_in.if_modified_since;
    ctx->range = r->headers_in.range;
    ctx->if_range = r->headers_in.if_range;

    r->headers_in.if_none_match = NULL;
    r->headers_in.if_modified_since = NULL;
    r->headers_in.range = NULL;
    r->headers_in.if_range = NULL;

    return NGX_OK;
}


void
ngx_http_consent_clear_validators(ngx_http_request_t *r)
{
    if (!ngx_http_consent_is_html(r)) {
        return;
    }

    /* there may be several of each, of which nginx remembers one */

    ngx_http_consent_hide_response_header(r, &ngx_http_consent_etag);
    ngx_http_consent_hide_response_header(r, &ngx_http_consent_last_modified);
    ngx_http_consent_hide_response_header(r, &ngx_http_consent_accept_ranges);

    r->headers_out.etag = NULL;
    r->headers_out.last_modified = NULL;
    r->headers_out.last_modified_time = -1;
    r->headers_out.accept_ranges = NULL;
    r->allow_ranges = 0;
}


static void
ngx_http_consent_hide_response_header(ngx_http_request_t *r, ngx_str_t *name)
{
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

    ngx_http_consent_header_walk(&walk, &r->headers_out.headers);

    while ((h = ngx_http_consent_header_next(&walk, name)) != NULL) {
        h->hash = 0;
    }
}


ngx_uint_t
ngx_http_consent_is_document(ngx_http_request_t *r)
{
    ngx_str_t                *dest;
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

    if (ngx_http_consent_fetch_dest(r, &dest)) {
        return 1;
    }

    if (dest) {
        return 0;
    }

    /* an old browser, or none */

    ngx_http_consent_header_walk(&walk, &r->headers_in.headers);

    while ((h = ngx_http_consent_header_next(&walk,
                                             &ngx_http_consent_accept))
           != NULL)
    {
        if (ngx_strcasestrn(h->value.data, "text/html",
                            sizeof("text/html") - 1 - 1)
            != NULL)
        {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
ngx_http_consent_may_be_html(ngx_http_request_t *r)
{
    ngx_str_t  *dest;

    return ngx_http_consent_fetch_dest(r, &dest)
           || dest == NULL
           || (dest->len == sizeof("empty") - 1
               && ngx_strncasecmp(dest->data, (u_char *) "empty",
                                  sizeof("empty") - 1)
                  == 0);
}


/* 1: Sec-Fetch-Dest names a document; *dest is NULL if there is no header */

static ngx_uint_t
ngx_http_consent_fetch_dest(ngx_http_request_t *r, ngx_str_t **dest)
{
    ngx_str_t                *document;
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

    ngx_http_consent_header_walk(&walk, &r->headers_in.headers);

    h = ngx_http_consent_header_next(&walk, &ngx_http_consent_sec_fetch_dest);

    if (h == NULL) {
        *dest = NULL;
        return 0;
    }

    *dest = &h->value;

    for (document = ngx_http_consent_documents; document->len; document++) {

        if (h->value.len == document->len
            && ngx_strncasecmp(h->value.data, document->data, document->len)
               == 0)
        {
            return 1;
        }
    }

    return 0;
}
