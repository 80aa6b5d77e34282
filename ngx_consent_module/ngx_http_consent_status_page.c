/*
 * Copyright (C) ngx_consent_module authors
 *
 * ?format=html: a page for people, without scripts and outside assets.
 */


#include "ngx_http_consent_status.h"

#include "core/consent_cookie.h"
#include "core/consent_escape.h"


/* rows of one table; the other formats have all of them */

#define NGX_HTTP_CONSENT_ROWS  200


static void ngx_http_consent_page_text(ngx_http_consent_status_t *s,
    consent_str_t text);
static void ngx_http_consent_page_number(ngx_http_consent_status_t *s,
    uint64_t n);
static void ngx_http_consent_page_time(ngx_http_consent_status_t *s,
    int64_t when);
static void ngx_http_consent_page_card(ngx_http_consent_status_t *s,
    uint64_t n, const char *text);
static void ngx_http_consent_page_summary(ngx_http_consent_status_t *s);
static void ngx_http_consent_page_advice(ngx_http_consent_status_t *s);
static void ngx_http_consent_page_advise(ngx_http_consent_status_t *s,
    uint64_t n, const char *text);
static void ngx_http_consent_page_blocked(ngx_http_consent_status_t *s);
static void ngx_http_consent_page_unknown(ngx_http_consent_status_t *s,
    consent_inventory_kind_e kind);
static void ngx_http_consent_page_entry(ngx_http_consent_status_t *s,
    ngx_uint_t i);
static void ngx_http_consent_page_details(ngx_http_consent_status_t *s,
    consent_inventory_entry_t *entry);
static void ngx_http_consent_page_documents(ngx_http_consent_status_t *s);
static void ngx_http_consent_page_unused(ngx_http_consent_status_t *s);
static uint64_t ngx_http_consent_page_sum(ngx_http_consent_status_t *s,
    ngx_uint_t category, ngx_uint_t first, ngx_uint_t n);


static const char  ngx_http_consent_page_head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<meta name=\"robots\" content=\"noindex\">\n"
    "<title>Consent status</title>\n<style>\n"
    ":root { color-scheme: light dark; --line: #d4d9e0; --dim: #57606a;\n"
    "  --warn: #8a5300; --back: #f5f7fa; }\n"
    "@media (prefers-color-scheme: dark) { :root { --line: #3a414b;\n"
    "  --dim: #9aa5b1; --warn: #f0b35a; --back: #20252c; } }\n"
    "body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto;\n"
    "  max-width: 72rem; padding: 1rem 1.25rem 4rem; }\n"
    "h1 { font-size: 1.5rem; margin: .5rem 0 0; }\n"
    "h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem; }\n"
    "p { margin: .4rem 0; max-width: 60rem; } .dim { color: var(--dim); }\n"
    ".cards { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0; }\n"
    ".card { background: var(--back); border: 1px solid var(--line);\n"
    "  border-radius: .5rem; padding: .5rem .9rem; min-width: 8.5rem; }\n"
    ".card b { display: block; font-size: 1.35rem; font-weight: 600; }\n"
    ".wrap { overflow-x: auto; }\n"
    "table { border-collapse: collapse; width: 100%; }\n"
    "caption { text-align: left; color: var(--dim); padding: 0 0 .35rem; }\n"
    "th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem;\n"
    "  text-align: left; vertical-align: top; }\n"
    "th { font-weight: 600; }\n"
    ".n { text-align: right; font-variant-numeric: tabular-nums; }\n"
    "code { font: 13px/1.5 ui-monospace, monospace;\n"
    "  overflow-wrap: anywhere; }\n"
    "ul { padding-left: 1.2rem; } li { margin: .3rem 0; }\n"
    ".warn { color: var(--warn); font-weight: 600; }\n"
    "</style>\n<h1>Consent status</h1>\n";


void
ngx_http_consent_write_page(ngx_http_consent_status_t *s)
{
    ngx_http_consent_put(s, ngx_http_consent_page_head,
                         sizeof(ngx_http_consent_page_head) - 1);

    ngx_http_consent_page_summary(s);
    ngx_http_consent_page_advice(s);
    ngx_http_consent_page_blocked(s);
    ngx_http_consent_page_unknown(s, CONSENT_INVENTORY_COOKIE);
    ngx_http_consent_page_unknown(s, CONSENT_INVENTORY_HOST);
    ngx_http_consent_page_documents(s);
    ngx_http_consent_page_unused(s);
}


