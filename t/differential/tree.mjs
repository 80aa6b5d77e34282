/*
 * Copyright (C) ngx_consent_module authors
 *
 * What a conforming parser (parse5) finds in a document, with scripting on
 * and off: the loads and scripts of the tree, those of start tags that the
 * tree builder drops but preload scanners act upon, and the form of the tree.
 *
 * Documents are strings of one character per byte.
 */

import { require } from '../pages/corpus.mjs';


const { Parser, Tokenizer, TokenizerMode, html } = require('parse5');

export const { NS } = html;

const MAX_DEPTH = 8;            /* of srcdoc in srcdoc */


/* attributes with one URL by element; in HTML, whatever else is there */

const BACKGROUND = ['background'];

const URL_ATTRS = {
    audio: ['src'],
    body: BACKGROUND,
    embed: ['src'],
    frame: ['src'],
    iframe: ['src'],
    img: ['src'],
    object: ['data'],
    source: ['src'],
    table: BACKGROUND,
    tbody: BACKGROUND,
    td: BACKGROUND,
    tfoot: BACKGROUND,
    th: BACKGROUND,
    thead: BACKGROUND,
    tr: BACKGROUND,
    track: ['src'],
    video: ['src', 'poster'],
};

const SRCSET_ATTRS = {
    img: ['srcset'],
    source: ['srcset'],
};

const SVG_HREF = new Set(['feImage', 'image', 'script', 'use']);

const FETCHING_RELS = new Set([
    'apple-touch-icon', 'apple-touch-icon-precomposed', 'dns-prefetch',
    'icon', 'manifest', 'modulepreload', 'preconnect', 'prefetch', 'preload',
    'stylesheet',
]);

const JAVASCRIPT = new Set([
    '', 'application/ecmascript', 'application/javascript',
    'application/x-ecmascript', 'application/x-javascript', 'module',
    'text/ecmascript', 'text/javascript', 'text/javascript1.0',
    'text/javascript1.1', 'text/javascript1.2', 'text/javascript1.3',
    'text/javascript1.4', 'text/javascript1.5', 'text/jscript',
    'text/livescript', 'text/x-ecmascript', 'text/x-javascript',
]);


/* adds every start tag that the tokenizer emits */

class Recorder extends Parser {

    onStartTag(token) {
        const start = token.location.startOffset;

        this.starts ??= [];

        if (this.starts.at(-1)?.start !== start) {
            this.starts.push({ name: token.tagName, start,
                               attrs: attributes(token.attrs) });
        }

        super.onStartTag(token);
    }
}


/* what a preload scanner reads in another way, by names alone */

const RAW = {
    iframe: TokenizerMode.RAWTEXT,
    noembed: TokenizerMode.RAWTEXT,
    noframes: TokenizerMode.RAWTEXT,
    noscript: TokenizerMode.RAWTEXT,
    plaintext: TokenizerMode.PLAINTEXT,
    script: TokenizerMode.SCRIPT_DATA,
    style: TokenizerMode.RAWTEXT,
    textarea: TokenizerMode.RCDATA,
    title: TokenizerMode.RCDATA,
    xmp: TokenizerMode.RAWTEXT,
};


/* without these, names tell the tokenizer what a tree would */

const NEEDS_TREE = /<(frameset|math|noscript|select|svg|template)/i;


/* a preload scanner takes this for open in svg, too: docs/limits.md */

const CLOSED_RAW = new RegExp(`<(${Object.keys(RAW).join('|')})[^>]*/>`, 'i');


/* start tags as a preload scanner sees them: without a tree */

function preloaded(document, scripting) {
    const starts = [];
    const nothing = () => {};

    const tokenizer = new Tokenizer({ sourceCodeLocationInfo: true }, {
        onStartTag: ({ tagName: name, attrs, location }) => {
            starts.push({ name, start: location.startOffset,
                          attrs: attributes(attrs) });

            if (Object.hasOwn(RAW, name)
                && (name !== 'noscript' || scripting))
            {
                tokenizer.state = RAW[name];
                tokenizer.lastStartTagName = name;
            }
        },
        onCharacter: nothing,
        onComment: nothing,
        onDoctype: nothing,
        onEndTag: nothing,
        onEof: nothing,
        onNullCharacter: nothing,
        onWhitespaceCharacter: nothing,
    });

    tokenizer.write(document, true);

    return starts;
}


