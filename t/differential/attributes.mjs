/*
 * Copyright (C) ngx_consent_module authors
 *
 * Places within tags, and what to put there: attributes that fetch something,
 * quotes that hide or bare what follows, the end of the tag and another one.
 */

const T = '//tracker.example/x';


/* some of these fetch or end a tag; behind the others a tag follows */

export const PUT_IN = {
    'src': ` src=${T}`,
    'src, quoted': ` src="${T}"`,
    'src behind a slash': `/src='${T}'`,
    'href': ` href=${T} rel=icon`,
    'other loads': ` data=${T} poster=${T} ping=${T} background=${T}`,
    'srcset': ` srcset='${T} 2x' imagesrcset=${T}`,
    'style': ` style="a:url(${T})"`,
    'srcdoc': ` srcdoc="<img src=${T}>"`,
    'script': `><script src=${T}></script>`,
    'inline script': '><script>evil(1)</script>',
    'img behind "': `"><img src=${T}>`,
    'img behind \'': `'><img src=${T}>`,
    'img behind /': `/><img src=${T}>`,
    'end of noscript': `</noscript><img src=${T}>`,
    'end of noscript behind "': `"</noscript><img alt="src=${T}>`,
    'quotes': ['"', '\'', '`', '=', '=\'', '="', ' "', ' \''],
    'other bytes': ['/', '>', '<', '</', ' ', '\n', '\f', '\0', '&', '<!--',
                    '-->', '/>', '<a ', '<![CDATA[', ']]>'],
};


/* tags that fetch, and what is read in more than one way */

const TAGS = [
    '<img alt="a b" src=x class=\'c d\' id=e/>',
    '<script src="x" async></script>',
    '<script type=\'module\'>x("y")</script>',
    '<iframe srcdoc="<p title=\'x\'>" src=x></iframe>',
    '<link rel=stylesheet href="x" media=all>',
    '<p style="color:red" title = \'t\'>u</p>',
    '<svg a="b"><image href="x" y=z /></svg>',
    '<svg><style a="b">c{d:e}</style></svg>',
    '<svg><title a=\'b\'><b c="d"></b></title></svg>',
    '<input type=image src="x">',
    '<meta http-equiv="refresh" content="0;url=x">',
    '<video poster="x" src=y></video>',
    '<object data=\'x\' type="y"></object>',
    '<a ping="x" href=y>z</a>',
    '<img srcset="x 1x, y 2x" sizes=\'z\'>',
    '<td background="x" class=y>',
    '<noscript a="b"><img alt="x" src=\'y\'></noscript>',
    '<noscript><p title=\'x\' class="y">z</p></noscript>',
    '<template shadowrootmode="open"><noscript><img alt="x" src=y></noscript>'
        + '</template>',
    '<select a="b"><option value=\'c\'><style d="e">f</style></select>',
    '<frameset a="b"><frame src=\'x\'></frameset>',
    '<textarea a="b">x</textarea>',
    '<title a=\'b\'>x</title>',
    '<math a="b"><mtext c=\'d\'><mglyph src="x"/></mtext></math>',
    '<!-- <img alt="x" src=\'y\'> -->',
    '<x-y a="b" c></x-y d="e">',
];

const TAG = /<\/?[a-z](?:"[^"]*"|'[^']*'|[^>"'])*>?/gi;

const WORD = /[\w.:-]/;


/* in tags: where one thing ends and another begins, and within words */

function places(input) {
    const found = new Set();

    for (const { 0: tag, index } of input.matchAll(TAG)) {
        for (let i = 2, word = 1; i < tag.length; i++) {
            const inWord = WORD.test(tag[i - 1]) && WORD.test(tag[i]);

            word = inWord ? word + 1 : 0;

            if (!inWord || word === 2) {
                found.add(index + i);
            }
        }
    }

    return [...found];
}


function everywhere(input) {
    return Array.from({ length: input.length - 1 }, (_, i) => i + 1);
}


function* put(input, at, what) {
    if (typeof what === 'string') {
        yield input.slice(0, at) + what + input.slice(at);
        return;
    }

    for (const bytes of what) {
        yield `${input.slice(0, at)}${bytes}${input.slice(at)}`
              + `<img src=${T}><p title='"' class="'">`;
    }
}


/* one place of so many of our tags, and of so many of the inputs */

export function* inAttributes(inputs, what, random, sample) {
    for (const input of TAGS) {
        for (const at of everywhere(input)) {
            if (random.below(sample.tags) === 0) {
                yield* put(input, at, what);
            }
        }
    }

    for (const input of inputs) {
        for (const at of places(input)) {
            if (random.below(sample.inputs) === 0) {
                yield* put(input, at, what);
            }
        }
    }
}


/* behind something else that was put in */

export function* twice(what, random, sample) {
    for (const first of Object.values(PUT_IN).flat()) {
        for (const input of TAGS) {
            for (const at of everywhere(input)) {
                if (random.below(sample.twice) === 0) {
                    const next = at + random.below(input.length - at);

                    yield* put(input.slice(0, at) + first + input.slice(at),
                               next + first.length, what);
                }
            }
        }
    }
}
