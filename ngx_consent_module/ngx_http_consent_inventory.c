/*
 * Copyright (C) ngx_consent_module authors
 *
 * The inventory of what nobody has classified.  It is touched only where
 * something unclassified is met, and mostly without a lock: each worker
 * remembers the places of names that it has met.
 */


#include "ngx_http_consent_zone.h"


/*
 * For names that are new: kept apart from what is done for each name, which
 * takes longer to be fetched than to run
 */

#define ngx_http_consent_seldom  __attribute__((noinline, cold))


/* entries that are copied without letting others in between */

#define NGX_HTTP_CONSENT_READ  64

/* seconds after which the same attributes are read anew, for their Expires */

#define NGX_HTTP_CONSENT_ANEW  64


static ngx_inline void ngx_http_consent_note_init(
    consent_inventory_note_t *note, consent_inventory_kind_e kind,
    consent_str_t name);
static ngx_inline ngx_http_consent_known_t *ngx_http_consent_known(
    ngx_http_consent_zone_t *zone, consent_inventory_note_t *note);
static ngx_inline ngx_uint_t ngx_http_consent_known_index(consent_str_t name);
static ngx_http_consent_seldom void ngx_http_consent_learn(
    ngx_http_consent_zone_t *zone,
    ngx_http_consent_known_t *known, consent_inventory_note_t *note);
static void ngx_http_consent_note_attributes(ngx_http_consent_known_t *known,
    consent_inventory_note_t *note, ngx_str_t *line);
static ngx_inline void ngx_http_consent_note(ngx_http_request_t *r,
    ngx_http_consent_zone_t *zone, ngx_http_consent_known_t *known,
    consent_inventory_note_t *note);
static ngx_http_consent_seldom void ngx_http_consent_note_new(
    ngx_http_request_t *r,
    ngx_http_consent_zone_t *zone, ngx_http_consent_known_t *known,
    consent_inventory_note_t *note);
static consent_str_t ngx_http_consent_page_path(ngx_http_request_t *r);
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

    ngx_http_consent_note_init(&note, CONSENT_INVENTORY_COOKIE, name);

    known = ngx_http_consent_known(mcf->zone, &note);

    if (line) {
        ngx_http_consent_note_attributes(known, &note, line);
        note.set = 1;

    } else {
        note.sent = 1;
    }

    ngx_http_consent_note(r, mcf->zone, known, &note);
}


/* field by field: so small a piece of memory is slow to clear as such */

static ngx_inline void
ngx_http_consent_note_init(consent_inventory_note_t *note,
    consent_inventory_kind_e kind, consent_str_t name)
{
    note->kind = kind;
    note->name = name;
    note->path.data = NULL;
    note->path.len = 0;
    note->sent = 0;
    note->set = 0;
    note->flags = 0;
    note->elements = 0;
    note->max_age = 0;
    note->now = ngx_time();
}


/*
 * What is remembered of the name, which takes no hash if it was the last one
 * to be met there.
 */

static ngx_inline ngx_http_consent_known_t *
ngx_http_consent_known(ngx_http_consent_zone_t *zone,
    consent_inventory_note_t *note)
{
    ngx_http_consent_known_t  *known;

    known = &zone->known[ngx_http_consent_known_index(note->name)];

    if (known->len == note->name.len && known->len
        && known->kind == note->kind
        && ngx_memcmp(known->name, note->name.data, known->len) == 0)
    {
        note->hash = known->hash;
        note->cut = 0;

    } else {
        ngx_http_consent_learn(zone, known, note);
    }

    return known;
}


/*
 * By the length and by what stands at the beginning, in the middle and at the
 * end, since names differ there.  It need not be hard to guess: names that
 * meet only cost a hash.
 */

static ngx_inline ngx_uint_t
ngx_http_consent_known_index(consent_str_t name)
{
    size_t    len;
    uint32_t  hash, first, middle, end;

    len = name.len;

    if (len < sizeof(uint32_t)) {
        return len ? name.data[0] ^ name.data[len - 1] : 0;
    }

    ngx_memcpy(&first, name.data, sizeof(uint32_t));
    ngx_memcpy(&middle, name.data + len / 2 - 2, sizeof(uint32_t));
    ngx_memcpy(&end, name.data + len - sizeof(uint32_t), sizeof(uint32_t));

    hash = (first ^ end * 31 ^ (uint32_t) len) + middle * 7;

    /* the upper bits of a product depend on all of the lower ones */

    return hash * 0x9e3779b1u >> 16 & (NGX_HTTP_CONSENT_KNOWN - 1);
}


static ngx_http_consent_seldom void
ngx_http_consent_learn(ngx_http_consent_zone_t *zone,
    ngx_http_consent_known_t *known, consent_inventory_note_t *note)
{
    consent_str_t  name;

    name = note->name;

    consent_inventory_name(zone->inventory, note);

    /* long names are known by their hash */

    if (known->hash == note->hash) {
        return;
    }

    ngx_memzero(known, sizeof(ngx_http_consent_known_t));

    known->hash = note->hash;
    known->place = CONSENT_INVENTORY_NONE;
    known->kind = (uint8_t) note->kind;

    if (name.len <= NGX_HTTP_CONSENT_KNOWN_NAME) {
        known->len = (uint8_t) name.len;
        ngx_memcpy(known->name, name.data, name.len);
    }
}


/* a site mostly sets a cookie with the same attributes again and again */

static void
ngx_http_consent_note_attributes(ngx_http_consent_known_t *known,
    consent_inventory_note_t *note, ngx_str_t *line)
{
    u_char    *p, *last;
    uint32_t   hash;

    last = line->data + line->len;
    p = memchr(line->data, ';', line->len);

    if (p == NULL) {
        p = last;
    }

    hash = ngx_murmur_hash2(p, last - p)
           + (uint32_t) (note->now / NGX_HTTP_CONSENT_ANEW);

    if (hash == 0) {
        hash = 1;
    }

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

    ngx_http_consent_note_init(&note, CONSENT_INVENTORY_HOST, host);

    note.set = !known;
    note.elements = 1U << kind;

    ngx_http_consent_note(r, mcf->zone,
                          ngx_http_consent_known(mcf->zone, &note), &note);
}


static ngx_inline void
ngx_http_consent_note(ngx_http_request_t *r, ngx_http_consent_zone_t *zone,
    ngx_http_consent_known_t *known, consent_inventory_note_t *note)
{
    if (!consent_inventory_hit(zone->inventory, known->place, note)) {
        ngx_http_consent_note_new(r, zone, known, note);
    }
}


/* for this worker at least */

static ngx_http_consent_seldom void
ngx_http_consent_note_new(ngx_http_request_t *r,
    ngx_http_consent_zone_t *zone, ngx_http_consent_known_t *known,
    consent_inventory_note_t *note)
{
    if (note->set | note->elements) {
        note->path = ngx_http_consent_page_path(r);
    }

    ngx_shmtx_lock(&zone->shpool->mutex);

    known->place = consent_inventory_add(zone->inventory, note);

    ngx_shmtx_unlock(&zone->shpool->mutex);
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


ngx_int_t
ngx_http_consent_inventory_read(ngx_http_consent_zone_t *zone,
    ngx_pool_t *pool, ngx_array_t *entries)
{
    size_t                      n;
    uint32_t                    from;
    consent_inventory_t        *inventory;
    consent_inventory_size_t    size;
    consent_inventory_entry_t  *entry;

    inventory = zone->inventory;
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
