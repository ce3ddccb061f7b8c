import { abortable, customSectionOf, declaration, memoryPages, sectionSizes, Stopwatch } from 'hookcell/builder';
import { parseOptions } from './build-options.js';
import type { BuildPluginOptions, ParsedOptions } from './build-options.js';
import { bundle as bundleSource } from '../bundle/bundle.js';
import type { Bundle } from '../bundle/bundle.js';
import { refuseDynamicCode } from '../bundle/dynamic-code.js';
import { loadEngine, sha256 } from '../sandbox/engine.js';
import { checkExports } from '../bundle/exports.js';
import type { BuildReport } from './report.js';
import { parseSource } from '../bundle/source.js';
import type { PluginSource } from '../bundle/source.js';
import { compile, makePlugin, tooLarge } from '../sandbox/steps.js';
import { refuseLength } from '../strip/length.js';
import { refuseNesting } from '../strip/nesting.js';

/** A plugin, and what it was built from. */
export interface BuiltPlugin {
  /** The module, for `loadPluginBytes` or a file. The same source always gives the same bytes. */
  wasm: Uint8Array;
  report: BuildReport;
}

type Step = 'bundle' | 'engine' | 'compile' | 'run';

/** Where the host looks for the source map when a fault is told, and for what the plugin declares at load. */
const mapSection = 'hookcell.sourcemap';
const limitsSection = 'hookcell.limits';

/**
 * Builds a plugin from a module in JavaScript or TypeScript. What the author wrote never runs in this process: esbuild bundles
 * it, and it is compiled and its top level runs in hookcell's sandboxes, within `limits`. The first build of a process compiles
 * the engine, which takes about a second.
 *
 * The exported functions are the hooks; `before_hook` must be one of them. The top level runs now, and not in calls.
 *
 * @throws {PluginBuildError} if the source makes no plugin; `code` says why, and `file`, `line` and `column` where
 * @throws {HookcellError} if the host cannot build: `ERR_QUEUE_FULL`, `ERR_INTERNAL`
 * @throws {TypeError} if an argument has the wrong type, and `RangeError` if a limit is out of bounds
 */
export async function buildPlugin(from: PluginSource, options: BuildPluginOptions = {}): Promise<BuiltPlugin> {
  const source = parseSource(from);
  const parsed = parseOptions(options);
  if (source.text !== undefined) {
    refuseLength(source.text, source.name, parsed.maxSourceBytes, 'limits.maxSourceBytes');
    refuseNesting(source.text, source.name);
  }
  const watch = new Stopwatch<Step>();
  const step = async <T>(name: Step, work: () => Promise<T>) => {
    parsed.signal?.throwIfAborted();
    return watch.time(name, () => abortable(work(), parsed.signal));
  };
  const [bundle, unusable] = await step('bundle', async () => {
    const made = await bundleSource(source, parsed);
    checkExports(made, source);
    return [made, await refuseDynamicCode(made)] as const;
  });
  const engine = await step('engine', () => loadEngine(parsed.cacheDir));
  const bytecode = await step('compile', () => compile(engine, bundle, parsed));
  const plugin = await step('run', () => makePlugin(engine, bundle, bytecode, parsed));
  checkExports(bundle, source, plugin.hooks);
  const { wasm, sourcemap } = complete(plugin.wasm, bundle, parsed);
  const { code, data, rest } = sectionSizes(wasm);
  const report: BuildReport = {
    hooks: plugin.hooks,
    size: { total: wasm.length, code, data, sourcemap, rest: rest - sourcemap },
    bundleBytes: bundle.code.length,
    bytecodeBytes: bytecode.length,
    inputs: bundle.inputs,
    warnings: [...bundle.warnings, ...unusable],
    ms: watch.read(),
    engine: engine.info,
    sha256: sha256(wasm),
  };
  return { wasm, report };
}

/** The plugin with what it says about itself, and the bytes that its source map takes. */
export function complete(plugin: Uint8Array, bundle: Bundle, { sourcemap, declares, limits }: ParsedOptions) {
  const declared = customSectionOf(limitsSection, declaration(declares, memoryPages(plugin)));
  const text = sourcemap ? bundle.map.forPlugin(bundle.name) : undefined;
  const map = text === undefined ? new Uint8Array() : customSectionOf(mapSection, text);
  const wasm = Buffer.concat([plugin, declared, map]);
  if (wasm.length > limits.maxModuleBytes) {
    const reason = `the plugin has ${wasm.length} bytes with its source map; maxModuleBytes is ${limits.maxModuleBytes}`;
    throw tooLarge(new Error(reason), bundle);
  }
  return { wasm, sourcemap: map.length };
}
