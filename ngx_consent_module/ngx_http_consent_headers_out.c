/*
 * Copyright (C) ngx_consent_module authors
 *
 * The header filter, between the postpone and the gzip filter: it sees what
 * upstreams, add_header, userid and error pages have put into the response,
 * for every status.  It may run twice for one request, when the response is
 * given up for an error page.  Early hints (103) have a chain of their own.
 */


#include "ngx_http_consent.h"

#include "core/consent_cookie.h"


/* what a walk over the headers found */

typedef struct {
    ngx_uint_t               blocked;
    ngx_uint_t               unclassified;
} ngx_http_consent_cookies_t;


static ngx_int_t ngx_http_consent_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_consent_refuse_header(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);
static ngx_int_t ngx_http_consent_refused(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);
static ngx_int_t ngx_http_consent_early_hints_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_consent_headers(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);
static ngx_int_t ngx_http_consent_set_cookie(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_table_elt_t *h,
    ngx_http_consent_cookies_t *found);
static ngx_int_t ngx_http_consent_deny_cookie(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_category_t *category,
    ngx_table_elt_t *h, ngx_uint_t *blocked);
static ngx_int_t ngx_http_consent_cap_cookie(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_category_t *category,
    ngx_table_elt_t *h, ngx_uint_t *shortened);
static ngx_uint_t ngx_http_consent_was_blocked(ngx_table_elt_t *h);
static u_char *ngx_http_consent_cookie_line(ngx_http_request_t *r,
    ngx_table_elt_t *h);


static ngx_str_t  ngx_http_consent_set_cookie_name =
    ngx_string("set-cookie");

/*
 * The name of lines that were blocked: its address tells them when the header
 * is filtered again.  An array, since equal literals may be one.
 */

static u_char     ngx_http_consent_blocked_bytes[] = "Set-Cookie";
static ngx_str_t  ngx_http_consent_blocked_key = {
    sizeof(ngx_http_consent_blocked_bytes) - 1,
    ngx_http_consent_blocked_bytes
};


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;
static ngx_http_output_header_filter_pt  ngx_http_next_early_hints_filter;


