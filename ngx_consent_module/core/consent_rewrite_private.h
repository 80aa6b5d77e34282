/*
 * Copyright (C) ngx_consent_module authors
 *
 * What consent_rewrite.c, which rewrites tags, and consent_rewrite_text.c,
 * which reads the texts of scripts and style sheets, share.  Nobody else
 * includes it.
 */


#ifndef CONSENT_REWRITE_PRIVATE_H
#define CONSENT_REWRITE_PRIVATE_H


#include "consent_rewrite.h"
#include "consent_value.h"


enum {
    RW_MARKUP = 0,
    RW_LONG_TAG,        /* consent_long_tag passes on the bytes */
    RW_SCRIPT,          /* an inline script is being judged */
    RW_STYLE,           /* a style sheet is being read */
    RW_DROP             /* the text of a removed element */
};


/* where a style sheet stands */

enum {
    STYLE_TEXT = 0,
    STYLE_URL,          /* the URL is held */
    STYLE_PASS,         /* it was too long; the rest of it passes */
    STYLE_DROP          /* it was too long and denied */
};


/* attributes to change in one tag; one that has more is a long tag */

#define CONSENT_REWRITE_EDITS   32

/* documents within documents; what is deeper is denied */

#define CONSENT_REWRITE_DEPTH   4

/* what is held first; most tags that are cut are short */

#define CONSENT_REWRITE_HOLD    1024

typedef struct {
    consent_edit_t    edits[CONSENT_REWRITE_EDITS];
    unsigned          nedits;

    int               category;     /* of the first that is denied */
    unsigned          tags;         /* 1: the tag itself is blocked */
    unsigned          main;         /* ... in what it is there for */
    unsigned          source;       /* 1: a script that is not inline */
    unsigned          passed;       /* attributes that fetch something, all or
                                       in part */
    unsigned          overflow;
} consent_verdict_t;


/* all functions return 0, or -1 as the sink or the memory says, if not told */

/* consent_rewrite.c */

/* writes or drops a start tag by its verdict; held: it is in rw->hold */

int consent_rewrite_block(consent_rewrite_t *rw, consent_str_t tag,
    unsigned held, consent_verdict_t *verdict);

/* the input goes on behind end, in the middle of whatever it is */

int consent_rewrite_more(consent_rewrite_t *rw, const uint8_t *end);

/* notes the byte before the tag that begins in this input */

void consent_rewrite_note_before(consent_rewrite_t *rw);

/* the tag that is held, of the view, is a long one */

void consent_rewrite_long_start(consent_rewrite_t *rw,
    const consent_html_view_t *view);

/* all up to p, but for the last keep bytes of it, is of the long tag */

int consent_rewrite_long_feed(consent_rewrite_t *rw, const uint8_t *p,
    size_t keep);

/* counts a long tag that has ended */

void consent_rewrite_long_done(consent_rewrite_t *rw);


/*
 * consent_rewrite_views.c: tags that the scanner's shadow sees, by the events
 * of that name; _more() is for input that ends within such a tag
 */

int consent_rewrite_tag_cut(consent_rewrite_t *rw, const uint8_t *p);
int consent_rewrite_shadow(consent_rewrite_t *rw, const uint8_t *p);
int consent_rewrite_shadow_tag(consent_rewrite_t *rw, const uint8_t *p);
int consent_rewrite_shadow_lost(consent_rewrite_t *rw, const uint8_t *p);
int consent_rewrite_third(consent_rewrite_t *rw, const uint8_t *p);
int consent_rewrite_shadow_more(consent_rewrite_t *rw, const uint8_t *end);


/* consent_rewrite_judge.c */

/* which attributes are to be changed; category is set if there are any */

int consent_rewrite_judge(consent_rewrite_t *rw, consent_verdict_t *verdict,
    const consent_attrs_t *attrs);

/* 1: the tag judged last is a script, and no data block */

int consent_rewrite_is_script(const consent_rewrite_t *rw);


/* consent_rewrite_count.c */

/* one more is blocked, of that kind (consent_blocked_e) */

void consent_rewrite_count(consent_rewrite_t *rw, int category,
    unsigned kind);

/* the kind of a start tag by its element; a script is one with a source */

extern const uint8_t  consent_rewrite_kinds[UINT8_MAX + 1];


static inline uint8_t
consent_rewrite_kind(const consent_element_t *el)
{
    return el ? consent_rewrite_kinds[el->id] : CONSENT_BLOCKED_OTHER;
}



/* consent_rewrite_srcdoc.c */

/*
 * A document within the document.  Returns its first denied category, with
 * the rewritten document in edit; if that is not possible, all of it is
 * denied.
 */

int consent_rewrite_srcdoc(consent_rewrite_t *rw, consent_str_t text,
    consent_edit_t *edit);


/* consent_rewrite_hold.c */

/* passes on all up to p */

int consent_rewrite_pass(consent_rewrite_t *rw, const uint8_t *p);

/* ... but for the last keep bytes of it, which are few and held */

int consent_rewrite_pass_but(consent_rewrite_t *rw, const uint8_t *p,
    size_t keep);

/* moves all up to p into hold; the caller has seen that it fits */

int consent_rewrite_hold(consent_rewrite_t *rw, const uint8_t *p);

/* passes on the first len bytes of what is in hold and in the input */

int consent_rewrite_release(consent_rewrite_t *rw, size_t len);

/* makes hold as large as needed, at most a byte more than the limit */

int consent_rewrite_grow(consent_rewrite_t *rw, size_t needed);

/* memory of the document, NULL if there is none */

void *consent_rewrite_alloc(const consent_rewrite_t *rw, size_t size);

/* what is free of the memory for new values; its data is NULL if none is */

void consent_rewrite_value(consent_rewrite_t *rw, consent_value_t *value);


/* consent_rewrite_text.c */

/*
 * Judges the script in hold and up to p; final: it ends there, with tail
 * bytes that are not its text
 */

int consent_rewrite_script(consent_rewrite_t *rw, const uint8_t *p,
    unsigned final, size_t tail);

void consent_rewrite_style_begin(consent_rewrite_t *rw);

/* reads a style sheet up to p, or to its end there, which is behind tail */

int consent_rewrite_style(consent_rewrite_t *rw, const uint8_t *p);
int consent_rewrite_style_end(consent_rewrite_t *rw, const uint8_t *p,
    consent_str_t tail);
int consent_rewrite_style_cut(consent_rewrite_t *rw, const uint8_t *p,
    consent_str_t cut);


#endif /* CONSENT_REWRITE_PRIVATE_H */
