/*
 * Copyright (C) ngx_consent_module authors
 *
 * Entity-tags (RFC 9110, section 8.8.3): the lists of them in conditional
 * requests, and the envelope in which the tag of a page is sent.
 *
 * A page that depends on consent is sent with
 *
 *     "cn1.<variant>.<kind>.<original>"
 *
 * so that a tag is worth something within one variant only.  <variant> has
 * eight hexadecimal digits.  <kind> and <original> hold every byte of what
 * the upstream had sent:
 *
 *     s  a strong tag, without its quotes
 *     w  a weak tag, without W/ and quotes
 *     o  an odd one, which is no entity-tag: all of it, with %XX for what an
 *        entity-tag cannot hold
 *
 * The envelope itself is weak if the tag was, or if the body is no longer
 * that of the upstream.  Envelopes nest: what is in one may be another one,
 * of a server behind this one.
 */


#ifndef CONSENT_ETAG_H
#define CONSENT_ETAG_H


#include "consent_str.h"


/*
 * The longest envelope.  A client sends it back in one request header line,
 * for which nginx has 8k unless told otherwise.
 */

#define CONSENT_ETAG_MAX  6144


/* one member of a list */

typedef struct {
    consent_str_t   raw;        /* as written, no white space around it */
    consent_str_t   opaque;     /* without W/ and quotes; raw if odd */

    unsigned        weak:1;
    unsigned        odd:1;      /* no entity-tag; "*" is one of those */
} consent_etag_t;


typedef enum {
    CONSENT_ETAG_FOREIGN = 0,   /* no envelope, or a damaged one */
    CONSENT_ETAG_STALE,         /* an envelope of another variant */
    CONSENT_ETAG_CURRENT
} consent_etag_origin_e;


typedef struct {
    uint32_t        variant;

    unsigned        any:1;      /* envelopes of every variant are opened */
    unsigned        strong:1;   /* the list is compared strongly: If-Match */
    unsigned        keep:1;     /* what is not opened stays as it is */
} consent_etag_conf_t;


typedef struct {
    unsigned        opened;
    unsigned        kept;
    unsigned        dropped;

    consent_str_t   first;      /* the first opened one, as in the list */
} consent_etag_count_t;


/*
 * The next member of a list.  Returns 1, or 0 at the end.  Empty members are
 * skipped; commas inside of quotes are no separators.
 */

int consent_etag_next(consent_str_t *list, consent_etag_t *tag);

consent_etag_origin_e consent_etag_origin(const consent_etag_t *tag,
    uint32_t variant);

/*
 * The size of the memory that consent_etag_wrap() needs for the value of an
 * ETag field; 0 if that is empty or "*", which are no tags that could come
 * back, or if the envelope would be longer than CONSENT_ETAG_MAX.
 */

size_t consent_etag_wrap_size(consent_str_t value);

/* returns the length; weak: the body is not that of the upstream */

size_t consent_etag_wrap(uint8_t *dst, consent_str_t value, uint32_t variant,
    int weak);

/*
 * Restores what the upstream had sent.  Call it for what is not
 * CONSENT_ETAG_FOREIGN only.  dst has room for tag->raw.len bytes, which the
 * result never exceeds.
 */

size_t consent_etag_unwrap(uint8_t *dst, const consent_etag_t *tag);

/* the weak comparison of RFC 9110, section 8.8.3.2, for odd ones as well */

int consent_etag_match(consent_str_t a, consent_str_t b);

/*
 * A list as the upstream is to see it: If-None-Match, or If-Match with
 * conf->strong.  There, an envelope that is weak now is opened as a weak tag,
 * which matches nothing, so that a change never overwrites what the client
 * has seen changed.  dst has room for twice the length of the list.  The
 * counts are added to.  Returns the length; 0: nothing is left.
 */

size_t consent_etag_list(uint8_t *dst, consent_str_t list,
    const consent_etag_conf_t *conf, consent_etag_count_t *count);


#endif /* CONSENT_ETAG_H */
