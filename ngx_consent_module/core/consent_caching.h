/*
 * Copyright (C) ngx_consent_module authors
 *
 * What response headers tell caches: Cache-Control and its like (RFC 9111,
 * RFC 9213), Vary.
 */


#ifndef CONSENT_CACHING_H
#define CONSENT_CACHING_H


#include "consent_str.h"


typedef enum {
    CONSENT_CACHING_NONE = 0,       /* not for caches */
    CONSENT_CACHING_CONTROL,        /* Cache-Control */
    CONSENT_CACHING_EXPIRES,
    CONSENT_CACHING_VARY,
    CONSENT_CACHING_TARGETED        /* for some caches, before the others:
                                       CDN-Cache-Control and all that end
                                       so, Surrogate-Control, Edge-Control,
                                       X-Accel-Expires */
} consent_caching_field_e;


/* directives of Cache-Control that a page may keep, as bits */

#define CONSENT_CACHING_NO_STORE         0x01
#define CONSENT_CACHING_NO_TRANSFORM     0x02
#define CONSENT_CACHING_MUST_REVALIDATE  0x04
#define CONSENT_CACHING_MUST_UNDERSTAND  0x08


/* room for consent_caching_private() */

#define CONSENT_CACHING_SIZE  96


consent_caching_field_e consent_caching_field(consent_str_t name);

/* adds the bits of what the value of a Cache-Control field has */

void consent_caching_read(unsigned *kept, consent_str_t value);

/*
 * The value that keeps a page to one browser, which has to ask before it
 * uses its copy again, with what was kept.  Returns the length.
 */

size_t consent_caching_private(uint8_t *dst, unsigned kept);

/* does the value of a Vary field have that name, or "*"? */

int consent_caching_varies(consent_str_t value, consent_str_t name);


#endif /* CONSENT_CACHING_H */
