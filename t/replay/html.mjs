/*
 * Copyright (C) ngx_consent_module authors
 *
 * The result as one HTML file that needs nothing else: the data as JSON, a
 * style sheet and a script that shows, filters and searches it.
 */

import fs from 'node:fs';


const part = (name) => fs.readFileSync(
    new URL(`./report/${name}`, import.meta.url), 'utf8');


/* as text of a script element */

function json(value) {
    return JSON.stringify(value).replaceAll('<', '\\u003c')
        .replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}


export function html(result) {
    const parts = { style: part('report.css'), script: part('report.js'),
                    data: json(result) };

    return part('report.html').replace(/%%(\w+)%%/g,
                                       (_, name) => parts[name]);
}
