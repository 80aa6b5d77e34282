/*
 * Copyright (C) ngx_consent_module authors
 *
 * Reads a HAR file entry by entry, however large it is: a scanner over the
 * bytes finds where an element of log.entries begins and ends, and only that
 * much is held.  Broken entries and a file that is cut off are reported, not
 * fatal.
 */

import fs from 'node:fs';
import { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import zlib from 'node:zlib';


const CHUNK = 1 << 18;
const MAX_META = 1 << 16;       /* of what is kept beside the entries */
const MAX_KEY = 64;

/* of one entry: a string of JavaScript has no more than 512 MB */

export const MAX_ENTRY = 256 * 1024 * 1024;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN = { 0x7b: true, 0x5b: true };
const CLOSE = { 0x7d: true, 0x5d: true };
const SPACE = { 0x20: true, 0x09: true, 0x0a: true, 0x0d: true };


/* input that is no HAR at all */

export class HarError extends Error {}


class Scanner {

    constructor(limit) {
        this.limit = limit;
        this.depth = 0;
        this.inString = false;
        this.escaped = false;
        this.keys = [];             /* the last string of each depth */
        this.text = null;           /* of the string that is being read */
        this.inEntries = false;
        this.found = false;         /* log.entries was there */
        this.rooted = false;
        this.parts = null;          /* of the entry that is being read */
        this.size = 0;
        this.offset = 0;            /* of the chunk in the file */
        this.start = 0;
        this.meta = {};
        this.metaParts = null;
    }


    /* yields { offset, length, bytes }, bytes null if it was too long */

    *feed(chunk) {
        let from = this.parts ? 0 : -1;     /* of the entry in this chunk */
        let metaFrom = this.metaParts ? 0 : -1;

        for (let i = 0; i < chunk.length; i++) {

            if (this.inString) {
                i = this.string(chunk, i);
                continue;
            }

            const c = chunk[i];

            if (SPACE[c]) {
                continue;
            }

            /* the end of an entry that is no object */

            if (this.scalar && this.depth === 3
                && (c === COMMA || CLOSE[c]))
            {
                yield this.end(chunk, from, i);
                from = -1;
                this.scalar = false;
            }

            if (this.inEntries && this.depth === 3 && !this.parts
                && c !== COMMA && !CLOSE[c])
            {
                this.parts = [];
                this.size = 0;
                this.start = this.offset + i;
                from = i;
                this.scalar = !OPEN[c];
            }

            if (c === QUOTE) {
                this.inString = true;
                this.text = this.depth <= 2 ? '' : null;

            } else if (OPEN[c]) {
                this.open(c);

                if (this.depth === 3 && !this.inEntries
                    && this.keys[1] === 'log' && !this.metaParts)
                {
                    this.metaParts = [];
                    this.metaSize = 0;
                    metaFrom = i;
                }

            } else if (CLOSE[c]) {
                this.depth--;

                if (this.parts && this.depth === 3) {
                    yield this.end(chunk, from, i + 1);
                    from = -1;
                }

                if (this.inEntries && this.depth === 2) {
                    this.inEntries = false;
                }

                if (this.metaParts && this.depth === 2) {
                    this.keepMeta(chunk.subarray(metaFrom, i + 1));
                    this.endMeta();
                    metaFrom = -1;
                }

            } else if (!this.rooted) {
                throw new HarError('this is no JSON: it begins with '
                    + JSON.stringify(chunk.toString('latin1', i, i + 20)));
            }
        }

        if (from >= 0) {
            this.keep(chunk.subarray(from));
        }

        if (metaFrom >= 0) {
            this.keepMeta(chunk.subarray(metaFrom));
        }

        this.offset += chunk.length;
    }


    open(c) {
        this.rooted = true;
        this.depth++;

        if (this.depth === 3 && c === 0x5b && this.keys[1] === 'log'
            && this.keys[2] === 'entries')
        {
            this.inEntries = true;
            this.found = true;
        }
    }


    /* returns where the string, or the chunk, ends */

    string(chunk, i) {
        for (;;) {

            if (this.escaped) {
                this.escaped = false;
                this.note(chunk.toString('latin1', i, i + 1));

                if (++i >= chunk.length) {
                    return i;
                }
            }

            const quote = chunk.indexOf(QUOTE, i);
            const end = quote < 0 ? chunk.length : quote;
            let backslash = -1;

            if (this.text === null) {
                /* an escaped quote has an odd number of them before it */

                let n = 0;

                while (end - 1 - n >= i && chunk[end - 1 - n] === BACKSLASH) {
                    n++;
                }

                if (n % 2) {
                    this.escaped = true;
                    i = end;

                    if (i >= chunk.length) {
                        return i;
                    }

                    continue;
                }

            } else {
                backslash = chunk.subarray(i, end).indexOf(BACKSLASH);
            }

            if (backslash >= 0) {
                this.note(chunk.toString('utf8', i, i + backslash));
                this.escaped = true;
                i += backslash + 1;

                if (i >= chunk.length) {
                    return i;
                }

                continue;
            }

            if (this.text !== null) {
                this.note(chunk.toString('utf8', i, end));
            }

            if (quote < 0) {
                return chunk.length;
            }

            this.inString = false;

            if (this.text !== null) {
                this.keys[this.depth] = this.text;
                this.text = null;
            }

            return quote;
        }
    }


    note(text) {
        if (this.text !== null && this.text.length < MAX_KEY) {
            this.text += text;
        }
    }


    keep(bytes) {
        this.size += bytes.length;

        if (this.size > this.limit) {
            this.parts = [];
            this.dropped = true;

        } else {
            this.parts.push(bytes);
        }
    }


    end(chunk, from, to) {
        this.keep(chunk.subarray(from, to));

        const entry = { offset: this.start, length: this.size,
                        bytes: this.dropped ? null
                               : Buffer.concat(this.parts) };

        this.parts = null;
        this.dropped = false;

        return entry;
    }


    keepMeta(bytes) {
        this.metaSize += bytes.length;

        if (this.metaSize <= MAX_META) {
            this.metaParts.push(bytes);
        }
    }


    endMeta() {
        if (this.metaSize <= MAX_META) {
            try {
                this.meta[this.keys[2]] = JSON.parse(
                    Buffer.concat(this.metaParts).toString('utf8'));

            } catch {
                /* who made the file is nice to know, no more */
            }
        }

        this.metaParts = null;
    }
}


/* what is not UTF-8 as it is: compressed, or in UTF-16 with a mark */

async function open(file) {
    const head = Buffer.alloc(4);
    let handle;

    try {
        handle = await fs.promises.open(file);
        await handle.read(head, 0, 4, 0);

    } catch (error) {
        throw new HarError(error.code === 'ENOENT' ? 'there is no such file'
                           : error.message);

    } finally {
        await handle?.close();
    }

    if (head.toString('latin1', 0, 2) === 'PK') {
        throw new HarError('this is a zip archive: unpack it and give the '
                           + '.har file in it');
    }

    const stream = fs.createReadStream(file, { highWaterMark: CHUNK });

    if (head[0] === 0x1f && head[1] === 0x8b) {
        return unpack(stream);
    }

    if (head[0] === 0xff && head[1] === 0xfe) {
        return Readable.from(recode(stream, 'utf-16le'));
    }

    if (head[0] === 0xfe && head[1] === 0xff) {
        return Readable.from(recode(stream, 'utf-16be'));
    }

    return stream;
}


/* either end takes the other one with it */

function unpack(stream) {
    const gunzip = zlib.createGunzip({ chunkSize: CHUNK });

    stream.on('error', (error) => gunzip.destroy(error));
    gunzip.on('close', () => stream.destroy());

    return stream.pipe(gunzip);
}


async function* recode(stream, encoding) {
    const decoder = new TextDecoder(encoding);

    for await (const chunk of stream) {
        yield Buffer.from(decoder.decode(chunk, { stream: true }));
    }
}


/* takes the bytes: while the entry is replayed they would only be in the way */

function parse(found) {
    const { bytes } = found;

    if (bytes === null) {
        return { problem: `longer than ${MAX_ENTRY / 1048576} MB` };
    }

    found.bytes = null;

    try {
        const entry = JSON.parse(bytes.toString('utf8'));

        return entry && typeof entry === 'object' && !Array.isArray(entry)
            ? { entry } : { problem: 'is no object' };

    } catch (error) {
        return { problem: `is no JSON (${error.message.slice(0, 120)})` };
    }
}


/*
 * Yields { number, entry } or { number, problem }, numbers from 0; offset and
 * length are those in the file (or in what it unpacks to).  Throws HarError
 * if there is nothing to be read.  meta: is filled with the small parts
 * beside the entries, such as "creator".
 */

export async function* readHar(file, meta = {}, limit = MAX_ENTRY) {
    const scanner = new Scanner(limit);
    const stream = await open(file);
    let number = 0;
    let first = true;
    let broken = null;

    scanner.meta = meta;

    try {
        for await (let chunk of stream) {

            if (first && chunk[0] === 0xef && chunk[1] === 0xbb
                && chunk[2] === 0xbf)
            {
                chunk = chunk.subarray(3);
                scanner.offset = 3;
            }

            first = false;

            for (const found of scanner.feed(chunk)) {
                const { offset, length } = found;

                yield { number: number++, offset, length, ...parse(found) };
            }
        }

    } catch (error) {
        if (error instanceof HarError || !/^(Z_|ERR_)/.test(error.code ?? '')) {
            throw error;
        }

        broken = error.message;
    }

    const cut = broken ? `the file is damaged (${broken})`
                : 'the file is cut off';

    if (scanner.parts) {
        yield { number, offset: scanner.start, length: scanner.size,
                problem: `${cut} within this entry` };

    } else if (scanner.found && scanner.depth > 0) {
        yield { number, offset: scanner.offset, length: 0,
                problem: `${cut} behind the last entry` };
    }

    if (!scanner.found) {
        throw new HarError(scanner.rooted
            ? 'this is no HAR: there is no list "log.entries"'
            : 'the file is empty');
    }
}
