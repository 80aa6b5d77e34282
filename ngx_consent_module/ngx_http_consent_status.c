/*
 * Copyright (C) ngx_consent_module authors
 *
 * consent_status: what is in the zone, in several formats.
 */


#include "ngx_http_consent_status.h"

#include "core/consent_cookie.h"


/* of a piece of the text */

#define NGX_HTTP_CONSENT_PIECE  16384

/* the longest text that one format string makes */

#define NGX_HTTP_CONSENT_LINE   512


typedef struct {
    ngx_str_t                    name;
    ngx_str_t                    type;
    void                       (*write)(ngx_http_consent_status_t *s);
    ngx_uint_t                   inventory;     /* is shown */
} ngx_http_consent_format_t;


static ngx_int_t ngx_http_consent_status_handler(ngx_http_request_t *r);
static ngx_http_consent_format_t *ngx_http_consent_status_format(
    ngx_http_request_t *r);
static ngx_uint_t ngx_http_consent_status_wants_html(ngx_http_request_t *r);
static ngx_int_t ngx_http_consent_status_unknown(ngx_http_request_t *r);
static ngx_int_t ngx_http_consent_status_header(ngx_http_request_t *r,
    const char *key, const char *value);
static ngx_int_t ngx_http_consent_status_send(ngx_http_request_t *r,
    ngx_uint_t status, ngx_str_t *type, ngx_chain_t *out, off_t len);


static ngx_http_consent_format_t  ngx_http_consent_formats[] = {

    { ngx_string("prometheus"),
      ngx_string("text/plain; version=0.0.4; charset=utf-8"),
      ngx_http_consent_write_metrics, 0 },

    { ngx_string("html"),
      ngx_string("text/html; charset=utf-8"),
      ngx_http_consent_write_page, 1 },

    { ngx_string("json"),
      ngx_string("application/json"),
      ngx_http_consent_write_json, 1 },

    { ngx_string("config"),
      ngx_string("text/plain; charset=utf-8"),
      ngx_http_consent_write_rules, 1 },

    { ngx_null_string, ngx_null_string, NULL, 0 }
};


static ngx_str_t  ngx_http_consent_status_plain =
    ngx_string("text/plain; charset=utf-8");

static ngx_str_t  ngx_http_consent_status_accept = ngx_string("accept");


const char *const  ngx_http_consent_modes[] = { "report", "enforce", NULL };

const char *const  ngx_http_consent_states[] = {
    "none", "partial", "all", NULL
};

const char *const  ngx_http_consent_actions[] = {
    "blocked", "hidden", "expired", "shortened", NULL
};

const char *const  ngx_http_consent_kinds[] = {
    "explicit", "implied", "signal", "default", NULL
};

/* outcome and reason */

const char *const  ngx_http_consent_outcomes[][2] = {
    { "filtered", "" },
    { "unchanged", "" },
    { "unread", "" },
    { "blocked", "encoding" },
    { "blocked", "charset" },
    { "blocked", "range" },
    { "passed", "encoding" },
    { "passed", "charset" },
    { "passed", "range" },
    { NULL, NULL }
};

const char *const  ngx_http_consent_unknowns[] = {
    "request_cookie", "response_cookie", "resource", NULL
};

/* from CONSENT_REASON_MALFORMED on */

const char *const  ngx_http_consent_rejections[] = {
    "malformed", "duplicate", "signature", "policy", "expired", "future",
    "shape", "limit", "reset", "undecided", NULL
};

const char *const  ngx_http_consent_overflows[] = {
    "tag", "script", "url", NULL
};

const char *const  ngx_http_consent_results[] = {
    "page", "state", "cookies", "blocked", "style", "choice", "withdrawal",
    "cross_site", "invalid", NULL
};

const char *const  ngx_http_consent_rule_kinds[] = {
    "cookie", "resource", "inline", NULL
};


