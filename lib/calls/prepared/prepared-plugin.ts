import type { LimitOptions } from '../../native.js';
import type { ParsedGrants } from '../../grants/grants.js';

/** A plugin to call, checked once for one call or for every request of a route. */
export class PreparedPlugin {
  readonly key: string;
  readonly limits: LimitOptions | undefined;
  readonly grants: ParsedGrants | undefined;
  #json: string | undefined;

  /**
   * @param limits - these replace the plugin's own
   * @param grants - these are over those of the plugin's load
   */
  constructor(key: string, limits?: LimitOptions, grants?: ParsedGrants) {
    this.key = key;
    this.limits = limits;
    this.grants = grants;
  }

  /** The entry of a chain, as the addon reads it. */
  get json(): string {
    return (this.#json ??= JSON.stringify({ plugin: this.key, limits: this.limits, grants: this.grants?.settings }));
  }
}
