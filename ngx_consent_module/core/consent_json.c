/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_json.h"
#include "consent_utf8.h"


/* a string that is compared; longer ones are none of those */

#define CONSENT_JSON_WORD  64


typedef struct {
    const uint8_t  *pos;
    const uint8_t  *end;
} consent_json_reader_t;


static int consent_json_value(consent_json_reader_t *reader, unsigned depth);
static int consent_json_nested(consent_json_reader_t *reader,
    unsigned depth);
static int consent_json_element(consent_json_reader_t *reader,
    consent_json_t *element, unsigned keys, unsigned first, unsigned depth);
static int consent_json_quoted(consent_json_reader_t *reader);
static int consent_json_literal(consent_json_reader_t *reader);
static int consent_json_number(consent_str_t s);
static size_t consent_json_digits(consent_str_t s, size_t i);
static void consent_json_spaces(consent_json_reader_t *reader);
static int consent_json_take(consent_json_reader_t *reader, uint8_t c);
static int consent_json_hex(const uint8_t *p, const uint8_t *end,
    uint32_t *unit);
static const uint8_t *consent_json_escape(const uint8_t *p,
    const uint8_t *end, uint32_t *c);


void
consent_json_start(consent_json_list_t *list, consent_str_t text)
{
    list->rest = text;
    list->keys = 0;
    list->begun = 0;
}


int
consent_json_enter(consent_json_list_t *list, consent_str_t value,
    uint8_t open)
{
    if (value.len < 2 || value.data[0] != open) {
        return 0;
    }

    consent_json_start(list, consent_str_make(value.data + 1, value.len - 2));
    list->keys = (open == '{');

    return 1;
}


int
consent_json_next(consent_json_t *element, consent_json_list_t *list)
{
    consent_json_reader_t  reader;

    if (list->rest.len == 0) {
        return 0;
    }

    reader.pos = list->rest.data;
    reader.end = list->rest.data + list->rest.len;

    consent_json_spaces(&reader);

    if (reader.pos == reader.end) {
        return 0;
    }

    if (consent_json_element(&reader, element, list->keys, !list->begun, 0)
        != 0)
    {
        return -1;
    }

    list->begun = 1;
    list->rest = consent_str_make(reader.pos,
                                  (size_t) (reader.end - reader.pos));

    return 1;
}


int
consent_json_string(uint8_t *dst, size_t size, consent_str_t value,
    consent_str_t *text)
{
    uint8_t         utf8[CONSENT_UTF8_SIZE];
    size_t          len, n;
    uint32_t        c;
    const uint8_t  *p, *end;

    if (value.len < 2 || value.data[0] != '"') {
        return -1;
    }

    len = 0;
    p = value.data + 1;
    end = value.data + value.len - 1;

    while (p < end) {

        if (*p != '\\') {
            utf8[0] = *p++;
            n = 1;

        } else {
            p = consent_json_escape(p, end, &c);

            if (p == NULL) {
                return -1;
            }

            n = consent_utf8_encode(utf8, c);
        }

        if (n > size - len) {
            return -1;
        }

        memcpy(dst + len, utf8, n);
        len += n;
    }

    *text = consent_str_make(dst, len);

    return 0;
}


int
consent_json_is(consent_str_t value, const char *text)
{
    uint8_t        buf[CONSENT_JSON_WORD];
    consent_str_t  s;

    return consent_json_string(buf, sizeof(buf), value, &s) == 0
           && consent_str_eq(s, consent_str_make((const uint8_t *) text,
                                                 strlen(text)));
}


static int
consent_json_value(consent_json_reader_t *reader, unsigned depth)
{
    if (reader->pos == reader->end || depth == CONSENT_JSON_DEPTH) {
        return -1;
    }

    switch (*reader->pos) {

    case '"':
        return consent_json_quoted(reader);

    case '{':
    case '[':
        return consent_json_nested(reader, depth);

    default:
        return consent_json_literal(reader);
    }
}


static int
consent_json_nested(consent_json_reader_t *reader, unsigned depth)
{
    uint8_t         close;
    unsigned        keys, first;
    consent_json_t  element;

    keys = (*reader->pos == '{');
    close = keys ? '}' : ']';

    reader->pos++;

    for (first = 1; /* void */ ; first = 0) {
        consent_json_spaces(reader);

        if (consent_json_take(reader, close)) {
            return 0;
        }

        if (consent_json_element(reader, &element, keys, first, depth + 1)
            != 0)
        {
            return -1;
        }
    }
}


static int
consent_json_element(consent_json_reader_t *reader, consent_json_t *element,
    unsigned keys, unsigned first, unsigned depth)
{
    const uint8_t  *start;

    if (!first) {

        if (!consent_json_take(reader, ',')) {
            return -1;
        }

        consent_json_spaces(reader);
    }

    start = reader->pos;
    element->key = consent_str_make(start, 0);

    if (keys) {

        if (consent_json_quoted(reader) != 0) {
            return -1;
        }

        element->key.len = (size_t) (reader->pos - start);

        consent_json_spaces(reader);

        if (!consent_json_take(reader, ':')) {
            return -1;
        }

        consent_json_spaces(reader);
    }

    element->value.data = reader->pos;

    if (consent_json_value(reader, depth) != 0) {
        return -1;
    }

    element->value.len = (size_t) (reader->pos - element->value.data);
    element->text = consent_str_make(start, (size_t) (reader->pos - start));

    return 0;
}


