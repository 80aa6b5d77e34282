/*
 * Copyright (C) ngx_consent_module authors
 *
 * A hash table whose entries also stand in one list by when they were seen.
 * Who meets an entry again without the lock only says so in the entry; that
 * moves it to its place in the list when it is about to give way.
 *
 * A process may be killed in the middle of a change, and its lock be given
 * to another: that one finds "changing" set and makes the links anew from
 * what is in the entries.
 */


#include "consent_inventory.h"


#define NONE  CONSENT_INVENTORY_NONE

#define INVENTORY_LINE  64
#define INVENTORY_HEAD                                                       \
    ((sizeof(consent_inventory_t) + INVENTORY_LINE - 1)                      \
     / INVENTORY_LINE * INVENTORY_LINE)

/* so many in a row get another chance; then the oldest one gives way */

#define INVENTORY_CHANCES  64


/* what is met again touches this only, a cache line */

typedef struct {
    uint64_t                    hash;       /* 0: empty */
    uint64_t                    seen;       /* in additions to the inventory */
    uint64_t                    sent;
    uint64_t                    set;
    int64_t                     last;

    uint32_t                    elements;
    uint32_t                    flags;
    uint32_t                    max_age;

    uint8_t                     kind;
    uint8_t                     len;
    uint8_t                     path_len;
    uint8_t                     cut;

    uint64_t                    placed;     /* in additions, when it was put in
                                               its place */
} inventory_entry_t;


/* and the rest of an entry is elsewhere, so that these stand close together */

typedef struct {
    int64_t                     first;

    uint32_t                    next;       /* of the same bucket, or of the
                                               free ones */
    uint32_t                    newer;
    uint32_t                    older;

    uint8_t                     name[CONSENT_INVENTORY_NAME];
    uint8_t                     path[CONSENT_INVENTORY_PATH];
} inventory_rest_t;


struct consent_inventory_s {
    /* in one cache line what is needed without a lock */

    uint64_t                    seed[2];
    uint64_t                    additions;
    inventory_entry_t          *entries;
    inventory_rest_t           *rest;
    uint32_t                   *buckets;
    uint32_t                    room;
    uint32_t                    mask;       /* of buckets */

    uint64_t                    evicted;
    uint32_t                    n;

    uint32_t                    newest;
    uint32_t                    oldest;
    uint32_t                    free;

    uint32_t                    changing;
};


static void inventory_cut(consent_inventory_note_t *note);
static uint64_t inventory_hash(const consent_inventory_t *inv,
    const consent_inventory_note_t *note);
static void inventory_begin(consent_inventory_t *inv);
static void inventory_end(consent_inventory_t *inv);
static void inventory_reset(consent_inventory_t *inv);
static void inventory_repair(consent_inventory_t *inv);
static uint32_t inventory_find(const consent_inventory_t *inv, uint64_t hash);
static uint32_t inventory_take(consent_inventory_t *inv);
static uint32_t inventory_evict(consent_inventory_t *inv);
static void inventory_link(consent_inventory_t *inv, uint32_t i);
static void inventory_unlink(consent_inventory_t *inv, uint32_t i);
static void inventory_path(consent_inventory_t *inv, uint32_t i,
    consent_str_t path);
static void inventory_show(consent_inventory_entry_t *shown,
    const inventory_entry_t *e, const inventory_rest_t *rest);
static void inventory_hash_in(consent_inventory_t *inv, uint32_t i);
static void inventory_hash_out(consent_inventory_t *inv, uint32_t i);
static void inventory_count(consent_inventory_t *inv, inventory_entry_t *e,
    const consent_inventory_note_t *note);
static uint64_t inventory_siphash(const uint64_t seed[2], const uint8_t *p,
    size_t len, uint8_t first);
static uint64_t inventory_rotate(uint64_t x, unsigned bits);


consent_inventory_t *
consent_inventory_init(void *mem, size_t size, const uint64_t seed[2])
{
    size_t                room;
    uint32_t              buckets;
    consent_inventory_t  *inv = mem;

    if (size < INVENTORY_HEAD) {
        return NULL;
    }

    size -= INVENTORY_HEAD;
    room = size / (sizeof(inventory_entry_t) + sizeof(inventory_rest_t)
                   + sizeof(uint32_t));

    if (room == 0) {
        return NULL;
    }

    if (room > UINT32_MAX / 2) {
        room = UINT32_MAX / 2;
    }

    for (buckets = 1; buckets <= room / 2; buckets *= 2) {
        /* the largest power of two that is not above room */
    }

    memset(inv, 0, sizeof(consent_inventory_t));

    inv->seed[0] = seed[0];
    inv->seed[1] = seed[1];
    inv->room = (uint32_t) room;
    inv->mask = buckets - 1;

    inv->entries = (inventory_entry_t *) ((uintptr_t) mem + INVENTORY_HEAD);
    inv->rest = (inventory_rest_t *) (inv->entries + room);
    inv->buckets = (uint32_t *) (inv->rest + room);

    memset(inv->entries, 0, room * sizeof(inventory_entry_t));

    inventory_reset(inv);

    return inv;
}


