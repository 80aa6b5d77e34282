/*
 * Copyright (C) ngx_consent_module authors
 *
 * A page as an independent conforming parser (parse5) sees it: all that it
 * makes a browser fetch or run, with where that stands in the bytes.  What
 * counts as a load is shared with the differential test; here it has places.
 *
 * Documents are strings of one character per byte.
 */

import { require } from '../pages/corpus.mjs';
import { Recorder } from '../pages/views.mjs';
import { compiles, stringsOf } from '../pages/scripts.mjs';
import { SPOILER, attributes, baseOf, css, elements, resolve, scriptRuns, text,
         urls } from '../differential/tree.mjs';
import { addressesIn } from './policy.mjs';


const { html: { NS } } = require('parse5');

const MAX_DEPTH = 4;            /* of srcdoc in srcdoc */

const MOST_REMEMBERED = 1 << 24;

const LISTS = /^(?:importmap|speculationrules)$/i;

const WITH_CONTENT = new Set(['fencedframe', 'iframe', 'script']);

/* beside what the differential test knows */

const MORE_ATTRS = { fencedframe: ['src'], img: ['lowsrc'],
                     object: ['codebase'] };

/* attributes whose URLs nothing fetches by itself */

const INERT = new Set(['action', 'alt', 'cite', 'formaction', 'href', 'id',
                       'itemid', 'itemtype', 'name', 'onclick', 'pattern',
                       'placeholder', 'property', 'title', 'value']);


function* moreUrls(name, attrs) {
    for (const attr of MORE_ATTRS[name] ?? []) {

        if (attrs.has(attr)) {
            yield attrs.get(attr);
        }
    }

    const sources = attrs.get('attributionsrc');

    if (sources) {
        yield* sources.split(/[\t\n\f\r ]+/).filter((url) => url);
    }
}


function resolveAll(list, name, base, place) {
    /* an empty one fetches nothing */

    return list.filter((raw) => raw !== '')
        .map((raw) => ({ name, url: resolve(raw, base), raw, ...place }))
        .filter((load) => load.url);
}


function loadsOf(name, attrs, namespace, base, place) {
    return resolveAll([...urls(name, attrs, namespace),
                       ...namespace === NS.HTML ? moreUrls(name, attrs) : []],
                      name, base, place);
}


/*
 * URLs anywhere in a tag, also where nothing is known to fetch them: a tag
 * that has a refused one may be blocked, one that has none must not.
 */

