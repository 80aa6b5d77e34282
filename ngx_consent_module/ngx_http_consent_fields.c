/*
 * Copyright (C) ngx_consent_module authors
 *
 * Response headers that name URLs: what a browser fetches or reports to on
 * their account is judged like what is in a page.  In report mode nothing is
 * changed and the same is counted.
 */


#include "ngx_http_consent.h"

#include "core/consent_csp.h"
#include "core/consent_field.h"


typedef struct {
    ngx_http_request_t      *request;
    ngx_http_consent_ctx_t  *ctx;

    consent_judge_t          judge;
    consent_judge_conf_t     conf;
    consent_url_t            document;

    ngx_uint_t               removed;
} ngx_http_consent_fields_t;


typedef ngx_int_t (*ngx_http_consent_field_pt)(
    ngx_http_consent_fields_t *fields, ngx_uint_t n);


typedef struct {
    ngx_str_t                   name;       /* lower case */
    ngx_http_consent_field_pt   handler;    /* of all headers of that name */
    consent_field_pt            filter;     /* of the value of one */
} ngx_http_consent_field_t;


/* a value and what is left of it */

typedef struct {
    ngx_str_t                value;
    ngx_str_t                rest;
} ngx_http_consent_group_t;


static ngx_int_t ngx_http_consent_field_list(
    ngx_http_consent_fields_t *fields, ngx_uint_t n);
static ngx_int_t ngx_http_consent_field_refresh(
    ngx_http_consent_fields_t *fields, ngx_uint_t n);
static ngx_uint_t ngx_http_consent_field_refreshes(
    ngx_http_consent_fields_t *fields, ngx_str_t *value);
static ngx_int_t ngx_http_consent_field_csp(
    ngx_http_consent_fields_t *fields, ngx_uint_t n);
static ngx_int_t ngx_http_consent_field_report_to(
    ngx_http_consent_fields_t *fields, ngx_uint_t n);
static ngx_int_t ngx_http_consent_field_nel(
    ngx_http_consent_fields_t *fields, ngx_array_t *groups);
static ngx_uint_t ngx_http_consent_field_is_orphan(ngx_table_elt_t *nel,
    ngx_array_t *groups);
static ngx_int_t ngx_http_consent_field_filter(
    ngx_http_consent_fields_t *fields, ngx_table_elt_t *h, ngx_uint_t n,
    ngx_str_t *rest);
static void ngx_http_consent_field_set(ngx_http_consent_fields_t *fields,
    ngx_table_elt_t *h, ngx_str_t *value);
static ngx_table_elt_t *ngx_http_consent_field_next(
    ngx_http_consent_walk_t *walk, ngx_str_t *name);
static consent_str_t ngx_http_consent_field_str(ngx_str_t *s);


static ngx_http_consent_field_t  ngx_http_consent_field_table[] = {

    { ngx_string("link"),
      ngx_http_consent_field_list, consent_field_link },

    { ngx_string("refresh"),
      ngx_http_consent_field_refresh, NULL },

    { ngx_string("content-security-policy"),
      ngx_http_consent_field_csp, NULL },

    { ngx_string("content-security-policy-report-only"),
      ngx_http_consent_field_csp, NULL },

    { ngx_string("reporting-endpoints"),
      ngx_http_consent_field_list, consent_field_strings },

    { ngx_string("report-to"),
      ngx_http_consent_field_report_to, consent_field_report_to },

    { ngx_string("speculation-rules"),
      ngx_http_consent_field_list, consent_field_strings },

    { ngx_null_string, NULL, NULL }
};


static ngx_str_t  ngx_http_consent_nel = ngx_string("nel");


ngx_uint_t
ngx_http_consent_field(ngx_table_elt_t *h)
{
    ngx_str_t   *name;
    ngx_uint_t   n;

    for (n = 0; ngx_http_consent_field_table[n].name.len; n++) {
        name = &ngx_http_consent_field_table[n].name;

        if (ngx_http_consent_header_is(h, name)) {
            return (ngx_uint_t) 1 << n;
        }
    }

    return 0;
}