/* no entry is linked, and those that are empty are free */

static void
inventory_reset(consent_inventory_t *inv)
{
    uint32_t  i;

    inv->newest = NONE;
    inv->oldest = NONE;
    inv->free = NONE;
    inv->n = 0;

    for (i = 0; i <= inv->mask; i++) {
        inv->buckets[i] = NONE;
    }

    for (i = inv->room; i > 0; i--) {
        if (inv->entries[i - 1].hash == 0) {
            inv->rest[i - 1].next = inv->free;
            inv->free = i - 1;
        }
    }
}


static void
inventory_begin(consent_inventory_t *inv)
{
    if (inv->changing) {
        inventory_repair(inv);
    }

    __atomic_store_n(&inv->changing, 1, __ATOMIC_SEQ_CST);
}


static void
inventory_end(consent_inventory_t *inv)
{
    __atomic_store_n(&inv->changing, 0, __ATOMIC_SEQ_CST);
}


/* their order is lost; what is in use now will show it again */

static void
inventory_repair(consent_inventory_t *inv)
{
    uint32_t            i;
    uint64_t            hash;
    inventory_entry_t  *e;

    inventory_reset(inv);

    for (i = 0; i < inv->room; i++) {
        e = &inv->entries[i];
        hash = e->hash;

        if (hash == 0) {
            continue;
        }

        if (e->len > CONSENT_INVENTORY_NAME
            || e->path_len > CONSENT_INVENTORY_PATH
            || inventory_find(inv, hash) != NONE)
        {
            __atomic_store_n(&e->hash, 0, __ATOMIC_RELEASE);
            inv->rest[i].next = inv->free;
            inv->free = i;
            continue;
        }

        inventory_hash_in(inv, i);
        inventory_link(inv, i);
        inv->n++;
    }
}


void
consent_inventory_name(const consent_inventory_t *inv,
    consent_inventory_note_t *note)
{
    note->cut = note->name.len > CONSENT_INVENTORY_NAME;

    if (note->cut) {
        inventory_cut(note);
    }

    note->hash = inventory_hash(inv, note);
}


static void
inventory_cut(consent_inventory_note_t *note)
{
    if (note->kind == CONSENT_INVENTORY_HOST) {
        note->name.data += note->name.len - CONSENT_INVENTORY_NAME;
        note->name.len = CONSENT_INVENTORY_NAME;

        while (note->name.len > 1 && note->name.data[0] != '.') {
            note->name.data++;
            note->name.len--;
        }

    } else {
        note->name.len = CONSENT_INVENTORY_NAME;
    }
}


static uint64_t
inventory_hash(const consent_inventory_t *inv,
    const consent_inventory_note_t *note)
{
    uint64_t  hash;

    hash = inventory_siphash(inv->seed, note->name.data, note->name.len,
                             (uint8_t) ((unsigned) note->kind * 2
                                        + note->cut));

    /* none is 0, which stands for an empty entry */

    return hash ? hash : 1;
}


int
consent_inventory_hit(consent_inventory_t *inv, uint32_t place,
    const consent_inventory_note_t *note)
{
    inventory_entry_t  *e;

    if (place >= inv->room) {
        return 0;
    }

    e = &inv->entries[place];

    if (__atomic_load_n(&e->hash, __ATOMIC_ACQUIRE) != note->hash
        || (e->path_len == 0 && (note->set | note->elements)))
    {
        return 0;
    }

    /*
     * If it gives way at this very moment, a count is another's: that is less
     * than a lock would cost.
     */

    inventory_count(inv, e, note);

    return 1;
}


uint32_t
consent_inventory_add(consent_inventory_t *inv,
    const consent_inventory_note_t *note)
{
    uint32_t            i;
    inventory_rest_t   *rest;
    inventory_entry_t  *e;

    if (inv->changing) {
        inventory_repair(inv);
        inventory_end(inv);
    }

    i = inventory_find(inv, note->hash);

    if (i != NONE) {
        e = &inv->entries[i];

        if (e->path_len == 0) {
            inventory_path(inv, i, note->path);
        }

        inventory_count(inv, e, note);

        return i;
    }

    inventory_begin(inv);

    i = inventory_take(inv);
    e = &inv->entries[i];
    rest = &inv->rest[i];

    __atomic_store_n(&inv->additions, inv->additions + 1, __ATOMIC_RELAXED);

    memset(e, 0, sizeof(inventory_entry_t));

    e->kind = (uint8_t) note->kind;
    e->cut = note->cut;
    e->len = (uint8_t) note->name.len;
    memcpy(rest->name, note->name.data, note->name.len);

    inventory_path(inv, i, note->path);

    rest->first = note->now;
    inventory_count(inv, e, note);

    __atomic_store_n(&e->hash, note->hash, __ATOMIC_RELEASE);

    inventory_hash_in(inv, i);
    inventory_link(inv, i);
    inv->n++;

    inventory_end(inv);

    return i;
}


