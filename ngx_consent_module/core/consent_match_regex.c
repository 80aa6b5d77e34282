/*
 * Copyright (C) ngx_consent_module authors
 *
 * Regular expressions: PCRE2 on bytes, compiled to machine code where the
 * system allows it.
 *
 * PCRE2 counts its match limit anew at every starting position, so that a
 * limit alone, if it is high enough for "a.*b" on a long line, leaves a
 * search quadratic.  Hence all positions get a low limit, and those few that
 * need more are found by halving and pay from a budget.  The verdict never
 * depends on a clock.  What PCRE2 does not count, runs of one character class,
 * can still make a step as expensive as the subject is long.
 */


#define PCRE2_CODE_UNIT_WIDTH  8

#include <pcre2.h>

#include "consent_match_private.h"


/*
 * In steps of PCRE2, about 2 ns each with JIT: what every position may use,
 * what a single one may use at most, and what all that exceed the former may
 * use together.
 */

#define CONSENT_REGEX_LIMIT      128
#define CONSENT_REGEX_LIMIT_MAX  32768
#define CONSENT_REGEX_RAISE      4
#define CONSENT_REGEX_BUDGET     131072

/* positions tried at once after the first failure */

#define CONSENT_REGEX_WINDOW     128

/* of the interpreter, in KiB */

#define CONSENT_REGEX_HEAP       4096

/* machine stack of JIT code, bytes */

#define CONSENT_REGEX_STACK      32768
#define CONSENT_REGEX_STACK_MAX  1048576

#define CONSENT_REGEX_OPTIONS    (PCRE2_DOLLAR_ENDONLY|PCRE2_NEVER_UTF        \
                                  |PCRE2_NEVER_UCP|PCRE2_USE_OFFSET_LIMIT)

#define CONSENT_REGEX_NOMATCH    0
#define CONSENT_REGEX_MATCH      1
#define CONSENT_REGEX_LIMITED    2


struct consent_regex_s {
    pcre2_code           *code;
    int                   category;
    uint32_t              rule;         /* its number */
    uint32_t              min;          /* length of a match */
    unsigned              anchored:1;
    unsigned              filtered:1;   /* first[] is known */
    uint8_t               first[32];    /* bits of bytes that can begin it */
};


/*
 * Shared by all look-ups of one consent_match_t, which works because a
 * worker has one thread.
 */

struct consent_regex_run_s {
    pcre2_match_data     *data;
    pcre2_match_context  *context;
    pcre2_jit_stack      *stack;        /* NULL: the JIT's own 32K */
};


static pcre2_code *consent_regex_compile(const consent_rule_t *rule);
static int consent_regex_fail(const consent_rule_t *rule, int error,
    size_t offset);
static void consent_regex_study(consent_regex_t *regex);
static size_t consent_regex_prefix(consent_str_t pattern);
static unsigned consent_regex_match(consent_regex_run_t *run,
    const consent_regex_t *regex, consent_str_t subject);
static unsigned consent_regex_search(consent_regex_run_t *run,
    const consent_regex_t *regex, consent_str_t subject);
static size_t consent_regex_min(size_t a, size_t b);
static void consent_regex_note(unsigned result, unsigned *limited);


consent_regex_run_t *
consent_regex_run_create(const consent_mem_t *mem)
{
    consent_regex_run_t  *run;

    run = mem->alloc(mem->data, sizeof(consent_regex_run_t));
    if (run == NULL) {
        return NULL;
    }

    run->data = pcre2_match_data_create(1, NULL);
    run->context = pcre2_match_context_create(NULL);
    run->stack = pcre2_jit_stack_create(CONSENT_REGEX_STACK,
                                        CONSENT_REGEX_STACK_MAX, NULL);

    if (run->data == NULL || run->context == NULL) {
        consent_regex_run_destroy(run);
        return NULL;
    }

    pcre2_set_heap_limit(run->context, CONSENT_REGEX_HEAP);
    pcre2_set_depth_limit(run->context, CONSENT_REGEX_LIMIT_MAX);

    if (run->stack) {
        pcre2_jit_stack_assign(run->context, NULL, run->stack);
    }

    return run;
}


void
consent_regex_run_destroy(consent_regex_run_t *run)
{
    /* all of them accept NULL */

    pcre2_match_data_free(run->data);
    pcre2_match_context_free(run->context);
    pcre2_jit_stack_free(run->stack);
}


