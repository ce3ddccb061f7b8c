import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError, root } from '../build/command.mjs';
import { optionsPage, optionsPageFile } from '../docs/options-page.mjs';

/** The page of options says what the code does. */
export function checkOptionsPage() {
  if (readFileSync(path.join(root, optionsPageFile), 'utf8') !== optionsPage()) {
    throw new CommandError(`${optionsPageFile} differs from the code: run \`npm run docs\` and commit the page`);
  }
}
