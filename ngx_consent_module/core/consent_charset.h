/*
 * Copyright (C) ngx_consent_module authors
 *
 * Encodings of text in which "<" may be written otherwise than as the byte
 * 0x3C, or in which that byte may mean something else.
 */


#ifndef CONSENT_CHARSET_H
#define CONSENT_CHARSET_H


#include "consent_str.h"


/* so many bytes are enough for consent_charset_bom() */

#define CONSENT_CHARSET_BOM  4


/*
 * 0: the value of a charset parameter, quoted or not, that names such an
 * encoding.  Names are those of the Encoding Standard, and more.
 */

int consent_charset_readable(consent_str_t value);

/*
 * 0: a media type with a charset parameter as above.  Readers differ in what
 * they take for one (MIME Sniffing section 4.4, RFC 9110 section 8.3): here
 * everything counts that one of them may take.
 */

int consent_charset_type_readable(consent_str_t type);

/*
 * Looks at the first bytes of a body for a byte order mark, or the beginning
 * of an XML declaration, in such an encoding: a browser goes by them whatever
 * the header says.  Returns 1: there is one; 0: there is none; -1: these
 * bytes may be the beginning of one.
 */

int consent_charset_bom(const uint8_t *p, size_t len);


/* where a page says in which encoding it is; the standard has 1024 bytes */

#define CONSENT_CHARSET_WINDOW  2048

/*
 * Looks at the beginning of a page whose header names no encoding, as much of
 * it as there is.  Returns 1 if it is in ISO-2022-JP, by a meta element, by an
 * XML declaration or, if there is none that names another, by its escape
 * sequences: this is the one encoding that hides markup and that browsers take
 * from there.  UTF-16 means UTF-8 in these places, and others of the kind
 * show nothing (Encoding standard, "replacement").  final: there is no more of
 * the window.
 *
 * A meta element counts wherever it stands: browsers do not agree on what
 * they pass over to find it.
 */

int consent_charset_declared(const uint8_t *p, size_t len, unsigned final);


#endif /* CONSENT_CHARSET_H */
