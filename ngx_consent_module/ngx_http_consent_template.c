/*
 * Copyright (C) ngx_consent_module authors
 *
 * Templates: HTML in which variables of nginx work.  Comments of one form
 * repeat what is between them, or leave it out:
 *
 *   <!-- consent: each category -->   for each category
 *   <!-- consent: each cookie -->     for each cookie of the category
 *   <!-- consent: each service -->    for each service of the category
 *   <!-- consent: if $variable -->    unless it is empty or "0"
 *   <!-- consent: unless $variable -->
 *   <!-- consent: end -->
 *
 * A template is parsed when the configuration is read.
 */


#include "ngx_http_consent.h"


#define NGX_HTTP_CONSENT_TEMPLATE_MAX    262144
#define NGX_HTTP_CONSENT_TEMPLATE_DEPTH  8

/* of the cookies and of the services of a category the page names as many */

#define NGX_HTTP_CONSENT_TEMPLATE_LISTED  12


typedef enum {
    NGX_HTTP_CONSENT_NODE_TEXT = 0,
    NGX_HTTP_CONSENT_NODE_CATEGORY,
    NGX_HTTP_CONSENT_NODE_COOKIE,
    NGX_HTTP_CONSENT_NODE_SERVICE,
    NGX_HTTP_CONSENT_NODE_IF,
    NGX_HTTP_CONSENT_NODE_UNLESS
} ngx_http_consent_node_e;


/* a text, or a block: the nodes from the next one up to "end" */

typedef struct {
    ngx_http_consent_node_e      type;
    ngx_http_complex_value_t     value;
    ngx_uint_t                   end;
} ngx_http_consent_node_t;


struct ngx_http_consent_template_s {
    ngx_array_t                  nodes;     /* ngx_http_consent_node_t */
    ngx_str_t                    file;      /* empty: built in */
    ngx_uint_t                   listed;
};


/* while it is parsed */

typedef struct {
    ngx_conf_t                   *cf;
    ngx_http_consent_template_t  *template;
    u_char                       *start;
    u_char                       *last;
    ngx_uint_t                    open[NGX_HTTP_CONSENT_TEMPLATE_DEPTH];
    ngx_uint_t                    depth;
} ngx_http_consent_parse_t;


/* while it is rendered */

typedef struct {
    ngx_http_request_t           *request;
    ngx_http_consent_ctx_t       *ctx;
    ngx_http_consent_template_t  *template;
    ngx_array_t                   pieces;   /* ngx_str_t */
    size_t                        len;
} ngx_http_consent_render_t;


static ngx_int_t ngx_http_consent_template_read(ngx_conf_t *cf,
    ngx_str_t *file, ngx_str_t *text);
static ngx_int_t ngx_http_consent_template_load(ngx_conf_t *cf, ngx_fd_t fd,
    ngx_str_t *file, ngx_str_t *text);
static ngx_http_consent_template_t *ngx_http_consent_template_parse(
    ngx_conf_t *cf, ngx_str_t *file, ngx_str_t *text, ngx_uint_t type);
static ngx_int_t ngx_http_consent_template_text(
    ngx_http_consent_parse_t *parse, u_char *p, u_char *last);
static ngx_int_t ngx_http_consent_template_command(
    ngx_http_consent_parse_t *parse, u_char *p, ngx_str_t *command);
static ngx_int_t ngx_http_consent_template_open(
    ngx_http_consent_parse_t *parse, u_char *p, ngx_uint_t type,
    ngx_str_t *variable);
static ngx_int_t ngx_http_consent_template_error(
    ngx_http_consent_parse_t *parse, u_char *p, const char *what);
static ngx_int_t ngx_http_consent_template_nodes(
    ngx_http_consent_render_t *render, ngx_uint_t i, ngx_uint_t end);
static ngx_int_t ngx_http_consent_template_block(
    ngx_http_consent_render_t *render, ngx_uint_t i,
    ngx_http_consent_node_t *node);
