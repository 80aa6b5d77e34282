/*
 * Copyright (C) ngx_consent_module authors
 *
 * Every element, attribute and piece of CSS that makes a browser fetch.
 * Written as explained in catalogue.mjs.
 */


/* the attributes of elements */

const ATTRIBUTES = {
    'script-src': '<script src="{u}"></script>',
    'script-src-async': '<script async src="{u}"></script>',
    'script-src-defer': '<script src="{u}" defer></script>',
    'script-module': '<script type=module src="{u}"></script>',
    'script-nomodule': '<script nomodule src="{u}"></script>',
    'script-integrity': '<script src="{u}" integrity="sha256-x" '
        + 'crossorigin></script>',
    'script-type-upper': '<script type=" Text/JavaScript " src="{u}">'
        + '</script>',
    'script-language': '<script language=JavaScript1.2 src="{u}"></script>',
    'script-type-empty': '<script type="" src="{u}"></script>',
    'script-type-jscript': '<script type=text/jscript src="{u}"></script>',
    'script-type-data': '<script type="text/template" src="{u}"></script>',
    'script-attributionsrc': '<script attributionsrc="{u}"></script>',
    'svg-script-href': '<svg><script href="{u}"></script></svg>',
    'svg-script-xlink': '<svg><script xlink:href="{u}"></script></svg>',
    'svg-script-both': '<svg><script href="{u}" xlink:href="/x"></script>'
        + '</svg>',
    'svg-script-self-closing': '<svg><script href="{u}"/></svg>',

    'iframe-src': '<iframe src="{u}"></iframe>',
    'iframe-lazy': '<iframe loading=lazy src="{u}"></iframe>',
    'iframe-sandbox': '<iframe sandbox src="{u}"></iframe>',
    'frame-src': '<frameset cols="*"><frame src="{u}"></frameset>',
    'frame-nested': '<frameset rows="*,*"><frameset cols="*"><frame '
        + 'src="{u}"></frameset></frameset>',
    'fencedframe-src': '<fencedframe src="{u}"></fencedframe>',
    'portal-src': '<portal src="{u}"></portal>',
    'srcdoc-img': '<iframe srcdoc="<img src={u}>"></iframe>',
    'srcdoc-script': '<iframe srcdoc="&lt;script src=\'{u}\'&gt;'
        + '&lt;/script&gt;"></iframe>',
    'srcdoc-inline': '<iframe srcdoc="<script>new Image().src=\'{u}\''
        + '</script>"></iframe>',
    'srcdoc-style': '<iframe srcdoc=\'<p style="background:url({u})">x\'>'
        + '</iframe>',
    'srcdoc-nested': '<iframe srcdoc="<iframe srcdoc=\'<img src=&amp;quot;'
        + '{u}&amp;quot;>\'></iframe>"></iframe>',
    'srcdoc-nested-escaped': '<iframe srcdoc="&lt;iframe srcdoc=&quot;&amp;lt;'
        + 'img src={u}&amp;gt;&quot;&gt;&lt;/iframe&gt;"></iframe>',
    'srcdoc-unquoted': '<iframe srcdoc=<img&#32;src={u}>></iframe>',
    'srcdoc-base': '<base href="{u}"><iframe srcdoc="<img src=x>"></iframe>',

    'object-data': '<object data="{u}"></object>',
    'object-image': '<object type="image/png" data="{u}"></object>',
    'object-html': '<object type="text/html" data="{u}"></object>',
    'object-fallback': '<object><img src="{u}"></object>',
    'object-param-movie': '<object><param name=movie value="{u}"></object>',
    'object-param-data': '<object type="text/html"><param name=data '
        + 'value="{u}"></object>',
    'object-codebase': '<object codebase="{u}" data="x"></object>',
    'embed-src': '<embed src="{u}">',
    'embed-html': '<embed type="text/html" src="{u}">',
    'applet-code': '<applet code=x codebase="{u}"></applet>',
    'audio-src': '<audio preload=auto src="{u}"></audio>',
    'audio-controls': '<audio controls src="{u}"></audio>',
    'video-src': '<video preload=auto src="{u}"></video>',
    'video-autoplay': '<video autoplay muted src="{u}"></video>',
    'video-source': '<video preload=auto><source src="{u}" type="video/mp4">'
        + '</video>',
    'audio-source': '<audio preload=auto><source src="{u}"></audio>',
    'video-poster': '<video poster="{u}"></video>',
    'track-src': '<video src="/a"><track default src="{u}"></video>',
    'track-crossorigin': '<video crossorigin src="/a"><track default '
        + 'kind=captions src="{u}"></video>',

    'body-background': '<body background="{u}">x',

    'svg-feimage': '<svg width=9 height=9><filter id=f><feImage href="{u}" />'
        + '</filter><rect width=9 height=9 filter="url(#f)" /></svg>',
    'svg-feimage-xlink': '<svg width=9 height=9><filter id=f2><feimage '
        + 'xlink:href="{u}" /></filter><rect width=9 height=9 '
        + 'filter="url(#f2)" /></svg>',
    'svg-pattern': '<svg><pattern href="{u}#p" /></svg>',
    'svg-gradient': '<svg><linearGradient id=g href="{u}#g" /><rect width=9 '
        + 'height=9 fill="url(#g)" /></svg>',
    'svg-textpath': '<svg><text><textPath href="{u}#t">x</textPath></text>'
        + '</svg>',
    'svg-fill-attribute': '<svg width=9 height=9><rect width=9 height=9 '
        + 'fill="url({u}#x)" /></svg>',
    'svg-stroke-attribute': '<svg width=9 height=9><rect width=9 height=9 '
        + 'stroke="url({u}#x)" /></svg>',
    'svg-fill-escaped': '<svg width=9 height=9><rect width=9 height=9 '
        + 'fill="u\\72 l(&quot;{u}#x&quot;)" /></svg>',
    'svg-filter-attribute': '<svg width=9 height=9><rect width=9 height=9 '
        + 'filter="url({u}#x)" /></svg>',
    'svg-mask-attribute': '<svg width=9 height=9><rect width=9 height=9 '
        + 'mask="url({u}#x)" /></svg>',
    'svg-clip-path-attribute': '<svg width=9 height=9><rect width=9 height=9 '
        + 'clip-path="url({u}#x)" /></svg>',
    'svg-marker-attribute': '<svg width=9 height=9><path d="M0 0L9 9" '
        + 'stroke=red marker-start="url({u}#x)" /></svg>',
    'svg-cursor-attribute': '<svg><rect cursor="url({u}),auto" /></svg>',
    'svg-style-attribute': '<svg width=9 height=9><rect width=9 height=9 '
        + 'style="fill:url({u}#x)" /></svg>',
    'svg-set-href': '<svg width=9 height=9><image width=9 height=9><set '
        + 'attributeName=href to="{u}" /></image></svg>',
    'svg-set-xlink': '<svg width=9 height=9><image width=9 height=9><set '
        + 'attributeName="xlink:href" to="{u}" /></image></svg>',
    'svg-set-fill': '<svg width=9 height=9><rect width=9 height=9><set '
        + 'attributeName=fill to="url({u}#x)" /></rect></svg>',
    'svg-animate-from': '<svg width=9 height=9><image width=9 height=9>'
        + '<animate attributeName=href from="{u}" to="{u}" dur=9s /></image>'
        + '</svg>',
    'svg-animate-target': '<svg width=9 height=9><image id=i width=9 '
        + 'height=9 /><animate href="#i" attributeName=href values="{u}" '
        + 'dur=9s /></svg>',
    'svg-animate-href': '<svg width=9 height=9><image width=9 height=9>'
        + '<animate attributeName=href values="{u};{u}" dur=1s /></image>'
        + '</svg>',

    'meta-refresh': '<meta http-equiv=refresh content="0;url={u}">',
    'meta-refresh-quoted': '<meta http-equiv="Refresh" content="0; '
        + 'URL=\'{u}\'">',
    'meta-refresh-bare': '<meta http-equiv=refresh content="0 {u}">',
    'meta-refresh-comma': '<meta content="0,{u}" http-equiv=refresh>',
    'meta-refresh-fraction': '<meta http-equiv=refresh content=" 0.5 ; url '
        + '= {u}">',
    'meta-refresh-entity': '<meta http-equiv="re&#102;resh" '
        + 'content="0&semi;url&equals;{u}">',
    'meta-csp-report': '<meta http-equiv=Content-Security-Policy content="'
        + 'img-src \'none\'; report-uri {u}"><img src="/a">',
    'meta-og-image': '<meta property="og:image" content="{u}">',

    'a-ping': { click: true, html: '<a href="#x" ping="{u}">x</a>' },
    'a-ping-second': { click: true,
        html: '<a href="#x" ping="/a {u}">x</a>' },
    'a-href': '<a href="{u}">x</a>',
    'area-ping': { click: true, html: '<map name=m><area shape=rect '
        + 'coords="0,0,90,90" href="#x" ping="{u}"></map><img usemap="#m" '
        + 'src="data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAE'
        + 'AAAICTAEAOw==" width=90 height=90>' },
    'html-manifest': '<html manifest="{u}">x',
    'q-cite': '<q cite="{u}">x</q>',
    'form-action': '<form action="{u}"><button>x</button></form>',
};


