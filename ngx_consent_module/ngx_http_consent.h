/*
 * Copyright (C) ngx_consent_module authors
 *
 * The private header of the glue: configuration, request context and the
 * functions that one glue file offers to another.
 */


#ifndef NGX_HTTP_CONSENT_H
#define NGX_HTTP_CONSENT_H


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_consent_compat.h"

#include "core/consent_coding.h"
#include "core/consent_form.h"
#include "core/consent_judge.h"
#include "core/consent_markup.h"
#include "core/consent_match.h"
#include "core/consent_own.h"
#include "core/consent_policy.h"
#include "core/consent_site.h"
#include "core/consent_source_block.h"
#include "core/consent_url.h"


#define NGX_HTTP_CONSENT_OFF      0
#define NGX_HTTP_CONSENT_REPORT   1
#define NGX_HTTP_CONSENT_ENFORCE  2

#define NGX_HTTP_CONSENT_MARK     0
#define NGX_HTTP_CONSENT_REMOVE   1

#define NGX_HTTP_CONSENT_STRIP    0
#define NGX_HTTP_CONSENT_PASS     1

#define NGX_HTTP_CONSENT_IMPLIED_DENY    0
#define NGX_HTTP_CONSENT_IMPLIED_ACCEPT  1

#define NGX_HTTP_CONSENT_CSP_OFF     0
#define NGX_HTTP_CONSENT_CSP_NARROW  1

#define NGX_HTTP_CONSENT_UNINSPECTABLE_BLOCK  0
#define NGX_HTTP_CONSENT_UNINSPECTABLE_PASS   1

#define NGX_HTTP_CONSENT_CACHE_PRIVATE  0
#define NGX_HTTP_CONSENT_CACHE_VARY     1
#define NGX_HTTP_CONSENT_CACHE_OFF      2

/*
 * consent_unclassified not given: CONSENT_UNCLASSIFIED is a value ("pass"),
 * and the same number as NGX_CONF_UNSET
 */

#define NGX_HTTP_CONSENT_INHERIT  (-2)

/*
 * Part of every variant: raised by a release that makes another page of the
 * same input, so that browsers do not go on with the page of the one before
 */

#define NGX_HTTP_CONSENT_REVISION  1

/* how long a decision holds without max_age=: 180 days, in seconds */

#define NGX_HTTP_CONSENT_COOKIE_AGE  15552000

/* of a response, and of the configured error page in its place */

#define NGX_HTTP_CONSENT_REFUSALS  2

/* longest body of a request that sets the choice */

#define NGX_HTTP_CONSENT_CHOICE_MAX  8192

/* RFC 9110 section 15.5.21; nginx has no name for it */

#define NGX_HTTP_CONSENT_UNPROCESSABLE  422

/* what is allowed inside consent_category, and nowhere else */

#define NGX_HTTP_CONSENT_CATEGORY_CONF  0x00100000

/* ... and inside consent_dialect */

#define NGX_HTTP_CONSENT_DIALECT_CONF  0x00200000

/* ... and inside consent_source */

#define NGX_HTTP_CONSENT_SOURCE_CONF  0x00400000

/* ... and in the catalogue of consent_status */

#define NGX_HTTP_CONSENT_CATALOGUE_CONF  0x00800000


/* where a directive or a rule stands, for messages that come later */

typedef struct {
    ngx_str_t                    file;
    ngx_uint_t                   line;
} ngx_http_consent_origin_t;


/*
 * A category named before it is known whether it will be declared; resolved
 * when all of http{} has been read.  Exactly one of mask and index is set.
 */

typedef struct {
    ngx_str_t                    name;
    ngx_str_t                    directive;
    ngx_uint_t                   origin;

    consent_mask_t              *mask;      /* gets the bit */
    ngx_int_t                   *index;     /* gets the index */

    unsigned                     refuse:1;  /* it must be possible to refuse
                                               it */
} ngx_http_consent_reference_t;


/* the attributes of a category as written, kept apart for each layer */

typedef enum {
    NGX_HTTP_CONSENT_TITLE = 0,
    NGX_HTTP_CONSENT_ABOUT,
    NGX_HTTP_CONSENT_ALWAYS,
    NGX_HTTP_CONSENT_ON_DENY,
    NGX_HTTP_CONSENT_MAX_AGE,
    NGX_HTTP_CONSENT_ATTRIBUTES
} ngx_http_consent_attribute_e;


typedef struct {
    ngx_str_t                    text;
    int64_t                      number;
    ngx_uint_t                   origin;    /* 0: not given */
    ngx_uint_t                   block;     /* which block gave it */
} ngx_http_consent_attribute_t;


typedef struct {
    ngx_http_consent_attribute_t
                       given[CONSENT_LAYERS][NGX_HTTP_CONSENT_ATTRIBUTES];
} ngx_http_consent_attributes_t;


typedef struct ngx_http_consent_dialect_s   ngx_http_consent_dialect_t;
typedef struct ngx_http_consent_language_s  ngx_http_consent_language_t;
typedef struct ngx_http_consent_template_s  ngx_http_consent_template_t;
typedef struct ngx_http_consent_zone_s      ngx_http_consent_zone_t;


/* what visitors see of the module; the HTML of each is a template */

typedef enum {
    NGX_HTTP_CONSENT_PAGE = 0,
    NGX_HTTP_CONSENT_BANNER,
    NGX_HTTP_CONSENT_PLACEHOLDER,
    NGX_HTTP_CONSENT_COOKIES,
    NGX_HTTP_CONSENT_TEMPLATES
} ngx_http_consent_template_e;


/*
 * A cookie or service as visitors are told about it: a rule of the category,
 * with what "declare" says of it.  Empty: not said.
 */

typedef struct {
    ngx_str_t                    name;      /* for people */
    ngx_str_t                    pattern;
    consent_rule_e               kind;
    consent_layer_e              layer;
    ngx_int_t                    category;
    ngx_uint_t                   origin;    /* of "declare" */
    ngx_str_t                    purpose;
    ngx_str_t                    lifetime;
    ngx_str_t                    provider;
    unsigned                     hidden:1;  /* another one stands for it */
    unsigned                     declared:1;    /* by "declare", no rule */
    unsigned                     told:1;    /* "declare" speaks of it */
} ngx_http_consent_item_t;


