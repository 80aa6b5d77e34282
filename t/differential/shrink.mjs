/*
 * Copyright (C) ngx_consent_module authors
 *
 * The smallest document that still fails the way a long one did.
 */


/* pieces that are taken out as a whole */

const PIECES = /<[^<>]*>?|[^<>]+|>/g;


/* fails: (document) => Promise of true if it is as bad as before */

export async function shrink(document, fails) {
    let parts = document.match(PIECES) ?? [];

    for (let size = parts.length >> 1; size > 0; size >>= 1) {
        parts = await without(parts, size, fails);
    }

    parts = await without([...parts.join('').match(PIECES) ?? []], 1, fails);

    return (await without(
        parts.flatMap((part) => part.includes('example') ? [part]
                      : [...part]), 1, fails)).join('');
}


async function without(parts, size, fails) {
    for (let i = 0; i < parts.length; /* void */) {
        const rest = [...parts.slice(0, i), ...parts.slice(i + size)];

        if (await fails(rest.join(''))) {
            parts = rest;

        } else {
            i += size;
        }
    }

    return parts;
}
