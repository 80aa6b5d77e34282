/*
 * Copyright (C) ngx_consent_module authors
 *
 * Which of many literals occur in a text: an Aho-Corasick automaton.
 *
 * States are the distinct prefixes of the literals, numbered breadth-first,
 * so that the children of a state follow each other and the states near the
 * root, in which a scan spends its time, come first.  Those have a full row
 * of transitions: one load for each byte.  Deeper ones, only met in large
 * sets, have their own children and a link to the state of the longest suffix
 * that is a prefix too.  Bytes that no literal has share one column.
 *
 * Most of a script is no beginning of any literal, and there it is quicker to
 * ask hash maps.  Of long literals five bytes are looked for, a gram, at each
 * fourth place of the text only: whatever occurs, one of its first four grams
 * is met.  Of short ones the first bytes are looked for at every place.  What
 * is met may still be something else.  Only where a literal begins so far as
 * its first bytes tell, the head, the automaton is run.
 */


#include "consent_match_private.h"


#define CONSENT_BYTES         256

/* of 32 bits; full rows may take one megabyte */

#define CONSENT_TABLE_MAX     262144

/* a literal of so many bytes is long, and what is looked for of it */

#define CONSENT_LONG          8
#define CONSENT_GRAM          5
#define CONSENT_GRAM_MASK     0xffffffffffU
#define CONSENT_STRIDE        (CONSENT_LONG - CONSENT_GRAM + 1)

/* of a short one, as many bytes as all of them have and at most so many */

#define CONSENT_SHORT         4

/*
 * Maps are of bits, which keeps them small; only that of short heads, which is
 * asked most, is of bytes, which takes fewer instructions.  They have so much
 * room for each entry, and logarithms of sizes within limits.
 */

#define CONSENT_MAP_ROOM      128
#define CONSENT_BITS_MIN      12
#define CONSENT_BITS_MAX      20
#define CONSENT_SHORT_MIN     13
#define CONSENT_SHORT_MAX     16

#define CONSENT_FACTOR        0x9e3779b97f4a7c15U

/*
 * A transition holds the place of its target: that of its row if it has one,
 * else the number of full rows' elements plus its rank behind them; and the
 * flag that some literal ends there.
 */

#define CONSENT_OUTPUT        0x80000000U
#define CONSENT_PLACE         0x7fffffffU


typedef struct {
    consent_str_t        text;
    consent_layer_e      layer;
    int                  category;
} consent_literal_t;


typedef struct {
    uint32_t             link;      /* of the longest proper suffix */
    uint32_t             child;     /* the first one */
    uint32_t             output;    /* into outputs, 0: none */
    uint16_t             children;
    uint8_t              byte;      /* that leads here */
} consent_state_t;


typedef struct {
    consent_mask_t       categories[CONSENT_LAYERS];
} consent_output_t;


typedef struct {
    uint32_t            *map;
    uint32_t             mask;      /* number of bits, minus 1 */
} consent_bits_t;


struct consent_literals_s {
    uint32_t            *table;
    consent_state_t     *states;
    consent_output_t    *outputs;

    uint32_t             nstates;
    uint32_t             noutputs;
    uint32_t             columns;
    uint32_t             rows;      /* states that have a full row */
    uint32_t             end;       /* rows * columns */

    consent_bits_t       grams;     /* of long ones, map NULL: there is none */
    consent_bits_t       heads;     /* of all */

    uint8_t             *shorts;    /* NULL: there is none */
    uint32_t             short_mask;
    uint32_t             short_factor;

    uint8_t              column[CONSENT_BYTES];
};


/* while it is built: the sorted literals that begin with a state */

typedef struct {
    uint32_t             first;
    uint32_t             last;      /* exclusive */
    uint32_t             depth;
} consent_range_t;


typedef struct {
    consent_literals_t  *literals;
    consent_literal_t   *list;
    uint32_t             n;
    consent_range_t     *ranges;    /* of each state */
} consent_builder_t;


static int consent_literals_collect(consent_builder_t *builder,
    const consent_mem_t *mem, const consent_dict_t *dicts);
static void consent_literals_sort(consent_literal_t *list, uint32_t n);
static void consent_literals_sift(consent_literal_t *list, uint32_t i,
    uint32_t n);
static int consent_literals_cmp(const consent_literal_t *a,
    const consent_literal_t *b);
static void consent_literals_columns(consent_builder_t *builder);
static int consent_literals_alloc(consent_builder_t *builder,
    const consent_mem_t *mem);
