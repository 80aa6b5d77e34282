/*
 * Copyright (C) ngx_consent_module authors
 *
 * The names of content codings (RFC 9110, section 8.4): which one a response
 * has, and which ones may be asked for.
 */


#ifndef CONSENT_CODING_H
#define CONSENT_CODING_H


#include "consent_str.h"


typedef enum {
    CONSENT_CODING_IDENTITY = 0,
    CONSENT_CODING_GZIP,                /* RFC 1952 */
    CONSENT_CODING_DEFLATE,             /* RFC 1950; many send RFC 1951 */
    CONSENT_CODING_BROTLI,              /* RFC 7932 */
    CONSENT_CODING_ZSTD,                /* RFC 8878, 9659 */
    CONSENT_CODING_OTHER                /* unknown, not built in, several */
} consent_coding_e;


/* how much consent_coding_accept() may write for a value of that length */

#define CONSENT_CODING_ACCEPT(len)  (2 * (len) + sizeof("identity") - 1)


/*
 * The coding of a response after one more Content-Encoding line: coding is
 * what the lines before said, CONSENT_CODING_IDENTITY for the first.
 */

consent_coding_e consent_coding_add(consent_coding_e coding,
    consent_str_t value);

/*
 * An Accept-Encoding value without what cannot be read here: codings that
 * are unknown or not built in, and "*".  Weights stay as they are.  Returns
 * the length of what was written to dst.  Nothing left is "identity".
 */

size_t consent_coding_accept(uint8_t *dst, consent_str_t value);


#endif /* CONSENT_CODING_H */
