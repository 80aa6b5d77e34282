/*
 * Copyright (C) ngx_consent_module authors
 *
 * ?format=json: all that is known, for programs.
 */


#include "ngx_http_consent_status.h"

#include "core/consent_escape.h"


static void ngx_http_consent_json_text(ngx_http_consent_status_t *s,
    consent_str_t text);
static void ngx_http_consent_json_list(ngx_http_consent_status_t *s,
    const char *name, const char *const *values, ngx_uint_t index);
static void ngx_http_consent_json_requests(ngx_http_consent_status_t *s);
static void ngx_http_consent_json_documents(ngx_http_consent_status_t *s);
static void ngx_http_consent_json_category(ngx_http_consent_status_t *s,
    ngx_uint_t i);
static void ngx_http_consent_json_inventory(ngx_http_consent_status_t *s,
    consent_inventory_kind_e kind);
static void ngx_http_consent_json_entry(ngx_http_consent_status_t *s,
    ngx_uint_t i);
static void ngx_http_consent_json_flags(ngx_http_consent_status_t *s,
    consent_inventory_entry_t *entry);
static void ngx_http_consent_json_elements(ngx_http_consent_status_t *s,
    consent_inventory_entry_t *entry);
static void ngx_http_consent_json_unused(ngx_http_consent_status_t *s);


void
ngx_http_consent_write_json(ngx_http_consent_status_t *s)
{
    ngx_uint_t  i;

    ngx_http_consent_print(s, "{\n\"policy\":%uL,\n\"since\":%L,\n"
                           "\"now\":%T,\n\"zone_size\":%uz",
                           s->policy->version,
                           consent_counters_since(s->zone->shared->counters),
                           ngx_time(), s->zone->size);

    ngx_http_consent_json_requests(s);
    ngx_http_consent_json_list(s, "cookies_rejected",
                               ngx_http_consent_rejections,
                               CONSENT_COUNT_REJECTED
                               + CONSENT_REASON_MALFORMED);

    ngx_http_consent_print(s, ",\n\"categories\":[");

    for (i = 0; i < s->policy->ncategories; i++) {
        ngx_http_consent_print(s, i ? ",\n" : "\n");
        ngx_http_consent_json_category(s, i);
    }

    ngx_http_consent_print(s, "\n]");

    ngx_http_consent_json_documents(s);
    ngx_http_consent_json_list(s, "unclassified", ngx_http_consent_unknowns,
                               CONSENT_COUNT_UNCLASSIFIED);
    ngx_http_consent_json_list(s, "buffer_overflows",
                               ngx_http_consent_overflows,
                               CONSENT_COUNT_OVERFLOWS);
    ngx_http_consent_json_list(s, "endpoint", ngx_http_consent_results,
                               CONSENT_COUNT_ENDPOINT);

    ngx_http_consent_print(s, ",\n\"scripts_late\":%uL,\n"
                           "\"regex_limited\":%uL,\n"
                           "\"inventory\":{\"entries\":%uD,\"room\":%uD,"
                           "\"evicted\":%uL,\n\"cookies\":[",
                           ngx_http_consent_value(s, CONSENT_COUNT_LATE),
                           ngx_http_consent_value(s, CONSENT_COUNT_LIMITED),
                           s->size.entries, s->size.room, s->size.evicted);

    ngx_http_consent_json_inventory(s, CONSENT_INVENTORY_COOKIE);
    ngx_http_consent_print(s, "\n],\n\"third_parties\":[");
    ngx_http_consent_json_inventory(s, CONSENT_INVENTORY_HOST);
    ngx_http_consent_print(s, "\n]},\n\"unused_rules\":[");
    ngx_http_consent_json_unused(s);
    ngx_http_consent_print(s, "\n]\n}\n");
}


static void
ngx_http_consent_json_text(ngx_http_consent_status_t *s, consent_str_t text)
{
    ngx_http_consent_put(s, "\"", 1);
    ngx_http_consent_escape(s, consent_escape_json, text);
    ngx_http_consent_put(s, "\"", 1);
}


