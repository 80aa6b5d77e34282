/*
 * Copyright (C) ngx_consent_module authors
 *
 * What an inline script names, from both sides: hosts that a real parser of
 * JavaScript finds in its strings, for which it has to be blocked, and hosts
 * that its bytes hold in any spelling, without which it must not be.
 */

import vm from 'node:vm';
import { require } from './corpus.mjs';


const { parse } = require('acorn');

const ADDRESS = /[\\/]{2}(?:[^\s"'<>\\/?#@]*@)?([a-z0-9.-]+)/gi;

/* what a script that only keeps data has not */

const ACTIVE = new Set(['ArrowFunctionExpression', 'ClassDeclaration',
                        'FunctionDeclaration', 'FunctionExpression',
                        'ImportExpression', 'NewExpression',
                        'TaggedTemplateExpression', 'TemplateLiteral']);


export function* nodes(root) {
    const stack = [root];

    while (stack.length) {
        const node = stack.pop();

        if (Array.isArray(node)) {
            stack.push(...node);

        } else if (node && typeof node.type === 'string') {
            yield node;
            stack.push(...Object.values(node)
                .filter((value) => value && typeof value === 'object'));
        }
    }
}


function isPassive(call) {
    const { object, property } = call.callee;

    return property?.name === 'push'
           || (object?.name === 'JSON' && property?.name === 'parse');
}


function strings(node) {
    switch (node.type) {
    case 'Literal':
        return typeof node.value === 'string' ? [node.value] : [];
    case 'TemplateElement':
        return [node.value.cooked ?? node.value.raw];
    default:
        return [];
    }
}


/*
 * The strings in a script; none where it does nothing but keep data, or is no
 * JavaScript that a parser of our days reads.
 */

export function stringsOf(code, module) {
    let program;

    try {
        program = parse(code, { ecmaVersion: 'latest',
                                allowReturnOutsideFunction: false,
                                sourceType: module ? 'module' : 'script' });

    } catch {
        return [];
    }

    const all = [...nodes(program)];
    const active = all.some((node) => ACTIVE.has(node.type)
        || (node.type === 'CallExpression' && !isPassive(node)));

    return active ? all.flatMap(strings) : [];
}


/* the hosts for which this script has to be blocked if one is refused */

export function hostsNamed(code, module) {
    return stringsOf(code, module).flatMap(
        (text) => [...text.matchAll(ADDRESS)].map(([, host]) => host
            .toLowerCase()));
}


/* the script without the escapes in which a host may be written */

export function unescaped(code) {
    const char = (_, hex) => String.fromCharCode(Number.parseInt(hex, 16));

    return code
        .replace(/%([0-9a-f]{2})/gi, char)
        .replace(/\\u\{?0*([0-9a-f]{2,4})\}?/gi, char)
        .replace(/\\x([0-9a-f]{2})/gi, char)
        .replaceAll('\\/', '/')
        .toLowerCase();
}


/* whether a browser would run it at all */

export function compiles(code) {
    try {
        new vm.Script(code);
        return true;

    } catch {
        return false;
    }
}
