/*
 * Copyright (C) ngx_consent_module authors
 *
 * How a blocked tag is written: the attributes that make it inert, name its
 * category and keep what it was, so that a script of the site can bring it
 * back to life.
 *
 * The dialect "consent" is the module's own.  Those of consent platforms come
 * from the configuration (consent_dialect.h); where one of them has nothing
 * that its platform could bring back, the tag is written in "consent".
 */


#ifndef CONSENT_MARKUP_H
#define CONSENT_MARKUP_H


#include "consent_element.h"
#include "consent_match.h"
#include "consent_policy.h"


/* attributes and renames in one line of a dialect */

#define CONSENT_MARKUP_ATTRS  16


typedef enum {
    CONSENT_MARK_SCRIPT = 0,    /* a script with a denied src */
    CONSENT_MARK_INLINE,        /* a script with a denied text */
    CONSENT_MARK_OTHER
} consent_mark_e;

#define CONSENT_MARK_KINDS  (CONSENT_MARK_OTHER + 1)


/*
 * All texts outlive every request, are escaped, and begin with a space where
 * they are attributes.
 */

typedef struct {
    consent_str_t            attrs;     /* put in behind the tag name */
    consent_str_t            class_attr;    /* a class attribute; may be empty,
                                           as the tag may have none */
    consent_str_t            class_words;   /* its value */
} consent_markup_text_t;


typedef struct {
    consent_str_t            name;      /* of the attribute, lower case */
    consent_str_t            kept;      /* its name in a blocked tag; the same
                                           name: it stays as it is */
    consent_str_t            put;       /* attribute in its place, or empty */
} consent_markup_rename_t;


/* what is done to one kind of tag */

typedef struct {
    consent_str_t            names[CONSENT_MARKUP_ATTRS];   /* in attrs */
    unsigned                 nnames;

    consent_markup_rename_t  renames[CONSENT_MARKUP_ATTRS];
    unsigned                 nrenames;

    consent_str_t            type;      /* put in where the tag has no type,
                                           or empty */
    consent_markup_text_t   *texts;     /* one for each category */
} consent_markup_line_t;


/* of the dialect "consent", for tags that are never at hand as a whole */

typedef struct {
    consent_str_t            script;    /* type="text/plain" and category */
    consent_str_t            empty;     /* the same, and an empty src */
    consent_str_t            other;     /* category */
} consent_markup_category_t;


typedef struct consent_markup_s  consent_markup_t;

struct consent_markup_s {
    consent_str_t                 prefix;   /* of attributes that are renamed
                                               and no line names */
    consent_markup_category_t     categories[CONSENT_MAX_CATEGORIES];

    const consent_markup_line_t  *lines[CONSENT_MARK_KINDS];
    const consent_markup_line_t  *modules[CONSENT_MARK_OTHER];
                                            /* scripts of type "module" */

    const consent_markup_t       *own;      /* the dialect "consent" */
    consent_mask_t                foreign;  /* categories that the platform
                                               does not know: written so */
    const consent_match_t        *loaders;  /* the platform's own scripts, as
                                               resource rules; or NULL */
};


/* the dialect "consent"; NULL: out of memory */

consent_markup_t *consent_markup_create(const consent_mem_t *mem,
    const consent_policy_t *policy);


/*
 * The URL is of the consent platform that the dialect is made for, and must
 * be fetched whatever is denied.  own_site: as for consent_match_resource().
 */

int consent_markup_is_loader(const consent_markup_t *markup,
    const consent_url_t *url, unsigned own_site);


/*
 * Put in front of a script's text this makes it a syntax error, so that none
 * of it runs, whether it lands in code, a comment, a string, a template or a
 * regular expression.
 */

extern const consent_str_t  consent_markup_spoiler;


#endif /* CONSENT_MARKUP_H */
