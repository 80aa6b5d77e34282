/*
 * Copyright (C) ngx_consent_module authors
 *
 * consent-cookie: makes keys for consent_key, and makes and explains values
 * of the module's own cookie.  For operators and tests; it knows no nginx
 * configuration, so that categories are only names to it.
 *
 * Exit status: 0; 1: the value shown is not valid; 2: wrong usage, or a file
 * or OpenSSL failed.
 */


#include "consent_own.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>


#define TOOL_OK          0
#define TOOL_INVALID     1
#define TOOL_FAILED      2

#define TOOL_KEY_BYTES   32
#define TOOL_ID_BYTES    16

/* a key file may have white space around the key, but not endlessly */

#define TOOL_FILE_MAX    4096


typedef struct {
    const char  *key;
    const char  *policy;
    const char  *accept;
    const char  *issued;
    const char  *id;
} tool_options_t;


static int tool_key(int argc, char **argv);
static int tool_make(int argc, char **argv);
static int tool_show(int argc, char **argv);
static int tool_help(int argc, char **argv);
static int tool_options(tool_options_t *options, int *argc, char ***argv);
static const char **tool_option(tool_options_t *options, const char *name);
static int tool_read_key(consent_key_t *key, const char *file);
static int tool_policy(consent_policy_t *policy, const char *accept);
static int tool_number(const char *option, const char *text, uint64_t max,
    uint64_t *number);
static int tool_id(uint8_t id[CONSENT_OWN_ID_LEN], const char *text);
static int tool_is_name(consent_str_t name);
static void tool_show_issued(int64_t issued);
static void tool_show_categories(consent_str_t names);
static int tool_show_signature(const consent_own_value_t *v,
    const tool_options_t *options, const consent_key_t *key);
static int tool_error(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));


static const char  tool_usage[] =
    "usage: consent-cookie COMMAND [OPTION...]\n"
    "\n"
    "  key     print a new random key for consent_key, for example\n"
    "          (umask 077; consent-cookie key > consent.key)\n"
    "\n"
    "  make --policy N [--accept LIST] [--key FILE] [--issued SECONDS]\n"
    "       [--id ID]\n"
    "          print the value of a consent cookie\n"
    "          N        the number of consent_policy\n"
    "          LIST     accepted categories joined by \",\"; default: none\n"
    "          FILE     signs the value; unsigned if left out\n"
    "          SECONDS  since the epoch; now if left out\n"
    "          ID       22 base64url characters; random if left out\n"
    "\n"
    "  show [--key FILE] VALUE\n"
    "          print what a value says and whether its signature holds;\n"
    "          with --key, an unsigned value is not valid\n"
    "\n"
    "  help    print this text\n"
    "\n"
    "exit status: 0, 1: show found the value not valid, 2: error\n";


int
main(int argc, char **argv)
{
    size_t  i;
    int     rc;

    static const struct {
        const char    *name;
        int          (*run)(int argc, char **argv);
    } commands[] = {
        { "key", tool_key },
        { "make", tool_make },
        { "show", tool_show },
        { "help", tool_help },
        { "--help", tool_help },
        { "-h", tool_help }
    };

    if (argc < 2) {
        fputs(tool_usage, stderr);
        return TOOL_FAILED;
    }

    for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {

        if (strcmp(argv[1], commands[i].name) != 0) {
            continue;
        }

        rc = commands[i].run(argc - 2, argv + 2);

        if (fflush(stdout) != 0 || ferror(stdout)) {
            return tool_error("cannot write: %s", strerror(errno));
        }

        return rc;
    }

    return tool_error("there is no command \"%s\", see consent-cookie help",
                      argv[1]);
}


static int
tool_key(int argc, char **argv)
{
    uint8_t  secret[TOOL_KEY_BYTES];
    uint8_t  text[(TOOL_KEY_BYTES + 2) / 3 * 4 + 1];

    if (argc) {
        return tool_error("key takes no argument: \"%s\"", argv[0]);
    }

    if (RAND_bytes(secret, sizeof(secret)) != 1) {
        return tool_error("OpenSSL has no random bytes");
    }

    EVP_EncodeBlock(text, secret, sizeof(secret));
    puts((const char *) text);

    return TOOL_OK;
}


