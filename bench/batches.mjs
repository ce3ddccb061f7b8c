// What floods of large results and large contexts do to the event loop and to memory, each flood in a process of its own.
// On Linux a turn is measured by the thread's processor time, so that a busy machine does not count.
//
//   npm run setup && node bench/batches.mjs

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { WasmRuntime } from 'hookcell';
import { pluginAnswering, pluginFailing } from 'hookcell/testing';
import { printTable } from './table.mjs';

const KIB = 1_024;
const MIB = 1_024 * KIB;
const PILE_UP_MS = 1_500;

/** Rows of a table, as most large results are. */
const rows = (bytes) => {
  const row = { id: 1_234_567, name: 'Ada Lovelace', email: 'ada@example.com', active: true, score: 12.5 };
  const count = Math.floor(bytes / (JSON.stringify(row).length + 1));
  return Array.from({ length: count }, (_, index) => ({ ...row, id: row.id + index }));
};

const floods = {
  '60 results of 1 MB': () => results(60, 1_000_000),
  '200 results of 1 MB': () => results(200, 1_000_000),
  '1,000 results of 31 KB': () => results(1_000, 31_000),
  '1,000 results of 31 KB, each awaited by 0.5 ms of work': () => results(1_000, 31_000, () => work(0.5)),
  '300 contexts of 10 MiB, which are too long': () => contexts(300, 10 * MIB),
  '1,000 contexts of 1 MB': () => contexts(1_000, 1_000_000),
};

/** Calls of one tenant, all at once, with large results. */
async function results(count, bytes, whenAnswered = () => {}) {
  const runtime = new WasmRuntime({ logger: false, maxQueue: 4_096, queueTimeoutMs: 120_000, timeoutMs: 60_000 });
  await runtime.loadPluginBytes('large', pluginAnswering({ ok: true, ctx: { data: rows(bytes) } }));
  const call = () => runtime.callHook('large', 'before_hook', { input: {} }, { tenant: 'one' });
  await call();
  const callAndWork = async () => {
    const result = await call();
    whenAnswered();
    return result;
  };
  return await measure(runtime, (add) => {
    for (let made = 0; made < count; made += 1) {
      add(callAndWork());
    }
    // The server does something else meanwhile, and results pile up.
    work(PILE_UP_MS);
  });
}

/** Calls that wait, with large contexts, behind one that loops. */
async function contexts(count, bytes) {
  const runtime = new WasmRuntime({ logger: false, concurrency: 1, maxQueue: 4_096, queueTimeoutMs: 3_000 });
  await runtime.loadPluginBytes('loop', pluginFailing('loop'));
  const call = (input) =>
    runtime.callHook('loop', 'before_hook', { input }, { timeoutMs: 5_000, maxFuel: Number.MAX_SAFE_INTEGER });
  const input = { text: 'x'.repeat(bytes - 128) };
  return await measure(runtime, async (add) => {
    add(call({}));
    for (let made = 0; made < count; made += 1) {
      add(call(input));
      // Each is written in its own turn, like the requests of a server.
      await nextTurn();
    }
  });
}

async function measure(runtime, start) {
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let most = before;
  let longest = 0;
  const load = { isOver: false };
  const began = performance.now();
  const outcomes = {};
  const calls = [];
  const started = start((call) => calls.push(codeOf(call)));
  const watch = (async () => {
    while (!load.isOver) {
      const turnBegan = threadMs();
      await nextTurn();
      longest = Math.max(longest, threadMs() - turnBegan);
      most = Math.max(most, process.memoryUsage.rss());
    }
  })();
  await started;
  for (const code of await Promise.all(calls)) {
    outcomes[code] = (outcomes[code] ?? 0) + 1;
  }
  const seconds = (performance.now() - began) / 1_000;
  load.isOver = true;
  await watch;
  await runtime.close({ interrupt: true });
  return { longest, memory: most - before, seconds, outcomes };
}

/** Processor time of this thread, in milliseconds, or the wall clock if the platform does not report it. */
function threadMs() {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return performance.now();
  }
}

async function codeOf(call) {
  try {
    const result = await call;
    return result.fault?.code ?? 'ok';
  } catch (error) {
    return error.limit === undefined ? error.code : `${error.code} (${error.limit})`;
  }
}

function work(ms) {
  const end = threadMs() + ms;
  while (threadMs() < end) {
    // It only takes time.
  }
}

const [name] = process.argv.slice(2);
if (name === undefined) {
  const file = import.meta.filename;
  const table = Object.keys(floods).map((flood) => {
    const { stdout } = spawnSync(process.execPath, ['--expose-gc', file, flood], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { longest, memory, seconds, outcomes } = JSON.parse(stdout);
    const ends = Object.entries(outcomes).map(([code, count]) => `${count} ${code}`);
    return [
      flood,
      `${longest.toFixed(1)} ms`,
      `${(memory / MIB).toFixed(0)} MiB`,
      `${seconds.toFixed(1)} s`,
      ends.join(', '),
    ];
  });
  printTable(['flood', 'longest turn', 'memory at most', 'in all', 'ends'], table);
} else {
  console.log(JSON.stringify(await floods[name]()));
}
