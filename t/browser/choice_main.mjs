/*
 * Copyright (C) ngx_consent_module authors
 *
 * What visitors see of the module, in Chromium: accessibility by axe-core,
 * the keyboard alone, narrow screens and large text, and a withdrawal from
 * beginning to end.
 *
 *   node choice_main.mjs [--screenshots DIRECTORY]
 */

import { parseArgs } from 'node:util';
import { start } from '../pages/start.mjs';
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


await start('choice', main, chromiumProblem());
