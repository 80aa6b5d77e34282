/*
 * Copyright (C) ngx_consent_module authors
 *
 * Sets of URLs against resource rules: the rule that all of them match, and
 * those that are more specific and match some of them.
 */


#include "consent_match_private.h"


/* "*." in front of a domain */

#define CONSENT_AREA_WILD  2


static consent_mask_t consent_area_layer(const consent_match_t *m,
    unsigned layer, const consent_area_t *area, unsigned own_site,
    unsigned *covered, unsigned *limited);
static uint32_t consent_area_base(const consent_resource_rules_t *rules,
    const consent_area_t *area, unsigned own_site);
static consent_mask_t consent_area_deeper(
    const consent_resource_rules_t *rules, const consent_area_t *area,
    unsigned own_site);
static consent_mask_t consent_area_host(
    const consent_resource_rules_t *rules, const consent_area_t *area,
    consent_str_t name);
static consent_mask_t consent_area_ports(
    const consent_resource_rules_t *rules, const consent_area_t *area);
static consent_mask_t consent_area_paths(
    const consent_resource_rules_t *rules, const consent_area_t *area,
    const consent_scope_t *scope, uint32_t owner);
static int consent_area_is_wild(const consent_area_t *area);
static consent_mask_t consent_area_scope(const consent_scope_t *scope);


consent_mask_t
consent_match_area(const consent_match_t *m, const consent_area_t *area,
    unsigned own_site, unsigned *unclassified, unsigned *limited)
{
    unsigned        layer, covered;
    consent_mask_t  mask;

    mask = 0;
    covered = 0;

    for (layer = 0; layer < CONSENT_LAYERS && !covered; layer++) {
        mask |= consent_area_layer(m, layer, area, own_site, &covered,
                                   limited);
    }

    *unclassified = !covered;

    return mask;
}


static consent_mask_t
consent_area_layer(const consent_match_t *m, unsigned layer,
    const consent_area_t *area, unsigned own_site, unsigned *covered,
    unsigned *limited)
{
    uint32_t                         rule;
    const consent_resource_rules_t  *rules;

    rules = &m->resources[layer];

    rule = consent_area_base(rules, area, own_site);

    if (rule == CONSENT_NO_RULE) {
        rule = consent_regex_first(m->run,
                                   &m->regexes[CONSENT_RULE_RESOURCE][layer],
                                   area->url.href, limited);
    }

    *covered = (rule != CONSENT_NO_RULE);

    return (*covered ? consent_bit(m->rules[rule].category) : 0)
           | consent_area_deeper(rules, area, own_site);
}


/* the literal that matches all of the area */

static uint32_t
consent_area_base(const consent_resource_rules_t *rules,
    const consent_area_t *area, unsigned own_site)
{
    consent_resource_rules_t  portless;

    if (!area->any_port || !rules->ports) {
        return consent_resource_rules_find(rules, &area->url, own_site);
    }

    portless = *rules;
    portless.ports = 0;

    return consent_resource_rules_find(&portless, &area->url, own_site);
}


/* what matches only a part of it */

static consent_mask_t
consent_area_deeper(const consent_resource_rules_t *rules,
    const consent_area_t *area, unsigned own_site)
{
    size_t                       i;
    consent_str_t                host, name;
    consent_mask_t               mask;
    const consent_dict_entry_t  *entry;

    mask = 0;
    host = area->url.host;

    for (i = host.len; i > 0 && host.len - i < rules->names.max_len; i--) {

        if (i == 1 || host.data[i - 2] == '.') {
            name = consent_str_make(host.data + i - 1, host.len - (i - 1));
            mask |= consent_area_host(rules, area, name);
        }
    }

    if (consent_area_is_wild(area)) {
        name = consent_str_make(host.data + CONSENT_AREA_WILD,
                                host.len - CONSENT_AREA_WILD);

        entry = consent_dict_get(&rules->domains, 0, name);

        if (entry) {
            mask |= rules->below[entry->value];
        }
    }

    if (area->any_port && rules->ports) {
        mask |= consent_area_ports(rules, area);
    }

    if (own_site) {
        mask |= consent_area_paths(rules, area, &rules->own,
                                   CONSENT_OWNER_OWN);
    }

    return mask;
}


/* the paths of a host that is that of the area, or a domain around it */