/* where a location with consent_endpoint is */

typedef struct {
    ngx_str_t                    name;      /* of the location */
    ngx_str_t                    url;       /* the same as a path of a URL,
                                               with a slash at its end */
} ngx_http_consent_endpoint_t;


/* a consent_source of that name */

typedef struct {
    ngx_str_t                    name;
    ngx_uint_t                   index;     /* among all sources */
    ngx_uint_t                   origin;    /* of its first block */
    consent_block_t             *block;
    const consent_source_t      *source;
    unsigned                     used:1;    /* by a location in which consent
                                               is not off */
} ngx_http_consent_source_t;


/* a source named by consent_use, or a signal by consent_signal */

typedef struct {
    ngx_str_t                    name;
    ngx_http_consent_source_t   *source;    /* NULL: "own" */
    consent_mask_t               deny;      /* of a signal */
} ngx_http_consent_use_t;


/* what of a request a figure was found in, so that it can be found anew */

typedef enum {
    NGX_HTTP_CONSENT_NOWHERE = 0,
    NGX_HTTP_CONSENT_IN_REQUEST,
    NGX_HTTP_CONSENT_IN_HEADERS,
    NGX_HTTP_CONSENT_IN_FIELDS,
    NGX_HTTP_CONSENT_IN_EXPIRED,
    NGX_HTTP_CONSENT_FOR_GOOD
} ngx_http_consent_share_e;


/* one figure of a request, to be added to the counter of that index */

#define NGX_HTTP_CONSENT_FIGURES  4

typedef struct {
    uint32_t                     index;
    uint32_t                     n;
    ngx_http_consent_share_e     share;
} ngx_http_consent_figure_t;


/* what consent_endpoint did; the label "result" of its counter */

typedef enum {
    NGX_HTTP_CONSENT_RESULT_PAGE = 0,
    NGX_HTTP_CONSENT_RESULT_STATE,
    NGX_HTTP_CONSENT_RESULT_COOKIES,
    NGX_HTTP_CONSENT_RESULT_BLOCKED,        /* the placeholder was shown */
    NGX_HTTP_CONSENT_RESULT_STYLE,
    NGX_HTTP_CONSENT_RESULT_CHOICE,         /* recorded */
    NGX_HTTP_CONSENT_RESULT_WITHDRAWAL,
    NGX_HTTP_CONSENT_RESULT_CROSS_SITE,     /* refused */
    NGX_HTTP_CONSENT_RESULT_INVALID,
    NGX_HTTP_CONSENT_RESULTS
} ngx_http_consent_result_e;


typedef struct {
    consent_policy_t             policy;
    consent_mem_t                mem;       /* cf->pool */
    consent_site_t              *site;
    consent_markup_t            *markup;    /* the dialect "consent" */

    ngx_array_t                  dialects;  /* ngx_http_consent_dialect_t
                                               pointers */
    ngx_array_t                  markup_uses;   /* consent_markup, to be
                                               resolved */

    ngx_array_t                  sources;   /* ngx_http_consent_source_t
                                               pointers */
    ngx_array_t                  source_uses;   /* to be resolved */
    u_char                      *source_memory; /* of a worker, for the time
                                               of a call; NULL: no sources */

    ngx_array_t                  origins;   /* ngx_http_consent_origin_t; the
                                               first stands for "nowhere" */
    ngx_array_t                  references;
                                       /* ngx_http_consent_reference_t */
    ngx_http_consent_attributes_t
                                *attributes[CONSENT_MAX_CATEGORIES];

    /* the consent_category, _dialect or _source that is being read */

    ngx_int_t                    category;
    ngx_http_consent_dialect_t  *dialect;
    ngx_http_consent_source_t   *source;
    consent_layer_e              layer;
    ngx_uint_t                   block;

    consent_mask_t               resource_categories;   /* with rules */
    consent_mask_t               inline_categories;
    consent_mask_t               unclassified;  /* named as that */
    ngx_uint_t                   undecided; /* origin of a "consent enforce"
                                               with no source but "own" */

    /* what visitors see */

    ngx_array_t                  items;     /* ngx_http_consent_item_t */
    ngx_array_t                  languages; /* ngx_http_consent_language_t
                                               pointers */
    ngx_array_t                  titles;    /* lines of consent_text about
                                               categories, to be resolved */
    ngx_array_t                  tags;      /* of consent_language, to be
                                               resolved */
    ngx_http_consent_template_t
                       *templates[NGX_HTTP_CONSENT_TEMPLATES];  /* built in */
    consent_key_t                secret;    /* signs tokens of forms where
                                               there is no consent_key */

    ngx_array_t                  own_names; /* consent_str_t: of the consent
                                               cookies of all locations */

    ngx_array_t                  edited_variables;  /* ngx_uint_t: indices of
                                               $http_cookie and others whose
                                               headers we change */
    uint32_t                     hash;      /* of all that shapes a body */

    ngx_http_consent_zone_t     *zone;      /* NULL: nothing is counted */
    ngx_uint_t                   status_origin; /* of a consent_status */

    size_t                       buffer;    /* the largest consent_buffer */
    u_char                      *shared;    /* memory of all rewriters of a
                                               worker, for the time of a
                                               call */

    unsigned                     policy_set:1;
    unsigned                     warned_empty:1;
    unsigned                     warned_unsigned:1;
} ngx_http_consent_main_conf_t;


/* categories named by a directive: a constant mask or a value with $v */

typedef struct {
    ngx_http_complex_value_t    *value;     /* NULL: constant */
    consent_mask_t               mask;
} ngx_http_consent_categories_t;


/* what a browser can say about all sites */

