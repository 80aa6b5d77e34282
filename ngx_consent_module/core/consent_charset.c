/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_charset.h"


/* longer names are no label of anything */

#define CONSENT_CHARSET_LABEL  32


static consent_str_t consent_charset_label(consent_str_t value,
    uint8_t *buf);
static int consent_charset_is_name(uint8_t c);


/* prefixes: utf-16le, iso-2022-jp-2, ... */

static const consent_str_t  consent_charset_names[] = {
    consent_str("utf-16"),
    consent_str("utf16"),
    consent_str("utf-32"),
    consent_str("utf32"),
    consent_str("ucs-2"),
    consent_str("ucs-4"),
    consent_str("iso-10646-ucs"),
    consent_str("csunicode"),
    consent_str("unicodefeff"),
    consent_str("unicodefffe"),
    consent_str("utf-7"),
    consent_str("utf7"),
    consent_str("unicode-1-1-utf-7"),
    consent_str("csunicode11utf7"),
    consent_str("iso-2022"),
    consent_str("csiso2022"),
    consent_str("hz-gb-2312"),
    consent_str("scsu"),
    consent_str("bocu"),
    consent_str("ebcdic"),
    consent_str("cp037"),
    consent_str("ibm037")
};


static const consent_str_t  consent_charset_boms[] = {
    consent_str("\xfe\xff"),                /* UTF-16BE */
    consent_str("\xff\xfe"),                /* UTF-16LE, UTF-32LE */
    consent_str("\0\0\xfe\xff"),            /* UTF-32BE */
    consent_str("<\0?\0"),                  /* the same without a mark: XML */
    consent_str("\0<\0?"),
    consent_str("<\0\0\0"),
    consent_str("\0\0\0<"),
    consent_str("\x4c\x6f\xa7\x94")         /* EBCDIC */
};


/* labels by which a page can say that it is not in ISO-2022-JP: prefixes */

static const consent_str_t  consent_charset_others[] = {
    consent_str("utf"),
    consent_str("windows-"),
    consent_str("cp125"),
    consent_str("iso-8859"),
    consent_str("iso8859"),
    consent_str("iso_8859"),
    consent_str("latin"),
    consent_str("l1"),
    consent_str("ascii"),
    consent_str("us-ascii"),
    consent_str("gb"),
    consent_str("big5"),
    consent_str("euc-"),
    consent_str("shift"),
    consent_str("sjis"),
    consent_str("x-cp125"),
    consent_str("x-euc"),
    consent_str("x-gbk"),
    consent_str("x-mac"),
    consent_str("x-sjis"),
    consent_str("x-user-defined"),
    consent_str("x-x-big5"),
    consent_str("ms_kanji"),
    consent_str("ks_c"),
    consent_str("ksc"),
    consent_str("korean"),
    consent_str("koi8"),
    consent_str("tis-620"),
    consent_str("macintosh")
};


#define consent_charset_nelts(a)  (sizeof(a) / sizeof((a)[0]))


/* a whole name; unicode-1-1-utf-8 is UTF-8 */

static const consent_str_t  consent_charset_unicode = consent_str("unicode");


static int consent_charset_has_prefix(consent_str_t name,
    const consent_str_t *prefixes, size_t n);
static int consent_charset_in_tag(const uint8_t *p, const uint8_t *end,
    const char *attr);
static consent_str_t consent_charset_named(const uint8_t *p,
    const uint8_t *end);
static int consent_charset_starts(const uint8_t *p, const uint8_t *end,
    const char *word);


int
consent_charset_readable(consent_str_t value)
{
    uint8_t        buf[CONSENT_CHARSET_LABEL];
    consent_str_t  name;

    name = consent_charset_label(value, buf);

    return !consent_str_caseeq(name, consent_charset_unicode)
           && !consent_charset_has_prefix(name, consent_charset_names,
                                consent_charset_nelts(consent_charset_names));
}


static int
consent_charset_has_prefix(consent_str_t name, const consent_str_t *prefixes,
    size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (name.len >= prefixes[i].len
            && consent_str_caseeq(consent_str_make(name.data, prefixes[i].len),
                                  prefixes[i]))
        {
            return 1;
        }
    }

    return 0;
}


int
consent_charset_type_readable(consent_str_t type)
{
    size_t                      i, n;
    consent_str_t               word;
    static const consent_str_t  name = consent_str("charset");

    for (i = 0; i + name.len < type.len; i++) {
        word = consent_str_make(type.data + i, name.len);

        if (!consent_str_caseeq(word, name)) {
            continue;
        }

        for (n = i + name.len; n < type.len; n++) {
            if (!consent_is_space(type.data[n])) {
                break;
            }
        }

        if (n < type.len && type.data[n] == '='
            && (i == 0 || !consent_charset_is_name(type.data[i - 1]))
            && !consent_charset_readable(consent_str_make(type.data + n + 1,
                                                          type.len - n - 1)))
        {
            return 0;
        }
    }

    return 1;
}


