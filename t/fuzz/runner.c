/*
 * Copyright (C) ngx_consent_module authors
 *
 * Runs a fuzz target without libFuzzer: all seeds of its family, then seeded
 * mutations of them.  The same seed makes the same inputs everywhere.
 *
 *   build/t/fuzz_FAMILY_NAME [FILE ...]     from the top of the repository
 *
 * With files it runs those and nothing else.  FUZZ_SEED and FUZZ_RUNS are the
 * seed and the number of mutations.  The input that failed is left in
 * build/fuzz/FAMILY_NAME.input.
 */


#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"


#define DEFAULT_RUNS   40000
#define MAX_LEN        1024
#define MAX_TEXTS      512
#define MAX_MUTATIONS  8


typedef struct {
    uint8_t   *data;
    size_t     len;
} text_t;


typedef struct {
    text_t     list[MAX_TEXTS];
    size_t     n;
} texts_t;


static void die(const char *what, const char *name);
static void names(const char *program);
static void read_seeds(void);
static void read_tokens(void);
static void add_text(texts_t *texts, const uint8_t *data, size_t len);
static void add_token(char *line);
static text_t read_file(const char *name);
static void run_file(const char *name);
static void run_text(const uint8_t *data, size_t len);
static void run_mutation(uint32_t seed);
static void mutate(uint32_t *rnd);
static void insert(size_t at, const uint8_t *data, size_t len);
static void cut_out(size_t at, size_t len);
static uint32_t number(const char *name, uint32_t otherwise);
static void failed(int sig);


static char     family[32];
static char     input_name[96];         /* of the file for what failed */

static texts_t  seeds;
static texts_t  tokens;

static uint8_t  input[MAX_LEN];
static size_t   input_len;


int
main(int argc, char *argv[])
{
    int       i;
    size_t    n;
    uint32_t  run, runs, seed;

    names(argv[0]);

    signal(SIGABRT, failed);
    signal(SIGSEGV, failed);

    if (argc > 1) {
        for (i = 1; i < argc; i++) {
            run_file(argv[i]);
        }

        return 0;
    }

    read_seeds();
    read_tokens();

    runs = number("FUZZ_RUNS", DEFAULT_RUNS);
    seed = number("FUZZ_SEED", 1);

    printf("1..2\n");

    for (n = 0; n < seeds.n; n++) {
        run_text(seeds.list[n].data, seeds.list[n].len);
    }

    printf("ok 1 - %zu seeds\n", seeds.n);

    for (run = 0; run < runs; run++) {
        run_mutation(seed * 2654435761u + run);
    }

    printf("ok 2 - %u mutations, seed %u, %zu tokens\n", runs, seed,
           tokens.n);

    return 0;
}


static void
die(const char *what, const char *name)
{
    printf("Bail out!  %s %s\n", what, name);
    exit(1);
}


/* "build/t/fuzz_html_rewrite" is of the family html */

static void
names(const char *program)
{
    const char  *name;

    name = strrchr(program, '/');
    name = name ? name + 1 : program;

    if (strncmp(name, "fuzz_", 5) != 0 || strchr(name + 5, '_') == NULL) {
        die("not called fuzz_FAMILY_NAME:", name);
    }

    name += 5;

    snprintf(family, sizeof(family), "%.*s", (int) strcspn(name, "_"), name);
    snprintf(input_name, sizeof(input_name), "build/fuzz/%.60s.input", name);
}


static void
read_seeds(void)
{
    int              i, n;
    char             name[512];
    text_t           text;
    struct dirent  **entries;

    snprintf(name, sizeof(name), "t/fuzz/corpus/%s", family);

    n = scandir(name, &entries, NULL, alphasort);

    if (n <= 2) {
        die("no seeds in", name);
    }

    for (i = 0; i < n; i++) {
        if (entries[i]->d_name[0] != '.') {
            snprintf(name, sizeof(name), "t/fuzz/corpus/%s/%s", family,
                     entries[i]->d_name);

            text = read_file(name);
            add_text(&seeds, text.data, text.len);
            free(text.data);
        }

        free(entries[i]);
    }

    free(entries);
}


static void
read_tokens(void)
{
    char   *line, *next, name[512];
    text_t  text;

    snprintf(name, sizeof(name), "t/fuzz/%s/tokens.dict", family);

    text = read_file(name);

    for (line = (char *) text.data; *line; line = next) {
        next = line + strcspn(line, "\n");

        if (*next) {
            *next++ = '\0';
        }

        if (*line && *line != '#') {
            add_token(line);
        }
    }

    free(text.data);

    if (tokens.n == 0) {
        die("no tokens in", name);
    }
}


static void
add_text(texts_t *texts, const uint8_t *data, size_t len)
{
    if (texts->n == MAX_TEXTS) {
        die("too many seeds or tokens of", family);
    }

    texts->list[texts->n].data = fuzz_copy(data, len);
    texts->list[texts->n].len = len;
    texts->n++;
}


