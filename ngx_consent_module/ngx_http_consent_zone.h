/*
 * Copyright (C) ngx_consent_module authors
 *
 * The zone of consent_zone: counters, what nobody has classified, and which
 * rules have matched.  Only ngx_http_consent_zone.c, _count.c, _inventory.c
 * and _status*.c look into shared memory; all others call the functions of
 * ngx_http_consent.h.
 */


#ifndef NGX_HTTP_CONSENT_ZONE_H
#define NGX_HTTP_CONSENT_ZONE_H


#include "ngx_http_consent.h"

#include "core/consent_cookie.h"
#include "core/consent_counter.h"
#include "core/consent_inventory.h"


/* names that a worker remembers; a power of two */

#define NGX_HTTP_CONSENT_KNOWN       512

/* longer ones are remembered by their hash alone */

#define NGX_HTTP_CONSENT_KNOWN_NAME  36


/* a name that was met, in a cache line of its own */

typedef struct {
    uint64_t                      hash;     /* 0: nothing was met */
    uint32_t                      place;    /* in the inventory */
    uint32_t                      attributes;   /* of the last Set-Cookie: a
                                               hash of their text; 0: none */
    consent_set_cookie_summary_t  summary;  /* what they say */
    uint8_t                       kind;
    uint8_t                       len;      /* 0: longer than there is room */
    uint8_t                       name[NGX_HTTP_CONSENT_KNOWN_NAME];
} ngx_http_consent_known_t;


/* in shared memory */

typedef struct {
    consent_counters_t          *counters;
    consent_inventory_t         *inventory;
    u_char                      *used;      /* rules: a Bloom filter */
    size_t                       used_size;
} ngx_http_consent_shared_t;


/* of one configuration */

struct ngx_http_consent_zone_s {

    /* what most requests need; the stripe is set by each worker */

    consent_counter_stripe_t     stripe;
    consent_inventory_t         *inventory;
    ngx_http_consent_known_t    *known;     /* of this worker */
    uint16_t                     sources[CONSENT_ROWS_SOURCES];
    uint16_t                     categories[CONSENT_MAX_CATEGORIES];

    ngx_http_consent_shared_t   *shared;
    ngx_slab_pool_t             *shpool;
    size_t                       size;

    ngx_http_consent_main_conf_t  *mcf;
    ngx_http_consent_zone_t     *previous;  /* of another size, or NULL */

    consent_str_t                source_names[CONSENT_ROWS_SOURCES];
    ngx_uint_t                   nsources;
};


/*
 * A copy of the inventory in memory of pool, the most frequent ones first.
 * NGX_ERROR: out of memory.
 */

ngx_int_t ngx_http_consent_inventory_read(ngx_http_consent_zone_t *zone,
    ngx_pool_t *pool, ngx_array_t *entries);

/* has this rule matched, as long as the zone exists? */

ngx_uint_t ngx_http_consent_rule_used(ngx_http_consent_zone_t *zone,
    const consent_match_rule_t *rule);


#endif /* NGX_HTTP_CONSENT_ZONE_H */
