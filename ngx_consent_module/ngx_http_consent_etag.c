/*
 * Copyright (C) ngx_consent_module authors
 *
 * The validators of pages.  Whatever a page is, for whatever visitor, its
 * ETag is sent in an envelope with the variant (core/consent_etag.h), and
 * Last-Modified is not sent: a date cannot tell one variant from another.
 *
 * And a filter in front of all others, a module of its own: the first one who
 * knows what the answer is, before nginx compares it with the conditions of
 * the request.
 */


#include "ngx_http_consent.h"

#include "core/consent_etag.h"


static ngx_int_t ngx_http_consent_validators_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_consent_validators_filter_init(ngx_conf_t *cf);
static ngx_uint_t ngx_http_consent_is_page(ngx_http_request_t *r);
static void ngx_http_consent_compare_again(ngx_http_request_t *r);
static ngx_table_elt_t *ngx_http_consent_keep_one(ngx_http_request_t *r,
    ngx_str_t *name, ngx_table_elt_t *one);
static ngx_int_t ngx_http_consent_wrap_etag(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_table_elt_t *h);
static ngx_int_t ngx_http_consent_asked_for(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_str_t value);
static ngx_int_t ngx_http_consent_add_etag(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);
static ngx_int_t ngx_http_consent_send_tag(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_table_elt_t *h);


static ngx_str_t  ngx_http_consent_etag_name = ngx_string("etag");
static ngx_str_t  ngx_http_consent_last_modified_name =
    ngx_string("last-modified");


static ngx_http_module_t  ngx_http_consent_validators_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_consent_validators_filter_init, /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_consent_validators_module = {
    NGX_MODULE_V1,
    &ngx_http_consent_validators_module_ctx, /* module context */
    NULL,                                  /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;


static ngx_int_t
ngx_http_consent_validators_filter_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_consent_validators_filter;

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_validators_filter(ngx_http_request_t *r)
{
    ngx_uint_t               stripped;
    ngx_http_consent_ctx_t  *ctx;

    if (r != r->main) {
        return ngx_http_next_header_filter(r);
    }

    ctx = ngx_http_consent_get_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    ctx->page = 0;
    ctx->builtin = ngx_http_consent_is_builtin(r) ? 1 : 0;

    if (ctx->mode != NGX_HTTP_CONSENT_ENFORCE) {
        return ngx_http_next_header_filter(r);
    }

    if (r->headers_out.status == NGX_HTTP_NOT_MODIFIED) {

        /* about a tag of a page of ours, or else it is none */

        ctx->page = (ctx->tags_opened != 0);

        return ngx_http_next_header_filter(r);
    }

    ctx->page = !ctx->endpoint && ngx_http_consent_is_page(r);

    if (ctx->page) {
        if (ngx_http_consent_keep_conditions(r, ctx) != NGX_OK) {
            return NGX_ERROR;
        }

        return ngx_http_next_header_filter(r);
    }

    stripped = ctx->stripped;

    ngx_http_consent_restore_conditions(r, ctx);

    if (stripped) {
        ngx_http_consent_compare_again(r);
    }

    return ngx_http_next_header_filter(r);
}


static ngx_uint_t
ngx_http_consent_is_page(ngx_http_request_t *r)
{
    if (r->headers_out.status < NGX_HTTP_OK
        || r->headers_out.status == NGX_HTTP_NO_CONTENT)
    {
        return 0;
    }

    if (r->headers_out.content_type.len == 0
        && r->headers_out.content_length_n == 0)
    {
        return 0;
    }

    return ngx_http_consent_is_html(r);
}


/*
 * The upstream was not asked whether its answer has changed, because it might
 * have been a page.  It is none, so nginx compares in its place; If-Match and
 * If-Unmodified-Since did reach the upstream.
 */

static void
ngx_http_consent_compare_again(ngx_http_request_t *r)
{
    if (r->upstream == NULL
        || ngx_http_consent_uses_cache(r)
        || r->headers_in.if_match
        || r->headers_in.if_unmodified_since)
    {
        return;
    }

    r->disable_not_modified = 0;

    /* nginx wants both to hold, RFC 9110 only the first (section 13.2.2) */

    if (r->headers_in.if_none_match) {
        r->headers_in.if_modified_since = NULL;
    }
}


ngx_int_t
ngx_http_consent_set_validators(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    ngx_table_elt_t  *h;

    if (ctx->mode != NGX_HTTP_CONSENT_ENFORCE) {
        return NGX_OK;
    }

    if (r->headers_out.status != NGX_HTTP_NOT_MODIFIED) {
        ctx->page = ngx_http_consent_is_page(r);

    } else if (!ctx->page && ctx->stripped) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "consent: upstream answered 304 without a condition "
                      "that could hold, which would show what the client has "
                      "from another consent state; is If-None-Match or "
                      "If-Modified-Since set by the configuration?");
        return NGX_ABORT;
    }

    /* the answer to a change has the tag of what was changed */

    if (!ctx->page || (r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD)) == 0) {
        return NGX_OK;
    }

    r->headers_out.last_modified = NULL;
    r->headers_out.last_modified_time = -1;

    h = ngx_http_consent_keep_one(r, &ngx_http_consent_last_modified_name,
                                  NULL);
    if (h) {
        h->hash = 0;
    }

    h = ngx_http_consent_keep_one(r, &ngx_http_consent_etag_name,
                                  r->headers_out.etag);

    /* gzip and ranges look there, whoever made the header */

    r->headers_out.etag = h;

    return h ? ngx_http_consent_wrap_etag(r, ctx, h)
             : ngx_http_consent_add_etag(r, ctx);
}


