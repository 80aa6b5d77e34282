/*
 * Copyright (C) ngx_consent_module authors
 *
 * consent_types: which responses are read as pages.
 */


#include "ngx_http_consent.h"


/* in place of a hash of types; ngx_http_types_slot() marks "*" by a pointer */

#define NGX_HTTP_CONSENT_TYPES_DEFAULT  1
#define NGX_HTTP_CONSENT_TYPES_ALL      2

/* the most bytes on either side of the slash */

#define NGX_HTTP_CONSENT_TYPES_NAME     127


static ngx_uint_t ngx_http_consent_types_is_type(ngx_str_t *type);
static ngx_uint_t ngx_http_consent_types_is_name(u_char *p, u_char *end);
static uint32_t ngx_http_consent_types_hash(ngx_array_t *keys);


ngx_str_t  ngx_http_consent_default_types[] = {
    ngx_string("text/html"),
    ngx_string("application/xhtml+xml"),
    ngx_null_string
};


char *
ngx_http_consent_types_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t   *value;
    ngx_uint_t   i;

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_strcmp(value[i].data, "*") != 0
            && !ngx_http_consent_types_is_type(&value[i]))
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid type \"%V\" in \"%V\", write a MIME "
                               "type such as \"text/html\", without "
                               "parameters, or \"*\" for all types",
                               &value[i], &cmd->name);
            return NGX_CONF_ERROR;
        }
    }

    return ngx_http_types_slot(cf, cmd, conf);
}


static ngx_uint_t
ngx_http_consent_types_is_type(ngx_str_t *type)
{
    u_char  *slash, *end;

    end = type->data + type->len;
    slash = ngx_strlchr(type->data, end, '/');

    return slash != NULL
           && ngx_http_consent_types_is_name(type->data, slash)
           && ngx_http_consent_types_is_name(slash + 1, end);
}


/* RFC 6838, 4.2, without the "$" that no type has and every variable */

static ngx_uint_t
ngx_http_consent_types_is_name(u_char *p, u_char *end)
{
    if (p == end || end - p > NGX_HTTP_CONSENT_TYPES_NAME) {
        return 0;
    }

    for ( /* void */ ; p < end; p++) {
        if (!consent_is_alpha(*p) && !consent_is_digit(*p)
            && (*p == '\0' || ngx_strchr("!#&-^_.+", *p) == NULL))
        {
            return 0;
        }
    }

    return 1;
}


char *
ngx_http_consent_types_merge(ngx_conf_t *cf,
    ngx_http_consent_loc_conf_t *prev, ngx_http_consent_loc_conf_t *conf)
{
    /* the outermost level has no merge of its own */

    if (prev->types_hash == 0) {
        prev->types_hash = ngx_http_consent_types_hash(prev->types_keys);
    }

    conf->types_hash = conf->types_keys
                       ? ngx_http_consent_types_hash(conf->types_keys)
                       : prev->types_hash;

    return ngx_http_merge_types(cf, &conf->types_keys, &conf->types,
                                &prev->types_keys, &prev->types,
                                ngx_http_consent_default_types);
}


static uint32_t
ngx_http_consent_types_hash(ngx_array_t *keys)
{
    uint32_t         hash;
    ngx_uint_t       i;
    ngx_hash_key_t  *type;

    if (keys == NULL) {
        return NGX_HTTP_CONSENT_TYPES_DEFAULT;
    }

    if (keys == NGX_CONF_UNSET_PTR) {
        return NGX_HTTP_CONSENT_TYPES_ALL;
    }

    ngx_crc32_init(hash);

    type = keys->elts;

    for (i = 0; i < keys->nelts; i++) {

        /* with the zero byte that ends it */

        ngx_crc32_update(&hash, type[i].key.data, type[i].key.len + 1);
    }

    ngx_crc32_final(hash);

    return hash;
}
