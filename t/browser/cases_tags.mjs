/*
 * Copyright (C) ngx_consent_module authors
 *
 * The ways to write a tag, and the places where one may stand, that a
 * browser understands and a careless reader does not.  Written as explained
 * in catalogue.mjs.
 */


const SCRIPT = '<script src="{u}"></script>';

const IMG = '<img src="{u}">';


const WRITING = {
    'tag-upper': '<SCRIPT SRC="{u}"></SCRIPT>',
    'tag-mixed': '<ScRiPt sRc="{u}"></sCrIpT>',
    'tag-slash': '<script/src="{u}"></script>',
    'tag-slashes': '<img//src="{u}"//>',
    'tag-newline': '<script\nsrc\n=\n"{u}"\n></script>',
    'tag-form-feed': '<img\fsrc\f=\f{u}\f>',
    'tag-carriage-return': '<img\rsrc\r=\r"{u}"\r>',
    'tag-tab': '<img\tsrc\t=\t"{u}">',
    'tag-unquoted': '<script src={u}></script>',
    'tag-unquoted-slash': '<img src={u}/>',
    'tag-single-quotes': "<script src='{u}'></script>",
    'tag-no-blank-between': '<img alt="x"src="{u}"id=y>',
    'tag-other-quote-inside': '<img alt=">" title=\'">\' src="{u}">',
    'tag-quote-in-unquoted': '<img alt=a"b src={u}>',
    'tag-quote-in-name': '<img "=x \'=y src="{u}">',
    'tag-equals-first': '<img =x=y src="{u}">',
    'tag-lt-in-name': '<img <b src="{u}">',
    'tag-gt-in-value': '<script data-x="</script>" src="{u}"></script>',
    'tag-duplicate-first': '<script src="{u}" src="/a"></script>',
    'tag-duplicate-second': '<script src="/a" src="{u}"></script>',
    'tag-duplicate-upper': '<img SRC="{u}" src="/a">',
    'tag-empty-attribute': '<img alt= src="{u}"><img alt="" src="{u}">',
    'tag-valueless': '<script async defer src="{u}" hidden></script>',
    'tag-nul-in-tag': '<img\0 src="{u}">',
    'tag-nul-between': '<img \0 src="{u}">',
    'tag-nul-in-attribute': '<img s\0rc="{u}">',
    'tag-nul-in-value': '<img src="\0{u}">',
    'tag-nul-before': '\0<img src="{u}">',
    'tag-self-closing-script': '<script src="{u}"/>',
    'tag-end-with-attributes': '<script src="{u}"></script x="<" /y>',
    'tag-entity-in-name': '<img s&#114;c="{u}">',
    'tag-many-attributes': `<img ${[...Array(300).keys()]
        .map((i) => `data-${i}="${i}"`).join(' ')} src="{u}">`,
    'tag-long-before': `<img alt="${'x'.repeat(20000)}" src="{u}">`,
    'tag-long-after': `<img src="{u}" alt="${'x'.repeat(20000)}">`,
    'tag-long-script': `<script data-x="${'x'.repeat(40000)}" src="{u}">`
        + '</script>',
    'tag-long-style': `<p style="color:red;${'/**/'.repeat(6000)}`
        + 'background:url({u})">x',
    'tag-unclosed-at-end': '<img src="{u}"',
    'tag-unclosed-script': '<script src="{u}">',
    'tag-unclosed-iframe': '<iframe src="{u}">',
    'tag-unclosed-quote': '<img src="{u}>',
    'tag-lt-lt': '<<img src="{u}">',
    'tag-lt-space': '< <img src="{u}">',
    'tag-lt-digit': '<1<img src="{u}">',
    'tag-lt-slash-lt': '</<img src="{u}">>' + IMG,
    'tag-end-empty': '</>' + IMG,
    'tag-end-space': '</ x>' + IMG,
    'tag-bom': '\ufeff' + IMG,
    'tag-name-with-suffix': '<imgx src="{u}">',
    'tag-namespaced': '<svg:script href="{u}"></svg:script>',
};


