/*
 * Copyright (C) ngx_consent_module authors
 *
 * What a policy says, read and applied as docs/directives.md has it, without
 * the module: to which category a cookie, a URL or an inline script belongs.
 */

import fs from 'node:fs';
import path from 'node:path';
import { require } from '../pages/corpus.mjs';
import { unescaped } from '../pages/scripts.mjs';
import { ConfError, readConf } from './conf.mjs';


const { getDomain } = require('tldts');

const MAX_URL = 4096;           /* of a URL that rules see */

const UNITS = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400, w: 604800,
                M: 2592000, y: 31536000 };

const PORTS = { 'http:': '80', 'ws:': '80', 'https:': '443', 'wss:': '443',
                'ftp:': '21' };

/* an address in a text, and what may follow its host */

const ADDRESS = /\/\/(?:[^\s"'<>\\/?#@]*@)?([a-z0-9._-]+(?::\d+)?)([/?][^\s"'`<>\\]*)?/gi;

/* directives of one value, and what holds without them */

const SETTINGS = {
    consent_policy: '1',
    consent_request_cookies: 'strip',
    consent_expire: 'on',
    consent_block: 'mark',
    consent_markup: 'consent',
    consent_inline: 'on',
    consent_csp: 'narrow',
    consent_uninspectable: 'block',
    consent_cache: 'private',
};


function seconds(text) {
    let total = 0;

    for (const [, number, unit] of text.matchAll(/(\d+)(ms|[smhdwMy])?/g)) {
        total += Number(number) * UNITS[unit ?? 's'];
    }

    return total;
}


/* a regular expression of PCRE2 as one of JavaScript */

function regex(text, node, flags) {
    let source = text;
    let all = flags;
    const inline = /^\(\?([a-z]+)\)/.exec(source);

    if (inline) {
        source = source.slice(inline[0].length);
        all += inline[1].replace(/[^ims]/g, '');
    }

    source = source
        .replace(/\\A/g, '^').replace(/\\[zZ]/g, '$')
        .replace(/\\h/g, '[\\t ]')
        .replace(/\(\?>/g, '(?:')
        .replace(/\(\?P</g, '(?<')
        .replace(/([*+?}])\+/g, '$1');

    try {
        return new RegExp(source, [...new Set(all)].join(''));

    } catch (error) {
        throw new ConfError(node.file, node.line, 'the judge cannot read the '
                            + `regular expression ${text}: ${error.message}`);
    }
}


/* "~regex", "~*regex", or null */

function regexOf(text, node) {
    return text.startsWith('~*') ? regex(text.slice(2), node, 'i')
           : text.startsWith('~') ? regex(text.slice(1), node, '')
           : null;
}


function cookieRule(text, node) {
    const found = regexOf(text, node);

    if (found) {
        return { rank: 0, matches: (name) => found.test(name) };
    }

    if (text.endsWith('*')) {
        const begin = text.slice(0, -1);

        return { rank: text.length, matches: (name) => name.startsWith(begin) };
    }

    if (text.startsWith('*')) {
        return { rank: text.length,
                 matches: (name) => name.endsWith(text.slice(1)) };
    }

    return { rank: Infinity, matches: (name) => name === text };
}


const portOf = (url) => url.port || PORTS[url.protocol];

const hostOf = (url) => url.hostname.replace(/\.$/, '').toLowerCase();

const pathOf = (url) => url.pathname + url.search;


/* host: of the page for a path alone; path: "" if there is none */

function resourceRule(text, node) {
    const found = regexOf(text, node);

    if (found) {
        return { rank: [-1, 0, 0], regex: found, matches: (url) =>
            found.test(url.href.slice(0, MAX_URL)) };
    }

    if (text.startsWith('/')) {
        return {
            rank: [text.length, 1, 0], path: text,
            matches: (url, page) => hostOf(url) === hostOf(page)
                && pathOf(url).slice(0, MAX_URL).startsWith(text),
        };
    }

    const slash = text.indexOf('/');
    const authority = slash < 0 ? text : text.slice(0, slash);
    const path = slash < 0 ? '' : text.slice(slash);
    const [name, port] = authority.split(':');
    const exact = !name.startsWith('.');
    const bare = exact ? name : name.slice(1);
    const host = hostOf(new URL(`http://${bare}/`));

    return {
        rank: [path.length, exact ? 1 : 0, host.length], path, host, exact,
        matches: (url) => {
            const is = hostOf(url);

            return (is === host || (!exact && is.endsWith(`.${host}`)))
                && (port === undefined || port === portOf(url))
                && pathOf(url).slice(0, MAX_URL).startsWith(path);
        },
    };
}


function inlineRule(text, node) {
    const found = regexOf(text, node);

    return { rank: 0, matches: (code) => found ? found.test(code)
             : code.includes(text) };
}


const MAKERS = { cookie: cookieRule, resource: resourceRule,
                 inline: inlineRule };


function byRank(a, b) {
    const [x, y] = [a.rank, b.rank].map((rank) => [rank].flat());

    for (let i = 0; i < x.length; i++) {

        if (x[i] !== y[i]) {
            return y[i] - x[i];
        }
    }

    return a.order - b.order;
}


function fail(node, text) {
    throw new ConfError(node.file, node.line, text);
}


export class Policy {

    /* file: of the http level; prefix: where relative names are */

    constructor(file, prefix = path.dirname(path.resolve(file))) {
        const { nodes, files } = readConf(file, prefix);

        this.files = files;
        this.prefix = prefix;
        this.categories = new Map();
        this.rules = { cookie: [], resource: [], inline: [] };
        this.settings = { ...SETTINGS };
        this.firstParty = [];
        this.unclassified = { cookie: 'pass', third_party: 'pass' };
        this.default = [];
        this.signals = {};
        this.own = { name: 'consent', maxAge: seconds('180d') };
        this.keys = [];
        this.types = new Set(['text/html', 'application/xhtml+xml']);
        this.buffer = 16384;
        this.consentCookies = [];
        this.loaders = new Map();
        this.use = ['own'];
        this.order = 0;
        this.cookieCache = new Map();
        this.urlCache = new Map();

        nodes.forEach((node) => this.directive(node));

        if (!this.categories.size) {
            throw new ConfError(file, 1, 'there is no consent_category: say '
                + 'what belongs to which category, or include a catalogue');
        }

        for (const kind of Object.keys(MAKERS)) {
            this.rules[kind].sort(byRank);
        }

        this.version = Number(this.settings.consent_policy);
        this.index();
    }


    directive(node) {
        const { name, args } = node;

        if (name in SETTINGS) {

            if (args[0]?.includes('$')) {
                fail(node, `${name} with a variable cannot be judged, give `
                           + 'one value');
            }

            this.settings[name] = args[0];
            return;
        }

        const read = {
            consent_category: () => this.category_(node),
            consent_first_party: () => this.firstParty.push(...args),
            consent_unclassified: () => this.unclassified_(node),
            consent_default: () => this.default_(node),
            consent_signal: () => this.signal(node),
            consent_cookie: () => this.cookie_(node),
            consent_key: () => this.key(node),
            consent_types: () => this.types_(args),
            consent_buffer: () => this.buffer_(args),
            consent_use: () => { this.use = args; },
            consent_source: () => this.source(node),
            consent_dialect: () => this.dialect(node),
            server: () => fail(node, 'only directives of the http level are '
                + 'used here: the harness makes the server, so keep the '
                + 'policy in a file of its own'),
        };

        if (name === 'http' || name === 'events' || name === 'load_module') {
            fail(node, `"${name}" is not of the http level: give the file `
                       + 'that http {} includes');
        }

        if (Object.hasOwn(read, name)) {
            read[name]();
        }
    }


    category_(node) {
        const [name, defaults] = node.args;
        const category = this.categories.get(name)
            ?? { name, title: name, always: false, onDeny: 'drop',
                 maxAge: null, ordinary: new Set() };

        this.categories.set(name, category);

        for (const { name: what, args, ...place } of node.block ?? []) {

            if (Object.hasOwn(MAKERS, what)) {
                for (const text of args) {
                    this.rules[what].push({
                        ...MAKERS[what](text, place), text, category,
                        defaults: defaults === 'defaults',
                        order: this.order++,
                    });
                }

                continue;
            }

            if (defaults === 'defaults' && category.ordinary.has(what)) {
                continue;
            }

            if (defaults !== 'defaults') {
                category.ordinary.add(what);
            }

            switch (what) {
            case 'always': category.always = args[0] === 'on'; break;
            case 'title': category.title = args[0]; break;
            case 'about': category.about = args[0]; break;
            case 'on_deny': category.onDeny = args[0]; break;
            case 'max_age': category.maxAge = seconds(args[0]); break;
            }
        }
    }


    unclassified_(node) {
        for (const arg of node.args) {
            const [what, value] = arg.split('=');

            this.unclassified[what] = value;
        }
    }


    default_(node) {
        if (node.args.some((arg) => arg.includes('$'))) {
            this.defaultVariable = node;
            return;
        }

        this.default = node.args[0] === 'none' ? [] : node.args;
    }


    signal({ args: [signal, deny] }) {
        if (signal !== 'off') {
            this.signals[signal] = deny.replace(/^deny=/, '').split(',');
        }
    }


    cookie_({ args: [name, ...options] }) {
        this.own.name = name;

        for (const option of options) {
            const [what, value] = option.split('=');

            if (what === 'max_age') {
                this.own.maxAge = seconds(value);
            }
        }
    }


    key(node) {
        this.keys = node.args.map((name) => {
            const file = path.resolve(this.prefix, name);

            try {
                return fs.readFileSync(file, 'latin1').trim();

            } catch (error) {
                return fail(node, `consent_key ${file}: ${error.message}`);
            }
        });
    }


    types_(args) {
        this.types = new Set(['text/html', ...args]);
    }


    buffer_([text]) {
        const [, number, unit] = /^(\d+)([kKmM]?)$/.exec(text) ?? [];

        this.buffer = Number(number) * ({ k: 1024, m: 1048576 }[
            unit?.toLowerCase()] ?? 1);
    }


    /* only which cookies are not to be touched */

    source({ block }) {
        for (const { name, args, ...place } of block ?? []) {

            if (name === 'cookie' || name === 'own') {
                this.consentCookies.push(...args.map(
                    (text) => cookieRule(text, place)));
            }
        }
    }


    dialect({ args: [dialect], block }) {
        for (const { name, args, ...place } of block ?? []) {

            if (name === 'loader') {
                this.loaders.set(dialect, [
                    ...this.loaders.get(dialect) ?? [],
                    ...args.map((text) => resourceRule(text, place)),
                ]);
            }
        }
    }


    /* rules with a host are found by it, the others are asked in turn */

    index() {
        this.byHost = new Map();
        this.anyHost = [];

        for (const rule of this.rules.resource) {

            if (rule.host === undefined) {
                this.anyHost.push(rule);
                continue;
            }

            if (!this.byHost.has(rule.host)) {
                this.byHost.set(rule.host, []);
            }

            this.byHost.get(rule.host).push(rule);
        }
    }


    /* the names of categories that can be refused, in their order */

    get choices() {
        return [...this.categories.values()].filter(({ always }) => !always)
            .map(({ name }) => name);
    }


    isConsentCookie(name) {
        return name === this.own.name
               || this.consentCookies.some((rule) => rule.matches(name));
    }


    /* the rule that counts among those that match */

    best(rules) {
        return rules.find((rule) => !rule.defaults) ?? rules[0] ?? null;
    }


    /* { category, rule }; category null: nobody has classified it */

    cookie(name) {
        if (!this.cookieCache.has(name)) {
            const rule = this.best(this.rules.cookie.filter(
                ({ matches }) => matches(name)));
            const other = this.categories.get(this.unclassified.cookie);

            this.cookieCache.set(name, {
                rule, category: rule?.category ?? other ?? null,
            });
        }

        return this.cookieCache.get(name);
    }


    isThirdParty(url, page) {
        const options = { allowPrivateDomains: true };
        const [host, own] = [hostOf(url), hostOf(page)];

        if (host === own || this.firstParty.some((name) =>
            name.startsWith('.') ? host === name.slice(1)
                                   || host.endsWith(name)
            : host === name))
        {
            return false;
        }

        const domain = getDomain(host, options);

        return domain === null || domain !== getDomain(own, options);
    }


    /* { category, rule, thirdParty }, as above */

    resource(url, page) {
        const key = `${url.href}\n${page.host}`;
        let found = this.urlCache.get(key);

        if (!found) {
            found = this.findResource(url, page);

            if (this.urlCache.size > 20000) {
                this.urlCache.clear();
            }

            this.urlCache.set(key, found);
        }

        return found;
    }


    findResource(url, page) {
        const loaders = this.loaders.get(this.settings.consent_markup) ?? [];

        if (loaders.some(({ matches }) => matches(url, page))) {
            return { category: null, rule: { text: 'loader' },
                     thirdParty: true };
        }

        const candidates = this.anyHost.filter(
            ({ matches }) => matches(url, page));
        const labels = hostOf(url).split('.');

        for (let i = 0; i < labels.length; i++) {
            const rules = this.byHost.get(labels.slice(i).join('.')) ?? [];

            candidates.push(...rules.filter(
                ({ matches }) => matches(url, page)));
        }

        const rule = this.best(candidates.sort(byRank));
        const thirdParty = this.isThirdParty(url, page);
        const other = thirdParty
            ? this.categories.get(this.unclassified.third_party) : undefined;

        return { rule, thirdParty, category: rule?.category ?? other ?? null };
    }


    isDenied(category, accepted) {
        return category !== null && !category.always
               && !accepted.has(category.name);
    }


    deniesUrl(url, page, accepted) {
        return this.isDenied(this.resource(url, page).category, accepted);
    }


    /* rules alone count in scripts, not what nobody has classified */

    refusedRule(url, page, accepted) {
        const { rule, category } = this.resource(url, page);

        return rule && category && this.isDenied(category, accepted)
            ? category : null;
    }


    /*
     * The category for which an inline script has to be blocked, or null.
     * addresses: URLs that a parser of JavaScript has found in it; isList:
     * they are all that counts.
     */

    inline({ code, addresses, isList }, page, accepted) {
        if (isList) {
            return addresses.map((url) => this.resource(url, page))
                .map(({ category }) => category)
                .find((category) => this.isDenied(category, accepted))
                ?? null;
        }

        if (this.settings.consent_inline === 'off') {
            return null;
        }

        const { hits, denied, exempt } = this.patternsIn(code, accepted);
        const overruled = hits.some(({ defaults }) => !defaults);
        const certain = denied.find(
            ({ defaults }) => !defaults || !overruled);
        const named = exempt ? null : addresses
            .map((url) => this.refusedRule(url, page, accepted))
            .find((category) => category);

        return certain?.category ?? named ?? null;
    }


    /* the other side: without this, it must not be blocked */

    mayBlock(script, page, accepted) {
        const { code, isList } = script;

        if (isList || this.settings.consent_inline === 'off') {
            return isList && this.inline(script, page, accepted) !== null;
        }

        const { denied, exempt } = this.patternsIn(code, accepted);

        return denied.length > 0
               || (!exempt && this.mayName(code, page, accepted));
    }


    patternsIn(code, accepted) {
        const hits = this.rules.inline.filter(({ matches }) => matches(code));

        return {
            hits, exempt: hits.some(({ category }) => category.always),
            denied: hits.filter(
                ({ category }) => this.isDenied(category, accepted)),
        };
    }


    /* could it name something refused, in whatever spelling? */

    mayName(code, page, accepted) {
        const text = unescaped(code);

        for (const { host, path, category } of this.rules.resource) {

            if (this.isDenied(category, accepted)
                && (host ? text.includes(host)
                    : path && text.includes(path.toLowerCase())))
            {
                return true;
            }
        }

        return addressesIn(text).some(
            (url) => this.deniesUrl(url, page, accepted));
    }
}


/* the URLs in a text, in the notation "//host/path" */

export function addressesIn(text) {
    const found = [];

    for (const [, host, rest] of text.matchAll(ADDRESS)) {
        try {
            found.push(new URL(`https://${host}${rest ?? '/'}`));

        } catch {
            /* no host after all */
        }
    }

    return found;
}
