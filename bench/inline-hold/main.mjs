// How long a call with the largest `inlineFuel` can hold the event loop: every instruction that might take long for its fuel,
// alone and in random combinations, in a short loop and in one long function.
//
//   node bench/inline-hold/main.mjs --seconds 60

import { parseArgs } from 'node:util';
import { WasmRuntime } from 'hookcell';
import { printTable } from '../table.mjs';
import { atoms } from './atoms.mjs';
import { cases } from './cases.mjs';
import { endless } from './module.mjs';

const MOST = 100_000;
const ROUNDS = 9;
const SHOWN = 20;
const SHAPES = ['loop', 'straight'];

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '30' } } });
const runtime = new WasmRuntime({ inlineFuel: MOST, maxFuel: MOST + 1, logger: false, preInitialize: false });
const found = [];

for (const atom of atoms) {
  for (const shape of SHAPES) {
    await measure(`${atom.name}, ${shape}`, endless([atom.text], shape));
  }
}
for (const { name, module, context, options } of cases()) {
  await measure(name, module, context, options);
}
const until = performance.now() + Number(values.seconds) * 1_000;
while (performance.now() < until) {
  const chosen = Array.from({ length: 2 + Math.floor(Math.random() * 3) }, pick);
  const shape = Math.random() < 0.5 ? 'loop' : 'straight';
  await measure(
    `${chosen.map(({ name }) => name).join(' + ')}, ${shape}`,
    endless(
      chosen.map(({ text }) => text),
      shape,
    ),
  );
}

found.sort((one, other) => other.ms - one.ms);
printTable(
  ['module', 'held, ms', 'ended'],
  found.slice(0, SHOWN).map(({ name, ms, ended }) => [name, ms.toFixed(3), ended]),
);
console.log(
  `of ${found.length} modules; the best of ${ROUNDS} rounds each, so that the machine's noise does not count`,
);
await runtime.close();

function pick() {
  return atoms[Math.floor(Math.random() * atoms.length)];
}

/** The shortest time that a call holds the thread. */
async function measure(name, module, context, options) {
  let ms = Infinity;
  let ended = '';
  for (let round = 0; round < ROUNDS; round += 1) {
    try {
      // A new plugin has no record of its runs.
      await runtime.reloadPlugin('hold', module, { isolate: false, ...options });
    } catch (error) {
      console.log(`left out: ${name}: ${error.message}`);
      return;
    }
    await new Promise(setImmediate);
    const start = performance.now();
    const call = runtime.callHook('hold', 'before_hook', context ?? { input: {} });
    const held = performance.now() - start;
    const { usage, fault } = await call;
    ended = `${usage.where} ${fault?.code ?? ''}`;
    ms = Math.min(ms, held);
  }
  found.push({ name, ms, ended });
}