static int
tool_make(int argc, char **argv)
{
    size_t              len;
    uint8_t             id[CONSENT_OWN_ID_LEN];
    uint8_t             value[CONSENT_OWN_MAX_LEN];
    uint64_t            issued;
    consent_key_t       key;
    tool_options_t      options;
    consent_policy_t    policy;
    consent_own_conf_t  conf;

    if (tool_options(&options, &argc, &argv) != 0) {
        return TOOL_FAILED;
    }

    if (argc) {
        return tool_error("make takes options only, not \"%s\"", argv[0]);
    }

    if (options.policy == NULL) {
        return tool_error("make needs --policy, the number of "
                          "consent_policy");
    }

    if (tool_policy(&policy, options.accept) != 0
        || tool_number("--policy", options.policy, UINT64_MAX,
                       &policy.version) != 0
        || tool_id(id, options.id) != 0)
    {
        return TOOL_FAILED;
    }

    issued = (uint64_t) time(NULL);

    if (options.issued
        && tool_number("--issued", options.issued, INT64_MAX, &issued) != 0)
    {
        return TOOL_FAILED;
    }

    memset(&conf, 0, sizeof(conf));

    if (options.key) {
        if (tool_read_key(&key, options.key) != 0) {
            return TOOL_FAILED;
        }

        conf.keys = &key;
        conf.nkeys = 1;
    }

    len = consent_own_write(value, sizeof(value), &conf, &policy,
                            policy.declared,
                            consent_str_make(id, sizeof(id)),
                            (int64_t) issued);

    if (options.key) {
        consent_key_wipe(&key);
    }

    if (len == 0) {
        return tool_error("cannot make the value: longer than %d characters, "
                          "or OpenSSL failed", CONSENT_OWN_MAX_LEN);
    }

    printf("%.*s\n", (int) len, (const char *) value);

    return TOOL_OK;
}


static int
tool_show(int argc, char **argv)
{
    int                  rc;
    consent_key_t        key;
    tool_options_t       options;
    consent_own_value_t  v;

    if (tool_options(&options, &argc, &argv) != 0) {
        return TOOL_FAILED;
    }

    if (argc != 1) {
        return tool_error("show takes one value, not %d", argc);
    }

    if (options.policy || options.accept || options.issued || options.id) {
        return tool_error("show knows no option but --key");
    }

    if (options.key && tool_read_key(&key, options.key) != 0) {
        return TOOL_FAILED;
    }

    if (consent_own_parse(&v, consent_str_make((const uint8_t *) argv[0],
                                               strlen(argv[0])))
        == 0)
    {
        tool_show_issued(v.issued);
        printf("policy     %llu\n", (unsigned long long) v.policy);
        printf("id         %.*s\n", (int) v.id.len,
               (const char *) v.id.data);
        tool_show_categories(v.categories);
        rc = tool_show_signature(&v, &options, &key);

    } else {
        fputs("consent-cookie: not a consent cookie value\n", stderr);
        rc = TOOL_INVALID;
    }

    if (options.key) {
        consent_key_wipe(&key);
    }

    return rc;
}


static int
tool_help(int argc, char **argv)
{
    if (argc) {
        return tool_error("help takes no argument: \"%s\"", argv[0]);
    }

    fputs(tool_usage, stdout);

    return TOOL_OK;
}


/* takes "--name value" and "--name=value" off the front of the arguments */

static int
tool_options(tool_options_t *options, int *argc, char ***argv)
{
    char        *arg, *eq;
    const char **option;

    memset(options, 0, sizeof(tool_options_t));

    while (*argc && strncmp(**argv, "--", 2) == 0) {
        arg = **argv;
        (*argv)++;
        (*argc)--;

        if (arg[2] == '\0') {
            break;
        }

        eq = strchr(arg, '=');

        if (eq) {
            *eq = '\0';
        }

        option = tool_option(options, arg + 2);

        if (option == NULL) {
            return tool_error("there is no option \"%s\", see "
                              "consent-cookie help", arg);
        }

        if (*option) {
            return tool_error("option \"%s\" is given twice", arg);
        }

        if (eq) {
            *option = eq + 1;
            continue;
        }

        if (*argc == 0) {
            return tool_error("option \"%s\" needs a value", arg);
        }

        *option = **argv;
        (*argv)++;
        (*argc)--;
    }

    return 0;
}


static const char **
tool_option(tool_options_t *options, const char *name)
{
    size_t  i;

    const struct {
        const char   *name;
        const char  **value;
    } table[] = {
        { "key", &options->key },
        { "policy", &options->policy },
        { "accept", &options->accept },
        { "issued", &options->issued },
        { "id", &options->id }
    };

    for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (strcmp(name, table[i].name) == 0) {
            return table[i].value;
        }
    }

    return NULL;
}


static int
tool_read_key(consent_key_t *key, const char *file)
{
    int      rc;
    FILE    *fp;
    size_t   len;
    uint8_t  content[TOOL_FILE_MAX];

    fp = fopen(file, "rb");

    if (fp == NULL) {
        return tool_error("cannot open key file \"%s\": %s", file,
                          strerror(errno));
    }

    errno = 0;
    len = fread(content, 1, sizeof(content), fp);

    if (ferror(fp)) {
        fclose(fp);
        return tool_error("cannot read key file \"%s\": %s", file,
                          strerror(errno));
    }

    fclose(fp);

    rc = -1;

    if (len < sizeof(content)) {
        rc = consent_key_init(key, consent_str_make(content, len));
    }

    OPENSSL_cleanse(content, sizeof(content));

    if (rc != 0) {
        return tool_error("key file \"%s\" must hold %d to %d bytes, make one "
                          "with consent-cookie key", file, CONSENT_KEY_MIN,
                          CONSENT_KEY_MAX);
    }

    return 0;
}


