/** The controllers that follow each signal. */
const followers = new WeakMap<AbortSignal, Set<AbortController>>();

/** A signal that follows another one. */
export interface OwnSignal {
  signal: AbortSignal;
  abort: (reason: unknown) => void;
  /** It no longer follows. */
  release: () => void;
}

/**
 * A signal for one load that follows the caller's, if there is one. All loads with one signal share a listener on it, because Node.js warns about
 * many.
 */
export function ownSignal(callers: AbortSignal | undefined): OwnSignal {
  const controller = new AbortController();
  const { signal } = controller;
  const abort = (reason: unknown) => controller.abort(reason);
  if (callers === undefined || callers.aborted) {
    if (callers !== undefined) {
      abort(callers.reason);
    }
    return { signal, abort, release() {} };
  }
  const all = followers.get(callers) ?? new Set();
  if (all.size === 0) {
    followers.set(callers, all);
    callers.addEventListener('abort', abortAll);
  }
  all.add(controller);
  return {
    signal,
    abort,
    release() {
      all.delete(controller);
      if (all.size === 0) {
        callers.removeEventListener('abort', abortAll);
      }
    },
  };
}

function abortAll(event: Event): void {
  const callers = event.target as AbortSignal;
  for (const controller of followers.get(callers) ?? []) {
    controller.abort(callers.reason);
  }
}
