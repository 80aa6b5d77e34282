/*
 * Copyright (C) ngx_consent_module authors
 *
 * Messages for whoever wrote the rules.  A pattern is shown as one line of
 * printable ASCII and cut, so that the remedy behind it always fits.
 */


#include "consent_match_private.h"


#define CONSENT_ERROR_ARG1  48
#define CONSENT_ERROR_ARG2  100


static size_t consent_error_arg(char *dst, size_t room, consent_str_t arg);


int
consent_match_fail(consent_match_error_t *err, const char *text,
    consent_str_t arg1, consent_str_t arg2)
{
    size_t  len, room;

    len = 0;

    while (*text != '\0' && len + 1 < sizeof(err->text)) {

        if (text[0] == '%' && (text[1] == '1' || text[1] == '2')) {
            room = sizeof(err->text) - 1 - len;

            if (text[1] == '1') {
                room = room < CONSENT_ERROR_ARG1 ? room : CONSENT_ERROR_ARG1;
                len += consent_error_arg(err->text + len, room, arg1);

            } else {
                room = room < CONSENT_ERROR_ARG2 ? room : CONSENT_ERROR_ARG2;
                len += consent_error_arg(err->text + len, room, arg2);
            }

            text += 2;
            continue;
        }

        err->text[len++] = *text++;
    }

    err->text[len] = '\0';

    return -1;
}


int
consent_match_nomem(consent_match_error_t *err)
{
    consent_str_t  none = consent_str("");

    return consent_match_fail(err, "not enough memory for the patterns, "
                              "declare fewer or give the system more",
                              none, none);
}


static size_t
consent_error_arg(char *dst, size_t room, consent_str_t arg)
{
    char    c;
    size_t  i, n;

    n = arg.len < room ? arg.len : room;

    for (i = 0; i < n; i++) {
        c = '?';

        if (arg.data[i] >= 0x20 && arg.data[i] < 0x7f) {
            c = (char) arg.data[i];
        }

        dst[i] = c;
    }

    if (n < arg.len && n >= 3) {
        memset(dst + n - 3, '.', 3);
    }

    return n;
}
