/*
 * Copyright (C) ngx_consent_module authors
 *
 * An encoded body, decoded on its way to the rewriter.
 *
 * Input buffers are consumed as far as there is room: output goes to a few
 * buffers of our own, which are in use until all that the rewriter made of
 * them is sent.  When all are, the rest of the input waits, and with it the
 * upstream, so that a body that grows a thousand times needs no more memory
 * than any other one.
 */


#include "ngx_http_consent.h"

#include "core/consent_decode.h"


#define NGX_HTTP_CONSENT_DECODE_BUFS  4
#define NGX_HTTP_CONSENT_DECODE_SIZE  32768


struct ngx_http_consent_decode_s {
    ngx_http_request_t       *request;
    ngx_http_consent_ctx_t   *ctx;

    consent_decode_t         *decoder;      /* NULL: not needed any more */

    ngx_chain_t              *in;           /* input; links are ours */
    u_char                   *pos;          /* in the first of it; NULL: at
                                               its beginning */

    ngx_buf_t                *bufs[NGX_HTTP_CONSENT_DECODE_BUFS];
    ngx_uint_t                nbufs;
    ngx_buf_t                *buf;          /* of them, being filled */

    ngx_buf_t                 flags;        /* no bytes, only flags */
    ngx_buf_t                 copy;         /* of a buf that is looked at */

    unsigned                  full:1;       /* more comes without input */
};


static ngx_int_t ngx_http_consent_decode_buf(ngx_http_consent_decode_t *decode,
    ngx_buf_t *in);
static ngx_int_t ngx_http_consent_decode_end(
    ngx_http_consent_decode_t *decode);
static ngx_int_t ngx_http_consent_decode_damaged(
    ngx_http_consent_decode_t *decode);
static ngx_buf_t *ngx_http_consent_decode_take(
    ngx_http_consent_decode_t *decode, ngx_buf_t *in);
static ngx_int_t ngx_http_consent_decode_room(
    ngx_http_consent_decode_t *decode);
static ngx_buf_t *ngx_http_consent_decode_free_buf(
    ngx_http_consent_decode_t *decode);

static void ngx_http_consent_decode_cleanup(void *data);
static void *ngx_http_consent_decode_alloc(void *data, size_t size);
static void ngx_http_consent_decode_release(void *data, void *p);


ngx_http_consent_decode_t *
ngx_http_consent_decode_create(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_coding_e coding)
{
    consent_heap_t              heap;
    ngx_pool_cleanup_t         *cln;
    ngx_http_consent_decode_t  *decode;

    decode = ngx_pcalloc(r->pool, sizeof(ngx_http_consent_decode_t));
    if (decode == NULL) {
        return NULL;
    }

    decode->request = r;
    decode->ctx = ctx;

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_consent_decode_cleanup;
    cln->data = decode;

    /* not of the pool: it would keep what decoders give back */

    heap.alloc = ngx_http_consent_decode_alloc;
    heap.release = ngx_http_consent_decode_release;
    heap.data = r->connection->log;

    decode->decoder = consent_decode_create(coding, &heap);
    if (decode->decoder == NULL) {
        return NULL;
    }

    return decode;
}


ngx_int_t
ngx_http_consent_decode_add(ngx_http_consent_decode_t *decode,
    ngx_chain_t *in)
{
    return ngx_chain_add_copy(decode->request->pool, &decode->in, in);
}


ngx_int_t
ngx_http_consent_decode_look(ngx_http_consent_decode_t *decode, ngx_buf_t *in)
{
    ngx_chain_t  *cl;

    cl = ngx_alloc_chain_link(decode->request->pool);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    decode->copy = *in;

    cl->buf = &decode->copy;
    cl->next = NULL;

    decode->in = cl;

    return NGX_OK;
}


ngx_int_t
ngx_http_consent_decode_next(ngx_http_consent_decode_t *decode, ngx_buf_t **b)
{
    ngx_int_t     rc;
    ngx_buf_t    *in;
    ngx_chain_t  *cl;

    while (decode->in) {

        cl = decode->in;
        in = cl->buf;

        rc = ngx_http_consent_decode_buf(decode, in);

        if (rc == NGX_DONE) {
            *b = ngx_http_consent_decode_take(decode, NULL);
            return NGX_OK;
        }

        if (rc != NGX_OK) {
            return rc;
        }

        in->pos = in->last;

        decode->pos = NULL;
        decode->in = cl->next;
        ngx_free_chain(decode->request->pool, cl);

        if (in->last_buf || in->flush || in->last_in_chain) {
            *b = ngx_http_consent_decode_take(decode, in);
            return NGX_OK;
        }
    }

    /* what there is does not wait for more */

    if (decode->buf && decode->buf->last != decode->buf->pos) {
        *b = ngx_http_consent_decode_take(decode, NULL);
        return NGX_OK;
    }

    return NGX_DECLINED;
}


/* NGX_OK: the buf is consumed; NGX_DONE: ours is full */

