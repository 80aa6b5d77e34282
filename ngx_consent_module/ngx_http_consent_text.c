/*
 * Copyright (C) ngx_consent_module authors
 *
 * What templates say, in the language of the visitor: consent_text blocks,
 * one for each language.  What a language leaves out is said in English.
 *
 * Texts of categories stand in "consent_category" in one language; blocks of
 * other languages translate them.  A "defaults" block (the shipped languages)
 * may translate categories that do not exist.
 */


#include "ngx_http_consent.h"


/* all of them, with the built-in English ones */

#define NGX_HTTP_CONSENT_TEXT_LIST(text)                                     \
    text("lang", "en")                                                       \
    text("dir", "ltr")                                                       \
    text("title", "Cookie choices")                                          \
    text("intro", "This site uses cookies and similar techniques. Some are " \
         "needed for it to work. The others are used only if you agree. "    \
         "You can change your choice here at any time.")                     \
    text("categories", "What cookies are used for")                          \
    text("always", "Always on")                                              \
    text("details", "Cookies and services")                                  \
    text("cookies", "Cookies:")                                              \
    text("services", "Services:")                                            \
    text("more", "and more")                                                 \
    text("accept_all", "Accept all")                                         \
    text("refuse_all", "Refuse all")                                         \
    text("save", "Save choice")                                              \
    text("choose", "Choose")                                                 \
    text("status", "Your choice")                                            \
    text("undecided", "You have not chosen yet.")                            \
    text("decided", "Chosen on")                                             \
    text("accepted", "Allowed")                                              \
    text("refused", "Not allowed")                                           \
    text("policy", "Version of these terms")                                 \
    text("reference", "Reference")                                           \
    text("signal", "Your browser asks sites not to share or sell your data." \
         " This is respected unless you choose otherwise here.")             \
    text("back", "Back to the page")                                         \
    text("declaration", "List of cookies")                                   \
    text("declaration_intro", "The cookies and services that this site may " \
         "use, and what they are for.")                                      \
    text("declaration_table", "Cookies and services")                        \
    text("name", "Name")                                                     \
    text("category", "Category")                                             \
    text("purpose", "Purpose")                                               \
    text("lifetime", "Kept for")                                             \
    text("provider", "Provider")                                             \
    text("days", "days")                                                     \
    text("hours", "hours")                                                   \
    text("lifetime_open", "Set by the site")                                 \
    text("lifetime_other", "Set by the provider")                            \
    text("banner_label", "Cookie choice")                                    \
    text("banner_title", "Cookies on this site")                             \
    text("banner_text", "We use cookies that the site needs to work. With "  \
         "your agreement we also use others. You can refuse them, and "      \
         "change your mind at any time.")                                    \
    text("blocked_title", "Content not shown")                               \
    text("blocked_text", "It comes from another provider and is shown only " \
         "if you allow:")                                                    \
    text("blocked_allow", "Allow and show")                                  \
    text("error_origin", "Nothing was changed, because the request did not " \
         "come from this page. Please choose again.")                        \
    text("error_choice", "Nothing was changed, because the choice could not "\
         "be read. Please choose again.")                                    \
    text("error_large", "Nothing was changed, because the request was too "  \
         "large.")


#define NGX_HTTP_CONSENT_TEXT_ENTRY(name, english)                           \
    { ngx_string(name), ngx_string(english) },

#define NGX_HTTP_CONSENT_TEXT_COUNT(name, english)  + 1

#define NGX_HTTP_CONSENT_TEXTS                                               \
    (0 NGX_HTTP_CONSENT_TEXT_LIST(NGX_HTTP_CONSENT_TEXT_COUNT))


typedef struct {
    ngx_str_t                    name;
    ngx_str_t                    english;
} ngx_http_consent_text_t;


struct ngx_http_consent_language_s {
    ngx_str_t                    tag;
    ngx_str_t                    texts[CONSENT_LAYERS]
                                      [NGX_HTTP_CONSENT_TEXTS];
    ngx_str_t                    titles[CONSENT_LAYERS]
                                       [CONSENT_MAX_CATEGORIES];
    ngx_str_t                    abouts[CONSENT_LAYERS]
                                       [CONSENT_MAX_CATEGORIES];
};


/* "title CATEGORY TEXT" or "about CATEGORY TEXT" */

typedef struct {
    ngx_http_consent_language_t  *language;
    consent_layer_e               layer;
    ngx_str_t                     category;
    ngx_str_t                     text;
    ngx_uint_t                    about;
    ngx_uint_t                    origin;
} ngx_http_consent_title_t;


/* what is read */

typedef struct {
    ngx_http_consent_main_conf_t  *mcf;
    ngx_http_consent_language_t   *language;
    consent_layer_e                layer;
} ngx_http_consent_text_block_t;


