/*
 * Copyright (C) ngx_consent_module authors
 *
 * Cookies of refused categories that the browser has sent are deleted there:
 * Set-Cookie lines in the header of pages.  What there is room for is chosen
 * by the core, see consent_expire.h.
 *
 * Nothing is remembered but the cookies of the request.  A category with
 * "on_deny session" keeps its cookies until the browser is closed, so these
 * stay.
 */


#include "ngx_http_consent.h"

#include "core/consent_cookie.h"
#include "core/consent_expire.h"


/*
 * A proxy in front reads the header into a buffer, of 4k if it is an nginx
 * that nobody told otherwise: the header with our lines stays below that.  A
 * long one gets some lines all the same, since a proxy that takes it must
 * have larger buffers.
 */

#define NGX_HTTP_CONSENT_EXPIRE_HEADER  3584
#define NGX_HTTP_CONSENT_EXPIRE_OTHER   256     /* Date and others to come */
#define NGX_HTTP_CONSENT_EXPIRE_MIN     1024
#define NGX_HTTP_CONSENT_EXPIRE_LINES   32


typedef struct {
    consent_str_t                names[CONSENT_EXPIRE_NAMES];
    ngx_uint_t                   n;
    ngx_uint_t                   seen;
} ngx_http_consent_expire_names_t;


static ngx_uint_t ngx_http_consent_expire_wanted(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);
static ngx_uint_t ngx_http_consent_expire_header_is(ngx_table_elt_t *h,
    const char *value);
static ngx_table_elt_t *ngx_http_consent_expire_header(ngx_http_request_t *r,
    ngx_str_t *name);
static void ngx_http_consent_expire_names(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_http_consent_expire_names_t *names);
static ngx_uint_t ngx_http_consent_expire_denied(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_str_t name);
static void ngx_http_consent_expire_add(
    ngx_http_consent_expire_names_t *names, consent_str_t name);
static void ngx_http_consent_expire_conf(ngx_http_request_t *r,
    ngx_http_consent_expire_names_t *names, consent_expire_conf_t *conf);
static size_t ngx_http_consent_expire_size(ngx_http_request_t *r);
static ngx_int_t ngx_http_consent_expire_push(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_expire_conf_t *conf,
    consent_expire_line_t *line);


/*
 * The address of its bytes tells our lines from those of others; a literal
 * would be shared with equal ones
 */

static u_char  ngx_http_consent_expire_key_bytes[] = "Set-Cookie";

static ngx_str_t  ngx_http_consent_expire_key = {
    sizeof(ngx_http_consent_expire_key_bytes) - 1,
    ngx_http_consent_expire_key_bytes
};

static ngx_str_t  ngx_http_consent_expire_lowcase = ngx_string("set-cookie");
static ngx_str_t  ngx_http_consent_cookie_name = ngx_string("cookie");
static ngx_str_t  ngx_http_consent_fetch_site = ngx_string("sec-fetch-site");
static ngx_str_t  ngx_http_consent_fetch_dest = ngx_string("sec-fetch-dest");


