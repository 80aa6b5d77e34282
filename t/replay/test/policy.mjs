/*
 * Copyright (C) ngx_consent_module authors
 *
 * The judge's own reading of a policy, by the examples of docs/directives.md.
 */

import assert from 'node:assert';
import fs from 'node:fs';
import path from 'node:path';
import * as tap from '../../pages/tap.mjs';
import { readConf } from '../conf.mjs';
import { Policy, addressesIn } from '../policy.mjs';
import { makeStates, ownValue } from '../states.mjs';


const PAGE = new URL('https://www.site.example/dir/page');

const CONF = `# comment; {
consent_policy 3;
consent_category necessary { always on; cookie sid ~*csrf "a\\"b";
    inline __INITIAL_STATE__; }
consent_category performance {
    max_age 395d;
    cookie   _ga _ga_* *_session ~^_pk_(id|ses);
    resource stats.example.net .example.org www.tag.example/gtag/
             .port.example:8443 /assets/ga.js "~^https://re\\.[a-z]{3};";
    inline   "gtag('config'" '~hj\\(\\s*init';
}
consent_category targeting {
    cookie   _ga_ad*;
    resource www.tag.example/gtag/ads ads.example.org .video.example;
    on_deny  session;
}
consent_category targeting defaults {
    always off; on_deny drop; cookie _ga sid; resource .example.org;
}
consent_first_party .cdn.example;
consent_signal gpc deny=targeting;
consent_default performance targeting;
include more-*.conf;
`;


function check(name, test) {
    try {
        test();
        tap.ok(true, `policy: ${name}`);

    } catch (error) {
        tap.ok(false, `policy: ${name}`, [error.message]);
    }
}


export function testPolicy(dir) {
    const write = (name, text) => {
        const file = path.join(dir, name);

        fs.writeFileSync(file, text);

        return file;
    };

    write('more-1.conf', 'consent_block remove;');

    const policy = new Policy(write('policy.conf', CONF));
    const cookie = (name) => policy.cookie(name).category?.name ?? null;
    const resource = (url) => policy.resource(new URL(url, PAGE), PAGE)
        .category?.name ?? null;

    check('cookies', () => {
        const expected = { _ga: 'performance', _ga_1: 'performance',
                           _ga_ad1: 'targeting', my_session: 'performance',
                           _pk_id: 'performance', xCSRFx: 'necessary',
                           sid: 'necessary', SID: null, 'a"b': 'necessary',
                           other: null };

        for (const [name, category] of Object.entries(expected)) {
            assert.equal(cookie(name), category, name);
        }
    });

    check('resources', () => {
        const expected = {
            'https://stats.example.net/x': 'performance',
            'https://a.stats.example.net/': null,
            'http://example.org/': 'performance',
            'http://a.b.example.org./': 'performance',
            'http://ads.example.org/': 'targeting',
            'https://www.tag.example/gtag/js?id=1': 'performance',
            'https://www.tag.example/gtag/ads.js': 'targeting',
            'https://www.tag.example/': null,
            'https://port.example:8443/': 'performance',
            'https://port.example/': null,
            '/assets/ga.js?v=2': 'performance',
            'https://other.site.example/assets/ga.js': null,
            'https://re.abc;/x': 'performance',
            '//VIDEO.example/1': 'targeting',
        };

        for (const [url, category] of Object.entries(expected)) {

            if (!url.includes(';')) {
                assert.equal(resource(url), category, url);
            }
        }
    });

    check('third parties', () => {
        const third = (url) => policy.isThirdParty(new URL(url), PAGE);

        assert.equal(third('https://a.site.example/'), false);
        assert.equal(third('https://x.cdn.example/'), false);
        assert.equal(third('https://cdn.example.net/'), true);
        assert.equal(third('https://a.co.uk/'), true);
    });

    check('inline scripts, from both sides', () => {
        const none = new Set();
        const judge = (code, accepted = none) => {
            const script = { code, addresses: addressesIn(code) };

            return [policy.inline(script, PAGE, accepted)?.name ?? null,
                    policy.mayBlock(script, PAGE, accepted)];
        };

        assert.deepEqual(judge("gtag('config', 1)"), ['performance', true]);
        assert.deepEqual(judge('hj(  init)'), ['performance', true]);
        assert.deepEqual(judge('a = "https://video.example/x"'),
                         ['targeting', true]);
        assert.deepEqual(judge('a = "https://video.example/x"',
                               new Set(['targeting'])), [null, false]);
        assert.deepEqual(judge('a = "https://www.tag.example/other"'),
                         [null, true]);
        assert.deepEqual(judge('__INITIAL_STATE__="https://video.example/"'),
                         [null, false]);
        assert.deepEqual(judge('alert(1)'), [null, false]);
    });

    check('settings, includes, merged categories', () => {
        assert.equal(policy.settings.consent_block, 'remove');
        assert.equal(policy.categories.get('targeting').onDeny, 'session');
        assert.equal(policy.categories.get('performance').maxAge,
                     395 * 86400);
        assert.deepEqual(policy.choices, ['performance', 'targeting']);
    });

    check('states', () => {
        const { states, isConsentCookie } = makeStates(policy);
        const accepted = Object.fromEntries(states.map(
            (state) => [state.name, [...state.accepted].join()]));

        assert.deepEqual(accepted, {
            'none': 'performance,targeting', 'refused': '',
            'only-performance': 'performance', 'only-targeting': 'targeting',
            'all': 'performance,targeting', 'gpc': 'performance',
            'withdrawn': '' });
        assert(isConsentCookie('consent') && !isConsentCookie('sid'));
        assert.match(ownValue(policy, []), /^1\.\d+\.3\.[\w-]{22}\.-$/);
    });

    const wrong = (name, text, message) => check(`refused: ${name}`, () => {
        assert.throws(() => makeStates(new Policy(write('wrong.conf', text))),
                      message);
    });

    wrong('no category', 'consent_policy 1;', /no consent_category/);
    wrong('unclosed', 'consent_category a {', /unexpected end/);
    wrong('a quote', 'consent_category a { title "x; }', /not closed/);
    wrong('server', 'consent_category a { }\nserver { }',
          /wrong\.conf:2: only directives of the http level/);
    wrong('http', 'http { }', /wrong\.conf:1: "http"/);
    wrong('no include', 'include none.conf;', /wrong\.conf:1: include/);
    wrong('a variable', 'consent_category a { }\nconsent_default $x;',
          /wrong\.conf:2: .*--default/);
    wrong('a regular expression', 'consent_category a {\ncookie ~(?<=a++(b; }',
          /wrong\.conf:2: the judge cannot read/);

    check('the words of nginx', () => {
        const { nodes } = readConf(write('words.conf',
            "a 'b c' \"d\\te\" f\\ g ~\\.x$ ${v}b;\n# c\nm { x y; }\n"));

        assert.deepEqual(nodes[0].args, ['b c', 'd\te', 'f\\ g', '~\\.x$',
                                         '${v}b']);
        assert.deepEqual(nodes[1].block[0].args, ['y']);
        assert.equal(nodes[1].line, 3);
    });
}
