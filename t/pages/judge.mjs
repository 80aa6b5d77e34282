/*
 * Copyright (C) ngx_consent_module authors
 *
 * The verdict on one response: nothing refused is left that a browser would
 * fetch, all other loads are there in order, and no byte outside the blocked
 * tags has changed.  Knows nothing of nginx.
 */

import { CSS, views } from './views.mjs';
import { compiles, hostsNamed, unescaped } from './scripts.mjs';


const CONTEXT = 70;

/* what is put at most into a script so that it does not run */

const LONGEST_SPOILER = 40;

/* what takes the place of a URL in a style sheet */

const NOTHING = Buffer.from('data:,');

/* elements that may stand in a head */

const HEAD = new Set(['link', 'meta', 'script']);

/* blocked by their attribute even where blocked tags are removed */

const KEPT = new Set(['audio', 'frame', 'input', 'object', 'video']);


export function excerpt(bytes, offset) {
    const from = Math.max(0, offset - CONTEXT);

    return JSON.stringify(bytes.toString('latin1', from, offset))
           + ' >>> '
           + JSON.stringify(bytes.toString('latin1', offset,
                                           offset + CONTEXT));
}


export function firstDifference(a, b) {
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

export function isSubsequence(a, b) {
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
        this.scripts = this.inlineScripts();
    }


    /*
     * The scripts whose text runs.  must: hosts for which they are blocked,
     * only where scripts run at all; without one in "text" they are not.
     */

    inlineScripts() {
        const { on, off } = this.original;
        const runs = (script) => script.code !== null;
        const found = new Map([...on.scripts.values()].filter(runs).map(
            (script) => [script.start,
                { ...script,
                  must: hostsNamed(script.code,
                                   /module/i.test(script.attrs.get('type'))) }
            ]));

        for (const script of [...off.scripts.values()].filter(runs)) {

            if (!found.has(script.start)) {
                found.set(script.start, { ...script, must: [] });
            }
        }

        return [...found.values()].map((script) => ({
            ...script, inline: true, text: unescaped(script.code),
        }));
    }


    mustBlock(script, accepted) {
        return script.must.some(
            (hostname) => this.rules.denied({ hostname }, accepted));
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


    /* the length of the longest tag or script that may be blocked */

    longest(accepted) {
        return Math.max(0,
            ...this.expected(accepted).map((tag) => tag.end - tag.start),
            ...this.scripts
                .filter(({ text }) => this.rules.mayDeny(text, accepted))
                .map((script) => script.elementEnd - script.start));
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
     * Returns { blocked, scripts, survivors, lost, changed, problems }.
     * blocked: tags for their attributes; scripts: inline ones, of which two
     * sides are known (see scripts.mjs), and what is between is up to the
     * module.  removable: up to what length blocked tags are removed, 0: they
     * are marked.
     */

    verdict(got, accepted, removable) {
        const tags = this.expected(accepted);
        const result = { blocked: tags.length, scripts: 0, survivors: 0,
                         lost: 0, changed: 0, problems: [] };
        const output = views(got, this.documentUrl);

        for (const scripting of ['on', 'off']) {
            for (const kind of ['tree', 'tags']) {
                this.loads(result, output, accepted, scripting, kind);
            }
        }

        const places = [...tags, ...this.scripts]
            .sort((a, b) => a.start - b.start);

        this.bytes(result, got, places, accepted, output, removable);

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

    bytes(result, got, places, accepted, output, removable) {
        const input = this.page.bytes;
        let from = 0;
        let to = 0;

        for (const tag of [...places, { start: input.length }]) {

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

            if (tag.inline) {
                const end = tag.textEnd - tag.start + to;
                const raw = input.subarray(tag.start, tag.textEnd);

                if (raw.equals(got.subarray(to, end))) {
                    this.passed(result, tag, accepted);
                    from = tag.start;
                    continue;
                }

                this.stopped(result, tag, accepted);
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

            const now = output.on.starts.get(to) ?? output.off.starts.get(to);

            if (this.isRemoved(tag, got.subarray(to), removable, now)) {
                from = tag.elementEnd;
                continue;
            }

            const wrong = !now ? 'is no tag any more'
                          : tag.inline ? this.script(tag, now, got, output)
                          : this.rewrite(tag, now, got);

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

            from = tag.inline ? tag.textEnd : tag.end;
            to = tag.inline ? this.scriptOf(output, now).textEnd : now.end;
        }

        if (to !== got.length) {
            result.changed += got.length - to;
            result.problems.push(`${got.length - to} bytes too many: `
                                 + excerpt(got, to));
        }
    }


    /*
     * A script that is found out late stays, and there are others after it
     * whose start tags are the same.
     */

    isRemoved(tag, got, removable, now) {
        if (tag.end - tag.start > removable || KEPT.has(tag.name)
            || (this.mayLeaveHead(tag) && now?.attrs.has('data-consent')))
        {
            return false;
        }

        if (!tag.inline || tag.elementEnd - tag.start <= removable) {
            return true;
        }

        return !isSubsequence(this.page.bytes.subarray(tag.start, tag.textEnd),
                              got.subarray(0, tag.textEnd - tag.start
                                              + LONGEST_SPOILER));
    }


    /* what ends the head is marked, since the tree hangs on it */

    mayLeaveHead({ name, start }) {
        return !HEAD.has(name) && start < this.original.on.headEnd;
    }


    passed(result, script, accepted) {
        if (this.mustBlock(script, accepted)) {
            result.survivors++;
            result.problems.push('script that names a refused host at offset '
                + `${script.start}: ${script.must}\n  `
                + excerpt(this.page.bytes, script.end));
        }
    }


    stopped(result, script, accepted) {
        result.scripts++;

        if (!this.rules.mayDeny(script.text, accepted)) {
            result.changed++;
            result.problems.push('script without a refused host blocked, at '
                + `offset ${script.start}: `
                + excerpt(this.page.bytes, script.end));
        }
    }


    scriptOf(output, tag) {
        return output.on.scripts.get(tag.start)
               ?? output.off.scripts.get(tag.start);
    }


    /*
     * null, or what is wrong with a blocked inline script.  One that was
     * found out too late to change its tag has an error put into it.
     */

    script(was, now, got, output) {
        const { textEnd, code } = this.scriptOf(output, now);
        const text = this.page.bytes.subarray(was.end, was.textEnd);
        const left = got.subarray(now.end, textEnd);

        if (code === null) {
            return text.equals(left) ? this.rewrite(was, now, got)
                   : 'is blocked and its text changed';
        }

        if (!isSubsequence(text, left)) {
            return 'lost text';
        }

        return compiles(code) ? 'is changed but runs' : null;
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