static ngx_http_consent_language_t *ngx_http_consent_text_language(
    ngx_conf_t *cf, ngx_http_consent_main_conf_t *mcf, ngx_str_t *tag);
static ngx_int_t ngx_http_consent_text_value(ngx_conf_t *cf, ngx_uint_t text,
    ngx_str_t *value);
static char *ngx_http_consent_text_line(ngx_conf_t *cf, ngx_command_t *dummy,
    void *conf);
static char *ngx_http_consent_text_title(ngx_conf_t *cf,
    ngx_http_consent_text_block_t *block, ngx_uint_t about);
static ngx_http_consent_language_t *ngx_http_consent_text_choose(
    ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx);
static ngx_http_consent_language_t *ngx_http_consent_text_tagged(
    ngx_http_consent_main_conf_t *mcf, ngx_str_t *tag);
static ngx_str_t ngx_http_consent_category_text(
    ngx_str_t (*texts)[CONSENT_MAX_CATEGORIES], ngx_uint_t category,
    consent_str_t *own);


static ngx_http_consent_text_t  ngx_http_consent_texts[] = {
    NGX_HTTP_CONSENT_TEXT_LIST(NGX_HTTP_CONSENT_TEXT_ENTRY)
};


ngx_int_t
ngx_http_consent_text_init(ngx_conf_t *cf, ngx_http_consent_main_conf_t *mcf)
{
    return ngx_array_init(&mcf->titles, cf->pool, 8,
                          sizeof(ngx_http_consent_title_t));
}


char *
ngx_http_consent_text_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_consent_main_conf_t *mcf = conf;

    char                           *rv;
    ngx_str_t                      *value;
    ngx_conf_t                      save;
    ngx_http_consent_text_block_t  *block;

    value = cf->args->elts;

    block = ngx_palloc(cf->temp_pool, sizeof(ngx_http_consent_text_block_t));
    if (block == NULL) {
        return NGX_CONF_ERROR;
    }

    block->mcf = mcf;
    block->layer = CONSENT_LAYER_RULES;

    if (cf->args->nelts == 3) {

        if (ngx_strcmp(value[2].data, "defaults") != 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "unexpected \"%V\" after the language, only "
                               "\"defaults\" may stand there", &value[2]);
            return NGX_CONF_ERROR;
        }

        block->layer = CONSENT_LAYER_DEFAULTS;
    }

    block->language = ngx_http_consent_text_language(cf, mcf, &value[1]);
    if (block->language == NULL) {
        return NGX_CONF_ERROR;
    }

    save = *cf;

    cf->handler = ngx_http_consent_text_line;
    cf->handler_conf = (char *) block;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    return rv;
}


static ngx_http_consent_language_t *
ngx_http_consent_text_language(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_str_t *tag)
{
    ngx_http_consent_language_t  *language, **entry;

    if (!ngx_http_consent_language_is_tag(tag)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid language \"%V\" in \"consent_text\", "
                           "write a tag such as \"de\" or \"pt-BR\"", tag);
        return NULL;
    }

    language = ngx_http_consent_text_tagged(mcf, tag);
    if (language) {
        return language;
    }

    language = ngx_pcalloc(cf->pool, sizeof(ngx_http_consent_language_t));
    if (language == NULL) {
        return NULL;
    }

    language->tag = *tag;

    /* the first text is the language itself */

    language->texts[CONSENT_LAYER_DEFAULTS][0] = *tag;

    entry = ngx_array_push(&mcf->languages);
    if (entry == NULL) {
        return NULL;
    }

    *entry = language;

    return language;
}


static char *
ngx_http_consent_text_line(ngx_conf_t *cf, ngx_command_t *dummy, void *conf)
{
    ngx_http_consent_text_block_t *block = conf;

    ngx_int_t   i;
    ngx_str_t  *value, *text;

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[0].data, "include") == 0) {
        return ngx_http_consent_include(cf, dummy, conf);
    }

    if (cf->args->nelts == 3) {

        if (ngx_strcmp(value[0].data, "title") == 0) {
            return ngx_http_consent_text_title(cf, block, 0);
        }

        if (ngx_strcmp(value[0].data, "about") == 0) {
            return ngx_http_consent_text_title(cf, block, 1);
        }
    }

    i = ngx_http_consent_text_find(&value[0]);

    if (i == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "unknown text \"%V\" in \"consent_text\", see the "
                           "list in docs/directives.md", &value[0]);
        return NGX_CONF_ERROR;
    }

    if (cf->args->nelts != 2) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid number of arguments for text \"%V\", "
                           "write the text in quotes", &value[0]);
        return NGX_CONF_ERROR;
    }

    text = &block->language->texts[block->layer][i];

    if (text->data && i != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "text \"%V\" is given twice for the language "
                           "\"%V\": remove one of them",
                           &value[0], &block->language->tag);
        return NGX_CONF_ERROR;
    }

    if (ngx_http_consent_text_value(cf, (ngx_uint_t) i, &value[1]) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    *text = value[1];

    return NGX_CONF_OK;
}


