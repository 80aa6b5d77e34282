/*
 * Copyright (C) ngx_consent_module authors
 *
 * The body: decides whether it is looked at, and moves buffers between the
 * filter chain and the rewriter of the core.
 *
 * An input buffer is read completely in the call that brings it.  What the
 * rewriter passes on becomes slices of it; what was held back is copied into
 * buffers of our own; what is put in is constant memory.  The last buffer made
 * of an input buffer holds it (shadow) until it is sent, and carries its
 * flags.  So there is nothing of the upstream's that waits here for more
 * input, and back pressure works as without us.
 */


#include "ngx_http_consent.h"

#include "core/consent_rewrite.h"


/* most held pieces are a "<" and the first letters of a name */

#define NGX_HTTP_CONSENT_SMALL_COPY  256

#define NGX_HTTP_CONSENT_DOCUMENT    2048


struct ngx_http_consent_body_s {
    ngx_http_request_t      *request;
    ngx_http_consent_ctx_t  *ctx;

    ngx_chain_t             *out;       /* output of this call */
    ngx_chain_t            **last_out;
    ngx_buf_t               *last;      /* the last buf of out */

    ngx_chain_t             *busy;      /* passed down, not fully sent; FIFO */
    ngx_chain_t             *free;      /* buf headers without storage */
    ngx_chain_t             *free_own;  /* bufs with storage */

    consent_rewrite_t        rewrite;
    consent_rewrite_conf_t   conf;
    consent_sink_t           sink;
    consent_url_t            document;

    ngx_uint_t               unclassified; /* already added to ctx */

    u_char                   bom[2];    /* the first bytes of the body */
    unsigned                 nbom:2;

    unsigned                 report:1;  /* only looked at, not changed */
    unsigned                 bypass:1;  /* unreadable, and passed */
};


static ngx_str_t *ngx_http_consent_unreadable(ngx_http_request_t *r);
static ngx_int_t ngx_http_consent_uninspectable(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *reason);
static ngx_uint_t ngx_http_consent_is_xml(ngx_http_request_t *r);
static ngx_int_t ngx_http_consent_document(ngx_http_request_t *r,
    consent_url_t *url);

static ngx_int_t ngx_http_consent_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_consent_body_report(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_chain_t *in);
static ngx_int_t ngx_http_consent_body_send(ngx_http_request_t *r,
    ngx_http_consent_body_t *body);
static ngx_int_t ngx_http_consent_body_buf(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_buf_t *b);
static ngx_int_t ngx_http_consent_body_feed(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_buf_t *b);
static ngx_uint_t ngx_http_consent_body_bom(ngx_http_consent_body_t *body,
    ngx_buf_t *b);
static void ngx_http_consent_body_count(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_uint_t last);
static ngx_int_t ngx_http_consent_body_flags(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_buf_t *in);
static void ngx_http_consent_body_update(ngx_http_consent_body_t *body);
static ngx_buf_t *ngx_http_consent_body_header(ngx_http_consent_body_t *body);
static u_char *ngx_http_consent_body_bytes(const uint8_t *p);
static void ngx_http_consent_body_append(ngx_http_consent_body_t *body,
    ngx_chain_t *cl);

static int ngx_http_consent_sink_pass(void *data, const uint8_t *p,
    size_t len);
static int ngx_http_consent_sink_copy(void *data, const uint8_t *p,
    size_t len);
static int ngx_http_consent_sink_literal(void *data, const uint8_t *p,
    size_t len);
static int ngx_http_consent_sink_nothing(void *data, const uint8_t *p,
    size_t len);
static void *ngx_http_consent_body_alloc(void *data, size_t size);


static ngx_http_output_body_filter_pt  ngx_http_next_body_filter;


/* $consent_uninspected */

static ngx_str_t  ngx_http_consent_reason_encoding = ngx_string("encoding");
static ngx_str_t  ngx_http_consent_reason_range = ngx_string("range");
static ngx_str_t  ngx_http_consent_reason_charset = ngx_string("charset");


