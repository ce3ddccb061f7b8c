import { kindOf } from '../values/value-kind.js';

/** Whom to call back for each signal. */
const callbacksBySignal = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back when the signal aborts, which it must not have done yet. However many calls share a signal, it gets one
 * listener, and none when the last has ended: Node takes many for a leak, and says so.
 *
 * @returns what takes the callback back
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
  // Not `currentTarget`: where the signal has an `onabort` as well, Node 20 has cleared it by now.
  for (const callback of callbacksBySignal.get(event.target as AbortSignal) ?? []) {
    callback();
  }
}

/** Reads the option `signal`. By what it can do: under Jest, and of a polyfill, it is no instance of this realm's `AbortSignal`. */
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
