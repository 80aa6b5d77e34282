/*
 * Copyright (C) ngx_consent_module authors
 *
 * URLs against HOST, .HOST and path prefixes.  A host is looked up from its
 * last label to its first; each hit brings the distinct lengths of its path
 * prefixes, which one pass over the path serves.
 */


#include "consent_host.h"
#include "consent_ip.h"
#include "consent_match_private.h"


/* a pattern taken apart */

typedef struct {
    size_t         len;
    uint8_t        host[CONSENT_HOST_MAX];
    consent_str_t  path;            /* empty: whatever the path */
    uint16_t       port;            /* 0: any */
    unsigned       subdomains:1;
} consent_resource_pattern_t;


typedef struct {
    uint32_t       rule;
    uint64_t       rank;
} consent_resource_best_t;


static int consent_resource_parse(consent_resource_pattern_t *p,
    const consent_rule_t *rule);
static int consent_resource_parse_port(consent_resource_pattern_t *p,
    const consent_rule_t *rule, consent_str_t *host);
static int consent_resource_parse_host(consent_resource_pattern_t *p,
    const consent_rule_t *rule, consent_str_t host);
static int consent_resource_check_star(const consent_rule_t *rule,
    consent_str_t host);
static int consent_resource_check_path(const consent_rule_t *rule,
    consent_str_t path);
static int consent_resource_check_segments(const consent_rule_t *rule,
    consent_str_t path);
static int consent_resource_has_scheme(consent_str_t pattern);
static int64_t consent_resource_host(consent_resource_rules_t *rules,
    const consent_rule_t *rule, const consent_resource_pattern_t *p);
static void consent_resource_scope_init(consent_scope_t *scope);
static void consent_resource_try_host(const consent_resource_rules_t *rules,
    const consent_dict_entry_t *name, consent_str_t path, unsigned whole,
    consent_resource_best_t *best);
static void consent_resource_try_scope(const consent_resource_rules_t *rules,
    const consent_scope_t *scope, uint32_t owner, consent_str_t path,
    uint64_t rank, consent_resource_best_t *best);


void
consent_resource_rules_init(consent_resource_rules_t *rules)
{
    memset(rules, 0, sizeof(consent_resource_rules_t));

    rules->names.reversed = 1;

    consent_resource_scope_init(&rules->own);
}


int
consent_resource_rules_add(consent_resource_rules_t *rules,
    const consent_rule_t *rule)
{
    int                          rc;
    int64_t                      host;
    uint32_t                     owner;
    consent_scope_t             *scope;
    consent_resource_pattern_t   p;

    if (consent_resource_parse(&p, rule) != 0) {
        return -1;
    }

    if (p.len == 0) {
        scope = &rules->own;
        owner = CONSENT_OWNER_OWN;

    } else {
        host = consent_resource_host(rules, rule, &p);
        if (host < 0) {
            return -1;
        }

        scope = p.subdomains ? &rules->hosts[host].subdomains
                             : &rules->hosts[host].exact;
        owner = consent_owner(host, !p.subdomains);
    }

    rc = consent_match_claim(rule, &rules->paths, owner, p.path);

    if (rc != CONSENT_CLAIM_NEW) {
        return rc;
    }

    if (p.path.len == 0) {
        scope->category = rule->category;
        scope->rule = rule->number;

    } else {
        scope->paths |= consent_bit(rule->category);

        if (consent_lengths_add(rule->mem, &scope->lengths, p.path.len) != 0) {
            return consent_match_nomem(rule->err);
        }
    }

    return CONSENT_CLAIM_NEW;
}


static int
consent_resource_parse(consent_resource_pattern_t *p,
    const consent_rule_t *rule)
{
    consent_str_t   host;
    const uint8_t  *slash;
    consent_str_t   none = consent_str("");

    memset(p, 0, sizeof(consent_resource_pattern_t));

    p->path = none;
    host = rule->pattern;

    if (consent_resource_has_scheme(host)) {
        return consent_match_fail(rule->err, "resource pattern \"%1\" has a "
                                  "scheme, write it without, such as "
                                  "\"www.example.com/path\"",
                                  rule->pattern, none);
    }

    slash = memchr(host.data, '/', host.len);

    if (slash) {
        p->path.data = slash;
        p->path.len = host.len - (size_t) (slash - host.data);
        host.len -= p->path.len;
    }

    if (consent_resource_check_path(rule, p->path) != 0) {
        return -1;
    }

    if (host.len == 0) {
        return 0;
    }

    /* every path begins with "/", so HOST/ means the same as HOST */

    if (p->path.len == 1) {
        p->path = none;
    }

    if (host.data[0] == '.') {
        p->subdomains = 1;
        host.data++;
        host.len--;
    }

    if (consent_resource_check_star(rule, host) != 0
        || consent_resource_parse_port(p, rule, &host) != 0)
    {
        return -1;
    }

    return consent_resource_parse_host(p, rule, host);
}


