/*
 * Copyright (C) ngx_consent_module authors
 *
 * The text of a script or style sheet in svg or XML, where it is markup:
 * character references count, CDATA sections are text, and comments and
 * processing instructions are not (HTML standard, 13.2.5; XML 1.0).
 */


#ifndef CONSENT_FOREIGN_H
#define CONSENT_FOREIGN_H


#include "consent_str.h"


/* a longer name is none of a reference that anybody knows */

#define CONSENT_FOREIGN_REF   36

/* the most text that one byte completes */

#define CONSENT_FOREIGN_TEXT  (CONSENT_FOREIGN_REF + 4)


typedef struct {
    uint8_t         state;
    uint8_t         matched;
    uint8_t         raw;        /* bytes read of what is not complete */
    uint8_t         ref[CONSENT_FOREIGN_REF];
} consent_foreign_t;


static inline void
consent_foreign_init(consent_foreign_t *f)
{
    f->state = 0;
    f->matched = 0;
    f->raw = 0;
}


/*
 * Reads c.  Returns how much text is complete with it, in text; *used is 0 if
 * c is to be read once more, since it only ended what came before.
 */

size_t consent_foreign_read(consent_foreign_t *f, uint8_t c,
    uint8_t text[CONSENT_FOREIGN_TEXT], unsigned *used);

/* the end of a run of bytes that are text as they are: p or behind it */

const uint8_t *consent_foreign_plain(const consent_foreign_t *f,
    const uint8_t *p, const uint8_t *end);

/*
 * All the text of raw, which begins in the state of f, as much as fits;
 * returns its length
 */

size_t consent_foreign_decode(consent_foreign_t f, uint8_t *dst, size_t size,
    consent_str_t raw);


#endif /* CONSENT_FOREIGN_H */
