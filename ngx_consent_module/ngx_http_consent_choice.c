/*
 * Copyright (C) ngx_consent_module authors
 *
 * POST and DELETE at the consent endpoint: reads the choice, checks that the
 * visitor made it on this site, and answers.
 */


#include "ngx_http_consent.h"

#include "core/consent_origin.h"


/* what a token is made of is never the text of a cookie, which begins by 1 */

#define NGX_HTTP_CONSENT_TOKEN_DAY   86400
#define NGX_HTTP_CONSENT_TOKEN_HOST  255
#define NGX_HTTP_CONSENT_TOKEN_TEXT                                          \
    (sizeof("form...") + NGX_HTTP_CONSENT_TOKEN_HOST + CONSENT_OWN_ID_LEN    \
     + NGX_TIME_T_LEN)


typedef enum {
    NGX_HTTP_CONSENT_FORM = 0,
    NGX_HTTP_CONSENT_JSON,
    NGX_HTTP_CONSENT_OTHER
} ngx_http_consent_type_e;


static void ngx_http_consent_choice_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_consent_choice_answer(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx);
static const char *ngx_http_consent_choice_accepted(
    ngx_http_consent_main_conf_t *mcf, ngx_http_consent_ctx_t *ctx,
    consent_form_t *form, consent_mask_t *accepted);
static ngx_int_t ngx_http_consent_choice_set(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_form_t *form);
static ngx_int_t ngx_http_consent_choice_fail(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_uint_t status, const char *notice,
    const char *what);
