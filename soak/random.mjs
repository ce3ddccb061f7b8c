/** Random numbers from a seed (mulberry32), so that a run can be repeated. */
export class Random {
  #state;

  /** @param {number} seed a whole number */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** A number of at least 0 and less than 1. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number of at least 0 and less than `count`. */
  below(count) {
    return Math.floor(this.next() * count);
  }

  /** Returns true in this share of all cases. */
  chance(share) {
    return this.next() < share;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** @param {[weight: number, value: T][]} choices */
  pickWeighted(choices) {
    let point = this.next() * choices.reduce((sum, [weight]) => sum + weight, 0);
    return choices.find(([weight]) => (point -= weight) < 0)[1];
  }
}
