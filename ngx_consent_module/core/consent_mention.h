/*
 * Copyright (C) ngx_consent_module authors
 *
 * The addresses that the text of an inline script names: JavaScript, import
 * maps and speculation rules alike.  Nothing is parsed: what looks like a
 * host behind "//" or right behind a quote is one, wherever it stands, so
 * that no way to write a script hides it.  A name that is no host costs its
 * caller a look-up that misses.
 */


#ifndef CONSENT_MENTION_H
#define CONSENT_MENTION_H


#include "consent_mention_set.h"


typedef struct {
    const consent_mention_set_t  *set;

    const uint8_t                *start;
    const uint8_t                *end;
    const uint8_t                *next;     /* not searched for signs yet */
    const uint8_t                *dot;      /* of the host at hand, or NULL */

    /* of the last address: what stands before it and behind its host */

    const uint8_t                *sign;
    const uint8_t                *behind;

    consent_filter_scan_t         scan;
} consent_mention_t;


/* set: the hosts that matter; others may be found as well */

void consent_mention_init(consent_mention_t *m,
    const consent_mention_set_t *set, consent_str_t text);

/*
 * The next address, as "//host[:port][path and query]" in buf, the host as it
 * is written but without a "." in front: a string that a script joins to a
 * subdomain.  Escapes of JavaScript and JSON are undone, of percent-encoding
 * only if the "//" was encoded too.  The path is cut to size, and where the
 * string or another "//" begins or ends.  A host that does not fit is none.
 *
 * 1: url points into buf, 0: no more.
 */

int consent_mention_next(consent_mention_t *m, uint8_t *buf, size_t size,
    consent_str_t *url);

/* whether its host stands between quotes, with nothing else */

int consent_mention_is_bare(const consent_mention_t *m);


#endif /* CONSENT_MENTION_H */
