/*
 * Copyright (C) ngx_consent_module authors
 *
 * The npm packages of the test and the saved pages in one of them.  They are
 * installed below build/node and never become part of the repository.
 */

import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';


export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)),
                                 '../..');

const PREFIX = path.join(ROOT, 'build/node');

export const PAGES_DIR = path.join(PREFIX,
                                   'node_modules/htmlparser-benchmark/files');

export const require = createRequire(path.join(PREFIX, 'package.json'));


/* what is wrong with the installed packages, or null */

export function packagesProblem() {
    const file = path.join(ROOT, 't/package.json');
    const wanted = JSON.parse(fs.readFileSync(file)).devDependencies;

    for (const [name, version] of Object.entries(wanted)) {
        const installed = path.join(PREFIX, 'node_modules', name,
                                    'package.json');

        if (!fs.existsSync(installed)) {
            return `npm package ${name} is missing in build/node: `
                   + 'run "make build/node/installed"';
        }

        const found = JSON.parse(fs.readFileSync(installed)).version;

        if (found !== version) {
            return `build/node has ${name} ${found} instead of ${version}: `
                   + 'remove build/node and run "make build/node/installed"';
        }
    }

    return null;
}


/* [{ name, file, bytes }] in a fixed order */

export function loadPages() {
    return fs.readdirSync(PAGES_DIR)
        .filter((file) => file.endsWith('.html'))
        .sort()
        .map((file) => ({
            file,
            name: file.slice(0, 12),
            bytes: fs.readFileSync(path.join(PAGES_DIR, file)),
        }));
}


/* mulberry32: the same numbers for the same words on every machine */

export function random(...words) {
    let state = 2166136261;

    for (const c of words.join('\0')) {
        state = Math.imul(state ^ c.codePointAt(0), 16777619);
    }

    return () => {
        state = (state + 0x6d2b79f5) | 0;

        let t = Math.imul(state ^ (state >>> 15), 1 | state);

        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;

        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
}
