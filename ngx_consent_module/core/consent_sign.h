/*
 * Copyright (C) ngx_consent_module authors
 *
 * HMAC-SHA256 (OpenSSL) and base64url (RFC 4648 section 5, unpadded).
 */


#ifndef CONSENT_SIGN_H
#define CONSENT_SIGN_H


#include <openssl/sha.h>

#include "consent_str.h"


#define CONSENT_KEY_MIN       16      /* bytes */
#define CONSENT_KEY_MAX       512

#define CONSENT_KID_LEN       4       /* hex digits, lower case */
#define CONSENT_MAC_LEN       16      /* bytes: the first 128 bits */
#define CONSENT_MAC_TEXT_LEN  22      /* the same as base64url */


/* inner, outer: HMAC (RFC 2104) once it has read the secret */

typedef struct {
    size_t         len;
    uint8_t        secret[CONSENT_KEY_MAX];
    SHA256_CTX     inner;
    SHA256_CTX     outer;
    uint8_t        kid[CONSENT_KID_LEN];
} consent_key_t;


/*
 * Makes a key of the content of a key file; white space at both ends does not
 * count.  The kid is the first four hex digits of HMAC-SHA256(secret, "kid").
 * 0; -1: shorter than CONSENT_KEY_MIN or longer than CONSENT_KEY_MAX, or
 * OpenSSL failed.
 */

int consent_key_init(consent_key_t *key, consent_str_t content);

/* overwrites the secret so that no optimiser drops it */

void consent_key_wipe(consent_key_t *key);


/* unpadded; returns the length, which is CONSENT_BASE64URL_LEN(src.len) */

#define CONSENT_BASE64URL_LEN(n)  (((n) * 4 + 2) / 3)

size_t consent_base64url(uint8_t *dst, consent_str_t src);


/* base64url of the first 128 bits of HMAC-SHA256; 0, -1: OpenSSL failed */

int consent_sign(const consent_key_t *key, consent_str_t text,
    uint8_t mac[CONSENT_MAC_TEXT_LEN]);

/*
 * 1 if mac (base64url, canonical: spare bits zero) signs text, else 0.
 * Takes the same time wherever the difference is.
 */

int consent_verify(const consent_key_t *key, consent_str_t text,
    consent_str_t mac);


#endif /* CONSENT_SIGN_H */
