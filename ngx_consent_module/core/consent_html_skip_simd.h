/*
 * Copyright (C) ngx_consent_module authors
 *
 * The code of consent_html_skip.h for one instruction set: the including file
 * defines consent_html_skip_simd and brings the functions of consent_simd_*.h.
 *
 * The first ">" behind a tag's name ends it if no "=" comes before, since a
 * quote means nothing without one.  Otherwise values in quotes have to be
 * told from what is outside of them.  Where quotes alternate, the parity of
 * their number says what is inside.  That holds if each opening quote is
 * right behind the "=" of an attribute; for what does not look like that,
 * the caller's states are there.
 */


#ifndef CONSENT_HTML_SKIP_SIMD_H
#define CONSENT_HTML_SKIP_SIMD_H


#include "consent_html_skip.h"


/*
 * What is left of the input when the states take over: a block that ends
 * with "<", "/" and another block
 */

#define CONSENT_SKIP_MARGIN  65


/* what is known of a tag from the blocks that were read of it */

typedef struct {
    consent_attr_marks_t
             *marks;
    uint64_t  inside;       /* all bits: the block begins inside of quotes */
    uint64_t  words;        /* bit 0: before it is a byte that may end an
                               attribute's name */
    uint64_t  begins;       /* bit 0: ... the "=" of an attribute */
    uint64_t  names;        /* "=" behind the names of this block */
    unsigned  judged;       /* in any case */
    unsigned  plain;        /* all is marked */
    unsigned  single;       /* the quotes are single ones */
    unsigned  unquoted;     /* a value was without quotes */
    unsigned  suspect;      /* 1: an attribute; 2: a style */
    unsigned  calls;        /* there are "(" or "&" */
} consent_skip_attrs_t;


#define CONSENT_SKIP_ODD  (~(uint64_t) 0)


/* what bytes are compared with */

typedef struct {
    consent_simd_byte_t  lt;
    consent_simd_byte_t  gt;
    consent_simd_byte_t  equals;
    consent_simd_byte_t  quote;
    consent_simd_byte_t  apostrophe;
    consent_simd_byte_t  slash;
    consent_simd_byte_t  paren;
    consent_simd_byte_t  ampersand;
    consent_simd_byte_t  zero;
    consent_simd_byte_t  dash;
    consent_simd_byte_t  bang;

    consent_simd_set_t   white;
    consent_simd_set_t   name_end;

    /*
     * The last letter, and the one before it, of style, ping, background,
     * src, attributionsrc and http-equiv
     */

    consent_simd_set_t   last;
    consent_simd_set_t   last_but_one;

    /*
     * The two letters before the last one, a bit for each of the names, by the
     * low four bits of a letter
     */

    consent_simd_set_t   first;
    consent_simd_set_t   second;
} consent_skip_bytes_t;


static const consent_skip_bytes_t  consent_skip_bytes = {
    consent_simd_byte('<'),
    consent_simd_byte('>'),
    consent_simd_byte('='),
    consent_simd_byte('"'),
    consent_simd_byte('\''),
    consent_simd_byte('/'),
    consent_simd_byte('('),
    consent_simd_byte('&'),
    consent_simd_byte('0'),
    consent_simd_byte('-'),
    consent_simd_byte('!'),

    consent_simd_set(' ', 0, 0, 0, 0, 0, 0, 0,
                     0, '\t', '\n', 0, '\f', '\r', 0, 0),
    consent_simd_set(' ', 0, 0, 0, 0, 0, 0, 0,
                     0, '\t', '\n', 0, '\f', '\r', '>', '/'),
    consent_simd_set(1, 0, 0, 'c', 'd', 'e', 'v', 'g',
                     0, 0, 0, 0, 0, 0, 0, 0),
    consent_simd_set(1, 0, 'r', 0, 0, 0, 0, 0,
                     0, 'i', 0, 0, 'l', 0, 'n', 0),

    consent_simd_set(0, 0, 0, 1, 0, 8 + 16, 0, 0,
                     0, 2 + 4, 0, 0, 0, 0, 0, 0),
    consent_simd_set(0, 0, 1, 0, 0, 0, 0, 0,
                     0, 16, 0, 0, 2, 0, 4 + 8, 0)
};


