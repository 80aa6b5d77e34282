/*
 * Copyright (C) ngx_consent_module authors
 *
 * Sites with a consent platform each, as an operator sets them up: the
 * platform's own script, tags of trackers that know nothing of it, and nginx
 * with the preset.  Every step that a visitor takes is one in the platform's
 * own dialogs.
 *
 *   server     directives of the server
 *   head       the platform in the page
 *   settings   the site's link to the dialog
 *   accepts    categories that a visitor can accept
 *   first      the visitor accepts all in the first dialog
 *   some       the visitor accepts performance, and nothing else
 *   all, none  the visitor opens the dialog again, accepts or refuses all
 *   live       tags that come alive at once
 *   extra      what the platform loads by itself, by category
 *   cookie     that the proxy reads
 */

import path from 'node:path';
import { ROOT } from '../pages/corpus.mjs';
import { STANDINS } from './cmp_standins.mjs';


const NPM = path.join(ROOT, 'build/node/node_modules');

/* what the tags of the pages contact, by category */

export const TAGS = {
    performance: ['www.google-analytics.com/analytics.js',
                  'www.google-analytics.com/collect?inline'],
    targeting: ['connect.facebook.net/en_US/fbevents.js',
                'www.facebook.com/tr?inline', 'www.facebook.com/tr?pixel'],
    functional: ['www.youtube.com/embed/1'],
};

/* the cookies of the server and of the tags */

export const COOKIES = {
    performance: ['_ga', '_gid'],
    targeting: ['_fbc', '_fbp'],
    functional: [],
};

export const SET_COOKIE = [
    'session=1; Path=/; HttpOnly; Secure; SameSite=Lax',
    '_ga=1; Path=/; Domain=site.example; Max-Age=9999',
    '_fbc=1; Path=/; HttpOnly; Secure; Max-Age=9999',
];

const SCRIPTS = [...TAGS.performance, ...TAGS.targeting]
    .filter((tag) => !tag.endsWith('?pixel'));


export function pageOf({ head, settings }) {
    return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>A site</title>
${head}
<script src="https://www.google-analytics.com/analytics.js"></script>
<script>
function gtag() { }
gtag('config', 'G-1');
document.cookie = '_gid=1; path=/; max-age=9999';
new Image().src = 'https://www.google-analytics.com/collect?inline';
</script>
<script src="https://connect.facebook.net/en_US/fbevents.js"></script>
<script>
function fbq() { }
fbq('init', '1');
document.cookie = '_fbp=1; path=/; domain=site.example; max-age=9999';
new Image().src = 'https://www.facebook.com/tr?inline';
</script>
</head>
<body>
<h1>A site</h1>
<p>${settings}</p>
<p><img alt="" src="https://www.facebook.com/tr?pixel"></p>
<p><iframe title="A film" src="https://www.youtube.com/embed/1"></iframe></p>
</body>
</html>
`;
}


const STATIC = `
        types { text/html html; text/css css; text/javascript js; }

        location /npm/    { alias ${NPM}/; }
        location /bridge/ { alias ${ROOT}/conf/bridge/; }
`;

const bridge = (name) => `
<script defer src="/bridge/cookie.js"></script>
<script defer src="/bridge/${name}.js"></script>`;


/* once a choice was made, its dialog has no buttons for all or none */

async function klaroSet(page, checked) {
    await page.locator('#settings').click();

    for (const purpose of ['analytics', 'marketing', 'others']) {
        const id = `purpose-item-${purpose}`;

        if (await page.locator(`#${id}`).isChecked() !== checked) {
            await page.locator(`label[for=${id}]`).click();
        }
    }

    await page.locator('.cm-modal .cm-btn-accept').click();
}


const KLARO = {
    settings: '<a id="settings" href="#" '
        + 'onclick="return klaro.show(undefined, true)">Cookies</a>',
    accepts: ['performance', 'targeting', 'functional'],

    first: (page) => page.locator('.cookie-notice .cm-btn-success').click(),

    some: async (page) => {
        await page.locator('.cn-learn-more').click();
        await page.locator('label[for=purpose-item-analytics]').click();
        await page.locator('.cm-modal .cm-btn-accept').click();
    },

    all: (page) => klaroSet(page, true),
    none: (page) => klaroSet(page, false),

    live: Object.values(TAGS).flat(),
    extra: {},
};

const klaroHead = (storage, more = '') => `<script>
var klaroConfig = {
    storageMethod: '${storage}',
    acceptAll: true,
    translations: { zz: { privacyPolicyUrl: '/privacy' } },
    services: [
        { name: 'stats', title: 'Statistics', purposes: ['analytics'] },
        { name: 'ads', title: 'Advertising', purposes: ['marketing'] },
        { name: 'films', title: 'Films', purposes: ['others'] }
    ]
};
</script>
<script defer src="/npm/klaro/dist/klaro.js"></script>${more}`;


const VCC3 = {
    settings: '<button id="settings" data-cc="show-preferencesModal">'
        + 'Cookies</button>',
    accepts: ['performance', 'targeting', 'functional'],

    first: (page) => page.locator('#cc-main .cm [data-role=all]').click(),

    some: async (page) => {
        await page.locator('#cc-main .cm [data-role=show]').click();
        await page.locator('#cc-main label:has([value=analytics])').click();
        await page.locator('#cc-main .pm [data-role=save]').click();
    },

    all: async (page) => {
        await page.locator('#settings').click();
        await page.locator('#cc-main .pm [data-role=all]').click();
    },

    none: async (page) => {
        await page.locator('#settings').click();
        await page.locator('#cc-main .pm [data-role=necessary]').click();
    },

    live: SCRIPTS,
    extra: {},
};

