/*
 * Copyright (C) ngx_consent_module authors
 *
 * The elements that matter to the scanner or to the rewriter, by tag name.
 * A new one is a line in consent_element.c.
 */


#ifndef CONSENT_ELEMENT_H
#define CONSENT_ELEMENT_H


#include "consent_str.h"


/* elements that some code asks for by name */

typedef enum {
    CONSENT_EL_OTHER = 0,
    CONSENT_EL_ANIMATE,         /* and set */
    CONSENT_EL_AUDIO,
    CONSENT_EL_BASE,
    CONSENT_EL_COL,
    CONSENT_EL_EMBED,
    CONSENT_EL_FEIMAGE,
    CONSENT_EL_FENCEDFRAME,
    CONSENT_EL_FONT,
    CONSENT_EL_FRAME,
    CONSENT_EL_FRAMESET,
    CONSENT_EL_IFRAME,
    CONSENT_EL_IMAGE,
    CONSENT_EL_IMG,
    CONSENT_EL_INPUT,
    CONSENT_EL_LINK,
    CONSENT_EL_MATH,
    CONSENT_EL_META,
    CONSENT_EL_MGLYPH,          /* and malignmark */
    CONSENT_EL_MODEL,
    CONSENT_EL_NOEMBED,
    CONSENT_EL_NOFRAMES,
    CONSENT_EL_NOSCRIPT,
    CONSENT_EL_OBJECT,
    CONSENT_EL_PARAM,
    CONSENT_EL_SCRIPT,
    CONSENT_EL_SELECT,
    CONSENT_EL_SOURCE,
    CONSENT_EL_STYLE,
    CONSENT_EL_SVG,
    CONSENT_EL_TEMPLATE,
    CONSENT_EL_TEXTAREA,
    CONSENT_EL_TITLE,
    CONSENT_EL_TRACK,
    CONSENT_EL_USE,
    CONSENT_EL_VIDEO,
    CONSENT_EL_XMP
} consent_element_e;


/* how the tokenizer goes on behind a start tag in the HTML namespace */

typedef enum {
    CONSENT_TEXT_DATA = 0,
    CONSENT_TEXT_RAW,           /* RCDATA or RAWTEXT: up to the end tag */
    CONSENT_TEXT_STYLE,         /* RAWTEXT that is a style sheet */
    CONSENT_TEXT_SCRIPT,        /* script data with its escaped states */
    CONSENT_TEXT_PLAIN          /* PLAINTEXT: up to the end of the file */
} consent_text_e;


/* the rewriter wants to see the start tag */

#define CONSENT_EL_JUDGED       0x01

/* raw text, but not while a select is open: the tag may be dropped then */

#define CONSENT_EL_NOT_SELECT   0x02

/* its start tag ends foreign content (13.2.6.5) */

#define CONSENT_EL_BREAKOUT     0x04

/* its end tag leaves foreign content whether or not it was open */

#define CONSENT_EL_CLOSES       0x08

/* HTML inside svg, HTML inside math: integration points */

#define CONSENT_EL_SVG_POINT    0x10
#define CONSENT_EL_MATH_POINT   0x20

/* closes an open select (input, textarea, ...) */

#define CONSENT_EL_ENDS_SELECT  0x40

/* means nothing outside of svg, math and XML */

#define CONSENT_EL_FOREIGN      0x80


#define CONSENT_EL_MAX_NAME     16


/* what is compared of a name first: its start and its length */

typedef uint64_t  consent_element_key_t;


typedef struct {
    consent_element_key_t  key[2];  /* in HTML and in svg, math and XML; 0:
                                       it is none there */
    const char            *name;    /* lower case */
    uint8_t                len;
    uint8_t                id;      /* consent_element_e */
    uint8_t                text;    /* consent_text_e */
    uint8_t                flags;
} consent_element_t;


/* a tag name while it is read, in lower case; longer ones match nothing */

typedef struct {
    uint8_t             data[CONSENT_EL_MAX_NAME];
    size_t              len;
} consent_tag_name_t;


static inline void
consent_tag_name_add(consent_tag_name_t *name, uint8_t c)
{
    if (name->len < CONSENT_EL_MAX_NAME) {
        name->data[name->len] = consent_lower(c);
    }

    name->len++;
}


/*
 * The elements by a hash of their names.  What is hashed and compared first
 * is the start of a name, its first four letters in lower case with 0 for
 * those that a short one does not have, and its length.
 */

#define CONSENT_ELEMENT_BUCKETS  512
#define CONSENT_ELEMENT_HASH     756510033u

#define CONSENT_ELEMENT_START(a, b, c, d)                                     \
    ((uint32_t) (a) | (uint32_t) (b) << 8 | (uint32_t) (c) << 16              \
     | (uint32_t) (d) << 24)

#define CONSENT_ELEMENT_KEY(start, len)                                       \
    ((consent_element_key_t) (len) << 32 | (start))

#define CONSENT_ELEMENT_BUCKET(key)                                           \
    ((((uint32_t) (key) ^ (uint32_t) ((key) >> 32)) * CONSENT_ELEMENT_HASH)   \
     >> 23)

extern const consent_element_t  consent_elements[CONSENT_ELEMENT_BUCKETS];
extern const uint32_t           consent_element_starts[5];

/* 1: an element of the bucket matters in HTML, whatever its attributes */

extern const uint8_t            consent_element_known[CONSENT_ELEMENT_BUCKETS];


/* the key of a name; start is CONSENT_ELEMENT_START() of what is there */

static inline consent_element_key_t
consent_element_key(uint32_t start, size_t len)
{
    start = (start | 0x20202020u) & consent_element_starts[len < 4 ? len : 4];

    return CONSENT_ELEMENT_KEY(start, len);
}


/*
 * The element of a name in either case; key and bucket are those of the
 * name.  foreign: 1 in svg, math and XML.  NULL: nobody cares about it.
 */

static inline const consent_element_t *
consent_element_find(consent_element_key_t key, uint32_t bucket,
    const uint8_t *name, unsigned foreign)
{
    size_t                    i;
    const consent_element_t  *el;

    el = &consent_elements[bucket];

    if (el->key[foreign] != key) {
        return NULL;
    }

    /* what is left behind the start */

    for (i = foreign ? 0 : 4; i < el->len; i++) {
        if (consent_lower(name[i]) != (uint8_t) el->name[i]) {
            return NULL;
        }
    }

    return el;
}


#endif /* CONSENT_ELEMENT_H */
