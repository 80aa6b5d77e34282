/*
 * Copyright (C) ngx_consent_module authors
 *
 * Response headers that make a browser fetch, written in ways that browsers
 * understand and a careless reader does not.  Written as explained in
 * catalogue.mjs.
 */


const BESIDE = '<p>beside';


/* a page with that Link header, or several of them */

function link(...values) {
    return { html: BESIDE,
             headers: values.map((value) => ['Link', value]) };
}


function refresh(value) {
    return { html: BESIDE, headers: [['Refresh', value]] };
}


/* a script that builds its URL piece by piece, which no reader can foresee */

const BUILT = '<script>new Image().src = "https://{s}/x";</script>';

function policy(...values) {
    return { html: BUILT,
             headers: values.map((value) => ['Content-Security-Policy',
                                             value]) };
}


const LINKS = {
    'link-preload': link('<{u}>; rel=preload; as=image'),
    'link-quoted': link('<{u}>; rel="preload"; as="image"'),
    'link-several-rels': link('<{u}>; rel="next preload"; as=image'),
    'link-unquoted-rels': link('<{u}>; rel=next preload; as=image'),
    'link-upper': link('<{u}>; REL=PRELOAD; AS=IMAGE'),
    'link-spaces': link('<{u}> ; rel = preload ; as = image'),
    'link-no-spaces': link('<{u}>;rel=preload;as=image'),
    'link-tabs': link('<{u}>\t;\trel\t=\tpreload\t;\tas=image'),
    'link-empty-params': link('<{u}>;;; ;rel=preload;;as=image;'),
    'link-second': link('</own.css>; rel=next, <{u}>; rel=preload; as=image'),
    'link-second-line': link('</own.css>; rel=next',
                             '<{u}>; rel=preload; as=image'),
    'link-empty-before': link(', ,, <{u}>; rel=preload; as=image'),
    'link-no-comma-space': link('</a>;rel=next,<{u}>;rel=preload;as=image'),
    'link-scheme-relative': link('<//{h}/x>; rel=preload; as=image'),
    'link-backslashes': link('<https:\\\\{h}\\x>; rel=preload; as=image'),
    'link-upper-host': link('<HTTPS://{H}/x>; rel=preload; as=image'),
    'link-blank-inside': link('< {u} >; rel=preload; as=image'),
    'link-user': link('<https://own@{h}/x>; rel=preload; as=image'),
    'link-tab-in-host': link('<https://{t}/x>; rel=preload; as=image'),
    'link-escaped-host': link('<https://{p}/x>; rel=preload; as=image'),
    'link-comma-in-target': link('<{u},y>; rel=preload; as=image'),
    'link-lt-in-target': link('<{u}<y>; rel=preload; as=image'),
    'link-quote-in-target': link('<{u}"y>; rel=preload; as=image'),
    'link-title-comma': link('<{u}>; title="a, b"; rel=preload; as=image'),
    'link-title-semicolon': link('<{u}>; title="a; b"; rel=preload; as=image'),
    'link-title-lt': link('</a>; title="<b>", <{u}>; rel=preload; as=image'),
    'link-title-escape': link('<{u}>; title="a\\"b"; rel=preload; as=image'),
    'link-escape-comma':
        link('</a>; title="a\\", <{u}>; rel=preload; as=image; x="'),
    'link-apostrophe':
        link("</a>; title=it's, <{u}>; rel=preload; as=image"),
    'link-apostrophes':
        link("</a>; title='a\", <{u}>; rel=preload; as=image; x=\"'"),
    'link-quote-open':
        link('</a>; title="a, <{u}>; rel=preload; as=image'),
    'link-quote-in-token':
        link('</a>; title=a"b, <{u}>; rel=preload; as=image; x="'),
    'link-no-gt': link('<{u}; rel=preload; as=image'),
    'link-no-lt': link('{u}>; rel=preload; as=image'),
    'link-before-lt': link('x <{u}>; rel=preload; as=image'),
    'link-after-gt': link('<{u}> x; rel=preload; as=image'),
    'link-malformed-before':
        link('</a; rel=next, <{u}>; rel=preload; as=image'),
    'link-nonsense-before': link('nonsense, <{u}>; rel=preload; as=image'),
    'link-first-rel': link('<{u}>; rel=preload; rel=next; as=image'),
    'link-second-rel': link('<{u}>; rel=next; rel=preload; as=image'),
    'link-anchor': link('<{u}>; rel=preload; as=image; anchor="/x"'),
    'link-rel-single-quotes': link("<{u}>; rel='preload'; as='image'"),
    'link-rel-escaped': link('<{u}>; rel="pre\\load"; as=image'),
    'link-unknown-params': link('<{u}>; foo; bar=; rel=preload; as=image'),
    'link-script': link('<{u}>; rel=preload; as=script'),
    'link-style': link('<{u}>; rel=preload; as=style'),
    'link-font': link('<{u}>; rel=preload; as=font; crossorigin'),
    'link-fetch': link('<{u}>; rel=preload; as=fetch; crossorigin'),
    'link-module': link('<{u}>; rel=modulepreload'),
    'link-prefetch': link('<{u}>; rel=prefetch'),
    'link-preconnect': link('<{u}>; rel=preconnect'),
    'link-dns-prefetch': { ...link('<{u}>; rel=dns-prefetch'), dns: true },
    'link-stylesheet': link('<{u}>; rel=stylesheet'),
    'link-icon': { ...link('<{u}>; rel=icon'), alone: true },
    'link-imagesrcset': link('</a.png>; rel=preload; as=image; '
                             + 'imagesrcset="{u} 1x"'),
    'link-imagesrcset-second': link('</a.png>; rel=preload; as=image; '
                                    + 'imagesrcset="/b.png 99x, {u} 1x"'),
    'link-own': { ...link('</own/{n}>; rel=preload; as=image'),
                  own: true },
    'link-own-relative': { ...link('<../own/{n}>; rel=preload; '
                                   + 'as=image'), own: true },
    'link-line-quote-open':
        link('</a>; title="a', '<{u}>; rel=preload; as=image; title="b"'),
    'link-line-target-open':
        link('<https:', '//{h}/x>; rel=preload; as=image'),
};


