/*
 * Copyright (C) ngx_consent_module authors
 *
 * consent_cache: what caches between nginx and the reader are told about a
 * page, so that none of them shows the page of one consent state in another.
 * Caches of nginx itself hold what the upstream sent and need nothing.
 */


#include "ngx_http_consent.h"

#include "core/consent_caching.h"


/* what there is of it in a response */

typedef struct {
    ngx_table_elt_t             *control;   /* the first Cache-Control */
    ngx_table_elt_t             *vary;      /* the first Vary */
    unsigned                     kept;      /* of all Cache-Control lines */
} ngx_http_consent_caching_t;


static void ngx_http_consent_find_caching(ngx_http_request_t *r,
    ngx_http_consent_caching_t *caching, ngx_uint_t hide);
static ngx_int_t ngx_http_consent_set_private(ngx_http_request_t *r,
    ngx_http_consent_caching_t *caching);
static ngx_int_t ngx_http_consent_set_vary(ngx_http_request_t *r,
    ngx_http_consent_caching_t *caching, ngx_str_t *name);
static ngx_uint_t ngx_http_consent_has_vary(ngx_http_request_t *r,
    ngx_str_t *name);
static ngx_table_elt_t *ngx_http_consent_push_header(ngx_http_request_t *r,
    char *key, size_t len);


/* the request headers that decide on the consent state */

static ngx_str_t  ngx_http_consent_vary_cookie = ngx_string("Cookie");

static ngx_str_t  ngx_http_consent_vary_signals[NGX_HTTP_CONSENT_SIGNALS] = {
    ngx_string("Sec-GPC"),
    ngx_string("DNT")
};

/* ... and, with consent_banner, on whether and how the visitor is asked */

static ngx_str_t  ngx_http_consent_vary_dest = ngx_string("Sec-Fetch-Dest");
static ngx_str_t  ngx_http_consent_vary_language =
    ngx_string("Accept-Language");

static ngx_str_t  ngx_http_consent_vary_name = ngx_string("vary");
static ngx_str_t  ngx_http_consent_location = ngx_string("location");


ngx_int_t
ngx_http_consent_set_caching(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    ngx_uint_t                    i;
    ngx_http_consent_caching_t    caching;
    ngx_http_consent_loc_conf_t  *clf;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    if (ctx->mode != NGX_HTTP_CONSENT_ENFORCE
        || !ctx->page
        || clf->cache == NGX_HTTP_CONSENT_CACHE_OFF
        || ngx_http_consent_is_redirect(r))
    {
        return NGX_OK;
    }

    ngx_http_consent_find_caching(r, &caching,
                             clf->cache == NGX_HTTP_CONSENT_CACHE_PRIVATE);

    if (clf->cache == NGX_HTTP_CONSENT_CACHE_PRIVATE
        && ngx_http_consent_set_private(r, &caching) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_consent_set_vary(r, &caching, &ngx_http_consent_vary_cookie)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < NGX_HTTP_CONSENT_SIGNALS; i++) {

        if (clf->signals->used[i]
            && ngx_http_consent_set_vary(r, &caching,
                                         &ngx_http_consent_vary_signals[i])
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (!clf->banner) {
        return NGX_OK;
    }

    /* a language that is a constant depends on nothing */

    if (clf->language && clf->language->lengths
        && ngx_http_consent_set_vary(r, &caching,
                                     &ngx_http_consent_vary_language)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_consent_set_vary(r, &caching,
                                     &ngx_http_consent_vary_dest);
}


/* without Location a browser shows the body of any status */

ngx_uint_t
ngx_http_consent_is_redirect(ngx_http_request_t *r)
{
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

    switch (r->headers_out.status) {

    case NGX_HTTP_MOVED_PERMANENTLY:
    case NGX_HTTP_MOVED_TEMPORARILY:
    case NGX_HTTP_SEE_OTHER:
    case NGX_HTTP_TEMPORARY_REDIRECT:
    case NGX_HTTP_PERMANENT_REDIRECT:
        break;

    default:
        return 0;
    }

    ngx_http_consent_header_walk(&walk, &r->headers_out.headers);

    while ((h = ngx_http_consent_header_next(&walk,
                                             &ngx_http_consent_location))
           != NULL)
    {
        if (h->hash && h->value.len) {
            return 1;
        }
    }

    return 0;
}


static void
ngx_http_consent_find_caching(ngx_http_request_t *r,
    ngx_http_consent_caching_t *caching, ngx_uint_t hide)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    ngx_memzero(caching, sizeof(ngx_http_consent_caching_t));

    for (part = &r->headers_out.headers.part; part; part = part->next) {

        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].hash == 0) {
                continue;
            }

            switch (consent_caching_field(consent_str_make(h[i].key.data,
                                                           h[i].key.len)))
            {
            case CONSENT_CACHING_CONTROL:
                consent_caching_read(&caching->kept,
                                     consent_str_make(h[i].value.data,
                                                      h[i].value.len));
                if (caching->control == NULL) {
                    caching->control = &h[i];
                    break;
                }

                h[i].hash = hide ? 0 : h[i].hash;
                break;

            case CONSENT_CACHING_VARY:
                if (caching->vary == NULL) {
                    caching->vary = &h[i];
                }

                break;

            case CONSENT_CACHING_EXPIRES:
            case CONSENT_CACHING_TARGETED:
                h[i].hash = hide ? 0 : h[i].hash;
                break;

            case CONSENT_CACHING_NONE:
                break;
            }
        }
    }
}


