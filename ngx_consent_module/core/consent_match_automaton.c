/*
 * Copyright (C) ngx_consent_module authors
 *
 * Which of many literals occur in a text: an Aho-Corasick automaton.
 *
 * States are the distinct prefixes of the literals, numbered breadth-first,
 * so that the children of a state follow each other and the states near the
 * root, in which a run spends its time, come first.  Those have a full row
 * of transitions: one load for each byte.  Deeper ones, only met in large
 * sets, have their own children and a link to the state of the longest suffix
 * that is a prefix too.  Bytes that no literal has share one column.
 */


#include "consent_match_private.h"


#define CONSENT_BYTES         256

/* of 32 bits; full rows may take one megabyte */

#define CONSENT_TABLE_MAX     262144

/*
 * A transition holds the place of its target: that of its row if it has one,
 * else the number of full rows' elements plus its rank behind them; and the
 * flag that some literal ends there.
 */

#define CONSENT_OUTPUT        0x80000000U
#define CONSENT_PLACE         0x7fffffffU


typedef struct {
    uint32_t             link;      /* of the longest proper suffix */
    uint32_t             child;     /* the first one */
    uint32_t             output;    /* into outputs, 0: none */
    uint16_t             children;
    uint8_t              byte;      /* that leads here */
} consent_state_t;


typedef struct {
    consent_mask_t       categories[CONSENT_LAYERS];
    uint32_t             rules[CONSENT_LAYERS];     /* that end just here */
    uint32_t             link;      /* to what ends in a suffix, 0: none */
} consent_output_t;


struct consent_automaton_s {
    uint32_t            *table;
    consent_state_t     *states;
    consent_output_t    *outputs;

    uint32_t             nstates;
    uint32_t             noutputs;
    uint32_t             columns;
    uint32_t             rows;      /* states that have a full row */
    uint32_t             end;       /* rows * columns */

    uint8_t              column[CONSENT_BYTES];
};


/* while it is built: the sorted literals that begin with a state */

typedef struct {
    uint32_t             first;
    uint32_t             last;      /* exclusive */
    uint32_t             depth;
} consent_range_t;


typedef struct {
    consent_automaton_t      *automaton;
    const consent_literal_t  *list;
    uint32_t                  n;
    consent_range_t          *ranges;   /* of each state */
} consent_builder_t;


static void consent_automaton_columns(consent_builder_t *builder);
static int consent_automaton_alloc(consent_builder_t *builder,
    const consent_mem_t *mem);
static uint64_t consent_automaton_count(const consent_builder_t *builder);
static void consent_automaton_build(consent_builder_t *builder);
static void consent_automaton_row(consent_automaton_t *a, uint32_t state);
static void consent_automaton_children(consent_builder_t *builder,
    uint32_t state);
static void consent_automaton_child(consent_builder_t *builder,
    uint32_t parent, const consent_range_t *range);
static uint32_t consent_automaton_output(consent_builder_t *builder,
    const consent_range_t *range, uint32_t inherited);
static uint32_t consent_automaton_transition(const consent_automaton_t *a,
    uint32_t state);
static uint32_t consent_automaton_number(const consent_automaton_t *a,
    uint32_t place);
static inline uint32_t consent_automaton_step(const consent_automaton_t *a,
    uint32_t place, uint8_t c);
static uint32_t consent_automaton_deep(const consent_automaton_t *a,
    uint32_t place, uint8_t c);
static void consent_automaton_note(const consent_automaton_t *a,
    uint32_t place, consent_literals_scan_t *scan);
static int consent_automaton_done(const consent_literals_scan_t *scan);


consent_automaton_t *
consent_automaton_create(const consent_mem_t *mem,
    const consent_literal_t *list, uint32_t n)
{
    consent_builder_t     builder;
    consent_automaton_t  *a;

    a = mem->alloc(mem->data, sizeof(consent_automaton_t));
    if (a == NULL) {
        return NULL;
    }

    memset(a, 0, sizeof(consent_automaton_t));

    builder.automaton = a;
    builder.list = list;
    builder.n = n;

    consent_automaton_columns(&builder);

    if (consent_automaton_alloc(&builder, mem) != 0) {
        return NULL;
    }

    consent_automaton_build(&builder);

    return a;
}


static void
consent_automaton_columns(consent_builder_t *builder)
{
    size_t               j;
    uint32_t             i, used;
    consent_str_t        text;
    consent_automaton_t  *a;

    a = builder->automaton;

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
consent_automaton_alloc(consent_builder_t *builder, const consent_mem_t *mem)
{
    uint64_t             nstates;
    consent_automaton_t  *a;

    a = builder->automaton;
    nstates = consent_automaton_count(builder);

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


/* each literal adds the prefixes that it does not share with the one before */

static uint64_t
consent_automaton_count(const consent_builder_t *builder)
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
consent_automaton_build(consent_builder_t *builder)
{
    uint32_t             state;
    consent_automaton_t  *a;

    a = builder->automaton;

    memset(&a->states[0], 0, sizeof(consent_state_t));

    builder->ranges[0].first = 0;
    builder->ranges[0].last = builder->n;
    builder->ranges[0].depth = 0;

    a->nstates = 1;

    for (state = 0; state < a->nstates; state++) {
        consent_automaton_children(builder, state);

        if (state < a->rows) {
            consent_automaton_row(a, state);
        }
    }
}


static void
consent_automaton_row(consent_automaton_t *a, uint32_t state)
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
        row[a->column[child->byte]] = consent_automaton_transition(a, i);
    }
}


