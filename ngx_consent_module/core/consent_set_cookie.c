/*
 * Copyright (C) ngx_consent_module authors
 *
 * A Set-Cookie line as browsers read it, and its lifetime made shorter.
 * Only Max-Age and Expires are ever touched.
 *
 * Of several valid attributes of one name the last counts, and Max-Age counts
 * more than Expires.  An attribute with a value that is not valid does not
 * count at all: browsers skip it as if it were not there.
 */


#include "consent_cookie.h"


/* browsers ignore an attribute whose value is longer */

#define SET_COOKIE_VALUE_MAX  1024


typedef enum {
    SET_COOKIE_OTHER = 0,
    SET_COOKIE_MAX_AGE,
    SET_COOKIE_EXPIRES
} set_cookie_attr_e;


typedef struct {
    consent_str_t       text;       /* from its ";" up to the next one */
    consent_str_t       value;
    int64_t             number;     /* if valid: seconds, or a date */
    set_cookie_attr_e   kind;
    unsigned            valid:1;
} set_cookie_attr_t;


/* how many valid ones there are, and the value of the last */

typedef struct {
    int64_t             max_age;
    int64_t             expires;
    size_t              nmax_age;
    size_t              nexpires;
} set_cookie_life_t;


static consent_str_t set_cookie_pair(consent_str_t line);
static consent_str_t set_cookie_attrs(consent_str_t line);
static int set_cookie_next(consent_str_t *rest, set_cookie_attr_t *attr);
static int set_cookie_max_age(consent_str_t value, int64_t *seconds);
static void set_cookie_life(set_cookie_life_t *life, consent_str_t line);
static uint32_t set_cookie_flag(consent_str_t text);
static int set_cookie_deletes(const set_cookie_life_t *life, int64_t now);
static uint8_t *set_cookie_cap_attr(uint8_t *p, const set_cookie_attr_t *attr,
    int64_t limit);
static int64_t set_cookie_add(int64_t now, int64_t seconds);
static uint8_t *set_cookie_decimal(uint8_t *p, int64_t n);
static uint8_t *set_cookie_copy(uint8_t *p, consent_str_t s);


void
consent_set_cookie_parse(consent_str_t line, consent_cookie_t *cookie)
{
    consent_str_t  pair;

    pair = set_cookie_pair(line);

    if (!consent_cookie_next(&pair, cookie)) {
        cookie->name = consent_str_make(line.data, 0);
        cookie->value = cookie->name;
    }
}


void
consent_set_cookie_summarise(consent_set_cookie_summary_t *summary,
    consent_str_t line, int64_t now)
{
    int64_t            left;
    consent_str_t      rest;
    set_cookie_attr_t  attr;
    set_cookie_life_t  life;

    summary->max_age = 0;
    set_cookie_life(&life, line);

    if (set_cookie_deletes(&life, now)) {
        summary->flags = CONSENT_COOKIE_DELETED;
        return;
    }

    summary->flags = CONSENT_COOKIE_SESSION;

    if (life.nmax_age || life.nexpires) {
        left = life.nmax_age ? life.max_age : life.expires - now;

        summary->flags = CONSENT_COOKIE_PERSISTENT;
        summary->max_age = (left < UINT32_MAX) ? (uint32_t) left : UINT32_MAX;
    }

    rest = set_cookie_attrs(line);

    while (set_cookie_next(&rest, &attr)) {
        summary->flags |= set_cookie_flag(attr.text);
    }
}


/* of an attribute from its ";" on */

