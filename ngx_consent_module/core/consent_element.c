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


/* one list a letter, so that most names are known to be nobody's at once */

static const consent_element_t  consent_elements_a[] = {
    element("annotation-xml",ANNOTATION_XML, DATA,   0),
    element("article",       OTHER,          DATA,   C),
    element("aside",         OTHER,          DATA,   C),
    consent_elements_end
};

static const consent_element_t  consent_elements_b[] = {
    element("b",             OTHER,          DATA,   B),
    element("base",          BASE,           DATA,   J),
    element("big",           OTHER,          DATA,   B),
    element("blockquote",    OTHER,          DATA,   B|C),
    element("body",          OTHER,          DATA,   B|C),
    element("br",            OTHER,          DATA,   B|C),
    element("button",        OTHER,          DATA,   C),
    consent_elements_end
};

static const consent_element_t  consent_elements_c[] = {
    element("center",        OTHER,          DATA,   B|C),
    element("code",          OTHER,          DATA,   B),
    consent_elements_end
};

static const consent_element_t  consent_elements_d[] = {
    element("dd",            OTHER,          DATA,   B|C),
    element("desc",          OTHER,          DATA,   SP),
    element("details",       OTHER,          DATA,   C),
    element("div",           OTHER,          DATA,   B|C),
    element("dl",            OTHER,          DATA,   B|C),
    element("dt",            OTHER,          DATA,   B|C),
    consent_elements_end
};

static const consent_element_t  consent_elements_e[] = {
    element("em",            OTHER,          DATA,   B),
    element("embed",         OTHER,          DATA,   B),
    consent_elements_end
};

static const consent_element_t  consent_elements_f[] = {
    element("figure",        OTHER,          DATA,   C),
    element("footer",        OTHER,          DATA,   C),
    element("foreignobject", OTHER,          DATA,   SP),
    element("form",          OTHER,          DATA,   C),
    element("frameset",      FRAMESET,       DATA,   0),
    consent_elements_end
};

static const consent_element_t  consent_elements_h[] = {
    element("h1",            OTHER,          DATA,   B|C),
    element("h2",            OTHER,          DATA,   B|C),
    element("h3",            OTHER,          DATA,   B|C),
    element("h4",            OTHER,          DATA,   B|C),
    element("h5",            OTHER,          DATA,   B|C),
    element("h6",            OTHER,          DATA,   B|C),
    element("head",          OTHER,          DATA,   B|C),
    element("header",        OTHER,          DATA,   C),
    element("hr",            OTHER,          DATA,   B),
    element("html",          OTHER,          DATA,   C),
    consent_elements_end
};

static const consent_element_t  consent_elements_i[] = {
    element("i",             OTHER,          DATA,   B),
    element("iframe",        IFRAME,         RAW,    J|NS),
    element("img",           IMG,            DATA,   J|B),
    element("input",         OTHER,          DATA,   ES),
    consent_elements_end
};

static const consent_element_t  consent_elements_k[] = {
    element("keygen",        OTHER,          DATA,   ES),
    consent_elements_end
};

static const consent_element_t  consent_elements_l[] = {
    element("label",         OTHER,          DATA,   C),
    element("li",            OTHER,          DATA,   B|C),
    element("link",          LINK,           DATA,   J),
    element("listing",       OTHER,          DATA,   B|C),
    consent_elements_end
};

static const consent_element_t  consent_elements_m[] = {
    element("main",          OTHER,          DATA,   C),
    element("math",          MATH,           DATA,   0),
    element("menu",          OTHER,          DATA,   B|C),
    element("meta",          OTHER,          DATA,   B),
    element("mi",            OTHER,          DATA,   MP),
    element("mn",            OTHER,          DATA,   MP),
    element("mo",            OTHER,          DATA,   MP),
    element("ms",            OTHER,          DATA,   MP),
    element("mtext",         OTHER,          DATA,   MP),
    consent_elements_end
};

static const consent_element_t  consent_elements_n[] = {
    element("nav",           OTHER,          DATA,   C),
    element("nobr",          OTHER,          DATA,   B),
    element("noembed",       OTHER,          RAW,    NS),
    element("noframes",      OTHER,          RAW,    NS),
    element("noscript",      NOSCRIPT,       DATA,   C),
    consent_elements_end
};

static const consent_element_t  consent_elements_o[] = {
    element("ol",            OTHER,          DATA,   B|C),
    consent_elements_end
};

static const consent_element_t  consent_elements_p[] = {
    element("p",             OTHER,          DATA,   B|C),
    element("plaintext",     OTHER,          PLAIN,  NS),
    element("pre",           OTHER,          DATA,   B|C),
    consent_elements_end
};

static const consent_element_t  consent_elements_r[] = {
    element("ruby",          OTHER,          DATA,   B),
    consent_elements_end
};

static const consent_element_t  consent_elements_s[] = {
    element("s",             OTHER,          DATA,   B),
    element("script",        SCRIPT,         SCRIPT, J),
    element("section",       OTHER,          DATA,   C),
    element("select",        SELECT,         DATA,   0),
    element("small",         OTHER,          DATA,   B),
    element("span",          OTHER,          DATA,   B|C),
    element("strike",        OTHER,          DATA,   B),
    element("strong",        OTHER,          DATA,   B),
    element("style",         OTHER,          RAW,    NS),
    element("sub",           OTHER,          DATA,   B),
    element("sup",           OTHER,          DATA,   B),
    element("svg",           SVG,            DATA,   0),
    consent_elements_end
};

static const consent_element_t  consent_elements_t[] = {
    element("table",         OTHER,          DATA,   B|C),
    element("td",            OTHER,          DATA,   C),
    element("template",      OTHER,          DATA,   C),
    element("textarea",      OTHER,          RAW,    ES),
    element("th",            OTHER,          DATA,   C),
    element("title",         OTHER,          RAW,    NS|SP),
    element("tr",            OTHER,          DATA,   C),
    element("tt",            OTHER,          DATA,   B),
    consent_elements_end
};

static const consent_element_t  consent_elements_u[] = {
    element("u",             OTHER,          DATA,   B),
    element("ul",            OTHER,          DATA,   B|C),
    consent_elements_end
};

static const consent_element_t  consent_elements_v[] = {
    element("var",           OTHER,          DATA,   B),
    consent_elements_end
};

static const consent_element_t  consent_elements_x[] = {
    element("xmp",           OTHER,          RAW,    NS),
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
    consent_elements_d,
    consent_elements_e,
    consent_elements_f,
    NULL,
    consent_elements_h,
    consent_elements_i,
    NULL,
    consent_elements_k,
    consent_elements_l,
    consent_elements_m,
    consent_elements_n,
    consent_elements_o,
    consent_elements_p,
    NULL,
    consent_elements_r,
    consent_elements_s,
    consent_elements_t,
    consent_elements_u,
    consent_elements_v,
    NULL,
    consent_elements_x,
    NULL,
    NULL
};


const consent_element_t *
consent_element_find(const consent_tag_name_t *name)
{
    unsigned                  letter;
    const consent_element_t  *el;

    letter = (unsigned) name->data[0] - 'a';

    if (letter > 25) {
        return NULL;
    }

    el = consent_elements[letter];

    if (el == NULL) {
        return NULL;
    }

    for ( /* void */ ; el->len; el++) {
        if (el->len == name->len
            && memcmp(el->name, name->data, name->len) == 0)
        {
            return el;
        }
    }

    return NULL;
}
