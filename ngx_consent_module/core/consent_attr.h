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

/*
 * The attributes of a tag, read once for all who look through them.  What is
 * behind the first CONSENT_ATTRS of them is read again each time.
 */

#define CONSENT_ATTRS  24

typedef struct {
    unsigned        n;
    const uint8_t  *rest;
    const uint8_t  *end;
    consent_attr_t  list[CONSENT_ATTRS];
} consent_attrs_t;


/* where somebody is in it: begins as all 0 */

typedef struct {
    unsigned        i;
    const uint8_t  *pos;
    consent_attr_t  attr;
} consent_attrs_walk_t;


/* text is what is between the tag name and ">" */

void consent_attrs_read(consent_attrs_t *attrs, consent_str_t text);


/* NULL: no more; otherwise valid up to the next call */

static inline const consent_attr_t *
consent_attrs_next(const consent_attrs_t *attrs, consent_attrs_walk_t *walk)
{
    if (walk->i < attrs->n) {
        return &attrs->list[walk->i++];
    }

    if (walk->pos == NULL) {
        walk->pos = attrs->rest;
    }

    return consent_attr_next(&walk->attr, &walk->pos, attrs->end)
           ? &walk->attr : NULL;
}


/* name is lower case and of the length of the attribute's */

int consent_attr_same(const consent_attr_t *attr, const char *name);


/* name is lower case and NUL-terminated */

static inline int
consent_attr_is(const consent_attr_t *attr, const char *name)
{
    return attr->name.len == strlen(name) && consent_attr_same(attr, name);
}


/* what ends a run of bytes inside a tag */

#define CONSENT_CH_SPACE   0x01
#define CONSENT_CH_SLASH   0x02
#define CONSENT_CH_GT      0x04
#define CONSENT_CH_EQUALS  0x08
#define CONSENT_CH_ALPHA   0x10

extern const uint8_t  consent_ch_class[256];


#endif /* CONSENT_ATTR_H */