static inline void consent_skip_index(consent_html_index_t *index,
    const consent_skip_bytes_t *k, const uint8_t *p);
static inline uint16_t *consent_skip_list(uint16_t *at, unsigned i,
    uint64_t lt);
static inline const uint8_t *consent_skip_tag(consent_html_skip_t *skip,
    const consent_skip_bytes_t *k, const uint8_t *text, const uint8_t *tag,
    const uint8_t *end, unsigned *looked);
static inline consent_simd_t consent_skip_letters(
    const consent_skip_bytes_t *k, const uint8_t *p, consent_simd_t last);
static void consent_skip_text(consent_html_skip_t *skip, const uint8_t *p,
    const uint8_t *end);
static const uint8_t *consent_skip_comment(const consent_skip_bytes_t *k,
    const uint8_t *p, const uint8_t *end);
static inline const uint8_t *consent_skip_plain(
    const consent_skip_bytes_t *k, const uint8_t *p, const uint8_t *end,
    consent_attr_marks_t *marks);
static const uint8_t *consent_skip_look(consent_html_skip_t *skip,
    const uint8_t *tag, const uint8_t *p, const uint8_t *end);
static const uint8_t *consent_skip_attrs(consent_attr_marks_t *marks,
    unsigned *suspect, const uint8_t *p, const uint8_t *end, unsigned judged,
    unsigned foreign);
static inline uint64_t consent_skip_block(consent_skip_attrs_t *attrs,
    const consent_skip_bytes_t *k, const uint8_t *p, unsigned foreign);
static uint64_t consent_skip_other_block(consent_skip_attrs_t *attrs,
    const consent_skip_bytes_t *k, const uint8_t *p);
static inline unsigned consent_skip_suspects(consent_simd_t x,
    const consent_skip_bytes_t *k, const uint8_t *p, uint64_t equals);
static unsigned consent_skip_suspect(const uint8_t *eq);
static unsigned consent_skip_calls(const uint8_t *p, const uint8_t *end);


CONSENT_SIMD_TARGET
const uint8_t *
consent_html_skip_simd(consent_html_skip_t *skip, const uint8_t *p,
    const uint8_t *end)
{
    unsigned                     i, n, looked;
    const uint8_t               *base, *tag;
    consent_html_index_t        *index;
    const consent_skip_bytes_t  *k;

    k = consent_simd_hide(&consent_skip_bytes);

    index = skip->index;
    skip->tag = NULL;
    skip->slow = skip->foreign | !skip->text;

    if (index->end != end) {
        index->end = end;
        index->covered = p;
        index->next = 0;
        index->n = 0;
    }

    for ( ;; ) {

        if (p >= index->covered) {

            if (end - p < CONSENT_SKIP_MARGIN) {
                return p;
            }

            consent_skip_index(index, k, p);
        }

        base = index->base;
        n = index->n;

        for (i = index->next; i < n; i++) {

            tag = base + index->at[i];

            if (tag < p) {

                /* within the tag before */

                continue;
            }

            p = consent_skip_tag(skip, k, p, tag, end, &looked);

            if (p == NULL || (looked && skip->tag)) {
                index->next = i + 1;
                return p ? p : tag;
            }
        }

        index->next = n;

        if (p < index->covered) {
            consent_skip_text(skip, p, index->covered);
            p = index->covered;
        }
    }
}


/* where there are "<" from p on, as far as the states need not take over */

