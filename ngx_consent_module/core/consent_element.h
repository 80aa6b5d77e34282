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
    CONSENT_EL_NOSCRIPT,
    CONSENT_EL_OBJECT,
    CONSENT_EL_PARAM,
    CONSENT_EL_SCRIPT,
    CONSENT_EL_SELECT,
    CONSENT_EL_SOURCE,
    CONSENT_EL_STYLE,
    CONSENT_EL_SVG,
    CONSENT_EL_TEMPLATE,
    CONSENT_EL_TRACK,
    CONSENT_EL_USE,
    CONSENT_EL_VIDEO
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


#define CONSENT_EL_MAX_NAME     16


typedef struct {
    const char         *name;   /* lower case */
    uint8_t             len;
    uint8_t             id;     /* consent_element_e */
    uint8_t             text;   /* consent_text_e */
    uint8_t             flags;
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


/* foreign: in svg or math; NULL: nobody cares about this element */

const consent_element_t *consent_element_find(const consent_tag_name_t *name,
    unsigned foreign);


/* 0: no element that matters in HTML begins with this letter */

int consent_element_begins(uint8_t letter);


#endif /* CONSENT_ELEMENT_H */
