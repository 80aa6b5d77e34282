/*
 * Copyright (C) ngx_consent_module authors
 *
 * ?format=prometheus: the text format of Prometheus, version 0.0.4.  Labels
 * are names of the configuration and words of the module, so that nothing a
 * client or a page says can make more of them.
 */


#include "ngx_http_consent_status.h"

#include "core/consent_quote.h"


static void ngx_http_consent_metric(ngx_http_consent_status_t *s,
    const char *name, const char *type, const char *help);
static void ngx_http_consent_metric_list(ngx_http_consent_status_t *s,
    const char *name, const char *label, const char *const *values,
    ngx_uint_t index);
static void ngx_http_consent_metric_requests(ngx_http_consent_status_t *s);
static void ngx_http_consent_metric_blocked(ngx_http_consent_status_t *s);
static void ngx_http_consent_metric_pages(ngx_http_consent_status_t *s);
static void ngx_http_consent_metric_inventory(ngx_http_consent_status_t *s);
static void ngx_http_consent_metric_decisions(ngx_http_consent_status_t *s);
static void ngx_http_consent_metric_documents(ngx_http_consent_status_t *s);
static void ngx_http_consent_metric_categories(ngx_http_consent_status_t *s,
    const char *name, const char *label, const char *const *values,
    ngx_uint_t n, ngx_uint_t first);
static void ngx_http_consent_metric_rules(ngx_http_consent_status_t *s);
static void ngx_http_consent_metric_gauge(ngx_http_consent_status_t *s,
    const char *name, const char *help, uint64_t value);


void
ngx_http_consent_write_metrics(ngx_http_consent_status_t *s)
{
    ngx_http_consent_metric_requests(s);
    ngx_http_consent_metric_decisions(s);
    ngx_http_consent_metric_blocked(s);
    ngx_http_consent_metric_documents(s);
    ngx_http_consent_metric_pages(s);
    ngx_http_consent_metric_inventory(s);
    ngx_http_consent_metric_rules(s);

    ngx_http_consent_metric_gauge(s, "consent_policy_version",
                                  "The number of consent_policy.",
                                  s->policy->version);
    ngx_http_consent_metric_gauge(s, "consent_zone_size_bytes",
                                  "The size of consent_zone.",
                                  s->zone->size);
    ngx_http_consent_metric_gauge(s, "consent_zone_start_time_seconds",
                                  "Since when is counted.",
                                  (uint64_t) consent_counters_since(
                                                 s->zone->shared->counters));
}


static void
ngx_http_consent_metric_requests(ngx_http_consent_status_t *s)
{
    ngx_uint_t  i;

    ngx_http_consent_metric(s, "consent_requests_total", "counter",
                            "Requests by mode and by what of that which can "
                            "be refused was accepted.");

    for (i = 0; i < 2 * CONSENT_STATES; i++) {
        ngx_http_consent_print(s, "consent_requests_total{mode=\"%s\","
                               "state=\"%s\"} %uL\n",
                               ngx_http_consent_modes[i / CONSENT_STATES],
                               ngx_http_consent_states[i % CONSENT_STATES],
                               ngx_http_consent_value(s,
                                                 CONSENT_COUNT_REQUESTS + i));
    }
}


static void
ngx_http_consent_metric_blocked(ngx_http_consent_status_t *s)
{
    ngx_http_consent_metric(s, "consent_cookies_rejected_total", "counter",
                            "Consent cookies that were no decision, by the "
                            "reason.");
    ngx_http_consent_metric_list(s, "consent_cookies_rejected_total",
                                 "reason", ngx_http_consent_rejections,
                                 CONSENT_COUNT_REJECTED
                                 + CONSENT_REASON_MALFORMED);

    ngx_http_consent_metric(s, "consent_cookies_total", "counter",
                            "Cookies by category and what was done, or would "
                            "be in report mode.");
    ngx_http_consent_metric_categories(s, "consent_cookies_total", "action",
                                       ngx_http_consent_actions,
                                       CONSENT_COOKIES_ACTIONS,
                                       CONSENT_COOKIES_BLOCKED);

    ngx_http_consent_metric(s, "consent_resources_blocked_total", "counter",
                            "What was blocked in pages and headers, or would "
                            "be in report mode, by category and element.");
    ngx_http_consent_metric_categories(s, "consent_resources_blocked_total",
                                       "element", consent_blocked_names,
                                       CONSENT_BLOCKED_KINDS,
                                       CONSENT_COOKIES_ACTIONS);
}


