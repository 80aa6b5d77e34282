/*
 * Copyright (C) ngx_consent_module authors
 *
 * Real tracker hosts with their categories, from the package third-party-web:
 * the domains that the pages load something from, and the best known ones.
 * Made at run time, so that no foreign list is in the repository.
 */

import { require } from './corpus.mjs';


export const POLICY = 1;

export const CATEGORIES = ['performance', 'functional', 'targeting'];

const CATEGORY_OF = {
    'analytics': 'performance',
    'tag-manager': 'performance',
    'customer-success': 'functional',
    'video': 'functional',
    'ad': 'targeting',
    'marketing': 'targeting',
    'social': 'targeting',
};

const WELL_KNOWN = 40;


/* "*.host" of the package covers the host itself, as ".host" of ours does */

function patternOf(domain) {
    return domain.startsWith('*.') ? domain.slice(1) : domain;
}


function covers(pattern, host) {
    return pattern.startsWith('.')
           ? host === pattern.slice(1) || host.endsWith(pattern)
           : host === pattern;
}


export class Rules {

    /* hosts: those that occur in the pages */

    constructor(hosts) {
        const { entities, getEntity } = require('third-party-web');

        this.patterns = new Map();
        this.cache = new Map();

        for (const host of [...hosts].sort()) {
            const entity = getEntity(`https://${host}/`);
            const domain = entity?.domains.map(patternOf)
                .filter((pattern) => covers(pattern, host))
                .sort((a, b) => b.length - a.length)[0];

            if (domain) {
                this.add(domain, entity);
            }
        }

        this.met = this.patterns.size;

        entities.filter((entity) => CATEGORY_OF[entity.category])
            .sort((a, b) => b.totalOccurrences - a.totalOccurrences
                            || (a.name < b.name ? -1 : 1))
            .slice(0, WELL_KNOWN)
            .forEach((entity) => {
                this.add(patternOf(entity.domains[0]), entity);
            });
    }


    add(pattern, entity) {
        const category = CATEGORY_OF[entity.category];

        if (category && /^[a-z0-9.-]+$/.test(pattern)
            && !this.patterns.has(pattern))
        {
            this.patterns.set(pattern, category);
        }
    }


    /* an exact host wins, then the longest suffix; null: no rule */

    category(host) {
        if (!this.cache.has(host)) {
            this.cache.set(host, this.find(host));
        }

        return this.cache.get(host);
    }


    find(host) {
        const name = host.replace(/\.$/, '');
        const exact = this.patterns.get(name);

        if (exact) {
            return exact;
        }

        for (let tail = `.${name}`; tail; ) {

            if (this.patterns.has(tail)) {
                return this.patterns.get(tail);
            }

            const dot = tail.indexOf('.', 1);

            tail = dot < 0 ? '' : tail.slice(dot);
        }

        return null;
    }


    /* is this URL refused by a visitor who accepted only these? */

    denied(url, accepted) {
        const category = this.category(url.hostname);

        return category !== null && !accepted.includes(category);
    }


    /* does this text, unescaped, hold the name of a refused host? */

    mayDeny(text, accepted) {
        return [...this.patterns].some(([pattern, category]) =>
            !accepted.includes(category)
            && text.includes(pattern.replace(/^\./, '')));
    }


    counts() {
        const counts = {};

        for (const category of this.patterns.values()) {
            counts[category] = (counts[category] ?? 0) + 1;
        }

        return counts;
    }


    configuration() {
        const blocks = CATEGORIES.map((category) => {
            const patterns = [...this.patterns]
                .filter(([, of]) => of === category)
                .map(([pattern]) => `\n                 ${pattern}`);

            return `    consent_category ${category} {\n`
                   + `        resource${patterns.join('')};\n`
                   + '    }\n';
        });

        return `    consent_policy ${POLICY};\n\n${blocks.join('\n')}`;
    }
}


/* a value of the module's own cookie, unsigned */

export function ownCookie(accepted) {
    const issued = Math.floor(Date.now() / 1000) - 60;
    const categories = accepted.length ? accepted.join('+') : '-';

    return `consent=1.${issued}.${POLICY}.AAECAwQFBgcICQoLDA0ODw.`
           + categories;
}