static void
ngx_http_consent_json_list(ngx_http_consent_status_t *s, const char *name,
    const char *const *values, ngx_uint_t index)
{
    ngx_uint_t  i;

    ngx_http_consent_print(s, ",\n\"%s\":{", name);

    for (i = 0; values[i]; i++) {
        ngx_http_consent_print(s, "%s\"%s\":%uL", i ? "," : "", values[i],
                               ngx_http_consent_value(s, index + i));
    }

    ngx_http_consent_put(s, "}", 1);
}


static void
ngx_http_consent_json_requests(ngx_http_consent_status_t *s)
{
    ngx_uint_t  i, kind;

    ngx_http_consent_print(s, ",\n\"requests\":{");

    for (i = 0; i < 2; i++) {
        ngx_http_consent_print(s, "%s\"%s\":{\"none\":%uL,\"partial\":%uL,"
                   "\"all\":%uL}", i ? "," : "", ngx_http_consent_modes[i],
                   ngx_http_consent_value(s, CONSENT_COUNT_REQUESTS
                                             + CONSENT_STATES * i),
                   ngx_http_consent_value(s, CONSENT_COUNT_REQUESTS
                                             + CONSENT_STATES * i + 1),
                   ngx_http_consent_value(s, CONSENT_COUNT_REQUESTS
                                             + CONSENT_STATES * i + 2));
    }

    ngx_http_consent_print(s, "},\n\"decisions\":{");

    for (i = 0; i < s->zone->nsources; i++) {
        ngx_http_consent_print(s, i ? "," : "");
        ngx_http_consent_json_text(s, s->zone->source_names[i]);

        for (kind = 0; kind < CONSENT_KINDS; kind++) {
            ngx_http_consent_print(s, "%s\"%s\":%uL", kind ? "," : ":{",
                       ngx_http_consent_kinds[kind],
                       ngx_http_consent_value(s,
                           consent_count_source(s->zone->sources[i],
                                                (consent_kind_e) kind)));
        }

        ngx_http_consent_put(s, "}", 1);
    }

    ngx_http_consent_put(s, "}", 1);
}


static void
ngx_http_consent_json_documents(ngx_http_consent_status_t *s)
{
    ngx_uint_t  i;

    ngx_http_consent_print(s, ",\n\"documents\":[");

    for (i = 0; ngx_http_consent_outcomes[i][0]; i++) {
        ngx_http_consent_print(s, "%s{\"outcome\":\"%s\",\"reason\":\"%s\","
                               "\"count\":%uL}", i ? "," : "",
                               ngx_http_consent_outcomes[i][0],
                               ngx_http_consent_outcomes[i][1],
                               ngx_http_consent_value(s,
                                                CONSENT_COUNT_DOCUMENTS + i));
    }

    ngx_http_consent_put(s, "]", 1);
}


static void
ngx_http_consent_json_category(ngx_http_consent_status_t *s, ngx_uint_t i)
{
    ngx_uint_t           n;
    consent_category_t  *category;

    category = &s->policy->categories[i];

    ngx_http_consent_print(s, "{\"name\":");
    ngx_http_consent_json_text(s, category->name);
    ngx_http_consent_print(s, ",\"title\":");
    ngx_http_consent_json_text(s, category->title);
    ngx_http_consent_print(s, ",\"always\":%s,\"cookies\":{",
                           category->always ? "true" : "false");

    for (n = 0; n < CONSENT_COOKIES_ACTIONS; n++) {
        ngx_http_consent_print(s, "%s\"%s\":%uL", n ? "," : "",
                               ngx_http_consent_actions[n],
                               ngx_http_consent_category_value(s, i, n));
    }

    ngx_http_consent_print(s, "},\"resources\":{");

    for (n = 0; n < CONSENT_BLOCKED_KINDS; n++) {
        ngx_http_consent_print(s, "%s\"%s\":%uL", n ? "," : "",
                               consent_blocked_names[n],
                               ngx_http_consent_category_value(s, i,
                                              CONSENT_COOKIES_ACTIONS + n));
    }

    ngx_http_consent_print(s, "}}");
}


static void
ngx_http_consent_json_inventory(ngx_http_consent_status_t *s,
    consent_inventory_kind_e kind)
{
    ngx_uint_t                  i, n;
    consent_inventory_entry_t  *entry;

    entry = s->entries.elts;
    n = 0;

    for (i = 0; i < s->entries.nelts; i++) {

        if (entry[i].kind == (uint8_t) kind) {
            ngx_http_consent_print(s, n++ ? ",\n" : "\n");
            ngx_http_consent_json_entry(s, i);
        }
    }
}


