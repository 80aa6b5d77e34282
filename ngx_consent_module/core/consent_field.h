/*
 * Copyright (C) ngx_consent_module authors
 *
 * Fields of a response header that make a browser fetch or report something,
 * without what of them is denied.
 */


#ifndef CONSENT_FIELD_H
#define CONSENT_FIELD_H


#include "consent_judge.h"


/*
 * Writes what of a list may stay to dst, which has room for value, and
 * returns its length; 0: nothing is left.  What stays is the same byte by
 * byte; *removed is how many elements do not.
 *
 * What is not well-formed stays or goes as a whole, from where it is not to
 * the end of the value; it goes if a browser could find anything denied there.
 */

typedef size_t (*consent_field_pt)(uint8_t *dst, consent_judge_t *judge,
    consent_str_t value, unsigned *removed);

/* Link: links that fetch */

size_t consent_field_link(uint8_t *dst, consent_judge_t *judge,
    consent_str_t value, unsigned *removed);

/*
 * Lists and dictionaries of URLs in strings (RFC 8941): Reporting-Endpoints,
 * Speculation-Rules
 */

size_t consent_field_strings(uint8_t *dst, consent_judge_t *judge,
    consent_str_t value, unsigned *removed);

/*
 * Report-To: endpoints, and groups that have none left.  The removed ones of
 * a group that stays are counted, and such a group as one.
 */

size_t consent_field_report_to(uint8_t *dst, consent_judge_t *judge,
    consent_str_t value, unsigned *removed);


/* 1: the groups of a Report-To value have the one that a NEL value names */

int consent_field_has_group(consent_str_t report_to, consent_str_t nel);


#endif /* CONSENT_FIELD_H */
