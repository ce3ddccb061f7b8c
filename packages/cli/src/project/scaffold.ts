import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { UsageError } from '../exit.js';
import { kitFile } from '../languages/kit.js';
import type { Language } from '../languages/language.js';
import { shown } from '../terminal/shown-text.js';

/**
 * Writes a new project, without the network.
 *
 * @returns the files, by their paths from the folder
 * @throws {UsageError} if a file is there already; then none is written
 */
export async function scaffold(folder: string, language: Language): Promise<string[]> {
  const name = path.basename(path.resolve(folder)).toLowerCase();
  const files: Record<string, string> = {
    ...language.files(name),
    'fixtures/closed_on_sundays.json': kitFile('closed_on_sundays.json'),
    'context.json': '{ "input": { "day": "Monday" } }\n',
    '.gitignore': 'node_modules/\ntarget/\n.zig-cache/\n*.part\n/plugin.wasm\n',
    'README.md': readme(name, language),
  };
  const there = Object.keys(files).find((file) => existsSync(path.join(folder, file)));
  if (there !== undefined) {
    throw new UsageError(`${shown(path.join(folder, there))} is there already, so nothing was written`);
  }
  for (const [file, text] of Object.entries(files)) {
    const target = path.join(folder, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text, { flag: 'wx' });
  }
  return Object.keys(files).toSorted();
}

/** The commands that lead from a new project to a tested plugin. */
export function nextSteps(): string[] {
  return [
    'npm install',
    'npx hookcell build',
    'npx hookcell test',
    'npx hookcell run plugin.wasm --context context.json',
    'npx hookcell bench plugin.wasm --context context.json',
  ];
}

function readme(name: string, language: Language): string {
  return `# ${name}

A hookcell plugin. Its hook is in \`${language.entry}\`: orders on a Sunday are rejected.

\`\`\`sh
${nextSteps().join('\n')}
\`\`\`

Each file in \`fixtures/\` has calls and how they should end; \`npx hookcell test --update\` writes what happens. \`npx hookcell
doctor\` says what is missing on this machine.
`;
}
