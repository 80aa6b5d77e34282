/*
 * Copyright (C) ngx_consent_module authors
 *
 * TAP output for the unit tests of core/, and memory for them.  Each test
 * is one program and includes this file once.
 */


#ifndef TAP_H
#define TAP_H


#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consent_str.h"


static int    tap_tests;
static int    tap_failed;
static int    tap_planned;
static void  *tap_blocks;       /* of test_mem(): each links to the next */


__attribute__((format(printf, 1, 2), unused))
static void
diag(const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    fputs("# ", stdout);
    vprintf(fmt, args);
    putchar('\n');
    va_end(args);
}


__attribute__((unused))
static void
plan(int n)
{
    tap_planned = n;
    printf("1..%d\n", n);
}


__attribute__((format(printf, 2, 0)))
static int
tap_result(int pass, const char *fmt, va_list args)
{
    tap_tests++;

    if (!pass) {
        tap_failed++;
    }

    printf("%sok %d - ", pass ? "" : "not ", tap_tests);
    vprintf(fmt, args);
    putchar('\n');

    return pass;
}


__attribute__((format(printf, 2, 3), unused))
static int
ok(int pass, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    tap_result(pass, fmt, args);
    va_end(args);

    return pass;
}


__attribute__((format(printf, 3, 4), unused))
static int
is_int(long long got, long long want, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    tap_result(got == want, fmt, args);
    va_end(args);

    if (got != want) {
        diag("     got: %lld", got);
        diag("expected: %lld", want);
    }

    return got == want;
}


__attribute__((format(printf, 4, 5), unused))
static int
is_str(const void *got, size_t len, const char *want, const char *fmt, ...)
{
    int      pass;
    va_list  args;

    pass = (len == strlen(want) && (len == 0 || memcmp(got, want, len) == 0));

    va_start(args, fmt);
    tap_result(pass, fmt, args);
    va_end(args);

    if (!pass) {
        diag("     got: \"%.*s\"", (int) len, (const char *) got);
        diag("expected: \"%s\"", want);
    }

    return pass;
}


__attribute__((unused))
static int
done_testing(void)
{
    if (tap_planned == 0) {
        printf("1..%d\n", tap_tests);

    } else if (tap_planned != tap_tests) {
        diag("planned %d tests, ran %d", tap_planned, tap_tests);
        return 1;
    }

    return tap_failed ? 1 : 0;
}


static void *
tap_alloc(void *data, size_t size)
{
    void  **block;

    (void) data;

    block = malloc(sizeof(max_align_t) + size);
    if (block == NULL) {
        return NULL;
    }

    *block = tap_blocks;
    tap_blocks = block;

    return (char *) block + sizeof(max_align_t);
}


__attribute__((unused))
static const consent_mem_t *
test_mem(void)
{
    static const consent_mem_t  mem = { tap_alloc, NULL };

    return &mem;
}


__attribute__((unused))
static void
test_mem_free(void)
{
    void  *block;

    while (tap_blocks) {
        block = tap_blocks;
        tap_blocks = *(void **) block;
        free(block);
    }
}


#endif /* TAP_H */
