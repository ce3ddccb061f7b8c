/** The times of the steps of a build. */
export class Stopwatch<Step extends string> {
  readonly #begin = performance.now();
  readonly #steps = new Map<Step, number>();

  /** Runs a step and notes its time. */
  async time<T>(step: Step, work: () => Promise<T>): Promise<T> {
    const begin = performance.now();
    const result = await work();
    this.#steps.set(step, rounded(performance.now() - begin));
    return result;
  }

  /** Milliseconds by step, and in total. */
  read(): Record<Step | 'total', number> {
    const steps = Object.fromEntries(this.#steps) as Record<Step, number>;
    return { ...steps, total: rounded(performance.now() - this.#begin) };
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
