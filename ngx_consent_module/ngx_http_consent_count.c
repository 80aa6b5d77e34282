/*
 * Copyright (C) ngx_consent_module authors
 *
 * What is counted.  What a request does is gathered in its context, since it
 * may be found anew, and added to the counters of the zone when it is logged.
 */


#include "ngx_http_consent_zone.h"

#include "ngx_http_consent_body.h"

#include "core/consent_bloom.h"


static const consent_counter_stripe_t *ngx_http_consent_stripe(
    ngx_http_consent_zone_t *zone);
static ngx_uint_t ngx_http_consent_source_row(ngx_http_consent_zone_t *zone,
    ngx_str_t *source);
static consent_state_e ngx_http_consent_count_state(consent_policy_t *policy,
    ngx_http_consent_ctx_t *ctx);
static consent_kind_e ngx_http_consent_count_kind(ngx_http_consent_ctx_t *ctx);
static void ngx_http_consent_count_rejected(ngx_http_consent_zone_t *zone,
    ngx_http_consent_ctx_t *ctx, const consent_counter_stripe_t *stripe);
static void ngx_http_consent_count_document(ngx_http_consent_ctx_t *ctx,
    const consent_counter_stripe_t *stripe);
static void ngx_http_consent_count_body(ngx_http_consent_zone_t *zone,
    ngx_http_consent_body_t *body, const consent_counter_stripe_t *stripe);
static void ngx_http_consent_zone_used(ngx_http_consent_zone_t *zone);
static uint64_t ngx_http_consent_rule_hash(const consent_match_rule_t *rule);


/* in the order of their counters */

static ngx_str_t  *ngx_http_consent_reasons[] = {
    &ngx_http_consent_reason_encoding,
    &ngx_http_consent_reason_charset,
    &ngx_http_consent_reason_range
};


void
ngx_http_consent_figure(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    ngx_http_consent_share_e share, ngx_uint_t index, ngx_uint_t n)
{
    ngx_uint_t                     i;
    ngx_http_consent_figure_t     *figure;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    if (n == 0 || mcf->zone == NULL) {
        return;
    }

    if (ctx->figures.elts == NULL) {
        ctx->figures.elts = ctx->few_figures;
        ctx->figures.size = sizeof(ngx_http_consent_figure_t);
        ctx->figures.nalloc = NGX_HTTP_CONSENT_FIGURES;
        ctx->figures.pool = r->main->pool;
    }

    figure = ctx->figures.elts;

    for (i = 0; i < ctx->figures.nelts; i++) {
        if (figure[i].index == index && figure[i].share == share) {
            figure[i].n += n;
            return;
        }
    }

    figure = ngx_array_push(&ctx->figures);

    if (figure) {
        figure->index = index;
        figure->share = share;
        figure->n = n;
    }
}


void
ngx_http_consent_figure_category(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_http_consent_share_e share,
    ngx_int_t category, ngx_uint_t value, ngx_uint_t n)
{
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    if (mcf->zone == NULL || category == CONSENT_UNCLASSIFIED) {
        return;
    }

    ngx_http_consent_figure(r, ctx, share,
                            consent_count_category(
                                mcf->zone->categories[category],
                                (unsigned) value),
                            n);
}


void
ngx_http_consent_figures_move(ngx_http_consent_ctx_t *ctx,
    ngx_http_consent_share_e share, ngx_http_consent_share_e to)
{
    ngx_uint_t                  i;
    ngx_http_consent_figure_t  *figure;

    figure = ctx->figures.elts;

    for (i = 0; i < ctx->figures.nelts; i++) {

        if (figure[i].share != share) {
            continue;
        }

        if (to == NGX_HTTP_CONSENT_NOWHERE) {
            figure[i].n = 0;

        } else {
            figure[i].share = to;
        }
    }
}


