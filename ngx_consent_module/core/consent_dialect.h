/*
 * Copyright (C) ngx_consent_module authors
 *
 * A dialect of a consent platform as it is written in the configuration, and
 * what is made of it for a policy.  A line says what is done to one kind of
 * tag, word by word:
 *
 *   NAME=VALUE    the tag gets this attribute; %c is the platform's name of
 *                 the category, %% a percent sign.  Those of class go in
 *                 front of the classes that the tag has.
 *   NAME->OTHER   the attribute, if it is blocked, is kept as OTHER; OTHER
 *                 may be NAME itself in a line for scripts
 *   NAME=VALUE NAME->OTHER
 *                 ... and another value takes its place.  Of a script's type,
 *                 which every line for scripts has to give, the old one goes
 *                 by that name.
 *   type->OTHER=VALUE
 *                 ... and if there was none, OTHER has this value
 */


#ifndef CONSENT_DIALECT_H
#define CONSENT_DIALECT_H


#include "consent_markup.h"


typedef enum {
    CONSENT_DIALECT_SCRIPT = 0,
    CONSENT_DIALECT_INLINE,
    CONSENT_DIALECT_OTHER,
    CONSENT_DIALECT_MODULE,     /* scripts of type "module"; without it they
                                   are in the line before where type->OTHER
                                   is, and else not in the dialect */
    CONSENT_DIALECT_LINES
} consent_dialect_e;


typedef struct {
    consent_str_t            name;
    consent_str_t            value;     /* data is NULL: none */
    consent_str_t            kept;      /* data is NULL: not renamed */
    consent_str_t            missing;   /* value of kept without NAME; data is
                                           NULL: none */
} consent_dialect_attr_t;


typedef struct {
    consent_dialect_e        kind;
    consent_dialect_attr_t   attrs[CONSENT_MARKUP_ATTRS];
    unsigned                 nattrs;
} consent_dialect_line_t;


typedef struct {
    const consent_dialect_line_t  *lines[CONSENT_DIALECT_LINES];
                                            /* NULL: not in the dialect */

    consent_str_t            names[CONSENT_MAX_CATEGORIES];
                                            /* data is NULL: its own name */
    const consent_match_t   *loaders;       /* or NULL */
    unsigned                 only_named:1;  /* without a name, a category is
                                               not in the dialect */
} consent_dialect_t;


/*
 * Adds a word to line, which was all zero but for its kind.  Words are not
 * copied.  Both return NULL, or what is wrong and what to write instead.
 */

const char *consent_dialect_add(consent_dialect_line_t *line,
    consent_str_t word);

/* after the last word */

const char *consent_dialect_check(const consent_dialect_line_t *line);


/* own is the dialect "consent" of this policy; NULL: out of memory */

consent_markup_t *consent_dialect_compile(const consent_mem_t *mem,
    const consent_policy_t *policy, const consent_markup_t *own,
    const consent_dialect_t *dialect);


#endif /* CONSENT_DIALECT_H */