/* the first two are attributes of HTML */

static ngx_int_t
ngx_http_consent_text_value(ngx_conf_t *cf, ngx_uint_t text, ngx_str_t *value)
{
    ngx_str_t  *name;

    name = &ngx_http_consent_texts[text].name;

    if (ngx_strcmp(name->data, "lang") == 0
        && !ngx_http_consent_language_is_tag(value))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" of text \"lang\", write a "
                           "tag such as \"de\" or \"pt-BR\"", value);
        return NGX_ERROR;
    }

    if (ngx_strcmp(name->data, "dir") == 0
        && ngx_strcmp(value->data, "ltr") != 0
        && ngx_strcmp(value->data, "rtl") != 0)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" of text \"dir\", it must "
                           "be \"ltr\" or \"rtl\"", value);
        return NGX_ERROR;
    }

    return ngx_http_consent_text_check(cf, name, value);
}


ngx_int_t
ngx_http_consent_text_check(ngx_conf_t *cf, ngx_str_t *name, ngx_str_t *text)
{
    u_char  *p, *end;

    if (ngx_http_consent_is_blank(text)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid text \"%V\" in \"%V\", it is empty: write "
                           "what visitors are to read, or remove the line",
                           text, name);
        return NGX_ERROR;
    }

    end = text->data + text->len - 1;

    for (p = text->data; p < end; p++) {

        if (*p == '$' && (consent_is_alpha(p[1]) || p[1] == '_'
                          || p[1] == '{'))
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid text \"%V\" in \"%V\", it takes no "
                               "variables: write in their place what "
                               "visitors are to read", text, name);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static char *
ngx_http_consent_text_title(ngx_conf_t *cf,
    ngx_http_consent_text_block_t *block, ngx_uint_t about)
{
    ngx_str_t                 *value;
    ngx_http_consent_title_t  *title;

    value = cf->args->elts;

    if (ngx_http_consent_text_check(cf, &value[0], &value[2]) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    title = ngx_array_push(&block->mcf->titles);
    if (title == NULL) {
        return NGX_CONF_ERROR;
    }

    title->language = block->language;
    title->layer = block->layer;
    title->category = value[1];
    title->text = value[2];
    title->about = about;
    title->origin = ngx_http_consent_origin_add(cf, block->mcf);

    return title->origin ? NGX_CONF_OK : NGX_CONF_ERROR;
}


ngx_int_t
ngx_http_consent_text_compile(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf)
{
    int                         category;
    ngx_str_t                   names;
    ngx_uint_t                  i;
    ngx_http_consent_title_t   *title;
    ngx_http_consent_origin_t  *origin;

    title = mcf->titles.elts;

    for (i = 0; i < mcf->titles.nelts; i++) {

        category = consent_policy_category(&mcf->policy,
                                     consent_str_make(title[i].category.data,
                                                      title[i].category.len));

        if (category != CONSENT_UNCLASSIFIED) {

            if (title[i].about) {
                title[i].language->abouts[title[i].layer][category] =
                                                             title[i].text;
            } else {
                title[i].language->titles[title[i].layer][category] =
                                                             title[i].text;
            }

            continue;
        }

        if (title[i].layer == CONSENT_LAYER_DEFAULTS) {
            continue;
        }

        names = ngx_http_consent_category_names(cf->pool, &mcf->policy);
        origin = ngx_http_consent_origin(mcf, title[i].origin);

        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "unknown category \"%V\" in \"consent_text\", there "
                      "are: %V; correct the name in %V:%ui",
                      &title[i].category, &names,
                      &origin->file, origin->line);
        return NGX_ERROR;
    }

    return ngx_http_consent_language_check(cf, mcf);
}


ngx_int_t
ngx_http_consent_text_tags(ngx_pool_t *pool,
    ngx_http_consent_main_conf_t *mcf, ngx_str_t *names)
{
    size_t                         len;
    u_char                        *p;
    ngx_uint_t                     i;
    ngx_http_consent_language_t  **language;

    language = mcf->languages.elts;
    len = sizeof("en") - 1;

    for (i = 0; i < mcf->languages.nelts; i++) {
        len += sizeof(", ") - 1 + language[i]->tag.len;
    }

    names->data = ngx_pnalloc(pool, len);
    if (names->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(names->data, "en", sizeof("en") - 1);

    for (i = 0; i < mcf->languages.nelts; i++) {
        p = ngx_sprintf(p, ", %V", &language[i]->tag);
    }

    names->len = (size_t) (p - names->data);

    return NGX_OK;
}


ngx_int_t
ngx_http_consent_text_find(ngx_str_t *name)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_CONSENT_TEXTS; i++) {
        if (ngx_http_consent_texts[i].name.len == name->len
            && ngx_memcmp(ngx_http_consent_texts[i].name.data, name->data,
                          name->len)
               == 0)
        {
            return (ngx_int_t) i;
        }
    }

    return NGX_ERROR;
}


