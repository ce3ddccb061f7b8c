import { build } from 'esbuild';
import type { BuildOptions, BuildResult, Message } from 'esbuild';
import { abortable } from 'hookcell/builder';

import type { InputSize } from '../errors.js';
import { BundleMap } from './bundle-map.js';
import type { Locations } from './bundle-map.js';
import { bundlingError, lateError, warningOf } from './bundle-problems.js';
import type { Warning } from './bundle-problems.js';
import { withBundler } from './bundler.js';
import { packageOf } from './file-name.js';
import { importRules } from './imports.js';
import { libraryHints } from './library-hints.js';
import type { Source } from './source.js';

/** The name of the bundle in the engine, and so in backtraces before they are mapped. */
export const bundleName = 'plugin.js';

/** All modules of a plugin in one. */
export interface Bundle {
  /** Its name in the engine. */
  name: string;
  code: string;
  map: Locations;
  /** The names that the entry exports. */
  exports: string[];
  /** What it is made of, the biggest first. */
  inputs: InputSize[];
  warnings: Warning[];
}

/** Options of {@link bundle}. */
export interface BundleOptions {
  minify: boolean;
  /** The most time that it may take, in milliseconds. */
  limits: { timeoutMs: number };
}

/**
 * Bundles a plugin with what it imports. Nothing of it runs.
 *
 * A bundler that takes too long is left to itself: all builds of the process share it, perhaps those of other packages, too.
 *
 * @throws {PluginBuildError} says why
 */
export async function bundle(source: Source, { minify, limits }: BundleOptions): Promise<Bundle> {
  const options = {
    ...entryOf(source),
    absWorkingDir: source.folder,
    bundle: true,
    write: false,
    // Nothing is written, so an entry may have this name, too.
    allowOverwrite: true,
    outfile: bundleName,
    format: 'esm',
    // Packages replace what needs Node.js by something plainer for browsers.
    platform: 'browser',
    mainFields: ['module', 'browser', 'main'],
    target: 'es2023',
    minify,
    // The text stays ASCII, so that a column is the same number in bytes and in characters.
    charset: 'ascii',
    legalComments: 'none',
    sourcemap: 'external',
    metafile: true,
    logLevel: 'silent',
    define: { global: 'globalThis', 'process.env.NODE_ENV': '"production"' },
    plugins: [importRules(source)],
    // Otherwise esbuild looks for one on this machine.
    ...(source.imports ? {} : { tsconfigRaw: {} }),
  } as const satisfies BuildOptions;
  const end = AbortSignal.timeout(limits.timeoutMs);
  const work = withBundler(() => build(options));
  const result = await abortable(work, end).catch((error: { errors?: Message[] }) => {
    throw error === end.reason ? lateError(source, limits.timeoutMs) : bundlingError(error, source);
  });
  return bundleOf(result as unknown as BuildResult<{ write: false; metafile: true }>);
}

function entryOf({ entry, text, name, folder, imports }: Source): BuildOptions {
  if (entry !== undefined) {
    return { entryPoints: [entry] };
  }
  const loader = /\.[cm]?ts$/.test(name) ? 'ts' : 'js';
  return { stdin: { contents: text ?? '', sourcefile: name, loader, ...(imports ? { resolveDir: folder } : {}) } };
}

function bundleOf({ outputFiles, metafile, warnings }: BuildResult<{ write: false; metafile: true }>): Bundle {
  const code = outputFiles.find(({ path }) => path.endsWith('.js'))?.text ?? '';
  const map = outputFiles.find(({ path }) => path.endsWith('.map'))?.text ?? '{}';
  const output = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint !== undefined);
  const inputs = Object.entries(output?.inputs ?? {}).map(([file, { bytesInOutput }]) => ({
    file,
    bytes: bytesInOutput,
  }));
  return {
    name: bundleName,
    code,
    map: new BundleMap(map),
    exports: output?.exports ?? [],
    inputs: sizes(inputs),
    warnings: [...warnings.map(warningOf), ...libraryHints(inputs.map(({ file }) => file))],
  };
}

/** The sizes of packages and of the author's own files. */
function sizes(files: { file: string; bytes: number }[]): InputSize[] {
  const sums = new Map<string, number>();
  for (const { file, bytes } of files) {
    const name = packageOf(file) ?? file;
    sums.set(name, (sums.get(name) ?? 0) + bytes);
  }
  return Array.from(sums, ([name, bytes]) => ({ name, bytes })).toSorted(
    (one, other) => other.bytes - one.bytes || (one.name < other.name ? -1 : 1),
  );
}
