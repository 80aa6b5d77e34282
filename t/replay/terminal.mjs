/*
 * Copyright (C) ngx_consent_module authors
 *
 * The summary for a terminal, and the progress while it lasts.
 */


const SHOWN = 20;

const COLORS = { leak: 31, broken: 31, warning: 33, clean: 32 };


function paint(text, what, isTty) {
    return isTty && COLORS[what] ? `\x1b[${COLORS[what]}m${text}\x1b[0m`
           : text;
}


function table(rows) {
    const widths = rows[0].map((_, i) => Math.max(
        ...rows.map((row) => String(row[i]).length)));

    return rows.map((row) => `    ${row.map((cell, i) => i === 0
        ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i]))
        .join('  ')}`.trimEnd());
}


/* the same in several states is one problem */

function joined(problems) {
    const found = new Map();

    for (const problem of problems) {
        const key = `${problem.kind}\n${problem.text}`;
        const known = found.get(key);

        if (known) {
            known.states.push(problem.state);
            known.count += problem.count;

        } else {
            found.set(key, { ...problem, states: [problem.state] });
        }
    }

    return [...found.values()];
}


function problemLines(problems, kinds, isTty) {
    const lines = [];
    const list = joined(problems);

    for (const { states, kind, severity, text, count, entries }
         of list.slice(0, SHOWN))
    {
        const where = entries[0]
            ? `, entry ${entries[0].number}: ${entries[0].url}` : '';
        const when = states[0] === null ? '' : ` [${states.join(' ')}]`;

        lines.push(`  ${paint(severity, severity, isTty)} `
                   + `${kinds[kind].title}: ${text}`,
                   `      ${count === 1 ? 'once' : `${count} times`}${when}`
                   + where);
    }

    if (list.length > SHOWN) {
        lines.push(`  ... and ${list.length - SHOWN} more in the report`);
    }

    return lines;
}


/* the result as lines of text */

export function summary(result, isTty) {
    const { entries, states, problems, kinds } = result;
    const failures = problems.filter(({ severity }) => severity !== 'warning');
    const warnings = problems.filter(({ severity }) => severity === 'warning');
    const skipped = Object.entries(entries.skipped_for)
        .map(([why, count]) => `${count} ${why}`).join(', ');

    const lines = [
        `${entries.replayed} entries of the site replayed in `
        + `${states.length} consent states, ${entries.third} of other sites `
        + `classified, ${result.requests} requests, `
        + `${result.seconds.toFixed(1)} s`,
    ];

    if (entries.skipped) {
        lines.push(`${entries.skipped} entries left out: ${skipped}`);
    }

    for (const { number, text, url } of result.bad_entries.slice(0, SHOWN)) {
        lines.push(`entry ${number} left out: ${text}${url ? `: ${url}` : ''}`);
    }

    lines.push('', ...table([
        ['state', 'leaks', 'broken', 'warnings', 'would break'],
        ...states.map((state) => [state.name, state.leaks, state.broken,
                                  state.warnings, state.would_break]),
    ]), '');

    lines.push(...problemLines(failures, kinds, isTty),
               ...problemLines(warnings, kinds, isTty));

    for (const text of [...result.faults.map((fault) => `nginx: ${fault}`),
                        ...result.remarks])
    {
        lines.push(`  note: ${text}`);
    }

    lines.push(paint(result.verdict === 'clean'
        ? 'clean: nothing refused survives, nothing else is changed'
          + (result.warnings ? ` (${result.warnings} warnings)` : '')
        : `NOT clean: ${result.leaks} leaks, ${result.broken} broken, `
          + `${result.warnings} warnings`,
                     result.verdict, isTty));

    return lines;
}


/* rewrites one line of a terminal; says little where there is none */

export class Progress {

    constructor(stream, every = 100) {
        this.stream = stream;
        this.every = every;
        this.shown = 0;
    }


    note({ done, entry, states }) {
        if (this.stream.isTTY) {

            if (Date.now() - this.shown > 100) {
                this.shown = Date.now();
                this.stream.write(`\r\x1b[K${done} entries, `
                    + `${states.length} states  `
                    + (entry.url?.href ?? '').slice(0, 50));
            }

        } else if (done % this.every === 0) {
            this.stream.write(`${done} entries in ${states.length} states\n`);
        }
    }


    end() {
        if (this.stream.isTTY) {
            this.stream.write('\r\x1b[K');
        }
    }
}
