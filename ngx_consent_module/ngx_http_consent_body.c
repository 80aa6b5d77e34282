/*
 * Copyright (C) ngx_consent_module authors
 *
 * The body: decides whether it is looked at, and brings it to the rewriter of
 * the core.
 *
 * An input buffer is read completely in the call that brings it: what the
 * rewriter holds back is a copy.  So there is nothing of the upstream's that
 * waits here for more input, and back pressure works as without us.  A body
 * that has to be decoded first may wait, see ngx_http_consent_decode.c.
 *
 * The header of a body that is rewritten waits for the first bytes to be put
 * out, or for a flush, so that what shows to be unreadable by then can still
 * be answered by an error page.
 */


#include "ngx_http_consent_body.h"


/*
 * In the buffered flags of a connection, of which nginx uses the lower six
 * bits: there is input that waits here.  Then nginx comes back to us when
 * there is room again, after the upstream has ended as well.
 */

#define NGX_HTTP_CONSENT_BUFFERED  0x40


static ngx_int_t ngx_http_consent_body_create(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_judge_conf_t *judge,
    consent_coding_e coding, off_t length, ngx_uint_t banner);

static ngx_int_t ngx_http_consent_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_consent_body_report(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_chain_t *in);
static ngx_int_t ngx_http_consent_body_report_decoded(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_buf_t *in);
static ngx_int_t ngx_http_consent_body_plain(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_chain_t *in);
static ngx_int_t ngx_http_consent_body_decoded(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_chain_t *in);
static ngx_int_t ngx_http_consent_body_fail(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_int_t rc);
static ngx_int_t ngx_http_consent_body_send(ngx_http_request_t *r,
    ngx_http_consent_body_t *body);
static ngx_uint_t ngx_http_consent_body_held(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, off_t size);
static ngx_int_t ngx_http_consent_body_buf(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_buf_t *b);
static ngx_int_t ngx_http_consent_body_feed(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_buf_t *b);
static ngx_int_t ngx_http_consent_body_is_last(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_buf_t *b, ngx_uint_t *last);
static void ngx_http_consent_body_count(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_uint_t last);

static int ngx_http_consent_sink_nothing(void *data, const uint8_t *p,
    size_t len);


static ngx_http_output_body_filter_pt  ngx_http_next_body_filter;


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
    off_t                  length;
    ngx_str_t             *reason;
    ngx_uint_t             banner;
    consent_coding_e       coding;
    consent_judge_conf_t   judge;

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

    ngx_http_consent_judge_conf(r, ctx, &judge);

    banner = ngx_http_consent_banner_is_wanted(r, ctx)
             && ngx_http_consent_banner_fits(r);

    if (!consent_judge_needed(&judge) && !banner) {
        ngx_http_consent_set_document(ctx, CONSENT_DOCUMENT_UNREAD);
        return NGX_DECLINED;
    }

    reason = ngx_http_consent_unreadable(r, &coding);

    if ((reason || coding != CONSENT_CODING_IDENTITY)
        && (ctx->builtin || ctx->refused == NGX_HTTP_CONSENT_REFUSALS))
    {
        reason = NULL;
        coding = CONSENT_CODING_IDENTITY;

        if (ctx->mode == NGX_HTTP_CONSENT_ENFORCE) {
            ngx_http_consent_clear_labels(r);
        }
    }

    if (reason) {

        if (!consent_judge_needed(&judge)) {
            return NGX_DECLINED;
        }

        return ngx_http_consent_not_inspected(r, ctx, reason);
    }

    length = r->headers_out.content_length_n;

    if (ctx->mode == NGX_HTTP_CONSENT_ENFORCE) {
        ngx_http_clear_content_length(r);
        ngx_http_clear_accept_ranges(r);

        if (coding != CONSENT_CODING_IDENTITY) {
            ngx_http_consent_clear_encoding(r);
        }
    }

    if (r->method == NGX_HTTP_HEAD || r->header_only) {
        return NGX_DECLINED;
    }

    return ngx_http_consent_body_create(r, ctx, &judge, coding, length,
                                        banner);
}


