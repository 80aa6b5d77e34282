/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_decode_private.h"


#ifdef CONSENT_ZSTD


/* the functions that take an allocator are exported, but declared so only */

#define ZSTD_STATIC_LINKING_ONLY

#include <zstd.h>
#include <zstd_errors.h>


/* RFC 9659: the window of this content coding is 8 MB at most */

#define CONSENT_DECODE_WINDOW  23

/* less cannot be told from the magic number of a frame */

#define CONSENT_DECODE_PREFIX  4

/* the first bytes of the magic numbers of frames and of frames to skip */

#define CONSENT_DECODE_FRAME   0x28
#define CONSENT_DECODE_SKIP    0x50


typedef struct {
    ZSTD_DStream           *stream;
    size_t                  since;      /* input since the last frame ended */
    unsigned                frames:1;   /* one has ended */
} consent_decode_zstd_t;


static int consent_decode_zstd_init(consent_decode_t *d);
static consent_decode_e consent_decode_zstd_run(consent_decode_t *d,
    consent_decode_io_t *io);
static void consent_decode_zstd_done(consent_decode_t *d);

static consent_decode_e consent_decode_zstd_failed(consent_decode_t *d,
    consent_decode_io_t *io, size_t rc);
static consent_decode_e consent_decode_zstd_other(consent_decode_t *d,
    consent_decode_io_t *io);
static void *consent_decode_zstd_alloc(void *data, size_t size);
static void consent_decode_zstd_free(void *data, void *p);


const consent_decoder_t  consent_decode_zstd = {
    consent_decode_zstd_init,
    consent_decode_zstd_run,
    consent_decode_zstd_done
};


static int
consent_decode_zstd_init(consent_decode_t *d)
{
    ZSTD_customMem          mem;
    consent_decode_zstd_t  *z;

    z = d->heap.alloc(d->heap.data, sizeof(consent_decode_zstd_t));
    if (z == NULL) {
        return -1;
    }

    memset(z, 0, sizeof(consent_decode_zstd_t));

    d->state = z;

    mem.customAlloc = consent_decode_zstd_alloc;
    mem.customFree = consent_decode_zstd_free;
    mem.opaque = d;

    z->stream = ZSTD_createDStream_advanced(mem);

    if (z->stream == NULL
        || ZSTD_isError(ZSTD_DCtx_setParameter(z->stream, ZSTD_d_windowLogMax,
                                               CONSENT_DECODE_WINDOW)))
    {
        return -1;
    }

    return 0;
}


static void
consent_decode_zstd_done(consent_decode_t *d)
{
    consent_decode_zstd_t  *z = d->state;

    if (z) {
        (void) ZSTD_freeDStream(z->stream);
        d->heap.release(d->heap.data, z);
    }
}


static consent_decode_e
consent_decode_zstd_run(consent_decode_t *d, consent_decode_io_t *io)
{
    size_t                  rc;
    ZSTD_inBuffer           in;
    ZSTD_outBuffer          out;
    consent_decode_zstd_t  *z = d->state;

    for ( ;; ) {

        /* without input the library would ask for the next frame */

        if (io->in == io->in_end && d->whole) {
            return CONSENT_DECODE_MORE;
        }

        if (z->since == 0 && io->in != io->in_end
            && *io->in != CONSENT_DECODE_FRAME
            && (*io->in & 0xf0) != CONSENT_DECODE_SKIP)
        {
            return consent_decode_zstd_other(d, io);
        }

        in.src = io->in;
        in.size = (size_t) (io->in_end - io->in);
        in.pos = 0;

        out.dst = io->out;
        out.size = (size_t) (io->out_end - io->out);
        out.pos = 0;

        rc = ZSTD_decompressStream(z->stream, &out, &in);

        io->in += in.pos;
        io->out += out.pos;

        z->since += in.pos;

        if (ZSTD_isError(rc)) {
            return consent_decode_zstd_failed(d, io, rc);
        }

        if (rc == 0) {
            z->since = 0;
            z->frames = 1;
            d->whole = 1;

        } else {
            d->whole = (z->frames && z->since < CONSENT_DECODE_PREFIX);
        }

        if (io->out == io->out_end && rc != 0) {
            return CONSENT_DECODE_FULL;
        }

        if (io->in == io->in_end) {
            return CONSENT_DECODE_MORE;
        }

        if (io->out == io->out_end) {
            return CONSENT_DECODE_FULL;
        }
    }
}


static consent_decode_e
consent_decode_zstd_failed(consent_decode_t *d, consent_decode_io_t *io,
    size_t rc)
{
    ZSTD_ErrorCode  code;

    code = ZSTD_getErrorCode(rc);

    if (code == ZSTD_error_prefix_unknown) {
        return consent_decode_zstd_other(d, io);
    }

    if (code == ZSTD_error_frameParameter_windowTooLarge) {
        return consent_decode_error(d, "has a window of more than 8 MB");
    }

    if (code == ZSTD_error_dictionary_wrong) {
        return consent_decode_error(d, "needs a dictionary");
    }

    if (code == ZSTD_error_memory_allocation) {
        return consent_decode_error(d, "needs more memory than there is");
    }

    return consent_decode_error(d, "is not valid");
}


/*
 * Not a frame.  The library may also read the formats from before the one
 * that was published, but with memory of its own and as much as it likes.
 */

static consent_decode_e
consent_decode_zstd_other(consent_decode_t *d, consent_decode_io_t *io)
{
    consent_decode_zstd_t  *z = d->state;

    if (!z->frames) {
        return consent_decode_error(d, "is not valid");
    }

    d->whole = 1;
    d->dropped += z->since;

    return consent_decode_drop(d, io);
}


static void *
consent_decode_zstd_alloc(void *data, size_t size)
{
    consent_decode_t *d = data;

    return d->heap.alloc(d->heap.data, size);
}


static void
consent_decode_zstd_free(void *data, void *p)
{
    consent_decode_t *d = data;

    if (p) {
        d->heap.release(d->heap.data, p);
    }
}


#else


/* ISO C wants something in every file */

typedef int  consent_decode_no_zstd_t;


#endif
