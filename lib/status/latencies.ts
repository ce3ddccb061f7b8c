/** How finely durations are told apart: so many for each doubling. */
const PER_DOUBLING = 4;

/** From a microsecond to over an hour. */
const MOST = 32 * PER_DOUBLING;

/** The durations of calls, in the same memory for any number of them. */
export class Latencies {
  readonly #counts = new Uint32Array(MOST);
  #total = 0;

  /** Adds a duration in milliseconds. */
  add(ms: number): void {
    const index = Math.ceil(Math.log2(Math.max(ms * 1_000, 1)) * PER_DOUBLING);
    const place = Math.min(index, MOST - 1);
    this.#counts[place] = (this.#counts[place] as number) + 1;
    this.#total += 1;
  }

  /**
   * The duration that this share of calls did not exceed, in milliseconds, up to a fifth too long; `null` without calls.
   *
   * @param share - between 0 and 1
   */
  quantile(share: number): number | null {
    let left = Math.ceil(this.#total * share);
    if (left === 0) {
      return null;
    }
    for (const [index, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0) {
        return Number((2 ** (index / PER_DOUBLING) / 1_000).toPrecision(3));
      }
    }
    return null;
  }
}
