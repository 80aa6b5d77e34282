/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_load.h"
#include "consent_long_tag.h"


enum {
    LT_TAG_NAME = 0,
    LT_BEFORE_NAME,
    LT_NAME,
    LT_AFTER_NAME,
    LT_BEFORE_VALUE,
    LT_QUOTED,
    LT_UNQUOTED
};


static int consent_long_tag_hold(consent_long_tag_t *lt, uint8_t c);
static int consent_long_tag_name(consent_long_tag_t *lt);
static int consent_long_tag_attr(consent_long_tag_t *lt);
static int consent_long_tag_blocks(consent_long_tag_t *lt,
    const consent_attr_t *attr);
static int consent_long_tag_insert(consent_long_tag_t *lt);


void
consent_long_tag_start(consent_long_tag_t *lt, const consent_element_t *el,
    unsigned foreign)
{
    lt->element = el;
    lt->foreign = foreign;

    lt->state = LT_TAG_NAME;
    lt->hold_len = 0;
    lt->holding = 0;
    lt->has_url = 0;
    lt->has_rel = 0;
    lt->has_type = 0;
    lt->fetches = 1;
    lt->runs = 1;
    lt->inserted = 0;

    lt->category = CONSENT_UNCLASSIFIED;
}


int
consent_long_tag_feed(consent_long_tag_t *lt, const uint8_t *p,
    const uint8_t *end, unsigned held)
{
    uint8_t         c;
    const uint8_t  *from;

    /* from: not passed on and not in lt->hold */

    from = p;

    for ( /* void */ ; p < end; p++) {

        c = *p;

        switch (lt->state) {

        case LT_TAG_NAME:

            if (consent_is_space(c) || c == '/') {
                lt->state = LT_BEFORE_NAME;
            }

            break;

        case LT_QUOTED:

            if (c == lt->quote) {
                lt->state = LT_BEFORE_NAME;

                if (lt->holding) {
                    if (consent_long_tag_hold(lt, c) != 0
                        || consent_long_tag_attr(lt) != 0)
                    {
                        return -1;
                    }

                    from = p + 1;
                }

                continue;
            }

            break;

        case LT_UNQUOTED:

            if (!consent_is_space(c) && c != '>') {
                break;
            }

            if (lt->holding && consent_long_tag_attr(lt) != 0) {
                return -1;
            }

            lt->state = LT_BEFORE_NAME;
            break;

        case LT_NAME:

            if (!consent_is_space(c) && c != '/' && c != '>' && c != '=') {
                break;
            }

            if (lt->holding && consent_long_tag_name(lt) != 0) {
                return -1;
            }

            lt->state = LT_AFTER_NAME;

            /* fall through */

        case LT_AFTER_NAME:

            if (consent_is_space(c)) {
                break;
            }

            if (c == '=') {
                lt->state = LT_BEFORE_VALUE;
                break;
            }

            /* an attribute without a value has ended before c */

            if (lt->holding && consent_long_tag_attr(lt) != 0) {
                return -1;
            }

            lt->state = LT_BEFORE_NAME;
            break;

        case LT_BEFORE_VALUE:

            if (consent_is_space(c)) {
                break;
            }

            if (c == '"' || c == '\'') {
                lt->quote = c;
                lt->state = LT_QUOTED;
                break;
            }

            lt->state = LT_UNQUOTED;

            if (c == '>') {

                if (lt->holding && consent_long_tag_attr(lt) != 0) {
                    return -1;
                }

                lt->state = LT_BEFORE_NAME;
            }

            break;

        default: /* LT_BEFORE_NAME */
            break;
        }

        if (lt->state == LT_BEFORE_NAME
            && !consent_is_space(c) && c != '/' && c != '>')
        {
            /* c begins an attribute */

            if (consent_sink_bytes(lt->sink, from, p, held) != 0) {
                return -1;
            }

            lt->holding = 1;
            lt->cut = 0;
            lt->hold_len = 0;
            lt->state = LT_NAME;
        }

        if (lt->holding) {
            from = p + 1;

            if (consent_long_tag_hold(lt, c) != 0) {
                return -1;
            }
        }
    }

    return consent_sink_bytes(lt->sink, from, end, held);
}


