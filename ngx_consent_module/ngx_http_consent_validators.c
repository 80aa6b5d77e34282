/*
 * Copyright (C) ngx_consent_module authors
 *
 * Conditional and range requests.  A tag in them that was made for the
 * variant of this request (ngx_http_consent_etag.c) becomes what the upstream
 * had sent.  What else a client holds of a page was made for another consent
 * state, another configuration or no consent at all: no upstream is asked
 * about it, so that no 304 and no range ever joins two variants.
 *
 * Whether the answer is a page is known only later.  Where it is none, the
 * conditions are put back as they came, and nginx itself compares them with
 * the whole answer.
 *
 * If-Match and If-Unmodified-Since protect changes that a client makes: they
 * lose nothing here.
 */


#include "ngx_http_consent.h"

#include "core/consent_etag.h"


/* the longest extension of a name, and type of a file, that is looked at */

#define NGX_HTTP_CONSENT_NAME  128


/* what the answer to a request may be */

typedef enum {
    NGX_HTTP_CONSENT_OTHER = 0,     /* no page, surely */
    NGX_HTTP_CONSENT_UNKNOWN,
    NGX_HTTP_CONSENT_DOCUMENT       /* the client will show it as a page */
} ngx_http_consent_kind_e;


static ngx_http_consent_kind_e ngx_http_consent_kind(ngx_http_request_t *r);
static ngx_http_consent_kind_e ngx_http_consent_kind_of_name(
    ngx_http_request_t *r);
static ngx_uint_t ngx_http_consent_accepts_html(ngx_http_request_t *r);
static ngx_uint_t ngx_http_consent_fetch_dest(ngx_http_request_t *r,
    ngx_str_t **dest);

static ngx_int_t ngx_http_consent_open_tags(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *name, consent_etag_conf_t *conf,
    consent_etag_count_t *count);
static ngx_int_t ngx_http_consent_open_if_none_match(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_etag_conf_t *conf);
static ngx_int_t ngx_http_consent_open_range(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_etag_conf_t *conf,
    ngx_http_consent_kind_e kind);
static ngx_int_t ngx_http_consent_hide_range(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);
static void ngx_http_consent_restore_range(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);


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


static ngx_str_t  ngx_http_consent_if_match_name = ngx_string("if-match");
static ngx_str_t  ngx_http_consent_if_none_match_name =
    ngx_string("if-none-match");
static ngx_str_t  ngx_http_consent_if_modified_since_name =
    ngx_string("if-modified-since");
static ngx_str_t  ngx_http_consent_if_range_name = ngx_string("if-range");
static ngx_str_t  ngx_http_consent_range_name = ngx_string("range");


/* each is valid, and can neither match nor be understood */

static ngx_str_t  ngx_http_consent_no_tag = ngx_string("\"consent-none\"");
static ngx_str_t  ngx_http_consent_no_date =
    ngx_string("Thu, 01 Jan 1970 00:00:00 GMT");
static ngx_str_t  ngx_http_consent_no_range = ngx_string("none");


