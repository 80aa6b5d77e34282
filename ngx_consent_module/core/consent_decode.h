/*
 * Copyright (C) ngx_consent_module authors
 *
 * Content codings, undone piece by piece: input cut anywhere goes in, output
 * comes out into buffers of the caller, as much at a time as they hold.
 *
 * What a decoder needs itself does not depend on the body:
 *   gzip, deflate  about 50 KB
 *   br             up to 17 MB, as much as the window that the body asks for
 *   zstd           up to 9 MB; larger windows are an error (RFC 9659)
 *
 * Several members (gzip) or frames (zstd) in a row are one body.  What comes
 * after the end and begins no other one is counted and dropped, as browsers
 * do.  A body of no bytes at all is a whole one.
 */


#ifndef CONSENT_DECODE_H
#define CONSENT_DECODE_H


#include "consent_coding.h"


/* memory for one decoder, given back by consent_decode_destroy() */

typedef struct {
    void           *(*alloc)(void *data, size_t size);
    void            (*release)(void *data, void *p);
    void             *data;
} consent_heap_t;


typedef struct {
    const uint8_t    *in;               /* moves on by what was consumed */
    const uint8_t    *in_end;
    uint8_t          *out;              /* moves on by what was written */
    uint8_t          *out_end;
} consent_decode_io_t;


typedef enum {
    CONSENT_DECODE_MORE = 0,            /* all input was consumed */
    CONSENT_DECODE_FULL,                /* call again with room in out, with
                                           or without more input */
    CONSENT_DECODE_ERROR
} consent_decode_e;


typedef struct consent_decode_s  consent_decode_t;


/*
 * coding is one that consent_coding_add() returned, other than identity and
 * OTHER.  NULL: out of memory.
 */

consent_decode_t *consent_decode_create(consent_coding_e coding,
    const consent_heap_t *heap);

void consent_decode_destroy(consent_decode_t *d);

/* out must have room.  After an error only destroy() may be called. */

consent_decode_e consent_decode(consent_decode_t *d, consent_decode_io_t *io);

/* when all input was given and consumed.  -1: the body is not complete */

int consent_decode_finish(consent_decode_t *d);

/* after ERROR or -1: what is wrong, for a message */

const char *consent_decode_reason(const consent_decode_t *d);

/* bytes that were dropped after the end */

uint64_t consent_decode_dropped(const consent_decode_t *d);


#endif /* CONSENT_DECODE_H */
