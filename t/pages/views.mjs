/*
 * Copyright (C) ngx_consent_module authors
 *
 * A page as an independent conforming parser (parse5) sees it, with scripting
 * on and off.  Two views of each: the elements of the tree, and the start
 * tags that the tokenizer emitted, among them those that the tree builder
 * drops but that preload scanners fetch all the same.
 *
 * Pages are decoded as latin1, so that offsets are those of the bytes.
 */

import { require } from './corpus.mjs';


const { Parser, html: { NS } } = require('parse5');

const HTML = NS.HTML;

const JAVASCRIPT = new Set([
    'application/ecmascript', 'application/javascript',
    'application/x-ecmascript', 'application/x-javascript',
    'text/ecmascript', 'text/javascript', 'text/javascript1.0',
    'text/javascript1.1', 'text/javascript1.2', 'text/javascript1.3',
    'text/javascript1.4', 'text/javascript1.5', 'text/jscript',
    'text/livescript', 'text/x-ecmascript', 'text/x-javascript',
]);

/* the link types that make some browser fetch or connect */

const FETCHING_RELS = new Set([
    'apple-touch-icon', 'apple-touch-icon-precomposed',
    'apple-touch-startup-image', 'compression-dictionary', 'dns-prefetch',
    'fluid-icon', 'icon', 'import', 'manifest', 'mask-icon',
    'modulepreload', 'preconnect', 'prefetch', 'preload', 'prerender',
    'search', 'stylesheet', 'subresource',
]);


/* "prepare the script element", steps 8 to 12 */

function isJavaScript(attrs) {
    const type = attrs.get('type');
    const language = attrs.get('language');

    if (type === '' || (type === undefined && !language)) {
        return true;
    }

    const essence = (type === undefined ? `text/${language}`
                     : type.replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, ''))
        .toLowerCase();

    return JAVASCRIPT.has(essence) || essence === 'module';
}


function isFetchingLink(attrs) {
    return (attrs.get('rel') ?? '').toLowerCase().split(/[\t\n\f\r ]+/)
        .some((rel) => FETCHING_RELS.has(rel));
}


function isMovie(attrs) {
    return /^(?:code|data|filename|href|movie|src|url)$/i
        .test(attrs.get('name') ?? '');
}


function isImageButton(attrs) {
    return /^image$/i.test(attrs.get('type') ?? '');
}


const ALWAYS = () => true;

/* element: its attribute with a URL, and whether that is fetched */

const FETCHING = {
    script: { attr: 'src', fetches: isJavaScript },
    iframe: { attr: 'src', fetches: ALWAYS },
    img: { attr: 'src', fetches: ALWAYS },
    link: { attr: 'href', fetches: isFetchingLink },
    embed: { attr: 'src', fetches: ALWAYS },
    object: { attr: 'data', fetches: ALWAYS },
    param: { attr: 'value', fetches: isMovie },
    frame: { attr: 'src', fetches: ALWAYS },
    source: { attr: 'src', fetches: ALWAYS },
    audio: { attr: 'src', fetches: ALWAYS },
    video: { attr: 'src', fetches: ALWAYS },
    track: { attr: 'src', fetches: ALWAYS },
    input: { attr: 'src', fetches: isImageButton },
};

/* URLs in a style sheet are loads of their own, under this name */

export const CSS = '#css';

/* in HTML the parser makes an img of it */

const ALIAS = { image: 'img' };

/* elements that go from the start tag to an end tag */

const WITH_CONTENT = new Set(['script', 'iframe']);


/*
 * A string that was put together of many is a tree of them in memory, dozens
 * of times as large, until one of its characters is asked for
 */

let asked;                      /* or the question might be optimized away */

function flat(text) {
    asked = text?.charCodeAt(0);

    return asked;
}


export class Recorder extends Parser {

    onStartTag(token) {
        this.endText();
        this.record('starts', token);
        super.onStartTag(token);
    }


    onEndTag(token) {
        this.endText();
        this.record('ends', token);
        super.onEndTag(token);
    }


    /* a text grows by words: what is in front of a tag is complete */

    endText() {
        flat(this.openElements.current?.childNodes?.at(-1)?.value);
    }


    /* the parser hands one token to itself again in some modes */

    record(list, token) {
        const location = token.location;

        this[list] ??= [];

        for (const { value } of token.attrs) {
            flat(value);
        }

        if (location && this[list].at(-1)?.start !== location.startOffset) {
            this[list].push({
                name: token.tagName,
                attrs: new Map(token.attrs.map((a) => [a.name, a.value])),
                start: location.startOffset,
                end: location.endOffset,
            });
        }
    }
}


/* elements of the tree in document order, those of templates included */

function* elements(document) {
    const stack = [document];

    while (stack.length) {
        const node = stack.pop();

        if (node.tagName) {
            yield node;
        }

        const children = node.content?.childNodes ?? node.childNodes ?? [];

        for (let i = children.length - 1; i >= 0; i--) {
            stack.push(children[i]);
        }
    }
}


