/*
 * Copyright (C) ngx_consent_module authors
 *
 * Who asked for what, as far as the recording says: requests to refused
 * hosts that nothing in a page explains were made by scripts, and go on if
 * none of these is blocked.
 */


const MOST = 50000;             /* requests that are remembered */
const DEPTH = 20;               /* of scripts that load scripts */


/* [{ url, line }] of all frames, those of the callers too */

function framesOf({ type, url, lineNumber, stack }) {
    const frames = [];

    for (let s = stack; s; s = s.parent) {
        frames.push(...(Array.isArray(s.callFrames) ? s.callFrames : [])
            .map((frame) => ({ url: frame.url, line: frame.lineNumber })));
    }

    if (!frames.length && type === 'script' && url) {
        frames.push({ url, line: lineNumber });
    }

    return frames.filter((frame) => frame.url);
}


const plain = (href) => href.replace(/#.*/, '');


export class Initiators {

    constructor(policy, isSite) {
        this.policy = policy;
        this.isSite = isSite;
        this.asked = new Map();     /* by URL */
        this.third = [];
        this.inline = new Map();    /* blocked scripts by state and page */
        this.known = false;
    }


    note({ url, initiator, number }) {
        const first = !this.asked.has(url.href);

        if (initiator?.type && initiator.type !== 'other') {
            this.known = true;
        }

        if (first && this.asked.size < MOST) {
            this.asked.set(url.href, initiator);

            if (!this.isSite(url)) {
                this.third.push({ url, number });
            }
        }
    }


    /* blocked: as a verdict has it */

    blocked(state, page, blocked) {
        const scripts = blocked.filter(({ name }) => name === 'inline');

        if (scripts.length && this.inline.size < MOST) {
            this.inline.set(`${state.name}\n${plain(page.href)}`,
                            scripts.map(({ lines }) => lines));
        }
    }


    /* is there something on the way to this URL that is blocked? */

    isStopped(href, state, page, depth = 0) {
        const initiator = this.asked.get(href);

        if (!initiator || depth > DEPTH || initiator.type === 'other') {
            return true;
        }

        if (initiator.type === 'parser') {
            const from = initiator.url && new URL(initiator.url);

            return !from || this.isSite(from)
                   || this.denies(from, state, page)
                   || this.isStopped(from.href, state, page, depth + 1);
        }

        const frames = framesOf(initiator);

        return !frames.length || frames.some(
            (frame) => this.stops(frame, state, page, depth));
    }


    stops({ url: href, line }, state, page, depth) {
        let url;

        try {
            url = new URL(href);

        } catch {
            return false;
        }

        const inline = this.inline.get(`${state.name}\n${plain(href)}`);

        if (inline?.some((lines) => line === undefined || line < 0
            || (line + 2 >= lines[0] && line <= lines[1])))
        {
            return true;
        }

        if (this.denies(url, state, page)) {
            return true;
        }

        return this.asked.has(href) && this.asked.get(href)?.type === 'script'
               && this.isStopped(href, state, page, depth + 1);
    }


    denies(url, state, page) {
        return this.policy.deniesUrl(url, page, state.accepted);
    }


    /*
     * Yields { state, url, number, by, stopped } for each refused request
     * that is known to be a script's: stopped if it would not be made.
     */

    *trace(states, page) {
        for (const { url, number } of this.third) {
            const [frame] = framesOf(this.asked.get(url.href) ?? {});

            for (const state of frame ? states : []) {

                if (this.denies(url, state, page)) {
                    yield { state, url, number, by: frame.url,
                            stopped: this.isStopped(url.href, state, page) };
                }
            }
        }
    }
}
