/*
 * Copyright (C) ngx_consent_module authors
 *
 * What the rewriter puts out, as buffers for the filters below: slices of the
 * input buffers, buffers of our own with what was held back, constant memory.
 *
 * The last buffer made of an input buffer holds it (shadow) until it is sent,
 * and carries its flags.  So an input buffer is given back as soon as nothing
 * of it is below, and not before.
 */


#include "ngx_http_consent.h"


/*
 * Most held pieces are a "<" and the first letters of a name, or a marked tag.
 * Larger ones are parts of scripts: a slow client may hold one for each buffer
 * of the upstream, so they have memory of their own size, and only until they
 * are sent.
 */

#define NGX_HTTP_CONSENT_SMALL_COPY   256
#define NGX_HTTP_CONSENT_MIDDLE_COPY  1024

/* what is copied rather than sent as a buffer of its own */

#define NGX_HTTP_CONSENT_SMALL_PART  64


static void ngx_http_consent_output_update(ngx_http_consent_output_t *output);
static void ngx_http_consent_output_reuse(ngx_http_consent_output_t *output);
static void ngx_http_consent_output_free(ngx_http_consent_output_t *output,
    ngx_chain_t *cl);
static void ngx_http_consent_output_cleanup(void *data);
static ngx_buf_t *ngx_http_consent_output_header(
    ngx_http_consent_output_t *output);
static u_char *ngx_http_consent_output_bytes(const uint8_t *p);
static ngx_chain_t *ngx_http_consent_output_small(
    ngx_http_consent_output_t *output, size_t len);
static ngx_chain_t *ngx_http_consent_output_large(
    ngx_http_consent_output_t *output, size_t len);
static void ngx_http_consent_output_append(ngx_http_consent_output_t *output,
    ngx_chain_t *cl);


void
ngx_http_consent_output_init(ngx_http_consent_output_t *output,
    ngx_http_request_t *r)
{
    ngx_memzero(output, sizeof(ngx_http_consent_output_t));

    output->request = r;
    output->pool = r->pool;
    output->last_out = &output->out;
}


/* what went down joins the tail of busy, whatever came of it */

void
ngx_http_consent_output_sent(ngx_http_consent_output_t *output)
{
    ngx_chain_t  *cl;

    for (cl = output->busy; cl && cl->next; cl = cl->next) { /* void */ }

    if (cl) {
        cl->next = output->out;

    } else {
        output->busy = output->out;
    }

    output->out = NULL;
    output->last_out = &output->out;
    output->last = NULL;

    ngx_http_consent_output_update(output);
}


ngx_int_t
ngx_http_consent_output_flags(ngx_http_consent_output_t *output, ngx_buf_t *in,
    ngx_uint_t force)
{
    ngx_buf_t  *b;

    b = output->last;

    if (b == NULL || b->shadow) {

        if (!in->last_buf && !force
            && (!in->flush || output->flushed)
            && !((in->recycled || in->last_in_chain)
                 && (output->out || output->busy)))
        {
            /*
             * All of it was dropped or is held, and nothing of ours is below
             * that would have to be sent on: it is consumed now.  A flush is
             * passed if bytes went before it, since a compressor keeps some.
             */

            in->pos = in->last;

            return NGX_OK;
        }

        b = ngx_http_consent_output_header(output);
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

    output->flushed = in->flush;

    return NGX_OK;
}


static void
ngx_http_consent_output_update(ngx_http_consent_output_t *output)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    while (output->busy) {

        cl = output->busy;
        b = cl->buf;

        if (ngx_buf_size(b) != 0) {
            break;
        }

        if (b->shadow) {
            b->shadow->pos = b->shadow->last;
            b->shadow = NULL;
        }

        output->busy = cl->next;

        ngx_http_consent_output_free(output, cl);
    }

    ngx_http_consent_output_reuse(output);
}


/* special bufs, once there is nothing below that may still have one */

static void
ngx_http_consent_output_reuse(ngx_http_consent_output_t *output)
{
    ngx_chain_t         *cl;
    ngx_http_request_t  *r;

    r = output->request;

    if (r->out || r->connection->buffered) {
        return;
    }

    while (output->spent) {
        cl = output->spent;
        output->spent = cl->next;

        cl->next = output->free;
        output->free = cl;
    }
}


static void
ngx_http_consent_output_free(ngx_http_consent_output_t *output,
    ngx_chain_t *cl)
{
    ngx_buf_t  *b;

    b = cl->buf;

    if (!ngx_buf_in_memory(b)) {

        /*
         * A special buf has no size from the start, and the writer may still
         * hold it for "postpone_output"
         */

        cl->next = output->spent;
        output->spent = cl;
        return;
    }

    if (b->start == NULL) {
        cl->next = output->free;
        output->free = cl;
        return;
    }

    if (b->end - b->start > NGX_HTTP_CONSENT_MIDDLE_COPY) {
        ngx_free(b->start);
        b->start = NULL;

        cl->next = output->free;
        output->free = cl;
        return;
    }

    b->pos = b->start;
    b->last = b->start;
    b->flush = 0;
    b->recycled = 0;
    b->last_in_chain = 0;
    b->last_buf = 0;

    cl->next = output->free_own;
    output->free_own = cl;
}


/* what was never sent */

static void
ngx_http_consent_output_cleanup(void *data)
{
    ngx_http_consent_output_t *output = data;

    ngx_buf_t    *b;
    ngx_uint_t    i;
    ngx_chain_t  *cl, *chains[2];

    chains[0] = output->busy;
    chains[1] = output->out;

    for (i = 0; i < 2; i++) {
        for (cl = chains[i]; cl; cl = cl->next) {
            b = cl->buf;

            if (b->start
                && b->end - b->start > NGX_HTTP_CONSENT_MIDDLE_COPY)
            {
                ngx_free(b->start);
                b->start = NULL;
            }
        }
    }
}


