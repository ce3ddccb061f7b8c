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
