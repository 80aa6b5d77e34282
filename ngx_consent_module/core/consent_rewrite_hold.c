/*
 * Copyright (C) ngx_consent_module authors
 *
 * Bytes are in one of three places: passed on; in rw->hold, if they came
 * with earlier input and may yet be changed; in the input being fed, from
 * rw->from on.  What is in hold goes out before anything else does.
 */


#include "consent_rewrite_private.h"


int
consent_rewrite_pass(consent_rewrite_t *rw, const uint8_t *p)
{
    size_t          len;
    const uint8_t  *from;

    len = rw->hold_len;
    from = rw->from;

    rw->hold_len = 0;
    rw->from = p;

    if (len
        && consent_sink_bytes(rw->sink, rw->hold, rw->hold + len, 1) != 0)
    {
        return -1;
    }

    return consent_sink_bytes(rw->sink, from, p, 0);
}


int
consent_rewrite_pass_but(consent_rewrite_t *rw, const uint8_t *p, size_t keep)
{
    if (keep == 0) {
        return consent_rewrite_pass(rw, p);
    }

    if ((size_t) (p - rw->from) >= keep) {
        return (consent_rewrite_pass(rw, p - keep) != 0)
               ? -1 : consent_rewrite_hold(rw, p);
    }

    if (consent_rewrite_hold(rw, p) != 0) {
        return -1;
    }

    return (rw->hold_len > keep)
           ? consent_rewrite_release(rw, rw->hold_len - keep) : 0;
}


int
consent_rewrite_hold(consent_rewrite_t *rw, const uint8_t *p)
{
    size_t  len;

    len = (size_t) (p - rw->from);

    if (len == 0) {
        return 0;
    }

    if (rw->hold_len + len > rw->hold_size
        && consent_rewrite_grow(rw, rw->hold_len + len) != 0)
    {
        return -1;
    }

    memcpy(rw->hold + rw->hold_len, rw->from, len);

    rw->hold_len += len;
    rw->from = p;

    return 0;
}


int
consent_rewrite_release(consent_rewrite_t *rw, size_t len)
{
    const uint8_t  *p;

    if (len == 0) {
        return 0;
    }

    if (rw->hold_len == 0) {
        p = rw->from;
        rw->from += len;

        return consent_sink_bytes(rw->sink, p, p + len, 0);
    }

    /* the window is in hold as a whole */

    if (consent_sink_bytes(rw->sink, rw->hold, rw->hold + len, 1) != 0) {
        return -1;
    }

    rw->hold_len -= len;
    memmove(rw->hold, rw->hold + len, rw->hold_len);

    return 0;
}


/* what was allocated before is left to its owner: a third of it in all */

int
consent_rewrite_grow(consent_rewrite_t *rw, size_t needed)
{
    size_t    size, most;
    uint8_t  *hold;

    most = rw->conf->judge.limit + 1;
    size = rw->hold_size ? 4 * rw->hold_size : CONSENT_REWRITE_HOLD;

    while (size < needed) {
        size *= 2;
    }

    if (size > most) {
        size = most;
    }

    hold = consent_rewrite_alloc(rw, size);
    if (hold == NULL) {
        return -1;
    }

    if (rw->hold_len) {
        memcpy(hold, rw->hold, rw->hold_len);
    }

    rw->hold = hold;
    rw->hold_size = size;

    return 0;
}


void *
consent_rewrite_alloc(const consent_rewrite_t *rw, size_t size)
{
    const consent_judge_conf_t  *conf;

    conf = &rw->conf->judge;

    return conf->alloc(conf->data, size);
}


void
consent_rewrite_value(consent_rewrite_t *rw, consent_value_t *value)
{
    size_t  size;

    size = CONSENT_REWRITE_VALUES * rw->conf->judge.limit;

    if (rw->values == NULL) {
        rw->values = consent_rewrite_alloc(rw, size);
    }

    value->data = rw->values ? rw->values + rw->values_len : NULL;
    value->len = 0;
    value->size = size - rw->values_len;
    value->full = 0;

    /* another reading may be in the middle of a tag, or of markup, there */

    value->no_lt = (rw->html.view.xml || rw->html.view.noscript
                    || !rw->certain)
                   ? 1 : 0;
}
