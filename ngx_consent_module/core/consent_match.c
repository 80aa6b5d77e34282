/*
 * Copyright (C) ngx_consent_module authors
 *
 * The interface of the matcher: sorts patterns by their form and asks the
 * parts in the order of their precedence.
 */


#include "consent_match_private.h"


static int consent_match_check(const consent_rule_t *rule);
static int consent_match_append(consent_match_t *m, consent_rule_e kind,
    consent_layer_e layer, const consent_rule_t *rule);
static int consent_match_collect_hosts(consent_match_t *m);


consent_match_t *
consent_match_create(const consent_mem_t *mem)
{
    unsigned          layer;
    consent_match_t  *m;

    m = mem->alloc(mem->data, sizeof(consent_match_t));
    if (m == NULL) {
        return NULL;
    }

    memset(m, 0, sizeof(consent_match_t));

    m->mem = *mem;

    for (layer = 0; layer < CONSENT_LAYERS; layer++) {
        consent_cookie_rules_init(&m->cookies[layer]);
        consent_resource_rules_init(&m->resources[layer]);
    }

    return m;
}


void
consent_match_destroy(consent_match_t *m)
{
    unsigned  kind, layer;

    for (kind = 0; kind < CONSENT_RULE_KINDS; kind++) {
        for (layer = 0; layer < CONSENT_LAYERS; layer++) {
            consent_regex_set_destroy(&m->regexes[kind][layer]);
        }
    }

    if (m->run) {
        consent_regex_run_destroy(m->run);
        m->run = NULL;
    }
}


int
consent_match_add(consent_match_t *m, consent_rule_e kind,
    consent_layer_e layer, consent_str_t pattern, int category,
    unsigned origin, consent_match_error_t *err)
{
    int             rc;
    consent_rule_t  rule;

    err->text[0] = '\0';
    err->other = CONSENT_UNCLASSIFIED;
    err->origin = 0;

    rule.mem = &m->mem;
    rule.pattern = pattern;
    rule.category = category;
    rule.origin = origin;
    rule.number = m->nrules;
    rule.err = err;

    if (consent_match_check(&rule) != 0) {
        return -1;
    }

    if (pattern.data[0] == '~') {
        rc = consent_regex_add(&m->regexes[kind][layer], &rule);

    } else if (kind == CONSENT_RULE_COOKIE) {
        rc = consent_cookie_rules_add(&m->cookies[layer], &rule);

    } else if (kind == CONSENT_RULE_RESOURCE) {
        rc = consent_resource_rules_add(&m->resources[layer], &rule);

    } else {
        rc = consent_inline_rules_add(m, layer, &rule);
    }

    if (rc < 0) {
        return -1;
    }

    m->categories[kind] |= consent_bit(category);

    return (rc == CONSENT_CLAIM_NEW)
           ? consent_match_append(m, kind, layer, &rule) : 0;
}


static int
consent_match_append(consent_match_t *m, consent_rule_e kind,
    consent_layer_e layer, const consent_rule_t *rule)
{
    uint8_t               *pattern;
    consent_match_rule_t  *rules;

    rules = consent_array_grow(&m->mem, m->rules, m->nrules, &m->room,
                               sizeof(consent_match_rule_t));
    pattern = m->mem.alloc(m->mem.data, rule->pattern.len);

    if (rules == NULL || pattern == NULL) {
        return consent_match_nomem(rule->err);
    }

    memcpy(pattern, rule->pattern.data, rule->pattern.len);

    m->rules = rules;
    rules += m->nrules++;

    rules->kind = kind;
    rules->layer = layer;
    rules->category = rule->category;
    rules->origin = rule->origin;
    rules->pattern = consent_str_make(pattern, rule->pattern.len);

    return 0;
}


const consent_match_rule_t *
consent_match_rule(const consent_match_t *m, size_t i)
{
    return (i < m->nrules) ? &m->rules[i] : NULL;
}


const consent_match_rule_t *
consent_match_next_used(consent_match_t *m)
{
    uint8_t  *used;

    if (*m->fresh == 0) {
        return NULL;
    }

    used = memchr(m->used, CONSENT_RULE_USED, m->nrules);

    if (used == NULL) {
        *m->fresh = 0;
        return NULL;
    }

    *used = CONSENT_RULE_KNOWN;

    return &m->rules[used - m->used];
}


static int
consent_match_check(const consent_rule_t *rule)
{
    consent_str_t  none = consent_str("");

    if (rule->pattern.len == 0) {
        return consent_match_fail(rule->err, "pattern is empty, write a "
                                  "cookie name, a host, a path, a part of a "
                                  "script or \"~\" and a regular expression",
                                  none, none);
    }

    if (rule->pattern.len > CONSENT_PATTERN_MAX) {
        return consent_match_fail(rule->err, "pattern \"%1\" is longer than "
                                  "65535 bytes, write a shorter part of it",
                                  rule->pattern, none);
    }

    if (rule->pattern.len > 1) {
        return 0;
    }

    switch (rule->pattern.data[0]) {

    case '*':
        return consent_match_fail(rule->err, "pattern \"*\" would match "
                                  "everything, write \"prefix*\", "
                                  "\"*suffix\" or the names one by one",
                                  none, none);

    case '/':
        return consent_match_fail(rule->err, "pattern \"/\" would match the "
                                  "whole site, write a longer path such as "
                                  "\"/assets/stats.js\"", none, none);

    case '.':
        return consent_match_fail(rule->err, "pattern \".\" names nothing, "
                                  "write \".example.com\" for a host and its "
                                  "subdomains", none, none);

    case '~':
        return consent_match_fail(rule->err, "pattern \"~\" has no regular "
                                  "expression, write one behind it, such as "
                                  "\"~^name\"", none, none);

    default:
        return 0;
    }
}