static ngx_http_consent_type_e ngx_http_consent_choice_type(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_consent_choice_body(ngx_http_request_t *r,
    u_char *body, size_t *len);
static consent_origin_e ngx_http_consent_choice_origin(ngx_http_request_t *r);
static ngx_str_t ngx_http_consent_choice_source(consent_form_t *form,
    ngx_http_consent_type_e type);
static size_t ngx_http_consent_token_text(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, time_t day, u_char *text);
static ngx_uint_t ngx_http_consent_token_is_good(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_str_t token);
static const consent_key_t *ngx_http_consent_token_keys(ngx_http_request_t *r,
    ngx_uint_t *n);


static ngx_str_t  ngx_http_consent_fetch_site_name =
    ngx_string("sec-fetch-site");
static ngx_str_t  ngx_http_consent_origin_name = ngx_string("origin");
static ngx_str_t  ngx_http_consent_referer_name = ngx_string("referer");
static ngx_str_t  ngx_http_consent_host_name = ngx_string("host");
static ngx_str_t  ngx_http_consent_type_name = ngx_string("content-type");
static ngx_str_t  ngx_http_consent_encoding_name =
    ngx_string("content-encoding");

static ngx_str_t  ngx_http_consent_accept_post =
    ngx_string("application/x-www-form-urlencoded, application/json");


/* who asked, as the form says: words of ours only get into the log */

static ngx_str_t  ngx_http_consent_sources[] = {
    ngx_string("page"),
    ngx_string("banner"),
    ngx_string("placeholder"),
    ngx_null_string
};


ngx_int_t
ngx_http_consent_choice_post(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    ngx_int_t      rc;
    consent_str_t  encoding;

    encoding = ngx_http_consent_request_header(r,
                                             &ngx_http_consent_encoding_name);

    if (encoding.data
        || ngx_http_consent_choice_type(r) == NGX_HTTP_CONSENT_OTHER)
    {
        if (ngx_http_consent_add_header(r, "Accept-Post",
                                        &ngx_http_consent_accept_post)
            == NULL)
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        return NGX_HTTP_UNSUPPORTED_MEDIA_TYPE;
    }

    if (r->headers_in.content_length_n > NGX_HTTP_CONSENT_CHOICE_MAX) {
        return ngx_http_consent_choice_fail(r, ctx,
                                            NGX_HTTP_REQUEST_ENTITY_TOO_LARGE,
                                            "error_large", "too large");
    }

    if (ngx_http_consent_choice_origin(r) == CONSENT_ORIGIN_OTHER) {
        return ngx_http_consent_choice_fail(r, ctx, NGX_HTTP_FORBIDDEN,
                                            "error_origin", "cross-site");
    }

    r->request_body_in_single_buf = 1;

    rc = ngx_http_read_client_request_body(r,
                                           ngx_http_consent_choice_handler);

    return (rc >= NGX_HTTP_SPECIAL_RESPONSE) ? rc : NGX_DONE;
}


static void
ngx_http_consent_choice_handler(ngx_http_request_t *r)
{
    ngx_http_consent_ctx_t  *ctx;

    ctx = ngx_http_consent_get_ctx(r);

    ngx_http_finalize_request(r, ctx ? ngx_http_consent_choice_answer(r, ctx)
                                     : NGX_HTTP_INTERNAL_SERVER_ERROR);
}


static ngx_int_t
ngx_http_consent_choice_answer(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    int              rc;
    size_t           len;
    u_char          *body;
    ngx_int_t        status;
    consent_form_t   form;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    body = ngx_pnalloc(r->pool, NGX_HTTP_CONSENT_CHOICE_MAX);
    if (body == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    status = ngx_http_consent_choice_body(r, body, &len);

    if (status == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE) {
        return ngx_http_consent_choice_fail(r, ctx, status, "error_large",
                                            "too large");
    }

    if (status != NGX_OK) {
        return status;
    }

    rc = (ngx_http_consent_choice_type(r) == NGX_HTTP_CONSENT_JSON)
         ? consent_form_read_json(&form, &mcf->policy, body, len)
         : consent_form_read(&form, &mcf->policy, body, len);

    if (rc != 0) {
        return ngx_http_consent_choice_fail(r, ctx, NGX_HTTP_BAD_REQUEST,
                                            "error_choice", "malformed");
    }

    if (consent_form_is_local(form.back)) {
        ctx->view->back.data = (u_char *) (uintptr_t) form.back.data;
        ctx->view->back.len = form.back.len;
    }

    if (ngx_http_consent_choice_origin(r) != CONSENT_ORIGIN_SAME
        && !ngx_http_consent_token_is_good(r, ctx, form.token))
    {
        return ngx_http_consent_choice_fail(r, ctx, NGX_HTTP_FORBIDDEN,
                                            "error_origin",
                                            "no sign of this site");
    }

    return ngx_http_consent_choice_set(r, ctx, &form);
}


static ngx_int_t
ngx_http_consent_choice_set(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_form_t *form)
{
    const char                    *wrong;
    ngx_str_t                      source, *back;
    consent_mask_t                 accepted;
    ngx_http_consent_type_e        type;
    ngx_http_consent_loc_conf_t   *clf;
    ngx_http_consent_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);
    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    wrong = ngx_http_consent_choice_accepted(mcf, ctx, form, &accepted);

    if (wrong) {
        return ngx_http_consent_choice_fail(r, ctx,
                                            NGX_HTTP_CONSENT_UNPROCESSABLE,
                                            "error_choice", wrong);
    }

    type = ngx_http_consent_choice_type(r);
    source = ngx_http_consent_choice_source(form, type);

    if (ngx_http_consent_record(r, ctx, form->choice, accepted, &source)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_consent_count_result(r,
                                  (form->choice == CONSENT_CHOICE_WITHDRAW)
                                  ? NGX_HTTP_CONSENT_RESULT_WITHDRAWAL
                                  : NGX_HTTP_CONSENT_RESULT_CHOICE);

    if (type == NGX_HTTP_CONSENT_JSON) {
        return ngx_http_consent_send_state(r, ctx);
    }

    if (ctx->view->back.len == 0
        && ngx_http_consent_find_back(r, ctx->view) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    back = ctx->view->back.len ? &ctx->view->back : &clf->endpoint->url;

    return ngx_http_consent_redirect(r, ctx, back);
}


/* what is wrong with the choice, or NULL */

static const char *
ngx_http_consent_choice_accepted(ngx_http_consent_main_conf_t *mcf,
    ngx_http_consent_ctx_t *ctx, consent_form_t *form,
    consent_mask_t *accepted)
{
    const char  *wrong;

    wrong = NULL;
    *accepted = 0;

    switch (form->choice) {

    case CONSENT_CHOICE_ALL:
        *accepted = mcf->policy.declared & ~mcf->policy.always;
        break;

    case CONSENT_CHOICE_SOME:
        *accepted = form->accept;
        break;

    case CONSENT_CHOICE_ADD:
        *accepted = (ctx->accepted & ~mcf->policy.always) | form->accept;

        if (!form->named) {
            wrong = "no category";
        }

        break;

    case CONSENT_CHOICE_NONE:
    case CONSENT_CHOICE_WITHDRAW:
        break;

    case CONSENT_CHOICE_MISSING:
        wrong = "no choice";
        break;

    case CONSENT_CHOICE_UNKNOWN:
        wrong = "unknown choice";
        break;
    }

    if (form->conflict) {
        wrong = "several choices";

    } else if (form->unknown && wrong == NULL) {
        wrong = "unknown category";
    }

    return wrong;
}


/* a page of another site cannot send it without being allowed to beforehand */

ngx_int_t
ngx_http_consent_choice_delete(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx)
{
    ngx_str_t  source;

    if (ngx_http_consent_choice_origin(r) == CONSENT_ORIGIN_OTHER) {
        ngx_http_consent_count_result(r, NGX_HTTP_CONSENT_RESULT_CROSS_SITE);

        return ngx_http_consent_send_error(r, ctx, NGX_HTTP_FORBIDDEN,
                                           "cross-site");
    }

    ngx_str_set(&source, "script");

    if (ngx_http_consent_record(r, ctx, CONSENT_CHOICE_WITHDRAW, 0, &source)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_consent_count_result(r, NGX_HTTP_CONSENT_RESULT_WITHDRAWAL);

    return ngx_http_consent_send_state(r, ctx);
}


/* scripts get JSON, visitors the page again with a notice */

static ngx_int_t
ngx_http_consent_choice_fail(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_uint_t status, const char *notice,
    const char *what)
{
    ngx_int_t  rc;

    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "consent: a choice was not recorded: %s", what);

    ngx_http_consent_count_result(r, (status == NGX_HTTP_FORBIDDEN)
                                     ? NGX_HTTP_CONSENT_RESULT_CROSS_SITE
                                     : NGX_HTTP_CONSENT_RESULT_INVALID);

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_consent_choice_type(r) == NGX_HTTP_CONSENT_JSON) {
        return ngx_http_consent_send_error(r, ctx, status, what);
    }

    ctx->view->notice = notice;

    return ngx_http_consent_send_page(r, ctx, status);
}


static ngx_http_consent_type_e
ngx_http_consent_choice_type(ngx_http_request_t *r)
{
    ngx_uint_t     i;
    consent_str_t  type;

    static const consent_str_t  types[] = {
        consent_str("application/x-www-form-urlencoded"),
        consent_str("application/json")
    };

    type = ngx_http_consent_request_header(r, &ngx_http_consent_type_name);

    for (i = 0; i < type.len; i++) {
        if (type.data[i] == ';' || consent_is_space(type.data[i])) {
            type.len = i;
            break;
        }
    }

    for (i = NGX_HTTP_CONSENT_FORM; i < NGX_HTTP_CONSENT_OTHER; i++) {
        if (consent_str_caseeq(type, types[i])) {
            break;
        }
    }

    return (ngx_http_consent_type_e) i;
}


/* into memory of NGX_HTTP_CONSENT_CHOICE_MAX bytes */

static ngx_int_t
ngx_http_consent_choice_body(ngx_http_request_t *r, u_char *body, size_t *len)
{
    off_t         size;
    ssize_t       n;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    *len = 0;

    if (r->request_body == NULL) {
        return NGX_OK;
    }

    for (cl = r->request_body->bufs; cl; cl = cl->next) {

        b = cl->buf;
        size = ngx_buf_size(b);

        if (size > (off_t) (NGX_HTTP_CONSENT_CHOICE_MAX - *len)) {
            return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
        }

        if (ngx_buf_in_memory(b)) {
            ngx_memcpy(body + *len, b->pos, (size_t) size);

        } else if (size) {
            n = ngx_read_file(b->file, body + *len, (size_t) size,
                              b->file_pos);

            if (n != (ssize_t) size) {
                return NGX_HTTP_INTERNAL_SERVER_ERROR;
            }
        }

        *len += (size_t) size;
    }

    return NGX_OK;
}


static consent_origin_e
ngx_http_consent_choice_origin(ngx_http_request_t *r)
{
    consent_origin_t  o;

    o.fetch_site = ngx_http_consent_request_header(r,
                                           &ngx_http_consent_fetch_site_name);
    o.origin = ngx_http_consent_request_header(r,
                                               &ngx_http_consent_origin_name);
    o.referer = ngx_http_consent_request_header(r,
                                              &ngx_http_consent_referer_name);
    o.host = ngx_http_consent_request_header(r, &ngx_http_consent_host_name);

    return consent_origin_check(&o);
}


static ngx_str_t
ngx_http_consent_choice_source(consent_form_t *form,
    ngx_http_consent_type_e type)
{
    ngx_str_t  *word, other;

    for (word = ngx_http_consent_sources; word->len; word++) {
        if (consent_str_eq(form->source, consent_str_make(word->data,
                                                          word->len)))
        {
            return *word;
        }
    }

    if (type == NGX_HTTP_CONSENT_JSON) {
        ngx_str_set(&other, "script");

    } else {
        ngx_str_set(&other, "form");
    }

    return other;
}


ngx_int_t
ngx_http_consent_choice_token(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, ngx_str_t *token)
{
    size_t                len;
    u_char                text[NGX_HTTP_CONSENT_TOKEN_TEXT];
    ngx_uint_t            n;
    const consent_key_t  *keys;

    token->len = CONSENT_MAC_TEXT_LEN;
    token->data = ngx_pnalloc(r->pool, CONSENT_MAC_TEXT_LEN);
    if (token->data == NULL) {
        return NGX_ERROR;
    }

    keys = ngx_http_consent_token_keys(r, &n);
    len = ngx_http_consent_token_text(r, ctx,
                                      ngx_time() / NGX_HTTP_CONSENT_TOKEN_DAY,
                                      text);

    return consent_sign(&keys[0], consent_str_make(text, len), token->data)
           == 0 ? NGX_OK : NGX_ERROR;
}


/* of this site, this visitor and this day */

static size_t
ngx_http_consent_token_text(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, time_t day, u_char *text)
{
    u_char  *p;
    size_t   len;

    len = ngx_min(r->headers_in.server.len, NGX_HTTP_CONSENT_TOKEN_HOST);

    p = ngx_cpymem(text, "form.", sizeof("form.") - 1);
    p = ngx_cpymem(p, r->headers_in.server.data, len);
    *p++ = '.';

    if (ctx->decision.id.len == CONSENT_OWN_ID_LEN) {
        p = ngx_cpymem(p, ctx->decision.id.data, CONSENT_OWN_ID_LEN);
    }

    p = ngx_sprintf(p, ".%T", day);

    return p - text;
}


/* that of yesterday is good for who leaves the page open over night */

static ngx_uint_t
ngx_http_consent_token_is_good(ngx_http_request_t *r,
    ngx_http_consent_ctx_t *ctx, consent_str_t token)
{
    size_t                len;
    time_t                day;
    u_char                text[NGX_HTTP_CONSENT_TOKEN_TEXT];
    ngx_uint_t            i, n, back;
    const consent_key_t  *keys;

    if (token.data == NULL) {
        return 0;
    }

    keys = ngx_http_consent_token_keys(r, &n);
    day = ngx_time() / NGX_HTTP_CONSENT_TOKEN_DAY;

    for (back = 0; back < 2; back++) {
        len = ngx_http_consent_token_text(r, ctx, day - back, text);

        for (i = 0; i < n; i++) {
            if (consent_verify(&keys[i], consent_str_make(text, len), token)) {
                return 1;
            }
        }
    }

    return 0;
}


static const consent_key_t *
ngx_http_consent_token_keys(ngx_http_request_t *r, ngx_uint_t *n)
{
    ngx_http_consent_loc_conf_t   *clf;
    ngx_http_consent_main_conf_t  *mcf;

    clf = ngx_http_get_module_loc_conf(r, ngx_http_consent_module);

    if (clf->own.nkeys) {
        *n = clf->own.nkeys;
        return clf->own.keys;
    }

    mcf = ngx_http_get_module_main_conf(r, ngx_http_consent_module);

    *n = 1;

    return &mcf->secret;
}
