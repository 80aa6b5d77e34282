/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_csp.h"
#include "consent_css.h"
#include "consent_srcset.h"
#include "consent_value.h"


const consent_str_t  consent_value_nothing = consent_str("data:,");


static void consent_value_put(consent_value_t *v, const char *text,
    size_t len);


void
consent_value_add(consent_value_t *v, const uint8_t *p, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {

        switch (p[i]) {

        case '"':
            consent_value_put(v, "&quot;", 6);
            break;

        case '&':
            consent_value_put(v, "&amp;", 5);
            break;

        case '<':

            if (v->no_lt) {
                consent_value_put(v, "&lt;", 4);
                break;
            }

            /* fall through */

        default:

            if (v->len == v->size) {
                v->full = 1;
                return;
            }

            v->data[v->len++] = p[i];
        }
    }
}


void
consent_value_srcset(consent_value_t *v, consent_judge_t *judge,
    consent_str_t value)
{
    consent_srcset_t  candidate;

    value = consent_judge_decode(judge, value);

    while (consent_srcset_next(&candidate, &value)) {

        if (consent_judge_url(judge, candidate.url, 0)
            != CONSENT_UNCLASSIFIED)
        {
            continue;
        }

        if (v->len) {
            consent_value_put(v, ", ", 2);
        }

        consent_value_add(v, candidate.candidate.data,
                          candidate.candidate.len);
    }
}


void
consent_value_css(consent_value_t *v, consent_judge_t *judge,
    consent_str_t value)
{
    const uint8_t        *p, *end, *from, *url;
    consent_css_t         css;
    consent_css_event_e   event;

    value = consent_judge_decode(judge, value);

    consent_css_init(&css);

    p = value.data;
    end = p + value.len;
    from = p;
    url = NULL;

    do {
        event = consent_css_scan(&css, &p, end);

        if (event == CONSENT_CSS_URL_BEGIN) {
            url = p;
            continue;
        }

        if (url && (event == CONSENT_CSS_URL_END || consent_css_finish(&css))
            && consent_judge_css_url(judge,
                                     consent_str_make(url,
                                                      (size_t) (p - url)), 0)
               != CONSENT_UNCLASSIFIED)
        {
            consent_value_add(v, from, (size_t) (url - from));
            consent_value_add(v, consent_value_nothing.data,
                              consent_value_nothing.len);
            from = p;
        }

        url = NULL;

    } while (event != CONSENT_CSS_MORE);

    consent_value_add(v, from, (size_t) (end - from));
}


unsigned
consent_value_policy(consent_value_t *v, consent_judge_t *judge,
    consent_str_t value)
{
    size_t     len, room;
    uint8_t   *text;
    unsigned   removed;

    value = consent_judge_decode(judge, value);
    room = CONSENT_CSP_ROOM(value.len);

    if (value.data == NULL || v->size - v->len < room) {
        v->full = 1;
        return 0;
    }

    /* unescaped at the end of the memory, and from there to its beginning */

    v->size -= room;

    text = v->data + v->size;
    len = consent_csp_narrow(text, judge, value, &removed);

    if (removed) {
        consent_value_add(v, text, len);
    }

    return removed;
}


static void
consent_value_put(consent_value_t *v, const char *text, size_t len)
{
    if (len > v->size - v->len) {
        v->full = 1;
        return;
    }

    memcpy(v->data + v->len, text, len);
    v->len += len;
}