ngx_int_t
ngx_http_consent_expire_cookies(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    uint64_t                         done;
    ngx_int_t                        category;
    consent_expire_t                 expire;
    consent_expire_conf_t            conf;
    consent_expire_line_t            line;
    ngx_http_consent_expire_names_t  names;

    ctx->cookies_expired = 0;
    ngx_http_consent_figures_move(ctx, NGX_HTTP_CONSENT_IN_EXPIRED,
                                  NGX_HTTP_CONSENT_NOWHERE);

    if (!ngx_http_consent_expire_wanted(r, ctx)) {
        return NGX_OK;
    }

    ngx_http_consent_expire_names(r, ctx, &names);

    if (names.n == 0) {
        return NGX_OK;
    }

    ngx_http_consent_expire_conf(r, &names, &conf);
    consent_expire_init(&expire, &conf);

    done = 0;

    while (consent_expire_next(&expire, &line)) {

        if ((done & ((uint64_t) 1 << line.name)) == 0) {
            done |= (uint64_t) 1 << line.name;
            ctx->cookies_expired++;
            category = ngx_http_consent_cookie_category(r,
                                                     names.names[line.name],
                                                     NULL);
            ngx_http_consent_figure_category(r, ctx,
                                             NGX_HTTP_CONSENT_IN_EXPIRED,
                                             category,
                                             CONSENT_COOKIES_EXPIRED, 1);
        }

        if (ctx->mode == NGX_HTTP_CONSENT_ENFORCE
            && ngx_http_consent_expire_push(r, ctx, &conf, &line) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "consent: expired %ui of %ui cookies",
                   ctx->cookies_expired, names.seen);

    return NGX_OK;
}


/*
 * A response may be given up for an error page after our lines were added,
 * and its other headers be sent with the page.
 */

void
ngx_http_consent_unexpire_cookies(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

    if (!ctx->expire_lines) {
        return;
    }

    ctx->expire_lines = 0;

    ngx_http_consent_header_walk(&walk, &r->headers_out.headers);

    while ((h = ngx_http_consent_header_next(&walk,
                                          &ngx_http_consent_expire_lowcase))
           != NULL)
    {
        if (h->key.data == ngx_http_consent_expire_key.data) {
            h->hash = 0;
        }
    }
}


/*
 * The answer to a choice, else pages only, and none that was stored before
 * (304)
 */

static ngx_uint_t
ngx_http_consent_expire_wanted(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    ngx_http_consent_loc_conf_t  *clf;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    if (!clf->expire
        || ctx->mode == NGX_HTTP_CONSENT_OFF
        || ctx->denied == 0)
    {
        return 0;
    }

    if (ctx->chosen) {
        return 1;
    }

    if (r->headers_out.status < NGX_HTTP_OK
        || r->headers_out.status == NGX_HTTP_NO_CONTENT
        || r->headers_out.status == NGX_HTTP_NOT_MODIFIED)
    {
        return 0;
    }

    /* the request was searched for such cookies, as for this location */

    if (ctx->edited_for == clf && ctx->cookies_denied == 0) {
        return 0;
    }

    /*
     * A request that nginx rejects in the middle of its header may have the
     * consent cookie in a line that was not read.  By HTTP/2 and later there
     * are either all cookies or none.
     */

    if (r->http_state == NGX_HTTP_READING_REQUEST_STATE
        && r->http_version < NGX_HTTP_VERSION_20)
    {
        return 0;
    }

    if (ctx->decision.kind == CONSENT_DECISION_NONE
        && !ngx_http_consent_is_undecided(r))
    {
        return 0;
    }

    return ngx_http_consent_is_html(r);
}


/*
 * A browser keeps a
 * cookie with SameSite back from requests that other sites have a part in,
 * but may send those that the visitor accepted: that no decision came with
 * such a request says nothing.  Within a frame even a request of our own
 * page may be one.
 */

ngx_uint_t
ngx_http_consent_is_undecided(ngx_http_request_t *r)
{
    char                         *samesite;
    ngx_uint_t                    safe;
    ngx_table_elt_t              *dest;
    ngx_http_consent_loc_conf_t  *clf;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    /* the cookie of a platform may be of any kind: some are strict */

    samesite = clf->foreign ? "Strict" : (char *) clf->cookie->samesite.data;

    if (ngx_strcmp(samesite, "None") == 0) {
        return 1;
    }

    safe = (r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD)) != 0;

    dest = ngx_http_consent_expire_header(r, &ngx_http_consent_fetch_dest);

    if (dest == NULL) {
        return safe;
    }

    if (!ngx_http_consent_expire_header_is(dest, "document")) {
        return 0;
    }

    return (safe && ngx_strcmp(samesite, "Strict") != 0)
           || !ngx_http_consent_expire_header_is(
                  ngx_http_consent_expire_header(r,
                                             &ngx_http_consent_fetch_site),
                  "cross-site");
}


static ngx_uint_t
ngx_http_consent_expire_header_is(ngx_table_elt_t *h, const char *value)
{
    return h != NULL
           && h->value.len == ngx_strlen(value)
           && ngx_strncmp(h->value.data, value, h->value.len) == 0;
}


static ngx_table_elt_t *
ngx_http_consent_expire_header(ngx_http_request_t *r, ngx_str_t *name)
{
    ngx_http_consent_walk_t  walk;

    ngx_http_consent_header_walk(&walk, &r->headers_in.headers);

    return ngx_http_consent_header_next(&walk, name);
}


