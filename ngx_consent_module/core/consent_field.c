/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_field.h"
#include "consent_json.h"
#include "consent_link.h"


/* longer URLs are judged by their beginning */

#define CONSENT_FIELD_URL  4096


/* a list whose elements are copied or left out, with what separates them */

typedef struct {
    uint8_t        *out;
    const uint8_t  *from;       /* behind the last element */
    unsigned        kept;
    unsigned        removed;
} consent_field_list_t;


static void consent_field_start(consent_field_list_t *list, uint8_t *dst,
    consent_str_t value);
static void consent_field_put(consent_field_list_t *list, const uint8_t *p);
static void consent_field_keep(consent_field_list_t *list,
    consent_str_t element);
static void consent_field_remove(consent_field_list_t *list,
    consent_str_t element);
static void consent_field_end(consent_field_list_t *list,
    consent_str_t value);

static int consent_field_link_is_denied(consent_judge_t *judge,
    const consent_link_t *link);
static int consent_field_targets(consent_judge_t *judge, consent_str_t text);
static int consent_field_url(consent_judge_t *judge, consent_str_t url);
static int consent_field_mentions(consent_judge_t *judge,
    consent_str_t text);

static int consent_field_member(consent_judge_t *judge, consent_str_t *rest,
    consent_str_t *member);
static const uint8_t *consent_field_string(consent_judge_t *judge,
    const uint8_t *p, const uint8_t *end, int *denied);

static void consent_field_group(consent_field_list_t *groups,
    consent_judge_t *judge, consent_str_t group);
static void consent_field_endpoints(consent_field_list_t *endpoints,
    consent_judge_t *judge, consent_json_list_t *array);
static int consent_field_endpoint_is_denied(consent_judge_t *judge,
    consent_str_t endpoint);
static int consent_field_name(consent_str_t object, const char *key,
    uint8_t *dst, size_t size, consent_str_t *name);


size_t
consent_field_link(uint8_t *dst, consent_judge_t *judge, consent_str_t value,
    unsigned *removed)
{
    consent_str_t         rest;
    consent_link_t        link;
    consent_field_list_t  list;

    consent_field_start(&list, dst, value);
    rest = value;

    while (consent_link_next(&link, &rest)) {

        if (consent_field_link_is_denied(judge, &link)) {
            consent_field_remove(&list, link.text);

        } else {
            consent_field_keep(&list, link.text);
        }
    }

    consent_field_end(&list, value);

    *removed = list.removed;

    return (size_t) (list.out - dst);
}


static int
consent_field_link_is_denied(consent_judge_t *judge,
    const consent_link_t *link)
{
    if (link->odd) {
        return consent_field_targets(judge, link->text)
               || consent_field_mentions(judge, link->text);
    }

    if (!consent_load_fetches(link->rel)) {
        return 0;
    }

    return consent_field_url(judge, link->target)
           || (link->imagesrcset.len
               && consent_judge_value(judge, CONSENT_LOAD_SRCSET,
                                      link->imagesrcset, 0)
                  != CONSENT_UNCLASSIFIED);
}


/* all that anybody could take for the target of a link, whatever its rel */

static int
consent_field_targets(consent_judge_t *judge, consent_str_t text)
{
    size_t          len;
    uint8_t         url[CONSENT_FIELD_URL];
    const uint8_t  *p, *q, *end;

    end = text.data + text.len;

    for (p = text.data; p < end; p++) {

        if (*p != '<') {
            continue;
        }

        /*
         * There are browsers that drop white space in it.  A "<" in it tells
         * nothing about the host, and where it begins another one is judged.
         */

        len = 0;

        for (q = p + 1; q < end && len < sizeof(url); q++) {

            if (*q == '>' || *q == '<') {
                break;
            }

            if (!consent_is_space(*q)) {
                url[len++] = *q;
            }
        }

        if (consent_field_url(judge, consent_str_make(url, len))) {
            return 1;
        }
    }

    return 0;
}


static int
consent_field_url(consent_judge_t *judge, consent_str_t url)
{
    return consent_judge_value(judge, CONSENT_LOAD_URL, url, 0)
           != CONSENT_UNCLASSIFIED;
}


