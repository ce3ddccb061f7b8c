import { HookcellError } from 'hookcell';
import type { Built, BuildStep } from 'hookcell/builder';

import type { ParsedOptions, Sample } from '../build/build-options.js';
import { PluginBuildError } from '../errors.js';
import type { BuildErrorCode } from '../errors.js';
import type { Compiled, Gathered, Imported } from '../modules/gathered.js';
import { checkHooks } from '../modules/hooks.js';
import type { MachineModule, SourceModule } from '../modules/module.js';
import type { Engine } from './engine.js';
import type { Bytecode } from './library.js';
import { readThrown } from './thrown.js';
import type { Thrown } from './thrown.js';

/** Bytecode or an image is longer than a call's result may be. */
const maxResultBytes = 67_108_864;

/** The name of the entry's module. It is a package, so that it can import what is beside it relatively. */
export const entryName = 'plugin';

/** The keys that every context has. */
const emptyContext = { input: {}, data: null, user: null, headers: {}, tenant_id: null };

/** Compiles sources to bytecode, in a sandbox. */
export async function compile(
  { builder }: Engine,
  modules: readonly SourceModule[],
  { limits, signal, turn }: ParsedOptions,
): Promise<Compiled[]> {
  const { maxModuleBytes: _, ...sandbox } = limits;
  const steps = modules.flatMap(({ file, text }) => {
    const input = Buffer.concat([Buffer.from(`${file}\0`), text]);
    return [
      { step: 'imports', input },
      { step: 'compile', input },
    ];
  });
  const { answers, fault } = await builder.run(steps, { ...sandbox, ...turn, maxResultBytes, signal });
  const thrown = readThrown(answers.at(-1));
  if (thrown !== undefined) {
    throw notPython(thrown, modules[Math.floor((answers.length - 1) / 2)]!);
  }
  if (fault !== undefined || answers.length < steps.length) {
    const { file } = modules[Math.floor(answers.length / 2)]!;
    throw faultError(fault, file, { file });
  }
  return modules.map((module, index) => ({
    module,
    imports: JSON.parse(Buffer.from(answers[index * 2]!).toString()) as Imported[],
    code: answers[index * 2 + 1]!,
  }));
}

/** What the compiler raises besides SyntaxError says that a source nests too deeply. */
function notPython({ name, message, location }: Thrown, { file }: SourceModule): PluginBuildError {
  const isDeep = name === 'RecursionError' || name === 'MemoryError';
  const code = isDeep ? 'ERR_STACK' : 'ERR_SYNTAX';
  return new PluginBuildError({ code, message, file, ...location });
}

/**
 * Runs the top level of a plugin in a sandbox, and takes what it leaves.
 *
 * @param file the entry
 */
export async function makePlugin(
  { builder }: Engine,
  { all: modules, early, late, leftOut }: Pick<Gathered, 'all' | 'early' | 'late' | 'leftOut'>,
  { samples, rehearse, limits, signal, turn }: ParsedOptions,
  file: string,
): Promise<{ wasm: Uint8Array; hooks: string[] }> {
  const steps = [
    { step: 'provide', input: Buffer.concat(modules.flatMap(provided)) },
    ...early.map((name) => load(name)),
    load(entryName),
    // The answer to the last one lists the hooks. A module that is imported is not run again.
    ...late.flatMap((name) => [load(name), load(entryName)]),
    ...(rehearse ? samples.map((sample) => rehearsal(sample)) : []),
    { step: 'freeze', input: new Uint8Array() },
  ];
  const run = { ...limits, ...turn, maxResultBytes, signal };
  const built = await builder.run(steps, { ...run, makesPlugin: true }).catch(async (error: unknown) => {
    if (isUnlikeContract(error)) {
      // The same steps leave the same hooks, and what the engine exports besides is sound: the hooks say what is wrong.
      checkHooks(hooksOf(await builder.run(steps, run), steps), file);
    }
    throw isTooLarge(error) ? tooLarge(error, modules) : error;
  });
  refuseFailure(built, steps, leftOut);
  const hooks = hooksOf(built, steps);
  checkHooks(hooks, file);
  return { wasm: built.plugin!, hooks };
}

function hooksOf({ answers }: Built, steps: readonly BuildStep[]): string[] {
  const loaded = answers[steps.findLastIndex(({ step }) => step === 'load')]!;
  const { hooks } = JSON.parse(Buffer.from(loaded).toString()) as { hooks: { name: string }[] };
  return hooks.map(({ name }) => name).toSorted();
}

function load(name: string): BuildStep {
  return { step: 'load', input: Buffer.from(name) };
}

function provided({ name, isPackage, code }: Bytecode): Uint8Array[] {
  return [Buffer.from(`${name}\n${isPackage ? 1 : 0}${code.length}\n`), code];
}

