// Compares the engine of JavaScript plugins, frozen and not, with V8: random expressions of each subject have the same value.
//
//   npm run compare [-- --brief | [--rounds N] [--seed N]]
//
// --rounds: how many programs of each subject, 25 by default and 2 with --brief. --seed: the number of the first, 1 by default.
// What is known to differ is in differences.json, with the reasons. An entry whose example does not differ any more fails.

import { parseArgs } from 'node:util';
import { compare, differences } from './comparison.mjs';
import { Engine } from './engine.mjs';
import { randomExpressions, subjects } from './expressions.mjs';
import { Random } from './random.mjs';

const ofAProgram = 60;
const mostTold = 10;

const { values } = parseArgs({
  options: { brief: { type: 'boolean' }, rounds: { type: 'string' }, seed: { type: 'string', default: '1' } },
});
const rounds = Number(values.rounds ?? (values.brief ? 2 : 25));
const first = Number(values.seed);

const engine = await Engine.load();
const rows = {};
const found = [];
for (const subject of Object.keys(subjects)) {
  const row = { expressions: 0, 'known differences': 0, found: 0 };
  for (let round = first; round < first + rounds; round++) {
    const expressions = randomExpressions(subject, ofAProgram, new Random(round));
    const compared = await compare(engine, expressions);
    row.expressions += expressions.length;
    row['known differences'] += compared.known.length;
    row.found += compared.found.length;
    found.push(...compared.found);
  }
  rows[subject] = row;
}
const examples = await compare(
  engine,
  differences.map(({ example }) => example),
);
const gone = differences.length - examples.known.length;
await engine.close();

console.table(rows);
for (const { expression, unfrozen, frozen, v8 } of found.slice(0, mostTold)) {
  console.log(`${expression}\n  unfrozen: ${unfrozen}\n  frozen:   ${frozen}\n  V8:       ${v8}`);
}
if (gone > 0) {
  console.log(`${gone} of the known differences do not differ any more, or differ in another way`);
}
const failed = Object.values(rows).filter((row) => row.found > 0).length + (gone > 0 ? 1 : 0);
console.log(`${Object.keys(rows).length + 1 - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