/* encodings in which "<" may be written otherwise than as the byte 0x3C */

static ngx_str_t  ngx_http_consent_charsets[] = {
    ngx_string("utf-16"),
    ngx_string("utf16"),
    ngx_string("utf-32"),
    ngx_string("utf32"),
    ngx_string("ucs-2"),
    ngx_string("ucs-4"),
    ngx_string("iso-10646-ucs"),
    ngx_string("csunicode"),
    ngx_string("unicode"),
    ngx_string("utf-7"),
    ngx_string("utf7"),
    ngx_string("iso-2022"),
    ngx_string("csiso2022"),
    ngx_string("hz-gb-2312"),
    ngx_null_string
};


ngx_int_t
ngx_http_consent_body_init(ngx_conf_t *cf)
{
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_consent_module);

    mcf->shared = ngx_palloc(cf->pool, CONSENT_REWRITE_SHARED(mcf->buffer));
    if (mcf->shared == NULL) {
        return NGX_ERROR;
    }

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_consent_body_filter;

    return NGX_OK;
}


ngx_int_t
ngx_http_consent_body_start(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx)
{
    ngx_str_t                     *reason;
    consent_judge_conf_t           judge;
    ngx_http_consent_body_t       *body;
    ngx_http_consent_loc_conf_t   *clf;
    ngx_http_consent_main_conf_t  *mcf;

    ctx->body = NULL;

    if (ctx->mode == NGX_HTTP_CONSENT_OFF
        || r != r->main
        || r->headers_out.status < NGX_HTTP_OK
        || r->headers_out.status == NGX_HTTP_NO_CONTENT
        || r->headers_out.status == NGX_HTTP_NOT_MODIFIED
        || r->headers_out.content_length_n == 0
        || !ngx_http_consent_is_html(r))
    {
        return NGX_DECLINED;
    }

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);
    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    ngx_memzero(&judge, sizeof(consent_judge_conf_t));

    judge.policy = &mcf->policy;
    judge.site = mcf->site;
    judge.first_party = clf->first_party;
    judge.denied = ctx->denied;
    judge.third_party = (int) clf->unclassified_third_party;
    judge.markup = clf->markup;
    judge.limit = clf->buffer;
    judge.alloc = ngx_http_consent_body_alloc;
    judge.data = r->pool;

    if (!consent_judge_needed(&judge)) {
        return NGX_DECLINED;
    }

    reason = ngx_http_consent_unreadable(r);

    if (reason) {
        return ngx_http_consent_uninspectable(r, ctx, reason);
    }

    if (ctx->mode == NGX_HTTP_CONSENT_ENFORCE) {
        ngx_http_clear_content_length(r);
        ngx_http_clear_accept_ranges(r);
    }

    if (r->method == NGX_HTTP_HEAD || r->header_only) {
        return NGX_DECLINED;
    }

    body = ngx_pcalloc(r->pool, sizeof(ngx_http_consent_body_t));
    if (body == NULL) {
        return NGX_ERROR;
    }

    body->request = r;
    body->ctx = ctx;
    body->last_out = &body->out;
    body->report = (ctx->mode == NGX_HTTP_CONSENT_REPORT);

    if (ngx_http_consent_document(r, &body->document) != NGX_OK) {
        return NGX_ERROR;
    }

    judge.document = &body->document;

    body->conf.judge = judge;
    body->conf.shared = mcf->shared;
    body->conf.remove = (clf->block == NGX_HTTP_CONSENT_REMOVE);
    body->conf.xml = ngx_http_consent_is_xml(r);

    body->sink.data = body;

    if (body->report) {
        body->sink.pass = ngx_http_consent_sink_nothing;
        body->sink.copy = ngx_http_consent_sink_nothing;
        body->sink.literal = ngx_http_consent_sink_nothing;

    } else {
        body->sink.pass = ngx_http_consent_sink_pass;
        body->sink.copy = ngx_http_consent_sink_copy;
        body->sink.literal = ngx_http_consent_sink_literal;
    }

    consent_rewrite_init(&body->rewrite, &body->conf, &body->sink);

    ctx->body = body;

    /* files have to be read before they come to us, also in subrequests */

    r->main_filter_need_in_memory = 1;

    return NGX_OK;
}


