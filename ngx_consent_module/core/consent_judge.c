/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_charref.h"
#include "consent_css.h"
#include "consent_host.h"
#include "consent_judge.h"
#include "consent_refresh.h"
#include "consent_srcset.h"


/* what is read of a URL; longer paths are cut */

#define CONSENT_JUDGE_URL  4096

/* whether a host is a third party, which is asked late since it takes long */

#define CONSENT_JUDGE_UNKNOWN  2


static int consent_judge_area_is_third_party(consent_judge_t *judge,
    consent_str_t host);
static const consent_url_t *consent_judge_base_url(
    const consent_judge_t *judge);
static int consent_judge_shows(consent_judge_t *judge, consent_str_t url,
    unsigned cut, int *category);
static int consent_judge_is_own(const consent_judge_t *judge,
    consent_str_t url);
static int consent_judge_by_host(consent_judge_t *judge, consent_str_t url,
    unsigned cut, int *category);
static void consent_judge_note(consent_judge_t *judge, consent_str_t url,
    consent_str_t host, int category, const consent_judge_host_t *third);
static int consent_judge_separates(uint8_t c);
static int consent_judge_list(consent_judge_t *judge, consent_str_t value,
    unsigned cut);
static int consent_judge_srcset(consent_judge_t *judge, consent_str_t value,
    unsigned cut);
static int consent_judge_css(consent_judge_t *judge, consent_str_t value,
    unsigned cut);
static int consent_judge_refresh(consent_judge_t *judge, consent_str_t value,
    unsigned cut);
static int consent_judge_hides_host(consent_str_t url);
static int consent_judge_parsed(consent_judge_t *judge,
    const consent_url_t *url);
static consent_judge_host_t *consent_judge_find_host(consent_judge_t *judge,
    consent_str_t host);
static int consent_judge_is_third(const consent_judge_t *judge,
    consent_str_t host, consent_judge_host_t *known);
static void consent_judge_seen(consent_judge_t *judge,
    consent_judge_host_t *known, consent_str_t host);
static int consent_judge_is_third_party(const consent_judge_t *judge,
    consent_str_t host);


int
consent_judge_needed(const consent_judge_conf_t *conf)
{
    consent_mask_t          mask;
    const consent_match_t  *match;

    match = conf->policy->match;

    mask = consent_match_categories(match, CONSENT_RULE_RESOURCE);

    if (!conf->no_inline) {
        mask |= consent_match_categories(match, CONSENT_RULE_INLINE);
    }

    if (conf->third_party != CONSENT_UNCLASSIFIED) {
        mask |= consent_bit(conf->third_party);
    }

    return (mask & conf->denied) != 0;
}


void
consent_judge_init(consent_judge_t *judge, const consent_judge_conf_t *conf)
{
    int                     category;
    const consent_match_t  *match;

    memset(judge, 0, sizeof(consent_judge_t));

    match = conf->policy->match;

    judge->conf = conf;
    judge->kept = CONSENT_UNCLASSIFIED;
    judge->last = CONSENT_UNCLASSIFIED;

    judge->inlines = consent_match_categories(match, CONSENT_RULE_INLINE);
    judge->resources = consent_match_categories(match, CONSENT_RULE_RESOURCE);

    if (conf->third_party != CONSENT_UNCLASSIFIED) {
        judge->resources |= consent_bit(conf->third_party);
    }

    judge->inlines &= conf->denied;
    judge->resources &= conf->denied;

    judge->registrable = consent_site_registrable(conf->site,
                                                  conf->document->host);

    judge->own_free = consent_match_host(match, conf->document->host, 1,
                                         &category)
                      && category == CONSENT_UNCLASSIFIED;
}


int
consent_judge_attr(consent_judge_t *judge, consent_load_e load,
    consent_str_t value, unsigned cut)
{
    int  category;

    if (judge->resources == 0) {
        return CONSENT_UNCLASSIFIED;
    }

    if (load == CONSENT_LOAD_CSS && !cut
        && memchr(value.data, '(', value.len) == NULL
        && memchr(value.data, '&', value.len) == NULL)
    {
        /* declarations without a function fetch nothing */

        return CONSENT_UNCLASSIFIED;
    }

    /* a URL may show where it leads before its first character reference */

    if (load == CONSENT_LOAD_URL
        && consent_judge_shows(judge, value, cut, &category))
    {
        return category;
    }

    value = consent_judge_decode(judge, value);

    if (value.data == NULL) {
        return consent_judge_first_denied(judge);
    }

    return consent_judge_value(judge, load, value, cut);
}


