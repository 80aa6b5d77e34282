/*
 * Copyright (C) ngx_consent_module authors
 *
 * The sources of decisions: consent_source with what is in it, and
 * consent_use, which chooses some.  The core understands the lines of a
 * block; here they are given to it with the place where they stand.
 */


#include "ngx_http_consent.h"


#define NGX_HTTP_CONSENT_SOURCE_NAME_MAX  32


/* the place where a source is named */

typedef struct {
    ngx_http_consent_use_t      *use;
    ngx_str_t                    directive;
    ngx_uint_t                   origin;
} ngx_http_consent_named_t;


static ngx_http_consent_source_t *ngx_http_consent_source_find(
    ngx_http_consent_main_conf_t *mcf, ngx_str_t *name);
static ngx_http_consent_source_t *ngx_http_consent_source_create(
    ngx_conf_t *cf, ngx_http_consent_main_conf_t *mcf, ngx_str_t *name);
static ngx_int_t ngx_http_consent_source_check_name(ngx_conf_t *cf,
    ngx_str_t *name);
static void ngx_http_consent_source_cleanup(void *data);
static ngx_int_t ngx_http_consent_use_resolve(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_http_consent_named_t *named);
static ngx_int_t ngx_http_consent_use_check(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_http_consent_named_t *named);
static ngx_str_t ngx_http_consent_source_list(ngx_pool_t *pool,
    ngx_http_consent_main_conf_t *mcf);


/* words with a meaning of their own where a source may be named */

static ngx_str_t  ngx_http_consent_source_reserved[] = {
    ngx_string("own"),
    ngx_string("off"),
    ngx_string("gpc"),
    ngx_string("dnt"),
    ngx_null_string
};


static ngx_http_consent_use_t  ngx_http_consent_own = {
    ngx_string("own"), NULL, 0
};

static ngx_http_consent_use_t  *ngx_http_consent_own_alone
    = &ngx_http_consent_own;

ngx_array_t  ngx_http_consent_use_own = {
    &ngx_http_consent_own_alone, 1, sizeof(ngx_http_consent_use_t *), 1, NULL
};


char *
ngx_http_consent_source_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_consent_main_conf_t *mcf = conf;

    char        *rv;
    ngx_str_t   *value;
    ngx_conf_t   save;

    value = cf->args->elts;

    if (ngx_http_consent_block_layer(cf, mcf, "source") != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    mcf->source = ngx_http_consent_source_find(mcf, &value[1]);

    if (mcf->source == NULL) {
        mcf->source = ngx_http_consent_source_create(cf, mcf, &value[1]);
    }

    if (mcf->source == NULL) {
        return NGX_CONF_ERROR;
    }

    save = *cf;
    cf->cmd_type = NGX_HTTP_CONSENT_SOURCE_CONF;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    return rv;
}


static ngx_http_consent_source_t *
ngx_http_consent_source_find(ngx_http_consent_main_conf_t *mcf,
    ngx_str_t *name)
{
    ngx_uint_t                   i;
    ngx_http_consent_source_t  **sources;

    sources = mcf->sources.elts;

    for (i = 0; i < mcf->sources.nelts; i++) {

        if (sources[i]->name.len == name->len
            && ngx_memcmp(sources[i]->name.data, name->data, name->len) == 0)
        {
            return sources[i];
        }
    }

    return NULL;
}


static ngx_http_consent_source_t *
ngx_http_consent_source_create(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_str_t *name)
{
    ngx_pool_cleanup_t          *cln;
    ngx_http_consent_source_t   *source, **slot;

    if (ngx_http_consent_source_check_name(cf, name) != NGX_OK) {
        return NULL;
    }

    source = ngx_pcalloc(cf->pool, sizeof(ngx_http_consent_source_t));
    slot = ngx_array_push(&mcf->sources);
    cln = ngx_pool_cleanup_add(cf->pool, 0);

    if (source == NULL || slot == NULL || cln == NULL) {
        return NULL;
    }

    source->name = *name;
    source->origin = ngx_http_consent_origin_add(cf, mcf);
    source->index = mcf->sources.nelts - 1;

    source->block = consent_block_create(&mcf->mem,
                                         consent_str_make(name->data,
                                                          name->len));
    if (source->block == NULL || source->origin == 0) {
        return NULL;
    }

    cln->handler = ngx_http_consent_source_cleanup;
    cln->data = source->block;

    *slot = source;

    return source;
}


