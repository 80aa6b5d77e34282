/*
 * Copyright (C) ngx_consent_module authors
 *
 * The request as the upstream, a cache or a static file gets it: cookies of
 * denied categories are hidden, and pages are asked for whole, unencoded and
 * unconditionally.
 *
 * The handler may run several times in one client request.  Each run first
 * takes back what the one before it changed, so that the result and the
 * counts depend on the last location only.
 */


#include "ngx_http_consent.h"

#include "core/consent_cookie.h"


typedef struct {
    ngx_http_request_t          *request;
    ngx_http_consent_ctx_t      *ctx;
} ngx_http_consent_keep_t;


static ngx_int_t ngx_http_consent_prepare(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);
static void ngx_http_consent_take_back(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);
static void ngx_http_consent_count_cookies(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, size_t *size);
static ngx_int_t ngx_http_consent_hide_cookies(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, size_t size);
static int ngx_http_consent_keep_cookie(void *data,
    const consent_cookie_t *cookie);
static ngx_int_t ngx_http_consent_limit_encodings(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);
static ngx_int_t ngx_http_consent_hide_encodings(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);
static ngx_int_t ngx_http_consent_edit(ngx_http_consent_ctx_t *ctx,
    ngx_table_elt_t *h, ngx_str_t *value);
static void ngx_http_consent_forget_variables(ngx_http_request_t *r);


static ngx_str_t  ngx_http_consent_cookie_name = ngx_string("cookie");
static ngx_str_t  ngx_http_consent_encoding_name =
    ngx_string("accept-encoding");
static ngx_str_t  ngx_http_consent_identity = ngx_string("identity");
static ngx_str_t  ngx_http_consent_empty = ngx_string("");


