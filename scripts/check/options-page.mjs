import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError, root } from '../build/command.mjs';

/** The page of options is up to date with the code. */
export async function checkOptionsPage() {
  // Not at the top, because it needs TypeScript and the checks start before the dependencies are installed.
  const { optionsPage, optionsPageFile } = await import('../docs/options-page.mjs');
  if (readFileSync(path.join(root, optionsPageFile), 'utf8') !== optionsPage()) {
    throw new CommandError(`${optionsPageFile} differs from the code: run \`npm run docs\` and commit the page`);
  }
}
