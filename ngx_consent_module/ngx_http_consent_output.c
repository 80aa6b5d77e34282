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


/* most held pieces are a "<" and the first letters of a name */

#define NGX_HTTP_CONSENT_SMALL_COPY  256

/* what is copied rather than sent as a buffer of its own */

#define NGX_HTTP_CONSENT_SMALL_PART  64


static void ngx_http_consent_output_update(ngx_http_consent_output_t *output);
static ngx_buf_t *ngx_http_consent_output_header(
    ngx_http_consent_output_t *output);
static u_char *ngx_http_consent_output_bytes(const uint8_t *p);
static void ngx_http_consent_output_append(ngx_http_consent_output_t *output,
    ngx_chain_t *cl);


void
ngx_http_consent_output_init(ngx_http_consent_output_t *output,
    ngx_pool_t *pool, size_t limit)
{
    ngx_memzero(output, sizeof(ngx_http_consent_output_t));

    output->pool = pool;
    output->limit = limit;
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

        if (!in->last_buf && !in->flush && !force
            && !((in->recycled || in->last_in_chain)
                 && (output->out || output->busy)))
        {
            /*
             * All of it was dropped or is held, and nothing of ours is below
             * that would have to be sent on: it is consumed now.  A flush is
             * always passed, since a compressor keeps bytes of its own.
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
            return;
        }

        if (b->shadow) {
            b->shadow->pos = b->shadow->last;
            b->shadow = NULL;
        }

        output->busy = cl->next;

        if (b->start) {
            b->pos = b->start;
            b->last = b->start;
            b->flush = 0;
            b->recycled = 0;
            b->last_in_chain = 0;
            b->last_buf = 0;

            cl->next = output->free_own;
            output->free_own = cl;

        } else if (ngx_buf_in_memory(b)) {

            /*
             * A special buf has no size from the start, and the writer may
             * still hold it for "postpone_output": it is never used again.
             */

            cl->next = output->free;
            output->free = cl;
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

    size_t         size;
    ngx_buf_t     *b;
    ngx_chain_t   *cl, **ll;

    b = output->last;

    if (b && b->start && b->shadow == NULL
        && (size_t) (b->end - b->last) >= len)
    {
        b->last = ngx_cpymem(b->last, p, len);
        return 0;
    }

    for (ll = &output->free_own; (cl = *ll) != NULL; ll = &cl->next) {
        if ((size_t) (cl->buf->end - cl->buf->start) >= len) {
            *ll = cl->next;
            break;
        }
    }

    if (cl == NULL) {
        cl = ngx_alloc_chain_link(output->pool);
        if (cl == NULL) {
            return -1;
        }

        /*
         * Few sizes, so that a freed buf serves what comes later; and none
         * much larger than needed, since a slow client may hold one for each
         * buffer of the upstream.
         */

        for (size = NGX_HTTP_CONSENT_SMALL_COPY; size < len; size *= 4) {
            /* void */
        }

        size = ngx_max(ngx_min(size, output->limit), len);

        cl->buf = ngx_create_temp_buf(output->pool, size);
        if (cl->buf == NULL) {
            return -1;
        }

        cl->buf->tag = (ngx_buf_tag_t) &ngx_http_consent_module;
    }

    cl->buf->last = ngx_cpymem(cl->buf->last, p, len);

    ngx_http_consent_output_append(output, cl);

    return 0;
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
