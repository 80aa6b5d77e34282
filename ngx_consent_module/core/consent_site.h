/*
 * Copyright (C) ngx_consent_module authors
 *
 * Registrable domains and who is a third party ("same site", schemelessly,
 * of the HTML standard), by the Public Suffix List through libpsl.
 */


#ifndef CONSENT_SITE_H
#define CONSENT_SITE_H


#include "consent_str.h"


typedef struct consent_site_s  consent_site_t;


/*
 * Loads the newest Public Suffix List of the system, or the one built into
 * libpsl.  NULL: there is none, or out of memory.  Made when a configuration
 * is read; consent_site_destroy() releases it.  It remembers hosts, so no two
 * threads may use one at a time.
 */

consent_site_t *consent_site_create(const consent_mem_t *mem);
void consent_site_destroy(consent_site_t *site);


/*
 * The registrable domain of host (lower case ASCII, no trailing dot, as in
 * consent_url_t), as a view into host.  An IP address, a single label and a
 * public suffix are their own site: host itself is returned.
 */

consent_str_t consent_site_registrable(const consent_site_t *site,
    consent_str_t host);


/*
 * The same, but empty for a host that has none: an IP address, a single label,
 * a public suffix, and any host without a list.  Cookies of such a host cannot
 * have a Domain.
 */

consent_str_t consent_site_domain(const consent_site_t *site,
    consent_str_t host);


/*
 * Hosts that belong to the site although their domain differs
 * (consent_first_party): HOST or .HOST.
 */

typedef struct consent_hosts_s  consent_hosts_t;

consent_hosts_t *consent_hosts_create(const consent_mem_t *mem);

/* 0; -1: malformed pattern or out of memory; pattern is copied, any case */

int consent_hosts_add(consent_hosts_t *hosts, consent_str_t pattern);

/* hosts may be NULL: 0 */

int consent_hosts_match(const consent_hosts_t *hosts, consent_str_t host);

/* 1: some of them are subdomains of the domain */

int consent_hosts_within(const consent_hosts_t *hosts, consent_str_t domain);


#endif /* CONSENT_SITE_H */