/*
 * Hides all lines of a name but one, which is the first if it is not given.
 * NULL: there is none.
 */

static ngx_table_elt_t *
ngx_http_consent_keep_one(ngx_http_request_t *r, ngx_str_t *name,
    ngx_table_elt_t *one)
{
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

    if (one && one->hash == 0) {
        one = NULL;
    }

    ngx_http_consent_header_walk(&walk, &r->headers_out.headers);

    while ((h = ngx_http_consent_header_next(&walk, name)) != NULL) {

        if (h->hash == 0 || h == one) {
            continue;
        }

        if (one == NULL) {
            one = h;
            continue;
        }

        h->hash = 0;
    }

    return one;
}


static ngx_int_t
ngx_http_consent_wrap_etag(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    ngx_table_elt_t *h)
{
    size_t         size;
    consent_str_t  value;

    /* a header that goes through the filters again */

    if (h->value.data == ctx->etag) {
        return NGX_OK;
    }

    value = consent_str_make(h->value.data, h->value.len);

    switch (ngx_http_consent_asked_for(r, ctx, value)) {

    case NGX_OK:
        return ngx_http_consent_send_tag(r, ctx, h);

    case NGX_ERROR:
        return NGX_ERROR;

    default:
        break;
    }

    size = consent_etag_wrap_size(value);

    if (size == 0) {
        h->hash = 0;
        r->headers_out.etag = NULL;

        return NGX_OK;
    }

    ctx->etag = ngx_pnalloc(r->pool, size + 1);
    if (ctx->etag == NULL) {
        return NGX_ERROR;
    }

    h->value.len = consent_etag_wrap(ctx->etag, value,
                                 ngx_http_consent_variant(r, ctx),
                                 ngx_http_consent_may_change_body(r, ctx)
                                 ? 1 : 0);
    h->value.data = ctx->etag;
    h->value.data[h->value.len] = '\0';

    return NGX_OK;
}


/*
 * Is it a 304 about the very tag that was opened?  The client knows that one
 * perhaps weaker, after SSI or gzip, which do not see a 304.
 */

static ngx_int_t
ngx_http_consent_asked_for(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    consent_str_t value)
{
    u_char          *p;
    consent_str_t    list, opened;
    consent_etag_t   tag;

    if (r->headers_out.status != NGX_HTTP_NOT_MODIFIED
        || ctx->tags_opened != 1)
    {
        return NGX_DECLINED;
    }

    list = ctx->tag;

    if (!consent_etag_next(&list, &tag)) {
        return NGX_DECLINED;
    }

    p = ngx_pnalloc(r->pool, tag.raw.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    opened = consent_str_make(p, consent_etag_unwrap(p, &tag));

    return consent_etag_match(opened, value) ? NGX_OK : NGX_DECLINED;
}


/*
 * A 304 without a tag would speak of any copy that the client has.  It is
 * about the one whose tag was opened.
 */

static ngx_int_t
ngx_http_consent_add_etag(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx)
{
    ngx_table_elt_t  *h;

    if (r->headers_out.status != NGX_HTTP_NOT_MODIFIED
        || ctx->tags_opened != 1)
    {
        return NGX_OK;
    }

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_http_consent_header_init(h);

    ngx_str_set(&h->key, "ETag");

    r->headers_out.etag = h;

    return ngx_http_consent_send_tag(r, ctx, h);
}


/* the tag as the client sent it */

static ngx_int_t
ngx_http_consent_send_tag(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    ngx_table_elt_t *h)
{
    u_char  *p;

    p = ngx_pnalloc(r->pool, ctx->tag.len + 1);
    if (p == NULL) {
        h->hash = 0;
        return NGX_ERROR;
    }

    *ngx_cpymem(p, ctx->tag.data, ctx->tag.len) = '\0';

    ctx->etag = p;

    h->value.data = p;
    h->value.len = ctx->tag.len;

    return NGX_OK;
}
