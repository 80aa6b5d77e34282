/*
 * Copyright (C) ngx_consent_module authors
 *
 * One document, as the visitor who refused gets it, judged by parse5.
 */

import { Script } from 'node:vm';

import { view } from './tree.mjs';


export const PAGE = 'https://www.site.example/dir/page?q';

/* the rules of t/core/rewrite_fixture.h for the category performance */

const TRACKER = /^\w+:\/\/([^/]*\.)?tracker\.example\//;
const OWN = 'https://www.site.example/dir/own.js';
const EVIL = /evil\(|\/\/([\w.-]+\.)?tracker\.example\b/;

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


function isDenied({ url }) {
    return TRACKER.test(url.href) || url.href.startsWith(OWN);
}


function denied({ loads, tags, scripts }, still = () => true) {
    return {
        tree: [...loads.filter(isDenied).map((load) => load.name),
               ...scripts.filter((text) => EVIL.test(text) && still(text))
                   .map(() => 'inline script')],
        tags: tags.filter(isDenied).map((tag) => tag.name),
    };
}


function keptLoads({ loads }) {
    return loads.filter((load) => !isDenied(load))
        .map((load) => `${load.name} ${load.url.href}`).join('\n');
}


/*
 * With and without scripts, or with and without a tree, a page may be read
 * differently from one place on.  A tag that only one reading sees is split
 * there: it becomes text, or goes if noscript ends in it.  A script that only
 * one sees is spoiled.
 */

const TWO_READINGS = /<(frameset|math|noscript|select|svg|template)/i;
const SPLIT = /<[ _][a-z]|<x-[a-z]|\*\/\n\\x`/gi;

function isSplit(input, output) {
    const count = (text, what) => text.match(what)?.length ?? 0;

    return TWO_READINGS.test(input)
           && (count(output, SPLIT) > count(input, SPLIT)
               || count(output, /<[a-z]/gi) < count(input, /<[a-z]/gi));
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

    for (const scripting of [true, false]) {
        const mode = `scripting ${scripting ? 'on' : 'off'}`;
        const before = view(input, PAGE, scripting);
        const after = input === output ? before
                      : view(output, PAGE, scripting);
        const was = denied(before);
        const is = denied(after, canRun);
        const note = (list, what) => found[list].push(`${what}, ${mode}`);

        found.seen ||= was.tree.length > 0 || was.tags.length > 0;

        is.tree.forEach((name) => note('survivors', name));
        is.tags.forEach((name) => note('tokens', name));

        if (removed || isSplit(input, output)) {
            continue;
        }

        if (after.form !== before.form) {
            note('broken', 'another tree');

        } else if (after.texts !== before.texts) {
            note('over', 'another text');
        }

        if (keptLoads(after) !== keptLoads(before)) {
            note('broken', 'another load');
        }
    }

    if (found.survivors.length) {
        found.tokens = [];
    }

    if (input !== output && !found.seen) {
        found.over.push('nothing of it is denied');
    }

    return found;
}
