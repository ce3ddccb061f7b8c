import type { Logger } from './diagnostics.js';
import type { SandboxLimits } from './limits.js';
import type { QueueOptions } from './queue-options.js';

/** How a runtime is made: its limits, which every plugin and call starts from, its queue, and its log. */
export interface SandboxConfig extends SandboxLimits, QueueOptions {
  /** Gets one line for each call that ends in a fault. Default `console`; `false` for none. */
  logger?: Logger | false | undefined;
}