ngx_uint_t
ngx_http_consent_is_html(ngx_http_request_t *r)
{
    ngx_http_consent_loc_conf_t  *clf;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    /* without a type a browser sniffs, and may find HTML */

    return r->headers_out.content_type.len == 0
           || ngx_http_test_content_type(r, &clf->types) != NULL;
}


/* the reason, or NULL if the body can be read */

static ngx_str_t *
ngx_http_consent_unreadable(ngx_http_request_t *r)
{
    ngx_str_t         value, *name;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    if (r->headers_out.content_encoding
        && r->headers_out.content_encoding->hash
        && r->headers_out.content_encoding->value.len)
    {
        value = r->headers_out.content_encoding->value;

        if (value.len != sizeof("identity") - 1
            || ngx_strncasecmp(value.data, (u_char *) "identity", value.len)
               != 0)
        {
            return &ngx_http_consent_reason_encoding;
        }
    }

    if (r->headers_out.status == NGX_HTTP_PARTIAL_CONTENT) {
        return &ngx_http_consent_reason_range;
    }

    part = &r->headers_out.headers.part;
    h = part->elts;

    for (i = 0; /* void */ ; i++) {

        /* there is no part of it in the page that says so */

        if (r->headers_out.status == NGX_HTTP_RANGE_NOT_SATISFIABLE) {
            break;
        }

        if (i >= part->nelts) {
            if (part->next == NULL) {
                break;
            }

            part = part->next;
            h = part->elts;
            i = 0;
        }

        if (h[i].hash
            && h[i].key.len == sizeof("Content-Range") - 1
            && ngx_strncasecmp(h[i].key.data, (u_char *) "Content-Range",
                               h[i].key.len)
               == 0)
        {
            return &ngx_http_consent_reason_range;
        }
    }

    value = r->headers_out.charset;

    for (name = ngx_http_consent_charsets; name->len; name++) {
        if (value.len >= name->len
            && ngx_strncasecmp(value.data, name->data, name->len) == 0)
        {
            return &ngx_http_consent_reason_charset;
        }
    }

    return NULL;
}


/* NGX_ABORT: not to be passed; NGX_DECLINED: passed, and said so */

static ngx_int_t
ngx_http_consent_uninspectable(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *reason)
{
    ngx_uint_t                    block, level;
    ngx_http_consent_loc_conf_t  *clf;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    ctx->uninspected = *reason;

    block = ctx->mode == NGX_HTTP_CONSENT_ENFORCE
            && clf->uninspectable == NGX_HTTP_CONSENT_UNINSPECTABLE_BLOCK;

    level = block ? NGX_LOG_ERR : NGX_LOG_WARN;

    ngx_log_error(level, r->connection->log, 0,
                  "consent: HTML that cannot be inspected (%V) %s", reason,
                  block ? "is not passed" : "is passed unchanged");

    return block ? NGX_ABORT : NGX_DECLINED;
}


static ngx_uint_t
ngx_http_consent_is_xml(ngx_http_request_t *r)
{
    ngx_str_t  *type;

    /* application/xhtml+xml and its like; parameters may follow */

    type = &r->headers_out.content_type;

    if (type->len < sizeof("a/b+xml") - 1) {
        return 0;
    }

    return ngx_strlcasestrn(type->data, type->data + type->len,
                            (u_char *) "+xml", sizeof("+xml") - 2)
           != NULL;
}


/* the URL of the page, as the browser has it */

