/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_cookie.h"
#include "consent_guess.h"


/* names that have so much of their beginnings in common are relatives */

#define GUESS_COMMON  4


static void guess_known(const consent_policy_t *policy, consent_rule_e kind,
    consent_str_t name, consent_guess_t *guess);
static size_t guess_cookie_covers(consent_str_t pattern, consent_str_t name);
static size_t guess_host_covers(consent_str_t pattern, consent_str_t host);
static consent_str_t guess_literal(consent_str_t pattern);
static size_t guess_common(consent_str_t a, consent_str_t b);
static int guess_is_needed(consent_str_t name, uint32_t flags);
static int guess_has(consent_str_t name, consent_str_t word);
static consent_str_t guess_host(consent_str_t pattern);
static int guess_is_within(consent_str_t host, consent_str_t domain);


consent_guess_t
consent_guess_known_cookie(const consent_policy_t *policy, consent_str_t name)
{
    consent_guess_t  guess;

    memset(&guess, 0, sizeof(consent_guess_t));

    guess.category = consent_match_cookie(policy->match, name, NULL);
    guess_known(policy, CONSENT_RULE_COOKIE, name, &guess);

    return guess;
}


consent_guess_t
consent_guess_known_host(const consent_policy_t *policy, consent_str_t host)
{
    consent_guess_t  guess;

    memset(&guess, 0, sizeof(consent_guess_t));

    if (host.len && host.data[0] == '.') {
        host.data++;
        host.len--;
    }

    if (!consent_match_host(policy->match, host, 0, &guess.category)) {
        guess.category = CONSENT_UNCLASSIFIED;
    }

    guess_known(policy, CONSENT_RULE_RESOURCE, host, &guess);

    return guess;
}


/* the category is known; by which pattern */

static void
guess_known(const consent_policy_t *policy, consent_rule_e kind,
    consent_str_t name, consent_guess_t *guess)
{
    size_t                       i, covered, best;
    const consent_match_rule_t  *rule;

    if (guess->category == CONSENT_UNCLASSIFIED) {
        return;
    }

    best = 0;
    guess->by = name;

    for (i = 0; (rule = consent_match_rule(policy->match, i)) != NULL; i++) {

        if (rule->kind != kind || rule->category != guess->category) {
            continue;
        }

        covered = (kind == CONSENT_RULE_COOKIE)
                  ? guess_cookie_covers(rule->pattern, name)
                  : guess_host_covers(rule->pattern, name);

        if (covered > best) {
            best = covered;
            guess->by = rule->pattern;
        }
    }
}


/* how much of the name is in the pattern; 0: another name */

static size_t
guess_cookie_covers(consent_str_t pattern, consent_str_t name)
{
    consent_str_t  part;

    if (pattern.data[0] == '~') {
        return 0;
    }

    if (consent_str_eq(pattern, name)) {
        return name.len + 1;
    }

    if (pattern.data[0] == '*') {
        pattern.data++;
        pattern.len--;

        if (pattern.len > name.len) {
            return 0;
        }

        part = consent_str_make(name.data + name.len - pattern.len,
                                pattern.len);

    } else if (pattern.data[pattern.len - 1] == '*') {
        pattern.len--;

        if (pattern.len > name.len) {
            return 0;
        }

        part = consent_str_make(name.data, pattern.len);

    } else {
        return 0;
    }

    return consent_str_eq(pattern, part) ? pattern.len : 0;
}


/* the same; what is for some paths only does not count */

static size_t
guess_host_covers(consent_str_t pattern, consent_str_t host)
{
    size_t         below;
    consent_str_t  own;

    own = guess_host(pattern);
    below = (pattern.data[0] == '.');

    if (own.len == 0 || own.len + below != pattern.len) {
        return 0;
    }

    if (below) {
        return guess_is_within(host, own) ? own.len : 0;
    }

    return consent_str_caseeq(own, host) ? own.len : 0;
}


