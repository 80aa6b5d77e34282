/*
 * Copyright (C) ngx_consent_module authors
 *
 * Cookie and Set-Cookie header fields as browsers write and read them
 * (RFC 6265 section 5, with the changes of RFC 6265bis).  Only ";" separates
 * cookies, names are case-sensitive, values may hold any other byte.
 */


#ifndef CONSENT_COOKIE_H
#define CONSENT_COOKIE_H


#include "consent_str.h"


typedef struct {
    consent_str_t  name;        /* trimmed of SP and HTAB; empty if no "=" */
    consent_str_t  value;       /* trimmed, quotes kept */
} consent_cookie_t;


/*
 * Takes the next pair off the front of *rest, the value of a Cookie header
 * field.  Returns 1, or 0 at the end.  Empty pairs (";;") are skipped.
 * A pair without "=" is a cookie with an empty name (6265bis).
 */

int consent_cookie_next(consent_str_t *rest, consent_cookie_t *cookie);


/* 1: the cookie stays */

typedef int (*consent_cookie_keep_pt)(void *data,
    const consent_cookie_t *cookie);

/*
 * Writes the kept pairs of header to dst (header.len bytes are enough),
 * joined by "; " (by ";" where header has no white space after it, so that
 * the result never grows), and returns the length.  *removed is the number of
 * pairs left out; if it is 0, dst holds header byte for byte.
 */

size_t consent_cookie_filter(uint8_t *dst, consent_str_t header,
    consent_cookie_keep_pt keep, void *data, unsigned *removed);


/* the cookie that a Set-Cookie line sets, read as RFC 6265bis section 5.6 */

void consent_set_cookie_parse(consent_str_t line, consent_cookie_t *cookie);


/* what is worth to be known of such a line, beside its name */

#define CONSENT_COOKIE_SESSION      0x001
#define CONSENT_COOKIE_PERSISTENT   0x002
#define CONSENT_COOKIE_DELETED      0x004
#define CONSENT_COOKIE_SECURE       0x008
#define CONSENT_COOKIE_HTTPONLY     0x010
#define CONSENT_COOKIE_DOMAIN       0x020
#define CONSENT_COOKIE_PARTITIONED  0x040
#define CONSENT_COOKIE_LAX          0x080
#define CONSENT_COOKIE_STRICT       0x100
#define CONSENT_COOKIE_CROSS_SITE   0x200   /* SameSite=None */

typedef struct {
    uint32_t       flags;
    uint32_t       max_age;     /* seconds, if persistent; at most
                                   UINT32_MAX */
} consent_set_cookie_summary_t;

void consent_set_cookie_summarise(consent_set_cookie_summary_t *summary,
    consent_str_t line, int64_t now);


/*
 * Both return the length written to dst, or 0 if the line is to stay as it
 * is.  dst holds line.len + CONSENT_SET_COOKIE_EXTRA bytes.  Every byte
 * outside of Max-Age and Expires is kept.  A line that deletes its cookie
 * (Max-Age <= 0, or without Max-Age an Expires in the past) is left alone.
 */

#define CONSENT_SET_COOKIE_EXTRA  64

/* without Max-Age and Expires, whatever they hold: a session cookie */

size_t consent_set_cookie_session(uint8_t *dst, consent_str_t line,
    int64_t now);

/*
 * Max-Age and Expires not later than now + max_age; seconds since the epoch.
 * Values that browsers ignore are left alone; of several attributes that are
 * over the limit only the one that counts, the last, is left.
 */

size_t consent_set_cookie_cap(uint8_t *dst, consent_str_t line, int64_t now,
    int64_t max_age);


/*
 * The cookie-date algorithm of RFC 6265 section 5.1.1.  0 and *time (seconds
 * since the epoch, UTC), or -1: not a date.
 */

int consent_cookie_date(consent_str_t text, int64_t *time);

/*
 * The other way round: "Thu, 01 Jan 1970 00:00:00 GMT" (RFC 9110).  A time
 * outside of the years 1601 to 9999 becomes the nearest inside.
 */

#define CONSENT_COOKIE_DATE_LEN  29

void consent_cookie_date_write(uint8_t dst[CONSENT_COOKIE_DATE_LEN],
    int64_t time);


#endif /* CONSENT_COOKIE_H */
