/*
 * Copyright (C) ngx_consent_module authors
 *
 * Texts are made by the same functions twice: without a place to write to
 * they tell how long the text is.
 */


#include "consent_dialect.h"
#include "consent_load.h"


/* a text that is being written; p NULL: its length is being found */

typedef struct {
    uint8_t    *p;
    size_t      len;
} consent_dialect_text_t;


static int consent_dialect_split(consent_str_t word, consent_str_t *name,
    consent_str_t *value, unsigned *arrow);
static const char *consent_dialect_value(consent_dialect_attr_t *attr,
    consent_str_t value);
static const char *consent_dialect_kept(const consent_dialect_line_t *line,
    consent_dialect_attr_t *attr, consent_str_t kept);
static consent_dialect_attr_t *consent_dialect_attr(
    consent_dialect_line_t *line, consent_str_t name);
static unsigned consent_dialect_is_name(consent_str_t name);
static unsigned consent_dialect_is_live(consent_str_t name);
static unsigned consent_dialect_is(consent_str_t s, const char *text);
static unsigned consent_dialect_type_runs(consent_str_t type);

static const consent_markup_line_t *consent_dialect_line(
    const consent_mem_t *mem, const consent_policy_t *policy,
    const consent_dialect_t *dialect, const consent_dialect_line_t *from);
static int consent_dialect_rename(const consent_mem_t *mem,
    consent_markup_line_t *line, const consent_dialect_attr_t *attr);
static int consent_dialect_texts(const consent_mem_t *mem,
    consent_markup_text_t *texts, const consent_dialect_line_t *from,
    consent_str_t name);
static int consent_dialect_make(const consent_mem_t *mem, consent_str_t *out,
    const consent_dialect_attr_t *attrs, unsigned n, unsigned classes,
    consent_str_t name);
static unsigned consent_dialect_is_inserted(
    const consent_dialect_attr_t *attr);
static unsigned consent_dialect_is_put(const consent_dialect_attr_t *attr);
static unsigned consent_dialect_keeps_type(
    const consent_dialect_line_t *line);
static void consent_dialect_write_attr(consent_dialect_text_t *text,
    consent_str_t attr, consent_str_t value, consent_str_t name);
static void consent_dialect_write_value(consent_dialect_text_t *text,
    consent_str_t value);
static void consent_dialect_write(consent_dialect_text_t *text,
    consent_str_t s);


/* no name that an attribute is kept by, and none to be put in alone */

static const char *const  consent_dialect_live[] = {
    "action",
    "archive",
    "attributionsrc",
    "background",
    "classid",
    "code",
    "codebase",
    "content",
    "data",
    "formaction",
    "href",
    "icon",
    "imagesrcset",
    "longdesc",
    "lowsrc",
    "manifest",
    "ping",
    "poster",
    "profile",
    "src",
    "srcdoc",
    "srcset",
    "style",
    "value",
    "xlink:href",
    NULL
};


static const consent_str_t  consent_dialect_type = consent_str("type");
static const consent_str_t  consent_dialect_none = { 0, NULL };


const char *
consent_dialect_add(consent_dialect_line_t *line, consent_str_t word)
{
    unsigned                 arrow;
    consent_str_t            name, value;
    consent_dialect_attr_t  *attr;

    if (consent_dialect_split(word, &name, &value, &arrow) != 0) {
        return "write NAME=VALUE for an attribute that is put in, or "
               "NAME->OTHER for one that is renamed";
    }

    if (!consent_dialect_is_name(name)) {
        return "the name of an attribute begins with a small letter and has "
               "small letters, digits and \"-\", \"_\", \".\", \":\"";
    }

    attr = consent_dialect_attr(line, name);
    if (attr == NULL) {
        return "these are too many attributes, 16 may be named: leave some "
               "out";
    }

    return arrow ? consent_dialect_kept(line, attr, value)
                 : consent_dialect_value(attr, value);
}


static int
consent_dialect_split(consent_str_t word, consent_str_t *name,
    consent_str_t *value, unsigned *arrow)
{
    size_t  i;

    for (i = 0; i < word.len; i++) {

        if (word.data[i] == '=') {
            *arrow = 0;

        } else if (word.data[i] == '-' && i + 1 < word.len
                   && word.data[i + 1] == '>')
        {
            *arrow = 1;

        } else {
            continue;
        }

        *name = consent_str_make(word.data, i);

        i += 1 + *arrow;
        *value = consent_str_make(word.data + i, word.len - i);

        return 0;
    }

    return -1;
}


