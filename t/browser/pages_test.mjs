/*
 * Copyright (C) ngx_consent_module authors
 *
 * A sample of saved pages in a browser that refused everything.  Without
 * scripting no denied host may be contacted at all.  With scripting, what
 * scripts ask for that were not blocked is theirs and not the markup's: it is
 * listed.  Scripts of other hosts are all empty here.
 */

import { loadPages, random } from '../pages/corpus.mjs';
import { Rules } from '../pages/rules.mjs';
import * as tap from '../pages/tap.mjs';
import { hostsOf, views } from '../pages/views.mjs';
import { hostOf } from './site.mjs';
import { Stage } from './stage.mjs';


/* pages open at once */

const TABS = 6;

/* pages of which something has to be contacted if nothing protects them */

const CONTROL_PAGES = 12;

const SHOWN = 20;


function sample(pages, count, seed) {
    return pages
        .map((page) => ({ page, place: random('browser', seed, page.file)() }))
        .sort((a, b) => a.place - b.place)
        .slice(0, count)
        .map(({ page }) => page);
}


/* the values of all attributes in the tags of a page, one a line */

function attributeText({ on, off }) {
    return [on, off].flatMap((view) => [...view.starts.values()])
        .flatMap((tag) => [...tag.attrs.values()])
        .join('\n');
}


/* how often each occurs: [[item, number]], the most frequent first */

function tally(items) {
    const counts = new Map();

    for (const item of items) {
        counts.set(item, (counts.get(item) ?? 0) + 1);
    }

    return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}


class SavedPage {

    constructor({ file, name, bytes }) {
        this.path = `/${file}`;
        this.name = name;
        this.bytes = bytes;

        const seen = views(bytes, `http://${hostOf('mark')}${this.path}`);

        this.hosts = hostsOf(seen);
        this.attributes = attributeText(seen);
    }


    /* is the URL written in a tag, in whatever scheme? */

    mentions(url) {
        return this.attributes.includes(url.host + url.pathname + url.search);
    }


    /*
     * Returns the requests of a tab with this page as DevTools report them,
     * a list that grows: [{ url, page, scripted }].  A redirection counts as
     * begun by who began the first request.
     */

    async watch(context, tab) {
        const session = await context.newCDPSession(tab);
        const scripted = new Map();
        const requests = [];

        session.on('Network.requestWillBeSent', (event) => {
            const { requestId, request, initiator } = event;

            if (!scripted.has(requestId)) {
                scripted.set(requestId, initiator.type === 'script');
            }

            requests.push({ url: request.url, page: this,
                            scripted: scripted.get(requestId) });
        });

        await session.send('Network.enable');

        return requests;
    }
}


class PagesTest {

    constructor(dir, { count, seed }) {
        this.pages = sample(loadPages(), count, seed)
            .map((page) => new SavedPage(page));

        const byPath = new Map(this.pages.map((page) => [page.path,
                                                         page.bytes]));

        this.rules = new Rules(new Set(this.pages.flatMap(
            (page) => page.hosts)));
        this.stage = new Stage(dir, 'pages', this.rules,
                               (path) => byPath.has(path)
                                         ? { body: byPath.get(path) }
                                         : undefined);
    }


    /* all pages of the list, some at once; returns their requests */

    async visit(browser, server, pages) {
        const requests = [];

        for (let i = 0; i < pages.length; i += TABS) {
            const lists = [];
            const open = async (page) => browser.open(
                `http://${hostOf(server)}${page.path}`,
                async (tab) => {
                    lists.push(await page.watch(browser.context, tab));
                });
            const tabs = await Promise.all(pages.slice(i, i + TABS).map(open));

            await browser.rest(tabs);
            await Promise.all(tabs.map((tab) => tab.close()));
            requests.push(...lists.flat());
        }

        return requests;
    }


    /* what was asked of denied hosts: { contacts, requests } */

    async denied(server, scripting, pages) {
        let requests;

        const { contacts, paths } = await this.stage.pass(scripting, [],
            async (browser) => {
                requests = await this.visit(browser, server, pages);
            });

        const opened = pages.filter(({ path }) => paths.includes(path));
        const refused = (url) => /^https?:/.test(url)
                                 && this.rules.denied(new URL(url), []);

        tap.ok(opened.length === pages.length && contacts.length > 0,
               `pages, ${server}, scripting ${scripting ? 'on' : 'off'}: `
               + `${opened.length} opened, ${contacts.length} contacts`);

        return {
            contacts: contacts.filter(
                ({ host, url }) => refused(url ?? `https://${host}/`)),
            requests: requests.filter(({ url }) => refused(url)),
        };
    }


    async control() {
        const { contacts } = await this.denied('plain', false,
            this.pages.slice(0, CONTROL_PAGES));

        tap.ok(contacts.length > 0, 'pages, unprotected: '
               + `${contacts.length} contacts with denied hosts`);
    }


    async withoutScripting() {
        const { contacts } = await this.denied('mark', false, this.pages);
        const asked = contacts.map(({ host, url }) => url ?? host);

        tap.ok(asked.length === 0, 'pages, refused, scripting off: '
               + `${asked.length} contacts with denied hosts`,
               tally(asked).slice(0, SHOWN).map(([url]) => url));
    }


    /* what DevTools did not report was begun by nobody knows whom */

    async withScripting() {
        const { contacts, requests } = await this.denied('mark', true,
                                                         this.pages);
        const reported = new Set(requests.map(({ url }) => url));
        const unreported = contacts
            .filter(({ url }) => url && !reported.has(url))
            .flatMap(({ url }) => this.pages.map(
                (page) => ({ url, page, scripted: false })));
        const ofMarkup = ({ url, page, scripted }) =>
            !scripted && page.mentions(new URL(url));
        const leaks = [...requests, ...unreported].filter(ofMarkup);
        const others = requests.filter((request) => !ofMarkup(request));

        tap.ok(leaks.length === 0, 'pages, refused, scripting on: '
               + `${leaks.length} requests of markup to denied hosts`,
               tally(leaks.map(({ url, page }) => `${page.name} ${url}`))
                   .slice(0, SHOWN).map(([text]) => text));

        tap.diag(`requests of scripts to denied hosts: ${others.length}`);
        tally(others.map(({ url }) => new URL(url).host)).slice(0, SHOWN)
            .forEach(([host, count]) => tap.diag(`    ${count} ${host}`));
    }


    async run() {
        await this.stage.run(async () => {
            await this.control();
            await this.withoutScripting();
            await this.withScripting();
        });
    }
}


/* options: { count, seed }: as many pages, drawn by the seed */

export function testPages(dir, options) {
    return new PagesTest(dir, options).run();
}
