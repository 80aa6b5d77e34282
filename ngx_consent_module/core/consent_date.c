/*
 * Copyright (C) ngx_consent_module authors
 *
 * Dates in cookies: the lenient reading of RFC 6265 section 5.1.1, which
 * looks at the tokens of a date in any order, and the one form in which we
 * write them.  Calendar arithmetic is done here because timegm() and the
 * like depend on the environment.
 */


#include "consent_cookie.h"


#define DATE_YEAR_MIN  1601
#define DATE_YEAR_MAX  9999

#define DATE_DAY       86400


typedef struct {
    unsigned       year;
    unsigned       month;           /* 0..11 */
    unsigned       day;
    unsigned       hour;
    unsigned       minute;
    unsigned       second;

    unsigned       found_time:1;
    unsigned       found_day:1;
    unsigned       found_month:1;
    unsigned       found_year:1;
} date_t;


static int date_token(consent_str_t *rest, consent_str_t *token);
static int date_is_delimiter(uint8_t c);
static void date_take(date_t *date, consent_str_t token);
static int date_take_time(date_t *date, consent_str_t token);
static int date_take_number(consent_str_t *s, size_t min, size_t max,
    unsigned *number);
static int date_take_month(date_t *date, consent_str_t token);
static int date_valid(date_t *date);
static int date_leap(unsigned year);
static unsigned date_month_days(unsigned year, unsigned month);
static int64_t date_year_days(unsigned year);
static int64_t date_seconds(const date_t *date);
static void date_split(date_t *date, int64_t days, int64_t seconds);
static uint8_t *date_digits(uint8_t *p, unsigned number, unsigned width);


static const uint8_t  date_months[12][3] = {
    { 'J', 'a', 'n' }, { 'F', 'e', 'b' }, { 'M', 'a', 'r' },
    { 'A', 'p', 'r' }, { 'M', 'a', 'y' }, { 'J', 'u', 'n' },
    { 'J', 'u', 'l' }, { 'A', 'u', 'g' }, { 'S', 'e', 'p' },
    { 'O', 'c', 't' }, { 'N', 'o', 'v' }, { 'D', 'e', 'c' }
};

static const uint8_t  date_weekdays[7][3] = {
    { 'M', 'o', 'n' }, { 'T', 'u', 'e' }, { 'W', 'e', 'd' },
    { 'T', 'h', 'u' }, { 'F', 'r', 'i' }, { 'S', 'a', 't' },
    { 'S', 'u', 'n' }
};

static const uint8_t  date_zone[4] = { ' ', 'G', 'M', 'T' };


int
consent_cookie_date(consent_str_t text, int64_t *time)
{
    date_t         date;
    consent_str_t  token;

    memset(&date, 0, sizeof(date));

    while (date_token(&text, &token)) {
        date_take(&date, token);
    }

    if (!date_valid(&date)) {
        return -1;
    }

    *time = date_seconds(&date);

    return 0;
}


void
consent_cookie_date_write(uint8_t dst[CONSENT_COOKIE_DATE_LEN], int64_t time)
{
    date_t    date;
    int64_t   first, last, seconds;
    uint8_t  *p;

    first = (date_year_days(DATE_YEAR_MIN) - date_year_days(1970)) * DATE_DAY;
    last = (date_year_days(DATE_YEAR_MAX + 1) - date_year_days(1970))
           * DATE_DAY - 1;

    if (time < first) {
        time = first;
    }

    if (time > last) {
        time = last;
    }

    /* counted from the first of January of year 1, which was a Monday */

    seconds = time + date_year_days(1970) * DATE_DAY;

    date_split(&date, seconds / DATE_DAY, seconds % DATE_DAY);

    p = dst;

    memcpy(p, date_weekdays[seconds / DATE_DAY % 7], 3);
    p += 3;

    *p++ = ',';
    *p++ = ' ';
    p = date_digits(p, date.day, 2);
    *p++ = ' ';

    memcpy(p, date_months[date.month], 3);
    p += 3;

    *p++ = ' ';
    p = date_digits(p, date.year, 4);
    *p++ = ' ';
    p = date_digits(p, date.hour, 2);
    *p++ = ':';
    p = date_digits(p, date.minute, 2);
    *p++ = ':';
    p = date_digits(p, date.second, 2);

    memcpy(p, date_zone, sizeof(date_zone));
}


static int
date_token(consent_str_t *rest, consent_str_t *token)
{
    while (rest->len && date_is_delimiter(rest->data[0])) {
        rest->data++;
        rest->len--;
    }

    *token = consent_str_make(rest->data, 0);

    while (rest->len && !date_is_delimiter(rest->data[0])) {
        rest->data++;
        rest->len--;
        token->len++;
    }

    return token->len != 0;
}


