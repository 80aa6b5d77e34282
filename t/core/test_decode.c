/*
 * Copyright (C) ngx_consent_module authors
 *
 * Decoders of content codings: every cut, every truncation, every size of
 * the output buffer, damage, what comes after the end, memory.
 */


#include <zlib.h>

#ifdef CONSENT_ZSTD
#include <zstd.h>
#endif

#include "consent_decode.h"
#include "tap.h"


#define TEXT        2048
#define ENCODED     8192
#define PIECE       16384
#define BOMB        (64 * 1024 * 1024)
#define MANY        1000            /* allocations that no decoder makes */

/* what consent_decode.h says a decoder needs */

#define ZLIB_NEEDS  (64 * 1024)
#define ZSTD_NEEDS  (9 * 1024 * 1024)

#define nelts(a)  (sizeof(a) / sizeof((a)[0]))


typedef enum {
    FAILED = -1,
    SHORT = 0,
    WHOLE = 1
} result_e;


typedef struct {
    const char        *name;
    size_t             len;
    size_t             ends[4];         /* lengths that are whole too */
    consent_coding_e   coding;
    unsigned           checked;         /* has a checksum */
    uint8_t            data[ENCODED];
} sample_t;


typedef struct {
    uint8_t            data[TEXT + 1];
    size_t             len;
    uint64_t           dropped;
    const char        *reason;
} output_t;


static void make_text(void);
static void make_samples(void);
static sample_t *new_sample(const char *name, consent_coding_e coding);
static void add_zlib(sample_t *s, int bits, gz_header *header,
    const uint8_t *p, size_t len);
static void add(sample_t *s, const void *p, size_t len);
static void test_sample(sample_t *s);
static void test_damage(sample_t *s);
static void test_dropped(sample_t *s);
static void test_memory(sample_t *s);
static void test_bomb(void);
static void test_empty(void);
static void test_refused(void);
static result_e decode(const sample_t *s, size_t len, size_t cut, size_t room,
    output_t *out);
static int feed(consent_decode_t *d, const uint8_t *p, size_t len,
    size_t room, output_t *out);
static int matches(const output_t *out);
static void *heap_alloc(void *data, size_t size);
static void heap_release(void *data, void *p);


static const consent_heap_t  heap = { heap_alloc, heap_release, NULL };

static size_t    heap_used, heap_peak, heap_blocks;
static size_t    heap_allow = MANY;     /* allocations for one decoder */
static size_t    heap_left;

static uint8_t   text[TEXT];
static size_t    text_len;
static sample_t  samples[16];
static size_t    nsamples;

#ifdef CONSENT_BROTLI

/* of the text that make_text() makes */

static const uint8_t  brotli_sample[] = {
    0x1f, 0x0b, 0x05, 0x60, 0xe4, 0xb3, 0x51, 0x8c, 0xfc, 0xc9, 0xa4, 0x2e,
    0x88, 0xe6, 0xf6, 0x40, 0x4d, 0x0e, 0x40, 0x7e, 0xa7, 0xf2, 0x8b, 0x03,
    0x49, 0x28, 0xa0, 0x20, 0x91, 0x04, 0x21, 0x4f, 0xd9, 0x94, 0x84, 0x60,
    0x9a, 0xf0, 0xed, 0x8b, 0x11, 0x10, 0x5a, 0xfe, 0x78, 0xe3, 0x50, 0xa0,
    0x17, 0xe6, 0xdb, 0xe9, 0x0f, 0x22, 0x8c, 0x9a, 0xbd, 0xc4, 0x09, 0x38,
    0x56, 0x86, 0x18, 0x66, 0x84, 0x51, 0xc6, 0x74, 0x7f, 0xc1, 0x35, 0x01
};

#endif


int
main(void)
{
    size_t  i;

    make_text();
    make_samples();

    for (i = 0; i < nsamples; i++) {
        test_sample(&samples[i]);
        test_damage(&samples[i]);
        test_dropped(&samples[i]);
        test_memory(&samples[i]);
    }

    test_bomb();
    test_empty();
    test_refused();

    is_int((long long) heap_blocks, 0, "all memory was given back");

    return done_testing();
}


static void
make_text(void)
{
    int     i;
    size_t  room;
    char   *p;

    p = (char *) text;
    room = sizeof(text);

    p += snprintf(p, room, "<!DOCTYPE html><title>t</title>\n");

    for (i = 0; i < 30; i++) {
        p += snprintf(p, room - (size_t) (p - (char *) text),
                      "<p class=a%d>some text, some more text</p>\n", i % 7);
    }

    text_len = (size_t) (p - (char *) text);
}