CONSENT_SIMD_TARGET
static inline __attribute__((always_inline)) void
consent_skip_index(consent_html_index_t *index, const consent_skip_bytes_t *k,
    const uint8_t *p)
{
    size_t     i, len;
    uint16_t  *at;
    uint64_t   lt;

    len = (size_t) (index->end - p) - CONSENT_SKIP_MARGIN + 1;

    if (len > CONSENT_HTML_WINDOW) {
        len = CONSENT_HTML_WINDOW;
    }

    at = index->at;

    for (i = 0; len - i >= 64; i += 64) {
        lt = consent_simd_eq(consent_simd_load(p + i), k->lt);
        at = consent_skip_list(at, (unsigned) i, lt);
    }

    if (i < len) {
        lt = consent_simd_eq(consent_simd_load(p + i), k->lt);
        lt &= ((uint64_t) 1 << (len - i)) - 1;
        at = consent_skip_list(at, (unsigned) i, lt);
    }

    index->base = p;
    index->covered = p + len;
    index->next = 0;
    index->n = (unsigned) (at - index->at);
}


/* the bits of a block that begins at i; returns where the list ends */

CONSENT_SIMD_TARGET
static inline __attribute__((always_inline)) uint16_t *
consent_skip_list(uint16_t *at, unsigned i, uint64_t lt)
{
    uint16_t  *next;

    next = at + __builtin_popcountll(lt);

    /* nearly always there are at most four: no branches for these */

    at[0] = (uint16_t) (i + consent_simd_lowest(lt));
    lt &= lt - 1;
    at[1] = (uint16_t) (i + consent_simd_lowest(lt));
    lt &= lt - 1;
    at[2] = (uint16_t) (i + consent_simd_lowest(lt));
    lt &= lt - 1;
    at[3] = (uint16_t) (i + consent_simd_lowest(lt));

    for (lt &= lt - 1, at += 4; lt; lt &= lt - 1) {
        *at++ = (uint16_t) (i + consent_simd_lowest(lt));
    }

    return next;
}


/*
 * Text and a tag.  Returns where the tag ends, with skip->tag set if somebody
 * wants to see it, which may be if it was looked at; NULL: it is odd, or does
 * not end in time.
 */

CONSENT_SIMD_TARGET
static inline __attribute__((always_inline)) const uint8_t *
consent_skip_tag(consent_html_skip_t *skip, const consent_skip_bytes_t *k,
    const uint8_t *text, const uint8_t *tag, const uint8_t *end,
    unsigned *looked)
{
    int                     n;
    size_t                  len;
    uint32_t                ends, bucket, start;
    unsigned                end_tag;
    const uint8_t          *p, *name;

    end_tag = (tag[1] == '/');
    name = tag + 1 + end_tag;

    ends = consent_simd_in_32(consent_simd_load_32(tag + 1), k->name_end);
    ends &= ~(uint32_t) end_tag;

    if (ends == 0 || (consent_ch_class[*name] & CONSENT_CH_ALPHA) == 0) {
        *looked = 0;

        if (!skip->text) {
            consent_skip_text(skip, text, tag);
        }

        return consent_skip_comment(k, tag, end);
    }

    p = tag + 1 + __builtin_ctz(ends);
    len = (size_t) (p - name);

    memcpy(&start, name, sizeof(start));
    start = consent_simd_first(start | 0x20202020u, (unsigned) len);
    bucket = CONSENT_ELEMENT_BUCKET(CONSENT_ELEMENT_KEY(start, len));

    *looked = 1;

    if (consent_element_known[bucket] | skip->slow) {

        if (!skip->text) {
            consent_skip_text(skip, text, tag);
        }

        if (consent_element_known[bucket] | skip->foreign) {
            return consent_skip_look(skip, tag, p, end);
        }
    }

    if (*p == '>') {
        p++;

    } else {
        p = consent_skip_plain(k, p, end, NULL);

        if (p == NULL || (size_t) (p - tag) > skip->limit) {
            return consent_skip_look(skip, tag, name + len, end);
        }
    }

    *looked = 0;

    /* one more or less, but from 0 to 255 */

    n = skip->open[bucket] + 1 - (int) (2 * end_tag);
    skip->open[bucket] = (uint8_t) (n - (n >> 8));

    return p;
}


