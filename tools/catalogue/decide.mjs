// Copyright (C) ngx_consent_module authors
//
// From the rows of the sources and the overrides to rules.  A row is dropped,
// with a reason that is counted, or becomes the rule of one category.

import { categories } from './config.mjs';
import { Cookies, Hosts } from './rules.mjs';


// What the sources' own categories are here; none: they say too little.

const cookieCategories = {
    'Open Cookie Database': {
        Functional: 'functional', Personalization: 'functional',
        Necessary: 'necessary', Security: 'necessary',
        Analytics: 'performance', Marketing: 'targeting',
    },
    'cookie-db': {
        necessary: 'necessary', functional: 'functional',
        analytics: 'performance', advertisement: 'targeting',
    },
    'tarteaucitron.js': {
        analytic: 'performance', ads: 'targeting', social: 'targeting',
        video: 'functional', support: 'functional', api: 'functional',
        comment: 'functional',
    },
};

const hostCategories = {
    'third-party-web': {
        'ad': 'targeting', 'social': 'targeting', 'marketing': 'targeting',
        'tag-manager': 'targeting', 'analytics': 'performance',
        'video': 'functional', 'customer-success': 'functional',
    },
    'tarteaucitron.js': cookieCategories['tarteaucitron.js'],
};


// The Open Cookie Database has what a site cannot work without and what only
// makes it nicer as Functional.  These are the makers of whose cookies the
// former is true, so far as overrides.conf does not say otherwise.

const essentialVendors = new Set([
    'AFAS', 'Adobe ColdFusion', 'Akamai', 'Amazon Web Services', 'Auth0',
    'Axeptio', 'Borlabs', 'CakePHP', 'CleanTalk', 'Cloudflare', 'Citrix',
    'Civic UK', 'Clerk', 'CodeIgniter', 'Complianz', 'Consentmanager.net',
    'Cookie First', 'Cookie Script', 'CookieConsent.io', 'CookieYes',
    'Cookiebot', 'CraftCMS', 'Datadome', 'Didomi', 'Digital Factory',
    'Enzuzo', 'GitHub', 'Github', 'HAProxy', 'Hu-manity.co', 'Imperva', 'Intershop', 'Iubenda',
    'J2EE', 'Jimdo', 'Kentico', 'Keycloak', 'Laravel', 'Lightspeed', 'Maxlead',
    'Microsoft', 'Moove', 'NGINX', 'NextAuth.js', 'OneTrust', 'Oracle', 'Osano', 'PHP.net',
    'PayPal', 'Perl', 'Plesk', 'PrivacyPillar', 'Processwire', 'Qodli AB',
    'Rack', 'Radware', 'Ruby on Rails', 'SAP', 'Salesforce', 'Shopify.com', 'Squeezely', 'Stripe',
    'Supabase', 'TYPO3', 'Termly', 'WP-Glogin', 'Wix.com', 'WooCommerce',
    'WordPress', 'Wordpress',
    'f5', 'phpMyAdmin', 'vBulletin',
]);


// Advertisers whose own "Functional" is what makes advertising work.

const advertisers = new Set([
    'Epsilon', 'Equativ.com', 'ID5', 'Prebid', 'Pubmatic', 'RTB House',
    'ShareThis', 'Snapchat', 'Totvs', 'Xandr', 'betweendigital.com',
    'taboola.com',
]);


// Generic patterns that hand-written names are not meant to be a part of.

const loose = new Set([ '*_session', '*_session_id', '*-session',
                        '*_identity', 'wordpress_*', 'Drupal_*' ]);

const minPrefix = 5;
const minName = 4;


function patternOf(row) {
    return row.prefix ? `${row.name}*` : row.name;
}


// A reason not to take a row, or null.

function unfit(row, out, domains) {
    const pattern = patternOf(row);

    if (row.unusable) {
        return 'no name of a cookie';
    }

    if (out.has(pattern) || out.has(row.name)) {
        return 'left out by hand';
    }

    if (row.prefix && row.name.length < minPrefix) {
        return 'prefix shorter than five characters';
    }

    if (/[-_.:]$/.test(row.name) && !row.prefix) {
        return 'prefix shorter than five characters';
    }

    if (row.name.length < minName) {
        return 'name shorter than four characters';
    }

    // of somebody else's domain, and a word or two that any site may use

    if (row.foreign && /^[a-z]{1,10}$|^[A-Z][a-z]{1,9}$|^[A-Z]{1,4}$/
                           .test(row.name))
    {
        return 'third party\'s, and a word';
    }

    if (!domains && /^[a-z]{1,7}$|^[A-Z]{1,4}$/.test(row.name)) {
        return 'a short word';
    }

    return null;
}


function categoryOf(row) {
    const category = cookieCategories[row.source][row.category];

    if (row.source === 'Open Cookie Database' && category === 'functional'
        && essentialVendors.has(row.vendor))
    {
        return 'necessary';
    }

    if (category === 'functional' && advertisers.has(row.vendor)) {
        return 'targeting';
    }

    return category;
}


function count(table, key) {
    table[key] = (table[key] ?? 0) + 1;
}


