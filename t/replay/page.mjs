/*
 * Copyright (C) ngx_consent_module authors
 *
 * The verdict on one page: nothing refused is left that a browser would fetch
 * or run, no byte outside the blocked tags has changed, and the tree is what
 * it was but for them.
 */

import { excerpt, firstDifference, isSubsequence } from '../pages/judge.mjs';
import { compiles, nodes as programNodes } from '../pages/scripts.mjs';
import { require } from '../pages/corpus.mjs';
import { children } from '../differential/tree.mjs';
import { possibleUrls, readDocument, remember } from './document.mjs';


const { parse } = require('acorn');

/* bytes that have to follow a tag that was taken away */

const LOOKAHEAD = 64;

/* values that may be changed in part */

const PARTIAL = new Set(['class', 'content', 'srcdoc', 'style']);

const NOTHING = 'data:,';

const SHOWN = 80;


/* bytes as a string for the parser; a byte order mark is no part of it */

function sourceOf(bytes) {
    const text = bytes.toString('latin1');

    return text.startsWith('\xef\xbb\xbf') ? `   ${text.slice(3)}` : text;
}


function shorten(code) {
    const text = code.trim().replace(/\s+/g, ' ');

    return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}


function isPolicyMeta({ name, attrs }) {
    return name === 'meta'
           && /^content-security-policy/i.test(attrs.get('http-equiv') ?? '');
}


/* null, or what is wrong with a blocked tag that stayed */

function rewriteProblem(was, now) {
    if (now.name !== was.name) {
        return `became ${now.name}`;
    }

    const values = [...now.attrs.values()];

    for (const [name, value] of was.attrs) {
        const kept = values.some((one) => one === value
            || (name === 'class' && one.includes(value)));

        if (!kept && !PARTIAL.has(name)) {
            return `lost ${name}="${value.slice(0, SHOWN)}"`;
        }
    }

    return null;
}


/*
 * Texts that may differ: of what was blocked, and of a noscript that is text,
 * which the view without scripting has as a tree.
 */

function isOpaque({ tagName }, relaxed, scripting) {
    return (relaxed && (tagName === 'script' || tagName === 'style'))
           || (scripting && tagName === 'noscript');
}


/*
 * The tree as a list of what is in it, texts joined.  drop, relax: offsets;
 * merged: names of elements that get the attributes of several tags
 */

function flatten(document, scripting, drop, relax, merged) {
    const out = [];
    let pending = '';

    const flush = () => {

        if (pending) {
            out.push(`text ${pending}`);
            pending = '';
        }
    };

    const walk = (node) => {
        const location = node.sourceCodeLocation;
        const start = location?.startTag?.startOffset ?? location?.startOffset;

        if (node.nodeName === '#text') {
            pending += node.value;
            return;
        }

        if (node.tagName && location && drop.has(start)) {
            return;
        }

        flush();

        const relaxed = merged.has(node.tagName)
                        || (node.tagName && location && relax.has(start));

        out.push(node.nodeName, node.namespaceURI ?? node.data ?? '');

        for (const { name, value } of relaxed ? [] : node.attrs ?? []) {
            out.push(`${name}=${value}`);
        }

        if (!isOpaque(node, relaxed, scripting)) {
            children(node).forEach(walk);
        }

        flush();
        out.push(')');
    };

    walk(document);

    return out;
}


function program(code) {
    try {
        return parse(code, { ecmaVersion: 'latest', sourceType: 'script' });

    } catch {
        return null;
    }
}


/* names that a script makes for others */

function declared(code) {
    const tree = program(code);
    const names = new Set();

    for (const node of tree?.body ?? []) {

        if (node.id?.name) {
            names.add(node.id.name);
        }

        for (const { id } of node.declarations ?? []) {

            if (id.name) {
                names.add(id.name);
            }
        }
    }

    for (const { type, left } of tree ? programNodes(tree) : []) {

        if (type === 'AssignmentExpression' && left.property?.name
            && left.object?.name === 'window')
        {
            names.add(left.property.name);
        }
    }

    return names;
}


