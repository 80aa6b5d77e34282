/*
 * Copyright (C) ngx_consent_module authors
 *
 * The policy: consent_policy, the consent_category blocks with what is in
 * them, and the step after the last directive that makes a whole of it.
 *
 * Blocks of one name merge.  "defaults" blocks (a shipped catalogue) form a
 * layer of their own: whatever an ordinary block says wins without a word,
 * while a contradiction within one layer is an error that names both places.
 */


#include "ngx_http_consent.h"


#define NGX_HTTP_CONSENT_NAME_MAX  32


static ngx_int_t ngx_http_consent_category_add(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_str_t *name);
static ngx_int_t ngx_http_consent_category_find(ngx_conf_t *cf,
    consent_policy_t *policy, ngx_str_t *name);
static ngx_int_t ngx_http_consent_category_name(ngx_conf_t *cf,
    ngx_str_t *name);
static ngx_int_t ngx_http_consent_attribute_parse(ngx_conf_t *cf,
    ngx_http_consent_attribute_t *attribute, ngx_command_t *cmd,
    ngx_str_t *value);
static void ngx_http_consent_category_finish(consent_policy_t *policy,
    ngx_uint_t i, ngx_http_consent_attributes_t *attributes);
static ngx_http_consent_attribute_t *ngx_http_consent_attribute(
    ngx_http_consent_attributes_t *attributes, ngx_uint_t type);
static ngx_int_t ngx_http_consent_site_load(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf);
static void ngx_http_consent_site_cleanup(void *data);
static ngx_int_t ngx_http_consent_references_resolve(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf);


/* words with a meaning of their own where a category may be named */

static ngx_str_t  ngx_http_consent_reserved[] = {
    ngx_string("none"),
    ngx_string("pass"),
    ngx_string("all"),
    ngx_null_string
};


char *
ngx_http_consent_policy_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_consent_main_conf_t *mcf = conf;

    ngx_int_t   version;
    ngx_str_t  *value;

    if (mcf->policy_set) {
        return "is duplicate";
    }

    value = cf->args->elts;

    version = ngx_atoi(value[1].data, value[1].len);

    if (version == NGX_ERROR || version == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid version \"%V\" in \"consent_policy\", it "
                           "must be a whole number from 1 up", &value[1]);
        return NGX_CONF_ERROR;
    }

    mcf->policy.version = version;
    mcf->policy_set = 1;

    return NGX_CONF_OK;
}


char *
ngx_http_consent_category_block(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_consent_main_conf_t *mcf = conf;

    char        *rv;
    ngx_str_t   *value;
    ngx_conf_t   save;

    value = cf->args->elts;

    if (ngx_http_consent_block_layer(cf, mcf, "category") != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    mcf->category = ngx_http_consent_category_add(cf, mcf, &value[1]);

    if (mcf->category == CONSENT_UNCLASSIFIED) {
        return NGX_CONF_ERROR;
    }

    mcf->block++;

    save = *cf;
    cf->cmd_type = NGX_HTTP_CONSENT_CATEGORY_CONF;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    return rv;
}


static ngx_int_t
ngx_http_consent_category_add(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_str_t *name)
{
    ngx_int_t            i;
    consent_policy_t    *policy;
    consent_category_t  *category;

    policy = &mcf->policy;

    i = consent_policy_category(policy,
                                consent_str_make(name->data, name->len));
    if (i != CONSENT_UNCLASSIFIED) {
        return i;
    }

    if (ngx_http_consent_category_name(cf, name) != NGX_OK
        || ngx_http_consent_category_find(cf, policy, name) != NGX_DECLINED)
    {
        return CONSENT_UNCLASSIFIED;
    }

    if (policy->ncategories == CONSENT_MAX_CATEGORIES) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "too many categories, \"%V\" would be number %d "
                           "and %d are the most: join some",
                           name, CONSENT_MAX_CATEGORIES + 1,
                           CONSENT_MAX_CATEGORIES);
        return CONSENT_UNCLASSIFIED;
    }

    i = policy->ncategories;

    mcf->attributes[i] = ngx_pcalloc(cf->pool,
                                     sizeof(ngx_http_consent_attributes_t));
    if (mcf->attributes[i] == NULL) {
        return CONSENT_UNCLASSIFIED;
    }

    category = &policy->categories[i];
    category->name = consent_str_make(name->data, name->len);
    category->max_age = -1;

    policy->declared |= consent_bit(i);
    policy->ncategories++;

    /* with the zero byte that ends it */

    ngx_http_consent_hash_add(mcf, name->data, name->len + 1);

    return i;
}