static void
make_samples(void)
{
    size_t     half;
    sample_t  *s;
    gz_header  header;

    static Bytef  name[] = "index.html", comment[] = "a page";

    half = text_len / 2;

    s = new_sample("gzip", CONSENT_CODING_GZIP);
    add_zlib(s, MAX_WBITS + 16, NULL, text, text_len);
    s->checked = 1;

    s = new_sample("gzip with all header fields", CONSENT_CODING_GZIP);

    memset(&header, 0, sizeof(gz_header));
    header.extra = text;
    header.extra_len = 300;
    header.name = name;
    header.comment = comment;
    header.hcrc = 1;

    add_zlib(s, MAX_WBITS + 16, &header, text, text_len);
    s->checked = 1;

    s = new_sample("gzip, three members", CONSENT_CODING_GZIP);
    add_zlib(s, MAX_WBITS + 16, NULL, text, half);
    s->ends[0] = s->len;
    s->ends[1] = s->len + 1;
    add_zlib(s, MAX_WBITS + 16, NULL, text, 0);
    s->ends[2] = s->len;
    s->ends[3] = s->len + 1;
    add_zlib(s, MAX_WBITS + 16, NULL, text + half, text_len - half);

    s = new_sample("deflate, zlib format", CONSENT_CODING_DEFLATE);
    add_zlib(s, MAX_WBITS, NULL, text, text_len);
    s->checked = 1;

    s = new_sample("deflate, small window", CONSENT_CODING_DEFLATE);
    add_zlib(s, 9, NULL, text, text_len);
    s->checked = 1;

    s = new_sample("deflate, bare", CONSENT_CODING_DEFLATE);
    add_zlib(s, -MAX_WBITS, NULL, text, text_len);

#ifdef CONSENT_BROTLI
    s = new_sample("br", CONSENT_CODING_BROTLI);
    add(s, brotli_sample, sizeof(brotli_sample));
#endif

#ifdef CONSENT_ZSTD
    s = new_sample("zstd", CONSENT_CODING_ZSTD);
    s->len = ZSTD_compress(s->data, ENCODED, text, text_len, 3);

    s = new_sample("zstd, two frames and one to skip", CONSENT_CODING_ZSTD);
    s->len = ZSTD_compress(s->data, ENCODED, text, half, 3);
    s->ends[0] = s->len;
    add(s, "\x50\x2a\x4d\x18\x05\0\0\0hello", 13);
    s->ends[1] = s->len;
    s->len += ZSTD_compress(s->data + s->len, ENCODED - s->len, text + half,
                            text_len - half, 3);
#endif
}


static sample_t *
new_sample(const char *name, consent_coding_e coding)
{
    sample_t  *s;

    s = &samples[nsamples++];
    s->name = name;
    s->coding = coding;

    return s;
}


static void
add_zlib(sample_t *s, int bits, gz_header *header, const uint8_t *p,
    size_t len)
{
    z_stream  z;

    memset(&z, 0, sizeof(z_stream));

    if (deflateInit2(&z, 9, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY) != Z_OK
        || (header && deflateSetHeader(&z, header) != Z_OK))
    {
        abort();
    }

    z.next_in = (Bytef *) (uintptr_t) p;
    z.avail_in = (uInt) len;
    z.next_out = s->data + s->len;
    z.avail_out = (uInt) (ENCODED - s->len);

    if (deflate(&z, Z_FINISH) != Z_STREAM_END) {
        abort();
    }

    s->len = (size_t) (z.next_out - s->data);

    (void) deflateEnd(&z);
}


static void
add(sample_t *s, const void *p, size_t len)
{
    memcpy(s->data + s->len, p, len);
    s->len += len;
}


static void
test_sample(sample_t *s)
{
    int              good, cuts, shorts;
    size_t           i, j, len;
    result_e         want;
    static output_t  out;

    static const size_t  rooms[] = { 1, 2, 7, 64, TEXT };

    good = 1;

    for (i = 0; i < nelts(rooms); i++) {
        good &= decode(s, s->len, 0, rooms[i], &out) == WHOLE
                && matches(&out) && out.len == text_len;
        good &= decode(s, s->len, 1, rooms[i], &out) == WHOLE
                && matches(&out) && out.len == text_len;
    }

    ok(good, "%s: buffers of any size", s->name);

    cuts = 1;

    for (i = 2; i < s->len; i++) {
        cuts &= decode(s, s->len, i, TEXT, &out) == WHOLE
                && matches(&out) && out.len == text_len;
    }

    ok(cuts, "%s: in pieces of any size", s->name);

    shorts = 1;

    for (len = 1; len < s->len; len++) {
        want = SHORT;

        for (j = 0; j < nelts(s->ends); j++) {
            if (s->ends[j] == len) {
                want = WHOLE;
            }
        }

        /* a zstd frame cannot be told from what comes after the end before */

        if (s->ends[0] && s->coding == CONSENT_CODING_ZSTD
            && ((len > s->ends[0] && len < s->ends[0] + 4)
                || (len > s->ends[1] && len < s->ends[1] + 4)))
        {
            want = WHOLE;
        }

        if (decode(s, len, 1 + len % 5, 1 + len % 50, &out) != want
            || !matches(&out))
        {
            diag("%s: %d of %d bytes", s->name, (int) len, (int) s->len);
            shorts = 0;
        }
    }

    ok(shorts, "%s: ended too early anywhere", s->name);
}


