/*
 * Copyright (C) ngx_consent_module authors
 *
 * include inside the blocks of this module.  It is that of nginx, which is not
 * allowed in contexts that nginx does not know, with one thing more: what is
 * beside the file that has the directive is found first.  So a file may
 * include others of its folder wherever the folder is, as the shipped
 * consent.conf does with the catalogue.
 */


#include "ngx_http_consent.h"


#define NGX_HTTP_CONSENT_GLOB  "*?["


static ngx_int_t ngx_http_consent_include_beside(ngx_conf_t *cf,
    ngx_str_t *name, ngx_str_t *full);
static ngx_int_t ngx_http_consent_include_exists(ngx_conf_t *cf,
    ngx_str_t *full);


char *
ngx_http_consent_include(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t  *value, full;

    value = cf->args->elts;

    switch (ngx_http_consent_include_beside(cf, &value[1], &full)) {

    case NGX_OK:
        value[1] = full;
        break;

    case NGX_DECLINED:
        break;

    default: /* NGX_ERROR */
        return NGX_CONF_ERROR;
    }

    return ngx_conf_include(cf, cmd, conf);
}


/*
 * NGX_DECLINED: there is nothing of this name.  Configuration from the command
 * line has no folder.  A folder with a character that a mask may have would
 * make a mask of the whole.
 */

static ngx_int_t
ngx_http_consent_include_beside(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *full)
{
    u_char     *p;
    size_t      len;
    ngx_str_t   file;

    file = cf->conf_file->file.name;
    len = file.len;

    while (len && file.data[len - 1] != '/') {
        len--;
    }

    if (len == 0 || name->len == 0 || name->data[0] == '/') {
        return NGX_DECLINED;
    }

    full->len = len + name->len;

    full->data = ngx_pnalloc(cf->pool, full->len + 1);
    if (full->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(full->data, file.data, len);
    *p = '\0';

    if (strpbrk((char *) full->data, NGX_HTTP_CONSENT_GLOB)) {
        return NGX_DECLINED;
    }

    p = ngx_cpymem(p, name->data, name->len);
    *p = '\0';

    return ngx_http_consent_include_exists(cf, full);
}


static ngx_int_t
ngx_http_consent_include_exists(ngx_conf_t *cf, ngx_str_t *full)
{
    ngx_int_t        rc;
    ngx_str_t        first;
    ngx_glob_t       gl;
    ngx_file_info_t  fi;

    if (strpbrk((char *) full->data, NGX_HTTP_CONSENT_GLOB) == NULL) {
        return ngx_file_info(full->data, &fi) == NGX_FILE_ERROR ? NGX_DECLINED
                                                                : NGX_OK;
    }

    ngx_memzero(&gl, sizeof(ngx_glob_t));

    gl.pattern = full->data;
    gl.log = cf->log;
    gl.test = 1;

    if (ngx_open_glob(&gl) != NGX_OK) {
        return NGX_DECLINED;
    }

    rc = ngx_read_glob(&gl, &first);

    ngx_close_glob(&gl);

    return rc == NGX_OK ? NGX_OK : NGX_DECLINED;
}
