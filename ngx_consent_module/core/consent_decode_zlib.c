/*
 * Copyright (C) ngx_consent_module authors
 *
 * gzip and deflate.  "deflate" is the zlib format by name; servers that send
 * bare deflate data are as old as the name, and browsers read both.  The two
 * bytes that begin the zlib format tell: as bare deflate they would be a
 * stored block whose padding is not zero.
 */


#define ZLIB_CONST

#include <limits.h>
#include <zlib.h>

#include "consent_decode_private.h"


#define CONSENT_DECODE_MAGIC  2

/* windowBits of inflateInit2() */

#define CONSENT_DECODE_GZIP   (MAX_WBITS + 16)
#define CONSENT_DECODE_ZLIB   MAX_WBITS
#define CONSENT_DECODE_RAW    (-MAX_WBITS)


typedef enum {
    CONSENT_DECODE_SNIFF = 0,           /* which kind of deflate? */
    CONSENT_DECODE_HEAD,                /* bytes that were looked at */
    CONSENT_DECODE_BODY,
    CONSENT_DECODE_BETWEEN              /* another gzip member? */
} consent_decode_zlib_e;


typedef struct {
    z_stream                stream;
    consent_decode_zlib_e   step;

    uint8_t                 head[CONSENT_DECODE_MAGIC];
    uint8_t                 nhead;      /* bytes in head */
    uint8_t                 used;       /* of them given to inflate() */
} consent_decode_zlib_t;


static int consent_decode_zlib_init(consent_decode_t *d);
static consent_decode_e consent_decode_zlib_run(consent_decode_t *d,
    consent_decode_io_t *io);
static void consent_decode_zlib_done(consent_decode_t *d);

static void consent_decode_sniff(consent_decode_zlib_t *z,
    consent_decode_io_t *io);
static void consent_decode_between(consent_decode_t *d,
    consent_decode_io_t *io);
static consent_decode_e consent_decode_inflate(consent_decode_t *d,
    consent_decode_io_t *io);
static uInt consent_decode_uint(const uint8_t *from, const uint8_t *to);

static voidpf consent_decode_zlib_alloc(voidpf data, uInt items, uInt size);
static void consent_decode_zlib_free(voidpf data, voidpf p);


const consent_decoder_t  consent_decode_zlib = {
    consent_decode_zlib_init,
    consent_decode_zlib_run,
    consent_decode_zlib_done
};


static int
consent_decode_zlib_init(consent_decode_t *d)
{
    consent_decode_zlib_t  *z;

    z = d->heap.alloc(d->heap.data, sizeof(consent_decode_zlib_t));
    if (z == NULL) {
        return -1;
    }

    memset(z, 0, sizeof(consent_decode_zlib_t));

    z->stream.zalloc = consent_decode_zlib_alloc;
    z->stream.zfree = consent_decode_zlib_free;
    z->stream.opaque = d;

    z->step = (d->coding == CONSENT_CODING_GZIP) ? CONSENT_DECODE_BODY
                                                 : CONSENT_DECODE_SNIFF;

    if (inflateInit2(&z->stream, d->coding == CONSENT_CODING_GZIP
                                 ? CONSENT_DECODE_GZIP : CONSENT_DECODE_ZLIB)
        != Z_OK)
    {
        d->heap.release(d->heap.data, z);
        return -1;
    }

    d->state = z;

    return 0;
}


static void
consent_decode_zlib_done(consent_decode_t *d)
{
    consent_decode_zlib_t  *z = d->state;

    if (z) {
        (void) inflateEnd(&z->stream);
        d->heap.release(d->heap.data, z);
    }
}