static void
inventory_path(consent_inventory_t *inv, uint32_t i, consent_str_t path)
{
    if (path.len > CONSENT_INVENTORY_PATH) {
        path.len = CONSENT_INVENTORY_PATH;
    }

    if (path.len) {
        memcpy(inv->rest[i].path, path.data, path.len);
    }

    inv->entries[i].path_len = (uint8_t) path.len;
}


void
consent_inventory_copy(consent_inventory_t *inv,
    const consent_inventory_t *from)
{
    uint32_t                  i, place, n;
    inventory_entry_t        *e;
    const inventory_rest_t   *rest;
    const inventory_entry_t  *old;
    consent_inventory_note_t  note;

    memset(&note, 0, sizeof(consent_inventory_note_t));

    inv->evicted = from->evicted;

    /* as they were seen; a list that is broken ends by its number */

    i = from->oldest;

    for (n = 0; n < from->n && i < from->room; n++) {
        old = &from->entries[i];
        rest = &from->rest[i];
        i = rest->newer;

        note.kind = (consent_inventory_kind_e) old->kind;
        note.name = consent_str_make(rest->name, old->len);
        note.path = consent_str_make(rest->path, old->path_len);

        note.cut = old->cut;
        note.hash = inventory_hash(inv, &note);

        place = consent_inventory_add(inv, &note);
        e = &inv->entries[place];

        e->elements = old->elements;
        e->flags = old->flags;
        e->max_age = old->max_age;
        e->sent = old->sent;
        e->set = old->set;
        e->last = old->last;

        inv->rest[place].first = rest->first;
    }
}


size_t
consent_inventory_read(consent_inventory_t *inv, uint32_t *from,
    consent_inventory_entry_t *entries, size_t n)
{
    size_t                    got;
    uint32_t                  i;
    const inventory_entry_t  *e;

    got = 0;

    for (i = *from; i < inv->room && got < n; i++) {
        e = &inv->entries[i];

        if (e->hash != 0 && e->len <= CONSENT_INVENTORY_NAME
            && e->path_len <= CONSENT_INVENTORY_PATH)
        {
            inventory_show(&entries[got++], e, &inv->rest[i]);
        }
    }

    *from = i;

    return got;
}


static void
inventory_show(consent_inventory_entry_t *shown, const inventory_entry_t *e,
    const inventory_rest_t *rest)
{
    shown->sent = e->sent;
    shown->set = e->set;
    shown->first = rest->first;
    shown->last = e->last;
    shown->elements = e->elements;
    shown->flags = e->flags;
    shown->max_age = e->max_age;
    shown->kind = e->kind;
    shown->len = e->len;
    shown->path_len = e->path_len;
    shown->cut = e->cut;

    memcpy(shown->name, rest->name, sizeof(shown->name));
    memcpy(shown->path, rest->path, sizeof(shown->path));
}


consent_inventory_size_t
consent_inventory_size(const consent_inventory_t *inv)
{
    consent_inventory_size_t  size;

    size.entries = inv->n;
    size.room = inv->room;
    size.evicted = inv->evicted;

    return size;
}


static void
inventory_count(consent_inventory_t *inv, inventory_entry_t *e,
    const consent_inventory_note_t *note)
{
    uint64_t  additions;

    if (note->sent) {
        (void) __atomic_fetch_add(&e->sent, note->sent, __ATOMIC_RELAXED);
    }

    if (note->set) {
        (void) __atomic_fetch_add(&e->set, note->set, __ATOMIC_RELAXED);
    }

    if (note->flags & ~e->flags) {
        (void) __atomic_fetch_or(&e->flags, note->flags, __ATOMIC_RELAXED);
    }

    if (note->elements & ~e->elements) {
        (void) __atomic_fetch_or(&e->elements, note->elements,
                                 __ATOMIC_RELAXED);
    }

    if (note->max_age > e->max_age) {
        __atomic_store_n(&e->max_age, note->max_age, __ATOMIC_RELAXED);
    }

    /* most stores would write what is there, and take the line from others */

    if (e->last != note->now) {
        __atomic_store_n(&e->last, note->now, __ATOMIC_RELAXED);
    }

    additions = __atomic_load_n(&inv->additions, __ATOMIC_RELAXED);

    if (e->seen != additions) {
        __atomic_store_n(&e->seen, additions, __ATOMIC_RELAXED);
    }
}