/*
 * Before the body has begun, anything but white space and NUL, which is
 * dropped, begins it.  Behind end are more than 32 bytes.
 */

CONSENT_SIMD_TARGET
static void
consent_skip_text(consent_html_skip_t *skip, const uint8_t *p,
    const uint8_t *end)
{
    uint32_t  text;

    for ( /* void */ ; p < end && !skip->text; p += 32) {

        text = ~consent_simd_in_32(consent_simd_load_32(p),
                                   consent_skip_bytes.white);
        if (end - p < 32) {
            text &= ((uint32_t) 1 << (end - p)) - 1;
        }

        for ( /* void */ ; text && !skip->text; text &= text - 1) {
            skip->text = (p[__builtin_ctz(text)] != '\0');
        }
    }

    skip->slow = skip->foreign | !skip->text;
}


/* where a comment ends; NULL: it is none, or does not end in time */

CONSENT_SIMD_TARGET
static const uint8_t *
consent_skip_comment(const consent_skip_bytes_t *k, const uint8_t *p,
    const uint8_t *end)
{
    uint64_t         gt;
    const uint8_t   *q, *text;
    consent_simd_t   before;

    if (memcmp(p, "<!--", 4) != 0) {
        return NULL;
    }

    text = p + 4;

    for (p = text; end - p >= 64; p += 64) {

        before = consent_simd_load(p - 1);

        gt = consent_simd_bits(
                 consent_simd_and(consent_simd_is(consent_simd_load(p), k->gt),
                 consent_simd_or(consent_simd_is(before, k->dash),
                                 consent_simd_is(before, k->bang))));

        for ( /* void */ ; gt; gt &= gt - 1) {

            q = p + __builtin_ctzll(gt);

            /* "<!-->" and "<!--->" are comments as well */

            if (q[-2] == '-'
                && (q[-1] == '-' || (q - text >= 3 && q[-3] == '-')))
            {
                return q + 1;
            }
        }
    }

    return NULL;
}


/*
 * The end of a tag whose name ends at p, if all values are in double quotes
 * and no name is like one that fetches, or whatever the names, with marks;
 * otherwise NULL
 */

CONSENT_SIMD_TARGET
static inline __attribute__((always_inline)) const uint8_t *
consent_skip_plain(const consent_skip_bytes_t *k, const uint8_t *p,
    const uint8_t *end, consent_attr_marks_t *marks)
{
    unsigned        n;
    uint64_t        quotes, equals, inside, carried, begins, before, odd, gt;
    consent_simd_t  x, last, looks, names;

    carried = 0;
    before = 0;
    n = 0;

    p++;

    if (marks) {
        marks->base = p;
    }

    for ( /* void */ ; end - p >= 64; p += 64) {

        x = consent_simd_load(p);
        quotes = consent_simd_eq(x, k->quote);
        names = consent_simd_is(x, k->equals);

        inside = consent_simd_parity(quotes) ^ carried;

        gt = consent_simd_eq(x, k->gt) & ~inside;
        gt &= 0 - gt;

        equals = consent_simd_bits(names) & ~inside;
        begins = equals << 1 | before;

        /* the letters before "=", and whether there is one at all */

        last = consent_simd_load(p - 1);
        looks = consent_simd_below(last, k->zero);

        if (marks == NULL) {
            looks = consent_simd_or(looks, consent_skip_letters(k, p, last));
        }

        looks = consent_simd_or(consent_simd_and(looks, names),
                                consent_simd_is(x, k->apostrophe));

        odd = (begins ^ (quotes & inside))
              | (consent_simd_bits(looks) & ~inside);

        if (odd & (gt - 1)) {
            return NULL;
        }

        if (marks) {

            if (n == CONSENT_ATTR_MARKS) {
                return NULL;
            }

            marks->names[n] = equals & (gt - 1);
            marks->values[n++] = quotes & ~inside & (gt - 1);
        }

        if (gt) {

            if (marks) {

                /* "=>" is no value at all */

                marks->n = (begins & gt) ? 0 : n;
            }

            return p + __builtin_ctzll(gt) + 1;
        }

        carried = 0 - (inside >> 63);
        before = equals >> 63;
    }

    return NULL;
}


