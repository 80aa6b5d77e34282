/*
 * Copyright (C) ngx_consent_module authors
 *
 * The verdict on one response: nothing refused is left that a browser would
 * fetch, all other loads are there in order, and no byte outside the blocked
 * tags has changed.  Knows nothing of nginx.
 */

import { CSS, views } from './views.mjs';


const CONTEXT = 70;

/* what takes the place of a URL in a style sheet */

const NOTHING = Buffer.from('data:,');

/* blocked by their attribute even where blocked tags are removed */

const KEPT = new Set(['audio', 'frame', 'input', 'object', 'video']);


export function excerpt(bytes, offset) {
    const from = Math.max(0, offset - CONTEXT);

    return JSON.stringify(bytes.toString('latin1', from, offset))
           + ' >>> '
           + JSON.stringify(bytes.toString('latin1', offset,
                                           offset + CONTEXT));
}


function firstDifference(a, b) {
    const length = Math.min(a.length, b.length);

    if (a.compare(b, 0, length, 0, length) === 0) {
        return length;
    }

    let low = 0;
    let high = length;

    while (high - low > 1) {
        const middle = (low + high) >> 1;

        if (a.compare(b, 0, middle, 0, middle) === 0) {
            low = middle;

        } else {
            high = middle;
        }
    }

    return low;
}


/* null, or what differs */

export function compare(got, expected) {
    if (got.equals(expected)) {
        return null;
    }

    const offset = firstDifference(got, expected);

    return `differs at offset ${offset} (${got.length} bytes instead of `
           + `${expected.length})\n  got ${excerpt(got, offset)}`
           + `\n  exp ${excerpt(expected, offset)}`;
}


/* all bytes of a are in b, in their order: b only added something */

function isSubsequence(a, b) {
    let i = 0;

    for (let k = 0; k < b.length && i < a.length; k++) {

        if (b[k] === a[i]) {
            i++;
        }
    }

    return i === a.length;
}


export class Judge {

    /* original: the views of the page as it is */

    constructor(page, documentUrl, original, rules) {
        this.page = page;
        this.documentUrl = documentUrl;
        this.original = original;
        this.rules = rules;
    }


    /*
     * The start tags to be blocked, by offset.  A tag counts if a browser
     * with or without scripting meets it; inTree: the tree has it as well,
     * not only the token stream.
     */

    expected(accepted) {
        const found = new Map();

        for (const view of [this.original.on, this.original.off]) {
            for (const tag of view.tags) {

                if (this.rules.denied(tag.url, accepted)
                    && !found.has(tag.start))
                {
                    found.set(tag.start, tag);
                }
            }
        }

        return [...found.values()].sort((a, b) => a.start - b.start);
    }


    /* the length of the longest tag to be blocked */

    longest(accepted) {
        return Math.max(0, ...this.expected(accepted)
            .map((tag) => tag.end - tag.start));
    }


    /* denied tags that the token stream has and the tree has not */

    tokenOnly(accepted) {
        const { on, off } = this.original;

        return Math.max(0, ...[on, off].map((view) => {
            const denied = (load) => load.name !== CSS
                && this.rules.denied(load.url, accepted);

            return view.tags.filter(denied).length
                   - view.tree.filter(denied).length;
        }));
    }


    /*
     * Returns { blocked, survivors, lost, changed, problems }.  removable:
     * up to what length blocked tags are removed, 0: they are marked.
     */

    verdict(got, accepted, removable) {
        const tags = this.expected(accepted);
        const result = { blocked: tags.length, survivors: 0, lost: 0,
                         changed: 0, problems: [] };
        const output = views(got, this.documentUrl);

        for (const scripting of ['on', 'off']) {
            for (const kind of ['tree', 'tags']) {
                this.loads(result, output, accepted, scripting, kind);
            }
        }

        this.bytes(result, got, tags, output, removable);

        return result;
    }


