/*
 * Copyright (C) ngx_consent_module authors
 *
 * The types that everything in core/ shares: a byte string that owns
 * nothing, the caller's memory, and ASCII helpers that know no locale.
 */


#ifndef CONSENT_STR_H
#define CONSENT_STR_H


#include <stddef.h>
#include <stdint.h>
#include <string.h>


/* a view: not NUL-terminated, never owns its bytes */

typedef struct {
    size_t          len;
    const uint8_t  *data;
} consent_str_t;


/*
 * Memory of the caller, used while a configuration is read and never while a
 * request is served.  It is released as a whole by its owner (in nginx: the
 * pool of the cycle), so there is no free.  alloc returns NULL on failure.
 */

typedef struct {
    void         *(*alloc)(void *data, size_t size);
    void           *data;
} consent_mem_t;


#define consent_str(text)  { sizeof(text) - 1, (const uint8_t *) (text) }


static inline uint8_t
consent_lower(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') ? (uint8_t) (c | 0x20) : c;
}


static inline int
consent_is_alpha(uint8_t c)
{
    c |= 0x20;

    return c >= 'a' && c <= 'z';
}


static inline int
consent_is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}


/* "ASCII whitespace" of the Infra standard: TAB, LF, FF, CR, space */

static inline int
consent_is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}


static inline consent_str_t
consent_str_make(const uint8_t *data, size_t len)
{
    consent_str_t  s;

    s.len = len;
    s.data = data;

    return s;
}


static inline int
consent_str_eq(consent_str_t a, consent_str_t b)
{
    return a.len == b.len
           && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}


/* ASCII case-insensitive */

static inline consent_str_t
consent_str_trim(consent_str_t s)
{
    while (s.len && consent_is_space(s.data[0])) {
        s.data++;
        s.len--;
    }

    while (s.len && consent_is_space(s.data[s.len - 1])) {
        s.len--;
    }

    return s;
}


static inline int
consent_str_caseeq(consent_str_t a, consent_str_t b)
{
    size_t  i;

    if (a.len != b.len) {
        return 0;
    }

    for (i = 0; i < a.len; i++) {
        if (consent_lower(a.data[i]) != consent_lower(b.data[i])) {
            return 0;
        }
    }

    return 1;
}


#endif /* CONSENT_STR_H */
