/*
 * Copyright (C) ngx_consent_module authors
 *
 * All that was found out, gathered: problems by state and kind, cookies and
 * resources with what became of them in each state.  Bounded, whatever the
 * input: what is too much is counted.
 */

import { KINDS } from './judge.mjs';


const MOST = 5000;              /* different things of a sort */
const EXAMPLES = 5;

const short = (url) => `${url.protocol}//${url.host}${url.pathname}`;


/* a map that does not grow for ever */

class Table {

    constructor() {
        this.rows = new Map();
        this.dropped = 0;
    }


    get(key, make) {
        let row = this.rows.get(key);

        if (!row) {

            if (this.rows.size >= MOST) {
                this.dropped++;
                return null;
            }

            row = make();
            this.rows.set(key, row);
        }

        return row;
    }


    list() {
        return [...this.rows.values()];
    }
}


function tally(row, state, outcome) {
    if (row) {
        row.states[state] ??= {};
        row.states[state][outcome] = (row.states[state][outcome] ?? 0) + 1;
    }
}


export class Inventory {

    constructor(policy, isConsentCookie) {
        this.policy = policy;
        this.isConsentCookie = isConsentCookie;
        this.problems = new Table();
        this.cookies = new Table();
        this.resources = new Table();
        this.breaks = new Table();
    }


    /* state: null where it is the same in all; entry: { number, url } */

    problem(state, kind, text, entry) {
        const row = this.problems.get(`${state}\n${kind}\n${text}`, () => ({
            state, kind, severity: KINDS[kind][0], text, count: 0,
            entries: [],
        }));

        if (row) {
            row.count++;

            if (entry && row.entries.length < EXAMPLES) {
                row.entries.push({ number: entry.number,
                                   url: entry.url.href });
            }
        }
    }


    broken(state, text, entry) {
        const row = this.breaks.get(`${state}\n${text}`, () => ({
            state, text, count: 0, entries: [] }));

        if (row) {
            row.count++;

            if (row.entries.length < EXAMPLES) {
                row.entries.push({ number: entry.number,
                                   url: entry.url.href });
            }
        }
    }


    cookie(name, host, how, entry) {
        const own = this.isConsentCookie(name);
        const { category, rule } = this.policy.cookie(name);
        const row = this.cookies.get(`${name}\n${host}`, () => ({
            name, host, category: own ? '' : category?.name ?? '',
            consent: own, rule: rule?.text ?? '', how: [], count: 0,
            states: {},
        }));

        if (row) {
            row.count++;

            if (!row.how.includes(how)) {
                row.how.push(how);
            }
        }

        if (!rule && !own) {
            this.problem(null, 'unclassified', `cookie ${name} (${host})`,
                         entry);
        }

        return row;
    }


    resource(name, url, page, entry) {
        const { category, rule, thirdParty } = this.policy.resource(url, page);

        if (!thirdParty && !rule) {
            return null;
        }

        const row = this.resources.get(short(url), () => ({
            url: short(url), host: url.host, category: category?.name ?? '',
            rule: rule?.text ?? '', thirdParty, how: [], count: 0,
            states: {},
        }));

        if (row) {
            row.count++;

            if (!row.how.includes(name)) {
                row.how.push(name);
            }
        }

        if (!rule) {
            this.problem(null, 'unclassified', `host ${url.hostname}`, entry);
        }

        return row;
    }


    /* what a verdict says of one answer */

    verdict(state, { problems, cookies, hidden, blocked, breaks }, entry) {
        const { url } = entry;

        for (const { kind, text } of problems) {
            this.problem(state.name, kind, text, entry);
        }

        for (const { name, outcome } of cookies) {
            tally(this.cookies.rows.get(`${name}\n${url.hostname}`),
                  state.name, outcome);
        }

        for (const name of hidden) {
            tally(this.cookies.rows.get(`${name}\n${url.hostname}`),
                  state.name, 'hidden');
        }

        for (const { url: href, outcome } of blocked) {

            if (href) {
                tally(this.resources.rows.get(short(new URL(href))),
                      state.name, outcome);
            }
        }

        breaks.forEach((text) => this.broken(state.name, text, entry));
    }


    /* a request that a script made: would it still? */

    traced(state, url, stopped) {
        tally(this.resources.rows.get(short(url)), state.name,
              stopped ? 'not asked for' : 'still asked for');
    }
}
