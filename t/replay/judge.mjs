/*
 * Copyright (C) ngx_consent_module authors
 *
 * The verdict on one answer in one consent state: what was refused and is
 * there, and what was not refused and is not.  Cookies are read by
 * tough-cookie, pages by parse5, URLs as WHATWG has it.
 */

import { TextDecoder } from 'node:util';
import { excerpt, firstDifference } from '../pages/judge.mjs';
import { require } from '../pages/corpus.mjs';
import { charsetOf, decodeBody, headerOf } from './entry.mjs';
import { JUDGED, hostsInPolicy, urlsInHeader, widenedPolicies }
    from './fields.mjs';
import { readDocument } from './document.mjs';


const { Cookie } = require('tough-cookie');

/* what verdicts there are: leak, broken, or a warning */

export const KINDS = {
    'set-cookie': ['leak', 'a refused Set-Cookie passed'],
    'request-cookie': ['leak', 'a refused cookie reached the site'],
    'resource': ['leak', 'a refused resource is still fetched'],
    'inline': ['leak', 'a refused inline script still runs'],
    'header': ['leak', 'a header makes browsers fetch something refused'],
    'csp': ['leak', 'a Content-Security-Policy still allows a refused host, or '
                    + 'more than before'],
    'crossing': ['leak', 'a page or a 304 crosses consent states'],
    'withdrawal': ['leak', 'a refused cookie stays after withdrawal'],
    'lifetime': ['leak', 'a cookie lives longer than max_age'],
    'bytes': ['broken', 'bytes outside what is blocked have changed'],
    'tree': ['broken', 'the tree differs outside what is blocked'],
    'status': ['broken', 'the status has changed'],
    'framing': ['broken', 'the answer is incomplete or its framing changed'],
    'headers': ['broken', 'a header that nothing is refused in has changed'],
    'cookies': ['broken', 'an accepted cookie was lost or changed'],
    'request': ['broken', 'the site was asked for something else'],
    'report': ['broken', 'report mode changes something'],
    'unclassified': ['warning', 'nobody has classified this'],
    'unseen': ['warning', 'asked for by a script that nothing blocks'],
    'passed': ['warning', 'passes by configuration'],
    'unjudged': ['warning', 'could not be judged'],
};

/* of pages, by the documentation of consent_cache and of validators */

const OF_PAGES = /^(?:etag|last-modified|cache-control|vary|expires|surrogate-control|edge-control|x-accel-expires|accept-ranges|content-encoding|.*-cache-control)$/;

/* nginx writes them, or they are judged elsewhere */

const NOT_COMPARED = new Set(['connection', 'content-length', 'keep-alive',
                              'set-cookie', 'transfer-encoding', 'trailer']);

/* of requests: the module changes them, or nginx does on its way */

const NOT_ASKED = new Set(['accept-encoding', 'connection', 'content-length',
                           'cookie', 'expect', 'http2-settings', 'if-range',
                           'keep-alive', 'proxy-connection', 'range', 'te',
                           'trailer', 'transfer-encoding', 'upgrade']);

const ODD_CHARSET = /^(?:utf-?16|utf-?32|utf-7|iso-2022|hz)/;

const SHOWN = 100;


const shorten = (text) => text.length > SHOWN ? `${text.slice(0, SHOWN)}...`
                          : text;


/* { name, value, cookie } of a Set-Cookie line, as a browser reads it */

export function readSetCookie(line) {
    const cookie = Cookie.parse(line, { loose: true });

    return cookie ? { name: cookie.key ?? '', value: cookie.value ?? '',
                      cookie, line } : null;
}


/* a line that takes a cookie away */

export function isDeletion({ cookie }) {
    if (cookie.maxAge !== null) {
        return cookie.maxAge === '-Infinity' || cookie.maxAge <= 0;
    }

    return cookie.expires instanceof Date
           && cookie.expires.getTime() <= Date.now();
}


function isSession({ cookie }) {
    return cookie.maxAge === null && !(cookie.expires instanceof Date);
}


/* in seconds from now; Infinity: as long as the browser wants */

function lifetime({ cookie }) {
    const time = cookie.maxAge !== null ? Number(cookie.maxAge)
                 : (cookie.expires.getTime() - Date.now()) / 1000;

    return Number.isNaN(time) ? Infinity : time;
}


/* the names in Cookie lines, in their order */

export function cookieNames(lines) {
    return lines.flatMap((line) => line.split(';')).map((pair) => pair.trim())
        .filter((pair) => pair)
        .map((pair) => Cookie.parse(pair, { loose: true })?.key ?? '');
}


