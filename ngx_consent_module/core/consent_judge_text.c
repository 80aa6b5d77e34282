/*
 * Copyright (C) ngx_consent_module authors
 *
 * Is what this script does denied to this visitor?  A pattern that occurs in
 * it says so.  So does a denied host that it names, unless it names it in a
 * comment, as data or to compare it.
 */


#include "consent_judge.h"
#include "consent_mention.h"


/* of a path no more matters to a rule */

#define CONSENT_JUDGE_MENTION  4096


/* a text that is read from mention to mention */

typedef struct {
    consent_str_t      text;
    consent_script_t   script;
    const uint8_t     *read;        /* by script */
    int                data;        /* 1: all of it, 0: not, -1: not known */
    unsigned           kept:1;      /* named as data, in a script of data */
} consent_judge_reader_t;


static int consent_judge_mentions(consent_judge_t *judge, consent_str_t text,
    unsigned rules);
static consent_judge_reader_t consent_judge_read(const consent_judge_t *judge,
    consent_str_t text);
static int consent_judge_mention(consent_judge_t *judge, consent_str_t text);
static int consent_judge_counts(consent_judge_reader_t *reader,
    const consent_mention_t *mention);
static int consent_judge_may_comment(const consent_judge_reader_t *reader,
    const uint8_t *sign);
static int consent_judge_is_data(consent_judge_reader_t *reader);
static int consent_judge_exempts(consent_judge_t *judge, consent_str_t text);


int
consent_judge_text_begin(consent_judge_t *judge, consent_script_e kind,
    unsigned plain)
{
    consent_script_init(&judge->script);
    judge->kept = CONSENT_UNCLASSIFIED;

    if (!plain) {
        consent_script_give_up(&judge->script);
    }

    switch (kind) {

    case CONSENT_SCRIPT_RUNS:
        return !judge->conf->no_inline
               && (judge->inlines | judge->resources) != 0;

    case CONSENT_SCRIPT_RULES:
        return judge->resources != 0;

    case CONSENT_SCRIPT_NONE:
    default:
        return 0;
    }
}


void
consent_judge_text_pass(consent_judge_t *judge, consent_str_t text)
{
    if (judge->resources) {
        consent_script_feed(&judge->script, text.data, text.data + text.len);
    }
}


int
consent_judge_text(consent_judge_t *judge, consent_str_t text, unsigned rules)
{
    int             category;
    consent_mask_t  found;

    if (!rules && judge->inlines) {
        found = consent_match_inline(judge->conf->policy->match, text,
                                     judge->inlines, &judge->limited);
        if (found) {
            return consent_mask_first(found);
        }
    }

    if (judge->resources == 0) {
        return CONSENT_UNCLASSIFIED;
    }

    category = consent_judge_mentions(judge, text, rules);

    return (category != CONSENT_UNCLASSIFIED && !rules
            && consent_judge_exempts(judge, text))
           ? CONSENT_UNCLASSIFIED : category;
}


static int
consent_judge_mentions(consent_judge_t *judge, consent_str_t text,
    unsigned rules)
{
    int                      category;
    uint8_t                  buf[CONSENT_JUDGE_MENTION];
    consent_str_t            url;
    consent_mention_t        mention;
    consent_judge_reader_t   reader;

    if (judge->kept != CONSENT_UNCLASSIFIED) {

        /* named in a part that has gone: what does the script do with it? */

        reader = consent_judge_read(judge, text);

        if (!consent_judge_is_data(&reader)) {
            return judge->kept;
        }
    }

    reader.read = NULL;

    consent_mention_init(&mention,
                         consent_match_hosts(judge->conf->policy->match),
                         text);

    while (consent_mention_next(&mention, buf, sizeof(buf), &url)) {
        category = consent_judge_mention(judge, url);

        if (category == CONSENT_UNCLASSIFIED) {
            continue;
        }

        if (rules) {
            return category;
        }

        if (reader.read == NULL) {
            reader = consent_judge_read(judge, text);
        }

        reader.kept = 0;

        if (consent_judge_counts(&reader, &mention)) {
            return category;
        }

        if (reader.kept && judge->kept == CONSENT_UNCLASSIFIED) {
            judge->kept = category;
        }
    }

    return CONSENT_UNCLASSIFIED;
}


