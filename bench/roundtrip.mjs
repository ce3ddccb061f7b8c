// What a call of a hook that does nothing costs, against calls that do nothing on the same threads: bench/floor.
//
//   npm run bench [-- --rounds N]     default 20
//
// They take turns in short rounds, so that whatever else the machine does falls on all of them. A ratio is the
// middle one of the rounds' ratios.

import { parseArgs } from 'node:util';
import { WasmRuntime } from 'hookcell';
import { assembleFixture } from '../scripts/build/fixture.mjs';
import { loadFloor } from './floor.mjs';
import { callInFlight } from './in-flight.mjs';
import { median, printTable, quantile } from './table.mjs';

const SEQUENTIAL_CALLS = 2_000;
const CALLS_IN_FLIGHT = 16;
const THROUGHPUT_CALLS = 10_000;
/** The trivial hook, one call after the other, shall take no more than this many times an empty task. */
const TARGET = 2;
/** A chain of 5 of them shall take no more than this many times one of them. */
const CHAIN_TARGET = 1.5;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } });
const rounds = Number(values.rounds);

const floor = await loadFloor();
const runtime = new WasmRuntime();
await runtime.loadPluginBytes('trivial', await assembleFixture('pass_through'));

const context = {
  input: { email: 'ada@example.org', name: 'Ada' },
  data: null,
  user: { id: '1', role: 'admin' },
  headers: { 'content-type': 'application/json' },
  tenant_id: 'example',
};
const text = JSON.stringify(context);
const chain = Array.from({ length: 5 }, () => 'trivial');

const subjects = [
  { name: 'emptyTask()', call: () => floor.emptyTask() },
  { name: `echoTask(${text.length} B)`, call: () => floor.echoTask(text) },
  { name: 'trivial hook', call: () => runtime.callHook('trivial', 'before_hook', context) },
  { name: 'chain of 5', call: () => runtime.callChain(chain, 'before_hook', context) },
  { name: 'sync', call: () => runtime.callHookSync('trivial', 'before_hook', context) },
].map(({ name, call }) => ({ name, call, p50: [], p99: [], perSecond: [] }));

console.log(`Node.js ${process.version}, ${process.platform}-${process.arch}, ${rounds} rounds\n`);
// The first round warms up: its figures are dropped.
for (let round = 0; round <= rounds; round += 1) {
  for (const subject of subjects) {
    const latencies = await timeSequential(subject.call);
    const perSecond = await timeInFlight(subject.call);
    if (round > 0) {
      subject.p50.push(quantile(latencies, 0.5));
      subject.p99.push(quantile(latencies, 0.99));
      subject.perSecond.push(perSecond);
    }
  }
}
await runtime.close();

const [empty, echo, hook, chained] = subjects;
printTable(
  ['one after the other', 'p50', 'p99', 'p50 / empty', 'p50 / echo', 'p50 / hook'],
  subjects.map(({ name, p50, p99 }) => [
    name,
    microseconds(median(p50)),
    microseconds(median(p99)),
    ratio(p50, empty.p50),
    ratio(p50, echo.p50),
    ratio(p50, hook.p50),
  ]),
);
console.log();
printTable(
  [`${CALLS_IN_FLIGHT} in flight`, 'calls/s', '/ empty', '/ echo'],
  subjects.map(({ name, perSecond }) => [
    name,
    Math.round(median(perSecond)).toLocaleString('en'),
    ratio(perSecond, empty.perSecond),
    ratio(perSecond, echo.perSecond),
  ]),
);
console.log();
printTarget(`a trivial hook within ${TARGET} times an empty task`, ratio(hook.p50, empty.p50) <= TARGET);
printTarget(`a chain of 5 within ${CHAIN_TARGET} times one trivial hook`, ratio(chained.p50, hook.p50) <= CHAIN_TARGET);

function printTarget(target, isReached) {
  console.log(`The target, ${target}, is ${isReached ? 'reached' : 'missed'}.`);
}

async function timeSequential(call) {
  const latencies = new Float64Array(SEQUENTIAL_CALLS);
  for (let index = 0; index < latencies.length; index += 1) {
    const start = performance.now();
    await call();
    latencies[index] = performance.now() - start;
  }
  return latencies.toSorted();
}

async function timeInFlight(call) {
  const start = performance.now();
  await callInFlight(call, THROUGHPUT_CALLS, CALLS_IN_FLIGHT);
  return (THROUGHPUT_CALLS * 1_000) / (performance.now() - start);
}

function ratio(figures, base) {
  return median(figures.map((figure, round) => figure / base[round])).toFixed(2);
}

function microseconds(ms) {
  return `${(ms * 1_000).toFixed(1)} µs`;
}
