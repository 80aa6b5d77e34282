/*
 * Copyright (C) ngx_consent_module authors
 *
 * The texts of inline scripts and of style sheets, as they stream.
 */


#include "consent_rewrite_private.h"


static int consent_rewrite_found(consent_rewrite_t *rw, size_t len,
    int category);
static int consent_rewrite_spoil(consent_rewrite_t *rw, size_t len,
    int category);
static int consent_rewrite_is_spoiled(const uint8_t *text, size_t len);
static consent_str_t consent_rewrite_foreign(consent_rewrite_t *rw,
    const consent_foreign_t *from, consent_str_t raw);
static int consent_rewrite_style_read(consent_rewrite_t *rw, const uint8_t *p,
    size_t keep);
static int consent_rewrite_style_plain(consent_rewrite_t *rw,
    const uint8_t *p, const uint8_t *end);
static int consent_rewrite_style_foreign(consent_rewrite_t *rw,
    const uint8_t *p);
static int consent_rewrite_style_unit(consent_rewrite_t *rw,
    consent_str_t text, const uint8_t *p, size_t raw, unsigned used);
static int consent_rewrite_style_ends(consent_rewrite_t *rw, const uint8_t *p,
    size_t tail, unsigned used);
static int consent_rewrite_style_url(consent_rewrite_t *rw, const uint8_t *p,
    size_t tail, unsigned used);
static int consent_rewrite_style_is_plain(consent_str_t raw);
static int consent_rewrite_style_open(consent_rewrite_t *rw, const uint8_t *p,
    size_t tail, unsigned used);


/*
 * Judges the script in hold and up to p; final: it ends there, with tail
 * bytes that are not its text.  The window is the limit wide, and where it
 * stands does not depend on how the input was cut.
 */

int
consent_rewrite_script(consent_rewrite_t *rw, const uint8_t *p, unsigned final,
    size_t tail)
{
    int             category;
    size_t          len, limit;
    unsigned        whole;
    consent_str_t   text;

    limit = rw->conf->judge.limit;

    for ( ;; ) {

        len = rw->hold_len + (size_t) (p - rw->from);

        if (len <= limit && !final) {
            return consent_rewrite_hold(rw, p);
        }

        whole = (len <= limit);

        if (!whole) {
            len = limit;
        }

        if (rw->hold_len && len > rw->hold_len
            && consent_rewrite_hold(rw, rw->from + (len - rw->hold_len)) != 0)
        {
            return -1;
        }

        if (len == 0) {

            /* at the end there is no input that could be pointed to */

            rw->mode = RW_MARKUP;
            return 0;
        }

        text.data = rw->hold_len ? rw->hold : rw->from;
        text.data += rw->tag_len;
        text.len = len - rw->tag_len;

        if (whole) {
            text.len -= (tail < text.len) ? tail : text.len;
        }

        if (rw->tag.foreign) {

            /* it is markup there */

            text = consent_rewrite_foreign(rw, NULL, text);

            if (text.data == NULL) {
                return -1;
            }
        }

        category = consent_judge_text(&rw->judge, text,
                                      rw->tag.script == CONSENT_SCRIPT_RULES);

        if (category != CONSENT_UNCLASSIFIED) {
            return consent_rewrite_found(rw, len, category);
        }

        if (whole) {

            /* it may pass, with whatever follows */

            rw->mode = RW_MARKUP;
            return 0;
        }

        /* counted at its first window, which has its start tag */

        rw->overflows[CONSENT_OVERFLOW_SCRIPT] += (rw->tag_len != 0);

        /* a spoiler must come behind the start tag as a whole */

        len = (rw->tag_len > limit / 2) ? rw->tag_len : limit / 2;

        text.data = (rw->hold_len ? rw->hold : rw->from) + rw->tag_len;
        text.len = len - rw->tag_len;

        consent_judge_text_pass(&rw->judge, text);

        if (consent_rewrite_release(rw, len) != 0) {
            return -1;
        }

        rw->tag_len = 0;
    }
}


/* the script whose window is the next len bytes is denied */

