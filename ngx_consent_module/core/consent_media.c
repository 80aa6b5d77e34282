/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_media.h"


static consent_str_t consent_media_element(consent_str_t *list);
static consent_str_t consent_media_essence(consent_str_t element);
static int consent_media_is_known(consent_str_t type);
static int consent_media_is_token(uint8_t c);


#define nelts(a)  (sizeof(a) / sizeof((a)[0]))


static const consent_str_t  consent_media_unknown[] = {
    consent_str("*/*"),
    consent_str("unknown/unknown"),
    consent_str("application/unknown")
};


int
consent_media_next(consent_str_t *rest, consent_str_t *type)
{
    while (rest->len) {
        *type = consent_media_essence(consent_media_element(rest));

        if (consent_media_is_known(*type)) {
            return 1;
        }
    }

    return 0;
}


int
consent_media_is_xml(consent_str_t type)
{
    static const consent_str_t  text = consent_str("text/xml");
    static const consent_str_t  application = consent_str("application/xml");
    static const consent_str_t  suffix = consent_str("+xml");

    if (consent_str_caseeq(type, text)
        || consent_str_caseeq(type, application))
    {
        return 1;
    }

    return type.len > suffix.len
           && consent_str_caseeq(consent_str_make(type.data + type.len
                                                  - suffix.len, suffix.len),
                                 suffix);
}


/* up to a comma that is not in a quoted string */

static consent_str_t
consent_media_element(consent_str_t *list)
{
    int             quoted;
    size_t          i;
    consent_str_t   element;
    const uint8_t  *p;

    p = list->data;
    quoted = 0;

    for (i = 0; i < list->len; i++) {

        if (p[i] == '"') {
            quoted = !quoted;

        } else if (p[i] == '\\' && quoted) {
            i++;

        } else if (p[i] == ',' && !quoted) {
            break;
        }
    }

    if (i >= list->len) {
        element = *list;
        list->len = 0;

        return element;
    }

    element = consent_str_make(p, i);

    list->data += i + 1;
    list->len -= i + 1;

    return element;
}


static consent_str_t
consent_media_essence(consent_str_t element)
{
    size_t  i;

    while (element.len && consent_is_space(element.data[0])) {
        element.data++;
        element.len--;
    }

    for (i = 0; i < element.len; i++) {

        if (element.data[i] == ';' || element.data[i] == '('
            || consent_is_space(element.data[i]))
        {
            break;
        }
    }

    return consent_str_make(element.data, i);
}


static int
consent_media_is_known(consent_str_t type)
{
    size_t  i, slash;

    for (i = 0; i < nelts(consent_media_unknown); i++) {
        if (consent_str_caseeq(type, consent_media_unknown[i])) {
            return 0;
        }
    }

    slash = 0;

    for (i = 0; i < type.len; i++) {

        if (type.data[i] == '/' && slash == 0 && i != 0) {
            slash = i;
            continue;
        }

        if (!consent_media_is_token(type.data[i])) {
            return 0;
        }
    }

    return slash != 0 && slash + 1 != type.len;
}


/* RFC 9110 section 5.6.2 */

static int
consent_media_is_token(uint8_t c)
{
    static const char  marks[] = "!#$%&'*+-.^_`|~";

    return (consent_lower(c) >= 'a' && consent_lower(c) <= 'z')
           || consent_is_digit(c)
           || (c != '\0' && strchr(marks, c) != NULL);
}
