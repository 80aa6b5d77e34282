// Copyright (C) ngx_consent_module authors
//
// The packages that the catalogue is made of, and how each is read.  They are
// data: their text is parsed, and nothing in them is run.
//
// A cookie row is { name, prefix, category, vendor, foreign, source }, where
// category is what the source says in its own words, and foreign means that
// the source names a domain of somebody else for it.  A host row is
// { host, subdomains, category, vendor, source }.

import fs from 'node:fs';
import path from 'node:path';


export const packages = [
    {
        name: '@slashgear/gdpr-cookie-scanner', version: '3.8.2',
        integrity: 'NQqwDDKHagXzinUWAPq4A1HhQ8Ypy7t93YzthVPvhlei'
            + 'N7PvOqxsGzdd/b1YVhSKGe8Pmv3cyq8t4k4sQzkmAg==',
    },
    {
        name: '@cookiepal-oss/cookie-db', version: '1.0.0',
        integrity: 'fbpwuM4Fokc5xqRQP/elMCfULVP3VzzrDxTkJd0Z6+/M'
            + 'qr8GRyQQd+JzTgCkhxv0DWab3T2pZlPKyEyNqD7LcA==',
    },
    {
        name: 'tarteaucitronjs', version: '1.34.0',
        integrity: 'PEzKEjOLC06zCWSZB1RuQkSlzbDYXSKohv0XD7BMjgfE'
            + '/M+LhiWLTdNAj47VW9xcVsuQCSvLpR/gqkripHaU6g==',
    },
    {
        name: 'third-party-web', version: '0.30.0',
        integrity: 'p+PfyL5U0ediGzvwPzMSdD9MnC8rHW6nWJJVLIQvqN7R'
            + 'sSqfaZ+7n4c9GILqH36EYR0eXB9CzAeCRnKFr/9uJg==',
    },
];


export function folder(dir, name) {
    return path.join(dir, name.replace('/', '+').replace('@', ''));
}


function text(dir, name, file) {
    return fs.readFileSync(path.join(folder(dir, name), 'package', file),
                           'utf8');
}


// Names with a star, or with what stands for one, become prefixes.  null: it
// cannot be the name of a cookie.

function nameOf(raw, wildcard) {
    let name = raw.trim();
    let prefix = wildcard;

    const star = name.search(/[*#<%]|\bN{3,}$|X{3,}$|x{4,}$/);

    if (star >= 0) {
        prefix = true;
        name = name.slice(0, star);
    }

    if (!name || /[\s=;,"$\\\u0000-\u001f\u007f-\uffff]/.test(name)) {
        return null;
    }

    // a separator at the end: the star was lost

    if (/[-_.:]$/.test(name) && name.length >= 5) {
        prefix = true;
    }

    return { name, prefix };
}


function openCookieDatabase(dir) {
    const groups = JSON.parse(text(dir, '@slashgear/gdpr-cookie-scanner',
                                   'src/data/open-cookie-database.json'));
    const rows = [];

    for (const row of Object.values(groups).flat()) {
        const found = nameOf(row.cookie, row.wildcardMatch === '1');

        rows.push({
            ...(found ?? { name: row.cookie, unusable: true }),
            category: row.category,
            vendor: row.dataController,
            foreign: row.domain !== '',
            source: 'Open Cookie Database',
        });
    }

    return rows;
}


// A list of objects as a bundler writes it: a key a line, strings as in JSON.

function cookieDb(dir) {
    const lines = text(dir, '@cookiepal-oss/cookie-db', 'dist/index.js')
        .split('\n');
    const rows = [];
    let row = null;

    for (const line of lines) {
        if (/^ {2}\{$/.test(line)) {
            row = {};
            continue;
        }

        if (/^ {2}\},?$/.test(line) && row) {
            const found = nameOf(row.name, row.wildcard);

            rows.push({
                ...(found ?? { name: row.name, unusable: true }),
                category: row.category,
                vendor: row.vendor === 'Unknown' ? '' : row.vendor,
                foreign: row.vendor === 'Unknown',
                source: 'cookie-db',
            });
            row = null;
            continue;
        }

        const pair = /^ {4}(name|vendor|category|wildcard): (.*?),?$/
            .exec(line);

        if (row && pair) {
            row[pair[1]] = JSON.parse(pair[2]);
        }
    }

    return rows;
}


function tarteaucitron(dir) {
    const source = text(dir, 'tarteaucitronjs', 'tarteaucitron.services.js');
    const services = source.split(/^tarteaucitron\.services\.(?=\w+ = \{)/m);
    const cookies = [];
    const hosts = [];

    for (const service of services.slice(1)) {
        const category = /"type": ?"(\w+)"/.exec(service)?.[1] ?? 'other';
        const vendor = /"name": ?"([^"]*)"/.exec(service)?.[1] ?? '';
        const list = /"cookies": ?\[([^\]]*)\]/.exec(service)?.[1] ?? '';

        for (const part of list.split(',')) {
            const string = /^\s*(['"])([^'"]*)\1(\s*\+)?/.exec(part);

            if (!string) {
                continue;
            }

            const found = nameOf(string[2], Boolean(string[3]));

            if (found) {
                cookies.push({
                    ...found, category, vendor, foreign: false,
                    source: 'tarteaucitron.js',
                });
            }
        }

        const code = service.slice(service.indexOf('"js"'));
        const urls = /(?:https?:)?\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?=[/"'?])/g;

        for (const [, host] of code.matchAll(urls)) {
            hosts.push({
                host, subdomains: false, category, vendor,
                source: 'tarteaucitron.js',
            });
        }
    }

    return { cookies, hosts };
}


function thirdPartyWeb(dir) {
    const entities = JSON.parse(text(dir, 'third-party-web',
                                     'dist/entities-nostats.json'));
    const rows = [];

    for (const entity of entities) {
        for (const domain of entity.domains) {
            const host = domain.toLowerCase().replace(/^\*\./, '');

            if (!/^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$/.test(host)) {
                continue;
            }

            rows.push({
                host, subdomains: domain.startsWith('*.'),
                category: entity.categories?.[0] ?? entity.category,
                vendor: entity.name, source: 'third-party-web',
            });
        }
    }

    return rows;
}


export function read(dir) {
    const services = tarteaucitron(dir);

    return {
        cookies: [
            ...openCookieDatabase(dir), ...cookieDb(dir), ...services.cookies,
        ],
        hosts: [ ...thirdPartyWeb(dir), ...services.hosts ],
    };
}