/* names that it calls without looking first whether they are there */

function called(code) {
    const tree = program(code);
    const names = new Set();

    for (const { type, callee } of tree ? programNodes(tree) : []) {

        if (type === 'CallExpression' && callee.type === 'Identifier'
            && !code.includes(`typeof ${callee.name}`)
            && !code.includes(`window.${callee.name}`))
        {
            names.add(callee.name);
        }
    }

    return names;
}


/* one comparison of an output with the original */

class Comparison {

    constructor(page, got, accepted) {
        this.page = page;
        this.policy = page.policy;
        this.input = page.bytes;
        this.got = got;
        this.accepted = accepted;
        this.isSameAll = got.equals(page.bytes);
        this.views = this.isSameAll ? page.views
                     : readDocument(sourceOf(got), page.url.href);
        this.problems = [];
        this.outcomes = new Map();      /* by the offset of the place */
        this.drop = new Set();
        this.relaxIn = new Set();
        this.merged = new Set();
        this.relaxOut = new Set();
    }


    complain(kind, text) {
        this.problems.push({ kind, text });
    }


    denies(url) {
        return this.policy.deniesUrl(url, this.page.url, this.accepted);
    }


    leaks() {
        const seen = new Set();

        for (const view of new Set([this.views.on, this.views.off])) {
            for (const { name, url } of view.loads) {
                const key = `${name} ${url.href}`;

                if (!seen.has(key) && this.denies(url)) {
                    const { category } = this.policy.resource(url,
                                                              this.page.url);

                    seen.add(key);
                    this.complain('resource', `<${name}> still loads `
                                  + `${url.href} (${category.name})`);
                }
            }

            for (const script of view.scripts) {
                const must = this.policy.inline(script, this.page.url,
                                                this.accepted);
                const key = must && `${must.name} ${script.code}`;

                if (must && !seen.has(key)) {
                    seen.add(key);
                    this.complain('inline', `a script of ${must.name} still `
                                  + `runs: ${shorten(script.code)}`);
                }
            }
        }
    }


    nowAt(offset) {
        return this.views.on.starts.get(offset)
               ?? this.views.off.starts.get(offset);
    }


    /* may it differ although nothing in it has to be blocked? */

    mayDiffer(tag) {
        return isPolicyMeta(tag)
               || possibleUrls(tag, this.page.views.on.base)
                   .some((url) => this.denies(url));
    }


    /* a start tag of the original with this offset in it */

    tagAround(offset, from) {
        for (const view of new Set([this.page.views.on,
                                    this.page.views.off])) {
            const tag = view.tokens.findLast(({ start }) => start <= offset);

            if (tag && tag.start >= from && tag.end > offset) {
                return { ...tag, elementEnd: view.elementEnd(tag) };
            }
        }

        return null;
    }


    /* what is between the places is there verbatim and in order */

    bytes() {
        const { input, got } = this;
        const places = this.page.placesOf(this.accepted);
        let from = 0;
        let to = 0;

        for (let i = 0; i <= places.length; i++) {
            const place = places[i];
            const end = place?.start ?? input.length;

            if (end < from) {
                continue;
            }

            const want = input.subarray(from, end);
            const have = got.subarray(to, to + want.length);

            if (!have.equals(want)) {
                const offset = from + firstDifference(have, want);
                const tag = this.tagAround(offset, from);

                if (!tag || !this.mayDiffer(tag)) {
                    this.complain('bytes', `changed at offset ${offset}: `
                        + `got ${excerpt(got, to + offset - from)}, was `
                        + excerpt(input, offset));
                    return false;
                }

                to += tag.start - from;
                [from, to] = this.tag({ ...tag, may: true }, to);
                i--;

            } else if (place) {
                to += want.length;
                [from, to] = this.at(place, to);

            } else {
                from = end;
                to += want.length;
            }

            if (to < 0) {
                return false;
            }
        }

        if (to !== got.length) {
            this.complain('bytes', `${got.length - to} bytes too many at the `
                          + `end: ${excerpt(got, to)}`);
            return false;
        }

        return true;
    }