/* a policy that has the categories of the list and no others */

static int
tool_policy(consent_policy_t *policy, const char *accept)
{
    size_t         len;
    consent_str_t  name;

    memset(policy, 0, sizeof(consent_policy_t));

    if (accept == NULL) {
        return 0;
    }

    for ( ;; ) {
        len = strcspn(accept, ",");
        name = consent_str_make((const uint8_t *) accept, len);

        if (!tool_is_name(name)) {
            return tool_error("\"%.*s\" in --accept is not the name of a "
                              "category: letters, digits and \"_\"",
                              (int) len, accept);
        }

        if (consent_policy_category(policy, name) == CONSENT_UNCLASSIFIED) {

            if (policy->ncategories == CONSENT_MAX_CATEGORIES) {
                return tool_error("more than %d categories",
                                  CONSENT_MAX_CATEGORIES);
            }

            policy->declared |= consent_bit(policy->ncategories);
            policy->categories[policy->ncategories++].name = name;
        }

        if (accept[len] == '\0') {
            return 0;
        }

        accept += len + 1;
    }
}


static int
tool_number(const char *option, const char *text, uint64_t max,
    uint64_t *number)
{
    char                *end;
    unsigned long long   n;

    errno = 0;
    n = strtoull(text, &end, 10);

    if (!consent_is_digit((uint8_t) text[0]) || *end != '\0' || errno
        || n > max)
    {
        return tool_error("%s must be a number from 0 to %llu, not \"%s\"",
                          option, (unsigned long long) max, text);
    }

    *number = n;

    return 0;
}


static int
tool_id(uint8_t id[CONSENT_OWN_ID_LEN], const char *text)
{
    size_t   i;
    uint8_t  c, random[TOOL_ID_BYTES];

    if (text == NULL) {
        if (RAND_bytes(random, sizeof(random)) != 1) {
            return tool_error("OpenSSL has no random bytes");
        }

        consent_base64url(id, consent_str_make(random, sizeof(random)));

        return 0;
    }

    for (i = 0; i < CONSENT_OWN_ID_LEN; i++) {
        c = (uint8_t) text[i];

        if (!consent_is_alpha(c) && !consent_is_digit(c) && c != '_'
            && c != '-')
        {
            break;
        }
    }

    if (i != CONSENT_OWN_ID_LEN || text[i]) {
        return tool_error("--id must be %d letters, digits, \"-\" or \"_\"",
                          CONSENT_OWN_ID_LEN);
    }

    memcpy(id, text, CONSENT_OWN_ID_LEN);

    return 0;
}


static int
tool_is_name(consent_str_t name)
{
    size_t   i;
    uint8_t  c;

    for (i = 0; i < name.len; i++) {
        c = name.data[i];

        if (!consent_is_alpha(c) && !consent_is_digit(c) && c != '_') {
            return 0;
        }
    }

    return name.len != 0;
}


static void
tool_show_issued(int64_t issued)
{
    char        text[64];
    time_t      t;
    struct tm   tm;

    t = (time_t) issued;

    if (gmtime_r(&t, &tm) == NULL
        || strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
    {
        printf("issued     %lld\n", (long long) issued);
        return;
    }

    printf("issued     %lld (%s)\n", (long long) issued, text);
}


static void
tool_show_categories(consent_str_t names)
{
    size_t  i;

    fputs("accepted   ", stdout);

    if (names.len == 0) {
        fputs("none", stdout);
    }

    for (i = 0; i < names.len; i++) {
        putchar(names.data[i] == '+' ? ' ' : names.data[i]);
    }

    putchar('\n');
}


static int
tool_show_signature(const consent_own_value_t *v,
    const tool_options_t *options, const consent_key_t *key)
{
    if (v->kid.len == 0) {
        puts("signature  none");
        return options->key ? TOOL_INVALID : TOOL_OK;
    }

    printf("signature  of key %.*s, ", (int) v->kid.len,
           (const char *) v->kid.data);

    if (options->key == NULL) {
        puts("not checked without --key");
        return TOOL_OK;
    }

    if (consent_own_verify(v, key, 1)) {
        puts("valid");
        return TOOL_OK;
    }

    if (memcmp(v->kid.data, key->kid, CONSENT_KID_LEN) != 0) {
        printf("but this key is %.*s\n", CONSENT_KID_LEN,
               (const char *) key->kid);

    } else {
        puts("wrong");
    }

    return TOOL_INVALID;
}


/* returns TOOL_FAILED, which is not 0 either where that means success */

static int
tool_error(const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    fputs("consent-cookie: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);

    return TOOL_FAILED;
}
