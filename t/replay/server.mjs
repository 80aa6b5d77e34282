/*
 * Copyright (C) ngx_consent_module authors
 *
 * nginx with the module and the user's configuration: one server per mode,
 * by HTTP and by TLS, on unix sockets in a temporary folder.
 */

import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { Nginx } from '../pages/nginx.mjs';
import { ROOT } from '../pages/corpus.mjs';
import { makeCertificate } from '../browser/loopback.mjs';
import { MARK, MAX_HEADERS } from './origin.mjs';


const MODULE = path.resolve(ROOT, process.env.TEST_NGINX_MODULE
                                  || 'build/ngx_http_consent_module.so');

const TIMEOUT = 60000;

/* what nginx would take to be meant for itself */

const INTERNAL = ['Accel-Redirect', 'Accel-Expires', 'Accel-Limit-Rate',
                  'Accel-Buffering', 'Accel-Charset'];

export const MODES = ['enforce', 'report'];


export class StartError extends Error {}


/*
 * front: directives of a server that stands before the other, for tests;
 * location: more directives of the location
 */

function server(dir, mode, { front, location = '' }) {
    const proxy = `
            proxy_http_version         1.1;
            proxy_set_header           Connection "";
            proxy_set_header           Host $http_host;
            proxy_buffer_size          128k;
            proxy_buffers              8 128k;
            proxy_busy_buffers_size    256k;
            proxy_read_timeout         ${TIMEOUT / 1000};
            proxy_pass_header          Date;
            proxy_pass_header          Server;
            proxy_pass_header          X-Pad;`;
    const pass = INTERNAL.map((name) => `
            proxy_ignore_headers       X-${name};
            proxy_pass_header          X-${name};`).join('');
    const names = `
        listen       unix:${dir}/${mode}-http.sock;
        listen       unix:${dir}/${mode}-https.sock ssl;`;
    const inner = front ? `
        listen       unix:${dir}/${mode}-inner.sock;` : names;
    const outer = front ? `
    server {${names}
        server_name  _;
        consent      off;
        access_log   off;

        location / {
            proxy_pass                 http://unix:${dir}/${mode}-inner.sock;
${proxy}
            ${front}
        }
    }
` : '';

    return `${outer}
    server {${inner}
        server_name     _;
        consent         ${mode};
        consent_banner  off;

        location / {
            proxy_pass                 http://unix:${dir}/origin.sock;${pass}
${proxy}
            ${location}
        }
    }
`;
}


function configuration(dir, conf, certificate, more) {
    const user = process.getuid() === 0 ? 'user root;\n' : '';
    const servers = MODES.map(
        (mode) => server(dir, mode, more[mode] ?? {}));
    const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((name) => `    ${name}_temp_path  ${dir}/temp-${name};\n`);

    return `load_module ${MODULE};
${user}daemon            off;
worker_processes  1;
pid               ${dir}/nginx.pid;
error_log         ${dir}/error.log info;

events {
    worker_connections  512;
}

http {
${temp.join('')}
    ssl_certificate              ${certificate.cert};
    ssl_certificate_key          ${certificate.key};
    ignore_invalid_headers       off;
    underscores_in_headers       on;
    merge_slashes                off;
    absolute_redirect            off;
    client_max_body_size         0;
    large_client_header_buffers  8 128k;
    keepalive_requests           100000;

    log_format  replay  '$http_${MARK.toLowerCase().replaceAll('-', '_')} '
                        '$consent_cookies_blocked $consent_cookies_hidden '
                        '$consent_cookies_expired $consent_resources_blocked '
                        '$consent_unclassified $consent_state '
                        '$consent_uninspected';
    access_log  ${dir}/access.log replay;

    include ${conf};
${more.http ?? ''}
${servers.join('')}}
`;
}


export class ReplayNginx extends Nginx {

    /*
     * conf: the file of the user; prefix: where its relative names are; more:
     * what tests put into the configuration: { http, enforce, report }, the
     * last two { front, location } of the server of this mode
     */

    constructor(dir, conf, prefix, more = {}) {
        super(dir, { configuration: () => '' }, true);

        this.prefix = prefix;
        this.link(prefix);

        fs.writeFileSync(path.join(dir, 'nginx.conf'), configuration(
            dir, path.resolve(conf), makeCertificate(dir), more));

        this.agents = {
            'http:': new http.Agent({ keepAlive: true }),
            'https:': new https.Agent({ keepAlive: true,
                                        rejectUnauthorized: false }),
        };
    }


    /* relative names are looked for beside nginx.conf, which is ours */

    link(prefix) {
        for (const name of fs.readdirSync(prefix)) {
            const target = path.join(this.dir, name);

            if (name !== 'nginx.conf' && !fs.existsSync(target)) {
                fs.symlinkSync(path.resolve(prefix, name), target);
            }
        }
    }


    async start() {
        try {
            await super.start();

        } catch {
            const log = path.join(this.dir, 'error.log');
            const text = this.output
                || (fs.existsSync(log) ? fs.readFileSync(log, 'utf8') : '');
            const lines = text.split('\n')
                .filter((line) => /\[(?:emerg|alert|crit)\]/.test(line))
                .map((line) => line.replace(/^.*?\[emerg\] (?:\d+#\d+: )?/, '')
                    .replaceAll(`${this.dir}/`,
                                `${path.resolve(this.prefix)}/`));

            throw new StartError([...new Set(lines)].join('\n')
                                 || text.trim() || 'nginx did not start');
        }
    }


    async stop() {
        Object.values(this.agents).forEach((agent) => agent.destroy());

        return super.stop();
    }


    /*
     * Returns { status, headers, body } with headers as [name, value] pairs,
     * or { error } if there was no complete answer.
     */

    async request(mode, url, what) {
        let answer;

        do {
            answer = await this.ask(mode, url, what);
        } while (answer.again);

        return answer;
    }


    /* again: nginx had closed a connection that was kept, as it may */

    ask(mode, url, { method, headers, body }) {
        const { protocol } = url;
        const library = protocol === 'https:' ? https : http;

        return new Promise((done) => {
            const failed = (error) => done({
                error: error.message,
                again: request.reusedSocket && !request.res
                       && /^(?:EPIPE|ECONNRESET)$/.test(error.code),
            });
            const request = library.request({
                socketPath: path.join(this.dir,
                                      `${mode}-${protocol.slice(0, -1)}.sock`),
                path: url.pathname + url.search,
                agent: this.agents[protocol],
                servername: /^[\d.]+$|^\[/.test(url.hostname) ? ''
                            : url.hostname,
                maxHeaderSize: MAX_HEADERS,
                insecureHTTPParser: true,
                setHost: false,
                timeout: TIMEOUT,
                method, headers,
            });

            request.once('error', failed);
            request.once('timeout', () => request.destroy(
                new Error(`no data for ${TIMEOUT / 1000} s`)));
            request.once('response', (response) => {
                const parts = [];
                const { rawHeaders: raw, statusCode: status } = response;

                response.on('data', (part) => parts.push(part));
                response.once('error', failed);
                response.once('end', () => done({
                    status, body: Buffer.concat(parts),
                    headers: raw.flatMap((name, i) => i % 2 ? []
                                         : [[name, raw[i + 1]]]),
                }));
            });

            request.end(body ?? undefined);
        });
    }
}
