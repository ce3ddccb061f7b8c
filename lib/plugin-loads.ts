import { HookcellError, internalError } from './errors.js';
import { readLoadReply } from './plugin-info.js';
import type { PluginInfo } from './plugin-info.js';

/** The option that bounds the loads. */
export type LoadLimit = 'maxLoads';

/** The loads of one runtime: each holds its plugin's bytes until it is done, so there are only so many at a time. */
export class PluginLoads {
  readonly #most: number;
  #count = 0;

  /** @param most - loads under way, those that wait for a thread included */
  constructor(most: number) {
    this.#most = most;
  }

  /** Has the addon load a plugin; refuses at once where as many load as may. */
  async load(start: () => Promise<string>): Promise<PluginInfo> {
    if (this.#count >= this.#most) {
      const message = `${this.#count} plugins load already (maxLoads)`;
      throw new HookcellError('ERR_QUEUE_FULL', message, { limit: 'maxLoads' });
    }
    this.#count += 1;
    let reply: string;
    try {
      reply = await start();
    } catch (cause) {
      throw internalError(cause);
    } finally {
      this.#count -= 1;
    }
    return readLoadReply(reply);
  }
}
