#!/usr/bin/env node
/*
 * Copyright (C) ngx_consent_module authors
 *
 * Records a HAR of a running site with Chromium: opens each page, scrolls
 * through it, waits until nothing happens any more, and notes who asked for
 * what.
 */

import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { packagesProblem, require } from '../pages/corpus.mjs';


const HELP = `usage: t/replay/record.mjs --out FILE.har URL [URL ...]

Opens each URL in turn with Chromium in a fresh profile, scrolls to its end,
waits until it is quiet, and writes what was asked and answered.

  --out FILE       the HAR that is written
  --urls FILE      more URLs, one a line
  --cookie N=V     a cookie that the browser has from the start, for all
                   hosts of the URLs; may be repeated
  --wait SECONDS   the longest wait for a page to become quiet (default 10)
  --arg ARGUMENT   for Chromium, for example --arg=--host-resolver-rules=...
  --insecure       certificates are not checked

The HAR holds cookies and forms: treat it as you treat passwords.
`;

const CHROMIUM = process.env.TEST_CHROMIUM_BINARY || '/usr/bin/chromium';

const QUIET = 500;
const SCROLL_STEP = 600;
const MAX_STEPS = 100;


const sleep = (time) => new Promise((done) => setTimeout(done, time));


/* who asked for each URL, by DevTools, in the order of the questions */

async function watch(context, page, initiators) {
    const session = await context.newCDPSession(page);

    session.on('Network.requestWillBeSent', ({ request, initiator }) => {
        const url = request.url.replace(/#.*/, '');

        initiators.set(url, [...initiators.get(url) ?? [], initiator]);
    });

    await session.send('Network.enable');
}


class Recorder {

    constructor({ out, wait, args, insecure, cookies }) {
        Object.assign(this, { out, wait, args, insecure, cookies });
        this.initiators = new Map();
        this.activity = 0;
        this.pages = 0;
    }


    async start() {
        const { chromium } = require('playwright-core');

        this.browser = await chromium.launch({
            executablePath: CHROMIUM,
            args: ['--disable-dev-shm-usage', ...this.args],
        });

        this.context = await this.browser.newContext({
            ignoreHTTPSErrors: this.insecure,
            recordHar: { path: this.out, content: 'embed', mode: 'full' },
        });

        for (const event of ['request', 'requestfinished', 'requestfailed']) {
            this.context.on(event, () => { this.activity++; });
        }

        await this.context.addCookies(this.cookies);
        this.page = await this.context.newPage();
        await watch(this.context, this.page, this.initiators);
    }


    /* what only is loaded when it is seen */

    async scroll() {
        for (let i = 0; i < MAX_STEPS; i++) {
            const done = await this.page.evaluate((step) => {
                window.scrollBy(0, step);

                return window.scrollY + window.innerHeight
                       >= document.documentElement.scrollHeight;
            }, SCROLL_STEP).catch(() => true);

            if (done) {
                return;
            }

            await sleep(50);
        }
    }


    async rest() {
        const deadline = Date.now() + this.wait * 1000;

        for (let seen; seen !== this.activity && Date.now() < deadline; ) {
            seen = this.activity;
            await sleep(QUIET);
        }
    }


    /* null, or why the page could not be opened */

    async visit(url) {
        try {
            await this.page.goto(url, { waitUntil: 'load' });

        } catch (error) {
            return error.message.split('\n')[0];
        }

        this.pages++;
        await this.scroll();
        await this.rest();

        return null;
    }


    /* writes the file; who asked is added, which Playwright leaves out */

    async stop() {
        await this.context.close();
        await this.browser.close();

        const har = JSON.parse(fs.readFileSync(this.out, 'utf8'));

        for (const entry of har.log.entries) {
            const list = this.initiators.get(
                entry.request.url.replace(/#.*/, ''));

            if (list?.length) {
                entry._initiator = list.length > 1 ? list.shift() : list[0];
            }
        }

        fs.writeFileSync(this.out, `${JSON.stringify(har, null, 1)}\n`);

        return har.log.entries.length;
    }


    async kill() {
        await this.browser?.close().catch(() => {});
    }
}


/*
 * options: { out, urls, wait, args, insecure, cookies }; visit(page): what is
 * done after the pages were opened.  Returns { entries, pages, failed }.
 */

export async function record({ urls, visit = async () => {}, ...options }) {
    const recorder = new Recorder({ wait: 10, args: [], insecure: false,
                                    cookies: [], ...options });
    const failed = [];

    try {
        await recorder.start();

        for (const url of urls) {
            const problem = await recorder.visit(url);

            if (problem) {
                failed.push({ url, problem });
            }
        }

        await visit(recorder.page);
        await recorder.rest();

        const entries = await recorder.stop();

        return { entries, pages: recorder.pages, failed };

    } finally {
        await recorder.kill();
    }
}


/* the commandline: 0 recorded, 1 some pages failed, 2 usage */

async function main() {
    const { values, positionals } = parseArgs({
        allowPositionals: true,
        options: {
            out: { type: 'string' },
            urls: { type: 'string' },
            cookie: { type: 'string', multiple: true, default: [] },
            wait: { type: 'string', default: '10' },
            arg: { type: 'string', multiple: true, default: [] },
            insecure: { type: 'boolean', default: false },
            help: { type: 'boolean', default: false },
        },
    });

    if (values.help) {
        process.stdout.write(HELP);
        return 0;
    }

    const urls = [...positionals, ...values.urls
        ? fs.readFileSync(values.urls, 'utf8').split('\n')
            .map((line) => line.trim())
            .filter((line) => line && !line.startsWith('#')) : []];
    const problem = packagesProblem()
        ?? (!values.out ? 'give --out FILE' : null)
        ?? (!urls.length ? 'give a URL' : null)
        ?? urls.filter((url) => !/^https?:\/\//.test(url))
            .map((url) => `${url} is no URL with http or https`)[0] ?? null;

    if (problem) {
        console.error(`record: ${problem}\nrecord: see --help`);
        return 2;
    }

    const cookies = values.cookie.flatMap((pair) => urls.map((url) => ({
        url, name: pair.split('=')[0],
        value: pair.slice(pair.indexOf('=') + 1) })));

    const { entries, pages, failed } = await record({
        out: values.out, urls, wait: Number(values.wait), args: values.arg,
        insecure: values.insecure, cookies });

    failed.forEach(({ url, problem: why }) =>
        console.error(`record: ${url}: ${why}`));
    console.log(`${values.out}: ${entries} entries of ${pages} pages`);

    return failed.length ? 1 : 0;
}


if (process.argv[1] === fileURLToPath(import.meta.url)) {
    try {
        process.exitCode = await main();

    } catch (error) {
        console.error(`record: ${error.message}`);
        process.exitCode = 2;
    }
}
