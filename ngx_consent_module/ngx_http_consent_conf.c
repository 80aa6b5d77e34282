/*
 * Copyright (C) ngx_consent_module authors
 *
 * The configuration of a location: create, merge, and the directives that
 * say what is done there.  What they name (categories) is resolved when all
 * of http{} has been read, so that the order of directives does not matter.
 */


#include "ngx_http_consent.h"

#include <openssl/rand.h>


#define NGX_HTTP_CONSENT_BUFFER_MIN  1024
#define NGX_HTTP_CONSENT_BUFFER_MAX  1048576

/* 50 years: far from where a sum with the time of day would overflow */

#define NGX_HTTP_CONSENT_AGE_MAX     (50 * 365 * 24 * 60 * 60)


static void *ngx_http_consent_alloc(void *data, size_t size);
static void ngx_http_consent_cleanup_match(void *data);
static ngx_int_t ngx_http_consent_init_lists(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf);
static ngx_int_t ngx_http_consent_make_secret(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf);
static void ngx_http_consent_merge_mode(ngx_http_consent_loc_conf_t *prev,
    ngx_http_consent_loc_conf_t *conf);
static ngx_int_t ngx_http_consent_merge_own(
    ngx_http_consent_main_conf_t *mcf, ngx_http_consent_loc_conf_t *conf);
static void ngx_http_consent_merge_hash(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_http_consent_loc_conf_t *conf);
static void ngx_http_consent_warn(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_http_consent_loc_conf_t *conf);


static ngx_http_consent_categories_t  ngx_http_consent_accept_none = {
    NULL, 0
};


static ngx_http_consent_signals_t  ngx_http_consent_no_signals = {
    { 0, 0 }, { 0, 0 }, NULL, 1
};


static ngx_http_consent_cookie_t  ngx_http_consent_default_cookie = {
    ngx_string("consent"),
    ngx_string("/"),
    ngx_null_string,
    ngx_string("Lax"),
    NGX_HTTP_CONSENT_COOKIE_AGE,
    NULL,
    0
};