static int
consent_field_mentions(consent_judge_t *judge, consent_str_t text)
{
    return consent_judge_text(judge, text, 1) != CONSENT_UNCLASSIFIED;
}


size_t
consent_field_strings(uint8_t *dst, consent_judge_t *judge,
    consent_str_t value, unsigned *removed)
{
    int                   denied;
    consent_str_t         rest, member;
    consent_field_list_t  list;

    consent_field_start(&list, dst, value);
    rest = value;

    while (rest.len) {
        denied = consent_field_member(judge, &rest, &member);

        if (denied) {
            consent_field_remove(&list, member);

        } else {
            consent_field_keep(&list, member);
        }
    }

    consent_field_end(&list, value);

    *removed = list.removed;

    return (size_t) (list.out - dst);
}


/* takes a member and the comma behind it; 1: one of its strings is denied */

static int
consent_field_member(consent_judge_t *judge, consent_str_t *rest,
    consent_str_t *member)
{
    int             denied;
    const uint8_t  *p, *start, *end;

    denied = 0;

    p = rest->data;
    end = p + rest->len;

    while (p < end && consent_is_space(*p)) {
        p++;
    }

    start = p;

    while (p < end && *p != ',') {
        p = (*p == '"') ? consent_field_string(judge, p, end, &denied)
                        : p + 1;
    }

    *rest = consent_str_make(p, (size_t) (end - p));

    if (rest->len) {
        rest->data++;
        rest->len--;
    }

    while (p > start && consent_is_space(p[-1])) {
        p--;
    }

    *member = consent_str_make(start, (size_t) (p - start));

    return denied;
}


/* the string at p; returns what is behind it */

static const uint8_t *
consent_field_string(consent_judge_t *judge, const uint8_t *p,
    const uint8_t *end, int *denied)
{
    size_t   len;
    uint8_t  url[CONSENT_FIELD_URL];

    len = 0;

    for (p++; p < end && *p != '"'; p++) {

        if (*p == '\\' && p + 1 < end) {
            p++;
        }

        if (len < sizeof(url)) {
            url[len++] = *p;
        }
    }

    *denied |= consent_field_url(judge, consent_str_make(url, len));

    return (p < end) ? p + 1 : end;
}


size_t
consent_field_report_to(uint8_t *dst, consent_judge_t *judge,
    consent_str_t value, unsigned *removed)
{
    int                   rc, denied;
    consent_json_t        group;
    consent_json_list_t   elements;
    consent_field_list_t  groups;

    consent_field_start(&groups, dst, value);
    consent_json_start(&elements, value);

    while ((rc = consent_json_next(&group, &elements)) == 1) {
        consent_field_group(&groups, judge, group.value);
    }

    if (rc < 0) {

        /* browsers take nothing of such a value, or else all of it */

        denied = groups.removed || consent_field_mentions(judge, value);

        consent_field_start(&groups, dst, value);
        groups.removed = denied ? 1 : 0;
    }

    consent_field_end(&groups, value);

    *removed = groups.removed;

    return (size_t) (groups.out - dst);
}


static void
consent_field_group(consent_field_list_t *groups, consent_judge_t *judge,
    consent_str_t group)
{
    unsigned              removed;
    consent_json_t        member;
    consent_json_list_t   members, array;
    consent_field_list_t  endpoints;

    /* as if it stayed, until it shows that it does not */

    endpoints = *groups;
    removed = 0;

    if (groups->kept == 0 && groups->removed) {
        endpoints.from = group.data;
    }

    if (!consent_json_enter(&members, group, '{')) {
        consent_field_keep(groups, group);
        return;
    }

    while (consent_json_next(&member, &members) == 1) {

        if (!consent_json_is(member.key, "endpoints")
            || !consent_json_enter(&array, member.value, '['))
        {
            continue;
        }

        consent_field_put(&endpoints, array.rest.data);

        endpoints.kept = 0;
        endpoints.removed = 0;

        consent_field_endpoints(&endpoints, judge, &array);

        if (endpoints.removed && endpoints.kept == 0) {
            consent_field_remove(groups, group);
            return;
        }

        removed += endpoints.removed;
    }

    if (removed == 0) {
        consent_field_keep(groups, group);
        return;
    }

    consent_field_put(&endpoints, group.data + group.len);

    groups->out = endpoints.out;
    groups->from = endpoints.from;
    groups->kept++;
    groups->removed += removed;
}


