/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_charref.h"
#include "consent_judge.h"
#include "consent_load.h"


/* values up to this length are read on the stack */

#define CONSENT_JUDGE_VALUE  4096


static int consent_judge_value(consent_judge_t *judge, consent_str_t value,
    unsigned cut);
static int consent_judge_first_denied(const consent_judge_t *judge);
static int consent_judge_lowest(consent_mask_t mask);
static void consent_judge_base(consent_judge_t *judge, consent_str_t attrs);
static consent_str_t consent_judge_decode(consent_judge_t *judge,
    consent_str_t value, uint8_t *buf, size_t size);
static int consent_judge_parsed(consent_judge_t *judge,
    const consent_url_t *url);
static int consent_judge_is_third_party(const consent_judge_t *judge,
    consent_str_t host);


int
consent_judge_needed(const consent_judge_conf_t *conf)
{
    consent_mask_t          mask;
    const consent_match_t  *match;

    match = conf->policy->match;

    mask = consent_match_categories(match, CONSENT_RULE_RESOURCE)
           | consent_match_categories(match, CONSENT_RULE_INLINE);

    if (conf->third_party != CONSENT_UNCLASSIFIED) {
        mask |= consent_bit(conf->third_party);
    }

    return (mask & conf->denied) != 0;
}


void
consent_judge_init(consent_judge_t *judge, const consent_judge_conf_t *conf)
{
    memset(judge, 0, sizeof(consent_judge_t));

    judge->conf = conf;

    judge->inlines = conf->denied
                     & consent_match_categories(conf->policy->match,
                                                CONSENT_RULE_INLINE);

    judge->registrable = consent_site_registrable(conf->site,
                                                  conf->document->host);
}


consent_verdict_e
consent_judge_tag(consent_judge_t *judge, const consent_element_t *el,
    consent_str_t attrs, unsigned foreign, int *category)
{
    unsigned         i, nurls, has_type, has_language, has_rel;
    const uint8_t   *p, *end;
    consent_str_t    urls[4], type, language, rel;
    consent_attr_t   attr;

    if (el->id == CONSENT_EL_BASE) {
        consent_judge_base(judge, attrs);
        return CONSENT_VERDICT_PASS;
    }

    nurls = 0;
    has_type = 0;
    has_language = 0;
    has_rel = 0;
    rel = consent_str_make(NULL, 0);

    p = attrs.data;
    end = p + attrs.len;

    /* of attributes of one name the first counts */

    while (consent_attr_next(&attr, &p, end)) {

        if (consent_load_is_url(el, &attr, foreign)) {

            if (nurls < sizeof(urls) / sizeof(urls[0])) {
                urls[nurls++] = attr.value;
            }

        } else if (!has_type && consent_attr_is(&attr, "type")) {
            type = attr.value;
            has_type = 1;

        } else if (!has_language && consent_attr_is(&attr, "language")) {
            language = attr.value;
            has_language = 1;

        } else if (!has_rel && consent_attr_is(&attr, "rel")) {
            rel = attr.value;
            has_rel = 1;
        }
    }

    if (el->id == CONSENT_EL_SCRIPT) {

        if (!consent_load_script_runs(has_type ? &type : NULL,
                                      has_language ? &language : NULL))
        {
            return CONSENT_VERDICT_PASS;
        }

        if (nurls == 0) {
            return (judge->inlines && !foreign) ? CONSENT_VERDICT_INLINE
                                                : CONSENT_VERDICT_PASS;
        }
    }

    if (el->id == CONSENT_EL_LINK
        && !(has_rel && consent_load_rel_fetches(rel)))
    {
        return CONSENT_VERDICT_PASS;
    }

    for (i = 0; i < nurls; i++) {
        *category = consent_judge_url(judge, urls[i]);

        if (*category != CONSENT_UNCLASSIFIED) {
            return CONSENT_VERDICT_BLOCK;
        }

        if (!foreign) {
            break;
        }
    }

    return CONSENT_VERDICT_PASS;
}


int
consent_judge_url(consent_judge_t *judge, consent_str_t value)
{
    return consent_judge_value(judge, value, 0);
}


int
consent_judge_cut_url(consent_judge_t *judge, consent_str_t value)
{
    size_t  i, blank;

    /* a browser drops these, so that a host may follow any number of them */

    blank = 0;

    for (i = 0; i < value.len; i++) {
        blank += (value.data[i] <= ' ' || value.data[i] == '&');
    }

    if (blank > value.len / 4) {
        return consent_judge_first_denied(judge);
    }

    return consent_judge_value(judge, value, 1);
}


