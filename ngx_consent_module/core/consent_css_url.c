/*
 * Copyright (C) ngx_consent_module authors
 *
 * Strings and url(), with their escapes.
 */


#include "consent_css_private.h"


static void consent_css_begin(consent_css_t *css, consent_css_event_e *event);
static void consent_css_end(consent_css_t *css, consent_css_event_e *event);
static uint32_t consent_css_digit(uint8_t c);


const uint8_t *
consent_css_string_start(consent_css_t *css, const uint8_t *p,
    consent_css_event_e *event)
{
    css->state = ST_STRING;

    if (*p != css->quote && !(class_of(*p) & CH_NEWLINE)) {
        consent_css_begin(css, event);
    }

    return p;
}


const uint8_t *
consent_css_string(consent_css_t *css, const uint8_t *p, const uint8_t *end,
    consent_css_event_e *event)
{
    if (css->escape) {
        return p + consent_css_escape(css, *p);
    }

    p = consent_css_skip(p, end, CH_STRING);

    if (p == end) {
        return p;
    }

    if (*p == '\\') {
        css->escape = ESCAPE_START;
        return p + 1;
    }

    if (*p != css->quote && !(class_of(*p) & CH_NEWLINE)) {
        return p + 1;
    }

    if (css->open) {

        /* the next call comes here again */

        consent_css_end(css, event);
        return p;
    }

    css->state = ST_TEXT;

    return p + 1;
}


const uint8_t *
consent_css_url_start(consent_css_t *css, const uint8_t *p,
    const uint8_t *end, consent_css_event_e *event)
{
    while (p < end && (class_of(*p) & CH_SPACE)) {
        p++;
    }

    if (p == end) {
        return p;
    }

    if (*p == '"' || *p == '\'') {
        consent_css_push(css, ')', 0);
        consent_css_quote(css, *p, css->url);
        return p + 1;
    }

    if (*p == ')') {
        css->state = ST_TEXT;
        return p + 1;
    }

    css->state = ST_URL;

    if (*p == '\\' || !(class_of(*p) & CH_URL)) {
        consent_css_begin(css, event);
    }

    return p;
}


const uint8_t *
consent_css_url(consent_css_t *css, const uint8_t *p, const uint8_t *end,
    consent_css_event_e *event)
{
    if (css->escape == ESCAPE_START && (class_of(*p) & CH_NEWLINE)) {
        css->escape = ESCAPE_NONE;

    } else if (css->escape) {
        return p + consent_css_escape(css, *p);
    }

    p = consent_css_skip(p, end, CH_URL);

    if (p == end) {
        return p;
    }

    if (*p == '\\') {
        css->escape = ESCAPE_START;
        return p + 1;
    }

    css->state = ST_URL_AFTER;
    consent_css_end(css, event);

    return p;
}


const uint8_t *
consent_css_url_after(consent_css_t *css, const uint8_t *p,
    const uint8_t *end)
{
    while (p < end && (class_of(*p) & CH_SPACE)) {
        p++;
    }

    if (p == end) {
        return p;
    }

    if (*p == ')') {
        css->state = ST_TEXT;
        return p + 1;
    }

    css->state = ST_BAD_URL;

    return p;
}


/* "consume the remnants of a bad url": only an escaped ")" does not end it */

const uint8_t *
consent_css_bad_url(consent_css_t *css, const uint8_t *p, const uint8_t *end)
{
    if (css->escape) {
        css->escape = ESCAPE_NONE;
        return p + 1;
    }

    while (p < end && *p != ')' && *p != '\\') {
        p++;
    }

    if (p == end) {
        return p;
    }

    if (*p == ')') {
        css->state = ST_TEXT;

    } else {
        css->escape = ESCAPE_START;
    }

    return p + 1;
}


static void
consent_css_begin(consent_css_t *css, consent_css_event_e *event)
{
    if (css->url) {
        css->open = 1;
        *event = CONSENT_CSS_URL_BEGIN;
    }
}


static void
consent_css_end(consent_css_t *css, consent_css_event_e *event)
{
    if (css->open) {
        css->open = 0;
        *event = CONSENT_CSS_URL_END;
    }
}


void
consent_css_quote(consent_css_t *css, uint8_t quote, int url)
{
    css->at = AT_NONE;
    css->quote = quote;
    css->url = url ? 1 : 0;
    css->state = url ? ST_STRING_START : ST_STRING;
}


int
consent_css_escape(consent_css_t *css, uint8_t c)
{
    if (css->escape == ESCAPE_CR) {
        css->escape = ESCAPE_NONE;
        return c == '\n';
    }

    if (css->escape == ESCAPE_START) {
        css->code = 0;
        css->digits = 0;
    }

    if ((class_of(c) & CH_HEX) && css->digits < ESCAPE_MAX_DIGITS) {
        css->code = css->code << 4 | consent_css_digit(c);
        css->digits++;
        css->escape = ESCAPE_HEX;
        return 1;
    }

    if (css->digits == 0) {
        css->code = c;
    }

    css->escape = (c == '\r') ? ESCAPE_CR : ESCAPE_NONE;

    return css->digits == 0 || (class_of(c) & CH_SPACE);
}


static uint32_t
consent_css_digit(uint8_t c)
{
    return (uint32_t) (consent_is_digit(c) ? c - '0'
                                           : consent_lower(c) - 'a' + 10);
}
