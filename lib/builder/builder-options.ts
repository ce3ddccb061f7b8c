import { parseSignal } from '../calls/abort.js';
import type { BuildSettings, CodeCacheSettings, IsolateSettings } from '../native.js';
import { parseTenant } from '../options/call-options.js';
import { codeCacheOptionNames, parseCodeCache } from '../options/code-cache.js';
import type { CodeCacheOptions } from '../options/code-cache.js';
import { parseIsolate } from '../options/isolate.js';
import type { IsolateOptions } from '../options/isolate.js';
import { parseLimits } from '../options/limits.js';
import type { SandboxLimits } from '../options/limits.js';
import { parseQueueOptions } from '../options/queue-options.js';
import type { QueueOptions } from '../options/queue-options.js';
import { compilerCommand } from '../package-files.js';
import { kindOf } from '../values/value-kind.js';

/**
 * Options of {@link PluginBuilder.load}: where the engine's code comes from, how many builds wait, and the limits of the
 * engine's module, which is checked as a plugin is.
 */
export interface BuilderOptions
  extends CodeCacheOptions, SandboxLimits, Pick<QueueOptions, 'maxQueue' | 'maxQueuePerTenant'> {
  /**
   * Compiles the engine in a child process, as for a plugin. Default `false`, because an engine comes with its package.
   */
  isolate?: boolean | IsolateOptions | undefined;

  /** Cancels the load when it aborts: the promise rejects at once with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/**
 * Options of {@link PluginBuilder.run}: the limits of the build, which are those of a call. `maxFuel` and `timeoutMs` are for
 * all steps together. The time in the queue does not count.
 */
export interface BuildOptions extends SandboxLimits, Pick<QueueOptions, 'queueTimeoutMs'> {
  /** Does the last step end in a plugin? Default `false`. */
  makesPlugin?: boolean | undefined;

  /** Ends the build, which then rejects at once with the signal's reason. A build that runs is interrupted. */
  signal?: AbortSignal | undefined;

  /**
   * The tenant on whose behalf the build runs. Waiting tenants take turns, and each takes at most one of the two slots for
   * builds and `maxQueuePerTenant`. Builds without a tenant (or with `null`) take turns as one tenant without these limits.
   */
  tenant?: string | null | undefined;
}

/** How many builds wait. */
export type BuildQueueSettings = Pick<BuildSettings, 'maxQueue' | 'maxQueuePerTenant'>;

/** Checked options of a builder. */
export interface ParsedBuilderOptions {
  readonly codeCache: CodeCacheSettings | undefined;
  readonly isolate: IsolateSettings | undefined;
  readonly limits: BuildSettings['limits'];
  readonly signal: AbortSignal | undefined;
  readonly queue: BuildQueueSettings;
}

/** Checked options of a build. */
export interface ParsedBuildOptions {
  readonly settings: Omit<BuildSettings, keyof BuildQueueSettings>;
  readonly signal: AbortSignal | undefined;
}

const builderNames: readonly string[] = [
  ...codeCacheOptionNames,
  'isolate',
  'maxQueue',
  'maxQueuePerTenant',
  'signal',
] satisfies (keyof BuilderOptions)[];
const buildNames = ['makesPlugin', 'queueTimeoutMs', 'signal', 'tenant'] as const satisfies (keyof BuildOptions)[];

/** Reads the options of a builder. */
export function parseBuilderOptions(options: BuilderOptions = {}): ParsedBuilderOptions {
  const limits = parseLimits(options, builderNames) ?? {};
  const { maxQueue, maxQueuePerTenant } = parseQueueOptions(options);
  const isolate = parseIsolate(options.isolate, false);
  return {
    codeCache: parseCodeCache(options),
    isolate: isolate && { ...compilerCommand(), ...isolate },
    limits,
    signal: parseSignal(options.signal),
    queue: { maxQueue, maxQueuePerTenant },
  };
}

/** Reads the options of a build. */
export function parseBuildOptions(options: BuildOptions = {}): ParsedBuildOptions {
  const limits = parseLimits(options, buildNames) ?? {};
  const { makesPlugin = false } = options;
  if (typeof makesPlugin !== 'boolean') {
    throw new TypeError(`makesPlugin must be true or false, got ${kindOf(makesPlugin)}`);
  }
  const { queueTimeoutMs } = parseQueueOptions({ queueTimeoutMs: options.queueTimeoutMs });
  const settings: ParsedBuildOptions['settings'] = { limits, makesPlugin, queueTimeoutMs };
  const tenant = parseTenant(options.tenant);
  if (tenant !== undefined) {
    settings.tenant = tenant;
  }
  return { settings, signal: parseSignal(options.signal) };
}
