/*
 * Copyright (C) ngx_consent_module authors
 *
 * Texts are split before they are decoded.  A part of a cookie may be what a
 * visitor's link said (OneTrust keeps the address of the first page): decoded
 * first, it could write pairs of its own.  So a text in which a separator
 * stands as it is is never decoded as a whole.
 */


#include "consent_parser.h"
#include "consent_gpp.h"
#include "consent_tcf.h"


static int parser_is_split(const consent_parser_t *parser,
    consent_str_t text);
static consent_parsed_e parser_text(const consent_parser_t *parser,
    consent_tokens_t *tokens, unsigned parent, consent_str_t text,
    unsigned *urls);
static consent_parsed_e parser_kv(const consent_parser_t *parser,
    consent_tokens_t *tokens, unsigned parent, consent_str_t text,
    unsigned *urls);
static consent_parsed_e parser_list(const consent_parser_t *parser,
    consent_tokens_t *tokens, unsigned parent, consent_str_t text);
static consent_parsed_e parser_fields(consent_tokens_t *tokens,
    unsigned parent, consent_str_t separator, consent_str_t text);
static consent_parsed_e parser_tcf(consent_tokens_t *tokens, unsigned parent,
    consent_str_t text);
static consent_parsed_e parser_gpp(consent_tokens_t *tokens, unsigned parent,
    consent_str_t text);
static int parser_gpp_ids(consent_tokens_t *tokens, unsigned parent,
    const consent_gpp_t *gpp);
static int parser_gpp_field(consent_tokens_t *tokens, unsigned parent,
    const char *name, consent_gpp_e value);
static consent_str_t parser_part(consent_str_t *rest,
    consent_str_t separator);
static consent_str_t parser_number(consent_scratch_t *scratch,
    uint8_t prefix, unsigned n);
static int parser_add(consent_tokens_t *tokens, unsigned parent,
    consent_str_t name, consent_str_t value, unsigned item);


static const consent_str_t  parser_one = consent_str("1");


const char *
consent_parser_set(consent_parser_t *parser, const consent_str_t *words,
    unsigned n, unsigned *at)
{
    size_t       kind;
    unsigned     arguments;
    const char  *wrong;

    static const struct {
        consent_str_t     name;
        unsigned          arguments;
        consent_parser_e  kind;
    } parsers[] = {
        { consent_str("cookies"), 0, CONSENT_PARSER_COOKIES },
        { consent_str("kv"), 2, CONSENT_PARSER_KV },
        { consent_str("list"), 1, CONSENT_PARSER_LIST },
        { consent_str("fields"), 1, CONSENT_PARSER_FIELDS },
        { consent_str("json"), 0, CONSENT_PARSER_JSON },
        { consent_str("tcf"), 0, CONSENT_PARSER_TCF },
        { consent_str("gpp"), 0, CONSENT_PARSER_GPP }
    };

    *at = 0;

    memset(parser, 0, sizeof(consent_parser_t));

    for (kind = 0; kind < sizeof(parsers) / sizeof(parsers[0]); kind++) {
        if (n && consent_str_eq(words[0], parsers[kind].name)) {
            break;
        }
    }

    if (kind == sizeof(parsers) / sizeof(parsers[0])) {
        return "there is no such parser, use cookies, kv PAIRS VALUE, list "
               "SEPARATORS, fields SEPARATOR, json, tcf or gpp";
    }

    parser->kind = parsers[kind].kind;
    arguments = parsers[kind].arguments;

    if (n <= arguments) {
        return arguments == 2
               ? "two separators are missing behind it, such as kv \"&\" "
                 "\"=\""
               : "a separator is missing behind it, such as \",\", or \"\" "
                 "for single characters";
    }

    if (arguments) {
        parser->separator = words[1];
    }

    if (arguments == 2) {
        parser->equals = words[2];

        if (words[1].len == 0 || words[2].len == 0) {
            return "neither separator may be empty";
        }
    }

    wrong = consent_transforms_add(&parser->transforms, words + 1 + arguments,
                                   n - 1 - arguments, at);

    *at += wrong ? 1 + arguments : 0;

    return wrong;
}


