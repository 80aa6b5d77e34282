/*
 * Copyright (C) ngx_consent_module authors
 *
 * A choice becomes the visitor's cookie, the state of the request that made
 * it (so that the header filter deletes what is refused now), and an event
 * for the log that proves it.
 */


#include "ngx_http_consent.h"

#include <openssl/rand.h>


/* an event: fixed parts and numbers, and four lists of categories */

#define NGX_HTTP_CONSENT_EVENT_FIXED  640
#define NGX_HTTP_CONSENT_EVENT_LISTS  3


typedef struct {
    consent_decision_t           decision;
    consent_mask_t               accepted;
} ngx_http_consent_before_t;


static ngx_int_t ngx_http_consent_record_id(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_choice_e choice, ngx_str_t *id);
static ngx_int_t ngx_http_consent_record_value(ngx_http_request_t *r,
    consent_mask_t accepted, ngx_str_t *id, ngx_str_t *value);
static ngx_int_t ngx_http_consent_record_cookie(ngx_http_request_t *r,
    ngx_str_t *value, time_t max_age);
static ngx_int_t ngx_http_consent_record_event(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_choice_e choice, ngx_str_t *source,
    ngx_str_t *id, ngx_str_t *value, ngx_http_consent_before_t *before);
static u_char *ngx_http_consent_record_before(u_char *p,
    consent_policy_t *policy, ngx_http_consent_before_t *before);
static ngx_uint_t ngx_http_consent_cookie_is_prefixed(ngx_str_t *name);


static ngx_str_t  ngx_http_consent_clear_cache = ngx_string("\"cache\"");


static const char  *ngx_http_consent_choices[] = {
    "", "all", "none", "some", "add", "withdraw", ""
};


