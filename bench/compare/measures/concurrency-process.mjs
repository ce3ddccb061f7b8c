// Measures a runtime that runs so many hooks at once, and sends what it saw to its parent.
//
//   node bench/compare/measures/concurrency-process.mjs CONCURRENCY MILLISECONDS     with UV_THREADPOOL_SIZE one more

import path from 'node:path';
import { WasmRuntime } from 'hookcell';
import { assembleFixture } from '../../../scripts/build/fixture.mjs';
import { pdk } from '../../../scripts/plugins/compiler.mjs';
import { measure } from './measure.mjs';
import { order } from '../orders.mjs';

const IN_FLIGHT = 64;
const WARM_UP_MS = 100;

const [concurrency, ms] = process.argv.slice(2).map(Number);
const runtime = new WasmRuntime({ concurrency });
const rust = path.join(pdk, 'rust', 'validate_email.wasm');
await runtime.loadPluginBytes('trivial', await assembleFixture('pass_through'));
await runtime.loadPlugin(rust);

const kinds = [
  { kind: 'trivial', plugin: 'trivial', context: order(0) },
  { kind: 'rust, 5 KB', plugin: rust, context: order(64) },
];
const figures = {};
for (const { kind, plugin, context } of kinds) {
  const subject = { name: kind, call: () => runtime.callHook(plugin, 'before_hook', context) };
  await measure(subject, { inFlight: IN_FLIGHT, ms: WARM_UP_MS });
  const { perSecond, p99 } = await measure(subject, { inFlight: IN_FLIGHT, ms });
  figures[kind] = { perSecond, p99 };
}
await runtime.close();
process.send(figures);
