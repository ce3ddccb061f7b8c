// Writes the licences of what the addon is made of into the packages of addons that are about to be published.
//
//   node scripts/licences.mjs <folder>…

import { main } from './build/command.mjs';
import { writeLicences } from './build/licences.mjs';

await main(async () => {
  for (const folder of process.argv.slice(2)) {
    await writeLicences(folder);
  }
});
