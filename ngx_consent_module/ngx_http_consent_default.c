/*
 * Copyright (C) ngx_consent_module authors
 *
 * What is accepted while the visitor has not decided: consent_default, less
 * what a signal of the browser refuses (consent_signal).
 *
 * A value that comes from a variable is known to be wrong only when it is
 * used.  It grants nothing then: half of a list may not be what was meant.
 */


#include "ngx_http_consent.h"


static ngx_int_t ngx_http_consent_default_names(consent_policy_t *policy,
    ngx_str_t *text, consent_mask_t *mask);
static char *ngx_http_consent_signal_source(ngx_conf_t *cf,
    ngx_http_consent_signals_t *signals, ngx_str_t *name, ngx_str_t *list);
static char *ngx_http_consent_signal_deny(ngx_conf_t *cf, ngx_str_t *list,
    consent_mask_t *mask);
static ngx_uint_t ngx_http_consent_signal_sent(ngx_http_request_t *r,
    ngx_str_t *header);


/* the names in the configuration, and the header fields */

static ngx_str_t  ngx_http_consent_signal_names[] = {
    ngx_string("gpc"),
    ngx_string("dnt")
};


static ngx_str_t  ngx_http_consent_signal_headers[] = {
    ngx_string("sec-gpc"),
    ngx_string("dnt")
};


char *
ngx_http_consent_default_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_consent_loc_conf_t *clf = conf;

    ngx_str_t                      *value;
    ngx_uint_t                      i;
    ngx_http_consent_reference_t   *reference;
    ngx_http_consent_categories_t  *accept;

    if (clf->accept != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    accept = ngx_pcalloc(cf->pool, sizeof(ngx_http_consent_categories_t));
    if (accept == NULL) {
        return NGX_CONF_ERROR;
    }

    clf->accept = accept;

    if (cf->args->nelts == 2) {

        if (ngx_strcmp(value[1].data, "none") == 0) {
            return NGX_CONF_OK;
        }

        if (ngx_http_script_variables_count(&value[1])) {
            return (ngx_http_consent_compile_value(cf, &value[1],
                                                   &accept->value)
                    == NGX_OK)
                   ? NGX_CONF_OK : NGX_CONF_ERROR;
        }
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_strcmp(value[i].data, "none") == 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"none\" in \"consent_default\" stands "
                               "alone: remove it, or the categories beside "
                               "it");
            return NGX_CONF_ERROR;
        }

        if (ngx_http_script_variables_count(&value[i])) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"%V\" in \"consent_default\" has a variable "
                               "and must stand alone: put all names into its "
                               "value, separated by commas", &value[i]);
            return NGX_CONF_ERROR;
        }

        reference = ngx_http_consent_reference_add(cf, &value[i]);
        if (reference == NULL) {
            return NGX_CONF_ERROR;
        }

        reference->mask = &accept->mask;
    }

    return NGX_CONF_OK;
}


consent_mask_t
ngx_http_consent_defaults(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    ngx_http_consent_categories_t *accept)
{
    ngx_str_t                      text;
    consent_mask_t                 mask;
    ngx_http_consent_main_conf_t  *mcf;

    if (accept->value == NULL) {
        return accept->mask;
    }

    if (ngx_http_complex_value(r, accept->value, &text) != NGX_OK) {
        return 0;
    }

    if (text.len == 4 && ngx_memcmp(text.data, "none", 4) == 0) {
        return 0;
    }

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    if (ngx_http_consent_default_names(&mcf->policy, &text, &mask) == NGX_OK)
    {
        return mask;
    }

    /* a decision may be made more than once in a request */

    if (!ctx->default_logged) {
        ctx->default_logged = 1;

        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "consent: the value \"%V\" of \"consent_default\" is "
                      "neither \"none\" nor a list of categories that exist; "
                      "nothing is accepted", &text);
    }

    return 0;
}


/* names between commas or blanks; none at all is an empty list */

static ngx_int_t
ngx_http_consent_default_names(consent_policy_t *policy, ngx_str_t *text,
    consent_mask_t *mask)
{
    int            category;
    size_t         start, i;
    consent_str_t  name;

    start = 0;
    *mask = 0;

    for (i = 0; i <= text->len; i++) {

        if (i < text->len && text->data[i] != ',' && text->data[i] != ' ') {
            continue;
        }

        name = consent_str_make(text->data + start, i - start);
        start = i + 1;

        if (name.len == 0) {
            continue;
        }

        category = consent_policy_category(policy, name);

        if (category == CONSENT_UNCLASSIFIED) {
            return NGX_ERROR;
        }

        *mask |= consent_bit(category);
    }

    return NGX_OK;
}


/* one directive for each signal; together they replace the inherited ones */

