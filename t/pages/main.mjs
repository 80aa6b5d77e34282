/*
 * Copyright (C) ngx_consent_module authors
 *
 * Replays saved pages through nginx with the module, at several sizes of
 * buffers and cuts, and judges what comes out.
 *
 *   node main.mjs [--pages N] [--seed S] [--only NAME] [--full] [--plain]
 *
 *   --pages N    the first N pages only
 *   --seed S     another way to cut
 *   --only NAME  pages whose name begins so
 *   --full       all cuts in all variants; also with CONSENT_PAGES=full
 *   --plain      nginx without the module: the judge has to complain
 */

import path from 'node:path';
import { parseArgs } from 'node:util';
import * as tap from './tap.mjs';
import { Judge, compare } from './judge.mjs';
import { Nginx, VARIANTS } from './nginx.mjs';
import { CATEGORIES, Rules, ownCookie } from './rules.mjs';
import { CUT_NAMES, drawCut, startOrigin } from './origin.mjs';
import { hostsOf, views } from './views.mjs';
import { loadPages } from './corpus.mjs';
import { start } from './start.mjs';


const HOST = 'www.site.example';

const CONCURRENCY = 4;
const MAX_BROKEN = 10;
const CONTROL_PAGES = 20;
const SHOWN_PROBLEMS = 5;
const LEAST_RULES = 50;


const { values: options } = parseArgs({
    options: {
        pages: { type: 'string' },
        seed: { type: 'string', default: '1' },
        only: { type: 'string', default: '' },
        full: { type: 'boolean',
                default: process.env.CONSENT_PAGES === 'full' },
        plain: { type: 'boolean', default: false },
    },
});


/* what visitors accepted; null: no cookie at all */

const VISITORS = {
    accepted: CATEGORIES,
    refused: [],
    undecided: null,
    functional: ['functional'],
};


/*
 * The checks of each variant: a visitor and a mode.  Variants that differ
 * only in how the bytes are cut have to give the same output, which the judge
 * parses once; another consent_buffer may tell in tags longer than that.
 */

function* checks() {
    for (const variant of Object.keys(VARIANTS)) {
        yield check(variant, 'accepted', 'mark');
        yield check(variant, 'refused', 'mark');
        yield check(variant, 'refused', 'remove');
        yield check(variant, 'refused', 'report');

        if (options.full || variant === 'proxy') {
            yield check(variant, 'undecided', 'mark');
            yield check(variant, 'functional', 'mark');
        }

        if (options.full) {
            yield check(variant, 'functional', 'remove');
            yield check(variant, 'functional', 'report');
        }
    }
}


function check(variant, visitor, mode) {
    return {
        variant, visitor, mode,
        name: `${variant}: ${visitor}, ${mode}`,
        requests: 0, blocked: 0, scripts: 0, counted: 0, survivors: 0, lost: 0,
        changed: 0, failures: 0, problems: [],
    };
}


function fail(check, page, text) {
    check.failures++;

    if (check.problems.length < SHOWN_PROBLEMS) {
        check.problems.push(`page ${page.name}: ${text}`);
    }
}


function cutsOf(check, page) {
    if (!VARIANTS[check.variant].cuts) {
        return ['whole'];
    }

    return options.full ? CUT_NAMES
           : [drawCut(options.seed, check.name, page.file)];
}


class Replay {

    constructor(nginx) {
        this.nginx = nginx;
        this.checks = [...checks()];
        this.sent = [];             /* { check, page, blocked, key } by id */
        this.scripts = new Map();   /* how many were blocked, by key */
        this.bytes = 0;
        this.failures = 0;
        this.outputs = 0;
        this.tokenOnly = 0;
    }


    async pages(pages, judgeOf) {
        const queue = pages[Symbol.iterator]();

        const worker = async () => {
            for (const page of queue) {
                await this.page(page, judgeOf(page));
            }
        };

        await Promise.all(Array.from({ length: CONCURRENCY }, worker));
    }


    async page(page, judge) {
        const outputs = new Map();

        this.tokenOnly += judge.tokenOnly([]);

        for (const check of this.checks) {
            for (const cut of cutsOf(check, page)) {

                try {
                    await this.request(check, page, judge, cut, outputs);

                } catch (error) {
                    this.broken(check, page, `${cut} cut: ${error.message}`);
                }
            }
        }
    }


    /* a request without a complete answer; many of them would take hours */

    broken(check, page, text) {
        fail(check, page, text);
        tap.diag(`${check.name}: page ${page.name}: ${text}`);

        if (++this.failures > MAX_BROKEN) {
            throw new Error('too many requests failed');
        }
    }