const valuesOf = (headers, name) => headers
    .filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);


/* a Content-Type, or none, of what browsers show as a page */

export function isPage(type, policy) {
    if (type === undefined) {
        return true;
    }

    return policy.types.has('*')
           || policy.types.has(type.split(';')[0].trim().toLowerCase());
}


/* what the charset or the first bytes say, if it is not one of ASCII */

export function oddCharset(type, bytes) {
    const label = charsetOf(type);

    if (bytes[0] === 0xff && bytes[1] === 0xfe) {
        return 'utf-16le';
    }

    if (bytes[0] === 0xfe && bytes[1] === 0xff) {
        return 'utf-16be';
    }

    return label && ODD_CHARSET.test(label) ? label : null;
}


class Verdict {

    constructor({ policy, isConsentCookie }, exchange) {
        Object.assign(this, exchange);
        this.policy = policy;
        this.isConsentCookie = isConsentCookie;
        this.accepted = this.state.accepted;
        this.recorded = this.entry.response;
        this.problems = [];
        this.cookies = [];
        this.hidden = [];
        this.blocked = [];
        this.breaks = [];
        this.isPage = isPage(this.recorded.type, this.policy);
    }


    complain(kind, text) {
        this.problems.push({ kind, text });
    }


    category(name) {
        return this.isConsentCookie(name) ? null
               : this.policy.cookie(name).category;
    }


    isDenied(name) {
        return this.policy.isDenied(this.category(name), this.accepted);
    }


    denies(url) {
        return this.policy.deniesUrl(url, this.entry.url, this.accepted);
    }


    setCookies() {
        const before = valuesOf(this.recorded.headers, 'set-cookie')
            .map(readSetCookie).filter((one) => one);
        const after = valuesOf(this.answer.headers, 'set-cookie')
            .map(readSetCookie).filter((one) => one);

        for (const set of after) {
            this.setCookie(set, before);
        }

        for (const set of before) {
            const category = this.category(set.name);
            const denied = this.isDenied(set.name);
            const kept = after.find(({ name, value }) => name === set.name
                                                         && value === set.value);

            this.cookies.push({
                name: set.name, category: category?.name ?? '',
                outcome: kept ? (denied && !isDeletion(set) ? 'session'
                                 : 'passed') : 'dropped',
            });

            if (!kept && (!denied || category.onDeny === 'session')) {
                this.complain('cookies', `Set-Cookie of ${set.name} is lost`);
            }
        }
    }


    /* another answer than the one recorded may leak as well */

    leaking() {
        for (const set of valuesOf(this.answer.headers, 'set-cookie')
            .map(readSetCookie).filter((one) => one))
        {
            if (this.isDenied(set.name) && !isDeletion(set)) {
                this.complain('set-cookie', `${set.name} `
                              + `(${this.category(set.name).name})`);
            }
        }
    }


    setCookie(set, before) {
        const recorded = before.find(({ name, value }) => name === set.name
                                     && value === set.value);
        const category = this.category(set.name);

        if (isDeletion(set)) {

            if (!recorded && !this.isDenied(set.name)) {
                this.complain('cookies', `${set.name} is deleted though it is `
                              + 'not refused');
            }

            return;
        }

        if (!recorded) {
            this.complain('cookies', `Set-Cookie of ${set.name} was not sent `
                          + 'by the site');
        }

        if (this.isDenied(set.name)) {

            if (category.onDeny !== 'session' || !isSession(set)) {
                this.complain('set-cookie', `${set.name} (${category.name})`);
            }

            return;
        }

        if (recorded && recorded.line !== set.line
            && !category?.maxAge)
        {
            this.complain('cookies', `Set-Cookie of ${set.name} became `
                          + shorten(set.line));
        }

        if (category?.maxAge && !category.always && !isSession(set)
            && lifetime(set) > category.maxAge + 5)
        {
            this.complain('lifetime', `${set.name} (${category.name}) lives `
                + `${Math.round(lifetime(set) / 86400)} days`);
        }
    }


    /* what the site got to see */

    requestCookies() {
        const strips = this.policy.settings.consent_request_cookies !== 'pass';
        const sent = cookieNames(this.sentCookies);

        for (const { cookies } of this.seen) {
            const arrived = cookieNames(cookies);

            for (const name of arrived) {

                if (this.isDenied(name)) {
                    this.complain(strips ? 'request-cookie' : 'passed',
                        `${name} (${this.category(name).name})`);
                }
            }

            for (const name of sent) {

                if (!this.isDenied(name) && !arrived.includes(name)) {
                    this.complain('cookies', `the site did not get ${name}, `
                                  + 'which is not refused');
                }
            }

            this.hidden.push(...sent.filter((name) => this.isDenied(name)
                                            && !arrived.includes(name)));
        }
    }


