/*
 * Copyright (C) ngx_consent_module authors
 *
 * consent_zone: shared memory for counters, for the inventory, and for which
 * rules have matched.
 *
 * It outlives configurations.  After a reload workers of both count at
 * once, so that nothing in it depends on the order of categories or rules.
 */


#include "ngx_http_consent_zone.h"

#include <openssl/rand.h>

#include "core/consent_bloom.h"


#define NGX_HTTP_CONSENT_ZONE_MIN    (8 * ngx_pagesize)

/* bits of rules that have matched: a part of the zone, within bounds */

#define NGX_HTTP_CONSENT_USED_PART   64
#define NGX_HTTP_CONSENT_USED_MIN    512
#define NGX_HTTP_CONSENT_USED_MAX    32768

#define NGX_HTTP_CONSENT_LINE        64
#define ngx_http_consent_lines(n)    ngx_align(n, NGX_HTTP_CONSENT_LINE)


static ngx_http_consent_zone_t *ngx_http_consent_zone_previous(
    ngx_conf_t *cf, ngx_str_t *name);
static ngx_int_t ngx_http_consent_zone_init(ngx_shm_zone_t *shm_zone,
    void *data);
static ngx_int_t ngx_http_consent_zone_layout(ngx_shm_zone_t *shm_zone,
    ngx_http_consent_zone_t *zone);
static ngx_int_t ngx_http_consent_zone_bind(ngx_shm_zone_t *shm_zone,
    ngx_http_consent_zone_t *zone);
static void ngx_http_consent_zone_copy(ngx_http_consent_zone_t *zone,
    ngx_http_consent_zone_t *previous);


/* what a decision without a source is counted under; and the one built in */

static const consent_str_t  ngx_http_consent_no_source = consent_str("none");
static const consent_str_t  ngx_http_consent_own_source = consent_str("own");


char *
ngx_http_consent_zone_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_consent_main_conf_t *mcf = conf;

    u_char                   *colon;
    ssize_t                   size;
    ngx_str_t                *value, name, s;
    ngx_shm_zone_t           *shm_zone;
    ngx_http_consent_zone_t  *zone;

    if (mcf->zone) {
        return "is duplicate";
    }

    value = cf->args->elts;

    colon = (value[1].len > 5 && ngx_strncmp(value[1].data, "zone=", 5) == 0)
            ? ngx_strlchr(value[1].data, value[1].data + value[1].len, ':')
            : NULL;

    if (colon == NULL || colon == value[1].data + 5) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\" in \"%V\", write "
                           "\"zone=NAME:SIZE\", such as "
                           "\"zone=consent:2m\"", &value[1], &cmd->name);
        return NGX_CONF_ERROR;
    }

    name.data = value[1].data + 5;
    name.len = colon - name.data;

    s.data = colon + 1;
    s.len = value[1].data + value[1].len - s.data;

    size = ngx_parse_size(&s);

    if (size == NGX_ERROR || size < (ssize_t) NGX_HTTP_CONSENT_ZONE_MIN) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid size \"%V\" of zone \"%V\", it must be "
                           "at least %uzk, and 2m is enough for most",
                           &s, &name,
                           (size_t) NGX_HTTP_CONSENT_ZONE_MIN / 1024);
        return NGX_CONF_ERROR;
    }

    zone = ngx_pcalloc(cf->pool, sizeof(ngx_http_consent_zone_t));
    if (zone == NULL) {
        return NGX_CONF_ERROR;
    }

    shm_zone = ngx_shared_memory_add(cf, &name, size,
                                     &ngx_http_consent_module);
    if (shm_zone == NULL) {
        return NGX_CONF_ERROR;
    }

    zone->known = ngx_pmemalign(cf->pool,
                                NGX_HTTP_CONSENT_KNOWN
                                * sizeof(ngx_http_consent_known_t),
                                NGX_HTTP_CONSENT_LINE);
    if (zone->known == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(zone->known,
                NGX_HTTP_CONSENT_KNOWN * sizeof(ngx_http_consent_known_t));

    zone->size = size;
    zone->mcf = mcf;
    zone->previous = ngx_http_consent_zone_previous(cf, &name);

    shm_zone->init = ngx_http_consent_zone_init;
    shm_zone->data = zone;

    mcf->zone = zone;

    return NGX_CONF_OK;
}


/* the zone of that name in the configuration that is running */

