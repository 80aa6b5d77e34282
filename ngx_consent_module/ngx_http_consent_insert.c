/*
 * Copyright (C) ngx_consent_module authors
 *
 * The banner in the body: looks for its place (core/consent_head.h), and puts
 * it in between what the rewriter gets before and after it.
 */


#include "ngx_http_consent_body.h"


static ngx_int_t ngx_http_consent_insert_held(ngx_http_consent_body_t *body,
    u_char *p, size_t len);
static ngx_int_t ngx_http_consent_insert_banner(
    ngx_http_consent_body_t *body);


/*
 * Up to the place of the banner.  There the rewriter holds nothing, so that
 * what is put out goes between what it has got and what it will get.
 */

ngx_int_t
ngx_http_consent_insert(ngx_http_consent_body_t *body, u_char *p, size_t len,
    ngx_uint_t last)
{
    size_t           n;
    u_char           held[CONSENT_HEAD_HOLD], *end;
    const uint8_t   *pos;
    consent_head_e   place;

    n = body->head.hold_len;
    ngx_memcpy(held, body->head.hold, n);

    pos = p;
    end = len ? p + len : p;

    place = consent_head_scan(&body->head, &pos, end);

    if (place == CONSENT_HEAD_BEFORE
        && ngx_http_consent_insert_banner(body) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if ((place != CONSENT_HEAD_MORE || body->head.released)
        && ngx_http_consent_insert_held(body, held, n) != NGX_OK)
    {
        return NGX_ERROR;
    }

    n = (pos > p) ? (size_t) (pos - p) : 0;

    if (ngx_http_consent_body_rewrite(body, p, n, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    if (place == CONSENT_HEAD_MORE) {

        if (!last) {
            return NGX_OK;
        }

        place = consent_head_end(&body->head);

        if (ngx_http_consent_insert_held(body, body->head.hold,
                                         body->head.hold_len)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        n = len;
    }

    if (place == CONSENT_HEAD_HERE
        && ngx_http_consent_insert_banner(body) != NGX_OK)
    {
        return NGX_ERROR;
    }

    body->banner = 0;

    return ngx_http_consent_body_rewrite(body, len ? p + n : p, len - n, last);
}


/* the rewriter may pass what it gets, which has to stay where it is then */

static ngx_int_t
ngx_http_consent_insert_held(ngx_http_consent_body_t *body, u_char *p,
    size_t len)
{
    u_char  *copy;

    if (len == 0) {
        return NGX_OK;
    }

    copy = ngx_pnalloc(body->request->pool, len);
    if (copy == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(copy, p, len);

    return ngx_http_consent_body_rewrite(body, copy, len, 0);
}


static ngx_int_t
ngx_http_consent_insert_banner(ngx_http_consent_body_t *body)
{
    ngx_str_t  html;

    if (ngx_http_consent_banner(body->request, body->ctx, body->head.base,
                                &html)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (html.len
        && body->sink.literal(body->sink.data, html.data, html.len) != 0)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}
