/*
 * Copyright (C) ngx_consent_module authors
 *
 * The ways to write a URL so that a browser still finds the host, and the
 * base that relative URLs have.  Written as explained in catalogue.mjs.
 */


const script = (url) => `<script src="${url}"></script>`;

const img = (url) => `<img src="${url}">`;

const preconnect = (url) => `<link rel=preconnect href="${url}">`;


/* what stands in src of a script */

const SOURCES = {
    'url-scheme-relative': '//{h}/x',
    'url-http': 'http://{h}/x',
    'url-upper-scheme': 'HTTPS://{h}/x',
    'url-upper-host': 'https://{H}/x',
    'url-no-slashes': 'https:{h}/x',
    'url-one-slash': 'https:/{h}/x',
    'url-many-slashes': 'https://////{h}/x',
    'url-relative-many-slashes': '////{h}/x',
    'url-backslashes': 'https:\\\\{h}\\x',
    'url-relative-backslashes': '\\\\{h}/x',
    'url-mixed-slashes': '/\\{h}/x',
    'url-tab-inside': 'ht\ttps://{h}/x',
    'url-newlines-inside': '/\n/\r\n{t}/x',
    'url-leading-space': '\n\t\f {u}',
    'url-leading-control': '&#1;&#31;{u}',
    'url-trailing-space': '{u} \n',
    'url-backslash-userinfo': 'https://{h}\\@www.site.example/x',
    'url-port': 'https://{h}:8443/x',
    'url-port-empty': 'https://{h}:/x',
    'url-port-zeros': 'https://{h}:000443/x',
    'url-trailing-dot': 'https://{h}./x',
    'url-percent-host': 'https://{p}/x',
    'url-percent-dot': 'https://{P}/x',
    'url-wide-letters': 'https://{w}/x',
    'url-wide-dots': 'https://{W}/x',
    'url-soft-hyphen': 'https://{y}/x',
    'url-query-only': 'https://{h}?x',
    'url-fragment-only': 'https://{h}#x',
    'url-no-path': 'https://{h}',
    'url-entity-decimal': '&#104;ttps://{h}/x',
    'url-entity-hex': '&#X68;ttps:&#x2f&#x2F;{h}/x',
    'url-entity-no-semicolon': '&#0104ttps://{h}/x',
    'url-entity-named': 'https&colon;&sol;&sol;{h}&sol;x',
    'url-entity-tab': 'https&Tab;:/&NewLine;/{h}/x',
    'url-entity-backslash': 'https:&bsol;&bsol;{h}/x',
    'url-entity-period': 'https://{d}/x',
    'url-entity-ampersand': 'https://{h}/x?a=1&amp;b&copy=2&notit;',
    'url-nul': 'https://{h}/x\0y',
    'url-long-path': `https://{h}/${'x'.repeat(3000)}`,
    'url-redundant-dots': 'https://{h}/../.././x',
    'url-unicode-path': 'https://{h}/\u00fc\u{1f600}',
};


/* Chromium loads nothing from URLs with user info, but connects */

const USERINFO = {
    'url-userinfo': 'https://a:b@{h}/x',
    'url-userinfo-at': 'https://www.site.example@{h}/x',
    'url-userinfo-escaped': 'https://a%40b:c%3a@{h}/x',
    'url-two-ats': 'https://a@b@{h}/x',
    'url-long-userinfo': `https://${'x'.repeat(3000)}@{h}/x`,
};


/* numbers as hosts: 198.18.0.0/15 belongs to nobody */

