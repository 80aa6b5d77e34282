/*
 * Copyright (C) ngx_consent_module authors
 *
 * Hash table of literals: open addressing with linear probing, never more
 * than half full.  Slots are apart from entries and small, so that a look-up
 * that misses, the usual case, touches one cache line.
 */


#include "consent_match_private.h"


#define CONSENT_DICT_MIN   16
#define CONSENT_ARRAY_MIN  4


static uint64_t consent_dict_hash(const consent_dict_t *dict,
    consent_str_t key);
static int consent_dict_rehash(const consent_mem_t *mem,
    consent_dict_t *dict);
static void consent_dict_place(consent_dict_t *dict, uint32_t hash,
    uint32_t entry);


const consent_dict_entry_t *
consent_dict_probe(const consent_dict_t *dict, uint32_t folded,
    uint32_t owner, const uint8_t *key, size_t len)
{
    uint32_t                     i;
    const consent_dict_slot_t   *slot;
    const consent_dict_entry_t  *entry;

    for (i = folded;; i++) {
        slot = &dict->slots[i & (dict->size - 1)];

        if (slot->entry == 0) {
            return NULL;
        }

        if (slot->hash != folded) {
            continue;
        }

        entry = &dict->entries[slot->entry - 1];

        if (entry->len == len
            && entry->owner == owner
            && memcmp(entry->key, key, len) == 0)
        {
            return entry;
        }
    }
}


const consent_dict_entry_t *
consent_dict_get(const consent_dict_t *dict, uint32_t owner,
    consent_str_t key)
{
    return consent_dict_find(dict, consent_dict_hash(dict, key), owner,
                             key.data, key.len);
}


int
consent_dict_add(const consent_mem_t *mem, consent_dict_t *dict,
    uint32_t owner, consent_str_t key, uint32_t value, unsigned origin)
{
    uint8_t               *copy;
    uint32_t               hash;
    consent_dict_entry_t  *entry;

    /* slots and entries grow together */

    if (dict->n == dict->size / 2 && consent_dict_rehash(mem, dict) != 0) {
        return -1;
    }

    copy = mem->alloc(mem->data, key.len + 1);
    if (copy == NULL) {
        return -1;
    }

    memcpy(copy, key.data, key.len);

    entry = &dict->entries[dict->n++];

    entry->key = copy;
    entry->len = (uint32_t) key.len;
    entry->owner = owner;
    entry->value = value;
    entry->origin = origin;

    if (entry->len > dict->max_len) {
        dict->max_len = entry->len;
    }

    hash = consent_hash_fold(consent_dict_hash(dict, key), owner);
    consent_dict_place(dict, hash, dict->n);

    return 0;
}


static uint64_t
consent_dict_hash(const consent_dict_t *dict, consent_str_t key)
{
    size_t    i;
    uint64_t  hash;

    hash = CONSENT_HASH_START;

    for (i = 0; i < key.len; i++) {
        hash = consent_hash_byte(hash, key.data[dict->reversed
                                                ? key.len - 1 - i : i]);
    }

    return hash;
}


static int
consent_dict_rehash(const consent_mem_t *mem, consent_dict_t *dict)
{
    uint8_t               *filter;
    uint32_t               i, size, old;
    consent_dict_slot_t   *slots, *from;
    consent_dict_entry_t  *entries;

    old = dict->size;
    from = dict->slots;

    if (old > UINT32_MAX / 4) {
        return -1;
    }

    size = old ? old * 2 : CONSENT_DICT_MIN;

    slots = mem->alloc(mem->data, size * sizeof(consent_dict_slot_t));
    entries = mem->alloc(mem->data, size / 2 * sizeof(consent_dict_entry_t));

    filter = mem->alloc(mem->data, size);

    if (slots == NULL || entries == NULL || filter == NULL) {
        return -1;
    }

    memset(slots, 0, size * sizeof(consent_dict_slot_t));
    memset(filter, 0, size);

    if (dict->n) {
        memcpy(entries, dict->entries,
               dict->n * sizeof(consent_dict_entry_t));
    }

    dict->slots = slots;
    dict->entries = entries;
    dict->filter = filter;
    dict->size = size;

    for (i = 0; i < old; i++) {
        if (from[i].entry) {
            consent_dict_place(dict, from[i].hash, from[i].entry);
        }
    }

    return 0;
}


static void
consent_dict_place(consent_dict_t *dict, uint32_t hash, uint32_t entry)
{
    uint32_t  i;

    i = hash & (dict->size - 1);

    while (dict->slots[i].entry) {
        i = (i + 1) & (dict->size - 1);
    }

    dict->filter[(hash >> 3) & (dict->size - 1)] |=
                                                 (uint8_t) (1U << (hash & 7));
    dict->slots[i].hash = hash;
    dict->slots[i].entry = entry;
}


int
consent_lengths_add(const consent_mem_t *mem, consent_lengths_t *lengths,
    size_t len)
{
    uint32_t   i, *values;

    for (i = 0; i < lengths->n && lengths->values[i] < len; i++) {
        /* the place that keeps the order */
    }

    if (i < lengths->n && lengths->values[i] == len) {
        return 0;
    }

    values = consent_array_grow(mem, lengths->values, lengths->n,
                                &lengths->size, sizeof(uint32_t));
    if (values == NULL) {
        return -1;
    }

    memmove(values + i + 1, values + i, (lengths->n - i) * sizeof(uint32_t));

    values[i] = (uint32_t) len;

    lengths->values = values;
    lengths->n++;

    return 0;
}


void *
consent_array_grow(const consent_mem_t *mem, void *data, uint32_t n,
    uint32_t *room, size_t element)
{
    void      *grown;
    uint32_t   wanted;

    if (n < *room) {
        return data;
    }

    if (*room > UINT32_MAX / 2) {
        return NULL;
    }

    wanted = *room ? *room * 2 : CONSENT_ARRAY_MIN;

    grown = mem->alloc(mem->data, wanted * element);
    if (grown == NULL) {
        return NULL;
    }

    if (n) {
        memcpy(grown, data, n * element);
    }

    *room = wanted;

    return grown;
}
