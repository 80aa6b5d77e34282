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

import { parseArgs } from 'node:util';
import { start } from '../pages/start.mjs';
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


await start('browser', main, chromiumProblem());
