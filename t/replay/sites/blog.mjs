/*
 * Copyright (C) ngx_consent_module authors
 *
 * A blog as a content management system makes it: plugins, a tag manager,
 * fonts and styles of others, old markup that was pasted.
 */

import { GTM, PIXEL, answer, missing, tagged } from './common.mjs';


export const HOST = 'blog.example';

export const PAGES = ['/', '/2025/06/bees/', '/feed/'];


const EMOJI = `<script>
window._wpemojiSettings = { "baseUrl": "https:\\/\\/s.w.org\\/images\\/core\\/emoji\\/", "ext": ".png" };
!function (s) { s.emoji = typeof s.baseUrl === 'string'; }(window._wpemojiSettings);
</script>`;


function layout(title, body) {
    return `<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="UTF-8">
<!-- This site uses a tag manager: <script src="https://www.googletagmanager.com/gtm.js"></script> -->
${GTM}
<title>${title} &#8211; Bees and hives</title>
<link rel="dns-prefetch" href="//stats.wp.example">
<link rel="alternate" type="application/rss+xml" title="Feed" href="https://blog.example/feed/">
${EMOJI}
<link rel="stylesheet" id="fonts-css" href="https://fonts.googleapis.com/css?family=Lora%3A400&#038;subset=latin" type="text/css" media="all">
<style>
@import url("https://fonts.googleapis.com/css2?family=Karla");
.hero { background: url(/wp-content/uploads/hive.png) }
</style>
<script src="/wp-includes/js/menu.js" id="menu-js"></script>
<script src="/wp-content/plugins/visits/count.js?ver=2" id="visits-js" data-cfasync="false"></script>
</head>
<body class="home blog" background="https://pixel.wp.example/g.gif">
<noscript><iframe src="https://www.googletagmanager.com/ns.html?id=GTM-EXAMPLE" height="0" width="0" style="display:none;visibility:hidden"></iframe></noscript>
<h1>${title}</h1>
${body}
<svg width="20" height="20"><use href="/wp-content/icons.svg#bee"/><image href="https://pixel.wp.example/bee.png"/></svg>
<script type="text/javascript">
/* <![CDATA[ */
var visits = { "ajax": "\\/wp-admin\\/admin-ajax.php" };
/* ]]> */
</script>
</body>
</html>
`;
}


const POST = layout('On bees', `<p>They came back.</p>
<EMBED SRC="HTTPS://WWW.YOUTUBE.COM/v/bees" TYPE="application/x-shockwave-flash" WIDTH=425>
<figure class="wp-block-embed"><iframe loading="lazy" src="https://www.youtube.com/embed/bees?feature=oembed" title="Bees"></iframe></figure>
<img src=//pixel.wp.example/pixel.gif?p=1 width=1 height=1 alt="">
<script async src="https&#58;//platform.twitter.com/widgets.js"></script>
<select><option>June</option></select>
<textarea><script src="https://www.googletagmanager.com/gtm.js"></script></textarea>
<form action="/wp-comments-post.php" method="post"><p><input name="author"><button>Post</button></p></form>`);


const COOKIES = [
    ['Set-Cookie', 'wordpress_test_cookie=WP%20Cookie%20check; path=/'],
    ['Set-Cookie', 'tk_ai=abc; path=/; expires=Fri, 01 Jan 2038 00:00:00 '
                   + 'GMT'],
    ['Set-Cookie', 'visits_id=77; path=/; max-age=63072000'],
];

const page = (text) => answer('html', text, [...COOKIES,
    ['Link', '<https://blog.example/wp-json/>; rel="https://api.w.org/"'],
    ['Last-Modified', 'Tue, 03 Jun 2025 10:00:00 GMT']]);


const PATHS = {
    '/': () => page(layout('Bees and hives',
        '<p><a href="/2025/06/bees/">On bees</a></p>')),
    '/2025/06/bees/': () => page(POST),
    '/feed/': () => answer('xml', '<?xml version="1.0"?>\n<rss version="2.0">'
        + '<channel><title>Bees</title></channel></rss>\n', COOKIES),
    '/wp-includes/js/menu.js': () => tagged(answer('js',
        'document.documentElement.dataset.menu = "1";\n')),
    '/wp-content/plugins/visits/count.js': () => answer('js',
        "document.cookie = 'visits_id=78; path=/';\n"
        + "new Image().src = 'https://pixel.wp.example/g.gif';\n"),
    '/wp-content/uploads/hive.png': () => answer('png', PIXEL),
    '/wp-content/icons.svg': () => answer('svg',
        '<svg xmlns="http://www.w3.org/2000/svg"><symbol id="bee"/></svg>\n'),
    '/favicon.ico': () => answer('png', PIXEL),
};


export function site({ url }) {
    return (PATHS[url.pathname] ?? missing)();
}