static ngx_int_t
ngx_http_consent_source_check_name(ngx_conf_t *cf, ngx_str_t *name)
{
    u_char      ch;
    ngx_uint_t  i, bad;

    bad = (name->len == 0 || name->len > NGX_HTTP_CONSENT_SOURCE_NAME_MAX);

    for (i = 0; i < name->len; i++) {
        ch = name->data[i];

        if (!consent_is_alpha(ch) && !consent_is_digit(ch)
            && ch != '_' && ch != '-')
        {
            bad = 1;
        }
    }

    if (bad) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid name \"%V\" in \"consent_source\", "
                           "use 1 to %d "
                           "letters, digits, hyphens and underscores",
                           name, NGX_HTTP_CONSENT_SOURCE_NAME_MAX);
        return NGX_ERROR;
    }

    if (ngx_http_consent_source_is_reserved(name)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "a source cannot be named \"%V\", which means "
                           "something else in \"consent_use\" or "
                           "\"consent_signal\": choose another name",
                           name);
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_uint_t
ngx_http_consent_source_is_reserved(ngx_str_t *name)
{
    ngx_str_t  *word;

    for (word = ngx_http_consent_source_reserved; word->len; word++) {

        if (word->len == name->len
            && ngx_strncasecmp(name->data, word->data, name->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


char *
ngx_http_consent_source_line_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_consent_main_conf_t *mcf = conf;

    ngx_str_t                  *value;
    ngx_uint_t                  i, origin;
    consent_str_t              *words;
    consent_block_error_t       err;
    ngx_http_consent_origin_t  *first;

    value = cf->args->elts;

    origin = ngx_http_consent_origin_add(cf, mcf);

    words = ngx_palloc(cf->pool, cf->args->nelts * sizeof(consent_str_t));

    if (origin == 0 || words == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < cf->args->nelts; i++) {
        words[i] = consent_str_make(value[i].data, value[i].len);
    }

    if (consent_block_line(mcf->source->block, mcf->layer, words,
                           (unsigned) cf->args->nelts, (unsigned) origin,
                           &err)
        == 0)
    {
        return NGX_CONF_OK;
    }

    if (err.origin == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s", err.text);
        return NGX_CONF_ERROR;
    }

    first = ngx_http_consent_origin(mcf, err.origin);

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s; the first is in %V:%ui",
                       err.text, &first->file, first->line);

    return NGX_CONF_ERROR;
}


static void
ngx_http_consent_source_cleanup(void *data)
{
    consent_block_destroy(data);
}


char *
ngx_http_consent_use_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_consent_loc_conf_t *clf = conf;

    ngx_str_t                *value;
    ngx_uint_t                i, j;
    ngx_http_consent_use_t   *use, **uses;

    if (clf->use != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    clf->use = ngx_array_create(cf->pool, cf->args->nelts - 1,
                                sizeof(ngx_http_consent_use_t *));
    if (clf->use == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        uses = clf->use->elts;

        for (j = 0; j < clf->use->nelts; j++) {

            if (uses[j]->name.len == value[i].len
                && ngx_memcmp(uses[j]->name.data, value[i].data, value[i].len)
                   == 0)
            {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "consent source \"%V\" is named twice, "
                                   "once is enough", &value[i]);
                return NGX_CONF_ERROR;
            }
        }

        use = &ngx_http_consent_own;

        if (ngx_strcmp(value[i].data, "own") != 0) {
            use = ngx_http_consent_use_add(cf, &value[i]);
        }

        uses = ngx_array_push(clf->use);

        if (use == NULL || uses == NULL) {
            return NGX_CONF_ERROR;
        }

        *uses = use;
    }

    return NGX_CONF_OK;
}


ngx_http_consent_use_t *
ngx_http_consent_use_add(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_str_t                     *value;
    ngx_http_consent_use_t        *use;
    ngx_http_consent_named_t      *named;
    ngx_http_consent_main_conf_t  *mcf;

    value = cf->args->elts;
    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_consent_module);

    use = ngx_pcalloc(cf->pool, sizeof(ngx_http_consent_use_t));
    named = ngx_array_push(&mcf->source_uses);

    if (use == NULL || named == NULL) {
        return NULL;
    }

    use->name = *name;

    named->use = use;
    named->directive = value[0];
    named->origin = ngx_http_consent_origin_add(cf, mcf);

    return named->origin ? use : NULL;
}