typedef enum {
    NGX_HTTP_CONSENT_GPC = 0,
    NGX_HTTP_CONSENT_DNT,
    NGX_HTTP_CONSENT_SIGNALS
} ngx_http_consent_signal_e;


/*
 * consent_signal; used[]: the state depends on that header field.  Sources
 * are cookies in which the visitor refused something on this very site.
 */

typedef struct {
    ngx_uint_t                   used[NGX_HTTP_CONSENT_SIGNALS];
    consent_mask_t               deny[NGX_HTTP_CONSENT_SIGNALS];
    ngx_array_t                 *sources;   /* ngx_http_consent_use_t
                                               pointers; NULL: none */
    unsigned                     off:1;
} ngx_http_consent_signals_t;


/* one name of consent_cookie with its attributes */

typedef struct {
    ngx_str_t                    name;
    ngx_str_t                    path;
    ngx_str_t                    domain;    /* empty: host-only */
    ngx_str_t                    samesite;  /* as sent: Lax, Strict, None */
    time_t                       max_age;
    ngx_http_complex_value_t    *secure;    /* NULL: as the connection */
    ngx_flag_t                   httponly;
} ngx_http_consent_cookie_t;


typedef struct {
    ngx_http_consent_endpoint_t  *endpoint; /* the first one of the server, to
                                               which banners lead */
    consent_str_t                *blocked;  /* for each category: what a
                                               blocked frame shows; NULL: there
                                               is no endpoint */
} ngx_http_consent_srv_conf_t;


typedef struct {
    ngx_http_complex_value_t    *mode;      /* consent, if it has a variable */
    ngx_uint_t                   mode_value;
    ngx_uint_t                   mode_origin;

    ngx_array_t                 *use;       /* consent_use:
                                               ngx_http_consent_use_t
                                               pointers */
    ngx_uint_t                   implied;
    ngx_http_consent_categories_t  *accept; /* consent_default */
    ngx_http_consent_signals_t  *signals;   /* consent_signal */

    ngx_http_consent_cookie_t   *cookie;
    ngx_array_t                 *keys;      /* consent_key_t */
    consent_own_conf_t           own;       /* both, as the core wants it */

    consent_hosts_t             *first_party;
    uint32_t                     first_party_hash;

    ngx_int_t                    unclassified_cookie;   /* category index or
                                               CONSENT_UNCLASSIFIED */
    ngx_int_t                    unclassified_third_party;

    ngx_uint_t                   request_cookies;
    ngx_flag_t                   expire;
    ngx_uint_t                   block;
    ngx_uint_t                   inlines;   /* inline scripts are judged */
    ngx_uint_t                   uninspectable;
    ngx_uint_t                   cache;
    ngx_uint_t                   csp;       /* 1: narrow */
    size_t                       buffer;

    const consent_markup_t      *markup;    /* NULL before the merge: not
                                               given */
    uint32_t                     markup_hash;

    ngx_http_consent_endpoint_t *endpoint;  /* this location is one */
    ngx_flag_t                   banner;
    ngx_uint_t                   banner_origin;
    ngx_http_complex_value_t    *language;
    ngx_http_consent_template_t
                       *templates[NGX_HTTP_CONSENT_TEMPLATES];

    ngx_hash_t                   types;
    ngx_array_t                 *types_keys;
    uint32_t                     types_hash;

    uint32_t                     hash;      /* with that of the main conf */

    consent_policy_t            *catalogue; /* of a consent_status, or NULL */

    unsigned                     markup_set:1;
    unsigned                     native:1;  /* "own" is one of the sources */
    unsigned                     foreign:1; /* there are others */
    unsigned                     status:1;  /* consent_status */
} ngx_http_consent_loc_conf_t;


typedef struct ngx_http_consent_body_s    ngx_http_consent_body_t;
typedef struct ngx_http_consent_decode_s  ngx_http_consent_decode_t;


/* what the rewriter has put out, until it is sent */

typedef struct {
    ngx_http_request_t          *request;
    ngx_pool_t                  *pool;
    unsigned                     cleanup:1; /* there is one for large bufs */
    unsigned                     flushed:1; /* nothing came after a flush */

    ngx_chain_t                 *out;       /* not passed down yet */
    ngx_chain_t                **last_out;
    ngx_buf_t                   *last;      /* the last buf of out */

    ngx_chain_t                 *busy;      /* passed down, not fully sent;
                                               FIFO */
    ngx_chain_t                 *free;      /* buf headers without storage */
    ngx_chain_t                 *spent;     /* special bufs, to be free */
    ngx_chain_t                 *free_own;  /* bufs with storage */
} ngx_http_consent_output_t;


/* what the variables of templates show while one is rendered */

typedef struct {
    ngx_int_t                    category;  /* or CONSENT_UNCLASSIFIED */
    ngx_http_consent_item_t     *item;      /* or NULL */
    ngx_uint_t                   listed;    /* items are limited to as many;
                                               0: all */
    ngx_str_t                    origin;    /* in front of paths, or empty */
    ngx_str_t                    back;      /* a path of this site, or empty */
    const char                  *notice;    /* name of a text, or NULL */
} ngx_http_consent_view_t;


/* a request header whose value was replaced, and what it was before */

typedef struct {
    ngx_table_elt_t             *header;
    ngx_str_t                    original;
    u_char                      *written;
} ngx_http_consent_edit_t;


/* what a source says, which is read once */

typedef struct {
    consent_reading_t            reading;
    unsigned                     done:1;
} ngx_http_consent_reading_t;


/*
 * What is known about one client request.  It belongs to the main request
 * and survives internal redirects, which reset the module contexts.
 */

