/*
 * Copyright (C) ngx_consent_module authors
 *
 * JSON (RFC 8259) read in place, for texts of which a part is to be taken out
 * and the rest is to stay as it is, byte by byte.  Values are views.
 */


#ifndef CONSENT_JSON_H
#define CONSENT_JSON_H


#include "consent_str.h"


/* arrays and objects in one another */

#define CONSENT_JSON_DEPTH  32


typedef struct {
    consent_str_t   key;        /* with its quotes; empty in an array */
    consent_str_t   value;      /* without white space around it */
    consent_str_t   text;       /* both and what is between them */
} consent_json_t;


typedef struct {
    consent_str_t   rest;
    unsigned        keys:1;
    unsigned        begun:1;    /* a comma is to follow */
} consent_json_list_t;


/* the elements of a text that is what an array has between its brackets */

void consent_json_start(consent_json_list_t *list, consent_str_t text);

/* those of an array ("[") or an object ("{"); 0: value is something else */

int consent_json_enter(consent_json_list_t *list, consent_str_t value,
    uint8_t open);

/* 1: element is the next one; 0: no more; -1: not JSON */

int consent_json_next(consent_json_t *element, consent_json_list_t *list);

/*
 * A string with its escapes undone, as UTF-8, in dst.  0; -1: value is no
 * string, or its text does not fit.
 */

int consent_json_string(uint8_t *dst, size_t size, consent_str_t value,
    consent_str_t *text);

/* the text of a string is that, which is ASCII without escapes */

int consent_json_is(consent_str_t value, const char *text);


#endif /* CONSENT_JSON_H */