const NUMBERS = {
    'url-ipv4': { host: '198.18.0.1', html: script('http://198.18.0.1/x') },
    'url-ipv4-number': { host: '198.18.0.2',
        html: script('http://3323068418/x') },
    'url-ipv4-hex': { host: '198.18.0.3', html: script('http://0xc6120003/') },
    'url-ipv4-octal': { host: '198.18.0.4',
        html: script('http://0306.022.0.04/x') },
    'url-ipv4-short': { host: '198.18.0.5', html: script('http://198.18.5/') },
    'url-ipv4-mixed': { host: '198.18.0.6',
        html: script('http://0xC6.18.0x6/x') },
    'url-ipv4-dot': { host: '198.18.0.7',
        html: script('http://198.18.0.7./') },
    'url-ipv4-wide': { host: '198.18.0.8',
        html: script('http://\uff11\uff19\uff18.18.0.8/x') },
    'url-ipv4-percent': { host: '198.18.0.9',
        html: script('http://%31%39%38%2e18.0.9/x') },
    'url-ipv6': { host: '[2001:db8::1]',
        html: script('http://[2001:db8::1]/') },
    'url-ipv6-long': { host: '[2001:db8::2]',
        html: script('http://[2001:0DB8:0:0::0.0.0.2]:80/x') },
    'url-idna': { host: 'url-idna.xn--bcher-kva.example',
        html: script('https://url-idna.b\u00fccher.example/x') },
    'url-idna-upper': { host: 'url-idna-upper.xn--bcher-kva.example',
        html: script('https://URL-IDNA-Upper.B\u00dcCHER.example/x') },
    'url-idna-decomposed': { host: 'url-idna-decomposed.xn--bcher-kva.example',
        html: script('https://url-idna-decomposed.bu\u0308cher.example/') },
    'url-idna-punycode': { host: 'url-idna-punycode.xn--bcher-kva.example',
        html: script('https://url-idna-punycode.XN--bcher-kva.example/x') },
    'url-idna-percent': { host: 'url-idna-percent.xn--bcher-kva.example',
        html: script('https://url-idna-percent.b%C3%BCcher.example/x') },
};


/* relative URLs, and a path of the site itself */

const RELATIVE = {
    'base-relative': '<base href="{u}">' + script('y'),
    'base-absolute-path': '<base href="https://{h}">' + img('/y'),
    'base-scheme-relative': '<base href="//{h}/">' + script('y'),
    'base-upper-entity': '<BASE HREF="https&#58;//{h}/">' + script('y'),
    'base-first-wins': '<base href="{u}"><base href="/">' + script('y'),
    'base-target-first': '<base target=_top><base href="{u}">' + script('y'),
    'base-late': '<p>x<base href="{u}">' + script('y'),
    'base-in-svg': '<svg><base href="{u}"></svg>' + script('y'),
    'base-srcset': '<base href="{u}"><img srcset="y 1x">',
    'base-stylesheet': '<base href="{u}"><link rel=stylesheet href=y>',
    'base-background': '<base href="{u}"><table background=y><tr><td>x'
        + '</table>',
    'base-refresh': '<base href="{u}"><meta http-equiv=refresh '
        + 'content="0;url=y">',
    'base-iframe': '<base href="{u}"><iframe src=y></iframe>',
    'base-preload': '<base href="{u}"><link rel=preload as=image href=y>',
    'base-scheme-only': '<base href="{u}">' + script('https:y'),
    'base-to-site-path': { own: true,
        html: '<base href="/own/">' + script('{n}') },
    'own-path': { own: true, html: script('/own/{n}') },
    'own-absolute': { own: true,
        html: script('http://{site}/own/{n}') },
    'own-dots': { own: true, html: script('../x/%2E./own/{n}') },
    'own-backslashes': { own: true, html: img('\\own\\{n}') },
    'own-tab': { own: true, html: script('/o\twn/{n}') },
};


export const URLS = RELATIVE;

export const URLS_TOGETHER = {
    ...Object.fromEntries(Object.entries(SOURCES).map(
        ([name, url]) => [name, script(url)])),
    ...Object.fromEntries(Object.entries(USERINFO).map(
        ([name, url]) => [name, preconnect(url)])),
    ...NUMBERS,
};
