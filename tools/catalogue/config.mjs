// Copyright (C) ngx_consent_module authors
//
// Configuration files of nginx, so far as the catalogue needs them: tokens
// read and written, and the hand-written overrides.

export const kinds = [ 'cookie', 'resource', 'inline' ];
export const categories = [ 'necessary', 'functional', 'performance',
                            'targeting' ];


// The tokens of one line, and the comment at its end.

export function tokens(line) {
    const found = [];
    let i = 0;

    for (;;) {
        while (i < line.length && /\s/.test(line[i])) {
            i++;
        }

        if (i === line.length) {
            return { found, comment: '' };
        }

        if (line[i] === '#') {
            return { found, comment: line.slice(i + 1).trim() };
        }

        if (/[;{}]/.test(line[i])) {
            found.push(line[i++]);
            continue;
        }

        let token = '';

        if (/["']/.test(line[i])) {
            const quote = line[i++];

            while (line[i] !== quote) {
                if (i === line.length) {
                    throw new Error(`no closing quote: ${line}`);
                }

                if (line[i] === '\\' && /["'\\]/.test(line[i + 1])) {
                    i++;
                }

                token += line[i++];
            }

            i++;

        } else {
            while (i < line.length && !/[\s;{}]/.test(line[i])) {
                token += line[i++];
            }
        }

        found.push(token);
    }
}


export function quoted(token) {
    if (!/[\s;{}"'\\#$]/.test(token)) {
        return token;
    }

    const quote = token.includes('"') && !token.includes("'") ? "'" : '"';

    return quote + token.replace(/\\/g, '\\\\').replaceAll(quote, `\\${quote}`)
        + quote;
}


// { rules: [ { category, kind, pattern, why } ], out: { cookie: Set,
// resource: Set } }

export function overrides(text) {
    const rules = [];
    const out = { cookie: new Set(), resource: new Set() };
    let category = null;

    text.split('\n').forEach((line, n) => {
        const fail = (what) => {
            throw new Error(`overrides.conf:${n + 1}: ${what}`);
        };

        const left = /^# leave out (cookie|resource) (.*)/.exec(line);

        if (left) {
            const { found, comment } = tokens(left[2]);

            if (found.pop() !== ';' || !comment) {
                fail('give patterns, ";" and a reason');
            }

            found.forEach((pattern) => out[left[1]].add(pattern));
            return;
        }

        const { found, comment } = tokens(line);

        if (found.length === 0) {
            return;
        }

        if (found[0] === 'consent_category') {
            if (category || !categories.includes(found[1])
                || found.slice(2).join(' ') !== 'defaults {')
            {
                fail('write "consent_category NAME defaults {"');
            }

            category = found[1];
            return;
        }

        if (found[0] === '}') {
            category = null;
            return;
        }

        if (!category || !kinds.includes(found[0]) || found.at(-1) !== ';') {
            fail('write rules on one line each, in a category');
        }

        if (!comment) {
            fail('say why, in a comment at the end of the line');
        }

        for (const pattern of found.slice(1, -1)) {
            if (/^[;{}]$/.test(pattern)) {
                fail('quote patterns with ";", "{" or "}"');
            }

            rules.push({ category, kind: found[0], pattern, why: comment });
        }
    });

    return { rules, out };
}
