// Does a server that calls hooks all day grow? Calls the plugin that changes nothing and watches the resident memory.
//
//   node scripts/setup.mjs && node bench/memory.mjs [--calls N]     default 1,000,000
//
// Ends with exit code 1 if the memory grew.

import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { WasmRuntime } from 'hookcell';
import { assembleFixture } from '../scripts/build/fixture.mjs';
import { median, printTable } from './table.mjs';

const CALLS_IN_FLIGHT = 16;
const SAMPLES = 20;
/** The first samples see the heap and the pool of cells come up to size. */
const WARM_UP_SAMPLES = 4;
/** A leak of the smallest allocation, 16 bytes in each of a million calls, is several times this. */
const ALLOWED_GROWTH = 2 * 2 ** 20;

const { values } = parseArgs({ options: { calls: { type: 'string', default: '1000000' } } });
const callsPerSample = Math.ceil(Number(values.calls) / SAMPLES);
const calls = callsPerSample * SAMPLES;

// Garbage is collected before each sample, so what is left is held.
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

const runtime = new WasmRuntime();
await runtime.loadPluginBytes('pass-through', await assembleFixture('pass_through'));
const context = { input: { email: 'ada@example.org' }, headers: { 'content-type': 'application/json' } };

const samples = [];
const start = performance.now();
for (let sample = 1; sample <= SAMPLES; sample += 1) {
  await callInFlight(callsPerSample);
  collectGarbage();
  const { rss, heapTotal, heapUsed } = process.memoryUsage();
  // V8 keeps a larger young generation after a while, used or not. What counts is what is in it, and all else.
  samples.push({ calls: callsPerSample * sample, rss, heapUsed, held: rss - heapTotal + heapUsed });
}
const seconds = (performance.now() - start) / 1_000;
await runtime.close();

printTable(
  ['calls', 'resident', "without V8's spare room", 'JavaScript objects'],
  samples.map(({ calls: count, rss, held, heapUsed }, index) => [
    `${count.toLocaleString('en')}${index < WARM_UP_SAMPLES ? ' (warm-up)' : ''}`,
    megabytes(rss),
    megabytes(held),
    megabytes(heapUsed),
  ]),
);
const measured = samples.slice(WARM_UP_SAMPLES).map(({ held }) => held);
const quarter = measured.length / 4;
const growth = median(measured.slice(-quarter)) - median(measured.slice(0, quarter));
const flat = growth <= ALLOWED_GROWTH;
console.log(
  `\n${calls.toLocaleString('en')} calls, ${CALLS_IN_FLIGHT} in flight, in ${seconds.toFixed(1)} s. From the first ` +
    `quarter after the warm-up to the last, the memory without V8's spare room changed by ${megabytes(growth)}: ` +
    `${flat ? 'flat' : 'not flat'}.`,
);
process.exitCode = flat ? 0 : 1;

async function call() {
  const result = await runtime.callHook('pass-through', 'before_hook', context);
  if (!result.ok) {
    throw new Error(`the plugin that changes nothing failed: ${JSON.stringify(result)}`);
  }
}

function megabytes(bytes) {
  return `${(bytes / 2 ** 20).toFixed(2)} MiB`;
}

/** Makes so many calls, {@link CALLS_IN_FLIGHT} at a time, and resolves when the last has ended. */
async function callInFlight(count) {
  let left = count;
  async function worker() {
    while (left > 0) {
      left -= 1;
      await call();
    }
  }
  await Promise.all(Array.from({ length: CALLS_IN_FLIGHT }, worker));
}