static void
ngx_http_consent_expire_names(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_http_consent_expire_names_t *names)
{
    ngx_str_t                 value;
    consent_str_t             rest;
    ngx_table_elt_t          *h;
    consent_cookie_t          cookie;
    ngx_http_consent_walk_t   walk;

    names->n = 0;
    names->seen = 0;

    ngx_http_consent_header_walk(&walk, &r->headers_in.headers);

    while ((h = ngx_http_consent_header_next(&walk,
                                             &ngx_http_consent_cookie_name))
           != NULL)
    {
        value = ngx_http_consent_original(ctx, h);
        rest = consent_str_make(value.data, value.len);

        while (consent_cookie_next(&rest, &cookie)) {

            if (consent_expire_name_is_safe(cookie.name)
                && ngx_http_consent_expire_denied(r, ctx, cookie.name))
            {
                ngx_http_consent_expire_add(names, cookie.name);
            }
        }
    }
}


static ngx_uint_t
ngx_http_consent_expire_denied(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_str_t name)
{
    ngx_int_t                      category;
    ngx_http_consent_main_conf_t  *mcf;

    if (ngx_http_consent_cookie_is_own(r, name)) {
        return 0;
    }

    category = ngx_http_consent_cookie_category(r, name, NULL);

    if (category == CONSENT_UNCLASSIFIED
        || (ctx->denied & consent_bit(category)) == 0)
    {
        return 0;
    }

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    return mcf->policy.categories[category].on_deny == CONSENT_ON_DENY_DROP;
}


/*
 * Of more cookies than there are places any may be among those that get one,
 * so that none is left out request after request
 */

static void
ngx_http_consent_expire_add(ngx_http_consent_expire_names_t *names,
    consent_str_t name)
{
    ngx_uint_t  i;

    for (i = 0; i < names->n; i++) {
        if (consent_str_eq(names->names[i], name)) {
            return;
        }
    }

    names->seen++;

    if (names->n < CONSENT_EXPIRE_NAMES) {
        names->names[names->n++] = name;
        return;
    }

    i = (ngx_uint_t) ngx_random() % names->seen;

    if (i < CONSENT_EXPIRE_NAMES) {
        names->names[i] = name;
    }
}


static void
ngx_http_consent_expire_conf(ngx_http_request_t *r,
    ngx_http_consent_expire_names_t *names, consent_expire_conf_t *conf)
{
    ngx_table_elt_t               *site;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    ngx_memzero(conf, sizeof(consent_expire_conf_t));

    conf->site = mcf->site;
    conf->host = consent_str_make(r->headers_in.server.data,
                                  r->headers_in.server.len);
    conf->path = consent_str_make(r->unparsed_uri.data,
                                  r->unparsed_uri.len);
    conf->names = names->names;
    conf->nnames = (unsigned) names->n;
    conf->size = ngx_http_consent_expire_size(r);
    conf->lines = NGX_HTTP_CONSENT_EXPIRE_LINES;
    conf->turn = (uint32_t) ngx_random();

    site = ngx_http_consent_expire_header(r, &ngx_http_consent_fetch_site);

    /* browsers send this one to secure origins only */

    conf->secure = ngx_http_consent_is_secure(r) ? 1 : 0;
    conf->trusted = (conf->secure || site);
    conf->embedded = ngx_http_consent_expire_header_is(site, "cross-site")
                     ? 1 : 0;
}


/* what the header of the response leaves for our lines */

static size_t
ngx_http_consent_expire_size(ngx_http_request_t *r)
{
    size_t            size;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    size = NGX_HTTP_CONSENT_EXPIRE_OTHER;

    for (part = &r->headers_out.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].hash) {
                size += h[i].key.len + sizeof(": " CRLF) - 1
                        + h[i].value.len;
            }
        }
    }

    if (size + NGX_HTTP_CONSENT_EXPIRE_MIN > NGX_HTTP_CONSENT_EXPIRE_HEADER) {
        return NGX_HTTP_CONSENT_EXPIRE_MIN;
    }

    return NGX_HTTP_CONSENT_EXPIRE_HEADER - size;
}


static ngx_int_t
ngx_http_consent_expire_push(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_expire_conf_t *conf,
    consent_expire_line_t *line)
{
    u_char           *p;
    ngx_table_elt_t  *h;

    p = ngx_pnalloc(r->pool, line->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    consent_expire_write(p, conf, line);

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_http_consent_header_init(h);

    h->key = ngx_http_consent_expire_key;
    h->value.data = p;
    h->value.len = line->len;

    ctx->expire_lines = 1;

    return NGX_OK;
}
