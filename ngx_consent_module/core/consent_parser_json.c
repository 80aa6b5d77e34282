/*
 * Copyright (C) ngx_consent_module authors
 *
 * JSON by YAJL: events instead of a tree, no recursion, and functions that
 * allocate for each handle, so that all of its memory is a piece of ours.
 */


#include <yajl/yajl_parse.h>

#include "consent_lenient.h"
#include "consent_parser.h"


/*
 * What YAJL takes at most: two buffers that begin with 2 KiB and double until
 * the text fits, and its handle.  It does not look whether an allocation
 * failed, so that it gets all of it or is not called.
 */

#define JSON_BUFFER      2048
#define JSON_TEXT_MAX    16383
#define JSON_HANDLE      4096

#define JSON_ALIGN       (sizeof(void *) * 2)


typedef struct {
    uint8_t            *pos;
    uint8_t            *end;
} json_memory_t;


typedef struct {
    consent_tokens_t   *tokens;
    consent_str_t       text;
    consent_str_t       key;

    unsigned            parents[CONSENT_TOKENS_DEPTH + 1];
    unsigned            counts[CONSENT_TOKENS_DEPTH + 1];
    unsigned            arrays;     /* a bit for each depth */
    unsigned            depth;
    unsigned            base;       /* tokens that were there before */

    consent_str_t       scalar;     /* the text is nothing but that */
    consent_token_e     scalar_kind;

    unsigned            scalar_is_string:1;
    unsigned            limited:1;
} json_t;


static consent_parsed_e json_scalar(json_t *json, unsigned *urls);
static consent_parsed_e json_both(json_t *json, consent_str_t text);
static consent_parsed_e json_lenient(json_t *json, consent_str_t text);
static consent_parsed_e json_strict(json_t *json, consent_str_t text);
static void json_reset(json_t *json);
static size_t json_size(size_t len);
static void *json_malloc(void *ctx, size_t size);
static void *json_realloc(void *ctx, void *p, size_t size);
static void json_free(void *ctx, void *p);
static int json_null(void *ctx);
static int json_boolean(void *ctx, int value);
static int json_number(void *ctx, const char *p, size_t len);
static int json_string(void *ctx, const unsigned char *p, size_t len);
static int json_key(void *ctx, const unsigned char *p, size_t len);
static int json_start_map(void *ctx);
static int json_start_array(void *ctx);
static int json_end(void *ctx);
static int json_start(json_t *json, unsigned array);
static int json_value(json_t *json, consent_str_t value,
    consent_token_e kind);
static unsigned json_member(json_t *json);
static int json_keep(json_t *json, const uint8_t *p, size_t len,
    consent_str_t *s);
static int json_digits(json_t *json, unsigned n, consent_str_t *s);
static int json_fail(json_t *json);


static const yajl_callbacks  json_callbacks = {
    json_null,
    json_boolean,
    NULL,
    NULL,
    json_number,
    json_string,
    json_start_map,
    json_key,
    json_end,
    json_start_array,
    json_end
};


consent_parsed_e
consent_parser_json(consent_tokens_t *tokens, unsigned parent,
    consent_str_t text, unsigned *urls)
{
    json_t            json;
    consent_str_t     inner;
    consent_parsed_e  parsed;

    memset(&json, 0, sizeof(json_t));

    json.tokens = tokens;
    json.base = tokens->n;
    json.parents[0] = parent;

    parsed = json_both(&json, text);

    if (parsed == CONSENT_PARSED_MALFORMED) {

        /* quotes around a value, as some servers put them */

        inner = consent_transform_unquote(text);

        if (inner.len != text.len) {
            parsed = json_both(&json, inner);
        }
    }

    if (parsed != CONSENT_PARSED || json.scalar.data == NULL) {
        return parsed;
    }

    return json_scalar(&json, urls);
}


/* a string may be JSON once more; if it is not, the token "self" has it */

static consent_parsed_e
json_scalar(json_t *json, unsigned *urls)
{
    unsigned          token;
    consent_str_t     scalar, inner;
    consent_token_e   kind;
    consent_parsed_e  parsed;

    static const consent_str_t  self = consent_str("self");

    scalar = json->scalar;
    kind = json->scalar_kind;

    if (json->scalar_is_string) {
        parsed = json_both(json, scalar);

        if (parsed == CONSENT_PARSED_MALFORMED && *urls
            && consent_transform_has_escape(scalar))
        {
            inner = scalar;

            if (consent_transform_url(&inner, json->tokens->scratch) != 0) {
                return CONSENT_PARSED_LIMIT;
            }

            parsed = json_both(json, inner);

            if (parsed == CONSENT_PARSED) {
                (*urls)--;
            }
        }

        if (parsed == CONSENT_PARSED_LIMIT
            || (parsed == CONSENT_PARSED && json->scalar.data == NULL))
        {
            return parsed;
        }
    }

    token = consent_tokens_add(json->tokens, json->parents[0], self, 0,
                               CONSENT_TOKEN_LAST);
    if (token == 0) {
        return CONSENT_PARSED_LIMIT;
    }

    json->tokens->list[token - 1].value = scalar;
    json->tokens->list[token - 1].kind = (uint16_t) kind;

    return CONSENT_PARSED;
}


