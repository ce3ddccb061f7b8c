// What plugins of the same code and with different data cost, as those of one JavaScript or Python engine are: the first one, a
// second one, the first one of a process that finds the code in the code cache, and many.
//
//   node scripts/setup.mjs && npm run plugins && node bench/loads/same-code.mjs [--rounds N] [--plugins N]     default 15, 1,000

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WasmRuntime } from 'hookcell';
import { enlarge, withData } from './large-module.mjs';
import { median, printTable } from '../table.mjs';

/** The bytes of code and of data that a small plugin has in it. */
const ENGINES = [
  { name: 'JavaScript', code: 583_000, data: 140_000 },
  { name: 'CPython', code: 2_950_000, data: 3_760_000 },
];
const context = { input: { email: ' Ada@Example.com ' } };
const limits = { maxModuleBytes: 16_777_216, maxFunctions: 100_000 };

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, plugins: { type: 'string', default: '1000' } },
});
const real = readFileSync(fileURLToPath(new URL('../../pdk/rust/validate_email.wasm', import.meta.url)));
const cacheDir = mkdtempSync(path.join(tmpdir(), 'hookcell-bench-'));
try {
  const rows = [];
  for (const engine of ENGINES) {
    rows.push(await measureLoads(engine, Number(values.rounds)));
  }
  printTable(['plugin', 'module', 'code', 'data', 'first', 'second', 'first, from cacheDir'], rows);
  console.log(`\nMedians of ${values.rounds} rounds, as the caller sees them.\n`);
  await loadMany(ENGINES[0], Number(values.plugins));
} finally {
  rmSync(cacheDir, { recursive: true });
}

async function measureLoads({ name, code, data }, rounds) {
  const module = enlarge(real, code);
  const runtime = new WasmRuntime({ ...limits, cacheDir });
  const first = await load(runtime, 'first', withData(module, data), 'compiler');
  const times = { second: [], cached: [] };
  for (let round = 0; round < rounds; round += 1) {
    times.second.push((await load(runtime, 'second', withData(module, data), 'memory')).ms);
  }
  for (let round = 0; round < rounds; round += 1) {
    runtime.unloadPlugin('first');
    runtime.unloadPlugin('second');
    times.cached.push((await load(runtime, 'first', withData(module, data), 'cache')).ms);
  }
  await runtime.close();
  const { bytes, codeBytes, dataBytes } = first.info;
  const sizes = [bytes, codeBytes, dataBytes].map(kilobytes);
  return [name, ...sizes, ...[first.ms, median(times.second), median(times.cached)].map(milliseconds)];
}

async function load(runtime, name, bytes, codeFrom) {
  const start = performance.now();
  const info = await runtime.loadPluginBytes(name, bytes, { isolate: false });
  const ms = performance.now() - start;
  if (info.codeFrom !== codeFrom) {
    throw new Error(`the code came from ${info.codeFrom}, not ${codeFrom}`);
  }
  return { info, ms };
}

async function loadMany({ name, code, data }, count) {
  const module = enlarge(real, code);
  const runtime = new WasmRuntime({ ...limits, cacheDir });
  const { info } = await load(runtime, 'first', withData(module, data), 'cache');
  const before = process.memoryUsage().rss;
  const start = performance.now();
  for (let number = 1; number < count; number += 1) {
    await runtime.loadPluginBytes(`plugin ${number}`, withData(module, data), { isolate: false });
  }
  const ms = (performance.now() - start) / count;
  const loaded = (process.memoryUsage().rss - before) / count;
  for (let number = 1; number < count; number += 1) {
    const result = await runtime.callHook(`plugin ${number}`, 'before_hook', context);
    if (!result.ok) {
      throw new Error(`plugin ${number} failed: ${JSON.stringify(result)}`);
    }
  }
  const called = (process.memoryUsage().rss - before) / count;
  printTable(
    ['plugins', 'load', 'resident', 'called once', 'data'],
    [[`${count} of ${name}`, milliseconds(ms), kilobytes(loaded), kilobytes(called), kilobytes(info.dataBytes)]],
  );
  console.log('\nEach figure for one of them.');
  await runtime.close();
}

function milliseconds(value) {
  return `${value.toFixed(2)} ms`;
}

function kilobytes(bytes) {
  return `${(bytes / 1_000).toFixed(1)} kB`;
}