/*
 * Names are exact, but those of variables know no case, so that two names
 * must not differ in case only.  NGX_DECLINED: there is no such name yet.
 */

static ngx_int_t
ngx_http_consent_category_find(ngx_conf_t *cf, consent_policy_t *policy,
    ngx_str_t *name)
{
    ngx_uint_t     i;
    consent_str_t  wanted, other;

    wanted = consent_str_make(name->data, name->len);

    for (i = 0; i < policy->ncategories; i++) {

        other = policy->categories[i].name;

        if (consent_str_caseeq(other, wanted)) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "category \"%V\" differs from \"%*s\" in case "
                               "only: write both alike, or choose another "
                               "name", name, other.len, other.data);
            return NGX_ERROR;
        }
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_consent_category_name(ngx_conf_t *cf, ngx_str_t *name)
{
    u_char      ch;
    ngx_str_t  *word;
    ngx_uint_t  i, bad;

    bad = (name->len == 0 || name->len > NGX_HTTP_CONSENT_NAME_MAX);

    for (i = 0; i < name->len; i++) {
        ch = name->data[i];

        if (!consent_is_alpha(ch) && !consent_is_digit(ch) && ch != '_') {
            bad = 1;
        }
    }

    if (bad) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid name \"%V\" in \"consent_category\", "
                           "use 1 to %d "
                           "letters, digits and underscores",
                           name, NGX_HTTP_CONSENT_NAME_MAX);
        return NGX_ERROR;
    }

    for (word = ngx_http_consent_reserved; word->len; word++) {

        if (word->len == name->len
            && ngx_strncasecmp(word->data, name->data, name->len) == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "a category cannot be named \"%V\", which is a "
                               "keyword of other directives: choose another "
                               "name", name);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* title, about, always, on_deny, max_age: cmd->offset says which */

char *
ngx_http_consent_attribute_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_consent_main_conf_t *mcf = conf;

    ngx_str_t                     *value;
    consent_str_t                  name;
    ngx_http_consent_origin_t     *origin;
    ngx_http_consent_attribute_t  *given, attribute;

    value = cf->args->elts;
    given = &mcf->attributes[mcf->category]->given[mcf->layer][cmd->offset];

    ngx_memzero(&attribute, sizeof(ngx_http_consent_attribute_t));

    if (ngx_http_consent_attribute_parse(cf, &attribute, cmd, &value[1])
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (given->origin == 0) {
        attribute.block = mcf->block;
        attribute.origin = ngx_http_consent_origin_add(cf, mcf);

        if (attribute.origin == 0) {
            return NGX_CONF_ERROR;
        }

        *given = attribute;

        return NGX_CONF_OK;
    }

    if (given->block == mcf->block) {
        return "is duplicate";
    }

    if (given->number == attribute.number
        && consent_str_eq(consent_str_make(given->text.data, given->text.len),
                          consent_str_make(attribute.text.data,
                                           attribute.text.len)))
    {
        return NGX_CONF_OK;
    }

    origin = ngx_http_consent_origin(mcf, given->origin);
    name = mcf->policy.categories[mcf->category].name;

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "\"%V\" of category \"%*s\" contradicts the one given "
                       "in %V:%ui: remove one of them",
                       &cmd->name, name.len, name.data,
                       &origin->file, origin->line);

    return NGX_CONF_ERROR;
}


