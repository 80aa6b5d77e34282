/*
 * Copyright (C) ngx_consent_module authors
 *
 * What the made-up sites of the golden replays have in common: answers, and
 * third parties that behave as real ones do.
 */

import crypto from 'node:crypto';
import { encodeBody } from '../entry.mjs';


const TYPES = {
    css: 'text/css', html: 'text/html; charset=utf-8',
    js: 'text/javascript; charset=utf-8', json: 'application/json',
    png: 'image/png', svg: 'image/svg+xml', xml: 'application/xml',
};

/* the smallest picture there is */

export const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwC'
    + 'AAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=', 'base64');


export function answer(kind, body, headers = [], more = {}) {
    return { status: 200, body: Buffer.from(body),
             headers: [['Content-Type', TYPES[kind] ?? kind], ...headers],
             ...more };
}


export function redirect(to, headers = []) {
    return { status: 303, body: Buffer.alloc(0),
             headers: [['Location', to], ...headers] };
}


/* with an ETag of what is in it */

export function tagged(found) {
    const tag = crypto.createHash('sha1').update(found.body).digest('hex')
        .slice(0, 12);

    return { ...found, headers: [...found.headers, ['ETag', `"${tag}"`]] };
}


export function encoded(coding, found) {
    return { ...found, body: encodeBody(found.body, coding),
             headers: [...found.headers, ['Content-Encoding', coding],
                       ['Vary', 'Accept-Encoding']] };
}


export const missing = () => answer('html',
    '<!DOCTYPE html>\n<title>Not found</title>\n<p>There is no such page.\n',
    [], { status: 404 });


/* sets a cookie with a script, as trackers do, and asks for a pixel */

function tracker(pixel, cookie) {
    return answer('js', `(function () {
    document.cookie = '${cookie}=1; path=/; max-age=63072000';
    new Image().src = '${pixel}?u=' + encodeURIComponent(location.href);
})();
`, [['Cache-Control', 'max-age=600']]);
}


const cookie = (line) => [['Set-Cookie', line]];

/* host: path to answer; "*": any other path of it */

const THIRD = {
    'www.googletagmanager.com': {
        '/gtag/js': () => tracker('https://region1.google-analytics.com/'
                                  + 'g/collect', '_ga'),
        '/gtm.js': () => answer('js', `(function () {
    var tag = document.createElement('script');
    tag.src = 'https://connect.facebook.net/en_GB/fbevents.js';
    document.head.appendChild(tag);
})();
`),
        '*': () => answer('html', '<!DOCTYPE html><title>Container</title>\n'),
    },
    'static.hotjar.com': {
        '*': () => tracker('https://in.hotjar.com/api/v2', '_hjSession_1'),
    },
    'connect.facebook.net': {
        '*': () => tracker('https://www.facebook.com/tr/', '_fbp'),
    },
    'www.facebook.com': {
        '*': () => answer('png', PIXEL, cookie(
            'fr=0abc; Domain=.facebook.com; Path=/; Secure; SameSite=None')),
    },
    'www.youtube-nocookie.com': {
        '*': () => answer('html', '<!DOCTYPE html><title>Video</title>\n',
                          cookie('VISITOR_INFO1_LIVE=x; Path=/; Secure; '
                                 + 'SameSite=None')),
    },
    'platform.twitter.com': {
        '*': () => answer('js', 'window.twttr = {};\n'),
    },
    'fonts.googleapis.com': {
        '*': () => answer('css', 'body { font-family: sans-serif }\n'),
    },
    'securepubads.g.doubleclick.net': {
        '*': () => tracker('https://ad.doubleclick.net/ddm/activity',
                           '__gads'),
    },
    'ad.doubleclick.net': {
        '*': () => answer('png', PIXEL, cookie(
            'IDE=x; Domain=.doubleclick.net; Path=/; Secure; '
            + 'SameSite=None')),
    },
};


/* of any host that is not the site: something, as the internet would */

export function thirdParty({ hostname, pathname }) {
    const paths = THIRD[hostname] ?? {};
    const make = paths[pathname] ?? paths['*']
                 ?? (() => answer('png', PIXEL));

    return { ...make(), headers: [...make().headers,
                                  ['Access-Control-Allow-Origin', '*']] };
}


export const GTAG = `<script async src="https://www.googletagmanager.com/gtag/js?id=G-EXAMPLE"></script>
<script>
window.dataLayer = window.dataLayer || [];
function gtag() { dataLayer.push(arguments); }
gtag('js', new Date());
gtag('config', 'G-EXAMPLE', { anonymize_ip: true });
</script>`;

export const GTM = `<script>(function (w, d, s, l, i) {
w[l] = w[l] || []; w[l].push({ 'gtm.start': Date.now(), event: 'gtm.js' });
var f = d.getElementsByTagName(s)[0], j = d.createElement(s);
j.async = true; j.src = 'https://www.googletagmanager.com/gtm.js?id=' + i;
f.parentNode.insertBefore(j, f);
})(window, document, 'script', 'dataLayer', 'GTM-EXAMPLE');</script>`;

export const HOTJAR = `<script>
(function (h, o) {
    h.hj = h.hj || function () { (h.hj.q = h.hj.q || []).push(arguments); };
    h._hjSettings = { hjid: 1, hjsv: 6 };
    var r = o.createElement('script');
    r.async = 1;
    r.src = 'https://static.hotjar.com/c/hotjar-1.js?sv=6';
    o.head.appendChild(r);
})(window, document);
</script>`;
