/*
 * Copyright (C) ngx_consent_module authors
 *
 * HAR files as tools write them, and as they should not be.
 */

import assert from 'node:assert';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import * as tap from '../../pages/tap.mjs';
import { random } from '../../pages/corpus.mjs';
import { decodeBody, headerOf, readEntry } from '../entry.mjs';
import { HarError, readHar } from '../har.mjs';


async function all(file, limit) {
    const list = [];

    for await (const found of readHar(file, {}, limit)) {
        list.push(found);
    }

    return list;
}


async function check(name, test) {
    try {
        await test();
        tap.ok(true, name);

    } catch (error) {
        tap.ok(false, name, [error.message]);
    }
}


function wrap(entries) {
    return `{"log":{"version":"1.2","creator":{"name":"x \\"{","version":"1"},`
           + `"pages":[{"id":"p"}],"entries":[${entries.join()}],`
           + '"comment":"}]"}}';
}


/* texts that a scanner could stumble over */

const TEXTS = ['plain', '"', '\\', '\\"', '{[', ']}', '\u2028', '\ud83d\ude00',
               '\n\t', '"entries":[', '\\\\"}', '\0', 'ä'];


function randomEntry(next) {
    const text = () => Array.from({ length: Math.floor(next() * 12) },
        () => TEXTS[Math.floor(next() * TEXTS.length)]).join('');

    return { [text()]: [text(), { [text()]: text() }, 1, null],
             text: text().repeat(Math.floor(next() * 4000)) };
}


async function testReader(dir) {
    const file = path.join(dir, 'a.har');
    const write = (text) => fs.writeFileSync(file, text);
    const problems = (list) => list.map(({ problem }) => problem);

    await check('HAR: entries of any content, over many chunks', async () => {
        const next = random('har');
        const entries = Array.from({ length: 120 }, () => randomEntry(next));

        write(wrap(entries.map((entry) => JSON.stringify(entry))));
        assert(fs.statSync(file).size > 3 << 18, 'more than three chunks');
        assert.deepEqual((await all(file)).map(({ entry }) => entry), entries);
    });

    await check('HAR: indented, with a byte order mark', async () => {
        write(`\ufeff${JSON.stringify(JSON.parse(wrap(['{"a":1}', '{}'])),
                                      null, 4)}`);
        assert.deepEqual((await all(file)).map(({ entry }) => entry),
                         [{ a: 1 }, {}]);
    });

    await check('HAR: what is beside the entries is known', async () => {
        const meta = {};

        write(wrap(['{}']));

        for await (const found of readHar(file, meta)) {
            assert.deepEqual(found.entry, {});
        }

        assert.equal(meta.creator.name, 'x "{');
        assert.deepEqual(meta.pages, [{ id: 'p' }]);
    });

    await check('HAR: gzip, UTF-16', async () => {
        fs.writeFileSync(file, zlib.gzipSync(wrap(['{"a":"ä"}'])));
        assert.deepEqual((await all(file))[0].entry, { a: 'ä' });

        fs.writeFileSync(file, Buffer.from(`\ufeff${wrap(['{"a":"ä"}'])}`,
                                           'utf16le'));
        assert.deepEqual((await all(file))[0].entry, { a: 'ä' });
    });

    await check('HAR: broken entries are named, the others read', async () => {
        write(wrap(['{"a":1}', '17', 'null', '{bad}', '"text"', '[]',
                    '{"z":2}']));

        const list = await all(file);

        assert.deepEqual(list.map(({ entry }) => entry ?? null),
                         [{ a: 1 }, null, null, null, null, null, { z: 2 }]);
        assert(problems(list).slice(1, 6).every((p) => /is no/.test(p)));
        assert.deepEqual(list.map(({ number }) => number),
                         [0, 1, 2, 3, 4, 5, 6]);
    });

    await check('HAR: one that is cut off is read up to there', async () => {
        const text = wrap(['{"a":1}', '{"b":"cut here"}']);

        for (const [end, read] of [[text.indexOf('cut'), 1],
                                   [text.indexOf('comment'), 2]])
        {
            write(text.slice(0, end));

            const list = await all(file);

            assert.equal(list.filter(({ entry }) => entry).length, read);
            assert.match(list.at(-1).problem, /cut off/);
        }

        const next = random('cut');
        const long = Array.from({ length: 400 }, () => JSON.stringify(
            String.fromCharCode(...Array.from({ length: 2000 },
                () => 32 + next() * 900))));
        const packed = zlib.gzipSync(wrap(long.map((t) => `{"a":${t}}`)));

        fs.writeFileSync(file, packed.subarray(0, packed.length >> 1));

        const list = await all(file);

        assert(list.length > 50 && list.length < 400);
        assert.match(list.at(-1).problem, /damaged/);
    });

    await check('HAR: an entry that is too long is left out', async () => {
        write(wrap(['{"a":1}', `{"b":"${'x'.repeat(5000)}"}`, '{"c":1}']));

        const list = await all(file, 1000);

        assert.match(list[1].problem, /longer than/);
        assert.deepEqual([list[0].entry, list[2].entry], [{ a: 1 }, { c: 1 }]);
    });

    for (const [name, text, message] of [
        ['empty', '', /empty/],
        ['no JSON', '<html>', /no JSON.*<html>/],
        ['other JSON', '{"entries":[{}]}', /no list "log.entries"/],
        ['a zip archive', 'PK\x03\x04', /unpack/],
    ]) {
        await check(`HAR: ${name} is refused`, async () => {
            write(text);
            await assert.rejects(all(file), (error) =>
                error instanceof HarError && message.test(error.message));
        });
    }
}


const header = (name, value) => ({ name, value });

