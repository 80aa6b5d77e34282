/*
 * Copyright (C) ngx_consent_module authors
 *
 * From options to a result: reads the policy and the states, finds out whose
 * site it is, and replays what is given.
 */

import fs from 'node:fs';
import path from 'node:path';
import { HarError, readHar } from './har.mjs';
import { Policy } from './policy.mjs';
import { Replay, siteMatcher, siteOf } from './replay.mjs';
import { makeStates } from './states.mjs';
import { isPage } from './judge.mjs';
import { readEntry } from './entry.mjs';
import { resultOf } from './result.mjs';


/*
 * Entries of a HAR as readEntry() gives them.  What they were read from is
 * taken out of its place: it may be as large again.
 */

export async function* harEntries(file, meta = {}) {
    const dir = path.dirname(path.resolve(file));

    const take = (found) => {
        const { number, entry, problem } = found;

        found.entry = null;

        return problem ? { number, problem } : readEntry(number, entry, dir);
    };

    for await (const found of readHar(file, meta)) {
        yield take(found);
    }
}


/* the hosts of the first page; all of its registrable domain */

async function findSite(entries, policy) {
    let first = null;
    let problem = null;

    for await (const entry of entries) {

        if (entry.problem) {
            problem ??= `entry ${entry.number} ${entry.problem}`;
            continue;
        }

        if (entry.skipped) {
            continue;
        }

        first ??= entry;

        if (entry.response.type !== undefined
            && isPage(entry.response.type, policy))
        {
            first = entry;
            break;
        }
    }

    if (!first) {
        throw new HarError(problem ? `no entry can be read: ${problem}`
                           : 'there is no entry that could be replayed');
    }

    const domain = siteOf(first.url);

    return domain === first.url.hostname ? [domain, `.${domain}`]
           : [`.${domain}`];
}


/* what is read from: { entries(), sites, about } */

async function open(options, policy) {
    if (options.urls) {
        const { openCrawl } = await import('./crawl.mjs');

        return openCrawl(options);
    }

    const meta = {};
    const entries = () => harEntries(options.har, meta);
    let sites = options.site;

    try {
        sites ??= await findSite(entries(), policy);

    } catch (error) {
        if (error instanceof HarError) {
            throw new HarError(`${options.har}: ${error.message}`);
        }

        throw error;
    }

    return {
        entries, sites,
        about: () => ({ input: options.har, recorded_by: [meta.creator,
            meta.browser].filter((one) => one?.name)
            .map(({ name, version }) => `${name} ${version ?? ''}`.trim()) }),
    };
}


/*
 * options: those of the command, with default and only as lists; more: what
 * tests put into nginx.conf, served: a configuration for nginx that is not
 * the one that is judged.  Returns the result.
 */

export async function run(options) {
    const started = Date.now();

    for (const name of ['conf', 'har', 'urls', 'states']) {

        if (options[name] && !fs.existsSync(options[name])) {
            throw new HarError(`${options[name]}: there is no such file`);
        }
    }

    const prefix = path.resolve(options.prefix
                                ?? path.dirname(path.resolve(options.conf)));
    const policy = new Policy(options.conf, prefix);
    const { states, isConsentCookie } = makeStates(policy, {
        file: options.states, default: options.default, only: options.only });
    const source = await open(options, policy);

    const replay = new Replay({
        policy, states, isConsentCookie, prefix,
        judged: { conf: options.conf, prefix }, threads: options.threads,
        conf: options.served ?? options.conf,
        isSite: siteMatcher(source.sites),
        seed: options.seed ?? '1', more: options.more ?? {},
        reports: Boolean(options.reports || options.urls),
        onProgress: options.onProgress ?? (() => {}),
    });

    try {
        await replay.run(source.entries);

    } finally {
        await source.close?.();
    }

    return resultOf(replay, {
        ...source.about(), conf: options.conf, site: source.sites,
        seconds: (Date.now() - started) / 1000,
        strict: Boolean(options.strict),
    });
}
