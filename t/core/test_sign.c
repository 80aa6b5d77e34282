/*
 * Copyright (C) ngx_consent_module authors
 *
 * consent_sign.h: keys, base64url and signatures.
 */


#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "tap.h"
#include "consent_sign.h"


#define LONG_LEN  8192

#define nelts(table)  (sizeof(table) / sizeof((table)[0]))

#define text(literal)  { sizeof(literal) - 1, (const uint8_t *) (literal) }


typedef struct {
    uint8_t         byte;
    size_t          len;
    const char     *text;
    const char     *kid;
    const char     *mac;
} vector_t;


typedef struct {
    consent_str_t   in;
    const char     *want;
} encode_test_t;


/* the first three: keys and texts of RFC 4231, test cases 1, 3 and 6 */

static const vector_t  vectors[] = {
    { 0x0b, 20, "Hi There", "7750", "sDRMYdjbOFNcqK_OrwvxKw" },
    { 0xaa, 20, "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd"
                "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd"
                "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd"
                "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd", "22ba",
      "dz6pHjaADkaFTbjr0JGBpw" },
    { 0xaa, 131, "Test Using Larger Than Block-Size Key - Hash Key First",
      "b434", "YOQxWR7gtn8Niiaqy_W3fw" }
};


static const encode_test_t  encode_tests[] = {
    { text(""), "" },
    { text("f"), "Zg" },
    { text("fo"), "Zm8" },
    { text("foo"), "Zm9v" },
    { text("foob"), "Zm9vYg" },
    { text("\xff\xfe\xfd\xfb\xef"), "__79--8" },
    { text("\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17"),
      "AAECAwQFBgcICQoLDA0ODw" }
};


static consent_str_t
str_of(const char *s)
{
    return consent_str_make((const uint8_t *) s, strlen(s));
}


static void
test_vectors(void)
{
    size_t           i;
    uint8_t          content[CONSENT_KEY_MAX], mac[CONSENT_MAC_TEXT_LEN];
    consent_key_t    key;
    consent_str_t    data;
    const vector_t  *v;

    for (i = 0; i < nelts(vectors); i++) {
        v = &vectors[i];
        data = str_of(v->text);

        memset(content, v->byte, v->len);

        is_int(consent_key_init(&key, consent_str_make(content, v->len)), 0,
               "vector %d: key", (int) i);
        is_str(key.kid, sizeof(key.kid), v->kid, "vector %d: kid", (int) i);

        memset(mac, 0, sizeof(mac));
        is_int(consent_sign(&key, data, mac), 0, "vector %d: sign", (int) i);
        is_str(mac, sizeof(mac), v->mac, "vector %d: signature", (int) i);
        ok(consent_verify(&key, data, str_of(v->mac)), "vector %d: verify",
           (int) i);
    }
}


/* as HMAC() of OpenSSL signs, with keys and texts around each block */

static void
test_lengths(void)
{
    size_t         n, m, wrong;
    uint8_t        content[CONSENT_KEY_MAX], text[300];
    uint8_t        mac[CONSENT_MAC_TEXT_LEN], want[CONSENT_MAC_TEXT_LEN];
    uint8_t        digest[EVP_MAX_MD_SIZE];
    unsigned       len;
    consent_key_t  key;

    for (n = 0; n < sizeof(content); n++) {
        content[n] = (uint8_t) ('!' + n % 90);
    }

    for (n = 0; n < sizeof(text); n++) {
        text[n] = (uint8_t) n;
    }

    wrong = 0;

    for (n = CONSENT_KEY_MIN; n <= sizeof(content); n++) {

        if (consent_key_init(&key, consent_str_make(content, n)) != 0) {
            wrong++;
            continue;
        }

        for (m = 0; m <= sizeof(text); m += 1 + n % 7) {
            HMAC(EVP_sha256(), content, (int) n, text, m, digest, &len);
            consent_base64url(want, consent_str_make(digest,
                                                     CONSENT_MAC_LEN));

            if (consent_sign(&key, consent_str_make(text, m), mac) != 0
                || memcmp(mac, want, sizeof(mac)) != 0)
            {
                wrong++;
            }
        }
    }

    is_int((long long) wrong, 0, "keys and texts of all lengths");
}


static void
test_encode(void)
{
    size_t                i, n;
    uint8_t               got[64];
    const encode_test_t  *t;

    for (i = 0; i < nelts(encode_tests); i++) {
        t = &encode_tests[i];
        n = consent_base64url(got, t->in);

        is_str(got, n, t->want, "base64url %d", (int) i);
        is_int((long long) n, (long long) CONSENT_BASE64URL_LEN(t->in.len),
               "base64url %d: length", (int) i);
    }
}


