/*
 * Copyright (C) ngx_consent_module authors
 *
 * Can everybody choose?  WCAG 2.2 AA so far as axe-core can tell, in light
 * and dark; the keyboard alone; 320 pixels; text of twice the size; without
 * JavaScript.
 */

import fs from 'node:fs';
import path from 'node:path';
import { require } from '../pages/corpus.mjs';
import * as tap from '../pages/tap.mjs';
import { SITE, press } from './choice_stage.mjs';


const AXE = fs.readFileSync(require.resolve('axe-core'), 'utf8');

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',
               'best-practice'];

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 320, height: 640 };


/* name: how to get there with a fresh page */

const VIEWS = {
    'page': (page) => page.goto(`${SITE}/.consent/?return=/next`),

    'page, chosen': async (page) => {
        await page.goto(`${SITE}/.consent/`);
        await page.getByLabel('Performance').check();
        await page.getByRole('button', { name: 'Save choice' }).click();
        await page.getByText('Chosen on').waitFor();
    },

    'page, refused': async (page) => {
        await page.goto(`${SITE}/.consent/`);
        await page.getByLabel('Performance').evaluate(
            (box) => { box.value = 'nothing'; box.checked = true; });
        await page.getByRole('button', { name: 'Save choice' }).click();
        await page.getByRole('alert').waitFor();
    },

    'page, open': async (page) => {
        await page.goto(`${SITE}/.consent/`);

        for (const summary of await page.locator('summary').all()) {
            await summary.click();
        }
    },

    'cookies': (page) => page.goto(`${SITE}/.consent/cookies`),

    'placeholder': (page) => page.goto(
        `${SITE}/.consent/blocked?category=targeting`),

    'banner': (page) => page.goto(`${SITE}/`),
};


