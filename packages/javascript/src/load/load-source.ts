import { HookcellError, WasmRuntime } from 'hookcell';
import type { PluginInfo } from 'hookcell';
import { InOrder, onUnload, ownSignal, Stopwatch } from 'hookcell/builder';

import { complete } from '../build/build-plugin.js';
import type { BuildReport } from '../build/report.js';
import type { Bundle } from '../bundle/bundle.js';
import { checkExports } from '../bundle/exports.js';
import { sha256 } from '../sandbox/engine.js';
import { compile, makePlugin } from '../sandbox/steps.js';
import { refuseLength } from '../strip/length.js';
import { refuseNesting } from '../strip/nesting.js';
import { stripTypes } from '../strip/strip-types.js';
import { inlineAuthorImports } from './author-imports.js';
import { authorsError } from './authors-error.js';
import { parseLoadSource, parseSignal } from './load-source-options.js';
import type { LoadSourceOptions, ParsedLoadSource } from './load-source-options.js';
import { OwnLocations } from './source-locations.js';
import { Turns } from './turns.js';
import { warmEngine } from './warm-engine.js';

/** A plugin that was loaded from its source. */
export interface LoadedSource {
  /** What `loadPluginBytes` resolves with. */
  info: PluginInfo;
  report: LoadReport;
}

/** What a source became. Sizes are in bytes. */
export interface LoadReport extends Pick<BuildReport, 'hooks' | 'bytecodeBytes' | 'sha256'> {
  sourceBytes: number;
  /** The plugin's module. */
  wasmBytes: number;
  /** The time of each step, in milliseconds, with the time that it waited. `engine` is near 0 once the engine is loaded. */
  ms: { engine: number; strip: number; compile: number; run: number; load: number; total: number };
}

type Step = Exclude<keyof LoadReport['ms'], 'total'>;

/** Processes that remove types, in this thread. */
const strips = new Turns(2);
const loads = new InOrder();

/**
 * Loads a plugin from its source, in JavaScript or TypeScript, which may be what a stranger typed into a form. The source is
 * compiled and its top level runs in hookcell's sandboxes; types are removed in a process of its own, which runs nothing of it.
 * Everything is bounded by `build`.
 *
 * It replaces the plugin of this name in one step, as `reloadPlugin` does. If the source is refused, that plugin stays. Loads of one
 * name take effect in the order in which they were requested, and `unloadPlugin` ends those before it. A source imports nothing but
 * types and `reject`.
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
  refuseLength(source, parsed.filename, parsed.maxSourceBytes, 'build.maxSourceBytes');
  const forget = onUnload(runtime, name, () => own.abort(unloaded(name)));
  const load = loads.run(runtime, name, async (turn) => {
    const watch = new Stopwatch<Step>();
    const { wasm, ...report } = await build(source, parsed, watch);
    await turn;
    parsed.turn.signal?.throwIfAborted();
    const info = await watch.time('load', () => runtime.reloadPlugin(name, wasm, parsed.load));
    return { info, report: { ...report, wasmBytes: wasm.length, ms: watch.read() } };
  });
  return await load.finally(() => {
    forget();
    own.release();
  });
}

async function build(source: string, parsed: ParsedLoadSource, watch: Stopwatch<Step>) {
  const { filename: file } = parsed;
  const engine = await watch.time('engine', () => warmEngine());
  const bundle = await bundleOf(source, parsed, watch);
  let hasCompiled = false;
  try {
    const bytecode = await watch.time('compile', () => compile(engine, bundle, parsed.build));
    hasCompiled = true;
    const plugin = await watch.time('run', () => makePlugin(engine, bundle, bytecode, parsed.build));
    const names = { name: file, folder: '/', entry: undefined, text: source, imports: false };
    checkExports({ ...bundle, exports: [...plugin.hooks, ...plugin.others] }, names, plugin.hooks);
    const { wasm } = complete(plugin.wasm, bundle, parsed.build);
    return {
      wasm,
      hooks: plugin.hooks,
      sourceBytes: Buffer.byteLength(source),
      bytecodeBytes: bytecode.length,
      sha256: sha256(wasm),
    };
  } catch (error) {
    throw await authorsError(error, { source, engine, bundle, options: parsed.build, file }, hasCompiled);
  }
}

/** The source as the engine reads it. */
async function bundleOf(source: string, parsed: ParsedLoadSource, watch: Stopwatch<Step>): Promise<Bundle> {
  const {
    language,
    filename,
    maxStripBytes,
    turn,
    build: { limits },
  } = parsed;
  const parts = { exports: [], inputs: [{ name: filename, bytes: source.length }], warnings: [] };
  refuseNesting(source, filename);
  if (language === 'javascript') {
    return { name: filename, code: inlineAuthorImports(source), map: new OwnLocations(filename, source), ...parts };
  }
  const { timeoutMs } = limits;
  const stripped = await watch.time('strip', () =>
    strips.run(turn, () => stripTypes(source, filename, { timeoutMs, maxStripBytes }, turn.signal)),
  );
  const code = inlineAuthorImports(stripped.code);
  return { name: 'plugin.js', code, map: stripped.map, ...parts };
}

function unloaded(name: string): HookcellError {
  return new HookcellError(
    'ERR_NOT_LOADED',
    `plugin ${JSON.stringify(name)} was unloaded before its source was loaded`,
  );
}