    /* and what was asked of it */

    request() {
        const lines = (headers) => headers
            .map(([name, value]) => [name.toLowerCase(), value])
            .filter(([name]) => !NOT_ASKED.has(name))
            .map(([name, value]) => `${name}: ${value}`).sort();
        const want = lines(this.sent.headers);

        for (const seen of this.seen) {
            const got = lines(seen.headers);
            const other = [...want.filter((line) => !got.includes(line)),
                           ...got.filter((line) => !want.includes(line))];

            for (const what of ['method', 'path', 'sum']) {

                if (seen[what] !== this.sent[what]) {
                    other.unshift(what === 'sum' ? 'another body'
                        : `${what} ${seen[what]}, not ${this.sent[what]}`);
                }
            }

            other.forEach((text) => this.complain('request', shorten(text)));
        }
    }


    headers() {
        const list = (headers) => headers
            .map(([name, value]) => [name.toLowerCase(), value])
            .filter(([name]) => !NOT_COMPARED.has(name)
                    && !(this.isPage && OF_PAGES.test(name)));
        const texts = (headers) => list(headers)
            .filter(([name]) => !JUDGED.has(name))
            .map(([name, value]) => `${name}: ${value}`).sort();
        const before = texts(this.recorded.headers);
        const after = texts(this.answer.headers);

        for (const text of before) {

            if (!after.includes(text)) {
                this.complain('headers', `lost ${shorten(text)}`);
            }
        }

        for (const text of after) {

            if (!before.includes(text)) {
                this.complain('headers', `new ${shorten(text)}`);
            }
        }

        for (const [name, value] of list(this.answer.headers)) {
            this.header(name, value);
        }

        this.unrefused();
    }


    header(name, value) {
        for (const url of urlsInHeader(name, value, this.entry.url)) {

            if (this.denies(url)) {
                this.complain('header', `${name} has ${url.href}`);
            }
        }

        if (name.startsWith('content-security-policy')
            && this.policy.settings.consent_csp !== 'off')
        {
            for (const { directive, source, url } of hostsInPolicy(value)) {

                if (this.isWhollyDenied(url)) {
                    this.complain('csp', `${directive} has ${source}`);
                }
            }
        }
    }


    /* nothing below this URL is of another category */

    isWhollyDenied(url) {
        const host = url.hostname;
        const others = this.policy.rules.resource.filter(
            (rule) => rule.host !== undefined && rule.path
                && (host === rule.host || host.endsWith(`.${rule.host}`)));

        return this.denies(url) && this.policy.resource(url, this.entry.url)
                   .rule?.regex === undefined
               && others.every(({ category }) =>
                   this.policy.isDenied(category, this.accepted));
    }


    /* judged headers in which nothing is refused are as they were */

    unrefused() {
        for (const name of JUDGED) {
            const before = valuesOf(this.recorded.headers, name);
            const after = valuesOf(this.answer.headers, name);

            if (name.startsWith('content-')) {
                for (const text of widenedPolicies(before, after)) {
                    this.complain('csp', `${name}: ${text}`);
                }
            }

            const refused = (name === 'nel' && before.length) || before.some((value) =>
                urlsInHeader(name, value, this.entry.url).some(
                    (url) => this.denies(url))
                || (name.startsWith('content-') && this.mayNarrow(value)));

            if (!refused && before.join('\n') !== after.join('\n')) {
                this.complain('headers', `${name} has changed`);
            }
        }
    }


    mayNarrow(value) {
        return this.state.denied.length > 0 && /[a-z0-9]\.[a-z]/i.test(value);
    }


    /* a page that may differ by state must not be shared */

    caching() {
        const control = valuesOf(this.answer.headers, 'cache-control')
            .join().toLowerCase();
        const vary = valuesOf(this.answer.headers, 'vary').join()
            .toLowerCase();
        const off = this.policy.settings.consent_cache === 'off';

        if (/\b(?:private|no-store)\b/.test(control) || /\bcookie\b|\*/
            .test(vary) || this.answer.status >= 300)
        {
            return;
        }

        this.complain(off ? 'passed' : 'crossing', 'caches may keep this page '
            + 'for every visitor: neither "private" nor "Vary: Cookie"');
    }


