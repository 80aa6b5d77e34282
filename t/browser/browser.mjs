/*
 * Copyright (C) ngx_consent_module authors
 *
 * Chromium of the system.  Each pass has a process and a fresh profile of its
 * own, so that neither caches nor open connections of one pass serve the
 * next.  It is no incognito window: those do not preconnect and ask for no
 * manifest.
 */

import fs from 'node:fs';
import path from 'node:path';
import { require } from '../pages/corpus.mjs';
import { DOMAIN } from './site.mjs';


const CHROMIUM = process.env.TEST_CHROMIUM_BINARY || '/usr/bin/chromium';

/* nothing has happened for so long: the pages have come to rest */

const QUIET = 500;

/* pages that ask for ever do not come to rest */

const RESTLESS = 10000;

const TIMEOUT = 120000;


/* why there is no browser to test with, or null */

export function chromiumProblem() {
    try {
        fs.accessSync(CHROMIUM, fs.constants.X_OK);

        return null;

    } catch {
        return `${CHROMIUM} is not there: install the package chromium, or `
               + 'set TEST_CHROMIUM_BINARY';
    }
}


const sleep = (time) => new Promise((done) => setTimeout(done, time));


/* the hosts that were resolved below "localhost", from the log of Chromium */

function resolvedNames(file, names) {
    const log = fs.readFileSync(file, 'utf8');

    return names.filter((name) => log.includes(`//${name}.localhost"`));
}


export class Browser {

    /*
     * ports: of the site and of the counter; lookups: hosts whose resolution
     * is to be noticed, since a DNS prefetch does not connect
     */

    constructor(dir, ports, lookups) {
        this.netLog = path.join(dir, 'net-log.json');
        this.lookups = lookups;
        this.activity = 0;

        /* names below "localhost" are resolved without asking a server */

        this.resolver = [
            `MAP *.${DOMAIN} 127.0.0.1:${ports.site}`,
            ...lookups.map((name) => `MAP ${name} ${name}.localhost`),
            `MAP * 127.0.0.1:${ports.counter}`,
        ].join();
    }


    noteActivity() {
        this.activity++;
    }


    async start(scripting, cookies) {
        const { chromium } = require('playwright-core');

        this.context = await chromium.launchPersistentContext('', {
            executablePath: CHROMIUM,
            javaScriptEnabled: scripting,
            timeout: TIMEOUT,
            args: [
                '--disable-dev-shm-usage',
                '--ignore-certificate-errors',
                `--host-resolver-rules=${this.resolver}`,
                `--log-net-log=${this.netLog}`,
            ],
        });

        this.context.setDefaultTimeout(TIMEOUT);

        for (const event of ['request', 'requestfinished', 'requestfailed']) {
            this.context.on(event, () => this.noteActivity());
        }

        await this.context.addCookies(cookies);
    }


    /* prepare(page): before it is loaded; returns the page */

    async open(url, prepare = () => {}) {
        const page = await this.context.newPage();

        await prepare(page);
        await page.goto(url, { waitUntil: 'load' });

        return page;
    }


    /*
     * Nothing was asked for or answered while each renderer did all that it
     * had to do and QUIET passed.
     */

    async rest(pages) {
        const deadline = Date.now() + RESTLESS;

        for (let seen; seen !== this.activity && Date.now() < deadline; ) {
            seen = this.activity;

            await Promise.all(pages.map((page) => page.title()));
            await sleep(QUIET);
        }
    }


    /* returns those of the lookups that happened */

    async stop() {
        await this.context.close();

        return resolvedNames(this.netLog, this.lookups);
    }


    async kill() {
        await this.context?.close();
    }
}
