/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_token.h"


/* a path longer than that is cut when it is shown, and never looked for */

#define CONSENT_TOKEN_STEPS    (CONSENT_TOKENS_DEPTH * 2 + 2)

#define CONSENT_TOKEN_BASIS    2166136261U


static uint32_t token_hash(uint32_t hash, const uint8_t *p, size_t len);
static int token_is(const consent_tokens_t *tokens,
    const consent_token_t *token, consent_str_t path);
static int token_same(const consent_token_t *token, unsigned parent,
    consent_str_t name, unsigned item);
static void token_bury(consent_tokens_t *tokens, unsigned index);
static int token_word(consent_str_t value, const consent_str_t *words);
static consent_truth_e token_number(consent_str_t value);


uint8_t *
consent_scratch_alloc(consent_scratch_t *scratch, size_t size)
{
    uint8_t  *p;

    if (size > (size_t) (scratch->end - scratch->pos)) {
        return NULL;
    }

    p = scratch->pos;
    scratch->pos += size;

    return p;
}


void *
consent_scratch_struct(consent_scratch_t *scratch, size_t size)
{
    size_t  odd;

    odd = (uintptr_t) scratch->pos % _Alignof(max_align_t);

    if (odd && consent_scratch_alloc(scratch, _Alignof(max_align_t) - odd)
               == NULL)
    {
        return NULL;
    }

    return consent_scratch_alloc(scratch, size);
}


int
consent_tokens_init(consent_tokens_t *tokens, consent_scratch_t *scratch)
{
    tokens->scratch = scratch;
    tokens->list = consent_scratch_struct(scratch, CONSENT_TOKENS_MAX
                                                   * sizeof(consent_token_t));
    tokens->table = consent_scratch_struct(scratch, CONSENT_TOKENS_PLACES
                                                    * sizeof(uint16_t));

    if (tokens->list == NULL || tokens->table == NULL) {
        return -1;
    }

    memset(tokens->table, 0, CONSENT_TOKENS_PLACES * sizeof(uint16_t));

    tokens->n = 0;
    tokens->tcf = consent_str_make(NULL, 0);

    return 0;
}


void
consent_tokens_cut(consent_tokens_t *tokens, unsigned n)
{
    unsigned  i, place;

    if (tokens->n == n) {
        return;
    }

    tokens->n = n;

    memset(tokens->table, 0, CONSENT_TOKENS_PLACES * sizeof(uint16_t));

    for (i = 0; i < n; i++) {

        if (tokens->list[i].dead) {
            continue;
        }

        place = tokens->list[i].hash % CONSENT_TOKENS_PLACES;

        while (tokens->table[place]) {
            place = (place + 1) % CONSENT_TOKENS_PLACES;
        }

        tokens->table[place] = (uint16_t) (i + 1);
    }
}


unsigned
consent_tokens_add(consent_tokens_t *tokens, unsigned parent,
    consent_str_t name, unsigned item, consent_token_wins_e wins)
{
    unsigned          place, index;
    uint32_t          hash;
    consent_token_t  *token;

    hash = parent ? tokens->list[parent - 1].hash : CONSENT_TOKEN_BASIS;

    if (item) {
        hash = token_hash(hash, (const uint8_t *) "[", 1);

    } else if (parent) {
        hash = token_hash(hash, (const uint8_t *) ".", 1);
    }

    hash = token_hash(hash, name.data, name.len);

    if (item) {
        hash = token_hash(hash, (const uint8_t *) "]", 1);
    }

    place = hash % CONSENT_TOKENS_PLACES;

    while ((index = tokens->table[place]) != 0) {
        token = &tokens->list[index - 1];

        if (token->hash == hash && token_same(token, parent, name, item)) {

            if (wins == CONSENT_TOKEN_FIRST) {
                return index;
            }

            break;
        }

        place = (place + 1) % CONSENT_TOKENS_PLACES;
    }

    if (tokens->n == CONSENT_TOKENS_MAX) {
        return 0;
    }

    if (index) {
        token_bury(tokens, index);
    }

    token = &tokens->list[tokens->n++];

    token->name = name;
    token->value = consent_str_make(name.data, 0);
    token->hash = hash;
    token->parent = (uint16_t) parent;
    token->kind = CONSENT_TOKEN_TEXT;
    token->item = item ? 1 : 0;
    token->dead = 0;

    tokens->table[place] = (uint16_t) tokens->n;

    return tokens->n;
}


/* FNV-1a */

static uint32_t
token_hash(uint32_t hash, const uint8_t *p, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        hash = (hash ^ p[i]) * 16777619U;
    }

    return hash;
}


static int
token_same(const consent_token_t *token, unsigned parent, consent_str_t name,
    unsigned item)
{
    return token->parent == parent && token->item == item
           && consent_str_eq(token->name, name);
}


/* what is below a token follows it */

static void
token_bury(consent_tokens_t *tokens, unsigned index)
{
    unsigned          i;
    consent_token_t  *token;

    tokens->list[index - 1].dead = 1;

    for (i = index; i < tokens->n; i++) {
        token = &tokens->list[i];

        if (token->parent && tokens->list[token->parent - 1].dead) {
            token->dead = 1;
        }
    }
}


