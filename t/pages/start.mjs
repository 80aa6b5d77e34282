/*
 * Copyright (C) ngx_consent_module authors
 *
 * How the tests of this folder and of its neighbours start and end.
 */

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { packagesProblem } from './corpus.mjs';
import * as tap from './tap.mjs';


/*
 * main(dir) with a folder of its own, whose name begins with that of the
 * test.  The folder is gone when the process ends, however it ends.
 *
 * unable: why there is nothing to test with here, or null
 */

export async function start(name, main, unable = null) {
    if (unable) {
        tap.skipAll(unable);
        return;
    }

    const problem = packagesProblem();

    if (problem) {
        tap.bailOut(problem);
        return;
    }

    const dir = fs.mkdtempSync(path.join(os.tmpdir(), `consent-${name}-`));

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
