/*
 * Copyright (C) ngx_consent_module authors
 *
 * The result as JUnit XML: a suite for each consent state, a test case for
 * each verdict.
 */


const SHOWN = 20;

/* what XML 1.0 cannot hold is left out */

function xml(text) {
    return String(text)
        // eslint-disable-next-line no-control-regex
        .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '')
        .replace(/[\ud800-\udbff](?![\udc00-\udfff])/g, '')
        .replace(/(?<![\ud800-\udbff])[\udc00-\udfff]/g, '')
        .replaceAll('&', '&amp;').replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}


function lineOf({ text, count, entries }) {
    const [first] = entries;

    return `${text} (${count === 1 ? 'once' : `${count} times`}`
           + `${first ? `, entry ${first.number}: ${first.url}` : ''})`;
}


function testCase(suite, kind, title, problems, asFailure) {
    const open = `    <testcase classname="consent.${xml(suite)}" `
                 + `name="${xml(`${kind}: not so: ${title}`)}"`;

    if (!problems.length) {
        return `${open}/>\n`;
    }

    const text = problems.slice(0, SHOWN).map(lineOf);
    const more = problems.length - text.length;

    if (more > 0) {
        text.push(`... and ${more} more`);
    }

    return asFailure
        ? `${open}>\n      <failure message="${xml(problems[0].text)}" `
          + `type="${xml(kind)}">${xml(text.join('\n'))}</failure>\n`
          + '    </testcase>\n'
        : `${open}>\n      <system-out>${xml(text.join('\n'))}</system-out>\n`
          + '    </testcase>\n';
}


function suiteOf(name, title, cases, failures) {
    return `  <testsuite name="${xml(name)}" tests="${cases.length}" `
           + `failures="${failures}" errors="0" skipped="0">\n`
           + `    <properties><property name="state" value="${xml(title)}"/>`
           + `</properties>\n${cases.join('')}  </testsuite>\n`;
}


export function junit(result) {
    const { kinds, problems, strict } = result;
    const suites = [];
    let tests = 0;
    let failed = 0;

    const suite = (name, title, state, wanted) => {
        const cases = [];
        let failures = 0;

        for (const [kind, { title: text, severity }] of
             Object.entries(kinds))
        {
            if (!wanted(severity)) {
                continue;
            }

            const found = problems.filter((problem) => problem.kind === kind
                && (state === undefined || problem.state === state));
            const fails = severity !== 'warning' || strict;

            cases.push(testCase(name, kind, text, found, fails));
            failures += found.length && fails ? 1 : 0;
        }

        suites.push(suiteOf(name, title, cases, failures));
        tests += cases.length;
        failed += failures;
    };

    for (const { name, title } of result.states) {
        suite(name, title, name, (severity) => severity !== 'warning');
    }

    suite('inventory', 'all states', undefined,
          (severity) => severity === 'warning');

    const faults = result.faults.map((text) => ({ text, count: 1,
                                                  entries: [] }));

    suites.push(suiteOf('nginx', 'all states', [
        testCase('nginx', 'faults', 'nginx complained', faults, true),
    ], faults.length ? 1 : 0));

    return '<?xml version="1.0" encoding="UTF-8"?>\n'
        + `<testsuites name="consent replay" tests="${tests + 1}" `
        + `failures="${failed + (faults.length ? 1 : 0)}" `
        + `time="${result.seconds.toFixed(3)}">\n`
        + `${suites.join('')}</testsuites>\n`;
}
