/*
 * Copyright (C) ngx_consent_module authors
 *
 * A body is read once, from the left to the right, and decoded where it
 * stands: what is decoded is never longer than what it was.
 */


#include "consent_form.h"
#include "consent_json.h"


typedef enum {
    FORM_CHOICE = 0,
    FORM_ACCEPT,
    FORM_RETURN,
    FORM_SOURCE,
    FORM_TOKEN,
    FORM_OTHER
} form_field_e;


static form_field_e form_field(consent_str_t name);
static void form_set(consent_form_t *f, const consent_policy_t *policy,
    form_field_e field, consent_str_t value);
static consent_choice_e form_choice(consent_str_t value);
static void form_set_choice(consent_form_t *f, consent_str_t value);
static void form_accept(consent_form_t *f, const consent_policy_t *policy,
    consent_str_t name);
static int form_next(consent_str_t *name, consent_str_t *value,
    consent_str_t *rest);
static int form_decode(consent_str_t *decoded, uint8_t *dst,
    consent_str_t text);
static int form_hex(uint8_t c);
static int form_json_string(consent_str_t *decoded, uint8_t *body,
    consent_str_t value);
static int form_json_field(consent_form_t *f, const consent_policy_t *policy,
    uint8_t *body, const consent_json_t *member);
static int form_json_accept(consent_form_t *f, const consent_policy_t *policy,
    uint8_t *body, consent_str_t value);


static const consent_str_t  form_fields[FORM_OTHER] = {
    consent_str("choice"),
    consent_str("accept"),
    consent_str("return"),
    consent_str("source"),
    consent_str("token")
};


static const consent_str_t  form_choices[CONSENT_CHOICE_UNKNOWN] = {
    { 0, NULL },
    consent_str("all"),
    consent_str("none"),
    consent_str("some"),
    consent_str("add"),
    consent_str("withdraw")
};


int
consent_form_read(consent_form_t *f, const consent_policy_t *policy,
    uint8_t *body, size_t len)
{
    uint8_t        *dst;
    form_field_e    field;
    consent_str_t   rest, name, value, decoded;

    memset(f, 0, sizeof(consent_form_t));

    rest = consent_str_make(body, len);

    while (form_next(&name, &value, &rest)) {

        dst = body + (name.data - body);

        if (form_decode(&decoded, dst, name) != 0) {
            return -1;
        }

        field = form_field(decoded);

        dst = body + (value.data - body);

        if (form_decode(&decoded, dst, value) != 0) {
            return -1;
        }

        form_set(f, policy, field, decoded);
    }

    return 0;
}


int
consent_form_field(consent_str_t *value, uint8_t *dst, consent_str_t text,
    consent_str_t name)
{
    consent_str_t  field, raw, decoded;

    while (form_next(&field, &raw, &text)) {

        if (form_decode(&decoded, dst, field) == 0
            && consent_str_eq(decoded, name))
        {
            return form_decode(value, dst, raw);
        }
    }

    return -1;
}


int
consent_form_is_local(consent_str_t path)
{
    size_t  i;

    if (path.len == 0 || path.len > CONSENT_LOCAL_PATH_MAX
        || path.data[0] != '/'
        || (path.len > 1 && path.data[1] == '/'))
    {
        return 0;
    }

    for (i = 0; i < path.len; i++) {
        if (path.data[i] <= ' ' || path.data[i] >= 0x7f
            || path.data[i] == '\\')
        {
            return 0;
        }
    }

    return 1;
}


static form_field_e
form_field(consent_str_t name)
{
    unsigned  i;

    for (i = 0; i < FORM_OTHER; i++) {
        if (consent_str_eq(name, form_fields[i])) {
            return (form_field_e) i;
        }
    }

    return FORM_OTHER;
}


/* of a text the first counts */

static void
form_set(consent_form_t *f, const consent_policy_t *policy,
    form_field_e field, consent_str_t value)
{
    consent_str_t  *text;

    text = NULL;

    switch (field) {

    case FORM_CHOICE:
        form_set_choice(f, value);
        return;

    case FORM_ACCEPT:
        form_accept(f, policy, value);
        return;

    case FORM_RETURN:
        text = &f->back;
        break;

    case FORM_SOURCE:
        text = &f->source;
        break;

    case FORM_TOKEN:
        text = &f->token;
        break;

    case FORM_OTHER:
        return;
    }

    if (text->data == NULL) {
        *text = value;
    }
}


static consent_choice_e
form_choice(consent_str_t value)
{
    unsigned  i;

    for (i = CONSENT_CHOICE_ALL; i < CONSENT_CHOICE_UNKNOWN; i++) {
        if (consent_str_eq(value, form_choices[i])) {
            return (consent_choice_e) i;
        }
    }

    return CONSENT_CHOICE_UNKNOWN;
}


