/*
 * Copyright (C) ngx_consent_module authors
 *
 * Text for a place where it is read by a program: label values in the text
 * format of Prometheus, and patterns of rules in a configuration of nginx.
 */


#ifndef CONSENT_QUOTE_H
#define CONSENT_QUOTE_H


#include "consent_str.h"


/* dst NULL: nothing is written; all return the length of what is written */

/* without the quotes; what is not UTF-8 becomes U+FFFD */

size_t consent_quote_label(uint8_t *dst, consent_str_t text);

/*
 * The pattern that matches this name of a cookie, or with cut all names that
 * begin so, as one word, in quotes if need be
 */

size_t consent_quote_cookie(uint8_t *dst, consent_str_t name, unsigned cut);

/* the same for a host, as the URL parser writes it, or ".HOST" */

size_t consent_quote_host(uint8_t *dst, consent_str_t host);


#endif /* CONSENT_QUOTE_H */
