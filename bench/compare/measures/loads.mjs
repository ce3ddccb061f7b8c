import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WasmRuntime } from 'hookcell';
import { distinctPlugins } from '../../guests/distinct.mjs';
import { measureEngines } from '../../loads/engines.mjs';
import { measureMany } from '../../loads/many-plugins.mjs';
import { quantile } from '../../table.mjs';

/** Plugins in the code cache. They are loaded in turn, each from its file. */
const CACHED = 100;

/** Loads that are requested at a time, for the column beside those one after the other. */
const AT_ONCE = 4;

/**
 * What loads cost, what engines cost that are in `cacheDir`, and what many loaded plugins cost.
 *
 * @param {{ ms: number, processes: number, counts: number[], callMs: number }} plan `ms`: of each way to load, one after the other
 *   and at once; `processes`: that use an engine for the first time; `counts` and `callMs`: see {@link measureMany}
 */
export async function measureLoads({ ms, processes, counts, callMs }) {
  const ways = await measureWays(ms);
  const engines = await measureEngines({ rounds: processes });
  return { ways, atOnce: AT_ONCE, engines, many: await measureMany({ counts, ms: callMs }) };
}

/** A small plugin that was never seen before, or that is in the code cache: loads, and the time of one. */
async function measureWays(ms) {
  const plugin = await distinctPlugins();
  let next = CACHED;
  const unseen = () => plugin((next += 1));
  let turn = 0;
  const cached = () => plugin((turn += 1) % CACHED);
  const cacheDir = mkdtempSync(path.join(tmpdir(), 'hookcell-bench-'));
  try {
    await fillCache(cacheDir, plugin);
    const ways = [
      { way: 'compiled in a child process, the default for bytes', bytes: unseen, options: {}, from: 'isolate' },
      { way: 'compiled in the server', bytes: unseen, options: { isolate: false }, from: 'compiler' },
      { way: 'from cacheDir', bytes: cached, config: { cacheDir }, options: {}, from: 'cache' },
    ];
    const measured = [];
    for (const { way, ...how } of ways) {
      measured.push({ way, ...(await measureWay(how, ms)) });
    }
    return measured;
  } finally {
    rmSync(cacheDir, { recursive: true });
  }
}

async function fillCache(cacheDir, plugin) {
  const runtime = new WasmRuntime({ cacheDir });
  for (let number = 0; number < CACHED; number += 1) {
    await runtime.loadPluginBytes('plugin', plugin(number), { isolate: false });
    runtime.unloadPlugin('plugin');
  }
  await runtime.close();
}

async function measureWay({ bytes, config, options, from }, ms) {
  const runtime = new WasmRuntime(config);
  async function load(name) {
    const { codeFrom } = await runtime.loadPluginBytes(name, bytes(), options);
    if (codeFrom !== from) {
      throw new Error(`the code came from ${codeFrom}, not ${from}`);
    }
    runtime.unloadPlugin(name);
  }
  await load('first');
  const alone = await repeat(load, 1, ms);
  const atOnce = await repeat(load, AT_ONCE, ms);
  await runtime.close();
  return { p50: alone.p50, perSecond: alone.perSecond, perSecondAtOnce: atOnce.perSecond };
}

async function repeat(load, count, ms) {
  const times = [];
  const start = performance.now();
  async function caller(_, index) {
    while (performance.now() - start < ms) {
      const began = performance.now();
      await load(`plugin ${index}`);
      times.push(performance.now() - began);
    }
  }
  await Promise.all(Array.from({ length: count }, caller));
  const perSecond = (times.length * 1_000) / (performance.now() - start);
  return { p50: quantile(Float64Array.from(times).toSorted(), 0.5), perSecond };
}
