/*
 * Copyright (C) ngx_consent_module authors
 *
 * The cases of the other files as pages.  Each contacts a host of its own,
 * NAME.tracker.example, so that a contact names its case:
 *
 *   {n}  the name                  {h}  the host
 *   {u}  a URL on that host        {H}  the host in upper case
 *   {site}  the site               {s}  the host in two pieces of a script
 *   {e}  the host with an escape of CSS       {t}  with a tab inside
 *   {d}  with a dot as character reference    {p}  with an escaped letter
 *   {P}  with an escaped dot       {w}  with a full-width letter
 *   {W}  with ideographic dots     {y}  with a soft hyphen inside
 *
 * A case is what follows the head of the page, or an object:
 *
 *   html    that text
 *   headers of the response: [name, value] each
 *   host    contacts this host instead
 *   own     contacts /own/NAME of the site
 *   alone   has to be a page of its own, not a frame
 *   secure  is fetched over https only
 *   click   the first link is clicked
 *   dns     the host is resolved but not connected to
 */

import { ELEMENTS, ELEMENTS_TOGETHER } from './cases_elements.mjs';
import { HEADERS } from './cases_headers.mjs';
import { TAGS } from './cases_tags.mjs';
import { URLS, URLS_TOGETHER } from './cases_urls.mjs';


const DOMAIN = 'tracker.example';

export const CATEGORY = 'targeting';

const RESOURCES = [`.${DOMAIN}`, '.xn--bcher-kva.example', '/own/'];

/* cases in one page, where several can be; pages framed by another */

const TOGETHER = 10;
const FRAMES = 20;


const percent = (c) => `%${c.charCodeAt(0).toString(16)}`;

const wide = (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0);


function expand(text, { name, host }, site) {
    const values = {
        n: name,
        h: host,
        u: `https://${host}/x`,
        H: host.toUpperCase(),
        site,
        s: host.replace('.', '" + ".'),
        e: host.replace('a', '\\61 '),
        t: host.replace('r', '\tr'),
        d: host.replace('.', '&period;').replace('.', '&#46;'),
        p: host.replace('r', percent),
        P: host.replace('.', percent),
        w: host.replace('t', wide),
        W: host.replaceAll('.', '\u3002'),
        y: host.replace('tracker', 'trac\u00adker'),
    };

    return text.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
}


function* casesOf(table, only) {
    for (const [name, entry] of Object.entries(table)) {
        const { html = entry, headers = [], host = `${name}.${DOMAIN}`,
                own = false, ...flags } = entry;

        if (name.includes(only)) {
            yield { name, html, headers, host, ...flags,
                    own: own ? `/own/${name}` : null };
        }
    }
}


/* pieces of a list */

function* batches(list, size) {
    for (let i = 0; i < list.length; i += size) {
        yield list.slice(i, i + size);
    }
}


function framesOf(paths) {
    const frames = paths.map((path) => `<iframe src="${path}"></iframe>`);

    return `<!DOCTYPE html>\n<title>cases</title>\n${frames.join('\n')}\n`;
}


export class Catalogue {

    /* only: cases whose name has this */

    constructor(only) {
        const apart = [...casesOf({ ...ELEMENTS, ...URLS, ...TAGS,
                                    ...HEADERS }, only)];
        const together = [...casesOf({ ...ELEMENTS_TOGETHER,
                                       ...URLS_TOGETHER }, only)];
        const needsPage = ({ alone, secure }) => alone || secure;

        this.cases = [...apart, ...together];
        this.pages = new Map();         /* cases by the path of their page */
        this.frames = new Map();        /* pages of frames by their path */

        for (const one of [...apart, ...together.filter(needsPage)]) {
            this.addPage(`/case/${one.name}`, [one]);
        }

        for (const cases of batches(
            together.filter((one) => !needsPage(one)), TOGETHER))
        {
            this.addPage(`/cases/${cases[0].name}`, cases);
        }

        this.lookups = this.cases.filter(({ dns }) => dns)
            .map(({ host }) => host);
        this.byHost = new Map(this.cases.map(({ host, name }) => [host,
                                                                  name]));
        this.byOwn = new Map(this.cases.map(({ own, name }) => [own, name]));
    }


    addPage(path, cases) {
        this.pages.set(path, cases);

        for (const one of cases) {
            one.path = path;
        }
    }


    /*
     * What a browser has to open to see these cases: [{ scheme, path,
     * clicks }], the last being the paths of frames to click in.
     */

    views(cases) {
        const framed = cases.filter(({ alone }) => !alone);

        return [
            ...cases.filter(({ alone }) => alone)
                .map(({ path, secure }) => ({
                    scheme: secure ? 'https' : 'http', path, clicks: [],
                })),
            ...this.framed('http', framed.filter(({ secure }) => !secure)),
            ...this.framed('https', framed.filter(({ secure }) => secure)),
        ];
    }


    framed(scheme, cases) {
        const pages = new Set(cases.map(({ path }) => path));
        const clicked = new Set(cases.filter(({ click }) => click)
            .map(({ path }) => path));

        return [...batches([...pages], FRAMES)].map((paths) => {
            const path = `/frames/${this.frames.size}`;

            this.frames.set(path, framesOf(paths));

            return { scheme, path,
                     clicks: paths.filter((one) => clicked.has(one)) };
        });
    }


    /* a page of the site: { body, headers }, or undefined */

    pageOf(path, site) {
        const cases = this.pages.get(path);

        if (!cases) {
            return this.frames.has(path) ? { body: this.frames.get(path) }
                                         : undefined;
        }

        const expanded = cases.map((one) => expand(one.html, one, site));
        const headers = cases.flatMap((one) => one.headers.map(
            ([name, value]) => [name, expand(value, one, site)]));

        return { headers, body: `<!DOCTYPE html>\n<title>${path}</title>\n`
                                + expanded.map((html) => `${html}\n`)
                                    .join('') };
    }


    /* the names of the cases that contact such hosts or paths of the site */

    namesOf(hosts, paths) {
        return new Set([
            ...hosts.map((host) => this.byHost.get(host)),
            ...paths.map((path) => this.byOwn.get(path)),
        ].filter((name) => name));
    }


    configuration() {
        const numbers = this.cases.map(({ host }) => host)
            .filter((host) => /^[\d.[]/.test(host));

        return `    consent_policy 1;

    consent_category ${CATEGORY} {
        resource ${[...RESOURCES, ...numbers].join('\n                 ')};
        inline   "startTracker(";
    }
`;
    }
}
