// Copyright (C) ngx_consent_module authors
//
// Which rule wins: what core/consent_match.h says, without regular
// expressions, which come last and are for essentials only.  To find conflicts
// before nginx does.

export class Cookies {
    exact = new Map();
    prefix = new Map();
    suffix = new Map();

    add(pattern, rule) {
        if (pattern.startsWith('~')) {
            return;
        }

        const [ table, literal ] = this.#place(pattern);
        table.set(literal, rule);
    }

    // the rule that a cookie of this name gets

    find(name) {
        if (this.exact.has(name)) {
            return this.exact.get(name);
        }

        for (let len = name.length; len > 0; len--) {
            const rule = this.prefix.get(name.slice(0, len))
                         ?? this.suffix.get(name.slice(-len));

            if (rule) {
                return rule;
            }
        }

        return undefined;
    }

    #place(pattern) {
        if (pattern.endsWith('*')) {
            return [ this.prefix, pattern.slice(0, -1) ];
        }

        if (pattern.startsWith('*')) {
            return [ this.suffix, pattern.slice(1) ];
        }

        return [ this.exact, pattern ];
    }
}


export class Hosts {
    exact = new Map();
    domains = new Map();

    add(pattern, rule) {
        if (pattern.includes('/')) {
            return;
        }

        if (pattern.startsWith('.')) {
            this.domains.set(pattern.slice(1), rule);
        } else {
            this.exact.set(pattern, rule);
        }
    }

    // the rule that a host gets, or all below a domain (".domain"), if it is
    // not of its own

    find(pattern, own = true) {
        const below = pattern.startsWith('.');
        const host = below ? pattern.slice(1) : pattern;
        const labels = host.split('.');

        if (!below && own && this.exact.has(host)) {
            return this.exact.get(host);
        }

        for (let i = own ? 0 : below ? 1 : 0; i < labels.length; i++) {
            const rule = this.domains.get(labels.slice(i).join('.'));

            if (rule) {
                return rule;
            }
        }

        return undefined;
    }
}
