/*
 * Copyright (C) ngx_consent_module authors
 *
 * What differs between the supported versions of nginx, each behind one
 * function with one meaning.  No other file looks at nginx_version.
 */


#ifndef NGX_HTTP_CONSENT_COMPAT_H
#define NGX_HTTP_CONSENT_COMPAT_H


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * ngx_list_push() returns uninitialised memory, and since 1.23.0 a header
 * element links to the next one of the same name
 */

static ngx_inline void
ngx_http_consent_header_init(ngx_table_elt_t *h)
{
    ngx_memzero(h, sizeof(ngx_table_elt_t));
    h->hash = 1;
}


/* the client speaks TLS with us, by whatever version of HTTP */

static ngx_inline ngx_uint_t
ngx_http_consent_is_tls(ngx_http_request_t *r)
{
#if (NGX_HTTP_SSL)
    return r->connection->ssl != NULL;
#else
    return 0;
#endif
}


/*
 * 103 Early Hints exist since 1.29.0, with a filter chain of their own.  The
 * filter becomes the first of it and *next the one behind; without early
 * hints it is never called.
 */

static ngx_inline void
ngx_http_consent_early_hints_filter_add(
    ngx_http_output_header_filter_pt filter,
    ngx_http_output_header_filter_pt *next)
{
#if (nginx_version >= 1029000)
    *next = ngx_http_top_early_hints_filter;
    ngx_http_top_early_hints_filter = filter;
#endif
}


/*
 * The typed pointer to Accept-Encoding.  Without gzip in nginx there is no
 * such member, and nobody who would look at it.
 */

static ngx_inline ngx_table_elt_t *
ngx_http_consent_accept_encoding(ngx_http_request_t *r)
{
#if (NGX_HTTP_GZIP)
    return r->headers_in.accept_encoding;
#else
    return NULL;
#endif
}


/* what nginx found out about gzip and the client is to be found out anew */

static ngx_inline void
ngx_http_consent_set_accept_encoding(ngx_http_request_t *r,
    ngx_table_elt_t *h)
{
#if (NGX_HTTP_GZIP)
    r->headers_in.accept_encoding = h;
    r->gzip_tested = 0;
    r->gzip_ok = 0;
#endif
}


/* nginx itself has the response in a cache, or puts it there */

static ngx_inline ngx_uint_t
ngx_http_consent_uses_cache(ngx_http_request_t *r)
{
#if (NGX_HTTP_CACHE)
    return r->cache != NULL;
#else
    return 0;
#endif
}


/* a Cache-Control line of the response that nginx does not know of yet */

static ngx_inline ngx_int_t
ngx_http_consent_set_cache_control(ngx_http_request_t *r, ngx_table_elt_t *h)
{
#if (nginx_version >= 1023000)

    r->headers_out.cache_control = h;

#else

    ngx_table_elt_t  **cc;

    if (ngx_array_init(&r->headers_out.cache_control, r->pool, 1,
                       sizeof(ngx_table_elt_t *))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    cc = ngx_array_push(&r->headers_out.cache_control);
    if (cc == NULL) {
        return NGX_ERROR;
    }

    *cc = h;

#endif

    return NGX_OK;
}


#endif /* NGX_HTTP_CONSENT_COMPAT_H */
