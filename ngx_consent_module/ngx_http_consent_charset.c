/*
 * Copyright (C) ngx_consent_module authors
 *
 * The beginning of a body: is it in an encoding that cannot be read, whatever
 * its header says?
 */


#include "ngx_http_consent_body.h"


/*
 * Does the beginning of the page say that it is in an encoding that cannot be
 * read?  Nothing waits for that: if its first bytes are on their way already,
 * the page is cut off.
 */

ngx_int_t
ngx_http_consent_body_declared(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, u_char *p, u_char *end, ngx_uint_t last)
{
    int     found;
    size_t  len;

    len = ngx_min((size_t) (end - p), CONSENT_CHARSET_WINDOW - body->nstart);

    if (body->nstart == 0 && (last || len == CONSENT_CHARSET_WINDOW)) {
        body->declared = 1;
        found = len ? consent_charset_declared(p, len, 1) : 0;

    } else {

        if (body->start == NULL) {
            body->start = ngx_pnalloc(r->pool, CONSENT_CHARSET_WINDOW);

            if (body->start == NULL) {
                return NGX_ERROR;
            }
        }

        if (len) {
            ngx_memcpy(body->start + body->nstart, p, len);
            body->nstart += len;
        }

        body->declared = last || body->nstart == CONSENT_CHARSET_WINDOW;
        found = body->nstart
                ? consent_charset_declared(body->start, body->nstart,
                                           body->declared)
                : 0;
    }

    if (!found) {
        return NGX_OK;
    }

    body->declared = 1;

    if (ngx_http_consent_not_inspected(r, body->ctx,
                                       &ngx_http_consent_reason_charset)
        == NGX_ABORT)
    {
        return NGX_ABORT;
    }

    /* what the rewriter holds goes first */

    if (body->begun && !body->bypass
        && ngx_http_consent_body_bytes(body, NULL, 0, 1) != NGX_OK)
    {
        return NGX_ERROR;
    }

    body->banner = 0;
    body->bypass = 1;

    return NGX_OK;
}


/*
 * Takes the first bytes of the body for as long as they may be a byte order
 * mark.  The rewriter could not hold them: it would have to pass them on.
 */

ngx_int_t
ngx_http_consent_body_begin(ngx_http_request_t *r,
    ngx_http_consent_body_t *body, ngx_buf_t *b, u_char **pos,
    ngx_uint_t last)
{
    int      found;
    size_t   held;
    u_char  *p, *end;

    p = *pos;
    end = p ? b->last : NULL;
    held = body->nfirst;
    found = -1;

    while (p != end && found == -1) {
        body->first[body->nfirst++] = *p++;
        found = consent_charset_bom(body->first, body->nfirst);
    }

    if (found == -1 && !last) {
        return NGX_OK;
    }

    body->begun = 1;

    if (found == 1) {
        body->banner = 0;
        body->bypass = 1;

        if (body->judged
            && ngx_http_consent_not_inspected(r, body->ctx,
                                           &ngx_http_consent_reason_charset)
            == NGX_ABORT)
        {
            return NGX_ABORT;
        }
    }

    if (held == 0) {

        /* all of them are in this buf still */

        return NGX_OK;
    }

    *pos = p;

    return ngx_http_consent_body_bytes(body, body->first, body->nfirst, 0);
}
