/*
 * Copyright (C) ngx_consent_module authors
 *
 * Browsers read some documents in several ways, and what only one of them
 * sees cannot be marked.  What the rewriter does instead changes the tree, so
 * input and output are not to be compared: but the input with the very same
 * done to it is.
 *
 *   none   a tag that is there in one reading only becomes text: a byte
 *          behind its "<"
 *   other  a name becomes another one, where more than two readings part
 *   spoiled  a script is found out late, which may be one in one reading only
 *   cut    the beginning of a tag in noscript, up to "</noscript", goes
 *   ended  a style sheet ends with the noscript that it is in
 */

import { SPOILER, readings } from './tree.mjs';


const COST = { none: 1, other: 1, dropped: 2, added: 4, different: 6 };

/* parse5 does not know of a select that may be styled, and what is in it */

const STYLED_SELECT = /<select/i;

/* what lets readings part; behind two of them there are more than two */

const REASONS = [/<noscript/i, /<(svg|math)/i, /<select/i, /<frameset/i,
                 /<template/i, /<!\[CDATA\[/,
                 new RegExp('<(svg|math)[^]*<(iframe|noembed|noframes|script|'
                            + 'style|textarea|title|xmp)', 'i')];

/* an end tag in svg or math: what it closes is counted, not known */

const MAY_LEAVE = /<(svg|math)[^]*<\/[a-z]/i;


/* pieces that begin with "<", but for the first */

function pieces(text) {
    return text.split(/(?=<)/);
}


function nameOf(piece) {
    return /^<[!/]?[^\s/>]*/.exec(piece)?.[0].toLowerCase() ?? '';
}


/* { kind, at, text }: what of a piece's beginning was put in, and where */

function difference(was, is) {
    const before = nameOf(was);
    const after = nameOf(is);

    if (/^<[a-z]/i.test(was) && /^<[ _]$/.test(is.slice(0, 2))
        && is.slice(2, 3).toLowerCase() === was.slice(1, 2).toLowerCase()
        && nameOf(`<${is.slice(2)}`).startsWith(before.slice(0, 2)))
    {
        return { kind: 'none', at: 1, text: is[1] };
    }

    if (after === `${before}_`) {
        return { kind: 'other', at: before.length, text: '_' };
    }

    if (before.startsWith('<![cdata[') && after.startsWith('<!_[cdata[')) {
        return { kind: 'other', at: 2, text: '_' };
    }

    return before === after ? { kind: 'same' } : { kind: 'different' };
}


function isSame(was, is) {
    return was !== undefined && is !== undefined
           && difference(was, is).kind === 'same';
}


/* the cheapest way from the pieces of the input to those of the output */

function align(input, output) {
    const same = { kind: 'same' };
    let head = 0;
    let tail = 0;

    while (isSame(input[head], output[head])) {
        head++;
    }

    while (tail < Math.min(input.length, output.length) - head
           && isSame(input.at(-1 - tail), output.at(-1 - tail)))
    {
        tail++;
    }

    return [...Array(head).fill(same),
            ...alignMiddle(input.slice(head, input.length - tail),
                           output.slice(head, output.length - tail)),
            ...Array(tail).fill(same)];
}


function alignMiddle(input, output) {
    const rows = [];

    for (let i = input.length; i >= 0; i--) {
        rows[i] = [];

        for (let j = output.length; j >= 0; j--) {
            const ways = [];

            if (i < input.length && j < output.length) {
                const found = difference(input[i], output[j]);

                ways.push({ ...found, cost: rows[i + 1][j + 1].cost
                                            + (COST[found.kind] ?? 0) });
            }

            if (i < input.length) {
                ways.push({ kind: 'dropped',
                            cost: rows[i + 1][j].cost + COST.dropped });
            }

            if (j < output.length) {
                ways.push({ kind: 'added',
                            cost: rows[i][j + 1].cost + COST.added });
            }

            rows[i][j] = ways.reduce((best, way) =>
                way.cost < best.cost ? way : best,
                                     ways[0] ?? { kind: 'end', cost: 0 });
        }
    }

    const steps = [];

    for (let i = 0, j = 0; rows[i][j].kind !== 'end'; /* void */) {
        const step = rows[i][j];

        steps.push(step);
        i += step.kind !== 'added';
        j += step.kind !== 'dropped';
    }

    return steps;
}


function hasTwoReasons(text) {
    return REASONS.filter((reason) => reason.test(text)).length > 1;
}


/* is there a reason for it in the input? */

function isCalledFor(kind, document, at) {
    const before = document.slice(0, at);

    if (kind === 'other') {
        return MAY_LEAVE.test(before) || hasTwoReasons(before);
    }

    if (kind === 'ended') {
        return /<noscript[^]*<style/i.test(before);
    }

    if (kind === 'spoiled') {
        return /<script/i.test(before);
    }

    const sets = readings(document);
    const sees = sets.filter((starts) => starts.has(at)).length;

    if (kind === 'cut') {
        return /<noscript/i.test(before) && sees < sets.length;
    }

    return (sees > 0 && sees < sets.length) || STYLED_SELECT.test(before)
           || MAY_LEAVE.test(before) || hasTwoReasons(before);
}


/*
 * Returns { document, groundless }: the input, with what was split in the
 * output split as well, and what of this had no reason.
 */

export function splitAlike(input, output) {
    const from = pieces(input);
    const to = pieces(output);
    const steps = align(from, to);
    const groundless = [];
    let rest = input;
    let done = '';

    const note = (kind) => {
        if (!isCalledFor(kind, done + rest, done.length)) {
            groundless.push(`${kind}: ${rest.slice(0, 30)}`);
        }
    };

    const take = (n) => {
        done += rest.slice(0, n);
        rest = rest.slice(n);
    };

    for (let i = 0, j = 0, s = 0; s < steps.length; s++) {
        const { kind, at, text } = steps[s];
        const made = kind === 'dropped' ? '' : to[j++];

        if (kind === 'added') {

            if (made === '</style>' && nameOf(to[j] ?? '') === '</noscript') {
                note('ended');
                done += made;
            }

            continue;
        }

        const piece = from[i++];

        if (kind === 'none' || kind === 'other') {
            note(kind);
            take(at);
            done += text;
            take(piece.length - at);

        } else if (kind === 'dropped') {
            let end = piece.length;

            while (steps[s + 1]?.kind === 'dropped') {
                s++;
                end += from[i++].length;
            }

            if (/^<\/noscript/i.test(from[i] ?? '')) {
                note('cut');
                rest = rest.slice(end);

            } else {
                take(end);
            }

        } else if (made.includes(SPOILER) && !piece.includes(SPOILER)) {
            const end = made.length - made.indexOf(SPOILER) - SPOILER.length;

            note('spoiled');
            take(piece.length - end);
            done += SPOILER;
            take(end);

        } else {
            take(piece.length);
        }
    }

    return { document: done, groundless };
}