static consent_judge_reader_t
consent_judge_read(const consent_judge_t *judge, consent_str_t text)
{
    consent_judge_reader_t  reader;

    reader.text = text;
    reader.script = judge->script;
    reader.read = text.data;
    reader.data = -1;
    reader.kept = 0;

    return reader;
}


/* by rules only: a third party nobody classified may be named in a text */

static int
consent_judge_mention(consent_judge_t *judge, consent_str_t text)
{
    int                          category;
    uint8_t                      buf[CONSENT_JUDGE_MENTION];
    consent_str_t                host;
    consent_url_t                url;
    const consent_judge_host_t  *known;

    if (consent_url_plain_host(text, &host)) {
        known = consent_judge_host(judge, host);

        if (known->known
            && (known->category == CONSENT_UNCLASSIFIED
                || (judge->conf->denied & consent_bit(known->category)) == 0))
        {
            return CONSENT_UNCLASSIFIED;
        }

        if (known->known && judge->conf->markup->loaders == NULL) {
            return known->category;
        }
    }

    if (consent_url_parse(&url, judge->conf->document, text, buf, sizeof(buf))
        != CONSENT_URL_OK)
    {
        return CONSENT_UNCLASSIFIED;
    }

    category = consent_match_resource(judge->conf->policy->match, &url, 0,
                                      &judge->limited);

    if (category != CONSENT_UNCLASSIFIED
        && (judge->conf->denied & consent_bit(category))
        && !consent_markup_is_loader(judge->conf->markup, &url, 0))
    {
        return category;
    }

    return CONSENT_UNCLASSIFIED;
}


/* whether the script can fetch what it names there, so far as can be seen */

static int
consent_judge_counts(consent_judge_reader_t *reader,
    const consent_mention_t *mention)
{
    const uint8_t     *sign;
    consent_script_t  *script, at;

    sign = mention->sign;
    script = &reader->script;

    reader->read = consent_script_feed_data(script, reader->read, sign);

    if (script->code && !consent_mention_is_bare(mention)
        && !consent_judge_may_comment(reader, sign))
    {
        return 1;
    }

    consent_script_feed(script, reader->read, sign);
    reader->read = sign;

    at = *script;
    consent_script_feed(&at, sign, sign + 1);

    if (consent_script_in_comment(&at)) {
        return 0;
    }

    if (consent_mention_is_bare(mention)
        && consent_script_only_names(script, reader->text, sign,
                                     mention->behind))
    {
        return 0;
    }

    if (consent_script_in_literal(script) && consent_judge_is_data(reader)) {
        reader->kept = 1;
        return 0;
    }

    return 1;
}


/*
 * 0: no comment can go on at sign.  The slashes of an address and those that
 * begin a string begin none.
 */

static int
consent_judge_may_comment(const consent_judge_reader_t *reader,
    const uint8_t *sign)
{
    uint8_t         before;
    const uint8_t  *p, *line;

    if (consent_script_in_comment(&reader->script)) {
        return 1;
    }

    line = NULL;

    for (p = reader->read; p < sign; p++) {

        p = memchr(p, '/', (size_t) (sign - p));

        if (p == NULL) {
            break;
        }

        if (p[1] == '*') {
            return 1;
        }

        before = (p > reader->text.data) ? p[-1] : 0;

        if (p[1] == '/' && before != ':' && before != '"' && before != '\'') {
            line = p;
        }
    }

    return line && memchr(line, '\n', (size_t) (sign - line)) == NULL;
}


/* whether the whole text does nothing but keep data */

static int
consent_judge_is_data(consent_judge_reader_t *reader)
{
    consent_script_t  script;

    if (reader->data < 0) {
        script = reader->script;
        consent_script_feed(&script, reader->read,
                            reader->text.data + reader->text.len);
        reader->data = !script.code;
    }

    return reader->data;
}


/* a pattern of a category that cannot be refused is in it */

static int
consent_judge_exempts(consent_judge_t *judge, consent_str_t text)
{
    consent_mask_t           always;
    const consent_policy_t  *policy;

    policy = judge->conf->policy;

    always = policy->always
             & consent_match_categories(policy->match, CONSENT_RULE_INLINE);

    return always
           && consent_match_inline(policy->match, text, always,
                                   &judge->limited);
}
