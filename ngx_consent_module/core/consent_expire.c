/*
 * Copyright (C) ngx_consent_module authors
 *
 * The places where a cookie may be, and which of them get a line.
 *
 * There are three tiers: the path "/" (where most cookies are), the same for
 * partitioned cookies, and all other paths.  An earlier tier goes first but
 * leaves a share to the later ones.  In a tier all cookies get their line
 * for one place before any gets one for the next place.
 *
 * If there is not room for everything, a tier begins anywhere, and in some
 * turns a later tier goes first and may take all: each line that would fit
 * alone has its turn.
 */


#include "consent_expire.h"


/* names and values together: 4096 bytes (RFC 6265bis section 5.6) */

#define EXPIRE_NAME_MAX  4000

/* browsers ignore an attribute whose value is longer */

#define EXPIRE_PATH_MAX  1024


typedef enum {
    EXPIRE_ROOT = 0,
    EXPIRE_ROOT_PARTITIONED,
    EXPIRE_PATHS,
    EXPIRE_TIERS
} expire_tier_e;


/* what the prefix of a name demands of the line */

typedef struct {
    consent_str_t   text;
    unsigned        host:1;         /* no Domain, and the path "/" */
    unsigned        httponly:1;
} expire_prefix_t;


static void expire_domains(consent_expire_t *e);
static int expire_is_domain(consent_str_t host);
static void expire_paths(consent_expire_t *e);
static int expire_is_path_char(uint8_t c);
static void expire_add_path(consent_expire_t *e, size_t len);
static void expire_begin(consent_expire_t *e, unsigned step);
static unsigned expire_count(const consent_expire_t *e, unsigned tier);
static int expire_fits(const consent_expire_t *e);
static int expire_place(const consent_expire_t *e, unsigned tier, unsigned i,
    consent_expire_line_t *line);
static const expire_prefix_t *expire_prefix(consent_str_t name);
static size_t expire_length(consent_str_t name,
    const consent_expire_line_t *line);
static uint8_t *expire_copy(uint8_t *p, consent_str_t s);


/* those with the longer text first */

static const expire_prefix_t  expire_prefixes[] = {
    { consent_str("__host-http-"), 1, 1 },
    { consent_str("__host-"), 1, 0 },
    { consent_str("__secure-"), 0, 0 },
    { consent_str("__http-"), 0, 1 }
};


static const consent_str_t  expire_max_age = consent_str("; Max-Age=0");
static const consent_str_t  expire_path = consent_str("; Path=");
static const consent_str_t  expire_domain = consent_str("; Domain=");
static const consent_str_t  expire_secure = consent_str("; Secure");
static const consent_str_t  expire_httponly = consent_str("; HttpOnly");
static const consent_str_t  expire_samesite = consent_str("; SameSite=None");
static const consent_str_t  expire_partitioned = consent_str("; Partitioned");

/* a line with neither name nor value is ignored */

static const consent_str_t  expire_nameless = consent_str("=0");


int
consent_expire_name_is_safe(consent_str_t name)
{
    size_t  i;

    if (name.len > EXPIRE_NAME_MAX) {
        return 0;
    }

    for (i = 0; i < name.len; i++) {
        if (name.data[i] < 0x20 || name.data[i] == 0x7f
            || name.data[i] == ';' || name.data[i] == '=')
        {
            return 0;
        }
    }

    /* blanks at the ends would be trimmed, and nameless is another cookie */

    return name.len == 0
           || (name.data[0] != ' ' && name.data[name.len - 1] != ' ');
}


void
consent_expire_init(consent_expire_t *e, const consent_expire_conf_t *conf)
{
    e->conf = conf;
    e->size = conf->size;
    e->lines = conf->lines;

    expire_domains(e);
    expire_paths(e);

    e->first = EXPIRE_ROOT;
    e->crowded = expire_fits(e) ? 0 : 1;

    if (e->crowded && conf->turn % 8 < EXPIRE_TIERS) {
        e->first = conf->turn % 8;
    }

    expire_begin(e, 0);
}


/*
 * Host-only, the registrable domain, the host itself, and what is between,
 * nearest to the host first.
 */

