/*
 * Copyright (C) ngx_consent_module authors
 *
 * ?format=config: rules for what nobody has classified, ready to be pasted
 * into the http level of a configuration.
 *
 * Names come from clients and pages, so that nothing of them may mean
 * anything to nginx: odd ones are written as regular expressions of letters
 * and codes, and in comments there are paths without odd bytes.
 */


#include "ngx_http_consent_status.h"

#include "core/consent_escape.h"
#include "core/consent_quote.h"


static ngx_int_t ngx_http_consent_rules_rest(ngx_http_consent_status_t *s);
static void ngx_http_consent_rules_block(ngx_http_consent_status_t *s,
    ngx_int_t category, ngx_http_consent_guess_t *guesses, ngx_int_t rest);
static void ngx_http_consent_rules_line(ngx_http_consent_status_t *s,
    ngx_uint_t i, ngx_http_consent_guess_t *guess);
static void ngx_http_consent_rules_cookie(ngx_http_consent_status_t *s,
    consent_inventory_entry_t *entry);


void
ngx_http_consent_write_rules(ngx_http_consent_status_t *s)
{
    ngx_int_t                  rest;
    ngx_uint_t                 i;
    ngx_http_consent_guess_t  *guesses;

    rest = ngx_http_consent_rules_rest(s);

    ngx_http_consent_print(s,
        "# Rules for %ui cookies and third parties that no rule names, to be\n"
        "# put into the http level.  See every line before: what nothing is\n"
        "# known of stands in the category that is asked for last, and is\n"
        "# refused with it.\n", s->entries.nelts);

    if (s->entries.nelts == 0) {
        return;
    }

    guesses = ngx_palloc(s->request->pool,
                         s->entries.nelts * sizeof(ngx_http_consent_guess_t));
    if (guesses == NULL) {
        s->failed = 1;
        return;
    }

    for (i = 0; i < s->entries.nelts; i++) {
        guesses[i] = ngx_http_consent_guess(s, i);
    }

    for (i = 0; i < s->policy->ncategories; i++) {
        ngx_http_consent_rules_block(s, i, guesses, rest);
    }

    if (rest == CONSENT_UNCLASSIFIED) {
        ngx_http_consent_rules_block(s, rest, guesses, rest);
    }
}


/* where what nothing is known of goes: the last one that can be refused */

static ngx_int_t
ngx_http_consent_rules_rest(ngx_http_consent_status_t *s)
{
    ngx_uint_t  i;

    for (i = s->policy->ncategories; i > 0; i--) {
        if (!s->policy->categories[i - 1].always) {
            return (ngx_int_t) i - 1;
        }
    }

    return CONSENT_UNCLASSIFIED;
}


static void
ngx_http_consent_rules_block(ngx_http_consent_status_t *s, ngx_int_t category,
    ngx_http_consent_guess_t *guesses, ngx_int_t rest)
{
    ngx_uint_t     i, n;
    consent_str_t  name;

    static const consent_str_t  unknown = consent_str("unknown");

    n = 0;

    for (i = 0; i < s->entries.nelts; i++) {

        if (guesses[i].category != category
            && (guesses[i].category != CONSENT_UNCLASSIFIED
                || rest != category))
        {
            continue;
        }

        if (n++ == 0) {
            name = (category == CONSENT_UNCLASSIFIED)
                   ? unknown : s->policy->categories[category].name;

            ngx_http_consent_print(s, "\nconsent_category %*s {\n",
                                   name.len, name.data);
        }

        ngx_http_consent_rules_line(s, i, &guesses[i]);
    }

    if (n) {
        ngx_http_consent_print(s, "}\n");
    }
}


static void
ngx_http_consent_rules_line(ngx_http_consent_status_t *s, ngx_uint_t i,
    ngx_http_consent_guess_t *guess)
{
    consent_str_t               path;
    consent_inventory_entry_t  *entry;

    entry = s->entries.elts;
    entry += i;

    if (entry->kind == CONSENT_INVENTORY_COOKIE) {
        ngx_http_consent_rules_cookie(s, entry);

    } else {

        ngx_http_consent_print(s, "    resource  ");
        ngx_http_consent_escape(s, consent_quote_host,
                                consent_str_make(entry->name, entry->len));
        ngx_http_consent_print(s, ";  # %uL pages", entry->set);
    }

    path = consent_str_make(entry->path, entry->path_len);

    if (path.len) {
        ngx_http_consent_print(s, ", ");
        ngx_http_consent_escape(s, consent_escape_query, path);
    }

    if (guess->name.len == 0) {
        ngx_http_consent_print(s, "; nothing is known of it\n");
        return;
    }

    if (guess->by.len == 0) {
        ngx_http_consent_print(s, "; guess: it looks like signing in\n");
        return;
    }

    ngx_http_consent_print(s, "; guess: ");
    ngx_http_consent_escape(s, consent_escape_query, guess->name);
    ngx_http_consent_print(s, ", like ");
    ngx_http_consent_escape(s, consent_escape_query, guess->by);
    ngx_http_consent_print(s, "\n");
}


static void
ngx_http_consent_rules_cookie(ngx_http_consent_status_t *s,
    consent_inventory_entry_t *entry)
{
    u_char                           pattern[NGX_HTTP_CONSENT_PATTERN];
    size_t                           len;
    const ngx_http_consent_flag_t   *flag;

    len = consent_quote_cookie(pattern,
                               consent_str_make(entry->name, entry->len),
                               entry->cut);

    ngx_http_consent_print(s, "    cookie    ");
    ngx_http_consent_put(s, pattern, len);
    ngx_http_consent_print(s, ";  # sent %uL, set %uL", entry->sent,
                           entry->set);

    for (flag = ngx_http_consent_flags; flag->flag; flag++) {
        if (entry->flags & flag->flag) {
            ngx_http_consent_print(s, ", %s", flag->name);
        }
    }

    if (entry->max_age) {
        ngx_http_consent_print(s, " %uDd", entry->max_age / 86400
                                           + (entry->max_age % 86400 != 0));
    }
}
