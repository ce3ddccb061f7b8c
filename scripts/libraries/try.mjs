import path from 'node:path';
import { buildPlugin, PluginBuildError } from '@hookcell/javascript';
import { WasmRuntime } from 'hookcell';
import { CommandError } from '../build/command.mjs';
import { asJson, brief } from './compare.mjs';
import { measure } from './measure.mjs';

/** How often each input is given to a hook, for the median of the time. */
const ROUNDS = 7;

/** Enough for each program. */
const maxFuel = 1_000_000_000;

/** How many plugins are built at the same time. */
const LANES = 2;

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
 * Tries programs: builds each as a plugin, and compares what a call answers with what Node.js answers.
 *
 * @param {string} home the folder where the libraries are installed
 * @param {import('./program.mjs').Program[]} programs
 * @param {boolean} measures is the time of calls measured?
 * @returns {AsyncGenerator<Row>}
 */
export async function* tryAll(home, programs, measures) {
  const runtime = new WasmRuntime({ logger: false, maxFuel, timeoutMs: 10_000 });
  try {
    // While it is loaded, the others share its machine code.
    const { wasm } = await buildPlugin({ source: 'export const before_hook = () => {};' });
    await runtime.loadPluginBytes('none', wasm, { isolate: false });
    const builds = startBuilds(home, programs);
    if (measures) {
      // A build beside it would make a call slower.
      await Promise.all(builds);
    }
    for (const [index, program] of programs.entries()) {
      const answers = await askNode(program);
      const { group, title, version, because } = program;
      const row = await tryInHook(await builds[index], program, answers, runtime, measures ? ROUNDS : 0);
      const reason = row.result.startsWith('same') || because === undefined ? '' : ` (${because})`;
      yield { group, title, version, ...row, result: `${row.result}${reason}` };
    }
  } finally {
    await runtime.close();
  }
}

/** The JSON texts of the answers in this process. */
async function askNode({ name, inputs, use }) {
  const answers = [];
  for (const input of inputs) {
    try {
      answers.push(asJson(await use(structuredClone(input))));
    } catch (cause) {
      throw new CommandError(`the program ${name} fails in Node.js: ${cause.stack}`, { cause });
    }
  }
  return answers;
}

async function tryInHook(plugin, program, answers, runtime, rounds) {
  if (plugin instanceof PluginBuildError) {
    return { result: `refused with \`${plugin.code}\`: ${brief(plugin.message)}` };
  }
  await runtime.loadPluginBytes(program.name, plugin.wasm);
  const callAll = () =>
    program.inputs.map((given) => runtime.callHookSync(program.name, 'before_hook', { input: { given } }));
  try {
    return measure(plugin.wasm, callAll, answers, 'Node.js', rounds);
  } finally {
    runtime.unloadPlugin(program.name);
  }
}

/** Builds the programs, some at a time. */
function startBuilds(home, programs) {
  const lanes = Array.from({ length: LANES }, () => Promise.resolve());
  return programs.map((program, index) => {
    const lane = index % LANES;
    lanes[lane] = lanes[lane].then(() => build(home, program));
    return lanes[lane];
  });
}

/** @returns a plugin, or the error that says why there is none */
async function build(home, { name, file, inputs, use }) {
  const wait = use.constructor.name === 'AsyncFunction' ? ['async ', 'await '] : ['', ''];
  const source = [
    `import { use } from './${file}';`,
    `export const before_hook = ${wait[0]}(ctx) => ({ data: { answer: ${wait[1]}use(ctx.input.given) } });`,
  ];
  const samples = inputs.map((given) => ({ input: { given } }));
  try {
    return await buildPlugin(
      { source: source.join('\n'), filename: `${name}.js`, resolveDir: home },
      { samples, declares: { maxFuel, fuelPerContextByte: 0 }, cacheDir: path.join(home, 'cache') },
    );
  } catch (error) {
    if (error instanceof PluginBuildError) {
      return error;
    }
    throw error;
  }
}
