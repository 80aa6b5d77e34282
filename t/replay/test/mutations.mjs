/*
 * Copyright (C) ngx_consent_module authors
 *
 * Proves that the judge can fail: with each thing that the module enforces
 * turned off in turn, or with something broken behind it, the verdict that
 * is about it has to turn red.  nginx gets another configuration than the
 * one that is judged.
 */

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as tap from '../../pages/tap.mjs';
import { run } from '../run.mjs';
import { optionsOf } from './golden.mjs';


const AT_ONCE = 4;

const GTAG = '<https://www.googletagmanager.com/gtag/js>; rel=preload; '
             + 'as=script';

/* text that is put behind the module into every page with a title */

const inserted = (name, text, red) => ({
    name: `${name} behind the module`, only: ['refused'],
    more: { enforce: { front: `sub_filter '</title>' '</title>${text}';` } },
    red,
});

/* a header that stands in the place of the module's */

const replaced = (name, header, value, red) => ({
    name, only: ['refused'],
    more: { enforce: { front: `proxy_hide_header ${header};
        ${value ? `add_header ${header} '${value}' always;` : ''}` } },
    red,
});

const PIXEL = 'https://static.hotjar.com/x';

/* serve: from the text of the policy to that which nginx gets */

const COUNCIL = [
    { name: 'consent off', only: ['refused'],
      more: { enforce: { location: 'consent off;' } },
      red: ['set-cookie', 'request-cookie', 'resource', 'inline', 'header',
            'csp', 'crossing'] },
    { name: 'no rules for cookies', only: ['refused'],
      serve: (text) => text.replace('cookie   _ga _ga_* ~^_hj;', ''),
      red: ['set-cookie', 'request-cookie'] },
    { name: 'a Set-Cookie that is added behind the module', only: ['refused'],
      more: { enforce: { front: 'add_header Set-Cookie "_ga=1; Path=/" '
                                + 'always;' } },
      red: ['set-cookie'] },
    { name: 'on_deny session instead of drop', only: ['refused'],
      serve: (text) => text.replace('max_age  395d;',
                                    'max_age 395d; on_deny session;'),
      red: ['set-cookie'] },
    { name: 'no max_age', only: ['all'],
      serve: (text) => text.replace('max_age  395d;', ''),
      red: ['lifetime'] },
    { name: 'consent_request_cookies pass', only: ['refused'],
      serve: (text) => `${text}consent_request_cookies pass;\n`,
      red: ['request-cookie'] },
    { name: 'consent_expire off', only: ['withdrawn'],
      serve: (text) => `${text}consent_expire off;\n`, red: ['withdrawal'] },
    { name: 'no rules for resources', only: ['refused'],
      serve: (text) => text.replace(/resource [^;]+;/g, ''),
      red: ['resource', 'header', 'csp'] },
    { name: 'a resource less', only: ['only-performance'],
      serve: (text) => text.replace(/\.youtube-nocookie\.com/, ''),
      red: ['resource'] },
    { name: 'consent_inline off', only: ['refused'],
      serve: (text) => `${text}consent_inline off;\n`, red: ['inline'] },
    { name: 'no patterns of inline scripts, hosts not named', only: ['refused'],
      serve: (text) => text.replace(/inline [^;]+;/g, ''), red: ['inline'] },
    { name: 'consent_csp off', only: ['refused'],
      serve: (text) => `${text}consent_csp off;\n`, red: ['csp'] },
    { name: 'a Link that is added behind the module', only: ['refused'],
      more: { enforce: { front: `add_header Link '${GTAG}' always;` } },
      red: ['header'] },
    { name: 'consent_uninspectable pass', only: ['refused'],
      serve: (text) => `${text}consent_uninspectable pass;\n`,
      red: ['resource'] },
    { name: 'consent_cache off', only: ['refused'],
      serve: (text) => `${text}consent_cache off;\n`, red: ['crossing'] },
    { name: 'a cache before the module that mixes visitors up',
      only: ['withdrawn'],
      more: {
          http: 'proxy_cache_path %%DIR%%/cache keys_zone=c:1m;',
          enforce: { front: `proxy_cache c; proxy_cache_key $uri;
              proxy_cache_valid 200 1h; proxy_cache_lock on;
              proxy_ignore_headers Vary Cache-Control Expires Set-Cookie;` },
      },
      red: ['resource', 'inline'] },
    { name: 'a 304 whatever the browser has', only: ['all', 'refused'],
      more: { enforce: { front: 'if ($http_if_none_match) { return 304; }' } },
      red: ['crossing'] },
    { name: 'no consent_signal', only: ['gpc'],
      serve: (text) => text.replace(/consent_signal [^;]+;/, ''),
      red: ['resource'] },
    { name: 'another consent_default', only: ['none'],
      serve: (text) => text.replace(/consent_default [^;]+;/,
          'consent_default functional performance targeting;'),
      red: ['resource', 'set-cookie', 'inline'] },
    { name: 'another consent_policy: no choice counts', only: ['all'],
      serve: (text) => text.replace('consent_policy 2', 'consent_policy 3'),
      red: ['bytes', 'cookies'] },
    { name: 'bytes changed behind the module', only: ['refused'],
      more: { enforce: { front: `sub_filter_once off;
          sub_filter '</h1>' '</h1 >'; sub_filter_types text/html;` } },
      red: ['bytes'] },
    { name: 'an element more behind the module', only: ['refused'],
      more: { enforce: { front: `sub_filter '</title>'
          '</title><script src="https://static.hotjar.com/x.js"></script>';`
      } },
      red: ['bytes', 'resource'] },
    { name: 'another status', only: ['all'],
      more: { enforce: { location: 'if ($uri = /news) { return 404; }' } },
      red: ['status'] },
    { name: 'a wrong Content-Encoding', only: ['refused'],
      more: { enforce: { front: 'add_header Content-Encoding gzip;' } },
      red: ['framing'] },
    { name: 'a header more', only: ['all'],
      more: { enforce: { front: 'add_header X-More 1;' } },
      red: ['headers'] },
    { name: 'cookies lost', only: ['all'],
      more: { enforce: { front: 'proxy_hide_header Set-Cookie;' } },
      red: ['cookies'] },
    { name: 'accepted cookies hidden from the site', only: ['all'],
      more: { enforce: { front: 'proxy_set_header Cookie $cookie_lang;' } },
      red: ['cookies'] },
    { name: 'cookies of the session dropped as well', only: ['refused'],
      serve: (text) => text.replace('on_deny session;', ''),
      red: ['cookies'] },
    { name: 'one of the session that stays', only: ['refused'],
      more: { enforce: { front: 'add_header Set-Cookie '
                                + '"lang=en; Max-Age=31536000" always;' } },
      red: ['set-cookie'] },
    { name: 'the site gets another body', only: ['all'],
      more: { enforce: { front: 'proxy_set_body x;' } }, red: ['request'] },
    { name: 'the site gets another header', only: ['all'],
      more: { enforce: { front: 'proxy_set_header Accept-Language xx;' } },
      red: ['request'] },
    { name: 'the site gets another path', only: ['all'],
      more: { enforce: { location: 'rewrite ^/news$ /news?x break;' } },
      red: ['request'] },
    { name: 'the site gets another method', only: ['all'],
      more: { enforce: { front: 'proxy_method PUT;' } }, red: ['request'] },
    { name: 'consent_block remove where tags are to stay', only: ['refused'],
      serve: (text) => `${text}consent_block remove;\n`, red: ['bytes'] },
    replaced('Refresh behind the module', 'Refresh', `9; url=${PIXEL}`,
             ['header']),
    replaced('Report-To behind the module', 'Report-To',
             '{"endpoints":[{"url":"https://in.hotjar.com/r"}]}', ['header']),
    replaced('Reporting-Endpoints behind the module', 'Reporting-Endpoints',
             'x="https://in.hotjar.com/r"', ['header']),
    replaced('NEL behind the module', 'NEL',
             '{"report_to":"default","max_age":9}', ['headers']),
    replaced('Speculation-Rules behind the module', 'Speculation-Rules',
             `"${PIXEL}"`, ['header']),
    replaced('no Content-Security-Policy any more', 'Content-Security-Policy',
             '', ['csp']),
    replaced('a Content-Security-Policy that allows more',
             'Content-Security-Policy', 'default-src *', ['csp']),
    { name: 'Cache-Control public, and no Vary', only: ['refused'],
      more: { enforce: { front: `proxy_hide_header Vary;
          proxy_hide_header Cache-Control;
          add_header Cache-Control "public, max-age=300";` } },
      red: ['crossing'] },
    replaced('a Last-Modified of all states', 'Last-Modified',
             'Mon, 02 Jun 2025 08:00:00 GMT', ['crossing']),
    { ...replaced('an ETag of all states', 'ETag', '"same"', ['crossing']),
      only: ['all', 'refused'] },
    { ...replaced('no Vary', 'Vary', '', ['crossing']),
      serve: (text) => `${text}consent_cache vary;\n` },
    inserted('a pixel', `<img src="${PIXEL}">`, ['resource', 'bytes']),
    inserted('srcset', `<img srcset="/a 1x, ${PIXEL} 2x">`, ['resource']),
    inserted('a style attribute', `<p style="background:url(${PIXEL})">`,
             ['resource']),
    inserted('a style sheet', `<style>@import "${PIXEL}"</style>`,
             ['resource']),
    inserted('meta refresh',
             `<meta http-equiv=refresh content="9;url=${PIXEL}">`,
             ['resource']),
    inserted('a preload', `<link rel=preload as=script href="${PIXEL}">`,
             ['resource']),
    inserted('a preconnect', `<link rel=preconnect href="${PIXEL}">`,
             ['resource']),
    inserted('srcdoc', `<iframe srcdoc="&lt;img src=${PIXEL}&gt;"></iframe>`,
             ['resource']),
    inserted('svg', `<svg><image href="${PIXEL}"/></svg>`, ['resource']),
    inserted('noscript', `<noscript><img src="${PIXEL}"></noscript>`,
             ['resource']),
    inserted('a template', `<template><img src="${PIXEL}"></template>`,
             ['resource']),
    inserted('an import map', '<script type=importmap>{"imports":{"a":'
             + `"${PIXEL}"}}</script>`, ['inline']),
    inserted('a ping', `<a href=/ ping="${PIXEL}">x</a>`, ['resource']),
    inserted('an object', `<object data="${PIXEL}"></object>`, ['resource']),
    inserted('a poster', `<video poster="${PIXEL}"></video>`, ['resource']),
    inserted('a base', '<base href="https://static.hotjar.com/">'
             + '<img src="x">', ['resource']),
    inserted('an inline script', '<script>_hjSettings = 1</script>',
             ['inline']),
    inserted('a script that names a host',
             `<script>load("${PIXEL}")</script>`, ['inline']),
    { name: 'report mode that enforces', only: ['refused'], reports: true,
      more: { report: { location: 'consent enforce;' } }, red: ['report'] },
];