const COMMENTS = {
    'comment-plain': `<!-- ${IMG} -->`,
    'comment-empty': '<!-->' + IMG + '-->',
    'comment-empty-dash': '<!--->' + IMG + '-->',
    'comment-bang-end': '<!-- --!>' + IMG + '-->',
    'comment-nested': '<!-- <!-- -->' + IMG + '-->',
    'comment-dashes': '<!---- -- -->' + IMG,
    'comment-nested-short': '<!--<!-->' + IMG + '-->',
    'comment-bogus-question': '<?x >' + IMG + '?>',
    'comment-bogus-bang': '<!x >' + IMG + '>',
    'comment-bogus-cdata': '<![CDATA[>' + IMG + ']]>',
    'comment-bogus-doctype': '<!DOCTYPE x ">' + IMG + '">',
    'comment-conditional': `<!--[if IE]>${IMG}<![endif]-->`,
    'comment-downlevel': '<![if !IE]>' + IMG + '<![endif]>',
    'comment-downlevel-hidden': '<!--[if !IE]><!-->' + IMG
        + '<!--<![endif]-->',
    'comment-unclosed': '<!-- ' + IMG,
    'comment-one-dash': '<!- >' + IMG,
};


const TEXT = {
    'text-textarea': `<textarea>${IMG}</textarea>`,
    'text-textarea-end': '<textarea></textarea x>' + IMG,
    'text-title': `<svg></svg><title>${IMG}</title>`,
    'text-title-no-end': '<title></titlex></title >' + IMG,
    'text-xmp': `<xmp>${IMG}</xmp>`,
    'text-xmp-after': '<xmp></XMP\n>' + IMG,
    'text-noembed': `<noembed>${IMG}</noembed>`,
    'text-noframes': `<noframes>${IMG}</noframes>`,
    'text-iframe': `<iframe>${IMG}</iframe>`,
    'text-plaintext': '<plaintext>' + IMG,
    'text-plaintext-in-svg': '<svg><plaintext>' + IMG,
    'text-plaintext-in-select': '<select><plaintext>' + IMG,
    'text-style': `<style>${IMG}</style>`,
    'text-style-comment': '<style><!--</style>' + IMG + '-->',
    'text-script-comment': '<script><!--</script>' + IMG + '--></script>',
    'text-script-double': '<script><!--<script></script>' + IMG
        + '--></script>',
    'text-script-double-after': '<script><!--<script></script>--></script>'
        + IMG,
    'text-script-double-no': '<script><!--<scriptx></script>' + IMG,
    'text-script-string': '<script>var x = "</script>' + IMG + '"</script>',
    'text-script-data': '<script type=text/html></script>' + IMG,
    'text-noscript': `<noscript>${IMG}</noscript>`,
    'text-noscript-iframe': '<noscript><iframe src="{u}"></iframe></noscript>',
    'text-noscript-link': '<noscript><link rel=stylesheet href="{u}">'
        + '</noscript>',
    'text-noscript-comment': '<noscript><!--</noscript>' + IMG
        + '--></noscript>',
    'text-noscript-attribute': '<p><noscript><p title="</noscript>' + IMG
        + '"></noscript>',
    'text-noscript-style': '<p><noscript><style></noscript>' + IMG
        + '</style></noscript>',
    'text-noscript-nested': '<noscript><noscript></noscript>' + IMG
        + '</noscript>',
    'text-noscript-body': `<p>x<noscript>${SCRIPT}${IMG}</noscript>`,
};


/* foreign content, and what leaves it */