    at(place, to) {
        switch (place.kind) {
        case 'script': return this.script(place, to);
        case 'sheet': return this.sheet(place, to);
        default: return this.tag(place, to);
        }
    }


    wrong(place, to, text) {
        this.complain('bytes', `<${place.name}> at offset ${place.start} `
            + `${text}: got ${excerpt(this.got, to)}, was `
            + excerpt(this.input, place.start));
    }


    isSame(start, end, to) {
        return this.input.subarray(start, end)
            .equals(this.got.subarray(to, to + end - start));
    }


    isFollowed(place, to) {
        const from = place.elementEnd;
        const end = Math.min(from + LOOKAHEAD,
                             this.page.nextPlace(from, this.accepted),
                             this.nextDoubtful(from));

        return this.isSame(place.elementEnd, end, to);
    }


    /* the next tag near by of which it is not known whether it fetches */

    nextDoubtful(from) {
        const starts = [this.page.views.on, this.page.views.off].map(
            (view) => view.tokens.find((tag) => tag.start >= from
                && (tag.start >= from + LOOKAHEAD || this.mayDiffer(tag)))
                ?.start ?? Infinity);

        return Math.min(...starts);
    }


    isRemoved(place, to, now) {
        return this.policy.settings.consent_block === 'remove'
               && (!now || now.name !== place.name
                   || rewriteProblem(place, now) !== null)
               && this.isFollowed(place, to);
    }


    /* it is tags that the other reading sees which are split */

    isSplit(place, to) {
        const raw = this.input.toString('latin1', place.start + 1, place.end);
        const now = this.got.toString('latin1', to, to + raw.length + 4);

        return now.startsWith(`< ${raw}`) ? 2
               : now.startsWith(`<x-${raw}`) ? 3 : 0;
    }


    remove(place, to) {
        this.outcomes.set(place.start, 'removed');
        this.drop.add(place.start);

        return [place.elementEnd, to];
    }


    tag(place, to) {
        if (this.isSame(place.start, place.end, to)) {
            this.outcomes.set(place.start, 'kept');

            return [place.end, to + place.end - place.start];
        }

        const now = this.nowAt(to);

        if (this.isRemoved(place, to, now)) {
            return this.remove(place, to);
        }

        if (!now) {
            const more = this.isSplit(place, to);

            if (more) {
                this.outcomes.set(place.start, 'marked');

                return [place.end, to + place.end - place.start + more - 1];
            }

            this.wrong(place, to, 'is no tag any more');

            return [place.start, -1];
        }

        const problem = rewriteProblem(place, now);

        if (problem) {
            this.wrong(place, to, problem);
        }

        this.mark(place, to);

        return [place.end, now.end];
    }


    mark(place, to) {
        this.outcomes.set(place.start, 'marked');
        this.relaxIn.add(place.start);
        this.relaxOut.add(to);

        if (place.name === 'body' || place.name === 'html') {
            this.merged.add(place.name);
        }
    }


    script(place, to) {
        if (this.isSame(place.start, place.textEnd, to)) {
            this.outcomes.set(place.start, 'kept');

            return [place.textEnd, to + place.textEnd - place.start];
        }

        const now = this.nowAt(to);

        if (!this.policy.mayBlock(place.script, this.page.url,
                                  this.accepted))
        {
            this.wrong(place, to, 'has nothing refused in it and was changed');
        }

        if (this.isRemoved(place, to, now)) {
            return this.remove(place, to);
        }

        if (now?.name !== 'script') {
            this.wrong(place, to, 'is no script any more');

            return [place.start, -1];
        }

        const { start: end } = this.views.on.endOf('script', now.end);
        const text = this.input.subarray(place.end, place.textEnd);
        const left = this.got.subarray(now.end, end);
        const problem = text.equals(left) ? rewriteProblem(place, now)
            : !isSubsequence(text, left) ? 'lost text'
            : compiles(left.toString('latin1')) ? 'is changed but runs' : null;

        /* what is there may be the next script, with the same attributes */

        if (problem && this.policy.settings.consent_block === 'remove'
            && this.isFollowed(place, to))
        {
            return this.remove(place, to);
        }

        if (problem) {
            this.wrong(place, to, problem);
        }

        this.mark(place, to);

        return [place.textEnd, end];
    }


