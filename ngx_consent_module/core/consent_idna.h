/*
 * Copyright (C) ngx_consent_module authors
 *
 * Internationalised host names: UTS 46 as browsers apply it.
 */


#ifndef CONSENT_IDNA_H
#define CONSENT_IDNA_H


#include "consent_str.h"


/* the longest name that is taken */

#define CONSENT_IDNA_SIZE  2048


/*
 * Writes the ASCII form of name to dst and returns its length; 0 if it does
 * not fit or cannot be told.  name is valid UTF-8, not longer than
 * CONSENT_IDNA_SIZE, without NUL and "%", and its ASCII letters are lower
 * case; the result may hold any other ASCII character.
 */

size_t consent_idna_to_ascii(uint8_t *dst, size_t size, consent_str_t name);


#endif /* CONSENT_IDNA_H */