/* whatever the bytes are: no crash, and no other text that says it is whole */

static void
test_damage(sample_t *s)
{
    int              good;
    size_t           i;
    uint8_t          byte;
    result_e         rc;
    static output_t  out;

    good = 1;

    for (i = 0; i < s->len * 2; i++) {
        byte = s->data[i / 2];
        s->data[i / 2] ^= (i % 2) ? 0x01 : 0x90;

        rc = decode(s, s->len, 1 + i % 97, 1 + i % 61, &out);

        if (rc == WHOLE && s->checked && !matches(&out)) {
            good = 0;
        }

        if (rc != WHOLE && out.reason == NULL) {
            good = 0;
        }

        s->data[i / 2] = byte;
    }

    ok(good, "%s: damaged anywhere", s->name);
}


static void
test_dropped(sample_t *s)
{
    size_t           i, len;
    static output_t  out;

    static const consent_str_t  rests[] = {
        consent_str("\0\0\0\0\0\0"),
        consent_str("\n"),
        consent_str("<script src=https://x.example></script>"),
        consent_str("\x1f"),
        consent_str("\x1fno")
    };

    len = s->len;

    for (i = 0; i < nelts(rests); i++) {
        add(s, rests[i].data, rests[i].len);

        ok(decode(s, s->len, 3, 100, &out) == WHOLE && matches(&out)
           && out.len == text_len, "%s: a rest is dropped (%d)", s->name,
           (int) i);

        /* one byte might have been the beginning of something */

        if (rests[i].len > 3) {
            is_int((long long) out.dropped, (long long) rests[i].len,
                   "%s: and counted", s->name);
        }

        s->len = len;
    }
}


static void
test_memory(sample_t *s)
{
    int              good, n;
    result_e         rc;
    static output_t  out;

    good = 1;

    for (n = 0; n < MANY; n++) {
        heap_allow = (size_t) n;

        rc = decode(s, s->len, 64, TEXT, &out);

        if (heap_left) {
            good &= rc == WHOLE;
            break;
        }

        if (rc == WHOLE && n < 2) {
            good = 0;
        }
    }

    heap_allow = MANY;

    ok(good && heap_blocks == 0, "%s: memory short at any time", s->name);
}


static void
test_bomb(void)
{
    size_t                len, total;
    z_stream              z;
    consent_decode_t     *d;
    consent_decode_e      rc;
    consent_decode_io_t   io;

    static uint8_t  encoded[BOMB / 1000 + 4096], piece[PIECE];

    memset(&z, 0, sizeof(z_stream));

    if (deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK)
    {
        abort();
    }

    z.next_out = encoded;
    z.avail_out = sizeof(encoded);

    for (total = 0; total < BOMB; total += PIECE) {
        z.next_in = piece;
        z.avail_in = PIECE;
        (void) deflate(&z, Z_NO_FLUSH);
    }

    if (deflate(&z, Z_FINISH) != Z_STREAM_END) {
        abort();
    }

    len = (size_t) (z.next_out - encoded);
    (void) deflateEnd(&z);

    heap_peak = 0;
    total = 0;

    heap_left = MANY;

    d = consent_decode_create(CONSENT_CODING_GZIP, &heap);
    if (d == NULL) {
        abort();
    }

    io.in = encoded;
    io.in_end = encoded + len;

    do {
        io.out = piece;
        io.out_end = piece + PIECE;

        rc = consent_decode(d, &io);

        total += (size_t) (io.out - piece);

    } while (rc == CONSENT_DECODE_FULL);

    ok(rc == CONSENT_DECODE_MORE && consent_decode_finish(d) == 0
       && total == BOMB, "bomb: %d bytes out of %d", BOMB, (int) len);
    ok(heap_peak < ZLIB_NEEDS, "bomb: in %d bytes of memory",
       (int) heap_peak);

    consent_decode_destroy(d);
}


static void
test_empty(void)
{
    size_t            i;
    static output_t   out;
    static sample_t   s;

    for (i = 0; i < nsamples; i++) {
        s = samples[i];

        ok(decode(&s, 0, 0, 10, &out) == WHOLE && out.len == 0,
           "%s: no bytes at all", s.name);
    }
}


