import { NO_POLL } from '../../native.js';
import type { NativeRuntime } from '../../native.js';

/** Makes the addon poll the waiting calls. One timer serves all calls of a runtime. */
export class QueueTimer {
  readonly #native: NativeRuntime;
  #timer: NodeJS.Timeout | undefined;
  #due = Infinity;
  /** The time that the timer was set for, in milliseconds from then. */
  #within = Infinity;

  constructor(native: NativeRuntime) {
    this.#native = native;
  }

  /** Polls within this time, in milliseconds, or not at all for `NO_POLL`. */
  pollWithin(ms: number): void {
    // Without a look at the clock: the same time from now on is later.
    if (ms === NO_POLL || ms >= this.#within) {
      return;
    }
    const due = performance.now() + ms;
    if (due < this.#due) {
      this.#due = due;
      this.#within = ms;
      clearTimeout(this.#timer);
      // The timer keeps neither the process nor the runtime alive: running calls keep the process alive, and each waiting
      // call waits for one of them.
      const self = new WeakRef(this);
      this.#timer = setTimeout(() => self.deref()?.poll(), Math.ceil(ms)).unref();
    }
  }

  /** Polls now, and again when the addon says. */
  poll(): void {
    this.#due = Infinity;
    this.#within = Infinity;
    this.pollWithin(this.#native.poll());
  }
}
