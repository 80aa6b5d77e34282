/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_counter.h"


#define COUNTER_LINE  64

#define COUNTER_VALUES                                                       \
    (CONSENT_COUNTS                                                          \
     + CONSENT_ROWS_SOURCES * CONSENT_ROW_SOURCE_VALUES                      \
     + CONSENT_ROWS_CATEGORIES * CONSENT_ROW_CATEGORY_VALUES)

#define COUNTER_STRIPE                                                       \
    ((COUNTER_VALUES * sizeof(uint64_t) + COUNTER_LINE - 1)                  \
     / COUNTER_LINE * COUNTER_LINE)


/* bound: number of the binding that had it last, 0: never in use */

typedef struct {
    uint32_t             bound;
    uint8_t              len;
    uint8_t              name[CONSENT_ROW_NAME];
} counter_row_t;


struct consent_counters_s {
    int64_t              since;
    uint32_t             stripes;
    uint32_t             bindings;

    counter_row_t        categories[CONSENT_ROWS_CATEGORIES];
    counter_row_t        sources[CONSENT_ROWS_SOURCES];
};


const char *const  consent_blocked_names[CONSENT_BLOCKED_KINDS] = {
#define CONSENT_X(id, name)  name,
    CONSENT_ELEMENTS_X(CONSENT_X)
#undef CONSENT_X
};


static size_t counter_head(void);
static uint64_t *counter_values(const consent_counters_t *c,
    unsigned stripe);
static counter_row_t *counter_rows(consent_counters_t *c, consent_row_e kind,
    unsigned *n);
static counter_row_t *counter_row(consent_counters_t *c, consent_row_e kind,
    consent_str_t name);
static void counter_clear(consent_counters_t *c, consent_row_e kind,
    unsigned row);


static size_t
counter_head(void)
{
    return (sizeof(consent_counters_t) + COUNTER_LINE - 1)
           / COUNTER_LINE * COUNTER_LINE;
}


size_t
consent_counters_size(unsigned stripes)
{
    return counter_head() + stripes * COUNTER_STRIPE;
}


consent_counters_t *
consent_counters_init(void *mem, unsigned stripes, int64_t now)
{
    consent_counters_t  *c = mem;

    c->since = now;
    c->stripes = stripes;

    return c;
}


static uint64_t *
counter_values(const consent_counters_t *c, unsigned stripe)
{
    uintptr_t  p;

    /* the head is constant for whoever counts, the values are not */

    p = (uintptr_t) c + counter_head()
        + stripe * COUNTER_STRIPE;

    return (uint64_t *) p;
}


static counter_row_t *
counter_rows(consent_counters_t *c, consent_row_e kind, unsigned *n)
{
    if (kind == CONSENT_ROW_CATEGORY) {
        *n = CONSENT_ROWS_CATEGORIES;
        return c->categories;
    }

    *n = CONSENT_ROWS_SOURCES;

    return c->sources;
}


int
consent_counters_bind(consent_counters_t *c, consent_row_e kind,
    const consent_str_t *names, unsigned n, uint16_t *rows)
{
    unsigned        i, j, all;
    counter_row_t  *first, *row;

    first = counter_rows(c, kind, &all);

    if (n > all) {
        return -1;
    }

    c->bindings++;

    /* those that exist first, lest they are taken away */

    for (i = 0; i < n; i++) {
        row = counter_row(c, kind, names[i]);

        if (row) {
            row->bound = c->bindings;
        }
    }

    for (i = 0; i < n; i++) {
        row = counter_row(c, kind, names[i]);

        if (row == NULL) {
            row = first;

            for (j = 1; j < all; j++) {
                if (first[j].bound < row->bound) {
                    row = &first[j];
                }
            }

            if (row->bound) {
                counter_clear(c, kind, (unsigned) (row - first));
            }

            row->len = (uint8_t) (names[i].len < CONSENT_ROW_NAME
                                  ? names[i].len : CONSENT_ROW_NAME);
            memcpy(row->name, names[i].data, row->len);
        }

        row->bound = c->bindings;
        rows[i] = (uint16_t) (row - first);
    }

    return 0;
}


static counter_row_t *
counter_row(consent_counters_t *c, consent_row_e kind, consent_str_t name)
{
    unsigned        i, n;
    counter_row_t  *row;

    row = counter_rows(c, kind, &n);

    if (name.len > CONSENT_ROW_NAME) {
        name.len = CONSENT_ROW_NAME;
    }

    for (i = 0; i < n; i++) {
        if (row[i].bound
            && consent_str_eq(consent_str_make(row[i].name, row[i].len),
                              name))
        {
            return &row[i];
        }
    }

    return NULL;
}


static void
counter_clear(consent_counters_t *c, consent_row_e kind, unsigned row)
{
    unsigned   i, n, index, stripe;
    uint64_t  *values;

    if (kind == CONSENT_ROW_CATEGORY) {
        index = consent_count_category(row, 0);
        n = CONSENT_ROW_CATEGORY_VALUES;

    } else {
        index = consent_count_source(row, CONSENT_KIND_EXPLICIT);
        n = CONSENT_ROW_SOURCE_VALUES;
    }

    for (stripe = 0; stripe < c->stripes; stripe++) {
        values = counter_values(c, stripe) + index;

        for (i = 0; i < n; i++) {
            __atomic_store_n(&values[i], 0, __ATOMIC_RELAXED);
        }
    }
}


consent_counter_stripe_t
consent_counters_stripe(consent_counters_t *c, unsigned process)
{
    unsigned                  own;
    consent_counter_stripe_t  stripe;

    own = c->stripes / 2;
    stripe.alone = (process < own);

    if (!stripe.alone) {
        process = own + process % (c->stripes - own);
    }

    stripe.values = counter_values(c, process);

    return stripe;
}


void
consent_counter_add_some(const consent_counter_stripe_t *stripe,
    unsigned index, uint64_t n)
{
    uint64_t  *value;

    value = &stripe->values[index];

    if (stripe->alone) {

        /* as a whole for those who read, and without a locked instruction */

        __atomic_store_n(value, __atomic_load_n(value, __ATOMIC_RELAXED) + n,
                         __ATOMIC_RELAXED);
        return;
    }

    (void) __atomic_fetch_add(value, n, __ATOMIC_RELAXED);
}


uint64_t
consent_counters_sum(const consent_counters_t *c, unsigned index)
{
    uint64_t  sum;
    unsigned  stripe;

    sum = 0;

    for (stripe = 0; stripe < c->stripes; stripe++) {
        sum += __atomic_load_n(counter_values(c, stripe) + index,
                               __ATOMIC_RELAXED);
    }

    return sum;
}


int64_t
consent_counters_since(const consent_counters_t *c)
{
    return c->since;
}


void
consent_counters_copy(consent_counters_t *c, const consent_counters_t *from)
{
    unsigned                  i;
    consent_counter_stripe_t  stripe;

    c->since = from->since;
    c->bindings = from->bindings;

    memcpy(c->categories, from->categories, sizeof(c->categories));
    memcpy(c->sources, from->sources, sizeof(c->sources));

    stripe = consent_counters_stripe(c, 0);

    for (i = 0; i < COUNTER_VALUES; i++) {
        consent_counter_add(&stripe, i, consent_counters_sum(from, i));
    }
}
