/*
 * Copyright (C) ngx_consent_module authors
 *
 * The inputs of the html5lib tests that the npm package html5 carries, and
 * places in them to put a tag.  Tokenizer tests name the state they begin in:
 * they get the start tag that brings a parser there.
 */

import fs from 'node:fs';
import path from 'node:path';
import { require } from '../pages/corpus.mjs';


const STATES = {
    'CDATA section state': { before: '<svg><![CDATA[', name: 'svg' },
    'Data state': { before: '', name: '' },
    'PLAINTEXT state': { before: '<plaintext>', name: 'plaintext' },
    'RAWTEXT state': { before: '<xmp>', name: 'xmp' },
    'RCDATA state': { before: '<textarea>', name: 'textarea' },
    'Script data state': { before: '<script>', name: 'script' },
};


function dataDir() {
    return path.join(path.dirname(require.resolve('html5/package.json')),
                     'test/data');
}


function files(dir, ext) {
    return fs.readdirSync(dir)
        .filter((file) => file.endsWith(ext))
        .sort()
        .map((file) => path.join(dir, file));
}


/* "\\u0041" stands for "A" in tests that say so */

function unescape(text) {
    return text.replace(/\\u([0-9A-Fa-f]{4})/g,
                        (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}


/* one character per byte */

function bytes(text) {
    return Buffer.from(text, 'utf8').toString('latin1');
}


function* tokenizerInputs(file) {
    const { tests = [] } = JSON.parse(fs.readFileSync(file, 'utf8'));

    for (const test of tests) {
        const input = test.doubleEscaped ? unescape(test.input) : test.input;

        for (const state of test.initialStates ?? ['Data state']) {
            const { before, name } = STATES[state];
            const text = test.lastStartTag && name
                ? input.replaceAll(test.lastStartTag, name) : input;

            yield bytes(before + text);
        }
    }
}


/* of fragments as of documents: what they hold is what counts */

function* treeInputs(file) {
    const parts = fs.readFileSync(file, 'utf8').split(/^#data\n/m);

    for (const part of parts) {
        const end = part.search(/^#errors$/m);

        if (end > 0) {
            yield bytes(part.slice(0, end - 1));
        }
    }
}


/* [{ name, inputs }], without inputs that occurred before */

export function suites() {
    const dir = dataDir();
    const seen = new Set();
    const fresh = (input) => !seen.has(input) && seen.add(input);

    return [
        {
            name: 'html5lib tokenizer',
            inputs: files(path.join(dir, 'tokenizer'), '.test')
                .flatMap((file) => [...tokenizerInputs(file)]).filter(fresh),
        },
        {
            name: 'html5lib tree construction',
            inputs: files(path.join(dir, 'tree-construction'), '.dat')
                .flatMap((file) => [...treeInputs(file)]).filter(fresh),
        },
    ];
}


/* before each "<", behind each ">", and at both ends */

export function places(input) {
    const found = new Set([0, input.length]);

    for (let i = 0; i < input.length; i++) {
        if (input[i] === '<') {
            found.add(i);
        }

        if (input[i] === '>') {
            found.add(i + 1);
        }
    }

    return [...found];
}