static int
consent_rewrite_found(consent_rewrite_t *rw, size_t len, int category)
{
    unsigned           held;
    consent_str_t      tag;
    consent_verdict_t  verdict;

    rw->mode = RW_MARKUP;
    rw->stopped = 1;

    if (rw->tag_len == 0) {
        return consent_rewrite_spoil(rw, len, category);
    }

    consent_rewrite_count(rw, category, CONSENT_BLOCKED_INLINE);

    held = (rw->hold_len != 0);

    tag = consent_str_make(held ? rw->hold : rw->from, rw->tag_len);

    verdict.nedits = 0;
    verdict.category = category;
    verdict.main = 1;
    verdict.passed = 0;

    if (consent_rewrite_block(rw, tag, held, &verdict) != 0) {
        return -1;
    }

    if (held) {
        rw->hold_len -= tag.len;
        memmove(rw->hold, rw->hold + tag.len, rw->hold_len);

    } else {
        rw->from += tag.len;
    }

    len -= tag.len;

    if (rw->mode == RW_DROP) {

        if (held) {
            rw->hold_len = 0;

        } else {
            rw->from += len;
        }

        return 0;
    }

    return consent_rewrite_release(rw, len);
}


/*
 * The spoiler must not come between bytes that mean something together to the
 * tokenizer ("-->", "</script") or to the character decoder.
 */

static int
consent_rewrite_spoil(consent_rewrite_t *rw, size_t len, int category)
{
    size_t          i;
    const uint8_t  *text;

    text = rw->hold_len ? rw->hold : rw->from;

    if (consent_rewrite_is_spoiled(text, len)) {
        return consent_rewrite_release(rw, len);
    }

    consent_rewrite_count(rw, category, CONSENT_BLOCKED_INLINE);
    rw->late++;

    for (i = 0; i < len; i++) {
        if (text[i] == ' ' || text[i] == '\n' || text[i] == ';'
            || text[i] == ',' || text[i] == ')')
        {
            break;
        }
    }

    i = (i < len) ? i + 1 : 0;

    if (consent_rewrite_release(rw, i) != 0
        || consent_sink_literal(rw->sink, consent_markup_spoiler) != 0)
    {
        return -1;
    }

    return consent_rewrite_release(rw, len - i);
}


/* 1: it came through here before */

static int
consent_rewrite_is_spoiled(const uint8_t *text, size_t len)
{
    const uint8_t        *p, *end;
    const consent_str_t  *spoiler;

    spoiler = &consent_markup_spoiler;
    end = text + len;

    for (p = text; (size_t) (end - p) >= spoiler->len; p++) {

        p = memchr(p, spoiler->data[0],
                   (size_t) (end - p) - spoiler->len + 1);

        if (p == NULL) {
            return 0;
        }

        if (memcmp(p, spoiler->data, spoiler->len) == 0) {
            return 1;
        }
    }

    return 0;
}


/* the text of svg or XML, which begins in that state; NULL: between tags */

static consent_str_t
consent_rewrite_foreign(consent_rewrite_t *rw, const consent_foreign_t *from,
    consent_str_t raw)
{
    size_t             len;
    consent_value_t    value;
    consent_foreign_t  start;

    consent_rewrite_value(rw, &value);

    if (value.data == NULL) {
        return consent_str_make(NULL, 0);
    }

    consent_foreign_init(&start);

    len = consent_foreign_decode(from ? *from : start, value.data, value.size,
                                 raw);

    return consent_str_make(value.data, len);
}


void
consent_rewrite_style_begin(consent_rewrite_t *rw)
{
    rw->style = STYLE_TEXT;
    consent_css_init(&rw->css);
    consent_foreign_init(&rw->style_text);
}


/* reads a style sheet up to p; what is not complete may begin a URL, or end
   noscript */

int
consent_rewrite_style(consent_rewrite_t *rw, const uint8_t *p)
{
    if (rw->tag.foreign) {
        return (consent_rewrite_style_foreign(rw, p) != 0)
               ? -1 : consent_rewrite_style_read(rw, p, rw->style_text.raw);
    }

    return (consent_rewrite_style_plain(rw, rw->from, p) != 0)
           ? -1 : consent_rewrite_style_read(rw, p, rw->html.view.cut);
}


/* the text up to p was read; the last bytes of what passes are kept */

