/*
 * Copyright (C) ngx_consent_module authors
 *
 * The variables.  All work at any time, in every location: where consent is
 * off the state is known as well, and the counts are zero.
 *
 * And the variables of others: those that show request headers which the
 * module changes, and may have been evaluated before.
 */


#include "ngx_http_consent.h"


static ngx_int_t ngx_http_consent_variable_state(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_consent_variable_variant(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_consent_variable_decision(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_consent_variable_policy(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_consent_variable_id(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_consent_variable_allowed(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_consent_variable_count(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_consent_variable_text(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_consent_variable_copy(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, const void *data, size_t len);
static ngx_int_t ngx_http_consent_variable_category(consent_policy_t *policy,
    ngx_str_t *variable);
static ngx_uint_t ngx_http_consent_variable_is_edited(ngx_str_t *name);


#define NGX_HTTP_CONSENT_ALLOWED      "consent_allowed_"
#define NGX_HTTP_CONSENT_ALLOWED_LEN  (sizeof(NGX_HTTP_CONSENT_ALLOWED) - 1)


static ngx_http_variable_t  ngx_http_consent_variables[] = {

    { ngx_string("consent_state"), NULL,
      ngx_http_consent_variable_state, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("consent_variant"), NULL,
      ngx_http_consent_variable_variant, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("consent_decision"), NULL,
      ngx_http_consent_variable_decision, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("consent_source"), NULL,
      ngx_http_consent_variable_text,
      offsetof(ngx_http_consent_ctx_t, source),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("consent_policy"), NULL,
      ngx_http_consent_variable_policy, 0, 0, 0 },

    { ngx_string("consent_id"), NULL,
      ngx_http_consent_variable_id, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("consent_cookies_blocked"), NULL,
      ngx_http_consent_variable_count,
      offsetof(ngx_http_consent_ctx_t, cookies_blocked),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("consent_cookies_hidden"), NULL,
      ngx_http_consent_variable_count,
      offsetof(ngx_http_consent_ctx_t, cookies_hidden),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("consent_cookies_expired"), NULL,
      ngx_http_consent_variable_count,
      offsetof(ngx_http_consent_ctx_t, cookies_expired),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("consent_resources_blocked"), NULL,
      ngx_http_consent_variable_count,
      offsetof(ngx_http_consent_ctx_t, resources_blocked),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("consent_unclassified"), NULL,
      ngx_http_consent_variable_count,
      offsetof(ngx_http_consent_ctx_t, unclassified),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("consent_uninspected"), NULL,
      ngx_http_consent_variable_text,
      offsetof(ngx_http_consent_ctx_t, uninspected),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("consent_event"), NULL,
      ngx_http_consent_variable_text,
      offsetof(ngx_http_consent_ctx_t, event),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string(NGX_HTTP_CONSENT_ALLOWED), NULL,
      ngx_http_consent_variable_allowed, 0,
      NGX_HTTP_VAR_NOCACHEABLE|NGX_HTTP_VAR_PREFIX, 0 },

      ngx_http_null_variable
};


/* $http_<name> of the headers that we change; $cookie_* comes on top */

static ngx_str_t  ngx_http_consent_edited[] = {
    ngx_string("http_cookie"),
    ngx_string("http_accept_encoding"),
    ngx_string("http_if_match"),
    ngx_string("http_if_none_match"),
    ngx_string("http_if_modified_since"),
    ngx_string("http_if_range"),
    ngx_string("http_range"),
    ngx_null_string
};


ngx_int_t
ngx_http_consent_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_consent_variables; v->name.len; v++) {

        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return ngx_http_consent_view_variables(cf);
}


static ngx_int_t
ngx_http_consent_variable_state(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    size_t                         len;
    u_char                        *p;
    ngx_uint_t                     i;
    consent_str_t                  name;
    consent_policy_t              *policy;
    ngx_http_consent_ctx_t        *ctx;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);
    policy = &mcf->policy;

    ctx = ngx_http_consent_get_state(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    len = 0;

    for (i = 0; i < policy->ncategories; i++) {
        len += policy->categories[i].name.len + 1;
    }

    p = ngx_pnalloc(r->pool, len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    v->data = p;

    for (i = 0; i < policy->ncategories; i++) {

        if ((ctx->accepted & consent_bit(i)) == 0) {
            continue;
        }

        if (p != v->data) {
            *p++ = ',';
        }

        name = policy->categories[i].name;
        p = ngx_cpymem(p, name.data, name.len);
    }

    v->len = p - v->data;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_variable_variant(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char                  *p;
    u_char                   buf[8];
    ngx_http_consent_ctx_t  *ctx;

    ctx = ngx_http_consent_get_ctx(r);
    if (ctx == NULL || ngx_http_consent_get_state(r) == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(buf, "%08xD", ngx_http_consent_variant(r, ctx));

    return ngx_http_consent_variable_copy(r, v, buf, p - buf);
}


static ngx_int_t
ngx_http_consent_variable_decision(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_consent_ctx_t  *ctx;

    ctx = ngx_http_consent_get_state(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    if (ctx->signalled) {
        return ngx_http_consent_variable_copy(r, v, "signal", 6);
    }

    switch (ctx->decision.kind) {

    case CONSENT_DECISION_EXPLICIT:
        return ngx_http_consent_variable_copy(r, v, "explicit", 8);

    case CONSENT_DECISION_IMPLIED:
        return ngx_http_consent_variable_copy(r, v, "implied", 7);

    case CONSENT_DECISION_NONE:
        break;
    }

    return ngx_http_consent_variable_copy(r, v, "default", 7);
}


static ngx_int_t
ngx_http_consent_variable_policy(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char                        *p;
    u_char                         buf[NGX_INT64_LEN];
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    p = ngx_sprintf(buf, "%uL", mcf->policy.version);

    return ngx_http_consent_variable_copy(r, v, buf, p - buf);
}


static ngx_int_t
ngx_http_consent_variable_id(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_consent_ctx_t  *ctx;

    ctx = ngx_http_consent_get_state(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_consent_variable_copy(r, v, ctx->decision.id.data,
                                          ctx->decision.id.len);
}


static ngx_int_t
ngx_http_consent_variable_allowed(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t *name = (ngx_str_t *) data;

    ngx_int_t                      category;
    ngx_http_consent_ctx_t        *ctx;
    ngx_http_consent_main_conf_t  *mcf;

    ctx = ngx_http_consent_get_state(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    category = ngx_http_consent_variable_category(&mcf->policy, name);

    if (category == CONSENT_UNCLASSIFIED) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_consent_variable_copy(r, v,
                      (ctx->accepted & consent_bit(category)) ? "1" : "0", 1);
}


static ngx_int_t
ngx_http_consent_variable_count(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char                  *p;
    u_char                   buf[NGX_INT_T_LEN];
    ngx_http_consent_ctx_t  *ctx;

    ctx = ngx_http_consent_get_state(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(buf, "%ui", *(ngx_uint_t *) ((u_char *) ctx + data));

    return ngx_http_consent_variable_copy(r, v, buf, p - buf);
}


static ngx_int_t
ngx_http_consent_variable_text(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t               *text;
    ngx_http_consent_ctx_t  *ctx;

    ctx = ngx_http_consent_get_state(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    text = (ngx_str_t *) ((u_char *) ctx + data);

    return ngx_http_consent_variable_copy(r, v, text->data, text->len);
}


/* nothing to copy: not found, which access logs show as "-" */

static ngx_int_t
ngx_http_consent_variable_copy(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, const void *data, size_t len)
{
    if (len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->data = ngx_pnalloc(r->pool, len);
    if (v->data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(v->data, data, len);

    v->len = len;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}


/* names of variables are lower case, whatever the category is */

static ngx_int_t
ngx_http_consent_variable_category(consent_policy_t *policy,
    ngx_str_t *variable)
{
    ngx_uint_t     i;
    consent_str_t  name;

    name = consent_str_make(variable->data + NGX_HTTP_CONSENT_ALLOWED_LEN,
                            variable->len - NGX_HTTP_CONSENT_ALLOWED_LEN);

    for (i = 0; i < policy->ncategories; i++) {

        if (consent_str_caseeq(policy->categories[i].name, name)) {
            return (ngx_int_t) i;
        }
    }

    return CONSENT_UNCLASSIFIED;
}


ngx_int_t
ngx_http_consent_check_variables(ngx_conf_t *cf)
{
    ngx_str_t                      names;
    ngx_uint_t                     i;
    ngx_http_variable_t           *v;
    ngx_http_core_main_conf_t     *cmcf;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_consent_module);
    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    v = cmcf->variables.elts;

    for (i = 0; i < cmcf->variables.nelts; i++) {

        if (v[i].name.len < NGX_HTTP_CONSENT_ALLOWED_LEN
            || ngx_memcmp(v[i].name.data, NGX_HTTP_CONSENT_ALLOWED,
                          NGX_HTTP_CONSENT_ALLOWED_LEN)
               != 0
            || ngx_http_consent_variable_category(&mcf->policy, &v[i].name)
               != CONSENT_UNCLASSIFIED)
        {
            continue;
        }

        names = ngx_http_consent_category_names(cf->pool, &mcf->policy);

        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "variable \"$%V\" names no category, there are: %V",
                      &v[i].name, &names);
        return NGX_ERROR;
    }

    return ngx_http_consent_view_check(cf);
}


ngx_int_t
ngx_http_consent_find_edited_variables(ngx_cycle_t *cycle)
{
    ngx_uint_t                    *index, i;
    ngx_http_variable_t           *v;
    ngx_http_core_main_conf_t     *cmcf;
    ngx_http_consent_main_conf_t  *mcf;

    cmcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_core_module);
    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_consent_module);

    /* there is no http{} */

    if (cmcf == NULL || mcf == NULL) {
        return NGX_OK;
    }

    v = cmcf->variables.elts;

    for (i = 0; i < cmcf->variables.nelts; i++) {

        if (!ngx_http_consent_variable_is_edited(&v[i].name)) {
            continue;
        }

        index = ngx_array_push(&mcf->edited_variables);
        if (index == NULL) {
            return NGX_ERROR;
        }

        *index = i;
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_consent_variable_is_edited(ngx_str_t *name)
{
    ngx_str_t  *edited;

    for (edited = ngx_http_consent_edited; edited->len; edited++) {

        if (edited->len == name->len
            && ngx_memcmp(edited->data, name->data, name->len) == 0)
        {
            return 1;
        }
    }

    return name->len > sizeof("cookie_") - 1
           && ngx_memcmp(name->data, "cookie_", sizeof("cookie_") - 1) == 0;
}
