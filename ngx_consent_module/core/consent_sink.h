/*
 * Copyright (C) ngx_consent_module authors
 *
 * Where the rewriter's output goes.
 */


#ifndef CONSENT_SINK_H
#define CONSENT_SINK_H


#include "consent_str.h"


/* each returns 0, or -1 on failure; len is never 0 */

typedef struct {
    /* bytes of the input being fed */
    int           (*pass)(void *data, const uint8_t *p, size_t len);

    /* bytes that do not outlive the call */
    int           (*copy)(void *data, const uint8_t *p, size_t len);

    /* bytes that outlive the request */
    int           (*literal)(void *data, const uint8_t *p, size_t len);

    void           *data;
} consent_sink_t;


/* a run of bytes on its way: out of the input, or out of a buffer of ours */

static inline int
consent_sink_bytes(const consent_sink_t *sink, const uint8_t *p,
    const uint8_t *end, unsigned held)
{
    if (p == end) {
        return 0;
    }

    return held ? sink->copy(sink->data, p, (size_t) (end - p))
                : sink->pass(sink->data, p, (size_t) (end - p));
}


static inline int
consent_sink_literal(const consent_sink_t *sink, consent_str_t s)
{
    return sink->literal(sink->data, s.data, s.len);
}


#endif /* CONSENT_SINK_H */
