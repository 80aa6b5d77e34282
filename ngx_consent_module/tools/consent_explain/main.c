/*
 * Copyright (C) ngx_consent_module authors
 *
 * consent-explain: what the sources of a configuration say about a Cookie
 * header, and why.  It needs no nginx: the blocks are compiled and the
 * cookies read by the same code as in the module.
 *
 * Exit status: 0; 2: wrong usage, or the configuration cannot be read.
 */


#include "consent_explain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>


static void tool_usage(FILE *to);
static void tool_header(char *text, unsigned brief);


tool_conf_t  tool_conf;

static uint8_t  memory[CONSENT_PARSER_SCRATCH];


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
            tool_conf.implied_counts = 1;

        } else if (strcmp(argv[i], "--use") == 0 && i + 1 < argc) {
            tool_conf.use_is_option = 1;
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

    for (i = 0; i < tool_conf.nuse; i++) {
        s = tool_find(tool_conf.use[i]);

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
             || (best.kind == CONSENT_DECISION_IMPLIED
                 && tool_conf.implied_counts);

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
