/*
 * Copyright (C) ngx_consent_module authors
 *
 * A shortcut of the scanner: the end of an ordinary tag, 64 bytes at a time.
 */


#ifndef CONSENT_HTML_FAST_H
#define CONSENT_HTML_FAST_H


#include "consent_str.h"


typedef struct {
    size_t          name_len;
    unsigned        self_closing;
    unsigned        suspect;        /* an attribute may be one that fetches on
                                       any element */
} consent_html_fast_t;


/*
 * tag is the "<" of a tag whose name begins at name.  Returns what is behind
 * its ">", or NULL if the tag is not an ordinary one: each value in double
 * quotes, right behind its "=", and the end at some distance before end.
 */

typedef const uint8_t *(*consent_html_fast_pt)(consent_html_fast_t *fast,
    const uint8_t *tag, const uint8_t *name, const uint8_t *end);


/* the best that this processor can, or NULL */

consent_html_fast_pt consent_html_fast(void);

/* for tests: number n of all that this processor can, NULL behind the last */

consent_html_fast_pt consent_html_fast_nth(unsigned n);


#endif /* CONSENT_HTML_FAST_H */
