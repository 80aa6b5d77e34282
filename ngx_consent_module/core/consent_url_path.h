/*
 * Copyright (C) ngx_consent_module authors
 *
 * A part of the URL parser: what follows the host.  Also the reading that
 * all of the parser shares.
 */


#ifndef CONSENT_URL_PATH_H
#define CONSENT_URL_PATH_H


#include "consent_str.h"


/* the input that is left; TAB, LF and CR in it are not there */

typedef struct {
    const uint8_t  *pos;
    const uint8_t  *end;
} consent_url_reader_t;


/*
 * Path and query being written.  As soon as a segment does not fit, cut is
 * where it began, and the segments from there on are only counted, because
 * ".." may take them away again.
 */

typedef struct {
    uint8_t        *root;       /* the first "/" */
    uint8_t        *pos;
    uint8_t        *end;
    uint8_t        *part;       /* the segment or query being written */
    uint8_t        *cut;        /* NULL: everything fitted */
    size_t          lost;       /* segments closed by "/" since cut */
    unsigned        truncated:1;
} consent_url_path_t;


/* writes the "/" that every path begins with; root < end */

void consent_url_path_init(consent_url_path_t *path, uint8_t *root,
    uint8_t *end);

/*
 * Read segments behind a "/" up to the query or fragment, and a query if one
 * follows, up to the fragment.  Segments continue what was read before if
 * that ended with "/".
 */

void consent_url_path_read(consent_url_path_t *path,
    consent_url_reader_t *reader);
void consent_url_path_query(consent_url_path_t *path,
    consent_url_reader_t *reader);


/* the next byte that counts, or -1 */

static inline int
consent_url_peek(consent_url_reader_t *reader)
{
    uint8_t  c;

    for ( /* void */ ; reader->pos < reader->end; reader->pos++) {
        c = *reader->pos;

        if (c != '\t' && c != '\n' && c != '\r') {
            return c;
        }
    }

    return -1;
}


static inline int
consent_url_is_slash(int c)
{
    return c == '/' || c == '\\';
}


#endif /* CONSENT_URL_PATH_H */
