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


/* what docs/limits.md says is not seen */

const LIMITS = [ 'style-in-svg-entity' ];


/* fewer would mean that nothing is tested */

const LEAST_CASES = 300;
const LEAST_FETCHED = 200;
const LEAST_UNSCRIPTED = 5;

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
    return [...names].sort().join(' ').match(/\S.{0,69}(?= |$)/g) ?? [];
}


function without(names, others) {
    return [...names].filter((name) => !others.has(name));
}


function modeName(scripting) {
    return `scripting ${scripting ? 'on' : 'off'}`;
}


function title(name, scripting) {
    return `${name}, ${modeName(scripting)}`;
}


/* all others are parsed alike with and without scripting */

function dependsOnScripting({ html }) {
    return html.includes('noscript');
}


class CatalogueTest {

    constructor(dir, { only, full }) {
        this.catalogue = new Catalogue(only);
        this.complete = only === '';
        this.full = full;
        this.stage = new Stage(dir, 'catalogue', this.catalogue,
                               (path, host) => this.catalogue.pageOf(path,
                                                                     host),
                               this.catalogue.lookups);
    }


    /* the names of the cases that got through */

    async contacted(name, scripting, cases) {
        const { server, accepted } = PASSES[name];
        const views = this.catalogue.views(cases);
        const { contacts, paths, resolved } = await this.stage.pass(
            scripting, accepted, (browser) => visit(browser, views, server));
        const unopened = cases.filter(({ path }) => !paths.includes(path));

        tap.ok(unopened.length === 0, `${title(name, scripting)}: all `
                                      + `${cases.length} cases opened`,
               lines(unopened.map((one) => one.name)));

        return this.catalogue.namesOf(
            [...contacts.map(({ host }) => host), ...resolved], paths);
    }


    /* all passes of the same cases */

    async compare(scripting, cases, least) {
        const fetched = await this.contacted('plain', scripting, cases);
        const inert = without(cases.map((one) => one.name), fetched);

        tap.ok(!this.complete || fetched.size >= least,
               `${title('plain', scripting)}: ${fetched.size} of them are `
               + 'contacted');
        tap.diag(`not fetched by Chromium, ${modeName(scripting)}:`);
        lines(inert).forEach((line) => tap.diag(`    ${line}`));

        for (const name of ['refused, mark', 'refused, remove']) {
            const leaks = await this.contacted(name, scripting, cases);

            for (const known of LIMITS) {
                leaks.delete(known);
            }

            tap.ok(leaks.size === 0, `${title(name, scripting)}: `
                                     + `${leaks.size} of them are contacted`,
                   lines(leaks));
        }

        const accepted = await this.contacted('accepted', scripting, cases);
        const lost = without(fetched, accepted);
        const more = without(accepted, fetched);

        tap.ok(lost.length === 0 && more.length === 0,
               `${title('accepted', scripting)}: ${accepted.size} of them are `
               + 'contacted', [...lines(lost).map((line) => `lost: ${line}`),
                               ...lines(more).map((line) => `new: ${line}`)]);
    }


    async run() {
        const { cases } = this.catalogue;
        const unscripted = this.full ? cases
                           : cases.filter(dependsOnScripting);

        tap.ok(!this.complete || cases.length >= LEAST_CASES,
               `catalogue of ${cases.length} cases`);

        await this.stage.run(async () => {
            await this.compare(true, cases, LEAST_FETCHED);
            await this.compare(false, unscripted, LEAST_UNSCRIPTED);
        });
    }
}


/*
 * Options: { only: cases whose name has this; full: all of them without
 * scripting as well }.
 */

export function testCatalogue(dir, options) {
    return new CatalogueTest(dir, options).run();
}