static void
ngx_http_consent_page_text(ngx_http_consent_status_t *s, consent_str_t text)
{
    ngx_http_consent_escape(s, consent_escape_html, text);
}


/* in groups of three digits */

static void
ngx_http_consent_page_number(ngx_http_consent_status_t *s, uint64_t n)
{
    size_t   i;
    u_char   text[NGX_INT64_LEN * 3], *p;

    i = 0;
    p = text + sizeof(text);

    do {
        if (i && i % 3 == 0) {
            p -= 2;
            ngx_memcpy(p, "\xc2\xa0", 2);
        }

        *--p = (u_char) ('0' + n % 10);
        n /= 10;
        i++;

    } while (n);

    ngx_http_consent_put(s, p, text + sizeof(text) - p);
}


static void
ngx_http_consent_page_time(ngx_http_consent_status_t *s, int64_t when)
{
    ngx_tm_t  tm;

    ngx_gmtime((time_t) when, &tm);

    ngx_http_consent_print(s, "%4d-%02d-%02d %02d:%02d", tm.ngx_tm_year,
                           tm.ngx_tm_mon, tm.ngx_tm_mday, tm.ngx_tm_hour,
                           tm.ngx_tm_min);
}


static void
ngx_http_consent_page_card(ngx_http_consent_status_t *s, uint64_t n,
    const char *text)
{
    ngx_http_consent_print(s, "<div class=\"card\"><b>");
    ngx_http_consent_page_number(s, n);
    ngx_http_consent_print(s, "</b>%s</div>\n", text);
}


static void
ngx_http_consent_page_summary(ngx_http_consent_status_t *s)
{
    uint64_t    report, enforce, cookies, resources;
    ngx_uint_t  i;

    report = 0;
    enforce = 0;
    cookies = 0;
    resources = 0;

    for (i = 0; i < CONSENT_STATES; i++) {
        report += ngx_http_consent_value(s, CONSENT_COUNT_REQUESTS + i);
        enforce += ngx_http_consent_value(s, CONSENT_COUNT_REQUESTS
                                             + CONSENT_STATES + i);
    }

    for (i = 0; i < s->policy->ncategories; i++) {
        cookies += ngx_http_consent_category_value(s, i,
                                                   CONSENT_COOKIES_BLOCKED);
        resources += ngx_http_consent_page_sum(s, i, CONSENT_COOKIES_ACTIONS,
                                               CONSENT_BLOCKED_KINDS);
    }

    ngx_http_consent_print(s, "<p class=\"dim\">Policy %uL, counted since ",
                           s->policy->version);
    ngx_http_consent_page_time(s, consent_counters_since(
                                                 s->zone->shared->counters));
    ngx_http_consent_print(s, " UTC. Other formats: "
                           "<a href=\"?format=prometheus\">Prometheus</a>, "
                           "<a href=\"?format=json\">JSON</a>, "
                           "<a href=\"?format=config\">rules for the "
                           "unknown</a>.</p>\n<div class=\"cards\">\n");

    ngx_http_consent_page_card(s, enforce, "requests enforced");
    ngx_http_consent_page_card(s, report, "requests in report mode");
    ngx_http_consent_page_card(s, cookies, "cookies blocked");
    ngx_http_consent_page_card(s, resources, "resources blocked");
    ngx_http_consent_page_card(s, s->size.entries, "unknown names");

    ngx_http_consent_print(s, "</div>\n");

    if (report) {
        ngx_http_consent_print(s, "<p>In report mode nothing is changed: "
                               "\"blocked\" then means what would be.</p>\n");
    }
}


static void
ngx_http_consent_page_advise(ngx_http_consent_status_t *s, uint64_t n,
    const char *text)
{
    if (n == 0) {
        return;
    }

    ngx_http_consent_print(s, "<li><span class=\"warn\">");
    ngx_http_consent_page_number(s, n);
    ngx_http_consent_print(s, "</span> %s</li>\n", text);
}


