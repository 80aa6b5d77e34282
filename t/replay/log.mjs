/*
 * Copyright (C) ngx_consent_module authors
 *
 * Figures from an access log in one of the formats of
 * conf/examples/log_format.conf.  A log has no bodies, so there is no verdict
 * in it.
 */

import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import zlib from 'node:zlib';


const TOP = 10;
const MOST = 10000;             /* different URIs that are counted */

const COUNTS = ['cookies_blocked', 'cookies_hidden', 'cookies_expired',
                'resources_blocked', 'unclassified'];

export class LogError extends Error {}


/* one line of consent_plain as one of consent_json, or null */

function readPlain(line) {
    const [, time, host, method, uri, status, rest] =
        /^(\S+) (\S+) "(\S+) (\S*)" (\d+) (accepted=.*)$/.exec(line) ?? [];

    if (!rest) {
        return null;
    }

    const fields = Object.fromEntries(rest.split(' ').map((pair) => {
        const at = pair.indexOf('=');

        return [pair.slice(0, at), pair.slice(at + 1)];
    }));
    const [cookies, resources] = (fields.blocked ?? '').split('/');
    const text = (value) => value === '-' ? '' : value ?? '';

    return {
        time, host, method, uri, status, accepted: text(fields.accepted),
        decision: text(fields.decision), cookies_blocked: Number(cookies),
        resources_blocked: Number(resources),
        cookies_hidden: Number(fields.hidden),
        cookies_expired: Number(fields.expired),
        unclassified: Number(fields.unclassified),
        uninspected: text(fields.uninspected),
    };
}


export function readLine(line) {
    if (!line.startsWith('{')) {
        return readPlain(line);
    }

    try {
        const record = JSON.parse(line);

        return typeof record.accepted === 'string'
               && COUNTS.every((name) => Number.isFinite(record[name]))
               ? record : null;

    } catch {
        return null;
    }
}


class Statistics {

    constructor() {
        this.requests = 0;
        this.bad = [];
        this.badCount = 0;
        this.decisions = {};
        this.accepted = {};
        this.sums = Object.fromEntries(COUNTS.map((name) => [name, 0]));
        this.uninspected = {};
        this.uris = new Map();
        this.from = null;
        this.to = null;
    }


    add(record) {
        const { host, uri, decision, accepted, uninspected, time } = record;
        const tally = (table, key) => {
            table[key] = (table[key] ?? 0) + 1;
        };

        this.requests++;
        this.from ??= time;
        this.to = time;
        tally(this.decisions, decision || 'none');
        tally(this.accepted, accepted || 'nothing');

        for (const name of COUNTS) {
            this.sums[name] += record[name];
        }

        if (uninspected) {
            tally(this.uninspected, uninspected);
        }

        const key = `${host}${uri}`;

        if (!this.uris.has(key) && this.uris.size < MOST) {
            this.uris.set(key, { uri: key, requests: 0, uninspected: 0,
                ...Object.fromEntries(COUNTS.map((name) => [name, 0])) });
        }

        const row = this.uris.get(key);

        if (row) {
            row.requests++;
            row.uninspected += uninspected ? 1 : 0;
            COUNTS.forEach((name) => { row[name] += record[name]; });
        }
    }


    wrong(number) {
        this.badCount++;

        if (this.bad.length < TOP) {
            this.bad.push(number);
        }
    }


    top(name) {
        return [...this.uris.values()].filter((row) => row[name] > 0)
            .sort((a, b) => b[name] - a[name]).slice(0, TOP)
            .map(({ uri, requests, [name]: count }) => ({ uri, requests,
                                                          count }));
    }


    result(file) {
        return {
            format: 1, input: file, from: this.from, to: this.to,
            requests: this.requests, lines_not_read: this.badCount,
            first_of_them: this.bad, decisions: this.decisions,
            accepted: this.accepted, ...this.sums,
            uninspected: this.uninspected,
            top: Object.fromEntries(['uninspected', 'unclassified',
                                     'cookies_blocked', 'resources_blocked']
                .map((name) => [name, this.top(name)])),
        };
    }
}


function share(count, all) {
    return `${count} (${(100 * count / all).toFixed(1)} %)`;
}


function lines(result) {
    const { requests } = result;
    const out = [
        `${requests} requests from ${result.from} to ${result.to}`,
        ...result.lines_not_read
            ? [`${result.lines_not_read} lines are of another format, the `
               + `first ones: ${result.first_of_them.join(', ')}`] : [],
        '', 'decisions:',
        ...Object.entries(result.decisions).map(([name, count]) =>
            `    ${name}: ${share(count, requests)}`),
        'accepted:',
        ...Object.entries(result.accepted).map(([name, count]) =>
            `    ${name}: ${share(count, requests)}`),
        '', ...COUNTS.map((name) => `${name.replace('_', ' ')}: `
                                    + result[name]),
        ...Object.entries(result.uninspected).map(([reason, count]) =>
            `could not be inspected (${reason}): ${count}`),
    ];

    for (const [name, rows] of Object.entries(result.top)) {

        if (rows.length) {
            out.push('', `most ${name.replace('_', ' ')}:`,
                ...rows.map(({ uri, requests: n, count }) =>
                    `    ${count} in ${n} requests: ${uri}`));
        }
    }

    return out;
}


export async function statisticsOf(file) {
    const statistics = new Statistics();

    if (!fs.existsSync(file)) {
        throw new LogError(`${file}: there is no such file`);
    }

    const stream = fs.createReadStream(file);
    const input = file.endsWith('.gz') ? stream.pipe(zlib.createGunzip())
                  : stream;
    let number = 0;

    for await (const line of readline.createInterface({ input })) {
        const record = readLine(line);

        number++;

        if (record) {
            statistics.add(record);

        } else if (line.trim()) {
            statistics.wrong(number);
        }
    }

    if (!statistics.requests) {
        throw new LogError(`${file}: no line is of the format consent_json or `
            + 'consent_plain; see conf/examples/log_format.conf');
    }

    return statistics.result(file);
}


/* the command: prints, writes report.json if --out is given; 0 */

export async function statistics({ log, out, quiet }) {
    const result = await statisticsOf(log);

    if (out) {
        fs.mkdirSync(out, { recursive: true });
        fs.writeFileSync(path.join(out, 'report.json'),
                         `${JSON.stringify(result, null, 1)}\n`);
    }

    if (!quiet) {
        console.log(lines(result).join('\n'));
    }

    return 0;
}
