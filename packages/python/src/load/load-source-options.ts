import type { LoadOptions, SandboxLimits } from 'hookcell';

import { dataBytes } from '../build/build-options.js';
import type { ParsedOptions } from '../build/build-options.js';
import { parseDeclared } from 'hookcell/builder';
import { parsePackages, parseRequirements } from '../build/package-options.js';
import { parseZones } from '../stand-ins/zones.js';
import { parseFilename } from '../modules/source.js';

/** What turning a source into a plugin may use. */
export interface SourceLimits {
  /** The longest source, in bytes of UTF-8. Default 262,144 (256 KiB), 1 to 4,194,304 (4 MiB). */
  maxSourceBytes?: number | undefined;
  /** The most time of each step, in milliseconds: compiling, running the top level. Default 2,000, 1 to 60,000. */
  timeoutMs?: number | undefined;
  /** The most fuel of compiling, and of running the top level. Default 5,000,000,000, about a second, 1 to 2^53 - 1. */
  maxFuel?: number | undefined;
  /** The most memory of compiling, and of running the top level, in pages of 64 KiB. Default 512 (32 MiB), 1 to 65,536. */
  maxMemoryPages?: number | undefined;
  /** The most bytes of data files of one package that reads some. Default 1,048,576 (1 MiB), 0 to 67,108,864 (64 MiB). */
  maxDataBytes?: number | undefined;
}

/** Options of {@link loadSource}. */
export interface LoadSourceOptions {
  /** The language of the source: `'python'`, which is the default. */
  language?: 'python' | undefined;
  /** The name of the source in errors and backtraces. Default `plugin.py`. */
  filename?: string | undefined;
  /** Limits of the plugin, as for `loadPluginBytes`. Limits of an earlier load under this name stay, under these. */
  limits?: SandboxLimits | undefined;
  /** What turning the source into a plugin may use. */
  build?: SourceLimits | undefined;
  /** Folders of packages and wheels that the source may import, as for `buildPlugin`. Default none. */
  packages?: readonly string[] | undefined;
  /** A requirements file, whose packages the source may import, as for `buildPlugin`. Default none. */
  requirements?: string | undefined;
  /** The folder with the wheels of `requirements`. Default `wheels` beside the requirements file. */
  wheels?: string | undefined;
  /** Time zones that `zoneinfo` has in the plugin, as for `buildPlugin`: all, or those that the list names. Default none. */
  zoneinfo?: boolean | readonly string[] | undefined;
  /**
   * On whose behalf the source is loaded. At most two sources are built at once, one of each tenant, and waiting tenants take turns.
   * Sources without a tenant (or with `null`) take turns as one tenant, and may take both.
   */
  tenant?: string | null | undefined;
  /** The most time that the source waits for each step, in milliseconds. Default 5,000, 1 to 3,600,000. */
  queueTimeoutMs?: number | undefined;
  /** Ends it: the promise rejects at once with the signal's reason, and the plugin that was loaded before stays. */
  signal?: AbortSignal | undefined;
  /** Where the plugin is compiled, as for `loadPluginBytes`. The engine's code is compiled once in a process. */
  isolate?: LoadOptions['isolate'];
}

/** Parsed options. */
export interface ParsedLoadSource {
  filename: string;
  maxSourceBytes: number;
  signal: AbortSignal | undefined;
  build: ParsedOptions;
  load: LoadOptions;
}

const names = [
  'build',
  'filename',
  'isolate',
  'language',
  'limits',
  'packages',
  'queueTimeoutMs',
  'requirements',
  'signal',
  'tenant',
  'wheels',
  'zoneinfo',
] as const satisfies (keyof LoadSourceOptions)[];

const most = Number.MAX_SAFE_INTEGER;
const bounds = {
  maxSourceBytes: [1, 4_194_304, 262_144],
  timeoutMs: [1, 60_000, 2_000],
  maxFuel: [1, most, 5_000_000_000],
  maxMemoryPages: [1, 65_536, 512],
  maxDataBytes: [dataBytes.least, dataBytes.most, dataBytes.byDefault],
} as const satisfies { [Name in keyof SourceLimits]-?: readonly [number, number, number] };

/** As a load's own default. */
const maxModuleBytes = 16_777_216;

/** @throws {TypeError} or {RangeError} that names the option. The host checks the limits of the plugin. */
export function parseLoadSource(given: LoadSourceOptions = {}): ParsedLoadSource {
  expectOnly('options', given, names);
  const { build = {}, limits = {}, packages = [], signal, isolate, language } = given;
  expectOnly('build', build, Object.keys(bounds));
  if (language !== undefined && language !== 'python') {
    throw new TypeError(`language must be 'python', got ${String(language)}`);
  }
  const filename = parseFilename(given.filename ?? 'plugin.py');
  const tenant = parseTenant(given.tenant);
  const queueTimeoutMs = wholeNumber('queueTimeoutMs', given.queueTimeoutMs, [1, 3_600_000, 5_000]);
  const { maxSourceBytes, maxDataBytes, ...sandbox } = Object.fromEntries(
    Object.entries(bounds).map(([name, bound]) => [
      name,
      wholeNumber(`build.${name}`, build[name as keyof SourceLimits], bound),
    ]),
  ) as Record<keyof SourceLimits, number>;
  return {
    filename,
    maxSourceBytes,
    signal,
    build: {
      packages: parsePackages(packages),
      requirements: parseRequirements(given.requirements, given.wheels),
      zones: parseZones(given.zoneinfo),
      samples: [],
      rehearse: false,
      declares: parseDeclared({}),
      cacheDir: undefined,
      limits: { ...sandbox, maxModuleBytes: limits.maxModuleBytes ?? maxModuleBytes },
      maxSourceBytes,
      maxDataBytes,
      signal,
      turn: { tenant, queueTimeoutMs },
    },
    load: { ...limits, signal, isolate },
  };
}

/** @throws {TypeError} if it is no signal, which may come from another realm */
export function parseSignal(signal: AbortSignal): AbortSignal {
  if (typeof signal !== 'object' || typeof signal.aborted !== 'boolean') {
    throw new TypeError('signal must be an AbortSignal');
  }
  return signal;
}

function parseTenant(tenant: unknown): string | undefined {
  if (tenant === undefined || tenant === null) {
    return undefined;
  }
  if (typeof tenant !== 'string' || tenant.length > 256) {
    throw new TypeError('tenant must be a string of at most 256 characters, or null');
  }
  return tenant;
}

function wholeNumber(
  name: string,
  value: unknown,
  [least, greatest, otherwise]: readonly [number, number, number],
): number {
  if (value === undefined) {
    return otherwise;
  }
  if (typeof value !== 'number') {
    throw new TypeError(`${name} must be a number`);
  }
  if (!Number.isInteger(value) || value < least || value > greatest) {
    throw new RangeError(`${name} must be a whole number from ${least} to ${greatest}, got ${value}`);
  }
  return value;
}

function expectOnly(what: string, given: object, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`${what} must be an object`);
  }
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`${what} has no ${unknown}; there are ${known.join(', ')}`);
  }
}
