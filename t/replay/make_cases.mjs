/*
 * Copyright (C) ngx_consent_module authors
 *
 * Makes the HAR files of the golden replays anew, from the sites in sites/
 * and with Chromium:  node t/replay/make_cases.mjs [NAME ...]
 *
 * The files in cases/ were made so and are kept, because a golden replay has
 * to be the same everywhere, with Chromium and without.
 */

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Internet } from './internet.mjs';
import { record } from './record.mjs';


const DIR = path.dirname(fileURLToPath(import.meta.url));

const NAMES = ['app', 'blog', 'council', 'shop'];

/* what tells one run, or one machine, from another, and nothing of the site */

const RUN = new Set(['_monotonicTime', '_transferSize', 'connection',
                     'serverIPAddress', '_serverPort', '_securityDetails',
                     'startedDateTime', 'time', 'timings', 'cache',
                     'headersSize', 'bodySize', 'sha1', '_transferSize']);


function tidy(key, value) {
    return RUN.has(key) ? undefined : value;
}


async function make(name) {
    const site = await import(`./sites/${name}.mjs`);
    const internet = new Internet(site);
    const out = path.join(DIR, 'cases', name, 'site.har');
    const port = await internet.open();

    fs.mkdirSync(path.dirname(out), { recursive: true });

    try {
        const { entries } = await record({
            out, visit: site.visit, insecure: true,
            args: [`--host-resolver-rules=MAP * 127.0.0.1:${port}`],
            urls: site.PAGES.map((page) => `https://${site.HOST}${page}`),
        });
        const har = JSON.parse(fs.readFileSync(out, 'utf8'), tidy);

        har.log.browser = { name: 'chromium', version: '' };
        fs.writeFileSync(out, `${JSON.stringify(har, null, 1)}\n`);
        console.log(`${name}: ${entries} entries`);

    } finally {
        await internet.close();
    }
}


for (const name of process.argv.length > 2 ? process.argv.slice(2) : NAMES) {
    await make(name);
}
