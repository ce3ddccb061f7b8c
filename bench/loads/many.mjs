// What many loaded plugins cost: a load, the memory of each, and calls to all of them in turn. `npm run bench` shows the same
// for fewer plugins.
//
//   node scripts/setup.mjs && node bench/loads/many.mjs [--plugins N]… [--ms N]     default 1, 100 and 10,000 plugins; 2,000 ms

import { parseArgs } from 'node:util';
import { printTable } from '../table.mjs';
import { manyTable, measureMany } from './many-plugins.mjs';

const { values } = parseArgs({
  options: {
    plugins: { type: 'string', multiple: true, default: ['1', '100', '10000'] },
    ms: { type: 'string', default: '2000' },
  },
});
const { heading, rows } = manyTable(await measureMany({ counts: values.plugins.map(Number), ms: Number(values.ms) }));
printTable(heading, rows);
