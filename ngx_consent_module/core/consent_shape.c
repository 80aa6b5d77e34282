/*
 * Copyright (C) ngx_consent_module authors
 */


#define PCRE2_CODE_UNIT_WIDTH  8

#include <pcre2.h>

#include "consent_shape.h"
#include "consent_transform.h"


/*
 * In steps of PCRE2 for each position of the text, which has 8 KiB at most.
 * A literal, which most shapes are, needs no PCRE2 at all.
 */

#define SHAPE_LIMIT    256
#define SHAPE_HEAP     256          /* KiB */

#define SHAPE_OPTIONS  (PCRE2_DOLLAR_ENDONLY|PCRE2_NEVER_UTF|PCRE2_NEVER_UCP)


struct consent_shape_s {
    consent_str_t         literal;      /* NULL: an expression */
    pcre2_code           *code;
    pcre2_match_data     *data;
    pcre2_match_context  *context;
};


static int shape_is_literal(consent_str_t pattern);


consent_shape_t *
consent_shape_create(const consent_mem_t *mem, consent_str_t pattern,
    char *error, size_t size)
{
    int               code;
    size_t            offset;
    consent_shape_t  *shape;

    static const char  nomem[] = "out of memory";

    if (size < sizeof(nomem)) {
        return NULL;
    }

    memcpy(error, nomem, sizeof(nomem));

    shape = mem->alloc(mem->data, sizeof(consent_shape_t));
    if (shape == NULL) {
        return NULL;
    }

    memset(shape, 0, sizeof(consent_shape_t));

    if (shape_is_literal(pattern)) {
        shape->literal = pattern;
        return shape;
    }

    shape->code = pcre2_compile(pattern.data, pattern.len, SHAPE_OPTIONS,
                                &code, &offset, NULL);

    if (shape->code == NULL) {
        (void) pcre2_get_error_message(code, (PCRE2_UCHAR *) error, size);
        return NULL;
    }

    /* where executable memory is refused, the interpreter does the work */

    (void) pcre2_jit_compile(shape->code, PCRE2_JIT_COMPLETE);

    shape->data = pcre2_match_data_create(1, NULL);
    shape->context = pcre2_match_context_create(NULL);

    if (shape->data == NULL || shape->context == NULL) {
        consent_shape_destroy(shape);
        return NULL;
    }

    pcre2_set_match_limit(shape->context, SHAPE_LIMIT);
    pcre2_set_heap_limit(shape->context, SHAPE_HEAP);

    return shape;
}


void
consent_shape_destroy(consent_shape_t *shape)
{
    /* all of them accept NULL */

    pcre2_match_data_free(shape->data);
    pcre2_match_context_free(shape->context);
    pcre2_code_free(shape->code);
}


int
consent_shape_match(const consent_shape_t *shape, consent_str_t text)
{
    if (shape->literal.data) {
        return consent_transform_find(text, shape->literal) != NULL;
    }

    return pcre2_match(shape->code, text.data, text.len, 0, 0, shape->data,
                       shape->context)
           >= 0;
}


static int
shape_is_literal(consent_str_t pattern)
{
    size_t  i;

    static const char  special[] = "\\^$.[]|()?*+{}#";

    for (i = 0; i < pattern.len; i++) {
        if (pattern.data[i] == '\0' || strchr(special, pattern.data[i])) {
            return 0;
        }
    }

    return pattern.len != 0;
}
