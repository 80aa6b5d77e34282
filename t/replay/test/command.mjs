/*
 * Copyright (C) ngx_consent_module authors
 *
 * The command: what it exits with, what it says and writes.
 */

import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as tap from '../../pages/tap.mjs';
import { ROOT, require } from '../../pages/corpus.mjs';


const { parse } = require('parse5');

const COMMAND = fileURLToPath(new URL('../main.mjs', import.meta.url));

const CONF = `consent_category performance {
    cookie _ga;
    resource .t.example;
}
`;

const PLAIN_LOG = '2025-06-01T10:00:00+00:00 h.example "GET /a" 200 '
    + 'accepted=necessary decision=default blocked=2/3 hidden=1 expired=0 '
    + 'unclassified=4 uninspected=-\n';

const JSON_LOG = JSON.stringify({
    time: 't', host: 'h.example', method: 'GET', uri: '/b', status: '502',
    accepted: '', decision: 'explicit', source: 'own', policy: 1,
    cookies_blocked: 1, cookies_hidden: 0, cookies_expired: 0,
    resources_blocked: 1, unclassified: 0, uninspected: 'range' });


function command(...args) {
    return new Promise((done) => {
        execFile(process.execPath, [COMMAND, ...args],
                 { maxBuffer: 1 << 26 }, (error, stdout, stderr) => done({
                     status: error ? error.code : 0, stdout, stderr }));
    });
}


function har(...entries) {
    return JSON.stringify({ log: { version: '1.2', entries } });
}


const entry = (url, text, headers = []) => ({
    request: { method: 'GET', url, headers: [{ name: 'Cookie',
                                               value: '_ga=1; sid=2' }] },
    response: { status: 200, headers: [
        { name: 'Content-Type', value: 'text/html' }, ...headers],
                content: { text } },
});


class Commands {

    constructor(dir) {
        this.dir = dir;
        this.conf = this.write('site.conf', CONF);
        this.out = path.join(dir, 'out');
    }


    write(name, text) {
        const file = path.join(this.dir, name);

        fs.writeFileSync(file, text);

        return file;
    }


    async expect(name, args, status, message) {
        const done = await command(...args);
        const text = done.stdout + done.stderr;

        tap.ok(done.status === status && message.test(text),
               `command: ${name}: ${status}`,
               [`status ${done.status}, expected ${status} and ${message}`,
                text.slice(0, 2000)]);
    }


    async usage() {
        const good = this.write('good.har', har(entry('https://h.example/',
                                                      '<p>')));
        const bad = this.write('bad.har', har({}, { request: { url: 'x' } }));
        const broken = this.write('broken.conf',
                                  'consent_category a {\n    cookei _ga;\n}');
        const states = this.write('states.json',
            '{"states":[{"name":"x","accepted":["nobody"]}]}');
        const run = (...args) => ['--out', this.out, '--conf', this.conf,
                                  ...args];

        await Promise.all([
            this.expect('help', ['--help'], 0, /usage:.*--har/s),
            this.expect('no input', [], 2, /give one of --har/),
            this.expect('two inputs', ['--har', good, '--log', good], 2,
                        /give one of --har/),
            this.expect('no policy', ['--har', good], 2, /--conf/),
            this.expect('an unknown option', ['--hra', good], 2, /--hra/),
            this.expect('no such file', run('--har', `${good}x`), 2,
                        /there is no such file/),
            this.expect('no HAR', run('--har', this.conf), 2,
                        /no JSON: it begins with/),
            this.expect('all entries are broken', run('--har', bad), 2,
                        /no entry can be read: entry 0 has no request/),
            this.expect('no entry at all', run('--har',
                this.write('none.har', har())), 2, /no entry that could be/),
            this.expect('a mistake in the policy, found by nginx',
                ['--out', this.out, '--har', good, '--conf', broken], 2,
                /cookei.* in .*broken\.conf:2/),
            this.expect('a state with an unknown category',
                run('--har', good, '--states', states), 2, /"nobody"/),
            this.expect('an unknown state', run('--har', good, '--only',
                'nobody'), 2, /there are none, refused/),
            this.expect('no state at all', run('--har', good, '--states',
                this.write('no.json', '{"generated":false,"states":[]}')), 2,
                /no state to replay/),
            this.expect('an unknown default', run('--har', good,
                '--default', 'nobody'), 2, /no category "nobody"/),
        ]);
    }


    async verdicts() {
        const pages = [entry('https://h.example/', '<img src=//t.example/a>'
            + '<p id="x">\ud83d\ude00</p>', [{ name: 'Set-Cookie',
                                              value: '_ga=1\nsid=3' }])];
        const skipped = [
            { request: { method: 'GET', url: 'wss://h.example/s' },
              response: { status: 101 } },
            { request: { method: 'GET', url: 'https://h.example/gone' },
              response: { status: 0 } },
            {},
        ];
        const file = this.write('mixed.har', har(...pages, ...skipped));
        const run = ['--har', file, '--conf', this.conf, '--out', this.out];

        await this.expect('clean, with a broken entry', run, 0,
            /2 entries left out: 1 WebSocket, 1 no answer.*entry 3 left out: has no request.*clean/s);
        await this.expect('strict: sid is unclassified', [...run, '--strict'],
                          1, /cookie sid \(h\.example\)/);
        await this.expect('quiet', [...run, '--quiet'], 0, /^$/);

        this.reports();

        await this.expect('only those who have not chosen',
                          [...run, '--only', 'none'], 0, /none +\d/);

        const utf16 = this.write('utf16.har', har(entry('https://h.example/',
            '<p>', [{ name: 'Content-Encoding', value: 'compress' }])));

        await this.expect('broken: what cannot be inspected',
            ['--har', utf16, '--conf', this.conf, '--out', this.out], 1,
            /502 instead of 200.*NOT clean/s);
        this.failure();
    }


