/*
 * Copyright (C) ngx_consent_module authors
 *
 * Set-Cookie lines that delete cookies which a browser holds.  A Cookie field
 * does not tell the Domain and Path of a cookie, and only a line that repeats
 * both (and Partitioned) deletes it.  So there are lines for all that the
 * request can have come with (RFC 6265bis sections 5.1.3 and 5.1.4): host-only
 * and each domain from the registrable one down to the host, the path "/" and
 * each directory of the request.
 *
 * That can be many, so the room for them is bounded.  Nothing is remembered:
 * what does not fit is begun at another place with each turn, and cookies
 * that the browser still holds come with its next request.
 */


#ifndef CONSENT_EXPIRE_H
#define CONSENT_EXPIRE_H


#include "consent_host.h"
#include "consent_site.h"
#include "consent_str.h"


#define CONSENT_EXPIRE_NAMES     32
#define CONSENT_EXPIRE_DOMAINS   8      /* host-only is one of them */
#define CONSENT_EXPIRE_PATHS     34     /* "/", 16 directories twice, and
                                           the request or its directory */

/* what a line costs beside its own length: "Set-Cookie: " CR LF */

#define CONSENT_EXPIRE_OVERHEAD  14


typedef struct {
    const consent_site_t  *site;
    consent_str_t          host;        /* of the request, without a port;
                                           empty or odd: host-only lines */
    consent_str_t          path;        /* as it was sent; a query is not
                                           looked at */
    const consent_str_t   *names;       /* see consent_expire_name_is_safe() */
    unsigned               nnames;      /* CONSENT_EXPIRE_NAMES at most */

    size_t                 size;        /* of all lines, with what they cost */
    unsigned               lines;
    uint32_t               turn;        /* any number, another each time */

    unsigned               secure:1;    /* the browser speaks https */
    unsigned               trusted:1;   /* it takes Secure lines at least:
                                           also delete partitioned cookies */
    unsigned               embedded:1;  /* trusted, and the response may be
                                           for a frame of another site */
} consent_expire_conf_t;


/* one line, chosen but not yet written */

typedef struct {
    size_t                 len;
    unsigned               name;        /* index into conf->names */

    consent_str_t          domain;      /* empty: host-only */
    consent_str_t          path;        /* empty: that of the request */

    unsigned               secure:1;
    unsigned               httponly:1;
    unsigned               samesite:1;  /* SameSite=None */
    unsigned               partitioned:1;
} consent_expire_line_t;


/* the state of a walk; nothing in it is for the caller */

typedef struct {
    const consent_expire_conf_t  *conf;

    consent_str_t          domains[CONSENT_EXPIRE_DOMAINS];
    unsigned               ndomains;
    size_t                 paths[CONSENT_EXPIRE_PATHS]; /* lengths */
    unsigned               npaths;

    size_t                 size;        /* left of all */
    unsigned               lines;

    unsigned               crowded:1;   /* there is not room for all */
    unsigned               first;       /* tier */
    unsigned               step;        /* how many tiers were done */
    unsigned               tier;
    size_t                 tier_size;   /* left of what the tier may take */
    unsigned               tier_lines;
    unsigned               count;       /* of places in the tier */
    unsigned               start;
    unsigned               visited;

    uint8_t                host[CONSENT_HOST_SIZE];
} consent_expire_t;


/*
 * 1 if a Set-Cookie line can name the cookie so that browsers read back the
 * same name: no control characters and no ";", and not too long.
 */

int consent_expire_name_is_safe(consent_str_t name);


/* conf and what it points to must outlive e */

void consent_expire_init(consent_expire_t *e,
    const consent_expire_conf_t *conf);

/* the next line; 1, or 0: there are no more, or no room */

int consent_expire_next(consent_expire_t *e, consent_expire_line_t *line);

/* writes line->len bytes */

void consent_expire_write(uint8_t *dst, const consent_expire_conf_t *conf,
    const consent_expire_line_t *line);


#endif /* CONSENT_EXPIRE_H */
