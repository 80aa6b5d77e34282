/*
 * Copyright (C) ngx_consent_module authors
 *
 * A site that sets cookies and loads from others, nginx with the module
 * before it, and Chromium for which every host is there.
 */

import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { Nginx } from '../pages/nginx.mjs';
import { ROOT, require } from '../pages/corpus.mjs';
import { Door, listen, makeCertificate } from './loopback.mjs';


export const SITE = 'https://www.site.example';

/* of others: none may be contacted without consent */

export const OTHERS = /\/\/(stats|video)\.example\//;

const CHROMIUM = process.env.TEST_CHROMIUM_BINARY || '/usr/bin/chromium';

const MODULE = path.resolve(ROOT, process.env.TEST_NGINX_MODULE
                                  || 'build/ngx_http_consent_module.so');

const TIMEOUT = 60000;


const PAGE = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A site</title>
<script src="https://stats.example/a.js"></script>
<script>
document.cookie = '_hjid=1; path=/; max-age=1000';
document.cookie = '_hjshared=1; path=/; domain=site.example; max-age=1000';
</script>
</head>
<body>
<main>
<h1>A site</h1>
<p><a href="/next">Another page</a></p>
<p><a href="/.consent/">Cookies</a></p>
<iframe title="A film" src="https://video.example/film"></iframe>
</main>
</body>
</html>
`;

/* host-only and for the domain, for scripts and not, for all and one path */

const COOKIES = [
    'session=1; Path=/; HttpOnly; Secure; SameSite=Lax',
    '_ga=1; Path=/; Max-Age=1000',
    '_gid=1; Path=/; Domain=site.example; Max-Age=1000',
    '_fbp=1; Path=/; HttpOnly; Secure; Max-Age=1000',
    '_fbdomain=1; Path=/; Domain=site.example; HttpOnly; Secure; Max-Age=9',
];


function configuration(dir, { key, cert }) {
    const user = process.getuid() === 0 ? 'user root;\n' : '';

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

    consent_policy  4;
    consent_key     own.key;

    consent_category necessary {
        always   on;
        title    "Strictly necessary";
        about    "Needed for the site to work.";
        cookie   session;
    }

    consent_category performance {
        title     "Performance";
        about     "Counts visits.";
        max_age   395d;
        cookie    _ga _gid ~^_hj;
        resource  .stats.example;
        inline    _hjid;
    }

    consent_category targeting {
        title     "Targeting";
        about     "Used by others to show you videos and advertising.";
        cookie    ~^_fb;
        resource  .video.example;
    }

    log_format  event  escape=none  '$consent_event';

    server {
        listen       unix:${dir}/https.sock ssl default_server;
        server_name  www.site.example;

        consent         enforce;
        consent_banner  on;

        location / {
            proxy_pass          http://unix:${dir}/origin.sock;
            proxy_set_header    Host $http_host;
        }

        location /.consent/ {
            consent_endpoint;
            access_log  ${dir}/event.log  event  if=$consent_event;
        }
    }

    server {
        listen       unix:${dir}/https.sock ssl;
        server_name  stats.example video.example;

        default_type  text/html;
        return  200  "<!DOCTYPE html><title>other</title>";
    }
}
`;
}


/*
 * By a button or link to the page at url, which may be the one that it stands
 * on: neither the URL nor a "load", which may be that page's own, tells that
 * the answer is there.
 */

export async function press(page, button, url) {
    await Promise.all([
        page.waitForNavigation({ url }),
        button.click(),
    ]);
}


class ChoiceNginx extends Nginx {

    constructor(dir, certificate) {
        super(dir, { configuration: () => '' }, true);

        fs.writeFileSync(path.join(dir, 'own.key'), 'k'.repeat(40),
                         { mode: 0o600 });
        fs.writeFileSync(path.join(dir, 'nginx.conf'),
                         configuration(dir, certificate));
    }
}


export class ChoiceStage {

    constructor(dir) {
        this.dir = dir;
        this.asked = [];            /* of the site: { url, cookie } */
        this.nginx = new ChoiceNginx(dir, makeCertificate(dir));

        this.origin = http.createServer((request, response) => {

            /*
             * The browser asks for it behind each page.  It has no cookies: an
             * answer that is late would bring back what was just withdrawn.
             */

            if (request.url === '/favicon.ico') {
                response.writeHead(404).end();
                return;
            }

            this.asked.push({ url: request.url,
                              cookie: request.headers.cookie ?? '' });

            response.writeHead(200, [
                'Content-Type', 'text/html; charset=utf-8',
                ...COOKIES.flatMap((line) => ['Set-Cookie', line]),
            ]);
            response.end(PAGE);
        });

        this.door = new Door((browser) => {
            const inside = net.connect(path.join(dir, 'https.sock'));

            inside.on('error', () => browser.destroy());
            browser.on('close', () => inside.destroy());
            browser.pipe(inside).pipe(browser);
        });
    }


    async start() {
        await listen(this.origin, path.join(this.dir, 'origin.sock'));
        await this.nginx.start();
        await this.door.open();

        const { chromium } = require('playwright-core');

        this.browser = await chromium.launch({
            executablePath: CHROMIUM,
            timeout: TIMEOUT,
            ignoreDefaultArgs: ['--disable-back-forward-cache'],
            args: [
                '--disable-dev-shm-usage',
                '--ignore-certificate-errors',
                `--host-resolver-rules=MAP * 127.0.0.1:${this.door.port}`,
            ],
        });
    }


    /* a visitor who was never here; options as of playwright */

    async visitor(options = {}) {
        const context = await this.browser.newContext({
            ignoreHTTPSErrors: true,
            ...options,
        });

        context.setDefaultTimeout(TIMEOUT);

        return context;
    }


    events() {
        return fs.readFileSync(path.join(this.dir, 'event.log'), 'utf8')
            .trim().split('\n').map((line) => JSON.parse(line));
    }


    async stop() {
        await this.browser.close();

        const ending = await this.nginx.stop();

        return [ending, ...this.nginx.faults()].filter((fault) => fault);
    }


    async close() {
        await this.browser?.close();
        this.nginx.kill();
        this.origin.closeAllConnections();

        await this.door.close();
        await new Promise((done) => this.origin.close(done));
    }
}
