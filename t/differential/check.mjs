/*
 * Copyright (C) ngx_consent_module authors
 *
 * One document, as the visitor who refused gets it, judged by parse5.
 */

import { Script } from 'node:vm';

import { require } from '../pages/corpus.mjs';
import { splitAlike } from './splits.mjs';
import { NS, attributes, text, view } from './tree.mjs';


const { parse } = require('acorn');

export const PAGE = 'https://www.site.example/dir/page?q';

/* the rules of t/core/rewrite_fixture.h for the category performance */

const TRACKER = /^\w+:\/\/([^/]*\.)?tracker\.example\//;
const OWN = 'https://www.site.example/dir/own.js';
const EVIL = /evil\(|\/\/([\w.-]+\.)?tracker\.example\b/;

/* these are there with and without their tags, or are another one's place */

const UNTOLD = new Set(['html', 'head', 'body', 'noscript', 'x-frameset']);

/* a script with this was denied, or is a style sheet in another reading */

const SPOILED = new RegExp(`${EVIL.source}|data:,|data-consent|own\\.js`);

/* an attribute with this may be denied; so may not the others */

const DENIED_VALUE = /tracker\.example|own\.js/;


/*
 * Some texts are no script but markup in another reading, whose loads were
 * blocked.  What is no JavaScript does not run; modules may be more than that.
 */

function canRun(text) {
    if (/\b(import|export|await)\b/.test(text)) {
        return true;
    }

    try {
        return Boolean(new Script(text));

    } catch {
        return false;
    }
}


/* as a browser reads it, to which "-->" begins a comment, too */

function withoutComments(text) {
    const comments = [];

    try {
        parse(text, { ecmaVersion: 'latest', onComment: comments });

    } catch {
        return text;
    }

    return comments.reduceRight((rest, { start, end }) => rest.slice(0, start)
                                + ' ' + rest.slice(end), text);
}


function doesEvil(text) {
    return canRun(text) && EVIL.test(withoutComments(text));
}


function isDenied({ url }) {
    return TRACKER.test(url.href) || url.href.startsWith(OWN);
}


function denied({ loads, tags, ahead, scripts }, still = () => true) {
    return {
        tree: [...loads.filter(isDenied).map((load) => load.name),
               ...scripts.filter((text) => EVIL.test(text) && still(text))
                   .map(() => 'inline script')],
        tags: [...tags, ...ahead].filter(isDenied).map((tag) => tag.name),
    };
}


function keptLoads({ loads }) {
    return loads.filter((load) => !isDenied(load))
        .map((load) => `${load.name} ${load.url.href}`).join('\n');
}


/* what mark puts in, and another URL in the place of a denied one */

const PREFIX = /^data-consent-/;


/*
 * The attributes of an element that is marked, as they were; of those that
 * were taken over, what is left under the old name does not count.
 */

function unmarked(attrs, was) {
    const marked = attrs.has('data-consent') && !was.has('data-consent');
    const found = new Map(attrs);

    if (marked) {
        found.delete('data-consent');

        for (const [name, value] of attrs) {
            const old = name.replace(PREFIX, '');

            if (old !== name && !was.has(name)) {
                found.delete(name);
                found.set(old, value);
            }
        }

        if (!was.has('type') && found.get('type') === 'text/plain') {
            found.delete('type');
        }
    }

    return found;
}


/* the first element with attributes that were changed for nothing, or null */

function changedElement(before, after) {
    for (const [i, node] of before.nodes.entries()) {
        const was = attributes(node.attrs);
        const is = unmarked(attributes(after.nodes[i].attrs), was);

        for (const name of new Set([...was.keys(), ...is.keys()])) {
            if (name !== 'srcdoc' && was.get(name) !== is.get(name)) {
                return `${name} of ${node.tagName}`;
            }
        }
    }

    return null;
}


/*
 * What is left where elements are removed: those of which nothing is denied,
 * in the order of their start tags.  The tree builder closes and opens again
 * some of them, which is not to say that they are others.
 */

function keptElements({ nodes }) {
    const seen = new Set();

    return nodes.filter((node) => {
        const start = node.sourceCodeLocation?.startOffset;
        const attrs = attributes(node.attrs);

        if (start === undefined || seen.has(start)
            || UNTOLD.has(node.tagName)
            || attrs.has('data-consent') || isBlocked(node, attrs))
        {
            return false;
        }

        return seen.add(start);
    }).sort((a, b) => a.sourceCodeLocation.startOffset
                      - b.sourceCodeLocation.startOffset)
        .map((node) => JSON.stringify([node.tagName, node.attrs]))
        .join('\n');
}


function isBlocked(node, attrs) {
    return (node.tagName === 'script'
            && (node.namespaceURI !== NS.HTML || SPOILED.test(text(node))))
           || [...attrs.values()].some((value) => DENIED_VALUE.test(value));
}


/* with scripting nothing but noscript is read in another way */

function modes(input) {
    return /noscript/i.test(input) ? [true, false] : [true];
}


/* adds to changes what is wrong with after, a view, if before is right */

function compare(before, after, mode, removed, { broken, over }) {
    if (keptLoads(after) !== keptLoads(before)) {
        broken.push(`another load${mode}`);
    }

    if (removed) {
        /*
         * A frameset that takes over drops what was before it; and a base may
         * make any URL a denied one.
         */

        if (!before.nodes.some(({ tagName }) => tagName === 'frameset'
                                                || tagName === 'base')
            && keptElements(after) !== keptElements(before))
        {
            broken.push(`another element${mode}`);
        }

        return;
    }

    if (after.form !== before.form) {
        broken.push(`another tree${mode}`);
        return;
    }

    const changed = changedElement(before, after);

    if (changed) {
        broken.push(changed + mode);
    }

    if (after.texts !== before.texts) {
        over.push(`another text${mode}`);
    }
}


function compareSplit(input, output, removed) {
    const { document, groundless } = splitAlike(input, output);
    const changes = { broken: groundless.map((what) => `split, ${what}`),
                      over: [] };

    for (const scripting of modes(input)) {
        compare(view(document, PAGE, scripting),
                view(output, PAGE, scripting),
                `, scripting ${scripting ? 'on' : 'off'}`, removed, changes);
    }

    return changes;
}


/*
 * What is wrong with the output: lists of texts, empty if all is well; and
 * whether there is anything denied in the input.
 *
 *   survivors  denied loads and scripts in the tree
 *   tokens     if there are none: ... in start tags that the tree drops
 *   broken     the tree has another form, or lost another load
 *   over       texts or comments changed, or all of it for nothing
 */

export function judge(input, output, removed = false) {
    const found = { seen: false, survivors: [], tokens: [], broken: [],
                    over: [] };
    const changes = { broken: [], over: [] };

    for (const scripting of modes(input)) {
        const mode = `, scripting ${scripting ? 'on' : 'off'}`;
        const before = view(input, PAGE, scripting);
        const after = input === output ? before
                      : view(output, PAGE, scripting);
        const was = denied(before);
        const is = denied(after, doesEvil);

        found.seen ||= was.tree.length > 0 || was.tags.length > 0;

        found.survivors.push(...is.tree.map((name) => name + mode));
        found.tokens.push(...is.tags.map((name) => name + mode));

        compare(before, after, mode, removed, changes);
    }

    const differs = changes.broken.length + changes.over.length > 0;
    const { broken, over } = differs ? compareSplit(input, output, removed)
                             : changes;

    found.broken.push(...broken);
    found.over.push(...over);

    if (found.survivors.length) {
        found.tokens = [];
    }

    if (input !== output && !found.seen) {
        found.over.push('nothing of it is denied');
    }

    return found;
}
