import { codeCacheOptionNames, parseCodeCache } from './code-cache.js';
import type { CodeCacheOptions } from './code-cache.js';
import { parseLogger } from '../diagnostics.js';
import type { Logger } from '../diagnostics.js';
import { idleMemoryOptionNames, parseIdleMemory } from './idle-memory.js';
import type { IdleMemoryOptions } from './idle-memory.js';
import { parseLimits } from './limits.js';
import type { SandboxLimits } from './limits.js';
import { parseLoadSwitches } from './load-options.js';
import type { LoadSwitches } from './load-options.js';
import type { CodeCacheSettings, LimitOptions } from '../native.js';
import { parseQueueOptions, queueOptionNames } from './queue-options.js';
import type { QueueOptions, QueueSettings } from './queue-options.js';

/** Options of a runtime: its limits, which apply to every plugin and call, its queue, its code cache, idle memory and its log. */
export interface SandboxConfig extends SandboxLimits, QueueOptions, CodeCacheOptions, IdleMemoryOptions {
  /** Gets one line for each call that faults. Default `console`; `false` turns the log off. */
  logger?: Logger | false | undefined;

  /** The default of the load option `preInitialize`: runs a plugin's start-up once at load. Default `true`. */
  preInitialize?: boolean | undefined;

  /** The default of the load option `sourceLocations`: keeps a plugin's debug information. Default `true`. */
  sourceLocations?: boolean | undefined;
}

/** Checked options of a runtime, with defaults filled in. */
export interface ParsedSandboxConfig {
  readonly limits: LimitOptions | undefined;
  readonly queue: QueueSettings;
  readonly codeCache: CodeCacheSettings | undefined;
  readonly maxIdleMemoryBytes: number | undefined;
  readonly logger: Logger | undefined;
  readonly loadSwitches: LoadSwitches;
}

/** Reads the options of a runtime. */
export function parseSandboxConfig(config: SandboxConfig | undefined): ParsedSandboxConfig {
  return {
    limits: parseLimits(config, [
      'logger',
      'preInitialize',
      'sourceLocations',
      ...queueOptionNames,
      ...codeCacheOptionNames,
      ...idleMemoryOptionNames,
    ]),
    queue: parseQueueOptions(config, config?.maxContextBytes),
    codeCache: parseCodeCache(config),
    maxIdleMemoryBytes: parseIdleMemory(config),
    logger: parseLogger(config?.logger),
    loadSwitches: parseLoadSwitches(config, { preInitialize: true, sourceLocations: true }),
  };
}
