/*
 * Copyright (C) ngx_consent_module authors
 *
 * The site behind nginx: serves the pages cut into pieces.  To a request of
 * HTTP/1.1 each piece is a chunk of its own, which nginx keeps as a buffer
 * of its own however the socket joined them; to one of HTTP/1.0 the pieces
 * are writes.
 */

import http from 'node:http';
import { random } from './corpus.mjs';


/* pieces written before the event loop may turn */

const BURST = 64;

/* name: the size of the next piece */

const CUTS = {
    whole: () => () => Infinity,
    kilo: () => () => 1024,
    random: (next) => () => 1 + Math.floor(next() * 20000),
    tiny: (next) => () => 1 + Math.floor(next() * 7),
    bytes: () => () => 1,
};

export const CUT_NAMES = Object.keys(CUTS);


/* how often each is drawn; those of tiny pieces cost much */

const SHARES = [['whole', 0.12], ['kilo', 0.3], ['random', 0.92],
                ['tiny', 0.985], ['bytes', 1]];


export function drawCut(...words) {
    const x = random('cut', ...words)();

    return SHARES.find(([, upTo]) => x < upTo)[0];
}


function* pieces(bytes, cut, ...words) {
    const size = CUTS[cut](random('pieces', cut, ...words));

    for (let i = 0; i < bytes.length; ) {
        const next = Math.min(bytes.length, i + size());

        yield bytes.subarray(i, next);
        i = next;
    }
}


const turn = () => new Promise((done) => setImmediate(done));


/* there is room again, or nobody reads any more */

function drained(response) {
    return new Promise((go) => {
        const done = () => {
            response.off('drain', done);
            response.off('close', done);
            go();
        };

        response.on('drain', done);
        response.on('close', done);
    });
}


/* words: what the sizes are drawn by */

export async function send(response, bytes, cut, words) {
    const small = cut === 'tiny' || cut === 'bytes';
    let written = 0;

    for (const piece of pieces(bytes, cut, ...words)) {

        if (response.destroyed) {
            return;
        }

        const room = response.write(piece);

        written++;

        if (!room) {
            await drained(response);

        } else if (!small || written % BURST === 0) {
            await turn();
        }
    }

    response.end();
}


/* path: of a unix socket; the request says in X-Cut how to cut */

export async function startOrigin(path, pages, seed) {
    const byFile = new Map(pages.map((page) => [`/${page.file}`, page]));

    const server = http.createServer((request, response) => {
        const page = byFile.get(new URL(request.url, 'http://x/').pathname);
        const cut = request.headers['x-cut'];

        if (!page || !CUTS[cut]) {
            response.writeHead(404).end();
            return;
        }

        response.setHeader('Content-Type', 'text/html');
        response.sendDate = false;

        if (request.httpVersion === '1.0') {
            response.setHeader('Content-Length', page.bytes.length);
        }

        send(response, page.bytes, cut, [seed, page.file]);
    });

    server.keepAliveTimeout = 0;

    await new Promise((done, failed) => {
        server.once('error', failed);
        server.listen(path, done);
    });

    return {
        stop() {
            server.closeAllConnections();

            return new Promise((done) => server.close(done));
        },
    };
}
