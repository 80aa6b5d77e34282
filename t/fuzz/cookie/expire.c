/*
 * Copyright (C) ngx_consent_module authors
 *
 * The lines that delete a cookie: whatever host, path and names are, each
 * line names one of the cookies, deletes it, is for a place that the request
 * can come from, and there are no more than there is room for.
 *
 * The input is host LF path LF name LF name ...
 */


#include "consent_cookie.h"
#include "consent_expire.h"
#include "fuzz.h"


static consent_str_t next_line(consent_str_t *rest);
static void check_line(const consent_expire_conf_t *conf,
    const consent_expire_line_t *line);
static void check_text(const uint8_t *p, const consent_expire_conf_t *conf,
    const consent_expire_line_t *line);
static void check_domain(consent_str_t host, consent_str_t domain);
static void *fuzz_alloc(void *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t                  bytes;
    uint32_t                hash;
    unsigned                lines;
    consent_str_t           rest, names[CONSENT_EXPIRE_NAMES];
    consent_expire_t        expire;
    consent_expire_conf_t   conf;
    consent_expire_line_t   line;

    static consent_site_t        *site;
    static const consent_mem_t    mem = { fuzz_alloc, NULL };

    if (site == NULL) {
        site = consent_site_create(&mem);
    }

    memset(&conf, 0, sizeof(conf));

    rest = consent_str_make(data, size);
    hash = fuzz_hash(data, size);

    conf.site = site;
    conf.host = next_line(&rest);
    conf.path = next_line(&rest);
    conf.names = names;

    while (rest.len && conf.nnames < CONSENT_EXPIRE_NAMES) {
        names[conf.nnames] = next_line(&rest);

        if (consent_expire_name_is_safe(names[conf.nnames])) {
            conf.nnames++;
        }
    }

    conf.size = hash % 4096;
    conf.lines = (hash >> 12) % 64;
    conf.turn = hash * 2654435761u;
    conf.secure = (hash >> 18) & 1;
    conf.trusted = (hash >> 19) & 1;
    conf.embedded = conf.trusted & (hash >> 20);

    consent_expire_init(&expire, &conf);

    bytes = 0;
    lines = 0;

    while (consent_expire_next(&expire, &line)) {
        check_line(&conf, &line);

        bytes += line.len + CONSENT_EXPIRE_OVERHEAD;
        lines++;
    }

    FUZZ_CHECK(bytes <= conf.size);
    FUZZ_CHECK(lines <= conf.lines);

    return 0;
}


static consent_str_t
next_line(consent_str_t *rest)
{
    size_t          len;
    consent_str_t   line;
    const uint8_t  *end;

    end = rest->len ? memchr(rest->data, '\n', rest->len) : NULL;
    len = end ? (size_t) (end - rest->data) : rest->len;
    line = consent_str_make(rest->data, len);

    if (end) {
        len++;
    }

    if (len) {
        rest->data += len;
        rest->len -= len;
    }

    return line;
}


static void
check_line(const consent_expire_conf_t *conf,
    const consent_expire_line_t *line)
{
    uint8_t  *text;

    FUZZ_CHECK(line->name < conf->nnames);

    /* exactly as long as it says */

    text = malloc(line->len);

    if (text == NULL) {
        abort();
    }

    consent_expire_write(text, conf, line);
    check_text(text, conf, line);

    free(text);

    FUZZ_CHECK(line->path.len == 0 || line->path.data[0] == '/');
    FUZZ_CHECK(line->path.len <= 1
               || (line->path.len <= conf->path.len
                   && line->path.data == conf->path.data));

    if (line->domain.len) {
        check_domain(conf->host, line->domain);
    }
}


static void
check_text(const uint8_t *p, const consent_expire_conf_t *conf,
    const consent_expire_line_t *line)
{
    size_t            i;
    uint8_t           dst[8192];
    unsigned          parts, want;
    consent_str_t     text;
    consent_cookie_t  cookie;

    parts = 1;

    for (i = 0; i < line->len; i++) {
        FUZZ_CHECK(p[i] >= 0x20 && p[i] != 0x7f);

        parts += (p[i] == ';');
    }

    want = 2U + line->secure + line->httponly + line->samesite
           + line->partitioned;

    want += line->domain.len ? 1 : 0;
    want += line->path.len ? 1 : 0;

    FUZZ_CHECK(parts == want);

    text = consent_str_make(p, line->len);

    consent_set_cookie_parse(text, &cookie);

    FUZZ_CHECK(consent_str_eq(cookie.name, conf->names[line->name]));

    /* nothing can be capped of what lives no time */

    FUZZ_CHECK(line->len + CONSENT_SET_COOKIE_EXTRA <= sizeof(dst));
    FUZZ_CHECK(consent_set_cookie_session(dst, text, 1700000000) == 0);
    FUZZ_CHECK(consent_set_cookie_cap(dst, text, 1700000000, 0) == 0);
}


/* the host as it was parsed, or the end of it behind a dot */

static void
check_domain(consent_str_t host, consent_str_t domain)
{
    size_t   len, i;
    uint8_t  name[CONSENT_HOST_SIZE];

    len = consent_host_parse(name, host);

    FUZZ_CHECK(domain.len <= len);

    i = len - domain.len;

    FUZZ_CHECK(memcmp(name + i, domain.data, domain.len) == 0);
    FUZZ_CHECK(i == 0 || name[i - 1] == '.');
    FUZZ_CHECK(memchr(domain.data, '.', domain.len) != NULL);
}


static void *
fuzz_alloc(void *data, size_t size)
{
    (void) data;

    return malloc(size);
}
