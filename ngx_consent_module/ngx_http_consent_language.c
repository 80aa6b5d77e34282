/*
 * Copyright (C) ngx_consent_module authors
 *
 * consent_language: tags of languages as they are written.  Which one is
 * spoken is a matter of the texts that there are.
 */


#include "ngx_http_consent.h"


/* "consent_language TAG" */

typedef struct {
    ngx_str_t                     tag;
    ngx_uint_t                    origin;
} ngx_http_consent_tag_t;


ngx_int_t
ngx_http_consent_language_init(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf)
{
    return ngx_array_init(&mcf->tags, cf->pool, 2,
                          sizeof(ngx_http_consent_tag_t));
}


/* blocks may follow, so what has no texts shows when all has been read */

char *
ngx_http_consent_language_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_consent_loc_conf_t *clf = conf;

    ngx_str_t                     *value;
    ngx_http_consent_tag_t        *tag;
    ngx_http_consent_main_conf_t  *mcf;

    if (clf->language) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_http_script_variables_count(&value[1]) == 0) {

        if (!ngx_http_consent_language_is_tag(&value[1])) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid language \"%V\" in \"%V\", write a "
                               "tag such as \"de\" or \"pt-BR\", or a "
                               "variable", &value[1], &cmd->name);
            return NGX_CONF_ERROR;
        }

        mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_consent_module);

        tag = ngx_array_push(&mcf->tags);
        if (tag == NULL) {
            return NGX_CONF_ERROR;
        }

        tag->tag = value[1];
        tag->origin = ngx_http_consent_origin_add(cf, mcf);

        if (tag->origin == 0) {
            return NGX_CONF_ERROR;
        }
    }

    return (ngx_http_consent_compile_value(cf, &value[1], &clf->language)
            == NGX_OK)
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/*
 * RFC 5646, 2.1: parts of up to eight letters and digits, of which the first
 * is a language, or "x" or "i" in front of what is not registered.  What the
 * other parts are is not asked.
 */

ngx_uint_t
ngx_http_consent_language_is_tag(ngx_str_t *tag)
{
    u_char      ch;
    size_t      len;
    ngx_uint_t  i, first;

    first = 1;
    len = 0;

    for (i = 0; i < tag->len; i++, len++) {

        ch = tag->data[i];

        if (ch == '-') {

            if (len == 0 || (first && len == 1 && (tag->data[0] | 0x20) != 'x'
                             && (tag->data[0] | 0x20) != 'i'))
            {
                return 0;
            }

            first = 0;
            len = (size_t) -1;

        } else if (len == 8
                   || !(consent_is_alpha(ch)
                        || (consent_is_digit(ch) && !first)))
        {
            return 0;
        }
    }

    return first ? len >= 2 : len >= 1;
}


/* English needs no block */

ngx_int_t
ngx_http_consent_language_check(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf)
{
    ngx_str_t                   names;
    ngx_uint_t                  i;
    ngx_http_consent_tag_t     *tag;
    ngx_http_consent_origin_t  *origin;

    tag = mcf->tags.elts;

    for (i = 0; i < mcf->tags.nelts; i++) {

        if (ngx_http_consent_text_nearest(mcf, &tag[i].tag)
            || (ngx_strncasecmp(tag[i].tag.data, (u_char *) "en", 2) == 0
                && (tag[i].tag.len == 2 || tag[i].tag.data[2] == '-')))
        {
            continue;
        }

        if (ngx_http_consent_text_tags(cf->pool, mcf, &names) != NGX_OK) {
            return NGX_ERROR;
        }

        origin = ngx_http_consent_origin(mcf, tag[i].origin);

        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "there are no texts for the language \"%V\" in "
                      "\"consent_language\", but for: %V; include "
                      "\"languages.conf\" at the http level, add a "
                      "\"consent_text\" block or correct the tag in %V:%ui",
                      &tag[i].tag, &names, &origin->file, origin->line);
        return NGX_ERROR;
    }

    return NGX_OK;
}