int
consent_judge_value(consent_judge_t *judge, consent_load_e load,
    consent_str_t value, unsigned cut)
{
    switch (load) {

    case CONSENT_LOAD_URL:
        return consent_judge_url(judge, value, cut);

    case CONSENT_LOAD_URLS:
        return consent_judge_list(judge, value, cut);

    case CONSENT_LOAD_SRCSET:
        return consent_judge_srcset(judge, value, cut);

    case CONSENT_LOAD_CSS:
        return consent_judge_css(judge, value, cut);

    case CONSENT_LOAD_REFRESH:
        return consent_judge_refresh(judge, value, cut);

    case CONSENT_LOAD_NONE:
    case CONSENT_LOAD_HTML:
    case CONSENT_LOAD_POLICY:
    default:
        return CONSENT_UNCLASSIFIED;
    }
}


int
consent_judge_url(consent_judge_t *judge, consent_str_t url, unsigned cut)
{
    int            rc, category;
    uint8_t        buf[CONSENT_JUDGE_URL];
    consent_url_t  parsed;

    if (consent_judge_shows(judge, url, cut, &category)) {

        if (category != CONSENT_UNCLASSIFIED) {
            judge->last = category;
        }

        return category;
    }

    rc = consent_url_parse(&parsed, consent_judge_base_url(judge), url, buf,
                           sizeof(buf));

    if (cut && rc != CONSENT_URL_OPAQUE
        && (rc == CONSENT_URL_INVALID || consent_judge_hides_host(url)))
    {
        return consent_judge_first_denied(judge);
    }

    return (rc == CONSENT_URL_OK) ? consent_judge_parsed(judge, &parsed)
                                  : CONSENT_UNCLASSIFIED;
}


/* 1: the first bytes of a URL, decoded or not, are enough to tell */

static int
consent_judge_shows(consent_judge_t *judge, consent_str_t url, unsigned cut,
    int *category)
{
    *category = CONSENT_UNCLASSIFIED;

    /* an element with an empty URL fetches nothing */

    return url.len == 0
           || (judge->own_free && consent_judge_is_own(judge, url))
           || consent_judge_by_host(judge, url, cut, category);
}


int
consent_judge_area(consent_judge_t *judge, const consent_area_t *area)
{
    unsigned                     own_site, unclassified, loader;
    consent_mask_t               mask;
    const consent_judge_conf_t  *conf;

    if (judge->resources == 0) {
        return CONSENT_UNCLASSIFIED;
    }

    conf = judge->conf;

    own_site = consent_str_eq(area->url.host, conf->document->host) ? 1 : 0;

    mask = consent_match_area(conf->policy->match, area, own_site,
                              &unclassified, &judge->limited);

    if (unclassified && conf->third_party != CONSENT_UNCLASSIFIED
        && consent_judge_area_is_third_party(judge, area->url.host))
    {
        mask |= consent_bit(conf->third_party);
        unclassified = 0;
    }

    if (unclassified || (mask & ~conf->denied)) {
        return CONSENT_UNCLASSIFIED;
    }

    loader = conf->markup->loaders
             && consent_match_area(conf->markup->loaders, area, own_site,
                                   &unclassified, NULL);

    return loader ? CONSENT_UNCLASSIFIED : consent_mask_first(mask);
}


/* none of its hosts belongs to the site */

static int
consent_judge_area_is_third_party(consent_judge_t *judge, consent_str_t host)
{
    consent_str_t  domain;

    if (host.len <= 2 || host.data[0] != '*') {
        return consent_judge_is_third_party(judge, host);
    }

    domain = consent_str_make(host.data + 2, host.len - 2);

    return !consent_host_is_in(domain, judge->registrable)
           && !consent_host_is_in(judge->registrable, domain)
           && !consent_hosts_match(judge->conf->first_party, host)
           && !consent_hosts_within(judge->conf->first_party, domain);
}