const ngx_http_consent_flag_t  ngx_http_consent_flags[] = {
    { CONSENT_COOKIE_SESSION, "session" },
    { CONSENT_COOKIE_PERSISTENT, "persistent" },
    { CONSENT_COOKIE_DELETED, "deleted" },
    { CONSENT_COOKIE_SECURE, "secure" },
    { CONSENT_COOKIE_HTTPONLY, "httponly" },
    { CONSENT_COOKIE_DOMAIN, "domain" },
    { CONSENT_COOKIE_PARTITIONED, "partitioned" },
    { CONSENT_COOKIE_LAX, "samesite=lax" },
    { CONSENT_COOKIE_STRICT, "samesite=strict" },
    { CONSENT_COOKIE_CROSS_SITE, "samesite=none" },
    { 0, NULL }
};


char *
ngx_http_consent_status_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_consent_loc_conf_t *clf = conf;

    ngx_str_t                     *value, file;
    ngx_http_core_loc_conf_t      *clcf;
    ngx_http_consent_main_conf_t  *mcf;

    if (clf->status) {
        return "is duplicate";
    }

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_consent_module);

    mcf->status_origin = ngx_http_consent_origin_add(cf, mcf);
    if (mcf->status_origin == 0) {
        return NGX_CONF_ERROR;
    }

    clf->status = 1;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_consent_status_handler;

    if (cf->args->nelts == 1) {
        return NGX_CONF_OK;
    }

    value = cf->args->elts;

    if (ngx_strncmp(value[1].data, "catalogue=", 10) != 0
        || value[1].len == 10)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\" of \"consent_status\", "
                           "only \"catalogue=FILE\" may stand there",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    file.data = value[1].data + 10;
    file.len = value[1].len - 10;

    return ngx_http_consent_guess_catalogue(cf, clf, &file);
}