    async request(check, page, judge, cut, outputs) {
        const accepted = VISITORS[check.visitor];
        const expected = judge.expected(accepted ?? []).length;
        const id = this.sent.length;

        /* scripts are counted in what is enforced, reports have to agree */

        const key = [page.file, VARIANTS[check.variant].buffer,
                     ...accepted ?? []].join();

        this.sent.push({ check, page, key,
                         blocked: check.visitor === 'accepted' ? 0
                                  : expected });

        const headers = { 'Host': HOST, 'X-Cut': cut, 'X-Mode': check.mode };

        if (accepted) {
            headers.Cookie = ownCookie(accepted);
        }

        const block = check.mode === 'remove' ? 'remove' : 'mark';
        const got = await this.nginx.get(check.variant, block, page.file, id,
                                         headers);

        check.requests++;
        this.bytes += got.length;

        if (check.visitor === 'accepted' || check.mode === 'report') {
            const problem = compare(got, page.bytes);

            if (problem) {
                check.changed++;
                fail(check, page, `${cut} cut: ${problem}`);
            }

            return;
        }

        const scripts = this.judge(check, page, judge, cut, got, outputs);

        if (check.mode === 'mark') {
            this.scripts.set(key, scripts);
        }
    }


    judge(check, page, judge, cut, got, outputs) {
        const accepted = VISITORS[check.visitor] ?? [];
        const buffer = VARIANTS[check.variant].buffer;
        const key = [check.mode, ...accepted].join();
        const longest = judge.longest(accepted);
        const where = `${check.name}, ${cut} cut`;

        if (!outputs.has(key)) {
            outputs.set(key, []);
        }

        const known = outputs.get(key);
        const same = known.find((output) => output.got.equals(got)
            && (output.buffer === buffer
                || longest <= Math.min(output.buffer, buffer)));
        const sibling = known.find((output) => output.buffer === buffer);

        if (sibling && !sibling.got.equals(got)) {
            fail(check, page, `${cut} cut: output depends on the cuts, was `
                              + `other in ${sibling.where}: `
                              + compare(got, sibling.got));
        }

        const removable = check.mode === 'remove' ? buffer : 0;
        const verdict = same?.verdict
                        ?? judge.verdict(got, accepted, removable);

        if (!sibling) {
            known.push({ got, buffer, verdict, where });
        }

        this.outputs += same ? 0 : 1;

        for (const what of ['blocked', 'scripts', 'survivors', 'lost',
                            'changed'])
        {
            check[what] += verdict[what];
        }

        for (const text of verdict.problems) {
            fail(check, page, `${cut} cut: ${text}`);
        }

        return verdict.scripts;
    }


    /* $consent_resources_blocked of each request against the judge */

    counts(logged) {
        for (const [id, sent] of this.sent.entries()) {
            const { check, page, key } = sent;
            const count = logged.get(String(id));
            const blocked = sent.blocked + (this.scripts.get(key) ?? 0);

            check.counted += Number(count ?? 0);

            if (count !== String(blocked)) {
                fail(check, page, '$consent_resources_blocked is '
                                  + `${count ?? 'not logged'} instead of `
                                  + blocked);
            }
        }
    }


    total(what) {
        return this.checks.reduce((sum, check) => sum + check[what], 0);
    }
}


/* the judge itself: it has to find what is wrong with wrong outputs */

function controls(pages, judgeOf) {
    let survivors = 0;
    let scripts = 0;

    for (const page of pages.slice(0, CONTROL_PAGES)) {
        const judge = judgeOf(page);
        const { problems } = judge.verdict(page.bytes, [], 0);

        survivors += problems.filter((p) => /^survivor/.test(p)).length;
        scripts += problems.filter((p) => /^script that names/.test(p)).length;
    }

    tap.ok(scripts > 0, `control: ${scripts} scripts that name refused hosts `
                        + 'are found in untouched pages');

    tap.ok(survivors > 0, `control: ${survivors} survivors are found in `
                          + 'untouched pages');

    const page = pages.find((p) => judgeOf(p).original.on.tags.length > 1);
    const judge = judgeOf(page);
    const flipped = Buffer.from(page.bytes);
    const [tag] = judge.original.on.tags;

    flipped[flipped.length >> 1] ^= 1;

    const cut = Buffer.concat([page.bytes.subarray(0, tag.start),
                               page.bytes.subarray(tag.elementEnd)]);

    tap.ok(judge.verdict(flipped, CATEGORIES, 0).changed > 0,
           'control: a changed bit is found');
    tap.ok(judge.verdict(cut, CATEGORIES, 0).lost > 0,
           'control: a lost load is found');
    tap.ok(judge.verdict(page.bytes, CATEGORIES, 0).problems.length === 0,
           'control: nothing is wrong with an untouched page when all is '
           + 'accepted');
}


