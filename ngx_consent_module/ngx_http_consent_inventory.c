/*
 * Copyright (C) ngx_consent_module authors
 *
 * The inventory of what nobody has classified.  It is touched only where
 * something unclassified is met, and mostly without a lock: each worker
 * remembers the places of names that it has met.
 */


#include "ngx_http_consent_zone.h"


/* entries that are copied without letting others in between */

#define NGX_HTTP_CONSENT_READ  64

/* seconds after which the same attributes are read anew, for their Expires */

#define NGX_HTTP_CONSENT_ANEW  64


static consent_str_t ngx_http_consent_page_path(ngx_http_request_t *r);
static void ngx_http_consent_note_attributes(ngx_http_consent_known_t *known,
    consent_inventory_note_t *note, ngx_str_t *line);
static void ngx_http_consent_note(ngx_http_request_t *r,
    ngx_http_consent_zone_t *zone, ngx_http_consent_known_t *known,
    consent_inventory_note_t *note);
static ngx_http_consent_known_t *ngx_http_consent_know(
    ngx_http_consent_zone_t *zone, consent_inventory_note_t *note);
static int ngx_libc_cdecl ngx_http_consent_inventory_cmp(const void *one,
    const void *two);


void
ngx_http_consent_note_cookie(ngx_http_request_t *r, consent_str_t name,
    ngx_str_t *line)
{
    consent_inventory_note_t       note;
    ngx_http_consent_known_t      *known;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    if (mcf->zone == NULL) {
        return;
    }

    ngx_memzero(&note, sizeof(consent_inventory_note_t));

    note.kind = CONSENT_INVENTORY_COOKIE;
    note.name = name;
    note.now = ngx_time();

    known = ngx_http_consent_know(mcf->zone, &note);

    if (line) {
        ngx_http_consent_note_attributes(known, &note, line);
        note.set = 1;

    } else {
        note.sent = 1;
    }

    ngx_http_consent_note(r, mcf->zone, known, &note);
}


/* a site mostly sets a cookie with the same attributes again and again */

static void
ngx_http_consent_note_attributes(ngx_http_consent_known_t *known,
    consent_inventory_note_t *note, ngx_str_t *line)
{
    u_char    *p, *last;
    uint32_t   hash;

    last = line->data + line->len;
    p = ngx_strlchr(line->data, last, ';');

    if (p == NULL) {
        p = last;
    }

    hash = ngx_murmur_hash2(p, last - p)
           + (uint32_t) (note->now / NGX_HTTP_CONSENT_ANEW);

    /* nothing is known yet where all bits are set */

    hash &= 0x7fffffff;

    if (known->attributes != hash) {
        consent_set_cookie_summarise(&known->summary,
                                     consent_str_make(line->data, line->len),
                                     note->now);
        known->attributes = hash;
    }

    note->flags = known->summary.flags;
    note->max_age = known->summary.max_age;
}


void
ngx_http_consent_note_host(void *data, consent_str_t host, unsigned kind,
    unsigned known)
{
    ngx_http_request_t *r = data;

    consent_inventory_note_t       note;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    ngx_memzero(&note, sizeof(consent_inventory_note_t));

    note.kind = CONSENT_INVENTORY_HOST;
    note.name = host;
    note.set = !known;
    note.elements = 1U << kind;
    note.now = ngx_time();

    ngx_http_consent_note(r, mcf->zone,
                          ngx_http_consent_know(mcf->zone, &note), &note);
}


/* without the query, which may say who somebody is */

static consent_str_t
ngx_http_consent_page_path(ngx_http_request_t *r)
{
    u_char     *end;
    ngx_str_t  *uri;

    uri = &r->main->unparsed_uri;

    end = ngx_strlchr(uri->data, uri->data + uri->len, '?');

    return consent_str_make(uri->data, end ? (size_t) (end - uri->data)
                                           : uri->len);
}


static void
ngx_http_consent_note(ngx_http_request_t *r, ngx_http_consent_zone_t *zone,
    ngx_http_consent_known_t *known, consent_inventory_note_t *note)
{
    consent_inventory_t  *inventory;

    inventory = zone->shared->inventory;

    if (consent_inventory_hit(inventory, known->place, note)) {
        return;
    }

    if (note->set | note->elements) {
        note->path = ngx_http_consent_page_path(r);
    }

    ngx_shmtx_lock(&zone->shpool->mutex);

    known->place = consent_inventory_add(inventory, note);

    ngx_shmtx_unlock(&zone->shpool->mutex);
}


/*
 * Where a name is remembered, which may have to be cut for that.  Of two names
 * that meet here, each is looked for in the inventory.
 */

static ngx_http_consent_known_t *
ngx_http_consent_know(ngx_http_consent_zone_t *zone,
    consent_inventory_note_t *note)
{
    consent_inventory_name(zone->shared->inventory, note);

    return &zone->known[note->hash >> 32 & (NGX_HTTP_CONSENT_KNOWN - 1)];
}


ngx_int_t
ngx_http_consent_inventory_read(ngx_http_consent_zone_t *zone,
    ngx_pool_t *pool, ngx_array_t *entries)
{
    size_t                      n;
    uint32_t                    from;
    consent_inventory_t        *inventory;
    consent_inventory_size_t    size;
    consent_inventory_entry_t  *entry;

    inventory = zone->shared->inventory;
    size = consent_inventory_size(inventory);

    if (ngx_array_init(entries, pool, size.entries + NGX_HTTP_CONSENT_READ,
                       sizeof(consent_inventory_entry_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    from = 0;

    do {
        entry = ngx_array_push_n(entries, NGX_HTTP_CONSENT_READ);
        if (entry == NULL) {
            return NGX_ERROR;
        }

        ngx_shmtx_lock(&zone->shpool->mutex);

        n = consent_inventory_read(inventory, &from, entry,
                                   NGX_HTTP_CONSENT_READ);

        ngx_shmtx_unlock(&zone->shpool->mutex);

        entries->nelts -= NGX_HTTP_CONSENT_READ - n;

    } while (n);

    ngx_qsort(entries->elts, entries->nelts,
              sizeof(consent_inventory_entry_t),
              ngx_http_consent_inventory_cmp);

    return NGX_OK;
}


/* the most frequent first, and what is equal by name */

static int ngx_libc_cdecl
ngx_http_consent_inventory_cmp(const void *one, const void *two)
{
    uint64_t                          a, b;
    const consent_inventory_entry_t  *first, *second;

    first = one;
    second = two;

    a = first->sent + first->set;
    b = second->sent + second->set;

    if (a != b) {
        return a < b ? 1 : -1;
    }

    return (int) ngx_memn2cmp((u_char *) (uintptr_t) first->name,
                              (u_char *) (uintptr_t) second->name,
                              first->len, second->len);
}