consent_parsed_e
consent_parser_run(const consent_parser_t *parser, consent_tokens_t *tokens,
    unsigned parent, consent_str_t text, unsigned *urls)
{
    int                          rc;
    uint8_t                     *mark;
    unsigned                     values, split;
    consent_str_t                level;
    consent_parsed_e             parsed;
    const consent_transforms_t  *t;

    t = &parser->transforms;
    values = (parser->kind == CONSENT_PARSER_KV);

    if (parser->kind != CONSENT_PARSER_JSON) {
        text = consent_transform_unquote(text);
    }

    rc = consent_transforms_run(t, 0, t->url, values, &text, tokens->scratch);

    if (rc != 1) {
        return rc == 0 ? CONSENT_PARSED_MALFORMED : CONSENT_PARSED_LIMIT;
    }

    for ( ;; ) {
        mark = tokens->scratch->pos;
        level = text;
        split = 0;
        parsed = CONSENT_PARSED_MALFORMED;

        rc = consent_transforms_run(t, t->url, t->n, values, &level,
                                    tokens->scratch);
        if (rc < 0) {
            return CONSENT_PARSED_LIMIT;
        }

        if (rc == 1) {
            level = consent_transform_trim(level);
            split = (unsigned) parser_is_split(parser, level);

            parsed = CONSENT_PARSED_SHAPE;

            if (parser->shape == NULL
                || consent_shape_match(parser->shape, level))
            {
                parsed = parser_text(parser, tokens, parent, level, urls);
            }
        }

        if (parsed == CONSENT_PARSED || parsed == CONSENT_PARSED_LIMIT
            || split || !t->has_url || *urls == 0
            || !consent_transform_has_escape(text))
        {
            return parsed;
        }

        tokens->scratch->pos = mark;

        (*urls)--;

        if (consent_transform_url(&text, tokens->scratch) != 0) {
            return CONSENT_PARSED_LIMIT;
        }
    }
}


/* the separator that makes a text one of this parser stands in it as it is */

static int
parser_is_split(const consent_parser_t *parser, consent_str_t text)
{
    size_t  i;

    switch (parser->kind) {

    case CONSENT_PARSER_KV:
        return consent_transform_find(text, parser->equals) != NULL;

    case CONSENT_PARSER_FIELDS:
        return consent_transform_find(text, parser->separator) != NULL;

    case CONSENT_PARSER_LIST:

        for (i = 0; i < parser->separator.len; i++) {
            if (text.len && memchr(text.data, parser->separator.data[i],
                                   text.len))
            {
                return 1;
            }
        }

        return 0;

    case CONSENT_PARSER_NONE:
    case CONSENT_PARSER_COOKIES:
    case CONSENT_PARSER_JSON:
    case CONSENT_PARSER_TCF:
    case CONSENT_PARSER_GPP:
        break;
    }

    return 0;
}


static consent_parsed_e
parser_text(const consent_parser_t *parser, consent_tokens_t *tokens,
    unsigned parent, consent_str_t text, unsigned *urls)
{
    /* a list without its separator may be one that is encoded */

    if ((parser->kind == CONSENT_PARSER_LIST
         || parser->kind == CONSENT_PARSER_FIELDS)
        && parser->transforms.has_url && *urls
        && !parser_is_split(parser, text)
        && consent_transform_has_escape(text))
    {
        return CONSENT_PARSED_MALFORMED;
    }

    switch (parser->kind) {

    case CONSENT_PARSER_KV:
        return parser_kv(parser, tokens, parent, text, urls);

    case CONSENT_PARSER_LIST:
        return parser_list(parser, tokens, parent, text);

    case CONSENT_PARSER_FIELDS:
        return parser_fields(tokens, parent, parser->separator, text);

    case CONSENT_PARSER_JSON:
        return consent_parser_json(tokens, parent, text, urls);

    case CONSENT_PARSER_TCF:
        return parser_tcf(tokens, parent, text);

    case CONSENT_PARSER_GPP:
        return parser_gpp(tokens, parent, text);

    case CONSENT_PARSER_NONE:
    case CONSENT_PARSER_COOKIES:
        break;
    }

    return CONSENT_PARSED_MALFORMED;
}


