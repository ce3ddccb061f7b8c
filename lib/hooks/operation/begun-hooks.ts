import { kindOf } from '../../values/value-kind.js';
import { serverMistake } from '../failure/server-mistake.js';
import type { HookRun } from '../hook-run.js';

/** How hooks run. */
export interface RunOptions {
  /** Ends the hooks that still wait or run. The reason is then thrown. */
  signal?: AbortSignal | undefined;
}

/** What the hooks before an operation left, and what runs the hooks after it. */
export class BegunHooks<O, D, S> {
  readonly #run: HookRun<any>;

  /** The input for the operation. */
  readonly input: O;

  /** @internal */
  constructor(run: HookRun<any>, input: O) {
    this.#run = run;
    this.input = input;
  }

  /** What the native hooks of this operation share. */
  get session(): S {
    return this.#run.session as S;
  }

  /**
   * Runs the hooks after the operation.
   *
   * @param data - what the operation returned
   * @param options - `signal` ends the hooks; the reason is then thrown
   * @returns the data as the hooks left it: the same value, if they changed nothing
   * @throws as `run` of {@link Hooks}
   */
  async after(data: D, { signal }: RunOptions = {}): Promise<D> {
    parseSignal(signal)?.throwIfAborted();
    return (await this.#run.after(data, undefined, signal)) as D;
  }
}

/** Reads the option `signal`. */
export function parseSignal(signal: unknown): AbortSignal | undefined {
  if (signal !== undefined && typeof (signal as Partial<AbortSignal> | null)?.throwIfAborted !== 'function') {
    throw serverMistake(`signal must be an AbortSignal, got ${kindOf(signal)}`);
  }
  return signal as AbortSignal | undefined;
}