    loads(result, output, accepted, scripting, kind) {
        const where = `scripting ${scripting}, ${kind}`;
        const text = (load) => `${load.name} ${load.url.href}`;
        const passes = (load) => !this.rules.denied(load.url, accepted);
        const before = this.original[scripting][kind].filter(passes).map(text);
        const after = output[scripting][kind].filter(passes).map(text);
        const survivors = output[scripting][kind]
            .filter((load) => !passes(load));

        result.survivors = Math.max(result.survivors, survivors.length);

        for (const load of survivors.slice(0, 3)) {
            result.problems.push(`survivor (${where}): ${text(load)}`
                                 + (load.start === undefined ? ''
                                    : ` at ${load.start} of the output`));
        }

        const at = before.findIndex((load, i) => load !== after[i]);

        if (at >= 0 || after.length !== before.length) {
            const i = at < 0 ? before.length : at;

            result.lost = Math.max(result.lost, 1,
                                   before.length - after.length);
            result.problems.push(`loads differ (${where}): ${before.length} `
                                 + `before, ${after.length} after, number `
                                 + `${i} was ${before[i]}, is ${after[i]}`);
        }
    }


    /*
     * What lies between the blocked tags is there verbatim and in order.  A
     * removed tag leaves nothing; one that is too long to be held back is
     * marked in either mode.
     */

    bytes(result, got, tags, output, removable) {
        const input = this.page.bytes;
        let from = 0;
        let to = 0;

        for (const tag of [...tags, { start: input.length }]) {

            if (tag.start < from) {
                continue;
            }

            const want = input.subarray(from, tag.start);
            const have = got.subarray(to, to + want.length);

            if (!have.equals(want)) {
                const offset = firstDifference(have, want);

                result.changed += Math.max(1, want.length - offset);
                result.problems.push(
                    `changed outside blocked tags at offset ${from + offset}:`
                    + `\n  got ${excerpt(got, to + offset)}`
                    + `\n  exp ${excerpt(input, from + offset)}`);
                return;
            }

            to += want.length;

            if (tag.start === input.length) {
                break;
            }

            if (tag.name === CSS) {

                if (!got.subarray(to, to + NOTHING.length).equals(NOTHING)) {
                    result.changed++;
                    result.problems.push('a URL of a style sheet became '
                                         + excerpt(got, to));
                    return;
                }

                from = tag.end;
                to += NOTHING.length;
                continue;
            }

            if (tag.end - tag.start <= removable && !KEPT.has(tag.name)) {
                from = tag.elementEnd;
                continue;
            }

            const now = output.on.starts.get(to) ?? output.off.starts.get(to);
            const wrong = now ? this.rewrite(tag, now, got)
                          : 'is no tag any more';

            if (wrong) {
                result.changed++;
                result.problems.push(
                    `tag at offset ${tag.start} ${wrong}:`
                    + `\n  got ${excerpt(got, to)}`
                    + `\n  was ${input.toString('latin1', tag.start,
                                                tag.end)}`);
            }

            if (!now) {
                return;
            }

            from = tag.end;
            to = now.end;
        }

        if (to !== got.length) {
            result.changed += got.length - to;
            result.problems.push(`${got.length - to} bytes too many: `
                                 + excerpt(got, to));
        }
    }


    /* null, or what is wrong with a blocked tag */

    rewrite(was, now, got) {
        const raw = this.page.bytes.subarray(was.start, was.end);

        if (now.name !== was.name) {
            return `became ${now.name}`;
        }

        if (raw.equals(got.subarray(now.start, now.end))) {
            return 'is untouched';
        }

        if (!isSubsequence(raw, got.subarray(now.start, now.end))) {
            return 'lost bytes';
        }

        for (const [name, value] of was.attrs) {
            const kept = now.attrs.get(name) === value
                || [...now.attrs].some(([other, kept]) => kept === value
                                       && other.startsWith('data-')
                                       && other.endsWith(name));

            if (!kept) {
                return `lost ${name}="${value}"`;
            }
        }

        for (const [name, value] of now.attrs) {

            if (!was.attrs.has(name) && !name.startsWith('data-')
                && !(name === 'type' && value === 'text/plain'))
            {
                return `has a new attribute ${name}="${value}"`;
            }
        }

        return null;
    }
}
