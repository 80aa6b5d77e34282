/*
 * Copyright (C) ngx_consent_module authors
 *
 * What the consent_match*.c files share, and nobody else includes:
 *   consent_match.c           the interface: patterns in, categories out
 *   consent_match_error.c     the texts for operators
 *   consent_match_dict.c      hash table of literals
 *   consent_match_cookie.c    cookie names
 *   consent_match_resource.c  hosts and paths
 *   consent_match_area.c      sets of URLs
 *   consent_match_inline.c    the text of inline scripts
 *   consent_match_literal.c   which literals are in a text, for the above
 *   consent_match_automaton.c an automaton, for the above
 *   consent_match_regex.c     PCRE2
 *   consent_match_shadow.c    rules that never count
 */


#ifndef CONSENT_MATCH_PRIVATE_H
#define CONSENT_MATCH_PRIVATE_H


#include "consent_match.h"


#define CONSENT_RULE_KINDS   3
#define CONSENT_PATTERN_MAX  65535
#define CONSENT_HOST_MAX     253


/*
 * Text with %1 and %2 replaced by what of a pattern can be shown; always
 * returns -1, so that a caller fails and explains in one statement.
 */

int consent_match_fail(consent_match_error_t *err, const char *text,
    consent_str_t arg1, consent_str_t arg2);
int consent_match_nomem(consent_match_error_t *err);


/*
 * Hash table of literals.  Rules come from the operator and look-ups from
 * anybody, hence the table is fixed while requests are served: a hostile key
 * meets the short chains of the configuration and can make no new ones.
 *
 * A hash is fed byte by byte, so one pass over a subject serves all literal
 * lengths.  A reversed table is fed from the last byte to the first.
 */

typedef struct {
    const uint8_t          *key;
    uint32_t                len;
    uint32_t                owner;      /* part of the key */
    uint32_t                value;
    uint32_t                rule;       /* number of it, for literals that
                                           are one */
    unsigned                origin;
} consent_dict_entry_t;


typedef struct {
    uint32_t                hash;
    uint32_t                entry;      /* number + 1, 0: empty */
} consent_dict_slot_t;


typedef struct {
    consent_dict_slot_t    *slots;
    consent_dict_entry_t   *entries;

    uint8_t                *filter;     /* a bit for each hash, 8 per slot */

    uint32_t                size;       /* of slots, a power of two */
    uint32_t                n;
    uint32_t                max_len;    /* of a key */

    unsigned                reversed:1;
} consent_dict_t;


/* distinct lengths, ascending */

typedef struct {
    uint32_t               *values;
    uint32_t                n;
    uint32_t                size;
} consent_lengths_t;


#define CONSENT_HASH_START  0xcbf29ce484222325U


static inline uint64_t
consent_hash_byte(uint64_t hash, uint8_t c)
{
    return (hash ^ c) * 0x100000001b3U;
}


/* the low bits of the running hash alone depend on too few bytes */

static inline uint32_t
consent_hash_fold(uint64_t hash, uint32_t owner)
{
    hash ^= (uint64_t) owner << 17;
    hash ^= hash >> 32;
    hash *= 0x9e3779b97f4a7c15U;

    return (uint32_t) (hash >> 32);
}


const consent_dict_entry_t *consent_dict_probe(const consent_dict_t *dict,
    uint32_t folded, uint32_t owner, const uint8_t *key, size_t len);


/*
 * NULL: not there; hash is that of the key.  Nearly all look-ups miss, and
 * the filter is so small that they need not leave the nearest cache.
 */

static inline const consent_dict_entry_t *
consent_dict_find(const consent_dict_t *dict, uint64_t hash, uint32_t owner,
    const uint8_t *key, size_t len)
{
    uint32_t  folded;

    if (dict->n == 0) {
        return NULL;
    }

    folded = consent_hash_fold(hash, owner);

    if ((dict->filter[(folded >> 3) & (dict->size - 1)]
         & (1U << (folded & 7)))
        == 0)
    {
        return NULL;
    }

    return consent_dict_probe(dict, folded, owner, key, len);
}


const consent_dict_entry_t *consent_dict_get(const consent_dict_t *dict,
    uint32_t owner, consent_str_t key);

/* the key is copied and must not be there yet; 0, -1: out of memory */