/* "=" at p that may be behind a name that fetches; last is what is before */

CONSENT_SIMD_TARGET
static inline __attribute__((always_inline)) consent_simd_t
consent_skip_letters(const consent_skip_bytes_t *k, const uint8_t *p,
    consent_simd_t last)
{
    consent_simd_t  looks;

    looks = consent_simd_and(consent_simd_from(k->second,
                                               consent_simd_load(p - 2)),
                             consent_simd_from(k->first,
                                               consent_simd_load(p - 3)));

    return consent_simd_and(consent_simd_any(looks),
                            consent_simd_among(k->last,
                                               consent_simd_lower(last)));
}


/* the same for all tags, given where the name ends */

CONSENT_SIMD_TARGET
static __attribute__((noinline)) const uint8_t *
consent_skip_look(consent_html_skip_t *skip, const uint8_t *tag,
    const uint8_t *p, const uint8_t *end)
{
    size_t                       len;
    uint32_t                     bucket, start;
    unsigned                     end_tag, suspect, judged;
    const uint8_t               *name, *q;
    consent_element_key_t        key;
    const consent_element_t     *el;
    const consent_skip_bytes_t  *k;

    k = consent_simd_hide(&consent_skip_bytes);

    end_tag = (tag[1] == '/');
    name = tag + 1 + end_tag;
    len = (size_t) (p - name);

    memcpy(&start, name, sizeof(start));
    key = consent_element_key(start, len);
    bucket = CONSENT_ELEMENT_BUCKET(key);
    el = consent_element_find(key, bucket, name, skip->foreign);

    skip->marks->n = 0;

    if (*p == '>') {
        p++;
        suspect = 0;

    } else {
        judged = (el && (el->flags & CONSENT_EL_JUDGED) && !skip->foreign);
        suspect = 0;

        q = judged ? consent_skip_plain(k, p, end, skip->marks) : NULL;

        if (q == NULL) {
            skip->marks->n = 0;

            q = consent_skip_attrs(skip->marks, &suspect, p, end, judged,
                                   skip->foreign);
        }

        if (q == NULL) {
            return NULL;
        }

        p = q;
        suspect |= ((size_t) (p - tag) > skip->limit);
    }

    if (suspect == 0 && (el == NULL || (el->id == CONSENT_EL_META
                                        && !skip->foreign)))
    {

        if (end_tag) {
            if (consent_html_count_end(skip->open, bucket) || !skip->foreign) {
                return p;
            }

        } else {
            if (p[-2] != '/' || !skip->foreign) {
                consent_html_count_start(skip->open, bucket);
            }

            return p;
        }
    }

    if (el && el->id == CONSENT_EL_FONT) {

        /* its attributes decide whether it leaves svg or math */

        return NULL;
    }

    skip->tag = tag;
    skip->name_len = len;
    skip->bucket = bucket;
    skip->element = el;
    skip->end_tag = end_tag;
    skip->self_closing = (p[-2] == '/');
    skip->suspect = suspect;

    return p;
}


/* the attributes of a tag whose name ends at p; NULL: odd, or not in time */

