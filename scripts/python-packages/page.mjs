import { isSame, packagesOf, table, titleOf } from '../libraries/table.mjs';

export const packagesPageFile = 'docs/python-packages.md';

/**
 * Writes the page about packages.
 *
 * @param {import('./try.mjs').Row[]} rows
 * @returns {string} Markdown
 */
export function packagesPage(rows) {
  const same = rows.filter(isSame);
  const groups = [...new Set(rows.map(({ group }) => group))];
  const tables = groups.map((name) => {
    const ofGroup = rows.filter(({ group }) => group === name);
    return `## ${titleOf(name)}\n\n${table('Package', ofGroup)}`;
  });
  return `# Packages in Python plugins

Popular packages of PyPI, each used by a small program of
[\`pdk/python/packages/programs\`](../pdk/python/packages/programs) in a hook. Of ${rows.length} programs ${same.length} give the same answers as in
CPython 3.13.5 on Linux; they use ${packagesOf(same)} of ${packagesOf(rows)} packages. \`npm run packages:python\` tries all and writes this page, and
continuous integration compares the results.

- **Module** is the plugin with the engine and all that it imports. Without a package it is about 7 MB.
- **Fuel of a call** is the most that a call used. By default a plugin declares 50 million and 5,000 for each byte of the context;
  what goes past that needs \`declares\` of [\`buildPlugin\`](python.md#the-build) and a server that allows it.
- **Time of a call** is the median of that call on the machine that wrote this page, from the context to the result.
- **same** means: for each input the answer has the same JSON as in CPython.
- **refused** means: \`buildPlugin\` says why there is no plugin. **throws** means: the plugin is built, and the call says why it
  cannot answer. **differs** means: there is an answer, and it is another one.

The wheels and their digests are in [\`requirements.txt\`](../pdk/python/packages/requirements.txt). CPython's answers are in
[\`answers.json\`](../pdk/python/packages/answers.json); the command asks CPython again if it was built on this machine, and
\`-- --native\` builds it.

${tables.join('\n\n')}
`;
}
