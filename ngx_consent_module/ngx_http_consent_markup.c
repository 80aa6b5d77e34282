/*
 * Copyright (C) ngx_consent_module authors
 *
 * The dialects of blocked tags: consent_dialect with what is in it, and
 * consent_markup, which chooses one.
 *
 * As with categories, blocks of one name merge, and those with "defaults"
 * (the shipped ones) form a layer of their own: what an ordinary block says
 * wins without a word, while the same thing said twice in one layer is an
 * error that names both places.
 */


#include "ngx_http_consent.h"

#include "core/consent_dialect.h"


#define NGX_HTTP_CONSENT_DIALECT_NAME_MAX  32


/* something that is said once in a layer; origin 0: not at all */

typedef struct {
    consent_dialect_line_t       line;
    ngx_uint_t                   origin;
} ngx_http_consent_dialect_line_t;


typedef struct {
    ngx_flag_t                   value;
    ngx_uint_t                   origin;
} ngx_http_consent_dialect_flag_t;


typedef struct {
    ngx_str_t                    category;
    ngx_int_t                    index;     /* of an ordinary block's category,
                                               when all have been read */
    ngx_str_t                    text;
    consent_layer_e              layer;
    ngx_uint_t                   origin;
} ngx_http_consent_dialect_name_t;


struct ngx_http_consent_dialect_s {
    ngx_str_t                    name;
    ngx_uint_t                   origin;    /* of its first block */

    ngx_http_consent_dialect_line_t
                           *lines[CONSENT_LAYERS][CONSENT_DIALECT_LINES];
    ngx_http_consent_dialect_flag_t  only_named[CONSENT_LAYERS];
    ngx_array_t                  names;     /* ngx_http_consent_dialect_name_t
                                               pointers */
    consent_match_t             *loaders;   /* NULL: none */

    consent_markup_t            *markup;
    uint32_t                     hash;      /* of all that is said */
};


/* a consent_markup with a name */

typedef struct {
    ngx_str_t                    name;
    ngx_uint_t                   origin;
    ngx_http_consent_loc_conf_t *conf;
} ngx_http_consent_markup_use_t;


static ngx_http_consent_dialect_t *ngx_http_consent_dialect_find(
    ngx_http_consent_main_conf_t *mcf, ngx_str_t *name);
static ngx_http_consent_dialect_t *ngx_http_consent_dialect_create(
    ngx_conf_t *cf, ngx_http_consent_main_conf_t *mcf, ngx_str_t *name);
static ngx_int_t ngx_http_consent_dialect_check_name(ngx_conf_t *cf,
    ngx_str_t *name);
static ngx_int_t ngx_http_consent_dialect_words(ngx_conf_t *cf,
    consent_dialect_line_t *line);
static char *ngx_http_consent_dialect_twice(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_str_t *what, ngx_uint_t origin);
static void ngx_http_consent_dialect_hash(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf);
static void ngx_http_consent_dialect_cleanup(void *data);
static ngx_int_t ngx_http_consent_dialect_compile(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_http_consent_dialect_t *dialect);
static void ngx_http_consent_dialect_names(
    ngx_http_consent_main_conf_t *mcf, ngx_http_consent_dialect_t *dialect,
    consent_dialect_t *out);
static ngx_int_t ngx_http_consent_markup_resolve(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_http_consent_markup_use_t *use);
static ngx_str_t ngx_http_consent_dialect_list(ngx_pool_t *pool,
    ngx_http_consent_main_conf_t *mcf);


static ngx_str_t  ngx_http_consent_markup_own = ngx_string("consent");


char *
ngx_http_consent_dialect_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_consent_main_conf_t *mcf = conf;

    char        *rv;
    ngx_str_t   *value;
    ngx_conf_t   save;

    value = cf->args->elts;

    if (ngx_http_consent_block_layer(cf, mcf, "dialect") != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    mcf->dialect = ngx_http_consent_dialect_find(mcf, &value[1]);

    if (mcf->dialect == NULL) {
        mcf->dialect = ngx_http_consent_dialect_create(cf, mcf, &value[1]);
    }

    if (mcf->dialect == NULL) {
        return NGX_CONF_ERROR;
    }

    save = *cf;
    cf->cmd_type = NGX_HTTP_CONSENT_DIALECT_CONF;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    return rv;
}


