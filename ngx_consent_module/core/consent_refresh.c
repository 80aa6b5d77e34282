/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_refresh.h"


static int consent_refresh_time(consent_str_t *s);
static void consent_refresh_prefix(consent_str_t *s);
static void consent_refresh_quotes(consent_str_t *s);
static int consent_refresh_letter(consent_str_t s, size_t i, uint8_t c);
static size_t consent_refresh_spaces(consent_str_t s, size_t i);
static void consent_refresh_skip(consent_str_t *s, size_t n);


int
consent_refresh_url(consent_str_t content, consent_str_t *url)
{
    consent_str_t  s;

    s = content;

    if (!consent_refresh_time(&s)) {
        return 0;
    }

    consent_refresh_prefix(&s);

    if (s.len == 0) {
        return 0;
    }

    *url = s;

    return 1;
}


/* the time and what separates it from the URL; 0: not valid */

static int
consent_refresh_time(consent_str_t *s)
{
    size_t  i;

    i = consent_refresh_spaces(*s, 0);

    if (i == s->len || (!consent_is_digit(s->data[i]) && s->data[i] != '.')) {
        return 0;
    }

    while (i < s->len && (consent_is_digit(s->data[i]) || s->data[i] == '.')) {
        i++;
    }

    if (i < s->len && s->data[i] != ';' && s->data[i] != ','
        && !consent_is_space(s->data[i]))
    {
        return 0;
    }

    i = consent_refresh_spaces(*s, i);

    if (i < s->len && (s->data[i] == ';' || s->data[i] == ',')) {
        i++;
    }

    consent_refresh_skip(s, consent_refresh_spaces(*s, i));

    return 1;
}


/*
 * Takes "url =" and quotes away.  What starts with "u" and goes on in another
 * way is a URL as it is, quotes or not.
 */

static void
consent_refresh_prefix(consent_str_t *s)
{
    size_t  i;

    if (consent_refresh_letter(*s, 0, 'u')) {

        if (!consent_refresh_letter(*s, 1, 'r')
            || !consent_refresh_letter(*s, 2, 'l'))
        {
            return;
        }

        i = consent_refresh_spaces(*s, 3);

        if (i == s->len || s->data[i] != '=') {
            return;
        }

        consent_refresh_skip(s, consent_refresh_spaces(*s, i + 1));
    }

    consent_refresh_quotes(s);
}


static void
consent_refresh_quotes(consent_str_t *s)
{
    uint8_t         quote;
    const uint8_t  *last;

    if (s->len == 0 || (s->data[0] != '"' && s->data[0] != '\'')) {
        return;
    }

    quote = s->data[0];
    consent_refresh_skip(s, 1);

    if (s->len == 0) {
        return;
    }

    last = memchr(s->data, quote, s->len);

    if (last) {
        s->len = (size_t) (last - s->data);
    }
}


static int
consent_refresh_letter(consent_str_t s, size_t i, uint8_t c)
{
    return i < s.len && consent_lower(s.data[i]) == c;
}


static size_t
consent_refresh_spaces(consent_str_t s, size_t i)
{
    while (i < s.len && consent_is_space(s.data[i])) {
        i++;
    }

    return i;
}


static void
consent_refresh_skip(consent_str_t *s, size_t n)
{
    s->data += n;
    s->len -= n;
}