static void
ngx_http_consent_page_advice(ngx_http_consent_status_t *s)
{
    uint64_t                    cookies, hosts, blocked, passed, forged;
    ngx_uint_t                  i;
    consent_inventory_entry_t  *entry;

    cookies = 0;
    hosts = 0;
    blocked = 0;
    passed = 0;

    entry = s->entries.elts;

    for (i = 0; i < s->entries.nelts; i++) {
        if (entry[i].kind == CONSENT_INVENTORY_COOKIE) {
            cookies++;

        } else {
            hosts++;
        }
    }

    for (i = 0; i < 3; i++) {
        blocked += ngx_http_consent_value(s, CONSENT_COUNT_DOCUMENTS
                                             + CONSENT_DOCUMENT_BLOCKED + i);
        passed += ngx_http_consent_value(s, CONSENT_COUNT_DOCUMENTS
                                            + CONSENT_DOCUMENT_PASSED + i);
    }

    forged = ngx_http_consent_value(s, CONSENT_COUNT_REJECTED
                                       + CONSENT_REASON_SIGNATURE);

    ngx_http_consent_print(s, "<h2>What to do</h2>\n<ul>\n");

    ngx_http_consent_page_advise(s, cookies,
        "cookies have no rule. Take <a href=\"?format=config\">the rules "
        "made of them</a>, put each line where it belongs, and reload.");
    ngx_http_consent_page_advise(s, hosts,
        "third parties have no rule: the same. Hosts that belong to the site "
        "go into <code>consent_first_party</code>.");
    ngx_http_consent_page_advise(s, blocked,
        "pages could not be inspected and were answered with an error. The "
        "error log says which and why.");
    ngx_http_consent_page_advise(s, passed,
        "pages could not be inspected and were passed unread. The error log "
        "says which and why.");
    ngx_http_consent_page_advise(s,
        ngx_http_consent_value(s, CONSENT_COUNT_LATE),
        "inline scripts were found out too late to be marked: raise "
        "<code>consent_buffer</code>.");
    ngx_http_consent_page_advise(s,
        ngx_http_consent_value(s, CONSENT_COUNT_LIMITED),
        "pages met a regular expression that was given up: make it simpler.");
    ngx_http_consent_page_advise(s, forged,
        "consent cookies had no valid signature. Many of them mean that "
        "servers have different keys.");

    if (cookies + hosts + blocked + passed == 0) {
        ngx_http_consent_print(s, "<li>Nothing unknown was met.</li>\n");
    }

    ngx_http_consent_print(s, "</ul>\n");
}


static uint64_t
ngx_http_consent_page_sum(ngx_http_consent_status_t *s, ngx_uint_t category,
    ngx_uint_t first, ngx_uint_t n)
{
    uint64_t    sum;
    ngx_uint_t  i;

    sum = 0;

    for (i = 0; i < n; i++) {
        sum += ngx_http_consent_category_value(s, category, first + i);
    }

    return sum;
}


static void
ngx_http_consent_page_blocked(ngx_http_consent_status_t *s)
{
    uint64_t             n;
    ngx_uint_t           i, value, shown;
    consent_category_t  *category;

    ngx_http_consent_print(s, "<h2>What is blocked</h2>\n"
        "<div class=\"wrap\"><table>\n<caption>By category: Set-Cookie lines "
        "blocked, cookies hidden from the site, deleted in browsers, made "
        "shorter; then what pages load.</caption>\n"
        "<tr><th scope=\"col\">Category"
        "<th scope=\"col\" class=\"n\">Blocked"
        "<th scope=\"col\" class=\"n\">Hidden"
        "<th scope=\"col\" class=\"n\">Expired");
    ngx_http_consent_print(s, "<th scope=\"col\" class=\"n\">Shortened"
        "<th scope=\"col\" class=\"n\">Resources"
        "<th scope=\"col\">Of which</tr>\n");

    for (i = 0; i < s->policy->ncategories; i++) {
        category = &s->policy->categories[i];

        ngx_http_consent_print(s, "<tr><th scope=\"row\">");
        ngx_http_consent_page_text(s, category->title.len ? category->title
                                                          : category->name);

        if (category->title.len) {
            ngx_http_consent_print(s, " <code class=\"dim\">");
            ngx_http_consent_page_text(s, category->name);
            ngx_http_consent_print(s, "</code>");
        }

        if (category->always) {
            ngx_http_consent_print(s, "<td colspan=\"6\" class=\"dim\">"
                                   "cannot be refused</tr>\n");
            continue;
        }

        for (value = 0; value < CONSENT_COOKIES_ACTIONS; value++) {
            ngx_http_consent_print(s, "<td class=\"n\">");
            ngx_http_consent_page_number(s,
                               ngx_http_consent_category_value(s, i, value));
        }

        ngx_http_consent_print(s, "<td class=\"n\">");
        ngx_http_consent_page_number(s,
            ngx_http_consent_page_sum(s, i, CONSENT_COOKIES_ACTIONS,
                                      CONSENT_BLOCKED_KINDS));
        ngx_http_consent_print(s, "<td class=\"dim\">");

        shown = 0;

        for (value = 0; value < CONSENT_BLOCKED_KINDS; value++) {
            n = ngx_http_consent_category_value(s, i,
                                            CONSENT_COOKIES_ACTIONS + value);
            if (n) {
                ngx_http_consent_print(s, "%s%s ", shown++ ? ", " : "",
                                       consent_blocked_names[value]);
                ngx_http_consent_page_number(s, n);
            }
        }

        ngx_http_consent_print(s, "</tr>\n");
    }

    ngx_http_consent_print(s, "</table></div>\n");
}


