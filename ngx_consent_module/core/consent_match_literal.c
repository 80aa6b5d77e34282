/*
 * Copyright (C) ngx_consent_module authors
 *
 * Which of many literals occur in a text.
 *
 * Most of a script is of no literal, and there a filter is quicker than the
 * automaton.  From each literal a few bytes in a row are chosen, its gram:
 * rare ones in scripts, or such as many literals have if there are many.
 * Where a gram is met, the automaton is run from as far before it as a gram
 * is in any literal, until it is at its root again: nothing that began before
 * goes on there.  So no byte is given to it twice, however often something
 * seems to begin.
 */


#include "consent_filter.h"
#include "consent_match_private.h"


#define CONSENT_LITERALS_MAX  0x7fffffffU

/* a gram is looked for in so many first bytes of a literal */

#define CONSENT_GRAM_WITHIN   16

/* so many grams of their own do no harm */

#define CONSENT_GRAM_FEW      48

/* one that more literals share is better than a rare one */

#define CONSENT_GRAM_SHARED   8
#define CONSENT_GRAM_WEIGHT   8

/* sizes of tables of grams: one that only counts, and logarithms */

#define CONSENT_GRAM_COUNTS   4096
#define CONSENT_GRAM_MIN      8
#define CONSENT_GRAM_MAX      20

#define CONSENT_GRAM_FACTOR   0x9e3779b1U


struct consent_literals_s {
    consent_automaton_t  *automaton;

    uint8_t              *grams;        /* by hash, 1: there is one */
    unsigned              shift;        /* of a hash */
    unsigned              lens;         /* bit i: there are some of i bytes */
    unsigned              before;       /* most bytes of a literal before it */

    consent_filter_t      filter;
};


/* while the grams are chosen */

typedef struct {
    consent_literals_t   *literals;
    consent_literal_t    *list;
    uint32_t              n;
    uint64_t             *chosen;       /* of each literal, its length above */
    uint16_t              counts[CONSENT_GRAM_COUNTS];
} consent_grams_t;


static consent_literal_t *consent_literals_collect(const consent_mem_t *mem,
    const consent_dict_t *dicts, uint32_t *number);
static void consent_literals_sort(consent_literal_t *list, uint32_t n);
static void consent_literals_sift(consent_literal_t *list, uint32_t i,
    uint32_t n);
static int consent_literals_cmp(const consent_literal_t *a,
    const consent_literal_t *b);
static int consent_literals_grams(consent_literals_t *literals,
    const consent_mem_t *mem, consent_literal_t *list, uint32_t n);
static void consent_grams_count(consent_grams_t *grams);
static void consent_grams_choose(consent_grams_t *grams);
static unsigned consent_grams_offset(const consent_grams_t *grams,
    consent_str_t text);
static unsigned consent_grams_rarity(uint8_t c);
static void consent_grams_sort(uint64_t *grams, uint32_t n);
static void consent_grams_sift(uint64_t *grams, uint32_t i, uint32_t n);
static void consent_grams_filter(consent_grams_t *grams);
static void consent_grams_bucket(consent_filter_t *filter, uint64_t gram,
    uint8_t bucket);
static unsigned consent_grams_len(consent_str_t text);
static uint32_t consent_literals_gram(const uint8_t *p, size_t len);
static int consent_literals_has(const consent_literals_t *literals,
    uint32_t four);
static inline uint32_t consent_literals_place(
    const consent_literals_t *literals, uint32_t gram);


consent_literals_t *
consent_literals_create(const consent_mem_t *mem,
    const consent_dict_t *dicts)
{
    uint32_t             n;
    consent_literal_t   *list;
    consent_literals_t  *literals;

    literals = mem->alloc(mem->data, sizeof(consent_literals_t));
    if (literals == NULL) {
        return NULL;
    }

    list = consent_literals_collect(mem, dicts, &n);
    if (list == NULL) {
        return NULL;
    }

    literals->automaton = consent_automaton_create(mem, list, n);

    if (literals->automaton == NULL
        || consent_literals_grams(literals, mem, list, n) != 0)
    {
        return NULL;
    }

    return literals;
}


