// Measures streams of small calls with large ones among them, and sends what it saw to its parent.
//
//   node --expose-gc bench/compare/measures/large-calls-process.mjs MILLISECONDS IDLE_MILLISECONDS

import { setTimeout as sleep } from 'node:timers/promises';
import { WasmRuntime } from 'hookcell';
import { smallAndLarge } from '../../guests/made.mjs';
import { median } from '../../table.mjs';
import { order } from '../orders.mjs';
import { LARGE_BYTES, LARGE_EVERY } from './large-calls.mjs';

const SMALL_CALLS = 1_000;
const LARGE_CALLS = 20;
const REPEATS = 10;
const IN_FLIGHT = 16;
const SMALL = 'before_hook';
const LARGE = 'after_hook';

const [ms, idleMs] = process.argv.slice(2).map(Number);
const context = order(0);
const runtime = new WasmRuntime();
const module = await smallAndLarge(LARGE_BYTES);
await runtime.loadPluginBytes('mixed', module);
// Another image, so that it keeps pool slots of its own.
await runtime.loadPluginBytes('other', await smallAndLarge(LARGE_BYTES / 2));
const resident = { loaded: residentBytes() };

// The first calls find caches cold and code unoptimized.
meanOf(SMALL_CALLS * 2, SMALL);
meanOf(SMALL_CALLS * 2, SMALL, 'other');
await stream(ms / 2, () => SMALL);
const small = repeated(() => meanOf(SMALL_CALLS, SMALL));
const smallOfOther = repeated(() => meanOf(SMALL_CALLS, SMALL, 'other'));
const smallBusy = await stream(ms, () => SMALL);
resident.small = residentBytes();

const after = repeated(() => {
  meanOf(1, LARGE);
  return meanOf(SMALL_CALLS, SMALL);
});
const afterOther = repeated(() => {
  meanOf(1, LARGE);
  return meanOf(SMALL_CALLS, SMALL, 'other');
});

const mixedSync = repeated(() => meanOf(SMALL_CALLS, (call) => (call % LARGE_EVERY === 0 ? LARGE : SMALL)));
const mixedBusy = await stream(ms, (call) => (call % LARGE_EVERY === 0 ? LARGE : SMALL));
resident.mixed = residentBytes();
await sleep(idleMs);
resident.idle = residentBytes();

const large = repeated(() => meanOf(LARGE_CALLS, LARGE));
const largeBusy = await stream(ms, () => LARGE);
await runtime.close();

process.send({
  small,
  after: after / small,
  other: afterOther / smallOfOther,
  mixedSync: mixedSync / sumOfParts(small, large),
  mixedBusy: mixedBusy / sumOfParts(smallBusy, largeBusy),
  resident,
});

function sumOfParts(smallCall, largeCall) {
  return (smallCall * (LARGE_EVERY - 1) + largeCall) / LARGE_EVERY;
}

function repeated(measure) {
  return median(Array.from({ length: REPEATS }, measure));
}

/** Microseconds of a call on this thread: the mean, which leaves no call out. */
function meanOf(calls, hook, plugin = 'mixed') {
  const hookOf = typeof hook === 'function' ? hook : () => hook;
  const start = performance.now();
  for (let call = 0; call < calls; call += 1) {
    accepted(runtime.callHookSync(plugin, hookOf(call), context));
  }
  return ((performance.now() - start) * 1_000) / calls;
}

/** Microseconds between the ends of two calls, with 16 in flight for a while. */
async function stream(duration, hookOf) {
  let calls = 0;
  const start = performance.now();
  const end = start + duration;
  async function caller() {
    while (performance.now() < end) {
      calls += 1;
      accepted(await runtime.callHook('mixed', hookOf(calls), context));
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
  return ((performance.now() - start) * 1_000) / calls;
}

function accepted(result) {
  if (!result.ok) {
    throw new Error(`the plugin failed: ${JSON.stringify(result)}`);
  }
}

function residentBytes() {
  globalThis.gc();
  return process.memoryUsage.rss();
}
