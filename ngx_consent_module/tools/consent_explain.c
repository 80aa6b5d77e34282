/*
 * Copyright (C) ngx_consent_module authors
 *
 * consent-explain: what the sources of a configuration say about a Cookie
 * header, and why.  It needs no nginx: the blocks are compiled and the
 * cookies read by the same code as in the module.
 *
 * Exit status: 0; 2: wrong usage, or the configuration cannot be read.
 */


#include "consent_source_block.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>


#define TOOL_FAILED      2

#define TOOL_SOURCES     64
#define TOOL_WORDS       512
#define TOOL_DEPTH       32         /* blocks and includes */
#define TOOL_PATH        256        /* of a token, as it is shown */
#define TOOL_PIECE       16384      /* of a file that is read */


typedef struct {
    char                    *name;
    consent_block_t         *block;
    const consent_source_t  *source;
} tool_source_t;


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


static tool_source_t      sources[TOOL_SOURCES];
static unsigned           nsources;

static tool_origin_t     *origins;
static unsigned           norigins = 1;

static consent_policy_t   policy;
static const char        *root;         /* folder of the first file */

static char              *use[TOOL_SOURCES];
static unsigned           nuse;
static unsigned           use_is_option;
static unsigned           implied_counts;

static tool_source_t     *current;      /* the block that is being read */
static unsigned           inside;       /* ... is one of ours */
static consent_layer_e    layer;

static uint8_t            memory[CONSENT_PARSER_SCRATCH];
static void              *pieces;       /* each links to the next */


static void tool_usage(FILE *to);
static void tool_file(const char *file, unsigned depth);
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
static void tool_use_list(const char *names);
static void tool_use(const char *name);
static tool_source_t *tool_find(const char *name);
static void tool_compile(void);
static void tool_header(char *text, unsigned brief);
static void tool_explain(const tool_source_t *s,
    const consent_reading_t *reading, const consent_facts_t *facts);
static void tool_tokens(const consent_tokens_t *tokens);
static void tool_fields(consent_str_t text, const char *prefix);
static void tool_expr(const char *what, consent_str_t category,
    const consent_expr_t *expr, const consent_facts_t *facts);
static void tool_leaf(const consent_expr_op_t *op,
    const consent_facts_t *facts);
static void tool_categories(consent_mask_t mask, const char *none);
static void tool_show(consent_str_t s);
static void *tool_alloc(void *data, size_t size);
static char *tool_copy(const char *p, size_t len);
static consent_str_t tool_str(const char *text);
static void tool_fail(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), noreturn));


static const consent_mem_t  mem = { tool_alloc, NULL };

static const char  *const truths[] = { "not there", "unknown", "no", "yes" };


int
main(int argc, char **argv)
{
    int       i, files;
    char     *line, *header;
    size_t    size;
    ssize_t   len;
    unsigned  brief;

    files = 0;
    brief = 0;
    header = NULL;

    for (i = 1; i < argc; i++) {

        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            tool_usage(stdout);
            return 0;
        }

        if (strcmp(argv[i], "--brief") == 0) {
            brief = 1;

        } else if (strcmp(argv[i], "--implied") == 0) {
            implied_counts = 1;

        } else if (strcmp(argv[i], "--use") == 0 && i + 1 < argc) {
            use_is_option = 1;
            tool_use_list(argv[++i]);

        } else if (strcmp(argv[i], "--cookie") == 0 && i + 1 < argc) {
            header = argv[++i];

        } else if (argv[i][0] == '-') {
            tool_fail("there is no option \"%s\", see consent-explain "
                      "--help", argv[i]);

        } else {
            tool_file(argv[i], 0);
            files++;
        }
    }

    if (files == 0) {
        tool_usage(stderr);
        return TOOL_FAILED;
    }

    tool_compile();

    if (header) {
        tool_header(header, brief);

    } else {
        line = NULL;
        size = 0;

        while ((len = getline(&line, &size, stdin)) > 0) {

            if (line[len - 1] == '\n') {
                line[len - 1] = '\0';
            }

            tool_header(line, brief);
        }

        free(line);
    }

    if (fflush(stdout) != 0 || ferror(stdout)) {
        tool_fail("cannot write: %s", strerror(errno));
    }

    return 0;
}