static consent_parsed_e
json_both(json_t *json, consent_str_t text)
{
    consent_parsed_e  parsed;

    parsed = json_strict(json, text);

    if (parsed == CONSENT_PARSED_MALFORMED) {
        parsed = json_lenient(json, text);
    }

    return parsed;
}


static consent_parsed_e
json_lenient(json_t *json, consent_str_t text)
{
    size_t              size;
    uint8_t            *dst;
    consent_scratch_t  *scratch;

    /* as the strict one, and not a word alone, which may be anything */

    if (text.len == 0 || (text.data[0] != '{' && text.data[0] != '[')) {
        return CONSENT_PARSED_MALFORMED;
    }

    /* a word may take two quotes, a quote a "\" */

    scratch = json->tokens->scratch;
    size = text.len * 3;
    size = size < JSON_TEXT_MAX ? size : JSON_TEXT_MAX;

    dst = consent_scratch_alloc(scratch, size);
    if (dst == NULL) {
        return CONSENT_PARSED_LIMIT;
    }

    text = consent_str_make(dst, consent_lenient_json(dst, size, text));

    if (text.len == 0) {
        return CONSENT_PARSED_MALFORMED;
    }

    scratch->pos = dst + text.len;

    return json_strict(json, text);
}


static consent_parsed_e
json_strict(json_t *json, consent_str_t text)
{
    size_t              need;
    uint8_t            *end;
    yajl_status         status;
    yajl_handle         handle;
    json_memory_t       memory;
    yajl_alloc_funcs    funcs;
    consent_scratch_t  *scratch;

    json_reset(json);
    json->text = text;

    scratch = json->tokens->scratch;
    need = json_size(text.len + 1);

    if (text.len > JSON_TEXT_MAX
        || need > (size_t) (scratch->end - scratch->pos))
    {
        return CONSENT_PARSED_LIMIT;
    }

    /* from the end, since what is kept of the text is put behind pos */

    end = scratch->end;
    scratch->end -= need;

    memory.pos = scratch->end + JSON_ALIGN
                 - (uintptr_t) scratch->end % JSON_ALIGN;
    memory.end = end;

    funcs.malloc = json_malloc;
    funcs.realloc = json_realloc;
    funcs.free = json_free;
    funcs.ctx = &memory;

    handle = yajl_alloc(&json_callbacks, &funcs, json);

    if (handle == NULL) {
        scratch->end = end;
        return CONSENT_PARSED_LIMIT;
    }

    (void) yajl_config(handle, yajl_dont_validate_strings, 1);

    status = yajl_parse(handle, text.data, text.len);

    /*
     * YAJL overlooks a string that begins behind the document and does not
     * end: a line feed may follow anything but a part of a string
     */

    if (status == yajl_status_ok) {
        status = yajl_parse(handle, (const unsigned char *) "\n", 1);
    }

    if (status == yajl_status_ok) {
        status = yajl_complete_parse(handle);
    }

    yajl_free(handle);
    scratch->end = end;

    if (status == yajl_status_ok) {
        return CONSENT_PARSED;
    }

    json_reset(json);

    return json->limited ? CONSENT_PARSED_LIMIT : CONSENT_PARSED_MALFORMED;
}


/* what was read of a text that turned out to be none goes */

static void
json_reset(json_t *json)
{
    consent_tokens_cut(json->tokens, json->base);

    json->depth = 0;
    json->arrays = 0;
    json->counts[0] = 0;
    json->key = consent_str_make(NULL, 0);
    json->scalar = consent_str_make(NULL, 0);
    json->scalar_is_string = 0;
}


static size_t
json_size(size_t len)
{
    size_t  size, all;

    size = JSON_BUFFER;
    all = size;

    while (size <= len) {
        size *= 2;
        all += size;
    }

    return 2 * all + JSON_HANDLE;
}


static void *
json_malloc(void *ctx, size_t size)
{
    json_memory_t *memory = ctx;

    uint8_t  *p;

    /* with its size in front, which realloc has to know */

    size += 2 * JSON_ALIGN - 1;
    size -= size % JSON_ALIGN;

    if (size > (size_t) (memory->end - memory->pos)) {
        return NULL;
    }

    p = memory->pos;
    memory->pos += size;

    size -= JSON_ALIGN;
    memcpy(p, &size, sizeof(size_t));

    return p + JSON_ALIGN;
}


static void *
json_realloc(void *ctx, void *p, size_t size)
{
    size_t   old;
    uint8_t  *copy;

    copy = json_malloc(ctx, size);

    if (p && copy) {
        memcpy(&old, (uint8_t *) p - JSON_ALIGN, sizeof(size_t));
        memcpy(copy, p, old < size ? old : size);
    }

    return copy;
}


