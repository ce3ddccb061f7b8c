import type { BuildOptions, DeclaredLimits, ParsedLimits } from 'hookcell/builder';

import { parseDeclared, parseLimits } from 'hookcell/builder';

/** The keys of a context and the shapes of its values, for the engine to learn. What is left out is as in an empty context. */
export interface Sample {
  input?: object | undefined;
  data?: unknown;
  user?: { id: string; role: string } | null | undefined;
  headers?: Record<string, string> | undefined;
  tenant_id?: string | null | undefined;
  config?: unknown;
}

/** What a build may use. */
export interface BuildLimits {
  /** The most fuel of each of the two runs in a sandbox. Default 10,000,000,000, which takes about a second, 1 to 2^53 - 1. */
  maxFuel?: number | undefined;
  /** The most time of bundling and of each of the two runs, in milliseconds. Default 30,000, 1 to 3,600,000. */
  timeoutMs?: number | undefined;
  /** The most memory of a run, in WebAssembly pages of 64 KiB. Default 1,024 (64 MiB), 1 to 65,536. */
  maxMemoryPages?: number | undefined;
  /** The largest plugin, in bytes. Default 4,194,304 (4 MiB), 8 to 268,435,456. */
  maxModuleBytes?: number | undefined;
  /** The longest text of a plugin (`source`), in bytes of UTF-8. Default 4,194,304 (4 MiB), 1 to 67,108,864 (64 MiB). */
  maxSourceBytes?: number | undefined;
}

/** Options of {@link buildPlugin}. */
export interface BuildPluginOptions {
  /**
   * Contexts as the plugin will get them. The engine knows their keys and shapes from then on, which makes the first use of each
   * in a call faster. Default none besides the keys that every context has.
   */
  samples?: readonly Sample[] | undefined;
  /**
   * Do the hooks run on the samples? `before_hook` runs on those without `data`, and `after_hook` on the others. What they make on
   * their first use is then there, and so is everything else that they leave in variables of the module. Default `false`.
   */
  rehearse?: boolean | undefined;
  /** Shortens names and expressions. Backtraces then have short names of functions, too. Default `false`. */
  minify?: boolean | undefined;
  /** Does the plugin carry its source map, so that backtraces have the author's lines? Default `true`. */
  sourcemap?: boolean | undefined;
  /** What the build may use. */
  limits?: BuildLimits | undefined;
  /** What the plugin says that a call of it needs. */
  declares?: DeclaredLimits | undefined;
  /**
   * A directory that keeps the engine's machine code for other processes, as for a runtime: only this user may write to it. The
   * first build of a process then takes less time. Default none.
   */
  cacheDir?: string | undefined;
  /** Cancels the build, which then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** Parsed options. */
export interface ParsedOptions {
  samples: readonly Sample[];
  rehearse: boolean;
  minify: boolean;
  sourcemap: boolean;
  declares: ParsedLimits;
  cacheDir: string | undefined;
  limits: Required<{ [Name in Exclude<keyof BuildLimits, 'maxSourceBytes'>]: number }>;
  maxSourceBytes: number;
  signal: AbortSignal | undefined;
  /** How the runs wait for their turn. */
  turn: Pick<BuildOptions, 'tenant' | 'queueTimeoutMs'>;
}

const defaults = { maxFuel: 10_000_000_000, timeoutMs: 30_000, maxMemoryPages: 1_024, maxModuleBytes: 4_194_304 };
const sourceBytes = { least: 1, most: 67_108_864, byDefault: 4_194_304 };
const names = ['samples', 'rehearse', 'minify', 'sourcemap', 'limits', 'declares', 'cacheDir', 'signal'];

/** @throws {TypeError} if an option is unknown or has the wrong type, and `RangeError` if a limit is out of bounds */
export function parseOptions(given: BuildPluginOptions): ParsedOptions {
  expectOnly('options', given, names);
  const { samples = [], limits = {}, declares = {}, cacheDir, signal } = given;
  const { maxSourceBytes = sourceBytes.byDefault, ...sandbox } = limits;
  expectOnly('limits', sandbox, Object.keys(defaults), 'maxSourceBytes');
  const { least, most } = sourceBytes;
  if (!Number.isInteger(maxSourceBytes) || maxSourceBytes < least || maxSourceBytes > most) {
    throw new RangeError(
      `limits.maxSourceBytes must be a whole number from ${least} to ${most}, got ${maxSourceBytes}`,
    );
  }
  if (!Array.isArray(samples) || samples.some((sample) => typeof sample !== 'object' || sample === null)) {
    throw new TypeError('samples must be an array of contexts');
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError('signal must be an AbortSignal');
  }
  // Not left to the sandbox, because the bundler comes before it.
  const set = parseLimits(sandbox, []);
  return {
    samples,
    rehearse: flag('rehearse', given.rehearse, false),
    minify: flag('minify', given.minify, false),
    sourcemap: flag('sourcemap', given.sourcemap, true),
    limits: { ...defaults, ...set },
    maxSourceBytes,
    declares: parseDeclared(declares),
    cacheDir,
    signal,
    turn: {},
  };
}

function expectOnly(what: string, given: object, known: readonly string[], ...others: string[]): void {
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`${what} must be an object`);
  }
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`${what} has no ${unknown}; there are ${[...known, ...others].join(', ')}`);
  }
}

function flag(name: string, value: boolean | undefined, byDefault: boolean): boolean {
  if (value !== undefined && typeof value !== 'boolean') {
    throw new TypeError(`${name} must be true or false`);
  }
  return value ?? byDefault;
}
