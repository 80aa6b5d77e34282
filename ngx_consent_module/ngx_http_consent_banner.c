/*
 * Copyright (C) ngx_consent_module authors
 *
 * consent_banner: whom it asks, in which responses, and the HTML that the
 * body filter puts in.
 */


#include "ngx_http_consent.h"

#include "core/consent_escape.h"


static ngx_uint_t ngx_http_consent_banner_is_fragment(ngx_http_request_t *r);
static ngx_int_t ngx_http_consent_banner_render(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_uint_t base, ngx_str_t *html);
static ngx_int_t ngx_http_consent_banner_origin(ngx_http_request_t *r,
    ngx_str_t *origin);


/* requests of scripts that put what they get into a page */

static ngx_str_t  ngx_http_consent_fragment_names[] = {
    ngx_string("x-requested-with"),
    ngx_string("hx-request"),
    ngx_string("turbo-frame"),
    ngx_string("x-pjax"),
    ngx_null_string
};

static ngx_str_t  ngx_http_consent_disposition_name =
    ngx_string("content-disposition");
static ngx_str_t  ngx_http_consent_host_name = ngx_string("host");


char *
ngx_http_consent_banner_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_consent_loc_conf_t *clf = conf;

    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_consent_module);

    clf->banner_origin = ngx_http_consent_origin_add(cf, mcf);
    if (clf->banner_origin == 0) {
        return NGX_CONF_ERROR;
    }

    return ngx_conf_set_flag_slot(cf, cmd, conf);
}


ngx_uint_t
ngx_http_consent_banner_is_wanted(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    ngx_http_consent_loc_conf_t   *clf;
    ngx_http_consent_main_conf_t  *mcf;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    if (!clf->banner
        || clf->endpoint
        || ctx->mode != NGX_HTTP_CONSENT_ENFORCE
        || ctx->decision.kind == CONSENT_DECISION_EXPLICIT)
    {
        return 0;
    }

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    return (mcf->policy.declared & ~mcf->policy.always) != 0
           && ngx_http_consent_is_undecided(r)
           && !ngx_http_consent_banner_is_fragment(r);
}


static ngx_uint_t
ngx_http_consent_banner_is_fragment(ngx_http_request_t *r)
{
    ngx_str_t                *name;
    ngx_http_consent_walk_t   walk;

    for (name = ngx_http_consent_fragment_names; name->len; name++) {

        ngx_http_consent_header_walk(&walk, &r->headers_in.headers);

        if (ngx_http_consent_header_next(&walk, name)) {
            return 1;
        }
    }

    return 0;
}


/*
 * XML has no place where a body is implied, and breaks of a wrong tag; what
 * has no type may be anything
 */

ngx_uint_t
ngx_http_consent_banner_fits(ngx_http_request_t *r)
{
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

    if (ngx_http_consent_is_redirect(r)
        || !ngx_http_consent_is_typed(r)
        || ngx_http_consent_is_xml(r))
    {
        return 0;
    }

    ngx_http_consent_header_walk(&walk, &r->headers_out.headers);

    while ((h = ngx_http_consent_header_next(&walk,
                                          &ngx_http_consent_disposition_name))
           != NULL)
    {
        if (h->hash && h->value.len >= sizeof("attachment") - 1
            && ngx_strncasecmp(h->value.data, (u_char *) "attachment",
                               sizeof("attachment") - 1)
               == 0)
        {
            return 0;
        }
    }

    return 1;
}


