/*
 * Copyright (C) ngx_consent_module authors
 *
 * A cookie jar that is not ours (the npm package tough-cookie) for
 * Test::Consent::Jar: one line of JSON in, one line of JSON out.
 *
 *     { "set": "a=1; Path=/", "url": "https://host/", "context": "lax" }
 *     { "get": "https://host/", "context": "strict" }
 *     { "all": true }
 *
 * "context" is the same-site context of the request: strict (of the site
 * itself), lax or none.
 */

import readline from 'node:readline';

import { require } from '../pages/corpus.mjs';


const { CookieJar } = require('tough-cookie');

let jar = new CookieJar(undefined, {
    looseMode: true,
    prefixSecurity: 'strict',
    rejectPublicSuffixes: true,
    allowSpecialUseDomain: true,
});


function answer(command) {
    const options = { sameSiteContext: command.context ?? 'strict' };

    if (command.set !== undefined) {
        try {
            const cookie = jar.setCookieSync(command.set, command.url,
                                             options);

            return { ok: cookie !== undefined };

        } catch (error) {
            return { ok: false, reason: error.message };
        }
    }

    if (command.get !== undefined) {
        return { cookies: jar.getCookieStringSync(command.get, options) };
    }

    const cookies = jar.serializeSync().cookies;

    return {
        all: cookies.map(c => ({ name: c.key ?? '', domain: c.domain,
                                 path: c.path,
                                 hostOnly: c.hostOnly ?? false })),
    };
}


for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + '\n');
}
