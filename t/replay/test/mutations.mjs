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
