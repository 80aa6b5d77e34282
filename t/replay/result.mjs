/*
 * Copyright (C) ngx_consent_module authors
 *
 * What a replay has found, as one object: that of report.json, from which all
 * other reports are made.
 */

import { KINDS } from './judge.mjs';


const ORDER = { leak: 0, broken: 1, warning: 2 };


function byWeight(a, b) {
    return ORDER[a.severity] - ORDER[b.severity] || b.count - a.count
           || (a.text < b.text ? -1 : 1);
}


function sum(problems) {
    return problems.reduce((total, { count }) => total + count, 0);
}


/* { kind: count } of the problems of one state */

function verdictsOf(problems) {
    const verdicts = {};

    for (const { kind, count } of problems) {
        verdicts[kind] = (verdicts[kind] ?? 0) + count;
    }

    return verdicts;
}


function stateOf(state, problems, breaks, counts) {
    const own = problems.filter((problem) => problem.state === state.name);
    const of = (severity) => sum(own.filter(
        (problem) => problem.severity === severity));

    return {
        name: state.name, title: state.title,
        accepted: [...state.accepted], denied: state.denied,
        leaks: of('leak'), broken: of('broken'), warnings: of('warning'),
        verdicts: verdictsOf(own),
        would_break: sum(breaks.filter((one) => one.state === state.name)),
        counted: counts.enforce?.[state.name] ?? null,
        counted_in_report_mode: counts.report?.[state.name] ?? null,
    };
}


/* what is worth knowing beside the verdicts */

function remarks(replay) {
    const { entries, notes, initiators, inventory } = replay;
    const list = [...notes].map(([text, count]) => `${text} (${count} times)`);

    if (!replay.hasCookies) {
        list.push('there are no cookies in the recording at all: some tools '
            + 'leave them out ("HAR without sensitive data"), so nothing is '
            + 'said about cookies');
    }

    if (entries.withoutContent) {
        list.push(`${entries.withoutContent} answers were recorded without `
            + 'content: of them only headers were judged');
    }

    if (!initiators.known && entries.third) {
        list.push('the recording does not say who asked for what, so requests '
            + 'that scripts make cannot be told apart (Chromium records it)');
    }

    for (const what of ['problems', 'cookies', 'resources', 'breaks']) {

        if (inventory[what].dropped) {
            list.push(`${inventory[what].dropped} more ${what} than this `
                      + 'report holds');
        }
    }

    return list;
}


/* about: what the caller knows: input, conf, creator, seconds, strict */

export function resultOf(replay, about) {
    const problems = replay.inventory.problems.list().sort(byWeight);
    const breaks = replay.inventory.breaks.list()
        .sort((a, b) => b.count - a.count);
    const of = (severity) => sum(problems.filter(
        (problem) => problem.severity === severity));
    const leaks = of('leak');
    const broken = of('broken') + replay.faults.length;
    const warnings = of('warning');
    const failed = leaks + broken + (about.strict ? warnings : 0) > 0;
    const { policy } = replay;

    return {
        format: 1,
        ...about,
        time: new Date().toISOString(),
        verdict: failed ? 'leak' : 'clean',
        leaks, broken, warnings,
        policy: {
            version: policy.version,
            categories: [...policy.categories.values()].map(
                ({ name, title, always }) => ({ name, title, always })),
        },
        kinds: Object.fromEntries(Object.entries(KINDS).map(
            ([kind, [severity, title]]) => [kind, { severity, title }])),
        entries: { ...replay.entries, skipped_for: replay.skipped },
        requests: replay.requests,
        states: replay.states.map((state) => stateOf(state, problems, breaks,
                                                     replay.counts)),
        problems, would_break: breaks,
        cookies: replay.inventory.cookies.list(),
        resources: replay.inventory.resources.list(),
        bad_entries: replay.bad,
        remarks: remarks(replay),
        faults: replay.faults,
    };
}