static ngx_http_consent_dialect_t *
ngx_http_consent_dialect_find(ngx_http_consent_main_conf_t *mcf,
    ngx_str_t *name)
{
    ngx_uint_t                    i;
    ngx_http_consent_dialect_t  **dialects;

    dialects = mcf->dialects.elts;

    for (i = 0; i < mcf->dialects.nelts; i++) {

        if (dialects[i]->name.len == name->len
            && ngx_memcmp(dialects[i]->name.data, name->data, name->len) == 0)
        {
            return dialects[i];
        }
    }

    return NULL;
}


static ngx_http_consent_dialect_t *
ngx_http_consent_dialect_create(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_str_t *name)
{
    ngx_http_consent_dialect_t  *dialect, **slot;

    if (ngx_http_consent_dialect_check_name(cf, name) != NGX_OK) {
        return NULL;
    }

    dialect = ngx_pcalloc(cf->pool, sizeof(ngx_http_consent_dialect_t));
    if (dialect == NULL) {
        return NULL;
    }

    if (ngx_array_init(&dialect->names, cf->pool, 4,
                       sizeof(ngx_http_consent_dialect_name_t *))
        != NGX_OK)
    {
        return NULL;
    }

    slot = ngx_array_push(&mcf->dialects);
    if (slot == NULL) {
        return NULL;
    }

    *slot = dialect;

    dialect->name = *name;
    dialect->origin = ngx_http_consent_origin_add(cf, mcf);

    return dialect->origin ? dialect : NULL;
}


static ngx_int_t
ngx_http_consent_dialect_check_name(ngx_conf_t *cf, ngx_str_t *name)
{
    u_char      ch;
    ngx_uint_t  i, bad;

    if (name->len == ngx_http_consent_markup_own.len
        && ngx_strncasecmp(name->data, ngx_http_consent_markup_own.data,
                           name->len)
           == 0)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the dialect \"%V\" is built in and cannot be "
                           "changed: choose another name", name);
        return NGX_ERROR;
    }

    bad = (name->len == 0 || name->len > NGX_HTTP_CONSENT_DIALECT_NAME_MAX);

    for (i = 0; i < name->len; i++) {
        ch = name->data[i];

        if (!consent_is_alpha(ch) && !consent_is_digit(ch)
            && ch != '_' && ch != '-')
        {
            bad = 1;
        }
    }

    if (!bad) {
        return NGX_OK;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid name \"%V\" in \"consent_dialect\", "
                       "use 1 to %d "
                       "letters, digits, hyphens and underscores",
                       name, NGX_HTTP_CONSENT_DIALECT_NAME_MAX);

    return NGX_ERROR;
}


/* script, inline, other, module: cmd->offset says which */

char *
ngx_http_consent_dialect_line_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_consent_main_conf_t *mcf = conf;

    ngx_http_consent_dialect_line_t  *line, **slot;

    slot = &mcf->dialect->lines[mcf->layer][cmd->offset];

    if (*slot != NULL) {
        return ngx_http_consent_dialect_twice(cf, mcf, &cmd->name,
                                              (*slot)->origin);
    }

    line = ngx_pcalloc(cf->pool, sizeof(ngx_http_consent_dialect_line_t));
    if (line == NULL) {
        return NGX_CONF_ERROR;
    }

    line->line.kind = (consent_dialect_e) cmd->offset;

    if (ngx_http_consent_dialect_words(cf, &line->line) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    line->origin = ngx_http_consent_origin_add(cf, mcf);
    if (line->origin == 0) {
        return NGX_CONF_ERROR;
    }

    *slot = line;

    ngx_http_consent_dialect_hash(cf, mcf);

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_consent_dialect_words(ngx_conf_t *cf, consent_dialect_line_t *line)
{
    ngx_str_t   *value;
    ngx_uint_t   i;
    const char  *wrong;

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        wrong = consent_dialect_add(line, consent_str_make(value[i].data,
                                                           value[i].len));
        if (wrong) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid \"%V\" in \"%V\": %s",
                               &value[i], &value[0], wrong);
            return NGX_ERROR;
        }
    }

    wrong = consent_dialect_check(line);

    if (wrong) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid \"%V\": %s",
                           &value[0], wrong);
        return NGX_ERROR;
    }

    return NGX_OK;
}


