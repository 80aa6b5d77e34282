/*
 * Copyright (C) ngx_consent_module authors
 *
 * Replays recorded entries through nginx with the module in every consent
 * state and gathers the verdicts.  Entries come one by one and are forgotten
 * when all states have had them.
 */

import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { require } from '../pages/corpus.mjs';
import { Initiators } from './initiators.mjs';
import { Inventory } from './inventory.mjs';
import { Judges } from './judges.mjs';
import { MARK, Origin } from './origin.mjs';
import { ReplayNginx } from './server.mjs';
import { cookieNames, isPage, judgeAnswer, judgeReport, oddCharset,
         readSetCookie } from './judge.mjs';
import { decodeBody, headerOf } from './entry.mjs';


const { CookieJar } = require('tough-cookie');
const { getDomain } = require('tldts');

const CONCURRENCY = 4;
const MAX_KNOWN = 20000;        /* verdicts that are remembered */
const MAX_PAGES = 50;           /* pages that a withdrawal is tried with */
const EXPIRE_TRIES = 12;

const hash = (bytes) => crypto.createHash('sha1').update(bytes)
    .digest('base64');


/* the registrable domain, or the host where there is none */

export function siteOf(url) {
    return getDomain(url.hostname, { allowPrivateDomains: true })
           ?? url.hostname;
}


/* is this URL of the site that is replayed?  sites: hosts, ".host" */

export function siteMatcher(sites) {
    return ({ hostname }) => sites.some((site) => site.startsWith('.')
        ? hostname === site.slice(1) || hostname.endsWith(site)
        : hostname === site);
}


function newJar() {
    return new CookieJar(undefined, { looseMode: true,
                                      rejectPublicSuffixes: true,
                                      allowSpecialUseDomain: true });
}


/* what a browser does with a Set-Cookie that it does not like: nothing */

function store(jar, line, url) {
    try {
        jar.setCookieSync(line, url.href, { ignoreError: true });

    } catch {
        /* another domain, a public suffix */
    }
}


/* what an answer said, and a sum of its decoded body: states have one each */

function withoutBody({ status, headers, body, error }) {
    if (error) {
        return { error };
    }

    let decoded = null;

    try {
        decoded = decodeBody(body, headerOf(headers, 'content-encoding'));

    } catch {
        /* it is damaged, and compared as it is */
    }

    return { status, headers, sum: hash(decoded ?? body) };
}


/* read when it is needed: most outputs were seen before */

class LazyPage {

    constructor(replay, bytes, url) {
        Object.assign(this, { replay, bytes, url });
        this.key = `${url.href}\n${hash(bytes)}`;
    }


    get page() {
        this.opened ??= this.replay.judges.open(this.bytes, this.url);

        return this.opened;
    }


    judge(got, accepted) {
        const { known } = this.replay;
        const key = [this.key, hash(got), [...accepted].sort().join()]
            .join('\n');

        if (!known.has(key)) {

            if (known.size >= MAX_KNOWN) {
                known.clear();
            }

            known.set(key, this.page.judge(got, accepted));
        }

        return known.get(key);
    }


    loads() {
        return this.page.loads();
    }


    close() {
        this.opened?.close();
    }
}


export class Replay {

    /*
     * options: { policy, states, isConsentCookie, judged, conf, prefix,
     * isSite, seed, reports, more }: judged is where the policy was read from
     * ({ conf, prefix }), conf what nginx gets, threads as in Judges, and more
     * what tests put into the configuration.
     * onProgress({ done, number }) is called now and then.
     */

    constructor(options) {
        Object.assign(this, { reports: false, seed: '1', more: {},
                              onProgress: () => {} }, options);

        this.inventory = new Inventory(this.policy, this.isConsentCookie);
        this.initiators = new Initiators(this.policy, this.isSite);
        this.judges = new Judges(this.policy, this.judged, this.threads);
        this.known = new Map();
        this.jars = new Map();
        this.entries = { replayed: 0, third: 0, skipped: 0, broken: 0,
                         pages: 0, withoutContent: 0 };
        this.skipped = {};
        this.bad = [];
        this.notes = new Map();
        this.requests = 0;
        this.sequence = 0;
        this.bytes = 0;
        this.counts = {};
        this.page = null;           /* the URL of the first one */
        this.pages = [];
        this.hasCookies = false;

        for (const { after } of this.states) {

            if (after) {
                this.jars.set(after, newJar());
            }
        }
    }