ngx_int_t
ngx_http_consent_record(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    consent_choice_e choice, consent_mask_t accepted, ngx_str_t *source)
{
    time_t                        max_age;
    ngx_str_t                     id, value;
    ngx_http_consent_before_t     before;
    ngx_http_consent_loc_conf_t  *clf;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    before.decision = ctx->decision;
    before.accepted = ctx->accepted;

    ngx_str_null(&value);
    max_age = 0;

    if (ngx_http_consent_record_id(r, ctx, choice, &id) != NGX_OK) {
        return NGX_ERROR;
    }

    if (choice != CONSENT_CHOICE_WITHDRAW) {

        if (ngx_http_consent_record_value(r, accepted, &id, &value)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        max_age = clf->cookie->max_age;

        ctx->choice.kind = CONSENT_DECISION_EXPLICIT;
        ctx->choice.accepted = accepted;
        ctx->choice.issued = (int64_t) ngx_time();
        ctx->choice.id = consent_str_make(id.data, id.len);
    }

    ctx->chosen = 1;
    ctx->settled = 1;

    if (ngx_http_consent_decide(r, ctx) != NGX_OK
        || ngx_http_consent_record_event(r, ctx, choice, source, &id, &value,
                                         &before)
           != NGX_OK
        || ngx_http_consent_record_cookie(r, &value, max_age) != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* pages that the browser keeps show what is refused now */

    if ((before.accepted & ctx->denied)
        && ngx_http_consent_add_header(r, "Clear-Site-Data",
                                       &ngx_http_consent_clear_cache)
           == NULL)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* a browser keeps the one that it has, so that events of it belong together */

static ngx_int_t
ngx_http_consent_record_id(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    consent_choice_e choice, ngx_str_t *id)
{
    u_char  random[CONSENT_MAC_LEN];

    id->data = (u_char *) (uintptr_t) ctx->decision.id.data;
    id->len = ctx->decision.id.len;

    if (id->len == CONSENT_OWN_ID_LEN || choice == CONSENT_CHOICE_WITHDRAW) {
        return NGX_OK;
    }

    id->len = CONSENT_OWN_ID_LEN;

    id->data = ngx_pnalloc(r->pool, CONSENT_OWN_ID_LEN);
    if (id->data == NULL) {
        return NGX_ERROR;
    }

    if (RAND_bytes(random, sizeof(random)) != 1) {
        ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                      "consent: OpenSSL has no random bytes");
        return NGX_ERROR;
    }

    (void) consent_base64url(id->data, consent_str_make(random,
                                                        sizeof(random)));
    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_record_value(ngx_http_request_t *r, consent_mask_t accepted,
    ngx_str_t *id, ngx_str_t *value)
{
    ngx_http_consent_loc_conf_t   *clf;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);
    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    value->data = ngx_pnalloc(r->pool, CONSENT_OWN_MAX_LEN);
    if (value->data == NULL) {
        return NGX_ERROR;
    }

    value->len = consent_own_write(value->data, CONSENT_OWN_MAX_LEN,
                                   &clf->own, &mcf->policy, accepted,
                                   consent_str_make(id->data, id->len),
                                   (int64_t) ngx_time());

    if (value->len == 0) {
        ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                      "consent: a consent cookie could not be written");
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* max_age 0: the browser deletes it */

static ngx_int_t
ngx_http_consent_record_cookie(ngx_http_request_t *r, ngx_str_t *value,
    time_t max_age)
{
    u_char                     *p;
    ngx_str_t                   line;
    ngx_http_consent_cookie_t  *c;

    c = ((ngx_http_consent_loc_conf_t *)
         ngx_http_get_module_loc_conf(r, ngx_http_consent_module))->cookie;

    line.len = c->name.len + value->len + c->path.len + c->domain.len
               + c->samesite.len + NGX_TIME_T_LEN
               + sizeof("=; Path=; Domain=; Max-Age=; SameSite=; Secure; "
                        "HttpOnly");

    p = ngx_pnalloc(r->pool, line.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    line.data = p;

    p = ngx_sprintf(p, "%V=%V; Path=%V; Max-Age=%T; SameSite=%V",
                    &c->name, value, &c->path, max_age, &c->samesite);

    if (c->domain.len) {
        p = ngx_sprintf(p, "; Domain=%V", &c->domain);
    }

    if (ngx_http_consent_is_secure(r)
        || ngx_http_consent_cookie_is_prefixed(&c->name))
    {
        p = ngx_cpymem(p, "; Secure", sizeof("; Secure") - 1);
    }

    if (c->httponly) {
        p = ngx_cpymem(p, "; HttpOnly", sizeof("; HttpOnly") - 1);
    }

    line.len = p - line.data;

    return ngx_http_consent_add_header(r, "Set-Cookie", &line) ? NGX_OK
                                                               : NGX_ERROR;
}


/* browsers refuse such a cookie without Secure */

static ngx_uint_t
ngx_http_consent_cookie_is_prefixed(ngx_str_t *name)
{
    return (name->len > 7
            && ngx_strncasecmp(name->data, (u_char *) "__Host-", 7) == 0)
           || (name->len > 9
               && ngx_strncasecmp(name->data, (u_char *) "__Secure-", 9)
                  == 0);
}


ngx_uint_t
ngx_http_consent_is_secure(ngx_http_request_t *r)
{
    ngx_str_t                     value;
    ngx_http_consent_loc_conf_t  *clf;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    if (ngx_http_consent_is_tls(r)) {
        return 1;
    }

    if (clf->cookie->secure == NULL
        || ngx_http_complex_value(r, clf->cookie->secure, &value) != NGX_OK)
    {
        return 0;
    }

    return (value.len == 5 && ngx_strncasecmp(value.data,
                                              (u_char *) "https", 5) == 0)
           || (value.len == 2 && ngx_strncasecmp(value.data,
                                                 (u_char *) "on", 2) == 0)
           || (value.len == 1 && value.data[0] == '1');
}


/*
 * JSON with nothing in it that came from the client but the id, which the
 * cookie's signature covers, and words out of lists.  It has all parts of the
 * cookie, so that its signature can be verified.
 */

static ngx_int_t
ngx_http_consent_record_event(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_choice_e choice, ngx_str_t *source,
    ngx_str_t *id, ngx_str_t *value, ngx_http_consent_before_t *before)
{
    size_t                         len;
    u_char                        *p;
    ngx_tm_t                       tm;
    ngx_uint_t                     i;
    consent_policy_t              *policy;
    consent_own_value_t            own;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);
    policy = &mcf->policy;

    len = NGX_HTTP_CONSENT_EVENT_FIXED;

    for (i = 0; i < policy->ncategories; i++) {
        len += NGX_HTTP_CONSENT_EVENT_LISTS
               * (policy->categories[i].name.len + sizeof("\"\",") - 1);
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ctx->event.data = p;

    ngx_gmtime(ngx_time(), &tm);

    p = ngx_sprintf(p, "{\"time\":\"%4d-%02d-%02dT%02d:%02d:%02dZ\","
                       "\"issued\":%T,\"id\":\"%V\",\"policy\":%uL,"
                       "\"choice\":\"%s\",\"source\":\"%V\",\"accepted\":[",
                    tm.ngx_tm_year, tm.ngx_tm_mon, tm.ngx_tm_mday,
                    tm.ngx_tm_hour, tm.ngx_tm_min, tm.ngx_tm_sec,
                    ngx_time(), id, policy->version,
                    ngx_http_consent_choices[choice], source);

    p = ngx_http_consent_names(p, policy, ctx->choice.accepted);
    p = ngx_cpymem(p, "],\"refused\":[", sizeof("],\"refused\":[") - 1);
    p = ngx_http_consent_names(p, policy,
                               policy->declared & ~policy->always
                               & ~ctx->choice.accepted);
    p = ngx_cpymem(p, "],\"previous\":", sizeof("],\"previous\":") - 1);
    p = ngx_http_consent_record_before(p, policy, before);

    if (value->len
        && consent_own_parse(&own, consent_str_make(value->data, value->len))
           == 0
        && own.sig.len)
    {
        p = ngx_sprintf(p, ",\"key\":\"%*s\",\"signature\":\"%*s\"",
                        own.kid.len, own.kid.data,
                        own.sig.len, own.sig.data);
    }

    *p++ = '}';

    ctx->event.len = p - ctx->event.data;

    return NGX_OK;
}


static u_char *
ngx_http_consent_record_before(u_char *p, consent_policy_t *policy,
    ngx_http_consent_before_t *before)
{
    if (before->decision.kind == CONSENT_DECISION_NONE) {
        return ngx_cpymem(p, "null", 4);
    }

    p = ngx_sprintf(p, "{\"issued\":%L,\"policy\":%uL,\"accepted\":[",
                    before->decision.issued, before->decision.policy);

    p = ngx_http_consent_names(p, policy,
                               before->accepted & ~policy->always);

    return ngx_cpymem(p, "]}", 2);
}
