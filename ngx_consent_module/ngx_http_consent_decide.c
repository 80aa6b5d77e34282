/*
 * Copyright (C) ngx_consent_module authors
 *
 * The decision: what the sources of a location say about the cookies that the
 * client sent.  Each source is read once for a request, when something asks
 * for the state, and not at all if one before it has decided.
 */


#include "ngx_http_consent.h"

#include "core/consent_cookie.h"


/* what the sources of consent_use say together */

typedef struct {
    ngx_http_consent_use_t      *explicit;  /* who decided; NULL: nobody */
    ngx_http_consent_use_t      *implied;
    consent_mask_t               accepted;  /* of the one that counts */
    consent_mask_t               denied;
} ngx_http_consent_verdict_t;


static ngx_int_t ngx_http_consent_ask_all(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_http_consent_verdict_t *verdict);
static ngx_int_t ngx_http_consent_ask_own(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);
static ngx_int_t ngx_http_consent_ask(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_http_consent_use_t *use,
    ngx_http_consent_verdict_t *verdict);
static ngx_int_t ngx_http_consent_cookie_lines(ngx_http_request_t *r,
    consent_facts_t *facts);
static void ngx_http_consent_log_reading(ngx_http_request_t *r,
    ngx_http_consent_source_t *source, consent_reading_t *reading);
static ngx_uint_t ngx_http_consent_values(ngx_http_request_t *r,
    consent_str_t name, consent_str_t values[2]);
static ngx_int_t ngx_http_consent_keep_id(ngx_http_request_t *r,
    consent_decision_t *decision);


static ngx_str_t  ngx_http_consent_cookie_header = ngx_string("cookie");


ngx_int_t
ngx_http_consent_decide(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx)
{
    consent_mask_t                 accepted, refused;
    consent_policy_t              *policy;
    ngx_http_consent_verdict_t     verdict;
    ngx_http_consent_loc_conf_t   *clf;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);
    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    policy = &mcf->policy;

    ngx_memzero(&ctx->decision, sizeof(consent_decision_t));
    ngx_str_null(&ctx->source);

    /* what holds if a variable of consent_default asks for the state */

    ctx->decided = 1;
    ctx->accepted = policy->always;
    ctx->denied = policy->declared & ~policy->always;

    ngx_memzero(&verdict, sizeof(ngx_http_consent_verdict_t));

    if (ngx_http_consent_ask_all(r, ctx, &verdict) != NGX_OK
        || ngx_http_consent_source_signalled(r, ctx, &verdict.denied)
           != NGX_OK)
    {
        ctx->decided = 0;
        return NGX_ERROR;
    }

    if (verdict.explicit) {
        ctx->source = verdict.explicit->name;
        ctx->decision.kind = CONSENT_DECISION_EXPLICIT;

    } else if (verdict.implied) {
        ctx->source = verdict.implied->name;
        ctx->decision.kind = CONSENT_DECISION_IMPLIED;
    }

    accepted = verdict.accepted;

    if (verdict.explicit == NULL
        && (verdict.implied == NULL
            || clf->implied == NGX_HTTP_CONSENT_IMPLIED_DENY))
    {
        accepted = ngx_http_consent_defaults(r, ctx, clf->accept);
    }

    /* a signal is general, and what the visitor said here goes before it */

    ctx->signalled = 0;

    if (verdict.explicit == NULL) {
        ctx->signalled = (verdict.denied != 0);

        if (ngx_http_consent_signalled(r, clf->signals, &refused)) {
            ctx->signalled = 1;
            accepted &= ~refused;
        }
    }

    accepted &= ~verdict.denied;

    ctx->decision.accepted = accepted;
    ctx->accepted = (accepted | policy->always) & policy->declared;
    ctx->denied = policy->declared & ~ctx->accepted;

    /* nothing was read of a request that is broken or not there yet */

    if (r->headers_in.headers.last == NULL) {
        ctx->decided = 0;
        ctx->readings = NULL;
    }

    return NGX_OK;
}


/* an explicit decision of any source goes before an implied one */

