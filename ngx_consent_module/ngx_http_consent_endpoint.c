/*
 * Copyright (C) ngx_consent_module authors
 *
 * consent_endpoint: what is behind the URL of that location.  What changes a
 * choice is in ngx_http_consent_choice.c.
 */


#include "ngx_http_consent.h"

#include "core/consent_origin.h"
#include "core/consent_url.h"


typedef ngx_int_t (*ngx_http_consent_resource_pt)(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);


typedef struct {
    ngx_str_t                     name;     /* behind that of the location */
    ngx_http_consent_resource_pt  handler;  /* GET and HEAD */
    ngx_uint_t                    choice;   /* POST and DELETE as well */
    ngx_http_consent_result_e     result;   /* what it counts as */
} ngx_http_consent_resource_t;


static ngx_int_t ngx_http_consent_endpoint_handler(ngx_http_request_t *r);
static ngx_http_consent_resource_t *ngx_http_consent_endpoint_find(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_consent_endpoint_options(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *allow);
static ngx_int_t ngx_http_consent_get_page(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);
static ngx_int_t ngx_http_consent_get_state_json(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);
static ngx_int_t ngx_http_consent_get_cookies(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);
static ngx_int_t ngx_http_consent_get_blocked(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);
static ngx_int_t ngx_http_consent_get_style(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);
static ngx_int_t ngx_http_consent_send_html(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_http_consent_template_e type,
    ngx_uint_t status, ngx_str_t *cache);
static ngx_int_t ngx_http_consent_set_etag(ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_int_t ngx_http_consent_send(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_uint_t status, ngx_str_t *body);
static ngx_int_t ngx_http_consent_send_json(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_uint_t status, ngx_str_t *json);


static ngx_http_consent_resource_t  ngx_http_consent_resources[] = {
    { ngx_string(""), ngx_http_consent_get_page, 1,
      NGX_HTTP_CONSENT_RESULT_PAGE },
    { ngx_string("state"), ngx_http_consent_get_state_json, 0,
      NGX_HTTP_CONSENT_RESULT_STATE },
    { ngx_string("cookies"), ngx_http_consent_get_cookies, 0,
      NGX_HTTP_CONSENT_RESULT_COOKIES },
    { ngx_string("blocked"), ngx_http_consent_get_blocked, 0,
      NGX_HTTP_CONSENT_RESULT_BLOCKED },
    { ngx_string("style.css"), ngx_http_consent_get_style, 0,
      NGX_HTTP_CONSENT_RESULT_STYLE },
    { ngx_null_string, NULL, 0, NGX_HTTP_CONSENT_RESULT_PAGE }
};


/* by whether there is a choice to be made */

static ngx_str_t  ngx_http_consent_allow[] = {
    ngx_string("GET, HEAD, OPTIONS"),
    ngx_string("GET, HEAD, POST, DELETE, OPTIONS")
};


static ngx_str_t  ngx_http_consent_no_store = ngx_string("no-store");
static ngx_str_t  ngx_http_consent_no_cache = ngx_string("no-cache");
static ngx_str_t  ngx_http_consent_an_hour =
    ngx_string("public, max-age=3600");

static ngx_str_t  ngx_http_consent_nosniff = ngx_string("nosniff");
static ngx_str_t  ngx_http_consent_noindex = ngx_string("noindex");
static ngx_str_t  ngx_http_consent_same_origin = ngx_string("same-origin");


/* nobody else may show the page, which would make visitors click blindly */

#define NGX_HTTP_CONSENT_CSP_FORM                                            \
    "form-action 'self'; base-uri 'none'; frame-ancestors "

#define NGX_HTTP_CONSENT_CSP_BUILTIN                                         \
    "default-src 'none'; style-src 'self'; " NGX_HTTP_CONSENT_CSP_FORM

/* by [built in][may be in a frame] */

static ngx_str_t  ngx_http_consent_policies[2][2] = {
    { ngx_string(NGX_HTTP_CONSENT_CSP_FORM "'none'"),
      ngx_string(NGX_HTTP_CONSENT_CSP_FORM "'self'") },
    { ngx_string(NGX_HTTP_CONSENT_CSP_BUILTIN "'none'"),
      ngx_string(NGX_HTTP_CONSENT_CSP_BUILTIN "'self'") }
};


static ngx_str_t  ngx_http_consent_referer_name = ngx_string("referer");
static ngx_str_t  ngx_http_consent_host_name = ngx_string("host");

static const consent_str_t  ngx_http_consent_return_field =
    consent_str("return");
static const consent_str_t  ngx_http_consent_category_field =
    consent_str("category");


char *
ngx_http_consent_endpoint_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_consent_loc_conf_t *clf = conf;

    size_t                        len;
    u_char                       *p;
    ngx_uint_t                    prefix;
    ngx_http_core_loc_conf_t     *clcf;
    ngx_http_consent_endpoint_t  *endpoint;
    ngx_http_consent_srv_conf_t  *scf;

    if (clf->endpoint) {
        return "is duplicate";
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    prefix = !clcf->exact_match && !clcf->named && !clcf->noname;

#if (NGX_PCRE)
    prefix = prefix && clcf->regex == NULL;
#endif

    if (!prefix) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"consent_endpoint\" has several URLs and needs "
                           "a location for all that begins with a path: "
                           "write \"location /.consent/ { ... }\"");
        return NGX_CONF_ERROR;
    }

    endpoint = ngx_pcalloc(cf->pool, sizeof(ngx_http_consent_endpoint_t));
    if (endpoint == NULL) {
        return NGX_CONF_ERROR;
    }

    endpoint->name = clcf->name;

    len = 2 * ngx_escape_uri(NULL, clcf->name.data, clcf->name.len,
                             NGX_ESCAPE_URI);

    p = ngx_pnalloc(cf->pool, clcf->name.len + len + 1);
    if (p == NULL) {
        return NGX_CONF_ERROR;
    }

    endpoint->url.data = p;

    if (len) {
        p = (u_char *) ngx_escape_uri(p, clcf->name.data, clcf->name.len,
                                      NGX_ESCAPE_URI);
    } else {
        p = ngx_cpymem(p, clcf->name.data, clcf->name.len);
    }

    if (clcf->name.len == 0 || clcf->name.data[clcf->name.len - 1] != '/') {
        *p++ = '/';
    }

    endpoint->url.len = p - endpoint->url.data;

    clf->endpoint = endpoint;

    scf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_consent_module);

    if (scf->endpoint == NULL) {
        scf->endpoint = endpoint;
    }

    clcf->handler = ngx_http_consent_endpoint_handler;

    return NGX_CONF_OK;
}


