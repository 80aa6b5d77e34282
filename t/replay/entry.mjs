/*
 * Copyright (C) ngx_consent_module authors
 *
 * A recorded entry as something that can be replayed: the request that a
 * browser sent and the bytes that the site answered with.  HAR files differ
 * much by what wrote them; what is missing is made up for where that is
 * possible, and said where it is not.
 */

import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import zlib from 'node:zlib';
import { spawnSync } from 'node:child_process';


/* of the connection that was recorded, and what is made anew */

const HOP = new Set(['connection', 'content-length', 'host', 'keep-alive',
                     'proxy-authorization', 'proxy-connection', 'te',
                     'trailer', 'transfer-encoding', 'upgrade']);

/* of the browser's cache at that time, which is not there any more */

const CONDITIONS = new Set(['if-match', 'if-modified-since', 'if-none-match',
                            'if-range', 'if-unmodified-since']);

const BODILESS = new Set([204, 205, 304]);

const MAX_OUTPUT = 1 << 30;


function zstd(bytes, mode) {
    const direct = mode === 'c' ? zlib.zstdCompressSync
                   : zlib.zstdDecompressSync;

    if (direct) {
        return direct(bytes);
    }

    const done = spawnSync('zstd', [`-${mode}`, '-q'],
                           { input: bytes, maxBuffer: MAX_OUTPUT });

    if (done.status !== 0) {
        throw new Error(done.error?.message ?? String(done.stderr).trim());
    }

    return done.stdout;
}