static int consent_literals_maps(consent_builder_t *builder,
    const consent_mem_t *mem);
static int consent_literals_maps_alloc(consent_literals_t *a,
    const consent_mem_t *mem, uint32_t longs, uint32_t shorts);
static uint32_t consent_literals_room(uint32_t n, uint32_t min,
    uint32_t max);
static int consent_literals_bits(consent_bits_t *bits,
    const consent_mem_t *mem, uint32_t n);
static void consent_literals_enter(consent_literals_t *a, consent_str_t text);
static uint64_t consent_literals_first(const uint8_t *p, size_t len);
static uint64_t consent_literals_count(const consent_builder_t *builder);
static void consent_literals_build(consent_builder_t *builder);
static void consent_literals_row(consent_literals_t *a, uint32_t state);
static void consent_literals_children(consent_builder_t *builder,
    uint32_t state);
static void consent_literals_child(consent_builder_t *builder,
    uint32_t parent, const consent_range_t *range);
static uint32_t consent_literals_output(consent_builder_t *builder,
    const consent_range_t *range, uint32_t inherited);
static uint32_t consent_literals_transition(const consent_literals_t *a,
    uint32_t state);
static uint32_t consent_literals_number(const consent_literals_t *a,
    uint32_t place);
static inline uint32_t consent_literals_step(const consent_literals_t *a,
    uint32_t place, uint8_t c);
static uint32_t consent_literals_deep(const consent_literals_t *a,
    uint32_t place, uint8_t c);
static const uint8_t *consent_literals_skip(const consent_literals_t *a,
    const uint8_t *p, const uint8_t *last);
static inline int consent_literals_seen(const consent_literals_t *a,
    const uint8_t *p);
static const uint8_t *consent_literals_begin(const consent_literals_t *a,
    const uint8_t *p, const uint8_t *seen);
static inline uint32_t consent_literals_short(const consent_literals_t *a,
    uint32_t bytes);
static inline uint32_t consent_literals_head(const consent_literals_t *a,
    uint32_t bytes);
static inline uint32_t consent_literals_four(const uint8_t *p);
static inline uint64_t consent_literals_eight(const uint8_t *p);
static inline uint64_t consent_literals_gram(const uint8_t *p);
static inline uint32_t consent_bits_place(const consent_bits_t *bits,
    uint64_t key);
static inline int consent_bits_test(const consent_bits_t *bits, uint64_t key);
static void consent_bits_set(consent_bits_t *bits, uint64_t key);
static const uint8_t *consent_literals_run(const consent_literals_t *a,
    const uint8_t *p, const uint8_t *last, consent_literals_scan_t *scan);
static void consent_literals_note(const consent_literals_t *a, uint32_t place,
    consent_literals_scan_t *scan);
static int consent_literals_done(const consent_literals_scan_t *scan);


consent_literals_t *
consent_literals_create(const consent_mem_t *mem,
    const consent_dict_t *dicts)
{
    consent_builder_t    builder;
    consent_literals_t  *literals;

    literals = mem->alloc(mem->data, sizeof(consent_literals_t));
    if (literals == NULL) {
        return NULL;
    }

    memset(literals, 0, sizeof(consent_literals_t));
    builder.literals = literals;

    if (consent_literals_collect(&builder, mem, dicts) != 0) {
        return NULL;
    }

    consent_literals_sort(builder.list, builder.n);
    consent_literals_columns(&builder);

    if (consent_literals_alloc(&builder, mem) != 0
        || consent_literals_maps(&builder, mem) != 0)
    {
        return NULL;
    }

    consent_literals_build(&builder);

    return literals;
}


