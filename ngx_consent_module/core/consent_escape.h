/*
 * Copyright (C) ngx_consent_module authors
 *
 * Text for a place where it is written: HTML (and attribute values in
 * quotes of either kind), JSON strings, parts of a URL.
 */


#ifndef CONSENT_ESCAPE_H
#define CONSENT_ESCAPE_H


#include "consent_str.h"


/* dst NULL: nothing is written; all return the length of what is written */

size_t consent_escape_html(uint8_t *dst, consent_str_t text);

/* without the quotes; invalid UTF-8 becomes U+FFFD */

size_t consent_escape_json(uint8_t *dst, consent_str_t text);

/* a value in a query: all but unreserved characters (RFC 3986) and "/" */

size_t consent_escape_query(uint8_t *dst, consent_str_t text);

/*
 * HTML in UTF-8 for a page of any encoding that has ASCII in it: characters
 * beyond become references, invalid ones are left out.
 */

size_t consent_escape_ascii(uint8_t *dst, consent_str_t html);


#endif /* CONSENT_ESCAPE_H */