static void
tool_usage(FILE *to)
{
    fputs("usage: consent-explain [OPTION ...] FILE ...\n"
          "\n"
          "Reads the consent_source blocks of nginx configuration files and "
          "says what they\n"
          "make of Cookie headers, which are given by --cookie, or one a "
          "line on the\n"
          "standard input.\n"
          "\n"
          "  --cookie HEADER   the value of a Cookie header\n"
          "  --use NAME,...    these sources, in this order; else those of "
          "consent_use in\n"
          "                    the files, else all\n"
          "  --implied         an implied decision counts, as with "
          "\"consent_implied accept\"\n"
          "  --brief           one line for each header: the decision, and "
          "what is accepted\n"
          "\n"
          "Without consent_category in the files there are the categories "
          "necessary,\n"
          "functional, performance and targeting. The source \"own\" is left "
          "out: see\n"
          "consent-cookie show.\n", to);
}


static void
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

    if (n >= 2 && strcmp(words[0], "consent_use") == 0 && !use_is_option) {
        nuse = 0;

        for (i = 1; i < n; i++) {
            tool_use(words[i]);
        }
    }

    if (n == 2 && strcmp(words[0], "consent_implied") == 0) {
        implied_counts = (strcmp(words[1], "accept") == 0);
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

    if (nsources == TOOL_SOURCES) {
        tool_fail("%s:%u: too many sources", reader->file, reader->line);
    }

    current = &sources[nsources++];
    current->name = words[1];
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

    if (consent_policy_category(&policy, tool_str(name))
        != CONSENT_UNCLASSIFIED)
    {
        return;
    }

    if (policy.ncategories == CONSENT_MAX_CATEGORIES) {
        tool_fail("too many categories");
    }

    category = &policy.categories[policy.ncategories];
    category->name = tool_str(name);

    policy.declared |= consent_bit(policy.ncategories);
    policy.ncategories++;
}


static void
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

    if (nuse == TOOL_SOURCES) {
        tool_fail("too many sources are used");
    }

    use[nuse++] = tool_copy(name, strlen(name));
}


static tool_source_t *
tool_find(const char *name)
{
    unsigned  i;

    for (i = 0; i < nsources; i++) {
        if (strcmp(sources[i].name, name) == 0) {
            return &sources[i];
        }
    }

    return NULL;
}


static void
tool_compile(void)
{
    unsigned               i;
    tool_origin_t         *origin;
    consent_block_error_t  err;

    if (policy.ncategories == 0) {
        tool_category("necessary");
        tool_category("functional");
        tool_category("performance");
        tool_category("targeting");
    }

    for (i = 0; i < nsources; i++) {
        sources[i].source = consent_block_compile(sources[i].block, &policy,
                                                  &err);

        if (sources[i].source == NULL) {
            origin = err.origin ? &origins[err.origin] : NULL;

            tool_fail("%s:%u: source \"%s\": %s", origin ? origin->file : "",
                      origin ? origin->line : 0, sources[i].name, err.text);
        }
    }

    if (nuse == 0) {
        for (i = 0; i < nsources; i++) {
            tool_use(sources[i].name);
        }
    }

    for (i = 0; i < nuse; i++) {
        if (tool_find(use[i]) == NULL) {
            tool_fail("there is no source \"%s\" in these files", use[i]);
        }
    }

    if (nuse == 0) {
        tool_fail("there is no consent_source in these files");
    }
}


