/*
 * Copyright (C) ngx_consent_module authors
 *
 * A list of URLs of one's own site as input: each is asked for once at the
 * upstream, and what comes is replayed like a recording.  So a page that is
 * another one each time is judged all the same.
 */

import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { require } from '../pages/corpus.mjs';
import { decodeBody, headerOf, readEntry } from './entry.mjs';


const { CookieJar } = require('tough-cookie');

const TIMEOUT = 60000;
const MAX_HEADERS = 1 << 20;

/* as a browser asks for a page */

const HEADERS = {
    'Accept': 'text/html,application/xhtml+xml,*/*;q=0.8',
    'Accept-Encoding': 'gzip, deflate, br',
    'Accept-Language': 'en',
    'Sec-Fetch-Dest': 'document',
    'Sec-Fetch-Mode': 'navigate',
    'Sec-Fetch-Site': 'none',
    'User-Agent': 'Mozilla/5.0 (ngx_consent_module replay)',
};

export class CrawlError extends Error {}


function readUpstream(text) {
    try {
        const url = new URL(text);

        if (/^https?:$/.test(url.protocol)) {
            return url;
        }

    } catch {
        /* complained of below */
    }

    throw new CrawlError(`--upstream ${text}: say http://HOST:PORT`);
}


/* URLs as visitors have them; host: of those that are only paths */

function readList(file, upstream, host) {
    const urls = [];

    for (const [i, line] of fs.readFileSync(file, 'utf8').split('\n')
        .entries())
    {
        const text = line.trim();

        if (!text || text.startsWith('#')) {
            continue;
        }

        try {
            const base = new URL(upstream.href);

            if (host) {
                base.host = host;
                base.port = '';
            }

            const url = new URL(text, base);

            if (!/^https?:$/.test(url.protocol)) {
                throw new Error('no http');
            }

            urls.push(url);

        } catch {
            throw new CrawlError(`${file}:${i + 1}: ${text} is no URL with `
                                 + 'http or https and no path');
        }
    }

    if (!urls.length) {
        throw new CrawlError(`${file}: there is no URL in it`);
    }

    return urls;
}


/* { status, headers, body } or throws */

function ask(upstream, url, cookie) {
    const library = upstream.protocol === 'https:' ? https : http;
    const headers = { Host: url.host, ...HEADERS,
                      ...cookie ? { Cookie: cookie } : {} };

    return new Promise((done, failed) => {
        const request = library.request(upstream, {
            path: url.pathname + url.search, headers, timeout: TIMEOUT,
            maxHeaderSize: MAX_HEADERS,
        });

        request.once('error', failed);
        request.once('timeout', () => request.destroy(
            new Error(`no data for ${TIMEOUT / 1000} s`)));
        request.once('response', (response) => {
            const parts = [];
            const { statusCode: status, rawHeaders: raw } = response;

            response.on('data', (part) => parts.push(part));
            response.once('error', failed);
            response.once('end', () => done({
                status, headers, body: Buffer.concat(parts),
                pairs: raw.flatMap((name, i) => i % 2 ? []
                                   : [[name, raw[i + 1]]]),
            }));
        });
        request.end();
    });
}


/* what a HAR would have of it */

function asEntry(url, cookie, { status, headers, body, pairs }) {
    const list = (all) => all.map(([name, value]) => ({ name, value }));
    let content = body;

    try {
        content = decodeBody(body, headerOf(pairs, 'content-encoding'))
                  ?? body;

    } catch {
        /* it is damaged as it comes, and goes on so */
    }

    return {
        request: { method: 'GET', url: url.href,
                   headers: list(Object.entries(headers)) },
        response: { status, headers: list(pairs), content: {
            size: content.length, text: content.toString('base64'),
            encoding: 'base64' } },
    };
}


async function* crawl(urls, upstream) {
    const jar = new CookieJar(undefined, { looseMode: true,
                                           rejectPublicSuffixes: true,
                                           allowSpecialUseDomain: true });

    for (const [number, url] of urls.entries()) {
        const cookie = jar.getCookieStringSync(url.href);

        try {
            const answer = await ask(upstream, url, cookie);

            for (const [name, value] of answer.pairs) {

                if (name.toLowerCase() === 'set-cookie') {
                    jar.setCookieSync(value, url.href, { ignoreError: true });
                }
            }

            yield readEntry(number, asEntry(url, cookie, answer), '.');

        } catch (error) {
            yield { number, url, method: 'GET',
                    problem: `cannot be had from ${upstream.origin}: `
                             + error.message };
        }
    }
}


/* { entries(), sites, about() } as run.mjs wants it */

export async function openCrawl(options) {
    const upstream = readUpstream(options.upstream);
    const host = options.site?.find((site) => !site.startsWith('.'));
    const urls = readList(options.urls, upstream, host);
    const sites = options.site ?? [...new Set(urls.map(
        ({ hostname }) => hostname))];

    /* nothing is said of a site that cannot be reached at all */

    try {
        await ask(upstream, urls[0], '');

    } catch (error) {
        throw new CrawlError(`${upstream.origin}: ${error.message}`);
    }

    return {
        sites,
        entries: () => crawl(urls, upstream),
        about: () => ({ input: options.urls, upstream: upstream.origin,
                        recorded_by: [] }),
    };
}