    /* refused URLs of a style element and what takes their place */

    sheet(place, to) {
        const view = this.views[place.view];
        const end = view.endOf('style', to).start;
        const text = this.input.toString('latin1', place.start, place.end);
        const now = this.got.toString('latin1', to, end);
        const denied = place.loads.filter(({ url }) => this.denies(url))
            .map(({ raw }) => raw).sort((a, b) => b.length - a.length);
        const without = (list, from) => list.reduce(
            (left, raw) => left.replaceAll(raw, ''), from);

        if (now !== text && without([...denied, NOTHING], text)
                            !== without([...denied, NOTHING], now))
        {
            this.wrong({ name: 'style', start: place.start }, to,
                       'is changed in other places');
        }

        this.outcomes.set(place.start, now === text ? 'kept' : 'marked');
        this.relaxIn.add(place.tagStart);
        this.relaxOut.add(view.tokens.findLast(
            (tag) => tag.end <= to)?.start);

        return [place.end, end];
    }


    tree() {
        for (const which of ['on', 'off']) {
            const was = flatten(this.page.views[which].document,
                                which === 'on', this.drop, this.relaxIn,
                                this.merged);
            const now = flatten(this.views[which].document, which === 'on',
                                new Set(), this.relaxOut, this.merged);
            const at = was.findIndex((item, i) => item !== now[i]);

            if (at >= 0 || was.length !== now.length) {
                const i = at < 0 ? was.length : at;

                this.complain('tree', 'the tree differs (scripting '
                    + `${which}): got ${shorten(now[i] ?? 'the end')}, was `
                    + shorten(was[i] ?? 'the end'));
            }

            if (this.page.views.on === this.page.views.off) {
                return;
            }
        }
    }
}


export class Page {

    /* bytes: decoded, as the site sent them; url: of the page */

    constructor(bytes, url, policy) {
        this.bytes = bytes;
        this.url = url;
        this.policy = policy;
        this.places = new Map();
    }


    /* of the page as it is */

    get views() {
        this.read ??= readDocument(sourceOf(this.bytes), this.url.href);

        return this.read;
    }


    scripts() {
        const { on, off } = this.views;
        const found = new Map(on.scripts.filter(
            ({ start }) => start !== undefined).map((s) => [s.start, s]));

        for (const script of off.scripts) {

            if (script.start !== undefined && !found.has(script.start)) {
                found.set(script.start, script);
            }
        }

        return [...found.values()];
    }


    /* where the output may, and in parts must, differ: in order */

    placesOf(accepted) {
        const key = [...accepted].join();

        if (!this.places.has(key)) {
            this.places.set(key, this.findPlaces(accepted));
        }

        return this.places.get(key);
    }


    findPlaces(accepted) {
        const found = new Map();
        const denied = ({ url }) => this.policy.deniesUrl(url, this.url,
                                                          accepted);

        for (const script of this.scripts()) {
            const tag = this.views.on.starts.get(script.start)
                        ?? this.views.off.starts.get(script.start);

            found.set(script.start, { kind: 'script', ...tag, ...script,
                                      name: 'script', attrs: tag.attrs,
                                      script });
        }

        for (const view of new Set([this.views.on, this.views.off])) {
            for (const [start, loads] of view.places) {
                const tag = view.starts.get(start);

                if (tag && loads.some(denied)) {
                    found.set(start, { kind: 'tag', ...tag,
                                       loads: loads.filter(denied),
                                       elementEnd: view.elementEnd(tag) });
                }
            }

            for (const tag of view.tokens) {

                if (!found.has(tag.start) && this.mayBlockDocument(tag, view,
                                                                   accepted))
                {
                    found.set(tag.start, { kind: 'tag', ...tag, loads: [],
                                           elementEnd: view.elementEnd(tag) });
                }
            }

            for (const sheet of view.sheets) {

                if (sheet.loads.some(denied)) {
                    found.set(sheet.start, {
                        kind: 'sheet', name: 'style', ...sheet,
                        view: view === this.views.on ? 'on' : 'off',
                        tagStart: view.tokens.findLast(
                            (tag) => tag.end <= sheet.start).start,
                    });
                }
            }
        }

        return [...found.values()].sort((a, b) => a.start - b.start);
    }