static ngx_int_t
ngx_http_consent_document(ngx_http_request_t *r, consent_url_t *url)
{
    size_t          len;
    u_char         *p, *buf, *scratch;
    ngx_str_t       scheme, host;
    consent_str_t   input;

    static const consent_str_t  nowhere = consent_str("http://site.invalid/");

    ngx_str_set(&scheme, "http://");

#if (NGX_HTTP_SSL)

    if (r->connection->ssl) {
        ngx_str_set(&scheme, "https://");
    }

#endif

    ngx_str_null(&host);

    if (r->headers_in.host) {
        host = r->headers_in.host->value;

    } else if (r->headers_in.server.len) {
        host = r->headers_in.server;
    }

    scratch = ngx_pnalloc(r->pool, NGX_HTTP_CONSENT_DOCUMENT);
    if (scratch == NULL) {
        return NGX_ERROR;
    }

    if (host.len) {
        len = scheme.len + host.len + r->unparsed_uri.len;

        buf = ngx_pnalloc(r->pool, len);
        if (buf == NULL) {
            return NGX_ERROR;
        }

        p = ngx_cpymem(buf, scheme.data, scheme.len);
        p = ngx_cpymem(p, host.data, host.len);
        ngx_memcpy(p, r->unparsed_uri.data, r->unparsed_uri.len);

        input = consent_str_make(buf, len);

        if (consent_url_parse(url, NULL, input, scratch,
                              NGX_HTTP_CONSENT_DOCUMENT)
            == CONSENT_URL_OK)
        {
            return NGX_OK;
        }
    }

    /* every host is another's then */

    (void) consent_url_parse(url, NULL, nowhere, scratch,
                             NGX_HTTP_CONSENT_DOCUMENT);

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_http_consent_ctx_t   *ctx;
    ngx_http_consent_body_t  *body;

    ctx = ngx_http_get_module_ctx(r, ngx_http_consent_module);

    if (ctx == NULL || ctx->body == NULL || r != r->main || r->header_only) {
        return ngx_http_next_body_filter(r, in);
    }

    body = ctx->body;

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "consent: body filter \"%V\"", &r->uri);

    if (body->report) {
        return ngx_http_consent_body_report(r, body, in);
    }

    if (in == NULL && body->busy == NULL) {
        return ngx_http_next_body_filter(r, in);
    }

    for ( /* void */ ; in; in = in->next) {
        if (ngx_http_consent_body_buf(r, body, in->buf) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return ngx_http_consent_body_send(r, body);
}


static ngx_int_t
ngx_http_consent_body_report(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_chain_t *in)
{
    ngx_chain_t  *cl;

    for (cl = in; cl; cl = cl->next) {
        if (ngx_http_consent_body_feed(r, body, cl->buf) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return ngx_http_next_body_filter(r, in);
}


static ngx_int_t
ngx_http_consent_body_send(ngx_http_request_t *r,
    ngx_http_consent_body_t *body)
{
    ngx_int_t     rc;
    ngx_chain_t  *cl;

    if (body->out == NULL && body->busy == NULL) {

        /* the writer alerts when it is called with nothing to write */

        return NGX_OK;
    }

    rc = ngx_http_next_body_filter(r, body->out);

    /* what went down joins the tail of busy, whatever rc is */

    for (cl = body->busy; cl && cl->next; cl = cl->next) { /* void */ }

    if (cl) {
        cl->next = body->out;

    } else {
        body->busy = body->out;
    }

    body->out = NULL;
    body->last_out = &body->out;
    body->last = NULL;

    ngx_http_consent_body_update(body);

    return rc;
}


static ngx_int_t
ngx_http_consent_body_buf(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_buf_t *b)
{
    if (ngx_http_consent_body_feed(r, body, b) != NGX_OK) {
        return NGX_ERROR;
    }

    if (body->bypass
        && ngx_buf_in_memory(b) && b->pos != b->last
        && ngx_http_consent_sink_pass(body, b->pos, b->last - b->pos) != 0)
    {
        return NGX_ERROR;
    }

    return ngx_http_consent_body_flags(r, body, b);
}


/* lets the rewriter see a buf, or finds that it cannot */

static ngx_int_t
ngx_http_consent_body_feed(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_buf_t *b)
{
    size_t  len;

    if (body->bypass) {
        return NGX_OK;
    }

    len = 0;

    if (ngx_buf_in_memory(b)) {
        len = b->last - b->pos;

    } else if (ngx_buf_size(b) != 0) {
        ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                      "consent: a part of the body is not in memory");
        return NGX_ERROR;
    }

    if (body->nbom < 2 && len && ngx_http_consent_body_bom(body, b)) {

        /* UTF-16, whatever the header says; nothing of it can be held yet */

        if (ngx_http_consent_uninspectable(r, body->ctx,
                                           &ngx_http_consent_reason_charset)
            == NGX_ABORT)
        {
            return NGX_ERROR;
        }

        body->bypass = 1;

        return NGX_OK;
    }

    if (consent_rewrite_feed(&body->rewrite, len ? b->pos : NULL, len,
                             b->last_buf)
        != 0)
    {
        return NGX_ERROR;
    }

    ngx_http_consent_body_count(r, body, b->last_buf);

    return NGX_OK;
}


/* 1 if the body begins with a byte order mark of UTF-16 */

static ngx_uint_t
ngx_http_consent_body_bom(ngx_http_consent_body_t *body, ngx_buf_t *b)
{
    u_char  *p;

    for (p = b->pos; p < b->last && body->nbom < 2; p++) {
        body->bom[body->nbom++] = *p;
    }

    return body->nbom == 2
           && ((body->bom[0] == 0xfe && body->bom[1] == 0xff)
               || (body->bom[0] == 0xff && body->bom[1] == 0xfe));
}


static void
ngx_http_consent_body_count(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_uint_t last)
{
    consent_rewrite_t       *rw;
    ngx_http_consent_ctx_t  *ctx;

    ctx = body->ctx;
    rw = &body->rewrite;

    ctx->resources_blocked = rw->blocked;

    ctx->unclassified += rw->judge.unclassified - body->unclassified;
    body->unclassified = rw->judge.unclassified;

    if (!last) {
        return;
    }

    if (rw->late) {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "consent: %ui inline script(s) longer than "
                      "\"consent_buffer\" matched late and were made invalid; "
                      "a larger \"consent_buffer\" would mark them",
                      (ngx_uint_t) rw->late);
    }

    if (rw->judge.limited) {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "consent: a regular expression exceeded its match limit "
                      "and was taken to match");
    }
}