CONSENT_SIMD_TARGET
static const uint8_t *
consent_skip_attrs(consent_attr_marks_t *marks, unsigned *suspect,
    const uint8_t *p, const uint8_t *end, unsigned judged, unsigned foreign)
{
    uint64_t                     gt;
    const uint8_t               *start;
    consent_skip_attrs_t         attrs;
    const consent_skip_bytes_t  *k;

    k = consent_simd_hide(&consent_skip_bytes);

    start = ++p;

    marks->base = p;

    attrs.marks = marks;
    attrs.judged = judged;
    attrs.plain = 1;
    attrs.inside = 0;
    attrs.words = 0;
    attrs.begins = 0;
    attrs.single = 0;
    attrs.unquoted = 0;
    attrs.suspect = 0;
    attrs.calls = 0;

    do {
        if (end - p < 64) {
            return NULL;
        }

        gt = consent_skip_block(&attrs, k, p, foreign);
        p += 64;

    } while (gt == 0);

    if (gt == CONSENT_SKIP_ODD) {
        return NULL;
    }

    p += __builtin_ctzll(gt) + 1 - 64;

    if (!attrs.plain) {
        marks->n = 0;
    }

    if (attrs.unquoted && p[-2] == '/') {

        /* the slash may be part of the value */

        return NULL;
    }

    /* a style attribute fetches by a function only */

    if (foreign) {
        attrs.suspect = (attrs.suspect & 1) | attrs.calls;

    } else if (attrs.suspect == 2) {
        attrs.suspect = consent_skip_calls(start, p);
    }

    *suspect = attrs.suspect;

    return p;
}


/* one block; returns the bit of the ">" that ends the tag, 0: it goes on */

CONSENT_SIMD_TARGET
static inline __attribute__((always_inline)) uint64_t
consent_skip_block(consent_skip_attrs_t *attrs,
    const consent_skip_bytes_t *k, const uint8_t *p, unsigned foreign)
{
    uint64_t              gt, quotes, other, equals, names, words, inside,
                          end, below, begins;
    consent_simd_t        x;
    consent_skip_attrs_t  copy;

    x = consent_simd_load(p);

    gt = consent_simd_eq(x, k->gt);
    quotes = consent_simd_eq(x, k->quote);
    other = consent_simd_eq(x, k->apostrophe);
    equals = consent_simd_eq(x, k->equals);
    words = consent_simd_above(x, k->slash) & ~equals;

    inside = consent_simd_parity(quotes) ^ attrs->inside;

    end = gt & ~inside;
    end &= 0 - end;
    below = end - 1;

    equals &= ~inside;
    names = equals & (words << 1 | attrs->words);
    begins = names << 1 | attrs->begins;

    if ((((begins ^ (quotes & inside)) | (other & ~inside) | (names ^ equals))
         & below)
        || attrs->single)
    {
        /* a value without quotes, or in single ones, or "=" behind a space */

        copy = *attrs;
        end = consent_skip_other_block(&copy, k, p);
        *attrs = copy;

        if (end == CONSENT_SKIP_ODD) {
            return end;
        }

        below = end - 1;
        equals = copy.names;
        attrs->plain = 0;

    } else {

        if (attrs->marks->n == CONSENT_ATTR_MARKS || (begins & end)) {

            /* too long, or "=>", which is no value at all */

            attrs->plain = 0;

        } else {
            attrs->marks->names[attrs->marks->n] = names & below;
            attrs->marks->values[attrs->marks->n++] = quotes & ~inside & below;
        }

        attrs->inside = 0 - (inside >> 63);
        attrs->words = words >> 63;
        attrs->begins = names >> 63;
    }

    if (!attrs->judged) {
        attrs->suspect |= consent_skip_suspects(x, k, p, equals & below);
    }

    if (foreign) {
        attrs->calls |= ((consent_simd_eq(x, k->paren)
                          | consent_simd_eq(x, k->ampersand))
                         & below) != 0;
    }

    return end;
}


/* the same for a block of which it is not plain what is inside of quotes */