const CODINGS = {
    gzip: { encode: (bytes) => zlib.gzipSync(bytes, { level: 1 }),
            decode: (bytes) => zlib.gunzipSync(bytes) },
    deflate: { encode: (bytes) => zlib.deflateSync(bytes, { level: 1 }),
               decode: (bytes) => zlib.inflateSync(bytes) },
    br: { encode: (bytes) => zlib.brotliCompressSync(bytes, { params: {
              [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
          decode: (bytes) => zlib.brotliDecompressSync(bytes) },
    zstd: { encode: (bytes) => zstd(bytes, 'c'),
            decode: (bytes) => zstd(bytes, 'd') },
};

CODINGS['x-gzip'] = CODINGS.gzip;


function codingsOf(header) {
    return (header ?? '').toLowerCase().split(',').map((s) => s.trim())
        .filter((s) => s && s !== 'identity');
}


/* encoded as the header says; null: it names what we cannot do */

export function encodeBody(bytes, header) {
    let out = bytes;

    for (const name of codingsOf(header)) {

        if (!CODINGS[name]) {
            return null;
        }

        out = CODINGS[name].encode(out);
    }

    return out;
}


/* the other way; throws if the bytes are damaged */

export function decodeBody(bytes, header) {
    let out = bytes;

    for (const name of codingsOf(header).reverse()) {

        if (!CODINGS[name]) {
            return null;
        }

        out = CODINGS[name].decode(out);
    }

    return out;
}


/* the label in a Content-Type, lower case, or undefined */

export function charsetOf(type) {
    return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(type ?? '')?.[1]
        .toLowerCase();
}


/* a text as the bytes that it was; null if that cannot be done */

function encodeText(text, charset) {
    switch (charset) {
    case undefined: case 'utf-8': case 'utf8': case 'us-ascii':
        return Buffer.from(text, 'utf8');

    case 'utf-16le': case 'utf-16':
        return Buffer.from(text, 'utf16le');

    case 'utf-16be':
        return Buffer.from(text, 'utf16le').swap16();

    default:
        /* single bytes, ASCII among them */

        return /^(?:iso-8859-|windows-125|latin1)/.test(charset)
               && /^[\0-\xff]*$/.test(text)
               ? Buffer.from(text, 'latin1')
               : /^[\0-\x7f]*$/.test(text) ? Buffer.from(text, 'latin1')
               : null;
    }
}


/* a value as a string of one character per byte; null: cannot be sent */

function headerValue(value) {
    const text = String(value).trim();
    const bytes = /[^\0-\xff]/.test(text)
        ? Buffer.from(text, 'utf8').toString('latin1') : text;

    return /[\0-\x08\x0a-\x1f\x7f]/.test(bytes) ? null : bytes;
}


/* [name, value] pairs; one line each, as some tools join them by newlines */

function headerPairs(list, notes) {
    const pairs = [];

    for (const header of Array.isArray(list) ? list : []) {
        const name = String(header?.name ?? '').trim();

        if (!name || name.startsWith(':')) {
            continue;
        }

        for (const line of String(header.value ?? '').split('\n')) {
            const value = headerValue(line);

            try {
                http.validateHeaderName(name);

            } catch {
                notes.push(`header "${name}" cannot be sent`);
                continue;
            }

            if (value === null) {
                notes.push(`header "${name}" has a control character`);

            } else {
                pairs.push([name, value]);
            }
        }
    }

    return pairs;
}


export const headerOf = (pairs, name) => pairs.find(
    ([key]) => key.toLowerCase() === name)?.[1];


/* from the list of cookies, where the tool left the header out */

function setCookieLine(cookie) {
    const parts = [`${cookie.name}=${cookie.value ?? ''}`];

    if (cookie.path) {
        parts.push(`Path=${cookie.path}`);
    }

    if (cookie.domain) {
        parts.push(`Domain=${cookie.domain}`);
    }

    if (cookie.expires && !Number.isNaN(Date.parse(cookie.expires))) {
        parts.push(`Expires=${new Date(cookie.expires).toUTCString()}`);
    }

    if (cookie.httpOnly) {
        parts.push('HttpOnly');
    }

    if (cookie.secure) {
        parts.push('Secure');
    }

    return headerValue(parts.join('; '));
}


function named(list) {
    return (Array.isArray(list) ? list : []).filter(
        (cookie) => typeof cookie?.name === 'string' && cookie.name);
}


function requestOf(raw, notes) {
    const pairs = headerPairs(raw.headers, notes);
    const cookies = pairs.filter(([name]) => name.toLowerCase() === 'cookie')
        .map(([, value]) => value);

    if (!cookies.length) {
        cookies.push(...named(raw.cookies).map(
            ({ name, value }) => headerValue(`${name}=${value ?? ''}`)));
    }

    const headers = pairs.filter(([name]) => {
        const key = name.toLowerCase();

        return !HOP.has(key) && !CONDITIONS.has(key) && key !== 'cookie'
               && key !== 'sec-gpc' && key !== 'dnt';
    });

    return { headers, cookies: cookies.filter((text) => text),
             body: postBody(raw.postData, headers) };
}


function postBody(post, headers) {
    if (!post || typeof post !== 'object') {
        return null;
    }

    if (typeof post.text === 'string' && post.text) {
        return Buffer.from(post.text,
                           post.encoding === 'base64' ? 'base64' : 'utf8');
    }

    if (!Array.isArray(post.params) || !post.params.length
        || /multipart/i.test(headerOf(headers, 'content-type') ?? ''))
    {
        return null;
    }

    return Buffer.from(post.params.map(({ name, value }) =>
        `${encodeURIComponent(name)}=${encodeURIComponent(value ?? '')}`)
        .join('&'));
}


/* a file beside the HAR, as Playwright attaches them */

function attached(name, dir, notes) {
    const file = path.join(dir, path.basename(String(name)));

    try {
        return fs.readFileSync(file);

    } catch (error) {
        notes.push(`the body is in ${file}: ${error.message}`);

        return null;
    }
}


/* { bytes, charset }: decoded; bytes null if the HAR has no content */

function contentOf(content, type, dir, notes) {
    if (typeof content?.text === 'string' && content.encoding === 'base64') {
        return { bytes: Buffer.from(content.text, 'base64') };
    }

    if (typeof content?.text === 'string') {
        const bytes = encodeText(content.text, charsetOf(type));

        return bytes ? { bytes }
               : { bytes: Buffer.from(content.text, 'utf8'), utf8: true };
    }

    if (content?._file) {
        return { bytes: attached(content._file, dir, notes) };
    }

    return { bytes: null };
}


function responseOf(raw, method, dir, notes) {
    const pairs = headerPairs(raw.headers, notes);
    const type = headerOf(pairs, 'content-type')
                 ?? (pairs.length ? undefined : raw.content?.mimeType);
    const coding = headerOf(pairs, 'content-encoding');
    const had = (name) => headerOf(pairs, name) !== undefined;
    const framing = had('transfer-encoding') ? 'chunked'
                    : had('content-length') ? 'length' : 'any';
    const { bytes, utf8 } = contentOf(raw.content, type, dir, notes);
    const bodiless = method === 'HEAD' || BODILESS.has(raw.status);
    const size = raw.content?.size;

    let headers = pairs.filter(([name]) => !HOP.has(name.toLowerCase()));

    if (!pairs.length && type) {
        headers.push(['Content-Type', type]);
    }

    if (!had('set-cookie')) {
        headers.push(...named(raw.cookies).map(
            (cookie) => ['Set-Cookie', setCookieLine(cookie)])
            .filter(([, line]) => line));
    }

    if (utf8) {
        headers = headers.map(([name, value]) => [name,
            name.toLowerCase() === 'content-type'
            ? value.replace(/charset\s*=\s*"?[^\s";]+"?/i, 'charset=utf-8')
            : value]);
    }

    let body = bytes ?? Buffer.alloc(0);
    let sent = body;

    if (bytes && coding && !bodiless) {
        sent = encodeBody(body, coding) ?? body;
    }

    if (bodiless) {
        body = Buffer.alloc(0);
        sent = body;
    }

    return {
        status: raw.status, headers, type: headerOf(headers, 'content-type'),
        coding, framing, body, sent, bodiless,
        lost: bytes === null && !bodiless && raw.status < 300 && size !== 0,
    };
}


function skip(reason, what) {
    return { skipped: reason, ...what };
}


/*
 * Returns { number, url, method, request, response, notes, initiator }, or
 * { skipped: why } with what of it is known, or { problem } for an entry that
 * is broken.  dir: where the HAR is.
 */

export function readEntry(number, raw, dir) {
    const notes = [];
    const { request, response } = raw;

    if (!request || typeof request !== 'object') {
        return { number, problem: 'has no request' };
    }

    let url;

    try {
        url = new URL(request.url);

    } catch {
        return { number, problem: 'has no URL that can be read: '
                 + JSON.stringify(request.url ?? null).slice(0, 120) };
    }

    const method = String(request.method ?? 'GET').toUpperCase();
    const what = { number, url, method, initiator: raw._initiator ?? null };

    if (/^wss?:$/.test(url.protocol) || raw._resourceType === 'websocket'
        || response?.status === 101)
    {
        return skip('WebSocket', what);
    }

    if (!/^https?:$/.test(url.protocol)) {
        return skip(`${url.protocol} URL`, what);
    }

    if (!response || typeof response !== 'object') {
        return { ...what, problem: 'has no response' };
    }

    if (!/^[A-Z!#$%&'*+.^_`|~0-9-]+$/.test(method)) {
        return { ...what, problem: `has the method ${method.slice(0, 40)}` };
    }

    const status = Number(response.status);

    if (!(status >= 200 && status <= 999)) {
        return status <= 0 || Number.isNaN(status)
               ? skip('no answer was recorded', what)
               : { ...what, problem: `has the status ${response.status}` };
    }

    return {
        ...what, notes,
        type: raw._resourceType,
        request: requestOf(request, notes),
        response: responseOf({ ...response, status }, method, dir, notes),
    };
}