static void
form_set_choice(consent_form_t *f, consent_str_t value)
{
    consent_choice_e  choice;

    choice = form_choice(value);

    if (f->choice != CONSENT_CHOICE_MISSING && f->choice != choice) {
        f->conflict = 1;
    }

    f->choice = choice;
}


static void
form_accept(consent_form_t *f, const consent_policy_t *policy,
    consent_str_t name)
{
    int  category;

    f->named = 1;

    category = consent_policy_category(policy, name);

    if (category == CONSENT_UNCLASSIFIED) {
        f->unknown = 1;
        return;
    }

    f->accept |= consent_bit(category) & ~policy->always;
}


/* the next name and value, still encoded; empty ones are passed over */

static int
form_next(consent_str_t *name, consent_str_t *value, consent_str_t *rest)
{
    size_t          len;
    const uint8_t  *end, *equals;

    do {
        if (rest->len == 0) {
            return 0;
        }

        end = memchr(rest->data, '&', rest->len);
        len = end ? (size_t) (end - rest->data) : rest->len;

        *name = consent_str_make(rest->data, len);

        len += (end != NULL);
        rest->data += len;
        rest->len -= len;

    } while (name->len == 0);

    equals = memchr(name->data, '=', name->len);

    if (equals == NULL) {
        *value = consent_str_make(name->data + name->len, 0);
        return 1;
    }

    len = (size_t) (equals - name->data);

    *value = consent_str_make(equals + 1, name->len - len - 1);
    name->len = len;

    return 1;
}


/* dst may be where text is */

static int
form_decode(consent_str_t *decoded, uint8_t *dst, consent_str_t text)
{
    int      high, low;
    size_t   i;
    uint8_t  c, *p;

    p = dst;

    for (i = 0; i < text.len; i++) {
        c = text.data[i];

        if (c == '+') {
            c = ' ';

        } else if (c == '%') {

            if (text.len - i < 3) {
                return -1;
            }

            high = form_hex(text.data[i + 1]);
            low = form_hex(text.data[i + 2]);

            if (high < 0 || low < 0) {
                return -1;
            }

            c = (uint8_t) (high << 4 | low);
            i += 2;
        }

        if (c == '\0') {
            return -1;
        }

        *p++ = c;
    }

    *decoded = consent_str_make(dst, (size_t) (p - dst));

    return 0;
}


static int
form_hex(uint8_t c)
{
    if (consent_is_digit(c)) {
        return c - '0';
    }

    c = consent_lower(c);

    return (c >= 'a' && c <= 'f') ? c - 'a' + 10 : -1;
}


int
consent_form_read_json(consent_form_t *f, const consent_policy_t *policy,
    uint8_t *body, size_t len)
{
    int                  rc;
    consent_str_t        text;
    consent_json_t       member;
    consent_json_list_t  list;

    memset(f, 0, sizeof(consent_form_t));

    text = consent_str_make(body, len);

    while (text.len && consent_is_space(text.data[0])) {
        text.data++;
        text.len--;
    }

    while (text.len && consent_is_space(text.data[text.len - 1])) {
        text.len--;
    }

    if (!consent_json_enter(&list, text, '{')) {
        return -1;
    }

    while ((rc = consent_json_next(&member, &list)) == 1) {
        if (form_json_field(f, policy, body, &member) != 0) {
            return -1;
        }
    }

    return rc;
}


static int
form_json_field(consent_form_t *f, const consent_policy_t *policy,
    uint8_t *body, const consent_json_t *member)
{
    form_field_e   field;
    consent_str_t  text;

    if (form_json_string(&text, body, member->key) != 0) {
        return -1;
    }

    field = form_field(text);

    if (field == FORM_OTHER) {
        return 0;
    }

    if (field == FORM_ACCEPT) {
        return form_json_accept(f, policy, body, member->value);
    }

    if (form_json_string(&text, body, member->value) != 0) {
        return -1;
    }

    form_set(f, policy, field, text);

    return 0;
}


static int
form_json_accept(consent_form_t *f, const consent_policy_t *policy,
    uint8_t *body, consent_str_t value)
{
    int                  rc;
    consent_str_t        text;
    consent_json_t       element;
    consent_json_list_t  list;

    if (!consent_json_enter(&list, value, '[')) {
        return -1;
    }

    f->named = 1;

    while ((rc = consent_json_next(&element, &list)) == 1) {

        if (form_json_string(&text, body, element.value) != 0) {
            return -1;
        }

        form_accept(f, policy, text);
    }

    return rc;
}


/* in the place of the string itself, which is longer by its quotes */

static int
form_json_string(consent_str_t *decoded, uint8_t *body, consent_str_t value)
{
    if (value.len == 0
        || consent_json_string(body + (value.data - body), value.len, value,
                               decoded)
           != 0)
    {
        return -1;
    }

    return memchr(decoded->data, '\0', decoded->len) ? -1 : 0;
}
