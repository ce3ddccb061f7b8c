import type { LimitOptions } from '../../native.js';

/** A plugin to call, checked once for one call or for every request of a route. */
export class PreparedPlugin {
  readonly key: string;
  readonly limits: LimitOptions | undefined;
  #json: string | undefined;

  /** @param limits - these replace the plugin's own */
  constructor(key: string, limits?: LimitOptions) {
    this.key = key;
    this.limits = limits;
  }

  /** The entry of a chain, as the addon reads it. */
  get json(): string {
    return (this.#json ??= JSON.stringify({ plugin: this.key, limits: this.limits }));
  }
}
