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
const ROUNDS = 11;
const IN_FLIGHT = 16;
const SMALL = 'before_hook';
const LARGE = 'after_hook';
const MIXED = (call) => (call % LARGE_EVERY === 0 ? LARGE : SMALL);

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
await stream(ms, SMALL);
resident.small = residentBytes();

const after = await rounds(() => smallAfterLarge('mixed'));
const other = await rounds(() => smallAfterLarge('other'));
const mixedSync = await rounds(() => ({
  small: settled((calls) => meanOf(calls, SMALL)),
  mixed: settled((calls) => meanOf(calls, MIXED)),
  large: settled((calls) => meanOf(calls, LARGE), LARGE_CALLS),
}));
const mixedBusy = await rounds(async () => {
  const round = { small: await stream(ms / ROUNDS, SMALL), mixed: await stream(ms / ROUNDS, MIXED) };
  resident.mixed = residentBytes();
  return { ...round, large: await stream(ms / ROUNDS, LARGE) };
});
await sleep(idleMs);
resident.idle = residentBytes();
await runtime.close();

process.send({
  small: median(after.map(({ before }) => before)),
  after: ratio(after, ({ before, later }) => later / before),
  other: ratio(other, ({ before, later }) => later / before),
  mixedSync: ratio(mixedSync, ofParts),
  mixedBusy: ratio(mixedBusy, ofParts),
  resident,
});

/** What a round gave, of each of them. In a round, what is compared takes turns: a machine that becomes slower or faster changes no ratio. */
async function rounds(measure) {
  const measured = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    measured.push(await measure());
  }
  return measured;
}

function ratio(measured, of) {
  return median(measured.map(of));
}

function ofParts({ small, mixed, large }) {
  return mixed / ((small * (LARGE_EVERY - 1) + large) / LARGE_EVERY);
}

/** What `measure` gives once calls of another kind have left nothing behind. */
function settled(measure, calls = SMALL_CALLS) {
  measure(calls);
  return measure(calls);
}

function smallAfterLarge(plugin) {
  const before = settled((calls) => meanOf(calls, SMALL, plugin));
  meanOf(1, LARGE);
  return { before, later: meanOf(SMALL_CALLS, SMALL, plugin) };
}

/** Microseconds of a call on this thread: the mean, which leaves no call out. */
function meanOf(calls, hook, plugin = 'mixed') {
  const hookAt = named(hook);
  const start = performance.now();
  for (let call = 0; call < calls; call += 1) {
    accepted(runtime.callHookSync(plugin, hookAt(call), context));
  }
  return ((performance.now() - start) * 1_000) / calls;
}

/** Microseconds between the ends of two calls, with 16 in flight for a while. */
async function stream(duration, hook) {
  const hookAt = named(hook);
  let calls = 0;
  const start = performance.now();
  const end = start + duration;
  async function caller() {
    while (performance.now() < end) {
      calls += 1;
      accepted(await runtime.callHook('mixed', hookAt(calls), context));
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
  return ((performance.now() - start) * 1_000) / calls;
}

/** The hook of each call. */
function named(hook) {
  return typeof hook === 'function' ? hook : () => hook;
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
