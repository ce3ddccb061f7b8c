import { onAbort } from '../calls/abort.js';
import { internalError } from '../errors.js';

/** Work of the addon that can be left before it ends. */
export interface Interruptible<T> {
  /** What the addon's promise resolves with; rejects with the reason of an interrupt, which comes first. */
  readonly result: Promise<T>;
  readonly interrupt: (reason: unknown) => void;
}

/**
 * Makes a promise of the addon interruptible. `cancel` then ends the work itself.
 *
 * @param signal - interrupts it with its reason; must not have aborted yet
 */
export function interruptible<T>(
  work: Promise<T>,
  cancel: () => void,
  signal: AbortSignal | undefined,
): Interruptible<T> {
  let interrupt!: (reason: unknown) => void;
  const settled = new Promise<T>((resolve, reject) => {
    interrupt = (reason) => {
      reject(reason);
      cancel();
    };
    work.then(resolve, (cause: unknown) => reject(internalError(cause)));
  });
  const forget = signal && onAbort(signal, () => interrupt(signal.reason));
  return { result: settled.finally(() => forget?.()), interrupt };
}
