/*
 * Copyright (C) ngx_consent_module authors
 *
 * Where something that no rule names may belong, for people to see: what a
 * catalogue says of it that is read for nothing else, or else what has rules
 * and looks like it.
 */


#include "ngx_http_consent_status.h"


static void ngx_http_consent_guess_set(ngx_http_consent_status_t *s,
    ngx_http_consent_guess_t *guess, consent_policy_t *policy,
    consent_guess_t found);
static consent_guess_t ngx_http_consent_guess_known(
    ngx_http_consent_status_t *s, consent_inventory_entry_t *entry);
static consent_guess_t ngx_http_consent_guess_like(
    ngx_http_consent_status_t *s, consent_policy_t *policy,
    consent_inventory_entry_t *entry);


ngx_http_consent_guess_t
ngx_http_consent_guess(ngx_http_consent_status_t *s, ngx_uint_t i)
{
    ngx_http_consent_guess_t    guess;
    consent_inventory_entry_t  *entry;

    ngx_memzero(&guess, sizeof(ngx_http_consent_guess_t));

    guess.category = CONSENT_UNCLASSIFIED;

    if (i >= NGX_HTTP_CONSENT_GUESSES) {
        return guess;
    }

    entry = s->entries.elts;
    entry += i;

    if (s->catalogue) {
        ngx_http_consent_guess_set(s, &guess, s->catalogue,
                                   ngx_http_consent_guess_known(s, entry));
    }

    /* the public suffix list is there only if there are categories */

    if (s->policy->ncategories == 0) {
        return guess;
    }

    if (guess.name.len == 0) {
        ngx_http_consent_guess_set(s, &guess, s->policy,
                       ngx_http_consent_guess_like(s, s->policy, entry));
    }

    if (guess.name.len == 0 && s->catalogue) {
        ngx_http_consent_guess_set(s, &guess, s->catalogue,
                       ngx_http_consent_guess_like(s, s->catalogue, entry));
    }

    return guess;
}


/* a category of the catalogue is that of the same name, if there is one */

static void
ngx_http_consent_guess_set(ngx_http_consent_status_t *s,
    ngx_http_consent_guess_t *guess, consent_policy_t *policy,
    consent_guess_t found)
{
    if (found.category == CONSENT_UNCLASSIFIED) {
        return;
    }

    guess->name = policy->categories[found.category].name;
    guess->by = found.by;
    guess->category = consent_policy_category(s->policy, guess->name);
}


static consent_guess_t
ngx_http_consent_guess_known(ngx_http_consent_status_t *s,
    consent_inventory_entry_t *entry)
{
    consent_str_t  name;

    name = consent_str_make(entry->name, entry->len);

    return (entry->kind == CONSENT_INVENTORY_COOKIE)
           ? consent_guess_known_cookie(s->catalogue, name)
           : consent_guess_known_host(s->catalogue, name);
}


static consent_guess_t
ngx_http_consent_guess_like(ngx_http_consent_status_t *s,
    consent_policy_t *policy, consent_inventory_entry_t *entry)
{
    consent_str_t  name;

    name = consent_str_make(entry->name, entry->len);

    return (entry->kind == CONSENT_INVENTORY_COOKIE)
           ? consent_guess_cookie(policy, name, entry->flags)
           : consent_guess_host(policy, s->mcf->site, name);
}


/*
 * The blocks in the file are those of a configuration, and so they are read
 * as such: into one of their own, which nothing else sees.
 */

char *
ngx_http_consent_guess_catalogue(ngx_conf_t *cf,
    ngx_http_consent_loc_conf_t *clf, ngx_str_t *file)
{
    char                          *rv;
    void                         **main_conf;
    size_t                         size;
    ngx_fd_t                       fd;
    ngx_conf_t                     save;
    ngx_file_info_t                fi;
    ngx_http_conf_ctx_t           *ctx;
    ngx_http_consent_main_conf_t  *mcf;

    /* it is opened again to be read as a configuration */

    fd = ngx_http_consent_file_open(cf, file, "consent_status",
                                    "name a file with consent_category "
                                    "blocks, such as "
                                    "\"consent/consent.conf\"", &fi);
    if (fd == NGX_INVALID_FILE) {
        return NGX_CONF_ERROR;
    }

    ngx_http_consent_file_close(cf, fd, file);

    size = ngx_http_max_module * sizeof(void *);

    main_conf = ngx_palloc(cf->temp_pool, size);
    if (main_conf == NULL) {
        return NGX_CONF_ERROR;
    }

    ctx = ngx_palloc(cf->temp_pool, sizeof(ngx_http_conf_ctx_t));
    if (ctx == NULL) {
        return NGX_CONF_ERROR;
    }

    mcf = ngx_http_consent_create_main_conf(cf);
    if (mcf == NULL) {
        return NGX_CONF_ERROR;
    }

    *ctx = *(ngx_http_conf_ctx_t *) cf->ctx;

    ngx_memcpy(main_conf, ctx->main_conf, size);

    main_conf[ngx_http_consent_module.ctx_index] = mcf;
    ctx->main_conf = main_conf;

    save = *cf;
    cf->ctx = ctx;
    cf->cmd_type = NGX_HTTP_CONSENT_CATALOGUE_CONF;

    rv = ngx_conf_parse(cf, file);

    *cf = save;

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (mcf->policy.ncategories == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "no consent_category in \"%V\", a catalogue is a "
                           "file with such blocks, as \"consent.conf\" is",
                           file);
        return NGX_CONF_ERROR;
    }

    if (consent_match_compile(mcf->policy.match) != 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "out of memory while compiling consent rules");
        return NGX_CONF_ERROR;
    }

    clf->catalogue = &mcf->policy;

    return NGX_CONF_OK;
}
