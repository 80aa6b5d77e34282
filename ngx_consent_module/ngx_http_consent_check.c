/*
 * Copyright (C) ngx_consent_module authors
 *
 * Warnings of "nginx -t" about a policy that is right and will not do what
 * it seems to say, once all of http{} has been read.  Catalogues ("defaults"
 * blocks) are not looked at: they are full of rules for others.
 */


#include "ngx_http_consent.h"


/* so many of a kind are told one by one */

#define NGX_HTTP_CONSENT_WARNINGS  20


static void ngx_http_consent_check_endpoint(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf);
static void ngx_http_consent_check_categories(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf);
static void ngx_http_consent_check_rules(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf);
static ngx_uint_t ngx_http_consent_check_own(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, const consent_match_rule_t *rule);
static void ngx_http_consent_check_shadow(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, const consent_match_rule_t *rule,
    const consent_match_rule_t *by, ngx_uint_t same);


static const char *const  ngx_http_consent_check_kinds[] = {
    "cookie", "resource", "inline"
};


ngx_int_t
ngx_http_consent_check(ngx_conf_t *cf)
{
    ngx_http_consent_origin_t     *origin;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_consent_module);

    if (mcf->status_origin && mcf->zone == NULL) {
        origin = ngx_http_consent_origin(mcf, mcf->status_origin);

        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"consent_status\" in %V:%ui has nothing to show "
                      "without a zone: add \"consent_zone "
                      "zone=consent:2m\" to the http level",
                      &origin->file, origin->line);
        return NGX_ERROR;
    }

    /* consent is on somewhere */

    if (mcf->undecided) {
        ngx_http_consent_check_endpoint(cf, mcf);
    }

    if (mcf->own_names.nelts) {
        ngx_http_consent_check_categories(cf, mcf);
        ngx_http_consent_check_rules(cf, mcf);
    }

    return NGX_OK;
}


/* nobody can decide anything where there is no page and no other source */

static void
ngx_http_consent_check_endpoint(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf)
{
    ngx_uint_t                     i;
    ngx_http_core_srv_conf_t     **cscfp;
    ngx_http_core_main_conf_t     *cmcf;
    ngx_http_consent_origin_t     *origin;
    ngx_http_consent_srv_conf_t   *scf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    cscfp = cmcf->servers.elts;

    for (i = 0; i < cmcf->servers.nelts; i++) {
        scf = cscfp[i]->ctx->srv_conf[ngx_http_consent_module.ctx_index];

        if (scf->endpoint) {
            return;
        }
    }

    origin = ngx_http_consent_origin(mcf, mcf->undecided);

    /* a site may do without: not more than a hint */

    ngx_log_error(NGX_LOG_NOTICE, cf->log, 0,
                  "\"consent enforce\" in %V:%ui, but visitors have no way "
                  "to decide unless the site sets the cookie: add a location "
                  "with \"consent_endpoint\", or the site's consent "
                  "platform to \"consent_use\"",
                  &origin->file, origin->line);
}


static void
ngx_http_consent_check_categories(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf)
{
    ngx_uint_t           i, kind;
    consent_mask_t       ruled;
    consent_category_t  *category;

    ruled = mcf->unclassified;

    for (kind = CONSENT_RULE_COOKIE; kind <= CONSENT_RULE_INLINE; kind++) {
        ruled |= consent_match_categories(mcf->policy.match,
                                          (consent_rule_e) kind);
    }

    for (i = 0; i < mcf->policy.ncategories; i++) {
        category = &mcf->policy.categories[i];

        if (category->always || (ruled & consent_bit(i))) {
            continue;
        }

        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "category \"%*s\" has no rules, so that nothing is "
                      "blocked when a visitor refuses it: add \"cookie\", "
                      "\"resource\" or \"inline\" to it, or remove it",
                      category->name.len, category->name.data);
    }
}


static void
ngx_http_consent_check_rules(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf)
{
    unsigned                     same;
    ngx_uint_t                   i, n;
    const consent_match_rule_t  *rule, *by;

    n = 0;

    for (i = 0; /* void */ ; i++) {

        rule = consent_match_rule(mcf->policy.match, i);

        if (rule == NULL) {
            break;
        }

        if (rule->layer == CONSENT_LAYER_DEFAULTS) {
            continue;
        }

        if (ngx_http_consent_check_own(cf, mcf, rule)) {
            continue;
        }

        by = consent_match_shadow(mcf->policy.match, i, &same);

        if (by && n++ < NGX_HTTP_CONSENT_WARNINGS) {
            ngx_http_consent_check_shadow(cf, mcf, rule, by, same);
        }
    }

    if (n > NGX_HTTP_CONSENT_WARNINGS) {
        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "%ui more rules never count",
                      n - NGX_HTTP_CONSENT_WARNINGS);
    }
}


/* 1: it names a consent cookie, which is never blocked */

static ngx_uint_t
ngx_http_consent_check_own(ngx_conf_t *cf, ngx_http_consent_main_conf_t *mcf,
    const consent_match_rule_t *rule)
{
    ngx_uint_t                  i;
    consent_str_t              *own;
    ngx_http_consent_origin_t  *origin;

    if (rule->kind != CONSENT_RULE_COOKIE) {
        return 0;
    }

    own = mcf->own_names.elts;

    for (i = 0; i < mcf->own_names.nelts; i++) {

        if (!consent_str_eq(own[i], rule->pattern)) {
            continue;
        }

        origin = ngx_http_consent_origin(mcf, rule->origin);

        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "cookie \"%*s\" in %V:%ui is the consent cookie, for "
                      "which no rule counts: remove the rule",
                      rule->pattern.len, rule->pattern.data, &origin->file,
                      origin->line);
        return 1;
    }

    return 0;
}


static void
ngx_http_consent_check_shadow(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, const consent_match_rule_t *rule,
    const consent_match_rule_t *by, ngx_uint_t same)
{
    consent_str_t               *name;
    ngx_http_consent_origin_t   *origin, *other;

    origin = ngx_http_consent_origin(mcf, rule->origin);
    other = ngx_http_consent_origin(mcf, by->origin);
    name = &mcf->policy.categories[by->category].name;

    ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                  "%s \"%*s\" in %V:%ui never counts: %s \"%*s\" of "
                  "category \"%*s\" in %V:%ui %s",
                  ngx_http_consent_check_kinds[rule->kind],
                  rule->pattern.len, rule->pattern.data, &origin->file,
                  origin->line, ngx_http_consent_check_kinds[by->kind],
                  by->pattern.len, by->pattern.data, name->len, name->data,
                  &other->file, other->line,
                  same ? "says the same of more; remove one of them"
                       : "matches first; remove it, or make the other one "
                         "more special");
}
