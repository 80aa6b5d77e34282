/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_charref.h"
#include "consent_mark.h"


typedef struct {
    const consent_markup_t       *markup;
    const consent_markup_line_t  *line;
    const consent_markup_text_t  *text;
    const consent_sink_t         *sink;

    unsigned                      held;
    const uint8_t                *from;     /* of the tag, not passed on */
    uint32_t                      used;     /* bits of the line's renames */

    unsigned                      module:1; /* its type is "module" */
    unsigned                      has_type:1;
    unsigned                      has_class:1;
} consent_mark_t;


static void consent_mark_look(consent_mark_t *mark, const uint8_t *p,
    const uint8_t *end);
static unsigned consent_mark_is_module(consent_str_t type);
static const consent_markup_line_t *consent_mark_line(
    const consent_mark_t *mark, consent_mark_e kind, int category,
    const consent_edit_t *edits, unsigned nedits);
static uint32_t consent_mark_used(const consent_mark_t *mark,
    const consent_edit_t *edits, unsigned nedits);
static int consent_mark_frame(consent_mark_t *mark,
    const consent_mark_frame_t *frame);
static int consent_mark_insert(consent_mark_t *mark, const uint8_t *p);
static int consent_mark_edit(consent_mark_t *mark,
    const consent_edit_t *edit);
static int consent_mark_replace(consent_mark_t *mark,
    const consent_edit_t *edit);
static int consent_mark_other(consent_mark_t *mark,
    const consent_attr_t *attr);
static unsigned consent_mark_is_taken(const consent_mark_t *mark,
    consent_str_t name);
static int consent_mark_rename(consent_mark_t *mark,
    const consent_attr_t *attr, const consent_markup_rename_t *rename);
static int consent_mark_value(consent_mark_t *mark,
    const consent_edit_t *edit);
static int consent_mark_class(consent_mark_t *mark,
    const consent_attr_t *attr);
static int consent_mark_quoted(consent_mark_t *mark, const uint8_t *end);
static const consent_markup_rename_t *consent_mark_find(
    const consent_markup_line_t *line, consent_str_t name);
static unsigned consent_mark_stays(const consent_markup_rename_t *rename);
static int consent_mark_pass(consent_mark_t *mark, const uint8_t *p);
static int consent_mark_put(consent_mark_t *mark, consent_str_t text);


static const consent_str_t  consent_mark_space = consent_str(" ");
static const consent_str_t  consent_mark_open = consent_str("=\"");
static const consent_str_t  consent_mark_close = consent_str("\"");
static const consent_str_t  consent_mark_quote = consent_str("&quot;");


int
consent_mark_tag(const consent_markup_t *markup, const consent_sink_t *sink,
    consent_mark_e kind, int category, consent_str_t tag, size_t name_end,
    unsigned held, const consent_edit_t *edits, unsigned nedits,
    const consent_mark_frame_t *frame)
{
    int              rc;
    unsigned         i;
    const uint8_t   *p, *end;
    consent_attr_t   attr;
    consent_mark_t   mark;

    p = tag.data + name_end;
    end = tag.data + tag.len;

    memset(&mark, 0, sizeof(consent_mark_t));

    mark.markup = markup;
    mark.sink = sink;
    mark.held = held;
    mark.from = tag.data;

    consent_mark_look(&mark, p, end - 1);

    mark.line = consent_mark_line(&mark, kind, category, edits, nedits);
    mark.text = &mark.line->texts[category];
    mark.used = consent_mark_used(&mark, edits, nedits);

    if (consent_mark_pass(&mark, p) != 0
        || (frame && consent_mark_frame(&mark, frame) != 0)
        || consent_mark_insert(&mark, p) != 0)
    {
        return -1;
    }

    i = 0;

    while (consent_attr_next(&attr, &p, end - 1)) {

        if (i < nedits && edits[i].attr.name.data == attr.name.data) {
            rc = consent_mark_edit(&mark, &edits[i++]);

        } else {
            rc = consent_mark_other(&mark, &attr);
        }

        if (rc != 0) {
            return -1;
        }
    }

    return consent_mark_pass(&mark, end);
}


int
consent_mark_values(const consent_sink_t *sink, consent_str_t tag,
    unsigned held, const consent_edit_t *edits, unsigned nedits)
{
    unsigned        i;
    consent_mark_t  mark;

    memset(&mark, 0, sizeof(consent_mark_t));

    mark.sink = sink;
    mark.held = held;
    mark.from = tag.data;

    for (i = 0; i < nedits; i++) {
        if (consent_mark_replace(&mark, &edits[i]) != 0) {
            return -1;
        }
    }

    return consent_mark_pass(&mark, tag.data + tag.len);
}


/* what the attributes as a whole decide; of one name the first counts */