CONSENT_SIMD_TARGET
static uint64_t
consent_skip_other_block(consent_skip_attrs_t *attrs,
    const consent_skip_bytes_t *k, const uint8_t *p)
{
    uint64_t        gt, quotes, other, equals, words, inside, end, below,
                    opens, begins, values, white, part;
    consent_simd_t  x;

    x = consent_simd_load(p);

    gt = consent_simd_eq(x, k->gt);
    quotes = consent_simd_eq(x, k->quote);
    other = consent_simd_eq(x, k->apostrophe);
    equals = consent_simd_eq(x, k->equals);
    words = consent_simd_above(x, k->slash) & ~equals;
    white = consent_simd_in(x, k->white);

    for ( ;; ) {
        inside = consent_simd_parity(attrs->single ? other : quotes)
                 ^ attrs->inside;

        end = gt & ~inside;
        end &= 0 - end;
        below = end - 1;

        if (((attrs->single ? quotes : other) & ~inside & below) == 0) {
            break;
        }

        if (attrs->inside || attrs->single) {
            return CONSENT_SKIP_ODD;
        }

        /* perhaps single quotes are those that count */

        attrs->single = 1;
    }

    opens = (attrs->single ? other : quotes) & inside & below;
    begins = (equals & ~inside) << 1 | attrs->begins;

    /*
     * A quote has to be right behind "=", and that not at the beginning of an
     * attribute's name, which it may be behind white space
     */

    if ((opens & ~begins)
        | (equals & ~inside & ~(words << 1 | attrs->words) & below))
    {
        return CONSENT_SKIP_ODD;
    }

    values = begins & ~opens & below;

    if (values) {
        attrs->unquoted = 1;

        /*
         * From where they begin to where they end, by the carry of the sum.
         * White space first, quotes within, and a part in the next block are
         * too much.
         */

        part = ~(white | end);
        part &= ~(part + values);

        if ((values & white) | (part & (opens | (uint64_t) 1 << 63))) {
            return CONSENT_SKIP_ODD;
        }
    }

    attrs->names = equals & ~inside;
    attrs->inside = 0 - (inside >> 63);
    attrs->words = words >> 63;
    attrs->begins = (equals & ~inside) >> 63;
    attrs->single &= (unsigned) attrs->inside;

    return end;
}


/* attributes by the letters before these "=" */

CONSENT_SIMD_TARGET
static inline __attribute__((always_inline)) unsigned
consent_skip_suspects(consent_simd_t x, const consent_skip_bytes_t *k,
    const uint8_t *p, uint64_t equals)
{
    unsigned        suspect;
    consent_simd_t  lower;

    lower = consent_simd_lower(x);

    equals &= (consent_simd_in(lower, k->last) << 1
               & consent_simd_in(lower, k->last_but_one) << 2) | 3;

    for (suspect = 0; equals; equals &= equals - 1) {
        suspect |= consent_skip_suspect(p + __builtin_ctzll(equals));
    }

    return suspect;
}


/*
 * By the letters before the "=" of an attribute.  1: ping, background, src,
 * attributionsrc, http-equiv; 2: style; or a name that ends like one
 */

static unsigned
consent_skip_suspect(const uint8_t *eq)
{
    uint8_t  c;

    switch (eq[-1] | 0x20) {

    case 'e':
        return ((eq[-2] | 0x20) == 'l' && (eq[-3] | 0x20) == 'y') ? 2 : 0;

    case 'g':
        return (eq[-2] | 0x20) == 'n' && (eq[-3] | 0x20) == 'i';

    case 'd':
        return (eq[-2] | 0x20) == 'n' && (eq[-3] | 0x20) == 'u';

    case 'c':

        /* not data-src, which many scripts know */

        c = eq[-4];

        return (eq[-2] | 0x20) == 'r' && (eq[-3] | 0x20) == 's'
               && c != '-' && c != '_';

    default: /* v */
        return (eq[-2] | 0x20) == 'i' && (eq[-3] | 0x20) == 'u';
    }
}


static unsigned
consent_skip_calls(const uint8_t *p, const uint8_t *end)
{
    return memchr(p, '(', (size_t) (end - p)) != NULL
           || memchr(p, '&', (size_t) (end - p)) != NULL;
}


#endif /* CONSENT_HTML_SKIP_SIMD_H */