ngx_int_t
ngx_http_consent_log_handler(ngx_http_request_t *r)
{
    ngx_uint_t                     i, kind;
    ngx_http_consent_ctx_t        *ctx;
    ngx_http_consent_zone_t       *zone;
    ngx_http_consent_figure_t     *figure;
    ngx_http_consent_main_conf_t  *mcf;
    const consent_counter_stripe_t  *stripe;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);
    zone = mcf->zone;

    if (zone == NULL || r != r->main) {
        return NGX_OK;
    }

    ctx = ngx_http_consent_known_ctx(r);

    if (ctx == NULL || ctx->mode_conf == NULL
        || ctx->mode == NGX_HTTP_CONSENT_OFF)
    {
        return NGX_OK;
    }

    i = (ctx->mode == NGX_HTTP_CONSENT_ENFORCE) ? CONSENT_STATES : 0;
    i += ngx_http_consent_count_state(&mcf->policy, ctx);

    stripe = ngx_http_consent_stripe(zone);

    consent_counter_add(stripe, CONSENT_COUNT_REQUESTS + (unsigned) i, 1);

    i = ngx_http_consent_source_row(zone, &ctx->source);
    kind = ngx_http_consent_count_kind(ctx);

    consent_counter_add(stripe, consent_count_source((unsigned) i, kind), 1);

    ngx_http_consent_count_rejected(zone, ctx, stripe);
    ngx_http_consent_count_document(ctx, stripe);

    if (ctx->unclassified) {
        i = ctx->unclassified_out + ctx->unclassified_hints;

        consent_counter_add(stripe, CONSENT_COUNT_UNCLASSIFIED,
                            ctx->unclassified_in);
        consent_counter_add(stripe, CONSENT_COUNT_UNCLASSIFIED + 1, i);
        consent_counter_add(stripe, CONSENT_COUNT_UNCLASSIFIED + 2,
                            ctx->unclassified - ctx->unclassified_in - i);
    }

    if (ctx->body) {
        ngx_http_consent_count_body(zone, ctx->body, stripe);
    }

    figure = ctx->figures.elts;

    for (i = 0; i < ctx->figures.nelts; i++) {
        consent_counter_add(stripe, figure[i].index, figure[i].n);
    }

    ngx_http_consent_zone_used(zone);

    return NGX_OK;
}


static const consent_counter_stripe_t *
ngx_http_consent_stripe(ngx_http_consent_zone_t *zone)
{
    if (zone->stripe.values == NULL) {

        /* workers of the configuration before have other slots */

        zone->stripe = consent_counters_stripe(zone->shared->counters,
                                               (unsigned) ngx_process_slot);
    }

    return &zone->stripe;
}


static ngx_uint_t
ngx_http_consent_source_row(ngx_http_consent_zone_t *zone, ngx_str_t *source)
{
    ngx_uint_t     i;
    consent_str_t  name;

    if (source->len == 0) {
        return zone->sources[0];
    }

    name = consent_str_make(source->data, source->len);

    for (i = 1; i < zone->nsources; i++) {
        if (consent_str_eq(zone->source_names[i], name)) {
            return zone->sources[i];
        }
    }

    return zone->sources[0];
}


static consent_state_e
ngx_http_consent_count_state(consent_policy_t *policy,
    ngx_http_consent_ctx_t *ctx)
{
    if (ctx->denied == 0) {
        return CONSENT_STATE_ALL;
    }

    return (ctx->accepted & ~policy->always) ? CONSENT_STATE_PARTIAL
                                             : CONSENT_STATE_NONE;
}


static consent_kind_e
ngx_http_consent_count_kind(ngx_http_consent_ctx_t *ctx)
{
    if (ctx->signalled) {
        return CONSENT_KIND_SIGNAL;
    }

    switch (ctx->decision.kind) {

    case CONSENT_DECISION_EXPLICIT:
        return CONSENT_KIND_EXPLICIT;

    case CONSENT_DECISION_IMPLIED:
        return CONSENT_KIND_IMPLIED;

    default: /* CONSENT_DECISION_NONE */
        return CONSENT_KIND_DEFAULT;
    }
}


/* consent cookies that were there and no decision */

static void
ngx_http_consent_count_rejected(ngx_http_consent_zone_t *zone,
    ngx_http_consent_ctx_t *ctx, const consent_counter_stripe_t *stripe)
{
    ngx_uint_t                   i;
    ngx_http_consent_reading_t  *reading;

    if (ctx->decision.reason > CONSENT_REASON_ABSENT) {
        consent_counter_add(stripe,
                            CONSENT_COUNT_REJECTED + ctx->decision.reason, 1);
    }

    if (ctx->readings == NULL) {
        return;
    }

    reading = ctx->readings;

    for (i = 0; i < zone->mcf->sources.nelts; i++) {

        if (reading[i].done
            && reading[i].reading.reason > CONSENT_REASON_ABSENT)
        {
            consent_counter_add(stripe,
                                CONSENT_COUNT_REJECTED
                                + reading[i].reading.reason, 1);
        }
    }
}


