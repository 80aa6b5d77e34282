// Copyright (C) ngx_consent_module authors
//
// TC strings and GPP strings that the IAB's own libraries make of random
// values, and what the module's core reads out of them, by consent-explain:
// each value asked for is a category that the source grants.
//
//     node t/iab/main.mjs [SEED]

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repo = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const require = createRequire(join(repo, 'build/node/node_modules/x.js'));
const { GVL, Segment, TCModel, TCString, SegmentEncoder }
    = require('@iabtcf/core');
const { GppModel } = require('@iabgpp/cmpapi');

const STRINGS = 300;
const tool = join(repo, 'build/consent-explain');
const folder = mkdtempSync(join(tmpdir(), 'consent-iab-'));

let tests = 0;
let failed = 0;
let state = Number(process.argv[2] ?? 1);


function ok(pass, title, detail) {
    tests++;
    failed += pass ? 0 : 1;
    console.log(`${pass ? '' : 'not '}ok ${tests} - ${title}`);

    if (!pass && detail) {
        console.log(detail.split('\n').map((line) => `# ${line}`).join('\n'));
    }
}


function random(n) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;

    return (state >>> 8) % n;
}


function chance(percent) {
    return random(100) < percent;
}


function range(n) {
    return Array.from({ length: n }, (_, i) => i + 1);
}


// for each cookie value the names that hold, of all of them; 60 categories
// are asked for at once

function read(parser, values, names) {
    const found = values.map(() => new Set());

    for (let at = 0; at < names.length; at += 60) {
        const part = names.slice(at, at + 60);
        const file = join(folder, 'source.conf');

        writeFileSync(file,
            part.map((_, i) => `consent_category c${i} { }\n`).join('')
            + `consent_source s { cookie c; parse ${parser};\n`
            + part.map((name, i) => `grant c${i} "${name}";\n`).join('')
            + '}\n');

        const lines = execFileSync(tool, ['--brief', file], {
            input: values.map((value) => `c=${value}\n`).join(''),
            encoding: 'utf8', maxBuffer: 1 << 28,
        }).trimEnd().split('\n');

        lines.forEach((line, i) => {
            const [kind, list] = line.split(' ');

            if (kind !== 'explicit') {
                found[i].add(`(${line})`);
                return;
            }

            for (const category of list.split(',').filter((c) => c !== '-')) {
                found[i].add(part[Number(category.slice(1))]);
            }
        });
    }

    return found;
}


function compare(title, parser, strings, names) {
    const found = read(parser, strings.map(({ text }) => text), names);

    strings.forEach(({ text, expected }, i) => {
        const want = names.filter((name) => expected.has(name));
        const got = [...found[i]];
        const missing = want.filter((name) => !found[i].has(name));
        const extra = got.filter((name) => !expected.has(name));

        if (missing.length || extra.length) {
            ok(false, `${title} ${i}`, `${text}\nnot found: ${missing}\n`
               + `but: ${extra}`);
        }
    });

    ok(true, `${title}: ${strings.length} strings, ${names.length} values`);
}


// the least that a vendor list has to have

function vendorList(max) {
    const vendors = {};

    for (const id of range(max)) {
        vendors[id] = {
            id, name: `v${id}`, purposes: range(11), legIntPurposes: [],
            flexiblePurposes: [], specialPurposes: [], features: [],
            specialFeatures: [1, 2], policyUrl: 'https://example.com/',
        };
    }

    const list = (n) => Object.fromEntries(range(n).map((id) =>
        [id, { id, name: `${id}`, description: '', descriptionLegal: '' }]));

    return new GVL({
        gvlSpecificationVersion: 3, vendorListVersion: 48,
        tcfPolicyVersion: 5, lastUpdated: '2025-06-05T16:00:15Z',
        purposes: list(11), specialPurposes: list(3), features: list(3),
        specialFeatures: list(2), stacks: {}, dataCategories: list(11),
        vendors,
    });
}


function some(vector, ids, percent, prefix, expected) {
    for (const id of ids) {
        if (chance(percent)) {
            vector.set(id);
            expected.add(`${prefix}${id}`);
        }
    }
}


// few vendors make ranges, many make bitfields