/* "if" and "limit_except" in the location are locations of their own */

void
ngx_http_consent_endpoint_merge(ngx_conf_t *cf,
    ngx_http_consent_loc_conf_t *prev, ngx_http_consent_loc_conf_t *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (conf->endpoint || !clcf->noname || prev->endpoint == NULL) {
        return;
    }

    conf->endpoint = prev->endpoint;

    if (clcf->lmt_excpt && clcf->handler == NULL) {
        clcf->handler = ngx_http_consent_endpoint_handler;
    }
}


static ngx_int_t
ngx_http_consent_endpoint_handler(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_str_t                    *allow;
    ngx_http_consent_ctx_t       *ctx;
    ngx_http_consent_resource_t  *resource;

    resource = ngx_http_consent_endpoint_find(r);

    if (resource == NULL) {
        return NGX_HTTP_NOT_FOUND;
    }

    ctx = ngx_http_consent_get_ctx(r);
    if (ctx == NULL || ngx_http_consent_get_view(r, ctx) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    allow = &ngx_http_consent_allow[resource->choice];

    if (resource->choice && r->method == NGX_HTTP_POST && r == r->main) {
        return ngx_http_consent_choice_post(r, ctx);
    }

    if ((r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_OPTIONS)) == 0
        && !(resource->choice && r->method == NGX_HTTP_DELETE
             && r == r->main))
    {
        if (ngx_http_consent_add_header(r, "Allow", allow) == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    if (r->method == NGX_HTTP_OPTIONS) {
        return ngx_http_consent_endpoint_options(r, ctx, allow);
    }

    if (r->method == NGX_HTTP_DELETE) {
        return ngx_http_consent_choice_delete(r, ctx);
    }

    ngx_http_consent_count_result(r, resource->result);

    return resource->handler(r, ctx);
}


static ngx_http_consent_resource_t *
ngx_http_consent_endpoint_find(ngx_http_request_t *r)
{
    ngx_str_t                     rest, *name;
    ngx_http_consent_loc_conf_t  *clf;
    ngx_http_consent_resource_t  *resource;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    if (clf->endpoint == NULL) {
        return NULL;
    }

    name = &clf->endpoint->name;

    if (r->uri.len < name->len) {
        return NULL;
    }

    rest.data = r->uri.data + name->len;
    rest.len = r->uri.len - name->len;

    if (name->len && name->data[name->len - 1] != '/' && rest.len) {

        if (rest.data[0] != '/') {
            return NULL;
        }

        rest.data++;
        rest.len--;
    }

    for (resource = ngx_http_consent_resources;
         resource->handler;
         resource++)
    {
        if (resource->name.len == rest.len
            && ngx_memcmp(resource->name.data, rest.data, rest.len) == 0)
        {
            return resource;
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_consent_endpoint_options(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *allow)
{
    if (ngx_http_consent_add_header(r, "Allow", allow) == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_consent_send(r, ctx, NGX_HTTP_NO_CONTENT, NULL);
}


static ngx_int_t
ngx_http_consent_get_page(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx)
{
    return ngx_http_consent_send_page(r, ctx, NGX_HTTP_OK);
}


ngx_int_t
ngx_http_consent_send_page(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    ngx_uint_t status)
{
    if (ctx->view->back.len == 0
        && ngx_http_consent_find_back(r, ctx->view) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_consent_send_html(r, ctx, NGX_HTTP_CONSENT_PAGE, status,
                                      &ngx_http_consent_no_store);
}


static ngx_int_t
ngx_http_consent_get_state_json(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    return ngx_http_consent_send_state(r, ctx);
}


/* the same for everybody who reads that language */

static ngx_int_t
ngx_http_consent_get_cookies(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    return ngx_http_consent_send_html(r, ctx, NGX_HTTP_CONSENT_COOKIES,
                                      NGX_HTTP_OK,
                                      &ngx_http_consent_no_cache);
}


static ngx_int_t
ngx_http_consent_get_blocked(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    int                            category;
    u_char                        *p;
    consent_str_t                  name;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    p = ngx_pnalloc(r->pool, r->args.len + 1);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (consent_form_field(&name, p, consent_str_make(r->args.data,
                                                      r->args.len),
                           ngx_http_consent_category_field)
        != 0)
    {
        return NGX_HTTP_NOT_FOUND;
    }

    category = consent_policy_category(&mcf->policy, name);

    if (category == CONSENT_UNCLASSIFIED) {
        return NGX_HTTP_NOT_FOUND;
    }

    ctx->view->category = category;

    if (ngx_http_consent_find_back(r, ctx->view) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_consent_send_html(r, ctx, NGX_HTTP_CONSENT_PLACEHOLDER,
                                      NGX_HTTP_OK,
                                      &ngx_http_consent_no_store);
}


static ngx_int_t
ngx_http_consent_get_style(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx)
{
    ngx_str_set(&r->headers_out.content_type, "text/css");

    if (ngx_http_consent_set_etag(r, &ngx_http_consent_builtin_style)
        != NGX_OK
        || ngx_http_consent_add_header(r, "Cache-Control",
                                       &ngx_http_consent_an_hour)
           == NULL
        || ngx_http_consent_add_header(r, "X-Content-Type-Options",
                                       &ngx_http_consent_nosniff)
           == NULL)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_consent_send(r, ctx, NGX_HTTP_OK,
                                 &ngx_http_consent_builtin_style);
}


static ngx_int_t
ngx_http_consent_send_html(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    ngx_http_consent_template_e type, ngx_uint_t status, ngx_str_t *cache)
{
    ngx_str_t                     html, *policy;
    ngx_uint_t                    builtin, frame;
    ngx_http_consent_loc_conf_t  *clf;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    if (ngx_http_consent_template_render(r, ctx, clf->templates[type], &html)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    builtin = ngx_http_consent_template_is_builtin(clf->templates[type]);
    frame = (type == NGX_HTTP_CONSENT_PLACEHOLDER);

    policy = &ngx_http_consent_policies[builtin][frame];

    if (cache == &ngx_http_consent_no_cache
        && ngx_http_consent_set_etag(r, &html) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ngx_http_consent_add_header(r, "Cache-Control", cache) == NULL
        || ngx_http_consent_add_header(r, "Content-Security-Policy", policy)
           == NULL
        || ngx_http_consent_add_header(r, "Referrer-Policy",
                                       &ngx_http_consent_same_origin)
           == NULL
        || ngx_http_consent_add_header(r, "X-Content-Type-Options",
                                       &ngx_http_consent_nosniff)
           == NULL
        || ngx_http_consent_add_header(r, "X-Robots-Tag",
                                       &ngx_http_consent_noindex)
           == NULL)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_str_set(&r->headers_out.content_type, "text/html");
    ngx_str_set(&r->headers_out.charset, "utf-8");

    return ngx_http_consent_send(r, ctx, status, &html);
}


/* of what it is about and nothing else: there is no date */

static ngx_int_t
ngx_http_consent_set_etag(ngx_http_request_t *r, ngx_str_t *body)
{
    u_char           *p;
    ngx_str_t         value;
    ngx_table_elt_t  *h;

    value.data = ngx_pnalloc(r->pool, sizeof("\"-\"") + 8 + NGX_SIZE_T_LEN);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(value.data, "\"%08xD-%uz\"",
                    ngx_crc32_long(body->data, body->len), body->len);
    *p = '\0';

    value.len = p - value.data;

    h = ngx_http_consent_add_header(r, "ETag", &value);
    if (h == NULL) {
        return NGX_ERROR;
    }

    r->headers_out.etag = h;

    return NGX_OK;
}


ngx_table_elt_t *
ngx_http_consent_add_header(ngx_http_request_t *r, const char *name,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NULL;
    }

    ngx_http_consent_header_init(h);

    h->key.data = (u_char *) (uintptr_t) name;
    h->key.len = ngx_strlen(name);
    h->value = *value;

    return h;
}


/* body NULL: there is none */

static ngx_int_t
ngx_http_consent_send(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    ngx_uint_t status, ngx_str_t *body)
{
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t   out;

    r->headers_out.status = status;
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;
    r->headers_out.content_length_n = body ? (off_t) body->len : 0;

    if (r == r->main) {
        ctx->endpoint = 1;
    }

    if (body == NULL) {
        r->header_only = 1;
        return ngx_http_send_header(r);
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->pos = body->data;
    b->last = body->data + body->len;
    b->memory = 1;
    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


ngx_int_t
ngx_http_consent_redirect(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    ngx_str_t *location)
{
    /*
     * Not in headers_out.location: nginx would put its own idea of scheme,
     * name and port in front, which behind a balancer is wrong.
     */

    if (ngx_http_consent_add_header(r, "Location", location) == NULL
        || ngx_http_consent_add_header(r, "Cache-Control",
                                       &ngx_http_consent_no_store)
           == NULL)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_consent_send(r, ctx, NGX_HTTP_SEE_OTHER, NULL);
}


ngx_int_t
ngx_http_consent_send_state(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    ngx_str_t  json;

    if (ngx_http_consent_state(r, ctx, &json) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_consent_send_json(r, ctx, NGX_HTTP_OK, &json);
}


ngx_int_t
ngx_http_consent_send_error(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_uint_t status, const char *what)
{
    ngx_str_t  json;

    json.len = sizeof("{\"error\":\"\"}\n") - 1 + ngx_strlen(what);
    json.data = ngx_pnalloc(r->pool, json.len);
    if (json.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_sprintf(json.data, "{\"error\":\"%s\"}\n", what);

    return ngx_http_consent_send_json(r, ctx, status, &json);
}


static ngx_int_t
ngx_http_consent_send_json(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    ngx_uint_t status, ngx_str_t *json)
{
    ngx_str_set(&r->headers_out.content_type, "application/json");

    if (ngx_http_consent_add_header(r, "Cache-Control",
                                    &ngx_http_consent_no_store)
        == NULL
        || ngx_http_consent_add_header(r, "X-Content-Type-Options",
                                       &ngx_http_consent_nosniff)
           == NULL)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_consent_send(r, ctx, status, json);
}


ngx_http_consent_view_t *
ngx_http_consent_get_view(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx)
{
    if (ctx->view == NULL) {
        ctx->view = ngx_pcalloc(r->main->pool,
                                sizeof(ngx_http_consent_view_t));
        if (ctx->view) {
            ctx->view->category = CONSENT_UNCLASSIFIED;
        }
    }

    return ctx->view;
}


ngx_int_t
ngx_http_consent_find_back(ngx_http_request_t *r,
    ngx_http_consent_view_t *view)
{
    u_char                       *p;
    consent_str_t                 path, host;
    ngx_table_elt_t              *h;
    ngx_http_consent_walk_t       walk;
    ngx_http_consent_loc_conf_t  *clf;

    p = ngx_pnalloc(r->pool, ngx_max(r->args.len, CONSENT_LOCAL_PATH_MAX
                                                  + CONSENT_URL_MIN_BUFFER));
    if (p == NULL) {
        return NGX_ERROR;
    }

    if (consent_form_field(&path, p, consent_str_make(r->args.data,
                                                      r->args.len),
                           ngx_http_consent_return_field)
        != 0)
    {
        ngx_http_consent_header_walk(&walk, &r->headers_in.headers);

        h = ngx_http_consent_header_next(&walk,
                                         &ngx_http_consent_referer_name);
        if (h == NULL) {
            return NGX_OK;
        }

        host = ngx_http_consent_request_header(r,
                                               &ngx_http_consent_host_name);

        path = consent_origin_path(consent_str_make(h->value.data,
                                                    h->value.len),
                                   host, p, CONSENT_LOCAL_PATH_MAX
                                            + CONSENT_URL_MIN_BUFFER);

        /* this page leads nowhere else */

        clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

        if (clf->endpoint && path.len >= clf->endpoint->url.len
            && ngx_memcmp(path.data, clf->endpoint->url.data,
                          clf->endpoint->url.len)
               == 0)
        {
            return NGX_OK;
        }
    }

    if (consent_form_is_local(path)) {
        view->back.data = (u_char *) (uintptr_t) path.data;
        view->back.len = path.len;
    }

    return NGX_OK;
}


consent_str_t
ngx_http_consent_request_header(ngx_http_request_t *r, ngx_str_t *name)
{
    ngx_table_elt_t          *h, *first;
    ngx_http_consent_walk_t   walk;

    static u_char  conflict[] = "";

    ngx_http_consent_header_walk(&walk, &r->headers_in.headers);

    first = ngx_http_consent_header_next(&walk, name);

    if (first == NULL) {
        return consent_str_make(NULL, 0);
    }

    while ((h = ngx_http_consent_header_next(&walk, name)) != NULL) {

        if (h->value.len != first->value.len
            || ngx_memcmp(h->value.data, first->value.data, h->value.len)
               != 0)
        {
            return consent_str_make(conflict, 0);
        }
    }

    return consent_str_make(first->value.data, first->value.len);
}
