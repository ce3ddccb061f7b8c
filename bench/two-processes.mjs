// What a second process on the same machine costs, and what it brings: loads from a shared `cacheDir`, memory, and calls of both.
//
//   node scripts/setup.mjs && node bench/two-processes.mjs [--ms 1000] [--rounds 5]
//
// Compare the ratios: times depend on the machine and its load. docs/scaling.md explains them.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { WasmRuntime } from 'hookcell';
import { median, printTable } from './table.mjs';

const plugins = ['javascript', 'rust', 'assemblyscript'].map((language) => ({
  language,
  file: path.join(import.meta.dirname, '..', 'pdk', language, 'validate_email.wasm'),
}));
const context = { input: { email: ' Ada@Example.com' } };
const IN_FLIGHT = 16;

if (process.send === undefined) {
  await compare();
} else {
  await serve(process.argv[2]);
}

/** One of the processes: loads the plugins, and calls that in Rust when it is told to. */
async function serve(cacheDir) {
  const before = memory();
  const runtime = new WasmRuntime({ cacheDir, logger: false });
  const loads = [];
  for (const { language, file } of plugins) {
    const { codeFrom, loadedInMs, codeBytes, dataBytes } = await runtime.loadPlugin(file);
    loads.push({ language, codeFrom, loadedInMs, codeBytes, dataBytes });
  }
  const loaded = memory();
  process.on('message', async ({ ms }) => {
    if (ms === undefined) {
      process.send({ after: memory() });
      return;
    }
    process.send({ calls: await callFor(runtime, ms) });
  });
  process.once('disconnect', () => runtime.close());
  process.send({ before, loaded, loads });
}

async function callFor(runtime, ms) {
  const end = performance.now() + ms;
  let calls = 0;
  const caller = async () => {
    while (performance.now() < end) {
      const result = await runtime.callHook(plugins[1].file, 'before_hook', context);
      if (!result.ok) {
        throw new Error(`the plugin failed: ${JSON.stringify(result)}`);
      }
      calls += 1;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
  return calls;
}

/** Bytes: all that are resident, and a fair share of those that processes have together (Linux only). */
function memory() {
  try {
    const [, pss] = /^Pss: +(\d+) kB$/m.exec(readFileSync('/proc/self/smaps_rollup', 'utf8'));
    return { rss: process.memoryUsage().rss, pss: Number(pss) * 1_024 };
  } catch {
    return { rss: process.memoryUsage().rss };
  }
}

async function compare() {
  const { values } = parseArgs({
    options: { ms: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '5' } },
  });
  const cacheDir = mkdtempSync(path.join(tmpdir(), 'hookcell-cache-'));
  const first = await start(cacheDir);
  const second = await start(cacheDir);
  try {
    compareLoads(first, second);
    await compareCalls(first, second, { ms: Number(values.ms), rounds: Number(values.rounds) });
    await compareMemory(first, second);
  } finally {
    for (const { process: child } of [first, second]) {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    }
    rmSync(cacheDir, { recursive: true, force: true });
  }
}

function compareLoads(first, second) {
  printTable(
    ['plugin', 'first process', 'second process', 'second / first', 'machine code', 'data'],
    first.loads.map(({ language, loadedInMs, codeFrom, codeBytes, dataBytes }, index) => {
      const again = second.loads[index];
      return [
        language,
        `${loadedInMs.toFixed(1)} ms (${codeFrom})`,
        `${again.loadedInMs.toFixed(1)} ms (${again.codeFrom})`,
        (again.loadedInMs / loadedInMs).toFixed(3),
        kilobytes(codeBytes),
        kilobytes(dataBytes ?? 0),
      ];
    }),
  );
}

async function compareCalls(first, second, { ms, rounds }) {
  const alone = [];
  const together = [];
  for (let round = 0; round < rounds; round += 1) {
    alone.push(await call([first], ms));
    together.push(await call([first, second], ms));
  }
  const [one, both] = [median(alone), median(together)];
  console.log(
    `\n${rate(one, ms)} calls/s in one process, ${rate(both, ms)} in two at once: ${(both / one).toFixed(2)} times as many.`,
  );
}

async function compareMemory(first, second) {
  for (const [name, { process: child, before, loaded }] of Object.entries({ first, second })) {
    const { after } = await ask(child, {});
    console.log(
      `The ${name} process: ${megabytes(before.rss)} with hookcell imported, ${megabytes(loaded.rss - before.rss)} more with a ` +
        `runtime and three plugins, ${megabytes(after.rss - loaded.rss)} more after the calls.`,
    );
    if (after.pss !== undefined) {
      console.log(`  Its fair share of what it has beside the other process: ${megabytes(after.pss)}.`);
    }
  }
}

async function start(cacheDir) {
  const child = fork(import.meta.filename, [cacheDir]);
  const [told] = await once(child, 'message');
  return { process: child, ...told };
}

async function ask(child, message) {
  const answer = once(child, 'message');
  child.send(message);
  return (await answer)[0];
}

async function call(servers, ms) {
  const answers = await Promise.all(servers.map(({ process: child }) => ask(child, { ms })));
  return answers.reduce((sum, { calls }) => sum + calls, 0);
}

function rate(calls, ms) {
  return Math.round((calls * 1_000) / ms).toLocaleString('en');
}

function kilobytes(bytes) {
  return `${Math.round(bytes / 1_000).toLocaleString('en')} kB`;
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