static void
consent_mark_look(consent_mark_t *mark, const uint8_t *p, const uint8_t *end)
{
    consent_attr_t  attr;

    while (consent_attr_next(&attr, &p, end)) {

        if (!mark->has_type && consent_attr_is(&attr, "type")) {
            mark->has_type = 1;
            mark->module = consent_mark_is_module(attr.value) & 1;

        } else if (!mark->has_class && consent_attr_is(&attr, "class")) {
            mark->has_class = 1;
        }
    }
}


static unsigned
consent_mark_is_module(consent_str_t type)
{
    size_t               len;
    uint8_t              buf[64];
    consent_str_t        word;
    const consent_str_t  module = consent_str("module");

    len = consent_charref_decode(buf, sizeof(buf), type);
    word = consent_str_make(buf, len);

    while (word.len && consent_is_space(word.data[0])) {
        word.data++;
        word.len--;
    }

    while (word.len && consent_is_space(word.data[word.len - 1])) {
        word.len--;
    }

    return consent_str_caseeq(word, module) ? 1 : 0;
}


static const consent_markup_line_t *
consent_mark_line(const consent_mark_t *mark, consent_mark_e kind,
    int category, const consent_edit_t *edits, unsigned nedits)
{
    unsigned                      i;
    const consent_markup_t       *markup;
    const consent_markup_line_t  *line;

    markup = mark->markup;

    if (markup->foreign & consent_bit(category)) {
        markup = markup->own;
    }

    if (kind != CONSENT_MARK_OTHER) {
        return mark->module ? markup->modules[kind] : markup->lines[kind];
    }

    line = markup->lines[CONSENT_MARK_OTHER];

    for (i = 0; i < nedits; i++) {
        if (consent_mark_find(line, edits[i].attr.name) != NULL) {
            return line;
        }
    }

    /* the platform could not bring back any of it */

    return markup->own->lines[CONSENT_MARK_OTHER];
}


/* the renames after which an attribute may be in the way of another one */

static uint32_t
consent_mark_used(const consent_mark_t *mark, const consent_edit_t *edits,
    unsigned nedits)
{
    unsigned                        i;
    uint32_t                        used;
    const consent_markup_line_t    *line;
    const consent_markup_rename_t  *rename;

    used = 0;
    line = mark->line;

    for (i = 0; i < nedits; i++) {
        rename = consent_mark_find(line, edits[i].attr.name);

        if (rename != NULL && !consent_mark_stays(rename)) {
            used |= (uint32_t) 1 << (rename - line->renames);
        }
    }

    for (i = 0; i < line->nnames; i++) {
        rename = consent_mark_find(line, line->names[i]);

        if (rename != NULL) {
            used |= (uint32_t) 1 << (rename - line->renames);
        }
    }

    return used;
}


/*
 * In front of all others: of several attributes of a name the first counts.
 * With the back button, a frame gets the URL that it had at that time and not
 * that of its src, unless it goes by another name now.
 */

static int
consent_mark_frame(consent_mark_t *mark, const consent_mark_frame_t *frame)
{
    static const consent_str_t  src =
        consent_str(" name=\"consent-blocked\" src=\"");

    if (consent_mark_put(mark, src) != 0
        || consent_mark_put(mark, frame->origin) != 0
        || consent_mark_put(mark, frame->path) != 0)
    {
        return -1;
    }

    return consent_mark_put(mark, consent_mark_close);
}


static int
consent_mark_insert(consent_mark_t *mark, const uint8_t *p)
{
    if (consent_mark_pass(mark, p) != 0
        || consent_mark_put(mark, mark->text->attrs) != 0)
    {
        return -1;
    }

    if (!mark->has_class
        && consent_mark_put(mark, mark->text->class_attr) != 0)
    {
        return -1;
    }

    return mark->has_type ? 0 : consent_mark_put(mark, mark->line->type);
}


static int
consent_mark_edit(consent_mark_t *mark, const consent_edit_t *edit)
{
    const consent_attr_t           *attr;
    const consent_markup_rename_t  *rename;

    attr = &edit->attr;
    rename = consent_mark_find(mark->line, attr->name);

    if (edit->value.data == NULL) {

        if (rename != NULL && consent_mark_stays(rename)) {
            return 0;
        }

        if (consent_mark_rename(mark, attr, rename) != 0) {
            return -1;
        }

        if (rename == NULL || rename->put.len == 0) {
            return 0;
        }

        return consent_mark_pass(mark, attr->end) != 0
               || consent_mark_put(mark, rename->put) != 0 ? -1 : 0;
    }

    if (!edit->keep) {
        return consent_mark_replace(mark, edit);
    }

    if (rename != NULL && consent_mark_stays(rename)) {
        rename = NULL;
    }

    if (consent_mark_rename(mark, attr, rename) != 0
        || consent_mark_pass(mark, attr->end) != 0
        || consent_mark_put(mark, consent_mark_space) != 0
        || mark->sink->copy(mark->sink->data, attr->name.data, attr->name.len)
           != 0)
    {
        return -1;
    }

    return consent_mark_value(mark, edit);
}