static ngx_int_t
ngx_http_consent_decode_buf(ngx_http_consent_decode_t *decode, ngx_buf_t *in)
{
    ngx_int_t            rc;
    consent_decode_e     e;
    consent_decode_io_t  io;

    if (!ngx_buf_in_memory(in) && ngx_buf_size(in) != 0) {
        ngx_log_error(NGX_LOG_ALERT, decode->request->connection->log, 0,
                      "consent: a part of the body is not in memory");
        return NGX_ERROR;
    }

    if (decode->decoder == NULL) {
        return NGX_OK;
    }

    /*
     * The buf is given back as a whole: a decoder may have read all of it and
     * not have written what comes of it, and with nothing left in the buf
     * nobody would come back to us, or it would be used again.
     */

    if (decode->pos == NULL) {
        decode->pos = in->pos;
    }

    if (decode->full || (ngx_buf_in_memory(in) && decode->pos != in->last)) {

        rc = ngx_http_consent_decode_room(decode);

        if (rc != NGX_OK) {
            return rc;
        }

        io.in = decode->pos;
        io.in_end = in->last;
        io.out = decode->buf->last;
        io.out_end = decode->buf->end;

        e = consent_decode(decode->decoder, &io);

        decode->pos += io.in - decode->pos;
        decode->buf->last = io.out;
        decode->full = (e == CONSENT_DECODE_FULL);

        ngx_log_debug2(NGX_LOG_DEBUG_HTTP, decode->request->connection->log,
                       0, "consent: decode %d, %uz bytes", (int) e,
                       (size_t) (decode->buf->last - decode->buf->pos));

        if (e == CONSENT_DECODE_FULL) {
            return NGX_DONE;
        }

        if (e == CONSENT_DECODE_ERROR) {
            return ngx_http_consent_decode_damaged(decode);
        }
    }

    return in->last_buf ? ngx_http_consent_decode_end(decode) : NGX_OK;
}


/* memory is given back before a slow client has taken the rest */

static ngx_int_t
ngx_http_consent_decode_end(ngx_http_consent_decode_t *decode)
{
    uint64_t  dropped;

    if (consent_decode_finish(decode->decoder) != 0) {
        return ngx_http_consent_decode_damaged(decode);
    }

    dropped = consent_decode_dropped(decode->decoder);

    if (dropped) {
        ngx_log_error(NGX_LOG_WARN, decode->request->connection->log, 0,
                      "consent: %uL bytes after the end of an encoded page "
                      "are dropped", dropped);
    }

    ngx_http_consent_decode_cleanup(decode);

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_decode_damaged(ngx_http_consent_decode_t *decode)
{
    ngx_http_consent_damaged(decode->request, decode->ctx,
                             consent_decode_reason(decode->decoder));

    ngx_http_consent_decode_cleanup(decode);

    return NGX_ABORT;
}


/* what was decoded, with the flags of an input buf if there is one */

static ngx_buf_t *
ngx_http_consent_decode_take(ngx_http_consent_decode_t *decode, ngx_buf_t *in)
{
    ngx_buf_t  *b;

    b = decode->buf;

    if (b && b->last != b->pos) {
        decode->buf = NULL;

    } else {
        b = &decode->flags;
        ngx_memzero(b, sizeof(ngx_buf_t));
        b->sync = 1;
    }

    if (in) {
        b->flush = in->flush;
        b->last_buf = in->last_buf;
        b->last_in_chain = in->last_in_chain;
    }

    return b;
}


/* NGX_AGAIN: all bufs are in use */

static ngx_int_t
ngx_http_consent_decode_room(ngx_http_consent_decode_t *decode)
{
    ngx_buf_t  *b;

    if (decode->buf) {
        return NGX_OK;
    }

    b = ngx_http_consent_decode_free_buf(decode);

    if (b == NULL) {

        if (decode->nbufs == NGX_HTTP_CONSENT_DECODE_BUFS) {
            return NGX_AGAIN;
        }

        b = ngx_create_temp_buf(decode->request->pool,
                                NGX_HTTP_CONSENT_DECODE_SIZE);
        if (b == NULL) {
            return NGX_ERROR;
        }

        decode->bufs[decode->nbufs++] = b;
    }

    b->pos = b->start;
    b->last = b->start;
    b->flush = 0;
    b->last_buf = 0;
    b->last_in_chain = 0;

    decode->buf = b;

    return NGX_OK;
}


static ngx_buf_t *
ngx_http_consent_decode_free_buf(ngx_http_consent_decode_t *decode)
{
    ngx_uint_t  i;

    for (i = 0; i < decode->nbufs; i++) {
        if (decode->bufs[i]->pos == decode->bufs[i]->last) {
            return decode->bufs[i];
        }
    }

    return NULL;
}


ngx_uint_t
ngx_http_consent_decode_has_room(ngx_http_consent_decode_t *decode)
{
    return decode->nbufs < NGX_HTTP_CONSENT_DECODE_BUFS
           || ngx_http_consent_decode_free_buf(decode) != NULL;
}


ngx_uint_t
ngx_http_consent_decode_pending(ngx_http_consent_decode_t *decode)
{
    return decode->in != NULL;
}


/* also that of the request's pool, for a response that is given up */

static void
ngx_http_consent_decode_cleanup(void *data)
{
    ngx_http_consent_decode_t  *decode = data;

    if (decode->decoder) {
        consent_decode_destroy(decode->decoder);
        decode->decoder = NULL;
    }
}


static void *
ngx_http_consent_decode_alloc(void *data, size_t size)
{
    return ngx_alloc(size, data);
}


static void
ngx_http_consent_decode_release(void *data, void *p)
{
    ngx_free(p);
}
