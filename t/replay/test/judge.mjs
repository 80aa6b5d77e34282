/*
 * Copyright (C) ngx_consent_module authors
 *
 * The judge itself, without nginx: right outputs are found right, and each
 * wrong one is found wrong for what is wrong with it.
 */

import fs from 'node:fs';
import path from 'node:path';
import * as tap from '../../pages/tap.mjs';
import { SPOILER } from '../../differential/tree.mjs';
import { hostsInPolicy, urlsInHeader } from '../fields.mjs';
import { judgeAnswer, readSetCookie, isDeletion } from '../judge.mjs';
import { Page } from '../page.mjs';
import { Policy } from '../policy.mjs';


const CONF = `consent_category performance {
    max_age  10d;
    cookie   _ga;
    resource .t.example;
    inline   'track(';
}
`;

const URL_ = new URL('https://www.site.example/dir/page');

const REFUSED = new Set();


function kinds(problems) {
    return [...new Set(problems.map(({ kind }) => kind))].sort().join();
}


/* name: the page, what came of it, and the kinds of problems */

const PAGES = {
    'nothing refused, nothing changed': [
        '<p>a<img src="/a.png"><script>b()</script>', null, ''],
    'a survivor': ['<img src="//t.example/a">', null, 'resource'],
    'a survivor in noscript': [
        '<noscript><img src="//t.example/a"></noscript>', null, 'resource'],
    'a survivor in a template, in svg, in srcdoc, in a style': [
        '<template><img src="//t.example/1"></template>'
        + '<svg><image href="//t.example/2"/></svg>'
        + '<iframe srcdoc="<img src=//t.example/3>"></iframe>'
        + '<style>@import "//t.example/4";</style>', null, 'resource'],
    'a comment and a text': [
        '<!-- <img src="//t.example/a"> --><textarea>'
        + '<img src="//t.example/a"></textarea>', null, ''],
    'a marked tag': [
        '<p>a<script async src="//t.example/a.js"></script>b',
        '<p>a<script type="text/plain" data-c="p" async '
        + 'data-src="//t.example/a.js"></script>b', ''],
    'a marked tag that lost an attribute': [
        '<script async src="//t.example/a.js" id="x"></script>',
        '<script type="text/plain" data-src="//t.example/a.js"></script>',
        'bytes'],
    'a marked tag that became another one': [
        '<img src="//t.example/a">', '<i data-src="//t.example/a">',
        'bytes,tree'],
    'an image with a candidate less': [
        '<img src="/a" srcset="/a 1x, //t.example/b 2x">',
        '<img data-c="p" data-srcset="/a 1x, //t.example/b 2x" src="/a" '
        + 'srcset="/a 1x">', ''],
    'a style': ['<style>a{b:url(//t.example/a)}c{}</style>',
                '<style>a{b:url(data:,)}c{}</style>', ''],
    'a style with a survivor behind quotes': [
        '<style>a{b:url("/a");c:url("//t.example/a")}</style>', null,
        'resource'],
    'a style in noscript': [
        '<noscript><style>a{b:url(//t.example/a)}</style></noscript><p>b'
        + '<style>c{}</style>',
        '<noscript><style>a{b:url(data:,)}</style></noscript><p>b'
        + '<style>c{}</style>', ''],
    'a body that comes late': [
        '<p>a<body background="//t.example/a">',
        '<p>a<body data-c="p" data-background="//t.example/a">', ''],
    'what fetches nothing': [
        '<base href="//t.example/"><iframe src=""></iframe>'
        + '<link rel="stylesheet" href="">', null, ''],
    'what is in front of the base': [
        '<script src="a.js"></script><base href="//t.example/">', null, ''],
    'what is fetched later than that': [
        '<link rel="icon" href="a.ico"><base href="//t.example/">', null,
        'resource'],
    'what is behind the base': [
        '<base href="//t.example/"><script src="a.js"></script>', null,
        'resource'],
    'a style that lost more': ['<style>a{b:url(//t.example/a)}c{}</style>',
                               '<style>a{b:url(data:,)}</style>', 'bytes'],
    'a marked inline script': [
        "<script>track('x')</script><p>",
        "<script type=\"text/plain\">track('x')</script><p>", ''],
    'an inline script that runs': ["<script>track('x')</script>", null,
                                   'inline'],
    'an inline script that names a host': [
        "<script>f('https://a.t.example/x')</script>", null, 'inline'],
    'an inline script that is only changed': [
        "<script>track('x')</script>", "<script>track('x') </script>",
        'bytes,inline'],
    'an inline script that is stopped late': [
        `<script>a();${' '.repeat(9)}track('x')</script>`,
        `<script>a();${SPOILER}${' '.repeat(9)}track('x')</script>`, ''],
    'a script in srcdoc': [
        '<iframe srcdoc="<script>track(1)</script>"></iframe>',
        '<iframe data-c="p" data-srcdoc="<script>track(1)</script>"></iframe>',
        ''],
    'a srcdoc that is blocked for nothing': [
        '<iframe srcdoc="<script>a(1)</script>"></iframe>',
        '<iframe data-c="p" data-srcdoc="<script>a(1)</script>"></iframe>',
        'bytes'],
    'a srcdoc that is too long to be read': [
        `<iframe srcdoc="<p>${'a'.repeat(20000)}"></iframe>`,
        `<iframe data-c="p" data-srcdoc="<p>${'a'.repeat(20000)}"></iframe>`,
        ''],
    'an inline script that is blocked for nothing': [
        '<script>a()</script>', '<script type="text/plain">a()</script>',
        'bytes'],
    'an import map': ['<script type="importmap">{"imports":{"a":'
                      + '"https://t.example/a.js"}}</script>', null, 'inline'],
    'a tag that was blocked for nothing': [
        '<img src="/a">', '<img data-src="/a">', 'bytes'],
    'a byte elsewhere': ['<p>one<img src="//t.example/a"><p>two',
                         '<p>one<img data-src="//t.example/a"><p>twO',
                         'bytes'],
    'bytes too many': ['<p>one', '<p>one<!-- x -->', 'bytes'],
    'bytes too few': ['<p>one<b>two</b>', '<p>one<b>two', 'bytes'],
    'a tag that moves in the tree': [
        '<table><tr><td><input type="image" src="//t.example/a"></table>'
        + '<table><input type="image" src="//t.example/a"></table>',
        '<table><tr><td><input type="image" data-src="//t.example/a"></table>'
        + '<table><input type="hidden" data-type="image" '
        + 'data-src="//t.example/a"></table>', 'tree'],
};