const SHOP = [
    { name: 'the consent platform is not read', only: ['tcf-accepted'],
      serve: (text) => text.replace('consent_use own tcf', 'consent_use own'),
      red: ['bytes', 'cookies'] },
    { name: 'a consent platform of which every answer is yes',
      only: ['tcf-refused'],
      serve: (text) => `${text}consent_source tcf {
          grant targeting "policy>=2"; }\n`,
      red: ['resource', 'set-cookie'] },
    { name: 'defaults in another category', only: ['only-performance'],
      serve: (text) => text.replace('targeting defaults',
                                    'performance defaults'),
      red: ['resource', 'inline', 'set-cookie'] },
];


/* the kinds of problems that a run has, leaving out what is always there */

function redOf(result, usual) {
    return new Set(result.problems.filter(({ severity, kind, text }) =>
        severity !== 'warning' && !usual.has(`${kind} ${text}`))
        .map(({ kind }) => kind));
}


class Mutations {

    constructor(dir, options, usual) {
        this.dir = dir;
        this.options = options;
        this.usual = usual;
        this.policy = fs.readFileSync(options.conf, 'utf8');
    }


    async test({ name, only, serve, more = {}, red, reports }) {
        const dir = fs.mkdtempSync(path.join(this.dir, 'one-'));
        const served = path.join(dir, 'served.conf');
        const text = serve ? serve(this.policy) : this.policy;

        fs.writeFileSync(served, text);

        const result = await run({
            ...this.options, only, served, reports, threads: 0,
            more: { ...more, http: more.http?.replaceAll('%%DIR%%', dir) },
        });
        const found = redOf(result, this.usual);
        const missing = red.filter((kind) => !found.has(kind));

        tap.ok((text !== this.policy || Object.keys(more).length > 0)
               && missing.length === 0 && result.verdict === 'leak',
               `mutation: ${name}: ${[...found].sort().join(', ') || 'green'}`,
               [`not red: ${missing.join(', ')}`]);
    }
}


async function testCase(name, list) {
    const options = optionsOf(name);
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'consent-mutation-'));
    const plain = await run(options);
    const mutations = new Mutations(dir, options, new Set(plain.problems.map(
        ({ kind, text }) => `${kind} ${text}`)));
    const queue = list[Symbol.iterator]();

    /* they wait for nginx to start and to end more than they work */

    const worker = async () => {
        for (const mutation of queue) {
            await mutations.test(mutation);
        }
    };

    try {
        await Promise.all(Array.from({ length: AT_ONCE }, worker));

    } finally {
        fs.rmSync(dir, { recursive: true, force: true });
    }
}


export async function testMutations() {
    await testCase('council', COUNCIL);
    await testCase('shop', SHOP);
}
