/*
 * Copyright (C) ngx_consent_module authors
 *
 * A reader that goes through a link once.  It is strict, and what it does not
 * understand is for its caller to be careful with.
 */


#include "consent_link.h"


typedef struct {
    const uint8_t  *pos;
    const uint8_t  *end;
} consent_link_reader_t;


static int consent_link_read(consent_link_t *link,
    consent_link_reader_t *reader);
static int consent_link_target(consent_link_t *link,
    consent_link_reader_t *reader);
static int consent_link_param(consent_link_t *link,
    consent_link_reader_t *reader);
static int consent_link_value(consent_link_reader_t *reader,
    consent_str_t *value);
static int consent_link_quoted(consent_link_reader_t *reader,
    consent_str_t *value);
static void consent_link_spaces(consent_link_reader_t *reader);
static int consent_link_is(consent_link_reader_t *reader, uint8_t c);
static consent_str_t consent_link_view(const uint8_t *start,
    const uint8_t *end);


int
consent_link_next(consent_link_t *link, consent_str_t *rest)
{
    const uint8_t          *start, *last;
    consent_link_reader_t   reader;

    memset(link, 0, sizeof(consent_link_t));

    if (rest->len == 0) {
        return 0;
    }

    reader.pos = rest->data;
    reader.end = rest->data + rest->len;

    /* a list may have empty elements */

    while (reader.pos < reader.end
           && (consent_is_space(*reader.pos) || *reader.pos == ','))
    {
        reader.pos++;
    }

    start = reader.pos;

    if (start == reader.end) {
        *rest = consent_link_view(start, start);
        return 0;
    }

    if (!consent_link_read(link, &reader)) {
        memset(link, 0, sizeof(consent_link_t));
        link->odd = 1;
        reader.pos = reader.end;
    }

    last = reader.pos;

    while (consent_is_space(last[-1])) {
        last--;
    }

    link->text = consent_link_view(start, last);
    *rest = consent_link_view(reader.pos, reader.end);

    return 1;
}


/* up to the comma behind the link, or to the end; 0: odd */

static int
consent_link_read(consent_link_t *link, consent_link_reader_t *reader)
{
    if (!consent_link_target(link, reader)) {
        return 0;
    }

    for ( ;; ) {
        consent_link_spaces(reader);

        if (reader->pos == reader->end || *reader->pos == ',') {
            return 1;
        }

        if (!consent_link_is(reader, ';')
            || !consent_link_param(link, reader))
        {
            return 0;
        }
    }
}


static int
consent_link_target(consent_link_t *link, consent_link_reader_t *reader)
{
    const uint8_t  *start;

    if (!consent_link_is(reader, '<')) {
        return 0;
    }

    for (start = reader->pos; reader->pos < reader->end; reader->pos++) {

        if (*reader->pos == '>') {
            link->target = consent_link_view(start, reader->pos);
            reader->pos++;
            return 1;
        }

        if (*reader->pos == '<' || *reader->pos <= ' ') {
            return 0;
        }
    }

    return 0;
}


static int
consent_link_param(consent_link_t *link, consent_link_reader_t *reader)
{
    const uint8_t  *start;
    consent_str_t   name, value;

    static const consent_str_t  rel = consent_str("rel");
    static const consent_str_t  imagesrcset = consent_str("imagesrcset");

    consent_link_spaces(reader);

    for (start = reader->pos; reader->pos < reader->end; reader->pos++) {

        switch (*reader->pos) {

        case '=':
        case ';':
        case ',':
        case ' ':
        case '\t':
            break;

        case '<':
        case '>':
        case '"':
        case '\'':
        case '\\':
            return 0;

        default:
            continue;
        }

        break;
    }

    name = consent_link_view(start, reader->pos);
    value = consent_link_view(reader->pos, reader->pos);

    consent_link_spaces(reader);

    if (consent_link_is(reader, '=') && !consent_link_value(reader, &value)) {
        return 0;
    }

    if (consent_str_caseeq(name, rel)) {

        if (link->rel.data == NULL) {
            link->rel = value;
        }

    } else if (consent_str_caseeq(name, imagesrcset)) {

        if (link->imagesrcset.data == NULL) {
            link->imagesrcset = value;
        }
    }

    return 1;
}


/* without quotes, all up to what ends it */

static int
consent_link_value(consent_link_reader_t *reader, consent_str_t *value)
{
    const uint8_t  *start, *last;

    consent_link_spaces(reader);

    if (consent_link_is(reader, '"')) {
        return consent_link_quoted(reader, value);
    }

    start = reader->pos;
    last = start;

    for ( /* void */ ; reader->pos < reader->end; reader->pos++) {

        switch (*reader->pos) {

        case '<':
        case '>':
        case '"':
        case '\'':
        case '\\':
            return 0;

        case ';':
        case ',':
            break;

        case ' ':
        case '\t':
            continue;

        default:
            last = reader->pos + 1;
            continue;
        }

        break;
    }

    *value = consent_link_view(start, last);

    return 1;
}


/* what could be a link to a reader who sees other quotes than we do is odd */

static int
consent_link_quoted(consent_link_reader_t *reader, consent_str_t *value)
{
    const uint8_t  *start;

    for (start = reader->pos; reader->pos < reader->end; reader->pos++) {

        switch (*reader->pos) {

        case '"':
            *value = consent_link_view(start, reader->pos);
            reader->pos++;
            return 1;

        case '<':
        case '\\':
            return 0;

        default:
            break;
        }
    }

    return 0;
}


static void
consent_link_spaces(consent_link_reader_t *reader)
{
    while (reader->pos < reader->end
           && (*reader->pos == ' ' || *reader->pos == '\t'))
    {
        reader->pos++;
    }
}


static int
consent_link_is(consent_link_reader_t *reader, uint8_t c)
{
    if (reader->pos == reader->end || *reader->pos != c) {
        return 0;
    }

    reader->pos++;

    return 1;
}


static consent_str_t
consent_link_view(const uint8_t *start, const uint8_t *end)
{
    return consent_str_make(start, (size_t) (end - start));
}
