import { countsOf } from './outcomes.mjs';

export const libraryPageFile = 'docs/python-standard-library.md';

/** Why a test does not pass, by its text. The first that fits counts. */
const reasons = [
  [
    'no files',
    /Errno 44|Errno 8\]|Errno 52|Errno 63|FileNotFound|NotADirectory|temporary directory|No such file|configdata/,
  ],
  ['no processes', /subprocess|posix|fork|Errno 58|not support processes|spawn/i],
  ['no threads', /thread/i],
  ['no sockets', /socket|Errno 50|sockets/i],
  ['limits', /^ERR_(?:FUEL|MEMORY|TIMEOUT)/],
  ['recursion', /^ERR_(?:STACK|TRAP)|RecursionError/],
  ['left out', /ModuleNotFoundError|ImportError|LookupError: unknown encoding/],
];

/**
 * Writes the page about the standard library.
 *
 * @param {Record<string, import('./outcomes.mjs').Outcome>} outcomes
 * @param {number} without how many modules are not tried
 * @returns {string} Markdown
 */
export function libraryPage(outcomes, without) {
  const groups = grouped(outcomes);
  const run = groups.filter(({ isRun }) => isRun);
  const whole = run.filter(({ fails }) => Object.keys(fails).length === 0);
  const sums = run.reduce(
    (sum, { passes, failing, skipped }) => ({
      passes: sum.passes + passes,
      failing: sum.failing + failing,
      skipped: sum.skipped + skipped,
    }),
    { passes: 0, failing: 0, skipped: 0 },
  );
  const counted = number(sums.passes + sums.failing);
  return `# The standard library of Python plugins

CPython's own tests, from the sources that the engine is built from, run in plugins: each test is a call in a fresh interpreter. Of
${counted} tests ${number(sums.passes)} pass and ${number(sums.failing)} fail; ${number(sums.skipped)} are skipped, most of them because they are for another system or
implementation. Of ${run.length} parts of the tests ${whole.length} pass whole. \`npm run conformance:python -- --all --write\` runs all and writes this page,
continuous integration runs some fifty modules and compares, and
[\`outcomes.json\`](../pdk/python/conformance/outcomes.json) names each test that fails.

The plugins of the tests have \`now\` and \`seed\`, the whole standard library, and a limit of 6,000,000,000 of fuel for each test. Tests that
need much time, much memory or a network are skipped, as CPython skips them by default. Empty stand-ins for \`_socket\` and \`select\`,
and the modules that only tests import, let tests run that import them beside what they test.

Most of what fails asks for files: a plugin has none. "other" is what no rule explains; \`outcomes.json\` has the text.

| Tests of | Pass | Fail | Skipped | Why tests fail |
| --- | --: | --: | --: | --- |
${run.map(row).join('\n')}

## Tests that cannot be imported

They ask for what plugins do not have when they are imported. ${without} further modules of the tests are not tried; most of them
are for what is left out: processes, threads, sockets, the interface of C, tools.

| Why | Tests of |
| --- | --- |
${refusals(groups).join('\n')}
`;
}

/** Modules of a package are one row. */
function grouped(outcomes) {
  const found = new Map();
  for (const [name, outcome] of Object.entries(outcomes).toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    const [, subject] = /^test\.test_([^.]+)/.exec(name);
    const group = found.get(subject) ?? {
      subject,
      isRun: false,
      passes: 0,
      failing: 0,
      skipped: 0,
      fails: {},
      refused: [],
    };
    found.set(subject, group);
    const counts = countsOf(outcome);
    group.passes += counts.passes;
    group.failing += counts.fails;
    group.skipped += counts.skipped;
    group.isRun ||= counts.passes + counts.fails > 0;
    for (const text of Object.values(outcome.fails ?? {})) {
      const reason = reasonOf(text);
      group.fails[reason] = (group.fails[reason] ?? 0) + 1;
    }
    if (outcome.refused !== undefined) {
      group.refused.push([name.replace('test.test_', ''), outcome.refused]);
    }
  }
  return [...found.values()];
}

function row({ subject, passes, failing, skipped, fails }) {
  const why = Object.entries(fails)
    .toSorted(([, one], [, other]) => other - one)
    .map(([reason, count]) => `${reason}: ${count}`);
  return `| ${[`\`${subject}\``, number(passes), failing || '', skipped || '', why.join(', ')].join(' | ')} |`;
}

function refusals(groups) {
  const by = new Map();
  for (const [name, refused] of groups.flatMap((group) => group.refused)) {
    const reason = refused
      .replace(/^(?:\w+Error: )?(?:skipped: )?/, '')
      .replace(/^$/, 'the test says no reason')
      .replaceAll('|', '\\|');
    by.set(reason, [...(by.get(reason) ?? []), `\`${name}\``]);
  }
  return [...by]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([reason, names]) => `| ${reason} | ${names.join(', ')} |`);
}

function reasonOf(text) {
  return reasons.find(([, pattern]) => pattern.test(text))?.[0] ?? 'other';
}

function number(value) {
  return value.toLocaleString('en-US');
}