static int
date_is_delimiter(uint8_t c)
{
    return c == 0x09
           || (c >= 0x20 && c <= 0x2f)
           || (c >= 0x3b && c <= 0x40)
           || (c >= 0x5b && c <= 0x60)
           || (c >= 0x7b && c <= 0x7e);
}


/*
 * A token is the first of time, day, month and year that it can be and that
 * is not known yet.  Nothing is undone later: "70 01 Jan 00:00:00" has the
 * day 70 and is no date.
 */

static void
date_take(date_t *date, consent_str_t token)
{
    consent_str_t  s;

    if (!date->found_time && date_take_time(date, token)) {
        date->found_time = 1;
        return;
    }

    s = token;

    if (!date->found_day && date_take_number(&s, 1, 2, &date->day)) {
        date->found_day = 1;
        return;
    }

    if (!date->found_month && date_take_month(date, token)) {
        date->found_month = 1;
        return;
    }

    s = token;

    if (!date->found_year && date_take_number(&s, 2, 4, &date->year)) {
        date->found_year = 1;
    }
}


static int
date_take_time(date_t *date, consent_str_t token)
{
    unsigned  i, field[3];

    for (i = 0; i < 3; i++) {

        if (i > 0) {
            if (token.len == 0 || token.data[0] != ':') {
                return 0;
            }

            token.data++;
            token.len--;
        }

        if (!date_take_number(&token, 1, 2, &field[i])) {
            return 0;
        }
    }

    date->hour = field[0];
    date->minute = field[1];
    date->second = field[2];

    return 1;
}


/* min to max digits off the front, followed by no further digit */

static int
date_take_number(consent_str_t *s, size_t min, size_t max, unsigned *number)
{
    size_t    i;
    unsigned  n;

    n = 0;

    for (i = 0; i < s->len && consent_is_digit(s->data[i]); i++) {

        if (i == max) {
            return 0;
        }

        n = n * 10 + (unsigned) (s->data[i] - '0');
    }

    if (i < min) {
        return 0;
    }

    *number = n;
    s->data += i;
    s->len -= i;

    return 1;
}


static int
date_take_month(date_t *date, consent_str_t token)
{
    unsigned  i;

    if (token.len < 3) {
        return 0;
    }

    token.len = 3;

    for (i = 0; i < 12; i++) {
        if (consent_str_caseeq(token, consent_str_make(date_months[i], 3))) {
            date->month = i;
            return 1;
        }
    }

    return 0;
}


static int
date_valid(date_t *date)
{
    if (!date->found_time
        || !date->found_day
        || !date->found_month
        || !date->found_year)
    {
        return 0;
    }

    if (date->year >= 70 && date->year <= 99) {
        date->year += 1900;

    } else if (date->year < 70) {
        date->year += 2000;
    }

    return date->year >= DATE_YEAR_MIN
           && date->day >= 1
           && date->day <= date_month_days(date->year, date->month)
           && date->hour <= 23
           && date->minute <= 59
           && date->second <= 59;
}


static int
date_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}


static unsigned
date_month_days(unsigned year, unsigned month)
{
    static const uint8_t  days[12] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };

    if (month == 1 && date_leap(year)) {
        return 29;
    }

    return days[month];
}


/* days from the beginning of year 1 to the beginning of the given one */

static int64_t
date_year_days(unsigned year)
{
    int64_t  n;

    n = (int64_t) year - 1;

    return n * 365 + n / 4 - n / 100 + n / 400;
}


static int64_t
date_seconds(const date_t *date)
{
    int64_t   days;
    unsigned  month;

    days = date_year_days(date->year) - date_year_days(1970);

    for (month = 0; month < date->month; month++) {
        days += date_month_days(date->year, month);
    }

    days += (int64_t) date->day - 1;

    return days * DATE_DAY + (int64_t) date->hour * 3600
           + (int64_t) date->minute * 60 + (int64_t) date->second;
}


static void
date_split(date_t *date, int64_t days, int64_t seconds)
{
    unsigned  length;

    /* never too late, and within the years we know at most seven early */

    date->year = (unsigned) (days / 366) + 1;

    while (date_year_days(date->year + 1) <= days) {
        date->year++;
    }

    days -= date_year_days(date->year);

    for (date->month = 0; /* void */ ; date->month++) {
        length = date_month_days(date->year, date->month);

        if (days < length) {
            break;
        }

        days -= length;
    }

    date->day = (unsigned) days + 1;

    date->hour = (unsigned) (seconds / 3600);
    date->minute = (unsigned) (seconds % 3600 / 60);
    date->second = (unsigned) (seconds % 60);
}


static uint8_t *
date_digits(uint8_t *p, unsigned number, unsigned width)
{
    unsigned  i;

    for (i = width; i > 0; i--) {
        p[i - 1] = (uint8_t) ('0' + number % 10);
        number /= 10;
    }

    return p + width;
}