static int
consent_rewrite_style_read(consent_rewrite_t *rw, const uint8_t *p,
    size_t keep)
{
    size_t    len;
    unsigned  beyond;

    switch (rw->style) {

    case STYLE_URL:

        len = rw->hold_len + (size_t) (p - rw->from);

        /* what may end noscript may not be of the URL */

        beyond = rw->tag.foreign ? 0 : (unsigned) keep;

        return (len > rw->conf->judge.limit + beyond)
               ? consent_rewrite_style_url(rw, p, 0, beyond)
               : consent_rewrite_hold(rw, p);

    case STYLE_DROP:
        rw->from = p;
        return 0;

    default:
        return consent_rewrite_pass_but(rw, p, keep);
    }
}


static int
consent_rewrite_style_plain(consent_rewrite_t *rw, const uint8_t *p,
    const uint8_t *end)
{
    consent_css_event_e  event;

    while (p < end) {

        event = consent_css_scan(&rw->css, &p, end);

        if (event == CONSENT_CSS_URL_BEGIN) {

            if (consent_rewrite_pass(rw, p) != 0) {
                return -1;
            }

            rw->style = STYLE_URL;
            rw->style_start = rw->style_text;

        } else if (event == CONSENT_CSS_URL_END) {

            if (consent_rewrite_style_ends(rw, p, 0, 0) != 0) {
                return -1;
            }
        }
    }

    return 0;
}


/* in svg and XML the style sheet is what the markup says */

static int
consent_rewrite_style_foreign(consent_rewrite_t *rw, const uint8_t *p)
{
    size_t              n, raw;
    uint8_t             text[CONSENT_FOREIGN_TEXT];
    unsigned            used;
    const uint8_t      *q, *end;
    consent_foreign_t  *f;

    f = &rw->style_text;

    for (q = rw->from; q < p; q = end) {

        end = consent_foreign_plain(f, q, p);

        if (end > q) {

            if (consent_rewrite_style_plain(rw, q, end) != 0) {
                return -1;
            }

            continue;
        }

        raw = f->raw;
        n = consent_foreign_read(f, *q, text, &used);
        end = q + used;

        if (consent_rewrite_style_unit(rw, consent_str_make(text, n), end,
                                       raw + used, used)
            != 0)
        {
            return -1;
        }
    }

    return 0;
}


/* text that the last raw bytes before p stand for; it took used of them to
   tell */

static int
consent_rewrite_style_unit(consent_rewrite_t *rw, consent_str_t text,
    const uint8_t *p, size_t raw, unsigned used)
{
    size_t                keep;
    const uint8_t        *q, *end;
    consent_css_event_e   event;

    end = text.data + text.len;

    for (q = text.data; q < end; /* void */ ) {

        event = consent_css_scan(&rw->css, &q, end);

        /* what follows a reference without ";" stands there as it is */

        keep = (q == text.data) ? raw : (size_t) (end - q);

        if (event == CONSENT_CSS_URL_BEGIN) {

            if (consent_rewrite_pass_but(rw, p, keep) != 0) {
                return -1;
            }

            rw->style = STYLE_URL;
            rw->style_start = rw->style_text;

        } else if (event == CONSENT_CSS_URL_END) {

            if (consent_rewrite_style_ends(rw, p, keep, used) != 0) {
                return -1;
            }
        }
    }

    return 0;
}


/* the URL of a style sheet ends, see below */

static int
consent_rewrite_style_ends(consent_rewrite_t *rw, const uint8_t *p,
    size_t tail, unsigned used)
{
    if (consent_rewrite_style_url(rw, p, tail, used) != 0) {
        return -1;
    }

    rw->style = STYLE_TEXT;

    return 0;
}


/*
 * The URL in hold and up to p, but for tail bytes, which are kept.  If it is
 * longer than the limit it may go on: so it is if all but those that were
 * used to see its end do not fit.
 */