const vcc3Head = (inLocalStorage, more = '') => `<link rel="stylesheet"
    href="/npm/vanilla-cookieconsent/dist/cookieconsent.css">
<script defer src="/npm/vanilla-cookieconsent/dist/cookieconsent.umd.js">
</script>${more}
<script>
addEventListener('DOMContentLoaded', function () {
    var section = function (category) {
        return { title: category, linkedCategory: category };
    };

    CookieConsent.run({
        hideFromBots: false,
        cookie: { useLocalStorage: ${inLocalStorage} },
        categories: {
            necessary: { enabled: true, readOnly: true },
            functionality: {}, analytics: {}, marketing: {}
        },
        language: { default: 'en', translations: { en: {
            consentModal: {
                title: 'Cookies', acceptAllBtn: 'Accept all',
                acceptNecessaryBtn: 'Refuse all', showPreferencesBtn: 'Choose'
            },
            preferencesModal: {
                title: 'Choose', acceptAllBtn: 'Accept all',
                acceptNecessaryBtn: 'Refuse all', savePreferencesBtn: 'Save',
                closeIconLabel: 'Close',
                sections: ['necessary', 'functionality', 'analytics',
                           'marketing'].map(section)
            }
        } } }
    });
});
</script>`;


/* its dialogs are of services, and it loads what they need by itself */

const TARTEAUCITRON = {
    settings: '<a id="settings" href="#" onclick="'
        + 'tarteaucitron.userInterface.openPanel(); return false">Cookies</a>',
    accepts: ['performance', 'targeting'],

    first: (page) => page.locator('#tarteaucitronPersonalize2').click(),

    some: async (page) => {
        await page.locator('#tarteaucitronCloseAlert').click();
        await page.locator('#gtagAllowed').click();
        await page.locator('#facebookpixelDenied').click();
        await page.locator('#tarteaucitronClosePanel').click();
    },

    all: async (page) => {
        await page.locator('#settings').click();
        await page.locator('#tarteaucitronAllAllowed').click();
    },

    none: async (page) => {
        await page.locator('#settings').click();
        await page.locator('#tarteaucitronAllDenied').click();
    },

    live: [],
    extra: {
        performance: ['www.googletagmanager.com/gtag/js?id=G-1'],
        targeting: ['connect.facebook.net/en_US/fbevents.js'],
    },
};

const TARTEAUCITRON_HEAD = `
<script src="/npm/tarteaucitronjs/tarteaucitron.js"></script>
<script>
tarteaucitron.init({
    orientation: 'bottom',
    showIcon: false,
    googleConsentMode: false
});
tarteaucitron.user.gtagUa = 'G-1';
tarteaucitron.user.facebookpixelId = '1';
(tarteaucitron.job = tarteaucitron.job || []).push('gtag', 'facebookpixel');
</script>`;


export const SITES = {
    'klaro': {
        ...KLARO,
        server: 'consent enforce; consent_use klaro; consent_markup klaro;',
        head: klaroHead('cookie'),
        cookie: 'klaro',
    },
    'vcc3': {
        ...VCC3,
        server: 'consent enforce; consent_use vcc3; consent_markup vcc3;',
        head: vcc3Head(false),
        cookie: 'cc_cookie',
    },
    'tarteaucitron': {
        ...TARTEAUCITRON,
        server: 'consent enforce; consent_use tarteaucitron;',
        head: TARTEAUCITRON_HEAD,
        cookie: 'tarteaucitron',
    },
    'klaro-local': {
        ...KLARO,
        server: 'consent enforce; consent_use bridge; consent_markup klaro;',
        head: klaroHead('localStorage', bridge('klaro')),
        cookie: 'consent_bridge',
    },
    'vcc3-local': {
        ...VCC3,
        server: 'consent enforce; consent_use bridge; consent_markup vcc3;',
        head: vcc3Head(true, bridge('vcc3')),
        cookie: 'consent_bridge',
    },
    ...STANDINS,
};


export const SERVERS = Object.fromEntries([
    ...Object.entries(SITES).map(([name, { server }]) =>
        [name, server + STATIC]),
    ['off', `consent off;${STATIC}`],
]);


export const RULES = {
    configuration: () => `
    include  ${ROOT}/conf/consent.conf;
    include  ${ROOT}/conf/sources/klaro.conf;
    include  ${ROOT}/conf/sources/vcc3.conf;
    include  ${ROOT}/conf/sources/tarteaucitron.conf;
    include  ${ROOT}/conf/sources/tcf.conf;
    include  ${ROOT}/conf/sources/bridge.conf;
    include  ${ROOT}/conf/markup/klaro.conf;
    include  ${ROOT}/conf/markup/vcc3.conf;

    consent_source klaro {
        grant  functional   every(films);
        grant  performance  every(stats);
        grant  targeting    every(ads);
    }

    consent_source bridge {
        grant  functional   all(films,functionality,functional);
        grant  performance  all(stats,analytics,performance);
        grant  targeting    all(ads,marketing,targeting);
    }

    consent_dialect klaro {
        name  functional   films;
        name  performance  stats;
        name  targeting    ads;
    }
`,
};
