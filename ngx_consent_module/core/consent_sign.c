/*
 * Copyright (C) ngx_consent_module authors
 *
 * Signatures of our own cookie.  SHA-256 is OpenSSL's; HMAC is put together
 * here, because every request with a cookie pays for it: what depends on the
 * key alone is done once, and HMAC() of OpenSSL 3 looks its algorithms up and
 * allocates for each call, which takes ten times as long as the hashing.
 * Secrets live in consent_key_t only.
 */


/* SHA256_Init() and its like, which allocate nothing */

#define OPENSSL_API_COMPAT  0x10100000L

#include "consent_sign.h"

#include <openssl/crypto.h>


#define SIGN_IPAD  0x36
#define SIGN_OPAD  0x5c


static int sign_key_states(consent_key_t *key);
static int sign_key_state(SHA256_CTX *state, const uint8_t *block,
    uint8_t pad);
static int sign_hmac(const consent_key_t *key, consent_str_t text,
    uint8_t digest[SHA256_DIGEST_LENGTH]);


int
consent_key_init(consent_key_t *key, consent_str_t content)
{
    uint8_t   digest[SHA256_DIGEST_LENGTH];
    unsigned  i, nibble;

    static const uint8_t        hex[] = "0123456789abcdef";
    static const consent_str_t  label = consent_str("kid");

    content = consent_str_trim(content);

    if (content.len < CONSENT_KEY_MIN || content.len > CONSENT_KEY_MAX) {
        return -1;
    }

    memset(key, 0, sizeof(consent_key_t));
    memcpy(key->secret, content.data, content.len);
    key->len = content.len;

    if (sign_key_states(key) != 0 || sign_hmac(key, label, digest) != 0) {
        consent_key_wipe(key);
        return -1;
    }

    for (i = 0; i < CONSENT_KID_LEN; i++) {
        nibble = (i & 1) ? digest[i / 2] & 0x0fu : digest[i / 2] >> 4;
        key->kid[i] = hex[nibble];
    }

    return 0;
}


void
consent_key_wipe(consent_key_t *key)
{
    OPENSSL_cleanse(key, sizeof(consent_key_t));
}


size_t
consent_base64url(uint8_t *dst, consent_str_t src)
{
    size_t    i;
    uint8_t  *p;
    unsigned  bits, n;

    static const uint8_t  alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    p = dst;
    n = 0;
    bits = 0;

    for (i = 0; i < src.len; i++) {
        bits = (bits & 0xff) << 8 | src.data[i];
        n += 8;

        while (n >= 6) {
            n -= 6;
            *p++ = alphabet[bits >> n & 0x3f];
        }
    }

    if (n) {
        *p++ = alphabet[bits << (6 - n) & 0x3f];
    }

    return (size_t) (p - dst);
}


int
consent_sign(const consent_key_t *key, consent_str_t text,
    uint8_t mac[CONSENT_MAC_TEXT_LEN])
{
    uint8_t  digest[SHA256_DIGEST_LENGTH];

    if (sign_hmac(key, text, digest) != 0) {
        return -1;
    }

    consent_base64url(mac, consent_str_make(digest, CONSENT_MAC_LEN));

    OPENSSL_cleanse(digest, sizeof(digest));

    return 0;
}


/*
 * Texts are compared, not the decoded bytes: there is only one text for a
 * signature, so that spare bits other than zero do not pass.
 */

int
consent_verify(const consent_key_t *key, consent_str_t text,
    consent_str_t mac)
{
    int      equal;
    uint8_t  expected[CONSENT_MAC_TEXT_LEN];

    if (mac.len != CONSENT_MAC_TEXT_LEN
        || consent_sign(key, text, expected) != 0)
    {
        return 0;
    }

    equal = (CRYPTO_memcmp(mac.data, expected, CONSENT_MAC_TEXT_LEN) == 0);

    OPENSSL_cleanse(expected, sizeof(expected));

    return equal;
}


/* a secret longer than a block of SHA-256 is hashed first */

static int
sign_key_states(consent_key_t *key)
{
    int         rc;
    uint8_t     block[SHA256_CBLOCK];
    SHA256_CTX  sha;

    memset(block, 0, sizeof(block));

    if (key->len <= sizeof(block)) {
        memcpy(block, key->secret, key->len);
        rc = 0;

    } else {
        rc = (SHA256_Init(&sha)
              && SHA256_Update(&sha, key->secret, key->len)
              && SHA256_Final(block, &sha))
             ? 0 : -1;
    }

    if (rc == 0
        && (sign_key_state(&key->inner, block, SIGN_IPAD) != 0
            || sign_key_state(&key->outer, block, SIGN_OPAD) != 0))
    {
        rc = -1;
    }

    OPENSSL_cleanse(block, sizeof(block));

    return rc;
}


static int
sign_key_state(SHA256_CTX *state, const uint8_t *block, uint8_t pad)
{
    int      rc;
    size_t   i;
    uint8_t  padded[SHA256_CBLOCK];

    for (i = 0; i < sizeof(padded); i++) {
        padded[i] = block[i] ^ pad;
    }

    rc = (SHA256_Init(state)
          && SHA256_Update(state, padded, sizeof(padded)))
         ? 0 : -1;

    OPENSSL_cleanse(padded, sizeof(padded));

    return rc;
}


static int
sign_hmac(const consent_key_t *key, consent_str_t text,
    uint8_t digest[SHA256_DIGEST_LENGTH])
{
    int         rc;
    SHA256_CTX  sha;

    sha = key->inner;

    rc = -1;

    if (SHA256_Update(&sha, text.data, text.len)
        && SHA256_Final(digest, &sha))
    {
        sha = key->outer;

        if (SHA256_Update(&sha, digest, SHA256_DIGEST_LENGTH)
            && SHA256_Final(digest, &sha))
        {
            rc = 0;
        }
    }

    OPENSSL_cleanse(&sha, sizeof(sha));

    return rc;
}
