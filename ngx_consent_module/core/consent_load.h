/*
 * Copyright (C) ngx_consent_module authors
 *
 * Which attributes make a browser fetch something (HTML standard, the
 * elements' own sections), and what kind of script a script element is.
 */


#ifndef CONSENT_LOAD_H
#define CONSENT_LOAD_H


#include "consent_attr.h"
#include "consent_element.h"


/* the attribute of el names what is fetched; foreign: in svg or XML */

int consent_load_is_url(const consent_element_t *el,
    const consent_attr_t *attr, unsigned foreign);

/* ... or has to change its name all the same when the tag is blocked */

int consent_load_is_renamed(const consent_element_t *el,
    const consent_attr_t *attr, unsigned foreign);


/*
 * 1 if a script element with this type attribute, or with this language
 * attribute when there is no type, is run; 0 if it is a data block.  Values
 * are as in the tag; NULL: no such attribute.
 */

int consent_load_script_runs(const consent_str_t *type,
    const consent_str_t *language);

/* one of the link types in a rel attribute makes a browser fetch href */

int consent_load_rel_fetches(consent_str_t rel);


#endif /* CONSENT_LOAD_H */
