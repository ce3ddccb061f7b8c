import type { BuildOptions, DeclaredLimits, ParsedLimits } from 'hookcell/builder';

import { parseDeclared } from 'hookcell/builder';

import type { Requirements } from '../requirements/required-wheels.js';
import { parseZones } from '../stand-ins/zones.js';
import { parsePackages, parseRequirements } from './package-options.js';

/** A context, for a rehearsal. What is left out is as in an empty context. */
export interface Sample {
  input?: object | undefined;
  data?: unknown;
  user?: { id: string; role: string } | null | undefined;
  headers?: Record<string, string> | undefined;
  tenant_id?: string | null | undefined;
  config?: unknown;
  now?: unknown;
  seed?: unknown;
}

/** What a build may use. */
export interface BuildLimits {
  /** The most fuel of each run in a sandbox. Default 10,000,000,000, which takes about a second, 1 to 2^53 - 1. */
  maxFuel?: number | undefined;
  /** The most time of each run, in milliseconds. Default 30,000, 1 to 3,600,000. */
  timeoutMs?: number | undefined;
  /** The most memory of a run, in WebAssembly pages of 64 KiB. Default 1,024 (64 MiB), 1 to 65,536. */
  maxMemoryPages?: number | undefined;
  /** The largest plugin, in bytes. Default 16,777,216 (16 MiB), as for a load, 8 to 268,435,456. */
  maxModuleBytes?: number | undefined;
  /** The longest text of a plugin (`source`), in bytes of UTF-8. Default 4,194,304 (4 MiB), 1 to 67,108,864 (64 MiB). */
  maxSourceBytes?: number | undefined;
  /** The most bytes of data files of one package that reads some. Default 1,048,576 (1 MiB), 0 to 67,108,864 (64 MiB). */
  maxDataBytes?: number | undefined;
}

/** Options of {@link buildPlugin}. */
export interface BuildPluginOptions {
  /**
   * Folders that have packages, as `pip install --target` makes them, and wheels (`.whl`). They must be pure Python. A plugin takes
   * from them what it imports. Default none.
   */
  packages?: readonly string[] | undefined;
  /**
   * A requirements file. Each requirement pins a version (`name==version`, with `--hash` if you like), and its wheel must be in the
   * folder `wheels`. What a package depends on must be listed, too, as `pip freeze` and `pip-compile` do. Default none.
   */
  requirements?: string | undefined;
  /** The folder with the wheels of `requirements`, which `pip download` fills. Default `wheels` beside the requirements file. */
  wheels?: string | undefined;
  /**
   * Time zones that `zoneinfo` has in the plugin: all, or those that the list names. Default none. All take 0.2 MB in plugins that
   * import `zoneinfo`, and nothing in others.
   */
  zoneinfo?: boolean | readonly string[] | undefined;
  /** Contexts as the plugin will get them, for `rehearse`. Default none. */
  samples?: readonly Sample[] | undefined;
  /**
   * Do the hooks run on the samples? `before_hook` runs on those without `data`, and `after_hook` on the others. What they make on
   * their first use is then there, and so is everything else that they leave in variables of modules. Default `false`.
   */
  rehearse?: boolean | undefined;
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
  packages: readonly string[];
  requirements: Requirements | undefined;
  /** The names of time zones, sorted. */
  zones: readonly string[];
  samples: readonly Sample[];
  rehearse: boolean;
  declares: ParsedLimits;
  cacheDir: string | undefined;
  limits: Required<{ [Name in Exclude<keyof BuildLimits, 'maxSourceBytes' | 'maxDataBytes'>]: number }>;
  maxSourceBytes: number;
  maxDataBytes: number;
  signal: AbortSignal | undefined;
  /** How the runs wait for their turn. */
  turn: Pick<BuildOptions, 'tenant' | 'queueTimeoutMs'>;
}

const defaults = { maxFuel: 10_000_000_000, timeoutMs: 30_000, maxMemoryPages: 1_024, maxModuleBytes: 16_777_216 };
const sourceBytes = { least: 1, most: 67_108_864, byDefault: 4_194_304 };
/** Bounds of `maxDataBytes`, and its default. */
export const dataBytes = { least: 0, most: 67_108_864, byDefault: 1_048_576 };
const names = [
  'packages',
  'requirements',
  'wheels',
  'zoneinfo',
  'samples',
  'rehearse',
  'limits',
  'declares',
  'cacheDir',
  'signal',
];

/** @throws {TypeError} if an option is unknown or has the wrong type. The sandbox checks the bounds of the limits. */
export function parseOptions(given: BuildPluginOptions): ParsedOptions {
  expectOnly('options', given, names);
  const { packages = [], samples = [], limits = {}, declares = {}, cacheDir, signal } = given;
  const { maxSourceBytes = sourceBytes.byDefault, maxDataBytes = dataBytes.byDefault, ...sandbox } = limits;
  expectOnly('limits', sandbox, Object.keys(defaults), 'maxSourceBytes', 'maxDataBytes');
  expectWithin('limits.maxSourceBytes', maxSourceBytes, sourceBytes);
  expectWithin('limits.maxDataBytes', maxDataBytes, dataBytes);
  if (!Array.isArray(samples) || samples.some((sample) => typeof sample !== 'object' || sample === null)) {
    throw new TypeError('samples must be an array of contexts');
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError('signal must be an AbortSignal');
  }
  const set = Object.entries(sandbox).filter(([, value]) => value !== undefined);
  return {
    packages: parsePackages(packages),
    requirements: parseRequirements(given.requirements, given.wheels),
    zones: parseZones(given.zoneinfo),
    samples,
    rehearse: flag('rehearse', given.rehearse, false),
    limits: { ...defaults, ...Object.fromEntries(set) },
    maxSourceBytes,
    maxDataBytes,
    declares: parseDeclared(declares),
    cacheDir,
    signal,
    turn: {},
  };
}

function expectWithin(name: string, value: number, { least, most }: { least: number; most: number }): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name} must be a whole number from ${least} to ${most}, got ${value}`);
  }
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
