/*
 * Copyright (C) ngx_consent_module authors
 *
 * The text of inline scripts.  A text can belong to several categories, and
 * only those wanted are looked for; but that the defaults are asked only
 * where no rule matches holds for rules of all categories.
 */


#include "consent_match_private.h"


static void consent_inline_scan(const consent_match_t *m, consent_str_t text,
    consent_literals_scan_t *scan);
static int consent_inline_overruled(const consent_match_t *m,
    consent_str_t text, consent_mask_t wanted, unsigned scanned,
    unsigned *limited);


int
consent_inline_rules_add(consent_match_t *m, consent_layer_e layer,
    const consent_rule_t *rule)
{
    int  rc;

    rc = consent_match_claim(rule, &m->inlines[layer], 0, rule->pattern);

    if (rc == CONSENT_CLAIM_NEW) {
        m->inline_literals[layer] |= consent_bit(rule->category);
    }

    return rc;
}


consent_mask_t
consent_match_inline(const consent_match_t *m, consent_str_t text,
    consent_mask_t wanted, unsigned *limited)
{
    unsigned                    scanned;
    consent_mask_t              found;
    consent_literals_scan_t     scan;
    const consent_regex_set_t  *regexes;

    memset(&scan, 0, sizeof(consent_literals_scan_t));

    regexes = m->regexes[CONSENT_RULE_INLINE];

    scan.want[CONSENT_LAYER_RULES] =
                            wanted & m->inline_literals[CONSENT_LAYER_RULES];
    scan.want[CONSENT_LAYER_DEFAULTS] =
                         wanted & m->inline_literals[CONSENT_LAYER_DEFAULTS];

    scanned = (scan.want[CONSENT_LAYER_RULES]
               | scan.want[CONSENT_LAYER_DEFAULTS]) != 0;

    if (scanned) {
        consent_inline_scan(m, text, &scan);
    }

    found = scan.found[CONSENT_LAYER_RULES] & wanted;
    found |= consent_regex_all(m, &regexes[CONSENT_LAYER_RULES], text,
                               wanted & ~found, limited);

    if (found | scan.found[CONSENT_LAYER_RULES]) {
        return found;
    }

    found = scan.found[CONSENT_LAYER_DEFAULTS] & wanted;
    found |= consent_regex_all(m, &regexes[CONSENT_LAYER_DEFAULTS], text,
                               wanted & ~found, limited);

    if (found && consent_inline_overruled(m, text, wanted, scanned, limited))
    {
        return 0;
    }

    return found;
}


static void
consent_inline_scan(const consent_match_t *m, consent_str_t text,
    consent_literals_scan_t *scan)
{
    scan->match = m;
    scan->overrides = m->inline_literals[CONSENT_LAYER_RULES] != 0;

    consent_literals_scan(m->literals, text, scan);
}


/*
 * Whether a rule of a category that is not wanted matches.  A scan that was
 * made has looked for all literals.
 */

static int
consent_inline_overruled(const consent_match_t *m, consent_str_t text,
    consent_mask_t wanted, unsigned scanned, unsigned *limited)
{
    consent_literals_scan_t     scan;
    const consent_regex_set_t  *regexes;

    if (m->inline_literals[CONSENT_LAYER_RULES] && !scanned) {
        memset(&scan, 0, sizeof(consent_literals_scan_t));
        consent_inline_scan(m, text, &scan);

        if (scan.found[CONSENT_LAYER_RULES]) {
            return 1;
        }
    }

    regexes = &m->regexes[CONSENT_RULE_INLINE][CONSENT_LAYER_RULES];

    return consent_regex_proves(m->run, regexes, text, ~wanted, limited);
}