int
consent_judge_text(consent_judge_t *judge, consent_str_t text)
{
    consent_mask_t  found;

    found = consent_match_inline(judge->conf->policy->match, text,
                                 judge->inlines, &judge->limited);

    return consent_judge_lowest(found);
}


static int
consent_judge_value(consent_judge_t *judge, consent_str_t value, unsigned cut)
{
    int                   rc;
    uint8_t               decoded[CONSENT_JUDGE_VALUE];
    uint8_t               parsed[CONSENT_JUDGE_VALUE];
    consent_str_t         input;
    consent_url_t         url;
    const consent_url_t  *base;

    input = consent_judge_decode(judge, value, decoded, sizeof(decoded));

    if (input.data == NULL) {
        return consent_judge_first_denied(judge);
    }

    base = judge->has_base ? &judge->base : judge->conf->document;

    rc = consent_url_parse(&url, base, input, parsed, sizeof(parsed));

    if (rc == CONSENT_URL_OK) {
        return consent_judge_parsed(judge, &url);
    }

    if (rc == CONSENT_URL_INVALID && cut) {

        /* what makes it invalid may be the cut, within user information */

        return consent_judge_first_denied(judge);
    }

    return CONSENT_UNCLASSIFIED;
}


/* the category to name for what cannot be read */

static int
consent_judge_first_denied(const consent_judge_t *judge)
{
    return consent_judge_lowest(judge->conf->denied);
}


static int
consent_judge_lowest(consent_mask_t mask)
{
    int  category;

    for (category = 0; mask; category++, mask >>= 1) {
        if (mask & 1) {
            return category;
        }
    }

    return CONSENT_UNCLASSIFIED;
}


/* the first base element with an href counts */

static void
consent_judge_base(consent_judge_t *judge, consent_str_t attrs)
{
    uint8_t          decoded[CONSENT_JUDGE_VALUE];
    const uint8_t   *p;
    consent_str_t    input;
    consent_attr_t   attr;

    if (judge->has_base) {
        return;
    }

    p = attrs.data;

    while (consent_attr_next(&attr, &p, attrs.data + attrs.len)) {

        if (!consent_attr_is(&attr, "href")) {
            continue;
        }

        input = consent_judge_decode(judge, attr.value, decoded,
                                     sizeof(decoded));

        judge->has_base = (input.data != NULL
                           && consent_url_parse(&judge->base,
                                                judge->conf->document, input,
                                                judge->base_buf,
                                                sizeof(judge->base_buf))
                              == CONSENT_URL_OK);
        return;
    }
}


/* data is NULL if there is no memory for a long value */

static consent_str_t
consent_judge_decode(consent_judge_t *judge, consent_str_t value,
    uint8_t *buf, size_t size)
{
    const consent_judge_conf_t  *conf;

    conf = judge->conf;

    if (value.len > size) {

        if (judge->scratch == NULL) {
            judge->scratch = conf->alloc(conf->data, conf->limit);

            if (judge->scratch == NULL) {
                return consent_str_make(NULL, 0);
            }
        }

        buf = judge->scratch;
        size = conf->limit;
    }

    return consent_str_make(buf, consent_charref_decode(buf, size, value));
}


static int
consent_judge_parsed(consent_judge_t *judge, const consent_url_t *url)
{
    int                          category;
    unsigned                     own_site;
    const consent_judge_conf_t  *conf;

    conf = judge->conf;

    own_site = consent_str_eq(url->host, conf->document->host) ? 1 : 0;

    category = consent_match_resource(conf->policy->match, url, own_site,
                                      &judge->limited);

    if (category == CONSENT_UNCLASSIFIED && !own_site
        && consent_judge_is_third_party(judge, url->host))
    {
        judge->unclassified++;
        category = conf->third_party;
    }

    if (category != CONSENT_UNCLASSIFIED
        && (conf->denied & consent_bit(category)))
    {
        return category;
    }

    return CONSENT_UNCLASSIFIED;
}


static int
consent_judge_is_third_party(const consent_judge_t *judge, consent_str_t host)
{
    consent_str_t  registrable;

    registrable = consent_site_registrable(judge->conf->site, host);

    return !consent_str_eq(registrable, judge->registrable)
           && !consent_hosts_match(judge->conf->first_party, host);
}
