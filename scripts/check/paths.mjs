import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError, root, run } from '../build/command.mjs';

const pages = ['CONTRIBUTING.md', 'docs/decisions.md', 'docs/performance.md', 'docs/security.md'];

/** A source file, or a folder with its slash. The first folders of the path may be left out. */
const pathInCode = /`((?:[\w.-]+\/)*[\w.-]+\.(?:rs|m?ts|mjs)|(?:[\w.-]+\/)+)`/g;

/** Written by a build, and not committed. */
const built = /^(?:dist|target)\//;

/** Every source file and folder that the pages name exists. */
export async function checkPaths() {
  const listed = await run('git', ['ls-files', '-z'], { output: 'capture' });
  const files = listed.split('\0').map((file) => `/${file}`);
  const named = pages.flatMap((page) =>
    [...readFileSync(path.join(root, page), 'utf8').matchAll(pathInCode)].map(([, name]) => ({ page, name })),
  );
  const isThere = (name) =>
    files.some((file) => (name.endsWith('/') ? file.includes(`/${name}`) : file.endsWith(`/${name}`)));
  const missing = named.filter(({ name }) => !built.test(name) && !isThere(name));
  if (named.length === 0 || missing.length > 0) {
    const list = missing.map(({ page, name }) => `${page}: ${name}`);
    throw new CommandError(['pages name files that do not exist:', ...list].join('\n'));
  }
  console.log(`${named.length} names of files in ${pages.join(', ')}`);
}
