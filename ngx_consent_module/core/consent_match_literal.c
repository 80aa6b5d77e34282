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
 * ask bit maps.  Of long literals five bytes are looked for, a gram, at each
 * fourth place of the text only: whatever occurs, one of its first four grams
 * is met.  Of short ones the first bytes are looked for at every place.  Only
 * where some are found the automaton is run.
 */


#include "consent_match_private.h"


#define CONSENT_BYTES         256

/* of 32 bits; full rows may take one megabyte */

#define CONSENT_TABLE_MAX     262144

/* a literal of so many bytes is long, and what is looked for of it */

#define CONSENT_LONG          8
#define CONSENT_GRAM          5
#define CONSENT_STRIDE        (CONSENT_LONG - CONSENT_GRAM + 1)

/* of a short one, as many bytes as all of them have and at most so many */

#define CONSENT_SHORT         4

/* size of bit maps, for long ones with so many bits a gram, within limits */

#define CONSENT_SHORT_LOG     16
#define CONSENT_GRAM_BITS     128
#define CONSENT_GRAM_LOG_MIN  12
#define CONSENT_GRAM_LOG_MAX  20

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


struct consent_literals_s {
    uint32_t            *table;
    consent_state_t     *states;
    consent_output_t    *outputs;

    uint32_t             nstates;
    uint32_t             noutputs;
    uint32_t             columns;
    uint32_t             rows;      /* states that have a full row */
    uint32_t             end;       /* rows * columns */

    uint32_t            *longs;     /* bit map of grams, NULL: no literals */
    uint32_t             long_mask; /* its bits, minus 1 */

    uint32_t            *shorts;
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
static int consent_literals_longs(consent_builder_t *builder,
    const consent_mem_t *mem);
static int consent_literals_shorts(consent_builder_t *builder,
    const consent_mem_t *mem);
static uint32_t *consent_literals_map(const consent_mem_t *mem, uint32_t log);
static uint64_t consent_literals_head(const uint8_t *p, size_t len);
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
    const uint8_t *p, const uint8_t *last, size_t *reach);
static inline int consent_literals_is_long(const consent_literals_t *a,
    const uint8_t *p);
static inline int consent_literals_is_short(const consent_literals_t *a,
    const uint8_t *p);
static inline uint32_t consent_literals_long(const consent_literals_t *a,
    uint64_t bytes);
static inline uint32_t consent_literals_short(const consent_literals_t *a,
    uint32_t bytes);
static inline int consent_literals_bit(const uint32_t *map, uint32_t bit);
static inline uint32_t consent_literals_bytes(const uint8_t *p);
static const uint8_t *consent_literals_run(const consent_literals_t *a,
    const uint8_t *p, const uint8_t *behind, const uint8_t *last,
    consent_literals_scan_t *scan);
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
        || consent_literals_longs(&builder, mem) != 0
        || consent_literals_shorts(&builder, mem) != 0)
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
consent_literals_longs(consent_builder_t *builder, const consent_mem_t *mem)
{
    uint32_t             i, j, log, grams, bit;
    consent_str_t        text;
    consent_literals_t  *a;

    a = builder->literals;
    grams = 0;

    for (i = 0; i < builder->n; i++) {
        if (builder->list[i].text.len >= CONSENT_LONG) {
            grams += CONSENT_STRIDE;
        }
    }

    if (grams == 0) {
        return 0;
    }

    log = CONSENT_GRAM_LOG_MIN;

    while (log < CONSENT_GRAM_LOG_MAX
           && (1U << log) / CONSENT_GRAM_BITS < grams)
    {
        log++;
    }

    a->longs = consent_literals_map(mem, log);
    if (a->longs == NULL) {
        return -1;
    }

    a->long_mask = (1U << log) - 1;

    for (i = 0; i < builder->n; i++) {
        text = builder->list[i].text;

        for (j = 0; j < CONSENT_STRIDE && text.len >= CONSENT_LONG; j++) {
            bit = consent_literals_long(a, consent_literals_head(text.data + j,
                                                            CONSENT_GRAM));
            a->longs[bit >> 5] |= 1U << (bit & 31);
        }
    }

    return 0;
}