/* of a key that comes twice the first counts, as in the vendors' scripts */

static consent_parsed_e
parser_kv(const consent_parser_t *parser, consent_tokens_t *tokens,
    unsigned parent, consent_str_t text, unsigned *urls)
{
    size_t          len;
    unsigned        pairs;
    consent_str_t   pair, key, value;
    const uint8_t  *equals;

    pairs = 0;

    while (text.data) {
        pair = consent_transform_trim(parser_part(&text, parser->separator));
        equals = consent_transform_find(pair, parser->equals);

        if (equals == NULL) {
            continue;
        }

        len = (size_t) (equals - pair.data);

        key = consent_transform_trim(consent_str_make(pair.data, len));

        len += parser->equals.len;

        value = consent_str_make(pair.data + len, pair.len - len);
        value = consent_transform_trim(value);

        if (consent_transform_value(&parser->transforms, *urls ? 1 : 0,
                                    &value, tokens->scratch)
            != 0
            || !parser_add(tokens, parent, key, value, 0))
        {
            return CONSENT_PARSED_LIMIT;
        }

        pairs++;
    }

    if (pairs == 0) {
        return CONSENT_PARSED_MALFORMED;
    }

    if (parser->transforms.has_url && *urls) {
        (*urls)--;
    }

    return CONSENT_PARSED;
}


static consent_parsed_e
parser_list(const consent_parser_t *parser, consent_tokens_t *tokens,
    unsigned parent, consent_str_t text)
{
    size_t         i, start;
    consent_str_t  item;

    start = 0;

    for (i = 0; i <= text.len; i++) {

        if (i < text.len && parser->separator.len
            && memchr(parser->separator.data, text.data[i],
                      parser->separator.len)
               == NULL)
        {
            continue;
        }

        if (parser->separator.len) {
            item = consent_str_make(text.data + start, i - start);
            start = i + 1;

        } else {
            item = consent_str_make(text.data + i, i < text.len);
        }

        item = consent_transform_trim(item);

        if (item.len && !parser_add(tokens, parent, item, parser_one,
                                    parent != 0))
        {
            return CONSENT_PARSED_LIMIT;
        }
    }

    return CONSENT_PARSED;
}


static consent_parsed_e
parser_fields(consent_tokens_t *tokens, unsigned parent,
    consent_str_t separator, consent_str_t text)
{
    unsigned       n;
    consent_str_t  field, name;

    for (n = 0; text.data; n++) {

        if (separator.len) {
            field = parser_part(&text, separator);

        } else if (text.len) {
            field = consent_str_make(text.data, 1);
            text.data++;
            text.len--;

        } else {
            break;
        }

        name = parser_number(tokens->scratch, 'f', n);

        if (name.len == 0
            || !parser_add(tokens, parent, name,
                           consent_transform_trim(field), 0))
        {
            return CONSENT_PARSED_LIMIT;
        }
    }

    return CONSENT_PARSED;
}


/* its fields are read when somebody asks for them */

static consent_parsed_e
parser_tcf(consent_tokens_t *tokens, unsigned parent, consent_str_t text)
{
    if (text.len > CONSENT_TCF_MAX_LEN) {
        return CONSENT_PARSED_LIMIT;
    }

    if (consent_tcf_check(text) != 0) {
        return CONSENT_PARSED_MALFORMED;
    }

    if (parent == 0) {
        tokens->tcf = text;
        return CONSENT_PARSED;
    }

    tokens->list[parent - 1].kind = CONSENT_TOKEN_TCF;
    tokens->list[parent - 1].value = text;

    return CONSENT_PARSED;
}