const FOREIGN = {
    'foreign-svg-img': `<svg>${IMG}</svg>`,
    'foreign-svg-image-tag': '<svg width=9 height=9><IMAGE xlink:href="{u}" '
        + 'width=9 height=9 /></svg>',
    'foreign-svg-iframe': '<svg><iframe src="{u}"></iframe></svg>',
    'foreign-svg-script-src': `<svg>${SCRIPT}</svg>`,
    'foreign-svg-style-img': `<svg><style>${IMG}</style></svg>`,
    'foreign-svg-title-img': `<svg><title>${IMG}</title></svg>`,
    'foreign-svg-desc-img': `<svg><desc>${IMG}</desc></svg>`,
    'foreign-svg-object': '<svg><foreignObject width=9 height=9>' + IMG
        + '</foreignObject></svg>',
    'foreign-svg-cdata': '<svg><![CDATA[' + IMG + ']]></svg>',
    'foreign-svg-cdata-end': '<svg><![CDATA[ ]] > ]]>' + IMG + '</svg>',
    'foreign-svg-cdata-breakout': '<svg><p><![CDATA[>' + IMG + ']]>',
    'foreign-svg-breakout': '<svg><style><p>' + IMG + '</style>',
    'foreign-svg-font-color': '<svg><font color=x><style>' + IMG + '</style>',
    'foreign-svg-font': '<svg><font><style>' + IMG + '</style>',
    'foreign-svg-textarea': `<svg><textarea>${IMG}</textarea></svg>`,
    'foreign-svg-xmp': `<svg><xmp>${IMG}</xmp></svg>`,
    'foreign-svg-noscript': `<svg><noscript>${IMG}</noscript></svg>`,
    'foreign-svg-self-closing': '<svg/><style></style>' + IMG,
    'foreign-svg-script-escape': '<svg><script><!--<script></script>' + IMG,
    'foreign-svg-script-img': '<svg><script><image href="{u}" width=9 />'
        + '</script></svg>',
    'foreign-svg-comment': '<svg><style><!--</style>' + IMG + '-->',
    'foreign-svg-comment-title': '<svg><title><!--</title>' + IMG + '-->',
    'foreign-svg-comment-script': '<svg><desc></desc><script>/*<!--</script>'
        + IMG + '-->*/</script></svg>',
    'foreign-svg-comment-textarea': '<svg><textarea><!--</textarea>' + IMG
        + '-->',
    'foreign-svg-comment-xmp': '<svg><xmp><!--</xmp>' + IMG + '-->',
    'foreign-svg-comment-iframe': '<svg><iframe><!--</iframe>' + IMG + '-->',
    'foreign-svg-comment-noscript': '<svg><noscript><!--</noscript>' + IMG
        + '-->',
    'foreign-math-comment': '<math><style><!--</style>' + IMG + '-->',
    'foreign-svg-cdata-gt': '<svg><![CDATA[>' + IMG + ']]></svg>',
    'foreign-svg-cdata-style': '<svg><style><![CDATA[</style>' + IMG
        + ']]></style></svg>',
    'foreign-svg-attribute-style': '<svg><style><a title="</style>' + IMG
        + '"></a></style></svg>',
    'foreign-svg-attribute-title': '<svg><title><a title="</title>' + IMG
        + '"></a></title></svg>',
    'foreign-math-cdata-gt': '<math><![CDATA[>' + IMG + ']]></math>',
    'foreign-svg-end-p': '<svg></p><style><!--</style>' + IMG + '-->',
    'foreign-math-img': `<math>${IMG}</math>`,
    'foreign-math-style': `<math><style>${IMG}</style></math>`,
    'foreign-math-mtext': `<math><mtext><style></style>${IMG}</math>`,
    'foreign-math-mglyph': '<math><mtext><mglyph><style>' + IMG
        + '</style></math>',
    'foreign-math-annotation': '<math><annotation-xml encoding="text/html">'
        + '<style></style>' + IMG + '</math>',
    'foreign-math-annotation-svg': '<math><annotation-xml><svg><style>' + IMG
        + '</style></svg></math>',
    'foreign-math-annotation-plain': '<math><annotation-xml><style>' + IMG
        + '</style></math>',
    'foreign-math-cdata': '<math><![CDATA[x]]>' + IMG + '</math>',
    'foreign-math-table': '<math><table><style></style>' + IMG + '</math>',
    'foreign-form-math': '<form><math><mtext></form><form><mglyph><style>'
        + '</math>' + IMG,
};


/* the tree builder's modes */

