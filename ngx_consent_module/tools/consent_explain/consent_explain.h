/*
 * Copyright (C) ngx_consent_module authors
 *
 * consent-explain: what its parts offer each other.
 */


#ifndef CONSENT_EXPLAIN_H
#define CONSENT_EXPLAIN_H


#include "consent_source_block.h"


#define TOOL_FAILED      2

#define TOOL_SOURCES     64


typedef struct {
    char                    *name;
    const char              *file;          /* where its first block is */
    unsigned                 line;
    consent_block_t         *block;
    const consent_source_t  *source;
} tool_source_t;


/* what the options and the files say */

typedef struct {
    consent_policy_t         policy;

    tool_source_t            sources[TOOL_SOURCES];
    unsigned                 nsources;

    char                    *use[TOOL_SOURCES];     /* names, in order */
    unsigned                 nuse;

    unsigned                 use_is_option;
    unsigned                 implied_counts;
} tool_conf_t;


extern tool_conf_t  tool_conf;


/* conf.c: the program ends with a message if anything is wrong */

void tool_file(const char *file, unsigned depth);
void tool_use_list(const char *names);
tool_source_t *tool_find(const char *name);

/* after all files */

void tool_compile(void);


/* explain.c: on the standard output */

void tool_explain(const tool_source_t *s, const consent_reading_t *reading,
    const consent_facts_t *facts);

/* none: the text if there are none */

void tool_categories(consent_mask_t mask, const char *none);


/* memory.c: until the end of the program */

void *tool_alloc(void *data, size_t size);
char *tool_copy(const char *p, size_t len);
consent_str_t tool_str(const char *text);

void tool_fail(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), noreturn));


#endif /* CONSENT_EXPLAIN_H */
