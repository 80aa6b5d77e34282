/*
 * Copyright (C) ngx_consent_module authors
 *
 * A thread of judges.mjs.
 */

import { parentPort, workerData } from 'node:worker_threads';
import { Page } from './page.mjs';
import { Policy } from './policy.mjs';


const policy = new Policy(workerData.conf, workerData.prefix);
const pages = new Map();


/* structured clones of a Buffer are bare arrays */

const bytesOf = ({ buffer, byteOffset, length }) =>
    Buffer.from(buffer, byteOffset, length);


function answer({ page: number, got, accepted }) {
    const page = pages.get(number);

    if (got) {
        return page.judge(bytesOf(got), new Set(accepted));
    }

    return page.loads().map(({ name, url }) => ({ name, href: url.href }));
}


parentPort.on('message', (message) => {
    const { page, call, bytes, url, close } = message;

    try {
        if (bytes) {
            pages.set(page, new Page(bytesOf(bytes), new URL(url), policy));

        } else if (close) {
            pages.delete(page);

        } else {
            parentPort.postMessage({ call, result: answer(message) });
        }

    } catch (error) {
        parentPort.postMessage({ call, error: error.stack });
    }
});
