/*
 * Copyright (C) ngx_consent_module authors
 */


#if defined(__x86_64__) && defined(__GNUC__)

#include "consent_simd_ssse3.h"

#define consent_html_skip_simd  consent_html_skip_ssse3

#include "consent_html_skip_simd.h"

#else

/* a source file needs something in it */

typedef int  consent_html_skip_ssse3;

#endif