int
consent_regex_add(consent_regex_set_t *set, const consent_rule_t *rule)
{
    int               rc;
    pcre2_code       *code;
    consent_regex_t  *list;

    code = consent_regex_compile(rule);
    if (code == NULL) {
        return -1;
    }

    list = consent_array_grow(rule->mem, set->list, set->n, &set->room,
                              sizeof(consent_regex_t));
    if (list == NULL) {
        pcre2_code_free(code);
        return consent_match_nomem(rule->err);
    }

    set->list = list;

    rc = consent_match_claim(rule, &set->patterns, 0, rule->pattern);

    if (rc != CONSENT_CLAIM_NEW) {
        pcre2_code_free(code);
        return rc;
    }

    list = &set->list[set->n++];

    memset(list, 0, sizeof(consent_regex_t));

    list->code = code;
    list->category = rule->category;
    list->rule = rule->number;
    set->categories |= consent_bit(rule->category);

    consent_regex_study(list);

    return 0;
}


void
consent_regex_set_destroy(consent_regex_set_t *set)
{
    uint32_t  i;

    for (i = 0; i < set->n; i++) {
        pcre2_code_free(set->list[i].code);
    }

    set->n = 0;
}


/* NULL: the rule says what is wrong */

static pcre2_code *
consent_regex_compile(const consent_rule_t *rule)
{
    int             error;
    size_t          prefix, offset;
    uint32_t        options;
    pcre2_code     *code;
    consent_str_t   text;
    consent_str_t   none = consent_str("");

    prefix = consent_regex_prefix(rule->pattern);
    text = consent_str_make(rule->pattern.data + prefix,
                            rule->pattern.len - prefix);

    if (text.len == 0) {
        consent_match_fail(rule->err, "pattern \"%1\" has no regular "
                           "expression, write one behind it, such as "
                           "\"%1^name\"", rule->pattern, none);
        return NULL;
    }

    options = CONSENT_REGEX_OPTIONS;

    if (prefix == 2) {
        options |= PCRE2_CASELESS;
    }

    code = pcre2_compile(text.data, text.len, options, &error, &offset, NULL);

    if (code == NULL) {
        consent_regex_fail(rule, error, offset);
        return NULL;
    }

    /* where executable memory is refused, the interpreter does the work */

    (void) pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);

    return code;
}


static int
consent_regex_fail(const consent_rule_t *rule, int error, size_t offset)
{
    size_t         i, len;
    uint8_t        text[160], digits[20];
    consent_str_t  what;

    if (pcre2_get_error_message(error, text, 100) == PCRE2_ERROR_BADDATA) {
        text[0] = '\0';
    }

    for (len = 0; len < 80 && text[len] != '\0'; len++) {
        text[len] = text[len] == '"' ? '\'' : text[len];
    }

    memcpy(text + len, " at offset ", 11);
    len += 11;

    i = sizeof(digits);

    do {
        digits[--i] = (uint8_t) ('0' + offset % 10);
        offset /= 10;
    } while (offset);

    memcpy(text + len, digits + i, sizeof(digits) - i);
    len += sizeof(digits) - i;

    what = consent_str_make(text, len);

    return consent_match_fail(rule->err, "regular expression \"%1\": %2, "
                              "correct it, or put \"\\\" before a "
                              "literal character",
                              rule->pattern, what);
}


/* length of "~" or "~*" */

static size_t
consent_regex_prefix(consent_str_t pattern)
{
    return (pattern.len > 1 && pattern.data[1] == '*') ? 2 : 1;
}


/* PCRE2 takes longer to be called than to find that a first byte is wrong */

static void
consent_regex_study(consent_regex_t *regex)
{
    uint8_t         c;
    uint32_t        options, type, unit, empty;
    const uint8_t  *bitmap;

    options = 0;
    type = 0;
    unit = 0;
    empty = 1;
    bitmap = NULL;

    pcre2_pattern_info(regex->code, PCRE2_INFO_MINLENGTH, &regex->min);
    pcre2_pattern_info(regex->code, PCRE2_INFO_ALLOPTIONS, &options);
    pcre2_pattern_info(regex->code, PCRE2_INFO_MATCHEMPTY, &empty);
    pcre2_pattern_info(regex->code, PCRE2_INFO_FIRSTCODETYPE, &type);
    pcre2_pattern_info(regex->code, PCRE2_INFO_FIRSTCODEUNIT, &unit);
    pcre2_pattern_info(regex->code, PCRE2_INFO_FIRSTBITMAP, &bitmap);

    regex->anchored = (options & PCRE2_ANCHORED) != 0;

    if (!regex->anchored || empty) {
        return;
    }

    if (type == 1) {

        /* whether case counts for it is not told, so both cases pass */

        c = (uint8_t) unit;
        regex->first[c >> 3] |= (uint8_t) (1U << (c & 7));

        if (consent_is_alpha(c)) {
            c ^= 0x20;
            regex->first[c >> 3] |= (uint8_t) (1U << (c & 7));
        }

        regex->filtered = 1;

    } else if (bitmap) {
        memcpy(regex->first, bitmap, sizeof(regex->first));
        regex->filtered = 1;
    }
}