    /* states in the order in which they can be: after whom they come */

    passes() {
        const passes = [];
        let left = this.states;

        for (let names = new Set(); left.length; ) {
            const now = left.filter(({ after }) => !after
                                                   || names.has(after));

            if (!now.length) {
                throw new Error('states come after each other in a circle');
            }

            passes.push(now);
            left = left.filter((state) => !now.includes(state));
            names = new Set([...names, ...now.map(({ name }) => name)]);
        }

        return passes;
    }


    /* entries(): makes a new iterator of what readEntry() returns */

    async run(entries) {
        this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'consent-replay-'));
        this.origin = new Origin(path.join(this.dir, 'origin.sock'),
                                 this.seed);

        const cleanup = () => {
            this.nginx?.kill();
            fs.rmSync(this.dir, { recursive: true, force: true });
        };

        process.once('exit', cleanup);

        try {
            this.nginx = new ReplayNginx(this.dir, this.conf, this.prefix,
                                         this.more);
            await this.origin.start();
            await this.nginx.start();

            for (const [i, states] of this.passes().entries()) {
                await this.pass(entries(), states, i === 0);
            }

            const ending = await this.nginx.stop();

            this.faults = [ending, ...this.nginx.faults()]
                .filter((fault) => fault);
            await this.readLog();
            this.trace();

        } finally {
            await this.origin.stop().catch(() => {});
            await this.judges.close();
            cleanup();
            process.off('exit', cleanup);
        }
    }


    async pass(entries, states, isFirst) {
        const iterator = entries[Symbol.asyncIterator]();
        let done = 0;

        const worker = async () => {
            for (;;) {
                const { value: entry, done: end } = await iterator.next();

                if (end) {
                    return;
                }

                await this.entry(entry, states, isFirst);
                this.onProgress({ done: ++done, entry, states });
            }
        };

        for (const state of states.filter(({ after }) => after)) {
            state.jar = await this.jars.get(state.after).clone();
            state.checked = [];
        }

        await Promise.all(Array.from({ length: CONCURRENCY }, worker));

        for (const state of states.filter(({ jar }) => jar)) {
            await this.withdrawal(state);
        }
    }


    async entry(entry, states, isFirst) {
        if (isFirst && !this.note(entry)) {
            return;
        }

        if (entry.problem || entry.skipped || !this.isSite(entry.url)) {
            return;
        }

        const { response, url } = entry;
        const page = !response.lost && !response.bodiless
                     && isPage(response.type, this.policy)
                     ? new LazyPage(this, response.body, url) : null;

        try {
            await this.inStates(entry, states, page, isFirst);

        } finally {
            page?.close();
        }
    }


    async inStates(entry, states, page, isFirst) {
        const { response } = entry;
        const isReadable = page && !oddCharset(response.type, response.body);
        const answers = [];

        if (isFirst && isReadable) {
            await this.inventoryOf(page, entry);
        }

        const isCrossed = isReadable && response.status === 200;

        for (const state of states) {
            const answer = await this.play(entry, state, page);

            if (isCrossed) {
                answers.push({ state, answer: withoutBody(answer) });
            }
        }

        if (isCrossed) {
            await this.crossings(entry, answers);
        }
    }


    /* counts an entry; false: there is nothing to replay */

    note(entry) {
        if (entry.problem) {
            this.entries.broken++;
            this.bad.push({ number: entry.number, text: entry.problem,
                            url: entry.url?.href });
            return false;
        }

        if (entry.skipped) {
            this.entries.skipped++;
            this.skipped[entry.skipped] = (this.skipped[entry.skipped] ?? 0)
                                          + 1;

            if (/^(?:http|ws)s?:$/.test(entry.url.protocol) && this.page) {
                this.inventory.resource(entry.skipped, entry.url, this.page,
                                        entry);
            }

            return false;
        }

        const site = this.isSite(entry.url);

        this.page ??= entry.url;
        this.initiators.note(entry);
        this.inventoryOfCookies(entry);
        entry.notes.forEach((note) => this.notes.set(note,
            (this.notes.get(note) ?? 0) + 1));

        this.inventory.resource('request', entry.url, this.page, entry);

        if (!site) {
            this.entries.third++;
            return false;
        }

        this.entries.replayed++;
        this.entries.withoutContent += entry.response.lost ? 1 : 0;

        return true;
    }


    inventoryOfCookies({ url, number, request, response }) {
        const entry = { url, number };

        for (const name of cookieNames(request.cookies)) {
            this.inventory.cookie(name, url.hostname, 'Cookie', entry);
            this.hasCookies = true;
        }

        for (const [name, value] of response.headers) {
            const set = name.toLowerCase() === 'set-cookie'
                        && readSetCookie(value);

            if (set) {
                this.inventory.cookie(set.name, url.hostname, 'Set-Cookie',
                                      entry);
                this.hasCookies = true;
            }
        }
    }


    async inventoryOf(page, entry) {
        this.entries.pages++;

        if (this.pages.length < MAX_PAGES && entry.method === 'GET') {
            this.pages.push(entry.number);
        }

        for (const { name, url } of await page.loads()) {
            this.inventory.resource(name, url, entry.url, entry);
        }
    }


    /* the Cookie line of a state: its own, and what was recorded */

    cookiesOf(entry, state) {
        const own = Object.entries(state.cookies)
            .map(([name, value]) => `${name}=${value}`);

        const others = state.jar
            ? state.jar.getCookieStringSync(entry.url.href)
            : entry.request.cookies.join('; ');

        return [...own, ...others.split(';').map((pair) => pair.trim())
            .filter((pair) => pair && !this.isConsentCookie(
                cookieNames([pair])[0]))];
    }


    async exchange(mode, entry, state, headers = []) {
        const cookies = this.cookiesOf(entry, state);
        const id = `${entry.number}.${state.name}.${mode}.${this.sequence++}`;
        const seen = this.origin.play(id, entry);
        const { request, method, url } = entry;
        const list = [
            ['Host', url.host], [MARK, id], ...request.headers,
            ...cookies.length ? [['Cookie', cookies.join('; ')]] : [],
            ...Object.entries(state.headers), ...headers,
            ...request.body ? [['Content-Length',
                                String(request.body.length)]] : [],
        ];

        const answer = await this.nginx.request(mode, url, {
            method, body: request.body, headers: list.flat(),
        });

        this.origin.forget(id);
        this.requests++;
        this.bytes += answer.body?.length ?? 0;

        return { answer, seen, sentCookies: cookies,
                 sent: { method, path: url.pathname + url.search,
                         headers: list, sum: hash(request.body ?? '') } };
    }


    async play(entry, state, page) {
        const done = await this.exchange('enforce', entry, state);
        const verdict = await judgeAnswer(this, { entry, state, page, ...done });

        this.inventory.verdict(state, verdict, entry);
        this.initiators.blocked(state, entry.url, verdict.blocked);
        this.keep(entry, state, done, page);

        if (this.reports) {
            const reported = await this.exchange('report', entry, state);
            const problems = judgeReport(this, { entry, state, ...reported });

            problems.forEach(({ kind, text }) => this.inventory.problem(
                state.name, kind, text, entry));
        }

        return done.answer;
    }


    /* what the browser of this state has afterwards */

    keep({ url, number }, state, { answer, sentCookies }, page) {
        const jar = state.jar ?? this.jars.get(state.name);

        if (!jar || answer.error) {
            return;
        }

        if (!state.jar) {
            sentCookies.filter((pair) => !this.isConsentCookie(
                cookieNames([pair])[0]))
                .forEach((pair) => store(jar, `${pair}; Path=/`, url));

        } else if (page && this.pages.includes(number)) {
            state.checked.push({ number, url });
        }

        for (const [name, value] of answer.headers) {

            if (name.toLowerCase() === 'set-cookie') {
                store(jar, value, url);
            }
        }
    }


    /* another page is asked for until nothing refused is sent any more */

    async withdrawal(state) {
        if (this.policy.settings.consent_expire === 'off') {
            return;
        }

        for (const { url } of state.checked) {
            for (let i = 0; i < EXPIRE_TRIES && this.keptIn(state, url).length;
                 i++)
            {
                await this.askAgain(state, url);
            }

            for (const name of this.keptIn(state, url)) {
                this.inventory.problem(state.name, 'withdrawal',
                    `${name} (${this.policy.cookie(name).category.name})`,
                    { number: 0, url });
            }
        }
    }


    keptIn(state, url) {
        return cookieNames([state.jar.getCookieStringSync(url.href)])
            .filter((name) => {
                const { category } = this.policy.cookie(name);

                return !this.isConsentCookie(name)
                       && this.policy.isDenied(category, state.accepted)
                       && category.onDeny !== 'session';
            });
    }


    async askAgain(state, url) {
        const body = Buffer.from('<!DOCTYPE html><title>again</title>');
        const headers = [['Content-Type', 'text/html']];
        const entry = {
            number: -1, url, method: 'GET',
            request: { headers: [], cookies: [], body: null },
            response: { status: 200, headers, type: 'text/html', body,
                        sent: body, framing: 'length', bodiless: false },
        };
        const done = await this.exchange('enforce', entry, state);

        this.keep(entry, state, done, null);
    }


    /* 304 of one state with what another one has, and what was there before */

    async crossings(entry, answers) {
        for (const [i, from] of answers.entries()) {
            const to = answers[(i + 1) % answers.length];

            if (from !== to && !from.answer.error) {
                await this.crossing(entry, from.answer, to,
                                    `what "${from.state.name}" got`);
            }
        }

        const { headers, sent } = entry.response;
        const before = withoutBody({ headers, body: sent });
        const changed = answers.find(({ answer }) =>
            answer.status === 200 && answer.sum !== before.sum);

        if (changed) {
            await this.crossing(entry, before, changed,
                                'what was kept from before the module');
        }
    }


    async crossing(entry, from, to, whose) {
        const tag = headerOf(from.headers, 'etag');
        const date = headerOf(from.headers, 'last-modified');

        if (entry.method !== 'GET' || to.answer.error
            || (tag === undefined && date === undefined)
            || from.sum === to.answer.sum)
        {
            return;
        }

        for (const name of ['etag', 'last-modified']) {
            const value = headerOf(from.headers, name);

            if (value !== undefined
                && value === headerOf(to.answer.headers, name))
            {
                this.inventory.problem(to.state.name, 'crossing',
                    `another page with the same ${name} as ${whose}`, entry);
            }
        }

        const { answer } = await this.exchange('enforce', entry, to.state, [
            ...tag === undefined ? [] : [['If-None-Match', tag]],
            ...date === undefined ? [] : [['If-Modified-Since', date]],
        ]);

        if (answer.status === 304) {
            this.inventory.problem(to.state.name, 'crossing',
                                   `304 for ${whose}`, entry);
        }
    }


    /* what the module counted itself, by state and mode */

    async readLog() {
        const file = path.join(this.dir, 'access.log');

        if (!fs.existsSync(file)) {
            return;
        }

        const lines = readline.createInterface({
            input: fs.createReadStream(file) });

        for await (const line of lines) {
            const [id, blocked, hidden, expired, resources, unclassified] =
                line.split(' ');
            const [, state, mode] =
                /^-?\d+\.(.*)\.(enforce|report)\.\d+$/.exec(id) ?? [];

            if (state !== undefined) {
                this.counts[mode] ??= {};

                const sum = this.counts[mode][state] ??= {
                    requests: 0, cookies_blocked: 0, cookies_hidden: 0,
                    cookies_expired: 0, resources_blocked: 0,
                    unclassified: 0 };

                sum.requests++;
                sum.cookies_blocked += Number(blocked) || 0;
                sum.cookies_hidden += Number(hidden) || 0;
                sum.cookies_expired += Number(expired) || 0;
                sum.resources_blocked += Number(resources) || 0;
                sum.unclassified += Number(unclassified) || 0;
            }
        }
    }


    /* requests of scripts that go on */

    trace() {
        if (!this.page) {
            return;
        }

        for (const { state, url, number, by, stopped }
             of this.initiators.trace(this.states, this.page))
        {
            this.inventory.traced(state, url, stopped);

            if (stopped) {
                continue;
            }

            const { category } = this.policy.resource(url, this.page);

            this.inventory.problem(state.name, 'unseen',
                `${url.host} (${category.name}), asked for by ${by}`,
                { number, url });
        }
    }
}
