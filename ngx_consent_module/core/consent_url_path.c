/*
 * Copyright (C) ngx_consent_module authors
 *
 * Paths and queries as the WHATWG URL standard serialises them: dot segments
 * resolved, "\\" turned into "/", and percent-encoded what has to be.  The
 * time is linear in the input, however little of it is kept.
 */


#include "consent_url_path.h"


/* what a byte is for the parts of a URL behind the host */

#define SKIP       0x01     /* TAB, LF, CR: not there at all */
#define PATH_END   0x02     /* ends a segment */
#define PATH_ENC   0x04     /* percent-encoded in a path */
#define QUERY_END  0x08
#define QUERY_ENC  0x10     /* percent-encoded in a query */

#define ENC        (PATH_ENC|QUERY_ENC)
#define SLASH      PATH_END
#define HASH       (PATH_END|QUERY_END)


static int consent_url_path_dots(consent_url_reader_t *reader);
static int consent_url_path_dot(consent_url_reader_t *reader);
static void consent_url_path_close(consent_url_path_t *path);
static void consent_url_path_up(consent_url_path_t *path);
static void consent_url_path_text(consent_url_path_t *path,
    consent_url_reader_t *reader, unsigned stop, unsigned encode);


/* bytes from 0x80 on are all ENC */

static const uint8_t  consent_url_path_bytes[128] = {
    ENC, ENC, ENC, ENC, ENC, ENC, ENC, ENC,
    ENC, SKIP, SKIP, ENC, ENC, SKIP, ENC, ENC,
    ENC, ENC, ENC, ENC, ENC, ENC, ENC, ENC,
    ENC, ENC, ENC, ENC, ENC, ENC, ENC, ENC,

    /*     !    "    #     $  %  &  '          (  )  *  +  ,  -  .  / */

    ENC,   0,   ENC, HASH, 0, 0, 0, QUERY_ENC, 0, 0, 0, 0, 0, 0, 0, SLASH,

    /* 0 1  2  3  4  5  6  7    8  9  :  ;  <    =  >    ? */

    0, 0,   0, 0, 0, 0, 0, 0,   0, 0, 0, 0, ENC, 0, ENC, PATH_END,

    /* @ A  B  C  D  E  F  G    H  I  J  K  L  M  N  O */

    0, 0,   0, 0, 0, 0, 0, 0,   0, 0, 0, 0, 0, 0, 0, 0,

    /* P Q  R  S  T  U  V  W    X  Y  Z  [  \      ]  ^         _ */

    0, 0,   0, 0, 0, 0, 0, 0,   0, 0, 0, 0, SLASH, 0, PATH_ENC, 0,

    /*     a  b  c  d  e  f  g    h  i  j  k  l  m  n  o */

    PATH_ENC, 0, 0, 0, 0, 0, 0, 0,   0, 0, 0, 0, 0, 0, 0, 0,

    /* p q  r  s  t  u  v  w    x  y  z  {         |  }         ~  DEL */

    0, 0,   0, 0, 0, 0, 0, 0,   0, 0, 0, PATH_ENC, 0, PATH_ENC, 0, ENC
};


void
consent_url_path_init(consent_url_path_t *path, uint8_t *root, uint8_t *end)
{
    *root = '/';

    path->root = root;
    path->pos = root + 1;
    path->end = end;
    path->part = path->pos;
    path->cut = NULL;
    path->lost = 0;
    path->truncated = 0;
}


/* "path": what is written always ends with "/" when a segment begins */

void
consent_url_path_read(consent_url_path_t *path, consent_url_reader_t *reader)
{
    int  dots;

    for ( ;; ) {
        dots = consent_url_path_dots(reader);

        if (dots == 2) {
            consent_url_path_up(path);

        } else if (dots == 0) {
            path->part = path->pos;
            consent_url_path_text(path, reader, PATH_END, PATH_ENC);
        }

        if (!consent_url_is_slash(consent_url_peek(reader))) {
            return;
        }

        reader->pos++;

        if (dots == 0) {
            consent_url_path_close(path);
        }
    }
}


/* passes a segment of one or two dots and returns how many they are, or 0 */

static int
consent_url_path_dots(consent_url_reader_t *reader)
{
    int                   c, n;
    consent_url_reader_t  ahead;

    ahead = *reader;

    for (n = 0; n < 2 && consent_url_path_dot(&ahead); n++) {
        /* void */
    }

    if (n == 0) {
        return 0;
    }

    c = consent_url_peek(&ahead);

    if (c >= 0 && !consent_url_is_slash(c) && c != '?' && c != '#') {
        return 0;
    }

    *reader = ahead;

    return n;
}


/* "." or "%2e" */

static int
consent_url_path_dot(consent_url_reader_t *reader)
{
    int                   c;
    consent_url_reader_t  ahead;

    ahead = *reader;
    c = consent_url_peek(&ahead);

    if (c == '%') {
        ahead.pos++;

        if (consent_url_peek(&ahead) != '2') {
            return 0;
        }

        ahead.pos++;
        c = consent_url_peek(&ahead);

        if (c != 'e' && c != 'E') {
            return 0;
        }

    } else if (c != '.') {
        return 0;
    }

    ahead.pos++;
    *reader = ahead;

    return 1;
}


static void
consent_url_path_close(consent_url_path_t *path)
{
    if (path->cut) {
        path->lost++;
        return;
    }

    if (path->pos == path->end) {
        path->cut = path->part;
        path->lost = 1;
        return;
    }

    *path->pos++ = '/';
}


static void
consent_url_path_up(consent_url_path_t *path)
{
    if (path->cut) {

        /* the segment of ".." is open, so that at least one was closed */

        path->lost--;

        if (path->lost == 0) {
            path->pos = path->cut;
            path->cut = NULL;
        }

        return;
    }

    if (path->pos == path->root + 1) {
        return;
    }

    do {
        path->pos--;
    } while (path->pos[-1] != '/');
}


void
consent_url_path_query(consent_url_path_t *path, consent_url_reader_t *reader)
{
    if (consent_url_peek(reader) != '?') {
        return;
    }

    if (path->cut == NULL && path->pos < path->end) {
        path->part = path->pos;
        *path->pos++ = '?';

    } else {
        path->truncated = 1;
        return;
    }

    reader->pos++;

    consent_url_path_text(path, reader, QUERY_END, QUERY_ENC);
}


/* one part of the path, or the query; an escape is never cut in two */

static void
consent_url_path_text(consent_url_path_t *path, consent_url_reader_t *reader,
    unsigned stop, unsigned encode)
{
    uint8_t                c;
    unsigned               kind;
    ptrdiff_t              need;
    static const uint8_t   digits[] = "0123456789ABCDEF";

    for ( /* void */ ; reader->pos < reader->end; reader->pos++) {
        c = *reader->pos;
        kind = (c < 0x80) ? consent_url_path_bytes[c] : ENC;

        if (kind & stop) {
            return;
        }

        if ((kind & SKIP) || path->cut) {
            continue;
        }

        need = (kind & encode) ? 3 : 1;

        if (path->end - path->pos < need) {
            path->cut = path->part;
            path->lost = 0;
            continue;
        }

        if (need == 1) {
            *path->pos++ = c;
            continue;
        }

        *path->pos++ = '%';
        *path->pos++ = digits[c >> 4];
        *path->pos++ = digits[c & 15];
    }
}
