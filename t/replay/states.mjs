/*
 * Copyright (C) ngx_consent_module authors
 *
 * The consent states in which everything is replayed.  A state is what a
 * browser sends, and what is accepted then; a file can add states of other
 * consent platforms.
 */

import crypto from 'node:crypto';
import fs from 'node:fs';


const VISITOR = 'AAECAwQFBgcICQoLDA0ODw';

export class StateError extends Error {}


/* the module's own cookie, signed where the policy has a key */

export function ownValue(policy, accepted, version = policy.version) {
    const issued = Math.floor(Date.now() / 1000) - 60;
    const categories = accepted.length ? accepted.join('+') : '-';
    const value = `1.${issued}.${version}.${VISITOR}.${categories}`;
    const [key] = policy.keys;

    if (key === undefined) {
        return value;
    }

    const mac = (text) => crypto.createHmac('sha256',
                                            Buffer.from(key, 'latin1'))
        .update(text);
    const kid = mac('kid').digest('hex').slice(0, 4);
    const signature = mac(value).digest().subarray(0, 16)
        .toString('base64url');

    return `${value}.${kid}~${signature}`;
}


class Maker {

    constructor(policy, given) {
        this.policy = policy;
        this.default = given ?? policy.default;
    }


    /* accepted: of those that can be refused */

    state(name, title, { cookies = {}, headers = {}, accepted, after = null })
    {
        return { name, title, cookies, headers, after,
                 accepted: new Set(accepted),
                 denied: this.policy.choices.filter(
                     (category) => !accepted.includes(category)) };
    }


    chosen(name, title, accepted, more = {}) {
        const cookie = { [this.policy.own.name]: ownValue(this.policy,
                                                          accepted) };

        return this.state(name, title, { cookies: cookie, accepted, ...more });
    }


    signalled(name) {
        const deny = this.policy.signals[name] ?? [];

        return this.default.filter((category) => !deny.includes(category));
    }


    generated() {
        const { policy } = this;
        const all = policy.choices;
        const states = [
            this.state('none', 'no decision yet', { accepted: this.default }),
            this.chosen('refused', 'everything refused', []),
            ...all.map((name) => this.chosen(`only-${name}`,
                                             `${name} alone accepted`,
                                             [name])),
            this.chosen('all', 'everything accepted', all),
            this.state('gpc', 'no decision, Sec-GPC: 1', {
                headers: { 'Sec-GPC': '1' }, accepted: this.signalled('gpc'),
            }),
            this.chosen('withdrawn', 'everything refused after all was '
                        + 'accepted', [], { after: 'all' }),
        ];

        /* where its own cookie does not count, a file has to say what does */

        if (!policy.use.includes('own')) {
            return states.filter(({ cookies }) =>
                !Object.keys(cookies).length);
        }

        /* with one category, "all" is what "only" would be */

        return all.length === 1
            ? states.filter(({ name }) => !name.startsWith('only-')) : states;
    }


    fromFile(file) {
        let read;

        try {
            read = JSON.parse(fs.readFileSync(file, 'utf8'));

        } catch (error) {
            throw new StateError(`${file}: ${error.message}`);
        }

        const known = new Set(this.policy.categories.keys());
        const complain = (state, text) => {
            throw new StateError(`${file}: state "${state.name}" ${text}`);
        };

        if (!Array.isArray(read.states)) {
            throw new StateError(`${file}: there is no list "states"`);
        }

        const states = read.states.map((state) => {
            if (!/^[\w.-]+$/.test(state.name ?? '')) {
                complain(state, 'needs a name of letters, digits, "-" and '
                                + '"."');
            }

            if (!Array.isArray(state.accepted)) {
                complain(state, 'needs a list "accepted"');
            }

            for (const category of state.accepted) {

                if (!known.has(category)) {
                    complain(state, `accepts "${category}", which the policy `
                                    + 'does not have');
                }
            }

            const cookies = { ...state.cookies };

            if (Array.isArray(state.own)) {
                cookies[this.policy.own.name] = ownValue(this.policy,
                                                         state.own);
            }

            return this.state(state.name, state.title ?? state.name,
                              { ...state, cookies });
        });

        const names = [...states.flatMap(({ cookies }) =>
            Object.keys(cookies)), ...read.cookies ?? []];

        return { states, names, generated: read.generated !== false };
    }
}


/*
 * Returns { states, isConsentCookie(name) }.  options: file, a file of
 * states; default, a list of categories instead of that of the policy; only,
 * a list of names.
 */

export function makeStates(policy, { file, default: given, only } = {}) {
    if (policy.defaultVariable && !given) {
        const { file: conf, line } = policy.defaultVariable;

        throw new StateError(`${conf}:${line}: consent_default has a variable:`
            + ' say what it is for those who are judged, for example '
            + '--default none');
    }

    for (const name of given ?? []) {

        if (!policy.categories.has(name)) {
            throw new StateError(`--default: there is no category "${name}"`);
        }
    }

    const maker = new Maker(policy, given);
    const more = file ? maker.fromFile(file)
                 : { states: [], names: [], generated: true };
    let states = [...more.generated ? maker.generated() : [], ...more.states];
    const names = new Set(more.names);

    if (only) {
        const wrong = only.find((name) => !states.some(
            (state) => state.name === name));

        if (wrong !== undefined) {
            throw new StateError(`--only: there is no state "${wrong}", there `
                + `are ${states.map(({ name }) => name).join(', ')}`);
        }

        const wanted = new Set(only);

        states.filter(({ name, after }) => wanted.has(name) && after)
            .forEach(({ after }) => wanted.add(after));
        states = states.filter(({ name }) => wanted.has(name));
    }

    if (!states.length) {
        throw new StateError('there is no state to replay anything in');
    }

    for (const { name, after } of states) {

        if (after && !states.some((state) => state.name === after)) {
            throw new StateError(`state "${name}" comes after "${after}", `
                                 + 'which is not there');
        }
    }

    return {
        states,
        isConsentCookie: (name) => names.has(name)
                                   || policy.isConsentCookie(name),
    };
}
