/*
 * Copyright (C) ngx_consent_module authors
 *
 * Reads and writes the module's own consent cookie.  The value comes from
 * whoever sends requests: there is one way to write each part of it, and
 * anything else grants nothing.
 */


#include "consent_own.h"


typedef struct {
    uint8_t       *p;
    uint8_t       *end;
    unsigned       full:1;          /* something did not fit */
} own_out_t;


static int own_field(consent_str_t *rest, consent_str_t *field);
static int own_fields(consent_own_value_t *v, consent_str_t *rest,
    int *is_signed);
static int own_signature(consent_own_value_t *v, consent_str_t rest);
static int own_number(consent_str_t s, uint64_t *number);
static int own_is_base64url(consent_str_t s, size_t len);
static int own_is_kid(consent_str_t s);
static int own_is_list(consent_str_t s);
static int own_is_word(uint8_t c);
static consent_reason_e own_check(consent_own_value_t *v,
    const consent_own_conf_t *conf, const consent_policy_t *policy,
    const consent_str_t *values, unsigned nvalues, int64_t now);
static consent_mask_t own_accepted(const consent_policy_t *policy,
    consent_str_t names);
static void own_put(own_out_t *out, const uint8_t *data, size_t len);
static void own_put_char(own_out_t *out, uint8_t c);
static void own_put_number(own_out_t *out, uint64_t n);
static void own_put_categories(own_out_t *out,
    const consent_policy_t *policy, consent_mask_t accepted);
static void own_put_signature(own_out_t *out, const consent_key_t *key,
    consent_str_t text);


int
consent_own_parse(consent_own_value_t *v, consent_str_t text)
{
    int            is_signed;
    consent_str_t  rest;

    memset(v, 0, sizeof(consent_own_value_t));

    if (text.len > CONSENT_OWN_MAX_LEN) {
        return -1;
    }

    rest = text;

    if (own_fields(v, &rest, &is_signed) != 0) {
        return -1;
    }

    v->text = text;

    if (!is_signed) {
        return 0;
    }

    v->text.len = text.len - rest.len - 1;

    return own_signature(v, rest);
}


int
consent_own_verify(const consent_own_value_t *v, const consent_key_t *keys,
    unsigned nkeys)
{
    unsigned       i;
    consent_str_t  kid;

    for (i = 0; i < nkeys; i++) {
        kid = consent_str_make(keys[i].kid, CONSENT_KID_LEN);

        if (consent_str_eq(v->kid, kid)
            && consent_verify(&keys[i], v->text, v->sig))
        {
            return 1;
        }
    }

    return 0;
}


void
consent_own_read(consent_decision_t *d, const consent_own_conf_t *conf,
    const consent_policy_t *policy, const consent_str_t *values,
    unsigned nvalues, int64_t now)
{
    consent_own_value_t  v;

    memset(d, 0, sizeof(consent_decision_t));

    d->kind = CONSENT_DECISION_NONE;
    d->reason = own_check(&v, conf, policy, values, nvalues, now);

    if (d->reason != CONSENT_REASON_OK) {
        return;
    }

    d->kind = CONSENT_DECISION_EXPLICIT;
    d->accepted = own_accepted(policy, v.categories);
    d->policy = v.policy;
    d->issued = v.issued;
    d->id = v.id;
}


size_t
consent_own_write(uint8_t *dst, size_t size, const consent_own_conf_t *conf,
    const consent_policy_t *policy, consent_mask_t accepted,
    consent_str_t id, int64_t now)
{
    own_out_t  out;

    if (now < 0 || !own_is_base64url(id, CONSENT_OWN_ID_LEN)) {
        return 0;
    }

    if (size > CONSENT_OWN_MAX_LEN) {
        size = CONSENT_OWN_MAX_LEN;
    }

    out.p = dst;
    out.end = dst + size;
    out.full = 0;

    own_put_char(&out, '1');
    own_put_char(&out, '.');
    own_put_number(&out, (uint64_t) now);
    own_put_char(&out, '.');
    own_put_number(&out, policy->version);
    own_put_char(&out, '.');
    own_put(&out, id.data, id.len);
    own_put_char(&out, '.');
    own_put_categories(&out, policy, accepted);

    if (conf->nkeys && !out.full) {
        own_put_signature(&out, &conf->keys[0],
                          consent_str_make(dst, (size_t) (out.p - dst)));
    }

    return out.full ? 0 : (size_t) (out.p - dst);
}