/* pictures that do not mind other cases on the same page */

const IMAGES = {
    'img-src': '<img src="{u}">',
    'img-image-tag': '<image src="{u}">',
    'img-lazy': '<img loading=lazy src="{u}" width=9 height=9>',
    'img-hidden': '<div style="display:none"><img src="{u}"></div>',
    'img-crossorigin': '<img crossorigin src="{u}">',
    'img-lowsrc': '<img lowsrc="{u}">',
    'img-dynsrc': '<img dynsrc="{u}">',
    'img-longdesc': '<img longdesc="{u}">',
    'img-srcset': '<img srcset="{u}">',
    'img-srcset-density': '<img srcset="/a 9x, {u} 1x">',
    'img-srcset-width': '<img sizes=10px srcset="{u} 10w, /a 9000w">',
    'img-srcset-second': '<img srcset="/a 3x,{u}">',
    'img-srcset-no-blank': '<img srcset="{u},, /a 7x">',
    'img-srcset-newline': '<img srcset="\n\t{u}\f1x\n">',
    'img-srcset-parens': '<img srcset="/a 9x (x,y), {u} 1x">',
    'img-srcset-entity': '<img srcset="/a 9x&#44;{u} 1x">',
    'img-srcset-over-src': '<img src="/a" srcset="{u}">',
    'img-attributionsrc': { secure: true,
        html: '<img src="/a" attributionsrc="{u}">' },
    'picture-source': '<picture><source srcset="{u}"><img src="/a">'
        + '</picture>',
    'picture-source-type': '<picture><source type="image/png" srcset="{u} 1x">'
        + '<img></picture>',
    'picture-img': '<picture><source media="(max-width:1px)" srcset="/a">'
        + '<img src="{u}"></picture>',
    'input-image': '<input type=image src="{u}">',
    'input-image-upper': '<INPUT TYPE="IMAGE" SRC="{u}">',
    'input-image-entity': '<input type="ima&#x67;e" src="{u}">',
    'input-text': '<input type=text src="{u}">',

    'table-background': '<table background="{u}"><tr><td>x</table>',
    'td-background': '<table><tr><td background="{u}">x</table>',
    'th-background': '<table><tr><th background="{u}">x</table>',
    'tr-background': '<table><tr background="{u}"><td>x</table>',
    'tbody-background': '<table><tbody background="{u}"><tr><td>x</table>',
    'thead-background': '<table><thead background="{u}"><tr><td>x</table>',
    'div-background': '<div background="{u}">x</div>',

    'svg-image-href': '<svg width=9 height=9><image href="{u}" width=9 '
        + 'height=9 /></svg>',
    'svg-image-xlink': '<svg width=9 height=9><image xlink:href="{u}" '
        + 'width=9 height=9 /></svg>',
    'svg-use-href': '<svg><use href="{u}#x" /></svg>',
    'svg-use-xlink': '<svg><use xlink:href="{u}#x" /></svg>',
};