/* a new buf without storage, at the end of out */

static ngx_buf_t *
ngx_http_consent_output_header(ngx_http_consent_output_t *output)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    cl = ngx_chain_get_free_buf(output->pool, &output->free);
    if (cl == NULL) {
        return NULL;
    }

    b = cl->buf;

    ngx_memzero(b, sizeof(ngx_buf_t));

    b->tag = (ngx_buf_tag_t) &ngx_http_consent_module;

    ngx_http_consent_output_append(output, cl);

    return b;
}


/* the core promises not to write, which ngx_buf_t has no word for */

static u_char *
ngx_http_consent_output_bytes(const uint8_t *p)
{
    return (u_char *) (uintptr_t) p;
}


static void
ngx_http_consent_output_append(ngx_http_consent_output_t *output,
    ngx_chain_t *cl)
{
    cl->next = NULL;

    *output->last_out = cl;
    output->last_out = &cl->next;
    output->last = cl->buf;
    output->flushed = 0;
}


/* a part of the input buf; adjacent parts are one slice */

int
ngx_http_consent_output_pass(void *data, const uint8_t *p, size_t len)
{
    ngx_http_consent_output_t  *output = data;

    ngx_buf_t  *b;

    b = output->last;

    if (b && b->temporary && b->start == NULL && b->shadow == NULL
        && b->last == p)
    {
        b->last += len;
        return 0;
    }

    /* a marked tag is a dozen of parts, and each buffer has its price */

    if (len <= NGX_HTTP_CONSENT_SMALL_PART && b && b->start
        && b->shadow == NULL && (size_t) (b->end - b->last) >= len)
    {
        b->last = ngx_cpymem(b->last, p, len);
        return 0;
    }

    b = ngx_http_consent_output_header(output);
    if (b == NULL) {
        return -1;
    }

    b->pos = ngx_http_consent_output_bytes(p);
    b->last = b->pos + len;
    b->temporary = 1;

    return 0;
}


/* bytes that do not outlive the call; adjacent ones share a buf */

int
ngx_http_consent_output_copy(void *data, const uint8_t *p, size_t len)
{
    ngx_http_consent_output_t  *output = data;

    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    b = output->last;

    if (b && b->start && b->shadow == NULL
        && (size_t) (b->end - b->last) >= len)
    {
        b->last = ngx_cpymem(b->last, p, len);
        return 0;
    }

    cl = (len > NGX_HTTP_CONSENT_MIDDLE_COPY)
         ? ngx_http_consent_output_large(output, len)
         : ngx_http_consent_output_small(output, len);

    if (cl == NULL) {
        return -1;
    }

    cl->buf->last = ngx_cpymem(cl->buf->last, p, len);

    ngx_http_consent_output_append(output, cl);

    return 0;
}


/* two sizes, so that a freed buf serves what comes later */

static ngx_chain_t *
ngx_http_consent_output_small(ngx_http_consent_output_t *output, size_t len)
{
    size_t         size;
    ngx_chain_t   *cl, **ll;

    size = (len > NGX_HTTP_CONSENT_SMALL_COPY) ? NGX_HTTP_CONSENT_MIDDLE_COPY
                                               : NGX_HTTP_CONSENT_SMALL_COPY;

    for (ll = &output->free_own; (cl = *ll) != NULL; ll = &cl->next) {
        if ((size_t) (cl->buf->end - cl->buf->start) >= size) {
            *ll = cl->next;
            return cl;
        }
    }

    cl = ngx_alloc_chain_link(output->pool);
    if (cl == NULL) {
        return NULL;
    }

    cl->buf = ngx_create_temp_buf(output->pool, size);
    if (cl->buf == NULL) {
        return NULL;
    }

    cl->buf->tag = (ngx_buf_tag_t) &ngx_http_consent_module;

    return cl;
}


/* not of the pool, which would keep a note of each for good */

static ngx_chain_t *
ngx_http_consent_output_large(ngx_http_consent_output_t *output, size_t len)
{
    ngx_buf_t           *b;
    ngx_chain_t         *cl;
    ngx_pool_cleanup_t  *cln;

    if (!output->cleanup) {
        cln = ngx_pool_cleanup_add(output->pool, 0);
        if (cln == NULL) {
            return NULL;
        }

        cln->handler = ngx_http_consent_output_cleanup;
        cln->data = output;

        output->cleanup = 1;
    }

    cl = ngx_chain_get_free_buf(output->pool, &output->free);
    if (cl == NULL) {
        return NULL;
    }

    b = cl->buf;

    ngx_memzero(b, sizeof(ngx_buf_t));

    /* what comes right behind it is mostly small */

    len += NGX_HTTP_CONSENT_SMALL_PART;

    b->start = ngx_alloc(len, output->pool->log);
    if (b->start == NULL) {
        return NULL;
    }

    b->end = b->start + len;
    b->pos = b->start;
    b->last = b->start;
    b->temporary = 1;
    b->tag = (ngx_buf_tag_t) &ngx_http_consent_module;

    return cl;
}


int
ngx_http_consent_output_literal(void *data, const uint8_t *p, size_t len)
{
    ngx_http_consent_output_t  *output = data;

    ngx_buf_t  *b;

    if (len <= NGX_HTTP_CONSENT_SMALL_PART) {
        return ngx_http_consent_output_copy(output, p, len);
    }

    b = ngx_http_consent_output_header(output);
    if (b == NULL) {
        return -1;
    }

    b->pos = ngx_http_consent_output_bytes(p);
    b->last = b->pos + len;
    b->memory = 1;

    return 0;
}
