/*
 * Copyright (C) ngx_consent_module authors
 *
 * A made-up internet on one loopback port: a site and the third parties that
 * it uses, for HTTP and TLS alike.
 */

import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import os from 'node:os';
import { Door, makeCertificate } from '../browser/loopback.mjs';
import { thirdParty } from './sites/common.mjs';


export class Internet {

    /* site: as in sites/: { HOST, site } */

    constructor({ HOST, site }) {
        this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'consent-sites-'));

        const { key, cert } = makeCertificate(this.dir);
        const handler = (request, response) => {
            const host = request.headers.host ?? '';
            const scheme = request.socket.encrypted ? 'https' : 'http';
            const url = new URL(request.url, `${scheme}://${host}`);
            const found = url.hostname === HOST
                ? site({ url, method: request.method }) : thirdParty(url);

            request.resume();
            response.sendDate = false;
            response.writeHead(found.status, [...found.headers,
                ['Content-Length', String(found.body.length)]].flat());
            response.end(request.method === 'HEAD' ? undefined : found.body);
        };

        this.http = http.createServer(handler);
        this.https = https.createServer({ key: fs.readFileSync(key),
                                          cert: fs.readFileSync(cert) },
                                        handler);
        this.https.on('tlsClientError', () => {});
        this.door = new Door((socket, isTls) => {
            (isTls ? this.https : this.http).emit('connection', socket);
        });
    }


    async open() {
        await this.door.open();

        return this.door.port;
    }


    async close() {
        await this.door.close();
        fs.rmSync(this.dir, { recursive: true, force: true });
    }
}
