/*
 * Copyright (C) ngx_consent_module authors
 *
 * Documents made to confuse, as a visitor who refused gets them, judged by a
 * conforming parser that is not ours:
 *
 *   the inputs of the html5lib tests, with a tag that loads from a tracker
 *   put in before each "<" and behind each ">"; attributes, quotes and ends
 *   of tags put in within tags; and random tag soup.
 *
 *   node main.mjs [--seed S] [--full] [--only TEXT] [--driver FILE]
 *
 *   --seed S       other places, other soup
 *   --full         all places and much soup; CONSENT_DIFFERENTIAL=full
 *   --only TEXT    tests whose name contains it
 *   --driver FILE  another rewrite_driver
 *
 * A failure is shown as the smallest document that still has it.
 */

import path from 'node:path';
import { parseArgs } from 'node:util';
import * as tap from '../pages/tap.mjs';
import { PUT_IN, inAttributes, twice } from './attributes.mjs';
import { Driver } from './driver.mjs';
import { ROOT, packagesProblem } from '../pages/corpus.mjs';
import { Random, soup } from './soup.mjs';
import { judge } from './check.mjs';
import { places, suites } from './html5lib.mjs';
import { shrink } from './shrink.mjs';


const T = 'https://tracker.example/';

const INJECTED = {
    'img': `<img src=${T}>`,
    'script': `<script src="${T}"></script>`,
    'inline script': '<script>evil(1)</script>',
    'iframe': `<iframe src='${T}'></iframe>`,
    'srcdoc': `<iframe srcdoc="<img src=${T}>"></iframe>`,
    'svg image': `<svg><image href="${T}"/></svg>`,
    'image': `<image xlink:href="${T}"/>`,
    'svg script': `<svg><script href="${T}"/></svg>`,
    'svg inline script': '<svg><script>evil(1)</script></svg>',
    'style': `<style>a{b:url(${T})}</style>`,
    'style attribute': `<p style="a:url(${T})">`,
    'srcset': `<img srcset="${T} 2x">`,
    'self-closing': `<img src="${T}"/>`,
    'meta refresh': `<meta http-equiv=refresh content="0;url=${T}">`,
    'embed': `<embed/src=${T} >`,
};

const SOUPS = {
    'mark': '',
    'mark, small buffer': 'limit 64\n',
    'remove': 'remove\n',
};

/*
 * What the tree builder makes of these is not known to a scanner without a
 * tree: what is text in them for one parser is read as markup.  Names of svg
 * are judged in HTML too, and background and ping on all elements.
 */

const AMBIGUOUS = new RegExp('<(frameset|image|math|noscript|select|svg|'
                             + 'template|use)|(background|ping)=', 'i');

const SAMPLE = 4;               /* one place of so many */
const IN_TAGS = {
    some: { tags: 8, inputs: 160, twice: 800 },
    full: { tags: 1, inputs: 1, twice: 4 },
};
const SOUP = { some: 8000, full: 400000 };
const BATCH = 1000;
const SHOWN = 5;
const LEAST_INPUTS = 7500;
const MOST_UNPARSED = 20;


const { values: options } = parseArgs({
    options: {
        seed: { type: 'string', default: '1' },
        only: { type: 'string', default: '' },
        full: { type: 'boolean',
                default: process.env.CONSENT_DIFFERENTIAL === 'full' },
        driver: { type: 'string',
                  default: path.join(ROOT, 'build/t/rewrite_driver') },
    },
});

const SEED = Number(options.seed);

const totals = { documents: 0, changed: 0, over: 0, unparsed: 0 };


function* injected(inputs, tag) {
    const random = new Random(SEED);

    for (const input of inputs) {
        for (const at of places(input)) {
            if (options.full || random.below(SAMPLE) === 0) {
                yield input.slice(0, at) + tag + input.slice(at);
            }
        }
    }
}


function* soups() {
    const count = options.full ? SOUP.full : SOUP.some;

    for (let i = 1; i <= count; i++) {
        yield soup(SEED * SOUP.full + i);
    }
}


/* { output, found }; found is null if parse5 has an error of its own */

async function examine(driver, lines, document, cut) {
    const input = Buffer.from(document, 'latin1');
    const answer = await driver.rewrite(`${lines}cut ${cut}\n`, input);
    const output = answer.output.toString('latin1');

    try {
        const found = judge(document, output, lines.includes('remove'));

        if (answer.problem) {
            found.broken.push(answer.problem);
        }

        return { output, found };

    } catch (error) {
        if (error instanceof RangeError) {
            return { output, found: null };
        }

        throw error;
    }
}


