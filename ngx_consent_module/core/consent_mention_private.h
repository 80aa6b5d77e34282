/*
 * Copyright (C) ngx_consent_module authors
 *
 * What consent_mention.c, which finds addresses, and consent_mention_read.c,
 * which reads them, share.  Nobody else includes it.
 */


#ifndef CONSENT_MENTION_PRIVATE_H
#define CONSENT_MENTION_PRIVATE_H


#include "consent_mention.h"


/* as many as DNS allows */

#define CONSENT_MENTION_HOST     253

#define CONSENT_MENTION_PORT     5

/* a JSON text in a string in a string ... */

#define CONSENT_MENTION_NESTED   8

#define CONSENT_MENTION_IN_HOST  1
#define CONSENT_MENTION_IN_PATH  2
#define CONSENT_MENTION_SIGN     4
#define CONSENT_MENTION_BEHIND   8      /* a host that a quote begins */
#define CONSENT_MENTION_CODE     16     /* behind what is no host */
#define CONSENT_MENTION_SIMPLE   32     /* in a path, begins no escape */
#define CONSENT_MENTION_BETWEEN  64     /* a sign and the end of a host */


extern const uint8_t  consent_mention_class[256];


/* where an address is read and written */

typedef struct {
    const uint8_t  *in;
    const uint8_t  *end;

    const uint8_t  *behind;         /* the host */

    uint8_t        *start;
    uint8_t        *out;
    uint8_t        *last;

    unsigned        percent:1;      /* %2F is a slash */
    unsigned        slashes:1;      /* "//" stands in front, no quote */
} consent_mention_copy_t;


static inline int
consent_mention_is(uint8_t c, uint8_t class)
{
    return (consent_mention_class[c] & class) != 0;
}


/*
 * consent_mention_read.c: all read from copy->in on and write to copy->out.
 * A host right behind a quote: no escapes, and little may follow.  One behind
 * two slashes: a user name and a password may come before it.  0: it is none.
 */

int consent_mention_plain(consent_mention_copy_t *copy);
int consent_mention_decoded(consent_mention_copy_t *copy);

/*
 * The rest.  A port that does not fit is left out: a cut one would be another
 */

void consent_mention_port(consent_mention_copy_t *copy);
void consent_mention_path(consent_mention_copy_t *copy);


#endif /* CONSENT_MENTION_PRIVATE_H */
