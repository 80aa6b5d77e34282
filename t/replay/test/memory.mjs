/*
 * Copyright (C) ngx_consent_module authors
 *
 * What is remembered of a recording does not grow with it: while hundreds of
 * entries go by, those that are held are the few that are being replayed.
 */

import fs from 'node:fs';
import path from 'node:path';
import v8 from 'node:v8';
import vm from 'node:vm';
import * as tap from '../../pages/tap.mjs';
import { Policy } from '../policy.mjs';
import { Replay, siteMatcher } from '../replay.mjs';
import { harEntries } from '../run.mjs';
import { makeStates } from '../states.mjs';


const ENTRIES = 200;
const EVERY = 50;

/* four at once, one that is read ahead, and what V8 has not noticed yet */

const MOST = 12;

const CONF = `consent_category performance {
    cookie _ga; resource .stats.example; }\n`;


/* a page or a style sheet of its own each */

function rawEntry(n) {
    const [type, text] = n % 2
        ? ['text/css', `p { margin: ${n}px }\n`.repeat(100)]
        : ['text/html', `<!DOCTYPE html><title>${n}</title><script src=`
           + `"https://www.stats.example/${n}.js"></script><p>text ${n}`];

    return {
        request: { method: 'GET', url: `https://www.site.example/${n}`,
                   headers: [{ name: 'Cookie', value: '_ga=1' }] },
        response: { status: 200, content: { text, mimeType: type },
                    headers: [{ name: 'Content-Type', value: type },
                              { name: 'ETag', value: `"${n}"` },
                              { name: 'Set-Cookie', value: `_ga=${n}` }] },
    };
}


function collector() {
    v8.setFlagsFromString('--expose-gc');

    return vm.runInNewContext('gc');
}


/* entries as they are, and how many of those before are still there */

async function* watched(file, alive) {
    const collect = collector();
    const refs = [];
    let n = 0;

    for await (const entry of harEntries(file)) {

        if (++n % EVERY === 0) {
            collect();
            alive.push(refs.filter((ref) => ref.deref()).length);
        }

        refs.push(new WeakRef(entry), new WeakRef(entry.response.body));
        yield entry;
    }
}


export async function testMemory(dir) {
    const har = path.join(dir, 'many.har');
    const conf = path.join(dir, 'many.conf');

    fs.writeFileSync(conf, CONF);
    fs.writeFileSync(har, JSON.stringify({ log: { version: '1.2',
        entries: Array.from({ length: ENTRIES }, (_, n) => rawEntry(n)) } }));

    const policy = new Policy(conf, dir);
    const { states, isConsentCookie } = makeStates(policy, {
        only: ['refused', 'all', 'withdrawn'] });
    const replay = new Replay({
        policy, states, isConsentCookie, prefix: dir, conf,
        judged: { conf, prefix: dir }, threads: 0,
        isSite: siteMatcher(['.site.example']),
    });
    const alive = [];

    await replay.run(() => watched(har, alive));

    tap.ok(replay.entries.replayed === ENTRIES && alive.length > 0
           && Math.max(...alive) <= MOST,
           `memory: ${ENTRIES} entries, at most ${Math.max(...alive)} of them `
           + 'or their bodies are held', [`counted: ${alive.join()}`]);
}
