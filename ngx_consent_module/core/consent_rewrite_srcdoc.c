/*
 * Copyright (C) ngx_consent_module authors
 *
 * Documents within the document: the values of srcdoc.
 */


#include "consent_charref.h"
#include "consent_rewrite_private.h"


static void consent_rewrite_reuse(consent_rewrite_t *nested,
    const consent_rewrite_t *rw, const consent_sink_t *sink);
static int consent_rewrite_sink_value(void *data, const uint8_t *p,
    size_t len);


int
consent_rewrite_srcdoc(consent_rewrite_t *rw, consent_str_t text,
    consent_edit_t *edit)
{
    uint8_t                       *html;
    size_t                         len;
    consent_sink_t                 sink;
    consent_value_t                value;
    consent_rewrite_t             *nested;
    const consent_judge_conf_t    *conf;

    conf = &rw->conf->judge;

    if (rw->depth == CONSENT_REWRITE_DEPTH) {
        return consent_judge_first_denied(&rw->judge);
    }

    if (rw->nested == NULL) {
        rw->nested = consent_rewrite_alloc(rw, sizeof(consent_rewrite_t)
                                               + conf->limit);
        if (rw->nested == NULL) {
            return consent_judge_first_denied(&rw->judge);
        }

        memset(rw->nested, 0, sizeof(consent_rewrite_t));
    }

    nested = rw->nested;
    html = (uint8_t *) (nested + 1);
    len = consent_charref_decode(html, conf->limit, text);

    consent_rewrite_value(rw, &value);

    if (value.data == NULL) {
        return consent_judge_first_denied(&rw->judge);
    }

    sink.pass = consent_rewrite_sink_value;
    sink.copy = consent_rewrite_sink_value;
    sink.literal = consent_rewrite_sink_value;
    sink.data = &value;

    consent_rewrite_reuse(nested, rw, &sink);

    if (consent_rewrite_feed(nested, html, len, 1) != 0 || value.full) {
        return consent_judge_first_denied(&rw->judge);
    }

    rw->judge.unclassified += nested->judge.unclassified;
    rw->judge.limited |= nested->judge.limited;
    rw->late += nested->late;
    rw->overflows[CONSENT_OVERFLOW_SCRIPT] +=
                                   nested->overflows[CONSENT_OVERFLOW_SCRIPT];
    rw->overflows[CONSENT_OVERFLOW_TAG] +=
                                      nested->overflows[CONSENT_OVERFLOW_TAG];
    rw->overflows[CONSENT_OVERFLOW_URL] +=
                                      nested->overflows[CONSENT_OVERFLOW_URL];

    if (nested->blocked == 0 && nested->narrowed == 0) {
        return CONSENT_UNCLASSIFIED;
    }

    rw->blocked += nested->blocked;
    rw->narrowed += nested->narrowed;
    rw->values_len += value.len;

    edit->value = consent_str_make(value.data, value.len);

    return nested->first;
}


/* made ready for one more document, with the memory it has already */

static void
consent_rewrite_reuse(consent_rewrite_t *nested, const consent_rewrite_t *rw,
    const consent_sink_t *sink)
{
    size_t              hold_size;
    uint8_t            *hold, *values, *scratch, *long_hold;
    consent_rewrite_t  *deeper;

    hold = nested->hold;
    hold_size = nested->hold_size;
    values = nested->values;
    deeper = nested->nested;
    scratch = nested->judge.scratch;
    long_hold = nested->long_tag.hold;

    consent_rewrite_init(nested, rw->conf, sink);

    /* what is shared is in use by the document around this one */

    nested->hold = hold;
    nested->hold_size = hold_size;
    nested->values = values;
    nested->nested = deeper;
    nested->judge.scratch = scratch;
    nested->long_tag.hold = long_hold;

    nested->depth = rw->depth + 1;
    nested->html.view.xml = 0;

    if (rw->judge.has_base) {
        nested->judge.parent = &rw->judge.base;

    } else {
        nested->judge.parent = rw->judge.parent;
    }
}


/* output of a nested document */

static int
consent_rewrite_sink_value(void *data, const uint8_t *p, size_t len)
{
    consent_value_add(data, p, len);

    return 0;
}
