import { codeCacheOptionNames, parseCodeCache } from './code-cache.js';
import type { CodeCacheOptions } from './code-cache.js';
import { parseLogger } from '../diagnostics.js';
import type { Logger } from '../diagnostics.js';
import { parseLimits } from './limits.js';
import type { SandboxLimits } from './limits.js';
import { parseLoadSwitches } from './load-options.js';
import type { LoadSwitches } from './load-options.js';
import type { CodeCacheSettings, LimitOptions } from '../native.js';
import { parseQueueOptions, queueOptionNames } from './queue-options.js';
import type { QueueOptions, QueueSettings } from './queue-options.js';

/** How a runtime is made: its limits, which every plugin and call starts from, its queue, its code cache, and its log. */
export interface SandboxConfig extends SandboxLimits, QueueOptions, CodeCacheOptions {
  /** Gets one line for each call that ends in a fault. Default `console`; `false` for none. */
  logger?: Logger | false | undefined;

  /** Runs the start-up of plugins when they are loaded, as the option of a load does. Default `true`. */
  preInitialize?: boolean | undefined;

  /** Keeps the debug information of plugins, as the option of a load does. Default `true`. */
  sourceLocations?: boolean | undefined;
}

/** The options of a runtime, checked, with their defaults. */
export interface ParsedSandboxConfig {
  readonly limits: LimitOptions | undefined;
  readonly queue: QueueSettings;
  readonly codeCache: CodeCacheSettings | undefined;
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
    ]),
    queue: parseQueueOptions(config, config?.maxContextBytes),
    codeCache: parseCodeCache(config),
    logger: parseLogger(config?.logger),
    loadSwitches: parseLoadSwitches(config, { preInitialize: true, sourceLocations: true }),
  };
}
