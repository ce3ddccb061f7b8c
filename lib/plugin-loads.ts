import { HookcellError, internalError } from './errors.js';
import { readLoadReply } from './plugin-info.js';
import type { NumberedPlugin } from './plugin-info.js';
import { UnderWay } from './under-way.js';

/** The option that bounds the loads. */
export type LoadLimit = 'maxLoads';

/** The loads of one runtime: each holds its plugin's bytes until it is done, so there are only so many at a time. */
export class PluginLoads {
  readonly #most: number;
  readonly #underWay = new UnderWay();

  /** @param most - loads under way, those that wait for a thread included */
  constructor(most: number) {
    this.#most = most;
  }

  /** Has the addon load a plugin; refuses at once where as many load as may. */
  async load(start: () => Promise<string>): Promise<NumberedPlugin> {
    const { count } = this.#underWay;
    if (count >= this.#most) {
      throw new HookcellError('ERR_QUEUE_FULL', `${count} plugins load already (maxLoads)`, { limit: 'maxLoads' });
    }
    this.#underWay.begin();
    let reply: string;
    try {
      reply = await start();
    } catch (cause) {
      throw internalError(cause);
    } finally {
      this.#underWay.end();
    }
    return readLoadReply(reply);
  }

  /** Resolves when no plugin loads. */
  idle(): Promise<void> {
    return this.#underWay.idle();
  }
}