static ngx_http_consent_zone_t *
ngx_http_consent_zone_previous(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_uint_t        i;
    ngx_cycle_t      *cycle;
    ngx_list_part_t  *part;
    ngx_shm_zone_t   *shm_zone;

    cycle = cf->cycle->old_cycle;

    if (cycle == NULL) {
        return NULL;
    }

    for (part = &cycle->shared_memory.part; part; part = part->next) {
        shm_zone = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (shm_zone[i].tag == &ngx_http_consent_module
                && shm_zone[i].shm.name.len == name->len
                && ngx_strncmp(shm_zone[i].shm.name.data, name->data,
                               name->len)
                   == 0)
            {
                return shm_zone[i].data;
            }
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_consent_zone_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_consent_zone_t *old = data;

    ngx_http_consent_zone_t  *zone, *previous;

    zone = shm_zone->data;
    previous = zone->previous;

    /* the configuration that has it is released after this one */

    zone->previous = NULL;

    if (old) {
        zone->shared = old->shared;
        zone->shpool = old->shpool;

    } else {
        zone->shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

        if (shm_zone->shm.exists) {
            zone->shared = zone->shpool->data;

        } else {
            if (ngx_http_consent_zone_layout(shm_zone, zone) != NGX_OK) {
                return NGX_ERROR;
            }

            if (previous && previous->shared) {
                ngx_http_consent_zone_copy(zone, previous);
            }
        }
    }

    zone->inventory = zone->shared->inventory;

    return ngx_http_consent_zone_bind(shm_zone, zone);
}


/* all of the memory in one piece, since nothing of it is ever released */

static ngx_int_t
ngx_http_consent_zone_layout(ngx_shm_zone_t *shm_zone,
    ngx_http_consent_zone_t *zone)
{
    u_char                     *p, *last;
    size_t                      size, used, counters, head;
    uint64_t                    seed[2];
    ngx_uint_t                  i, stripes;
    ngx_http_consent_shared_t  *shared;

    size = zone->shpool->pfree << ngx_pagesize_shift;
    head = ngx_http_consent_lines(sizeof(ngx_http_consent_shared_t));

    for (used = NGX_HTTP_CONSENT_USED_MIN;
         used < NGX_HTTP_CONSENT_USED_MAX
         && used < size / NGX_HTTP_CONSENT_USED_PART;
         used *= 2)
    {
        /* a power of two */
    }

    for (stripes = CONSENT_COUNTER_STRIPES; stripes > 1; stripes /= 2) {
        if (consent_counters_size(stripes) <= size / 8) {
            break;
        }
    }

    counters = ngx_http_consent_lines(consent_counters_size(stripes));

    p = (head + counters + used < size) ? ngx_slab_alloc(zone->shpool, size)
                                        : NULL;
    if (p == NULL) {
        goto too_small;
    }

    last = p + size;

    ngx_memzero(p, head + counters + used);

    shared = (ngx_http_consent_shared_t *) p;
    p += head;

    shared->counters = consent_counters_init(p, stripes, ngx_time());
    p += counters;

    shared->used = p;
    shared->used_size = used;
    p += used;

    for (i = 0; i < 2; i++) {
        if (RAND_bytes((u_char *) &seed[i], sizeof(seed[i])) != 1) {
            ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                          "the system has no random numbers for "
                          "\"consent_zone\"");
            return NGX_ERROR;
        }
    }

    shared->inventory = consent_inventory_init(p, last - p, seed);

    if (shared->inventory == NULL) {
        goto too_small;
    }

    zone->shared = shared;
    zone->shpool->data = shared;
    zone->shpool->log_nomem = 0;

    return NGX_OK;

too_small:

    ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                  "zone \"%V\" of \"consent_zone\" is too small, make it 2m",
                  &shm_zone->shm.name);

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_consent_zone_bind(ngx_shm_zone_t *shm_zone,
    ngx_http_consent_zone_t *zone)
{
    int                rc;
    ngx_uint_t         i;
    consent_str_t      names[CONSENT_MAX_CATEGORIES];
    consent_policy_t  *policy;
    ngx_http_consent_source_t  **sources;

    policy = &zone->mcf->policy;

    for (i = 0; i < policy->ncategories; i++) {
        names[i] = policy->categories[i].name;
    }

    zone->source_names[0] = ngx_http_consent_no_source;
    zone->source_names[1] = ngx_http_consent_own_source;
    zone->nsources = 2;

    sources = zone->mcf->sources.elts;

    for (i = 0; i < zone->mcf->sources.nelts; i++) {

        if (sources[i]->used && zone->nsources < CONSENT_ROWS_SOURCES) {
            zone->source_names[zone->nsources++] =
                consent_str_make(sources[i]->name.data,
                                 sources[i]->name.len);
        }
    }

    ngx_shmtx_lock(&zone->shpool->mutex);

    rc = consent_counters_bind(zone->shared->counters, CONSENT_ROW_CATEGORY,
                               names, policy->ncategories, zone->categories)
         | consent_counters_bind(zone->shared->counters, CONSENT_ROW_SOURCE,
                                 zone->source_names,
                                 (unsigned) zone->nsources, zone->sources);

    ngx_shmtx_unlock(&zone->shpool->mutex);

    if (rc != 0) {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "more names than \"consent_zone\" can count");
        return NGX_ERROR;
    }

    return NGX_OK;
}


/*
 * Workers of the old configuration go on with the old zone: what they do
 * after this is not counted any more.
 */

static void
ngx_http_consent_zone_copy(ngx_http_consent_zone_t *zone,
    ngx_http_consent_zone_t *previous)
{
    ngx_http_consent_shared_t  *to, *from;

    to = zone->shared;
    from = previous->shared;

    ngx_shmtx_lock(&previous->shpool->mutex);

    consent_counters_copy(to->counters, from->counters);
    consent_inventory_copy(to->inventory, from->inventory);

    ngx_shmtx_unlock(&previous->shpool->mutex);

    consent_bloom_copy(to->used, to->used_size, from->used, from->used_size);
}
