/*
 * Copyright (C) ngx_consent_module authors
 *
 * The header filter, between the postpone and the gzip filter: it sees what
 * upstreams, add_header, userid and error pages have put into the response,
 * for every status.  It may run twice for one request, when the response is
 * given up for an error page.
 */


#include "ngx_http_consent.h"

#include "core/consent_cookie.h"


/* the response, and the configured error page in its place */

#define NGX_HTTP_CONSENT_REFUSALS  2


static ngx_int_t ngx_http_consent_header_filter(ngx_http_request_t *r);
static ngx_uint_t ngx_http_consent_deny_cookie(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_category_t *category,
    ngx_table_elt_t *h, ngx_str_t *line);
static void ngx_http_consent_cap_cookie(consent_category_t *category,
    ngx_table_elt_t *h, ngx_str_t *line);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;


static ngx_str_t  ngx_http_consent_set_cookie = ngx_string("set-cookie");


ngx_int_t
ngx_http_consent_header_filter_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_consent_header_filter;

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_header_filter(ngx_http_request_t *r)
{
    ngx_int_t                rc;
    ngx_http_consent_ctx_t  *ctx;

    /* headers of subrequests are not sent */

    if (r != r->main) {
        return ngx_http_next_header_filter(r);
    }

    ctx = ngx_http_consent_get_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    ngx_http_consent_restore_gzip(r, ctx);

    if (ctx->mode == NGX_HTTP_CONSENT_OFF) {
        return ngx_http_next_header_filter(r);
    }

    if (ngx_http_consent_set_cookies(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ctx->mode == NGX_HTTP_CONSENT_ENFORCE) {
        ngx_http_consent_clear_validators(r);
    }

    rc = ngx_http_consent_body_start(r, ctx);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_ABORT) {
        return ngx_http_consent_refuse(r, ctx);
    }

    if (rc == NGX_AGAIN) {
        return NGX_OK;
    }

    return ngx_http_next_header_filter(r);
}


ngx_int_t
ngx_http_consent_send_header(ngx_http_request_t *r)
{
    return ngx_http_next_header_filter(r);
}


/*
 * The response is given up for an error page, which comes through here in
 * its turn.  If that one cannot be read either, the page built into nginx is
 * sent in its place.
 */

ngx_int_t
ngx_http_consent_refuse(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx)
{
    if (ctx->refused == NGX_HTTP_CONSENT_REFUSALS) {
        ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                      "consent: the error page of nginx cannot be read");
        return NGX_ERROR;
    }

    ctx->refused++;

    if (ctx->refused == NGX_HTTP_CONSENT_REFUSALS) {
        r->error_page = 1;
    }

    return ngx_http_filter_finalize_request(r, &ngx_http_consent_module,
                                            NGX_HTTP_BAD_GATEWAY);
}


ngx_int_t
ngx_http_consent_set_cookies(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    ngx_int_t                      category;
    ngx_str_t                      line;
    ngx_uint_t                     blocked, unclassified, unknown;
    consent_cookie_t               cookie;
    ngx_table_elt_t               *h;
    consent_category_t            *c;
    ngx_http_consent_walk_t        walk;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    blocked = 0;
    unclassified = 0;

    ngx_http_consent_header_walk(&walk, &r->headers_out.headers);

    while ((h = ngx_http_consent_header_next(&walk,
                                             &ngx_http_consent_set_cookie))
           != NULL)
    {
        if (h->hash == 0) {
            continue;
        }

        consent_set_cookie_parse(consent_str_make(h->value.data,
                                                  h->value.len), &cookie);

        if (ngx_http_consent_cookie_is_own(r, cookie.name)) {
            continue;
        }

        unknown = 0;
        category = ngx_http_consent_cookie_category(r, cookie.name, &unknown);
        unclassified += unknown;

        if (category == CONSENT_UNCLASSIFIED) {
            continue;
        }

        c = &mcf->policy.categories[category];

        if (c->always) {
            continue;
        }

        line.data = ngx_pnalloc(r->pool,
                                h->value.len + CONSENT_SET_COOKIE_EXTRA);
        if (line.data == NULL) {
            return NGX_ERROR;
        }

        if (ctx->denied & consent_bit(category)) {
            blocked += ngx_http_consent_deny_cookie(r, ctx, c, h, &line);

        } else if (ctx->mode == NGX_HTTP_CONSENT_ENFORCE) {
            ngx_http_consent_cap_cookie(c, h, &line);
        }
    }

    ctx->cookies_blocked = blocked;

    ngx_http_consent_recount(&ctx->unclassified, &ctx->unclassified_out,
                             unclassified);

    return NGX_OK;
}


/* 1: something is changed, or would be if this were not a report */

static ngx_uint_t
ngx_http_consent_deny_cookie(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_category_t *category,
    ngx_table_elt_t *h, ngx_str_t *line)
{
    if (category->on_deny == CONSENT_ON_DENY_DROP) {

        if (ctx->mode == NGX_HTTP_CONSENT_ENFORCE) {
            h->hash = 0;
        }

        return 1;
    }

    line->len = consent_set_cookie_session(line->data,
                                           consent_str_make(h->value.data,
                                                            h->value.len),
                                           (int64_t) ngx_time());
    if (line->len == 0) {
        return 0;
    }

    if (ctx->mode == NGX_HTTP_CONSENT_ENFORCE) {
        h->value = *line;
    }

    return 1;
}


static void
ngx_http_consent_cap_cookie(consent_category_t *category, ngx_table_elt_t *h,
    ngx_str_t *line)
{
    if (category->max_age < 0) {
        return;
    }

    line->len = consent_set_cookie_cap(line->data,
                                       consent_str_make(h->value.data,
                                                        h->value.len),
                                       (int64_t) ngx_time(),
                                       category->max_age);
    if (line->len) {
        h->value = *line;
    }
}
