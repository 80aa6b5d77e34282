/*
 * Copyright (C) ngx_consent_module authors
 *
 * Expressions: one that is wrong says where, within it; one that is right
 * says the same each time, and no more than yes, no or nothing.  And one that
 * grants something to nobody is refused.
 */


#include "source_fixture.h"
#include "fuzz.h"


static void *fuzz_alloc(void *data, size_t size);
static void check(consent_str_t text);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t  *copy;

    copy = fuzz_copy(data, size);

    check(consent_str_make(copy, size));

    free(copy);
    source_free();

    return 0;
}


static void *
fuzz_alloc(void *data, size_t size)
{
    uint8_t *memory = data;

    static size_t  used;

    if (size == 0) {
        used = 0;
        return NULL;
    }

    size = (size + 15) & ~(size_t) 15;

    if (size > 262144 - used) {
        return NULL;
    }

    used += size;

    return memory + used - size;
}


static void
check(consent_str_t text)
{
    unsigned                 i;
    consent_mem_t            mem;
    consent_expr_t           expr;
    consent_str_t            line;
    consent_truth_e          truth;
    consent_expr_error_t     wrong;
    const consent_source_t  *source;

    static uint8_t  memory[262144] __attribute__((aligned(16)));

    mem.alloc = fuzz_alloc;
    mem.data = memory;

    (void) fuzz_alloc(memory, 0);

    if (consent_expr_compile(&expr, &mem, text, &wrong) != 0) {
        FUZZ_CHECK(wrong.at <= text.len);
        FUZZ_CHECK(wrong.text != NULL);
        return;
    }

    FUZZ_CHECK(expr.n >= 1 && expr.n <= CONSENT_EXPR_OPS);

    for (i = 0; i < expr.n; i++) {
        FUZZ_CHECK(expr.ops[i].text.data >= text.data
                   && expr.ops[i].text.data + expr.ops[i].text.len
                      <= text.data + text.len);
    }

    source = source_compile("cookie c\nparse json\ngrant functional a");

    if (source == NULL) {
        abort();
    }

    line = source_str("c={a:1,b:{c:0,d:'x'},'e f':[1,2]}; k=v");
    (void) source_read(source, line);

    source_facts.lines = &line;

    truth = consent_expr_eval(&expr, &source_facts);

    FUZZ_CHECK(truth <= CONSENT_TRUTH_YES);
    FUZZ_CHECK(truth == consent_expr_eval(&expr, &source_facts));
}
