/*
 * Copyright (C) ngx_consent_module authors
 *
 * What all consent sources have in common.
 */


#include "consent_source.h"


const char *
consent_reason_text(consent_reason_e reason)
{
    switch (reason) {

    case CONSENT_REASON_OK:
        return "valid";

    case CONSENT_REASON_ABSENT:
        return "no cookie";

    case CONSENT_REASON_MALFORMED:
        return "malformed";

    case CONSENT_REASON_DUPLICATE:
        return "several cookies that differ";

    case CONSENT_REASON_SIGNATURE:
        return "no valid signature";

    case CONSENT_REASON_POLICY:
        return "given for another policy version";

    case CONSENT_REASON_EXPIRED:
        return "too old";

    case CONSENT_REASON_FUTURE:
        return "issued in the future";

    case CONSENT_REASON_SHAPE:
        return "it looks like that of other software";

    case CONSENT_REASON_LIMIT:
        return "over a limit";

    case CONSENT_REASON_RESET:
        return "the visitor is to be asked again";

    case CONSENT_REASON_UNDECIDED:
        return "nothing was chosen yet";
    }

    return "unknown reason";
}
