/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_element.h"


#define J   CONSENT_EL_JUDGED
#define NS  CONSENT_EL_NOT_SELECT
#define B   CONSENT_EL_BREAKOUT
#define C   CONSENT_EL_CLOSES
#define SP  CONSENT_EL_SVG_POINT
#define MP  CONSENT_EL_MATH_POINT
#define ES  CONSENT_EL_ENDS_SELECT

#define element(name, id, text, flags)                                        \
    { name, sizeof(name) - 1, CONSENT_EL_ ## id, CONSENT_TEXT_ ## text, flags }

#define consent_elements_end  { "", 0, 0, 0, 0 }


/*
 * Elements that matter everywhere.  One list a letter, so that most names
 * are known to be nobody's at once.
 */

static const consent_element_t  consent_elements_a[] = {
    element("audio",         AUDIO,       DATA,   J),
    consent_elements_end
};

static const consent_element_t  consent_elements_b[] = {
    element("base",          BASE,        DATA,   J),
    consent_elements_end
};

static const consent_element_t  consent_elements_c[] = {
    element("col",           COL,         DATA,   0),
    consent_elements_end
};

static const consent_element_t  consent_elements_e[] = {
    element("embed",         EMBED,       DATA,   J|B),
    consent_elements_end
};

static const consent_element_t  consent_elements_f[] = {
    element("feimage",       FEIMAGE,     DATA,   J),
    element("fencedframe",   FENCEDFRAME, DATA,   J),
    element("frame",         FRAME,       DATA,   J),
    element("frameset",      FRAMESET,    DATA,   J),
    consent_elements_end
};

static const consent_element_t  consent_elements_i[] = {
    element("iframe",        IFRAME,      RAW,    J|NS),
    element("image",         IMAGE,       DATA,   J),
    element("img",           IMG,         DATA,   J|B),
    element("input",         INPUT,       DATA,   ES),
    consent_elements_end
};

static const consent_element_t  consent_elements_k[] = {
    element("keygen",        OTHER,       DATA,   ES),
    consent_elements_end
};

static const consent_element_t  consent_elements_l[] = {
    element("link",          LINK,        DATA,   J),
    consent_elements_end
};

static const consent_element_t  consent_elements_m[] = {
    element("math",          MATH,        DATA,   0),
    element("meta",          META,        DATA,   B),
    consent_elements_end
};

static const consent_element_t  consent_elements_n[] = {
    element("noembed",       OTHER,       RAW,    NS),
    element("noframes",      OTHER,       RAW,    NS),
    element("noscript",      NOSCRIPT,    DATA,   0),
    consent_elements_end
};

static const consent_element_t  consent_elements_o[] = {
    element("object",        OBJECT,      DATA,   J),
    consent_elements_end
};

static const consent_element_t  consent_elements_p[] = {
    element("param",         PARAM,       DATA,   J),
    element("plaintext",     OTHER,       PLAIN,  NS),
    consent_elements_end
};

static const consent_element_t  consent_elements_s[] = {
    element("script",        SCRIPT,      SCRIPT, J),
    element("select",        SELECT,      DATA,   0),
    element("source",        SOURCE,      DATA,   J),
    element("style",         STYLE,       STYLE,  J|NS),
    element("svg",           SVG,         DATA,   0),
    consent_elements_end
};

static const consent_element_t  consent_elements_t[] = {
    element("template",      TEMPLATE,    DATA,   0),
    element("textarea",      OTHER,       RAW,    ES),
    element("title",         OTHER,       RAW,    NS|SP),
    element("track",         TRACK,       DATA,   J),
    consent_elements_end
};

static const consent_element_t  consent_elements_u[] = {
    element("use",           USE,         DATA,   J),
    consent_elements_end
};

static const consent_element_t  consent_elements_v[] = {
    element("video",         VIDEO,       DATA,   J),
    consent_elements_end
};

static const consent_element_t  consent_elements_x[] = {
    element("xmp",           OTHER,       RAW,    NS),
    consent_elements_end
};


/* elements that matter in foreign content only */

static const consent_element_t  consent_elements_foreign[] = {
    element("animate",       ANIMATE, DATA, J),
    element("set",           ANIMATE, DATA, J),
    element("b",             OTHER,  DATA,  B),
    element("big",           OTHER,  DATA,  B),
    element("blockquote",    OTHER,  DATA,  B),
    element("body",          OTHER,  DATA,  B),
    element("br",            OTHER,  DATA,  B|C),
    element("center",        OTHER,  DATA,  B),
    element("code",          OTHER,  DATA,  B),
    element("dd",            OTHER,  DATA,  B),
    element("desc",          OTHER,  DATA,  SP),
    element("div",           OTHER,  DATA,  B),
    element("dl",            OTHER,  DATA,  B),
    element("dt",            OTHER,  DATA,  B),
    element("em",            OTHER,  DATA,  B),
    element("font",          FONT,   DATA,  0),
    element("foreignobject", OTHER,  DATA,  SP),
    element("h1",            OTHER,  DATA,  B),
    element("h2",            OTHER,  DATA,  B),
    element("h3",            OTHER,  DATA,  B),
    element("h4",            OTHER,  DATA,  B),
    element("h5",            OTHER,  DATA,  B),
    element("h6",            OTHER,  DATA,  B),
    element("head",          OTHER,  DATA,  B),
    element("hr",            OTHER,  DATA,  B),
    element("i",             OTHER,  DATA,  B),
    element("li",            OTHER,  DATA,  B),
    element("listing",       OTHER,  DATA,  B),
    element("malignmark",    MGLYPH, DATA,  0),
    element("menu",          OTHER,  DATA,  B),
    element("mglyph",        MGLYPH, DATA,  0),
    element("mi",            OTHER,  DATA,  MP),
    element("mn",            OTHER,  DATA,  MP),
    element("mo",            OTHER,  DATA,  MP),
    element("ms",            OTHER,  DATA,  MP),
    element("mtext",         OTHER,  DATA,  MP),
    element("nobr",          OTHER,  DATA,  B),
    element("ol",            OTHER,  DATA,  B),
    element("p",             OTHER,  DATA,  B|C),
    element("pre",           OTHER,  DATA,  B),
    element("ruby",          OTHER,  DATA,  B),
    element("s",             OTHER,  DATA,  B),
    element("small",         OTHER,  DATA,  B),
    element("span",          OTHER,  DATA,  B),
    element("strike",        OTHER,  DATA,  B),
    element("strong",        OTHER,  DATA,  B),
    element("sub",           OTHER,  DATA,  B),
    element("sup",           OTHER,  DATA,  B),
    element("table",         OTHER,  DATA,  B),
    element("tt",            OTHER,  DATA,  B),
    element("u",             OTHER,  DATA,  B),
    element("ul",            OTHER,  DATA,  B),
    element("var",           OTHER,  DATA,  B),
    consent_elements_end
};


#undef J
#undef NS
#undef B
#undef C
#undef SP
#undef MP
#undef ES


static const consent_element_t  *const consent_elements[26] = {
    consent_elements_a,
    consent_elements_b,
    consent_elements_c,
    NULL,
    consent_elements_e,
    consent_elements_f,
    NULL,
    NULL,
    consent_elements_i,
    NULL,
    consent_elements_k,
    consent_elements_l,
    consent_elements_m,
    consent_elements_n,
    consent_elements_o,
    consent_elements_p,
    NULL,
    NULL,
    consent_elements_s,
    consent_elements_t,
    consent_elements_u,
    consent_elements_v,
    NULL,
    consent_elements_x,
    NULL,
    NULL
};


static const consent_element_t *consent_element_among(
    const consent_element_t *list, const consent_tag_name_t *name);


const consent_element_t *
consent_element_find(const consent_tag_name_t *name, unsigned foreign)
{
    unsigned                  letter;
    const consent_element_t  *el;

    letter = (unsigned) name->data[0] - 'a';

    if (letter > 25 || name->len > CONSENT_EL_MAX_NAME) {
        return NULL;
    }

    el = NULL;

    if (consent_elements[letter]) {
        el = consent_element_among(consent_elements[letter], name);
    }

    if (el == NULL && foreign) {
        el = consent_element_among(consent_elements_foreign, name);
    }

    return el;
}


static const consent_element_t *
consent_element_among(const consent_element_t *list,
    const consent_tag_name_t *name)
{
    for ( /* void */ ; list->len; list++) {
        if (list->len == name->len
            && memcmp(list->name, name->data, name->len) == 0)
        {
            return list;
        }
    }

    return NULL;
}


int
consent_element_begins(uint8_t letter)
{
    return consent_elements[(letter | 0x20) - 'a'] != NULL;
}