/*
 * The last buf made of an input buf holds the input buf until it is sent, and
 * carries its flags.
 */

static ngx_int_t
ngx_http_consent_body_flags(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_buf_t *in)
{
    ngx_buf_t  *b;

    b = body->last;

    if (b == NULL || b->shadow) {

        if (!in->last_buf && !in->flush
            && !((in->recycled || in->last_in_chain)
                 && (body->out || body->busy)))
        {
            /*
             * All of it was dropped or is held, and nothing of ours is below
             * that would have to be sent on: it is consumed now.  A flush is
             * always passed, since a compressor keeps bytes of its own.
             */

            in->pos = in->last;

            return NGX_OK;
        }

        b = ngx_http_consent_body_header(body);
        if (b == NULL) {
            return NGX_ERROR;
        }

        b->sync = 1;
    }

    b->shadow = in;
    b->last_buf = in->last_buf;
    b->last_in_chain = in->last_in_chain;
    b->flush = in->flush;
    b->recycled = in->recycled;

    return NGX_OK;
}


static void
ngx_http_consent_body_update(ngx_http_consent_body_t *body)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    while (body->busy) {

        cl = body->busy;
        b = cl->buf;

        if (ngx_buf_size(b) != 0) {
            return;
        }

        if (b->shadow) {
            b->shadow->pos = b->shadow->last;
            b->shadow = NULL;
        }

        body->busy = cl->next;

        if (b->start) {
            b->pos = b->start;
            b->last = b->start;
            b->flush = 0;
            b->recycled = 0;
            b->last_in_chain = 0;
            b->last_buf = 0;

            cl->next = body->free_own;
            body->free_own = cl;

        } else if (ngx_buf_in_memory(b)) {

            /*
             * A special buf has no size from the start, and the writer may
             * still hold it for "postpone_output": it is never used again.
             */

            cl->next = body->free;
            body->free = cl;
        }
    }
}


