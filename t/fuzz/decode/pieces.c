/*
 * Copyright (C) ngx_consent_module authors
 *
 * Decoders of content codings: the first byte chooses one, the others are a
 * body.  Neither the output nor the verdict depend on the cuts or the sizes
 * of buffers, no call is in vain, and all memory is given back.
 */


#include "consent_decode.h"
#include "fuzz.h"


#define MAX_OUTPUT  (256 * 1024)
#define MAX_BUFFER  4096


typedef struct {
    uint8_t            data[MAX_OUTPUT];
    size_t             len;
    consent_decode_e   rc;
    int                whole;
    uint64_t           dropped;
} output_t;


static void decode(output_t *out, consent_coding_e coding,
    const uint8_t *data, size_t size, uint32_t *cuts);
static void feed(output_t *out, consent_decode_t *d, const uint8_t *piece,
    size_t len, uint32_t *cuts);
static void *heap_alloc(void *data, size_t size);
static void heap_release(void *data, void *p);


static const consent_heap_t  heap = { heap_alloc, heap_release, NULL };

static size_t  blocks;


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t            len;
    uint32_t          cuts;
    consent_coding_e  coding;
    static output_t   whole, cut;

    if (size == 0) {
        return 0;
    }

    coding = (consent_coding_e) (CONSENT_CODING_GZIP + data[0] % 4);
    cuts = fuzz_hash(data, size);

    decode(&whole, coding, data + 1, size - 1, NULL);
    decode(&cut, coding, data + 1, size - 1, &cuts);

    /* how much comes out before an error or the end is the library's choice */

    len = (whole.len < cut.len) ? whole.len : cut.len;

    FUZZ_CHECK(memcmp(whole.data, cut.data, len) == 0);

    if (len < MAX_OUTPUT) {
        FUZZ_CHECK(whole.rc == cut.rc);
        FUZZ_CHECK(whole.whole == cut.whole);
    }

    if (whole.whole) {
        FUZZ_CHECK(whole.len == cut.len);
        FUZZ_CHECK(whole.dropped == cut.dropped);
    }

    FUZZ_CHECK(blocks == 0);

    return 0;
}


static void
decode(output_t *out, consent_coding_e coding, const uint8_t *data,
    size_t size, uint32_t *cuts)
{
    size_t             n, pos;
    uint8_t           *piece;
    consent_decode_t  *d;

    out->len = 0;
    out->rc = CONSENT_DECODE_MORE;
    out->whole = 0;
    out->dropped = 0;

    d = consent_decode_create(coding, &heap);

    if (d == NULL) {
        return;
    }

    for (pos = 0; pos < size && out->rc == CONSENT_DECODE_MORE; pos += n) {
        n = size - pos;

        if (cuts && n > 1) {
            n = 1 + fuzz_random(cuts) % n % 40;
        }

        piece = fuzz_copy(data + pos, n);
        feed(out, d, piece, n, cuts);
        free(piece);
    }

    if (out->rc == CONSENT_DECODE_MORE) {
        out->whole = (consent_decode_finish(d) == 0);
        FUZZ_CHECK(out->whole || consent_decode_reason(d) != NULL);
        out->dropped = consent_decode_dropped(d);

    } else if (out->rc == CONSENT_DECODE_ERROR) {
        FUZZ_CHECK(consent_decode_reason(d) != NULL);
    }

    consent_decode_destroy(d);
}


/* leaves FULL if there was more output than anybody wants to see */

static void
feed(output_t *out, consent_decode_t *d, const uint8_t *piece, size_t len,
    uint32_t *cuts)
{
    size_t                room, n;
    uint8_t              *buffer;
    consent_decode_io_t   io;

    io.in = piece;
    io.in_end = piece + len;

    do {
        room = cuts ? 1 + fuzz_random(cuts) % MAX_BUFFER : MAX_BUFFER;

        buffer = malloc(room);
        if (buffer == NULL) {
            abort();
        }

        io.out = buffer;
        io.out_end = buffer + room;

        out->rc = consent_decode(d, &io);

        FUZZ_CHECK(io.in >= piece && io.in <= io.in_end);
        FUZZ_CHECK(io.out >= buffer && io.out <= io.out_end);

        if (out->rc == CONSENT_DECODE_MORE) {
            FUZZ_CHECK(io.in == io.in_end);
        }

        if (out->rc == CONSENT_DECODE_FULL) {
            FUZZ_CHECK(io.out == io.out_end);
        }

        n = (size_t) (io.out - buffer);

        if (n > MAX_OUTPUT - out->len) {
            n = MAX_OUTPUT - out->len;
        }

        memcpy(out->data + out->len, buffer, n);
        out->len += n;

        free(buffer);

    } while (out->rc == CONSENT_DECODE_FULL && out->len < MAX_OUTPUT);
}


static void *
heap_alloc(void *data, size_t size)
{
    void  *p;

    (void) data;

    p = malloc(size ? size : 1);

    if (p) {
        blocks++;
    }

    return p;
}


static void
heap_release(void *data, void *p)
{
    (void) data;

    blocks--;
    free(p);
}
