/*
 * Copyright (C) ngx_consent_module authors
 *
 * A shop: a consent platform with TC strings, advertising, recommendations, a
 * cart by fetch().
 */

import { PIXEL, answer, encoded, missing, tagged } from './common.mjs';


export const HOST = 'shop.example';

export const PAGES = ['/', '/item/1', '/item/2', '/cart'];


const ADS = `<script async src="https://securepubads.g.doubleclick.net/tag/js/gpt.js"></script>
<script>
var googletag = window.googletag || { cmd: [] };
googletag.cmd.push(function () {
    googletag.defineSlot('/1/shop', [300, 250], 'ad').addService(googletag.pubads());
});
</script>`;

const PIXELS = `<script>!function (f, b) { if (f.fbq) { return; }
f.fbq = function () { f.fbq.queue.push(arguments); }; f.fbq.queue = [];
var t = b.createElement('script'); t.async = true;
t.src = 'https:\\/\\/connect.facebook.net/en_GB/fbevents.js';
b.head.appendChild(t); }(window, document);
fbq('init', '1'); fbq('track', 'PageView');</script>
<noscript><img height="1" width="1" style="display:none" src="https://www.facebook.com/tr?id=1&amp;ev=PageView&amp;noscript=1" alt=""></noscript>`;

const CART = `<script type="module">
const count = document.querySelector('#count');

if (count) {
    const cart = await (await fetch('/api/cart')).json();

    count.textContent = String(cart.items);
}
</script>`;


function layout(title, body) {
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title}</title>
<script type="importmap">
{ "imports": { "shop/": "/modules/", "reco": "https://cdn.reco.example/reco.js" } }
</script>
<script type="application/ld+json">
{ "@context": "https://schema.org", "@type": "Store", "sameAs": "https://www.facebook.com/exampleshop" }
</script>
<script type="speculationrules">
{ "prefetch": [{ "source": "list", "urls": ["/item/2"] }] }
</script>
<link rel="stylesheet" href="https://static.shop-cdn.example/shop.css">
${ADS}
${PIXELS}
<script src="https://www.pricewatch.example/w.js" defer></script>
</head>
<body>
<p>Cart: <span id="count">?</span></p>
<h1>${title}</h1>
${body}
<div id="ad"></div>
<iframe srcdoc="&lt;p&gt;Others bought:&lt;/p&gt;&lt;img src='https://px.reco.example/seen.gif'&gt;" title="Recommendations"></iframe>
${CART}
</body>
</html>
`;
}


const item = (n) => layout(`Item ${n}`, `<picture>
<source srcset="https://img.shop-cdn.example/${n}.png 1x, https://px.reco.example/${n}.png 2x">
<img src="https://img.shop-cdn.example/${n}.png" alt="Item ${n}">
</picture>
<video poster="https://px.reco.example/${n}.png" controls></video>
<a href="/cart" ping="https://px.reco.example/ping /ping">To the cart</a>
<object data="https://ad.doubleclick.net/banner.svg" type="image/svg+xml"><p>Banner</p></object>`);


const COOKIES = [
    ['Set-Cookie', 'cart=1; Path=/; HttpOnly; Secure; SameSite=Lax'],
    ['Set-Cookie', '_fbp=fb.0.1.1; Path=/; Max-Age=7776000'],
    ['Set-Cookie', 'reco=u-1; Path=/; Max-Age=31536000'],
    ['Set-Cookie', '_gcl_au=1.1.1; Path=/; Max-Age=7776000'],
    ['Set-Cookie', 'seen=1; Path=/'],
    ['Set-Cookie', 'euconsent-v2=; Path=/; Max-Age=0'],
];

const page = (text) => encoded('br', tagged(answer('html', text, COOKIES)));


const PATHS = {
    '/': () => page(layout('Example shop', '<p><a href="/item/1">One</a> '
                           + '<a href="/item/2">Two</a></p>')),
    '/item/1': () => page(item(1)),
    '/item/2': () => page(item(2)),
    '/cart': () => page(layout('Cart', '<p>One item.</p>')),
    '/api/cart': () => tagged(answer('json', '{ "items": 1 }\n', [
        ['Set-Cookie', '_gcl_au=1.1.2; Path=/'],
        ['Cache-Control', 'no-store']])),
    '/favicon.ico': () => answer('png', PIXEL),
};


export function site({ url }) {
    return (PATHS[url.pathname] ?? missing)();
}
