/*
 * Copyright (C) ngx_consent_module authors
 *
 * The consent cookie as configured: its name and attributes, and the files
 * with the keys that sign it.  Secrets are wiped when the configuration goes.
 */


#include "ngx_http_consent.h"


/* a key of the greatest size, and white space around it */

#define NGX_HTTP_CONSENT_KEY_FILE_MAX  4096
#define NGX_HTTP_CONSENT_COOKIE_NAME   128


static char *ngx_http_consent_cookie_parameter(ngx_conf_t *cf,
    ngx_http_consent_cookie_t *cookie, ngx_str_t *value);
static char *ngx_http_consent_cookie_secure(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_complex_value_t **secure);
static ngx_int_t ngx_http_consent_cookie_samesite(ngx_conf_t *cf,
    ngx_str_t *value, ngx_str_t *samesite);
static char *ngx_http_consent_cookie_check(ngx_conf_t *cf,
    ngx_http_consent_cookie_t *cookie);
static ngx_uint_t ngx_http_consent_is_cookie_name(ngx_str_t *name);
static ngx_uint_t ngx_http_consent_is_domain(ngx_str_t *domain);
static ngx_uint_t ngx_http_consent_is_path(ngx_str_t *path);
static ngx_int_t ngx_http_consent_key_load(ngx_conf_t *cf, ngx_str_t *file,
    consent_key_t *key);
static ngx_int_t ngx_http_consent_key_read(ngx_conf_t *cf, ngx_fd_t fd,
    ngx_str_t *file, consent_key_t *key);
static ngx_int_t ngx_http_consent_key_check(ngx_conf_t *cf, ngx_str_t *file,
    consent_key_t *keys, ngx_uint_t n);
static void ngx_http_consent_keys_cleanup(void *data);


static char  ngx_http_consent_key_hint[] =
    "make one with \"openssl rand -base64 32 > FILE\"";


char *
ngx_http_consent_cookie_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_consent_loc_conf_t *clf = conf;

    char                       *rv;
    ngx_str_t                  *value;
    ngx_uint_t                  i;
    ngx_http_consent_cookie_t  *cookie;

    if (clf->cookie != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    cookie = ngx_pcalloc(cf->pool, sizeof(ngx_http_consent_cookie_t));
    if (cookie == NULL) {
        return NGX_CONF_ERROR;
    }

    cookie->name = value[1];

    for (i = 2; i < cf->args->nelts; i++) {
        rv = ngx_http_consent_cookie_parameter(cf, cookie, &value[i]);

        if (rv == NGX_CONF_OK) {
            continue;
        }

        if (rv != NGX_CONF_ERROR) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "parameter \"%V\" in \"%V\" %s", &value[i],
                               &cmd->name, rv);
        }

        return NGX_CONF_ERROR;
    }

    if (cookie->path.data == NULL) {
        ngx_str_set(&cookie->path, "/");
    }

    if (cookie->samesite.data == NULL) {
        ngx_str_set(&cookie->samesite, "Lax");
    }

    if (cookie->max_age == 0) {
        cookie->max_age = NGX_HTTP_CONSENT_COOKIE_AGE;
    }

    clf->cookie = cookie;

    return ngx_http_consent_cookie_check(cf, cookie);
}


static char *
ngx_http_consent_cookie_parameter(ngx_conf_t *cf,
    ngx_http_consent_cookie_t *cookie, ngx_str_t *value)
{
    u_char     *equals;
    ngx_str_t   text;

    ngx_str_null(&text);

    equals = ngx_strlchr(value->data, value->data + value->len, '=');

    if (equals) {
        text.data = equals + 1;
        text.len = value->data + value->len - text.data;
    }

    if (ngx_strncmp(value->data, "path=", 5) == 0) {

        if (cookie->path.data) {
            return "is duplicate";
        }

        cookie->path = text;
        return NGX_CONF_OK;
    }

    if (ngx_strncmp(value->data, "domain=", 7) == 0) {

        if (cookie->domain.data) {
            return "is duplicate";
        }

        cookie->domain = text;
        return NGX_CONF_OK;
    }

    if (ngx_strncmp(value->data, "samesite=", 9) == 0) {

        if (cookie->samesite.data) {
            return "is duplicate";
        }

        return (ngx_http_consent_cookie_samesite(cf, &text,
                                                 &cookie->samesite)
                == NGX_OK)
               ? NGX_CONF_OK
               : "must be \"samesite=lax\", \"samesite=strict\" or "
                 "\"samesite=none\"";
    }

    if (ngx_strncmp(value->data, "max_age=", 8) == 0) {

        if (cookie->max_age) {
            return "is duplicate";
        }

        cookie->max_age = ngx_http_consent_parse_age(&text);

        return (cookie->max_age != NGX_ERROR)
               ? NGX_CONF_OK
               : "must be a time from 1s to 50y, such as \"max_age=180d\"";
    }

    if (ngx_strncmp(value->data, "secure=", 7) == 0) {
        return ngx_http_consent_cookie_secure(cf, &text, &cookie->secure);
    }

    if (ngx_strcmp(value->data, "httponly") == 0) {

        if (cookie->httponly) {
            return "is duplicate";
        }

        cookie->httponly = 1;
        return NGX_CONF_OK;
    }

    return "is unknown, there are \"path=\", \"max_age=\", \"samesite=\", "
           "\"domain=\", \"secure=\" and \"httponly\"";
}


