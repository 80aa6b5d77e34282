'use strict';

const data = JSON.parse(document.getElementById('data').textContent);
const form = document.getElementById('filter');
const byId = (id) => document.getElementById(id);

/* rows of a table that are shown before one asks for more */

const PAGE = 200;


/* an element; text is never read as markup */

function make(name, attrs, ...content) {
    const element = document.createElement(name);

    for (const [key, value] of Object.entries(attrs)) {
        element.setAttribute(key, value);
    }

    element.append(...content);

    return element;
}


function fill(table, columns, rows, empty) {
    const head = make('tr', {}, ...columns.map(({ title, kind }) =>
        make('th', { scope: 'col', class: kind ?? '' }, title)));
    const body = make('tbody', {});
    let shown = 0;

    const more = () => {
        for (const row of rows.slice(shown, shown + PAGE)) {
            body.append(make('tr', {}, ...columns.map(({ kind, cell }) =>
                make('td', { class: kind ?? '' }, ...[cell(row)].flat()))));
        }

        shown += PAGE;

        if (shown < rows.length) {
            const button = make('button', { type: 'button', class: 'link' },
                                `${rows.length - shown} more`);
            const last = make('tr', {}, make('td', {
                colspan: columns.length }, button));

            button.addEventListener('click', () => {
                last.remove();
                more();
            });
            body.append(last);
        }
    };

    more();

    if (!rows.length) {
        body.append(make('tr', {}, make('td', { colspan: columns.length,
                                                class: 'soft' }, empty)));
    }

    table.replaceChildren(make('thead', {}, head), body);

    const count = table.closest('section').querySelector('.count');

    if (count) {
        count.textContent = `(${rows.length})`;
    }
}


function examples({ entries }) {
    const urls = new Map(entries.map(({ number, url }) => [url, number]));
    const items = [...urls].map(([url, number]) => make('li', {
        class: 'soft' }, `${number < 0 ? '' : `${number}: `}${url}`));

    return items.length > 1
        ? make('details', {}, make('summary', {}, `${items.length} URLs`),
               make('ul', {}, ...items))
        : items.length ? make('span', {}, ...items[0].childNodes) : '';
}


/* the same in several states is one row */

function joined(rows) {
    const found = new Map();

    for (const row of rows) {
        const key = `${row.kind}\n${row.text}`;
        const known = found.get(key);

        if (known) {
            known.states.push(row.state);
            known.count += row.count;

        } else {
            found.set(key, { ...row, states: [row.state] });
        }
    }

    return [...found.values()];
}


const statesOf = (row) => row.states.length === data.states.length
                          || row.state === null ? 'all'
                          : row.states.join(', ');


/* what became of something in the chosen state, or in each */

function outcomes({ states }) {
    const chosen = form.elements.state.value;
    const same = new Map();

    for (const [state, counts] of Object.entries(states)) {

        if (!chosen || state === chosen) {
            const text = Object.entries(counts)
                .map(([what, n]) => `${what} ${n}`).join(', ');

            same.set(text, [...same.get(text) ?? [], state]);
        }
    }

    const list = [...same].map(([text, names]) => make('li', {},
        make('strong', {}, text), ` (${names.join(', ')})`));

    return list.length ? make('ul', {}, ...list) : '';
}


function states() {
    const chosen = form.elements.state.value;
    const pick = ({ name }) => {
        const button = make('button', { type: 'button', class: 'link' }, name);

        button.addEventListener('click', () => {
            form.elements.state.value =
                form.elements.state.value === name ? '' : name;
            show();
        });

        return button;
    };
    const number = (what, name) => ({ [what]: value }) => value
        ? make('strong', { class: name }, String(value)) : '0';

    fill(byId('states'), [
        { title: 'State', kind: 'short', cell: pick },
        { title: 'What it is', cell: ({ title }) => title },
        { title: 'Accepted', cell: ({ accepted }) => accepted.join(', ')
                                                     || 'nothing' },
        { title: 'Leaks', kind: 'number', cell: number('leaks', 'leak') },
        { title: 'Broken', kind: 'number', cell: number('broken', 'broken') },
        { title: 'Warnings', kind: 'number',
          cell: number('warnings', 'warning') },
        { title: 'Missed by visitors', kind: 'number',
          cell: ({ would_break: n }) => String(n) },
        { title: 'Counted by the module', cell: ({ counted }) => counted
            ? `${counted.cookies_blocked} cookies, `
              + `${counted.resources_blocked} resources blocked, `
              + `${counted.cookies_hidden} hidden` : '' },
    ], data.states, '');

    data.states.forEach(({ name }, i) => {
        byId('states').tBodies[0].rows[i].classList.toggle('chosen',
                                                           name === chosen);
    });
}