char *
ngx_http_consent_dialect_name_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_consent_main_conf_t *mcf = conf;

    ngx_str_t                         *value;
    ngx_uint_t                         i;
    ngx_http_consent_reference_t      *reference;
    ngx_http_consent_dialect_name_t   *name, **names;

    value = cf->args->elts;

    if (value[2].len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the name of category \"%V\" is empty: write what "
                           "the consent platform calls it", &value[1]);
        return NGX_CONF_ERROR;
    }

    names = mcf->dialect->names.elts;

    for (i = 0; i < mcf->dialect->names.nelts; i++) {

        if (names[i]->layer == mcf->layer
            && names[i]->category.len == value[1].len
            && ngx_memcmp(names[i]->category.data, value[1].data,
                          value[1].len)
               == 0)
        {
            return ngx_http_consent_dialect_twice(cf, mcf, &value[1],
                                                  names[i]->origin);
        }
    }

    name = ngx_pcalloc(cf->pool, sizeof(ngx_http_consent_dialect_name_t));
    names = ngx_array_push(&mcf->dialect->names);

    if (name == NULL || names == NULL) {
        return NGX_CONF_ERROR;
    }

    *names = name;

    name->category = value[1];
    name->text = value[2];
    name->layer = mcf->layer;
    name->index = CONSENT_UNCLASSIFIED;

    name->origin = ngx_http_consent_origin_add(cf, mcf);
    if (name->origin == 0) {
        return NGX_CONF_ERROR;
    }

    ngx_http_consent_dialect_hash(cf, mcf);

    if (name->layer == CONSENT_LAYER_DEFAULTS) {

        /* written for sites that may have no such category */

        return NGX_CONF_OK;
    }

    reference = ngx_http_consent_reference_add(cf, &name->category);
    if (reference == NULL) {
        return NGX_CONF_ERROR;
    }

    reference->index = &name->index;

    return NGX_CONF_OK;
}


char *
ngx_http_consent_dialect_only_named_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_consent_main_conf_t *mcf = conf;

    ngx_str_t                        *value;
    ngx_http_consent_dialect_flag_t  *flag;

    value = cf->args->elts;
    flag = &mcf->dialect->only_named[mcf->layer];

    if (flag->origin) {
        return ngx_http_consent_dialect_twice(cf, mcf, &cmd->name,
                                              flag->origin);
    }

    if (ngx_strcasecmp(value[1].data, (u_char *) "on") == 0) {
        flag->value = 1;

    } else if (ngx_strcasecmp(value[1].data, (u_char *) "off") != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" in \"only_named\", it must "
                           "be \"on\" or \"off\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    flag->origin = ngx_http_consent_origin_add(cf, mcf);
    if (flag->origin == 0) {
        return NGX_CONF_ERROR;
    }

    ngx_http_consent_dialect_hash(cf, mcf);

    return NGX_CONF_OK;
}


char *
ngx_http_consent_dialect_loader_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_consent_main_conf_t *mcf = conf;

    ngx_str_t                   *value;
    ngx_uint_t                   i;
    ngx_pool_cleanup_t          *cln;
    consent_match_error_t        err;
    ngx_http_consent_dialect_t  *dialect;

    value = cf->args->elts;
    dialect = mcf->dialect;

    if (dialect->loaders == NULL) {

        cln = ngx_pool_cleanup_add(cf->pool, 0);
        if (cln == NULL) {
            return NGX_CONF_ERROR;
        }

        dialect->loaders = consent_match_create(&mcf->mem);
        if (dialect->loaders == NULL) {
            return NGX_CONF_ERROR;
        }

        cln->handler = ngx_http_consent_dialect_cleanup;
        cln->data = dialect->loaders;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        /* a matcher of its own, in which there is but one category */

        if (consent_match_add(dialect->loaders, CONSENT_RULE_RESOURCE,
                              CONSENT_LAYER_RULES,
                              consent_str_make(value[i].data, value[i].len),
                              0, 0, &err)
            != 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid \"loader\": %s", err.text);
            return NGX_CONF_ERROR;
        }
    }

    ngx_http_consent_dialect_hash(cf, mcf);

    return NGX_CONF_OK;
}