ngx_int_t
ngx_http_consent_fields(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    ngx_uint_t seen)
{
    ngx_uint_t                  n, removed;
    ngx_http_consent_fields_t  *fields;

    fields = ngx_pcalloc(r->pool, sizeof(ngx_http_consent_fields_t));
    if (fields == NULL) {
        return NGX_ERROR;
    }

    fields->request = r;
    fields->ctx = ctx;

    if (ngx_http_consent_document(r, &fields->document) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_consent_judge_conf(r, ctx, &fields->conf);
    fields->conf.document = &fields->document;

    consent_judge_init(&fields->judge, &fields->conf);
    fields->judge.element = CONSENT_BLOCKED_HEADER;

    if (fields->judge.resources) {

        for (n = 0; ngx_http_consent_field_table[n].name.len; n++) {

            if ((seen & ((ngx_uint_t) 1 << n)) == 0) {
                continue;
            }

            removed = fields->removed;

            if (ngx_http_consent_field_table[n].handler(fields, n) != NGX_OK) {
                return NGX_ERROR;
            }

            ngx_http_consent_figure_category(r, ctx,
                         NGX_HTTP_CONSENT_IN_FIELDS,
                         (fields->judge.last == CONSENT_UNCLASSIFIED)
                         ? consent_judge_first_denied(&fields->judge)
                         : fields->judge.last,
                         CONSENT_COOKIES_ACTIONS + CONSENT_BLOCKED_HEADER,
                         fields->removed - removed);
        }
    }

    if (fields->judge.limited) {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "consent: a regular expression exceeded its match limit "
                      "for a URL in a response header and was taken to match");
    }

    ngx_http_consent_recount(&ctx->resources_blocked,
                             &ctx->resources_in_fields, fields->removed);
    ngx_http_consent_recount(&ctx->unclassified, &ctx->unclassified_fields,
                             fields->judge.unclassified);

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_field_list(ngx_http_consent_fields_t *fields, ngx_uint_t n)
{
    ngx_str_t                 rest;
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

    ngx_http_consent_header_walk(&walk,
                                 &fields->request->headers_out.headers);

    for ( ;; ) {
        h = ngx_http_consent_field_next(&walk,
                                       &ngx_http_consent_field_table[n].name);
        if (h == NULL) {
            return NGX_OK;
        }

        if (ngx_http_consent_field_filter(fields, h, n, &rest) != NGX_OK) {
            return NGX_ERROR;
        }

        ngx_http_consent_field_set(fields, h, &rest);
    }
}


/*
 * A browser reads several lines as one, in which the URL may be of another
 * line than the time: they stay or go together.
 */

static ngx_int_t
ngx_http_consent_field_refresh(ngx_http_consent_fields_t *fields, ngx_uint_t n)
{
    size_t                    len;
    u_char                   *p, *all;
    ngx_str_t                *name, nothing;
    ngx_uint_t                denied;
    ngx_table_elt_t          *h;
    ngx_http_request_t       *r;
    ngx_http_consent_walk_t   walk;

    r = fields->request;
    name = &ngx_http_consent_field_table[n].name;

    len = 0;
    denied = 0;

    ngx_http_consent_header_walk(&walk, &r->headers_out.headers);

    while ((h = ngx_http_consent_field_next(&walk, name)) != NULL) {
        len += h->value.len + sizeof(", ") - 1;
        denied |= ngx_http_consent_field_refreshes(fields, &h->value);
    }

    all = ngx_pnalloc(r->pool, len);
    if (all == NULL) {
        return NGX_ERROR;
    }

    p = all;

    ngx_http_consent_header_walk(&walk, &r->headers_out.headers);

    while ((h = ngx_http_consent_field_next(&walk, name)) != NULL) {

        if (p != all) {
            *p++ = ',';
            *p++ = ' ';
        }

        p = ngx_cpymem(p, h->value.data, h->value.len);
    }

    nothing.data = all;
    nothing.len = p - all;

    denied |= ngx_http_consent_field_refreshes(fields, &nothing);

    if (!denied) {
        return NGX_OK;
    }

    nothing.len = 0;

    ngx_http_consent_header_walk(&walk, &r->headers_out.headers);

    while ((h = ngx_http_consent_field_next(&walk, name)) != NULL) {
        fields->removed++;
        ngx_http_consent_field_set(fields, h, &nothing);
    }

    return NGX_OK;
}


/* 1: to a denied URL */

static ngx_uint_t
ngx_http_consent_field_refreshes(ngx_http_consent_fields_t *fields,
    ngx_str_t *value)
{
    return consent_judge_value(&fields->judge, CONSENT_LOAD_REFRESH,
                               ngx_http_consent_field_str(value), 0)
           != CONSENT_UNCLASSIFIED;
}


/* not counted: what a policy allows is not fetched on its account */

static ngx_int_t
ngx_http_consent_field_csp(ngx_http_consent_fields_t *fields, ngx_uint_t n)
{
    unsigned                      removed;
    ngx_str_t                     value, *name;
    ngx_table_elt_t              *h;
    ngx_http_request_t           *r;
    ngx_http_consent_walk_t       walk;
    ngx_http_consent_loc_conf_t  *clf;

    r = fields->request;
    name = &ngx_http_consent_field_table[n].name;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    if (clf->csp == NGX_HTTP_CONSENT_CSP_OFF) {
        return NGX_OK;
    }

    ngx_http_consent_header_walk(&walk, &r->headers_out.headers);

    while ((h = ngx_http_consent_field_next(&walk, name)) != NULL) {

        value.data = ngx_pnalloc(r->pool, CONSENT_CSP_ROOM(h->value.len));
        if (value.data == NULL) {
            return NGX_ERROR;
        }

        value.len = consent_csp_narrow(value.data, &fields->judge,
                                       ngx_http_consent_field_str(&h->value),
                                       &removed);

        ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                       "consent: %ui denied source(s) in \"%V\"",
                       (ngx_uint_t) removed, &h->key);

        if (removed) {
            ngx_http_consent_field_set(fields, h, &value);
        }
    }

    return NGX_OK;
}


