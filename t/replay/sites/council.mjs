/*
 * Copyright (C) ngx_consent_module authors
 *
 * A public body: analytics, a heat map, films and posts of others, a form.
 */

import { GTAG, HOTJAR, PIXEL, answer, encoded, missing, redirect, tagged }
    from './common.mjs';


export const HOST = 'www.exampleton.example';

export const PAGES = ['/', '/news', '/contact', '/contact/thanks',
                      '/old-news', '/missing', '/notice.html'];


/* a menu of its own, which has to work in every state */

const MENU = `<script>
document.addEventListener('DOMContentLoaded', function () {
    document.documentElement.className += ' js';
});
</script>`;


function layout(title, body, more = '') {
    return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title} – Council of Exampleton</title>
<meta name="description" content="Services &amp; news of Exampleton">
<link rel="icon" href="/crest.svg">
<link rel="preconnect" href="https://www.googletagmanager.com">
<link rel="dns-prefetch" href="//static.hotjar.com">
<link rel="stylesheet" href="/site.css">
${MENU}
${GTAG}
${HOTJAR}
${more}</head>
<body>
<noscript><img src="https://www.google-analytics.com/collect?v=1&amp;t=pageview" alt="" width="1" height="1"></noscript>
<header><a href="/">Council of Exampleton</a></header>
<main>
<h1>${title}</h1>
${body}
</main>
<footer><a href="https://www.youtube.com/exampleton">Our films</a></footer>
</body>
</html>
`;
}


const HOME = layout('Welcome', `<p>Pay your bills, book a hall, read the news.</p>
<iframe width="560" height="315" src="https://www.youtube-nocookie.com/embed/example" title="The new library" allowfullscreen></iframe>
<blockquote class="twitter-tweet"><p>The bridge is open again.</p>
<a href="https://twitter.com/exampleton/status/1">1 June</a></blockquote>
<script async src="https://platform.twitter.com/widgets.js" charset="utf-8"></script>
<button onclick="gtag('event', 'feedback')">Was this page useful?</button>`);

const NEWS = layout('News', `<ul>
<li><a href="/news/bridge">The bridge is open again</a></li>
</ul>
<div style="background: url(https://stats.hotjar.com/pixel.gif) no-repeat">Map of works</div>
<img src="/bridge.png" srcset="/bridge.png 1x, https://static.hotjar.com/bridge.png 2x" alt="The bridge">`,
    `<style>
.map { background-image: url("https://www.google-analytics.com/r.gif") }
.own { background-image: url("/crest.svg") }
</style>
`);

const CONTACT = layout('Contact', `<form method="post" action="/contact">
<label>Your message <textarea name="text"></textarea></label>
<button>Send</button>
</form>`);

/* as an old system sends it */

const NOTICE = Buffer.from('\ufeff' + layout('Public notice',
    '<p>Road closed.</p>'), 'utf16le');

const SESSION = ['Set-Cookie', 'session=abc; Path=/; HttpOnly; Secure; '
                               + 'SameSite=Lax'];

const LANGUAGE = ['Set-Cookie', 'lang=en; Path=/; Max-Age=31536000'];

/* as a server-side container sets it */

const GA = ['Set-Cookie', '_ga=GA1.2.1.1; Domain=exampleton.example; Path=/; '
                          + 'Max-Age=63072000; Secure'];

const GA_SESSION = ['Set-Cookie', '_ga_EXAMPLE=GS1.1.1; Path=/; '
                                  + 'Max-Age=63072000'];

const POLICY = ['Content-Security-Policy', "default-src 'self'; script-src "
    + "'self' 'unsafe-inline' https://www.googletagmanager.com "
    + 'https://static.hotjar.com https://platform.twitter.com; img-src * '
    + "data:; style-src 'self' 'unsafe-inline'; frame-src "
    + 'https://www.youtube-nocookie.com; connect-src *'];


const page = (text, headers = []) => encoded('gzip', tagged(answer('html', text,
    [SESSION, GA, GA_SESSION, LANGUAGE, POLICY,
     ['Link', '<https://www.googletagmanager.com/gtag/js?id=G-EXAMPLE>; '
              + 'rel=preload; as=script, </site.css>; rel=preload; as=style'],
     ['Cache-Control', 'public, max-age=300'],
     ['Last-Modified', 'Mon, 02 Jun 2025 08:00:00 GMT'], ...headers])));


const PATHS = {
    '/': () => page(HOME),
    '/news': () => page(NEWS, [['Report-To', '{"group":"default",'
        + '"max_age":10886400,"endpoints":[{"url":'
        + '"https://www.google-analytics.com/report"}]}']]),
    '/contact': ({ method }) => method === 'POST'
        ? redirect('/contact/thanks', [GA, SESSION]) : page(CONTACT),
    '/contact/thanks': () => page(layout('Thank you', '<p>We will answer.')),
    '/old-news': () => answer('html', layout('Moved', '<p>See the news.'),
        [['Refresh', '600; url=https://www.google-analytics.com/moved']]),
    '/notice.html': () => answer('text/html; charset=utf-16le', NOTICE,
                                 [SESSION]),
    '/site.css': () => tagged(answer('css', 'body { margin: 2em }\n',
                                     [['Cache-Control', 'max-age=600']])),
    '/crest.svg': () => answer('svg', '<svg xmlns='
        + '"http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="4" '
        + 'cx="4" cy="4"/></svg>\n', [GA]),
    '/bridge.png': () => answer('png', PIXEL, [['Accept-Ranges', 'bytes']]),
};


export function site({ url, method }) {
    return (PATHS[url.pathname] ?? missing)({ method });
}


/* what a visitor does beside reading */

export async function visit(page) {
    await page.goto(`https://${HOST}/contact`);
    await page.fill('textarea', 'Hello');
    await page.click('form button');
    await page.waitForURL('**/thanks');
}