function parsed(document, scriptingEnabled) {
    const parser = new Recorder({ sourceCodeLocationInfo: true,
                                  scriptingEnabled });

    parser.tokenizer.write(document, true);

    return parser;
}


/* where start tags begin, a set for each reading */

export function readings(document) {
    return [true, false].flatMap((scripting) => [
        parsed(document, scripting).starts ?? [],
        preloaded(document, scripting),
    ]).map((starts) => new Set(starts.map(({ start }) => start)));
}


export function attributes(list) {
    return new Map(list.map((a) => [a.prefix ? `${a.prefix}:${a.name}`
                                    : a.name, a.value]));
}


function words(text) {
    return (text ?? '').toLowerCase().split(/[\t\n\f\r ]+/);
}


export function scriptRuns(attrs, foreign) {
    const type = attrs.get('type');
    const language = foreign ? undefined : attrs.get('language');

    if (type === undefined && language) {
        return JAVASCRIPT.has(`text/${language}`.toLowerCase());
    }

    return JAVASCRIPT.has((type ?? '').replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g,
                                               '').toLowerCase());
}


function* srcset(text) {
    for (const [, url] of text.matchAll(/[\s,]*([^\s]*[^\s,])[^,]*/g)) {
        yield url;
    }
}


/* enough for the plain style sheets that the tests put in */

const CSS = new RegExp([
    /\/\*.*?(?:\*\/|$)/,                               /* comments */
    /url\(\s*(?:"([^"\n]*)"?|'([^'\n]*)'?|([^"'()\s]+))/,
    /@import\s*(?:"([^"\n]*)"?|'([^'\n]*)'?)/,
    /"[^"\n]*"?|'[^'\n]*'?/,                            /* strings */
].map((part) => part.source).join('|'), 'gis');

export function* css(text) {
    for (const [, ...urls] of text.matchAll(CSS)) {
        const url = urls.find((found) => found !== undefined);

        if (url !== undefined) {
            yield url;
        }
    }
}


function* linkUrls(attrs) {
    if (words(attrs.get('rel')).some((rel) => FETCHING_RELS.has(rel))) {
        yield attrs.get('href') ?? '';
        yield* srcset(attrs.get('imagesrcset') ?? '');
    }
}


