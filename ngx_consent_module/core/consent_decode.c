/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_decode_private.h"


static const consent_decoder_t *consent_decode_find(consent_coding_e coding);


consent_decode_t *
consent_decode_create(consent_coding_e coding, const consent_heap_t *heap)
{
    consent_decode_t         *d;
    const consent_decoder_t  *decoder;

    decoder = consent_decode_find(coding);

    if (decoder == NULL) {
        return NULL;
    }

    d = heap->alloc(heap->data, sizeof(consent_decode_t));
    if (d == NULL) {
        return NULL;
    }

    memset(d, 0, sizeof(consent_decode_t));

    d->heap = *heap;
    d->decoder = decoder;
    d->coding = coding;

    if (decoder->init(d) != 0) {
        consent_decode_destroy(d);
        return NULL;
    }

    return d;
}


static const consent_decoder_t *
consent_decode_find(consent_coding_e coding)
{
    switch (coding) {

    case CONSENT_CODING_GZIP:
    case CONSENT_CODING_DEFLATE:
        return &consent_decode_zlib;

    case CONSENT_CODING_BROTLI:
#ifdef CONSENT_BROTLI
        return &consent_decode_brotli;
#else
        return NULL;
#endif

    case CONSENT_CODING_ZSTD:
#ifdef CONSENT_ZSTD
        return &consent_decode_zstd;
#else
        return NULL;
#endif

    case CONSENT_CODING_IDENTITY:
    case CONSENT_CODING_OTHER:
        break;
    }

    return NULL;
}


void
consent_decode_destroy(consent_decode_t *d)
{
    consent_heap_t  heap;

    d->decoder->done(d);

    heap = d->heap;
    heap.release(heap.data, d);
}


consent_decode_e
consent_decode(consent_decode_t *d, consent_decode_io_t *io)
{
    if (io->in != io->in_end) {
        d->started = 1;

    } else if (!d->started) {
        return CONSENT_DECODE_MORE;
    }

    if (d->ended) {
        return consent_decode_drop(d, io);
    }

    return d->decoder->run(d, io);
}


int
consent_decode_finish(consent_decode_t *d)
{
    if (!d->started || d->whole) {
        return 0;
    }

    d->reason = "ends too early";

    return -1;
}


const char *
consent_decode_reason(const consent_decode_t *d)
{
    return d->reason;
}


uint64_t
consent_decode_dropped(const consent_decode_t *d)
{
    return d->dropped;
}


consent_decode_e
consent_decode_drop(consent_decode_t *d, consent_decode_io_t *io)
{
    d->ended = 1;
    d->dropped += (uint64_t) (io->in_end - io->in);
    io->in = io->in_end;

    return CONSENT_DECODE_MORE;
}


consent_decode_e
consent_decode_error(consent_decode_t *d, const char *reason)
{
    d->reason = reason;

    return CONSENT_DECODE_ERROR;
}