static ngx_int_t ngx_http_consent_template_categories(
    ngx_http_consent_render_t *render, ngx_uint_t i, ngx_uint_t end);
static ngx_int_t ngx_http_consent_template_items(
    ngx_http_consent_render_t *render, ngx_uint_t i, ngx_uint_t end,
    consent_rule_e kind);


static ngx_str_t  ngx_http_consent_template_names[] = {
    ngx_string("page"),
    ngx_string("banner"),
    ngx_string("placeholder"),
    ngx_string("cookies")
};


static ngx_str_t  ngx_http_consent_template_blocks[] = {
    ngx_null_string,
    ngx_string("each category"),
    ngx_string("each cookie"),
    ngx_string("each service"),
    ngx_string("if "),
    ngx_string("unless ")
};


static const char  ngx_http_consent_template_hint[] =
    "begin with a copy of the one of the folder \"templates\"";


char *
ngx_http_consent_template_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_consent_loc_conf_t *clf = conf;

    ngx_str_t   *value, text;
    ngx_uint_t   type;

    value = cf->args->elts;

    for (type = 0; type < NGX_HTTP_CONSENT_TEMPLATES; type++) {

        if (ngx_http_consent_template_names[type].len != value[1].len
            || ngx_strcmp(ngx_http_consent_template_names[type].data,
                          value[1].data)
               != 0)
        {
            continue;
        }

        if (clf->templates[type]) {
            return "is duplicate";
        }

        if (ngx_http_consent_template_read(cf, &value[2], &text) != NGX_OK) {
            return NGX_CONF_ERROR;
        }

        clf->templates[type] = ngx_http_consent_template_parse(cf, &value[2],
                                                               &text, type);

        return clf->templates[type] ? NGX_CONF_OK : NGX_CONF_ERROR;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "unknown template \"%V\" in \"consent_template\", "
                       "there are \"page\", \"banner\", \"placeholder\" "
                       "and \"cookies\"",
                       &value[1]);

    return NGX_CONF_ERROR;
}


static ngx_int_t
ngx_http_consent_template_read(ngx_conf_t *cf, ngx_str_t *file,
    ngx_str_t *text)
{
    ngx_fd_t         fd;
    ngx_int_t        rc;
    ngx_file_info_t  fi;

    fd = ngx_http_consent_file_open(cf, file, "consent_template",
                                    ngx_http_consent_template_hint, &fi);
    if (fd == NGX_INVALID_FILE) {
        return NGX_ERROR;
    }

    if (ngx_file_size(&fi) > NGX_HTTP_CONSENT_TEMPLATE_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "file \"%V\" of \"consent_template\" has more "
                           "than %d bytes; %s", file,
                           NGX_HTTP_CONSENT_TEMPLATE_MAX,
                           ngx_http_consent_template_hint);
        rc = NGX_ERROR;

    } else {
        text->len = (size_t) ngx_file_size(&fi);
        rc = ngx_http_consent_template_load(cf, fd, file, text);
    }

    ngx_http_consent_file_close(cf, fd, file);

    return rc;
}


static ngx_int_t
ngx_http_consent_template_load(ngx_conf_t *cf, ngx_fd_t fd, ngx_str_t *file,
    ngx_str_t *text)
{
    ssize_t  n;

    text->data = ngx_pnalloc(cf->pool, text->len + 1);
    if (text->data == NULL) {
        return NGX_ERROR;
    }

    n = ngx_read_fd(fd, text->data, text->len);

    if (n != (ssize_t) text->len) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_read_fd_n " file \"%V\" of "
                           "\"consent_template\" failed", file);
        return NGX_ERROR;
    }

    if (ngx_http_consent_is_blank(text)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "file \"%V\" of \"consent_template\" is empty; %s",
                           file, ngx_http_consent_template_hint);
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_http_consent_template_t *
ngx_http_consent_template_builtin(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_http_consent_template_e type)
{
    ngx_str_t  none;

    if (mcf->templates[type] == NULL) {
        ngx_str_null(&none);

        mcf->templates[type] = ngx_http_consent_template_parse(cf, &none,
                                 &ngx_http_consent_builtin_templates[type],
                                 type);
    }

    return mcf->templates[type];
}


