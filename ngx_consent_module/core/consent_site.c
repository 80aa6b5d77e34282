/*
 * Copyright (C) ngx_consent_module authors
 *
 * Registrable domains through libpsl, and the set of hosts that count as the
 * site's own.  libpsl keeps its list in memory of its own; looking a host up
 * allocates nothing, but takes as long as reading a thousand bytes of a page.
 * So the last hosts are remembered.
 */


#include <libpsl.h>

#include "consent_host.h"
#include "consent_site.h"


/* hosts whose domain is remembered, a power of two; longer ones are not */

#define CONSENT_SITE_MEMO      64
#define CONSENT_SITE_MEMO_LEN  60


/* slots of a new table of hosts */

#define CONSENT_HOSTS_SLOTS  16


typedef struct {
    uint8_t                len;         /* 0: empty */
    uint8_t                skip;        /* where the domain begins; len: it
                                           has none */
    uint8_t                host[CONSENT_SITE_MEMO_LEN];
} consent_site_memo_t;


struct consent_site_s {
    const psl_ctx_t       *psl;
    psl_ctx_t             *loaded;      /* NULL: psl is the built-in one */
    consent_site_memo_t   *memo;        /* by hash of the host */
};


typedef struct {
    consent_str_t          host;        /* data is NULL: the slot is free */
    uint32_t               hash;
    unsigned               suffix:1;    /* its subdomains as well */
} consent_hosts_slot_t;


struct consent_hosts_s {
    consent_hosts_slot_t  *slots;
    size_t                 n;           /* a power of two */
    size_t                 used;
    const consent_mem_t   *mem;
};


static size_t consent_site_skip(const consent_site_t *site,
    consent_str_t host);
static int consent_site_is_address(consent_str_t host);
static int consent_hosts_read(uint8_t name[CONSENT_HOST_SIZE],
    consent_str_t *host, consent_str_t pattern);
static int consent_hosts_grow(consent_hosts_t *hosts, size_t n);
static uint32_t consent_hosts_hash(consent_str_t host);
static uint32_t consent_hosts_hash_byte(uint32_t hash, uint8_t c);
static consent_hosts_slot_t *consent_hosts_slot(const consent_hosts_t *hosts,
    consent_str_t host, uint32_t hash);


consent_site_t *
consent_site_create(const consent_mem_t *mem)
{
    consent_site_t  *site;

    site = mem->alloc(mem->data, sizeof(consent_site_t));

    if (site == NULL) {
        return NULL;
    }

    site->memo = mem->alloc(mem->data,
                            CONSENT_SITE_MEMO * sizeof(consent_site_memo_t));

    if (site->memo == NULL) {
        return NULL;
    }

    memset(site->memo, 0, CONSENT_SITE_MEMO * sizeof(consent_site_memo_t));

    site->loaded = psl_latest(NULL);
    site->psl = site->loaded ? site->loaded : psl_builtin();

    return site->psl ? site : NULL;
}


void
consent_site_destroy(consent_site_t *site)
{
    if (site && site->loaded) {
        psl_free(site->loaded);
        site->loaded = NULL;
        site->psl = NULL;
    }
}


/*
 * Without a list every host is its own site, so that nothing passes for a
 * part of the site that is none.
 */

consent_str_t
consent_site_registrable(const consent_site_t *site, consent_str_t host)
{
    consent_str_t  domain;

    domain = consent_site_domain(site, host);

    return domain.len ? domain : host;
}


consent_str_t
consent_site_domain(const consent_site_t *site, consent_str_t host)
{
    size_t                skip;
    consent_site_memo_t  *memo;

    if (site == NULL || site->psl == NULL || host.len == 0
        || host.len > CONSENT_HOST_SIZE)
    {
        return consent_str_make(host.data, 0);
    }

    if (host.len > CONSENT_SITE_MEMO_LEN) {
        skip = consent_site_skip(site, host);

    } else {
        memo = &site->memo[consent_hosts_hash(host) >> 7
                           & (CONSENT_SITE_MEMO - 1)];

        if (memo->len != host.len
            || memcmp(memo->host, host.data, host.len) != 0)
        {
            memcpy(memo->host, host.data, host.len);
            memo->skip = (uint8_t) consent_site_skip(site, host);
            memo->len = (uint8_t) host.len;
        }

        skip = memo->skip;
    }

    return consent_str_make(skip < host.len ? host.data + skip : host.data,
                            host.len - skip);
}


/* where in host its domain begins; host.len: it has none */

static size_t
consent_site_skip(const consent_site_t *site, consent_str_t host)
{
    char         name[CONSENT_HOST_SIZE + 1];
    const char  *domain;

    if (consent_site_is_address(host)) {
        return host.len;
    }

    memcpy(name, host.data, host.len);
    name[host.len] = '\0';

    domain = psl_registrable_domain(site->psl, name);

    return domain ? (size_t) (domain - name) : host.len;
}


/* no top-level domain is a number, and the URL parser writes IPv4 so */

static int
consent_site_is_address(consent_str_t host)
{
    size_t  i;

    if (host.data[0] == '[') {
        return 1;
    }

    for (i = host.len; i && host.data[i - 1] != '.'; i--) {
        if (!consent_is_digit(host.data[i - 1])) {
            return 0;
        }
    }

    return 1;
}


