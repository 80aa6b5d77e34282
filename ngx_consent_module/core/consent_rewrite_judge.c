/*
 * Copyright (C) ngx_consent_module authors
 *
 * What of a start tag is denied: which of its attributes are to be changed,
 * and to what.
 */


#include "consent_rewrite_private.h"


static int consent_rewrite_attr(consent_rewrite_t *rw,
    consent_verdict_t *verdict, const consent_attr_t *attr,
    consent_load_e load);
static int consent_rewrite_policy(consent_rewrite_t *rw,
    consent_verdict_t *verdict, const consent_attr_t *attr);


int
consent_rewrite_is_script(const consent_rewrite_t *rw)
{
    return rw->tag.element
           && rw->tag.element->id == CONSENT_EL_SCRIPT
           && rw->tag.script != CONSENT_SCRIPT_NONE;
}


int
consent_rewrite_judge(consent_rewrite_t *rw, consent_verdict_t *verdict,
    const consent_attrs_t *attrs)
{
    unsigned               i;
    uint64_t               seen, bit;
    consent_edit_t        *edit;
    consent_load_e         load;
    consent_attrs_walk_t   walk;
    const consent_attr_t  *attr;

    verdict->nedits = 0;
    verdict->category = CONSENT_UNCLASSIFIED;
    verdict->tags = 0;
    verdict->main = 0;
    verdict->source = 0;
    verdict->passed = 0;
    verdict->overflow = 0;

    rw->values_len = 0;

    if (rw->tag.element && rw->tag.element->id == CONSENT_EL_BASE) {
        consent_judge_base(&rw->judge, attrs);
    }

    seen = 0;
    memset(&walk, 0, sizeof(consent_attrs_walk_t));

    while ((attr = consent_attrs_next(attrs, &walk)) != NULL) {

        load = consent_load_of(&rw->tag, attr);

        if (load == CONSENT_LOAD_NONE) {
            continue;
        }

        /* of attributes of one name the first counts */

        bit = (uint64_t) 1 << attr->id;

        if ((seen & bit) == 0) {

            seen |= bit;

            if (verdict->nedits == CONSENT_REWRITE_EDITS) {
                verdict->overflow = 1;
                return 0;
            }

            if (consent_rewrite_attr(rw, verdict, attr, load) != 0) {
                return -1;
            }

            continue;
        }

        /* ... so a second one must not take the place of a renamed first */

        for (i = 0; i < verdict->nedits; i++) {
            if (verdict->edits[i].attr.id == attr->id
                && verdict->edits[i].value.data == NULL)
            {
                break;
            }
        }

        if (i == verdict->nedits) {
            continue;
        }

        if (verdict->nedits == CONSENT_REWRITE_EDITS) {
            verdict->overflow = 1;
            return 0;
        }

        edit = &verdict->edits[verdict->nedits++];

        edit->attr = *attr;
        edit->value = consent_str_make(NULL, 0);
        edit->keep = 0;
    }

    return 0;
}


static int
consent_rewrite_attr(consent_rewrite_t *rw, consent_verdict_t *verdict,
    const consent_attr_t *attr, consent_load_e load)
{
    int              category;
    unsigned         counts;
    consent_edit_t  *edit;
    consent_value_t  value;

    counts = (load != CONSENT_LOAD_CSS && load != CONSENT_LOAD_POLICY);

    if (consent_rewrite_is_script(rw)
        && consent_load_is_main(&rw->tag, attr))
    {
        verdict->source = 1;
    }

    edit = &verdict->edits[verdict->nedits];

    edit->attr = *attr;
    edit->value = consent_str_make(NULL, 0);
    edit->keep = 0;

    if (load == CONSENT_LOAD_POLICY) {
        return consent_rewrite_policy(rw, verdict, attr);
    }

    if (load == CONSENT_LOAD_HTML) {
        category = consent_rewrite_srcdoc(rw, attr->value, edit);

    } else {
        category = consent_judge_attr(&rw->judge, load, attr->value, 0);
    }

    if (category == CONSENT_UNCLASSIFIED) {

        /* only policies of a document in it may have been narrowed */

        verdict->nedits += (edit->value.data != NULL);
        verdict->passed += counts;
        return 0;
    }

    if (load == CONSENT_LOAD_SRCSET || load == CONSENT_LOAD_CSS) {

        /* what is not denied goes on under the old name */

        consent_rewrite_value(rw, &value);

        if (value.data == NULL) {
            return -1;
        }

        if (load == CONSENT_LOAD_SRCSET) {
            consent_value_srcset(&value, &rw->judge, attr->value);

        } else {
            consent_value_css(&value, &rw->judge, attr->value);
        }

        if (!value.full && value.len) {
            edit->value = consent_str_make(value.data, value.len);
            edit->keep = 1;

            rw->values_len += value.len;
            verdict->passed += counts;
        }
    }

    verdict->nedits++;

    if (verdict->category == CONSENT_UNCLASSIFIED) {
        verdict->category = category;
    }

    if (load != CONSENT_LOAD_HTML || edit->value.data == NULL) {
        verdict->tags = 1;
    }

    if (consent_load_is_main(&rw->tag, attr)) {
        verdict->main = 1;
    }

    return 0;
}


/*
 * A policy is narrowed where it stands.  The tag is not blocked, and a policy
 * that cannot be narrowed stays: without it more would be allowed.
 */

static int
consent_rewrite_policy(consent_rewrite_t *rw, consent_verdict_t *verdict,
    const consent_attr_t *attr)
{
    consent_edit_t   *edit;
    consent_value_t   value;

    if (!rw->conf->csp || rw->judge.resources == 0) {
        return 0;
    }

    consent_rewrite_value(rw, &value);

    if (value.data == NULL) {
        return -1;
    }

    if (consent_value_policy(&value, &rw->judge, attr->value) == 0
        || value.full)
    {
        return 0;
    }

    rw->values_len += value.len;
    rw->narrowed++;

    edit = &verdict->edits[verdict->nedits++];

    edit->attr = *attr;
    edit->value = consent_str_make(value.data, value.len);
    edit->keep = 0;

    return 0;
}
