/*
 * Copyright (C) ngx_consent_module authors
 *
 * The whole internet but the site: speaks HTTP and TLS for any host, answers
 * with nothing, and notes who was contacted.  A connection that is only
 * opened (preconnect) counts by its SNI.
 */

import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { Door } from './loopback.mjs';


/* what an empty answer has to call itself for a browser to take it */

const TYPES = {
    audio: 'audio/mpeg',
    document: 'text/html',
    embed: 'text/html',
    frame: 'text/html',
    iframe: 'text/html',
    image: 'image/svg+xml',
    manifest: 'application/json',
    object: 'text/html',
    script: 'text/javascript',
    style: 'text/css',
    track: 'text/vtt',
    video: 'video/mp4',
};


function answer(request, response) {
    const type = TYPES[request.headers['sec-fetch-dest']] ?? 'text/plain';

    response.writeHead(200, {
        'Access-Control-Allow-Origin': request.headers.origin ?? '*',
        'Access-Control-Allow-Credentials': 'true',
        'Access-Control-Allow-Headers': '*',
        'Cache-Control': 'no-store',
        'Content-Type': type,
        'Content-Length': 0,
    }).end();
}


/* of "HOST.:443" */

function hostName(authority) {
    return authority.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
}


export class Counter {

    constructor({ key, cert }) {
        this.contacts = [];
        this.onContact = () => {};

        const handler = (request, response) => this.request(request,
                                                            response);

        this.http = http.createServer(handler);
        this.https = https.createServer({
            key: fs.readFileSync(key),
            cert: fs.readFileSync(cert),
            SNICallback: (name, done) => {
                this.note(name, null);
                done(null);
            },
        }, handler);

        /* a connection that was opened in vain is no fault of ours */

        this.https.on('tlsClientError', () => {});

        this.door = new Door((socket, isTls) => {
            (isTls ? this.https : this.http).emit('connection', socket);
        });
    }


    request(request, response) {
        const host = request.headers.host ?? '';
        const scheme = request.socket.encrypted ? 'https' : 'http';

        this.note(host, `${scheme}://${host}${request.url}`);
        request.resume();
        answer(request, response);
    }


    /* url: null when there is no request yet */

    note(authority, url) {
        this.contacts.push({ host: hostName(authority), url });
        this.onContact();
    }


    /* [{ host, url }]: the contacts since the last call */

    take() {
        return this.contacts.splice(0);
    }
}
