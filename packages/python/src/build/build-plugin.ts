import { readFile } from 'node:fs/promises';

import { PluginBuildError } from '../errors.js';
import { Folder } from '../modules/folder.js';
import { gather } from '../modules/gather.js';
import { inputsOf } from '../modules/inputs.js';
import type { SourceModule } from '../modules/module.js';
import { openPackages } from '../modules/places.js';
import { parseSource } from '../modules/source.js';
import type { PluginSource, Source } from '../modules/source.js';
import { loadEngine, sha256 } from '../sandbox/engine.js';
import { entryName, makePlugin } from '../sandbox/steps.js';
import { abortable, sectionSizes, Stopwatch } from 'hookcell/builder';
import { parseOptions } from './build-options.js';
import type { BuildPluginOptions } from './build-options.js';
import { complete } from './complete.js';
import type { BuildReport } from './report.js';

/** A plugin, and what it was built from. */
export interface BuiltPlugin {
  /** The module, for `loadPluginBytes` or a file. The same source always gives the same bytes. */
  wasm: Uint8Array;
  report: BuildReport;
}

type Step = Exclude<keyof BuildReport['ms'], 'total'>;

/**
 * Builds a plugin from a module in Python. What the author wrote never runs in this process: it is compiled, and its top level
 * runs, in hookcell's sandboxes, within `limits`. The first build of a process compiles the engine, which takes some seconds.
 *
 * `before_hook`, `after_hook` and the functions that `__all__` names are the hooks; `before_hook` must be there. The top level runs
 * now, and not in calls.
 *
 * @throws {PluginBuildError} if the source makes no plugin; `code` says why, and `file`, `line` and `column` where
 * @throws {HookcellError} if the host cannot build: `ERR_QUEUE_FULL`, `ERR_INTERNAL`
 * @throws {TypeError} if an argument has the wrong type, and `RangeError` if a limit is out of bounds
 */
export async function buildPlugin(from: PluginSource, options: BuildPluginOptions = {}): Promise<BuiltPlugin> {
  const source = parseSource(from);
  const parsed = parseOptions(options);
  const watch = new Stopwatch<Step>();
  const step = async <T>(name: Step, work: () => Promise<T>) => {
    parsed.signal?.throwIfAborted();
    return watch.time(name, () => abortable(work(), parsed.signal));
  };
  const engine = await step('engine', () => loadEngine(parsed.cacheDir));
  const modules = await step('compile', async () => {
    const beside = source.folder === undefined ? undefined : new Folder(source.folder, '');
    const places = { beside, packages: await openPackages(parsed, engine.info.version) };
    return gather(engine, await entryOf(source, parsed.maxSourceBytes), places, parsed);
  });
  const plugin = await step('run', () => makePlugin(engine, modules, parsed, source.name));
  const wasm = complete(plugin.wasm, modules.all, parsed);
  const report: BuildReport = {
    hooks: plugin.hooks,
    size: { total: wasm.length, ...sectionSizes(wasm) },
    inputs: inputsOf(modules),
    leftOut: [...modules.leftOut.map(({ machineCode }) => machineCode), ...modules.dataLeftOut].toSorted(),
    ms: watch.read(),
    engine: engine.info,
    sha256: sha256(wasm),
  };
  return { wasm, report };
}

async function entryOf({ name: file, entry, text }: Source, maxSourceBytes: number): Promise<SourceModule> {
  const bytes = entry === undefined ? Buffer.from(text!) : await readEntry(entry, file);
  refuseLength(bytes, file, maxSourceBytes, 'limits.maxSourceBytes');
  return { name: entryName, isPackage: true, file, text: bytes };
}

async function readEntry(entry: string, file: string): Promise<Buffer> {
  try {
    return await readFile(entry);
  } catch (cause) {
    const message = `${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new PluginBuildError({ code: 'ERR_READ', message, file }, { cause });
  }
}

/** @throws {PluginBuildError} `ERR_LIMIT` that names the option */
export function refuseLength(bytes: Uint8Array, file: string, most: number, option: string): void {
  if (bytes.length > most) {
    const message = `${file} has ${bytes.length} bytes; ${option} is ${most}`;
    throw new PluginBuildError({ code: 'ERR_LIMIT', message, file });
  }
}