static char *
ngx_http_consent_cookie_secure(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_complex_value_t **secure)
{
    if (*secure) {
        return "is duplicate";
    }

    if (ngx_http_script_variables_count(value) == 0) {
        return "must have a variable whose value is \"https\", \"on\" "
               "or \"1\" if the browser speaks https, such as "
               "\"secure=$http_x_forwarded_proto\"";
    }

    return (ngx_http_consent_compile_value(cf, value, secure) == NGX_OK)
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static ngx_int_t
ngx_http_consent_cookie_samesite(ngx_conf_t *cf, ngx_str_t *value,
    ngx_str_t *samesite)
{
    if (ngx_strcasecmp(value->data, (u_char *) "lax") == 0) {
        ngx_str_set(samesite, "Lax");
        return NGX_OK;
    }

    if (ngx_strcasecmp(value->data, (u_char *) "strict") == 0) {
        ngx_str_set(samesite, "Strict");
        return NGX_OK;
    }

    if (ngx_strcasecmp(value->data, (u_char *) "none") == 0) {
        ngx_str_set(samesite, "None");

        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "browsers keep a cookie with \"samesite=none\" "
                           "over https only, and send it from the pages of "
                           "other sites; \"samesite=lax\" is enough unless "
                           "this site is shown in frames of others");
        return NGX_OK;
    }

    return NGX_DECLINED;
}


static char *
ngx_http_consent_cookie_check(ngx_conf_t *cf,
    ngx_http_consent_cookie_t *cookie)
{
    if (cookie->name.len && cookie->name.data[0] == '$') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"consent_cookie\" takes no variable for a name, "
                           "write one in the place of \"%V\"", &cookie->name);
        return NGX_CONF_ERROR;
    }

    if (!ngx_http_consent_is_cookie_name(&cookie->name)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid name \"%V\" of a cookie in "
                           "\"consent_cookie\", use 1 to 128 letters, "
                           "digits and any of !#$%%&'*+-.^_`|~",
                           &cookie->name);
        return NGX_CONF_ERROR;
    }

    if (!ngx_http_consent_is_path(&cookie->path)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid path \"%V\" in \"consent_cookie\", it "
                           "must begin with \"/\" and have no \";\"",
                           &cookie->path);
        return NGX_CONF_ERROR;
    }

    if (cookie->domain.data && !ngx_http_consent_is_domain(&cookie->domain)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid domain \"%V\" in \"consent_cookie\", "
                           "write it as \"example.com\"", &cookie->domain);
        return NGX_CONF_ERROR;
    }

    if (ngx_strncasecmp(cookie->name.data, (u_char *) "__Host-", 7) == 0
        && (cookie->domain.len
            || cookie->path.len != 1 || cookie->path.data[0] != '/'))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "browsers refuse the cookie \"%V\" unless it has "
                           "\"path=/\" and no \"domain=\": correct these or "
                           "take \"__Host-\" off the name", &cookie->name);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* a token of RFC 9110, of a length that sources allow as well */

static ngx_uint_t
ngx_http_consent_is_cookie_name(ngx_str_t *name)
{
    u_char      ch;
    ngx_uint_t  i;

    for (i = 0; i < name->len; i++) {
        ch = name->data[i];

        if (!consent_is_alpha(ch) && !consent_is_digit(ch)
            && (ch == '\0' || ngx_strchr("!#$%&'*+-.^_`|~", ch) == NULL))
        {
            return 0;
        }
    }

    return name->len != 0 && name->len <= NGX_HTTP_CONSENT_COOKIE_NAME;
}


