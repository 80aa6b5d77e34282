/*
 * Copyright (C) ngx_consent_module authors
 *
 * The golden replays: sessions of made-up sites, with the verdict that each
 * has to get.
 *
 *   node golden.mjs --accept    writes expected.json of all cases anew
 */

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tap from '../../pages/tap.mjs';
import { run } from '../run.mjs';


const CASES = path.resolve(path.dirname(fileURLToPath(import.meta.url)),
                           '../cases');

const SHOWN = 8;

export const NAMES = fs.readdirSync(CASES).sort();


export function optionsOf(name) {
    const dir = path.join(CASES, name);
    const states = path.join(dir, 'states.json');

    return { har: path.join(dir, 'site.har'),
             conf: path.join(dir, 'site.conf'),
             states: fs.existsSync(states) ? states : undefined };
}


/*
 * What has to be the same everywhere.  After a withdrawal it depends on the
 * order of the answers which request still brings a cookie.
 */

function essence(result) {
    const isSteady = (state) => !/withdrawn$/.test(state);
    const outcomes = (rows, key) => Object.fromEntries(rows.map((row) => [
        key(row), { category: row.category, ...Object.fromEntries(
            Object.entries(row.states).filter(([state]) => isSteady(state))) },
    ]).sort(([a], [b]) => (a < b ? -1 : 1)));

    return {
        verdict: result.verdict,
        entries: result.entries,
        states: Object.fromEntries(result.states.map((state) => [state.name, {
            accepted: state.accepted, leaks: state.leaks,
            broken: state.broken, would_break: state.would_break,
            counted: isSteady(state.name) ? state.counted : undefined,
        }])),
        problems: result.problems.map(
            ({ state, kind, text, count }) =>
                `${state ?? 'all'}: ${kind}: ${text} (${count})`).sort(),
        would_break: result.would_break.map(
            ({ state, text, count }) => `${state}: ${text} (${count})`)
            .sort(),
        cookies: outcomes(result.cookies, ({ name, host }) =>
            `${name} ${host}`),
        resources: outcomes(result.resources, ({ url }) => url),
        remarks: result.remarks,
        faults: result.faults,
    };
}


/* [{ where, is, was }] */

function* differences(is, was, where = '') {
    if (is === null || was === null || typeof is !== 'object'
        || typeof was !== 'object')
    {
        if (is !== was) {
            yield `${where}: is ${JSON.stringify(is)}, expected `
                  + JSON.stringify(was);
        }

        return;
    }

    for (const key of new Set([...Object.keys(is), ...Object.keys(was)])) {
        yield* differences(is[key], was[key], `${where}/${key}`);
    }
}


/* keys in one order, so that a change shows alone */

function sorted(key, value) {
    return value && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1)))
        : value;
}


const plain = (value) => JSON.parse(JSON.stringify(value));


export async function testGolden() {
    for (const name of NAMES) {
        const file = path.join(CASES, name, 'expected.json');
        const expected = JSON.parse(fs.readFileSync(file, 'utf8'));
        const result = await run({ ...optionsOf(name), reports: true });
        const found = [...differences(plain(essence(result)), expected)];

        tap.ok(found.length === 0, `golden replay ${name}: ${result.verdict}, `
               + `${result.entries.replayed} entries, ${result.requests} `
               + 'requests', found.slice(0, SHOWN));
    }
}


if (process.argv[2] === '--accept') {
    for (const name of NAMES) {
        const result = await run({ ...optionsOf(name), reports: true });

        fs.writeFileSync(path.join(CASES, name, 'expected.json'),
                         `${JSON.stringify(essence(result), sorted, 1)}\n`);
        console.log(`${name}: ${result.verdict}`);
    }
}
