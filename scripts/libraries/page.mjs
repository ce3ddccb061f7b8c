import { isSame, packagesOf, table, titleOf } from './table.mjs';

export const librariesPageFile = 'docs/javascript-libraries.md';

/**
 * Writes the page about libraries.
 *
 * @param {import('./try.mjs').Row[]} rows
 * @returns {string} Markdown
 */
export function librariesPage(rows) {
  const same = rows.filter(isSame);
  const groups = [...new Set(rows.map(({ group }) => group))];
  const tables = groups.map(
    (name) =>
      `## ${titleOf(name)}\n\n${table(
        'Library',
        rows.filter(({ group }) => group === name),
      )}`,
  );
  return `# Libraries in JavaScript plugins

Popular npm packages, each used by a small program of
[\`pdk/javascript/libraries/programs\`](../pdk/javascript/libraries/programs) in a hook. Of ${rows.length} programs ${same.length} give the
same answers as in Node.js; they use ${packagesOf(same)} of ${packagesOf(rows)} packages. \`npm run libraries\` tries all and writes this page, and
continuous integration compares the results.

- **Module** is the plugin with the engine and the source map, not minified. Without a library it is about 0.75 MB.
- **Fuel of a call** is the most that a call used. By default a plugin declares 50 million and 5,000 for each byte of the context;
  what goes past that needs \`declares\` of [\`buildPlugin\`](javascript.md#building) and a server that allows it.
- **Time of a call** is the median of that call on the machine that wrote this page, from the context to the result.
- **same** means: for each input the answer has the same JSON text as in Node.js with \`TZ=UTC\`.
- **refused** means: \`buildPlugin\` says why there is no plugin. **throws** means: the plugin is built, and the call says why it
  cannot answer. **differs** means: there is an answer, and it is another one.

A library that asks for the time or for random numbers throws, because a hook has neither. One that needs \`new Function\`, \`Intl\`,
\`Buffer\` or a module of Node.js has no place in a hook; many have a build, or a step before, that does without.

${tables.join('\n\n')}
`;
}