static void
ngx_http_consent_page_unknown(ngx_http_consent_status_t *s,
    consent_inventory_kind_e kind)
{
    ngx_uint_t                  i, n;
    consent_inventory_entry_t  *entry;

    if (kind == CONSENT_INVENTORY_COOKIE) {
        ngx_http_consent_print(s, "<h2>Cookies without a rule</h2>\n"
            "<div class=\"wrap\"><table>\n<tr><th scope=\"col\">Name"
            "<th scope=\"col\" class=\"n\">Sent by browsers"
            "<th scope=\"col\" class=\"n\">Set by the site"
            "<th scope=\"col\">How<th scope=\"col\">Where"
            "<th scope=\"col\">Last seen (UTC)"
            "<th scope=\"col\">Guess</tr>\n");

    } else {
        ngx_http_consent_print(s, "<h2>Third parties without a rule</h2>\n"
            "<div class=\"wrap\"><table>\n<tr><th scope=\"col\">Host"
            "<th scope=\"col\" class=\"n\">Pages"
            "<th scope=\"col\">As<th scope=\"col\">Where"
            "<th scope=\"col\">Last seen (UTC)"
            "<th scope=\"col\">Guess</tr>\n");
    }

    n = 0;
    entry = s->entries.elts;

    for (i = 0; i < s->entries.nelts; i++) {

        if (entry[i].kind == (uint8_t) kind
            && n++ < NGX_HTTP_CONSENT_ROWS)
        {
            ngx_http_consent_page_entry(s, i);
        }
    }

    if (n == 0) {
        ngx_http_consent_print(s, "<tr><td colspan=\"7\" class=\"dim\">"
                               "none</tr>\n");
    }

    if (n > NGX_HTTP_CONSENT_ROWS) {
        ngx_http_consent_print(s, "<tr><td colspan=\"7\">and %ui more, in "
                               "<a href=\"?format=json\">JSON</a></tr>\n",
                               n - NGX_HTTP_CONSENT_ROWS);
    }

    ngx_http_consent_print(s, "</table></div>\n");
}


static void
ngx_http_consent_page_entry(ngx_http_consent_status_t *s, ngx_uint_t i)
{
    ngx_http_consent_guess_t    guess;
    consent_inventory_entry_t  *entry;

    entry = s->entries.elts;
    entry += i;

    ngx_http_consent_print(s, "<tr><td><code>");
    ngx_http_consent_page_text(s, consent_str_make(entry->name, entry->len));
    ngx_http_consent_print(s, "%s</code>%s", entry->cut ? "&hellip;" : "",
                           entry->len ? "" : "without a name");

    if (entry->kind == CONSENT_INVENTORY_COOKIE) {
        ngx_http_consent_print(s, "<td class=\"n\">");
        ngx_http_consent_page_number(s, entry->sent);
    }

    ngx_http_consent_print(s, "<td class=\"n\">");
    ngx_http_consent_page_number(s, entry->set);
    ngx_http_consent_print(s, "<td>");
    ngx_http_consent_page_details(s, entry);
    ngx_http_consent_print(s, "<td><code>");
    ngx_http_consent_page_text(s, consent_str_make(entry->path,
                                                   entry->path_len));
    ngx_http_consent_print(s, "</code><td>");
    ngx_http_consent_page_time(s, entry->last);
    ngx_http_consent_print(s, "<td>");

    guess = ngx_http_consent_guess(s, i);

    if (guess.name.len) {
        ngx_http_consent_page_text(s, guess.name);

        if (guess.by.len) {
            ngx_http_consent_print(s, " <span class=\"dim\">like <code>");
            ngx_http_consent_page_text(s, guess.by);
            ngx_http_consent_print(s, "</code></span>");
        }
    }

    ngx_http_consent_print(s, "</tr>\n");
}