/** The index of `before_hook` is 0 in the engine, and that of `after_hook` is 1. */
function rehearsal(sample: Sample): BuildStep {
  const index = sample.data === undefined || sample.data === null ? 0 : 1;
  const context = JSON.stringify({ ...emptyContext, ...sample });
  return { step: 'rehearse', input: Buffer.concat([Buffer.of(index), Buffer.from(context)]) };
}

function refuseFailure({ answers, fault }: Built, steps: BuildStep[], leftOut: readonly MachineModule[]): void {
  const thrown = readThrown(answers.at(-1));
  if (thrown !== undefined) {
    const isSample = steps[answers.length - 1]?.step === 'rehearse';
    throw thrownError(thrown, leftOut, isSample ? 'a hook raises on a sample' : 'the top level raises');
  }
  if (fault !== undefined) {
    throw faultError(fault, steps[answers.length]?.step === 'rehearse' ? 'a hook, on a sample,' : 'the top level');
  }
}

function thrownError(
  { name, message, backtrace, location }: Thrown,
  leftOut: readonly MachineModule[],
  where: string,
): PluginBuildError {
  const [, unfit] =
    /^ValueError: (a plugin has at most \d+ hooks|a hook is an ordinary function: .*)$/.exec(message) ?? [];
  if (unfit !== undefined) {
    return new PluginBuildError({ code: 'ERR_EXPORT', message: unfit, ...location });
  }
  const machine = leftOut.find((each) => imported(message).includes(each.name));
  if (machine !== undefined) {
    const without = `${machine.machineCode} is machine code: a plugin takes pure Python only`;
    return new PluginBuildError({ code: 'ERR_PACKAGE', message: without, ...location }, { backtrace });
  }
  if (name === 'ModuleNotFoundError' || (name === 'ImportError' && location !== undefined)) {
    return new PluginBuildError({ code: 'ERR_UNRESOLVED', message, ...location }, { backtrace });
  }
  const code = name === 'RecursionError' ? 'ERR_STACK' : 'ERR_THROWN';
  return new PluginBuildError({ code, message: `${where}: ${message}`, ...location }, { backtrace });
}

/** What an error says that cannot be imported: a module, or a name in one, which may be a module. */
function imported(message: string): string[] {
  const [, module] = /^ModuleNotFoundError: No module named '([^']*)'/.exec(message) ?? [];
  const [, member, from] = /^ImportError: cannot import name '([^']*)' from '([^']*)'/.exec(message) ?? [];
  return [module, member && `${from}.${member}`].filter((name) => name !== undefined);
}

const reasons = {
  ERR_FUEL: ['ERR_FUEL', 'used up its fuel'],
  ERR_TIMEOUT: ['ERR_TIMEOUT', 'took too long'],
  ERR_MEMORY: ['ERR_MEMORY', 'needed too much memory'],
  ERR_STACK: ['ERR_STACK', 'nests too deeply'],
  // The stack of C in the engine's memory has an end before that of WebAssembly.
  ERR_TRAP: ['ERR_STACK', 'nests too deeply, or ended the engine'],
} as const satisfies Record<string, readonly [BuildErrorCode, string]>;

/** @param what what ran: `the top level` */
function faultError(fault: Built['fault'], what: string, location?: { file: string }): Error {
  const code = fault?.code ?? 'ERR_ABI';
  if (!(code in reasons)) {
    return new HookcellError('ERR_INTERNAL', `the engine of Python failed: ${fault?.message ?? 'it gave no answer'}`);
  }
  const [buildCode, reason] = reasons[code as keyof typeof reasons];
  return new PluginBuildError({ code: buildCode, message: `${what} ${reason}: ${fault!.message}`, ...location });
}

function isUnlikeContract(error: unknown): boolean {
  return error instanceof HookcellError && (error.code === 'ERR_ABI' || error.code === 'ERR_COMPILE');
}

function isTooLarge(error: unknown): error is HookcellError {
  return error instanceof HookcellError && error.limit === 'maxModuleBytes';
}

const mostShown = 5;

/** The plugin is larger than `maxModuleBytes`. */
export function tooLarge(cause: Error, modules: readonly Bytecode[]): PluginBuildError {
  const inputs = modules.map(({ name, code }) => ({ name, bytes: code.length })).toSorted((a, b) => b.bytes - a.bytes);
  const shown = inputs.slice(0, mostShown).map(({ name, bytes }) => `${name} (${bytes.toLocaleString('en')} bytes)`);
  // The host knows only the engine's name.
  const reason = cause.message.replace(/^plugin "[^"]*" has/, 'the plugin has');
  const made = 'what the top level makes takes room, too';
  const message = `${reason}. The largest modules: ${shown.join(', ')}; ${made}`;
  return new PluginBuildError({ code: 'ERR_LIMIT', message }, { inputs, cause });
}
