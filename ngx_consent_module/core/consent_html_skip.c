/*
 * Copyright (C) ngx_consent_module authors
 *
 * What this processor can, looked up when a document begins.
 */


#include "consent_html_skip.h"


#if defined(__x86_64__) && defined(__GNUC__)


consent_html_skip_pt
consent_html_skip(void)
{
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")
        && __builtin_cpu_supports("bmi2")
        && __builtin_cpu_supports("popcnt")
        && __builtin_cpu_supports("pclmul"))
    {
        return consent_html_skip_avx2;
    }

    if (__builtin_cpu_supports("ssse3") && __builtin_cpu_supports("popcnt")) {
        return consent_html_skip_ssse3;
    }

    return NULL;
}


consent_html_skip_pt
consent_html_skip_nth(unsigned n)
{
    consent_html_skip_pt  best;

    best = consent_html_skip();

    if (n == 0) {
        return best;
    }

    return (n == 1 && best == consent_html_skip_avx2)
           ? consent_html_skip_ssse3 : NULL;
}


#else


consent_html_skip_pt
consent_html_skip(void)
{
    return NULL;
}


consent_html_skip_pt
consent_html_skip_nth(unsigned n)
{
    (void) n;

    return NULL;
}

#endif
