/*
 * Copyright (C) ngx_consent_module authors
 *
 * One table, with the place of a name computed by consent_element_bucket().
 * The compiler refuses two names in one place ("initialized field
 * overwritten"); CONSENT_ELEMENT_HASH is then to be replaced by any other odd
 * number that keeps all of them apart.
 */


#include "consent_element.h"


#define J   CONSENT_EL_JUDGED
#define NS  CONSENT_EL_NOT_SELECT
#define B   CONSENT_EL_BREAKOUT
#define C   CONSENT_EL_CLOSES
#define SP  CONSENT_EL_SVG_POINT
#define MP  CONSENT_EL_MATH_POINT
#define ES  CONSENT_EL_ENDS_SELECT
#define F   CONSENT_EL_FOREIGN

/* the letters that count, the name, what is said of it */

#define CONSENT_ELEMENTS(of)                                                  \
    of('a', 'u', 'd', 'i', "audio",     AUDIO,       DATA,   J)               \
    of('b', 'a', 's', 'e', "base",      BASE,        DATA,   J)               \
    of('c', 'o', 'l', 0, "col",         COL,         DATA,   0)               \
    of('e', 'm', 'b', 'e', "embed",     EMBED,       DATA,   J|B)             \
    of('f', 'e', 'i', 'm', "feimage",   FEIMAGE,     DATA,   J)               \
    of('f', 'e', 'n', 'c', "fencedframe",FENCEDFRAME, DATA,   J)              \
    of('f', 'r', 'a', 'm', "frame",     FRAME,       DATA,   J)               \
    of('f', 'r', 'a', 'm', "frameset",  FRAMESET,    DATA,   J)               \
    of('i', 'f', 'r', 'a', "iframe",    IFRAME,      RAW,    J|NS)            \
    of('i', 'm', 'a', 'g', "image",     IMAGE,       DATA,   J)               \
    of('i', 'm', 'g', 0, "img",         IMG,         DATA,   J|B)             \
    of('i', 'n', 'p', 'u', "input",     INPUT,       DATA,   ES)              \
    of('k', 'e', 'y', 'g', "keygen",    OTHER,       DATA,   ES)              \
    of('l', 'i', 'n', 'k', "link",      LINK,        DATA,   J)               \
    of('m', 'a', 't', 'h', "math",      MATH,        DATA,   0)               \
    of('m', 'e', 't', 'a', "meta",      META,        DATA,   B)               \
    of('m', 'o', 'd', 'e', "model",     MODEL,       DATA,   J)               \
    of('n', 'o', 'e', 'm', "noembed",   NOEMBED,     RAW,    NS)              \
    of('n', 'o', 'f', 'r', "noframes",  NOFRAMES,    RAW,    NS)              \
    of('n', 'o', 's', 'c', "noscript",  NOSCRIPT,    DATA,   0)               \
    of('o', 'b', 'j', 'e', "object",    OBJECT,      DATA,   J)               \
    of('p', 'a', 'r', 'a', "param",     PARAM,       DATA,   J)               \
    of('p', 'l', 'a', 'i', "plaintext", OTHER,       PLAIN,  NS)              \
    of('s', 'c', 'r', 'i', "script",    SCRIPT,      SCRIPT, J)               \
    of('s', 'e', 'l', 'e', "select",    SELECT,      DATA,   0)               \
    of('s', 'o', 'u', 'r', "source",    SOURCE,      DATA,   J)               \
    of('s', 't', 'y', 'l', "style",     STYLE,       STYLE,  J|NS)            \
    of('s', 'v', 'g', 0, "svg",         SVG,         DATA,   0)               \
    of('t', 'e', 'm', 'p', "template",  TEMPLATE,    DATA,   0)               \
    of('t', 'e', 'x', 't', "textarea",  TEXTAREA,    RAW,    ES)              \
    of('t', 'i', 't', 'l', "title",     TITLE,       RAW,    NS|SP)           \
    of('t', 'r', 'a', 'c', "track",     TRACK,       DATA,   J)               \
    of('u', 's', 'e', 0, "use",         USE,         DATA,   J)               \
    of('v', 'i', 'd', 'e', "video",     VIDEO,       DATA,   J)               \
    of('x', 'm', 'p', 0, "xmp",         XMP,         RAW,    NS)              \
                                                                              \
    /* these matter in foreign content only */                                \
                                                                              \
    of('a', 'n', 'i', 'm', "animate",   ANIMATE,     DATA,   F|J)             \
    of('s', 'e', 't', 0, "set",         ANIMATE,     DATA,   F|J)             \
    of('b', 0, 0, 0, "b",               OTHER,       DATA,   F|B)             \
    of('b', 'i', 'g', 0, "big",         OTHER,       DATA,   F|B)             \
    of('b', 'l', 'o', 'c', "blockquote",OTHER,       DATA,   F|B)             \
    of('b', 'o', 'd', 'y', "body",      OTHER,       DATA,   F|B)             \
    of('b', 'r', 0, 0, "br",            OTHER,       DATA,   F|B|C)           \
    of('c', 'e', 'n', 't', "center",    OTHER,       DATA,   F|B)             \
    of('c', 'o', 'd', 'e', "code",      OTHER,       DATA,   F|B)             \
    of('d', 'd', 0, 0, "dd",            OTHER,       DATA,   F|B)             \
    of('d', 'e', 's', 'c', "desc",      OTHER,       DATA,   F|SP)            \
    of('d', 'i', 'v', 0, "div",         OTHER,       DATA,   F|B)             \
    of('d', 'l', 0, 0, "dl",            OTHER,       DATA,   F|B)             \
    of('d', 't', 0, 0, "dt",            OTHER,       DATA,   F|B)             \
    of('e', 'm', 0, 0, "em",            OTHER,       DATA,   F|B)             \
    of('f', 'o', 'n', 't', "font",      FONT,        DATA,   F)               \
    of('f', 'o', 'r', 'e', "foreignobject",OTHER,       DATA,   F|SP)         \
    of('h', '1', 0, 0, "h1",            OTHER,       DATA,   F|B)             \
    of('h', '2', 0, 0, "h2",            OTHER,       DATA,   F|B)             \
    of('h', '3', 0, 0, "h3",            OTHER,       DATA,   F|B)             \
    of('h', '4', 0, 0, "h4",            OTHER,       DATA,   F|B)             \
    of('h', '5', 0, 0, "h5",            OTHER,       DATA,   F|B)             \
    of('h', '6', 0, 0, "h6",            OTHER,       DATA,   F|B)             \
    of('h', 'e', 'a', 'd', "head",      OTHER,       DATA,   F|B)             \
    of('h', 'r', 0, 0, "hr",            OTHER,       DATA,   F|B)             \
    of('i', 0, 0, 0, "i",               OTHER,       DATA,   F|B)             \
    of('l', 'i', 0, 0, "li",            OTHER,       DATA,   F|B)             \
    of('l', 'i', 's', 't', "listing",   OTHER,       DATA,   F|B)             \
    of('m', 'a', 'l', 'i', "malignmark",MGLYPH,      DATA,   F)               \
    of('m', 'e', 'n', 'u', "menu",      OTHER,       DATA,   F|B)             \
    of('m', 'g', 'l', 'y', "mglyph",    MGLYPH,      DATA,   F)               \
    of('m', 'i', 0, 0, "mi",            OTHER,       DATA,   F|MP)            \
    of('m', 'n', 0, 0, "mn",            OTHER,       DATA,   F|MP)            \
    of('m', 'o', 0, 0, "mo",            OTHER,       DATA,   F|MP)            \
    of('m', 's', 0, 0, "ms",            OTHER,       DATA,   F|MP)            \
    of('m', 't', 'e', 'x', "mtext",     OTHER,       DATA,   F|MP)            \
    of('n', 'o', 'b', 'r', "nobr",      OTHER,       DATA,   F|B)             \
    of('o', 'l', 0, 0, "ol",            OTHER,       DATA,   F|B)             \
    of('p', 0, 0, 0, "p",               OTHER,       DATA,   F|B|C)           \
    of('p', 'r', 'e', 0, "pre",         OTHER,       DATA,   F|B)             \
    of('r', 'u', 'b', 'y', "ruby",      OTHER,       DATA,   F|B)             \
    of('s', 0, 0, 0, "s",               OTHER,       DATA,   F|B)             \
    of('s', 'm', 'a', 'l', "small",     OTHER,       DATA,   F|B)             \
    of('s', 'p', 'a', 'n', "span",      OTHER,       DATA,   F|B)             \
    of('s', 't', 'r', 'i', "strike",    OTHER,       DATA,   F|B)             \
    of('s', 't', 'r', 'o', "strong",    OTHER,       DATA,   F|B)             \
    of('s', 'u', 'b', 0, "sub",         OTHER,       DATA,   F|B)             \
    of('s', 'u', 'p', 0, "sup",         OTHER,       DATA,   F|B)             \
    of('t', 'a', 'b', 'l', "table",     OTHER,       DATA,   F|B)             \
    of('t', 't', 0, 0, "tt",            OTHER,       DATA,   F|B)             \
    of('u', 0, 0, 0, "u",               OTHER,       DATA,   F|B)             \
    of('u', 'l', 0, 0, "ul",            OTHER,       DATA,   F|B)             \
    of('v', 'a', 'r', 0, "var",         OTHER,       DATA,   F|B)


