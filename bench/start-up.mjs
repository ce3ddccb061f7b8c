// What a call of each plugin of pdk/ costs if start-up runs in every call, and if it runs once at load.
//
//   node scripts/setup.mjs && node bench/start-up.mjs [--rounds N]     default 10
//
// AssemblyScript is measured twice: as committed, with almost no start-up, and on json-as, whose cache of 1 MiB is cleared at
// start-up. Both ways of loading take turns in short rounds, so that the machine's noise affects
// both. A ratio is the median of the rounds' ratios.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { WasmRuntime } from 'hookcell';
import { pdk } from '../scripts/plugins/compiler.mjs';
import { defaultModule } from './guests/default-builds.mjs';
import { median, printTable, quantile } from './table.mjs';

const CALLS = 500;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '10' } } });
const rounds = Number(values.rounds);

const context = {
  input: { email: ' Ada@Example.org ', name: 'Ada' },
  data: null,
  user: { id: '1', role: 'admin' },
  headers: { 'content-type': 'application/json' },
  tenant_id: 'example',
};

const modules = ['assemblyscript', 'rust', 'zig', 'wat'].map((language) => ({
  name: language,
  bytes: readFileSync(path.join(pdk, language, 'validate_email.wasm')),
}));
modules.push({ name: 'assemblyscript, json-as cache of 1 MiB', bytes: defaultModule('assemblyscript') });

// Either way of loading may need more than the default for a plugin whose start-up takes a million.
const runtime = new WasmRuntime({ maxFuel: 10_000_000 });
const rows = [];
for (const { name, bytes } of modules) {
  rows.push(await measure(name, bytes));
}
await runtime.close();

console.log(`Node.js ${process.version}, ${process.platform}-${process.arch}, ${rounds} rounds of ${CALLS} calls\n`);
printTable(['plugin', 'pre-initialized', 'fuel a call', 'p50', 'as it is', 'fuel a call', 'p50', 'p50 / p50'], rows);

async function measure(name, bytes) {
  const { preInitialized } = await runtime.loadPluginBytes('ahead', bytes);
  await runtime.loadPluginBytes('plain', bytes, { preInitialize: false });
  const subjects = ['ahead', 'plain'].map((plugin) => ({ plugin, runs: [], fuel: 0 }));
  // The first round warms up: its figures are dropped.
  for (let round = 0; round <= rounds; round += 1) {
    for (const subject of subjects) {
      const run = await middleRun(subject);
      if (round > 0) {
        subject.runs.push(run);
      }
    }
  }
  const [ahead, plain] = subjects;
  const ratio = median(plain.runs.map((run, round) => run / ahead.runs[round])).toFixed(1);
  return [name, preInitialized ? 'yes' : 'no', ...figures(ahead), '', ...figures(plain), ratio];
}

/** How long the plugin ran, in milliseconds: what the call took on its thread, without the hop there and back. */
async function middleRun(subject) {
  const runs = new Float64Array(CALLS);
  for (let index = 0; index < CALLS; index += 1) {
    const result = await runtime.callHook(subject.plugin, 'before_hook', context);
    if (!result.ok) {
      throw new Error(`${subject.plugin} failed: ${JSON.stringify(result)}`);
    }
    subject.fuel = result.usage.fuel;
    runs[index] = result.usage.runMs;
  }
  return quantile(runs.toSorted(), 0.5);
}

function figures({ fuel, runs }) {
  return [fuel.toLocaleString('en'), `${(median(runs) * 1_000).toFixed(1)} µs`];
}
