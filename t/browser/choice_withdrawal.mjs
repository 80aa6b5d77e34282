/*
 * Copyright (C) ngx_consent_module authors
 *
 * A visitor accepts everything, gets the cookies of servers and scripts,
 * withdraws, and goes on: the jar is empty of them, none is sent, tags are
 * blocked, and neither the back button nor a reload shows the page of before.
 */

import * as tap from '../pages/tap.mjs';
import { OTHERS, SITE, press } from './choice_stage.mjs';


const TRACKERS = ['_fbdomain', '_fbp', '_ga', '_gid', '_hjid', '_hjshared'];


const names = (cookies) => cookies.map(({ name }) => name).sort();

const show = (cookies) => cookies
    .map(({ name, domain, path, httpOnly }) =>
        `${name} ${domain}${path}${httpOnly ? ' HttpOnly' : ''}`)
    .sort();


const blocked = (page) => page.evaluate(() => ({
    scripts: document.querySelectorAll('script[type="text/plain"]').length,
    frame: document.querySelector('iframe').getAttribute('src'),
    banner: document.querySelectorAll('.consent-banner').length,
}));


/* by the back button, which need not be one step for each page */

async function backTo(page, url) {
    do {
        await page.goBack();
    } while (page.url() !== url && page.url() !== 'about:blank');
}


function sent(asked) {
    return asked.flatMap(({ cookie }) => cookie.split('; '))
        .filter((pair) => TRACKERS.includes(pair.split('=')[0]));
}


export async function testWithdrawal(stage) {
    const context = await stage.visitor();
    const page = await context.newPage();
    const contacts = [];

    context.on('request', (request) => {
        if (OTHERS.test(request.url())) {
            contacts.push(request.url());
        }
    });

    /* before a choice */

    await page.goto(`${SITE}/`);

    tap.ok(names(await context.cookies()).join() === 'session',
           'withdrawal: before a choice, nothing but what is needed',
           show(await context.cookies()));
    tap.ok(contacts.length === 0, 'withdrawal: and nobody is contacted',
           contacts);

    /* everything is accepted */

    await press(page, page.getByRole('button', { name: 'Accept all' }),
                `${SITE}/`);
    await press(page, page.getByRole('link', { name: 'Another page' }),
                `${SITE}/next`);

    const before = await context.cookies();

    tap.diag('jar, everything accepted:');
    show(before).forEach((line) => tap.diag(`    ${line}`));

    tap.ok(TRACKERS.every((name) => names(before).includes(name)),
           'withdrawal: accepted, the trackers are there', show(before));
    tap.ok(contacts.length > 0, 'withdrawal: and others are contacted');
    tap.ok(sent(stage.asked.slice(-1)).length > 0,
           'withdrawal: and the site gets its cookies');

    const state = await blocked(page);

    tap.ok(state.scripts === 0 && state.banner === 0
           && state.frame === 'https://video.example/film',
           'withdrawal: and nothing is blocked', [JSON.stringify(state)]);

    /* and withdrawn */

    await page.goto(`${SITE}/.consent/`);
    await press(page, page.getByRole('button', { name: 'Refuse all' }),
                `${SITE}/.consent/`);

    const after = await context.cookies();

    tap.diag('jar, withdrawn:');
    show(after).forEach((line) => tap.diag(`    ${line}`));

    tap.ok(!TRACKERS.some((name) => names(after).includes(name)),
           'withdrawal: they are gone with the answer', show(after));
    tap.ok(names(after).join() === 'consent,session',
           'withdrawal: what is needed stays', show(after));

    /* the next pages */

    stage.asked.splice(0);
    contacts.splice(0);

    for (const [name, go] of [
        ['the next page', () => page.goto(`${SITE}/`)],
        ['a reload', () => page.reload()],
        ['back to a page of before', () => backTo(page, `${SITE}/next`)],
        ['further back', () => backTo(page, `${SITE}/`)],
    ])
    {
        await go();

        const now = await blocked(page);
        const jar = names(await context.cookies()).join();

        tap.ok(now.scripts === 2 && now.banner === 0
               && now.frame === '/.consent/blocked?category=targeting',
               `withdrawal: ${name}: tags are blocked`,
               [page.url(), JSON.stringify(now)]);
        tap.ok(jar === 'consent,session',
               `withdrawal: ${name}: no cookie came back`, [jar]);
    }

    tap.ok(sent(stage.asked).length === 0,
           'withdrawal: none reached the site', sent(stage.asked));
    tap.ok(contacts.length === 0, 'withdrawal: nobody else was contacted',
           contacts);

    const [accepted, refused] = stage.events().slice(-2);

    tap.ok(accepted.choice === 'all' && refused.choice === 'none'
           && accepted.id === refused.id
           && refused.previous.accepted.join() === 'performance,targeting',
           'withdrawal: the log tells both',
           [JSON.stringify(accepted), JSON.stringify(refused)]);

    tap.diag(JSON.stringify(refused));

    await context.close();
}
