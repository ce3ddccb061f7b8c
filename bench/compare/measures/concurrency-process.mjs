// Measures a runtime that runs so many hooks at once, and sends what it saw to its parent.
//
//   node bench/compare/measures/concurrency-process.mjs CONCURRENCY MILLISECONDS     with UV_THREADPOOL_SIZE one more

import path from 'node:path';
import { WasmRuntime } from 'hookcell';
import { assembleFixture } from '../../../scripts/build/fixture.mjs';
import { pdk } from '../../../scripts/plugins/compiler.mjs';
import { computing } from '../../guests/made.mjs';
import { median } from '../../table.mjs';
import { measure } from './measure.mjs';
import { order } from '../orders.mjs';

const IN_FLIGHT = 64;
const WARM_UP_MS = 100;
const TIMED_CALLS = 20;

/** About 200 µs of computing. */
const COMPUTING_ROUNDS = 180_000;

const [concurrency, ms] = process.argv.slice(2).map(Number);
const runtime = new WasmRuntime({ concurrency });
const rust = path.join(pdk, 'rust', 'validate_email.wasm');
await runtime.loadPluginBytes('trivial', await assembleFixture('pass_through'));
await runtime.loadPlugin(rust);
await runtime.loadPluginBytes('computing', await computing(COMPUTING_ROUNDS), { maxFuel: COMPUTING_ROUNDS * 20 });

const kinds = [
  { kind: 'trivial', plugin: 'trivial', context: order(0) },
  { kind: 'rust, 5 KB', plugin: rust, context: order(64) },
  { kind: 'computing', plugin: 'computing', context: order(0) },
];
const figures = {};
for (const { kind, plugin, context } of kinds) {
  const subject = { name: kind, call: () => runtime.callHook(plugin, 'before_hook', context) };
  await measure(subject, { inFlight: IN_FLIGHT, ms: WARM_UP_MS });
  const { perSecond, p99, cpu } = await measure(subject, { inFlight: IN_FLIGHT, ms });
  figures[kind] = { perSecond, p99, cpu, runMs: timeOf(plugin, context) };
}
await runtime.close();
process.send(figures);

/** What `usage` says of a call that runs alone. */
function timeOf(plugin, context) {
  const calls = Array.from({ length: TIMED_CALLS }, () => runtime.callHookSync(plugin, 'before_hook', context));
  return median(calls.map(({ usage }) => usage.runMs));
}