static void
ngx_http_consent_metric_pages(ngx_http_consent_status_t *s)
{
    ngx_http_consent_metric(s, "consent_unclassified_total", "counter",
                            "Cookies and third-party resources without a "
                            "rule.");
    ngx_http_consent_metric_list(s, "consent_unclassified_total", "kind",
                                 ngx_http_consent_unknowns,
                                 CONSENT_COUNT_UNCLASSIFIED);

    ngx_http_consent_metric(s, "consent_buffer_overflows_total", "counter",
                            "Parts of pages longer than consent_buffer.");
    ngx_http_consent_metric_list(s, "consent_buffer_overflows_total", "part",
                                 ngx_http_consent_overflows,
                                 CONSENT_COUNT_OVERFLOWS);

    ngx_http_consent_metric(s, "consent_scripts_late_total", "counter",
                            "Inline scripts that were made invalid because "
                            "their beginning had been passed on.");
    ngx_http_consent_print(s, "consent_scripts_late_total %uL\n",
                           ngx_http_consent_value(s, CONSENT_COUNT_LATE));

    ngx_http_consent_metric(s, "consent_regex_limited_total", "counter",
                            "Pages in which a regular expression exceeded "
                            "its match limit and was taken to match.");
    ngx_http_consent_print(s, "consent_regex_limited_total %uL\n",
                           ngx_http_consent_value(s, CONSENT_COUNT_LIMITED));

    ngx_http_consent_metric(s, "consent_endpoint_requests_total", "counter",
                            "Requests to consent_endpoint by result.");
    ngx_http_consent_metric_list(s, "consent_endpoint_requests_total",
                                 "result", ngx_http_consent_results,
                                 CONSENT_COUNT_ENDPOINT);
}


static void
ngx_http_consent_metric_inventory(ngx_http_consent_status_t *s)
{
    ngx_http_consent_metric(s, "consent_inventory_evictions_total", "counter",
                            "Entries of the inventory that gave way to "
                            "others.");
    ngx_http_consent_print(s, "consent_inventory_evictions_total %uL\n",
                           s->size.evicted);

    ngx_http_consent_metric_gauge(s, "consent_inventory_entries",
                                  "Unclassified cookies and third parties "
                                  "that are known.", s->size.entries);
    ngx_http_consent_metric_gauge(s, "consent_inventory_room",
                                  "Entries for which there is room.",
                                  s->size.room);
}


static void
ngx_http_consent_metric(ngx_http_consent_status_t *s, const char *name,
    const char *type, const char *help)
{
    ngx_http_consent_print(s, "# HELP %s %s\n# TYPE %s %s\n", name, help,
                           name, type);
}


static void
ngx_http_consent_metric_list(ngx_http_consent_status_t *s, const char *name,
    const char *label, const char *const *values, ngx_uint_t index)
{
    ngx_uint_t  i;

    for (i = 0; values[i]; i++) {
        ngx_http_consent_print(s, "%s{%s=\"%s\"} %uL\n", name, label,
                               values[i],
                               ngx_http_consent_value(s, index + i));
    }
}


