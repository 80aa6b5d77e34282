/*
 * Copyright (C) ngx_consent_module authors
 *
 * From a cookie name, a URL or the text of an inline script to a category.
 *
 * Rules live in two layers: CONSENT_LAYER_RULES (the operator's own blocks)
 * and CONSENT_LAYER_DEFAULTS (a shipped catalogue).  The defaults are asked
 * only where no rule of the first layer matches.
 *
 * Within a layer the most specific rule wins:
 *   cookies     exact name > longer literal (prefix before suffix of the same
 *               length) > regular expressions in order of declaration
 *   resources   longer path > exact host > longer host suffix > named port >
 *               /PATH of the same length > regular expressions in order of
 *               declaration; HOST/ is the same pattern as HOST
 *   inline      all that occur count; defaults do not if any rule matches,
 *               whatever its category
 * The cost of a look-up depends on the length of what is looked up and on the
 * number of distinct literal lengths, not on the number of literal rules.
 *
 * Look-ups share memory for regular expressions: one thread at a time.
 */


#ifndef CONSENT_MATCH_H
#define CONSENT_MATCH_H


#include "consent_mention_set.h"
#include "consent_policy.h"
#include "consent_url.h"


typedef enum {
    CONSENT_RULE_COOKIE = 0,
    CONSENT_RULE_RESOURCE,
    CONSENT_RULE_INLINE
} consent_rule_e;


typedef enum {
    CONSENT_LAYER_RULES = 0,
    CONSENT_LAYER_DEFAULTS,
    CONSENT_LAYERS
} consent_layer_e;


/* a rule as it was added */

typedef struct {
    consent_rule_e   kind;
    consent_layer_e  layer;
    int              category;
    unsigned         origin;
    consent_str_t    pattern;
} consent_match_rule_t;


/* filled when consent_match_add() returns -1 */

typedef struct {
    char          text[256];    /* NUL-terminated, what is wrong and what to
                                   write instead; names no file or line */
    int           other;        /* the category that has this very pattern
                                   already, else CONSENT_UNCLASSIFIED */
    unsigned      origin;       /* of that earlier rule, as given to add */
} consent_match_error_t;


/* NULL: out of memory */

consent_match_t *consent_match_create(const consent_mem_t *mem);

/* releases compiled regular expressions; the rest belongs to mem */

void consent_match_destroy(consent_match_t *m);


/*
 * Adds one rule.  The pattern is copied.
 *
 *   cookie     NAME  PREFIX*  *SUFFIX  ~REGEX  ~*REGEX (case-insensitive)
 *   resource   HOST  .HOST (host and its subdomains)  HOST/PATH  .HOST/PATH
 *              /PATH (on the site itself)  ~REGEX  ~*REGEX (on the absolute
 *              URL); HOST may end in :PORT; PATH is a prefix of path and query
 *   inline     SUBSTRING  ~REGEX  ~*REGEX (on the text of the script)
 *
 * origin is opaque to the core; the glue keeps file and line by it.
 * The same pattern once more in the same category is accepted and ignored.
 * Returns 0, or -1 with *err filled: empty or malformed pattern, bad regular
 * expression (with offset), the pattern belongs to another category already
 * (in the same layer), out of memory.
 */

int consent_match_add(consent_match_t *m, consent_rule_e kind,
    consent_layer_e layer, consent_str_t pattern, int category,
    unsigned origin, consent_match_error_t *err);

/* after the last add, before the first look-up; 0, or -1: out of memory */

int consent_match_compile(consent_match_t *m);


/*
 * The look-ups return a category index or CONSENT_UNCLASSIFIED.  A regular
 * expression that exceeds its match limit counts as matched, so that nothing
 * is let through by a hostile subject; then *limited (may be NULL) is set
 * to 1, otherwise it is left alone.
 */

int consent_match_cookie(const consent_match_t *m, consent_str_t name,
    unsigned *limited);

/* own_site: the URL is on the very host of the request, /PATH rules apply */

int consent_match_resource(const consent_match_t *m, const consent_url_t *url,
    unsigned own_site, unsigned *limited);

/*
 * A set of URLs, as a source of a Content-Security-Policy names it: those of
 * one scheme on url.host, or on all subdomains of a domain if that begins
 * with "*.", whose path begins with url.path.
 */

typedef struct {
    consent_url_t  url;
    unsigned       any_port:1;      /* else that of url */
    unsigned       whole_path:1;    /* no other path than that of url */
} consent_area_t;

/*
 * All categories that URLs of the area have; *unclassified is 1 if there may
 * be some without one.  Regular expressions see no more than url.
 */

consent_mask_t consent_match_area(const consent_match_t *m,
    const consent_area_t *area, unsigned own_site, unsigned *unclassified,
    unsigned *limited);

/*
 * 1: category is that of all URLs on this host, whatever their paths, or
 * CONSENT_UNCLASSIFIED; host is as the URL parser writes it.  0: it takes the
 * whole URL to tell.
 */

int consent_match_host(const consent_match_t *m, consent_str_t host,
    unsigned own_site, int *category);

/* the hosts that resource rules match, for consent_mention.h */

const consent_mention_set_t *consent_match_hosts(const consent_match_t *m);

/* the categories among wanted of which an inline pattern occurs in text */

consent_mask_t consent_match_inline(const consent_match_t *m,
    consent_str_t text, consent_mask_t wanted, unsigned *limited);

/* the categories that have at least one rule of this kind */

consent_mask_t consent_match_categories(const consent_match_t *m,
    consent_rule_e kind);


/* number i of all rules, in the order in which they were added; or NULL */

const consent_match_rule_t *consent_match_rule(const consent_match_t *m,
    size_t i);

/*
 * The rule because of which number i never counts, whatever is looked up:
 * *same is 1 if it says the same for more, 0 if it takes everything away.
 * NULL: it counts, or that cannot be told.  Only rules of its own layer are
 * compared; after consent_match_compile().
 */

const consent_match_rule_t *consent_match_shadow(const consent_match_t *m,
    size_t i, unsigned *same);

/*
 * One after the other, the rules that have matched for the first time since
 * the last call; NULL: no more.  Of inline patterns in a script those count
 * at which the search has looked: it ends when its result is known.
 */

const consent_match_rule_t *consent_match_next_used(consent_match_t *m);


#endif /* CONSENT_MATCH_H */