char *
ngx_http_consent_signal_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_consent_loc_conf_t *clf = conf;

    ngx_str_t                   *value, list;
    ngx_uint_t                   i;
    ngx_http_consent_signals_t  *signals;

    value = cf->args->elts;
    signals = clf->signals;

    if (signals == NGX_CONF_UNSET_PTR) {
        signals = ngx_pcalloc(cf->pool, sizeof(ngx_http_consent_signals_t));
        if (signals == NULL) {
            return NGX_CONF_ERROR;
        }

        clf->signals = signals;

    } else if (signals->off || ngx_strcmp(value[1].data, "off") == 0) {
        return "\"off\" stands alone: remove it, or the other "
               "\"consent_signal\" of this level";
    }

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        signals->off = 1;
        return NGX_CONF_OK;
    }

    for (i = 0; i < NGX_HTTP_CONSENT_SIGNALS; i++) {
        if (ngx_strcmp(value[1].data, ngx_http_consent_signal_names[i].data)
            == 0)
        {
            break;
        }
    }

    if (cf->args->nelts != 3
        || ngx_strncmp(value[2].data, "deny=", 5) != 0
        || (i == NGX_HTTP_CONSENT_SIGNALS
            && ngx_http_consent_source_is_reserved(&value[1])))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid \"consent_signal\", write \"gpc "
                           "deny=CATEGORY,...\", \"dnt deny=CATEGORY,...\", "
                           "the same with the name of a consent_source that "
                           "has \"deny\", or \"off\"");
        return NGX_CONF_ERROR;
    }

    list.data = value[2].data + 5;
    list.len = value[2].len - 5;

    if (i == NGX_HTTP_CONSENT_SIGNALS) {
        return ngx_http_consent_signal_source(cf, signals, &value[1], &list);
    }

    if (signals->used[i]) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"consent_signal %V\" is duplicate: put all its "
                           "categories behind one \"deny=\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    signals->used[i] = 1;

    return ngx_http_consent_signal_deny(cf, &list, &signals->deny[i]);
}


static char *
ngx_http_consent_signal_source(ngx_conf_t *cf,
    ngx_http_consent_signals_t *signals, ngx_str_t *name, ngx_str_t *list)
{
    ngx_uint_t                i;
    ngx_http_consent_use_t  **uses, *use;

    if (signals->sources == NULL) {
        signals->sources = ngx_array_create(cf->pool, 2,
                                           sizeof(ngx_http_consent_use_t *));
        if (signals->sources == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    uses = signals->sources->elts;

    for (i = 0; i < signals->sources->nelts; i++) {

        if (uses[i]->name.len == name->len
            && ngx_memcmp(uses[i]->name.data, name->data, name->len) == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"consent_signal %V\" is duplicate: put all "
                               "its categories behind one \"deny=\"", name);
            return NGX_CONF_ERROR;
        }
    }

    use = ngx_http_consent_use_add(cf, name);
    uses = ngx_array_push(signals->sources);

    if (use == NULL || uses == NULL) {
        return NGX_CONF_ERROR;
    }

    *uses = use;

    return ngx_http_consent_signal_deny(cf, list, &use->deny);
}


static char *
ngx_http_consent_signal_deny(ngx_conf_t *cf, ngx_str_t *list,
    consent_mask_t *mask)
{
    size_t                         start, i;
    ngx_str_t                      name;
    ngx_http_consent_reference_t  *reference;

    start = 0;

    for (i = 0; i <= list->len; i++) {

        if (i < list->len && list->data[i] != ',') {
            continue;
        }

        name.data = list->data + start;
        name.len = i - start;
        start = i + 1;

        if (name.len == 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "an empty name in \"deny=%V\", write the "
                               "names of categories separated by commas",
                               list);
            return NGX_CONF_ERROR;
        }

        reference = ngx_http_consent_reference_add(cf, &name);
        if (reference == NULL) {
            return NGX_CONF_ERROR;
        }

        reference->mask = mask;
        reference->refuse = 1;
    }

    return NGX_CONF_OK;
}


ngx_uint_t
ngx_http_consent_signalled(ngx_http_request_t *r,
    ngx_http_consent_signals_t *signals, consent_mask_t *denied)
{
    ngx_uint_t  i, sent;

    sent = 0;
    *denied = 0;

    for (i = 0; i < NGX_HTTP_CONSENT_SIGNALS; i++) {

        if (signals->used[i]
            && ngx_http_consent_signal_sent(r,
                                         &ngx_http_consent_signal_headers[i]))
        {
            sent = 1;
            *denied |= signals->deny[i];
        }
    }

    return sent;
}


ngx_int_t
ngx_http_consent_source_signalled(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_mask_t *denied)
{
    ngx_uint_t                     i;
    consent_reading_t             *reading;
    ngx_http_consent_use_t       **uses;
    ngx_http_consent_loc_conf_t   *clf;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    if (clf->signals->sources == NULL) {
        return NGX_OK;
    }

    uses = clf->signals->sources->elts;

    for (i = 0; i < clf->signals->sources->nelts; i++) {

        reading = ngx_http_consent_source_read(r, ctx, uses[i]->source);
        if (reading == NULL) {
            return NGX_ERROR;
        }

        if (reading->denied) {
            *denied |= uses[i]->deny;
        }
    }

    return NGX_OK;
}


/* "1" and nothing else: no other value has a meaning yet */

static ngx_uint_t
ngx_http_consent_signal_sent(ngx_http_request_t *r, ngx_str_t *header)
{
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

    ngx_http_consent_header_walk(&walk, &r->headers_in.headers);

    while ((h = ngx_http_consent_header_next(&walk, header)) != NULL) {
        if (h->value.len == 1 && h->value.data[0] == '1') {
            return 1;
        }
    }

    return 0;
}