/* takes :PORT off the end of host; colons in brackets are of an address */

static int
consent_resource_parse_port(consent_resource_pattern_t *p,
    const consent_rule_t *rule, consent_str_t *host)
{
    size_t         i, colon;
    uint32_t       port;
    consent_str_t  none = consent_str("");

    colon = host->len;

    while (colon > 0
           && host->data[colon - 1] != ':'
           && host->data[colon - 1] != ']')
    {
        colon--;
    }

    if (colon == 0 || host->data[colon - 1] == ']') {
        return 0;
    }

    port = 0;

    for (i = colon; i < host->len; i++) {

        if (!consent_is_digit(host->data[i]) || i - colon == 5) {
            port = 0;
            break;
        }

        port = port * 10 + (uint32_t) (host->data[i] - '0');
    }

    if (port == 0 || port > 65535) {
        return consent_match_fail(rule->err, "resource pattern \"%1\" has an "
                                  "invalid port, write 1 to 65535 after the "
                                  "colon, or no colon for any port",
                                  rule->pattern, none);
    }

    p->port = (uint16_t) port;
    host->len = colon - 1;

    return 0;
}


/*
 * A host has to be written as URLs have it once they are parsed, or it would
 * never match.  Case and one trailing dot are forgiven.
 */

static int
consent_resource_parse_host(consent_resource_pattern_t *p,
    const consent_rule_t *rule, consent_str_t host)
{
    size_t         i, len;
    uint8_t        lower[CONSENT_HOST_MAX], parsed[CONSENT_HOST_SIZE];
    unsigned       ascii, odd;
    consent_str_t  right;

    if (host.len && host.data[host.len - 1] == '.') {
        host.len--;
    }

    right = consent_str_make(parsed, 0);
    len = 0;

    if (host.len && host.len <= CONSENT_HOST_MAX) {
        len = consent_host_parse(parsed, host);
    }

    ascii = 1;
    odd = (len == 0 || host.data[0] == '.');

    for (i = 0; i < host.len && i < CONSENT_HOST_MAX; i++) {
        lower[i] = consent_lower(host.data[i]);
        ascii &= lower[i] < 0x80;
        odd |= (i > 0 && lower[i] == '.' && lower[i - 1] == '.');
    }

    right.len = len;

    if (!ascii) {
        return consent_match_fail(rule->err, "resource pattern \"%1\" has a "
                                  "host that is not ASCII, write the ASCII "
                                  "(xn--) form of it: \"%2\"",
                                  rule->pattern, right);
    }

    if (odd) {
        return consent_match_fail(rule->err, "resource pattern \"%1\" has no "
                                  "valid host, write \"www.example.com\", "
                                  "\".example.com\" for it and its "
                                  "subdomains, or \"/path\" on the site",
                                  rule->pattern, right);
    }

    if (!consent_str_eq(consent_str_make(lower, host.len), right)) {
        return consent_match_fail(rule->err, "resource pattern \"%1\" has a "
                                  "host in a form that parsed URLs never "
                                  "have, write it as \"%2\"",
                                  rule->pattern, right);
    }

    if (p->subdomains && (right.data[0] == '[' || consent_ipv4_is(right))) {
        return consent_match_fail(rule->err, "resource pattern \"%1\" asks "
                                  "for subdomains of an address, write "
                                  "\"%2\"", rule->pattern, right);
    }

    memcpy(p->host, lower, host.len);
    p->len = host.len;

    return 0;
}


static int
consent_resource_check_star(const consent_rule_t *rule, consent_str_t host)
{
    consent_str_t  rest;
    consent_str_t  example = consent_str("example.com");

    if (host.len == 0 || memchr(host.data, '*', host.len) == NULL) {
        return 0;
    }

    rest = host;

    while (rest.len && (rest.data[0] == '*' || rest.data[0] == '.')) {
        rest.data++;
        rest.len--;
    }

    if (rest.len == 0 || memchr(rest.data, '*', rest.len)) {
        rest = example;
    }

    return consent_match_fail(rule->err, "resource pattern \"%1\" has \"*\" "
                              "in its host, write \".%2\" for a host and its "
                              "subdomains, or a regular expression",
                              rule->pattern, rest);
}


/*
 * Paths are compared with those of parsed URLs, so what a parser encodes,
 * resolves or drops cannot be in a pattern.
 */