ngx_int_t
ngx_http_consent_header_filter_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_consent_header_filter;

    ngx_http_consent_early_hints_filter_add(
                                         ngx_http_consent_early_hints_filter,
                                         &ngx_http_next_early_hints_filter);
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

    ctx->refusing = 0;

    ngx_http_consent_restore_gzip(r, ctx);
    ngx_http_consent_unexpire_cookies(r, ctx);

    if (ctx->mode == NGX_HTTP_CONSENT_OFF) {
        return ngx_http_next_header_filter(r);
    }

    if (ngx_http_consent_headers(r, ctx) != NGX_OK
        || ngx_http_consent_expire_cookies(r, ctx) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ctx->endpoint) {

        /* what we have written ourselves is as it should be */

        return ngx_http_next_header_filter(r);
    }

    rc = ngx_http_consent_set_validators(r, ctx);

    if (rc == NGX_OK) {
        rc = ngx_http_consent_set_caching(r, ctx);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_consent_body_start(r, ctx);
    }

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_ABORT) {
        return ngx_http_consent_refuse_header(r, ctx);
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
 *
 * What a header filter returns ends the request as the status of a handler
 * would: the error page may take its time, and the connection is kept.
 */

static ngx_int_t
ngx_http_consent_refuse_header(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    if (ngx_http_consent_refused(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    /* other filters have begun with the response, and would go on with it */

    ngx_http_clean_header(r);

    ngx_memzero(r->ctx, sizeof(void *) * ngx_http_max_module);
    ngx_http_set_ctx(r, ctx, ngx_http_consent_module);

    /* it is the answer to this visitor: "proxy_cache_valid" may know 502 */

    if (r->upstream) {
        r->upstream->cacheable = 0;
    }

    ctx->refusing = 1;

    return NGX_HTTP_BAD_GATEWAY;
}


/*
 * The same when the handler waits for no status any longer, because it was
 * told that the header is sent, or has no ear for it.  nginx ends the
 * connection with the call that comes back from here: an error page that is
 * not complete by then would be lost.
 */

void
ngx_http_consent_refuse_body(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    ngx_http_upstream_t  *u;

    ctx->refusing = 0;

    if (ngx_http_consent_refused(r, ctx) != NGX_OK) {
        return;
    }

    u = r->upstream;

    r->keepalive = 0;

    (void) ngx_http_filter_finalize_request(r, &ngx_http_consent_module,
                                            NGX_HTTP_BAD_GATEWAY);

    if (!r->header_sent) {
        r->error_page = 1;

        (void) ngx_http_filter_finalize_request(r, &ngx_http_consent_module,
                                                NGX_HTTP_BAD_GATEWAY);
    }

    /* ngx_event_pipe() would read on from a connection that is closed */

    if (u && u->pipe && u->peer.connection == NULL) {
        u->pipe->upstream_error = 1;
    }
}


static ngx_int_t
ngx_http_consent_refused(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx)
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

    return NGX_OK;
}


/*
 * The headers of a 103 are those of the response until they are sent.  What
 * was taken out of them is not counted anew with the headers that follow.
 */

static ngx_int_t
ngx_http_consent_early_hints_filter(ngx_http_request_t *r)
{
    ngx_http_consent_ctx_t  *ctx;

    if (r != r->main) {
        return ngx_http_next_early_hints_filter(r);
    }

    ctx = ngx_http_consent_get_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    if (ctx->mode == NGX_HTTP_CONSENT_OFF) {
        return ngx_http_next_early_hints_filter(r);
    }

    if (ngx_http_consent_headers(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->cookies_out = 0;
    ctx->unclassified_hints += ctx->unclassified_out;
    ctx->unclassified_out = 0;
    ctx->unclassified_fields = 0;
    ctx->resources_in_fields = 0;

    ngx_http_consent_figures_move(ctx, NGX_HTTP_CONSENT_IN_HEADERS,
                                  NGX_HTTP_CONSENT_FOR_GOOD);
    ngx_http_consent_figures_move(ctx, NGX_HTTP_CONSENT_IN_FIELDS,
                                  NGX_HTTP_CONSENT_FOR_GOOD);

    return ngx_http_next_early_hints_filter(r);
}


/* one walk for all of them, since most are none of our business */

static ngx_int_t
ngx_http_consent_headers(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx)
{
    ngx_uint_t                   i, seen;
    ngx_list_part_t             *part;
    ngx_table_elt_t             *h;
    ngx_http_consent_cookies_t   found;

    ngx_memzero(&found, sizeof(ngx_http_consent_cookies_t));

    ngx_http_consent_figures_move(ctx, NGX_HTTP_CONSENT_IN_HEADERS,
                                  NGX_HTTP_CONSENT_NOWHERE);
    ngx_http_consent_figures_move(ctx, NGX_HTTP_CONSENT_IN_FIELDS,
                                  NGX_HTTP_CONSENT_NOWHERE);

    seen = 0;
    part = &r->headers_out.headers.part;
    h = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {
            if (part->next == NULL) {
                break;
            }

            part = part->next;
            h = part->elts;
            i = 0;
        }

        if (h[i].hash == 0) {
            found.blocked += ngx_http_consent_was_blocked(&h[i]);
            continue;
        }

        if (ngx_http_consent_header_is(&h[i],
                                       &ngx_http_consent_set_cookie_name))
        {
            if (ngx_http_consent_set_cookie(r, ctx, &h[i], &found) != NGX_OK) {
                return NGX_ERROR;
            }

        } else if (ctx->denied) {
            seen |= ngx_http_consent_field(&h[i]);
        }
    }

    ngx_http_consent_recount(&ctx->cookies_blocked, &ctx->cookies_out,
                             found.blocked);
    ngx_http_consent_recount(&ctx->unclassified, &ctx->unclassified_out,
                             found.unclassified);

    if (seen) {
        return ngx_http_consent_fields(r, ctx, seen);
    }

    ngx_http_consent_recount(&ctx->resources_blocked,
                             &ctx->resources_in_fields, 0);
    ngx_http_consent_recount(&ctx->unclassified, &ctx->unclassified_fields, 0);

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_set_cookie(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_table_elt_t *h,
    ngx_http_consent_cookies_t *found)
{
    ngx_int_t                      rc, category;
    ngx_uint_t                     unknown, known, changed, action;
    consent_cookie_t               cookie;
    consent_category_t            *c;
    ngx_http_consent_main_conf_t  *mcf;

    consent_set_cookie_parse(consent_str_make(h->value.data, h->value.len),
                             &cookie);

    if (ngx_http_consent_cookie_is_own(r, cookie.name)) {
        return NGX_OK;
    }

    unknown = 0;
    category = ngx_http_consent_cookie_category(r, cookie.name, &unknown);
    found->unclassified += unknown;

    if (unknown) {
        ngx_http_consent_note_cookie(r, cookie.name, &h->value);
    }

    if (category == CONSENT_UNCLASSIFIED) {
        return NGX_OK;
    }

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    c = &mcf->policy.categories[category];

    if (c->always) {
        return NGX_OK;
    }

    changed = 0;
    known = ngx_http_consent_was_blocked(h);

    if (ctx->denied & consent_bit(category)) {
        rc = ngx_http_consent_deny_cookie(r, ctx, c, h, &changed);
        action = CONSENT_COOKIES_BLOCKED;
        found->blocked += changed;

    } else {
        rc = ngx_http_consent_cap_cookie(r, ctx, c, h, &changed);
        action = CONSENT_COOKIES_SHORTENED;
    }

    /* what was changed is not found anew when the header comes again */

    if (!known) {
        ngx_http_consent_figure_category(r, ctx,
                                         (ctx->mode
                                          == NGX_HTTP_CONSENT_ENFORCE)
                                         ? NGX_HTTP_CONSENT_FOR_GOOD
                                         : NGX_HTTP_CONSENT_IN_HEADERS,
                                         category, action, changed);
    }

    return rc;
}


/* *blocked: something is changed, or would be if this were not a report */

static ngx_int_t
ngx_http_consent_deny_cookie(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_category_t *category,
    ngx_table_elt_t *h, ngx_uint_t *blocked)
{
    ngx_str_t  line;

    if (category->on_deny == CONSENT_ON_DENY_DROP) {

        if (ctx->mode == NGX_HTTP_CONSENT_ENFORCE) {
            ngx_http_consent_remove_header(h);
            h->key = ngx_http_consent_blocked_key;
        }

        (*blocked)++;

        return NGX_OK;
    }

    if (ngx_http_consent_was_blocked(h)) {
        (*blocked)++;
        return NGX_OK;
    }

    line.data = ngx_http_consent_cookie_line(r, h);
    if (line.data == NULL) {
        return NGX_ERROR;
    }

    line.len = consent_set_cookie_session(line.data,
                                          consent_str_make(h->value.data,
                                                           h->value.len),
                                          (int64_t) ngx_time());
    if (line.len == 0) {
        return NGX_OK;
    }

    if (ctx->mode == NGX_HTTP_CONSENT_ENFORCE) {
        h->value = line;
        h->key = ngx_http_consent_blocked_key;
    }

    (*blocked)++;

    return NGX_OK;
}


/* by an earlier header of this response, as that of a 416 has it */

static ngx_uint_t
ngx_http_consent_was_blocked(ngx_table_elt_t *h)
{
    return h->key.data == ngx_http_consent_blocked_key.data;
}


static ngx_int_t
ngx_http_consent_cap_cookie(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_category_t *category,
    ngx_table_elt_t *h, ngx_uint_t *shortened)
{
    ngx_str_t  line;

    if (category->max_age < 0) {
        return NGX_OK;
    }

    line.data = ngx_http_consent_cookie_line(r, h);
    if (line.data == NULL) {
        return NGX_ERROR;
    }

    line.len = consent_set_cookie_cap(line.data,
                                      consent_str_make(h->value.data,
                                                       h->value.len),
                                      (int64_t) ngx_time(),
                                      category->max_age);
    if (line.len == 0) {
        return NGX_OK;
    }

    (*shortened)++;

    if (ctx->mode == NGX_HTTP_CONSENT_ENFORCE) {
        h->value = line;
    }

    return NGX_OK;
}


/* room for what is made of a Set-Cookie */

static u_char *
ngx_http_consent_cookie_line(ngx_http_request_t *r, ngx_table_elt_t *h)
{
    return ngx_pnalloc(r->pool, h->value.len + CONSENT_SET_COOKIE_EXTRA);
}


/* HTTP/2 server push reads the values of Link headers, whatever their hash */

void
ngx_http_consent_remove_header(ngx_table_elt_t *h)
{
    h->hash = 0;
    h->value.len = 0;
}
