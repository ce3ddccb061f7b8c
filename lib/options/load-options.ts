import { isUint8Array } from 'node:util/types';

import { parseSignal } from '../calls/abort.js';
import { grantNames, parseGrants } from '../grants/grants.js';
import type { GrantOptions, ParsedGrants } from '../grants/grants.js';
import { parseIsolate } from './isolate.js';
import type { IsolateOptions } from './isolate.js';
import { parseLimits } from './limits.js';
import type { SandboxLimits } from './limits.js';
import type { LoadSettings } from '../native.js';
import { compilerCommand } from '../package-files.js';
import { kindOf } from '../values/value-kind.js';

/**
 * Options of a load: limits that replace the runtime's, what every call of the plugin is granted, the expected digest, and where
 * the plugin is compiled.
 */
export interface LoadOptions extends SandboxLimits, GrantOptions {
  /** The expected SHA-256 of the module, as 64 hexadecimal digits. A load of other bytes is refused with `ERR_DIGEST`. */
  sha256?: string | undefined;

  /**
   * Compiles in a child process, which is killed if it takes too much time or memory, or if the server ends. Default
   * `true` (with default bounds) for bytes, which can come from anywhere, and `false` for a file. `false` compiles in this
   * process, on a thread that cannot be interrupted. A small load takes about 5 ms longer in a process that is already
   * running, and about 100 ms longer if the process must start first. The process stays for 60 seconds after a load and
   * holds about 50 MB. `isolate` of `PluginInfo` says what a load took. A plugin that is already loaded or in `cacheDir`
   * needs no process. If a process cannot be started, the load is refused with `ERR_ISOLATE`.
   */
  isolate?: boolean | IsolateOptions | undefined;

  /**
   * Cancels the load when it aborts: the promise rejects at once with the signal's reason, the plugin is not loaded, and
   * its compiler process is ended. A module that is compiling in this process still compiles to its end, without effect.
   */
  signal?: AbortSignal | undefined;

  /**
   * Runs the plugin's start-up (its start section and `_initialize`) once at load instead of on every call. Each call
   * still gets a fresh sandbox, which starts from the snapshot that the start-up left. Default: the runtime's option. A
   * plugin that could behave differently starts up on every call: see `preInitialized` of `PluginInfo`.
   */
  preInitialize?: boolean | undefined;

  /**
   * Keeps the debug information of the module (DWARF) and its source map, so that the backtrace of a fault names files and
   * lines. They take as much memory as they have bytes in the module; debug information of more than 8 MiB and a source map
   * of more than 4 MiB are not kept. With `false`, a backtrace has function names
   * and offsets in the module. Default: the runtime's option.
   */
  sourceLocations?: boolean | undefined;
}

const SHA256 = /^[0-9a-f]{64}$/i;

/** What a load can turn on or off; the default is the runtime's option. */
export interface LoadSwitches {
  readonly preInitialize: boolean;
  readonly sourceLocations: boolean;
}

/** Defaults for the options of a load. */
export interface LoadDefaults extends LoadSwitches {
  /** `true` for bytes, `false` for a file. */
  isolate: boolean;
}

/** Checked options of a load. */
export interface ParsedLoadOptions {
  readonly settings: LoadSettings;
  readonly signal: AbortSignal | undefined;
  readonly grants: ParsedGrants | undefined;
}

/** Reads the options of a load. */
export function parseLoadOptions(options: LoadOptions | undefined, defaults: LoadDefaults): ParsedLoadOptions {
  const limits = parseLimits(options, [
    'sha256',
    'isolate',
    'preInitialize',
    'sourceLocations',
    'signal',
    ...grantNames,
  ]);
  const settings: LoadSettings = parseLoadSwitches(options, defaults);
  const sha256 = parseDigest(options?.sha256);
  const isolate = parseIsolate(options?.isolate, defaults.isolate);
  const grants = parseGrants(options);
  if (grants !== undefined) {
    settings.grants = grants.settings;
  }
  if (limits !== undefined) {
    settings.limits = limits;
  }
  if (sha256 !== undefined) {
    settings.sha256 = sha256;
  }
  if (isolate !== undefined) {
    settings.isolate = { ...compilerCommand(), ...isolate };
  }
  return { settings, signal: parseSignal(options?.signal), grants };
}

/** Reads what a load, or a runtime for its loads, can turn on or off. The defaults are in `otherwise`. */
export function parseLoadSwitches(
  options: Pick<LoadOptions, keyof LoadSwitches> | undefined,
  otherwise: LoadSwitches,
): LoadSwitches {
  return {
    preInitialize: parseSwitch('preInitialize', options?.preInitialize, otherwise.preInitialize),
    sourceLocations: parseSwitch('sourceLocations', options?.sourceLocations, otherwise.sourceLocations),
  };
}

function parseSwitch(name: string, value: unknown, otherwise: boolean): boolean {
  if (value === undefined) {
    return otherwise;
  }
  if (typeof value !== 'boolean') {
    throw new TypeError(`${name} must be true or false, got ${kindOf(value)}`);
  }
  return value;
}

function parseDigest(sha256: unknown): string | undefined {
  if (sha256 === undefined) {
    return undefined;
  }
  if (typeof sha256 !== 'string' || !SHA256.test(sha256)) {
    const shown = typeof sha256 === 'string' ? `the string ${JSON.stringify(sha256)}` : kindOf(sha256);
    throw new TypeError(`sha256 must be 64 hexadecimal digits, got ${shown}`);
  }
  return sha256.toLowerCase();
}

/** Refuses anything but a `Uint8Array`, which may come from another realm. */
export function checkModuleBytes(bytes: unknown): asserts bytes is Uint8Array {
  if (!isUint8Array(bytes)) {
    throw new TypeError(`the bytes must be a Uint8Array, got ${kindOf(bytes)}`);
  }
}
