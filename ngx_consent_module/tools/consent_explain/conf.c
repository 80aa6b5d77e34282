/*
 * Copyright (C) ngx_consent_module authors
 *
 * Reads configuration files of nginx for what is about sources.
 */


#include "consent_explain.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>


#define TOOL_WORDS       512
#define TOOL_DEPTH       32         /* blocks and includes */
#define TOOL_PIECE       16384      /* of a file that is read */


/* where a line stands; its number is the origin of the core */

typedef struct {
    const char              *file;
    unsigned                 line;
} tool_origin_t;


typedef struct {
    const char              *file;
    const char              *pos;
    const char              *end;
    unsigned                 line;
} tool_reader_t;


static char *tool_read(const char *file, size_t *size);
static void tool_block(tool_reader_t *reader, unsigned depth);
static void tool_directive(tool_reader_t *reader, char **words, unsigned n,
    unsigned block, unsigned depth);
static int tool_word(tool_reader_t *reader, char **word);
static void tool_skip(tool_reader_t *reader);
static char *tool_quoted(tool_reader_t *reader, char quote);
static void tool_include(tool_reader_t *reader, const char *pattern,
    unsigned depth);
static int tool_glob(const char *folder, const char *pattern, glob_t *found);
static void tool_source_begin(tool_reader_t *reader, char **words,
    unsigned n);
static void tool_source_line(tool_reader_t *reader, char **words,
    unsigned n);
static void tool_category(const char *name);
static void tool_use(const char *name);


static tool_origin_t     *origins;
static unsigned           norigins = 1;

static const char        *root;         /* folder of the first file */

static tool_source_t     *current;      /* the block that is being read */
static unsigned           inside;       /* ... is one of ours */
static consent_layer_e    layer;

static const consent_mem_t  mem = { tool_alloc, NULL };


void
tool_file(const char *file, unsigned depth)
{
    char           *text, *copy;
    size_t          size;
    tool_reader_t   reader;

    if (depth == TOOL_DEPTH) {
        tool_fail("%s: too many includes in one another", file);
    }

    if (root == NULL) {
        copy = tool_copy(file, strlen(file));
        root = dirname(copy);
    }

    text = tool_read(file, &size);

    reader.file = tool_copy(file, strlen(file));
    reader.pos = text;
    reader.end = text + size;
    reader.line = 1;

    tool_block(&reader, depth);

    if (reader.pos < reader.end) {
        tool_fail("%s:%u: unexpected \"}\"", file, reader.line);
    }
}


/* may be a pipe */

static char *
tool_read(const char *file, size_t *size)
{
    char    *text, *more;
    FILE    *fh;
    size_t   room, n;

    fh = fopen(file, "rb");

    if (fh == NULL) {
        tool_fail("cannot read \"%s\": %s", file, strerror(errno));
    }

    *size = 0;
    room = TOOL_PIECE;
    text = tool_alloc(NULL, room);

    while ((n = fread(text + *size, 1, room - *size, fh)) > 0) {
        *size += n;

        if (*size == room) {
            more = tool_alloc(NULL, room * 2);
            memcpy(more, text, room);
            text = more;
            room *= 2;
        }
    }

    if (ferror(fh)) {
        tool_fail("cannot read \"%s\": %s", file, strerror(errno));
    }

    fclose(fh);

    return text;
}


/* up to "}" or the end */

static void
tool_block(tool_reader_t *reader, unsigned depth)
{
    int        kind;
    char      *words[TOOL_WORDS], *word;
    unsigned   n;

    n = 0;
    word = NULL;

    for ( ;; ) {
        kind = tool_word(reader, &word);

        switch (kind) {

        case 'w':

            if (n == TOOL_WORDS) {
                tool_fail("%s:%u: too many words", reader->file,
                          reader->line);
            }

            words[n++] = word;
            continue;

        case ';':
        case '{':

            if (n || kind == '{') {
                tool_directive(reader, words, n, kind == '{', depth);
            }

            n = 0;
            continue;

        default: /* "}" or the end */

            if (n) {
                tool_fail("%s:%u: expected \";\"", reader->file,
                          reader->line);
            }

            return;
        }
    }
}


