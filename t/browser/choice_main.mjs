/*
 * Copyright (C) ngx_consent_module authors
 *
 * What visitors see of the module, in Chromium: accessibility by axe-core,
 * the keyboard alone, narrow screens and large text, and a withdrawal from
 * beginning to end.
 *
 *   node choice_main.mjs [--screenshots DIRECTORY]
 */

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { packagesProblem } from '../pages/corpus.mjs';
import * as tap from '../pages/tap.mjs';
import { chromiumProblem } from './browser.mjs';
import { testAccess } from './choice_access.mjs';
import { ChoiceStage } from './choice_stage.mjs';
import { testWithdrawal } from './choice_withdrawal.mjs';


const { values: options } = parseArgs({
    options: { screenshots: { type: 'string', default: '' } },
});


async function main(dir) {
    const stage = new ChoiceStage(dir);

    process.once('exit', () => stage.nginx.kill());

    try {
        await stage.start();
        await testAccess(stage, options.screenshots);
        await testWithdrawal(stage);

        const faults = await stage.stop();

        tap.ok(faults.length === 0, 'nginx is well', faults);

    } finally {
        await stage.close();
    }

    tap.done();
}


const unable = chromiumProblem();
const problem = packagesProblem();

if (unable) {
    process.stdout.write(`1..0 # SKIP ${unable}\n`);

} else if (problem) {
    tap.bailOut(problem);

} else {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'consent-choice-'));

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
