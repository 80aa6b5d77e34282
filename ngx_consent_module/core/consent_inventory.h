/*
 * Copyright (C) ngx_consent_module authors
 *
 * What nobody has classified yet: names of cookies and third-party hosts as
 * they were met, in memory of a fixed size that several processes share.
 * When it is full, the one that was seen least recently gives way.
 *
 * No values, queries or addresses are kept.  A name that is met again costs
 * no lock: whoever met it remembers its place (consent_inventory_hit()).
 */


#ifndef CONSENT_INVENTORY_H
#define CONSENT_INVENTORY_H


#include "consent_str.h"


typedef enum {
    CONSENT_INVENTORY_COOKIE = 0,
    CONSENT_INVENTORY_HOST,
    CONSENT_INVENTORY_KINDS
} consent_inventory_kind_e;


#define CONSENT_INVENTORY_NAME  96
#define CONSENT_INVENTORY_PATH  72


/* what was met */

typedef struct {
    consent_inventory_kind_e  kind;
    consent_str_t             name;     /* of a host: as the URL parser
                                           writes it */
    consent_str_t             path;     /* of the page; without its query */
    uint32_t                  sent;     /* to be added to those of it */
    uint32_t                  set;
    uint32_t                  flags;    /* of a cookie: what its
                                           Set-Cookie lines say, see
                                           consent_cookie.h */
    uint32_t                  elements; /* of a host: bits of
                                           consent_blocked_e */
    uint32_t                  max_age;  /* of a cookie, seconds */
    int64_t                   now;      /* seconds since the epoch */

    /* set by consent_inventory_name() */

    uint64_t                  hash;
    uint8_t                   cut;      /* it was longer */
} consent_inventory_note_t;


/* what is kept of it */

typedef struct {
    uint64_t                  sent;     /* cookies that browsers sent */
    uint64_t                  set;      /* Set-Cookie lines; pages with a
                                           host */
    int64_t                   first;
    int64_t                   last;

    uint32_t                  elements;
    uint32_t                  flags;
    uint32_t                  max_age;

    uint8_t                   kind;
    uint8_t                   len;
    uint8_t                   path_len;
    uint8_t                   cut;      /* the name was longer */

    uint8_t                   name[CONSENT_INVENTORY_NAME];
    uint8_t                   path[CONSENT_INVENTORY_PATH];
} consent_inventory_entry_t;


typedef struct consent_inventory_s  consent_inventory_t;


/* that is no place */

#define CONSENT_INVENTORY_NONE  UINT32_MAX


/*
 * Makes an inventory of as many entries as size has room for; mem is aligned
 * to 64.  seed is secret and random, so that nobody can make names that meet
 * in one bucket.  NULL: there is no room for a single one.
 */

consent_inventory_t *consent_inventory_init(void *mem, size_t size,
    const uint64_t seed[2]);

/*
 * Makes of a name what is kept of it, and its hash, before anything else is
 * done: of a long name of a cookie the beginning, of a long host the end, from
 * a dot on.
 */

void consent_inventory_name(const consent_inventory_t *inv,
    consent_inventory_note_t *note);

/*
 * Without a lock, and whatever the note's path: notes that what is at that
 * place was met again; 0: it is not there any more, or has no path yet and
 * was met on a page.
 */

int consent_inventory_hit(consent_inventory_t *inv, uint32_t place,
    const consent_inventory_note_t *note);

/*
 * With a lock of the caller's: the same wherever it is, and if it is new;
 * returns its place
 */

uint32_t consent_inventory_add(consent_inventory_t *inv,
    const consent_inventory_note_t *note);

/*
 * With a lock of the caller's: copies up to n entries from place *from on and
 * moves it; returns how many.  0: there are no more.
 */

size_t consent_inventory_read(consent_inventory_t *inv, uint32_t *from,
    consent_inventory_entry_t *entries, size_t n);

/* all entries of another one into one that is new; with locks of both */

void consent_inventory_copy(consent_inventory_t *inv,
    const consent_inventory_t *from);


typedef struct {
    uint32_t                  entries;
    uint32_t                  room;
    uint64_t                  evicted;
} consent_inventory_size_t;

consent_inventory_size_t consent_inventory_size(
    const consent_inventory_t *inv);


#endif /* CONSENT_INVENTORY_H */