static void
tool_header(char *text, unsigned brief)
{
    unsigned            i, counts;
    const char         *why;
    consent_str_t       line;
    consent_mask_t      denied;
    tool_source_t      *s, *by;
    consent_facts_t     facts;
    consent_tokens_t    tokens;
    consent_reading_t   reading, best;

    if (strncasecmp(text, "Cookie:", 7) == 0) {
        text += 7;
    }

    line = tool_str(text);

    facts.lines = &line;
    facts.nlines = 1;

    by = NULL;
    why = NULL;
    denied = 0;

    memset(&best, 0, sizeof(consent_reading_t));

    for (i = 0; i < nuse; i++) {
        s = tool_find(use[i]);

        consent_source_read(&reading, s->source, &facts, &tokens, memory);

        denied |= reading.denied;

        if (reading.kind > best.kind) {
            best = reading;
            by = s;
        }

        if (why == NULL || reading.reason != CONSENT_REASON_ABSENT) {
            why = consent_reason_text(reading.reason);
        }

        if (!brief) {
            tool_explain(s, &reading, &facts);
        }
    }

    counts = best.kind == CONSENT_DECISION_EXPLICIT
             || (best.kind == CONSENT_DECISION_IMPLIED && implied_counts);

    best.accepted &= ~denied;

    if (brief) {
        printf("%s ", by == NULL ? "none" :
                      best.kind == CONSENT_DECISION_EXPLICIT ? "explicit"
                                                             : "implied");
        tool_categories(best.accepted, "-");

        if (denied) {
            printf(" denied ");
            tool_categories(denied, "-");
        }

        if (by == NULL) {
            printf(" (%s)", why);
        }

        putchar('\n');
        return;
    }

    if (by == NULL) {
        printf("no decision: consent_default holds");

    } else if (counts) {
        printf("decided by %s, %s: accepted are the \"always\" ones and ",
               by->name,
               best.kind == CONSENT_DECISION_EXPLICIT ? "explicitly"
                                                      : "implied");
        tool_categories(best.accepted, "no others");

    } else {
        printf("implied by %s, which counts as no decision: consent_default "
               "holds; with \"consent_implied accept\" it would be ",
               by->name);
        tool_categories(best.accepted, "nothing");
    }

    if (denied) {
        printf("; refused in any case: ");
        tool_categories(denied, "");
    }

    printf("\n");
}


static void
tool_explain(const tool_source_t *s, const consent_reading_t *reading,
    const consent_facts_t *facts)
{
    unsigned                      i;
    consent_str_t                 none = consent_str("");
    const consent_source_rule_t  *rule;

    printf("source %s: ", s->name);

    switch (reading->kind) {

    case CONSENT_DECISION_EXPLICIT:
        printf("an explicit decision\n");
        break;

    case CONSENT_DECISION_IMPLIED:
        printf("an implied decision\n");
        break;

    case CONSENT_DECISION_NONE:
        printf("no decision, %s\n", consent_reason_text(reading->reason));
        break;
    }

    if (reading->cookie.len) {
        printf("  cookie    ");
        tool_show(reading->cookie);
        putchar('\n');
    }

    if (facts->tokens->n == 0 && facts->tokens->tcf.data == NULL) {
        return;
    }

    tool_tokens(facts->tokens);

    tool_expr("reset", none, &s->source->reset, facts);
    tool_expr("decided", none, &s->source->decided, facts);
    tool_expr("implied", none, &s->source->implied, facts);

    for (i = 0; i < s->source->ngrants; i++) {
        rule = &s->source->grants[i];

        tool_expr("grant", policy.categories[consent_mask_first(rule->bit)]
                           .name, &rule->expr, facts);
    }

    for (i = 0; i < s->source->ndenials; i++) {
        rule = &s->source->denials[i];

        tool_expr("deny", policy.categories[consent_mask_first(rule->bit)]
                          .name, &rule->expr, facts);
    }
}


static void
tool_tokens(const consent_tokens_t *tokens)
{
    size_t                  len;
    uint8_t                 path[TOOL_PATH];
    unsigned                i;
    const consent_token_t  *token;

    for (i = 0; i < tokens->n; i++) {
        token = &tokens->list[i];

        if (token->dead) {
            continue;
        }

        len = consent_token_path(tokens, token, path, sizeof(path));

        printf("  token     ");
        tool_show(consent_str_make(path, len));
        printf(" = ");

        if (token->kind == CONSENT_TOKEN_NULL) {
            printf("null\n");
            continue;
        }

        putchar('"');
        tool_show(token->value);
        printf("\", %s\n", truths[consent_truth(token->value,
                                                (consent_token_e)
                                                token->kind)]);

        if (token->kind == CONSENT_TOKEN_TCF) {
            path[len < sizeof(path) ? len : sizeof(path) - 1] = '\0';
            tool_fields(token->value, (const char *) path);
        }
    }

    if (tokens->tcf.data) {
        tool_fields(tokens->tcf, "");
    }
}


/* those of a TC string, but for its vendors, which are too many */

