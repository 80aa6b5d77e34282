/*
 * Copyright (C) ngx_consent_module authors
 *
 * The rewriter as a function, by way of t/core/rewrite_driver.c.
 */

import fs from 'node:fs';
import { spawn } from 'node:child_process';


/* so many bytes of documents are under way at once */

const WINDOW = 1 << 20;


function block(bytes) {
    const head = Buffer.alloc(4);

    head.writeUInt32LE(bytes.length);

    return Buffer.concat([head, bytes]);
}


function figures(text) {
    const found = { problem: null };

    for (const line of text.split('\n')) {
        const space = line.indexOf(' ');
        const word = line.slice(0, space);
        const value = line.slice(space + 1);

        if (space > 0) {
            found[word] = word === 'problem' ? value : Number(value);
        }
    }

    return found;
}


export class Driver {

    constructor(file) {
        if (!fs.existsSync(file)) {
            throw new Error(`there is no ${file}: run "make ${file}"`);
        }

        this.waiting = [];
        this.blocks = [];
        this.room = [];
        this.bytes = 0;
        this.have = Buffer.alloc(0);
        this.error = null;
        this.process = spawn(file, { stdio: ['pipe', 'pipe', 'inherit'] });

        this.process.stdout.on('data', (data) => this.read(data));
        this.process.stdin.on('error', (error) => this.fail(error));
        this.ended = new Promise((resolve) => {
            this.process.on('close', (code, signal) => {
                this.fail(new Error('the driver ended with '
                                    + (signal ?? code)));
                resolve(signal ?? code);
            });
        });
    }


    /*
     * options: lines as rewrite_driver.c knows them; input: a Buffer.
     * Resolves to { output, blocked, late, held, problem }.
     */

    async rewrite(options, input) {
        while (this.bytes > WINDOW && !this.error) {
            await new Promise((resolve) => this.room.push(resolve));
        }

        if (this.error) {
            throw this.error;
        }

        this.bytes += input.length;
        this.process.stdin.write(block(Buffer.from(options, 'latin1')));
        this.process.stdin.write(block(input));

        return new Promise((resolve, reject) => {
            this.waiting.push({ resolve, reject, size: input.length });
        });
    }


    read(data) {
        let pos = 0;

        this.have = this.have.length ? Buffer.concat([this.have, data])
                    : data;

        while (this.have.length - pos >= 4) {
            const end = pos + 4 + this.have.readUInt32LE(pos);

            if (end > this.have.length) {
                break;
            }

            this.blocks.push(this.have.subarray(pos + 4, end));
            pos = end;

            if (this.blocks.length === 2) {
                this.answer(...this.blocks);
                this.blocks = [];
            }
        }

        this.have = this.have.subarray(pos);
    }


    answer(head, output) {
        const { resolve, size } = this.waiting.shift();

        this.bytes -= size;
        resolve({ output, ...figures(head.toString('latin1')) });

        while (this.bytes <= WINDOW && this.room.length) {
            this.room.shift()();
        }
    }


    fail(error) {
        this.error ??= error;
        this.waiting.splice(0).forEach(({ reject }) => reject(this.error));
        this.room.splice(0).forEach((resolve) => resolve());
    }


    /* resolves to the exit status or the name of a signal */

    end() {
        this.process.stdin.end();

        return this.ended;
    }
}