const request = (more = {}) => ({ method: 'GET', url: 'https://h.example/',
                                  headers: [], ...more });


async function testEntries(dir) {
    const read = (entry) => readEntry(3, entry, dir);
    const body = (response) => read({ request: request(),
                                      response: { status: 200, headers: [],
                                                  ...response } }).response;

    await check('entry: pseudo and hop headers, joined Set-Cookie', () => {
        const { request: sent, response } = read({
            request: request({ headers: [
                header(':authority', 'h.example'), header('Host', 'x'),
                header('cookie', 'a=1'), header('Accept', '*/*'),
                header('If-None-Match', '"1"'), header('Sec-GPC', '1')] }),
            response: { status: 200, headers: [
                header('set-cookie', 'a=1; Path=/\nb=2'),
                header('transfer-encoding', 'chunked'),
                header('bad name', 'x'), header('x-ok', 'a\u0001')],
                        content: { text: '', size: 0 } },
        });

        assert.deepEqual(sent.headers, [['Accept', '*/*']]);
        assert.deepEqual(sent.cookies, ['a=1']);
        assert.deepEqual(response.headers, [['set-cookie', 'a=1; Path=/'],
                                            ['set-cookie', 'b=2']]);
        assert.equal(response.framing, 'chunked');
    });

    await check('entry: base64, text of other encodings, none', () => {
        assert.equal(String(body({ content: { text: 'aGk=',
            encoding: 'base64' } }).body), 'hi');
        assert.deepEqual(body({ headers: [header('content-type',
            'text/html; charset=iso-8859-1')], content: { text: 'ä' } }).body,
                         Buffer.from([0xe4]));
        assert.deepEqual(body({ headers: [header('content-type',
            'text/html; charset=utf-16le')], content: { text: 'ä' } }).body,
                         Buffer.from([0xe4, 0]));

        const kanji = body({ headers: [header('content-type',
            'text/html; charset=shift_jis')], content: { text: '漢' } });

        assert.equal(kanji.type, 'text/html; charset=utf-8');
        assert.equal(String(kanji.body), '漢');

        assert.equal(body({ content: { size: 12 } }).lost, true);
        assert.equal(body({}).lost, true);
        assert.equal(body({ content: { size: 0 } }).lost, false);
        assert.equal(body({ status: 204 }).lost, false);
    });

    for (const coding of ['gzip', 'deflate', 'br', 'zstd', 'gzip, br']) {
        await check(`entry: encoded anew in ${coding}`, () => {
            const found = body({ headers: [header('Content-Encoding', coding)],
                                 content: { text: 'some text' } });

            assert.notEqual(String(found.sent), 'some text');
            assert.equal(String(decodeBody(found.sent, headerOf(found.headers,
                'content-encoding'))), 'some text');
        });
    }

    await check('entry: attached files, and none that is elsewhere', () => {
        fs.writeFileSync(path.join(dir, 'abc.html'), 'attached');
        assert.equal(String(body({ content: { _file: 'abc.html' } }).body),
                     'attached');
        assert.equal(body({ content: { _file: '../../../etc/passwd' } }).lost,
                     true);
    });

    await check('entry: cookies without headers, as sanitized', () => {
        const { request: sent, response } = read({
            request: request({ cookies: [{ name: 'a', value: '1' }] }),
            response: { status: 200, headers: [], cookies: [{ name: 'b',
                value: '2', path: '/', httpOnly: true,
                expires: '2030-01-01T00:00:00.000Z' }] },
        });

        assert.deepEqual(sent.cookies, ['a=1']);
        assert.deepEqual(response.headers, [['Set-Cookie', 'b=2; Path=/; '
            + 'Expires=Tue, 01 Jan 2030 00:00:00 GMT; HttpOnly']]);
    });

    await check('entry: bodies of requests', () => {
        const post = (postData, headers = []) => read({
            request: request({ method: 'post', headers, postData }),
            response: { status: 200 } }).request.body;

        assert.equal(String(post({ text: 'a=1' })), 'a=1');
        assert.equal(String(post({ params: [header('a b', 'ü')] })),
                     'a%20b=%C3%BC');
        assert.equal(post({ params: [header('a', '1')] },
            [header('content-type', 'multipart/form-data; boundary=x')]),
                     null);
        assert.equal(post(null), null);
    });

    for (const [name, entry, expected] of [
        ['WebSocket', { request: request({ url: 'wss://h.example/' }),
                        response: { status: 101 } }, 'WebSocket'],
        ['WebSocket by type', { _resourceType: 'websocket',
            request: request(), response: { status: 200 } }, 'WebSocket'],
        ['data:', { request: request({ url: 'data:,x' }),
                    response: { status: 200 } }, 'data: URL'],
        ['no answer', { request: request(), response: { status: 0 } },
         'no answer was recorded'],
        ['a failure', { request: request(), response: { status: -1 } },
         'no answer was recorded'],
    ]) {
        await check(`entry: ${name} is left out`, () => {
            assert.equal(read(entry).skipped, expected);
        });
    }

    for (const [name, entry, expected] of [
        ['no request', {}, /no request/],
        ['no URL', { request: {} }, /no URL/],
        ['a bad URL', { request: { url: 'http://[' } }, /http:\/\/\[/],
        ['no response', { request: request() }, /no response/],
        ['a bad method', { request: request({ method: 'G T' }),
                           response: { status: 200 } }, /method/],
        ['a bad status', { request: request(), response: { status: 7 } },
         /status 7/],
    ]) {
        await check(`entry: ${name} is a broken entry`, () => {
            assert.match(read(entry).problem, expected);
        });
    }
}


export async function testHar(dir) {
    await testReader(dir);
    await testEntries(dir);
}
