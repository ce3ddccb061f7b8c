/** Work on names of a runtime, which takes effect in the order in which it was requested. */
export class InOrder {
  /** What was requested last, by name. */
  readonly #last = new WeakMap<object, Map<string, Promise<unknown>>>();

  /**
   * Starts the work at once.
   *
   * @param work - gets a promise to await before it takes effect: the end of what was requested before
   */
  async run<T>(owner: object, name: string, work: (turn: Promise<unknown>) => Promise<T>): Promise<T> {
    const names = this.#last.get(owner) ?? new Map<string, Promise<unknown>>();
    this.#last.set(owner, names);
    const before = names.get(name) ?? Promise.resolve();
    const own = work(before);
    const settled = Promise.allSettled([before, own]);
    names.set(name, settled);
    void this.#forget(names, name, settled);
    return await own;
  }

  async #forget(names: Map<string, Promise<unknown>>, name: string, settled: Promise<unknown>): Promise<void> {
    await settled;
    if (names.get(name) === settled) {
      names.delete(name);
    }
  }
}