#define key_of(a, b, c, d, name)                                              \
    CONSENT_ELEMENT_KEY(CONSENT_ELEMENT_START(a, b, c, d), sizeof(name) - 1)

#define element(a, b, c, d, name, id, text, flags)                            \
    [CONSENT_ELEMENT_BUCKET(key_of(a, b, c, d, name))] =                      \
    { { ((flags) & F) ? 0 : key_of(a, b, c, d, name),                         \
        key_of(a, b, c, d, name) },                                           \
      name, sizeof(name) - 1, CONSENT_EL_ ## id, CONSENT_TEXT_ ## text,       \
      flags },

#define known(a, b, c, d, name, id, text, flags)                              \
    [CONSENT_ELEMENT_BUCKET(key_of(a, b, c, d, name))] =                      \
    !((flags) & F) && CONSENT_EL_ ## id != CONSENT_EL_META,


/* masks of the letters that a name of 0 to 3 and more letters has */

const uint32_t  consent_element_starts[5] = {
    0, 0xff, 0xffff, 0xffffff, 0xffffffff
};

const consent_element_t  consent_elements[CONSENT_ELEMENT_BUCKETS] = {
    CONSENT_ELEMENTS(element)
};

const uint8_t  consent_element_known[CONSENT_ELEMENT_BUCKETS] = {
    CONSENT_ELEMENTS(known)
};


#undef J
#undef NS
#undef B
#undef C
#undef SP
#undef MP
#undef ES
#undef F
#undef key_of
#undef element
#undef known