void
consent_path_set(consent_path_t *path, consent_str_t text)
{
    path->text = text;
    path->hash = token_hash(CONSENT_TOKEN_BASIS, text.data, text.len);
}


const consent_token_t *
consent_tokens_find(const consent_tokens_t *tokens,
    const consent_path_t *path)
{
    unsigned                place, index;
    const consent_token_t  *token;

    place = path->hash % CONSENT_TOKENS_PLACES;

    while ((index = tokens->table[place]) != 0) {
        token = &tokens->list[index - 1];

        if (token->hash == path->hash && !token->dead
            && token_is(tokens, token, path->text))
        {
            return token;
        }

        place = (place + 1) % CONSENT_TOKENS_PLACES;
    }

    return NULL;
}


/* compares from the end, which is where a token begins to know its path */

static int
token_is(const consent_tokens_t *tokens, const consent_token_t *token,
    consent_str_t path)
{
    size_t   len;
    uint8_t  before;

    for ( ;; ) {

        if (token->item) {

            if (path.len == 0 || path.data[path.len - 1] != ']') {
                return 0;
            }

            path.len--;
        }

        len = token->name.len;

        if (path.len < len
            || (len && memcmp(path.data + path.len - len, token->name.data,
                              len) != 0))
        {
            return 0;
        }

        path.len -= len;

        before = token->item ? '[' : (token->parent ? '.' : 0);

        if (before) {

            if (path.len == 0 || path.data[path.len - 1] != before) {
                return 0;
            }

            path.len--;
        }

        if (token->parent == 0) {
            return path.len == 0;
        }

        token = &tokens->list[token->parent - 1];
    }
}


int
consent_token_is_below(const consent_tokens_t *tokens,
    const consent_token_t *token, consent_str_t prefix)
{
    size_t   len;
    uint8_t  path[256];

    if (prefix.len > sizeof(path)) {
        return 0;
    }

    len = consent_token_path(tokens, token, path, prefix.len);

    return len == prefix.len
           && (len == 0 || memcmp(path, prefix.data, len) == 0);
}


size_t
consent_token_path(const consent_tokens_t *tokens,
    const consent_token_t *token, uint8_t *dst, size_t size)
{
    size_t                  i, len, n;
    uint8_t                 before;
    const consent_token_t  *steps[CONSENT_TOKEN_STEPS];

    n = 0;

    while (n < CONSENT_TOKEN_STEPS) {
        steps[n++] = token;

        if (token->parent == 0) {
            break;
        }

        token = &tokens->list[token->parent - 1];
    }

    len = 0;

    while (n--) {
        token = steps[n];
        before = token->item ? '[' : (token->parent ? '.' : 0);

        if (before && len < size) {
            dst[len++] = before;
        }

        for (i = 0; i < token->name.len && len < size; i++) {
            dst[len++] = token->name.data[i];
        }

        if (token->item && len < size) {
            dst[len++] = ']';
        }
    }

    return len;
}


consent_truth_e
consent_truth(consent_str_t value, consent_token_e kind)
{
    static const consent_str_t  yes[] = {
        consent_str("1"), consent_str("true"), consent_str("yes"),
        consent_str("allow"), consent_str("allowed"), consent_str("accept"),
        consent_str("accepted"), consent_str("granted"), consent_str("on"),
        { 0, NULL }
    };

    static const consent_str_t  no[] = {
        consent_str("0"), consent_str("false"), consent_str("no"),
        consent_str("deny"), consent_str("denied"), consent_str("reject"),
        consent_str("rejected"), consent_str("revoked"),
        consent_str("refused"), consent_str("off"),
        { 0, NULL }
    };

    switch (kind) {

    case CONSENT_TOKEN_NULL:
        return CONSENT_TRUTH_ABSENT;

    case CONSENT_TOKEN_NUMBER:
        return token_number(value);

    case CONSENT_TOKEN_TEXT:
    case CONSENT_TOKEN_TCF:
        break;
    }

    if (value.len == 0 || token_word(value, no)) {
        return CONSENT_TRUTH_NO;
    }

    return token_word(value, yes) ? CONSENT_TRUTH_YES : CONSENT_TRUTH_UNKNOWN;
}


static int
token_word(consent_str_t value, const consent_str_t *words)
{
    for ( /* void */ ; words->data; words++) {
        if (consent_str_caseeq(value, *words)) {
            return 1;
        }
    }

    return 0;
}


/* the text of a number of JSON: above zero is yes, zero is no */

static consent_truth_e
token_number(consent_str_t value)
{
    size_t  i;

    if (value.len && value.data[0] == '-') {
        return CONSENT_TRUTH_UNKNOWN;
    }

    for (i = 0; i < value.len; i++) {

        if (value.data[i] >= '1' && value.data[i] <= '9') {
            return CONSENT_TRUTH_YES;
        }

        if (value.data[i] != '0' && value.data[i] != '.') {
            break;
        }
    }

    return CONSENT_TRUTH_NO;
}