static consent_decode_e
consent_decode_zlib_run(consent_decode_t *d, consent_decode_io_t *io)
{
    consent_decode_e         rc;
    consent_decode_io_t      head;
    consent_decode_zlib_t   *z = d->state;

    for ( ;; ) {

        if (d->ended) {
            return consent_decode_drop(d, io);
        }

        switch (z->step) {

        case CONSENT_DECODE_SNIFF:

            if (io->in == io->in_end) {
                return CONSENT_DECODE_MORE;
            }

            consent_decode_sniff(z, io);
            break;

        case CONSENT_DECODE_HEAD:

            head.in = z->head + z->used;
            head.in_end = z->head + z->nhead;
            head.out = io->out;
            head.out_end = io->out_end;

            if (head.in == head.in_end) {
                z->step = CONSENT_DECODE_BODY;
                break;
            }

            rc = consent_decode_inflate(d, &head);

            z->used = (uint8_t) (head.in - z->head);
            io->out = head.out;

            if (rc != CONSENT_DECODE_MORE) {
                return rc;
            }

            break;

        case CONSENT_DECODE_BODY:

            rc = consent_decode_inflate(d, io);

            if (rc != CONSENT_DECODE_MORE) {
                return rc;
            }

            if (z->step == CONSENT_DECODE_BODY && !d->ended
                && io->in == io->in_end)
            {
                return CONSENT_DECODE_MORE;
            }

            break;

        case CONSENT_DECODE_BETWEEN:

            if (io->in == io->in_end) {
                return CONSENT_DECODE_MORE;
            }

            consent_decode_between(d, io);
            break;
        }
    }
}


/* RFC 1950, 2.2: CMF and FLG */

static void
consent_decode_sniff(consent_decode_zlib_t *z, consent_decode_io_t *io)
{
    unsigned  cmf, flg;

    z->head[z->nhead++] = *io->in++;

    if (z->nhead < CONSENT_DECODE_MAGIC) {
        return;
    }

    cmf = z->head[0];
    flg = z->head[1];

    if ((cmf & 0x0f) != Z_DEFLATED || cmf >> 4 > 7
        || (cmf << 8 | flg) % 31 != 0)
    {
        (void) inflateReset2(&z->stream, CONSENT_DECODE_RAW);
    }

    z->step = CONSENT_DECODE_HEAD;
}


/* RFC 1952, 2.2: members follow one another; others pad with anything */

static void
consent_decode_between(consent_decode_t *d, consent_decode_io_t *io)
{
    consent_decode_zlib_t  *z = d->state;

    static const uint8_t  magic[CONSENT_DECODE_MAGIC] = { 0x1f, 0x8b };

    if (*io->in != magic[z->nhead]) {
        d->dropped += z->nhead;
        d->ended = 1;
        return;
    }

    z->head[z->nhead++] = *io->in++;

    if (z->nhead < CONSENT_DECODE_MAGIC) {
        return;
    }

    (void) inflateReset(&z->stream);

    d->whole = 0;
    z->step = CONSENT_DECODE_HEAD;
}


/* MORE: there was nothing left to read, or the member has ended */

static consent_decode_e
consent_decode_inflate(consent_decode_t *d, consent_decode_io_t *io)
{
    int                     rc;
    z_stream               *s;
    consent_decode_zlib_t  *z = d->state;

    s = &z->stream;

    for ( ;; ) {
        s->next_in = io->in;
        s->avail_in = consent_decode_uint(io->in, io->in_end);
        s->next_out = io->out;
        s->avail_out = consent_decode_uint(io->out, io->out_end);

        rc = inflate(s, Z_SYNC_FLUSH);

        io->in = s->next_in;
        io->out = s->next_out;

        switch (rc) {

        case Z_OK:
        case Z_BUF_ERROR:
            break;

        case Z_STREAM_END:
            d->whole = 1;

            if (d->coding == CONSENT_CODING_GZIP) {
                z->step = CONSENT_DECODE_BETWEEN;
                z->nhead = 0;
                z->used = 0;

            } else {
                d->ended = 1;
            }

            return CONSENT_DECODE_MORE;

        case Z_NEED_DICT:
            return consent_decode_error(d, "needs a dictionary");

        case Z_MEM_ERROR:
            return consent_decode_error(d, "needs more memory than there is");

        default:
            return consent_decode_error(d, "is not valid");
        }

        if (io->out == io->out_end) {
            return CONSENT_DECODE_FULL;
        }

        if (io->in == io->in_end) {
            return CONSENT_DECODE_MORE;
        }
    }
}


static uInt
consent_decode_uint(const uint8_t *from, const uint8_t *to)
{
    size_t  len;

    len = (size_t) (to - from);

    return (uInt) (len < INT_MAX ? len : INT_MAX);
}


static voidpf
consent_decode_zlib_alloc(voidpf data, uInt items, uInt size)
{
    consent_decode_t *d = data;

    return d->heap.alloc(d->heap.data, (size_t) items * size);
}


static void
consent_decode_zlib_free(voidpf data, voidpf p)
{
    consent_decode_t *d = data;

    d->heap.release(d->heap.data, p);
}