static int
consent_literals_shorts(consent_builder_t *builder, const consent_mem_t *mem)
{
    size_t               len;
    uint32_t             i, bit;
    consent_str_t        text;
    consent_literals_t  *a;

    a = builder->literals;
    len = CONSENT_LONG;

    for (i = 0; i < builder->n; i++) {
        if (builder->list[i].text.len < len) {
            len = builder->list[i].text.len;
        }
    }

    if (len == CONSENT_LONG) {
        return 0;
    }

    if (len > CONSENT_SHORT) {
        len = CONSENT_SHORT;
    }

    a->shorts = consent_literals_map(mem, CONSENT_SHORT_LOG);
    if (a->shorts == NULL) {
        return -1;
    }

    /* moves the bytes that do not count out of the product */

    a->short_factor = (uint32_t) CONSENT_FACTOR << 8 * (CONSENT_SHORT - len);

    for (i = 0; i < builder->n; i++) {
        text = builder->list[i].text;

        if (text.len < CONSENT_LONG) {
            bit = consent_literals_short(a,
                           (uint32_t) consent_literals_head(text.data, len));
            a->shorts[bit >> 5] |= 1U << (bit & 31);
        }
    }

    return 0;
}


static uint32_t *
consent_literals_map(const consent_mem_t *mem, uint32_t log)
{
    size_t     size;
    uint32_t  *map;

    size = ((size_t) 1 << log) / 8;
    map = mem->alloc(mem->data, size);

    if (map != NULL) {
        memset(map, 0, size);
    }

    return map;
}


/* as consent_literals_bytes() reads them */

static uint64_t
consent_literals_head(const uint8_t *p, size_t len)
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
    size_t          reach;
    const uint8_t  *p, *seen, *last;

    if (text.len == 0) {
        return;
    }

    p = text.data;
    last = p + text.len;

    while (p != NULL && p < last) {
        seen = consent_literals_skip(literals, p, last, &reach);

        if ((size_t) (seen - p) > reach) {
            p = seen - reach;
        }

        p = consent_literals_run(literals, p, seen + 1, last, scan);
    }
}


/*
 * Where a literal seems to begin, or up to so many bytes before.  The last
 * bytes, too few for a look, always seem to.
 */

static const uint8_t *
consent_literals_skip(const consent_literals_t *a, const uint8_t *p,
    const uint8_t *last, size_t *reach)
{
    *reach = CONSENT_STRIDE - 1;

    for ( /* void */ ; last - p >= CONSENT_LONG; p += CONSENT_STRIDE) {

        if (a->longs != NULL && consent_literals_is_long(a, p)) {
            return p;
        }

        if (a->shorts != NULL
            && (consent_literals_is_short(a, p)
                || consent_literals_is_short(a, p + 1)
                || consent_literals_is_short(a, p + 2)
                || consent_literals_is_short(a, p + 3)))
        {
            return p;
        }
    }

    return p;
}


static inline int
consent_literals_is_long(const consent_literals_t *a, const uint8_t *p)
{
    uint64_t  bytes;

    bytes = consent_literals_bytes(p) | (uint64_t) p[4] << 32;

    return consent_literals_bit(a->longs, consent_literals_long(a, bytes));
}


static inline int
consent_literals_is_short(const consent_literals_t *a, const uint8_t *p)
{
    uint32_t  bytes;

    bytes = consent_literals_bytes(p);

    return consent_literals_bit(a->shorts, consent_literals_short(a, bytes));
}


static inline uint32_t
consent_literals_long(const consent_literals_t *a, uint64_t bytes)
{
    return (uint32_t) ((bytes * CONSENT_FACTOR) >> 32) & a->long_mask;
}


static inline uint32_t
consent_literals_short(const consent_literals_t *a, uint32_t bytes)
{
    return (bytes * a->short_factor) >> (32 - CONSENT_SHORT_LOG);
}


static inline int
consent_literals_bit(const uint32_t *map, uint32_t bit)
{
    return (map[bit >> 5] >> (bit & 31)) & 1;
}


/* four bytes, on every machine in this order */

static inline uint32_t
consent_literals_bytes(const uint8_t *p)
{
    return p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16
           | (uint32_t) p[3] << 24;
}


/*
 * Runs the automaton from its root at p until it is there again, but not
 * before behind; NULL: all is known that can be.
 */

static const uint8_t *
consent_literals_run(const consent_literals_t *a, const uint8_t *p,
    const uint8_t *behind, const uint8_t *last, consent_literals_scan_t *scan)
{
    uint32_t  place, next;

    place = 0;

    while (p < last && (place != 0 || p < behind)) {
        next = consent_literals_step(a, place, *p++);
        place = next & CONSENT_PLACE;

        if (next & CONSENT_OUTPUT) {
            consent_literals_note(a, place, scan);

            if (consent_literals_done(scan)) {
                return NULL;
            }
        }
    }

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
