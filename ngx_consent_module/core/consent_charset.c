/*
 * Copyright (C) ngx_consent_module authors
 */


#include "consent_charset.h"


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


int
consent_charset_readable(consent_str_t name)
{
    size_t         i;
    consent_str_t  prefix;

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
