import { wholeNumber } from '../values/whole-number.js';

/** How much memory the cells of the process keep while no call uses them. */
export interface IdleMemoryOptions {
  /**
   * The most bytes of memory that unused cells keep for later calls, so that a plugin need not get it from the system in
   * every call. Default 67,108,864 (64 MiB), 0 to 2^53 - 1. All runtimes of the process share the cells, and the last
   * runtime that sets it decides. A cell that was not used for a second keeps nothing. Nothing is counted where the system
   * cannot tell which memory a call wrote to (Linux before 6.7, macOS, Windows); there, a cell keeps at most 256 KiB.
   */
  maxIdleMemoryBytes?: number | undefined;
}

const idleMemory = { name: 'maxIdleMemoryBytes', min: 0, max: Number.MAX_SAFE_INTEGER, default: 67_108_864 };

/** The names of {@link IdleMemoryOptions}. */
export const idleMemoryOptionNames = ['maxIdleMemoryBytes'] as const satisfies (keyof IdleMemoryOptions)[];

/** Reads the bound on idle memory; `undefined` leaves the one of the process. */
export function parseIdleMemory({ maxIdleMemoryBytes }: IdleMemoryOptions = {}): number | undefined {
  return maxIdleMemoryBytes === undefined ? undefined : wholeNumber(idleMemory, maxIdleMemoryBytes);
}