/* a name without what may stand around it, and without quoted-pairs */

static consent_str_t
consent_charset_label(consent_str_t value, uint8_t *buf)
{
    size_t   i, n;
    uint8_t  c;

    n = 0;

    for (i = 0; i < value.len && n < CONSENT_CHARSET_LABEL; i++) {
        c = value.data[i];

        if (c == '\\') {
            continue;
        }

        if (consent_charset_is_name(c)) {
            buf[n++] = c;

        } else if (n || (c != '"' && c != '\'' && !consent_is_space(c))) {
            break;
        }
    }

    return consent_str_make(buf, n);
}


static int
consent_charset_is_name(uint8_t c)
{
    return consent_is_alpha(c) || consent_is_digit(c) || c == '-' || c == '_'
           || c == ':' || c == '.' || c == '+';
}


int
consent_charset_bom(const uint8_t *p, size_t len)
{
    int            found;
    size_t         i, n;
    consent_str_t  bom;

    found = 0;

    for (i = 0; i < consent_charset_nelts(consent_charset_boms); i++) {
        bom = consent_charset_boms[i];
        n = (len < bom.len) ? len : bom.len;

        if (n && memcmp(p, bom.data, n) != 0) {
            continue;
        }

        if (n == bom.len) {
            return 1;
        }

        found = -1;
    }

    return found;
}


int
consent_charset_declared(const uint8_t *p, size_t len, unsigned final)
{
    int             found, other;
    const uint8_t  *q, *end;

    if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        return 0;
    }

    end = p + len;
    other = 0;

    for (q = p; (q = memchr(q, '<', (size_t) (end - q))) != NULL; q++) {

        if (consent_charset_starts(q, end, "<meta")) {
            found = consent_charset_in_tag(q, end, "charset");

        } else if (q == p && consent_charset_starts(q, end, "<?xml")) {
            found = consent_charset_in_tag(q, end, "encoding");

        } else {
            continue;
        }

        if (found == 1) {
            return 1;
        }

        other |= found;
    }

    if (other || !final) {
        return 0;
    }

    /* ESC ( or ESC $: some browsers go by them */

    for (q = p; (q = memchr(q, 0x1b, (size_t) (end - q))) != NULL; q++) {
        if (end - q > 1 && (q[1] == '(' || q[1] == '$')) {
            return 1;
        }
    }

    return 0;
}


/* 1: the tag, if it ends before end, names ISO-2022-JP; -1: another */

static int
consent_charset_in_tag(const uint8_t *p, const uint8_t *end, const char *attr)
{
    int                         other;
    const uint8_t              *close;
    consent_str_t               label;
    static const consent_str_t  jp = consent_str("iso-2022-jp");
    static const consent_str_t  cs_jp = consent_str("csiso2022jp");

    close = memchr(p, '>', (size_t) (end - p));

    if (close == NULL) {
        return 0;
    }

    other = 0;

    for ( /* void */ ; p < close; p++) {

        if (!consent_charset_starts(p, close, attr)) {
            continue;
        }

        label = consent_charset_named(p + strlen(attr), close);

        if (consent_str_caseeq(label, jp)
            || consent_str_caseeq(label, cs_jp))
        {
            return 1;
        }

        if (consent_charset_has_prefix(label, consent_charset_others,
                               consent_charset_nelts(consent_charset_others)))
        {
            other = -1;
        }
    }

    return other;
}


/* what is behind "=", without quotes and white space */

static consent_str_t
consent_charset_named(const uint8_t *p, const uint8_t *end)
{
    const uint8_t  *q;

    while (p < end && consent_is_space(*p)) {
        p++;
    }

    if (p == end || *p != '=') {
        return consent_str_make(p, 0);
    }

    for (p++; p < end && (consent_is_space(*p) || *p == '"' || *p == '\'');
         p++)
    {
        /* void */
    }

    for (q = p; q < end && !consent_is_space(*q) && *q != '"' && *q != '\''
                && *q != ';' && *q != '/'; q++)
    {
        /* void */
    }

    return consent_str_make(p, (size_t) (q - p));
}


static int
consent_charset_starts(const uint8_t *p, const uint8_t *end, const char *word)
{
    for ( /* void */ ; *word; word++, p++) {
        if (p == end || consent_lower(*p) != (uint8_t) *word) {
            return 0;
        }
    }

    return 1;
}
