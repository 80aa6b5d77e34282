// Copyright (C) ngx_consent_module authors
//
//     node tools/catalogue/generate.mjs PACKAGES OVERRIDES OUT
//
// Writes the catalogue: a file for each category and kind of rule, sorted, the
// same bytes from the same input.  Prints what it took from where, what it did
// not take, and where the sources contradict each other or what is decided by
// hand.

import fs from 'node:fs';
import path from 'node:path';

import { categories, overrides, quoted } from './config.mjs';
import { check, decideCookies, decideHosts } from './decide.mjs';
import { packages, read } from './sources.mjs';


const names = { cookie: 'cookies', resource: 'hosts', inline: 'inline' };


function compare(a, b) {
    return a < b ? -1 : a > b ? 1 : 0;
}


function comment(rule) {
    const clean = (text) => text.replace(/[^\x20-\x7e]+/g, ' ').trim();

    if (rule.from === 'by hand') {
        return 'by hand';
    }

    return [ clean(rule.vendor ?? ''), `[${rule.from}]` ].filter(Boolean)
        .join(' ');
}


function write(dir, category, kind, rules) {
    const own = rules.filter((rule) => rule.category === category)
        .sort((a, b) => compare(a.pattern, b.pattern));

    if (own.length === 0) {
        return 0;
    }

    const name = `${category}-${names[kind]}.conf`;
    const lines = own.map((rule) => `${kind} ${quoted(rule.pattern)};`
                                    + `  # ${comment(rule)}`);

    fs.writeFileSync(path.join(dir, name),
`# ${name}: made by "make catalogue", changes will be lost.
#
# Include it in a consent_category block, see docs/catalogue.md.  NOTICE says
# where it comes from.

${lines.join('\n')}
`);

    return own.length;
}


function table(title, rows) {
    console.log(`\n${title}`);

    for (const [ key, value ] of Object.entries(rows)) {
        console.log(`  ${String(value).padStart(6)}  ${key}`);
    }
}


function bySource(rules) {
    const found = {};

    for (const { from } of rules) {
        found[from] = (found[from] ?? 0) + 1;
    }

    return found;
}


const [ dir, file, out ] = process.argv.slice(2);
const hand = overrides(fs.readFileSync(file, 'utf8'));
const rows = read(dir);
const reports = { cookies: { dropped: {}, conflicts: [] },
                  hosts: { dropped: {}, conflicts: [] } };
const of = (kind) => hand.rules.filter((rule) => rule.kind === kind);

const rules = {
    cookie: decideCookies(rows.cookies, of('cookie'), hand.out.cookie,
                          reports.cookies),
    resource: decideHosts(rows.hosts, of('resource'), hand.out.resource,
                          reports.hosts),
    inline: of('inline').map((rule) => ({ ...rule, from: 'by hand' })),
};

check(rules.cookie, rules.resource);
fs.mkdirSync(out, { recursive: true });

for (const kind of Object.keys(names)) {
    const counts = {};

    for (const category of categories) {
        counts[category] = write(out, category, kind, rules[kind]);
    }

    table(`${names[kind]}: ${rules[kind].length}`, counts);
    table('  of these from', bySource(rules[kind]));
}

for (const [ kind, report ] of Object.entries(reports)) {
    table(`${kind} not taken`, report.dropped);
    console.log(`\n${report.conflicts.length} conflicts of ${kind}`);
    report.conflicts.sort(compare).forEach((line) => console.log(`  ${line}`));
}

console.log(`\nmade of ${packages.map((p) => `${p.name} ${p.version}`)
    .join(', ')}`);
