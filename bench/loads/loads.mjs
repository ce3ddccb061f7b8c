// What a load costs if the plugin is compiled, found in the code cache, or shared with one that is loaded; and a thousand small
// plugins in one process.
//
//   node scripts/setup.mjs && npm run plugins && node bench/loads/loads.mjs [--rounds N] [--plugins N]     default 7, 1,000

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { WasmRuntime } from 'hookcell';
import { enlarge, numbered } from './large-module.mjs';
import { median, printTable } from '../table.mjs';

const MEGABYTE = 1_000_000;
const context = { input: { email: ' Ada@Example.com ' } };

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, plugins: { type: 'string', default: '1000' } },
});
const small = readPlugin('wat');
const real = readPlugin('rust');
const cacheDir = mkdtempSync(path.join(tmpdir(), 'hookcell-bench-'));
try {
  await compareLoads(Number(values.rounds));
  await loadMany(Number(values.plugins));
} finally {
  rmSync(cacheDir, { recursive: true });
}

/** The ways to load take turns, so that the machine's noise affects all of them. */
async function compareLoads(rounds) {
  const compiling = new WasmRuntime();
  const caching = new WasmRuntime({ cacheDir });
  const rows = [];
  for (const [name, bytes] of [
    ['small, by hand', small],
    ['JSON, in Rust', real],
    ['JSON, in Rust, 1 MB', enlarge(real, MEGABYTE)],
  ]) {
    await load(caching, bytes, 'compiler');
    const times = { compiler: [], cache: [], memory: [] };
    let codeBytes = 0;
    for (let round = 0; round < rounds; round += 1) {
      const { info, ms } = await load(compiling, bytes, 'compiler', async () => {
        times.memory.push((await load(caching, bytes, 'memory')).ms);
      });
      codeBytes = info.codeBytes;
      times.compiler.push(ms);
      times.cache.push((await load(caching, bytes, 'cache')).ms);
    }
    const [compiled, cached, shared] = Object.values(times).map(median);
    rows.push([
      name,
      ...[bytes.length, codeBytes].map(kilobytes),
      ...[compiled, cached, shared].map(milliseconds),
      `${(compiled / cached).toFixed(0)}x`,
    ]);
  }
  printTable(['plugin', 'module', 'code', 'compiled', 'cached', 'shared', 'cached is faster'], rows);
  console.log(`\nMedians of ${rounds} rounds, as the caller sees them.\n`);
}

/** Loads a plugin, and unloads it after `whileLoaded`. */
async function load(runtime, bytes, codeFrom, whileLoaded) {
  const start = performance.now();
  // What compiling costs by itself: a process of its own is measured in isolate.mjs.
  const info = await runtime.loadPluginBytes('plugin', bytes, { isolate: false });
  const ms = performance.now() - start;
  if (info.codeFrom !== codeFrom) {
    throw new Error(`the code came from ${info.codeFrom}, not ${codeFrom}`);
  }
  await whileLoaded?.();
  runtime.unloadPlugin('plugin');
  return { info, ms };
}

async function loadMany(count) {
  const rows = [];
  for (const [name, config] of [
    ['compiled', { cacheDir }],
    ['cached', { cacheDir }],
  ]) {
    const runtime = new WasmRuntime(config);
    const before = measure();
    const start = performance.now();
    for (let number = 0; number < count; number += 1) {
      await runtime.loadPluginBytes(`plugin ${number}`, numbered(small, number), { isolate: false });
    }
    const ms = performance.now() - start;
    const loaded = measure();
    for (let number = 0; number < count; number += 1) {
      const result = await runtime.callHook(`plugin ${number}`, 'before_hook', context);
      if (!result.ok) {
        throw new Error(`plugin ${number} failed: ${JSON.stringify(result)}`);
      }
    }
    const called = measure();
    await runtime.close();
    const closed = measure();
    rows.push([
      name,
      milliseconds(ms / count),
      kilobytes((loaded.resident - before.resident) / count),
      kilobytes((called.resident - before.resident) / count),
      ...[before, loaded, called, closed].map(({ descriptors }) => String(descriptors)),
    ]);
  }
  printTable(
    ['plugins', 'load', 'resident', 'resident, called once', 'descriptors before', 'loaded', 'called', 'closed'],
    rows,
  );
  console.log(
    `\n${count.toLocaleString('en')} small plugins in one process, no two the same; each figure for one of them.`,
  );
}

function measure() {
  const descriptors = existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : NaN;
  return { resident: process.memoryUsage().rss, descriptors };
}

function readPlugin(language) {
  const file = fileURLToPath(new URL(`../../pdk/${language}/validate_email.wasm`, import.meta.url));
  if (!existsSync(file)) {
    throw new Error(`${file} is missing: npm run plugins builds it`);
  }
  return readFileSync(file);
}

function milliseconds(value) {
  return `${value.toFixed(2)} ms`;
}

function kilobytes(bytes) {
  return `${(bytes / 1_000).toFixed(1)} kB`;
}
