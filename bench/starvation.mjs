// Do looping plugins starve the server they run in? Reads a file and derives a key, again and again, while many more
// plugins loop until their deadline than libuv's pool has threads. Watches the event loop meanwhile, and how late the
// calls end.
//
//   node scripts/setup.mjs && node bench/starvation.mjs [--seconds N]     default 20 for each condition
//
// To show what the machine adds by itself, it measures the same with nothing under way, with calls that only sleep, and with
// threads outside the pool that loop until the same deadline: on few cores, every loop takes a share. In the last condition
// plugins have the whole pool, and the server starves.

import { scrypt } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { WasmRuntime } from 'hookcell';
import { assembleFixture } from '../scripts/build/fixture.mjs';
import { libuvThreads } from './libuv-threads.mjs';
import { printTable, quantile } from './table.mjs';

const POOL = libuvThreads;
const CALLS_IN_FLIGHT = POOL * 4;
const DEADLINE_MS = 100;
/** About 4 ms of work, so that the wait for a thread dominates and not the thread's share of a core. */
const SCRYPT_COST = 2_048;
const PAUSE_MS = 5;
/** The conditions take turns, so that the machine's noise affects all of them. */
const ROUNDS = 5;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '20' } } });
const roundMs = (Number(values.seconds) * 1_000) / ROUNDS;
const deriveKey = promisify(scrypt);
const endless = await assembleFixture('endless_hook');

const conditions = [
  { name: 'idle', start: () => () => {} },
  { name: 'sleeping calls', start: startSleepers },
  { name: `${POOL - 1} looping threads`, start: startThreads },
  { name: 'looping plugins', start: (overruns) => startPlugins(overruns, {}) },
  { name: 'in the whole pool', start: (overruns) => startPlugins(overruns, { concurrency: POOL }) },
].map(({ name, start }) => ({
  name,
  start,
  reads: [],
  keys: [],
  overruns: [],
  loopDelay: monitorEventLoopDelay({ resolution: 1 }),
}));

console.log(
  `Node.js ${process.version}, ${availableParallelism()} cores, ${POOL} threads in libuv's pool; ${CALLS_IN_FLIGHT} calls ` +
    `in flight with a deadline of ${DEADLINE_MS} ms; ${values.seconds} s each\n`,
);
for (let round = 1; round <= ROUNDS; round += 1) {
  for (const condition of conditions) {
    await measure(condition);
  }
}

const figures = conditions.map(({ name, reads, keys, overruns, loopDelay }) => ({
  name,
  reads: quantiles(reads),
  keys: quantiles(keys),
  loop: { p99: loopDelay.percentile(99) / 1e6 },
  calls: overruns.length,
  overruns: quantiles(overruns),
}));
printTable(
  ['', 'readFile p50', 'p99', 'scrypt p50', 'p99', 'event loop p99', 'calls', 'late p50', 'p99', 'most'],
  figures.map(({ name, reads, keys, loop, calls, overruns }) => [
    name,
    ...[reads.p50, reads.p99, keys.p50, keys.p99, loop.p99].map(milliseconds),
    calls === 0 ? '' : calls.toLocaleString('en'),
    ...[overruns.p50, overruns.p99, overruns.most].map((ms) => (calls === 0 ? '' : milliseconds(ms))),
  ]),
);

const [idle, , loops, plugins] = figures;
console.log();
printTable(
  ['', 'target', 'looping plugins', 'looping threads', 'verdict'],
  [
    judge('readFile, p99, more than idle', 50, ({ reads }) => reads.p99 - idle.reads.p99),
    judge('scrypt, p99, more than idle', 50, ({ keys }) => keys.p99 - idle.keys.p99),
    judge('event loop delay, p99', 20, ({ loop }) => loop.p99),
    judge('end of a call past its deadline, p99', 20, ({ overruns }) => overruns.p99),
    judge('end of a call past its deadline, most', 20, ({ overruns }) => overruns.most),
  ],
);

function judge(what, targetMs, measured) {
  const [ours, machine] = [measured(plugins), measured(loops)];
  const verdict = ours < targetMs ? 'held' : machine < targetMs ? 'missed' : 'missed, as by the machine alone';
  return [what, `${targetMs} ms`, milliseconds(ours), milliseconds(machine), verdict];
}

async function measure({ start, reads, keys, overruns, loopDelay }) {
  const stop = await start(overruns);
  loopDelay.enable();
  for (const end = performance.now() + roundMs; performance.now() < end;) {
    reads.push(await timeOf(() => readFile(import.meta.filename)));
    keys.push(await timeOf(() => deriveKey('password', 'salt', 64, { N: SCRYPT_COST })));
    await sleep(PAUSE_MS);
  }
  loopDelay.disable();
  await stop();
}

async function timeOf(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Makes calls until it is stopped, always as many at a time. */
function keepInFlight(call) {
  const stopping = new AbortController();
  const callers = Array.from({ length: CALLS_IN_FLIGHT }, async () => {
    while (!stopping.signal.aborted) {
      await call();
    }
  });
  return () => {
    stopping.abort();
    return Promise.all(callers);
  };
}

function startSleepers(overruns) {
  return keepInFlight(async () => {
    overruns.push((await timeOf(() => sleep(DEADLINE_MS))) - DEADLINE_MS);
  });
}

async function startThreads(overruns) {
  const loop = `
    const { parentPort } = require('node:worker_threads');
    const now = () => performance.timeOrigin + performance.now();
    for (;;) {
      const end = now() + ${DEADLINE_MS};
      while (now() < end);
      parentPort.postMessage(end);
    }`;
  const threads = Array.from({ length: POOL - 1 }, () => new Worker(loop, { eval: true }));
  for (const thread of threads) {
    thread.on('message', (end) => overruns.push(performance.timeOrigin + performance.now() - end));
  }
  await Promise.all(threads.map((thread) => once(thread, 'online')));
  return () => Promise.all(threads.map((thread) => thread.terminate()));
}

async function startPlugins(overruns, config) {
  const runtime = new WasmRuntime({
    logger: false,
    maxFuel: Number.MAX_SAFE_INTEGER,
    timeoutMs: DEADLINE_MS,
    ...config,
  });
  await runtime.loadPluginBytes('endless', endless);
  const stopCalls = keepInFlight(async () => {
    let result;
    const ms = await timeOf(async () => (result = await runtime.callHook('endless', 'before_hook', { input: {} })));
    if (result.fault?.code !== 'ERR_TIMEOUT') {
      throw new Error(`a plugin that loops ended otherwise: ${JSON.stringify(result)}`);
    }
    // As its caller sees it, the way back included.
    overruns.push(ms - result.usage.queueMs - DEADLINE_MS);
  });
  return async () => {
    await stopCalls();
    await runtime.close();
  };
}

function quantiles(samples) {
  const sorted = Float64Array.from(samples).toSorted();
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), most: sorted.at(-1) };
}

function milliseconds(ms) {
  return `${ms.toFixed(1)} ms`;
}
