import type { LoadOptions, SandboxLimits } from 'hookcell';

import type { ParsedOptions, Sample } from '../build/build-options.js';
import { parseDeclared } from 'hookcell/builder';
import type { TurnOptions } from './turns.js';

/** The language of a source. */
export type Language = 'javascript' | 'typescript';

/** What turning a source into a plugin may use. */
export interface SourceLimits {
  /** The longest source, in bytes of UTF-8. Default 262,144 (256 KiB), 1 to 4,194,304 (4 MiB). */
  maxSourceBytes?: number | undefined;
  /** The most time of each step, in milliseconds: removing types, compiling, running the top level. Default 1,000, 1 to 60,000. */
  timeoutMs?: number | undefined;
  /** The most fuel of compiling, and of running the top level. Default 1,000,000,000, about 0.1 seconds, 1 to 2^53 - 1. */
  maxFuel?: number | undefined;
  /** The most memory of compiling, and of running the top level, in pages of 64 KiB. Default 512 (32 MiB), 1 to 65,536. */
  maxMemoryPages?: number | undefined;
  /**
   * The most memory that removing types may take, in bytes, beyond what its process starts with. Default 268,435,456 (256 MiB),
   * 16,777,216 (16 MiB) to 2^53 - 1. Only Linux enforces it; elsewhere only `timeoutMs` bounds the process.
   */
  maxStripBytes?: number | undefined;
}

/** Options of {@link loadSource}. */
export interface LoadSourceOptions {
  /** Default by the extension of `filename`, and `'typescript'` without one. */
  language?: Language | undefined;
  /** The name of the source in errors and backtraces. Default `plugin.ts` or `plugin.js`. */
  filename?: string | undefined;
  /** Limits of the plugin, as for `loadPluginBytes`. Limits of an earlier load under this name stay, under these. */
  limits?: SandboxLimits | undefined;
  /** What turning the source into a plugin may use. */
  build?: SourceLimits | undefined;
  /** Contexts as the plugin will get them, which makes their first use in a call faster. */
  samples?: readonly Sample[] | undefined;
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
  language: Language;
  filename: string;
  maxSourceBytes: number;
  maxStripBytes: number;
  turn: TurnOptions;
  build: ParsedOptions;
  load: LoadOptions;
}

const names = [
  'build',
  'filename',
  'isolate',
  'language',
  'limits',
  'queueTimeoutMs',
  'samples',
  'signal',
  'tenant',
] as const satisfies (keyof LoadSourceOptions)[];

const most = Number.MAX_SAFE_INTEGER;
const bounds = {
  maxSourceBytes: [1, 4_194_304, 262_144],
  timeoutMs: [1, 60_000, 1_000],
  maxFuel: [1, most, 1_000_000_000],
  maxMemoryPages: [1, 65_536, 512],
  maxStripBytes: [16_777_216, most, 268_435_456],
} as const satisfies { [Name in keyof SourceLimits]-?: readonly [number, number, number] };

/** As for `buildPlugin`. */
const maxModuleBytes = 4_194_304;
const waiting = { maxQueue: 1_024, maxQueuePerTenant: 256 };

/** @throws {TypeError} or {RangeError} that names the option. The host checks the limits of the plugin. */
export function parseLoadSource(given: LoadSourceOptions = {}): ParsedLoadSource {
  expectOnly('options', given, names);
  const { build = {}, limits = {}, samples = [], signal, isolate } = given;
  expectOnly('build', build, Object.keys(bounds));
  const { language, filename } = parseLanguage(given);
  const tenant = parseTenant(given.tenant);
  const queueTimeoutMs = wholeNumber('queueTimeoutMs', given.queueTimeoutMs, [1, 3_600_000, 5_000]);
  const { maxSourceBytes, maxStripBytes, ...sandbox } = Object.fromEntries(
    Object.entries(bounds).map(([name, bound]) => [
      name,
      wholeNumber(`build.${name}`, build[name as keyof SourceLimits], bound),
    ]),
  ) as Record<keyof SourceLimits, number>;
  return {
    language,
    filename,
    maxSourceBytes,
    maxStripBytes,
    turn: { ...waiting, tenant, queueTimeoutMs, signal },
    build: {
      samples,
      rehearse: false,
      minify: false,
      sourcemap: true,
      declares: parseDeclared({}),
      cacheDir: undefined,
      limits: { ...sandbox, maxModuleBytes: limits.maxModuleBytes ?? maxModuleBytes },
      maxSourceBytes,
      signal,
      turn: { tenant, queueTimeoutMs },
    },
    load: { ...limits, signal, isolate },
  };
}

function parseLanguage({ language, filename }: LoadSourceOptions): Pick<ParsedLoadSource, 'language' | 'filename'> {
  if (language !== undefined && language !== 'javascript' && language !== 'typescript') {
    throw new TypeError(`language must be 'javascript' or 'typescript', got ${String(language)}`);
  }
  if (filename === undefined) {
    const own = language ?? 'typescript';
    return { language: own, filename: own === 'typescript' ? 'plugin.ts' : 'plugin.js' };
  }
  if (typeof filename !== 'string' || !/^[^\p{C}\\/()]{1,255}$/u.test(filename)) {
    throw new TypeError(`filename must be a name of at most 255 characters, without slashes and parentheses`);
  }
  return { language: language ?? (/\.[cm]?js$/.test(filename) ? 'javascript' : 'typescript'), filename };
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