ngx_int_t
ngx_http_consent_open_conditions(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    consent_etag_conf_t      conf;
    consent_etag_count_t     count;
    ngx_http_consent_kind_e  kind;

    if (r->headers_in.if_none_match == NULL
        && r->headers_in.if_modified_since == NULL
        && r->headers_in.if_match == NULL
        && r->headers_in.range == NULL)
    {
        return NGX_OK;
    }

    ngx_memzero(&conf, sizeof(consent_etag_conf_t));
    ngx_memzero(&count, sizeof(consent_etag_count_t));

    conf.variant = ngx_http_consent_variant(r, ctx);
    conf.keep = 1;
    conf.strong = 1;

    /* a change is made to what is there, whoever sees what of it */

    conf.any = (r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD)) ? 0 : 1;

    if (r->headers_in.if_match
        && ngx_http_consent_open_tags(r, ctx, &ngx_http_consent_if_match_name,
                                      &conf, &count)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    conf.strong = 0;

    if (conf.any) {
        return r->headers_in.if_none_match
               ? ngx_http_consent_open_tags(r, ctx,
                                         &ngx_http_consent_if_none_match_name,
                                         &conf, &count)
               : NGX_OK;
    }

    kind = ngx_http_consent_kind(r);

    conf.keep = (kind == NGX_HTTP_CONSENT_OTHER);

    if (ngx_http_consent_open_if_none_match(r, ctx, &conf) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_consent_open_range(r, ctx, &conf, kind);
}


static ngx_int_t
ngx_http_consent_open_if_none_match(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_etag_conf_t *conf)
{
    consent_etag_count_t  count;

    ngx_memzero(&count, sizeof(consent_etag_count_t));

    if (r->headers_in.if_none_match) {

        if (ngx_http_consent_open_tags(r, ctx,
                                       &ngx_http_consent_if_none_match_name,
                                       conf, &count)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        ctx->tag = count.first;
        ctx->tags_opened = count.opened;
        ctx->tags_kept = count.kept;

        if (count.opened + count.kept == 0) {
            ctx->if_none_match = r->headers_in.if_none_match;
            r->headers_in.if_none_match = NULL;
        }

        ctx->stripped = (count.dropped != 0);
    }

    /* we send no date with a page, so it is of no page that we sent */

    if (r->headers_in.if_modified_since && (!conf->keep || count.opened)) {

        if (ngx_http_consent_edit_headers(r, ctx,
                                    &ngx_http_consent_if_modified_since_name,
                                    &ngx_http_consent_no_date)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        ctx->if_modified_since = r->headers_in.if_modified_since;
        r->headers_in.if_modified_since = NULL;

        ctx->stripped = 1;
    }

    return NGX_OK;
}


/* all lines become one, since nginx and others read one line only */

static ngx_int_t
ngx_http_consent_open_tags(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    ngx_str_t *name, consent_etag_conf_t *conf, consent_etag_count_t *count)
{
    u_char                   *p, *last;
    size_t                    len;
    ngx_str_t                 value;
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

    len = 0;

    ngx_http_consent_header_walk(&walk, &r->headers_in.headers);

    while ((h = ngx_http_consent_header_next(&walk, name)) != NULL) {
        len += 2 * h->value.len + sizeof(", ") - 1;
    }

    /* values of headers end in a zero byte, of which len knows nothing */

    value.data = ngx_pnalloc(r->pool, len + 1);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    p = value.data;
    last = p;

    ngx_http_consent_header_walk(&walk, &r->headers_in.headers);

    while ((h = ngx_http_consent_header_next(&walk, name)) != NULL) {

        len = consent_etag_list(p, consent_str_make(h->value.data,
                                                    h->value.len),
                                conf, count);
        if (len) {
            last = p + len;
            p = ngx_cpymem(last, ", ", sizeof(", ") - 1);
        }
    }

    if (count->opened == 0 && conf->keep) {
        return NGX_OK;
    }

    *last = '\0';
    value.len = last - value.data;

    if (value.len == 0) {
        value = ngx_http_consent_no_tag;
    }

    return ngx_http_consent_edit_lines(r, ctx, name, &value,
                                       &ngx_http_consent_no_tag);
}


/*
 * A part of a page that is not changed for this visitor may be asked for, and
 * joined with one of the same variant.  nginx compares If-Range with what we
 * send, so it is put back for nginx later.
 */

static ngx_int_t
ngx_http_consent_open_range(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    consent_etag_conf_t *conf, ngx_http_consent_kind_e kind)
{
    ngx_str_t               value;
    ngx_uint_t              changes;
    consent_str_t           list;
    consent_etag_t          tag;
    ngx_table_elt_t        *h;
    consent_etag_origin_e   origin;

    if (r->headers_in.range == NULL) {
        return NGX_OK;
    }

    changes = ngx_http_consent_may_change_body(r, ctx);

    if (kind == NGX_HTTP_CONSENT_DOCUMENT
        && ngx_http_consent_kind_of_name(r) == NGX_HTTP_CONSENT_OTHER)
    {
        kind = NGX_HTTP_CONSENT_OTHER;
    }

    h = r->headers_in.if_range;

    if (h == NULL) {
        return (changes && kind == NGX_HTTP_CONSENT_DOCUMENT)
               ? ngx_http_consent_hide_range(r, ctx) : NGX_OK;
    }

    list = consent_str_make(h->value.data, h->value.len);
    origin = CONSENT_ETAG_FOREIGN;

    if (consent_etag_next(&list, &tag) && list.len == 0) {
        origin = consent_etag_origin(&tag, conf->variant);
    }

    if (origin == CONSENT_ETAG_FOREIGN && kind != NGX_HTTP_CONSENT_DOCUMENT) {
        return NGX_OK;
    }

    if (origin != CONSENT_ETAG_CURRENT || tag.weak || changes) {
        return ngx_http_consent_hide_range(r, ctx);
    }

    value.data = ngx_pnalloc(r->pool, tag.raw.len + 1);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    value.len = consent_etag_unwrap(value.data, &tag);
    value.data[value.len] = '\0';

    return ngx_http_consent_edit_headers(r, ctx,
                                         &ngx_http_consent_if_range_name,
                                         &value);
}


/* If-Range may stay in the list, where it means nothing without Range */

static ngx_int_t
ngx_http_consent_hide_range(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx)
{
    ctx->range = r->headers_in.range;
    ctx->if_range = r->headers_in.if_range;

    r->headers_in.range = NULL;
    r->headers_in.if_range = NULL;

    return ngx_http_consent_edit_headers(r, ctx, &ngx_http_consent_range_name,
                                         &ngx_http_consent_no_range);
}


ngx_int_t
ngx_http_consent_keep_conditions(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    consent_etag_conf_t  conf;

    ngx_http_consent_restore_range(r, ctx);

    if ((r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD)) == 0) {
        return NGX_OK;
    }

    if (r->headers_in.if_modified_since == NULL
        && (r->headers_in.if_none_match == NULL
            || (ctx->tags_opened && ctx->tags_kept == 0)))
    {
        return NGX_OK;
    }

    /* it did not look like a request for a page, or nobody has looked yet */

    ngx_http_consent_take_back_headers(r, ctx,
                                       &ngx_http_consent_if_none_match_name);

    ngx_memzero(&conf, sizeof(consent_etag_conf_t));

    conf.variant = ngx_http_consent_variant(r, ctx);

    return ngx_http_consent_open_if_none_match(r, ctx, &conf);
}


void
ngx_http_consent_restore_conditions(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    ngx_http_consent_restore_range(r, ctx);

    ngx_http_consent_take_back_headers(r, ctx,
                                       &ngx_http_consent_if_none_match_name);
    ngx_http_consent_take_back_headers(r, ctx,
                                    &ngx_http_consent_if_modified_since_name);

    if (ctx->if_none_match) {
        r->headers_in.if_none_match = ctx->if_none_match;
        ctx->if_none_match = NULL;
    }

    if (ctx->if_modified_since) {
        r->headers_in.if_modified_since = ctx->if_modified_since;
        ctx->if_modified_since = NULL;
    }

    ctx->tags_opened = 0;
    ctx->tags_kept = 0;
    ctx->stripped = 0;
}


static void
ngx_http_consent_restore_range(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    ngx_http_consent_take_back_headers(r, ctx, &ngx_http_consent_range_name);
    ngx_http_consent_take_back_headers(r, ctx,
                                       &ngx_http_consent_if_range_name);

    if (ctx->range) {
        r->headers_in.range = ctx->range;
        ctx->range = NULL;
    }

    if (ctx->if_range) {
        r->headers_in.if_range = ctx->if_range;
        ctx->if_range = NULL;
    }
}


static ngx_http_consent_kind_e
ngx_http_consent_kind(ngx_http_request_t *r)
{
    ngx_str_t  *dest;

    if (ngx_http_consent_fetch_dest(r, &dest)) {
        return NGX_HTTP_CONSENT_DOCUMENT;
    }

    if (!ngx_http_consent_may_be_html(r)) {
        return NGX_HTTP_CONSENT_OTHER;
    }

    if (ngx_http_consent_accepts_html(r)) {
        return NGX_HTTP_CONSENT_DOCUMENT;
    }

    return ngx_http_consent_kind_of_name(r);
}


/* by the type that nginx itself would give to a file of that name */

static ngx_http_consent_kind_e
ngx_http_consent_kind_of_name(ngx_http_request_t *r)
{
    u_char                       *lowcase;
    ngx_str_t                    *found, type;
    ngx_uint_t                    hash;
    ngx_http_core_loc_conf_t     *clcf;
    ngx_http_consent_loc_conf_t  *clf;
    u_char                        buf[NGX_HTTP_CONSENT_NAME];

    if (r->exten.len == 0 || r->exten.len > sizeof(buf)) {
        return NGX_HTTP_CONSENT_UNKNOWN;
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    hash = ngx_hash_strlow(buf, r->exten.data, r->exten.len);
    found = ngx_hash_find(&clcf->types_hash, hash, buf, r->exten.len);

    if (found == NULL || found->len == 0) {
        return NGX_HTTP_CONSENT_UNKNOWN;
    }

    type = *found;
    ngx_http_consent_bare_type(&type);

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    /* consent_types * */

    if (clf->types.size == 0) {
        return NGX_HTTP_CONSENT_DOCUMENT;
    }

    if (type.len > sizeof(buf)) {
        return NGX_HTTP_CONSENT_UNKNOWN;
    }

    lowcase = buf;
    hash = ngx_hash_strlow(lowcase, type.data, type.len);

    return ngx_hash_find(&clf->types, hash, lowcase, type.len)
           ? NGX_HTTP_CONSENT_DOCUMENT : NGX_HTTP_CONSENT_OTHER;
}


static ngx_uint_t
ngx_http_consent_accepts_html(ngx_http_request_t *r)
{
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

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
ngx_http_consent_is_document(ngx_http_request_t *r)
{
    ngx_str_t  *dest;

    if (ngx_http_consent_fetch_dest(r, &dest)) {
        return 1;
    }

    /* an old browser, or none */

    return dest == NULL && ngx_http_consent_accepts_html(r);
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
