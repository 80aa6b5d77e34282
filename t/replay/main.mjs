#!/usr/bin/env node
/*
 * Copyright (C) ngx_consent_module authors
 *
 * The command: what was recorded of a site goes in, a verdict comes out.  See
 * docs/replay.md, or run it with --help.
 */

import fs from 'node:fs';
import path from 'node:path';
import v8 from 'node:v8';
import { parseArgs } from 'node:util';
import { packagesProblem } from '../pages/corpus.mjs';


const HELP = `usage: t/replay/main.mjs --har FILE --conf FILE [options]
       t/replay/main.mjs --urls FILE --upstream URL --conf FILE [options]
       t/replay/main.mjs --log FILE [options]

Replays a recorded session of a site through nginx with ngx_consent_module in
every consent state, and judges the answers without the module's code.

  --har FILE        what a browser has recorded (HAR, also .gz)
  --urls FILE       or a list of URLs or paths of a site of yours, one a line
  --upstream URL    where that site runs
  --log FILE        or an access log in the format consent_json or
                    consent_plain: figures only
  --conf FILE       directives of the http level: the policy
  --prefix DIR      where relative names in it are (default: beside it)
  --site HOST       a host of the site, or ".host" with subdomains; may be
                    repeated (default: the registrable domain of the first
                    page)
  --states FILE     more consent states, for other consent platforms
  --default LIST    what consent_default is, if it has a variable
  --only LIST       these states only
  --reports         the same in report mode, which must not change anything
  --seed N          another way to cut the answers (default 1)
  --strict          warnings fail as well
  --out DIR         where report.json, junit.xml and report.html are written
                    (default: build/replay)
  --quiet           no progress, no summary

Exit status: 0 nothing refused survives and nothing else is changed; 1 there
is a leak, or something is broken; 2 wrong usage, or input that cannot be
read.
`;


/* pages come and go: a heap that waits with collecting is mostly garbage */

v8.setFlagsFromString('--heap-growing-percent=25');


class UsageError extends Error {}


function readOptions() {
    let parsed;

    try {
        parsed = parseArgs({
            options: {
                har: { type: 'string' },
                urls: { type: 'string' },
                upstream: { type: 'string' },
                log: { type: 'string' },
                conf: { type: 'string' },
                prefix: { type: 'string' },
                site: { type: 'string', multiple: true },
                states: { type: 'string' },
                default: { type: 'string' },
                only: { type: 'string' },
                reports: { type: 'boolean', default: false },
                seed: { type: 'string', default: '1' },
                strict: { type: 'boolean', default: false },
                out: { type: 'string' },
                quiet: { type: 'boolean', default: false },
                help: { type: 'boolean', default: false },
            },
        }).values;

    } catch (error) {
        throw new UsageError(error.message);
    }

    const inputs = ['har', 'urls', 'log'].filter((name) => parsed[name]);

    if (parsed.help) {
        return parsed;
    }

    if (inputs.length !== 1) {
        throw new UsageError('give one of --har, --urls and --log');
    }

    if (!parsed.log && !parsed.conf) {
        throw new UsageError('give the policy with --conf');
    }

    if (Boolean(parsed.urls) !== Boolean(parsed.upstream)) {
        throw new UsageError('--urls and --upstream go together');
    }

    return parsed;
}


/* results go beside each other, whatever the input */

async function writeReports(result, dir) {
    const { junit } = await import('./junit.mjs');
    const { html } = await import('./html.mjs');

    fs.mkdirSync(dir, { recursive: true });
    fs.writeFileSync(path.join(dir, 'report.json'),
                     `${JSON.stringify(result, null, 1)}\n`);
    fs.writeFileSync(path.join(dir, 'junit.xml'), junit(result));
    fs.writeFileSync(path.join(dir, 'report.html'), html(result));
}


async function judge(options) {
    const { run } = await import('./run.mjs');
    const { summary, Progress } = await import('./terminal.mjs');
    const progress = options.quiet ? null : new Progress(process.stderr);
    const list = (text) => text?.split(',').map((s) => s.trim());

    const result = await run({
        ...options,
        default: options.default === 'none' ? [] : list(options.default),
        only: list(options.only),
        onProgress: (what) => progress?.note(what),
    });

    progress?.end();

    const { ROOT } = await import('../pages/corpus.mjs');
    const out = options.out ?? path.join(ROOT, 'build/replay');

    await writeReports(result, out);

    if (!options.quiet) {
        console.log(summary(result, process.stdout.isTTY).join('\n'));
        console.log(`reports: ${path.join(out, 'report.html')}, report.json, `
                    + 'junit.xml');
    }

    return result.verdict === 'clean' ? 0 : 1;
}


async function main() {
    const options = readOptions();

    if (options.help) {
        process.stdout.write(HELP);

        return 0;
    }

    const problem = packagesProblem();

    if (problem) {
        throw new UsageError(problem);
    }

    if (options.log) {
        const { statistics } = await import('./log.mjs');

        return statistics(options);
    }

    return judge(options);
}


/* mistakes of the user have a message, ours a stack */

const EXPECTED = new Set(['ConfError', 'HarError', 'LogError', 'StartError',
                          'StateError', 'UsageError', 'CrawlError']);

for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => process.exit(130));
}

try {
    process.exitCode = await main();

} catch (error) {
    const expected = EXPECTED.has(error.constructor.name);

    console.error(`replay: ${expected ? error.message : error.stack}`);

    if (error instanceof UsageError) {
        console.error('replay: see --help');
    }

    process.exitCode = 2;
}