/* what precedes the next dot or the end; 1: there was a dot */

static int
own_field(consent_str_t *rest, consent_str_t *field)
{
    const uint8_t  *dot;

    dot = rest->len ? memchr(rest->data, '.', rest->len) : NULL;

    if (dot == NULL) {
        *field = *rest;
        rest->len = 0;
        return 0;
    }

    *field = consent_str_make(rest->data, (size_t) (dot - rest->data));

    rest->data += field->len + 1;
    rest->len -= field->len + 1;

    return 1;
}


/* the five fields that every value has; *rest is what follows their dot */

static int
own_fields(consent_own_value_t *v, consent_str_t *rest, int *is_signed)
{
    uint64_t       issued;
    consent_str_t  field;

    static const consent_str_t  version = consent_str("1");
    static const consent_str_t  none = consent_str("-");

    if (!own_field(rest, &field) || !consent_str_eq(field, version)) {
        return -1;
    }

    if (!own_field(rest, &field)
        || own_number(field, &issued) != 0
        || issued > INT64_MAX)
    {
        return -1;
    }

    v->issued = (int64_t) issued;

    if (!own_field(rest, &field) || own_number(field, &v->policy) != 0) {
        return -1;
    }

    if (!own_field(rest, &v->id)
        || !own_is_base64url(v->id, CONSENT_OWN_ID_LEN))
    {
        return -1;
    }

    *is_signed = own_field(rest, &field);

    if (consent_str_eq(field, none)) {
        return 0;
    }

    v->categories = field;

    return own_is_list(field) ? 0 : -1;
}


static int
own_signature(consent_own_value_t *v, consent_str_t rest)
{
    const size_t  before = CONSENT_KID_LEN + 1;

    if (rest.len != before + CONSENT_MAC_TEXT_LEN
        || rest.data[CONSENT_KID_LEN] != '~')
    {
        return -1;
    }

    v->kid = consent_str_make(rest.data, CONSENT_KID_LEN);
    v->sig = consent_str_make(rest.data + before, CONSENT_MAC_TEXT_LEN);

    if (!own_is_kid(v->kid)
        || !own_is_base64url(v->sig, CONSENT_MAC_TEXT_LEN))
    {
        return -1;
    }

    return 0;
}


static int
own_number(consent_str_t s, uint64_t *number)
{
    size_t    i;
    uint64_t  n;
    unsigned  digit;

    if (s.len == 0 || (s.len > 1 && s.data[0] == '0')) {
        return -1;
    }

    n = 0;

    for (i = 0; i < s.len; i++) {

        if (!consent_is_digit(s.data[i])) {
            return -1;
        }

        digit = (unsigned) (s.data[i] - '0');

        if (n > (UINT64_MAX - digit) / 10) {
            return -1;
        }

        n = n * 10 + digit;
    }

    *number = n;

    return 0;
}


static int
own_is_base64url(consent_str_t s, size_t len)
{
    size_t  i;

    if (s.len != len) {
        return 0;
    }

    for (i = 0; i < s.len; i++) {
        if (!own_is_word(s.data[i]) && s.data[i] != '-') {
            return 0;
        }
    }

    return 1;
}


static int
own_is_kid(consent_str_t s)
{
    size_t  i;

    for (i = 0; i < s.len; i++) {
        if (!consent_is_digit(s.data[i])
            && !(s.data[i] >= 'a' && s.data[i] <= 'f'))
        {
            return 0;
        }
    }

    return 1;
}


/* names joined by "+", none of them empty */