    async body() {
        const { answer, recorded, page } = this;
        const coding = headerOf(answer.headers, 'content-encoding');
        let got = answer.body;

        if (recorded.bodiless || recorded.lost) {
            return;
        }

        if (!page) {
            this.sameBody(answer.body, recorded.sent);
            return;
        }

        try {
            got = decodeBody(answer.body, coding);

        } catch (error) {
            this.complain('framing', `the ${coding} of the answer is `
                          + `damaged: ${error.message}`);
            return;
        }

        if (got === null) {
            this.sameBody(answer.body, recorded.sent);
            return;
        }

        if (oddCharset(recorded.type, recorded.body)) {
            this.odd(got);
            return;
        }

        const verdict = await page.judge(got, this.accepted);

        verdict.problems.forEach(({ kind, text }) =>
            this.complain(kind, text));
        this.blocked = verdict.blocked;
        this.breaks = verdict.breaks;
    }


    sameBody(got, want) {
        if (!got.equals(want)) {
            const offset = firstDifference(got, want);

            this.complain('bytes', `changed at offset ${offset}, `
                + `${got.length} bytes instead of ${want.length}: got `
                + excerpt(got, offset));
        }
    }


    /* a page that the module cannot read: nothing refused may be in it */

    odd(got) {
        const charset = oddCharset(this.recorded.type, this.recorded.body);
        let source;

        try {
            source = new TextDecoder(charset).decode(got);

        } catch {
            this.complain('unjudged', `a page in ${charset}`);
            return;
        }

        const { on, off } = readDocument(source, this.entry.url.href);

        for (const view of new Set([on, off])) {
            for (const { name, url } of view.loads) {

                if (this.denies(url)) {
                    this.complain('resource', `<${name}> still loads `
                                  + `${url.href} (page in ${charset})`);
                }
            }
        }
    }


    give() {
        const { problems, cookies, hidden, blocked, breaks } = this;

        return { problems, cookies, hidden, blocked, breaks };
    }
}


/* a 502 for what the module cannot read is its own */

function statusText(verdict) {
    const { answer, recorded } = verdict;
    const odd = verdict.isPage && answer.status === 502
        ? ': the module cannot inspect this page (consent_uninspectable '
          + 'block)' : '';

    return `${answer.status} instead of ${recorded.status}${odd}`;
}


/*
 * context: { policy, isConsentCookie }; exchange: { entry, state, page (or
 * null), answer, seen, sent, sentCookies }.  Returns { problems, cookies, hidden,
 * blocked, breaks }.
 */

export async function judgeAnswer(context, exchange) {
    const verdict = new Verdict(context, exchange);
    const { answer, recorded } = verdict;

    if (answer.error) {
        verdict.complain('framing', answer.error);

        return verdict.give();
    }

    verdict.requestCookies();
    verdict.request();

    if (answer.status !== recorded.status) {
        verdict.complain('status', statusText(verdict));
        verdict.leaking();

        return verdict.give();
    }

    verdict.setCookies();
    verdict.headers();
    await verdict.body();

    const length = headerOf(answer.headers, 'content-length');

    if (!recorded.bodiless && length !== undefined
        && Number(length) !== answer.body.length)
    {
        verdict.complain('framing', `Content-Length is ${length}, there are `
                         + `${answer.body.length} bytes`);
    }

    if (verdict.isPage && exchange.state.denied.length) {
        verdict.caching();
    }

    return verdict.give();
}


/* in report mode everything is as the site sent it */

export function judgeReport(context, { entry, answer, seen, sentCookies }) {
    const problems = [];
    const recorded = entry.response;
    const texts = (headers) => headers
        .map(([name, value]) => `${name.toLowerCase()}: ${value}`)
        .filter((text) => !NOT_COMPARED.has(text.split(':')[0])
                || text.startsWith('set-cookie'))
        .sort().join('\n');
    const complain = (text) => problems.push({ kind: 'report', text });

    if (answer.error) {
        complain(answer.error);

    } else if (answer.status !== recorded.status) {
        complain(`status ${answer.status} instead of ${recorded.status}`);

    } else if (!answer.body.equals(recorded.bodiless ? Buffer.alloc(0)
                                   : recorded.sent))
    {
        complain('the body has changed');

    } else if (texts(answer.headers) !== texts(recorded.headers)) {
        complain('headers have changed');
    }

    for (const { cookies } of seen) {

        if (cookieNames(cookies).join() !== cookieNames(sentCookies).join()) {
            complain('the site got other cookies');
        }
    }

    return problems;
}