static void
ngx_http_consent_metric_decisions(ngx_http_consent_status_t *s)
{
    ngx_uint_t  i, kind;

    ngx_http_consent_metric(s, "consent_decisions_total", "counter",
                            "Requests by the source and the kind of the "
                            "decision.");

    for (i = 0; i < s->zone->nsources; i++) {

        for (kind = 0; kind < CONSENT_KINDS; kind++) {

            ngx_http_consent_print(s, "consent_decisions_total{source=\"");
            ngx_http_consent_escape(s, consent_quote_label,
                                    s->zone->source_names[i]);
            ngx_http_consent_print(s, "\",kind=\"%s\"} %uL\n",
                       ngx_http_consent_kinds[kind],
                       ngx_http_consent_value(s,
                           consent_count_source(s->zone->sources[i],
                                                (consent_kind_e) kind)));
        }
    }
}


static void
ngx_http_consent_metric_documents(ngx_http_consent_status_t *s)
{
    ngx_uint_t  i;

    ngx_http_consent_metric(s, "consent_documents_total", "counter",
                            "Pages by what became of them; blocked and "
                            "passed are those that cannot be inspected, by "
                            "the reason.");

    for (i = 0; ngx_http_consent_outcomes[i][0]; i++) {
        ngx_http_consent_print(s, "consent_documents_total{outcome=\"%s\","
                               "reason=\"%s\"} %uL\n",
                               ngx_http_consent_outcomes[i][0],
                               ngx_http_consent_outcomes[i][1],
                               ngx_http_consent_value(s,
                                                CONSENT_COUNT_DOCUMENTS + i));
    }
}


/* n values of each category; nothing is refused of those with "always" */

static void
ngx_http_consent_metric_categories(ngx_http_consent_status_t *s,
    const char *name, const char *label, const char *const *values,
    ngx_uint_t n, ngx_uint_t first)
{
    ngx_uint_t           i, value;
    consent_category_t  *category;

    for (i = 0; i < s->policy->ncategories; i++) {
        category = &s->policy->categories[i];

        if (category->always) {
            continue;
        }

        for (value = 0; value < n; value++) {
            ngx_http_consent_print(s, "%s{category=\"", name);
            ngx_http_consent_escape(s, consent_quote_label, category->name);
            ngx_http_consent_print(s, "\",%s=\"%s\"} %uL\n", label,
                       values[value],
                       ngx_http_consent_category_value(s, i, first + value));
        }
    }
}


static void
ngx_http_consent_metric_rules(ngx_http_consent_status_t *s)
{
    ngx_uint_t                   i, kind, state;
    uint64_t                     n[CONSENT_MAX_CATEGORIES][3][2];
    const consent_match_rule_t  *rule;

    static const char *const  states[] = { "unused", "used" };

    ngx_memzero(n, sizeof(n));

    for (i = 0; (rule = consent_match_rule(s->policy->match, i)) != NULL; i++)
    {
        state = ngx_http_consent_rule_used(s->zone, rule) ? 1 : 0;
        n[rule->category][rule->kind][state]++;
    }

    ngx_http_consent_metric(s, "consent_rules", "gauge",
                            "Rules by category and kind, and whether they "
                            "have ever matched.");

    for (i = 0; i < s->policy->ncategories; i++) {

        for (kind = 0; kind < 3; kind++) {

            for (state = 0; state < 2; state++) {
                ngx_http_consent_print(s, "consent_rules{category=\"");
                ngx_http_consent_escape(s, consent_quote_label,
                                        s->policy->categories[i].name);
                ngx_http_consent_print(s, "\",kind=\"%s\",state=\"%s\"} "
                                       "%uL\n",
                                       ngx_http_consent_rule_kinds[kind],
                                       states[state], n[i][kind][state]);
            }
        }
    }
}


static void
ngx_http_consent_metric_gauge(ngx_http_consent_status_t *s, const char *name,
    const char *help, uint64_t value)
{
    ngx_http_consent_metric(s, name, "gauge", help);
    ngx_http_consent_print(s, "%s %uL\n", name, value);
}