/* links by their rel */

const LINKS = {
    'link-stylesheet': '<link rel=stylesheet href="{u}">',
    'link-stylesheet-in-body': '<p>x<link rel=stylesheet href="{u}">',
    'link-stylesheet-print': '<link rel=stylesheet media=print href="{u}">',
    'link-stylesheet-upper': '<link rel="StyleSheet" href="{u}">',
    'link-stylesheet-alternate': '<link rel="alternate stylesheet" title=x '
        + 'href="{u}">',
    'link-stylesheet-entity': '<link rel="style&#115;heet" href="{u}">',
    'link-stylesheet-disabled': '<link disabled rel=stylesheet href="{u}">',
    'link-preload-script': '<link rel=preload as=script href="{u}">',
    'link-preload-image': '<link rel=preload as=image href="{u}">',
    'link-preload-font': '<link rel=preload as=font crossorigin href="{u}">',
    'link-preload-fetch': '<link rel=preload as=fetch crossorigin href="{u}">',
    'link-preload-style': '<link as=style rel=preload href="{u}">',
    'link-preload-track': '<link rel=preload as=track href="{u}">',
    'link-imagesrcset': '<link rel=preload as=image imagesrcset="{u} 1x">',
    'link-imagesrcset-width': '<link rel=preload as=image imagesizes=9px '
        + 'href="/a" imagesrcset="/a 900w, {u} 9w">',
    'link-modulepreload': '<link rel=modulepreload href="{u}">',
    'link-prefetch': '<link rel=prefetch href="{u}">',
    'link-prefetch-document': '<link rel=prefetch as=document href="{u}">',
    'link-preconnect': '<link rel=preconnect href="{u}">',
    'link-preconnect-crossorigin': '<link rel=preconnect crossorigin '
        + 'href="{u}">',
    'link-dns-prefetch': { dns: true,
        html: '<link rel=dns-prefetch href="//{h}">' },
    'link-dns-and-preconnect': '<link rel="dns-prefetch preconnect" '
        + 'href="{u}">',
    'link-prerender': '<link rel=prerender href="{u}">',
    'link-icon': { alone: true, html: '<link rel=icon href="{u}">' },
    'link-shortcut-icon': { alone: true,
        html: '<link rel="shortcut icon" href="{u}">' },
    'link-touch-icon': { alone: true,
        html: '<link rel=apple-touch-icon href="{u}">' },
    'link-manifest': { alone: true,
        html: '<link rel=manifest href="{u}">' },
    'link-dictionary': { secure: true,
        html: '<link rel=compression-dictionary href="{u}">' },
    'link-monetization': '<link rel=monetization href="{u}">',
    'link-canonical': '<link rel=canonical href="{u}">',
    'link-tabs-in-rel': '<link rel="x\tstylesheet\n" href="{u}">',
    'link-in-svg': '<svg><link rel=stylesheet href="{u}"></svg>',
};


