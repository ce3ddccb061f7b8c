import { onAbort } from '../calls/abort.js';
import { closedError, HookcellError, internalError } from '../errors.js';
import type { NativeRuntime } from '../native.js';
import { UnderWay } from '../under-way.js';

/** Has the addon load a plugin under this number, and gives its reply, which is JSON text. */
export type StartLoad = (number: number) => Promise<string>;

/** The loads of one runtime: each holds its plugin's bytes until it is done, so there are only so many at a time. */
export class PluginLoads {
  readonly #native: NativeRuntime;
  readonly #most: number;
  readonly #underWay = new UnderWay();
  /** What has each load reject, by its number. */
  readonly #interrupts = new Map<number, () => void>();
  #lastNumber = 0;

  /** @param most - loads under way, those that wait for a thread included */
  constructor(native: NativeRuntime, most: number) {
    this.#native = native;
    this.#most = most;
  }

  /**
   * Has the addon load a plugin, and resolves its reply.
   *
   * @throws {@link HookcellError} `ERR_QUEUE_FULL` at once where as many load as may, and `ERR_CLOSED` where it is
   * {@link PluginLoads.interrupt}ed
   * @throws the signal's reason
   */
  load(start: StartLoad, signal: AbortSignal | undefined): Promise<string> {
    if (signal?.aborted) {
      throw signal.reason;
    }
    const { count } = this.#underWay;
    if (count >= this.#most) {
      throw new HookcellError('ERR_QUEUE_FULL', `${count} plugins load already (maxLoads)`, { limit: 'maxLoads' });
    }
    const number = (this.#lastNumber += 1);
    this.#underWay.begin();
    return new Promise<string>((resolve, reject) => {
      // One that has taken effect already is on its way: it resolves.
      const giveUp = (reason: unknown) => {
        if (this.#native.cancelLoad(number)) {
          reject(reason);
        }
      };
      this.#interrupts.set(number, () => giveUp(closedError()));
      const forget = signal && onAbort(signal, () => giveUp(signal.reason));
      const end = () => {
        this.#interrupts.delete(number);
        forget?.();
        this.#underWay.end();
      };
      begin(start, number)
        .finally(end)
        .then(resolve, (cause: unknown) => reject(internalError(cause)));
    });
  }

  /** Gives up all loads that wait or run. */
  interrupt(): void {
    for (const interrupt of this.#interrupts.values()) {
      interrupt();
    }
  }

  /** Resolves when no plugin loads. */
  idle(): Promise<void> {
    return this.#underWay.idle();
  }
}

/** What the addon throws at once is a rejection, too. */
async function begin(start: StartLoad, number: number): Promise<string> {
  return await start(number);
}