static void
json_free(void *ctx, void *p)
{
    (void) ctx;
    (void) p;
}


static int
json_null(void *ctx)
{
    json_t *json = ctx;

    return json_value(json, consent_str_make(json->text.data, 0),
                      CONSENT_TOKEN_NULL);
}


static int
json_boolean(void *ctx, int value)
{
    static const consent_str_t  yes = consent_str("true");
    static const consent_str_t  no = consent_str("false");

    return json_value(ctx, value ? yes : no, CONSENT_TOKEN_TEXT);
}


static int
json_number(void *ctx, const char *p, size_t len)
{
    consent_str_t  value;

    return json_keep(ctx, (const uint8_t *) p, len, &value)
           && json_value(ctx, value, CONSENT_TOKEN_NUMBER);
}


static int
json_string(void *ctx, const unsigned char *p, size_t len)
{
    json_t *json = ctx;

    consent_str_t  value;

    if (!json_keep(json, p, len, &value)) {
        return 0;
    }

    json->scalar_is_string = (json->depth == 0);

    return json_value(json, value, CONSENT_TOKEN_TEXT);
}


static int
json_key(void *ctx, const unsigned char *p, size_t len)
{
    json_t *json = ctx;

    return json_keep(json, p, len, &json->key);
}


static int
json_start_map(void *ctx)
{
    return json_start(ctx, 0);
}


static int
json_start_array(void *ctx)
{
    return json_start(ctx, 1);
}


static int
json_start(json_t *json, unsigned array)
{
    unsigned  token;

    if (json->depth == CONSENT_TOKENS_DEPTH) {
        return json_fail(json);
    }

    token = json->parents[0];

    if (json->depth) {
        token = json_member(json);

        if (token == 0) {
            return json_fail(json);
        }
    }

    json->depth++;

    json->parents[json->depth] = token;
    json->counts[json->depth] = 0;
    json->arrays &= ~(1U << json->depth);
    json->arrays |= array << json->depth;

    return 1;
}


/* the value of an array or object is the number of its members */

static int
json_end(void *ctx)
{
    json_t *json = ctx;

    unsigned          depth;
    consent_token_t  *token;

    depth = json->depth--;

    if (depth == 1) {
        return 1;
    }

    token = &json->tokens->list[json->parents[depth] - 1];
    token->kind = CONSENT_TOKEN_NUMBER;

    return json_digits(json, json->counts[depth], &token->value);
}


static int
json_value(json_t *json, consent_str_t value, consent_token_e kind)
{
    unsigned       token, array;
    consent_str_t  one = consent_str("1");

    if (json->depth == 0) {
        json->scalar = value;
        json->scalar_kind = kind;
        return 1;
    }

    array = json->arrays >> json->depth & 1;
    token = json_member(json);

    if (token == 0) {
        return json_fail(json);
    }

    json->tokens->list[token - 1].value = value;
    json->tokens->list[token - 1].kind = (uint16_t) kind;

    if (!array || value.len == 0) {
        return 1;
    }

    token = consent_tokens_add(json->tokens, json->parents[json->depth],
                               value, 1, CONSENT_TOKEN_LAST);
    if (token == 0) {
        return json_fail(json);
    }

    json->tokens->list[token - 1].value = one;

    return 1;
}


/* the token of the next member of the array or object that is open */

static unsigned
json_member(json_t *json)
{
    unsigned       n;
    consent_str_t  name;

    n = json->counts[json->depth]++;
    name = json->key;

    if ((json->arrays >> json->depth & 1) && !json_digits(json, n, &name)) {
        return 0;
    }

    return consent_tokens_add(json->tokens, json->parents[json->depth], name,
                              0, CONSENT_TOKEN_LAST);
}


/* with escapes undone it is in memory that YAJL uses again */

static int
json_keep(json_t *json, const uint8_t *p, size_t len, consent_str_t *s)
{
    uint8_t    *copy;
    uintptr_t   start, end;

    start = (uintptr_t) json->text.data;
    end = start + json->text.len;

    if (len == 0) {
        *s = consent_str_make(json->text.data, 0);
        return 1;
    }

    if ((uintptr_t) p >= start && (uintptr_t) p < end) {
        *s = consent_str_make(p, len);
        return 1;
    }

    copy = consent_scratch_alloc(json->tokens->scratch, len);

    if (copy == NULL) {
        return json_fail(json);
    }

    memcpy(copy, p, len);
    *s = consent_str_make(copy, len);

    return 1;
}


static int
json_digits(json_t *json, unsigned n, consent_str_t *s)
{
    size_t   i;
    uint8_t  digits[10];

    i = sizeof(digits);

    do {
        digits[--i] = (uint8_t) ('0' + n % 10);
        n /= 10;
    } while (n);

    return json_keep(json, digits + i, sizeof(digits) - i, s);
}


static int
json_fail(json_t *json)
{
    json->limited = 1;

    return 0;
}