static ngx_int_t
ngx_http_consent_body_create(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_judge_conf_t *judge,
    consent_coding_e coding, off_t length, ngx_uint_t banner)
{
    size_t                         tally;
    ngx_str_t                     *type;
    ngx_http_consent_body_t       *body;
    ngx_http_consent_loc_conf_t   *clf;
    ngx_http_consent_main_conf_t  *mcf;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);
    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    tally = mcf->zone ? CONSENT_REWRITE_TALLY(mcf->policy.ncategories) : 0;

    body = ngx_palloc(r->pool, sizeof(ngx_http_consent_body_t) + tally);
    if (body == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(body, offsetof(ngx_http_consent_body_t, rewrite));

    if (tally) {
        body->conf.tally = (consent_rewrite_tally_t *) (body + 1);
        body->conf.tally->categories = 0;
    }

    ngx_http_consent_set_document(ctx, CONSENT_DOCUMENT_UNCHANGED);

    body->request = r;
    body->ctx = ctx;
    body->report = (ctx->mode == NGX_HTTP_CONSENT_REPORT);
    body->waiting = !body->report;
    body->judged = consent_judge_needed(judge) ? 1 : 0;
    body->bypass = !body->judged;

    /* an encoding in the header counts more than one in the page */

    type = &r->headers_out.content_type;

    body->declared = !body->judged || r->headers_out.charset.len != 0
                     || (type->len > sizeof("charset")
                         && ngx_strlcasestrn(type->data,
                                             type->data + type->len,
                                             (u_char *) "charset",
                                             sizeof("charset") - 2)
                            != NULL);

    if (banner) {
        body->banner = 1;
        consent_head_init(&body->head);
    }

    ngx_http_consent_output_init(&body->output, r);

    body->left = body->report ? -1 : length;

    if (coding != CONSENT_CODING_IDENTITY) {
        body->left = -1;

        body->decode = ngx_http_consent_decode_create(r, ctx, coding);
        if (body->decode == NULL) {
            return NGX_ERROR;
        }
    }

    if (ngx_http_consent_document(r, &body->document) != NGX_OK) {
        return NGX_ERROR;
    }

    judge->document = &body->document;

    body->conf.judge = *judge;
    body->conf.shared = mcf->shared;
    body->conf.remove = (clf->block == NGX_HTTP_CONSENT_REMOVE);
    body->conf.xml = ngx_http_consent_is_xml(r);
    body->conf.csp = clf->csp;

    if (ngx_http_consent_banner_frames(r, &body->conf.frames,
                                       &body->conf.frame_origin)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (body->report) {
        body->sink.pass = ngx_http_consent_sink_nothing;
        body->sink.copy = ngx_http_consent_sink_nothing;
        body->sink.literal = ngx_http_consent_sink_nothing;

    } else {
        body->sink.data = &body->output;
        body->sink.pass = ngx_http_consent_output_pass;
        body->sink.copy = ngx_http_consent_output_copy;
        body->sink.literal = ngx_http_consent_output_literal;
    }

    consent_rewrite_init(&body->rewrite, &body->conf, &body->sink);

    ctx->body = body;

    /* files have to be read before they come to us, also in subrequests */

    r->main_filter_need_in_memory = 1;

    return body->waiting ? NGX_AGAIN : NGX_OK;
}


static ngx_int_t
ngx_http_consent_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_int_t                 rc;
    ngx_http_consent_ctx_t   *ctx;
    ngx_http_consent_body_t  *body;

    ctx = ngx_http_get_module_ctx(r, ngx_http_consent_module);

    if (ctx == NULL || r != r->main) {
        return ngx_http_next_body_filter(r, in);
    }

    if (ctx->refusing) {

        /* the body comes nevertheless, as that of nginx's error pages does */

        ngx_http_consent_refuse_body(r, ctx);
        return NGX_ERROR;
    }

    if (ctx->body == NULL || r->header_only) {
        return ngx_http_next_body_filter(r, in);
    }

    body = ctx->body;

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "consent: body filter \"%V\"", &r->uri);

    if (body->failed) {
        return NGX_ERROR;
    }

    if (body->report) {
        return ngx_http_consent_body_report(r, body, in);
    }

    rc = body->decode ? ngx_http_consent_body_decoded(r, body, in)
                      : ngx_http_consent_body_plain(r, body, in);

    if (rc == NGX_ERROR || rc == NGX_ABORT) {
        return ngx_http_consent_body_fail(r, body, rc);
    }

    return rc;
}


static ngx_int_t
ngx_http_consent_body_report(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_chain_t *in)
{
    ngx_int_t     rc;
    ngx_chain_t  *cl;

    for (cl = in; cl; cl = cl->next) {

        rc = body->decode
             ? ngx_http_consent_body_report_decoded(r, body, cl->buf)
             : ngx_http_consent_body_feed(r, body, cl->buf);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }
    }

    return ngx_http_next_body_filter(r, in);
}


