/*
 * Copyright (C) ngx_consent_module authors
 *
 * Pages are judged beside the replay, in threads: parsing them is most of the
 * work.  All of a page goes to the same thread, which has read it then.
 */

import os from 'node:os';
import { Worker } from 'node:worker_threads';
import { Page } from './page.mjs';


const MOST = 4;

/* trees are short-lived and large */

const LIMITS = { maxYoungGenerationSizeMb: 32 };


class Thread {

    constructor(source) {
        this.calls = new Map();
        this.pages = 0;
        this.number = 0;
        this.worker = new Worker(new URL('./judge_thread.mjs',
                                         import.meta.url),
                                 { workerData: source,
                                   resourceLimits: LIMITS });

        this.worker.on('message', ({ call, result, error }) => {
            const { done, failed } = this.calls.get(call);

            this.calls.delete(call);

            if (error) {
                failed(new Error(error));

            } else {
                done(result);
            }
        });

        this.worker.on('error', (error) => {
            this.calls.forEach(({ failed }) => failed(error));
            this.calls.clear();
        });
    }


    call(what) {
        return new Promise((done, failed) => {
            const call = this.number++;

            this.calls.set(call, { done, failed });
            this.worker.postMessage({ ...what, call });
        });
    }
}


/* one page, as Page is, but with promises */

class RemotePage {

    constructor(thread, number, bytes, url) {
        Object.assign(this, { thread, number });
        thread.pages++;
        thread.worker.postMessage({ page: number, bytes, url: url.href });
    }


    judge(got, accepted) {
        return this.thread.call({ page: this.number, got,
                                  accepted: [...accepted] });
    }


    async loads() {
        const loads = await this.thread.call({ page: this.number,
                                               loads: true });

        return loads.map(({ name, href }) => ({ name, url: new URL(href) }));
    }


    close() {
        this.thread.pages--;
        this.thread.worker.postMessage({ page: this.number, close: true });
    }
}


/* one in this thread, where starting another is not worth it */

class LocalPage extends Page {

    close() {
        /* it is forgotten by itself */
    }
}


export class Judges {

    /*
     * policy: that of here; source: { conf, prefix }, where others read it;
     * size: how many threads, 0 for none, undefined: one for each processor
     */

    constructor(policy, source, size) {
        this.policy = policy;
        this.source = source;
        this.threads = [];
        this.size = size ?? Math.min(MOST, os.availableParallelism?.()
                                           ?? os.cpus().length);
        this.number = 0;
    }


    /* the thread with the least to do */

    open(bytes, url) {
        if (this.size === 0) {
            return new LocalPage(bytes, url, this.policy);
        }

        const idle = this.threads.find(({ pages }) => pages === 0);

        if (!idle && this.threads.length < this.size) {
            this.threads.push(new Thread(this.source));
        }

        const thread = [...this.threads].sort((a, b) => a.pages - b.pages)[0];

        return new RemotePage(thread, this.number++, bytes, url);
    }


    async close() {
        await Promise.all(this.threads.map(({ worker }) =>
            worker.terminate()));
    }
}
