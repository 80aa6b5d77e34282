/*
 * Copyright (C) ngx_consent_module authors
 *
 * What the formats of consent_status share: what they show, and the text that
 * grows while they write it.
 */


#ifndef NGX_HTTP_CONSENT_STATUS_H
#define NGX_HTTP_CONSENT_STATUS_H


#include "ngx_http_consent_zone.h"

#include "core/consent_guess.h"


/* entries for which relatives are looked for, the most frequent ones */

#define NGX_HTTP_CONSENT_GUESSES  300

/* the longest pattern of a name: all of its bytes as codes, with quotes */

#define NGX_HTTP_CONSENT_PATTERN  (5 * CONSENT_INVENTORY_NAME + 8)


typedef struct {
    ngx_http_request_t          *request;
    ngx_http_consent_main_conf_t  *mcf;
    ngx_http_consent_zone_t     *zone;
    consent_policy_t            *policy;
    consent_policy_t            *catalogue; /* or NULL */

    ngx_array_t                  entries;   /* consent_inventory_entry_t */
    consent_inventory_size_t     size;

    /* the text */

    ngx_chain_t                 *first;
    ngx_chain_t                **last;
    ngx_buf_t                   *b;
    off_t                        len;
    ngx_uint_t                   failed;    /* out of memory */
} ngx_http_consent_status_t;


typedef size_t (*ngx_http_consent_escape_pt)(uint8_t *dst,
    consent_str_t text);


void ngx_http_consent_put(ngx_http_consent_status_t *s, const void *p,
    size_t len);
void ngx_http_consent_print(ngx_http_consent_status_t *s, const char *fmt,
    ...);
void ngx_http_consent_escape(ngx_http_consent_status_t *s,
    ngx_http_consent_escape_pt escape, consent_str_t text);


/* figures */

uint64_t ngx_http_consent_value(ngx_http_consent_status_t *s,
    ngx_uint_t index);
uint64_t ngx_http_consent_category_value(ngx_http_consent_status_t *s,
    ngx_uint_t category, ngx_uint_t value);

/* labels of counters, in their order; each list ends with NULL */

extern const char *const  ngx_http_consent_modes[];
extern const char *const  ngx_http_consent_states[];
extern const char *const  ngx_http_consent_actions[];
extern const char *const  ngx_http_consent_kinds[];
extern const char *const  ngx_http_consent_outcomes[][2];
extern const char *const  ngx_http_consent_unknowns[];
extern const char *const  ngx_http_consent_rejections[];
extern const char *const  ngx_http_consent_overflows[];
extern const char *const  ngx_http_consent_results[];
extern const char *const  ngx_http_consent_rule_kinds[];

/* where something without a rule may belong */

typedef struct {
    ngx_int_t                    category;  /* of the configuration, or
                                               CONSENT_UNCLASSIFIED */
    consent_str_t                name;      /* of the category, which may be
                                               one of the catalogue only;
                                               empty: nothing is known */
    consent_str_t                by;        /* a pattern; empty: what the
                                               cookie looks like */
} ngx_http_consent_guess_t;


/* of an entry; nothing is guessed of those behind the first ones */

ngx_http_consent_guess_t ngx_http_consent_guess(ngx_http_consent_status_t *s,
    ngx_uint_t i);

/* reads the file of consent_status catalogue=FILE */

char *ngx_http_consent_guess_catalogue(ngx_conf_t *cf,
    ngx_http_consent_loc_conf_t *clf, ngx_str_t *file);

/* a flag of a cookie and its name, the last one is 0 */

typedef struct {
    uint32_t                     flag;
    const char                  *name;
} ngx_http_consent_flag_t;

extern const ngx_http_consent_flag_t  ngx_http_consent_flags[];


/* the formats */

void ngx_http_consent_write_metrics(ngx_http_consent_status_t *s);
void ngx_http_consent_write_json(ngx_http_consent_status_t *s);
void ngx_http_consent_write_page(ngx_http_consent_status_t *s);
void ngx_http_consent_write_rules(ngx_http_consent_status_t *s);


#endif /* NGX_HTTP_CONSENT_STATUS_H */