static consent_mask_t
consent_area_host(const consent_resource_rules_t *rules,
    const consent_area_t *area, consent_str_t name)
{
    unsigned                     port, i;
    consent_mask_t               mask;
    const consent_host_rules_t  *host;
    const consent_dict_entry_t  *entry;

    mask = 0;
    port = area->any_port ? 0 : consent_resource_port(&area->url);

    for (i = 0; i < 2; i++) {
        entry = consent_dict_get(&rules->names, i ? port : 0, name);

        if (entry) {
            host = &rules->hosts[entry->value];

            mask |= consent_area_paths(rules, area, &host->subdomains,
                                       consent_owner(entry->value, 0));

            if (name.len == area->url.host.len) {
                mask |= consent_area_paths(rules, area, &host->exact,
                                           consent_owner(entry->value, 1));
            }
        }

        if (port == 0 || !rules->ports) {
            break;
        }
    }

    return mask;
}


/* all that names a port; few do */

static consent_mask_t
consent_area_ports(const consent_resource_rules_t *rules,
    const consent_area_t *area)
{
    size_t                       len;
    uint32_t                     i;
    consent_mask_t               mask;
    consent_str_t                host;
    const consent_dict_entry_t  *entry;

    mask = 0;
    host = area->url.host;

    for (i = 0; i < rules->names.n; i++) {
        entry = &rules->names.entries[i];
        len = entry->len;

        if (entry->owner == 0 || len > host.len
            || memcmp(host.data + host.len - len, entry->key, len) != 0
            || (len < host.len && host.data[host.len - len - 1] != '.'))
        {
            continue;
        }

        mask |= consent_area_scope(&rules->hosts[entry->value].subdomains);

        if (len == host.len) {
            mask |= consent_area_scope(&rules->hosts[entry->value].exact);
        }
    }

    return mask;
}


/*
 * Where the area has a path of its own, its rules are looked for one by one:
 * policies rarely name paths, and such areas rarely have rules.
 */

static consent_mask_t
consent_area_paths(const consent_resource_rules_t *rules,
    const consent_area_t *area, const consent_scope_t *scope, uint32_t owner)
{
    uint32_t                     i;
    consent_str_t                path;
    consent_mask_t               mask;
    const consent_dict_entry_t  *entry;

    path = area->url.path;

    if (path.len <= 1 || scope->paths == 0) {
        return scope->paths;
    }

    mask = 0;

    for (i = 0; i < rules->paths.n; i++) {
        entry = &rules->paths.entries[i];

        if (entry->owner == owner
            && entry->len > path.len
            && memcmp(entry->key, path.data, path.len) == 0
            && (!area->whole_path || entry->key[path.len] == '?'))
        {
            mask |= consent_bit((int) entry->value);
        }
    }

    return mask;
}


static int
consent_area_is_wild(const consent_area_t *area)
{
    return area->url.host.len > CONSENT_AREA_WILD
           && area->url.host.data[0] == '*';
}


static consent_mask_t
consent_area_scope(const consent_scope_t *scope)
{
    return scope->paths | (scope->category == CONSENT_UNCLASSIFIED
                           ? 0 : consent_bit(scope->category));
}


int
consent_resource_rules_compile(consent_resource_rules_t *rules,
    const consent_mem_t *mem)
{
    uint32_t                     i, j, room;
    consent_str_t                domain;
    consent_mask_t               mask, *below;
    const consent_host_rules_t  *host;
    const consent_dict_entry_t  *name, *entry;

    room = 0;

    for (i = 0; i < rules->names.n; i++) {
        name = &rules->names.entries[i];
        host = &rules->hosts[name->value];

        mask = consent_area_scope(&host->exact)
               | consent_area_scope(&host->subdomains);

        for (j = 1; j < name->len; j++) {

            if (name->key[j - 1] != '.') {
                continue;
            }

            domain = consent_str_make(name->key + j, name->len - j);
            entry = consent_dict_get(&rules->domains, 0, domain);

            if (entry) {
                rules->below[entry->value] |= mask;
                continue;
            }

            below = consent_array_grow(mem, rules->below, rules->domains.n,
                                       &room, sizeof(consent_mask_t));
            if (below == NULL) {
                return -1;
            }

            rules->below = below;
            below[rules->domains.n] = mask;

            if (consent_dict_add(mem, &rules->domains, 0, domain,
                                 rules->domains.n, 0)
                != 0)
            {
                return -1;
            }
        }
    }

    return 0;
}
