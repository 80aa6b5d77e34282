/*
 * Copyright (C) ngx_consent_module authors
 *
 * Real consent platforms, of npm, in Chromium behind nginx with the module
 * and their presets.
 *
 *   node cmp_main.mjs [--only NAME]
 *
 *   --only NAME  one of the sites of cmp_sites.mjs
 */

import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../pages/corpus.mjs';
import { start } from '../pages/start.mjs';
import * as tap from '../pages/tap.mjs';
import { chromiumProblem } from './browser.mjs';
import { RULES, SERVERS, SET_COOKIE, SITES, pageOf } from './cmp_sites.mjs';
import { testControl, testSite } from './cmp_test.mjs';
import { DOMAIN } from './site.mjs';
import { Stage } from './stage.mjs';


const { values: options } = parseArgs({
    options: { only: { type: 'string', default: '' } },
});


const EMPTY = { head: '', settings: '' };


/* what the document shows is what the pages load */

function testDocument() {
    const folder = path.join(ROOT, 'conf/bridge');
    const document = fs.readFileSync(path.join(ROOT, 'docs/cmp.md'), 'utf8');
    const shown = [...document.matchAll(/^```js\n(.*?)^```$/gms)];
    const files = fs.readdirSync(folder).map((name) =>
        fs.readFileSync(path.join(folder, name), 'utf8'));

    tap.ok(shown.length > 0 && shown.every(([, text]) => files.includes(text)),
           'docs/cmp.md shows scripts of conf/bridge as they are',
           shown.map(([, text]) => text).filter((one) => !files.includes(one)));
}


async function main(dir) {
    const sent = [];

    const stage = new Stage(dir, 'cmp', RULES, (url, host, cookie) => {
        if (url !== '/') {
            return undefined;
        }

        sent.push(cookie);

        const site = SITES[host.replace(`.${DOMAIN}`, '')] ?? EMPTY;

        return {
            body: pageOf(site),
            headers: SET_COOKIE.map((line) => ['Set-Cookie', line]),
        };
    }, [], SERVERS);

    stage.sent = sent;

    testDocument();

    await stage.run(async () => {
        await testControl(stage);

        for (const [name, site] of Object.entries(SITES)) {
            if (options.only === '' || options.only === name) {
                await testSite(stage, name, site);
            }
        }
    });

    tap.done();
}


await start('cmp', main, chromiumProblem());