static uint32_t
set_cookie_flag(consent_str_t text)
{
    size_t            i;
    unsigned          named;
    consent_cookie_t  av;

    static const struct {
        consent_str_t  name;
        consent_str_t  value;       /* empty: any */
        uint32_t       flag;
    } flags[] = {
        { consent_str("secure"), consent_str(""), CONSENT_COOKIE_SECURE },
        { consent_str("httponly"), consent_str(""), CONSENT_COOKIE_HTTPONLY },
        { consent_str("partitioned"), consent_str(""),
          CONSENT_COOKIE_PARTITIONED },
        { consent_str("domain"), consent_str(""), CONSENT_COOKIE_DOMAIN },
        { consent_str("samesite"), consent_str("lax"), CONSENT_COOKIE_LAX },
        { consent_str("samesite"), consent_str("strict"),
          CONSENT_COOKIE_STRICT },
        { consent_str("samesite"), consent_str("none"),
          CONSENT_COOKIE_CROSS_SITE },
        { consent_str(""), consent_str(""), 0 }
    };

    text.data++;
    text.len--;

    if (!consent_cookie_next(&text, &av)) {
        return 0;
    }

    /* without "=", what there is counts as the value */

    named = av.name.len != 0;

    for (i = 0; flags[i].flag; i++) {

        if (consent_str_caseeq(named ? av.name : av.value, flags[i].name)
            && (flags[i].value.len == 0
                || consent_str_caseeq(av.value, flags[i].value)))
        {
            return flags[i].flag;
        }
    }

    return 0;
}


size_t
consent_set_cookie_session(uint8_t *dst, consent_str_t line, int64_t now)
{
    uint8_t            *p;
    unsigned            changed;
    consent_str_t       rest;
    set_cookie_attr_t   attr;
    set_cookie_life_t   life;

    set_cookie_life(&life, line);

    if (set_cookie_deletes(&life, now)) {
        return 0;
    }

    changed = 0;
    p = set_cookie_copy(dst, set_cookie_pair(line));
    rest = set_cookie_attrs(line);

    while (set_cookie_next(&rest, &attr)) {

        /*
         * Also those that are not valid: not all browsers are strict, and
         * what one of them makes of "+3600" must not keep the cookie.
         */

        if (attr.kind != SET_COOKIE_OTHER) {
            changed = 1;
            continue;
        }

        p = set_cookie_copy(p, attr.text);
    }

    return changed ? (size_t) (p - dst) : 0;
}


size_t
consent_set_cookie_cap(uint8_t *dst, consent_str_t line, int64_t now,
    int64_t max_age)
{
    size_t              left;
    int64_t             limit;
    uint8_t            *p;
    unsigned            changed;
    consent_str_t       rest;
    set_cookie_attr_t   attr;
    set_cookie_life_t   life;

    set_cookie_life(&life, line);

    if (max_age < 0 || set_cookie_deletes(&life, now)) {
        return 0;
    }

    changed = 0;
    p = set_cookie_copy(dst, set_cookie_pair(line));
    rest = set_cookie_attrs(line);

    while (set_cookie_next(&rest, &attr)) {

        if (!attr.valid) {
            p = set_cookie_copy(p, attr.text);
            continue;
        }

        if (attr.kind == SET_COOKIE_MAX_AGE) {
            limit = max_age;
            left = --life.nmax_age;

        } else {
            limit = set_cookie_add(now, max_age);
            left = --life.nexpires;
        }

        if (attr.number <= limit) {
            p = set_cookie_copy(p, attr.text);
            continue;
        }

        changed = 1;

        /*
         * The others do not count, and rewriting each of them could make the
         * line longer than CONSENT_SET_COOKIE_EXTRA allows.
         */

        if (left == 0) {
            p = set_cookie_cap_attr(p, &attr, limit);
        }
    }

    return changed ? (size_t) (p - dst) : 0;
}


static consent_str_t
set_cookie_pair(consent_str_t line)
{
    const uint8_t  *end;

    end = line.len ? memchr(line.data, ';', line.len) : NULL;

    if (end) {
        line.len = (size_t) (end - line.data);
    }

    return line;
}


/* everything behind the pair; empty or begins with ";" */

static consent_str_t
set_cookie_attrs(consent_str_t line)
{
    size_t  len;

    len = set_cookie_pair(line).len;

    if (len == line.len) {
        return consent_str_make(line.data, 0);
    }

    return consent_str_make(line.data + len, line.len - len);
}


