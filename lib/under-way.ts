import { closedError } from './errors.js';

/** Counts the calls or loads in progress, so that closing can wait for the last one. */
export class UnderWay {
  #count = 0;
  #isClosed = false;
  #whenIdle: (() => void)[] = [];

  get count(): number {
    return this.#count;
  }

  begin(): void {
    this.#count += 1;
  }

  end(): void {
    this.#count -= 1;
    if (this.#count === 0) {
      for (const resolve of this.#whenIdle.splice(0)) {
        resolve();
      }
    }
  }

  /** @throws {@link HookcellError} `ERR_CLOSED` after {@link UnderWay.close} */
  refuseIfClosed(): void {
    if (this.#isClosed) {
      throw closedError();
    }
  }

  /** Closes for good, and resolves when nothing is in progress. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#count > 0) {
      await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    }
  }
}
