/*
 * Copyright (C) ngx_consent_module authors
 *
 * Texts that are JSON but for what JavaScript allows: keys and words without
 * quotes, single quotes, a comma behind the last member.
 */


#ifndef CONSENT_LENIENT_H
#define CONSENT_LENIENT_H


#include "consent_str.h"


/*
 * Writes the same as JSON to dst, which is no promise that it is JSON.
 * Returns the length, or 0: it is nothing of that kind, or does not fit.
 */

size_t consent_lenient_json(uint8_t *dst, size_t size, consent_str_t text);


#endif /* CONSENT_LENIENT_H */