const REFRESHES = {
    'refresh-url': refresh('0; url={u}'),
    'refresh-bare': refresh('0;{u}'),
    'refresh-space': refresh('0 {u}'),
    'refresh-comma': refresh('0,url={u}'),
    'refresh-quotes': refresh('0; URL = \'{u}\''),
    'refresh-quote-open': refresh('0; url="{u}'),
    'refresh-fraction': refresh('.5;url={u}'),
    'refresh-scheme-relative': refresh('0;url=//{h}/x'),
    'refresh-own': { ...refresh('0;url=/own/{n}'), own: true },
};


/* the policy of the site allows the host, and ours shall not */

const POLICIES = {
    'csp-host': policy('img-src {h}'),
    'csp-url': policy('img-src https://{h}/x'),
    'csp-wildcard': policy("img-src 'self' https://*.tracker.example:*"),
    'csp-upper': policy('IMG-SRC HTTPS://{H}'),
    'csp-default': policy("default-src 'unsafe-inline' {h}"),
    'csp-default-empty': policy("default-src {h}; script-src 'unsafe-inline'"),
    'csp-two-lines': policy("img-src {h} 'self'", 'img-src *'),
    'csp-two-policies': policy('img-src *, img-src {h}'),
    'csp-meta': { html: '<meta http-equiv="Content-Security-Policy" '
                        + `content="img-src 'self' {u}">${BUILT}` },
    'csp-meta-references': { html: '<meta content="img-src&#x20;{d}" '
                                   + 'http-equiv=content-security-policy>'
                                   + BUILT },
};


/* elements have cases of the same names */

export const HEADERS = Object.fromEntries(
    Object.entries({ ...LINKS, ...REFRESHES, ...POLICIES })
        .map(([name, entry]) => [`header-${name}`, entry]));