/* scripts in the page; {s} is the host in two pieces */

const INLINE = {
    'inline-image': '<script>new Image().src = "{u}";</script>',
    'inline-insert': '<script>var s = document.createElement("script");'
        + 's.src = "//{h}/x"; document.head.appendChild(s);</script>',
    'inline-write': '<script>document.write(\'<script src="{u}"><\\/script>\')'
        + '</script>',
    'inline-rule': '<script>startTracker("{s}");function startTracker(a) '
        + '{ new Image().src = "//" + a; }</script>',
    'inline-module': '<script type=module>import "{u}";</script>',
    'inline-fetch': '<script>fetch("{u}")</script>',
    'inline-beacon': '<script>navigator.sendBeacon("{u}")</script>',
    'inline-upper-host': '<script>new Image().src = "//{H}/";</script>',
    'inline-comment-escape': '<script><!--\nnew Image().src = "{u}";\n'
        + '//--></script>',
    'inline-double-escape': '<script>/*<!--<script>*/new Image().src = "{u}"'
        + '/*</script>*/</script>',
    'inline-svg': '<svg><script>new Image().src="{u}"</script></svg>',
    'inline-svg-cdata': '<svg><script><![CDATA[new Image().src="{u}"]]>'
        + '</script></svg>',
    'inline-svg-entity': '<svg><script>new Image().src=&quot;https:&#x2f;/'
        + '{h}&quot;</script></svg>',
    'inline-importmap': '<script type=importmap>{"imports":{"x":"{u}"}}'
        + '</script><script type=module>import "x";</script>',
    'inline-speculation-prefetch': { secure: true, alone: true,
        html: '<script type=speculationrules>{"prefetch":[{"source":"list",'
            + '"urls":["{u}"],"eagerness":"immediate"}]}</script>' },
    'inline-speculation-prerender': { secure: true, alone: true,
        html: '<script type=speculationrules>{"prerender":[{"source":"list",'
            + '"urls":["{u}"],"eagerness":"immediate"}]}</script>' },
    'inline-data-block': '<script type="application/ld+json">{"image":"{u}"}'
        + '</script>',
};


/* style sheets in attributes */

