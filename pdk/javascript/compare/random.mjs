// Random choices that are the same for the same seed.

export class Random {
  #state;

  /** @param {number} seed a whole number */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to below the limit (mulberry32). */
  below(limit) {
    this.#state = (this.#state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  of(list) {
    return list[this.below(list.length)];
  }

  /** A list of some length between the bounds, both included. */
  many(least, most, make) {
    return Array.from({ length: least + this.below(most - least + 1) }, make);
  }
}
