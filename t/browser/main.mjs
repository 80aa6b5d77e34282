/*
 * Copyright (C) ngx_consent_module authors
 *
 * Real Chromium behind nginx with the module.  It opens a catalogue of all
 * ways to make a browser fetch, and a sample of saved pages; a server that
 * all other hosts lead to tells what was contacted.
 *
 *   node main.mjs [--pages N] [--seed S] [--only TEXT] [--full]
 *
 *   --pages N    as many saved pages
 *   --seed S     other saved pages
 *   --only TEXT  no saved pages, and cases whose name has TEXT only
 *   --full       all saved pages, and all cases also without scripting;
 *                also with CONSENT_BROWSER=full
 */

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { packagesProblem } from '../pages/corpus.mjs';
import * as tap from '../pages/tap.mjs';
import { chromiumProblem } from './browser.mjs';
import { testCatalogue } from './catalogue_test.mjs';
import { testPages } from './pages_test.mjs';


const { values: options } = parseArgs({
    options: {
        pages: { type: 'string', default: '30' },
        seed: { type: 'string', default: '1' },
        only: { type: 'string', default: '' },
        full: { type: 'boolean',
                default: process.env.CONSENT_BROWSER === 'full' },
    },
});


async function main(dir) {
    const started = Date.now();

    await testCatalogue(dir, options);

    if (options.only === '') {
        await testPages(dir, {
            count: options.full ? Infinity : Number(options.pages),
            seed: options.seed,
        });
    }

    tap.diag(`seconds: ${((Date.now() - started) / 1000).toFixed(1)}`);
    tap.done();
}


const unable = chromiumProblem();
const problem = packagesProblem();

if (unable) {
    process.stdout.write(`1..0 # SKIP ${unable}\n`);

} else if (problem) {
    tap.bailOut(problem);

} else {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'consent-browser-'));

    process.once('exit', () => fs.rmSync(dir, { recursive: true,
                                                force: true }));

    for (const signal of ['SIGINT', 'SIGTERM']) {
        process.once(signal, () => process.exit(1));
    }

    try {
        await main(dir);

    } catch (error) {
        tap.bailOut(error.stack);
    }
}
