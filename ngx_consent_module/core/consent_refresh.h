/*
 * Copyright (C) ngx_consent_module authors
 *
 * Where <meta http-equiv=refresh> goes (HTML standard, "shared declarative
 * refresh steps").
 */


#ifndef CONSENT_REFRESH_H
#define CONSENT_REFRESH_H


#include "consent_str.h"


/*
 * Finds the URL in content, which is the value with character references
 * decoded.  Returns 1, or 0 if there is none: content is not valid, or the
 * page loads itself again.
 */

int consent_refresh_url(consent_str_t content, consent_str_t *url);


#endif /* CONSENT_REFRESH_H */
