/*
 * Copyright (C) ngx_consent_module authors
 *
 * Media types in Content-Type, as browsers read them.
 */


#ifndef CONSENT_MEDIA_H
#define CONSENT_MEDIA_H


#include "consent_str.h"


/*
 * The next media type, without parameters, of the value *rest, which moves on.
 * Returns 1, or 0: there is no more.
 *
 * A value may be a list, since lines of one name are joined (Fetch Standard,
 * "extract a MIME type"), and browsers end a type at a space or "(" as well.
 * What is no media type, and those that stand for an unknown one (MIME
 * Sniffing section 7), are left out: of a body that has no other type a
 * browser looks at the bytes, and may find HTML.
 */

int consent_media_next(consent_str_t *rest, consent_str_t *type);

/* 1: the type of an XML document (MIME Sniffing section 4.6) */

int consent_media_is_xml(consent_str_t type);


#endif /* CONSENT_MEDIA_H */