function show() {
    const { state, category, severity, text } = form.elements;
    const words = text.value.toLowerCase().split(/\s+/).filter((w) => w);
    const has = (row) => {
        const all = JSON.stringify(row).toLowerCase();

        return words.every((word) => all.includes(word));
    };
    const inState = (row) => !state.value || !row.state
                             || row.state === state.value;
    const inCategory = (row) => !category.value
        || (category.value === '-' ? !row.category
            : row.category === category.value);
    const about = (row) => !category.value || category.value === '-'
        ? category.value !== '-' || row.kind === 'unclassified'
        : row.text.includes(category.value);

    const problems = data.problems.filter((row) => inState(row) && has(row)
        && about(row) && (!severity.value || row.severity === severity.value));
    const breaks = severity.value ? []
        : data.would_break.filter((row) => inState(row) && has(row)
                                           && !category.value);
    const cookies = data.cookies.filter((row) => has(row) && inCategory(row));
    const resources = data.resources.filter((row) => has(row)
                                                     && inCategory(row));

    states();

    fill(byId('problems'), [
        { title: '', kind: 'short', cell: ({ severity: s }) =>
            make('strong', { class: s }, s) },
        { title: 'States', cell: statesOf },
        { title: 'Verdict', cell: ({ kind }) => data.kinds[kind].title },
        { title: 'What', kind: 'code', cell: (row) => row.text },
        { title: 'Times', kind: 'number', cell: ({ count }) => String(count) },
        { title: 'Entries', cell: examples },
    ], joined(problems), 'Nothing was found.');

    fill(byId('breaks'), [
        { title: 'States', cell: statesOf },
        { title: 'What', kind: 'code', cell: (row) => row.text },
        { title: 'Times', kind: 'number', cell: ({ count }) => String(count) },
        { title: 'Entries', cell: examples },
    ], joined(breaks), 'Nothing was found.');

    const classified = ({ category: name, consent }) => consent
        ? 'consent cookie' : name
        || make('span', { class: 'warning' }, 'unclassified');

    fill(byId('cookies'), [
        { title: 'Cookie', kind: 'code', cell: ({ name }) => name },
        { title: 'Host', cell: ({ host }) => host },
        { title: 'Category', kind: 'short', cell: classified },
        { title: 'Rule', kind: 'code', cell: ({ rule }) => rule },
        { title: 'Seen in', cell: ({ how, count }) =>
            `${how.join(', ')}, ${count} times` },
        { title: 'What became of it', cell: outcomes },
    ], cookies, 'No cookie.');

    fill(byId('resources'), [
        { title: 'Resource', kind: 'code', cell: ({ url }) => url },
        { title: 'Category', kind: 'short', cell: classified },
        { title: 'Rule', kind: 'code', cell: ({ rule }) => rule },
        { title: 'Loaded by', cell: ({ how, count }) =>
            `${how.join(', ')}, ${count} times` },
        { title: 'What became of it', cell: outcomes },
    ], resources, 'No resource.');

    byId('shown').textContent = `${problems.length} of `
        + `${data.problems.length} findings`;
}


function input() {
    const { entries } = data;
    const skipped = Object.entries(entries.skipped_for)
        .map(([why, n]) => `${n} ${why}`).join(', ');
    const rows = [
        ['Input', data.input],
        ['Recorded by', (data.recorded_by ?? []).join(', ')],
        ['Policy', `${data.conf}, version ${data.policy.version}`],
        ['Site', data.site.join(', ')],
        ['Entries', `${entries.replayed} replayed, ${entries.pages} pages, `
                    + `${entries.third} of other sites`],
        ['Left out', [skipped, entries.broken
            ? `${entries.broken} broken` : ''].filter((t) => t).join(', ')],
        ['Requests', `${data.requests} in ${data.seconds.toFixed(1)} s`],
        ...data.remarks.map((text) => ['Note', text]),
        ...data.faults.map((text) => ['nginx', text]),
    ];

    byId('input').append(...rows.filter(([, text]) => text)
        .flatMap(([name, text]) => [make('dt', {}, name),
                                    make('dd', {}, text)]));

    if (data.bad_entries.length) {
        fill(byId('bad'), [
            { title: 'Entry', kind: 'number',
              cell: ({ number }) => String(number) },
            { title: 'Left out because it', cell: ({ text }) => text },
            { title: 'URL', kind: 'code', cell: ({ url }) => url ?? '' },
        ], data.bad_entries, '');
    }
}


function start() {
    const option = (value, text = value) => make('option', { value }, text);
    const verdict = byId('verdict');
    const clean = data.verdict === 'clean';

    verdict.className = clean ? 'clean' : 'leak';
    verdict.textContent = clean ? 'clean'
        : `${data.leaks} leaks, ${data.broken} broken`;
    byId('about').textContent = `${data.input} · ${data.conf} · ${data.time}`;
    document.title = `Consent replay: ${verdict.textContent}`;

    form.elements.state.append(option('', 'all'),
        ...data.states.map(({ name }) => option(name)));
    form.elements.category.append(option('', 'all'),
        ...data.policy.categories.map(({ name, title }) =>
            option(name, title)), option('-', 'unclassified'));

    form.addEventListener('input', show);
    form.addEventListener('submit', (event) => event.preventDefault());

    input();
    show();
    document.querySelector('main').hidden = false;
}


start();
