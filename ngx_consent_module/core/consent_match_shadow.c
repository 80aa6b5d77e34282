/*
 * Copyright (C) ngx_consent_module authors
 *
 * Rules that never count, for warnings when a configuration is read.
 *
 * Literals are never hidden, since the most specific one wins, but one may
 * say no more than a wider one of its category.  Regular expressions come
 * last: one that can only match what begins with some text is never asked if
 * a literal, or an expression before it, takes all that begins so.
 */


#include "consent_match_private.h"


/* of an expression, what every match begins with */

#define SHADOW_PREFIX  256


typedef struct {
    uint8_t        text[SHADOW_PREFIX];
    size_t         len;
    unsigned       caseless:1;
    unsigned       all:1;       /* and all that begins so is a match */
    unsigned       whole:1;     /* and nothing follows it */
} shadow_prefix_t;


static uint32_t shadow_cookie(const consent_match_t *m, size_t i);
static uint32_t shadow_resource(const consent_match_t *m, size_t i);
static uint32_t shadow_inline(const consent_match_t *m, size_t i);
static uint32_t shadow_regex(const consent_match_t *m, size_t i);
static uint32_t shadow_regex_cookie(const consent_match_t *m,
    const consent_match_rule_t *rule, const shadow_prefix_t *prefix);
static uint32_t shadow_regex_resource(const consent_match_t *m,
    const consent_match_rule_t *rule, const shadow_prefix_t *prefix);
static uint32_t shadow_regex_before(const consent_match_t *m, size_t i,
    const shadow_prefix_t *prefix);
static void shadow_read(shadow_prefix_t *prefix, consent_str_t pattern);
static int shadow_is_meta(uint8_t c);
static uint32_t shadow_host(const consent_resource_rules_t *rules,
    consent_str_t host, unsigned exact);


const consent_match_rule_t *
consent_match_shadow(const consent_match_t *m, size_t i, unsigned *same)
{
    uint32_t                     by;
    const consent_match_rule_t  *rule;

    rule = &m->rules[i];
    *same = 1;

    if (rule->pattern.data[0] == '~') {
        *same = 0;
        by = (rule->kind == CONSENT_RULE_INLINE) ? CONSENT_NO_RULE
                                                 : shadow_regex(m, i);

    } else if (rule->kind == CONSENT_RULE_COOKIE) {
        by = shadow_cookie(m, i);

    } else if (rule->kind == CONSENT_RULE_RESOURCE) {
        by = shadow_resource(m, i);

    } else {
        by = shadow_inline(m, i);
    }

    if (by == CONSENT_NO_RULE || by == i
        || (*same && m->rules[by].category != rule->category))
    {
        return NULL;
    }

    return &m->rules[by];
}


/* a name beside a prefix or a suffix that has it too */

static uint32_t
shadow_cookie(const consent_match_t *m, size_t i)
{
    uint32_t                     by;
    const consent_match_rule_t  *rule;
    consent_cookie_rules_t       others;

    rule = &m->rules[i];

    if (memchr(rule->pattern.data, '*', rule->pattern.len)) {
        return CONSENT_NO_RULE;
    }

    others = m->cookies[rule->layer];
    others.exact.n = 0;

    by = consent_cookie_rules_find(&others, rule->pattern);

    return by;
}


/* a host beside a wider one, both whatever the path and the port */

static uint32_t
shadow_resource(const consent_match_t *m, size_t i)
{
    unsigned                     subdomains;
    consent_str_t                host;
    const consent_match_rule_t  *rule;

    rule = &m->rules[i];
    host = rule->pattern;

    subdomains = (host.data[0] == '.');

    if (subdomains) {
        host.data++;
        host.len--;
    }

    if (memchr(host.data, '/', host.len) || memchr(host.data, ':', host.len)
        || m->resources[rule->layer].ports)
    {
        return CONSENT_NO_RULE;
    }

    return shadow_host(&m->resources[rule->layer], host, !subdomains);
}


/* the rule for the narrowest domain around a host, whatever the path */

static uint32_t
shadow_host(const consent_resource_rules_t *rules, consent_str_t host,
    unsigned exact)
{
    size_t                       i;
    uint32_t                     rule;
    uint8_t                      lower[CONSENT_HOST_MAX];
    consent_str_t                name;
    const consent_dict_entry_t  *entry;

    if (host.len > sizeof(lower)) {
        return CONSENT_NO_RULE;
    }

    for (i = 0; i < host.len; i++) {
        lower[i] = consent_lower(host.data[i]);
    }

    /* the host itself, if it is asked for alone, and then what is above */

    for (i = 0; i < host.len; i++) {

        if ((i && lower[i - 1] != '.') || (i == 0 && !exact)) {
            continue;
        }

        name = consent_str_make(lower + i, host.len - i);
        entry = consent_dict_get(&rules->names, 0, name);

        if (entry == NULL) {
            continue;
        }

        rule = rules->hosts[entry->value].subdomains.rule;

        if (rule != CONSENT_NO_RULE) {
            return rule;
        }
    }

    return CONSENT_NO_RULE;
}


/* a text within which there is another pattern of its category */

static uint32_t
shadow_inline(const consent_match_t *m, size_t i)
{
    size_t                       n, at;
    const consent_match_rule_t  *rule, *other;

    rule = &m->rules[i];

    for (n = 0; n < m->nrules; n++) {
        other = &m->rules[n];

        if (n == i || other->kind != CONSENT_RULE_INLINE
            || other->layer != rule->layer
            || other->category != rule->category
            || other->pattern.data[0] == '~'
            || other->pattern.len >= rule->pattern.len)
        {
            continue;
        }

        for (at = 0; at + other->pattern.len <= rule->pattern.len; at++) {
            if (memcmp(rule->pattern.data + at, other->pattern.data,
                       other->pattern.len)
                == 0)
            {
                return (uint32_t) n;
            }
        }
    }

    return CONSENT_NO_RULE;
}