export function decideCookies(rows, hand, out, report) {
    const rules = new Map();
    const table = new Cookies();
    const byHand = new Cookies();

    for (const { pattern, category, why } of hand) {
        const rule = { pattern, category, from: 'by hand', why };

        rules.set(pattern, rule);
        table.add(pattern, rule);

        if (!loose.has(pattern)) {
            byHand.add(pattern, rule);
        }
    }

    for (const row of rows) {
        const pattern = patternOf(row);
        const why = unfit(row, out, false);

        if (why) {
            count(report.dropped, why);
            continue;
        }

        const category = categoryOf(row);
        const known = rules.get(pattern);

        if (!category) {
            if (!known) {
                count(report.dropped, 'no category that says enough');
            }

            continue;
        }

        if (known) {
            conflict(report, pattern, known, row, category);
            known.also ??= [];
            known.also.push(row.source);
            continue;
        }

        // or the exact name would win over the prefix that was meant

        const wider = byHand.find(row.name);

        if (wider) {
            if (wider.category !== category) {
                report.conflicts.push(`cookie ${pattern}: ${row.source} has `
                    + `it as "${row.category}", ${wider.category} by hand by `
                    + `${wider.pattern} wins`);
            }

            if (table.find(row.name)?.category === wider.category) {
                count(report.dropped, 'covered by what is decided by hand');
                continue;
            }

            // a loose pattern is longer than the one that is meant
        }

        const covering = table.find(row.name);

        if (covering && covering.category === category
            && covering.pattern.length > minPrefix)
        {
            count(report.dropped, 'covered by another rule');
            continue;
        }

        const rule = { pattern, category: wider?.category ?? category,
                       from: row.source, vendor: row.vendor };

        rules.set(pattern, rule);
        table.add(pattern, rule);
    }

    return [ ...rules.values() ];
}


function conflict(report, pattern, known, row, category) {
    if (known.category === category) {
        return;
    }

    report.conflicts.push(`cookie ${pattern}: ${row.source} has it as `
        + `"${row.category}", ${known.category} ${known.from} wins`);
}


function below(host, domains) {
    const labels = host.split('.');

    return labels.some((_, i) => domains.has(labels.slice(i).join('.')));
}


export function decideHosts(rows, hand, out, report) {
    const rules = new Map();
    const table = new Hosts();

    for (const { pattern, category, why } of hand) {
        const rule = { pattern, category, from: 'by hand', why };

        rules.set(pattern, rule);
        table.add(pattern, rule);
    }

    for (const row of rows) {
        const pattern = row.subdomains ? `.${row.host}` : row.host;
        const category = hostCategories[row.source][row.category];

        if (!category) {
            count(report.dropped, `${row.source} "${row.category}": not to be `
                                  + 'blocked, or reviewed by hand');
            continue;
        }

        if (below(row.host, out)) {
            count(report.dropped, 'left out by hand');
            continue;
        }

        const known = table.find(pattern);

        if (known) {
            if (known.category !== category) {
                report.conflicts.push(`host ${pattern}: ${row.source} has it `
                    + `as "${row.category}" of ${row.vendor}, `
                    + `${known.category} ${known.from} by ${known.pattern} `
                    + 'wins');
            } else if (known.vendor && known.vendor !== row.vendor
                       && known.pattern === pattern
                       && row.source === 'third-party-web')
            {
                report.conflicts.push(`host ${pattern}: claimed by `
                    + `${known.vendor} and ${row.vendor}`);
            }

            count(report.dropped, known.pattern === pattern
                ? 'there already' : 'covered by another rule');
            continue;
        }

        const rule = { pattern, category, from: row.source,
                       vendor: row.vendor };

        rules.set(pattern, rule);
        table.add(pattern, rule);
    }

    return withoutCovered(rules, table, report);
}


// A domain that came later makes rules for what is below it needless.

function withoutCovered(rules, table, report) {
    return [ ...rules.values() ].filter((rule) => {
        if (rule.from === 'by hand' || rule.pattern.includes('/')) {
            return true;
        }

        const wider = table.find(rule.pattern, false);

        if (wider && wider !== rule && wider.category === rule.category) {
            count(report.dropped, 'covered by another rule');
            return false;
        }

        return true;
    });
}


// What must hold whatever the sources say.

export function check(cookies, hosts) {
    const table = new Cookies();

    cookies.forEach((rule) => table.add(rule.pattern, rule));

    for (const { pattern, category } of cookies) {
        if (!categories.includes(category)) {
            throw new Error(`${pattern} has no category`);
        }

        const name = pattern.replace(/\*$/, '0').replace(/^\*/, 'a');
        const found = table.find(name);

        if (category === 'necessary' && !loose.has(pattern)
            && !pattern.startsWith('~')
            && found?.category !== 'necessary')
        {
            throw new Error(`the essential ${pattern} would be blocked by `
                            + found?.pattern);
        }
    }

    const seen = new Set();

    for (const { pattern } of hosts) {
        if (seen.has(pattern)) {
            throw new Error(`${pattern} is there twice`);
        }

        seen.add(pattern);
    }
}
