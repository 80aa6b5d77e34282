/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_charref.h"
#include "consent_load.h"


/* longer types and link types are none that anybody knows */

#define CONSENT_LOAD_MAX_TYPE  64
#define CONSENT_LOAD_MAX_REL   512


/* when the attribute counts */

#define ALWAYS   0
#define FOREIGN  1      /* in svg and XML */
#define RUNS     2      /* the script is no data block */
#define FETCHES  3      /* the rel of a link says so */
#define IMAGE    4      /* <input type=image> */
#define REFRESH  5      /* <meta http-equiv=refresh> */
#define MOVIE    6      /* a param whose value is a URL */

/* remove drops the element with it */

#define KEEP  0
#define MAIN  1

typedef struct {
    uint8_t        attr;
    uint8_t        kind;
    uint8_t        when;
    uint8_t        main;
} consent_load_t;


#define load(attr, kind, when, main)                                          \
    { CONSENT_ATTR_ ## attr, CONSENT_LOAD_ ## kind, when, main }

#define loads_end  { CONSENT_ATTR_OTHER, 0, 0, 0 }


/* one list an element; a new load is a line here */

static const consent_load_t  consent_loads_script[] = {
    load(SRC,           URL,     RUNS,    MAIN),
    load(HREF,          URL,     FOREIGN, MAIN),
    load(XLINK_HREF,    URL,     FOREIGN, MAIN),
    loads_end
};

static const consent_load_t  consent_loads_iframe[] = {
    load(SRC,           URL,     ALWAYS,  MAIN),
    load(SRCDOC,        HTML,    ALWAYS,  KEEP),
    loads_end
};

static const consent_load_t  consent_loads_frame[] = {
    load(SRC,           URL,     ALWAYS,  KEEP),
    loads_end
};

static const consent_load_t  consent_loads_fencedframe[] = {
    load(SRC,           URL,     ALWAYS,  KEEP),
    loads_end
};

static const consent_load_t  consent_loads_embed[] = {
    load(SRC,           URL,     ALWAYS,  MAIN),
    loads_end
};

static const consent_load_t  consent_loads_object[] = {
    load(DATA,          URL,     ALWAYS,  KEEP),
    load(CODEBASE,      URL,     ALWAYS,  KEEP),
    loads_end
};

static const consent_load_t  consent_loads_param[] = {
    load(VALUE,         URL,     MOVIE,   MAIN),
    loads_end
};

static const consent_load_t  consent_loads_img[] = {
    load(SRC,           URL,     ALWAYS,  MAIN),
    load(SRCSET,        SRCSET,  ALWAYS,  KEEP),
    load(LOWSRC,        URL,     ALWAYS,  KEEP),
    loads_end
};

static const consent_load_t  consent_loads_image[] = {
    load(SRC,           URL,     ALWAYS,  MAIN),
    load(SRCSET,        SRCSET,  ALWAYS,  KEEP),
    load(HREF,          URL,     ALWAYS,  KEEP),
    load(XLINK_HREF,    URL,     ALWAYS,  KEEP),
    loads_end
};

static const consent_load_t  consent_loads_source[] = {
    load(SRC,           URL,     ALWAYS,  MAIN),
    load(SRCSET,        SRCSET,  ALWAYS,  KEEP),
    loads_end
};

static const consent_load_t  consent_loads_input[] = {
    load(SRC,           URL,     IMAGE,   KEEP),
    loads_end
};

static const consent_load_t  consent_loads_audio[] = {
    load(SRC,           URL,     ALWAYS,  KEEP),
    loads_end
};

static const consent_load_t  consent_loads_video[] = {
    load(SRC,           URL,     ALWAYS,  KEEP),
    load(POSTER,        URL,     ALWAYS,  KEEP),
    loads_end
};

static const consent_load_t  consent_loads_track[] = {
    load(SRC,           URL,     ALWAYS,  MAIN),
    loads_end
};

static const consent_load_t  consent_loads_link[] = {
    load(HREF,          URL,     FETCHES, MAIN),
    load(IMAGESRCSET,   SRCSET,  FETCHES, KEEP),
    loads_end
};

static const consent_load_t  consent_loads_meta[] = {
    load(CONTENT,       REFRESH, REFRESH, MAIN),
    loads_end
};

static const consent_load_t  consent_loads_model[] = {
    load(SRC,           URL,     ALWAYS,  MAIN),
    load(POSTER,        URL,     ALWAYS,  KEEP),
    loads_end
};

static const consent_load_t  consent_loads_use[] = {
    load(HREF,          URL,     ALWAYS,  KEEP),
    load(XLINK_HREF,    URL,     ALWAYS,  KEEP),
    loads_end
};

static const consent_load_t  consent_loads_feimage[] = {
    load(HREF,          URL,     ALWAYS,  KEEP),
    load(XLINK_HREF,    URL,     ALWAYS,  KEEP),
    loads_end
};

static const consent_load_t  consent_loads_animate[] = {
    load(FROM,       URL,     FOREIGN,  KEEP),
    load(TO,         URL,     FOREIGN,  KEEP),
    load(BY,         URL,     FOREIGN,  KEEP),
    load(VALUES,     URLS,    FOREIGN,  KEEP),
    loads_end
};

/* attributes of any element; the scanner knows their names, too */

static const consent_load_t  consent_loads_any[CONSENT_ATTR_IDS] = {
    [CONSENT_ATTR_STYLE] =
        load(STYLE, CSS, ALWAYS, KEEP),
    [CONSENT_ATTR_BACKGROUND] =
        load(BACKGROUND, URL, ALWAYS, KEEP),
    [CONSENT_ATTR_PING] =
        load(PING, URLS, ALWAYS, KEEP),
    [CONSENT_ATTR_ATTRIBUTIONSRC] =
        load(ATTRIBUTIONSRC, URLS, ALWAYS, KEEP),
    [CONSENT_ATTR_FILL] =
        load(FILL, CSS, FOREIGN, KEEP),
    [CONSENT_ATTR_STROKE] =
        load(STROKE, CSS, FOREIGN, KEEP),
    [CONSENT_ATTR_FILTER] =
        load(FILTER, CSS, FOREIGN, KEEP),
    [CONSENT_ATTR_MASK] =
        load(MASK, CSS, FOREIGN, KEEP),
    [CONSENT_ATTR_CLIP_PATH] =
        load(CLIP_PATH, CSS, FOREIGN, KEEP),
    [CONSENT_ATTR_CURSOR] =
        load(CURSOR, CSS, FOREIGN, KEEP),
    [CONSENT_ATTR_MARKER] =
        load(MARKER, CSS, FOREIGN, KEEP),
    [CONSENT_ATTR_MARKER_START] =
        load(MARKER_START, CSS, FOREIGN, KEEP),
    [CONSENT_ATTR_MARKER_MID] =
        load(MARKER_MID, CSS, FOREIGN, KEEP),
    [CONSENT_ATTR_MARKER_END] =
        load(MARKER_END, CSS, FOREIGN, KEEP)
};


static const consent_load_t  *const consent_loads[] = {
    [CONSENT_EL_ANIMATE] = consent_loads_animate,
    [CONSENT_EL_SCRIPT] = consent_loads_script,
    [CONSENT_EL_IFRAME] = consent_loads_iframe,
    [CONSENT_EL_FRAME] = consent_loads_frame,
    [CONSENT_EL_FENCEDFRAME] = consent_loads_fencedframe,
    [CONSENT_EL_EMBED] = consent_loads_embed,
    [CONSENT_EL_OBJECT] = consent_loads_object,
    [CONSENT_EL_PARAM] = consent_loads_param,
    [CONSENT_EL_IMG] = consent_loads_img,
    [CONSENT_EL_IMAGE] = consent_loads_image,
    [CONSENT_EL_SOURCE] = consent_loads_source,
    [CONSENT_EL_INPUT] = consent_loads_input,
    [CONSENT_EL_AUDIO] = consent_loads_audio,
    [CONSENT_EL_VIDEO] = consent_loads_video,
    [CONSENT_EL_TRACK] = consent_loads_track,
    [CONSENT_EL_LINK] = consent_loads_link,
    [CONSENT_EL_META] = consent_loads_meta,
    [CONSENT_EL_MODEL] = consent_loads_model,
    [CONSENT_EL_USE] = consent_loads_use,
    [CONSENT_EL_FEIMAGE] = consent_loads_feimage
};


/* JavaScript MIME type essences (MIME Sniffing standard), and modules; the
   most frequent one first */

static const consent_str_t  consent_load_script_types[] = {
    consent_str("text/javascript"),
    consent_str("module"),
    consent_str("application/ecmascript"),
    consent_str("application/javascript"),
    consent_str("application/x-ecmascript"),
    consent_str("application/x-javascript"),
    consent_str("text/ecmascript"),
    consent_str("text/javascript1.0"),
    consent_str("text/javascript1.1"),
    consent_str("text/javascript1.2"),
    consent_str("text/javascript1.3"),
    consent_str("text/javascript1.4"),
    consent_str("text/javascript1.5"),
    consent_str("text/jscript"),
    consent_str("text/livescript"),
    consent_str("text/x-ecmascript"),
    consent_str("text/x-javascript"),
    { 0, NULL }
};


/* the most frequent ones first */

static const consent_str_t  consent_load_rels[] = {
    consent_str("stylesheet"),
    consent_str("icon"),
    consent_str("apple-touch-icon"),
    consent_str("apple-touch-icon-precomposed"),
    consent_str("apple-touch-startup-image"),
    consent_str("compression-dictionary"),
    consent_str("dns-prefetch"),
    consent_str("fluid-icon"),
    consent_str("import"),
    consent_str("manifest"),
    consent_str("mask-icon"),
    consent_str("modulepreload"),
    consent_str("preconnect"),
    consent_str("prefetch"),
    consent_str("preload"),
    consent_str("prerender"),
    consent_str("search"),
    consent_str("subresource"),
    { 0, NULL }
};


static const consent_str_t  consent_load_movies[] = {
    consent_str("code"),
    consent_str("data"),
    consent_str("filename"),
    consent_str("href"),
    consent_str("movie"),
    consent_str("src"),
    consent_str("url"),
    { 0, NULL }
};


static const consent_load_t *consent_load_find(const consent_tag_t *tag,
    const consent_attr_t *attr);
static consent_script_e consent_load_language(consent_str_t language);
static int consent_load_rel_fetches(consent_str_t rel);
static int consent_load_word(consent_str_t value, const char *word);
static int consent_load_listed(const consent_str_t *list, consent_str_t word);


void
consent_tag_read(consent_tag_t *tag, const consent_element_t *el,
    const consent_attrs_t *attrs, unsigned foreign)
{
    unsigned               seen, bit;
    consent_str_t          language;
    consent_attrs_walk_t   walk;
    const consent_attr_t  *attr;

    consent_tag_assume(tag, el, foreign);

    if (el == NULL) {
        return;
    }

    if (el->id != CONSENT_EL_SCRIPT && el->id != CONSENT_EL_LINK
        && el->id != CONSENT_EL_INPUT && el->id != CONSENT_EL_META
        && el->id != CONSENT_EL_PARAM)
    {
        return;
    }

    tag->fetches = 0;
    tag->image = 0;
    tag->refresh = 0;
    tag->movie = 0;

    language = consent_str_make(NULL, 0);
    seen = 0;

    memset(&walk, 0, sizeof(consent_attrs_walk_t));

    while ((attr = consent_attrs_next(attrs, &walk)) != NULL) {

        switch (attr->id) {

        case CONSENT_ATTR_REL:
            bit = 1;
            break;

        case CONSENT_ATTR_TYPE:
            bit = 2;
            break;

        case CONSENT_ATTR_NAME:
            bit = 4;
            break;

        case CONSENT_ATTR_HTTP_EQUIV:
            bit = 8;
            break;

        case CONSENT_ATTR_LANGUAGE:

            if (language.data == NULL) {
                language = attr->value;
            }

            continue;

        default:
            continue;
        }

        if (bit & ~seen) {
            seen |= bit;
            (void) consent_tag_learn(tag, attr);
        }
    }

    if (el->id == CONSENT_EL_SCRIPT && !(seen & 2) && language.data) {
        tag->script = consent_load_language(language);
    }
}


void
consent_tag_assume(consent_tag_t *tag, const consent_element_t *el,
    unsigned foreign)
{
    tag->element = el;
    tag->foreign = foreign ? 1 : 0;
    tag->fetches = 1;
    tag->image = 1;
    tag->refresh = 1;
    tag->policy = 0;
    tag->movie = 1;
    tag->script = CONSENT_SCRIPT_RUNS;
}


int
consent_tag_learn(consent_tag_t *tag, const consent_attr_t *attr)
{
    uint8_t        buf[CONSENT_LOAD_MAX_TYPE];
    consent_str_t  name;

    if (tag->element == NULL) {
        return 0;
    }

    switch (tag->element->id) {

    case CONSENT_EL_SCRIPT:

        if (attr->id == CONSENT_ATTR_TYPE) {
            tag->script = consent_load_script(attr->value);
            return 1;
        }

        return 0;

    case CONSENT_EL_LINK:

        if (attr->id == CONSENT_ATTR_REL) {
            tag->fetches = consent_load_rel_fetches(attr->value) ? 1 : 0;
            return 1;
        }

        return 0;

    case CONSENT_EL_INPUT:

        if (attr->id == CONSENT_ATTR_TYPE) {
            tag->image = consent_load_word(attr->value, "image") ? 1 : 0;
            return 1;
        }

        return 0;

    case CONSENT_EL_META:

        if (attr->id == CONSENT_ATTR_HTTP_EQUIV) {
            tag->refresh = consent_load_word(attr->value, "refresh") ? 1 : 0;
            tag->policy = consent_load_word(attr->value,
                                            "content-security-policy")
                          ? 1 : 0;
            return 1;
        }

        return 0;

    case CONSENT_EL_PARAM:

        if (attr->id == CONSENT_ATTR_NAME) {
            name = consent_str_make(buf, consent_charref_decode(buf,
                                             sizeof(buf), attr->value));
            tag->movie = consent_load_listed(consent_load_movies, name)
                         ? 1 : 0;
            return 1;
        }

        return 0;

    default:
        return 0;
    }
}


consent_load_e
consent_load_of_name(const consent_tag_t *tag, const consent_attr_t *attr)
{
    const consent_load_t  *load;

    load = consent_load_find(tag, attr);

    return load ? (consent_load_e) load->kind : CONSENT_LOAD_NONE;
}


consent_load_e
consent_load_of(const consent_tag_t *tag, const consent_attr_t *attr)
{
    unsigned               holds;
    const consent_load_t  *load;

    load = consent_load_find(tag, attr);

    if (load == NULL) {
        return CONSENT_LOAD_NONE;
    }

    switch (load->when) {

    case FOREIGN:
        holds = tag->foreign && tag->script == CONSENT_SCRIPT_RUNS;
        break;

    case RUNS:
        holds = (tag->script == CONSENT_SCRIPT_RUNS);
        break;

    case FETCHES:
        holds = tag->fetches;
        break;

    case IMAGE:
        holds = tag->image;
        break;

    case REFRESH:

        if (tag->policy) {
            return CONSENT_LOAD_POLICY;
        }

        holds = tag->refresh;
        break;

    case MOVIE:
        holds = tag->movie;
        break;

    default: /* ALWAYS */
        holds = 1;
    }

    return holds ? (consent_load_e) load->kind : CONSENT_LOAD_NONE;
}


int
consent_load_is_main(const consent_tag_t *tag, const consent_attr_t *attr)
{
    const consent_load_t  *load;

    load = consent_load_find(tag, attr);

    return load && load->main == MAIN;
}


static const consent_load_t *
consent_load_find(const consent_tag_t *tag, const consent_attr_t *attr)
{
    uint8_t                id;
    const consent_load_t  *load;

    if (attr->id == CONSENT_ATTR_OTHER) {
        return NULL;
    }

    id = tag->element ? tag->element->id : CONSENT_EL_OTHER;

    if (id < sizeof(consent_loads) / sizeof(consent_loads[0])
        && consent_loads[id])
    {
        for (load = consent_loads[id]; load->attr; load++) {
            if (load->attr == attr->id) {
                return load;
            }
        }
    }

    load = &consent_loads_any[attr->id];

    return load->attr ? load : NULL;
}


consent_script_e
consent_load_script(consent_str_t type)
{
    size_t         len;
    uint8_t        buf[CONSENT_LOAD_MAX_TYPE];
    consent_str_t  word;

    static const consent_str_t  importmap = consent_str("importmap");
    static const consent_str_t  rules = consent_str("speculationrules");

    if (consent_str_eq(type, consent_load_script_types[0])) {
        return CONSENT_SCRIPT_RUNS;
    }

    len = consent_charref_decode(buf, sizeof(buf), type);

    if (len == 0 || len == sizeof(buf)) {

        /* nothing counts as JavaScript, as may what is behind white space */

        return CONSENT_SCRIPT_RUNS;
    }

    word = consent_str_trim(consent_str_make(buf, len));

    if (consent_load_listed(consent_load_script_types, word)) {
        return CONSENT_SCRIPT_RUNS;
    }

    if (consent_str_caseeq(word, importmap)
        || consent_str_caseeq(word, rules))
    {
        return CONSENT_SCRIPT_RULES;
    }

    return CONSENT_SCRIPT_NONE;
}


static consent_script_e
consent_load_language(consent_str_t language)
{
    size_t   len;
    uint8_t  buf[CONSENT_LOAD_MAX_TYPE];

    if (language.len == 0) {
        return CONSENT_SCRIPT_RUNS;
    }

    memcpy(buf, "text/", 5);
    len = 5 + consent_charref_decode(buf + 5, sizeof(buf) - 5, language);

    return consent_load_listed(consent_load_script_types,
                               consent_str_make(buf, len))
           ? CONSENT_SCRIPT_RUNS : CONSENT_SCRIPT_NONE;
}


static int
consent_load_rel_fetches(consent_str_t rel)
{
    size_t   len;
    uint8_t  buf[CONSENT_LOAD_MAX_REL];

    if (consent_str_eq(rel, consent_load_rels[0])) {
        return 1;
    }

    len = consent_charref_decode(buf, sizeof(buf), rel);

    /* more than can be looked through: the link may fetch */

    return len == sizeof(buf)
           || consent_load_fetches(consent_str_make(buf, len));
}


int
consent_load_fetches(consent_str_t rels)
{
    size_t         i, start;
    consent_str_t  word;

    for (i = 0; i < rels.len; /* void */ ) {

        while (i < rels.len && consent_is_space(rels.data[i])) {
            i++;
        }

        start = i;

        while (i < rels.len && !consent_is_space(rels.data[i])) {
            i++;
        }

        word = consent_str_make(rels.data + start, i - start);

        if (word.len && consent_load_listed(consent_load_rels, word)) {
            return 1;
        }
    }

    return 0;
}


static int
consent_load_word(consent_str_t value, const char *word)
{
    size_t         len;
    uint8_t        buf[CONSENT_LOAD_MAX_TYPE];
    consent_str_t  w;

    len = consent_charref_decode(buf, sizeof(buf), value);
    w = consent_str_make((const uint8_t *) word, strlen(word));

    return consent_str_caseeq(consent_str_make(buf, len), w);
}


static int
consent_load_listed(const consent_str_t *list, consent_str_t word)
{
    for ( /* void */ ; list->data; list++) {
        if (consent_str_caseeq(*list, word)) {
            return 1;
        }
    }

    return 0;
}