static char *
ngx_http_consent_dialect_twice(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_str_t *what, ngx_uint_t origin)
{
    ngx_http_consent_origin_t  *first;

    first = ngx_http_consent_origin(mcf, origin);

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "\"%V\" of dialect \"%V\" is given in %V:%ui already: "
                       "remove one of them",
                       what, &mcf->dialect->name, &first->file, first->line);

    return NGX_CONF_ERROR;
}


/* the directive that is being read, with its layer */

static void
ngx_http_consent_dialect_hash(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf)
{
    u_char      tag[2];
    uint32_t    crc;
    ngx_str_t  *value;
    ngx_uint_t  i;

    value = cf->args->elts;

    tag[0] = (u_char) mcf->layer;
    tag[1] = (u_char) cf->args->nelts;

    crc = mcf->dialect->hash ^ 0xffffffff;

    ngx_crc32_update(&crc, tag, sizeof(tag));

    for (i = 0; i < cf->args->nelts; i++) {

        /* with the zero byte that ends it */

        ngx_crc32_update(&crc, value[i].data, value[i].len + 1);
    }

    ngx_crc32_final(crc);

    mcf->dialect->hash = crc;
}


static void
ngx_http_consent_dialect_cleanup(void *data)
{
    consent_match_destroy(data);
}


char *
ngx_http_consent_markup_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_consent_loc_conf_t *clf = conf;

    ngx_str_t                      *value;
    ngx_http_consent_main_conf_t   *mcf;
    ngx_http_consent_markup_use_t  *use;

    if (clf->markup_set) {
        return "is duplicate";
    }

    clf->markup_set = 1;

    value = cf->args->elts;
    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_consent_module);

    use = ngx_array_push(&mcf->markup_uses);
    if (use == NULL) {
        return NGX_CONF_ERROR;
    }

    use->name = value[1];
    use->conf = clf;
    use->origin = ngx_http_consent_origin_add(cf, mcf);

    return use->origin ? NGX_CONF_OK : NGX_CONF_ERROR;
}


