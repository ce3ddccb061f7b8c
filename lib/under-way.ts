/** Counts the calls and loads that somebody waits for: each begins and ends here, and closing waits for the last. */
export class UnderWay {
  #count = 0;
  #whenIdle: (() => void)[] = [];

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

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    if (this.#count > 0) {
      await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    }
  }
}