static const char *
consent_dialect_value(consent_dialect_attr_t *attr, consent_str_t value)
{
    size_t  i;

    if (attr->value.data != NULL) {
        return "this attribute has a value already: remove one of them";
    }

    for (i = 0; i < value.len; i++) {

        if (value.data[i] != '%') {
            continue;
        }

        i++;

        if (i == value.len || (value.data[i] != 'c' && value.data[i] != '%')) {
            return "behind \"%\" there must be \"c\", for the name of the "
                   "category, or \"%\", for a percent sign";
        }
    }

    attr->value = value;

    return NULL;
}


static const char *
consent_dialect_kept(const consent_dialect_line_t *line,
    consent_dialect_attr_t *attr, consent_str_t kept)
{
    const uint8_t  *p;

    if (attr->kept.data != NULL) {
        return "this attribute is renamed already: remove one of them";
    }

    p = memchr(kept.data, '=', kept.len);

    if (p != NULL) {

        if (line->kind == CONSENT_DIALECT_OTHER
            || !consent_str_eq(attr->name, consent_dialect_type))
        {
            return "only the type of a script may have a value for tags "
                   "without one: remove it from \"=\" on";
        }

        attr->missing = consent_str_make(p + 1,
                                    (size_t) (kept.data + kept.len - p) - 1);
        kept.len = (size_t) (p - kept.data);

        if (memchr(attr->missing.data, '%', attr->missing.len) != NULL) {
            return "this value must have no \"%\"";
        }
    }

    if (!consent_dialect_is_name(kept)) {
        return "the new name of an attribute begins with a small letter and "
               "has small letters, digits and \"-\", \"_\", \".\", \":\"";
    }

    attr->kept = kept;

    if (consent_str_eq(attr->name, kept)) {

        if (line->kind == CONSENT_DIALECT_OTHER
            || consent_str_eq(kept, consent_dialect_type))
        {
            return "only a script, which its type keeps from running, may "
                   "keep an attribute under its name: write another name, "
                   "such as \"data-src\"";
        }

        return NULL;
    }

    if (consent_dialect_is_live(kept)) {
        return "browsers fetch what the new name holds: write another one, "
               "such as \"data-src\"";
    }

    return NULL;
}


/* the attribute of that name, a new one if there is none; NULL: no room */

static consent_dialect_attr_t *
consent_dialect_attr(consent_dialect_line_t *line, consent_str_t name)
{
    unsigned                 i;
    consent_dialect_attr_t  *attr;

    for (i = 0; i < line->nattrs; i++) {
        if (consent_str_eq(line->attrs[i].name, name)) {
            return &line->attrs[i];
        }
    }

    if (line->nattrs == CONSENT_MARKUP_ATTRS) {
        return NULL;
    }

    attr = &line->attrs[line->nattrs++];
    attr->name = name;

    return attr;
}


static unsigned
consent_dialect_is_name(consent_str_t name)
{
    size_t   i;
    uint8_t  c;

    for (i = 0; i < name.len; i++) {
        c = name.data[i];

        if (c >= 'a' && c <= 'z') {
            continue;
        }

        if (i == 0
            || (!consent_is_digit(c) && c != '-' && c != '_' && c != '.'
                && c != ':'))
        {
            return 0;
        }
    }

    return name.len != 0;
}


static unsigned
consent_dialect_is_live(consent_str_t name)
{
    const char *const  *live;

    for (live = consent_dialect_live; *live != NULL; live++) {
        if (consent_dialect_is(name, *live)) {
            return 1;
        }
    }

    return name.len > 2 && memcmp(name.data, "on", 2) == 0;
}


static unsigned
consent_dialect_is(consent_str_t s, const char *text)
{
    return consent_str_eq(s, consent_str_make((const uint8_t *) text,
                                              strlen(text)))
           ? 1 : 0;
}


const char *
consent_dialect_check(const consent_dialect_line_t *line)
{
    unsigned                       i, inert;
    const consent_dialect_attr_t  *attr;

    inert = (line->kind == CONSENT_DIALECT_OTHER);

    for (i = 0; i < line->nattrs; i++) {
        attr = &line->attrs[i];

        if (attr->value.data == NULL) {
            continue;
        }

        if (consent_dialect_is_put(attr)) {

            if (memchr(attr->value.data, '%', attr->value.len) != NULL) {
                return "the value that takes the place of another one must "
                       "have no \"%\"";
            }

            if (consent_str_eq(attr->name, attr->kept)) {
                return "an attribute cannot keep its value and get another "
                       "one: remove one of them";
            }

            continue;
        }

        if (consent_dialect_is_live(attr->name)) {
            return "an attribute that makes browsers fetch may only take the "
                   "place of a blocked one: say by which name that one is "
                   "kept, such as \"src->data-src\"";
        }

        if (consent_str_eq(attr->name, consent_dialect_type)
            && !consent_dialect_type_runs(attr->value))
        {
            inert = 1;
        }
    }

    return inert ? NULL
                 : "a script would run without consent: give it a type that "
                   "browsers do not run, such as \"type=text/plain\"";
}