static void
ngx_http_consent_json_entry(ngx_http_consent_status_t *s, ngx_uint_t i)
{
    ngx_http_consent_guess_t    guess;
    consent_inventory_entry_t  *entry;

    entry = s->entries.elts;
    entry += i;

    ngx_http_consent_print(s, "{\"name\":");
    ngx_http_consent_json_text(s, consent_str_make(entry->name, entry->len));

    if (entry->cut) {
        ngx_http_consent_print(s, ",\"cut\":true");
    }

    if (entry->kind == CONSENT_INVENTORY_COOKIE) {
        ngx_http_consent_print(s, ",\"sent\":%uL,\"set\":%uL,\"max_age\":%uD",
                               entry->sent, entry->set, entry->max_age);
        ngx_http_consent_json_flags(s, entry);

    } else {
        ngx_http_consent_print(s, ",\"pages\":%uL", entry->set);
        ngx_http_consent_json_elements(s, entry);
    }

    ngx_http_consent_print(s, ",\"first\":%L,\"last\":%L,\"path\":",
                           entry->first, entry->last);
    ngx_http_consent_json_text(s, consent_str_make(entry->path,
                                                   entry->path_len));

    guess = ngx_http_consent_guess(s, i);

    if (guess.name.len) {
        ngx_http_consent_print(s, ",\"guess\":");
        ngx_http_consent_json_text(s, guess.name);
        ngx_http_consent_print(s, ",\"guessed_by\":");
        ngx_http_consent_json_text(s, guess.by);
    }

    ngx_http_consent_put(s, "}", 1);
}


static void
ngx_http_consent_json_flags(ngx_http_consent_status_t *s,
    consent_inventory_entry_t *entry)
{
    ngx_uint_t                      n;
    const ngx_http_consent_flag_t  *flag;

    n = 0;
    ngx_http_consent_print(s, ",\"attributes\":[");

    for (flag = ngx_http_consent_flags; flag->flag; flag++) {
        if (entry->flags & flag->flag) {
            ngx_http_consent_print(s, "%s\"%s\"", n++ ? "," : "", flag->name);
        }
    }

    ngx_http_consent_put(s, "]", 1);
}


static void
ngx_http_consent_json_elements(ngx_http_consent_status_t *s,
    consent_inventory_entry_t *entry)
{
    ngx_uint_t  i, n;

    n = 0;
    ngx_http_consent_print(s, ",\"elements\":[");

    for (i = 0; i < CONSENT_BLOCKED_KINDS; i++) {
        if (entry->elements & (1U << i)) {
            ngx_http_consent_print(s, "%s\"%s\"", n++ ? "," : "",
                                   consent_blocked_names[i]);
        }
    }

    ngx_http_consent_put(s, "]", 1);
}


static void
ngx_http_consent_json_unused(ngx_http_consent_status_t *s)
{
    ngx_uint_t                   i, n;
    ngx_http_consent_origin_t   *origin;
    const consent_match_rule_t  *rule;

    n = 0;

    for (i = 0; (rule = consent_match_rule(s->policy->match, i)) != NULL; i++)
    {
        if (ngx_http_consent_rule_used(s->zone, rule)) {
            continue;
        }

        origin = ngx_http_consent_origin(s->mcf, rule->origin);

        ngx_http_consent_print(s, n++ ? ",\n{" : "\n{");
        ngx_http_consent_print(s, "\"category\":");
        ngx_http_consent_json_text(s,
                                 s->policy->categories[rule->category].name);
        ngx_http_consent_print(s, ",\"kind\":\"%s\",\"pattern\":",
                               ngx_http_consent_rule_kinds[rule->kind]);
        ngx_http_consent_json_text(s, rule->pattern);
        ngx_http_consent_print(s, ",\"defaults\":%s,\"file\":",
                               rule->layer == CONSENT_LAYER_DEFAULTS
                               ? "true" : "false");
        ngx_http_consent_json_text(s, consent_str_make(origin->file.data,
                                                       origin->file.len));
        ngx_http_consent_print(s, ",\"line\":%ui}", origin->line);
    }
}
