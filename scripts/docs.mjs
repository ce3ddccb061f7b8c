// Writes docs/options.md from the code. `npm run check` fails if the file is out of date.
//
//   npm run docs

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { main, root } from './build/command.mjs';
import { optionsPage, optionsPageFile } from './docs/options-page.mjs';

await main(async () => {
  writeFileSync(path.join(root, optionsPageFile), optionsPage());
  console.log(`${optionsPageFile} is written`);
});