void *
ngx_http_consent_create_main_conf(ngx_conf_t *cf)
{
    ngx_pool_cleanup_t            *cln;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_consent_main_conf_t));
    if (mcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     mcf->policy = { 0 };
     *     mcf->site = NULL;
     *     mcf->markup = NULL;
     *     mcf->attributes[] = NULL;
     *     mcf->dialect = NULL;
     *     mcf->source = NULL;
     *     mcf->source_memory = NULL;
     *     mcf->unclassified = 0;
     *     mcf->undecided = 0;
     *     mcf->hash = 0;
     *     mcf->zone = NULL;
     *     mcf->status_origin = 0;
     *     mcf->policy_set = 0;
     */

    mcf->policy.version = 1;
    mcf->category = CONSENT_UNCLASSIFIED;

    mcf->mem.alloc = ngx_http_consent_alloc;
    mcf->mem.data = cf->pool;

    if (ngx_http_consent_init_lists(cf, mcf) != NGX_OK
        || ngx_http_consent_language_init(cf, mcf) != NGX_OK
        || ngx_http_consent_text_init(cf, mcf) != NGX_OK
        || ngx_http_consent_markup_init(cf, mcf) != NGX_OK
        || ngx_http_consent_source_init(cf, mcf) != NGX_OK)
    {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    mcf->policy.match = consent_match_create(&mcf->mem);
    if (mcf->policy.match == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_consent_cleanup_match;
    cln->data = mcf->policy.match;

    return mcf;
}


static ngx_int_t
ngx_http_consent_init_lists(ngx_conf_t *cf, ngx_http_consent_main_conf_t *mcf)
{
    ngx_http_consent_origin_t  *origin;

    if (ngx_array_init(&mcf->origins, cf->pool, 16,
                       sizeof(ngx_http_consent_origin_t))
        != NGX_OK
        || ngx_array_init(&mcf->references, cf->pool, 4,
                          sizeof(ngx_http_consent_reference_t))
           != NGX_OK
        || ngx_array_init(&mcf->own_names, cf->pool, 1,
                          sizeof(consent_str_t))
           != NGX_OK
        || ngx_array_init(&mcf->edited_variables, cf->pool, 4,
                          sizeof(ngx_uint_t))
           != NGX_OK
        || ngx_array_init(&mcf->items, cf->pool, 16,
                          sizeof(ngx_http_consent_item_t))
           != NGX_OK
        || ngx_array_init(&mcf->languages, cf->pool, 8,
                          sizeof(ngx_http_consent_language_t *))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    origin = ngx_array_push(&mcf->origins);
    if (origin == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(origin, sizeof(ngx_http_consent_origin_t));

    return NGX_OK;
}


char *
ngx_http_consent_init_main_conf(ngx_conf_t *cf, void *conf)
{
    if (ngx_http_consent_make_secret(cf, conf) != NGX_OK
        || ngx_http_consent_policy_compile(cf, conf) != NGX_OK
        || ngx_http_consent_markup_compile(cf, conf) != NGX_OK
        || ngx_http_consent_source_compile(cf, conf) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* signs tokens while there is no key: others than those of other servers */

static ngx_int_t
ngx_http_consent_make_secret(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf)
{
    u_char  random[32], text[CONSENT_BASE64URL_LEN(sizeof(random))];

    if (RAND_bytes(random, sizeof(random)) != 1) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "OpenSSL has no random bytes");
        return NGX_ERROR;
    }

    (void) consent_base64url(text, consent_str_make(random, sizeof(random)));

    return consent_key_init(&mcf->secret, consent_str_make(text,
                                                           sizeof(text)))
           == 0 ? NGX_OK : NGX_ERROR;
}


void *
ngx_http_consent_create_srv_conf(ngx_conf_t *cf)
{
    /*
     * set by ngx_pcalloc():
     *
     *     conf->endpoint = NULL;
     *     conf->blocked = NULL;
     */

    return ngx_pcalloc(cf->pool, sizeof(ngx_http_consent_srv_conf_t));
}


void *
ngx_http_consent_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_consent_loc_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_consent_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     conf->mode = NULL;
     *     conf->mode_origin = 0;
     *     conf->own = { 0 };
     *     conf->first_party_hash = 0;
     *     conf->types = { NULL };
     *     conf->types_keys = NULL;
     *     conf->types_hash = 0;
     *     conf->markup = NULL;
     *     conf->markup_hash = 0;
     *     conf->markup_set = 0;
     *     conf->endpoint = NULL;
     *     conf->banner_origin = 0;
     *     conf->language = NULL;
     *     conf->templates[] = NULL;
     *     conf->hash = 0;
     *     conf->catalogue = NULL;
     *     conf->status = 0;
     */

    conf->mode_value = NGX_CONF_UNSET_UINT;
    conf->use = NGX_CONF_UNSET_PTR;
    conf->implied = NGX_CONF_UNSET_UINT;
    conf->accept = NGX_CONF_UNSET_PTR;
    conf->signals = NGX_CONF_UNSET_PTR;
    conf->cookie = NGX_CONF_UNSET_PTR;
    conf->keys = NGX_CONF_UNSET_PTR;
    conf->first_party = NGX_CONF_UNSET_PTR;
    conf->unclassified_cookie = NGX_HTTP_CONSENT_INHERIT;
    conf->unclassified_third_party = NGX_HTTP_CONSENT_INHERIT;
    conf->request_cookies = NGX_CONF_UNSET_UINT;
    conf->expire = NGX_CONF_UNSET;
    conf->block = NGX_CONF_UNSET_UINT;
    conf->inlines = NGX_CONF_UNSET_UINT;
    conf->uninspectable = NGX_CONF_UNSET_UINT;
    conf->cache = NGX_CONF_UNSET_UINT;
    conf->csp = NGX_CONF_UNSET_UINT;
    conf->buffer = NGX_CONF_UNSET_SIZE;
    conf->banner = NGX_CONF_UNSET;

    return conf;
}


char *
ngx_http_consent_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_consent_loc_conf_t  *prev = parent;
    ngx_http_consent_loc_conf_t  *conf = child;

    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_consent_module);

    ngx_http_consent_merge_mode(prev, conf);
    ngx_http_consent_unclassified_merge(prev, conf);

    if (conf->unclassified_cookie != CONSENT_UNCLASSIFIED) {
        mcf->unclassified |= consent_bit(conf->unclassified_cookie);
    }

    if (conf->unclassified_third_party != CONSENT_UNCLASSIFIED) {
        mcf->unclassified |= consent_bit(conf->unclassified_third_party);
    }

    ngx_conf_merge_ptr_value(conf->use, prev->use, &ngx_http_consent_use_own);
    ngx_http_consent_source_kinds(conf);

    ngx_conf_merge_uint_value(conf->implied, prev->implied,
                              NGX_HTTP_CONSENT_IMPLIED_DENY);
    ngx_conf_merge_ptr_value(conf->accept, prev->accept,
                             &ngx_http_consent_accept_none);
    ngx_conf_merge_ptr_value(conf->signals, prev->signals,
                             &ngx_http_consent_no_signals);
    ngx_conf_merge_ptr_value(conf->cookie, prev->cookie,
                             &ngx_http_consent_default_cookie);
    ngx_conf_merge_ptr_value(conf->keys, prev->keys, NULL);

    ngx_conf_merge_uint_value(conf->request_cookies, prev->request_cookies,
                              NGX_HTTP_CONSENT_STRIP);
    ngx_conf_merge_value(conf->expire, prev->expire, 1);
    ngx_conf_merge_uint_value(conf->block, prev->block,
                              NGX_HTTP_CONSENT_MARK);
    ngx_conf_merge_uint_value(conf->inlines, prev->inlines, 1);
    ngx_conf_merge_uint_value(conf->uninspectable, prev->uninspectable,
                              NGX_HTTP_CONSENT_UNINSPECTABLE_BLOCK);
    ngx_conf_merge_uint_value(conf->cache, prev->cache,
                              NGX_HTTP_CONSENT_CACHE_PRIVATE);
    ngx_conf_merge_uint_value(conf->csp, prev->csp,
                              NGX_HTTP_CONSENT_CSP_NARROW);
    ngx_conf_merge_size_value(conf->buffer, prev->buffer, 16384);

    mcf->buffer = ngx_max(mcf->buffer, conf->buffer);

    if (conf->markup == NULL) {
        conf->markup = prev->markup ? prev->markup : mcf->markup;
        conf->markup_hash = prev->markup_hash;
    }

    ngx_http_consent_endpoint_merge(cf, prev, conf);

    if (ngx_http_consent_types_merge(cf, prev, conf) != NGX_CONF_OK
        || ngx_http_consent_banner_merge(cf, mcf, prev, conf) != NGX_CONF_OK
        || ngx_http_consent_banner_blocked(cf, mcf) != NGX_OK
        || ngx_http_consent_template_merge(cf, mcf, prev, conf) != NGX_OK
        || ngx_http_consent_merge_own(mcf, conf) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    ngx_http_consent_merge_hash(cf, mcf, conf);
    ngx_http_consent_warn(cf, mcf, conf);

    return NGX_CONF_OK;
}


char *
ngx_http_consent_mode_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_consent_loc_conf_t *clf = conf;

    ngx_str_t                     *value;
    ngx_http_consent_main_conf_t  *mcf;

    if (clf->mode_value != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_consent_module);

    clf->mode_origin = ngx_http_consent_origin_add(cf, mcf);
    if (clf->mode_origin == 0) {
        return NGX_CONF_ERROR;
    }

    if (ngx_strcmp(value[1].data, "off") == 0) {
        clf->mode_value = NGX_HTTP_CONSENT_OFF;
        return NGX_CONF_OK;
    }

    if (ngx_strcmp(value[1].data, "report") == 0) {
        clf->mode_value = NGX_HTTP_CONSENT_REPORT;
        return NGX_CONF_OK;
    }

    /* with a variable, what to do where its value makes no sense */

    clf->mode_value = NGX_HTTP_CONSENT_ENFORCE;

    if (ngx_strcmp(value[1].data, "enforce") == 0) {
        return NGX_CONF_OK;
    }

    if (ngx_http_script_variables_count(&value[1]) == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" in \"consent\", it must be "
                           "\"off\", \"report\", \"enforce\" or have a "
                           "variable", &value[1]);
        return NGX_CONF_ERROR;
    }

    if (ngx_http_consent_compile_value(cf, &value[1], &clf->mode) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_consent_compile_value(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_complex_value_t **cv)
{
    ngx_http_compile_complex_value_t   ccv;

    *cv = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (*cv == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = value;
    ccv.complex_value = *cv;

    return ngx_http_compile_complex_value(&ccv);
}


/* as ngx_conf_set_enum_slot(), but says which values there are */

char *
ngx_http_consent_enum_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *p = conf;

    u_char           *last;
    ngx_str_t        *value;
    ngx_uint_t       *np, i;
    ngx_conf_enum_t  *e;
    u_char            names[NGX_MAX_CONF_ERRSTR];

    np = (ngx_uint_t *) (p + cmd->offset);

    if (*np != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;
    e = cmd->post;
    last = names;

    for (i = 0; e[i].name.len; i++) {

        if (e[i].name.len == value[1].len
            && ngx_strcasecmp(e[i].name.data, value[1].data) == 0)
        {
            *np = e[i].value;
            return NGX_CONF_OK;
        }

        last = ngx_slprintf(last, names + sizeof(names), "%s\"%V\"",
                            i ? " or " : "", &e[i].name);
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\" in \"%V\", it must be %*s",
                       &value[1], &cmd->name, (size_t) (last - names), names);

    return NGX_CONF_ERROR;
}


ngx_fd_t
ngx_http_consent_file_open(ngx_conf_t *cf, ngx_str_t *file,
    const char *directive, const char *hint, ngx_file_info_t *fi)
{
    ngx_fd_t  fd;

    if (ngx_conf_full_name(cf->cycle, file, 1) != NGX_OK) {
        return NGX_INVALID_FILE;
    }

    /* does not wait if the file is a pipe */

    fd = ngx_open_file(file->data, NGX_FILE_RDONLY|NGX_FILE_NONBLOCK,
                       NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " file \"%V\" of \"%s\" failed; "
                           "%s", file, directive, hint);
        return NGX_INVALID_FILE;
    }

    if (ngx_fd_info(fd, fi) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_fd_info_n " file \"%V\" of \"%s\" failed",
                           file, directive);

    } else if (!ngx_is_file(fi)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "file \"%V\" of \"%s\" is not a regular file; %s",
                           file, directive, hint);

    } else {
        return fd;
    }

    ngx_http_consent_file_close(cf, fd, file);

    return NGX_INVALID_FILE;
}