static uint32_t
shadow_regex(const consent_match_t *m, size_t i)
{
    uint32_t                     by;
    shadow_prefix_t              prefix;
    const consent_match_rule_t  *rule;

    rule = &m->rules[i];
    shadow_read(&prefix, rule->pattern);

    if (prefix.len == 0) {
        return CONSENT_NO_RULE;
    }

    by = (rule->kind == CONSENT_RULE_COOKIE)
         ? shadow_regex_cookie(m, rule, &prefix)
         : shadow_regex_resource(m, rule, &prefix);

    return (by != CONSENT_NO_RULE) ? by : shadow_regex_before(m, i, &prefix);
}


static uint32_t
shadow_regex_cookie(const consent_match_t *m,
    const consent_match_rule_t *rule, const shadow_prefix_t *prefix)
{
    consent_str_t           name;
    consent_cookie_rules_t  others;

    if (prefix->caseless) {
        return CONSENT_NO_RULE;
    }

    others = m->cookies[rule->layer];
    name = consent_str_make(prefix->text, prefix->len);

    if (!prefix->whole) {

        /* more may follow, so that only prefixes have all of it */

        others.exact.n = 0;
        others.suffix_lengths.n = 0;
    }

    return consent_cookie_rules_find(&others, name);
}


/* "https?://host/...", where all of the host belongs to one rule */

static uint32_t
shadow_regex_resource(const consent_match_t *m,
    const consent_match_rule_t *rule, const shadow_prefix_t *prefix)
{
    size_t                           i;
    consent_str_t                    host;
    const uint8_t                   *p;
    consent_url_t                    url;
    const consent_resource_rules_t  *rules;

    rules = &m->resources[rule->layer];
    host = consent_str_make(prefix->text, prefix->len);

    for (i = 0; i + 3 <= host.len; i++) {
        if (memcmp(host.data + i, "://", 3) == 0) {
            break;
        }
    }

    if (i + 3 > host.len) {
        return CONSENT_NO_RULE;
    }

    host.data += i + 3;
    host.len -= i + 3;

    p = memchr(host.data, '/', host.len);

    if (p == NULL || p == host.data) {
        return CONSENT_NO_RULE;
    }

    host.len = (size_t) (p - host.data);

    /* as if for the path "/", which rules with a path do not have */

    memset(&url, 0, sizeof(consent_url_t));

    url.host = host;
    url.path = consent_str_make(p, 1);

    return rules->ports ? CONSENT_NO_RULE
                        : consent_resource_rules_find(rules, &url, 0);
}


/* an expression before it, of which all that begins so is a match */

static uint32_t
shadow_regex_before(const consent_match_t *m, size_t i,
    const shadow_prefix_t *prefix)
{
    size_t                       n;
    consent_str_t                begins;
    shadow_prefix_t              before;
    const consent_match_rule_t  *rule, *other;

    rule = &m->rules[i];

    for (n = 0; n < i; n++) {
        other = &m->rules[n];

        if (other->kind != rule->kind || other->layer != rule->layer
            || other->pattern.data[0] != '~')
        {
            continue;
        }

        shadow_read(&before, other->pattern);

        if (!before.all || before.len == 0 || before.len > prefix->len
            || (prefix->caseless && !before.caseless))
        {
            continue;
        }

        begins = consent_str_make(prefix->text, before.len);

        if (before.caseless
            ? consent_str_caseeq(begins, consent_str_make(before.text,
                                                          before.len))
            : consent_str_eq(begins, consent_str_make(before.text,
                                                      before.len)))
        {
            return (uint32_t) n;
        }
    }

    return CONSENT_NO_RULE;
}


/*
 * The literal text behind "^", as far as it goes; len 0: there is none, or
 * the expression has alternatives.
 */

static void
shadow_read(shadow_prefix_t *prefix, consent_str_t pattern)
{
    size_t          i;
    uint8_t         c;

    memset(prefix, 0, sizeof(shadow_prefix_t));

    i = 1;

    if (pattern.len > 1 && pattern.data[1] == '*') {
        prefix->caseless = 1;
        i = 2;
    }

    if (i == pattern.len || pattern.data[i] != '^'
        || memchr(pattern.data, '|', pattern.len))
    {
        return;
    }

    for (i++; i < pattern.len && prefix->len < SHADOW_PREFIX; i++) {
        c = pattern.data[i];

        /* an "s" that may be missing, in the scheme, is read as there */

        if (c == '?' && prefix->len == 5
            && memcmp(prefix->text, "https", 5) == 0)
        {
            continue;
        }

        if (c == '\\') {

            if (i + 1 == pattern.len || consent_is_alpha(pattern.data[i + 1])
                || consent_is_digit(pattern.data[i + 1]))
            {
                break;
            }

            c = pattern.data[++i];

        } else if (shadow_is_meta(c)) {
            prefix->whole = (c == '$' && i + 1 == pattern.len);
            break;
        }

        prefix->text[prefix->len++] = c;
    }

    if (prefix->whole || prefix->len == 0) {
        return;
    }

    if (i == pattern.len) {
        prefix->all = 1;
        return;
    }

    /* what follows may say that the last one need not be there */

    c = pattern.data[i];

    if (c == '?' || c == '*' || c == '{') {
        prefix->len--;
    }
}


static int
shadow_is_meta(uint8_t c)
{
    return memchr("^$.[]()?*+{}", c, 12) != NULL;
}