function tcString(list, ids) {
    const expected = new Set();
    const model = new TCModel(list);
    const share = [0, 2, 10, 50, 90, 100][random(6)];
    const shareLi = [0, 2, 50, 95][random(4)];

    model.cmpId = 2 + random(4000);
    model.cmpVersion = random(4000);
    model.consentScreen = random(60);
    model.consentLanguage = ['EN', 'DE', 'FR'][random(3)];
    model.publisherCountryCode = ['AA', 'DE', 'US'][random(3)];
    model.isServiceSpecific = chance(80);
    model.useNonStandardTexts = chance(50);
    model.purposeOneTreatment = chance(50);

    some(model.purposeConsents, range(24), 50, 'p', expected);
    some(model.purposeLegitimateInterests, range(24), 50, 'li', expected);
    some(model.specialFeatureOptins, range(12), 50, 'sf', expected);
    some(model.vendorConsents, ids, share, 'v', expected);
    some(model.vendorLegitimateInterests, ids, shareLi, 'vli', expected);

    let text = SegmentEncoder.encode(model, Segment.CORE);

    if (chance(50)) {
        some(model.vendorsDisclosed, ids, share, 'dv', expected);
        expected.add('seg1');
        text += '.' + SegmentEncoder.encode(model, Segment.VENDORS_DISCLOSED);
    }

    if (chance(50)) {
        some(model.publisherConsents, range(24), 50, 'pub.p', expected);
        some(model.publisherLegitimateInterests, range(24), 50, 'pub.li',
             expected);
        model.numCustomPurposes = random(6);
        expected.add('seg3');
        text += '.' + SegmentEncoder.encode(model, Segment.PUBLISHER_TC);
    }

    expected.add(`policy=${Number(model.policyVersion)}`);
    expected.add(`cmp=${model.cmpId}`);
    expected.add(`gvl=${model.vendorListVersion}`);

    // the library reads it as it was meant

    const back = TCString.decode(text);

    for (const id of range(24)) {
        if (back.purposeConsents.has(id) !== expected.has(`p${id}`)) {
            throw new Error(`the library does not read ${text}`);
        }
    }

    return { text, expected };
}


function checkTcf() {
    const ids = range(120);
    const list = vendorList(120);
    const strings = range(STRINGS).map(() => tcString(list, ids));

    const names = [
        ...range(24).map((id) => `p${id}`), ...range(24).map((id) => `li${id}`),
        ...range(12).map((id) => `sf${id}`), ...ids.map((id) => `v${id}`),
        ...ids.map((id) => `vli${id}`), ...ids.map((id) => `dv${id}`),
        ...range(24).map((id) => `pub.p${id}`),
        ...range(24).map((id) => `pub.li${id}`), 'seg1', 'seg3', 'v121',
        'v65535',
    ];

    compare('TCF', 'tcf', strings, names);

    const numbers = strings.slice(0, 12);

    compare('TCF, numbers', 'tcf', numbers,
            [...new Set(numbers.flatMap(({ expected }) =>
                [...expected].filter((name) => name.includes('='))))]);

    const found = read('tcf', strings.map(({ text }) => text.slice(0, 36)),
                       ['p1', 'p5', 'v1', 'vli2', 'seg1']);

    ok(found.every((set, i) => ['p1', 'p5'].every((name) =>
        set.has(name) === strings[i].expected.has(name)) && !set.has('v1')
        && !set.has('vli2')), 'TCF, what is in front of the vendors alone');

    // a list of vendors that was cut says nothing about anybody

    const more = strings.flatMap(({ text, expected }) =>
        range(6).map(() => ({
            text: text.slice(0, 36 + random(Math.max(1, text.length - 36))),
            expected,
        })));

    const cut = read('tcf', more.map(({ text }) => text),
                     names.filter((name) => !name.startsWith('seg')));

    ok(cut.every((set, i) => [...set].every((name) =>
        name.startsWith('(') || more[i].expected.has(name))),
       `TCF, ${more.length} that were cut grant nothing more`);
}


const sections = [
    ['usnat', true, true, true, true], ['usca', true, true, false, true],
    ['usva', true, false, true, false], ['usco', true, false, true, true],
    ['usut', true, false, true, false], ['usct', true, false, true, true],
    ['usfl', true, false, true, false], ['usmt', true, false, true, true],
    ['usor', true, false, true, true], ['ustx', true, false, true, true],
    ['usde', true, false, true, true], ['usia', true, false, true, true],
    ['usne', true, false, true, true], ['usnh', true, false, true, true],
    ['usnj', true, false, true, true], ['ustn', true, false, true, true],
    ['usmn', true, false, true, true], ['usmd', true, false, true, true],
    ['usin', true, false, true, false], ['usky', true, false, true, false],
    ['usri', true, false, true, false],
];


