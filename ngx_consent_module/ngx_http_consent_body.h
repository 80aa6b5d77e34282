/*
 * Copyright (C) ngx_consent_module authors
 *
 * What the files share through which a body goes: from the body filter to the
 * place of the banner to the rewriter.
 */


#ifndef NGX_HTTP_CONSENT_BODY_H
#define NGX_HTTP_CONSENT_BODY_H


#include "ngx_http_consent.h"

#include "core/consent_charset.h"
#include "core/consent_head.h"
#include "core/consent_rewrite.h"


struct ngx_http_consent_body_s {
    ngx_http_request_t         *request;
    ngx_http_consent_ctx_t     *ctx;

    ngx_http_consent_decode_t  *decode;     /* NULL: not encoded */
    ngx_http_consent_output_t   output;

    consent_rewrite_conf_t      conf;
    consent_sink_t              sink;
    consent_url_t               document;
    consent_head_t              head;       /* where the banner goes */

    ngx_uint_t                  unclassified;   /* already added to ctx */

    off_t                       left;       /* bytes still to come, or -1:
                                               not known */

    u_char                      first[CONSENT_CHARSET_BOM]; /* bytes that were
                                               held to look at them */
    u_char                     *start;      /* the beginning of the page, if
                                               it comes in pieces */
    size_t                      nstart;

    unsigned                    nfirst:3;
    unsigned                    declared:1; /* no more of it is of interest */
    unsigned                    begun:1;    /* no more is held of these */

    unsigned                    report:1;   /* only looked at, not changed */
    unsigned                    bypass:1;   /* passed as it is */
    unsigned                    judged:1;   /* something may be blocked */
    unsigned                    banner:1;   /* is still to be put in */
    unsigned                    waiting:1;  /* the header is not sent yet */
    unsigned                    complete:1; /* the rewriter saw the end */
    unsigned                    failed:1;

    consent_rewrite_t           rewrite;    /* the last one: large, and made
                                               ready by its own function */
};


/* to the place of the banner, or to the rewriter; the last of them says so */

ngx_int_t ngx_http_consent_body_bytes(ngx_http_consent_body_t *body,
    u_char *p, size_t len, ngx_uint_t last);

/* to the rewriter, or past it; last: there is nothing behind it */

ngx_int_t ngx_http_consent_body_rewrite(ngx_http_consent_body_t *body,
    u_char *p, size_t len, ngx_uint_t last);


/* ngx_http_consent_charset.c; NGX_ABORT: the body is not to be passed */

/* what the page says of its encoding */

ngx_int_t ngx_http_consent_body_declared(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, u_char *p, u_char *end, ngx_uint_t last);

/* the first bytes; *pos is moved behind those that it took */

ngx_int_t ngx_http_consent_body_begin(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_buf_t *b, u_char **pos,
    ngx_uint_t last);


/* ngx_http_consent_insert.c */

/* the same while the banner is still to be put in */

ngx_int_t ngx_http_consent_insert(ngx_http_consent_body_t *body, u_char *p,
    size_t len, ngx_uint_t last);


#endif /* NGX_HTTP_CONSENT_BODY_H */
