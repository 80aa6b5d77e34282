/*
 * Copyright (C) ngx_consent_module authors
 *
 * Where the body of a document begins: follows the tree builder of the HTML
 * standard (13.2.6.4.1 to 13.2.6.4.6) up to that place, behind <body> or
 * before what implies it, over input that comes in pieces cut anywhere.
 *
 * What is no document, as a fragment for a script, has no such place, nor has
 * a frameset or a page that says by "data-consent-banner" on <html> or <body>
 * or by <meta name="consent-banner"> that it asks by itself.
 */


#ifndef CONSENT_HEAD_H
#define CONSENT_HEAD_H


#include "consent_str.h"


/* "<", "/" and a name that is longer than those of all elements of a head */

#define CONSENT_HEAD_HOLD   12
#define CONSENT_HEAD_NAME   24      /* of attributes, and their values */


typedef enum {
    CONSENT_HEAD_MORE = 0,      /* not here */
    CONSENT_HEAD_BEFORE,        /* in front of all bytes that are held */
    CONSENT_HEAD_HERE,          /* at *pos, behind what was held */
    CONSENT_HEAD_NONE           /* nowhere */
} consent_head_e;


typedef struct {
    uint8_t        state;
    uint8_t        bom;         /* bytes of a byte order mark */
    uint8_t        dashes;      /* as many were the last bytes */
    uint8_t        inner;       /* ... without those of "<!--" */
    uint8_t        escaped;     /* within a script: 1, or 2 */
    uint8_t        quote;
    uint8_t        element;     /* of the tag */
    uint8_t        text;        /* the element whose text is read */
    uint8_t        name_len;
    uint8_t        attr_len;
    uint8_t        value_len;

    unsigned       bang:1;      /* "--!" in a comment */
    unsigned       end_tag:1;
    unsigned       document:1;
    unsigned       own:1;       /* the page asks by itself */
    unsigned       base:1;      /* there was a <base href> */
    unsigned       released:1;  /* by the last call: what was held before it
                                   may pass */
    uint32_t       templates;   /* open ones */

    uint8_t        hold_len;
    uint8_t        hold[CONSENT_HEAD_HOLD];
    uint8_t        name[CONSENT_HEAD_HOLD];
    uint8_t        attr[CONSENT_HEAD_NAME];
    uint8_t        value[CONSENT_HEAD_NAME];
} consent_head_t;


void consent_head_init(consent_head_t *h);

/*
 * Reads from *pos to end and moves *pos.
 *
 * MORE: what stands before *pos may pass, the rest has to wait for the next
 * call, and h->hold has it, with what was held before unless that was
 * released.  After another result there is nothing more to be read.
 */

consent_head_e consent_head_scan(consent_head_t *h, const uint8_t **pos,
    const uint8_t *end);

/* the input is over: HERE, if its end is the place, or NONE */

consent_head_e consent_head_end(const consent_head_t *h);


#endif /* CONSENT_HEAD_H */
