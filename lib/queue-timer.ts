import type { NativeRuntime } from './native.js';

/** Has the addon refuse the calls that wait for their turn longer than they may. One timer serves all of a runtime. */
export class QueueTimer {
  readonly #native: NativeRuntime;
  #timer: NodeJS.Timeout | undefined;
  #due = Infinity;

  constructor(native: NativeRuntime) {
    this.#native = native;
  }

  /** Wakes within this time, in milliseconds, to look for such calls. */
  wakeWithin(ms: number): void {
    const due = performance.now() + ms;
    if (due < this.#due) {
      this.#due = due;
      clearTimeout(this.#timer);
      // It holds the process no longer than the calls that run, for one of which each waits, and the runtime no longer
      // than those who use it.
      const self = new WeakRef(this);
      this.#timer = setTimeout(() => self.deref()?.expire(), Math.ceil(ms)).unref();
    }
  }

  /** Looks for such calls now, and wakes again when the next one is due. */
  expire(): void {
    this.#due = Infinity;
    const next = this.#native.expire();
    if (next !== null) {
      this.wakeWithin(next);
    }
  }
}