function summary(judges, rules, replay, seconds) {
    const bases = judges.map((judge) => judge.original.on.base)
        .filter((base) => base);
    const deniedBases = bases.filter((base) => rules.denied(base, []));

    tap.diag(`pages replayed:                    ${judges.length} `
             + `(seed ${options.seed}${options.full ? ', all cuts' : ''})`);
    tap.diag(`rules:                             ${rules.patterns.size} `
             + `(${rules.met} of hosts in the pages), `
             + Object.entries(rules.counts()).map(([k, n]) => `${k} ${n}`)
                 .join(', '));
    tap.diag(`requests:                          ${replay.sent.length}`);
    tap.diag(`bytes received:                    ${replay.bytes}`);
    tap.diag(`distinct outputs judged:           ${replay.outputs}`);
    tap.diag(`tags blocked in all requests:      ${replay.total('blocked')}`);
    tap.diag(`inline scripts blocked:            `
             + replay.total('scripts'));
    tap.diag(`survivors:                         `
             + replay.total('survivors'));
    tap.diag(`other loads lost:                  ${replay.total('lost')}`);
    tap.diag(`bytes changed outside blocked tags: `
             + replay.total('changed'));
    tap.diag(`denied tags that the tree drops:   ${replay.tokenOnly}`);
    tap.diag(`pages with <base href>:            ${bases.length}, `
             + `to a denied host: ${deniedBases.length}`);
    tap.diag(`seconds:                           ${seconds.toFixed(1)}`);
}


function report(replay) {
    for (const check of replay.checks) {
        const numbers = check.mode === 'report' || check.visitor === 'accepted'
            ? `${check.changed} changed, ${check.counted} counted`
            : `${check.blocked} tags and ${check.scripts} scripts blocked, `
              + `${check.survivors} survivors, `
              + `${check.lost} lost, ${check.changed} changed`;
        const more = check.failures - check.problems.length;

        if (more > 0) {
            check.problems.push(`... and ${more} more`);
        }

        tap.ok(check.failures === 0 && check.requests > 0,
               `${check.name}: ${check.requests} pages, ${numbers}`,
               check.problems);
    }
}


/* the rules are always those of all pages */

function selectPages(all) {
    const pages = all.filter((page) => page.file.startsWith(options.only));

    if (pages.length === 0) {
        throw new Error('no such pages');
    }

    return options.pages === undefined ? pages
           : pages.slice(0, Number(options.pages));
}


async function main(dir) {
    const started = Date.now();
    const all = loadPages();
    const pages = selectPages(all);
    const urlOf = (page) => `http://${HOST}/${page.file}`;
    const originals = new Map(all.map(
        (page) => [page, views(page.bytes, urlOf(page))]));
    const rules = new Rules(new Set([...originals.values()]
        .flatMap(hostsOf)));
    const judges = new Map(pages.map(
        (page) => [page, new Judge(page, urlOf(page), originals.get(page),
                                   rules)]));
    const judgeOf = (page) => judges.get(page);

    controls(pages, judgeOf);

    tap.ok(rules.patterns.size >= LEAST_RULES,
           `${rules.patterns.size} rules with real hosts`);

    const replay = await run(dir, pages, rules, judgeOf);
    const seconds = (Date.now() - started) / 1000;

    report(replay);
    summary([...judges.values()], rules, replay, seconds);
    tap.done();
}


async function run(dir, pages, rules, judgeOf) {
    const origin = await startOrigin(path.join(dir, 'origin.sock'), pages,
                                     options.seed);
    const nginx = new Nginx(dir, rules, options.plain);
    const replay = new Replay(nginx);

    process.once('exit', () => nginx.kill());

    try {
        await nginx.start();
        await replay.pages(pages, judgeOf);

        const ending = await nginx.stop();

        tap.ok(ending === null, 'nginx ended well', [ending]);

        if (!options.plain) {
            replay.counts(nginx.blocked());
        }

        return replay;

    } finally {
        const faults = nginx.faults();

        tap.ok(faults.length === 0, 'nothing bad in the error log',
               faults.slice(0, SHOWN_PROBLEMS));

        nginx.kill();
        await origin.stop();
    }
}


await start('pages', main);
