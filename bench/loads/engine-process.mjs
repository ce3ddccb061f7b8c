// A process that uses an engine of plugins for the first time, and sends what it took to its parent, in milliseconds.
//
//   node bench/loads/engine-process.mjs build LANGUAGE CACHEDIR FOLDER PLUGINS     fills the folders
//   node bench/loads/engine-process.mjs start LANGUAGE CACHEDIR                    `prepareLoadSource`
//   node bench/loads/engine-process.mjs load LANGUAGE CACHEDIR FOLDER              loads of plugins

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { WasmRuntime } from 'hookcell';

const sources = {
  javascript: (number) => `export const number = () => ${number};\nexport const before_hook = () => ({ ok: true });`,
  python: (number) => `number = ${number}\ndef before_hook(ctx): pass`,
};

const [mode, language, cacheDir, folder, plugins] = process.argv.slice(2);
const modes = { build, start, load };
process.send(await modes[mode]());
process.disconnect();

async function build() {
  const { buildPlugin, prepareLoadSource } = await import(`@hookcell/${language}`);
  await prepareLoadSource({ cacheDir });
  mkdirSync(folder, { recursive: true });
  for (let number = 0; number < Number(plugins); number += 1) {
    const { wasm } = await buildPlugin({ source: sources[language](number) }, { cacheDir });
    writeFileSync(path.join(folder, `${number}.wasm`), wasm);
  }
  return {};
}

/** The packages are loaded before, as a server's other packages are. */
async function start() {
  const { prepareLoadSource } = await import(`@hookcell/${language}`);
  return { start: await time(() => prepareLoadSource({ cacheDir })) };
}

async function load() {
  const runtime = new WasmRuntime({ cacheDir });
  const small = readFileSync(fileURLToPath(new URL('../../pdk/wat/validate_email.wasm', import.meta.url)));
  // The process's first load of all makes what every process needs once.
  await runtime.loadPluginBytes('small', small, { isolate: false });
  const files = readdirSync(folder).map((name) => readFileSync(path.join(folder, name)));
  const times = [];
  for (const [number, bytes] of files.entries()) {
    let info;
    times.push(
      await time(async () => {
        info = await runtime.loadPluginBytes(`plugin ${number}`, bytes, { isolate: false });
      }),
    );
    const from = number === 0 ? 'cache' : 'memory';
    if (info.codeFrom !== from) {
      throw new Error(`the code came from ${info.codeFrom}, not ${from}`);
    }
  }
  await runtime.close();
  const [first, ...others] = times;
  return { first, others };
}

async function time(work) {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}