static void
test_refused(void)
{
    static output_t  out;
    static sample_t  s;

    s.coding = CONSENT_CODING_GZIP;
    s.len = 0;
    add(&s, text, text_len);

    ok(decode(&s, s.len, 0, 100, &out) == FAILED && out.len == 0,
       "gzip: plain text");

    s.coding = CONSENT_CODING_DEFLATE;
    s.len = 0;
    add(&s, "\x78\xbb\0\0\0\1\0\0", 8);

    ok(decode(&s, s.len, 0, 100, &out) == FAILED, "deflate: a dictionary");
    is_str(out.reason, strlen(out.reason), "needs a dictionary",
           "deflate: which is said");

#ifdef CONSENT_ZSTD

    /* magic, no single segment, window of 2^24, an empty last block */

    s.coding = CONSENT_CODING_ZSTD;
    s.len = 0;
    add(&s, "\x28\xb5\x2f\xfd\x00\x70\x01\0\0", 9);

    ok(decode(&s, s.len, 0, 100, &out) == FAILED, "zstd: a window of 16 MB");
    is_str(out.reason, strlen(out.reason), "has a window of more than 8 MB",
           "zstd: which is said");

    s.data[0] = 0x25;

    ok(decode(&s, s.len, 0, 100, &out) == FAILED, "zstd: an older format");

    s.data[0] = 0x28;
    s.data[5] = 0x68;
    heap_peak = 0;

    ok(decode(&s, s.len, 0, 100, &out) == WHOLE, "zstd: a window of 8 MB");
    ok(heap_peak < ZSTD_NEEDS, "zstd: in %d bytes of memory",
       (int) heap_peak);

#endif

    ok(consent_decode_create(CONSENT_CODING_OTHER, &heap) == NULL,
       "other codings have no decoder");
}


/* cut: the size of the pieces, 0 for one; room: of the output buffer */

static result_e
decode(const sample_t *s, size_t len, size_t cut, size_t room, output_t *out)
{
    size_t             pos, n;
    result_e           rc;
    consent_decode_t  *d;

    out->len = 0;
    out->reason = "memory";
    out->dropped = 0;

    heap_left = heap_allow;

    d = consent_decode_create(s->coding, &heap);
    if (d == NULL) {
        return FAILED;
    }

    rc = WHOLE;

    for (pos = 0; pos < len && rc == WHOLE; pos += n) {
        n = (cut && cut < len - pos) ? cut : len - pos;

        if (feed(d, s->data + pos, n, room, out) != 0) {
            rc = FAILED;
        }
    }

    if (rc == WHOLE && consent_decode_finish(d) != 0) {
        rc = SHORT;
    }

    out->dropped = consent_decode_dropped(d);
    out->reason = consent_decode_reason(d);

    consent_decode_destroy(d);

    return rc;
}


/* copies are of the exact size, so that a sanitizer sees what is beyond */

static int
feed(consent_decode_t *d, const uint8_t *p, size_t len, size_t room,
    output_t *out)
{
    int                   rc;
    size_t                n;
    uint8_t              *in, *piece;
    consent_decode_e      e;
    consent_decode_io_t   io;

    in = malloc(len);
    piece = malloc(room);

    if (in == NULL || piece == NULL) {
        abort();
    }

    memcpy(in, p, len);

    io.in = in;
    io.in_end = in + len;
    rc = 0;

    do {
        io.out = piece;
        io.out_end = piece + room;

        e = consent_decode(d, &io);

        n = (size_t) (io.out - piece);

        if (n > TEXT - out->len) {
            n = TEXT - out->len;
        }

        memcpy(out->data + out->len, piece, n);
        out->len += n;

        if (e == CONSENT_DECODE_ERROR
            || (e == CONSENT_DECODE_MORE && io.in != io.in_end))
        {
            rc = -1;
            break;
        }

    } while (e == CONSENT_DECODE_FULL);

    free(in);
    free(piece);

    return rc;
}


/* what came out is the beginning of the text */

static int
matches(const output_t *out)
{
    return out->len <= text_len && memcmp(out->data, text, out->len) == 0;
}


static void *
heap_alloc(void *data, size_t size)
{
    size_t  *block;

    (void) data;

    if (heap_left == 0) {
        return NULL;
    }

    heap_left--;

    block = malloc(sizeof(max_align_t) + size);
    if (block == NULL) {
        return NULL;
    }

    *block = size;
    heap_blocks++;
    heap_used += size;

    if (heap_used > heap_peak) {
        heap_peak = heap_used;
    }

    return (char *) block + sizeof(max_align_t);
}


static void
heap_release(void *data, void *p)
{
    size_t  *block;

    (void) data;

    block = (size_t *) (void *) ((char *) p - sizeof(max_align_t));

    heap_blocks--;
    heap_used -= *block;

    free(block);
}