/* name="text" with \\, \" and \xHH, as libFuzzer has it */

static void
add_token(char *line)
{
    char      hex[3], *p;
    size_t    len;
    uint8_t   token[128];

    p = strchr(line, '"');
    len = 0;

    if (p == NULL) {
        die("not a token:", line);
    }

    for (p++; *p && *p != '"' && len < sizeof(token); len++) {

        if (*p != '\\') {
            token[len] = (uint8_t) *p++;

        } else if (p[1] == 'x' && p[2] && p[3]) {
            hex[0] = p[2];
            hex[1] = p[3];
            hex[2] = '\0';
            token[len] = (uint8_t) strtoul(hex, NULL, 16);
            p += 4;

        } else {
            token[len] = (uint8_t) p[1];
            p += 2;
        }
    }

    if (*p != '"') {
        die("not a token:", line);
    }

    add_text(&tokens, token, len);
}


/* a NUL is behind its end */

static text_t
read_file(const char *name)
{
    int          fd;
    text_t       text;
    struct stat  st;

    fd = open(name, O_RDONLY);

    if (fd == -1 || fstat(fd, &st) != 0) {
        die("cannot open", name);
    }

    text.len = (size_t) st.st_size;
    text.data = malloc(text.len + 1);

    if (text.data == NULL
        || read(fd, text.data, text.len) != (ssize_t) text.len)
    {
        die("cannot read", name);
    }

    text.data[text.len] = '\0';

    close(fd);

    return text;
}


static void
run_file(const char *name)
{
    text_t  text;

    text = read_file(name);

    run_text(text.data, text.len);

    printf("%s: %zu bytes, well\n", name, text.len);
    free(text.data);
}


/* what the target reads is gone when it returns */

static void
run_text(const uint8_t *data, size_t len)
{
    uint8_t  *copy;

    copy = fuzz_copy(data, len);

    input_len = (len < MAX_LEN) ? len : MAX_LEN;
    memmove(input, data, input_len);

    (void) LLVMFuzzerTestOneInput(copy, len);

    free(copy);
}


static void
run_mutation(uint32_t seed)
{
    uint32_t       n, rnd;
    const text_t  *text;

    rnd = seed;
    (void) fuzz_random(&rnd);

    text = &seeds.list[fuzz_random(&rnd) % seeds.n];

    input_len = 0;
    insert(0, text->data, text->len);

    for (n = 1 + fuzz_random(&rnd) % MAX_MUTATIONS; n; n--) {
        mutate(&rnd);
    }

    run_text(input, input_len);
}


static void
mutate(uint32_t *rnd)
{
    size_t         at, len;
    uint8_t        byte;
    const text_t  *text;

    at = fuzz_random(rnd) % (input_len + 1);
    len = fuzz_random(rnd) % (input_len - at + 1);
    byte = (uint8_t) fuzz_random(rnd);

    switch (fuzz_random(rnd) % 8) {

    case 0:
        cut_out(at, len % 16);
        break;

    case 1:
        insert(at, &byte, 1);
        break;

    case 2:
        if (at < input_len) {
            input[at] = byte;
        }
        break;

    case 3:                             /* a piece once more, elsewhere */
        insert(fuzz_random(rnd) % (input_len + 1), input + at, len % 64);
        break;

    case 4:                             /* the end of another seed */
        text = &seeds.list[fuzz_random(rnd) % seeds.n];
        len = fuzz_random(rnd) % (text->len + 1);
        insert(at, text->data + len, text->len - len);
        break;

    default:
        text = &tokens.list[fuzz_random(rnd) % tokens.n];
        insert(at, text->data, text->len);
        break;
    }
}


/* data may be part of the input */

static void
insert(size_t at, const uint8_t *data, size_t len)
{
    uint8_t  copy[MAX_LEN];

    if (len > MAX_LEN - input_len) {
        len = MAX_LEN - input_len;
    }

    memcpy(copy, data, len);
    memmove(input + at + len, input + at, input_len - at);
    memcpy(input + at, copy, len);
    input_len += len;
}


static void
cut_out(size_t at, size_t len)
{
    if (len > input_len - at) {
        len = input_len - at;
    }

    memmove(input + at, input + at + len, input_len - at - len);
    input_len -= len;
}


static uint32_t
number(const char *name, uint32_t otherwise)
{
    const char  *value;

    value = getenv(name);

    return value ? (uint32_t) strtoul(value, NULL, 10) : otherwise;
}


static void
failed(int sig)
{
    int  fd;

    (void) sig;

    (void) mkdir("build/fuzz", 0777);

    fd = open(input_name, O_WRONLY | O_CREAT | O_TRUNC, 0666);

    if (fd != -1 && write(fd, input, input_len) == (ssize_t) input_len) {
        fprintf(stderr, "the input is in %s\n", input_name);
    }

    printf("not ok - an input of %zu bytes\n", input_len);
    fflush(stdout);

    _exit(1);
}