/* a new buf without storage, at the end of out */

static ngx_buf_t *
ngx_http_consent_body_header(ngx_http_consent_body_t *body)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    cl = ngx_chain_get_free_buf(body->request->pool, &body->free);
    if (cl == NULL) {
        return NULL;
    }

    b = cl->buf;

    ngx_memzero(b, sizeof(ngx_buf_t));

    b->tag = (ngx_buf_tag_t) &ngx_http_consent_module;

    ngx_http_consent_body_append(body, cl);

    return b;
}


/* the core promises not to write, which ngx_buf_t has no word for */

static u_char *
ngx_http_consent_body_bytes(const uint8_t *p)
{
    return (u_char *) (uintptr_t) p;
}


static void
ngx_http_consent_body_append(ngx_http_consent_body_t *body, ngx_chain_t *cl)
{
    cl->next = NULL;

    *body->last_out = cl;
    body->last_out = &cl->next;
    body->last = cl->buf;
}


/* a part of the input buf; adjacent parts are one slice */

static int
ngx_http_consent_sink_pass(void *data, const uint8_t *p, size_t len)
{
    ngx_http_consent_body_t  *body = data;

    ngx_buf_t  *b;

    b = body->last;

    if (b && b->temporary && b->start == NULL && b->shadow == NULL
        && b->last == p)
    {
        b->last += len;
        return 0;
    }

    b = ngx_http_consent_body_header(body);
    if (b == NULL) {
        return -1;
    }

    b->pos = ngx_http_consent_body_bytes(p);
    b->last = b->pos + len;
    b->temporary = 1;

    return 0;
}


/* bytes that do not outlive the call; adjacent ones share a buf */

static int
ngx_http_consent_sink_copy(void *data, const uint8_t *p, size_t len)
{
    ngx_http_consent_body_t  *body = data;

    size_t         size;
    ngx_buf_t     *b;
    ngx_chain_t   *cl, **ll;

    b = body->last;

    if (b && b->start && b->shadow == NULL
        && (size_t) (b->end - b->last) >= len)
    {
        b->last = ngx_cpymem(b->last, p, len);
        return 0;
    }

    for (ll = &body->free_own; (cl = *ll) != NULL; ll = &cl->next) {
        if ((size_t) (cl->buf->end - cl->buf->start) >= len) {
            *ll = cl->next;
            break;
        }
    }

    if (cl == NULL) {
        cl = ngx_alloc_chain_link(body->request->pool);
        if (cl == NULL) {
            return -1;
        }

        /* two sizes, so that a freed buf serves what comes later */

        size = (len <= NGX_HTTP_CONSENT_SMALL_COPY)
               ? NGX_HTTP_CONSENT_SMALL_COPY : body->conf.judge.limit;

        cl->buf = ngx_create_temp_buf(body->request->pool, size);
        if (cl->buf == NULL) {
            return -1;
        }

        cl->buf->tag = (ngx_buf_tag_t) &ngx_http_consent_module;
    }

    cl->buf->last = ngx_cpymem(cl->buf->last, p, len);

    ngx_http_consent_body_append(body, cl);

    return 0;
}


static int
ngx_http_consent_sink_literal(void *data, const uint8_t *p, size_t len)
{
    ngx_http_consent_body_t  *body = data;

    ngx_buf_t  *b;

    b = ngx_http_consent_body_header(body);
    if (b == NULL) {
        return -1;
    }

    b->pos = ngx_http_consent_body_bytes(p);
    b->last = b->pos + len;
    b->memory = 1;

    return 0;
}


static int
ngx_http_consent_sink_nothing(void *data, const uint8_t *p, size_t len)
{
    return 0;
}


static void *
ngx_http_consent_body_alloc(void *data, size_t size)
{
    return ngx_pnalloc(data, size);
}