/*
 * Most URLs of a page are paths on its own host, and most of them show it in
 * their first bytes.  0: it takes a parser to tell.
 */

static int
consent_judge_is_own(const consent_judge_t *judge, consent_str_t url)
{
    size_t   i;
    uint8_t  c;

    if (judge->has_base || judge->parent || url.len < 2) {
        return 0;
    }

    if (url.data[0] == '/') {
        c = url.data[1];
        return c > ' ' && c != '/' && c != '\\' && c != '&';
    }

    for (i = 0; i < url.len; i++) {
        c = url.data[i];

        if (consent_is_alpha(c) || consent_is_digit(c) || c == '.' || c == '-')
        {
            continue;
        }

        /* what ends here is no scheme */

        return i > 0 && (c == '/' || c == '?' || c == '_' || c == '%');
    }

    return 1;
}


/*
 * Most others name a host in full, and no rule for it has a path.  0: it takes
 * a parser to tell.
 */

static int
consent_judge_by_host(consent_judge_t *judge, consent_str_t url, unsigned cut,
    int *category)
{
    unsigned                     third;
    consent_str_t                host;
    consent_judge_host_t        *known;
    consent_judge_start_t       *start;
    const consent_judge_conf_t  *conf;

    start = &judge->start;

    conf = judge->conf;

    if (start->len && url.len > start->len && !cut
        && (start->noted >> judge->element & 1)
        && memcmp(url.data, start->text, start->len) == 0)
    {
        *category = start->category;
        judge->unclassified += start->third_party;

        return 1;
    }

    if (!consent_url_plain_host(url, &host)) {
        return 0;
    }

    *category = CONSENT_UNCLASSIFIED;

    if (consent_str_eq(host, conf->document->host)) {

        if (judge->own_free) {
            consent_judge_note(judge, url, host, *category, NULL);
        }

        return judge->own_free;
    }

    known = consent_judge_find_host(judge, host);

    if (!known->known) {
        return 0;
    }

    third = 0;
    *category = known->category;

    if (*category == CONSENT_UNCLASSIFIED
        && consent_judge_is_third(judge, host, known))
    {
        third = 1;
        *category = conf->third_party;
    }

    if (*category == CONSENT_UNCLASSIFIED
        || (conf->denied & consent_bit(*category)) == 0)
    {
        *category = CONSENT_UNCLASSIFIED;

    } else if (cut || conf->markup->loaders) {
        return 0;
    }

    if (third) {
        consent_judge_seen(judge, known, host);
    }

    consent_judge_note(judge, url, host, *category, third ? known : NULL);

    return 1;
}


/* third: what is known of the host, if it is a third party without a rule */

static void
consent_judge_note(consent_judge_t *judge, consent_str_t url,
    consent_str_t host, int category, const consent_judge_host_t *third)
{
    size_t  len;

    /* with the "/", "?" or "#" behind the host */

    len = (size_t) (host.data + host.len - url.data) + 1;

    if (len <= CONSENT_JUDGE_START) {
        memcpy(judge->start.text, url.data, len);

        judge->start.len = (uint8_t) len;
        judge->start.category = (int16_t) category;
        judge->start.third_party = third ? 1 : 0;
        judge->start.noted = (third && judge->conf->seen) ? third->seen
                                                          : UINT16_MAX;
    }
}


void
consent_judge_base(consent_judge_t *judge, const consent_attrs_t *attrs)
{
    consent_str_t          input;
    consent_attrs_walk_t   walk;
    const consent_attr_t  *attr;

    if (judge->has_base) {
        return;
    }

    memset(&walk, 0, sizeof(consent_attrs_walk_t));

    while ((attr = consent_attrs_next(attrs, &walk)) != NULL) {

        if (attr->id != CONSENT_ATTR_HREF) {
            continue;
        }

        input = consent_judge_decode(judge, attr->value);

        judge->has_base = (input.data != NULL
                           && consent_url_parse(&judge->base,
                                                consent_judge_base_url(judge),
                                                input, judge->base_buf,
                                                sizeof(judge->base_buf))
                              == CONSENT_URL_OK);
        return;
    }
}


static const consent_url_t *
consent_judge_base_url(const consent_judge_t *judge)
{
    if (judge->has_base) {
        return &judge->base;
    }

    return judge->parent ? judge->parent : judge->conf->document;
}


