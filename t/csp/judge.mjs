/*
 * Copyright (C) ngx_consent_module authors
 *
 * Judges narrowed policies without the module's code: another parser splits
 * them, and a matcher that follows the text of CSP Level 3 (section 6.7) says
 * which of many URLs a source allows.
 *
 *   node judge.mjs < PAIRS
 *
 * A line of PAIRS is a JSON array: the old policies and the new ones.  What is
 * wrong with a pair is printed, with its number; at the end how many policies
 * and sources were looked at.
 */

import { createRequire } from 'node:module';
import fs from 'node:fs';


const require = createRequire(import.meta.url);
const parsePolicy = require('content-security-policy-parser').default;

const SELF = new URL('http://www.site.example/dir/page');

const FETCH = new Set(('child-src connect-src default-src fenced-frame-src '
    + 'font-src frame-src img-src manifest-src media-src object-src '
    + 'prefetch-src script-src script-src-attr script-src-elem style-src '
    + 'style-src-attr style-src-elem worker-src').split(' '));

/* where a request looks if the policy has no directive of its own for it */

const KINDS = [
    ['connect-src', 'default-src'],
    ['fenced-frame-src', 'frame-src', 'child-src', 'default-src'],
    ['font-src', 'default-src'],
    ['frame-src', 'child-src', 'default-src'],
    ['img-src', 'default-src'],
    ['manifest-src', 'default-src'],
    ['media-src', 'default-src'],
    ['object-src', 'default-src'],
    ['prefetch-src', 'default-src'],
    ['script-src-elem', 'script-src', 'default-src'],
    ['style-src-elem', 'style-src', 'default-src'],
    ['worker-src', 'child-src', 'script-src', 'default-src'],
];


/* the rules of t/csp.t, as plain as can be */

function isDenied(url)
{
    const host = url.hostname;
    const path = url.pathname;
    const port = url.port || ({ 'http:': '80', 'ws:': '80' }[url.protocol]
                              ?? '443');
    const within = (domain) => host === domain || host.endsWith(`.${domain}`);

    if (within('tracker.example')) {
        return true;
    }

    if (host === 'mixed.example') {
        return !path.startsWith('/good/');
    }

    if (host === 'pathonly.example') {
        return path.startsWith('/track/');
    }

    if (within('wide.example')) {
        return host !== 'ok.wide.example';
    }

    if (host === 'port.example') {
        return port === '8443';
    }

    return host === 'www.site.example' && path.startsWith('/dir/own.js');
}


function probes()
{
    const hosts = 'tracker.example a.tracker.example b.a.tracker.example '
        + 'fine.example x.fine.example mixed.example a.mixed.example '
        + 'pathonly.example a.pathonly.example wide.example ok.wide.example '
        + 'a.ok.wide.example no.wide.example port.example a.port.example '
        + 'other.test a.other.test site.example www.site.example '
        + 'a.site.example';
    const paths = '/ /a.js /good/ /good/a.js /bad/ /bad/a.js /track/ '
        + '/track/a.js /dir/own.js';
    const urls = [];

    for (const scheme of ['https', 'http', 'wss', 'ws']) {
        for (const host of hosts.split(' ')) {
            for (const port of ['', ':8080', ':8443']) {
                for (const path of paths.split(' ')) {
                    urls.push(new URL(`${scheme}://${host}${port}${path}`));
                }
            }
        }
    }

    return urls;
}


const HOST_SOURCE = new RegExp('^(?:([a-z][a-z0-9+.-]*)://)?'
    + '(\\*|(?:\\*\\.)?[a-z0-9-]+(?:\\.[a-z0-9-]+)*)'
    + '(?::(\\d+|\\*))?(/[^?#,;]*)?$');

const URLS = probes();
const DENIED = URLS.map(isDenied);


function schemeMatches(a, b)
{
    return a === b
           || (a === 'http' && b === 'https')
           || (a === 'ws' && ['wss', 'http', 'https'].includes(b))
           || (a === 'wss' && b === 'https');
}


function hostMatches(a, b)
{
    return a.startsWith('*.') ? b.endsWith(a.slice(1))
                              : a === '*' || a === b;
}


function portMatches(a, url)
{
    const scheme = url.protocol.slice(0, -1);
    const usual = { http: '80', ws: '80', https: '443', wss: '443' }[scheme];
    const b = url.port || usual;

    if (a === undefined) {
        return b === usual;
    }

    return a === '*' || a === b || (a === '80' && b === '443');
}