static void
tool_directive(tool_reader_t *reader, char **words, unsigned n,
    unsigned block, unsigned depth)
{
    unsigned        i, was_inside;
    tool_source_t  *outer;

    if (block && depth == TOOL_DEPTH) {
        tool_fail("%s:%u: too many blocks in one another", reader->file,
                  reader->line);
    }

    if (n == 2 && strcmp(words[0], "include") == 0) {
        tool_include(reader, words[1], depth + 1);
        return;
    }

    if (current && !block) {
        tool_source_line(reader, words, n);
        return;
    }

    if (n >= 2 && strcmp(words[0], "consent_category") == 0) {
        tool_category(words[1]);
    }

    if (n >= 2 && strcmp(words[0], "consent_use") == 0
        && !tool_conf.use_is_option)
    {
        tool_conf.nuse = 0;

        for (i = 1; i < n; i++) {
            tool_use(words[i]);
        }
    }

    if (n == 2 && strcmp(words[0], "consent_implied") == 0) {
        tool_conf.implied_counts = (strcmp(words[1], "accept") == 0);
    }

    if (!block) {
        return;
    }

    outer = current;
    was_inside = inside;

    inside = (n && strncmp(words[0], "consent_", 8) == 0);

    if (n >= 2 && strcmp(words[0], "consent_source") == 0) {
        tool_source_begin(reader, words, n);
    }

    tool_block(reader, depth + 1);

    if (reader->pos == reader->end || *reader->pos != '}') {
        tool_fail("%s:%u: expected \"}\"", reader->file, reader->line);
    }

    reader->pos++;

    current = outer;
    inside = was_inside;
}


/* 'w' and a word, or ";", "{", "}" (which is left there), or 0: the end */

static int
tool_word(tool_reader_t *reader, char **word)
{
    char         c;
    const char  *start;

    tool_skip(reader);

    if (reader->pos == reader->end) {
        return 0;
    }

    c = *reader->pos;

    if (c == '}') {
        return c;
    }

    if (c == ';' || c == '{') {
        reader->pos++;
        return c;
    }

    if (c == '"' || c == '\'') {
        *word = tool_quoted(reader, c);
        return 'w';
    }

    start = reader->pos;

    while (reader->pos < reader->end && strchr(" \t\r\n;{", *reader->pos)
                                        == NULL)
    {
        reader->pos++;
    }

    *word = tool_copy(start, (size_t) (reader->pos - start));

    return 'w';
}


static void
tool_skip(tool_reader_t *reader)
{
    while (reader->pos < reader->end) {

        if (*reader->pos == '#') {
            while (reader->pos < reader->end && *reader->pos != '\n') {
                reader->pos++;
            }

            continue;
        }

        if (!isspace((unsigned char) *reader->pos)) {
            return;
        }

        reader->line += (*reader->pos++ == '\n');
    }
}


/* nginx knows \" \' \\ \t \r \n, and leaves any other "\" as it is */

static char *
tool_quoted(tool_reader_t *reader, char quote)
{
    char        *word, *p;
    const char  *escape;

    static const char  escapes[] = "\"'\\trn";
    static const char  meanings[] = "\"'\\\t\r\n";

    word = tool_alloc(NULL, (size_t) (reader->end - reader->pos));
    p = word;

    for (reader->pos++; reader->pos < reader->end; reader->pos++) {

        if (*reader->pos == quote) {
            reader->pos++;
            *p = '\0';
            return word;
        }

        if (*reader->pos == '\\' && reader->end - reader->pos > 1
            && (escape = strchr(escapes, reader->pos[1])) != NULL
            && *escape != '\0')
        {
            *p++ = meanings[escape - escapes];
            reader->pos++;
            continue;
        }

        reader->line += (*reader->pos == '\n');
        *p++ = *reader->pos;
    }

    tool_fail("%s:%u: a quote is not closed", reader->file, reader->line);
}


/*
 * Relative to the folder of the first file, as in nginx.conf; inside of a
 * block of ours, that of the file itself comes first, as in the module.
 */

static void
tool_include(tool_reader_t *reader, const char *pattern, unsigned depth)
{
    char    *folder;
    glob_t   found;
    size_t   i;

    folder = tool_copy(reader->file, strlen(reader->file));
    folder = dirname(folder);

    if (!(inside && tool_glob(folder, pattern, &found))
        && !tool_glob(root, pattern, &found))
    {
        /* mime.types and its like say nothing about consent */

        if (strpbrk(pattern, "*?[") == NULL) {
            fprintf(stderr, "consent-explain: %s:%u: nothing is included by "
                    "\"%s\"\n", reader->file, reader->line, pattern);
        }

        return;
    }

    for (i = 0; i < found.gl_pathc; i++) {
        tool_file(found.gl_pathv[i], depth);
    }

    globfree(&found);
}