/* sorted; NULL: out of memory */

static consent_literal_t *
consent_literals_collect(const consent_mem_t *mem,
    const consent_dict_t *dicts, uint32_t *number)
{
    size_t                       n;
    uint32_t                     i;
    consent_layer_e              layer;
    consent_literal_t           *list, *literal;
    const consent_dict_entry_t  *entry;

    n = (size_t) dicts[CONSENT_LAYER_RULES].n
        + dicts[CONSENT_LAYER_DEFAULTS].n;

    if (n > CONSENT_LITERALS_MAX) {
        return NULL;
    }

    list = mem->alloc(mem->data, n * sizeof(consent_literal_t));
    if (list == NULL) {
        return NULL;
    }

    literal = list;

    for (layer = CONSENT_LAYER_RULES; layer < CONSENT_LAYERS; layer++) {

        for (i = 0; i < dicts[layer].n; i++) {
            entry = &dicts[layer].entries[i];

            literal->text = consent_str_make(entry->key, entry->len);
            literal->layer = layer;
            literal->category = (int) entry->value;
            literal->rule = entry->rule;

            literal++;
        }
    }

    *number = (uint32_t) n;

    consent_literals_sort(list, *number);

    return list;
}


/* heap sort: no memory, and no order of input is a bad one */

static void
consent_literals_sort(consent_literal_t *list, uint32_t n)
{
    uint32_t           i;
    consent_literal_t  top;

    for (i = n / 2; i > 0; i--) {
        consent_literals_sift(list, i - 1, n);
    }

    for (i = n; i > 1; i--) {
        top = list[0];
        list[0] = list[i - 1];
        list[i - 1] = top;

        consent_literals_sift(list, 0, i - 1);
    }
}


static void
consent_literals_sift(consent_literal_t *list, uint32_t i, uint32_t n)
{
    uint32_t           child;
    consent_literal_t  moved;

    moved = list[i];

    for (child = 2 * i + 1; child < n; child = 2 * i + 1) {

        if (child + 1 < n
            && consent_literals_cmp(&list[child], &list[child + 1]) < 0)
        {
            child++;
        }

        if (consent_literals_cmp(&moved, &list[child]) >= 0) {
            break;
        }

        list[i] = list[child];
        i = child;
    }

    list[i] = moved;
}


/* a prefix sorts before what it begins */

static int
consent_literals_cmp(const consent_literal_t *a, const consent_literal_t *b)
{
    int     rc;
    size_t  len;

    len = a->text.len < b->text.len ? a->text.len : b->text.len;
    rc = memcmp(a->text.data, b->text.data, len);

    if (rc != 0) {
        return rc;
    }

    return (a->text.len > b->text.len) - (a->text.len < b->text.len);
}


static int
consent_literals_grams(consent_literals_t *literals, const consent_mem_t *mem,
    consent_literal_t *list, uint32_t n)
{
    uint32_t          log;
    consent_grams_t  *grams;

    grams = mem->alloc(mem->data, sizeof(consent_grams_t));
    if (grams == NULL) {
        return -1;
    }

    grams->literals = literals;
    grams->list = list;
    grams->n = n;

    for (log = CONSENT_GRAM_MIN; log < CONSENT_GRAM_MAX; log++) {
        if ((1U << log) / 16 >= n) {
            break;
        }
    }

    literals->shift = 32 - log;
    literals->grams = mem->alloc(mem->data, (size_t) 1 << log);
    grams->chosen = mem->alloc(mem->data, n * sizeof(uint64_t));

    if (literals->grams == NULL || grams->chosen == NULL) {
        return -1;
    }

    memset(literals->grams, 0, (size_t) 1 << log);

    consent_grams_count(grams);
    consent_grams_choose(grams);
    consent_grams_filter(grams);

    return 0;
}


