/*
 * Copyright (C) ngx_consent_module authors
 *
 * The variables of templates: $consent_page_<name> for what is shown, and
 * $consent_text_<name> for what is said.  All of them are escaped for HTML
 * and for attribute values in quotes, so that a template can put them
 * anywhere.  They are prefixes and not single variables, to leave the hash
 * of variables as it is for those who have no use for them.
 */


#include "ngx_http_consent.h"

#include "core/consent_escape.h"


#define NGX_HTTP_CONSENT_PAGE_PREFIX      "consent_page_"
#define NGX_HTTP_CONSENT_PAGE_PREFIX_LEN                                     \
    (sizeof(NGX_HTTP_CONSENT_PAGE_PREFIX) - 1)

#define NGX_HTTP_CONSENT_TEXT_PREFIX      "consent_text_"
#define NGX_HTTP_CONSENT_TEXT_PREFIX_LEN                                     \
    (sizeof(NGX_HTTP_CONSENT_TEXT_PREFIX) - 1)


/* value is empty before the call; what is put there is escaped after it */

typedef ngx_int_t (*ngx_http_consent_view_pt)(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);


typedef struct {
    ngx_str_t                    name;
    ngx_http_consent_view_pt     handler;
} ngx_http_consent_view_entry_t;


static ngx_int_t ngx_http_consent_view_page(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_consent_view_text(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_consent_view_set(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, ngx_str_t *value);
static ngx_http_consent_view_entry_t *ngx_http_consent_view_find(
    ngx_str_t *name);
static ngx_uint_t ngx_http_consent_view_is_known(ngx_conf_t *cf,
    ngx_str_t *name);

static ngx_int_t ngx_http_consent_view_endpoint(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);
static ngx_int_t ngx_http_consent_view_choose(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);
static ngx_int_t ngx_http_consent_view_return(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);
static ngx_int_t ngx_http_consent_view_token(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);
static ngx_int_t ngx_http_consent_view_site(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);
static ngx_int_t ngx_http_consent_view_notice(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);
static ngx_int_t ngx_http_consent_view_decided(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);
static ngx_int_t ngx_http_consent_view_signalled(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);
static ngx_int_t ngx_http_consent_view_name(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);
static ngx_int_t ngx_http_consent_view_title(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);
static ngx_int_t ngx_http_consent_view_about(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);
static ngx_int_t ngx_http_consent_view_always(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);
static ngx_int_t ngx_http_consent_view_accepted(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);
static ngx_int_t ngx_http_consent_view_cookies(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);
static ngx_int_t ngx_http_consent_view_services(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);
static ngx_int_t ngx_http_consent_view_more_cookies(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);
static ngx_int_t ngx_http_consent_view_more_services(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);

static ngx_uint_t ngx_http_consent_view_count(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_rule_e kind);
static ngx_int_t ngx_http_consent_view_number(ngx_http_request_t *r,
    ngx_uint_t n, ngx_str_t *value);
static ngx_http_consent_endpoint_t *ngx_http_consent_view_where(
    ngx_http_request_t *r);


static ngx_http_consent_view_entry_t  ngx_http_consent_view_entries[] = {

    /* the request */

    { ngx_string("endpoint"), ngx_http_consent_view_endpoint },
    { ngx_string("choose"), ngx_http_consent_view_choose },
    { ngx_string("return"), ngx_http_consent_view_return },
    { ngx_string("token"), ngx_http_consent_view_token },
    { ngx_string("site"), ngx_http_consent_view_site },
    { ngx_string("notice"), ngx_http_consent_view_notice },
    { ngx_string("decided"), ngx_http_consent_view_decided },
    { ngx_string("signalled"), ngx_http_consent_view_signalled },

    /* a category */

    { ngx_string("name"), ngx_http_consent_view_name },
    { ngx_string("title"), ngx_http_consent_view_title },
    { ngx_string("about"), ngx_http_consent_view_about },
    { ngx_string("always"), ngx_http_consent_view_always },
    { ngx_string("accepted"), ngx_http_consent_view_accepted },
    { ngx_string("cookies"), ngx_http_consent_view_cookies },
    { ngx_string("services"), ngx_http_consent_view_services },
    { ngx_string("more_cookies"), ngx_http_consent_view_more_cookies },
    { ngx_string("more_services"), ngx_http_consent_view_more_services },

    /* a cookie or service */

    { ngx_string("item"), ngx_http_consent_item_name },
    { ngx_string("purpose"), ngx_http_consent_item_purpose },
    { ngx_string("lifetime"), ngx_http_consent_item_lifetime },
    { ngx_string("provider"), ngx_http_consent_item_provider },

    { ngx_null_string, NULL }
};


ngx_int_t
ngx_http_consent_view_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var;

    static ngx_str_t  page = ngx_string(NGX_HTTP_CONSENT_PAGE_PREFIX);
    static ngx_str_t  text = ngx_string(NGX_HTTP_CONSENT_TEXT_PREFIX);

    var = ngx_http_add_variable(cf, &page, NGX_HTTP_VAR_NOCACHEABLE
                                           |NGX_HTTP_VAR_PREFIX);
    if (var == NULL) {
        return NGX_ERROR;
    }

    var->get_handler = ngx_http_consent_view_page;

    var = ngx_http_add_variable(cf, &text, NGX_HTTP_VAR_NOCACHEABLE
                                           |NGX_HTTP_VAR_PREFIX);
    if (var == NULL) {
        return NGX_ERROR;
    }

    var->get_handler = ngx_http_consent_view_text;

    return NGX_OK;
}


ngx_int_t
ngx_http_consent_view_check(ngx_conf_t *cf)
{
    ngx_uint_t                  i;
    ngx_http_variable_t        *v;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    v = cmcf->variables.elts;

    for (i = 0; i < cmcf->variables.nelts; i++) {

        if (!ngx_http_consent_view_is_known(cf, &v[i].name)) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "unknown variable \"$%V\", see the list of those "
                          "for \"consent_template\" in docs/directives.md",
                          &v[i].name);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* or none of our business; a map or set may define one of its own */

static ngx_uint_t
ngx_http_consent_view_is_known(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_str_t                   rest;
    ngx_uint_t                  i;
    ngx_hash_key_t             *key;
    ngx_http_core_main_conf_t  *cmcf;

    if (name->len > NGX_HTTP_CONSENT_PAGE_PREFIX_LEN
        && ngx_memcmp(name->data, NGX_HTTP_CONSENT_PAGE_PREFIX,
                      NGX_HTTP_CONSENT_PAGE_PREFIX_LEN)
           == 0)
    {
        if (ngx_http_consent_view_find(name)) {
            return 1;
        }

    } else if (name->len > NGX_HTTP_CONSENT_TEXT_PREFIX_LEN
               && ngx_memcmp(name->data, NGX_HTTP_CONSENT_TEXT_PREFIX,
                             NGX_HTTP_CONSENT_TEXT_PREFIX_LEN)
                  == 0)
    {
        rest.data = name->data + NGX_HTTP_CONSENT_TEXT_PREFIX_LEN;
        rest.len = name->len - NGX_HTTP_CONSENT_TEXT_PREFIX_LEN;

        if (ngx_http_consent_text_find(&rest) != NGX_ERROR) {
            return 1;
        }

    } else {
        return 1;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    key = cmcf->variables_keys->keys.elts;

    for (i = 0; i < cmcf->variables_keys->keys.nelts; i++) {
        if (key[i].key.len == name->len
            && ngx_strncmp(key[i].key.data, name->data, name->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static ngx_http_consent_view_entry_t *
ngx_http_consent_view_find(ngx_str_t *name)
{
    size_t                          len;
    u_char                         *data;
    ngx_http_consent_view_entry_t  *entry;

    data = name->data + NGX_HTTP_CONSENT_PAGE_PREFIX_LEN;
    len = name->len - NGX_HTTP_CONSENT_PAGE_PREFIX_LEN;

    for (entry = ngx_http_consent_view_entries; entry->name.len; entry++) {
        if (entry->name.len == len
            && ngx_memcmp(entry->name.data, data, len) == 0)
        {
            return entry;
        }
    }

    return NULL;
}


/* what makes no sense where it is asked for is empty */

static ngx_int_t
ngx_http_consent_view_page(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t *name = (ngx_str_t *) data;

    ngx_str_t                       value;
    ngx_http_consent_ctx_t         *ctx;
    ngx_http_consent_view_entry_t  *entry;

    ctx = ngx_http_consent_get_state(r);
    if (ctx == NULL || ngx_http_consent_get_view(r, ctx) == NULL) {
        return NGX_ERROR;
    }

    ngx_str_null(&value);

    entry = ngx_http_consent_view_find(name);

    if (entry && entry->handler(r->main, ctx, &value) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_consent_view_set(r, v, &value);
}


static ngx_int_t
ngx_http_consent_view_text(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t *name = (ngx_str_t *) data;

    ngx_int_t                i;
    ngx_str_t                rest;
    ngx_http_consent_ctx_t  *ctx;

    ctx = ngx_http_consent_get_state(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    rest.data = name->data + NGX_HTTP_CONSENT_TEXT_PREFIX_LEN;
    rest.len = name->len - NGX_HTTP_CONSENT_TEXT_PREFIX_LEN;

    i = ngx_http_consent_text_find(&rest);

    if (i == NGX_ERROR) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_consent_view_set(r, v,
                              ngx_http_consent_text_at(r->main, ctx, i));
}


static ngx_int_t
ngx_http_consent_view_set(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, ngx_str_t *value)
{
    ngx_str_t  html;

    html = ngx_http_consent_html(r, value);
    if (html.data == NULL) {
        return NGX_ERROR;
    }

    v->data = html.data;
    v->len = html.len;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}


ngx_str_t
ngx_http_consent_html(ngx_http_request_t *r, ngx_str_t *text)
{
    ngx_str_t      html;
    consent_str_t  raw;

    static u_char  nothing[] = "";

    if (text->len == 0) {
        html.data = nothing;
        html.len = 0;

        return html;
    }

    raw = consent_str_make(text->data, text->len);

    html.len = consent_escape_html(NULL, raw);
    html.data = ngx_pnalloc(r->pool, html.len);

    if (html.data) {
        (void) consent_escape_html(html.data, raw);
    }

    return html;
}


/* that of this location, else the one of the server */

static ngx_http_consent_endpoint_t *
ngx_http_consent_view_where(ngx_http_request_t *r)
{
    ngx_http_consent_loc_conf_t  *clf;
    ngx_http_consent_srv_conf_t  *scf;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    if (clf->endpoint) {
        return clf->endpoint;
    }

    scf = ngx_http_get_module_srv_conf(r, ngx_http_consent_module);

    return scf->endpoint;
}


static ngx_int_t
ngx_http_consent_view_endpoint(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value)
{
    u_char                       *p;
    ngx_str_t                    *origin;
    ngx_http_consent_endpoint_t  *endpoint;

    endpoint = ngx_http_consent_view_where(r);

    if (endpoint == NULL) {
        return NGX_OK;
    }

    origin = &ctx->view->origin;

    if (origin->len == 0) {
        *value = endpoint->url;
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, origin->len + endpoint->url.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    value->data = p;
    value->len = origin->len + endpoint->url.len;

    p = ngx_cpymem(p, origin->data, origin->len);
    ngx_memcpy(p, endpoint->url.data, endpoint->url.len);

    return NGX_OK;
}


/* the page where one chooses, with the way back */

static ngx_int_t
ngx_http_consent_view_choose(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value)
{
    u_char         *p;
    ngx_str_t       endpoint;
    consent_str_t   back;

    ngx_str_null(&endpoint);

    if (ngx_http_consent_view_endpoint(r, ctx, &endpoint) != NGX_OK) {
        return NGX_ERROR;
    }

    back = consent_str_make(ctx->view->back.data, ctx->view->back.len);

    if (back.len == 0 || endpoint.len == 0) {
        *value = endpoint;
        return NGX_OK;
    }

    value->len = endpoint.len + sizeof("?return=") - 1
                 + consent_escape_query(NULL, back);

    value->data = ngx_pnalloc(r->pool, value->len);
    if (value->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(value->data, endpoint.data, endpoint.len);
    p = ngx_cpymem(p, "?return=", sizeof("?return=") - 1);
    (void) consent_escape_query(p, back);

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_view_return(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value)
{
    *value = ctx->view->back;

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_view_token(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value)
{
    return ngx_http_consent_choice_token(r, ctx, value);
}


static ngx_int_t
ngx_http_consent_view_site(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value)
{
    *value = r->headers_in.server;

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_view_notice(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value)
{
    if (ctx->view->notice) {
        *value = *ngx_http_consent_text(r, ctx, ctx->view->notice);
    }

    return NGX_OK;
}


/* the day of the decision */

static ngx_int_t
ngx_http_consent_view_decided(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value)
{
    ngx_tm_t  tm;

    if (ctx->decision.kind != CONSENT_DECISION_EXPLICIT
        || ctx->decision.issued <= 0)
    {
        return NGX_OK;
    }

    value->data = ngx_pnalloc(r->pool, sizeof("9999-12-31"));
    if (value->data == NULL) {
        return NGX_ERROR;
    }

    ngx_gmtime((time_t) ctx->decision.issued, &tm);

    value->len = ngx_snprintf(value->data, sizeof("9999-12-31"),
                              "%4d-%02d-%02d", tm.ngx_tm_year,
                              tm.ngx_tm_mon, tm.ngx_tm_mday)
                 - value->data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_view_signalled(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value)
{
    if (ctx->signalled) {
        ngx_str_set(value, "1");
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_view_name(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value)
{
    consent_str_t                  name;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    if (ctx->view->category != CONSENT_UNCLASSIFIED) {
        name = mcf->policy.categories[ctx->view->category].name;

        value->data = (u_char *) (uintptr_t) name.data;
        value->len = name.len;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_view_title(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value)
{
    if (ctx->view->category != CONSENT_UNCLASSIFIED) {
        *value = ngx_http_consent_category_title(r, ctx,
                                                 ctx->view->category);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_view_about(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value)
{
    if (ctx->view->category != CONSENT_UNCLASSIFIED) {
        *value = ngx_http_consent_category_about(r, ctx,
                                                 ctx->view->category);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_view_always(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value)
{
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    if (ctx->view->category != CONSENT_UNCLASSIFIED
        && (mcf->policy.always & consent_bit(ctx->view->category)))
    {
        ngx_str_set(value, "1");
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_view_accepted(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value)
{
    if (ctx->view->category != CONSENT_UNCLASSIFIED
        && (ctx->accepted & consent_bit(ctx->view->category)))
    {
        ngx_str_set(value, "1");
    }

    return NGX_OK;
}


/* how many there are */

static ngx_int_t
ngx_http_consent_view_cookies(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value)
{
    return ngx_http_consent_view_number(r,
               ngx_http_consent_view_count(r, ctx, CONSENT_RULE_COOKIE),
               value);
}


static ngx_int_t
ngx_http_consent_view_services(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value)
{
    return ngx_http_consent_view_number(r,
               ngx_http_consent_view_count(r, ctx, CONSENT_RULE_RESOURCE),
               value);
}


/* how many of them are not shown here */

static ngx_int_t
ngx_http_consent_view_more_cookies(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value)
{
    ngx_uint_t  n;

    n = ngx_http_consent_view_count(r, ctx, CONSENT_RULE_COOKIE);

    return ngx_http_consent_view_number(r,
               (ctx->view->listed && n > ctx->view->listed)
               ? n - ctx->view->listed : 0, value);
}


static ngx_int_t
ngx_http_consent_view_more_services(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value)
{
    ngx_uint_t  n;

    n = ngx_http_consent_view_count(r, ctx, CONSENT_RULE_RESOURCE);

    return ngx_http_consent_view_number(r,
               (ctx->view->listed && n > ctx->view->listed)
               ? n - ctx->view->listed : 0, value);
}


static ngx_uint_t
ngx_http_consent_view_count(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_rule_e kind)
{
    ngx_uint_t                     n, at;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    at = 0;

    for (n = 0;
         ngx_http_consent_item_next(mcf, ctx->view, kind, &at) != NULL;
         n++)
    {
        /* void */
    }

    return n;
}


static ngx_int_t
ngx_http_consent_view_number(ngx_http_request_t *r, ngx_uint_t n,
    ngx_str_t *value)
{
    if (n == 0) {
        return NGX_OK;
    }

    value->data = ngx_pnalloc(r->pool, NGX_INT_T_LEN);
    if (value->data == NULL) {
        return NGX_ERROR;
    }

    value->len = ngx_sprintf(value->data, "%ui", n) - value->data;

    return NGX_OK;
}
