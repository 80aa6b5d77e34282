/*
 * Copyright (C) ngx_consent_module authors
 *
 * The output of the test, as TAP.
 */


let tests = 0;
let failed = 0;


export function diag(text) {
    process.stdout.write(text.replace(/^/gm, '# ') + '\n');
}


export function ok(pass, name, problems = []) {
    tests++;

    process.stdout.write(`${pass ? '' : 'not '}ok ${tests} - ${name}\n`);

    if (!pass) {
        failed++;
        problems.forEach(diag);
    }
}


export function skipAll(reason) {
    process.stdout.write(`1..0 # SKIP ${reason}\n`);
}


export function bailOut(reason) {
    process.stdout.write(`Bail out!  ${reason.replaceAll('\n', ' | ')}\n`);
    process.exitCode = 1;
}


export function done() {
    process.stdout.write(`1..${tests}\n`);
    process.exitCode = failed ? 1 : 0;
}