function isBad(document, found, kind) {
    return found !== null && found[kind].length > 0
           && (kind !== 'over' || !AMBIGUOUS.test(document));
}


async function example(driver, lines, document, kind) {
    const small = await shrink(document, async (text) =>
        isBad(text, (await examine(driver, lines, text, 'whole')).found,
              kind));
    const { output, found } = await examine(driver, lines, small, 'whole');

    return `${kind}: ${found?.[kind].join('; ')}\n`
           + `  in:  ${JSON.stringify(small)}\n`
           + `  out: ${output === small ? 'unchanged'
                                        : JSON.stringify(output)}`;
}


class Run {

    constructor(name, driver, lines) {
        this.name = name;
        this.driver = driver;
        this.lines = lines;
        this.documents = 0;
        this.failed = { survivors: [], tokens: [], broken: [], over: [] };
        this.seen = 0;
    }


    async one(document, cut) {
        const { output, found } = await examine(this.driver, this.lines,
                                                document, cut);

        this.documents++;
        totals.documents++;
        totals.changed += output !== document;

        if (found === null) {
            totals.unparsed++;
            return;
        }

        this.seen += found.seen;
        totals.over += found.over.length > 0;

        for (const kind of Object.keys(this.failed)) {
            if (isBad(document, found, kind)) {
                this.failed[kind].push(document);
            }
        }
    }


    async all(documents) {
        let batch = [];
        let number = SEED;

        for (const document of documents) {
            batch.push(this.one(document, number++));

            if (batch.length === BATCH) {
                await Promise.all(batch);
                batch = [];
            }
        }

        await Promise.all(batch);
    }


    async report() {
        const counts = Object.entries(this.failed)
            .map(([kind, list]) => `${list.length} ${kind}`).join(', ');
        const problems = [];

        for (const [kind, list] of Object.entries(this.failed)) {
            const shortest = list.sort((a, b) => a.length - b.length)
                .slice(0, SHOWN);
            const examples = new Set();

            for (const document of shortest) {
                examples.add(await example(this.driver, this.lines, document,
                                           kind));
            }

            problems.push(...examples);
        }

        tap.ok(problems.length === 0 && this.seen > 0,
               `${this.name}: ${this.documents} documents, ${this.seen} with `
               + `something denied, ${counts}`, problems);
    }
}


async function main() {
    const started = Date.now();
    const driver = new Driver(options.driver);
    const lists = suites();
    const inputs = lists.reduce((sum, { inputs: list }) => sum + list.length,
                                0);

    const run = async (name, lines, documents) => {
        if (name.includes(options.only)) {
            const one = new Run(name, driver, lines);

            await one.all(documents);
            await one.report();
        }
    };

    tap.ok(inputs >= LEAST_INPUTS, `html5lib: ${inputs} inputs`);

    for (const [name, tag] of Object.entries(INJECTED)) {
        const documents = lists.flatMap((list) => [
            ...injected(list.inputs, tag)]);

        await run(`html5lib, ${name}`, '', documents);
    }

    const all = lists.flatMap((list) => list.inputs);

    const sample = options.full ? IN_TAGS.full : IN_TAGS.some;

    for (const [name, what] of Object.entries(PUT_IN)) {
        await run(`in tags, ${name}`, '',
                  inAttributes(all, what, new Random(SEED), sample));
        await run(`in tags twice, ${name}`, '',
                  twice(what, new Random(SEED), sample));
    }

    for (const [name, lines] of Object.entries(SOUPS)) {
        await run(`soup, ${name}`, lines, soups());
    }

    tap.ok(totals.unparsed <= MOST_UNPARSED,
           `${totals.unparsed} documents that parse5 cannot read`);
    tap.ok(await driver.end() === 0, 'the driver ended well');

    tap.diag(`documents:     ${totals.documents} (seed ${SEED}`
             + `${options.full ? ', all places' : ''})`);
    tap.diag(`rewritten:     ${totals.changed}`);
    tap.diag(`over-blocked:  ${totals.over}`);
    tap.diag(`seconds:       ${((Date.now() - started) / 1000).toFixed(1)}`);
    tap.done();
}


const problem = packagesProblem();

if (problem) {
    tap.bailOut(problem);

} else {
    try {
        await main();

    } catch (error) {
        tap.bailOut(error.stack);
    }
}