static unsigned
consent_dialect_type_runs(consent_str_t type)
{
    if (memchr(type.data, '%', type.len) != NULL
        || memchr(type.data, '&', type.len) != NULL)
    {
        return 1;
    }

    return consent_load_script(type) != CONSENT_SCRIPT_NONE;
}


consent_markup_t *
consent_dialect_compile(const consent_mem_t *mem,
    const consent_policy_t *policy, const consent_markup_t *own,
    const consent_dialect_t *dialect)
{
    unsigned                       i;
    consent_markup_t              *markup;
    const consent_markup_line_t   *line, *module;
    const consent_dialect_line_t  *from;

    markup = mem->alloc(mem->data, sizeof(consent_markup_t));
    if (markup == NULL) {
        return NULL;
    }

    *markup = *own;
    markup->loaders = dialect->loaders;

    for (i = 0; dialect->only_named && i < policy->ncategories; i++) {
        if (dialect->names[i].data == NULL) {
            markup->foreign |= consent_bit(i);
        }
    }

    module = NULL;
    from = dialect->lines[CONSENT_DIALECT_MODULE];

    if (from != NULL) {
        module = consent_dialect_line(mem, policy, dialect, from);

        if (module == NULL) {
            return NULL;
        }
    }

    for (i = 0; i < CONSENT_MARK_KINDS; i++) {

        /* kinds of tags and of lines have the same numbers */

        from = dialect->lines[i];

        if (from == NULL) {
            continue;
        }

        line = consent_dialect_line(mem, policy, dialect, from);

        if (line == NULL) {
            return NULL;
        }

        markup->lines[i] = line;

        if (i == CONSENT_MARK_OTHER) {
            break;
        }

        if (module != NULL) {
            markup->modules[i] = module;

        } else if (consent_dialect_keeps_type(from)) {
            markup->modules[i] = line;
        }
    }

    return markup;
}


static const consent_markup_line_t *
consent_dialect_line(const consent_mem_t *mem, const consent_policy_t *policy,
    const consent_dialect_t *dialect, const consent_dialect_line_t *from)
{
    unsigned                       i;
    consent_str_t                  name;
    consent_markup_line_t         *line;
    const consent_dialect_attr_t  *attr;

    line = mem->alloc(mem->data, sizeof(consent_markup_line_t));
    if (line == NULL) {
        return NULL;
    }

    memset(line, 0, sizeof(consent_markup_line_t));

    line->texts = mem->alloc(mem->data, sizeof(consent_markup_text_t)
                                        * CONSENT_MAX_CATEGORIES);
    if (line->texts == NULL) {
        return NULL;
    }

    memset(line->texts, 0, sizeof(consent_markup_text_t)
                           * CONSENT_MAX_CATEGORIES);

    for (i = 0; i < from->nattrs; i++) {
        attr = &from->attrs[i];

        if (consent_dialect_is_inserted(attr)
            && !consent_dialect_is(attr->name, "class"))
        {
            line->names[line->nnames++] = attr->name;
        }

        if (attr->kept.data != NULL
            && consent_dialect_rename(mem, line, attr) != 0)
        {
            return NULL;
        }
    }

    for (i = 0; i < policy->ncategories; i++) {
        name = dialect->names[i].data ? dialect->names[i]
                                      : policy->categories[i].name;

        if (consent_dialect_texts(mem, &line->texts[i], from, name) != 0) {
            return NULL;
        }
    }

    return line;
}


static int
consent_dialect_rename(const consent_mem_t *mem, consent_markup_line_t *line,
    const consent_dialect_attr_t *attr)
{
    consent_dialect_attr_t    missing;
    consent_markup_rename_t  *rename;

    rename = &line->renames[line->nrenames++];

    rename->name = attr->name;
    rename->kept = attr->kept;

    if (consent_dialect_is_put(attr)
        && consent_dialect_make(mem, &rename->put, attr, 1, 0,
                                consent_dialect_none)
           != 0)
    {
        return -1;
    }

    if (attr->missing.data == NULL) {
        return 0;
    }

    memset(&missing, 0, sizeof(consent_dialect_attr_t));

    missing.name = attr->kept;
    missing.value = attr->missing;

    return consent_dialect_make(mem, &line->type, &missing, 1, 0,
                                consent_dialect_none);
}