uint32_t
consent_regex_first(consent_regex_run_t *run, const consent_regex_set_t *set,
    consent_str_t subject, unsigned *limited)
{
    uint32_t  i;
    unsigned  result;

    for (i = 0; i < set->n; i++) {
        result = consent_regex_match(run, &set->list[i], subject);
        consent_regex_note(result, limited);

        if (result != CONSENT_REGEX_NOMATCH) {
            return set->list[i].rule;
        }
    }

    return CONSENT_NO_RULE;
}


consent_mask_t
consent_regex_all(const consent_match_t *m, const consent_regex_set_t *set,
    consent_str_t subject, consent_mask_t wanted, unsigned *limited)
{
    uint32_t        i;
    unsigned        result;
    consent_mask_t  bit, found;

    found = 0;
    wanted &= set->categories;

    for (i = 0; i < set->n && (wanted & ~found); i++) {
        bit = consent_bit(set->list[i].category);

        if ((bit & wanted & ~found) == 0) {
            continue;
        }

        result = consent_regex_match(m->run, &set->list[i], subject);
        consent_regex_note(result, limited);

        if (result != CONSENT_REGEX_NOMATCH) {
            consent_match_use(m, set->list[i].rule);
            found |= bit;
        }
    }

    return found;
}


int
consent_regex_proves(consent_regex_run_t *run, const consent_regex_set_t *set,
    consent_str_t subject, consent_mask_t wanted, unsigned *limited)
{
    uint32_t  i;
    unsigned  result;

    for (i = 0; i < set->n; i++) {

        if ((consent_bit(set->list[i].category) & wanted) == 0) {
            continue;
        }

        result = consent_regex_match(run, &set->list[i], subject);
        consent_regex_note(result, limited);

        if (result == CONSENT_REGEX_MATCH) {
            return 1;
        }
    }

    return 0;
}


static void
consent_regex_note(unsigned result, unsigned *limited)
{
    if (result == CONSENT_REGEX_LIMITED && limited) {
        *limited = 1;
    }
}


static unsigned
consent_regex_match(consent_regex_run_t *run, const consent_regex_t *regex,
    consent_str_t subject)
{
    uint8_t  c;

    if (subject.len < regex->min) {
        return CONSENT_REGEX_NOMATCH;
    }

    if (regex->filtered) {

        if (subject.len == 0) {
            return CONSENT_REGEX_NOMATCH;
        }

        c = subject.data[0];

        if ((regex->first[c >> 3] & (1U << (c & 7))) == 0) {
            return CONSENT_REGEX_NOMATCH;
        }
    }

    if (subject.len == 0) {
        subject.data = (const uint8_t *) "";
    }

    return consent_regex_search(run, regex, subject);
}


static unsigned
consent_regex_search(consent_regex_run_t *run, const consent_regex_t *regex,
    consent_str_t subject)
{
    int       rc;
    size_t    start, width, left;
    uint32_t  limit, budget;

    start = 0;
    left = regex->anchored ? 1 : subject.len + 1;
    width = left;
    limit = CONSENT_REGEX_LIMIT;
    budget = CONSENT_REGEX_BUDGET;

    for ( ;; ) {
        pcre2_set_match_limit(run->context, limit);
        pcre2_set_offset_limit(run->context, start + width - 1);

        rc = pcre2_match(regex->code, subject.data, subject.len, start, 0,
                         run->data, run->context);

        if (rc >= 0) {
            return CONSENT_REGEX_MATCH;
        }

        if (rc == PCRE2_ERROR_NOMATCH) {
            start += width;
            left -= width;

            if (left == 0) {
                return CONSENT_REGEX_NOMATCH;
            }

            limit = CONSENT_REGEX_LIMIT;
            width = consent_regex_min(width * 2, CONSENT_REGEX_WINDOW);
            width = consent_regex_min(width, left);

            continue;
        }

        if (rc != PCRE2_ERROR_MATCHLIMIT) {
            return CONSENT_REGEX_LIMITED;
        }

        if (width > 1) {
            width = consent_regex_min(width / 2, CONSENT_REGEX_WINDOW);
            continue;
        }

        limit *= CONSENT_REGEX_RAISE;

        if (limit > CONSENT_REGEX_LIMIT_MAX || limit > budget) {
            return CONSENT_REGEX_LIMITED;
        }

        budget -= limit;
    }
}


static size_t
consent_regex_min(size_t a, size_t b)
{
    return a < b ? a : b;
}
