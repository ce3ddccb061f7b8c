import type { NativeRuntime } from '../native.js';

/** Has the addon poll the calls that wait. One timer serves all of a runtime. */
export class QueueTimer {
  readonly #native: NativeRuntime;
  #timer: NodeJS.Timeout | undefined;
  #due = Infinity;

  constructor(native: NativeRuntime) {
    this.#native = native;
  }

  /** Polls within this time, in milliseconds; 0 for not at all. */
  pollWithin(ms: number): void {
    if (ms === 0) {
      return;
    }
    const due = performance.now() + ms;
    if (due < this.#due) {
      this.#due = due;
      clearTimeout(this.#timer);
      // It holds the process no longer than the calls that run, for one of which each waits, and the runtime no longer
      // than those who use it.
      const self = new WeakRef(this);
      this.#timer = setTimeout(() => self.deref()?.poll(), Math.ceil(ms)).unref();
    }
  }

  /** Polls now, and again when the addon says. */
  poll(): void {
    this.#due = Infinity;
    this.pollWithin(this.#native.poll());
  }
}