static void
consent_grams_count(consent_grams_t *grams)
{
    size_t         i;
    uint16_t      *count;
    uint32_t       k, gram;
    unsigned       len;
    consent_str_t  text;

    memset(grams->counts, 0, sizeof(grams->counts));

    if (grams->n <= CONSENT_GRAM_FEW) {
        return;
    }

    for (k = 0; k < grams->n; k++) {
        text = grams->list[k].text;
        len = consent_grams_len(text);

        for (i = 0; i + len <= text.len && i < CONSENT_GRAM_WITHIN; i++) {
            gram = consent_literals_gram(text.data + i, len);
            count = &grams->counts[gram * CONSENT_GRAM_FACTOR
                                   / (UINT32_MAX / CONSENT_GRAM_COUNTS + 1)];

            if (*count < UINT16_MAX) {
                (*count)++;
            }
        }
    }
}


static void
consent_grams_choose(consent_grams_t *grams)
{
    uint32_t             k, gram;
    unsigned             len, offset;
    consent_str_t        text;
    consent_literals_t  *literals;

    literals = grams->literals;
    literals->before = 0;
    literals->lens = 0;

    for (k = 0; k < grams->n; k++) {
        text = grams->list[k].text;
        len = consent_grams_len(text);
        offset = consent_grams_offset(grams, text);
        gram = consent_literals_gram(text.data + offset, len);

        grams->chosen[k] = gram | (uint64_t) len << 32;
        literals->lens |= 1U << len;
        literals->grams[consent_literals_place(literals, gram)] = 1;

        if (literals->before < offset) {
            literals->before = offset;
        }
    }

    consent_grams_sort(grams->chosen, grams->n);
}


/* where in a literal its gram is */

static unsigned
consent_grams_offset(const consent_grams_t *grams, consent_str_t text)
{
    uint32_t  gram;
    unsigned  i, j, len, count, score, best, offset;

    best = 0;
    offset = 0;
    len = consent_grams_len(text);

    for (i = 0; i + len <= text.len && i < CONSENT_GRAM_WITHIN; i++) {
        gram = consent_literals_gram(text.data + i, len);
        count = grams->counts[gram * CONSENT_GRAM_FACTOR
                              / (UINT32_MAX / CONSENT_GRAM_COUNTS + 1)];
        score = 1;

        for (j = 0; j < len; j++) {
            score += consent_grams_rarity(text.data[i + j]);
        }

        for (count /= CONSENT_GRAM_SHARED; count; count >>= 1) {
            score += CONSENT_GRAM_WEIGHT;
        }

        if (score > best) {
            best = score;
            offset = i;
        }
    }

    return offset;
}


/* of a byte in scripts, about the logarithm */

static unsigned
consent_grams_rarity(uint8_t c)
{
    static const uint8_t  letters[] = {
        /* a to z */
        1, 4, 2, 2, 0, 3, 4, 3, 1, 6, 5, 2, 3, 1, 1, 2, 7, 1, 1, 0, 2, 4, 4,
        5, 4, 6
    };

    if (c >= 'a' && c <= 'z') {
        return letters[c - 'a'];
    }

    if (consent_is_alpha(c)) {
        return 5;
    }

    if (consent_is_digit(c) || c == '_') {
        return 4;
    }

    return (c <= ' ' || c >= 0x7f || c == '.' || c == '(') ? 1 : 3;
}


static void
consent_grams_sort(uint64_t *grams, uint32_t n)
{
    uint32_t  i;
    uint64_t  top;

    for (i = n / 2; i > 0; i--) {
        consent_grams_sift(grams, i - 1, n);
    }

    for (i = n; i > 1; i--) {
        top = grams[0];
        grams[0] = grams[i - 1];
        grams[i - 1] = top;

        consent_grams_sift(grams, 0, i - 1);
    }
}


