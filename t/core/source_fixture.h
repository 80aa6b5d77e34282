/*
 * Copyright (C) ngx_consent_module authors
 *
 * A consent_source block written as lines of text, and the four categories
 * that most sites have, for unit tests and fuzz targets.
 */


#ifndef SOURCE_FIXTURE_H
#define SOURCE_FIXTURE_H


#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consent_source_block.h"


#define NECESSARY    1
#define FUNCTIONAL   2
#define PERFORMANCE  4
#define TARGETING    8


static uint8_t                source_memory[CONSENT_PARSER_SCRATCH];
static consent_policy_t       source_policy;
static consent_facts_t        source_facts;
static consent_tokens_t       source_tokens;
static consent_block_error_t  source_error;


/* memory and blocks, until source_free() */

static void             *source_pieces;     /* each links to the next */
static consent_block_t  *source_blocks[64];
static unsigned          source_nblocks;


static void *
source_alloc(void *data, size_t size)
{
    void  **piece;

    (void) data;

    piece = malloc(sizeof(max_align_t) + size);
    if (piece == NULL) {
        return NULL;
    }

    *piece = source_pieces;
    source_pieces = piece;

    return (char *) piece + sizeof(max_align_t);
}


__attribute__((unused))
static void
source_free(void)
{
    void  *piece;

    while (source_nblocks) {
        consent_block_destroy(source_blocks[--source_nblocks]);
    }

    while (source_pieces) {
        piece = source_pieces;
        source_pieces = *(void **) piece;
        free(piece);
    }
}


static consent_block_t *
source_block(const consent_mem_t *mem, const char *name)
{
    consent_block_t  *block;

    block = consent_block_create(mem,
                                 consent_str_make((const uint8_t *) name,
                                                  strlen(name)));

    if (block == NULL || source_nblocks == 64) {
        abort();
    }

    source_blocks[source_nblocks++] = block;

    return block;
}


static consent_str_t
source_str(const char *text)
{
    return consent_str_make((const uint8_t *) text, strlen(text));
}


/* words between blanks; those that begin with "`" go to the next one */

static unsigned
source_words(consent_str_t words[32], const char *text)
{
    size_t    len;
    unsigned  n;

    for (n = 0; *text && n < 32; n++) {

        if (*text == '`') {
            len = strcspn(text + 1, "`");
            words[n] = consent_str_make((const uint8_t *) text + 1, len);
            len += 2;

        } else {
            len = strcspn(text, " ");
            words[n] = consent_str_make((const uint8_t *) text, len);
        }

        text += len;
        text += (*text == ' ');
    }

    return n;
}


/* of lines between line feeds; NULL: source_error says what is wrong */

static const consent_source_t *
source_compile(const char *text)
{
    int               rc;
    size_t            i, len;
    char             *line;
    unsigned          n;
    consent_str_t     words[32];
    consent_block_t  *block;

    static const consent_mem_t  mem = { source_alloc, NULL };
    static const char          *names[] = { "necessary", "functional",
                                            "performance", "targeting" };

    if (source_policy.ncategories == 0) {

        for (i = 0; i < 4; i++) {
            source_policy.categories[i].name = source_str(names[i]);
            source_policy.declared |= consent_bit(i);
            source_policy.ncategories++;
        }

        source_policy.categories[0].always = 1;
        source_policy.always = NECESSARY;
    }

    block = source_block(&mem, "test");

    while (*text) {
        len = strcspn(text, "\n");
        line = source_alloc(NULL, len + 1);

        if (line == NULL) {
            abort();
        }

        memcpy(line, text, len);
        line[len] = '\0';

        text += len;
        text += (*text == '\n');

        n = source_words(words, line);

        rc = consent_block_line(block, CONSENT_LAYER_RULES, words, n, 1,
                                &source_error);
        if (rc != 0) {
            return NULL;
        }
    }

    return consent_block_compile(block, &source_policy, &source_error);
}


static consent_reading_t
source_read(const consent_source_t *source, consent_str_t header)
{
    static consent_str_t  line;
    consent_reading_t     reading;

    line = header;

    source_facts.lines = &line;
    source_facts.nlines = 1;

    consent_source_read(&reading, source, &source_facts, &source_tokens,
                        source_memory);

    return reading;
}


/* the token of that path, NULL: there is none */

__attribute__((unused))
static const consent_token_t *
source_token(const char *text)
{
    consent_path_t  path;

    consent_path_set(&path, source_str(text));

    return consent_tokens_find(&source_tokens, &path);
}


#endif /* SOURCE_FIXTURE_H */