static void
ngx_http_consent_count_document(ngx_http_consent_ctx_t *ctx,
    const consent_counter_stripe_t *stripe)
{
    unsigned  document;

    if (ctx->document == 0) {
        return;
    }

    document = ctx->document - 1;

    if (document == CONSENT_DOCUMENT_UNCHANGED && ctx->resources_in_body) {
        document = CONSENT_DOCUMENT_FILTERED;
    }

    consent_counter_add(stripe, CONSENT_COUNT_DOCUMENTS + document, 1);
}


/* of the last one that there was, up to where it was read */

static void
ngx_http_consent_count_body(ngx_http_consent_zone_t *zone,
    ngx_http_consent_body_t *body, const consent_counter_stripe_t *stripe)
{
    int                       category;
    unsigned                  i;
    consent_mask_t            mask;
    consent_rewrite_t        *rw;
    consent_rewrite_tally_t  *tally;

    rw = &body->rewrite;
    tally = body->conf.tally;

    for (mask = tally->categories; mask; mask &= mask - 1) {
        category = consent_mask_first(mask);

        for (i = 0; i < CONSENT_BLOCKED_KINDS; i++) {
            consent_counter_add(stripe,
                                consent_count_category(
                                    zone->categories[category],
                                    CONSENT_COOKIES_ACTIONS + i),
                                tally->n[category][i]);
        }
    }

    for (i = 0; i < CONSENT_OVERFLOWS; i++) {
        consent_counter_add(stripe, CONSENT_COUNT_OVERFLOWS + i,
                            rw->overflows[i]);
    }

    consent_counter_add(stripe, CONSENT_COUNT_LATE, rw->late);
    consent_counter_add(stripe, CONSENT_COUNT_LIMITED, rw->judge.limited);
}


void
ngx_http_consent_set_document(ngx_http_consent_ctx_t *ctx,
    ngx_uint_t document)
{
    /* what comes in the place of a page that was not passed is none itself */

    if (ctx->document <= CONSENT_DOCUMENT_BLOCKED) {
        ctx->document = document + 1;
    }
}


void
ngx_http_consent_set_uninspected(ngx_http_consent_ctx_t *ctx,
    ngx_uint_t blocked)
{
    ngx_str_t   *reason;
    ngx_uint_t   i;

    reason = &ctx->uninspected;

    for (i = 0; i < 2; i++) {
        if (reason->data == ngx_http_consent_reasons[i]->data) {
            break;
        }
    }

    ngx_http_consent_set_document(ctx, i + (blocked
                                            ? CONSENT_DOCUMENT_BLOCKED
                                            : CONSENT_DOCUMENT_PASSED));
}


void
ngx_http_consent_count_result(ngx_http_request_t *r,
    ngx_http_consent_result_e result)
{
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    if (mcf->zone) {
        consent_counter_add(ngx_http_consent_stripe(mcf->zone),
                            CONSENT_COUNT_ENDPOINT + result, 1);
    }
}


/* rules that have matched for the first time in this process */

static void
ngx_http_consent_zone_used(ngx_http_consent_zone_t *zone)
{
    const consent_match_rule_t  *rule;
    ngx_http_consent_shared_t   *shared;

    shared = zone->shared;

    while ((rule = consent_match_next_used(zone->mcf->policy.match)) != NULL)
    {
        consent_bloom_set(shared->used, shared->used_size,
                          ngx_http_consent_rule_hash(rule));
    }
}


ngx_uint_t
ngx_http_consent_rule_used(ngx_http_consent_zone_t *zone,
    const consent_match_rule_t *rule)
{
    return consent_bloom_has(zone->shared->used, zone->shared->used_size,
                             ngx_http_consent_rule_hash(rule));
}


/* whatever its category and its place in the configuration */

static uint64_t
ngx_http_consent_rule_hash(const consent_match_rule_t *rule)
{
    uint8_t  tag;

    tag = (uint8_t) (rule->kind * CONSENT_LAYERS + rule->layer);

    return consent_bloom_hash(consent_bloom_hash(CONSENT_BLOOM_START,
                                                 consent_str_make(&tag, 1)),
                              rule->pattern);
}
