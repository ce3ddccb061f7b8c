// Writes the licenses of everything in the addon into the packages of addons that are about to be published.
//
//   node scripts/licenses.mjs <folder>…

import { main } from './build/command.mjs';
import { writeLicenses } from './build/licenses.mjs';

await main(async () => {
  for (const folder of process.argv.slice(2)) {
    await writeLicenses(folder);
  }
});
