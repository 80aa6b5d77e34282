/*
 * Copyright (C) ngx_consent_module authors
 *
 * Random tag soup: pieces of markup that change how a parser reads what
 * follows, with tags that load from a tracker between them.
 */


const T = 'https://tracker.example/';

const DENIED = [
    `<img src=${T}>`, `<img src="${T}">`, `<script src=${T}></script>`,
    `<iframe src=${T}></iframe>`, '<script>evil(1)</script>',
    `<link rel=icon href=${T}>`, `<image href="${T}"/>`, `<image src=${T}>`,
    `<image xlink:href="${T}"/>`, `<script href="${T}"/>`, `<use href=${T}>`,
    `<input type=image src=${T}>`, `<td background=${T}>`,
    `<video poster=${T}>`, `<object data=${T}>`, `<embed src=${T}>`,
    `<p style="background:url(${T})">`, `<img srcset="${T} 2x">`,
    `<style>a{b:url(${T})}</style>`, `<a ping=${T}>`, `<frame src=${T}>`,
    `<iframe srcdoc="<img src=${T}>"></iframe>`, `<base href=${T}>`,
    '<script src=own.js></script>',
];

const TAGS = [
    'a', 'annotation-xml', 'b', 'body', 'caption', 'col', 'desc', 'div', 'dd',
    'fieldset', 'font color=red', 'foreignObject', 'form', 'frameset', 'h1',
    'head', 'html', 'iframe', 'input', 'li', 'keygen', 'malignmark', 'math',
    'mglyph', 'mi', 'mtext', 'noembed', 'noframes', 'noscript', 'object',
    'optgroup', 'option', 'p', 'plaintext', 'pre', 'script', 'select',
    'style', 'svg', 'table', 'tbody', 'td', 'template', 'textarea', 'th',
    'title', 'tr', 'xmp', 'annotation-xml encoding=text/html',
    'annotation-xml encoding=Text/XML', 'script type=a/b', 'svg:svg',
];

const LITERALS = [
    '<', '>', '/', '!', '-', '--', '<!--', '-->', '--!>', '<script',
    '</script', '<img ', 'src=', '\'', '"', T, 'https://fine.example/', ' ',
    '=', '<svg', '<![CDATA[', ']]>', 'a', '\n', 'type=module', '<?', '</',
    '<!', '&amp;', '<!DOCTYPE html>', '<a ', '\0', '&lt;', 'x', '<style',
    '</style', '</noscript', '</title', '</svg', '\f', '\t',
];

const START = { tag: 40, end: 70, denied: 82 };     /* of 100 */


export class Random {

    constructor(seed) {
        this.state = seed >>> 0;
    }


    below(n) {
        this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;

        return Math.floor((this.state >>> 8) / 0x1000000 * n);
    }


    of(list) {
        return list[this.below(list.length)];
    }
}


function piece(random) {
    const kind = random.below(100);

    if (kind < START.tag) {
        return `<${random.of(TAGS)}${random.below(8) ? '' : '/'}>`;
    }

    if (kind < START.end) {
        return `</${random.of(TAGS).split(' ')[0]}>`;
    }

    return random.of(kind < START.denied ? DENIED : LITERALS);
}


export function soup(seed) {
    const random = new Random(Math.imul(seed, 2654435761));
    const parts = [];

    for (let n = 3 + random.below(25); n > 0; n--) {
        parts.push(piece(random));
    }

    return parts.join('');
}
