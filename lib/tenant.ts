import { LinkedList } from './linked-list.js';
import type { Linked } from './linked-list.js';
import type { Waiting } from './waiting.js';

/** What one tenant has under way in a {@link FairQueue}, and the most that it may have. */
export class Tenant implements Linked<Tenant> {
  previous: Tenant | undefined;
  next: Tenant | undefined;
  /** `undefined` for the one that all calls without a tenant belong to. */
  readonly name: string | undefined;
  readonly waiting = new LinkedList<Waiting>();
  running = 0;
  readonly #maxRunning: number;
  readonly #maxWaiting: number;

  constructor(name: string | undefined, maxRunning: number, maxWaiting: number) {
    this.name = name;
    this.#maxRunning = maxRunning;
    this.#maxWaiting = maxWaiting;
  }

  /** May one more of its calls run? */
  get mayRun(): boolean {
    return this.running < this.#maxRunning;
  }

  /** May one more of its calls wait? */
  get mayWait(): boolean {
    return this.waiting.length < this.#maxWaiting;
  }

  get isIdle(): boolean {
    return this.running === 0 && this.waiting.length === 0;
  }
}