static int
consent_literals_collect(consent_builder_t *builder,
    const consent_mem_t *mem, const consent_dict_t *dicts)
{
    size_t                       n;
    uint32_t                     i;
    consent_layer_e              layer;
    consent_literal_t           *literal;
    const consent_dict_entry_t  *entry;

    n = (size_t) dicts[CONSENT_LAYER_RULES].n
        + dicts[CONSENT_LAYER_DEFAULTS].n;

    if (n > CONSENT_PLACE) {
        return -1;
    }

    builder->list = mem->alloc(mem->data, n * sizeof(consent_literal_t));
    if (builder->list == NULL) {
        return -1;
    }

    builder->n = 0;

    for (layer = CONSENT_LAYER_RULES; layer < CONSENT_LAYERS; layer++) {

        for (i = 0; i < dicts[layer].n; i++) {
            entry = &dicts[layer].entries[i];
            literal = &builder->list[builder->n++];

            literal->text = consent_str_make(entry->key, entry->len);
            literal->layer = layer;
            literal->category = (int) entry->value;
        }
    }

    return 0;
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


static void
consent_literals_columns(consent_builder_t *builder)
{
    size_t               j;
    uint32_t             i, used;
    consent_str_t        text;
    consent_literals_t  *a;

    a = builder->literals;

    for (i = 0; i < builder->n; i++) {
        text = builder->list[i].text;

        for (j = 0; j < text.len; j++) {
            a->column[text.data[j]] = 1;
        }
    }

    used = 0;

    for (i = 0; i < CONSENT_BYTES; i++) {
        used += a->column[i];
    }

    /* column 0 is for the bytes of no literal, unless there are none */

    a->columns = used < CONSENT_BYTES ? 1 : 0;

    for (i = 0; i < CONSENT_BYTES; i++) {
        if (a->column[i]) {
            a->column[i] = (uint8_t) a->columns++;
        }
    }
}


static int
consent_literals_alloc(consent_builder_t *builder, const consent_mem_t *mem)
{
    uint64_t             nstates;
    consent_literals_t  *a;

    a = builder->literals;
    nstates = consent_literals_count(builder);

    if (nstates > CONSENT_PLACE - CONSENT_TABLE_MAX) {
        return -1;
    }

    a->rows = CONSENT_TABLE_MAX / a->columns;

    if (a->rows > nstates) {
        a->rows = (uint32_t) nstates;
    }

    a->end = a->rows * a->columns;

    a->table = mem->alloc(mem->data, a->end * sizeof(uint32_t));
    a->states = mem->alloc(mem->data, nstates * sizeof(consent_state_t));
    a->outputs = mem->alloc(mem->data, ((size_t) builder->n + 1)
                                       * sizeof(consent_output_t));
    builder->ranges = mem->alloc(mem->data, nstates
                                            * sizeof(consent_range_t));

    if (a->table == NULL
        || a->states == NULL
        || a->outputs == NULL
        || builder->ranges == NULL)
    {
        return -1;
    }

    memset(a->outputs, 0, sizeof(consent_output_t));
    a->noutputs = 1;

    return 0;
}


static int
consent_literals_maps(consent_builder_t *builder, const consent_mem_t *mem)
{
    size_t               len, least;
    uint32_t             i, longs, shorts;
    consent_literals_t  *a;

    a = builder->literals;

    least = CONSENT_SHORT;
    longs = 0;
    shorts = 0;

    for (i = 0; i < builder->n; i++) {
        len = builder->list[i].text.len;

        if (len >= CONSENT_LONG) {
            longs++;

        } else {
            shorts++;
            least = len < least ? len : least;
        }
    }

    /* moves the bytes that do not count out of the product */

    a->short_factor = (uint32_t) (CONSENT_FACTOR
                                  << 8 * (CONSENT_SHORT - least));

    if (consent_literals_maps_alloc(a, mem, longs, shorts) != 0) {
        return -1;
    }

    for (i = 0; i < builder->n; i++) {
        consent_literals_enter(a, builder->list[i].text);
    }

    return 0;
}


static int
consent_literals_maps_alloc(consent_literals_t *a, const consent_mem_t *mem,
    uint32_t longs, uint32_t shorts)
{
    uint32_t  size;

    if (consent_literals_bits(&a->heads, mem, longs + shorts) != 0) {
        return -1;
    }

    if (longs && consent_literals_bits(&a->grams, mem, longs * CONSENT_STRIDE)
                 != 0)
    {
        return -1;
    }

    if (shorts == 0) {
        return 0;
    }

    size = consent_literals_room(shorts, CONSENT_SHORT_MIN, CONSENT_SHORT_MAX);

    a->shorts = mem->alloc(mem->data, size);
    if (a->shorts == NULL) {
        return -1;
    }

    memset(a->shorts, 0, size);
    a->short_mask = size - 1;

    return 0;
}


/* the size of a map with n entries */

static uint32_t
consent_literals_room(uint32_t n, uint32_t min, uint32_t max)
{
    uint32_t  log;

    for (log = min; log < max; log++) {
        if ((1U << log) / CONSENT_MAP_ROOM >= n) {
            break;
        }
    }

    return 1U << log;
}


static int
consent_literals_bits(consent_bits_t *bits, const consent_mem_t *mem,
    uint32_t n)
{
    uint32_t  size;

    size = consent_literals_room(n, CONSENT_BITS_MIN, CONSENT_BITS_MAX);

    bits->map = mem->alloc(mem->data, size / 8);
    if (bits->map == NULL) {
        return -1;
    }

    memset(bits->map, 0, size / 8);
    bits->mask = size - 1;

    return 0;
}


static void
consent_literals_enter(consent_literals_t *a, consent_str_t text)
{
    uint32_t  i, head;
    uint64_t  gram;

    if (text.len < CONSENT_LONG) {
        head = (uint32_t) consent_literals_first(text.data, text.len);

        a->shorts[consent_literals_short(a, head)] = 1;
        consent_bits_set(&a->heads, consent_literals_head(a, head));

        return;
    }

    for (i = 0; i < CONSENT_STRIDE; i++) {
        gram = consent_literals_first(text.data + i, CONSENT_GRAM);

        consent_bits_set(&a->grams, gram);
    }

    consent_bits_set(&a->heads, consent_literals_eight(text.data));
}


/* some bytes, the first in the low bits */

static uint64_t
consent_literals_first(const uint8_t *p, size_t len)
{
    size_t    i;
    uint64_t  bytes;

    bytes = 0;

    for (i = 0; i < len; i++) {
        bytes |= (uint64_t) p[i] << (8 * i);
    }

    return bytes;
}


/* each literal adds the prefixes that it does not share with the one before */

static uint64_t
consent_literals_count(const consent_builder_t *builder)
{
    size_t         j;
    uint32_t       i;
    uint64_t       nstates;
    consent_str_t  text, before;

    nstates = 1;
    before = consent_str_make(NULL, 0);

    for (i = 0; i < builder->n; i++) {
        text = builder->list[i].text;

        for (j = 0; j < text.len && j < before.len; j++) {
            if (text.data[j] != before.data[j]) {
                break;
            }
        }

        nstates += text.len - j;
        before = text;
    }

    return nstates;
}


/*
 * A row is copied from that of the suffix link, which is a shallower state
 * and so complete by then, and gets the state's own children over it.
 */

static void
consent_literals_build(consent_builder_t *builder)
{
    uint32_t             state;
    consent_literals_t  *a;

    a = builder->literals;

    memset(&a->states[0], 0, sizeof(consent_state_t));

    builder->ranges[0].first = 0;
    builder->ranges[0].last = builder->n;
    builder->ranges[0].depth = 0;

    a->nstates = 1;

    for (state = 0; state < a->nstates; state++) {
        consent_literals_children(builder, state);

        if (state < a->rows) {
            consent_literals_row(a, state);
        }
    }
}


static void
consent_literals_row(consent_literals_t *a, uint32_t state)
{
    uint32_t                i, *row;
    const consent_state_t  *s, *child;

    s = &a->states[state];
    row = a->table + (size_t) state * a->columns;

    if (state == 0) {
        memset(row, 0, a->columns * sizeof(uint32_t));

    } else {
        memcpy(row, a->table + (size_t) s->link * a->columns,
               a->columns * sizeof(uint32_t));
    }

    for (i = s->child; i < s->child + s->children; i++) {
        child = &a->states[i];
        row[a->column[child->byte]] = consent_literals_transition(a, i);
    }
}


static void
consent_literals_children(consent_builder_t *builder, uint32_t state)
{
    uint8_t                   c;
    uint32_t                  i;
    consent_range_t           range;
    consent_state_t          *s;
    const consent_range_t    *all;
    const consent_literal_t  *list;

    list = builder->list;
    all = &builder->ranges[state];
    s = &builder->literals->states[state];

    s->child = builder->literals->nstates;
    s->children = 0;

    /* the literals that end in this state come first */

    for (i = all->first; i < all->last; i++) {
        if (list[i].text.len > all->depth) {
            break;
        }
    }

    range.depth = all->depth + 1;

    while (i < all->last) {
        range.first = i;
        c = list[i].text.data[all->depth];

        while (i < all->last && list[i].text.data[all->depth] == c) {
            i++;
        }

        range.last = i;

        consent_literals_child(builder, state, &range);
    }
}


static void
consent_literals_child(consent_builder_t *builder, uint32_t parent,
    const consent_range_t *range)
{
    uint32_t             place, number;
    consent_state_t     *s;
    consent_literals_t  *a;

    a = builder->literals;
    number = a->nstates++;
    s = &a->states[number];

    s->byte = builder->list[range->first].text.data[range->depth - 1];
    s->child = 0;
    s->children = 0;
    s->link = 0;

    if (parent != 0) {
        place = consent_literals_transition(a, a->states[parent].link);
        place = consent_literals_step(a, place & CONSENT_PLACE, s->byte);
        s->link = consent_literals_number(a, place & CONSENT_PLACE);
    }

    s->output = consent_literals_output(builder, range,
                                        a->states[s->link].output);

    a->states[parent].children++;
    builder->ranges[number] = *range;
}


/* what ends in a state, and in the suffixes of it */

static uint32_t
consent_literals_output(consent_builder_t *builder,
    const consent_range_t *range, uint32_t inherited)
{
    uint32_t                  i;
    consent_output_t         *output;
    consent_literals_t       *a;
    const consent_literal_t  *literal;

    a = builder->literals;

    if (builder->list[range->first].text.len > range->depth) {
        return inherited;
    }

    output = &a->outputs[a->noutputs];
    *output = a->outputs[inherited];

    for (i = range->first; i < range->last; i++) {
        literal = &builder->list[i];

        if (literal->text.len > range->depth) {
            break;
        }

        output->categories[literal->layer] |= consent_bit(literal->category);
    }

    return a->noutputs++;
}


static uint32_t
consent_literals_transition(const consent_literals_t *a, uint32_t state)
{
    uint32_t  place;

    place = state < a->rows ? state * a->columns : a->end + (state - a->rows);

    return a->states[state].output ? place | CONSENT_OUTPUT : place;
}


static uint32_t
consent_literals_number(const consent_literals_t *a, uint32_t place)
{
    return place < a->end ? place / a->columns : place - a->end + a->rows;
}


/* the transition of a byte */

static inline uint32_t
consent_literals_step(const consent_literals_t *a, uint32_t place, uint8_t c)
{
    return place < a->end ? a->table[place + a->column[c]]
                          : consent_literals_deep(a, place, c);
}


/*
 * The same for a state without a full row.  A link leads to a shallower
 * state, so that a text follows no more links than it has bytes.
 */

static uint32_t
consent_literals_deep(const consent_literals_t *a, uint32_t place, uint8_t c)
{
    uint32_t                low, high, middle, state;
    const consent_state_t  *s;

    state = consent_literals_number(a, place);

    do {
        s = &a->states[state];
        low = s->child;
        high = s->child + s->children;

        while (low < high) {
            middle = low + (high - low) / 2;

            if (a->states[middle].byte == c) {
                return consent_literals_transition(a, middle);
            }

            if (a->states[middle].byte < c) {
                low = middle + 1;

            } else {
                high = middle;
            }
        }

        state = s->link;

    } while (state >= a->rows);

    return a->table[state * a->columns + a->column[c]];
}


/*
 * Where the automaton is back at its root, nothing that began before goes on.
 * So no byte is given to it twice, however often something seems to begin.
 */

void
consent_literals_scan(const consent_literals_t *literals,
    consent_str_t text, consent_literals_scan_t *scan)
{
    const uint8_t  *p, *last;

    if (text.len == 0) {
        return;
    }

    p = text.data;
    last = p + text.len;

    while (p != NULL && p < last) {
        p = consent_literals_skip(literals, p, last);
        p = consent_literals_run(literals, p, last, scan);
    }
}


/* where a literal seems to begin, or the last bytes: too few for a look */

static const uint8_t *
consent_literals_skip(const consent_literals_t *a, const uint8_t *p,
    const uint8_t *last)
{
    const uint8_t  *start, *begin;

    start = p;

    for ( /* void */ ; last - p >= CONSENT_LONG; p += CONSENT_STRIDE) {

        if (!consent_literals_seen(a, p)) {
            continue;
        }

        begin = consent_literals_begin(a, start, p);

        if (begin != NULL) {
            return begin;
        }
    }

    return p - start < CONSENT_STRIDE ? start : p - (CONSENT_STRIDE - 1);
}


/* whether a gram is at p, or the head of a short one within the stride */

static inline int
consent_literals_seen(const consent_literals_t *a, const uint8_t *p)
{
    unsigned  seen;

    if (a->grams.map != NULL
        && consent_bits_test(&a->grams, consent_literals_gram(p)))
    {
        return 1;
    }

    if (a->shorts == NULL) {
        return 0;
    }

    seen = a->shorts[consent_literals_short(a, consent_literals_four(p))];
    seen |= a->shorts[consent_literals_short(a, consent_literals_four(p + 1))];
    seen |= a->shorts[consent_literals_short(a, consent_literals_four(p + 2))];
    seen |= a->shorts[consent_literals_short(a, consent_literals_four(p + 3))];

    return seen != 0;
}


/*
 * Where the automaton has to begin for what was seen, not before p; NULL: it
 * was nothing.  Long heads are asked for where they would have been seen, so
 * some may begin between that place and a short one behind it.
 */

static const uint8_t *
consent_literals_begin(const consent_literals_t *a, const uint8_t *p,
    const uint8_t *seen)
{
    uint32_t        four;
    const uint8_t  *q;

    q = seen - p < CONSENT_STRIDE ? p : seen - (CONSENT_STRIDE - 1);

    for ( /* void */ ; q < seen + CONSENT_STRIDE; q++) {
        four = consent_literals_four(q);

        if (consent_bits_test(&a->heads, consent_literals_head(a, four))) {
            return q <= seen ? q : seen + 1;
        }

        if (q <= seen
            && consent_bits_test(&a->heads, consent_literals_eight(q)))
        {
            return q;
        }
    }

    return NULL;
}


static inline uint32_t
consent_literals_short(const consent_literals_t *a, uint32_t bytes)
{
    return consent_literals_head(a, bytes) >> 16 & a->short_mask;
}


/* what tells short heads apart: different for all of them */

static inline uint32_t
consent_literals_head(const consent_literals_t *a, uint32_t bytes)
{
    return bytes * a->short_factor;
}


/* on every machine in this order */

static inline uint32_t
consent_literals_four(const uint8_t *p)
{
    return p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16
           | (uint32_t) p[3] << 24;
}


static inline uint64_t
consent_literals_eight(const uint8_t *p)
{
    return p[0] | (uint64_t) p[1] << 8 | (uint64_t) p[2] << 16
           | (uint64_t) p[3] << 24 | (uint64_t) p[4] << 32
           | (uint64_t) p[5] << 40 | (uint64_t) p[6] << 48
           | (uint64_t) p[7] << 56;
}


/* reads eight bytes, of which those of the gram remain */

static inline uint64_t
consent_literals_gram(const uint8_t *p)
{
    return consent_literals_eight(p) & CONSENT_GRAM_MASK;
}


static inline uint32_t
consent_bits_place(const consent_bits_t *bits, uint64_t key)
{
    return (uint32_t) ((key * CONSENT_FACTOR) >> 32) & bits->mask;
}


static inline int
consent_bits_test(const consent_bits_t *bits, uint64_t key)
{
    uint32_t  place;

    place = consent_bits_place(bits, key);

    return ((bits->map[place >> 5] >> (place & 31)) & 1) != 0;
}


static void
consent_bits_set(consent_bits_t *bits, uint64_t key)
{
    uint32_t  place;

    place = consent_bits_place(bits, key);
    bits->map[place >> 5] |= 1U << (place & 31);
}


/*
 * Runs the automaton from its root at p until it is there again; NULL: all is
 * known that can be.
 */

static const uint8_t *
consent_literals_run(const consent_literals_t *a, const uint8_t *p,
    const uint8_t *last, consent_literals_scan_t *scan)
{
    uint32_t  place, next;

    place = 0;

    do {
        next = consent_literals_step(a, place, *p++);
        place = next & CONSENT_PLACE;

        if (next & CONSENT_OUTPUT) {
            consent_literals_note(a, place, scan);

            if (consent_literals_done(scan)) {
                return NULL;
            }
        }

    } while (p < last && (place != 0 || last - p < CONSENT_LONG));

    return p;
}


static void
consent_literals_note(const consent_literals_t *a, uint32_t place,
    consent_literals_scan_t *scan)
{
    consent_layer_e          layer;
    const consent_state_t   *s;
    const consent_output_t  *output;

    s = &a->states[consent_literals_number(a, place)];
    output = &a->outputs[s->output];

    for (layer = CONSENT_LAYER_RULES; layer < CONSENT_LAYERS; layer++) {
        scan->found[layer] |= output->categories[layer];
    }
}


/* whether the rest of the text can change nothing any more */

static int
consent_literals_done(const consent_literals_scan_t *scan)
{
    if (scan->want[CONSENT_LAYER_RULES] & ~scan->found[CONSENT_LAYER_RULES]) {
        return 0;
    }

    if (scan->found[CONSENT_LAYER_RULES]) {
        return 1;
    }

    return !scan->overrides
           && (scan->want[CONSENT_LAYER_DEFAULTS]
               & ~scan->found[CONSENT_LAYER_DEFAULTS]) == 0;
}