static void
expire_domains(consent_expire_t *e)
{
    size_t         i;
    consent_str_t  host, domain;

    e->domains[0] = consent_str_make(NULL, 0);
    e->ndomains = 1;

    host.data = e->host;
    host.len = consent_host_parse(e->host, e->conf->host);

    if (!expire_is_domain(host)) {
        return;
    }

    domain = consent_site_domain(e->conf->site, host);

    if (domain.len == 0) {
        return;
    }

    e->domains[e->ndomains++] = domain;

    for (i = 0; host.len - i > domain.len; i++) {

        if (i && host.data[i - 1] != '.') {
            continue;
        }

        if (e->ndomains == CONSENT_EXPIRE_DOMAINS) {
            return;
        }

        e->domains[e->ndomains++] = consent_str_make(host.data + i,
                                                     host.len - i);
    }
}


/* what the URL standard lets through is more than a Domain can hold */

static int
expire_is_domain(consent_str_t host)
{
    size_t   i;
    uint8_t  c;

    for (i = 0; i < host.len; i++) {
        c = host.data[i];

        if (!consent_is_alpha(c) && !consent_is_digit(c) && c != '-'
            && c != '_' && c != '.')
        {
            return 0;
        }
    }

    return host.len && host.data[host.len - 1] != '.';
}


/*
 * Each directory with and without the slash at its end.  A directory that no
 * Path can name is that of a cookie whose line had no Path, and is named by
 * one without.
 */

static void
expire_paths(consent_expire_t *e)
{
    size_t         i, end;
    consent_str_t  path;

    path = e->conf->path;

    e->paths[0] = 1;
    e->npaths = 1;

    if (path.len == 0 || path.data[0] != '/') {
        return;
    }

    for (end = 0; end < path.len && path.data[end] != '?'; end++) {
        /* void */
    }

    for (i = 1; i < end; i++) {

        if (!expire_is_path_char(path.data[i]) || i > EXPIRE_PATH_MAX) {

            if (memchr(path.data + i, '/', end - i)
                && e->npaths < CONSENT_EXPIRE_PATHS)
            {
                e->paths[e->npaths++] = 0;
            }

            return;
        }

        if (path.data[i] == '/') {
            expire_add_path(e, i);
            expire_add_path(e, i + 1);
        }
    }

    expire_add_path(e, end);
}


static int
expire_is_path_char(uint8_t c)
{
    return c > 0x20 && c < 0x7f && c != ';';
}


static void
expire_add_path(consent_expire_t *e, size_t len)
{
    if (len > e->paths[e->npaths - 1] && len <= EXPIRE_PATH_MAX
        && e->npaths < CONSENT_EXPIRE_PATHS)
    {
        e->paths[e->npaths++] = len;
    }
}


/* the step-th tier of this turn */

static void
expire_begin(consent_expire_t *e, unsigned step)
{
    size_t    share;
    unsigned  lines;

    e->step = step;
    e->tier = (e->first + step) % EXPIRE_TIERS;
    e->count = expire_count(e, e->tier);
    e->start = (e->crowded && e->count) ? e->conf->turn / 8 % e->count : 0;
    e->visited = 0;

    e->tier_size = e->size;
    e->tier_lines = e->lines;

    if (!e->crowded || e->first != EXPIRE_ROOT) {
        return;
    }

    for (step = e->tier + 1; step < EXPIRE_TIERS; step++) {

        if (expire_count(e, step) == 0) {
            continue;
        }

        share = e->conf->size / 8;
        lines = e->conf->lines / 8;

        e->tier_size -= (e->tier_size > share) ? share : e->tier_size;
        e->tier_lines -= (e->tier_lines > lines) ? lines : e->tier_lines;
    }
}


static unsigned
expire_count(const consent_expire_t *e, unsigned tier)
{
    unsigned  n;

    n = e->conf->nnames * e->ndomains;

    switch (tier) {

    case EXPIRE_ROOT:
        return n;

    case EXPIRE_ROOT_PARTITIONED:
        return e->conf->trusted ? n : 0;

    default:
        return n * (e->npaths - 1) * (e->conf->trusted ? 2 : 1);
    }
}


/* is there room for everything? */

static int
expire_fits(const consent_expire_t *e)
{
    size_t                 size;
    unsigned               i, n, tier, lines;
    consent_expire_line_t  line;

    size = e->size;
    lines = e->lines;

    for (tier = 0; tier < EXPIRE_TIERS; tier++) {
        n = expire_count(e, tier);

        for (i = 0; i < n; i++) {

            if (!expire_place(e, tier, i, &line)) {
                continue;
            }

            if (lines == 0 || line.len + CONSENT_EXPIRE_OVERHEAD > size) {
                return 0;
            }

            size -= line.len + CONSENT_EXPIRE_OVERHEAD;
            lines--;
        }
    }

    return 1;
}


