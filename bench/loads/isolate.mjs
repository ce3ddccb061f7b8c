// oxlint-disable oxc/no-map-spread -- a few dozen bytes of module are put together
// What `isolate` costs: a small plugin compiled in the server's process, in a warm child process, and in one started for it;
// how much memory the warm one holds; and what bombs cost other loads at the same time.
//
//   node scripts/setup.mjs && node bench/loads/isolate.mjs [--rounds N]     default 9

import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WasmRuntime } from 'hookcell';
import { numbered } from './large-module.mjs';
import { median, printTable } from '../table.mjs';

/** The next process is started at the end of a load, and ready by then. */
const READY_MS = 700;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } });
const rounds = Number(values.rounds);
const small = readFileSync(fileURLToPath(new URL('../../pdk/wat/validate_email.wasm', import.meta.url)));
const runtime = new WasmRuntime({ logger: false });
let number = 0;

const cold = await load({});
const times = { own: [], warm: [], peak: [] };
for (let round = 0; round < rounds; round += 1) {
  await setTimeout(READY_MS);
  const warm = await load({});
  times.warm.push(warm.ms);
  times.peak.push(warm.info.isolate.peakBytes);
  await setTimeout(READY_MS);
  times.own.push((await load({ isolate: false })).ms);
}
printTable(
  ['a small plugin compiled', 'load', 'most memory'],
  [
    ['in the server', milliseconds(median(times.own)), ''],
    ['in a process that waits', milliseconds(median(times.warm)), megabytes(median(times.peak))],
    ['in a process to be started', milliseconds(cold.ms), megabytes(cold.info.isolate.peakBytes)],
  ],
);
const start = performance.now();
for (let round = 0; round < rounds; round += 1) {
  await load({});
}
console.log(`\nOne after the other, without a pause: ${milliseconds((performance.now() - start) / rounds)} each.`);
await besideBombs();
await runtime.close();

/** Two bombs of one runtime, and a small load of another. */
async function besideBombs() {
  const attacked = new WasmRuntime({ logger: false });
  const wide = { maxCompileWork: Number.MAX_SAFE_INTEGER, maxLoopNesting: 4_000, isolate: { timeoutMs: 20_000 } };
  const bombs = [1, 2].map((each) => attacked.loadPluginBytes(`bomb ${each}`, numbered(bomb(), each), wide));
  const ended = Promise.allSettled(bombs);
  const { ms } = await load({ isolate: false });
  const isolated = await load({});
  const closing = performance.now();
  await attacked.close({ interrupt: true });
  console.log(
    `Beside two bombs of another runtime: ${milliseconds(ms)} in the server, ${milliseconds(isolated.ms)} in a process. ` +
      `close({ interrupt: true }) of that runtime: ${milliseconds(performance.now() - closing)}.`,
  );
  await ended;
}

async function load(options) {
  number += 1;
  const bytes = numbered(small, number);
  const before = performance.now();
  const info = await runtime.loadPluginBytes('plugin', bytes, options);
  const ms = performance.now() - before;
  runtime.unloadPlugin('plugin');
  return { info, ms };
}

/** Loops inside one another, over a hundred local variables. */
function bomb() {
  const LOOPS = 4_000;
  const LOCALS = 100;
  const body = [1, LOCALS, 0x7f];
  for (let loop = 0; loop < LOOPS; loop += 1) body.push(0x03, 0x40);
  for (let local = 0; local < LOCALS; local += 1) body.push(0x20, local, 0x21, (local + 1) % LOCALS);
  for (let loop = 0; loop < LOOPS; loop += 1) body.push(0x41, 0, 0x0d, 0, 0x0b);
  body.push(0x0b);
  const types = [3, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 2, 0x7f, 0x7f, 0, 0x60, 2, 0x7f, 0x7f, 1, 0x7e];
  const names = [
    ['memory', 2, 0],
    ['alloc', 0, 0],
    ['dealloc', 0, 1],
    ['before_hook', 0, 2],
  ];
  const exports = [
    names.length,
    ...names.flatMap(([name, kind, index]) => [name.length, ...Buffer.from(name), kind, index]),
  ];
  const functions = [[0, 0x41, 0, 0x0b], [0, 0x0b], [0, 0x42, 0, 0x0b], body];
  const code = [functions.length, ...functions.flatMap((each) => [...leb(each.length), ...each])];
  const sections = [
    [1, types],
    [3, [4, 0, 1, 2, 1]],
    [5, [1, 0, 1]],
    [7, exports],
    [10, code],
  ];
  return Buffer.from([
    0,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    ...sections.flatMap(([id, bytes]) => [id, ...leb(bytes.length), ...bytes]),
  ]);
}

function leb(value) {
  return value < 128 ? [value] : [(value % 128) + 128, ...leb(Math.floor(value / 128))];
}

function milliseconds(value) {
  return `${value.toFixed(1)} ms`;
}

function megabytes(bytes) {
  return `${(bytes / 1_000_000).toFixed(0)} MB`;
}