static int
own_is_list(consent_str_t s)
{
    size_t   i;
    uint8_t  last;

    last = '+';

    for (i = 0; i < s.len; i++) {

        if (s.data[i] == '+' ? last == '+' : !own_is_word(s.data[i])) {
            return 0;
        }

        last = s.data[i];
    }

    return last != '+';
}


static int
own_is_word(uint8_t c)
{
    return consent_is_alpha(c) || consent_is_digit(c) || c == '_';
}


static consent_reason_e
own_check(consent_own_value_t *v, const consent_own_conf_t *conf,
    const consent_policy_t *policy, const consent_str_t *values,
    unsigned nvalues, int64_t now)
{
    unsigned  i;

    if (nvalues == 0) {
        return CONSENT_REASON_ABSENT;
    }

    for (i = 1; i < nvalues; i++) {
        if (!consent_str_eq(values[0], values[i])) {
            return CONSENT_REASON_DUPLICATE;
        }
    }

    if (consent_own_parse(v, values[0]) != 0) {
        return CONSENT_REASON_MALFORMED;
    }

    if (conf->nkeys && !consent_own_verify(v, conf->keys, conf->nkeys)) {
        return CONSENT_REASON_SIGNATURE;
    }

    /* issued is not negative, so that nothing overflows here */

    if (v->issued - CONSENT_OWN_SKEW > now) {
        return CONSENT_REASON_FUTURE;
    }

    if (now - v->issued > conf->max_age) {
        return CONSENT_REASON_EXPIRED;
    }

    if (v->policy != policy->version) {
        return CONSENT_REASON_POLICY;
    }

    return CONSENT_REASON_OK;
}


static consent_mask_t
own_accepted(const consent_policy_t *policy, consent_str_t names)
{
    int             category;
    size_t          len;
    consent_str_t   name;
    consent_mask_t  mask;
    const uint8_t  *plus;

    mask = 0;

    while (names.len) {
        plus = memchr(names.data, '+', names.len);
        len = plus ? (size_t) (plus - names.data) : names.len;

        name = consent_str_make(names.data, len);
        category = consent_policy_category(policy, name);

        if (category != CONSENT_UNCLASSIFIED) {
            mask |= consent_bit(category);
        }

        if (plus) {
            len++;
        }

        names.data += len;
        names.len -= len;
    }

    return mask & ~policy->always;
}


static void
own_put(own_out_t *out, const uint8_t *data, size_t len)
{
    if (out->full || len > (size_t) (out->end - out->p)) {
        out->full = 1;
        return;
    }

    memcpy(out->p, data, len);
    out->p += len;
}


static void
own_put_char(own_out_t *out, uint8_t c)
{
    own_put(out, &c, 1);
}


static void
own_put_number(own_out_t *out, uint64_t n)
{
    size_t   i;
    uint8_t  digits[20];

    i = sizeof(digits);

    do {
        digits[--i] = (uint8_t) ('0' + n % 10);
        n /= 10;
    } while (n);

    own_put(out, digits + i, sizeof(digits) - i);
}


static void
own_put_categories(own_out_t *out, const consent_policy_t *policy,
    consent_mask_t accepted)
{
    unsigned       i, n;
    consent_str_t  name;

    n = 0;
    accepted &= ~policy->always;

    for (i = 0; i < policy->ncategories; i++) {

        if (!(accepted & consent_bit(i))) {
            continue;
        }

        if (n++) {
            own_put_char(out, '+');
        }

        name = policy->categories[i].name;
        own_put(out, name.data, name.len);
    }

    if (n == 0) {
        own_put_char(out, '-');
    }
}


static void
own_put_signature(own_out_t *out, const consent_key_t *key,
    consent_str_t text)
{
    uint8_t  mac[CONSENT_MAC_TEXT_LEN];

    if (consent_sign(key, text, mac) != 0) {
        out->full = 1;
        return;
    }

    own_put_char(out, '.');
    own_put(out, key->kid, CONSENT_KID_LEN);
    own_put_char(out, '~');
    own_put(out, mac, CONSENT_MAC_TEXT_LEN);
}
