/*
 * Copyright (C) ngx_consent_module authors
 *
 * The cookies and services of each category as visitors are told about them:
 * the rules of the category, in words, with what "declare" says of them.
 */


#include "ngx_http_consent.h"


/*
 * More defaults in one category are a catalogue: nobody knows which of them
 * the site uses, so that they are not told unless "declare" names them
 */

#define NGX_HTTP_CONSENT_DECLARE_DEFAULTS  64


static ngx_int_t ngx_http_consent_declare_name(ngx_conf_t *cf,
    consent_rule_e kind, ngx_str_t *pattern, ngx_str_t *name);
static ngx_int_t ngx_http_consent_declare_regex(ngx_conf_t *cf,
    ngx_str_t *regex, ngx_str_t *name);
static ngx_int_t ngx_http_consent_declare_check(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_str_t *name);
static ngx_str_t *ngx_http_consent_declare_field(
    ngx_http_consent_item_t *item, ngx_str_t *parameter);
static void ngx_http_consent_declare_hide(ngx_http_consent_main_conf_t *mcf,
    ngx_int_t category);
static void ngx_http_consent_declare_join(ngx_http_consent_item_t *items,
    ngx_uint_t n, ngx_http_consent_item_t *declared);


ngx_int_t
ngx_http_consent_declare_rule(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, consent_rule_e kind,
    ngx_str_t *pattern)
{
    ngx_http_consent_item_t  *item;

    if (kind == CONSENT_RULE_INLINE) {
        return NGX_OK;
    }

    item = ngx_array_push(&mcf->items);
    if (item == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(item, sizeof(ngx_http_consent_item_t));

    item->pattern = *pattern;
    item->kind = kind;
    item->layer = mcf->layer;
    item->category = mcf->category;

    return ngx_http_consent_declare_name(cf, kind, pattern, &item->name);
}


/* patterns for people: "_ga_*" as it is, ".a.example" without its dot */

static ngx_int_t
ngx_http_consent_declare_name(ngx_conf_t *cf, consent_rule_e kind,
    ngx_str_t *pattern, ngx_str_t *name)
{
    ngx_str_t  regex;

    *name = *pattern;

    if (pattern->len > 1 && pattern->data[0] == '~') {
        regex.data = pattern->data + 1;
        regex.len = pattern->len - 1;

        if (regex.len > 1 && regex.data[0] == '*') {
            regex.data++;
            regex.len--;
        }

        return ngx_http_consent_declare_regex(cf, &regex, name);
    }

    if (kind == CONSENT_RULE_RESOURCE && pattern->len > 1
        && pattern->data[0] == '.')
    {
        name->data++;
        name->len--;
    }

    return NGX_OK;
}


/* "^_hj" becomes "_hj*", "^__utma$" becomes "__utma"; others stay */

static ngx_int_t
ngx_http_consent_declare_regex(ngx_conf_t *cf, ngx_str_t *regex,
    ngx_str_t *name)
{
    u_char  *p, *s, *last;

    *name = *regex;

    if (regex->data[0] != '^') {
        return NGX_OK;
    }

    p = ngx_pnalloc(cf->pool, regex->len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    s = regex->data + 1;
    last = regex->data + regex->len;

    name->data = p;

    while (s < last) {

        if (*s == '$' && s + 1 == last) {
            break;
        }

        if (*s == '\\' && s + 1 < last && (s[1] == '.' || s[1] == '/')) {
            s++;

        } else if (!consent_is_alpha(*s) && !consent_is_digit(*s)
                   && *s != '_' && *s != '-' && *s != '/' && *s != ':')
        {
            *name = *regex;
            return NGX_OK;
        }

        *p++ = *s++;
    }

    if (s == last) {
        *p++ = '*';
    }

    name->len = p - name->data;

    return NGX_OK;
}


char *
ngx_http_consent_declare_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_consent_main_conf_t *mcf = conf;

    ngx_str_t                *value, *field;
    ngx_uint_t                i;
    ngx_http_consent_item_t  *item;

    value = cf->args->elts;

    if (ngx_http_consent_declare_check(cf, mcf, &value[1]) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    item = ngx_array_push(&mcf->items);
    if (item == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(item, sizeof(ngx_http_consent_item_t));

    item->origin = ngx_http_consent_origin_add(cf, mcf);
    if (item->origin == 0) {
        return NGX_CONF_ERROR;
    }

    item->pattern = value[1];
    item->kind = CONSENT_RULE_COOKIE;
    item->layer = mcf->layer;
    item->category = mcf->category;
    item->declared = 1;

    if (ngx_http_consent_declare_name(cf, item->kind, &value[1], &item->name)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 2; i < cf->args->nelts; i++) {
        field = ngx_http_consent_declare_field(item, &value[i]);

        if (field == NULL) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\" in \"declare\", "
                               "there are \"purpose=\", \"lifetime=\" and "
                               "\"provider=\", each once and with a text; "
                               "quotes stand around the whole, as in "
                               "\"purpose=For maps\"",
                               &value[i]);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_consent_declare_check(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_str_t *name)
{
    ngx_uint_t                  i;
    ngx_http_consent_item_t    *item;
    ngx_http_consent_origin_t  *origin;

    if (ngx_http_consent_is_blank(name)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid name \"%V\" in \"declare\", it is empty: "
                           "write a pattern of this category, or the name of "
                           "a cookie", name);
        return NGX_ERROR;
    }

    item = mcf->items.elts;

    for (i = 0; i < mcf->items.nelts; i++) {

        if (!item[i].declared || item[i].layer != mcf->layer
            || item[i].category != mcf->category
            || item[i].pattern.len != name->len
            || ngx_memcmp(item[i].pattern.data, name->data, name->len) != 0)
        {
            continue;
        }

        origin = ngx_http_consent_origin(mcf, item[i].origin);

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"declare\" of \"%V\" is given in %V:%ui "
                           "already: remove one of them", name,
                           &origin->file, origin->line);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_str_t *
ngx_http_consent_declare_field(ngx_http_consent_item_t *item,
    ngx_str_t *parameter)
{
    size_t      skip;
    ngx_str_t  *field;

    if (ngx_strncmp(parameter->data, "purpose=", 8) == 0) {
        field = &item->purpose;
        skip = 8;

    } else if (ngx_strncmp(parameter->data, "lifetime=", 9) == 0) {
        field = &item->lifetime;
        skip = 9;

    } else if (ngx_strncmp(parameter->data, "provider=", 9) == 0) {
        field = &item->provider;
        skip = 9;

    } else {
        return NULL;
    }

    if (field->len || parameter->len == skip
        || parameter->data[skip] == '"' || parameter->data[skip] == '\'')
    {
        return NULL;
    }

    field->data = parameter->data + skip;
    field->len = parameter->len - skip;

    return field;
}


void
ngx_http_consent_declare_compile(ngx_http_consent_main_conf_t *mcf)
{
    ngx_uint_t                i, k;
    ngx_http_consent_item_t  *item;

    item = mcf->items.elts;

    for (i = 0; i < mcf->items.nelts; i++) {

        if (item[i].declared) {
            ngx_http_consent_declare_join(item, mcf->items.nelts, &item[i]);
            continue;
        }

        /* a rule of the catalogue that an ordinary one overrides */

        for (k = 0; k < mcf->items.nelts; k++) {

            if (item[i].layer == CONSENT_LAYER_DEFAULTS
                && item[k].layer == CONSENT_LAYER_RULES
                && !item[k].declared
                && item[k].kind == item[i].kind
                && item[k].pattern.len == item[i].pattern.len
                && ngx_memcmp(item[k].pattern.data, item[i].pattern.data,
                              item[i].pattern.len)
                   == 0)
            {
                item[i].hidden = 1;
                break;
            }
        }
    }

    for (i = 0; i < mcf->policy.ncategories; i++) {
        ngx_http_consent_declare_hide(mcf, i);
    }
}


static void
ngx_http_consent_declare_hide(ngx_http_consent_main_conf_t *mcf,
    ngx_int_t category)
{
    ngx_uint_t                i, n, pass;
    ngx_http_consent_item_t  *item;

    item = mcf->items.elts;
    n = 0;

    for (pass = 0; pass < 2; pass++) {

        for (i = 0; i < mcf->items.nelts; i++) {

            if (item[i].category != category
                || item[i].layer != CONSENT_LAYER_DEFAULTS
                || item[i].declared || item[i].told || item[i].hidden)
            {
                continue;
            }

            n += (pass == 0);
            item[i].hidden = pass;
        }

        if (n <= NGX_HTTP_CONSENT_DECLARE_DEFAULTS) {
            return;
        }
    }
}


/* with no rule of that name it stands for itself: a cookie of others */

static void
ngx_http_consent_declare_join(ngx_http_consent_item_t *item, ngx_uint_t n,
    ngx_http_consent_item_t *declared)
{
    ngx_uint_t  i;

    for (i = 0; i < n; i++) {

        if (item[i].declared
            || item[i].category != declared->category
            || item[i].pattern.len != declared->pattern.len
            || ngx_memcmp(item[i].pattern.data, declared->pattern.data,
                          declared->pattern.len)
               != 0)
        {
            continue;
        }

        declared->hidden = 1;

        /* what an ordinary block says goes before what a catalogue says */

        if (item[i].told && declared->layer == CONSENT_LAYER_DEFAULTS) {
            continue;
        }

        item[i].told = 1;
        item[i].purpose = declared->purpose;
        item[i].lifetime = declared->lifetime;
        item[i].provider = declared->provider;
    }
}


ngx_http_consent_item_t *
ngx_http_consent_item_next(ngx_http_consent_main_conf_t *mcf,
    ngx_http_consent_view_t *view, consent_rule_e kind, ngx_uint_t *i)
{
    ngx_http_consent_item_t  *item;

    item = mcf->items.elts;

    while (*i < mcf->items.nelts) {

        if (item[*i].kind == kind && !item[*i].hidden
            && item[*i].category == view->category)
        {
            return &item[(*i)++];
        }

        (*i)++;
    }

    return NULL;
}


ngx_int_t
ngx_http_consent_item_name(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value)
{
    if (ctx->view->item) {
        *value = ctx->view->item->name;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_consent_item_purpose(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value)
{
    if (ctx->view->item) {
        *value = ctx->view->item->purpose.len
                 ? ctx->view->item->purpose
                 : ngx_http_consent_category_about(r, ctx,
                                                   ctx->view->category);
    }

    return NGX_OK;
}


/* as declared, else the most that the category allows */

ngx_int_t
ngx_http_consent_item_lifetime(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value)
{
    int64_t                        max_age;
    ngx_str_t                     *unit;
    ngx_http_consent_item_t       *item;
    ngx_http_consent_main_conf_t  *mcf;

    item = ctx->view->item;

    if (item == NULL) {
        return NGX_OK;
    }

    if (item->lifetime.len) {
        *value = item->lifetime;
        return NGX_OK;
    }

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);
    max_age = mcf->policy.categories[ctx->view->category].max_age;

    if (item->kind != CONSENT_RULE_COOKIE) {
        *value = *ngx_http_consent_text(r, ctx, "lifetime_other");
        return NGX_OK;
    }

    if (max_age < 0) {
        *value = *ngx_http_consent_text(r, ctx, "lifetime_open");
        return NGX_OK;
    }

    if (max_age >= 86400) {
        max_age /= 86400;
        unit = ngx_http_consent_text(r, ctx, "days");

    } else {
        max_age = (max_age + 3599) / 3600;
        unit = ngx_http_consent_text(r, ctx, "hours");
    }

    value->len = NGX_INT64_LEN + 1 + unit->len;
    value->data = ngx_pnalloc(r->pool, value->len);
    if (value->data == NULL) {
        return NGX_ERROR;
    }

    value->len = ngx_sprintf(value->data, "%L %V", max_age, unit)
                 - value->data;

    return NGX_OK;
}


/* as declared, else the host of the service, or this site */

ngx_int_t
ngx_http_consent_item_provider(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value)
{
    u_char                   *slash;
    ngx_http_consent_item_t  *item;

    item = ctx->view->item;

    if (item == NULL) {
        return NGX_OK;
    }

    if (item->provider.len) {
        *value = item->provider;
        return NGX_OK;
    }

    *value = item->name;

    if (item->kind == CONSENT_RULE_RESOURCE && value->data[0] != '/') {
        slash = ngx_strlchr(value->data, value->data + value->len, '/');

        if (slash) {
            value->len = slash - value->data;
        }

    } else {
        *value = r->headers_in.server;
    }

    return NGX_OK;
}