const STYLES = {
    'style-attribute': '<p style="background:url({u})">x',
    'style-attribute-quoted': '<p style=\'background-image:url("{u}")\'>x',
    'style-attribute-entity': '<p style="background:u&#114;l(&quot;{u}&quot;)'
        + '">x',
    'style-attribute-escape': '<p style="background:\\75 rl({u})">x',
    'style-attribute-unquoted': '<p style=background:url({u})>x',
    'style-attribute-content': '<p style="content:url({u})">x',
    'style-attribute-list': '<ul><li style="list-style:url({u})">x</ul>',
    'style-attribute-border': '<p style="border:1px solid;border-image:'
        + 'url({u}) 1">x',
    'style-attribute-cursor': '<p style="cursor:url({u}),auto">x',
    'style-attribute-mask': '<p style="mask:url({u})">x',
    'style-attribute-filter': '<p style="filter:url({u}#x)">x',
    'style-attribute-variable': '<p style="--x:url({u});background:var(--x)">'
        + 'x',
    'style-attribute-image-set': '<p style="background:image-set(\'{u}\' 1x)">'
        + 'x',
};


/* style sheets in the page */

const CSS = {
    'style-import': '<style>@import "{u}";</style>',
    'style-import-url': '<style>@import url({u});</style>',
    'style-import-media': '<style>@charset "utf-8";@import url("{u}") '
        + 'screen;</style>',
    'style-import-upper': '<style>@IMPORT \'{u}\';</style>',
    'style-import-layer': '<style>@import "{u}" layer(x) '
        + 'supports(display:block);</style>',
    'style-import-escape': '<style>@\\69mport "{u}";</style>',
    'style-import-comment': '<style>/*x*/@import/**/"{u}";</style>',
    'style-import-cdo': '<style><!--\n@import "{u}";\n--></style>',
    'style-import-unclosed': '<style>@import "{u}</style>',
    'style-import-no-end': '<style>@import url({u}',
    'style-url': '<style>p{background:url({u})}</style><p>x',
    'style-url-upper': '<style>p{background:URL( \t"{u}" )}</style><p>x',
    'style-url-escaped-host': '<style>p{background:url("https://{e}/x")}'
        + '</style><p>x',
    'style-url-escaped-name': '<style>p{background:u\\72l({u})}</style><p>x',
    'style-url-continued': '<style>p{background:url("https:\\\n//{h}/x")}'
        + '</style><p>x',
    'style-url-src-function': '<style>p{background:src("{u}")}</style><p>x',
    'style-url-in-media': '<style>@media all{@supports (color:red){p{'
        + 'background:url({u})}}}</style><p>x',
    'style-url-nested': '<style>p{&{background:url({u})}}</style><p>x',
    'style-url-comment-around': '<style>p{background:/*)*/url({u})/*(*/}'
        + '</style><p>x',
    'style-url-after-string': '<style>p:before{content:"/*\\"";background:'
        + 'url({u})}</style><p>x',
    'style-image-set': '<style>p{background:image-set("{u}" 1x)}</style><p>x',
    'style-webkit-image-set': '<style>p{background:-webkit-image-set(url({u}) '
        + '1x)}</style><p>x',
    'style-cross-fade': '<style>p{background:-webkit-cross-fade(url({u}),'
        + 'url(/a),50%)}</style><p>x',
    'style-font-face': '<style>@font-face{font-family:f;src:url({u})}'
        + 'p{font-family:f}</style><p>x',
    'style-variable': '<style>:root{--x:url({u})}p{background:var(--x)}'
        + '</style><p>x',
    'style-property': '<style>@property --x{syntax:"<url>";inherits:false;'
        + 'initial-value:url({u})}p{background:var(--x)}</style><p>x',
    'style-content': '<style>p:before{content:url({u})}</style><p>x',
    'style-shape-outside': '<style>p{float:left;shape-outside:url({u})}'
        + '</style><p>x',
    'style-in-svg': '<svg><style>@import "{u}";</style></svg>',
    'style-in-svg-entity': '<svg><style>@import &quot;{u}&quot;;</style>'
        + '</svg>',
    'style-in-svg-cdata': '<svg><style><![CDATA[@import "{u}";]]></style>'
        + '</svg>',
    'style-in-body': '<p>x<style>p{background:url({u})}</style>',
    'style-in-noscript': '<noscript><style>p{background:url({u})}</style>'
        + '</noscript><p>x',
    'style-relative-base': '<base href="{u}"><style>p{background:url(x)}'
        + '</style><p>x',
    'style-unused-rule': '<style>.none{background:url({u})}</style>',
};


export const ELEMENTS = { ...ATTRIBUTES, ...INLINE, ...CSS };

export const ELEMENTS_TOGETHER = { ...IMAGES, ...LINKS, ...STYLES };
