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
 *   host    contacts this host instead
 *   own     contacts /own/NAME of the site
 *   alone   has to be a page of its own, not a frame
 *   secure  is fetched over https only
 *   click   the first link is clicked
 *   dns     the host is resolved but not connected to
 */

import { ELEMENTS } from './cases_elements.mjs';
import { TAGS } from './cases_tags.mjs';
import { URLS } from './cases_urls.mjs';


const DOMAIN = 'tracker.example';

export const CATEGORY = 'targeting';

const RESOURCES = [`.${DOMAIN}`, '.xn--bcher-kva.example', '/own/'];

/* frames in one page */

const BATCH = 30;


const percent = (c) => `%${c.charCodeAt(0).toString(16)}`;

const wide = (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0);


function expand(html, name, host, site) {
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

    return html.replace(/\{(\w+)\}/g, (text, key) => values[key] ?? text);
}


function caseOf(name, entry) {
    const { html = entry, host = `${name}.${DOMAIN}`, own = false,
            ...flags } = entry;

    return { name, html, host, ...flags, path: `/case/${name}`,
             own: own ? `/own/${name}` : null };
}


/* pieces of a list */

function* batches(list, size) {
    for (let i = 0; i < list.length; i += size) {
        yield list.slice(i, i + size);
    }
}


function framesOf(cases) {
    const frames = cases.map(({ path }) => `<iframe src="${path}"></iframe>`);

    return `<!DOCTYPE html>\n<title>cases</title>\n${frames.join('\n')}\n`;
}


export class Catalogue {

    /* only: cases whose name has this */

    constructor(only) {
        this.cases = Object.entries({ ...ELEMENTS, ...URLS, ...TAGS })
            .filter(([name]) => name.includes(only))
            .map(([name, entry]) => caseOf(name, entry));
        this.lookups = this.cases.filter(({ dns }) => dns)
            .map(({ host }) => host);
        this.byPath = new Map(this.cases.map((one) => [one.path, one]));
        this.byHost = new Map(this.cases.map(({ host, name }) => [host,
                                                                  name]));
        this.byOwn = new Map(this.cases.map(({ own, name }) => [own, name]));
        this.frames = new Map();        /* pages of frames by their path */
    }


    /*
     * What a browser has to open to see these cases: [{ scheme, path,
     * clicks }], the last being the paths of frames to click in.
     */

    views(cases) {
        return [
            ...cases.filter(({ alone }) => alone)
                .map(({ path, secure }) => ({
                    scheme: secure ? 'https' : 'http', path, clicks: [],
                })),
            ...this.framed('http', cases.filter(({ alone, secure }) =>
                !alone && !secure)),
            ...this.framed('https', cases.filter(({ alone, secure }) =>
                !alone && secure)),
        ];
    }


    framed(scheme, all) {
        return [...batches(all, BATCH)].map((cases) => {
            const path = `/frames/${this.frames.size}`;

            this.frames.set(path, framesOf(cases));

            return { scheme, path,
                     clicks: cases.filter(({ click }) => click)
                         .map((one) => one.path) };
        });
    }


    /* the body of a page of the site, or undefined */

    pageOf(path, site) {
        const one = this.byPath.get(path);

        if (!one) {
            return this.frames.get(path);
        }

        return `<!DOCTYPE html>\n<title>${one.name}</title>\n`
               + `${expand(one.html, one.name, one.host, site)}\n`;
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
