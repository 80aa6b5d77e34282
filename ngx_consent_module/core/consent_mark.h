/*
 * Copyright (C) ngx_consent_module authors
 *
 * Writes the start tag of a blocked element in the dialect of its markup.
 *
 * Attributes are put in, renamed, and given other values; none is taken out
 * and no other byte is changed, so that whatever stands between them keeps
 * its meaning, in broken tags too.
 */


#ifndef CONSENT_MARK_H
#define CONSENT_MARK_H


#include "consent_attr.h"
#include "consent_markup.h"
#include "consent_sink.h"


/*
 * What becomes of one attribute.  With value.data NULL it is renamed, or left
 * as it is where the dialect says so.  Otherwise a new attribute of its name
 * and this value, escaped for double quotes, takes its place; with keep, what
 * it was stays beside it under its other name.
 */

typedef struct {
    consent_attr_t      attr;           /* a view into the tag */
    consent_str_t       value;
    unsigned            keep:1;
} consent_edit_t;


/* where a blocked frame leads instead: both parts of it together, escaped */

typedef struct {
    consent_str_t       origin;
    consent_str_t       path;
} consent_mark_frame_t;


/*
 * Writes tag, from "<" to ">"; name_end is the length of "<" and the tag name,
 * held as for consent_sink_bytes().  edits are in order of position; of a name
 * that is to be renamed they have all occurrences.  The type of a script is
 * found here and need not be among them.  frame may be NULL.  0, or -1 as the
 * sink says.
 */

int consent_mark_tag(const consent_markup_t *markup,
    const consent_sink_t *sink, consent_mark_e kind, int category,
    consent_str_t tag, size_t name_end, unsigned held,
    const consent_edit_t *edits, unsigned nedits,
    const consent_mark_frame_t *frame);

/* the same for a tag that is not blocked: with other values, all of edits */

int consent_mark_values(const consent_sink_t *sink, consent_str_t tag,
    unsigned held, const consent_edit_t *edits, unsigned nedits);


#endif /* CONSENT_MARK_H */
