/*
 * Copyright (C) ngx_consent_module authors
 *
 * One loopback port for HTTP and TLS alike, since Chromium is told one port
 * for all ports of a host; and the certificate of this run.
 */

import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { execFileSync } from 'node:child_process';


const TLS_HANDSHAKE = 0x16;


export const listen = (server, ...where) => new Promise((done, failed) => {
    server.once('error', failed);
    server.listen(...where, done);
});


/* for whatever host: nobody verifies it.  Returns the names of its files */

export function makeCertificate(dir) {
    const key = path.join(dir, 'tls.key');
    const cert = path.join(dir, 'tls.crt');

    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-nodes',
                             '-pkeyopt', 'ec_paramgen_curve:prime256v1',
                             '-subj', '/CN=site.example', '-days', '2',
                             '-keyout', key, '-out', cert],
                 { stdio: 'ignore' });

    return { key, cert };
}


export class Door {

    /* accept(socket, isTls): is called when the first bytes have come */

    constructor(accept) {
        this.sockets = new Set();

        this.server = net.createServer((socket) => {
            this.sockets.add(socket);

            socket.once('close', () => this.sockets.delete(socket));
            socket.on('error', () => socket.destroy());

            socket.once('readable', () => {
                const first = socket.read();

                if (first !== null) {
                    socket.unshift(first);
                    accept(socket, first[0] === TLS_HANDSHAKE);
                }
            });
        });
    }


    async open() {
        await listen(this.server, 0, '127.0.0.1');
        this.port = this.server.address().port;
    }


    async close() {
        for (const socket of this.sockets) {
            socket.destroy();
        }

        await new Promise((done) => this.server.close(done));
    }
}