static uint32_t
inventory_find(const consent_inventory_t *inv, uint64_t hash)
{
    uint32_t  i;

    i = inv->buckets[hash & inv->mask];

    while (i != NONE && inv->entries[i].hash != hash) {
        i = inv->rest[i].next;
    }

    return i;
}


/* a place for a new entry */

static uint32_t
inventory_take(consent_inventory_t *inv)
{
    uint32_t  i;

    i = inv->free;

    if (i == NONE) {
        return inventory_evict(inv);
    }

    inv->free = inv->rest[i].next;

    return i;
}


static uint32_t
inventory_evict(consent_inventory_t *inv)
{
    uint32_t            i, chances;
    inventory_entry_t  *e;

    for (chances = 0; chances < INVENTORY_CHANCES; chances++) {
        i = inv->oldest;
        e = &inv->entries[i];

        if (e->seen <= e->placed) {
            break;
        }

        inventory_unlink(inv, i);
        inventory_link(inv, i);
    }

    i = inv->oldest;

    inventory_unlink(inv, i);
    inventory_hash_out(inv, i);

    __atomic_store_n(&inv->entries[i].hash, 0, __ATOMIC_RELEASE);

    inv->n--;
    inv->evicted++;

    return i;
}


/* as the newest one */

static void
inventory_link(consent_inventory_t *inv, uint32_t i)
{
    inventory_rest_t  *rest;

    inv->entries[i].placed = inv->additions;

    rest = &inv->rest[i];

    rest->newer = NONE;
    rest->older = inv->newest;

    if (inv->newest != NONE) {
        inv->rest[inv->newest].newer = i;

    } else {
        inv->oldest = i;
    }

    inv->newest = i;
}


static void
inventory_unlink(consent_inventory_t *inv, uint32_t i)
{
    inventory_rest_t  *rest;

    rest = &inv->rest[i];

    if (rest->newer != NONE) {
        inv->rest[rest->newer].older = rest->older;

    } else {
        inv->newest = rest->older;
    }

    if (rest->older != NONE) {
        inv->rest[rest->older].newer = rest->newer;

    } else {
        inv->oldest = rest->newer;
    }
}


static void
inventory_hash_in(consent_inventory_t *inv, uint32_t i)
{
    uint32_t  *bucket;

    bucket = &inv->buckets[inv->entries[i].hash & inv->mask];

    inv->rest[i].next = *bucket;
    *bucket = i;
}


static void
inventory_hash_out(consent_inventory_t *inv, uint32_t i)
{
    uint32_t  *link;

    link = &inv->buckets[inv->entries[i].hash & inv->mask];

    while (*link != i) {
        link = &inv->rest[*link].next;
    }

    *link = inv->rest[i].next;
}


/*
 * SipHash-1-3 (Aumasson, Bernstein), but that the length and first are part of
 * the key, so that the last word may begin within the one before.
 */

#define INVENTORY_ROUND(v)                                                   \
    v[0] += v[1];  v[1] = inventory_rotate(v[1], 13) ^ v[0];                 \
    v[0] = inventory_rotate(v[0], 32);                                       \
    v[2] += v[3];  v[3] = inventory_rotate(v[3], 16) ^ v[2];                 \
    v[0] += v[3];  v[3] = inventory_rotate(v[3], 21) ^ v[0];                 \
    v[2] += v[1];  v[1] = inventory_rotate(v[1], 17) ^ v[2];                 \
    v[2] = inventory_rotate(v[2], 32)


static uint64_t
inventory_siphash(const uint64_t seed[2], const uint8_t *p, size_t len,
    uint8_t first)
{
    size_t    i;
    uint64_t  word, v[4];

    v[0] = seed[0] ^ 0x736f6d6570736575U;
    v[1] = seed[1] ^ 0x646f72616e646f6dU;
    v[2] = seed[0] ^ 0x6c7967656e657261U;
    v[3] = seed[1] ^ 0x7465646279746573U ^ ((uint64_t) len << 8 | first);

    for (i = 0; i + 8 < len; i += 8) {
        memcpy(&word, p + i, 8);
        v[3] ^= word;
        INVENTORY_ROUND(v);
        v[0] ^= word;
    }

    if (len >= 8) {
        memcpy(&word, p + len - 8, 8);

    } else {
        for (word = 0, i = 0; i < len; i++) {
            word = word << 8 | p[i];
        }
    }

    v[3] ^= word;
    INVENTORY_ROUND(v);
    v[0] ^= word;

    v[2] ^= 0xff;
    INVENTORY_ROUND(v);
    INVENTORY_ROUND(v);
    INVENTORY_ROUND(v);

    return v[0] ^ v[1] ^ v[2] ^ v[3];
}


static uint64_t
inventory_rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}
