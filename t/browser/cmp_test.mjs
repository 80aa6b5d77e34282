/*
 * Copyright (C) ngx_consent_module authors
 *
 * A visitor of a site with a consent platform: makes no choice, accepts one
 * category, then all, and withdraws.  What was contacted, what is in the jar
 * and what the site was sent is compared exactly, every time.
 */

import * as tap from '../pages/tap.mjs';
import { hostOf } from './site.mjs';
import { COOKIES, TAGS } from './cmp_sites.mjs';


const TRACKERS = [...new Set(Object.values(TAGS).flat()
    .map((url) => url.split('/')[0])), 'www.googletagmanager.com'];

const ALL_COOKIES = Object.values(COOKIES).flat();


/* for a button of a dialog to be there */

const TIMEOUT = 30000;


const unique = (list) => [...new Set(list)].sort();


export class Visit {

    constructor(stage, name, browser) {
        this.stage = stage;
        this.name = name;
        this.browser = browser;
    }


    async open() {
        this.page = await this.browser.open(`https://${hostOf(this.name)}/`,
            (page) => page.setDefaultTimeout(TIMEOUT));
    }


    /* what happened since the last time */

    async seen() {
        await this.browser.rest([this.page]);

        const contacts = this.stage.counter.take()
            .filter(({ host }) => TRACKERS.includes(host));
        const jar = await this.browser.context.cookies();

        return {

            /* a connection by itself is a contact, too */

            contacts: unique(contacts.map(({ host, url }) =>
                url === null ? `${host}?` : url.replace('https://', '')))
                .filter((url, i, list) => !url.endsWith('?')
                    || !list.some((other) =>
                        other.startsWith(`${url.slice(0, -1)}/`))),
            jar: unique(jar.map(({ name }) => name)
                .filter((name) => ALL_COOKIES.includes(name))),
            sent: unique(this.stage.sent.splice(0)
                .flatMap((cookie) => cookie.split('; '))
                .map((pair) => pair.split('=')[0])
                .filter((name) => ALL_COOKIES.includes(name))),
        };
    }


    /* each of wanted, those that are given, is exactly what was seen */

    async check(step, wanted) {
        const seen = await this.seen();

        for (const [what, list] of Object.entries(wanted)) {
            const expected = unique(list).join(' ');
            const found = seen[what].join(' ');

            tap.ok(expected === found, `${this.name}: ${step}: ${what}`,
                   [`expected: ${expected}`, `   found: ${found}`]);
        }
    }


    /* twice, so that what is in the jar could be sent */

    async checkReload(step, contacts, cookies) {
        await this.page.reload();
        await this.check(step, { contacts, jar: cookies });
        await this.page.reload();
        await this.check(`${step}, again`,
                         { contacts, jar: cookies, sent: cookies });
    }
}


/* without the module: everything that the others must not see is there */

export async function testControl(stage) {
    await stage.pass(true, null, async (browser) => {
        const visit = new Visit(stage, 'off', browser);
        const tags = Object.values(TAGS).flat();

        await visit.open();
        await visit.check('consent off', { contacts: tags, jar: ALL_COOKIES,
                                           sent: [] });
        await visit.checkReload('consent off, reload', tags, ALL_COOKIES);
    });
}


/* what a site's tags contact, what comes alive at once, and the cookies */

function expectationsOf(site) {
    const extraOf = (category) => site.extra[category] ?? [];
    const isLive = (tag) => site.live.includes(tag);

    return {
        tags: (categories) => categories.flatMap((category) =>
            [...TAGS[category], ...extraOf(category)]),
        live: (categories) => categories.flatMap((category) =>
            [...TAGS[category].filter(isLive), ...extraOf(category)]),
        cookies: (categories) => categories.flatMap((category) =>
            COOKIES[category]),
    };
}


export async function testSite(stage, name, site) {
    const { tags, live, cookies } = expectationsOf(site);
    const some = ['performance'];
    const rest = site.accepts.filter((one) => !some.includes(one));

    await stage.pass(true, null, async (browser) => {
        const visit = new Visit(stage, name, browser);

        await visit.open();
        await visit.check('no choice', { contacts: [], jar: [], sent: [] });
        await visit.checkReload('no choice, reload', [], []);

        await site.some(visit.page);
        await visit.check('one category, at once', { contacts: live(some) });

        const jar = (await browser.context.cookies()).map((one) => one.name);

        tap.ok(jar.includes(site.cookie),
               `${name}: the choice is in ${site.cookie}`, jar);

        await visit.checkReload('one category, reload', tags(some),
                                cookies(some));

        await site.all(visit.page);
        await visit.check('all, at once', { contacts: live(rest) });
        await visit.checkReload('all, reload', tags(site.accepts),
                                cookies(site.accepts));

        await site.none(visit.page);
        await visit.page.reload();
        await visit.seen();
        await visit.checkReload('withdrawn', [], []);
    });

    await stage.pass(true, null, async (browser) => {
        const visit = new Visit(stage, name, browser);

        await visit.open();
        await visit.seen();
        await site.first(visit.page);
        await visit.check('all at first, at once',
                          { contacts: live(site.accepts) });
        await visit.checkReload('all at first, reload', tags(site.accepts),
                                cookies(site.accepts));
    });
}
