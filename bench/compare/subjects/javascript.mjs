import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildPlugin, loadSource, prepareLoadSource } from '@hookcell/javascript';
import { WasmRuntime } from 'hookcell';
import { root } from '../../../scripts/build/command.mjs';
import { pdk } from '../../../scripts/plugins/compiler.mjs';
import { isNormalized, order } from '../orders.mjs';

const HOOK = 'before_hook';

/** Plugins that differ in a line, so that each is another module with the same code. */
const DISTINCT = 16;

/** The fuel of libraries; the default is for less. */
const limits = { maxFuel: 50_000_000 };

const trivial = (number) => `const own = ${number};\nexport const before_hook = () => {};\n`;

/** The names that the targets refer to. */
export const javascriptNames = {
  trivial: 'JavaScript, trivial, callHookSync',
  email: 'JavaScript, 200 B, callHookSync',
  rust: 'Rust, 200 B, callHookSync',
  libraries: 'JavaScript with zod and validator, 200 B, callHookSync',
  secondLoad: 'JavaScript, load of another plugin',
  source: 'loadSource, 2 KB of TypeScript',
};

/**
 * Plugins in JavaScript, built by the package, and what a load of one costs.
 *
 * @type {import('./subjects.mjs').Group}
 */
export const javascript = {
  name: 'JavaScript',

  async open() {
    await prepareLoadSource();
    const runtime = new WasmRuntime(limits);
    const subjects = [...(await calls(runtime)), await secondLoads(runtime), sourceLoads(runtime)];
    return { subjects, close: () => runtime.close() };
  },
};

function example(language) {
  return readFileSync(path.join(pdk, language, 'validate_email.wasm'));
}

async function calls(runtime) {
  const entry = path.join(root, 'bench', 'guests', 'javascript', 'zod-validator.js');
  const plugins = [
    [javascriptNames.trivial, (await buildPlugin({ source: trivial(0) })).wasm, ({ ok }) => ok],
    [javascriptNames.email, example('javascript'), isNormalized],
    [javascriptNames.rust, example('rust'), isNormalized],
    [javascriptNames.libraries, (await buildPlugin({ entry }, { minify: true })).wasm, isNormalized],
  ];
  const context = order(0);
  const subjects = [];
  for (const [name, wasm, isRight] of plugins) {
    await runtime.loadPluginBytes(name, wasm);
    const call = () => runtime.callHookSync(name, HOOK, context);
    subjects.push({ name, call, isRight, blocks: true, loads: [1] });
  }
  return subjects;
}

/** As the second plugin of a process is loaded: the engine's code is there, and its own data is new. */
async function secondLoads(runtime) {
  const modules = [];
  for (let number = 0; number < DISTINCT; number += 1) {
    modules.push((await buildPlugin({ source: trivial(number) })).wasm);
  }
  let next = 0;
  const call = async () => {
    runtime.unloadPlugin('second');
    const info = await runtime.loadPluginBytes('second', modules[(next += 1) % DISTINCT]);
    return info.codeFrom === 'memory' && info.loadedInMs > 0;
  };
  return { name: javascriptNames.secondLoad, call, isRight: (isNew) => isNew, loads: [1] };
}

function sourceLoads(runtime) {
  const text = readFileSync(path.join(pdk, 'javascript', 'src', 'validate_email.ts'), 'utf8');
  let number = 0;
  const call = async () => {
    const { report } = await loadSource(runtime, 'source', `${text}\nconst own = ${(number += 1)};\n`);
    return report.hooks.length === 2;
  };
  return { name: javascriptNames.source, call, isRight: (isLoaded) => isLoaded, loads: [1] };
}
