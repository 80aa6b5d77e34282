/*
 * Copyright (C) ngx_consent_module authors
 *
 * The attributes of one start tag (HTML standard, 13.2.5.32 to 13.2.5.40).
 */


#ifndef CONSENT_ATTR_H
#define CONSENT_ATTR_H


#include "consent_str.h"


/* names that say what a tag loads */

typedef enum {
    CONSENT_ATTR_OTHER = 0,
    CONSENT_ATTR_ATTRIBUTIONSRC,
    CONSENT_ATTR_BACKGROUND,
    CONSENT_ATTR_BY,
    CONSENT_ATTR_CLIP_PATH,
    CONSENT_ATTR_CODEBASE,
    CONSENT_ATTR_CONTENT,
    CONSENT_ATTR_CURSOR,
    CONSENT_ATTR_DATA,
    CONSENT_ATTR_FILL,
    CONSENT_ATTR_FILTER,
    CONSENT_ATTR_FROM,
    CONSENT_ATTR_HREF,
    CONSENT_ATTR_HTTP_EQUIV,
    CONSENT_ATTR_IMAGESRCSET,
    CONSENT_ATTR_LANGUAGE,
    CONSENT_ATTR_LOWSRC,
    CONSENT_ATTR_MARKER,
    CONSENT_ATTR_MARKER_END,
    CONSENT_ATTR_MARKER_MID,
    CONSENT_ATTR_MARKER_START,
    CONSENT_ATTR_MASK,
    CONSENT_ATTR_NAME,
    CONSENT_ATTR_PING,
    CONSENT_ATTR_POSTER,
    CONSENT_ATTR_REL,
    CONSENT_ATTR_SRC,
    CONSENT_ATTR_SRCDOC,
    CONSENT_ATTR_SRCSET,
    CONSENT_ATTR_STROKE,
    CONSENT_ATTR_STYLE,
    CONSENT_ATTR_TO,
    CONSENT_ATTR_TYPE,
    CONSENT_ATTR_VALUE,
    CONSENT_ATTR_VALUES,
    CONSENT_ATTR_XLINK_HREF,
    CONSENT_ATTR_IDS
} consent_attr_e;


/* views into the tag; value still holds its character references */

typedef struct {
    consent_str_t  name;
    consent_str_t  value;       /* without quotes */
    const uint8_t *end;         /* past the value and its quote */
    uint8_t        id;          /* consent_attr_e of the name */
} consent_attr_t;


/* consent_attr_e of a name in either case */

uint8_t consent_attr_id(consent_str_t name);


/*
 * Takes the next attribute.  *pos is inside a start tag, behind its name or
 * behind the last attribute; end is the ">" that closes the tag, or where the
 * known part of the tag ends.  Returns 1 and moves *pos behind the attribute,
 * or 0 when there is no other.
 */

int consent_attr_next(consent_attr_t *attr, const uint8_t **pos,
    const uint8_t *end);

/*
 * The attributes of a tag, but for those of other names, read once for all who
 * look through them.  What is behind the first CONSENT_ATTRS of them is read
 * again each time, whatever its name.
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


/*
 * What is known of a tag in which each "=" outside of quotes is right behind
 * the name of an attribute, and right before a double quote: where these "="
 * are and where the values end, a bit for each byte from base on.
 */

#define CONSENT_ATTR_MARKS  8

typedef struct {
    unsigned        n;
    const uint8_t  *base;
    uint64_t        names[CONSENT_ATTR_MARKS];
    uint64_t        values[CONSENT_ATTR_MARKS];
} consent_attr_marks_t;


/* text is what is between the tag name and ">"; marks may be NULL */

void consent_attrs_read(consent_attrs_t *attrs, consent_str_t text,
    const consent_attr_marks_t *marks);


/* NULL: no more; otherwise valid up to the next call */

static inline const consent_attr_t *
consent_attrs_next(const consent_attrs_t *attrs, consent_attrs_walk_t *walk)
{
    if (walk->i < attrs->n) {
        return &attrs->list[walk->i++];
    }

    if (attrs->rest == attrs->end) {
        return NULL;
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