int
consent_judge_first_denied(const consent_judge_t *judge)
{
    return consent_mask_first(judge->conf->denied);
}


consent_str_t
consent_judge_decode(consent_judge_t *judge, consent_str_t value)
{
    size_t                       len;
    const consent_judge_conf_t  *conf;

    if (memchr(value.data, '&', value.len) == NULL
        && memchr(value.data, '\0', value.len) == NULL
        && memchr(value.data, '\r', value.len) == NULL)
    {
        return value;
    }

    conf = judge->conf;

    if (judge->scratch == NULL) {
        judge->scratch = conf->alloc(conf->data, conf->limit);

        if (judge->scratch == NULL) {
            return consent_str_make(NULL, 0);
        }
    }

    len = consent_charref_decode(judge->scratch, conf->limit, value);

    return consent_str_make(judge->scratch, len);
}


/* ";" stands between the values of an animation */

static int
consent_judge_separates(uint8_t c)
{
    return consent_is_space(c) || c == ';';
}


static int
consent_judge_list(consent_judge_t *judge, consent_str_t value, unsigned cut)
{
    int      category;
    size_t   i, start;

    for (i = 0; i < value.len; /* void */ ) {

        while (i < value.len && consent_judge_separates(value.data[i])) {
            i++;
        }

        start = i;

        while (i < value.len && !consent_judge_separates(value.data[i])) {
            i++;
        }

        if (i == start) {
            break;
        }

        category = consent_judge_url(judge,
                                     consent_str_make(value.data + start,
                                                      i - start), 0);
        if (category != CONSENT_UNCLASSIFIED) {
            return category;
        }
    }

    return cut ? consent_judge_first_denied(judge) : CONSENT_UNCLASSIFIED;
}


static int
consent_judge_srcset(consent_judge_t *judge, consent_str_t value, unsigned cut)
{
    int               category;
    consent_srcset_t  candidate;

    while (consent_srcset_next(&candidate, &value)) {
        category = consent_judge_url(judge, candidate.url, 0);

        if (category != CONSENT_UNCLASSIFIED) {
            return category;
        }
    }

    return cut ? consent_judge_first_denied(judge) : CONSENT_UNCLASSIFIED;
}


static int
consent_judge_css(consent_judge_t *judge, consent_str_t value, unsigned cut)
{
    int                   category;
    const uint8_t        *p, *start, *end;
    consent_css_t         css;
    consent_css_event_e   event;

    consent_css_init(&css);

    p = value.data;
    end = p + value.len;
    start = NULL;

    do {
        event = consent_css_scan(&css, &p, end);

        if (event == CONSENT_CSS_URL_BEGIN) {
            start = p;
            continue;
        }

        if (start == NULL
            || (event == CONSENT_CSS_MORE && !consent_css_finish(&css)))
        {
            break;
        }

        category = consent_judge_css_url(judge,
                                   consent_str_make(start,
                                                    (size_t) (p - start)), 0);
        if (category != CONSENT_UNCLASSIFIED) {
            return category;
        }

        start = NULL;

    } while (event != CONSENT_CSS_MORE);

    return cut ? consent_judge_first_denied(judge) : CONSENT_UNCLASSIFIED;
}


int
consent_judge_css_url(consent_judge_t *judge, consent_str_t text, unsigned cut)
{
    size_t   len;
    uint8_t  buf[CONSENT_JUDGE_URL];

    if (memchr(text.data, '\\', text.len) == NULL) {
        return consent_judge_url(judge, text, cut);
    }

    len = consent_css_unescape(buf, sizeof(buf), text);

    return consent_judge_url(judge, consent_str_make(buf, len),
                             cut || len == sizeof(buf));
}


static int
consent_judge_refresh(consent_judge_t *judge, consent_str_t value,
    unsigned cut)
{
    size_t         i;
    consent_str_t  url;

    if (consent_refresh_url(value, &url)) {
        return consent_judge_url(judge, url, cut);
    }

    if (!cut) {
        return CONSENT_UNCLASSIFIED;
    }

    /* what goes on may yet name a URL, unless it does not begin with a time */

    for (i = 0; i < value.len && consent_is_space(value.data[i]); i++) {
        /* void */
    }

    return (i == value.len || consent_is_digit(value.data[i])
            || value.data[i] == '.')
           ? consent_judge_first_denied(judge) : CONSENT_UNCLASSIFIED;
}