static ngx_int_t
ngx_http_consent_attribute_parse(ngx_conf_t *cf,
    ngx_http_consent_attribute_t *attribute, ngx_command_t *cmd,
    ngx_str_t *value)
{
    char  *wanted;

    switch (cmd->offset) {

    case NGX_HTTP_CONSENT_ALWAYS:

        if (ngx_strcasecmp(value->data, (u_char *) "on") == 0) {
            attribute->number = 1;
            return NGX_OK;
        }

        if (ngx_strcasecmp(value->data, (u_char *) "off") == 0) {
            return NGX_OK;
        }

        wanted = "in \"always\", it must be \"on\" or \"off\"";
        break;

    case NGX_HTTP_CONSENT_ON_DENY:

        if (ngx_strcmp(value->data, "drop") == 0) {
            attribute->number = CONSENT_ON_DENY_DROP;
            return NGX_OK;
        }

        if (ngx_strcmp(value->data, "session") == 0) {
            attribute->number = CONSENT_ON_DENY_SESSION;
            return NGX_OK;
        }

        wanted = "in \"on_deny\", it must be \"drop\" or \"session\"";
        break;

    case NGX_HTTP_CONSENT_MAX_AGE:

        attribute->number = ngx_http_consent_parse_age(value);

        if (attribute->number != NGX_ERROR) {
            return NGX_OK;
        }

        wanted = "in \"max_age\", it must be a time from 1s to 50y, such as "
                 "\"395d\" or \"12h\"";
        break;

    default: /* NGX_HTTP_CONSENT_TITLE, NGX_HTTP_CONSENT_ABOUT */

        attribute->text = *value;
        return ngx_http_consent_text_check(cf, &cmd->name, value);
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid value \"%V\" %s",
                       value, wanted);

    return NGX_ERROR;
}


ngx_int_t
ngx_http_consent_policy_compile(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf)
{
    u_char             tag[2];
    ngx_uint_t         i;
    consent_policy_t  *policy;

    policy = &mcf->policy;

    for (i = 0; i < policy->ncategories; i++) {
        ngx_http_consent_category_finish(policy, i, mcf->attributes[i]);

        tag[0] = (u_char) i;
        tag[1] = (u_char) policy->categories[i].always;

        ngx_http_consent_hash_add(mcf, tag, sizeof(tag));
    }

    ngx_http_consent_hash_add(mcf, (u_char *) &policy->version,
                              sizeof(policy->version));

    if (consent_match_compile(policy->match) != 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "out of memory while compiling consent rules");
        return NGX_ERROR;
    }

    mcf->resource_categories = consent_match_categories(policy->match,
                                                     CONSENT_RULE_RESOURCE);
    mcf->inline_categories = consent_match_categories(policy->match,
                                                      CONSENT_RULE_INLINE);

    if (policy->ncategories
        && ngx_http_consent_site_load(cf, mcf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_consent_declare_compile(mcf);

    if (ngx_http_consent_text_compile(cf, mcf) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_consent_references_resolve(cf, mcf);
}


static void
ngx_http_consent_category_finish(consent_policy_t *policy, ngx_uint_t i,
    ngx_http_consent_attributes_t *attributes)
{
    consent_category_t            *category;
    ngx_http_consent_attribute_t  *a;

    category = &policy->categories[i];

    a = ngx_http_consent_attribute(attributes, NGX_HTTP_CONSENT_TITLE);
    category->title = consent_str_make(a->text.data, a->text.len);

    a = ngx_http_consent_attribute(attributes, NGX_HTTP_CONSENT_ABOUT);
    category->about = consent_str_make(a->text.data, a->text.len);

    a = ngx_http_consent_attribute(attributes, NGX_HTTP_CONSENT_ON_DENY);
    category->on_deny = (consent_on_deny_e) a->number;

    a = ngx_http_consent_attribute(attributes, NGX_HTTP_CONSENT_MAX_AGE);
    category->max_age = a->origin ? a->number : -1;

    a = ngx_http_consent_attribute(attributes, NGX_HTTP_CONSENT_ALWAYS);

    if (a->number) {
        category->always = 1;
        policy->always |= consent_bit(i);
    }
}


/* all zero, origin as well, if no block gives it: zero is every default */

static ngx_http_consent_attribute_t *
ngx_http_consent_attribute(ngx_http_consent_attributes_t *attributes,
    ngx_uint_t type)
{
    if (attributes->given[CONSENT_LAYER_RULES][type].origin) {
        return &attributes->given[CONSENT_LAYER_RULES][type];
    }

    return &attributes->given[CONSENT_LAYER_DEFAULTS][type];
}


static ngx_int_t
ngx_http_consent_site_load(ngx_conf_t *cf, ngx_http_consent_main_conf_t *mcf)
{
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    mcf->site = consent_site_create(&mcf->mem);

    if (mcf->site == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "cannot load the Public Suffix List, which tells third "
                      "parties from the site itself: install the package "
                      "\"publicsuffix\"");
        return NGX_ERROR;
    }

    cln->handler = ngx_http_consent_site_cleanup;
    cln->data = mcf->site;

    return NGX_OK;
}


static void
ngx_http_consent_site_cleanup(void *data)
{
    consent_site_destroy(data);
}


static ngx_int_t
ngx_http_consent_references_resolve(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf)
{
    int                            category;
    ngx_str_t                      names;
    ngx_uint_t                     i;
    ngx_http_consent_origin_t     *origin;
    ngx_http_consent_reference_t  *reference;

    reference = mcf->references.elts;

    for (i = 0; i < mcf->references.nelts; i++) {

        category = consent_policy_category(&mcf->policy,
                                    consent_str_make(reference[i].name.data,
                                                     reference[i].name.len));

        if (category == CONSENT_UNCLASSIFIED) {
            names = ngx_http_consent_category_names(cf->pool, &mcf->policy);
            origin = ngx_http_consent_origin(mcf, reference[i].origin);

            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "unknown category \"%V\" in \"%V\", there are: %V; "
                          "declare it with \"consent_category\" or correct "
                          "the name in %V:%ui",
                          &reference[i].name, &reference[i].directive,
                          &names, &origin->file, origin->line);
            return NGX_ERROR;
        }

        if (reference[i].refuse && (mcf->policy.always
                                    & consent_bit(category)))
        {
            origin = ngx_http_consent_origin(mcf, reference[i].origin);

            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "category \"%V\" has \"always on\" and cannot be "
                          "refused by \"%V\": remove it there, in %V:%ui",
                          &reference[i].name, &reference[i].directive,
                          &origin->file, origin->line);
            return NGX_ERROR;
        }

        if (reference[i].mask) {
            *reference[i].mask |= consent_bit(category);

        } else {
            *reference[i].index = category;
        }
    }

    return NGX_OK;
}


