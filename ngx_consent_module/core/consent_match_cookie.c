/*
 * Copyright (C) ngx_consent_module authors
 *
 * Cookie names against NAME, PREFIX* and *SUFFIX.  One pass forward serves
 * the exact name and all prefixes, one backward all suffixes.
 */


#include "consent_match_private.h"


static int consent_cookie_check(const consent_rule_t *rule,
    consent_str_t literal);
static const consent_dict_entry_t *consent_cookie_forward(
    const consent_cookie_rules_t *rules, consent_str_t name,
    unsigned *exact);
static const consent_dict_entry_t *consent_cookie_backward(
    const consent_cookie_rules_t *rules, consent_str_t name, size_t longer);


void
consent_cookie_rules_init(consent_cookie_rules_t *rules)
{
    memset(rules, 0, sizeof(consent_cookie_rules_t));

    rules->suffix.reversed = 1;
}


int
consent_cookie_rules_add(consent_cookie_rules_t *rules,
    const consent_rule_t *rule)
{
    int                 rc;
    consent_str_t       literal;
    consent_dict_t     *dict;
    consent_lengths_t  *lengths;

    literal = rule->pattern;

    if (literal.data[literal.len - 1] == '*') {
        literal.len--;
        dict = &rules->prefix;
        lengths = &rules->prefix_lengths;

    } else if (literal.data[0] == '*') {
        literal.data++;
        literal.len--;
        dict = &rules->suffix;
        lengths = &rules->suffix_lengths;

    } else {
        dict = &rules->exact;
        lengths = NULL;
    }

    if (consent_cookie_check(rule, literal) != 0) {
        return -1;
    }

    rc = consent_match_claim(rule, dict, 0, literal);

    if (rc != CONSENT_CLAIM_NEW || lengths == NULL) {
        return rc;
    }

    if (consent_lengths_add(rule->mem, lengths, literal.len) != 0) {
        return consent_match_nomem(rule->err);
    }

    return CONSENT_CLAIM_NEW;
}


/* what no cookie is ever named would be a rule that silently does nothing */

static int
consent_cookie_check(const consent_rule_t *rule, consent_str_t literal)
{
    size_t         i;
    uint8_t        c;
    consent_str_t  none = consent_str("");

    for (i = 0; i < literal.len; i++) {
        c = literal.data[i];

        if (c == '*') {
            return consent_match_fail(rule->err, "cookie pattern \"%1\" has "
                                      "\"*\" elsewhere than at one end, "
                                      "write a regular expression such as "
                                      "\"~^a.*b$\"", rule->pattern, none);
        }

        if (c == '=' || c == ';') {
            return consent_match_fail(rule->err, "cookie pattern \"%1\" "
                                      "holds \"=\" or \";\", write the name "
                                      "of the cookie without its value",
                                      rule->pattern, none);
        }

        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return consent_match_fail(rule->err, "cookie pattern \"%1\" "
                                      "holds a control character, which no "
                                      "browser accepts, write the name "
                                      "without it", rule->pattern, none);
        }
    }

    if (consent_is_space(rule->pattern.data[0])
        || consent_is_space(rule->pattern.data[rule->pattern.len - 1]))
    {
        return consent_match_fail(rule->err, "cookie pattern \"%1\" begins "
                                  "or ends with white space, which browsers "
                                  "drop, write the name without it",
                                  rule->pattern, none);
    }

    return 0;
}


uint32_t
consent_cookie_rules_find(const consent_cookie_rules_t *rules,
    consent_str_t name)
{
    unsigned                     exact;
    const consent_dict_entry_t  *forward, *backward;

    forward = consent_cookie_forward(rules, name, &exact);

    if (!exact) {
        backward = consent_cookie_backward(rules, name,
                                           forward ? forward->len : 0);
        if (backward) {
            return backward->rule;
        }
    }

    return forward ? forward->rule : CONSENT_NO_RULE;
}


static const consent_dict_entry_t *
consent_cookie_forward(const consent_cookie_rules_t *rules,
    consent_str_t name, unsigned *exact)
{
    size_t                       i, len;
    uint32_t                     n;
    uint64_t                     hash;
    const consent_dict_entry_t  *entry, *best;

    i = 0;
    best = NULL;
    *exact = 0;
    hash = CONSENT_HASH_START;

    for (n = 0; n < rules->prefix_lengths.n; n++) {
        len = rules->prefix_lengths.values[n];

        if (len > name.len) {
            break;
        }

        while (i < len) {
            hash = consent_hash_byte(hash, name.data[i++]);
        }

        entry = consent_dict_find(&rules->prefix, hash, 0, name.data, len);
        best = entry ? entry : best;
    }

    if (name.len > rules->exact.max_len) {
        return best;
    }

    while (i < name.len) {
        hash = consent_hash_byte(hash, name.data[i++]);
    }

    entry = consent_dict_find(&rules->exact, hash, 0, name.data, name.len);

    if (entry) {
        *exact = 1;
        return entry;
    }

    return best;
}


/* the longest suffix that is longer than a prefix found already */

static const consent_dict_entry_t *
consent_cookie_backward(const consent_cookie_rules_t *rules,
    consent_str_t name, size_t longer)
{
    size_t                       i, len;
    uint32_t                     n;
    uint64_t                     hash;
    const uint8_t               *end;
    const consent_dict_entry_t  *entry, *best;

    if (name.len == 0) {
        return NULL;
    }

    i = 0;
    best = NULL;
    end = name.data + name.len;
    hash = CONSENT_HASH_START;

    for (n = 0; n < rules->suffix_lengths.n; n++) {
        len = rules->suffix_lengths.values[n];

        if (len > name.len) {
            break;
        }

        while (i < len) {
            i++;
            hash = consent_hash_byte(hash, *(end - i));
        }

        if (len <= longer) {
            continue;
        }

        entry = consent_dict_find(&rules->suffix, hash, 0, end - len, len);
        best = entry ? entry : best;
    }

    return best;
}