// fields that go with an opt-out, so that the string is a valid one

function fill(model, section, field, notice, value) {
    model.setFieldValue(section, field, value);
    model.setFieldValue(section, notice, value ? 1 : 0);
}


function gppString() {
    const model = new GppModel();
    const expected = new Set();
    const most = { sale: -1, sharing: -1, targeted: -1 };
    const rank = [0, 2, 1];     // not applicable, opted out, did not
    let gpc = -1;

    const note = (name, value) => {
        most[name] = Math.max(most[name], rank[value]);
    };

    for (const [name, sale, sharing, targeted, hasGpc] of sections) {

        if (!chance(20)) {
            continue;
        }

        if (sale) {
            const value = random(3);

            fill(model, name, 'SaleOptOut', 'SaleOptOutNotice', value);
            note('sale', value);
        }

        if (sharing) {
            const value = random(3);

            fill(model, name, 'SharingOptOut', 'SharingOptOutNotice', value);
            note('sharing', value);

            if (name === 'usnat') {
                model.setFieldValue(name, 'SharingNotice', 1);
            }
        }

        if (targeted) {
            const value = random(3);

            fill(model, name, 'TargetedAdvertisingOptOut',
                 'TargetedAdvertisingOptOutNotice', value);
            note('targeted', value);
        }

        if (hasGpc) {
            const value = chance(30);

            model.setFieldValue(name, 'Gpc', value);
            gpc = Math.max(gpc, value ? 1 : 0);
        }

        if (['usin', 'usky', 'usri'].includes(name)) {
            model.setFieldValue(name, 'SensitiveDataProcessing',
                range(8).map(() => random(3)));
        }
    }

    if (chance(30)) {
        const text = `1${'YN-'[random(3)]}${'YN-'[random(3)]}${'YN-'[random(3)]}`;

        model.setFieldValue('uspv1', 'Version', 1);
        model.setFieldValue('uspv1', 'Notice', text[1]);
        model.setFieldValue('uspv1', 'OptOutSale', text[2]);
        model.setFieldValue('uspv1', 'LspaCovered', text[3]);
        ['Y', 'N', '-'].forEach((c) => {
            if (text[2] === c) {
                expected.add(`f2=${c}`);
            }
        });
    }

    if (chance(30)) {
        const purposes = range(24).map(() => chance(50));

        model.setFieldValue('tcfeuv2', 'CmpId', 31);
        model.setFieldValue('tcfeuv2', 'PurposeConsents', purposes);
        purposes.forEach((on, i) => on && expected.add(`p${i + 1}`));
    }

    for (const [name, value] of Object.entries(most)) {
        if (value >= 0) {
            expected.add(`${name}=${[0, 2, 1][value]}`);
        }
    }

    if (gpc >= 0) {
        expected.add(`gpc=${gpc}`);
    }

    for (const id of model.getSectionIds()) {
        expected.add(`sid[${id}]`);
    }

    return { text: model.encode(), expected };
}


function checkGpp() {
    const strings = range(STRINGS).map(gppString);

    const names = [
        ...['sale', 'sharing', 'targeted'].flatMap((name) =>
            [0, 1, 2].map((n) => `${name}=${n}`)),
        'gpc=0', 'gpc=1', 'f2=Y', 'f2=N', 'f2=-',
        ...range(28).map((id) => `sid[${id}]`),
        ...range(24).map((id) => `p${id}`),
    ];

    compare('GPP', 'gpp', strings, names);

    // with the header as short as the specification has it

    const found = read('gpp', ['DBABM~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA',
                               'DBABMA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA'],
                       ['sid[2]', 'sid=1']);

    ok(found.every((set) => set.size === 2), 'GPP, headers of 6 and 8 bits');
}


try {
    checkTcf();
    checkGpp();

} finally {
    rmSync(folder, { recursive: true });
}

console.log(`1..${tests}`);
process.exit(failed ? 1 : 0);