ngx_str_t *
ngx_http_consent_text(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    const char *name)
{
    ngx_int_t  i;
    ngx_str_t  text;

    text.data = (u_char *) (uintptr_t) name;
    text.len = ngx_strlen(name);

    i = ngx_http_consent_text_find(&text);

    return ngx_http_consent_text_at(r, ctx, i == NGX_ERROR ? 0 : i);
}


ngx_str_t *
ngx_http_consent_text_at(ngx_http_request_t *r, ngx_http_consent_ctx_t *ctx,
    ngx_uint_t index)
{
    ngx_uint_t                    layer;
    ngx_http_consent_language_t  *language;

    language = ngx_http_consent_text_choose(r, ctx);

    if (language) {
        for (layer = 0; layer < CONSENT_LAYERS; layer++) {
            if (language->texts[layer][index].data) {
                return &language->texts[layer][index];
            }
        }
    }

    return &ngx_http_consent_texts[index].english;
}


ngx_str_t
ngx_http_consent_category_title(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_uint_t category)
{
    ngx_str_t                      text;
    consent_category_t            *c;
    ngx_http_consent_language_t   *language;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);
    c = &mcf->policy.categories[category];

    language = ngx_http_consent_text_choose(r, ctx);

    text = ngx_http_consent_category_text(language ? language->titles : NULL,
                                          category, &c->title);
    if (text.len == 0) {
        text.len = c->name.len;
        text.data = (u_char *) (uintptr_t) c->name.data;
    }

    return text;
}


ngx_str_t
ngx_http_consent_category_about(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_uint_t category)
{
    ngx_http_consent_language_t   *language;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    language = ngx_http_consent_text_choose(r, ctx);

    return ngx_http_consent_category_text(language ? language->abouts : NULL,
                                     category,
                                     &mcf->policy.categories[category].about);
}


/* texts: of a language, by layer, or NULL; own: what the category says */

static ngx_str_t
ngx_http_consent_category_text(ngx_str_t (*texts)[CONSENT_MAX_CATEGORIES],
    ngx_uint_t category, consent_str_t *own)
{
    ngx_str_t   text;
    ngx_uint_t  layer;

    for (layer = 0; texts && layer < CONSENT_LAYERS; layer++) {
        if (texts[layer][category].len) {
            return texts[layer][category];
        }
    }

    text.len = own->len;
    text.data = (u_char *) (uintptr_t) own->data;

    return text;
}


/* evaluated once per location, since every text of a page asks */

static ngx_http_consent_language_t *
ngx_http_consent_text_choose(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    ngx_str_t                       tag;
    ngx_http_consent_loc_conf_t    *clf;
    ngx_http_consent_main_conf_t   *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);
    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    if (ctx->language_conf == clf) {
        return ctx->language;
    }

    /* the value may come from a variable that asks for a text */

    ctx->language_conf = clf;
    ctx->language = NULL;

    if (clf->language) {

        if (ngx_http_complex_value(r, clf->language, &tag) != NGX_OK) {
            return NULL;
        }

    } else {
        ngx_str_set(&tag, "en");
    }

    ctx->language = ngx_http_consent_text_nearest(mcf, &tag);

    return ctx->language;
}


ngx_http_consent_language_t *
ngx_http_consent_text_nearest(ngx_http_consent_main_conf_t *mcf,
    ngx_str_t *tag)
{
    u_char                       *dash;
    ngx_str_t                     first;
    ngx_http_consent_language_t  *language;

    language = ngx_http_consent_text_tagged(mcf, tag);

    if (language || tag->len == 0) {
        return language;
    }

    dash = ngx_strlchr(tag->data, tag->data + tag->len, '-');
    if (dash == NULL) {
        return NULL;
    }

    first.data = tag->data;
    first.len = dash - tag->data;

    return ngx_http_consent_text_tagged(mcf, &first);
}


static ngx_http_consent_language_t *
ngx_http_consent_text_tagged(ngx_http_consent_main_conf_t *mcf,
    ngx_str_t *tag)
{
    ngx_uint_t                     i;
    ngx_http_consent_language_t  **language;

    language = mcf->languages.elts;

    for (i = 0; i < mcf->languages.nelts; i++) {
        if (language[i]->tag.len == tag->len
            && ngx_strncasecmp(language[i]->tag.data, tag->data, tag->len)
               == 0)
        {
            return language[i];
        }
    }

    return NULL;
}
