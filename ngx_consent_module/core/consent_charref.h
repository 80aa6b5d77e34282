/*
 * Copyright (C) ngx_consent_module authors
 *
 * Character references in attribute values (HTML standard, 13.2.5.72 and
 * following, "as part of an attribute").
 */


#ifndef CONSENT_CHARREF_H
#define CONSENT_CHARREF_H


#include "consent_str.h"


/*
 * Decodes value into dst and returns the length written, at most size.
 * All numeric references and those named ones that can matter in a URL, a
 * type or a rel are decoded; others stay as they are.  NUL becomes U+FFFD,
 * CR and CRLF become LF.  dst may not overlap value.  What does not fit is
 * cut.
 */

size_t consent_charref_decode(uint8_t *dst, size_t size, consent_str_t value);


#endif /* CONSENT_CHARREF_H */