int consent_dict_add(const consent_mem_t *mem, consent_dict_t *dict,
    uint32_t owner, consent_str_t key, uint32_t value, unsigned origin);

int consent_lengths_add(const consent_mem_t *mem, consent_lengths_t *lengths,
    size_t len);

/*
 * Room for one more element in an array that holds n: data itself, or a
 * larger copy with *room updated.  NULL: out of memory.
 */

void *consent_array_grow(const consent_mem_t *mem, void *data, uint32_t n,
    uint32_t *room, size_t element);


/* that is no number of a rule */

#define CONSENT_NO_RULE  UINT32_MAX


/* one rule while it is added */

typedef struct {
    const consent_mem_t    *mem;
    consent_str_t           pattern;    /* as the operator wrote it */
    int                     category;
    unsigned                origin;
    uint32_t                number;     /* if it is a new one */
    consent_match_error_t  *err;
} consent_rule_t;


#define CONSENT_CLAIM_NEW   0
#define CONSENT_CLAIM_SAME  1

/*
 * Enters the normalised form of a pattern into dict with the category as
 * value.  CONSENT_CLAIM_SAME: it is there with this very category; -1: it
 * belongs to another one, or out of memory.
 */

int consent_match_claim(const consent_rule_t *rule, consent_dict_t *dict,
    uint32_t owner, consent_str_t key);


typedef struct {
    consent_dict_t          exact;
    consent_dict_t          prefix;
    consent_dict_t          suffix;

    consent_lengths_t       prefix_lengths;
    consent_lengths_t       suffix_lengths;
} consent_cookie_rules_t;


void consent_cookie_rules_init(consent_cookie_rules_t *rules);
int consent_cookie_rules_add(consent_cookie_rules_t *rules,
    const consent_rule_t *rule);

/* the number of the rule that is for this name, or CONSENT_NO_RULE */

uint32_t consent_cookie_rules_find(const consent_cookie_rules_t *rules,
    consent_str_t name);


/* the rules of one host, either for itself or with its subdomains */

typedef struct {
    int                     category;   /* whatever the path */
    uint32_t                rule;       /* ... by that rule */
    consent_lengths_t       lengths;    /* of path prefixes */
    consent_mask_t          paths;      /* categories of path prefixes */
} consent_scope_t;


typedef struct {
    consent_scope_t         subdomains; /* and the host itself */
    consent_scope_t         exact;
} consent_host_rules_t;


typedef struct {
    consent_dict_t          names;      /* owner: port, value: into hosts */
    consent_dict_t          paths;      /* owner: host and scope */

    consent_host_rules_t   *hosts;
    uint32_t                nhosts;
    uint32_t                room;

    consent_scope_t         own;        /* /PATH rules */

    consent_dict_t          domains;    /* around the names; value: into
                                           below */
    consent_mask_t         *below;      /* categories of all hosts in them */

    unsigned                ports:1;    /* some rule names a port */
} consent_resource_rules_t;


/* owners of path prefixes: two for each host, then that of /PATH rules */

#define consent_owner(host, exact)  ((uint32_t) (host) * 2 + (exact))
#define CONSENT_OWNER_OWN           UINT32_MAX


void consent_resource_rules_init(consent_resource_rules_t *rules);
int consent_resource_rules_add(consent_resource_rules_t *rules,
    const consent_rule_t *rule);
uint32_t consent_resource_rules_find(const consent_resource_rules_t *rules,
    const consent_url_t *url, unsigned own_site);

/* the port of a URL, also if it is the one that its scheme has anyway */

unsigned consent_resource_port(const consent_url_t *url);

/* after the last add: which categories a domain has; 0, -1: out of memory */

int consent_resource_rules_compile(consent_resource_rules_t *rules,
    const consent_mem_t *mem);

/*
 * 0: the category of a URL on this host may depend on what else it has;
 * else the number of the rule for all of them, or CONSENT_NO_RULE
 */

int consent_resource_rules_host(const consent_resource_rules_t *rules,
    consent_str_t host, unsigned own_site, uint32_t *rule);

/*
 * All literals of both layers are looked for at once.  found[] holds the
 * categories seen per layer.
 */

typedef struct consent_literals_s  consent_literals_t;

