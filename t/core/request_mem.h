/*
 * Copyright (C) ngx_consent_module authors
 *
 * What the pool of a request is in nginx: memory that is released at its end.
 */


#ifndef REQUEST_MEM_H
#define REQUEST_MEM_H


#include <stddef.h>
#include <stdlib.h>


static void  *request_blocks;           /* each links to the next */


static void *
request_alloc(void *data, size_t size)
{
    void  **block;

    (void) data;

    block = malloc(sizeof(max_align_t) + size);
    if (block == NULL) {
        return NULL;
    }

    *block = request_blocks;
    request_blocks = block;

    return (char *) block + sizeof(max_align_t);
}


static void
request_free(void)
{
    void  *block;

    while (request_blocks) {
        block = request_blocks;
        request_blocks = *(void **) block;
        free(block);
    }
}


#endif /* REQUEST_MEM_H */
