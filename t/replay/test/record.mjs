/*
 * Copyright (C) ngx_consent_module authors
 *
 * Recording: a site that is running, through Chromium into a HAR, and from
 * there into a verdict.
 */

import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import * as tap from '../../pages/tap.mjs';
import { ROOT } from '../../pages/corpus.mjs';
import { chromiumProblem } from '../../browser/browser.mjs';
import { harEntries, run } from '../run.mjs';
import { record } from '../record.mjs';


const DEMO = path.join(ROOT, 'conf/demo/site');

const TYPES = { '.html': 'text/html; charset=utf-8', '.css': 'text/css',
                '.svg': 'image/svg+xml' };


/* the site of the demo, with an image that only is loaded when it is seen */

function serve(request, response) {
    const name = request.url === '/' ? '/index.html' : request.url;
    const file = path.join(DEMO, path.basename(name));

    if (name === '/late.svg') {
        response.writeHead(200, { 'Content-Type': 'image/svg+xml' });
        response.end('<svg xmlns="http://www.w3.org/2000/svg"/>');
        return;
    }

    if (!fs.existsSync(file)) {
        response.writeHead(404).end();
        return;
    }

    response.writeHead(200, { 'Content-Type': TYPES[path.extname(file)],
                              'Set-Cookie': ['session=1', '_ga=1'] });
    response.end(fs.readFileSync(file, 'utf8').replace('</body>',
        '<div style="height: 9000px"></div>'
        + '<img loading="lazy" src="/late.svg" alt=""></body>'));
}


export async function testRecord(dir) {
    const problem = chromiumProblem();

    if (problem) {
        tap.ok(true, `recording # SKIP ${problem}`);
        return;
    }

    const server = http.createServer(serve);

    await new Promise((done) => server.listen(0, '127.0.0.1', done));

    const { port } = server.address();
    const out = path.join(dir, 'demo.har');
    const urls = ['/', '/news.html'].map(
        (page) => `http://www.exampleton.example${page}`);

    try {
        const { pages, failed } = await record({
            out, urls: [...urls, 'http://nowhere.invalid/'],
            args: ['--host-resolver-rules=MAP www.exampleton.example '
                   + `127.0.0.1:${port}, MAP * ~NOTFOUND`] });
        const entries = [];

        for await (const entry of harEntries(out)) {
            entries.push(entry);
        }

        const of = (text) => entries.filter(
            ({ url }) => url?.href.includes(text));

        tap.ok(pages === 2 && failed.length === 1,
               'recording: two pages, one that is not there',
               [JSON.stringify(failed)]);
        tap.ok(of('/late.svg').length > 0,
               'recording: what only is loaded when it is seen');
        tap.ok(of('googletagmanager.com/gtm.js').some(
            ({ initiator }) => initiator?.type === 'script'),
               'recording: who asked for what');

        const result = await run({ har: out, only: ['none', 'refused'],
            conf: path.join(ROOT, 'conf/examples/policy.conf') });

        tap.ok(result.verdict === 'clean' && result.entries.pages === 2
               && result.states[0].counted.cookies_blocked > 0,
               'recording: replayed, clean', [JSON.stringify(
                   result.problems.slice(0, 3))]);

    } finally {
        server.closeAllConnections();
        await new Promise((done) => server.close(done));
    }
}