    /* a cookie that is wrongly signed would not count */

    async signed() {
        const file = this.write('signed.har', har(entry('https://h.example/',
            '<img src=//t.example/a>')));

        fs.chmodSync(this.write('test.key', 'a secret of the test, no more\n'),
                     0o640);

        const conf = this.write('signed.conf',
                                `${CONF}consent_key test.key;\n`);

        await this.expect('with consent_key', ['--har', file, '--conf', conf,
            '--out', this.out], 0, /clean/);

        const { states } = JSON.parse(fs.readFileSync(
            path.join(this.out, 'report.json')));
        const blocked = Object.fromEntries(states.map(({ name, counted }) =>
            [name, counted.resources_blocked]));

        tap.ok(blocked.all === 0 && blocked.refused === 1,
               'with consent_key: the choice counts',
               [JSON.stringify(blocked)]);
    }


    /* read by others */

    reports() {
        const read = (name) => fs.readFileSync(path.join(this.out, name),
                                               'utf8');
        const result = JSON.parse(read('report.json'));
        const document = parse(read('report.html'));
        const html = read('report.html');
        const errors = document.childNodes.length;

        tap.ok(result.verdict === 'clean' && result.states.length === 5
               && result.entries.broken === 1, 'report.json');
        tap.ok(errors > 0 && html.includes('\ud83d\ude00') === false
               && !/(?:src|href)=/.test(html.replace(/<script[^]*/, '')),
               'report.html needs nothing else');

        const xml = read('junit.xml');

        tap.ok(this.wellFormed(xml) && /failures="0"/.test(xml),
               'junit.xml: well-formed, no failure');
    }


    failure() {
        const xml = fs.readFileSync(path.join(this.out, 'junit.xml'), 'utf8');

        tap.ok(this.wellFormed(xml) && /<failure message="502/.test(xml)
               && /<testsuites [^>]*failures="4"/.test(xml),
               'junit.xml: one failure in each state that refuses', [xml]);
    }


    wellFormed(xml) {
        const stack = [];

        for (const [, end, name, empty] of
             xml.matchAll(/<(\/?)([a-z-]+)(?:\s[^<>]*?)?(\/?)>/g))
        {
            if (end) {

                if (stack.pop() !== name) {
                    return false;
                }

            } else if (!empty) {
                stack.push(name);
            }
        }

        return stack.length === 0
               && !/&(?!(?:amp|lt|gt|quot);)/.test(xml);
    }


    async crawl() {
        let asked = 0;
        const site = http.createServer((request, response) => {
            asked++;
            response.setHeader('Content-Type', 'text/html');
            response.setHeader('Set-Cookie', ['_ga=1', `sid=${asked}`]);
            response.end(`<p>${asked} ${request.headers.host}</p>`
                         + '<script src="https://t.example/a.js"></script>');
        });

        await new Promise((done) => site.listen(0, '127.0.0.1', done));

        const upstream = `http://127.0.0.1:${site.address().port}`;
        const urls = this.write('urls.txt', '# pages\nhttps://h.example/\n\n'
            + 'https://h.example/b\n');
        const run = ['--urls', urls, '--conf', this.conf, '--out', this.out];

        await this.expect('crawl: pages that differ each time',
            [...run, '--upstream', upstream], 0, /2 entries of the site/);

        const result = JSON.parse(fs.readFileSync(
            path.join(this.out, 'report.json')));
        const refused = result.states.find(({ name }) => name === 'refused');

        tap.ok(refused.counted.resources_blocked === 2
               && refused.counted_in_report_mode.resources_blocked === 2,
               'crawl: report mode counts what enforce mode does',
               [JSON.stringify(refused)]);

        await new Promise((done) => site.close(done));
        await this.expect('crawl: no upstream', [...run, '--upstream',
                                                 upstream], 2, /ECONNREFUSED/);
        await this.expect('crawl: no such upstream', [...run, '--upstream',
            'x'], 2, /say http:/);
        await this.expect('crawl: no URL', ['--urls', this.write('no.txt',
            '# x\n'), '--conf', this.conf, '--upstream', upstream], 2,
                          /there is no URL in it/);
    }


    async log() {
        const file = this.write('access.log', `${PLAIN_LOG}no\n${JSON_LOG}\n`);

        await this.expect('log: both formats', ['--log', file, '--out',
                                                this.out], 0,
            /2 requests.*1 lines are of another format.*2.*default: 1 \(50\.0 %\).*cookies blocked: 3.*\(range\): 1/s);
        await this.expect('log: another format', ['--log', this.conf], 2,
                          /consent_json or consent_plain/);
    }


    async make() {
        const har_ = path.join(ROOT, 't/replay/cases/app/site.har');
        const done = await new Promise((resolve) => execFile('make', ['-s',
            '-C', ROOT, '-n', 'replay', `HAR=${har_}`, `CONF=${this.conf}`],
            (error, stdout) => resolve(stdout)));

        tap.ok(done.includes('t/replay/main.mjs') && done.includes(har_)
               && done.includes(this.conf), 'make replay calls the command',
               [done]);
    }
}


export async function testCommand(dir) {
    const commands = new Commands(dir);

    await commands.usage();
    await commands.verdicts();
    await commands.signed();
    await commands.crawl();
    await commands.log();
    await commands.make();
}
