/*
 * Copyright (C) ngx_consent_module authors
 *
 * All tests of the replay harness, as TAP.
 *
 *   node main.mjs [PART ...]      har, policy, judge, memory, golden,
 *                                 mutations, command, hydration, record
 */

import * as tap from '../../pages/tap.mjs';
import { start } from '../../pages/start.mjs';


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


async function main(dir) {
    const parts = process.argv.length > 2 ? process.argv.slice(2)
                  : Object.keys(PARTS);

    for (const part of parts) {
        await PARTS[part](dir);
    }

    tap.done();
}


await start('replay-test', main);