async function violations(page) {
    await page.evaluate(AXE);

    const { violations: found } = await page.evaluate(
        (values) => window.axe.run(document, {
            runOnly: { type: 'tag', values } }),
        RULES);

    return found.flatMap(({ id, nodes }) => nodes.map(
        ({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}


/* does anything stick out to the right, or is a control out of reach? */

const overflow = (page) => page.evaluate(() => {
    const root = document.documentElement;
    const wide = [...document.querySelectorAll('button, a, input, summary')]
        .filter((element) => {
            const box = element.getBoundingClientRect();

            return box.width > 0 && box.right > root.clientWidth + 1;
        })
        .map((element) => element.outerHTML);

    return root.scrollWidth > root.clientWidth
           ? [`scrolls: ${root.scrollWidth}`, ...wide] : wide;
});


/* WCAG 2.2, 2.5.8: nothing to be hit is smaller than 24 pixels */

const small = (page) => page.evaluate(() =>
    [...document.querySelectorAll('button, input[type=checkbox], summary')]
        .map((element) => [element.getBoundingClientRect(),
                           element.outerHTML])
        .filter(([box]) => box.width > 0 && (box.width < 24
                                             || box.height < 24))
        .map(([box, html]) => `${box.width}x${box.height} ${html}`));


async function testView(stage, name, scheme, screenshots) {
    const context = await stage.visitor({ colorScheme: scheme,
                                          viewport: WIDE });
    const page = await context.newPage();
    const shot = async (what) => screenshots && page.screenshot({
        path: path.join(screenshots, `${name.replace(', ', '-')}-${scheme}-`
                                     + `${what}.png`),
        fullPage: name !== 'banner' });

    await VIEWS[name](page);

    const problems = await violations(page);

    tap.ok(problems.length === 0,
           `${name}, ${scheme}: axe-core finds nothing`, problems);
    await shot('wide');

    await page.setViewportSize(NARROW);

    const narrow = [...await violations(page), ...await overflow(page),
                    ...await small(page)];

    tap.ok(narrow.length === 0, `${name}, ${scheme}: 320 pixels`, narrow);
    await shot('narrow');

    await page.evaluate(() => {
        document.documentElement.style.fontSize = '200%';
    });

    const large = await overflow(page);

    tap.ok(large.length === 0, `${name}, ${scheme}: text of twice the size`,
           large);
    await shot('large');

    await context.close();
}


/* what has the focus: its role, name and whether it can be seen */

const focused = (page) => page.evaluate(() => {
    const element = document.activeElement;
    const box = element.getBoundingClientRect();
    const hit = document.elementFromPoint(box.x + box.width / 2,
                                          box.y + box.height / 2);

    return {
        what: element.matches('input') ? element.value
              : element.textContent.trim().replace(/\s+/g, ' '),
        tag: element.localName,
        seen: hit !== null && (element.contains(hit) || hit.contains(element)),
        own: element.closest('.consent-page, .consent-banner') !== null,
        outline: parseFloat(getComputedStyle(element).outlineWidth),
    };
});


async function walk(page, steps) {
    const stops = [];

    for (let i = 0; i < steps; i++) {
        await page.keyboard.press('Tab');
        stops.push(await focused(page));
    }

    return stops;
}


function compareStops(name, stops, wanted) {
    const got = stops.map(({ what }) => what);

    tap.ok(got.join('|') === wanted.join('|'), `keyboard: ${name}`,
           [`got    ${got.join(' | ')}`, `wanted ${wanted.join(' | ')}`]);

    const hidden = stops
        .filter(({ seen, own, outline }) => !seen || (own && outline < 2))
        .map((stop) => JSON.stringify(stop));

    tap.ok(hidden.length === 0, `keyboard: ${name}: the focus is seen`,
           hidden);
}


async function testKeyboard(stage) {
    const context = await stage.visitor({ viewport: NARROW,
                                          javaScriptEnabled: true });
    const page = await context.newPage();

    await page.goto(`${SITE}/`);

    compareStops('banner', await walk(page, 4),
                 ['Choose', 'Refuse all', 'Accept all', 'Another page']);

    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Cookie choices' }).waitFor();

    compareStops('page', await walk(page, 10),
        ['Cookies and services: Strictly necessary',
         'performance', 'Cookies and services: Performance',
         'targeting', 'Cookies and services: Targeting',
         'Save choice', 'Refuse all', 'Accept all',
         'List of cookies', 'Back to the page']);

    /* the Enter key in a box must not accept more than is ticked */

    await page.getByLabel('Performance').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${SITE}/`);

    const { accepted, choice, source } = stage.events().at(-1);

    tap.ok(choice === 'some' && source === 'page'
           && accepted.join() === 'performance',
           'keyboard: Enter saves what is ticked',
           [JSON.stringify({ accepted, choice })]);
    tap.ok(await page.locator('.consent-banner').count() === 0,
           'keyboard: the banner is gone');

    await context.close();
}


/* without JavaScript: from the banner, the page and the placeholder */

async function testWithoutScript(stage) {
    const context = await stage.visitor({ javaScriptEnabled: false });
    const page = await context.newPage();
    const url = `${SITE}/next?a=1`;

    await page.goto(url);
    await press(page, page.getByRole('button', { name: 'Refuse all' }), url);

    tap.ok(await page.locator('.consent-banner').count() === 0
           && stage.events().at(-1).source === 'banner',
           'no script: the banner is answered');

    const frame = page.frameLocator('iframe');

    await press(page, frame.getByRole('button', { name: 'Allow and show' }),
                url);

    const { accepted, choice, source } = stage.events().at(-1);

    tap.ok(choice === 'add' && source === 'placeholder'
           && accepted.join() === 'targeting',
           'no script: a frame is allowed where it stands');

    const film = await page.locator('iframe').getAttribute('src');

    tap.ok(film === 'https://video.example/film',
           'no script: and shows what it was to show', [String(film)]);

    await context.close();
}


export async function testAccess(stage, screenshots) {
    if (screenshots) {
        fs.mkdirSync(screenshots, { recursive: true });
    }

    for (const name of Object.keys(VIEWS)) {
        for (const scheme of ['light', 'dark']) {
            await testView(stage, name, scheme, screenshots);
        }
    }

    await testKeyboard(stage);
    await testWithoutScript(stage);
}
