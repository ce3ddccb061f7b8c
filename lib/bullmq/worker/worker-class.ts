import type { Worker } from 'bullmq';

let given: typeof Worker | undefined;

/**
 * Gives BullMQ's class. Its copies for `import` and `require` are two modules of 11 MB each, so the entry that is loaded gives the copy
 * that the program has loaded already.
 */
export function giveWorkerClass(worker: typeof Worker): void {
  given ??= worker;
}

/** BullMQ's class. Each entry of this folder gives it. */
export function workerClass(): typeof Worker {
  if (given === undefined) {
    throw new Error('no entry has given the class');
  }
  return given;
}