ngx_int_t
ngx_http_consent_source_init(ngx_conf_t *cf, ngx_http_consent_main_conf_t *mcf)
{
    if (ngx_array_init(&mcf->sources, cf->pool, 4,
                       sizeof(ngx_http_consent_source_t *))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_array_init(&mcf->source_uses, cf->pool, 4,
                          sizeof(ngx_http_consent_named_t));
}


ngx_int_t
ngx_http_consent_source_compile(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf)
{
    ngx_uint_t                   i;
    consent_block_error_t        err;
    ngx_http_consent_named_t    *named;
    ngx_http_consent_origin_t   *origin;
    ngx_http_consent_source_t  **sources;

    sources = mcf->sources.elts;

    for (i = 0; i < mcf->sources.nelts; i++) {

        sources[i]->source = consent_block_compile(sources[i]->block,
                                                   &mcf->policy, &err);

        if (sources[i]->source == NULL) {
            origin = ngx_http_consent_origin(mcf, err.origin ? err.origin
                                                  : sources[i]->origin);

            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "source \"%V\": %s in %V:%ui", &sources[i]->name,
                          err.text, &origin->file, origin->line);
            return NGX_ERROR;
        }
    }

    named = mcf->source_uses.elts;

    for (i = 0; i < mcf->source_uses.nelts; i++) {
        if (ngx_http_consent_use_resolve(cf, mcf, &named[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (mcf->sources.nelts == 0) {
        return NGX_OK;
    }

    mcf->source_memory = ngx_palloc(cf->pool, CONSENT_PARSER_SCRATCH);

    return mcf->source_memory ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_consent_use_resolve(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_http_consent_named_t *named)
{
    ngx_str_t                   list;
    ngx_http_consent_origin_t  *origin;

    named->use->source = ngx_http_consent_source_find(mcf, &named->use->name);

    if (named->use->source) {
        return ngx_http_consent_use_check(cf, mcf, named);
    }

    list = ngx_http_consent_source_list(cf->pool, mcf);
    origin = ngx_http_consent_origin(mcf, named->origin);

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "unknown consent source \"%V\" in \"%V\", there are: %V; "
                  "include its file of the folder \"sources\" at the http "
                  "level, declare it with \"consent_source\", or correct the "
                  "name in %V:%ui",
                  &named->use->name, &named->directive, &list,
                  &origin->file, origin->line);

    return NGX_ERROR;
}


/* what has nothing to say is a preset that waits for the site's own ids */

static ngx_int_t
ngx_http_consent_use_check(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_http_consent_named_t *named)
{
    ngx_http_consent_origin_t  *origin;

    if (named->use->source->source->ndenials) {
        return NGX_OK;
    }

    origin = ngx_http_consent_origin(mcf, named->origin);

    if (ngx_strcmp(named->directive.data, "consent_signal") == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "source \"%V\" refuses nothing and is no signal: add "
                      "\"deny CATEGORY EXPRESSION\" to its block, or name it "
                      "in \"consent_use\" and not in %V:%ui",
                      &named->use->name, &origin->file, origin->line);
        return NGX_ERROR;
    }

    if (named->use->source->source->ngrants == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "source \"%V\" grants none of the categories that "
                      "exist: add \"consent_source %V { grant CATEGORY "
                      "EXPRESSION; }\" for that in %V:%ui",
                      &named->use->name, &named->use->name,
                      &origin->file, origin->line);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_str_t
ngx_http_consent_source_list(ngx_pool_t *pool,
    ngx_http_consent_main_conf_t *mcf)
{
    size_t                       len;
    u_char                      *p;
    ngx_str_t                    list;
    ngx_uint_t                   i;
    ngx_http_consent_source_t  **sources;

    sources = mcf->sources.elts;
    len = ngx_http_consent_own.name.len;

    for (i = 0; i < mcf->sources.nelts; i++) {
        len += sizeof(", ") - 1 + sources[i]->name.len;
    }

    ngx_str_null(&list);

    p = ngx_pnalloc(pool, len);
    if (p == NULL) {
        return list;
    }

    list.data = p;

    p = ngx_cpymem(p, ngx_http_consent_own.name.data,
                   ngx_http_consent_own.name.len);

    for (i = 0; i < mcf->sources.nelts; i++) {
        p = ngx_cpymem(p, ", ", sizeof(", ") - 1);
        p = ngx_cpymem(p, sources[i]->name.data, sources[i]->name.len);
    }

    list.len = p - list.data;

    return list;
}


void
ngx_http_consent_source_kinds(ngx_http_consent_loc_conf_t *conf)
{
    ngx_uint_t                i;
    ngx_http_consent_use_t  **uses;

    uses = conf->use->elts;

    for (i = 0; i < conf->use->nelts; i++) {

        if (uses[i]->source == NULL) {
            conf->native = 1;

        } else if (uses[i]->source->source->ngrants) {
            conf->foreign = 1;
        }
    }
}


void
ngx_http_consent_source_mark(ngx_http_consent_loc_conf_t *conf)
{
    ngx_uint_t                i;
    ngx_http_consent_use_t  **uses;

    uses = conf->use->elts;

    for (i = 0; i < conf->use->nelts; i++) {
        if (uses[i]->source) {
            uses[i]->source->used = 1;
        }
    }

    if (conf->signals->sources == NULL) {
        return;
    }

    uses = conf->signals->sources->elts;

    for (i = 0; i < conf->signals->sources->nelts; i++) {
        uses[i]->source->used = 1;
    }
}
