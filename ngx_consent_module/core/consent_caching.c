/*
 * Copyright (C) ngx_consent_module authors
 *
 * Headers for caches, see consent_caching.h.
 */


#include "consent_caching.h"


#define CONSENT_CACHING_SUFFIX  "-cache-control"


typedef struct {
    consent_str_t   name;
    unsigned        bit;
} consent_caching_directive_t;


static int consent_caching_next(consent_str_t *list, consent_str_t *name);
static int consent_caching_is(consent_str_t name, const char *lower,
    size_t len);


static const consent_caching_directive_t  consent_caching_directives[] = {
    { consent_str("no-store"),        CONSENT_CACHING_NO_STORE },
    { consent_str("no-transform"),    CONSENT_CACHING_NO_TRANSFORM },
    { consent_str("must-revalidate"), CONSENT_CACHING_MUST_REVALIDATE },
    { consent_str("must-understand"), CONSENT_CACHING_MUST_UNDERSTAND },
    { { 0, NULL }, 0 }
};


#define consent_caching_is_name(name, lower)                                  \
    consent_caching_is(name, lower, sizeof(lower) - 1)


consent_caching_field_e
consent_caching_field(consent_str_t name)
{
    static const size_t  suffix = sizeof(CONSENT_CACHING_SUFFIX) - 1;

    switch (name.len) {

    case sizeof("vary") - 1:
        return consent_caching_is_name(name, "vary")
               ? CONSENT_CACHING_VARY : CONSENT_CACHING_NONE;

    case sizeof("expires") - 1:
        return consent_caching_is_name(name, "expires")
               ? CONSENT_CACHING_EXPIRES : CONSENT_CACHING_NONE;

    case sizeof("edge-control") - 1:
        return consent_caching_is_name(name, "edge-control")
               ? CONSENT_CACHING_TARGETED : CONSENT_CACHING_NONE;

    case sizeof("cache-control") - 1:
        return consent_caching_is_name(name, "cache-control")
               ? CONSENT_CACHING_CONTROL : CONSENT_CACHING_NONE;

    default:
        break;
    }

    if (name.len < sizeof("x-accel-expires") - 1) {
        return CONSENT_CACHING_NONE;
    }

    if (consent_caching_is_name(name, "x-accel-expires")
        || consent_caching_is_name(name, "surrogate-control"))
    {
        return CONSENT_CACHING_TARGETED;
    }

    name.data += name.len - suffix;
    name.len = suffix;

    return consent_caching_is_name(name, CONSENT_CACHING_SUFFIX)
           ? CONSENT_CACHING_TARGETED : CONSENT_CACHING_NONE;
}


static int
consent_caching_is(consent_str_t name, const char *lower, size_t len)
{
    return consent_str_caseeq(name, consent_str_make((const uint8_t *) lower,
                                                     len));
}


void
consent_caching_read(unsigned *kept, consent_str_t value)
{
    consent_str_t                       name;
    const consent_caching_directive_t  *directive;

    while (consent_caching_next(&value, &name)) {

        for (directive = consent_caching_directives;
             directive->name.len;
             directive++)
        {
            if (consent_str_caseeq(name, directive->name)) {
                *kept |= directive->bit;
            }
        }
    }
}


size_t
consent_caching_private(uint8_t *dst, unsigned kept)
{
    uint8_t                            *p;
    const consent_caching_directive_t  *directive;

    static const char  always[] = "private, no-cache";

    memcpy(dst, always, sizeof(always) - 1);
    p = dst + sizeof(always) - 1;

    for (directive = consent_caching_directives;
         directive->name.len;
         directive++)
    {
        if ((kept & directive->bit) == 0) {
            continue;
        }

        *p++ = ',';
        *p++ = ' ';

        memcpy(p, directive->name.data, directive->name.len);
        p += directive->name.len;
    }

    return (size_t) (p - dst);
}


int
consent_caching_varies(consent_str_t value, consent_str_t name)
{
    consent_str_t  member;

    while (consent_caching_next(&value, &member)) {

        if ((member.len == 1 && member.data[0] == '*')
            || consent_str_caseeq(member, name))
        {
            return 1;
        }
    }

    return 0;
}


/*
 * The name of the next member of a list, without its argument.  A comma in a
 * quoted argument ends nothing.
 */

static int
consent_caching_next(consent_str_t *list, consent_str_t *name)
{
    int             quoted;
    const uint8_t  *p, *end, *start, *last;

    p = list->data;
    end = list->len ? p + list->len : p;

    while (p < end && (*p == ',' || *p == ' ' || *p == '\t')) {
        p++;
    }

    start = p;

    while (p < end && *p != ',' && *p != '=') {
        p++;
    }

    last = p;

    while (last > start && (last[-1] == ' ' || last[-1] == '\t')) {
        last--;
    }

    *name = consent_str_make(start, (size_t) (last - start));

    quoted = 0;

    for ( /* void */ ; p < end && (quoted || *p != ','); p++) {

        if (*p == '"') {
            quoted = !quoted;

        } else if (*p == '\\' && quoted && end - p > 1) {
            p++;
        }
    }

    list->data = p;
    list->len = (size_t) (end - p);

    return start < end;
}
