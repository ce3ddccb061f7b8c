import type { Linked } from './linked-list.js';
import type { Tenant } from './tenant.js';

/** How a wait ended: the call has a slot, it waited as long as it may, or it was taken out. */
export type WaitEnd = 'slot' | 'timeout' | 'removed';

/** A call that waits for a slot. */
export class Waiting implements Linked<Waiting> {
  previous: Waiting | undefined;
  next: Waiting | undefined;
  readonly tenant: Tenant;
  /** Never rejects. */
  readonly ended: Promise<WaitEnd>;
  readonly #since = performance.now();
  readonly #timer: NodeJS.Timeout;
  #settle!: (end: WaitEnd) => void;
  #waitedMs: number | undefined;

  constructor(tenant: Tenant, timeoutMs: number, onTimeout: (waiting: Waiting) => void) {
    this.tenant = tenant;
    this.ended = new Promise((resolve) => (this.#settle = resolve));
    // Each has its own: Node keeps those of one length in one list, so it costs less than any order of ours. It holds
    // the process no longer than the calls that run, for one of which it waits.
    this.#timer = setTimeout(onTimeout, timeoutMs, this);
  }

  get hasEnded(): boolean {
    return this.#waitedMs !== undefined;
  }

  /** How long it waited, in milliseconds, once it has ended. */
  get waitedMs(): number {
    return this.#waitedMs ?? 0;
  }

  end(end: WaitEnd): void {
    clearTimeout(this.#timer);
    this.#waitedMs = performance.now() - this.#since;
    this.#settle(end);
  }
}
