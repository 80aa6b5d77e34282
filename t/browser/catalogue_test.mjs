/*
 * Copyright (C) ngx_consent_module authors
 *
 * The catalogue: what Chromium fetches of it when nothing protects it, that
 * nothing of that is contacted once it is refused, and all of it once it is
 * accepted.
 */

import * as tap from '../pages/tap.mjs';
import { CATEGORY, Catalogue } from './catalogue.mjs';
import { hostOf } from './site.mjs';
import { Stage } from './stage.mjs';


/* fewer would mean that nothing is tested */

const LEAST_CASES = 150;
const LEAST_FETCHED = 100;

/* name: the server, and what the visitor accepted, null: not asked yet */

const PASSES = {
    'plain': { server: 'plain', accepted: null },
    'refused, mark': { server: 'mark', accepted: [] },
    'refused, remove': { server: 'remove', accepted: [] },
    'accepted': { server: 'mark', accepted: [CATEGORY] },
};


async function click(page, paths) {
    for (const path of paths) {
        const frame = page.frames().find((one) => one.url().endsWith(path));

        await frame.locator('a, area').first()
            .evaluate((link) => link.click());
    }
}


async function visit(browser, views, server) {
    const pages = await Promise.all(views.map(({ scheme, path }) =>
        browser.open(`${scheme}://${hostOf(server)}${path}`)));

    await browser.rest(pages);
    await Promise.all(views.map(({ clicks }, i) => click(pages[i], clicks)));
    await browser.rest(pages);
}


/* the lines of a list of names */

function lines(names) {
    return [...names].sort().join(' ').match(/.{1,70}(?= |$)/g) ?? [];
}


function without(names, others) {
    return [...names].filter((name) => !others.has(name));
}


class CatalogueTest {

    constructor(dir, only) {
        this.catalogue = new Catalogue(only);
        this.complete = only === '';
        this.stage = new Stage(dir, 'catalogue', this.catalogue,
                               (path, host) => this.catalogue.pageOf(path,
                                                                     host),
                               this.catalogue.lookups);
    }


    /* the names of the cases that got through */

    async contacted(name, scripting) {
        const { server, accepted } = PASSES[name];
        const { views, cases } = this.catalogue;
        const { contacts, paths, resolved } = await this.stage.pass(
            scripting, accepted, (browser) => visit(browser, views, server));
        const unopened = cases.filter(({ path }) => !paths.includes(path));

        tap.ok(unopened.length === 0,
               `${title(name, scripting)}: all ${cases.length} cases opened`,
               lines(unopened.map((one) => one.name)));

        return this.catalogue.namesOf(
            [...contacts.map(({ host }) => host), ...resolved], paths);
    }


    async mode(scripting) {
        const fetched = await this.contacted('plain', scripting);
        const names = this.catalogue.cases.map((one) => one.name);
        const inert = without(names, fetched);

        tap.ok(!this.complete || fetched.size >= LEAST_FETCHED,
               `${title('plain', scripting)}: ${fetched.size} of them are `
               + 'contacted');
        tap.diag(`not fetched by Chromium, ${modeName(scripting)}:`);
        lines(inert).forEach((line) => tap.diag(`    ${line}`));

        for (const name of ['refused, mark', 'refused, remove']) {
            const leaks = await this.contacted(name, scripting);

            tap.ok(leaks.size === 0, `${title(name, scripting)}: ${leaks.size}`
                                     + ' of them are contacted',
                   lines(leaks));
        }

        const accepted = await this.contacted('accepted', scripting);
        const lost = without(fetched, accepted);

        tap.ok(lost.length === 0, `${title('accepted', scripting)}: `
                                  + `${accepted.size} of them are contacted`,
               lines(lost));
    }


    async run() {
        tap.ok(!this.complete || this.catalogue.cases.length >= LEAST_CASES,
               `catalogue of ${this.catalogue.cases.length} cases`);

        await this.stage.run(async () => {
            for (const scripting of [true, false]) {
                await this.mode(scripting);
            }
        });
    }
}


function modeName(scripting) {
    return `scripting ${scripting ? 'on' : 'off'}`;
}


function title(name, scripting) {
    return `${name}, ${modeName(scripting)}`;
}


/* only: cases whose name has this */

export function testCatalogue(dir, only) {
    return new CatalogueTest(dir, only).run();
}
