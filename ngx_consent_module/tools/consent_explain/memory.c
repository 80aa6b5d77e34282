/*
 * Copyright (C) ngx_consent_module authors
 *
 * Memory that lasts as long as the program, and its end.
 */


#include "consent_explain.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>


/* each links to the next, so that none looks lost */

static void  *pieces;


void *
tool_alloc(void *data, size_t size)
{
    void  **piece;

    (void) data;

    piece = malloc(sizeof(max_align_t) + size);

    if (piece == NULL) {
        tool_fail("out of memory");
    }

    *piece = pieces;
    pieces = piece;

    return (char *) piece + sizeof(max_align_t);
}


char *
tool_copy(const char *p, size_t len)
{
    char  *copy;

    copy = tool_alloc(NULL, len + 1);

    memcpy(copy, p, len);
    copy[len] = '\0';

    return copy;
}


consent_str_t
tool_str(const char *text)
{
    return consent_str_make((const uint8_t *) text, strlen(text));
}


void
tool_fail(const char *fmt, ...)
{
    va_list  args;

    fputs("consent-explain: ", stderr);

    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);

    fputc('\n', stderr);

    exit(TOOL_FAILED);
}