static int
consent_resource_check_path(const consent_rule_t *rule, consent_str_t path)
{
    size_t         i;
    uint8_t        c;
    consent_str_t  none = consent_str("");

    if (path.len > 1 && path.data[1] == '/' && path.data == rule->pattern.data)
    {
        return consent_match_fail(rule->err, "resource pattern \"%1\" begins "
                                  "with \"//\", write \"www.example.com\" "
                                  "for a host, \"/path\" for a path",
                                  rule->pattern, none);
    }

    for (i = 0; i < path.len; i++) {
        c = path.data[i];

        if (c == '*') {
            return consent_match_fail(rule->err, "resource pattern \"%1\" has "
                                      "\"*\" in its path, which is a prefix "
                                      "already, leave it out or write a "
                                      "regular expression",
                                      rule->pattern, none);
        }

        if (c == '#') {
            return consent_match_fail(rule->err, "resource pattern \"%1\" has "
                                      "a fragment, which is never sent, "
                                      "leave out \"#\" and what follows",
                                      rule->pattern, none);
        }

        if (c <= 0x20 || c >= 0x7f || c == '"' || c == '<' || c == '>') {
            return consent_match_fail(rule->err, "resource pattern \"%1\" has "
                                      "characters that are encoded in URLs, "
                                      "write them as \"%\" and two hex "
                                      "digits", rule->pattern, none);
        }
    }

    return consent_resource_check_segments(rule, path);
}


static int
consent_resource_check_segments(const consent_rule_t *rule,
    consent_str_t path)
{
    size_t         i, begin;
    consent_str_t  none = consent_str("");

    begin = 1;

    for (i = 1; i < path.len && path.data[i] != '?'; i++) {

        if (path.data[i] == '\\') {
            return consent_match_fail(rule->err, "resource pattern \"%1\" has "
                                      "a backslash in its path, write \"/\"",
                                      rule->pattern, none);
        }

        if (path.data[i] != '/') {
            continue;
        }

        if ((i - begin == 1 && path.data[begin] == '.')
            || (i - begin == 2 && path.data[begin] == '.'
                && path.data[begin + 1] == '.'))
        {
            return consent_match_fail(rule->err, "resource pattern \"%1\" has "
                                      "\".\" or \"..\" in its path, write "
                                      "the path that results",
                                      rule->pattern, none);
        }

        begin = i + 1;
    }

    return 0;
}


static int
consent_resource_has_scheme(consent_str_t pattern)
{
    size_t  i;

    for (i = 0; i < pattern.len; i++) {

        if (!consent_is_alpha(pattern.data[i])
            && !consent_is_digit(pattern.data[i])
            && pattern.data[i] != '+'
            && pattern.data[i] != '-')
        {
            break;
        }
    }

    return pattern.len - i >= 3
           && pattern.data[i] == ':'
           && pattern.data[i + 1] == '/'
           && pattern.data[i + 2] == '/';
}


/* the index of the host of a pattern in rules->hosts, new or not; or -1 */

static int64_t
consent_resource_host(consent_resource_rules_t *rules,
    const consent_rule_t *rule, const consent_resource_pattern_t *p)
{
    uint32_t                     n;
    consent_str_t                name;
    consent_host_rules_t        *hosts;
    const consent_dict_entry_t  *entry;

    name = consent_str_make(p->host, p->len);

    entry = consent_dict_get(&rules->names, p->port, name);
    if (entry) {
        return entry->value;
    }

    n = rules->nhosts;

    hosts = consent_array_grow(rule->mem, rules->hosts, n, &rules->room,
                               sizeof(consent_host_rules_t));

    if (hosts == NULL
        || consent_dict_add(rule->mem, &rules->names, p->port, name, n,
                            rule->origin)
           != 0)
    {
        return consent_match_nomem(rule->err);
    }

    consent_resource_scope_init(&hosts[n].subdomains);
    consent_resource_scope_init(&hosts[n].exact);

    rules->hosts = hosts;
    rules->nhosts++;

    if (p->port) {
        rules->ports = 1;
    }

    return n;
}


static void
consent_resource_scope_init(consent_scope_t *scope)
{
    memset(scope, 0, sizeof(consent_scope_t));

    scope->category = CONSENT_UNCLASSIFIED;
    scope->rule = CONSENT_NO_RULE;
}