static ngx_int_t
ngx_http_consent_status_handler(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_http_consent_format_t    *format;
    ngx_http_consent_status_t    *s;
    ngx_http_consent_loc_conf_t  *clf;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    format = ngx_http_consent_status_format(r);

    if (format == NULL) {
        return ngx_http_consent_status_unknown(r);
    }

    s = ngx_pcalloc(r->pool, sizeof(ngx_http_consent_status_t));
    if (s == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    s->request = r;
    s->mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);
    s->zone = s->mcf->zone;
    s->policy = &s->mcf->policy;
    s->catalogue = clf->catalogue;
    s->size = consent_inventory_size(s->zone->shared->inventory);
    s->last = &s->first;

    if (format->inventory
        && ngx_http_consent_inventory_read(s->zone, r->pool, &s->entries)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    format->write(s);

    if (s->failed || s->b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    s->b->last_buf = (r == r->main);
    s->b->last_in_chain = 1;

    if (format->write == ngx_http_consent_write_page
        && ngx_http_consent_status_header(r, "Content-Security-Policy",
               "default-src 'none'; style-src 'unsafe-inline'; "
               "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_consent_status_send(r, NGX_HTTP_OK, &format->type,
                                        s->first, s->len);
}


/* NULL: there is no such format */

static ngx_http_consent_format_t *
ngx_http_consent_status_format(ngx_http_request_t *r)
{
    ngx_str_t                   value;
    ngx_http_consent_format_t  *format;

    format = ngx_http_consent_formats;

    if (ngx_http_arg(r, (u_char *) "format", 6, &value) != NGX_OK) {
        return ngx_http_consent_status_wants_html(r) ? format + 1 : format;
    }

    for ( /* void */ ; format->name.len; format++) {

        if (format->name.len == value.len
            && ngx_strncmp(format->name.data, value.data, value.len) == 0)
        {
            return format;
        }
    }

    return NULL;
}


/* browsers name it, and programs that collect metrics do not */

static ngx_uint_t
ngx_http_consent_status_wants_html(ngx_http_request_t *r)
{
    ngx_table_elt_t          *h;
    ngx_http_consent_walk_t   walk;

    ngx_http_consent_header_walk(&walk, &r->headers_in.headers);

    h = ngx_http_consent_header_next(&walk, &ngx_http_consent_status_accept);

    return h && ngx_strlcasestrn(h->value.data, h->value.data + h->value.len,
                                 (u_char *) "text/html",
                                 sizeof("text/html") - 2)
                != NULL;
}


static ngx_int_t
ngx_http_consent_status_unknown(ngx_http_request_t *r)
{
    ngx_buf_t    *b;
    ngx_chain_t   out;

    static ngx_str_t  text =
        ngx_string("unknown format, write ?format=prometheus, ?format=json, "
                   "?format=html or ?format=config\n");

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->pos = text.data;
    b->last = text.data + text.len;
    b->memory = 1;
    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_consent_status_send(r, NGX_HTTP_BAD_REQUEST,
                                        &ngx_http_consent_status_plain, &out,
                                        (off_t) text.len);
}


static ngx_int_t
ngx_http_consent_status_header(ngx_http_request_t *r, const char *key,
    const char *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_http_consent_header_init(h);

    h->key.data = (u_char *) (uintptr_t) key;
    h->key.len = ngx_strlen(key);
    h->value.data = (u_char *) (uintptr_t) value;
    h->value.len = ngx_strlen(value);

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_status_send(ngx_http_request_t *r, ngx_uint_t status,
    ngx_str_t *type, ngx_chain_t *out, off_t len)
{
    ngx_int_t  rc;

    r->headers_out.status = status;
    r->headers_out.content_length_n = len;
    r->headers_out.content_type = *type;
    r->headers_out.content_type_len = type->len;
    r->headers_out.content_type_lowcase = NULL;

    if (ngx_http_consent_status_header(r, "Cache-Control", "no-store")
        != NGX_OK
        || ngx_http_consent_status_header(r, "X-Content-Type-Options",
                                          "nosniff")
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    return ngx_http_output_filter(r, out);
}


void
ngx_http_consent_put(ngx_http_consent_status_t *s, const void *p, size_t len)
{
    size_t         n;
    const u_char  *from = p;
    ngx_chain_t   *cl;

    while (len && !s->failed) {

        if (s->b == NULL || s->b->last == s->b->end) {
            cl = ngx_alloc_chain_link(s->request->pool);

            if (cl == NULL) {
                s->failed = 1;
                return;
            }

            s->b = ngx_create_temp_buf(s->request->pool,
                                       NGX_HTTP_CONSENT_PIECE);
            if (s->b == NULL) {
                s->failed = 1;
                return;
            }

            cl->buf = s->b;
            cl->next = NULL;

            *s->last = cl;
            s->last = &cl->next;
        }

        n = ngx_min(len, (size_t) (s->b->end - s->b->last));

        s->b->last = ngx_cpymem(s->b->last, from, n);
        s->len += n;

        from += n;
        len -= n;
    }
}


void
ngx_http_consent_print(ngx_http_consent_status_t *s, const char *fmt, ...)
{
    u_char   *p, line[NGX_HTTP_CONSENT_LINE];
    va_list   args;

    va_start(args, fmt);
    p = ngx_vslprintf(line, line + sizeof(line), fmt, args);
    va_end(args);

    ngx_http_consent_put(s, line, p - line);
}


void
ngx_http_consent_escape(ngx_http_consent_status_t *s,
    ngx_http_consent_escape_pt escape, consent_str_t text)
{
    u_char  *p;
    size_t   len;

    len = escape(NULL, text);

    p = ngx_pnalloc(s->request->pool, len + 1);
    if (p == NULL) {
        s->failed = 1;
        return;
    }

    (void) escape(p, text);

    ngx_http_consent_put(s, p, len);
}


uint64_t
ngx_http_consent_value(ngx_http_consent_status_t *s, ngx_uint_t index)
{
    return consent_counters_sum(s->zone->shared->counters, (unsigned) index);
}


uint64_t
ngx_http_consent_category_value(ngx_http_consent_status_t *s,
    ngx_uint_t category, ngx_uint_t value)
{
    return ngx_http_consent_value(s,
               consent_count_category(s->zone->categories[category],
                                      (unsigned) value));
}