static int
set_cookie_next(consent_str_t *rest, set_cookie_attr_t *attr)
{
    consent_str_t     body;
    consent_cookie_t  av;

    static const consent_str_t  max_age = consent_str("max-age");
    static const consent_str_t  expires = consent_str("expires");

    if (rest->len == 0) {
        return 0;
    }

    body = set_cookie_pair(consent_str_make(rest->data + 1, rest->len - 1));

    attr->text = consent_str_make(rest->data, body.len + 1);
    attr->kind = SET_COOKIE_OTHER;
    attr->valid = 0;

    rest->data += attr->text.len;
    rest->len -= attr->text.len;

    /* without "=" there is no value, and so nothing of interest to us */

    if (!consent_cookie_next(&body, &av)) {
        return 1;
    }

    attr->value = av.value;

    if (consent_str_caseeq(av.name, max_age)) {
        attr->kind = SET_COOKIE_MAX_AGE;

    } else if (consent_str_caseeq(av.name, expires)) {
        attr->kind = SET_COOKIE_EXPIRES;
    }

    if (av.value.len > SET_COOKIE_VALUE_MAX) {
        return 1;
    }

    if (attr->kind == SET_COOKIE_MAX_AGE) {
        attr->valid = (set_cookie_max_age(av.value, &attr->number) == 0);

    } else if (attr->kind == SET_COOKIE_EXPIRES) {
        attr->valid = (consent_cookie_date(av.value, &attr->number) == 0);
    }

    return 1;
}


/* anything below zero becomes -1, anything too large the largest number */

static int
set_cookie_max_age(consent_str_t value, int64_t *seconds)
{
    size_t    i, start;
    int64_t   n, digit;

    start = (value.len && value.data[0] == '-') ? 1 : 0;

    if (value.len == start) {
        return -1;
    }

    n = 0;

    for (i = start; i < value.len; i++) {

        if (!consent_is_digit(value.data[i])) {
            return -1;
        }

        digit = value.data[i] - '0';
        n = (n > (INT64_MAX - digit) / 10) ? INT64_MAX : n * 10 + digit;
    }

    *seconds = (start && n > 0) ? -1 : n;

    return 0;
}


static void
set_cookie_life(set_cookie_life_t *life, consent_str_t line)
{
    consent_str_t      rest;
    set_cookie_attr_t  attr;

    memset(life, 0, sizeof(set_cookie_life_t));

    rest = set_cookie_attrs(line);

    while (set_cookie_next(&rest, &attr)) {

        if (!attr.valid) {
            continue;
        }

        if (attr.kind == SET_COOKIE_MAX_AGE) {
            life->max_age = attr.number;
            life->nmax_age++;

        } else {
            life->expires = attr.number;
            life->nexpires++;
        }
    }
}


static int
set_cookie_deletes(const set_cookie_life_t *life, int64_t now)
{
    if (life->nmax_age) {
        return life->max_age <= 0;
    }

    return life->nexpires && life->expires <= now;
}


static uint8_t *
set_cookie_cap_attr(uint8_t *p, const set_cookie_attr_t *attr, int64_t limit)
{
    consent_str_t  before, after;

    before.data = attr->text.data;
    before.len = (size_t) (attr->value.data - before.data);

    after.len = attr->text.len - before.len - attr->value.len;
    after.data = attr->text.data + attr->text.len - after.len;

    p = set_cookie_copy(p, before);

    if (attr->kind == SET_COOKIE_MAX_AGE) {
        p = set_cookie_decimal(p, limit);

    } else {
        consent_cookie_date_write(p, limit);
        p += CONSENT_COOKIE_DATE_LEN;
    }

    return set_cookie_copy(p, after);
}


static int64_t
set_cookie_add(int64_t now, int64_t seconds)
{
    return (now > INT64_MAX - seconds) ? INT64_MAX : now + seconds;
}


static uint8_t *
set_cookie_decimal(uint8_t *p, int64_t n)
{
    size_t   len;
    uint8_t  digits[20];

    len = 0;

    do {
        digits[len++] = (uint8_t) ('0' + n % 10);
        n /= 10;
    } while (n);

    while (len) {
        *p++ = digits[--len];
    }

    return p;
}


static uint8_t *
set_cookie_copy(uint8_t *p, consent_str_t s)
{
    if (s.len) {
        memcpy(p, s.data, s.len);
    }

    return p + s.len;
}
