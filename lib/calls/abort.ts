import { kindOf } from '../values/value-kind.js';

/** The callbacks of each signal. */
const callbacksBySignal = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back when the signal aborts, which must not have happened yet. All calls that share a signal share one listener,
 * because Node.js warns about many, and the last call to end removes it.
 *
 * @returns a function that removes the callback
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let callbacks = callbacksBySignal.get(signal);
  if (callbacks === undefined) {
    callbacks = new Set();
    callbacksBySignal.set(signal, callbacks);
    signal.addEventListener('abort', callBack);
  }
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
    if (callbacks.size === 0) {
      callbacksBySignal.delete(signal);
      signal.removeEventListener('abort', callBack);
    }
  };
}

function callBack(event: Event): void {
  // Not `currentTarget`: Node.js 20 has already cleared it if the signal also has an `onabort`.
  for (const callback of callbacksBySignal.get(event.target as AbortSignal) ?? []) {
    callback();
  }
}

/**
 * Reads the option `signal`. It checks the members, because a signal of Jest or a polyfill is no instance of `AbortSignal`
 * here.
 */
export function parseSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined) {
    return undefined;
  }
  const { aborted, addEventListener, removeEventListener } = (signal ?? {}) as Partial<AbortSignal>;
  if (
    typeof aborted !== 'boolean' ||
    typeof addEventListener !== 'function' ||
    typeof removeEventListener !== 'function'
  ) {
    throw new TypeError(`signal must be an AbortSignal, got ${kindOf(signal)}`);
  }
  return signal as AbortSignal;
}