    /* a srcdoc: one that is too long to be read, or for a script in it */

    mayBlockDocument({ name, attrs, start, end }, view, accepted) {
        return name === 'iframe' && attrs.has('srcdoc')
               && (end - start > this.policy.buffer
                   || view.scripts.some((script) => script.owner === start
                       && this.policy.mayBlock(script, this.url, accepted)));
    }


    nextPlace(offset, accepted) {
        return this.placesOf(accepted).find(({ start }) => start >= offset)
            ?.start ?? this.bytes.length;
    }


    /*
     * Returns { problems, blocked, breaks }.  problems: { kind, text };
     * blocked: what was, { category, name, url or code, outcome }; breaks:
     * texts about what the page will miss.
     */

    judge(got, accepted) {
        const comparison = new Comparison(this, got, accepted);

        comparison.leaks();

        if (comparison.bytes() && !comparison.isSameAll) {
            comparison.tree();
        }

        return { problems: comparison.problems,
                 ...this.losses(comparison.outcomes, accepted) };
    }


    losses(outcomes, accepted) {
        const blocked = [];
        const gone = [];
        const left = [];

        for (const place of this.placesOf(accepted)) {
            const outcome = outcomes.get(place.start);
            const { kind, name, loads, script } = place;

            if (kind === 'script') {
                const must = this.policy.inline(script, this.url, accepted);

                (outcome === 'kept' ? left : gone).push(script.code);

                if (outcome && outcome !== 'kept') {
                    blocked.push({ category: must?.name ?? '', name: 'inline',
                                   code: shorten(script.code), outcome,
                                   lines: this.linesOf(place) });
                }

                continue;
            }

            for (const { url } of outcome && outcome !== 'kept' ? loads
                                  : []) {
                const { category } = this.policy.resource(url, this.url);

                if (this.policy.isDenied(category, accepted)) {
                    blocked.push({ category: category.name, name,
                                   url: url.href, outcome });
                }
            }
        }

        return { blocked, breaks: this.breaks(gone, left, blocked) };
    }


    /* the first and the last line of a script, from 1 */

    linesOf({ start, textEnd }) {
        const count = (bytes) => bytes.toString('latin1').split('\n').length;
        const first = count(this.bytes.subarray(0, start));

        return [first,
                first + count(this.bytes.subarray(start, textEnd)) - 1];
    }


    breaks(gone, left, blocked) {
        const names = (code) => [...remember(code, 'declared', declared)];
        const stay = new Set(left.flatMap(names));
        const missing = new Map(gone.flatMap((code) => names(code)
            .filter((name) => !stay.has(name))
            .map((name) => [name, shorten(code)])));
        const handlers = this.views.on.tokens.flatMap(({ attrs }) =>
            [...attrs].filter(([name]) => name.startsWith('on'))
                .map(([, value]) => value));
        const found = [];

        for (const code of missing.size ? [...left, ...handlers] : []) {
            for (const name of remember(code, 'called', called)) {

                if (missing.has(name)) {
                    found.push(`${name}() is called but its script is `
                               + `blocked: ${shorten(code)}`);
                }
            }
        }

        for (const { name, url } of blocked) {

            if (url && new URL(url).host === this.url.host) {
                found.push(`<${name}> of the site itself is blocked: ${url}`);

            } else if (/^(?:iframe|frame|embed|object|video)$/.test(name)) {
                found.push(`nothing is shown where <${name}> was: ${url}`);
            }
        }

        return [...new Set(found)];
    }


    /* all that the page loads as it is, for the inventory */

    loads() {
        return [...new Set([...this.views.on.loads, ...this.views.off.loads])];
    }
}