static int
consent_dialect_texts(const consent_mem_t *mem, consent_markup_text_t *texts,
    const consent_dialect_line_t *from, consent_str_t name)
{
    size_t                  skip;
    consent_dialect_attr_t  attrs[CONSENT_MARKUP_ATTRS];
    unsigned                i, n;

    n = 0;

    for (i = 0; i < from->nattrs; i++) {
        if (consent_dialect_is_inserted(&from->attrs[i])) {
            attrs[n++] = from->attrs[i];
        }
    }

    if (consent_dialect_make(mem, &texts->attrs, attrs, n, 0, name) != 0
        || consent_dialect_make(mem, &texts->class_attr, attrs, n, 1, name)
           != 0)
    {
        return -1;
    }

    /* what is between the quotes */

    skip = sizeof(" class=\"") - 1;

    if (texts->class_attr.len > skip + 1) {
        texts->class_words = consent_str_make(texts->class_attr.data + skip,
                                          texts->class_attr.len - skip - 1);
    }

    return 0;
}


/* the attributes as they are written: class alone, or all others */

static int
consent_dialect_make(const consent_mem_t *mem, consent_str_t *out,
    const consent_dialect_attr_t *attrs, unsigned n, unsigned classes,
    consent_str_t name)
{
    uint8_t                *start;
    unsigned                i, pass;
    consent_dialect_text_t  text;

    start = NULL;
    *out = consent_dialect_none;

    for (pass = 0; pass < 2; pass++) {

        text.p = start;
        text.len = 0;

        for (i = 0; i < n; i++) {
            if (consent_dialect_is(attrs[i].name, "class") == classes) {
                consent_dialect_write_attr(&text, attrs[i].name,
                                           attrs[i].value, name);
            }
        }

        if (text.len == 0) {
            return 0;
        }

        if (start == NULL) {
            start = mem->alloc(mem->data, text.len);

            if (start == NULL) {
                return -1;
            }
        }
    }

    *out = consent_str_make(start, text.len);

    return 0;
}


/* the type of a script is put in front, where it counts, wherever the old
   one is kept */

static unsigned
consent_dialect_is_inserted(const consent_dialect_attr_t *attr)
{
    return attr->value.data != NULL && !consent_dialect_is_put(attr);
}


static unsigned
consent_dialect_is_put(const consent_dialect_attr_t *attr)
{
    return attr->value.data != NULL && attr->kept.data != NULL
           && !consent_str_eq(attr->name, consent_dialect_type);
}


static unsigned
consent_dialect_keeps_type(const consent_dialect_line_t *line)
{
    unsigned  i;

    for (i = 0; i < line->nattrs; i++) {
        if (line->attrs[i].kept.data != NULL
            && consent_str_eq(line->attrs[i].name, consent_dialect_type))
        {
            return 1;
        }
    }

    return 0;
}


static void
consent_dialect_write_attr(consent_dialect_text_t *text, consent_str_t attr,
    consent_str_t value, consent_str_t name)
{
    size_t               i;
    const consent_str_t  space = consent_str(" ");
    const consent_str_t  open = consent_str("=\"");
    const consent_str_t  close = consent_str("\"");

    consent_dialect_write(text, space);
    consent_dialect_write(text, attr);
    consent_dialect_write(text, open);

    for (i = 0; i < value.len; i++) {

        if (value.data[i] == '%' && i + 1 < value.len) {
            i++;

            if (value.data[i] == 'c') {
                consent_dialect_write_value(text, name);
                continue;
            }
        }

        consent_dialect_write_value(text, consent_str_make(value.data + i, 1));
    }

    consent_dialect_write(text, close);
}


/* fit for quotes of both kinds, and for XML */

static void
consent_dialect_write_value(consent_dialect_text_t *text, consent_str_t value)
{
    size_t               i;
    const consent_str_t  amp = consent_str("&amp;");
    const consent_str_t  lt = consent_str("&lt;");
    const consent_str_t  quot = consent_str("&quot;");
    const consent_str_t  apos = consent_str("&#39;");

    for (i = 0; i < value.len; i++) {

        switch (value.data[i]) {

        case '&':
            consent_dialect_write(text, amp);
            break;

        case '<':
            consent_dialect_write(text, lt);
            break;

        case '"':
            consent_dialect_write(text, quot);
            break;

        case '\'':
            consent_dialect_write(text, apos);
            break;

        default:
            consent_dialect_write(text, consent_str_make(value.data + i, 1));
            break;
        }
    }
}


static void
consent_dialect_write(consent_dialect_text_t *text, consent_str_t s)
{
    if (text->p != NULL) {
        memcpy(text->p + text->len, s.data, s.len);
    }

    text->len += s.len;
}
