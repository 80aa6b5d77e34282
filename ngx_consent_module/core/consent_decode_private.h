/*
 * Copyright (C) ngx_consent_module authors
 *
 * What the decoders of the single codings share.
 */


#ifndef CONSENT_DECODE_PRIVATE_H
#define CONSENT_DECODE_PRIVATE_H


#include "consent_decode.h"


/* a coding: init() returns 0, or -1 if memory is short */

typedef struct {
    int                 (*init)(consent_decode_t *d);
    consent_decode_e    (*run)(consent_decode_t *d, consent_decode_io_t *io);
    void                (*done)(consent_decode_t *d);
} consent_decoder_t;


struct consent_decode_s {
    consent_heap_t            heap;
    const consent_decoder_t  *decoder;
    void                     *state;        /* of the decoder; NULL before
                                               init() */
    uint64_t                  dropped;
    const char               *reason;
    consent_coding_e          coding;

    unsigned                  started:1;    /* there was input */
    unsigned                  whole:1;      /* it may end here */
    unsigned                  ended:1;      /* nothing more is read */
};


extern const consent_decoder_t  consent_decode_zlib;    /* gzip, deflate */

#ifdef CONSENT_BROTLI
extern const consent_decoder_t  consent_decode_brotli;
#endif

#ifdef CONSENT_ZSTD
extern const consent_decoder_t  consent_decode_zstd;
#endif


/* the rest of the input comes after the end */

consent_decode_e consent_decode_drop(consent_decode_t *d,
    consent_decode_io_t *io);

consent_decode_e consent_decode_error(consent_decode_t *d, const char *reason);


#endif /* CONSENT_DECODE_PRIVATE_H */