ngx_int_t
ngx_http_consent_banner(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    ngx_uint_t base, ngx_str_t *html)
{
    ngx_http_consent_loc_conf_t  *clf;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    if (base) {
        return ngx_http_consent_banner_render(r, ctx, 1, html);
    }

    if (ctx->banner_conf != clf) {

        /* a template may ask for the variant, which asks for the banner */

        ctx->banner_conf = clf;
        ngx_str_null(&ctx->banner);

        if (ngx_http_consent_banner_render(r, ctx, 0, &ctx->banner)
            != NGX_OK)
        {
            ctx->banner_conf = NULL;
            return NGX_ERROR;
        }
    }

    *html = ctx->banner;

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_banner_render(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_uint_t base, ngx_str_t *html)
{
    ngx_str_t                     text;
    consent_str_t                 path, raw;
    ngx_http_consent_view_t      *view;
    ngx_http_consent_loc_conf_t  *clf;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    view = ngx_http_consent_get_view(r, ctx);
    if (view == NULL) {
        return NGX_ERROR;
    }

    ngx_str_null(&view->origin);
    ngx_str_null(&view->back);

    if (base && ngx_http_consent_banner_origin(r, &view->origin) != NGX_OK) {
        return NGX_ERROR;
    }

    path = consent_str_make(r->unparsed_uri.data, r->unparsed_uri.len);

    if (consent_form_is_local(path)) {
        view->back = r->unparsed_uri;
    }

    if (ngx_http_consent_template_render(r, ctx,
                               clf->templates[NGX_HTTP_CONSENT_BANNER], &text)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* the page may be in any encoding */

    raw = consent_str_make(text.data, text.len);

    html->len = consent_escape_ascii(NULL, raw);
    html->data = ngx_pnalloc(r->pool, html->len + 1);
    if (html->data == NULL) {
        return NGX_ERROR;
    }

    (void) consent_escape_ascii(html->data, raw);

    return NGX_OK;
}


/* where <base> leads elsewhere, paths have to name the host */

static ngx_int_t
ngx_http_consent_banner_origin(ngx_http_request_t *r, ngx_str_t *origin)
{
    consent_str_t  host;

    host = ngx_http_consent_request_header(r, &ngx_http_consent_host_name);

    if (host.len == 0) {
        return NGX_OK;
    }

    origin->len = sizeof("//") - 1 + host.len;
    origin->data = ngx_pnalloc(r->pool, origin->len);
    if (origin->data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(ngx_cpymem(origin->data, "//", 2), host.data, host.len);

    return NGX_OK;
}


/* what a blocked frame shows in its place; NULL: there is no endpoint */

ngx_int_t
ngx_http_consent_banner_frames(ngx_http_request_t *r,
    const consent_str_t **frames, consent_str_t *origin)
{
    ngx_str_t                     plain, html;
    ngx_http_consent_srv_conf_t  *scf;

    scf = ngx_http_get_module_srv_conf(r, ngx_http_consent_module);

    *frames = scf->blocked;
    *origin = consent_str_make(NULL, 0);

    if (scf->blocked == NULL) {
        return NGX_OK;
    }

    ngx_str_null(&plain);

    if (ngx_http_consent_banner_origin(r, &plain) != NGX_OK) {
        return NGX_ERROR;
    }

    html = ngx_http_consent_html(r, &plain);
    if (html.data == NULL) {
        return NGX_ERROR;
    }

    *origin = consent_str_make(html.data, html.len);

    return NGX_OK;
}


char *
ngx_http_consent_banner_merge(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_http_consent_loc_conf_t *prev,
    ngx_http_consent_loc_conf_t *conf)
{
    ngx_http_consent_origin_t    *origin;
    ngx_http_consent_srv_conf_t  *scf;

    if (conf->endpoint && !ngx_http_consent_uses_own(conf)) {
        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "a choice at \"consent_endpoint\" in location \"%V\" "
                      "has no effect: add \"own\" to \"consent_use\"",
                      &conf->endpoint->name);
    }

    if (conf->banner == NGX_CONF_UNSET) {
        conf->banner_origin = prev->banner_origin;
    }

    ngx_conf_merge_value(conf->banner, prev->banner, 0);

    if (!conf->banner
        || (conf->mode == NULL
            && conf->mode_value == NGX_HTTP_CONSENT_OFF))
    {
        return NGX_CONF_OK;
    }

    scf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_consent_module);
    origin = ngx_http_consent_origin(mcf, conf->banner_origin);

    if (!ngx_http_consent_uses_own(conf)) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"consent_banner\" in %V:%ui would ask for a choice "
                      "that has no effect: add \"own\" to \"consent_use\", "
                      "or say \"consent_banner off\"",
                      &origin->file, origin->line);
        return NGX_CONF_ERROR;
    }

    if (scf->endpoint) {
        return NGX_CONF_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "\"consent_banner\" in %V:%ui has nowhere to send the "
                  "choice: add \"location /.consent/ { consent_endpoint; }\" "
                  "to the server, or say \"consent_banner off\" there",
                  &origin->file, origin->line);

    return NGX_CONF_ERROR;
}


ngx_int_t
ngx_http_consent_banner_blocked(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf)
{
    u_char                       *p;
    ngx_uint_t                    i;
    consent_str_t                 url, name;
    ngx_http_consent_srv_conf_t  *scf;

    scf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_consent_module);

    if (scf->endpoint == NULL || scf->blocked) {
        return NGX_OK;
    }

    scf->blocked = ngx_palloc(cf->pool, CONSENT_MAX_CATEGORIES
                                        * sizeof(consent_str_t));
    if (scf->blocked == NULL) {
        return NGX_ERROR;
    }

    url = consent_str_make(scf->endpoint->url.data, scf->endpoint->url.len);

    for (i = 0; i < mcf->policy.ncategories; i++) {
        name = mcf->policy.categories[i].name;

        p = ngx_pnalloc(cf->pool, consent_escape_html(NULL, url) + name.len
                                  + sizeof("blocked?category="));
        if (p == NULL) {
            return NGX_ERROR;
        }

        scf->blocked[i].data = p;

        p += consent_escape_html(p, url);
        p = ngx_cpymem(p, "blocked?category=",
                       sizeof("blocked?category=") - 1);
        p = ngx_cpymem(p, name.data, name.len);

        scf->blocked[i].len = p - scf->blocked[i].data;
    }

    return NGX_OK;
}
