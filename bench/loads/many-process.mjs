// Loads so many plugins, no two the same, calls them in turn, and sends what it saw to its parent.
//
//   node --expose-gc bench/loads/many-process.mjs PLUGINS MILLISECONDS

import { existsSync, readdirSync } from 'node:fs';
import { WasmRuntime } from 'hookcell';
import { distinctPlugins } from '../guests/distinct.mjs';
import { quantile } from '../table.mjs';

const IN_FLIGHT = 16;
const context = { input: { email: ' Ada@Example.com ' } };

const [count, ms] = process.argv.slice(2).map(Number);
const plugin = await distinctPlugins();
const runtime = new WasmRuntime();
const names = Array.from({ length: count }, (_, number) => `plugin ${number}`);
// The first load finds caches cold, and memory that is never given back.
await load('first', count);
runtime.unloadPlugin('first');

const before = measure();
const loading = performance.now();
for (const [number, name] of names.entries()) {
  await load(name, number);
}
const loadMs = (performance.now() - loading) / count;
// Each is called before anything is timed: a plugin's first call does more.
names.forEach(callSync);
const called = measure();
const inTurn = await callInTurn();
await runtime.close();

process.send({
  ...inTurn,
  loadMs,
  bytes: (called.resident - before.resident) / count,
  descriptors: called.descriptors - before.descriptors,
});

function load(name, number) {
  // Compiled in this process: what a process of its own costs is in isolate.mjs.
  return runtime.loadPluginBytes(name, plugin(number), { isolate: false });
}

/** Each plugin after the other, again and again. */
async function callInTurn() {
  const latencies = [];
  for (let call = 0, end = performance.now() + ms; call < count || performance.now() < end; call += 1) {
    const start = performance.now();
    callSync(names[call % count]);
    latencies.push((performance.now() - start) * 1_000);
  }
  let calls = 0;
  const began = performance.now();
  const end = began + ms;
  async function caller() {
    while (performance.now() < end) {
      const name = names[calls % count];
      calls += 1;
      accepted(await runtime.callHook(name, 'before_hook', context));
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
  const perSecond = (calls * 1_000) / (performance.now() - began);
  return { sync: quantile(Float64Array.from(latencies).toSorted(), 0.5), perSecond };
}

function callSync(name) {
  accepted(runtime.callHookSync(name, 'before_hook', context));
}

function accepted(result) {
  if (!result.ok) {
    throw new Error(`the plugin failed: ${JSON.stringify(result)}`);
  }
}

function measure() {
  globalThis.gc();
  return { resident: process.memoryUsage.rss(), descriptors: descriptors() };
}

function descriptors() {
  return existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : NaN;
}