static int
consent_rewrite_style_url(consent_rewrite_t *rw, const uint8_t *p, size_t tail,
    unsigned used)
{
    int             category;
    size_t          len, limit;
    unsigned        cut;
    consent_str_t   url, raw;

    if (rw->style == STYLE_PASS) {
        return consent_rewrite_pass(rw, p);
    }

    if (rw->style == STYLE_DROP) {
        rw->from = p;
        return 0;
    }

    limit = rw->conf->judge.limit;
    len = rw->hold_len + (size_t) (p - rw->from);

    cut = (len - used > limit);
    len = cut ? limit : len - tail;

    if (rw->hold_len && len > rw->hold_len
        && consent_rewrite_hold(rw, rw->from + (len - rw->hold_len)) != 0)
    {
        return -1;
    }

    url = consent_str_make(rw->hold_len ? rw->hold : rw->from, len);

    if (rw->tag.foreign) {
        url = consent_rewrite_foreign(rw, &rw->style_start, url);

        if (url.data == NULL) {
            return -1;
        }
    }

    category = consent_judge_css_url(&rw->judge, url, cut);

    rw->style = cut ? STYLE_PASS : STYLE_URL;
    rw->overflows[CONSENT_OVERFLOW_URL] += cut;

    if (category == CONSENT_UNCLASSIFIED) {
        return cut ? consent_rewrite_pass_but(rw, p, used) : 0;
    }

    consent_rewrite_count(rw, category, CONSENT_BLOCKED_STYLE);

    if (rw->first == CONSENT_UNCLASSIFIED) {
        rw->first = category;
    }

    if (consent_sink_literal(rw->sink, consent_value_nothing) != 0) {
        return -1;
    }

    raw = consent_str_make(rw->hold_len ? rw->hold : rw->from, len);

    if ((rw->tag.foreign || rw->html.forked)
        && (cut || !consent_rewrite_style_is_plain(raw)))
    {
        /* to another reading it may be markup: behind that it says nothing */

        return cut ? consent_rewrite_pass_but(rw, p, used) : 0;
    }

    if (cut) {
        rw->style = STYLE_DROP;
        rw->hold_len = 0;
        rw->from = p;

    } else if (rw->hold_len) {
        rw->hold_len -= len;
        memmove(rw->hold, rw->hold + len, rw->hold_len);

    } else {
        rw->from += len;
    }

    return 0;
}


/* 1: wherever it stands in markup, it may as well not be there */

static int
consent_rewrite_style_is_plain(consent_str_t raw)
{
    size_t   i;
    uint8_t  c;

    for (i = 0; i < raw.len; i++) {

        c = raw.data[i];

        if (c <= ' ' || c == '<' || c == '>' || c == '&' || c == '='
            || c == '"' || c == '\'' || c == '`' || c == ']')
        {
            return 0;
        }
    }

    return 1;
}


/* the style sheet ends at p, and what is left of the end tag is tail */

int
consent_rewrite_style_end(consent_rewrite_t *rw, const uint8_t *p,
    consent_str_t tail)
{
    if (consent_rewrite_style(rw, p) != 0) {
        return -1;
    }

    rw->mode = RW_MARKUP;

    if (rw->style == STYLE_DROP) {

        /* what ended it was dropped as well */

        return tail.len ? consent_sink_literal(rw->sink, tail) : 0;
    }

    return consent_rewrite_style_open(rw, p, tail.len, 0);
}


/* a browser closes what is open in a style sheet that ends */

static int
consent_rewrite_style_open(consent_rewrite_t *rw, const uint8_t *p,
    size_t tail, unsigned used)
{
    if (rw->style != STYLE_URL || !consent_css_finish(&rw->css)) {
        return 0;
    }

    return consent_rewrite_style_ends(rw, p,
                                      (tail < rw->hold_len) ? tail
                                                            : rw->hold_len,
                                      used);
}


/*
 * To a browser with scripting, the style sheet ends with noscript, whose end
 * tag stands before p as far as cut; to one without, it goes on.  There it is
 * made to end, too, since nobody reads it any more.
 */

int
consent_rewrite_style_cut(consent_rewrite_t *rw, const uint8_t *p,
    consent_str_t cut)
{
    static const consent_str_t  end = consent_str("</style>");

    consent_rewrite_count(rw, consent_judge_first_denied(&rw->judge),
                          CONSENT_BLOCKED_OTHER);
    consent_html_join(&rw->html);

    if (consent_rewrite_style_plain(rw, rw->from, p) != 0
        || consent_rewrite_style_read(rw, p, cut.len) != 0)
    {
        return -1;
    }

    rw->mode = RW_MARKUP;

    if (rw->style == STYLE_DROP) {

        /* with all that came before p */

        return (consent_sink_literal(rw->sink, end) != 0)
               ? -1 : consent_sink_literal(rw->sink, cut);
    }

    if (consent_rewrite_style_open(rw, p, cut.len, (unsigned) cut.len) != 0
        || consent_rewrite_pass_but(rw, p, cut.len) != 0
        || consent_sink_literal(rw->sink, end) != 0)
    {
        return -1;
    }

    return consent_rewrite_pass(rw, p);
}
