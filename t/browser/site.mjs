/*
 * Copyright (C) ngx_consent_module authors
 *
 * The site: an origin with the pages, and nginx with the module before it.
 * Both listen on unix sockets; browsers reach nginx through a loopback port
 * that the system chose, so that no port is ever taken twice.
 */

import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { Nginx } from '../pages/nginx.mjs';
import { ROOT } from '../pages/corpus.mjs';
import { Door, listen } from './loopback.mjs';


export const DOMAIN = 'site.example';

/* name: the directives of the server NAME.site.example */

const SERVERS = {
    plain: 'consent        off;',
    mark: 'consent        enforce;',
    remove: `consent        enforce;
        consent_block  remove;`,
};

const MODULE = path.resolve(ROOT, process.env.TEST_NGINX_MODULE
                                  || 'build/ngx_http_consent_module.so');


export const hostOf = (server) => `${server}.${DOMAIN}`;


function serverOf(dir, name, directives) {
    return `
    server {
        listen         unix:${dir}/http.sock;
        listen         unix:${dir}/https.sock ssl;
        server_name    ${hostOf(name)};
        ${directives}

        location / {
            proxy_pass          http://unix:${dir}/origin.sock;
            proxy_set_header    Host $http_host;
            proxy_http_version  1.1;
            proxy_set_header    Connection "";
        }
    }
`;
}


function configuration(dir, policy, { key, cert }, names) {
    const user = process.getuid() === 0 ? 'user root;\n' : '';
    const servers = Object.entries(names)
        .map(([name, directives]) => serverOf(dir, name, directives));

    return `load_module ${MODULE};
${user}daemon            off;
worker_processes  1;
pid               ${dir}/nginx.pid;
error_log         ${dir}/error.log warn;

events {
    worker_connections  1024;
}

http {
    client_body_temp_path  ${dir}/body;
    proxy_temp_path        ${dir}/proxy;
    fastcgi_temp_path      ${dir}/fastcgi;
    uwsgi_temp_path        ${dir}/uwsgi;
    scgi_temp_path         ${dir}/scgi;

    access_log           off;
    ssl_certificate      ${cert};
    ssl_certificate_key  ${key};

${policy}${servers.join('')}}
`;
}


/* nginx as the test of the real pages runs it, configured for browsers */

class BrowserNginx extends Nginx {

    constructor(dir, rules, certificate, servers) {
        super(dir, rules, false);

        fs.writeFileSync(path.join(dir, 'nginx.conf'),
                         configuration(dir, rules.configuration(),
                                       certificate, servers));
    }
}


export class Site {

    /*
     * rules: has configuration(); pageOf(path, host, cookie): { body,
     * headers } or undefined, headers being [name, value] each and no must;
     * servers: as above
     */

    constructor(dir, certificate, rules, pageOf, servers = SERVERS) {
        this.dir = dir;
        this.pageOf = pageOf;
        this.asked = [];
        this.nginx = new BrowserNginx(dir, rules, certificate, servers);

        this.origin = http.createServer((request, response) => {
            this.answer(request, response);
        });

        this.door = new Door((browser, isTls) => {
            const inside = net.connect(path.join(dir, isTls ? 'https.sock'
                                                 : 'http.sock'));

            inside.on('error', () => browser.destroy());
            browser.on('close', () => inside.destroy());
            browser.pipe(inside).pipe(browser);
        });
    }


    answer(request, response) {
        const page = this.pageOf(request.url, request.headers.host,
                                 request.headers.cookie ?? '');

        this.asked.push(request.url);

        if (page === undefined) {
            response.writeHead(404, { 'Content-Length': 0 }).end();
            return;
        }

        response.writeHead(200, [
            'Content-Type', 'text/html; charset=utf-8',
            'Cache-Control', 'no-store',
            ...(page.headers ?? []).flat(),
        ]);
        response.end(page.body);
    }


    /* the paths asked for since the last call */

    take() {
        return this.asked.splice(0);
    }


    async start() {
        await listen(this.origin, path.join(this.dir, 'origin.sock'));
        await this.nginx.start();
        await this.door.open();
    }


    /* ends nginx gracefully and returns what was wrong with it */

    async stop() {
        const ending = await this.nginx.stop();

        return [ending, ...this.nginx.faults()].filter((fault) => fault);
    }


    /* leaves nothing that runs, whatever happened before */

    async close() {
        this.nginx.kill();
        this.origin.closeAllConnections();

        await this.door.close();
        await new Promise((done) => this.origin.close(done));
    }
}