/* with consent_block remove */

const REMOVED = {
    'taken away': ['a<script src="//t.example/a"></script>b<img '
                   + 'src=//t.example/b>c', 'abc', ''],
    'taken away with a neighbour that nobody is known to fetch': [
        'a<img src=//t.example/a> <link rel="mask-icon" href="//t.example/b">c',
        'a c', ''],
    'taken away in noscript': [
        '<p>a<noscript> <img src=//t.example/a> </noscript>b',
        '<p>a<noscript>  </noscript>b', ''],
    'one of two scripts taken away': [
        'a<script>track(1)</script> <script>b()</script>c',
        'a <script>b()</script>c', ''],
    'one of two scripts that are alike in their tags taken away': [
        '<script>track(1)</script><script>b()</script>c',
        '<script>b()</script>c', ''],
    'taken away with what follows': ['a<script src="//t.example/a"></script>'
                                     + '<p>b', 'a<p>', 'bytes'],
    'one of two left': ['<img src=//t.example/a><img src=//t.example/b>',
                        '<img src=//t.example/b>', 'resource'],
    'the tree is another one without it': [
        '<p>a<iframe src="//t.example/a"></p></iframe>b',
        '<p>ab', ''],
};


function testPages(policy, pages, title) {
    for (const [name, [was, now, expected]] of Object.entries(pages)) {
        const page = new Page(Buffer.from(was), URL_, policy);
        const { problems } = page.judge(Buffer.from(now ?? was), REFUSED);
        const found = kinds(problems);

        tap.ok(found === expected, `judge: ${title}${name}: `
               + (expected || 'nothing'),
               [`found: ${found}`, ...problems.map(({ text }) => text)]);
    }
}


const ASKED = { method: 'GET', path: '/', headers: [['Accept', 'text/html']],
                sum: '' };

