// Copyright (C) ngx_consent_module authors
//
//     node tools/catalogue/fetch.mjs DIR
//
// Puts the packages of sources.mjs below DIR, by npm, without what they depend
// on.  A package that is not the very one of the list is refused.

import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { folder, packages } from './sources.mjs';


const dir = process.argv[2];

for (const { name, version, integrity } of packages) {
    const place = folder(dir, name);

    fs.rmSync(place, { recursive: true, force: true });
    fs.mkdirSync(place, { recursive: true });

    const file = execFileSync('npm',
        [ 'pack', '--silent', '--pack-destination', place,
          `${name}@${version}` ], { encoding: 'utf8' }).trim();

    const archive = path.join(place, path.basename(file));
    const hash = createHash('sha512').update(fs.readFileSync(archive))
        .digest('base64');

    if (hash !== integrity) {
        throw new Error(`${name}@${version} is not the package it was: `
                        + `sha512 is ${hash}`);
    }

    execFileSync('tar', [ '-xzf', archive, '-C', place ]);
    fs.rmSync(archive);
}