ngx_int_t
ngx_http_consent_markup_init(ngx_conf_t *cf, ngx_http_consent_main_conf_t *mcf)
{
    if (ngx_array_init(&mcf->dialects, cf->pool, 4,
                       sizeof(ngx_http_consent_dialect_t *))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_array_init(&mcf->markup_uses, cf->pool, 4,
                          sizeof(ngx_http_consent_markup_use_t));
}


ngx_int_t
ngx_http_consent_markup_compile(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf)
{
    ngx_uint_t                       i;
    ngx_http_consent_dialect_t     **dialects;
    ngx_http_consent_markup_use_t   *uses;

    mcf->markup = consent_markup_create(&mcf->mem, &mcf->policy);
    if (mcf->markup == NULL) {
        return NGX_ERROR;
    }

    dialects = mcf->dialects.elts;

    for (i = 0; i < mcf->dialects.nelts; i++) {
        if (ngx_http_consent_dialect_compile(cf, mcf, dialects[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    uses = mcf->markup_uses.elts;

    for (i = 0; i < mcf->markup_uses.nelts; i++) {
        if (ngx_http_consent_markup_resolve(cf, mcf, &uses[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_dialect_compile(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_http_consent_dialect_t *dialect)
{
    ngx_uint_t                        i, n;
    consent_dialect_t                 all;
    ngx_http_consent_origin_t        *origin;
    ngx_http_consent_dialect_line_t  *line;

    n = 0;

    ngx_memzero(&all, sizeof(consent_dialect_t));

    for (i = 0; i < CONSENT_DIALECT_LINES; i++) {

        line = dialect->lines[CONSENT_LAYER_RULES][i];

        if (line == NULL) {
            line = dialect->lines[CONSENT_LAYER_DEFAULTS][i];
        }

        if (line) {
            all.lines[i] = &line->line;
            n++;
        }
    }

    if (n == 0) {
        origin = ngx_http_consent_origin(mcf, dialect->origin);

        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "dialect \"%V\" does not say how tags are written: give "
                      "it \"script\", \"inline\" or \"other\", or include the "
                      "file of the folder \"markup\" that it is to change in "
                      "%V:%ui", &dialect->name, &origin->file, origin->line);
        return NGX_ERROR;
    }

    i = dialect->only_named[CONSENT_LAYER_RULES].origin
        ? CONSENT_LAYER_RULES : CONSENT_LAYER_DEFAULTS;

    all.only_named = dialect->only_named[i].value ? 1 : 0;
    all.loaders = dialect->loaders;

    ngx_http_consent_dialect_names(mcf, dialect, &all);

    dialect->markup = consent_dialect_compile(&mcf->mem, &mcf->policy,
                                              mcf->markup, &all);

    if (dialect->markup == NULL
        || (dialect->loaders && consent_match_compile(dialect->loaders) != 0))
    {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "out of memory while compiling consent dialects");
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_http_consent_dialect_names(ngx_http_consent_main_conf_t *mcf,
    ngx_http_consent_dialect_t *dialect, consent_dialect_t *out)
{
    ngx_int_t                          index;
    ngx_uint_t                         i;
    consent_str_t                      category;
    ngx_http_consent_dialect_name_t  **names;

    names = dialect->names.elts;

    for (i = 0; i < dialect->names.nelts; i++) {

        index = names[i]->index;

        if (names[i]->layer == CONSENT_LAYER_DEFAULTS) {
            category = consent_str_make(names[i]->category.data,
                                        names[i]->category.len);

            index = consent_policy_category(&mcf->policy, category);

            /* an ordinary block may stand before the defaults */

            if (index == CONSENT_UNCLASSIFIED || out->names[index].data) {
                continue;
            }
        }

        out->names[index] = consent_str_make(names[i]->text.data,
                                             names[i]->text.len);
    }
}


static ngx_int_t
ngx_http_consent_markup_resolve(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_http_consent_markup_use_t *use)
{
    ngx_str_t                    list;
    ngx_http_consent_origin_t   *origin;
    ngx_http_consent_dialect_t  *dialect;

    if (use->name.len == ngx_http_consent_markup_own.len
        && ngx_memcmp(use->name.data, ngx_http_consent_markup_own.data,
                      use->name.len)
           == 0)
    {
        use->conf->markup = mcf->markup;
        return NGX_OK;
    }

    dialect = ngx_http_consent_dialect_find(mcf, &use->name);

    if (dialect) {
        use->conf->markup = dialect->markup;
        use->conf->markup_hash = dialect->hash;
        return NGX_OK;
    }

    list = ngx_http_consent_dialect_list(cf->pool, mcf);
    origin = ngx_http_consent_origin(mcf, use->origin);

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "unknown dialect \"%V\" in \"consent_markup\", there are: "
                  "%V; include its file of the folder \"markup\" at the http "
                  "level, declare it with \"consent_dialect\", or correct the "
                  "name in %V:%ui",
                  &use->name, &list, &origin->file, origin->line);

    return NGX_ERROR;
}


/* all names, ready for a message; empty if out of memory */

static ngx_str_t
ngx_http_consent_dialect_list(ngx_pool_t *pool,
    ngx_http_consent_main_conf_t *mcf)
{
    size_t                        len;
    u_char                       *p;
    ngx_str_t                     list;
    ngx_uint_t                    i;
    ngx_http_consent_dialect_t  **dialects;

    dialects = mcf->dialects.elts;
    len = ngx_http_consent_markup_own.len;

    for (i = 0; i < mcf->dialects.nelts; i++) {
        len += sizeof(", ") - 1 + dialects[i]->name.len;
    }

    ngx_str_null(&list);

    p = ngx_pnalloc(pool, len);
    if (p == NULL) {
        return list;
    }

    list.data = p;

    p = ngx_cpymem(p, ngx_http_consent_markup_own.data,
                   ngx_http_consent_markup_own.len);

    for (i = 0; i < mcf->dialects.nelts; i++) {
        p = ngx_cpymem(p, ", ", sizeof(", ") - 1);
        p = ngx_cpymem(p, dialects[i]->name.data, dialects[i]->name.len);
    }

    list.len = p - list.data;

    return list;
}