static void
test_keys(void)
{
    size_t         i;
    uint8_t        content[CONSENT_KEY_MAX + 3];
    unsigned       left;
    consent_key_t  key, other;

    static const char  plain[] = "0123456789abcdef0123456789abcdef";

    memset(content, 'k', sizeof(content));

    is_int(consent_key_init(&key, consent_str_make(NULL, 0)), -1,
           "key: nothing at all");
    is_int(consent_key_init(&key, consent_str_make(content, 15)), -1,
           "key: 15 bytes are too short");
    is_int(consent_key_init(&key, consent_str_make(content, 16)), 0,
           "key: 16 bytes are enough");
    is_int(consent_key_init(&key, consent_str_make(content, 512)), 0,
           "key: 512 bytes");
    is_int(consent_key_init(&key, consent_str_make(content, 513)), -1,
           "key: 513 bytes are too long");

    content[0] = '\n';
    content[513] = '\r';
    content[514] = '\n';

    is_int(consent_key_init(&key, consent_str_make(content, 515)), 0,
           "key: white space around it does not count");
    is_int((long long) key.len, 512, "key: and is no part of it");

    memset(content, ' ', sizeof(content));
    is_int(consent_key_init(&key, consent_str_make(content, 100)), -1,
           "key: white space alone is no key");

    is_int(consent_key_init(&key, str_of(plain)), 0, "key: a plain one");
    is_str(key.kid, sizeof(key.kid), "52c5", "key: its kid");

    is_int(consent_key_init(&other, str_of(
               " \t0123456789abcdef0123456789abcdef\r\n")), 0,
           "key: as written by an editor");
    ok(key.len == other.len
       && memcmp(key.secret, other.secret, sizeof(key.secret)) == 0
       && memcmp(key.kid, other.kid, sizeof(key.kid)) == 0,
       "key: is the same");

    is_int(consent_key_init(&other, str_of(
               "0123456789abcdef 0123456789abcdef")), 0,
           "key: white space inside is part of it");
    is_int((long long) other.len, 33, "key: and counts");

    is_int(consent_key_init(&other, consent_str_make(
               (const uint8_t *) "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16)), 0,
           "key: NULs are bytes like others");

    consent_key_wipe(&key);
    left = 0;

    for (i = 0; i < sizeof(key); i++) {
        left += (((const uint8_t *) &key)[i] != 0);
    }

    is_int(left, 0, "key: nothing is left after wiping");
}


static unsigned
count_accepted(const consent_key_t *key, consent_str_t data, uint8_t *mac,
    size_t pos)
{
    unsigned  c, n;
    uint8_t   was;

    n = 0;
    was = mac[pos];

    for (c = 0; c < 256; c++) {
        if (c == was) {
            continue;
        }

        mac[pos] = (uint8_t) c;
        n += (unsigned) consent_verify(key, data,
                                       consent_str_make(mac,
                                                        CONSENT_MAC_TEXT_LEN));
    }

    mac[pos] = was;

    return n;
}


static void
test_verify(void)
{
    size_t         i;
    uint8_t        mac[CONSENT_MAC_TEXT_LEN + 1], data[LONG_LEN];
    unsigned       accepted;
    consent_key_t  key, other;
    consent_str_t  s;

    memset(data, 'x', sizeof(data));
    s = consent_str_make(data, sizeof(data));

    consent_key_init(&key, str_of("0123456789abcdef0123456789abcdef"));
    consent_key_init(&other, str_of("0123456789abcdef0123456789abcdeF"));

    is_int(consent_sign(&key, s, mac), 0, "sign 8 KB");
    mac[CONSENT_MAC_TEXT_LEN] = 'A';

    ok(consent_verify(&key, s, consent_str_make(mac, 22)), "verify 8 KB");
    ok(!consent_verify(&other, s, consent_str_make(mac, 22)), "another key");

    data[LONG_LEN - 1] = 'y';
    ok(!consent_verify(&key, s, consent_str_make(mac, 22)), "another text");
    data[LONG_LEN - 1] = 'x';

    s.len--;
    ok(!consent_verify(&key, s, consent_str_make(mac, 22)), "less text");
    s.len++;

    accepted = 0;

    for (i = 0; i <= 23; i++) {
        accepted += (unsigned) consent_verify(&key, s,
                                              consent_str_make(mac, i));
    }

    is_int(accepted, 1, "of all lengths only 22 is accepted");
    ok(!consent_verify(&key, s, consent_str_make(NULL, 0)), "no signature");

    /* among them the 15 other texts that decode to the same 128 bits */

    accepted = 0;

    for (i = 0; i < CONSENT_MAC_TEXT_LEN; i++) {
        accepted += count_accepted(&key, s, mac, i);
    }

    is_int(accepted, 0, "22 x 255 changed signatures are refused");
    ok(consent_verify(&key, s, consent_str_make(mac, 22)),
       "the unchanged one still verifies");

    is_int(consent_sign(&key, consent_str_make(NULL, 0), mac), 0,
           "sign nothing at all");
    ok(consent_verify(&key, consent_str_make(data, 0),
                      consent_str_make(mac, 22)), "and verify it");
}


int
main(void)
{
    test_vectors();
    test_lengths();
    test_encode();
    test_keys();
    test_verify();

    return done_testing();
}
