/*
 * Copyright (C) ngx_consent_module authors
 *
 * What is known about a request.  One context for each client request, held
 * by a cleanup of its pool, because internal redirects forget the contexts of
 * modules.  The decision is made once, from the cookies that the client sent;
 * the mode follows the location.
 */


#include "ngx_http_consent.h"


static void ngx_http_consent_ctx_cleanup(void *data);
static ngx_http_consent_ctx_t *ngx_http_consent_obtain_ctx(
    ngx_http_request_t *r);
static ngx_http_consent_ctx_t *ngx_http_consent_find_ctx(
    ngx_http_request_t *r);
static ngx_http_consent_ctx_t *ngx_http_consent_create_ctx(
    ngx_http_request_t *r);
static ngx_uint_t ngx_http_consent_mode(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_http_consent_loc_conf_t *clf);


ngx_http_consent_ctx_t *
ngx_http_consent_get_ctx(ngx_http_request_t *r)
{
    ngx_http_consent_ctx_t       *ctx;
    ngx_http_consent_loc_conf_t  *clf;

    r = r->main;

    ctx = ngx_http_consent_obtain_ctx(r);
    if (ctx == NULL) {
        return NULL;
    }

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    if (ctx->mode_conf != clf) {

        /*
         * The mode may come from a variable that asks for the mode: set
         * first what is safe, so that there is no endless recursion.
         */

        ctx->mode_conf = clf;
        ctx->mode = NGX_HTTP_CONSENT_ENFORCE;
        ctx->mode = ngx_http_consent_mode(r, ctx, clf);
    }

    if (ctx->mode == NGX_HTTP_CONSENT_OFF) {

        /* nobody needs a decision, unless a variable asks for it */

        return ctx;
    }

    return ngx_http_consent_get_state(r);
}


ngx_http_consent_ctx_t *
ngx_http_consent_get_state(ngx_http_request_t *r)
{
    ngx_http_consent_ctx_t       *ctx;
    ngx_http_consent_loc_conf_t  *clf;

    r = r->main;

    ctx = ngx_http_consent_obtain_ctx(r);
    if (ctx == NULL) {
        return NULL;
    }

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    if (ctx->decided && (ctx->settled || ctx->decided_conf == clf)) {
        return ctx;
    }

    /*
     * A variable may ask before the location is known, whose cookie, keys and
     * defaults count in the end.
     */

    ctx->decided_conf = clf;

    if (ngx_http_consent_decide(r, ctx) != NGX_OK) {
        return NULL;
    }

    return ctx;
}


static ngx_http_consent_ctx_t *
ngx_http_consent_obtain_ctx(ngx_http_request_t *r)
{
    ngx_http_consent_ctx_t  *ctx;

    ctx = ngx_http_consent_find_ctx(r);

    return ctx ? ctx : ngx_http_consent_create_ctx(r);
}


ngx_http_consent_ctx_t *
ngx_http_consent_known_ctx(ngx_http_request_t *r)
{
    return ngx_http_consent_find_ctx(r->main);
}


/* has nothing to release; marks the context in the list of cleanups */

static void
ngx_http_consent_ctx_cleanup(void *data)
{
    ngx_http_consent_ctx_t *ctx = data;

    ctx->body = NULL;
}


static ngx_http_consent_ctx_t *
ngx_http_consent_find_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t      *cln;
    ngx_http_consent_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_consent_module);

    if (ctx != NULL) {
        return ctx;
    }

    for (cln = r->pool->cleanup; cln; cln = cln->next) {

        if (cln->handler == ngx_http_consent_ctx_cleanup) {
            ctx = cln->data;

            /* after a redirect, what was decided before it holds */

            ctx->settled = ctx->decided;

            ngx_http_set_ctx(r, ctx, ngx_http_consent_module);
            return ctx;
        }
    }

    return NULL;
}


static ngx_http_consent_ctx_t *
ngx_http_consent_create_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t      *cln;
    ngx_http_consent_ctx_t  *ctx;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_consent_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(ngx_http_consent_ctx_t));

    if (ngx_array_init(&ctx->edits, r->pool, 4,
                       sizeof(ngx_http_consent_edit_t))
        != NGX_OK)
    {
        return NULL;
    }

    cln->handler = ngx_http_consent_ctx_cleanup;
    ngx_http_set_ctx(r, ctx, ngx_http_consent_module);

    return ctx;
}


/* what makes no sense is enforced, so that a mistake opens no door */

static ngx_uint_t
ngx_http_consent_mode(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    ngx_http_consent_loc_conf_t *clf)
{
    ngx_str_t  value;

    if (clf->mode == NULL) {

        /* "consent" may be on in those locations only that are a site */

        return (clf->endpoint && clf->mode_value == NGX_HTTP_CONSENT_OFF)
               ? NGX_HTTP_CONSENT_ENFORCE : clf->mode_value;
    }

    if (ngx_http_complex_value(r, clf->mode, &value) != NGX_OK) {
        return NGX_HTTP_CONSENT_ENFORCE;
    }

    if (value.len == 3 && ngx_memcmp(value.data, "off", 3) == 0) {
        return NGX_HTTP_CONSENT_OFF;
    }

    if (value.len == 6 && ngx_memcmp(value.data, "report", 6) == 0) {
        return NGX_HTTP_CONSENT_REPORT;
    }

    if ((value.len != 7 || ngx_memcmp(value.data, "enforce", 7) != 0)
        && !ctx->mode_logged)
    {
        ctx->mode_logged = 1;

        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "consent: the value \"%V\" of \"consent\" is none of "
                      "off, report and enforce; enforced", &value);
    }

    return NGX_HTTP_CONSENT_ENFORCE;
}


