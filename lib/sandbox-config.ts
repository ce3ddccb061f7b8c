import type { CodeCacheOptions } from './code-cache.js';
import type { Logger } from './diagnostics.js';
import type { SandboxLimits } from './limits.js';
import type { QueueOptions } from './queue-options.js';

/** How a runtime is made: its limits, which every plugin and call starts from, its queue, its code cache, and its log. */
export interface SandboxConfig extends SandboxLimits, QueueOptions, CodeCacheOptions {
  /** Gets one line for each call that ends in a fault. Default `console`; `false` for none. */
  logger?: Logger | false | undefined;

  /** Runs the start-up of plugins when they are loaded, as the option of a load does. Default `true`. */
  preInitialize?: boolean | undefined;
}
