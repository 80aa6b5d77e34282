/*
 * Copyright (C) ngx_consent_module authors
 *
 * What no rule names: consent_unclassified, and consent_first_party, which
 * says whose hosts are not strangers.
 */


#include "ngx_http_consent.h"


static char *ngx_http_consent_unclassified_parameter(ngx_conf_t *cf,
    ngx_str_t *value, ngx_int_t *index);


char *
ngx_http_consent_unclassified_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_consent_loc_conf_t *clf = conf;

    char        *rv;
    ngx_str_t   *value, name;
    ngx_int_t   *index;
    ngx_uint_t   i;

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        name = value[i];

        if (ngx_strncmp(name.data, "cookie=", 7) == 0) {
            index = &clf->unclassified_cookie;
            name.data += 7;
            name.len -= 7;

        } else if (ngx_strncmp(name.data, "third_party=", 12) == 0) {
            index = &clf->unclassified_third_party;
            name.data += 12;
            name.len -= 12;

        } else {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\" in \"%V\", write "
                               "\"cookie=\" or \"third_party=\" with "
                               "\"pass\" or the name of a category",
                               &value[i], &cmd->name);
            return NGX_CONF_ERROR;
        }

        if (*index != NGX_HTTP_CONSENT_INHERIT) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "parameter \"%V\" in \"%V\" is duplicate",
                               &value[i], &cmd->name);
            return NGX_CONF_ERROR;
        }

        rv = ngx_http_consent_unclassified_parameter(cf, &name, index);
        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_consent_unclassified_parameter(ngx_conf_t *cf, ngx_str_t *value,
    ngx_int_t *index)
{
    ngx_str_t                     *name;
    ngx_http_consent_reference_t  *reference;

    *index = CONSENT_UNCLASSIFIED;

    if (ngx_strcmp(value->data, "pass") == 0) {
        return NGX_CONF_OK;
    }

    name = ngx_palloc(cf->pool, sizeof(ngx_str_t));
    if (name == NULL) {
        return NGX_CONF_ERROR;
    }

    *name = *value;

    reference = ngx_http_consent_reference_add(cf, name);
    if (reference == NULL) {
        return NGX_CONF_ERROR;
    }

    reference->index = index;

    return NGX_CONF_OK;
}


/* several at one level add up, and together replace the inherited ones */

char *
ngx_http_consent_first_party_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_consent_loc_conf_t *clf = conf;

    ngx_str_t                     *value;
    ngx_uint_t                     i;
    ngx_http_consent_main_conf_t  *mcf;

    value = cf->args->elts;

    if (clf->first_party == NGX_CONF_UNSET_PTR) {
        mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_consent_module);

        clf->first_party = consent_hosts_create(&mcf->mem);
        if (clf->first_party == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_strlchr(value[i].data, value[i].data + value[i].len, '$')
            || consent_hosts_add(clf->first_party,
                                 consent_str_make(value[i].data,
                                                  value[i].len))
               != 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid host \"%V\" in \"%V\", write "
                               "\"cdn.example\", or \".cdn.example\" for the "
                               "host and its subdomains, without scheme, "
                               "port, path and variables",
                               &value[i], &cmd->name);
            return NGX_CONF_ERROR;
        }

        clf->first_party_hash = ngx_crc32_long(value[i].data, value[i].len)
                                ^ (clf->first_party_hash * 31);
    }

    return NGX_CONF_OK;
}


void
ngx_http_consent_unclassified_merge(ngx_http_consent_loc_conf_t *prev,
    ngx_http_consent_loc_conf_t *conf)
{
    if (conf->first_party == NGX_CONF_UNSET_PTR) {
        conf->first_party_hash = prev->first_party_hash;
    }

    ngx_conf_merge_ptr_value(conf->first_party, prev->first_party, NULL);

    if (conf->unclassified_cookie == NGX_HTTP_CONSENT_INHERIT) {
        conf->unclassified_cookie =
            (prev->unclassified_cookie == NGX_HTTP_CONSENT_INHERIT)
            ? CONSENT_UNCLASSIFIED : prev->unclassified_cookie;
    }

    if (conf->unclassified_third_party == NGX_HTTP_CONSENT_INHERIT) {
        conf->unclassified_third_party =
            (prev->unclassified_third_party == NGX_HTTP_CONSENT_INHERIT)
            ? CONSENT_UNCLASSIFIED : prev->unclassified_third_party;
    }
}
