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


#define consent_charset_nelts(a)  (sizeof(a) / sizeof((a)[0]))


/* a whole name; unicode-1-1-utf-8 is UTF-8 */

static const consent_str_t  consent_charset_unicode = consent_str("unicode");


int
consent_charset_readable(consent_str_t value)
{
    size_t         i;
    uint8_t        buf[CONSENT_CHARSET_LABEL];
    consent_str_t  name, prefix;

    name = consent_charset_label(value, buf);

    if (consent_str_caseeq(name, consent_charset_unicode)) {
        return 0;
    }

    for (i = 0; i < consent_charset_nelts(consent_charset_names); i++) {
        prefix = consent_charset_names[i];

        if (name.len >= prefix.len
            && consent_str_caseeq(consent_str_make(name.data, prefix.len),
                                  prefix))
        {
            return 0;
        }
    }

    return 1;
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
