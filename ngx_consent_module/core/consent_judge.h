/*
 * Copyright (C) ngx_consent_module authors
 *
 * Is what this tag fetches denied to this visitor?  Reads tags, URLs and
 * script texts against the policy; knows nothing of streams or of output.
 */


#ifndef CONSENT_JUDGE_H
#define CONSENT_JUDGE_H


#include "consent_attr.h"
#include "consent_element.h"
#include "consent_match.h"
#include "consent_policy.h"
#include "consent_site.h"
#include "consent_url.h"


typedef struct {
    const consent_policy_t  *policy;
    const consent_site_t    *site;
    const consent_hosts_t   *first_party;   /* may be NULL */

    consent_mask_t           denied;
    int                      third_party;   /* category of third-party hosts
                                               without a rule, or
                                               CONSENT_UNCLASSIFIED */

    const consent_url_t     *document;      /* URL of the page */
    size_t                   limit;         /* longest attribute there is */

    /* memory of the request; NULL on failure */

    void                  *(*alloc)(void *data, size_t size);
    void                    *data;
} consent_judge_conf_t;


typedef struct {
    const consent_judge_conf_t  *conf;

    consent_mask_t           inlines;       /* denied and with inline rules */
    consent_str_t            registrable;   /* of the document's host */

    consent_url_t            base;          /* <base href> */
    uint8_t                  base_buf[CONSENT_URL_MIN_BUFFER];
    uint8_t                 *scratch;       /* for long values */

    unsigned                 unclassified;  /* third-party loads, no rule */
    unsigned                 limited;       /* a match limit was exceeded */

    unsigned                 has_base:1;
} consent_judge_t;


typedef enum {
    CONSENT_VERDICT_PASS = 0,
    CONSENT_VERDICT_BLOCK,
    CONSENT_VERDICT_INLINE      /* an inline script: its text decides */
} consent_verdict_e;


/* 1 if anything in a body could be denied at all */

int consent_judge_needed(const consent_judge_conf_t *conf);

/* conf must live as long as judge */

void consent_judge_init(consent_judge_t *judge,
    const consent_judge_conf_t *conf);

/*
 * Judges a start tag: attrs is what is between the tag name and ">".
 * *category is set for CONSENT_VERDICT_BLOCK.  foreign: in svg or XML.
 */

consent_verdict_e consent_judge_tag(consent_judge_t *judge,
    const consent_element_t *el, consent_str_t attrs, unsigned foreign,
    int *category);

/*
 * The denied category of a URL as it stands in an attribute, or
 * CONSENT_UNCLASSIFIED if it may be fetched.
 */

int consent_judge_url(consent_judge_t *judge, consent_str_t value);

/*
 * The same where value is only the beginning of a URL.  If it does not show
 * the host, the URL is taken for denied.
 */

int consent_judge_cut_url(consent_judge_t *judge, consent_str_t value);

/* the same for the text of an inline script */

int consent_judge_text(consent_judge_t *judge, consent_str_t text);

#endif /* CONSENT_JUDGE_H */