/* what is found in a buf that goes on as it is */

static ngx_int_t
ngx_http_consent_body_report_decoded(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_buf_t *in)
{
    ngx_int_t   rc;
    ngx_buf_t  *b;

    if (body->bypass) {
        return NGX_OK;
    }

    if (ngx_http_consent_decode_look(body->decode, in) != NGX_OK) {
        return NGX_ERROR;
    }

    while ((rc = ngx_http_consent_decode_next(body->decode, &b)) == NGX_OK) {

        if (ngx_http_consent_body_feed(r, body, b) == NGX_ERROR) {
            return NGX_ERROR;
        }

        b->pos = b->last;
    }

    if (rc == NGX_ABORT) {
        body->bypass = 1;
        return NGX_OK;
    }

    return rc == NGX_ERROR ? NGX_ERROR : NGX_OK;
}


static ngx_int_t
ngx_http_consent_body_plain(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_chain_t *in)
{
    ngx_int_t  rc;

    if (in == NULL && body->output.busy == NULL && !body->waiting) {
        return ngx_http_next_body_filter(r, in);
    }

    for ( /* void */ ; in; in = in->next) {
        rc = ngx_http_consent_body_buf(r, body, in->buf);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return ngx_http_consent_body_send(r, body);
}


/* decodes as much as there is room for, again and again while there is any */

static ngx_int_t
ngx_http_consent_body_decoded(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_chain_t *in)
{
    ngx_int_t   rc, next;
    ngx_buf_t  *b;

    if (in == NULL && body->output.busy == NULL && !body->waiting
        && !ngx_http_consent_decode_pending(body->decode))
    {
        return ngx_http_next_body_filter(r, in);
    }

    if (ngx_http_consent_decode_add(body->decode, in) != NGX_OK) {
        return NGX_ERROR;
    }

    for ( ;; ) {

        while ((next = ngx_http_consent_decode_next(body->decode, &b))
               == NGX_OK)
        {
            rc = ngx_http_consent_body_buf(r, body, b);

            if (rc != NGX_OK) {
                return rc;
            }
        }

        if (next == NGX_ERROR || next == NGX_ABORT) {
            return next;
        }

        rc = ngx_http_consent_body_send(r, body);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (next == NGX_DECLINED) {
            break;
        }

        /* a call with nothing new takes what waits for "postpone_output" */

        if (!ngx_http_consent_decode_has_room(body->decode)
            && ngx_http_consent_body_send(r, body) == NGX_ERROR)
        {
            return NGX_ERROR;
        }

        if (!ngx_http_consent_decode_has_room(body->decode)) {
            break;
        }
    }

    if (next == NGX_DECLINED) {
        r->connection->buffered &= ~NGX_HTTP_CONSENT_BUFFERED;
        return rc;
    }

    r->connection->buffered |= NGX_HTTP_CONSENT_BUFFERED;

    return NGX_AGAIN;
}


/*
 * Nothing more is passed.  While nothing was, there is an error page instead;
 * else the client sees that the end is missing.
 */

static ngx_int_t
ngx_http_consent_body_fail(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_int_t rc)
{
    body->failed = 1;

    r->connection->buffered &= ~NGX_HTTP_CONSENT_BUFFERED;

    if (rc == NGX_ABORT && body->waiting && r->connection->data == r) {
        body->waiting = 0;
        ngx_http_consent_refuse_body(r, body->ctx);
    }

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_consent_body_send(ngx_http_request_t *r,
    ngx_http_consent_body_t *body)
{
    off_t                       size;
    ngx_int_t                   rc;
    ngx_chain_t                *cl;
    ngx_http_consent_output_t  *output;

    output = &body->output;

    if (output->out == NULL && (body->waiting || output->busy == NULL)) {

        /* the writer alerts when it is called with nothing to write */

        return NGX_OK;
    }

    if (body->waiting) {

        size = 0;

        for (cl = output->out; cl; cl = cl->next) {
            size += ngx_buf_size(cl->buf);
        }

        if (ngx_http_consent_body_held(r, body, size)) {
            return NGX_OK;
        }

        body->waiting = 0;

        if (body->complete) {

            /* all of it is here: no chunks, and gzip learns what to expect */

            r->headers_out.content_length_n = size;
        }

        rc = ngx_http_consent_send_header(r);

        if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
            return NGX_ERROR;
        }
    }

    rc = ngx_http_next_body_filter(r, output->out);

    ngx_http_consent_output_sent(output);

    return rc;
}


/*
 * What the writer would keep for "postpone_output" waits here with its header
 * if more is to be decoded: a short page may still prove to be damaged.
 */

static ngx_uint_t
ngx_http_consent_body_held(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, off_t size)
{
    ngx_chain_t               *cl;
    ngx_http_core_loc_conf_t  *clcf;

    if (body->decode == NULL
        || !ngx_http_consent_decode_has_room(body->decode))
    {
        return 0;
    }

    for (cl = body->output.out; cl; cl = cl->next) {
        if (cl->buf->flush || cl->buf->last_buf) {
            return 0;
        }
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    return size < (off_t) clcf->postpone_output;
}


static ngx_int_t
ngx_http_consent_body_buf(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_buf_t *b)
{
    ngx_int_t   rc;
    ngx_uint_t  flush;

    rc = ngx_http_consent_body_feed(r, body, b);

    if (rc != NGX_OK) {
        return rc;
    }

    /* a flush sends the header, but for the first bytes while they are held */

    flush = b->flush && body->waiting && (body->begun || body->nfirst == 0);

    return ngx_http_consent_output_flags(&body->output, b, flush);
}


/* lets the rewriter see a buf; NGX_ABORT: it cannot and is not to be passed */

static ngx_int_t
ngx_http_consent_body_feed(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_buf_t *b)
{
    u_char      *p;
    size_t       len;
    ngx_int_t    rc;
    ngx_uint_t   last;

    p = NULL;
    len = 0;

    if (ngx_buf_in_memory(b)) {
        p = b->pos;

    } else if (ngx_buf_size(b) != 0) {
        ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                      "consent: a part of the body is not in memory");
        return NGX_ERROR;
    }

    if (ngx_http_consent_body_is_last(r, body, b, &last) != NGX_OK) {
        return NGX_ERROR;
    }

    if (body->complete) {
        return NGX_OK;
    }

    body->complete = last;

    if (!body->declared) {
        rc = ngx_http_consent_body_declared(r, body, p, p ? b->last : NULL,
                                            last);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (!body->begun) {
        rc = ngx_http_consent_body_begin(r, body, b, &p, last);

        if (rc != NGX_OK) {
            return rc;
        }

        if (!body->begun) {
            return NGX_OK;
        }
    }

    if (p) {
        len = b->last - p;
    }

    if (ngx_http_consent_body_bytes(body, p, len, last) != NGX_OK) {
        return NGX_ERROR;
    }

    if (!body->bypass) {
        ngx_http_consent_body_count(r, body, last);
    }

    return NGX_OK;
}


/*
 * Is b the end of the body?  An upstream says so in a call of its own, when
 * the header would have been sent; but what it sent has a length mostly.
 */

static ngx_int_t
ngx_http_consent_body_is_last(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_buf_t *b, ngx_uint_t *last)
{
    off_t  size;

    size = ngx_buf_size(b);

    if (body->complete && size) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "consent: more of the body came after its end");
        return NGX_ERROR;
    }

    if (body->left >= 0) {

        /* whoever changed the body has kept its length: it tells nothing */

        body->left = (size > body->left) ? -1 : body->left - size;
    }

    *last = b->last_buf || body->left == 0;

    return NGX_OK;
}


ngx_int_t
ngx_http_consent_body_bytes(ngx_http_consent_body_t *body, u_char *p,
    size_t len, ngx_uint_t last)
{
    return body->banner ? ngx_http_consent_insert(body, p, len, last)
                        : ngx_http_consent_body_rewrite(body, p, len, last);
}


ngx_int_t
ngx_http_consent_body_rewrite(ngx_http_consent_body_t *body, u_char *p,
    size_t len, ngx_uint_t last)
{
    int  rc;

    if (body->bypass) {
        rc = len ? body->sink.pass(body->sink.data, p, len) : 0;

    } else {
        rc = consent_rewrite_feed(&body->rewrite, len ? p : NULL, len, last);
    }

    return rc == 0 ? NGX_OK : NGX_ERROR;
}


static void
ngx_http_consent_body_count(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_uint_t last)
{
    consent_rewrite_t       *rw;
    ngx_http_consent_ctx_t  *ctx;

    ctx = body->ctx;
    rw = &body->rewrite;

    ngx_http_consent_recount(&ctx->resources_blocked,
                             &ctx->resources_in_body, rw->blocked);

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


static int
ngx_http_consent_sink_nothing(void *data, const uint8_t *p, size_t len)
{
    return 0;
}