consent_hosts_t *
consent_hosts_create(const consent_mem_t *mem)
{
    consent_hosts_t  *hosts;

    hosts = mem->alloc(mem->data, sizeof(consent_hosts_t));

    if (hosts == NULL) {
        return NULL;
    }

    hosts->slots = NULL;
    hosts->n = 0;
    hosts->used = 0;
    hosts->mem = mem;

    return hosts;
}


int
consent_hosts_add(consent_hosts_t *hosts, consent_str_t pattern)
{
    int                    suffix;
    uint8_t                name[CONSENT_HOST_SIZE], *copy;
    uint32_t               hash;
    consent_str_t          host;
    consent_hosts_slot_t  *slot;

    suffix = (pattern.len && pattern.data[0] == '.');

    if (suffix) {
        pattern.data++;
        pattern.len--;
    }

    if (consent_hosts_read(name, &host, pattern) != 0) {
        return -1;
    }

    /* half of the slots at most are taken, so that searches stay short */

    if (2 * (hosts->used + 1) > hosts->n
        && consent_hosts_grow(hosts, hosts->n ? 2 * hosts->n
                                              : CONSENT_HOSTS_SLOTS) != 0)
    {
        return -1;
    }

    hash = consent_hosts_hash(host);
    slot = consent_hosts_slot(hosts, host, hash);

    if (slot->host.data == NULL) {
        copy = hosts->mem->alloc(hosts->mem->data, host.len);

        if (copy == NULL) {
            return -1;
        }

        memcpy(copy, host.data, host.len);

        slot->host = consent_str_make(copy, host.len);
        slot->hash = hash;
        slot->suffix = 0;
        hosts->used++;
    }

    slot->suffix |= suffix ? 1U : 0U;

    return 0;
}


/* a host as the URL parser writes it, or -1; a scheme or path is no host */

static int
consent_hosts_read(uint8_t name[CONSENT_HOST_SIZE], consent_str_t *host,
    consent_str_t pattern)
{
    size_t  i, len;

    len = consent_host_parse(name, pattern);

    if (len && name[len - 1] == '.') {
        len--;
    }

    if (len == 0) {
        return -1;
    }

    for (i = 0; i < len; i++) {

        if (name[i] == '*'
            || (name[i] == '.' && (i == 0 || name[i - 1] == '.')))
        {
            return -1;
        }
    }

    *host = consent_str_make(name, len);

    return 0;
}


/* the slots that were are left to the owner of the memory */

static int
consent_hosts_grow(consent_hosts_t *hosts, size_t n)
{
    size_t                 i, old;
    consent_hosts_slot_t  *slots, *was;

    slots = hosts->mem->alloc(hosts->mem->data,
                              n * sizeof(consent_hosts_slot_t));

    if (slots == NULL) {
        return -1;
    }

    for (i = 0; i < n; i++) {
        slots[i].host = consent_str_make(NULL, 0);
    }

    was = hosts->slots;
    old = hosts->n;

    hosts->slots = slots;
    hosts->n = n;

    for (i = 0; i < old; i++) {
        if (was[i].host.data) {
            *consent_hosts_slot(hosts, was[i].host, was[i].hash) = was[i];
        }
    }

    return 0;
}


/*
 * From the last byte to the first, so that one pass over a host meets the
 * hashes of all domains it belongs to.
 */

static uint32_t
consent_hosts_hash(consent_str_t host)
{
    size_t    i;
    uint32_t  hash;

    hash = 0;

    for (i = host.len; i; i--) {
        hash = consent_hosts_hash_byte(hash, host.data[i - 1]);
    }

    return hash;
}


static uint32_t
consent_hosts_hash_byte(uint32_t hash, uint8_t c)
{
    return (hash ^ c) * 0x9e3779b1 + (hash >> 15);
}


/* where host is, or the free slot where it would be */

static consent_hosts_slot_t *
consent_hosts_slot(const consent_hosts_t *hosts, consent_str_t host,
    uint32_t hash)
{
    size_t                 i;
    consent_hosts_slot_t  *slot;

    for (i = hash >> 7; /* void */ ; i++) {
        slot = &hosts->slots[i & (hosts->n - 1)];

        if (slot->host.data == NULL
            || (slot->hash == hash && consent_str_eq(slot->host, host)))
        {
            return slot;
        }
    }
}


int
consent_hosts_match(const consent_hosts_t *hosts, consent_str_t host)
{
    size_t                       i;
    uint32_t                     hash;
    consent_str_t                domain;
    const consent_hosts_slot_t  *slot;

    if (hosts == NULL || hosts->used == 0) {
        return 0;
    }

    hash = 0;

    for (i = host.len; i; i--) {
        hash = consent_hosts_hash_byte(hash, host.data[i - 1]);

        if (i > 1 && host.data[i - 2] != '.') {
            continue;
        }

        domain = consent_str_make(host.data + i - 1, host.len - i + 1);
        slot = consent_hosts_slot(hosts, domain, hash);

        if (slot->host.data && (i == 1 || slot->suffix)) {
            return 1;
        }
    }

    return 0;
}


int
consent_hosts_within(const consent_hosts_t *hosts, consent_str_t domain)
{
    size_t         i;
    consent_str_t  host;

    if (hosts == NULL) {
        return 0;
    }

    for (i = 0; i < hosts->n; i++) {
        host = hosts->slots[i].host;

        if (host.data && host.len > domain.len
            && consent_host_is_in(host, domain))
        {
            return 1;
        }
    }

    return 0;
}