static void
consent_field_endpoints(consent_field_list_t *endpoints,
    consent_judge_t *judge, consent_json_list_t *array)
{
    consent_str_t   text;
    consent_json_t  endpoint;

    text = array->rest;

    while (consent_json_next(&endpoint, array) == 1) {

        if (consent_field_endpoint_is_denied(judge, endpoint.value)) {
            consent_field_remove(endpoints, endpoint.text);

        } else {
            consent_field_keep(endpoints, endpoint.text);
        }
    }

    consent_field_end(endpoints, text);
}


static int
consent_field_endpoint_is_denied(consent_judge_t *judge,
    consent_str_t endpoint)
{
    uint8_t              buf[CONSENT_FIELD_URL];
    consent_str_t        url;
    consent_json_t       member;
    consent_json_list_t  members;

    if (!consent_json_enter(&members, endpoint, '{')) {
        return 0;
    }

    while (consent_json_next(&member, &members) == 1) {

        if (!consent_json_is(member.key, "url")
            || member.value.len == 0 || member.value.data[0] != '"')
        {
            continue;
        }

        if (consent_json_string(buf, sizeof(buf), member.value, &url) != 0
            || consent_field_url(judge, url))
        {
            return 1;
        }
    }

    return 0;
}


int
consent_field_has_group(consent_str_t report_to, consent_str_t nel)
{
    uint8_t              wanted_buf[CONSENT_FIELD_URL];
    uint8_t              name_buf[CONSENT_FIELD_URL];
    consent_str_t        wanted, name;
    consent_json_t       group;
    consent_json_list_t  groups;

    static const consent_str_t  unnamed = consent_str("default");

    consent_json_start(&groups, nel);

    if (consent_json_next(&group, &groups) != 1
        || !consent_field_name(group.value, "report_to", wanted_buf,
                               sizeof(wanted_buf), &wanted))
    {
        return 0;
    }

    consent_json_start(&groups, report_to);

    while (consent_json_next(&group, &groups) == 1) {

        if (!consent_field_name(group.value, "group", name_buf,
                                sizeof(name_buf), &name))
        {
            name = unnamed;
        }

        if (consent_str_eq(name, wanted)) {
            return 1;
        }
    }

    return 0;
}


/* a member of an object that is a string; of those of one name the last */

static int
consent_field_name(consent_str_t object, const char *key, uint8_t *dst,
    size_t size, consent_str_t *name)
{
    int                  found;
    consent_json_t       member;
    consent_json_list_t  members;

    if (!consent_json_enter(&members, object, '{')) {
        return 0;
    }

    found = 0;

    while (consent_json_next(&member, &members) == 1) {

        if (consent_json_is(member.key, key)) {
            found = consent_json_string(dst, size, member.value, name) == 0;
        }
    }

    return found;
}


static void
consent_field_start(consent_field_list_t *list, uint8_t *dst,
    consent_str_t value)
{
    list->out = dst;
    list->from = value.data;
    list->kept = 0;
    list->removed = 0;
}


/* copies all up to p */

static void
consent_field_put(consent_field_list_t *list, const uint8_t *p)
{
    size_t  len;

    len = (size_t) (p - list->from);

    if (len) {
        memcpy(list->out, list->from, len);
    }

    list->out += len;
    list->from = p;
}


/* what separated the first one that stays from others goes with them */

static void
consent_field_keep(consent_field_list_t *list, consent_str_t element)
{
    if (list->kept++ == 0 && list->removed) {
        list->from = element.data;
    }

    consent_field_put(list, element.data + element.len);
}


static void
consent_field_remove(consent_field_list_t *list, consent_str_t element)
{
    list->removed++;
    list->from = element.data + element.len;
}


static void
consent_field_end(consent_field_list_t *list, consent_str_t value)
{
    if (list->kept || list->removed == 0) {
        consent_field_put(list, value.data + value.len);
    }

    list->from = value.data + value.len;
}
