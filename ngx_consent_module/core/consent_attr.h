/*
 * Copyright (C) ngx_consent_module authors
 *
 * The attributes of one start tag (HTML standard, 13.2.5.32 to 13.2.5.40).
 */


#ifndef CONSENT_ATTR_H
#define CONSENT_ATTR_H


#include "consent_str.h"


/* views into the tag; value still holds its character references */

typedef struct {
    consent_str_t  name;
    consent_str_t  value;       /* without quotes */
    const uint8_t *end;         /* past the value and its quote */
} consent_attr_t;


/*
 * Takes the next attribute.  *pos is inside a start tag, behind its name or
 * behind the last attribute; end is the ">" that closes the tag, or where the
 * known part of the tag ends.  Returns 1 and moves *pos behind the attribute,
 * or 0 when there is no other.
 */

int consent_attr_next(consent_attr_t *attr, const uint8_t **pos,
    const uint8_t *end);

/* name is lower case and NUL-terminated */

int consent_attr_is(const consent_attr_t *attr, const char *name);


#endif /* CONSENT_ATTR_H */