consent_guess_t
consent_guess_cookie(const consent_policy_t *policy, consent_str_t name,
    uint32_t flags)
{
    size_t                       i, common, best;
    consent_str_t                literal;
    consent_guess_t              guess;
    const consent_match_rule_t  *rule;

    memset(&guess, 0, sizeof(consent_guess_t));

    best = 0;
    guess.category = CONSENT_UNCLASSIFIED;

    for (i = 0; (rule = consent_match_rule(policy->match, i)) != NULL; i++) {

        if (rule->kind != CONSENT_RULE_COOKIE) {
            continue;
        }

        literal = guess_literal(rule->pattern);
        common = guess_common(literal, name);

        if (common < GUESS_COMMON || common <= best
            || (common * 2 < literal.len && common * 2 < name.len))
        {
            continue;
        }

        best = common;
        guess.category = rule->category;
        guess.by = rule->pattern;
    }

    if (guess.category == CONSENT_UNCLASSIFIED
        && guess_is_needed(name, flags))
    {
        guess.category = consent_mask_first(policy->always);
    }

    return guess;
}


/* without the star of a prefix; empty: it is of another form */

static consent_str_t
guess_literal(consent_str_t pattern)
{
    if (pattern.data[0] == '~' || pattern.data[0] == '*') {
        pattern.len = 0;

    } else if (pattern.data[pattern.len - 1] == '*') {
        pattern.len--;
    }

    return pattern;
}


static size_t
guess_common(consent_str_t a, consent_str_t b)
{
    size_t  i;

    for (i = 0; i < a.len && i < b.len; i++) {
        if (consent_lower(a.data[i]) != consent_lower(b.data[i])) {
            break;
        }
    }

    return i;
}


/* no script can read it, and its name says that it is for signing in */

static int
guess_is_needed(consent_str_t name, uint32_t flags)
{
    size_t  i;

    static const consent_str_t  words[] = {
        consent_str("sess"),
        consent_str("csrf"),
        consent_str("xsrf"),
        consent_str("auth"),
        consent_str("login"),
        consent_str("")
    };

    if ((flags & CONSENT_COOKIE_HTTPONLY) == 0) {
        return 0;
    }

    for (i = 0; words[i].len; i++) {
        if (guess_has(name, words[i])) {
            return 1;
        }
    }

    return 0;
}


static int
guess_has(consent_str_t name, consent_str_t word)
{
    size_t  i;

    for (i = 0; i + word.len <= name.len; i++) {
        if (consent_str_caseeq(consent_str_make(name.data + i, word.len),
                               word))
        {
            return 1;
        }
    }

    return 0;
}


consent_guess_t
consent_guess_host(const consent_policy_t *policy, const consent_site_t *site,
    consent_str_t host)
{
    size_t                       i;
    consent_str_t                domain;
    consent_guess_t              guess;
    const consent_match_rule_t  *rule;

    memset(&guess, 0, sizeof(consent_guess_t));

    guess.category = CONSENT_UNCLASSIFIED;

    if (host.len && host.data[0] == '.') {
        host.data++;
        host.len--;
    }

    domain = consent_site_domain(site, host);

    if (domain.len == 0) {
        return guess;
    }

    for (i = 0; (rule = consent_match_rule(policy->match, i)) != NULL; i++) {

        if (rule->kind == CONSENT_RULE_RESOURCE
            && guess_is_within(guess_host(rule->pattern), domain))
        {
            guess.category = rule->category;
            guess.by = rule->pattern;
            break;
        }
    }

    return guess;
}


/* of a resource pattern; empty: it names none */

static consent_str_t
guess_host(consent_str_t pattern)
{
    size_t  i;

    if (pattern.data[0] == '~') {
        pattern.len = 0;
        return pattern;
    }

    if (pattern.data[0] == '.') {
        pattern.data++;
        pattern.len--;
    }

    for (i = 0; i < pattern.len; i++) {
        if (pattern.data[i] == '/' || pattern.data[i] == ':') {
            break;
        }
    }

    pattern.len = i;

    return pattern;
}


static int
guess_is_within(consent_str_t host, consent_str_t domain)
{
    size_t  rest;

    if (host.len < domain.len) {
        return 0;
    }

    rest = host.len - domain.len;

    return (rest == 0 || host.data[rest - 1] == '.')
           && consent_str_caseeq(consent_str_make(host.data + rest,
                                                  domain.len),
                                 domain);
}
