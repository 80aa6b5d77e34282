/*
 * Copyright (C) ngx_consent_module authors
 *
 * Is what this tag fetches denied to this visitor?  Reads tags, URLs and
 * script texts against the policy; knows nothing of streams or of output.
 */


#ifndef CONSENT_JUDGE_H
#define CONSENT_JUDGE_H


#include "consent_counter.h"
#include "consent_load.h"
#include "consent_markup.h"
#include "consent_match.h"
#include "consent_policy.h"
#include "consent_script.h"
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

    const consent_markup_t  *markup;        /* whose loaders are exempt */
    const consent_url_t     *document;      /* URL of the page */
    size_t                   limit;         /* longest attribute there is */
    unsigned                 no_inline:1;   /* scripts that run all may */

    /*
     * May be NULL: a third party without a rule, told once in a page for each
     * kind (consent_blocked_e) of what names it, with known 1 if it was told
     * of another kind before, and more often if there are very many.
     */

    void                   (*seen)(void *watcher, consent_str_t host,
                                   unsigned kind, unsigned known);
    void                    *watcher;

    /* memory of the request; NULL on failure */

    void                  *(*alloc)(void *data, size_t size);
    void                    *data;
} consent_judge_conf_t;


/* what is known of hosts that the page has named */

#define CONSENT_JUDGE_HOSTS     16
#define CONSENT_JUDGE_HOST_LEN  41


typedef struct {
    uint16_t                 seen;          /* bits of kinds that were told */
    int16_t                  category;
    uint8_t                  len;           /* 0: empty */
    uint8_t                  known;         /* 1: the category is that of all
                                               its URLs */
    uint8_t                  third_party;   /* 1; 0: not; or not known yet */
    uint8_t                  name[CONSENT_JUDGE_HOST_LEN];
} consent_judge_host_t;


/*
 * How the last URL that was judged by its host began, up to what ends the
 * host; those that follow often begin with the same.
 */

#define CONSENT_JUDGE_START  64

typedef struct {
    int16_t                  category;      /* denied, or unclassified */
    uint8_t                  len;           /* 0: none */
    uint8_t                  third_party;   /* one that no rule is for */
    uint16_t                 noted;         /* kinds of elements in which it
                                               need not be noted any more */
    uint8_t                  text[CONSENT_JUDGE_START];
} consent_judge_start_t;


typedef struct {
    const consent_judge_conf_t  *conf;

    consent_mask_t           inlines;       /* denied and with inline rules */
    consent_mask_t           resources;     /* ... with resource rules, or
                                               that of third parties */
    consent_str_t            registrable;   /* of the document's host */

    const consent_url_t     *parent;        /* base of the document around
                                               this one, or NULL */
    consent_url_t            base;          /* <base href> */
    uint8_t                  base_buf[CONSENT_URL_MIN_BUFFER];
    uint8_t                 *scratch;       /* limit bytes */

    consent_script_t         script;        /* what of one was passed on */
    int                      kept;          /* denied if it does more than
                                               keep data */

    consent_judge_host_t     hosts[CONSENT_JUDGE_HOSTS];
    consent_judge_host_t     other;         /* a host that is too long */
    consent_judge_start_t    start;

    uint8_t                  element;       /* set by the caller: kind of
                                               what is judged */
    int                      last;          /* category denied last */
    unsigned                 unclassified;  /* third-party loads, no rule */
    unsigned                 limited;       /* a match limit was exceeded */

    unsigned                 has_base:1;
    unsigned                 own_free:1;    /* no rule is for the own host */
} consent_judge_t;


/* 1 if anything in a body could be denied at all */

int consent_judge_needed(const consent_judge_conf_t *conf);

/* conf must live as long as judge */

void consent_judge_init(consent_judge_t *judge,
    const consent_judge_conf_t *conf);

/*
 * All of these return the denied category of what would be fetched, or
 * CONSENT_UNCLASSIFIED if all of it may be.
 */

/*
 * The value of an attribute, as it stands in the tag.  cut: it is only the
 * beginning of the value; if that does not show where it leads, it is taken
 * for denied.  Not for CONSENT_LOAD_HTML.
 */

int consent_judge_attr(consent_judge_t *judge, consent_load_e load,
    consent_str_t value, unsigned cut);

/* the same without character references, as in the header of a response */

int consent_judge_value(consent_judge_t *judge, consent_load_e load,
    consent_str_t value, unsigned cut);

/* a URL without character references, or the beginning of one */

int consent_judge_url(consent_judge_t *judge, consent_str_t url,
    unsigned cut);

/* a set of URLs, which is denied only if every one of them is */

int consent_judge_area(consent_judge_t *judge, const consent_area_t *area);

/* the text of a URL in a style sheet, with its escapes */

int consent_judge_css_url(consent_judge_t *judge, consent_str_t text,
    unsigned cut);

/*
 * consent_judge_text.c: the text of a script, by patterns and by the hosts
 * that it names; or, with rules, that of an import map or of speculation
 * rules, by hosts alone.  _begin() says whether there is anything to judge.
 * A script that does not fit into a window is judged window by window; what
 * of it goes is said to _pass().  A text that does not stand in the page as
 * it is, is not plain.
 */

int consent_judge_text_begin(consent_judge_t *judge, consent_script_e kind,
    unsigned plain);
int consent_judge_text(consent_judge_t *judge, consent_str_t text,
    unsigned rules);
void consent_judge_text_pass(consent_judge_t *judge, consent_str_t text);

/* what is known of a host, until the next call */

const consent_judge_host_t *consent_judge_host(consent_judge_t *judge,
    consent_str_t host);

/* <base href>: the first one counts */

void consent_judge_base(consent_judge_t *judge,
    const consent_attrs_t *attrs);

/* a category to name for what cannot be read */

int consent_judge_first_denied(const consent_judge_t *judge);


/*
 * The value with its character references decoded, in memory that is used
 * again by the next call.  data is NULL if there is no memory.
 */

consent_str_t consent_judge_decode(consent_judge_t *judge,
    consent_str_t value);


#endif /* CONSENT_JUDGE_H */