void
ngx_http_consent_file_close(ngx_conf_t *cf, ngx_fd_t fd, ngx_str_t *file)
{
    if (ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_ALERT, cf, ngx_errno,
                           ngx_close_file_n " \"%V\" failed", file);
    }
}


char *
ngx_http_consent_buffer_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_consent_loc_conf_t *clf = conf;

    ssize_t     size;
    ngx_str_t  *value;

    if (clf->buffer != NGX_CONF_UNSET_SIZE) {
        return "is duplicate";
    }

    value = cf->args->elts;

    size = ngx_parse_size(&value[1]);

    if (size < NGX_HTTP_CONSENT_BUFFER_MIN
        || size > NGX_HTTP_CONSENT_BUFFER_MAX)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid size \"%V\" in \"consent_buffer\", it "
                           "must be from 1k to 1m", &value[1]);
        return NGX_CONF_ERROR;
    }

    clf->buffer = size;

    return NGX_CONF_OK;
}


static void *
ngx_http_consent_alloc(void *data, size_t size)
{
    return ngx_palloc(data, size);
}


static void
ngx_http_consent_cleanup_match(void *data)
{
    consent_match_destroy(data);
}


static void
ngx_http_consent_merge_mode(ngx_http_consent_loc_conf_t *prev,
    ngx_http_consent_loc_conf_t *conf)
{
    if (conf->status) {

        /* neither read nor counted, whatever holds around it */

        conf->mode = NULL;
        conf->mode_value = NGX_HTTP_CONSENT_OFF;

    } else if (conf->mode_value == NGX_CONF_UNSET_UINT) {
        conf->mode = prev->mode;
        conf->mode_origin = prev->mode_origin;
    }

    ngx_conf_merge_uint_value(conf->mode_value, prev->mode_value,
                              NGX_HTTP_CONSENT_OFF);
}