static void
tool_fields(consent_str_t text, const char *prefix)
{
    size_t               i;
    unsigned             id, max;
    uint64_t             value;
    const char          *dot;
    consent_tcf_field_t  field;

    static const struct {
        const char     *name;
        consent_tcf_e   kind;
        unsigned        max;
    } fields[] = {
        { "policy", CONSENT_TCF_POLICY, 0 },
        { "created", CONSENT_TCF_CREATED, 0 },
        { "updated", CONSENT_TCF_UPDATED, 0 },
        { "cmp", CONSENT_TCF_CMP, 0 },
        { "gvl", CONSENT_TCF_VENDOR_LIST, 0 },
        { "p", CONSENT_TCF_PURPOSE, 24 },
        { "li", CONSENT_TCF_PURPOSE_LI, 24 },
        { "sf", CONSENT_TCF_FEATURE, 12 },
        { "pub.p", CONSENT_TCF_PUBLISHER, 24 },
        { "pub.li", CONSENT_TCF_PUBLISHER_LI, 24 },
        { "seg", CONSENT_TCF_SEGMENT, 7 }
    };

    dot = prefix[0] ? "." : "";

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        field.kind = fields[i].kind;
        max = fields[i].max ? fields[i].max : 1;

        for (id = 1; id <= max; id++) {
            field.id = id;

            if (!consent_tcf_get(text, &field, &value)
                || (fields[i].max && value == 0))
            {
                continue;
            }

            printf("  token     ");
            tool_show(tool_str(prefix));

            if (fields[i].max) {
                printf("%s%s%u = \"1\", yes\n", dot, fields[i].name, id);

            } else {
                printf("%s%s = \"%llu\"\n", dot, fields[i].name,
                       (unsigned long long) value);
            }
        }
    }
}


static void
tool_expr(const char *what, consent_str_t category,
    const consent_expr_t *expr, const consent_facts_t *facts)
{
    unsigned  i;

    if (expr->n == 0) {
        return;
    }

    printf("  %-9s ", what);

    if (category.len) {
        tool_show(category);
        putchar(' ');
    }

    printf("%s: ", truths[consent_expr_eval(expr, facts)]);
    tool_show(expr->text);
    putchar('\n');

    for (i = 0; i < expr->n; i++) {
        if (expr->ops[i].kind < CONSENT_EXPR_NOT) {
            tool_leaf(&expr->ops[i], facts);
        }
    }
}


static void
tool_leaf(const consent_expr_op_t *op, const consent_facts_t *facts)
{
    uint8_t            digits[CONSENT_EXPR_DIGITS];
    consent_str_t      value;
    consent_expr_t     one;
    consent_token_e    kind;
    consent_expr_op_t  copy;

    copy = *op;

    one.ops = &copy;
    one.n = 1;
    one.text = op->text;

    printf("              ");
    tool_show(op->text);
    printf(" is %s", truths[consent_expr_eval(&one, facts)]);

    if (!(op->glob && op->kind < CONSENT_EXPR_COOKIE)
        && consent_expr_value(op, facts, &value, &kind, digits))
    {
        printf(", the value is \"");
        tool_show(value);
        putchar('"');
    }

    putchar('\n');
}


static void
tool_categories(consent_mask_t mask, const char *none)
{
    unsigned  i, n;

    n = 0;

    for (i = 0; i < policy.ncategories; i++) {
        if (mask & consent_bit(i)) {
            printf("%s", n++ ? "," : "");
            tool_show(policy.categories[i].name);
        }
    }

    if (n == 0) {
        printf("%s", none);
    }
}


/* what comes from a client does not reach a terminal as it is */

static void
tool_show(consent_str_t s)
{
    size_t  i;

    for (i = 0; i < s.len; i++) {
        if (s.data[i] < ' ' || s.data[i] == 0x7f) {
            printf("\\x%02x", s.data[i]);

        } else {
            putchar(s.data[i]);
        }
    }
}


/* until the end of the program */

static void *
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


static char *
tool_copy(const char *p, size_t len)
{
    char  *copy;

    copy = tool_alloc(NULL, len + 1);

    memcpy(copy, p, len);
    copy[len] = '\0';

    return copy;
}


static consent_str_t
tool_str(const char *text)
{
    return consent_str_make((const uint8_t *) text, strlen(text));
}


static void
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
