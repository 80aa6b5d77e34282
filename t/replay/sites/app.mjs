/*
 * Copyright (C) ngx_consent_module authors
 *
 * An application that is rendered by its server and hydrated by the browser:
 * the script compares what it finds with what it would have made, node by
 * node, and complains as the usual frameworks do.
 */

import { PIXEL, answer, encoded, missing, tagged } from './common.mjs';


export const HOST = 'app.example';

export const PAGES = ['/', '/tasks', '/api/me'];


const TASKS = [{ id: 1, text: 'Buy <milk> & bread' },
               { id: 2, text: 'See https://www.youtube.com/watch?v=1' }];

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');


/* the same in the server and in the browser: [name, attributes, children] */

const VIEW = `function view(state) {
    return ['section', { class: 'tasks' }, [
        ['h1', {}, [state.title]],
        ['ul', {}, state.tasks.map(function (task) {
            return ['li', { 'data-id': String(task.id) }, [task.text]];
        })],
        ['button', { type: 'button' }, ['Done: ' + state.done]]
    ]];
}`;


const view = new Function('state', `${VIEW} return view(state);`);


function render(node) {
    if (typeof node === 'string') {
        return escape(node);
    }

    const [name, attrs, children] = node;
    const list = Object.entries(attrs).map(([key, value]) =>
        ` ${key}="${value}"`).join('');

    return `<${name}${list}>${children.map(render).join('')}</${name}>`;
}


const BUNDLE = `${VIEW}

function hydrate(element, node, where) {
    if (typeof node === 'string') {
        if (!element || element.nodeType !== 3 || element.data !== node) {
            throw new Error('hydration: text differs at ' + where);
        }

        return;
    }

    if (!element || element.nodeType !== 1
        || element.localName !== node[0])
    {
        throw new Error('hydration: expected ' + node[0] + ' at ' + where);
    }

    var names = Object.keys(node[1]);

    if (element.attributes.length !== names.length) {
        throw new Error('hydration: attributes differ at ' + where);
    }

    names.forEach(function (name) {
        if (element.getAttribute(name) !== node[1][name]) {
            throw new Error('hydration: ' + name + ' differs at ' + where);
        }
    });

    if (element.childNodes.length !== node[2].length) {
        throw new Error('hydration: children differ at ' + where);
    }

    node[2].forEach(function (child, i) {
        hydrate(element.childNodes[i], child, where + '/' + node[0]);
    });
}

var state = window.__STATE__;
var root = document.getElementById('root');

hydrate(root.firstChild, view(state), '');

root.querySelector('button').addEventListener('click', function () {
    state.done++;
    this.firstChild.data = 'Done: ' + state.done;
});

document.documentElement.dataset.hydrated = 'yes';
`;

const VITALS = `(function () {
    var send = function () {
        navigator.sendBeacon('https://vitals.analytics.example/v1', '{}');
    };

    addEventListener('load', function () { setTimeout(send, 100); });
})();
`;


function document(path) {
    const state = { title: path === '/' ? 'Start' : 'Tasks', tasks: TASKS,
                    done: 0, analytics: 'https://cdn.analytics.example/a.js',
                    query: { url: path } };
    const json = JSON.stringify(state).replaceAll('<', '\\u003c');

    return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"/><title>${state.title}</title><link rel="preload" as="script" href="/assets/app.4f2a.js"/><link rel="preload" as="script" href="https://cdn.analytics.example/a.js"/><script src="https://cdn.analytics.example/a.js" defer=""></script><script>window.analytics=window.analytics||[];analytics.push(["load","https://cdn.analytics.example/a.js"]);(function(d){var s=d.createElement("script");s.src="https://cdn.analytics.example/a.js";d.head.appendChild(s)})(document);</script></head><body><div id="root">${render(view(state))}</div><script>window.__STATE__=${json}</script><script src="/assets/app.4f2a.js" defer=""></script><script src="/assets/vitals.11aa.js" defer=""></script><!--$--><!--/$--></body></html>
`;
}


const COOKIES = [
    ['Set-Cookie', '__Host-session=s; Path=/; Secure; HttpOnly; '
                   + 'SameSite=Lax'],
    ['Set-Cookie', 'ajs_anonymous_id=a; Path=/; Max-Age=31536000'],
    ['Set-Cookie', 'experiment=b; Path=/; Max-Age=31536000'],
];

const page = (path) => encoded('gzip', tagged(answer('html', document(path),
    [...COOKIES, ['Cache-Control', 's-maxage=60, stale-while-revalidate']])));


const PATHS = {
    '/': () => page('/'),
    '/tasks': () => page('/tasks'),
    '/api/me': () => answer('json', '{"name":"Visitor"}\n', COOKIES),
    '/assets/app.4f2a.js': () => encoded('gzip', tagged(answer('js', BUNDLE,
        [['Cache-Control', 'public, max-age=31536000, immutable']]))),
    '/assets/vitals.11aa.js': () => tagged(answer('js', VITALS)),
    '/favicon.ico': () => answer('png', PIXEL),
};


export function site({ url }) {
    return (PATHS[url.pathname] ?? missing)();
}