typedef struct {
    consent_decision_t           decision;
    ngx_str_t                    source;    /* empty: no source decided */
    ngx_http_consent_reading_t  *readings;  /* of all sources, by their index;
                                               NULL: none was read */

    consent_mask_t               accepted;  /* with always and defaults */
    consent_mask_t               denied;    /* declared and not accepted */

    ngx_http_consent_loc_conf_t  *decided_conf; /* by whose cookie and keys */

    ngx_uint_t                   mode;      /* of the current location */
    ngx_http_consent_loc_conf_t  *mode_conf;    /* that location */

    /* counted in report mode as in enforce mode */

    ngx_uint_t                   cookies_blocked;
    ngx_uint_t                   cookies_hidden;
    ngx_uint_t                   cookies_expired;
    ngx_uint_t                   resources_blocked;
    ngx_uint_t                   unclassified;

    /* shares of the above, so that they can be counted anew */

    ngx_uint_t                   unclassified_in;   /* request cookies */
    ngx_uint_t                   unclassified_out;  /* Set-Cookie */
    ngx_uint_t                   unclassified_hints;    /* ... in 103 */
    ngx_uint_t                   unclassified_fields;   /* third parties in
                                               headers */
    ngx_uint_t                   cookies_out;
    ngx_uint_t                   resources_in_fields;
    ngx_uint_t                   resources_in_body;

    ngx_array_t                  figures;   /* for the zone, and where most
                                               requests have room for them */
    ngx_http_consent_figure_t    few_figures[NGX_HTTP_CONSENT_FIGURES];

    ngx_str_t                    uninspected;   /* reason, or empty */

    consent_decision_t           choice;    /* made by this request */
    ngx_str_t                    event;     /* the same, for the log */
    ngx_http_consent_view_t     *view;      /* NULL: no template yet */
    ngx_str_t                    banner;
    ngx_http_consent_loc_conf_t *banner_conf;   /* of which location */
    ngx_http_consent_language_t *language;
    ngx_http_consent_loc_conf_t *language_conf;     /* by whose setting */

    ngx_http_consent_body_t     *body;      /* NULL: body not looked at */

    /* what was changed in the request, to be taken back on a redirect */

    ngx_array_t                  edits;     /* ngx_http_consent_edit_t */
    ngx_http_consent_loc_conf_t  *edited_for;   /* NULL: not yet */
    ngx_uint_t                   cookies_denied;    /* of the request, hidden
                                               or not */
    ngx_table_elt_t             *if_none_match;
    ngx_table_elt_t             *if_modified_since;
    ngx_table_elt_t             *range;
    ngx_table_elt_t             *if_range;

    consent_str_t                tag;       /* of If-None-Match: the first
                                               that was opened */
    ngx_uint_t                   tags_opened;
    ngx_uint_t                   tags_kept;

    u_char                      *etag;      /* the ETag that we wrote */

    ngx_table_elt_t             *accept_encoding;
    ngx_table_elt_t             *client_encoding;   /* with the value that
                                               the client sent */

    unsigned                     document:4;    /* consent_document_e and
                                               one; 0: it is none */
    unsigned                     noted:1;   /* request cookies, in the
                                               inventory */
    unsigned                     signalled:1;   /* a signal counts */
    unsigned                     chosen:1;      /* there is a choice */
    unsigned                     endpoint:1;    /* made the response */
    unsigned                     mode_logged:1;
    unsigned                     default_logged:1;
    unsigned                     refused:2;     /* how many responses */
    unsigned                     refusing:1;    /* the last of them, by its
                                               header */
    unsigned                     decided:1;
    unsigned                     settled:1;     /* for good */
    unsigned                     gzip_hidden:1; /* see headers_in */
    unsigned                     stripped:1;    /* a condition was hidden */
    unsigned                     expire_lines:1;    /* were added to the
                                               header of the response */
    unsigned                     builtin:1;     /* the response is a page
                                               made by nginx */
    unsigned                     page:1;        /* the response is one, or
                                               a 304 for one */
} ngx_http_consent_ctx_t;


/* a walk over the headers of one name, see ngx_http_consent_header_next() */

typedef struct {
    ngx_list_part_t             *part;
    ngx_uint_t                   i;
} ngx_http_consent_walk_t;


/* ngx_http_consent_conf.c */

void *ngx_http_consent_create_main_conf(ngx_conf_t *cf);
char *ngx_http_consent_init_main_conf(ngx_conf_t *cf, void *conf);
void *ngx_http_consent_create_srv_conf(ngx_conf_t *cf);
void *ngx_http_consent_create_loc_conf(ngx_conf_t *cf);
char *ngx_http_consent_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);

/* what may stand behind the name of a block: "defaults", or nothing */

ngx_int_t ngx_http_consent_block_layer(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, const char *what);

char *ngx_http_consent_mode_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_consent_enum_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_consent_buffer_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* the module's own cookie counts here */

ngx_uint_t ngx_http_consent_uses_own(ngx_http_consent_loc_conf_t *conf);

/* nothing, or white space only */

ngx_uint_t ngx_http_consent_is_blank(ngx_str_t *text);

/* a lifetime of cookies in seconds, from one to 50 years; or NGX_ERROR */

time_t ngx_http_consent_parse_age(ngx_str_t *value);

/*
 * A file that a directive names, which gets its full name: open, or
 * NGX_INVALID_FILE if it is not there or not a regular file, which is logged
 * with the hint.
 */

ngx_fd_t ngx_http_consent_file_open(ngx_conf_t *cf, ngx_str_t *file,
    const char *directive, const char *hint, ngx_file_info_t *fi);
void ngx_http_consent_file_close(ngx_conf_t *cf, ngx_fd_t fd,
    ngx_str_t *file);

/* a value that has variables */

ngx_int_t ngx_http_consent_compile_value(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_complex_value_t **cv);


/* ngx_http_consent_types.c: consent_types */

char *ngx_http_consent_types_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_consent_types_merge(ngx_conf_t *cf,
    ngx_http_consent_loc_conf_t *prev, ngx_http_consent_loc_conf_t *conf);

extern ngx_str_t  ngx_http_consent_default_types[];


/*
 * ngx_http_consent_unclassified.c: consent_unclassified, consent_first_party
 */

char *ngx_http_consent_unclassified_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_consent_first_party_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
void ngx_http_consent_unclassified_merge(ngx_http_consent_loc_conf_t *prev,
    ngx_http_consent_loc_conf_t *conf);


