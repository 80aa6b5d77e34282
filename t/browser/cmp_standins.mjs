/*
 * Copyright (C) ngx_consent_module authors
 *
 * Pages in the place of platforms that are not in npm, for the scripts of
 * conf/bridge alone: what such a platform offers to scripts and keeps in the
 * local storage, as its documents and sites that use it show.  The TC string
 * is made by the IAB's own library.
 */


/* choice: null or a list of categories; changed(): of each platform */

const DIALOG = `
<script>
var choice = JSON.parse(localStorage.getItem('choice'));

function choose(list) {
    localStorage.setItem('choice', JSON.stringify(list));
    choice = list;
    changed();
}

function accepted(name) {
    return choice !== null && choice.indexOf(name) !== -1;
}
</script>`;

const ALL = ['performance', 'targeting', 'functional'];

const button = (id, list) =>
    `<button id="${id}" onclick="choose(${JSON.stringify(list)
        .replaceAll('"', '\'')})">${id}</button>`;

const STANDIN = {
    settings: button('some', ['performance']) + button('all', ALL)
        + button('none', []),
    accepts: ALL,
    first: (page) => page.locator('#all').click(),
    some: (page) => page.locator('#some').click(),
    all: (page) => page.locator('#all').click(),
    none: (page) => page.locator('#none').click(),
    live: [],
    extra: {},
    server: 'consent enforce; consent_use bridge;',
    cookie: 'consent_bridge',
};

const bridge = (...names) => names.map((name) =>
    `<script src="/bridge/${name}.js"></script>`).join('\n');


const TERMLY = `${DIALOG}
<script>
var Termly = {
    listeners: {},

    on: function (name, listener) {
        (Termly.listeners[name] = Termly.listeners[name] || []).push(listener);
    },

    emit: function (name) {
        (Termly.listeners[name] || []).forEach(function (one) { one({}); });
    }
};

function changed() {
    localStorage.setItem('TERMLY_API_CACHE', JSON.stringify({
        TERMLY_COOKIE_CONSENT: {
            createdAt: new Date(),
            value: {
                essential: true,
                performance: accepted('functional'),
                analytics: accepted('performance'),
                advertising: accepted('targeting'),
                social_networking: accepted('targeting'),
                unclassified: false
            }
        }
    }));
    Termly.emit('consent');
}

addEventListener('load', function () { Termly.emit('initialized'); });
</script>
${bridge('cookie', 'termly')}`;


/* as in both, what was not chosen is there with defaults */

const USERCENTRICS = `${DIALOG}
${bridge('cookie', 'usercentrics')}
<script>
var categories = {
    essential: function () { return true; },
    functional: function () { return accepted('functional'); },
    marketing: function () { return accepted('targeting'); },
    analytics: function () { return accepted('performance'); }
};

function each(make) {
    return Object.keys(categories).map(function (slug) {
        return make(slug, choice === null || categories[slug]());
    });
}
</script>`;

const USERCENTRICS2 = `${USERCENTRICS}
<script>
function changed() { dispatchEvent(new Event('UC_UI_CMP_EVENT')); }

addEventListener('load', function () {
    window.UC_UI = {
        isConsentRequired: function () { return choice === null; },
        getServicesBaseInfo: function () {
            return each(function (slug, on) {
                return { categorySlug: slug, consent: {
                    status: on,
                    history: [{ type: choice ? 'explicit' : 'implicit' }] } };
            });
        }
    };
    dispatchEvent(new Event('UC_UI_INITIALIZED'));
});
</script>`;

const USERCENTRICS3 = `${USERCENTRICS}
<script>
function changed() { dispatchEvent(new CustomEvent('UC_CONSENT')); }

addEventListener('load', function () {
    window.__ucCmp = {

        /* a visitor from elsewhere, who is not asked */

        isConsentRequired: async function () { return false; },

        getConsentDetails: async function () {
            return {
                services: Object.fromEntries(each(function (slug, on) {
                    return [slug, { name: slug, consent: {
                        given: on,
                        type: choice ? 'EXPLICIT' : 'IMPLICIT' } }];
                })),
                categories: Object.fromEntries(each(function (slug, on) {
                    return [slug, { state: on ? 'ALL_ACCEPTED'
                                              : 'ALL_DENIED' }];
                }))
            };
        }
    };
    dispatchEvent(new Event('UC_UI_INITIALIZED'));
});
</script>`;


const TCF = `${DIALOG}
<script>
var calls = [];

function __tcfapi() { calls.push(arguments); }
function changed() { dispatchEvent(new Event('changed')); }
</script>
${bridge('tcf')}
<script type="module">
import { GVL, TCModel, TCString } from '/npm/@iabtcf/core/lib/mjs/index.js';

const PURPOSES = { performance: [8], targeting: [2, 7], functional: [5, 6] };

function tcString() {
    const model = new TCModel(new GVL({
        gvlSpecificationVersion: 3, vendorListVersion: 48,
        tcfPolicyVersion: 5, lastUpdated: '2025-06-05T16:00:15Z',
        purposes: {}, specialPurposes: {}, features: {}, specialFeatures: {},
        stacks: {}, dataCategories: {}, vendors: {}
    }));

    model.cmpId = 300;
    model.cmpVersion = 1;
    model.consentScreen = 1;
    model.purposeConsents.set(choice.length ? [1] : []);
    model.purposeConsents.set(choice.flatMap((name) => PURPOSES[name]));
    model.purposeLegitimateInterests.set([2, 5, 6, 7, 8]);

    return TCString.encode(model);
}

const listeners = [];

const tell = (eventStatus) => listeners.forEach((listener) => listener({
    eventStatus, tcString: choice ? tcString() : '', gdprApplies: true,
}, true));

for (const [command, , listener] of calls) {
    if (command === 'addEventListener') {
        listeners.push(listener);
    }
}

addEventListener('changed', () => tell('useractioncomplete'));
tell(choice ? 'tcloaded' : 'cmpuishown');
</script>`;


export const STANDINS = {
    'termly': { ...STANDIN, head: TERMLY },
    'usercentrics-2': { ...STANDIN, head: USERCENTRICS2 },
    'usercentrics-3': { ...STANDIN, head: USERCENTRICS3 },
    'tcf': { ...STANDIN, head: TCF, cookie: 'euconsent-v2',
             server: 'consent enforce; consent_use tcf;' },
};
