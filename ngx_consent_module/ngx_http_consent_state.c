/*
 * Copyright (C) ngx_consent_module authors
 *
 * The consent state as JSON, for scripts of the site.
 */


#include "ngx_http_consent.h"

#include "core/consent_escape.h"


#define NGX_HTTP_CONSENT_STATE_FIXED     512
#define NGX_HTTP_CONSENT_STATE_CATEGORY  80


static u_char *ngx_http_consent_state_category(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, u_char *p, ngx_uint_t i);


ngx_int_t
ngx_http_consent_state(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    ngx_str_t *json)
{
    size_t                         len;
    u_char                        *p;
    ngx_str_t                      title, token;
    ngx_uint_t                     i, decided;
    consent_policy_t              *policy;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);
    policy = &mcf->policy;

    if (ngx_http_consent_choice_token(r, ctx, &token) != NGX_OK) {
        return NGX_ERROR;
    }

    len = NGX_HTTP_CONSENT_STATE_FIXED + token.len + ctx->decision.id.len;

    for (i = 0; i < policy->ncategories; i++) {
        title = ngx_http_consent_category_title(r, ctx, i);

        len += NGX_HTTP_CONSENT_STATE_CATEGORY
               + 2 * policy->categories[i].name.len
               + consent_escape_json(NULL, consent_str_make(title.data,
                                                            title.len));
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    json->data = p;

    decided = (ctx->decision.kind == CONSENT_DECISION_EXPLICIT);

    p = ngx_sprintf(p, "{\"decision\":\"%s\",\"required\":%s,\"policy\":%uL,",
                    decided ? "explicit"
                    : ctx->signalled ? "signal"
                    : ctx->decision.kind == CONSENT_DECISION_IMPLIED
                      ? "implied" : "default",
                    decided ? "false" : "true", policy->version);

    if (ctx->decision.id.len) {
        p = ngx_sprintf(p, "\"id\":\"%*s\",\"issued\":%L,",
                        ctx->decision.id.len, ctx->decision.id.data,
                        ctx->decision.issued);
    }

    p = ngx_cpymem(p, "\"accepted\":[", sizeof("\"accepted\":[") - 1);
    p = ngx_http_consent_names(p, policy, ctx->accepted);

    p = ngx_cpymem(p, "],\"refused\":[", sizeof("],\"refused\":[") - 1);
    p = ngx_http_consent_names(p, policy, ctx->denied);

    p = ngx_cpymem(p, "],\"categories\":[", sizeof("],\"categories\":[") - 1);

    for (i = 0; i < policy->ncategories; i++) {

        if (i) {
            *p++ = ',';
        }

        p = ngx_http_consent_state_category(r, ctx, p, i);
    }

    p = ngx_sprintf(p, "],\"token\":\"%V\"}\n", &token);

    json->len = p - json->data;

    return NGX_OK;
}


static u_char *
ngx_http_consent_state_category(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, u_char *p, ngx_uint_t i)
{
    ngx_str_t                      title;
    consent_category_t            *c;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);
    c = &mcf->policy.categories[i];

    title = ngx_http_consent_category_title(r, ctx, i);

    p = ngx_sprintf(p, "{\"name\":\"%*s\",\"title\":\"",
                    c->name.len, c->name.data);

    p += consent_escape_json(p, consent_str_make(title.data, title.len));

    return ngx_sprintf(p, "\",\"always\":%s,\"accepted\":%s}",
                       c->always ? "true" : "false",
                       (ctx->accepted & consent_bit(i)) ? "true" : "false");
}


/* quoted and separated by commas; they need no escapes */

u_char *
ngx_http_consent_names(u_char *p, consent_policy_t *policy,
    consent_mask_t mask)
{
    ngx_uint_t      i;
    consent_str_t   name;
    u_char         *start;

    start = p;

    for (i = 0; i < policy->ncategories; i++) {

        if ((mask & consent_bit(i)) == 0) {
            continue;
        }

        name = policy->categories[i].name;

        p = ngx_sprintf(p, "%s\"%*s\"", p == start ? "" : ",",
                        name.len, name.data);
    }

    return p;
}