typedef struct {
    consent_mask_t          want[CONSENT_LAYERS];
    consent_mask_t          found[CONSENT_LAYERS];
    const consent_match_t  *match;          /* whose rules they are */

    unsigned                overrides:1;    /* a literal of the first layer
                                               may overrule the second */
} consent_literals_scan_t;

/* dicts[CONSENT_LAYERS], at least one of them not empty; NULL: no memory */

consent_literals_t *consent_literals_create(const consent_mem_t *mem,
    const consent_dict_t *dicts);
void consent_literals_scan(const consent_literals_t *literals,
    consent_str_t text, consent_literals_scan_t *scan);


typedef struct consent_automaton_s  consent_automaton_t;

typedef struct {
    consent_str_t           text;
    consent_layer_e         layer;
    int                     category;
    uint32_t                rule;
} consent_literal_t;

/* of n literals in ascending order; NULL: no memory */

consent_automaton_t *consent_automaton_create(const consent_mem_t *mem,
    const consent_literal_t *list, uint32_t n);

/*
 * Runs from the root at p, up to until and on to where it is at the root
 * again; NULL: all is known that can be.
 */

const uint8_t *consent_automaton_run(const consent_automaton_t *a,
    const uint8_t *p, const uint8_t *until, const uint8_t *last,
    consent_literals_scan_t *scan);


/* what PCRE2 needs while it matches; one for all expressions */

typedef struct consent_regex_run_s  consent_regex_run_t;
typedef struct consent_regex_s      consent_regex_t;

typedef struct {
    consent_dict_t          patterns;
    consent_regex_t        *list;       /* in order of declaration */
    uint32_t                n;
    uint32_t                room;
    consent_mask_t          categories;
} consent_regex_set_t;


consent_regex_run_t *consent_regex_run_create(const consent_mem_t *mem);
void consent_regex_run_destroy(consent_regex_run_t *run);

/* the pattern of rule begins with "~" */

int consent_regex_add(consent_regex_set_t *set, const consent_rule_t *rule);
void consent_regex_set_destroy(consent_regex_set_t *set);

/* the number of the first rule that matches, or CONSENT_NO_RULE */

uint32_t consent_regex_first(consent_regex_run_t *run,
    const consent_regex_set_t *set, consent_str_t subject, unsigned *limited);

/* the categories among wanted of all that match */

consent_mask_t consent_regex_all(const consent_match_t *m,
    const consent_regex_set_t *set, consent_str_t subject,
    consent_mask_t wanted, unsigned *limited);

/*
 * 1 if one of a category among wanted truly matches; here an exceeded limit
 * is no match, since the caller is about to let something through.
 */

int consent_regex_proves(consent_regex_run_t *run,
    const consent_regex_set_t *set, consent_str_t subject,
    consent_mask_t wanted, unsigned *limited);


struct consent_match_s {
    consent_mem_t              mem;

    consent_cookie_rules_t     cookies[CONSENT_LAYERS];
    consent_resource_rules_t   resources[CONSENT_LAYERS];
    consent_dict_t             inlines[CONSENT_LAYERS];
    consent_regex_set_t        regexes[CONSENT_RULE_KINDS][CONSENT_LAYERS];

    /* set by consent_match_compile() */

    consent_literals_t        *literals;
    consent_mention_set_t     *hosts;
    consent_regex_run_t       *run;

    /* all rules by their numbers, and which of them have matched */

    consent_match_rule_t      *rules;
    uint32_t                   nrules;
    uint32_t                   room;

    uint8_t                   *used;
    unsigned                  *fresh;   /* 1: one of them has since asked */

    consent_mask_t             inline_literals[CONSENT_LAYERS];
    consent_mask_t             categories[CONSENT_RULE_KINDS];
};


#define CONSENT_RULE_USED   1       /* and nobody was told */
#define CONSENT_RULE_KNOWN  2


static inline void
consent_match_use(const consent_match_t *m, uint32_t rule)
{
    if (m->used[rule] == 0) {
        m->used[rule] = CONSENT_RULE_USED;
        *m->fresh = 1;
    }
}


int consent_inline_rules_add(consent_match_t *m, consent_layer_e layer,
    const consent_rule_t *rule);


#endif /* CONSENT_MATCH_PRIVATE_H */