export function possibleUrls({ name, attrs }, base) {
    const found = [];

    for (const [attr, value] of attrs) {

        if (attr.startsWith('data-')
            || (INERT.has(attr) && !(attr === 'href' && name === 'link')
                && !(name === 'param' && attr === 'value')))
        {
            continue;
        }

        for (const word of [value, ...value.split(/[\s,;"'()]+/)]) {
            const url = word && resolve(word, base);

            if (url) {
                found.push(url);
            }
        }
    }

    return found;
}


function inlineCode(name, attrs, html, code) {
    if (name !== 'script' || !scriptRuns(attrs, !html)) {
        return null;
    }

    /* one that was found out late is made a syntax error */

    if (code.includes(SPOILER) && !compiles(code)) {
        return null;
    }

    const src = html ? attrs.has('src')
                : attrs.has('href') || attrs.has('xlink:href');

    return src ? null : code;
}


/* pages have the same scripts again and again, and so have their outputs */

const memory = new Map();
let remembered = 0;

export function remember(code, what, make) {
    const key = `${what} ${code}`;

    if (!memory.has(key)) {
        remembered += key.length;

        if (remembered > MOST_REMEMBERED) {
            memory.clear();
            remembered = key.length;
        }

        memory.set(key, make(code));
    }

    return memory.get(key);
}


/* what a parser of JavaScript finds in a script, made when it is asked for */

export class Script {

    constructor(code, attrs, place) {
        this.code = code;
        this.isModule = /module/i.test(attrs?.get('type') ?? '');
        Object.assign(this, place);
    }


    get addresses() {
        this.found ??= remember(this.code, `addresses ${this.isModule}`,
            (code) => stringsOf(code, this.isModule).flatMap(addressesIn));

        return this.found;
    }
}


/* an import map or speculation rules: judged by the URLs in it alone */

class UrlList extends Script {

    constructor(code, base, place) {
        super(code, null, place);
        this.isList = true;
        this.found = [];

        try {
            JSON.parse(code, (key, value) => {
                const texts = [key, value].filter(
                    (one) => typeof one === 'string' && /[/.:]/.test(one));

                this.found.push(...texts.map((one) => resolve(one, base))
                    .filter((url) => url));

                return value;
            });

        } catch {
            /* browsers do not read it either */
        }
    }
}


class View {

    constructor(source, pageUrl, scripting, depth) {
        const parser = new Recorder({ sourceCodeLocationInfo: true,
                                      scriptingEnabled: scripting });

        parser.tokenizer.write(source, true);

        this.source = source;
        this.document = parser.document;
        this.nodes = [...elements(parser.document)];
        this.base = baseOf(this.nodes, pageUrl);
        this.baseStart = this.nodes.find((node) => node.tagName === 'base'
            && attributes(node.attrs).has('href'))
            ?.sourceCodeLocation?.startOffset ?? 0;
        this.pageUrl = pageUrl;
        this.tokens = parser.starts ?? [];
        this.ends = new Map();
        this.starts = new Map(this.tokens.map((tag) => [tag.start, tag]));
        this.loads = [];
        this.scripts = [];
        this.places = new Map();    /* loads by offset of their tag */
        this.sheets = [];

        for (const end of parser.ends ?? []) {

            if (!this.ends.has(end.name)) {
                this.ends.set(end.name, []);
            }

            this.ends.get(end.name).push(end);
        }

        this.fromTokens();
        this.fromTree(scripting, depth);
    }


    /*
     * What is fetched at once is fetched by the base that was there; icons
     * and what a click sends come later.
     */

    baseAt(start, name, attrs) {
        const late = attrs.has('ping')
                     || (name === 'link' && /icon/i.test(attrs.get('rel')));

        return start < this.baseStart && !late ? this.pageUrl : this.base;
    }


    /* the first end tag of this name from there on, by bisection */

    endOf(name, from) {
        const list = this.ends.get(name) ?? [];
        let low = 0;
        let high = list.length;

        while (low < high) {
            const middle = (low + high) >> 1;

            if (list[middle].start >= from) {
                high = middle;

            } else {
                low = middle + 1;
            }
        }

        return list[low] ?? { start: this.source.length,
                              end: this.source.length };
    }


    place(start, loads) {
        this.places.set(start, [...this.places.get(start) ?? [], ...loads]);
    }


    fromTokens() {
        for (const tag of this.tokens) {
            const loads = loadsOf(tag.name, tag.attrs, NS.HTML,
                                  this.baseAt(tag.start, tag.name, tag.attrs),
                                  { start: tag.start, token: true });

            if (loads.length) {
                this.place(tag.start, loads);
                this.loads.push(...loads);
            }
        }
    }


    fromTree(scripting, depth) {
        for (const node of this.nodes) {
            const name = node.tagName;
            const html = node.namespaceURI === NS.HTML;
            const math = node.namespaceURI === NS.MATHML;
            const location = node.sourceCodeLocation?.startTag
                             ?? node.sourceCodeLocation;
            const start = location?.startOffset;

            /* the tokenizer has seen those of HTML already */

            if (!html || this.starts.get(start)?.name !== name) {
                this.element(node, start);
            }

            if (name === 'style' && !math) {
                this.sheet(node, start);

            } else if (name === 'script' && !math) {
                this.script(node, attributes(node.attrs), html, start);

            } else if (name === 'iframe' && html && depth < MAX_DEPTH) {
                const srcdoc = attributes(node.attrs).get('srcdoc');

                if (srcdoc !== undefined) {
                    this.srcdoc(srcdoc, scripting, depth, start);
                }
            }
        }
    }


    element(node, start) {
        const attrs = attributes(node.attrs);
        const loads = loadsOf(node.tagName, attrs, node.namespaceURI,
                              this.baseAt(start, node.tagName, attrs),
                              { start });

        if (loads.length) {
            this.place(start, loads);
            this.loads.push(...loads);
        }
    }


    sheet(node, start) {
        const base = this.baseAt(start, 'style', attributes(node.attrs));
        const loads = resolveAll([...css(text(node))], 'style', base,
                                 { start });
        const tag = this.starts.get(start);

        if (loads.length && tag) {
            this.loads.push(...loads);
            this.sheets.push({ start: tag.end, loads,
                               end: this.endOf('style', tag.end).start });
        }
    }


    script(node, attrs, html, start) {
        const code = inlineCode('script', attrs, html, text(node));
        const isList = html && !attrs.has('src')
            && LISTS.test((attrs.get('type') ?? '').trim());
        const tag = this.starts.get(start);

        if (code === null && !isList) {
            return;
        }

        const end = tag && this.endOf('script', tag.end);
        const place = tag ? { start, end: tag.end, textEnd: end.start,
                              elementEnd: end.end } : {};

        this.scripts.push(isList ? new UrlList(text(node), this.base, place)
                          : new Script(code, attrs, place));
    }


    srcdoc(source, scripting, depth, start) {
        const inner = new View(source, this.base, scripting, depth + 1);
        const loads = inner.loads.map((load) => ({ ...load, start,
                                                   inner: true }));

        this.loads.push(...loads);
        this.scripts.push(...inner.scripts.map(
            ({ code }) => new Script(code, null, { owner: start })));
        this.place(start, loads);
    }


    elementEnd(tag) {
        return WITH_CONTENT.has(tag.name)
               ? this.endOf(tag.name, tag.end).end : tag.end;
    }
}


/*
 * { on, off } of views, with scripting and without; the same one twice where
 * that cannot differ.  A view:
 *   loads    [{ name, url, raw, start }] of start tags and of the tree
 *   scripts  Script objects that run; start, end, textEnd and elementEnd
 *            where they have a tag of their own
 *   places   loads by the offset of their start tag
 *   sheets   [{ start, end, loads }]: texts of style elements
 *   starts   start tags by offset; document, nodes: the tree
 */

export function readDocument(source, pageUrl) {
    const on = new View(source, pageUrl, true, 0);

    return { on, off: /<noscript/i.test(source)
                      ? new View(source, pageUrl, false, 0) : on };
}
