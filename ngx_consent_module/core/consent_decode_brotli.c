/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_decode_private.h"


#ifdef CONSENT_BROTLI


#include <brotli/decode.h>


static int consent_decode_brotli_init(consent_decode_t *d);
static consent_decode_e consent_decode_brotli_run(consent_decode_t *d,
    consent_decode_io_t *io);
static void consent_decode_brotli_done(consent_decode_t *d);

static void *consent_decode_brotli_alloc(void *data, size_t size);
static void consent_decode_brotli_free(void *data, void *p);


const consent_decoder_t  consent_decode_brotli = {
    consent_decode_brotli_init,
    consent_decode_brotli_run,
    consent_decode_brotli_done
};


static int
consent_decode_brotli_init(consent_decode_t *d)
{
    /* windows over 16 MB ("large window") are off unless asked for */

    d->state = BrotliDecoderCreateInstance(consent_decode_brotli_alloc,
                                           consent_decode_brotli_free, d);

    return d->state ? 0 : -1;
}


static void
consent_decode_brotli_done(consent_decode_t *d)
{
    if (d->state) {
        BrotliDecoderDestroyInstance(d->state);
    }
}


static consent_decode_e
consent_decode_brotli_run(consent_decode_t *d, consent_decode_io_t *io)
{
    size_t               avail_in, avail_out;
    BrotliDecoderResult  rc;

    avail_in = (size_t) (io->in_end - io->in);
    avail_out = (size_t) (io->out_end - io->out);

    rc = BrotliDecoderDecompressStream(d->state, &avail_in, &io->in,
                                       &avail_out, &io->out, NULL);

    switch (rc) {

    case BROTLI_DECODER_RESULT_SUCCESS:
        d->whole = 1;
        return consent_decode_drop(d, io);

    case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:
        return CONSENT_DECODE_MORE;

    case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT:
        return CONSENT_DECODE_FULL;

    case BROTLI_DECODER_RESULT_ERROR:
        break;
    }

    if (BrotliDecoderGetErrorCode(d->state)
        <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES)
    {
        return consent_decode_error(d, "needs more memory than there is");
    }

    return consent_decode_error(d, "is not valid");
}


static void *
consent_decode_brotli_alloc(void *data, size_t size)
{
    consent_decode_t *d = data;

    return d->heap.alloc(d->heap.data, size);
}


static void
consent_decode_brotli_free(void *data, void *p)
{
    consent_decode_t *d = data;

    if (p) {
        d->heap.release(d->heap.data, p);
    }
}


#else


/* ISO C wants something in every file */

typedef int  consent_decode_no_brotli_t;


#endif
