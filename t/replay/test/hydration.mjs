/*
 * Copyright (C) ngx_consent_module authors
 *
 * An application rendered by its server, in Chromium and behind the module:
 * whatever is refused, its own script finds the markup that it would have
 * made.
 */

import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import * as tap from '../../pages/tap.mjs';
import { require } from '../../pages/corpus.mjs';
import { chromiumProblem } from '../../browser/browser.mjs';
import { Door, listen } from '../../browser/loopback.mjs';
import { harEntries } from '../run.mjs';
import { Policy } from '../policy.mjs';
import { ReplayNginx } from '../server.mjs';
import { makeStates } from '../states.mjs';
import { optionsOf } from './golden.mjs';


const HOST = 'app.example';

const CHROMIUM = process.env.TEST_CHROMIUM_BINARY || '/usr/bin/chromium';

const BROKEN = "sub_filter 'Done: 0<' 'Done: 00<';";


/* nginx before the recorded answers, and a door for the browser */

class Stage {

    constructor(dir, conf, responses, more) {
        fs.mkdirSync(dir);

        this.nginx = new ReplayNginx(dir, conf, path.dirname(conf), more);
        this.origin = http.createServer((request, response) => {
            const found = responses.get(request.url);

            request.resume();
            response.writeHead(found?.status ?? 404,
                               (found?.headers ?? []).flat());
            response.end(found?.sent);
        });
        this.door = new Door((browser, isTls) => {
            const inside = net.connect(path.join(dir, isTls
                ? 'enforce-https.sock' : 'enforce-http.sock'));

            inside.on('error', () => browser.destroy());
            browser.on('close', () => inside.destroy());
            browser.pipe(inside).pipe(browser);
        });
        this.socket = path.join(dir, 'origin.sock');
    }


    async open() {
        await listen(this.origin, this.socket);
        await this.nginx.start();
        await this.door.open();

        return this.door.port;
    }


    async close() {
        await this.door.close();
        await this.nginx.stop();
        this.origin.closeAllConnections();
        await new Promise((done) => this.origin.close(done));
    }
}


/* what the page says after it was opened and clicked on */

async function visit(port, state, where) {
    const { chromium } = require('playwright-core');
    const browser = await chromium.launch({
        executablePath: CHROMIUM,
        args: ['--disable-dev-shm-usage', `--host-resolver-rules=MAP ${HOST} `
               + `127.0.0.1:${port}, MAP * ~NOTFOUND`],
    });
    const errors = [];
    const asked = [];

    try {
        const context = await browser.newContext({ ignoreHTTPSErrors: true });

        await context.addCookies(Object.entries(state.cookies).map(
            ([name, value]) => ({ name, value, url: `https://${HOST}/` })));

        const page = await context.newPage();

        page.on('pageerror', (error) => errors.push(error.message));
        page.on('request', (request) => asked.push(request.url()));
        await page.goto(`https://${HOST}${where}`);
        await page.click('button');

        const found = await page.evaluate(() => ({
            hydrated: document.documentElement.dataset.hydrated,
            text: document.querySelector('button').textContent }));

        return { ...found, errors, asked };

    } finally {
        await browser.close();
    }
}


export async function testHydration(dir) {
    const problem = chromiumProblem();

    if (problem) {
        tap.ok(true, `hydration # SKIP ${problem}`);
        return;
    }

    const { har, conf } = optionsOf('app');
    const responses = new Map();

    for await (const { url, response } of harEntries(har)) {

        if (url.hostname === HOST) {
            responses.set(url.pathname, response);
        }
    }

    const { states } = makeStates(new Policy(conf));
    const stateOf = (name) => states.find((state) => state.name === name);
    const stage = new Stage(path.join(dir, 'app'), conf, responses, {});
    const port = await stage.open();

    try {
        for (const name of ['none', 'refused', 'all']) {
            for (const where of ['/', '/tasks']) {
                const found = await visit(port, stateOf(name), where);
                const trackers = found.asked.filter((url) =>
                    url.startsWith('https://cdn.analytics.example/'));

                tap.ok(found.hydrated === 'yes' && found.text === 'Done: 1'
                       && !found.errors.length
                       && (trackers.length > 0) === (name === 'all'),
                       `hydration: ${name}, ${where}: no error`,
                       [JSON.stringify(found)]);
            }
        }

    } finally {
        await stage.close();
    }

    const broken = new Stage(path.join(dir, 'broken'), conf, responses,
                             { enforce: { front: BROKEN } });

    try {
        const found = await visit(await broken.open(), stateOf('refused'),
                                  '/');

        tap.ok(found.errors.some((text) => /^hydration: text/.test(text)),
               'hydration: a byte more in the markup is found',
               [JSON.stringify(found)]);

    } finally {
        await broken.close();
    }
}