/* the built-in templates are parsed where they are needed */

ngx_int_t
ngx_http_consent_template_merge(ngx_conf_t *cf,
    ngx_http_consent_main_conf_t *mcf, ngx_http_consent_loc_conf_t *prev,
    ngx_http_consent_loc_conf_t *conf)
{
    ngx_uint_t  i;

    if (conf->language == NULL) {
        conf->language = prev->language;
    }

    for (i = 0; i < NGX_HTTP_CONSENT_TEMPLATES; i++) {

        if (conf->templates[i] == NULL) {
            conf->templates[i] = prev->templates[i];
        }

        if (conf->templates[i]
            || !(i == NGX_HTTP_CONSENT_BANNER ? conf->banner
                                              : conf->endpoint != NULL))
        {
            continue;
        }

        conf->templates[i] = ngx_http_consent_template_builtin(cf, mcf, i);

        if (conf->templates[i] == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_uint_t
ngx_http_consent_template_is_builtin(ngx_http_consent_template_t *template)
{
    return template->file.len == 0;
}


static ngx_http_consent_template_t *
ngx_http_consent_template_parse(ngx_conf_t *cf, ngx_str_t *file,
    ngx_str_t *text, ngx_uint_t type)
{
    u_char                       *p, *from, *end;
    ngx_str_t                     command;
    ngx_http_consent_parse_t      parse;
    ngx_http_consent_template_t  *template;

    static ngx_str_t  open = ngx_string("<!-- consent:");

    template = ngx_pcalloc(cf->pool, sizeof(ngx_http_consent_template_t));
    if (template == NULL
        || ngx_array_init(&template->nodes, cf->pool, 16,
                          sizeof(ngx_http_consent_node_t))
           != NGX_OK)
    {
        return NULL;
    }

    template->file = *file;

    if (type == NGX_HTTP_CONSENT_PAGE) {
        template->listed = NGX_HTTP_CONSENT_TEMPLATE_LISTED;
    }

    parse.cf = cf;
    parse.template = template;
    parse.start = text->data;
    parse.last = text->data + text->len;
    parse.depth = 0;

    from = text->data;

    while ((p = ngx_strlcasestrn(from, parse.last, open.data, open.len - 1))
           != NULL)
    {
        if (ngx_http_consent_template_text(&parse, from, p) != NGX_OK) {
            return NULL;
        }

        command.data = p + open.len;

        end = ngx_strlcasestrn(command.data, parse.last, (u_char *) "-->",
                               sizeof("-->") - 2);
        if (end == NULL) {
            ngx_http_consent_template_error(&parse, p, "has no \"-->\"");
            return NULL;
        }

        command.len = end - command.data;

        if (ngx_http_consent_template_command(&parse, p, &command)
            != NGX_OK)
        {
            return NULL;
        }

        from = end + sizeof("-->") - 1;

        /* a line of its own leaves no empty line */

        if (from < parse.last && *from == LF) {
            from++;
        }
    }

    if (ngx_http_consent_template_text(&parse, from, parse.last) != NGX_OK) {
        return NULL;
    }

    if (parse.depth) {
        ngx_http_consent_template_error(&parse, parse.last,
                                        "is missing: a block has no end");
        return NULL;
    }

    return template;
}


static ngx_int_t
ngx_http_consent_template_text(ngx_http_consent_parse_t *parse, u_char *p,
    u_char *last)
{
    ngx_str_t                          *text;
    ngx_http_consent_node_t            *node;
    ngx_http_compile_complex_value_t    ccv;

    if (p == last) {
        return NGX_OK;
    }

    node = ngx_array_push(&parse->template->nodes);
    text = ngx_palloc(parse->cf->pool, sizeof(ngx_str_t));

    if (node == NULL || text == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(node, sizeof(ngx_http_consent_node_t));

    text->data = p;
    text->len = last - p;

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = parse->cf;
    ccv.value = text;
    ccv.complex_value = &node->value;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return ngx_http_consent_template_error(parse, p,
                                               "is followed by a wrong \"$\"");
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_template_command(ngx_http_consent_parse_t *parse, u_char *p,
    ngx_str_t *command)
{
    ngx_str_t                 block, variable;
    ngx_uint_t                type;
    ngx_http_consent_node_t  *node;

    while (command->len && command->data[0] == ' ') {
        command->data++;
        command->len--;
    }

    while (command->len && command->data[command->len - 1] == ' ') {
        command->len--;
    }

    if (command->len == 3 && ngx_strncmp(command->data, "end", 3) == 0) {

        if (parse->depth == 0) {
            return ngx_http_consent_template_error(parse, p,
                                                   "ends no block");
        }

        node = parse->template->nodes.elts;
        node[parse->open[--parse->depth]].end = parse->template->nodes.nelts;

        return NGX_OK;
    }

    for (type = NGX_HTTP_CONSENT_NODE_CATEGORY;
         type <= NGX_HTTP_CONSENT_NODE_UNLESS;
         type++)
    {
        block = ngx_http_consent_template_blocks[type];

        if (command->len < block.len
            || ngx_strncmp(command->data, block.data, block.len) != 0)
        {
            continue;
        }

        variable.data = command->data + block.len;
        variable.len = command->len - block.len;

        if (type < NGX_HTTP_CONSENT_NODE_IF ? variable.len == 0
                                            : (variable.len > 1
                                               && variable.data[0] == '$'))
        {
            return ngx_http_consent_template_open(parse, p, type, &variable);
        }
    }

    return ngx_http_consent_template_error(parse, p,
                       "is none of \"each category\", \"each cookie\", "
                       "\"each service\", \"if $variable\", \"unless "
                       "$variable\" and \"end\"");
}


static ngx_int_t
ngx_http_consent_template_open(ngx_http_consent_parse_t *parse, u_char *p,
    ngx_uint_t type, ngx_str_t *variable)
{
    ngx_uint_t                i;
    ngx_http_consent_node_t  *node;

    if (parse->depth == NGX_HTTP_CONSENT_TEMPLATE_DEPTH) {
        return ngx_http_consent_template_error(parse, p,
                                               "is in too many others");
    }

    i = parse->template->nodes.nelts;

    if (variable->len) {
        if (ngx_http_consent_template_text(parse, variable->data,
                                           variable->data + variable->len)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        node = parse->template->nodes.elts;
        node += i;

    } else {
        node = ngx_array_push(&parse->template->nodes);
        if (node == NULL) {
            return NGX_ERROR;
        }

        ngx_memzero(node, sizeof(ngx_http_consent_node_t));
    }

    node->type = (ngx_http_consent_node_e) type;

    parse->open[parse->depth++] = i;

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_template_error(ngx_http_consent_parse_t *parse, u_char *p,
    const char *what)
{
    u_char      *c;
    ngx_uint_t   line;

    line = 1;

    for (c = parse->start; c < p; c++) {
        line += (*c == LF);
    }

    ngx_conf_log_error(NGX_LOG_EMERG, parse->cf, 0,
                       "in template \"%V\", line %ui: \"<!-- consent: -->\" "
                       "%s", &parse->template->file, line, what);

    return NGX_ERROR;
}


ngx_int_t
ngx_http_consent_template_render(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_http_consent_template_t *template,
    ngx_str_t *html)
{
    u_char                     *p;
    ngx_str_t                  *piece;
    ngx_uint_t                  i;
    ngx_http_consent_render_t   render;

    render.request = r;
    render.ctx = ctx;
    render.template = template;
    render.len = 0;

    if (ngx_array_init(&render.pieces, r->pool, 64, sizeof(ngx_str_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->view->listed = template->listed;

    if (ngx_http_consent_template_nodes(&render, 0, template->nodes.nelts)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    p = ngx_pnalloc(r->pool, render.len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    html->data = p;
    html->len = render.len;

    piece = render.pieces.elts;

    for (i = 0; i < render.pieces.nelts; i++) {
        p = ngx_cpymem(p, piece[i].data, piece[i].len);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_template_nodes(ngx_http_consent_render_t *render,
    ngx_uint_t i, ngx_uint_t end)
{
    ngx_str_t                *piece;
    ngx_http_consent_node_t  *node;

    node = render->template->nodes.elts;

    while (i < end) {

        if (node[i].type != NGX_HTTP_CONSENT_NODE_TEXT) {

            if (ngx_http_consent_template_block(render, i, &node[i])
                != NGX_OK)
            {
                return NGX_ERROR;
            }

            i = node[i].end;
            continue;
        }

        piece = ngx_array_push(&render->pieces);
        if (piece == NULL
            || ngx_http_complex_value(render->request, &node[i].value, piece)
               != NGX_OK)
        {
            return NGX_ERROR;
        }

        render->len += piece->len;
        i++;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_template_block(ngx_http_consent_render_t *render,
    ngx_uint_t i, ngx_http_consent_node_t *node)
{
    ngx_str_t   value;
    ngx_uint_t  yes;

    switch (node->type) {

    case NGX_HTTP_CONSENT_NODE_CATEGORY:
        return ngx_http_consent_template_categories(render, i + 1, node->end);

    case NGX_HTTP_CONSENT_NODE_COOKIE:
        return ngx_http_consent_template_items(render, i + 1, node->end,
                                               CONSENT_RULE_COOKIE);

    case NGX_HTTP_CONSENT_NODE_SERVICE:
        return ngx_http_consent_template_items(render, i + 1, node->end,
                                               CONSENT_RULE_RESOURCE);

    default: /* NGX_HTTP_CONSENT_NODE_IF, NGX_HTTP_CONSENT_NODE_UNLESS */
        break;
    }

    if (ngx_http_complex_value(render->request, &node->value, &value)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    yes = (value.len && (value.len != 1 || value.data[0] != '0'));

    return (yes == (node->type == NGX_HTTP_CONSENT_NODE_IF))
           ? ngx_http_consent_template_nodes(render, i + 1, node->end)
           : NGX_OK;
}


static ngx_int_t
ngx_http_consent_template_categories(ngx_http_consent_render_t *render,
    ngx_uint_t i, ngx_uint_t end)
{
    ngx_int_t                      category, before;
    ngx_http_consent_view_t       *view;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(render->request,
                                        ngx_http_consent_module);
    view = render->ctx->view;
    before = view->category;

    for (category = 0;
         category < (ngx_int_t) mcf->policy.ncategories;
         category++)
    {
        view->category = category;

        if (ngx_http_consent_template_nodes(render, i, end) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    view->category = before;

    return NGX_OK;
}


static ngx_int_t
ngx_http_consent_template_items(ngx_http_consent_render_t *render,
    ngx_uint_t i, ngx_uint_t end, consent_rule_e kind)
{
    ngx_uint_t                     n, at;
    ngx_http_consent_view_t       *view;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(render->request,
                                        ngx_http_consent_module);
    view = render->ctx->view;
    at = 0;

    for (n = 0; view->listed == 0 || n < view->listed; n++) {

        view->item = ngx_http_consent_item_next(mcf, view, kind, &at);

        if (view->item == NULL) {
            break;
        }

        if (ngx_http_consent_template_nodes(render, i, end) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    view->item = NULL;

    return NGX_OK;
}