/* "no-cache": a page that is fresh for its site is not so after a choice */

static ngx_int_t
ngx_http_consent_set_private(ngx_http_request_t *r,
    ngx_http_consent_caching_t *caching)
{
    ngx_table_elt_t  *h;

    r->headers_out.expires = NULL;

    h = caching->control;

    if (h == NULL) {
        h = ngx_http_consent_push_header(r, "Cache-Control",
                                         sizeof("Cache-Control") - 1);
        if (h == NULL) {
            return NGX_ERROR;
        }

        if (ngx_http_consent_set_cache_control(r, h) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (caching->kept == 0) {
        ngx_str_set(&h->value, "private, no-cache");
        return NGX_OK;
    }

    h->value.data = ngx_pnalloc(r->pool, CONSENT_CACHING_SIZE);
    if (h->value.data == NULL) {
        return NGX_ERROR;
    }

    h->value.len = consent_caching_private(h->value.data, caching->kept);

    return NGX_OK;
}


/* into the first line, if no line has it */

static ngx_int_t
ngx_http_consent_set_vary(ngx_http_request_t *r,
    ngx_http_consent_caching_t *caching, ngx_str_t *name)
{
    u_char           *p;
    ngx_str_t         value;
    ngx_table_elt_t  *h;

    h = caching->vary;

    if (h == NULL) {
        h = ngx_http_consent_push_header(r, "Vary", sizeof("Vary") - 1);
        if (h == NULL) {
            return NGX_ERROR;
        }

        h->value = *name;
        caching->vary = h;

        return NGX_OK;
    }

    if (ngx_http_consent_has_vary(r, name)) {
        return NGX_OK;
    }

    if (h->value.len == 0) {
        h->value = *name;
        return NGX_OK;
    }

    value.len = h->value.len + sizeof(", ") - 1 + name->len;
    value.data = ngx_pnalloc(r->pool, value.len + 1);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(value.data, h->value.data, h->value.len);
    p = ngx_cpymem(p, ", ", sizeof(", ") - 1);
    p = ngx_cpymem(p, name->data, name->len);
    *p = '\0';

    h->value = value;

    return NGX_OK;
}


static ngx_uint_t
ngx_http_consent_has_vary(ngx_http_request_t *r, ngx_str_t *name)
{
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

    ngx_http_consent_header_walk(&walk, &r->headers_out.headers);

    while ((h = ngx_http_consent_header_next(&walk,
                                             &ngx_http_consent_vary_name))
           != NULL)
    {
        if (h->hash
            && consent_caching_varies(consent_str_make(h->value.data,
                                                       h->value.len),
                                      consent_str_make(name->data,
                                                       name->len)))
        {
            return 1;
        }
    }

    return 0;
}


static ngx_table_elt_t *
ngx_http_consent_push_header(ngx_http_request_t *r, char *key, size_t len)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NULL;
    }

    ngx_http_consent_header_init(h);

    h->key.data = (u_char *) key;
    h->key.len = len;

    return h;
}