uint32_t
consent_resource_rules_find(const consent_resource_rules_t *rules,
    const consent_url_t *url, unsigned own_site)
{
    size_t                       i, len;
    uint32_t                     port;
    uint64_t                     hash;
    consent_str_t                host;
    consent_resource_best_t      best;
    const consent_dict_entry_t  *name;

    best.rule = CONSENT_NO_RULE;
    best.rank = 0;

    host = url->host;
    hash = CONSENT_HASH_START;
    port = rules->ports ? consent_resource_port(url) : 0;

    for (i = host.len; i > 0 && host.len - i < rules->names.max_len; i--) {
        hash = consent_hash_byte(hash, host.data[i - 1]);

        if (i > 1 && host.data[i - 2] != '.') {
            continue;
        }

        len = host.len - (i - 1);

        name = consent_dict_find(&rules->names, hash, 0,
                                 host.data + i - 1, len);
        consent_resource_try_host(rules, name, url->path, i == 1, &best);

        if (port) {
            name = consent_dict_find(&rules->names, hash, port,
                                     host.data + i - 1, len);
            consent_resource_try_host(rules, name, url->path, i == 1, &best);
        }
    }

    if (own_site) {
        consent_resource_try_scope(rules, &rules->own, CONSENT_OWNER_OWN,
                                   url->path, 0, &best);
    }

    return best.rule;
}


int
consent_resource_rules_host(const consent_resource_rules_t *rules,
    consent_str_t host, unsigned own_site, uint32_t *rule)
{
    size_t                       i;
    uint64_t                     hash;
    const consent_host_rules_t  *found;
    const consent_dict_entry_t  *name;

    *rule = CONSENT_NO_RULE;

    if (rules->ports
        || (own_site && (rules->own.category != CONSENT_UNCLASSIFIED
                         || rules->own.lengths.n)))
    {
        return 0;
    }

    hash = CONSENT_HASH_START;

    for (i = host.len; i > 0 && host.len - i < rules->names.max_len; i--) {
        hash = consent_hash_byte(hash, host.data[i - 1]);

        if (i > 1 && host.data[i - 2] != '.') {
            continue;
        }

        name = consent_dict_find(&rules->names, hash, 0, host.data + i - 1,
                                 host.len - (i - 1));
        if (name == NULL) {
            continue;
        }

        found = &rules->hosts[name->value];

        if (found->subdomains.lengths.n
            || (i == 1 && found->exact.lengths.n))
        {
            return 0;
        }

        /* what comes later is more specific */

        if (found->subdomains.rule != CONSENT_NO_RULE) {
            *rule = found->subdomains.rule;
        }

        if (i == 1 && found->exact.rule != CONSENT_NO_RULE) {
            *rule = found->exact.rule;
        }
    }

    return 1;
}


unsigned
consent_resource_port(const consent_url_t *url)
{
    static const consent_str_t  http = consent_str("http");
    static const consent_str_t  ws = consent_str("ws");
    static const consent_str_t  ftp = consent_str("ftp");

    if (url->port) {
        return url->port;
    }

    if (consent_str_eq(url->scheme, http) || consent_str_eq(url->scheme, ws)) {
        return 80;
    }

    return consent_str_eq(url->scheme, ftp) ? 21 : 443;
}


/*
 * Among paths of the same length: a host itself before its subdomains, a
 * longer host before a shorter one, a named port before any port, and what
 * names a host at all before /PATH.
 */

static void
consent_resource_try_host(const consent_resource_rules_t *rules,
    const consent_dict_entry_t *name, consent_str_t path, unsigned whole,
    consent_resource_best_t *best)
{
    uint64_t                     rank;
    const consent_host_rules_t  *host;

    if (name == NULL) {
        return;
    }

    host = &rules->hosts[name->value];
    rank = ((uint64_t) name->len << 1) | (name->owner != 0);

    consent_resource_try_scope(rules, &host->subdomains,
                               consent_owner(name->value, 0), path, rank,
                               best);

    if (whole) {
        consent_resource_try_scope(rules, &host->exact,
                                   consent_owner(name->value, 1), path,
                                   rank | (1U << 15), best);
    }
}


static void
consent_resource_try_scope(const consent_resource_rules_t *rules,
    const consent_scope_t *scope, uint32_t owner, consent_str_t path,
    uint64_t rank, consent_resource_best_t *best)
{
    size_t                       i, len;
    uint32_t                     n, rule;
    uint64_t                     hash;
    const consent_dict_entry_t  *entry;

    i = 0;
    rule = scope->rule;
    hash = CONSENT_HASH_START;

    for (n = 0; n < scope->lengths.n; n++) {
        len = scope->lengths.values[n];

        if (len > path.len) {
            break;
        }

        while (i < len) {
            hash = consent_hash_byte(hash, path.data[i++]);
        }

        entry = consent_dict_find(&rules->paths, hash, owner, path.data, len);

        if (entry) {
            rule = entry->rule;
            rank = ((uint64_t) len << 16) | (rank & 0xffff);
        }
    }

    if (rule == CONSENT_NO_RULE) {
        return;
    }

    if (best->rule == CONSENT_NO_RULE || rank > best->rank) {
        best->rule = rule;
        best->rank = rank;
    }
}
