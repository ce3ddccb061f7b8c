import { HookcellError } from 'hookcell';

/** How many may wait. */
export interface TurnLimits {
  maxQueue: number;
  maxQueuePerTenant: number;
}

interface Waiting {
  begin: () => void;
}

/** Lets a few pieces of work run at once, and one of each tenant; waiting tenants take turns. */
export class Turns {
  readonly #atOnce: number;
  /** Of each tenant, in the order of their turns. */
  readonly #waiting = new Map<string | undefined, Waiting[]>();
  readonly #running = new Map<string | undefined, number>();

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /**
   * Runs the work when its turn comes.
   *
   * @throws {@link HookcellError} `ERR_QUEUE_FULL`, `ERR_QUEUE_TIMEOUT`
   * @throws the signal's reason
   */
  async run<T>({ tenant, queueTimeoutMs, signal, ...limits }: TurnOptions, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    if (this.#hasRoom(tenant)) {
      this.#begin(tenant);
    } else {
      await this.#wait(tenant, limits, queueTimeoutMs, signal);
    }
    try {
      return await work();
    } finally {
      this.#end(tenant);
    }
  }

  #hasRoom(tenant: string | undefined): boolean {
    const running = [...this.#running.values()].reduce((sum, count) => sum + count, 0);
    return running < this.#atOnce && (tenant === undefined || !this.#running.has(tenant));
  }

  #begin(tenant: string | undefined): void {
    this.#running.set(tenant, (this.#running.get(tenant) ?? 0) + 1);
  }

  #end(tenant: string | undefined): void {
    const left = this.#running.get(tenant)! - 1;
    if (left > 0) {
      this.#running.set(tenant, left);
    } else {
      this.#running.delete(tenant);
    }
    this.#next();
  }

  #next(): void {
    for (const [tenant, queue] of this.#waiting) {
      if (this.#hasRoom(tenant)) {
        this.#waiting.delete(tenant);
        const [first, ...rest] = queue;
        if (rest.length > 0) {
          // Behind the others.
          this.#waiting.set(tenant, rest);
        }
        this.#begin(tenant);
        first!.begin();
      }
    }
  }

  #wait(
    tenant: string | undefined,
    { maxQueue, maxQueuePerTenant }: TurnLimits,
    queueTimeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const own = this.#waiting.get(tenant) ?? [];
    const all = [...this.#waiting.values()].reduce((sum, queue) => sum + queue.length, 0);
    if (tenant !== undefined && own.length >= maxQueuePerTenant) {
      throw full(`${own.length} sources of this tenant are already waiting`, 'maxQueuePerTenant');
    }
    if (all >= maxQueue) {
      throw full(`${all} sources are already waiting`, 'maxQueue');
    }
    return new Promise((resolve, reject) => {
      const leave = (reason: unknown) => {
        const left = (this.#waiting.get(tenant) ?? []).filter((each) => each !== waiting);
        if (left.length > 0) {
          this.#waiting.set(tenant, left);
        } else {
          this.#waiting.delete(tenant);
        }
        stop();
        reject(reason);
      };
      const abort = () => leave(signal!.reason);
      const timer = setTimeout(() => {
        const message = `the source waited ${queueTimeoutMs} ms in the queue (queueTimeoutMs)`;
        leave(new HookcellError('ERR_QUEUE_TIMEOUT', message));
      }, queueTimeoutMs);
      const stop = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      const waiting: Waiting = {
        begin() {
          stop();
          resolve();
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.set(tenant, [...own, waiting]);
    });
  }
}

/** On whose behalf work waits, and how long. */
export interface TurnOptions extends TurnLimits {
  tenant: string | undefined;
  queueTimeoutMs: number;
  signal: AbortSignal | undefined;
}

function full(message: string, limit: 'maxQueue' | 'maxQueuePerTenant'): HookcellError {
  return new HookcellError('ERR_QUEUE_FULL', `${message} (${limit})`, { limit });
}