static ngx_int_t
ngx_http_consent_ask_all(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    ngx_http_consent_verdict_t *verdict)
{
    ngx_uint_t                     i;
    ngx_http_consent_use_t       **uses;
    ngx_http_consent_loc_conf_t   *clf;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    uses = clf->use->elts;

    for (i = 0; i < clf->use->nelts; i++) {

        if (uses[i]->source) {

            if (ngx_http_consent_ask(r, ctx, uses[i], verdict) != NGX_OK) {
                return NGX_ERROR;
            }

            continue;
        }

        if (verdict->explicit) {
            continue;
        }

        if (ngx_http_consent_ask_own(r, ctx) != NGX_OK) {
            return NGX_ERROR;
        }

        if (ctx->decision.kind != CONSENT_DECISION_NONE) {
            verdict->explicit = uses[i];
            verdict->accepted = ctx->decision.accepted;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_ask_own(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx)
{
    ngx_uint_t                     n;
    consent_str_t                  values[2];
    ngx_http_consent_loc_conf_t   *clf;
    ngx_http_consent_main_conf_t  *mcf;

    if (ctx->chosen) {

        /* what the cookie will say that goes with the response */

        ctx->decision = ctx->choice;
        return NGX_OK;
    }

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);
    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    n = ngx_http_consent_values(r, clf->own.name, values);

    consent_own_read(&ctx->decision, &clf->own, &mcf->policy, values,
                     (unsigned) n, (int64_t) ngx_time());

    if (ctx->decision.kind == CONSENT_DECISION_NONE
        && ctx->decision.reason != CONSENT_REASON_ABSENT)
    {
        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                      "consent: cookie \"%*s\" is no decision: %s",
                      clf->own.name.len, clf->own.name.data,
                      consent_reason_text(ctx->decision.reason));
    }

    return ngx_http_consent_keep_id(r, &ctx->decision);
}


static ngx_int_t
ngx_http_consent_ask(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    ngx_http_consent_use_t *use, ngx_http_consent_verdict_t *verdict)
{
    consent_reading_t  *reading;

    /* it has nothing more to say */

    if (verdict->explicit && use->source->source->ndenials == 0) {
        return NGX_OK;
    }

    reading = ngx_http_consent_source_read(r, ctx, use->source);
    if (reading == NULL) {
        return NGX_ERROR;
    }

    verdict->denied |= reading->denied;

    if (verdict->explicit) {
        return NGX_OK;
    }

    if (reading->kind == CONSENT_DECISION_EXPLICIT) {
        verdict->explicit = use;
        verdict->accepted = reading->accepted;

    } else if (reading->kind == CONSENT_DECISION_IMPLIED
               && verdict->implied == NULL)
    {
        verdict->implied = use;
        verdict->accepted = reading->accepted;
    }

    return NGX_OK;
}


consent_reading_t *
ngx_http_consent_source_read(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_http_consent_source_t *source)
{
    consent_facts_t                facts;
    consent_tokens_t               tokens;
    ngx_http_consent_reading_t    *reading;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    if (ctx->readings == NULL) {
        ctx->readings = ngx_pcalloc(r->pool,
                                    mcf->sources.nelts
                                    * sizeof(ngx_http_consent_reading_t));
        if (ctx->readings == NULL) {
            return NULL;
        }
    }

    reading = &ctx->readings[source->index];

    if (reading->done) {
        return &reading->reading;
    }

    if (ngx_http_consent_cookie_lines(r, &facts) != NGX_OK) {
        return NULL;
    }

    consent_source_read(&reading->reading, source->source, &facts, &tokens,
                        mcf->source_memory);

    /* a view into headers that may change, which nobody needs */

    reading->reading.cookie = consent_str_make(NULL, 0);
    reading->done = 1;

    ngx_http_consent_log_reading(r, source, &reading->reading);

    return &reading->reading;
}


static ngx_int_t
ngx_http_consent_cookie_lines(ngx_http_request_t *r, consent_facts_t *facts)
{
    ngx_uint_t                n;
    consent_str_t            *line;
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

    n = 0;

    ngx_memzero(facts, sizeof(consent_facts_t));

    ngx_http_consent_header_walk(&walk, &r->headers_in.headers);

    while (ngx_http_consent_header_next(&walk,
                                        &ngx_http_consent_cookie_header)
           != NULL)
    {
        n++;
    }

    if (n == 0) {
        return NGX_OK;
    }

    line = ngx_palloc(r->pool, n * sizeof(consent_str_t));
    if (line == NULL) {
        return NGX_ERROR;
    }

    facts->lines = line;
    facts->nlines = (unsigned) n;

    ngx_http_consent_header_walk(&walk, &r->headers_in.headers);

    while ((h = ngx_http_consent_header_next(&walk,
                                             &ngx_http_consent_cookie_header))
           != NULL)
    {
        *line++ = consent_str_make(h->value.data, h->value.len);
    }

    return NGX_OK;
}


/* a visitor who has not chosen yet is nothing to write about */

static void
ngx_http_consent_log_reading(ngx_http_request_t *r,
    ngx_http_consent_source_t *source, consent_reading_t *reading)
{
    if (reading->reason == CONSENT_REASON_OK
        || reading->reason == CONSENT_REASON_ABSENT
        || reading->reason == CONSENT_REASON_UNDECIDED)
    {
        return;
    }

    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "consent: the cookie of source \"%V\" is no decision: %s",
                  &source->name, consent_reason_text(reading->reason));
}


/*
 * The value of the first cookie of that name, and the first one that differs
 * from it: more would tell the core nothing more, and no client can make us
 * keep a long list.
 */

static ngx_uint_t
ngx_http_consent_values(ngx_http_request_t *r, consent_str_t name,
    consent_str_t values[2])
{
    ngx_uint_t                n;
    consent_str_t             rest;
    ngx_table_elt_t          *h;
    consent_cookie_t          cookie;
    ngx_http_consent_walk_t   walk;

    n = 0;

    ngx_http_consent_header_walk(&walk, &r->headers_in.headers);

    while ((h = ngx_http_consent_header_next(&walk,
                                             &ngx_http_consent_cookie_header))
           != NULL)
    {
        rest = consent_str_make(h->value.data, h->value.len);

        while (consent_cookie_next(&rest, &cookie)) {

            if (!consent_str_eq(cookie.name, name)
                || (n && consent_str_eq(cookie.value, values[0])))
            {
                continue;
            }

            values[n++] = cookie.value;

            if (n == 2) {
                return n;
            }
        }
    }

    return n;
}


/* the Cookie header may be rewritten later */

static ngx_int_t
ngx_http_consent_keep_id(ngx_http_request_t *r, consent_decision_t *decision)
{
    u_char  *id;

    if (decision->id.len == 0) {
        return NGX_OK;
    }

    id = ngx_pnalloc(r->pool, decision->id.len);
    if (id == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(id, decision->id.data, decision->id.len);
    decision->id.data = id;

    return NGX_OK;
}