int
consent_match_claim(const consent_rule_t *rule, consent_dict_t *dict,
    uint32_t owner, consent_str_t key)
{
    consent_str_t                none = consent_str("");
    const consent_dict_entry_t  *entry;

    entry = consent_dict_get(dict, owner, key);

    if (entry == NULL) {

        if (consent_dict_add(rule->mem, dict, owner, key,
                             (uint32_t) rule->category, rule->origin)
            != 0)
        {
            return consent_match_nomem(rule->err);
        }

        dict->entries[dict->n - 1].rule = rule->number;

        return CONSENT_CLAIM_NEW;
    }

    if ((int) entry->value == rule->category) {
        return CONSENT_CLAIM_SAME;
    }

    rule->err->other = (int) entry->value;
    rule->err->origin = entry->origin;

    return consent_match_fail(rule->err, "pattern \"%1\" belongs to another "
                              "category already, keep it in one of them",
                              rule->pattern, none);
}


int
consent_match_compile(consent_match_t *m)
{
    unsigned  layer;

    for (layer = 0; layer < CONSENT_LAYERS; layer++) {
        if (consent_resource_rules_compile(&m->resources[layer], &m->mem)
            != 0)
        {
            return -1;
        }
    }

    /* in memory of their own, which pages of constant rules are not */

    m->used = m->mem.alloc(m->mem.data, m->nrules + 1);
    m->fresh = m->mem.alloc(m->mem.data, sizeof(unsigned));

    if (m->used == NULL || m->fresh == NULL) {
        return -1;
    }

    memset(m->used, 0, m->nrules + 1);
    *m->fresh = 0;

    m->run = consent_regex_run_create(&m->mem);
    if (m->run == NULL || consent_match_collect_hosts(m) != 0) {
        return -1;
    }

    if (m->inlines[CONSENT_LAYER_RULES].n == 0
        && m->inlines[CONSENT_LAYER_DEFAULTS].n == 0)
    {
        return 0;
    }

    m->literals = consent_literals_create(&m->mem, m->inlines);

    return m->literals ? 0 : -1;
}


static int
consent_match_collect_hosts(consent_match_t *m)
{
    size_t                 n;
    uint32_t               i;
    unsigned               layer, all;
    consent_str_t          host;
    const consent_dict_t  *names;

    n = 0;
    all = 0;

    for (layer = 0; layer < CONSENT_LAYERS; layer++) {
        n += m->resources[layer].names.n;
        all |= (m->regexes[CONSENT_RULE_RESOURCE][layer].n != 0);
    }

    m->hosts = consent_mention_set_create(&m->mem, n);
    if (m->hosts == NULL) {
        return -1;
    }

    for (layer = 0; layer < CONSENT_LAYERS; layer++) {
        names = &m->resources[layer].names;

        for (i = 0; i < names->n; i++) {
            host = consent_str_make(names->entries[i].key,
                                    names->entries[i].len);
            consent_mention_set_add(m->hosts, host);
        }
    }

    if (all) {
        consent_mention_set_add_all(m->hosts);
    }

    consent_mention_set_ready(m->hosts);

    return 0;
}


const consent_mention_set_t *
consent_match_hosts(const consent_match_t *m)
{
    return m->hosts;
}


int
consent_match_cookie(const consent_match_t *m, consent_str_t name,
    unsigned *limited)
{
    uint32_t  rule;
    unsigned  layer;

    for (layer = 0; layer < CONSENT_LAYERS; layer++) {
        rule = consent_cookie_rules_find(&m->cookies[layer], name);

        if (rule == CONSENT_NO_RULE) {
            rule = consent_regex_first(m->run,
                                     &m->regexes[CONSENT_RULE_COOKIE][layer],
                                     name, limited);
        }

        if (rule != CONSENT_NO_RULE) {
            consent_match_use(m, rule);
            return m->rules[rule].category;
        }
    }

    return CONSENT_UNCLASSIFIED;
}


int
consent_match_resource(const consent_match_t *m, const consent_url_t *url,
    unsigned own_site, unsigned *limited)
{
    uint32_t  rule;
    unsigned  layer;

    for (layer = 0; layer < CONSENT_LAYERS; layer++) {
        rule = consent_resource_rules_find(&m->resources[layer], url,
                                           own_site);

        if (rule == CONSENT_NO_RULE) {
            rule = consent_regex_first(m->run,
                                   &m->regexes[CONSENT_RULE_RESOURCE][layer],
                                   url->href, limited);
        }

        if (rule != CONSENT_NO_RULE) {
            consent_match_use(m, rule);
            return m->rules[rule].category;
        }
    }

    return CONSENT_UNCLASSIFIED;
}


int
consent_match_host(const consent_match_t *m, consent_str_t host,
    unsigned own_site, int *category)
{
    uint32_t  rule;
    unsigned  layer;

    *category = CONSENT_UNCLASSIFIED;

    for (layer = 0; layer < CONSENT_LAYERS; layer++) {

        if (!consent_resource_rules_host(&m->resources[layer], host, own_site,
                                         &rule))
        {
            return 0;
        }

        if (rule != CONSENT_NO_RULE) {
            consent_match_use(m, rule);
            *category = m->rules[rule].category;
            return 1;
        }

        if (m->regexes[CONSENT_RULE_RESOURCE][layer].n) {
            return 0;
        }
    }

    return 1;
}


consent_mask_t
consent_match_categories(const consent_match_t *m, consent_rule_e kind)
{
    return m->categories[kind];
}