static void
consent_grams_sift(uint64_t *grams, uint32_t i, uint32_t n)
{
    uint32_t  child;
    uint64_t  moved;

    moved = grams[i];

    for (child = 2 * i + 1; child < n; child = 2 * i + 1) {

        if (child + 1 < n && grams[child] < grams[child + 1]) {
            child++;
        }

        if (moved >= grams[child]) {
            break;
        }

        grams[i] = grams[child];
        i = child;
    }

    grams[i] = moved;
}


/* neighbours in order, which are alike, share a bucket */

static void
consent_grams_filter(consent_grams_t *grams)
{
    uint8_t            bucket;
    uint32_t           i, k, n;
    consent_filter_t  *filter;

    n = 0;

    for (k = 0; k < grams->n; k++) {
        if (k == 0 || grams->chosen[k] != grams->chosen[k - 1]) {
            grams->chosen[n++] = grams->chosen[k];
        }
    }

    filter = &grams->literals->filter;
    consent_filter_init(filter);

    for (i = 0; i < n; i++) {
        bucket = (uint8_t) (1U << (uint64_t) i * CONSENT_FILTER_BUCKETS / n);
        consent_grams_bucket(filter, grams->chosen[i], bucket);
    }

    consent_filter_ready(filter);
}


static void
consent_grams_bucket(consent_filter_t *filter, uint64_t gram, uint8_t bucket)
{
    unsigned  place;

    for (place = 0; place < CONSENT_FILTER_PLACES; place++) {

        if (place < gram >> 32) {
            consent_filter_allow(filter, place,
                                 (uint8_t) (gram >> 8 * place), bucket);
        } else {
            consent_filter_allow_any(filter, place, bucket);
        }
    }
}


static unsigned
consent_grams_len(consent_str_t text)
{
    return (text.len < CONSENT_FILTER_PLACES) ? (unsigned) text.len
                                              : CONSENT_FILTER_PLACES;
}


/* the first byte in the low bits, on every machine */

static uint32_t
consent_literals_gram(const uint8_t *p, size_t len)
{
    size_t    i;
    uint32_t  gram;

    gram = 0;

    for (i = 0; i < len; i++) {
        gram |= (uint32_t) p[i] << 8 * i;
    }

    return gram;
}


static inline uint32_t
consent_literals_place(const consent_literals_t *literals, uint32_t gram)
{
    return gram * CONSENT_GRAM_FACTOR >> literals->shift;
}


/* whether a gram begins with these bytes */

static int
consent_literals_has(const consent_literals_t *literals, uint32_t four)
{
    uint32_t  gram;
    unsigned  len;

    for (len = 1; len <= CONSENT_FILTER_PLACES; len++) {

        if ((literals->lens & (1U << len)) == 0) {
            continue;
        }

        gram = four & 0xffffffffU >> 8 * (CONSENT_FILTER_PLACES - len);

        if (literals->grams[consent_literals_place(literals, gram)]) {
            return 1;
        }
    }

    return 0;
}


void
consent_literals_scan(const consent_literals_t *literals,
    consent_str_t text, consent_literals_scan_t *scan)
{
    uint32_t                gram;
    const uint8_t          *p, *start, *done, *last;
    consent_filter_scan_t   found;

    if (text.len == 0) {
        return;
    }

    done = text.data;
    last = text.data + text.len;

    consent_filter_start(&found, &literals->filter, text);

    while ((p = consent_filter_next(&found)) != NULL) {

        if (p < done) {
            continue;
        }

        gram = (last - p >= CONSENT_FILTER_PLACES)
               ? consent_literals_gram(p, CONSENT_FILTER_PLACES)
               : consent_literals_gram(p, (size_t) (last - p));

        if (!consent_literals_has(literals, gram)) {
            continue;
        }

        start = (p - done < literals->before) ? done : p - literals->before;

        done = consent_automaton_run(literals->automaton, start, p + 1, last,
                                     scan);
        if (done == NULL) {
            return;
        }
    }
}