int
consent_expire_next(consent_expire_t *e, consent_expire_line_t *line)
{
    size_t  cost;

    for ( ;; ) {

        if (e->visited == e->count || e->tier_lines == 0) {

            if (e->step + 1 == EXPIRE_TIERS) {
                return 0;
            }

            expire_begin(e, e->step + 1);
            continue;
        }

        if (!expire_place(e, e->tier, (e->start + e->visited++) % e->count,
                          line))
        {
            continue;
        }

        cost = line->len + CONSENT_EXPIRE_OVERHEAD;

        if (cost > e->tier_size) {
            continue;
        }

        e->size -= cost;
        e->lines--;
        e->tier_size -= cost;
        e->tier_lines--;

        return 1;
    }
}


/* the line at place i of the tier; 0: a cookie of that name is not there */

static int
expire_place(const consent_expire_t *e, unsigned tier, unsigned i,
    consent_expire_line_t *line)
{
    unsigned                      path, domain;
    consent_str_t                 name;
    const expire_prefix_t        *prefix;
    const consent_expire_conf_t  *conf;

    conf = e->conf;

    line->name = i % conf->nnames;
    domain = i / conf->nnames;

    line->partitioned = (tier == EXPIRE_ROOT_PARTITIONED);
    path = 0;

    if (tier == EXPIRE_PATHS) {

        if (conf->trusted) {
            line->partitioned = domain % 2;
            domain /= 2;
        }

        path = 1 + domain / e->ndomains;
        domain %= e->ndomains;
    }

    name = conf->names[line->name];
    prefix = expire_prefix(name);

    if (prefix && prefix->host && (path || domain)) {
        return 0;
    }

    line->domain = e->domains[domain];
    line->path = path ? consent_str_make(conf->path.data, e->paths[path])
                      : consent_str_make((const uint8_t *) "/", 1);

    /*
     * A cookie with such a prefix shows that the browser speaks https, even
     * if the connection to us does not.
     */

    line->secure = (conf->secure || conf->embedded || line->partitioned
                    || prefix);
    line->httponly = (prefix && prefix->httponly);
    line->samesite = conf->embedded;
    line->len = expire_length(name, line);

    return 1;
}


/* in any case: browsers compare so since servers were found to do */

static const expire_prefix_t *
expire_prefix(consent_str_t name)
{
    size_t                  i;
    consent_str_t           start;
    const expire_prefix_t  *prefix;

    if (name.len == 0 || name.data[0] != '_') {
        return NULL;
    }

    for (i = 0; i < sizeof(expire_prefixes) / sizeof(expire_prefixes[0]); i++)
    {
        prefix = &expire_prefixes[i];

        if (name.len < prefix->text.len) {
            continue;
        }

        start = consent_str_make(name.data, prefix->text.len);

        if (consent_str_caseeq(start, prefix->text)) {
            return prefix;
        }
    }

    return NULL;
}


static size_t
expire_length(consent_str_t name, const consent_expire_line_t *line)
{
    size_t  len;

    len = name.len ? name.len + 1 : expire_nameless.len;
    len += expire_max_age.len;

    if (line->path.len) {
        len += expire_path.len + line->path.len;
    }

    if (line->domain.len) {
        len += expire_domain.len + line->domain.len;
    }

    len += line->secure ? expire_secure.len : 0;
    len += line->httponly ? expire_httponly.len : 0;
    len += line->samesite ? expire_samesite.len : 0;
    len += line->partitioned ? expire_partitioned.len : 0;

    return len;
}


void
consent_expire_write(uint8_t *dst, const consent_expire_conf_t *conf,
    const consent_expire_line_t *line)
{
    uint8_t        *p;
    consent_str_t   name;

    name = conf->names[line->name];

    if (name.len) {
        p = expire_copy(dst, name);
        *p++ = '=';

    } else {
        p = expire_copy(dst, expire_nameless);
    }

    p = expire_copy(p, expire_max_age);

    if (line->path.len) {
        p = expire_copy(p, expire_path);
        p = expire_copy(p, line->path);
    }

    if (line->domain.len) {
        p = expire_copy(p, expire_domain);
        p = expire_copy(p, line->domain);
    }

    if (line->secure) {
        p = expire_copy(p, expire_secure);
    }

    if (line->httponly) {
        p = expire_copy(p, expire_httponly);
    }

    if (line->samesite) {
        p = expire_copy(p, expire_samesite);
    }

    if (line->partitioned) {
        (void) expire_copy(p, expire_partitioned);
    }
}


static uint8_t *
expire_copy(uint8_t *p, consent_str_t s)
{
    memcpy(p, s.data, s.len);

    return p + s.len;
}