static ngx_int_t
ngx_http_consent_merge_own(ngx_http_consent_main_conf_t *mcf,
    ngx_http_consent_loc_conf_t *conf)
{
    ngx_uint_t      i;
    consent_str_t  *name;

    conf->own.name = consent_str_make(conf->cookie->name.data,
                                      conf->cookie->name.len);
    conf->own.max_age = conf->cookie->max_age;

    if (conf->keys) {
        conf->own.keys = conf->keys->elts;
        conf->own.nkeys = (unsigned) conf->keys->nelts;
    }

    if (conf->mode == NULL && conf->mode_value == NGX_HTTP_CONSENT_OFF
        && conf->endpoint == NULL)
    {
        return NGX_OK;
    }

    ngx_http_consent_source_mark(conf);

    name = mcf->own_names.elts;

    for (i = 0; i < mcf->own_names.nelts; i++) {
        if (consent_str_eq(name[i], conf->own.name)) {
            return NGX_OK;
        }
    }

    name = ngx_array_push(&mcf->own_names);
    if (name == NULL) {
        return NGX_ERROR;
    }

    *name = conf->own.name;

    return NGX_OK;
}


ngx_uint_t
ngx_http_consent_is_blank(ngx_str_t *text)
{
    ngx_uint_t  i;

    for (i = 0; i < text->len; i++) {
        if (text->data[i] > ' ') {
            return 0;
        }
    }

    return 1;
}