/* with the NEL headers, which name the groups */

static ngx_int_t
ngx_http_consent_field_report_to(ngx_http_consent_fields_t *fields,
    ngx_uint_t n)
{
    ngx_uint_t                 removed;
    ngx_array_t                groups;
    ngx_table_elt_t           *h;
    ngx_http_request_t        *r;
    ngx_http_consent_walk_t    walk;
    ngx_http_consent_group_t  *group;

    r = fields->request;
    removed = fields->removed;

    if (ngx_array_init(&groups, r->pool, 2, sizeof(ngx_http_consent_group_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_consent_header_walk(&walk, &r->headers_out.headers);

    for ( ;; ) {
        h = ngx_http_consent_field_next(&walk,
                                       &ngx_http_consent_field_table[n].name);
        if (h == NULL) {
            break;
        }

        group = ngx_array_push(&groups);
        if (group == NULL) {
            return NGX_ERROR;
        }

        group->value = h->value;

        if (ngx_http_consent_field_filter(fields, h, n, &group->rest)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        ngx_http_consent_field_set(fields, h, &group->rest);
    }

    return (fields->removed == removed)
           ? NGX_OK : ngx_http_consent_field_nel(fields, &groups);
}


static ngx_int_t
ngx_http_consent_field_nel(ngx_http_consent_fields_t *fields,
    ngx_array_t *groups)
{
    ngx_str_t                 nothing;
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

    ngx_str_null(&nothing);

    ngx_http_consent_header_walk(&walk,
                                 &fields->request->headers_out.headers);

    while ((h = ngx_http_consent_field_next(&walk, &ngx_http_consent_nel))
           != NULL)
    {
        if (ngx_http_consent_field_is_orphan(h, groups)) {
            fields->removed++;
            ngx_http_consent_field_set(fields, h, &nothing);
        }
    }

    return NGX_OK;
}


/* its group was there and is not any more */

static ngx_uint_t
ngx_http_consent_field_is_orphan(ngx_table_elt_t *nel, ngx_array_t *groups)
{
    ngx_uint_t                 i, was;
    consent_str_t              name;
    ngx_http_consent_group_t  *group;

    name = ngx_http_consent_field_str(&nel->value);
    group = groups->elts;
    was = 0;

    for (i = 0; i < groups->nelts; i++) {

        if (consent_field_has_group(ngx_http_consent_field_str(&group[i].rest),
                                    name))
        {
            return 0;
        }

        was |= consent_field_has_group(
                   ngx_http_consent_field_str(&group[i].value), name);
    }

    return was;
}


/* what is left of a value, which may be the value itself */

static ngx_int_t
ngx_http_consent_field_filter(ngx_http_consent_fields_t *fields,
    ngx_table_elt_t *h, ngx_uint_t n, ngx_str_t *rest)
{
    u_char              *buf;
    unsigned             removed;
    ngx_http_request_t  *r;

    r = fields->request;
    *rest = h->value;

    if (h->value.len == 0) {
        return NGX_OK;
    }

    buf = ngx_pnalloc(r->pool, h->value.len);
    if (buf == NULL) {
        return NGX_ERROR;
    }

    rest->len = ngx_http_consent_field_table[n].filter(buf, &fields->judge,
                                        ngx_http_consent_field_str(&h->value),
                                        &removed);
    if (removed == 0) {
        *rest = h->value;
        return NGX_OK;
    }

    rest->data = buf;
    fields->removed += removed;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "consent: %ui denied in \"%V\"", (ngx_uint_t) removed,
                   &h->key);

    return NGX_OK;
}


/* an empty value: the header goes */

static void
ngx_http_consent_field_set(ngx_http_consent_fields_t *fields,
    ngx_table_elt_t *h, ngx_str_t *value)
{
    if (fields->ctx->mode != NGX_HTTP_CONSENT_ENFORCE
        || value->data == h->value.data)
    {
        return;
    }

    if (value->len) {
        h->value = *value;

    } else {
        ngx_http_consent_remove_header(h);
    }
}


/* the next one that is to be sent */

static ngx_table_elt_t *
ngx_http_consent_field_next(ngx_http_consent_walk_t *walk, ngx_str_t *name)
{
    ngx_table_elt_t  *h;

    do {
        h = ngx_http_consent_header_next(walk, name);
    } while (h && h->hash == 0);

    return h;
}


static consent_str_t
ngx_http_consent_field_str(ngx_str_t *s)
{
    return consent_str_make(s->data, s->len);
}
