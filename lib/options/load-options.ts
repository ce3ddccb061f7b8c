import { isUint8Array } from 'node:util/types';

import { parseSignal } from '../calls/abort.js';
import { parseIsolate } from './isolate.js';
import type { IsolateOptions } from './isolate.js';
import { parseLimits } from './limits.js';
import type { SandboxLimits } from './limits.js';
import type { LoadSettings } from '../native.js';
import { compilerCommand } from '../package-files.js';
import { kindOf } from '../values/value-kind.js';

/** How a plugin is loaded: limits in place of the runtime's, the digest it must have, and where it is compiled. */
export interface LoadOptions extends SandboxLimits {
  /** SHA-256 of the module as 64 hexadecimal digits. Where it differs, the load is refused with `ERR_DIGEST`. */
  sha256?: string | undefined;

  /**
   * Compiles in a child process, which is killed when it takes too much time or memory, and with the server. Default
   * `true` (with default bounds) for bytes, which may be anybody's, and `false` for a file. `false` compiles in this
   * process, on a thread that nothing interrupts. A process that waits warm takes a small load some 5 ms more than that;
   * one that has to be started first about 100. It waits for 60 seconds after a load, and holds some 50 MB meanwhile. What
   * a load took is in `isolate` of its `PluginInfo`. No process is needed for what is loaded already or lies in `cacheDir`.
   * Where none can be started, the load is refused with `ERR_ISOLATE`.
   */
  isolate?: boolean | IsolateOptions | undefined;

  /**
   * Gives the load up when it aborts: the promise rejects with the signal's reason at once, the plugin is not loaded, and
   * its compiler process is ended. What compiles in this process goes on unseen until it is done.
   */
  signal?: AbortSignal | undefined;

  /**
   * Runs the plugin's start-up (its start section, its `_initialize`) once, now, in place of in every call: each call begins in a fresh
   * sandbox with what the start-up has left behind. Default: as the runtime says. A plugin for which it could make a
   * difference is used as it is, see `preInitialized` of its `PluginInfo`.
   */
  preInitialize?: boolean | undefined;

  /**
   * Keeps the debug information of the module (DWARF), so that the backtrace of a fault names files and lines. It takes as
   * much memory as it has bytes in the module; more than 8 MiB are not kept. `false` keeps none: a backtrace has names and
   * offsets in the module. Default: as the runtime says.
   */
  sourceLocations?: boolean | undefined;
}

const SHA256 = /^[0-9a-f]{64}$/i;

/** What a load may turn off, as the runtime says where the load does not. */
export interface LoadSwitches {
  readonly preInitialize: boolean;
  readonly sourceLocations: boolean;
}

/** What the options of a load are where they are left out. */
export interface LoadDefaults extends LoadSwitches {
  /** Whether it is bytes that are loaded. */
  isolate: boolean;
}

/** The options of a load, checked. */
export interface ParsedLoadOptions {
  readonly settings: LoadSettings;
  readonly signal: AbortSignal | undefined;
}

/** Reads the options of a load. */
export function parseLoadOptions(options: LoadOptions | undefined, defaults: LoadDefaults): ParsedLoadOptions {
  const limits = parseLimits(options, ['sha256', 'isolate', 'preInitialize', 'sourceLocations', 'signal']);
  const settings: LoadSettings = parseLoadSwitches(options, defaults);
  const sha256 = parseDigest(options?.sha256);
  const isolate = parseIsolate(options?.isolate, defaults.isolate);
  if (limits !== undefined) {
    settings.limits = limits;
  }
  if (sha256 !== undefined) {
    settings.sha256 = sha256;
  }
  if (isolate !== undefined) {
    settings.isolate = { ...compilerCommand(), ...isolate };
  }
  return { settings, signal: parseSignal(options?.signal) };
}

/** Reads what a load, or a runtime for its loads, may turn off. What is left out is as in `otherwise`. */
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

/** Refuses what is no module's bytes, from whatever realm it is. */
export function checkModuleBytes(bytes: unknown): asserts bytes is Uint8Array {
  if (!isUint8Array(bytes)) {
    throw new TypeError(`the bytes must be a Uint8Array, got ${kindOf(bytes)}`);
  }
}
