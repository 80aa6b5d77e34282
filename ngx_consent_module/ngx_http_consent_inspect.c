/*
 * Copyright (C) ngx_consent_module authors
 *
 * Is a response HTML, can it be read, and what happens if it cannot.
 */


#include "ngx_http_consent.h"

#include "core/consent_charset.h"
#include "core/consent_media.h"


static ngx_uint_t ngx_http_consent_type_is_html(ngx_http_request_t *r,
    consent_str_t type);
static consent_str_t ngx_http_consent_last_type(ngx_http_request_t *r);
static ngx_uint_t ngx_http_consent_is_partial(ngx_http_request_t *r);
static ngx_uint_t ngx_http_consent_has_charset(ngx_http_request_t *r);


/* $consent_uninspected */

ngx_str_t  ngx_http_consent_reason_encoding = ngx_string("encoding");
ngx_str_t  ngx_http_consent_reason_range = ngx_string("range");
ngx_str_t  ngx_http_consent_reason_charset = ngx_string("charset");


static ngx_str_t  ngx_http_consent_content_encoding =
    ngx_string("content-encoding");
static ngx_str_t  ngx_http_consent_content_range = ngx_string("content-range");
static ngx_str_t  ngx_http_consent_content_type = ngx_string("content-type");


ngx_uint_t
ngx_http_consent_is_html(ngx_http_request_t *r)
{
    ngx_uint_t                    known;
    consent_str_t                 rest, type;
    ngx_table_elt_t              *h;
    ngx_http_consent_walk_t       walk;
    ngx_http_consent_loc_conf_t  *clf;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    /* consent_types * */

    if (clf->types.size == 0) {
        return 1;
    }

    if (r->headers_out.content_type.len
        && ngx_http_test_content_type(r, &clf->types) != NULL)
    {
        return 1;
    }

    known = 0;

    rest = consent_str_make(r->headers_out.content_type.data,
                            r->headers_out.content_type.len);

    ngx_http_consent_header_walk(&walk, &r->headers_out.headers);

    for ( ;; ) {

        /* browsers take the last one of all, others may take any */

        while (consent_media_next(&rest, &type)) {
            known = 1;

            if (type.data == r->headers_out.content_type.data
                && type.len == r->headers_out.content_type_len)
            {
                /* nginx has looked it up above */

                continue;
            }

            if (ngx_http_consent_type_is_html(r, type)) {
                return 1;
            }
        }

        do {
            h = ngx_http_consent_header_next(&walk,
                                             &ngx_http_consent_content_type);
        } while (h && h->hash == 0);

        if (h == NULL) {
            break;
        }

        rest = consent_str_make(h->value.data, h->value.len);
    }

    /* without a type a browser sniffs, and may find HTML */

    return !known;
}


static ngx_uint_t
ngx_http_consent_type_is_html(ngx_http_request_t *r, consent_str_t type)
{
    u_char                       *lowcase, *p;
    ngx_uint_t                    hash;
    ngx_http_consent_loc_conf_t  *clf;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    lowcase = ngx_pnalloc(r->pool, type.len);

    if (lowcase == NULL) {
        return 1;
    }

    p = (u_char *) (uintptr_t) type.data;
    hash = ngx_hash_strlow(lowcase, p, type.len);

    return ngx_hash_find(&clf->types, hash, lowcase, type.len) != NULL;
}


void
ngx_http_consent_bare_type(ngx_str_t *type)
{
    u_char  *p;

    p = ngx_strlchr(type->data, type->data + type->len, ';');

    if (p == NULL) {
        p = type->data + type->len;
    }

    while (p > type->data && (p[-1] == ' ' || p[-1] == '\t')) {
        p--;
    }

    type->len = p - type->data;
}


ngx_uint_t
ngx_http_consent_is_typed(ngx_http_request_t *r)
{
    return ngx_http_consent_last_type(r).len != 0;
}


ngx_uint_t
ngx_http_consent_is_xml(ngx_http_request_t *r)
{
    return consent_media_is_xml(ngx_http_consent_last_type(r));
}


/* that of the response to a browser; empty: it goes by the bytes */

static consent_str_t
ngx_http_consent_last_type(ngx_http_request_t *r)
{
    consent_str_t             rest, type, last;
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

    last = consent_str_make(NULL, 0);

    rest = consent_str_make(r->headers_out.content_type.data,
                            r->headers_out.content_type.len);

    while (consent_media_next(&rest, &type)) {
        last = type;
    }

    ngx_http_consent_header_walk(&walk, &r->headers_out.headers);

    while ((h = ngx_http_consent_header_next(&walk,
                                             &ngx_http_consent_content_type))
           != NULL)
    {
        if (h->hash == 0) {
            continue;
        }

        rest = consent_str_make(h->value.data, h->value.len);

        while (consent_media_next(&rest, &type)) {
            last = type;
        }
    }

    return last;
}


ngx_str_t *
ngx_http_consent_unreadable(ngx_http_request_t *r, consent_coding_e *coding)
{
    consent_str_t             value;
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

    *coding = CONSENT_CODING_IDENTITY;

    ngx_http_consent_header_walk(&walk, &r->headers_out.headers);

    while ((h = ngx_http_consent_header_next(&walk,
                                          &ngx_http_consent_content_encoding))
           != NULL)
    {
        if (h->hash) {
            value = consent_str_make(h->value.data, h->value.len);
            *coding = consent_coding_add(*coding, value);
        }
    }

    if (*coding == CONSENT_CODING_OTHER) {
        return &ngx_http_consent_reason_encoding;
    }

    if (ngx_http_consent_is_partial(r)) {
        return &ngx_http_consent_reason_range;
    }

    return ngx_http_consent_has_charset(r) ? &ngx_http_consent_reason_charset
                                           : NULL;
}


