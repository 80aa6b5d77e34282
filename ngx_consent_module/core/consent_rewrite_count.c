/*
 * Copyright (C) ngx_consent_module authors
 *
 * What is blocked, by category and kind.
 */


#include "consent_rewrite_private.h"


const uint8_t  consent_rewrite_kinds[UINT8_MAX + 1] = {
    [CONSENT_EL_ANIMATE] = CONSENT_BLOCKED_SVG,
    [CONSENT_EL_AUDIO] = CONSENT_BLOCKED_MEDIA,
    [CONSENT_EL_EMBED] = CONSENT_BLOCKED_OBJECT,
    [CONSENT_EL_FEIMAGE] = CONSENT_BLOCKED_SVG,
    [CONSENT_EL_FENCEDFRAME] = CONSENT_BLOCKED_FRAME,
    [CONSENT_EL_FRAME] = CONSENT_BLOCKED_FRAME,
    [CONSENT_EL_IFRAME] = CONSENT_BLOCKED_FRAME,
    [CONSENT_EL_IMAGE] = CONSENT_BLOCKED_SVG,
    [CONSENT_EL_IMG] = CONSENT_BLOCKED_IMAGE,
    [CONSENT_EL_INPUT] = CONSENT_BLOCKED_IMAGE,
    [CONSENT_EL_LINK] = CONSENT_BLOCKED_LINK,
    [CONSENT_EL_META] = CONSENT_BLOCKED_META,
    [CONSENT_EL_MODEL] = CONSENT_BLOCKED_MEDIA,
    [CONSENT_EL_OBJECT] = CONSENT_BLOCKED_OBJECT,
    [CONSENT_EL_PARAM] = CONSENT_BLOCKED_OBJECT,
    [CONSENT_EL_SCRIPT] = CONSENT_BLOCKED_SCRIPT,
    [CONSENT_EL_SOURCE] = CONSENT_BLOCKED_MEDIA,
    [CONSENT_EL_STYLE] = CONSENT_BLOCKED_STYLE,
    [CONSENT_EL_TRACK] = CONSENT_BLOCKED_MEDIA,
    [CONSENT_EL_USE] = CONSENT_BLOCKED_SVG,
    [CONSENT_EL_VIDEO] = CONSENT_BLOCKED_MEDIA
};


void
consent_rewrite_count(consent_rewrite_t *rw, int category, unsigned kind)
{
    consent_mask_t            bit;
    consent_rewrite_tally_t  *tally;

    rw->blocked++;

    tally = rw->conf->tally;

    if (tally == NULL || category == CONSENT_UNCLASSIFIED) {
        return;
    }

    bit = consent_bit(category);

    if ((tally->categories & bit) == 0) {
        tally->categories |= bit;
        memset(tally->n[category], 0, sizeof(tally->n[category]));
    }

    tally->n[category][kind]++;
}
