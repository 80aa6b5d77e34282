/*
 * Copyright (C) ngx_consent_module authors
 *
 * The site behind nginx: answers each request with what was recorded for it,
 * cut into pieces by a seed, and notes what it was asked.
 */

import crypto from 'node:crypto';
import http from 'node:http';
import { listen } from '../browser/loopback.mjs';
import { drawCut, send } from '../pages/origin.mjs';
import { random } from '../pages/corpus.mjs';
import { headerOf } from './entry.mjs';


export const MARK = 'X-Consent-Replay';

export const MAX_HEADERS = 1 << 20;

/* more pieces than that of a long body would only cost time */

const LONGEST = { bytes: 4096, tiny: 32768 };


function weak(tag) {
    return tag.trim().replace(/^W\//, '');
}


/* what a site would do with the conditions of this request */

function isUnchanged(request, headers) {
    const tag = headerOf(headers, 'etag');
    const date = headerOf(headers, 'last-modified');
    const none = request.headers['if-none-match'];
    const since = request.headers['if-modified-since'];

    if (none !== undefined) {
        return tag !== undefined
               && none.split(',').some((one) => weak(one) === weak(tag));
    }

    return since !== undefined && since === date;
}


function valuesOf(raw, name) {
    return raw.flatMap((key, i) => i % 2 === 0 && key.toLowerCase() === name
                                   ? [raw[i + 1]] : []);
}


export class Origin {

    /* what nginx should have kept to itself is in "strays" */

    constructor(socket, seed) {
        this.socket = socket;
        this.seed = seed;
        this.playing = new Map();
        this.strays = 0;

        this.server = http.createServer({
            maxHeaderSize: MAX_HEADERS, keepAlive: true,
            insecureHTTPParser: true,
        }, (request, response) => this.answer(request, response));

        this.server.keepAliveTimeout = 0;
        this.server.requestTimeout = 0;
    }


    start() {
        return listen(this.server, this.socket);
    }


    stop() {
        this.server.closeAllConnections();

        return new Promise((done) => this.server.close(done));
    }


    /*
     * From now on requests with this id are answered by the entry.  Returns
     * the list of those that come: { method, path, headers, cookies, sum },
     * the last one of the body.
     */

    play(id, entry) {
        const seen = [];

        this.playing.set(id, { entry, seen });

        return seen;
    }


    forget(id) {
        this.playing.delete(id);
    }


    answer(request, response) {
        const known = this.playing.get(
            request.headers[MARK.toLowerCase()]);

        const sum = crypto.createHash('sha1');

        request.on('data', (bytes) => sum.update(bytes));
        response.on('error', () => {});

        if (!known) {
            this.strays++;
            response.writeHead(404, { 'Content-Length': 0 }).end();
            return;
        }

        const { method, url: path, rawHeaders: raw } = request;

        request.once('end', () => {
            known.seen.push({ method, path, cookies: valuesOf(raw, 'cookie'),
                              sum: sum.digest('base64'),
                              headers: raw.flatMap((name, i) => i % 2 ? []
                                                   : [[name, raw[i + 1]]]) });
            this.send(request, response, known.entry);
        });
    }


    send(request, response, entry) {
        const { number, response: recorded } = entry;
        const { headers, status, sent, framing, bodiless } = recorded;

        response.sendDate = false;

        if (status === 200 && isUnchanged(request, headers)) {
            response.writeHead(304, headers.filter(
                ([name]) => !/^(?:content-|set-cookie)/i.test(name)).flat());
            response.end();
            return;
        }

        const words = [this.seed, number];
        const draw = random('framing', ...words)();
        const byLength = framing === 'length'
                         || (framing === 'any' && draw < 0.5);
        const list = headers.flat();

        if (byLength && !bodiless) {
            list.push('Content-Length', String(sent.length));
        }

        response.writeHead(status, list);

        if (bodiless) {
            response.end();
            return;
        }

        const cut = drawCut(...words);
        const small = sent.length <= (LONGEST[cut] ?? Infinity);

        send(response, sent, small ? cut : 'random', words)
            .catch(() => response.destroy());
    }
}
