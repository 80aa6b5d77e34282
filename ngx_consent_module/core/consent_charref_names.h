/*
 * Copyright (C) ngx_consent_module authors
 *
 * The named character references that can matter in a URL, a type or a rel.
 */


#ifndef CONSENT_CHARREF_NAMES_H
#define CONSENT_CHARREF_NAMES_H


#include "consent_str.h"


/*
 * The UTF-8 text that name (without "&" and ";") stands for, NULL if it is
 * none of those known here.  legacy tells whether it also counts without ";".
 */

const char *consent_charref_find(consent_str_t name, int *legacy);


#endif /* CONSENT_CHARREF_NAMES_H */
