/*
 * Copyright (C) ngx_consent_module authors
 *
 * cookie, resource and inline in a "consent_category": what belongs to it.
 */


#include "ngx_http_consent.h"


static ngx_int_t ngx_http_consent_rule_add(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, consent_rule_e kind,
    ngx_str_t *pattern, ngx_uint_t origin);
static ngx_int_t ngx_http_consent_rule_check(ngx_conf_t *cf,
    consent_rule_e kind, ngx_str_t *pattern);
static void ngx_http_consent_rule_error(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, consent_rule_e kind,
    ngx_str_t *pattern, consent_match_error_t *err);


static ngx_str_t  ngx_http_consent_rules[] = {
    ngx_string("cookie"),
    ngx_string("resource"),
    ngx_string("inline")
};


/* cookie, resource, inline: cmd->offset says which */

char *
ngx_http_consent_rule_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_consent_main_conf_t *mcf = conf;

    ngx_str_t   *value;
    ngx_uint_t   i, origin;

    value = cf->args->elts;

    origin = ngx_http_consent_origin_add(cf, mcf);
    if (origin == 0) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_http_consent_rule_add(cf, mcf, (consent_rule_e) cmd->offset,
                                      &value[i], origin)
            != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_consent_rule_add(ngx_conf_t *cf, ngx_http_consent_main_conf_t *mcf,
    consent_rule_e kind, ngx_str_t *pattern, ngx_uint_t origin)
{
    u_char                 tag[3];
    consent_match_error_t  err;

    if (ngx_http_consent_rule_check(cf, kind, pattern) != NGX_OK) {
        return NGX_ERROR;
    }

    err.text[0] = '\0';
    err.other = CONSENT_UNCLASSIFIED;
    err.origin = 0;

    if (consent_match_add(mcf->policy.match, kind, mcf->layer,
                          consent_str_make(pattern->data, pattern->len),
                          (int) mcf->category, (unsigned) origin, &err)
        != 0)
    {
        ngx_http_consent_rule_error(cf, mcf, kind, pattern, &err);
        return NGX_ERROR;
    }

    tag[0] = (u_char) kind;
    tag[1] = (u_char) mcf->layer;
    tag[2] = (u_char) mcf->category;

    ngx_http_consent_hash_add(mcf, tag, sizeof(tag));
    ngx_http_consent_hash_add(mcf, pattern->data, pattern->len + 1);

    return ngx_http_consent_declare_rule(cf, mcf, kind, pattern);
}


/* patterns that could be meant, but never are */

static ngx_int_t
ngx_http_consent_rule_check(ngx_conf_t *cf, consent_rule_e kind,
    ngx_str_t *pattern)
{
    u_char  *end, *slash;

    if (pattern->len && ngx_http_consent_is_blank(pattern)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid \"%V\": pattern \"%V\" has nothing but "
                           "spaces, write what belongs to the category",
                           &ngx_http_consent_rules[kind], pattern);
        return NGX_ERROR;
    }

    if (kind != CONSENT_RULE_RESOURCE || pattern->len == 0
        || pattern->data[0] == '~')
    {
        return NGX_OK;
    }

    end = pattern->data + pattern->len;
    slash = ngx_strlchr(pattern->data, end, '/');

    if (ngx_strlchr(pattern->data, slash ? slash : end, '$')) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid \"%V\": pattern \"%V\" has a variable, "
                           "write the host itself, or \"/path\" for any host "
                           "of the site", &ngx_http_consent_rules[kind],
                           pattern);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_http_consent_rule_error(ngx_conf_t *cf, ngx_http_consent_main_conf_t *mcf,
    consent_rule_e kind, ngx_str_t *pattern, consent_match_error_t *err)
{
    consent_str_t               own, other;
    ngx_http_consent_origin_t  *origin;

    if (err->other == CONSENT_UNCLASSIFIED) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid \"%V\": %s",
                           &ngx_http_consent_rules[kind], err->text);
        return;
    }

    origin = ngx_http_consent_origin(mcf, err->origin);

    own = mcf->policy.categories[mcf->category].name;
    other = mcf->policy.categories[err->other].name;

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "%V \"%V\" of category \"%*s\" belongs to category "
                       "\"%*s\" already, by %V:%ui: remove one of them",
                       &ngx_http_consent_rules[kind], pattern,
                       own.len, own.data, other.len, other.data,
                       &origin->file, origin->line);
}