/*
 * The beginning of a URL that is mostly what a browser drops: any host may
 * follow.
 */

static int
consent_judge_hides_host(consent_str_t url)
{
    size_t  i, blank;

    blank = 0;

    for (i = 0; i < url.len; i++) {
        blank += (url.data[i] <= ' ');
    }

    return blank > url.len / 4;
}


static int
consent_judge_parsed(consent_judge_t *judge, const consent_url_t *url)
{
    int                          category;
    unsigned                     own_site;
    consent_judge_host_t        *known;
    const consent_judge_conf_t  *conf;

    conf = judge->conf;

    own_site = consent_str_eq(url->host, conf->document->host) ? 1 : 0;

    category = consent_match_resource(conf->policy->match, url, own_site,
                                      &judge->limited);

    if (category == CONSENT_UNCLASSIFIED && !own_site) {
        known = consent_judge_find_host(judge, url->host);

        if (consent_judge_is_third(judge, url->host, known)) {
            consent_judge_seen(judge, known, url->host);
            category = conf->third_party;
        }
    }

    if (category != CONSENT_UNCLASSIFIED
        && (conf->denied & consent_bit(category))
        && !consent_markup_is_loader(conf->markup, url, own_site))
    {
        judge->last = category;
        return category;
    }

    return CONSENT_UNCLASSIFIED;
}


/* a third party without a rule */

static void
consent_judge_seen(consent_judge_t *judge, consent_judge_host_t *known,
    consent_str_t host)
{
    unsigned                     bit;
    const consent_judge_conf_t  *conf;

    conf = judge->conf;
    bit = 1U << judge->element;

    judge->unclassified++;

    if (conf->seen && (known->seen & bit) == 0) {
        conf->seen(conf->watcher, host, judge->element, known->seen != 0);
        known->seen = (uint16_t) (known->seen | bit);
    }
}


const consent_judge_host_t *
consent_judge_host(consent_judge_t *judge, consent_str_t host)
{
    return consent_judge_find_host(judge, host);
}


static consent_judge_host_t *
consent_judge_find_host(consent_judge_t *judge, consent_str_t host)
{
    int                    category;
    consent_judge_host_t  *known;

    /* a page names few hosts, and each of them often */

    known = &judge->hosts[(host.len * 7u + host.data[0] * 3u
                           + host.data[host.len / 2])
                          % CONSENT_JUDGE_HOSTS];

    if (known->len == host.len
        && memcmp(known->name, host.data, host.len) == 0)
    {
        return known;
    }

    if (host.len > CONSENT_JUDGE_HOST_LEN) {
        known = &judge->other;

    } else {
        known->len = (uint8_t) host.len;
        memcpy(known->name, host.data, host.len);
    }

    known->seen = 0;
    known->third_party = CONSENT_JUDGE_UNKNOWN;
    known->known = consent_match_host(judge->conf->policy->match, host, 0,
                                      &category)
                   ? 1 : 0;
    known->category = (int16_t) category;

    return known;
}


static int
consent_judge_is_third(const consent_judge_t *judge, consent_str_t host,
    consent_judge_host_t *known)
{
    if (known->third_party == CONSENT_JUDGE_UNKNOWN) {
        known->third_party = consent_judge_is_third_party(judge, host) ? 1 : 0;
    }

    return known->third_party;
}


static int
consent_judge_is_third_party(const consent_judge_t *judge, consent_str_t host)
{
    size_t         len;
    consent_str_t  registrable;

    registrable = judge->registrable;
    len = host.len - registrable.len;

    /*
     * A registrable domain is the end of each of its hosts.  If host ends
     * so, there may be a public suffix in between.
     */

    if (host.len < registrable.len
        || memcmp(host.data + len, registrable.data, registrable.len) != 0
        || (len && host.data[len - 1] != '.')
        || (len && !consent_str_eq(consent_site_registrable(judge->conf->site,
                                                            host),
                                   registrable)))
    {
        return !consent_hosts_match(judge->conf->first_party, host);
    }

    return 0;
}