ngx_int_t
ngx_http_consent_preaccess_handler(ngx_http_request_t *r)
{
    ngx_uint_t                    edited;
    ngx_http_consent_ctx_t       *ctx;
    ngx_http_consent_loc_conf_t  *clf;

    ctx = ngx_http_consent_get_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* redirects find the decision made */

    ctx->settled = 1;

    clf = ngx_http_get_module_loc_conf(r->main, ngx_http_consent_module);

    /* a subrequest has the headers of the main request */

    if (r != r->main && ctx->edited_for == clf) {
        return NGX_DECLINED;
    }

    r = r->main;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "consent: request, mode:%ui denied:%xL",
                   ctx->mode, (int64_t) ctx->denied);

    edited = ctx->edits.nelts;
    ctx->edited_for = clf;

    /* a page of the site may take the place of one of ours, as for a 412 */

    ctx->endpoint = 0;

    ngx_http_consent_take_back(r, ctx);

    if (ctx->mode != NGX_HTTP_CONSENT_OFF
        && ngx_http_consent_prepare(r, ctx) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (edited || ctx->edits.nelts) {
        ngx_http_consent_forget_variables(r);
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_consent_prepare(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx)
{
    size_t  size;

    ngx_http_consent_count_cookies(r, ctx, &size);

    if (ctx->mode != NGX_HTTP_CONSENT_ENFORCE) {
        return NGX_OK;
    }

    if (ctx->cookies_hidden
        && ngx_http_consent_hide_cookies(r, ctx, size) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_consent_open_conditions(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    if (!ngx_http_consent_may_change_body(r, ctx)
        || !ngx_http_consent_may_be_html(r))
    {
        return NGX_OK;
    }

    /*
     * What will be read is cheapest as it is.  Other answers, as to fetch(),
     * are mostly not HTML and stay compressed.
     */

    return ngx_http_consent_is_document(r)
           ? ngx_http_consent_hide_encodings(r, ctx,
                                             &ngx_http_consent_identity)
           : ngx_http_consent_limit_encodings(r, ctx);
}


ngx_str_t
ngx_http_consent_original(ngx_http_consent_ctx_t *ctx, ngx_table_elt_t *h)
{
    ngx_uint_t                i;
    ngx_http_consent_edit_t  *edit;

    edit = ctx->edits.elts;

    for (i = 0; i < ctx->edits.nelts; i++) {
        if (edit[i].header == h) {
            return edit[i].original;
        }
    }

    return h->value;
}


static void
ngx_http_consent_take_back(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx)
{
    ngx_http_consent_take_back_headers(r, ctx, NULL);
    ngx_http_consent_restore_conditions(r, ctx);

    ctx->edits.nelts = 0;
    ctx->cookies_hidden = 0;
    ctx->cookies_denied = 0;
    ngx_http_consent_figures_move(ctx, NGX_HTTP_CONSENT_IN_REQUEST,
                                  NGX_HTTP_CONSENT_NOWHERE);
    ctx->gzip_hidden = 0;

    ngx_http_consent_recount(&ctx->unclassified, &ctx->unclassified_in, 0);

    if (ctx->accept_encoding) {
        ngx_http_consent_set_accept_encoding(r, ctx->accept_encoding);
        ctx->accept_encoding = NULL;
    }
}


/* *size is enough for all lines in one */

static void
ngx_http_consent_count_cookies(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, size_t *size)
{
    ngx_int_t                     category;
    ngx_uint_t                    denied, unclassified, unknown;
    consent_str_t                 rest;
    ngx_table_elt_t              *h;
    consent_cookie_t              cookie;
    ngx_http_consent_walk_t       walk;
    ngx_http_consent_loc_conf_t  *clf;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    *size = 0;
    denied = 0;
    unclassified = 0;

    ngx_http_consent_header_walk(&walk, &r->headers_in.headers);

    while ((h = ngx_http_consent_header_next(&walk,
                                             &ngx_http_consent_cookie_name))
           != NULL)
    {
        *size += h->value.len + sizeof("; ") - 1;

        rest = consent_str_make(h->value.data, h->value.len);

        while (consent_cookie_next(&rest, &cookie)) {

            if (ngx_http_consent_cookie_is_own(r, cookie.name)) {
                continue;
            }

            unknown = 0;
            category = ngx_http_consent_cookie_category(r, cookie.name,
                                                        &unknown);
            unclassified += unknown;

            if (unknown && !ctx->noted) {
                ngx_http_consent_note_cookie(r, cookie.name, NULL);
            }

            if (category != CONSENT_UNCLASSIFIED
                && (ctx->denied & consent_bit(category)))
            {
                denied++;

                if (clf->request_cookies == NGX_HTTP_CONSENT_STRIP) {
                    ngx_http_consent_figure_category(r, ctx,
                                                 NGX_HTTP_CONSENT_IN_REQUEST,
                                                 category,
                                                 CONSENT_COOKIES_HIDDEN, 1);
                }
            }
        }
    }

    ctx->noted = 1;

    ngx_http_consent_recount(&ctx->unclassified, &ctx->unclassified_in,
                             unclassified);

    ctx->cookies_denied = denied;

    if (clf->request_cookies == NGX_HTTP_CONSENT_STRIP) {
        ctx->cookies_hidden = denied;
    }
}


/*
 * What may pass goes into the first line, all others become empty: what
 * reads one line only must not see less than before.
 */

static ngx_int_t
ngx_http_consent_hide_cookies(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, size_t size)
{
    u_char                   *p, *last;
    size_t                    len;
    unsigned                  removed;
    ngx_str_t                 value;
    ngx_table_elt_t          *h, *first;
    ngx_http_consent_keep_t   keep;
    ngx_http_consent_walk_t   walk;

    /* values of headers end in a zero byte, of which len knows nothing */

    p = ngx_pnalloc(r->pool, size + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    value.data = p;
    last = p;
    first = NULL;

    keep.request = r;
    keep.ctx = ctx;

    ngx_http_consent_header_walk(&walk, &r->headers_in.headers);

    while ((h = ngx_http_consent_header_next(&walk,
                                             &ngx_http_consent_cookie_name))
           != NULL)
    {
        len = consent_cookie_filter(p,
                                    consent_str_make(h->value.data,
                                                     h->value.len),
                                    ngx_http_consent_keep_cookie, &keep,
                                    &removed);

        if (len) {
            last = p + len;
            p = ngx_cpymem(last, "; ", sizeof("; ") - 1);
        }

        if (first == NULL) {
            first = h;
            continue;
        }

        if (ngx_http_consent_edit(ctx, h, &ngx_http_consent_empty)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (first == NULL) {
        return NGX_OK;
    }

    *last = '\0';
    value.len = last - value.data;

    return ngx_http_consent_edit(ctx, first, &value);
}


static int
ngx_http_consent_keep_cookie(void *data, const consent_cookie_t *cookie)
{
    ngx_http_consent_keep_t *keep = data;

    ngx_int_t  category;

    if (ngx_http_consent_cookie_is_own(keep->request, cookie->name)) {
        return 1;
    }

    category = ngx_http_consent_cookie_category(keep->request, cookie->name,
                                                NULL);

    return category == CONSENT_UNCLASSIFIED
           || (keep->ctx->denied & consent_bit(category)) == 0;
}


/* only codings that can be read are asked for */

static ngx_int_t
ngx_http_consent_limit_encodings(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    u_char                   *p;
    size_t                    len;
    ngx_str_t                 value;
    ngx_uint_t                n;
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

    len = 0;
    n = 0;

    ngx_http_consent_header_walk(&walk, &r->headers_in.headers);

    while ((h = ngx_http_consent_header_next(&walk,
                                             &ngx_http_consent_encoding_name))
           != NULL)
    {
        len += h->value.len + 1;
        n++;
    }

    if (n == 0) {
        return NGX_OK;
    }

    /* several lines are one list; the result needs room beside it */

    value.data = ngx_pnalloc(r->pool, len + CONSENT_CODING_ACCEPT(len) + 1);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    p = value.data;

    ngx_http_consent_header_walk(&walk, &r->headers_in.headers);

    while ((h = ngx_http_consent_header_next(&walk,
                                             &ngx_http_consent_encoding_name))
           != NULL)
    {
        p = ngx_cpymem(p, h->value.data, h->value.len);
        *p++ = ',';
    }

    value.len = consent_coding_accept(p, consent_str_make(value.data,
                                                    p - value.data));
    value.data = p;
    value.data[value.len] = '\0';

    return ngx_http_consent_hide_encodings(r, ctx, &value);
}


/*
 * Whoever makes the response (an upstream, gzip_static, gunzip) finds a
 * client that accepts nothing but this.  What the client does accept is put
 * in place again by our header filter, for the gzip filter after it.
 */

static ngx_int_t
ngx_http_consent_hide_encodings(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value)
{
    ngx_table_elt_t  *ae, *copy;

    ae = ngx_http_consent_accept_encoding(r);

    if (ae) {
        copy = ngx_palloc(r->pool, sizeof(ngx_table_elt_t));
        if (copy == NULL) {
            return NGX_ERROR;
        }

        ngx_http_consent_header_init(copy);

        copy->key = ae->key;
        copy->value = ae->value;
        copy->lowcase_key = ae->lowcase_key;

        ctx->accept_encoding = ae;
        ctx->client_encoding = copy;
        ctx->gzip_hidden = 1;

        ngx_http_consent_set_accept_encoding(r, ae);
    }

    return ngx_http_consent_edit_headers(r, ctx,
                                         &ngx_http_consent_encoding_name,
                                         value);
}


void
ngx_http_consent_restore_gzip(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    if (!ctx->gzip_hidden) {
        return;
    }

    ctx->gzip_hidden = 0;

    ngx_http_consent_set_accept_encoding(r, ctx->client_encoding);
}


ngx_int_t
ngx_http_consent_edit_headers(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *name, ngx_str_t *value)
{
    return ngx_http_consent_edit_lines(r, ctx, name, value, value);
}


ngx_int_t
ngx_http_consent_edit_lines(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *name, ngx_str_t *first,
    ngx_str_t *others)
{
    ngx_str_t                *value;
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

    value = first;

    ngx_http_consent_header_walk(&walk, &r->headers_in.headers);

    while ((h = ngx_http_consent_header_next(&walk, name)) != NULL) {

        if (ngx_http_consent_edit(ctx, h, value) != NGX_OK) {
            return NGX_ERROR;
        }

        value = others;
    }

    return NGX_OK;
}


/*
 * The last change of a header first.  A value that somebody else has changed
 * since is left as it is.
 */

void
ngx_http_consent_take_back_headers(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *name)
{
    ngx_uint_t                i;
    ngx_table_elt_t          *h;
    ngx_http_consent_edit_t  *edit;

    edit = ctx->edits.elts;

    for (i = ctx->edits.nelts; i-- > 0; /* void */ ) {

        h = edit[i].header;

        if (h->value.data == edit[i].written
            && (name == NULL || ngx_http_consent_header_is(h, name)))
        {
            h->value = edit[i].original;
        }
    }
}


static ngx_int_t
ngx_http_consent_edit(ngx_http_consent_ctx_t *ctx, ngx_table_elt_t *h,
    ngx_str_t *value)
{
    ngx_http_consent_edit_t  *edit;

    edit = ngx_array_push(&ctx->edits);
    if (edit == NULL) {
        return NGX_ERROR;
    }

    edit->header = h;
    edit->original = h->value;
    edit->written = value->data;

    h->value = *value;

    return NGX_OK;
}


/* $http_cookie and its like may be cached from before the change */

static void
ngx_http_consent_forget_variables(ngx_http_request_t *r)
{
    ngx_uint_t                    *index, i;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    index = mcf->edited_variables.elts;

    for (i = 0; i < mcf->edited_variables.nelts; i++) {
        r->variables[index[i]].valid = 0;
        r->variables[index[i]].not_found = 0;
    }
}
