import { HookcellError, WasmRuntime } from 'hookcell';
import type { PluginInfo } from 'hookcell';
import { InOrder, onUnload, ownSignal, Stopwatch } from 'hookcell/builder';

import { refuseLength } from '../build/build-plugin.js';
import { complete } from '../build/complete.js';
import type { BuildReport } from '../build/report.js';
import { gather } from '../modules/gather.js';
import { openPackages } from '../modules/places.js';
import { sha256 } from '../sandbox/engine.js';
import { entryName, makePlugin } from '../sandbox/steps.js';
import { parseLoadSource, parseSignal } from './load-source-options.js';
import type { LoadSourceOptions, ParsedLoadSource } from './load-source-options.js';
import { warmEngine } from './warm-engine.js';

/** A plugin that was loaded from its source. */
export interface LoadedSource {
  /** What `loadPluginBytes` resolves with. */
  info: PluginInfo;
  report: LoadReport;
}

/** What a source became. Sizes are in bytes. */
export interface LoadReport extends Pick<BuildReport, 'hooks' | 'sha256'> {
  sourceBytes: number;
  /** The plugin's module. */
  wasmBytes: number;
  /** The time of each step, in milliseconds, with the time that it waited. `engine` is near 0 once the engine is loaded. */
  ms: { engine: number; compile: number; run: number; load: number; total: number };
}

type Step = Exclude<keyof LoadReport['ms'], 'total'>;

const loads = new InOrder();

/**
 * Loads a plugin from its source in Python, which may be what a stranger typed into a form. The source is compiled and its top level
 * runs in hookcell's sandboxes. Everything is bounded by `build`.
 *
 * It replaces the plugin of this name in one step, as `reloadPlugin` does. If the source is refused, that plugin stays. Loads of one
 * name take effect in the order in which they were requested, and `unloadPlugin` ends those before it. A source imports the standard
 * library and `packages`.
 *
 * @throws {PluginBuildError} if the source makes no plugin: `code` says why, and `line` and `column` where
 * @throws {HookcellError} if the host refuses: `ERR_QUEUE_FULL`, `ERR_QUEUE_TIMEOUT`, `ERR_CLOSED`, `ERR_LIMIT`, …, and
 * `ERR_NOT_LOADED` if `unloadPlugin` ends it
 * @throws the signal's reason
 * @throws {TypeError} or {RangeError} if an argument is invalid
 */
export async function loadSource(
  runtime: WasmRuntime,
  name: string,
  source: string,
  options?: LoadSourceOptions,
): Promise<LoadedSource> {
  if (typeof source !== 'string') {
    throw new TypeError('the source must be a string');
  }
  const own = ownSignal(options?.signal && parseSignal(options.signal));
  const parsed = parseLoadSource({ ...options, signal: own.signal });
  own.signal.throwIfAborted();
  const bytes = Buffer.from(source);
  refuseLength(bytes, parsed.filename, parsed.maxSourceBytes, 'build.maxSourceBytes');
  const forget = onUnload(runtime, name, () => own.abort(unloaded(name)));
  const load = loads.run(runtime, name, async (turn) => {
    const watch = new Stopwatch<Step>();
    const { wasm, ...report } = await build(bytes, parsed, watch);
    await turn;
    own.signal.throwIfAborted();
    const info = await watch.time('load', () => runtime.reloadPlugin(name, wasm, parsed.load));
    return { info, report: { ...report, wasmBytes: wasm.length, ms: watch.read() } };
  });
  return await load.finally(() => {
    forget();
    own.release();
  });
}

async function build(
  text: Uint8Array,
  { filename: file, build: options, signal }: ParsedLoadSource,
  watch: Stopwatch<Step>,
) {
  const engine = await watch.time('engine', () => warmEngine());
  signal?.throwIfAborted();
  const modules = await watch.time('compile', async () => {
    const places = { beside: undefined, packages: await openPackages(options, engine.info.version) };
    return gather(engine, { name: entryName, isPackage: true, file, text }, places, options);
  });
  const plugin = await watch.time('run', () => makePlugin(engine, modules, options, file));
  const wasm = complete(plugin.wasm, modules.all, options);
  return { wasm, hooks: plugin.hooks, sourceBytes: text.length, sha256: sha256(wasm) };
}

function unloaded(name: string): HookcellError {
  return new HookcellError(
    'ERR_NOT_LOADED',
    `plugin ${JSON.stringify(name)} was unloaded before its source was loaded`,
  );
}
