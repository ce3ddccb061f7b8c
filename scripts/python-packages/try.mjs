import path from 'node:path';
import { buildPlugin, PluginBuildError } from '@hookcell/python';
import { WasmRuntime } from 'hookcell';
import { brief } from '../libraries/compare.mjs';
import { measure } from '../libraries/measure.mjs';
import { workshop } from '../plugins/compiler.mjs';

/** How often each input is given to a hook, for the median of the time. */
const ROUNDS = 7;

/** Enough for each program. */
const maxFuel = 1_000_000_000;
const maxMemoryPages = 1_024;
const maxModuleBytes = 33_554_432;
const maxDataBytes = 8_388_608;
/** What a build takes by default. */
const usualDataBytes = 1_048_576;

const hooks = `

def before_hook(ctx):
    return {"data": {"answer": use(ctx["input"]["given"])}}


def inputs(ctx):
    return {"data": INPUTS}


__all__ = ["inputs"]
`;

/**
 * What became of a program.
 *
 * @typedef {object} Row
 * @property {string} group
 * @property {string} title
 * @property {string} version
 * @property {string} result `same`, or why it is not: the same text in each run
 * @property {number} [bytes] of the plugin
 * @property {number} [fuel] the most that a call used
 * @property {number} [ms] the median time of that call, unless nothing was measured
 */

/**
 * Tries programs: builds each as a plugin, and compares what a call answers with what CPython answers.
 *
 * @param {import('./program.mjs').Program[]} programs
 * @param {import('./wheels.mjs').Wheels} wheels
 * @param {Map<string, { answers: unknown[] }>} answers by the name of a program
 * @param {boolean} measures is the time of calls measured?
 * @returns {AsyncGenerator<Row>}
 */
export async function* tryAll(programs, wheels, answers, measures) {
  const runtime = new WasmRuntime({ logger: false, maxFuel, maxMemoryPages, maxModuleBytes, timeoutMs: 120_000 });
  // While one plugin is loaded, the others share its machine code.
  const { wasm } = await buildPlugin(
    { source: 'def before_hook(ctx): pass' },
    { cacheDir: path.join(workshop, 'cache') },
  );
  await runtime.loadPluginBytes('first', wasm, { isolate: false });
  try {
    let next = build(programs[0], wheels);
    for (const [index, program] of programs.entries()) {
      const plugin = await next;
      const following = programs[index + 1];
      next = following && build(following, wheels);
      if (measures) {
        // A build beside it would make a call slower.
        await next;
      }
      const { group, title, version, because } = program;
      const row = await tryInHook(plugin, program, answers.get(program.name).answers, runtime, measures ? ROUNDS : 0);
      const reason = row.result.startsWith('same') || because === undefined ? '' : ` (${because})`;
      yield { group, title, version, ...row, result: `${row.result}${reason}` };
    }
  } finally {
    await runtime.close();
  }
}

/** @returns a plugin, or the error that says why there is none */
async function build({ name, text, needs }, wheels) {
  const options = {
    packages: needs.map((each) => wheels.placeOf(each)),
    declares: { maxFuel, fuelPerContextByte: 0 },
    limits: { maxModuleBytes, maxMemoryPages: 2_048, timeoutMs: 600_000, maxDataBytes },
    cacheDir: path.join(workshop, 'cache'),
  };
  try {
    return await buildPlugin({ source: `${text}${hooks}`, filename: `${name}.py` }, options);
  } catch (error) {
    if (error instanceof PluginBuildError) {
      return error;
    }
    throw error;
  }
}

async function tryInHook(plugin, { name }, answers, runtime, rounds) {
  if (plugin instanceof PluginBuildError) {
    return { result: `refused with \`${plugin.code}\`: ${brief(plugin.message)}` };
  }
  await runtime.loadPluginBytes(name, plugin.wasm, { isolate: false });
  try {
    const { ctx } = runtime.callHookSync(name, 'inputs', { input: {} });
    const callAll = () => ctx.data.map((given) => runtime.callHookSync(name, 'before_hook', { input: { given } }));
    const texts = answers.map((each) => JSON.stringify(each));
    const row = await measure(plugin.wasm, callAll, texts, 'CPython', rounds);
    const isLarge = row.result.startsWith('same') && dataBytes(plugin.report) > usualDataBytes;
    return { ...row, result: `${row.result}${isLarge ? ', with a larger `maxDataBytes`' : ''}` };
  } finally {
    runtime.unloadPlugin(name);
  }
}

/** The bytes of the data files in a plugin. */
function dataBytes({ inputs }) {
  const data = inputs.filter(({ name }) => name.startsWith('site-packages/') && !name.endsWith('.py'));
  return data.reduce((sum, { bytes }) => sum + bytes, 0);
}