time_t
ngx_http_consent_parse_age(ngx_str_t *value)
{
    time_t  age;

    age = ngx_parse_time(value, 1);

    return (age > 0 && age <= NGX_HTTP_CONSENT_AGE_MAX) ? age : NGX_ERROR;
}


/* two locations that may write different bodies have different hashes */

static void
ngx_http_consent_merge_hash(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_http_consent_loc_conf_t *conf)
{
    uint64_t                      parts[11];
    ngx_http_consent_srv_conf_t  *scf;

    scf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_consent_module);

    /* analysers do not see that each byte of it is set below */

    ngx_memzero(parts, sizeof(parts));

    parts[0] = mcf->hash;
    parts[1] = conf->first_party_hash;
    parts[2] = (uint64_t) conf->unclassified_third_party;
    parts[3] = conf->block;
    parts[4] = conf->uninspectable;
    parts[5] = conf->buffer;
    parts[6] = conf->types_hash;
    parts[7] = conf->markup_hash;
    parts[8] = conf->csp;
    parts[9] = conf->inlines;
    parts[10] = scf->endpoint ? ngx_crc32_long(scf->endpoint->url.data,
                                               scf->endpoint->url.len)
                              : 0;

    conf->hash = ngx_crc32_long((u_char *) parts, sizeof(parts));
}


static void
ngx_http_consent_warn(ngx_conf_t *cf, ngx_http_consent_main_conf_t *mcf,
    ngx_http_consent_loc_conf_t *conf)
{
    ngx_http_consent_origin_t  *origin;

    if (conf->mode == NULL && conf->mode_value == NGX_HTTP_CONSENT_OFF) {
        return;
    }

    origin = ngx_http_consent_origin(mcf, conf->mode_origin);

    if (mcf->policy.ncategories == 0 && !mcf->warned_empty) {
        mcf->warned_empty = 1;

        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "\"consent\" is on in %V:%ui, but no category exists "
                      "that a visitor could refuse: add \"consent_category\" "
                      "blocks", &origin->file, origin->line);
    }

    if (conf->mode == NULL
        && conf->mode_value == NGX_HTTP_CONSENT_ENFORCE
        && mcf->undecided == 0 && !conf->foreign)
    {
        mcf->undecided = conf->mode_origin;
    }

    if (conf->keys == NULL && conf->native && !mcf->warned_unsigned) {
        mcf->warned_unsigned = 1;

        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "\"consent\" is on in %V:%ui without \"consent_key\", "
                      "so that anyone can write the cookie \"%V\": make a key "
                      "with \"openssl rand -base64 32 > FILE\" and add "
                      "\"consent_key FILE\"",
                      &origin->file, origin->line, &conf->cookie->name);
    }
}


ngx_uint_t
ngx_http_consent_uses_own(ngx_http_consent_loc_conf_t *conf)
{
    ngx_uint_t                i;
    ngx_http_consent_use_t  **uses;

    uses = conf->use->elts;

    for (i = 0; i < conf->use->nelts; i++) {
        if (uses[i]->source == NULL) {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_http_consent_block_layer(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, const char *what)
{
    ngx_str_t  *value;

    mcf->layer = CONSENT_LAYER_RULES;

    if (cf->args->nelts != 3) {
        return NGX_OK;
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[2].data, "defaults") != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "unexpected \"%V\" after the name of a %s, "
                           "only \"defaults\" may stand there",
                           &value[2], what);
        return NGX_ERROR;
    }

    mcf->layer = CONSENT_LAYER_DEFAULTS;

    return NGX_OK;
}