/* ngx_http_consent_default.c: consent_default and consent_signal */

char *ngx_http_consent_default_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_consent_signal_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* what is accepted without a decision; logs a wrong value once per request */

consent_mask_t ngx_http_consent_defaults(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_http_consent_categories_t *accept);

/* what signals of the browser refuse; 1: it sent one that is used */

ngx_uint_t ngx_http_consent_signalled(ngx_http_request_t *r,
    ngx_http_consent_signals_t *signals, consent_mask_t *denied);

/* the same for signals that are cookies; NGX_ERROR: out of memory */

ngx_int_t ngx_http_consent_source_signalled(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_mask_t *denied);


/* ngx_http_consent_key.c: consent_cookie and consent_key */

char *ngx_http_consent_cookie_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_consent_key_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


/* ngx_http_consent_policy.c */

char *ngx_http_consent_policy_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_consent_category_block(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_consent_attribute_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* what a policy consists of makes its hash, on which bodies depend */

void ngx_http_consent_hash_add(ngx_http_consent_main_conf_t *mcf, u_char *p,
    size_t len);

/* ngx_http_consent_rule.c */

char *ngx_http_consent_rule_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

char *ngx_http_consent_include(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


/* the policy after the last directive of http{} */

ngx_int_t ngx_http_consent_policy_compile(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf);

/* remembers the current file and line; 0: out of memory */

ngx_uint_t ngx_http_consent_origin_add(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf);

ngx_http_consent_origin_t *ngx_http_consent_origin(
    ngx_http_consent_main_conf_t *mcf, ngx_uint_t origin);

/* a reference by the directive that is being read; NULL: out of memory */

ngx_http_consent_reference_t *ngx_http_consent_reference_add(ngx_conf_t *cf,
    ngx_str_t *name);

/* all names, ready for a message; empty if out of memory */

ngx_str_t ngx_http_consent_category_names(ngx_pool_t *pool,
    consent_policy_t *policy);


/* ngx_http_consent_markup.c: consent_markup, consent_dialect */

char *ngx_http_consent_markup_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_consent_dialect_block(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_consent_dialect_line_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_consent_dialect_name_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_consent_dialect_only_named_slot(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
char *ngx_http_consent_dialect_loader_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

ngx_int_t ngx_http_consent_markup_init(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf);

/*
 * All dialects, after the policy was compiled: sets mcf->markup, and
 * clf->markup where consent_markup was given
 */

ngx_int_t ngx_http_consent_markup_compile(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf);


/* ngx_http_consent_source.c: consent_source, consent_use */

char *ngx_http_consent_source_block(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_consent_source_line_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_consent_use_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

extern ngx_array_t  ngx_http_consent_use_own;

/* no source can have that name */

ngx_uint_t ngx_http_consent_source_is_reserved(ngx_str_t *name);

ngx_int_t ngx_http_consent_source_init(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf);

/*
 * A source named by the directive that is being read; use->source is set when
 * all have been declared.  NULL: out of memory.
 */

ngx_http_consent_use_t *ngx_http_consent_use_add(ngx_conf_t *cf,
    ngx_str_t *name);

/* all sources and those who name them, after the policy was compiled */

ngx_int_t ngx_http_consent_source_compile(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf);

/* which kinds of sources a location has, after the merge */

void ngx_http_consent_source_kinds(ngx_http_consent_loc_conf_t *conf);

/* the sources of a location whose cookies are never touched */

void ngx_http_consent_source_mark(ngx_http_consent_loc_conf_t *conf);


/* ngx_http_consent_decide.c */

/* who accepted what, by the cookies of the request */

ngx_int_t ngx_http_consent_decide(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);

/* what that source says; NULL: out of memory */

consent_reading_t *ngx_http_consent_source_read(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_http_consent_source_t *source);


/* ngx_http_consent_ctx.c */

/*
 * The context of the main request of r, made on first use, and decided where
 * consent is not off.  NULL: out of memory.  Usable at any time, in variables
 * as in filters; refreshes ctx->mode for the current location of r->main.
 */

ngx_http_consent_ctx_t *ngx_http_consent_get_ctx(ngx_http_request_t *r);

/* the same without ctx->mode, but decided in any case */

ngx_http_consent_ctx_t *ngx_http_consent_get_state(ngx_http_request_t *r);

/* that of r->main if there is one already, or NULL */

ngx_http_consent_ctx_t *ngx_http_consent_known_ctx(ngx_http_request_t *r);

/*
 * The category of a cookie with consent_unclassified applied;
 * *unclassified (may be NULL) is set to 1 if no rule names it.
 */

ngx_int_t ngx_http_consent_cookie_category(ngx_http_request_t *r,
    consent_str_t name, ngx_uint_t *unclassified);

/* is it that of a source, or of its platform, here or in another location? */

ngx_uint_t ngx_http_consent_cookie_is_own(ngx_http_request_t *r,
    consent_str_t name);

/* the categories that can make the body of a response change */

consent_mask_t ngx_http_consent_body_categories(ngx_http_request_t *r);

/* for this visitor, in the current location */

ngx_uint_t ngx_http_consent_may_change_body(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);

/*
 * $consent_variant as a number: differs wherever bodies may differ, by the
 * policy, the configuration, the consent state and the mode.  ctx is that of
 * ngx_http_consent_get_ctx().
 */

uint32_t ngx_http_consent_variant(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);

/* replaces a share of a total that may be counted more than once */

void ngx_http_consent_recount(ngx_uint_t *total, ngx_uint_t *share,
    ngx_uint_t n);

/*
 * Visits the elements of a header list which have that name (lower case).
 * NULL: no more.  A list that was never initialised is empty.
 */

void ngx_http_consent_header_walk(ngx_http_consent_walk_t *walk,
    ngx_list_t *headers);
ngx_table_elt_t *ngx_http_consent_header_next(ngx_http_consent_walk_t *walk,
    ngx_str_t *name);

/* 1: the header has that name (lower case) */

ngx_uint_t ngx_http_consent_header_is(ngx_table_elt_t *h, ngx_str_t *name);


/* ngx_http_consent_headers_in.c */

ngx_int_t ngx_http_consent_preaccess_handler(ngx_http_request_t *r);

/*
 * Changes the values of all request headers of that name.  A value is
 * replaced and never removed: the upstream modules send every element of the
 * list, whatever its hash says.
 */

ngx_int_t ngx_http_consent_edit_headers(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *name, ngx_str_t *value);

/* the same with another value in the first line than in the others */

ngx_int_t ngx_http_consent_edit_lines(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *name, ngx_str_t *first,
    ngx_str_t *others);

/* undoes that for the headers of a name; NULL: for all */

void ngx_http_consent_take_back_headers(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *name);

/* the value of a request header as the client sent it */

ngx_str_t ngx_http_consent_original(ngx_http_consent_ctx_t *ctx,
    ngx_table_elt_t *h);

/* undoes what the handler hid from gzip_static and gunzip */

void ngx_http_consent_restore_gzip(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);


/* ngx_http_consent_headers_out.c */

ngx_int_t ngx_http_consent_header_filter_init(ngx_conf_t *cf);

/* sends the header that ngx_http_consent_body_start() has kept back */

ngx_int_t ngx_http_consent_send_header(ngx_http_request_t *r);

/*
 * An error page in the place of a response whose header was not sent, from
 * within a body filter, which has to return NGX_ERROR then
 */

void ngx_http_consent_refuse_body(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);

/* a header as if there were none: not sent, and not used by nginx */

void ngx_http_consent_remove_header(ngx_table_elt_t *h);


/* ngx_http_consent_fields.c */

/* a bit for what has to be looked at in the value of a header, or 0 */

ngx_uint_t ngx_http_consent_field(ngx_table_elt_t *h);

/*
 * Link, Refresh, Content-Security-Policy and others that name URLs, so far as
 * their bits are in seen
 */

ngx_int_t ngx_http_consent_fields(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_uint_t seen);


/* ngx_http_consent_judge.c */

/* all of conf but the document */

void ngx_http_consent_judge_conf(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_judge_conf_t *conf);

/* the URL of the page, as the browser has it */

ngx_int_t ngx_http_consent_document(ngx_http_request_t *r,
    consent_url_t *url);


/* ngx_http_consent_expire.c */

/* after the Set-Cookie lines of others were judged */

ngx_int_t ngx_http_consent_expire_cookies(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);

/*
 * The visitor has not decided, so far as the request can tell: a browser may
 * keep the cookie back
 */

ngx_uint_t ngx_http_consent_is_undecided(ngx_http_request_t *r);

/* takes back the lines that were added to an earlier header of r */

void ngx_http_consent_unexpire_cookies(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);


/* ngx_http_consent_validators.c */

/*
 * Conditional and range headers of a request, before it is served: tags of
 * the current variant are opened, others are hidden where the answer may be
 * a page
 */

ngx_int_t ngx_http_consent_open_conditions(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);

/* what nginx itself is to compare with the answer: with a page, or another */

ngx_int_t ngx_http_consent_keep_conditions(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);
void ngx_http_consent_restore_conditions(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);

/* the browser will show the response as a page */

ngx_uint_t ngx_http_consent_is_document(ngx_http_request_t *r);

/* the response may be HTML that some script puts into a page */

ngx_uint_t ngx_http_consent_may_be_html(ngx_http_request_t *r);


/* ngx_http_consent_etag.c */

/*
 * The validators of a page; nothing is done to other responses.  NGX_ABORT:
 * it is a 304 that cannot be true and must not be passed.
 */

ngx_int_t ngx_http_consent_set_validators(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);


/* ngx_http_consent_cache.c */

/* it leads elsewhere: what comes with it is not shown to anybody */

ngx_uint_t ngx_http_consent_is_redirect(ngx_http_request_t *r);

/* what caches on the way to the browser are told about a page */

ngx_int_t ngx_http_consent_set_caching(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);


/* ngx_http_consent_body.c */

ngx_int_t ngx_http_consent_body_init(ngx_conf_t *cf);

/*
 * Decides in the header filter what happens to the body.  NGX_DECLINED: it
 * is not looked at; NGX_OK: a rewriter waits in ctx->body; NGX_AGAIN: the
 * same, and the body filter will send the header; NGX_ABORT: it cannot be
 * read and is not to be passed; NGX_ERROR.
 */

ngx_int_t ngx_http_consent_body_start(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);


/* ngx_http_consent_inspect.c */

extern ngx_str_t  ngx_http_consent_reason_encoding;
extern ngx_str_t  ngx_http_consent_reason_range;
extern ngx_str_t  ngx_http_consent_reason_charset;

/* the response is of one of consent_types, so far as its header says */

ngx_uint_t ngx_http_consent_is_html(ngx_http_request_t *r);

/* takes the parameters off a media type */

void ngx_http_consent_bare_type(ngx_str_t *type);

/* there is a type that a browser goes by */

ngx_uint_t ngx_http_consent_is_typed(ngx_http_request_t *r);

/* application/xhtml+xml and its like */

ngx_uint_t ngx_http_consent_is_xml(ngx_http_request_t *r);

/*
 * The reason why a body cannot be read, so far as its header says, or NULL.
 * *coding is what has to be undone first.
 */

ngx_str_t *ngx_http_consent_unreadable(ngx_http_request_t *r,
    consent_coding_e *coding);

/* the body will be sent decoded */

void ngx_http_consent_clear_encoding(ngx_http_request_t *r);

/* a page made by nginx, when no filter has seen its header yet */

ngx_uint_t ngx_http_consent_is_builtin(ngx_http_request_t *r);

/* ... which loses what is said of its bytes */

void ngx_http_consent_clear_labels(ngx_http_request_t *r);

/*
 * Logs and notes that a body is not inspected.  NGX_ABORT: it is not to be
 * passed; NGX_DECLINED: it is passed.
 */

ngx_int_t ngx_http_consent_not_inspected(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *reason);

/*
 * The same for what is found when a part of the body was decoded.  There is
 * no setting that passes it: what was consumed is not there any more.
 */

void ngx_http_consent_damaged(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, const char *what);


/* ngx_http_consent_decode.c */

/* NULL: out of memory */

ngx_http_consent_decode_t *ngx_http_consent_decode_create(
    ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    consent_coding_e coding);

/* takes a chain of input; its bufs are consumed by ..._next(), in order */

ngx_int_t ngx_http_consent_decode_add(ngx_http_consent_decode_t *decode,
    ngx_chain_t *in);

/* takes a buf that is not consumed, all that comes of it must be taken */

ngx_int_t ngx_http_consent_decode_look(ngx_http_consent_decode_t *decode,
    ngx_buf_t *in);

/*
 * NGX_OK: *b has decoded bytes, or flags and none; it is in use until its pos
 * is moved to its last.  NGX_DECLINED: there is no more input; NGX_AGAIN: all
 * buffers are in use; NGX_ABORT: the body is damaged, which is logged;
 * NGX_ERROR.
 */

ngx_int_t ngx_http_consent_decode_next(ngx_http_consent_decode_t *decode,
    ngx_buf_t **b);

ngx_uint_t ngx_http_consent_decode_has_room(ngx_http_consent_decode_t *decode);

/* there is input that was not consumed */

ngx_uint_t ngx_http_consent_decode_pending(ngx_http_consent_decode_t *decode);


/* ngx_http_consent_output.c */

void ngx_http_consent_output_init(ngx_http_consent_output_t *output,
    ngx_http_request_t *r);

/* the functions of a consent_sink_t, whose data is the output */

int ngx_http_consent_output_pass(void *data, const uint8_t *p, size_t len);
int ngx_http_consent_output_copy(void *data, const uint8_t *p, size_t len);
int ngx_http_consent_output_literal(void *data, const uint8_t *p, size_t len);

/*
 * After all of an input buf was fed: gives its flags to the last of what came
 * of it, which holds it until it is sent.  With force there is such a buf in
 * any case.
 */

ngx_int_t ngx_http_consent_output_flags(ngx_http_consent_output_t *output,
    ngx_buf_t *in, ngx_uint_t force);

/* after output->out was passed down */

void ngx_http_consent_output_sent(ngx_http_consent_output_t *output);


/* ngx_http_consent_zone.c: consent_zone; without one nothing is counted */

char *ngx_http_consent_zone_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


/* ngx_http_consent_count.c */

/* adds what a request did to the counters */

ngx_int_t ngx_http_consent_log_handler(ngx_http_request_t *r);

/*
 * Figures of a request: n of a value (consent_cookies_e, or behind these
 * consent_blocked_e) of a category, or of a counter of any index
 */

void ngx_http_consent_figure_category(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_http_consent_share_e share,
    ngx_int_t category, ngx_uint_t value, ngx_uint_t n);
void ngx_http_consent_figure(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_http_consent_share_e share,
    ngx_uint_t index, ngx_uint_t n);

/* those of a share are another's from now on, or none at all */

void ngx_http_consent_figures_move(ngx_http_consent_ctx_t *ctx,
    ngx_http_consent_share_e share, ngx_http_consent_share_e to);

/* what becomes of a page (consent_document_e), or could not be read of it */

void ngx_http_consent_set_document(ngx_http_consent_ctx_t *ctx,
    ngx_uint_t document);
void ngx_http_consent_set_uninspected(ngx_http_consent_ctx_t *ctx,
    ngx_uint_t blocked);

void ngx_http_consent_count_result(ngx_http_request_t *r,
    ngx_http_consent_result_e result);


/* ngx_http_consent_inventory.c */

/* a cookie without a rule; line: its Set-Cookie, or NULL */

void ngx_http_consent_note_cookie(ngx_http_request_t *r, consent_str_t name,
    ngx_str_t *line);

/* a host without one: a function of a consent_judge_conf_t */

void ngx_http_consent_note_host(void *data, consent_str_t host,
    unsigned kind, unsigned known);


/* ngx_http_consent_status.c */

char *ngx_http_consent_status_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


/* ngx_http_consent_check.c: mistakes that are none to nginx -t */

ngx_int_t ngx_http_consent_check(ngx_conf_t *cf);


/* ngx_http_consent_variables.c */

ngx_int_t ngx_http_consent_add_variables(ngx_conf_t *cf);

/* refuses $consent_allowed_<category> of a category that does not exist */

ngx_int_t ngx_http_consent_check_variables(ngx_conf_t *cf);

/* finds the variables that show request headers which we change */

ngx_int_t ngx_http_consent_find_edited_variables(ngx_cycle_t *cycle);


/* ngx_http_consent_declare.c: mcf->items */

char *ngx_http_consent_declare_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* a rule of the category that is being read */

ngx_int_t ngx_http_consent_declare_rule(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, consent_rule_e kind,
    ngx_str_t *pattern);

void ngx_http_consent_declare_compile(ngx_http_consent_main_conf_t *mcf);

/*
 * The next item of the category of the view after *i, of that kind; NULL: no
 * more.  Start with *i = 0.
 */

ngx_http_consent_item_t *ngx_http_consent_item_next(
    ngx_http_consent_main_conf_t *mcf, ngx_http_consent_view_t *view,
    consent_rule_e kind, ngx_uint_t *i);

/* variables of templates about the item of the view */

ngx_int_t ngx_http_consent_item_name(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);
ngx_int_t ngx_http_consent_item_purpose(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);
ngx_int_t ngx_http_consent_item_lifetime(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);
ngx_int_t ngx_http_consent_item_provider(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *value);


/* ngx_http_consent_endpoint.c: consent_endpoint */

char *ngx_http_consent_endpoint_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

void ngx_http_consent_endpoint_merge(ngx_conf_t *cf,
    ngx_http_consent_loc_conf_t *prev, ngx_http_consent_loc_conf_t *conf);

/* the page where visitors choose, with a notice if one is set */

ngx_int_t ngx_http_consent_send_page(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_uint_t status);

/* the consent state as JSON, or an error */

ngx_int_t ngx_http_consent_send_state(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);
ngx_int_t ngx_http_consent_send_error(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_uint_t status, const char *what);

/* a 303 to a path of this site */

ngx_int_t ngx_http_consent_redirect(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *location);

/* a response header; the value must outlive the request.  NULL: no memory */

ngx_table_elt_t *ngx_http_consent_add_header(ngx_http_request_t *r,
    const char *name, ngx_str_t *value);

/* the view of a request, made on first use.  NULL: no memory */

ngx_http_consent_view_t *ngx_http_consent_get_view(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);

/* the way back, in view->back: a field of the query, or the Referer */

ngx_int_t ngx_http_consent_find_back(ngx_http_request_t *r,
    ngx_http_consent_view_t *view);


/*
 * The value of a request header: data is NULL if there is none, and it is
 * empty if there are several that differ
 */

consent_str_t ngx_http_consent_request_header(ngx_http_request_t *r,
    ngx_str_t *name);


/* ngx_http_consent_state.c */

ngx_int_t ngx_http_consent_state(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *json);

/* names of categories as elements of a JSON array; returns the end */

u_char *ngx_http_consent_names(u_char *p, consent_policy_t *policy,
    consent_mask_t mask);


/* ngx_http_consent_choice.c: POST and DELETE */

ngx_int_t ngx_http_consent_choice_post(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);
ngx_int_t ngx_http_consent_choice_delete(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);

/* a token for forms, of CONSENT_MAC_TEXT_LEN bytes */

ngx_int_t ngx_http_consent_choice_token(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *token);


/* ngx_http_consent_record.c: a choice becomes a cookie and an event */

ngx_int_t ngx_http_consent_record(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_choice_e choice,
    consent_mask_t accepted, ngx_str_t *source);

/* the browser speaks https, with us or with a balancer in front */

ngx_uint_t ngx_http_consent_is_secure(ngx_http_request_t *r);


/* ngx_http_consent_language.c: consent_language */

ngx_int_t ngx_http_consent_language_init(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf);
char *ngx_http_consent_language_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
ngx_uint_t ngx_http_consent_language_is_tag(ngx_str_t *tag);

/* once all texts are there */

ngx_int_t ngx_http_consent_language_check(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf);


/* ngx_http_consent_text.c: consent_text */

char *ngx_http_consent_text_block(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* the texts for a tag, or else for its first part, or NULL */

ngx_http_consent_language_t *ngx_http_consent_text_nearest(
    ngx_http_consent_main_conf_t *mcf, ngx_str_t *tag);

/* the tags that there are texts for */

ngx_int_t ngx_http_consent_text_tags(ngx_pool_t *pool,
    ngx_http_consent_main_conf_t *mcf, ngx_str_t *names);

/* what visitors read: something, and without variables */

ngx_int_t ngx_http_consent_text_check(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *text);
ngx_int_t ngx_http_consent_text_init(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf);
ngx_int_t ngx_http_consent_text_compile(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf);

/* a text in the language of the request; the name must exist */

ngx_str_t *ngx_http_consent_text(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, const char *name);
ngx_int_t ngx_http_consent_text_find(ngx_str_t *name);
ngx_str_t *ngx_http_consent_text_at(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_uint_t index);

/* the title of a category, or what it is about, in that language */

ngx_str_t ngx_http_consent_category_title(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_uint_t category);
ngx_str_t ngx_http_consent_category_about(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_uint_t category);


/* ngx_http_consent_template.c: consent_template */

char *ngx_http_consent_template_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

ngx_int_t ngx_http_consent_template_merge(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_http_consent_loc_conf_t *prev,
    ngx_http_consent_loc_conf_t *conf);

/* the one that is built in */

ngx_http_consent_template_t *ngx_http_consent_template_builtin(
    ngx_conf_t *cf, ngx_http_consent_main_conf_t *mcf,
    ngx_http_consent_template_e type);

/* whether it is that one */

ngx_uint_t ngx_http_consent_template_is_builtin(
    ngx_http_consent_template_t *template);

/* ctx->view says of what */

ngx_int_t ngx_http_consent_template_render(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_http_consent_template_t *template,
    ngx_str_t *html);


/* ngx_http_consent_view.c: variables of templates */

ngx_int_t ngx_http_consent_view_variables(ngx_conf_t *cf);

/* refuses names that do not exist */

ngx_int_t ngx_http_consent_view_check(ngx_conf_t *cf);


/* ngx_http_consent_banner.c: consent_banner, and what blocked frames show */

char *ngx_http_consent_banner_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_consent_banner_merge(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_http_consent_loc_conf_t *prev,
    ngx_http_consent_loc_conf_t *conf);

/* the URLs for blocked frames, when the policy is known */

ngx_int_t ngx_http_consent_banner_blocked(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf);
ngx_int_t ngx_http_consent_banner_frames(ngx_http_request_t *r,
    const consent_str_t **frames, consent_str_t *origin);

/* the visitor is to be asked; and: in this response */

ngx_uint_t ngx_http_consent_banner_is_wanted(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);
ngx_uint_t ngx_http_consent_banner_fits(ngx_http_request_t *r);

/* the HTML, in ASCII; base: URLs have to name the host */

ngx_int_t ngx_http_consent_banner(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_uint_t base, ngx_str_t *html);


/* text for HTML, in the pool of r; data is NULL if there is no memory */

ngx_str_t ngx_http_consent_html(ngx_http_request_t *r, ngx_str_t *text);


/* ngx_http_consent_builtin.c: made of conf/templates when nginx is built */

extern ngx_str_t
    ngx_http_consent_builtin_templates[NGX_HTTP_CONSENT_TEMPLATES];
extern ngx_str_t  ngx_http_consent_builtin_style;


extern ngx_module_t  ngx_http_consent_module;


#endif /* NGX_HTTP_CONSENT_H */
