/*
 * Copyright (C) ngx_consent_module authors
 *
 * The module as nginx sees it: the table of directives, the hooks into the
 * configuration, the filter chains and the request phases.  Wiring only.
 *
 * Filters and handlers are registered whether anything uses them or not, and
 * nothing read from a configuration is kept in a static variable: after a
 * failed reload the master goes on with the old configuration, and workers
 * that it starts then inherit its static variables.
 */


#include "ngx_http_consent.h"

#include "core/consent_dialect.h"


static char *ngx_http_consent_checked_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_http_consent_preconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_http_consent_postconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_http_consent_check_order(ngx_conf_t *cf);
static ngx_uint_t ngx_http_consent_module_is(ngx_module_t *module,
    ngx_str_t *name);


#define NGX_HTTP_CONSENT_ANY_LEVEL                                           \
    (NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF)


static ngx_conf_enum_t  ngx_http_consent_request_cookies[] = {
    { ngx_string("strip"), NGX_HTTP_CONSENT_STRIP },
    { ngx_string("pass"), NGX_HTTP_CONSENT_PASS },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_http_consent_block[] = {
    { ngx_string("mark"), NGX_HTTP_CONSENT_MARK },
    { ngx_string("remove"), NGX_HTTP_CONSENT_REMOVE },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_http_consent_implied[] = {
    { ngx_string("deny"), NGX_HTTP_CONSENT_IMPLIED_DENY },
    { ngx_string("accept"), NGX_HTTP_CONSENT_IMPLIED_ACCEPT },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_http_consent_csp[] = {
    { ngx_string("narrow"), NGX_HTTP_CONSENT_CSP_NARROW },
    { ngx_string("off"), NGX_HTTP_CONSENT_CSP_OFF },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_http_consent_on_off[] = {
    { ngx_string("on"), 1 },
    { ngx_string("off"), 0 },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_http_consent_uninspectable[] = {
    { ngx_string("block"), NGX_HTTP_CONSENT_UNINSPECTABLE_BLOCK },
    { ngx_string("pass"), NGX_HTTP_CONSENT_UNINSPECTABLE_PASS },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_http_consent_cache[] = {
    { ngx_string("private"), NGX_HTTP_CONSENT_CACHE_PRIVATE },
    { ngx_string("vary"), NGX_HTTP_CONSENT_CACHE_VARY },
    { ngx_string("off"), NGX_HTTP_CONSENT_CACHE_OFF },
    { ngx_null_string, 0 }
};


/*
 * How many arguments a directive takes, and which; what it is then given to.
 * nginx would count them itself, but say no more than that their number is
 * wrong.
 */

#define ngx_http_consent_takes(min, max, usage, set, post)                    \
    &(ngx_http_consent_usage_t) { min, max, usage, set, post }

#define NGX_HTTP_CONSENT_MORE  NGX_MAX_UINT32_VALUE


typedef struct {
    ngx_uint_t               min;
    ngx_uint_t               max;
    const char              *usage;         /* as the documentation has it */
    char                  *(*set)(ngx_conf_t *cf, ngx_command_t *cmd,
                                  void *conf);
    void                    *post;
} ngx_http_consent_usage_t;


static ngx_command_t  ngx_http_consent_commands[] = {

    /* what exists: the policy */

    { ngx_string("consent_policy"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      ngx_http_consent_takes(1, 1, "number",
                             ngx_http_consent_policy_slot, NULL) },

    { ngx_string("consent_category"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_CONSENT_CATALOGUE_CONF
                        |NGX_CONF_BLOCK|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      ngx_http_consent_takes(1, 2, "name [defaults] { ... }",
                             ngx_http_consent_category_block, NULL) },

    { ngx_string("title"),
      NGX_HTTP_CONSENT_CATEGORY_CONF|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      NGX_HTTP_CONSENT_TITLE,
      ngx_http_consent_takes(1, 1, "text",
                             ngx_http_consent_attribute_slot, NULL) },

    { ngx_string("about"),
      NGX_HTTP_CONSENT_CATEGORY_CONF|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      NGX_HTTP_CONSENT_ABOUT,
      ngx_http_consent_takes(1, 1, "text",
                             ngx_http_consent_attribute_slot, NULL) },

    { ngx_string("always"),
      NGX_HTTP_CONSENT_CATEGORY_CONF|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      NGX_HTTP_CONSENT_ALWAYS,
      ngx_http_consent_takes(1, 1, "on | off",
                             ngx_http_consent_attribute_slot, NULL) },

    { ngx_string("on_deny"),
      NGX_HTTP_CONSENT_CATEGORY_CONF|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      NGX_HTTP_CONSENT_ON_DENY,
      ngx_http_consent_takes(1, 1, "drop | session",
                             ngx_http_consent_attribute_slot, NULL) },

    { ngx_string("max_age"),
      NGX_HTTP_CONSENT_CATEGORY_CONF|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      NGX_HTTP_CONSENT_MAX_AGE,
      ngx_http_consent_takes(1, 1, "time",
                             ngx_http_consent_attribute_slot, NULL) },

    { ngx_string("cookie"),
      NGX_HTTP_CONSENT_CATEGORY_CONF|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      CONSENT_RULE_COOKIE,
      ngx_http_consent_takes(1, NGX_HTTP_CONSENT_MORE, "pattern ...",
                             ngx_http_consent_rule_slot, NULL) },

    { ngx_string("resource"),
      NGX_HTTP_CONSENT_CATEGORY_CONF|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      CONSENT_RULE_RESOURCE,
      ngx_http_consent_takes(1, NGX_HTTP_CONSENT_MORE, "pattern ...",
                             ngx_http_consent_rule_slot, NULL) },

    { ngx_string("inline"),
      NGX_HTTP_CONSENT_CATEGORY_CONF|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      CONSENT_RULE_INLINE,
      ngx_http_consent_takes(1, NGX_HTTP_CONSENT_MORE, "pattern ...",
                             ngx_http_consent_rule_slot, NULL) },

    { ngx_string("declare"),
      NGX_HTTP_CONSENT_CATEGORY_CONF|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      ngx_http_consent_takes(2, NGX_HTTP_CONSENT_MORE, "name [purpose=text] "
                             "[lifetime=text] [provider=text]",
                             ngx_http_consent_declare_slot, NULL) },

    /* that of nginx is not allowed in contexts which it does not know */

    { ngx_string("include"),
      NGX_HTTP_CONSENT_CATEGORY_CONF|NGX_HTTP_CONSENT_DIALECT_CONF
                                    |NGX_HTTP_CONSENT_SOURCE_CONF
                                    |NGX_HTTP_CONSENT_CATALOGUE_CONF
                                    |NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      ngx_http_consent_takes(1, 1, "file | mask",
                             ngx_http_consent_include, NULL) },

    { ngx_string("consent_first_party"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_consent_takes(1, NGX_HTTP_CONSENT_MORE, "host ...",
                             ngx_http_consent_first_party_slot, NULL) },

    { ngx_string("consent_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      ngx_http_consent_takes(1, 1, "zone=name:size",
                             ngx_http_consent_zone_slot, NULL) },

    { ngx_string("consent_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_consent_takes(0, 1, "[catalogue=FILE]",
                             ngx_http_consent_status_slot, NULL) },

    { ngx_string("consent_unclassified"),
      NGX_HTTP_CONSENT_ANY_LEVEL|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_consent_takes(1, 2, "[cookie=pass | category] "
                             "[third_party=pass | category]",
                             ngx_http_consent_unclassified_slot, NULL) },

    /* who decides */

    { ngx_string("consent"),
      NGX_HTTP_CONSENT_ANY_LEVEL|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_consent_takes(1, 1, "off | report | enforce | $variable",
                             ngx_http_consent_mode_slot, NULL) },

    { ngx_string("consent_use"),
      NGX_HTTP_CONSENT_ANY_LEVEL|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_consent_takes(1, NGX_HTTP_CONSENT_MORE, "source ...",
                             ngx_http_consent_use_slot, NULL) },

    { ngx_string("consent_source"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      ngx_http_consent_takes(1, 2, "name [defaults] { ... }",
                             ngx_http_consent_source_block, NULL) },

    { ngx_string("cookie"),
      NGX_HTTP_CONSENT_SOURCE_CONF|NGX_CONF_ANY,
      ngx_http_consent_source_line_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("transform"),
      NGX_HTTP_CONSENT_SOURCE_CONF|NGX_CONF_ANY,
      ngx_http_consent_source_line_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("shape"),
      NGX_HTTP_CONSENT_SOURCE_CONF|NGX_CONF_ANY,
      ngx_http_consent_source_line_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("parse"),
      NGX_HTTP_CONSENT_SOURCE_CONF|NGX_CONF_ANY,
      ngx_http_consent_source_line_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("into"),
      NGX_HTTP_CONSENT_SOURCE_CONF|NGX_CONF_ANY,
      ngx_http_consent_source_line_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("decided"),
      NGX_HTTP_CONSENT_SOURCE_CONF|NGX_CONF_ANY,
      ngx_http_consent_source_line_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("implied"),
      NGX_HTTP_CONSENT_SOURCE_CONF|NGX_CONF_ANY,
      ngx_http_consent_source_line_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("reset"),
      NGX_HTTP_CONSENT_SOURCE_CONF|NGX_CONF_ANY,
      ngx_http_consent_source_line_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("grant"),
      NGX_HTTP_CONSENT_SOURCE_CONF|NGX_CONF_ANY,
      ngx_http_consent_source_line_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("deny"),
      NGX_HTTP_CONSENT_SOURCE_CONF|NGX_CONF_ANY,
      ngx_http_consent_source_line_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("own"),
      NGX_HTTP_CONSENT_SOURCE_CONF|NGX_CONF_ANY,
      ngx_http_consent_source_line_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("consent_implied"),
      NGX_HTTP_CONSENT_ANY_LEVEL|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_consent_loc_conf_t, implied),
      ngx_http_consent_takes(1, 1, "deny | accept",
                             ngx_http_consent_enum_slot,
                             ngx_http_consent_implied) },

    { ngx_string("consent_default"),
      NGX_HTTP_CONSENT_ANY_LEVEL|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_consent_takes(1, NGX_HTTP_CONSENT_MORE, "none | category ... "
                             "| $variable",
                             ngx_http_consent_default_slot, NULL) },

    { ngx_string("consent_signal"),
      NGX_HTTP_CONSENT_ANY_LEVEL|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_consent_takes(1, 2, "gpc | dnt | source "
                             "deny=category[,category...] | off",
                             ngx_http_consent_signal_slot, NULL) },

    { ngx_string("consent_cookie"),
      NGX_HTTP_CONSENT_ANY_LEVEL|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_consent_takes(1, NGX_HTTP_CONSENT_MORE, "name [path=path] "
                             "[max_age=time] [samesite=lax | strict | none] "
                             "[domain=domain] [httponly] [secure=variable]",
                             ngx_http_consent_cookie_slot, NULL) },

    { ngx_string("consent_key"),
      NGX_HTTP_CONSENT_ANY_LEVEL|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_consent_takes(1, NGX_HTTP_CONSENT_MORE, "file ...",
                             ngx_http_consent_key_slot, NULL) },

    /* what is done */

    { ngx_string("consent_request_cookies"),
      NGX_HTTP_CONSENT_ANY_LEVEL|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_consent_loc_conf_t, request_cookies),
      ngx_http_consent_takes(1, 1, "strip | pass",
                             ngx_http_consent_enum_slot,
                             ngx_http_consent_request_cookies) },

    { ngx_string("consent_expire"),
      NGX_HTTP_CONSENT_ANY_LEVEL|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_consent_loc_conf_t, expire),
      ngx_http_consent_takes(1, 1, "on | off",
                             ngx_conf_set_flag_slot, NULL) },

    { ngx_string("consent_block"),
      NGX_HTTP_CONSENT_ANY_LEVEL|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_consent_loc_conf_t, block),
      ngx_http_consent_takes(1, 1, "mark | remove",
                             ngx_http_consent_enum_slot,
                             ngx_http_consent_block) },

    { ngx_string("consent_csp"),
      NGX_HTTP_CONSENT_ANY_LEVEL|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_consent_loc_conf_t, csp),
      ngx_http_consent_takes(1, 1, "narrow | off",
                             ngx_http_consent_enum_slot,
                             ngx_http_consent_csp) },

    { ngx_string("consent_inline"),
      NGX_HTTP_CONSENT_ANY_LEVEL|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_consent_loc_conf_t, inlines),
      ngx_http_consent_takes(1, 1, "on | off",
                             ngx_http_consent_enum_slot,
                             ngx_http_consent_on_off) },

    { ngx_string("consent_uninspectable"),
      NGX_HTTP_CONSENT_ANY_LEVEL|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_consent_loc_conf_t, uninspectable),
      ngx_http_consent_takes(1, 1, "block | pass",
                             ngx_http_consent_enum_slot,
                             ngx_http_consent_uninspectable) },

    { ngx_string("consent_cache"),
      NGX_HTTP_CONSENT_ANY_LEVEL|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_consent_loc_conf_t, cache),
      ngx_http_consent_takes(1, 1, "private | vary | off",
                             ngx_http_consent_enum_slot,
                             ngx_http_consent_cache) },

    { ngx_string("consent_types"),
      NGX_HTTP_CONSENT_ANY_LEVEL|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_consent_loc_conf_t, types_keys),
      ngx_http_consent_takes(1, NGX_HTTP_CONSENT_MORE, "mime-type ...",
                             ngx_http_consent_types_slot,
                             &ngx_http_consent_default_types[0]) },

    { ngx_string("consent_buffer"),
      NGX_HTTP_CONSENT_ANY_LEVEL|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_consent_takes(1, 1, "size",
                             ngx_http_consent_buffer_slot, NULL) },

    /* what visitors see */

    { ngx_string("consent_endpoint"),
      NGX_HTTP_LOC_CONF|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_consent_takes(0, 0, "",
                             ngx_http_consent_endpoint_slot, NULL) },

    { ngx_string("consent_banner"),
      NGX_HTTP_CONSENT_ANY_LEVEL|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_consent_loc_conf_t, banner),
      ngx_http_consent_takes(1, 1, "on | off",
                             ngx_http_consent_banner_slot, NULL) },

    { ngx_string("consent_template"),
      NGX_HTTP_CONSENT_ANY_LEVEL|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_consent_takes(2, 2, "page | banner | placeholder | cookies "
                             "file",
                             ngx_http_consent_template_slot, NULL) },

    { ngx_string("consent_language"),
      NGX_HTTP_CONSENT_ANY_LEVEL|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_consent_takes(1, 1, "tag",
                             ngx_http_consent_language_slot, NULL) },

    { ngx_string("consent_text"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      ngx_http_consent_takes(1, 2, "tag [defaults] { ... }",
                             ngx_http_consent_text_block, NULL) },

    /* how blocked tags are written */

    { ngx_string("consent_dialect"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      ngx_http_consent_takes(1, 2, "name [defaults] { ... }",
                             ngx_http_consent_dialect_block, NULL) },

    { ngx_string("script"),
      NGX_HTTP_CONSENT_DIALECT_CONF|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      CONSENT_DIALECT_SCRIPT,
      ngx_http_consent_takes(1, NGX_HTTP_CONSENT_MORE, "word ...",
                             ngx_http_consent_dialect_line_slot, NULL) },

    { ngx_string("inline"),
      NGX_HTTP_CONSENT_DIALECT_CONF|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      CONSENT_DIALECT_INLINE,
      ngx_http_consent_takes(1, NGX_HTTP_CONSENT_MORE, "word ...",
                             ngx_http_consent_dialect_line_slot, NULL) },

    { ngx_string("other"),
      NGX_HTTP_CONSENT_DIALECT_CONF|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      CONSENT_DIALECT_OTHER,
      ngx_http_consent_takes(1, NGX_HTTP_CONSENT_MORE, "word ...",
                             ngx_http_consent_dialect_line_slot, NULL) },

    { ngx_string("module"),
      NGX_HTTP_CONSENT_DIALECT_CONF|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      CONSENT_DIALECT_MODULE,
      ngx_http_consent_takes(1, NGX_HTTP_CONSENT_MORE, "word ...",
                             ngx_http_consent_dialect_line_slot, NULL) },

    { ngx_string("name"),
      NGX_HTTP_CONSENT_DIALECT_CONF|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      ngx_http_consent_takes(2, 2, "category text",
                             ngx_http_consent_dialect_name_slot, NULL) },

    { ngx_string("only_named"),
      NGX_HTTP_CONSENT_DIALECT_CONF|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      ngx_http_consent_takes(1, 1, "on | off",
                             ngx_http_consent_dialect_only_named_slot, NULL) },

    { ngx_string("loader"),
      NGX_HTTP_CONSENT_DIALECT_CONF|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      ngx_http_consent_takes(1, NGX_HTTP_CONSENT_MORE, "pattern ...",
                             ngx_http_consent_dialect_loader_slot, NULL) },

    { ngx_string("consent_markup"),
      NGX_HTTP_CONSENT_ANY_LEVEL|NGX_CONF_ANY,
      ngx_http_consent_checked_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_consent_takes(1, 1, "consent | name",
                             ngx_http_consent_markup_slot, NULL) },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_consent_module_ctx = {
    ngx_http_consent_preconfiguration,     /* preconfiguration */
    ngx_http_consent_postconfiguration,    /* postconfiguration */

    ngx_http_consent_create_main_conf,     /* create main configuration */
    ngx_http_consent_init_main_conf,       /* init main configuration */

    ngx_http_consent_create_srv_conf,      /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_consent_create_loc_conf,      /* create location configuration */
    ngx_http_consent_merge_loc_conf        /* merge location configuration */
};


ngx_module_t  ngx_http_consent_module = {
    NGX_MODULE_V1,
    &ngx_http_consent_module_ctx,          /* module context */
    ngx_http_consent_commands,             /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    ngx_http_consent_find_edited_variables, /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


/* filters that must see what we have written: they run after us */

static ngx_str_t  ngx_http_consent_encoders[] = {
    ngx_string("ngx_http_gzip_filter_module"),
    ngx_string("ngx_http_brotli_filter_module"),
    ngx_string("ngx_http_zstd_filter_module"),
    ngx_null_string
};


static char *
ngx_http_consent_checked_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_uint_t                 n;
    ngx_command_t             *command;
    ngx_http_consent_usage_t  *usage;

    usage = cmd->post;
    n = cf->args->nelts - 1;

    if (n < usage->min || n > usage->max) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid number of arguments in \"%V\", "
                           "write \"%V%s%s%s\"", &cmd->name, &cmd->name,
                           usage->usage[0] ? " " : "", usage->usage,
                           (cmd->type & NGX_CONF_BLOCK) ? "" : ";");
        return NGX_CONF_ERROR;
    }

    /* of the pool: whoever is given it may keep it, as that of nginx */

    command = ngx_palloc(cf->pool, sizeof(ngx_command_t));
    if (command == NULL) {
        return NGX_CONF_ERROR;
    }

    *command = *cmd;
    command->post = usage->post;

    return usage->set(cf, command, conf);
}


static ngx_int_t
ngx_http_consent_preconfiguration(ngx_conf_t *cf)
{
    return ngx_http_consent_add_variables(cf);
}


static ngx_int_t
ngx_http_consent_postconfiguration(ngx_conf_t *cf)
{
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    if (ngx_http_consent_check_order(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_consent_check_variables(cf) != NGX_OK
        || ngx_http_consent_check(cf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_PREACCESS_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_consent_preaccess_handler;

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_consent_log_handler;

    if (ngx_http_consent_header_filter_init(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_consent_body_init(cf);
}


/*
 * Filters run in the reverse order of the list of modules, and a dynamic
 * module that is loaded later is put nearer to the postpone filter, so it
 * runs earlier.  An encoder behind us in the list would hand us bytes that
 * are compressed already.
 */

static ngx_int_t
ngx_http_consent_check_order(ngx_conf_t *cf)
{
    ngx_str_t     *name;
    ngx_uint_t     i, seen;
    ngx_module_t  *module;

    seen = 0;

    for (i = 0; cf->cycle->modules[i]; i++) {
        module = cf->cycle->modules[i];

        if (module == &ngx_http_consent_module) {
            seen = 1;
            continue;
        }

        if (!seen) {
            continue;
        }

        for (name = ngx_http_consent_encoders; name->len; name++) {
            if (ngx_http_consent_module_is(module, name)) {
                ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                              "%V would compress pages before "
                              "ngx_http_consent_module can read them: move "
                              "the \"load_module\" line of %V.so above the "
                              "\"load_module\" line of "
                              "ngx_http_consent_module.so", name, name);
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_consent_module_is(ngx_module_t *module, ngx_str_t *name)
{
    return module->name != NULL
           && ngx_strlen(module->name) == name->len
           && ngx_memcmp(module->name, name->data, name->len) == 0;
}
