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


static int consent_long_tag_ends(consent_long_tag_t *lt, uint8_t c);
static int consent_long_tag_hold(consent_long_tag_t *lt, uint8_t c);
static int consent_long_tag_name(consent_long_tag_t *lt);
static int consent_long_tag_attr(consent_long_tag_t *lt);
static int consent_long_tag_blocks(consent_long_tag_t *lt,
    const consent_attr_t *attr, consent_load_e load);
static int consent_long_tag_insert(consent_long_tag_t *lt,
    consent_load_e load);


void
consent_long_tag_start(consent_long_tag_t *lt, const consent_element_t *el,
    unsigned foreign)
{
    consent_tag_assume(&lt->tag, el, foreign);

    lt->state = LT_TAG_NAME;
    lt->hold_len = 0;
    lt->nseen = 0;
    lt->holding = 0;
    lt->has_url = 0;
    lt->learned = 0;
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

        if (lt->state == LT_QUOTED && c == lt->quote) {

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

        if (lt->state == LT_NAME
            && (consent_is_space(c) || c == '/' || c == '>' || c == '='))
        {
            if (lt->holding && consent_long_tag_name(lt) != 0) {
                return -1;
            }

            lt->state = LT_AFTER_NAME;
        }

        if (consent_long_tag_ends(lt, c)
            && lt->holding && consent_long_tag_attr(lt) != 0)
        {
            return -1;
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


/* c is read; 1: an attribute has ended before it */

static int
consent_long_tag_ends(consent_long_tag_t *lt, uint8_t c)
{
    switch (lt->state) {

    case LT_TAG_NAME:

        if (consent_is_space(c) || c == '/') {
            lt->state = LT_BEFORE_NAME;
        }

        return 0;

    case LT_AFTER_NAME:

        if (consent_is_space(c)) {
            return 0;
        }

        if (c == '=') {
            lt->state = LT_BEFORE_VALUE;
            return 0;
        }

        break;

    case LT_BEFORE_VALUE:

        if (consent_is_space(c)) {
            return 0;
        }

        if (c == '"' || c == '\'') {
            lt->quote = c;
            lt->state = LT_QUOTED;
            return 0;
        }

        if (c != '>') {
            lt->state = LT_UNQUOTED;
            return 0;
        }

        break;

    case LT_UNQUOTED:

        if (!consent_is_space(c) && c != '>') {
            return 0;
        }

        break;

    default: /* LT_BEFORE_NAME, LT_NAME, LT_QUOTED */
        return 0;
    }

    lt->state = LT_BEFORE_NAME;

    return 1;
}


int
consent_long_tag_end(consent_long_tag_t *lt)
{
    uint8_t  end[2];

    end[0] = lt->quote;
    end[1] = '>';

    return consent_long_tag_feed(lt, (lt->state == LT_QUOTED) ? end : end + 1,
                                 end + 2, 1);
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
    consent_tag_t   tag;
    consent_attr_t  attr;

    attr.name = consent_str_make(lt->hold, lt->hold_len);
    attr.id = consent_attr_id(attr.name);
    attr.value = consent_str_make(lt->hold, 0);

    tag = lt->tag;

    if (consent_load_of_name(&tag, &attr) != CONSENT_LOAD_NONE
        || consent_tag_learn(&tag, &attr))
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
    consent_load_e   load;

    p = lt->hold;

    if (!consent_attr_next(&attr, &p, lt->hold + lt->hold_len)) {
        return consent_long_tag_flush(lt);
    }

    load = consent_load_of(&lt->tag, &attr);

    if (load == CONSENT_LOAD_NONE) {

        if (!lt->learned) {
            lt->learned = consent_tag_learn(&lt->tag, &attr) ? 1 : 0;
        }

    } else if (consent_long_tag_blocks(lt, &attr, load)
               && consent_long_tag_insert(lt, load) != 0)
    {
        return -1;
    }

    return consent_long_tag_flush(lt);
}


/* whether the attribute is to be renamed; lt->category is why */

static int
consent_long_tag_blocks(consent_long_tag_t *lt, const consent_attr_t *attr,
    consent_load_e load)
{
    int                  category;
    size_t               i;
    unsigned             n;
    consent_tag_name_t  *name;

    for (n = 0; n < lt->nseen; n++) {
        name = &lt->seen[n];

        if (consent_str_caseeq(consent_str_make(name->data, name->len),
                               attr->name))
        {
            /* a second one would take the place of the first */

            return lt->denied[n];
        }
    }

    if (load == CONSENT_LOAD_HTML) {

        /* there is no memory for a document within the tag */

        category = consent_judge_first_denied(lt->judge);

    } else {
        category = consent_judge_attr(lt->judge, load, attr->value, lt->cut);
    }

    if (consent_load_is_main(&lt->tag, attr)) {
        lt->has_url = 1;
    }

    if (lt->category == CONSENT_UNCLASSIFIED) {
        lt->category = category;
    }

    if (n < CONSENT_LONG_TAG_LOADS) {
        name = &lt->seen[n];
        name->len = 0;

        for (i = 0; i < attr->name.len; i++) {
            consent_tag_name_add(name, attr->name.data[i]);
        }

        lt->denied[n] = (category != CONSENT_UNCLASSIFIED);
        lt->nseen++;
    }

    return category != CONSENT_UNCLASSIFIED;
}


static int
consent_long_tag_insert(consent_long_tag_t *lt, consent_load_e load)
{
    consent_str_t                     text;
    const consent_markup_category_t  *texts;
    static const consent_str_t        space = consent_str(" ");

    if (!lt->inserted) {
        lt->inserted = 1;

        texts = &lt->markup->categories[lt->category];
        text = texts->other;

        if (load == CONSENT_LOAD_URL && lt->tag.element
            && lt->tag.element->id == CONSENT_EL_SCRIPT)
        {
            /*
             * A type that was passed on already counts instead of ours; an
             * empty src keeps the script's own text from being run in place
             * of a file.
             */

            text = texts->empty;
        }

        if (consent_sink_literal(lt->sink, text) != 0
            || consent_sink_literal(lt->sink, space) != 0)
        {
            return -1;
        }
    }

    return consent_sink_literal(lt->sink, lt->markup->prefix);
}