static consent_parsed_e
parser_gpp(consent_tokens_t *tokens, unsigned parent, consent_str_t text)
{
    consent_gpp_t  gpp;
    consent_str_t  none = consent_str("");

    if (text.len > CONSENT_GPP_MAX_LEN) {
        return CONSENT_PARSED_LIMIT;
    }

    if (consent_gpp_parse(&gpp, text) != 0
        || (gpp.tcf.data && consent_tcf_check(gpp.tcf) != 0))
    {
        return CONSENT_PARSED_MALFORMED;
    }

    if (!parser_gpp_ids(tokens, parent, &gpp)
        || !parser_gpp_field(tokens, parent, "sale", gpp.sale)
        || !parser_gpp_field(tokens, parent, "sharing", gpp.sharing)
        || !parser_gpp_field(tokens, parent, "targeted", gpp.targeted)
        || (gpp.has_gpc
            && !parser_gpp_field(tokens, parent, "gpc",
                                 gpp.gpc ? CONSENT_GPP_OPTED_OUT
                                         : CONSENT_GPP_NOT_APPLICABLE)))
    {
        return CONSENT_PARSED_LIMIT;
    }

    if (gpp.usp.data
        && parser_fields(tokens, parent, none, gpp.usp) != CONSENT_PARSED)
    {
        return CONSENT_PARSED_LIMIT;
    }

    return gpp.tcf.data ? parser_tcf(tokens, parent, gpp.tcf)
                        : CONSENT_PARSED;
}


/* "sid" with the number of sections, and an item for each */

static int
parser_gpp_ids(consent_tokens_t *tokens, unsigned parent,
    const consent_gpp_t *gpp)
{
    unsigned       i, sid;
    consent_str_t  id;

    static const consent_str_t  name = consent_str("sid");

    sid = consent_tokens_add(tokens, parent, name, 0, CONSENT_TOKEN_FIRST);
    id = parser_number(tokens->scratch, 0, gpp->n);

    if (sid == 0 || id.len == 0) {
        return 0;
    }

    tokens->list[sid - 1].kind = CONSENT_TOKEN_NUMBER;
    tokens->list[sid - 1].value = id;

    for (i = 0; i < gpp->n; i++) {
        id = parser_number(tokens->scratch, 0, gpp->ids[i]);

        if (id.len == 0 || !parser_add(tokens, sid, id, parser_one, 1)) {
            return 0;
        }
    }

    return 1;
}


/* with the value that the string has for it */

static int
parser_gpp_field(consent_tokens_t *tokens, unsigned parent, const char *name,
    consent_gpp_e value)
{
    static const consent_str_t  values[] = {
        consent_str(""), consent_str("0"), consent_str("2"), consent_str("1")
    };

    if (value == CONSENT_GPP_MISSING) {
        return 1;
    }

    return parser_add(tokens, parent,
                      consent_str_make((const uint8_t *) name, strlen(name)),
                      values[value], 0);
}


/* what precedes the next separator or the end, behind which data is NULL */

static consent_str_t
parser_part(consent_str_t *rest, consent_str_t separator)
{
    consent_str_t   part;
    const uint8_t  *found;

    part = *rest;
    found = consent_transform_find(*rest, separator);

    if (found == NULL) {
        *rest = consent_str_make(NULL, 0);
        return part;
    }

    part.len = (size_t) (found - rest->data);

    rest->data = found + separator.len;
    rest->len -= part.len + separator.len;

    return part;
}


/* empty: no memory left */

static consent_str_t
parser_number(consent_scratch_t *scratch, uint8_t prefix, unsigned n)
{
    size_t    i;
    uint8_t  *p, digits[11];

    i = sizeof(digits);

    do {
        digits[--i] = (uint8_t) ('0' + n % 10);
        n /= 10;
    } while (n);

    if (prefix) {
        digits[--i] = prefix;
    }

    p = consent_scratch_alloc(scratch, sizeof(digits) - i);

    if (p == NULL) {
        return consent_str_make(NULL, 0);
    }

    memcpy(p, digits + i, sizeof(digits) - i);

    return consent_str_make(p, sizeof(digits) - i);
}


static int
parser_add(consent_tokens_t *tokens, unsigned parent, consent_str_t name,
    consent_str_t value, unsigned item)
{
    unsigned  n, index;

    n = tokens->n;

    index = consent_tokens_add(tokens, parent, name, item,
                               CONSENT_TOKEN_FIRST);

    if (tokens->n > n) {
        tokens->list[index - 1].value = value;
    }

    return index != 0;
}