ngx_int_t
ngx_http_consent_cookie_category(ngx_http_request_t *r, consent_str_t name,
    ngx_uint_t *unclassified)
{
    unsigned                       limited;
    ngx_int_t                      category;
    ngx_http_consent_loc_conf_t   *clf;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    limited = 0;

    category = consent_match_cookie(mcf->policy.match, name, &limited);

    if (limited) {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "consent: a regular expression gave up on the name of "
                      "a cookie, which counts as a match");
    }

    if (category != CONSENT_UNCLASSIFIED) {
        return category;
    }

    if (unclassified) {
        *unclassified = 1;
    }

    clf = ngx_http_get_module_loc_conf(r->main, ngx_http_consent_module);

    return clf->unclassified_cookie;
}


ngx_uint_t
ngx_http_consent_cookie_is_own(ngx_http_request_t *r, consent_str_t name)
{
    ngx_uint_t                      i;
    consent_str_t                  *own;
    ngx_http_consent_source_t     **sources;
    ngx_http_consent_main_conf_t   *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    own = mcf->own_names.elts;

    for (i = 0; i < mcf->own_names.nelts; i++) {
        if (consent_str_eq(name, own[i])) {
            return 1;
        }
    }

    sources = mcf->sources.elts;

    for (i = 0; i < mcf->sources.nelts; i++) {
        if (sources[i]->used
            && consent_source_owns(sources[i]->source, name))
        {
            return 1;
        }
    }

    return 0;
}


consent_mask_t
ngx_http_consent_body_categories(ngx_http_request_t *r)
{
    consent_mask_t                 mask;
    ngx_http_consent_loc_conf_t   *clf;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);
    clf = ngx_http_get_module_loc_conf(r->main, ngx_http_consent_module);

    mask = mcf->resource_categories;

    if (clf->inlines) {
        mask |= mcf->inline_categories;
    }

    if (clf->unclassified_third_party != CONSENT_UNCLASSIFIED) {
        mask |= consent_bit(clf->unclassified_third_party);
    }

    return mask;
}


ngx_uint_t
ngx_http_consent_may_change_body(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    return (ctx->denied & ngx_http_consent_body_categories(r)) != 0
           || ngx_http_consent_banner_is_wanted(r->main, ctx);
}


/*
 * A CRC tells any two strings apart that differ in no more than 32 bits in a
 * row: with up to 30 categories, two states or modes of one location never
 * share a variant.
 */

uint32_t
ngx_http_consent_variant(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx)
{
    u_char                       *p, bytes[18];
    uint32_t                      banner;
    ngx_str_t                     html;
    ngx_uint_t                    i;
    ngx_http_consent_loc_conf_t  *clf;

    clf = ngx_http_get_module_loc_conf(r->main, ngx_http_consent_module);

    p = bytes;

    *p++ = NGX_HTTP_CONSENT_REVISION;

    for (i = 0; i < 4; i++) {
        *p++ = (u_char) (clf->hash >> (8 * i));
    }

    *p++ = (u_char) (ctx->mode << 6);

    for (i = 0; i < 8; i++) {
        *p++ = (u_char) (ctx->accepted >> (8 * i));
    }

    /* who is asked gets another page than who has refused the same */

    if (ngx_http_consent_banner_is_wanted(r->main, ctx)
        && ngx_http_consent_banner(r->main, ctx, 0, &html) == NGX_OK)
    {
        banner = ngx_crc32_long(html.data, html.len);

        for (i = 0; i < 4; i++) {
            *p++ = (u_char) (banner >> (8 * i));
        }
    }

    return ngx_crc32_short(bytes, p - bytes);
}


void
ngx_http_consent_recount(ngx_uint_t *total, ngx_uint_t *share, ngx_uint_t n)
{
    *total -= *share;
    *total += n;
    *share = n;
}


void
ngx_http_consent_header_walk(ngx_http_consent_walk_t *walk,
    ngx_list_t *headers)
{
    walk->part = headers->last ? &headers->part : NULL;
    walk->i = 0;
}


ngx_table_elt_t *
ngx_http_consent_header_next(ngx_http_consent_walk_t *walk, ngx_str_t *name)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = walk->part; part; part = part->next) {
        h = part->elts;

        for (i = walk->i; i < part->nelts; i++) {

            if (ngx_http_consent_header_is(&h[i], name)) {
                walk->part = part;
                walk->i = i + 1;

                return &h[i];
            }
        }

        walk->i = 0;
    }

    walk->part = NULL;

    return NULL;
}


/*
 * Of the characters that a name may have, none but a letter becomes a letter
 * or "-" by its sixth bit: quicker than ngx_strncasecmp(), and every header
 * is asked many times.
 */

ngx_uint_t
ngx_http_consent_header_is(ngx_table_elt_t *h, ngx_str_t *name)
{
    size_t  i;

    if (h->key.len != name->len) {
        return 0;
    }

    for (i = 0; i < name->len; i++) {
        if ((h->key.data[i] | 0x20) != name->data[i]) {
            return 0;
        }
    }

    return 1;
}