void
ngx_http_consent_hash_add(ngx_http_consent_main_conf_t *mcf, u_char *p,
    size_t len)
{
    uint32_t  crc;

    crc = mcf->hash ^ 0xffffffff;

    ngx_crc32_update(&crc, p, len);
    ngx_crc32_final(crc);

    mcf->hash = crc;
}


ngx_uint_t
ngx_http_consent_origin_add(ngx_conf_t *cf, ngx_http_consent_main_conf_t *mcf)
{
    ngx_http_consent_origin_t  *origin;

    origin = ngx_array_push(&mcf->origins);
    if (origin == NULL) {
        return 0;
    }

    origin->file = cf->conf_file->file.name;
    origin->line = cf->conf_file->line;

    return mcf->origins.nelts - 1;
}


ngx_http_consent_origin_t *
ngx_http_consent_origin(ngx_http_consent_main_conf_t *mcf, ngx_uint_t origin)
{
    ngx_http_consent_origin_t  *origins;

    origins = mcf->origins.elts;

    return &origins[origin];
}


ngx_http_consent_reference_t *
ngx_http_consent_reference_add(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_str_t                     *value;
    ngx_http_consent_main_conf_t  *mcf;
    ngx_http_consent_reference_t  *reference;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_consent_module);
    value = cf->args->elts;

    reference = ngx_array_push(&mcf->references);
    if (reference == NULL) {
        return NULL;
    }

    ngx_memzero(reference, sizeof(ngx_http_consent_reference_t));

    reference->name = *name;
    reference->directive = value[0];
    reference->origin = ngx_http_consent_origin_add(cf, mcf);

    return reference->origin ? reference : NULL;
}


ngx_str_t
ngx_http_consent_category_names(ngx_pool_t *pool, consent_policy_t *policy)
{
    size_t         len;
    u_char        *p;
    ngx_str_t      names;
    ngx_uint_t     i;
    consent_str_t  name;

    ngx_str_set(&names, "none");

    if (policy->ncategories == 0) {
        return names;
    }

    len = 0;

    for (i = 0; i < policy->ncategories; i++) {
        len += policy->categories[i].name.len + sizeof(", ") - 1;
    }

    ngx_str_null(&names);

    p = ngx_pnalloc(pool, len);
    if (p == NULL) {
        return names;
    }

    names.data = p;

    for (i = 0; i < policy->ncategories; i++) {
        name = policy->categories[i].name;

        if (i) {
            *p++ = ',';
            *p++ = ' ';
        }

        p = ngx_cpymem(p, name.data, name.len);
    }

    names.len = p - names.data;

    return names;
}