/*
 * One that cannot be read, wherever it is named: nginx knows those of
 * upstreams and of its own "charset", browsers see the others as well
 */

static ngx_uint_t
ngx_http_consent_has_charset(ngx_http_request_t *r)
{
    consent_str_t             value;
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

    value = consent_str_make(r->headers_out.charset.data,
                             r->headers_out.charset.len);

    if (!consent_charset_readable(value)) {
        return 1;
    }

    value = consent_str_make(r->headers_out.content_type.data,
                             r->headers_out.content_type.len);

    if (!consent_charset_type_readable(value)) {
        return 1;
    }

    ngx_http_consent_header_walk(&walk, &r->headers_out.headers);

    while ((h = ngx_http_consent_header_next(&walk,
                                             &ngx_http_consent_content_type))
           != NULL)
    {
        value = consent_str_make(h->value.data, h->value.len);

        if (h->hash && !consent_charset_type_readable(value)) {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
ngx_http_consent_is_partial(ngx_http_request_t *r)
{
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

    if (r->headers_out.status == NGX_HTTP_PARTIAL_CONTENT) {
        return 1;
    }

    /* there is no part of it in the page that says so */

    if (r->headers_out.status == NGX_HTTP_RANGE_NOT_SATISFIABLE) {
        return 0;
    }

    ngx_http_consent_header_walk(&walk, &r->headers_out.headers);

    while ((h = ngx_http_consent_header_next(&walk,
                                             &ngx_http_consent_content_range))
           != NULL)
    {
        if (h->hash) {
            return 1;
        }
    }

    return 0;
}


void
ngx_http_consent_clear_encoding(ngx_http_request_t *r)
{
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

    ngx_http_consent_header_walk(&walk, &r->headers_out.headers);

    while ((h = ngx_http_consent_header_next(&walk,
                                          &ngx_http_consent_content_encoding))
           != NULL)
    {
        h->hash = 0;
    }

    r->headers_out.content_encoding = NULL;
}


/*
 * A page that nginx has made itself is plain ASCII.  "charset", "add_header"
 * and the like may say something else of it, of which they do not know; a
 * visitor could not read it then.  What they say of its bytes is not sent.
 *
 * nginx tells nobody which pages these are, so others of the same kind count
 * as well: a browser reads what is not labelled as it is read here.
 */

ngx_uint_t
ngx_http_consent_is_builtin(ngx_http_request_t *r)
{
    static ngx_str_t      type = ngx_string("text/html");
    ngx_http_upstream_t  *u;

    if (r->err_status == 0
        || r->headers_out.last_modified_time != -1
        || r->headers_out.content_length_n <= 0
        || r->headers_out.content_type.len != type.len
        || ngx_strncmp(r->headers_out.content_type.data, type.data, type.len)
           != 0)
    {
        return 0;
    }

    u = r->upstream;

    return u == NULL
           || u->headers_in.content_type == NULL
           || u->headers_in.content_type->value.data
              != r->headers_out.content_type.data;
}


void
ngx_http_consent_clear_labels(ngx_http_request_t *r)
{
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

    ngx_http_consent_clear_encoding(r);

    ngx_http_consent_header_walk(&walk, &r->headers_out.headers);

    while ((h = ngx_http_consent_header_next(&walk,
                                             &ngx_http_consent_content_type))
           != NULL)
    {
        h->hash = 0;
    }

    ngx_str_set(&r->headers_out.content_type, "text/html");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;
    ngx_str_null(&r->headers_out.charset);
}


ngx_int_t
ngx_http_consent_not_inspected(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *reason)
{
    ngx_uint_t                    block, level;
    ngx_http_consent_loc_conf_t  *clf;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    ctx->uninspected = *reason;

    block = ctx->mode == NGX_HTTP_CONSENT_ENFORCE
            && clf->uninspectable == NGX_HTTP_CONSENT_UNINSPECTABLE_BLOCK;

    ngx_http_consent_set_uninspected(ctx, block);

    level = block ? NGX_LOG_ERR : NGX_LOG_WARN;

    ngx_log_error(level, r->connection->log, 0,
                  "consent: HTML that cannot be inspected (%V) %s", reason,
                  block ? "is not passed" : "is passed unchanged");

    return block ? NGX_ABORT : NGX_DECLINED;
}


void
ngx_http_consent_damaged(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    const char *what)
{
    ngx_uint_t  block, level;

    ctx->uninspected = ngx_http_consent_reason_encoding;

    block = (ctx->mode == NGX_HTTP_CONSENT_ENFORCE);

    ngx_http_consent_set_uninspected(ctx, block);

    level = block ? NGX_LOG_ERR : NGX_LOG_WARN;

    ngx_log_error(level, r->connection->log, 0,
                  "consent: HTML that cannot be inspected (%V) %s: "
                  "the encoded body %s", &ctx->uninspected,
                  block ? "is not passed" : "is passed unchanged", what);
}
