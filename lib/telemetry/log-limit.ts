/** Lets at most so many lines a second through, and says how many it did not. */
export class LogLimit {
  readonly #most: number;
  readonly #tellDropped: (count: number) => void;
  #written = 0;
  #dropped = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param tellDropped - gets the number of lines that were dropped in a second */
  constructor(most: number, tellDropped: (count: number) => void) {
    this.#most = most;
    this.#tellDropped = tellDropped;
  }

  /** Whether a line may be written now. If not, it counts as dropped. */
  allows(): boolean {
    if (this.#timer === undefined) {
      // The second begins with its first line. The timer must keep neither the process nor the runtime alive.
      const self = new WeakRef(this);
      this.#timer = setTimeout(() => self.deref()?.endSecond(), 1_000).unref();
    }
    if (this.#written < this.#most) {
      this.#written += 1;
      return true;
    }
    this.#dropped += 1;
    return false;
  }

  /** Tells of the lines that were dropped so far. */
  flush(): void {
    clearTimeout(this.#timer);
    this.endSecond();
  }

  /** A new second begins. Tells of the lines that were dropped in the last one. */
  endSecond(): void {
    this.#timer = undefined;
    this.#written = 0;
    if (this.#dropped > 0) {
      const dropped = this.#dropped;
      this.#dropped = 0;
      this.#tellDropped(dropped);
    }
  }
}