static int
consent_json_quoted(consent_json_reader_t *reader)
{
    uint32_t  c;

    if (!consent_json_take(reader, '"')) {
        return -1;
    }

    while (reader->pos < reader->end) {

        if (*reader->pos == '\\') {
            reader->pos = consent_json_escape(reader->pos, reader->end, &c);

            if (reader->pos == NULL) {
                reader->pos = reader->end;
                return -1;
            }

            continue;
        }

        if (*reader->pos < ' ') {
            return -1;
        }

        if (*reader->pos++ == '"') {
            return 0;
        }
    }

    return -1;
}


/* a number, true, false or null */

static int
consent_json_literal(consent_json_reader_t *reader)
{
    const uint8_t        *start;
    consent_str_t         s;
    const consent_str_t  *word;

    static const consent_str_t  words[] = {
        consent_str("true"),
        consent_str("false"),
        consent_str("null"),
        { 0, NULL }
    };

    start = reader->pos;

    while (reader->pos < reader->end
           && (consent_is_alpha(*reader->pos) || consent_is_digit(*reader->pos)
               || *reader->pos == '+' || *reader->pos == '-'
               || *reader->pos == '.'))
    {
        reader->pos++;
    }

    s = consent_str_make(start, (size_t) (reader->pos - start));

    for (word = words; word->data; word++) {
        if (consent_str_eq(*word, s)) {
            return 0;
        }
    }

    return consent_json_number(s) ? 0 : -1;
}


static int
consent_json_number(consent_str_t s)
{
    size_t  i, n;

    i = (s.len && s.data[0] == '-');
    n = consent_json_digits(s, i);

    if (n == i || (n > i + 1 && s.data[i] == '0')) {
        return 0;
    }

    i = n;

    if (i < s.len && s.data[i] == '.') {
        n = consent_json_digits(s, i + 1);

        if (n == i + 1) {
            return 0;
        }

        i = n;
    }

    if (i < s.len && consent_lower(s.data[i]) == 'e') {
        i++;

        if (i < s.len && (s.data[i] == '+' || s.data[i] == '-')) {
            i++;
        }

        n = consent_json_digits(s, i);

        if (n == i) {
            return 0;
        }

        i = n;
    }

    return i == s.len;
}


static size_t
consent_json_digits(consent_str_t s, size_t i)
{
    while (i < s.len && consent_is_digit(s.data[i])) {
        i++;
    }

    return i;
}


static void
consent_json_spaces(consent_json_reader_t *reader)
{
    while (reader->pos < reader->end
           && (*reader->pos == ' ' || *reader->pos == '\t'
               || *reader->pos == '\n' || *reader->pos == '\r'))
    {
        reader->pos++;
    }
}


static int
consent_json_take(consent_json_reader_t *reader, uint8_t c)
{
    if (reader->pos == reader->end || *reader->pos != c) {
        return 0;
    }

    reader->pos++;

    return 1;
}


/* what is behind the escape at p, which is a "\"; NULL: it is none */

static const uint8_t *
consent_json_escape(const uint8_t *p, const uint8_t *end, uint32_t *c)
{
    size_t    i;
    uint32_t  low;

    static const char  escapes[] = "\"\\/bfnrt";
    static const char  meanings[] = "\"\\/\b\f\n\r\t";

    if (end - p < 2) {
        return NULL;
    }

    if (p[1] != 'u') {

        for (i = 0; i < sizeof(escapes) - 1; i++) {
            if (p[1] == (uint8_t) escapes[i]) {
                *c = (uint8_t) meanings[i];
                return p + 2;
            }
        }

        return NULL;
    }

    if (!consent_json_hex(p + 2, end, c)) {
        return NULL;
    }

    p += 6;

    if (*c < 0xd800 || *c > 0xdfff) {
        return p;
    }

    /* half of a pair alone is no character */

    if (*c < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u'
        && consent_json_hex(p + 2, end, &low)
        && low >= 0xdc00 && low <= 0xdfff)
    {
        *c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
        return p + 6;
    }

    *c = CONSENT_UTF8_REPLACEMENT;

    return p;
}


static int
consent_json_hex(const uint8_t *p, const uint8_t *end, uint32_t *unit)
{
    size_t   i;
    uint8_t  c;

    if (end - p < 4) {
        return 0;
    }

    *unit = 0;

    for (i = 0; i < 4; i++) {
        c = consent_lower(p[i]);

        if (consent_is_digit(c)) {
            *unit = *unit * 16 + (uint32_t) (c - '0');

        } else if (c >= 'a' && c <= 'f') {
            *unit = *unit * 16 + (uint32_t) (c - 'a' + 10);

        } else {
            return 0;
        }
    }

    return 1;
}