static int
tool_glob(const char *folder, const char *pattern, glob_t *found)
{
    char    *path;
    size_t   size;

    size = strlen(folder) + strlen(pattern) + 2;
    path = tool_alloc(NULL, size);

    snprintf(path, size, "%s%s%s", pattern[0] == '/' ? "" : folder,
             pattern[0] == '/' ? "" : "/", pattern);

    return glob(path, 0, NULL, found) == 0;
}


static void
tool_source_begin(tool_reader_t *reader, char **words, unsigned n)
{
    layer = CONSENT_LAYER_RULES;

    if (n == 3 && strcmp(words[2], "defaults") == 0) {
        layer = CONSENT_LAYER_DEFAULTS;

    } else if (n != 2) {
        tool_fail("%s:%u: unexpected \"%s\"", reader->file, reader->line,
                  words[2]);
    }

    current = tool_find(words[1]);

    if (current) {
        return;
    }

    if (tool_conf.nsources == TOOL_SOURCES) {
        tool_fail("%s:%u: too many sources", reader->file, reader->line);
    }

    current = &tool_conf.sources[tool_conf.nsources++];
    current->name = words[1];
    current->file = reader->file;
    current->line = reader->line;
    current->block = consent_block_create(&mem, tool_str(words[1]));
}


static void
tool_source_line(tool_reader_t *reader, char **words, unsigned n)
{
    unsigned               i;
    consent_str_t         *list;
    consent_block_error_t  err;

    list = tool_alloc(NULL, n * sizeof(consent_str_t));

    for (i = 0; i < n; i++) {
        list[i] = tool_str(words[i]);
    }

    origins = realloc(origins, (norigins + 1) * sizeof(tool_origin_t));

    if (origins == NULL) {
        tool_fail("out of memory");
    }

    origins[norigins].file = reader->file;
    origins[norigins].line = reader->line;

    if (consent_block_line(current->block, layer, list, n, norigins, &err)
        != 0)
    {
        tool_fail("%s:%u: %s", reader->file, reader->line, err.text);
    }

    norigins++;
}


static void
tool_category(const char *name)
{
    consent_category_t  *category;

    if (consent_policy_category(&tool_conf.policy, tool_str(name))
        != CONSENT_UNCLASSIFIED)
    {
        return;
    }

    if (tool_conf.policy.ncategories == CONSENT_MAX_CATEGORIES) {
        tool_fail("too many categories");
    }

    category = &tool_conf.policy.categories[tool_conf.policy.ncategories];
    category->name = tool_str(name);

    tool_conf.policy.declared |= consent_bit(tool_conf.policy.ncategories);
    tool_conf.policy.ncategories++;
}


void
tool_use_list(const char *names)
{
    size_t  len;

    for ( ;; ) {
        len = strcspn(names, ",");

        tool_use(tool_copy(names, len));

        if (names[len] == '\0') {
            return;
        }

        names += len + 1;
    }
}


static void
tool_use(const char *name)
{
    if (strcmp(name, "own") == 0) {
        return;
    }

    if (tool_conf.nuse == TOOL_SOURCES) {
        tool_fail("too many sources are used");
    }

    tool_conf.use[tool_conf.nuse++] = tool_copy(name, strlen(name));
}


tool_source_t *
tool_find(const char *name)
{
    unsigned  i;

    for (i = 0; i < tool_conf.nsources; i++) {
        if (strcmp(tool_conf.sources[i].name, name) == 0) {
            return &tool_conf.sources[i];
        }
    }

    return NULL;
}


void
tool_compile(void)
{
    unsigned               i;
    tool_source_t         *s;
    tool_origin_t         *origin;
    consent_block_error_t  err;

    if (tool_conf.policy.ncategories == 0) {
        tool_category("necessary");
        tool_category("functional");
        tool_category("performance");
        tool_category("targeting");
    }

    for (i = 0; i < tool_conf.nsources; i++) {
        s = &tool_conf.sources[i];

        s->source = consent_block_compile(s->block, &tool_conf.policy, &err);

        if (s->source == NULL) {
            origin = err.origin ? &origins[err.origin] : NULL;

            tool_fail("%s:%u: source \"%s\": %s",
                      origin ? origin->file : s->file,
                      origin ? origin->line : s->line, s->name, err.text);
        }
    }

    if (tool_conf.nuse == 0) {
        for (i = 0; i < tool_conf.nsources; i++) {
            tool_use(tool_conf.sources[i].name);
        }
    }

    for (i = 0; i < tool_conf.nuse; i++) {
        if (tool_find(tool_conf.use[i]) == NULL) {
            tool_fail("there is no source \"%s\" in these files",
                      tool_conf.use[i]);
        }
    }

    if (tool_conf.nuse == 0) {
        tool_fail("there is no consent_source in these files");
    }
}
