const MOST_COMPLAINTS = 20;

/** Keeps account of the requests. Each is opened once, and settled once with the problems of its response. */
export class Ledger {
  /** The kinds of the requests without a response yet, by number. */
  #open = new Map();
  #lastNumber = 0;
  /** The number of requests of each kind, and how many of them the client gave up. */
  kinds = new Map();
  lost = 0;
  mixedUp = 0;
  unexpected = 0;
  #complaints = 0;

  get sent() {
    return this.#lastNumber;
  }

  /** Requests under way. */
  get open() {
    return this.#open.size;
  }

  /** @returns {number} the number for {@link settle} */
  begin(kind) {
    this.#lastNumber += 1;
    this.#open.set(this.#lastNumber, kind);
    this.#countsOf(kind).sent += 1;
    return this.#lastNumber;
  }

  /**
   * @param {number} number
   * @param {import('./requests/verdict.mjs').Verdict[]} verdicts the problems of the response
   */
  settle(number, verdicts) {
    const requestKind = this.#close(number);
    for (const { kind, reason } of verdicts) {
      this[kind] += 1;
      this.#complain(`${kind === 'mixedUp' ? 'mixed up' : kind}, request ${number}, ${requestKind}: ${reason}`);
    }
  }

  /** The client has disconnected, and there will be no response. */
  drop(number) {
    this.#countsOf(this.#close(number)).dropped += 1;
  }

  /** No response came in time. */
  lose(number, reason) {
    this.lost += 1;
    this.#complain(`lost, request ${number}, ${this.#close(number)}: ${reason}`);
  }

  /** Prints the first problems at once. */
  #complain(text) {
    this.#complaints += 1;
    if (this.#complaints <= MOST_COMPLAINTS) {
      console.error(text);
    }
  }

  /** @returns {string} its kind */
  #close(number) {
    const kind = this.#open.get(number);
    if (!this.#open.delete(number)) {
      throw new Error(`request ${number} is settled already`);
    }
    return kind;
  }

  #countsOf(kind) {
    let counts = this.kinds.get(kind);
    if (counts === undefined) {
      counts = { sent: 0, dropped: 0 };
      this.kinds.set(kind, counts);
    }
    return counts;
  }
}