int
consent_long_tag_flush(consent_long_tag_t *lt)
{
    size_t  len;

    len = lt->hold_len;

    lt->holding = 0;
    lt->hold_len = 0;

    if (len == 0) {
        return 0;
    }

    return consent_sink_bytes(lt->sink, lt->hold, lt->hold + len, 1);
}


static int
consent_long_tag_hold(consent_long_tag_t *lt, uint8_t c)
{
    const consent_judge_conf_t  *conf;

    conf = lt->judge->conf;

    if (lt->hold == NULL) {
        lt->hold = conf->alloc(conf->data, conf->limit);

        if (lt->hold == NULL) {
            return -1;
        }
    }

    lt->hold[lt->hold_len++] = c;

    if (lt->hold_len < conf->limit) {
        return 0;
    }

    if (lt->state == LT_NAME) {
        return consent_long_tag_flush(lt);
    }

    /* judged on what there is; the rest of it passes */

    lt->cut = 1;

    return consent_long_tag_attr(lt);
}


/* the name is complete: most attributes need not be held any longer */

static int
consent_long_tag_name(consent_long_tag_t *lt)
{
    consent_attr_t  attr;

    attr.name = consent_str_make(lt->hold, lt->hold_len);

    if (consent_load_is_renamed(lt->element, &attr, lt->foreign)
        || consent_attr_is(&attr, "type")
        || consent_attr_is(&attr, "rel"))
    {
        return 0;
    }

    return consent_long_tag_flush(lt);
}


/* the attribute in hold is complete, or as long as it may be */

static int
consent_long_tag_attr(consent_long_tag_t *lt)
{
    const uint8_t   *p;
    consent_attr_t   attr;

    p = lt->hold;

    if (consent_attr_next(&attr, &p, lt->hold + lt->hold_len)
        && consent_long_tag_blocks(lt, &attr)
        && consent_long_tag_insert(lt) != 0)
    {
        return -1;
    }

    return consent_long_tag_flush(lt);
}


/* whether the attribute is to be renamed; lt->category is why */

static int
consent_long_tag_blocks(consent_long_tag_t *lt, const consent_attr_t *attr)
{
    int  first;

    if (!consent_load_is_url(lt->element, attr, lt->foreign)) {

        if (!lt->has_type && consent_attr_is(attr, "type")) {
            lt->has_type = 1;

            if (lt->element->id == CONSENT_EL_SCRIPT) {
                lt->runs = consent_load_script_runs(&attr->value, NULL)
                           ? 1 : 0;
            }
        }

        if (!lt->has_rel && consent_attr_is(attr, "rel")) {
            lt->has_rel = 1;

            if (lt->element->id == CONSENT_EL_LINK) {
                lt->fetches = consent_load_rel_fetches(attr->value) ? 1 : 0;
            }
        }

        return 0;
    }

    if (lt->category != CONSENT_UNCLASSIFIED) {

        /* a second attribute of the name would take the place of the first */

        return 1;
    }

    first = !lt->has_url;
    lt->has_url = 1;

    if ((!first && !lt->foreign) || !lt->fetches || !lt->runs) {
        return 0;
    }

    lt->category = lt->cut ? consent_judge_cut_url(lt->judge, attr->value)
                           : consent_judge_url(lt->judge, attr->value);

    return lt->category != CONSENT_UNCLASSIFIED;
}


static int
consent_long_tag_insert(consent_long_tag_t *lt)
{
    consent_str_t                     text;
    const consent_markup_category_t  *texts;
    static const consent_str_t        space = consent_str(" ");

    if (!lt->inserted) {
        lt->inserted = 1;

        texts = &lt->markup->categories[lt->category];

        /*
         * A type that was passed on already counts instead of ours; an empty
         * src keeps the script's own text from being run in place of a file.
         */

        text = (lt->element->id == CONSENT_EL_SCRIPT) ? texts->stub
                                                      : texts->other;

        if (consent_sink_literal(lt->sink, text) != 0
            || consent_sink_literal(lt->sink, space) != 0)
        {
            return -1;
        }
    }

    return consent_sink_literal(lt->sink, lt->markup->prefix);
}