function resolve(value, base) {
    try {
        const url = new URL(value, base);

        return /^https?:$/.test(url.protocol) ? url : null;

    } catch {
        return null;
    }
}


/* what a start tag makes a browser fetch: { name, url }, or null */

function load(name, attrs, base) {
    const rule = FETCHING[name];
    const value = rule && attrs.get(rule.attr);

    if (!value || !rule.fetches(attrs)) {
        return null;
    }

    const url = resolve(value, base);

    return url && { name, url };
}


/* what the style sheet between two offsets fetches */

function* sheetLoads(text, start, end, base) {
    const css = text.slice(start, end)
        .replace(/\/\*[^]*?(?:\*\/|$)/g, (comment) => ' '.repeat(comment.length));
    const pattern =
        /\burl\(\s*(["']?)([^"')\s]+)|@import\s+(["'])([^"']+)/gi;

    for (const found of css.matchAll(pattern)) {
        const value = found[2] ?? found[4];
        const url = resolve(value, base);

        if (url) {
            const at = start + found.index + found[0].length - value.length;

            yield { name: CSS, attrs: new Map(), start: at,
                    end: at + value.length, elementEnd: at + value.length,
                    url };
        }
    }
}


function parse(text, documentUrl, scriptingEnabled) {
    const parser = new Recorder({ sourceCodeLocationInfo: true,
                                  scriptingEnabled });

    parser.tokenizer.write(text, true);

    const nodes = [...elements(parser.document)]
        .filter((node) => node.namespaceURI === HTML)
        .map((node) => ({
            name: node.tagName,
            attrs: new Map(node.attrs.map((a) => [a.name, a.value])),
        }));

    const href = nodes.find((node) => node.name === 'base'
                                      && node.attrs.has('href'))
        ?.attrs.get('href');
    const base = resolve(href ?? '', documentUrl) ?? new URL(documentUrl);

    const tags = [];
    const ends = parser.ends ?? [];

    for (const tag of parser.starts ?? []) {
        const found = load(ALIAS[tag.name] ?? tag.name, tag.attrs, base);

        if (found) {
            tags.push({ ...tag, url: found.url,
                        elementEnd: elementEnd(tag, ends, text.length) });
        }

        if (tag.name === 'style') {
            const end = ends.find((e) => e.start >= tag.end
                                         && e.name === 'style');

            tags.push(...sheetLoads(text, tag.end, end?.start ?? text.length,
                                    base));
        }
    }

    const scripts = (parser.starts ?? [])
        .filter((tag) => tag.name === 'script')
        .map((tag) => script(tag, ends, text));

    return {
        base: href === undefined ? null : base,
        scripts: new Map(scripts.map((tag) => [tag.start, tag])),
        tree: nodes.map((node) => load(node.name, node.attrs, base))
            .filter((found) => found),
        tags,
        starts: new Map((parser.starts ?? []).map((tag) => [tag.start, tag])),
        headEnd: Math.min(
            ends.find((tag) => tag.name === 'head')?.start ?? Infinity,
            parser.starts?.find((tag) => tag.name === 'body')?.start
                ?? Infinity),
    };
}


/* a script, with what it runs: null if that is not its text */

function script(tag, ends, text) {
    const end = ends.find((e) => e.start >= tag.end && e.name === 'script');
    const textEnd = end?.start ?? text.length;
    const runs = isJavaScript(tag.attrs) && !tag.attrs.has('src');

    return { ...tag, textEnd, elementEnd: end?.end ?? text.length,
             code: runs ? text.slice(tag.end, textEnd) : null };
}


function elementEnd(tag, ends, length) {
    if (!WITH_CONTENT.has(tag.name)) {
        return tag.end;
    }

    return ends.find((end) => end.start >= tag.end && end.name === tag.name)
        ?.end ?? length;
}


/*
 * Returns { on, off }, each { base, scripts, tree, tags, starts, headEnd }:
 *   scripts script elements by offset, with textEnd and code, what they run
 *   tree    [{ name, url }]: loads of the tree
 *   tags    [{ name, attrs, start, end, elementEnd, url }]: start tags that
 *           load something, in order
 *   starts  all start tags by offset
 *   headEnd where the head is said to end
 */

export function views(bytes, documentUrl) {
    let text = bytes.toString('latin1');

    /* a byte order mark is no part of the text; offsets stay */

    if (text.startsWith('\xef\xbb\xbf')) {
        text = `   ${text.slice(3)}`;
    }

    return {
        on: parse(text, documentUrl, true),
        off: parse(text, documentUrl, false),
    };
}


/* the hosts that a page loads something from */

export function hostsOf({ on, off }) {
    return [on, off].flatMap((view) => view.tags.map(
        (tag) => tag.url.hostname));
}
