/*
 * Copyright (C) ngx_consent_module authors
 *
 * All tests of the replay harness, as TAP.
 *
 *   node main.mjs [PART ...]      har, policy, judge, memory, golden,
 *                                 mutations, command, hydration, record
 */

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as tap from '../../pages/tap.mjs';
import { packagesProblem } from '../../pages/corpus.mjs';


const PARTS = {
    har: async (dir) => (await import('./har.mjs')).testHar(dir),
    policy: async (dir) => (await import('./policy.mjs')).testPolicy(dir),
    judge: async (dir) => (await import('./judge.mjs')).testJudge(dir),
    memory: async (dir) => (await import('./memory.mjs')).testMemory(dir),
    golden: async () => (await import('./golden.mjs')).testGolden(),
    mutations: async () => (await import('./mutations.mjs')).testMutations(),
    command: async (dir) => (await import('./command.mjs')).testCommand(dir),
    hydration: async (dir) =>
        (await import('./hydration.mjs')).testHydration(dir),
    record: async (dir) => (await import('./record.mjs')).testRecord(dir),
};


const problem = packagesProblem();

if (problem) {
    tap.bailOut(problem);

} else {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'consent-replay-test-'));
    const parts = process.argv.length > 2 ? process.argv.slice(2)
                  : Object.keys(PARTS);

    process.once('exit', () => fs.rmSync(dir, { recursive: true,
                                                force: true }));

    for (const signal of ['SIGINT', 'SIGTERM']) {
        process.once(signal, () => process.exit(1));
    }

    try {
        for (const part of parts) {
            await PARTS[part](dir);
        }

        tap.done();

    } catch (error) {
        tap.bailOut(error.stack);
    }
}