static int
consent_mark_replace(consent_mark_t *mark, const consent_edit_t *edit)
{
    const consent_attr_t  *attr;

    attr = &edit->attr;

    if (consent_mark_pass(mark, attr->name.data + attr->name.len) != 0
        || consent_mark_value(mark, edit) != 0)
    {
        return -1;
    }

    mark->from = attr->end;

    return 0;
}


/* an attribute that is not blocked, but may be in the way of what we write */

static int
consent_mark_other(consent_mark_t *mark, const consent_attr_t *attr)
{
    unsigned                      i;
    const consent_markup_line_t  *line;

    line = mark->line;

    if (mark->has_class && mark->text->class_words.len
        && consent_attr_is(attr, "class"))
    {
        mark->has_class = 0;

        return consent_mark_class(mark, attr);
    }

    for (i = 0; i < line->nnames; i++) {

        if (consent_str_caseeq(line->names[i], attr->name)) {
            return consent_mark_rename(mark, attr,
                                       consent_mark_find(line, attr->name));
        }
    }

    if (consent_mark_is_taken(mark, attr->name)) {
        return consent_mark_rename(mark, attr, NULL);
    }

    return 0;
}


/* a renamed attribute has, or will have, that name */

static unsigned
consent_mark_is_taken(const consent_mark_t *mark, consent_str_t name)
{
    unsigned  i;

    for (i = 0; mark->used >> i; i++) {

        if ((mark->used >> i & 1)
            && consent_str_caseeq(mark->line->renames[i].kept, name))
        {
            return 1;
        }
    }

    return 0;
}


/* rename NULL: by the prefix */

static int
consent_mark_rename(consent_mark_t *mark, const consent_attr_t *attr,
    const consent_markup_rename_t *rename)
{
    if (consent_mark_pass(mark, attr->name.data) != 0) {
        return -1;
    }

    if (rename == NULL) {
        return consent_mark_put(mark, mark->markup->prefix);
    }

    mark->from = attr->name.data + attr->name.len;

    return consent_mark_put(mark, rename->kept);
}


static int
consent_mark_value(consent_mark_t *mark, const consent_edit_t *edit)
{
    if (consent_mark_put(mark, consent_mark_open) != 0) {
        return -1;
    }

    if (edit->value.len
        && mark->sink->copy(mark->sink->data, edit->value.data,
                            edit->value.len)
           != 0)
    {
        return -1;
    }

    return consent_mark_put(mark, consent_mark_close);
}


/*
 * Our words go in front of those that are there: the first attribute of a
 * name counts, so that one of our own would undo the site's classes.
 */

static int
consent_mark_class(consent_mark_t *mark, const consent_attr_t *attr)
{
    unsigned        quoted;
    consent_str_t   value, words;

    value = attr->value;
    words = mark->text->class_words;

    quoted = (value.data + value.len < attr->end);

    if (quoted) {

        if (consent_mark_pass(mark, value.data) != 0
            || consent_mark_put(mark, words) != 0)
        {
            return -1;
        }

        return value.len ? consent_mark_put(mark, consent_mark_space) : 0;
    }

    if (consent_mark_pass(mark, attr->name.data + attr->name.len) != 0
        || consent_mark_put(mark, consent_mark_open) != 0
        || consent_mark_put(mark, words) != 0)
    {
        return -1;
    }

    if (value.len) {
        mark->from = value.data;

        if (consent_mark_put(mark, consent_mark_space) != 0
            || consent_mark_quoted(mark, attr->end) != 0)
        {
            return -1;
        }
    }

    mark->from = attr->end;

    return consent_mark_put(mark, consent_mark_close);
}


/* an unquoted value that gets quotes may have some itself */

static int
consent_mark_quoted(consent_mark_t *mark, const uint8_t *end)
{
    const uint8_t  *p;

    for ( ;; ) {
        p = memchr(mark->from, '"', (size_t) (end - mark->from));

        if (p == NULL) {
            return consent_mark_pass(mark, end);
        }

        if (consent_mark_pass(mark, p) != 0
            || consent_mark_put(mark, consent_mark_quote) != 0)
        {
            return -1;
        }

        mark->from = p + 1;
    }
}


static const consent_markup_rename_t *
consent_mark_find(const consent_markup_line_t *line, consent_str_t name)
{
    unsigned  i;

    for (i = 0; i < line->nrenames; i++) {
        if (consent_str_caseeq(line->renames[i].name, name)) {
            return &line->renames[i];
        }
    }

    return NULL;
}


static unsigned
consent_mark_stays(const consent_markup_rename_t *rename)
{
    return consent_str_eq(rename->name, rename->kept) ? 1 : 0;
}


static int
consent_mark_pass(consent_mark_t *mark, const uint8_t *p)
{
    const uint8_t  *from;

    from = mark->from;
    mark->from = p;

    return consent_sink_bytes(mark->sink, from, p, mark->held);
}


static int
consent_mark_put(consent_mark_t *mark, consent_str_t text)
{
    return text.len ? consent_sink_literal(mark->sink, text) : 0;
}