function exchange(recorded, answered, state = {}) {
    const entry = { number: 0, url: URL_, method: 'GET', response: {
        status: 200, headers: [['Content-Type', 'text/css']],
        type: 'text/css', body: Buffer.from('x'), sent: Buffer.from('x'),
        bodiless: false, lost: false, ...recorded } };

    return {
        entry, page: null,
        answer: { status: 200, headers: entry.response.headers,
                  body: Buffer.from('x'), ...answered },
        state: { accepted: REFUSED, denied: ['performance'], ...state },
        seen: (state.seen ?? []).map((seen) => ({ ...ASKED, cookies: [],
                                                  ...seen })),
        sent: ASKED, sentCookies: state.sent ?? [],
    };
}


const css = (...more) => ({ headers: [['Content-Type', 'text/css'],
                                      ...more] });

const set = (line) => css(['Set-Cookie', line]);

const page = { type: 'text/html', headers: [['Content-Type', 'text/html']] };


/* name: recorded, answered, state, kinds */

const ANSWERS = {
    'the same': [{}, {}, {}, ''],
    'no answer': [{}, { error: 'gone' }, {}, 'framing'],
    'another status': [{}, { status: 500 }, {}, 'status'],
    'a refused cookie with another status': [set('_ga=1'),
        { status: 500, ...set('_ga=1') }, {}, 'set-cookie,status'],
    'another body': [{}, { body: Buffer.from('y') }, {}, 'bytes'],
    'a shorter body': [{}, { body: Buffer.alloc(0) }, {}, 'bytes'],
    'a wrong length': [{}, css(['Content-Length', '7']), {}, 'framing'],
    'a header lost': [css(['X-A', '1']), css(), {}, 'headers'],
    'a header more': [{}, css(['X-A', '1']), {}, 'headers'],
    'a refused cookie': [set('_ga=1; Path=/'), set('_ga=1; Path=/'), {},
                         'set-cookie'],
    'a refused session cookie': [set('_ga=1'), set('_ga=1'), {},
                                 'set-cookie'],
    'a refused cookie dropped': [set('_ga=1'), css(), {}, ''],
    'a refused cookie deleted': [{}, set('_ga=; Max-Age=0'), {}, ''],
    'another cookie deleted': [{}, set('sid=; Max-Age=0'), {}, 'cookies'],
    'a cookie lost': [set('sid=1'), css(), {}, 'cookies'],
    'a cookie more': [{}, set('sid=1'), {}, 'cookies'],
    'a cookie changed': [set('sid=1; Path=/'), set('sid=1'), {}, 'cookies'],
    'an accepted cookie': [set('_ga=1; Max-Age=99'), set('_ga=1; Max-Age=99'),
                           { accepted: new Set(['performance']) }, ''],
    'one that lives too long': [set('_ga=1; Max-Age=9999999'),
        set('_ga=1; Max-Age=9999999'),
        { accepted: new Set(['performance']) }, 'lifetime'],
    'a refused cookie to the site': [{}, {},
        { sent: ['_ga=1', 'sid=2'], seen: [{ cookies: ['_ga=1; sid=2'] }] },
        'request-cookie'],
    'a refused cookie hidden': [{}, {},
        { sent: ['_ga=1', 'sid=2'], seen: [{ cookies: ['sid=2'] }] }, ''],
    'another cookie hidden': [{}, {},
        { sent: ['_ga=1', 'sid=2'], seen: [{ cookies: [] }] }, 'cookies'],
    'another method': [{}, {}, { seen: [{ method: 'PUT' }] }, 'request'],
    'another path': [{}, {}, { seen: [{ path: '/b' }] }, 'request'],
    'another request body': [{}, {}, { seen: [{ sum: 'x' }] }, 'request'],
    'a request header lost': [{}, {}, { seen: [{ headers: [] }] }, 'request'],
    'a request header of the module': [{}, {}, { seen: [{ headers: [
        ['accept', 'text/html'], ['Accept-Encoding', 'gzip']] }] }, ''],
    'a NEL more': [{}, css(['NEL', '{}']), {}, 'headers'],
    'a NEL less': [css(['NEL', '{}']), css(), {}, ''],
    'a Link': [css(['Link', '<https://t.example/a>; rel=preload']),
               css(['Link', '<https://t.example/a>; rel=preload']), {},
               'header'],
    'a Link lost for nothing': [css(['Link', '</a>; rel=preload']), css(), {},
                                'headers'],
    'a policy': [css(['Content-Security-Policy', 'img-src https://t.example']),
                 css(['Content-Security-Policy', 'img-src https://t.example']),
                 {}, 'csp'],
    'a policy less': [css(['Content-Security-Policy',
                           'img-src https://t.example']), css(), {}, 'csp'],
    'a policy that is narrower': [
        css(['Content-Security-Policy', "img-src 'self' https://t.example"]),
        css(['Content-Security-Policy', "img-src 'self'"]), {}, ''],
    'a policy of nothing': [
        css(['Content-Security-Policy', 'img-src https://t.example']),
        css(['Content-Security-Policy', "img-src 'none'"]), {}, ''],
    'a policy that is wider': [
        css(['Content-Security-Policy', 'img-src https://t.example']),
        css(['Content-Security-Policy', 'img-src *']), {}, 'csp'],
    'a policy without its nonce': [
        css(['Content-Security-Policy', "script-src 'nonce-x' t.example"]),
        css(['Content-Security-Policy', "script-src 'none'"]), {}, 'csp'],
    'a policy without a directive': [
        css(['Content-Security-Policy', 'img-src t.example; media-src a']),
        css(['Content-Security-Policy', "img-src 'none'"]), {}, 'csp'],
    'a page for everybody': [page, page, {}, 'crossing'],
    'a private page': [page, { headers: [...page.headers,
        ['Cache-Control', 'private, no-cache']] }, {}, ''],
};


