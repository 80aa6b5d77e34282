/*
 * Copyright (C) ngx_consent_module authors
 *
 * Reads a configuration of nginx into a tree of directives, includes
 * followed.  Written from the documentation of nginx, not from the module:
 * what the judge knows of a policy comes through here.
 */

import fs from 'node:fs';
import path from 'node:path';


const MAX_DEPTH = 32;           /* of files that include each other */

const ESCAPES = { t: '\t', r: '\r', n: '\n', '"': '"', "'": "'", '\\': '\\' };


/* a mistake of the user: file, line and what is wrong */

export class ConfError extends Error {

    constructor(file, line, text) {
        super(`${file}:${line}: ${text}`);
        this.name = 'ConfError';
    }
}


/* the words, and ";", "{" and "}" as { sign }, of one file */

function* tokens(text, file) {
    let line = 1;
    let i = 0;

    while (i < text.length) {
        const c = text[i];

        if (c === '\n') {
            line++;
            i++;

        } else if (/\s/.test(c)) {
            i++;

        } else if (c === '#') {
            const end = text.indexOf('\n', i);

            i = end < 0 ? text.length : end;

        } else if (c === ';' || c === '{' || c === '}') {
            yield { sign: c, line };
            i++;

        } else {
            const word = readWord(text, i, file, line);

            yield { word: word.text, quoted: word.quoted, line };
            line += text.slice(i, word.end).split('\n').length - 1;
            i = word.end;
        }
    }
}


function readWord(text, start, file, line) {
    const quote = text[start] === '"' || text[start] === "'" ? text[start]
                  : null;
    let out = '';
    let i = quote ? start + 1 : start;

    for (; i < text.length; i++) {
        const c = text[i];

        if (c === '\\' && i + 1 < text.length) {
            out += ESCAPES[text[i + 1]] ?? c + text[i + 1];
            i++;

        } else if (quote && c === quote) {
            return { text: out, quoted: true, end: i + 1 };

        } else if (!quote && c === '$' && text[i + 1] === '{') {
            out += '${';
            i++;

        } else if (!quote && (/\s/.test(c) || c === ';' || c === '{')) {
            break;

        } else {
            out += c;
        }
    }

    if (quote) {
        throw new ConfError(file, line, `${quote} is not closed`);
    }

    return { text: out, quoted: false, end: i };
}


/* the files that a name with "*", "?" and "[]" stands for */

function expand(name) {
    if (!/[*?[]/.test(name)) {
        return [name];
    }

    let found = [''];

    for (const part of name.split('/')) {
        const pattern = /[*?[]/.test(part) && new RegExp('^'
            + part.replace(/[.+^${}()|\\]/g, '\\$&').replaceAll('*', '.*')
                .replaceAll('?', '.') + '$', 's');

        found = found.flatMap((dir) => {
            if (!pattern) {
                return [dir === '' && part === '' ? '/'
                        : path.join(dir, part)];
            }

            return fs.existsSync(dir) && fs.statSync(dir).isDirectory()
                ? fs.readdirSync(dir)
                    .filter((entry) => pattern.test(entry)
                            && (!entry.startsWith('.') || part[0] === '.'))
                    .sort().map((entry) => path.join(dir, entry))
                : [];
        });
    }

    return found;
}


class Reader {

    constructor(prefix) {
        this.prefix = prefix;
        this.files = [];
    }


    file(name, depth, from) {
        let text;

        try {
            text = fs.readFileSync(name, 'utf8');

        } catch (error) {
            const why = error.code === 'ENOENT' ? 'there is no such file'
                        : error.message;

            throw from ? new ConfError(from.file, from.line,
                                       `include ${name}: ${why}`)
                  : new ConfError(name, 0, why);
        }

        if (depth > MAX_DEPTH) {
            throw new ConfError(name, 1, 'files include each other');
        }

        this.files.push(name);

        const list = tokens(text, name);
        const nodes = this.block(list, name, depth, false);

        return nodes;
    }


    block(list, file, depth, inner) {
        const nodes = [];
        let words = [];

        for (let next = list.next(); !next.done; next = list.next()) {
            const token = next.value;

            if (token.word !== undefined) {
                words.push(token);
                continue;
            }

            if (token.sign === '}') {

                if (!inner || words.length) {
                    throw new ConfError(file, token.line, 'unexpected "}"');
                }

                return nodes;
            }

            if (!words.length) {
                throw new ConfError(file, token.line,
                                    `unexpected "${token.sign}"`);
            }

            const node = {
                name: words[0].word, file, line: words[0].line,
                args: words.slice(1).map(({ word }) => word), block: null,
            };

            words = [];

            if (token.sign === '{') {
                node.block = this.block(list, file, depth, true);
                nodes.push(node);

            } else if (node.name === 'include' && node.args.length === 1) {
                nodes.push(...this.include(node, depth, inner));

            } else {
                nodes.push(node);
            }
        }

        if (inner || words.length) {
            throw new ConfError(file, words[0]?.line ?? 0, 'unexpected end of '
                                + 'file, ";" or "}" is missing');
        }

        return nodes;
    }


    /* in a block, what is beside the file is found first */

    include(node, depth, inner) {
        const [name] = node.args;
        const prefixed = expand(path.resolve(this.prefix, name));
        const beside = inner ? expand(path.resolve(path.dirname(node.file),
                                                   name))
            .filter((file) => fs.existsSync(file)) : [];

        return (beside.length ? beside : prefixed)
            .flatMap((file) => this.file(file, depth + 1, node));
    }
}


/*
 * Returns { nodes, files }: nodes are { name, args, block, file, line }, with
 * block a list of nodes or null.  Relative names are below prefix.
 */

export function readConf(file, prefix = path.dirname(path.resolve(file))) {
    const reader = new Reader(prefix);
    const nodes = reader.file(path.resolve(file), 0, null);

    return { nodes, files: reader.files };
}
