/*
 * Copyright (C) ngx_consent_module authors
 *
 * Which attributes of a start tag make a browser fetch something, and how
 * their values name it (HTML standard, the elements' own sections).
 */


#ifndef CONSENT_LOAD_H
#define CONSENT_LOAD_H


#include "consent_attr.h"
#include "consent_element.h"


/* how a value names what is fetched */

typedef enum {
    CONSENT_LOAD_NONE = 0,
    CONSENT_LOAD_URL,
    CONSENT_LOAD_URLS,          /* separated by white space */
    CONSENT_LOAD_SRCSET,
    CONSENT_LOAD_CSS,           /* declarations, as in style */
    CONSENT_LOAD_HTML,          /* a document, as in srcdoc */
    CONSENT_LOAD_REFRESH,       /* content of <meta http-equiv=refresh> */
    CONSENT_LOAD_POLICY         /* ... http-equiv=content-security-policy:
                                   fetches nothing, but may allow it */
} consent_load_e;


typedef enum {
    CONSENT_SCRIPT_NONE = 0,    /* a data block */
    CONSENT_SCRIPT_RUNS,        /* classic or module */
    CONSENT_SCRIPT_RULES        /* import map or speculation rules */
} consent_script_e;


/* of a type attribute, as it stands in the tag */

consent_script_e consent_load_script(consent_str_t type);


/* a list of link types, without character references, has one that fetches */

int consent_load_fetches(consent_str_t rels);


/* what of a start tag decides which of its attributes fetch */

typedef struct {
    const consent_element_t  *element;      /* may be NULL */
    unsigned                  foreign:1;    /* in svg, math or XML */

    unsigned                  fetches:1;    /* link: by its rel */
    unsigned                  image:1;      /* input: by its type */
    unsigned                  refresh:1;    /* meta: by its http-equiv */
    unsigned                  policy:1;     /* the same */
    unsigned                  movie:1;      /* param: by its name */

    consent_script_e          script;       /* script: by type, language */
} consent_tag_t;


void consent_tag_read(consent_tag_t *tag, const consent_element_t *el,
    const consent_attrs_t *attrs, unsigned foreign);

/*
 * The same for a tag of which nothing but the element is known yet: all that
 * might fetch does.  consent_tag_learn() takes in one attribute; 1 if it was
 * one that decides.  Only the first of a name counts.
 */

void consent_tag_assume(consent_tag_t *tag, const consent_element_t *el,
    unsigned foreign);
int consent_tag_learn(consent_tag_t *tag, const consent_attr_t *attr);


/* by the name of the attribute; conditions of the tag are taken to hold */

consent_load_e consent_load_of_name(const consent_tag_t *tag,
    const consent_attr_t *attr);

consent_load_e consent_load_of(const consent_tag_t *tag,
    const consent_attr_t *attr);

/* without this attribute the element has no purpose: remove drops it */

int consent_load_is_main(const consent_tag_t *tag,
    const consent_attr_t *attr);


#endif /* CONSENT_LOAD_H */