static void
ngx_http_consent_page_details(ngx_http_consent_status_t *s,
    consent_inventory_entry_t *entry)
{
    ngx_uint_t                      i, n;
    const ngx_http_consent_flag_t  *flag;

    n = 0;

    if (entry->kind == CONSENT_INVENTORY_HOST) {

        for (i = 0; i < CONSENT_BLOCKED_KINDS; i++) {
            if (entry->elements & (1U << i)) {
                ngx_http_consent_print(s, "%s%s", n++ ? ", " : "",
                                       consent_blocked_names[i]);
            }
        }

        return;
    }

    for (flag = ngx_http_consent_flags; flag->flag; flag++) {

        if ((entry->flags & flag->flag) == 0) {
            continue;
        }

        ngx_http_consent_print(s, "%s%s", n++ ? ", " : "", flag->name);

        if (flag->flag == CONSENT_COOKIE_PERSISTENT) {
            ngx_http_consent_print(s, entry->max_age < 86400
                                      ? " %uDh" : " %uDd",
                                   entry->max_age < 86400
                                   ? entry->max_age / 3600 + 1
                                   : entry->max_age / 86400);
        }
    }
}


static void
ngx_http_consent_page_documents(ngx_http_consent_status_t *s)
{
    ngx_uint_t  i;

    static const char *const  texts[] = {
        "something was blocked in them",
        "read, and nothing had to be blocked",
        "not read: the visitor has accepted all that could be blocked",
        "answered with an error: encoded in a way that cannot be read, or "
            "damaged",
        "answered with an error: an encoding of text that cannot be read",
        "answered with an error: a part of a page",
        "passed unread: encoded in a way that cannot be read",
        "passed unread: an encoding of text that cannot be read",
        "passed unread: a part of a page"
    };

    ngx_http_consent_print(s, "<h2>Pages</h2>\n<div class=\"wrap\"><table>\n"
                           "<tr><th scope=\"col\" class=\"n\">Pages"
                           "<th scope=\"col\">What became of them</tr>\n");

    for (i = 0; ngx_http_consent_outcomes[i][0]; i++) {
        ngx_http_consent_print(s, "<tr><td class=\"n\">");
        ngx_http_consent_page_number(s,
                     ngx_http_consent_value(s, CONSENT_COUNT_DOCUMENTS + i));
        ngx_http_consent_print(s, "<td>%s</tr>\n", texts[i]);
    }

    ngx_http_consent_print(s, "</table></div>\n");
}


static void
ngx_http_consent_page_unused(ngx_http_consent_status_t *s)
{
    ngx_uint_t                   i, n, all;
    ngx_http_consent_origin_t   *origin;
    const consent_match_rule_t  *rule;

    ngx_http_consent_print(s, "<h2>Rules that never matched</h2>\n"
        "<div class=\"wrap\"><table>\n<caption>Of the configuration's own "
        "rules; those of a catalogue are only counted.</caption>\n"
        "<tr><th scope=\"col\">Category<th scope=\"col\">Rule"
        "<th scope=\"col\">Where</tr>\n");

    n = 0;
    all = 0;

    for (i = 0; (rule = consent_match_rule(s->policy->match, i)) != NULL; i++)
    {
        if (ngx_http_consent_rule_used(s->zone, rule)) {
            continue;
        }

        all++;

        if (rule->layer == CONSENT_LAYER_DEFAULTS
            || ++n > NGX_HTTP_CONSENT_ROWS)
        {
            continue;
        }

        origin = ngx_http_consent_origin(s->mcf, rule->origin);

        ngx_http_consent_print(s, "<tr><td>");
        ngx_http_consent_page_text(s,
                                 s->policy->categories[rule->category].name);
        ngx_http_consent_print(s, "<td><code>%s ",
                               ngx_http_consent_rule_kinds[rule->kind]);
        ngx_http_consent_page_text(s, rule->pattern);
        ngx_http_consent_print(s, "</code><td class=\"dim\"><code>");
        ngx_http_consent_page_text(s, consent_str_make(origin->file.data,
                                                       origin->file.len));
        ngx_http_consent_print(s, ":%ui</code></tr>\n", origin->line);
    }

    ngx_http_consent_print(s, "<tr><td colspan=\"3\" class=\"dim\">%ui of "
                           "%ui rules in all</tr>\n</table></div>\n", all, i);
}
