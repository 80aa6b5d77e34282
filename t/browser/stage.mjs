/*
 * Copyright (C) ngx_consent_module authors
 *
 * All that a pass of the test plays on: the site, the rest of the internet,
 * and a browser between them.
 */

import fs from 'node:fs';
import path from 'node:path';
import { ownCookie } from '../pages/rules.mjs';
import * as tap from '../pages/tap.mjs';
import { Browser } from './browser.mjs';
import { Counter } from './counter.mjs';
import { makeCertificate } from './loopback.mjs';
import { DOMAIN, Site } from './site.mjs';


function cookieOf(accepted) {
    const [name, value] = ownCookie(accepted).split('=');

    return { name, value, domain: `.${DOMAIN}`, path: '/' };
}


export class Stage {

    /* rules, pageOf and servers as in Site; lookups as in Browser */

    constructor(dir, name, rules, pageOf, lookups = [], servers) {
        this.name = name;
        this.dir = path.join(dir, name);
        this.lookups = lookups;

        fs.mkdirSync(this.dir);

        const certificate = makeCertificate(this.dir);

        this.counter = new Counter(certificate);
        this.site = new Site(this.dir, certificate, rules, pageOf, servers);
    }


    /* plays and cleans up; what nginx did wrong is a test */

    async run(play) {
        process.once('exit', () => this.site.nginx.kill());

        try {
            await this.counter.door.open();
            await this.site.start();
            await play();

            const faults = await this.site.stop();

            tap.ok(faults.length === 0, `${this.name}: nginx is well`, faults);

        } finally {
            await this.browser?.kill();
            await this.site.close();
            await this.counter.door.close();
        }
    }


    /*
     * One pass: a fresh browser that accepted these categories, null: has no
     * cookie, is handed to visit().  Returns { contacts, paths, resolved }:
     * of the counter, of the origin, and of the lookups.
     */

    async pass(scripting, accepted, visit) {
        const ports = { site: this.site.door.port,
                        counter: this.counter.door.port };
        const browser = new Browser(this.dir, ports, this.lookups);

        this.browser = browser;
        this.counter.onContact = () => browser.noteActivity();
        this.counter.take();
        this.site.take();

        await browser.start(scripting, accepted ? [cookieOf(accepted)] : []);
        await visit(browser);

        const resolved = await browser.stop();

        return { contacts: this.counter.take(), paths: this.site.take(),
                 resolved };
    }
}
