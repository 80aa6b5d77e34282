/*
 * Copyright (C) ngx_consent_module authors
 *
 * Response headers that make a browser fetch or report something, read
 * without the module: the URLs in them, and the hosts that a policy allows.
 */

import { require } from '../pages/corpus.mjs';


const { default: parsePolicy } =
    require('content-security-policy-parser');

const FETCHING_RELS = new Set([
    'dns-prefetch', 'icon', 'manifest', 'modulepreload', 'preconnect',
    'prefetch', 'preload', 'prerender', 'stylesheet',
]);

const FETCH_DIRECTIVE = /-src(?:-elem|-attr)?$/;

/* headers that may lose something, all others stay as they are */

export const JUDGED = new Set(['content-security-policy',
    'content-security-policy-report-only', 'link', 'nel', 'refresh',
    'report-to', 'reporting-endpoints', 'speculation-rules']);


function resolve(text, base) {
    try {
        return new URL(text, base);

    } catch {
        return null;
    }
}


/* links that make a browser fetch */

function* linkUrls(value) {
    for (const [, target, params] of value.matchAll(
        /<([^>]*)>((?:\s*;\s*[^"=,;]+(?:=(?:"[^"]*"|[^",;]*))?)*)/g))
    {
        const rel = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]*))/i.exec(params);

        if ((rel?.[1] ?? rel?.[2] ?? '').toLowerCase().split(/\s+/)
            .some((word) => FETCHING_RELS.has(word)))
        {
            yield target;
        }
    }
}


function* quoted(value) {
    for (const [, text] of value.matchAll(/"([^"]*)"/g)) {
        yield text;
    }
}


function* reportTo(value) {
    let groups;

    try {
        groups = JSON.parse(`[${value}]`);

    } catch {
        return;
    }

    for (const { endpoints } of groups) {
        for (const { url } of Array.isArray(endpoints) ? endpoints : []) {
            yield String(url);
        }
    }
}


const READERS = {
    'link': linkUrls,
    'refresh': function* refresh(value) {
        const url = /^[\s\d.]*[;,\s]\s*(?:url\s*=\s*)?["']?([^"']*)/i
            .exec(value);

        if (url?.[1]) {
            yield url[1];
        }
    },
    'speculation-rules': quoted,
    'reporting-endpoints': quoted,
    'report-to': reportTo,
};


/* the URLs that this header makes a browser ask for */

export function urlsInHeader(name, value, base) {
    const read = READERS[name.toLowerCase()];

    return read ? [...read(value)].map((text) => resolve(text, base))
        .filter((url) => url) : [];
}


/* a policy each, whatever lines and lists they came in */

function policiesOf(values) {
    return values.flatMap((value) => value.split(','))
        .filter((text) => text.trim()).map((text) => parsePolicy(text));
}


/* what is no host, and so nobody's to refuse: keywords, nonces, schemes */

const isGeneral = (source) => /^'|:$|^\*$/.test(source);


function* policyProblems(was, now) {
    for (const name of now.keys()) {

        if (!was.has(name)) {
            yield `${name} is new`;
        }
    }

    for (const [name, before] of was) {
        const after = now.get(name);

        if (!after) {
            yield `${name} is lost`;
            continue;
        }

        const isNone = after.length === 1 && after[0] === "'none'";

        yield* after.filter((source) => !isNone && !before.includes(source))
            .map((source) => `${name} allows ${source}`);
        yield* before.filter((source) => isGeneral(source)
                                         && !after.includes(source))
            .map((source) => `${name} lost ${source}`);
    }
}


/* texts about what is not narrower than before, or is by more than hosts */

export function* widenedPolicies(before, after) {
    const was = policiesOf(before);
    const now = policiesOf(after);

    if (was.length !== now.length) {
        yield `${now.length} policies instead of ${was.length}`;
        return;
    }

    for (const [i, policy] of was.entries()) {
        yield* policyProblems(policy, now[i]);
    }
}


/* the hosts that a list of policies allows, wildcards left out */

export function hostsInPolicy(value) {
    const found = [];

    for (const text of value.split(',')) {
        for (const [directive, sources] of parsePolicy(text)) {

            if (!FETCH_DIRECTIVE.test(directive)
                && directive !== 'default-src')
            {
                continue;
            }

            for (const source of sources) {
                const [, host, path] = /^(?:https?:\/\/)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::[\d*]+)?(\/.*)?$/i
                    .exec(source) ?? [];
                const url = host && resolve(`https://${host}${path ?? '/'}`);

                if (url) {
                    found.push({ directive, source, url, path });
                }
            }
        }
    }

    return found;
}