async function testAnswers(policy) {
    const context = { policy, isConsentCookie: (name) => name === 'consent' };

    for (const [name, [recorded, answered, state, expected]] of
         Object.entries(ANSWERS))
    {
        const { problems } = await judgeAnswer(
            context, exchange(recorded, answered, state));
        const found = kinds(problems);

        tap.ok(found === expected, `judge: answer, ${name}: `
               + (expected || 'nothing'),
               [`found: ${found}`, ...problems.map(({ text }) => text)]);
    }
}


function testReaders() {
    const urls = (name, value) => urlsInHeader(name, value, URL_)
        .map(({ href }) => href).join(' ');
    const same = (is, was, name) => tap.ok(is === was, `judge: ${name}`,
                                           [`is ${is}, expected ${was}`]);

    same(urls('Link', '</a>; rel="x preload", <//b.example/>;rel=next, '
              + '<c>; title="a, b"; rel=preconnect'),
         'https://www.site.example/a https://www.site.example/dir/c', 'Link');
    same(urls('Refresh', "5; URL='//b.example/'"), 'https://b.example/',
         'Refresh');
    same(urls('Report-To', '{"endpoints":[{"url":"https://a/"}]},'
              + '{"endpoints":[{"url":"/b"}]}'),
         'https://a/ https://www.site.example/b', 'Report-To');
    same(urls('Reporting-Endpoints', 'a="https://a/", b="/b"'),
         'https://a/ https://www.site.example/b', 'Reporting-Endpoints');
    same(hostsInPolicy("default-src 'self'; img-src a.example *.b.example "
                       + "https://c.example/x; report-uri https://d.example")
        .map(({ url }) => url.href).join(' '),
         'https://a.example/ https://c.example/x', 'Content-Security-Policy');

    const past = 'a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT';

    for (const [line, expected] of [['a=1', false], ['a=1; Max-Age=0', true],
        ['a=1; Max-Age=-1', true], [past, true], [`${past}; Max-Age=9`, false],
        ['a=1; Expires=Fri, 01 Jan 2100 00:00:00 GMT', false]])
    {
        same(isDeletion(readSetCookie(line)), expected, `deletion: ${line}`);
    }
}


export async function testJudge(dir) {
    const file = path.join(dir, 'judge.conf');

    fs.writeFileSync(file, CONF);

    const policy = new Policy(file);

    testPages(policy, PAGES, '');
    await testAnswers(policy);
    testReaders();

    fs.writeFileSync(file, `${CONF}consent_block remove;\n`);
    testPages(new Policy(file), REMOVED, 'remove, ');
}