const MODES = {
    'mode-select': `<select>${IMG}</select>`,
    'mode-select-script': `<select>${SCRIPT}</select>`,
    'mode-select-option': `<select><option>${IMG}</select>`,
    'mode-select-style': `<select><style></select>${IMG}</style></select>`,
    'mode-select-textarea': `<select><textarea>${IMG}</textarea></select>`,
    'mode-select-title': `<select><title>${IMG}</title></select>`,
    'mode-select-xmp': `<select><xmp>${IMG}</xmp></select>`,
    'mode-select-svg': `<select><svg><style>${IMG}</style></svg></select>`,
    'mode-select-template': `<select><template><style></style></template>`
        + `${IMG}</select>`,
    'mode-select-noscript': `<select><noscript>${IMG}</noscript></select>`,
    'mode-frameset-script': `<frameset>${SCRIPT}</frameset>`,
    'mode-frameset-img': `<frameset>${IMG}<frame src="/a"></frameset>`,
    'mode-frameset-style': '<frameset><style></frameset><frame src="{u}">'
        + '</style></frameset>',
    'mode-frameset-noframes': `<frameset><noframes>${IMG}</noframes>`
        + '</frameset>',
    'mode-frameset-after': `<frameset></frameset>${IMG}`,
    'mode-frameset-after-noframes': '<frameset></frameset><noframes>'
        + '</noframes>' + SCRIPT,
    'mode-table-img': `<table>${IMG}</table>`,
    'mode-table-script': `<table>${SCRIPT}</table>`,
    'mode-table-style': `<table><tr><style></style>${IMG}</table>`,
    'mode-table-input': '<table><input type=image src="{u}"></table>',
    'mode-table-select': `<table><tr><td><select><td>${IMG}</table>`,
    'mode-select-comment-style': '<select><style><!--</style>' + IMG
        + '--></select>',
    'mode-select-comment-xmp': '<select><xmp><!--</xmp>' + IMG
        + '--></select>',
    'mode-frameset-comment-style': '<frameset><style><!--</style>' + IMG
        + '--></frameset>',
    'mode-colgroup': `<table><colgroup><style></style>${IMG}</table>`,
    'mode-caption': `<table><caption>${IMG}</table>`,
    'mode-head-template': `<template>${IMG}</template>`,
    'mode-template-script': `<template>${SCRIPT}</template>`,
    'mode-template-style': `<template><style>@import "{u}";</style>`
        + '</template>',
    'mode-template-nested': `<template><template></template>${IMG}`
        + '</template>',
    'mode-template-shadow': '<div><template shadowrootmode=open>' + IMG
        + '</template></div>',
    'mode-template-shadow-style': '<div><template shadowrootmode=open><style>'
        + ':host{background:url({u})}</style>x</template></div>',
    'mode-after-body': `<body>x</body>${IMG}`,
    'mode-after-html': `</body></html>${SCRIPT}`,
    'mode-second-body': '<body>x<body background="{u}">',
    'mode-second-html': `<html><body>x<html manifest=x>${IMG}`,
    'mode-head-again': `<body><head>${SCRIPT}</head>`,
    'mode-formatting': `<b><p><i></b>${IMG}</i></p>`,
    'mode-nested-anchors': `<a><a><table><a>${IMG}</table>`,
    'mode-button': `<button>${IMG}</button>`,
    'mode-marquee': `<marquee>${IMG}</marquee>`,
    'mode-dialog': `<dialog>${IMG}</dialog>`,
    'mode-details': `<details>${IMG}</details>`,
    'mode-custom-element': `<x-y><z-z>${IMG}</z-z></x-y>`,
    'mode-ruby': `<ruby><rtc>${IMG}</ruby>`,
    'mode-deep': `${'<div>'.repeat(600)}${IMG}`,
    'mode-many-before': `${'<p>text <b>bold</b>'.repeat(2000)}${IMG}`,
    'mode-preload-behind-script': `<script src="/a"></script>${IMG}`
        + '<link rel=stylesheet href="{u}">',
};


export const TAGS = { ...WRITING, ...COMMENTS, ...TEXT, ...FOREIGN,
                      ...MODES };