function pathMatches(a, b)
{
    if (a === undefined || a === '/') {
        return true;
    }

    return a.endsWith('/') ? b.startsWith(a) : a === b;
}


/*
 * A source as a function of URLs; undefined: it allows no URL by itself.  The
 * page is of http, so that without a scheme every one of them will do.
 */

function readSource(text)
{
    const source = text.toLowerCase();
    const scheme = /^([a-z][a-z0-9+.-]*):$/.exec(source);
    const host = HOST_SOURCE.exec(text.replace(/^[^/]*(\/\/[^/]*)?/,
                                                (s) => s.toLowerCase()));

    if (source === "'self'") {
        return (url) => url.hostname === SELF.hostname && url.port === '';
    }

    if (scheme) {
        return (url) => schemeMatches(scheme[1], url.protocol.slice(0, -1));
    }

    if (source === '*') {
        return () => true;
    }

    if (!host) {
        return undefined;
    }

    return (url) => (host[1] === undefined
                     || schemeMatches(host[1], url.protocol.slice(0, -1)))
                    && hostMatches(host[2], url.hostname)
                    && portMatches(host[3], url)
                    && pathMatches(host[4], url.pathname);
}


const known = new Map();

/* which of URLS a source allows, by their numbers */

function allowedBy(source)
{
    if (!known.has(source)) {
        const matches = readSource(source);

        known.set(source, matches ? URLS.flatMap((url, n) => matches(url) ? [n]
                                                                         : [])
                                  : []);
    }

    return known.get(source);
}


function allowed(policy, kind)
{
    const name = kind.find((directive) => policy.has(directive));

    if (name === undefined) {
        return undefined;
    }

    return new Set(policy.get(name).flatMap(allowedBy));
}


function split(header)
{
    return header.split(',').map((text) => parsePolicy(text));
}


let problems = 0;
let policies = 0;
let sources = 0;


function complain(pair, what)
{
    console.log(`${pair}: ${what}`);
    problems++;
}


function compareLists(pair, name, was, is)
{
    const gone = was.filter((source) => !is.includes(source));

    if (!FETCH.has(name)) {
        if (was.join(' ') !== is.join(' ')) {
            complain(pair, `${name} is no fetch directive and was changed`);
        }

        return;
    }

    if (is.length === 0 && was.length) {
        complain(pair, `${name} is empty without 'none'`);
    }

    for (const source of is) {
        const none = source === "'none'" && is.length === 1 && gone.length;

        if (!was.includes(source) && !none) {
            complain(pair, `${name} has got ${source}`);
        }

        const urls = allowedBy(source);

        sources++;

        if (urls.length && urls.every((n) => DENIED[n])) {
            complain(pair, `${name} still has ${source}`);
        }
    }

    for (const source of gone) {
        const free = allowedBy(source).find((n) => !DENIED[n]);

        if (free !== undefined) {
            complain(pair, `${name} has lost ${source} and ${URLS[free]}`);
        }

        if (allowedBy(source).length === 0 && source !== "'none'") {
            complain(pair, `${name} has lost ${source}`);
        }
    }
}


function comparePolicies(pair, was, is)
{
    policies++;

    if ([...was.keys()].join(' ') !== [...is.keys()].join(' ')) {
        complain(pair, 'the directives are others');
        return;
    }

    for (const name of was.keys()) {
        compareLists(pair, name, was.get(name), is.get(name));
    }

    for (const kind of KINDS) {
        const before = allowed(was, kind);
        const after = allowed(is, kind);

        if (before === undefined) {
            if (after !== undefined) {
                complain(pair, `${kind[0]} was free`);
            }

            continue;
        }

        for (const n of after) {
            if (!before.has(n)) {
                complain(pair, `${kind[0]} allows ${URLS[n]}`);
            }
        }

        for (const n of before) {
            if (!after.has(n) && !DENIED[n]) {
                complain(pair, `${kind[0]} does not allow ${URLS[n]}`);
            }
        }
    }
}


const lines = fs.readFileSync(0, 'utf8').split('\n').filter(Boolean);

lines.forEach((line, n) => {
    const [was, is] = JSON.parse(line).map((headers) => headers.flatMap(split));

    if (was.length !== is.length) {
        complain(n, `${was.length} policies have become ${is.length}`);
        return;
    }

    was.forEach((policy, i) => comparePolicies(n, policy, is[i]));
});

console.log(`${problems} problems in ${policies} policies with `
            + `${sources} sources`);