function* metaUrls(attrs) {
    const content = attrs.get('content') ?? '';
    const url = /^[\s\d.]*[;,\s]\s*(?:url\s*=\s*)?["']?([^"']*)/i;

    if (words(attrs.get('http-equiv'))[0] === 'refresh' && url.test(content)) {
        yield url.exec(content)[1];
    }
}


/* what a tag in HTML makes a browser fetch, as written */

function* htmlUrls(name, attrs) {
    for (const attr of URL_ATTRS[name] ?? []) {
        if (attrs.has(attr)) {
            yield attrs.get(attr);
        }
    }

    for (const attr of SRCSET_ATTRS[name] ?? []) {
        yield* srcset(attrs.get(attr) ?? '');
    }

    if (name === 'script' && attrs.has('src') && scriptRuns(attrs, false)) {
        yield attrs.get('src');
    }

    if (name === 'input' && attrs.get('type')?.toLowerCase() === 'image') {
        yield attrs.get('src') ?? '';
    }

    if (name === 'link') {
        yield* linkUrls(attrs);
    }

    if (name === 'meta') {
        yield* metaUrls(attrs);
    }

    if (name === 'a' || name === 'area') {
        yield* words(attrs.get('ping')).filter((url) => url);
    }
}


function* svgUrls(name, attrs) {
    const href = attrs.get('href') ?? attrs.get('xlink:href');

    if (href !== undefined && SVG_HREF.has(name)
        && (name !== 'script' || scriptRuns(attrs, true)))
    {
        yield href;
    }
}


/* of an empty URL nothing is fetched, though it would be that of the base */

export function urls(name, attrs, namespace) {
    return [
        ...(attrs.has('style') ? css(attrs.get('style')) : []),
        ...(namespace === NS.HTML ? htmlUrls(name, attrs) : []),
        ...(namespace === NS.SVG ? svgUrls(name, attrs) : []),
    ].filter((url) => url !== '' || name === 'meta');
}


/* null: nothing is fetched from a network */

export function resolve(url, base) {
    try {
        const found = new URL(url, base);

        return /^(https?|wss?|ftp):$/.test(found.protocol) ? found : null;

    } catch {
        return null;
    }
}


function resolveAll(list, name, base) {
    return list.map((url) => ({ name, url: resolve(url, base) }))
        .filter((load) => load.url);
}


/* elements of the tree in document order, those of templates included */

export function* elements(document) {
    const stack = [document];

    while (stack.length) {
        const node = stack.pop();

        if (node.tagName) {
            yield node;
        }

        for (const child of children(node).toReversed()) {
            stack.push(child);
        }
    }
}


export function children(node) {
    return [...(node.childNodes ?? []), ...(node.content?.childNodes ?? [])];
}


export function text(node) {
    return (node.childNodes ?? []).map((child) => child.value ?? '').join('');
}


function baseNode(nodes) {
    return nodes.find((n) => n.tagName === 'base'
                             && n.namespaceURI === NS.HTML
                             && n.attrs.some((a) => a.name === 'href'));
}


export function baseOf(nodes, page) {
    const node = baseNode(nodes);

    return (node && resolve(attributes(node.attrs).get('href'), page)?.href)
           ?? page;
}


/* names of the tree, and texts, without attributes, as one string */

function form(document, textOf) {
    const parts = [];

    const walk = (node) => {
        parts.push(node.nodeName, node.namespaceURI?.slice(-4) ?? '',
                   textOf(node), '(');
        children(node).forEach(walk);
        parts.push(')');
    };

    walk(document);

    return parts.join('\n');
}


/* makes a script that is found out late a syntax error */

export const SPOILER = '\n\n*/\n\\x`\n\\x';

/* what is put in place of a denied URL in CSS, and such URLs */

const DENIED_CSS = /data:,|https:\/\/tracker\.example\/?/g;


function written(node) {
    switch (node.parentNode?.tagName) {

    case 'noscript':
        return '';

    case 'style':
        return (node.value ?? '').replace(DENIED_CSS, '');

    default:
        return node.data ?? node.value?.replace(SPOILER, '') ?? '';
    }
}


/*
 * Returns { loads, tags, ahead, scripts, nodes, form, texts }:
 *   loads    [{ name, url }] of the tree, of srcdoc documents in it too
 *   tags     the same of all start tags that were emitted, start added
 *   ahead    ... of all that a preload scanner sees
 *   nodes    elements of the tree
 *   scripts  texts of the scripts that are run, spoiled ones left out
 *   form     equal for trees that differ in attributes and texts only
 *   texts    ... in attributes, noscript and denied URLs of style only
 */

export function view(document, page, scriptingEnabled, depth = 0) {
    const parser = parsed(document, scriptingEnabled);
    const nodes = [...elements(parser.document)];
    const last = baseOf(nodes, page);
    const from = baseNode(nodes)?.sourceCodeLocation?.startOffset ?? 0;
    const loads = [];
    const scripts = [];

    /* what is in front of a base has been fetched by then */

    const baseAt = (start) => start < from ? page : last;

    for (const node of nodes) {
        const name = node.tagName;
        const base = baseAt(node.sourceCodeLocation?.startOffset ?? from);
        const attrs = attributes(node.attrs);
        const html = node.namespaceURI === NS.HTML;
        const math = node.namespaceURI === NS.MATHML;

        loads.push(...resolveAll(urls(name, attrs, node.namespaceURI), name,
                                 base));

        if (name === 'style' && !math) {
            loads.push(...resolveAll([...css(text(node))], name, base));
        }

        if (name === 'script' && !math && scriptRuns(attrs, !html)
            && (html ? !attrs.has('src')
                : !attrs.has('href') && !attrs.has('xlink:href')))
        {
            const code = text(node);

            if (!code.includes(SPOILER)) {
                scripts.push(code);
            }
        }

        if (name === 'iframe' && html && attrs.has('srcdoc')
            && depth < MAX_DEPTH)
        {
            const inner = view(attrs.get('srcdoc'), base, scriptingEnabled,
                               depth + 1);

            loads.push(...inner.loads);
            scripts.push(...inner.scripts);
        }
    }

    const fetched = (starts) => starts.flatMap(({ name, attrs, start }) =>
        resolveAll(urls(name, attrs, NS.HTML), name, baseAt(start)).map(
            (load) => ({ ...load, start })));

    const tags = fetched(parser.starts ?? []);
    const ahead = NEEDS_TREE.test(document) && !CLOSED_RAW.test(document)
        ? fetched(preloaded(document, scriptingEnabled)) : tags;

    return { loads, tags, ahead, scripts, nodes, form: form(parser.document, () => ''),
             texts: form(parser.document, written) };
}