static void
consent_automaton_children(consent_builder_t *builder, uint32_t state)
{
    uint8_t                   c;
    uint32_t                  i;
    consent_range_t           range;
    consent_state_t          *s;
    const consent_range_t    *all;
    const consent_literal_t  *list;

    list = builder->list;
    all = &builder->ranges[state];
    s = &builder->automaton->states[state];

    s->child = builder->automaton->nstates;
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

        consent_automaton_child(builder, state, &range);
    }
}


static void
consent_automaton_child(consent_builder_t *builder, uint32_t parent,
    const consent_range_t *range)
{
    uint32_t             place, number;
    consent_state_t     *s;
    consent_automaton_t  *a;

    a = builder->automaton;
    number = a->nstates++;
    s = &a->states[number];

    s->byte = builder->list[range->first].text.data[range->depth - 1];
    s->child = 0;
    s->children = 0;
    s->link = 0;

    if (parent != 0) {
        place = consent_automaton_transition(a, a->states[parent].link);
        place = consent_automaton_step(a, place & CONSENT_PLACE, s->byte);
        s->link = consent_automaton_number(a, place & CONSENT_PLACE);
    }

    s->output = consent_automaton_output(builder, range,
                                        a->states[s->link].output);

    a->states[parent].children++;
    builder->ranges[number] = *range;
}


/* what ends in a state, and in the suffixes of it */

static uint32_t
consent_automaton_output(consent_builder_t *builder,
    const consent_range_t *range, uint32_t inherited)
{
    uint32_t                  i;
    consent_output_t         *output;
    consent_automaton_t       *a;
    const consent_literal_t  *literal;

    a = builder->automaton;

    if (builder->list[range->first].text.len > range->depth) {
        return inherited;
    }

    output = &a->outputs[a->noutputs];
    *output = a->outputs[inherited];

    output->rules[CONSENT_LAYER_RULES] = CONSENT_NO_RULE;
    output->rules[CONSENT_LAYER_DEFAULTS] = CONSENT_NO_RULE;
    output->link = inherited;

    for (i = range->first; i < range->last; i++) {
        literal = &builder->list[i];

        if (literal->text.len > range->depth) {
            break;
        }

        output->categories[literal->layer] |= consent_bit(literal->category);
        output->rules[literal->layer] = literal->rule;
    }

    return a->noutputs++;
}


static uint32_t
consent_automaton_transition(const consent_automaton_t *a, uint32_t state)
{
    uint32_t  place;

    place = state < a->rows ? state * a->columns : a->end + (state - a->rows);

    return a->states[state].output ? place | CONSENT_OUTPUT : place;
}


static uint32_t
consent_automaton_number(const consent_automaton_t *a, uint32_t place)
{
    return place < a->end ? place / a->columns : place - a->end + a->rows;
}


/* the transition of a byte */

static inline uint32_t
consent_automaton_step(const consent_automaton_t *a, uint32_t place, uint8_t c)
{
    return place < a->end ? a->table[place + a->column[c]]
                          : consent_automaton_deep(a, place, c);
}


/*
 * The same for a state without a full row.  A link leads to a shallower
 * state, so that a text follows no more links than it has bytes.
 */

static uint32_t
consent_automaton_deep(const consent_automaton_t *a, uint32_t place, uint8_t c)
{
    uint32_t                low, high, middle, state;
    const consent_state_t  *s;

    state = consent_automaton_number(a, place);

    do {
        s = &a->states[state];
        low = s->child;
        high = s->child + s->children;

        while (low < high) {
            middle = low + (high - low) / 2;

            if (a->states[middle].byte == c) {
                return consent_automaton_transition(a, middle);
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


const uint8_t *
consent_automaton_run(const consent_automaton_t *a, const uint8_t *p,
    const uint8_t *until, const uint8_t *last, consent_literals_scan_t *scan)
{
    uint32_t  place, next;

    place = 0;

    while (p < last && (p < until || place != 0)) {
        next = consent_automaton_step(a, place, *p++);
        place = next & CONSENT_PLACE;

        if (next & CONSENT_OUTPUT) {
            consent_automaton_note(a, place, scan);

            if (consent_automaton_done(scan)) {
                return NULL;
            }
        }
    }

    return p;
}


static void
consent_automaton_note(const consent_automaton_t *a, uint32_t place,
    consent_literals_scan_t *scan)
{
    consent_layer_e          layer;
    uint32_t                 link;
    const consent_state_t   *s;
    const consent_output_t  *output;

    s = &a->states[consent_automaton_number(a, place)];

    for (layer = CONSENT_LAYER_RULES; layer < CONSENT_LAYERS; layer++) {
        scan->found[layer] |= a->outputs[s->output].categories[layer];
    }

    for (link = s->output; link; link = output->link) {
        output = &a->outputs[link];

        for (layer = CONSENT_LAYER_RULES; layer < CONSENT_LAYERS; layer++) {
            if (output->rules[layer] != CONSENT_NO_RULE) {
                consent_match_use(scan->match, output->rules[layer]);
            }
        }
    }
}


/* whether the rest of the text can change nothing any more */

static int
consent_automaton_done(const consent_literals_scan_t *scan)
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