static ngx_uint_t
ngx_http_consent_is_domain(ngx_str_t *domain)
{
    u_char      ch;
    ngx_uint_t  i;

    for (i = 0; i < domain->len; i++) {
        ch = domain->data[i];

        if (!consent_is_alpha(ch) && !consent_is_digit(ch)
            && ch != '-' && ch != '.')
        {
            return 0;
        }
    }

    return domain->len != 0;
}


static ngx_uint_t
ngx_http_consent_is_path(ngx_str_t *path)
{
    ngx_uint_t  i;

    for (i = 0; i < path->len; i++) {

        if (path->data[i] <= ' ' || path->data[i] >= 0x7f
            || path->data[i] == ';')
        {
            return 0;
        }
    }

    return path->len != 0 && path->data[0] == '/';
}


char *
ngx_http_consent_key_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_consent_loc_conf_t *clf = conf;

    ngx_str_t           *value;
    ngx_uint_t           i, n;
    consent_key_t       *key;
    ngx_pool_cleanup_t  *cln;

    if (clf->keys != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;
    n = cf->args->nelts - 1;

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NGX_CONF_ERROR;
    }

    /* never grows, so that no copy of a secret is left behind */

    clf->keys = ngx_array_create(cf->pool, n, sizeof(consent_key_t));
    if (clf->keys == NULL) {
        return NGX_CONF_ERROR;
    }

    cln->handler = ngx_http_consent_keys_cleanup;
    cln->data = clf->keys;

    for (i = 0; i < n; i++) {
        key = ngx_array_push(clf->keys);
        if (key == NULL) {
            return NGX_CONF_ERROR;
        }

        ngx_memzero(key, sizeof(consent_key_t));

        if (ngx_http_consent_key_load(cf, &value[i + 1], key) != NGX_OK
            || ngx_http_consent_key_check(cf, &value[i + 1],
                                          clf->keys->elts, i)
               != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_consent_key_load(ngx_conf_t *cf, ngx_str_t *file, consent_key_t *key)
{
    ngx_fd_t         fd;
    ngx_int_t        rc;
    ngx_file_info_t  fi;

    fd = ngx_http_consent_file_open(cf, file, "consent_key",
                                    ngx_http_consent_key_hint, &fi);
    if (fd == NGX_INVALID_FILE) {
        return NGX_ERROR;
    }

    if (ngx_file_access(&fi) & 007) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "file \"%V\" of \"consent_key\" "
                           "is open to everybody: run "
                           "\"chmod 640 %V\"", file, file);
        rc = NGX_ERROR;

    } else {
        rc = ngx_http_consent_key_read(cf, fd, file, key);
    }

    ngx_http_consent_file_close(cf, fd, file);

    return rc;
}


static ngx_int_t
ngx_http_consent_key_read(ngx_conf_t *cf, ngx_fd_t fd, ngx_str_t *file,
    consent_key_t *key)
{
    ssize_t    n;
    ngx_int_t  rc;
    u_char     buf[NGX_HTTP_CONSENT_KEY_FILE_MAX];

    n = ngx_read_fd(fd, buf, sizeof(buf));

    if (n < 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_read_fd_n " file \"%V\" of \"consent_key\" "
                           "failed", file);
        return NGX_ERROR;
    }

    rc = NGX_OK;

    if (n == sizeof(buf)
        || consent_key_init(key, consent_str_make(buf, (size_t) n)) != 0)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "file \"%V\" of \"consent_key\" "
                           "must hold %d to %d bytes of "
                           "secret; %s", file, CONSENT_KEY_MIN,
                           CONSENT_KEY_MAX, ngx_http_consent_key_hint);
        rc = NGX_ERROR;
    }

    ngx_explicit_memzero(buf, sizeof(buf));

    return rc;
}


/* is the last of n + 1 keys another than those before it? */

static ngx_int_t
ngx_http_consent_key_check(ngx_conf_t *cf, ngx_str_t *file,
    consent_key_t *keys, ngx_uint_t n)
{
    ngx_uint_t  i;

    for (i = 0; i < n; i++) {

        if (keys[i].len == keys[n].len
            && ngx_memcmp(keys[i].secret, keys[n].secret, keys[n].len) == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "file \"%V\" of \"consent_key\" "
                               "holds the same key as number "
                               "%ui of this directive: remove it",
                               file, i + 1);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static void
ngx_http_consent_keys_cleanup(void *data)
{
    ngx_array_t *keys = data;

    ngx_uint_t      i;
    consent_key_t  *key;

    key = keys->elts;

    for (i = 0; i < keys->nelts; i++) {
        consent_key_wipe(&key[i]);
    }
}
