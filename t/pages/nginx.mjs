/*
 * Copyright (C) ngx_consent_module authors
 *
 * nginx with the module in a temporary folder, one server per variant of
 * buffering; listens on unix sockets there and thus needs no free port.
 */

import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { PAGES_DIR, ROOT } from './corpus.mjs';


const BINARY = process.env.TEST_NGINX_BINARY || '/usr/sbin/nginx';

const MODULE = path.resolve(ROOT, process.env.TEST_NGINX_MODULE
                                  || 'build/ngx_http_consent_module.so');

const START_TIMEOUT = 10000;
const STOP_TIMEOUT = 10000;
const REQUEST_TIMEOUT = 20000;

const FAULTS = /\[(alert|crit|emerg)\]|Sanitizer|runtime error:/;

/* what nginx itself, at src/, does with null pointers where nothing is done */

const HARMLESS = new RegExp('^src/\\S+ runtime error: '
    + '(null pointer passed as argument|applying zero offset to null pointer)'
    + '|UndefinedBehaviorSanitizer: undefined-behavior src/');

const ONE_BLOCK = `
            proxy_buffer_size        1k;
            proxy_buffers            2 1k;
            proxy_busy_buffers_size  1k;`;

const CHUNKED = `
            proxy_http_version       1.1;
            proxy_set_header         Connection "";`;

/* name: the body of a location, and the value of consent_buffer */

export const VARIANTS = {
    'proxy': {
        buffer: 16384, cuts: true,
        location: `${CHUNKED}
            proxy_buffer_size        16k;
            proxy_buffers            16 16k;`,
    },
    'unbuffered': {
        buffer: 16384, cuts: true,
        location: `${CHUNKED}
            proxy_buffering          off;`,
    },
    'proxy-2x1k': {
        buffer: 16384, cuts: true,
        location: ONE_BLOCK,
    },
    'static-1k': {
        buffer: 16384, cuts: false,
        location: `
            sendfile                 on;
            output_buffers           1 1k;`,
    },
    'buffer-1k': {
        buffer: 1024, cuts: true,
        location: `${CHUNKED}
            proxy_buffer_size        16k;
            proxy_buffers            16 16k;`,
    },
    'buffer-1k-2x1k': {
        buffer: 1024, cuts: true,
        location: ONE_BLOCK,
    },
};

/* values of consent_block; each has servers of its own */

const BLOCKS = ['mark', 'remove'];


function server(dir, name, block, plain) {
    const variant = VARIANTS[name];
    const consent = plain ? '' : `
        consent         $mode;
        consent_block   ${block};
        consent_buffer  ${variant.buffer};
`;
    const source = variant.cuts
        ? `
            proxy_pass               http://unix:${dir}/origin.sock;
            proxy_set_header         Host $http_host;`
        : `
            root                     ${PAGES_DIR};`;

    return `
    server {
        listen  unix:${dir}/${name}-${block}.sock;
${consent}
        location / {${source}${variant.location}
        }
    }
`;
}


function configuration(dir, rules, plain) {
    const servers = Object.keys(VARIANTS).flatMap(
        (name) => BLOCKS.map((block) => server(dir, name, block, plain)));
    const blocked = plain ? '-' : '$consent_resources_blocked';
    const user = process.getuid() === 0 ? 'user root;\n' : '';

    return `${plain ? '' : `load_module ${MODULE};\n`}${user}
daemon            off;
worker_processes  1;
pid               ${dir}/nginx.pid;
error_log         ${dir}/error.log warn;

events {
    worker_connections  256;
}

http {
    client_body_temp_path  ${dir}/body;
    proxy_temp_path        ${dir}/proxy;
    fastcgi_temp_path      ${dir}/fastcgi;
    uwsgi_temp_path        ${dir}/uwsgi;
    scgi_temp_path         ${dir}/scgi;

    types         { text/html html; }
    default_type  text/html;

    log_format  blocked  '$arg_id ${blocked}';
    access_log  ${dir}/access.log blocked;

    map $http_x_mode $mode {
        default  enforce;
        report   report;
    }

${plain ? '' : rules.configuration()}${servers.join('')}}
`;
}


function until(condition, timeout) {
    const deadline = Date.now() + timeout;

    return new Promise((done) => {
        const look = () => {
            if (condition()) {
                done(true);

            } else if (Date.now() > deadline) {
                done(false);

            } else {
                setTimeout(look, 10);
            }
        };

        look();
    });
}


export class Nginx {

    /* plain: without the module, to see the judge complain */

    constructor(dir, rules, plain) {
        this.dir = dir;
        this.agent = new http.Agent({ keepAlive: true });
        this.output = '';

        fs.writeFileSync(path.join(dir, 'nginx.conf'),
                         configuration(dir, rules, plain));
    }


    async start() {
        this.child = spawn(BINARY, ['-p', this.dir, '-c', 'nginx.conf',
                                    '-e', 'error.log'],
                           { stdio: ['ignore', 'ignore', 'pipe'] });

        this.child.stderr.on('data', (data) => { this.output += data; });
        this.child.once('error', (error) => {
            this.output += error.message;
            this.ended = 'not started';
        });

        this.exit = new Promise((done) => {
            this.child.once('close', (code, signal) => {
                this.ended ??= signal ?? `status ${code}`;
                done();
            });
        });

        const pid = path.join(this.dir, 'nginx.pid');
        const started = await until(() => this.ended || fs.existsSync(pid),
                                    START_TIMEOUT);

        if (!started || this.ended) {
            this.kill();

            throw new Error(`nginx did not start (${this.ended}):\n`
                            + this.output.trim());
        }
    }


    /* the master ends its workers, those that hang too */

    kill() {
        if (this.child?.pid && !this.ended) {
            this.child.kill('SIGTERM');
        }
    }


    /* all requests are done: ends gracefully, so that all logs are written */

    async stop() {
        this.agent.destroy();
        this.child.kill('SIGQUIT');

        const ended = await until(() => this.ended, STOP_TIMEOUT);

        if (!ended) {
            this.kill();
            await this.exit;

            return 'nginx did not end gracefully';
        }

        return this.ended === 'status 0' ? null
               : `nginx ended with ${this.ended}`;
    }


    /* returns the bytes of the body */

    get(variant, block, file, id, headers) {
        return new Promise((done, failed) => {
            const request = http.get({
                socketPath: path.join(this.dir, `${variant}-${block}.sock`),
                path: `/${file}?id=${id}`,
                agent: this.agent,
                headers,
                timeout: REQUEST_TIMEOUT,
            });

            request.once('error', failed);
            request.once('timeout', () => {
                request.destroy(new Error('no data for '
                                          + `${REQUEST_TIMEOUT / 1000} s`));
            });
            request.once('response', (response) => {
                const parts = [];

                response.on('data', (part) => parts.push(part));
                response.once('error', failed);
                response.once('end', () => {
                    if (response.statusCode !== 200) {
                        failed(new Error(`status ${response.statusCode}`));
                        return;
                    }

                    done(Buffer.concat(parts));
                });
            });
        });
    }


    /* { id: $consent_resources_blocked } */

    blocked() {
        const log = fs.readFileSync(path.join(this.dir, 'access.log'), 'utf8');

        return new Map(log.trim().split('\n').map((line) => {
            const [id, count] = line.split(' ');

            return [id, count];
        }));
    }


    /* lines of the error log that must not be there */

    faults() {
        const file = path.join(this.dir, 'error.log');
        const log = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';

        return `${log}\n${this.output}`.split('\n')
            .filter((line) => FAULTS.test(line) && !HARMLESS.test(line));
    }
}
